using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>
/// One live session on a simulated account: what an EA in its terminal, or an Open API connection, would be. It translates commands to the platform's own requests, and the
/// platform's books to reports, over a network that delays and loses.
/// </summary>
public sealed partial class SimSession : IAccountSession
{
    private readonly SimBroker _broker;
    private readonly ISimClock _clock;
    private readonly SimRandom _dice;
    private readonly SessionSettings _settings;
    private readonly Translator _translator;
    private ISessionSink? _sink;
    private object? _link;
    private long _epoch;
    private Timestamp _synchronisedAt;
    private Timestamp _upBusyUntil;
    private Timestamp _downBusyUntil;
    private bool _stopped;

    /// <summary>A session that is not started yet.</summary>
    /// <param name="account">The account's name.</param>
    /// <param name="broker">The broker.</param>
    /// <param name="clock">The clock of both.</param>
    /// <param name="random">Random numbers for latency and faults.</param>
    /// <param name="firstEpoch">Number of the first session; grows with each reconnect.</param>
    /// <param name="settings">The way to the broker.</param>
    public SimSession(AccountId account, SimBroker broker, ISimClock clock, SimRandom? random = null, long firstEpoch = 1, SessionSettings? settings = null)
    {
        Account = account;
        _broker = broker;
        _clock = clock;
        _dice = random ?? new SimRandom(1).Fork(account.Value);
        _epoch = firstEpoch - 1;
        _settings = settings ?? new SessionSettings();
        _translator = Translator.For(broker);
    }

    /// <inheritdoc/>
    public AccountId Account { get; }

    /// <summary>True while messages can pass.</summary>
    public bool IsUp => _link is not null;

    /// <summary>Number of the present or last session.</summary>
    public long Epoch => _epoch;

    /// <inheritdoc/>
    public void Start(ISessionSink sink)
    {
        _sink = sink;
        _clock.Schedule(TimeSpan.Zero, () =>
        {
            _broker.Touched += OnTouched;
            _broker.Quoted += OnQuoted;
            _broker.SymbolChanged += OnSymbolChanged;
            _clock.Schedule(_settings.ConnectDelay, Open);
        });
    }

    /// <inheritdoc/>
    public void Stop() => _clock.Schedule(TimeSpan.Zero, () =>
    {
        _stopped = true;
        _link = null;
        _broker.Touched -= OnTouched;
        _broker.Quoted -= OnQuoted;
        _broker.SymbolChanged -= OnSymbolChanged;
    });

    /// <summary>
    /// Breaks the connection: what is on its way in either direction is lost, what arrived at the broker is still executed. Comes back by itself after
    /// <paramref name="downFor"/>; null = not before <see cref="Reconnect"/>. On the clock's thread.
    /// </summary>
    public void Disconnect(string reason, TimeSpan? downFor = null)
    {
        if (!IsUp || _stopped)
        {
            return;
        }

        _link = null;
        var closed = new SessionClosed { Account = Account, Epoch = _epoch, Reason = reason };
        _clock.Schedule(TimeSpan.Zero, () => ReportHere(closed));
        if (downFor is { } pause)
        {
            _clock.Schedule(pause, Reconnect);
        }
    }

    /// <summary>Connects again, under the next epoch.</summary>
    public void Reconnect() => _clock.Schedule(_settings.ConnectDelay, Open);

    private void Open()
    {
        if (IsUp || _stopped)
        {
            return;
        }

        // What was overdue is done before the session is there: it belongs to the baseline and is no change.
        _broker.Refresh();
        _link = new object();
        _epoch++;
        _sequence = 0;
        _synchronisedAt = _clock.Now + _settings.SynchroniseDelay;
        _upBusyUntil = _downBusyUntil = _clock.Now;
        TakeBaseline();
        var opened = new SessionOpened
        {
            Account = Account,
            Epoch = _epoch,
            Capabilities = _broker.Settings.Capabilities,
            Symbols = [.. _broker.Symbols.Select(s => s.Told)],
        };
        Down(() => _sink!.Report(opened));
        foreach (var (symbol, quote) in _broker.Quotes)
        {
            OnQuoted(new SymbolName(symbol), quote);
        }

        _fundsDueAt = Timestamp.Epoch;
        FundsChanged();
        Beat(_link);
    }

    /// <summary>Heartbeats for as long as this connection stands.</summary>
    private void Beat(object link) => _clock.Schedule(_settings.HeartbeatInterval, () =>
    {
        if (_link == link && !_stopped)
        {
            var beat = new Heartbeat { Account = Account, Epoch = _epoch, Sequence = _sequence };
            Down(() => _sink!.Report(beat));
            Beat(link);
        }
    });

    /// <summary>Over the network to us, in order; lost when the connection breaks meanwhile.</summary>
    private void Down(Action deliver, TimeSpan extra = default)
    {
        var link = _link;
        var arrives = _clock.Now + _dice.NextSpan(_settings.DownLatencyMin, _settings.DownLatencyMax) + extra;
        if (extra == TimeSpan.Zero)
        {
            arrives = _downBusyUntil = Timestamp.Max(_downBusyUntil, arrives);
        }

        _clock.Schedule(arrives - _clock.Now, () =>
        {
            if (link is not null && link == _link && !_stopped)
            {
                deliver();
            }
        });
    }

    /// <summary>Over the network to the broker, in order; lost when the connection breaks meanwhile.</summary>
    private void Up(Action arrive)
    {
        var link = _link;
        _upBusyUntil = Timestamp.Max(_upBusyUntil, _clock.Now + _dice.NextSpan(_settings.UpLatencyMin, _settings.UpLatencyMax));
        _clock.Schedule(_upBusyUntil - _clock.Now, () =>
        {
            if (link is not null && link == _link && !_stopped)
            {
                arrive();
            }
        });
    }

    /// <summary>Something our own side of the connection knows: nothing has to pass the network.</summary>
    private void ReportHere(PlatformEvent report)
    {
        if (!_stopped)
        {
            _sink!.Report(report);
        }
    }
}

using Lockstep.Domain;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.Simulator;

/// <content>The connection: coming in, standing by, being active, beats, the end.</content>
public sealed partial class SimTerminal
{
    private static readonly TimeSpan BackOffMin = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan BackOffMax = TimeSpan.FromSeconds(30);
    private readonly Queue<byte[]> _out = new();
    private readonly Queue<byte[]> _inbox = new();
    private End? _end;
    private long _tries;
    private int _failures;
    private TimeSpan _wait;
    private Timestamp _startedAt;
    private Timestamp _heardAt;
    private TimeSpan _beat = TimeSpan.FromSeconds(5);
    private int _quotesMs;
    private int _budget;
    private double _tokens;
    private Timestamp _tokensAt;
    private bool _flushScheduled;
    private bool _busy;
    private bool _beatDue;
    private long _echo;
    private Timestamp _echoAt;

    // now − tick counter, greatest first: the head is the estimate, the others take over when it is two minutes old.
    private readonly LinkedList<(Timestamp At, long Difference)> _serverClock = new();

    /// <summary>Texts shown to the person at the terminal.</summary>
    public IReadOnlyList<string> Alerts => _alerts;

    /// <summary>What went to the Experts log: messages of ours that the server refused, and what else a person should know.</summary>
    public IReadOnlyList<string> Experts => _experts;

    /// <summary>The account is part of a hedge.</summary>
    public bool Hedge { get; private set; }

    /// <summary>The last refusal of the server; "" = none since the last welcome.</summary>
    public string RefusedAs { get; private set; } = "";

    /// <summary>Messages of unknown types, and messages that could not be read.</summary>
    public long Strange { get; private set; }

    private readonly List<string> _alerts = [];
    private readonly List<string> _experts = [];

    private long TickCounter => (_clock.Now - _startedAt).Ticks / TimeSpan.TicksPerMillisecond;

    /// <summary>The server's clock, ms; null = it has not spoken yet.</summary>
    private long? ServerNow
    {
        get
        {
            // One that is two minutes old counts no more, unless there is no younger one.
            while (_serverClock.Count > 1 && _clock.Now - _serverClock.First!.Value.At > TimeSpan.FromMinutes(2))
            {
                _serverClock.RemoveFirst();
            }

            return _serverClock.First is { } best ? TickCounter + best.Value.Difference : null;
        }
    }

    private void HeardClock(long now)
    {
        long difference = now - TickCounter;
        while (_serverClock.Last is { } last && last.Value.Difference <= difference)
        {
            _serverClock.RemoveLast();
        }

        _serverClock.AddLast((_clock.Now, difference));
    }

    private void Connect()
    {
        if (_busy)
        {
            // The one thread is inside a trade call.
            Later(_settings.Pump, Connect);
            return;
        }

        State = SimTerminalState.Connecting;
        _heardAt = _clock.Now;
        _end = new End(this, ++_tries);
        _road.Connect(_end);
        WatchSilence(_tries);
    }

    private void WatchSilence(long tries)
    {
        var left = _heardAt + (_beat * 3) - _clock.Now;
        Later(left > TimeSpan.Zero ? left : TimeSpan.Zero, () =>
        {
            if (_end is null || tries != _tries)
            {
                return;
            }

            if (_clock.Now >= _heardAt + (_beat * 3))
            {
                _road.Close(4001, "no beat");
                Ended(4001, "no beat");
            }
            else
            {
                WatchSilence(tries);
            }
        });
    }

    private void OnConnected()
    {
        _heardAt = _clock.Now;
        _tokens = _settings.SendBurst;
        _tokensAt = _clock.Now;
        State = SimTerminalState.Greeting;
        _settings.Totals?.Up();
        SendNow(new HelloMessage
        {
            Version = 1,
            Key = _settings.Key,
            Login = _settings.Login,
            Server = _settings.Server,
            Platform = _mt4 ? "mt4" : "mt5",
            Role = _settings.Role,
            Mode = _broker.Settings.Mode switch { AccountMode.Netting => "netting", AccountMode.Fifo => "fifo", _ => "hedging" },
            Currency = _broker.Settings.Currency,
            Leverage = (long)_broker.Settings.Leverage,
            Build = _mt4 ? Math.Min(_settings.Build, 1420) : _settings.Build,
            Ea = _settings.Ea,
            Terminal = Disk.Terminal,
            Epoch = Disk.Epoch,
            Acked = Disk.Acked,
            First = Disk.First,
            Last = Disk.Last,
            Offset = _settings.Time.OffsetAt(_clock.Now),
            Demo = true,
            Company = _settings.Company,
            CloseBy = _broker.Settings.Mode == AccountMode.Hedging,
            StopLimit = !_mt4,
            Expiry = _broker.Settings.Capabilities.PendingExpiry,
            Clash = Clash(),
        });
    }

    private void OnText(ReadOnlySpan<byte> text)
    {
        _heardAt = _clock.Now;
        if (_busy)
        {
            // The one thread is inside a trade call.
            _inbox.Enqueue(text.ToArray());
            return;
        }

        Handle(text);
    }

    private void Drain()
    {
        while (!_busy && _inbox.TryDequeue(out byte[]? text))
        {
            Handle(text);
        }
    }

    private void Handle(ReadOnlySpan<byte> text)
    {
        switch (LinkCodec.Read(text))
        {
            case WelcomeMessage welcome when State == SimTerminalState.Greeting:
                OnWelcome(welcome);
                break;
            case RefusedMessage refused:
                OnRefused(refused);
                break;
            case ActiveMessage active when State == SimTerminalState.Standby || (State == SimTerminalState.Live && active.Epoch > Disk.Epoch):
                OnActive(active.Epoch, active.Resume);
                break;
            case ServerBeatMessage beat:
                HeardClock(beat.Now);
                _echo = beat.Now;
                _echoAt = _clock.Now;
                OnAck(beat.Ack);
                break;
            case AckMessage ack:
                OnAck(ack.Number);
                break;
            case CommandMessage command:
                HeardClock(command.Now);
                OnCommand(command);
                break;
            case AskMessage ask:
                OnAsk(ask);
                break;
            case GetMessage get:
                OnGet(get);
                break;
            case WatchMessage watch:
                _watched = watch.Symbols.Count == 0 ? null : new HashSet<string>(watch.Symbols, StringComparer.Ordinal);
                break;
            case AlertMessage alert:
                Note(_alerts, alert.Text);
                break;
            case DutyMessage duty:
                Hedge = duty.Hedge;
                break;
            case BadReplyMessage bad:
                Note(_experts, bad.Why);
                break;
            default:
                Strange++;
                break;
        }
    }

    private void OnWelcome(WelcomeMessage welcome)
    {
        _failures = 0;
        RefusedAs = "";
        HeardClock(welcome.Now);
        _beat = TimeSpan.FromMilliseconds(Math.Max(100, welcome.Beat));
        _quotesMs = welcome.Quotes;
        _budget = welcome.Budget;
        if (welcome.Active)
        {
            OnActive(welcome.Epoch, welcome.Resume);
        }
        else
        {
            State = SimTerminalState.Standby;
            _standsBy = true;
        }

        Beats(_tries);
    }

    private void OnActive(long epoch, long resume)
    {
        bool again = State == SimTerminalState.Live;
        Write(TerminalStep.Epoch, () => Disk.Epoch = epoch);
        if (again)
        {
            return;
        }

        if (_standsBy)
        {
            // What happened while another terminal told it is no news.
            Look();
            _standsBy = false;
        }

        Write(TerminalStep.LetGo, () => Disk.LetGo(resume - 1));
        State = SimTerminalState.Live;
        _settings.Totals?.Activated();
        SendSymbols([.. _broker.Symbols]);
        foreach (var kept in Disk.Outbox)
        {
            kept.SentAt = _clock.Now;
            _out.Enqueue(kept.Text);
        }

        Flush();
        QuoteAll();
        FundsMayDiffer();
    }

    private void OnRefused(RefusedMessage refused)
    {
        RefusedAs = refused.Code;
        Note(_experts, $"refused: {refused.Code}: {refused.Why}");
        _settings.Totals?.Refusal(refused.Code);
        _wait = TimeSpan.FromMilliseconds(refused.Wait);
    }

    private void OnAck(long number)
    {
        if (State == SimTerminalState.Live && number > Disk.Acked && number <= Disk.Last)
        {
            Write(TerminalStep.LetGo, () => Disk.LetGo(number, kept => _settings.Totals?.Ack(_clock.Now - kept.SentAt)));
        }
    }

    private void Ended(int code, string why)
    {
        bool wasLive = State == SimTerminalState.Live;
        Lose(code, why);
        if (wasLive && Hedge && _told.Count > 0)
        {
            Note(_alerts, "Lockstep: the link is lost while positions of a hedge are open");
        }

        State = SimTerminalState.Waiting;
        var pause = BackOffMin * Math.Pow(2, Math.Min(_failures, 7));
        pause = pause > BackOffMax || code == 4000 ? BackOffMax : pause;
        _failures++;

        // Half of it is chance: thousands that were cut off together do not come back together.
        pause = (pause / 2) + _dice.NextSpan(TimeSpan.Zero, pause / 2);
        pause = _wait > pause ? _wait : pause;
        _wait = TimeSpan.Zero;
        Later(pause, Connect);
    }

    /// <summary>The connection is no more.</summary>
    private void Lose(int code, string why)
    {
        if (State is SimTerminalState.Greeting or SimTerminalState.Standby or SimTerminalState.Live)
        {
            _settings.Totals?.Down();
        }

        if (State == SimTerminalState.Live)
        {
            _settings.Totals?.Deactivated();
        }

        if (_end is not null && !_running)
        {
            _road.Close(code, why);
        }

        _end = null;
        _out.Clear();
        _inbox.Clear();
        _quotesDue?.Clear();
        _history.Clear();
        _echo = 0;
    }

    private void Beats(long tries) => Later(_beat, () =>
    {
        if (_end is not null && tries == _tries && State is SimTerminalState.Standby or SimTerminalState.Live)
        {
            Beat();
            Beats(tries);
        }
    });

    private void Beat()
    {
        if (_end is null || State is not (SimTerminalState.Standby or SimTerminalState.Live))
        {
            return;
        }

        if (_busy)
        {
            _beatDue = true;
            return;
        }

        _beatDue = false;
        SendNow(new BeatMessage
        {
            Number = Disk.Last,
            Digest = Digest,
            Connected = _brokerConnected,
            Ping = _brokerConnected ? _settings.Ping : -1,
            Trade = MayTrade,
            Why = WhyNoTrade,
            Tick = _tickAt is { } tick ? (_clock.Now - tick).Ticks / TimeSpan.TicksPerMillisecond : -1,
            Offset = _settings.Time.OffsetAt(_clock.Now),
            Used = UsedToday,
            Queue = Disk.Kept,
            Echo = _echo,
            Held = _echo == 0 ? 0 : (_clock.Now - _echoAt).Ticks / TimeSpan.TicksPerMillisecond,
        });
    }

    /// <summary>Sends what must not wait behind anything; lost when the road is full.</summary>
    private bool SendNow(LinkMessage message)
    {
        Refill();
        _tokens--;
        return Give(Text(message));
    }

    /// <summary>Sends in order, as soon as the road and the server's limit allow.</summary>
    private void Queue(LinkMessage message) => Queue(Text(message).ToArray());

    private void Queue(byte[] text)
    {
        _out.Enqueue(text);
        Flush();
    }

    private void Flush()
    {
        Refill();
        while (_end is not null && _tokens >= 1 && _out.TryPeek(out byte[]? next))
        {
            if (!Give(next))
            {
                break;
            }

            _tokens--;

            // A kill or a break inside Give leaves nothing to take.
            _out.TryDequeue(out _);
        }

        if (_out.Count > 0 && _end is not null && !_flushScheduled)
        {
            _flushScheduled = true;
            Later(_settings.Pump, () =>
            {
                _flushScheduled = false;
                Flush();
            });
        }
    }

    private bool Give(ReadOnlySpan<byte> text)
    {
        Moment(TerminalStep.Send, after: false);
        bool taken = _road.Send(text);
        Moment(TerminalStep.Send, after: true);
        return taken;
    }

    private void Refill()
    {
        double seconds = (_clock.Now - _tokensAt).TotalSeconds;
        _tokensAt = _clock.Now;
        _tokens = Math.Min(_settings.SendBurst, _tokens + (seconds * _settings.SendPerSecond));
    }

    private static void Note(List<string> list, string text)
    {
        if (list.Count >= 100)
        {
            list.RemoveAt(0);
        }

        list.Add(text);
    }

    private sealed class End(SimTerminal terminal, long number) : ITerminalEnd
    {
        private bool IsPresent => terminal._running && terminal._end == this && terminal._tries == number;

        public void Connected()
        {
            if (IsPresent)
            {
                terminal.Enter(terminal.OnConnected);
            }
        }

        public void Received(ReadOnlySpan<byte> text)
        {
            if (!IsPresent)
            {
                return;
            }

            try
            {
                terminal.OnText(text);
            }
            catch (TerminalKilledException)
            {
                // Die has told.
            }
        }

        public void Closed(int code, string why)
        {
            if (IsPresent)
            {
                terminal.Enter(() => terminal.Ended(code, why));
            }
        }
    }
}

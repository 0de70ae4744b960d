using Lockstep.CTrader.Session;
using Lockstep.Domain;

namespace Lockstep.Server.Hosting;

/// <summary>
/// The session of an account on the Open API as its group sees it: one from start to end, while the real one comes when the account was authorised, goes when it is closed, and comes again, each time with
/// higher epochs. Without a real one it reports nothing, and what is sent to it has certainly not left.
/// </summary>
internal sealed class CTraderSeat(AccountId account, long firstEpoch) : IAccountSession, IAccountData
{
    private readonly Lock _gate = new();
    private readonly Queue<PlatformEvent> _reports = new();
    private Relay? _relay;
    private ISessionSink? _sink;
    private long _epoch = firstEpoch - 1;
    private bool _up;
    private bool _telling;
    private string _why = "the account was not authorised yet";

    /// <inheritdoc/>
    public AccountId Account => account;

    /// <summary>The real session, or null.</summary>
    public CTraderSession? Session
    {
        get
        {
            lock (_gate)
            {
                return _relay?.Session;
            }
        }
    }

    /// <inheritdoc/>
    public void Start(ISessionSink sink)
    {
        Relay? relay;
        lock (_gate)
        {
            _sink = sink;
            relay = _relay;
        }

        relay?.Session.Start(relay);
    }

    /// <summary>Puts a real session in, which <paramref name="open"/> makes with the epoch that it is given; an earlier one must have been taken out.</summary>
    public void Put(Func<long, CTraderSession> open)
    {
        Relay relay;
        bool started;
        lock (_gate)
        {
            if (_relay is not null)
            {
                throw new InvalidOperationException($"Account '{account}' has a session already.");
            }

            _relay = relay = new Relay(this, open(_epoch + 1));
            started = _sink is not null;
        }

        if (started)
        {
            relay.Session.Start(relay);
        }
    }

    /// <summary>Takes the real session out; the group hears that it is lost. False = there was none.</summary>
    public bool Take(string why)
    {
        Relay? relay;
        lock (_gate)
        {
            (relay, _relay, _why) = (_relay, null, why);
        }

        if (relay is null)
        {
            return false;
        }

        relay.Session.Stop();
        lock (_gate)
        {
            // What the session still had on its way came before this, or comes no more: it is not the present one.
            if (_up)
            {
                _up = false;
                _reports.Enqueue(new SessionClosed { Account = account, Epoch = _epoch, Reason = why });
            }
        }

        Tell();
        return true;
    }

    /// <inheritdoc/>
    public void Send(OrderCommand command)
    {
        if (Session is { } session)
        {
            session.Send(command);
            return;
        }

        Own(new OrderAnswered { Account = account, Epoch = Math.Max(_epoch, firstEpoch), Key = command.Key, Outcome = OrderOutcome.Refused, Refusal = Refusal.NotSent, Code = _why });
    }

    /// <inheritdoc/>
    public void Ask(AskId ask, Timestamp historyFrom)
    {
        if (Session is { } session)
        {
            session.Ask(ask, historyFrom);
            return;
        }

        Own(new AskFailed { Account = account, Epoch = Math.Max(_epoch, firstEpoch), Ask = ask, Reason = _why });
    }

    /// <inheritdoc/>
    public void Kept(PlatformEvent report) => ((IAccountSession?)Session)?.Kept(report);

    /// <inheritdoc/>
    public void Fetch(DataRequest request, Action<DataAnswer> answer)
    {
        if (Session is { } session)
        {
            session.Fetch(request, answer);
            return;
        }

        answer(new DataRefused(Refusal.NotSent, $"There is no session: {_why}."));
    }

    /// <inheritdoc/>
    public void Stop()
    {
        Relay? relay;
        lock (_gate)
        {
            (relay, _relay, _sink) = (_relay, null, null);
            _reports.Clear();
        }

        relay?.Session.Stop();
    }

    private void Own(PlatformEvent report)
    {
        lock (_gate)
        {
            _reports.Enqueue(report);
        }

        Tell();
    }

    private void Report(Relay relay, PlatformEvent report)
    {
        lock (_gate)
        {
            if (relay != _relay)
            {
                return;
            }

            _epoch = Math.Max(_epoch, report.Epoch);
            _up = report is SessionOpened || (_up && report is not SessionClosed);
            _reports.Enqueue(report);
        }

        Tell();
    }

    /// <summary>Carries out what waits, in order, one thread at a time and without the lock: a report may lead to a command for another account.</summary>
    private void Tell()
    {
        while (true)
        {
            PlatformEvent? report;
            ISessionSink? sink;
            lock (_gate)
            {
                if (_telling || _sink is null || !_reports.TryDequeue(out report))
                {
                    return;
                }

                (_telling, sink) = (true, _sink);
            }

            try
            {
                sink.Report(report);
            }
            finally
            {
                lock (_gate)
                {
                    _telling = false;
                }
            }
        }
    }

    private ISessionSink? SinkOf(Relay relay)
    {
        lock (_gate)
        {
            return relay == _relay ? _sink : null;
        }
    }

    /// <summary>One real session's way to the group.</summary>
    private sealed class Relay(CTraderSeat seat, CTraderSession session) : ISessionSink
    {
        public CTraderSession Session => session;

        public void Report(PlatformEvent report) => seat.Report(this, report);

        public void Quote(AccountId account, SymbolName symbol, Quote quote) => seat.SinkOf(this)?.Quote(account, symbol, quote);

        public void Funds(AccountId account, AccountFunds funds) => seat.SinkOf(this)?.Funds(account, funds);

        public void Floating(AccountId account, IReadOnlyList<PositionMoney> positions) => seat.SinkOf(this)?.Floating(account, positions);

        public void Health(AccountId account, SessionHealth health) => seat.SinkOf(this)?.Health(account, health);
    }
}

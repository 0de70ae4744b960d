using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>
/// An account's session as the production core sees it, with an onlooker on each side: nothing may be sent that the durable journal does not hold, nothing twice, and a
/// dead process neither sends nor hears.
/// </summary>
internal sealed class WatchedSession(
    IAccountSession session, ServerLife life, Record record, EdgePlant plant, Story story, ISimClock world, Action<string, string> violate, LinkWatch? watch = null) : IAccountSession, ISessionSink
{
    private ISessionSink? _sink;
    private long _sequence;

    /// <inheritdoc/>
    public AccountId Account => session.Account;

    /// <summary>Told of each command that is handed on.</summary>
    public Action<OrderCommand>? Sending { get; init; }

    /// <summary>Told of each report, as the session makes it.</summary>
    public Action<PlatformEvent>? Reporting { get; init; }

    /// <summary>Told before the session is stopped.</summary>
    public Action? Stopping { get; init; }

    /// <summary>The session itself.</summary>
    public IAccountSession Inner => session;

    /// <inheritdoc/>
    public void Start(ISessionSink sink)
    {
        _sink = sink;
        session.Start(this);
    }

    /// <inheritdoc/>
    public void Send(OrderCommand command)
    {
        if (life.DiesNow())
        {
            return;
        }

        if (story.On)
        {
            story.Tell(world.Now, "engine", $"sends to {command.Account} {command.Key}: {Sentences.Of(command)}");
        }

        if (!record.Holds(command.Key))
        {
            violate("write-then-act", $"{command.Key} ({Sentences.Of(command)}) reached the session of {Account} and the durable journal does not hold it");
        }

        if (!record.Sent(command.Key))
        {
            violate("sent-once", $"{command.Key} ({Sentences.Of(command)}) reached the session of {Account} twice");
        }

        Sending?.Invoke(command);
        session.Send(command);
    }

    /// <inheritdoc/>
    public void Ask(AskId ask, Timestamp historyFrom)
    {
        if (!life.Over)
        {
            session.Ask(ask, historyFrom);
        }
    }

    /// <inheritdoc/>
    public void Kept(PlatformEvent report)
    {
        if (!life.Over)
        {
            session.Kept(report);
        }
    }

    /// <inheritdoc/>
    public void Stop()
    {
        // A process that dies says no goodbye.
        if (!life.Over || session is SimSession)
        {
            Stopping?.Invoke();
            session.Stop();
        }
    }

    /// <inheritdoc/>
    public void Report(PlatformEvent report)
    {
        if (!life.Over)
        {
            if (story.On)
            {
                story.Tell(world.Now, Account.Value, Sentences.Of(report));
            }

            _sequence = report switch { SessionOpened => 0, BookChanged b => b.Sequence, BookSnapshot b => b.Sequence, _ => _sequence };
            watch?.Reported(report);
            Reporting?.Invoke(report);
            _sink!.Report(plant == EdgePlant.None ? report : Mistaken(report));
            if (plant == EdgePlant.AckBeforeDurable)
            {
                session.Kept(report);
            }
        }
    }

    /// <inheritdoc/>
    public void Quote(AccountId account, SymbolName symbol, Quote quote)
    {
        if (!life.Over)
        {
            _sink!.Quote(account, symbol, quote);
        }
    }

    /// <inheritdoc/>
    public void Funds(AccountId account, AccountFunds funds)
    {
        if (!life.Over)
        {
            _sink!.Funds(account, funds);
        }
    }

    /// <inheritdoc/>
    public void Floating(AccountId account, IReadOnlyList<PositionMoney> positions)
    {
        if (!life.Over)
        {
            _sink!.Floating(account, positions);
        }
    }

    /// <inheritdoc/>
    public void Health(AccountId account, SessionHealth health)
    {
        if (!life.Over)
        {
            _sink!.Health(account, health);
        }
    }

    private PlatformEvent Mistaken(PlatformEvent report) => (plant, report) switch
    {
        (EdgePlant.TimeoutIsRefusal, OrderAnswered { Outcome: OrderOutcome.Unknown } answer) => answer with { Outcome = OrderOutcome.Refused, Refusal = Refusal.Rejected },
        (EdgePlant.FailureIsFlat, AskFailed failed) => new BookSnapshot
        {
            Account = failed.Account,
            Epoch = failed.Epoch,
            Ask = failed.Ask,
            Sequence = _sequence,
            TakenAt = world.Now,
            Funds = new AccountFunds { Balance = Money.Zero, Equity = Money.Zero, Margin = Money.Zero, FreeMargin = Money.Zero, Currency = "USD", At = world.Now },
            Positions = [],
            Orders = [],
            Deals = [],
            HistoryFrom = Timestamp.Epoch,
        },
        _ => report,
    };
}

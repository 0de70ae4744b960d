namespace Lockstep.Domain;

/// <summary>
/// The platform port: one live account. Calls return at once; everything that follows comes through the sink, in order. An implementation never throws
/// for what a broker or a network does.
/// </summary>
public interface IAccountSession
{
    /// <summary>The account.</summary>
    AccountId Account { get; }

    /// <summary>Begin: connect, and from then on report to <paramref name="sink"/>. Called once.</summary>
    void Start(ISessionSink sink);

    /// <summary>Carry out one command, at most once. The answer is an <see cref="OrderAnswered"/>; none at all is possible.</summary>
    void Send(OrderCommand command);

    /// <summary>
    /// Ask for the whole truth, with history since <paramref name="historyFrom"/>. The answer is a <see cref="BookSnapshot"/> or an <see cref="AskFailed"/>; none
    /// at all is possible.
    /// </summary>
    void Ask(AskId ask, Timestamp historyFrom);

    /// <summary>
    /// A report, and everything before it, is durable and was acted on. A platform that keeps its messages until then (the EA's outbox) lets go of them; for others it means
    /// nothing.
    /// </summary>
    void Kept(PlatformEvent report)
    {
    }

    /// <summary>End the session for good; nothing is reported afterwards.</summary>
    void Stop();
}

/// <summary>Where a session reports to.</summary>
public interface ISessionSink
{
    /// <summary>Something that the engine must know.</summary>
    void Report(PlatformEvent report);

    /// <summary>A quote; the latest wins, it may be skipped.</summary>
    void Quote(AccountId account, SymbolName symbol, Quote quote);

    /// <summary>The account's money; the latest wins.</summary>
    void Funds(AccountId account, AccountFunds funds);

    /// <summary>Floating result of the open positions; the latest wins. Positions without one are left out.</summary>
    void Floating(AccountId account, IReadOnlyList<PositionMoney> positions)
    {
    }

    /// <summary>How the session is; the latest wins.</summary>
    void Health(AccountId account, SessionHealth health)
    {
    }
}

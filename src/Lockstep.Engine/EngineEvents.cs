using Lockstep.Domain;

namespace Lockstep.Engine;

/// <summary>
/// Everything the engine can learn. An event is numbered and stamped by the runtime (<see cref="Numbered"/>), journalled, and replayed for ever: a
/// type or property that once stood here keeps its meaning.
/// </summary>
public abstract record EngineEvent;

/// <summary>An event with its place in the journal of its group and its moment.</summary>
/// <param name="Seq">Number within the group, from 1, without gaps.</param>
/// <param name="At">Time of the runtime's clock; the engine never goes back: an earlier stamp is treated as the latest one seen.</param>
/// <param name="Event">What happened.</param>
public sealed record Numbered(long Seq, Timestamp At, EngineEvent Event);

/// <summary>The group's accounts and links: the first event of every journal, and one each time the configuration changed.</summary>
public sealed record Configured(GroupSettings Settings) : EngineEvent;

/// <summary>A platform said something. <see cref="View"/> brings the quotes and funds that <see cref="Engine.Needs"/> asked for.</summary>
public sealed record Reported(PlatformEvent Report, MarketView View) : EngineEvent;

/// <summary>A timer set by <see cref="WakeAt"/> is due.</summary>
public sealed record TimerFired(TimerId Timer) : EngineEvent;

/// <summary>A price watched by <see cref="WatchPrice"/> was reached.</summary>
public sealed record WatchFired(WatchId Watch, Quote Quote) : EngineEvent;

/// <summary>The process started anew: sessions are gone, and every order without an answer is unknown.</summary>
public sealed record Restarted : EngineEvent;

/// <summary>A person or program wants something done on an account (REST).</summary>
public sealed record ClientRequested(ClientRequest Request) : EngineEvent;

/// <summary>A quote and funds photograph taken when the event was numbered.</summary>
public sealed record MarketView
{
    /// <summary>Nothing.</summary>
    public static readonly MarketView Empty = new();

    /// <summary>Quotes, at most one per account and symbol.</summary>
    public IReadOnlyList<QuoteOf> Quotes { get; init; } = [];

    /// <summary>Funds, at most one per account.</summary>
    public IReadOnlyList<FundsOf> Funds { get; init; } = [];
}

/// <summary>A quote of one account's symbol.</summary>
public sealed record QuoteOf(AccountId Account, SymbolName Symbol, Quote Quote);

/// <summary>The money of one account.</summary>
public sealed record FundsOf(AccountId Account, AccountFunds Funds);

/// <summary>What <see cref="Engine.Needs"/> wants in the <see cref="MarketView"/>.</summary>
/// <param name="Quotes">Accounts and symbols whose latest quotes are wanted.</param>
/// <param name="Funds">Accounts whose latest funds are wanted.</param>
public sealed record MarketNeeds(IReadOnlyList<(AccountId Account, SymbolName Symbol)> Quotes, IReadOnlyList<AccountId> Funds)
{
    /// <summary>Nothing is wanted.</summary>
    public static readonly MarketNeeds None = new([], []);
}

/// <summary>
/// A trade asked for through the API. <see cref="ClientId"/> makes it idempotent: the same id on the same account again gives the first one's answer.
/// </summary>
public abstract record ClientRequest
{
    /// <summary>The account.</summary>
    public required AccountId Account { get; init; }

    /// <summary>The client's own id, 1–64 characters.</summary>
    public required string ClientId { get; init; }
}

/// <summary>Place a market or pending order. The volume and prices are the target broker's.</summary>
public sealed record ClientPlace : ClientRequest
{
    /// <summary>The broker's symbol name.</summary>
    public required SymbolName Symbol { get; init; }

    /// <summary>Long or short.</summary>
    public required Side Side { get; init; }

    /// <summary>Volume in lots.</summary>
    public required Lots Volume { get; init; }

    /// <summary>Null = market.</summary>
    public PendingType? Type { get; init; }

    /// <summary>Price of a pending order.</summary>
    public Price? Price { get; init; }

    /// <summary>Limit price of a stop-limit order.</summary>
    public Price? LimitPrice { get; init; }

    /// <summary>Stop loss.</summary>
    public Price? StopLoss { get; init; }

    /// <summary>Take profit.</summary>
    public Price? TakeProfit { get; init; }

    /// <summary>Expiry of a pending order.</summary>
    public Timestamp? Expiry { get; init; }

    /// <summary>Worst price to accept at market.</summary>
    public Price? WorstPrice { get; init; }
}

/// <summary>A level that an API call leaves, sets or removes: absent = leave, null = remove (SPEC TR-2).</summary>
/// <param name="Given">False = leave the level as it is.</param>
/// <param name="Value">The level; null = remove it.</param>
public readonly record struct LevelChange(bool Given, Price? Value)
{
    /// <summary>Leave it.</summary>
    public static readonly LevelChange Leave;

    /// <summary>The level after the change.</summary>
    public Price? Apply(Price? present) => Given ? Value : present;
}

/// <summary>Change the protection of a position, or price, protection and expiry of a pending order.</summary>
public sealed record ClientModify : ClientRequest
{
    /// <summary>The position, or null when it is an order.</summary>
    public PositionId? Position { get; init; }

    /// <summary>The pending order, or null when it is a position.</summary>
    public OrderId? Order { get; init; }

    /// <summary>What to do with the stop loss.</summary>
    public LevelChange StopLoss { get; init; }

    /// <summary>What to do with the take profit.</summary>
    public LevelChange TakeProfit { get; init; }

    /// <summary>New price of a pending order; null = leave.</summary>
    public Price? Price { get; init; }
}

/// <summary>Close a position wholly or in part, or cancel a pending order.</summary>
public sealed record ClientClose : ClientRequest
{
    /// <summary>The position, or null when it is an order.</summary>
    public PositionId? Position { get; init; }

    /// <summary>The pending order, or null when it is a position.</summary>
    public OrderId? Order { get; init; }

    /// <summary>How much to close; null = all. Frozen into an absolute target when the request is accepted.</summary>
    public Lots? Volume { get; init; }
}

/// <summary>Close two opposite positions of a symbol against each other, where the account can.</summary>
public sealed record ClientCloseBy : ClientRequest
{
    /// <summary>The one position.</summary>
    public required PositionId Position { get; init; }

    /// <summary>The opposite one.</summary>
    public required PositionId Opposite { get; init; }
}

/// <summary>
/// Turn a position: close it, and only when that is done open the opposite side. Two orders under one client id, each at most once; the answer tells both. Where the closing
/// is known only much later, the opening is left out.
/// </summary>
public sealed record ClientReverse : ClientRequest
{
    /// <summary>The position.</summary>
    public required PositionId Position { get; init; }

    /// <summary>Volume of the new position; null = what the old one has when the request is accepted.</summary>
    public Lots? Volume { get; init; }

    /// <summary>Stop loss of the new position.</summary>
    public Price? StopLoss { get; init; }

    /// <summary>Take profit of the new position.</summary>
    public Price? TakeProfit { get; init; }
}

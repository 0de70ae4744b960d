namespace Lockstep.Domain;

/// <summary>
/// One command to a platform. Sent at most once under its key; not sent any more after <see cref="Deadline"/> (a session that could not send in time answers
/// <see cref="OrderOutcome.Refused"/> with <see cref="Refusal.NotSent"/>).
/// </summary>
public abstract record OrderCommand
{
    /// <summary>The account to trade on.</summary>
    public required AccountId Account { get; init; }

    /// <summary>The intent's key; travels to the platform.</summary>
    public required OrderKey Key { get; init; }

    /// <summary>The broker's symbol name.</summary>
    public required SymbolName Symbol { get; init; }

    /// <summary>Not to be sent after this.</summary>
    public required Timestamp Deadline { get; init; }
}

/// <summary>Open a position at market.</summary>
public sealed record OpenMarket : OrderCommand
{
    /// <summary>Long or short.</summary>
    public required Side Side { get; init; }

    /// <summary>Volume in lots, on the symbol's step.</summary>
    public required Lots Volume { get; init; }

    /// <summary>Stop loss; null = none.</summary>
    public Price? StopLoss { get; init; }

    /// <summary>Take profit; null = none.</summary>
    public Price? TakeProfit { get; init; }

    /// <summary>Worst price to accept (buy: at most, sell: at least); null = any.</summary>
    public Price? WorstPrice { get; init; }
}

/// <summary>Place a pending order.</summary>
public sealed record PlacePending : OrderCommand
{
    /// <summary>Long or short.</summary>
    public required Side Side { get; init; }

    /// <summary>Limit, stop or stop-limit.</summary>
    public required PendingType Type { get; init; }

    /// <summary>Volume in lots.</summary>
    public required Lots Volume { get; init; }

    /// <summary>Trigger or limit price.</summary>
    public required Price Price { get; init; }

    /// <summary>The limit price of a stop-limit order.</summary>
    public Price? LimitPrice { get; init; }

    /// <summary>Stop loss; null = none.</summary>
    public Price? StopLoss { get; init; }

    /// <summary>Take profit; null = none.</summary>
    public Price? TakeProfit { get; init; }

    /// <summary>Expiry; null = good till cancelled.</summary>
    public Timestamp? Expiry { get; init; }
}

/// <summary>
/// Bring a position down to an absolute volume: the session reads the present volume, sends only the difference, and answers done when the position is
/// already at or below <see cref="TargetVolume"/> or gone. Never enlarges, never turns.
/// </summary>
public sealed record ReducePosition : OrderCommand
{
    /// <summary>The position.</summary>
    public required PositionId Position { get; init; }

    /// <summary>What should remain, 0 = close.</summary>
    public required Lots TargetVolume { get; init; }

    /// <summary>The side the position is believed to have. A netted position that somebody turned meanwhile is another one: the answer is <see cref="Refusal.NotFound"/>.</summary>
    public Side? Side { get; init; }
}

/// <summary>
/// Close two opposite positions of a symbol against each other (MT4, MT5 hedging). The smaller volume goes from both; what remains keeps the identity of the larger. Done when
/// one of them is gone already.
/// </summary>
public sealed record CloseBy : OrderCommand
{
    /// <summary>The one position.</summary>
    public required PositionId Position { get; init; }

    /// <summary>The opposite one.</summary>
    public required PositionId Opposite { get; init; }
}

/// <summary>Set both protection levels of a position; null removes a level. Absolute, so a repeat does no harm.</summary>
public sealed record SetStops : OrderCommand
{
    /// <summary>The position.</summary>
    public required PositionId Position { get; init; }

    /// <summary>Stop loss; null = none.</summary>
    public Price? StopLoss { get; init; }

    /// <summary>Take profit; null = none.</summary>
    public Price? TakeProfit { get; init; }
}

/// <summary>Change a pending order's prices, levels and expiry (not its volume or type: MetaTrader cannot). Absolute.</summary>
public sealed record AmendPending : OrderCommand
{
    /// <summary>The pending order.</summary>
    public required OrderId Order { get; init; }

    /// <summary>New trigger or limit price.</summary>
    public required Price Price { get; init; }

    /// <summary>New limit price of a stop-limit order.</summary>
    public Price? LimitPrice { get; init; }

    /// <summary>Stop loss; null = none.</summary>
    public Price? StopLoss { get; init; }

    /// <summary>Take profit; null = none.</summary>
    public Price? TakeProfit { get; init; }

    /// <summary>Expiry; null = good till cancelled.</summary>
    public Timestamp? Expiry { get; init; }
}

/// <summary>Cancel a pending order.</summary>
public sealed record CancelPending : OrderCommand
{
    /// <summary>The pending order.</summary>
    public required OrderId Order { get; init; }
}

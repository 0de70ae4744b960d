namespace Lockstep.Domain;

/// <summary>An open position as the platform reports it now: whole state, so that a repeat does no harm.</summary>
public sealed record PositionReport
{
    /// <summary>The identity that never changes.</summary>
    public required PositionId Id { get; init; }

    /// <summary>The number under which the platform takes trade calls now (MT4: the present ticket; elsewhere mostly the same as <see cref="Id"/>).</summary>
    public required long Ticket { get; init; }

    /// <summary>The broker's symbol name.</summary>
    public required SymbolName Symbol { get; init; }

    /// <summary>Long or short.</summary>
    public required Side Side { get; init; }

    /// <summary>Remaining volume, above 0.</summary>
    public required Lots Volume { get; init; }

    /// <summary>Opening price (netting: average).</summary>
    public required Price OpenPrice { get; init; }

    /// <summary>When it was opened, in UTC.</summary>
    public required Timestamp OpenedAt { get; init; }

    /// <summary>Stop loss, null when there is none.</summary>
    public Price? StopLoss { get; init; }

    /// <summary>Take profit, null when there is none.</summary>
    public Price? TakeProfit { get; init; }

    /// <summary>The order that opened it; for a filled pending order the number it had while pending.</summary>
    public OrderId? OpeningOrder { get; init; }

    /// <summary>Magic, key, comment. On MT4 the comment of a remainder is the platform's own (<c>from #…</c>).</summary>
    public OrderTag Tag { get; init; } = OrderTag.None;
}

/// <summary>A pending order as the platform reports it now: whole state.</summary>
public sealed record PendingReport
{
    /// <summary>The platform's number.</summary>
    public required OrderId Id { get; init; }

    /// <summary>The broker's symbol name.</summary>
    public required SymbolName Symbol { get; init; }

    /// <summary>Long or short.</summary>
    public required Side Side { get; init; }

    /// <summary>Limit, stop or stop-limit.</summary>
    public required PendingType Type { get; init; }

    /// <summary>Remaining volume, above 0.</summary>
    public required Lots Volume { get; init; }

    /// <summary>Trigger or limit price.</summary>
    public required Price Price { get; init; }

    /// <summary>The limit price of a stop-limit order.</summary>
    public Price? LimitPrice { get; init; }

    /// <summary>Stop loss for the position to come.</summary>
    public Price? StopLoss { get; init; }

    /// <summary>Take profit for the position to come.</summary>
    public Price? TakeProfit { get; init; }

    /// <summary>When the platform will remove it, null = good till cancelled.</summary>
    public Timestamp? Expiry { get; init; }

    /// <summary>When it was placed, in UTC.</summary>
    public required Timestamp PlacedAt { get; init; }

    /// <summary>Magic, key, comment.</summary>
    public OrderTag Tag { get; init; } = OrderTag.None;
}

/// <summary>What a deal did to its position.</summary>
public enum DealEntry
{
    /// <summary>Opened or enlarged it.</summary>
    In = 1,

    /// <summary>Reduced or closed it.</summary>
    Out = 2,

    /// <summary>Closed it and opened the other side (netting reversal).</summary>
    InOut = 3,
}

/// <summary>What caused a deal.</summary>
public enum DealReason
{
    /// <summary>A person or program asked for it.</summary>
    Request = 1,

    /// <summary>The position's stop loss was touched.</summary>
    StopLoss = 2,

    /// <summary>The position's take profit was touched.</summary>
    TakeProfit = 3,

    /// <summary>The broker closed it for lack of margin.</summary>
    StopOut = 4,

    /// <summary>The platform does not say, or something else.</summary>
    Other = 5,
}

/// <summary>One execution. Never changes once reported.</summary>
public sealed record DealReport
{
    /// <summary>The platform's number, growing.</summary>
    public required DealId Id { get; init; }

    /// <summary>The position it belongs to.</summary>
    public required PositionId Position { get; init; }

    /// <summary>The order it executed; a pending order keeps its number.</summary>
    public OrderId? Order { get; init; }

    /// <summary>The broker's symbol name.</summary>
    public required SymbolName Symbol { get; init; }

    /// <summary>Side of the deal itself: closing a long is a sell.</summary>
    public required Side Side { get; init; }

    /// <summary>Executed volume, above 0.</summary>
    public required Lots Volume { get; init; }

    /// <summary>Execution price.</summary>
    public required Price Price { get; init; }

    /// <summary>Opened, closed or turned.</summary>
    public required DealEntry Entry { get; init; }

    /// <summary>Why it happened.</summary>
    public required DealReason Reason { get; init; }

    /// <summary>Magic, key, comment of the order that made the deal (the closing order's own on a close).</summary>
    public OrderTag Tag { get; init; } = OrderTag.None;

    /// <summary>When, in UTC.</summary>
    public required Timestamp At { get; init; }

    /// <summary>Realised result of a closing deal, account currency, without swap and commission.</summary>
    public Money Profit { get; init; }

    /// <summary>Swap booked with the deal.</summary>
    public Money Swap { get; init; }

    /// <summary>Commission booked with the deal, negative = cost.</summary>
    public Money Commission { get; init; }
}

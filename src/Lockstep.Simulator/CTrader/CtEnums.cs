namespace Lockstep.Simulator;

/// <summary>ProtoOAOrderType.</summary>
public enum CtOrderType
{
    /// <summary>Market; takes relative SL/TP only.</summary>
    Market = 1,

    /// <summary>Limit.</summary>
    Limit = 2,

    /// <summary>Stop.</summary>
    Stop = 3,

    /// <summary>Server-made protection: one order holds SL (stop price) and TP (limit price).</summary>
    StopLossTakeProfit = 4,

    /// <summary>Market within a price window.</summary>
    MarketRange = 5,

    /// <summary>Stop with a slippage limit.</summary>
    StopLimit = 6,
}

/// <summary>ProtoOAOrderStatus.</summary>
public enum CtOrderStatus
{
    /// <summary>Working.</summary>
    Accepted = 1,

    /// <summary>Completely filled.</summary>
    Filled = 2,

    /// <summary>Refused.</summary>
    Rejected = 3,

    /// <summary>Expired.</summary>
    Expired = 4,

    /// <summary>Cancelled; may hold partial fills.</summary>
    Cancelled = 5,
}

/// <summary>ProtoOAPositionStatus.</summary>
public enum CtPositionStatus
{
    /// <summary>Has volume.</summary>
    Open = 1,

    /// <summary>Final: volume 0, price 0.</summary>
    Closed = 2,

    /// <summary>A shell made with an order: the id is known, volume 0, price 0.</summary>
    Created = 3,
}

/// <summary>ProtoOAExecutionType.</summary>
public enum CtExecutionType
{
    /// <summary>Order validated; also: protection order made.</summary>
    OrderAccepted = 2,

    /// <summary>Complete fill, carries a deal.</summary>
    OrderFilled = 3,

    /// <summary>Amended; SL/TP changed; protection volume follows a partial close.</summary>
    OrderReplaced = 4,

    /// <summary>Cancelled.</summary>
    OrderCancelled = 5,

    /// <summary>Expired.</summary>
    OrderExpired = 6,

    /// <summary>Refused after acceptance.</summary>
    OrderRejected = 7,

    /// <summary>Swap charged.</summary>
    Swap = 9,

    /// <summary>Cash operation.</summary>
    DepositWithdraw = 10,

    /// <summary>Part filled, carries a deal.</summary>
    OrderPartialFill = 11,
}

/// <summary>ProtoOATimeInForce.</summary>
public enum CtTimeInForce
{
    /// <summary>Until a time.</summary>
    GoodTillDate = 1,

    /// <summary>Until cancelled.</summary>
    GoodTillCancel = 2,

    /// <summary>At once or not at all; the rest is cancelled.</summary>
    ImmediateOrCancel = 3,

    /// <summary>All or nothing.</summary>
    FillOrKill = 4,
}

/// <summary>ProtoOAOrderTriggerMethod. The simulated broker keeps and shows it; every stop is triggered as <see cref="Trade"/>.</summary>
public enum CtTriggerMethod
{
    /// <summary>A buy by the ask, a sell by the bid.</summary>
    Trade = 1,

    /// <summary>The other side of the quote.</summary>
    Opposite = 2,

    /// <summary>As <see cref="Trade"/>, two ticks in a row.</summary>
    DoubleTrade = 3,

    /// <summary>As <see cref="Opposite"/>, two ticks in a row.</summary>
    DoubleOpposite = 4,
}

/// <summary>ProtoOAAccessRights: what the account's owner may do (reference: ctrader.md §9).</summary>
public enum CtAccessRights
{
    /// <summary>Everything.</summary>
    FullAccess = 0,

    /// <summary>Nothing that makes the volume larger.</summary>
    CloseOnly = 1,

    /// <summary>Nothing at all, stops included.</summary>
    NoTrading = 2,

    /// <summary>No login; pending orders are still executed.</summary>
    NoLogin = 3,
}

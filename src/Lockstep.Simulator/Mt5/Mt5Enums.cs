namespace Lockstep.Simulator;

/// <summary>ENUM_TRADE_REQUEST_ACTIONS.</summary>
public enum MqlAction
{
    /// <summary>Market deal; also closes when a position is given.</summary>
    Deal = 1,

    /// <summary>Place a pending order.</summary>
    Pending = 5,

    /// <summary>Change SL/TP of a position.</summary>
    Sltp = 6,

    /// <summary>Change a pending order.</summary>
    Modify = 7,

    /// <summary>Delete a pending order.</summary>
    Remove = 8,

    /// <summary>Close a position by an opposite one.</summary>
    CloseBy = 10,
}

/// <summary>ENUM_ORDER_TYPE.</summary>
public enum Mt5OrderType
{
    /// <summary>Market buy.</summary>
    Buy = 0,

    /// <summary>Market sell.</summary>
    Sell = 1,

    /// <summary>Buy below market.</summary>
    BuyLimit = 2,

    /// <summary>Sell above market.</summary>
    SellLimit = 3,

    /// <summary>Buy above market.</summary>
    BuyStop = 4,

    /// <summary>Sell below market.</summary>
    SellStop = 5,

    /// <summary>Stop trigger that places a buy limit.</summary>
    BuyStopLimit = 6,

    /// <summary>Stop trigger that places a sell limit.</summary>
    SellStopLimit = 7,

    /// <summary>Order made by a close-by request.</summary>
    CloseBy = 8,
}

/// <summary>ENUM_ORDER_STATE.</summary>
public enum Mt5OrderState
{
    /// <summary>Checked, not yet accepted.</summary>
    Started = 0,

    /// <summary>Accepted.</summary>
    Placed = 1,

    /// <summary>Cancelled by the client.</summary>
    Canceled = 2,

    /// <summary>Partly filled.</summary>
    Partial = 3,

    /// <summary>Filled.</summary>
    Filled = 4,

    /// <summary>Rejected.</summary>
    Rejected = 5,

    /// <summary>Expired.</summary>
    Expired = 6,
}

/// <summary>ENUM_ORDER_TYPE_FILLING. Unset is 0 = FOK.</summary>
public enum Mt5Filling
{
    /// <summary>All or nothing.</summary>
    Fok = 0,

    /// <summary>Fill what is there, drop the rest.</summary>
    Ioc = 1,

    /// <summary>The rest stays as an order.</summary>
    Return = 2,

    /// <summary>Passive only.</summary>
    Boc = 3,
}

/// <summary>ENUM_ORDER_TYPE_TIME.</summary>
public enum Mt5TypeTime
{
    /// <summary>Until cancelled.</summary>
    Gtc = 0,

    /// <summary>Until a time.</summary>
    Specified = 2,
}

/// <summary>ENUM_DEAL_TYPE.</summary>
public enum Mt5DealType
{
    /// <summary>Buy.</summary>
    Buy = 0,

    /// <summary>Sell.</summary>
    Sell = 1,

    /// <summary>Deposit or withdrawal.</summary>
    Balance = 2,
}

/// <summary>ENUM_DEAL_ENTRY.</summary>
public enum Mt5DealEntry
{
    /// <summary>Opens or adds.</summary>
    In = 0,

    /// <summary>Closes or reduces.</summary>
    Out = 1,

    /// <summary>Reversal (netting).</summary>
    InOut = 2,

    /// <summary>Closed by an opposite position.</summary>
    OutBy = 3,
}

/// <summary>ENUM_DEAL_REASON; order and position reasons have the same values as far as they go.</summary>
public enum Mt5Reason
{
    /// <summary>Desktop terminal.</summary>
    Client = 0,

    /// <summary>MQL program.</summary>
    Expert = 3,

    /// <summary>Stop loss.</summary>
    Sl = 4,

    /// <summary>Take profit.</summary>
    Tp = 5,

    /// <summary>Stop out.</summary>
    So = 6,

    /// <summary>Rollover.</summary>
    Rollover = 7,
}

/// <summary>ENUM_TRADE_TRANSACTION_TYPE.</summary>
public enum Mt5TransactionType
{
    /// <summary>Active order added.</summary>
    OrderAdd = 0,

    /// <summary>Active order changed.</summary>
    OrderUpdate = 1,

    /// <summary>Active order removed.</summary>
    OrderDelete = 2,

    /// <summary>Order moved to history.</summary>
    HistoryAdd = 3,

    /// <summary>Deal added.</summary>
    DealAdd = 6,

    /// <summary>Position changed without a deal (SL/TP, swap re-open).</summary>
    Position = 9,

    /// <summary>Reply to a request.</summary>
    Request = 10,
}

/// <summary>MqlTradeTransaction: a hint that something changed. It carries no comment, and nothing promises its order.</summary>
/// <param name="Type">What.</param>
/// <param name="Order">Order ticket, 0 = none.</param>
/// <param name="Deal">Deal ticket, 0 = none.</param>
/// <param name="Position">Position ticket, 0 = none.</param>
public sealed record Mt5Transaction(Mt5TransactionType Type, long Order = 0, long Deal = 0, long Position = 0);

namespace Lockstep.Simulator;

/// <summary>What the matching core says of a request; each platform has its own code for it.</summary>
public enum Verdict
{
    /// <summary>Fine.</summary>
    Ok = 0,

    /// <summary>No such symbol.</summary>
    UnknownSymbol = 1,

    /// <summary>No trading session now.</summary>
    MarketClosed = 2,

    /// <summary>Trading is disabled for the account or symbol.</summary>
    TradeDisabled = 3,

    /// <summary>No quote to fill with.</summary>
    NoQuotes = 4,

    /// <summary>Volume below minimum, above maximum or off the step.</summary>
    BadVolume = 5,

    /// <summary>Price off the tick.</summary>
    BadPrice = 6,

    /// <summary>A pending price on the wrong side of the market.</summary>
    PriceWrongSide = 7,

    /// <summary>SL or TP on the wrong side or off the tick.</summary>
    BadStops = 8,

    /// <summary>SL, TP or pending price nearer than the stops level.</summary>
    StopsTooClose = 9,

    /// <summary>Margin is not enough.</summary>
    NoMoney = 10,

    /// <summary>Inside the freeze level.</summary>
    Frozen = 11,

    /// <summary>An older position must be closed first.</summary>
    Fifo = 12,

    /// <summary>Opposite positions are barred.</summary>
    HedgeProhibited = 13,

    /// <summary>Position or order is gone.</summary>
    NotFound = 14,

    /// <summary>More is to be closed than is there.</summary>
    BadCloseVolume = 15,

    /// <summary>Too many requests.</summary>
    TooManyRequests = 16,

    /// <summary>Too many pending orders.</summary>
    TooManyOrders = 17,

    /// <summary>Too many positions.</summary>
    TooManyPositions = 18,

    /// <summary>The symbol's volume limit is reached.</summary>
    VolumeLimit = 19,

    /// <summary>Expiry in the past or not allowed.</summary>
    BadExpiry = 20,

    /// <summary>Filling type not allowed.</summary>
    BadFilling = 21,

    /// <summary>The request asks for what is already so.</summary>
    NoChanges = 22,

    /// <summary>The price moved away.</summary>
    Requote = 23,

    /// <summary>The dealer said no.</summary>
    Rejected = 24,

    /// <summary>Long only.</summary>
    LongOnly = 25,

    /// <summary>Short only.</summary>
    ShortOnly = 26,

    /// <summary>Close only.</summary>
    CloseOnly = 27,

    /// <summary>The request itself is wrong.</summary>
    Invalid = 28,

    /// <summary>No answer in time; it may still be executed.</summary>
    Timeout = 29,
}

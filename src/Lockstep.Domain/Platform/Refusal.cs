namespace Lockstep.Domain;

/// <summary>
/// Why a platform refused, in one vocabulary for MT4, MT5 and cTrader. Each platform's translator owns the map from its codes; what to do about each is the
/// engine's (Engine/Orders/RefusalPolicy.cs).
/// </summary>
public enum Refusal
{
    /// <summary>Not refused.</summary>
    None = 0,

    /// <summary>Price moved (requote, off quotes with a new price): MT5 10004 10020, MT4 129 135 138.</summary>
    PriceMoved = 1,

    /// <summary>No quotes to fill with: MT5 10021, MT4 136, cTrader NO_QUOTES.</summary>
    NoQuotes = 2,

    /// <summary>No trading session now: MT5 10018, MT4 132, cTrader MARKET_CLOSED.</summary>
    MarketClosed = 3,

    /// <summary>SL, TP or pending price too near or on the wrong side: MT5 10016, MT4 130, cTrader TRADING_BAD_STOPS.</summary>
    InvalidStops = 4,

    /// <summary>Price not a multiple of the tick or on the wrong side: MT5 10015, MT4 129 on pendings, cTrader TRADING_BAD_PRICES.</summary>
    InvalidPrice = 5,

    /// <summary>Volume below minimum, above maximum or off the step: MT5 10014, MT4 131, cTrader TRADING_BAD_VOLUME.</summary>
    InvalidVolume = 6,

    /// <summary>Not enough margin: MT5 10019, MT4 134, cTrader NOT_ENOUGH_MONEY.</summary>
    NoMoney = 7,

    /// <summary>Trading disabled for account or symbol: MT5 10017, MT4 133, cTrader TRADING_DISABLED.</summary>
    TradeDisabled = 8,

    /// <summary>Inside the freeze level: MT5 10029, MT4 145.</summary>
    Frozen = 9,

    /// <summary>Older positions must be closed first: MT5 10045, MT4 150.</summary>
    FifoOrder = 10,

    /// <summary>Opposite positions are barred: MT5 10046, MT4 149.</summary>
    HedgeProhibited = 11,

    /// <summary>The position or order is gone: MT5 10036, MT4 4108, cTrader POSITION_NOT_FOUND.</summary>
    NotFound = 12,

    /// <summary>Too many requests: MT5 10024, MT4 8, cTrader REQUEST_FREQUENCY_EXCEEDED.</summary>
    TooManyRequests = 13,

    /// <summary>Too many orders or positions: MT5 10033 10040, MT4 148, cTrader TOO_MANY_POSITIONS.</summary>
    TooManyOrders = 14,

    /// <summary>The broker or its dealer said no: MT5 10006, cTrader ORDER_REJECTED.</summary>
    Rejected = 15,

    /// <summary>The server is busy or the trade context is taken: MT4 4 137 146.</summary>
    Busy = 16,

    /// <summary>Unknown symbol: MT5 4301, MT4 4106, cTrader SYMBOL_NOT_FOUND.</summary>
    UnknownSymbol = 17,

    /// <summary>Expiry not allowed or in the past: MT5 10022, MT4 147.</summary>
    InvalidExpiry = 18,

    /// <summary>The command never left us: no session, or its deadline passed before it could be sent.</summary>
    NotSent = 19,

    /// <summary>The price guard was broken at the moment of sending.</summary>
    PriceGuard = 20,

    /// <summary>The request itself is wrong (a bug or an unsupported action): MT5 10013, MT4 3, cTrader INVALID_REQUEST.</summary>
    InvalidRequest = 21,

    /// <summary>Refused for a reason that has no row yet.</summary>
    Other = 22,
}

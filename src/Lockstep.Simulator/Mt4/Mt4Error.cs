namespace Lockstep.Simulator;

/// <summary>MT4's error numbers (reference: mt4-errors.tsv).</summary>
public static class Mt4Error
{
    /// <summary>ERR_NO_RESULT: no status; OrderModify with values equal to the present ones.</summary>
    public const int NoResult = 1;

    /// <summary>ERR_INVALID_TRADE_PARAMETERS.</summary>
    public const int InvalidParameters = 3;

    /// <summary>ERR_TOO_FREQUENT_REQUESTS.</summary>
    public const int TooFrequent = 8;

    /// <summary>ERR_TRADE_TIMEOUT: may still be executed.</summary>
    public const int Timeout = 128;

    /// <summary>ERR_INVALID_PRICE.</summary>
    public const int InvalidPrice = 129;

    /// <summary>ERR_INVALID_STOPS.</summary>
    public const int InvalidStops = 130;

    /// <summary>ERR_INVALID_TRADE_VOLUME.</summary>
    public const int InvalidVolume = 131;

    /// <summary>ERR_MARKET_CLOSED.</summary>
    public const int MarketClosed = 132;

    /// <summary>ERR_TRADE_DISABLED.</summary>
    public const int TradeDisabled = 133;

    /// <summary>ERR_NOT_ENOUGH_MONEY.</summary>
    public const int NotEnoughMoney = 134;

    /// <summary>ERR_OFF_QUOTES: no usable price, or the dealer refused.</summary>
    public const int OffQuotes = 136;

    /// <summary>ERR_REQUOTE.</summary>
    public const int Requote = 138;

    /// <summary>ERR_LONG_POSITIONS_ONLY_ALLOWED.</summary>
    public const int LongOnly = 140;

    /// <summary>ERR_TRADE_MODIFY_DENIED: inside the freeze level.</summary>
    public const int ModifyDenied = 145;

    /// <summary>ERR_TRADE_EXPIRATION_DENIED.</summary>
    public const int ExpirationDenied = 147;

    /// <summary>ERR_TRADE_TOO_MANY_ORDERS.</summary>
    public const int TooManyOrders = 148;

    /// <summary>ERR_TRADE_HEDGE_PROHIBITED.</summary>
    public const int HedgeProhibited = 149;

    /// <summary>ERR_TRADE_PROHIBITED_BY_FIFO.</summary>
    public const int Fifo = 150;

    /// <summary>ERR_UNKNOWN_SYMBOL.</summary>
    public const int UnknownSymbol = 4106;

    /// <summary>ERR_INVALID_TICKET: closed, partially closed to a new number, never there.</summary>
    public const int InvalidTicket = 4108;

    /// <summary>ERR_SHORTS_NOT_ALLOWED.</summary>
    public const int ShortsNotAllowed = 4111;

    internal static int Of(Verdict verdict) => verdict switch
    {
        Verdict.Ok => 0,
        Verdict.UnknownSymbol => UnknownSymbol,
        Verdict.MarketClosed => MarketClosed,
        Verdict.TradeDisabled or Verdict.CloseOnly => TradeDisabled,
        Verdict.NoQuotes or Verdict.Rejected => OffQuotes,
        Verdict.BadVolume or Verdict.BadCloseVolume or Verdict.VolumeLimit => InvalidVolume,
        Verdict.BadPrice => InvalidPrice,
        Verdict.PriceWrongSide or Verdict.BadStops or Verdict.StopsTooClose => InvalidStops,
        Verdict.NoMoney => NotEnoughMoney,
        Verdict.Frozen => ModifyDenied,
        Verdict.Fifo => Fifo,
        Verdict.HedgeProhibited => HedgeProhibited,
        Verdict.NotFound => InvalidTicket,
        Verdict.TooManyRequests => TooFrequent,
        Verdict.TooManyOrders or Verdict.TooManyPositions => TooManyOrders,
        Verdict.BadExpiry => ExpirationDenied,
        Verdict.NoChanges => NoResult,
        Verdict.Requote => Requote,
        Verdict.LongOnly => LongOnly,
        Verdict.ShortOnly => ShortsNotAllowed,
        Verdict.Timeout => Timeout,
        _ => InvalidParameters,
    };
}

namespace Lockstep.Simulator;

/// <summary>MT5's trade server return codes (reference: mt5-retcodes.tsv).</summary>
public static class Mt5Retcode
{
    /// <summary>TRADE_RETCODE_REQUOTE.</summary>
    public const int Requote = 10004;

    /// <summary>TRADE_RETCODE_REJECT.</summary>
    public const int Reject = 10006;

    /// <summary>TRADE_RETCODE_PLACED.</summary>
    public const int Placed = 10008;

    /// <summary>TRADE_RETCODE_DONE.</summary>
    public const int Done = 10009;

    /// <summary>TRADE_RETCODE_DONE_PARTIAL.</summary>
    public const int DonePartial = 10010;

    /// <summary>TRADE_RETCODE_TIMEOUT: may still arrive.</summary>
    public const int Timeout = 10012;

    /// <summary>TRADE_RETCODE_INVALID.</summary>
    public const int Invalid = 10013;

    /// <summary>TRADE_RETCODE_INVALID_VOLUME.</summary>
    public const int InvalidVolume = 10014;

    /// <summary>TRADE_RETCODE_INVALID_PRICE.</summary>
    public const int InvalidPrice = 10015;

    /// <summary>TRADE_RETCODE_INVALID_STOPS.</summary>
    public const int InvalidStops = 10016;

    /// <summary>TRADE_RETCODE_TRADE_DISABLED.</summary>
    public const int TradeDisabled = 10017;

    /// <summary>TRADE_RETCODE_MARKET_CLOSED.</summary>
    public const int MarketClosed = 10018;

    /// <summary>TRADE_RETCODE_NO_MONEY.</summary>
    public const int NoMoney = 10019;

    /// <summary>TRADE_RETCODE_PRICE_OFF.</summary>
    public const int PriceOff = 10021;

    /// <summary>TRADE_RETCODE_INVALID_EXPIRATION.</summary>
    public const int InvalidExpiration = 10022;

    /// <summary>TRADE_RETCODE_TOO_MANY_REQUESTS.</summary>
    public const int TooManyRequests = 10024;

    /// <summary>TRADE_RETCODE_NO_CHANGES.</summary>
    public const int NoChanges = 10025;

    /// <summary>TRADE_RETCODE_FROZEN.</summary>
    public const int Frozen = 10029;

    /// <summary>TRADE_RETCODE_INVALID_FILL.</summary>
    public const int InvalidFill = 10030;

    /// <summary>TRADE_RETCODE_LIMIT_ORDERS.</summary>
    public const int LimitOrders = 10033;

    /// <summary>TRADE_RETCODE_LIMIT_VOLUME.</summary>
    public const int LimitVolume = 10034;

    /// <summary>TRADE_RETCODE_POSITION_CLOSED.</summary>
    public const int PositionClosed = 10036;

    /// <summary>TRADE_RETCODE_INVALID_CLOSE_VOLUME.</summary>
    public const int InvalidCloseVolume = 10038;

    /// <summary>TRADE_RETCODE_LIMIT_POSITIONS.</summary>
    public const int LimitPositions = 10040;

    /// <summary>TRADE_RETCODE_LONG_ONLY.</summary>
    public const int LongOnly = 10042;

    /// <summary>TRADE_RETCODE_SHORT_ONLY.</summary>
    public const int ShortOnly = 10043;

    /// <summary>TRADE_RETCODE_CLOSE_ONLY.</summary>
    public const int CloseOnly = 10044;

    /// <summary>TRADE_RETCODE_FIFO_CLOSE.</summary>
    public const int FifoClose = 10045;

    /// <summary>TRADE_RETCODE_HEDGE_PROHIBITED.</summary>
    public const int HedgeProhibited = 10046;

    /// <summary>ERR_MARKET_UNKNOWN_SYMBOL, as GetLastError.</summary>
    public const int UnknownSymbol = 4301;

    /// <summary>ERR_TRADE_ORDER_NOT_FOUND, as GetLastError.</summary>
    public const int OrderNotFound = 4754;

    internal static int Of(Verdict verdict) => verdict switch
    {
        Verdict.Ok => Done,
        Verdict.MarketClosed => MarketClosed,
        Verdict.TradeDisabled => TradeDisabled,
        Verdict.NoQuotes => PriceOff,
        Verdict.BadVolume => InvalidVolume,
        Verdict.BadPrice or Verdict.PriceWrongSide => InvalidPrice,
        Verdict.BadStops or Verdict.StopsTooClose => InvalidStops,
        Verdict.NoMoney => NoMoney,
        Verdict.Frozen => Frozen,
        Verdict.Fifo => FifoClose,
        Verdict.HedgeProhibited => HedgeProhibited,
        Verdict.NotFound => PositionClosed,
        Verdict.BadCloseVolume => InvalidCloseVolume,
        Verdict.TooManyRequests => TooManyRequests,
        Verdict.TooManyOrders => LimitOrders,
        Verdict.TooManyPositions => LimitPositions,
        Verdict.VolumeLimit => LimitVolume,
        Verdict.BadExpiry => InvalidExpiration,
        Verdict.BadFilling => InvalidFill,
        Verdict.NoChanges => NoChanges,
        Verdict.Requote => Requote,
        Verdict.Rejected => Reject,
        Verdict.LongOnly => LongOnly,
        Verdict.ShortOnly => ShortOnly,
        Verdict.CloseOnly => CloseOnly,
        Verdict.Timeout => Timeout,
        _ => Invalid,
    };
}

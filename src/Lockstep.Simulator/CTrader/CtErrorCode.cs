namespace Lockstep.Simulator;

/// <summary>cTrader's error codes; they travel as strings (reference: ctrader.md §7).</summary>
public static class CtErrorCode
{
    /// <summary>The position is not there.</summary>
    public const string PositionNotFound = "POSITION_NOT_FOUND";

    /// <summary>The order is not there.</summary>
    public const string OrderNotFound = "ORDER_NOT_FOUND";

    /// <summary>Volume below minimum, above maximum or off the step; the text is in units.</summary>
    public const string BadVolume = "TRADING_BAD_VOLUME";

    /// <summary>SL or TP on the wrong side.</summary>
    public const string BadStops = "TRADING_BAD_STOPS";

    /// <summary>Price on the wrong side or with too many digits.</summary>
    public const string BadPrices = "TRADING_BAD_PRICES";

    /// <summary>SL or TP too near.</summary>
    public const string TooClose = "PROTECTION_IS_TOO_CLOSE_TO_MARKET";

    /// <summary>Margin.</summary>
    public const string NotEnoughMoney = "NOT_ENOUGH_MONEY";

    /// <summary>The account's access rights do not allow it.</summary>
    public const string TradingNotAllowed = "TRADING_NOT_ALLOWED";

    /// <summary>No trading session.</summary>
    public const string MarketClosed = "MARKET_CLOSED";

    /// <summary>The request is wrong.</summary>
    public const string InvalidRequest = "INVALID_REQUEST";

    /// <summary>No answer in time.</summary>
    public const string Timeout = "TIMEOUT_ERROR";

    /// <summary>Refused after acceptance.</summary>
    public const string OrderRejected = "ORDER_REJECTED";

    internal static string Of(Verdict verdict) => verdict switch
    {
        Verdict.UnknownSymbol => "SYMBOL_NOT_FOUND",
        Verdict.MarketClosed => MarketClosed,
        Verdict.TradeDisabled or Verdict.CloseOnly or Verdict.ShortOnly => "TRADING_DISABLED",
        Verdict.NoQuotes => "NO_QUOTES",
        Verdict.BadVolume or Verdict.BadCloseVolume => BadVolume,
        Verdict.BadPrice or Verdict.PriceWrongSide => BadPrices,
        Verdict.BadStops => BadStops,
        Verdict.StopsTooClose => TooClose,
        Verdict.NoMoney => NotEnoughMoney,
        Verdict.NotFound => PositionNotFound,
        Verdict.TooManyRequests => "REQUEST_FREQUENCY_EXCEEDED",
        Verdict.TooManyOrders or Verdict.TooManyPositions => "TOO_MANY_POSITIONS",
        Verdict.VolumeLimit => "MAX_EXPOSURE_REACHED",
        Verdict.BadExpiry => "TRADING_BAD_EXPIRATION_DATE",
        Verdict.LongOnly => "SHORT_SELLING_NOT_ALLOWED",
        Verdict.Rejected or Verdict.Requote => OrderRejected,
        Verdict.Timeout => Timeout,
        _ => InvalidRequest,
    };
}

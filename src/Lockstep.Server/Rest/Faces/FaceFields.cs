using Lockstep.Server.Configuration;

namespace Lockstep.Server.Rest.Faces;

/// <summary>The fields of the faces, each with all its names.</summary>
internal static class FaceFields
{
    private static readonly TextShape NameText = new("^[A-Za-z0-9._-]{0,64}$", "the name, the UUID or the login of an account");
    private static readonly NumberShape Whole = new(9_007_199_254_740_991m, Above: 0m, Whole: true);
    private static readonly NumberOrTextShape Id = new(Whole, new TextShape("^[1-9][0-9]{0,15}$", "the same as text"));
    private static readonly NumberShape PriceOrNone = new(1_000_000_000m, Min: 0m);
    private static readonly NumberShape Volume = new(1_000_000m, Above: 0m);

    /// <summary>Who the account is, as programs of the MT5 service say it.</summary>
    public static readonly FaceField Internal = new("internal_account_id", NameText, "The account's UUID or name.");

    /// <summary>Who the account is: name or UUID, or the login at the broker.</summary>
    public static readonly FaceField Account = new("account_id", new NumberOrTextShape(Whole, NameText), "The account's login at the broker, or its UUID or name.");

    /// <summary>The broker's server; together with a login it names an account.</summary>
    public static readonly FaceField Server = new("broker_server", new TextShape("^.{0,128}$", "the name of a broker's server"), "The broker's server.");

    /// <summary>The key, where programs have a field for a password and none for a key.</summary>
    public static readonly FaceField Password = new("password", new TextShape("^.{0,512}$", "text"), "The key, where no header carries one; otherwise it is not looked at.");

    /// <summary>The client's own id.</summary>
    public static readonly FaceField ClientId = new("client_order_id", new TextShape("^[!-~]{0,64}$", "up to 64 printable ASCII characters without spaces"), "The client's own id of the request; the header Idempotency-Key says the same.");

    /// <summary>A symbol.</summary>
    public static readonly FaceField Symbol = new("symbol", CommonShapes.SymbolText, "The broker's name of the symbol.", "instrument_symbol");

    /// <summary>Lots.</summary>
    public static readonly FaceField Lots = new("lot_size", Volume, "Lots.", "lots", "volume", "volume_lots", "volumeLots", "lotSize");

    /// <summary>The side.</summary>
    public static readonly FaceField Direction = new("direction", new TextShape("^([Bb][Uu][Yy]|[Ss][Ee][Ll][Ll])$", "\"BUY\" or \"SELL\""), "The side.", "side");

    /// <summary>The kind of order.</summary>
    public static readonly FaceField OrderType = new(
        "order_type", new TextShape("^([Mm][Aa][Rr][Kk][Ee][Tt]|[Ll][Ii][Mm][Ii][Tt]|[Ss][Tt][Oo][Pp])$", "\"MARKET\", \"LIMIT\" or \"STOP\""), "The kind of order; MARKET when absent.", "orderType");

    /// <summary>How long a pending order stands.</summary>
    public static readonly FaceField TimeInForce = new(
        "time_in_force", new TextShape("^([Gg][Tt][Cc]|[Dd][Aa][Yy])$", "\"GTC\" or \"DAY\""), "Until when a pending order stands: until it is cancelled, or to the end of the broker's day.", "timeInForce");

    /// <summary>Price of a pending order.</summary>
    public static readonly FaceField Price = new("price", PriceOrNone, "Price of a pending order; a market order does not look at it. 0 counts as absent.", "limit_price", "limitPrice", "stop_price", "stopPrice");

    /// <summary>Stop loss.</summary>
    public static readonly FaceField StopLoss = new("stop_loss", PriceOrNone, "Stop loss; 0 = none.", "sl", "stopLoss");

    /// <summary>Take profit.</summary>
    public static readonly FaceField TakeProfit = new("take_profit", PriceOrNone, "Take profit; 0 = none.", "tp", "takeProfit");

    /// <summary>Stop loss as a distance.</summary>
    public static readonly FaceField StopDistance = new("sl_distance", PriceOrNone, "Distance of the stop loss in points, for market orders; 0 = none.", "slDistance");

    /// <summary>Take profit as a distance.</summary>
    public static readonly FaceField TakeDistance = new("tp_distance", PriceOrNone, "Distance of the take profit in points, for market orders; 0 = none.", "tpDistance");

    /// <summary>A position.</summary>
    public static readonly FaceField Position = new("position_id", Id, "The position.", "positionId", "position_ticket", "ticket");

    /// <summary>An order.</summary>
    public static readonly FaceField Order = new("order_id", Id, "The order.", "orderId", "order_ticket");

    /// <summary>Length of a candle.</summary>
    public static readonly FaceField Timeframe = new("timeframe", new ChoiceShape([.. Enum.GetNames<Domain.Timeframe>()]), "Length of a candle.");

    /// <summary>How many candles.</summary>
    public static readonly FaceField Count = new("count", new NumberShape(10_000m, Min: 1m, Whole: true), "How many candles, up to now.");

    /// <summary>From when.</summary>
    public static readonly FaceField Start = new("start_time", new MomentShape(), "From this moment on, UTC where no offset is given.", "start");

    /// <summary>To when.</summary>
    public static readonly FaceField End = new("end_time", new MomentShape(), "Up to this moment, UTC where no offset is given.", "end");

    /// <summary>What some programs send along, for which nothing is done differently: every answer waits for what it tells.</summary>
    public static readonly FaceField Async = new("async", new TextShape("^[A-Za-z0-9]{0,8}$", "1 or true"), "Taken and not looked at.");

    /// <summary>Who the account is, in a body.</summary>
    public static IReadOnlyList<FaceField> Login => [Internal, Account, Server, Password];

    /// <summary>Who the account is, in a query.</summary>
    public static IReadOnlyList<FaceField> Named => [Account, Internal, Async];

    /// <summary>A form of who the account is and more.</summary>
    public static FaceForm Form(string name, params IEnumerable<FaceField> more) => new(name, [.. Login, .. more]);

    /// <summary>A query of which account and more.</summary>
    public static FaceForm Query(string name, params IEnumerable<FaceField> more) => new(name, [.. Named, .. more]);
}

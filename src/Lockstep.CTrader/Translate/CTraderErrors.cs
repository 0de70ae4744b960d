using System.Collections.Frozen;
using Lockstep.Domain;

namespace Lockstep.CTrader.Translate;

/// <summary>What kind of trouble an error code stands for (contracts/ctrader/open-api.tsv, <c>class=</c>).</summary>
public enum CTraderErrorClass
{
    /// <summary>Says nothing.</summary>
    Unknown = 0,

    /// <summary>An order is refused for good.</summary>
    Order,

    /// <summary>An order is refused; a moment later it may be taken.</summary>
    OrderRetry,

    /// <summary>The request is wrong: ours, or the moment's.</summary>
    OrderBug,

    /// <summary>Nobody knows whether it happened.</summary>
    Ambiguous,

    /// <summary>The request found no way.</summary>
    Connection,

    /// <summary>The broker's server cannot serve now.</summary>
    Retry,

    /// <summary>Too many requests or connections.</summary>
    Rate,

    /// <summary>Application, account or token must be authorised again.</summary>
    Reauth,

    /// <summary>The account cannot be served.</summary>
    FatalAccount,

    /// <summary>The application cannot be served.</summary>
    FatalApp,

    /// <summary>The server does not understand us.</summary>
    Fatal,

    /// <summary>What was asked for is so already.</summary>
    Benign,

    /// <summary>Our mistake.</summary>
    Bug,
}

/// <summary>An error code, and what it means as the answer to an order.</summary>
/// <param name="Code">The string as it travels.</param>
/// <param name="Class">Its kind.</param>
/// <param name="Outcome">The end of an order that it stands for.</param>
/// <param name="Refusal">Why, in the one vocabulary.</param>
public readonly record struct CTraderError(string Code, CTraderErrorClass Class, OrderOutcome Outcome, Refusal Refusal);

/// <summary>
/// cTrader's error codes: the 54 of the table and those that servers were seen to send besides (guide §7). A code that says nothing about an order, and one that has no row, is
/// unknown: it is no evidence that nothing happened.
/// </summary>
public static class CTraderErrors
{
    private static readonly FrozenDictionary<string, CTraderError> Table = Rows().ToFrozenDictionary(row => row.Code, StringComparer.Ordinal);

    /// <summary>Every row.</summary>
    public static IReadOnlyList<CTraderError> All { get; } = Rows();

    /// <summary>True when the code has a row.</summary>
    public static bool IsKnown(string code) => Table.ContainsKey(code);

    /// <summary>What a code means; <paramref name="text"/> is the description that came with it.</summary>
    public static CTraderError Of(string code, string text = "")
    {
        ArgumentNullException.ThrowIfNull(text);
        var row = Table.TryGetValue(code, out var known) ? known : new CTraderError(code, CTraderErrorClass.Unknown, OrderOutcome.Unknown, Refusal.Other);

        // A request before account authentication, or after it was lost, is answered so (guide §4): the server did not look at the order.
        return code == "INVALID_REQUEST" && text.Contains("not authorized", StringComparison.OrdinalIgnoreCase)
            ? row with { Class = CTraderErrorClass.Reauth, Refusal = Refusal.NotSent }
            : row;
    }

    private static CTraderError No(string code, CTraderErrorClass kind, Refusal refusal) => new(code, kind, OrderOutcome.Refused, refusal);

    private static CTraderError Open(string code, CTraderErrorClass kind) => new(code, kind, OrderOutcome.Unknown, Refusal.Other);

    private static CTraderError[] Rows() =>
    [
        Open("UNKNOWN_ERROR", CTraderErrorClass.Unknown),
        No("UNSUPPORTED_MESSAGE", CTraderErrorClass.Fatal, Refusal.InvalidRequest),
        No("INVALID_REQUEST", CTraderErrorClass.OrderBug, Refusal.InvalidRequest),
        Open("TIMEOUT_ERROR", CTraderErrorClass.Ambiguous),
        No("ENTITY_NOT_FOUND", CTraderErrorClass.Order, Refusal.NotFound),

        // Whether the request got as far as the broker is not said.
        Open("CANT_ROUTE_REQUEST", CTraderErrorClass.Connection),
        No("FRAME_TOO_LONG", CTraderErrorClass.Fatal, Refusal.InvalidRequest),
        No("MARKET_CLOSED", CTraderErrorClass.Order, Refusal.MarketClosed),
        No("CONCURRENT_MODIFICATION", CTraderErrorClass.OrderRetry, Refusal.Busy),
        No("BLOCKED_PAYLOAD_TYPE", CTraderErrorClass.Rate, Refusal.TooManyRequests),

        No("OA_AUTH_TOKEN_EXPIRED", CTraderErrorClass.Reauth, Refusal.NotSent),
        No("ACCOUNT_NOT_AUTHORIZED", CTraderErrorClass.Reauth, Refusal.NotSent),
        No("RET_NO_SUCH_LOGIN", CTraderErrorClass.FatalAccount, Refusal.TradeDisabled),
        Open("ALREADY_LOGGED_IN", CTraderErrorClass.Benign),
        No("RET_ACCOUNT_DISABLED", CTraderErrorClass.FatalAccount, Refusal.TradeDisabled),
        No("CH_CLIENT_AUTH_FAILURE", CTraderErrorClass.FatalApp, Refusal.NotSent),
        No("CH_CLIENT_NOT_AUTHENTICATED", CTraderErrorClass.Reauth, Refusal.NotSent),
        Open("CH_CLIENT_ALREADY_AUTHENTICATED", CTraderErrorClass.Benign),
        No("CH_ACCESS_TOKEN_INVALID", CTraderErrorClass.Reauth, Refusal.NotSent),
        Open("CH_SERVER_NOT_REACHABLE", CTraderErrorClass.Retry),
        No("CH_CTID_TRADER_ACCOUNT_NOT_FOUND", CTraderErrorClass.FatalAccount, Refusal.TradeDisabled),
        No("CH_OA_CLIENT_NOT_FOUND", CTraderErrorClass.FatalApp, Refusal.NotSent),
        No("REQUEST_FREQUENCY_EXCEEDED", CTraderErrorClass.Rate, Refusal.TooManyRequests),
        Open("SERVER_IS_UNDER_MAINTENANCE", CTraderErrorClass.Retry),
        No("CHANNEL_IS_BLOCKED", CTraderErrorClass.FatalAccount, Refusal.TradeDisabled),
        No("CONNECTIONS_LIMIT_EXCEEDED", CTraderErrorClass.Rate, Refusal.TooManyRequests),
        No("WORSE_GSL_NOT_ALLOWED", CTraderErrorClass.Order, Refusal.InvalidStops),
        No("SYMBOL_HAS_HOLIDAY", CTraderErrorClass.Order, Refusal.MarketClosed),
        No("NOT_SUBSCRIBED_TO_SPOTS", CTraderErrorClass.Bug, Refusal.InvalidRequest),
        Open("ALREADY_SUBSCRIBED", CTraderErrorClass.Benign),
        No("SYMBOL_NOT_FOUND", CTraderErrorClass.Order, Refusal.UnknownSymbol),
        No("UNKNOWN_SYMBOL", CTraderErrorClass.Order, Refusal.UnknownSymbol),
        No("INCORRECT_BOUNDARIES", CTraderErrorClass.Bug, Refusal.InvalidRequest),
        No("NO_QUOTES", CTraderErrorClass.OrderRetry, Refusal.NoQuotes),
        No("NOT_ENOUGH_MONEY", CTraderErrorClass.Order, Refusal.NoMoney),
        No("MAX_EXPOSURE_REACHED", CTraderErrorClass.Order, Refusal.NoMoney),
        No("POSITION_NOT_FOUND", CTraderErrorClass.Order, Refusal.NotFound),
        No("ORDER_NOT_FOUND", CTraderErrorClass.Order, Refusal.NotFound),
        No("POSITION_NOT_OPEN", CTraderErrorClass.Order, Refusal.NotFound),
        No("POSITION_LOCKED", CTraderErrorClass.OrderRetry, Refusal.Busy),
        No("TOO_MANY_POSITIONS", CTraderErrorClass.Order, Refusal.TooManyOrders),
        No("TRADING_BAD_VOLUME", CTraderErrorClass.Order, Refusal.InvalidVolume),
        No("TRADING_BAD_STOPS", CTraderErrorClass.Order, Refusal.InvalidStops),
        No("TRADING_BAD_PRICES", CTraderErrorClass.Order, Refusal.InvalidPrice),
        No("TRADING_BAD_STAKE", CTraderErrorClass.Order, Refusal.InvalidVolume),
        No("PROTECTION_IS_TOO_CLOSE_TO_MARKET", CTraderErrorClass.Order, Refusal.InvalidStops),
        No("TRADING_BAD_EXPIRATION_DATE", CTraderErrorClass.Order, Refusal.InvalidExpiry),
        No("PENDING_EXECUTION", CTraderErrorClass.OrderRetry, Refusal.Busy),
        No("TRADING_DISABLED", CTraderErrorClass.Order, Refusal.TradeDisabled),
        No("TRADING_NOT_ALLOWED", CTraderErrorClass.FatalAccount, Refusal.TradeDisabled),
        No("UNABLE_TO_CANCEL_ORDER", CTraderErrorClass.Order, Refusal.InvalidRequest),
        No("UNABLE_TO_AMEND_ORDER", CTraderErrorClass.Order, Refusal.InvalidRequest),
        No("SHORT_SELLING_NOT_ALLOWED", CTraderErrorClass.Order, Refusal.TradeDisabled),
        Open("NOT_SUBSCRIBED_TO_PNL", CTraderErrorClass.Benign),

        // In no enumeration, but seen (guide §7); the last two are execution types, for an event that brings no code.
        No("POSITION_NOT_FOUND_OR_NOT_OPENED", CTraderErrorClass.Order, Refusal.NotFound),
        No("ALREADY_CLOSED", CTraderErrorClass.Order, Refusal.NotFound),
        No("NO_ENOUGH_MONEY_TO_OPEN_POSITION", CTraderErrorClass.Order, Refusal.NoMoney),
        No("ORDER_REJECTED", CTraderErrorClass.Order, Refusal.Rejected),
        No("ORDER_CANCEL_REJECTED", CTraderErrorClass.Order, Refusal.Rejected),
    ];
}

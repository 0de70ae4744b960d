using System.Collections.Frozen;
using Lockstep.Domain;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Mt5;

/// <summary>
/// MT5's return codes and run-time errors (contracts/ea/mt5-retcodes.tsv, row by row). A row that says nothing about an order is unknown like a code that has no row: whatever
/// it was, it is no evidence that nothing happened.
/// </summary>
public static class Mt5Retcodes
{
    private static readonly FrozenDictionary<int, PlatformCode> Table = Rows().ToFrozenDictionary(row => row.Code);

    /// <summary>Every row.</summary>
    public static IReadOnlyList<PlatformCode> All { get; } = Rows();

    /// <summary>What a code means for an order of any kind.</summary>
    public static PlatformCode Of(int code) => Table.TryGetValue(code, out var row) ? row : PlatformCode.None(code);

    /// <summary>
    /// What a code means for an order of this kind that has this ticket (0 = none). 10008 (placed) is the usual success of a pending order that was sent synchronously, its ticket
    /// being the proof; without one, and for an order at market whose deal is still to come, it says that something is under way.
    /// </summary>
    public static PlatformCode Of(int code, WireDo what, long order)
    {
        var row = Of(code);
        return code == 10008 && what == WireDo.Place && order > 0 ? row with { Outcome = OrderOutcome.Done, Refusal = Refusal.None } : row;
    }

    private static PlatformCode[] Rows() =>
    [
        // The EA's own decisions have code 0; as a retcode it means that nothing was asked.
        new(0, "ERR_SUCCESS / OrderCheck success", OrderOutcome.Unknown, Refusal.Other, "no error; OrderCheck returns 0 for a valid request"),
        new(10004, "TRADE_RETCODE_REQUOTE", OrderOutcome.Refused, Refusal.PriceMoved, "price expired in instant/request execution; bid and ask of the offer are in the result"),
        new(10006, "TRADE_RETCODE_REJECT", OrderOutcome.Refused, Refusal.Rejected, "dealer or liquidity provider refused"),
        new(10007, "TRADE_RETCODE_CANCEL", OrderOutcome.Refused, Refusal.Rejected, "request cancelled by the trader"),
        // Sent, or placed: see the table's exceptions.
        new(10008, "TRADE_RETCODE_PLACED", OrderOutcome.Unknown, Refusal.Other, "order placed; for OrderSendAsync only means sent"),
        new(10009, "TRADE_RETCODE_DONE", OrderOutcome.Done, Refusal.None, "request completed"),
        new(10010, "TRADE_RETCODE_DONE_PARTIAL", OrderOutcome.Done, Refusal.None, "only part of the volume was filled"),
        // An error somewhere on the way: the order may have been made.
        new(10011, "TRADE_RETCODE_ERROR", OrderOutcome.Unknown, Refusal.Other, "request processing error"),
        new(10012, "TRADE_RETCODE_TIMEOUT", OrderOutcome.Unknown, Refusal.Other, "cancelled by timeout; may still arrive"),
        new(10013, "TRADE_RETCODE_INVALID", OrderOutcome.Refused, Refusal.InvalidRequest, "request structure not acceptable"),
        new(10014, "TRADE_RETCODE_INVALID_VOLUME", OrderOutcome.Refused, Refusal.InvalidVolume, "volume off min/max/step"),
        new(10015, "TRADE_RETCODE_INVALID_PRICE", OrderOutcome.Refused, Refusal.InvalidPrice, "price wrong side or not a multiple of tick size"),
        new(10016, "TRADE_RETCODE_INVALID_STOPS", OrderOutcome.Refused, Refusal.InvalidStops, "SL/TP/pending price too close or on the wrong side"),
        new(10017, "TRADE_RETCODE_TRADE_DISABLED", OrderOutcome.Refused, Refusal.TradeDisabled, "trading disabled (account or symbol)"),
        new(10018, "TRADE_RETCODE_MARKET_CLOSED", OrderOutcome.Refused, Refusal.MarketClosed, "session closed"),
        new(10019, "TRADE_RETCODE_NO_MONEY", OrderOutcome.Refused, Refusal.NoMoney, "margin not sufficient"),
        new(10020, "TRADE_RETCODE_PRICE_CHANGED", OrderOutcome.Refused, Refusal.PriceMoved, "prices changed"),
        new(10021, "TRADE_RETCODE_PRICE_OFF", OrderOutcome.Refused, Refusal.NoQuotes, "no quotes to fill the request"),
        new(10022, "TRADE_RETCODE_INVALID_EXPIRATION", OrderOutcome.Refused, Refusal.InvalidExpiry, "expiry not allowed or in the past (server time)"),
        // The order changed while it was asked for: look and decide again.
        new(10023, "TRADE_RETCODE_ORDER_CHANGED", OrderOutcome.Refused, Refusal.Busy, "order state changed meanwhile"),
        new(10024, "TRADE_RETCODE_TOO_MANY_REQUESTS", OrderOutcome.Refused, Refusal.TooManyRequests, "too frequent"),
        // It is already as it should be.
        new(10025, "TRADE_RETCODE_NO_CHANGES", OrderOutcome.Done, Refusal.None, "request equals current state"),
        new(10026, "TRADE_RETCODE_SERVER_DISABLES_AT", OrderOutcome.Refused, Refusal.TradeDisabled, "broker forbids automated trading"),
        new(10027, "TRADE_RETCODE_CLIENT_DISABLES_AT", OrderOutcome.Refused, Refusal.TradeDisabled, "Algo Trading button or EA permission is off"),
        // In processing: the goal may be met already.
        new(10028, "TRADE_RETCODE_LOCKED", OrderOutcome.Unknown, Refusal.Other, "request locked for processing"),
        new(10029, "TRADE_RETCODE_FROZEN", OrderOutcome.Refused, Refusal.Frozen, "order or position inside the freeze level"),
        new(10030, "TRADE_RETCODE_INVALID_FILL", OrderOutcome.Refused, Refusal.InvalidRequest, "filling mode not allowed for symbol/execution mode"),
        // Down before the call or lost in it: the code does not say which.
        new(10031, "TRADE_RETCODE_CONNECTION", OrderOutcome.Unknown, Refusal.Other, "terminal has no link to the trade server"),
        new(10032, "TRADE_RETCODE_ONLY_REAL", OrderOutcome.Refused, Refusal.TradeDisabled, "allowed on live accounts only"),
        new(10033, "TRADE_RETCODE_LIMIT_ORDERS", OrderOutcome.Refused, Refusal.TooManyOrders, "pending order count limit (ACCOUNT_LIMIT_ORDERS)"),
        new(10034, "TRADE_RETCODE_LIMIT_VOLUME", OrderOutcome.Refused, Refusal.InvalidVolume, "volume limit of orders and positions on the symbol (SYMBOL_VOLUME_LIMIT)"),
        new(10035, "TRADE_RETCODE_INVALID_ORDER", OrderOutcome.Refused, Refusal.InvalidRequest, "order type wrong or forbidden (SYMBOL_ORDER_MODE)"),
        // Refused, as this order did nothing: that the goal is met is seen from the position being gone.
        new(10036, "TRADE_RETCODE_POSITION_CLOSED", OrderOutcome.Refused, Refusal.NotFound, "position already closed"),
        new(10038, "TRADE_RETCODE_INVALID_CLOSE_VOLUME", OrderOutcome.Refused, Refusal.InvalidVolume, "close volume larger than the position"),
        // Another closing order works: this one did nothing, that one may.
        new(10039, "TRADE_RETCODE_CLOSE_ORDER_EXIST", OrderOutcome.Unknown, Refusal.Other, "a close order for the position already exists"),
        new(10040, "TRADE_RETCODE_LIMIT_POSITIONS", OrderOutcome.Refused, Refusal.TooManyOrders, "open position count limit (on hedging pending orders count too)"),
        new(10041, "TRADE_RETCODE_REJECT_CANCEL", OrderOutcome.Refused, Refusal.Rejected, "activation of the pending order refused, order cancelled"),
        new(10042, "TRADE_RETCODE_LONG_ONLY", OrderOutcome.Refused, Refusal.TradeDisabled, "symbol is long only"),
        new(10043, "TRADE_RETCODE_SHORT_ONLY", OrderOutcome.Refused, Refusal.TradeDisabled, "symbol is short only"),
        new(10044, "TRADE_RETCODE_CLOSE_ONLY", OrderOutcome.Refused, Refusal.TradeDisabled, "symbol is close only"),
        new(10045, "TRADE_RETCODE_FIFO_CLOSE", OrderOutcome.Refused, Refusal.FifoOrder, "account flag demands oldest-first closing"),
        new(10046, "TRADE_RETCODE_HEDGE_PROHIBITED", OrderOutcome.Refused, Refusal.HedgeProhibited, "opposite position not allowed on this hedging account"),
        new(4001, "ERR_INTERNAL_ERROR", OrderOutcome.Unknown, Refusal.Other, "terminal internal error"),
        new(4002, "ERR_WRONG_INTERNAL_PARAMETER", OrderOutcome.Unknown, Refusal.Other, "wrong parameter in an inner call"),
        new(4003, "ERR_INVALID_PARAMETER", OrderOutcome.Unknown, Refusal.Other, "wrong parameter in a system call"),
        new(4004, "ERR_NOT_ENOUGH_MEMORY", OrderOutcome.Unknown, Refusal.Other, "out of memory"),
        new(4006, "ERR_INVALID_ARRAY", OrderOutcome.Unknown, Refusal.Other, "array wrong type/size"),
        new(4007, "ERR_ARRAY_RESIZE_ERROR", OrderOutcome.Unknown, Refusal.Other, "resize failed or static array"),
        new(4009, "ERR_NOTINITIALIZED_STRING", OrderOutcome.Unknown, Refusal.Other, "string never set"),
        new(4012, "ERR_INVALID_POINTER", OrderOutcome.Unknown, Refusal.Other, "pointer not valid"),
        new(4014, "ERR_FUNCTION_NOT_ALLOWED", OrderOutcome.Unknown, Refusal.Other, "function not allowed here: sockets in indicators, or address missing from the allowed list"),
        new(4022, "ERR_PROGRAM_STOPPED", OrderOutcome.Unknown, Refusal.Other, "program asked to stop"),
        new(4024, "ERR_INVALID_HANDLE", OrderOutcome.Unknown, Refusal.Other, "handle not valid"),
        new(4108, "ERR_CHART_CANNOT_CREATE_TIMER", OrderOutcome.Unknown, Refusal.Other, "timer not created"),
        new(4301, "ERR_MARKET_UNKNOWN_SYMBOL", OrderOutcome.Refused, Refusal.UnknownSymbol, "symbol unknown"),
        new(4302, "ERR_MARKET_NOT_SELECTED", OrderOutcome.Refused, Refusal.UnknownSymbol, "symbol not in Market Watch"),
        new(4303, "ERR_MARKET_WRONG_PROPERTY", OrderOutcome.Unknown, Refusal.Other, "wrong symbol property id"),
        new(4304, "ERR_MARKET_LASTTIME_UNKNOWN", OrderOutcome.Unknown, Refusal.Other, "no ticks yet"),
        new(4305, "ERR_MARKET_SELECT_ERROR", OrderOutcome.Unknown, Refusal.Other, "could not add/remove symbol"),
        new(4306, "ERR_MARKET_SELECT_LIMIT", OrderOutcome.Unknown, Refusal.Other, "Market Watch symbol limit"),
        new(4307, "ERR_MARKET_SESSION_INDEX", OrderOutcome.Unknown, Refusal.Other, "session index does not exist"),
        new(4401, "ERR_HISTORY_NOT_FOUND", OrderOutcome.Unknown, Refusal.Other, "history not found"),
        new(4402, "ERR_HISTORY_WRONG_PROPERTY", OrderOutcome.Unknown, Refusal.Other, "wrong history property id"),
        new(4403, "ERR_HISTORY_TIMEOUT", OrderOutcome.Unknown, Refusal.Other, "history request timeout"),
        new(4404, "ERR_HISTORY_BARS_LIMIT", OrderOutcome.Unknown, Refusal.Other, "bars limited by terminal setting"),
        new(4405, "ERR_HISTORY_LOAD_ERRORS", OrderOutcome.Unknown, Refusal.Other, "repeated load errors"),
        new(4407, "ERR_HISTORY_SMALL_BUFFER", OrderOutcome.Unknown, Refusal.Other, "receiving array too small"),
        new(4501, "ERR_GLOBALVARIABLE_NOT_FOUND", OrderOutcome.Unknown, Refusal.Other, "terminal global variable missing"),
        new(4503, "ERR_GLOBALVARIABLE_NOT_MODIFIED", OrderOutcome.Unknown, Refusal.Other, "global variable not changed"),
        new(4504, "ERR_GLOBALVARIABLE_CANNOTREAD", OrderOutcome.Unknown, Refusal.Other, "cannot read global variable file"),
        new(4505, "ERR_GLOBALVARIABLE_CANNOTWRITE", OrderOutcome.Unknown, Refusal.Other, "cannot write global variable file"),
        new(4701, "ERR_ACCOUNT_WRONG_PROPERTY", OrderOutcome.Unknown, Refusal.Other, "wrong account property id"),
        new(4751, "ERR_TRADE_WRONG_PROPERTY", OrderOutcome.Unknown, Refusal.Other, "wrong trade property id"),
        new(4752, "ERR_TRADE_DISABLED", OrderOutcome.Refused, Refusal.TradeDisabled, "trading by EAs prohibited"),
        new(4753, "ERR_TRADE_POSITION_NOT_FOUND", OrderOutcome.Refused, Refusal.NotFound, "position not found"),
        new(4754, "ERR_TRADE_ORDER_NOT_FOUND", OrderOutcome.Refused, Refusal.NotFound, "order not found"),
        new(4755, "ERR_TRADE_DEAL_NOT_FOUND", OrderOutcome.Unknown, Refusal.Other, "deal not found in the selected history"),
        // OrderSend returned false without a retcode: the request was not fit to send.
        new(4756, "ERR_TRADE_SEND_FAILED", OrderOutcome.Refused, Refusal.InvalidRequest, "OrderSend returned false; the reason is in result.retcode"),
        new(4758, "ERR_TRADE_CALC_FAILED", OrderOutcome.Unknown, Refusal.Other, "profit/margin calculation failed"),
        new(4901, "ERR_BOOKS_CANNOT_ADD", OrderOutcome.Unknown, Refusal.Other, "market depth subscription failed"),
        new(4904, "ERR_BOOKS_CANNOT_SUBSCRIBE", OrderOutcome.Unknown, Refusal.Other, "market depth subscribe error"),
        new(5001, "ERR_TOO_MANY_FILES", OrderOutcome.Unknown, Refusal.Other, "more than 64 files open"),
        new(5002, "ERR_WRONG_FILENAME", OrderOutcome.Unknown, Refusal.Other, "bad file name"),
        new(5003, "ERR_TOO_LONG_FILENAME", OrderOutcome.Unknown, Refusal.Other, "file name too long"),
        new(5004, "ERR_CANNOT_OPEN_FILE", OrderOutcome.Unknown, Refusal.Other, "cannot open file or pipe"),
        new(5006, "ERR_CANNOT_DELETE_FILE", OrderOutcome.Unknown, Refusal.Other, "cannot delete"),
        new(5007, "ERR_INVALID_FILEHANDLE", OrderOutcome.Unknown, Refusal.Other, "handle closed"),
        new(5008, "ERR_WRONG_FILEHANDLE", OrderOutcome.Unknown, Refusal.Other, "wrong handle"),
        new(5015, "ERR_FILE_READERROR", OrderOutcome.Unknown, Refusal.Other, "read error"),
        new(5019, "ERR_FILE_NOT_EXIST", OrderOutcome.Unknown, Refusal.Other, "file missing"),
        new(5020, "ERR_FILE_CANNOT_REWRITE", OrderOutcome.Unknown, Refusal.Other, "cannot rewrite"),
        new(5022, "ERR_DIRECTORY_NOT_EXIST", OrderOutcome.Unknown, Refusal.Other, "folder missing"),
        new(5026, "ERR_FILE_WRITEERROR", OrderOutcome.Unknown, Refusal.Other, "write error"),
        new(5035, "ERR_STRING_SMALL_LEN", OrderOutcome.Unknown, Refusal.Other, "string shorter than expected"),
        new(5040, "ERR_WRONG_STRING_PARAMETER", OrderOutcome.Unknown, Refusal.Other, "damaged string parameter"),
        new(5050, "ERR_INCOMPATIBLE_ARRAYS", OrderOutcome.Unknown, Refusal.Other, "array types differ"),
        new(5052, "ERR_SMALL_ARRAY", OrderOutcome.Unknown, Refusal.Other, "start position outside array"),
        new(5120, "ERR_DATABASE_INTERNAL", OrderOutcome.Unknown, Refusal.Other, "SQLite internal error"),
        new(5123, "ERR_DATABASE_CONNECT", OrderOutcome.Unknown, Refusal.Other, "cannot open SQLite file"),
        new(5126, "ERR_DATABASE_NO_MORE_DATA", OrderOutcome.Unknown, Refusal.Other, "no more rows"),
        new(5200, "ERR_WEBREQUEST_INVALID_ADDRESS", OrderOutcome.Unknown, Refusal.Other, "URL not valid"),
        new(5201, "ERR_WEBREQUEST_CONNECT_FAILED", OrderOutcome.Unknown, Refusal.Other, "host not reachable"),
        new(5202, "ERR_WEBREQUEST_TIMEOUT", OrderOutcome.Unknown, Refusal.Other, "HTTP timeout (EA blocked meanwhile)"),
        new(5203, "ERR_WEBREQUEST_REQUEST_FAILED", OrderOutcome.Unknown, Refusal.Other, "HTTP failed"),
        new(5270, "ERR_NETSOCKET_INVALIDHANDLE", OrderOutcome.Unknown, Refusal.Other, "socket handle not valid"),
        new(5271, "ERR_NETSOCKET_TOO_MANY_OPENED", OrderOutcome.Unknown, Refusal.Other, "128 sockets already open in this program"),
        new(5272, "ERR_NETSOCKET_CANNOT_CONNECT", OrderOutcome.Unknown, Refusal.Other, "connect failed (down, DNS, firewall)"),
        new(5273, "ERR_NETSOCKET_IO_ERROR", OrderOutcome.Unknown, Refusal.Other, "send/receive failed; the connection is gone, the buffer may still hold bytes read before"),
        new(5274, "ERR_NETSOCKET_HANDSHAKE_FAILED", OrderOutcome.Unknown, Refusal.Other, "TLS handshake failed (protocol, name, untrusted root)"),
        new(5275, "ERR_NETSOCKET_NO_CERTIFICATE", OrderOutcome.Unknown, Refusal.Other, "no certificate data: link is not TLS"),
        new(5601, "ERR_DATABASE_ERROR", OrderOutcome.Unknown, Refusal.Other, "generic SQLite error"),
        new(5605, "ERR_DATABASE_BUSY", OrderOutcome.Unknown, Refusal.Other, "SQLite file locked"),
        new(5611, "ERR_DATABASE_CORRUPT", OrderOutcome.Unknown, Refusal.Other, "SQLite file corrupt"),
        new(5613, "ERR_DATABASE_FULL", OrderOutcome.Unknown, Refusal.Other, "disk full"),
        new(65536, "ERR_USER_ERROR_FIRST", OrderOutcome.Unknown, Refusal.Other, "first user-defined error"),
    ];
}

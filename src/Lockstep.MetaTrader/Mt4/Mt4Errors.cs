using System.Collections.Frozen;
using Lockstep.Domain;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Mt4;

/// <summary>
/// MT4's error numbers (contracts/ea/mt4-errors.tsv, row by row): GetLastError after a trade call. A row that says nothing about an order is unknown like a code that has no row:
/// whatever it was, it is no evidence that nothing happened.
/// </summary>
public static class Mt4Errors
{
    private static readonly FrozenDictionary<int, PlatformCode> Table = Rows().ToFrozenDictionary(row => row.Code);

    /// <summary>Every row.</summary>
    public static IReadOnlyList<PlatformCode> All { get; } = Rows();

    /// <summary>What a number means for an order of any kind.</summary>
    public static PlatformCode Of(int code) => Table.TryGetValue(code, out var row) ? row : PlatformCode.None(code);

    /// <summary>
    /// What a number means for an order of this kind. Two rows depend on it. 129 (invalid price) is a broken request for a pending order and a moved market for one at market:
    /// the price was right when it was read. 136 (off quotes) refuses what opens; for a close or delete it is known to be said of orders that are then carried out.
    /// </summary>
    public static PlatformCode Of(int code, WireDo what)
    {
        var row = Of(code);
        return (code, what) switch
        {
            (129, WireDo.Open or WireDo.Reduce or WireDo.CloseBy) => row with { Refusal = Refusal.PriceMoved },
            (136, WireDo.Reduce or WireDo.CloseBy or WireDo.Cancel) => row with { Outcome = OrderOutcome.Unknown, Refusal = Refusal.Other },
            _ => row,
        };
    }

    private static PlatformCode[] Rows() =>
    [
        new(0, "ERR_NO_ERROR", OrderOutcome.Done, Refusal.None, "call succeeded"),
        // Nobody knows by the code alone. After a change to what is already so it is the usual answer; the EA then reads the order again and answers 0, "already".
        new(1, "ERR_NO_RESULT", OrderOutcome.Unknown, Refusal.Other, "server gave no status; typically OrderModify with values equal to the current ones, rarely a server switch during the call"),
        new(2, "ERR_COMMON_ERROR", OrderOutcome.Unknown, Refusal.Other, "generic server-side failure, includes a trade server that vanished mid-request"),
        new(3, "ERR_INVALID_TRADE_PARAMETERS", OrderOutcome.Refused, Refusal.InvalidRequest, "bad argument: symbol, operation, slippage or a ticket that no longer exists or is closed"),
        new(4, "ERR_SERVER_BUSY", OrderOutcome.Refused, Refusal.Busy, "trade server overloaded"),
        new(5, "ERR_OLD_VERSION", OrderOutcome.Refused, Refusal.TradeDisabled, "terminal build no longer accepted by the server"),
        // Down before the call or lost in it: the code does not say which. The EA answers "offline" by itself when it knew before.
        new(6, "ERR_NO_CONNECTION", OrderOutcome.Unknown, Refusal.Other, "terminal is not connected to the trade server"),
        new(7, "ERR_NOT_ENOUGH_RIGHTS", OrderOutcome.Refused, Refusal.TradeDisabled, "account may not do this (investor password or right removed)"),
        new(8, "ERR_TOO_FREQUENT_REQUESTS", OrderOutcome.Refused, Refusal.TooManyRequests, "request rate above what the server tolerates"),
        // Would break the server's state: the request is wrong, and stays so.
        new(9, "ERR_MALFUNCTIONAL_TRADE", OrderOutcome.Refused, Refusal.InvalidRequest, "operation would break the server state"),
        new(64, "ERR_ACCOUNT_DISABLED", OrderOutcome.Refused, Refusal.TradeDisabled, "account is blocked"),
        new(65, "ERR_INVALID_ACCOUNT", OrderOutcome.Refused, Refusal.TradeDisabled, "account number unknown to the server"),
        new(128, "ERR_TRADE_TIMEOUT", OrderOutcome.Unknown, Refusal.Other, "no answer in time; the request may still be executed later"),
        // For a pending order; for one at market see the table's exceptions.
        new(129, "ERR_INVALID_PRICE", OrderOutcome.Refused, Refusal.InvalidPrice, "price not normalised, wrong side, or market moved away"),
        new(130, "ERR_INVALID_STOPS", OrderOutcome.Refused, Refusal.InvalidStops, "stop, limit or pending price too close, wrong side or not normalised; can occur with MODE_STOPLEVEL=0 when the level floats"),
        new(131, "ERR_INVALID_TRADE_VOLUME", OrderOutcome.Refused, Refusal.InvalidVolume, "lots below min, above max or off the step"),
        new(132, "ERR_MARKET_CLOSED", OrderOutcome.Refused, Refusal.MarketClosed, "no trading session now"),
        new(133, "ERR_TRADE_DISABLED", OrderOutcome.Refused, Refusal.TradeDisabled, "trading disabled for symbol or account (also short daily breaks)"),
        new(134, "ERR_NOT_ENOUGH_MONEY", OrderOutcome.Refused, Refusal.NoMoney, "free margin too small"),
        new(135, "ERR_PRICE_CHANGED", OrderOutcome.Refused, Refusal.PriceMoved, "quote moved during instant execution"),
        // For an opening order; for the others see the table's exceptions.
        new(136, "ERR_OFF_QUOTES", OrderOutcome.Refused, Refusal.NoQuotes, "no usable price: stale feed, session edge, dealer refusal; on delete or close-by it can mean the order is being processed"),
        new(137, "ERR_BROKER_BUSY", OrderOutcome.Refused, Refusal.Busy, "dealer queue full; some brokers use it to block automated trading only"),
        new(138, "ERR_REQUOTE", OrderOutcome.Refused, Refusal.PriceMoved, "requested price expired, new prices offered"),
        // In processing: the goal may be met already.
        new(139, "ERR_ORDER_LOCKED", OrderOutcome.Unknown, Refusal.Other, "order already locked and in processing"),
        new(140, "ERR_LONG_POSITIONS_ONLY_ALLOWED", OrderOutcome.Refused, Refusal.TradeDisabled, "only buys permitted on the symbol"),
        new(141, "ERR_TOO_MANY_REQUESTS", OrderOutcome.Refused, Refusal.TooManyRequests, "request count limit hit"),
        new(142, "ERR_ORDER_QUEUED (not in stderror.mqh)", OrderOutcome.Unknown, Refusal.Other, "order was put in the queue; seen when the link drops mid-request"),
        new(143, "ERR_ORDER_ACCEPTED (not in stderror.mqh)", OrderOutcome.Unknown, Refusal.Other, "order accepted by dealer for processing; same origin as 142"),
        new(144, "ERR_ORDER_DISCARDED (not in stderror.mqh)", OrderOutcome.Refused, Refusal.Rejected, "order discarded by the client side during manual confirmation"),
        new(145, "ERR_TRADE_MODIFY_DENIED", OrderOutcome.Refused, Refusal.Frozen, "order or its level is inside the freeze distance of the market"),
        new(146, "ERR_TRADE_CONTEXT_BUSY", OrderOutcome.Refused, Refusal.Busy, "the trade thread is used by another program or a manual action"),
        new(147, "ERR_TRADE_EXPIRATION_DENIED", OrderOutcome.Refused, Refusal.InvalidExpiry, "broker does not allow expiry on pending orders"),
        new(148, "ERR_TRADE_TOO_MANY_ORDERS", OrderOutcome.Refused, Refusal.TooManyOrders, "count of open plus pending orders at the broker limit"),
        new(149, "ERR_TRADE_HEDGE_PROHIBITED", OrderOutcome.Refused, Refusal.HedgeProhibited, "opposite order on the symbol while hedging is off"),
        new(150, "ERR_TRADE_PROHIBITED_BY_FIFO", OrderOutcome.Refused, Refusal.FifoOrder, "close breaks the oldest-first rule"),
        new(4000, "ERR_NO_MQLERROR", OrderOutcome.Unknown, Refusal.Other, "no runtime error"),
        new(4001, "ERR_WRONG_FUNCTION_POINTER", OrderOutcome.Unknown, Refusal.Other, "bad function pointer"),
        new(4002, "ERR_ARRAY_INDEX_OUT_OF_RANGE", OrderOutcome.Unknown, Refusal.Other, "array index outside bounds (critical in strict mode)"),
        new(4003, "ERR_NO_MEMORY_FOR_CALL_STACK", OrderOutcome.Unknown, Refusal.Other, "call stack memory exhausted"),
        new(4004, "ERR_RECURSIVE_STACK_OVERFLOW", OrderOutcome.Unknown, Refusal.Other, "recursion too deep"),
        new(4005, "ERR_NOT_ENOUGH_STACK_FOR_PARAM", OrderOutcome.Unknown, Refusal.Other, "stack too small for a parameter"),
        new(4006, "ERR_NO_MEMORY_FOR_PARAM_STRING", OrderOutcome.Unknown, Refusal.Other, "out of memory for a string argument"),
        new(4007, "ERR_NO_MEMORY_FOR_TEMP_STRING", OrderOutcome.Unknown, Refusal.Other, "out of memory for a temporary string"),
        new(4008, "ERR_NOT_INITIALIZED_STRING", OrderOutcome.Unknown, Refusal.Other, "string never set"),
        new(4009, "ERR_NOT_INITIALIZED_ARRAYSTRING", OrderOutcome.Unknown, Refusal.Other, "string in array never set"),
        new(4010, "ERR_NO_MEMORY_FOR_ARRAYSTRING", OrderOutcome.Unknown, Refusal.Other, "out of memory for a string array"),
        new(4011, "ERR_TOO_LONG_STRING", OrderOutcome.Unknown, Refusal.Other, "string too long"),
        new(4012, "ERR_REMAINDER_FROM_ZERO_DIVIDE", OrderOutcome.Unknown, Refusal.Other, "modulo by zero"),
        new(4013, "ERR_ZERO_DIVIDE", OrderOutcome.Unknown, Refusal.Other, "division by zero"),
        new(4014, "ERR_UNKNOWN_COMMAND", OrderOutcome.Unknown, Refusal.Other, "unknown opcode"),
        new(4015, "ERR_WRONG_JUMP", OrderOutcome.Unknown, Refusal.Other, "bad jump"),
        new(4016, "ERR_NOT_INITIALIZED_ARRAY", OrderOutcome.Unknown, Refusal.Other, "array never set"),
        new(4017, "ERR_DLL_CALLS_NOT_ALLOWED", OrderOutcome.Unknown, Refusal.Other, "DLL imports are off for this program"),
        new(4018, "ERR_CANNOT_LOAD_LIBRARY", OrderOutcome.Unknown, Refusal.Other, "DLL missing, wrong bitness (MT4 needs 32-bit) or missing runtime"),
        new(4019, "ERR_CANNOT_CALL_FUNCTION", OrderOutcome.Unknown, Refusal.Other, "imported function not found"),
        new(4020, "ERR_EXTERNAL_CALLS_NOT_ALLOWED", OrderOutcome.Unknown, Refusal.Other, "ex4 library imports not allowed"),
        new(4021, "ERR_NO_MEMORY_FOR_RETURNED_STR", OrderOutcome.Unknown, Refusal.Other, "out of memory for a returned string"),
        new(4022, "ERR_SYSTEM_BUSY", OrderOutcome.Unknown, Refusal.Other, "system busy (defined, not seen in practice)"),
        new(4023, "ERR_DLLFUNC_CRITICALERROR", OrderOutcome.Unknown, Refusal.Other, "crash inside a DLL function"),
        new(4024, "ERR_INTERNAL_ERROR", OrderOutcome.Unknown, Refusal.Other, "terminal internal error"),
        new(4025, "ERR_OUT_OF_MEMORY", OrderOutcome.Unknown, Refusal.Other, "out of memory"),
        new(4026, "ERR_INVALID_POINTER", OrderOutcome.Unknown, Refusal.Other, "object pointer not valid"),
        new(4027, "ERR_FORMAT_TOO_MANY_FORMATTERS", OrderOutcome.Unknown, Refusal.Other, "more format specifiers than arguments"),
        new(4028, "ERR_FORMAT_TOO_MANY_PARAMETERS", OrderOutcome.Unknown, Refusal.Other, "more arguments than specifiers"),
        new(4029, "ERR_ARRAY_INVALID", OrderOutcome.Unknown, Refusal.Other, "array object broken"),
        new(4030, "ERR_CHART_NOREPLY", OrderOutcome.Unknown, Refusal.Other, "chart did not answer"),
        new(4050, "ERR_INVALID_FUNCTION_PARAMSCNT", OrderOutcome.Unknown, Refusal.Other, "wrong argument count"),
        new(4051, "ERR_INVALID_FUNCTION_PARAMVALUE", OrderOutcome.Refused, Refusal.InvalidRequest, "argument value rejected by the function before sending"),
        new(4052, "ERR_STRING_FUNCTION_INTERNAL", OrderOutcome.Unknown, Refusal.Other, "string function failure"),
        new(4053, "ERR_SOME_ARRAY_ERROR", OrderOutcome.Unknown, Refusal.Other, "array operation failed"),
        new(4054, "ERR_INCORRECT_SERIESARRAY_USING", OrderOutcome.Unknown, Refusal.Other, "series array used wrongly or series not ready"),
        new(4055, "ERR_CUSTOM_INDICATOR_ERROR", OrderOutcome.Unknown, Refusal.Other, "custom indicator failed"),
        new(4056, "ERR_INCOMPATIBLE_ARRAYS", OrderOutcome.Unknown, Refusal.Other, "array types differ"),
        new(4057, "ERR_GLOBAL_VARIABLES_PROCESSING", OrderOutcome.Unknown, Refusal.Other, "terminal global variables could not be processed"),
        new(4058, "ERR_GLOBAL_VARIABLE_NOT_FOUND", OrderOutcome.Unknown, Refusal.Other, "terminal global variable missing (removed 4 weeks after last access)"),
        new(4059, "ERR_FUNC_NOT_ALLOWED_IN_TESTING", OrderOutcome.Unknown, Refusal.Other, "call not available in tester (network, mail, some files)"),
        new(4060, "ERR_FUNCTION_NOT_CONFIRMED", OrderOutcome.Unknown, Refusal.Other, "function not permitted in options (for example URL missing from the WebRequest list)"),
        new(4061, "ERR_SEND_MAIL_ERROR", OrderOutcome.Unknown, Refusal.Other, "mail failed"),
        new(4062, "ERR_STRING_PARAMETER_EXPECTED", OrderOutcome.Unknown, Refusal.Other, "string argument expected"),
        new(4063, "ERR_INTEGER_PARAMETER_EXPECTED", OrderOutcome.Unknown, Refusal.Other, "integer argument expected"),
        new(4064, "ERR_DOUBLE_PARAMETER_EXPECTED", OrderOutcome.Unknown, Refusal.Other, "double argument expected"),
        new(4065, "ERR_ARRAY_AS_PARAMETER_EXPECTED", OrderOutcome.Unknown, Refusal.Other, "array argument expected"),
        new(4066, "ERR_HISTORY_WILL_UPDATED", OrderOutcome.Unknown, Refusal.Other, "history for the symbol is being downloaded"),
        // A trade function failed without saying where.
        new(4067, "ERR_TRADE_ERROR", OrderOutcome.Unknown, Refusal.Other, "unspecified failure inside a trade function"),
        new(4068, "ERR_RESOURCE_NOT_FOUND", OrderOutcome.Unknown, Refusal.Other, "resource missing"),
        new(4069, "ERR_RESOURCE_NOT_SUPPORTED", OrderOutcome.Unknown, Refusal.Other, "resource type not supported"),
        new(4070, "ERR_RESOURCE_DUPLICATED", OrderOutcome.Unknown, Refusal.Other, "resource name used twice"),
        new(4071, "ERR_INDICATOR_CANNOT_INIT", OrderOutcome.Unknown, Refusal.Other, "indicator init failed"),
        new(4072, "ERR_INDICATOR_CANNOT_LOAD", OrderOutcome.Unknown, Refusal.Other, "indicator could not load"),
        new(4073, "ERR_NO_HISTORY_DATA", OrderOutcome.Unknown, Refusal.Other, "no history for the request"),
        new(4074, "ERR_NO_MEMORY_FOR_HISTORY", OrderOutcome.Unknown, Refusal.Other, "out of memory for history"),
        new(4075, "ERR_NO_MEMORY_FOR_INDICATOR", OrderOutcome.Unknown, Refusal.Other, "out of memory for an indicator"),
        new(4099, "ERR_END_OF_FILE", OrderOutcome.Unknown, Refusal.Other, "end of file reached"),
        new(4100, "ERR_SOME_FILE_ERROR", OrderOutcome.Unknown, Refusal.Other, "generic file error"),
        new(4101, "ERR_WRONG_FILE_NAME", OrderOutcome.Unknown, Refusal.Other, "file name not allowed"),
        new(4102, "ERR_TOO_MANY_OPENED_FILES", OrderOutcome.Unknown, Refusal.Other, "too many open files"),
        new(4103, "ERR_CANNOT_OPEN_FILE", OrderOutcome.Unknown, Refusal.Other, "file cannot be opened (sharing or missing)"),
        new(4104, "ERR_INCOMPATIBLE_FILEACCESS", OrderOutcome.Unknown, Refusal.Other, "access mode does not fit"),
        // Read before anything was sent.
        new(4105, "ERR_NO_ORDER_SELECTED", OrderOutcome.Refused, Refusal.NotFound, "order property read without a selected order"),
        new(4106, "ERR_UNKNOWN_SYMBOL", OrderOutcome.Refused, Refusal.UnknownSymbol, "symbol not known or not in Market Watch"),
        new(4107, "ERR_INVALID_PRICE_PARAM", OrderOutcome.Refused, Refusal.InvalidPrice, "price argument rejected locally (not normalised or 0)"),
        new(4108, "ERR_INVALID_TICKET", OrderOutcome.Refused, Refusal.NotFound, "ticket does not exist (closed, partially closed to a new number, wrong account)"),
        new(4109, "ERR_TRADE_NOT_ALLOWED", OrderOutcome.Refused, Refusal.TradeDisabled, "automated trading off in the terminal or for the EA"),
        new(4110, "ERR_LONGS_NOT_ALLOWED", OrderOutcome.Refused, Refusal.TradeDisabled, "EA property forbids long trades"),
        new(4111, "ERR_SHORTS_NOT_ALLOWED", OrderOutcome.Refused, Refusal.TradeDisabled, "EA property forbids short trades"),
        new(4112, "ERR_TRADE_EXPERT_DISABLED_BY_SERVER", OrderOutcome.Refused, Refusal.TradeDisabled, "broker disabled automated trading for the account"),
        new(4200, "ERR_OBJECT_ALREADY_EXISTS", OrderOutcome.Unknown, Refusal.Other, "chart object exists"),
        new(4202, "ERR_OBJECT_DOES_NOT_EXIST", OrderOutcome.Unknown, Refusal.Other, "chart object missing"),
        new(4211, "ERR_CHART_NOT_FOUND", OrderOutcome.Unknown, Refusal.Other, "chart missing"),
        // Answered before anything was sent.
        new(4220, "ERR_SYMBOL_SELECT", OrderOutcome.Refused, Refusal.UnknownSymbol, "symbol could not be added to Market Watch"),
        new(5001, "ERR_FILE_TOO_MANY_OPENED", OrderOutcome.Unknown, Refusal.Other, "too many open files"),
        new(5002, "ERR_FILE_WRONG_FILENAME", OrderOutcome.Unknown, Refusal.Other, "bad file name"),
        new(5003, "ERR_FILE_TOO_LONG_FILENAME", OrderOutcome.Unknown, Refusal.Other, "file name too long"),
        new(5004, "ERR_FILE_CANNOT_OPEN", OrderOutcome.Unknown, Refusal.Other, "cannot open file"),
        new(5005, "ERR_FILE_BUFFER_ALLOCATION_ERROR", OrderOutcome.Unknown, Refusal.Other, "text buffer allocation failed"),
        new(5006, "ERR_FILE_CANNOT_DELETE", OrderOutcome.Unknown, Refusal.Other, "cannot delete file"),
        new(5007, "ERR_FILE_INVALID_HANDLE", OrderOutcome.Unknown, Refusal.Other, "handle closed or never opened"),
        new(5008, "ERR_FILE_WRONG_HANDLE", OrderOutcome.Unknown, Refusal.Other, "handle not in table"),
        new(5009, "ERR_FILE_NOT_TOWRITE", OrderOutcome.Unknown, Refusal.Other, "opened without write flag"),
        new(5010, "ERR_FILE_NOT_TOREAD", OrderOutcome.Unknown, Refusal.Other, "opened without read flag"),
        new(5011, "ERR_FILE_NOT_BIN", OrderOutcome.Unknown, Refusal.Other, "binary flag missing"),
        new(5012, "ERR_FILE_NOT_TXT", OrderOutcome.Unknown, Refusal.Other, "text flag missing"),
        new(5013, "ERR_FILE_NOT_TXTORCSV", OrderOutcome.Unknown, Refusal.Other, "text or csv flag missing"),
        new(5014, "ERR_FILE_NOT_CSV", OrderOutcome.Unknown, Refusal.Other, "csv flag missing"),
        new(5015, "ERR_FILE_READ_ERROR", OrderOutcome.Unknown, Refusal.Other, "read failed"),
        new(5016, "ERR_FILE_WRITE_ERROR", OrderOutcome.Unknown, Refusal.Other, "write failed (disk full, pipe broken)"),
        new(5017, "ERR_FILE_BIN_STRINGSIZE", OrderOutcome.Unknown, Refusal.Other, "string size needed for binary file"),
        new(5018, "ERR_FILE_INCOMPATIBLE", OrderOutcome.Unknown, Refusal.Other, "file kind does not fit the array type"),
        new(5019, "ERR_FILE_IS_DIRECTORY", OrderOutcome.Unknown, Refusal.Other, "it is a folder"),
        new(5020, "ERR_FILE_NOT_EXIST", OrderOutcome.Unknown, Refusal.Other, "file missing"),
        new(5021, "ERR_FILE_CANNOT_REWRITE", OrderOutcome.Unknown, Refusal.Other, "cannot rewrite"),
        new(5022, "ERR_FILE_WRONG_DIRECTORYNAME", OrderOutcome.Unknown, Refusal.Other, "bad folder name"),
        new(5023, "ERR_FILE_DIRECTORY_NOT_EXIST", OrderOutcome.Unknown, Refusal.Other, "folder missing"),
        new(5024, "ERR_FILE_NOT_DIRECTORY", OrderOutcome.Unknown, Refusal.Other, "not a folder"),
        new(5025, "ERR_FILE_CANNOT_DELETE_DIRECTORY", OrderOutcome.Unknown, Refusal.Other, "cannot delete folder"),
        new(5026, "ERR_FILE_CANNOT_CLEAN_DIRECTORY", OrderOutcome.Unknown, Refusal.Other, "cannot empty folder"),
        new(5027, "ERR_FILE_ARRAYRESIZE_ERROR", OrderOutcome.Unknown, Refusal.Other, "array resize failed"),
        new(5028, "ERR_FILE_STRINGRESIZE_ERROR", OrderOutcome.Unknown, Refusal.Other, "string resize failed"),
        new(5029, "ERR_FILE_STRUCT_WITH_OBJECTS", OrderOutcome.Unknown, Refusal.Other, "struct holds strings or dynamic arrays"),
        new(5200, "ERR_WEBREQUEST_INVALID_ADDRESS", OrderOutcome.Unknown, Refusal.Other, "URL not valid"),
        new(5201, "ERR_WEBREQUEST_CONNECT_FAILED", OrderOutcome.Unknown, Refusal.Other, "host not reachable"),
        new(5202, "ERR_WEBREQUEST_TIMEOUT", OrderOutcome.Unknown, Refusal.Other, "HTTP timeout; the EA thread was blocked for the whole time"),
        new(5203, "ERR_WEBREQUEST_REQUEST_FAILED", OrderOutcome.Unknown, Refusal.Other, "HTTP failed"),
        new(65536, "ERR_USER_ERROR_FIRST", OrderOutcome.Unknown, Refusal.Other, "first user-defined error"),
    ];
}

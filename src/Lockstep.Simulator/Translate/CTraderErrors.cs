using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>What cTrader's error strings mean for an order (reference: ctrader.md §7, reliability protocol §2.4). What has no row is unknown.</summary>
internal static class CTraderErrors
{
    /// <summary>The end that an error stands for.</summary>
    public static CommandResult Classify(string code) => code switch
    {
        "" => CommandResult.Done(""),
        "MARKET_CLOSED" or "SYMBOL_HAS_HOLIDAY" => CommandResult.Refused(Refusal.MarketClosed, code),
        "TRADING_BAD_STOPS" or "PROTECTION_IS_TOO_CLOSE_TO_MARKET" or "WORSE_GSL_NOT_ALLOWED" => CommandResult.Refused(Refusal.InvalidStops, code),
        "TRADING_BAD_PRICES" => CommandResult.Refused(Refusal.InvalidPrice, code),
        "TRADING_BAD_VOLUME" or "TRADING_BAD_STAKE" => CommandResult.Refused(Refusal.InvalidVolume, code),
        "NOT_ENOUGH_MONEY" or "NO_ENOUGH_MONEY_TO_OPEN_POSITION" or "MAX_EXPOSURE_REACHED" => CommandResult.Refused(Refusal.NoMoney, code),
        "TRADING_DISABLED" or "TRADING_NOT_ALLOWED" or "SHORT_SELLING_NOT_ALLOWED" or "CHANNEL_IS_BLOCKED" or "RET_ACCOUNT_DISABLED" => CommandResult.Refused(Refusal.TradeDisabled, code),
        "NO_QUOTES" => CommandResult.Refused(Refusal.NoQuotes, code),
        "POSITION_NOT_FOUND" or "POSITION_NOT_OPEN" or "POSITION_NOT_FOUND_OR_NOT_OPENED" or "ALREADY_CLOSED" or "ORDER_NOT_FOUND" => CommandResult.Refused(Refusal.NotFound, code),
        "REQUEST_FREQUENCY_EXCEEDED" or "BLOCKED_PAYLOAD_TYPE" => CommandResult.Refused(Refusal.TooManyRequests, code),
        "TOO_MANY_POSITIONS" => CommandResult.Refused(Refusal.TooManyOrders, code),
        "ORDER_REJECTED" => CommandResult.Refused(Refusal.Rejected, code),
        "CONCURRENT_MODIFICATION" or "POSITION_LOCKED" or "PENDING_EXECUTION" => CommandResult.Refused(Refusal.Busy, code),
        "SYMBOL_NOT_FOUND" or "UNKNOWN_SYMBOL" => CommandResult.Refused(Refusal.UnknownSymbol, code),
        "TRADING_BAD_EXPIRATION_DATE" => CommandResult.Refused(Refusal.InvalidExpiry, code),
        "INVALID_REQUEST" or "UNABLE_TO_CANCEL_ORDER" or "UNABLE_TO_AMEND_ORDER" => CommandResult.Refused(Refusal.InvalidRequest, code),
        "ACCOUNT_NOT_AUTHORIZED" or "CH_CLIENT_NOT_AUTHENTICATED" => CommandResult.Refused(Refusal.NotSent, code),
        _ => new CommandResult { Outcome = OrderOutcome.Unknown, Refusal = Refusal.Other, Code = code },
    };
}

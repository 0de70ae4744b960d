using System.Globalization;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>What MT5's return codes mean for an order (reference: mt5-retcodes.tsv, reliability protocol §2.4). What has no row is unknown.</summary>
internal static class Mt5Errors
{
    /// <summary>The end that a result stands for.</summary>
    public static CommandResult Classify(MqlTradeResult result)
    {
        int code = result.LastError is Mt5Retcode.UnknownSymbol or 4302 or 4752 or 4753 or Mt5Retcode.OrderNotFound ? result.LastError : result.Retcode;
        string text = code.ToString(CultureInfo.InvariantCulture);
        return code switch
        {
            10008 or 10009 or 10010 or 10025 => CommandResult.Done(text),
            10004 or 10020 => CommandResult.Refused(Refusal.PriceMoved, text),
            10006 or 10007 or 10041 => CommandResult.Refused(Refusal.Rejected, text),
            10013 or 10030 or 10035 => CommandResult.Refused(Refusal.InvalidRequest, text),
            10014 or 10034 or 10038 => CommandResult.Refused(Refusal.InvalidVolume, text),
            10015 => CommandResult.Refused(Refusal.InvalidPrice, text),
            10016 => CommandResult.Refused(Refusal.InvalidStops, text),
            10017 or 10026 or 10027 or 10032 or 10042 or 10043 or 10044 or 4752 => CommandResult.Refused(Refusal.TradeDisabled, text),
            10018 => CommandResult.Refused(Refusal.MarketClosed, text),
            10019 => CommandResult.Refused(Refusal.NoMoney, text),
            10021 => CommandResult.Refused(Refusal.NoQuotes, text),
            10022 => CommandResult.Refused(Refusal.InvalidExpiry, text),
            10023 => CommandResult.Refused(Refusal.Busy, text),
            10024 => CommandResult.Refused(Refusal.TooManyRequests, text),
            10029 => CommandResult.Refused(Refusal.Frozen, text),
            10033 or 10040 => CommandResult.Refused(Refusal.TooManyOrders, text),
            10036 or 4753 or 4754 => CommandResult.Refused(Refusal.NotFound, text),
            10045 => CommandResult.Refused(Refusal.FifoOrder, text),
            10046 => CommandResult.Refused(Refusal.HedgeProhibited, text),
            4301 or 4302 => CommandResult.Refused(Refusal.UnknownSymbol, text),
            _ => new CommandResult { Outcome = OrderOutcome.Unknown, Refusal = Refusal.Other, Code = text },
        };
    }
}

using System.Globalization;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>What MT4's error numbers mean for an order (reference: mt4-errors.tsv, reliability protocol §2.4). What has no row is unknown.</summary>
internal static class Mt4Errors
{
    /// <summary>The end that an error stands for; 136 is a refusal of an opening, but in doubt on a close or delete.</summary>
    public static CommandResult Classify(int error, bool opening)
    {
        string text = error.ToString(CultureInfo.InvariantCulture);
        return error switch
        {
            0 => CommandResult.Done(text),
            3 or 4051 => CommandResult.Refused(Refusal.InvalidRequest, text),
            4 or 137 or 146 => CommandResult.Refused(Refusal.Busy, text),
            5 or 7 or 64 or 65 or 133 or 140 or (>= 4109 and <= 4112) => CommandResult.Refused(Refusal.TradeDisabled, text),
            8 or 141 => CommandResult.Refused(Refusal.TooManyRequests, text),
            129 or 4107 => CommandResult.Refused(Refusal.InvalidPrice, text),
            130 => CommandResult.Refused(Refusal.InvalidStops, text),
            131 => CommandResult.Refused(Refusal.InvalidVolume, text),
            132 => CommandResult.Refused(Refusal.MarketClosed, text),
            134 => CommandResult.Refused(Refusal.NoMoney, text),
            135 or 138 => CommandResult.Refused(Refusal.PriceMoved, text),
            136 when opening => CommandResult.Refused(Refusal.NoQuotes, text),
            144 => CommandResult.Refused(Refusal.Rejected, text),
            145 => CommandResult.Refused(Refusal.Frozen, text),
            147 => CommandResult.Refused(Refusal.InvalidExpiry, text),
            148 => CommandResult.Refused(Refusal.TooManyOrders, text),
            149 => CommandResult.Refused(Refusal.HedgeProhibited, text),
            150 => CommandResult.Refused(Refusal.FifoOrder, text),
            4105 or 4108 => CommandResult.Refused(Refusal.NotFound, text),
            4106 => CommandResult.Refused(Refusal.UnknownSymbol, text),
            _ => new CommandResult { Outcome = OrderOutcome.Unknown, Refusal = Refusal.Other, Code = text },
        };
    }
}

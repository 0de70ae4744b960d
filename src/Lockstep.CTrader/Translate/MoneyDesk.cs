using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Translate;

/// <summary>Equity, margin and floating results, computed as the terminal shows them: the API has no such fields (guide §9).</summary>
internal static class MoneyDesk
{
    private const decimal Most = 1e18m;

    /// <summary>What a position would bring now, in the deposit asset, without swap and commission; null while a quote is missing.</summary>
    public static decimal? Gross(Held held, Conversion? conversion, uint moneyDigits)
    {
        var symbol = held.Symbol;
        long exit = held.Report.Side == Side.Buy ? symbol.Bid : symbol.Ask;
        try
        {
            if (exit <= 0 || conversion?.Rate() is not { } rate)
            {
                return null;
            }

            decimal move = ((exit / Units.WirePrice) - held.Report.OpenPrice.Value) * held.Report.Side.Sign();
            decimal gross = Math.Round(move * (held.Volume / 100m) * rate, (int)Math.Min(moneyDigits, 8), MidpointRounding.AwayFromZero);
            return Math.Abs(gross) < Most ? gross : null;
        }
        catch (OverflowException)
        {
            // A quote or a volume that cannot be.
            return null;
        }
    }

    /// <summary>Swap so far.</summary>
    public static decimal Swap(Held held, uint moneyDigits) => Units.Money(held.Raw.Swap, Digits(held, moneyDigits));

    /// <summary>Commission of the open part, what copying costs included.</summary>
    public static decimal Commission(Held held, uint moneyDigits) => Units.Money(held.Raw.Commission + held.Raw.MirroringCommission, Digits(held, moneyDigits));

    /// <summary>Margin of all positions by the account's rule: per symbol the larger side, both, or the difference.</summary>
    public static decimal Margin(IEnumerable<Held> positions, ProtoOATotalMarginCalculationType rule, uint moneyDigits)
    {
        var sides = new Dictionary<long, (decimal Buys, decimal Sells)>();
        foreach (var held in positions)
        {
            decimal margin = Units.Money((long)Math.Min(held.Raw.UsedMargin, long.MaxValue), Digits(held, moneyDigits));
            var (buys, sells) = sides.GetValueOrDefault(held.Symbol.Id);
            sides[held.Symbol.Id] = held.Report.Side == Side.Buy ? (buys + margin, sells) : (buys, sells + margin);
        }

        decimal total = 0m;
        foreach (var (buys, sells) in sides.Values)
        {
            total += rule switch
            {
                ProtoOATotalMarginCalculationType.Sum => buys + sells,
                ProtoOATotalMarginCalculationType.Net => Math.Abs(buys - sells),
                _ => Math.Max(buys, sells),
            };
        }

        return total;
    }

    private static uint Digits(Held held, uint moneyDigits) => held.Raw.HasMoneyDigits ? held.Raw.MoneyDigits : moneyDigits;
}

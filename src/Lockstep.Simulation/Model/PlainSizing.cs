using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Simulation;

/// <summary>The money of both accounts when a volume was worked out; null = not known.</summary>
public sealed record PlainFunds(AccountFunds? Source, AccountFunds? Target);

/// <summary>A volume that may be right, or the reason why there is none.</summary>
public readonly record struct PlainVolume(decimal Lots, WhyReason? No);

/// <summary>
/// How much a target should hold, worked out a second time from the words of the settings (SPEC CP-2, CP-3) with school arithmetic. It shares no line with the
/// engine's sizing.
/// </summary>
public static class PlainSizing
{
    /// <summary>The target's volume for a source volume.</summary>
    public static PlainVolume First(SizingSettings s, decimal source, SymbolSpec sourceSpec, SymbolSpec targetSpec, PlainFunds funds, decimal carried = 0m)
    {
        decimal lots = source;
        if (s.NormaliseContracts)
        {
            // One lot of 100 ounces is ten lots of 10 ounces.
            lots = lots * sourceSpec.ContractSize / targetSpec.ContractSize;
        }

        switch (s.Mode)
        {
            case SizingMode.Same:
                break;
            case SizingMode.Multiplier:
                lots *= s.Factor;
                break;
            case SizingMode.Fixed:
                lots = s.FixedLots.Value;
                break;
            case SizingMode.FixedReference:
                if (funds.Target is not { } t || t.Balance.Value <= 0m)
                {
                    return new PlainVolume(0m, WhyReason.NoFunds);
                }

                lots = lots * t.Balance.Value / s.Reference.Value * s.Factor;
                break;
            case SizingMode.BalanceRatio:
            case SizingMode.EquityRatio:
            case SizingMode.FreeMarginRatio:
                decimal? mine = Money(s.Mode, funds.Source);
                decimal? theirs = Money(s.Mode, funds.Target);
                if (mine is not > 0m || theirs is not > 0m)
                {
                    return new PlainVolume(0m, WhyReason.NoFunds);
                }

                lots = lots * theirs.Value / mine.Value * s.Factor;
                break;
        }

        lots += carried;
        if (lots <= 0m)
        {
            return new PlainVolume(0m, WhyReason.ZeroVolume);
        }

        decimal rounded = OnStep(s.Rounding, lots, targetSpec.LotStep.Value);
        decimal min = targetSpec.MinLots.Value;
        if (rounded < min)
        {
            if (!s.RaiseToMinimum)
            {
                return new PlainVolume(0m, WhyReason.BelowMinimum);
            }

            if (min > lots * s.RaiseCap)
            {
                return new PlainVolume(0m, WhyReason.RaiseAboveCap);
            }

            rounded = min;
        }

        decimal most = Most(s, targetSpec);
        if (rounded > most)
        {
            return most < min ? new PlainVolume(0m, WhyReason.BelowMinimum) : new PlainVolume(most, null);
        }

        return new PlainVolume(rounded, null);
    }

    /// <summary>What remains to be held when the source went from its first volume to another: the same part, never less than the minimum while the source is open.</summary>
    public static decimal Now(SizingSettings s, decimal targetFirst, decimal sourceFirst, decimal sourceNow, SymbolSpec targetSpec)
    {
        if (sourceNow == 0m)
        {
            return 0m;
        }

        if (sourceNow == sourceFirst)
        {
            return targetFirst;
        }

        decimal lots = OnStep(s.Rounding, targetFirst * sourceNow / sourceFirst, targetSpec.LotStep.Value);
        decimal least = Math.Min(targetSpec.MinLots.Value, targetFirst);
        decimal most = Math.Max(Most(s, targetSpec), targetFirst);
        return Math.Min(Math.Max(lots, least), most);
    }

    /// <summary>The largest volume for one source position: the link's own maximum or the symbol's, on the step.</summary>
    public static decimal Most(SizingSettings s, SymbolSpec targetSpec)
    {
        decimal most = s.MaxLots is { } m && m < targetSpec.MaxLots ? m.Value : targetSpec.MaxLots.Value;
        return OnStep(RoundingPolicy.Down, most, targetSpec.LotStep.Value);
    }

    private static decimal OnStep(RoundingPolicy policy, decimal lots, decimal step)
    {
        decimal below = lots - (lots % step);
        decimal over = lots - below;
        bool up = policy switch
        {
            RoundingPolicy.Up => over > 0m,
            RoundingPolicy.Nearest => over > step / 2m,
            _ => false,
        };
        return up ? below + step : below;
    }

    private static decimal? Money(SizingMode mode, AccountFunds? funds) => funds is null ? null : mode switch
    {
        SizingMode.BalanceRatio => funds.Balance.Value,
        SizingMode.EquityRatio => funds.Equity.Value,
        _ => funds.FreeMargin.Value,
    };
}

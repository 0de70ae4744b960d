using Lockstep.Domain;

namespace Lockstep.Engine;

/// <summary>The answer of <see cref="Sizing.Decide"/>.</summary>
/// <param name="Lots">Target volume; zero when <paramref name="Skip"/> says why.</param>
/// <param name="Residue">What rounding left over, to be carried where the link says so.</param>
/// <param name="Cap">The link's and broker's maximum for the source position, on the step; null = none.</param>
/// <param name="Skip">Why there is no volume.</param>
/// <param name="Detail">The numbers, for a person.</param>
public readonly record struct SizingAnswer(Lots Lots, decimal Residue, Lots? Cap, WhyReason? Skip, string Detail);

/// <summary>How much the target should hold for a source volume. Asked once a leg; exact decimal throughout.</summary>
public static class Sizing
{
    /// <summary>
    /// Source volume × mode × contract ratio + carried residue, rounded on the target's step, then minimum and maximum. <paramref name="rate"/> turns one unit of the
    /// source's currency into the target's; null = not known.
    /// </summary>
    public static SizingAnswer Decide(
        SizingSettings settings, Lots source, SymbolSpec sourceSpec, SymbolSpec targetSpec, AccountFunds? sourceFunds, AccountFunds? targetFunds, decimal? rate, decimal carried)
    {
        decimal contracts = settings.NormaliseContracts ? sourceSpec.ContractSize / targetSpec.ContractSize : 1m;
        decimal exact;
        switch (settings.Mode)
        {
            case SizingMode.Same:
                exact = source.Value * contracts;
                break;
            case SizingMode.Multiplier:
                exact = source.Value * settings.Factor * contracts;
                break;
            case SizingMode.Fixed:
                exact = settings.FixedLots.Value;
                break;
            case SizingMode.FixedReference:
                if (targetFunds is not { Balance.Value: > 0 })
                {
                    return No(WhyReason.NoFunds, "target balance unknown or not above 0");
                }

                exact = source.Value * (targetFunds.Balance.Value / settings.Reference.Value) * settings.Factor * contracts;
                break;
            default:
                var (s, t) = settings.Mode switch
                {
                    SizingMode.BalanceRatio => (sourceFunds?.Balance, targetFunds?.Balance),
                    SizingMode.EquityRatio => (sourceFunds?.Equity, targetFunds?.Equity),
                    _ => (sourceFunds?.FreeMargin, targetFunds?.FreeMargin),
                };
                if (s is not { Value: > 0 } sourceMoney || t is not { Value: > 0 } targetMoney)
                {
                    return No(WhyReason.NoFunds, $"{settings.Mode}: source {s?.ToString() ?? "unknown"}, target {t?.ToString() ?? "unknown"}; both must be above 0");
                }

                if (rate is not > 0)
                {
                    return No(WhyReason.NoConversionRate, $"{sourceFunds!.Currency} to {targetFunds!.Currency}");
                }

                exact = source.Value * (targetMoney.Value / (sourceMoney.Value * rate.Value)) * settings.Factor * contracts;
                break;
        }

        if (settings.CarryResidue)
        {
            exact += carried;
        }

        if (exact <= 0)
        {
            return new SizingAnswer(Lots.Zero, settings.CarryResidue ? exact : 0m, null, WhyReason.ZeroVolume, $"works out to {exact:0.########}");
        }

        var wanted = new Lots(exact);
        var rounded = Round(settings.Rounding, targetSpec, wanted);
        var cap = targetSpec.RoundDown(Lots.Min(settings.MaxLots ?? targetSpec.MaxLots, targetSpec.MaxLots));
        if (rounded < targetSpec.MinLots)
        {
            if (!settings.RaiseToMinimum)
            {
                return new SizingAnswer(Lots.Zero, settings.CarryResidue ? exact : 0m, null, WhyReason.BelowMinimum, $"{exact:0.########} lots, minimum {targetSpec.MinLots}");
            }

            if (targetSpec.MinLots.Value > exact * settings.RaiseCap)
            {
                return new SizingAnswer(Lots.Zero, settings.CarryResidue ? exact : 0m, null, WhyReason.RaiseAboveCap, $"{exact:0.########} lots to {targetSpec.MinLots} is more than ×{settings.RaiseCap:0.##}");
            }

            rounded = targetSpec.MinLots;
        }

        if (rounded > cap)
        {
            return cap < targetSpec.MinLots
                ? No(WhyReason.BelowMinimum, $"the link's maximum {cap} is below the symbol's minimum {targetSpec.MinLots}")
                : new SizingAnswer(cap, 0m, cap, null, $"{exact:0.########} lots clamped to {cap}");
        }

        decimal left = exact - rounded.Value;
        return new SizingAnswer(rounded, left == 0m ? 0m : left, cap, null, $"{exact:0.########} lots");
    }

    /// <summary>Rounding on the step of a symbol.</summary>
    public static Lots Round(RoundingPolicy policy, SymbolSpec spec, Lots lots) => policy switch
    {
        RoundingPolicy.Up => spec.RoundUp(lots),
        RoundingPolicy.Nearest => spec.RoundNearest(lots),
        _ => spec.RoundDown(lots),
    };

    /// <summary>
    /// What a leg wants for the source's present volume: the frozen ratio, rounded as the link rounds; while the source is open never below the minimum (or the
    /// first volume, if that was less), never above the cap. Closing in small parts thus ends with the source, not before it.
    /// </summary>
    public static Lots Scale(Leg leg, SymbolSpec spec)
    {
        if (leg.SourceVolume.IsZero)
        {
            return Lots.Zero;
        }

        if (leg.SourceVolume == leg.SourceFirst)
        {
            return leg.TargetFirst;
        }

        var exact = new Lots(leg.TargetFirst.Value * leg.SourceVolume.Value / leg.SourceFirst.Value);
        var rounded = Lots.Max(Round(leg.Rounding, spec, exact), Lots.Min(spec.MinLots, leg.TargetFirst));
        return leg.Cap is { } cap ? Lots.Min(rounded, Lots.Max(cap, leg.TargetFirst)) : rounded;
    }

    private static SizingAnswer No(WhyReason reason, string detail) => new(Lots.Zero, 0m, null, reason, detail);
}

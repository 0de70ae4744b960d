using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Simulation;

/// <summary>Volumes that may be right for a leg now, and why the range is wide if it is.</summary>
/// <param name="Low">Least.</param>
/// <param name="High">Most.</param>
/// <param name="Because">Why it is not one number; empty when it is.</param>
internal readonly record struct PlainRange(decimal Low, decimal High, string Because)
{
    public static readonly PlainRange Nothing = new(0m, 0m, "");
}

/// <summary>What a leg's target should hold now: the source's volume, the frozen ratio, and the reasons that make it less.</summary>
internal static class PlainWanted
{
    /// <summary>The range for a leg. <paramref name="ceiling"/> is what others left on the target, null when nobody took anything away.</summary>
    public static PlainRange Now(PlainCase c, PlainLeg leg, decimal? ceiling)
    {
        var opening = leg.Opening;
        if (leg.Now is null)
        {
            // Gone links: closed with the link, or left to the owner, who may do with it what he likes.
            return leg.Versions.Count > 0 && leg.Versions[^1].CloseOnRemoval ? PlainRange.Nothing : new PlainRange(0m, decimal.MaxValue, "the link is gone");
        }

        var (first, most) = Volumes(c, leg);
        if (first is not { } f)
        {
            return PlainRange.Nothing;
        }

        // Off leaves what is there as it is, whatever the source does meanwhile.
        if (leg.Now.Mode is LinkMode.Off or LinkMode.Shadow)
        {
            return new PlainRange(0m, most, "the link is off");
        }

        // What was under way when the link was switched off, or filled meanwhile, goes on when the link is on again.
        bool begun = leg.Made.Reason is WhyReason.LinkOff or WhyReason.Shadow && leg.Answering.Any(l => l.Mode == LinkMode.On);
        bool skipped = (leg.Made.Outcome is WhyOutcome.Skipped or WhyOutcome.Shadowed && !begun)
            || (opening.Outcome is WhyOutcome.Skipped or WhyOutcome.Shadowed && opening.Reason is not (WhyReason.LinkOff or WhyReason.Shadow));
        if (skipped || (leg.Life is null && leg.Order is null))
        {
            return PlainRange.Nothing;
        }

        decimal high = leg.Life is null ? most : f.High;
        decimal low = leg.Life is null ? 0m : f.Low;
        string because = "";
        if (ceiling is { } left)
        {
            (low, high, because) = (Math.Min(low, left), Math.Min(high, left), "others closed some of it");
        }

        if (leg.FellShort || opening.Outcome == WhyOutcome.Nothing)
        {
            (low, because) = (0m, $"{opening.Outcome} {opening.Reason}");
        }

        if (leg.Versions.Any(v => v.NakedTime is not null || v.NakedLoss is not null) && PlainBars.Source(c, leg))
        {
            (low, because) = (0m, "its source was to be unwound and cannot be closed");
        }

        if (leg.Versions.Any(v => v.Mode != LinkMode.On))
        {
            (low, because) = (0m, "the link was not always on");
        }

        var limit = leg.Versions.Select(v => v.CloseAfterSourceLost).FirstOrDefault(v => v is not null);
        if (limit is { } span && c.Witness.Lost(leg.Made.Source, span))
        {
            (low, because) = (0m, "the source was lost for too long");
        }

        return new PlainRange(low, high, because);
    }

    /// <summary>The most that a leg may ever have wanted; null when it never wanted anything.</summary>
    public static decimal Most(PlainCase c, PlainLeg leg) => Volumes(c, leg).Most;

    /// <summary>What sizing may have answered, or the reasons for which it may have refused.</summary>
    public static IReadOnlyList<PlainVolume> Answers(PlainCase c, PlainLeg leg)
    {
        var answers = new List<PlainVolume>();
        foreach (var (_, _, answer) in Candidates(c, leg, SourceVolumes(c, leg, leg.AllLives)))
        {
            answers.Add(answer);
        }

        return answers;
    }

    private static ((decimal Low, decimal High)? Now, decimal Most) Volumes(PlainCase c, PlainLeg leg)
    {
        decimal now = leg.Life?.Volume ?? 0m;
        decimal low = decimal.MaxValue;
        decimal high = 0m;
        decimal most = 0m;
        var spec = TargetSpec(c, leg);
        if (spec is null)
        {
            return (null, 0m);
        }

        var ofSide = SourceVolumes(c, leg, leg.Lives);
        var volumes = SourceVolumes(c, leg, leg.AllLives);
        foreach (var (sizing, source, answer) in Candidates(c, leg, volumes))
        {
            if (answer.No is not null)
            {
                continue;
            }

            decimal wanted = PlainSizing.Now(sizing, answer.Lots, source, now, spec);
            if (ofSide.Contains(source))
            {
                low = Math.Min(low, wanted);
                high = Math.Max(high, wanted);
            }

            foreach (decimal volume in volumes)
            {
                most = Math.Max(most, PlainSizing.Now(sizing, answer.Lots, source, volume, spec));
            }
        }

        return (low == decimal.MaxValue ? null : (low, high), most);
    }

    private static IEnumerable<(SizingSettings Sizing, decimal Source, PlainVolume Answer)> Candidates(
        PlainCase c, PlainLeg leg, IReadOnlyList<decimal> volumes)
    {
        var target = TargetSpec(c, leg);
        var source = c.Books.First(b => b.Account == leg.Made.Source).Spec(leg.Made.Symbol.Value);
        if (target is null || source is null)
        {
            yield break;
        }

        foreach (var link in leg.Answering)
        {
            bool money = link.Sizing.Mode is SizingMode.BalanceRatio or SizingMode.EquityRatio or SizingMode.FreeMarginRatio or SizingMode.FixedReference;
            var funds = money ? c.Witness.Funds(leg.Made) : [new PlainFunds(null, null)];
            if (funds.Count == 0)
            {
                // Nobody remembers the money of that moment: the ledger's own number is all there is.
                funds = [];
                foreach (decimal volume in volumes)
                {
                    yield return (link.Sizing, volume, new PlainVolume(leg.Made.Wanted.Value, leg.Made.Wanted.IsZero ? leg.Made.Reason : null));
                }
            }

            // What rounding left over before is carried: it lies between one step (or minimum) too little and one too much.
            decimal slack = link.Sizing.CarryResidue ? Math.Max(target.MinLots.Value, target.LotStep.Value) : 0m;
            decimal[] carried = slack > 0m ? [-slack, -slack / 2m, 0m, slack / 2m, slack] : [0m];
            foreach (decimal volume in volumes)
            {
                foreach (var money1 in funds)
                {
                    foreach (decimal carry in carried)
                    {
                        yield return (link.Sizing, volume, PlainSizing.First(link.Sizing, volume, source, target, money1, carry));
                    }
                }
            }
        }
    }

    /// <summary>The volumes that the source trade had: which of them was seen first is not in the books.</summary>
    private static List<decimal> SourceVolumes(PlainCase c, PlainLeg leg, IReadOnlyList<PlainLife> lives)
    {
        var volumes = new SortedSet<decimal>();
        foreach (var life in lives)
        {
            foreach (var step in life.Steps)
            {
                volumes.Add(step.Volume);
            }
        }

        if (leg.Order is { } order)
        {
            volumes.Add(order.Volume);
        }

        if (leg.Made.Order is { } id)
        {
            volumes.UnionWith(c.Witness.OrderVolumes(leg.Made.Source, id));
        }

        volumes.Remove(0m);
        return [.. volumes];
    }

    /// <summary>The specification of the symbol that the leg becomes on its target; null when there is none.</summary>
    public static SymbolSpec? TargetSpec(PlainCase c, PlainLeg leg)
    {
        if (leg.Answering.Count == 0)
        {
            return null;
        }

        string name = TargetName(leg.Answering[^1].Symbols, leg.Made.Symbol.Value);
        return c.Books.First(b => b.Account == leg.Made.Target).Spec(name);
    }

    /// <summary>The target's name of a source symbol, by the words of the settings.</summary>
    public static string TargetName(SymbolMapSettings map, string symbol)
    {
        foreach (var pair in map.Pairs)
        {
            if (pair.Source.Value == symbol)
            {
                return pair.Target.Value;
            }
        }

        string name = symbol;
        if (map.StripPrefix != "" && name != map.StripPrefix && name.StartsWith(map.StripPrefix, StringComparison.Ordinal))
        {
            name = name.Remove(0, map.StripPrefix.Length);
        }

        if (map.StripSuffix != "" && name != map.StripSuffix && name.EndsWith(map.StripSuffix, StringComparison.Ordinal))
        {
            name = name.Remove(name.Length - map.StripSuffix.Length);
        }

        return map.AddPrefix + name + map.AddSuffix;
    }
}

using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Simulation;

/// <summary>
/// A second, slow and obvious opinion: what must each target hold, given what its sources hold, what the settings say, and what the why-ledger gives as reasons? It reads
/// the brokers' own books and calls nothing of the engine.
/// <list type="bullet">
/// <item>Hedging targets are compared trade by trade: what stands there for one source trade, whichever and however many positions carry it.</item>
/// <item>Netting and FIFO targets are compared symbol by symbol: one signed sum.</item>
/// <item>A reason to hold less counts only if it can be true.</item>
/// </list>
/// </summary>
public static class PlainModel
{
    /// <summary>Compares.</summary>
    public static Comparison Compare(PlainCase c)
    {
        var lives = c.Books.ToDictionary(b => b.Account, PlainLife.Of);
        var legs = PlainLegs.Of(c, lives);
        var found = new PlainFindings();
        legs.RemoveAll(l => c.Witness.OutOfReach(l.Made.Source) || c.Witness.OutOfReach(l.Made.Target));
        PlainRows.Check(c, legs, lives, found);
        foreach (var leg in legs)
        {
            PlainReasons.Check(c, leg, found);
        }

        foreach (var book in c.Books.Where(b => !c.Witness.OutOfReach(b.Account)))
        {
            var onto = legs.Where(l => l.Made.Target == book.Account).ToList();
            if (book.Mode == AccountMode.Hedging)
            {
                Hedging(c, book, onto, found);
            }
            else
            {
                PlainSums.Check(c, book, onto, found);
            }
        }

        return new Comparison { Lost = found.Lost, Duplicated = found.Duplicated, Differences = found.Differences, Compared = found.Compared };
    }

    private static void Hedging(PlainCase c, PlainBook book, List<PlainLeg> legs, PlainFindings found)
    {
        var ended = c.Witness.Ended(book.Account);
        var keys = book.Deals.Where(d => d.OwnerKey is not null).Select(d => d.OwnerKey!.Value)
            .Concat(book.Orders.Where(o => o.OwnerKey is not null).Select(o => o.OwnerKey!.Value))
            .Concat(ended);
        var origins = PlainKeys.Resolve(keys, legs.Select(l => l.Origin).Distinct());
        var strangers = new List<Simulator.OwnerPosition>();
        var holdings = PlainHolding.Of(book, origins, ended, strangers);
        foreach (var stranger in strangers)
        {
            found.Duplicate($"{book.Account}: position {stranger.Id} ({stranger.Side} {stranger.Volume} {stranger.Symbol}) carries a key that no source trade explains");
        }

        foreach (var leg in legs)
        {
            var holding = holdings.GetValueOrDefault(leg.Origin) ?? new PlainHolding();
            Volume(c, book, leg, holding, found);
            PlainLevels.Check(c, book, leg, holding, found);
            if (leg.Now is { TwoWay: true, Mode: LinkMode.On } && leg.Life is not null && holding.Ceiling(book.Account, c.Witness) == 0m && leg.Versions.All(v => v is { TwoWay: true, Mode: LinkMode.On }) && !PlainBars.Source(c, leg))
            {
                found.Differ($"{leg}: the target was closed by others and the link is two-way, but the source still holds {leg.Life.Volume}");
            }
        }
    }

    private static void Volume(PlainCase c, PlainBook book, PlainLeg leg, PlainHolding holding, PlainFindings found)
    {
        found.Compared++;
        var range = PlainWanted.Now(c, leg, holding.Ceiling(book.Account, c.Witness));
        var spec = PlainWanted.TargetSpec(c, leg);
        decimal min = spec?.MinLots.Value ?? 0m;
        decimal held = holding.Volume;
        if (c.Witness.BrokeHorizon(book.Account))
        {
            // What a broker executes after its own horizon may be done twice; and where it also spoiled the comment, nobody can know it for ours.
            range = range with { Low = 0m };
            held -= holding.Positions.Where(p => PlainBars.Stray(c, book, p)).Sum(p => p.Volume);
        }

        bool waits = holding.Orders.Count > 0 && leg.Now is { SourceFilledFirst: SourceFilledFirst.Wait };
        string text = $"{leg}: {leg.Made.Target} holds {held}, should hold {(range.Low == range.High ? $"{range.Low}" : $"{range.Low} to {range.High} ({range.Because})")}, source {leg.Life?.Volume ?? 0m}";

        // A close or an opening below the symbol's minimum cannot be ordered: what is left of that size stays.
        if (held > range.High && (range.High == 0m || held - range.High >= min))
        {
            found.Duplicate(text + positions());
        }
        else if (held < range.Low && range.Low - held >= min && !waits)
        {
            found.Lose(text + positions(), held == 0m);
        }

        var side = leg.SourceSide is { } s ? (leg.Versions[^1].Kind == LinkKind.Hedge ? s.Opposite() : s) : (Side?)null;
        foreach (var position in holding.Positions.Where(p => leg.Now is not null && side is not null && p.Side != side))
        {
            found.Differ($"{leg}: position {position.Id} on {book.Account} is a {position.Side}, should be a {side}");
        }

        string positions() => holding.Positions.Count == 0 ? "" : $" (positions {string.Join(", ", holding.Positions.Select(p => $"{p.Id}: {p.Volume}"))})";
    }
}

/// <summary>Collects what was found.</summary>
internal sealed class PlainFindings
{
    public int Lost { get; private set; }

    public int Duplicated { get; private set; }

    public int Compared { get; set; }

    public List<string> Differences { get; } = [];

    public void Lose(string text, bool whole)
    {
        Lost += whole ? 1 : 0;
        Differences.Add($"{(whole ? "lost" : "too little")}: {text}");
    }

    public void Duplicate(string text)
    {
        Duplicated++;
        Differences.Add($"too much: {text}");
    }

    public void Differ(string text) => Differences.Add(text);
}

using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Simulation;

/// <summary>Each source event has exactly one row per link: none twice, none missing once everything is quiet.</summary>
internal static class PlainRows
{
    public static void Check(PlainCase c, List<PlainLeg> legs, IReadOnlyDictionary<AccountId, IReadOnlyList<PlainLife>> lives, PlainFindings found)
    {
        var seen = new HashSet<(long, int, LinkId)>();
        foreach (var row in c.Why)
        {
            if (!seen.Add((row.EventSeq, row.Part, row.Link)))
            {
                found.Differ($"{row.Link}: event {row.EventSeq}.{row.Part} ({row.Kind} {row.Position}{row.Order}) has two rows in the why-ledger");
            }
        }

        var open = new HashSet<(LinkId, PositionId)>();
        foreach (var leg in legs)
        {
            if (leg.Position is { } position)
            {
                open.Add((leg.Made.Link, position));
            }

            Ends(c, leg, found);
        }

        Together(c, legs, found);
        foreach (var link in c.Settings[^1].Settings.Links)
        {
            if (c.Witness.OutOfReach(link.Source) || c.Witness.OutOfReach(link.Target))
            {
                continue;
            }

            foreach (var life in lives.GetValueOrDefault(link.Source) ?? [])
            {
                if (life.IsOpen && !open.Contains((link.Id, life.Position)))
                {
                    found.Lose($"{link.Id}: position {life.Position} ({life.Side} {life.Volume} {life.Symbol}) on {link.Source} has no row in the why-ledger", true);
                }
            }
        }
    }

    private static void Ends(PlainCase c, PlainLeg leg, PlainFindings found)
    {
        int ends = leg.Rows.Count(r => r.Kind is SourceEventKind.Closed or SourceEventKind.OrderEnded);
        bool gone = leg.Position is not null && leg.Lives.Count > 0 && leg.Life is null;
        if (ends > 1)
        {
            found.Differ($"{leg}: {ends} rows tell that it ended");
        }

        // A position that turned goes on in another leg; a link that is gone follows no more.
        if (gone && ends == 0 && leg.Now is not null && leg.Last && !PlainBars.Target(c, leg))
        {
            found.Differ($"{leg}: it is closed, and no row says so (last: {leg.Rows[^1].Kind} {leg.Rows[^1].Outcome} {leg.Rows[^1].Reason})");
        }
    }

    /// <summary>What begins on a source is told to all its links at once: where one of them has a row for it, each of the others must have one, too.</summary>
    private static void Together(PlainCase c, List<PlainLeg> legs, PlainFindings found)
    {
        var first = new Dictionary<LinkId, long>();
        var last = new Dictionary<LinkId, long>();
        var barred = legs.Where(l => PlainBars.Target(c, l)).Select(l => l.Made.Link).ToHashSet();
        foreach (var row in c.Why)
        {
            first[row.Link] = Math.Min(first.GetValueOrDefault(row.Link, long.MaxValue), row.EventSeq);
            last[row.Link] = Math.Max(last.GetValueOrDefault(row.Link), row.EventSeq);
        }

        var beginnings = c.Why.Where(r => r.Kind is SourceEventKind.Opened or SourceEventKind.OrderPlaced or SourceEventKind.OrderFilled or SourceEventKind.Reversed)
            .GroupBy(r => (r.EventSeq, r.Part, r.Source));
        foreach (var rows in beginnings)
        {
            // A link's first event may tell of what was there before it, and that is told to it alone.
            if (c.Witness.OutOfReach(rows.Key.Source) || rows.Any(r => first[r.Link] == r.EventSeq))
            {
                continue;
            }

            var told = rows.Select(r => r.Link).ToHashSet();
            foreach (var link in c.Settings.SelectMany(s => s.Settings.Links).Where(l => l.Source == rows.Key.Source).Select(l => l.Id).Distinct())
            {
                if (!told.Contains(link) && first.GetValueOrDefault(link, long.MaxValue) < rows.Key.EventSeq && last.GetValueOrDefault(link) > rows.Key.EventSeq
                    && c.Settings[^1].Settings.Links.FirstOrDefault(l => l.Id == link) is { } now && !c.Witness.OutOfReach(now.Target) && !barred.Contains(link))
                {
                    found.Differ($"{link}: event {rows.Key.EventSeq}.{rows.Key.Part} ({rows.First().Kind} {rows.First().Position}{rows.First().Order} on {rows.Key.Source}) has no row in the why-ledger");
                }
            }
        }
    }
}

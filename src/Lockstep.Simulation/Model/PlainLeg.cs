using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Simulation;

/// <summary>One source trade on one link, as the ledger tells of it and as the source broker's books show it.</summary>
internal sealed class PlainLeg
{
    /// <summary>Where the positions of the leg on a hedging target come from.</summary>
    public required PlainOrigin Origin { get; init; }

    /// <summary>The row that made it.</summary>
    public required WhyEntry Made { get; init; }

    /// <summary>All its rows.</summary>
    public List<WhyEntry> Rows { get; } = [];

    /// <summary>The settings of its link in force when it was made or later, oldest first.</summary>
    public required IReadOnlyList<LinkSettings> Versions { get; init; }

    /// <summary>The settings among them that may have answered for it.</summary>
    public required IReadOnlyList<LinkSettings> Answering { get; init; }

    /// <summary>The settings in force at the end; null = the link is gone.</summary>
    public required LinkSettings? Now { get; init; }

    /// <summary>The source position; null while there is only a pending order.</summary>
    public PositionId? Position { get; set; }

    /// <summary>The present life of the source position; null when it is closed, has turned, or is a pending order.</summary>
    public PlainLife? Life { get; set; }

    /// <summary>All lives of the source position on the leg's side.</summary>
    public IReadOnlyList<PlainLife> Lives { get; set; } = [];

    /// <summary>All lives of the source position.</summary>
    public IReadOnlyList<PlainLife> AllLives { get; set; } = [];

    /// <summary>The source's pending order while it waits.</summary>
    public Simulator.OwnerOrder? Order { get; set; }

    /// <summary>True when no later leg of the same link stands for the same position.</summary>
    public bool Last { get; set; }

    /// <summary>The source's side; null when the books do not know the trade (any more).</summary>
    public Side? SourceSide => Life?.Side ?? Order?.Side ?? (Lives.Count > 0 && Lives.All(l => l.Side == Lives[0].Side) ? Lives[0].Side : null);

    /// <summary>The row that stands for its opening.</summary>
    public WhyEntry Opening => Rows.FindLast(r => r.Kind == SourceEventKind.OrderFilled) is { } filled && Made.Kind == SourceEventKind.OrderPlaced ? filled : Made;

    /// <summary>True when some part of it was refused or lapsed.</summary>
    public bool FellShort => Rows.Exists(r => r.Outcome is WhyOutcome.Refused or WhyOutcome.Lapsed);

    /// <summary>A name for a person.</summary>
    public override string ToString() =>
        $"{Made.Link} ({Made.Source} to {Made.Target}) {Made.Symbol} {(Position is { } p ? $"position {p}" : $"order {Made.Order}")}{(Origin.Turn > 0 ? $" turn {Origin.Turn}" : "")}";
}

/// <summary>Reads the legs out of the ledger and the source brokers' books.</summary>
internal static class PlainLegs
{
    public static List<PlainLeg> Of(PlainCase c, IReadOnlyDictionary<AccountId, IReadOnlyList<PlainLife>> lives)
    {
        var legs = new List<PlainLeg>();
        var byPosition = new Dictionary<(LinkId, PositionId), PlainLeg>();
        var byOrder = new Dictionary<(LinkId, OrderId), PlainLeg>();
        foreach (var row in c.Why.OrderBy(r => r.EventSeq).ThenBy(r => r.Part))
        {
            PlainLeg? leg = null;
            bool goesOn = row is { Kind: SourceEventKind.OrderFilled, Order: { } was } && byOrder.TryGetValue((row.Link, was), out leg);
            if (!goesOn && row.Kind is SourceEventKind.Opened or SourceEventKind.OrderFilled or SourceEventKind.Reversed or SourceEventKind.OrderPlaced)
            {
                leg = Make(c, row, row.Kind != SourceEventKind.OrderPlaced && row.Position is { } p && byPosition.TryGetValue((row.Link, p), out var before) ? before : null);
                legs.Add(leg);
                if (row.Order is { } order)
                {
                    byOrder[(row.Link, order)] = leg;
                }
            }
            else if (!goesOn && !(row.Position is { } at && byPosition.TryGetValue((row.Link, at), out leg)))
            {
                _ = row.Order is { } o && byOrder.TryGetValue((row.Link, o), out leg);
            }

            leg?.Rows.Add(row);

            // The row of a pending order may be written when it has become a position already; it stands for that only from the fill on.
            if (leg is not null && row.Position is { } position && row.Kind != SourceEventKind.OrderPlaced)
            {
                leg.Position = position;
                byPosition[(row.Link, position)] = leg;
            }
        }

        foreach (var leg in legs)
        {
            Attach(c, leg, lives, leg.Position is { } p && byPosition[(leg.Made.Link, p)] == leg);
        }

        return legs;
    }

    private static PlainLeg Make(PlainCase c, WhyEntry row, PlainLeg? before)
    {
        var versions = new List<LinkSettings>();
        var answering = new List<LinkSettings>();
        int incarnation = 0;
        int own = 0;
        bool there = false;
        for (int i = 0; i < c.Settings.Count; i++)
        {
            var link = c.Settings[i].Settings.Links.FirstOrDefault(l => l.Id == row.Link);
            incarnation += link is not null && !there ? 1 : 0;
            there = link is not null;
            bool passed = i + 1 < c.Settings.Count && c.Settings[i + 1].From < row.SeenAt;
            if (link is null || passed)
            {
                continue;
            }

            own = own == 0 ? incarnation : own;
            if (own == incarnation)
            {
                versions.Add(link);
                if (c.Settings[i].From <= row.EndedAt)
                {
                    answering.Add(link);
                }
            }
        }

        var now = incarnation == own ? c.Settings[^1].Settings.Links.FirstOrDefault(l => l.Id == row.Link) : null;
        bool order = row.Kind == SourceEventKind.OrderPlaced;
        return new PlainLeg
        {
            Origin = new PlainOrigin(row.Link, own, order ? row.Order!.Value.Value : row.Position!.Value.Value, order, (before?.Origin.Turn ?? -1) + 1),
            Made = row,
            Versions = versions,
            Answering = answering,
            Now = now,
        };
    }

    private static void Attach(PlainCase c, PlainLeg leg, IReadOnlyDictionary<AccountId, IReadOnlyList<PlainLife>> lives, bool last)
    {
        leg.Last = last;
        if (!lives.TryGetValue(leg.Made.Source, out var all))
        {
            return;
        }

        if (leg.Position is { } position)
        {
            var own = all.Where(l => l.Position == position).ToList();
            leg.AllLives = own;
            if (own.Count > 0 && last && own[^1].IsOpen && leg.Now is not null)
            {
                leg.Lives = [.. own.Where(l => l.Side == own[^1].Side)];
                leg.Life = own[^1];
            }
            else
            {
                // Which turn of a position that is gone it stood for cannot be told for sure: a turn may have passed unseen.
                leg.Lives = own;
            }
        }
        else
        {
            leg.Order = c.Books.First(b => b.Account == leg.Made.Source).Orders.FirstOrDefault(o => o.Id == leg.Made.Order!.Value.Value);
        }
    }
}

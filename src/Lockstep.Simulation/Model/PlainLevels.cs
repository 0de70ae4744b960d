using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>Stop loss, take profit and pending orders on hedging targets: the source's own, the two levels changed round on a hedge.</summary>
internal static class PlainLevels
{
    public static void Check(PlainCase c, PlainBook book, PlainLeg leg, PlainHolding holding, PlainFindings found)
    {
        if (leg.Now is not { Mode: LinkMode.On or LinkMode.CloseOnly } link || PlainWanted.TargetSpec(c, leg) is not { } spec)
        {
            return;
        }

        var source = c.Books.First(b => b.Account == leg.Made.Source);
        if (leg.Life is { } life && link.Stops == StopsPolicy.Copy && source.Positions.FirstOrDefault(p => p.Id == life.Position.Value) is { } at)
        {
            var (stopLoss, takeProfit) = Carried(link, spec, at.StopLoss, at.TakeProfit);
            foreach (var position in holding.Positions)
            {
                if ((position.StopLoss != stopLoss || position.TakeProfit != takeProfit) && !Excused(c, book, leg, position, spec, stopLoss, takeProfit))
                {
                    found.Differ($"{leg}: position {position.Id} on {book.Account} has SL {Text(position.StopLoss)} TP {Text(position.TakeProfit)}, should have SL {Text(stopLoss)} TP {Text(takeProfit)}");
                }
            }
        }

        if (leg.Order is { } order && link.Mode == LinkMode.On && leg.Made.Outcome == WhyOutcome.Done && holding.Positions.Count == 0 && leg.Versions.All(v => v.Mode == LinkMode.On))
        {
            Pending(c, book, leg, link, spec, order, holding, found);
        }
    }

    private static void Pending(PlainCase c, PlainBook book, PlainLeg leg, LinkSettings link, SymbolSpec spec, OwnerOrder order, PlainHolding holding, PlainFindings found)
    {
        // Filled here before there, and closed again by a stop or by hand: then it does not come back.
        if (leg.FellShort || holding.Steps.Count > 0 || holding.OrderEnded || (link.CloseAfterSourceLost is { } span && c.Witness.Lost(leg.Made.Source, span)))
        {
            return;
        }

        if (holding.Orders.Count != 1)
        {
            if (holding.Orders.Count > 1)
            {
                found.Duplicate($"{leg}: {holding.Orders.Count} pending orders stand for it on {book.Account}");
            }
            else
            {
                found.Lose($"{leg}: no pending order stands for it on {book.Account}", true);
            }

            return;
        }

        var mine = holding.Orders[0];
        bool hedge = link.Kind == LinkKind.Hedge;
        var side = hedge ? order.Side.Opposite() : order.Side;
        var type = !hedge || order.Type == PendingType.StopLimit ? order.Type : order.Type == PendingType.Limit ? PendingType.Stop : PendingType.Limit;
        decimal price = OnTick(spec, order.Price);
        if (mine.Side != side || mine.Type != type || mine.Price != price)
        {
            bool near = leg.Rows.Exists(r => r.Kind == SourceEventKind.OrderChanged) && mine.Side == side && mine.Type == type && Near(c, book, leg, spec, price);
            if (!near)
            {
                found.Differ($"{leg}: order {mine.Id} on {book.Account} is {mine.Side} {mine.Type} {mine.Price}, should be {side} {type} {price}");
            }
        }
    }

    private static (decimal? StopLoss, decimal? TakeProfit) Carried(LinkSettings link, SymbolSpec spec, decimal? stopLoss, decimal? takeProfit)
    {
        decimal? sl = stopLoss is { } s ? OnTick(spec, s) : null;
        decimal? tp = takeProfit is { } t ? OnTick(spec, t) : null;
        return link.Kind == LinkKind.Hedge ? (tp, sl) : (sl, tp);
    }

    /// <summary>
    /// A level that the market came near to could be refused, and is given up after a while; one that the owner moved stays as he left it.
    /// </summary>
    private static bool Excused(PlainCase c, PlainBook book, PlainLeg leg, OwnerPosition position, SymbolSpec spec, decimal? stopLoss, decimal? takeProfit) =>
        c.Witness.Touched(book.Account, position.Id)
        || leg.Versions.Any(v => v.Mode is LinkMode.Off or LinkMode.Shadow)

        // A change of the pending order may have been executed late, on what it had become meanwhile (MT4: the same ticket).
        || (leg.Rows.Exists(r => r.Kind == SourceEventKind.OrderChanged) && c.Witness.Doubtful(book.Account))
        || (stopLoss is { } sl && Near(c, book, leg, spec, sl))
        || (takeProfit is { } tp && Near(c, book, leg, spec, tp))
        || (position.StopLoss is { } a && Near(c, book, leg, spec, a))
        || (position.TakeProfit is { } b && Near(c, book, leg, spec, b));

    private static bool Near(PlainCase c, PlainBook book, PlainLeg leg, SymbolSpec spec, decimal level)
    {
        if (c.Witness.Quotes(book.Account, spec.Name, leg.Made.SeenAt, Timestamp.From(DateTimeOffset.MaxValue)) is not { } quotes)
        {
            return true;
        }

        decimal margin = (Math.Max(spec.StopsLevelPoints, spec.FreezeLevelPoints) + 1) * spec.Point;
        return quotes.Any(q => level >= q.Bid.Value - margin && level <= q.Ask.Value + margin)
            || (quotes.Count > 0 && level >= quotes.Min(q => q.Bid.Value) - margin && level <= quotes.Max(q => q.Ask.Value) + margin);
    }

    private static decimal OnTick(SymbolSpec spec, decimal price)
    {
        decimal below = price - (price % spec.TickSize);
        decimal over = price - below;
        decimal half = spec.TickSize / 2m;
        bool up = over > half || (over == half && below / spec.TickSize % 2m != 0m);
        return up ? below + spec.TickSize : below;
    }

    private static string Text(decimal? level) => level is { } l ? $"{l}" : "none";
}

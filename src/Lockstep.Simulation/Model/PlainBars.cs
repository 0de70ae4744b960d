using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>Where others trade on the same account they can keep ours from being closed: on FIFO accounts their older position, on netting accounts their greater sum.</summary>
internal static class PlainBars
{
    /// <summary>A stranger's older position keeps the leg's source from being closed.</summary>
    public static bool Source(PlainCase c, PlainLeg leg)
    {
        var book = c.Books.First(b => b.Account == leg.Made.Source);
        return book.Mode == AccountMode.Fifo
            && book.Positions.FirstOrDefault(p => p.Id == leg.Position?.Value) is { } own
            && book.Positions.Any(p => p.Symbol == own.Symbol && p.Id != own.Id && p.OpenedAt <= own.OpenedAt);
    }

    /// <summary>
    /// Where the oldest must go first, an older position that is not ours (any more: its link is gone) keeps ours from being closed. All that can be done is to say so.
    /// </summary>
    public static bool Target(PlainCase c, PlainLeg leg)
    {
        var book = c.Books.First(b => b.Account == leg.Made.Target);
        if (book.Mode == AccountMode.Netting)
        {
            // To take ours out of a sum that others outweigh is to trade on their side, for which their money may not be enough.
            return PlainWanted.TargetSpec(c, leg) is { } net && book.Positions.Any(p => p.Symbol == net.Name.Value) && book.Deals.Any(d => d.Symbol == net.Name.Value && d.OwnerKey is null);
        }

        return book.Mode == AccountMode.Fifo
            && PlainWanted.TargetSpec(c, leg) is { } spec
            && book.Positions.Any(p => p.Symbol == spec.Name.Value)
            && (c.Settings.Any(s => s.Settings.Links.Any(l => l.Target == book.Account && !c.Settings[^1].Settings.Links.Any(now => now.Id == l.Id)))
                || book.Deals.Any(d => d.Symbol == spec.Name.Value && d.OwnerKey is null)
                || c.Witness.BrokeHorizon(book.Account));
    }

    /// <summary>A position that nobody can know for ours: executed after the broker's own horizon, with a spoiled comment.</summary>
    public static bool Stray(PlainCase c, PlainBook book, OwnerPosition position) =>
        c.Witness.BrokeHorizon(book.Account) && !OrderKey.TryFind(position.Comment, out _);
}

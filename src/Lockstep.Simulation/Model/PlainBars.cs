using Lockstep.Domain;

namespace Lockstep.Simulation;

/// <summary>FIFO accounts close the oldest first, and a stranger's older position cannot be closed for him: then ours stays, whatever is wanted.</summary>
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
        return book.Mode == AccountMode.Fifo
            && PlainWanted.TargetSpec(c, leg) is { } spec
            && book.Positions.Any(p => p.Symbol == spec.Name.Value)
            && (c.Settings.Any(s => s.Settings.Links.Any(l => l.Target == book.Account && !c.Settings[^1].Settings.Links.Any(now => now.Id == l.Id)))
                || book.Deals.Any(d => d.Symbol == spec.Name.Value && d.OwnerKey is null));
    }
}

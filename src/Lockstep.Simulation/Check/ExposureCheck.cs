using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Simulation;

/// <summary>
/// Never more than the link allows, at any moment: what stood on a hedging target for one source trade never exceeded the most that the link may ever have wanted for it. An
/// order that a broker executes after its own horizon is the one thing that nobody can rule out.
/// </summary>
internal static class ExposureCheck
{
    public static void Check(PlainCase c, Record record, Action<string, string> violate)
    {
        var lives = c.Books.ToDictionary(b => b.Account, PlainLife.Of);
        var legs = PlainLegs.Of(c, lives);
        foreach (var book in c.Books.Where(b => b.Mode == AccountMode.Hedging && !c.Witness.BrokeHorizon(b.Account)))
        {
            var onto = legs.Where(l => l.Made.Target == book.Account).ToList();
            var keys = book.Deals.Where(d => d.OwnerKey is not null).Select(d => d.OwnerKey!.Value);
            var origins = PlainKeys.Resolve(keys, onto.Select(l => l.Origin).Distinct());
            var holdings = PlainHolding.Of(book, origins, [], []);
            foreach (var leg in onto)
            {
                if (!holdings.TryGetValue(leg.Origin, out var holding))
                {
                    continue;
                }

                decimal most = PlainWanted.Most(c, leg);
                decimal peak = holding.Steps.Count == 0 ? 0m : holding.Steps.Max(s => s.Volume);
                if (peak > most)
                {
                    violate("never-more-than-allowed", $"{leg}: {peak} stood on {book.Account} at {holding.Steps.First(s => s.Volume == peak).At}, at most {most} may have been wanted");
                }
            }
        }

        foreach (var row in record.Why.Where(r => r.EndedAt < r.SeenAt))
        {
            violate("time-goes-forward", $"{row.Link}: event {row.EventSeq} was seen at {row.SeenAt} and ended at {row.EndedAt}");
        }
    }
}

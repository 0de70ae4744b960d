using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Simulation;

/// <summary>
/// Netting and FIFO targets hold one sum a symbol: the signed volumes of all legs together. Where others trade on the same symbol the sum can be told only within what they
/// may have taken away.
/// </summary>
internal static class PlainSums
{
    public static void Check(PlainCase c, PlainBook book, List<PlainLeg> legs, PlainFindings found)
    {
        foreach (var spec in book.Symbols)
        {
            string symbol = spec.Name.Value;
            var own = legs.Where(l => PlainWanted.TargetSpec(c, l)?.Name == spec.Name).ToList();
            var deals = book.Deals.Where(d => d.Symbol == symbol).ToList();
            if (own.Count == 0 && deals.All(d => d.OwnerKey is null))
            {
                continue;
            }

            found.Compared++;
            if (book.Mode == AccountMode.Fifo && book.Positions.Any(p => p.Symbol == symbol && PlainBars.Stray(c, book, p)))
            {
                // Nobody can know it for ours, and it may bar the way for all that came after it.
                continue;
            }

            // A link that leads on from here may close what stands here (two-way, naked legs): to this sum that is somebody else.
            bool unwinds = c.Settings.Any(s => s.Settings.Links.Any(l => l.Source == book.Account && (l.TwoWay || l.NakedTime is not null || l.NakedLoss is not null)));
            bool others = unwinds || deals.Any(d => d.OwnerKey is null);
            bool shortfall = own.Any(l => l.FellShort) || c.Witness.BrokeHorizon(book.Account);
            decimal low = 0m;
            decimal high = 0m;
            foreach (var leg in own)
            {
                var range = PlainWanted.Now(c, leg, null);
                decimal least = others || shortfall ? 0m : range.Low;
                decimal most = range.High == decimal.MaxValue ? PlainWanted.Most(c, leg) : range.High;

                // What a gone link left behind may stand on either side, when its source turned.
                bool? buys = leg.SourceSide is { } side ? (side == Side.Buy) != (leg.Versions[^1].Kind == LinkKind.Hedge) : null;
                low += buys == true ? least : -most;
                high += buys == false ? -least : most;
            }

            if (book.Mode == AccountMode.Fifo && own.Exists(l => PlainBars.Target(c, l)))
            {
                // What is to go may have to stay.
                decimal most = own.Sum(l => PlainWanted.Most(c, l));
                (low, high) = (low - most, high + most);
            }

            decimal foreign = others && book.Mode == AccountMode.Netting ? deals.Where(d => d.OwnerKey is null).Sum(d => d.Volume) : 0m;
            decimal held = book.Positions
                .Where(p => p.Symbol == symbol && (book.Mode == AccountMode.Netting || (p.OwnerKey is not null && !PlainBars.Stray(c, book, p))))
                .Sum(p => p.Side == Side.Buy ? p.Volume : -p.Volume);
            decimal slack = low == 0m && high == 0m ? 0m : spec.MinLots.Value;
            string text = $"{book.Account} {symbol}: holds {held}, should hold {(low == high ? $"{low}" : $"{low} to {high}")} for {own.Count(l => l.Life is not null)} open source trades";
            if (held > high + foreign && (held - high - foreign >= slack))
            {
                Tell(held > 0m, text);
            }
            else if (held < low - foreign && (low - foreign - held >= slack))
            {
                Tell(held < 0m, text);
            }
        }

        void Tell(bool tooMuch, string text)
        {
            if (tooMuch)
            {
                found.Duplicate(text);
            }
            else
            {
                found.Lose(text, true);
            }
        }
    }
}

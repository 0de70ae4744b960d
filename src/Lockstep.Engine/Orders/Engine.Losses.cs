using Lockstep.Domain;

namespace Lockstep.Engine;

/// <content>What others took away from our positions stays away.</content>
public sealed partial class Engine
{
    /// <summary>One of our positions became smaller: by our own order, or by somebody else. What somebody else took away stays away.</summary>
    private void Shrunk(AccountBook book, Pool pool, Holding holding, Lots now, IReadOnlyList<DealReport> deals)
    {
        var lost = holding.Volume - now;
        holding.Volume = now;
        MarkDirty(pool);
        if (pool.Kind == PoolKind.CloseSource)
        {
            return;
        }

        // A snapshot tells old deals once more: what one of them explains has gone from the volume long ago.
        var byUs = Lots.Zero;
        for (int i = 0; i < deals.Count; i++)
        {
            if (deals[i].Position == holding.Position && deals[i].Entry != DealEntry.In && FirstLook(pool, deals[i].Id)
                && deals[i].Tag.Key is { } closer && _keys.GetValueOrDefault(closer) is { Reducing: true } owner && owner.Pool == pool.Number)
            {
                byUs += deals[i].Volume;
            }
        }

        var reason = WhyReason.TargetClosedByHand;
        var byOthers = pool.InFlight is { } key && _intents[key].Command is ReducePosition reduce && reduce.Position == holding.Position
            ? Lots.Max(Lots.Zero, reduce.TargetVolume - now)
            : Lots.Max(Lots.Zero, lost - byUs);
        for (int i = 0; i < deals.Count; i++)
        {
            if (deals[i].Position == holding.Position && deals[i].Reason is DealReason.StopLoss or DealReason.TakeProfit)
            {
                reason = WhyReason.TargetStopHit;
            }
        }

        if (byOthers.Value > 0 && _plant != Plant.ForgetTombstone)
        {
            TakenAway(pool, book, holding.Side, byOthers, reason);
        }
    }

    /// <summary>Others took volume away from a pool: its legs' ceilings fall, oldest first.</summary>
    private void TakenAway(Pool pool, AccountBook book, Side side, Lots amount, WhyReason reason)
    {
        if (pool.Kind == PoolKind.Leg)
        {
            var leg = _legs[pool.Legs[0]];
            var held = HeldBy(pool).Abs;

            // What is on its way was not taken away: an increase that crosses the owner's partial close still counts.
            var left = held + OnItsWay(pool);
            leg.Ceiling = leg.Ceiling is { } c ? Lots.Min(c, left) : left;
            if (held.IsZero && leg.Status == LegStatus.Active && !leg.SourceVolume.IsZero)
            {
                End(leg, WhyOutcome.Nothing, reason, Refusal.None, $"closed on {book.Id}");
            }

            return;
        }

        foreach (long number in pool.Legs.ToArray())
        {
            if (amount.Value <= 0)
            {
                return;
            }

            var leg = _legs[number];
            if (leg.Status != LegStatus.Active || leg.TargetSide != side || leg.Share.IsZero)
            {
                continue;
            }

            var part = Lots.Min(leg.Share, amount);
            amount -= part;
            leg.Share -= part;
            leg.Ceiling = leg.Ceiling is { } c ? Lots.Min(c, leg.Share) : leg.Share;
            if (leg.Share.IsZero && !leg.SourceVolume.IsZero)
            {
                End(leg, WhyOutcome.Nothing, reason, Refusal.None, $"closed on {book.Id}");
            }
        }

        GrowthTaken(pool, book, side, amount, reason);
    }

    /// <summary>What the pool's opening in flight may still bring on top of what is shown of it.</summary>
    private Lots OnItsWay(Pool pool) =>
        pool.InFlight is { } key && _intents[key] is { Command: OpenMarket open } opening ? Lots.Max(Lots.Zero, open.Volume - opening.Attached) : Lots.Zero;

    /// <summary>What an opening of ours filled was taken away before anybody saw it: it never was in a share, and is taken from what the legs wanted on top of theirs.</summary>
    private void LostUnseen(Pool pool, AccountBook book, Side side, Lots amount)
    {
        if (pool.Kind == PoolKind.Symbol)
        {
            amount = GrowthTaken(pool, book, side, amount, WhyReason.TargetClosedByHand);
        }

        if (amount.Value > 0)
        {
            TakenAway(pool, book, side, amount, WhyReason.TargetClosedByHand);
        }
    }

    /// <summary>Taken from what was just opened and has no share yet; the rest of the amount is given back.</summary>
    private Lots GrowthTaken(Pool pool, AccountBook book, Side side, Lots amount, WhyReason reason)
    {
        var spec = book.Symbols[pool.Symbol];
        foreach (long number in pool.Legs.ToArray())
        {
            var leg = _legs[number];
            if (amount.Value <= 0 || leg.Status != LegStatus.Active || leg.TargetSide != side)
            {
                continue;
            }

            var wanted = WantedBy(leg, spec, leg.Share, ModeOf(leg));
            var part = Lots.Min(wanted - leg.Share, amount);
            if (part.Value <= 0)
            {
                continue;
            }

            amount -= part;
            if (part == wanted && !leg.SourceVolume.IsZero)
            {
                End(leg, WhyOutcome.Nothing, reason, Refusal.None, $"closed on {book.Id}");
            }
            else
            {
                leg.Ceiling = wanted - part;
            }
        }

        return amount;
    }
}

using Lockstep.Domain;

namespace Lockstep.Engine;

/// <content>What the target's book says about our positions and orders.</content>
public sealed partial class Engine
{
    /// <summary>Notes evidence for orders on their way and, on netting, counts our deals: each deal once, however often it is reported.</summary>
    private void TakeDeals(AccountBook book, IReadOnlyList<DealReport> deals)
    {
        bool netting = book.Capabilities is { Mode: AccountMode.Netting };
        for (int i = 0; i < deals.Count; i++)
        {
            var deal = deals[i];
            if (OwnerKey(book, deal.Tag, deal.Symbol) is not { } key)
            {
                continue;
            }

            var pool = netting && _keys.TryGetValue(key, out var owner) && _pools.TryGetValue(owner.Pool, out var p) && p.Kind == PoolKind.Symbol ? p : null;
            if (_intents.TryGetValue(key, out var intent))
            {
                // On MT4 a closing shows the comment of the ticket's opening: a key on a closing deal is no evidence of an opening.
                if (!intent.Deals.Contains(deal.Id) && (netting || intent.Reducing || deal.Entry == DealEntry.In))
                {
                    intent.Deals.Add(deal.Id);
                    intent.DealVolume += deal.Volume;
                    Count(pool, deal);
                }
            }
            else if (pool is not null && deal.Id.CompareTo(pool.DealsUpTo) > 0 && !pool.Deals.Contains(deal.Id))
            {
                Count(pool, deal);
                Alert(AlertLevel.Critical, "late-execution", book.Id, null, $"Order {key} on {book.Id} was executed after it had been proved absent ({deal.Side} {deal.Volume} {deal.Symbol}). The surplus is closed.");
            }
        }
    }

    private void Count(Pool? pool, DealReport deal)
    {
        if (pool is null)
        {
            return;
        }

        pool.Ours += deal.Side.Signed(deal.Volume);
        pool.Deals.Add(deal.Id);
        if (pool.Deals.Count > 512)
        {
            pool.Deals.Sort();
            pool.DealsUpTo = pool.Deals[255];
            pool.Deals.RemoveRange(0, 256);
        }

        MarkDirty(pool);
    }

    /// <summary>Where closing deals carry no key (cTrader), the closing that is in flight on a netted position explains what is missing from it, up to what it asked for.</summary>
    private void ExplainByClosing(AccountBook book, Pool pool, PositionId position, Lots held)
    {
        if (book.Capabilities!.ClosingDealsTagged || pool.InFlight is not { } key || _intents[key] is not { Command: ReducePosition reduce } intent || reduce.Position != position)
        {
            return;
        }

        var believed = pool.Ours + pool.Foreign;
        var gone = believed - held;
        if (gone.Sign == believed.Sign && !gone.IsZero)
        {
            var part = Lots.Min(gone.Abs, intent.VolumeBefore - reduce.TargetVolume - intent.DealVolume);
            if (part.Value > 0)
            {
                intent.DealVolume += part;
                pool.Ours -= part * gone.Sign;
            }
        }
    }

    /// <summary>
    /// The key that an order, position or deal belongs to: the tag's own, or, where a broker rewrote the comment, the one order in doubt on that account and
    /// symbol with the same magic number. Several candidates are none.
    /// </summary>
    private OrderKey? OwnerKey(AccountBook book, OrderTag tag, SymbolName symbol)
    {
        if (tag.Key is { } key)
        {
            return _keys.ContainsKey(key) ? key : null;
        }

        if (!OrderKey.IsOurMagic(tag.Magic))
        {
            return null;
        }

        OrderKey? found = null;
        foreach (var intent in book.Intents)
        {
            if (intent.Command.Symbol == symbol && intent.Key.Magic == tag.Magic)
            {
                if (found is not null)
                {
                    return null;
                }

                found = intent.Key;
            }
        }

        return found;
    }

    private void TargetPosition(AccountBook book, PositionReport? before, PositionReport now, IReadOnlyList<DealReport> deals, bool snapshot)
    {
        if (book.Capabilities is { Mode: AccountMode.Netting })
        {
            NetChanged(book, now.Symbol, deals, now.Id);
            return;
        }

        if (!_holders.TryGetValue((book.Id, now.Id), out var pool))
        {
            if (before is null || snapshot)
            {
                Adopt(book, now, isNew: before is null);
            }

            return;
        }

        var holding = pool.Holdings.Find(h => h.Position == now.Id)!;
        if (now.Volume < holding.Volume)
        {
            Shrunk(book, pool, holding, now.Volume, deals);
        }
        else if (now.Volume > holding.Volume)
        {
            holding.Volume = now.Volume;
            MarkDirty(pool);
        }

        Confirm(pool, holding, now, snapshot);
        bool lost = (holding.Asked is { StopLoss: not null } && now.StopLoss is null && (snapshot || before?.StopLoss is not null))
            || (holding.Asked is { TakeProfit: not null } && now.TakeProfit is null && (snapshot || before?.TakeProfit is not null));
        if (lost && pool.InFlight is null)
        {
            holding.Asked = null;
            MarkDirty(pool);
        }
    }

    private void TargetPositionGone(AccountBook book, PositionReport before, IReadOnlyList<DealReport> deals)
    {
        if (book.Capabilities is { Mode: AccountMode.Netting })
        {
            NetChanged(book, before.Symbol, deals, before.Id);
            return;
        }

        if (!_holders.Remove((book.Id, before.Id), out var pool))
        {
            return;
        }

        var holding = pool.Holdings.Find(h => h.Position == before.Id)!;
        pool.Holdings.Remove(holding);
        Shrunk(book, pool, holding, Lots.Zero, deals);
    }

    /// <summary>A new position with one of our keys, or answered as ours, joins its pool.</summary>
    private void Adopt(AccountBook book, PositionReport now, bool isNew)
    {
        var key = OwnerKey(book, now.Tag, now.Symbol);
        if (key is null && now.OpeningOrder is { } opening && _pendingHolders.TryGetValue((book.Id, opening), out var waiting))
        {
            Attach(waiting, now, null);
            return;
        }

        if (key is null)
        {
            foreach (var candidate in book.Intents)
            {
                if (candidate.State == IntentState.Settling && candidate.Position == now.Id && candidate.Command is OpenMarket)
                {
                    key = candidate.Key;
                }
            }
        }

        if (key is not { } k)
        {
            if (now.Tag.Key is not null && isNew)
            {
                Alert(AlertLevel.Warning, "unknown-lockstep-position", book.Id, null, $"Position {now.Id} on {book.Id} carries the Lockstep key {now.Tag.Key}, which is not known here. It is left to you.");
            }

            return;
        }

        if (!_keys.TryGetValue(k, out var owner) || owner.Pool == 0 || !_pools.TryGetValue(owner.Pool, out var pool))
        {
            return;
        }

        if (!_intents.ContainsKey(k) && (pool.Pending is null || pool.Pending != now.OpeningOrder))
        {
            Alert(AlertLevel.Critical, "late-execution", book.Id, null, $"Order {k} on {book.Id} was executed after it had been proved absent (position {now.Id}, {now.Side} {now.Volume} {now.Symbol}). What is not wanted any more is closed.");
        }

        Attach(pool, now, _intents.GetValueOrDefault(k));
    }

    private void Attach(Pool pool, PositionReport now, Intent? intent)
    {
        if (_holders.TryGetValue((pool.Account, now.Id), out var holder))
        {
            if (holder == pool)
            {
                return;
            }

            // A contradiction in the reports, not in the state: the first owner keeps it.
            Alert(AlertLevel.Critical, "position-claimed-twice", pool.Account, null, $"Position {now.Id} on {pool.Account} was reported as the result of two different orders. It stays with the first; please look at the account.");
            return;
        }

        Levels? asked = intent?.Command switch
        {
            OpenMarket o => new Levels(o.StopLoss, o.TakeProfit),
            PlacePending p => new Levels(p.StopLoss, p.TakeProfit),
            _ => new Levels(now.StopLoss, now.TakeProfit),
        };
        var holding = new Holding { Position = now.Id, Side = now.Side, Volume = now.Volume, Asked = asked };
        pool.Holdings.Add(holding);
        Confirm(pool, holding, now, snapshot: false);
        _holders.Add((pool.Account, now.Id), pool);
        MarkDirty(pool);
    }

    /// <summary>
    /// Levels that went with an opening may come out otherwise (cTrader takes distances there, and a slipped fill moves them). The first levels that the book shows
    /// tell; later ones are somebody's choice.
    /// </summary>
    private void Confirm(Pool pool, Holding holding, PositionReport now, bool snapshot)
    {
        if (holding.Confirmed || holding.Asked is not { } asked)
        {
            return;
        }

        var shown = new Levels(now.StopLoss, now.TakeProfit);
        if (shown == asked)
        {
            holding.Confirmed = true;
        }
        else if (snapshot || shown != default)
        {
            holding.Asked = null;
            MarkDirty(pool);
        }
    }

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

        var reason = WhyReason.TargetClosedByHand;
        var byOthers = lost;
        if (pool.InFlight is { } key && _intents[key].Command is ReducePosition reduce && reduce.Position == holding.Position)
        {
            byOthers = now >= reduce.TargetVolume ? Lots.Zero : reduce.TargetVolume - now;
        }
        else
        {
            for (int i = 0; i < deals.Count; i++)
            {
                if (deals[i].Position != holding.Position || deals[i].Entry == DealEntry.In)
                {
                    continue;
                }

                if (deals[i].Tag.Key is { } closer && _keys.GetValueOrDefault(closer) is { Reducing: true } owner && owner.Pool == pool.Number)
                {
                    byOthers = Lots.Max(Lots.Zero, byOthers - deals[i].Volume);
                }
            }
        }

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
            leg.Ceiling = leg.Ceiling is { } c ? Lots.Min(c, held) : held;
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

        // Taken from what was just opened and has no share yet.
        var spec = book.Symbols[pool.Symbol];
        foreach (long number in pool.Legs.ToArray())
        {
            var leg = _legs[number];
            if (amount.Value <= 0 || leg.Status != LegStatus.Active || leg.TargetSide != side)
            {
                continue;
            }

            var wanted = WantedBy(leg, spec, leg.Share, ModeOf(leg));
            var part = Lots.Min(wanted, amount);
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
    }

    /// <summary>The netted position of a symbol changed: what our deals do not explain was done by others.</summary>
    private void NetChanged(AccountBook book, SymbolName symbol, IReadOnlyList<DealReport> deals, PositionId position)
    {
        if (!_symbolPools.TryGetValue((book.Id, symbol), out var pool))
        {
            return;
        }

        MarkDirty(pool);
        var held = NetOf(book, symbol);
        ExplainByClosing(book, pool, position, held);
        var foreign = held - pool.Ours;
        if (foreign == pool.Foreign)
        {
            return;
        }

        bool sameWay = pool.Foreign.IsZero || pool.Foreign.Sign == pool.Ours.Sign;
        bool eaten = held.Sign != pool.Ours.Sign || held.Abs < pool.Ours.Abs;
        if (sameWay && eaten && !pool.Ours.IsZero)
        {
            var left = held.Sign == pool.Ours.Sign ? held : Lots.Zero;
            var gone = (pool.Ours - left).Abs;
            var side = pool.Ours.Sign > 0 ? Side.Buy : Side.Sell;
            pool.Ours = left;
            pool.Foreign = held - left;
            var reason = WhyReason.TargetClosedByHand;
            for (int i = 0; i < deals.Count; i++)
            {
                if (deals[i].Position == position && deals[i].Reason is DealReason.StopLoss or DealReason.TakeProfit)
                {
                    reason = WhyReason.TargetStopHit;
                }
            }

            if (_plant != Plant.ForgetTombstone)
            {
                TakenAway(pool, book, side, gone, reason);
            }
        }
        else
        {
            pool.Foreign = foreign;
        }
    }

    private void TargetOrder(AccountBook book, PendingReport now)
    {
        if (_pendingHolders.ContainsKey((book.Id, now.Id)) || OwnerKey(book, now.Tag, now.Symbol) is not { } key)
        {
            return;
        }

        if (_keys.TryGetValue(key, out var owner) && owner.Pool != 0 && _pools.TryGetValue(owner.Pool, out var pool) && pool.Kind == PoolKind.Leg)
        {
            HoldPending(pool, now.Id, _intents.GetValueOrDefault(key)?.Command as PlacePending, now);
        }
    }

    private void HoldPending(Pool pool, OrderId id, PlacePending? placed, PendingReport? now)
    {
        if (pool.Pending is { } other && other != id)
        {
            Alert(AlertLevel.Critical, "two-pending-orders", pool.Account, null, $"Two pending orders ({other}, {id}) stand on {pool.Account} for one source order. The later one is left to you.");
            return;
        }

        pool.Pending = id;
        _pendingHolders[(pool.Account, id)] = pool;
        if (placed is not null && now is not null)
        {
            pool.PendingAsked = now with { Price = placed.Price, LimitPrice = placed.LimitPrice, StopLoss = placed.StopLoss, TakeProfit = placed.TakeProfit, Expiry = placed.Expiry };
        }

        MarkDirty(pool);
    }

    private void TargetOrderGone(AccountBook book, PendingReport before)
    {
        if (!_pendingHolders.Remove((book.Id, before.Id), out var pool))
        {
            return;
        }

        pool.Pending = null;
        pool.PendingAsked = null;
        MarkDirty(pool);
        bool byUs = pool.InFlight is { } key && _intents[key].Command is CancelPending;
        var leg = _legs[pool.Legs[0]];
        if (!byUs && pool.Holdings.Count == 0 && leg.Status == LegStatus.Active && !leg.SourceVolume.IsZero && !FilledFrom(book, before.Id))
        {
            End(leg, WhyOutcome.Nothing, WhyReason.TargetClosedByHand, Refusal.None, $"pending order {before.Id} was removed on {book.Id}");
        }
    }

    private static bool FilledFrom(AccountBook book, OrderId order)
    {
        foreach (var position in book.Positions.Values)
        {
            if (position.OpeningOrder == order)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What our orders hold for a pool, signed.</summary>
    private Lots HeldBy(Pool pool)
    {
        if (pool.Kind == PoolKind.Symbol && _accounts[pool.Account].Capabilities is { Mode: AccountMode.Netting })
        {
            return pool.Ours;
        }

        var sum = Lots.Zero;
        for (int i = 0; i < pool.Holdings.Count; i++)
        {
            sum += pool.Holdings[i].Side.Signed(pool.Holdings[i].Volume);
        }

        return sum;
    }

    private static PositionReport? NetPosition(AccountBook book, SymbolName symbol)
    {
        // At most one on a netting account, so the order of the walk does not matter.
        foreach (var position in book.Positions.Values)
        {
            if (position.Symbol == symbol)
            {
                return position;
            }
        }

        return null;
    }

    private static Lots NetOf(AccountBook book, SymbolName symbol) => NetPosition(book, symbol) is { } p ? p.Side.Signed(p.Volume) : Lots.Zero;
}

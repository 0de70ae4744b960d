using Lockstep.Domain;

namespace Lockstep.Engine;

/// <content>Whose is it? Keys and deals, and on netting accounts the part of the sum that is ours.</content>
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
                // Two deals tell of one close-by: the first position's counts.
                if (!intent.Deals.Contains(deal.Id) && (intent.Command is not CloseBy by || by.Position == deal.Position) && (netting || deal.Entry == DealEntry.In || (intent.Reducing && intent.Command is not OpenMarket)))
                {
                    intent.Deals.Add(deal.Id);
                    intent.DealVolume += deal.Volume;
                    Count(pool, deal);
                }
            }
            else if (pool is not null && !pool.Deals.Contains(deal.Id))
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
        FirstLook(pool, deal.Id);
        MarkDirty(pool);
    }

    /// <summary>True the first time a pool looks at a deal. Deals are told again in snapshots, and their numbers grow on no platform for certain.</summary>
    private static bool FirstLook(Pool pool, DealId deal)
    {
        if (pool.Deals.Contains(deal))
        {
            return false;
        }

        pool.Deals.Add(deal);
        if (pool.Deals.Count > 512)
        {
            pool.Deals.RemoveRange(0, 256);
        }

        return true;
    }

    /// <summary>Where closing deals carry no key (cTrader), the closing that is in flight on a netted position explains what is missing from it, up to what it asked for.</summary>
    private void ExplainByClosing(AccountBook book, Pool pool, List<PositionId> touched, Lots held)
    {
        if (book.Capabilities!.ClosingDealsTagged || pool.InFlight is not { } key)
        {
            return;
        }

        // A closing, up to what it asked for; or an opening against the position, which closes it and may turn it under another number.
        var intent = _intents[key];
        var asked = intent.Command switch
        {
            ReducePosition reduce when touched.Contains(reduce.Position) => intent.VolumeBefore - reduce.TargetVolume,
            OpenMarket open when open.Side.Sign() == -(pool.Ours + pool.Foreign).Sign => open.Volume,
            _ => Lots.Zero,
        };
        var believed = pool.Ours + pool.Foreign;
        var gone = believed - held;
        if (gone.Sign == believed.Sign && !gone.IsZero)
        {
            var part = Lots.Min(gone.Abs, asked - intent.DealVolume);
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

    /// <summary>Looks at the netted symbols that a message touched, when all of it was taken in: in the middle of a turn the sum is nobody's.</summary>
    private void NetsChanged(AccountBook book, IReadOnlyList<DealReport> deals)
    {
        while (_netTouched.Count > 0)
        {
            var symbol = _netTouched[0].Symbol;
            List<PositionId> touched = [];
            foreach (var (other, position) in _netTouched)
            {
                if (other == symbol)
                {
                    touched.Add(position);
                }
            }

            _netTouched.RemoveAll(t => t.Symbol == symbol);
            NetChanged(book, symbol, deals, touched);
        }
    }

    /// <summary>The netted position of a symbol changed: what our deals do not explain was done by others.</summary>
    private void NetChanged(AccountBook book, SymbolName symbol, IReadOnlyList<DealReport> deals, List<PositionId> touched)
    {
        if (!_symbolPools.TryGetValue((book.Id, symbol), out var pool))
        {
            return;
        }

        MarkDirty(pool);
        var held = NetOf(book, symbol);
        ExplainByClosing(book, pool, touched, held);
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
                if (touched.Contains(deals[i].Position) && deals[i].Reason is DealReason.StopLoss or DealReason.TakeProfit)
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

    /// <summary>The symbol's position; while one turns under another number there may be two in the middle of a message, and the older one counts.</summary>
    private static PositionReport? NetPosition(AccountBook book, SymbolName symbol)
    {
        PositionReport? found = null;
        foreach (var position in book.Positions.Values)
        {
            if (position.Symbol == symbol && (found is null || position.Id.CompareTo(found.Id) < 0))
            {
                found = position;
            }
        }

        return found;
    }

    private static Lots NetOf(AccountBook book, SymbolName symbol)
    {
        var sum = Lots.Zero;
        foreach (var position in book.Positions.Values)
        {
            if (position.Symbol == symbol)
            {
                sum += position.Side.Signed(position.Volume);
            }
        }

        return sum;
    }
}

using Lockstep.Domain;

namespace Lockstep.Engine;

/// <content>What the target's book says about our positions and pending orders.</content>
public sealed partial class Engine
{
    private void TargetPosition(AccountBook book, PositionReport? before, PositionReport now, IReadOnlyList<DealReport> deals, bool snapshot)
    {
        if (book.Capabilities is { Mode: AccountMode.Netting })
        {
            _netTouched.Add((now.Symbol, now.Id));
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
            if (pool.InFlight is { } filling && _intents[filling] is { Command: OpenMarket } intent)
            {
                intent.Attached += now.Volume - holding.Volume;
            }

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
            _netTouched.Add((before.Symbol, before.Id));
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
        if (intent is not null)
        {
            intent.Attached += now.Volume;
        }

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
        if (leg is { SourcePending: false, OpenUntil: not null } && SettingsOf(leg)?.Filters.MaxAge is { } age)
        {
            // What the source added while ours waited could not be opened before now.
            leg.OpenUntil = _now + age;
        }

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
}

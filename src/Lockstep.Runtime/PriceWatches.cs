using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Runtime;

/// <summary>
/// Looks at every quote on the engine's behalf and tells it once when a level is reached, so that the journal holds the crossing and not the ticks before it. Safe
/// for all threads.
/// </summary>
public sealed class PriceWatches(QuoteBoard board, Action<WatchFired> fire)
{
    private readonly Dictionary<(AccountId, SymbolName), List<WatchPrice>> _bySymbol = [];
    private readonly Dictionary<WatchId, WatchPrice> _byId = [];
    private readonly Lock _gate = new();

    /// <summary>How many are armed.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _byId.Count;
            }
        }
    }

    /// <summary>Watches a level; fires at once when the latest quote is already there.</summary>
    public void Arm(WatchPrice watch)
    {
        lock (_gate)
        {
            Remove(watch.Watch);
            _byId.Add(watch.Watch, watch);
            if (!_bySymbol.TryGetValue((watch.Account, watch.Symbol), out var list))
            {
                list = [];
                _bySymbol.Add((watch.Account, watch.Symbol), list);
            }

            list.Add(watch);
        }

        if (board.Quote(watch.Account, watch.Symbol) is { } quote)
        {
            Look(watch.Account, watch.Symbol, quote);
        }
    }

    /// <summary>Forgets a watch; what is not watched does no harm.</summary>
    public void Disarm(WatchId watch)
    {
        lock (_gate)
        {
            Remove(watch);
        }
    }

    /// <summary>A new quote: whatever it reaches fires, in the order in which it was armed, and is watched no more.</summary>
    public void Look(AccountId account, SymbolName symbol, Quote quote)
    {
        List<WatchPrice>? reached = null;
        lock (_gate)
        {
            if (!_bySymbol.TryGetValue((account, symbol), out var list))
            {
                return;
            }

            foreach (var watch in list)
            {
                var price = quote.ToClose(watch.Side);
                if (watch.Crossing == Crossing.AtOrBelow ? price <= watch.Level : price >= watch.Level)
                {
                    (reached ??= []).Add(watch);
                }
            }

            foreach (var watch in reached ?? [])
            {
                Remove(watch.Watch);
            }
        }

        foreach (var watch in reached ?? [])
        {
            fire(new WatchFired(watch.Watch, quote));
        }
    }

    private void Remove(WatchId id)
    {
        if (_byId.Remove(id, out var watch))
        {
            var key = (watch.Account, watch.Symbol);
            var list = _bySymbol[key];
            list.Remove(watch);
            if (list.Count == 0)
            {
                _bySymbol.Remove(key);
            }
        }
    }
}

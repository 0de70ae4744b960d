using Lockstep.Domain;

namespace Lockstep.Server.Rest.Faces;

/// <summary>
/// What somebody wants prices and candles of without being connected: programs that take them from the message broker say so over HTTP. Kept as long as the process runs, as the programs' own counters
/// expect it of the service.
/// </summary>
internal sealed class Headless
{
    /// <summary>Most symbols, and most candles, of an account.</summary>
    public const int Most = 500;

    private readonly Lock _gate = new();
    private readonly Dictionary<AccountId, Wanted> _wanted = [];

    /// <summary>Told of a symbol that is wanted from now on, or no longer; a symbol that is wanted for its price and for two candles is wanted three times.</summary>
    public event Action<AccountId, SymbolName, bool>? Changed;

    /// <summary>The account's prices are wanted. False = they were already.</summary>
    public bool Add(AccountId account, SymbolName symbol, Timeframe? frame)
    {
        lock (_gate)
        {
            if (!_wanted.TryGetValue(account, out var wanted))
            {
                _wanted[account] = wanted = new Wanted([], []);
            }

            if (frame is { } of ? wanted.Candles.Count >= Most || !wanted.Candles.Add((symbol, of)) : wanted.Prices.Count >= Most || !wanted.Prices.Add(symbol))
            {
                return false;
            }
        }

        Changed?.Invoke(account, symbol, true);
        return true;
    }

    /// <summary>They are wanted no longer. False = they were not.</summary>
    public bool Remove(AccountId account, SymbolName symbol, Timeframe? frame)
    {
        lock (_gate)
        {
            if (!_wanted.TryGetValue(account, out var wanted) || !(frame is { } of ? wanted.Candles.Remove((symbol, of)) : wanted.Prices.Remove(symbol)))
            {
                return false;
            }
        }

        Changed?.Invoke(account, symbol, false);
        return true;
    }

    /// <summary>Nothing of the account is wanted any more.</summary>
    public void Clear(AccountId account)
    {
        Wanted? wanted;
        lock (_gate)
        {
            _wanted.Remove(account, out wanted);
        }

        foreach (var symbol in wanted is null ? [] : wanted.Prices.Concat(wanted.Candles.Select(c => c.Symbol)))
        {
            Changed?.Invoke(account, symbol, false);
        }
    }

    /// <summary>True when no more can be wanted of the account.</summary>
    public bool Full(AccountId account, bool candles)
    {
        lock (_gate)
        {
            return _wanted.TryGetValue(account, out var wanted) && (candles ? wanted.Candles.Count : wanted.Prices.Count) >= Most;
        }
    }

    /// <summary>The symbols whose prices are wanted of an account.</summary>
    public IReadOnlyList<SymbolName> Prices(AccountId account)
    {
        lock (_gate)
        {
            return _wanted.TryGetValue(account, out var wanted) ? [.. wanted.Prices] : [];
        }
    }

    /// <summary>The candles that are wanted of an account.</summary>
    public IReadOnlyList<(SymbolName Symbol, Timeframe Frame)> Candles(AccountId account)
    {
        lock (_gate)
        {
            return _wanted.TryGetValue(account, out var wanted) ? [.. wanted.Candles] : [];
        }
    }

    private sealed record Wanted(SortedSet<SymbolName> Prices, SortedSet<(SymbolName Symbol, Timeframe Frame)> Candles);
}

using System.Collections.Concurrent;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Configuration;
using Lockstep.Storage;

namespace Lockstep.Server.Hosting;

/// <summary>
/// What each account must quote at once. A decision to open takes along the target's price of that moment, so that it should not be a second old: what links name, and what was traded once, is quoted
/// at once. A link without a list may trade any symbol; the first trade of one has to do with the slow quotes, and puts it on the list. None of that leaves the list again: what was traded will be,
/// and a quote costs forty bytes. What is there only because somebody listens leaves it with the last who does.
/// </summary>
internal sealed class WatchLists
{
    /// <summary>A watch list must fit into one message of the EA link.</summary>
    private const int Most = 500;

    private readonly ConcurrentDictionary<AccountId, Watched> _watched = [];
    private readonly Func<AccountConfig, bool> _whose;
    private volatile Dictionary<LinkId, LinkSettings> _links = [];

    /// <summary>Lists for some of the accounts, with what links name.</summary>
    public WatchLists(LockstepConfig config, Func<AccountConfig, bool> whose)
    {
        _whose = whose;
        Configure(config);
    }

    /// <summary>Accounts or links came or went.</summary>
    public void Configure(LockstepConfig config)
    {
        _links = config.Links.DistinctBy(l => l.Id).ToDictionary(l => l.Id);
        var accounts = config.Accounts.Where(_whose).Select(a => a.Id).ToHashSet();
        foreach (var account in accounts)
        {
            _watched.TryAdd(account, new Watched());
        }

        foreach (var gone in _watched.Keys.Where(a => !accounts.Contains(a)))
        {
            _watched.TryRemove(gone, out _);
        }

        foreach (var link in config.Links)
        {
            Add(link.Source, [.. link.Filters.Allow, .. link.Symbols.Pairs.Select(p => p.Source)]);
            Add(link.Target, [.. link.Filters.Allow.Select(s => SymbolMapper.Map(link.Symbols, s)), .. link.Symbols.Pairs.Select(p => p.Target)]);
        }
    }

    /// <summary>The accounts that have a list.</summary>
    public ICollection<AccountId> Accounts => _watched.Keys;

    /// <summary>A link, or null.</summary>
    public LinkSettings? Link(LinkId id) => _links.GetValueOrDefault(id);

    /// <summary>An account's list.</summary>
    public IReadOnlyList<SymbolName> Of(AccountId account) => _watched.GetValueOrDefault(account)?.Symbols ?? [];

    /// <summary>Symbols of legs that stand.</summary>
    public void Add(IEnumerable<LegView> legs)
    {
        foreach (var leg in legs.Where(l => l.Status == LegStatus.Active))
        {
            Add(leg.Source, [leg.SourceSymbol]);
            Add(leg.Target, [leg.TargetSymbol]);
        }
    }

    /// <summary>What a row of the why-ledger is about.</summary>
    public void Add(WhyRow row)
    {
        var entry = row.Entry;
        Add(entry.Source, [entry.Symbol]);
        if (_links.TryGetValue(entry.Link, out var link) && !string.IsNullOrEmpty(entry.Symbol.Value))
        {
            Add(link.Target, [SymbolMapper.Map(link.Symbols, entry.Symbol)]);
        }
    }

    /// <summary>Somebody listens to a symbol, until as many calls of <see cref="Release"/> took it back.</summary>
    public void Hold(AccountId account, SymbolName symbol) => _watched.GetValueOrDefault(account)?.Hold(symbol);

    /// <summary>Takes one <see cref="Hold"/> back.</summary>
    public void Release(AccountId account, SymbolName symbol) => _watched.GetValueOrDefault(account)?.Release(symbol);

    /// <summary>The account's list when it changed since it was last taken, or <paramref name="always"/>; else null.</summary>
    public IReadOnlyList<SymbolName>? Take(AccountId account, bool always) => _watched.GetValueOrDefault(account)?.Take(always);

    private void Add(AccountId account, IEnumerable<SymbolName> symbols)
    {
        if (_watched.TryGetValue(account, out var watched))
        {
            watched.Add(symbols.Where(s => !string.IsNullOrEmpty(s.Value)));
        }
    }

    /// <summary>A set of symbols, told when it changed.</summary>
    private sealed class Watched
    {
        private readonly Lock _gate = new();
        private readonly SortedSet<SymbolName> _symbols = [];
        private readonly SortedDictionary<SymbolName, int> _held = [];
        private bool _changed;

        public IReadOnlyList<SymbolName> Symbols
        {
            get
            {
                lock (_gate)
                {
                    return All();
                }
            }
        }

        public void Add(IEnumerable<SymbolName> symbols)
        {
            lock (_gate)
            {
                foreach (var symbol in symbols)
                {
                    _changed |= _symbols.Count < Most && _symbols.Add(symbol);
                }
            }
        }

        public void Hold(SymbolName symbol)
        {
            lock (_gate)
            {
                int held = _held.GetValueOrDefault(symbol);
                _held[symbol] = held + 1;
                _changed |= held == 0 && !_symbols.Contains(symbol);
            }
        }

        public void Release(SymbolName symbol)
        {
            lock (_gate)
            {
                // Where the account was removed meanwhile and came back, nothing is held.
                int held = _held.GetValueOrDefault(symbol);
                if (held > 1)
                {
                    _held[symbol] = held - 1;
                }
                else if (_held.Remove(symbol))
                {
                    _changed |= !_symbols.Contains(symbol);
                }
            }
        }

        public SymbolName[]? Take(bool always)
        {
            lock (_gate)
            {
                if (!_changed && !always)
                {
                    return null;
                }

                _changed = false;
                return All();
            }
        }

        /// <summary>What is traded comes first when there is not room for all.</summary>
        private SymbolName[] All() => [.. _symbols.Concat(_held.Keys.Where(s => !_symbols.Contains(s))).Take(Most)];
    }
}

using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Runtime;

/// <summary>
/// The latest quote of every account's symbols, and every account's latest funds, floating result and health. The latest wins; nothing queues. Safe for all threads.
/// </summary>
public sealed class QuoteBoard(TimeProvider time, TimeSpan maxAge)
{
    private readonly Dictionary<(AccountId Account, SymbolName Symbol), Quote> _quotes = [];
    private readonly Dictionary<AccountId, AccountFunds> _funds = [];
    private readonly Dictionary<AccountId, IReadOnlyList<PositionMoney>> _floating = [];
    private readonly Dictionary<AccountId, SessionHealth> _health = [];
    private readonly Dictionary<AccountId, long> _confirmed = [];
    private readonly Lock _gate = new();

    /// <summary>A new quote.</summary>
    public void Set(AccountId account, SymbolName symbol, Quote quote)
    {
        lock (_gate)
        {
            _quotes[(account, symbol)] = quote;
        }
    }

    /// <summary>New funds.</summary>
    public void Set(AccountId account, AccountFunds funds)
    {
        lock (_gate)
        {
            _funds[account] = funds;
        }
    }

    /// <summary>New floating results, in place of all earlier ones of the account.</summary>
    public void Set(AccountId account, IReadOnlyList<PositionMoney> positions)
    {
        // A copy: a session may use its list again for the next report.
        IReadOnlyList<PositionMoney> kept = [.. positions];
        lock (_gate)
        {
            _floating[account] = kept;
        }
    }

    /// <summary>A session's new health.</summary>
    public void Set(AccountId account, SessionHealth health)
    {
        lock (_gate)
        {
            _health[account] = health;
        }
    }

    /// <summary>The platform has just told an account's whole state, or that it is what its messages add up to.</summary>
    public void Confirm(AccountId account)
    {
        lock (_gate)
        {
            _confirmed[account] = time.GetTimestamp();
        }
    }

    /// <summary>How long ago an account's whole state was told or confirmed: what is believed of it may be this old. Null = never in this process.</summary>
    public TimeSpan? SnapshotAge(AccountId account)
    {
        lock (_gate)
        {
            return _confirmed.TryGetValue(account, out long at) ? time.GetElapsedTime(at) : null;
        }
    }

    /// <summary>The latest quote, or null when there is none or only one that is too old.</summary>
    public Quote? Quote(AccountId account, SymbolName symbol)
    {
        lock (_gate)
        {
            return Fresh(account, symbol, Timestamp.From(time.GetUtcNow()));
        }
    }

    /// <summary>The latest funds, or null.</summary>
    public AccountFunds? Funds(AccountId account)
    {
        lock (_gate)
        {
            return _funds.GetValueOrDefault(account);
        }
    }

    /// <summary>The latest floating results of an account's positions; empty when none was told.</summary>
    public IReadOnlyList<PositionMoney> Floating(AccountId account)
    {
        lock (_gate)
        {
            return _floating.GetValueOrDefault(account) ?? [];
        }
    }

    /// <summary>The latest health of an account's session, with the moment when it was true; null when none was told.</summary>
    public SessionHealth? Health(AccountId account)
    {
        lock (_gate)
        {
            return _health.GetValueOrDefault(account);
        }
    }

    /// <summary>All quotes that are not too old, by account and symbol.</summary>
    public IReadOnlyList<QuoteOf> Quotes()
    {
        var now = Timestamp.From(time.GetUtcNow());
        lock (_gate)
        {
            return [.. _quotes.Where(q => now - q.Value.At <= maxAge).Select(q => new QuoteOf(q.Key.Account, q.Key.Symbol, q.Value)).OrderBy(q => q.Account).ThenBy(q => q.Symbol)];
        }
    }

    /// <summary>The photograph that an event takes along: of what is wanted, what there is.</summary>
    public MarketView View(MarketNeeds needs)
    {
        if (needs.Quotes.Count == 0 && needs.Funds.Count == 0)
        {
            return MarketView.Empty;
        }

        var now = Timestamp.From(time.GetUtcNow());
        List<QuoteOf> quotes = [];
        List<FundsOf> funds = [];
        lock (_gate)
        {
            foreach (var (account, symbol) in needs.Quotes)
            {
                if (Fresh(account, symbol, now) is { } quote)
                {
                    quotes.Add(new QuoteOf(account, symbol, quote));
                }
            }

            foreach (var account in needs.Funds)
            {
                if (_funds.TryGetValue(account, out var of))
                {
                    funds.Add(new FundsOf(account, of));
                }
            }
        }

        return new MarketView { Quotes = quotes, Funds = funds };
    }

    private Quote? Fresh(AccountId account, SymbolName symbol, Timestamp now) =>
        _quotes.TryGetValue((account, symbol), out var quote) && now - quote.At <= maxAge ? quote : null;
}

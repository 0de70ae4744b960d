using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Runtime;

/// <summary>The latest quote of every account's symbols and the latest funds of every account. The latest wins; nothing queues. Safe for all threads.</summary>
public sealed class QuoteBoard(TimeProvider time, TimeSpan maxAge)
{
    private readonly Dictionary<(AccountId Account, SymbolName Symbol), Quote> _quotes = [];
    private readonly Dictionary<AccountId, AccountFunds> _funds = [];
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

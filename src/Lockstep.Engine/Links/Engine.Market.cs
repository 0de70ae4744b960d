using Lockstep.Domain;

namespace Lockstep.Engine;

/// <content>Quotes and funds: which the engine wants in an event, and how it reads them.</content>
public sealed partial class Engine
{
    /// <summary>Which quotes and funds the engine wants in the <see cref="MarketView"/> of this report.</summary>
    public MarketNeeds Needs(PlatformEvent report)
    {
        if (!_accounts.TryGetValue(report.Account, out var book))
        {
            return MarketNeeds.None;
        }

        List<(AccountId, SymbolName)>? quotes = null;
        List<AccountId>? funds = null;
        if (_linksFrom.TryGetValue(report.Account, out var links))
        {
            var (positions, orders) = report switch
            {
                BookChanged c => (c.Positions, c.Orders),
                BookSnapshot s => (s.Positions, s.Orders),
                _ => ((IReadOnlyList<PositionReport>)[], (IReadOnlyList<PendingReport>)[]),
            };
            for (int i = 0; i < positions.Count; i++)
            {
                var p = positions[i];
                if (!book.Positions.TryGetValue(p.Id, out var known) || known.Side != p.Side || report is BookSnapshot)
                {
                    Want(links, p.Symbol, ref quotes, ref funds);
                }
            }

            for (int i = 0; i < orders.Count; i++)
            {
                if (!book.Orders.ContainsKey(orders[i].Id) || report is BookSnapshot)
                {
                    Want(links, orders[i].Symbol, ref quotes, ref funds);
                }
            }

            if (report is BookChanged && book.Early.Count > 0)
            {
                // This message may set free others that waited for it.
                foreach (var early in book.Early.Values)
                {
                    foreach (var p in early.Positions)
                    {
                        Want(links, p.Symbol, ref quotes, ref funds);
                    }

                    foreach (var o in early.Orders)
                    {
                        Want(links, o.Symbol, ref quotes, ref funds);
                    }
                }
            }
        }

        if (report is BookSnapshot)
        {
            foreach (var leg in Sorted(_legs))
            {
                if (leg.Undecided && leg.Target == report.Account && _links.TryGetValue(leg.Link, out var link))
                {
                    Want([link], leg.SourceSymbol, ref quotes, ref funds);
                }
            }
        }

        return quotes is null && funds is null ? MarketNeeds.None : new MarketNeeds(quotes ?? [], funds ?? []);
    }

    private void Want(List<LinkState> links, SymbolName symbol, ref List<(AccountId, SymbolName)>? quotes, ref List<AccountId>? funds)
    {
        for (int i = 0; i < links.Count; i++)
        {
            var s = links[i].Settings;
            if (s.Filters.MaxDeviationPoints is not null || s.Filters.MaxSpreadPoints is not null || s.Existing == ExistingPolicy.JoinAtEqualOrBetter)
            {
                AddOnce(ref quotes, (s.Target, SymbolMapper.Map(s.Symbols, symbol)));
            }

            if (s.Sizing.Mode is SizingMode.BalanceRatio or SizingMode.EquityRatio or SizingMode.FreeMarginRatio or SizingMode.FixedReference)
            {
                AddOnce(ref funds, s.Source);
                AddOnce(ref funds, s.Target);
                var from = _accounts[s.Source].Capabilities?.Currency;
                var to = _accounts[s.Target].Capabilities?.Currency;
                if (from is not null && to is not null && from != to)
                {
                    foreach (var account in (ReadOnlySpan<AccountId>)[s.Target, s.Source])
                    {
                        if (RateSymbol(account, from, to) is { } rate)
                        {
                            AddOnce(ref quotes, (account, rate.Name));
                        }
                    }
                }
            }
        }
    }

    private static void AddOnce<T>(ref List<T>? list, T value)
    {
        list ??= [];
        if (!list.Contains(value))
        {
            list.Add(value);
        }
    }

    private Quote? QuoteOf(AccountId account, SymbolName symbol)
    {
        for (int i = 0; i < _view.Quotes.Count; i++)
        {
            var q = _view.Quotes[i];
            if (q.Account == account && q.Symbol == symbol && q.Quote.Bid.Value > 0 && q.Quote.Ask >= q.Quote.Bid)
            {
                return q.Quote;
            }
        }

        return null;
    }

    private AccountFunds? FundsOf(AccountId account)
    {
        for (int i = 0; i < _view.Funds.Count; i++)
        {
            if (_view.Funds[i].Account == account)
            {
                return _view.Funds[i].Funds;
            }
        }

        return _accounts[account].Funds;
    }

    /// <summary>Units of <paramref name="to"/> for one unit of <paramref name="from"/>, from a quote of either account; null when neither has one.</summary>
    private decimal? Rate(string from, string to, AccountId source, AccountId target)
    {
        if (from == to)
        {
            return 1m;
        }

        foreach (var account in (ReadOnlySpan<AccountId>)[target, source])
        {
            if (RateSymbol(account, from, to) is { } spec && QuoteOf(account, spec.Name) is { } quote)
            {
                decimal mid = (quote.Bid.Value + quote.Ask.Value) / 2;
                return spec.BaseCurrency == from ? mid : 1 / mid;
            }
        }

        return null;
    }

    private SymbolSpec? RateSymbol(AccountId account, string from, string to)
    {
        SymbolSpec? found = null;
        foreach (var spec in _accounts[account].Symbols.Values)
        {
            bool fits = (spec.BaseCurrency == from && spec.ProfitCurrency == to) || (spec.BaseCurrency == to && spec.ProfitCurrency == from);
            if (fits && (found is null || spec.Name.CompareTo(found.Name) < 0))
            {
                found = spec;
            }
        }

        return found;
    }
}

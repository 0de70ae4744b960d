using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>An open position as the margin desk sees it.</summary>
/// <param name="Number">The platform's number for it.</param>
/// <param name="Symbol">Symbol.</param>
/// <param name="Side">Side.</param>
/// <param name="Volume">Lots.</param>
/// <param name="OpenPrice">Open price.</param>
/// <param name="Costs">Swap and commission so far that are not in the balance yet.</param>
internal readonly record struct Holding(long Number, SimSymbol Symbol, Side Side, decimal Volume, decimal OpenPrice, decimal Costs);

/// <content>Margin, profit, conversion, swap.</content>
public abstract partial class SimBroker
{
    private readonly Dictionary<string, (decimal Buys, decimal Sells)> _legs = new(StringComparer.Ordinal);
    private Timestamp _nextRollover;

    /// <summary>The account's money at this moment.</summary>
    public AccountFunds Funds()
    {
        decimal equity = Balance;
        foreach (var holding in Holdings())
        {
            equity += Floating(holding) + holding.Costs;
        }

        decimal margin = Margin(Holdings());
        return new AccountFunds
        {
            Balance = new Money(Balance),
            Equity = new Money(equity),
            Margin = new Money(margin),
            FreeMargin = new Money(equity - margin),
            Currency = Settings.Currency,
            At = Clock.Now,
        };
    }

    /// <summary>All open positions.</summary>
    private protected abstract IEnumerable<Holding> Holdings();

    /// <summary>Charges a night's swap on all positions.</summary>
    private protected abstract void ChargeSwap(DayOfWeek day);

    /// <summary>Money rounded to the account's decimals.</summary>
    private protected decimal Round(decimal money) => Math.Round(money, Settings.MoneyDigits, MidpointRounding.AwayFromZero);

    /// <summary>Result of a closed volume in account currency.</summary>
    private protected decimal Profit(SimSymbol symbol, Side side, decimal lots, decimal open, decimal close) =>
        Round((close - open) * side.Sign() * lots * symbol.Spec.ContractSize * Rate(symbol.Spec.ProfitCurrency));

    /// <summary>Commission of one side of a deal, negative.</summary>
    private protected decimal Commission(SimSymbol symbol, decimal lots) => -Round(symbol.CommissionPerLot * lots);

    /// <summary>Swap of one night in account currency; three on the triple day, none at the weekend.</summary>
    private protected decimal Swap(SimSymbol symbol, Side side, decimal lots, DayOfWeek day) =>
        symbol.SwapMode != SwapMode.Points ? 0m
        : Round((side == Side.Buy ? symbol.SwapLong : symbol.SwapShort) * symbol.Spec.Point * lots * symbol.Spec.ContractSize * Rate(symbol.Spec.ProfitCurrency) * Nights(symbol, day));

    /// <summary>How many nights a rollover counts for.</summary>
    private protected static int Nights(SimSymbol symbol, DayOfWeek day) =>
        day is DayOfWeek.Saturday or DayOfWeek.Sunday ? 0 : day == symbol.TripleSwapDay ? 3 : 1;

    /// <summary>Enough free margin to add this?</summary>
    private protected bool CanAfford(SimSymbol symbol, Side side, decimal lots, decimal price)
    {
        var funds = Funds();
        decimal margin = Margin(Holdings().Append(new Holding(0, symbol, side, lots, price, 0m)));
        return margin <= funds.Margin.Value || margin <= funds.Equity.Value;
    }

    /// <summary>Units of account currency for one unit of <paramref name="currency"/>; null when a quote for it is still missing.</summary>
    private protected decimal? RateOrNone(string currency)
    {
        if (currency == Settings.Currency)
        {
            return 1m;
        }

        return Pair(currency, Settings.Currency, out bool known) ?? (known ? null : Through("USD", currency));
    }

    private decimal? Through(string middle, string currency)
    {
        // No symbol converts it at all: such an account counts profit one to one.
        decimal? first = Pair(currency, middle, out bool firstKnown);
        decimal? second = Pair(middle, Settings.Currency, out bool secondKnown);
        return firstKnown && secondKnown ? first * second : 1m;
    }

    private decimal Rate(string currency) => RateOrNone(currency) ?? 1m;

    private decimal? Pair(string from, string to, out bool known)
    {
        known = false;
        foreach (var symbol in _symbols.Values)
        {
            bool straight = symbol.Spec.BaseCurrency == from && symbol.Spec.ProfitCurrency == to;
            bool inverse = symbol.Spec.BaseCurrency == to && symbol.Spec.ProfitCurrency == from;
            if (!straight && !inverse)
            {
                continue;
            }

            known = true;
            if (_quotes.TryGetValue(symbol.Spec.Name.Value, out var quote))
            {
                return straight ? quote.Bid.Value : 1m / quote.Ask.Value;
            }
        }

        return null;
    }

    /// <summary>What a position would bring now, without swap and commission; null when there is no quote to say.</summary>
    internal Money? FloatingProfit(string symbol, Side side, decimal lots, decimal openPrice) =>
        _symbols.TryGetValue(symbol, out var known) && _quotes.ContainsKey(symbol) ? new Money(Floating(new Holding(0, known, side, lots, openPrice, 0m))) : null;

    private decimal Floating(Holding h) =>
        _quotes.TryGetValue(h.Symbol.Spec.Name.Value, out var quote) ? Profit(h.Symbol, h.Side, h.Volume, h.OpenPrice, quote.ToClose(h.Side).Value) : 0m;

    private decimal Margin(IEnumerable<Holding> holdings)
    {
        _legs.Clear();
        foreach (var holding in holdings)
        {
            var (buys, sells) = _legs.GetValueOrDefault(holding.Symbol.Spec.Name.Value);
            decimal margin = MarginOf(holding);
            _legs[holding.Symbol.Spec.Name.Value] = holding.Side == Side.Buy ? (buys + margin, sells) : (buys, sells + margin);
        }

        decimal total = 0m;
        foreach (var (buys, sells) in _legs.Values)
        {
            total += Math.Max(buys, sells) + (Math.Min(buys, sells) * Settings.HedgedMarginShare);
        }

        return Round(total);
    }

    private protected decimal MarginOf(SimSymbol symbol, decimal lots, decimal price) =>
        lots * symbol.Spec.ContractSize * price * Rate(symbol.Spec.ProfitCurrency) / (symbol.Leverage ?? Settings.Leverage);

    private decimal MarginOf(Holding h) => MarginOf(h.Symbol, h.Volume, h.OpenPrice);

    private void StopOut(SimSymbol moved)
    {
        // Only a quote of a held symbol, or one that may convert its profit, can change the equity.
        if (Settings.StopOutLevel <= 0m || !Holdings().Any(h => h.Symbol.Spec.Name == moved.Spec.Name || h.Symbol.Spec.ProfitCurrency != Settings.Currency))
        {
            return;
        }

        // Each round closes the position with the largest loss; a market that is closed keeps its positions.
        while (true)
        {
            var funds = Funds();
            if (funds.Margin.Value <= 0m || funds.Equity.Value * 100m / funds.Margin.Value >= Settings.StopOutLevel)
            {
                return;
            }

            var worst = Holdings()
                .Where(h => h.Symbol.Hours.IsOpen(Clock.Now) && _quotes.ContainsKey(h.Symbol.Spec.Name.Value))
                .OrderBy(h => Floating(h) + h.Costs).ThenBy(h => h.Number)
                .Cast<Holding?>().FirstOrDefault();
            if (worst is not { } holding)
            {
                return;
            }

            CloseForMargin(holding, Math.Round(funds.Equity.Value * 100m / funds.Margin.Value, 1));
        }
    }

    private void ChargeRollovers()
    {
        while (Clock.Now >= _nextRollover)
        {
            var day = _nextRollover.ToDateTimeOffset().DayOfWeek;
            _nextRollover += TimeSpan.FromDays(1);
            ChargeSwap(day);
        }
    }

    private Timestamp FirstRollover(Timestamp now)
    {
        const long day = 86_400_000_000L;
        long at = ((now.Micros / day) * day) + (Settings.RolloverUtc.Ticks / 10);
        return new Timestamp(at > now.Micros ? at : at + day);
    }
}

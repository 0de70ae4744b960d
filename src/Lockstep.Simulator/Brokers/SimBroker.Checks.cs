using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <content>What every broker checks, whatever the platform.</content>
public abstract partial class SimBroker
{
    /// <summary>May the symbol be traded now, and at which quote?</summary>
    private protected Verdict CheckMarket(string name, out SimSymbol symbol, out Quote quote)
    {
        quote = default;
        if (!_symbols.TryGetValue(name, out symbol!))
        {
            return Verdict.UnknownSymbol;
        }

        return !TradingEnabled || symbol.TradeMode == SimTradeMode.Disabled ? Verdict.TradeDisabled
            : !symbol.Hours.IsOpen(Clock.Now) ? Verdict.MarketClosed
            : !_quotes.TryGetValue(name, out quote) ? Verdict.NoQuotes
            : Verdict.Ok;
    }

    /// <summary>May a position be opened or a pending order be placed in this direction?</summary>
    private protected Verdict CheckOpening(SimSymbol symbol, Side side, decimal lots, bool pending) =>
        symbol.TradeMode == SimTradeMode.CloseOnly ? Verdict.CloseOnly
        : symbol.TradeMode == SimTradeMode.LongOnly && side == Side.Sell ? Verdict.LongOnly
        : symbol.TradeMode == SimTradeMode.ShortOnly && side == Side.Buy ? Verdict.ShortOnly
        : RateOrNone(symbol.Spec.ProfitCurrency) is null ? Verdict.NoQuotes
        : pending && Settings.MaxOrders > 0 && PendingOrders.Count >= Settings.MaxOrders ? Verdict.TooManyOrders
        : Settings.MaxPositions > 0 && Holdings().Count() + (Settings.Mode == AccountMode.Netting ? 0 : PendingOrders.Count) >= Settings.MaxPositions ? Verdict.TooManyPositions
        : symbol.VolumeLimit > 0m && InDirection(symbol, side) + lots > symbol.VolumeLimit ? Verdict.VolumeLimit
        : Settings.Mode == AccountMode.Fifo && Holdings().Any(h => h.Symbol.Spec.Name == symbol.Spec.Name && h.Side != side) ? Verdict.HedgeProhibited
        : Verdict.Ok;

    /// <summary>Is it a volume that can be ordered?</summary>
    private protected static Verdict CheckVolume(SimSymbol symbol, decimal lots) =>
        lots < symbol.Spec.MinLots.Value || lots > symbol.Spec.MaxLots.Value || !symbol.Spec.IsOnStep(new Lots(lots)) ? Verdict.BadVolume : Verdict.Ok;

    /// <summary>Is it a volume that can be closed? The whole position always can, as far as one order may be large.</summary>
    private protected static Verdict CheckCloseVolume(SimSymbol symbol, decimal lots, decimal held) =>
        lots > held ? Verdict.BadCloseVolume
        : lots == held && lots > 0m && lots <= symbol.Spec.MaxLots.Value ? Verdict.Ok
        : CheckVolume(symbol, lots);

    /// <summary>SL and TP (0 = none) on the right side of the closing price, far enough, on the tick.</summary>
    private protected static Verdict CheckStops(SimSymbol symbol, Side side, decimal closingPrice, decimal stopLoss, decimal takeProfit)
    {
        decimal level = symbol.Spec.StopsLevelPoints * symbol.Spec.Point;
        decimal down = side.Sign() * (closingPrice - stopLoss);
        decimal up = side.Sign() * (takeProfit - closingPrice);
        return stopLoss < 0m || takeProfit < 0m ? Verdict.BadStops
            : stopLoss != 0m && (down <= 0m || !OnTick(symbol, stopLoss)) ? Verdict.BadStops
            : takeProfit != 0m && (up <= 0m || !OnTick(symbol, takeProfit)) ? Verdict.BadStops
            : (stopLoss != 0m && down < level) || (takeProfit != 0m && up < level) ? Verdict.StopsTooClose
            : Verdict.Ok;
    }

    /// <summary>A pending price on its side of the market, far enough, on the tick.</summary>
    private protected static Verdict CheckPendingPrice(SimSymbol symbol, Side side, PendingType type, decimal price, Quote quote)
    {
        decimal away = (price - quote.ToOpen(side).Value) * side.Sign() * (type == PendingType.Limit ? -1 : 1);
        return price <= 0m || !OnTick(symbol, price) ? Verdict.BadPrice
            : away <= 0m ? Verdict.PriceWrongSide
            : away < symbol.Spec.StopsLevelPoints * symbol.Spec.Point ? Verdict.StopsTooClose
            : Verdict.Ok;
    }

    /// <summary>True when the market is inside the freeze level of a price (0 = no price).</summary>
    private protected static bool IsFrozen(SimSymbol symbol, decimal trigger, decimal market) =>
        trigger != 0m && symbol.Spec.FreezeLevelPoints > 0 && Math.Abs(trigger - market) <= symbol.Spec.FreezeLevelPoints * symbol.Spec.Point;

    /// <summary>True when a price is a multiple of the tick.</summary>
    private protected static bool OnTick(SimSymbol symbol, decimal price) => price % symbol.Spec.TickSize == 0m;

    /// <summary>The price of a market fill: the quote, slipped, on the tick.</summary>
    private protected static decimal FillPrice(SimSymbol symbol, Side side, Quote quote, ExecutionTerms terms) =>
        symbol.Spec.RoundPrice(quote.ToOpen(side) + (side.Sign() * terms.SlipPoints * symbol.Spec.Point)).Value;

    /// <summary>How much of a volume is filled; never nothing.</summary>
    private protected static decimal FillVolume(SimSymbol symbol, decimal lots, ExecutionTerms terms)
    {
        if (terms.FillPercent >= 100)
        {
            return lots;
        }

        decimal part = symbol.Spec.RoundDown(new Lots(lots * terms.FillPercent / 100m)).Value;
        return part < symbol.Spec.MinLots.Value ? lots : part;
    }

    /// <summary>Has a stop (true) or limit (false) in this direction been reached by the price?</summary>
    private protected static bool IsReached(Side side, bool stop, decimal level, decimal price) =>
        stop == (side == Side.Buy) ? price >= level : price <= level;

    private decimal InDirection(SimSymbol symbol, Side side) =>
        Holdings().Where(h => h.Symbol.Spec.Name == symbol.Spec.Name && h.Side == side).Sum(h => h.Volume)
        + PendingOrders.Where(o => o.Symbol == symbol.Spec.Name.Value && o.Side == side).Sum(o => o.Volume);
}

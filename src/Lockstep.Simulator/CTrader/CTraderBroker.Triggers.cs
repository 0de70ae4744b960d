using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <content>What a quote sets off.</content>
public sealed partial class CTraderBroker
{
    /// <inheritdoc/>
    private protected override void Match(SimSymbol symbol, Quote quote)
    {
        string name = symbol.Spec.Name.Value;
        Trail(symbol, name, quote);
        foreach (long id in _orders.Values.Where(o => o.Symbol == name).Select(o => o.OrderId).ToArray())
        {
            // An earlier trigger of this quote may have taken the order away, or made it smaller.
            if (!_orders.TryGetValue(id, out var order))
            {
                continue;
            }

            decimal price = quote.ToOpen(order.Side).Value;
            if (order.OrderType == CtOrderType.StopLossTakeProfit)
            {
                bool stopped = order.StopPrice is { } sl && IsReached(order.Side, stop: true, sl, price);
                if (stopped || (order.LimitPrice is { } tp && IsReached(order.Side, stop: false, tp, price)))
                {
                    // No field tells which level it was: who wants to know compares the price with the levels.
                    var filled = End(order with { ExecutedVolume = order.Volume, ExecutionPrice = price }, CtOrderStatus.Filled);
                    Reduce(symbol, _positions[order.PositionId], filled, filled.Volume, price, stopped ? DealReason.StopLoss : DealReason.TakeProfit, server: true);
                }
            }
            else
            {
                MatchPending(symbol, order, price);
            }
        }
    }

    private void MatchPending(SimSymbol symbol, CtOrder order, decimal price)
    {
        if (order.Expiration is { } expiry && expiry <= Clock.Now)
        {
            var expired = End(order, CtOrderStatus.Expired);
            Tell(CtExecutionType.OrderExpired, true, expired, Ended(expired));
            return;
        }

        if (!IsTriggered(symbol, order, price))
        {
            return;
        }

        if (CanAfford(symbol, order.Side, ToLots(order.Symbol, order.Volume), price))
        {
            Fill(symbol, order, order.Volume, price);
        }
        else
        {
            var rejected = End(order, CtOrderStatus.Rejected);
            Tell(CtExecutionType.OrderRejected, true, rejected, Ended(rejected), errorCode: CtErrorCode.NotEnoughMoney);
        }
    }

    private static bool IsTriggered(SimSymbol symbol, CtOrder order, decimal price)
    {
        decimal trigger = (order.OrderType == CtOrderType.Limit ? order.LimitPrice : order.StopPrice) ?? 0m;
        decimal beyond = order.Side.Sign() * (price - trigger);
        return IsReached(order.Side, order.OrderType != CtOrderType.Limit, trigger, price)
            && (order.OrderType != CtOrderType.StopLimit || beyond <= order.SlippageInPoints * symbol.Spec.Point);
    }

    /// <summary>Trailing stops follow the price. Only <see cref="TrailingChanged"/> tells of it, and no time of last update moves with it (recorded).</summary>
    private void Trail(SimSymbol symbol, string name, Quote quote)
    {
        foreach (var position in _positions.Values.Where(p => p.Symbol == name && p.TrailingStopLoss == true && p.StopLoss is not null).ToArray())
        {
            int sign = position.Side.Sign();
            decimal level = symbol.Spec.RoundPrice(new Price(quote.ToClose(position.Side).Value - (sign * position.TrailingDistance))).Value;
            if (position.TrailingDistance > 0m && sign * (level - position.StopLoss!.Value) > 0m && ProtectionOf(position) is { } protection)
            {
                Keep(position with { StopLoss = level });
                Keep(protection with { StopPrice = level });
                if (TrailingChanged is { } tell)
                {
                    var moved = new CtTrailingChanged(position.PositionId, protection.OrderId, level, Clock.Now);
                    Afterwards(() => tell(moved));
                }
            }
        }
    }

    /// <inheritdoc/>
    private protected override void CloseForMargin(Holding holding, decimal marginLevel)
    {
        var position = _positions[holding.Number];
        decimal price = QuoteOf(holding.Symbol.Spec.Name)!.Value.ToClose(position.Side).Value;
        var order = End(ClosingOrder(position, position.Volume) with { IsStopOut = true, ExecutedVolume = position.Volume, ExecutionPrice = price }, CtOrderStatus.Filled);
        Reduce(holding.Symbol, position, order, position.Volume, price, DealReason.StopOut, server: true);
    }
}

using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <content>Opening, pending orders, modification.</content>
public sealed partial class Mt4Broker
{
    private Mt4Result Open(Mt4OrderSend request, ExecutionTerms terms)
    {
        var side = request.Op == Mt4Op.Buy ? Side.Buy : Side.Sell;
        var verdict = CheckMarket(request.Symbol, out var symbol, out var quote);
        if (verdict == Verdict.Ok)
        {
            verdict = First(
                CheckVolume(symbol, request.Lots),
                CheckAskedPrice(symbol, request.Price, request.Slippage, quote.ToOpen(side).Value),
                CheckStops(symbol, side, quote.ToClose(side).Value, request.StopLoss, request.TakeProfit),
                !Settings.StopsWithOpen && (request.StopLoss != 0m || request.TakeProfit != 0m) ? Verdict.BadStops : Verdict.Ok,
                CheckOpening(symbol, side, request.Lots, pending: false));
        }

        if (verdict != Verdict.Ok)
        {
            return Fail(verdict);
        }

        decimal price = FillPrice(symbol, side, quote, terms);
        if (!CanAfford(symbol, side, request.Lots, price))
        {
            return Fail(Verdict.NoMoney);
        }

        var order = Opened(symbol, new Mt4Order
        {
            Ticket = NextTicket(),
            Origin = _lastTicket,
            Op = request.Op,
            Symbol = request.Symbol,
            Lots = request.Lots,
            OpenPrice = price,
            OpenTime = Seconds(Clock.Now),
            StopLoss = request.StopLoss,
            TakeProfit = request.TakeProfit,
            Magic = request.Magic,
            Comment = Keep(request.Comment, terms.Comment, CommentMax),
            OwnerKey = request.OwnerKey,
        });
        return new Mt4Result(order.Ticket, 0, price, order.Lots);
    }

    private Mt4Order Opened(SimSymbol symbol, Mt4Order order)
    {
        // MT4 charges the round turn at once.
        var open = order with { Commission = 2m * Commission(symbol, order.Lots) };
        Keep(open);
        RecordDeal(new OwnerDeal
        {
            Number = 0,
            Position = open.Origin,
            Symbol = open.Symbol,
            Side = open.Side,
            Volume = open.Lots,
            Price = open.OpenPrice,
            Entry = DealEntry.In,
            Reason = DealReason.Request,
            OwnerKey = open.OwnerKey,
            At = Clock.Now,
        });
        return open;
    }

    private Mt4Result Place(Mt4OrderSend request, ExecutionTerms terms)
    {
        var type = TypeOf(request.Op);
        var side = request.Op is Mt4Op.BuyLimit or Mt4Op.BuyStop ? Side.Buy : Side.Sell;
        var verdict = request.Op is Mt4Op.Balance ? Verdict.Invalid : CheckMarket(request.Symbol, out _, out _);
        if (verdict == Verdict.Ok)
        {
            CheckMarket(request.Symbol, out var symbol, out var quote);
            decimal price = request.Price ?? 0m;
            verdict = First(
                CheckVolume(symbol, request.Lots),
                CheckPendingPrice(symbol, side, type, price, quote),
                CheckStops(symbol, side, price, request.StopLoss, request.TakeProfit),
                CheckExpiry(symbol, request.Expiration),
                CheckOpening(symbol, side, request.Lots, pending: true));
        }

        if (verdict != Verdict.Ok)
        {
            return Fail(verdict);
        }

        var order = new Mt4Order
        {
            Ticket = NextTicket(),
            Origin = _lastTicket,
            Op = request.Op,
            Symbol = request.Symbol,
            Lots = request.Lots,
            OpenPrice = request.Price ?? 0m,
            OpenTime = Seconds(Clock.Now),
            StopLoss = request.StopLoss,
            TakeProfit = request.TakeProfit,
            Expiration = request.Expiration,
            Magic = request.Magic,
            Comment = Keep(request.Comment, terms.Comment, CommentMax),
            OwnerKey = request.OwnerKey,
        };
        Keep(order);
        WakeToExpire(order.Expiration);
        return new Mt4Result(order.Ticket, 0, order.OpenPrice, order.Lots);
    }

    private Mt4Result Modify(Mt4OrderModify request)
    {
        if (!_orders.TryGetValue(request.Ticket, out var order))
        {
            return Fail(Verdict.NotFound);
        }

        var verdict = CheckMarket(order.Symbol, out var symbol, out var quote);
        if (verdict != Verdict.Ok)
        {
            return Fail(verdict);
        }

        var changed = order.IsPending
            ? order with { OpenPrice = request.Price, StopLoss = request.StopLoss, TakeProfit = request.TakeProfit, Expiration = request.Expiration }
            : order with { StopLoss = request.StopLoss, TakeProfit = request.TakeProfit };
        if (changed == order)
        {
            return Fail(Verdict.NoChanges);
        }

        verdict = order.IsPending
            ? First(
                IsFrozen(symbol, order.OpenPrice, quote.ToOpen(order.Side).Value) ? Verdict.Frozen : Verdict.Ok,
                CheckPendingPrice(symbol, order.Side, TypeOf(order.Op), changed.OpenPrice, quote),
                CheckStops(symbol, order.Side, changed.OpenPrice, changed.StopLoss, changed.TakeProfit),
                CheckExpiry(symbol, changed.Expiration))
            : First(
                CheckFreeze(symbol, order, quote),
                CheckStops(symbol, order.Side, quote.ToClose(order.Side).Value, changed.StopLoss, changed.TakeProfit));
        if (verdict != Verdict.Ok)
        {
            return Fail(verdict);
        }

        Keep(changed);
        WakeToExpire(changed.Expiration);
        return new Mt4Result(order.Ticket, 0);
    }

    private Mt4Result Delete(Mt4OrderDelete request)
    {
        if (!_orders.TryGetValue(request.Ticket, out var order))
        {
            return Fail(Verdict.NotFound);
        }

        var verdict = order.IsPending ? CheckMarket(order.Symbol, out _, out _) : Verdict.Invalid;
        if (verdict == Verdict.Ok)
        {
            CheckMarket(order.Symbol, out var symbol, out var quote);
            verdict = IsFrozen(symbol, order.OpenPrice, quote.ToOpen(order.Side).Value) ? Verdict.Frozen : Verdict.Ok;
        }

        if (verdict != Verdict.Ok)
        {
            return Fail(verdict);
        }

        End(order with { CloseTime = Seconds(Clock.Now), ClosePrice = order.OpenPrice });
        return new Mt4Result(order.Ticket, 0);
    }

    /// <inheritdoc/>
    private protected override void Match(SimSymbol symbol, Quote quote)
    {
        string name = symbol.Spec.Name.Value;
        foreach (int ticket in _orders.Values.Where(o => o.Symbol == name).Select(o => o.Ticket).ToArray())
        {
            // An earlier trigger of this quote may have taken the order away.
            if (!_orders.TryGetValue(ticket, out var order))
            {
                continue;
            }

            if (order.IsPending)
            {
                MatchPending(symbol, order, quote);
            }
            else
            {
                MatchStops(symbol, order, quote);
            }
        }
    }

    private void MatchPending(SimSymbol symbol, Mt4Order order, Quote quote)
    {
        decimal price = quote.ToOpen(order.Side).Value;
        if (order.Expiration is { } expiry && expiry <= Clock.Now)
        {
            End(order with { CloseTime = Seconds(Clock.Now), ClosePrice = price, Comment = "expiration" });
        }
        else if (IsReached(order.Side, TypeOf(order.Op) == PendingType.Stop, order.OpenPrice, price))
        {
            var verdict = Settings.Mode == AccountMode.Fifo && Holdings().Any(h => h.Symbol.Spec.Name == symbol.Spec.Name && h.Side != order.Side) ? Verdict.HedgeProhibited
                : CanAfford(symbol, order.Side, order.Lots, price) ? Verdict.Ok : Verdict.NoMoney;
            if (verdict == Verdict.Ok)
            {
                Opened(symbol, order with
                {
                    Op = order.Side == Side.Buy ? Mt4Op.Buy : Mt4Op.Sell,
                    OpenPrice = price,
                    OpenTime = Seconds(Clock.Now),
                    Expiration = null,
                });
            }
            else
            {
                End(order with { CloseTime = Seconds(Clock.Now), ClosePrice = price, Comment = verdict == Verdict.NoMoney ? "deleted [no money]" : "deleted [hedge prohibited]" });
            }
        }
    }

    private void WakeToExpire(Timestamp? expiry)
    {
        if (expiry is { } moment)
        {
            Clock.Schedule(moment - Clock.Now, ExpireNow);
        }
    }

    private void ExpireNow()
    {
        foreach (var order in _orders.Values.Where(o => o.IsPending && o.Expiration <= Clock.Now).ToArray())
        {
            End(order with { CloseTime = Seconds(Clock.Now), ClosePrice = order.OpenPrice, Comment = "expiration" });
        }

        Settle();
    }

    private Verdict CheckExpiry(SimSymbol symbol, Timestamp? expiry) =>
        expiry is { } moment && (!symbol.ExpiryAllowed || moment <= Clock.Now) ? Verdict.BadExpiry : Verdict.Ok;

    private static Verdict CheckAskedPrice(SimSymbol symbol, decimal? asked, int slippage, decimal market) =>
        asked is not { } price ? Verdict.Ok
        : price <= 0m || !OnTick(symbol, price) ? Verdict.BadPrice
        : symbol.Execution == SimExecution.Instant && Math.Abs(price - market) > slippage * symbol.Spec.Point ? Verdict.Requote
        : Verdict.Ok;

    private static Verdict CheckFreeze(SimSymbol symbol, Mt4Order order, Quote quote)
    {
        decimal market = quote.ToClose(order.Side).Value;
        return IsFrozen(symbol, order.StopLoss, market) || IsFrozen(symbol, order.TakeProfit, market) ? Verdict.Frozen : Verdict.Ok;
    }

    private static Verdict First(params ReadOnlySpan<Verdict> verdicts)
    {
        foreach (var verdict in verdicts)
        {
            if (verdict != Verdict.Ok)
            {
                return verdict;
            }
        }

        return Verdict.Ok;
    }
}

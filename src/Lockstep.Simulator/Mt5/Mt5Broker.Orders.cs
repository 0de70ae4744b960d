using System.Globalization;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <content>Pending orders, protection levels, close-by, stop-out.</content>
public abstract partial class Mt5Broker
{
    private MqlTradeResult Place(MqlTradeRequest request, ExecutionTerms terms)
    {
        var verdict = request.Type is Mt5OrderType.Buy or Mt5OrderType.Sell or Mt5OrderType.CloseBy ? Verdict.Invalid : CheckMarket(request.Symbol, out _, out _);
        if (verdict != Verdict.Ok)
        {
            return Fail(verdict, request.Symbol);
        }

        CheckMarket(request.Symbol, out var symbol, out var quote);
        verdict = First(
            CheckVolume(symbol, request.Volume),
            CheckPrices(symbol, request.Type, request.Side, request.Price, request.StopLimit, request.Sl, request.Tp, quote),
            CheckExpiry(symbol, request),
            CheckOpening(symbol, request.Side, request.Volume, pending: true));
        if (verdict != Verdict.Ok)
        {
            return Fail(verdict, request.Symbol);
        }

        var order = NewOrder(request, terms) with { State = Mt5OrderState.Placed };
        Keep(order);
        Tell(new Mt5Transaction(Mt5TransactionType.OrderAdd, order.Ticket));
        WakeToExpire(order.Expiration);
        return new MqlTradeResult { Retcode = Mt5Retcode.Done, Order = order.Ticket, Volume = order.VolumeInitial, Price = order.PriceOpen };
    }

    private MqlTradeResult ModifyOrder(MqlTradeRequest request)
    {
        if (!_orders.TryGetValue(request.Order, out var order))
        {
            return NoOrder();
        }

        var verdict = CheckMarket(order.Symbol, out var symbol, out var quote);
        if (verdict != Verdict.Ok)
        {
            return Fail(verdict, order.Symbol);
        }

        var changed = order with
        {
            PriceOpen = request.Price,
            StopLimit = request.StopLimit,
            Sl = request.Sl,
            Tp = request.Tp,
            Expiration = request.TypeTime == Mt5TypeTime.Specified ? request.Expiration : null,
        };
        verdict = changed == order ? Verdict.NoChanges : First(
            IsFrozen(symbol, order.PriceOpen, quote.ToOpen(order.Side).Value) ? Verdict.Frozen : Verdict.Ok,
            CheckPrices(symbol, order.Type, order.Side, changed.PriceOpen, changed.StopLimit, changed.Sl, changed.Tp, quote),
            CheckExpiry(symbol, request));
        if (verdict != Verdict.Ok)
        {
            return Fail(verdict, order.Symbol);
        }

        Keep(changed);
        Tell(new Mt5Transaction(Mt5TransactionType.OrderUpdate, order.Ticket));
        WakeToExpire(changed.Expiration);
        return new MqlTradeResult { Retcode = Mt5Retcode.Done, Order = order.Ticket };
    }

    private MqlTradeResult RemoveOrder(MqlTradeRequest request)
    {
        if (!_orders.TryGetValue(request.Order, out var order))
        {
            return NoOrder();
        }

        var verdict = CheckMarket(order.Symbol, out var symbol, out var quote);
        if (verdict == Verdict.Ok && IsFrozen(symbol, order.PriceOpen, quote.ToOpen(order.Side).Value))
        {
            verdict = Verdict.Frozen;
        }

        if (verdict != Verdict.Ok)
        {
            return Fail(verdict, order.Symbol);
        }

        End(order with { State = Mt5OrderState.Canceled });
        return new MqlTradeResult { Retcode = Mt5Retcode.Done, Order = order.Ticket };
    }

    private MqlTradeResult ChangeStops(MqlTradeRequest request)
    {
        if (PositionByTicket(request.Position) is not { } position)
        {
            return Fail(Verdict.NotFound, request.Symbol);
        }

        var verdict = CheckMarket(position.Symbol, out var symbol, out var quote);
        if (verdict == Verdict.Ok)
        {
            verdict = position.Sl == request.Sl && position.Tp == request.Tp ? Verdict.NoChanges : First(
                CheckFreeze(symbol, position, quote),
                CheckStops(symbol, position.Side, quote.ToClose(position.Side).Value, request.Sl, request.Tp));
        }

        if (verdict != Verdict.Ok)
        {
            return Fail(verdict, position.Symbol);
        }

        Keep(position with { Sl = request.Sl, Tp = request.Tp });
        Tell(new Mt5Transaction(Mt5TransactionType.Position, Position: position.Ticket));
        return new MqlTradeResult { Retcode = Mt5Retcode.Done };
    }

    /// <summary>Both are reduced by the smaller volume at the open price of the opposite one; the first takes the whole result, the second shows 0.</summary>
    private MqlTradeResult CloseBy(MqlTradeRequest request)
    {
        if (PositionByTicket(request.Position) is not { } first || PositionByTicket(request.PositionBy) is not { } second)
        {
            return Fail(Verdict.NotFound);
        }

        var verdict = IsNetting || first.Symbol != second.Symbol || first.Side == second.Side ? Verdict.Invalid : CheckMarket(first.Symbol, out _, out _);
        if (verdict != Verdict.Ok)
        {
            return Fail(verdict, first.Symbol);
        }

        CheckMarket(first.Symbol, out var symbol, out _);
        decimal volume = Math.Min(first.Volume, second.Volume);
        var order = NewOrder(request with { Symbol = first.Symbol, Volume = volume }, ExecutionTerms.Clean) with
        {
            Type = Mt5OrderType.CloseBy,
            PositionId = first.Identifier,
        };
        Tell(new Mt5Transaction(Mt5TransactionType.OrderAdd, order.Ticket));
        var deal = Reduce(symbol, first, SideOf(order, first), volume, second.PriceOpen, Mt5DealEntry.OutBy);
        Tell(new Mt5Transaction(Mt5TransactionType.Position, Position: second.Ticket));
        Reduce(symbol, second, SideOf(order, second), volume, second.PriceOpen, Mt5DealEntry.OutBy);
        Tell(new Mt5Transaction(Mt5TransactionType.OrderDelete, order.Ticket));
        End(order with { State = Mt5OrderState.Filled, VolumeCurrent = 0m });
        return Done(order, deal, volume);

        // The deals of the one close-by order look each against its own position.
        static Mt5Order SideOf(Mt5Order order, Mt5Position position) => order with { Type = position.Side == Side.Buy ? Mt5OrderType.Sell : Mt5OrderType.Buy };
    }

    /// <inheritdoc/>
    private protected override void Match(SimSymbol symbol, Quote quote)
    {
        string name = symbol.Spec.Name.Value;
        foreach (var order in _orders.Values.Where(o => o.Symbol == name).ToArray())
        {
            MatchPending(symbol, order, quote);
        }

        foreach (long identifier in _positions.Values.Where(p => p.Symbol == name).Select(p => p.Identifier).ToArray())
        {
            if (_positions.TryGetValue(identifier, out var position))
            {
                MatchStops(symbol, position, quote);
            }
        }
    }

    private void MatchPending(SimSymbol symbol, Mt5Order order, Quote quote)
    {
        decimal price = quote.ToOpen(order.Side).Value;
        var type = TypeOf(order.Type);
        if (order.Expiration is { } expiry && expiry <= Clock.Now)
        {
            End(order with { State = Mt5OrderState.Expired });
        }
        else if (type == PendingType.StopLimit)
        {
            if (IsReached(order.Side, stop: true, order.PriceOpen, price))
            {
                // The stop part has done its work; from here on it is a limit order under the same ticket.
                Keep(order with { Type = order.Side == Side.Buy ? Mt5OrderType.BuyLimit : Mt5OrderType.SellLimit, PriceOpen = order.StopLimit, StopLimit = 0m });
                Tell(new Mt5Transaction(Mt5TransactionType.OrderUpdate, order.Ticket));
            }
        }
        else if (IsReached(order.Side, type == PendingType.Stop, order.PriceOpen, price))
        {
            FillPending(symbol, order, price);
        }
    }

    private void FillPending(SimSymbol symbol, Mt5Order order, decimal price)
    {
        var held = IsNetting ? _positions.Values.FirstOrDefault(p => p.Symbol == order.Symbol) : null;
        bool reduces = held is not null && held.Side != order.Side;
        bool barred = Settings.Mode == AccountMode.Fifo && Holdings().Any(h => h.Symbol.Spec.Name == symbol.Spec.Name && h.Side != order.Side);
        if (barred || (!reduces && !CanAfford(symbol, order.Side, order.VolumeCurrent, price)))
        {
            End(order with { State = Mt5OrderState.Rejected });
            return;
        }

        // RETURN: what finds no counterparty goes on waiting under the same ticket, beside the position the first fill made.
        decimal volume = Dice.Fork($"fill {order.Ticket} {order.VolumeCurrent}").Chance(Faults.PartialFillPercent)
            ? FillVolume(symbol, order.VolumeCurrent, new ExecutionTerms(50))
            : order.VolumeCurrent;
        var deal = IsNetting ? Net(symbol, order, volume, price) : OpenOrAdd(symbol, order, volume, price);
        if (volume < order.VolumeCurrent)
        {
            Keep(order with { State = Mt5OrderState.Partial, VolumeCurrent = order.VolumeCurrent - volume, PositionId = deal.PositionId });
            Tell(new Mt5Transaction(Mt5TransactionType.OrderUpdate, order.Ticket));
        }
        else
        {
            End(order with { State = Mt5OrderState.Filled, VolumeCurrent = 0m, PositionId = deal.PositionId });
        }
    }

    private void MatchStops(SimSymbol symbol, Mt5Position position, Quote quote)
    {
        decimal price = quote.ToClose(position.Side).Value;
        var closing = position.Side.Opposite();
        if (position.Sl != 0m && IsReached(closing, stop: true, position.Sl, price))
        {
            CloseByServer(symbol, position, price, Mt5Reason.Sl, Level("sl", position.Sl));
        }
        else if (position.Tp != 0m && IsReached(closing, stop: false, position.Tp, price))
        {
            CloseByServer(symbol, position, price, Mt5Reason.Tp, Level("tp", position.Tp));
        }
    }

    /// <inheritdoc/>
    private protected override void CloseForMargin(Holding holding, decimal marginLevel)
    {
        var position = _positions[holding.Number];
        decimal price = QuoteOf(holding.Symbol.Spec.Name)!.Value.ToClose(position.Side).Value;
        CloseByServer(holding.Symbol, position, price, Mt5Reason.So, string.Create(CultureInfo.InvariantCulture, $"so {marginLevel:0.0}%"));
    }

    private void CloseByServer(SimSymbol symbol, Mt5Position position, decimal price, Mt5Reason reason, string comment)
    {
        var order = new Mt5Order
        {
            Ticket = ++_lastOrder,
            Symbol = position.Symbol,
            Type = position.Side == Side.Buy ? Mt5OrderType.Sell : Mt5OrderType.Buy,
            State = Mt5OrderState.Filled,
            VolumeInitial = position.Volume,
            PositionId = position.Identifier,
            Magic = position.Magic,
            Comment = comment,
            Reason = reason,
            TimeSetup = Clock.Now,
        };
        Tell(new Mt5Transaction(Mt5TransactionType.OrderAdd, order.Ticket));
        End(order);
        Reduce(symbol, position, order, position.Volume, price, Mt5DealEntry.Out);
    }

    private static Verdict CheckPrices(SimSymbol symbol, Mt5OrderType type, Side side, decimal price, decimal stopLimit, decimal sl, decimal tp, Quote quote)
    {
        var kind = TypeOf(type);
        decimal opens = kind == PendingType.StopLimit ? stopLimit : price;
        return First(
            CheckPendingPrice(symbol, side, kind, price, quote),
            kind == PendingType.StopLimit && (stopLimit <= 0m || !OnTick(symbol, stopLimit)) ? Verdict.BadPrice : Verdict.Ok,
            CheckStops(symbol, side, opens, sl, tp));
    }

    private Verdict CheckExpiry(SimSymbol symbol, MqlTradeRequest request) =>
        request.TypeTime == Mt5TypeTime.Specified && (!symbol.ExpiryAllowed || request.Expiration is not { } moment || moment <= Clock.Now)
            ? Verdict.BadExpiry
            : Verdict.Ok;

    private void WakeToExpire(Timestamp? expiry)
    {
        if (expiry is { } moment)
        {
            Clock.Schedule(moment - Clock.Now, ExpireNow);
        }
    }

    private void ExpireNow()
    {
        foreach (var order in _orders.Values.Where(o => o.Expiration <= Clock.Now).ToArray())
        {
            End(order with { State = Mt5OrderState.Expired });
        }

        Settle();
    }
}

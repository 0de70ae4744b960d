using System.Globalization;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <content>New, amended, cancelled orders.</content>
public sealed partial class CTraderBroker
{
    private CtReply Market(CtNewOrder request, ExecutionTerms terms)
    {
        if (CheckNew(request, out var symbol, out var quote) is { } refusal)
        {
            return refusal;
        }

        if (request.StopLoss is not null || request.TakeProfit is not null)
        {
            return Fail(CtErrorCode.InvalidRequest, "SL/TP in absolute values are allowed only for order types: [LIMIT, STOP, STOP_LIMIT]");
        }

        decimal lots = ToLots(request.Symbol, request.Volume);
        var held = PositionFor(request);
        bool reduces = held is not null && held.Side != request.Side && held.Volume >= request.Volume;
        decimal price = FillPrice(symbol, request.Side, quote, terms);
        var verdict = reduces ? Verdict.Ok : CheckOpening(symbol, request.Side, lots, pending: false);
        if (verdict == Verdict.Ok && !reduces && !CanAfford(symbol, request.Side, lots, price))
        {
            verdict = Verdict.NoMoney;
        }

        if (verdict != Verdict.Ok)
        {
            return Fail(CtErrorCode.Of(verdict), verdict.ToString());
        }

        bool whole = request.TimeInForce == CtTimeInForce.FillOrKill;
        var order = NewOrderOf(request, terms, held) with { TimeInForce = whole ? CtTimeInForce.FillOrKill : CtTimeInForce.ImmediateOrCancel };
        Tell(CtExecutionType.OrderAccepted, false, order, held ?? Shell(order));
        decimal away = request.Side.Sign() * (price - (request.BaseSlippagePrice ?? price));
        long volume = ToVolume(request.Symbol, FillVolume(symbol, lots, terms));
        bool outside = request.OrderType == CtOrderType.MarketRange && away > request.SlippageInPoints * symbol.Spec.Point;
        return outside || (whole && volume < request.Volume) ? CancelUnfilled(order) : Fill(symbol, order, volume, price);
    }

    /// <summary>The order ends without a fill.</summary>
    private CtReply CancelUnfilled(CtOrder order)
    {
        var cancelled = End(order, CtOrderStatus.Cancelled);
        Tell(CtExecutionType.OrderCancelled, false, cancelled, Ended(cancelled));
        return new CtReply { ExecutionType = CtExecutionType.OrderCancelled, Order = cancelled };
    }

    private CtReply Place(CtNewOrder request, ExecutionTerms terms)
    {
        if (request.OrderType == CtOrderType.StopLossTakeProfit)
        {
            return Fail(CtErrorCode.InvalidRequest, "STOP_LOSS_TAKE_PROFIT orders are made by the server");
        }

        if (CheckNew(request, out var symbol, out var quote) is { } refusal)
        {
            return refusal;
        }

        var held = PositionFor(request);
        var order = NewOrderOf(request, terms, held);
        if (CheckPending(symbol, order, quote) is { } wrong)
        {
            return wrong;
        }

        var verdict = CheckOpening(symbol, request.Side, ToLots(request.Symbol, request.Volume), pending: true);
        if (verdict != Verdict.Ok)
        {
            return Fail(CtErrorCode.Of(verdict), verdict.ToString());
        }

        if (IsAtOnce(order))
        {
            return AtOnce(symbol, order, held, quote, terms);
        }

        if (held is not null && request.PositionId is null)
        {
            // A netted account's order waits under an id of its own: the position may be gone when it fills.
            order = order with { PositionId = ++_lastPosition };
            held = null;
        }

        Keep(order);
        WakeToExpire(order.Expiration);
        Tell(CtExecutionType.OrderAccepted, false, order, held ?? Shell(order));
        return new CtReply { ExecutionType = CtExecutionType.OrderAccepted, Order = order };
    }

    private static bool IsAtOnce(CtOrder order) => order.TimeInForce is CtTimeInForce.ImmediateOrCancel or CtTimeInForce.FillOrKill;

    /// <summary>IOC and FOK: what cannot be filled now is cancelled now (FOK: all or nothing).</summary>
    private CtReply AtOnce(SimSymbol symbol, CtOrder order, CtPosition? held, Quote quote, ExecutionTerms terms)
    {
        Tell(CtExecutionType.OrderAccepted, false, order, held ?? Shell(order));
        decimal price = quote.ToOpen(order.Side).Value;
        long volume = ToVolume(order.Symbol, FillVolume(symbol, ToLots(order.Symbol, order.Volume), terms));
        return !IsTriggered(symbol, order, price) || (order.TimeInForce == CtTimeInForce.FillOrKill && volume < order.Volume) ? CancelUnfilled(order)
            : !CanAfford(symbol, order.Side, ToLots(order.Symbol, volume), price) ? RejectNow(order)
            : Fill(symbol, order, volume, price);
    }

    private CtReply RejectNow(CtOrder order)
    {
        var rejected = End(order, CtOrderStatus.Rejected);
        Tell(CtExecutionType.OrderRejected, false, rejected, Ended(rejected), errorCode: CtErrorCode.NotEnoughMoney);
        return new CtReply { ErrorCode = CtErrorCode.NotEnoughMoney, ExecutionType = CtExecutionType.OrderRejected, Order = rejected };
    }

    /// <summary>The liquidity provider said no: the order was accepted and is rejected, which is an execution event and not an order error.</summary>
    private CtReply Reject(CtNewOrder request)
    {
        var rejected = End(NewOrderOf(request, ExecutionTerms.Clean, PositionFor(request)), CtOrderStatus.Rejected);
        Tell(CtExecutionType.OrderRejected, false, rejected, Ended(rejected), errorCode: CtErrorCode.OrderRejected);
        return new CtReply { ErrorCode = CtErrorCode.OrderRejected, ExecutionType = CtExecutionType.OrderRejected, Order = rejected };
    }

    private CtReply Amend(CtAmendOrder request)
    {
        if (!_orders.TryGetValue(request.OrderId, out var order) || !IsPending(order))
        {
            return Fail(CtErrorCode.OrderNotFound, string.Create(CultureInfo.InvariantCulture, $"Order not found with id {request.OrderId}"));
        }

        var verdict = CheckMarket(order.Symbol, out var symbol, out var quote);
        if (verdict != Verdict.Ok)
        {
            return Fail(CtErrorCode.Of(verdict), verdict.ToString());
        }

        bool stopped = request.StopLoss is not null || request.RelativeStopLoss is not null;
        if (CheckLevels(symbol, request.RelativeStopLoss, request.RelativeTakeProfit, stopped, request.TrailingStopLoss, request.GuaranteedStopLoss) is { } unfit)
        {
            return unfit;
        }

        var changed = order with
        {
            Volume = request.Volume ?? order.Volume,
            LimitPrice = request.LimitPrice ?? order.LimitPrice,
            StopPrice = request.StopPrice ?? order.StopPrice,
            SlippageInPoints = request.SlippageInPoints,
            StopLoss = request.StopLoss,
            TakeProfit = request.TakeProfit,
            RelativeStopLoss = request.RelativeStopLoss,
            RelativeTakeProfit = request.RelativeTakeProfit,
            TrailingStopLoss = stopped ? request.TrailingStopLoss ?? order.TrailingStopLoss ?? false : null,
            TriggerMethod = request.TriggerMethod ?? order.TriggerMethod,
            Expiration = request.Expiration,
            TimeInForce = request.Expiration is null ? CtTimeInForce.GoodTillCancel : CtTimeInForce.GoodTillDate,
        };
        if (changed == order)
        {
            return Fail(CtErrorCode.InvalidRequest, "Nothing to amend.");
        }

        if ((CheckVolumeText(symbol, changed.Symbol, changed.Volume) ?? CheckPending(symbol, changed, quote)) is { } wrong)
        {
            return wrong;
        }

        changed = changed with { UpdatedAt = Clock.Now };
        Keep(changed);
        WakeToExpire(changed.Expiration);
        Tell(CtExecutionType.OrderReplaced, false, changed, Shell(changed));
        return new CtReply { ExecutionType = CtExecutionType.OrderReplaced, Order = changed };
    }

    private CtReply Cancel(CtCancelOrder request)
    {
        if (!_orders.TryGetValue(request.OrderId, out var order) || !IsPending(order))
        {
            return Fail(CtErrorCode.OrderNotFound, string.Create(CultureInfo.InvariantCulture, $"Order not found with id {request.OrderId}"));
        }

        return CancelUnfilled(order);
    }

    private CtOrder NewOrderOf(CtNewOrder request, ExecutionTerms terms, CtPosition? held) => new()
    {
        OrderId = ++_lastOrder,
        PositionId = held?.PositionId ?? ++_lastPosition,
        Symbol = request.Symbol,
        Side = request.Side,
        OrderType = request.OrderType,
        OrderStatus = CtOrderStatus.Accepted,
        Volume = request.Volume,
        LimitPrice = request.LimitPrice,
        StopPrice = request.StopPrice,
        SlippageInPoints = request.SlippageInPoints,
        BaseSlippagePrice = request.BaseSlippagePrice,
        TrailingStopLoss = request.StopLoss is null && request.RelativeStopLoss is null ? null : request.TrailingStopLoss ?? false,
        TriggerMethod = request.OrderType is CtOrderType.Stop or CtOrderType.StopLimit ? request.TriggerMethod ?? CtTriggerMethod.Trade : null,
        StopLoss = request.StopLoss,
        TakeProfit = request.TakeProfit,
        RelativeStopLoss = request.RelativeStopLoss,
        RelativeTakeProfit = request.RelativeTakeProfit,
        TimeInForce = request.TimeInForce,
        Expiration = request.Expiration,
        Label = request.Label,
        Comment = Keep(request.Comment, terms.Comment, 512),
        ClientOrderId = request.ClientOrderId,
        OpenTimestamp = Clock.Now,
        UpdatedAt = Clock.Now,
        OwnerKey = request.OwnerKey,
    };

    private CtPosition? PositionFor(CtNewOrder request) =>
        request.PositionId is { } id ? _positions.GetValueOrDefault(id)
        : IsNetted ? _positions.Values.FirstOrDefault(p => p.Symbol == request.Symbol)
        : null;

    private static CtPosition Shell(CtOrder order) => new()
    {
        PositionId = order.PositionId,
        Symbol = order.Symbol,
        Side = order.Side,
        Status = CtPositionStatus.Created,
        Label = order.Label,
        Comment = order.Comment,
        TrailingStopLoss = order.TrailingStopLoss,
    };

    /// <summary>The position of an order that ended without ever opening it; one that it was to add to is as it was.</summary>
    private CtPosition Ended(CtOrder order) =>
        _positions.GetValueOrDefault(order.PositionId) ?? Shell(order) with { Status = CtPositionStatus.Closed, UpdatedAt = Clock.Now, CloseTimestamp = Clock.Now };

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
            var expired = End(order, CtOrderStatus.Expired);
            Tell(CtExecutionType.OrderExpired, true, expired, Ended(expired));
        }

        Settle();
    }
}

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

        var order = NewOrderOf(request, terms, held) with { TimeInForce = CtTimeInForce.ImmediateOrCancel };
        Tell(CtExecutionType.OrderAccepted, false, order, held ?? Shell(order));
        decimal away = request.Side.Sign() * (price - (request.BaseSlippagePrice ?? price));
        if (request.OrderType == CtOrderType.MarketRange && away > request.SlippageInPoints * symbol.Spec.Point)
        {
            var cancelled = End(order, CtOrderStatus.Cancelled);
            Tell(CtExecutionType.OrderCancelled, false, cancelled, Shell(cancelled) with { Status = CtPositionStatus.Closed });
            return new CtReply { ExecutionType = CtExecutionType.OrderCancelled, Order = cancelled };
        }

        long volume = ToVolume(request.Symbol, FillVolume(symbol, lots, terms));
        return Fill(symbol, order, volume, price);
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

        var order = NewOrderOf(request, terms, PositionFor(request));
        if (CheckPending(symbol, order, quote) is { } wrong)
        {
            return wrong;
        }

        var verdict = CheckOpening(symbol, request.Side, ToLots(request.Symbol, request.Volume), pending: true);
        if (verdict != Verdict.Ok)
        {
            return Fail(CtErrorCode.Of(verdict), verdict.ToString());
        }

        Keep(order);
        WakeToExpire(order.Expiration);
        Tell(CtExecutionType.OrderAccepted, false, order, Shell(order));
        return new CtReply { ExecutionType = CtExecutionType.OrderAccepted, Order = order };
    }

    /// <summary>The liquidity provider said no: the order was accepted and is rejected, which is an execution event and not an order error.</summary>
    private CtReply Reject(CtNewOrder request)
    {
        var rejected = End(NewOrderOf(request, ExecutionTerms.Clean, PositionFor(request)), CtOrderStatus.Rejected);
        Tell(CtExecutionType.OrderRejected, false, rejected, Shell(rejected) with { Status = CtPositionStatus.Closed }, errorCode: CtErrorCode.OrderRejected);
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

        var changed = order with
        {
            Volume = request.Volume ?? order.Volume,
            LimitPrice = request.LimitPrice,
            StopPrice = request.StopPrice,
            SlippageInPoints = request.SlippageInPoints,
            StopLoss = request.StopLoss,
            TakeProfit = request.TakeProfit,
            RelativeStopLoss = null,
            RelativeTakeProfit = null,
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

        var cancelled = End(order, CtOrderStatus.Cancelled);
        Tell(CtExecutionType.OrderCancelled, false, cancelled, Shell(cancelled) with { Status = CtPositionStatus.Closed });
        return new CtReply { ExecutionType = CtExecutionType.OrderCancelled, Order = cancelled };
    }

    private CtReply? CheckNew(CtNewOrder request, out SimSymbol symbol, out Quote quote)
    {
        var verdict = CheckMarket(request.Symbol, out symbol, out quote);
        if (verdict != Verdict.Ok)
        {
            return Fail(CtErrorCode.Of(verdict), verdict.ToString());
        }

        // A distance is given in 1/100000 of price, whatever the digits; a symbol of two digits takes whole thousands only.
        long unit = (long)(100_000m * symbol.Spec.Point);
        if (unit > 0 && ((request.RelativeStopLoss ?? 0) % unit != 0 || request.RelativeStopLoss <= 0))
        {
            return Fail(CtErrorCode.InvalidRequest, "Relative stop loss has invalid precision");
        }

        if (unit > 0 && ((request.RelativeTakeProfit ?? 0) % unit != 0 || request.RelativeTakeProfit <= 0))
        {
            return Fail(CtErrorCode.InvalidRequest, "Relative take profit has invalid precision");
        }

        if (request.Label.Length > 100 || request.Comment.Length > 512 || request.ClientOrderId.Length > 50)
        {
            return Fail(CtErrorCode.InvalidRequest, "Text is too long");
        }

        if (request.PositionId is { } id && !_positions.ContainsKey(id))
        {
            return Fail(CtErrorCode.PositionNotFound, string.Create(CultureInfo.InvariantCulture, $"Position not found with id {id}"));
        }

        return CheckVolumeText(symbol, request.Symbol, request.Volume);
    }

    /// <summary>The texts speak of units, not of hundredths.</summary>
    private CtReply? CheckVolumeText(SimSymbol symbol, string name, long volume)
    {
        decimal units = volume / 100m;
        decimal min = symbol.Spec.MinLots.Value * symbol.Spec.ContractSize;
        decimal max = symbol.Spec.MaxLots.Value * symbol.Spec.ContractSize;
        return CheckVolume(symbol, ToLots(name, volume)) == Verdict.Ok ? null : Fail(
            CtErrorCode.BadVolume,
            units < min ? string.Create(CultureInfo.InvariantCulture, $"Order volume {units:0.00} is smaller than group minVolume={min:0.00}.")
            : units > max ? string.Create(CultureInfo.InvariantCulture, $"Order volume {units:0.00} is bigger than group maxVolume={max:0.00}.")
            : string.Create(CultureInfo.InvariantCulture, $"Order volume {units:0.00} is not a multiple of stepVolume={symbol.Spec.LotStep.Value * symbol.Spec.ContractSize:0.00}."));
    }

    private CtReply? CheckPending(SimSymbol symbol, CtOrder order, Quote quote)
    {
        decimal price = (order.OrderType == CtOrderType.Limit ? order.LimitPrice : order.StopPrice) ?? 0m;
        if (!OnTick(symbol, price))
        {
            return Fail(CtErrorCode.BadPrices, string.Create(CultureInfo.InvariantCulture, $"Order price = {price} has more digits than symbol allows. Allowed {symbol.Spec.Digits} digits"));
        }

        var type = TypeOf(order.OrderType) == PendingType.Limit ? PendingType.Limit : PendingType.Stop;
        if (CheckPendingPrice(symbol, order.Side, type, price, quote) is not Verdict.Ok and var verdict)
        {
            return Fail(CtErrorCode.BadPrices, verdict.ToString());
        }

        var (stopLoss, takeProfit) = LevelsOf(order, price);
        verdict = CheckStops(symbol, order.Side, price, stopLoss ?? 0m, takeProfit ?? 0m);
        if (verdict != Verdict.Ok)
        {
            return Fail(CtErrorCode.Of(verdict), verdict.ToString());
        }

        bool dated = order.TimeInForce == CtTimeInForce.GoodTillDate;
        return dated && (!symbol.ExpiryAllowed || order.Expiration is not { } expiry || expiry <= Clock.Now)
            ? Fail(CtErrorCode.Of(Verdict.BadExpiry), "Expiration must be in the future")
            : null;
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
    };

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
            Tell(CtExecutionType.OrderExpired, true, expired, Shell(expired) with { Status = CtPositionStatus.Closed });
        }

        Settle();
    }
}

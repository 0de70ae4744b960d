using System.Globalization;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <content>Stop loss and take profit: one order of the server's holds both.</content>
public sealed partial class CTraderBroker
{
    private CtPosition Closed(CtPosition position) => position with
    {
        Status = CtPositionStatus.Closed,
        StopLoss = null,
        TakeProfit = null,
        TriggerMethod = null,
        CloseTimestamp = Clock.Now,
    };

    private CtOrder? ProtectionOf(CtPosition position) =>
        _orders.Values.FirstOrDefault(o => o.OrderType == CtOrderType.StopLossTakeProfit && o.PositionId == position.PositionId);

    /// <summary>The protection order's volume is always the position's.</summary>
    private void FollowVolume(CtPosition position)
    {
        if (ProtectionOf(position) is { } protection)
        {
            var followed = protection with { Volume = position.Volume, UpdatedAt = Clock.Now };
            Keep(followed);
            Tell(CtExecutionType.OrderReplaced, true, followed, position);
        }
    }

    private CtReply AmendLevels(CtAmendPositionSltp request)
    {
        if (!_positions.TryGetValue(request.PositionId, out var position))
        {
            return Fail(CtErrorCode.PositionNotFound, string.Create(CultureInfo.InvariantCulture, $"Position not found with id {request.PositionId}"));
        }

        if (request.TrailingStopLoss is not null && request.StopLoss is null)
        {
            return Fail(CtErrorCode.InvalidRequest, "Can't set Trailing Stop Loss parameter without specified Stop Loss");
        }

        if (request.GuaranteedStopLoss)
        {
            return Fail(CtErrorCode.InvalidRequest, "Guaranteed stop loss is only for accounts of limited risk");
        }

        var verdict = CheckMarket(position.Symbol, out var symbol, out var quote);
        if (verdict == Verdict.Ok)
        {
            verdict = CheckStops(symbol, position.Side, quote.ToClose(position.Side).Value, request.StopLoss ?? 0m, request.TakeProfit ?? 0m);
        }

        if (verdict != Verdict.Ok)
        {
            return Fail(CtErrorCode.Of(verdict), verdict == Verdict.BadStops ? StopsText(position, request, quote) : verdict.ToString());
        }

        bool trailing = request.TrailingStopLoss ?? position.TrailingStopLoss ?? false;
        return SetLevels(position with { TriggerMethod = request.TriggerMethod ?? position.TriggerMethod }, request.StopLoss, request.TakeProfit, trailing, server: false);
    }

    private CtReply Protect(CtPlaceProtection request) =>
        _positions.TryGetValue(request.PositionId, out var position)
            ? SetLevels(position, request.StopLoss, request.TakeProfit, request.Trailing, server: true)
            : new CtReply { ErrorCode = CtErrorCode.PositionNotFound };

    /// <summary>One order holds both levels; its id stays when they move. It is gone when both are.</summary>
    private CtReply SetLevels(CtPosition position, decimal? stopLoss, decimal? takeProfit, bool trailing, bool server)
    {
        var protection = ProtectionOf(position);
        bool trails = trailing && stopLoss is not null;
        var moved = position with
        {
            StopLoss = stopLoss,
            TakeProfit = takeProfit,
            TrailingStopLoss = stopLoss is null && position.TrailingStopLoss is null ? null : trails,
            TrailingDistance = trails && QuoteOf(new SymbolName(position.Symbol)) is { } quote ? position.Side.Sign() * (quote.ToClose(position.Side).Value - stopLoss!.Value) : 0m,
            TriggerMethod = stopLoss is null && takeProfit is null ? null : position.TriggerMethod ?? CtTriggerMethod.Trade,
            UpdatedAt = Clock.Now,
        };
        Keep(moved);
        CtExecutionType type;
        if (stopLoss is null && takeProfit is null)
        {
            type = CtExecutionType.OrderCancelled;
            if (protection is null)
            {
                return new CtReply { ExecutionType = CtExecutionType.OrderReplaced };
            }

            protection = End(protection, CtOrderStatus.Cancelled);
        }
        else
        {
            type = protection is null ? CtExecutionType.OrderAccepted : CtExecutionType.OrderReplaced;
            protection = (protection ?? ClosingOrder(position, position.Volume) with
            {
                OrderType = CtOrderType.StopLossTakeProfit,
                TimeInForce = CtTimeInForce.GoodTillCancel,
            }) with
            {
                Volume = position.Volume,
                StopPrice = stopLoss,
                LimitPrice = takeProfit,
                TrailingStopLoss = trails,
                TriggerMethod = moved.TriggerMethod,
                UpdatedAt = Clock.Now,
            };
            Keep(protection);
        }

        Tell(type, server, protection, moved);
        return new CtReply { ExecutionType = type, Order = protection };
    }

    private static string StopsText(CtPosition position, CtAmendPositionSltp request, Quote quote)
    {
        bool takeProfit = request.TakeProfit is { } tp && position.Side.Sign() * (tp - quote.ToClose(position.Side).Value) <= 0m;
        bool above = takeProfit == (position.Side == Side.Buy);
        string name = position.Side == Side.Buy ? "BID" : "ASK";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"New {(takeProfit ? "TP" : "SL")} for {(position.Side == Side.Buy ? "BUY" : "SELL")} position should be {(above ? ">=" : "<=")} current {name} price. current {name}: {quote.ToClose(position.Side)}, {(takeProfit ? "TP" : "SL")}: {(takeProfit ? request.TakeProfit : request.StopLoss)}");
    }
}

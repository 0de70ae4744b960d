using Google.Protobuf;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.Simulator.Tests.OpenApi;

/// <summary>Guide §8: the recorded sequences, event by event, with exactly the fields that the real server writes.</summary>
public sealed class RecordedTradeTests
{
    private const ProtoOAExecutionType Accepted = ProtoOAExecutionType.OrderAccepted;
    private const ProtoOAExecutionType Filled = ProtoOAExecutionType.OrderFilled;
    private const ProtoOAExecutionType Replaced = ProtoOAExecutionType.OrderReplaced;
    private const ProtoOAExecutionType Cancelled = ProtoOAExecutionType.OrderCancelled;

    [Fact] // "MARKET + relative SL/TP".
    public void A_market_order_with_levels_is_told_as_recorded()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        var events = client.Trade(client.Market(sl: 500, tp: 1000, label: "mine"), "q7");

        Assert.Equal([(Accepted, false), (Filled, false), (Accepted, true)], events.Select(e => (e.ExecutionType, e.IsServerEvent)));
        Assert.All(client.Heard, m => Assert.Equal("q7", m.ClientMsgId));
        Assert.All(events, e => Assert.True(e.HasIsServerEvent));

        // 1: the position's id is there already, its shell is CREATED, without volume, price and time of opening.
        Assert.Equal("positionId tradeData positionStatus swap price commission marginRate mirroringCommission guaranteedStopLoss usedMargin moneyDigits trailingStopLoss", Fields(events[0].Position));
        Assert.Equal("symbolId volume tradeSide label guaranteedStopLoss measurementUnits", Fields(events[0].Position.TradeData));
        Assert.Equal((ProtoOAPositionStatus.PositionStatusCreated, 0L, 0d), (events[0].Position.PositionStatus, events[0].Position.TradeData.Volume, events[0].Position.Price));
        Assert.Equal(
            "orderId tradeData orderType orderStatus executedVolume utcLastUpdateTimestamp closingOrder clientOrderId timeInForce positionId relativeStopLoss relativeTakeProfit trailingStopLoss",
            Fields(events[0].Order));
        Assert.Equal((0L, false, ProtoOATimeInForce.ImmediateOrCancel, 500L, 1000L), (events[0].Order.ExecutedVolume, events[0].Order.ClosingOrder, events[0].Order.TimeInForce, events[0].Order.RelativeStopLoss, events[0].Order.RelativeTakeProfit));
        Assert.Null(events[0].Deal);

        // 2: filled; no stop loss and no take profit yet.
        Assert.Equal(
            "positionId tradeData positionStatus swap price utcLastUpdateTimestamp commission marginRate mirroringCommission guaranteedStopLoss usedMargin moneyDigits trailingStopLoss",
            Fields(events[1].Position));
        Assert.Equal((events[0].Position.PositionId, ProtoOAPositionStatus.PositionStatusOpen, 1_000_000L, 1.1001d), (events[1].Position.PositionId, events[1].Position.PositionStatus, events[1].Position.TradeData.Volume, events[1].Position.Price));
        Assert.Equal("symbolId volume tradeSide openTimestamp label guaranteedStopLoss measurementUnits closeTimestamp", Fields(events[1].Order.TradeData));
        Assert.Equal((1.1001d, 1_000_000L), (events[1].Order.ExecutionPrice, events[1].Order.ExecutedVolume));
        Assert.Equal(
            "dealId orderId positionId volume filledVolume symbolId createTimestamp executionTimestamp utcLastUpdateTimestamp executionPrice tradeSide dealStatus marginRate commission baseToUsdConversionRate moneyDigits",
            Fields(events[1].Deal));
        Assert.Equal((110_01UL, ProtoOADealStatus.Filled), (events[1].Position.UsedMargin, events[1].Deal.DealStatus));

        // 3: one order for both levels, SL in stopPrice and TP in limitPrice, counted from the fill.
        var protection = events[2].Order;
        Assert.Equal(
            "orderId tradeData orderType orderStatus executedVolume utcLastUpdateTimestamp closingOrder limitPrice stopPrice clientOrderId timeInForce positionId trailingStopLoss stopTriggerMethod",
            Fields(protection));
        Assert.Equal(
            (ProtoOAOrderType.StopLossTakeProfit, true, ProtoOATimeInForce.GoodTillCancel, 1.0951d, 1.1101d, ProtoOATradeSide.Sell),
            (protection.OrderType, protection.ClosingOrder, protection.TimeInForce, protection.StopPrice, protection.LimitPrice, protection.TradeData.TradeSide));
        Assert.Equal((1.0951d, 1.1101d, ProtoOAOrderTriggerMethod.Trade), (events[2].Position.StopLoss, events[2].Position.TakeProfit, events[2].Position.StopLossTriggerMethod));
        Assert.NotEqual(events[0].Order.OrderId, protection.OrderId);
        Assert.Equal(TimeSpan.FromMilliseconds(3), client.HeardAt[^1] - client.HeardAt[^2]);
    }

    [Fact] // "move / remove / re-add a level (2110)".
    public void Levels_are_moved_removed_and_added_on_the_same_protection_order()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        var opened = client.Trade(client.Market(sl: 500, tp: 1000));
        long position = opened[0].Position.PositionId;
        var moved = Assert.Single(client.Trade(new ProtoOAAmendPositionSLTPReq { CtidTraderAccountId = ApiWorld.Demo, PositionId = position, StopLoss = 1.09, TakeProfit = 1.12 }));
        Assert.Equal((Replaced, false, opened[2].Order.OrderId, 1.09d, 1.12d), (moved.ExecutionType, moved.IsServerEvent, moved.Order.OrderId, moved.Order.StopPrice, moved.Order.LimitPrice));
        var removed = Assert.Single(client.Trade(new ProtoOAAmendPositionSLTPReq { CtidTraderAccountId = ApiWorld.Demo, PositionId = position, StopLoss = 1.09 }));
        Assert.Equal((Replaced, opened[2].Order.OrderId, false, false), (removed.ExecutionType, removed.Order.OrderId, removed.Order.HasLimitPrice, removed.Position.HasTakeProfit));
        var added = Assert.Single(client.Trade(new ProtoOAAmendPositionSLTPReq { CtidTraderAccountId = ApiWorld.Demo, PositionId = position, StopLoss = 1.09, TakeProfit = 1.13 }));
        Assert.Equal((Replaced, opened[2].Order.OrderId, 1.13d), (added.ExecutionType, added.Order.OrderId, added.Position.TakeProfit));
    }

    [Fact] // "level hit": the protection order keeps both prices; nothing says which level it was; the position ends empty.
    public void A_level_that_is_hit_fills_the_protection_order()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        var opened = client.Trade(client.Market(sl: 500, tp: 1000));
        client.Heard.Clear();
        world.Wait(5);
        world.Quote(1.09500m, 1.09510m);
        var hit = Assert.Single(client.Executions);
        Assert.Equal((Filled, true, opened[2].Order.OrderId, 1.0951d, 1.1101d, 1.095d), (hit.ExecutionType, hit.IsServerEvent, hit.Order.OrderId, hit.Order.StopPrice, hit.Order.LimitPrice, hit.Order.ExecutionPrice));
        Assert.Equal("positionId tradeData positionStatus swap price utcLastUpdateTimestamp commission marginRate mirroringCommission guaranteedStopLoss usedMargin moneyDigits trailingStopLoss", Fields(hit.Position));
        Assert.Equal((ProtoOAPositionStatus.PositionStatusClosed, 0L, 0d, 0UL), (hit.Position.PositionStatus, hit.Position.TradeData.Volume, hit.Position.Price, hit.Position.UsedMargin));
        Assert.True(hit.Position.TradeData.HasCloseTimestamp);
        Assert.Equal((-51_00L, 99_949_00L, 1L), (hit.Deal.ClosePositionDetail.GrossProfit, hit.Deal.ClosePositionDetail.Balance, hit.Deal.ClosePositionDetail.BalanceVersion));
        Assert.Equal("entryPrice grossProfit swap commission balance quoteToDepositConversionRate closedVolume balanceVersion moneyDigits pnlConversionFee", Fields(hit.Deal.ClosePositionDetail));

        // Nobody asked for it.
        Assert.Null(client.Heard[^1].ClientMsgId);
    }

    [Fact] // "partial close (2111)" and §1.2: same id, all three events with the requester's id.
    public void A_partial_close_keeps_the_id_and_the_protection_order_follows()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        var opened = client.Trade(client.Market(volume: 300_000, sl: 500, label: "tag"));
        long position = opened[0].Position.PositionId;
        client.Heard.Clear();
        var events = client.Trade(new ProtoOAClosePositionReq { CtidTraderAccountId = ApiWorld.Demo, PositionId = position, Volume = 100_000 }, "part");
        Assert.Equal([(Accepted, false), (Filled, false), (Replaced, true)], events.Select(e => (e.ExecutionType, e.IsServerEvent)));
        Assert.All(client.Heard, m => Assert.Equal("part", m.ClientMsgId));
        Assert.Equal([300_000L, 200_000L, 200_000L], events.Select(e => e.Position.TradeData.Volume));
        Assert.All(events, e => Assert.Equal(position, e.Position.PositionId));
        Assert.Equal("orderId tradeData orderType orderStatus executedVolume utcLastUpdateTimestamp closingOrder clientOrderId timeInForce positionId", Fields(events[0].Order));

        // Recorded: the closing order shows the label of its position.
        Assert.Equal(("tag", true, ProtoOATradeSide.Sell), (events[0].Order.TradeData.Label, events[0].Order.ClosingOrder, events[0].Order.TradeData.TradeSide));
        Assert.Equal((opened[2].Order.OrderId, 200_000L, 0L), (events[2].Order.OrderId, events[2].Order.TradeData.Volume, events[2].Order.ExecutedVolume));
        Assert.Equal((100_000L, 100_000L), (events[1].Deal.ClosePositionDetail.ClosedVolume, events[1].Deal.FilledVolume));
    }

    [Fact] // Recorded in a later session than the guide's table: with a protection order the emptied position is CREATED first, and CLOSED with the end of that order.
    public void A_full_close_with_levels_ends_with_the_protection_order()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        var opened = client.Trade(client.Market(volume: 100_000, sl: 500));
        var events = client.Trade(new ProtoOAClosePositionReq { CtidTraderAccountId = ApiWorld.Demo, PositionId = opened[0].Position.PositionId, Volume = 100_000 });
        Assert.Equal([(Accepted, false), (Filled, false), (Cancelled, true)], events.Select(e => (e.ExecutionType, e.IsServerEvent)));
        Assert.Equal(
            (ProtoOAPositionStatus.PositionStatusCreated, 0L, 0d, 1.0951d, false),
            (events[1].Position.PositionStatus, events[1].Position.TradeData.Volume, events[1].Position.Price, events[1].Position.StopLoss, events[1].Position.TradeData.HasCloseTimestamp));
        Assert.Equal((ProtoOAPositionStatus.PositionStatusClosed, false, true), (events[2].Position.PositionStatus, events[2].Position.HasStopLoss, events[2].Position.TradeData.HasCloseTimestamp));
        Assert.Equal((ProtoOAOrderStatus.OrderStatusCancelled, opened[2].Order.OrderId), (events[2].Order.OrderStatus, events[2].Order.OrderId));
    }

    [Fact]
    public void A_full_close_without_levels_is_accepted_and_filled()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        var opened = client.Trade(client.Market(volume: 100_000));
        Assert.Equal([Accepted, Filled], opened.Select(e => e.ExecutionType));
        var events = client.Trade(new ProtoOAClosePositionReq { CtidTraderAccountId = ApiWorld.Demo, PositionId = opened[0].Position.PositionId, Volume = 100_000 });
        Assert.Equal([Accepted, Filled], events.Select(e => e.ExecutionType));
        Assert.Equal(ProtoOAPositionStatus.PositionStatusClosed, events[1].Position.PositionStatus);
    }

    [Fact] // "LIMIT placed / amended / cancelled", "cancel of unknown id".
    public void A_limit_order_is_placed_amended_and_cancelled_as_recorded()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        var order = client.Market(volume: 100_000, sl: 300);
        order.OrderType = ProtoOAOrderType.Limit;
        order.LimitPrice = 1.09;
        order.TimeInForce = ProtoOATimeInForce.GoodTillCancel;
        var placed = Assert.Single(client.Trade(order));
        Assert.Equal((Accepted, ProtoOAPositionStatus.PositionStatusCreated, 300L, false), (placed.ExecutionType, placed.Position.PositionStatus, placed.Order.RelativeStopLoss, placed.Order.HasStopLoss));
        Assert.NotEqual(0, placed.Order.PositionId);
        var amended = Assert.Single(client.Trade(new ProtoOAAmendOrderReq { CtidTraderAccountId = ApiWorld.Demo, OrderId = placed.Order.OrderId, LimitPrice = 1.08, RelativeStopLoss = 400 }));
        Assert.Equal((Replaced, placed.Order.OrderId, 1.08d, 400L), (amended.ExecutionType, amended.Order.OrderId, amended.Order.LimitPrice, amended.Order.RelativeStopLoss));
        var cancelled = Assert.Single(client.Trade(new ProtoOACancelOrderReq { CtidTraderAccountId = ApiWorld.Demo, OrderId = placed.Order.OrderId }));
        Assert.Equal((Cancelled, ProtoOAPositionStatus.PositionStatusClosed), (cancelled.ExecutionType, cancelled.Position.PositionStatus));
        var error = client.Ask<ProtoOAOrderErrorEvent>(new ProtoOACancelOrderReq { CtidTraderAccountId = ApiWorld.Demo, OrderId = placed.Order.OrderId });
        Assert.Equal(("ORDER_NOT_FOUND", $"Order not found with id {placed.Order.OrderId}", placed.Order.OrderId, ApiWorld.Demo), (error.ErrorCode, error.Description, error.OrderId, error.CtidTraderAccountId));
    }

    /// <summary>The fields that were written, in the order of their numbers.</summary>
    private static string Fields(IMessage message) =>
        string.Join(' ', message.Descriptor.Fields.InFieldNumberOrder().Where(f => f.IsRepeated ? ((System.Collections.IList)f.Accessor.GetValue(message)).Count > 0 : f.Accessor.HasValue(message)).Select(f => f.Name));
}

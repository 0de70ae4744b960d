using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.Simulator.Tests.OpenApi;

/// <summary>Guide §9: reconcile, history lists, money.</summary>
public sealed class ListTests
{
    [Fact] // Reconcile: positions and pending orders; protection orders only when asked for.
    public void Reconcile_shows_what_is_open_and_protection_only_when_asked_for()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        var empty = client.Ask<ProtoOAReconcileRes>(new ProtoOAReconcileReq { CtidTraderAccountId = ApiWorld.Demo });
        Assert.Equal((0, 0), (empty.Position.Count, empty.Order.Count));
        client.Trade(client.Market(sl: 500));
        var limit = client.Market(volume: 100_000);
        (limit.OrderType, limit.LimitPrice, limit.TimeInForce, limit.StopLoss) = (ProtoOAOrderType.Limit, 1.09, ProtoOATimeInForce.GoodTillCancel, 1.08);
        client.Trade(limit);
        var plain = client.Ask<ProtoOAReconcileRes>(new ProtoOAReconcileReq { CtidTraderAccountId = ApiWorld.Demo });
        Assert.Equal((1, 1), (plain.Position.Count, plain.Order.Count));
        Assert.Equal((ProtoOAOrderType.Limit, 1.08d), (plain.Order[0].OrderType, plain.Order[0].StopLoss));
        var whole = client.Ask<ProtoOAReconcileRes>(new ProtoOAReconcileReq { CtidTraderAccountId = ApiWorld.Demo, ReturnProtectionOrders = true });
        Assert.Equal([ProtoOAOrderType.StopLossTakeProfit, ProtoOAOrderType.Limit], whole.Order.Select(o => o.OrderType));
    }

    [Fact] // Deals and orders: newest first, pages without a cursor, a window of a week at most.
    public void Lists_are_newest_first_and_cut_without_a_cursor()
    {
        var world = new ApiWorld(new SimOpenApiSettings { Applications = [new("app", "secret", [])], PageRows = 3, HistoryPerSecond = 0 });
        var client = world.Ready();
        for (int i = 0; i < 5; i++)
        {
            client.Trade(client.Market(volume: 100_000));
        }

        var all = world.Broker.DealList.Select(d => d.DealId).Reverse().ToList();
        var first = client.Ask<ProtoOADealListRes>(new ProtoOADealListReq { CtidTraderAccountId = ApiWorld.Demo });
        Assert.True(first.HasMore);
        Assert.Equal(all.Take(3), first.Deal.Select(d => d.DealId));
        var next = client.Ask<ProtoOADealListRes>(new ProtoOADealListReq { CtidTraderAccountId = ApiWorld.Demo, ToTimestamp = first.Deal[^1].ExecutionTimestamp - 1 });
        Assert.False(next.HasMore);
        Assert.Equal(all.Skip(3), next.Deal.Select(d => d.DealId));
        var two = client.Ask<ProtoOADealListRes>(new ProtoOADealListReq { CtidTraderAccountId = ApiWorld.Demo, MaxRows = 2 });
        Assert.Equal((true, 2), (two.HasMore, two.Deal.Count));
        var orders = client.Ask<ProtoOAOrderListRes>(new ProtoOAOrderListReq { CtidTraderAccountId = ApiWorld.Demo });
        Assert.True(orders.HasMore);
        Assert.Equal(orders.Order.Select(o => o.UtcLastUpdateTimestamp).OrderDescending(), orders.Order.Select(o => o.UtcLastUpdateTimestamp));

        const long week = 604_800_000;
        client.Ask<ProtoOADealListRes>(new ProtoOADealListReq { CtidTraderAccountId = ApiWorld.Demo, FromTimestamp = 0, ToTimestamp = week });
        Assert.Equal("INCORRECT_BOUNDARIES", client.Fail(new ProtoOADealListReq { CtidTraderAccountId = ApiWorld.Demo, FromTimestamp = 0, ToTimestamp = week + 1 }).ErrorCode);
        Assert.Equal("INCORRECT_BOUNDARIES", client.Fail(new ProtoOAOrderListReq { CtidTraderAccountId = ApiWorld.Demo, FromTimestamp = 5, ToTimestamp = 4 }).ErrorCode);
        Assert.Equal("INCORRECT_BOUNDARIES", client.Fail(new ProtoOAOrderListReq { CtidTraderAccountId = ApiWorld.Demo, FromTimestamp = -1 }).ErrorCode);
        Assert.Equal("INCORRECT_BOUNDARIES", client.Fail(new ProtoOACashFlowHistoryListReq { CtidTraderAccountId = ApiWorld.Demo, FromTimestamp = 0, ToTimestamp = week + 1 }).ErrorCode);
    }

    [Fact] // By position: without a window; recorded: a cancelled protection order is not in it, a filled one is.
    public void A_position_has_its_own_lists()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        long closed = client.Trade(client.Market(volume: 100_000, sl: 500))[0].Position.PositionId;
        client.Trade(new ProtoOAClosePositionReq { CtidTraderAccountId = ApiWorld.Demo, PositionId = closed, Volume = 100_000 });
        long stopped = client.Trade(client.Market(volume: 100_000, sl: 500))[0].Position.PositionId;
        world.Quote(1.09000m, 1.09010m);
        Assert.Equal([ProtoOAOrderType.Market, ProtoOAOrderType.Market], OrdersOf(closed));
        Assert.Equal([ProtoOAOrderType.StopLossTakeProfit, ProtoOAOrderType.Market], OrdersOf(stopped));

        // Recorded: in a list the closing order shows the levels of its position.
        var orders = client.Ask<ProtoOAOrderListByPositionIdRes>(new ProtoOAOrderListByPositionIdReq { CtidTraderAccountId = ApiWorld.Demo, PositionId = closed });
        Assert.Equal((true, 1.0951d), (orders.Order[0].ClosingOrder, orders.Order[0].StopLoss));
        var deals = client.Ask<ProtoOADealListByPositionIdRes>(new ProtoOADealListByPositionIdReq { CtidTraderAccountId = ApiWorld.Demo, PositionId = closed });
        Assert.Equal([ProtoOATradeSide.Sell, ProtoOATradeSide.Buy], deals.Deal.Select(d => d.TradeSide));
        Assert.Equal((true, false), (deals.Deal[0].ClosePositionDetail is not null, deals.Deal[1].ClosePositionDetail is not null));
        Assert.Empty(client.Ask<ProtoOADealListByPositionIdRes>(new ProtoOADealListByPositionIdReq { CtidTraderAccountId = ApiWorld.Demo, PositionId = 5 }).Deal);

        IEnumerable<ProtoOAOrderType> OrdersOf(long position) =>
            client.Ask<ProtoOAOrderListByPositionIdRes>(new ProtoOAOrderListByPositionIdReq { CtidTraderAccountId = ApiWorld.Demo, PositionId = position }).Order.Select(o => o.OrderType);
    }

    [Fact] // 2181: finished orders too; unknown → ORDER_NOT_FOUND.
    public void Order_details_know_finished_orders()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        var order = client.Trade(client.Market(key: "mine"))[1].Order;
        var details = client.Ask<ProtoOAOrderDetailsRes>(new ProtoOAOrderDetailsReq { CtidTraderAccountId = ApiWorld.Demo, OrderId = order.OrderId });
        Assert.Equal((order, "mine", 1), (details.Order, details.Order.ClientOrderId, details.Deal.Count));
        Assert.Equal("ORDER_NOT_FOUND", client.Fail(new ProtoOAOrderDetailsReq { CtidTraderAccountId = ApiWorld.Demo, OrderId = 1 }).ErrorCode);
    }

    [Fact] // 2185: which deals closed which, first in, first out.
    public void Deal_offsets_show_what_closed_what()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        var opened = client.Trade(client.Market(volume: 200_000));
        var add = client.Market(volume: 100_000);
        add.PositionId = opened[0].Position.PositionId;
        var added = client.Trade(add);
        var closed = client.Trade(new ProtoOAClosePositionReq { CtidTraderAccountId = ApiWorld.Demo, PositionId = opened[0].Position.PositionId, Volume = 300_000 });
        var of = client.Ask<ProtoOADealOffsetListRes>(new ProtoOADealOffsetListReq { CtidTraderAccountId = ApiWorld.Demo, DealId = closed[1].Deal.DealId });
        Assert.Equal([(opened[1].Deal.DealId, 200_000L), (added[1].Deal.DealId, 100_000L)], of.Offsetting.Select(o => (o.DealId, o.Volume)));
        Assert.Empty(of.OffsetBy);
        var by = client.Ask<ProtoOADealOffsetListRes>(new ProtoOADealOffsetListReq { CtidTraderAccountId = ApiWorld.Demo, DealId = added[1].Deal.DealId });
        Assert.Equal([(closed[1].Deal.DealId, 100_000L, 1.1d)], by.OffsetBy.Select(o => (o.DealId, o.Volume, o.ExecutionPrice)));
        Assert.Equal("ENTITY_NOT_FOUND", client.Fail(new ProtoOADealOffsetListReq { CtidTraderAccountId = ApiWorld.Demo, DealId = 1 }).ErrorCode);
    }

    [Fact] // §9 recorded: deal.commission this side only, detail both sides, position pro rata; balance exact, version +1.
    public void Money_of_a_close_adds_up()
    {
        var world = new ApiWorld(symbol: s => s with { CommissionPerLot = 3m });
        var client = world.Ready();
        var opened = client.Trade(client.Market(volume: 20_000_000));
        Assert.Equal((-600L, 2u), (opened[1].Position.Commission, opened[1].Position.MoneyDigits));
        Assert.False(client.Ask<ProtoOATraderRes>(new ProtoOATraderReq { CtidTraderAccountId = ApiWorld.Demo }).Trader.HasBalanceVersion);
        world.Quote(1.10110m, 1.10120m);
        var closed = client.Trade(new ProtoOAClosePositionReq { CtidTraderAccountId = ApiWorld.Demo, PositionId = opened[0].Position.PositionId, Volume = 10_000_000 });
        var detail = closed[1].Deal.ClosePositionDetail;
        Assert.Equal((-300L, -600L, 100_00L, -300L), (closed[1].Deal.Commission, detail.Commission, detail.GrossProfit, closed[1].Position.Commission));
        Assert.Equal(100_000_00L + detail.GrossProfit + detail.Swap + detail.Commission + detail.PnlConversionFee, detail.Balance);
        var trader = client.Ask<ProtoOATraderRes>(new ProtoOATraderReq { CtidTraderAccountId = ApiWorld.Demo }).Trader;
        Assert.Equal((detail.Balance, 1L, 10_000u, 2u), (trader.Balance, trader.BalanceVersion, trader.LeverageInCents, trader.MoneyDigits));
        var floating = client.Ask<ProtoOAGetPositionUnrealizedPnLRes>(new ProtoOAGetPositionUnrealizedPnLReq { CtidTraderAccountId = ApiWorld.Demo }).PositionUnrealizedPnL.Single();
        Assert.Equal((opened[0].Position.PositionId, 100_00L, 97_00L), (floating.PositionId, floating.GrossUnrealizedPnL, floating.NetUnrealizedPnL));
    }

    [Fact] // §9 recorded: 3000 EUR at 1:100 and 1.12 take 33.60 USD.
    public void Expected_margin_is_what_a_position_takes()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        world.Quote(1.11990m, 1.12000m);
        var answer = client.Ask<ProtoOAExpectedMarginRes>(new ProtoOAExpectedMarginReq { CtidTraderAccountId = ApiWorld.Demo, SymbolId = world.Eur, Volume = { 300_000, 600_000 } });
        Assert.Equal([(300_000L, 33_60L, 33_60L), (600_000L, 67_20L, 67_19L)], answer.Margin.Select(m => (m.Volume, m.BuyMargin, m.SellMargin)));
        var huge = client.Fail(new ProtoOAExpectedMarginReq { CtidTraderAccountId = ApiWorld.Demo, SymbolId = world.Gold, Volume = { long.MaxValue } });
        Assert.Equal(("INVALID_REQUEST", "A number is out of bounds"), (huge.ErrorCode, huge.Description));
        Assert.Equal(33_60UL, client.Trade(client.Market(volume: 300_000))[1].Position.UsedMargin);
    }

    [Fact] // §9: the first entry of the cash flow has balance == delta.
    public void The_cash_flow_begins_with_the_opening_balance()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        long from = (world.Clock.Now.Micros / 1000) - 1000;
        world.Wait(1);
        world.Broker.Deposit(10m);
        var flows = client.Ask<ProtoOACashFlowHistoryListRes>(new ProtoOACashFlowHistoryListReq { CtidTraderAccountId = ApiWorld.Demo, FromTimestamp = from, ToTimestamp = from + 604_800_000 }).DepositWithdraw;
        Assert.Equal([(100_000_00L, 100_000_00L), (10_00L, 100_010_00L)], flows.Select(f => (f.Delta, f.Balance)));
        Assert.All(flows, f => Assert.Equal((2u, ProtoOAChangeBalanceType.BalanceDeposit), (f.MoneyDigits, f.OperationType)));
    }

    [Fact] // §9: three thresholds, changed by 2169, told by 2172 at most every ten minutes.
    public void Margin_calls_are_listed_changed_and_told()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        var listed = client.Ask<ProtoOAMarginCallListRes>(new ProtoOAMarginCallListReq { CtidTraderAccountId = ApiWorld.Demo }).MarginCall;
        Assert.Equal([61, 62, 63], listed.Select(c => (int)c.MarginCallType));
        client.Ask<ProtoOAMarginCallUpdateRes>(new ProtoOAMarginCallUpdateReq
        {
            CtidTraderAccountId = ApiWorld.Demo, MarginCall = new ProtoOAMarginCall { MarginCallType = ProtoOANotificationType.MarginLevelThreshold1, MarginLevelThreshold = 5_000 },
        });
        Assert.Equal(5_000d, Assert.Single(client.Heard.Select(m => m.Body).OfType<ProtoOAMarginCallUpdateEvent>()).MarginCall.MarginLevelThreshold);
        client.Trade(client.Market(volume: 200_000_000));
        world.Quote(1.09990m, 1.10000m);
        world.Wait(20);
        client.Send(new ProtoHeartbeatEvent());
        world.Quote(1.09980m, 1.09990m);
        Assert.Equal(ProtoOANotificationType.MarginLevelThreshold1, Assert.Single(client.Heard.Select(m => m.Body).OfType<ProtoOAMarginCallTriggerEvent>()).MarginCall.MarginCallType);
    }
}

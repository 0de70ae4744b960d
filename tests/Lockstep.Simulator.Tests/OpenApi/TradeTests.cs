using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.Simulator.Tests.OpenApi;

/// <summary>Guide §3, §8, §9, §15: orders of all kinds, who hears what, refusals.</summary>
public sealed class TradeTests
{
    private const ProtoOAExecutionType Accepted = ProtoOAExecutionType.OrderAccepted;
    private const ProtoOAExecutionType Filled = ProtoOAExecutionType.OrderFilled;
    private const ProtoOAExecutionType Cancelled = ProtoOAExecutionType.OrderCancelled;

    [Fact] // §3: events go to every connection of the account, without subscription, with the originator's clientMsgId.
    public void Every_connection_of_the_account_hears_of_a_trade_with_the_originators_id()
    {
        var world = new ApiWorld();
        var asks = world.Ready();
        var listens = world.Ready();
        var stranger = world.Ready(user: "bert", account: ApiWorld.Other);
        asks.Trade(asks.Market(sl: 500), "abc");
        Assert.Equal([Accepted, Filled, Accepted], listens.Executions.Select(e => e.ExecutionType));
        Assert.All(listens.Heard, m => Assert.Equal("abc", m.ClientMsgId));
        Assert.Empty(stranger.Heard);
    }

    [Theory] // §3, §14.4: the terminal's id, or none.
    [InlineData(true)]
    [InlineData(false)]
    public void A_trade_by_hand_comes_with_a_foreign_id_or_none(bool foreign)
    {
        var world = new ApiWorld();
        var client = world.Ready();
        world.Server.Faults = new SimOpenApiFaults { ForeignIds = foreign };
        world.Broker.NewOrder(new CtNewOrder { Symbol = World.Eur, OrderType = CtOrderType.Market, Side = Side.Buy, Volume = 100_000, RelativeStopLoss = 500 });
        Assert.Equal([Accepted, Filled, Accepted], client.Executions.Select(e => e.ExecutionType));
        Assert.All(client.Heard, m => Assert.Equal(foreign ? "terminal-1" : null, m.ClientMsgId));
    }

    [Fact]
    public void Ids_on_the_servers_follow_ups_can_be_switched_off()
    {
        var world = new ApiWorld(new SimOpenApiSettings { Applications = [new("app", "secret", [])], FollowUpIds = false });
        var client = world.Ready();
        client.Trade(client.Market(sl: 500), "abc");
        Assert.Equal(["abc", "abc", null], client.Heard.Select(m => m.ClientMsgId));
    }

    [Fact] // Lost: not a word on the connection that asked; everybody else, and every list, has the truth.
    public void A_lost_answer_is_silence_where_it_was_asked_and_truth_everywhere_else()
    {
        var world = new ApiWorld();
        var asks = world.Ready();
        var listens = world.Ready();
        world.Broker.Faults = new BrokerFaults { ReplyLostPercent = 100 };
        Assert.Empty(asks.Trade(asks.Market(sl: 500, key: Key(1))));
        Assert.Empty(asks.Heard);
        Assert.Equal(3, listens.Executions.Count());
        var found = asks.Ask<ProtoOAReconcileRes>(new ProtoOAReconcileReq { CtidTraderAccountId = ApiWorld.Demo, ReturnProtectionOrders = true });
        Assert.Equal((1, 1), (found.Position.Count, found.Order.Count));
        var orders = asks.Ask<ProtoOAOrderListRes>(new ProtoOAOrderListReq { CtidTraderAccountId = ApiWorld.Demo }).Order;
        Assert.Equal(1, orders.Count(o => o.ClientOrderId == Key(1)));
        Assert.Equal(1, Assert.Single(world.Broker.ExecutionsByKey).Value);
    }

    [Fact]
    public void A_late_answer_comes_late_and_whole()
    {
        var world = new ApiWorld();
        var asks = world.Ready();
        var listens = world.Ready();
        world.Broker.Faults = new BrokerFaults { ReplyLatePercent = 100, ReplyLateMax = TimeSpan.FromSeconds(4) };
        asks.Send(asks.Market(sl: 500));
        world.Wait(0.1);
        Assert.Empty(asks.Executions);
        Assert.Equal(3, listens.Executions.Count());
        world.Wait(5);
        Assert.Equal(listens.Executions, asks.Executions);
    }

    [Fact] // §7 "ambiguous": the answer says time-out, and the order is executed later; its events still carry the id.
    public void A_time_out_may_be_followed_by_the_execution()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        world.Broker.Faults = new BrokerFaults { TimeoutThenFillPercent = 100 };
        string id = client.Send(client.Market());
        world.Wait(15);
        Assert.Equal("TIMEOUT_ERROR", Assert.IsType<ProtoOAOrderErrorEvent>(client.Heard[0].Body).ErrorCode);
        Assert.Equal([Accepted, Filled], client.Executions.Select(e => e.ExecutionType));
        Assert.All(client.Heard, m => Assert.Equal(id, m.ClientMsgId ?? id));
    }

    [Fact] // §3: an order that is refused after acceptance is an execution event with errorCode, no order error.
    public void A_rejection_is_an_execution_event()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        world.Broker.Faults = new BrokerFaults { RejectPercent = 100 };
        var rejected = Assert.Single(client.Trade(client.Market()));
        Assert.Equal((ProtoOAExecutionType.OrderRejected, "ORDER_REJECTED", ProtoOAOrderStatus.OrderStatusRejected), (rejected.ExecutionType, rejected.ErrorCode, rejected.Order.OrderStatus));
        Assert.Single(client.Heard);
    }

    [Fact] // §7 texts (units, not hundredths), §3: order errors are events without ids, what is wrong with the request itself an ErrorRes.
    public void Refusals_carry_the_recorded_codes_and_texts()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        var small = client.Ask<ProtoOAOrderErrorEvent>(client.Market(volume: 100));
        Assert.Equal(("TRADING_BAD_VOLUME", "Order volume 1.00 is smaller than group minVolume=1000.00.", false, false), (small.ErrorCode, small.Description, small.HasOrderId, small.HasPositionId));
        var absolute = client.Market();
        absolute.StopLoss = 1.09;
        var wrong = client.Fail(absolute);
        Assert.Equal(("INVALID_REQUEST", "SL/TP in absolute values are allowed only for order types: [LIMIT, STOP, STOP_LIMIT]"), (wrong.ErrorCode, wrong.Description));
        var gold = client.Market(volume: 100, sl: 500_500);
        gold.SymbolId = world.Gold;
        Assert.Equal("Relative stop loss has invalid precision", client.Fail(gold).Description);
        var unknown = client.Market();
        unknown.SymbolId = 4242;
        Assert.Equal("SYMBOL_NOT_FOUND", client.Ask<ProtoOAOrderErrorEvent>(unknown).ErrorCode);
        Assert.Equal("NOT_ENOUGH_MONEY", client.Ask<ProtoOAOrderErrorEvent>(client.Market(volume: 1_000_000_000)).ErrorCode);
        var close = client.Ask<ProtoOAOrderErrorEvent>(new ProtoOAClosePositionReq { CtidTraderAccountId = ApiWorld.Demo, PositionId = 77, Volume = 100_000 });
        Assert.Equal(("POSITION_NOT_FOUND", "Position not found with id 77", 77L), (close.ErrorCode, close.Description, close.PositionId));
        var limit = client.Market();
        (limit.OrderType, limit.LimitPrice) = (ProtoOAOrderType.Limit, 1.090001);
        Assert.Equal("Order price = 1.090001 has more digits than symbol allows. Allowed 5 digits", client.Ask<ProtoOAOrderErrorEvent>(limit).Description);
    }

    [Fact]
    public void Requests_that_make_no_sense_are_refused_and_the_connection_lives()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        foreach (var spoil in new Action<ProtoOANewOrderReq>[]
        {
            o => o.OrderType = (ProtoOAOrderType)99,
            o => o.OrderType = ProtoOAOrderType.StopLossTakeProfit,
            o => o.OrderType = ProtoOAOrderType.Limit,
            o => o.OrderType = ProtoOAOrderType.Stop,
            o => o.OrderType = ProtoOAOrderType.MarketRange,
            o => o.TradeSide = (ProtoOATradeSide)7,
            o => o.TimeInForce = ProtoOATimeInForce.MarketOnOpen,
            o => (o.OrderType, o.LimitPrice) = (ProtoOAOrderType.Limit, double.NaN),
            o => (o.OrderType, o.StopPrice) = (ProtoOAOrderType.Stop, double.PositiveInfinity),
            o => (o.OrderType, o.LimitPrice) = (ProtoOAOrderType.Limit, 1e300),
            o => o.ExpirationTimestamp = long.MaxValue,
            o => o.Label = new string('x', 101),
            o => o.GuaranteedStopLoss = true,
            o => o.TrailingStopLoss = true,
        })
        {
            var order = client.Market();
            spoil(order);
            Assert.Equal("INVALID_REQUEST", client.Fail(order).ErrorCode);
        }

        Assert.Equal("TRADING_BAD_VOLUME", client.Ask<ProtoOAOrderErrorEvent>(client.Market(volume: long.MaxValue)).ErrorCode);
        Assert.Equal("TRADING_BAD_VOLUME", client.Ask<ProtoOAOrderErrorEvent>(client.Market(volume: long.MinValue)).ErrorCode);
        Assert.Empty(world.Broker.Positions);
        Assert.False(client.IsClosed);
        Assert.Equal(2, client.Trade(client.Market()).Count);
    }

    [Fact] // §4 scope: a view token may look, not trade; the code is a setting.
    public void A_view_token_does_not_trade()
    {
        var world = new ApiWorld();
        var client = world.Ready(trading: false);
        Assert.Equal("TRADING_NOT_ALLOWED", client.Fail(client.Market()).ErrorCode);
        Assert.Empty(client.Ask<ProtoOAReconcileRes>(new ProtoOAReconcileReq { CtidTraderAccountId = ApiWorld.Demo }).Position);
        Assert.Empty(world.Broker.DealList);
    }

    [Fact] // §9 access rights.
    public void Access_rights_bar_growth_or_everything()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        long position = client.Trade(client.Market(volume: 300_000))[0].Position.PositionId;
        world.Broker.AccessRights = CtAccessRights.CloseOnly;
        Assert.Equal("TRADING_NOT_ALLOWED", client.Ask<ProtoOAOrderErrorEvent>(client.Market()).ErrorCode);
        Assert.Equal(ProtoOAAccessRights.CloseOnly, client.Ask<ProtoOATraderRes>(new ProtoOATraderReq { CtidTraderAccountId = ApiWorld.Demo }).Trader.AccessRights);
        Assert.Equal([Accepted, Filled], client.Trade(new ProtoOAClosePositionReq { CtidTraderAccountId = ApiWorld.Demo, PositionId = position, Volume = 100_000 }).Select(e => e.ExecutionType));
        world.Broker.AccessRights = CtAccessRights.NoTrading;
        Assert.Equal("TRADING_NOT_ALLOWED", client.Ask<ProtoOAOrderErrorEvent>(new ProtoOAClosePositionReq { CtidTraderAccountId = ApiWorld.Demo, PositionId = position, Volume = 100_000 }).ErrorCode);
        Assert.Equal("TRADING_NOT_ALLOWED", client.Ask<ProtoOAOrderErrorEvent>(new ProtoOAAmendPositionSLTPReq { CtidTraderAccountId = ApiWorld.Demo, PositionId = position, StopLoss = 1.05 }).ErrorCode);
    }

    [Fact] // §8: MARKET_RANGE.
    public void A_market_range_order_fills_within_its_window_or_is_cancelled()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        var order = client.Market();
        (order.OrderType, order.BaseSlippagePrice, order.SlippageInPoints) = (ProtoOAOrderType.MarketRange, 1.10010, 5);
        Assert.Equal([Accepted, Filled], client.Trade(order).Select(e => e.ExecutionType));
        client.Send(order);
        world.Quote(1.10100m, 1.10110m);
        client.Heard.Clear();
        world.Wait(1);
        var events = client.Executions.ToList();
        Assert.Equal([Accepted, Cancelled], events.Select(e => e.ExecutionType));
        Assert.Equal((ProtoOAPositionStatus.PositionStatusClosed, 1.1001d, 5L), (events[1].Position.PositionStatus, events[1].Order.BaseSlippagePrice, events[1].Order.SlippageInPoints));
    }

    [Theory] // §15: LIMIT with IOC or FOK: now or never.
    [InlineData(ProtoOATimeInForce.ImmediateOrCancel)]
    [InlineData(ProtoOATimeInForce.FillOrKill)]
    public void A_limit_order_at_once_fills_or_is_cancelled(ProtoOATimeInForce force)
    {
        var world = new ApiWorld();
        var client = world.Ready();
        var order = client.Market();
        (order.OrderType, order.LimitPrice, order.TimeInForce) = (ProtoOAOrderType.Limit, 1.09, force);
        Assert.Equal([Accepted, Cancelled], client.Trade(order).Select(e => e.ExecutionType));
        order.LimitPrice = 1.11;
        var filled = client.Trade(order);
        Assert.Equal([Accepted, Filled], filled.Select(e => e.ExecutionType));
        Assert.Equal((1.1001d, force), (filled[1].Order.ExecutionPrice, filled[1].Order.TimeInForce));
    }

    [Fact] // §8: partial fill: IOC keeps the part, FOK keeps nothing.
    public void A_partial_fill_cancels_the_rest_and_all_or_nothing_is_nothing()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        world.Broker.Faults = new BrokerFaults { PartialFillPercent = 100 };
        var events = client.Trade(client.Market(volume: 10_000_000));
        Assert.Equal([Accepted, ProtoOAExecutionType.OrderPartialFill, Cancelled], events.Select(e => e.ExecutionType));
        Assert.Equal(ProtoOADealStatus.PartiallyFilled, events[1].Deal.DealStatus);
        Assert.InRange(events[1].Deal.FilledVolume, 100_000, 9_900_000);
        Assert.Equal((10_000_000L, events[1].Deal.FilledVolume), (events[1].Deal.Volume, events[2].Order.ExecutedVolume));
        var whole = client.Market(volume: 10_000_000);
        whole.TimeInForce = ProtoOATimeInForce.FillOrKill;
        Assert.Equal([Accepted, Cancelled], client.Trade(whole).Select(e => e.ExecutionType));
        Assert.Single(world.Broker.Positions);
    }

    [Fact] // §8: STOP_LIMIT and GTD.
    public void A_stop_limit_order_waits_for_its_range_and_a_dated_one_expires()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        var order = client.Market(volume: 100_000);
        (order.OrderType, order.StopPrice, order.SlippageInPoints, order.TimeInForce, order.StopTriggerMethod) = (ProtoOAOrderType.StopLimit, 1.101, 10, ProtoOATimeInForce.GoodTillCancel, ProtoOAOrderTriggerMethod.Opposite);
        var placed = Assert.Single(client.Trade(order));
        Assert.Equal((10L, 1.101d, ProtoOAOrderTriggerMethod.Opposite), (placed.Order.SlippageInPoints, placed.Order.StopPrice, placed.Order.StopTriggerMethod));
        client.Heard.Clear();
        world.Quote(1.10190m, 1.10200m);
        Assert.Empty(client.Executions);
        world.Quote(1.10095m, 1.10105m);
        Assert.Equal((Filled, false), (client.Executions.Single().ExecutionType, client.Executions.Single().IsServerEvent));
        Assert.Null(client.Heard[^1].ClientMsgId);

        var dated = client.Market(volume: 100_000);
        (dated.OrderType, dated.LimitPrice, dated.TimeInForce) = (ProtoOAOrderType.Limit, 1.05, ProtoOATimeInForce.GoodTillDate);
        Assert.Equal("TRADING_BAD_EXPIRATION_DATE", client.Ask<ProtoOAOrderErrorEvent>(dated).ErrorCode);
        dated.ExpirationTimestamp = (world.Clock.Now.Micros / 1000) + 20_000;
        client.Trade(dated);
        client.Heard.Clear();
        world.Wait(21);
        var expired = client.Executions.Single();
        Assert.Equal((ProtoOAExecutionType.OrderExpired, true, ProtoOAOrderStatus.OrderStatusExpired), (expired.ExecutionType, expired.IsServerEvent, expired.Order.OrderStatus));
    }

    [Fact] // §8 "trailing move": only 2107, and no time of last update moves.
    public void A_trailing_stop_follows_the_price_by_2107_alone()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        var order = client.Market(sl: 500);
        order.TrailingStopLoss = true;
        var opened = client.Trade(order);
        Assert.Equal((true, true), (opened[2].Order.TrailingStopLoss, opened[2].Position.TrailingStopLoss));
        long at = opened[2].Position.UtcLastUpdateTimestamp;
        client.Heard.Clear();
        world.Quote(1.10200m, 1.10210m);
        world.Quote(1.10150m, 1.10160m);
        var moved = Assert.Single(client.Heard.Select(m => m.Body).OfType<ProtoOATrailingSLChangedEvent>());
        Assert.Equal((opened[2].Order.OrderId, opened[0].Position.PositionId, 1.1071d - 0.01d), (moved.OrderId, moved.PositionId, Math.Round(moved.StopPrice, 5)));
        Assert.Empty(client.Executions);
        var position = client.Ask<ProtoOAReconcileRes>(new ProtoOAReconcileReq { CtidTraderAccountId = ApiWorld.Demo }).Position.Single();
        Assert.Equal((at, Math.Round(moved.StopPrice, 5)), (position.UtcLastUpdateTimestamp, Math.Round(position.StopLoss, 5)));

        // A full overwrite: the flag is kept where it is left out, and needs a stop loss where it is not.
        var kept = Assert.Single(client.Trade(new ProtoOAAmendPositionSLTPReq { CtidTraderAccountId = ApiWorld.Demo, PositionId = moved.PositionId, StopLoss = 1.09 }));
        Assert.True(kept.Position.TrailingStopLoss);
        var without = new ProtoOAAmendPositionSLTPReq { CtidTraderAccountId = ApiWorld.Demo, PositionId = moved.PositionId, TakeProfit = 1.2, TrailingStopLoss = false };
        Assert.Equal("Can't set Trailing Stop Loss parameter without specified Stop Loss", client.Fail(without).Description);
        without.StopLoss = 1.09;
        Assert.False(Assert.Single(client.Trade(without)).Position.TrailingStopLoss);
    }

    [Fact] // §7: "Nothing to amend."
    public void An_empty_amendment_is_refused()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        long position = client.Trade(client.Market())[0].Position.PositionId;
        var error = client.Fail(new ProtoOAAmendPositionSLTPReq { CtidTraderAccountId = ApiWorld.Demo, PositionId = position });
        Assert.Equal(("INVALID_REQUEST", "Nothing to amend."), (error.ErrorCode, error.Description));
    }

    [Fact] // §8: positionId adds volume; §9: average price, first in first out.
    public void Volume_is_added_to_a_position_by_its_id()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        long position = client.Trade(client.Market(volume: 200_000))[0].Position.PositionId;
        world.Quote(1.10020m, 1.10031m);
        var more = client.Market(volume: 100_000);
        more.PositionId = position;
        var events = client.Trade(more);
        Assert.Equal((position, 300_000L), (events[1].Position.PositionId, events[1].Position.TradeData.Volume));
        Assert.Equal(1.10017d, events[1].Position.Price, 8);
        var gold = client.Market(volume: 100);
        (gold.SymbolId, gold.PositionId) = (world.Gold, position);
        Assert.Equal("INVALID_REQUEST", client.Fail(gold).ErrorCode);
        var closed = client.Trade(new ProtoOAClosePositionReq { CtidTraderAccountId = ApiWorld.Demo, PositionId = position, Volume = 100_000 });
        Assert.Equal(1.1001d, closed[1].Deal.ClosePositionDetail.EntryPrice);
    }

    [Fact] // §9 accountType NETTED.
    public void A_netted_account_turns_its_position()
    {
        var world = new ApiWorld(mode: AccountMode.Netting);
        var client = world.Ready();
        Assert.Equal(ProtoOAAccountType.Netted, client.Ask<ProtoOATraderRes>(new ProtoOATraderReq { CtidTraderAccountId = ApiWorld.Demo }).Trader.AccountType);
        long first = client.Trade(client.Market(volume: 1_000_000))[0].Position.PositionId;
        var turned = client.Trade(client.Market(ProtoOATradeSide.Sell, 1_500_000));
        Assert.Equal([Accepted, ProtoOAExecutionType.OrderPartialFill, Filled], turned.Select(e => e.ExecutionType));
        Assert.Equal((first, ProtoOAPositionStatus.PositionStatusClosed), (turned[1].Position.PositionId, turned[1].Position.PositionStatus));
        Assert.Equal((500_000L, ProtoOATradeSide.Sell), (turned[2].Position.TradeData.Volume, turned[2].Position.TradeData.TradeSide));
    }

    [Fact] // §8: swap and deposit are execution events.
    public void Swap_and_payments_are_execution_events()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        client.Trade(client.Market(volume: 10_000_000));
        client.Heard.Clear();
        for (int i = 0; i < 13 * 120; i++)
        {
            client.Send(new ProtoHeartbeatEvent());
            world.Wait(30 - 0.001);
        }

        world.Quote(1.10000m, 1.10010m);
        var swap = Assert.Single(client.Executions);
        Assert.Equal((ProtoOAExecutionType.Swap, true, -6_50L), (swap.ExecutionType, swap.IsServerEvent, swap.Position.Swap));
        world.Broker.Deposit(250m);
        world.Broker.Deposit(-50m);
        var paid = client.Executions.Skip(1).Select(e => (e.ExecutionType, e.DepositWithdraw.OperationType, e.DepositWithdraw.Delta, e.DepositWithdraw.Balance, e.DepositWithdraw.BalanceVersion));
        Assert.Equal(
            [
                (ProtoOAExecutionType.DepositWithdraw, ProtoOAChangeBalanceType.BalanceDeposit, 250_00L, 100_250_00L, 1L),
                (ProtoOAExecutionType.DepositWithdraw, ProtoOAChangeBalanceType.BalanceWithdraw, 50_00L, 100_200_00L, 2L),
            ],
            paid);
    }

    [Fact]
    public void Keys_are_counted_from_the_wire_or_from_the_hook()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        long position = client.Trade(client.Market(volume: 300_000, label: Key(1), key: Key(2)))[0].Position.PositionId;
        client.Trade(client.Market(label: Key(3)));
        world.Server.KeyOf = (ctid, body) => ctid == ApiWorld.Demo && body is ProtoOAClosePositionReq ? 99UL : null;
        client.Trade(new ProtoOAClosePositionReq { CtidTraderAccountId = ApiWorld.Demo, PositionId = position, Volume = 100_000 });
        client.Trade(client.Market(label: Key(4)));
        Assert.Equal(
            new[] { Commands.Key(2).Value, Commands.Key(3).Value, Commands.Key(4).Value, 99UL }.Order(),
            world.Broker.ExecutionsByKey.Keys);
    }

    private static string Key(int n) => Commands.Key(n).ToString();
}

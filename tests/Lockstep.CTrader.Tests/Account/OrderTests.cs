using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;
using static Lockstep.CTrader.Tests.Account.Broker;

namespace Lockstep.CTrader.Tests.Account;

public class OrderTests
{
    private readonly Desk _desk = new();

    private Sink Sink => _desk.Sink;

    [Fact]
    public void A_market_order_with_levels_goes_as_it_was_recorded()
    {
        _desk.Session.Send(_desk.Buy(0.1m, new Price(1.0901m), new Price(1.1201m)));
        var (order, id) = _desk.Trade<ProtoOANewOrderReq>();
        Assert.Equal((ProtoOAOrderType.Market, 1_000_000L, ProtoOATimeInForce.ImmediateOrCancel), (order.OrderType, order.Volume, order.TimeInForce));

        // The ask is 1.10010.
        Assert.Equal((1_000L, 2_000L), (order.RelativeStopLoss, order.RelativeTakeProfit));
        Assert.False(order.HasStopLoss || order.HasTakeProfit);
        Assert.Equal((Desk.Key(0).ToString(), Desk.Key(0).ToString()), (order.Label, order.ClientOrderId));

        var events = MarketWithLevels(Desk.Key(0).ToString(), 1_000_000, sl: 1.0901, tp: 1.1201);
        _desk.Say(events[0], id);
        Sink.None<BookChanged>();
        _desk.Say(events[1], id);
        var filled = Sink.Take<BookChanged>();
        Assert.Null(Assert.Single(filled.Positions).StopLoss);
        Assert.Equal((new OrderId(601), 0.1m), (filled.Positions[0].OpeningOrder!.Value, filled.Positions[0].Volume.Value));
        Assert.Equal(Desk.Key(0), filled.Positions[0].Tag.Key);
        Assert.Equal((DealEntry.In, DealReason.Request, Desk.Key(0)), (filled.Deals[0].Entry, filled.Deals[0].Reason, filled.Deals[0].Tag.Key!.Value));
        Sink.None<OrderAnswered>();
        _desk.Say(events[2], id);
        Assert.Equal(2, Sink.Last<BookChanged>().Sequence);
        Assert.Equal((1.0901m, 1.1201m), (Sink.Last<BookChanged>().Positions[0].StopLoss!.Value.Value, Sink.Last<BookChanged>().Positions[0].TakeProfit!.Value.Value));
        Assert.True(Sink.Events.FindIndex(e => e is OrderAnswered) > Sink.Events.FindIndex(e => e is BookChanged));
        var answer = Sink.Take<OrderAnswered>();
        Assert.Equal((OrderOutcome.Done, new PositionId(501), 0.1m, 1.1001m), (answer.Outcome, answer.Position!.Value, answer.Filled.Value, answer.Price!.Value.Value));
    }

    [Fact]
    public void A_protection_order_that_nobody_tells_of_is_waited_for_two_seconds()
    {
        _desk.Session.Send(_desk.Buy(0.1m, new Price(1.0901m)));
        var (_, id) = _desk.Trade<ProtoOANewOrderReq>();
        var events = MarketWithLevels(Desk.Key(0).ToString(), 1_000_000);
        _desk.Say(events[1], id);
        _desk.Pass(1.8);
        Sink.None<OrderAnswered>();
        _desk.Pass(0.4);
        Assert.Equal(OrderOutcome.Done, Sink.Take<OrderAnswered>().Outcome);
        _desk.Pass(20);
        Sink.None<OrderAnswered>();
    }

    [Fact]
    public void A_protection_order_without_our_id_ends_the_opening_as_well()
    {
        _desk.Session.Send(_desk.Buy(0.1m, new Price(1.0901m)));
        var (_, id) = _desk.Trade<ProtoOANewOrderReq>();
        var events = MarketWithLevels(Desk.Key(0).ToString(), 1_000_000);
        _desk.Say(events[1], id);
        _desk.Say(events[2]);
        Assert.Equal(OrderOutcome.Done, Sink.Take<OrderAnswered>().Outcome);
    }

    [Fact]
    public void A_worst_price_becomes_a_range_from_the_present_quote()
    {
        _desk.Session.Send(_desk.Buy(worst: new Price(1.10035m)));
        var (order, id) = _desk.Trade<ProtoOANewOrderReq>();
        Assert.Equal((ProtoOAOrderType.MarketRange, 1.1001, 25), (order.OrderType, order.BaseSlippagePrice, order.SlippageInPoints));
        _desk.Say(Event(ProtoOAExecutionType.OrderAccepted, Order(601, 501, 1_000_000, ProtoOAOrderType.MarketRange), Shell(501, ProtoOAPositionStatus.PositionStatusCreated)), id);
        _desk.Say(Event(ProtoOAExecutionType.OrderCancelled, Order(601, 501, 1_000_000, ProtoOAOrderType.MarketRange, ProtoOAOrderStatus.OrderStatusCancelled), Shell(501, ProtoOAPositionStatus.PositionStatusClosed)), id);
        var answer = Sink.Take<OrderAnswered>();
        Assert.Equal((OrderOutcome.Refused, Refusal.PriceMoved), (answer.Outcome, answer.Refusal));
        Sink.None<BookChanged>();
    }

    [Fact]
    public void A_quote_that_is_worse_already_sends_nothing()
    {
        _desk.Session.Send(_desk.Buy(worst: new Price(1.1m)));
        Assert.Equal((OrderOutcome.Refused, Refusal.PriceGuard), (Sink.Last<OrderAnswered>().Outcome, Sink.Take<OrderAnswered>().Refusal));
        _desk.NoTrade();
    }

    [Fact]
    public void A_two_digit_symbol_takes_whole_thousands()
    {
        _desk.Session.Send(_desk.Buy(1m, new Price(2490.30m), new Price(2510.31m), symbol: "XAUUSD"));
        var (order, _) = _desk.Trade<ProtoOANewOrderReq>();
        Assert.Equal((10_000L, 1_000_000L, 1_001_000L), (order.Volume, order.RelativeStopLoss, order.RelativeTakeProfit));
    }

    [Fact]
    public void Levels_on_the_wrong_side_are_refused_here()
    {
        _desk.Session.Send(_desk.Buy(0.1m, new Price(1.2m)));
        Assert.Equal(Refusal.InvalidStops, Sink.Take<OrderAnswered>().Refusal);
        _desk.NoTrade();
    }

    [Fact]
    public void Partial_fills_are_summed_and_the_cancelled_rest_ends_them()
    {
        _desk.Session.Send(_desk.Buy(0.3m));
        var (_, id) = _desk.Trade<ProtoOANewOrderReq>();
        string label = Desk.Key(0).ToString();
        _desk.Say(Event(ProtoOAExecutionType.OrderPartialFill, Order(601, 501, 3_000_000, label: label, executed: 1_000_000, at: At + 1), Open(501, 1_000_000, 1.1001, at: At + 1), Deal(701, 601, 501, 1_000_000, 1.1001)), id);
        _desk.Say(Event(ProtoOAExecutionType.OrderPartialFill, Order(601, 501, 3_000_000, label: label, executed: 2_000_000, at: At + 2), Open(501, 2_000_000, 1.1002, at: At + 2), Deal(702, 601, 501, 1_000_000, 1.1003)), id);
        Sink.None<OrderAnswered>();
        _desk.Say(Event(ProtoOAExecutionType.OrderCancelled, Order(601, 501, 3_000_000, status: ProtoOAOrderStatus.OrderStatusCancelled, label: label, executed: 2_000_000, at: At + 3), Open(501, 2_000_000, 1.1002, at: At + 3)), id);
        var answer = Sink.Take<OrderAnswered>();
        Assert.Equal((OrderOutcome.Done, 0.2m, 1.1002m), (answer.Outcome, answer.Filled.Value, answer.Price!.Value.Value));
    }

    [Fact]
    public void The_end_of_a_partly_filled_order_that_overtakes_a_fill_has_its_whole_volume()
    {
        _desk.Session.Send(_desk.Buy(0.3m));
        var (_, id) = _desk.Trade<ProtoOANewOrderReq>();
        var late = Event(ProtoOAExecutionType.OrderPartialFill, Order(601, 501, 3_000_000, executed: 2_000_000, at: At + 1), Open(501, 2_000_000, 1.1002, at: At + 1), Deal(701, 601, 501, 2_000_000, 1.1002));
        _desk.Say(Event(ProtoOAExecutionType.OrderCancelled, Order(601, 501, 3_000_000, status: ProtoOAOrderStatus.OrderStatusCancelled, executed: 2_000_000, at: At + 2, price: 1.1002), Open(501, 2_000_000, 1.1002, at: At + 2)), id);
        Assert.Equal(0.2m, Sink.Take<OrderAnswered>().Filled.Value);
        _desk.Say(late, id);
        Sink.None<OrderAnswered>();
        var told = Sink.Last<BookChanged>();
        Assert.Single(told.Deals);
        Assert.Empty(told.Positions);
    }

    [Theory]
    [InlineData("NOT_ENOUGH_MONEY", Refusal.NoMoney)]
    [InlineData("MARKET_CLOSED", Refusal.MarketClosed)]
    [InlineData("TRADING_BAD_VOLUME", Refusal.InvalidVolume)]
    [InlineData("POSITION_LOCKED", Refusal.Busy)]
    public void A_refused_order_is_an_event(string code, Refusal refusal)
    {
        _desk.Session.Send(_desk.Buy());
        var (_, id) = _desk.Trade<ProtoOANewOrderReq>();
        _desk.Say(new ProtoOAOrderErrorEvent { CtidTraderAccountId = Desk.Ctid, ErrorCode = code, Description = "no", OrderId = 0 }, id);
        var answer = Sink.Take<OrderAnswered>();
        Assert.Equal((OrderOutcome.Refused, refusal, code), (answer.Outcome, answer.Refusal, answer.Code));
    }

    [Theory]
    [InlineData("TIMEOUT_ERROR")]
    [InlineData("UNKNOWN_ERROR")]
    [InlineData("SOMETHING_NEW")]
    public void An_error_that_says_nothing_of_the_order_leaves_it_unknown(string code)
    {
        _desk.Session.Send(_desk.Buy());
        var (_, id) = _desk.Trade<ProtoOANewOrderReq>();
        _desk.Wire.Refuse(code, "?", id, Desk.Ctid);
        Assert.Equal((OrderOutcome.Unknown, code), (Sink.Last<OrderAnswered>().Outcome, Sink.Take<OrderAnswered>().Code));
    }

    [Fact]
    public void A_rejected_execution_refuses()
    {
        _desk.Session.Send(_desk.Buy());
        var (_, id) = _desk.Trade<ProtoOANewOrderReq>();
        _desk.Say(Event(ProtoOAExecutionType.OrderRejected, Order(601, 501, 1_000_000, status: ProtoOAOrderStatus.OrderStatusRejected), Shell(501, ProtoOAPositionStatus.PositionStatusClosed), error: "NO_QUOTES"), id);
        Assert.Equal((OrderOutcome.Refused, Refusal.NoQuotes), (Sink.Last<OrderAnswered>().Outcome, Sink.Take<OrderAnswered>().Refusal));
    }

    [Fact]
    public void An_order_without_an_answer_is_unknown_and_a_late_fill_answers_it_better()
    {
        _desk.Session.Send(_desk.Buy());
        var (_, id) = _desk.Trade<ProtoOANewOrderReq>();
        _desk.Pass(5.2);
        Assert.Equal(OrderOutcome.Unknown, Sink.Take<OrderAnswered>().Outcome);
        var events = MarketWithLevels(Desk.Key(0).ToString(), 1_000_000);
        _desk.Say(events[0], id);
        _desk.Say(events[1], id);
        Assert.Single(Sink.Last<BookChanged>().Positions);
        var better = Sink.Take<OrderAnswered>();
        Assert.Equal((OrderOutcome.Done, 0.1m, 501L), (better.Outcome, better.Filled.Value, better.Position!.Value.Value));
        _desk.Say(events[1]);
        Sink.None<OrderAnswered>();
        _desk.NoTrade();
    }

    [Fact]
    public void An_order_on_a_line_that_broke_is_unknown_and_is_not_sent_again()
    {
        _desk.Session.Send(_desk.Buy());
        _desk.Trade<ProtoOANewOrderReq>();
        _desk.Wire.Break();
        Assert.Equal(OrderOutcome.Unknown, Sink.Take<OrderAnswered>().Outcome);
        _desk.Pass(3);
        _desk.Wire.Accept();
        _desk.Serve();
        _desk.NoTrade();
    }

    [Fact]
    public void Without_a_session_or_after_its_deadline_a_command_certainly_did_not_leave()
    {
        var late = _desk.Buy() with { Deadline = _desk.Now - TimeSpan.FromSeconds(1) };
        _desk.Session.Send(late);
        Assert.Equal((Refusal.NotSent, "deadline passed"), (Sink.Last<OrderAnswered>().Refusal, Sink.Take<OrderAnswered>().Code));
        _desk.Wire.Break();
        _desk.Session.Send(_desk.Buy());
        Assert.Equal((OrderOutcome.Refused, Refusal.NotSent), (Sink.Last<OrderAnswered>().Outcome, Sink.Take<OrderAnswered>().Refusal));
        _desk.NoTrade();
    }

    [Fact]
    public void A_lost_authorisation_refuses_as_not_sent_and_is_renewed()
    {
        _desk.Session.Send(_desk.Buy());
        var (_, id) = _desk.Trade<ProtoOANewOrderReq>();
        _desk.Wire.Refuse("INVALID_REQUEST", "Trading account is not authorized", id, Desk.Ctid);
        Assert.Equal((OrderOutcome.Refused, Refusal.NotSent), (Sink.Last<OrderAnswered>().Outcome, Sink.Take<OrderAnswered>().Refusal));
        _desk.Serve();
        Assert.Equal(2, Sink.Last<SessionOpened>().Epoch);
    }

    [Fact]
    public void A_pending_order_has_absolute_levels_and_its_expiry()
    {
        var expiry = _desk.Now + TimeSpan.FromHours(1);
        _desk.Session.Send(_desk.Place(PendingType.Limit, 1.0912345m, expiry: expiry));
        var (order, id) = _desk.Trade<ProtoOANewOrderReq>();
        Assert.Equal((ProtoOAOrderType.Limit, 1.09123, 1.05, 1.2), (order.OrderType, order.LimitPrice, order.StopLoss, order.TakeProfit));
        Assert.Equal((ProtoOATimeInForce.GoodTillDate, expiry.Micros / 1_000), (order.TimeInForce, order.ExpirationTimestamp));
        var placed = Order(601, 501, 1_000_000, ProtoOAOrderType.Limit, label: Desk.Key(3).ToString());
        (placed.LimitPrice, placed.StopLoss, placed.TakeProfit, placed.ExpirationTimestamp, placed.TimeInForce) = (1.09123, 1.05, 1.2, expiry.Micros / 1_000, ProtoOATimeInForce.GoodTillDate);
        _desk.Say(Event(ProtoOAExecutionType.OrderAccepted, placed, Shell(501, ProtoOAPositionStatus.PositionStatusCreated)), id);
        var told = Assert.Single(Sink.Take<BookChanged>().Orders);
        Assert.Equal((PendingType.Limit, 1.09123m, 1.05m, 1.2m, expiry), (told.Type, told.Price.Value, told.StopLoss!.Value.Value, told.TakeProfit!.Value.Value, told.Expiry!.Value));
        Assert.Equal((OrderOutcome.Done, new OrderId(601)), (Sink.Last<OrderAnswered>().Outcome, Sink.Take<OrderAnswered>().Order!.Value));
    }

    [Fact]
    public void A_stop_limit_order_is_a_stop_with_the_distance_to_its_limit()
    {
        _desk.Session.Send(_desk.Place(PendingType.StopLimit, 1.11m, 1.1105m));
        var (order, _) = _desk.Trade<ProtoOANewOrderReq>();
        Assert.Equal((ProtoOAOrderType.StopLimit, 1.11, 50), (order.OrderType, order.StopPrice, order.SlippageInPoints));
        _desk.Session.Send(_desk.Place(PendingType.StopLimit, 1.11m, 1.1095m));
        Assert.Equal((OrderOutcome.Refused, Refusal.InvalidRequest), (Sink.Last<OrderAnswered>().Outcome, Sink.Take<OrderAnswered>().Refusal));
        _desk.NoTrade();
    }

    [Fact]
    public void An_amendment_sends_everything_again_and_nothing_to_amend_is_done()
    {
        var desk = WithPending();
        var amend = new AmendPending { Account = desk.Session.Account, Key = Desk.Key(4), Symbol = new SymbolName("EURUSD"), Deadline = desk.Now + TimeSpan.FromSeconds(5), Order = new OrderId(601), Price = new Price(1.08m), StopLoss = new Price(1.06m) };
        desk.Session.Send(amend);
        var (body, id) = desk.Trade<ProtoOAAmendOrderReq>();
        Assert.Equal((601L, 1_000_000L, 1.08, 1.06, false), (body.OrderId, body.Volume, body.LimitPrice, body.StopLoss, body.HasTakeProfit));
        desk.Wire.Refuse("INVALID_REQUEST", "Nothing to amend.", id, Desk.Ctid);
        Assert.Equal(OrderOutcome.Done, desk.Sink.Take<OrderAnswered>().Outcome);
        desk.Session.Send(amend with { Key = Desk.Key(5), Order = new OrderId(999) });
        Assert.Equal((OrderOutcome.Refused, Refusal.NotFound), (desk.Sink.Last<OrderAnswered>().Outcome, desk.Sink.Take<OrderAnswered>().Refusal));
        desk.Session.Send(amend with { Key = Desk.Key(6) });
        (_, id) = desk.Trade<ProtoOAAmendOrderReq>();
        var replaced = Pending();
        (replaced.LimitPrice, replaced.UtcLastUpdateTimestamp) = (1.08, At + 50);
        desk.Say(Event(ProtoOAExecutionType.OrderReplaced, replaced, Shell(501, ProtoOAPositionStatus.PositionStatusCreated)), id);
        Assert.Equal(1.08m, Assert.Single(desk.Sink.Take<BookChanged>().Orders).Price.Value);
        Assert.Equal(OrderOutcome.Done, desk.Sink.Take<OrderAnswered>().Outcome);
    }

    [Fact]
    public void A_cancelled_order_is_gone_and_one_that_is_not_there_is_not_found()
    {
        var desk = WithPending();
        var cancel = new CancelPending { Account = desk.Session.Account, Key = Desk.Key(4), Symbol = new SymbolName("EURUSD"), Deadline = desk.Now + TimeSpan.FromSeconds(5), Order = new OrderId(601) };
        desk.Session.Send(cancel);
        var (_, id) = desk.Trade<ProtoOACancelOrderReq>();
        var gone = Pending();
        (gone.OrderStatus, gone.UtcLastUpdateTimestamp) = (ProtoOAOrderStatus.OrderStatusCancelled, At + 50);
        desk.Say(Event(ProtoOAExecutionType.OrderCancelled, gone, Shell(501, ProtoOAPositionStatus.PositionStatusClosed)), id);
        Assert.Equal([new OrderId(601)], desk.Sink.Take<BookChanged>().GoneOrders);
        Assert.Equal(OrderOutcome.Done, desk.Sink.Take<OrderAnswered>().Outcome);
        desk.Session.Send(cancel with { Key = Desk.Key(5) });
        (_, id) = desk.Trade<ProtoOACancelOrderReq>();
        desk.Say(new ProtoOAOrderErrorEvent { CtidTraderAccountId = Desk.Ctid, ErrorCode = "ORDER_NOT_FOUND", Description = "Order not found with id 601", OrderId = 601 }, id);
        Assert.Equal((OrderOutcome.Refused, Refusal.NotFound), (desk.Sink.Last<OrderAnswered>().Outcome, desk.Sink.Take<OrderAnswered>().Refusal));
    }

    [Fact]
    public void A_cancel_that_the_server_rejects_is_refused_and_the_order_stays()
    {
        var desk = WithPending();
        desk.Session.Send(new CancelPending { Account = desk.Session.Account, Key = Desk.Key(4), Symbol = new SymbolName("EURUSD"), Deadline = desk.Now + TimeSpan.FromSeconds(5), Order = new OrderId(601) });
        var (_, id) = desk.Trade<ProtoOACancelOrderReq>();
        desk.Say(Event(ProtoOAExecutionType.OrderCancelRejected, Pending(), null, error: "UNABLE_TO_CANCEL_ORDER"), id);
        Assert.Equal(OrderOutcome.Refused, desk.Sink.Take<OrderAnswered>().Outcome);
        desk.Sink.None<BookChanged>();
    }

    [Fact]
    public void Both_levels_are_always_sent_with_the_flags_as_they_stand()
    {
        var trailing = Open(501, 1_000_000, 1.1);
        (trailing.StopLoss, trailing.TakeProfit, trailing.TrailingStopLoss, trailing.StopLossTriggerMethod) = (1.09, 1.12, true, ProtoOAOrderTriggerMethod.Opposite);
        var desk = With(trailing);
        desk.Session.Send(desk.Stops(501, new Price(1.095m), new Price(1.12m)));
        var (body, id) = desk.Trade<ProtoOAAmendPositionSLTPReq>();
        Assert.Equal((1.095, 1.12, true, ProtoOAOrderTriggerMethod.Opposite), (body.StopLoss, body.TakeProfit, body.TrailingStopLoss, body.StopLossTriggerMethod));
        var moved = trailing.Clone();
        (moved.StopLoss, moved.UtcLastUpdateTimestamp) = (1.095, At + 10);
        desk.Say(Event(ProtoOAExecutionType.OrderReplaced, Order(602, 501, 1_000_000, ProtoOAOrderType.StopLossTakeProfit, closing: true, at: At + 10), moved), id);
        Assert.Equal(1.095m, desk.Sink.Take<BookChanged>().Positions[0].StopLoss!.Value.Value);
        Assert.Equal(OrderOutcome.Done, desk.Sink.Take<OrderAnswered>().Outcome);

        desk.Session.Send(desk.Stops(501, null, new Price(1.12m)));
        (body, _) = desk.Trade<ProtoOAAmendPositionSLTPReq>();
        Assert.Equal((false, false, true), (body.HasStopLoss, body.HasTrailingStopLoss, body.HasTakeProfit));
    }

    [Fact]
    public void Removing_levels_that_are_not_there_sends_nothing()
    {
        var desk = With(Open(501, 1_000_000, 1.1));
        desk.Session.Send(desk.Stops(501, null, null));
        Assert.Equal(OrderOutcome.Done, desk.Sink.Take<OrderAnswered>().Outcome);
        desk.NoTrade();
    }

    [Fact]
    public void A_trade_that_only_looks_is_shown_as_not_allowed()
    {
        _desk.Session.Send(_desk.Buy());
        var (_, id) = _desk.Trade<ProtoOANewOrderReq>();
        _desk.Wire.Refuse("TRADING_NOT_ALLOWED", "view only", id, Desk.Ctid);
        Assert.Equal((OrderOutcome.Refused, Refusal.TradeDisabled), (Sink.Last<OrderAnswered>().Outcome, Sink.Take<OrderAnswered>().Refusal));
        Assert.Equal((false, "TRADING_NOT_ALLOWED"), (Sink.Healths[^1].TradeAllowed, Sink.Healths[^1].TradeProblem));
        Assert.Contains(_desk.Lines, l => l.Level == CTraderLogLevel.Alert);
    }

    private static ProtoOAOrder Pending()
    {
        var order = Order(601, 501, 1_000_000, ProtoOAOrderType.Limit);
        (order.LimitPrice, order.TimeInForce) = (1.09, ProtoOATimeInForce.GoodTillCancel);
        return order;
    }

    private static Desk WithPending()
    {
        var desk = new Desk(start: false);
        desk.Broker.Orders.Add(Pending());
        desk.Up();
        return desk;
    }

    private static Desk With(ProtoOAPosition position)
    {
        var desk = new Desk(start: false);
        desk.Broker.Positions.Add(position);
        desk.Up();
        return desk;
    }
}

using Lockstep.CTrader.Tests.Account;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;
using static Lockstep.CTrader.Tests.Account.Broker;

namespace Lockstep.CTrader.Tests.Review;

public class OrderReviewTests
{
    private readonly Desk _desk = new();

    private Sink Sink => _desk.Sink;

    [Fact]
    public void A_rejection_without_a_number_is_not_taken_for_an_order_of_which_nothing_was_heard()
    {
        InDoubt();
        _desk.Say(Event(ProtoOAExecutionType.OrderRejected, Order(0, 0, 1_000_000, status: ProtoOAOrderStatus.OrderStatusRejected), null, error: "NOT_ENOUGH_MONEY"), "foreign");
        Sink.None<OrderAnswered>();
    }

    [Theory]
    [InlineData(ProtoOAExecutionType.OrderRejected, ProtoOAOrderStatus.OrderStatusRejected)]
    [InlineData(ProtoOAExecutionType.OrderCancelled, ProtoOAOrderStatus.OrderStatusCancelled)]
    [InlineData(ProtoOAExecutionType.OrderFilled, ProtoOAOrderStatus.OrderStatusFilled)]
    public void A_closing_order_that_shows_its_positions_label_is_no_evidence_of_the_opening(ProtoOAExecutionType type, ProtoOAOrderStatus status)
    {
        InDoubt();
        var closing = Order(611, 501, 1_000_000, status: status, label: Desk.Key(0).ToString(), closing: true, side: ProtoOATradeSide.Sell);
        closing.ClientOrderId = "server-611";
        _desk.Say(Event(type, closing, null), "foreign");
        Sink.None<OrderAnswered>();
    }

    [Fact]
    public void Two_reductions_to_one_target_close_it_once()
    {
        var desk = Held(300_000);
        desk.Session.Send(desk.Reduce(501, 0.01m));
        desk.Session.Send(desk.Reduce(501, 0.01m, attempt: 2));
        var (close, id) = desk.Trade<ProtoOAClosePositionReq>();
        Assert.Equal(200_000, close.Volume);
        desk.NoTrade();
        ReduceTests.Filled(desk, id, 200_000, 100_000, 711);
        desk.NoTrade();
        Assert.Equal([(Desk.Key(1), OrderOutcome.Done, 0.02m), (Desk.Key(2), OrderOutcome.Done, 0m)], desk.Sink.Of<OrderAnswered>().Select(a => (a.Key, a.Outcome, a.Filled.Value)));
    }

    [Fact]
    public void A_deeper_reduction_goes_on_where_the_one_before_it_ended()
    {
        var desk = Held(300_000);
        desk.Session.Send(desk.Reduce(501, 0.02m));
        desk.Session.Send(desk.Reduce(501, 0m, attempt: 2));
        var (_, id) = desk.Trade<ProtoOAClosePositionReq>();
        ReduceTests.Filled(desk, id, 100_000, 200_000, 711);
        var (rest, second) = desk.Trade<ProtoOAClosePositionReq>();
        Assert.Equal(200_000, rest.Volume);
        ReduceTests.Filled(desk, second, 200_000, 0, 712);
        Assert.All(desk.Sink.Of<OrderAnswered>(), a => Assert.Equal(OrderOutcome.Done, a.Outcome));
        Assert.Equal(2, desk.Sink.Of<OrderAnswered>().Count);
    }

    [Fact]
    public void A_reduction_of_another_position_does_not_wait()
    {
        var desk = new Desk(start: false);
        desk.Broker.Positions.Add(Open(501, 300_000, 1.1));
        desk.Broker.Positions.Add(Open(502, 300_000, 1.1));
        desk.Up();
        desk.Session.Send(desk.Reduce(501, 0m));
        desk.Session.Send(desk.Reduce(502, 0m, attempt: 2));
        Assert.Equal([501L, 502L], [desk.Trade<ProtoOAClosePositionReq>().Body.PositionId, desk.Trade<ProtoOAClosePositionReq>().Body.PositionId]);
    }

    [Fact]
    public void Behind_a_reduction_without_an_answer_none_is_sent()
    {
        var desk = Held(300_000);
        desk.Session.Send(desk.Reduce(501, 0.02m));
        desk.Session.Send(desk.Reduce(501, 0m, attempt: 2) with { Deadline = desk.Now + TimeSpan.FromMinutes(1) });
        desk.Trade<ProtoOAClosePositionReq>();
        desk.Pass(5.3);
        Assert.Equal(
            [(Desk.Key(1), OrderOutcome.Unknown, Refusal.Other), (Desk.Key(2), OrderOutcome.Refused, Refusal.NotSent)], desk.Sink.Of<OrderAnswered>().Select(a => (a.Key, a.Outcome, a.Refusal)));
        desk.NoTrade();
    }

    [Fact]
    public void A_reduction_that_waits_does_not_outlive_its_deadline()
    {
        var desk = Held(300_000);
        desk.Session.Send(desk.Reduce(501, 0.02m));
        desk.Session.Send(desk.Reduce(501, 0m, attempt: 2) with { Deadline = desk.Now + TimeSpan.FromSeconds(2) });
        desk.Trade<ProtoOAClosePositionReq>();
        desk.Pass(2.3);
        Assert.Equal((Desk.Key(2), Refusal.NotSent), (Sole(desk).Key, Sole(desk).Refusal));
        desk.NoTrade();
    }

    [Fact]
    public void A_reduction_whose_first_part_was_filled_is_not_refused_by_the_late_end_of_the_second()
    {
        var desk = new Desk(start: false);
        desk.Broker.Symbols[1] = Symbol(1, 5, 10_000_000, 100_000, 100_000, 1_000_000);
        desk.Broker.Positions.Add(Open(501, 1_500_000, 1.1));
        desk.Up();
        desk.Session.Send(desk.Reduce(501, 0m));
        ReduceTests.Filled(desk, desk.Trade<ProtoOAClosePositionReq>().Id, 1_000_000, 500_000, 711);
        var (_, id) = desk.Trade<ProtoOAClosePositionReq>();
        desk.Say(Event(ProtoOAExecutionType.OrderAccepted, Order(612, 501, 500_000, closing: true, side: ProtoOATradeSide.Sell), null), id);
        desk.Pass(5.3);
        Assert.Equal(OrderOutcome.Unknown, desk.Sink.Take<OrderAnswered>().Outcome);
        desk.Say(Event(ProtoOAExecutionType.OrderCancelled, Order(612, 501, 500_000, status: ProtoOAOrderStatus.OrderStatusCancelled, closing: true, side: ProtoOATradeSide.Sell), null), id);
        Assert.Equal((OrderOutcome.Done, 0.1m), (Sole(desk).Outcome, Sole(desk).Filled.Value));
    }

    [Fact]
    public void A_target_in_lots_that_have_no_end_of_decimals_is_met_to_the_hundredth_of_a_unit()
    {
        // 42,000 units a lot: a step of one unit is 0.0000238… lots.
        var desk = new Desk(start: false);
        desk.Broker.Symbols[1] = Symbol(1, 5, 4_200_000, 100, 100, 1_000_000_000);
        desk.Broker.Positions.Add(Open(501, 1_000, 1.1));
        desk.Up();
        desk.Session.Send(desk.Reduce(501, 0m) with { TargetVolume = new Lots(100m / 4_200_000m * 7m) });
        Assert.Equal(300, desk.Trade<ProtoOAClosePositionReq>().Body.Volume);
    }

    [Fact]
    public void A_filled_opening_is_answered_before_its_session_is_said_to_have_ended()
    {
        _desk.Session.Send(_desk.Buy(0.1m, new Price(1.0901m)));
        var (_, id) = _desk.Trade<ProtoOANewOrderReq>();
        _desk.Say(MarketWithLevels(Desk.Key(0).ToString(), 1_000_000)[1], id);
        Sink.None<OrderAnswered>();
        _desk.Wire.Break();
        Assert.Equal(OrderOutcome.Done, Sink.Last<OrderAnswered>().Outcome);
        Assert.True(Sink.Events.FindIndex(e => e is OrderAnswered) < Sink.Events.FindIndex(e => e is SessionClosed));
        _desk.Pass(5);
        Sink.Take<OrderAnswered>();
    }

    [Fact]
    public void An_order_of_ours_that_closes_on_a_netted_account_is_known_by_its_client_order_id()
    {
        var desk = Held(300_000);
        var order = Order(611, 501, 100_000, status: ProtoOAOrderStatus.OrderStatusFilled, closing: true, side: ProtoOATradeSide.Sell, label: "the position's", executed: 100_000);
        order.ClientOrderId = Desk.Key(4).ToString();
        desk.Say(Event(
            ProtoOAExecutionType.OrderFilled, order, Open(501, 200_000, 1.1, at: At + 5), Closing(Deal(711, 611, 501, 100_000, 1.1, ProtoOATradeSide.Sell), 1.1, 0, 1_000_000, 6)));
        Assert.Equal(Desk.Key(4), Assert.Single(desk.Sink.Take<BookChanged>().Deals).Tag.Key);
    }

    [Fact]
    public void A_deal_that_closes_less_than_it_filled_turned_the_position()
    {
        var desk = Held(300_000);
        var deal = Closing(Deal(711, 611, 501, 500_000, 1.1, ProtoOATradeSide.Sell), 1.1, 0, 1_000_000, 6);
        deal.ClosePositionDetail.ClosedVolume = 300_000;
        desk.Say(Event(
            ProtoOAExecutionType.OrderFilled, Order(611, 501, 500_000, status: ProtoOAOrderStatus.OrderStatusFilled, side: ProtoOATradeSide.Sell, executed: 500_000),
            Open(501, 200_000, 1.1, ProtoOATradeSide.Sell, at: At + 5), deal));
        var change = desk.Sink.Take<BookChanged>();
        Assert.Equal((DealEntry.InOut, Side.Sell, 0.02m), (Assert.Single(change.Deals).Entry, Assert.Single(change.Positions).Side, change.Positions[0].Volume.Value));
    }

    [Fact]
    public void A_refusal_that_comes_late_is_evidence_all_the_same()
    {
        string id = InDoubt();
        _desk.Say(new ProtoOAOrderErrorEvent { CtidTraderAccountId = Desk.Ctid, ErrorCode = "TIMEOUT_ERROR" }, id);
        _desk.Say(new ProtoOAOrderErrorEvent { CtidTraderAccountId = Desk.Ctid, ErrorCode = "NOT_ENOUGH_MONEY" }, "foreign");
        Sink.None<OrderAnswered>();
        _desk.Say(new ProtoOAOrderErrorEvent { CtidTraderAccountId = Desk.Ctid, ErrorCode = "NOT_ENOUGH_MONEY" }, id);
        Assert.Equal((OrderOutcome.Refused, Refusal.NoMoney), (Sink.Last<OrderAnswered>().Outcome, Sink.Take<OrderAnswered>().Refusal));
        _desk.Say(new ProtoOAOrderErrorEvent { CtidTraderAccountId = Desk.Ctid, ErrorCode = "NOT_ENOUGH_MONEY" }, id);
        Sink.None<OrderAnswered>();
    }

    private string InDoubt()
    {
        _desk.Session.Send(_desk.Buy());
        var (_, id) = _desk.Trade<ProtoOANewOrderReq>();
        _desk.Pass(5.2);
        Assert.Equal(OrderOutcome.Unknown, Sink.Take<OrderAnswered>().Outcome);
        return id;
    }

    private static OrderAnswered Sole(Desk desk) => Assert.Single(desk.Sink.Of<OrderAnswered>());

    private static Desk Held(long volume)
    {
        var desk = new Desk(start: false);
        desk.Broker.Positions.Add(Open(501, volume, 1.0999));
        desk.Up();
        return desk;
    }
}

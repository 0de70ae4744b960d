using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;
using static Lockstep.CTrader.Tests.Account.Broker;

namespace Lockstep.CTrader.Tests.Account;

public class ReduceTests
{
    [Fact]
    public void A_partial_close_goes_as_it_was_recorded()
    {
        var desk = With(Levelled(300_000));
        desk.Session.Send(desk.Reduce(501, 0.02m));
        var (close, id) = desk.Trade<ProtoOAClosePositionReq>();
        Assert.Equal((501L, 100_000L), (close.PositionId, close.Volume));
        var left = Levelled(200_000);
        left.UtcLastUpdateTimestamp = At + 130;
        desk.Say(Event(ProtoOAExecutionType.OrderAccepted, Order(611, 501, 100_000, closing: true, side: ProtoOATradeSide.Sell), Levelled(300_000)), id);
        desk.Sink.None<BookChanged>();
        desk.Say(Event(
            ProtoOAExecutionType.OrderFilled,
            Order(611, 501, 100_000, status: ProtoOAOrderStatus.OrderStatusFilled, closing: true, side: ProtoOATradeSide.Sell, label: "position's label", executed: 100_000, price: 1.1, at: At + 130),
            left,
            Closing(Deal(711, 611, 501, 100_000, 1.1, ProtoOATradeSide.Sell, -3, at: At + 130), 1.0999, 10, 1_000_004, 6)), id);
        var change = desk.Sink.Take<BookChanged>();
        var position = Assert.Single(change.Positions);
        Assert.Equal((501L, 0.02m, 1.09m), (position.Id.Value, position.Volume.Value, position.StopLoss!.Value.Value));
        var deal = Assert.Single(change.Deals);
        Assert.Equal((DealEntry.Out, Side.Sell, 0.10m, -0.03m, OrderTag.None), (deal.Entry, deal.Side, deal.Profit.Value, deal.Commission.Value, deal.Tag));
        var answer = desk.Sink.Take<OrderAnswered>();
        Assert.Equal((OrderOutcome.Done, 0.01m, 501L), (answer.Outcome, answer.Filled.Value, answer.Position!.Value.Value));

        // The protection order follows the volume: nothing of it is news.
        var follows = left.Clone();
        follows.UtcLastUpdateTimestamp = At + 140;
        desk.Say(Event(ProtoOAExecutionType.OrderReplaced, Order(602, 501, 200_000, ProtoOAOrderType.StopLossTakeProfit, closing: true, side: ProtoOATradeSide.Sell, at: At + 140), follows, server: true), id);
        desk.Sink.None<BookChanged>();
        desk.Sink.None<OrderAnswered>();
    }

    [Fact]
    public void A_full_close_ends_the_position()
    {
        var desk = With(Levelled(300_000));
        desk.Session.Send(desk.Reduce(501, 0m));
        var (close, id) = desk.Trade<ProtoOAClosePositionReq>();
        Assert.Equal(300_000, close.Volume);
        Filled(desk, id, 300_000, 0, 711);
        var change = desk.Sink.Take<BookChanged>();
        Assert.Equal([new PositionId(501)], change.ClosedPositions);
        Assert.Empty(change.Positions);
        Assert.Equal(OrderOutcome.Done, desk.Sink.Take<OrderAnswered>().Outcome);
    }

    [Fact]
    public void A_position_that_is_at_its_target_or_gone_is_done_without_a_word()
    {
        var desk = With(Levelled(300_000));
        desk.Session.Send(desk.Reduce(501, 0.03m));
        Assert.Equal((OrderOutcome.Done, "already"), (desk.Sink.Last<OrderAnswered>().Outcome, desk.Sink.Take<OrderAnswered>().Code));
        desk.Session.Send(desk.Reduce(999, 0m, attempt: 2));
        Assert.Equal(OrderOutcome.Done, desk.Sink.Take<OrderAnswered>().Outcome);
        desk.NoTrade();
    }

    [Fact]
    public void A_position_that_was_turned_is_another_one()
    {
        var desk = With(Levelled(300_000));
        desk.Session.Send(desk.Reduce(501, 0m, Side.Sell));
        Assert.Equal((OrderOutcome.Refused, Refusal.NotFound), (desk.Sink.Last<OrderAnswered>().Outcome, desk.Sink.Take<OrderAnswered>().Refusal));
        desk.NoTrade();
    }

    [Fact]
    public void More_than_one_order_may_be_goes_in_parts_that_read_the_volume_anew()
    {
        var desk = new Desk(start: false);
        desk.Broker.Symbols[1] = Symbol(1, 5, 10_000_000, 100_000, 100_000, 1_000_000);
        desk.Broker.Positions.Add(Levelled(2_050_000));
        desk.Up();
        desk.Session.Send(desk.Reduce(501, 0m));
        var (close, id) = desk.Trade<ProtoOAClosePositionReq>();
        Assert.Equal(1_000_000, close.Volume);
        desk.NoTrade();

        // Somebody else closed a hundred thousand meanwhile.
        Filled(desk, id, 1_000_000, 950_000, 711);
        desk.Sink.None<OrderAnswered>();
        (close, id) = desk.Trade<ProtoOAClosePositionReq>();
        Assert.Equal(950_000, close.Volume);
        Filled(desk, id, 950_000, 0, 712);
        Assert.Equal((OrderOutcome.Done, 0.195m), (desk.Sink.Last<OrderAnswered>().Outcome, desk.Sink.Take<OrderAnswered>().Filled.Value));
    }

    [Fact]
    public void No_rest_is_left_that_is_below_the_minimum()
    {
        var desk = new Desk(start: false);
        desk.Broker.Symbols[1] = Symbol(1, 5, 10_000_000, 100_000, 10_000, 1_000_000);
        desk.Broker.Positions.Add(Levelled(1_050_000));
        desk.Up();
        desk.Session.Send(desk.Reduce(501, 0m));
        Assert.Equal(950_000, desk.Trade<ProtoOAClosePositionReq>().Body.Volume);
    }

    [Fact]
    public void A_residual_off_the_step_survives_and_is_tried_as_it_is()
    {
        var desk = With(Levelled(123_457));
        desk.Ask(1);
        Assert.Equal(0.0123457m, desk.Sink.Take<BookSnapshot>().Positions[0].Volume.Value);
        desk.Session.Send(desk.Reduce(501, 0m));
        var (close, id) = desk.Trade<ProtoOAClosePositionReq>();
        Assert.Equal(123_457, close.Volume);
        desk.Say(new ProtoOAOrderErrorEvent { CtidTraderAccountId = Desk.Ctid, ErrorCode = "TRADING_BAD_VOLUME", Description = "no" }, id);
        Assert.Equal((OrderOutcome.Refused, Refusal.InvalidVolume), (desk.Sink.Last<OrderAnswered>().Outcome, desk.Sink.Take<OrderAnswered>().Refusal));
    }

    [Fact]
    public void A_locked_position_is_tried_once_more()
    {
        var desk = With(Levelled(300_000));
        desk.Session.Send(desk.Reduce(501, 0m));
        var (_, id) = desk.Trade<ProtoOAClosePositionReq>();
        desk.Say(new ProtoOAOrderErrorEvent { CtidTraderAccountId = Desk.Ctid, ErrorCode = "POSITION_LOCKED" }, id);
        (_, id) = desk.Trade<ProtoOAClosePositionReq>();
        desk.Say(new ProtoOAOrderErrorEvent { CtidTraderAccountId = Desk.Ctid, ErrorCode = "POSITION_LOCKED" }, id);
        Assert.Equal((OrderOutcome.Refused, Refusal.Busy), (desk.Sink.Last<OrderAnswered>().Outcome, desk.Sink.Take<OrderAnswered>().Refusal));
        desk.NoTrade();
    }

    [Fact]
    public void A_part_without_an_answer_ends_it_as_unknown()
    {
        var desk = With(Levelled(300_000));
        desk.Session.Send(desk.Reduce(501, 0m));
        var (_, id) = desk.Trade<ProtoOAClosePositionReq>();
        desk.Say(Event(ProtoOAExecutionType.OrderAccepted, Order(611, 501, 300_000, closing: true, side: ProtoOATradeSide.Sell), Levelled(300_000)), id);
        desk.Pass(5.3);
        Assert.Equal(OrderOutcome.Unknown, desk.Sink.Take<OrderAnswered>().Outcome);
        desk.NoTrade();

        // It is executed after all, and told late.
        Filled(desk, id, 300_000, 0, 711);
        Assert.Equal((OrderOutcome.Done, 0.03m), (desk.Sink.Last<OrderAnswered>().Outcome, desk.Sink.Take<OrderAnswered>().Filled.Value));
        desk.Session.Send(desk.Reduce(501, 0m, attempt: 2));
        desk.NoTrade();
    }

    [Fact]
    public void A_close_that_finds_the_position_gone_is_done_once_the_book_shows_it()
    {
        var desk = With(Levelled(300_000));
        desk.Session.Send(desk.Reduce(501, 0m));
        var (_, id) = desk.Trade<ProtoOAClosePositionReq>();
        desk.Say(Event(
            ProtoOAExecutionType.OrderFilled, Order(602, 501, 300_000, ProtoOAOrderType.StopLossTakeProfit, ProtoOAOrderStatus.OrderStatusFilled, closing: true, side: ProtoOATradeSide.Sell, executed: 300_000, price: 1.09),
            Shell(501, ProtoOAPositionStatus.PositionStatusClosed, at: At + 90), Closing(Deal(711, 602, 501, 300_000, 1.09, ProtoOATradeSide.Sell), 1.1, -30, 999_967, 6), server: true));
        desk.Say(new ProtoOAOrderErrorEvent { CtidTraderAccountId = Desk.Ctid, ErrorCode = "POSITION_NOT_FOUND", Description = "Position not found with id 501" }, id);
        Assert.Equal(OrderOutcome.Done, desk.Sink.Take<OrderAnswered>().Outcome);
    }

    internal static void Filled(Desk desk, string id, long volume, long rest, long deal)
    {
        var left = rest > 0 ? Levelled(rest) : Shell(501, ProtoOAPositionStatus.PositionStatusClosed);
        left.UtcLastUpdateTimestamp = At + deal;
        desk.Say(Event(
            ProtoOAExecutionType.OrderFilled,
            Order(611, 501, volume, status: ProtoOAOrderStatus.OrderStatusFilled, closing: true, side: ProtoOATradeSide.Sell, executed: volume, price: 1.1, at: At + deal),
            left,
            Closing(Deal(deal, 611, 501, volume, 1.1, ProtoOATradeSide.Sell, at: At + deal), 1.0999, 10, 1_000_000 + deal, deal)), id);
    }

    private static ProtoOAPosition Levelled(long volume)
    {
        var position = Open(501, volume, 1.0999);
        (position.StopLoss, position.TakeProfit) = (1.09, 1.12);
        return position;
    }

    private static Desk With(ProtoOAPosition position)
    {
        var desk = new Desk(start: false);
        desk.Broker.Positions.Add(position);
        desk.Up();
        return desk;
    }
}

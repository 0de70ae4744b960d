using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;
using static Lockstep.CTrader.Tests.Account.Broker;

namespace Lockstep.CTrader.Tests.Account;

public class BookTests
{
    private readonly Desk _desk = new();

    private Sink Sink => _desk.Sink;

    [Fact]
    public void A_trade_of_the_terminal_is_told_as_our_own_is()
    {
        foreach (var e in MarketWithLevels("by hand", 2_000_000))
        {
            _desk.Say(e, "foreign-1");
        }

        Assert.Equal([1L, 2L], Sink.Of<BookChanged>().Select(c => c.Sequence));
        Assert.Equal("by hand", Sink.Last<BookChanged>().Positions[0].Tag.Comment);
        Sink.None<OrderAnswered>();
    }

    [Fact]
    public void Repeats_change_nothing()
    {
        var events = MarketWithLevels("", 2_000_000);
        foreach (var e in events.Concat(events).Concat(events.Reverse()))
        {
            _desk.Say(e.Clone());
        }

        Assert.Equal(2, Sink.Of<BookChanged>().Count);
        Assert.Single(Sink.Of<BookChanged>().SelectMany(c => c.Deals));
    }

    [Fact]
    public void Events_that_overtake_each_other_add_up_to_the_same()
    {
        var events = MarketWithLevels("", 2_000_000);
        _desk.Say(events[2]);
        _desk.Say(events[1]);
        _desk.Say(events[0]);
        Assert.Equal(1.09m, Assert.Single(Sink.Of<BookChanged>().SelectMany(c => c.Positions)).StopLoss!.Value.Value);
        Assert.Single(Sink.Of<BookChanged>().SelectMany(c => c.Deals));
        _desk.Broker.Positions.Add(events[2].Position);
        _desk.Ask(1);
        Assert.Equal((1.09m, 1.12m), (Sink.Last<BookSnapshot>().Positions[0].StopLoss!.Value.Value, Sink.Last<BookSnapshot>().Positions[0].TakeProfit!.Value.Value));
    }

    [Fact]
    public void What_is_closed_does_not_come_back()
    {
        var events = MarketWithLevels("", 300_000);
        var closed = Event(
            ProtoOAExecutionType.OrderFilled, Order(611, 501, 300_000, status: ProtoOAOrderStatus.OrderStatusFilled, closing: true, side: ProtoOATradeSide.Sell, executed: 300_000, at: At + 500),
            Shell(501, ProtoOAPositionStatus.PositionStatusClosed, at: At + 500), Closing(Deal(711, 611, 501, 300_000, 1.1, ProtoOATradeSide.Sell), 1.1, 0, 999_994, 6));

        // Opened and closed, and the opening is told last.
        _desk.Say(closed);
        var unseen = Sink.Take<BookChanged>();
        Assert.Equal([new PositionId(501)], unseen.ClosedPositions);
        Assert.Single(unseen.Deals);
        _desk.Say(events[1]);
        var late = Sink.Take<BookChanged>();
        Assert.Empty(late.Positions);
        Assert.Equal([new PositionId(501)], late.ClosedPositions);
        Assert.Equal(DealEntry.In, Assert.Single(late.Deals).Entry);
        _desk.Broker.Positions.Add(events[1].Position);
        _desk.Ask(1);
        Assert.Empty(Sink.Take<BookSnapshot>().Positions);
    }

    [Fact]
    public void A_position_that_an_order_opens_again_under_its_old_id_is_told()
    {
        var events = MarketWithLevels("", 300_000);
        var closed = Event(
            ProtoOAExecutionType.OrderFilled, Order(611, 501, 300_000, status: ProtoOAOrderStatus.OrderStatusFilled, closing: true, side: ProtoOATradeSide.Sell, executed: 300_000, at: At + 500),
            Shell(501, ProtoOAPositionStatus.PositionStatusClosed, at: At + 500), Closing(Deal(711, 611, 501, 300_000, 1.1, ProtoOATradeSide.Sell, at: At + 500), 1.1, 0, 999_994, 6));
        var again = Event(
            ProtoOAExecutionType.OrderFilled, Order(605, 501, 200_000, ProtoOAOrderType.Limit, ProtoOAOrderStatus.OrderStatusFilled, executed: 200_000, at: At + 900),
            Open(501, 200_000, 1.08, at: At + 900), Deal(713, 605, 501, 200_000, 1.08, at: At + 900));
        foreach (var e in events.Append(closed).Append(again))
        {
            _desk.Say(e);
        }

        var told = Sink.Last<BookChanged>();
        Assert.Equal((501L, 1.08m), (Assert.Single(told.Positions).Id.Value, told.Positions[0].OpenPrice.Value));
        Assert.Empty(told.ClosedPositions);

        // Its first end, once more and late, is not its second one.
        var late = closed.Clone();
        late.Order.UtcLastUpdateTimestamp++;
        _desk.Say(late);
        _desk.Broker.Positions.Add(again.Position);
        _desk.Ask(1);
        Assert.Single(Sink.Take<BookSnapshot>().Positions);
    }

    [Fact]
    public void What_the_whole_state_has_no_more_is_not_brought_back_by_an_older_event()
    {
        var events = MarketWithLevels("", 300_000);
        foreach (var e in events)
        {
            _desk.Say(e);
        }

        // It was closed, and the events of that are late: first comes the whole state, without it.
        _desk.Ask(1);
        Assert.Empty(Sink.Take<BookSnapshot>().Positions);
        int told = Sink.Of<BookChanged>().Count;
        _desk.Say(Event(ProtoOAExecutionType.OrderAccepted, Order(611, 501, 300_000, closing: true, side: ProtoOATradeSide.Sell, at: At + 400), events[2].Position));
        Assert.DoesNotContain(Sink.Of<BookChanged>().Skip(told), c => c.Positions.Count > 0);
    }

    [Fact]
    public void A_fill_that_is_overtaken_by_its_protection_within_a_millisecond_does_not_take_the_levels_away()
    {
        var events = MarketWithLevels("", 300_000);
        events[2].Position.UtcLastUpdateTimestamp = events[1].Position.UtcLastUpdateTimestamp;
        _desk.Say(events[2]);
        _desk.Say(events[1]);
        Assert.Equal(1.09m, Sink.Of<BookChanged>().SelectMany(c => c.Positions).Last().StopLoss!.Value.Value);
    }

    [Fact]
    public void A_stop_loss_that_is_hit_says_so_by_its_price()
    {
        var desk = Held(99, 85_287.21, symbol: 41);
        var protection = Order(602, 501, 99, ProtoOAOrderType.StopLossTakeProfit, ProtoOAOrderStatus.OrderStatusFilled, closing: true, side: ProtoOATradeSide.Sell, symbol: 41, executed: 99, price: 85_205.58);
        (protection.StopPrice, protection.LimitPrice) = (85_205.6, 85_400);
        var deal = Closing(Deal(711, 602, 501, 99, 85_205.58, ProtoOATradeSide.Sell, -2_741, 41), 85_287.21, -8_081, 986_434, 6, -5_485);
        desk.Say(Event(ProtoOAExecutionType.OrderFilled, protection, Shell(501, ProtoOAPositionStatus.PositionStatusClosed, symbol: 41), deal, server: true));
        var report = Assert.Single(desk.Sink.Take<BookChanged>().Deals);
        Assert.Equal((DealReason.StopLoss, -80.81m, -27.41m), (report.Reason, report.Profit.Value, report.Commission.Value));
        desk.Pass(1);
        Assert.Equal(9_864.34m, desk.Sink.Money[^1].Balance.Value);
    }

    [Theory]
    [InlineData(ProtoOATradeSide.Buy, 1.12, DealReason.TakeProfit)]
    [InlineData(ProtoOATradeSide.Buy, 1.1201, DealReason.TakeProfit)]
    [InlineData(ProtoOATradeSide.Buy, 1.1199, DealReason.StopLoss)]
    [InlineData(ProtoOATradeSide.Sell, 1.12, DealReason.TakeProfit)]
    [InlineData(ProtoOATradeSide.Sell, 1.1199, DealReason.TakeProfit)]
    [InlineData(ProtoOATradeSide.Sell, 1.1201, DealReason.StopLoss)]
    public void Which_level_was_hit_is_told_by_the_price(ProtoOATradeSide side, double price, DealReason reason)
    {
        var other = side == ProtoOATradeSide.Buy ? ProtoOATradeSide.Sell : ProtoOATradeSide.Buy;
        var protection = Order(602, 501, 300_000, ProtoOAOrderType.StopLossTakeProfit, ProtoOAOrderStatus.OrderStatusFilled, closing: true, side: other, executed: 300_000, price: price);
        (protection.StopPrice, protection.LimitPrice) = (side == ProtoOATradeSide.Buy ? 1.09 : 1.13, 1.12);
        _desk.Say(Event(ProtoOAExecutionType.OrderFilled, protection, Shell(501, ProtoOAPositionStatus.PositionStatusClosed), Closing(Deal(711, 602, 501, 300_000, price, other), 1.1, 1, 1_000_000, 6), server: true));
        Assert.Equal(reason, Assert.Single(Sink.Take<BookChanged>().Deals).Reason);
    }

    [Fact]
    public void A_stop_out_says_so()
    {
        var order = Order(602, 501, 300_000, status: ProtoOAOrderStatus.OrderStatusFilled, closing: true, side: ProtoOATradeSide.Sell, executed: 300_000);
        order.IsStopOut = true;
        _desk.Say(Event(ProtoOAExecutionType.OrderFilled, order, Shell(501, ProtoOAPositionStatus.PositionStatusClosed), Closing(Deal(711, 602, 501, 300_000, 1.1, ProtoOATradeSide.Sell), 1.1, 1, 1_000_000, 6), server: true));
        Assert.Equal(DealReason.StopOut, Assert.Single(Sink.Take<BookChanged>().Deals).Reason);
    }

    [Fact]
    public void A_filled_pending_order_keeps_its_number_in_its_position()
    {
        var desk = new Desk(start: false);
        var pending = Order(601, 501, 1_000_000, ProtoOAOrderType.Stop, label: "x");
        pending.StopPrice = 1.12;
        desk.Broker.Orders.Add(pending);
        desk.Up();
        var filled = pending.Clone();
        (filled.OrderStatus, filled.ExecutedVolume, filled.UtcLastUpdateTimestamp) = (ProtoOAOrderStatus.OrderStatusFilled, 1_000_000, At + 9);
        desk.Say(Event(ProtoOAExecutionType.OrderFilled, filled, Open(501, 1_000_000, 1.1201, label: "x", at: At + 9), Deal(701, 601, 501, 1_000_000, 1.1201)));
        var change = desk.Sink.Take<BookChanged>();
        Assert.Equal([new OrderId(601)], change.GoneOrders);
        Assert.Equal(new OrderId(601), change.Positions[0].OpeningOrder);
        Assert.Equal(new OrderId(601), change.Deals[0].Order);
    }

    [Fact]
    public void A_pending_order_that_was_given_distances_shows_levels()
    {
        var pending = Order(601, 501, 1_000_000, ProtoOAOrderType.Limit);
        (pending.LimitPrice, pending.RelativeStopLoss, pending.RelativeTakeProfit) = (1.09, 1_000, 2_000);
        _desk.Say(Event(ProtoOAExecutionType.OrderAccepted, pending, Shell(501, ProtoOAPositionStatus.PositionStatusCreated)));
        var told = Assert.Single(Sink.Take<BookChanged>().Orders);
        Assert.Equal((1.08m, 1.11m), (told.StopLoss!.Value.Value, told.TakeProfit!.Value.Value));
    }

    [Fact]
    public void An_expired_order_is_gone()
    {
        var pending = Order(601, 501, 1_000_000, ProtoOAOrderType.Limit);
        pending.LimitPrice = 1.09;
        _desk.Say(Event(ProtoOAExecutionType.OrderAccepted, pending, Shell(501, ProtoOAPositionStatus.PositionStatusCreated)));
        var expired = pending.Clone();
        expired.OrderStatus = ProtoOAOrderStatus.OrderStatusExpired;
        _desk.Say(Event(ProtoOAExecutionType.OrderExpired, expired, Shell(501, ProtoOAPositionStatus.PositionStatusClosed), server: true));
        Assert.Equal([new OrderId(601)], Sink.Last<BookChanged>().GoneOrders);
        _desk.Say(Event(ProtoOAExecutionType.OrderAccepted, pending.Clone(), Shell(501, ProtoOAPositionStatus.PositionStatusCreated)));
        Assert.Equal(2, Sink.Of<BookChanged>().Count);
    }

    [Fact]
    public void A_trailing_stop_is_told_by_its_own_message()
    {
        var desk = Held(300_000, 1.1);
        desk.Say(new ProtoOATrailingSLChangedEvent { CtidTraderAccountId = Desk.Ctid, PositionId = 501, OrderId = 602, StopPrice = 1.0951, UtcLastUpdateTimestamp = At + 5 });
        Assert.Equal(1.0951m, desk.Sink.Take<BookChanged>().Positions[0].StopLoss!.Value.Value);
        desk.Say(new ProtoOATrailingSLChangedEvent { CtidTraderAccountId = Desk.Ctid, PositionId = 501, OrderId = 602, StopPrice = 1.0950, UtcLastUpdateTimestamp = At + 4 });
        desk.Say(new ProtoOATrailingSLChangedEvent { CtidTraderAccountId = Desk.Ctid, PositionId = 999, OrderId = 602, StopPrice = 1.0951, UtcLastUpdateTimestamp = At + 5 });
        desk.Sink.None<BookChanged>();
    }

    [Fact]
    public void Swap_and_deposits_change_the_money_by_version()
    {
        var deposit = new ProtoOAExecutionEvent
        {
            CtidTraderAccountId = Desk.Ctid, ExecutionType = ProtoOAExecutionType.DepositWithdraw,
            DepositWithdraw = new ProtoOADepositWithdraw { OperationType = ProtoOAChangeBalanceType.BalanceDeposit, BalanceHistoryId = 1, Balance = 1_500_000, Delta = 500_000, ChangeBalanceTimestamp = At, BalanceVersion = 6, MoneyDigits = 2 },
        };
        _desk.Say(deposit);
        _desk.Pass(1);
        Assert.Equal(15_000m, Sink.Money[^1].Balance.Value);
        var older = deposit.Clone();
        (older.DepositWithdraw.Balance, older.DepositWithdraw.BalanceVersion, older.DepositWithdraw.BalanceHistoryId) = (1, 4, 2);
        _desk.Say(older);
        _desk.Pass(2);
        Assert.Equal(15_000m, Sink.Money[^1].Balance.Value);
    }

    [Theory]
    [InlineData(-1, 1.1)]
    [InlineData(1_000_000, 0)]
    [InlineData(1_000_000, double.NaN)]
    [InlineData(1_000_000, double.PositiveInfinity)]
    [InlineData(1_000_000, -5)]
    public void A_position_that_cannot_be_is_counted_and_not_passed_on(long volume, double price)
    {
        _desk.Say(Event(ProtoOAExecutionType.OrderFilled, Order(601, 501, 1_000_000), Open(501, volume, price)));
        Sink.None<BookChanged>();
        Assert.Equal(1, _desk.Hub.Counters[CTraderCount.Nonsense]);
        Assert.Equal(0, _desk.Hub.Counters[CTraderCount.SinkErrors]);
    }

    [Fact]
    public void A_symbol_that_is_in_no_list_has_the_lists_read_again_and_the_whole_asked_for()
    {
        _desk.Broker.Lights.Add(Light(55, "US30", Usd, Usd));
        _desk.Broker.Symbols[55] = Symbol(55, 2, 100, 1, 1, 10_000);
        _desk.Broker.Positions.Add(Open(501, 100, 40_000, symbol: 55));
        _desk.Say(Event(ProtoOAExecutionType.OrderFilled, Order(601, 501, 100, symbol: 55), Open(501, 100, 40_000, symbol: 55), Deal(701, 601, 501, 100, 40_000, symbol: 55)));
        Sink.None<BookChanged>();
        Assert.Equal("US30", Assert.Single(Sink.Take<SymbolsChanged>().Symbols).Name.Value);
        Assert.True(Sink.Take<Heartbeat>().Differs);
        _desk.Ask(1);
        Assert.Equal(1m, Sink.Take<BookSnapshot>().Positions[0].Volume.Value);
    }

    [Fact]
    public void Events_before_the_state_is_there_are_taken_in_after_it()
    {
        var desk = new Desk(start: false);
        var events = MarketWithLevels("", 300_000);
        desk.Instead[typeof(ProtoOAReconcileReq)] = m =>
        {
            // One of them is in the answer already, the other is not.
            desk.Wire.Say(events[1]);
            desk.Wire.Say(events[2]);
            return new ProtoOAReconcileRes { CtidTraderAccountId = Desk.Ctid, Position = { events[1].Position } };
        };
        desk.Up();
        desk.Sink.Take<SessionOpened>();
        desk.Sink.None<BookChanged>();
        desk.Instead.Clear();
        desk.Broker.Positions.Add(events[2].Position);
        desk.Ask(1);
        Assert.Equal(1.09m, desk.Sink.Take<BookSnapshot>().Positions[0].StopLoss!.Value.Value);
        Assert.Equal(0, desk.Hub.Counters[CTraderCount.Differences]);
    }

    [Fact]
    public void A_deal_of_the_venue_that_was_refused_is_none()
    {
        var deal = Deal(701, 601, 501, 1_000_000, 1.1);
        deal.DealStatus = ProtoOADealStatus.Missed;
        _desk.Say(Event(ProtoOAExecutionType.OrderRejected, Order(601, 501, 1_000_000, status: ProtoOAOrderStatus.OrderStatusRejected), Shell(501, ProtoOAPositionStatus.PositionStatusClosed), deal));
        Sink.None<BookChanged>();
    }

    [Fact]
    public void A_closing_deal_without_its_position_lowers_the_volume()
    {
        var desk = Held(300_000, 1.1);
        desk.Say(Event(ProtoOAExecutionType.OrderFilled, Order(611, 501, 100_000, closing: true), null, Closing(Deal(711, 611, 501, 100_000, 1.1, ProtoOATradeSide.Sell), 1.1, 0, 1_000_000, 6)));
        Assert.Equal(0.02m, desk.Sink.Take<BookChanged>().Positions[0].Volume.Value);
    }

    [Fact]
    public void The_average_of_fills_keeps_its_decimals()
    {
        var desk = Held(300_000, 1.1198733);
        desk.Ask(1);
        Assert.Equal(1.1198733m, desk.Sink.Take<BookSnapshot>().Positions[0].OpenPrice.Value);
    }

    [Fact]
    public void A_beat_each_five_seconds_says_how_far_the_messages_are()
    {
        foreach (var e in MarketWithLevels("", 300_000))
        {
            _desk.Broker.Positions.Clear();
            _desk.Broker.Positions.Add(e.Position);
            _desk.Say(e);
        }

        _desk.Pass(10.2);
        Assert.Equal([2L, 2L], Sink.Of<Heartbeat>().Select(b => b.Sequence));
        Assert.DoesNotContain(Sink.Of<Heartbeat>(), b => b.Differs);
    }

    [Fact]
    public void A_state_that_no_event_told_of_differs()
    {
        _desk.Broker.Positions.Add(Open(501, 300_000, 1.1));
        _desk.Pass(60.5);
        Assert.DoesNotContain(Sink.Of<Heartbeat>(), b => b.Differs);
        _desk.Pass(2);
        Assert.Contains(Sink.Of<Heartbeat>(), b => b.Differs);
        Assert.Equal(1, _desk.Hub.Counters[CTraderCount.Differences]);
        _desk.Ask(1);
        Assert.Single(Sink.Take<BookSnapshot>().Positions);
        Sink.Events.Clear();
        _desk.Pass(70);
        Assert.DoesNotContain(Sink.Of<Heartbeat>(), b => b.Differs);
    }

    [Fact]
    public void A_receiver_that_throws_stops_nothing()
    {
        var sink = new Throwing();
        var desk = new Desk(start: false);
        desk.Session.Start(sink);
        desk.Wire.Accept();
        desk.Serve();
        Assert.Equal("live", desk.Session.Standing);
        Assert.True(desk.Hub.Counters[CTraderCount.SinkErrors] > 0);
        Assert.True(sink.Reports >= 1);
    }

    private static Desk Held(long volume, double price, long symbol = 1)
    {
        var desk = new Desk(start: false);
        desk.Broker.Positions.Add(Open(501, volume, price, symbol: symbol));
        desk.Up();
        return desk;
    }

    private sealed class Throwing : ISessionSink
    {
        public int Reports { get; private set; }

        public void Report(PlatformEvent report)
        {
            Reports++;
            throw new InvalidOperationException("the receiver is broken");
        }

        public void Quote(AccountId account, SymbolName symbol, Quote quote) => throw new InvalidOperationException();

        public void Funds(AccountId account, AccountFunds funds) => throw new InvalidOperationException();
    }
}

using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;
using static Lockstep.CTrader.Tests.Account.Broker;

namespace Lockstep.CTrader.Tests.Account;

public class AskTests
{
    private readonly Desk _desk = new();

    private Sink Sink => _desk.Sink;

    [Fact]
    public void The_whole_truth_is_positions_orders_deals_and_what_ended()
    {
        long at = _desk.NowMs - 10_000;
        _desk.Broker.Positions.Add(Open(501, 300_000, 1.1, label: Desk.Key(0).ToString()));
        var working = Order(605, 505, 1_000_000, ProtoOAOrderType.Limit);
        working.LimitPrice = 1.09;
        _desk.Broker.Orders.Add(working);
        _desk.Broker.Orders.Add(Order(602, 501, 300_000, ProtoOAOrderType.StopLossTakeProfit, closing: true));
        _desk.Broker.Deals.Add(Deal(701, 601, 501, 300_000, 1.1, at: at));
        _desk.Broker.Deals.Add(Closing(Deal(702, 603, 502, 100_000, 1.1, ProtoOATradeSide.Sell, at: at + 5), 1.09, 1_000, 1_000_997, 6, fee: -7));
        _desk.Broker.PastOrders.Add(Order(601, 501, 300_000, status: ProtoOAOrderStatus.OrderStatusFilled, label: Desk.Key(0).ToString(), executed: 300_000, at: at));
        _desk.Broker.PastOrders.Add(Order(603, 502, 100_000, status: ProtoOAOrderStatus.OrderStatusFilled, closing: true, label: Desk.Key(1).ToString(), executed: 100_000, at: at));
        var cancelled = Order(604, 504, 1_000_000, ProtoOAOrderType.Limit, ProtoOAOrderStatus.OrderStatusCancelled, label: Desk.Key(3).ToString(), at: at);
        cancelled.LimitPrice = 1.08;
        _desk.Broker.PastOrders.Add(cancelled);
        var asked = _desk.Now;
        _desk.Ask(9);
        var snapshot = Sink.Take<BookSnapshot>();
        Assert.Equal((9L, 0L, asked, asked - TimeSpan.FromSeconds(120)), (snapshot.Ask.Value, snapshot.Sequence, snapshot.TakenAt, snapshot.HistoryFrom));
        Assert.Equal((501L, new OrderId(601)), (Assert.Single(snapshot.Positions).Id.Value, snapshot.Positions[0].OpeningOrder!.Value));
        Assert.Equal(605, Assert.Single(snapshot.Orders).Id.Value);
        Assert.Equal([701L, 702L], snapshot.Deals.Select(d => d.Id.Value));
        Assert.Equal((Desk.Key(0), null, 9.93m), (snapshot.Deals[0].Tag.Key!.Value, snapshot.Deals[1].Tag.Key, snapshot.Deals[1].Profit.Value));
        Assert.Equal((604L, Desk.Key(3)), (Assert.Single(snapshot.EndedOrders).Id.Value, snapshot.EndedOrders[0].Tag.Key!.Value));
    }

    [Fact]
    public void Events_that_race_with_the_look_are_in_it_or_after_it_but_never_lost()
    {
        var events = MarketWithLevels("", 300_000, position: 501);
        var closing = Event(
            ProtoOAExecutionType.OrderFilled, Order(611, 502, 100_000, status: ProtoOAOrderStatus.OrderStatusFilled, closing: true, executed: 100_000),
            Shell(502, ProtoOAPositionStatus.PositionStatusClosed, at: At + 700), Closing(Deal(711, 611, 502, 100_000, 1.1, ProtoOATradeSide.Sell, at: _desk.NowMs), 1.1, 0, 1_000_000, 6));
        _desk.Broker.Positions.Add(Open(502, 100_000, 1.1));
        _desk.Ask(1);
        Assert.Single(Sink.Take<BookSnapshot>().Positions);
        var before = Open(502, 100_000, 1.1);
        _desk.Instead[typeof(ProtoOAReconcileReq)] = m =>
        {
            // The look was taken before both, and is told after them.
            _desk.Wire.Say(events[1]);
            _desk.Wire.Say(closing);
            return new ProtoOAReconcileRes { CtidTraderAccountId = Desk.Ctid, Position = { before } };
        };
        _desk.Ask(2);
        _desk.Pass(2);
        var snapshot = Sink.Take<BookSnapshot>();
        Assert.Equal(2, snapshot.Sequence);
        Assert.Equal(501, Assert.Single(snapshot.Positions).Id.Value);
        Assert.Contains(snapshot.Deals, d => d.Id.Value == 711);
    }

    [Fact]
    public void What_happened_before_the_look_and_is_told_after_it_is_told_once()
    {
        var events = MarketWithLevels("", 300_000);
        _desk.Broker.Positions.Add(events[1].Position);
        _desk.Ask(1);
        Assert.Equal((0L, 1), (Sink.Last<BookSnapshot>().Sequence, Sink.Take<BookSnapshot>().Positions.Count));
        _desk.Say(events[1]);
        var change = Sink.Take<BookChanged>();
        Assert.Empty(change.Positions);
        Assert.Single(change.Deals);
    }

    [Fact]
    public void An_older_state_does_not_undo_a_newer_one()
    {
        _desk.Broker.Positions.Add(Open(501, 200_000, 1.1, at: At + 1_000));
        _desk.Instead[typeof(ProtoOAReconcileReq)] = m =>
        {
            // Overtaken: an event of the volume before the look.
            _desk.Wire.Say(Event(ProtoOAExecutionType.OrderReplaced, Order(602, 501, 300_000, ProtoOAOrderType.StopLossTakeProfit, closing: true, at: At), Open(501, 300_000, 1.1, at: At)));
            return _desk.Broker.Answer(new ProtoOAReconcileReq(), 0);
        };
        _desk.Ask(1);
        Assert.Equal(0.02m, Sink.Take<BookSnapshot>().Positions[0].Volume.Value);
    }

    [Fact]
    public void A_list_in_pages_is_put_together_whichever_end_they_are_cut_from()
    {
        foreach (bool newest in new[] { true, false })
        {
            var desk = new Desk();
            long start = desk.NowMs - 60_000;
            for (int i = 0; i < 40; i++)
            {
                desk.Broker.Deals.Add(Deal(1_000 + i, 600, 501, 100_000, 1.1, at: start + (i / 2 * 10)));
            }

            desk.Instead[typeof(ProtoOADealListReq)] = m =>
            {
                var q = (ProtoOADealListReq)m.Body!;
                var all = desk.Broker.Deals.Where(d => d.ExecutionTimestamp >= q.FromTimestamp && d.ExecutionTimestamp <= q.ToTimestamp).ToList();
                var page = newest ? all.TakeLast(7) : all.Take(7);
                var answer = new ProtoOADealListRes { CtidTraderAccountId = Desk.Ctid, HasMore = all.Count > 7 };
                answer.Deal.AddRange(page);
                return answer;
            };
            desk.Ask(1);
            desk.Pass(20);
            Assert.Equal(Enumerable.Range(1_000, 40).Select(i => (long)i), desk.Sink.Take<BookSnapshot>().Deals.Select(d => d.Id.Value));
        }
    }

    [Fact]
    public void No_window_is_longer_than_a_week()
    {
        _desk.Ask(1, back: TimeSpan.FromDays(30).TotalSeconds);
        _desk.Pass(10);
        Sink.Take<BookSnapshot>();
        var lists = _desk.Reads.OfType<ProtoOADealListReq>().ToList();
        Assert.Equal(5, lists.Count);
        Assert.All(lists, q => Assert.True(q.ToTimestamp - q.FromTimestamp <= 604_800_000));
        Assert.Equal(5, _desk.Reads.OfType<ProtoOAOrderListReq>().Count());
    }

    [Theory]
    [InlineData(typeof(ProtoOAReconcileReq))]
    [InlineData(typeof(ProtoOADealListReq))]
    [InlineData(typeof(ProtoOAOrderListReq))]
    public void Any_part_that_fails_or_does_not_come_fails_the_whole(Type part)
    {
        _desk.Instead[part] = _ => new ProtoOAErrorRes { ErrorCode = "INCORRECT_BOUNDARIES", Description = "bad" };
        _desk.Ask(1);
        Assert.Contains("INCORRECT_BOUNDARIES", Sink.Take<AskFailed>().Reason, StringComparison.Ordinal);
        _desk.Instead[part] = _ => null;
        _desk.Ask(2);
        Sink.None<AskFailed>();
        _desk.Pass(20);
        Assert.Equal(2, Sink.Take<AskFailed>().Ask.Value);
        _desk.Instead.Clear();
        _desk.Ask(3);
        Assert.Equal(3, Sink.Take<BookSnapshot>().Ask.Value);
        Sink.None<AskFailed>();
    }

    [Fact]
    public void Questions_that_come_while_one_is_answered_share_the_next_look()
    {
        _desk.Session.Ask(new AskId(1), _desk.Now - TimeSpan.FromMinutes(2));
        _desk.Session.Ask(new AskId(2), _desk.Now - TimeSpan.FromMinutes(5));
        _desk.Session.Ask(new AskId(3), _desk.Now - TimeSpan.FromMinutes(2));
        _desk.Serve();
        _desk.Pass(3);
        Assert.Equal([1L, 2L, 3L], Sink.Of<BookSnapshot>().Select(s => s.Ask.Value));
        Assert.Equal(3, _desk.Reads.OfType<ProtoOAReconcileReq>().Count());
        Assert.Equal([2, 5, 2], Sink.Of<BookSnapshot>().Select(s => (int)Math.Round((s.TakenAt - s.HistoryFrom).TotalMinutes)));
    }

    [Fact]
    public void A_question_joins_a_look_of_which_nothing_has_left_yet()
    {
        // The history allowance is spent.
        for (int i = 0; i < 12; i++)
        {
            _desk.Session.Fetch(new DealsWanted(_desk.Now - TimeSpan.FromDays(1), _desk.Now), _ => { });
        }

        _desk.Serve();
        _desk.Session.Ask(new AskId(1), _desk.Now - TimeSpan.FromMinutes(2));
        int reconciles = _desk.Reads.OfType<ProtoOAReconcileReq>().Count();
        _desk.Serve();
        Assert.Equal(reconciles, _desk.Reads.OfType<ProtoOAReconcileReq>().Count());
        _desk.Time.Advance(TimeSpan.FromMilliseconds(10));
        _desk.Session.Ask(new AskId(2), _desk.Now - TimeSpan.FromMinutes(2));
        var second = _desk.Now;
        _desk.Pass(10);
        Assert.Equal([1L, 2L], Sink.Of<BookSnapshot>().Select(s => s.Ask.Value));
        Assert.All(Sink.Of<BookSnapshot>(), s => Assert.Equal(second, s.TakenAt));
        Assert.Equal(reconciles + 1, _desk.Reads.OfType<ProtoOAReconcileReq>().Count());
    }

    [Fact]
    public void A_question_without_a_session_or_whose_session_is_lost_fails()
    {
        _desk.Instead[typeof(ProtoOAReconcileReq)] = _ => null;
        _desk.Ask(1);
        _desk.Wire.Break();
        Assert.Equal(1, Sink.Take<AskFailed>().Ask.Value);
        _desk.Session.Ask(new AskId(2), _desk.Now);
        Assert.Equal(2, Sink.Take<AskFailed>().Ask.Value);
    }
}

using Lockstep.CTrader.Session;
using Lockstep.CTrader.Tests.Account;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;
using static Lockstep.CTrader.Tests.Account.Broker;

namespace Lockstep.CTrader.Tests.Review;

public class StateReviewTests
{
    [Fact]
    public void The_balance_of_a_deal_that_came_while_the_account_was_read_counts()
    {
        var desk = new Desk(start: false);
        desk.Instead[typeof(ProtoOAReconcileReq)] = _ =>
        {
            desk.Wire.Say(Closed(Closing(Deal(711, 611, 501, 300_000, 1.1, ProtoOATradeSide.Sell), 1.1, 2_500, 1_002_500, 6)));
            return new ProtoOAReconcileRes { CtidTraderAccountId = Desk.Ctid };
        };
        desk.Up();
        desk.Pass(1);
        Assert.Equal(10_025m, desk.Sink.Money[^1].Balance.Value);
    }

    [Fact]
    public void A_deposit_without_a_version_that_came_while_the_account_was_read_has_the_trader_read_again()
    {
        var desk = new Desk(start: false);
        desk.Instead[typeof(ProtoOAReconcileReq)] = _ =>
        {
            var swap = Event(ProtoOAExecutionType.Swap, null, Open(501, 300_000, 1.1));
            desk.Wire.Say(swap);
            desk.Broker.Trader.Balance = 1_000_100;
            return new ProtoOAReconcileRes { CtidTraderAccountId = Desk.Ctid };
        };
        desk.Up();
        desk.Pass(1);
        Assert.Equal(10_001m, desk.Sink.Money[^1].Balance.Value);
    }

    [Fact]
    public void A_look_that_was_turned_away_begins_anew_and_nothing_of_it_is_older_than_it_says()
    {
        var desk = new Desk();
        desk.Reads.Clear();
        desk.Instead[typeof(ProtoOAReconcileReq)] = _ => new ProtoOAErrorRes { ErrorCode = "BLOCKED_PAYLOAD_TYPE", RetryAfter = 3 };
        desk.Ask(1);
        desk.Pass(1);
        desk.Instead.Clear();
        Assert.DoesNotContain(desk.Reads, r => r is ProtoOADealListReq or ProtoOAOrderListReq);
        desk.Ask(2);
        var second = desk.Now;
        desk.Pass(5);
        Assert.Equal([1L, 2L], desk.Sink.Of<BookSnapshot>().Select(s => s.Ask.Value));
        Assert.All(desk.Sink.Of<BookSnapshot>(), s => Assert.Equal(second, s.TakenAt));
        Assert.True(desk.Reads.FindLastIndex(r => r is ProtoOAReconcileReq) < desk.Reads.FindIndex(r => r is ProtoOADealListReq or ProtoOAOrderListReq));
    }

    [Fact]
    public void Quotes_and_volumes_that_cannot_be_leave_questions_answered()
    {
        var desk = new Desk(start: false);
        desk.Broker.Positions.Add(Open(501, 9_000_000_000_000_000_000, 1.1));
        desk.Broker.Positions.Add(Open(502, 300_000, 151, symbol: 4));
        desk.Up();
        desk.Say(Spot(1, long.MaxValue / 2 - 1, long.MaxValue / 2 - 1));
        desk.Say(Spot(4, 1, long.MaxValue / 2 - 1));
        desk.Ask(1);
        desk.Pass(2);
        desk.Sink.Take<BookSnapshot>();
        desk.Ask(2);
        desk.Pass(2);
        desk.Sink.Take<BookSnapshot>();
        Assert.Equal(0, desk.Hub.Counters[CTraderCount.SinkErrors]);
    }

    [Fact]
    public void An_answer_that_makes_no_sense_ends_its_question_and_not_the_next_one()
    {
        var desk = new Desk();
        DataAnswer? first = null;
        DataAnswer? second = null;
        desk.Instead[typeof(ProtoOAGetTickDataReq)] = _ =>
        {
            var page = new ProtoOAGetTickDataRes { CtidTraderAccountId = Desk.Ctid, HasMore = false };
            page.TickData.Add(new ProtoOATickData { Timestamp = desk.NowMs, Tick = 110_000 });
            page.TickData.Add(new ProtoOATickData { Timestamp = long.MinValue, Tick = 1 });
            return page;
        };
        desk.Session.Fetch(new TicksWanted(new SymbolName("EURUSD"), desk.Now - TimeSpan.FromMinutes(1), desk.Now, 10), a => first = a);
        desk.Session.Fetch(new DealsWanted(desk.Now - TimeSpan.FromMinutes(1), desk.Now), a => second = a);
        desk.Serve();
        desk.Pass(2);
        Assert.IsType<DataRefused>(first);
        Assert.IsType<DealsFound>(second);
    }

    [Fact]
    public void The_accounts_own_environment_is_asked_again_after_a_maintenance_that_looked_like_the_wrong_one()
    {
        var desk = new Desk(start: false);
        desk.Instead[typeof(ProtoOAAccountAuthReq)] = _ => new ProtoOAErrorRes { ErrorCode = "CANT_ROUTE_REQUEST" };
        desk.Up();
        Assert.Equal(OpenApiEnvironment.Live, desk.Wire.Environment);
        desk.Wire.Accept();
        desk.Serve();
        desk.Pass(610, 1);
        Assert.Equal(OpenApiEnvironment.Demo, desk.Wire.Environment);
        desk.Instead.Clear();
        desk.Wire.Accept();
        desk.Serve();
        desk.Sink.Take<SessionOpened>();
    }

    [Fact]
    public void An_environment_that_cannot_be_reached_does_not_keep_the_account_from_its_own()
    {
        var desk = new Desk(start: false);
        desk.Instead[typeof(ProtoOAAccountAuthReq)] = _ => new ProtoOAErrorRes { ErrorCode = "CANT_ROUTE_REQUEST" };
        desk.Up();
        desk.Instead.Clear();
        Assert.Equal(OpenApiEnvironment.Live, desk.Wire.Environment);
        desk.Pass(610, 1);
        Assert.Equal(OpenApiEnvironment.Demo, desk.Wire.Environment);
        desk.Wire.Accept();
        desk.Serve();
        desk.Sink.Take<SessionOpened>();
    }

    [Fact]
    public void A_chain_that_was_not_to_be_had_is_asked_for_again()
    {
        var desk = new Desk(start: false);
        desk.Broker.Positions.Add(Open(501, 1_000_000, 151, ProtoOATradeSide.Sell, 4));
        desk.Instead[typeof(ProtoOASymbolsForConversionReq)] = _ => new ProtoOAErrorRes { ErrorCode = "UNKNOWN_ERROR" };
        desk.Up();
        desk.Pass(6);
        Assert.Empty(desk.Sink.Floats);
        int asked = desk.Reads.OfType<ProtoOASymbolsForConversionReq>().Count();
        desk.Pass(20);
        Assert.Equal(asked, desk.Reads.OfType<ProtoOASymbolsForConversionReq>().Count());
        desk.Instead.Clear();
        desk.Pass(10);
        Assert.Single(desk.Sink.Floats);
    }

    [Fact]
    public void A_symbol_that_only_converts_is_quoted_on_after_the_lists_were_read_again()
    {
        var desk = new Desk(start: false);
        desk.Broker.Positions.Add(Open(501, 1_000_000, 151, ProtoOATradeSide.Sell, 4));
        desk.Broker.Spots[99] = (10_000_000, 10_000_000);
        desk.Instead[typeof(ProtoOASymbolsForConversionReq)] = m => ((ProtoOASymbolsForConversionReq)m.Body!).FirstAssetId == Jpy
            ? new ProtoOASymbolsForConversionRes { CtidTraderAccountId = Desk.Ctid, Symbol = { Light(99, "USDJPY.hidden", Usd, Jpy) } }
            : desk.Broker.Answer(m.Body!, 0);
        desk.Up();
        desk.Pass(1);
        Assert.Equal(99.8m, Assert.Single(desk.Sink.Floats).Profit.Value);
        desk.Say(new ProtoOASymbolChangedEvent { CtidTraderAccountId = Desk.Ctid, SymbolId = { 1 } });
        desk.Say(Spot(99, 20_000_000, 20_000_000));
        desk.Pass(1);
        Assert.Equal(49.9m, Assert.Single(desk.Sink.Floats).Profit.Value);
    }

    [Fact]
    public void A_symbol_with_another_name_makes_the_session_begin_anew()
    {
        var desk = new Desk(start: false);
        desk.Broker.Positions.Add(Open(501, 300_000, 1.1));
        desk.Up();
        desk.Broker.Lights[0].SymbolName = "EURUSD.x";
        desk.Say(new ProtoOASymbolChangedEvent { CtidTraderAccountId = Desk.Ctid, SymbolId = { 1 } });
        Assert.Contains(desk.Sink.Last<SessionOpened>().Symbols, s => s.Name.Value == "EURUSD.x");
        Assert.Equal(2, desk.Sink.Last<SessionOpened>().Epoch);
        desk.Ask(1);
        Assert.Equal("EURUSD.x", Assert.Single(desk.Sink.Take<BookSnapshot>().Positions).Symbol.Value);
        desk.Say(Spot(1, 120_000, 120_010));
        desk.Pass(1);
        Assert.Equal(300m, Assert.Single(desk.Sink.Floats).Profit.Value);
    }

    [Fact]
    public void One_symbol_that_is_subscribed_already_does_not_leave_the_others_without_quotes()
    {
        var desk = new Desk(start: false);
        var served = new HashSet<long>();
        desk.Instead[typeof(ProtoOASubscribeSpotsReq)] = m =>
        {
            var ids = ((ProtoOASubscribeSpotsReq)m.Body!).SymbolId;
            if (ids.Contains(4))
            {
                return new ProtoOAErrorRes { ErrorCode = "ALREADY_SUBSCRIBED" };
            }

            served.UnionWith(ids);
            return desk.Broker.Answer(m.Body!, 0);
        };
        desk.Up();
        desk.Pass(1);
        desk.Sink.Take<SessionOpened>();
        Assert.Superset(new HashSet<long> { 1, 41, 7, 9 }, served);
        int asked = desk.Reads.OfType<ProtoOASubscribeSpotsReq>().Count();
        desk.Pass(65);
        Assert.Equal(asked, desk.Reads.OfType<ProtoOASubscribeSpotsReq>().Count());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_page_that_is_full_at_the_edge_of_its_window_hides_nothing(bool newest)
    {
        var desk = new Desk();
        long from = desk.NowMs - (long)TimeSpan.FromDays(8).TotalMilliseconds;
        long edge = newest ? from + (long)TimeSpan.FromDays(7).TotalMilliseconds - 1 : from;
        for (int i = 0; i < 4; i++)
        {
            desk.Broker.Deals.Add(Deal(1_000 + i, 600, 501, 100_000, 1.1, at: i < 2 ? edge : from + 1_000 + i));
        }

        desk.Instead[typeof(ProtoOADealListReq)] = m =>
        {
            var q = (ProtoOADealListReq)m.Body!;
            var all = desk.Broker.Deals.Where(d => d.ExecutionTimestamp >= q.FromTimestamp && d.ExecutionTimestamp <= q.ToTimestamp).OrderBy(d => d.ExecutionTimestamp).ToList();
            var answer = new ProtoOADealListRes { CtidTraderAccountId = Desk.Ctid, HasMore = all.Count > 2 };
            answer.Deal.AddRange(newest ? all.TakeLast(2) : all.Take(2));
            return answer;
        };
        desk.Ask(1, TimeSpan.FromDays(8).TotalSeconds);
        desk.Pass(20);
        Assert.Equal([1_000L, 1_001L, 1_002L, 1_003L], desk.Sink.Take<BookSnapshot>().Deals.Select(d => d.Id.Value).Order());
    }

    [Fact]
    public void More_in_one_millisecond_than_a_page_holds_fails_the_whole()
    {
        var desk = new Desk();
        long at = desk.NowMs;
        for (int i = 0; i < 3; i++)
        {
            desk.Broker.Deals.Add(Deal(1_000 + i, 600, 501, 100_000, 1.1, at: at));
        }

        desk.Instead[typeof(ProtoOADealListReq)] = m =>
        {
            var q = (ProtoOADealListReq)m.Body!;
            var answer = new ProtoOADealListRes { CtidTraderAccountId = Desk.Ctid, HasMore = q.FromTimestamp <= at && q.ToTimestamp >= at };
            answer.Deal.AddRange(desk.Broker.Deals.Take(answer.HasMore ? 2 : 0));
            return answer;
        };
        desk.Ask(1);
        desk.Pass(10);
        desk.Sink.Take<AskFailed>();
        desk.Sink.None<BookSnapshot>();
    }

    [Fact]
    public void A_position_that_is_younger_than_its_end_is_open_again()
    {
        var desk = new Desk(start: false);
        desk.Broker.Positions.Add(Open(501, 300_000, 1.1));
        desk.Up();

        // A deal without its position, of more than was left by it: what it was worked out to is not what the server has.
        desk.Say(Event(ProtoOAExecutionType.OrderFilled, null, null, Closing(Deal(711, 611, 501, 300_000, 1.1, ProtoOATradeSide.Sell, at: At + 500), 1.1, 0, 1_000_000, 6)));
        Assert.Single(desk.Sink.Take<BookChanged>().ClosedPositions);
        desk.Broker.Positions[0] = Open(501, 200_000, 1.1, ProtoOATradeSide.Sell, at: At + 500);
        desk.Ask(1);
        Assert.Equal((Side.Sell, 0.02m), (Assert.Single(desk.Sink.Last<BookSnapshot>().Positions).Side, desk.Sink.Take<BookSnapshot>().Positions[0].Volume.Value));
    }

    [Fact]
    public void A_position_without_volume_is_closed_whatever_it_is_called()
    {
        var desk = new Desk(start: false);
        desk.Broker.Positions.Add(Open(501, 300_000, 1.1));
        desk.Up();
        var closed = Closed(Closing(Deal(711, 611, 501, 300_000, 1.1, ProtoOATradeSide.Sell), 1.1, 0, 1_000_000, 6));
        closed.Position.PositionStatus = ProtoOAPositionStatus.PositionStatusOpen;
        desk.Say(closed);
        Assert.Equal([new PositionId(501)], desk.Sink.Take<BookChanged>().ClosedPositions);
    }

    [Fact]
    public void A_server_whose_clock_is_ahead_hides_no_deal()
    {
        var desk = new Desk();
        var spot = Spot(1, 110_000, 110_010);
        spot.Timestamp = desk.NowMs + 300_000;
        desk.Say(spot);
        desk.Broker.Deals.Add(Deal(1_000, 600, 501, 100_000, 1.1, at: desk.NowMs + 299_000));
        desk.Ask(1);
        Assert.Single(desk.Sink.Take<BookSnapshot>().Deals);
    }

    [Fact]
    public void Many_mute_accounts_drop_the_connection_they_share_no_oftener_than_one()
    {
        var desk = new Desk(start: false);
        desk.Instead[typeof(ProtoOAAccountAuthReq)] = _ => null;
        for (int i = 1; i <= 4; i++)
        {
            desk.Hub.Open(new CTraderAccount { Id = new AccountId("ct" + i), CtidTraderAccountId = Desk.Ctid + i, Environment = OpenApiEnvironment.Demo, Grant = Desk.Grant }, 1).Start(new Sink());
        }

        desk.Session.Start(desk.Sink);
        for (int second = 0; second < 300; second++)
        {
            if (desk.Wire is { IsOpen: true, All.Count: 0 })
            {
                desk.Wire.Accept();
            }

            desk.Pass(1, 1);
        }

        Assert.Equal(2, desk.Dialer.Wires.Count);
    }

    private static ProtoOAExecutionEvent Closed(ProtoOADeal deal) => Event(
        ProtoOAExecutionType.OrderFilled, Order(611, 501, 300_000, status: ProtoOAOrderStatus.OrderStatusFilled, closing: true, side: ProtoOATradeSide.Sell, executed: 300_000),
        Shell(501, ProtoOAPositionStatus.PositionStatusClosed, at: At + 500), deal);
}

using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;
using static Lockstep.CTrader.Tests.Account.Broker;

namespace Lockstep.CTrader.Tests.Account;

public class DataTests
{
    private readonly Desk _desk = new();
    private readonly List<DataAnswer> _answers = [];

    [Fact]
    public void Candles_come_in_pages_without_the_forming_one()
    {
        Bars(12_000, TimeSpan.FromMinutes(1));
        var from = _desk.Now - TimeSpan.FromMinutes(9_000);
        Fetch(new CandlesWanted(new SymbolName("EURUSD"), Timeframe.M1, from, _desk.Now, 10_000));
        var found = Assert.IsType<CandlesFound>(Assert.Single(_answers));
        Assert.Equal(9_000, found.Candles.Count);
        Assert.Equal(from, found.Candles[0].At);
        Assert.Equal(_desk.Now - TimeSpan.FromMinutes(1), found.Candles[^1].At);
        Assert.Equal(_desk.Now, found.Live!.At);
        var bar = found.Candles[^1];
        Assert.Equal((1.1001m, 1.1005m, 1.1m, 1.1003m, 7L), (bar.Open.Value, bar.High.Value, bar.Low.Value, bar.Close.Value, bar.Ticks));
        Assert.All(_desk.Reads.OfType<ProtoOAGetTrendbarsReq>(), q => Assert.InRange(q.Count, 1u, 5_000u));
    }

    [Fact]
    public void No_more_than_the_limit_and_the_newest_ones()
    {
        Bars(500, TimeSpan.FromMinutes(5));
        Fetch(new CandlesWanted(new SymbolName("EURUSD"), Timeframe.M5, _desk.Now - TimeSpan.FromDays(1), _desk.Now, 10));
        var found = Assert.IsType<CandlesFound>(Assert.Single(_answers));
        Assert.Equal(10, found.Candles.Count);
        Assert.Equal(_desk.Now - TimeSpan.FromMinutes(5), found.Candles[^1].At);
    }

    [Fact]
    public void The_forming_candle_is_the_live_bar_with_the_bid_as_its_close()
    {
        Bars(50, TimeSpan.FromMinutes(1));
        Fetch(new CandlesWanted(new SymbolName("EURUSD"), Timeframe.M1, _desk.Now - TimeSpan.FromMinutes(5), _desk.Now, 10));
        Assert.Single(_desk.Reads.OfType<ProtoOASubscribeLiveTrendbarReq>());
        var spot = Spot(1, 110_040, null);
        spot.Trendbar.Add(new ProtoOATrendbar { Period = ProtoOATrendbarPeriod.M1, Low = 110_000, DeltaOpen = 10, DeltaHigh = 30, Volume = 3, UtcTimestampInMinutes = (uint)(_desk.NowMs / 60_000) });
        _desk.Say(spot);
        _answers.Clear();
        Fetch(new CandlesWanted(new SymbolName("EURUSD"), Timeframe.M1, _desk.Now - TimeSpan.FromMinutes(5), _desk.Now, 10));
        var found = Assert.IsType<CandlesFound>(Assert.Single(_answers));
        Assert.Equal((1.1001m, 1.1004m, 1.1m, 1.1004m), (found.Live!.Open.Value, found.Live.High.Value, found.Live.Low.Value, found.Live.Close.Value));
        Assert.Equal(5, found.Candles.Count);
        Assert.DoesNotContain(found.Candles, c => c.At >= _desk.Now);
        Assert.Single(_desk.Reads.OfType<ProtoOASubscribeLiveTrendbarReq>());
        _desk.Pass(601, 1);
        Assert.Single(_desk.Reads.OfType<ProtoOAUnsubscribeLiveTrendbarReq>());
    }

    [Fact]
    public void Ticks_of_both_sides_become_quotes()
    {
        long end = _desk.NowMs;
        _desk.Instead[typeof(ProtoOAGetTickDataReq)] = m =>
        {
            var q = (ProtoOAGetTickDataReq)m.Body!;
            var answer = new ProtoOAGetTickDataRes { CtidTraderAccountId = Desk.Ctid };
            bool bid = q.Type == ProtoOAQuoteType.Bid;

            // Bids at 1, 3, 5 s ago; asks at 2 and 4 s ago; two rows a page.
            var ticks = (bid ? new[] { (1L, 110_003L), (3L, 110_001L), (5L, 110_000L) } : [(2L, 110_012L), (4L, 110_010L)]).Where(t => end - (t.Item1 * 1_000) <= q.ToTimestamp).ToList();
            answer.HasMore = ticks.Count > 2;
            long at = 0;
            long price = 0;
            foreach (var (ago, tick) in ticks.Take(2))
            {
                long time = end - (ago * 1_000);
                answer.TickData.Add(new ProtoOATickData { Timestamp = time - at, Tick = tick - price });
                (at, price) = (time, tick);
            }

            return answer;
        };
        Fetch(new TicksWanted(new SymbolName("EURUSD"), _desk.Now - TimeSpan.FromMinutes(1), _desk.Now, 100));
        var found = Assert.IsType<TicksFound>(Assert.Single(_answers));
        Assert.Equal(
            [(4, 1.1m, 1.1001m), (3, 1.10001m, 1.1001m), (2, 1.10001m, 1.10012m), (1, 1.10003m, 1.10012m)],
            found.Ticks.Select(t => ((int)(_desk.Now - t.At).TotalSeconds, t.Bid.Value, t.Ask.Value)).ToArray());
    }

    [Fact]
    public void Deals_of_a_position_have_their_orders_labels()
    {
        long at = _desk.NowMs - 5_000;
        _desk.Instead[typeof(ProtoOAOrderListByPositionIdReq)] = _ => new ProtoOAOrderListByPositionIdRes
        {
            CtidTraderAccountId = Desk.Ctid, HasMore = false, Order = { Order(601, 501, 100_000, status: ProtoOAOrderStatus.OrderStatusFilled, label: Desk.Key(0).ToString(), at: at) },
        };
        _desk.Instead[typeof(ProtoOADealListByPositionIdReq)] = _ => new ProtoOADealListByPositionIdRes
        {
            CtidTraderAccountId = Desk.Ctid, HasMore = false, Deal = { Deal(702, 603, 501, 50_000, 1.1, ProtoOATradeSide.Sell, at: at + 1), Deal(701, 601, 501, 100_000, 1.1, at: at) },
        };
        Fetch(new DealsWanted(_desk.Now - TimeSpan.FromHours(1), _desk.Now) { Position = new PositionId(501) });
        var found = Assert.IsType<DealsFound>(Assert.Single(_answers));
        Assert.Equal([701L, 702L], found.Deals.Select(d => d.Id.Value));
        Assert.Equal(Desk.Key(0), found.Deals[0].Tag.Key);
    }

    [Fact]
    public void Deals_of_a_time_are_its_own()
    {
        _desk.Broker.Deals.Add(Deal(701, 601, 501, 100_000, 1.1, at: _desk.NowMs - 90_000));
        _desk.Broker.Deals.Add(Deal(702, 601, 501, 100_000, 1.1, at: _desk.NowMs - 30_000));
        Fetch(new DealsWanted(_desk.Now - TimeSpan.FromMinutes(1), _desk.Now));
        Assert.Equal([702L], Assert.IsType<DealsFound>(Assert.Single(_answers)).Deals.Select(d => d.Id.Value));
    }

    [Fact]
    public void One_at_a_time_and_twenty_wait()
    {
        _desk.Instead[typeof(ProtoOAGetTrendbarsReq)] = _ => null;
        var wanted = new CandlesWanted(new SymbolName("EURUSD"), Timeframe.M1, _desk.Now - TimeSpan.FromMinutes(5), _desk.Now, 10);
        for (int i = 0; i < 22; i++)
        {
            _desk.Session.Fetch(wanted, _answers.Add);
        }

        Assert.Equal(Refusal.Busy, Assert.IsType<DataRefused>(Assert.Single(_answers)).Refusal);
        _desk.Serve();
        Assert.Single(_desk.Reads.OfType<ProtoOAGetTrendbarsReq>());
        _desk.Wire.Break();
        Assert.Equal(22, _answers.Count);
        Assert.All(_answers.Skip(1), a => Assert.Equal(Refusal.NotSent, Assert.IsType<DataRefused>(a).Refusal));
    }

    [Fact]
    public void What_cannot_be_asked_is_refused()
    {
        Fetch(new CandlesWanted(new SymbolName("NONE"), Timeframe.M1, _desk.Now - TimeSpan.FromMinutes(5), _desk.Now, 10));
        Fetch(new CandlesWanted(new SymbolName("EURUSD"), (Timeframe)7, _desk.Now - TimeSpan.FromMinutes(5), _desk.Now, 10));
        Fetch(new CandlesWanted(new SymbolName("EURUSD"), Timeframe.M1, _desk.Now, _desk.Now - TimeSpan.FromMinutes(5), 10));
        Fetch(new TicksWanted(new SymbolName("EURUSD"), _desk.Now - TimeSpan.FromMinutes(5), _desk.Now, 10_001));
        Assert.Equal([Refusal.UnknownSymbol, Refusal.InvalidRequest, Refusal.InvalidRequest, Refusal.InvalidRequest], _answers.Select(a => ((DataRefused)a).Refusal));
        _desk.Instead[typeof(ProtoOAGetTrendbarsReq)] = _ => new ProtoOAErrorRes { ErrorCode = "INCORRECT_BOUNDARIES" };
        Fetch(new CandlesWanted(new SymbolName("EURUSD"), Timeframe.M1, _desk.Now - TimeSpan.FromMinutes(5), _desk.Now, 10));
        Assert.Equal(Refusal.InvalidRequest, ((DataRefused)_answers[^1]).Refusal);
    }

    private void Fetch(DataRequest request)
    {
        _desk.Session.Fetch(request, _answers.Add);
        _desk.Serve();
    }

    /// <summary>Bars up to the one that opens now; the server minds the end and the count, not the beginning (guide §11).</summary>
    private void Bars(int count, TimeSpan length)
    {
        long now = _desk.NowMs;
        _desk.Instead[typeof(ProtoOAGetTrendbarsReq)] = m =>
        {
            var q = (ProtoOAGetTrendbarsReq)m.Body!;
            var answer = new ProtoOAGetTrendbarsRes { CtidTraderAccountId = Desk.Ctid, Period = q.Period, SymbolId = q.SymbolId };
            for (int i = count - 1; i >= 0; i--)
            {
                long at = now - (i * (long)length.TotalMilliseconds);
                if (at <= q.ToTimestamp)
                {
                    answer.Trendbar.Add(new ProtoOATrendbar { Low = 110_000, DeltaOpen = 10, DeltaClose = 30, DeltaHigh = 50, Volume = 7, UtcTimestampInMinutes = (uint)(at / 60_000) });
                }
            }

            while (answer.Trendbar.Count > q.Count)
            {
                answer.Trendbar.RemoveAt(0);
            }

            return answer;
        };
    }
}

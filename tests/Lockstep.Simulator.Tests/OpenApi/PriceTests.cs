using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.Simulator.Tests.OpenApi;

/// <summary>Guide §11.</summary>
public sealed class PriceTests
{
    [Theory] // First event: both sides and sessionClose, before the answer (recorded) or after it.
    [InlineData(true)]
    [InlineData(false)]
    public void The_first_spot_has_both_sides_before_or_after_the_answer(bool before)
    {
        var world = new ApiWorld();
        var client = world.Ready();
        world.Server.Faults = new SimOpenApiFaults { SpotBeforeAnswer = before };
        client.Send(Subscribe(world.Eur));
        Assert.Equal(before ? [2131u, 2128u] : [2128u, 2131u], client.Heard.Select(m => m.PayloadType));
        var first = client.Spots.Single();
        Assert.Equal((110_000UL, 110_010UL, true, false), (first.Bid, first.Ask, first.HasSessionClose, first.HasTimestamp));
    }

    [Fact] // One-sided updates; timestamp in ms only when asked for; prices × 100000 whatever the digits.
    public void Only_what_changed_is_told()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        var timed = world.Ready();
        client.Ask<ProtoOASubscribeSpotsRes>(Subscribe(world.Eur, world.Gold));
        timed.Ask<ProtoOASubscribeSpotsRes>(new ProtoOASubscribeSpotsReq { CtidTraderAccountId = ApiWorld.Demo, SymbolId = { world.Eur }, SubscribeToSpotTimestamp = true });
        client.Heard.Clear();
        timed.Heard.Clear();
        world.Quote(1.10001m, 1.10010m);
        world.Quote(1.10001m, 1.10012m);
        world.Quote(1.10001m, 1.10012m);
        Assert.Equal([(true, false, false), (false, true, false)], client.Spots.Select(s => (s.HasBid, s.HasAsk, s.HasSessionClose)));
        Assert.Equal([world.Clock.Now.Micros / 1000, world.Clock.Now.Micros / 1000], timed.Spots.Select(s => s.Timestamp));
        client.Heard.Clear();
        world.Broker.OnQuote(World.GoldName, new Price(2001.37m), new Price(2001.57m));
        Assert.Equal((200_137_000UL, 200_157_000UL), (client.Spots.Single().Bid, client.Spots.Single().Ask));
    }

    [Fact]
    public void Subscriptions_are_counted_once_and_end()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        client.Ask<ProtoOASubscribeSpotsRes>(Subscribe(world.Eur));
        Assert.Equal("ALREADY_SUBSCRIBED", client.Fail(Subscribe(world.Gold, world.Eur)).ErrorCode);
        Assert.Equal("SYMBOL_NOT_FOUND", client.Fail(Subscribe(4242)).ErrorCode);
        Assert.Equal("NOT_SUBSCRIBED_TO_SPOTS", client.Fail(new ProtoOAUnsubscribeSpotsReq { CtidTraderAccountId = ApiWorld.Demo, SymbolId = { world.Gold } }).ErrorCode);
        client.Ask<ProtoOAUnsubscribeSpotsRes>(new ProtoOAUnsubscribeSpotsReq { CtidTraderAccountId = ApiWorld.Demo, SymbolId = { world.Eur } });
        client.Heard.Clear();
        world.Quote(1.2m, 1.3m);
        Assert.Empty(client.Heard);

        // Nothing survives a session.
        client.Ask<ProtoOASubscribeSpotsRes>(Subscribe(world.Eur));
        client.Send(new ProtoOAAccountLogoutReq { CtidTraderAccountId = ApiWorld.Demo });
        client.Authorize(ApiWorld.Demo, world.Server.Grants.Grant("anna", true).Access);
        client.Heard.Clear();
        world.Quote(1.4m, 1.5m);
        Assert.Empty(client.Heard);
        client.Ask<ProtoOASubscribeSpotsRes>(Subscribe(world.Eur));
    }

    [Fact] // Live trendbars: need spots (else INVALID_REQUEST), ride in spots when the bid moves, with period, without deltaClose.
    public void Live_bars_ride_in_spots_without_a_close()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        var wanted = new ProtoOASubscribeLiveTrendbarReq { CtidTraderAccountId = ApiWorld.Demo, SymbolId = world.Eur, Period = ProtoOATrendbarPeriod.M5 };
        Assert.Equal("INVALID_REQUEST", client.Fail(wanted).ErrorCode);
        client.Ask<ProtoOASubscribeSpotsRes>(Subscribe(world.Eur));
        client.Ask<ProtoOASubscribeLiveTrendbarRes>(wanted);
        Assert.Equal("ALREADY_SUBSCRIBED", client.Fail(wanted).ErrorCode);
        client.Heard.Clear();
        world.Quote(1.10050m, 1.10060m);
        world.Quote(1.10050m, 1.10061m);
        world.Quote(1.09990m, 1.10061m);
        Assert.Equal([1, 0, 1], client.Spots.Select(s => s.Trendbar.Count));
        var bar = client.Spots.Last().Trendbar[0];
        Assert.Equal((4L, 109_990L, 10UL, 60UL, false, ProtoOATrendbarPeriod.M5), (bar.Volume, bar.Low, bar.DeltaOpen, bar.DeltaHigh, bar.HasDeltaClose, bar.Period));
        Assert.True(bar.HasPeriod);

        world.Wait(20);
        client.Send(new ProtoHeartbeatEvent());
        for (int i = 0; i < 14; i++)
        {
            world.Wait(20);
            client.Send(new ProtoHeartbeatEvent());
        }

        world.Quote(1.10000m, 1.10010m);
        Assert.Equal((1L, bar.UtcTimestampInMinutes + 5), (client.Spots.Last().Trendbar[0].Volume, client.Spots.Last().Trendbar[0].UtcTimestampInMinutes));

        // The bar that is over is the one of history.
        var past = Bars(client, world, ProtoOATrendbarPeriod.M5).Trendbar[0];
        Assert.Equal((bar.UtcTimestampInMinutes, bar.Low, bar.DeltaHigh, bar.Volume), (past.UtcTimestampInMinutes, past.Low, past.DeltaHigh, past.Volume));
        client.Ask<ProtoOAUnsubscribeLiveTrendbarRes>(new ProtoOAUnsubscribeLiveTrendbarReq { CtidTraderAccountId = ApiWorld.Demo, SymbolId = world.Eur, Period = ProtoOATrendbarPeriod.M5 });
        client.Heard.Clear();
        world.Quote(1.10001m, 1.10010m);
        Assert.Empty(client.Spots.Single().Trendbar);
    }

    [Fact] // Historical bars: period unset, oldest first, no bar without ticks, count an upper bound that fromTimestamp does not change, the deprecated timestamp is there.
    public void Historical_bars_are_as_recorded()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        foreach (int minute in new[] { 1, 1, 2, 5, 6 })
        {
            world.Server.AddTick(ApiWorld.Live, World.Eur, new Quote(new Price(1.2m + (minute * 0.001m)), new Price(1.3m), world.Clock.Now + TimeSpan.FromMinutes(minute)));
        }

        var live = world.Ready(account: ApiWorld.Live);
        long symbol = world.Server.SymbolId(ApiWorld.Live, World.Eur)!.Value;
        long now = world.Clock.Now.Micros / 1000;
        var all = live.Ask<ProtoOAGetTrendbarsRes>(new ProtoOAGetTrendbarsReq { CtidTraderAccountId = ApiWorld.Live, SymbolId = symbol, Period = ProtoOATrendbarPeriod.M1, FromTimestamp = now, ToTimestamp = now + 3_600_000 });
        Assert.Equal([0, 1, 2, 5, 6], all.Trendbar.Select(b => (int)(b.UtcTimestampInMinutes - (now / 60_000))));
        Assert.All(all.Trendbar, b => Assert.Equal((false, true), (b.HasPeriod, b.HasDeltaClose)));
        Assert.Equal((2L, 120_100L), (all.Trendbar[1].Volume, all.Trendbar[1].Low));
#pragma warning disable CS0612
        Assert.Equal((false, now + 3_600_000, symbol), (all.HasMore, all.Timestamp, all.SymbolId));
#pragma warning restore CS0612
        var two = live.Ask<ProtoOAGetTrendbarsRes>(new ProtoOAGetTrendbarsReq
        {
            CtidTraderAccountId = ApiWorld.Live, SymbolId = symbol, Period = ProtoOATrendbarPeriod.M1, FromTimestamp = now + 350_000, ToTimestamp = now + 300_000 + 3_300_000, Count = 2,
        });
        Assert.Equal([5, 6], two.Trendbar.Select(b => (int)(b.UtcTimestampInMinutes - (now / 60_000))));
        Assert.True(two.HasMore);
        Assert.Equal("INCORRECT_BOUNDARIES", client.Fail(new ProtoOAGetTrendbarsReq { CtidTraderAccountId = ApiWorld.Demo, SymbolId = world.Eur, Period = ProtoOATrendbarPeriod.M1, FromTimestamp = 2, ToTimestamp = 1 }).ErrorCode);
    }

    [Theory] // Alignment: up to H1 by the clock, from H4 on 17:00 New York, summer and winter.
    [InlineData("2026-01-15T20:59:00Z", ProtoOATrendbarPeriod.M30, "2026-01-15T20:30:00Z")]
    [InlineData("2026-01-15T21:59:00Z", ProtoOATrendbarPeriod.D1, "2026-01-14T22:00:00Z")]
    [InlineData("2026-01-15T22:00:00Z", ProtoOATrendbarPeriod.D1, "2026-01-15T22:00:00Z")]
    [InlineData("2026-07-15T21:00:00Z", ProtoOATrendbarPeriod.D1, "2026-07-15T21:00:00Z")]
    [InlineData("2026-07-15T20:59:59Z", ProtoOATrendbarPeriod.D1, "2026-07-14T21:00:00Z")]
    [InlineData("2026-07-15T10:30:00Z", ProtoOATrendbarPeriod.H4, "2026-07-15T09:00:00Z")]
    [InlineData("2026-01-15T10:30:00Z", ProtoOATrendbarPeriod.H12, "2026-01-15T10:00:00Z")]
    [InlineData("2026-03-08T12:00:00Z", ProtoOATrendbarPeriod.D1, "2026-03-07T22:00:00Z")]
    [InlineData("2026-03-08T21:30:00Z", ProtoOATrendbarPeriod.D1, "2026-03-08T21:00:00Z")]
    [InlineData("2026-11-01T21:30:00Z", ProtoOATrendbarPeriod.D1, "2026-10-31T21:00:00Z")]
    [InlineData("2026-11-01T22:00:00Z", ProtoOATrendbarPeriod.D1, "2026-11-01T22:00:00Z")]
    [InlineData("2026-01-14T12:00:00Z", ProtoOATrendbarPeriod.W1, "2026-01-11T22:00:00Z")]
    [InlineData("2026-01-18T21:59:00Z", ProtoOATrendbarPeriod.W1, "2026-01-11T22:00:00Z")]
    [InlineData("2026-01-18T22:00:00Z", ProtoOATrendbarPeriod.W1, "2026-01-18T22:00:00Z")]
    [InlineData("2026-01-31T22:30:00Z", ProtoOATrendbarPeriod.Mn1, "2026-01-31T22:00:00Z")]
    [InlineData("2026-07-20T12:00:00Z", ProtoOATrendbarPeriod.Mn1, "2026-06-30T21:00:00Z")]
    public void Bars_open_by_the_trading_day(string at, ProtoOATrendbarPeriod period, string opens)
    {
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        Assert.Equal(DateTimeOffset.Parse(opens, culture), DateTimeOffset.FromUnixTimeMilliseconds(SimTrendbars.Opening(DateTimeOffset.Parse(at, culture).ToUnixTimeMilliseconds(), period)));
    }

    [Fact] // Ticks: each side by itself, newest first, time and price as differences, one week at most.
    public void Ticks_are_differences_newest_first()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        long start = world.Clock.Now.Micros / 1000;
        world.Wait(1);
        world.Quote(1.10003m, 1.10010m);
        world.Wait(1);
        world.Quote(1.10003m, 1.10015m);
        world.Wait(1);
        world.Quote(1.09999m, 1.10015m);
        var bids = Ticks(ProtoOAQuoteType.Bid);
        Assert.Equal([(start + 3000, 109_999L), (-2000L, 4L), (-1000L, -3L)], bids.TickData.Select(t => (t.Timestamp, t.Tick)));
        Assert.False(bids.HasMore);
        Assert.Equal([(start + 2000, 110_015L), (-2000L, -5L)], Ticks(ProtoOAQuoteType.Ask).TickData.Select(t => (t.Timestamp, t.Tick)));
        Assert.Equal("INCORRECT_BOUNDARIES", client.Fail(new ProtoOAGetTickDataReq { CtidTraderAccountId = ApiWorld.Demo, SymbolId = world.Eur, Type = ProtoOAQuoteType.Bid, FromTimestamp = 0, ToTimestamp = start }).ErrorCode);

        ProtoOAGetTickDataRes Ticks(ProtoOAQuoteType type) => client.Ask<ProtoOAGetTickDataRes>(
            new ProtoOAGetTickDataReq { CtidTraderAccountId = ApiWorld.Demo, SymbolId = world.Eur, Type = type, FromTimestamp = start, ToTimestamp = start + 604_000_000 });
    }

    [Fact]
    public void Pages_of_ticks_go_on_before_the_oldest()
    {
        var world = new ApiWorld(new SimOpenApiSettings { Applications = [new("app", "secret", [])], TickPageRows = 2 });
        var client = world.Ready();
        for (int i = 1; i <= 3; i++)
        {
            world.Wait(1);
            world.Quote(1.10000m + (i * 0.00001m), 1.10010m);
        }

        var request = new ProtoOAGetTickDataReq { CtidTraderAccountId = ApiWorld.Demo, SymbolId = world.Eur, Type = ProtoOAQuoteType.Bid };
        var first = client.Ask<ProtoOAGetTickDataRes>(request);
        Assert.Equal((true, 110_003L, -1L), (first.HasMore, first.TickData[0].Tick, first.TickData[1].Tick));
        request.ToTimestamp = first.TickData.Sum(t => t.Timestamp) - 1;
        var second = client.Ask<ProtoOAGetTickDataRes>(request);
        Assert.Equal((false, 110_001L, 2), (second.HasMore, second.TickData[0].Tick, second.TickData.Count));
    }

    [Fact] // Depth: new and deleted quotes by id; who follows them has the whole of it.
    public void Depth_is_told_by_what_changes()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        client.Ask<ProtoOASubscribeDepthQuotesRes>(new ProtoOASubscribeDepthQuotesReq { CtidTraderAccountId = ApiWorld.Demo, SymbolId = { world.Eur } });
        Assert.Equal("ALREADY_SUBSCRIBED", client.Fail(new ProtoOASubscribeDepthQuotesReq { CtidTraderAccountId = ApiWorld.Demo, SymbolId = { world.Eur } }).ErrorCode);
        world.Quote(1.10000m, 1.10020m);
        world.Quote(1.09990m, 1.10020m);
        var book = new SortedDictionary<ulong, ProtoOADepthQuote>();
        foreach (var told in client.Heard.Select(m => m.Body).OfType<ProtoOADepthEvent>())
        {
            foreach (ulong gone in told.DeletedQuotes)
            {
                Assert.True(book.Remove(gone));
            }

            foreach (var quote in told.NewQuotes)
            {
                book.Add(quote.Id, quote);
            }
        }

        Assert.Equal(6, book.Count);
        Assert.Equal((109_990UL, 110_020UL), (book.Values.Where(q => q.HasBid).Max(q => q.Bid), book.Values.Where(q => q.HasAsk).Min(q => q.Ask)));
        client.Ask<ProtoOAUnsubscribeDepthQuotesRes>(new ProtoOAUnsubscribeDepthQuotesReq { CtidTraderAccountId = ApiWorld.Demo, SymbolId = { world.Eur } });
        client.Heard.Clear();
        world.Quote(1.2m, 1.3m);
        Assert.Empty(client.Heard);
    }

    private static ProtoOAGetTrendbarsRes Bars(ApiClient client, ApiWorld world, ProtoOATrendbarPeriod period) =>
        client.Ask<ProtoOAGetTrendbarsRes>(new ProtoOAGetTrendbarsReq { CtidTraderAccountId = ApiWorld.Demo, SymbolId = world.Eur, Period = period, Count = 100 });

    private static ProtoOASubscribeSpotsReq Subscribe(params long[] symbols) => new() { CtidTraderAccountId = ApiWorld.Demo, SymbolId = { symbols } };
}

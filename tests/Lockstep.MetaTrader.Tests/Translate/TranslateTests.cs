using Lockstep.Domain;
using Lockstep.MetaTrader.Tests.Session;
using Lockstep.MetaTrader.Translate;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Tests.Translate;

public sealed class TranslateTests
{
    private static readonly Timestamp Noon = Timestamp.From(new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(0)]
    [InlineData(10_800)]
    [InlineData(-18_000)]
    [InlineData(20_700)]
    public void The_brokers_clock_and_ours_are_converted_both_ways(int offset)
    {
        var clock = new ServerClock();
        clock.Set(offset);
        Assert.Equal(Noon, clock.ToUtc(clock.ToBroker(Noon)));
        Assert.Equal((Noon.Micros / 1000) + (offset * 1000L), clock.ToBroker(Noon));
        Assert.False(clock.Set(offset));
        Assert.True(clock.Set(offset + 3600));
    }

    [Fact]
    public void A_time_that_is_none_is_refused_and_breaks_nothing()
    {
        var clock = new ServerClock();
        var sound = new WirePosition { Id = 1, Ticket = 1, Symbol = "X", Buy = true, Lots = 1, Price = 1, Time = clock.ToBroker(Noon) };
        Assert.Null(Reports.Problem(sound, clock, Noon));
        foreach (long time in (long[])[0, -5, long.MinValue, long.MaxValue, clock.ToBroker(Noon + TimeSpan.FromDays(3))])
        {
            Assert.Contains("cannot be", Reports.Problem(sound with { Time = time }, clock, Noon), StringComparison.Ordinal);
        }

        Assert.False(ServerClock.IsSane(int.MaxValue));
        Assert.False(ServerClock.IsSane(int.MinValue));
    }

    [Theory]
    [InlineData("full", SymbolTrading.Full)]
    [InlineData("none", SymbolTrading.Disabled)]
    [InlineData("long", SymbolTrading.LongOnly)]
    [InlineData("short", SymbolTrading.ShortOnly)]
    [InlineData("close", SymbolTrading.CloseOnly)]
    [InlineData("whatever", SymbolTrading.Disabled)]
    public void What_may_be_traded_is_told(string trade, SymbolTrading trading) =>
        Assert.Equal(trading, Reports.Symbol(Terminal.Symbol("X") with { Trade = trade }).Trading);

    [Fact]
    public void An_order_is_never_larger_than_what_may_be_held()
    {
        Assert.Equal(new Lots(100), Reports.Symbol(Terminal.Symbol("X")).MaxLots);
        Assert.Equal(new Lots(15), Reports.Symbol(Terminal.Symbol("X") with { Limit = 15 }).MaxLots);
        Assert.Equal(new Lots(100), Reports.Symbol(Terminal.Symbol("X") with { Limit = 500 }).MaxLots);
    }

    [Fact]
    public void The_sum_of_fingerprints_is_that_of_what_stands()
    {
        var (clock, known) = (new ServerClock(), new Known());
        var a = new WirePosition { Id = 1, Ticket = 1, Symbol = "X", Buy = true, Lots = 1, Price = 1, Time = 1 };
        var order = new WireOrder { Id = 1, Symbol = "X", Buy = true, Type = "limit", Lots = 1, Price = 1, Time = 1 };
        known.Position(a, clock);
        known.Position(a with { Lots = 2 }, clock);
        known.Order(order, clock);
        Assert.Equal(LinkCodec.Fingerprint(a with { Lots = 2 }) + LinkCodec.Fingerprint(order), known.Digest);
        Assert.False(known.Whole);
        known.PositionGone(1);
        known.PositionGone(1);
        known.OrderGone(77);
        Assert.Equal(LinkCodec.Fingerprint(order), known.Digest);
        known.Renew(() => known.Position(a, clock));
        Assert.Equal(LinkCodec.Fingerprint(a), known.Digest);
        Assert.True(known.Whole);
        known.PositionGone(1);
        Assert.Equal(0UL, known.Digest);
    }
}

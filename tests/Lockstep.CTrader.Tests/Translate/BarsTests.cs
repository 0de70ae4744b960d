using Lockstep.CTrader.Tests.Account;
using Lockstep.CTrader.Translate;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Tests.Translate;

public class BarsTests
{
    private static readonly Timestamp Open = Timestamp.From(new DateTimeOffset(2026, 10, 31, 21, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(Timeframe.M1, 61, false)]
    [InlineData(Timeframe.M1, 62, true)]
    [InlineData(Timeframe.H1, 3_601, false)]
    [InlineData(Timeframe.H1, 3_602, true)]
    [InlineData(Timeframe.D1, 86_402, false)]
    [InlineData(Timeframe.D1, 89_999, false)]
    [InlineData(Timeframe.D1, 90_002, true)]
    [InlineData(Timeframe.W1, 604_802, false)]
    [InlineData(Timeframe.W1, 608_402, true)]
    [InlineData(Timeframe.MN1, 2_505_600, false)]
    [InlineData(Timeframe.MN1, 2_768_400, true)]
    public void A_candle_is_given_out_when_it_cannot_change_any_more(Timeframe frame, int secondsAfterOpen, bool finished)
    {
        var candle = new Candle(Open, new Price(1m), new Price(1m), new Price(1m), new Price(1m), 1);
        var found = new SortedDictionary<long, Candle> { [Open.Micros] = candle };
        var wanted = new CandlesWanted(new SymbolName("EURUSD"), frame, Open - TimeSpan.FromDays(1), Open + TimeSpan.FromDays(40), 10);
        var answer = Bars.Found(wanted, found, null, Open + TimeSpan.FromSeconds(secondsAfterOpen));
        Assert.Equal(finished ? 1 : 0, answer.Candles.Count);
        Assert.Equal(finished ? null : candle, answer.Live);
    }

    [Fact]
    public void A_younger_live_bar_finishes_the_last_of_history()
    {
        var last = new Candle(Open, new Price(1m), new Price(1m), new Price(1m), new Price(1m), 1);
        var live = new Candle(Open + TimeSpan.FromMinutes(1), new Price(2m), new Price(2m), new Price(2m), new Price(2m), 1);
        var wanted = new CandlesWanted(new SymbolName("EURUSD"), Timeframe.M1, Open, Open + TimeSpan.FromHours(1), 10);
        var answer = Bars.Found(wanted, new SortedDictionary<long, Candle> { [Open.Micros] = last }, live, Open + TimeSpan.FromSeconds(61));
        Assert.Equal((1, live), (answer.Candles.Count, answer.Live));
    }

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(-5, 0, 0, 0)]
    [InlineData(100, 6, 5, 0)]
    [InlineData(100, 0, 5, 6)]
    public void A_bar_that_cannot_be_is_none(long low, ulong open, ulong high, ulong close) =>
        Assert.Null(Bars.Candle(new ProtoOATrendbar { Low = low, DeltaOpen = open, DeltaHigh = high, DeltaClose = close, Volume = 1 }, 5));

    [Fact]
    public void Prices_are_always_in_hundred_thousandths()
    {
        var gold = Bars.Candle(new ProtoOATrendbar { Low = 250_000_000, DeltaOpen = 10_000, DeltaHigh = 50_000, DeltaClose = 20_000, Volume = 1, UtcTimestampInMinutes = 1 }, 2)!;
        Assert.Equal((2_500.1m, 2_500.5m, 2_500m, 2_500.2m, 60_000L), (gold.Open.Value, gold.High.Value, gold.Low.Value, gold.Close.Value, gold.At.Micros / 1_000));
    }

    [Fact]
    public void Deals_of_a_position_add_up_to_what_it_did_to_the_balance()
    {
        var symbol = new Listing(Broker.Light(1, "EURUSD", Broker.Eur, Broker.Usd)) { LotSize = 10_000_000 };
        var now = Timestamp.FromMs(Broker.At);
        var deals = new[]
        {
            Broker.Deal(1, 1, 5, 300_000, 1.1, commission: -9),
            Broker.Closing(Broker.Deal(2, 2, 5, 100_000, 1.2, ProtoOATradeSide.Sell, -3), 1.1, 1_000, 0, 1, -6, -4, -7),
            Broker.Closing(Broker.Deal(3, 3, 5, 200_000, 1.2, ProtoOATradeSide.Sell, -6), 1.1, 2_000, 0, 2, -12, -8, -14),
        };
        decimal told = deals.Select(d => Reports.Deal(d, null, symbol, 2, now)!).Sum(d => d.Profit.Value + d.Swap.Value + d.Commission.Value);
        decimal booked = deals.Where(d => d.ClosePositionDetail is not null).Select(d => d.ClosePositionDetail).Sum(c => c.GrossProfit + c.Swap + c.Commission + c.PnlConversionFee) / 100m;
        Assert.Equal(booked, told);
    }
}

using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.Simulator;

/// <summary>A candle of bids in 1/100000.</summary>
internal sealed record SimBar(long OpenedAt, long Open, long High, long Low, long Close, long Volume)
{
    public static SimBar Of(long openedAt, SimTick tick) => new(openedAt, tick.Bid, tick.Bid, tick.Bid, tick.Bid, 1);

    public SimBar With(SimTick tick) => this with { High = Math.Max(High, tick.Bid), Low = Math.Min(Low, tick.Bid), Close = tick.Bid, Volume = Volume + 1 };

    /// <summary>A bar of the past: the period is not set (recorded).</summary>
    public ProtoOATrendbar Past() => new()
    {
        Volume = Volume, Low = Low, DeltaOpen = (ulong)(Open - Low), DeltaClose = (ulong)(Close - Low), DeltaHigh = (ulong)(High - Low), UtcTimestampInMinutes = (uint)(OpenedAt / 60_000),
    };

    /// <summary>The forming bar: with its period, without a close, which is the bid it rides with (recorded).</summary>
    public ProtoOATrendbar Live(ProtoOATrendbarPeriod period) => new()
    {
        Volume = Volume, Period = period, Low = Low, DeltaOpen = (ulong)(Open - Low), DeltaHigh = (ulong)(High - Low), UtcTimestampInMinutes = (uint)(OpenedAt / 60_000),
    };
}

/// <summary>When bars open: up to H1 by the clock, from H4 on by the trading day, which begins at 17:00 in New York (guide §11).</summary>
internal static class SimTrendbars
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;
    private const long Day = 24 * Hour;

    /// <summary>Opening of the bar that a moment (ms) is in.</summary>
    public static long Opening(long at, ProtoOATrendbarPeriod period) => period switch
    {
        ProtoOATrendbarPeriod.M1 => Floor(at, Minute),
        ProtoOATrendbarPeriod.M2 => Floor(at, 2 * Minute),
        ProtoOATrendbarPeriod.M3 => Floor(at, 3 * Minute),
        ProtoOATrendbarPeriod.M4 => Floor(at, 4 * Minute),
        ProtoOATrendbarPeriod.M5 => Floor(at, 5 * Minute),
        ProtoOATrendbarPeriod.M10 => Floor(at, 10 * Minute),
        ProtoOATrendbarPeriod.M15 => Floor(at, 15 * Minute),
        ProtoOATrendbarPeriod.M30 => Floor(at, 30 * Minute),
        ProtoOATrendbarPeriod.H1 => Floor(at, Hour),
        ProtoOATrendbarPeriod.H4 => DayOpening(at) + Floor(at - DayOpening(at), 4 * Hour),
        ProtoOATrendbarPeriod.H12 => DayOpening(at) + Floor(at - DayOpening(at), 12 * Hour),
        ProtoOATrendbarPeriod.D1 => DayOpening(at),
        ProtoOATrendbarPeriod.W1 => OpeningOf(TradingDate(at) - ((TradingDate(at) + 3) % 7)),
        _ => OpeningOf(FirstOfMonth(TradingDate(at))),
    };

    private static long Floor(long value, long unit) => value / unit * unit;

    private static long DayOpening(long at) => OpeningOf(TradingDate(at));

    /// <summary>The trading day as days since 1970-01-01 (a Thursday): what begins at 17:00 belongs to the next date.</summary>
    private static long TradingDate(long at) => Floor(at + OffsetOf(at) + (7 * Hour), Day) / Day;

    private static long OpeningOf(long tradingDate)
    {
        long local = (tradingDate * Day) - (7 * Hour);
        return local - OffsetOf(local + (5 * Hour));
    }

    private static long FirstOfMonth(long date)
    {
        var day = DateTimeOffset.FromUnixTimeMilliseconds(date * Day);
        return date - day.Day + 1;
    }

    /// <summary>New York's offset from UTC: −4 h from the second Sunday of March, 2:00, to the first Sunday of November, 2:00, else −5 h.</summary>
    private static long OffsetOf(long at)
    {
        int year = DateTimeOffset.FromUnixTimeMilliseconds(at).Year;
        long begins = Sunday(year, 3, 8) + (7 * Hour);
        long ends = Sunday(year, 11, 1) + (6 * Hour);
        return at >= begins && at < ends ? -4 * Hour : -5 * Hour;
    }

    /// <summary>The first Sunday on or after a date, 0:00 UTC.</summary>
    private static long Sunday(int year, int month, int day)
    {
        var from = new DateTimeOffset(year, month, day, 0, 0, 0, TimeSpan.Zero);
        return from.AddDays((7 - (int)from.DayOfWeek) % 7).ToUnixTimeMilliseconds();
    }
}

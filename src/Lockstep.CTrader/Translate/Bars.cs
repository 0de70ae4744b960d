using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Translate;

/// <summary>Candles and what may be asked (guide §11).</summary>
internal static class Bars
{
    private const int RowsMost = 10_000;

    /// <summary>A candle that has just ended by our clock may still be forming by the server's.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(2);

    /// <summary>What makes a question one that is not put, or null.</summary>
    public static string? Problem(DataRequest request) => request switch
    {
        CandlesWanted c when !Enum.IsDefined(c.Frame) => $"there is no candle of {(int)c.Frame} minutes",
        CandlesWanted c => Problem(c.From, c.To, c.Limit),
        TicksWanted t => Problem(t.From, t.To, t.Limit),
        DealsWanted d => Problem(d.From, d.To, 1),
        _ => "this cannot be asked here",
    };

    public static ProtoOATrendbarPeriod Period(Timeframe frame) => frame switch
    {
        Timeframe.M1 => ProtoOATrendbarPeriod.M1,
        Timeframe.M5 => ProtoOATrendbarPeriod.M5,
        Timeframe.M15 => ProtoOATrendbarPeriod.M15,
        Timeframe.M30 => ProtoOATrendbarPeriod.M30,
        Timeframe.H1 => ProtoOATrendbarPeriod.H1,
        Timeframe.H4 => ProtoOATrendbarPeriod.H4,
        Timeframe.D1 => ProtoOATrendbarPeriod.D1,
        Timeframe.W1 => ProtoOATrendbarPeriod.W1,
        _ => ProtoOATrendbarPeriod.Mn1,
    };

    /// <summary>A bar of history: low and distances from it, × 100000; its <c>period</c> is not set. Null when it cannot be one.</summary>
    public static Candle? Candle(ProtoOATrendbar bar, int digits) =>
        bar.Low <= 0 || bar.Volume < 0 || bar.DeltaHigh > long.MaxValue / 4 || bar.DeltaOpen > bar.DeltaHigh || bar.DeltaClose > bar.DeltaHigh
            ? null
            : new Candle(
                Timestamp.FromMs(bar.UtcTimestampInMinutes * 60_000L),
                At(bar.Low + (long)bar.DeltaOpen, digits),
                At(bar.Low + (long)bar.DeltaHigh, digits),
                At(bar.Low, digits),
                At(bar.Low + (long)bar.DeltaClose, digits),
                bar.Volume);

    /// <summary>A live bar: its close is the bid.</summary>
    public static Candle? Live(ProtoOATrendbar bar, long bid, int digits)
    {
        if (bar.Low <= 0 || bid <= 0 || bar.DeltaHigh > long.MaxValue / 4 || bar.DeltaOpen > bar.DeltaHigh)
        {
            return null;
        }

        // The bid of the moment may be younger than the bar.
        long high = Math.Max(bar.Low + (long)bar.DeltaHigh, bid);
        return new Candle(
            Timestamp.FromMs(bar.UtcTimestampInMinutes * 60_000L), At(bar.Low + (long)bar.DeltaOpen, digits), At(high, digits), At(Math.Min(bar.Low, bid), digits), At(bid, digits), bar.Volume);
    }

    /// <summary>
    /// The finished candles within what was asked for, the newest ones where there are too many; and the forming one apart: from the live bars when they told it, else as history had it.
    /// </summary>
    public static CandlesFound Found(CandlesWanted wanted, SortedDictionary<long, Candle> found, Candle? live, Timestamp now)
    {
        var candles = found.Values.ToList();
        Candle? forming = null;
        if (candles.Count > 0 && !IsFinished(candles[^1], wanted.Frame, now) && (live is null || live.At <= candles[^1].At))
        {
            forming = candles[^1];
        }

        var finished = candles.Where(c => c != forming && c.At >= wanted.From && c.At <= wanted.To).ToList();
        return new CandlesFound([.. finished.Skip(Math.Max(0, finished.Count - wanted.Limit))])
        {
            Live = live is not null && (forming is null || live.At >= forming.At) && (candles.Count == 0 || live.At >= candles[^1].At) && !IsFinished(live, wanted.Frame, now) ? live : forming,
        };
    }

    /// <summary>
    /// Days and longer follow 17:00 in New York, so some of them are an hour longer (guide §11). A candle is held back rather too long than given out unfinished.
    /// </summary>
    private static bool IsFinished(Candle candle, Timeframe frame, Timestamp now)
    {
        var end = frame switch
        {
            Timeframe.MN1 => Timestamp.From(candle.At.ToDateTimeOffset().AddHours(12).AddMonths(1)) + TimeSpan.FromHours(13),
            >= Timeframe.H4 => candle.At + TimeSpan.FromMinutes((int)frame) + TimeSpan.FromHours(1),
            _ => candle.At + TimeSpan.FromMinutes((int)frame),
        };
        return end + ClockSkew <= now;
    }

    private static Price At(long price, int digits) => new(Math.Round(price / Units.WirePrice, Math.Min(digits, 5), MidpointRounding.AwayFromZero));

    private static string? Problem(Timestamp from, Timestamp to, int limit) =>
        from > to ? "from lies after to"
        : limit is < 1 or > RowsMost ? $"limit must be 1 to {RowsMost}"
        : from.Micros < 0 ? "from lies before 1970"
        : null;
}

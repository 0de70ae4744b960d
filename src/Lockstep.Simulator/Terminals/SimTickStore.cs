using Lockstep.Domain;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.Simulator;

/// <summary>The last ticks of a few symbols, from which a terminal answers questions for ticks and candles. One store may serve many terminals.</summary>
public sealed class SimTickStore
{
    private readonly Dictionary<string, Queue<Quote>> _ticks = new(StringComparer.Ordinal);
    private readonly int _most;

    /// <summary>A store of so many ticks a symbol.</summary>
    public SimTickStore(int mostPerSymbol = 20_000)
    {
        _most = mostPerSymbol;
    }

    /// <summary>One tick more.</summary>
    public void Add(string symbol, Quote quote)
    {
        if (!_ticks.TryGetValue(symbol, out var ticks))
        {
            _ticks[symbol] = ticks = new Queue<Quote>();
        }

        ticks.Enqueue(quote);
        if (ticks.Count > _most)
        {
            ticks.Dequeue();
        }
    }

    /// <summary>Ticks by the broker's clock, oldest first, the newest so many; null when the symbol has none.</summary>
    internal List<IReadOnlyList<decimal>>? Ticks(string symbol, BrokerTime time, GetMessage wanted)
    {
        if (!_ticks.TryGetValue(symbol, out var ticks))
        {
            return null;
        }

        var rows = new List<IReadOnlyList<decimal>>();
        foreach (var tick in ticks)
        {
            long at = time.Show(tick.At);
            if (at >= wanted.From && at <= wanted.To)
            {
                rows.Add([at, tick.Bid.Value, tick.Ask.Value]);
            }
        }

        return Newest(rows, wanted.Limit);
    }

    /// <summary>Candles of bids by the broker's clock; null when the symbol has no tick.</summary>
    internal List<IReadOnlyList<decimal>>? Candles(string symbol, BrokerTime time, GetMessage wanted)
    {
        if (!_ticks.TryGetValue(symbol, out var ticks))
        {
            return null;
        }

        var rows = new List<IReadOnlyList<decimal>>();
        decimal[]? candle = null;
        foreach (var tick in ticks)
        {
            long opened = Opening(time.Show(tick.At), wanted.Frame);
            if (opened < wanted.From || opened > wanted.To)
            {
                continue;
            }

            decimal bid = tick.Bid.Value;
            if (candle is null || candle[0] != opened)
            {
                rows.Add(candle = [opened, bid, bid, bid, bid, 0m]);
            }

            candle[2] = Math.Max(candle[2], bid);
            candle[3] = Math.Min(candle[3], bid);
            candle[4] = bid;
            candle[5]++;
        }

        return Newest(rows, wanted.Limit);
    }

    private static long Opening(long shownMs, int frameMinutes)
    {
        const long Minute = 60_000L;
        if (frameMinutes == 43_200)
        {
            var day = DateTimeOffset.FromUnixTimeMilliseconds(shownMs);
            return new DateTimeOffset(day.Year, day.Month, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
        }

        // Weeks begin on Sunday; 1970-01-01 was a Thursday.
        long shift = frameMinutes == 10_080 ? 4L * 1440 * Minute : 0L;
        long frame = frameMinutes * Minute;
        return ((shownMs + shift) / frame * frame) - shift;
    }

    private static List<IReadOnlyList<decimal>> Newest(List<IReadOnlyList<decimal>> rows, int limit)
    {
        if (rows.Count > limit)
        {
            rows.RemoveRange(0, rows.Count - limit);
        }

        return rows;
    }
}

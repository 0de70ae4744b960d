using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.MqlHarness.Terminal;

/// <summary>The ticks of all symbols since the terminal is there, for CopyRates and CopyTicks.</summary>
internal sealed class PriceHistory
{
    private const int Most = 100_000;

    private readonly Dictionary<string, Queue<(long Ms, decimal Bid, decimal Ask)>> _ticks = new(StringComparer.Ordinal);

    public void Add(string symbol, Quote quote, BrokerTime time)
    {
        if (!_ticks.TryGetValue(symbol, out var ticks))
        {
            _ticks[symbol] = ticks = new();
        }

        ticks.Enqueue((time.Show(quote.At), quote.Bid.Value, quote.Ask.Value));
        if (ticks.Count > Most)
        {
            ticks.Dequeue();
        }
    }

    /// <summary>Ticks in a span of the broker's time (ms, both included; <paramref name="to"/> 0 = now); <paramref name="count"/> 0 = all. From 0 the newest are taken, else the oldest.</summary>
    public IReadOnlyList<(long Ms, decimal Bid, decimal Ask)>? Ticks(string symbol, long from, long to, int count)
    {
        if (!_ticks.TryGetValue(symbol, out var ticks))
        {
            return null;
        }

        var found = ticks.Where(t => t.Ms >= from && (to == 0 || t.Ms <= to));
        return [.. count == 0 ? found : from == 0 ? found.TakeLast(count) : found.Take(count)];
    }

    /// <summary>Candles of bids, oldest first, their opening in seconds of the broker's time.</summary>
    public IReadOnlyList<(long Time, decimal Open, decimal High, decimal Low, decimal Close, long Count)>? Candles(string symbol, int minutes)
    {
        if (!_ticks.TryGetValue(symbol, out var ticks) || minutes <= 0)
        {
            return null;
        }

        var rows = new List<(long Time, decimal Open, decimal High, decimal Low, decimal Close, long Count)>();
        foreach (var (ms, bid, _) in ticks)
        {
            long opened = Opening(ms / 1000, minutes);
            if (rows.Count == 0 || rows[^1].Time != opened)
            {
                rows.Add((opened, bid, bid, bid, bid, 1));
                continue;
            }

            var last = rows[^1];
            rows[^1] = (opened, last.Open, Math.Max(last.High, bid), Math.Min(last.Low, bid), bid, last.Count + 1);
        }

        return rows;
    }

    // A week begins on Sunday (1970-01-01 was a Thursday), a month on its first.
    private static long Opening(long second, int minutes)
    {
        if (minutes >= 43_200)
        {
            var day = DateTimeOffset.FromUnixTimeSeconds(second);
            return new DateTimeOffset(day.Year, day.Month, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        }

        long size = minutes * 60L;
        long shift = minutes == 10_080 ? 4 * 86_400L : 0;
        return (((second + shift) / size) * size) - shift;
    }
}

using Lockstep.Domain;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Translate;

/// <summary>Questions for history, and their rows.</summary>
internal static class Fetches
{
    private const int RowsMost = 10_000;

    /// <summary>What makes a question one that is not put, or null.</summary>
    public static string? Problem(DataRequest request, PlatformKind platform) => request switch
    {
        TicksWanted when platform == PlatformKind.Mt4 => "MT4 keeps no ticks",
        CandlesWanted c when !Enum.IsDefined(c.Frame) => $"there is no candle of {(int)c.Frame} minutes",
        CandlesWanted c => Problem(c.From, c.To, c.Limit),
        TicksWanted t => Problem(t.From, t.To, t.Limit),
        DealsWanted d => Problem(d.From, d.To, 1),
        _ => "this cannot be asked here",
    };

    /// <summary>The question as the terminal reads it.</summary>
    public static GetMessage Message(DataRequest request, long id, ServerClock clock) => request switch
    {
        CandlesWanted c => new GetMessage(id, "candles", c.Symbol.Value, (int)c.Frame, Ms(c.From, clock), Ms(c.To, clock), c.Limit),
        TicksWanted t => new GetMessage(id, "ticks", t.Symbol.Value, 0, Ms(t.From, clock), Ms(t.To, clock), t.Limit),
        DealsWanted d => new GetMessage(id, "deals", "", 0, Ms(d.From, clock), Ms(d.To, clock), RowsMost),
        _ => throw new ArgumentOutOfRangeException(nameof(request)),
    };

    /// <summary>What is wrong with a row, or null.</summary>
    public static string? Problem(DataRequest request, IReadOnlyList<decimal> row)
    {
        int columns = request switch { CandlesWanted => 6, TicksWanted => 3, _ => 0 };
        if (row.Count != columns || columns == 0)
        {
            return $"a row of {row.Count} numbers, {columns} were asked for";
        }

        for (int i = 0; i < columns; i++)
        {
            // The first is the time, the last of a candle its number of ticks; prices stand between.
            bool sound = i == 0 ? row[i] is >= 0 and < 253_402_300_799_000m : columns == 6 && i == 5 ? row[i] is >= 0 and < long.MaxValue : row[i] > 0;
            if (!sound)
            {
                return $"number {i + 1} of a row cannot be {row[i]}";
            }
        }

        return null;
    }

    /// <summary>The rows in order, within what was asked for.</summary>
    public static DataAnswer Rows(DataRequest request, IReadOnlyList<IReadOnlyList<decimal>> rows, IReadOnlyList<WireDeal> deals, ServerClock clock)
    {
        switch (request)
        {
            case CandlesWanted c:
                var candles = rows.Select(r => new Candle(clock.ToUtc((long)r[0]), new Price(r[1]), new Price(r[2]), new Price(r[3]), new Price(r[4]), (long)r[5]))
                    .Where(r => r.At >= c.From && r.At <= c.To).OrderBy(r => r.At).ToList();
                return new CandlesFound(candles.Count > c.Limit ? candles.GetRange(candles.Count - c.Limit, c.Limit) : candles);
            case TicksWanted t:
                var ticks = rows.Select(r => new Quote(new Price(r[1]), new Price(r[2]), clock.ToUtc((long)r[0])))
                    .Where(r => r.At >= t.From && r.At <= t.To).OrderBy(r => r.At).ToList();
                return new TicksFound(ticks.Count > t.Limit ? ticks.GetRange(ticks.Count - t.Limit, t.Limit) : ticks);
            case DealsWanted d:
                return new DealsFound([.. deals.Select(r => Reports.Deal(r, clock)).Where(r => r.At >= d.From && r.At <= d.To).OrderBy(r => r.At).ThenBy(r => r.Id)]);
            default:
                throw new ArgumentOutOfRangeException(nameof(request));
        }
    }

    private static long Ms(Timestamp at, ServerClock clock) => Math.Max(0, clock.ToBroker(at));

    private static string? Problem(Timestamp from, Timestamp to, int limit) =>
        to < from ? "the end lies before the beginning"
        : limit is < 1 or > RowsMost ? $"limit {limit} must be 1 to {RowsMost}"
        : null;
}

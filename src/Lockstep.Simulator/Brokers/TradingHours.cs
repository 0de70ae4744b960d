using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>One weekly window, counted from Sunday 00:00 UTC; start included, end not.</summary>
public readonly record struct TradingWindow(TimeSpan Start, TimeSpan End);

/// <summary>When a symbol can be traded, in UTC. Quotes may stream outside of it, orders are refused.</summary>
public sealed record TradingHours
{
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    /// <summary>Round the clock, every day (crypto, and tests that do not care).</summary>
    public static readonly TradingHours Always = new() { Windows = [new(TimeSpan.Zero, Week)] };

    /// <summary>Sunday 22:00 to Friday 22:00 UTC, with a break of five minutes each night at 22:00.</summary>
    public static readonly TradingHours Forex = Weekdays(new TimeSpan(22, 0, 0), TimeSpan.FromMinutes(5));

    /// <summary>As <see cref="Forex"/>, with a break of one hour each night: metals and indices.</summary>
    public static readonly TradingHours WithNightlyHour = Weekdays(new TimeSpan(22, 0, 0), TimeSpan.FromHours(1));

    /// <summary>The windows of a week.</summary>
    public required IReadOnlyList<TradingWindow> Windows { get; init; }

    /// <summary>Sunday to Friday, closed at <paramref name="close"/> and open again after <paramref name="pause"/>.</summary>
    public static TradingHours Weekdays(TimeSpan close, TimeSpan pause) => new()
    {
        Windows = [.. Enumerable.Range(0, 5).Select(day => new TradingWindow(TimeSpan.FromDays(day) + close + pause, TimeSpan.FromDays(day + 1) + close))],
    };

    /// <summary>True when the symbol can be traded at <paramref name="moment"/>.</summary>
    public bool IsOpen(Timestamp moment)
    {
        var t = IntoWeek(moment);
        foreach (var window in Windows)
        {
            if (t >= window.Start && t < window.End)
            {
                return true;
            }
        }

        return false;
    }

    // 1970-01-01 was a Thursday: four days into a week that starts on Sunday.
    private static TimeSpan IntoWeek(Timestamp moment)
    {
        long micros = (moment.Micros + (4L * 86_400_000_000L)) % (7L * 86_400_000_000L);
        return new TimeSpan((micros < 0 ? micros + (7L * 86_400_000_000L) : micros) * 10);
    }
}

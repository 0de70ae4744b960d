using Lockstep.Domain;

namespace Lockstep.MetaTrader.Translate;

/// <summary>The broker's clock, as the terminal tells it: milliseconds since 1970 by a clock that is some seconds ahead of UTC.</summary>
internal sealed class ServerClock
{
    /// <summary>No clock is further from UTC than this.</summary>
    public const int OffsetMost = 26 * 3600;

    private const long LastMs = 253_402_300_799_000;
    private long _lagMs = long.MaxValue;
    private long _lagSince;

    /// <summary>Broker's clock minus UTC, seconds.</summary>
    public int OffsetSeconds { get; private set; }

    /// <summary>True when an offset can be one.</summary>
    public static bool IsSane(int offsetSeconds) => offsetSeconds is >= -OffsetMost and <= OffsetMost;

    /// <summary>A new offset; true when it is another one.</summary>
    public bool Set(int offsetSeconds)
    {
        bool changed = offsetSeconds != OffsetSeconds;
        OffsetSeconds = offsetSeconds;
        _lagMs = changed ? long.MaxValue : _lagMs;
        return changed;
    }

    /// <summary>The broker's time in UTC. A time that is none ends at the borders; the check of the report refuses it.</summary>
    public Timestamp ToUtc(long brokerMs) => Timestamp.FromMs(Math.Clamp(brokerMs, 0, LastMs) - (OffsetSeconds * 1000L));

    /// <summary>UTC by the broker's clock.</summary>
    public long ToBroker(Timestamp utc) => (utc.Micros / 1000) + (OffsetSeconds * 1000L);

    /// <summary>
    /// When a quote was made, by our clock. A broker's clock that is some seconds off does not make its quotes look old: the youngest of the last minute counts as of now.
    /// What lies in the future, or before the last week, is no time: then it is of now.
    /// </summary>
    public Timestamp QuotedAt(long brokerMs, Timestamp now)
    {
        long nowMs = now.Micros / 1000;
        long age = nowMs - (ToUtc(brokerMs).Micros / 1000);
        if (age is < -86_400_000 or > 7 * 86_400_000L)
        {
            return now;
        }

        if (age <= _lagMs || nowMs - _lagSince > 60_000)
        {
            _lagMs = age;
            _lagSince = nowMs;
        }

        return now - TimeSpan.FromMilliseconds(Math.Max(0, age - Math.Min(_lagMs, 60_000)));
    }
}

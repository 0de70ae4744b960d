namespace Lockstep.Domain;

/// <summary>A moment: microseconds since 1970-01-01 UTC. The only time the pure rooms know; it comes inside events.</summary>
public readonly record struct Timestamp(long Micros) : IComparable<Timestamp>
{
    /// <summary>1970-01-01 UTC; stands for "never" where a moment is required.</summary>
    public static readonly Timestamp Epoch = new(0);

    /// <summary>From a <see cref="DateTimeOffset"/>, cut to microseconds.</summary>
    public static Timestamp From(DateTimeOffset t) => new((t.UtcTicks - DateTime.UnixEpoch.Ticks) / 10);

    /// <summary>From whole milliseconds since 1970-01-01 UTC.</summary>
    public static Timestamp FromMs(long ms) => new(ms * 1000);

    /// <summary>As a <see cref="DateTimeOffset"/> in UTC.</summary>
    public DateTimeOffset ToDateTimeOffset() => new(DateTime.UnixEpoch.Ticks + (Micros * 10), TimeSpan.Zero);

    /// <summary>Later by a span.</summary>
    public static Timestamp operator +(Timestamp t, TimeSpan span) => new(t.Micros + (span.Ticks / 10));

    /// <summary>Earlier by a span.</summary>
    public static Timestamp operator -(Timestamp t, TimeSpan span) => new(t.Micros - (span.Ticks / 10));

    /// <summary>The span between two moments.</summary>
    public static TimeSpan operator -(Timestamp a, Timestamp b) => new((a.Micros - b.Micros) * 10);

    /// <summary>Earlier.</summary>
    public static bool operator <(Timestamp a, Timestamp b) => a.Micros < b.Micros;

    /// <summary>Later.</summary>
    public static bool operator >(Timestamp a, Timestamp b) => a.Micros > b.Micros;

    /// <summary>Earlier or the same.</summary>
    public static bool operator <=(Timestamp a, Timestamp b) => a.Micros <= b.Micros;

    /// <summary>Later or the same.</summary>
    public static bool operator >=(Timestamp a, Timestamp b) => a.Micros >= b.Micros;

    /// <summary>The later of two moments.</summary>
    public static Timestamp Max(Timestamp a, Timestamp b) => a >= b ? a : b;

    /// <inheritdoc/>
    public int CompareTo(Timestamp other) => Micros.CompareTo(other.Micros);

    /// <summary>ISO 8601 in UTC with microseconds.</summary>
    public override string ToString() =>
        Micros is > -62135596800000000 and < 253402300800000000
            ? ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture)
            : Micros.ToString(System.Globalization.CultureInfo.InvariantCulture) + "us";
}

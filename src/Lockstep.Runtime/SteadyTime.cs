using Lockstep.Domain;

namespace Lockstep.Runtime;

/// <summary>
/// A clock that somebody may set without harm (failure case 18): it runs with the monotonic clock and leans towards the wall clock by at most a twentieth, so that no
/// deadline, pause or absence horizon is skipped by a jump forward or stands still after a jump back. Never earlier than the journal's last moment.
/// </summary>
public sealed class SteadyTime : TimeProvider
{
    /// <summary>One part in so many may be gained or lost against the monotonic clock.</summary>
    private const int Lean = 20;

    private readonly TimeProvider _inner;
    private readonly Lock _gate = new();
    private DateTimeOffset _now;
    private long _at;

    /// <summary>Begins at the wall clock's moment, or at <paramref name="floor"/> if that is later.</summary>
    public SteadyTime(TimeProvider inner, Timestamp floor)
    {
        _inner = inner;
        _at = inner.GetTimestamp();
        var wall = inner.GetUtcNow();
        _now = floor > Timestamp.From(wall) ? floor.ToDateTimeOffset() : wall;
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => _inner.TimestampFrequency;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => _inner.LocalTimeZone;

    /// <inheritdoc/>
    public override long GetTimestamp() => _inner.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _inner.CreateTimer(callback, state, dueTime, period);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            long at = _inner.GetTimestamp();
            var elapsed = _inner.GetElapsedTime(_at, at);
            var steady = _now + elapsed;
            var gap = _inner.GetUtcNow() - steady;
            var most = elapsed / Lean;
            _now = steady + (gap > most ? most : gap < -most ? -most : gap);
            _at = at;
            return _now;
        }
    }
}

namespace Lockstep.MetaTrader.Session;

/// <summary>
/// The server's clock as terminals are told it. A terminal believes the greatest "now minus tick counter" of two minutes: against a clock that is set back, or only runs
/// slower for a while, every command would have passed its time. So it runs with the monotonic clock, and leans towards the wall clock by no more than 60 ms in two minutes.
/// </summary>
internal sealed class LinkClock(TimeProvider time)
{
    /// <summary>One part in so many may be gained or lost against the monotonic clock.</summary>
    private const int Lean = 2000;

    private readonly Lock _gate = new();
    private DateTimeOffset _now = time.GetUtcNow();
    private long _at = time.GetTimestamp();

    /// <summary>Milliseconds since 1970.</summary>
    public long Now
    {
        get
        {
            lock (_gate)
            {
                long at = time.GetTimestamp();
                var elapsed = time.GetElapsedTime(_at, at);
                var steady = _now + elapsed;
                var gap = time.GetUtcNow() - steady;
                var most = elapsed / Lean;
                _now = steady + (gap > most ? most : gap < -most ? -most : gap);
                _at = at;
                return _now.ToUnixTimeMilliseconds();
            }
        }
    }
}

namespace Lockstep.Testing;

/// <summary>A clock that stands still until one test thread moves it; timers may be made from any. The wall can be set apart from the monotonic clock, as people and NTP do.</summary>
internal sealed class ManualTime : TimeProvider
{
    public static readonly DateTimeOffset Start = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    private readonly List<ManualTimer> _timers = [];
    private readonly Lock _gate = new();
    private TimeSpan _elapsed;
    private TimeSpan _set;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _elapsed.Ticks;

    public override DateTimeOffset GetUtcNow() => Start + _elapsed + _set;

    /// <summary>Somebody sets the wall clock.</summary>
    public void SetWall(TimeSpan by) => _set += by;

    /// <summary>Time passes; timers fire on the way, in the order of their moments.</summary>
    public void Advance(TimeSpan by)
    {
        var until = _elapsed + by;
        while (Next(until) is { } next)
        {
            next.Fire();
        }

        _elapsed = until;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        lock (_gate)
        {
            _timers.Add(timer);
        }

        return timer;
    }

    private ManualTimer? Next(TimeSpan until)
    {
        lock (_gate)
        {
            var next = _timers.Where(t => t.Due <= until).OrderBy(t => t.Due).FirstOrDefault();
            _elapsed = next?.Due > _elapsed ? next.Due : _elapsed;
            return next;
        }
    }

    private sealed class ManualTimer(ManualTime time, Action fire) : ITimer
    {
        public TimeSpan Due { get; private set; } = TimeSpan.MaxValue;

        public void Fire()
        {
            Due = TimeSpan.MaxValue;
            fire();
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : time._elapsed + dueTime;
            return true;
        }

        public void Dispose()
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

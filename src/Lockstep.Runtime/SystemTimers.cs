using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Runtime;

/// <summary>
/// Timers on a <see cref="TimeProvider"/>: one clock timer, armed for the nearest moment. Never fires before the wall clock says that the moment has come, and looks again
/// at least every half minute, so that a clock that was set forward or back does no lasting harm.
/// </summary>
public sealed class SystemTimers : ITimerQueue, IDisposable
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ShortestSleep = TimeSpan.FromMilliseconds(1);

    private readonly TimeProvider _time;
    private readonly ITimer _clock;
    private readonly Dictionary<TimerId, Timestamp> _due = [];
    private readonly PriorityQueue<TimerId, (Timestamp At, long Order)> _queue = new();
    private readonly Lock _gate = new();
    private long _order;
    private bool _disposed;

    /// <summary>No timers yet.</summary>
    public SystemTimers(TimeProvider time)
    {
        _time = time;
        _clock = time.CreateTimer(static self => ((SystemTimers)self!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public Action<TimerId>? Fired { get; set; }

    /// <summary>How many are set.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _due.Count;
            }
        }
    }

    /// <inheritdoc/>
    public void Set(TimerId timer, Timestamp? at)
    {
        lock (_gate)
        {
            if (at is { } moment)
            {
                _due[timer] = moment;
                _queue.Enqueue(timer, (moment, ++_order));
            }
            else
            {
                _due.Remove(timer);
            }

            Arm();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        _clock.Dispose();
    }

    private void Tick()
    {
        List<TimerId> fired = [];
        lock (_gate)
        {
            var now = Timestamp.From(_time.GetUtcNow());
            while (Nearest() is { } nearest && nearest.At <= now)
            {
                _queue.Dequeue();
                _due.Remove(nearest.Timer);
                fired.Add(nearest.Timer);
            }

            Arm();
        }

        foreach (var timer in fired)
        {
            Fired?.Invoke(timer);
        }
    }

    /// <summary>The nearest moment that still stands; what was moved or forgotten is passed over.</summary>
    private (TimerId Timer, Timestamp At)? Nearest()
    {
        while (_queue.TryPeek(out var timer, out var place))
        {
            if (_due.TryGetValue(timer, out var due) && due == place.At)
            {
                return (timer, due);
            }

            _queue.Dequeue();
        }

        return null;
    }

    private void Arm()
    {
        if (_disposed)
        {
            return;
        }

        var sleep = Nearest() is { } nearest ? nearest.At - Timestamp.From(_time.GetUtcNow()) : Timeout.InfiniteTimeSpan;
        if (sleep != Timeout.InfiniteTimeSpan)
        {
            sleep = sleep < ShortestSleep ? ShortestSleep : sleep > LongestSleep ? LongestSleep : sleep;
        }

        _clock.Change(sleep, Timeout.InfiniteTimeSpan);
    }
}

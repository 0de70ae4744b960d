using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>A clock that follows a <see cref="TimeProvider"/>. Schedule from any thread; actions run on pool threads, one at a time, in order.</summary>
public sealed class RealSimClock : ISimClock, IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly PriorityQueue<Action, (long Due, long Number)> _queue = new();
    private readonly ITimer _timer;
    private long _number;
    private long _latest;
    private bool _running;
    private bool _disposed;

    /// <summary>A clock on the system's time, or on another provider's.</summary>
    public RealSimClock(TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _timer = _time.CreateTimer(static self => ((RealSimClock)self!).Drain(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// An action threw. It is a fault of the program, not of the simulated world; the clock goes on with the next action. Without a handler the exception
    /// ends the process.
    /// </summary>
    public event Action<Exception>? Failed;

    /// <inheritdoc/>
    public Timestamp Now
    {
        get
        {
            // The system's time may be set back; simulated time may not.
            lock (_lock)
            {
                return ReadNow();
            }
        }
    }

    /// <inheritdoc/>
    public void Schedule(TimeSpan delay, Action action)
    {
        bool atOnce;
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            var now = ReadNow();
            long due = delay > TimeSpan.Zero ? (now + delay).Micros : now.Micros;
            _queue.Enqueue(action, (due, ++_number));
            atOnce = !_running && due <= now.Micros;
            if (!_running && !atOnce)
            {
                SetTimer(now);
            }
        }

        if (atOnce)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static self => self.Drain(), this, preferLocal: false);
        }
    }

    /// <summary>Stops: nothing that waits is run any more.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _queue.Clear();
        }

        _timer.Dispose();
    }

    private void Drain()
    {
        lock (_lock)
        {
            if (_running || _disposed)
            {
                return;
            }

            _running = true;
        }

        while (TakeDue() is { } action)
        {
            try
            {
                action();
            }
            catch (Exception e) when (Failed is { } failed)
            {
                failed(e);
            }
        }
    }

    private Action? TakeDue()
    {
        lock (_lock)
        {
            var now = ReadNow();
            if (!_disposed && _queue.TryPeek(out var action, out var at) && at.Due <= now.Micros)
            {
                _queue.Dequeue();
                return action;
            }

            _running = false;
            SetTimer(now);
            return null;
        }
    }

    private void SetTimer(Timestamp now)
    {
        if (!_disposed && _queue.TryPeek(out _, out var at))
        {
            var wait = new Timestamp(at.Due) - now;

            // A timer takes some 49 days at most; an order may be good for years.
            wait = wait > LongestWait ? LongestWait : wait;
            _timer.Change(wait > TimeSpan.Zero ? TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)) : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private Timestamp ReadNow()
    {
        _latest = Math.Max(_latest, Timestamp.From(_time.GetUtcNow()).Micros);
        return new Timestamp(_latest);
    }
}

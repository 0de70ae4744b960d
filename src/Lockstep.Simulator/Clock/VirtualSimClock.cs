using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>A clock that moves only when told: actions run in order of time, then of scheduling. For one thread.</summary>
public sealed class VirtualSimClock(Timestamp start) : ISimClock
{
    private readonly PriorityQueue<Action, (long Due, long Number)> _queue = new();
    private long _number;

    /// <summary>A clock that starts on Monday 2026-01-05 at 10:00 UTC, when markets are open.</summary>
    public VirtualSimClock()
        : this(Timestamp.From(new DateTimeOffset(2026, 1, 5, 10, 0, 0, TimeSpan.Zero)))
    {
    }

    /// <inheritdoc/>
    public Timestamp Now { get; private set; } = start;

    /// <summary>How many actions wait.</summary>
    public int Pending => _queue.Count;

    /// <summary>When the next action is due, null when none waits.</summary>
    public Timestamp? NextDue => _queue.TryPeek(out _, out var at) ? new Timestamp(at.Due) : null;

    /// <inheritdoc/>
    public void Schedule(TimeSpan delay, Action action) =>
        _queue.Enqueue(action, (delay > TimeSpan.Zero ? (Now + delay).Micros : Now.Micros, ++_number));

    /// <summary>Moves to the next action and runs it; false when none waits.</summary>
    public bool RunNext()
    {
        if (!_queue.TryDequeue(out var action, out var at))
        {
            return false;
        }

        if (at.Due > Now.Micros)
        {
            Now = new Timestamp(at.Due);
        }

        action();
        return true;
    }

    /// <summary>Runs everything that is due up to <paramref name="moment"/>, that moment included, and stops there.</summary>
    public void RunUntil(Timestamp moment)
    {
        while (_queue.TryPeek(out _, out var at) && at.Due <= moment.Micros)
        {
            RunNext();
        }

        Now = Timestamp.Max(Now, moment);
    }

    /// <summary>As <see cref="RunUntil"/>, a span from now.</summary>
    public void RunFor(TimeSpan span) => RunUntil(Now + span);
}

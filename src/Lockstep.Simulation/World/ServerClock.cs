using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>
/// The clock of the machine that the server runs on: it can be set wrong, forward and back, while the world goes on. Timers wait by the world's time, as they do by a
/// machine's uptime.
/// </summary>
internal sealed class ServerClock(VirtualSimClock world) : TimeProvider, ISimClock
{
    /// <summary>By how much it goes wrong.</summary>
    public TimeSpan Wrong { get; set; }

    /// <inheritdoc/>
    public Timestamp Now => world.Now + Wrong;

    /// <inheritdoc/>
    public override long TimestampFrequency => 1_000_000;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => Now.ToDateTimeOffset();

    /// <inheritdoc/>
    public override long GetTimestamp() => world.Now.Micros;

    /// <inheritdoc/>
    public void Schedule(TimeSpan delay, Action action) => world.Schedule(delay, action);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new OneShot(world, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>A timer without a period: all that the runtime uses.</summary>
    private sealed class OneShot(VirtualSimClock world, TimerCallback callback, object? state) : ITimer
    {
        private long _round;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            long round = ++_round;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                world.Schedule(dueTime, () =>
                {
                    if (round == _round)
                    {
                        callback(state);
                    }
                });
            }

            return true;
        }

        public void Dispose() => _round++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>The clock that a process of the server hands to its sessions: the steady one, waiting by the world's time.</summary>
internal sealed class ProcessClock(TimeProvider time, VirtualSimClock world) : ISimClock
{
    /// <inheritdoc/>
    public Timestamp Now => Timestamp.From(time.GetUtcNow());

    /// <inheritdoc/>
    public void Schedule(TimeSpan delay, Action action) => world.Schedule(delay, action);
}

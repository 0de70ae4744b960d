using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>
/// The time of a simulated world, and its only thread: every broker and session lives under one clock, and whatever a clock calls, it calls one after another.
/// </summary>
public interface ISimClock
{
    /// <summary>The present moment; never goes back.</summary>
    Timestamp Now { get; }

    /// <summary>
    /// Runs <paramref name="action"/> once, after <paramref name="delay"/> (below zero counts as zero), never inside this call. Actions due at the same moment run
    /// in the order in which they were scheduled. May be called from any thread when the clock says so.
    /// </summary>
    void Schedule(TimeSpan delay, Action action);
}

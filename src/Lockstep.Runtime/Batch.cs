using Lockstep.Engine;
using Lockstep.Storage;

namespace Lockstep.Runtime;

/// <summary>One event that was numbered and decided on.</summary>
/// <param name="Event">The event.</param>
/// <param name="Decisions">What was decided.</param>
/// <param name="ReceivedAt">Timestamp of its coming (<see cref="LatencyStages.Now"/>).</param>
/// <param name="DecidedAt">Timestamp of its decisions.</param>
public sealed record Step(Numbered Event, IReadOnlyList<Decision> Decisions, long ReceivedAt, long DecidedAt);

/// <summary>
/// What <see cref="GroupCore.Take"/> gives: to be made durable as a whole (<see cref="Journal"/>), then handed to <see cref="GroupCore.Committed"/>, and only after that
/// the <see cref="Snapshot"/> is saved.
/// </summary>
public sealed record Batch
{
    /// <summary>For the journal.</summary>
    public required JournalBatch Journal { get; init; }

    /// <summary>The events and what was decided on each, in order.</summary>
    public required IReadOnlyList<Step> Steps { get; init; }

    /// <summary>The engine's state after the last of them, when a snapshot is due.</summary>
    public JournalSnapshot? Snapshot { get; init; }

    /// <summary>What the group said when it halted on this batch; null = it goes on.</summary>
    public string? Halted { get; init; }
}

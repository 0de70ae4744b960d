using Lockstep.Engine;

namespace Lockstep.Runtime;

/// <summary>Measures of the runtime; the same for all groups of a process.</summary>
public sealed record RuntimeOptions
{
    /// <summary>Most events that wait for a group. When it is full, an account's session is closed and made anew later: its snapshot then tells what was missed.</summary>
    public int InboxCapacity { get; init; } = 20_000;

    /// <summary>Most events in one commit.</summary>
    public int MaxBatch { get; init; } = 1_000;

    /// <summary>Events between two snapshots of the engine: what a start has to replay at most.</summary>
    public int SnapshotEvery { get; init; } = 5_000;

    /// <summary>How long records stay that no snapshot needs any more.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>A quote older than this is no quote.</summary>
    public TimeSpan QuoteMaxAge { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Is told how long each stage of each event took, on the event's own thread: it must return at once. Null = nobody.</summary>
    public Action<LatencyStage, TimeSpan>? Measured { get; init; }

    /// <summary>A planted mistake for the simulator to find.</summary>
    public Plant Plant { get; init; } = Plant.None;
}

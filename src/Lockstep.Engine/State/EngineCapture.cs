namespace Lockstep.Engine;

/// <summary>An engine's state as plain data (JSON-serialisable), for snapshots and for comparing two runs.</summary>
public sealed record EngineCapture
{
    /// <summary>Journal number of the last event that is included.</summary>
    public required long Seq { get; init; }
}

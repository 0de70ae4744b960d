namespace Lockstep.Simulation;

/// <summary>What became of one world.</summary>
public sealed record WorldResult
{
    /// <summary>The seed.</summary>
    public required long Seed { get; init; }

    /// <summary>Events that the engine took in.</summary>
    public required long Events { get; init; }

    /// <summary>Simulated time.</summary>
    public required TimeSpan Simulated { get; init; }

    /// <summary>Crashes of the server.</summary>
    public required int Crashes { get; init; }

    /// <summary>Why-rows of source trades and events.</summary>
    public required int WhyRows { get; init; }

    /// <summary>What was wrong.</summary>
    public required IReadOnlyList<Violation> Violations { get; init; }

    /// <summary>SHA-256 over the bytes of all decisions.</summary>
    public required ReadOnlyMemory<byte> Hash { get; init; }
}

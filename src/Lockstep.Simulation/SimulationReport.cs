namespace Lockstep.Simulation;

/// <summary>Something that must not be.</summary>
/// <param name="Seed">The seed whose world shows it.</param>
/// <param name="Rule">The rule that was broken, in a few words that stay the same: <c>one-execution-per-key</c>.</param>
/// <param name="Text">What was found, with the numbers.</param>
public sealed record Violation(long Seed, string Rule, string Text);

/// <summary>What became of a run of seeds.</summary>
public sealed record SimulationReport
{
    /// <summary>How many worlds were played.</summary>
    public required long Seeds { get; init; }

    /// <summary>Events that the engine took in, all worlds together.</summary>
    public required long Events { get; init; }

    /// <summary>Simulated time, all worlds together.</summary>
    public required double SimulatedHours { get; init; }

    /// <summary>Crashes of the server.</summary>
    public required long Crashes { get; init; }

    /// <summary>What was wrong, in the order of the seeds.</summary>
    public required IReadOnlyList<Violation> Violations { get; init; }

    /// <summary>SHA-256 over every decision of every seed, in the order of the seeds, as lower-case hexadecimal digits.</summary>
    public required string Hash { get; init; }

    /// <summary>True when nothing was wrong.</summary>
    public bool Clean => Violations.Count == 0;
}

namespace Lockstep.Simulation;

/// <summary>What the plain model found when it compared the brokers' books.</summary>
public sealed record Comparison
{
    /// <summary>Source trades that a target should hold and does not, without a reason that stands.</summary>
    public required int Lost { get; init; }

    /// <summary>Target trades that should not be there, or are there twice.</summary>
    public required int Duplicated { get; init; }

    /// <summary>Every difference, with the numbers.</summary>
    public required IReadOnlyList<string> Differences { get; init; }

    /// <summary>How many source trades were compared with what stands for them.</summary>
    public required int Compared { get; init; }

    /// <summary>True when nothing differs.</summary>
    public bool InLockstep => Differences.Count == 0;
}

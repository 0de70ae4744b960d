namespace Lockstep.Simulation;

/// <summary>An account that is reached over the EA link: its terminals, the way to them, and what goes wrong there.</summary>
public sealed record TerminalPlan
{
    /// <summary>How many terminals serve it: one is active, the other stands by.</summary>
    public required int Terminals { get; init; }

    /// <summary>Longest time of a message.</summary>
    public required TimeSpan LatencyMax { get; init; }

    /// <summary>Connections that break after a message, in percent.</summary>
    public decimal BreakPercent { get; init; }

    /// <summary>Messages of the terminal that come twice, in percent. One connection never does that; what stands before the server may.</summary>
    public decimal DuplicatePercent { get; init; }

    /// <summary>Messages of the terminal that others overtake, in percent.</summary>
    public decimal LatePercent { get; init; }

    /// <summary>Commands that come twice to the terminal, in percent.</summary>
    public decimal RepeatPercent { get; init; }

    /// <summary>Changes that say nothing any more when they come, in percent: a terminal that does not tell what it believes to have told.</summary>
    public decimal HollowPercent { get; init; }

    /// <summary>The broker's clock minus UTC.</summary>
    public TimeSpan Offset { get; init; }

    /// <summary>When summer time begins or ends there; null = not in this world.</summary>
    public TimeSpan? ClockChangesAfter { get; init; }

    /// <summary>By how much the broker's clock is set then.</summary>
    public TimeSpan ClockChangesBy { get; init; }

    /// <summary>What happens to the terminals, by time.</summary>
    public IReadOnlyList<TerminalTrouble> Troubles { get; init; } = [];
}

/// <summary>What can happen to a terminal.</summary>
public enum TerminalFault
{
    /// <summary>Its connection breaks; both ends are told.</summary>
    Cut = 1,

    /// <summary>It cannot connect for a while.</summary>
    Away = 2,

    /// <summary>Nothing arrives in either direction for a while, and nobody is told.</summary>
    HalfOpen = 3,

    /// <summary>With the next command that is sent it reads nothing for a while.</summary>
    DoesNotRead = 4,

    /// <summary>Its process is ended.</summary>
    Killed = 5,

    /// <summary>Its process ends before or after one of its next steps: a write, a trade call, a message.</summary>
    KilledAtStep = 6,

    /// <summary>It loses its broker for a while.</summary>
    NoBroker = 7,

    /// <summary>Somebody switches AutoTrading off for a while.</summary>
    NoTrading = 8,
}

/// <summary>One thing that happens to a terminal.</summary>
/// <param name="After">When.</param>
/// <param name="Terminal">To which, from 0.</param>
/// <param name="Fault">What.</param>
/// <param name="Lasts">For how long.</param>
/// <param name="Step">Before or after which of its next steps it is killed.</param>
/// <param name="KeepsFiles">False = its files are lost as well.</param>
public sealed record TerminalTrouble(TimeSpan After, int Terminal, TerminalFault Fault, TimeSpan Lasts, int Step, bool KeepsFiles);

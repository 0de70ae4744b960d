using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>What goes wrong on the way to the Open API, and at its server, in one world. Accounts say by themselves whether they are reached so.</summary>
public sealed record OpenApiPlan
{
    /// <summary>Longest time of a frame.</summary>
    public required TimeSpan LatencyMax { get; init; }

    /// <summary>What the server does wrong during the trouble.</summary>
    public required SimOpenApiFaults Faults { get; init; }

    /// <summary>Connections that break after a frame, in percent.</summary>
    public decimal BreakPercent { get; init; }

    /// <summary>What happens, by time.</summary>
    public IReadOnlyList<OpenApiTrouble> Troubles { get; init; } = [];

    /// <summary>Does anything go wrong?</summary>
    public bool IsRough => Troubles.Count > 0 || BreakPercent > 0m || Faults != SimOpenApiFaults.None;
}

/// <summary>What can happen between us and the Open API.</summary>
public enum OpenApiEvent
{
    /// <summary>All connections break; both ends are told.</summary>
    Cut = 1,

    /// <summary>Nobody can connect for a while.</summary>
    Away = 2,

    /// <summary>Nothing arrives in either direction for a while, and nobody is told.</summary>
    HalfOpen = 3,

    /// <summary>Somebody else refreshes the grant's tokens: ours are worthless until the trader's new pair is there.</summary>
    Refreshed = 4,

    /// <summary>The server is in maintenance for a while.</summary>
    Maintenance = 5,
}

/// <summary>One thing that happens.</summary>
/// <param name="After">When.</param>
/// <param name="Event">What.</param>
/// <param name="Lasts">For how long.</param>
public sealed record OpenApiTrouble(TimeSpan After, OpenApiEvent Event, TimeSpan Lasts);

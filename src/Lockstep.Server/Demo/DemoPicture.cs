using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Server.Demo;

/// <summary>All that the terminal view shows, at one moment.</summary>
internal sealed record DemoPicture
{
    /// <summary>Since the demo began to trade.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>What is going on: <c>trading</c>, <c>waiting for quiet</c>.</summary>
    public required string Phase { get; init; }

    /// <summary>The data folder.</summary>
    public required string Folder { get; init; }

    /// <summary>Where the API is, and its key.</summary>
    public required string Api { get; init; }

    /// <summary>Where quotes come from, and how many came.</summary>
    public required string Quotes { get; init; }

    /// <summary>The accounts.</summary>
    public required IReadOnlyList<DemoAccount> Accounts { get; init; }

    /// <summary>Legs that are not finished, oldest first.</summary>
    public required IReadOnlyList<LegView> Legs { get; init; }

    /// <summary>Orders in flight, oldest first.</summary>
    public required IReadOnlyList<IntentView> InFlight { get; init; }

    /// <summary>What the trader did last, newest last.</summary>
    public required IReadOnlyList<string> Trader { get; init; }

    /// <summary>What links did and why, newest last.</summary>
    public required IReadOnlyList<WhyEntry> Why { get; init; }

    /// <summary>Latency by stage.</summary>
    public required IReadOnlyList<DemoStage> Stages { get; init; }

    /// <summary>Source events, copied, skipped, refused so far.</summary>
    public required DemoTally Tally { get; init; }

    /// <summary>Now, for ages.</summary>
    public required Timestamp Now { get; init; }
}

/// <summary>One account in the view.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">Platform and mode.</param>
/// <param name="Link">How it is reached, and how that link is now.</param>
/// <param name="HasTerminal">True when a terminal serves it.</param>
/// <param name="RoundTrip">Between server and terminal; null = not known (yet).</param>
/// <param name="Up">True when it is in use.</param>
/// <param name="Funds">Its money.</param>
/// <param name="Positions">Open positions.</param>
/// <param name="Orders">How many pending orders.</param>
internal sealed record DemoAccount(string Name, string Kind, string Link, bool HasTerminal, TimeSpan? RoundTrip, bool Up, AccountFunds? Funds, IReadOnlyList<PositionReport> Positions, int Orders);

/// <summary>One stage of the way of a trade.</summary>
internal sealed record DemoStage(string Name, long Count, double P50Ms, double P99Ms, double MaxMs);

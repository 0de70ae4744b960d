using Lockstep.CTrader.Session;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>
/// All that a seed decides before a world begins: accounts, links, how hard the weather is and when the big things happen. What happens from moment to moment is drawn
/// while the world runs, from streams of the same seed.
/// </summary>
public sealed record WorldPlan
{
    /// <summary>The seed.</summary>
    public required long Seed { get; init; }

    /// <summary>How much goes wrong, in a word.</summary>
    public required Weather Weather { get; init; }

    /// <summary>When the world begins.</summary>
    public required Timestamp Start { get; init; }

    /// <summary>How long people trade and things go wrong.</summary>
    public required TimeSpan Trouble { get; init; }

    /// <summary>How long everything may take to converge afterwards.</summary>
    public required TimeSpan Peace { get; init; }

    /// <summary>The accounts, by name.</summary>
    public required IReadOnlyList<AccountPlan> Accounts { get; init; }

    /// <summary>The settings at the beginning.</summary>
    public required GroupSettings Settings { get; init; }

    /// <summary>New settings while running, by time.</summary>
    public IReadOnlyList<SettingsChange> Changes { get; init; } = [];

    /// <summary>How the server behaves and misbehaves.</summary>
    public required ServerPlan Server { get; init; }

    /// <summary>The Open API in this world; null = nobody is reached over it.</summary>
    public OpenApiPlan? OpenApi { get; init; }

    /// <summary>Time between two rounds of quotes.</summary>
    public required TimeSpan QuoteEvery { get; init; }
}

/// <summary>Kinds of weather.</summary>
public enum Weather
{
    /// <summary>Nothing goes wrong.</summary>
    Calm = 1,

    /// <summary>Only the server crashes.</summary>
    Crashes = 2,

    /// <summary>Messages and connections suffer.</summary>
    Network = 3,

    /// <summary>Brokers refuse, delay, slip and lie.</summary>
    Brokers = 4,

    /// <summary>Everything together.</summary>
    Storm = 5,
}

/// <summary>One account of a world.</summary>
public sealed record AccountPlan
{
    /// <summary>Its name.</summary>
    public required AccountId Id { get; init; }

    /// <summary>Its broker.</summary>
    public required BrokerSettings Broker { get; init; }

    /// <summary>What goes wrong there during the trouble.</summary>
    public required BrokerFaults Faults { get; init; }

    /// <summary>Long outages.</summary>
    public IReadOnlyList<Outage> Outages { get; init; } = [];

    /// <summary>From this moment on the account can never be reached again; the others must not suffer for it.</summary>
    public TimeSpan? GoneAfter { get; init; }

    /// <summary>Someone trades here: mean time between two actions; null = nobody.</summary>
    public TimeSpan? TradesEvery { get; init; }

    /// <summary>A program trades here through the API: mean time between two requests; null = none does.</summary>
    public TimeSpan? AsksEvery { get; init; }

    /// <summary>The owner meddles with what links put here: mean time between two actions; null = never.</summary>
    public TimeSpan? MeddlesEvery { get; init; }

    /// <summary>Reached over the EA link by these terminals; null = by a simulated session.</summary>
    public TerminalPlan? Terminal { get; init; }

    /// <summary>Reached over the Open API, in this environment; null = not so.</summary>
    public OpenApiEnvironment? OpenApi { get; init; }

    /// <summary>The instruments of the account, with their name there.</summary>
    public required IReadOnlyList<InstrumentPlan> Instruments { get; init; }
}

/// <summary>One instrument of the market under an account's own name.</summary>
/// <param name="Base">The market's name.</param>
/// <param name="Symbol">The broker's name.</param>
/// <param name="SpreadPoints">The broker's spread, in its points.</param>
/// <param name="ShiftPoints">By how much its quotes lie beside the market's, in its points.</param>
public sealed record InstrumentPlan(string Base, SymbolName Symbol, int SpreadPoints, int ShiftPoints);

/// <summary>A stretch of time in which an account cannot be reached.</summary>
public sealed record Outage(TimeSpan After, TimeSpan Lasts);

/// <summary>New settings at a moment.</summary>
public sealed record SettingsChange(TimeSpan After, string What, GroupSettings Settings);

/// <summary>How the server behaves and misbehaves.</summary>
public sealed record ServerPlan
{
    /// <summary>Longest time for the inbox to be looked at.</summary>
    public required TimeSpan InboxDelayMax { get; init; }

    /// <summary>Longest time for a commit.</summary>
    public required TimeSpan CommitMax { get; init; }

    /// <summary>Crashes planned, each with the time it takes to come back.</summary>
    public IReadOnlyList<Outage> Crashes { get; init; } = [];

    /// <summary>Jumps of the server's clock.</summary>
    public IReadOnlyList<ClockJump> Jumps { get; init; } = [];

    /// <summary>Events taken in at a time.</summary>
    public required int MaxBatch { get; init; }

    /// <summary>Events that may wait; beyond that an account's session is made anew.</summary>
    public required int InboxCapacity { get; init; }

    /// <summary>A quote that is older than this is not used.</summary>
    public required TimeSpan QuoteMaxAge { get; init; }

    /// <summary>Time between two looks at the clock for the terminals.</summary>
    public TimeSpan HubTick { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Events between two snapshots.</summary>
    public required int SnapshotEvery { get; init; }
}

/// <summary>At a moment the server's clock is set forward, or back (a negative span).</summary>
public sealed record ClockJump(TimeSpan After, TimeSpan By);

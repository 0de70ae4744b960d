using Lockstep.Domain;

namespace Lockstep.Engine;

/// <summary>
/// An engine's state as plain data (JSON-serialisable), for snapshots and for comparing two runs: what is only looked up is sorted by its id, what has an order
/// keeps it.
/// </summary>
public sealed record EngineCapture
{
    /// <summary>Journal number of the last event that is included.</summary>
    public required long Seq { get; init; }

    /// <summary>Latest time seen.</summary>
    public Timestamp Now { get; init; }

    /// <summary>Why the group stands still; null = it does not.</summary>
    public string? HaltedBy { get; init; }

    /// <summary>The last number given to a leg, pool, intent, ask, watch or account.</summary>
    public long LastNumber { get; init; }

    /// <summary>The settings in force.</summary>
    public GroupSettings? Settings { get; init; }

    /// <summary>Accounts, by name.</summary>
    public IReadOnlyList<AccountCapture> Accounts { get; init; } = [];

    /// <summary>Links, by name.</summary>
    public IReadOnlyList<LinkState> Links { get; init; } = [];

    /// <summary>Incarnations of link names that are gone.</summary>
    public IReadOnlyList<LinkIncarnation> Incarnations { get; init; } = [];

    /// <summary>Legs, by number.</summary>
    public IReadOnlyList<Leg> Legs { get; init; } = [];

    /// <summary>Pools, by number.</summary>
    public IReadOnlyList<Pool> Pools { get; init; } = [];

    /// <summary>Orders on their way, by number.</summary>
    public IReadOnlyList<Intent> Intents { get; init; } = [];

    /// <summary>Keys that are remembered and the pools they belong to, by key.</summary>
    public IReadOnlyList<KeyOwner> Keys { get; init; } = [];

    /// <summary>Client requests, by account and id.</summary>
    public IReadOnlyList<ClientEntry> Clients { get; init; } = [];

    /// <summary>Timers that are set.</summary>
    public IReadOnlyList<TimerCapture> Timers { get; init; } = [];

    /// <summary>Watches that are set.</summary>
    public IReadOnlyList<WatchCapture> Watches { get; init; } = [];
}

/// <summary>An account book with its look-ups as sorted lists.</summary>
public sealed record AccountCapture
{
    /// <summary>The account.</summary>
    public required AccountId Id { get; init; }

    /// <summary>Number within the group.</summary>
    public required long Number { get; init; }

    /// <summary>See <see cref="AccountBook.Up"/>.</summary>
    public bool Up { get; init; }

    /// <summary>See <see cref="AccountBook.Synced"/>.</summary>
    public bool Synced { get; init; }

    /// <summary>See <see cref="AccountBook.Epoch"/>.</summary>
    public long Epoch { get; init; }

    /// <summary>See <see cref="AccountBook.Sequence"/>.</summary>
    public long Sequence { get; init; }

    /// <summary>See <see cref="AccountBook.Capabilities"/>.</summary>
    public AccountCapabilities? Capabilities { get; init; }

    /// <summary>Symbols, by name.</summary>
    public IReadOnlyList<SymbolSpec> Symbols { get; init; } = [];

    /// <summary>Positions, by id.</summary>
    public IReadOnlyList<PositionReport> Positions { get; init; } = [];

    /// <summary>Pending orders, by id.</summary>
    public IReadOnlyList<PendingReport> Orders { get; init; } = [];

    /// <summary>See <see cref="AccountBook.Funds"/>.</summary>
    public AccountFunds? Funds { get; init; }

    /// <summary>See <see cref="AccountBook.Ask"/>.</summary>
    public AskId? Ask { get; init; }

    /// <summary>See <see cref="AccountBook.AskedAt"/>.</summary>
    public Timestamp AskedAt { get; init; }

    /// <summary>See <see cref="AccountBook.AskFailures"/>.</summary>
    public int AskFailures { get; init; }

    /// <summary>See <see cref="AccountBook.AskAt"/>.</summary>
    public Timestamp? AskAt { get; init; }

    /// <summary>See <see cref="AccountBook.SnapshotAt"/>.</summary>
    public Timestamp SnapshotAt { get; init; }

    /// <summary>See <see cref="AccountBook.AskedForDigest"/>.</summary>
    public bool AskedForDigest { get; init; }

    /// <summary>See <see cref="AccountBook.DigestsInVain"/>.</summary>
    public int DigestsInVain { get; init; }

    /// <summary>See <see cref="AccountBook.Early"/>, by sequence.</summary>
    public IReadOnlyList<BookChanged> Early { get; init; } = [];

    /// <summary>See <see cref="AccountBook.LostAt"/>.</summary>
    public Timestamp? LostAt { get; init; }

    /// <summary>See <see cref="AccountBook.Malformed"/>.</summary>
    public long Malformed { get; init; }
}

/// <summary>How often a link of a name was made.</summary>
public sealed record LinkIncarnation(LinkId Link, int Count);

/// <summary>A key, the pool it belongs to (0 = a client's), and whether its command lowers exposure.</summary>
public sealed record KeyOwner(OrderKey Key, long Pool, bool Reducing);

/// <summary>A timer that is set.</summary>
public sealed record TimerCapture(TimerKind Kind, long Number, Timestamp At);

/// <summary>A watch that is set, and the leg it is for.</summary>
public sealed record WatchCapture(WatchPrice Watch, long Leg);

using Lockstep.Domain;

namespace Lockstep.Engine;

/// <summary>What is compared with what.</summary>
public enum PoolKind
{
    /// <summary>One leg on a hedging target: it owns its positions.</summary>
    Leg = 1,

    /// <summary>All legs of one symbol on a netting or FIFO target: the sum counts.</summary>
    Symbol = 2,

    /// <summary>A source position that must be closed (two-way links, naked legs).</summary>
    CloseSource = 3,
}

/// <summary>
/// The unit of comparison: wanted (by its legs) against held plus in flight. At most one command is in flight per pool, so that each next one is worked out from
/// what the last one really did.
/// </summary>
public sealed record Pool
{
    /// <summary>Number within the group.</summary>
    public required long Number { get; init; }

    /// <summary>What it is.</summary>
    public required PoolKind Kind { get; init; }

    /// <summary>The account traded on.</summary>
    public required AccountId Account { get; init; }

    /// <summary>The symbol traded.</summary>
    public required SymbolName Symbol { get; init; }

    /// <summary>What the keys of its orders are worked out from: scope, source number, generation.</summary>
    public required string KeyScope { get; init; }

    /// <summary>See <see cref="KeyScope"/>.</summary>
    public long KeySource { get; init; }

    /// <summary>See <see cref="KeyScope"/>.</summary>
    public int KeyGeneration { get; init; }

    /// <summary>Its legs, oldest first, by number.</summary>
    public List<long> Legs { get; init; } = [];

    /// <summary>Positions on the target that are ours (not on netting).</summary>
    public List<Holding> Holdings { get; init; } = [];

    /// <summary>Netting: the signed volume that our orders put there.</summary>
    public Lots Ours { get; set; }

    /// <summary>Netting: the signed volume that others put there.</summary>
    public Lots Foreign { get; set; }

    /// <summary>Netting: levels last asked for.</summary>
    public Levels? NetLevels { get; set; }

    /// <summary>Our pending order on the target.</summary>
    public OrderId? Pending { get; set; }

    /// <summary>What was last asked for it (null = as placed by hand or not known).</summary>
    public PendingReport? PendingAsked { get; set; }

    /// <summary>The order in flight.</summary>
    public OrderKey? InFlight { get; set; }

    /// <summary>Orders decided so far; the attempt number in keys.</summary>
    public int Attempts { get; set; }

    /// <summary>Openings tried since the last fill.</summary>
    public int OpenTries { get; set; }

    /// <summary>Refusals in a row, for the backoff.</summary>
    public int Refusals { get; set; }

    /// <summary>Level changes refused in a row.</summary>
    public int StopsRefused { get; set; }

    /// <summary>Not to be tried before this.</summary>
    public Timestamp? RetryAt { get; set; }

    /// <summary>Not to be tried before the account was asked at or after this: the platform does not know what we think is there.</summary>
    public Timestamp? TruthFrom { get; set; }

    /// <summary>Open without levels and set them afterwards: the broker refused them with the opening.</summary>
    public bool OpenBare { get; set; }

    /// <summary>Left to the owner: nothing is sent any more.</summary>
    public bool Released { get; set; }

    /// <summary>Keys decided for it, oldest first; forgotten with the pool, or when there are very many.</summary>
    public List<OrderKey> Keys { get; init; } = [];

    /// <summary>The latest deals that were looked at: on netting, ours that are counted in <see cref="Ours"/>; elsewhere, closings of our positions.</summary>
    public List<DealId> Deals { get; init; } = [];

    /// <summary>Partial closes decided (planted fault only).</summary>
    public int PartialCloses { get; set; }
}

/// <summary>A target position that is ours.</summary>
public sealed record Holding
{
    /// <summary>The position.</summary>
    public required PositionId Position { get; init; }

    /// <summary>Its side.</summary>
    public required Side Side { get; init; }

    /// <summary>Its volume as last reported.</summary>
    public required Lots Volume { get; set; }

    /// <summary>Levels last asked for; null = never.</summary>
    public Levels? Asked { get; set; }

    /// <summary>The book has shown them, or the platform has answered for them.</summary>
    public bool Confirmed { get; set; }
}

/// <summary>Protection levels.</summary>
public readonly record struct Levels(Price? StopLoss, Price? TakeProfit);

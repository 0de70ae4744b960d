using Lockstep.Domain;

namespace Lockstep.Engine;

/// <summary>How a leg stands.</summary>
public enum LegStatus
{
    /// <summary>The target is kept in step with the source.</summary>
    Active = 1,

    /// <summary>Answered "nothing, because …" when it was made.</summary>
    Skipped = 2,

    /// <summary>Ended on the target before its source did; it is not opened again.</summary>
    Ended = 3,

    /// <summary>Source and target are both done; kept for a while so that late reports are recognised.</summary>
    Finished = 4,
}

/// <summary>A leg as others see it.</summary>
public sealed record LegView
{
    /// <summary>The link.</summary>
    public required LinkId Link { get; init; }

    /// <summary>Source account.</summary>
    public required AccountId Source { get; init; }

    /// <summary>Source position, once there is one.</summary>
    public PositionId? Position { get; init; }

    /// <summary>Source pending order, when it began as one.</summary>
    public OrderId? Order { get; init; }

    /// <summary>Counts the reversals of a netting source position, from 0.</summary>
    public required int Generation { get; init; }

    /// <summary>How it stands.</summary>
    public required LegStatus Status { get; init; }

    /// <summary>Why it was skipped or ended.</summary>
    public WhyReason? Reason { get; init; }

    /// <summary>Source symbol.</summary>
    public required SymbolName SourceSymbol { get; init; }

    /// <summary>Source side.</summary>
    public required Side SourceSide { get; init; }

    /// <summary>Source volume now (0 = closed).</summary>
    public required Lots SourceVolume { get; init; }

    /// <summary>Target account.</summary>
    public required AccountId Target { get; init; }

    /// <summary>Target symbol (empty when skipped before it was known).</summary>
    public required SymbolName TargetSymbol { get; init; }

    /// <summary>Target side.</summary>
    public required Side TargetSide { get; init; }

    /// <summary>What the target should hold for it now.</summary>
    public required Lots Wanted { get; init; }

    /// <summary>What it holds (on pools: the leg's share of the sum).</summary>
    public required Lots Held { get; init; }

    /// <summary>The order in flight, if any.</summary>
    public OrderKey? InFlight { get; init; }

    /// <summary>Target positions that belong to it (hedging targets).</summary>
    public IReadOnlyList<PositionId> TargetPositions { get; init; } = [];
}

/// <summary>An order in flight as others see it.</summary>
public sealed record IntentView
{
    /// <summary>Its key.</summary>
    public required OrderKey Key { get; init; }

    /// <summary>The account.</summary>
    public required AccountId Account { get; init; }

    /// <summary>What was sent.</summary>
    public required OrderCommand Command { get; init; }

    /// <summary>True when its outcome is in doubt.</summary>
    public required bool Unknown { get; init; }

    /// <summary>When it was decided.</summary>
    public required Timestamp DecidedAt { get; init; }
}

/// <summary>An account as the engine believes it to be.</summary>
public sealed record AccountView
{
    /// <summary>The account.</summary>
    public required AccountId Id { get; init; }

    /// <summary>A session is up.</summary>
    public required bool Up { get; init; }

    /// <summary>A snapshot of this session was taken in: the book can be traded on.</summary>
    public required bool Synced { get; init; }

    /// <summary>The session's number.</summary>
    public required long Epoch { get; init; }

    /// <summary>What it can do, once it was up.</summary>
    public AccountCapabilities? Capabilities { get; init; }

    /// <summary>Symbols by name.</summary>
    public required IReadOnlyList<SymbolSpec> Symbols { get; init; }

    /// <summary>Open positions, by id.</summary>
    public required IReadOnlyList<PositionReport> Positions { get; init; }

    /// <summary>Pending orders, by id.</summary>
    public required IReadOnlyList<PendingReport> Orders { get; init; }
}

/// <summary>A client request as others see it.</summary>
public sealed record ClientView
{
    /// <summary>The request.</summary>
    public required ClientRequest Request { get; init; }

    /// <summary>How it stands.</summary>
    public required ClientAnswer Answer { get; init; }

    /// <summary>When it was numbered and decided on.</summary>
    public required Timestamp At { get; init; }
}

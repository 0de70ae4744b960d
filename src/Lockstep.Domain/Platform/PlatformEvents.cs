namespace Lockstep.Domain;

/// <summary>
/// What a session tells. <see cref="Epoch"/> numbers the account's sessions, growing: the engine refuses what an older session says.
/// </summary>
public abstract record PlatformEvent
{
    /// <summary>The account that speaks.</summary>
    public required AccountId Account { get; init; }

    /// <summary>The session's number, from 1.</summary>
    public required long Epoch { get; init; }
}

/// <summary>The session is up and the account can be asked and traded. Everything is stale until a snapshot was asked for.</summary>
public sealed record SessionOpened : PlatformEvent
{
    /// <summary>What the account can do.</summary>
    public required AccountCapabilities Capabilities { get; init; }

    /// <summary>The account's symbols.</summary>
    public required IReadOnlyList<SymbolSpec> Symbols { get; init; }
}

/// <summary>The session is lost; orders without an answer are unknown from now on.</summary>
public sealed record SessionClosed : PlatformEvent
{
    /// <summary>Why, for a person.</summary>
    public required string Reason { get; init; }
}

/// <summary>Symbol specifications that are new or changed.</summary>
public sealed record SymbolsChanged : PlatformEvent
{
    /// <summary>The new specifications.</summary>
    public required IReadOnlyList<SymbolSpec> Symbols { get; init; }
}

/// <summary>
/// What changed in the account, each object with its whole new state. <see cref="Sequence"/> grows by one a message within an epoch; a repeat is dropped, a gap
/// makes the engine ask for a snapshot. A session reports the change that an order made before it answers the order.
/// </summary>
public sealed record BookChanged : PlatformEvent
{
    /// <summary>Message number within the epoch, from 1 (snapshots carry the number of the last change they include).</summary>
    public required long Sequence { get; init; }

    /// <summary>Positions that are new or changed.</summary>
    public IReadOnlyList<PositionReport> Positions { get; init; } = [];

    /// <summary>Positions that are no longer open.</summary>
    public IReadOnlyList<PositionId> ClosedPositions { get; init; } = [];

    /// <summary>Pending orders that are new or changed.</summary>
    public IReadOnlyList<PendingReport> Orders { get; init; } = [];

    /// <summary>Pending orders that are no longer working (filled, cancelled or expired).</summary>
    public IReadOnlyList<OrderId> GoneOrders { get; init; } = [];

    /// <summary>The deals that made the change.</summary>
    public IReadOnlyList<DealReport> Deals { get; init; } = [];
}

/// <summary>
/// The session is alive, and so many messages it has sent. Each 5 s (SPEC AC-4). It costs nothing where the engine has them all; where the last message before a quiet
/// time was lost, it is what shows the gap.
/// </summary>
public sealed record Heartbeat : PlatformEvent
{
    /// <summary>The number of the last <see cref="BookChanged"/> sent.</summary>
    public required long Sequence { get; init; }

    /// <summary>The platform's own state is not what its messages add up to (the digests differ): it must be asked for the whole.</summary>
    public bool Differs { get; init; }
}

/// <summary>
/// The account's whole truth at one moment: the answer to <see cref="IAccountSession.Ask"/>. Complete or not sent at all: a failed or partial answer is
/// <see cref="AskFailed"/>, and no evidence of anything.
/// </summary>
public sealed record BookSnapshot : PlatformEvent
{
    /// <summary>The question it answers.</summary>
    public required AskId Ask { get; init; }

    /// <summary>The number of the last <see cref="BookChanged"/> that is included.</summary>
    public required long Sequence { get; init; }

    /// <summary>When the platform was asked for it (our clock, before the first byte left): evidence is only as fresh as this.</summary>
    public required Timestamp TakenAt { get; init; }

    /// <summary>The account's money.</summary>
    public required AccountFunds Funds { get; init; }

    /// <summary>All open positions.</summary>
    public required IReadOnlyList<PositionReport> Positions { get; init; }

    /// <summary>All pending orders.</summary>
    public required IReadOnlyList<PendingReport> Orders { get; init; }

    /// <summary>All deals since <see cref="HistoryFrom"/>, oldest first.</summary>
    public required IReadOnlyList<DealReport> Deals { get; init; }

    /// <summary>Pending orders that ended without a deal since <see cref="HistoryFrom"/> (cancelled, expired), with their last state.</summary>
    public IReadOnlyList<PendingReport> EndedOrders { get; init; } = [];

    /// <summary>From when deals and ended orders are complete.</summary>
    public required Timestamp HistoryFrom { get; init; }
}

/// <summary>A question that could not be answered: no evidence.</summary>
public sealed record AskFailed : PlatformEvent
{
    /// <summary>The question.</summary>
    public required AskId Ask { get; init; }

    /// <summary>Why, for a person.</summary>
    public required string Reason { get; init; }
}

/// <summary>The three ends of an order, and what is not one of them.</summary>
public enum OrderOutcome
{
    /// <summary>The platform did it, wholly or in part (see <see cref="OrderAnswered.Filled"/>).</summary>
    Done = 1,

    /// <summary>Positive evidence that nothing happened and nothing will: the platform said no, or the command never left.</summary>
    Refused = 2,

    /// <summary>Nobody can say. Never resent before the platform, asked after its absence horizon, shows that nothing happened.</summary>
    Unknown = 3,
}

/// <summary>The answer to one command. May come twice, late, or never.</summary>
public sealed record OrderAnswered : PlatformEvent
{
    /// <summary>The command's key.</summary>
    public required OrderKey Key { get; init; }

    /// <summary>Done, refused or unknown.</summary>
    public required OrderOutcome Outcome { get; init; }

    /// <summary>Why refused or unknown, in the one vocabulary; <see cref="Refusal.None"/> when done.</summary>
    public Refusal Refusal { get; init; }

    /// <summary>The platform's own code: retcode, error number or error string, as text.</summary>
    public string Code { get; init; } = "";

    /// <summary>The position that was opened or changed.</summary>
    public PositionId? Position { get; init; }

    /// <summary>The pending order that was placed or changed.</summary>
    public OrderId? Order { get; init; }

    /// <summary>Executed volume; below what was asked on a partial fill.</summary>
    public Lots Filled { get; init; }

    /// <summary>Execution price.</summary>
    public Price? Price { get; init; }
}

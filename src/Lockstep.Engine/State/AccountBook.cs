using Lockstep.Domain;

namespace Lockstep.Engine;

/// <summary>What is believed of one account: what its platform last reported, and how far that can be trusted.</summary>
public sealed record AccountBook
{
    /// <summary>The account.</summary>
    public required AccountId Id { get; init; }

    /// <summary>Number within the group (timers).</summary>
    public required long Number { get; init; }

    /// <summary>A session is up.</summary>
    public bool Up { get; set; }

    /// <summary>A snapshot of this session was taken in.</summary>
    public bool Synced { get; set; }

    /// <summary>The session's number.</summary>
    public long Epoch { get; set; }

    /// <summary>Last book message taken in.</summary>
    public long Sequence { get; set; }

    /// <summary>What it can do.</summary>
    public AccountCapabilities? Capabilities { get; set; }

    /// <summary>Its symbols.</summary>
    public Dictionary<SymbolName, SymbolSpec> Symbols { get; init; } = [];

    /// <summary>Open positions. Look up only; walk <see cref="EngineCapture"/>'s sorted copies.</summary>
    public Dictionary<PositionId, PositionReport> Positions { get; init; } = [];

    /// <summary>Pending orders. Look up only.</summary>
    public Dictionary<OrderId, PendingReport> Orders { get; init; } = [];

    /// <summary>Money at the last snapshot.</summary>
    public AccountFunds? Funds { get; set; }

    /// <summary>The question under way; null = none.</summary>
    public AskId? Ask { get; set; }

    /// <summary>When the question under way was decided: its answer is evidence as of this moment, whatever clock the platform has.</summary>
    public Timestamp AskedAt { get; set; }

    /// <summary>Questions that failed in a row.</summary>
    public int AskFailures { get; set; }

    /// <summary>When the account is to be asked again; null = not.</summary>
    public Timestamp? AskAt { get; set; }

    /// <summary>When the last snapshot was taken.</summary>
    public Timestamp SnapshotAt { get; set; }

    /// <summary>The question under way is there because the platform's state was not what its messages add up to.</summary>
    public bool AskedForDigest { get; set; }

    /// <summary>How often in a row such a question found nothing.</summary>
    public int DigestsInVain { get; set; }

    /// <summary>Book messages that came before their predecessors.</summary>
    public SortedDictionary<long, BookChanged> Early { get; init; } = [];

    /// <summary>Orders on their way to it, oldest first.</summary>
    public List<Intent> Intents { get; init; } = [];

    /// <summary>When the session was lost.</summary>
    public Timestamp? LostAt { get; set; }

    /// <summary>Messages refused as malformed.</summary>
    public long Malformed { get; set; }
}

/// <summary>A link at work.</summary>
public sealed record LinkState
{
    /// <summary>The settings in force.</summary>
    public required LinkSettings Settings { get; set; }

    /// <summary>Counts how often a link of this name was made.</summary>
    public required int Incarnation { get; init; }

    /// <summary>The source's book was seen: what comes from now on is new.</summary>
    public bool Started { get; set; }

    /// <summary>Position numbers whose legs were forgotten, with the generation that comes next, oldest first: should a number come back, no key is decided again.</summary>
    public List<SpentNumber> Spent { get; init; } = [];

    /// <summary>The greatest of them: a number above it is new without looking.</summary>
    public PositionId SpentHigh { get; set; }

    /// <summary>Volumes that rounding left over, by target symbol and side.</summary>
    public List<ResidueOf> Residues { get; init; } = [];
}

/// <summary>A position number that was used, and the generation that comes next under it.</summary>
public readonly record struct SpentNumber(PositionId Position, int NextGeneration);

/// <summary>What rounding left over of a target symbol and side, in target lots.</summary>
public sealed record ResidueOf(SymbolName Symbol, Side Side)
{
    /// <summary>The volume left over, signed: what was raised to the minimum counts against it.</summary>
    public decimal Lots { get; set; }
}

/// <summary>A client request and how it stands.</summary>
public sealed record ClientEntry
{
    /// <summary>The request.</summary>
    public required ClientRequest Request { get; init; }

    /// <summary>How it stands.</summary>
    public required ClientAnswer Answer { get; set; }

    /// <summary>When it came.</summary>
    public required Timestamp At { get; init; }

    /// <summary>What a reversal opens when its closing is done; null = it is none.</summary>
    public Reversal? Reversal { get; set; }
}

/// <summary>The second half of a reversal, frozen when it is accepted.</summary>
public sealed record Reversal
{
    /// <summary>The position that is closed.</summary>
    public required PositionId Position { get; init; }

    /// <summary>The symbol.</summary>
    public required SymbolName Symbol { get; init; }

    /// <summary>Side of the new position.</summary>
    public required Side Side { get; init; }

    /// <summary>Volume of the new position.</summary>
    public required Lots Volume { get; init; }

    /// <summary>How the first half stands.</summary>
    public ClientClosing? Closing { get; init; }
}

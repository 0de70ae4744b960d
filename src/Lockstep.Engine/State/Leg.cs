using Lockstep.Domain;

namespace Lockstep.Engine;

/// <summary>
/// The frozen answer of one link for one source position or pending order. What is frozen when it is made never changes: symbol, side, first volumes,
/// rounding, price guard. What moves is the source's present state and <see cref="Ceiling"/>, which only ever falls.
/// </summary>
public sealed record Leg
{
    /// <summary>Number within the group, in order of making.</summary>
    public required long Number { get; init; }

    /// <summary>The link.</summary>
    public required LinkId Link { get; init; }

    /// <summary>Which incarnation of the link's name made it.</summary>
    public required int Incarnation { get; init; }

    /// <summary>Source account.</summary>
    public required AccountId Source { get; init; }

    /// <summary>Source position; null while only a pending order is there.</summary>
    public PositionId? Position { get; set; }

    /// <summary>Source pending order that it began as.</summary>
    public OrderId? Order { get; init; }

    /// <summary>Counts the trades under one position number: reversals of a netting position, and positions that came back under an old number.</summary>
    public int Generation { get; init; }

    /// <summary>Source symbol.</summary>
    public required SymbolName SourceSymbol { get; init; }

    /// <summary>Source side.</summary>
    public required Side SourceSide { get; init; }

    /// <summary>Source opening (or pending) price, for guards.</summary>
    public required Price SourcePrice { get; set; }

    /// <summary>When the source position was opened or its order placed.</summary>
    public required Timestamp SourceAt { get; set; }

    /// <summary>Source volume now; zero = gone.</summary>
    public required Lots SourceVolume { get; set; }

    /// <summary>True while the source is a working pending order.</summary>
    public bool SourcePending { get; set; }

    /// <summary>The source pending order as last seen.</summary>
    public PendingReport? PendingNow { get; set; }

    /// <summary>Source stop loss now.</summary>
    public Price? SourceStopLoss { get; set; }

    /// <summary>Source take profit now.</summary>
    public Price? SourceTakeProfit { get; set; }

    /// <summary>Target account.</summary>
    public required AccountId Target { get; init; }

    /// <summary>Status; null-like "undecided" is <see cref="Undecided"/>.</summary>
    public LegStatus Status { get; set; } = LegStatus.Active;

    /// <summary>True while the target has never been seen or no answer could be worked out yet.</summary>
    public bool Undecided { get; set; }

    /// <summary>True when it was open before the link.</summary>
    public bool Existed { get; init; }

    /// <summary>Why skipped or ended.</summary>
    public WhyReason? Reason { get; set; }

    /// <summary>Refusal behind an end.</summary>
    public Refusal Refusal { get; set; }

    /// <summary>Target symbol, frozen.</summary>
    public SymbolName TargetSymbol { get; set; }

    /// <summary>Target side, frozen.</summary>
    public Side TargetSide { get; set; }

    /// <summary>Source volume at the answer.</summary>
    public Lots SourceFirst { get; set; }

    /// <summary>Target volume at the answer: <see cref="TargetFirst"/> ÷ <see cref="SourceFirst"/> is the leg's ratio for ever.</summary>
    public Lots TargetFirst { get; set; }

    /// <summary>What rounding left over at the answer, in target lots.</summary>
    public decimal Residue { get; set; }

    /// <summary>Rounding, frozen.</summary>
    public RoundingPolicy Rounding { get; set; } = RoundingPolicy.Down;

    /// <summary>The link's own maximum, frozen; null = none.</summary>
    public Lots? Cap { get; set; }

    /// <summary>Worst price to open at, frozen; null = any.</summary>
    public Price? WorstPrice { get; set; }

    /// <summary>The target never holds more than this for the leg: what a hand or a stop closed stays closed. Null = no limit.</summary>
    public Lots? Ceiling { get; set; }

    /// <summary>What the pool holds for it, as of the last time it was level (symbol pools).</summary>
    public Lots Share { get; set; }

    /// <summary>A pending order was placed for it once; it is not placed again.</summary>
    public bool PendingPlaced { get; set; }

    /// <summary>Moment after which it is not opened any more; null = none.</summary>
    public Timestamp? OpenUntil { get; set; }

    /// <summary>The pool that carries it; 0 = none (skipped, undecided).</summary>
    public long Pool { get; set; }

    /// <summary>When the first order for it was decided.</summary>
    public Timestamp? FirstSentAt { get; set; }

    /// <summary>Source events that wait for their outcome.</summary>
    public List<OpenItem> Items { get; init; } = [];

    /// <summary>The watch on the naked leg's loss; 0 = none, -1 = its price cannot be worked out.</summary>
    public long NakedWatch { get; set; }

    /// <summary>The naked-leg timer is set.</summary>
    public bool NakedTimer { get; set; }

    /// <summary>The source is being closed for it.</summary>
    public bool Unwinding { get; set; }

    /// <summary>When it was finished.</summary>
    public Timestamp? FinishedAt { get; set; }
}

/// <summary>A source event that waits for its outcome on one leg.</summary>
public readonly record struct OpenItem(long EventSeq, int Part, SourceEventKind Kind, Timestamp SeenAt);

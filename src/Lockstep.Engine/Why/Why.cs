using Lockstep.Domain;

namespace Lockstep.Engine;

/// <summary>What happened on the source.</summary>
public enum SourceEventKind
{
    /// <summary>A position was opened (also: found open by a snapshot).</summary>
    Opened = 1,

    /// <summary>A position grew (netting).</summary>
    Increased = 2,

    /// <summary>A position was partly closed.</summary>
    Reduced = 3,

    /// <summary>A position was closed.</summary>
    Closed = 4,

    /// <summary>A netting position changed its side: the old leg closes, a new one is asked for.</summary>
    Reversed = 5,

    /// <summary>Stop loss or take profit changed.</summary>
    StopsChanged = 6,

    /// <summary>A pending order was placed.</summary>
    OrderPlaced = 7,

    /// <summary>A pending order's price, protection or expiry changed.</summary>
    OrderChanged = 8,

    /// <summary>A pending order became a position.</summary>
    OrderFilled = 9,

    /// <summary>A pending order was cancelled or expired.</summary>
    OrderEnded = 10,
}

/// <summary>How a source event ended for one link.</summary>
public enum WhyOutcome
{
    /// <summary>The target holds what it should.</summary>
    Done = 1,

    /// <summary>Nothing was to be done.</summary>
    Nothing = 2,

    /// <summary>The link's settings said no.</summary>
    Skipped = 3,

    /// <summary>The platform said no, for good.</summary>
    Refused = 4,

    /// <summary>In doubt, then proved absent, and not tried again; or given up for age.</summary>
    Lapsed = 5,

    /// <summary>Decided in shadow: would have been sent.</summary>
    Shadowed = 6,
}

/// <summary>
/// Every reason that a why-ledger row can carry (docs/why-ledger.md). Numbers are part of the journal's format: never reuse one.
/// </summary>
public enum WhyReason
{
    /// <summary>Copied: an opening reached its volume.</summary>
    Copied = 1,

    /// <summary>An increase, partial close or change was carried over.</summary>
    Adjusted = 2,

    /// <summary>The target's part is closed or cancelled.</summary>
    ClosedWithSource = 3,

    /// <summary>Overtaken by a later event of the same position before anything was sent for it.</summary>
    Overtaken = 4,

    /// <summary>The leg was skipped earlier; its later events need nothing.</summary>
    LegSkipped = 5,

    /// <summary>The leg had ended on the target earlier (stop, by hand, refused, lapsed).</summary>
    LegEnded = 6,

    /// <summary>The change makes no difference on the target (below its step, or stops are not copied).</summary>
    NoDifference = 7,

    /// <summary>The link is off.</summary>
    LinkOff = 20,

    /// <summary>The link is close-only.</summary>
    CloseOnly = 21,

    /// <summary>The position was there before the link, and the link ignores such positions.</summary>
    ExistedBefore = 22,

    /// <summary>The position was there before the link, and the market is worse than its opening price.</summary>
    ExistedBeforeWorsePrice = 23,

    /// <summary>The symbol is not on the allow list.</summary>
    SymbolNotAllowed = 30,

    /// <summary>The symbol is on the deny list.</summary>
    SymbolDenied = 31,

    /// <summary>No symbol of the target matches.</summary>
    SymbolNotMapped = 32,

    /// <summary>The target has no specification of the mapped symbol.</summary>
    SymbolUnknownOnTarget = 33,

    /// <summary>The side is filtered.</summary>
    SideFiltered = 34,

    /// <summary>The magic number is filtered.</summary>
    MagicFiltered = 35,

    /// <summary>The comment is filtered.</summary>
    CommentFiltered = 36,

    /// <summary>The trade is older than the link allows.</summary>
    TooOld = 37,

    /// <summary>The target's price is too far from the source's.</summary>
    PriceDeviation = 38,

    /// <summary>The target's spread is too wide.</summary>
    SpreadTooWide = 39,

    /// <summary>Outside the link's schedule.</summary>
    OutsideSchedule = 40,

    /// <summary>A filter needs a quote of the target and there is none, or only a stale one.</summary>
    NoQuote = 41,

    /// <summary>The link does not copy pending orders.</summary>
    PendingNotCopied = 42,

    /// <summary>The link copies pending orders when they fill; this one ended or waits.</summary>
    PendingOnFill = 43,

    /// <summary>The target has no such order type.</summary>
    OrderTypeUnsupported = 44,

    /// <summary>The source has no usable specification of its own symbol, so that its volume cannot be converted.</summary>
    SourceSymbolUnknown = 45,

    /// <summary>The target's broker does not let this side be opened on the symbol (disabled, close only, long or short only).</summary>
    NotTradable = 46,

    /// <summary>The volume comes out below the target's minimum.</summary>
    BelowMinimum = 50,

    /// <summary>Raising to the minimum would add more risk than the link allows.</summary>
    RaiseAboveCap = 51,

    /// <summary>Sizing needs funds that are not known or not positive.</summary>
    NoFunds = 52,

    /// <summary>The accounts' currencies differ and no rate between them is known.</summary>
    NoConversionRate = 53,

    /// <summary>The volume works out to zero.</summary>
    ZeroVolume = 54,

    /// <summary>The platform refused; see the refusal.</summary>
    Refused = 60,

    /// <summary>All attempts are used up.</summary>
    AttemptsExhausted = 61,

    /// <summary>In doubt, proved absent after the horizon, and the link opens at most once.</summary>
    InDoubtLapsed = 62,

    /// <summary>Too old by the time it could be sent.</summary>
    Expired = 63,

    /// <summary>The order is in doubt and needs a person (comment rewritten, several candidates).</summary>
    NeedsPerson = 64,

    /// <summary>The target's stop loss or take profit closed it.</summary>
    TargetStopHit = 70,

    /// <summary>The target's position was closed by hand or by the broker: it stays closed.</summary>
    TargetClosedByHand = 71,

    /// <summary>The hedge leg stayed naked beyond its budget; the source was unwound.</summary>
    NakedLegUnwound = 72,

    /// <summary>The source was lost for longer than the link allows.</summary>
    SourceLost = 73,

    /// <summary>The link was removed.</summary>
    LinkRemoved = 74,

    /// <summary>Shadow: decided and recorded, nothing sent.</summary>
    Shadow = 80,

    /// <summary>A rule of the account forbids the opening (RU).</summary>
    RuleForbids = 90,
}

/// <summary>One row of the why-ledger: what became of one source event on one link. Exactly one per source event and link.</summary>
public sealed record WhyEntry
{
    /// <summary>Journal number of the event in which the source changed.</summary>
    public required long EventSeq { get; init; }

    /// <summary>Which of the changes within that event, from 0.</summary>
    public required int Part { get; init; }

    /// <summary>The link.</summary>
    public required LinkId Link { get; init; }

    /// <summary>What happened on the source.</summary>
    public required SourceEventKind Kind { get; init; }

    /// <summary>The source account.</summary>
    public required AccountId Source { get; init; }

    /// <summary>The source position, when it is one.</summary>
    public PositionId? Position { get; init; }

    /// <summary>The source pending order, when it is one.</summary>
    public OrderId? Order { get; init; }

    /// <summary>The source's symbol.</summary>
    public required SymbolName Symbol { get; init; }

    /// <summary>How it ended.</summary>
    public required WhyOutcome Outcome { get; init; }

    /// <summary>Why.</summary>
    public required WhyReason Reason { get; init; }

    /// <summary>The platform's refusal, when there was one.</summary>
    public Refusal Refusal { get; init; }

    /// <summary>The numbers behind the reason, for a person.</summary>
    public string Detail { get; init; } = "";

    /// <summary>The target account.</summary>
    public required AccountId Target { get; init; }

    /// <summary>Volume that the target should hold after the event (signed on pools).</summary>
    public Lots Wanted { get; init; }

    /// <summary>What rounding left over, in target lots (wanted exactly − wanted); carried to the next trade where the link says so.</summary>
    public decimal Residue { get; init; }

    /// <summary>When the source event reached us.</summary>
    public required Timestamp SeenAt { get; init; }

    /// <summary>When the first order for it was decided; null when none was.</summary>
    public Timestamp? SentAt { get; init; }

    /// <summary>When the outcome was known.</summary>
    public required Timestamp EndedAt { get; init; }
}

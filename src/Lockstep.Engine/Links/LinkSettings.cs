using Lockstep.Domain;

namespace Lockstep.Engine;

/// <summary>Accounts and links that one engine serves.</summary>
public sealed record GroupSettings
{
    /// <summary>The accounts, by name.</summary>
    public required IReadOnlyList<AccountId> Accounts { get; init; }

    /// <summary>The links between them.</summary>
    public required IReadOnlyList<LinkSettings> Links { get; init; }
}

/// <summary>Copy goes the same way, hedge the other.</summary>
public enum LinkKind
{
    /// <summary>Buy stays buy.</summary>
    Copy = 1,

    /// <summary>Buy becomes sell; SL and TP change places; a limit order becomes a stop order and back.</summary>
    Hedge = 2,
}

/// <summary>What a link may do (SPEC CP-9).</summary>
public enum LinkMode
{
    /// <summary>Everything.</summary>
    On = 1,

    /// <summary>Reduce and close what it holds; open nothing new.</summary>
    CloseOnly = 2,

    /// <summary>Nothing at all; what it holds stays as it is.</summary>
    Off = 3,

    /// <summary>Decide and record, send nothing.</summary>
    Shadow = 4,
}

/// <summary>One link: what happens on <see cref="Source"/> is brought about on <see cref="Target"/>.</summary>
public sealed record LinkSettings
{
    /// <summary>Its name.</summary>
    public required LinkId Id { get; init; }

    /// <summary>Where trades come from.</summary>
    public required AccountId Source { get; init; }

    /// <summary>Where they go.</summary>
    public required AccountId Target { get; init; }

    /// <summary>Copy or hedge.</summary>
    public LinkKind Kind { get; init; } = LinkKind.Copy;

    /// <summary>On, close-only, off or shadow.</summary>
    public LinkMode Mode { get; init; } = LinkMode.On;

    /// <summary>How volumes are worked out.</summary>
    public SizingSettings Sizing { get; init; } = new();

    /// <summary>Which trades are taken.</summary>
    public FilterSettings Filters { get; init; } = new();

    /// <summary>How symbol names are found.</summary>
    public SymbolMapSettings Symbols { get; init; } = new();

    /// <summary>Whether SL and TP are carried over.</summary>
    public StopsPolicy Stops { get; init; } = StopsPolicy.Copy;

    /// <summary>What is done with pending orders.</summary>
    public PendingPolicy Pending { get; init; } = PendingPolicy.OnFill;

    /// <summary>With native pending orders: what to do when the source's filled and ours did not.</summary>
    public SourceFilledFirst SourceFilledFirst { get; init; } = SourceFilledFirst.Market;

    /// <summary>What is done with positions that were open before the link.</summary>
    public ExistingPolicy Existing { get; init; } = ExistingPolicy.Ignore;

    /// <summary>What is done with an opening that was in doubt and proved absent.</summary>
    public InDoubtPolicy InDoubt { get; init; } = InDoubtPolicy.Lapse;

    /// <summary>Close what the link holds when its source has been lost for this long; null = keep it.</summary>
    public TimeSpan? CloseAfterSourceLost { get; init; }

    /// <summary>What happens to the link's positions when it is removed: true = close them, false = leave them to the owner.</summary>
    public bool CloseOnRemoval { get; init; }

    /// <summary>When the target's position ends by itself, close the source's too (hedge pairs).</summary>
    public bool TwoWay { get; init; }

    /// <summary>How long a source position may stand without its target before the source is closed; null = no limit.</summary>
    public TimeSpan? NakedTime { get; init; }

    /// <summary>How much the source position may lose, in its account's currency, while its target is missing, before it is closed; null = no limit.</summary>
    public Money? NakedLoss { get; init; }

    /// <summary>How often an opening is tried in all, 1–20. Closing has no such limit.</summary>
    public int MaxOpenAttempts { get; init; } = 3;
}

/// <summary>How volumes are worked out (SPEC CP-2).</summary>
public enum SizingMode
{
    /// <summary>Source volume, contract sizes made equal.</summary>
    Same = 1,

    /// <summary>Source volume × factor.</summary>
    Multiplier = 2,

    /// <summary>Always the same volume.</summary>
    Fixed = 3,

    /// <summary>× target balance ÷ source balance × factor.</summary>
    BalanceRatio = 4,

    /// <summary>× target equity ÷ source equity × factor.</summary>
    EquityRatio = 5,

    /// <summary>× target free margin ÷ source free margin × factor.</summary>
    FreeMarginRatio = 6,

    /// <summary>× target balance ÷ a fixed amount × factor.</summary>
    FixedReference = 7,
}

/// <summary>To which side volumes are rounded on the target's step.</summary>
public enum RoundingPolicy
{
    /// <summary>Down: never more risk than asked for.</summary>
    Down = 1,

    /// <summary>Nearest; a tie goes down.</summary>
    Nearest = 2,

    /// <summary>Up.</summary>
    Up = 3,
}

/// <summary>Sizing of a link.</summary>
public sealed record SizingSettings
{
    /// <summary>The mode.</summary>
    public SizingMode Mode { get; init; } = SizingMode.Same;

    /// <summary>Factor of all modes but Same and Fixed; above 0.</summary>
    public decimal Factor { get; init; } = 1m;

    /// <summary>Volume of <see cref="SizingMode.Fixed"/>, in target lots.</summary>
    public Lots FixedLots { get; init; }

    /// <summary>Amount of <see cref="SizingMode.FixedReference"/>, in the target's currency.</summary>
    public Money Reference { get; init; }

    /// <summary>Make contract sizes equal: 1 lot of 100 oz is 10 lots of 10 oz.</summary>
    public bool NormaliseContracts { get; init; } = true;

    /// <summary>Rounding on the target's step.</summary>
    public RoundingPolicy Rounding { get; init; } = RoundingPolicy.Down;

    /// <summary>Below the minimum: raise to it (true) or skip (false).</summary>
    public bool RaiseToMinimum { get; init; }

    /// <summary>Raising may multiply the wanted volume at most by this, from 1; above it the trade is skipped.</summary>
    public decimal RaiseCap { get; init; } = 5m;

    /// <summary>The link's own maximum per source position, in target lots; the volume is clamped to it. Null = the symbol's.</summary>
    public Lots? MaxLots { get; init; }

    /// <summary>Carry what rounding left over to the next trade of the same symbol and side.</summary>
    public bool CarryResidue { get; init; }
}

/// <summary>Which trades a link takes (SPEC CP-5). Empty lists mean "any".</summary>
public sealed record FilterSettings
{
    /// <summary>Only these source symbols.</summary>
    public IReadOnlyList<SymbolName> Allow { get; init; } = [];

    /// <summary>Never these; stands over <see cref="Allow"/>.</summary>
    public IReadOnlyList<SymbolName> Deny { get; init; } = [];

    /// <summary>Only this side of the source.</summary>
    public Side? OnlySide { get; init; }

    /// <summary>Only these magic numbers (0 = by hand).</summary>
    public IReadOnlyList<long> Magics { get; init; } = [];

    /// <summary>Never these magic numbers.</summary>
    public IReadOnlyList<long> DenyMagics { get; init; } = [];

    /// <summary>The comment must contain this; null = any.</summary>
    public string? CommentContains { get; init; }

    /// <summary>The comment must not contain this; null = any.</summary>
    public string? CommentLacks { get; init; }

    /// <summary>Oldest trade to open, counted from its opening to now; null = any. A pending order has no age: its price waits for it.</summary>
    public TimeSpan? MaxAge { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Largest distance of the target's opening price from the source's, in target points; null = any.</summary>
    public int? MaxDeviationPoints { get; init; }

    /// <summary>Count only a worse price as deviation.</summary>
    public bool DeviationOneSided { get; init; }

    /// <summary>Widest spread of the target, in target points; null = any.</summary>
    public int? MaxSpreadPoints { get; init; }

    /// <summary>When to open, in UTC; empty = always.</summary>
    public IReadOnlyList<ScheduleWindow> Schedule { get; init; } = [];
}

/// <summary>A weekly window in UTC; <see cref="To"/> is exclusive and may be 24:00.</summary>
public sealed record ScheduleWindow(DayOfWeek Day, TimeSpan From, TimeSpan To);

/// <summary>How a source symbol's name becomes the target's: an explicit pair stands over the rest.</summary>
public sealed record SymbolMapSettings
{
    /// <summary>Explicit pairs.</summary>
    public IReadOnlyList<SymbolPair> Pairs { get; init; } = [];

    /// <summary>Cut from the start of the source's name when it is there.</summary>
    public string StripPrefix { get; init; } = "";

    /// <summary>Cut from the end of the source's name when it is there.</summary>
    public string StripSuffix { get; init; } = "";

    /// <summary>Put before.</summary>
    public string AddPrefix { get; init; } = "";

    /// <summary>Put after.</summary>
    public string AddSuffix { get; init; } = "";
}

/// <summary>A source symbol and the target symbol it becomes.</summary>
public sealed record SymbolPair(SymbolName Source, SymbolName Target);

/// <summary>Whether stops are carried over.</summary>
public enum StopsPolicy
{
    /// <summary>Same prices (hedge: SL and TP change places).</summary>
    Copy = 1,

    /// <summary>Not at all; the target closes when the source does.</summary>
    Ignore = 2,
}

/// <summary>What is done with pending orders (SPEC CP-4).</summary>
public enum PendingPolicy
{
    /// <summary>A market order when the source's fills.</summary>
    OnFill = 1,

    /// <summary>A pending order of the same meaning on the target. Only for targets in hedging mode.</summary>
    Native = 2,

    /// <summary>Not copied, not even when they fill.</summary>
    Ignore = 3,
}

/// <summary>The source's pending order filled and ours did not.</summary>
public enum SourceFilledFirst
{
    /// <summary>Cancel ours and open at market, if the price filter still agrees.</summary>
    Market = 1,

    /// <summary>Leave ours waiting while the source's position is open.</summary>
    Wait = 2,
}

/// <summary>Positions that were open before the link.</summary>
public enum ExistingPolicy
{
    /// <summary>Leave them alone.</summary>
    Ignore = 1,

    /// <summary>Copy them.</summary>
    Join = 2,

    /// <summary>Copy those that can be had at the source's price or better.</summary>
    JoinAtEqualOrBetter = 3,
}

/// <summary>An opening was in doubt and proved absent.</summary>
public enum InDoubtPolicy
{
    /// <summary>It lapses: at most once.</summary>
    Lapse = 1,

    /// <summary>It is tried again, if age and price guard still allow.</summary>
    Reopen = 2,
}

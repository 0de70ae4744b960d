using Lockstep.Domain;

namespace Lockstep.Engine;

/// <summary>Everything the engine can want done. Decisions of an event are journalled with it, and carried out only after that.</summary>
public abstract record Decision;

/// <summary>Send a command. The engine decides each key once in its life.</summary>
public sealed record SendOrder(OrderCommand Command) : Decision;

/// <summary>Ask an account for its whole truth.</summary>
public sealed record AskAccount(AccountId Account, AskId Ask, Timestamp HistoryFrom) : Decision;

/// <summary>Wake the engine at a moment; a later one for the same timer replaces it, null forgets it.</summary>
public sealed record WakeAt(TimerId Timer, Timestamp? At) : Decision;

/// <summary>Which way a watched price is crossed.</summary>
public enum Crossing
{
    /// <summary>Fires when the price is at or below the level.</summary>
    AtOrBelow = 1,

    /// <summary>Fires when the price is at or above the level.</summary>
    AtOrAbove = 2,
}

/// <summary>Tell the engine once when the closing price of <see cref="Side"/> positions on a symbol crosses a level.</summary>
public sealed record WatchPrice(WatchId Watch, AccountId Account, SymbolName Symbol, Side Side, Crossing Crossing, Price Level) : Decision;

/// <summary>Forget a watch.</summary>
public sealed record Unwatch(WatchId Watch) : Decision;

/// <summary>One row of the why-ledger.</summary>
public sealed record WhyRecorded(WhyEntry Entry) : Decision;

/// <summary>Something a person should look at.</summary>
public sealed record AlertRaised(AlertLevel Level, string Code, AccountId? Account, LinkId? Link, string Text) : Decision;

/// <summary>How urgent an alert is.</summary>
public enum AlertLevel
{
    /// <summary>Good to know.</summary>
    Info = 1,

    /// <summary>Something did not go as wanted.</summary>
    Warning = 2,

    /// <summary>Money may be at risk until a person acts.</summary>
    Critical = 3,
}

/// <summary>What we believed and what the platform reports differed; the belief was repaired.</summary>
public sealed record DivergenceFound(AccountId Account, string What, string Believed, string Reported) : Decision;

/// <summary>The answer to a <see cref="ClientRequest"/>; exactly one in the end, and possibly an <see cref="ClientState.Unknown"/> one before it.</summary>
public sealed record ClientAnswered(AccountId Account, string ClientId, ClientAnswer Answer) : Decision;

/// <summary>How a client request stands.</summary>
public enum ClientState
{
    /// <summary>The platform did it.</summary>
    Done = 1,

    /// <summary>The platform, or we, said no; nothing happened.</summary>
    Refused = 2,

    /// <summary>Not known yet; it is being found out.</summary>
    Unknown = 3,

    /// <summary>Sent, no answer yet.</summary>
    InFlight = 4,
}

/// <summary>How a client request ended, or stands.</summary>
public sealed record ClientAnswer
{
    /// <summary>The state.</summary>
    public required ClientState State { get; init; }

    /// <summary>Why refused or unknown.</summary>
    public Refusal Refusal { get; init; }

    /// <summary>The platform's code, or our own words.</summary>
    public string Code { get; init; } = "";

    /// <summary>The order's key.</summary>
    public OrderKey? Key { get; init; }

    /// <summary>The position made or changed.</summary>
    public PositionId? Position { get; init; }

    /// <summary>The pending order made or changed.</summary>
    public OrderId? Order { get; init; }

    /// <summary>Executed volume.</summary>
    public Lots Filled { get; init; }

    /// <summary>Execution price.</summary>
    public Price? Price { get; init; }

    /// <summary>A reversal's first half; the rest of the answer then tells of the second, as soon as there is one.</summary>
    public ClientClosing? Closing { get; init; }
}

/// <summary>How the closing of a reversed position ended, or stands.</summary>
public sealed record ClientClosing
{
    /// <summary>The state.</summary>
    public required ClientState State { get; init; }

    /// <summary>The order's key.</summary>
    public OrderKey? Key { get; init; }

    /// <summary>The position.</summary>
    public required PositionId Position { get; init; }

    /// <summary>Closed volume, where the platform told it.</summary>
    public Lots Filled { get; init; }

    /// <summary>Execution price.</summary>
    public Price? Price { get; init; }
}

/// <summary>
/// An invariant is broken: the group takes no further event until a person restarts it. <see cref="Text"/> holds what was found; the journal up to this event
/// replays it.
/// </summary>
public sealed record GroupHalted(string Invariant, string Text) : Decision;

/// <summary>What a timer is for.</summary>
public enum TimerKind
{
    /// <summary>An order's answer is due.</summary>
    AnswerDue = 1,

    /// <summary>An account is to be asked again.</summary>
    AskAgain = 2,

    /// <summary>A pool's next attempt.</summary>
    Retry = 3,

    /// <summary>A source has been lost for too long.</summary>
    LostSource = 5,

    /// <summary>A hedge leg has been naked for too long.</summary>
    NakedLeg = 6,

    /// <summary>Finished legs may be forgotten.</summary>
    Retire = 7,
}

/// <summary>A timer: its purpose and the number of what it is about.</summary>
public readonly record struct TimerId(TimerKind Kind, long Number);

/// <summary>A watch, numbered by the engine.</summary>
public readonly record struct WatchId(long Number);

using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Storage;

/// <summary>
/// What the world is told: everything that happened to accounts and links, one after another. Rows are made durable in the commit of the journal records that they come from, so that
/// an event is told if and only if it counts. Prices and money are no events: of them only the latest matters.
/// </summary>
public abstract record EventBody;

/// <summary>How a session stands.</summary>
/// <param name="Up">A session is up.</param>
/// <param name="Synced">The book can be traded on.</param>
/// <param name="Epoch">Number of the session.</param>
/// <param name="Reason">Why it was lost; empty when it was not.</param>
public sealed record SessionNoted(bool Up, bool Synced, long Epoch, string Reason) : EventBody;

/// <summary>A position was opened.</summary>
/// <param name="Position">As it is.</param>
public sealed record PositionOpened(PositionReport Position) : EventBody;

/// <summary>A position changed: volume, stops, ticket, price.</summary>
/// <param name="Before">As it was.</param>
/// <param name="Position">As it is.</param>
public sealed record PositionChanged(PositionReport Before, PositionReport Position) : EventBody;

/// <summary>A position was closed.</summary>
/// <param name="Position">As it was last.</param>
/// <param name="Deals">The deals that closed it, as far as they came with the report; their profit, swap and commission are the closing's.</param>
public sealed record PositionClosed(PositionReport Position, IReadOnlyList<DealReport> Deals) : EventBody;

/// <summary>A pending order was placed.</summary>
/// <param name="Order">As it is.</param>
public sealed record OrderPlaced(PendingReport Order) : EventBody;

/// <summary>A pending order changed.</summary>
/// <param name="Before">As it was.</param>
/// <param name="Order">As it is.</param>
public sealed record OrderChanged(PendingReport Before, PendingReport Order) : EventBody;

/// <summary>A pending order works no longer: it was filled, cancelled or expired.</summary>
/// <param name="Order">As it was last.</param>
public sealed record OrderGone(PendingReport Order) : EventBody;

/// <summary>A deal was done.</summary>
/// <param name="Deal">The deal.</param>
public sealed record DealDone(DealReport Deal) : EventBody;

/// <summary>A request through the API stands so.</summary>
/// <param name="ClientId">The client's id.</param>
/// <param name="Answer">How it stands.</param>
public sealed record RequestAnswered(string ClientId, ClientAnswer Answer) : EventBody;

/// <summary>A row of the why-ledger.</summary>
/// <param name="Entry">The row.</param>
public sealed record WhyNoted(WhyEntry Entry) : EventBody;

/// <summary>An alert.</summary>
/// <param name="Alert">The alert.</param>
public sealed record AlertNoted(AlertRaised Alert) : EventBody;

/// <summary>Belief and report differed; the belief was repaired.</summary>
/// <param name="Divergence">What differed.</param>
public sealed record DivergenceNoted(DivergenceFound Divergence) : EventBody;

/// <summary>One event, with its place.</summary>
/// <param name="Group">The group.</param>
/// <param name="Seq">The journal record that it comes from.</param>
/// <param name="Index">Its number among the events of that record, from 0.</param>
/// <param name="At">When the record was numbered.</param>
/// <param name="Account">The account that it is about; null = none alone.</param>
/// <param name="Link">The link that it is about; null = none.</param>
/// <param name="Body">What happened.</param>
public sealed record EventRow(string Group, long Seq, int Index, Timestamp At, AccountId? Account, LinkId? Link, EventBody Body)
{
    /// <summary>Its number among all events of the store: growing in the order of the commits, without gaps; 0 until it was written.</summary>
    public long Id { get; set; }

    /// <summary>The word for its kind, as it stands in the store: <c>position.closed</c>.</summary>
    public string Kind => EventKinds.Of(Body);
}

/// <summary>The words for kinds of event.</summary>
public static class EventKinds
{
    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> All =
        ["session", "position.opened", "position.changed", "position.closed", "order.placed", "order.changed", "order.gone", "deal", "request", "why", "alert", "divergence"];

    /// <summary>The word for a body.</summary>
    public static string Of(EventBody body) => body switch
    {
        SessionNoted => "session",
        PositionOpened => "position.opened",
        PositionChanged => "position.changed",
        PositionClosed => "position.closed",
        OrderPlaced => "order.placed",
        OrderChanged => "order.changed",
        OrderGone => "order.gone",
        DealDone => "deal",
        RequestAnswered => "request",
        WhyNoted => "why",
        AlertNoted => "alert",
        DivergenceNoted => "divergence",
        _ => throw new ArgumentException($"{body.GetType().Name} has no word.", nameof(body)),
    };
}

/// <summary>Which events are wanted; everything that is given must hold.</summary>
public sealed record EventQuery
{
    /// <summary>Only events after this one (<see cref="EventRow.Id"/>).</summary>
    public long After { get; init; }

    /// <summary>Only events before this one; null = up to the last.</summary>
    public long? Before { get; init; }

    /// <summary>About one of these accounts; null = all, those about none included.</summary>
    public IReadOnlyCollection<AccountId>? Accounts { get; init; }

    /// <summary>Of one of these kinds (<see cref="EventKinds"/>); null = all.</summary>
    public IReadOnlyCollection<string>? Kinds { get; init; }

    /// <summary>At most so many.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>The latest first; else the oldest first.</summary>
    public bool Latest { get; init; }
}

/// <summary>The durable log of events, for streams that go on after a gap and for the outbox.</summary>
public interface IEventLog
{
    /// <summary>Names this store for ever: part of the identity of its events.</summary>
    Guid Instance { get; }

    /// <summary>Number of the last event; 0 = none was ever written.</summary>
    long LastEvent { get; }

    /// <summary>Number of the oldest event that is kept; <see cref="LastEvent"/> + 1 when none is.</summary>
    long FirstEvent { get; }

    /// <summary>Events, in order of their numbers.</summary>
    IReadOnlyList<EventRow> Events(EventQuery query);

    /// <summary>A reader says that it is done with everything up to an event: what is after it is kept for it. Durable when the task ends.</summary>
    Task SaveCursorAsync(string reader, long id);

    /// <summary>A reader needs nothing kept any more. Durable when the task ends.</summary>
    Task DeleteCursorAsync(string reader);

    /// <summary>How far a reader is; null when it never said.</summary>
    long? Cursor(string reader);

    /// <summary>Those who keep a cursor, by name, and how far they are.</summary>
    IReadOnlyList<EventReader> Readers();

    /// <summary>Removes events that are older than this and that every reader is done with. Returns how many went.</summary>
    Task<long> PruneEventsAsync(Timestamp olderThan);
}

/// <summary>Who reads the log and has what it has not read kept for it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Done">The last event that it is done with.</param>
/// <param name="WaitingSince">When the first event happened that it is not done with; null = it is done with all.</param>
public sealed record EventReader(string Name, long Done, Timestamp? WaitingSince);

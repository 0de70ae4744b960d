using Lockstep.Domain;
using Lockstep.Storage;

namespace Lockstep.Server.Streams;

/// <summary>Topics of events, to be combined.</summary>
[Flags]
internal enum EventTopics
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Sessions.</summary>
    Sessions = 1,

    /// <summary>Positions.</summary>
    Positions = 2,

    /// <summary>Pending orders.</summary>
    Orders = 4,

    /// <summary>Deals.</summary>
    Deals = 8,

    /// <summary>Requests of the API.</summary>
    Requests = 16,

    /// <summary>The why-ledger.</summary>
    Why = 32,

    /// <summary>Alerts.</summary>
    Alerts = 64,

    /// <summary>Divergences.</summary>
    Divergences = 128,

    /// <summary>All.</summary>
    All = 255,
}

/// <summary>An event and its encodings, each made once, when the first one wants it.</summary>
internal sealed class EventFrame(EventRow row)
{
    private byte[]? _canonical;
    private byte[]? _closed;

    /// <summary>The event.</summary>
    public EventRow Row => row;

    /// <summary>Its topic.</summary>
    public EventTopics Topic { get; } = row.Body switch
    {
        SessionNoted => EventTopics.Sessions,
        PositionOpened or PositionChanged or PositionClosed => EventTopics.Positions,
        OrderPlaced or OrderChanged or OrderGone => EventTopics.Orders,
        DealDone => EventTopics.Deals,
        RequestAnswered => EventTopics.Requests,
        WhyNoted => EventTopics.Why,
        AlertNoted => EventTopics.Alerts,
        _ => EventTopics.Divergences,
    };

    /// <summary>As the canonical stream tells it.</summary>
    public byte[] Canonical => _canonical ??= Frames.Of(EventMessage.Of(row));

    /// <summary>As the parity face tells a position that was closed; null = it tells nothing of this event.</summary>
    public byte[]? Closed => row.Body is PositionClosed closed ? _closed ??= FaceMessages.Closed(closed) : null;
}

/// <summary>The latest events, for all who are up to date: a bounded stretch without holes, up to the last event that was told.</summary>
internal sealed class EventRing(int capacity, long last)
{
    private readonly EventFrame[] _frames = new EventFrame[capacity];

    /// <summary>Number of the last event.</summary>
    public long Last { get; private set; } = last;

    /// <summary>Number of the oldest event that is here; <see cref="Last"/> + 1 when none is.</summary>
    public long First { get; private set; } = last + 1;

    /// <summary>The event of a number between <see cref="First"/> and <see cref="Last"/>.</summary>
    public EventFrame this[long id] => _frames[(int)(id % capacity)];

    /// <summary>Takes the next event in.</summary>
    public EventFrame Add(EventRow row)
    {
        if (row.Id != Last + 1)
        {
            throw new InvalidOperationException($"event {row.Id} after event {Last}");
        }

        var frame = new EventFrame(row);
        Last = row.Id;
        First = Math.Max(First, Last - capacity + 1);
        _frames[(int)(row.Id % capacity)] = frame;
        return frame;
    }
}

/// <summary>Which events a client wants.</summary>
/// <param name="Topics">The topics.</param>
/// <param name="Accounts">The accounts; null = all, and those that are about none alone.</param>
internal sealed record EventFilter(EventTopics Topics, IReadOnlySet<AccountId>? Accounts)
{
    /// <summary>Wants nothing.</summary>
    public static readonly EventFilter Nothing = new(EventTopics.None, null);

    /// <summary>True when an event is wanted.</summary>
    public bool Wants(EventFrame e) => (e.Topic & Topics) != 0 && (Accounts is null || (e.Row.Account is { } account && Accounts.Contains(account)));

    /// <summary>The words of the log for the topics; null = all.</summary>
    public IReadOnlyCollection<string>? Kinds => Topics == EventTopics.All ? null :
    [
        .. Of(EventTopics.Sessions, "session"), .. Of(EventTopics.Positions, "position.opened", "position.changed", "position.closed"), .. Of(EventTopics.Orders, "order.placed", "order.changed", "order.gone"),
        .. Of(EventTopics.Deals, "deal"), .. Of(EventTopics.Requests, "request"), .. Of(EventTopics.Why, "why"), .. Of(EventTopics.Alerts, "alert"), .. Of(EventTopics.Divergences, "divergence"),
    ];

    private string[] Of(EventTopics topic, params string[] words) => (Topics & topic) != 0 ? words : [];
}

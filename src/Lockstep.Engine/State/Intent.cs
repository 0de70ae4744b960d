using Lockstep.Domain;

namespace Lockstep.Engine;

/// <summary>Where an order stands on its way to one of the three ends.</summary>
public enum IntentState
{
    /// <summary>Decided; the answer is awaited.</summary>
    Sent = 1,

    /// <summary>In doubt: the platform is being asked.</summary>
    Unknown = 2,

    /// <summary>Answered done; the book does not show it yet.</summary>
    Settling = 3,
}

/// <summary>One order on its way.</summary>
public sealed record Intent
{
    /// <summary>Its key.</summary>
    public required OrderKey Key { get; init; }

    /// <summary>Number within the group.</summary>
    public required long Number { get; init; }

    /// <summary>The pool it serves; 0 = a client's.</summary>
    public long Pool { get; init; }

    /// <summary>The client request it serves.</summary>
    public string? ClientId { get; init; }

    /// <summary>What was decided.</summary>
    public required OrderCommand Command { get; init; }

    /// <summary>True when it lowers exposure: tried until done.</summary>
    public bool Reducing { get; init; }

    /// <summary>Where it stands.</summary>
    public IntentState State { get; set; } = IntentState.Sent;

    /// <summary>Volume of the position when a reduction was decided.</summary>
    public Lots VolumeBefore { get; init; }

    /// <summary>When it was decided.</summary>
    public required Timestamp DecidedAt { get; init; }

    /// <summary>Absence is believed from evidence taken at or after this: deadline plus horizon.</summary>
    public required Timestamp AbsentFrom { get; set; }

    /// <summary>When the answer came (settling).</summary>
    public Timestamp? AnsweredAt { get; set; }

    /// <summary>The answered position.</summary>
    public PositionId? Position { get; set; }

    /// <summary>The answered order.</summary>
    public OrderId? Order { get; set; }

    /// <summary>The answered price.</summary>
    public Price? Price { get; set; }

    /// <summary>The answered volume.</summary>
    public Lots Filled { get; set; }

    /// <summary>Volume that its pool took over as ours, when it was first shown: what its deals say was filled beyond that had been taken away by others before anybody saw it.</summary>
    public Lots Attached { get; set; }

    /// <summary>Deals seen with its key, so that none is counted twice.</summary>
    public List<DealId> Deals { get; init; } = [];

    /// <summary>Volume of those deals.</summary>
    public Lots DealVolume { get; set; }
}

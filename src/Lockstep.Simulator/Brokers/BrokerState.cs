using System.Text.Json.Serialization;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>The open objects and counters of a platform's books.</summary>
[JsonDerivedType(typeof(Mt4Book), "mt4")]
[JsonDerivedType(typeof(Mt5Book), "mt5")]
[JsonDerivedType(typeof(CtBook), "ctrader")]
public abstract record BookState;

/// <summary>The latest quote of a symbol.</summary>
public sealed record QuoteState(string Symbol, decimal Bid, decimal Ask, Timestamp At);

/// <summary>
/// All that a broker must remember over a restart, as plain records for System.Text.Json. The open state is small and written whole; history only grows, and
/// <see cref="HistoryAppended"/> holds what is new since the last capture.
/// </summary>
public sealed record BrokerState
{
    /// <summary>Version of this shape.</summary>
    public int Version { get; init; } = 1;

    /// <summary>The platform.</summary>
    public required PlatformKind Platform { get; init; }

    /// <summary>Balance.</summary>
    public required decimal Balance { get; init; }

    /// <summary>Number of the last request.</summary>
    public required long RequestNumber { get; init; }

    /// <summary>Number of the last <see cref="OwnerDeal"/>.</summary>
    public required long DealNumber { get; init; }

    /// <summary>When swap is charged next.</summary>
    public required Timestamp NextRollover { get; init; }

    /// <summary>Latest quotes.</summary>
    public required IReadOnlyList<QuoteState> Quotes { get; init; }

    /// <summary>Requests that were taken and not executed yet.</summary>
    public required IReadOnlyList<QueuedRequest> Queue { get; init; }

    /// <summary>Open objects and counters.</summary>
    public required BookState Book { get; init; }

    /// <summary>How many history records came before <see cref="HistoryAppended"/>.</summary>
    public required int HistoryBefore { get; init; }

    /// <summary>History records since the last capture, oldest first.</summary>
    public required IReadOnlyList<HistoryRecord> HistoryAppended { get; init; }
}

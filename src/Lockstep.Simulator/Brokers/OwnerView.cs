using System.Text.Json.Serialization;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>An entry of a broker's books that never changes any more.</summary>
[JsonDerivedType(typeof(OwnerDeal), "deal")]
[JsonDerivedType(typeof(KeyExecuted), "key")]
[JsonDerivedType(typeof(Mt4Order), "mt4.order")]
[JsonDerivedType(typeof(Mt5Order), "mt5.order")]
[JsonDerivedType(typeof(Mt5Deal), "mt5.deal")]
[JsonDerivedType(typeof(CtOrder), "ct.order")]
[JsonDerivedType(typeof(CtDeal), "ct.deal")]
[JsonDerivedType(typeof(CtCashFlow), "ct.cash")]
public abstract record HistoryRecord
{
    /// <summary>When it was recorded (MT4: the second).</summary>
    [JsonIgnore]
    public abstract Timestamp RecordedAt { get; }
}

/// <summary>An execution as the broker's own books have it, in one shape for all platforms. For checkers: it owes nothing to any translator or engine.</summary>
public sealed record OwnerDeal : HistoryRecord
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override Timestamp RecordedAt => At;

    /// <summary>1, 2, 3, … at this broker.</summary>
    public required long Number { get; init; }

    /// <summary>The position, by the identity that never changes (MT4: first ticket of the lineage).</summary>
    public required long Position { get; init; }

    /// <summary>Symbol.</summary>
    public required string Symbol { get; init; }

    /// <summary>Side of the deal.</summary>
    public required Side Side { get; init; }

    /// <summary>Volume in lots.</summary>
    public required decimal Volume { get; init; }

    /// <summary>Price.</summary>
    public required decimal Price { get; init; }

    /// <summary>What it did.</summary>
    public required DealEntry Entry { get; init; }

    /// <summary>Why.</summary>
    public required DealReason Reason { get; init; }

    /// <summary>The key of the order behind it; null = by hand or by the broker.</summary>
    public ulong? OwnerKey { get; init; }

    /// <summary>When.</summary>
    public required Timestamp At { get; init; }

    /// <summary>Realised result without swap and commission.</summary>
    public decimal Profit { get; init; }

    /// <summary>Swap booked.</summary>
    public decimal Swap { get; init; }

    /// <summary>Commission booked.</summary>
    public decimal Commission { get; init; }
}

/// <summary>A command with a key was carried out.</summary>
public sealed record KeyExecuted(ulong OwnerKey, string What, Timestamp At) : HistoryRecord
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override Timestamp RecordedAt => At;
}

/// <summary>An open position as the broker's own books have it.</summary>
public sealed record OwnerPosition
{
    /// <summary>The identity that never changes.</summary>
    public required long Id { get; init; }

    /// <summary>The number under which the platform takes trade calls.</summary>
    public required long Ticket { get; init; }

    /// <summary>Symbol.</summary>
    public required string Symbol { get; init; }

    /// <summary>Side.</summary>
    public required Side Side { get; init; }

    /// <summary>Volume in lots.</summary>
    public required decimal Volume { get; init; }

    /// <summary>Open price.</summary>
    public required decimal OpenPrice { get; init; }

    /// <summary>Stop loss.</summary>
    public decimal? StopLoss { get; init; }

    /// <summary>Take profit.</summary>
    public decimal? TakeProfit { get; init; }

    /// <summary>The key of the command that opened it, whatever became of the comment; null = by hand.</summary>
    public ulong? OwnerKey { get; init; }

    /// <summary>Magic number.</summary>
    public long Magic { get; init; }

    /// <summary>Comment or label.</summary>
    public string Comment { get; init; } = "";

    /// <summary>When it was opened.</summary>
    public required Timestamp OpenedAt { get; init; }
}

/// <summary>A pending order as the broker's own books have it.</summary>
public sealed record OwnerOrder
{
    /// <summary>Number.</summary>
    public required long Id { get; init; }

    /// <summary>Symbol.</summary>
    public required string Symbol { get; init; }

    /// <summary>Side.</summary>
    public required Side Side { get; init; }

    /// <summary>Kind.</summary>
    public required PendingType Type { get; init; }

    /// <summary>Remaining volume in lots.</summary>
    public required decimal Volume { get; init; }

    /// <summary>Price.</summary>
    public required decimal Price { get; init; }

    /// <summary>Stop loss.</summary>
    public decimal? StopLoss { get; init; }

    /// <summary>Take profit.</summary>
    public decimal? TakeProfit { get; init; }

    /// <summary>The key of the command that placed it; null = by hand.</summary>
    public ulong? OwnerKey { get; init; }
}

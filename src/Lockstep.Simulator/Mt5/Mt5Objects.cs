using System.Text.Json.Serialization;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>An instruction. 0 stands for "none" in prices, as on the platform.</summary>
public sealed record Mt5Order : HistoryRecord
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override Timestamp RecordedAt => TimeDone ?? TimeSetup;

    /// <summary>ORDER_TICKET.</summary>
    public required long Ticket { get; init; }

    /// <summary>ORDER_SYMBOL.</summary>
    public required string Symbol { get; init; }

    /// <summary>ORDER_TYPE.</summary>
    public required Mt5OrderType Type { get; init; }

    /// <summary>ORDER_STATE.</summary>
    public required Mt5OrderState State { get; init; }

    /// <summary>ORDER_VOLUME_INITIAL.</summary>
    public required decimal VolumeInitial { get; init; }

    /// <summary>ORDER_VOLUME_CURRENT: what still waits.</summary>
    public decimal VolumeCurrent { get; init; }

    /// <summary>ORDER_PRICE_OPEN.</summary>
    public decimal PriceOpen { get; init; }

    /// <summary>ORDER_PRICE_STOPLIMIT.</summary>
    public decimal StopLimit { get; init; }

    /// <summary>ORDER_SL.</summary>
    public decimal Sl { get; init; }

    /// <summary>ORDER_TP.</summary>
    public decimal Tp { get; init; }

    /// <summary>ORDER_TIME_EXPIRATION; null = none.</summary>
    public Timestamp? Expiration { get; init; }

    /// <summary>ORDER_MAGIC.</summary>
    public long Magic { get; init; }

    /// <summary>ORDER_COMMENT.</summary>
    public string Comment { get; init; } = "";

    /// <summary>ORDER_POSITION_ID: identifier of the position it made or changed, 0 before the first fill.</summary>
    public long PositionId { get; init; }

    /// <summary>ORDER_REASON.</summary>
    public Mt5Reason Reason { get; init; }

    /// <summary>ORDER_TIME_SETUP_MSC.</summary>
    public required Timestamp TimeSetup { get; init; }

    /// <summary>ORDER_TIME_DONE_MSC; null while active.</summary>
    public Timestamp? TimeDone { get; init; }

    /// <summary>The key of the command behind it. The platform does not show it.</summary>
    public ulong? OwnerKey { get; init; }

    /// <summary>Direction.</summary>
    public Side Side => Type is Mt5OrderType.Buy or Mt5OrderType.BuyLimit or Mt5OrderType.BuyStop or Mt5OrderType.BuyStopLimit ? Side.Buy : Side.Sell;
}

/// <summary>An execution.</summary>
public sealed record Mt5Deal : HistoryRecord
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override Timestamp RecordedAt => Time;

    /// <summary>DEAL_TICKET, a series of its own.</summary>
    public required long Ticket { get; init; }

    /// <summary>DEAL_ORDER.</summary>
    public long Order { get; init; }

    /// <summary>DEAL_POSITION_ID: the identifier, not the ticket.</summary>
    public long PositionId { get; init; }

    /// <summary>DEAL_SYMBOL.</summary>
    public string Symbol { get; init; } = "";

    /// <summary>DEAL_TYPE.</summary>
    public required Mt5DealType Type { get; init; }

    /// <summary>DEAL_ENTRY.</summary>
    public Mt5DealEntry Entry { get; init; }

    /// <summary>DEAL_VOLUME.</summary>
    public decimal Volume { get; init; }

    /// <summary>DEAL_PRICE.</summary>
    public decimal Price { get; init; }

    /// <summary>DEAL_PROFIT.</summary>
    public decimal Profit { get; init; }

    /// <summary>DEAL_SWAP.</summary>
    public decimal Swap { get; init; }

    /// <summary>DEAL_COMMISSION: this side only.</summary>
    public decimal Commission { get; init; }

    /// <summary>DEAL_MAGIC.</summary>
    public long Magic { get; init; }

    /// <summary>DEAL_COMMENT.</summary>
    public string Comment { get; init; } = "";

    /// <summary>DEAL_REASON.</summary>
    public Mt5Reason Reason { get; init; }

    /// <summary>DEAL_TIME_MSC.</summary>
    public required Timestamp Time { get; init; }
}

/// <summary>The result: what is held.</summary>
public sealed record Mt5Position
{
    /// <summary>POSITION_TICKET: what trade calls take; can change (netting reversal, swap by re-opening).</summary>
    public required long Ticket { get; init; }

    /// <summary>POSITION_IDENTIFIER: never changes.</summary>
    public required long Identifier { get; init; }

    /// <summary>POSITION_SYMBOL.</summary>
    public required string Symbol { get; init; }

    /// <summary>POSITION_TYPE.</summary>
    public required Side Side { get; init; }

    /// <summary>POSITION_VOLUME.</summary>
    public required decimal Volume { get; init; }

    /// <summary>POSITION_PRICE_OPEN.</summary>
    public required decimal PriceOpen { get; init; }

    /// <summary>POSITION_SL.</summary>
    public decimal Sl { get; init; }

    /// <summary>POSITION_TP.</summary>
    public decimal Tp { get; init; }

    /// <summary>POSITION_SWAP.</summary>
    public decimal Swap { get; init; }

    /// <summary>POSITION_MAGIC: of the last deal that formed it.</summary>
    public long Magic { get; init; }

    /// <summary>POSITION_COMMENT: of the order that opened it.</summary>
    public string Comment { get; init; } = "";

    /// <summary>POSITION_REASON.</summary>
    public Mt5Reason Reason { get; init; }

    /// <summary>POSITION_TIME_MSC.</summary>
    public required Timestamp Time { get; init; }

    /// <summary>The key of the command that opened it. The platform does not show it.</summary>
    public ulong? OwnerKey { get; init; }
}

/// <summary>MqlTradeRequest.</summary>
public sealed record MqlTradeRequest : NativeRequest
{
    /// <summary>What to do.</summary>
    public required MqlAction Action { get; init; }

    /// <summary>Magic; 0 by hand. Has no effect in SLTP, MODIFY and REMOVE.</summary>
    public long Magic { get; init; }

    /// <summary>Order ticket (MODIFY, REMOVE).</summary>
    public long Order { get; init; }

    /// <summary>Symbol.</summary>
    public string Symbol { get; init; } = "";

    /// <summary>Lots.</summary>
    public decimal Volume { get; init; }

    /// <summary>Price; ignored in market execution.</summary>
    public decimal Price { get; init; }

    /// <summary>Limit price of a stop-limit order.</summary>
    public decimal StopLimit { get; init; }

    /// <summary>Stop loss, 0 = none.</summary>
    public decimal Sl { get; init; }

    /// <summary>Take profit, 0 = none.</summary>
    public decimal Tp { get; init; }

    /// <summary>Deviation in points; counts in instant execution.</summary>
    public int Deviation { get; init; }

    /// <summary>Order type.</summary>
    public Mt5OrderType Type { get; init; }

    /// <summary>Filling; unset is FOK.</summary>
    public Mt5Filling TypeFilling { get; init; }

    /// <summary>Lifetime.</summary>
    public Mt5TypeTime TypeTime { get; init; }

    /// <summary>Expiry with <see cref="Mt5TypeTime.Specified"/>.</summary>
    public Timestamp? Expiration { get; init; }

    /// <summary>Comment.</summary>
    public string Comment { get; init; } = "";

    /// <summary>POSITION_TICKET of the position to close or change (not the identifier).</summary>
    public long Position { get; init; }

    /// <summary>The opposite position of a CLOSE_BY.</summary>
    public long PositionBy { get; init; }

    /// <summary>Direction of <see cref="Type"/>.</summary>
    public Side Side => Type is Mt5OrderType.Buy or Mt5OrderType.BuyLimit or Mt5OrderType.BuyStop or Mt5OrderType.BuyStopLimit ? Side.Buy : Side.Sell;
}

/// <summary>MqlTradeResult.</summary>
public sealed record MqlTradeResult : NativeReply
{
    /// <summary>TRADE_RETCODE_….</summary>
    public required int Retcode { get; init; }

    /// <summary>GetLastError beside the retcode: 4301 for an unknown symbol, 4753/4754 for a ticket that is not there.</summary>
    public int LastError { get; init; }

    /// <summary>Deal ticket.</summary>
    public long Deal { get; init; }

    /// <summary>Order ticket.</summary>
    public long Order { get; init; }

    /// <summary>Executed volume.</summary>
    public decimal Volume { get; init; }

    /// <summary>Price of the deal.</summary>
    public decimal Price { get; init; }

    /// <summary>Bid of a requote.</summary>
    public decimal Bid { get; init; }

    /// <summary>Ask of a requote.</summary>
    public decimal Ask { get; init; }

    /// <inheritdoc/>
    public override bool Executed => Retcode is Mt5Retcode.Done or Mt5Retcode.DonePartial or Mt5Retcode.Placed;
}

/// <summary>Open objects and counters of an MT5 account.</summary>
public sealed record Mt5Book(long LastOrder, long LastDeal, IReadOnlyList<Mt5Order> Orders, IReadOnlyList<Mt5Position> Positions) : BookState;

using System.Text.Json.Serialization;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>ProtoOAOrder. Volumes in hundredths of a unit; prices are real prices; null = absent.</summary>
public sealed record CtOrder : HistoryRecord
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override Timestamp RecordedAt => UpdatedAt;

    /// <summary>orderId.</summary>
    public required long OrderId { get; init; }

    /// <summary>Symbol name (the API says symbolId).</summary>
    public required string Symbol { get; init; }

    /// <summary>tradeSide.</summary>
    public required Side Side { get; init; }

    /// <summary>orderType.</summary>
    public required CtOrderType OrderType { get; init; }

    /// <summary>orderStatus.</summary>
    public required CtOrderStatus OrderStatus { get; init; }

    /// <summary>tradeData.volume, hundredths of a unit.</summary>
    public required long Volume { get; init; }

    /// <summary>executedVolume, hundredths of a unit.</summary>
    public long ExecutedVolume { get; init; }

    /// <summary>executionPrice.</summary>
    public decimal? ExecutionPrice { get; init; }

    /// <summary>limitPrice; the TP level on a protection order.</summary>
    public decimal? LimitPrice { get; init; }

    /// <summary>stopPrice; the SL level on a protection order.</summary>
    public decimal? StopPrice { get; init; }

    /// <summary>slippageInPoints.</summary>
    public int SlippageInPoints { get; init; }

    /// <summary>baseSlippagePrice of a MARKET_RANGE order.</summary>
    public decimal? BaseSlippagePrice { get; init; }

    /// <summary>trailingStopLoss; null on orders that have no stop loss.</summary>
    public bool? TrailingStopLoss { get; init; }

    /// <summary>stopTriggerMethod; null on orders that have no stop price.</summary>
    public CtTriggerMethod? TriggerMethod { get; init; }

    /// <summary>stopLoss, absolute.</summary>
    public decimal? StopLoss { get; init; }

    /// <summary>takeProfit, absolute.</summary>
    public decimal? TakeProfit { get; init; }

    /// <summary>relativeStopLoss, 1/100000 of price.</summary>
    public long? RelativeStopLoss { get; init; }

    /// <summary>relativeTakeProfit, 1/100000 of price.</summary>
    public long? RelativeTakeProfit { get; init; }

    /// <summary>timeInForce.</summary>
    public CtTimeInForce TimeInForce { get; init; } = CtTimeInForce.GoodTillCancel;

    /// <summary>expirationTimestamp.</summary>
    public Timestamp? Expiration { get; init; }

    /// <summary>tradeData.label.</summary>
    public string Label { get; init; } = "";

    /// <summary>tradeData.comment.</summary>
    public string Comment { get; init; } = "";

    /// <summary>clientOrderId: on the order only, positions do not carry it.</summary>
    public string ClientOrderId { get; init; } = "";

    /// <summary>positionId: given already when the order is accepted.</summary>
    public required long PositionId { get; init; }

    /// <summary>closingOrder: closes and protection orders.</summary>
    public bool ClosingOrder { get; init; }

    /// <summary>The position's stop loss when a closing order was made: lists show it on the order, events do not (recorded).</summary>
    public decimal? PositionStopLoss { get; init; }

    /// <summary>See <see cref="PositionStopLoss"/>.</summary>
    public decimal? PositionTakeProfit { get; init; }

    /// <summary>isStopOut.</summary>
    public bool IsStopOut { get; init; }

    /// <summary>tradeData.openTimestamp.</summary>
    public required Timestamp OpenTimestamp { get; init; }

    /// <summary>tradeData.closeTimestamp: when it was filled, or cancelled as a protection order.</summary>
    public Timestamp? CloseTimestamp { get; init; }

    /// <summary>utcLastUpdateTimestamp.</summary>
    public required Timestamp UpdatedAt { get; init; }

    /// <summary>The key of the command behind it. The platform does not show it.</summary>
    public ulong? OwnerKey { get; init; }
}

/// <summary>One opening fill of a position, as far as it is still open: closing volume is matched first in, first out.</summary>
/// <param name="Price">Open price.</param>
/// <param name="Volume">What is left of it, hundredths of a unit.</param>
/// <param name="DealId">The opening deal.</param>
public sealed record CtFill(decimal Price, long Volume, long DealId = 0);

/// <summary>ProtoOADealOffset: so much of an opening deal was closed.</summary>
/// <param name="DealId">The opening deal.</param>
/// <param name="Volume">Hundredths of a unit.</param>
public sealed record CtOffset(long DealId, long Volume);

/// <summary>ProtoOAPosition.</summary>
public sealed record CtPosition
{
    /// <summary>positionId: never changes.</summary>
    public required long PositionId { get; init; }

    /// <summary>Symbol name.</summary>
    public required string Symbol { get; init; }

    /// <summary>tradeSide.</summary>
    public required Side Side { get; init; }

    /// <summary>positionStatus.</summary>
    public required CtPositionStatus Status { get; init; }

    /// <summary>tradeData.volume: what is left, hundredths of a unit.</summary>
    public long Volume { get; init; }

    /// <summary>price: average of what is still open; 0 when created or closed.</summary>
    public decimal Price { get; init; }

    /// <summary>stopLoss.</summary>
    public decimal? StopLoss { get; init; }

    /// <summary>takeProfit.</summary>
    public decimal? TakeProfit { get; init; }

    /// <summary>swap so far, negative = cost; realised on closing.</summary>
    public decimal Swap { get; init; }

    /// <summary>commission of the open part, negative.</summary>
    public decimal Commission { get; init; }

    /// <summary>usedMargin.</summary>
    public decimal UsedMargin { get; init; }

    /// <summary>tradeData.label.</summary>
    public string Label { get; init; } = "";

    /// <summary>tradeData.comment.</summary>
    public string Comment { get; init; } = "";

    /// <summary>marginRate: base asset to deposit asset.</summary>
    public decimal MarginRate { get; init; }

    /// <summary>trailingStopLoss; null on positions that never had a stop loss.</summary>
    public bool? TrailingStopLoss { get; init; }

    /// <summary>How far a trailing stop loss stays behind the price.</summary>
    public decimal TrailingDistance { get; init; }

    /// <summary>stopLossTriggerMethod; null on positions without protection order.</summary>
    public CtTriggerMethod? TriggerMethod { get; init; }

    /// <summary>utcLastUpdateTimestamp; a trailing stop's moves do not change it. Null on a shell.</summary>
    public Timestamp? UpdatedAt { get; init; }

    /// <summary>tradeData.closeTimestamp.</summary>
    public Timestamp? CloseTimestamp { get; init; }

    /// <summary>tradeData.openTimestamp; null on a shell.</summary>
    public Timestamp? OpenTimestamp { get; init; }

    /// <summary>The order that opened it.</summary>
    public long OpeningOrder { get; init; }

    /// <summary>Opening fills that are still open, oldest first.</summary>
    public IReadOnlyList<CtFill> Fills { get; init; } = [];

    /// <summary>The key of the command that opened it. The platform does not show it.</summary>
    public ulong? OwnerKey { get; init; }
}

/// <summary>ProtoOAClosePositionDetail: balance after = balance before + gross profit + swap + commission, exactly.</summary>
/// <param name="EntryPrice">Open price of the closed volume, first in, first out.</param>
/// <param name="GrossProfit">Price profit.</param>
/// <param name="Swap">Swap of the closed part.</param>
/// <param name="Commission">Opening and closing side for the closed volume.</param>
/// <param name="Balance">Balance after this close.</param>
/// <param name="ClosedVolume">Hundredths of a unit.</param>
/// <param name="BalanceVersion">+1 with every change of the balance.</param>
public sealed record CtCloseDetail(decimal EntryPrice, decimal GrossProfit, decimal Swap, decimal Commission, decimal Balance, long ClosedVolume, long BalanceVersion)
{
    /// <summary>quoteToDepositConversionRate.</summary>
    public decimal QuoteToDeposit { get; init; } = 1m;
}

/// <summary>ProtoOADeal.</summary>
public sealed record CtDeal : HistoryRecord
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override Timestamp RecordedAt => ExecutionTimestamp;

    /// <summary>dealId.</summary>
    public required long DealId { get; init; }

    /// <summary>orderId.</summary>
    public required long OrderId { get; init; }

    /// <summary>positionId.</summary>
    public required long PositionId { get; init; }

    /// <summary>Symbol name.</summary>
    public required string Symbol { get; init; }

    /// <summary>filledVolume, hundredths of a unit.</summary>
    public required long FilledVolume { get; init; }

    /// <summary>executionPrice.</summary>
    public required decimal ExecutionPrice { get; init; }

    /// <summary>tradeSide of the fill: the close of a long is a sell.</summary>
    public required Side Side { get; init; }

    /// <summary>commission of this fill only, negative.</summary>
    public required decimal Commission { get; init; }

    /// <summary>executionTimestamp.</summary>
    public required Timestamp ExecutionTimestamp { get; init; }

    /// <summary>Only on closing deals.</summary>
    public CtCloseDetail? CloseDetail { get; init; }

    /// <summary>True when less than the order's volume was filled.</summary>
    public bool IsPartial { get; init; }

    /// <summary>volume sent for execution, hundredths of a unit; 0 in the state of an older version.</summary>
    public long Volume { get; init; }

    /// <summary>createTimestamp: when the order was sent for execution.</summary>
    public Timestamp? CreateTimestamp { get; init; }

    /// <summary>marginRate: base asset to deposit asset.</summary>
    public decimal MarginRate { get; init; }

    /// <summary>baseToUsdConversionRate.</summary>
    public decimal? BaseToUsd { get; init; }

    /// <summary>On closing deals: the opening deals that they closed, first in, first out.</summary>
    public IReadOnlyList<CtOffset> Offsets { get; init; } = [];
}

/// <summary>ProtoOADepositWithdraw.</summary>
/// <param name="Id">balanceHistoryId.</param>
/// <param name="Delta">Below zero = withdrawn.</param>
/// <param name="Balance">Balance after it.</param>
/// <param name="Equity">Equity after it.</param>
/// <param name="BalanceVersion">+1 with every change of the balance.</param>
/// <param name="At">When.</param>
public sealed record CtCashFlow(long Id, decimal Delta, decimal Balance, decimal Equity, long BalanceVersion, Timestamp At) : HistoryRecord
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override Timestamp RecordedAt => At;
}

/// <summary>ProtoOATrailingSLChangedEvent: a trailing stop loss moved; nothing else tells of it.</summary>
/// <param name="PositionId">positionId.</param>
/// <param name="OrderId">orderId of the protection order.</param>
/// <param name="StopPrice">The new level.</param>
/// <param name="At">When.</param>
public sealed record CtTrailingChanged(long PositionId, long OrderId, decimal StopPrice, Timestamp At);

/// <summary>ProtoOAExecutionEvent, pushed to every connection of the account.</summary>
/// <param name="Type">executionType.</param>
/// <param name="IsServerEvent">True when the server acted on its own.</param>
/// <param name="Order">The order.</param>
/// <param name="Position">The position.</param>
/// <param name="Deal">The deal of a fill.</param>
/// <param name="ErrorCode">Set on rejections.</param>
public sealed record CtExecutionEvent(CtExecutionType Type, bool IsServerEvent, CtOrder Order, CtPosition? Position, CtDeal? Deal = null, string ErrorCode = "")
{
    /// <summary>The <see cref="NativeRequest.Origin"/> of the request behind it, also on what the server does as its consequence; null = of the broker's own accord.</summary>
    public string? Origin { get; init; }
}

/// <summary>Open objects and counters of a cTrader account.</summary>
public sealed record CtBook(long LastOrder, long LastPosition, long LastDeal, long BalanceVersion, IReadOnlyList<CtOrder> Orders, IReadOnlyList<CtPosition> Positions) : BookState;

using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>ProtoOANewOrderReq.</summary>
public sealed record CtNewOrder : NativeRequest
{
    /// <summary>Symbol name.</summary>
    public required string Symbol { get; init; }

    /// <summary>orderType.</summary>
    public required CtOrderType OrderType { get; init; }

    /// <summary>tradeSide.</summary>
    public required Side Side { get; init; }

    /// <summary>volume, hundredths of a unit.</summary>
    public required long Volume { get; init; }

    /// <summary>limitPrice.</summary>
    public decimal? LimitPrice { get; init; }

    /// <summary>stopPrice.</summary>
    public decimal? StopPrice { get; init; }

    /// <summary>timeInForce.</summary>
    public CtTimeInForce TimeInForce { get; init; } = CtTimeInForce.GoodTillCancel;

    /// <summary>expirationTimestamp.</summary>
    public Timestamp? Expiration { get; init; }

    /// <summary>stopLoss, absolute; LIMIT, STOP, STOP_LIMIT only.</summary>
    public decimal? StopLoss { get; init; }

    /// <summary>takeProfit, absolute; LIMIT, STOP, STOP_LIMIT only.</summary>
    public decimal? TakeProfit { get; init; }

    /// <summary>relativeStopLoss, 1/100000 of price, a multiple of 10^(5−digits).</summary>
    public long? RelativeStopLoss { get; init; }

    /// <summary>relativeTakeProfit.</summary>
    public long? RelativeTakeProfit { get; init; }

    /// <summary>baseSlippagePrice of a MARKET_RANGE order.</summary>
    public decimal? BaseSlippagePrice { get; init; }

    /// <summary>slippageInPoints of MARKET_RANGE and STOP_LIMIT.</summary>
    public int SlippageInPoints { get; init; }

    /// <summary>label, at most 100 characters, goes on to the position.</summary>
    public string Label { get; init; } = "";

    /// <summary>comment, at most 512 characters.</summary>
    public string Comment { get; init; } = "";

    /// <summary>clientOrderId, at most 50 characters.</summary>
    public string ClientOrderId { get; init; } = "";

    /// <summary>positionId: set to add volume to a position.</summary>
    public long? PositionId { get; init; }

    /// <summary>guaranteedStopLoss: refused, the simulated accounts are none of limited risk.</summary>
    public bool GuaranteedStopLoss { get; init; }

    /// <summary>trailingStopLoss: needs a stop loss.</summary>
    public bool? TrailingStopLoss { get; init; }

    /// <summary>stopTriggerMethod.</summary>
    public CtTriggerMethod? TriggerMethod { get; init; }
}

/// <summary>ProtoOAAmendOrderReq: everything is sent again.</summary>
public sealed record CtAmendOrder : NativeRequest
{
    /// <summary>orderId.</summary>
    public required long OrderId { get; init; }

    /// <summary>volume; null = as it is.</summary>
    public long? Volume { get; init; }

    /// <summary>limitPrice.</summary>
    public decimal? LimitPrice { get; init; }

    /// <summary>stopPrice.</summary>
    public decimal? StopPrice { get; init; }

    /// <summary>slippageInPoints.</summary>
    public int SlippageInPoints { get; init; }

    /// <summary>relativeStopLoss.</summary>
    public long? RelativeStopLoss { get; init; }

    /// <summary>relativeTakeProfit.</summary>
    public long? RelativeTakeProfit { get; init; }

    /// <summary>guaranteedStopLoss: refused.</summary>
    public bool GuaranteedStopLoss { get; init; }

    /// <summary>trailingStopLoss; null = as it is.</summary>
    public bool? TrailingStopLoss { get; init; }

    /// <summary>stopTriggerMethod; null = as it is.</summary>
    public CtTriggerMethod? TriggerMethod { get; init; }

    /// <summary>stopLoss.</summary>
    public decimal? StopLoss { get; init; }

    /// <summary>takeProfit.</summary>
    public decimal? TakeProfit { get; init; }

    /// <summary>expirationTimestamp.</summary>
    public Timestamp? Expiration { get; init; }
}

/// <summary>ProtoOACancelOrderReq.</summary>
public sealed record CtCancelOrder(long OrderId) : NativeRequest;

/// <summary>ProtoOAClosePositionReq: the position and how much of it, hundredths of a unit. No label, no client id.</summary>
public sealed record CtClosePosition(long PositionId, long Volume) : NativeRequest;

/// <summary>ProtoOAAmendPositionSLTPReq: a full overwrite, an omitted level is removed.</summary>
public sealed record CtAmendPositionSltp(long PositionId, decimal? StopLoss, decimal? TakeProfit) : NativeRequest
{
    /// <summary>guaranteedStopLoss: refused.</summary>
    public bool GuaranteedStopLoss { get; init; }

    /// <summary>trailingStopLoss; null = as it is. Needs a stop loss in the same request, also to end it.</summary>
    public bool? TrailingStopLoss { get; init; }

    /// <summary>stopLossTriggerMethod; null = as it is.</summary>
    public CtTriggerMethod? TriggerMethod { get; init; }
}

/// <summary>The server's own doing a moment after a fill: makes the protection order of the position.</summary>
public sealed record CtPlaceProtection(long PositionId, decimal? StopLoss, decimal? TakeProfit) : NativeRequest
{
    /// <summary>The stop loss trails.</summary>
    public bool Trailing { get; init; }
}

/// <summary>What a connection learns of its own request: the final execution event, or an order error.</summary>
public sealed record CtReply : NativeReply
{
    /// <summary>errorCode, as a string; empty = none.</summary>
    public string ErrorCode { get; init; } = "";

    /// <summary>description of an error.</summary>
    public string Description { get; init; } = "";

    /// <summary>The last execution type of the request's order.</summary>
    public CtExecutionType? ExecutionType { get; init; }

    /// <summary>The order.</summary>
    public CtOrder? Order { get; init; }

    /// <summary>The deal of a fill.</summary>
    public CtDeal? Deal { get; init; }

    /// <inheritdoc/>
    public override bool Executed => ErrorCode.Length == 0 && (ExecutionType != CtExecutionType.OrderCancelled || Order is { ExecutedVolume: > 0 } or { OrderType: not (CtOrderType.Market or CtOrderType.MarketRange) });
}

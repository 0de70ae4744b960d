using System.Globalization;
using Lockstep.Domain;

namespace Lockstep.Server.Rest.Faces;

/// <summary>An open position; null where something is not known or not set.</summary>
internal sealed record PositionInfo
{
    /// <summary>Its number.</summary>
    public required string PositionId { get; init; }

    /// <summary>The broker's name of the symbol.</summary>
    public required string Symbol { get; init; }

    /// <summary>BUY or SELL.</summary>
    public required string Direction { get; init; }

    /// <summary>Lots.</summary>
    public required decimal Volume { get; init; }

    /// <summary>The same, under a name that cannot be mistaken.</summary>
    public required decimal VolumeLots { get; init; }

    /// <summary>Units of the base asset.</summary>
    public required decimal? VolumeUnits { get; init; }

    /// <summary>Units of one lot.</summary>
    public required decimal? UnitsPerLot { get; init; }

    /// <summary>Opening price.</summary>
    public required decimal OpenPrice { get; init; }

    /// <summary>Price at which it would be closed now.</summary>
    public required decimal? CurrentPrice { get; init; }

    /// <summary>Stop loss; null = none.</summary>
    public required decimal? Sl { get; init; }

    /// <summary>Take profit; null = none.</summary>
    public required decimal? Tp { get; init; }

    /// <summary>Floating result without swap and commission.</summary>
    public required decimal? Profit { get; init; }

    /// <summary>Swap so far.</summary>
    public required decimal? Swap { get; init; }

    /// <summary>Commission so far.</summary>
    public required decimal? Commission { get; init; }

    /// <summary>When it was opened.</summary>
    public required DateTimeOffset OpenTime { get; init; }

    /// <summary>Comment or label.</summary>
    public required string Comment { get; init; }

    /// <summary>From the row of the other faces.</summary>
    public static PositionInfo Of(PositionRow p, SymbolSpec? spec) => new()
    {
        PositionId = InfoWords.Id(p.PositionId),
        Symbol = p.Symbol,
        Direction = p.Direction,
        Volume = p.Volume,
        VolumeLots = p.Volume,
        VolumeUnits = p.Volume * spec?.ContractSize,
        UnitsPerLot = spec?.ContractSize,
        OpenPrice = p.PriceOpen,
        CurrentPrice = p.PriceCurrent,
        Sl = p.Sl == 0m ? null : p.Sl,
        Tp = p.Tp == 0m ? null : p.Tp,
        Profit = p.Profit,
        Swap = p.Swap,
        Commission = p.Commission,
        OpenTime = DateTimeOffset.FromUnixTimeSeconds(p.Time),
        Comment = p.Comment,
    };
}

/// <summary>A pending order.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Symbol">The broker's name of the symbol.</param>
/// <param name="Volume">Lots.</param>
/// <param name="Side">BUY or SELL.</param>
/// <param name="Type">LIMIT, STOP or STOP_LIMIT.</param>
/// <param name="Price">Trigger or limit price.</param>
/// <param name="StopLoss">Stop loss; null = none.</param>
/// <param name="TakeProfit">Take profit; null = none.</param>
/// <param name="State">placed.</param>
internal sealed record PendingInfo(string Id, string Symbol, decimal Volume, string Side, string Type, decimal Price, decimal? StopLoss, decimal? TakeProfit, string State)
{
    /// <summary>From the row of the other faces.</summary>
    public static PendingInfo Of(PendingRow o) => new(
        InfoWords.Id(o.OrderId), o.Symbol, o.Volume, o.Direction, o.OrderType[(o.Direction.Length + 1)..], o.PriceOpen, o.Sl == 0m ? null : o.Sl, o.Tp == 0m ? null : o.Tp, "placed");
}

/// <summary>What is open.</summary>
/// <param name="OpenPositions">Positions, oldest first.</param>
/// <param name="PendingOrders">Pending orders, oldest first.</param>
internal sealed record OpenInfo(IReadOnlyList<PositionInfo> OpenPositions, IReadOnlyList<PendingInfo> PendingOrders);

/// <summary>A candle.</summary>
/// <param name="Symbol">The broker's name of the symbol.</param>
/// <param name="Timeframe">Its length.</param>
/// <param name="Open">First price.</param>
/// <param name="High">Highest.</param>
/// <param name="Low">Lowest.</param>
/// <param name="Close">Last.</param>
/// <param name="Volume">Number of ticks.</param>
/// <param name="Time">When it opened.</param>
internal sealed record CandleInfo(string Symbol, string Timeframe, decimal Open, decimal High, decimal Low, decimal Close, long Volume, DateTimeOffset Time)
{
    /// <summary>From the domain's word.</summary>
    public static CandleInfo Of(SymbolName symbol, string frame, Candle c) => new(symbol.Value, frame, c.Open.Value, c.High.Value, c.Low.Value, c.Close.Value, c.Ticks, c.At.ToDateTimeOffset());
}

/// <summary>Candles.</summary>
/// <param name="Candles">Oldest first; the last one may still be forming.</param>
internal sealed record CandleInfos(IReadOnlyList<CandleInfo> Candles);

/// <summary>A deal of a position.</summary>
/// <param name="DealId">Its number.</param>
/// <param name="Side">BUY or SELL.</param>
/// <param name="Volume">Lots.</param>
/// <param name="Price">Price.</param>
/// <param name="Time">When.</param>
/// <param name="Commission">Commission.</param>
/// <param name="Swap">Swap.</param>
/// <param name="Profit">Profit.</param>
/// <param name="Reason">stop_loss, take_profit, stop_out, program, manual or other.</param>
internal sealed record SyncDealInfo(string DealId, string Side, decimal Volume, decimal Price, DateTimeOffset Time, decimal Commission, decimal Swap, decimal Profit, string Reason)
{
    /// <summary>From the domain's word.</summary>
    public static SyncDealInfo Of(DealReport d) => new(
        InfoWords.Id(d.Id.Value), FaceWords.Of(d.Side), d.Volume.Value, d.Price.Value, d.At.ToDateTimeOffset(), d.Commission.Value, d.Swap.Value, d.Profit.Value, InfoWords.Of(d));
}

/// <summary>What became of a position.</summary>
/// <param name="Position">As it is; null = it is not open.</param>
/// <param name="Deals">Its deals, oldest first.</param>
/// <param name="LastSyncTime">When this was true.</param>
/// <param name="IsClosed">It is closed.</param>
/// <param name="RemainingVolume">Lots that are left of it.</param>
internal sealed record SyncInfo(PositionInfo? Position, IReadOnlyList<SyncDealInfo> Deals, DateTimeOffset LastSyncTime, bool IsClosed, decimal RemainingVolume);

/// <summary>A deal.</summary>
/// <param name="DealId">Its number.</param>
/// <param name="OrderId">The order's; null = not known.</param>
/// <param name="Direction">BUY or SELL.</param>
/// <param name="Price">Price.</param>
/// <param name="VolumeLots">Lots.</param>
/// <param name="VolumeUnits">Units of the base asset.</param>
/// <param name="UnitsPerLot">Units of one lot.</param>
/// <param name="Timestamp">When.</param>
/// <param name="Profit">Profit.</param>
/// <param name="Commission">Commission.</param>
/// <param name="Swap">Swap.</param>
/// <param name="Reason">stop_loss, take_profit, stop_out, program, manual or other.</param>
internal sealed record DealInfo(
    string DealId, string? OrderId, string Direction, decimal Price, decimal VolumeLots, decimal? VolumeUnits, decimal? UnitsPerLot, DateTimeOffset Timestamp, decimal Profit, decimal Commission, decimal Swap, string Reason)
{
    /// <summary>From the domain's word.</summary>
    public static DealInfo Of(DealReport d, SymbolSpec? spec) => new(
        InfoWords.Id(d.Id.Value), d.Order is { } order ? InfoWords.Id(order.Value) : null, FaceWords.Of(d.Side), d.Price.Value, d.Volume.Value, d.Volume.Value * spec?.ContractSize, spec?.ContractSize,
        d.At.ToDateTimeOffset(), d.Profit.Value, d.Commission.Value, d.Swap.Value, InfoWords.Of(d));
}

/// <summary>Deals.</summary>
/// <param name="Deals">Oldest first.</param>
internal sealed record DealInfos(IReadOnlyList<DealInfo> Deals);

/// <summary>A session that was ended.</summary>
/// <param name="Connected">False.</param>
/// <param name="Status">disconnected.</param>
internal sealed record DisconnectedInfo(bool Connected, string Status);

/// <summary>A subscription that holds.</summary>
/// <param name="Subscribed">True.</param>
internal sealed record SubscribedInfo(bool Subscribed);

/// <summary>A subscription that was ended.</summary>
/// <param name="Unsubscribed">True.</param>
internal sealed record UnsubscribedInfo(bool Unsubscribed);

/// <summary>Small words of the REST handover.</summary>
internal static class InfoWords
{
    /// <summary>Numbers of orders, positions and deals are text here.</summary>
    public static string Id(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Why a deal was done.</summary>
    public static string Of(DealReport d) => d.Reason switch
    {
        DealReason.StopLoss => "stop_loss",
        DealReason.TakeProfit => "take_profit",
        DealReason.StopOut => "stop_out",
        DealReason.Request => d.Tag.Key is null ? "manual" : "program",
        _ => "other",
    };
}

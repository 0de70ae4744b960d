using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Translate;

/// <summary>What an order tells about the deals that it makes: deals carry no label (guide §8).</summary>
/// <param name="Type">orderType.</param>
/// <param name="Closing">closingOrder.</param>
/// <param name="StopOut">isStopOut.</param>
/// <param name="Side">The order's side.</param>
/// <param name="Label">tradeData.label; of a closing order clientOrderId.</param>
/// <param name="TakeProfit">limitPrice of a protection order.</param>
/// <param name="Position">positionId.</param>
internal sealed record OrderFacts(ProtoOAOrderType Type, bool Closing, bool StopOut, Side Side, string Label, decimal? TakeProfit, long Position)
{
    public static OrderFacts Of(ProtoOAOrder order, int digits) => new(
        order.OrderType,
        order.ClosingOrder,
        order.IsStopOut,
        Reports.SideOf(order.TradeData.TradeSide),

        // A closing request has no label of its own (guide §8): what may stand on a closing order is the position's. A clientOrderId is always the order's own: on a netted account an order of ours
        // that closes is known by nothing else.
        order.ClosingOrder ? order.ClientOrderId : order.TradeData.Label,
        order.OrderType == ProtoOAOrderType.StopLossTakeProfit ? Units.Level(order.HasLimitPrice, order.LimitPrice, digits)?.Value : null,
        order.PositionId);
}

/// <summary>The server's objects as ours.</summary>
internal static class Reports
{
    public static Side SideOf(ProtoOATradeSide side) => side == ProtoOATradeSide.Sell ? Side.Sell : Side.Buy;

    public static bool IsPending(ProtoOAOrderType type) => type is ProtoOAOrderType.Limit or ProtoOAOrderType.Stop or ProtoOAOrderType.StopLimit;

    /// <summary>An open position; null when it cannot be one.</summary>
    public static PositionReport? Position(ProtoOAPosition p, Listing symbol, OrderId? opening, Timestamp now)
    {
        var data = p.TradeData;
        if (data.Volume <= 0 || symbol.LotSize <= 0 || !Enum.IsDefined(data.TradeSide) || p.PositionId <= 0 || Units.Price(p.Price, Units.AverageDigits) is not { } price)
        {
            return null;
        }

        Timestamp? opened = data.HasOpenTimestamp ? Units.Time(data.OpenTimestamp, now) : now;
        return opened is not { } at ? null : new PositionReport
        {
            Id = new PositionId(p.PositionId),
            Ticket = p.PositionId,
            Symbol = symbol.Name,
            Side = SideOf(data.TradeSide),
            Volume = symbol.ToLots(data.Volume),
            OpenPrice = new Price(price),
            OpenedAt = at,
            StopLoss = Units.Level(p.HasStopLoss, p.StopLoss, symbol.Digits),
            TakeProfit = Units.Level(p.HasTakeProfit, p.TakeProfit, symbol.Digits),
            OpeningOrder = opening,
            Tag = OrderTag.Read(0, data.Label),
        };
    }

    /// <summary>A pending order, working or ended; null when it cannot be one.</summary>
    public static PendingReport? Pending(ProtoOAOrder o, Listing symbol, Timestamp now)
    {
        var data = o.TradeData;
        bool limit = o.OrderType == ProtoOAOrderType.Limit;
        long left = data.Volume - o.ExecutedVolume;
        if (left <= 0 || o.ExecutedVolume < 0 || symbol.LotSize <= 0 || !Enum.IsDefined(data.TradeSide) || o.OrderId <= 0
            || Units.Price(limit ? o.LimitPrice : o.StopPrice, symbol.Digits) is not { } price)
        {
            return null;
        }

        var side = SideOf(data.TradeSide);
        Timestamp? placed = data.HasOpenTimestamp ? Units.Time(data.OpenTimestamp, now) : o.HasUtcLastUpdateTimestamp ? Units.Time(o.UtcLastUpdateTimestamp, now) : now;
        return placed is not { } at ? null : new PendingReport
        {
            Id = new OrderId(o.OrderId),
            Symbol = symbol.Name,
            Side = side,
            Type = limit ? PendingType.Limit : o.OrderType == ProtoOAOrderType.Stop ? PendingType.Stop : PendingType.StopLimit,
            Volume = symbol.ToLots(left),
            Price = new Price(price),

            // A STOP_LIMIT order here has no price of its own but a distance that the fill may be away from the stop.
            LimitPrice = o.OrderType == ProtoOAOrderType.StopLimit && o.SlippageInPoints is > 0 and < 10_000_000 ? new Price(price + (side.Sign() * o.SlippageInPoints * Units.Point(symbol.Digits))) : null,
            StopLoss = Level(o.HasStopLoss, o.StopLoss, o.HasRelativeStopLoss, o.RelativeStopLoss, price, -side.Sign(), symbol.Digits),
            TakeProfit = Level(o.HasTakeProfit, o.TakeProfit, o.HasRelativeTakeProfit, o.RelativeTakeProfit, price, side.Sign(), symbol.Digits),
            Expiry = o.HasExpirationTimestamp && o.ExpirationTimestamp > 0 && o.TimeInForce != ProtoOATimeInForce.GoodTillCancel ? Timestamp.FromMs(Math.Min(o.ExpirationTimestamp, 253_402_300_799_000)) : null,
            PlacedAt = at,
            Tag = OrderTag.Read(0, data.Label),
        };
    }

    /// <summary>
    /// A fill; null when it is none (refused by the venue, or nonsense). Profit is gross profit with the conversion fee, commission is this side's: opening and closing sides are told by
    /// their own deals, so that profit, swap and commission of all deals of a position add up to what it did to the balance (guide §9).
    /// </summary>
    public static DealReport? Deal(ProtoOADeal d, OrderFacts? order, Listing symbol, uint moneyDigits, Timestamp now)
    {
        if (d.DealStatus is not (ProtoOADealStatus.Filled or ProtoOADealStatus.PartiallyFilled) || d.FilledVolume <= 0 || d.DealId <= 0 || symbol.LotSize <= 0
            || !Enum.IsDefined(d.TradeSide) || Units.Price(d.ExecutionPrice, Units.AverageDigits) is not { } price || Units.Time(d.ExecutionTimestamp, now) is not { } at)
        {
            return null;
        }

        uint digits = d.HasMoneyDigits ? d.MoneyDigits : moneyDigits;
        var detail = d.ClosePositionDetail;
        uint closing = detail is { HasMoneyDigits: true } ? detail.MoneyDigits : digits;
        return new DealReport
        {
            Id = new DealId(d.DealId),
            Position = new PositionId(d.PositionId),
            Order = d.OrderId > 0 ? new OrderId(d.OrderId) : null,
            Symbol = symbol.Name,
            Side = SideOf(d.TradeSide),
            Volume = symbol.ToLots(d.FilledVolume),
            Price = new Price(price),
            Entry = detail is null ? DealEntry.In : detail.ClosedVolume > 0 && detail.ClosedVolume < d.FilledVolume ? DealEntry.InOut : DealEntry.Out,
            Reason = Reason(order, price),

            Tag = order is null || (order.Closing && !OrderKey.TryFind(order.Label, out _)) ? OrderTag.None : OrderTag.Read(0, order.Label),
            At = at,
            Profit = detail is null ? Money.Zero : new Money(Units.Money(detail.GrossProfit, closing) + Units.Money(detail.PnlConversionFee, closing)),
            Swap = detail is null ? Money.Zero : new Money(Units.Money(detail.Swap, closing)),
            Commission = new Money(Units.Money(d.Commission, digits)),
        };
    }

    /// <summary>No field tells which level was hit: the execution price is compared with the take profit (guide §8).</summary>
    private static DealReason Reason(OrderFacts? order, decimal price) => order switch
    {
        null => DealReason.Other,
        { StopOut: true } => DealReason.StopOut,
        { Type: ProtoOAOrderType.StopLossTakeProfit, TakeProfit: { } tp } when (price - tp) * -order.Side.Sign() >= 0m => DealReason.TakeProfit,
        { Type: ProtoOAOrderType.StopLossTakeProfit } => DealReason.StopLoss,
        _ => DealReason.Request,
    };

    private static Price? Level(bool has, double level, bool hasRelative, long relative, decimal price, int direction, int digits) =>
        Units.Level(has, level, digits) ?? (hasRelative && relative is > 0 and < 1_000_000_000_000 && price + (direction * relative / Units.WirePrice) is > 0 and var at ? new Price(at) : null);
}

using Google.Protobuf;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Translate;

/// <summary>A command as the request that carries it, or why none is sent.</summary>
/// <param name="Body">The request; null = none is sent.</param>
/// <param name="Refusal">Why not; <see cref="Refusal.None"/> with a null body: it is so already.</param>
/// <param name="Code">The platform's word for it.</param>
internal readonly record struct OrderRequest(IMessage? Body, Refusal Refusal, string Code)
{
    public static OrderRequest No(Refusal refusal, string code) => new(null, refusal, code);

    public static OrderRequest Already { get; } = new(null, Refusal.None, "already");
}

/// <summary>Our commands as the platform's requests (guide §8). Nothing malformed is made: prices have the symbol's digits, relative levels their unit.</summary>
internal static class Orders
{
    public static OrderRequest Open(OpenMarket open, Listing symbol, long ctid, bool guaranteed)
    {
        if (symbol.ToVolume(open.Volume) is not { } volume || volume <= 0)
        {
            return OrderRequest.No(Refusal.InvalidVolume, "TRADING_BAD_VOLUME");
        }

        bool levels = open.StopLoss is not null || open.TakeProfit is not null;
        if (!symbol.IsQuoted && (levels || open.WorstPrice is not null))
        {
            return OrderRequest.No(Refusal.NoQuotes, "no quote to count from");
        }

        int sign = open.Side.Sign();
        var request = new ProtoOANewOrderReq
        {
            CtidTraderAccountId = ctid,
            SymbolId = symbol.Id,
            OrderType = ProtoOAOrderType.Market,
            TradeSide = SideOf(open.Side),
            Volume = volume,
            TimeInForce = ProtoOATimeInForce.ImmediateOrCancel,
            Label = open.Key.ToString(),
            ClientOrderId = open.Key.ToString(),
        };
        if (open.WorstPrice is { } worst)
        {
            var price = symbol.Quote.ToOpen(open.Side);
            decimal points = sign * (worst - price) / Units.Point(symbol.Digits);
            if (points < 0m)
            {
                return OrderRequest.No(Refusal.PriceGuard, "price guard");
            }

            request.OrderType = ProtoOAOrderType.MarketRange;
            request.BaseSlippagePrice = (double)price.Value;
            request.SlippageInPoints = (int)Math.Min(points, 1_000_000m);
        }

        // A market order takes distances only; they are counted from the fill, so the levels move with the slippage.
        if (open.StopLoss is { } stop)
        {
            if (Relative(symbol, (symbol.Quote.ToOpen(open.Side) - stop) * sign) is not { } distance)
            {
                return OrderRequest.No(Refusal.InvalidStops, "TRADING_BAD_STOPS");
            }

            request.RelativeStopLoss = distance;
            if (guaranteed)
            {
                request.GuaranteedStopLoss = true;
            }
        }

        if (open.TakeProfit is { } profit)
        {
            if (Relative(symbol, (profit - symbol.Quote.ToOpen(open.Side)) * sign) is not { } distance)
            {
                return OrderRequest.No(Refusal.InvalidStops, "TRADING_BAD_STOPS");
            }

            request.RelativeTakeProfit = distance;
        }

        return new OrderRequest(request, Refusal.None, "");
    }

    public static OrderRequest Place(PlacePending place, Listing symbol, long ctid, bool guaranteed)
    {
        if (symbol.ToVolume(place.Volume) is not { } volume || volume <= 0)
        {
            return OrderRequest.No(Refusal.InvalidVolume, "TRADING_BAD_VOLUME");
        }

        var request = new ProtoOANewOrderReq
        {
            CtidTraderAccountId = ctid,
            SymbolId = symbol.Id,
            TradeSide = SideOf(place.Side),
            Volume = volume,
            TimeInForce = place.Expiry is null ? ProtoOATimeInForce.GoodTillCancel : ProtoOATimeInForce.GoodTillDate,
            Label = place.Key.ToString(),
            ClientOrderId = place.Key.ToString(),
        };
        switch (place.Type)
        {
            case PendingType.Limit:
                request.OrderType = ProtoOAOrderType.Limit;
                request.LimitPrice = Price(place.Price, symbol);
                break;
            case PendingType.Stop:
                request.OrderType = ProtoOAOrderType.Stop;
                request.StopPrice = Price(place.Price, symbol);
                break;
            default:
                if (Slippage(place.Side, place.Price, place.LimitPrice, symbol) is not { } points)
                {
                    return OrderRequest.No(Refusal.InvalidRequest, "a STOP_LIMIT order here fills at the stop price or worse, up to its limit price");
                }

                request.OrderType = ProtoOAOrderType.StopLimit;
                request.StopPrice = Price(place.Price, symbol);
                request.SlippageInPoints = points;
                break;
        }

        if (place.Expiry is { } expiry)
        {
            request.ExpirationTimestamp = Units.Ms(expiry);
        }

        if (place.StopLoss is { } stop)
        {
            request.StopLoss = Price(stop, symbol);
            if (guaranteed)
            {
                request.GuaranteedStopLoss = true;
            }
        }

        if (place.TakeProfit is { } profit)
        {
            request.TakeProfit = Price(profit, symbol);
        }

        return new OrderRequest(request, Refusal.None, "");
    }

    /// <summary>Everything is sent again: what an omitted field does is not known (guide §8).</summary>
    public static OrderRequest Amend(AmendPending amend, Working? working, long ctid)
    {
        if (working is null)
        {
            return OrderRequest.No(Refusal.NotFound, "ORDER_NOT_FOUND");
        }

        var (raw, symbol) = (working.Raw, working.Symbol);
        var request = new ProtoOAAmendOrderReq { CtidTraderAccountId = ctid, OrderId = raw.OrderId, Volume = raw.TradeData.Volume };
        if (raw.OrderType == ProtoOAOrderType.Limit)
        {
            request.LimitPrice = Price(amend.Price, symbol);
        }
        else
        {
            request.StopPrice = Price(amend.Price, symbol);
        }

        if (raw.OrderType == ProtoOAOrderType.StopLimit)
        {
            if (amend.LimitPrice is not null && Slippage(working.Report.Side, amend.Price, amend.LimitPrice, symbol) is null)
            {
                return OrderRequest.No(Refusal.InvalidRequest, "a STOP_LIMIT order here fills at the stop price or worse, up to its limit price");
            }

            request.SlippageInPoints = Slippage(working.Report.Side, amend.Price, amend.LimitPrice, symbol) ?? (int)Math.Clamp(raw.SlippageInPoints, 0, int.MaxValue);
        }

        if (amend.Expiry is { } expiry)
        {
            request.ExpirationTimestamp = Units.Ms(expiry);
        }

        if (amend.StopLoss is { } stop)
        {
            request.StopLoss = Price(stop, symbol);
            if (raw.TradeData.GuaranteedStopLoss)
            {
                request.GuaranteedStopLoss = true;
            }

            if (raw.TrailingStopLoss)
            {
                request.TrailingStopLoss = true;
            }
        }

        if (amend.TakeProfit is { } profit)
        {
            request.TakeProfit = Price(profit, symbol);
        }

        if (raw.HasStopTriggerMethod)
        {
            request.StopTriggerMethod = raw.StopTriggerMethod;
        }

        return new OrderRequest(request, Refusal.None, "");
    }

    /// <summary>A full overwrite: a level that is left out is removed, so both are always given, with the trigger method and flags as they stand (guide §8).</summary>
    public static OrderRequest Stops(SetStops stops, Held? held, Listing symbol, long ctid, bool guaranteed)
    {
        if (stops.StopLoss is null && stops.TakeProfit is null && held is { Report: { StopLoss: null, TakeProfit: null } })
        {
            // An overwrite of nothing by nothing is answered as a wrong request.
            return OrderRequest.Already;
        }

        var request = new ProtoOAAmendPositionSLTPReq { CtidTraderAccountId = ctid, PositionId = stops.Position.Value };
        if (stops.StopLoss is { } stop)
        {
            request.StopLoss = Price(stop, symbol);
            if (held is { Raw.HasStopLossTriggerMethod: true })
            {
                request.StopLossTriggerMethod = held.Raw.StopLossTriggerMethod;
            }

            if (held is { Raw.TrailingStopLoss: true })
            {
                request.TrailingStopLoss = true;
            }

            if (guaranteed || held is { Raw.GuaranteedStopLoss: true })
            {
                request.GuaranteedStopLoss = true;
            }
        }

        if (stops.TakeProfit is { } profit)
        {
            request.TakeProfit = Price(profit, symbol);
        }

        return new OrderRequest(request, Refusal.None, "");
    }

    public static ProtoOATradeSide SideOf(Side side) => side == Side.Buy ? ProtoOATradeSide.Buy : ProtoOATradeSide.Sell;

    /// <summary>
    /// The part of a surplus that one close may take: at most the symbol's maximum, and never so much that less than its minimum is left to close. A surplus that is itself below the
    /// minimum, or off the step, is tried as it is: whether the server takes the whole rest of a position is not documented (guide §8).
    /// </summary>
    public static long Part(long surplus, Listing symbol)
    {
        long most = symbol.ToVolume(symbol.Spec!.MaxLots) ?? long.MaxValue;
        long least = symbol.ToVolume(symbol.Spec.MinLots) ?? 0;
        long step = Math.Max(1, symbol.ToVolume(symbol.Spec.LotStep) ?? 1);
        if (surplus <= most)
        {
            return surplus;
        }

        long rest = surplus - most;
        if (rest >= least)
        {
            return most;
        }

        long shorter = most - (((least - rest) + step - 1) / step * step);
        return shorter >= least ? shorter : most;
    }

    /// <summary>A price with the symbol's digits: more of them are refused (guide §7).</summary>
    private static double Price(Price price, Listing symbol) => (double)Math.Round(price.Value, symbol.Digits, MidpointRounding.ToEven);

    private static long? Relative(Listing symbol, decimal distance)
    {
        long unit = Units.RelativeUnit(symbol.Digits);
        decimal units = Math.Round(distance * Units.WirePrice / unit, MidpointRounding.AwayFromZero);
        return units is > 0 and < 1_000_000_000_000m ? (long)units * unit : null;
    }

    /// <summary>Points that the fill may be worse than the stop; null when the limit price lies on the other side of it, which cannot be said here.</summary>
    private static int? Slippage(Side side, Price stop, Price? limit, Listing symbol) =>
        limit is { } worst && Math.Round(side.Sign() * (worst - stop) / Units.Point(symbol.Digits), MidpointRounding.AwayFromZero) is >= 0 and < 10_000_000m and var points ? (int)points : null;
}

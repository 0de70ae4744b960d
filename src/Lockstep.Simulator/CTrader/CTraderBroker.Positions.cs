using System.Globalization;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <content>Fills, closes, protection.</content>
public sealed partial class CTraderBroker
{
    /// <summary>Fills (a part of) an order; what is left of a market order is cancelled.</summary>
    private CtReply Fill(SimSymbol symbol, CtOrder order, long volume, decimal price)
    {
        var held = IsNetted ? _positions.Values.FirstOrDefault(p => p.Symbol == order.Symbol) : _positions.GetValueOrDefault(order.PositionId);
        bool partial = volume < order.Volume;
        long position = held?.PositionId ?? (IsPending(order) && DealList.Any(d => d.PositionId == order.PositionId) ? ++_lastPosition : order.PositionId);
        var filled = order with { PositionId = position, ExecutedVolume = volume, ExecutionPrice = price, UpdatedAt = Clock.Now };
        if (!partial)
        {
            filled = End(filled, CtOrderStatus.Filled);
        }

        CtDeal deal;
        if (held is not null && held.Side != order.Side)
        {
            long closing = Math.Min(volume, held.Volume);
            deal = Reduce(symbol, held, filled, closing, price, DealReason.Request, server: false);
            if (volume > closing)
            {
                // The rest of a netted account's turn opens a position of its own.
                deal = Open(symbol, filled with { PositionId = ++_lastPosition }, null, volume - closing, price, partial);
            }
        }
        else
        {
            deal = Open(symbol, filled, held, volume, price, partial);
        }

        if (partial)
        {
            filled = End(filled, CtOrderStatus.Cancelled);
            Tell(CtExecutionType.OrderCancelled, false, filled, _positions.GetValueOrDefault(filled.PositionId));
        }

        return new CtReply { ExecutionType = partial ? CtExecutionType.OrderCancelled : CtExecutionType.OrderFilled, Order = filled, Deal = deal };
    }

    private CtDeal Open(SimSymbol symbol, CtOrder order, CtPosition? held, long volume, decimal price, bool partial)
    {
        decimal commission = Commission(symbol, ToLots(order.Symbol, volume));
        var deal = NewDeal(symbol, order, volume, price, commission) with { IsPartial = partial };
        var fills = (held?.Fills ?? []).Append(new CtFill(price, volume, deal.DealId)).ToArray();
        var position = Priced(symbol, (held ?? Shell(order) with { OpenTimestamp = Clock.Now, OpeningOrder = order.OrderId, OwnerKey = order.OwnerKey }) with
        {
            Status = CtPositionStatus.Open,
            Fills = fills,
            Commission = (held?.Commission ?? 0m) + commission,
            TrailingStopLoss = order.TrailingStopLoss ?? held?.TrailingStopLoss,
            UpdatedAt = Clock.Now,
        });
        Keep(position);
        Record(deal);
        RecordOwnerDeal(deal, order, DealEntry.In, DealReason.Request, 0m, 0m);
        Tell(partial ? CtExecutionType.OrderPartialFill : CtExecutionType.OrderFilled, false, order, position, deal);

        FollowVolume(position);

        // The levels are not there yet when the fill is told; the server makes the protection order a moment later.
        var (stopLoss, takeProfit) = LevelsOf(order, price);
        if (stopLoss is not null || takeProfit is not null)
        {
            Follow(ProtectionDelay, new CtPlaceProtection(position.PositionId, stopLoss ?? position.StopLoss, takeProfit ?? position.TakeProfit)
            {
                Trailing = order.TrailingStopLoss ?? position.TrailingStopLoss ?? false,
                Origin = _origin,
            });
        }

        return deal;
    }

    private CtReply Close(CtClosePosition request, ExecutionTerms terms)
    {
        if (!_positions.TryGetValue(request.PositionId, out var position))
        {
            return Fail(CtErrorCode.PositionNotFound, string.Create(CultureInfo.InvariantCulture, $"Position not found with id {request.PositionId}"));
        }

        var verdict = CheckMarket(position.Symbol, out var symbol, out var quote);
        if (verdict != Verdict.Ok)
        {
            return Fail(CtErrorCode.Of(verdict), verdict.ToString());
        }

        decimal lots = ToLots(position.Symbol, request.Volume);
        if (CheckCloseVolume(symbol, lots, ToLots(position.Symbol, position.Volume)) != Verdict.Ok)
        {
            return CheckVolumeText(symbol, position.Symbol, request.Volume) ?? Fail(CtErrorCode.BadVolume, "Close volume is bigger than the position's");
        }

        var order = ClosingOrder(position, request.Volume) with { OwnerKey = request.OwnerKey };
        Tell(CtExecutionType.OrderAccepted, false, order, position);
        long volume = ToVolume(position.Symbol, FillVolume(symbol, lots, terms));
        decimal price = FillPrice(symbol, order.Side, quote, terms);
        bool partial = volume < request.Volume;
        var filled = End(order with { ExecutedVolume = volume, ExecutionPrice = price }, partial ? CtOrderStatus.Cancelled : CtOrderStatus.Filled);
        var deal = Reduce(symbol, position, filled, volume, price, DealReason.Request, server: false);
        if (partial)
        {
            Tell(CtExecutionType.OrderCancelled, false, filled, _positions.GetValueOrDefault(position.PositionId));
        }

        return new CtReply { ExecutionType = partial ? CtExecutionType.OrderCancelled : CtExecutionType.OrderFilled, Order = filled, Deal = deal };
    }

    private CtDeal Reduce(SimSymbol symbol, CtPosition position, CtOrder order, long volume, decimal price, DealReason reason, bool server)
    {
        var (entry, rest, offsets) = TakeFirst(position.Fills, volume);
        decimal lots = ToLots(position.Symbol, volume);
        decimal openCommission = volume == position.Volume ? position.Commission : Round(position.Commission * volume / position.Volume);
        decimal swap = volume == position.Volume ? position.Swap : Round(position.Swap * volume / position.Volume);
        decimal commission = Commission(symbol, lots);
        decimal gross = Profit(symbol, position.Side, lots, entry, price);
        Balance += gross + swap + openCommission + commission;
        BalanceVersion++;
        var deal = NewDeal(symbol, order with { PositionId = position.PositionId }, volume, price, commission) with
        {
            IsPartial = volume < order.Volume,
            Offsets = offsets,
            CloseDetail = new CtCloseDetail(entry, gross, swap, openCommission + commission, Balance, volume, BalanceVersion)
            {
                QuoteToDeposit = RateOf(symbol.Spec.ProfitCurrency, Settings.Currency) ?? 1m,
            },
        };
        Record(deal);
        RecordOwnerDeal(deal, order, DealEntry.Out, reason, gross, swap);
        var left = position with { Fills = rest, Commission = position.Commission - openCommission, Swap = position.Swap - swap, UpdatedAt = Clock.Now };
        var protection = ProtectionOf(position);
        if (rest.Count > 0)
        {
            left = Priced(symbol, left);
        }
        else
        {
            left = left with { Volume = 0, Price = 0m, UsedMargin = 0m, MarginRate = 0m, Status = CtPositionStatus.Closed };

            // Recorded: as long as its protection order works, an emptied position is told as CREATED, with its levels; CLOSED comes with the end of that order.
            left = protection is null ? Closed(left) : left with { Status = CtPositionStatus.Created };
        }

        Tell(deal.IsPartial ? CtExecutionType.OrderPartialFill : CtExecutionType.OrderFilled, server, order, left, deal);
        if (rest.Count > 0)
        {
            Keep(left);
            FollowVolume(left);
        }
        else
        {
            _positions.Remove(position.PositionId);
            Touch();
            if (protection is not null)
            {
                Tell(CtExecutionType.OrderCancelled, true, End(protection, CtOrderStatus.Cancelled), Closed(left));
            }
        }

        return deal;
    }

    private CtOrder ClosingOrder(CtPosition position, long volume) => new()
    {
        OrderId = ++_lastOrder,
        PositionId = position.PositionId,
        Symbol = position.Symbol,
        Side = position.Side.Opposite(),
        OrderType = CtOrderType.Market,
        OrderStatus = CtOrderStatus.Accepted,
        Volume = volume,
        TimeInForce = CtTimeInForce.ImmediateOrCancel,
        ClosingOrder = true,
        PositionStopLoss = position.StopLoss,
        PositionTakeProfit = position.TakeProfit,
        Label = position.Label,
        Comment = position.Comment,
        OpenTimestamp = Clock.Now,
        UpdatedAt = Clock.Now,
    };

    private CtDeal NewDeal(SimSymbol symbol, CtOrder order, long volume, decimal price, decimal commission) => new()
    {
        DealId = ++_lastDeal,
        OrderId = order.OrderId,
        PositionId = order.PositionId,
        Symbol = order.Symbol,
        FilledVolume = volume,
        ExecutionPrice = price,
        Side = order.Side,
        Commission = commission,
        ExecutionTimestamp = Clock.Now,
        CreateTimestamp = order.OpenTimestamp,
        Volume = Math.Max(volume, order.Volume),
        MarginRate = price * (RateOf(symbol.Spec.ProfitCurrency, Settings.Currency) ?? 1m),
        BaseToUsd = RateOf(symbol.Spec.ProfitCurrency, "USD") is { } usd ? price * usd : null,
    };

    private void RecordOwnerDeal(CtDeal deal, CtOrder order, DealEntry entry, DealReason reason, decimal profit, decimal swap) => RecordDeal(new OwnerDeal
    {
        Number = 0,
        Position = deal.PositionId,
        Symbol = deal.Symbol,
        Side = deal.Side,
        Volume = ToLots(deal.Symbol, deal.FilledVolume),
        Price = deal.ExecutionPrice,
        Entry = entry,
        Reason = reason,
        OwnerKey = order.OwnerKey,
        At = Clock.Now,
        Profit = profit,
        Swap = swap,
        Commission = deal.Commission,
    });

    private CtPosition Priced(SimSymbol symbol, CtPosition position)
    {
        long volume = position.Fills.Sum(f => f.Volume);
        decimal price = Math.Round(position.Fills.Sum(f => f.Price * f.Volume) / volume, 8, MidpointRounding.AwayFromZero);
        return position with
        {
            Volume = volume,
            Price = price,
            UsedMargin = Round(MarginOf(symbol, ToLots(position.Symbol, volume), price)),
            MarginRate = Math.Round(price * (RateOf(symbol.Spec.ProfitCurrency, Settings.Currency) ?? 1m), 8),
        };
    }

    private static (decimal Entry, IReadOnlyList<CtFill> Left, IReadOnlyList<CtOffset> Offsets) TakeFirst(IReadOnlyList<CtFill> fills, long volume)
    {
        decimal paid = 0m;
        long left = volume;
        var rest = new List<CtFill>();
        var offsets = new List<CtOffset>();
        foreach (var fill in fills)
        {
            long take = Math.Min(left, fill.Volume);
            paid += take * fill.Price;
            left -= take;
            if (take > 0)
            {
                offsets.Add(new CtOffset(fill.DealId, take));
            }

            if (take < fill.Volume)
            {
                rest.Add(fill with { Volume = fill.Volume - take });
            }
        }

        return (paid / volume, rest, offsets);
    }
}

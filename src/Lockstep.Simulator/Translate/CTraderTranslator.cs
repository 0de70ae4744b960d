using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>cTrader: volumes in hundredths of a unit, positionId for good, label and clientOrderId carry the key; a close carries nothing.</summary>
internal sealed class CTraderTranslator(CTraderBroker broker) : Translator
{
    private int _told = broker.History.Count;

    /// <inheritdoc/>
    public override void Reset() => _told = broker.History.Count;

    /// <inheritdoc/>
    public override IReadOnlyList<PositionReport> Positions() => [.. broker.Positions.Select(p => new PositionReport
    {
        Id = new PositionId(p.PositionId),
        Ticket = p.PositionId,
        Symbol = new SymbolName(p.Symbol),
        Side = p.Side,
        Volume = new Lots(broker.ToLots(p.Symbol, p.Volume)),
        OpenPrice = new Price(p.Price),
        OpenedAt = p.OpenTimestamp ?? Timestamp.Epoch,
        StopLoss = Level(p.StopLoss),
        TakeProfit = Level(p.TakeProfit),
        OpeningOrder = new OrderId(p.OpeningOrder),
        Tag = OrderTag.Read(0, p.Label),
    })];

    /// <inheritdoc/>
    public override IReadOnlyList<PositionMoney> Floating() => [.. broker.Positions.SelectMany(p => broker.FloatingProfit(p.Symbol, p.Side, broker.ToLots(p.Symbol, p.Volume), p.Price) is { } profit
        ? new[] { new PositionMoney(new PositionId(p.PositionId), profit, new Money(p.Swap)) }
        : [])];

    /// <inheritdoc/>
    public override IReadOnlyList<PendingReport> Orders() => [.. broker.Orders.Where(CTraderBroker.IsPending).Select(Report)];

    /// <inheritdoc/>
    public override IReadOnlyList<DealReport> NewDeals()
    {
        var deals = new List<DealReport>();
        for (; _told < broker.History.Count; _told++)
        {
            if (broker.History[_told] is CtDeal deal)
            {
                deals.Add(Report(deal));
            }
        }

        return deals;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<DealReport> DealsSince(Timestamp from) =>
        [.. broker.HistorySince(from).OfType<CtDeal>().Where(d => d.ExecutionTimestamp >= from).Select(Report)];

    /// <inheritdoc/>
    public override IReadOnlyList<PendingReport> EndedSince(Timestamp from) =>
        [.. broker.HistorySince(from).OfType<CtOrder>()
            .Where(o => CTraderBroker.IsPending(o) && o.OrderStatus != CtOrderStatus.Filled && o.ExecutedVolume == 0 && o.UpdatedAt >= from)
            .Select(Report)];

    /// <inheritdoc/>
    public override void Carry(OrderCommand command, Action<CommandResult> done)
    {
        switch (command)
        {
            case OpenMarket open:
                Open(open, done);
                break;
            case PlacePending { Type: PendingType.StopLimit }:
                done(CommandResult.Refused(Refusal.InvalidRequest, "a STOP_LIMIT order has no limit price of its own here"));
                break;
            case PlacePending place:
                Submit(new CtNewOrder
                {
                    Symbol = place.Symbol.Value,
                    OrderType = place.Type == PendingType.Limit ? CtOrderType.Limit : CtOrderType.Stop,
                    Side = place.Side,
                    Volume = broker.ToVolume(place.Symbol.Value, place.Volume.Value),
                    LimitPrice = place.Type == PendingType.Limit ? place.Price.Value : null,
                    StopPrice = place.Type == PendingType.Limit ? null : place.Price.Value,
                    StopLoss = place.StopLoss?.Value,
                    TakeProfit = place.TakeProfit?.Value,
                    TimeInForce = place.Expiry is null ? CtTimeInForce.GoodTillCancel : CtTimeInForce.GoodTillDate,
                    Expiration = place.Expiry,
                    Label = place.Key.ToString(),
                    ClientOrderId = place.Key.ToString(),
                    OwnerKey = place.Key.Value,
                }, (reply, end) => done(end with { Order = reply.Order is { } order ? new OrderId(order.OrderId) : null }));
                break;
            case ReducePosition reduce:
                Reduce(reduce, done);
                break;
            case SetStops stops:
                Submit(
                    new CtAmendPositionSltp(stops.Position.Value, stops.StopLoss?.Value, stops.TakeProfit?.Value) { OwnerKey = stops.Key.Value },
                    (_, end) => done(end with { Position = stops.Position }));
                break;
            case AmendPending amend:
                Amend(amend, done);
                break;
            case CancelPending cancel:
                Submit(new CtCancelOrder(cancel.Order.Value) { OwnerKey = cancel.Key.Value }, (_, end) => done(end with { Order = cancel.Order }));
                break;
            default:
                done(CommandResult.Refused(Refusal.InvalidRequest, command.GetType().Name));
                break;
        }
    }

    private void Open(OpenMarket open, Action<CommandResult> done)
    {
        var symbol = broker.Symbol(open.Symbol);
        var quote = broker.QuoteOf(open.Symbol) ?? default;
        bool quoted = symbol is not null && quote.Ask.Value > 0m;
        if (quoted && IsWorse(open, quote))
        {
            done(CommandResult.Refused(Refusal.PriceGuard, "price guard"));
            return;
        }

        // A market order takes distances only; they are counted from the fill, so the levels move with the slippage.
        var price = quote.ToOpen(open.Side);
        long? stop = quoted && open.StopLoss is { } sl ? (long)((price - sl) * open.Side.Sign() * 100_000m) : null;
        long? profit = quoted && open.TakeProfit is { } tp ? (long)((tp - price) * open.Side.Sign() * 100_000m) : null;
        if (stop <= 0 || profit <= 0)
        {
            done(CommandResult.Refused(Refusal.InvalidStops, CtErrorCode.BadStops));
            return;
        }

        bool ranged = quoted && open.WorstPrice is not null;
        Submit(new CtNewOrder
        {
            Symbol = open.Symbol.Value,
            OrderType = ranged ? CtOrderType.MarketRange : CtOrderType.Market,
            Side = open.Side,
            Volume = broker.ToVolume(open.Symbol.Value, open.Volume.Value),
            BaseSlippagePrice = ranged ? price.Value : null,
            SlippageInPoints = ranged ? Allowance(open, quote, symbol!) : 0,
            RelativeStopLoss = stop,
            RelativeTakeProfit = profit,
            TimeInForce = CtTimeInForce.ImmediateOrCancel,
            Label = open.Key.ToString(),
            ClientOrderId = open.Key.ToString(),
            OwnerKey = open.Key.Value,
        }, (reply, end) => done(reply switch
        {
            { ErrorCode.Length: > 0 } => end,
            { Order: { ExecutedVolume: > 0 } order } => end with
            {
                Position = new PositionId(order.PositionId),
                Filled = new Lots(broker.ToLots(order.Symbol, order.ExecutedVolume)),
                Price = Level(order.ExecutionPrice),
            },
            _ => CommandResult.Refused(Refusal.PriceMoved, "ORDER_CANCELLED"),
        }));
    }

    private void Reduce(ReducePosition reduce, Action<CommandResult> done)
    {
        var most = broker.Symbol(reduce.Symbol)?.Spec.MaxLots ?? Lots.Zero;
        ReduceInParts(reduce, broker.Clock, Held, most, Close, done);

        (Side, Lots)? Held() => broker.Positions.FirstOrDefault(p => p.PositionId == reduce.Position.Value) is { } p ? (p.Side, new Lots(broker.ToLots(p.Symbol, p.Volume))) : null;

        void Close(Lots volume, int part, Action<CommandResult> closed) => Submit(
            new CtClosePosition(reduce.Position.Value, broker.ToVolume(reduce.Symbol.Value, volume.Value)) { OwnerKey = reduce.Key.Value, Part = part },
            (reply, end) => closed(end with
            {
                Filled = reply.Order is { } order ? new Lots(broker.ToLots(order.Symbol, order.ExecutedVolume)) : Lots.Zero,
                Price = Level(reply.Order?.ExecutionPrice),
            }));
    }

    private void Amend(AmendPending amend, Action<CommandResult> done)
    {
        bool limit = broker.OrderDetails(amend.Order.Value)?.OrderType == CtOrderType.Limit;
        Submit(new CtAmendOrder
        {
            OrderId = amend.Order.Value,
            LimitPrice = limit ? amend.Price.Value : null,
            StopPrice = limit ? null : amend.Price.Value,
            StopLoss = amend.StopLoss?.Value,
            TakeProfit = amend.TakeProfit?.Value,
            Expiration = amend.Expiry,
            OwnerKey = amend.Key.Value,
        }, (reply, end) => done(reply.Description == "Nothing to amend." ? CommandResult.Done(reply.ErrorCode) with { Order = amend.Order } : end with { Order = amend.Order }));
    }

    private void Submit(NativeRequest request, Action<CtReply, CommandResult> done) => Pass(broker, request, reply =>
    {
        var ct = (CtReply)reply;
        done(ct, CTraderAnswers.Of(ct.ErrorCode));
    });

    private PendingReport Report(CtOrder order)
    {
        decimal price = (order.OrderType == CtOrderType.Limit ? order.LimitPrice : order.StopPrice) ?? 0m;
        var (stopLoss, takeProfit) = CTraderBroker.LevelsOf(order, price);
        return new PendingReport
        {
            Id = new OrderId(order.OrderId),
            Symbol = new SymbolName(order.Symbol),
            Side = order.Side,
            Type = CTraderBroker.TypeOf(order.OrderType),
            Volume = new Lots(broker.ToLots(order.Symbol, order.Volume - order.ExecutedVolume)),
            Price = new Price(price),
            StopLoss = Level(stopLoss),
            TakeProfit = Level(takeProfit),
            Expiry = order.Expiration,
            PlacedAt = order.OpenTimestamp,
            Tag = OrderTag.Read(0, order.Label),
        };
    }

    private DealReport Report(CtDeal deal)
    {
        var order = broker.OrderDetails(deal.OrderId);
        return new DealReport
        {
            Id = new DealId(deal.DealId),
            Position = new PositionId(deal.PositionId),
            Order = new OrderId(deal.OrderId),
            Symbol = new SymbolName(deal.Symbol),
            Side = deal.Side,
            Volume = new Lots(broker.ToLots(deal.Symbol, deal.FilledVolume)),
            Price = new Price(deal.ExecutionPrice),
            Entry = deal.CloseDetail is null ? DealEntry.In : DealEntry.Out,
            Reason = ReasonOf(order),
            // A closing order shows the label of its position (recorded): it says who opened, not who closed.
            Tag = OrderTag.Read(0, order is { ClosingOrder: false } ? order.Label : ""),
            At = deal.ExecutionTimestamp,
            Profit = new Money(deal.CloseDetail?.GrossProfit ?? 0m),
            Swap = new Money(deal.CloseDetail?.Swap ?? 0m),
            Commission = new Money(deal.Commission),
        };
    }

    /// <summary>No field tells which level was hit: the execution price is compared with the take profit.</summary>
    private static DealReason ReasonOf(CtOrder? order) => order switch
    {
        { IsStopOut: true } => DealReason.StopOut,
        { OrderType: CtOrderType.StopLossTakeProfit, LimitPrice: { } tp, ExecutionPrice: { } price } when (price - tp) * -order.Side.Sign() >= 0m => DealReason.TakeProfit,
        { OrderType: CtOrderType.StopLossTakeProfit } => DealReason.StopLoss,
        _ => DealReason.Request,
    };
}

using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>MT5, hedging and netting: POSITION_IDENTIFIER is the identity, POSITION_TICKET what requests take; magic and comment carry the key, on closing deals too.</summary>
internal sealed class Mt5Translator(Mt5Broker broker) : Translator
{
    private int _told = broker.History.Count;

    /// <inheritdoc/>
    public override void Reset() => _told = broker.History.Count;

    /// <inheritdoc/>
    public override IReadOnlyList<PositionReport> Positions() => [.. broker.Positions.Select(p => new PositionReport
    {
        Id = new PositionId(p.Identifier),
        Ticket = p.Ticket,
        Symbol = new SymbolName(p.Symbol),
        Side = p.Side,
        Volume = new Lots(p.Volume),
        OpenPrice = new Price(p.PriceOpen),
        OpenedAt = p.Time,
        StopLoss = Level(p.Sl),
        TakeProfit = Level(p.Tp),
        OpeningOrder = new OrderId(p.Identifier),
        Tag = OrderTag.Read(p.Magic, p.Comment),
    })];

    /// <inheritdoc/>
    public override IReadOnlyList<PositionMoney> Floating() => [.. broker.Positions.SelectMany(p => broker.FloatingProfit(p.Symbol, p.Side, p.Volume, p.PriceOpen) is { } profit
        ? new[] { new PositionMoney(new PositionId(p.Identifier), profit, new Money(p.Swap)) }
        : [])];

    /// <inheritdoc/>
    public override IReadOnlyList<PendingReport> Orders() => [.. broker.Orders.Select(o => Report(o, o.VolumeCurrent))];

    /// <inheritdoc/>
    public override IReadOnlyList<DealReport> NewDeals()
    {
        var deals = new List<DealReport>();
        for (; _told < broker.History.Count; _told++)
        {
            if (broker.History[_told] is Mt5Deal { Type: not Mt5DealType.Balance } deal)
            {
                deals.Add(Report(deal));
            }
        }

        return deals;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<DealReport> DealsSince(Timestamp from) =>
        [.. broker.HistorySince(from).OfType<Mt5Deal>().Where(d => d.Type != Mt5DealType.Balance && d.Time >= from).Select(Report)];

    /// <inheritdoc/>
    public override IReadOnlyList<PendingReport> EndedSince(Timestamp from) =>
        [.. broker.HistorySince(from).OfType<Mt5Order>()
            .Where(o => o.State is Mt5OrderState.Canceled or Mt5OrderState.Expired or Mt5OrderState.Rejected && o.TimeDone >= from && o.PositionId == 0)
            .Select(o => Report(o, o.VolumeInitial))];

    /// <inheritdoc/>
    public override void Carry(OrderCommand command, Action<CommandResult> done)
    {
        switch (command)
        {
            case OpenMarket open:
                Open(open, done);
                break;
            case PlacePending place:
                Submit(Tagged(place) with
                {
                    Action = MqlAction.Pending,
                    Type = TypeOf(place.Side, place.Type),
                    Volume = place.Volume.Value,
                    Price = place.Price.Value,
                    StopLimit = place.LimitPrice?.Value ?? 0m,
                    Sl = place.StopLoss?.Value ?? 0m,
                    Tp = place.TakeProfit?.Value ?? 0m,
                    TypeFilling = Mt5Filling.Return,
                    TypeTime = place.Expiry is null ? Mt5TypeTime.Gtc : Mt5TypeTime.Specified,
                    Expiration = place.Expiry,
                }, (result, end) => done(end.Outcome == OrderOutcome.Done ? end with { Order = new OrderId(result.Order) } : end));
                break;
            case ReducePosition reduce:
                Reduce(reduce, done);
                break;
            case CloseBy by when broker.Settings.Capabilities.CloseBy:
                CloseByEachOther(by, done);
                break;
            case SetStops stops:
                SetLevels(stops, done);
                break;
            case AmendPending amend:
                Submit(Tagged(amend) with
                {
                    Action = MqlAction.Modify,
                    Order = amend.Order.Value,
                    Price = amend.Price.Value,
                    StopLimit = amend.LimitPrice?.Value ?? 0m,
                    Sl = amend.StopLoss?.Value ?? 0m,
                    Tp = amend.TakeProfit?.Value ?? 0m,
                    TypeTime = amend.Expiry is null ? Mt5TypeTime.Gtc : Mt5TypeTime.Specified,
                    Expiration = amend.Expiry,
                }, (_, end) => done(end with { Order = amend.Order }));
                break;
            case CancelPending cancel:
                Submit(Tagged(cancel) with { Action = MqlAction.Remove, Order = cancel.Order.Value }, (_, end) => done(end with { Order = cancel.Order }));
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
        if (symbol is not null && quote.Ask.Value > 0m && IsWorse(open, quote))
        {
            done(CommandResult.Refused(Refusal.PriceGuard, "price guard"));
            return;
        }

        Submit(Tagged(open) with
        {
            Action = MqlAction.Deal,
            Type = open.Side == Side.Buy ? Mt5OrderType.Buy : Mt5OrderType.Sell,
            Volume = open.Volume.Value,
            Price = quote.ToOpen(open.Side).Value,
            Deviation = symbol is null ? 0 : Allowance(open, quote, symbol),
            Sl = open.StopLoss?.Value ?? 0m,
            Tp = open.TakeProfit?.Value ?? 0m,
            TypeFilling = FillingFor(symbol),
        }, (result, end) => done(end.Outcome != OrderOutcome.Done ? end : end with
        {
            Position = DealOf(result) is { } deal ? new PositionId(deal.PositionId) : null,
            Filled = new Lots(result.Volume),
            Price = new Price(result.Price),
        }));
    }

    private void Reduce(ReducePosition reduce, Action<CommandResult> done)
    {
        var symbol = broker.Symbol(reduce.Symbol);
        ReduceInParts(reduce, broker.Clock, () => Find(reduce.Position) is { } p ? (p.Side, new Lots(p.Volume)) : null, symbol?.Spec.MaxLots ?? Lots.Zero, Close, done);

        void Close(Lots volume, int part, Action<CommandResult> closed)
        {
            // The position's ticket in the request bounds the volume, so that a netting position is never turned.
            var position = Find(reduce.Position)!;
            var side = position.Side.Opposite();
            Submit(Tagged(reduce) with
            {
                Symbol = position.Symbol,
                Action = MqlAction.Deal,
                Position = position.Ticket,
                Type = side == Side.Buy ? Mt5OrderType.Buy : Mt5OrderType.Sell,
                Volume = volume.Value,
                Price = (broker.QuoteOf(reduce.Symbol) ?? default).ToOpen(side).Value,
                Deviation = 1_000_000,
                TypeFilling = FillingFor(symbol),
                Part = part,
            }, (result, end) => closed(end.Outcome == OrderOutcome.Done ? end with { Filled = new Lots(result.Volume), Price = new Price(result.Price) } : end));
        }
    }

    private void CloseByEachOther(CloseBy by, Action<CommandResult> done)
    {
        if (Find(by.Position) is not { } one || Find(by.Opposite) is not { } other)
        {
            done(CommandResult.Done("already"));
            return;
        }

        Submit(Tagged(by) with
        {
            Action = MqlAction.CloseBy,
            Type = Mt5OrderType.CloseBy,
            Symbol = one.Symbol,
            Position = one.Ticket,
            PositionBy = other.Ticket,
        }, (result, end) =>
        {
            if (end.Refusal == Refusal.NotFound && broker.Clock.Now <= by.Deadline)
            {
                // A ticket changed (swap by re-opening), or one of them is gone; nothing was done yet.
                CloseByEachOther(by, done);
                return;
            }

            done(end.Outcome != OrderOutcome.Done ? end : end with
            {
                Position = one.Volume == other.Volume ? null : one.Volume > other.Volume ? by.Position : by.Opposite,
                Filled = new Lots(result.Volume),
                Price = new Price(result.Price),
            });
        });
    }

    private void SetLevels(SetStops stops, Action<CommandResult> done)
    {
        if (Find(stops.Position) is not { } position)
        {
            done(CommandResult.Refused(Refusal.NotFound, "10036"));
            return;
        }

        Submit(Tagged(stops) with
        {
            Action = MqlAction.Sltp,
            Symbol = position.Symbol,
            Position = position.Ticket,
            Sl = stops.StopLoss?.Value ?? 0m,
            Tp = stops.TakeProfit?.Value ?? 0m,
        }, (_, end) => done(end with { Position = stops.Position }));
    }

    private static MqlTradeRequest Tagged(OrderCommand command) => new()
    {
        Action = MqlAction.Deal,
        Symbol = command.Symbol.Value,
        Magic = command.Key.Magic,
        Comment = command.Key.ToString(),
        OwnerKey = command.Key.Value,
    };

    private void Submit(MqlTradeRequest request, Action<MqlTradeResult, CommandResult> done) => Pass(broker, request, reply =>
    {
        var result = (MqlTradeResult)reply;
        done(result, MetaTraderAnswers.Of(request, result));
    });

    private Mt5Position? Find(PositionId id) => broker.Positions.FirstOrDefault(p => p.Identifier == id.Value);

    private Mt5Deal? DealOf(MqlTradeResult result)
    {
        for (int i = broker.History.Count - 1; i >= 0; i--)
        {
            if (broker.History[i] is Mt5Deal deal && deal.Ticket == result.Deal)
            {
                return deal;
            }
        }

        return null;
    }

    /// <summary>Chosen from SYMBOL_FILLING_MODE on every request: FOK, else IOC, else RETURN.</summary>
    private static Mt5Filling FillingFor(SimSymbol? symbol) =>
        symbol is null || symbol.Filling.HasFlag(FillingFlags.Fok) ? Mt5Filling.Fok
        : symbol.Filling.HasFlag(FillingFlags.Ioc) ? Mt5Filling.Ioc
        : Mt5Filling.Return;

    private static Mt5OrderType TypeOf(Side side, PendingType type) => (side, type) switch
    {
        (Side.Buy, PendingType.Limit) => Mt5OrderType.BuyLimit,
        (Side.Sell, PendingType.Limit) => Mt5OrderType.SellLimit,
        (Side.Buy, PendingType.Stop) => Mt5OrderType.BuyStop,
        (Side.Sell, PendingType.Stop) => Mt5OrderType.SellStop,
        (Side.Buy, _) => Mt5OrderType.BuyStopLimit,
        _ => Mt5OrderType.SellStopLimit,
    };

    private static PendingReport Report(Mt5Order order, decimal volume) => new()
    {
        Id = new OrderId(order.Ticket),
        Symbol = new SymbolName(order.Symbol),
        Side = order.Side,
        Type = order.Type switch
        {
            Mt5OrderType.BuyLimit or Mt5OrderType.SellLimit => PendingType.Limit,
            Mt5OrderType.BuyStop or Mt5OrderType.SellStop => PendingType.Stop,
            _ => PendingType.StopLimit,
        },
        Volume = new Lots(volume),
        Price = new Price(order.PriceOpen),
        LimitPrice = Level(order.StopLimit),
        StopLoss = Level(order.Sl),
        TakeProfit = Level(order.Tp),
        Expiry = order.Expiration,
        PlacedAt = order.TimeSetup,
        Tag = OrderTag.Read(order.Magic, order.Comment),
    };

    private static DealReport Report(Mt5Deal deal) => new()
    {
        Id = new DealId(deal.Ticket),
        Position = new PositionId(deal.PositionId),
        Order = new OrderId(deal.Order),
        Symbol = new SymbolName(deal.Symbol),
        Side = deal.Type == Mt5DealType.Buy ? Side.Buy : Side.Sell,
        Volume = new Lots(deal.Volume),
        Price = new Price(deal.Price),
        Entry = deal.Entry switch { Mt5DealEntry.In => DealEntry.In, Mt5DealEntry.InOut => DealEntry.InOut, _ => DealEntry.Out },
        Reason = deal.Reason switch
        {
            Mt5Reason.Sl => DealReason.StopLoss,
            Mt5Reason.Tp => DealReason.TakeProfit,
            Mt5Reason.So => DealReason.StopOut,
            Mt5Reason.Rollover => DealReason.Other,
            _ => DealReason.Request,
        },
        Tag = OrderTag.Read(deal.Magic, deal.Comment),
        At = deal.Time,
        Profit = new Money(deal.Profit),
        Swap = new Money(deal.Swap),
        Commission = new Money(deal.Commission),
    };
}

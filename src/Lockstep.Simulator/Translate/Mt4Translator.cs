using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>MT4: one order model, read by polling. The identity of a position is the first ticket of its lineage; deals are made up from the openings and closings of tickets.</summary>
internal sealed class Mt4Translator(Mt4Broker broker, Mt4Lineage lineage) : Translator
{
    private readonly Mt4Lineage _lineage = lineage;
    private int _toldRoots;
    private int _told;

    /// <inheritdoc/>
    public override void Reset()
    {
        _lineage.Update();
        _toldRoots = _lineage.Roots.Count;
        _told = broker.History.Count;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<PositionReport> Positions()
    {
        _lineage.Update();
        return [.. broker.Trades.Where(o => !o.IsPending).Select(o =>
        {
            int root = _lineage.RootOf(o.Ticket);
            return new PositionReport
            {
                Id = new PositionId(root),
                Ticket = o.Ticket,
                Symbol = new SymbolName(o.Symbol),
                Side = o.Side,
                Volume = new Lots(o.Lots),
                OpenPrice = new Price(o.OpenPrice),
                OpenedAt = o.OpenTime,
                StopLoss = Level(o.StopLoss),
                TakeProfit = Level(o.TakeProfit),
                OpeningOrder = new OrderId(root),
                Tag = OrderTag.Read(o.Magic, o.Comment),
            };
        }).OrderBy(p => p.Id.Value)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<PositionMoney> Floating()
    {
        _lineage.Update();
        return [.. broker.Trades.Where(o => !o.IsPending).SelectMany(o => broker.FloatingProfit(o.Symbol, o.Side, o.Lots, o.OpenPrice) is { } profit
            ? new[] { new PositionMoney(new PositionId(_lineage.RootOf(o.Ticket)), profit, new Money(o.Swap)) }
            : [])];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<PendingReport> Orders() => [.. broker.Trades.Where(o => o.IsPending).Select(Report)];

    /// <inheritdoc/>
    public override IReadOnlyList<DealReport> NewDeals()
    {
        _lineage.Update();
        var deals = new List<DealReport>();
        for (; _toldRoots < _lineage.Roots.Count; _toldRoots++)
        {
            deals.Add(Opening(_lineage.Roots[_toldRoots]));
        }

        for (; _told < broker.History.Count; _told++)
        {
            if (broker.History[_told] is Mt4Order { Op: Mt4Op.Buy or Mt4Op.Sell } closed)
            {
                deals.Add(Closing(closed));
            }
        }

        return Sorted(deals);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<DealReport> DealsSince(Timestamp from)
    {
        // The platform knows whole seconds: what happened within the asked second may lie before or after it, so it belongs to the answer.
        var second = new Timestamp(from.Micros - (from.Micros % 1_000_000));
        _lineage.Update();
        return Sorted([
            .. _lineage.Roots.Where(root => broker.OrderSelect(root)!.OpenTime >= second).Select(Opening),
            .. broker.HistorySince(from).OfType<Mt4Order>().Where(o => o.Op is Mt4Op.Buy or Mt4Op.Sell && o.CloseTime >= second).Select(Closing),
        ]);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<PendingReport> EndedSince(Timestamp from)
    {
        var second = new Timestamp(from.Micros - (from.Micros % 1_000_000));
        return [.. broker.HistorySince(from).OfType<Mt4Order>().Where(o => o.IsPending && o.CloseTime >= second).Select(Report)];
    }

    /// <inheritdoc/>
    public override void Carry(OrderCommand command, Action<CommandResult> done)
    {
        switch (command)
        {
            case OpenMarket open:
                Open(open, done);
                break;
            case PlacePending { Type: PendingType.StopLimit }:
                done(CommandResult.Refused(Refusal.InvalidRequest, "MT4 has no stop-limit orders"));
                break;
            case PlacePending place:
                Submit(new Mt4OrderSend
                {
                    Symbol = place.Symbol.Value,
                    Op = OpOf(place.Side, place.Type),
                    Lots = place.Volume.Value,
                    Price = place.Price.Value,
                    StopLoss = place.StopLoss?.Value ?? 0m,
                    TakeProfit = place.TakeProfit?.Value ?? 0m,
                    Expiration = place.Expiry,
                    Magic = place.Key.Magic,
                    Comment = place.Key.ToString(),
                    OwnerKey = place.Key.Value,
                }, (result, end) => done(end.Outcome == OrderOutcome.Done ? end with { Order = new OrderId(result.Ticket) } : end));
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
                Modify(
                    new Mt4OrderModify((int)amend.Order.Value, amend.Price.Value, amend.StopLoss?.Value ?? 0m, amend.TakeProfit?.Value ?? 0m, amend.Expiry) { OwnerKey = amend.Key.Value },
                    end => done(end with { Order = amend.Order }));
                break;
            case CancelPending cancel:
                Submit(new Mt4OrderDelete((int)cancel.Order.Value) { OwnerKey = cancel.Key.Value }, (_, end) => done(end with { Order = cancel.Order }));
                break;
            default:
                done(CommandResult.Refused(Refusal.InvalidRequest, command.GetType().Name));
                break;
        }
    }

    private void Open(OpenMarket open, Action<CommandResult> done)
    {
        var symbol = broker.Symbol(open.Symbol);
        var quote = broker.QuoteOf(open.Symbol);
        if (symbol is not null && quote is { } now && IsWorse(open, now))
        {
            done(CommandResult.Refused(Refusal.PriceGuard, "price guard"));
            return;
        }

        Submit(new Mt4OrderSend
        {
            Symbol = open.Symbol.Value,
            Op = open.Side == Side.Buy ? Mt4Op.Buy : Mt4Op.Sell,
            Lots = open.Volume.Value,
            Price = quote?.ToOpen(open.Side).Value,
            Slippage = symbol is not null && quote is { } present ? Allowance(open, present, symbol) : 0,
            StopLoss = open.StopLoss?.Value ?? 0m,
            TakeProfit = open.TakeProfit?.Value ?? 0m,
            Magic = open.Key.Magic,
            Comment = open.Key.ToString(),
            OwnerKey = open.Key.Value,
        }, (result, end) => done(end.Outcome != OrderOutcome.Done ? end : end with
        {
            Position = new PositionId(result.Ticket),
            Filled = new Lots(result.Lots),
            Price = new Price(result.Price),
        }));
    }

    private void Reduce(ReducePosition reduce, Action<CommandResult> done)
    {
        var most = broker.Symbol(reduce.Symbol)?.Spec.MaxLots ?? Lots.Zero;
        ReduceInParts(reduce, broker.Clock, () => Find(reduce.Position) is { } order ? (order.Side, new Lots(order.Lots)) : null, most, Close, done);

        void Close(Lots volume, int part, Action<CommandResult> closed)
        {
            // A close carries neither magic nor comment; the ticket is the present one of the lineage.
            var order = Find(reduce.Position)!;
            decimal? price = broker.QuoteOf(reduce.Symbol)?.ToClose(order.Side).Value;
            Submit(
                new Mt4OrderClose(order.Ticket, volume.Value, price, 1_000_000) { OwnerKey = reduce.Key.Value, Part = part },
                (result, end) => closed(end.Outcome == OrderOutcome.Done ? end with { Filled = new Lots(result.Lots), Price = new Price(result.Price) } : end));
        }
    }

    private void CloseByEachOther(CloseBy by, Action<CommandResult> done)
    {
        if (Find(by.Position) is not { } one || Find(by.Opposite) is not { } other)
        {
            done(CommandResult.Done("already"));
            return;
        }

        // Always the smaller by the larger: the other way round nothing on the platform says whose the rest is.
        var (smaller, larger, rest) = one.Lots <= other.Lots ? (one, other, by.Opposite) : (other, one, by.Position);
        Submit(new Mt4OrderCloseBy(smaller.Ticket, larger.Ticket) { OwnerKey = by.Key.Value }, (result, end) =>
        {
            if (end.Refusal == Refusal.NotFound && broker.Clock.Now <= by.Deadline)
            {
                // A ticket changed, or one of them is gone; nothing was done yet.
                CloseByEachOther(by, done);
                return;
            }

            done(end.Outcome != OrderOutcome.Done ? end : end with
            {
                Position = smaller.Lots < larger.Lots ? rest : null,
                Filled = new Lots(result.Lots),
                Price = new Price(result.Price),
            });
        });
    }

    private void SetLevels(SetStops stops, Action<CommandResult> done)
    {
        if (Find(stops.Position) is not { } order)
        {
            done(CommandResult.Refused(Refusal.NotFound, "4108"));
            return;
        }

        Modify(
            new Mt4OrderModify(order.Ticket, order.OpenPrice, stops.StopLoss?.Value ?? 0m, stops.TakeProfit?.Value ?? 0m) { OwnerKey = stops.Key.Value },
            end =>
            {
                if (end.Refusal == Refusal.NotFound && Find(stops.Position) is { } now && now.Ticket != order.Ticket && broker.Clock.Now <= stops.Deadline)
                {
                    // A part was closed meanwhile and the rest has a new ticket; nothing was done yet.
                    SetLevels(stops, done);
                    return;
                }

                done(end with { Position = stops.Position });
            });
    }

    /// <summary>Error 1 on a modification usually means "already so": the order is read again, and if it is so, it is done.</summary>
    private void Modify(Mt4OrderModify request, Action<CommandResult> done) => Submit(request, (result, end) =>
    {
        bool isSo = result.Error == Mt4Error.NoResult && broker.Trades.Any(o => o.Ticket == request.Ticket && o.StopLoss == request.StopLoss && o.TakeProfit == request.TakeProfit
            && (!o.IsPending || (o.OpenPrice == request.Price && o.Expiration == request.Expiration)));
        done(isSo ? CommandResult.Done("1") : end);
    });

    private void Submit(NativeRequest request, Action<Mt4Result, CommandResult> done) => Pass(broker, request, reply =>
    {
        var result = (Mt4Result)reply;
        done(result, MetaTraderAnswers.Of(request, result));
    });

    private Mt4Order? Find(PositionId id)
    {
        _lineage.Update();
        return _lineage.Present(id.Value);
    }

    private DealReport Opening(int root)
    {
        var order = broker.OrderSelect(root)!;
        return new DealReport
        {
            Id = NumberOf(order.OpenTime, root, closing: false),
            Position = new PositionId(root),
            Order = new OrderId(root),
            Symbol = new SymbolName(order.Symbol),
            Side = order.Side,
            Volume = new Lots(_lineage.OpenedVolume(root)),
            Price = new Price(order.OpenPrice),
            Entry = DealEntry.In,
            Reason = DealReason.Request,
            Tag = OrderTag.Read(order.Magic, order.Comment),
            At = order.OpenTime,
        };
    }

    private DealReport Closing(Mt4Order closed) => new()
    {
        Id = NumberOf(closed.CloseTime ?? closed.OpenTime, closed.Ticket, closing: true),
        Position = new PositionId(_lineage.RootOf(closed.Ticket)),
        Symbol = new SymbolName(closed.Symbol),
        Side = closed.Side.Opposite(),
        Volume = new Lots(_lineage.ClosedVolume(closed)),
        Price = new Price(closed.ClosePrice),
        Entry = DealEntry.Out,
        Reason = closed.Comment.EndsWith("[sl]", StringComparison.Ordinal) ? DealReason.StopLoss
            : closed.Comment.EndsWith("[tp]", StringComparison.Ordinal) ? DealReason.TakeProfit
            : closed.Comment.StartsWith("so:", StringComparison.Ordinal) ? DealReason.StopOut
            : DealReason.Request,
        Tag = OrderTag.Read(closed.Magic, closed.Comment),
        At = closed.CloseTime ?? closed.OpenTime,
        Profit = new Money(closed.Profit),
        Swap = new Money(closed.Swap),
        Commission = new Money(closed.Commission),
    };

    /// <summary>A number that grows with time and can be worked out again from the platform's history: second, ticket, opening or closing. Below 2^53.</summary>
    private static DealId NumberOf(Timestamp at, int ticket, bool closing) =>
        new(((at.Micros / 1_000_000) << 22) | ((ticket & 0x1FFFFFL) << 1) | (closing ? 1L : 0L));

    private static List<DealReport> Sorted(List<DealReport> deals)
    {
        deals.Sort(static (a, b) => a.Id.CompareTo(b.Id));
        return deals;
    }

    private static Mt4Op OpOf(Side side, PendingType type) => (side, type) switch
    {
        (Side.Buy, PendingType.Limit) => Mt4Op.BuyLimit,
        (Side.Sell, PendingType.Limit) => Mt4Op.SellLimit,
        (Side.Buy, _) => Mt4Op.BuyStop,
        _ => Mt4Op.SellStop,
    };

    private static PendingReport Report(Mt4Order order) => new()
    {
        Id = new OrderId(order.Ticket),
        Symbol = new SymbolName(order.Symbol),
        Side = order.Side,
        Type = order.Op is Mt4Op.BuyLimit or Mt4Op.SellLimit ? PendingType.Limit : PendingType.Stop,
        Volume = new Lots(order.Lots),
        Price = new Price(order.OpenPrice),
        StopLoss = Level(order.StopLoss),
        TakeProfit = Level(order.TakeProfit),
        Expiry = order.Expiration,
        PlacedAt = order.OpenTime,
        Tag = OrderTag.Read(order.Magic, order.Comment),
    };
}

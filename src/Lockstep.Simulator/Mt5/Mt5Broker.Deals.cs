using System.Globalization;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <content>Market deals: opening, enlarging, reducing, turning, closing.</content>
public abstract partial class Mt5Broker
{
    /// <summary>A deal without a position: opens on hedging; on netting it is added to what is held, and may cross zero.</summary>
    private MqlTradeResult MarketDeal(MqlTradeRequest request, ExecutionTerms terms)
    {
        if (request.Type is not (Mt5OrderType.Buy or Mt5OrderType.Sell))
        {
            return Fail(Verdict.Invalid);
        }

        var verdict = CheckMarket(request.Symbol, out var symbol, out var quote);
        if (verdict != Verdict.Ok)
        {
            return Fail(verdict, request.Symbol);
        }

        var side = request.Side;
        var held = IsNetting ? _positions.Values.FirstOrDefault(p => p.Symbol == request.Symbol) : null;
        bool reduces = held is not null && held.Side != side && held.Volume >= request.Volume;
        verdict = First(
            CheckVolume(symbol, request.Volume),
            CheckFilling(symbol, request.TypeFilling),
            CheckAskedPrice(symbol, request, quote.ToOpen(side).Value),
            CheckStops(symbol, side, quote.ToClose(side).Value, request.Sl, request.Tp),
            !Settings.StopsWithOpen && (request.Sl != 0m || request.Tp != 0m) ? Verdict.BadStops : Verdict.Ok,
            reduces ? Verdict.Ok : CheckOpening(symbol, side, request.Volume, pending: false));
        if (verdict != Verdict.Ok)
        {
            return Fail(verdict, request.Symbol);
        }

        decimal volume = Available(symbol, request, terms);
        if (volume == 0m)
        {
            return Fail(Verdict.Rejected, request.Symbol);
        }

        decimal price = FillPrice(symbol, side, quote, terms);
        decimal added = held is null || held.Side == side ? volume : volume - held.Volume;
        if (added > 0m && !CanAfford(symbol, side, added, price))
        {
            return Fail(Verdict.NoMoney, request.Symbol);
        }

        var order = NewOrder(request, terms);
        Tell(new Mt5Transaction(Mt5TransactionType.OrderAdd, order.Ticket));
        var deal = IsNetting ? Net(symbol, order, volume, price) : OpenOrAdd(symbol, order, volume, price);
        End(order with { State = Mt5OrderState.Filled, PositionId = deal.PositionId, VolumeCurrent = request.Volume - volume });
        return Done(order, deal, request.Volume);
    }

    private MqlTradeResult CloseDeal(MqlTradeRequest request, ExecutionTerms terms)
    {
        if (PositionByTicket(request.Position) is not { } position || position.Symbol != request.Symbol)
        {
            return Fail(Verdict.NotFound, request.Symbol);
        }

        var verdict = CheckMarket(request.Symbol, out var symbol, out var quote);
        if (verdict == Verdict.Ok)
        {
            verdict = First(
                request.Type is not (Mt5OrderType.Buy or Mt5OrderType.Sell) || request.Side == position.Side ? Verdict.Invalid : Verdict.Ok,
                CheckCloseVolume(symbol, request.Volume, position.Volume),
                CheckFilling(symbol, request.TypeFilling),
                CheckAskedPrice(symbol, request, quote.ToOpen(request.Side).Value),
                CheckFreeze(symbol, position, quote),
                CheckFifo(position));
        }

        if (verdict != Verdict.Ok)
        {
            return Fail(verdict, request.Symbol);
        }

        decimal volume = Available(symbol, request, terms);
        if (volume == 0m)
        {
            return Fail(Verdict.Rejected, request.Symbol);
        }

        var order = NewOrder(request, terms) with { PositionId = position.Identifier };
        Tell(new Mt5Transaction(Mt5TransactionType.OrderAdd, order.Ticket));
        decimal price = FillPrice(symbol, request.Side, quote, terms);

        // The book's own log of a close shows the deal after the order went to history.
        End(order with { State = Mt5OrderState.Filled, VolumeCurrent = request.Volume - volume });
        var deal = Reduce(symbol, position, order, volume, price, Mt5DealEntry.Out);
        return Done(order, deal, request.Volume);
    }

    /// <summary>Adds a fill to a symbol's one position: enlarges, reduces, closes, or turns it (INOUT).</summary>
    private Mt5Deal Net(SimSymbol symbol, Mt5Order order, decimal volume, decimal price)
    {
        var held = _positions.Values.FirstOrDefault(p => p.Symbol == order.Symbol);
        if (held is null || held.Side == order.Side)
        {
            return OpenOrAdd(symbol, order, volume, price);
        }

        return volume <= held.Volume ? Reduce(symbol, held, order, volume, price, Mt5DealEntry.Out) : Turn(symbol, held, order, volume, price);
    }

    private Mt5Deal OpenOrAdd(SimSymbol symbol, Mt5Order order, decimal volume, decimal price)
    {
        // Further fills of a pending order belong to the position its first fill made.
        var held = IsNetting ? _positions.Values.FirstOrDefault(p => p.Symbol == order.Symbol) : _positions.GetValueOrDefault(order.Ticket);
        long identifier = held?.Identifier ?? order.Ticket;
        var deal = Book(symbol, order, identifier, volume, price, Mt5DealEntry.In, 0m, 0m);
        if (held is null)
        {
            Keep(new Mt5Position
            {
                Ticket = order.Ticket,
                Identifier = identifier,
                Symbol = order.Symbol,
                Side = order.Side,
                Volume = volume,
                PriceOpen = price,
                Sl = order.Sl,
                Tp = order.Tp,
                Magic = order.Magic,
                Comment = order.Comment,
                Reason = order.Reason,
                Time = Clock.Now,
                OwnerKey = order.OwnerKey,
            });
        }
        else
        {
            decimal total = held.Volume + volume;
            Keep(held with
            {
                Volume = total,
                PriceOpen = Math.Round(((held.PriceOpen * held.Volume) + (price * volume)) / total, 8, MidpointRounding.AwayFromZero),
                Sl = order.Sl != 0m ? order.Sl : held.Sl,
                Tp = order.Tp != 0m ? order.Tp : held.Tp,
                Magic = order.Magic,
            });
        }

        return deal;
    }

    private Mt5Deal Reduce(SimSymbol symbol, Mt5Position position, Mt5Order order, decimal volume, decimal price, Mt5DealEntry entry)
    {
        decimal swap = volume == position.Volume ? position.Swap : Round(position.Swap * volume / position.Volume);
        var deal = Book(symbol, order, position.Identifier, volume, price, entry, Profit(symbol, position.Side, volume, position.PriceOpen, price), swap);
        if (volume == position.Volume)
        {
            _positions.Remove(position.Identifier);
            Touch();
        }
        else
        {
            Keep(position with { Volume = position.Volume - volume, Swap = position.Swap - swap });
        }

        return deal;
    }

    /// <summary>One deal closes what was held and opens the other side: the identifier stays, the ticket becomes that of the turning order.</summary>
    private Mt5Deal Turn(SimSymbol symbol, Mt5Position held, Mt5Order order, decimal volume, decimal price)
    {
        var deal = Book(symbol, order, held.Identifier, volume, price, Mt5DealEntry.InOut, Profit(symbol, held.Side, held.Volume, held.PriceOpen, price), held.Swap);
        Keep(held with
        {
            Ticket = order.Ticket,
            Side = order.Side,
            Volume = volume - held.Volume,
            PriceOpen = price,
            Sl = order.Sl,
            Tp = order.Tp,
            Swap = 0m,
            Magic = order.Magic,
            Comment = order.Comment,
            Reason = order.Reason,
            Time = Clock.Now,
            OwnerKey = order.OwnerKey,
        });
        return deal;
    }

    private Mt5Deal Book(SimSymbol symbol, Mt5Order order, long identifier, decimal volume, decimal price, Mt5DealEntry entry, decimal profit, decimal swap)
    {
        var deal = new Mt5Deal
        {
            Ticket = ++_lastDeal,
            Order = order.Ticket,
            PositionId = identifier,
            Symbol = order.Symbol,
            Type = order.Side == Side.Buy ? Mt5DealType.Buy : Mt5DealType.Sell,
            Entry = entry,
            Volume = volume,
            Price = price,
            Profit = profit,
            Swap = swap,
            Commission = Commission(symbol, volume),
            Magic = order.Magic,
            Comment = order.Comment,
            Reason = order.Reason,
            Time = Clock.Now,
        };
        Balance += profit + swap + deal.Commission;
        AddDeal(deal);
        RecordDeal(new OwnerDeal
        {
            Number = 0,
            Position = identifier,
            Symbol = order.Symbol,
            Side = order.Side,
            Volume = volume,
            Price = price,
            Entry = entry switch { Mt5DealEntry.In => DealEntry.In, Mt5DealEntry.InOut => DealEntry.InOut, _ => DealEntry.Out },
            Reason = order.Reason switch
            {
                Mt5Reason.Sl => DealReason.StopLoss,
                Mt5Reason.Tp => DealReason.TakeProfit,
                Mt5Reason.So => DealReason.StopOut,
                _ => DealReason.Request,
            },
            OwnerKey = order.OwnerKey,
            At = Clock.Now,
            Profit = profit,
            Swap = swap,
            Commission = deal.Commission,
        });
        return deal;
    }

    private Mt5Order NewOrder(MqlTradeRequest request, ExecutionTerms terms) => new()
    {
        Ticket = ++_lastOrder,
        Symbol = request.Symbol,
        Type = request.Type,
        State = Mt5OrderState.Started,
        VolumeInitial = request.Volume,
        VolumeCurrent = request.Volume,
        PriceOpen = request.Price,
        StopLimit = request.StopLimit,
        Sl = request.Sl,
        Tp = request.Tp,
        Expiration = request.TypeTime == Mt5TypeTime.Specified ? request.Expiration : null,
        Magic = request.Magic,
        Comment = Keep(request.Comment, terms.Comment, CommentMax),
        Reason = request.Magic == 0 ? Mt5Reason.Client : Mt5Reason.Expert,
        TimeSetup = Clock.Now,
        OwnerKey = request.OwnerKey,
    };

    /// <summary>The volume that finds a counterparty; under FOK all or nothing.</summary>
    private static decimal Available(SimSymbol symbol, MqlTradeRequest request, ExecutionTerms terms)
    {
        decimal volume = FillVolume(symbol, request.Volume, terms);
        return volume < request.Volume && request.TypeFilling == Mt5Filling.Fok ? 0m : volume;
    }

    private static MqlTradeResult Done(Mt5Order order, Mt5Deal deal, decimal asked) => new()
    {
        Retcode = deal.Volume < asked ? Mt5Retcode.DonePartial : Mt5Retcode.Done,
        Order = order.Ticket,
        Deal = deal.Ticket,
        Volume = deal.Volume,
        Price = deal.Price,
    };

    private Verdict CheckFifo(Mt5Position position) =>
        Settings.Mode == AccountMode.Fifo && _positions.Values.Any(p => p.Symbol == position.Symbol && (p.Time, p.Identifier).CompareTo((position.Time, position.Identifier)) < 0) ? Verdict.Fifo : Verdict.Ok;

    private static Verdict CheckFreeze(SimSymbol symbol, Mt5Position position, Quote quote)
    {
        decimal market = quote.ToClose(position.Side).Value;
        return IsFrozen(symbol, position.Sl, market) || IsFrozen(symbol, position.Tp, market) ? Verdict.Frozen : Verdict.Ok;
    }

    /// <summary>Market execution takes what the flags say and never RETURN; instant execution takes FOK, IOC and RETURN.</summary>
    private static Verdict CheckFilling(SimSymbol symbol, Mt5Filling filling) => filling switch
    {
        Mt5Filling.Fok => symbol.Execution == SimExecution.Instant || symbol.Filling.HasFlag(FillingFlags.Fok) ? Verdict.Ok : Verdict.BadFilling,
        Mt5Filling.Ioc => symbol.Execution == SimExecution.Instant || symbol.Filling.HasFlag(FillingFlags.Ioc) ? Verdict.Ok : Verdict.BadFilling,
        Mt5Filling.Return => symbol.Execution == SimExecution.Instant ? Verdict.Ok : Verdict.BadFilling,
        _ => Verdict.BadFilling,
    };

    private static Verdict CheckAskedPrice(SimSymbol symbol, MqlTradeRequest request, decimal market) =>
        symbol.Execution != SimExecution.Instant ? Verdict.Ok
        : request.Price <= 0m || !OnTick(symbol, request.Price) ? Verdict.BadPrice
        : Math.Abs(request.Price - market) > request.Deviation * symbol.Spec.Point ? Verdict.Requote
        : Verdict.Ok;

    private static string Level(string word, decimal level) => string.Create(CultureInfo.InvariantCulture, $"[{word} {level.ToString("0.########", CultureInfo.InvariantCulture)}]");

    private static Verdict First(params ReadOnlySpan<Verdict> verdicts)
    {
        foreach (var verdict in verdicts)
        {
            if (verdict != Verdict.Ok)
            {
                return verdict;
            }
        }

        return Verdict.Ok;
    }
}

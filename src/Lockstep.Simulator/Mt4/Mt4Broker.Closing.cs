using System.Globalization;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <content>Closing: whole, in part, by an opposite order, by a level, for lack of margin.</content>
public sealed partial class Mt4Broker
{
    private Mt4Result Close(Mt4OrderClose request, ExecutionTerms terms)
    {
        if (!_orders.TryGetValue(request.Ticket, out var order))
        {
            return Fail(Verdict.NotFound);
        }

        var verdict = order.IsPending ? Verdict.Invalid : CheckMarket(order.Symbol, out _, out _);
        if (verdict != Verdict.Ok)
        {
            return Fail(verdict);
        }

        CheckMarket(order.Symbol, out var symbol, out var quote);
        verdict = First(
            CheckCloseVolume(symbol, request.Lots, order.Lots),
            CheckAskedPrice(symbol, request.Price, request.Slippage, quote.ToClose(order.Side).Value),
            CheckFreeze(symbol, order, quote),
            CheckFifo(order));
        if (verdict != Verdict.Ok)
        {
            return Fail(verdict);
        }

        decimal price = FillPrice(symbol, order.Side.Opposite(), quote, terms);
        if (request.Lots == order.Lots)
        {
            CloseWhole(symbol, order, price, DealReason.Request, request.OwnerKey, order.Comment);
        }
        else
        {
            ClosePart(symbol, order, request.Lots, price, request.OwnerKey, terms.Comment);
        }

        return new Mt4Result(request.Ticket, 0, price, request.Lots);
    }

    private Verdict CheckFifo(Mt4Order order) =>
        Settings.Mode == AccountMode.Fifo && _orders.Values.Any(o => !o.IsPending && o.Symbol == order.Symbol && (o.OpenTime, o.Origin).CompareTo((order.OpenTime, order.Origin)) < 0) ? Verdict.Fifo : Verdict.Ok;

    private void CloseWhole(SimSymbol symbol, Mt4Order order, decimal price, DealReason reason, ulong? key, string comment)
    {
        decimal profit = Profit(symbol, order.Side, order.Lots, order.OpenPrice, price);
        Book(order, order.Lots, price, reason, key, profit, order.Swap, order.Commission);
        End(order with
        {
            ClosePrice = price,
            CloseTime = Seconds(Clock.Now),
            Profit = profit,
            Comment = comment.Length > CommentMax ? comment[^CommentMax..] : comment,
        });
    }

    /// <summary>The closed part keeps the ticket and says where the rest went; the rest gets a new ticket and says where it came from.</summary>
    private void ClosePart(SimSymbol symbol, Mt4Order order, decimal lots, decimal price, ulong? key, CommentFault fault)
    {
        int next = NextTicket();
        decimal swap = Round(order.Swap * lots / order.Lots);
        decimal commission = Round(order.Commission * lots / order.Lots);
        decimal profit = Profit(symbol, order.Side, lots, order.OpenPrice, price);
        Book(order, lots, price, DealReason.Request, key, profit, swap, commission);
        End(order with
        {
            Lots = lots,
            ClosePrice = price,
            CloseTime = Seconds(Clock.Now),
            Swap = swap,
            Commission = commission,
            Profit = profit,
            Comment = Keep(string.Create(CultureInfo.InvariantCulture, $"to #{next}"), fault, CommentMax),
        });
        Keep(order with
        {
            Ticket = next,
            Lots = order.Lots - lots,
            Swap = order.Swap - swap,
            Commission = order.Commission - commission,
            Comment = Keep(string.Create(CultureInfo.InvariantCulture, $"from #{order.Ticket}"), fault, CommentMax),
        });
    }

    /// <summary>
    /// The first order takes all the profit at the second's open price; the second closes with 0.00 lots. What is left of the larger becomes a third ticket, which names the
    /// smaller one only when the smaller was closed by the larger.
    /// </summary>
    private Mt4Result CloseBy(Mt4OrderCloseBy request)
    {
        if (!_orders.TryGetValue(request.Ticket, out var first) || !_orders.TryGetValue(request.Opposite, out var second))
        {
            return Fail(Verdict.NotFound);
        }

        var verdict = first.IsPending || second.IsPending || first.Symbol != second.Symbol || first.Side == second.Side
            ? Verdict.Invalid
            : CheckMarket(first.Symbol, out _, out _);
        if (verdict != Verdict.Ok)
        {
            return Fail(verdict);
        }

        CheckMarket(first.Symbol, out var symbol, out _);
        decimal lots = Math.Min(first.Lots, second.Lots);
        decimal profit = Profit(symbol, first.Side, lots, first.OpenPrice, second.OpenPrice);
        decimal firstCommission = Round(first.Commission * lots / first.Lots);
        decimal secondCommission = Round(second.Commission * lots / second.Lots);
        decimal swap = Round(first.Swap * lots / first.Lots) + Round(second.Swap * lots / second.Lots);
        bool smallerByLarger = first.Lots < second.Lots;
        Book(first, lots, second.OpenPrice, DealReason.Request, request.OwnerKey, profit, swap, firstCommission);
        Book(second, lots, second.OpenPrice, DealReason.Request, request.OwnerKey, 0m, 0m, 0m);
        End(first with
        {
            Lots = lots,
            ClosePrice = second.OpenPrice,
            CloseTime = Seconds(Clock.Now),
            Profit = profit,
            Swap = swap,
            Commission = firstCommission,
            Comment = first.Lots > lots ? "partial close" : first.Comment,
        });
        End(second with
        {
            Lots = 0m,
            ClosePrice = second.OpenPrice,
            CloseTime = Seconds(Clock.Now),
            Profit = 0m,
            Swap = 0m,
            Commission = 0m,
            Comment = string.Create(CultureInfo.InvariantCulture, $"close hedge by #{first.Ticket}"),
        });
        if (first.Lots != second.Lots)
        {
            var larger = smallerByLarger ? second : first;
            Keep(larger with
            {
                Ticket = NextTicket(),
                Lots = larger.Lots - lots,
                OpenTime = Seconds(Clock.Now),
                Swap = larger.Swap - Round(larger.Swap * lots / larger.Lots),
                Commission = larger.Commission - (smallerByLarger ? secondCommission : firstCommission),
                Comment = smallerByLarger ? string.Create(CultureInfo.InvariantCulture, $"from #{first.Ticket}") : "partial close",
            });
        }

        return new Mt4Result(first.Ticket, 0, second.OpenPrice, lots);
    }

    private void MatchStops(SimSymbol symbol, Mt4Order order, Quote quote)
    {
        decimal price = quote.ToClose(order.Side).Value;
        var closing = order.Side.Opposite();
        if (order.StopLoss != 0m && IsReached(closing, stop: true, order.StopLoss, price))
        {
            CloseWhole(symbol, order, price, DealReason.StopLoss, null, order.Comment + "[sl]");
        }
        else if (order.TakeProfit != 0m && IsReached(closing, stop: false, order.TakeProfit, price))
        {
            CloseWhole(symbol, order, price, DealReason.TakeProfit, null, order.Comment + "[tp]");
        }
    }

    /// <inheritdoc/>
    private protected override void CloseForMargin(Holding holding, decimal marginLevel)
    {
        var order = _orders[(int)holding.Number];
        var quote = QuoteOf(holding.Symbol.Spec.Name)!.Value;
        CloseWhole(holding.Symbol, order, quote.ToClose(order.Side).Value, DealReason.StopOut, null, string.Create(CultureInfo.InvariantCulture, $"so: {marginLevel:0.0}%"));
    }

    private void Book(Mt4Order order, decimal lots, decimal price, DealReason reason, ulong? key, decimal profit, decimal swap, decimal commission)
    {
        Balance += profit + swap + commission;
        RecordDeal(new OwnerDeal
        {
            Number = 0,
            Position = order.Origin,
            Symbol = order.Symbol,
            Side = order.Side.Opposite(),
            Volume = lots,
            Price = price,
            Entry = DealEntry.Out,
            Reason = reason,
            OwnerKey = key,
            At = Clock.Now,
            Profit = profit,
            Swap = swap,
            Commission = commission,
        });
    }
}

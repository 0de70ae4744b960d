using Lockstep.Domain;
using Lockstep.Server.Hosting;
using Lockstep.Simulator;

namespace Lockstep.Server.Demo;

/// <summary>
/// Somebody who trades on the MT5 account by hand, at its own terminal, and knows nothing of Lockstep: opens at market, places pending orders, moves stops, closes in part
/// and whole, turns positions round. Seeded; lives on the clock.
/// </summary>
internal sealed class DemoTrader(Mt5Broker broker, ISimClock clock, SimRandom dice, IReadOnlyList<string> symbols)
{
    private const int PositionsMost = 6;
    private static readonly decimal[] Sizes = [0.1m, 0.2m, 0.3m, 0.5m, 0.8m, 1m, 1.2m, 2m];
    private bool _stopped;

    /// <summary>What he did, as he would say it.</summary>
    public event Action<string>? Did;

    /// <summary>How often the broker did what he wanted.</summary>
    public int Actions { get; private set; }

    /// <summary>Begins; the first trade comes after <paramref name="pause"/>.</summary>
    public void Start(TimeSpan pause) => clock.Schedule(pause, () =>
    {
        if (!_stopped)
        {
            Act();
            Start(dice.NextSpan(TimeSpan.FromMilliseconds(120), TimeSpan.FromMilliseconds(700)));
        }
    });

    /// <summary>Stops and takes his pending orders back, so that nothing happens any more by itself. On the clock.</summary>
    public void Stop()
    {
        _stopped = true;
        foreach (var order in broker.PendingOrders.Where(o => o.OwnerKey is null).ToList())
        {
            Cancel(order);
        }
    }

    private void Act()
    {
        var positions = broker.OpenPositions.Where(p => p.OwnerKey is null).ToList();
        var orders = broker.PendingOrders.Where(o => o.OwnerKey is null).ToList();
        int what = dice.Next(100);
        if (positions.Count == 0 || (what < 34 && positions.Count < PositionsMost))
        {
            Open(Any(), dice.Chance(50) ? Side.Buy : Side.Sell, dice.Pick(Sizes), "opens");
        }
        else if (what < 46 && orders.Count < 3)
        {
            Place();
        }
        else if (what < 52 && orders.Count > 0)
        {
            ChangeOrder(dice.Pick(orders));
        }
        else if (what < 56 && orders.Count > 0)
        {
            Cancel(dice.Pick(orders));
        }
        else if (what < 70)
        {
            SetStops(dice.Pick(positions));
        }
        else if (what < 82)
        {
            ClosePart(dice.Pick(positions));
        }
        else if (what < 88)
        {
            var turned = dice.Pick(positions);
            if (Close(turned, turned.Volume, "turns"))
            {
                Open(turned.Symbol, turned.Side.Opposite(), turned.Volume, "  and opens");
            }
        }
        else
        {
            var closed = dice.Pick(positions);
            Close(closed, closed.Volume, "closes");
        }
    }

    private void Open(string symbol, Side side, decimal volume, string verb)
    {
        if (Quote(symbol) is not { } quote)
        {
            return;
        }

        var (spec, price) = (Spec(symbol), quote.ToOpen(side));
        bool stops = dice.Chance(60);
        var sl = stops ? spec.RoundPrice(price - (side.Sign() * Distance(spec, 150, 600))).Value : 0m;
        var tp = stops ? spec.RoundPrice(price + (side.Sign() * Distance(spec, 150, 900))).Value : 0m;
        Say($"{verb} {OrderText.Word(side)} {volume} {symbol}{(stops ? $" SL {sl} TP {tp}" : "")}", broker.OrderSend(new MqlTradeRequest
        {
            Action = MqlAction.Deal,
            Symbol = symbol,
            Volume = volume,
            Type = side == Side.Buy ? Mt5OrderType.Buy : Mt5OrderType.Sell,
            TypeFilling = Mt5Filling.Fok,
            Price = price.Value,
            Sl = sl,
            Tp = tp,
        }));
    }

    private void Place()
    {
        string symbol = Any();
        if (Quote(symbol) is not { } quote)
        {
            return;
        }

        // Near enough to the market that many of them fill while one watches.
        var spec = Spec(symbol);
        var side = dice.Chance(50) ? Side.Buy : Side.Sell;
        bool limit = dice.Chance(50);
        var price = spec.RoundPrice(quote.ToOpen(side) + ((limit ? -side.Sign() : side.Sign()) * Distance(spec, 5, 30)));
        decimal volume = dice.Pick(Sizes);
        var expiry = dice.Chance(30) ? clock.Now + TimeSpan.FromSeconds(dice.Next(5, 60)) : (Timestamp?)null;
        Say($"places {OrderText.Word(side)} {(limit ? "limit" : "stop")} {volume} {symbol} at {price}{(expiry is null ? "" : " with expiry")}", broker.OrderSend(new MqlTradeRequest
        {
            Action = MqlAction.Pending,
            Symbol = symbol,
            Volume = volume,
            Type = (side, limit) switch
            {
                (Side.Buy, true) => Mt5OrderType.BuyLimit,
                (Side.Buy, false) => Mt5OrderType.BuyStop,
                (_, true) => Mt5OrderType.SellLimit,
                _ => Mt5OrderType.SellStop,
            },
            TypeFilling = Mt5Filling.Fok,
            Price = price.Value,
            Sl = spec.RoundPrice(price - (side.Sign() * Distance(spec, 200, 600))).Value,
            TypeTime = expiry is null ? Mt5TypeTime.Gtc : Mt5TypeTime.Specified,
            Expiration = expiry,
        }));
    }

    private void ChangeOrder(OwnerOrder order)
    {
        var spec = Spec(order.Symbol);
        bool below = (order.Type == PendingType.Limit) == (order.Side == Side.Buy);
        var price = spec.RoundPrice(new Price(order.Price) + ((below ? -1 : 1) * Distance(spec, 2, 10)));
        var now = broker.Orders.First(o => o.Ticket == order.Id);
        Say($"moves order #{order.Id} to {price}", broker.OrderSend(new MqlTradeRequest
        {
            Action = MqlAction.Modify,
            Order = order.Id,
            Symbol = order.Symbol,
            Price = price.Value,
            Sl = order.StopLoss ?? 0m,
            Tp = order.TakeProfit ?? 0m,
            TypeTime = now.Expiration is null ? Mt5TypeTime.Gtc : Mt5TypeTime.Specified,
            Expiration = now.Expiration,
        }));
    }

    private void Cancel(OwnerOrder order) =>
        Say($"cancels order #{order.Id}", broker.OrderSend(new MqlTradeRequest { Action = MqlAction.Remove, Order = order.Id, Symbol = order.Symbol }));

    private void SetStops(OwnerPosition position)
    {
        if (Quote(position.Symbol) is not { } quote)
        {
            return;
        }

        var (spec, price) = (Spec(position.Symbol), quote.ToClose(position.Side));
        decimal sl = dice.Chance(20) ? 0m : spec.RoundPrice(price - (position.Side.Sign() * Distance(spec, 120, 500))).Value;
        decimal tp = dice.Chance(30) ? 0m : spec.RoundPrice(price + (position.Side.Sign() * Distance(spec, 120, 800))).Value;
        Say($"sets #{position.Id} {position.Symbol} to {(sl == 0m ? "no SL" : $"SL {sl}")}, {(tp == 0m ? "no TP" : $"TP {tp}")}", broker.OrderSend(new MqlTradeRequest
        {
            Action = MqlAction.Sltp,
            Symbol = position.Symbol,
            Position = position.Ticket,
            Sl = sl,
            Tp = tp,
        }));
    }

    private void ClosePart(OwnerPosition position)
    {
        var spec = Spec(position.Symbol);
        decimal part = spec.RoundDown(new Lots(position.Volume * dice.Next(20, 70) / 100m)).Value;
        if (part >= spec.MinLots.Value && part < position.Volume)
        {
            Close(position, part, "closes part of");
        }
    }

    private bool Close(OwnerPosition position, decimal volume, string verb) =>
        Say($"{verb} #{position.Id}: {volume} of {OrderText.Word(position.Side)} {position.Volume} {position.Symbol}", broker.OrderSend(new MqlTradeRequest
        {
            Action = MqlAction.Deal,
            Symbol = position.Symbol,
            Volume = volume,
            Type = position.Side == Side.Buy ? Mt5OrderType.Sell : Mt5OrderType.Buy,
            TypeFilling = Mt5Filling.Fok,
            Price = Quote(position.Symbol)?.ToClose(position.Side).Value ?? 0m,
            Position = position.Ticket,
        }));

    private bool Say(string what, MqlTradeResult result)
    {
        Actions += result.Executed ? 1 : 0;
        Did?.Invoke(result.Executed ? what : $"{what}: {result.Retcode}");
        return result.Executed;
    }

    /// <summary>One of the symbols that are quoted now: a recording need not have all of them.</summary>
    private string Any()
    {
        var quoted = symbols.Where(s => Quote(s) is { } quote && clock.Now - quote.At < TimeSpan.FromSeconds(10)).ToList();
        return dice.Pick(quoted.Count > 0 ? quoted : symbols);
    }

    private SymbolSpec Spec(string symbol) => broker.Symbol(new SymbolName(symbol))!.Spec;

    private Quote? Quote(string symbol) => broker.QuoteOf(new SymbolName(symbol));

    private decimal Distance(SymbolSpec spec, int least, int most) => dice.Next(least, most) * spec.Point;
}

using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>
/// Someone who trades on a source account by hand: opens, places, closes in part, moves stops, turns a netted position, closes one position by another, and now and then
/// opens a whole burst within one moment.
/// </summary>
internal sealed class Trader
{
    private static readonly decimal[] Sizes = [0.01m, 0.02m, 0.1m, 0.1m, 0.3m, 0.5m, 1m, 1m, 2.5m, 5m];
    private static readonly string[] Words = ["", "", "swing", "scalp", "swing scalp"];

    private readonly AccountPlan _account;
    private readonly SimBroker _broker;
    private readonly Hand _hand;
    private readonly SimRandom _dice;
    private readonly Story _story;
    private readonly int _positionsMost;

    public Trader(AccountPlan account, SimBroker broker, SimRandom dice, Story story)
    {
        (_account, _broker, _dice, _story) = (account, broker, dice, story);
        _hand = Hand.For(broker);
        _positionsMost = dice.Pick([3, 6, 10]);
    }

    /// <summary>Does something.</summary>
    public void Act()
    {
        var own = _broker.OpenPositions.Where(p => p.OwnerKey is null).ToList();
        var orders = _broker.PendingOrders.Where(o => o.OwnerKey is null).ToList();
        int what = _dice.Next(100);
        if (own.Count == 0 && orders.Count == 0)
        {
            what %= 40;
        }

        if (own.Count + orders.Count >= _positionsMost && what < 45)
        {
            what = 70;
        }

        switch (what)
        {
            case < 3:
                for (int i = _dice.Next(3, 12); i > 0; i--)
                {
                    Open(pending: false);
                }

                break;
            case < 27:
                Open(pending: false);
                break;
            case < 40:
                Open(pending: true);
                break;
            case < 55 when own.Count > 0:
                ClosePart(_dice.Pick(own));
                break;
            case < 68 when own.Count > 0:
                MoveStops(_dice.Pick(own));
                break;
            case < 74 when orders.Count > 0:
                MoveOrder(_dice.Pick(orders));
                break;
            case < 78 when orders.Count > 0:
                var gone = _dice.Pick(orders);
                Say($"cancels order {gone.Id}", _hand.Cancel(gone));
                break;
            case < 82 when own.Count > 1:
                CloseBy(own);
                break;
            case < 86 when own.Count > 0 && _broker.Settings.Mode == AccountMode.Netting:
                Turn(_dice.Pick(own));
                break;
            case < 97 when own.Count > 0:
                var closing = _dice.Pick(own);
                Say($"closes position {closing.Id} ({closing.Side} {closing.Volume} {closing.Symbol})", _hand.Close(closing, closing.Volume));
                break;
            case < 99 when own.Count > 0:
                foreach (var position in own)
                {
                    Say($"closes position {position.Id} ({position.Side} {position.Volume} {position.Symbol})", _hand.Close(position, position.Volume));
                }

                break;
            default:
                Open(pending: false);
                break;
        }
    }

    private void Open(bool pending)
    {
        var instrument = _dice.Pick(_account.Instruments);
        var spec = _broker.Symbol(instrument.Symbol)!.Spec;
        if (_broker.QuoteOf(instrument.Symbol) is not { } quote)
        {
            return;
        }

        var side = _dice.Chance(50) ? Side.Buy : Side.Sell;
        decimal volume = Math.Clamp(spec.RoundDown(new Lots(_dice.Pick(Sizes))).Value, spec.MinLots.Value, spec.MaxLots.Value);
        decimal far = Distance(spec, 40, 400);
        PendingType? type = !pending ? null
            : _broker.Settings.Platform == PlatformKind.Mt5 && _dice.Chance(15) ? PendingType.StopLimit
            : _dice.Chance(50) ? PendingType.Limit : PendingType.Stop;
        int sign = side.Sign();
        decimal market = quote.ToOpen(side).Value;
        decimal price = type switch
        {
            null => market,
            PendingType.Limit => market - (sign * far),
            _ => market + (sign * far),
        };
        price = spec.RoundPrice(new Price(price)).Value;
        decimal limit = spec.RoundPrice(new Price(price - (sign * Distance(spec, 40, 200)))).Value;
        decimal from = type == PendingType.StopLimit ? limit : type is null ? quote.ToClose(side).Value : price;
        decimal? stopLoss = _dice.Chance(60) ? Level(spec, from - (sign * Distance(spec, 60, 700))) : null;
        decimal? takeProfit = _dice.Chance(50) ? Level(spec, from + (sign * Distance(spec, 60, 900))) : null;
        Timestamp? expiry = pending && _dice.Chance(30) ? new Timestamp((_broker.Clock.Now.Micros / 1_000_000 * 1_000_000) + (_dice.Next(30, 1800) * 1_000_000L)) : null;
        var order = new HandOrder
        {
            Symbol = instrument.Symbol,
            Side = side,
            Volume = volume,
            Type = type,
            Price = price,
            LimitPrice = limit,
            StopLoss = stopLoss,
            TakeProfit = takeProfit,
            Expiry = expiry,
            Magic = _dice.Chance(30) ? 7 : 0,
            Comment = _dice.Pick(Words),
        };
        long number = _hand.Open(order);
        Say($"{(type is null ? "opens" : $"places {type}")} {side} {volume} {instrument.Symbol} at {price}, SL {stopLoss?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}, TP {takeProfit?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"} (order {number})", number != 0);
    }

    private void ClosePart(OwnerPosition position)
    {
        var spec = _broker.Symbol(new SymbolName(position.Symbol))!.Spec;
        decimal part = spec.RoundDown(new Lots(position.Volume * _dice.Next(10, 90) / 100m)).Value;
        if (part >= spec.MinLots.Value)
        {
            Say($"closes {part} of position {position.Id} ({position.Volume})", _hand.Close(position, part));
        }
    }

    private void MoveStops(OwnerPosition position)
    {
        var spec = _broker.Symbol(new SymbolName(position.Symbol))!.Spec;
        decimal market = _broker.QuoteOf(spec.Name)!.Value.ToClose(position.Side).Value;
        int sign = position.Side.Sign();
        decimal? stopLoss = _dice.Chance(75) ? Level(spec, market - (sign * Distance(spec, 50, 600))) : null;
        decimal? takeProfit = _dice.Chance(65) ? Level(spec, market + (sign * Distance(spec, 50, 800))) : null;
        Say($"moves position {position.Id} to SL {stopLoss}, TP {takeProfit}", _hand.SetStops(position, stopLoss, takeProfit));
    }

    private void MoveOrder(OwnerOrder order)
    {
        var spec = _broker.Symbol(new SymbolName(order.Symbol))!.Spec;
        decimal market = _broker.QuoteOf(spec.Name)!.Value.ToOpen(order.Side).Value;
        int sign = order.Side.Sign() * (order.Type == PendingType.Limit ? -1 : 1);
        decimal price = spec.RoundPrice(new Price(market + (sign * Distance(spec, 40, 400)))).Value;
        decimal by = price - order.Price;
        Say($"moves order {order.Id} to {price}", _hand.Amend(order, price, order.StopLoss + by, order.TakeProfit + by));
    }

    private void CloseBy(List<OwnerPosition> own)
    {
        var one = _dice.Pick(own);
        if (own.FirstOrDefault(p => p.Symbol == one.Symbol && p.Side != one.Side) is { } other)
        {
            Say($"closes position {one.Id} ({one.Volume}) by {other.Id} ({other.Volume})", _hand.CloseBy(one, other));
        }
    }

    private void Turn(OwnerPosition position)
    {
        var spec = _broker.Symbol(new SymbolName(position.Symbol))!.Spec;
        decimal volume = Math.Min(spec.RoundDown(new Lots(position.Volume * _dice.Next(110, 250) / 100m)).Value, spec.MaxLots.Value);
        long number = _hand.Open(new HandOrder { Symbol = spec.Name, Side = position.Side.Opposite(), Volume = volume });
        Say($"turns position {position.Id} ({position.Side} {position.Volume}) with {volume}", number != 0);
    }

    private decimal Distance(SymbolSpec spec, int least, int most)
    {
        // Whole steps of the price, scaled so that every instrument's levels are reached about as often.
        decimal unit = spec.Point * (spec.Digits == 5 ? 1m : 3m);
        return _dice.Next(least, most) * unit;
    }

    private static decimal Level(SymbolSpec spec, decimal price) => spec.RoundPrice(new Price(price)).Value;

    private void Say(string what, bool done)
    {
        if (_story.On)
        {
            _story.Tell(_broker.Clock.Now, _account.Id.Value, $"trader {what}{(done ? "" : ": refused")}");
        }
    }
}

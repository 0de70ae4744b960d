using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>The owner of a target account, who meddles: closes what links put there, wholly or in part, moves a level, cancels an order, or trades on his own account.</summary>
internal sealed class Owner(AccountPlan account, SimBroker broker, SimRandom dice, Story story)
{
    private readonly Hand _hand = Hand.For(broker);

    /// <summary>Told of each position whose levels were moved by hand.</summary>
    public event Action<AccountId, long>? Touched;

    /// <summary>Told of the key of each order that was cancelled by hand.</summary>
    public event Action<AccountId, ulong>? Cancelled;

    /// <summary>Does something.</summary>
    public void Act()
    {
        var copied = broker.OpenPositions.Where(p => p.OwnerKey is not null).ToList();
        var orders = broker.PendingOrders.Where(o => o.OwnerKey is not null).ToList();
        switch (dice.Next(10))
        {
            case < 4 when copied.Count > 0:
                var closing = dice.Pick(copied);
                Say($"closes position {closing.Id} ({closing.Side} {closing.Volume} {closing.Symbol})", _hand.Close(closing, closing.Volume));
                break;
            case < 6 when copied.Count > 0:
                Part(dice.Pick(copied));
                break;
            case 6 when copied.Count > 0:
                var moved = dice.Pick(copied);
                Touched?.Invoke(account.Id, moved.Id);
                Say($"takes the levels off position {moved.Id}", _hand.SetStops(moved, null, null));
                break;
            case 7 when orders.Count > 0:
                var order = dice.Pick(orders);
                bool cancelled = _hand.Cancel(order);
                if (cancelled)
                {
                    Cancelled?.Invoke(account.Id, order.OwnerKey!.Value);
                }

                Say($"cancels order {order.Id}", cancelled);
                break;
            case > 6 when broker.Settings.Mode != AccountMode.Fifo:
                Open();
                break;
        }
    }

    private void Part(OwnerPosition position)
    {
        var spec = broker.Symbol(new SymbolName(position.Symbol))!.Spec;
        decimal part = spec.RoundDown(new Lots(position.Volume * dice.Next(20, 80) / 100m)).Value;
        if (part >= spec.MinLots.Value && part < position.Volume)
        {
            Say($"closes {part} of position {position.Id} ({position.Volume})", _hand.Close(position, part));
        }
    }

    private void Open()
    {
        var instrument = dice.Pick(account.Instruments);
        var spec = broker.Symbol(instrument.Symbol)!.Spec;
        var side = dice.Chance(50) ? Side.Buy : Side.Sell;
        decimal volume = spec.MinLots.Value + (spec.LotStep.Value * dice.Next(0, 5));
        long number = _hand.Open(new HandOrder { Symbol = instrument.Symbol, Side = side, Volume = volume, Comment = "mine" });
        Say($"opens {side} {volume} {instrument.Symbol} for himself (order {number})", number != 0);
    }

    private void Say(string what, bool done)
    {
        if (story.On)
        {
            story.Tell(broker.Clock.Now, account.Id.Value, $"owner {what}{(done ? "" : ": refused")}");
        }
    }
}

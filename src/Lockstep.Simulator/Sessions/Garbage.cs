using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>Messages that no sound platform sends, and that a sound receiver must refuse without losing anything.</summary>
internal static class Garbage
{
    private static readonly Timestamp Absurd = new(253_402_300_799_000_000);

    /// <summary>A message of nonsense, with a number of its own so that it makes no gap.</summary>
    public static BookChanged Of(BookChanged sound, SimRandom dice, long sequence, SimBroker broker)
    {
        var symbol = broker.Symbols.First().Spec.Name;
        long unknown = 1_000_000_000_000L + dice.Next(1_000_000);
        var position = (sound.Positions.Count > 0 ? sound.Positions[0] : null) ?? new PositionReport
        {
            Id = new PositionId(unknown),
            Ticket = unknown,
            Symbol = symbol,
            Side = Side.Buy,
            Volume = new Lots(1m),
            OpenPrice = new Price(1m),
            OpenedAt = broker.Clock.Now,
        };
        var deal = new DealReport
        {
            Id = new DealId(unknown),
            Position = new PositionId(unknown),
            Symbol = symbol,
            Side = Side.Sell,
            Volume = new Lots(-1m),
            Price = new Price(1m),
            Entry = DealEntry.Out,
            Reason = DealReason.Other,
            At = broker.Clock.Now,
        };
        var order = new PendingReport
        {
            Id = new OrderId(unknown),
            Symbol = symbol,
            Side = Side.Buy,
            Type = PendingType.Limit,
            Volume = Lots.Zero,
            Price = new Price(1m),
            PlacedAt = broker.Clock.Now,
        };
        var empty = new BookChanged { Account = sound.Account, Epoch = sound.Epoch, Sequence = sequence };
        return dice.Next(8) switch
        {
            0 => empty with { Positions = [position with { Volume = Lots.Zero }] },
            1 => empty with { Positions = [position with { Volume = new Lots(-0.5m) }] },
            2 => empty with { Positions = [position with { Id = new PositionId(unknown), OpenedAt = Absurd }] },
            3 => empty with { Positions = [position with { OpenPrice = new Price(0m) }] },
            4 => empty with { ClosedPositions = [new PositionId(unknown)], GoneOrders = [new OrderId(unknown)] },
            5 => empty with { Deals = [deal] },
            6 => empty with { Deals = [deal with { Volume = new Lots(1m), At = Absurd }] },
            _ => empty with { Orders = [order, order with { Volume = new Lots(1m), Price = new Price(-1m) }] },
        };
    }
}

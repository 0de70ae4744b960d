using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.Conformance.Tests;

/// <summary>The trader at his terminal.</summary>
internal static class EaHand
{
    public static long Open(SimBroker broker, Side side, decimal lots)
    {
        bool done = broker is Mt4Broker mt4
            ? mt4.OrderSend(new Mt4OrderSend { Symbol = "EURUSD", Op = side == Side.Buy ? Mt4Op.Buy : Mt4Op.Sell, Lots = lots, Price = Price(broker, side), Slippage = 100 }).Executed
            : ((Mt5Broker)broker).OrderSend(new MqlTradeRequest { Action = MqlAction.Deal, Symbol = "EURUSD", Type = side == Side.Buy ? Mt5OrderType.Buy : Mt5OrderType.Sell, Volume = lots, Price = Price(broker, side), Deviation = 100 }).Executed;
        Assert.True(done);
        return broker.OpenPositions.Select(p => p.Id).DefaultIfEmpty().Max();
    }

    public static void Close(SimBroker broker, long id, decimal? lots = null)
    {
        var position = broker.OpenPositions.Single(p => p.Id == id);
        var side = position.Side == Side.Buy ? Side.Sell : Side.Buy;
        bool done = broker is Mt4Broker mt4
            ? mt4.OrderClose((int)position.Ticket, lots ?? position.Volume).Executed
            : ((Mt5Broker)broker).OrderSend(new MqlTradeRequest { Action = MqlAction.Deal, Symbol = "EURUSD", Type = side == Side.Buy ? Mt5OrderType.Buy : Mt5OrderType.Sell, Volume = lots ?? position.Volume, Price = Price(broker, side), Deviation = 100, Position = position.Ticket }).Executed;
        Assert.True(done);
    }

    private static decimal Price(SimBroker broker, Side side) => broker.QuoteOf(Floor.Eurusd)!.Value.ToOpen(side).Value;
}

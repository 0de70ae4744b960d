using Lockstep.Domain;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Translate;

/// <summary>Our commands as the terminal's.</summary>
internal static class Commands
{
    /// <summary>The message that carries a command, with the time that is left for it; null for a command that MetaTrader does not have.</summary>
    public static CommandMessage? Of(OrderCommand command, long epoch, long nowMs, TimeSpan left, ServerClock clock)
    {
        var message = new CommandMessage
        {
            Id = command.Key.ToString(),
            Epoch = epoch,
            Now = nowMs,
            Expires = nowMs + (long)left.TotalMilliseconds,
            Do = WireDo.Open,
            Symbol = command.Symbol.Value,
        };
        return command switch
        {
            OpenMarket open => message with
            {
                Side = SideOf(open.Side),
                Lots = open.Volume.Value,
                Sl = open.StopLoss?.Value,
                Tp = open.TakeProfit?.Value,
                Worst = open.WorstPrice?.Value,
                Magic = command.Key.Magic,
            },
            PlacePending place => message with
            {
                Do = WireDo.Place,
                Side = SideOf(place.Side),
                Type = place.Type switch { PendingType.Limit => "limit", PendingType.Stop => "stop", _ => "stoplimit" },
                Lots = place.Volume.Value,
                Price = place.Price.Value,
                Limit = place.LimitPrice?.Value,
                Sl = place.StopLoss?.Value,
                Tp = place.TakeProfit?.Value,
                Expiry = place.Expiry is { } at ? clock.ToBroker(at) : null,
                Magic = command.Key.Magic,
            },
            ReducePosition reduce => message with
            {
                Do = WireDo.Reduce,
                Position = reduce.Position.Value,
                Lots = reduce.TargetVolume.Value,
                Side = reduce.Side is { } side ? SideOf(side) : "",
                Magic = command.Key.Magic,
            },
            CloseBy closeBy => message with { Do = WireDo.CloseBy, Position = closeBy.Position.Value, By = closeBy.Opposite.Value },
            SetStops stops => message with { Do = WireDo.Stops, Position = stops.Position.Value, Sl = stops.StopLoss?.Value, Tp = stops.TakeProfit?.Value },
            AmendPending amend => message with
            {
                Do = WireDo.Amend,
                Order = amend.Order.Value,
                Price = amend.Price.Value,
                Limit = amend.LimitPrice?.Value,
                Sl = amend.StopLoss?.Value,
                Tp = amend.TakeProfit?.Value,
                Expiry = amend.Expiry is { } at ? clock.ToBroker(at) : null,
            },
            CancelPending cancel => message with { Do = WireDo.Cancel, Order = cancel.Order.Value },
            _ => null,
        };
    }

    /// <summary>What goes first where one command must wait for another: less risk, then new trades, then levels.</summary>
    public static int Rank(OrderCommand command) => command switch
    {
        ReducePosition or CloseBy or CancelPending => 0,
        OpenMarket or PlacePending => 1,
        _ => 2,
    };

    private static string SideOf(Side side) => side == Side.Buy ? "buy" : "sell";
}

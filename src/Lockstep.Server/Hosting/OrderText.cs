using Lockstep.Domain;
using Lockstep.Server.Rest;

namespace Lockstep.Server.Hosting;

/// <summary>An order in a few words.</summary>
internal static class OrderText
{
    /// <summary>As in <c>buy 0.5 EURUSD</c>.</summary>
    public static string Of(OrderCommand command) => command switch
    {
        OpenMarket o => $"{Word(o.Side)} {o.Volume} {o.Symbol}",
        PlacePending o => $"{Word(o.Side)} {RestJson.Word(o.Type)} {o.Volume} {o.Symbol} at {o.Price}",
        ReducePosition o => o.TargetVolume.IsZero ? $"close #{o.Position} {o.Symbol}" : $"reduce #{o.Position} {o.Symbol} to {o.TargetVolume}",
        SetStops o => $"stops of #{o.Position} {o.Symbol}",
        AmendPending o => $"move order #{o.Order} to {o.Price}",
        CancelPending o => $"cancel order #{o.Order}",
        _ => command.GetType().Name,
    };

    /// <summary>buy or sell.</summary>
    public static string Word(Side side) => side == Side.Buy ? "buy" : "sell";
}

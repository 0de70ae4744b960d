using Lockstep.Domain;

namespace Lockstep.Engine;

/// <summary>
/// What a hedge makes of a trade: the other side, SL and TP change places, and a pending order keeps its price, so that a limit becomes a stop and back. (Turning
/// a buy stop into a sell stop would be another trade: reference, landscape §3.4.)
/// </summary>
public static class Inversion
{
    /// <summary>The target's side.</summary>
    public static Side Side(LinkKind kind, Side side) => kind == LinkKind.Hedge ? side.Opposite() : side;

    /// <summary>The target's levels.</summary>
    public static Levels Levels(LinkKind kind, Price? stopLoss, Price? takeProfit) =>
        kind == LinkKind.Hedge ? new Levels(takeProfit, stopLoss) : new Levels(stopLoss, takeProfit);

    /// <summary>The target's type of pending order; null when a hedge has none (stop-limit).</summary>
    public static PendingType? Pending(LinkKind kind, PendingType type) => (kind, type) switch
    {
        (LinkKind.Copy, _) => type,
        (_, PendingType.Limit) => PendingType.Stop,
        (_, PendingType.Stop) => PendingType.Limit,
        _ => null,
    };
}

namespace Lockstep.Domain;

/// <summary>Direction of a trade or position.</summary>
public enum Side
{
    /// <summary>Long.</summary>
    Buy = 1,

    /// <summary>Short.</summary>
    Sell = 2,
}

/// <summary>Kinds of pending order.</summary>
public enum PendingType
{
    /// <summary>Fills at the price or better, below (buy) or above (sell) the market.</summary>
    Limit = 1,

    /// <summary>Becomes a market order when the price is touched, above (buy) or below (sell) the market.</summary>
    Stop = 2,

    /// <summary>Becomes a limit order when the stop price is touched. Not on MT4.</summary>
    StopLimit = 3,
}

/// <summary>Small arithmetic on <see cref="Side"/>.</summary>
public static class Sides
{
    /// <summary>The other side.</summary>
    public static Side Opposite(this Side side) => side == Side.Buy ? Side.Sell : Side.Buy;

    /// <summary>+1 for buy, −1 for sell.</summary>
    public static int Sign(this Side side) => side == Side.Buy ? 1 : -1;

    /// <summary>The volume with the side folded in: sells are negative.</summary>
    public static Lots Signed(this Side side, Lots volume) => side == Side.Buy ? volume : -volume;
}

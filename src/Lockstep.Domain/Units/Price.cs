namespace Lockstep.Domain;

/// <summary>
/// A price in quote units of its symbol. Exact decimal, always positive once a report has been accepted.
/// Price − Price gives a plain decimal distance in the same units; Price ± decimal gives a Price.
/// </summary>
public readonly record struct Price(decimal Value) : IComparable<Price>
{
    /// <summary>Distance between two prices, signed.</summary>
    public static decimal operator -(Price a, Price b) => a.Value - b.Value;

    /// <summary>The price moved up by a distance.</summary>
    public static Price operator +(Price a, decimal distance) => new(a.Value + distance);

    /// <summary>The price moved down by a distance.</summary>
    public static Price operator -(Price a, decimal distance) => new(a.Value - distance);

    /// <summary>Smaller.</summary>
    public static bool operator <(Price a, Price b) => a.Value < b.Value;

    /// <summary>Greater.</summary>
    public static bool operator >(Price a, Price b) => a.Value > b.Value;

    /// <summary>Smaller or equal.</summary>
    public static bool operator <=(Price a, Price b) => a.Value <= b.Value;

    /// <summary>Greater or equal.</summary>
    public static bool operator >=(Price a, Price b) => a.Value >= b.Value;

    /// <inheritdoc/>
    public int CompareTo(Price other) => Value.CompareTo(other.Value);

    /// <summary>The plain number: <c>1.08123</c>.</summary>
    public override string ToString() => Value.ToString("0.############################", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Best bid and ask of a symbol on one account at one moment.</summary>
/// <param name="Bid">Price at which a sell fills and a buy closes.</param>
/// <param name="Ask">Price at which a buy fills and a sell closes.</param>
/// <param name="At">When the platform's quote reached us.</param>
public readonly record struct Quote(Price Bid, Price Ask, Timestamp At)
{
    /// <summary>The price at which <paramref name="side"/> opens.</summary>
    public Price ToOpen(Side side) => side == Side.Buy ? Ask : Bid;

    /// <summary>The price at which a position of <paramref name="side"/> closes.</summary>
    public Price ToClose(Side side) => side == Side.Buy ? Bid : Ask;

    /// <summary>Ask minus bid, in quote units.</summary>
    public decimal Spread => Ask - Bid;
}

namespace Lockstep.Domain;

/// <summary>An amount of money without its currency name; the currency is the account's (see <see cref="AccountFunds.Currency"/>). Exact decimal.</summary>
public readonly record struct Money(decimal Value) : IComparable<Money>
{
    /// <summary>Nothing.</summary>
    public static readonly Money Zero = new(0m);

    /// <summary>Sum.</summary>
    public static Money operator +(Money a, Money b) => new(a.Value + b.Value);

    /// <summary>Difference.</summary>
    public static Money operator -(Money a, Money b) => new(a.Value - b.Value);

    /// <summary>The amount with the other sign.</summary>
    public static Money operator -(Money a) => new(-a.Value);

    /// <summary>The amount times a factor.</summary>
    public static Money operator *(Money a, decimal factor) => new(a.Value * factor);

    /// <summary>Smaller.</summary>
    public static bool operator <(Money a, Money b) => a.Value < b.Value;

    /// <summary>Greater.</summary>
    public static bool operator >(Money a, Money b) => a.Value > b.Value;

    /// <summary>Smaller or equal.</summary>
    public static bool operator <=(Money a, Money b) => a.Value <= b.Value;

    /// <summary>Greater or equal.</summary>
    public static bool operator >=(Money a, Money b) => a.Value >= b.Value;

    /// <inheritdoc/>
    public int CompareTo(Money other) => Value.CompareTo(other.Value);

    /// <summary>The plain number: <c>-12.5</c>.</summary>
    public override string ToString() => Value.ToString("0.############################", System.Globalization.CultureInfo.InvariantCulture);
}

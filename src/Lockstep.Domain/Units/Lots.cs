namespace Lockstep.Domain;

/// <summary>
/// A volume in lots. Exact decimal; may be signed where a side is folded in (buy positive, sell negative: netting sums).
/// <list type="table">
/// <item><term>Lots ± Lots</term><description>Lots, exact</description></item>
/// <item><term>Lots × decimal</term><description>Lots, exact up to 28 digits</description></item>
/// <item><term>Lots ÷ Lots</term><description>decimal (a ratio)</description></item>
/// </list>
/// Steps, minimum and maximum belong to the symbol: see <see cref="SymbolSpec"/>.
/// </summary>
public readonly record struct Lots(decimal Value) : IComparable<Lots>
{
    /// <summary>No volume.</summary>
    public static readonly Lots Zero = new(0m);

    /// <summary>True when the volume is exactly zero.</summary>
    public bool IsZero => Value == 0m;

    /// <summary>The volume without its sign.</summary>
    public Lots Abs => new(Math.Abs(Value));

    /// <summary>-1, 0 or 1.</summary>
    public int Sign => Math.Sign(Value);

    /// <summary>The sum of two volumes.</summary>
    public static Lots operator +(Lots a, Lots b) => Of(a.Value + b.Value);

    /// <summary>The difference of two volumes.</summary>
    public static Lots operator -(Lots a, Lots b) => Of(a.Value - b.Value);

    /// <summary>The volume with the other sign.</summary>
    public static Lots operator -(Lots a) => new(-a.Value);

    /// <summary>The volume times a factor.</summary>
    public static Lots operator *(Lots a, decimal factor) => Of(a.Value * factor);

    /// <summary>The ratio of two volumes; <paramref name="b"/> must not be zero.</summary>
    public static decimal operator /(Lots a, Lots b) => a.Value / b.Value;

    /// <summary>Smaller.</summary>
    public static bool operator <(Lots a, Lots b) => a.Value < b.Value;

    /// <summary>Greater.</summary>
    public static bool operator >(Lots a, Lots b) => a.Value > b.Value;

    /// <summary>Smaller or equal.</summary>
    public static bool operator <=(Lots a, Lots b) => a.Value <= b.Value;

    /// <summary>Greater or equal.</summary>
    public static bool operator >=(Lots a, Lots b) => a.Value >= b.Value;

    /// <summary>The smaller of two volumes.</summary>
    public static Lots Min(Lots a, Lots b) => a <= b ? a : b;

    /// <summary>The greater of two volumes.</summary>
    public static Lots Max(Lots a, Lots b) => a >= b ? a : b;

    /// <summary>Zero is written one way only, whatever it came from: 0.30 − 0.30 and 0 are the same bytes in a journal.</summary>
    private static Lots Of(decimal value) => new(value == 0m ? 0m : value);

    /// <inheritdoc/>
    public int CompareTo(Lots other) => Value.CompareTo(other.Value);

    /// <summary>The plain number, without trailing zeros: <c>0.5</c>.</summary>
    public override string ToString() => Value.ToString("0.############################", System.Globalization.CultureInfo.InvariantCulture);
}

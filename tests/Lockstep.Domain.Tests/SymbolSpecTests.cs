namespace Lockstep.Domain.Tests;

public class SymbolSpecTests
{
    /// <summary>One wrong figure a row, and what is said about it; the figure and the limit are always named.</summary>
    public static readonly TheoryData<string, string?> Rows = new()
    {
        { "as it is", null },
        { "no name", "symbol has no name" },
        { "contract 0", "EURUSD: contract size 0 must be above 0" },
        { "contract -1", "EURUSD: contract size -1 must be above 0" },
        { "digits -1", "EURUSD: digits -1 must be 0 to 8" },
        { "digits 9", "EURUSD: digits 9 must be 0 to 8" },
        { "digits 0", null },
        { "digits 8", null },
        { "tick 0", "EURUSD: tick size 0 must be above 0" },
        { "step 0", "EURUSD: lot step 0 must be above 0" },
        { "step -0.01", "EURUSD: lot step -0.01 must be above 0" },
        { "min 0", "EURUSD: minimum volume 0 must be above 0" },
        { "min -1", "EURUSD: minimum volume -1 must be above 0" },
        { "max 0.001", "EURUSD: maximum volume 0.001 is below the minimum 0.01" },
        { "max 0.01", null },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Problem(string change, string? problem) => Assert.Equal(problem, Changed(change).Problem());

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 0.01)]
    [InlineData(5, 0.00001)]
    [InlineData(8, 0.00000001)]
    public void A_point_is_one_of_the_last_digit(int digits, decimal point) => Assert.Equal(point, (Specs.EurUsd with { Digits = digits }).Point);

    [Theory]
    [InlineData(0.01, 0.019, 0.01, 0.02, 0.02)]
    [InlineData(0.01, 0.015, 0.01, 0.02, 0.01)]
    [InlineData(0.1, 0.04, 0, 0.1, 0)]
    [InlineData(0.02, 0.05, 0.04, 0.06, 0.04)]
    [InlineData(1, 0.999, 0, 1, 1)]
    [InlineData(0.01, 0, 0, 0, 0)]
    [InlineData(0.01, 12.34, 12.34, 12.34, 12.34)]
    public void Rounding(decimal step, decimal volume, decimal down, decimal up, decimal nearest)
    {
        var spec = Specs.With(step);
        Assert.Equal(new Lots(down), spec.RoundDown(new(volume)));
        Assert.Equal(new Lots(up), spec.RoundUp(new(volume)));
        Assert.Equal(new Lots(nearest), spec.RoundNearest(new(volume)));
    }

    private static SymbolSpec Changed(string change)
    {
        var spec = Specs.EurUsd;
        if (change.Split(' ') is not [var what, var number] || !decimal.TryParse(number, System.Globalization.CultureInfo.InvariantCulture, out decimal value))
        {
            return change == "no name" ? spec with { Name = new(" ") } : spec;
        }

        return what switch
        {
            "contract" => spec with { ContractSize = value },
            "digits" => spec with { Digits = (int)value },
            "tick" => spec with { TickSize = value },
            "step" => spec with { LotStep = new(value) },
            "min" => spec with { MinLots = new(value) },
            "max" => spec with { MaxLots = new(value) },
            _ => throw new ArgumentException(change, nameof(change)),
        };
    }
}

using FsCheck;
using FsCheck.Fluent;

namespace Lockstep.Domain.Tests;

/// <summary>What always holds of prices and quotes.</summary>
public class PriceProperties
{
    private static readonly (int Digits, decimal Tick)[] Grids = [(5, 0.00001m), (3, 0.001m), (2, 0.01m), (2, 0.25m), (2, 0.05m), (0, 1m), (0, 5m), (8, 0.00000001m), (1, 0.5m)];

    private static readonly Arbitrary<(SymbolSpec Spec, Price Price)> OnSomeGrid = (
        from grid in Gen.Elements(Grids)
        from number in Gen.Choose(1, 2_000_000_000)
        from places in Gen.Choose(0, 9)
        select (Specs.EurUsd with { Digits = grid.Digits, TickSize = grid.Tick }, new Price(number / Specs.PowerOfTen(places)))).ToArbitrary();

    [Fact]
    public void RoundPrice_is_on_a_tick_and_within_half_of_one() => Check((spec, price) =>
    {
        var rounded = spec.RoundPrice(price);
        return rounded.Value % spec.TickSize == 0 && Math.Abs(rounded - price) * 2 <= spec.TickSize;
    });

    [Fact]
    public void RoundPrice_leaves_a_price_on_a_tick_alone() => Check((spec, price) =>
    {
        var once = spec.RoundPrice(price);
        return spec.RoundPrice(once) == once;
    });

    [Fact]
    public void A_distance_added_and_taken_away_brings_the_price_back() => Check((spec, price) =>
    {
        decimal distance = spec.Point * 37;
        return price + distance - distance == price && (price + distance) - price == distance && price < price + distance && price - distance <= price;
    });

    [Fact]
    public void A_price_reads_back_from_its_text() => Check((_, price) =>
        new Price(decimal.Parse(price.ToString(), System.Globalization.CultureInfo.InvariantCulture)) == price);

    [Theory]
    [InlineData(1.000005, 0.00001, 1.00000)]
    [InlineData(1.000015, 0.00001, 1.00002)]
    [InlineData(1.000025, 0.00001, 1.00002)]
    [InlineData(4211.125, 0.25, 4211.00)]
    [InlineData(4211.375, 0.25, 4211.50)]
    public void A_tie_goes_to_the_even_tick(decimal price, decimal tick, decimal rounded) =>
        Assert.Equal(new Price(rounded), (Specs.EurUsd with { TickSize = tick }).RoundPrice(new Price(price)));

    [Fact]
    public void A_quote_opens_and_closes_on_the_side_that_costs_the_spread()
    {
        var quote = new Quote(new(1.08121m), new(1.08123m), Timestamp.Epoch);
        Assert.Equal(new Price(1.08123m), quote.ToOpen(Side.Buy));
        Assert.Equal(new Price(1.08121m), quote.ToOpen(Side.Sell));
        Assert.Equal(quote.ToOpen(Side.Sell), quote.ToClose(Side.Buy));
        Assert.Equal(quote.ToOpen(Side.Buy), quote.ToClose(Side.Sell));
        Assert.Equal(0.00002m, quote.Spread);
    }

    [Fact]
    public void Money_sums_are_exact()
    {
        var sum = Enumerable.Repeat(new Money(0.1m), 1_000_000).Aggregate(Money.Zero, (total, amount) => total + amount);
        Assert.Equal(new Money(100_000m), sum);
        Assert.Equal(Money.Zero, sum - sum);
        Assert.Equal(sum, -(sum * -1m));
    }

    private static void Check(Func<SymbolSpec, Price, bool> holds) =>
        Prop.ForAll(OnSomeGrid, value => holds(value.Spec, value.Price)).Holds();
}

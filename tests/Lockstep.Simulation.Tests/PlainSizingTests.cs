using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Simulation.Tests;

/// <summary>The model's own arithmetic, in numbers that can be checked in the head.</summary>
public class PlainSizingTests
{
    private static readonly AccountFunds Rich = Funds(100_000m);

    [Theory]
    [InlineData(SizingMode.Same, 1, "1.00", "1.00")]
    [InlineData(SizingMode.Multiplier, 0.5, "1.00", "0.50")]
    [InlineData(SizingMode.Multiplier, 0.33, "0.10", "0.03")]
    [InlineData(SizingMode.Fixed, 3, "9.00", "0.20")]
    [InlineData(SizingMode.BalanceRatio, 1, "1.00", "0.50")]
    [InlineData(SizingMode.EquityRatio, 2, "1.00", "1.00")]
    [InlineData(SizingMode.FreeMarginRatio, 1, "0.30", "0.15")]
    [InlineData(SizingMode.FixedReference, 1, "1.00", "0.25")]
    public void Modes(SizingMode mode, double factor, string source, string target)
    {
        var sizing = new SizingSettings { Mode = mode, Factor = (decimal)factor, FixedLots = new Lots(0.2m), Reference = new Money(200_000m) };
        var answer = PlainSizing.First(sizing, Number(source), Spec(), Spec(), new PlainFunds(Rich, Funds(50_000m)));
        Assert.Equal(new PlainVolume(Number(target), null), answer);
    }

    [Fact]
    public void One_lot_of_a_hundred_ounces_is_ten_lots_of_ten() =>
        Assert.Equal(10m, PlainSizing.First(new SizingSettings(), 1m, Spec(contract: 100m), Spec(contract: 10m), new PlainFunds(null, null)).Lots);

    [Fact]
    public void Contracts_are_left_alone_when_the_link_says_so() =>
        Assert.Equal(1m, PlainSizing.First(new SizingSettings { NormaliseContracts = false }, 1m, Spec(contract: 100m), Spec(contract: 10m), new PlainFunds(null, null)).Lots);

    [Theory]
    [InlineData(RoundingPolicy.Down, "0.129", "0.12")]
    [InlineData(RoundingPolicy.Up, "0.121", "0.13")]
    [InlineData(RoundingPolicy.Nearest, "0.125", "0.12")]
    [InlineData(RoundingPolicy.Nearest, "0.1251", "0.13")]
    public void Rounding(RoundingPolicy policy, string source, string target) =>
        Assert.Equal(Number(target), PlainSizing.First(new SizingSettings { Rounding = policy }, Number(source), Spec(), Spec(), new PlainFunds(null, null)).Lots);

    [Theory]
    [InlineData("0.004", false, 5, WhyReason.BelowMinimum)]
    [InlineData("0.001", true, 5, WhyReason.RaiseAboveCap)]
    public void Too_small(string source, bool raise, int cap, WhyReason reason) =>
        Assert.Equal(reason, PlainSizing.First(new SizingSettings { RaiseToMinimum = raise, RaiseCap = cap }, Number(source), Spec(), Spec(), new PlainFunds(null, null)).No);

    [Fact]
    public void Raised_to_the_minimum_within_the_cap() =>
        Assert.Equal(0.01m, PlainSizing.First(new SizingSettings { RaiseToMinimum = true }, 0.004m, Spec(), Spec(), new PlainFunds(null, null)).Lots);

    [Fact]
    public void Clamped_to_the_links_maximum() =>
        Assert.Equal(0.3m, PlainSizing.First(new SizingSettings { MaxLots = new Lots(0.305m) }, 2m, Spec(), Spec(), new PlainFunds(null, null)).Lots);

    [Fact]
    public void No_money_no_volume() =>
        Assert.Equal(WhyReason.NoFunds, PlainSizing.First(new SizingSettings { Mode = SizingMode.BalanceRatio }, 1m, Spec(), Spec(), new PlainFunds(Rich, null)).No);

    [Theory]
    [InlineData("1.00", "1.00", "0.50")]
    [InlineData("1.00", "0.50", "0.25")]
    [InlineData("1.00", "0.001", "0.01")]
    [InlineData("1.00", "2.00", "1.00")]
    [InlineData("1.00", "0", "0")]
    public void A_part_of_the_source_is_the_same_part_of_the_target(string first, string now, string target) =>
        Assert.Equal(Number(target), PlainSizing.Now(new SizingSettings(), 0.5m, Number(first), Number(now), Spec()));

    internal static SymbolSpec Spec(decimal contract = 100_000m, string name = "EURUSD") => new()
    {
        Name = new SymbolName(name),
        ContractSize = contract,
        Digits = 5,
        TickSize = 0.00001m,
        MinLots = new Lots(0.01m),
        LotStep = new Lots(0.01m),
        MaxLots = new Lots(50m),
        BaseCurrency = "EUR",
    };

    private static AccountFunds Funds(decimal money) => new()
    {
        Balance = new Money(money),
        Equity = new Money(money),
        Margin = Money.Zero,
        FreeMargin = new Money(money),
        Currency = "USD",
        At = Timestamp.Epoch,
    };

    private static decimal Number(string text) => decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}

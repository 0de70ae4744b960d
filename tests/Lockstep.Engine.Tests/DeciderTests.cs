using Lockstep.Domain;

namespace Lockstep.Engine.Tests;

/// <summary>Tables in trading words for the pure deciders.</summary>
public class DeciderTests
{
    private static readonly SymbolName Eurusd = new("EURUSD");

    private static SymbolSpec Spec(decimal contract = 100_000m, decimal min = 0.01m, decimal step = 0.01m, decimal max = 50m) => new()
    {
        Name = Eurusd, ContractSize = contract, Digits = 5, TickSize = 0.00001m, MinLots = new Lots(min), LotStep = new Lots(step), MaxLots = new Lots(max),
    };

    private static AccountFunds Funds(decimal balance, decimal equity, decimal free, string currency = "USD") => new()
    {
        Balance = new Money(balance), Equity = new Money(equity), Margin = Money.Zero, FreeMargin = new Money(free), Currency = currency, At = Desk.Start,
    };

    // source lots | mode, factor | source money, target money | contracts source, target | expected or reason
    [Theory]
    [InlineData(1.00, SizingMode.Same, 1, 10000, 10000, 100000, 100000, 1.00, null)]
    [InlineData(1.00, SizingMode.Same, 1, 10000, 10000, 100, 10, 10.0, null)]
    [InlineData(1.00, SizingMode.Multiplier, 0.5, 10000, 10000, 100000, 100000, 0.50, null)]
    [InlineData(0.33, SizingMode.Multiplier, 0.5, 10000, 10000, 100000, 100000, 0.16, null)]
    [InlineData(0.01, SizingMode.Multiplier, 0.5, 10000, 10000, 100000, 100000, 0, WhyReason.BelowMinimum)]
    [InlineData(1.00, SizingMode.BalanceRatio, 1, 10000, 25000, 100000, 100000, 2.50, null)]
    [InlineData(1.00, SizingMode.EquityRatio, 2, 10000, 5000, 100000, 100000, 1.00, null)]
    [InlineData(1.00, SizingMode.FreeMarginRatio, 1, 10000, 3333, 100000, 100000, 0.33, null)]
    [InlineData(1.00, SizingMode.BalanceRatio, 1, 0, 10000, 100000, 100000, 0, WhyReason.NoFunds)]
    [InlineData(1.00, SizingMode.BalanceRatio, 1, 10000, -5, 100000, 100000, 0, WhyReason.NoFunds)]
    [InlineData(1.00, SizingMode.FixedReference, 1, 1, 20000, 100000, 100000, 0.40, null)]
    [InlineData(90.0, SizingMode.Same, 1, 1, 1, 100000, 100000, 50.0, null)]
    public void Sizing_table(double source, SizingMode mode, double factor, double sourceMoney, double targetMoney, double sourceContract, double targetContract, double expected, WhyReason? reason)
    {
        var answer = Sizing.Decide(
            new SizingSettings { Mode = mode, Factor = (decimal)factor, Reference = new Money(50_000m) }, new Lots((decimal)source), Spec((decimal)sourceContract), Spec((decimal)targetContract),
            Funds((decimal)sourceMoney, (decimal)sourceMoney, (decimal)sourceMoney), Funds((decimal)targetMoney, (decimal)targetMoney, (decimal)targetMoney), 1m, 0m);
        Assert.Equal((new Lots((decimal)expected), reason), (answer.Lots, answer.Skip));
    }

    [Theory]
    [InlineData(0.025, RoundingPolicy.Down, 0.02)]
    [InlineData(0.025, RoundingPolicy.Nearest, 0.02)]
    [InlineData(0.026, RoundingPolicy.Nearest, 0.03)]
    [InlineData(0.021, RoundingPolicy.Up, 0.03)]
    public void Rounding_table(double exact, RoundingPolicy policy, double expected)
    {
        var answer = Sizing.Decide(new SizingSettings { Mode = SizingMode.Multiplier, Factor = (decimal)exact, Rounding = policy }, new Lots(1m), Spec(), Spec(), null, null, null, 0m);
        Assert.Equal(new Lots((decimal)expected), answer.Lots);
        Assert.Equal((decimal)exact - (decimal)expected, answer.Residue);
    }

    [Theory]
    [InlineData(0.004, 5, 0.01, null)]
    [InlineData(0.001, 5, 0, WhyReason.RaiseAboveCap)]
    public void Raising_to_the_minimum_has_a_cap(double exact, double cap, double expected, WhyReason? reason)
    {
        var answer = Sizing.Decide(
            new SizingSettings { Mode = SizingMode.Multiplier, Factor = (decimal)exact, RaiseToMinimum = true, RaiseCap = (decimal)cap }, new Lots(1m), Spec(), Spec(), null, null, null, 0m);
        Assert.Equal((new Lots((decimal)expected), reason), (answer.Lots, answer.Skip));
    }

    [Fact]
    public void Residue_is_carried_until_it_makes_a_step()
    {
        var settings = new SizingSettings { Mode = SizingMode.Multiplier, Factor = 0.4m, CarryResidue = true };
        decimal carried = 0m;
        var lots = new List<decimal>();
        for (int i = 0; i < 5; i++)
        {
            var a = Sizing.Decide(settings, new Lots(0.01m), Spec(), Spec(), null, null, null, carried);
            carried = a.Residue;
            lots.Add(a.Lots.Value);
        }

        Assert.Equal([0m, 0m, 0.01m, 0m, 0.01m], lots);
        Assert.Equal(0m, carried);
    }

    [Fact]
    public void Different_currencies_need_a_rate()
    {
        var settings = new SizingSettings { Mode = SizingMode.BalanceRatio };
        Assert.Equal(WhyReason.NoConversionRate, Sizing.Decide(settings, new Lots(1m), Spec(), Spec(), Funds(10_000, 1, 1, "EUR"), Funds(11_000, 1, 1), null, 0m).Skip);
        Assert.Equal(new Lots(1m), Sizing.Decide(settings, new Lots(1m), Spec(), Spec(), Funds(10_000, 1, 1, "EUR"), Funds(11_000, 1, 1), 1.1m, 0m).Lots);
    }

    public static TheoryData<string, FilterSettings, WhyReason?> Filters => new()
    {
        { "nothing filtered", new FilterSettings(), null },
        { "allowed", new FilterSettings { Allow = [Eurusd] }, null },
        { "not on the list", new FilterSettings { Allow = [new SymbolName("GOLD")] }, WhyReason.SymbolNotAllowed },
        { "denied stands over allowed", new FilterSettings { Allow = [Eurusd], Deny = [Eurusd] }, WhyReason.SymbolDenied },
        { "only sells", new FilterSettings { OnlySide = Side.Sell }, WhyReason.SideFiltered },
        { "only magic 7", new FilterSettings { Magics = [7] }, WhyReason.MagicFiltered },
        { "never magic 42", new FilterSettings { DenyMagics = [42] }, WhyReason.MagicFiltered },
        { "comment must say copy", new FilterSettings { CommentContains = "copy" }, WhyReason.CommentFiltered },
        { "comment must not say grid", new FilterSettings { CommentLacks = "grid" }, WhyReason.CommentFiltered },
        { "at most 10 s old", new FilterSettings { MaxAge = TimeSpan.FromSeconds(10) }, WhyReason.TooOld },
        { "Mondays 9 to 12", new FilterSettings { Schedule = [new ScheduleWindow(DayOfWeek.Monday, TimeSpan.FromHours(9), TimeSpan.FromHours(12))] }, null },
        { "Mondays 8 to 10, end exclusive", new FilterSettings { Schedule = [new ScheduleWindow(DayOfWeek.Monday, TimeSpan.FromHours(8), TimeSpan.FromHours(10))] }, WhyReason.OutsideSchedule },
        { "Tuesdays", new FilterSettings { Schedule = [new ScheduleWindow(DayOfWeek.Tuesday, TimeSpan.Zero, TimeSpan.FromHours(24))] }, WhyReason.OutsideSchedule },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public void Filter_table(string what, FilterSettings filters, WhyReason? expected)
    {
        _ = what;
        var tag = new OrderTag(42, null, "my grid");
        Assert.Equal(expected, LegDecider.BySource(Desk.Link() with { Filters = filters }, Eurusd, Side.Buy, tag, Desk.Start - TimeSpan.FromSeconds(20), Desk.Start, existed: false, pending: false)?.Reason);
    }

    // target side | source price | max deviation, one-sided | max spread | bid 1.1000 ask 1.1002
    [Theory]
    [InlineData(Side.Buy, 1.1000, 20, false, null, null)]
    [InlineData(Side.Buy, 1.1000, 19, false, null, WhyReason.PriceDeviation)]
    [InlineData(Side.Buy, 1.1022, 100, false, null, WhyReason.PriceDeviation)]
    [InlineData(Side.Buy, 1.1022, 100, true, null, null)]
    [InlineData(Side.Sell, 1.1022, 100, true, null, WhyReason.PriceDeviation)]
    [InlineData(Side.Sell, 1.1000, null, false, 20, null)]
    [InlineData(Side.Sell, 1.1000, null, false, 19, WhyReason.SpreadTooWide)]
    public void Quote_table(Side side, double price, int? deviation, bool oneSided, int? spread, WhyReason? expected)
    {
        var link = Desk.Link() with { Filters = new FilterSettings { MaxDeviationPoints = deviation, DeviationOneSided = oneSided, MaxSpreadPoints = spread } };
        var quote = new Quote(new Price(1.1000m), new Price(1.1002m), Desk.Start);
        Assert.Equal(expected, LegDecider.ByQuote(link, side, new Price((decimal)price), quote, Spec(), existed: false, pending: false)?.Reason);
        if (deviation is not null || spread is not null)
        {
            Assert.Equal(WhyReason.NoQuote, LegDecider.ByQuote(link, side, new Price(1.1m), null, Spec(), existed: false, pending: false)?.Reason);
        }
    }

    [Theory]
    [InlineData("EURUSD", "EURUSD")]
    [InlineData("XAUUSD", "GOLD.x")]
    [InlineData("mGBPUSD.raw", "GBPUSD.pro")]
    [InlineData("m", "m.pro")]
    public void Symbol_map_table(string source, string expected)
    {
        var plain = source == "EURUSD";
        var settings = plain ? new SymbolMapSettings() : new SymbolMapSettings
        {
            Pairs = [new SymbolPair(new SymbolName("XAUUSD"), new SymbolName("GOLD.x"))], StripPrefix = "m", StripSuffix = ".raw", AddSuffix = ".pro",
        };
        Assert.Equal(new SymbolName(expected), SymbolMapper.Map(settings, new SymbolName(source)));
    }

    [Fact]
    public void Every_refusal_has_an_action_for_openings_and_for_reductions()
    {
        foreach (var refusal in Enum.GetValues<Refusal>())
        {
            Assert.True(Enum.IsDefined(RefusalPolicy.Opening(refusal).Action));
            Assert.Contains(RefusalPolicy.Reducing(refusal, 1).Action, new[] { RefusalAction.RetryLater, RefusalAction.AskAccount });
        }

        Assert.Equal(TimeSpan.FromSeconds(30), RefusalPolicy.Backoff(1000));
    }
}

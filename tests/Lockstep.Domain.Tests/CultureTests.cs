using System.Globalization;

namespace Lockstep.Domain.Tests;

/// <summary>Texts are the same under every user's culture. The machine may have no culture data, so a strange culture is made by hand.</summary>
public class CultureTests
{
    [Fact]
    public void Every_text_is_the_same_under_a_strange_culture()
    {
        string[] plain = Texts();
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = Strange();
            Assert.Equal("1,5", 1.5m.ToString(CultureInfo.CurrentCulture));
            Assert.Equal(plain, Texts());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    /// <summary>Sentences such as <see cref="SymbolSpec.Problem"/>'s name plain numbers; they stand in alerts, which are decisions, so every process needs the same culture.</summary>
    [Fact]
    public void The_process_has_only_the_invariant_culture()
    {
        Assert.True(AppContext.TryGetSwitch("System.Globalization.Invariant", out bool on) && on);
        Assert.Throws<CultureNotFoundException>(() => CultureInfo.GetCultureInfo("de-DE"));
    }

    /// <summary>Decimal comma, another minus, another calendar separator: what de-DE, sv-SE and fi-FI would bring.</summary>
    private static CultureInfo Strange()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.NumberFormat.NumberGroupSeparator = ".";
        culture.NumberFormat.NegativeSign = "\u2212";
        culture.DateTimeFormat.TimeSeparator = ".";
        culture.DateTimeFormat.DateSeparator = ".";
        return culture;
    }

    private static string[] Texts() =>
    [
        new Lots(-1.50m).ToString(),
        new Price(1.08123m).ToString(),
        new Money(-12.5m).ToString(),
        new Timestamp(1_795_264_565_123_456).ToString(),
        new Timestamp(long.MinValue).ToString(),
        new PositionId(-7).ToString(),
        new OrderId(1_234_567).ToString(),
        new DealId(-1).ToString(),
        new AskId(-1).ToString(),
        OrderKey.From("LINK-i", -1, 0, "open", -1).ToString(),
        (Specs.EurUsd with { LotStep = new(-0.01m) }).Problem() ?? "",
    ];
}

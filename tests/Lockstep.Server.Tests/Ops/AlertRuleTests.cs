using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Runtime;
using Lockstep.Server.Alerts;
using Lockstep.Testing;

namespace Lockstep.Server.Tests.Ops;

/// <summary>Alerts are raised once, do not flap, are repeated and taken back.</summary>
public class AlertRuleTests
{
    private static readonly RuleSettings High = new(true, 100, TimeSpan.FromSeconds(2), 80, TimeSpan.FromSeconds(3), AlertLevel.Warning);

    /// <summary>A value a second; one letter each: R raised, r repeated, C cleared, . nothing. Repeated each 5 s.</summary>
    [Theory]
    [InlineData("100 100 100 100", "..R.", "raised when it was there for two seconds")]
    [InlineData("100 99 100 100 99 100", "......", "a value that swings about the threshold is not there for long enough")]
    [InlineData("100 100 100 90 95 99 90 85", "..R....r", "between the thresholds it stays, and is told again")]
    [InlineData("100 100 100 80 80 80 80", "..R...C", "taken back when it was good for three seconds")]
    [InlineData("100 100 100 80 80 85 80 80 80 80", "..R....r.C", "good for too short a time")]
    [InlineData("100 100 100 80 80 80 80 100 100 100", "..R...C..R", "raised anew after it was taken back")]
    public void Hysteresis_of_a_high_value(string values, string turns, string why) => Assert.True(turns == Turns(new Hysteresis(low: false), High, values), why);

    [Fact]
    public void Hysteresis_of_a_low_value() =>
        Assert.Equal("R..C", Turns(new Hysteresis(low: true), new RuleSettings(true, 10, TimeSpan.Zero, 20, TimeSpan.FromSeconds(1), AlertLevel.Critical), "9 15 20 21"));

    [Fact]
    public void A_watch_tells_what_was_found_where_and_what_to_do()
    {
        var time = new ManualTime();
        var account = new AccountId("prop");
        double free = 500, down = 31;
        bool there = true;
        var watch = new AlertWatch(() => new AlertsConfig(), kind => kind.Name switch
        {
            "disk" => [new Reading("", null, free, "Make room.")],
            "session" when there => [new Reading("prop", account, down, "Look at it.")],
            _ => [],
        }, time);
        Assert.Equal(
            [new AlertRaised(AlertLevel.Critical, "session-down", account, null, "prop: how long an account that is enabled has not been tradable: 31 s, at or above 30 s. Look at it.")], watch.Look());
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([new AlertRaised(AlertLevel.Critical, "disk-low", null, null, "room on the disk of the data folder: 500 MiB, at or below 1024 MiB for 10s. Make room.")], watch.Look());
        Assert.Empty(watch.Look());
        free = 2000;
        Assert.Empty(watch.Look());
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([new AlertRaised(AlertLevel.Info, "disk-low-over", null, null, "room on the disk of the data folder: 2000 MiB. It is in order again (at least 1536 MiB).")], watch.Look());

        // An hour later it is told again; when the account is gone it is over.
        time.Advance(TimeSpan.FromHours(1));
        Assert.Contains("31 s, still at or above 30 s", Assert.Single(watch.Look()).Text, StringComparison.Ordinal);
        there = false;
        Assert.Equal([new AlertRaised(AlertLevel.Info, "session-down-over", account, null, "prop: is not watched any more.")], watch.Look());
        Assert.Empty(watch.Look());
    }

    [Fact]
    public void The_table_of_the_page_has_every_rule()
    {
        string file = Path.Combine(Configuration.Config.Root, "docs", "operations.md");
        const string Begin = "<!-- rules: written by AlertRuleTests -->\n", End = "<!-- end of rules -->";
        string page = File.ReadAllText(file);
        int from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, to = page.IndexOf(End, StringComparison.Ordinal);
        string wanted = "\n| rule | code | level | value | raised | taken back |\n|---|---|---|---|---|---|\n" + string.Concat(RuleKind.All.Select(k =>
            $"| `{k.Name}` | `{k.Code}` | {k.Usual.Level.ToString().ToLowerInvariant()} | {k.Says} | {Threshold(k, k.Usual.Raise, k.Low, k.Usual.For)} | {Threshold(k, k.Usual.Clear, !k.Low, k.Usual.ClearFor)} |\n")) + "\n";
        if (Environment.GetEnvironmentVariable("LOCKSTEP_WRITE_GOLDEN") == "1")
        {
            page = page[..from] + wanted + page[to..];
            File.WriteAllText(file, page);
            to = page.IndexOf(End, StringComparison.Ordinal);
        }

        Assert.Equal(wanted, page[from..to]);

        static string Threshold(RuleKind kind, double value, bool low, TimeSpan time) =>
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(low ? "≤" : "≥")} {value} {kind.Unit}").TrimEnd() + (time > TimeSpan.Zero ? $" for {Lockstep.Server.Configuration.DurationShape.Show(time)}" : "");
    }

    [Fact]
    public void A_rule_that_is_off_is_not_read()
    {
        var config = new AlertsConfig { Rules = RuleKind.All.ToDictionary(k => k.Name, k => k.Usual with { On = false }) };
        Assert.Empty(new AlertWatch(() => config, _ => throw new InvalidOperationException("it is off"), new ManualTime()).Look());
    }

    [Fact]
    public void Windows_forget_what_is_older()
    {
        var all = new LatencyHistogram();
        var window = new HistogramWindow(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(5));
        Assert.Equal(0, window.PercentileMs(all, 0.99, TimeSpan.Zero));
        all.Record(TimeSpan.FromMilliseconds(200));
        for (int second = 1; second <= 60; second++)
        {
            Assert.InRange(window.PercentileMs(all, 0.99, TimeSpan.FromSeconds(second)), 200, 213);
        }

        Assert.Equal(0, window.PercentileMs(all, 0.99, TimeSpan.FromSeconds(70)));
        var share = new ShareWindow(TimeSpan.FromSeconds(300), TimeSpan.FromSeconds(5));
        Assert.Equal(0, share.Percent(0, 0, 5, TimeSpan.Zero));
        Assert.Equal(0, share.Percent(4, 4, 5, TimeSpan.FromSeconds(1)));
        Assert.Equal(50, share.Percent(10, 5, 5, TimeSpan.FromSeconds(2)));
        share.Percent(10, 5, 5, TimeSpan.FromSeconds(10));
        Assert.Equal(0, share.Percent(10, 5, 5, TimeSpan.FromSeconds(320)));
    }

    private static string Turns(Hysteresis state, RuleSettings rule, string values) => string.Concat(values.Split(' ').Select((value, second) =>
        state.Look(rule, TimeSpan.FromSeconds(5), double.Parse(value, System.Globalization.CultureInfo.InvariantCulture), TimeSpan.FromSeconds(second)) switch
        {
            AlertTurn.Raised => 'R',
            AlertTurn.Repeated => 'r',
            AlertTurn.Cleared => 'C',
            _ => '.',
        }));
}

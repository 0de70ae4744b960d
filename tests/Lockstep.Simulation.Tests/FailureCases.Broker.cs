using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Simulator;

namespace Lockstep.Simulation.Tests;

/// <content>What brokers do to an order: 8 to 12, 19, 20.</content>
public partial class FailureCases
{
    /// <summary>"Timeout", and some seconds later it is filled. In doubt all the while; the late fill is found by its tag.</summary>
    [Theory]
    [InlineData(PlatformKind.Mt5)]
    [InlineData(PlatformKind.Mt4)]
    [InlineData(PlatformKind.CTrader)]
    public void Case08_The_broker_says_timeout_and_fills_four_seconds_later(PlatformKind platform)
    {
        var target = platform switch { PlatformKind.Mt4 => Stage.Mt4(), PlatformKind.CTrader => Stage.CTrader(), _ => Stage.Mt5() };
        var stage = new Stage([Stage.Mt5(), target], Stage.Link() with { InDoubt = InDoubtPolicy.Reopen });
        stage.Faults("b", new BrokerFaults { TimeoutThenFillPercent = 100m, ExecuteLateMax = TimeSpan.FromSeconds(4) });
        long source = stage.Open("a");
        stage.Settle();
        Assert.Equal(1, stage.Openings("b"));
        Assert.Equal(WhyReason.Copied, stage.OpeningOf(source).Reason);
    }

    /// <summary>The broker fills after its own horizon, when the order has lapsed: recognised, told loudly, and what is not wanted any more is closed.</summary>
    [Fact]
    public void Case09_The_broker_fills_after_the_order_lapsed()
    {
        var stage = new Stage([Stage.Mt5(), Stage.Mt5()], Stage.Link());
        stage.Faults("b", new BrokerFaults { BeyondHorizonPercent = 100m, ReplyLostPercent = 100m });
        long source = stage.Open("a");
        stage.RunUntil(() => stage.Why.Any(w => w.Position?.Value == source));
        stage.Faults("b", BrokerFaults.None);
        Assert.Equal(WhyReason.InDoubtLapsed, stage.OpeningOf(source).Reason);
        stage.Settle();
        Assert.Equal(1, stage.Openings("b"));
        Assert.Contains(stage.Alerts, a => a.Code == "late-execution");
        Assert.Equal(0m, stage.Held("b"));
    }

    /// <summary>The comment is rewritten and the answer lost: the magic number tells whose it is.</summary>
    [Theory]
    [InlineData(PlatformKind.Mt5)]
    [InlineData(PlatformKind.Mt4)]
    public void Case10_The_comment_is_rewritten(PlatformKind platform)
    {
        var stage = new Stage([Stage.Mt5(), platform == PlatformKind.Mt4 ? Stage.Mt4() : Stage.Mt5()], Stage.Link() with { InDoubt = InDoubtPolicy.Reopen });
        stage.Faults("b", new BrokerFaults { CommentRewrittenPercent = 100m, ReplyLostPercent = 100m });
        long source = stage.Open("a");
        stage.Run(60);
        stage.Faults("b", BrokerFaults.None);
        stage.Close("a", source);
        stage.Settle();
        Assert.Equal(1, stage.Openings("b"));
        Assert.Equal(0m, stage.Held("b"));
    }

    /// <summary>Filled, and closed by its stop, while nobody was connected: the deals of the snapshot show both, and it is not opened again.</summary>
    [Fact]
    public void Case11_It_was_filled_and_stopped_out_before_anyone_could_look()
    {
        var stage = new Stage([Stage.Mt5(), Stage.Mt5()], Stage.Link() with { InDoubt = InDoubtPolicy.Reopen, Kind = LinkKind.Hedge });
        long source = stage.Open("a", takeProfit: 1.10200m);
        stage.RunUntilDecided("b");
        stage.RunUntil(() => stage["b"].QueuedRequests == 1);
        stage.Server.Outage(new AccountId("b"), TimeSpan.FromSeconds(40));
        stage.Server.Outage(new AccountId("a"), TimeSpan.FromSeconds(20));
        stage.Run(5);
        Assert.Equal(-1m, stage.Held("b"));
        stage["b"].OnQuote(Stage.Eurusd, new Price(1.10250m), new Price(1.10260m));
        Assert.Equal(0m, stage.Held("b"));
        stage.Price(1.10000m);
        stage.Settle();
        Assert.Equal(1, stage.Openings("b"));
        Assert.NotEmpty(stage["a"].OpenPositions);
        Assert.Contains(stage.Why, w => w.Position?.Value == source);
    }

    /// <summary>Questions fail for a while: that is no evidence of a flat account, nothing is opened or closed meanwhile, and nothing is opened twice afterwards.</summary>
    [Fact]
    public void Case12_Questions_fail_in_the_maintenance_hour()
    {
        var stage = new Stage([Stage.Mt5(), Stage.Mt5()], Stage.Link());
        stage.Open("a");
        stage.Run(5);
        stage.Faults("b", new BrokerFaults { AskFailsPercent = 100m });
        stage.Session("b").Disconnect("maintenance", TimeSpan.FromSeconds(1));
        int decided = stage.Decided.Count();
        stage.Run(600);
        Assert.Equal(decided, stage.Decided.Count());
        Assert.Contains(stage.Alerts, a => a.Code == "cannot-ask");
        stage.Settle();
        Assert.Equal(1, stage.Openings("b"));
        Assert.Equal(1m, stage.Held("b"));
    }

    /// <summary>A part is filled, then the connection breaks: what is missing is worked out from what is held, never from what was ordered.</summary>
    [Fact]
    public void Case19_A_partial_fill_and_a_broken_connection()
    {
        var stage = new Stage([Stage.Mt5(), Stage.CTrader()], Stage.Link() with { MaxOpenAttempts = 20, InDoubt = InDoubtPolicy.Reopen });
        stage.Faults("b", new BrokerFaults { PartialFillPercent = 100m, DisconnectPercent = 60m, DisconnectMax = TimeSpan.FromSeconds(2) });
        stage.Open("a");
        stage.RunUntil(() => stage.Openings("b") == 1);
        Assert.True(stage.Held("b") is > 0m and < 1m);
        stage.Run(30);
        stage.Settle();
        Assert.True(stage.Openings("b") > 1);
        Assert.Equal(1m, stage.Held("b"));
    }

    /// <summary>A netted position is to be closed and the answer is lost: the present volume is read before each close, one command is under way, and nothing turns.</summary>
    [Theory]
    [InlineData(PlatformKind.Mt5)]
    [InlineData(PlatformKind.CTrader)]
    public void Case20_A_close_on_a_netting_account_is_repeated(PlatformKind platform)
    {
        var stage = new Stage([Stage.Mt5(), platform == PlatformKind.CTrader ? Stage.CTrader(AccountMode.Netting) : Stage.Mt5(AccountMode.Netting)], Stage.Link());
        long source = stage.Open("a");
        stage.Run(5);
        Assert.Equal(1m, stage.Held("b"));
        stage.Faults("b", new BrokerFaults { ReplyLostPercent = 100m, EventDroppedPercent = 100m, AskFailsPercent = 50m });
        stage.Close("a", source);
        stage.Run(60);
        stage.Settle();
        Assert.Equal(0m, stage.Held("b"));
        Assert.DoesNotContain(stage["b"].Deals, d => d.Entry == DealEntry.InOut || d is { Entry: DealEntry.In, Side: Side.Sell });
    }
}

using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Simulator;

namespace Lockstep.Simulation.Tests;

/// <summary>
/// The failure cases of the order protocol (reliability-perf.md §2.6), each by its number, as small scripted worlds on the production core, journal and recovery. Cases of an
/// executor's own store (5, 6, 7, 13, 14, 15) are told with what stands in its place until there are terminals: the session, which forgets everything when it dies.
/// </summary>
public partial class FailureCases
{
    /// <summary>Nothing was durable yet: the source position is found by the first snapshot after the start, and copied late.</summary>
    [Fact]
    public void Case01_The_server_dies_before_the_intent_is_durable()
    {
        var stage = new Stage([Stage.Mt5(), Stage.Mt5()], Stage.Link());
        stage.Crash(CrashPoint.AfterTake);
        long source = stage.OpenAndCrash("a");
        stage.Settle();
        Assert.Equal(WhyReason.Copied, stage.OpeningOf(source).Reason);
        Assert.Equal(1m, stage.Held("b"));
    }

    /// <summary>As before, but the trade has grown too old meanwhile: the late-copy policy (maximum age) says no, in so many words.</summary>
    [Fact]
    public void Case01_A_trade_that_grew_too_old_while_the_server_was_down_is_not_copied()
    {
        var stage = new Stage([Stage.Mt5(), Stage.Mt5()], Stage.Link());
        stage.Crash(CrashPoint.AfterTake, downSeconds: 90);
        long source = stage.OpenAndCrash("a");
        stage.Settle();
        Assert.Equal(WhyReason.TooOld, stage.OpeningOf(source).Reason);
        Assert.Equal(0m, stage.Held("b"));
    }

    /// <summary>The decision is durable and was never sent. After the start it is in doubt, is proved absent after the horizon, and lapses: at most once.</summary>
    [Fact]
    public void Case02_The_server_dies_between_the_intent_and_the_sending()
    {
        var stage = new Stage([Stage.Mt5(), Stage.Mt5()], Stage.Link());
        stage.Crash(CrashPoint.AfterDurable);
        long source = stage.OpenAndCrash("a");
        stage.Settle();
        Assert.Equal(WhyReason.InDoubtLapsed, stage.OpeningOf(source).Reason);
        Assert.Equal(0, stage.Openings("b"));
    }

    /// <summary>As before, on a link that opens again what proved absent: one position, under a key of its own.</summary>
    [Fact]
    public void Case02_A_link_that_reopens_opens_once()
    {
        var stage = new Stage([Stage.Mt5(), Stage.Mt5()], Stage.Link() with { InDoubt = InDoubtPolicy.Reopen });
        stage.Crash(CrashPoint.AfterDurable);
        long source = stage.OpenAndCrash("a");
        stage.Settle();
        Assert.Equal(WhyReason.Copied, stage.OpeningOf(source).Reason);
        Assert.Equal(1, stage.Openings("b"));
    }

    /// <summary>The connection breaks while the command is on its way: it never arrives. Absent only after the horizon, then opened again where the link says so.</summary>
    [Fact]
    public void Case03_A_command_is_lost_on_the_wire()
    {
        var stage = new Stage([Stage.Mt5(), Stage.Mt5()], Stage.Link() with { InDoubt = InDoubtPolicy.Reopen });
        stage.Open("a");
        var command = stage.RunUntilDecided("b");
        stage.Run(0.0005);
        stage.Session("b").Disconnect("cut", TimeSpan.FromSeconds(1));
        stage.Run(9);
        Assert.Equal(0, stage.Openings("b"));
        stage.Settle();
        Assert.Equal(0, stage["b"].ExecutionsByKey.GetValueOrDefault(command.Key.Value));
        Assert.Equal(1, stage.Openings("b"));
    }

    /// <summary>Every message about the account comes twice. A session gets each command once (checked for every command of every world); repeats of what it says change nothing.</summary>
    [Fact]
    public void Case04_A_message_is_delivered_twice()
    {
        var stage = new Stage([Stage.Mt5(), Stage.Mt5()], Stage.Link());
        stage.Faults("a", new BrokerFaults { EventDuplicatedPercent = 100m });
        stage.Faults("b", new BrokerFaults { EventDuplicatedPercent = 100m });
        long source = stage.Open("a");
        stage.Run(5);
        stage.Close("a", source, 0.4m);
        stage.Settle();
        Assert.Equal(1, stage.Openings("b"));
        Assert.Equal(0.6m, stage.Held("b"));
    }

    /// <summary>
    /// The executor dies before it sent anything: here the process dies among its effects, with the command in its hand. It is looked for, absent after the quiet time, and
    /// lapses.
    /// </summary>
    [Fact]
    public void Case05_The_executor_dies_before_it_sends()
    {
        var stage = new Stage([Stage.Mt5(), Stage.Mt5()], Stage.Link());
        stage.Crash(CrashPoint.AmongEffects);
        long source = stage.OpenAndCrash("a");
        stage.Settle();
        Assert.Equal(WhyReason.InDoubtLapsed, stage.OpeningOf(source).Reason);
        Assert.Equal(0, stage.Openings("b"));
    }

    /// <summary>The broker took the order, then the process died: the start finds it by its tag.</summary>
    [Fact]
    public void Case06_The_executor_dies_after_the_broker_took_it()
    {
        var stage = new Stage([Stage.Mt5(), Stage.Mt5()], Stage.Link());
        long source = stage.Open("a");
        var command = stage.RunUntilDecided("b");
        stage.RunUntil(() => stage["b"].QueuedRequests == 1);
        stage.Crash(CrashPoint.Anywhere, downSeconds: 5);
        stage.Run(6);
        stage.Settle();
        Assert.Equal(1, stage["b"].ExecutionsByKey[command.Key.Value]);
        Assert.Equal(1, stage.Openings("b"));
        Assert.Equal(WhyReason.Copied, stage.OpeningOf(source).Reason);
    }

    /// <summary>The answer never comes: the book shows the position with the key, and that is answer enough.</summary>
    [Fact]
    public void Case07_The_answer_is_lost()
    {
        var stage = new Stage([Stage.Mt5(), Stage.Mt5()], Stage.Link());
        stage.Faults("b", new BrokerFaults { ReplyLostPercent = 100m });
        long source = stage.Open("a");
        stage.Settle();
        Assert.Equal(1, stage.Openings("b"));
        Assert.Equal(WhyReason.Copied, stage.OpeningOf(source).Reason);
    }
}

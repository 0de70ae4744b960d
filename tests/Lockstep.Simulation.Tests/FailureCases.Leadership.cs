using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Simulator;
using Lockstep.Storage;

namespace Lockstep.Simulation.Tests;

/// <content>Two who act, memory that is lost, disks, clocks, outboxes and slow ones: 13 to 18, 21, 22.</content>
public partial class FailureCases
{
    private static readonly AccountId Target = new("b");

    /// <summary>
    /// What wakes up late is an older session: what it says carries its epoch and is refused by the engine. And who is not the one that writes the journal cannot write it: a
    /// record that does not follow the last one is refused.
    /// </summary>
    [Fact]
    public void Case13_An_old_leader_wakes_up()
    {
        var stage = new Stage([Stage.Mt5(), Stage.Mt5()], Stage.Link());
        stage.Open("a");
        stage.Run(5);
        long old = stage.Session("b").Epoch;
        stage.Session("b").Disconnect("paused", TimeSpan.FromSeconds(1));
        stage.Run(5);
        long position = stage["b"].OpenPositions[0].Id;
        stage.Server.Life!.Core.Report(new BookChanged { Account = Target, Epoch = old, Sequence = 2, ClosedPositions = [new PositionId(position)] });
        stage.Run(1);
        Assert.Contains(stage.Server.Life!.Engine.Account(Target)!.Positions, p => p.Id.Value == position);

        var late = JournalCodec.Encode(new Numbered(2, Timestamp.Epoch, new Restarted()), []);
        Assert.Throws<ArgumentException>(() => stage.Server.Journal.Append(new JournalBatch { Records = [late] }));
        stage.Settle();
        Assert.Equal(1, stage.Openings("b"));
    }

    /// <summary>
    /// A second terminal for the same account is a session with a higher epoch: it takes over. What the first one answers afterwards is refused, and the order it was given is
    /// in doubt until a snapshot of the new one tells.
    /// </summary>
    [Fact]
    public void Case14_A_second_terminal_takes_the_account_over()
    {
        var stage = new Stage([Stage.Mt5(), Stage.Mt5()], Stage.Link() with { InDoubt = InDoubtPolicy.Reopen });
        long source = stage.Open("a");
        var command = stage.RunUntilDecided("b");
        long old = stage.Session("b").Epoch;
        stage.RunUntil(() => stage["b"].QueuedRequests == 1);
        stage.Session("b").Disconnect("another terminal came", TimeSpan.Zero);
        stage.RunUntil(() => stage.Session("b").Epoch > old && stage.Server.Life!.Engine.Account(Target)!.Up);
        stage.Server.Life!.Core.Report(new OrderAnswered { Account = Target, Epoch = old, Key = command.Key, Outcome = OrderOutcome.Refused, Refusal = Refusal.Rejected });
        stage.Settle();
        Assert.Equal(1, stage.Openings("b"));
        Assert.Equal(WhyReason.Copied, stage.OpeningOf(source).Reason);
    }

    /// <summary>
    /// An executor that lost its memory: a session keeps none, so every new one is such. All orders since the last answer are in doubt, and the account is asked before anything new
    /// is sent to it.
    /// </summary>
    [Fact]
    public void Case15_The_executor_lost_its_memory()
    {
        var stage = new Stage([Stage.Mt5(), Stage.Mt5()], Stage.Link());
        stage.Faults("b", new BrokerFaults { ReplyLostPercent = 100m, EventDroppedPercent = 100m });
        stage.Open("a");
        stage.RunUntilDecided("b");
        stage.RunUntil(() => stage.Openings("b") == 1);
        stage.Session("b").Disconnect("reinstalled", TimeSpan.FromSeconds(2));
        stage.Open("a", Side.Sell, 0.5m);
        stage.Run(1);
        int before = stage.Server.Record.Decisions.Count;
        stage.Settle();
        var after = stage.Server.Record.Decisions.Skip(before).SelectMany(d => d).ToList();
        int asked = after.FindIndex(d => d is AskAccount { Account: var account } && account == Target);
        int sent = after.FindIndex(d => d is SendOrder { Command: var c } && c.Account == Target);
        Assert.True(asked >= 0 && asked < sent);
        Assert.Equal(2, stage.Openings("b"));
    }

    /// <summary>The disk is full: the group stops at once, what was decided and is not durable is never sent, and after a start everything goes on where it was.</summary>
    [Fact]
    public void Case16_The_journal_cannot_be_written()
    {
        var stage = new Stage([Stage.Mt5(), Stage.Mt5()], Stage.Link());
        stage.Server.Journal.Fail("the disk is full");
        long source = stage.Open("a");
        stage.Run(10);
        Assert.True(stage.Server.Life!.JournalFailed);
        Assert.Contains("disk is full", stage.Server.Life!.Halted, StringComparison.Ordinal);
        Assert.Equal(0, stage.Openings("b"));

        stage.Crash(CrashPoint.Anywhere, downSeconds: 5);
        stage.Run(6);
        stage.Settle();
        Assert.Equal(WhyReason.Copied, stage.OpeningOf(source).Reason);
        Assert.Equal(1, stage.Openings("b"));
    }

    /// <summary>A record was torn while it was written: nobody was told of it, so it is cut. A bit turned in a record that was acknowledged: the start is refused.</summary>
    [Theory]
    [InlineData(5)]
    [InlineData(60)]
    [InlineData(99)]
    public void Case17_The_last_record_is_torn(int percentOnDisk)
    {
        var stage = new Stage([Stage.Mt5(), Stage.Mt5()], Stage.Link());
        stage.Crash(CrashPoint.WhileWriting, tornPercent: percentOnDisk);
        long source = stage.OpenAndCrash("a");
        stage.Settle();
        Assert.Contains(stage.Server.Journal.Warnings, w => w.Contains("cut off", StringComparison.Ordinal));
        Assert.Equal(WhyReason.Copied, stage.OpeningOf(source).Reason);

        stage.Server.Journal.FlipBit(stage.Server.Journal.DurableLength / 2, 3);
        Assert.Throws<JournalDamagedException>(() => stage.Server.Journal.Crash());
    }

    /// <summary>The machine's clock is set, forward or back, while an order is in doubt: waits are by the steady clock, and absence is not believed a second earlier.</summary>
    [Theory]
    [InlineData(120)]
    [InlineData(-120)]
    public void Case18_The_clock_jumps_while_an_order_is_in_doubt(int seconds)
    {
        var stage = new Stage([Stage.Mt5(), Stage.Mt5()], Stage.Link() with { InDoubt = InDoubtPolicy.Reopen });
        stage.Faults("b", new BrokerFaults { TimeoutThenFillPercent = 100m, ExecuteLateMax = TimeSpan.FromSeconds(7) });
        long source = stage.Open("a");
        stage.Run(1);
        stage.Server.SetClock(TimeSpan.FromSeconds(seconds));
        stage.Settle();
        Assert.Equal(1, stage.Openings("b"));
        Assert.Equal(WhyReason.Copied, stage.OpeningOf(source).Reason);
    }

    /// <summary>The clock is set forward while the process is down: the time it was away cannot be known, so the quiet time begins anew.</summary>
    [Fact]
    public void Case18_The_clock_jumps_while_the_server_is_down()
    {
        var stage = new Stage([Stage.Mt5(), Stage.Mt5()], Stage.Link() with { InDoubt = InDoubtPolicy.Reopen, Filters = new FilterSettings { MaxAge = null } });
        stage.Faults("b", new BrokerFaults { TimeoutThenFillPercent = 100m, ExecuteLateMax = TimeSpan.FromSeconds(7) });
        stage.Open("a");
        stage.Run(1);
        stage.Crash(CrashPoint.Anywhere);
        stage.Server.SetClock(TimeSpan.FromMinutes(2));
        stage.Run(30);
        stage.Settle();
        Assert.Equal(1, stage.Openings("b"));
        Assert.Equal(1m, stage.Held("b"));
    }

    /// <summary>
    /// A confirmation is lost and the same event is published again. There is no outbox yet; what stands in for it is the ledger in the journal: a batch that was durable and never
    /// told before the crash is there once, under the number (event, part, link) by which a consumer will drop repeats.
    /// </summary>
    [Fact]
    public void Case21_A_confirmation_is_lost()
    {
        var stage = new Stage([Stage.Mt5(), Stage.Mt5()], Stage.Link() with { Filters = new FilterSettings { OnlySide = Side.Sell } });
        stage.Crash(CrashPoint.AfterDurable);
        long source = stage.OpenAndCrash("a");
        stage.Settle();
        Assert.Equal(WhyReason.SideFiltered, stage.OpeningOf(source).Reason);
        var numbers = stage.Server.Journal.Why.Select(w => (w.Entry.EventSeq, w.Entry.Part, w.Entry.Link)).ToList();
        Assert.Equal(numbers.Distinct().Count(), numbers.Count);
    }

    /// <summary>
    /// One account floods the inbox: its session is cut and made anew instead of growing the memory, another target is served meanwhile, no command is dropped, and in the end all is
    /// in lockstep.
    /// </summary>
    [Fact]
    public void Case22_One_account_floods_the_inbox()
    {
        var stage = new Stage([Stage.Mt5(), Stage.Mt5(), Stage.Mt5()], Stage.Link() with { InDoubt = InDoubtPolicy.Reopen }, Stage.Link(to: "c"));
        long source = stage.Open("a");
        stage.RunUntilDecided("c");
        long epoch = stage.Session("b").Epoch;
        for (int i = 0; i < 200; i++)
        {
            stage.Server.Life!.Core.Report(new SymbolsChanged { Account = Target, Epoch = epoch, Symbols = [] });
        }

        stage.Run(1);
        Assert.Contains(stage.Server.Journal.Alerts, a => a.Alert.Code == "inbox-overflow");
        Assert.Equal(1m, stage.Held("c"));
        stage.Settle();
        Assert.True(stage.Session("b").Epoch > epoch);
        Assert.Equal(1, stage.Openings("b"));
        Assert.All(stage.Why.Where(w => w.Position?.Value == source), w => Assert.Equal(WhyReason.Copied, w.Reason));
    }
}

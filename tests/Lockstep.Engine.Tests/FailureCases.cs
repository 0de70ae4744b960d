using Lockstep.Domain;

namespace Lockstep.Engine.Tests;

/// <summary>
/// The failure cases of the order protocol (reference: reliability-perf §2.6), by their numbers, at the engine: what it decides when the fault happens. The same faults
/// are thrown at the whole product by the seeded worlds; those of the journal's bytes (16, 17) and of the process's clock (18) have their tests in Storage and Runtime, named
/// likewise; 15 and 21 are told with what stands in their place today.
/// </summary>
public class FailureCases
{
    private static readonly AccountId Dst = new("dst");

    private static (Desk Desk, Platform Source, Platform Target) Pair(Func<LinkSettings, LinkSettings>? change = null, AccountMode target = AccountMode.Hedging)
    {
        var link = Desk.Link() with { Filters = new FilterSettings { MaxAge = null } };
        var desk = new Desk(change?.Invoke(link) ?? link);
        var s = desk.Connect("src");
        var t = desk.Connect("dst", target);
        desk.Sent();
        return (desk, s, t);
    }

    /// <summary>The server dies before the source event is journalled: the next snapshot shows a position without a leg, and the link's age filter decides.</summary>
    [Theory]
    [InlineData(20, true)]
    [InlineData(200, false)]
    public void Case01_died_before_the_event_was_journalled(int secondsAway, bool copied)
    {
        var (desk, source, _) = Pair(l => l with { Filters = new FilterSettings { MaxAge = TimeSpan.FromMinutes(1) } });
        source.OpenPosition(Side.Buy, 1m, silent: true);
        desk.Restart();
        desk.Wait(secondsAway);
        desk["dst"].Open();
        source.Open();
        Assert.Equal(copied, desk.Sent().OfType<OpenMarket>().Any());
        Assert.Equal(!copied, desk.Why.Any(w => w.Reason == WhyReason.TooOld));
    }

    /// <summary>It dies between the commit and the send: after the restart the order is in doubt, proved absent after the horizon, and lapses or is opened again as the link says.</summary>
    [Theory]
    [InlineData(InDoubtPolicy.Lapse)]
    [InlineData(InDoubtPolicy.Reopen)]
    public void Case02_died_between_commit_and_send(InDoubtPolicy policy)
    {
        var (desk, source, target) = Pair(l => l with { InDoubt = policy });
        source.OpenPosition(Side.Buy, 1m);
        desk.SentOne<OpenMarket>();
        desk.Restart();
        source.Open();
        target.Open();
        desk.WaitAnswering(20, target);
        var sent = desk.Sent();
        Assert.Equal(policy == InDoubtPolicy.Reopen ? 1 : 0, sent.Count);
        Assert.Equal(policy == InDoubtPolicy.Lapse, desk.Why.Any(w => w.Reason == WhyReason.InDoubtLapsed));
    }

    /// <summary>The command is lost on its way: no answer, not there; nothing is sent again before the horizon.</summary>
    [Fact]
    public void Case03_command_lost_on_the_wire()
    {
        var (desk, source, target) = Pair(l => l with { InDoubt = InDoubtPolicy.Reopen });
        source.OpenPosition(Side.Buy, 1m);
        desk.SentOne<OpenMarket>();
        desk.WaitAnswering(11.5, target);
        Assert.Empty(desk.Sent());
        desk.WaitAnswering(4, target);
        target.Execute(desk.SentOne<OpenMarket>());
        Assert.Equal(1m, target.Positions.Sum(p => p.Volume.Value));
    }

    /// <summary>Everything is delivered twice: reports, answers.</summary>
    [Fact]
    public void Case04_delivered_twice()
    {
        var (desk, source, target) = Pair();
        source.OpenPosition(Side.Buy, 1m);
        var open = desk.SentOne<OpenMarket>();
        var copy = target.Execute(open)!;
        var again = new OrderAnswered { Account = Dst, Epoch = target.Epoch, Key = open.Key, Outcome = OrderOutcome.Done, Position = copy.Id, Filled = copy.Volume };
        target.Report(again);
        target.Report(again);
        target.Change([copy], [], [], [], [], sequence: 1);
        Assert.Empty(desk.Sent());
        Assert.Single(desk.Why);
    }

    /// <summary>The terminal dies before it sends: never there, proved after the horizon.</summary>
    [Fact]
    public void Case05_terminal_died_before_sending()
    {
        var (desk, source, target) = Pair();
        source.OpenPosition(Side.Buy, 1m);
        desk.SentOne<OpenMarket>();
        target.Lose();
        desk.Wait(30);
        target.Open();
        desk.WaitAnswering(15, target);
        Assert.Equal(WhyReason.InDoubtLapsed, desk.Why.Single().Reason);
        Assert.Empty(target.Positions);
    }

    /// <summary>The terminal dies after the broker took the order: the key in the book proves it.</summary>
    [Fact]
    public void Case06_terminal_died_after_the_broker_took_it()
    {
        var (desk, source, target) = Pair(l => l with { InDoubt = InDoubtPolicy.Reopen });
        source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>(), answer: false, report: false);
        target.Lose();
        desk.Wait(30);
        target.Open();
        desk.WaitAnswering(20, target);
        Assert.Empty(desk.Sent());
        Assert.Single(target.Positions);
    }

    /// <summary>The answer is lost.</summary>
    [Fact]
    public void Case07_answer_lost()
    {
        var (desk, source, target) = Pair(l => l with { InDoubt = InDoubtPolicy.Reopen });
        source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>(), answer: false);
        desk.WaitAnswering(20, target);
        Assert.Empty(desk.Sent());
        Assert.Equal(WhyOutcome.Done, desk.Why.Single().Outcome);
    }

    /// <summary>The broker answers "timeout" and fills four seconds later.</summary>
    [Fact]
    public void Case08_timeout_then_filled()
    {
        var (desk, source, target) = Pair(l => l with { InDoubt = InDoubtPolicy.Reopen });
        source.OpenPosition(Side.Buy, 1m);
        var open = desk.SentOne<OpenMarket>();
        target.Report(new OrderAnswered { Account = Dst, Epoch = target.Epoch, Key = open.Key, Outcome = OrderOutcome.Unknown, Code = "10012" });
        target.Snapshot();
        desk.WaitAnswering(4, target);
        Assert.Empty(desk.Sent());
        target.Execute(open, answer: false);
        desk.WaitAnswering(20, target);
        Assert.Empty(desk.Sent());
        Assert.Single(target.Positions);
    }

    /// <summary>The broker fills after the absence was proved: the key of the lapsed order is recognised, the surplus closed, a person told.</summary>
    [Fact]
    public void Case09_filled_after_it_was_proved_absent()
    {
        var (desk, source, target) = Pair();
        source.OpenPosition(Side.Buy, 1m);
        var open = desk.SentOne<OpenMarket>();
        desk.WaitAnswering(15, target);
        target.Execute(open, answer: false);
        target.Execute(desk.SentOne<ReducePosition>());
        Assert.Empty(target.Positions);
        Assert.Contains(desk.Alerts, a => a is { Code: "late-execution", Level: AlertLevel.Critical });
    }

    /// <summary>The broker rewrote the comment: the magic number is looked at first. Where two orders share one it is nobody's, and nothing is assumed absent for it.</summary>
    [Fact]
    public void Case10_comment_rewritten()
    {
        var (desk, source, target) = Pair(l => l with { InDoubt = InDoubtPolicy.Reopen });
        source.OpenPosition(Side.Buy, 1m);
        var open = desk.SentOne<OpenMarket>();
        target.Execute(open, answer: false, tag: OrderTag.Read(open.Key.Magic, "srv 12"));
        desk.WaitAnswering(20, target);
        Assert.Empty(desk.Sent());
        Assert.Equal(target.Positions.Single().Id, desk.Engine.Legs.Single().TargetPositions.Single());
    }

    /// <summary>Filled and stopped out before anybody could look: the deals are part of the evidence.</summary>
    [Fact]
    public void Case11_filled_and_closed_before_the_look()
    {
        var (desk, source, target) = Pair(l => l with { InDoubt = InDoubtPolicy.Reopen });
        source.OpenPosition(Side.Buy, 1m);
        var copy = target.Execute(desk.SentOne<OpenMarket>(), answer: false, report: false)!;
        target.Close(copy.Id, DealReason.StopLoss, silent: true);
        desk.WaitAnswering(30, target);
        Assert.Empty(desk.Sent());
    }

    /// <summary>Questions fail at the broker's maintenance hour: a failed question is no evidence, however long it lasts.</summary>
    [Fact]
    public void Case12_query_fails_during_maintenance()
    {
        var (desk, source, target) = Pair(l => l with { InDoubt = InDoubtPolicy.Reopen });
        source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>(), answer: false, report: false);
        desk.Wait(3.5);
        for (int i = 0; i < 60; i++)
        {
            target.Report(new AskFailed { Account = Dst, Epoch = target.Epoch, Ask = desk.OpenAsk(Dst)!.Value, Reason = "maintenance" });
            desk.Wait(31);
        }

        Assert.Empty(desk.Sent());
        Assert.Contains(desk.Alerts, a => a.Code == "cannot-ask");
        target.Snapshot();
        Assert.Equal(WhyOutcome.Done, desk.Why.Single().Outcome);
    }

    /// <summary>An old leader wakes up. There is one server today; what an older session of an account still says is refused by its epoch.</summary>
    [Fact]
    public void Case13_old_leader_wakes()
    {
        var (desk, source, target) = Pair();
        var p = source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        long old = source.Epoch;
        source.Lose();
        source.Open();
        source.Report(new BookChanged { Account = new AccountId("src"), Epoch = old, Sequence = 99, ClosedPositions = [p.Id] });
        Assert.Empty(desk.Sent());
        Assert.Single(desk.Engine.Account(new AccountId("src"))!.Positions);
    }

    /// <summary>Two terminals of one account: the later session is the live one, and a repeated or lower epoch does not take over.</summary>
    [Fact]
    public void Case14_two_terminals()
    {
        var (desk, source, target) = Pair();
        source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>(), answer: false);
        target.Open();
        int asked = desk.All.Count(d => d is AskAccount);
        target.Report(new SessionOpened { Account = Dst, Epoch = target.Epoch - 1, Capabilities = desk.Engine.Account(Dst)!.Capabilities!, Symbols = [] });
        Assert.Equal(asked, desk.All.Count(d => d is AskAccount));
        desk.WaitAnswering(20, target);
        Assert.Empty(desk.Sent());
        Assert.Single(target.Positions);
    }

    /// <summary>
    /// The agent's own store is lost. Paper accounts have no agent; what stands for it: the platform remembers no key of ours by itself, and everything without an answer
    /// is in doubt until a fresh, complete look.
    /// </summary>
    [Fact]
    public void Case15_agent_store_lost()
    {
        var (desk, source, target) = Pair();
        source.OpenPosition(Side.Buy, 1m);
        source.OpenPosition(Side.Sell, 0.5m);
        var sent = desk.Sent().Cast<OpenMarket>().ToList();
        target.Execute(sent[0], answer: false, report: false);
        target.Lose();
        Assert.All(desk.Engine.InFlight, i => Assert.True(i.Unknown));
        target.Open();
        desk.WaitAnswering(20, target);
        Assert.Equal([WhyReason.Copied, WhyReason.InDoubtLapsed], desk.Why.Select(w => w.Reason));
    }

    /// <summary>The clock jumps: the engine's time never goes back, and evidence counts from the moment the question was decided, not from a platform's clock.</summary>
    [Fact]
    public void Case18_clock_jump()
    {
        var (desk, source, target) = Pair(l => l with { InDoubt = InDoubtPolicy.Reopen });
        source.OpenPosition(Side.Buy, 1m);
        desk.SentOne<OpenMarket>();
        desk.Wait(3.5);
        target.Report(new BookSnapshot
        {
            Account = Dst, Epoch = target.Epoch, Ask = desk.OpenAsk(Dst)!.Value, Sequence = 0, TakenAt = desk.Now + TimeSpan.FromHours(5), Funds = target.Funds,
            Positions = [], Orders = [], Deals = [], HistoryFrom = Timestamp.Epoch,
        });
        Assert.Empty(desk.Sent());
        Assert.True(desk.Engine.InFlight.Single().Unknown);
    }

    /// <summary>A partial fill, then the connection goes: what is missing is topped up only after the doubt is over, by what the deals say.</summary>
    [Fact]
    public void Case19_partial_fill_then_disconnect()
    {
        var (desk, source, target) = Pair();
        source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>(), answer: false, fill: 0.4m, report: false);
        target.Lose();
        target.Open();
        Assert.Empty(desk.Sent());
        desk.WaitAnswering(15, target);
        Assert.Equal(new Lots(0.6m), desk.SentOne<OpenMarket>().Volume);
    }

    /// <summary>A close on a netting account is never repeated blindly: absolute, one in flight, and only after the horizon.</summary>
    [Fact]
    public void Case20_netting_close_repeated()
    {
        var (desk, source, target) = Pair(target: AccountMode.Netting);
        var p = source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        source.Close(p.Id);
        var close = desk.SentOne<ReducePosition>();
        desk.WaitAnswering(8, target);
        Assert.Empty(desk.Sent());
        target.Execute(close, answer: false);
        desk.WaitAnswering(20, target);
        Assert.Empty(desk.Sent());
        Assert.Empty(target.Positions);
    }

    /// <summary>An event published twice: consumers know it by group, number and part. Until the outbox is there, the why-ledger is what is published, and no such triple repeats.</summary>
    [Fact]
    public void Case21_published_twice()
    {
        var desk = new Desk(Desk.Link("a", "b"), Desk.Link("a", "c"));
        var a = desk.Connect("a");
        var b = desk.Connect("b");
        var c = desk.Connect("c");
        desk.Sent();
        var p = a.OpenPosition(Side.Buy, 1m);
        desk.Sent().ForEach(s => (s.Account.Value == "b" ? b : c).Execute(s));
        a.Set(p, lots: 0.5m);
        desk.Sent().ForEach(s => (s.Account.Value == "b" ? b : c).Execute(s));
        var rows = desk.Why.Select(w => (w.EventSeq, w.Part, w.Link)).ToList();
        Assert.Equal(4, rows.Count);
        Assert.Equal(rows.Count, rows.Distinct().Count());
    }

    /// <summary>A slow target: its commands wait for it, one in flight per position; later changes fold into one, and other targets wait for nothing.</summary>
    [Fact]
    public void Case22_slow_slave()
    {
        var desk = new Desk(Desk.Link("src", "slow"), Desk.Link("src", "fast"));
        var source = desk.Connect("src");
        var slow = desk.Connect("slow");
        var fast = desk.Connect("fast");
        desk.Sent();
        var p = source.OpenPosition(Side.Buy, 1m);
        var opens = desk.Sent();
        var late = opens.Single(o => o.Account.Value == "slow");
        fast.Execute(opens.Single(o => o.Account.Value == "fast"));
        for (int i = 1; i <= 50; i++)
        {
            source.Set(p, sl: 1.05m + (i * 0.0001m));
            fast.Execute(desk.SentOne<SetStops>());
        }

        slow.Execute(late);
        Assert.Equal(new Price(1.055m), desk.SentOne<SetStops>().StopLoss);
    }
}

using Lockstep.Domain;

namespace Lockstep.Engine.Tests;

/// <summary>Orders whose answer never came: evidence, the horizon, at most once for openings, until done for closings.</summary>
public class DoubtTests
{
    private static (Desk Desk, Platform Source, Platform Target) Pair(LinkSettings? link = null)
    {
        var desk = new Desk(link ?? Desk.Link() with { Filters = new FilterSettings { MaxAge = null } });
        var source = desk.Connect("src");
        var target = desk.Connect("dst");
        desk.Sent();
        return (desk, source, target);
    }

    [Fact]
    public void Not_there_is_not_believed_before_the_horizon_and_then_the_opening_lapses()
    {
        var (desk, source, target) = Pair();
        source.OpenPosition(Side.Buy, 1m);
        desk.SentOne<OpenMarket>();
        desk.WaitAnswering(3.5, target);
        Assert.True(desk.Engine.InFlight.Single().Unknown);
        desk.WaitAnswering(8, target);
        Assert.Empty(desk.Why);
        desk.WaitAnswering(2, target);
        Assert.Equal((WhyOutcome.Lapsed, WhyReason.InDoubtLapsed), (desk.Why.Single().Outcome, desk.Why.Single().Reason));
        Assert.Empty(desk.Sent());
        Assert.Contains(desk.Alerts, a => a.Code == "opening-lapsed");
    }

    [Fact]
    public void Proved_absent_it_is_opened_again_where_the_link_says_so()
    {
        var (desk, source, target) = Pair(Desk.Link() with { InDoubt = InDoubtPolicy.Reopen, Filters = new FilterSettings { MaxAge = null } });
        source.OpenPosition(Side.Buy, 1m);
        var first = desk.SentOne<OpenMarket>();
        desk.WaitAnswering(15, target);

        var second = desk.SentOne<OpenMarket>();
        Assert.NotEqual(first.Key, second.Key);
        target.Execute(second);
        Assert.Equal(WhyOutcome.Done, desk.Why.Single().Outcome);
    }

    [Fact]
    public void Executed_late_it_is_found_by_its_key_and_not_doubled()
    {
        var (desk, source, target) = Pair();
        source.OpenPosition(Side.Buy, 1m);
        var open = desk.SentOne<OpenMarket>();
        desk.Wait(5);
        target.Snapshot();
        target.Execute(open, answer: false);
        desk.Wait(60);
        Assert.Empty(desk.Sent());
        Assert.Equal(WhyReason.Copied, desk.Why.Single().Reason);
    }

    [Fact]
    public void Executed_with_its_comment_rewritten_it_is_found_by_its_magic_number()
    {
        var (desk, source, target) = Pair();
        source.OpenPosition(Side.Buy, 1m);
        var open = desk.SentOne<OpenMarket>();
        target.Execute(open, answer: false, report: false, tag: OrderTag.Read(open.Key.Magic, "bonus"));
        desk.Wait(5);
        target.Snapshot();
        Assert.Empty(desk.Sent());
        Assert.Equal(WhyReason.Copied, desk.Why.Single().Reason);
    }

    [Fact]
    public void Opened_and_stopped_out_before_anybody_could_look_is_not_opened_again()
    {
        var (desk, source, target) = Pair();
        source.OpenPosition(Side.Buy, 1m);
        var copy = target.Execute(desk.SentOne<OpenMarket>(), answer: false, report: false)!;
        target.Close(copy.Id, DealReason.StopLoss, silent: true);
        desk.Wait(5);
        target.Snapshot();
        desk.Wait(60);
        Assert.Empty(desk.Sent());
        Assert.Equal(LegStatus.Ended, desk.Engine.Legs.Single().Status);
    }

    [Fact]
    public void A_failed_question_is_no_evidence()
    {
        var (desk, source, target) = Pair();
        source.OpenPosition(Side.Buy, 1m);
        desk.Sent();
        desk.Wait(3.5);
        for (int i = 0; i < 12; i++)
        {
            target.Report(new AskFailed { Account = new AccountId("dst"), Epoch = target.Epoch, Ask = desk.OpenAsk(new AccountId("dst"))!.Value, Reason = "maintenance" });
            desk.Wait(31);
        }

        Assert.Empty(desk.Why);
        Assert.True(desk.Engine.InFlight.Single().Unknown);
        target.Snapshot();
        Assert.Equal(WhyReason.InDoubtLapsed, desk.Why.Single().Reason);
    }

    [Fact]
    public void A_close_in_doubt_is_repeated_as_an_absolute_target_after_the_horizon()
    {
        var (desk, source, target) = Pair();
        var p = source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        source.Set(p, lots: 0.4m);
        var first = desk.SentOne<ReducePosition>();
        desk.WaitAnswering(15, target);

        var again = desk.SentOne<ReducePosition>();
        Assert.Equal((first.TargetVolume, first.Position), (again.TargetVolume, again.Position));
        Assert.NotEqual(first.Key, again.Key);
        target.Execute(again);
        Assert.Empty(desk.Sent());
    }

    [Fact]
    public void A_lost_session_puts_orders_in_doubt_and_the_next_one_resolves_them()
    {
        var (desk, source, target) = Pair();
        source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>(), answer: false, report: false);
        target.Lose();
        desk.Wait(30);
        target.Open();
        Assert.Empty(desk.Sent());
        Assert.Equal(WhyReason.Copied, desk.Why.Single().Reason);
    }

    [Fact]
    public void An_older_session_is_not_believed()
    {
        var (desk, source, target) = Pair();
        source.OpenPosition(Side.Buy, 1m);
        var open = desk.SentOne<OpenMarket>();
        target.Lose();
        target.Open();
        target.Report(new OrderAnswered { Account = new AccountId("dst"), Epoch = target.Epoch - 1, Key = open.Key, Outcome = OrderOutcome.Refused, Refusal = Refusal.NoMoney });
        Assert.Single(desk.Engine.InFlight);
        Assert.Empty(desk.Why);
    }

    [Fact]
    public void Executed_after_it_was_proved_absent_the_surplus_is_closed_with_an_alert()
    {
        var (desk, source, target) = Pair();
        source.OpenPosition(Side.Buy, 1m);
        var open = desk.SentOne<OpenMarket>();
        desk.WaitAnswering(15, target);

        Assert.Equal(WhyReason.InDoubtLapsed, desk.Why.Single().Reason);
        target.Execute(open, answer: false);
        Assert.Equal(Lots.Zero, desk.SentOne<ReducePosition>().TargetVolume);
        Assert.Contains(desk.Alerts, a => a.Code == "late-execution");
    }

    [Fact]
    public void A_restart_puts_what_was_in_flight_in_doubt()
    {
        var (desk, source, target) = Pair();
        source.OpenPosition(Side.Buy, 1m);
        var open = desk.SentOne<OpenMarket>();
        target.Execute(open, answer: false, report: false);
        desk.Restart();
        Assert.True(desk.Engine.InFlight.Single().Unknown);
        source.Open();
        target.Open();
        Assert.Empty(desk.Sent());
        Assert.Equal(WhyReason.Copied, desk.Why.Single().Reason);
    }

    [Theory]
    [InlineData(AccountMode.Hedging)]
    [InlineData(AccountMode.Netting)]
    [InlineData(AccountMode.Fifo)]
    public void A_close_names_the_side_of_what_it_closes(AccountMode mode)
    {
        var desk = new Desk(Desk.Link());
        var source = desk.Connect("src");
        var target = desk.Connect("dst", mode);
        desk.Sent();
        var p = source.OpenPosition(Side.Sell, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        source.Close(p.Id);
        Assert.Equal(Side.Sell, desk.SentOne<ReducePosition>().Side);
    }

    [Fact]
    public void A_close_of_what_the_platform_does_not_know_waits_for_its_whole_truth()
    {
        var (desk, source, target) = Pair();
        var p = source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        desk.Wait(1);
        source.Close(p.Id);
        int asked = desk.All.Count(d => d is AskAccount);
        target.Refuse(desk.SentOne<ReducePosition>(), Refusal.NotFound, "10036");
        Assert.Equal(asked + 1, desk.All.Count(d => d is AskAccount));

        // However long the answer takes and whatever fails: nothing is sent before it is there.
        target.Report(new AskFailed { Account = new AccountId("dst"), Epoch = target.Epoch, Ask = desk.OpenAsk(new AccountId("dst"))!.Value, Reason = "not synchronised" });
        desk.Wait(60);
        Assert.Empty(desk.Sent());
        target.Snapshot();

        // It is there after all.
        Assert.Equal(Lots.Zero, desk.SentOne<ReducePosition>().TargetVolume);
    }

    [Fact]
    public void A_netted_position_that_others_turned_is_not_reduced()
    {
        var desk = new Desk(Desk.Link());
        var source = desk.Connect("src");
        var target = desk.Connect("dst", AccountMode.Netting);
        desk.Sent();
        var p = source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        source.Close(p.Id);
        var close = desk.SentOne<ReducePosition>();
        target.Set(target.Positions.Single(), lots: 2m, side: Side.Sell);
        target.Execute(close);
        target.Snapshot();
        desk.Wait(60);
        Assert.Empty(desk.Sent());
        Assert.Equal((Side.Sell, new Lots(2m)), (target.Positions.Single().Side, target.Positions.Single().Volume));
    }

    [Fact]
    public void A_source_that_turned_before_it_could_be_closed_is_another_position()
    {
        var desk = new Desk(Desk.Link() with { TwoWay = true });
        var source = desk.Connect("src", AccountMode.Netting);
        var target = desk.Connect("dst");
        desk.Sent();
        var p = source.OpenPosition(Side.Buy, 1m);
        var copy = target.Execute(desk.SentOne<OpenMarket>())!;
        target.Close(copy.Id);
        var close = desk.SentOne<ReducePosition>();
        Assert.Equal((new AccountId("src"), Side.Buy), (close.Account, close.Side));
        source.Set(p, side: Side.Sell);
        source.Execute(close);
        Assert.Equal(Side.Sell, desk.SentOne<OpenMarket>().Side);
        source.Snapshot();
        desk.Wait(60);
        Assert.DoesNotContain(desk.Sent(), c => c.Account.Value == "src");
    }
}

using Lockstep.Domain;

namespace Lockstep.Engine.Tests;

/// <summary>One leg on a hedging target: what a source trade brings about, in trading words.</summary>
public class CopyTests
{
    private static (Desk Desk, Platform Source, Platform Target) Pair(LinkSettings? link = null, Plant plant = Plant.None)
    {
        var desk = new Desk(plant, link ?? Desk.Link());
        var source = desk.Connect("src");
        var target = desk.Connect("dst");
        desk.Sent();
        return (desk, source, target);
    }

    [Fact]
    public void Open_is_copied_with_its_stops_and_recorded_once()
    {
        var (desk, source, target) = Pair();
        source.OpenPosition(Side.Buy, 1m, 1.1m, 1.09m, 1.12m);
        var open = desk.SentOne<OpenMarket>();
        Assert.Equal((Side.Buy, new Lots(1m), new Price(1.09m), new Price(1.12m)), (open.Side, open.Volume, open.StopLoss!.Value, open.TakeProfit!.Value));
        target.Execute(open);
        Assert.Empty(desk.Sent());
        var why = Assert.Single(desk.Why);
        Assert.Equal((WhyOutcome.Done, WhyReason.Copied, SourceEventKind.Opened), (why.Outcome, why.Reason, why.Kind));
    }

    [Fact]
    public void Hedge_takes_the_other_side_and_swaps_the_levels()
    {
        var (desk, source, _) = Pair(Desk.Link(kind: LinkKind.Hedge));
        source.OpenPosition(Side.Buy, 1m, 1.1m, 1.09m, 1.12m);
        var open = desk.SentOne<OpenMarket>();
        Assert.Equal((Side.Sell, new Price(1.12m), new Price(1.09m)), (open.Side, open.StopLoss!.Value, open.TakeProfit!.Value));
    }

    [Theory]
    [InlineData(0.5, 0.5)]
    [InlineData(0.33, 0.33)]
    [InlineData(0.01, 0.01)]
    public void Partial_close_is_carried_as_an_absolute_target(double left, double expected)
    {
        var (desk, source, target) = Pair();
        var p = source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        source.Set(p, lots: (decimal)left);
        var reduce = desk.SentOne<ReducePosition>();
        Assert.Equal(new Lots((decimal)expected), reduce.TargetVolume);
        target.Execute(reduce);
        Assert.Empty(desk.Sent());
        Assert.Equal(WhyReason.Adjusted, desk.Why.Last().Reason);
    }

    [Fact]
    public void Close_stop_change_and_close_again()
    {
        var (desk, source, target) = Pair();
        var p = source.OpenPosition(Side.Sell, 0.3m);
        target.Execute(desk.SentOne<OpenMarket>());
        source.Set(p, sl: 1.13m);
        var stops = desk.SentOne<SetStops>();
        Assert.Equal(new Price(1.13m), stops.StopLoss);
        target.Execute(stops);
        source.Close(p.Id);
        var close = desk.SentOne<ReducePosition>();
        Assert.Equal(Lots.Zero, close.TargetVolume);
        target.Execute(close);
        Assert.Empty(desk.Sent());
        Assert.Equal([WhyReason.Copied, WhyReason.Adjusted, WhyReason.ClosedWithSource], desk.Why.Select(w => w.Reason));
        Assert.Equal(LegStatus.Finished, desk.Engine.Legs.Single().Status);
    }

    [Fact]
    public void Closed_while_the_opening_is_in_flight_ends_flat()
    {
        var (desk, source, target) = Pair();
        var p = source.OpenPosition(Side.Buy, 1m);
        var open = desk.SentOne<OpenMarket>();
        source.Close(p.Id);
        Assert.Empty(desk.Sent());
        target.Execute(open);
        var close = desk.SentOne<ReducePosition>();
        target.Execute(close);
        Assert.Empty(desk.Sent());
        Assert.Equal(2, desk.Why.Count());
    }

    [Fact]
    public void Target_closed_by_hand_stays_closed()
    {
        var (desk, source, target) = Pair();
        var p = source.OpenPosition(Side.Buy, 1m);
        var copy = target.Execute(desk.SentOne<OpenMarket>())!;
        target.Close(copy.Id);
        Assert.Empty(desk.Sent());
        source.Set(p, lots: 0.5m);
        source.Close(p.Id);
        desk.Wait(600);
        Assert.Empty(desk.Sent());
        Assert.Equal((LegStatus.Ended, WhyReason.TargetClosedByHand), (desk.Engine.Legs.Single().Status, desk.Engine.Legs.Single().Reason));
        Assert.Equal([WhyReason.Copied, WhyReason.LegEnded, WhyReason.LegEnded], desk.Why.Select(w => w.Reason));
    }

    [Fact]
    public void Target_partly_closed_by_hand_is_never_topped_up()
    {
        var (desk, source, target) = Pair();
        var p = source.OpenPosition(Side.Buy, 1m);
        var copy = target.Execute(desk.SentOne<OpenMarket>())!;
        target.Set(copy, lots: 0.4m);
        Assert.Empty(desk.Sent());
        source.Set(p, lots: 0.5m);
        Assert.Empty(desk.Sent());
        source.Set(p with { Volume = new Lots(0.5m) }, lots: 0.2m);
        Assert.Equal(new Lots(0.2m), desk.SentOne<ReducePosition>().TargetVolume);
    }

    [Fact]
    public void Two_way_link_closes_the_source_when_the_target_is_stopped_out()
    {
        var (desk, source, target) = Pair(Desk.Link(kind: LinkKind.Hedge) with { TwoWay = true });
        var p = source.OpenPosition(Side.Buy, 1m);
        var copy = target.Execute(desk.SentOne<OpenMarket>())!;
        target.Close(copy.Id, DealReason.StopLoss);
        var close = desk.SentOne<ReducePosition>();
        Assert.Equal((new AccountId("src"), p.Id, Lots.Zero), (close.Account, close.Position, close.TargetVolume));
        source.Execute(close);
        Assert.Empty(desk.Sent());
    }

    [Fact]
    public void Partial_fill_is_topped_up_under_a_new_key()
    {
        var (desk, source, target) = Pair();
        source.OpenPosition(Side.Buy, 1m);
        var open = desk.SentOne<OpenMarket>();
        target.Execute(open, fill: 0.4m);
        var rest = desk.SentOne<OpenMarket>();
        Assert.Equal(new Lots(0.6m), rest.Volume);
        Assert.NotEqual(open.Key, rest.Key);
        target.Execute(rest);
        Assert.Empty(desk.Sent());
        Assert.Equal(new Lots(1m), desk.Engine.Legs.Single().Held);
    }

    [Fact]
    public void Stops_are_set_after_the_opening_where_the_broker_wants_it_so()
    {
        var desk = new Desk(Desk.Link());
        var source = desk.Connect("src");
        var target = desk.Connect("dst", bareOpen: true);
        desk.Sent();
        source.OpenPosition(Side.Buy, 1m, 1.1m, 1.09m);
        var open = desk.SentOne<OpenMarket>();
        Assert.Null(open.StopLoss);
        target.Execute(open);
        target.Execute(desk.SentOne<SetStops>());
        Assert.Equal(new Price(1.09m), target.Positions.Single().StopLoss);
        Assert.Empty(desk.Sent());
    }

    [Fact]
    public void Stops_refused_with_the_opening_are_set_afterwards()
    {
        var (desk, source, target) = Pair();
        source.OpenPosition(Side.Buy, 1m, 1.1m, 1.0999m);
        target.Refuse(desk.SentOne<OpenMarket>(), Refusal.InvalidStops, "10016");
        desk.Wait(1);
        var bare = desk.SentOne<OpenMarket>();
        Assert.Null(bare.StopLoss);
        target.Execute(bare);
        Assert.Equal(new Price(1.0999m), desk.SentOne<SetStops>().StopLoss);
    }

    [Fact]
    public void A_level_that_vanished_is_set_again_and_one_that_was_moved_is_left()
    {
        var (desk, source, target) = Pair();
        source.OpenPosition(Side.Buy, 1m, 1.1m, 1.09m);
        var copy = target.Execute(desk.SentOne<OpenMarket>())!;
        target.Set(copy, sl: 1.095m);
        Assert.Empty(desk.Sent());
        target.Set(copy, clearStops: true);
        Assert.Equal(new Price(1.09m), desk.SentOne<SetStops>().StopLoss);
    }

    [Theory]
    [InlineData(Refusal.NoMoney)]
    [InlineData(Refusal.TradeDisabled)]
    [InlineData(Refusal.HedgeProhibited)]
    public void A_final_refusal_ends_the_leg_and_is_not_tried_again(Refusal refusal)
    {
        var (desk, source, target) = Pair();
        var p = source.OpenPosition(Side.Buy, 1m);
        target.Refuse(desk.SentOne<OpenMarket>(), refusal);
        source.Set(p, sl: 1.05m);
        desk.Wait(120);
        Assert.Empty(desk.Sent());
        Assert.Equal([(WhyOutcome.Refused, WhyReason.Refused, refusal), (WhyOutcome.Nothing, WhyReason.LegEnded, Refusal.None)], desk.Why.Select(w => (w.Outcome, w.Reason, w.Refusal)));
    }

    [Fact]
    public void A_passing_refusal_is_tried_again_up_to_the_limit()
    {
        var (desk, source, target) = Pair(Desk.Link() with { MaxOpenAttempts = 3 });
        source.OpenPosition(Side.Buy, 1m);
        for (int i = 0; i < 3; i++)
        {
            target.Refuse(desk.SentOne<OpenMarket>(), Refusal.PriceMoved, "10004");
            desk.Wait(2);
        }

        Assert.Empty(desk.Sent());
        Assert.Equal((WhyOutcome.Refused, WhyReason.AttemptsExhausted), (desk.Why.Single().Outcome, desk.Why.Single().Reason));
    }

    [Fact]
    public void Closing_is_tried_until_it_is_done()
    {
        var (desk, source, target) = Pair();
        var p = source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        source.Close(p.Id);
        for (int i = 0; i < 12; i++)
        {
            target.Refuse(desk.SentOne<ReducePosition>(), Refusal.MarketClosed, "10018");
            desk.Wait(31);
        }

        target.Execute(desk.SentOne<ReducePosition>());
        Assert.Empty(desk.Sent());
        Assert.Contains(desk.Alerts, a => a.Code == "cannot-reduce");
    }

    [Fact]
    public void A_source_that_opened_while_the_target_was_away_waits_until_it_is_too_old()
    {
        var (desk, source, target) = Pair();
        target.Lose();
        source.OpenPosition(Side.Buy, 1m);
        Assert.Empty(desk.Sent());
        desk.Wait(20);
        target.Open();
        Assert.Equal(new Lots(1m), desk.SentOne<OpenMarket>().Volume);

        target.Lose();
        source.OpenPosition(Side.Buy, 2m);
        desk.Wait(90);
        target.Open();
        Assert.DoesNotContain(desk.Sent(), c => c is OpenMarket { Volume.Value: 2m });
        Assert.Contains(desk.Why, w => w.Reason == WhyReason.TooOld);
    }

    [Fact]
    public void Chain_copies_a_copy()
    {
        var desk = new Desk(Desk.Link("a", "b"), Desk.Link("b", "c", LinkKind.Hedge));
        var a = desk.Connect("a");
        var b = desk.Connect("b");
        var c = desk.Connect("c");
        desk.Sent();
        var p = a.OpenPosition(Side.Buy, 1m);
        b.Execute(desk.SentOne<OpenMarket>());
        var second = desk.SentOne<OpenMarket>();
        Assert.Equal((new AccountId("c"), Side.Sell), (second.Account, second.Side));
        c.Execute(second);
        a.Close(p.Id);
        b.Execute(desk.SentOne<ReducePosition>());
        c.Execute(desk.SentOne<ReducePosition>());
        Assert.Empty(desk.Sent());
    }

    [Fact]
    public void Naked_hedge_is_unwound_after_its_time()
    {
        var (desk, source, target) = Pair(Desk.Link(kind: LinkKind.Hedge) with { NakedTime = TimeSpan.FromSeconds(5) });
        var p = source.OpenPosition(Side.Buy, 1m);
        target.Refuse(desk.SentOne<OpenMarket>(), Refusal.NoMoney);
        desk.Wait(6);
        var close = desk.SentOne<ReducePosition>();
        Assert.Equal((new AccountId("src"), p.Id), (close.Account, close.Position));
    }

    [Fact]
    public void Naked_hedge_is_unwound_at_its_loss()
    {
        var (desk, source, target) = Pair(Desk.Link(kind: LinkKind.Hedge) with { NakedLoss = new Money(200m) });
        source.OpenPosition(Side.Buy, 1m, 1.1m);
        var watch = desk.All.OfType<WatchPrice>().Single();
        Assert.Equal((new Price(1.098m), Crossing.AtOrBelow), (watch.Level, watch.Crossing));
        target.Refuse(desk.SentOne<OpenMarket>(), Refusal.NoMoney);
        desk.Step(new WatchFired(watch.Watch, new Quote(new Price(1.0979m), new Price(1.0981m), desk.Now)));
        Assert.Equal(new AccountId("src"), desk.SentOne<ReducePosition>().Account);
    }

    [Fact]
    public void Lost_source_closes_after_the_span_the_link_names()
    {
        var (desk, source, target) = Pair(Desk.Link() with { CloseAfterSourceLost = TimeSpan.FromSeconds(30) });
        source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        source.Lose();
        desk.Wait(29);
        Assert.Empty(desk.Sent());
        desk.Wait(2);
        Assert.Equal(Lots.Zero, desk.SentOne<ReducePosition>().TargetVolume);
    }

    [Fact]
    public void Same_state_and_decisions_after_a_restart_from_the_capture()
    {
        var (desk, source, target) = Pair();
        var p = source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        desk.Restart();
        source.Open();
        target.Open();
        Assert.Empty(desk.Sent());
        source.Close(p.Id);
        Assert.Equal(Lots.Zero, desk.SentOne<ReducePosition>().TargetVolume);
    }
}

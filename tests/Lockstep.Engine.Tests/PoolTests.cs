using Lockstep.Domain;

namespace Lockstep.Engine.Tests;

/// <summary>Netting and FIFO: sums against sums, oldest first; a netting source that turns.</summary>
public class PoolTests
{
    private static (Desk Desk, Platform Source, Platform Target) Pair(AccountMode target, LinkSettings? link = null, AccountMode source = AccountMode.Hedging)
    {
        var desk = new Desk(link ?? Desk.Link());
        var s = desk.Connect("src", source);
        var t = desk.Connect("dst", target, target == AccountMode.Fifo ? PlatformKind.Mt4 : PlatformKind.Mt5);
        desk.Sent();
        return (desk, s, t);
    }

    [Fact]
    public void Netting_target_holds_the_sum_of_its_legs()
    {
        var (desk, source, target) = Pair(AccountMode.Netting);
        var a = source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        source.OpenPosition(Side.Sell, 0.3m);
        var reduce = desk.SentOne<ReducePosition>();
        Assert.Equal(new Lots(0.7m), reduce.TargetVolume);
        target.Execute(reduce);
        source.Close(a.Id);
        target.Execute(desk.SentOne<ReducePosition>());
        var turn = desk.SentOne<OpenMarket>();
        Assert.Equal((Side.Sell, new Lots(0.3m)), (turn.Side, turn.Volume));
        target.Execute(turn);
        Assert.Empty(desk.Sent());
        Assert.Equal((Side.Sell, new Lots(0.3m)), (target.Positions.Single().Side, target.Positions.Single().Volume));
        Assert.Equal(3, desk.Why.Count(w => w.Outcome == WhyOutcome.Done));
    }

    [Fact]
    public void Netting_leaves_what_the_owner_holds_alone()
    {
        var desk = new Desk(Desk.Link());
        var source = desk.Connect("src");
        var target = desk.Connect("dst", AccountMode.Netting);
        target.Execute(new OpenMarket { Account = new AccountId("dst"), Key = new OrderKey(77), Symbol = Platform.Eurusd, Deadline = desk.Now, Side = Side.Buy, Volume = new Lots(2m) }, answer: false, tag: OrderTag.None);
        desk.Sent();
        var p = source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        source.Close(p.Id);
        Assert.Equal(new Lots(2m), desk.SentOne<ReducePosition>().TargetVolume);
    }

    [Fact]
    public void Netting_position_closed_by_hand_stays_closed()
    {
        var (desk, source, target) = Pair(AccountMode.Netting);
        source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        target.Close(target.Positions.Single().Id);
        desk.Wait(60);
        Assert.Empty(desk.Sent());
        Assert.Equal(WhyReason.TargetClosedByHand, desk.Engine.Legs.Single().Reason);
        source.OpenPosition(Side.Buy, 0.5m);
        Assert.Equal(new Lots(0.5m), desk.SentOne<OpenMarket>().Volume);
    }

    [Fact]
    public void Fifo_target_closes_the_oldest_whichever_leg_opened_it()
    {
        var (desk, source, target) = Pair(AccountMode.Fifo);
        source.OpenPosition(Side.Buy, 1m);
        var oldest = target.Execute(desk.SentOne<OpenMarket>())!;
        desk.Wait(1);
        var b = source.OpenPosition(Side.Buy, 0.4m);
        target.Execute(desk.SentOne<OpenMarket>());
        source.Close(b.Id);
        var reduce = desk.SentOne<ReducePosition>();
        Assert.Equal((oldest.Id, new Lots(0.6m)), (reduce.Position, reduce.TargetVolume));
        target.Execute(reduce);
        Assert.Empty(desk.Sent());
        Assert.Equal(1m, target.Positions.Sum(p => p.Volume.Value));
    }

    [Fact]
    public void Fifo_close_larger_than_the_oldest_goes_on_with_the_next()
    {
        var (desk, source, target) = Pair(AccountMode.Fifo);
        source.OpenPosition(Side.Buy, 0.3m);
        target.Execute(desk.SentOne<OpenMarket>());
        desk.Wait(1);
        var b = source.OpenPosition(Side.Buy, 0.5m);
        target.Execute(desk.SentOne<OpenMarket>());
        source.Close(b.Id);
        target.Execute(desk.SentOne<ReducePosition>());
        var second = desk.SentOne<ReducePosition>();
        Assert.Equal(new Lots(0.3m), second.TargetVolume);
        target.Execute(second);
        Assert.Equal(0.3m, target.Positions.Sum(p => p.Volume.Value));
    }

    [Fact]
    public void Netting_source_that_turns_closes_the_old_leg_and_asks_for_a_new_one()
    {
        var (desk, source, target) = Pair(AccountMode.Hedging, source: AccountMode.Netting);
        var p = source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        source.Set(p, side: Side.Sell, lots: 0.5m);
        var sent = desk.Sent();
        Assert.Contains(sent, c => c is ReducePosition { TargetVolume.IsZero: true });
        Assert.Contains(sent, c => c is OpenMarket { Side: Side.Sell, Volume.Value: 0.5m });
        foreach (var c in sent)
        {
            target.Execute(c);
        }

        Assert.Empty(desk.Sent());
        Assert.Equal([SourceEventKind.Opened, SourceEventKind.Reversed], desk.Why.Select(w => w.Kind));
    }

    [Fact]
    public void Netting_source_that_grows_makes_its_leg_grow()
    {
        var (desk, source, target) = Pair(AccountMode.Hedging, source: AccountMode.Netting, link: Desk.Link() with { Sizing = new SizingSettings { Mode = SizingMode.Multiplier, Factor = 0.5m } });
        var p = source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        source.Set(p, lots: 3m);
        Assert.Equal(new Lots(1m), desk.SentOne<OpenMarket>().Volume);
    }
}

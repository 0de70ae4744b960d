using Lockstep.Domain;

namespace Lockstep.Engine.Tests;

/// <summary>What seeded worlds found, each told as the shortest story that shows it.</summary>
public class FoundBySimulation
{
    private static (Desk Desk, Platform Source, Platform Target) Pair(AccountMode target = AccountMode.Hedging, AccountMode source = AccountMode.Hedging, LinkSettings? link = null)
    {
        var desk = new Desk(link ?? Desk.Link());
        var s = desk.Connect("src", source);
        var t = desk.Connect("dst", target);
        desk.Sent();
        return (desk, s, t);
    }

    /// <summary>A close was answered done and the message that shows it was lost: the same close went out again and again.</summary>
    [Fact]
    public void A_close_that_is_done_but_not_shown_is_asked_about_not_repeated()
    {
        var (desk, source, target) = Pair();
        var p = source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        source.Close(p.Id);
        var close = desk.SentOne<ReducePosition>();
        target.Report(new OrderAnswered { Account = new AccountId("dst"), Epoch = target.Epoch, Key = close.Key, Outcome = OrderOutcome.Done, Position = close.Position });
        Assert.Empty(desk.Sent());
        desk.Wait(2);
        Assert.IsType<AskAccount>(desk.All.Last(d => d is AskAccount));
        target.Close(close.Position, silent: true);
        target.Snapshot();
        Assert.Empty(desk.Sent());
        Assert.Empty(desk.Engine.InFlight);
    }

    /// <summary>The age of an increase was counted from the opening: with the default of one minute no later increase was ever followed.</summary>
    [Fact]
    public void An_increase_long_after_the_opening_is_followed()
    {
        var (desk, source, target) = Pair(source: AccountMode.Netting);
        var p = source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        desk.Wait(600);
        source.Set(p, lots: 1.5m);
        Assert.Equal(new Lots(0.5m), desk.SentOne<OpenMarket>().Volume);
    }

    /// <summary>A buy leg closed while the sum was sold: the sale that was due counted as an opening of the newest sell leg, too old to be sent.</summary>
    [Fact]
    public void A_sum_that_must_turn_further_because_a_leg_closed_is_a_closing()
    {
        var (desk, source, target) = Pair(AccountMode.Netting);
        var buy = source.OpenPosition(Side.Buy, 0.2m);
        target.Execute(desk.SentOne<OpenMarket>());
        source.OpenPosition(Side.Sell, 0.5m);
        target.Execute(desk.SentOne<ReducePosition>());
        target.Execute(desk.SentOne<OpenMarket>());
        desk.Wait(600);
        source.Close(buy.Id);
        var more = desk.SentOne<OpenMarket>();
        Assert.Equal((Side.Sell, new Lots(0.2m)), (more.Side, more.Volume));
        target.Refuse(more, Refusal.NoMoney);
        desk.Wait(2);
        target.Execute(desk.SentOne<OpenMarket>());
        Assert.Empty(desk.Sent());
        Assert.Equal(-0.5m, target.Positions.Sum(x => x.Side.Signed(x.Volume).Value));
    }

    /// <summary>cTrader takes distances with a market order: a slipped fill left the levels off for good.</summary>
    [Fact]
    public void Levels_that_came_out_otherwise_than_asked_are_set_again()
    {
        var (desk, source, target) = Pair();
        source.OpenPosition(Side.Buy, 1m, 1.1m, 1.09m);
        var open = desk.SentOne<OpenMarket>();
        target.Execute(open with { StopLoss = new Price(1.0897m) });
        Assert.Equal(new Price(1.09m), desk.SentOne<SetStops>().StopLoss);
    }

    /// <summary>On MT4 a closing shows the comment of the ticket's opening: a close by hand was taken for our own, and the position opened again.</summary>
    [Fact]
    public void A_close_by_hand_that_shows_our_opening_key_is_still_a_close_by_hand()
    {
        var (desk, source, target) = Pair();
        source.OpenPosition(Side.Buy, 1m);
        var open = desk.SentOne<OpenMarket>();
        var copy = target.Execute(open)!;
        target.Change([], [copy.Id], [], [], [new DealReport
        {
            Id = new DealId(999_999), Position = copy.Id, Symbol = copy.Symbol, Side = Side.Sell, Volume = copy.Volume, Price = copy.OpenPrice, Entry = DealEntry.Out,
            Reason = DealReason.Request, Tag = copy.Tag, At = desk.Now,
        }]);
        desk.Wait(60);
        Assert.Empty(desk.Sent());
        Assert.Equal(WhyReason.TargetClosedByHand, desk.Engine.Legs.Single().Reason);
    }

    /// <summary>An order was in doubt when the process died, and the clock was set while it was gone: absence was believed at once.</summary>
    [Fact]
    public void After_a_restart_a_doubt_lasts_one_quiet_time_more()
    {
        var (desk, source, target) = Pair(link: Desk.Link() with { InDoubt = InDoubtPolicy.Reopen, Filters = new FilterSettings { MaxAge = null } });
        source.OpenPosition(Side.Buy, 1m);
        desk.SentOne<OpenMarket>();
        desk.Wait(3600);
        desk.Restart();
        source.Open();
        target.Open();
        desk.WaitAnswering(11, target);
        Assert.Empty(desk.Sent());
        desk.WaitAnswering(5, target);
        desk.SentOne<OpenMarket>();
    }

    /// <summary>A link was switched off while an opening was under way: its row was never written.</summary>
    [Fact]
    public void Switched_off_under_way_still_has_its_row()
    {
        var (desk, source, target) = Pair();
        source.OpenPosition(Side.Buy, 1m);
        var open = desk.SentOne<OpenMarket>();
        desk.Configure(Desk.Link() with { Mode = LinkMode.Off });
        target.Execute(open);
        Assert.Equal(WhyReason.LinkOff, desk.Why.Single().Reason);
    }

    /// <summary>The owner closed what was left while the server was away; the snapshot told our own earlier partial close once more, and it was taken for this one.</summary>
    [Fact]
    public void An_old_close_of_ours_does_not_explain_a_new_one_by_hand()
    {
        var (desk, source, target) = Pair();
        var p = source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        source.Set(p, lots: 0.5m);
        target.Execute(desk.SentOne<ReducePosition>());
        target.Lose();
        target.Close(target.Positions.Single().Id, silent: true);
        target.Open();
        desk.Wait(60);
        Assert.Empty(desk.Sent());
        Assert.Equal(WhyReason.TargetClosedByHand, desk.Engine.Legs.Single().Reason);
    }

    /// <summary>A top-up was filled and closed by the owner before anybody saw it; an earlier piece was held, and the top-up went out once more.</summary>
    [Theory]
    [InlineData(AccountMode.Hedging)]
    [InlineData(AccountMode.Fifo)]
    public void A_top_up_that_the_owner_closed_unseen_is_not_opened_again(AccountMode mode)
    {
        var (desk, source, target) = Pair(mode, AccountMode.Netting, Desk.Link() with { Filters = new FilterSettings { MaxAge = null } });
        var p = source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        source.Set(p, lots: 1.5m);
        target.Execute(desk.SentOne<OpenMarket>(), answer: false, report: false);
        target.Lose();
        target.Close(target.Positions.Last().Id, silent: true);
        target.Open();
        desk.WaitAnswering(60, target);
        Assert.Empty(desk.Sent());
        Assert.Equal(1m, target.Positions.Sum(x => x.Volume.Value));
        source.Set(p, lots: 0.5m);
        Assert.Equal(new Lots(0.5m), desk.SentOne<ReducePosition>().TargetVolume);
    }

    /// <summary>The owner closed a part of what was opened while the server was down: the part was opened on top.</summary>
    [Theory]
    [InlineData(AccountMode.Hedging)]
    [InlineData(AccountMode.Fifo)]
    public void A_part_that_the_owner_closed_unseen_is_not_opened_again(AccountMode mode)
    {
        var (desk, source, target) = Pair(mode, link: Desk.Link() with { Filters = new FilterSettings { MaxAge = null } });
        source.OpenPosition(Side.Buy, 0.21m);
        var open = desk.SentOne<OpenMarket>();
        desk.Restart();
        target.Execute(open, answer: false, report: false);
        target.ClosePart(target.Positions.Single().Id, 0.11m, silent: true);
        source.Open();
        target.Open();
        desk.WaitAnswering(60, target);
        Assert.Empty(desk.Sent());
        Assert.Equal(new Lots(0.10m), Assert.Single(target.Positions).Volume);
    }

    /// <summary>What is attached grows with the rest of its fill, and what was taken from it meanwhile was counted when it was seen.</summary>
    [Fact]
    public void What_was_seen_to_be_taken_away_is_taken_away_once()
    {
        var (desk, source, target) = Pair(AccountMode.Fifo);
        source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        source.OpenPosition(Side.Buy, 0.5m);
        var second = desk.SentOne<OpenMarket>();
        var copy = target.Execute(second, answer: false)!;
        target.ClosePart(copy.Id, 0.2m);
        target.Report(new OrderAnswered { Account = new AccountId("dst"), Epoch = target.Epoch, Key = second.Key, Outcome = OrderOutcome.Done, Position = copy.Id, Filled = new Lots(0.5m) });
        desk.Wait(60);
        Assert.Empty(desk.Sent());
        Assert.Equal(1.3m, desk.Engine.Legs.Sum(l => l.Wanted.Value));
    }

    /// <summary>The owner closed a part of the copy while an increase was on its way: the increase counted as taken away too, and was closed again.</summary>
    [Fact]
    public void An_increase_on_its_way_is_not_what_the_owner_took_away()
    {
        var (desk, source, target) = Pair(source: AccountMode.Netting);
        var p = source.OpenPosition(Side.Buy, 1m);
        var copy = target.Execute(desk.SentOne<OpenMarket>())!;
        source.Set(p, lots: 1.5m);
        var increase = desk.SentOne<OpenMarket>();
        target.ClosePart(copy.Id, 0.3m);
        Assert.Empty(desk.Sent());
        target.Execute(increase);
        desk.Wait(60);
        Assert.Empty(desk.Sent());
        Assert.Equal(1.2m, target.Positions.Sum(t => t.Volume.Value));

        // The owner's 0.3 stay away for good.
        source.Set(p, lots: 1.6m);
        Assert.Empty(desk.Sent());
    }

    /// <summary>The same, and the increase is refused: it is tried again, and only the owner's part stays away.</summary>
    [Fact]
    public void An_increase_that_crossed_a_close_by_hand_is_still_wanted_when_it_is_refused()
    {
        var (desk, source, target) = Pair(source: AccountMode.Netting);
        var p = source.OpenPosition(Side.Buy, 1m);
        var copy = target.Execute(desk.SentOne<OpenMarket>())!;
        source.Set(p, lots: 1.5m);
        var increase = desk.SentOne<OpenMarket>();
        target.ClosePart(copy.Id, 0.3m);
        target.Refuse(increase, Refusal.PriceMoved);
        desk.Wait(5);
        Assert.Equal(new Lots(0.5m), desk.SentOne<OpenMarket>().Volume);
    }

    /// <summary>Orders that never left counted as attempts: a slow terminal used them all up before the platform had been asked once.</summary>
    [Fact]
    public void What_never_left_is_no_attempt()
    {
        var (desk, source, target) = Pair(link: Desk.Link() with { MaxOpenAttempts = 2 });
        source.OpenPosition(Side.Buy, 1m);
        for (int i = 0; i < 5; i++)
        {
            target.Refuse(desk.SentOne<OpenMarket>(), Refusal.NotSent);
            desk.Wait(1);
        }

        target.Execute(desk.SentOne<OpenMarket>());
        Assert.Equal(1m, target.Positions.Single().Volume.Value);
    }

    /// <summary>A netted source grew while our pending order still waited: the increase counted as level, and was too old when the wait ended.</summary>
    [Fact]
    public void An_increase_while_our_pending_order_waits_is_followed_when_the_wait_ends()
    {
        var (desk, source, target) = Pair(source: AccountMode.Netting, link: Desk.Link() with { Pending = PendingPolicy.Native, SourceFilledFirst = SourceFilledFirst.Wait });
        var o = source.PlaceOrder(Side.Buy, PendingType.Limit, 1m, 1.095m);
        target.Execute(desk.SentOne<PlacePending>());
        var p = source.FillOrder(o.Id);
        source.Set(p, lots: 1.5m);
        desk.Wait(600);
        Assert.Empty(desk.Sent());
        Assert.DoesNotContain(desk.Why, w => w.Kind == SourceEventKind.Increased);
        target.FillOrder(target.Orders.Single().Id);
        var more = desk.SentOne<OpenMarket>();
        Assert.Equal(new Lots(0.5m), more.Volume);
        target.Execute(more);
        Assert.Equal(
            [(SourceEventKind.OrderPlaced, WhyReason.Copied), (SourceEventKind.OrderFilled, WhyReason.Copied), (SourceEventKind.Increased, WhyReason.Adjusted)],
            desk.Why.Select(w => (w.Kind, w.Reason)));
    }

    /// <summary>The wait of a pending order may end in other ways: every event of the source still has its row.</summary>
    [Theory]
    [InlineData("owner cancels", WhyReason.TargetClosedByHand)]
    [InlineData("source closes", WhyReason.ClosedWithSource)]
    [InlineData("link off", WhyReason.LinkOff)]
    public void However_a_wait_ends_its_events_have_their_rows(string end, WhyReason last)
    {
        var link = Desk.Link() with { Pending = PendingPolicy.Native, SourceFilledFirst = SourceFilledFirst.Wait };
        var (desk, source, target) = Pair(source: AccountMode.Netting, link: link);
        var o = source.PlaceOrder(Side.Buy, PendingType.Limit, 1m, 1.095m);
        target.Execute(desk.SentOne<PlacePending>());
        var p = source.FillOrder(o.Id);
        source.Set(p, lots: 1.5m);
        switch (end)
        {
            case "owner cancels":
                target.CancelOrder(target.Orders.Single().Id);
                break;
            case "source closes":
                source.Close(p.Id);
                target.Execute(desk.SentOne<CancelPending>());
                break;
            default:
                desk.Configure(link with { Mode = LinkMode.Off });
                break;
        }

        Assert.Empty(desk.Sent());
        Assert.Equal(end == "source closes" ? 4 : 3, desk.Why.Select(w => (w.EventSeq, w.Part)).Distinct().Count());
        Assert.Equal(end == "source closes" ? 4 : 3, desk.Why.Count());
        Assert.Equal(last, desk.Why.Last().Reason);
    }

    /// <summary>A hedge whose order waits stands naked, and its budget runs.</summary>
    [Fact]
    public void A_source_whose_hedge_waits_is_naked()
    {
        var (desk, source, target) = Pair(link: Desk.Link(kind: LinkKind.Hedge) with { Pending = PendingPolicy.Native, SourceFilledFirst = SourceFilledFirst.Wait, NakedTime = TimeSpan.FromSeconds(5) });
        var o = source.PlaceOrder(Side.Buy, PendingType.Limit, 1m, 1.095m);
        target.Execute(desk.SentOne<PlacePending>());
        source.FillOrder(o.Id);
        desk.Wait(6);
        Assert.Contains(desk.Sent(), c => c is ReducePosition { Account.Value: "src" });
    }
}

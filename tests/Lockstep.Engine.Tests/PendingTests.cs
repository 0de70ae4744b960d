using Lockstep.Domain;

namespace Lockstep.Engine.Tests;

/// <summary>Pending orders: native or on fill, and who fills first.</summary>
public class PendingTests
{
    private static (Desk Desk, Platform Source, Platform Target) Pair(PendingPolicy policy, LinkKind kind = LinkKind.Copy, SourceFilledFirst first = SourceFilledFirst.Market)
    {
        var desk = new Desk(Desk.Link(kind: kind) with { Pending = policy, SourceFilledFirst = first });
        var s = desk.Connect("src");
        var t = desk.Connect("dst");
        desk.Sent();
        return (desk, s, t);
    }

    [Theory]
    [InlineData(LinkKind.Copy, PendingType.Limit, Side.Buy, PendingType.Limit, Side.Buy)]
    [InlineData(LinkKind.Hedge, PendingType.Limit, Side.Buy, PendingType.Stop, Side.Sell)]
    [InlineData(LinkKind.Hedge, PendingType.Stop, Side.Buy, PendingType.Limit, Side.Sell)]
    [InlineData(LinkKind.Hedge, PendingType.Stop, Side.Sell, PendingType.Limit, Side.Buy)]
    public void Native_order_keeps_its_price_and_takes_the_right_type(LinkKind kind, PendingType type, Side side, PendingType expected, Side expectedSide)
    {
        var (desk, source, _) = Pair(PendingPolicy.Native, kind);
        source.PlaceOrder(side, type, 1m, 1.095m);
        var place = desk.SentOne<PlacePending>();
        Assert.Equal((expected, expectedSide, new Price(1.095m)), (place.Type, place.Side, place.Price));
    }

    /// <summary>MT5's limit order waits before the stop, cTrader's limit price lies beyond it: one copied as the other would be another trade.</summary>
    [Theory]
    [InlineData(PlatformKind.Mt5, PlatformKind.Mt5, true)]
    [InlineData(PlatformKind.CTrader, PlatformKind.CTrader, true)]
    [InlineData(PlatformKind.Mt5, PlatformKind.CTrader, false)]
    [InlineData(PlatformKind.CTrader, PlatformKind.Mt5, false)]
    [InlineData(PlatformKind.Mt5, PlatformKind.Mt4, false)]
    public void A_stop_limit_order_is_copied_only_where_it_means_the_same(PlatformKind source, PlatformKind target, bool copied)
    {
        var desk = new Desk(Desk.Link() with { Pending = PendingPolicy.Native });
        var from = desk.Connect("src", platform: source);
        desk.Connect("dst", platform: target);
        desk.Sent();
        from.PlaceOrder(Side.Buy, PendingType.StopLimit, 1m, 1.12m);
        Assert.Equal(copied ? 1 : 0, desk.Sent().OfType<PlacePending>().Count());
        Assert.Equal(copied ? [] : [WhyReason.OrderTypeUnsupported], desk.Why.Select(w => w.Reason));
    }

    [Fact]
    public void Native_order_is_moved_and_cancelled_with_its_source()
    {
        var (desk, source, target) = Pair(PendingPolicy.Native);
        var o = source.PlaceOrder(Side.Buy, PendingType.Limit, 1m, 1.095m);
        target.Execute(desk.SentOne<PlacePending>());
        source.MoveOrder(o.Id, 1.09m);
        var amend = desk.SentOne<AmendPending>();
        Assert.Equal(new Price(1.09m), amend.Price);
        target.Execute(amend);
        source.CancelOrder(o.Id);
        target.Execute(desk.SentOne<CancelPending>());
        Assert.Empty(desk.Sent());
        Assert.Empty(target.Orders);
        Assert.Equal(3, desk.Why.Count());
    }

    [Fact]
    public void Both_fill_and_the_position_goes_on_as_one_leg()
    {
        var (desk, source, target) = Pair(PendingPolicy.Native);
        var o = source.PlaceOrder(Side.Buy, PendingType.Limit, 1m, 1.095m);
        target.Execute(desk.SentOne<PlacePending>());
        target.FillOrder(target.Orders.Single().Id);
        Assert.Empty(desk.Sent());
        var p = source.FillOrder(o.Id);
        Assert.Empty(desk.Sent());
        source.Close(p.Id);
        target.Execute(desk.SentOne<ReducePosition>());
        Assert.Empty(desk.Sent());
        Assert.Empty(target.Positions);
    }

    [Fact]
    public void Source_filled_first_opens_at_market_after_the_cancel_is_certain()
    {
        var (desk, source, target) = Pair(PendingPolicy.Native);
        var o = source.PlaceOrder(Side.Buy, PendingType.Limit, 1m, 1.095m);
        target.Execute(desk.SentOne<PlacePending>());
        source.FillOrder(o.Id);
        var cancel = desk.SentOne<CancelPending>();
        target.Execute(cancel);
        Assert.Equal(new Lots(1m), desk.SentOne<OpenMarket>().Volume);
    }

    [Fact]
    public void Filled_while_the_cancel_was_on_its_way_is_not_opened_twice()
    {
        var (desk, source, target) = Pair(PendingPolicy.Native);
        var o = source.PlaceOrder(Side.Buy, PendingType.Limit, 1m, 1.095m);
        target.Execute(desk.SentOne<PlacePending>());
        source.FillOrder(o.Id);
        var cancel = desk.SentOne<CancelPending>();
        target.FillOrder(target.Orders.Single().Id);
        target.Refuse(cancel, Refusal.NotFound);
        desk.Wait(1);
        target.Snapshot();
        desk.Wait(60);
        Assert.Empty(desk.Sent());
        Assert.Equal(1m, target.Positions.Sum(p => p.Volume.Value));
    }

    [Fact]
    public void Target_filled_and_source_cancelled_closes_the_target()
    {
        var (desk, source, target) = Pair(PendingPolicy.Native);
        var o = source.PlaceOrder(Side.Buy, PendingType.Limit, 1m, 1.095m);
        target.Execute(desk.SentOne<PlacePending>());
        target.FillOrder(target.Orders.Single().Id);
        source.CancelOrder(o.Id);
        Assert.Equal(Lots.Zero, desk.SentOne<ReducePosition>().TargetVolume);
    }

    [Fact]
    public void On_fill_opens_at_market_when_the_source_fills()
    {
        var (desk, source, target) = Pair(PendingPolicy.OnFill);
        var o = source.PlaceOrder(Side.Sell, PendingType.Stop, 1m, 1.095m);
        Assert.Empty(desk.Sent());
        source.FillOrder(o.Id);
        target.Execute(desk.SentOne<OpenMarket>());
        Assert.Equal([WhyReason.PendingOnFill, WhyReason.Copied], desk.Why.Select(w => w.Reason));
    }

    [Fact]
    public void Ignored_pending_orders_are_not_copied_even_when_they_fill()
    {
        var (desk, source, _) = Pair(PendingPolicy.Ignore);
        var o = source.PlaceOrder(Side.Sell, PendingType.Stop, 1m, 1.095m);
        source.FillOrder(o.Id);
        Assert.Empty(desk.Sent());
        Assert.Equal([WhyReason.PendingNotCopied, WhyReason.LegSkipped], desk.Why.Select(w => w.Reason));
    }

    [Fact]
    public void Removed_by_the_owner_it_is_not_placed_again()
    {
        var (desk, source, target) = Pair(PendingPolicy.Native);
        var o = source.PlaceOrder(Side.Buy, PendingType.Limit, 1m, 1.095m);
        target.Execute(desk.SentOne<PlacePending>());
        target.CancelOrder(target.Orders.Single().Id);
        source.MoveOrder(o.Id, 1.08m);
        source.FillOrder(o.Id);
        desk.Wait(60);
        Assert.Empty(desk.Sent());
    }
}

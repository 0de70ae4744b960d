using Lockstep.Domain;
using Lockstep.Server.Rest.Faces;

namespace Lockstep.Server.Tests.CTrader;

/// <summary>What became of a position, worked out from its deals and the account's book.</summary>
public class SyncDataTests
{
    private static readonly DealReport In = Deal(1, DealEntry.In, Side.Buy, 1m, commission: -3m);
    private static readonly DealReport Half = Deal(2, DealEntry.Out, Side.Sell, 0.4m, 40m, -1.2m, -0.5m);
    private static readonly DealReport Rest = Deal(3, DealEntry.Out, Side.Sell, 0.6m, -10m, -1.8m, -0.7m, DealReason.StopLoss);

    [Fact]
    public void A_closed_position_has_its_final_results()
    {
        var sync = SyncShape.Of([In, Half, Rest], null, bookIsUp: true);
        Assert.Equal((true, 0m, 30m, -6.0m, -1.2m), (sync.IsClosedOnPlatform, sync.PlatformRemainingSize, sync.FinalProfit, sync.FinalCommission, sync.FinalSwap));
        Assert.Equal(3, sync.LatestDealTimestamp);
        Assert.Null(sync.ErrorMessage);
        Assert.Equal([0, 1, 1], sync.Deals.Select(d => d.Entry));
        Assert.Equal([0, 1, 1], sync.Deals.Select(d => d.Type));
        Assert.Equal([0, 0, 4], sync.Deals.Select(d => d.Reason));
        Assert.Equal((3L, 3000L), (sync.Deals[2].Time, sync.Deals[2].TimeMsc));
    }

    [Fact]
    public void A_position_that_is_open_in_part_has_no_final_result()
    {
        var sync = SyncShape.Of([In, Half], Open(0.6m), bookIsUp: true);
        Assert.Equal((false, 0.6m, (decimal?)null), (sync.IsClosedOnPlatform, sync.PlatformRemainingSize, sync.FinalProfit));
    }

    [Fact]
    public void The_closing_deal_counts_where_the_book_is_a_moment_behind() => Assert.True(SyncShape.Of([In, Half, Rest], Open(0.6m), bookIsUp: true).IsClosedOnPlatform);

    [Fact]
    public void Without_a_book_the_deals_say_it_and_that_is_said()
    {
        var sync = SyncShape.Of([In, Half], null, bookIsUp: false);
        Assert.Equal((false, 0.6m), (sync.IsClosedOnPlatform, sync.PlatformRemainingSize));
        Assert.NotNull(sync.ErrorMessage);
        Assert.True(SyncShape.Of([In, Half, Rest], null, bookIsUp: false).IsClosedOnPlatform);
    }

    [Fact]
    public void A_position_without_deals_yet_is_open()
    {
        var sync = SyncShape.Of([], Open(1m), bookIsUp: true);
        Assert.Equal((false, 1m, (long?)null), (sync.IsClosedOnPlatform, sync.PlatformRemainingSize, sync.LatestDealTimestamp));
    }

    [Fact]
    public void A_netted_position_that_was_turned_is_as_the_book_says()
    {
        var turn = Deal(2, DealEntry.InOut, Side.Sell, 1.5m, 5m);
        Assert.False(SyncShape.Of([In, turn], Open(0.5m), bookIsUp: true).IsClosedOnPlatform);
        Assert.True(SyncShape.Of([In, turn], null, bookIsUp: true).IsClosedOnPlatform);
    }

    [Fact]
    public void A_program_and_a_person_are_told_apart()
    {
        Assert.Equal(3, DealRow.Of(In with { Tag = new OrderTag(1, new OrderKey(5), "LS") }).Reason);
        Assert.Equal(5, DealRow.Of(In with { Reason = DealReason.TakeProfit }).Reason);
        Assert.Equal(6, DealRow.Of(In with { Reason = DealReason.StopOut }).Reason);
    }

    private static DealReport Deal(long id, DealEntry entry, Side side, decimal lots, decimal profit = 0, decimal commission = 0, decimal swap = 0, DealReason reason = DealReason.Request) => new()
    {
        Id = new DealId(id), Position = new PositionId(7), Symbol = new SymbolName("EURUSD"), Side = side, Volume = new Lots(lots), Price = new Price(1.1m), Entry = entry, Reason = reason,
        At = Timestamp.FromMs(id * 1000), Profit = new Money(profit), Commission = new Money(commission), Swap = new Money(swap),
    };

    private static PositionReport Open(decimal lots) => new()
    {
        Id = new PositionId(7), Ticket = 7, Symbol = new SymbolName("EURUSD"), Side = Side.Buy, Volume = new Lots(lots), OpenPrice = new Price(1.1m), OpenedAt = Timestamp.FromMs(1),
    };
}

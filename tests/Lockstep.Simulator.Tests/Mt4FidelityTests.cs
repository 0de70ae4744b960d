using Lockstep.Domain;

namespace Lockstep.Simulator.Tests;

/// <summary>MT4 behaves as reference/metatrader.md and mt4-errors.tsv say.</summary>
public sealed class Mt4FidelityTests
{
    [Fact] // metatrader.md §1a: 0.70 of #1 goes to history with "to #2", #2 with 0.30 appears with "from #1"; open time, price and magic are kept, the comment is lost.
    public void A_partial_close_gives_the_rest_a_new_ticket()
    {
        var world = new World(PlatformKind.Mt4, symbol: s => s with { CommissionPerLot = 5m });
        int one = world.Send4(Mt4Op.Buy, 1.00m, magic: 901234, comment: "LSkey").Ticket;
        var opened = world.Mt4.OrderSelect(one)!;
        Assert.Equal(-10.00m, opened.Commission);
        world.Wait(5);
        world.Quote(1.10110m, 1.10120m);

        Assert.Equal(0, world.Mt4.OrderClose(one, 0.70m).Error);

        var closed = world.Mt4.HistoryPool.Single();
        var rest = world.Mt4.Trades.Single();
        Assert.Equal((one, 0.70m, $"to #{rest.Ticket}"), (closed.Ticket, closed.Lots, closed.Comment));
        Assert.NotEqual(one, rest.Ticket);
        Assert.Equal((0.30m, $"from #{one}", 901234), (rest.Lots, rest.Comment, rest.Magic));
        Assert.Equal((opened.OpenTime, opened.OpenPrice), (rest.OpenTime, rest.OpenPrice));
        Assert.Equal((-7.00m, -3.00m), (closed.Commission, rest.Commission));
        Assert.Equal(70.00m, closed.Profit);
        Assert.Equal(100_063.00m, world.Broker.Balance);
    }

    [Fact] // metatrader.md §1a: a snapshot joins the pieces; the second partial close says "to #3" on #2, so "from #1" is gone from history.
    public void The_lineage_leads_back_to_the_first_ticket()
    {
        var world = new World(PlatformKind.Mt4);
        int one = world.Send4(Mt4Op.Buy, 1.00m).Ticket;
        int two = Rest(world, one, 0.50m);
        int three = Rest(world, two, 0.20m);
        Assert.Equal($"to #{three}", world.Mt4.OrderSelect(two)!.Comment);

        var sink = new Recorder();
        world.Session(sink).Ask(new AskId(1), Timestamp.Epoch);
        world.Wait(1);
        var position = Assert.Single(sink.Snapshot.Positions);
        Assert.Equal((one, (long)three, 0.30m), ((int)position.Id.Value, position.Ticket, position.Volume.Value));
        Assert.Equal(one, world.Broker.OpenPositions.Single().Id);
        Assert.Equal([1.00m, 0.50m, 0.20m], sink.Snapshot.Deals.OrderBy(d => d.Entry).Select(d => d.Volume.Value));
        Assert.All(sink.Snapshot.Deals, d => Assert.Equal(one, d.Position.Value));
    }

    [Theory] // metatrader.md §1a: server plugins may rewrite even "from #"; the fallback is symbol, side, magic, open time and open price.
    [InlineData(100, 0)]
    [InlineData(0, 100)]
    public void The_lineage_survives_rewritten_and_cut_comments(int cutPercent, int rewrittenPercent)
    {
        var world = new World(PlatformKind.Mt4);
        var sink = new Recorder();
        var session = world.Session(sink);
        world.Broker.Faults = new BrokerFaults { CommentCutPercent = cutPercent, CommentRewrittenPercent = rewrittenPercent };
        session.Send(Commands.Buy(1, 1.00m, world.Clock.Now + TimeSpan.FromSeconds(2)));
        world.Wait(1);
        long id = world.Broker.OpenPositions.Single().Id;
        session.Send(Commands.Reduce(2, id, 0.50m, world.Clock.Now + TimeSpan.FromSeconds(2)));
        world.Wait(1);
        session.Send(Commands.Reduce(3, id, 0.20m, world.Clock.Now + TimeSpan.FromSeconds(2)));
        world.Wait(1);

        Assert.Equal((id, 0.20m), (sink.Changes.Last().Positions.Single().Id.Value, sink.Changes.Last().Positions.Single().Volume.Value));

        // A terminal that saw nothing of it comes to the same answer from the pools alone.
        var restored = SimBroker.Restore(world.Settings, world.Clock, new SimRandom(world.Seed), world.Broker.CaptureWhole());
        var other = new Recorder();
        var fresh = new SimSession(new AccountId("a"), restored, world.Clock, settings: SessionSettings.Immediate);
        fresh.Start(other);
        world.Wait(0.1);
        fresh.Ask(new AskId(1), Timestamp.Epoch);
        world.Wait(1);
        Assert.Equal(id, other.Snapshot.Positions.Single().Id.Value);
        Assert.Null(other.Snapshot.Positions.Single().Tag.Key);
        Assert.Equal(Commands.Key(1).Magic, other.Snapshot.Positions.Single().Tag.Magic);
    }

    [Fact]
    public void Two_trades_of_one_second_and_price_stay_two()
    {
        var world = new World(PlatformKind.Mt4);
        int one = world.Send4(Mt4Op.Buy, 0.10m).Ticket;
        int two = world.Send4(Mt4Op.Buy, 0.10m).Ticket;
        world.Mt4.OrderClose(one, 0.10m);

        var sink = new Recorder();
        world.Session(sink).Ask(new AskId(1), Timestamp.Epoch);
        world.Wait(1);
        Assert.Equal(two, sink.Snapshot.Positions.Single().Id.Value);
    }

    [Fact] // metatrader.md §1b: equal sizes: #1 closes at #2's open price with all the profit, #2 with 0.00 lots and "close hedge by #1", commission refunded.
    public void Close_by_of_equal_sizes()
    {
        var world = new World(PlatformKind.Mt4, symbol: s => s with { CommissionPerLot = 5m });
        int one = world.Send4(Mt4Op.Buy, 1.00m).Ticket;
        world.Quote(1.10200m, 1.10210m);
        int two = world.Send4(Mt4Op.Sell, 1.00m).Ticket;

        Assert.Equal(0, world.Mt4.OrderCloseBy(one, two).Error);

        var first = world.Mt4.OrderSelect(one)!;
        var second = world.Mt4.OrderSelect(two)!;
        Assert.Equal((1.00m, 1.10200m, 190.00m, -10.00m), (first.Lots, first.ClosePrice, first.Profit, first.Commission));
        Assert.Equal((0.00m, $"close hedge by #{one}", 0m, 0m), (second.Lots, second.Comment, second.Profit, second.Commission));
        Assert.Empty(world.Mt4.Trades);
        Assert.Equal(100_180.00m, world.Broker.Balance);
    }

    [Fact] // metatrader.md §1b: the smaller closed by the larger leaves a third ticket "from #smaller".
    public void Close_by_of_the_smaller_by_the_larger_names_the_smaller()
    {
        var world = new World(PlatformKind.Mt4);
        int larger = world.Send4(Mt4Op.Buy, 1.00m).Ticket;
        int smaller = world.Send4(Mt4Op.Sell, 0.40m).Ticket;

        Assert.Equal(0, world.Mt4.OrderCloseBy(smaller, larger).Error);

        var rest = world.Mt4.Trades.Single();
        Assert.Equal((0.60m, Side.Buy, $"from #{smaller}"), (rest.Lots, rest.Side, rest.Comment));
        Assert.True(rest.Ticket != larger && rest.Ticket != smaller);
        Assert.Equal(larger, Identified(world).Single().Id.Value);
    }

    [Fact] // metatrader.md §1b: the larger closed by the smaller says "partial close", with no reference; the open time is that of the close-by.
    public void Close_by_of_the_larger_by_the_smaller_names_nothing()
    {
        var world = new World(PlatformKind.Mt4);
        int larger = world.Send4(Mt4Op.Buy, 1.00m).Ticket;
        int smaller = world.Send4(Mt4Op.Sell, 0.40m).Ticket;
        world.Wait(10);

        Assert.Equal(0, world.Mt4.OrderCloseBy(larger, smaller).Error);

        var rest = world.Mt4.Trades.Single();
        Assert.Equal((0.60m, "partial close"), (rest.Lots, rest.Comment));
        Assert.True(rest.OpenTime > world.Mt4.OrderSelect(larger)!.OpenTime);
        Assert.Equal(larger, Identified(world).Single().Id.Value);
    }

    [Fact] // metatrader.md §2.13: OrderModify with identical values fails with error 1.
    public void An_identical_modification_is_error_1_and_done()
    {
        var world = new World(PlatformKind.Mt4);
        int ticket = world.Send4(Mt4Op.Buy, 1.00m, sl: 1.09000m).Ticket;
        Assert.Equal(Mt4Error.NoResult, world.Mt4.OrderModify(ticket, 0m, 1.09000m, 0m).Error);

        var sink = new Recorder();
        world.Session(sink).Send(Commands.Stops(1, ticket, 1.09000m, null, world.Clock.Now + TimeSpan.FromSeconds(1)));
        world.Wait(1);
        Assert.Equal((OrderOutcome.Done, "1"), (sink.Answers.Single().Outcome, sink.Answers.Single().Code));
    }

    [Fact] // mt4-errors.tsv 130: too near, wrong side, not normalised; 129: price not normalised.
    public void Stops_and_prices_are_checked()
    {
        var world = new World(PlatformKind.Mt4, symbol: s => s with { Spec = s.Spec with { StopsLevelPoints = 50 } });
        Assert.Equal(130, world.Send4(Mt4Op.Buy, 1m, sl: 1.10050m).Error);
        Assert.Equal(130, world.Send4(Mt4Op.Buy, 1m, sl: 1.09960m).Error);
        Assert.Equal(0, world.Send4(Mt4Op.Buy, 1m, sl: 1.09950m).Error);
        Assert.Equal(130, world.Send4(Mt4Op.Buy, 1m, sl: 1.089505m).Error);
        Assert.Equal(130, world.Send4(Mt4Op.BuyLimit, 1m, 1.10200m).Error);
        Assert.Equal(130, world.Send4(Mt4Op.BuyLimit, 1m, 1.09990m).Error);
        Assert.Equal(129, world.Send4(Mt4Op.BuyLimit, 1m, 1.089999m).Error);
        Assert.Equal(0, world.Send4(Mt4Op.BuyLimit, 1m, 1.09950m).Error);
    }

    [Fact] // mt4-errors.tsv 131, 132, 133, 134, 147, 148, 4106, 4108.
    public void Refusals_carry_the_platforms_numbers()
    {
        var world = new World(PlatformKind.Mt4, settings: s => s with { MaxPositions = 3 });
        Assert.Equal(131, world.Send4(Mt4Op.Buy, 0.001m).Error);
        Assert.Equal(131, world.Send4(Mt4Op.Buy, 0.015m).Error);
        Assert.Equal(131, world.Send4(Mt4Op.Buy, 51m).Error);
        Assert.Equal(0, world.Send4(Mt4Op.Buy, 50m).Error);
        Assert.Equal(134, world.Send4(Mt4Op.Buy, 50m).Error);
        Assert.Equal(4106, world.Send4(Mt4Op.Buy, 1m, symbol: "NOPE").Error);
        Assert.Equal(4108, world.Mt4.OrderClose(42, 1m).Error);
        Assert.Equal(4108, world.Mt4.OrderModify(42, 0m, 0m, 0m).Error);
        Assert.Equal(4108, world.Mt4.OrderDelete(42).Error);
        Assert.Equal(147, world.Send4(Mt4Op.BuyLimit, 1m, 1.05m, expiry: world.Clock.Now).Error);
        Assert.Equal(0, world.Send4(Mt4Op.BuyLimit, 0.01m, 1.05m).Error);
        Assert.Equal(0, world.Send4(Mt4Op.BuyLimit, 0.01m, 1.05m).Error);
        Assert.Equal(148, world.Send4(Mt4Op.BuyLimit, 0.01m, 1.05m).Error);
        world.Broker.TradingEnabled = false;
        Assert.Equal(133, world.Send4(Mt4Op.Sell, 1m).Error);
        world.Broker.TradingEnabled = true;
        world.Broker.ChangeSymbol(world.Broker.Symbol(World.EurName)! with { Hours = new TradingHours { Windows = [] } });
        Assert.Equal(132, world.Send4(Mt4Op.Buy, 1m).Error);
        Assert.Equal(-1, world.Send4(Mt4Op.Buy, 1m).Ticket);
    }

    [Fact] // mt4-errors.tsv 149 and 150; metatrader.md §1d.
    public void A_fifo_account_closes_the_oldest_first_and_bars_opposites()
    {
        var world = new World(PlatformKind.Mt4, AccountMode.Fifo);
        int one = world.Send4(Mt4Op.Buy, 0.10m).Ticket;
        int two = world.Send4(Mt4Op.Buy, 0.20m).Ticket;
        Assert.Equal(149, world.Send4(Mt4Op.Sell, 0.10m).Error);
        Assert.Equal(149, world.Send4(Mt4Op.SellLimit, 0.10m, 1.20000m).Error);
        Assert.Equal(150, world.Mt4.OrderClose(two, 0.20m).Error);

        // The rest of the oldest is still the oldest, whatever its ticket.
        int rest = Rest(world, one, 0.05m);
        Assert.True(rest > two);
        Assert.Equal(150, world.Mt4.OrderClose(two, 0.20m).Error);
        Assert.Equal(0, world.Mt4.OrderClose(rest, 0.05m).Error);
        Assert.Equal(0, world.Mt4.OrderClose(two, 0.20m).Error);
        Assert.Equal(0, world.Send4(Mt4Op.Sell, 0.10m).Error);
    }

    [Fact] // mt4-errors.tsv 145; metatrader.md §2.8.
    public void Inside_the_freeze_level_nothing_moves()
    {
        var world = new World(PlatformKind.Mt4, symbol: s => s with { Spec = s.Spec with { FreezeLevelPoints = 30 } });
        int ticket = world.Send4(Mt4Op.Buy, 1m, sl: 1.09900m).Ticket;
        int pending = world.Send4(Mt4Op.BuyLimit, 1m, 1.09800m).Ticket;
        world.Quote(1.09925m, 1.09935m);
        Assert.Equal(145, world.Mt4.OrderClose(ticket, 1m).Error);
        Assert.Equal(145, world.Mt4.OrderModify(ticket, 0m, 1.09000m, 0m).Error);
        Assert.Equal(0, world.Mt4.OrderModify(pending, 1.09700m, 0m, 0m).Error);
        world.Quote(1.09950m, 1.09960m);
        Assert.Equal(0, world.Mt4.OrderModify(ticket, 0m, 1.09000m, 0m).Error);
    }

    [Fact] // mt4-errors.tsv 138; metatrader.md §2.1: in instant execution a moved price beyond the slippage is a requote.
    public void Instant_execution_requotes_a_moved_price()
    {
        var world = new World(PlatformKind.Mt4, symbol: s => s with { Execution = SimExecution.Instant });
        Assert.Equal(138, world.Send4(Mt4Op.Buy, 1m, 1.10000m).Error);
        Assert.Equal(0, world.Send4(Mt4Op.Buy, 1m, 1.10010m).Error);
    }

    [Fact] // metatrader.md §1c: closes by level append [sl] or [tp]; §1.8: opening time has whole seconds.
    public void Levels_close_on_the_closing_side_and_mark_the_comment()
    {
        var world = new World(PlatformKind.Mt4);
        world.Wait(0.4);
        int buy = world.Send4(Mt4Op.Buy, 1m, sl: 1.09900m, comment: "hand").Ticket;
        int sell = world.Send4(Mt4Op.Sell, 1m, tp: 1.09890m).Ticket;
        Assert.Equal(0, world.Mt4.OrderSelect(buy)!.OpenTime.Micros % 1_000_000);

        world.Quote(1.09901m, 1.09911m);
        Assert.Equal(2, world.Mt4.Trades.Count());
        world.Quote(1.09880m, 1.09890m);
        Assert.Equal("hand[sl]", world.Mt4.OrderSelect(buy)!.Comment);
        Assert.Equal(1.09880m, world.Mt4.OrderSelect(buy)!.ClosePrice);
        Assert.Equal("[tp]", world.Mt4.OrderSelect(sell)!.Comment);
        Assert.Equal([DealReason.StopLoss, DealReason.TakeProfit], world.Broker.Deals.TakeLast(2).Select(d => d.Reason));
    }

    [Fact]
    public void A_pending_order_fills_under_its_own_ticket()
    {
        var world = new World(PlatformKind.Mt4);
        var sink = new Recorder();
        var session = world.Session(sink);
        session.Send(Commands.Pending(1, Side.Buy, PendingType.Stop, 0.50m, 1.10100m, world.Clock.Now + TimeSpan.FromSeconds(1), sl: 1.09000m));
        world.Wait(1);
        long ticket = sink.Answers.Single().Order!.Value.Value;
        world.Quote(1.10090m, 1.10100m);
        world.Wait(1);

        var change = sink.Changes.Last();
        Assert.Equal(ticket, change.GoneOrders.Single().Value);
        Assert.Equal((ticket, ticket), (change.Positions.Single().Id.Value, change.Positions.Single().OpeningOrder!.Value.Value));
        Assert.Equal(new OrderId(ticket), change.Deals.Single().Order);
        Assert.Equal(new Price(1.09000m), change.Positions.Single().StopLoss);
    }

    [Fact]
    public void An_expired_order_goes_to_history_at_its_time()
    {
        var world = new World(PlatformKind.Mt4);
        int ticket = world.Send4(Mt4Op.SellLimit, 1m, 1.20000m, expiry: world.Clock.Now + TimeSpan.FromMinutes(1)).Ticket;
        world.Wait(61);
        Assert.Empty(world.Mt4.Trades);
        Assert.Equal("expiration", world.Mt4.OrderSelect(ticket)!.Comment);
    }

    private static int Rest(World world, int ticket, decimal lots)
    {
        Assert.Equal(0, world.Mt4.OrderClose(ticket, lots).Error);
        return world.Mt4.Trades.Max(o => o.Ticket);
    }

    private static IReadOnlyList<PositionReport> Identified(World world)
    {
        var sink = new Recorder();
        world.Session(sink).Ask(new AskId(1), Timestamp.Epoch);
        world.Wait(1);
        Assert.Equal(
            world.Broker.Deals.Where(d => d.Entry == DealEntry.Out).Select(d => (d.Position, d.Volume)).Order(),
            sink.Snapshot.Deals.Where(d => d.Entry == DealEntry.Out).Select(d => (d.Position.Value, d.Volume.Value)).Order());
        return sink.Snapshot.Positions;
    }
}

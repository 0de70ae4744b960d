using Lockstep.Domain;

namespace Lockstep.Simulator.Tests;

/// <summary>The port's rules about deadlines, epochs, connections and absolute commands.</summary>
public sealed class SessionRuleTests
{
    private static readonly SessionSettings Slow = new()
    {
        UpLatencyMin = TimeSpan.FromMilliseconds(100), UpLatencyMax = TimeSpan.FromMilliseconds(100),
        DownLatencyMin = TimeSpan.FromMilliseconds(100), DownLatencyMax = TimeSpan.FromMilliseconds(100),
        ConnectDelay = TimeSpan.FromMilliseconds(10), SynchroniseDelay = TimeSpan.FromSeconds(1),
    };

    private static Timestamp In(World world, double seconds) => world.Clock.Now + TimeSpan.FromSeconds(seconds);

    [Fact]
    public void Calls_return_before_anything_is_reported()
    {
        var world = new World(PlatformKind.Mt5);
        var sink = new Recorder();
        var session = new SimSession(new AccountId("a"), world.Broker, world.Clock, settings: SessionSettings.Immediate);
        session.Start(sink);
        session.Send(Commands.Buy(1, 1m, In(world, 1)));
        session.Ask(new AskId(1), Timestamp.Epoch);
        Assert.Empty(sink.Events);
        world.Wait(1);
        Assert.NotEmpty(sink.Events);
    }

    [Fact]
    public void Without_a_session_a_command_is_not_sent_and_a_question_fails()
    {
        var world = new World(PlatformKind.Mt5);
        var sink = new Recorder();
        var session = world.Session(sink);
        session.Disconnect("test");
        session.Send(Commands.Buy(1, 1m, In(world, 1)));
        session.Ask(new AskId(1), Timestamp.Epoch);
        world.Wait(1);
        Assert.Equal("test", sink.Events.OfType<SessionClosed>().Single().Reason);
        Assert.Equal((OrderOutcome.Refused, Refusal.NotSent), (sink.Answers.Single().Outcome, sink.Answers.Single().Refusal));
        Assert.Single(sink.Events.OfType<AskFailed>());
        Assert.Empty(world.Broker.Deals);
    }

    [Theory] // Refused before the network, and again by the EA where the command arrives too late.
    [InlineData(-0.001)]
    [InlineData(0.05)]
    public void After_its_deadline_a_command_is_not_sent(double deadline)
    {
        var world = new World(PlatformKind.Mt5);
        var sink = new Recorder();
        var session = world.Session(sink, Slow);
        world.Wait(2);
        session.Send(Commands.Buy(1, 1m, In(world, deadline)));
        world.Wait(2);
        Assert.Equal((OrderOutcome.Refused, Refusal.NotSent), (sink.Answers.Single().Outcome, sink.Answers.Single().Refusal));
        Assert.Empty(world.Broker.Deals);
    }

    [Fact] // MT4 has one trade context (metatrader.md §10): what waits too long behind another call is not sent.
    public void Behind_a_busy_trade_context_the_deadline_counts_too()
    {
        var world = new World(PlatformKind.Mt4);
        world.Broker.Faults = new BrokerFaults { ReplyLostPercent = 100 };
        var sink = new Recorder();
        var session = world.Session(sink);
        session.Send(Commands.Buy(1, 1m, In(world, 2)));
        session.Send(Commands.Buy(2, 1m, In(world, 0.5)));
        session.Send(Commands.Buy(3, 1m, In(world, 2)));
        world.Wait(3);
        Assert.Equal((Commands.Key(2), Refusal.NotSent), (sink.Answers.Single().Key, sink.Answers.Single().Refusal));
        Assert.Equal(2, world.Broker.OpenPositions.Count);
    }

    [Fact]
    public void What_is_on_its_way_to_the_broker_is_lost_with_the_connection()
    {
        var world = new World(PlatformKind.Mt5);
        var sink = new Recorder();
        var session = world.Session(sink, Slow);
        world.Wait(2);
        session.Send(Commands.Buy(1, 1m, In(world, 2)));
        world.Wait(0.05);
        session.Disconnect("cut", TimeSpan.FromMilliseconds(20));
        world.Wait(5);
        Assert.Empty(sink.Answers);
        Assert.Empty(world.Broker.Deals);
    }

    [Fact]
    public void What_arrived_is_executed_and_its_answer_is_lost_with_the_connection()
    {
        var world = new World(PlatformKind.Mt5);
        var sink = new Recorder();
        var session = world.Session(sink, Slow);
        world.Wait(2);
        session.Send(Commands.Buy(1, 1m, In(world, 2)));
        world.Wait(0.12);
        session.Disconnect("cut", TimeSpan.FromMilliseconds(1));
        world.Wait(5);
        Assert.Single(world.Broker.OpenPositions);
        Assert.Empty(sink.Answers);
        Assert.Equal([1L, 2L], sink.Events.OfType<SessionOpened>().Select(o => o.Epoch));
        Assert.DoesNotContain(sink.Changes, c => c.Epoch == 1);
    }

    [Fact]
    public void Epochs_begin_where_they_are_told_and_numbers_begin_anew()
    {
        var world = new World(PlatformKind.Mt5);
        var sink = new Recorder();
        var session = world.Session(sink, epoch: 17);
        world.Deal5(Mt5OrderType.Buy, 1m);
        world.Wait(1);
        session.Disconnect("cut", TimeSpan.FromSeconds(1));
        world.Deal5(Mt5OrderType.Buy, 1m);
        world.Wait(2);
        world.Deal5(Mt5OrderType.Buy, 1m);
        world.Wait(1);
        Assert.Equal([(17L, 1L), (18L, 1L)], sink.Changes.Select(c => (c.Epoch, c.Sequence)));
        Assert.Equal(18, session.Epoch);
    }

    [Fact] // An unsynchronised terminal answers nothing rather than a part.
    public void A_terminal_that_is_not_synchronised_says_so()
    {
        var world = new World(PlatformKind.Mt4);
        world.Send4(Mt4Op.Buy, 1m);
        var sink = new Recorder();
        var session = world.Session(sink, Slow);
        world.Wait(0.2);
        session.Ask(new AskId(1), Timestamp.Epoch);
        world.Wait(2);
        session.Ask(new AskId(2), Timestamp.Epoch);
        var asked = world.Clock.Now;
        world.Wait(1);
        Assert.Equal(new AskId(1), sink.Events.OfType<AskFailed>().Single().Ask);
        Assert.Equal((new AskId(2), asked), (sink.Snapshot.Ask, sink.Snapshot.TakenAt));
        Assert.Single(sink.Snapshot.Positions);
    }

    [Theory] // A reduction is absolute: twice the same is once, and a position that is gone is done.
    [InlineData(PlatformKind.Mt4)]
    [InlineData(PlatformKind.Mt5)]
    [InlineData(PlatformKind.CTrader)]
    public void Reductions_are_absolute(PlatformKind platform)
    {
        var world = new World(platform);
        var sink = new Recorder();
        var session = world.Session(sink);
        session.Send(Commands.Buy(1, 1m, In(world, 1)));
        world.Wait(1);
        long id = sink.Answers.Single().Position!.Value.Value;
        foreach (var (key, target, filled) in new[] { (2, 0.30m, 0.70m), (3, 0.30m, 0m), (4, 0.50m, 0m), (5, 0m, 0.30m), (6, 0m, 0m) })
        {
            session.Send(Commands.Reduce(key, id, target, In(world, 1)));
            world.Wait(1);
            Assert.Equal((OrderOutcome.Done, filled), (sink.Answers.Last().Outcome, sink.Answers.Last().Filled.Value));
        }

        Assert.Empty(world.Broker.OpenPositions);
    }

    [Fact] // metatrader.md §1a: the owner closes a part while our request is on its way: the ticket is gone (4108), the position is not.
    public void A_ticket_that_changed_on_the_way_is_found_again()
    {
        var world = new World(PlatformKind.Mt4);
        var sink = new Recorder();
        var session = world.Session(sink);
        int ticket = world.Send4(Mt4Op.Buy, 1m).Ticket;
        session.Send(Commands.Reduce(1, ticket, 0.20m, In(world, 1)));
        world.Clock.RunFor(TimeSpan.FromMilliseconds(10));
        world.Mt4.OrderClose(ticket, 0.30m);
        world.Wait(1);
        Assert.Equal((OrderOutcome.Done, 0.50m), (sink.Answers.Single().Outcome, sink.Answers.Single().Filled.Value));
        Assert.Equal((ticket, 0.20m), (world.Broker.OpenPositions.Single().Id, world.Broker.OpenPositions.Single().Volume));
        Assert.Equal(1, world.Broker.ExecutionsByKey[Commands.Key(1).Value]);

        session.Send(Commands.Stops(2, ticket, 1.05m, null, In(world, 1)));
        world.Clock.RunFor(TimeSpan.FromMilliseconds(10));
        world.Mt4.OrderClose((int)world.Broker.OpenPositions.Single().Ticket, 0.10m);
        world.Wait(1);
        Assert.Equal(OrderOutcome.Done, sink.Answers.Last().Outcome);
        Assert.Equal(1.05m, world.Broker.OpenPositions.Single().StopLoss);

        // Gone for good is done.
        session.Send(Commands.Reduce(3, ticket, 0m, In(world, 1)));
        world.Clock.RunFor(TimeSpan.FromMilliseconds(10));
        world.Mt4.OrderClose((int)world.Broker.OpenPositions.Single().Ticket, 0.10m);
        world.Wait(1);
        Assert.Equal((OrderOutcome.Done, Lots.Zero), (sink.Answers.Last().Outcome, sink.Answers.Last().Filled));
    }

    [Theory] // metatrader.md §2.9: a position can exceed the largest order: it is closed in parts, under one key, counted once.
    [InlineData(PlatformKind.Mt5)]
    [InlineData(PlatformKind.CTrader)]
    public void A_position_beyond_the_largest_order_is_closed_in_parts(PlatformKind platform)
    {
        var world = new World(platform, AccountMode.Netting, settings: s => s with { OpeningBalance = 10_000_000m }, symbol: s => s with { Spec = s.Spec with { MaxLots = new Lots(1m) } });
        var sink = new Recorder();
        var session = world.Session(sink);
        for (int i = 1; i <= 3; i++)
        {
            session.Send(Commands.Buy(i, 1m, In(world, 1)));
            world.Wait(1);
        }

        var position = world.Broker.OpenPositions.Single();
        Assert.Equal(3m, position.Volume);
        session.Send(Commands.Reduce(9, position.Id, 0.50m, In(world, 2)));
        world.Wait(1);
        Assert.Equal((OrderOutcome.Done, 2.50m), (sink.Answers.Last().Outcome, sink.Answers.Last().Filled.Value));
        Assert.Equal(0.50m, world.Broker.OpenPositions.Single().Volume);
        Assert.Equal(1, world.Broker.ExecutionsByKey[Commands.Key(9).Value]);
    }

    [Theory] // The tag on closing deals is what the platform shows: MT5 the closing order's, cTrader nothing, MT4 the ticket's own.
    [InlineData(PlatformKind.Mt4, 1)]
    [InlineData(PlatformKind.Mt5, 2)]
    [InlineData(PlatformKind.CTrader, 0)]
    public void A_closing_deal_carries_what_the_platform_shows(PlatformKind platform, int key)
    {
        var world = new World(platform);
        var sink = new Recorder();
        var session = world.Session(sink);
        session.Send(Commands.Buy(1, 1m, In(world, 1)));
        world.Wait(1);
        session.Send(Commands.Reduce(2, sink.Answers.Single().Position!.Value.Value, 0m, In(world, 1)));
        world.Wait(1);
        var deals = sink.Changes.SelectMany(c => c.Deals).ToArray();
        Assert.Equal(Commands.Key(1), deals[0].Tag.Key);
        Assert.Equal(key == 0 ? null : Commands.Key(key), deals[1].Tag.Key);
    }

    [Theory]
    [InlineData(PlatformKind.Mt4)]
    [InlineData(PlatformKind.Mt5)]
    [InlineData(PlatformKind.CTrader)]
    public void Pending_orders_are_placed_amended_cancelled_and_remembered(PlatformKind platform)
    {
        var world = new World(platform);
        var sink = new Recorder();
        var session = world.Session(sink);
        session.Send(Commands.Pending(1, Side.Sell, PendingType.Limit, 0.20m, 1.12m, In(world, 1), sl: 1.13m, tp: 1.10m, expiry: In(world, 3600)));
        world.Wait(1);
        var order = sink.Answers.Single().Order!.Value;
        var report = sink.Changes.Single().Orders.Single();
        Assert.Equal(
            (order, Side.Sell, PendingType.Limit, 0.20m, 1.12m, 1.13m, 1.10m, Commands.Key(1)),
            (report.Id, report.Side, report.Type, report.Volume.Value, report.Price.Value, report.StopLoss!.Value.Value, report.TakeProfit!.Value.Value, report.Tag.Key!.Value));
        Assert.NotNull(report.Expiry);

        session.Send(Commands.Amend(2, order.Value, 1.125m, In(world, 1), sl: 1.14m));
        world.Wait(1);
        session.Send(Commands.Amend(3, order.Value, 1.125m, In(world, 1), sl: 1.14m));
        world.Wait(1);
        Assert.All(sink.Answers, a => Assert.Equal(OrderOutcome.Done, a.Outcome));
        report = sink.Changes.Last().Orders.Single();
        Assert.Equal((1.125m, 1.14m, null, null), (report.Price.Value, report.StopLoss!.Value.Value, report.TakeProfit, report.Expiry));

        session.Send(Commands.Cancel(4, order.Value, In(world, 1)));
        world.Wait(1);
        Assert.Equal(order, sink.Changes.Last().GoneOrders.Single());
        session.Send(Commands.Cancel(5, order.Value, In(world, 1)));
        world.Wait(1);
        Assert.Equal((OrderOutcome.Refused, Refusal.NotFound), (sink.Answers.Last().Outcome, sink.Answers.Last().Refusal));
        session.Ask(new AskId(1), Timestamp.Epoch);
        world.Wait(1);
        Assert.Equal(order, sink.Snapshot.EndedOrders.Single().Id);
    }

    [Theory] // metatrader.md §6: trades opened and closed between two polls appear only in history.
    [InlineData(PlatformKind.Mt4)]
    [InlineData(PlatformKind.Mt5)]
    public void A_trade_that_lived_between_two_looks_is_told_by_its_deals(PlatformKind platform)
    {
        var world = new World(platform);
        var sink = new Recorder();
        world.Session(sink, new SessionSettings());
        world.Wait(1);
        if (platform == PlatformKind.Mt4)
        {
            world.Mt4.OrderClose(world.Send4(Mt4Op.Buy, 1m).Ticket, 1m);
        }
        else
        {
            world.Deal5(Mt5OrderType.Sell, 1m, position: world.Deal5(Mt5OrderType.Buy, 1m).Order);
        }

        world.Wait(1);
        Assert.Equal([DealEntry.In, DealEntry.Out], sink.Changes.SelectMany(c => c.Deals).Select(d => d.Entry));
        Assert.Single(sink.Changes.SelectMany(c => c.ClosedPositions));
    }

    [Fact]
    public void Funds_come_at_most_once_a_second_and_the_latest_wins()
    {
        var world = new World(PlatformKind.Mt5);
        var sink = new Recorder();
        world.Session(sink, new SessionSettings());
        world.Wait(1.5);
        int before = sink.FundsSeen.Count;
        world.Deal5(Mt5OrderType.Buy, 1m);
        for (int i = 1; i <= 300; i++)
        {
            world.Quote(1.10000m + (i * 0.00001m), 1.10010m + (i * 0.00001m));
            world.Wait(0.01);
        }

        world.Wait(2);
        Assert.InRange(sink.FundsSeen.Count - before, 3, 5);
        Assert.Equal(world.Broker.Funds().Equity, sink.FundsSeen[^1].Equity);
        Assert.Equal(world.Broker.QuoteOf(World.EurName)!.Value.Bid, sink.Quotes[^1].Bid);
    }

    [Fact]
    public void Changed_symbols_are_told_and_a_stopped_session_is_silent()
    {
        var world = new World(PlatformKind.Mt5);
        var sink = new Recorder();
        var session = world.Session(sink);
        var symbol = world.Broker.Symbol(World.EurName)!;
        world.Broker.ChangeSymbol(symbol with { Spec = symbol.Spec with { StopsLevelPoints = 77 } });
        world.Wait(1);
        Assert.Equal(77, sink.Events.OfType<SymbolsChanged>().Single().Symbols.Single().StopsLevelPoints);
        session.Stop();
        world.Wait(1);
        int before = sink.Events.Count;
        world.Deal5(Mt5OrderType.Buy, 1m);
        session.Send(Commands.Buy(1, 1m, In(world, 1)));
        world.Wait(1);
        Assert.Equal(before, sink.Events.Count);
    }
}

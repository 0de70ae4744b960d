using Lockstep.Domain;

namespace Lockstep.Simulator.Tests;

/// <summary>What every session promises (XML docs of IAccountSession and its messages), on every platform.</summary>
public sealed class PortTests
{
    public static TheoryData<PlatformKind, AccountMode> Accounts => new()
    {
        { PlatformKind.Mt4, AccountMode.Hedging },
        { PlatformKind.Mt4, AccountMode.Fifo },
        { PlatformKind.Mt5, AccountMode.Hedging },
        { PlatformKind.Mt5, AccountMode.Netting },
        { PlatformKind.Mt5, AccountMode.Fifo },
        { PlatformKind.CTrader, AccountMode.Hedging },
        { PlatformKind.CTrader, AccountMode.Netting },
    };

    private static Timestamp Soon(World world) => world.Clock.Now + TimeSpan.FromSeconds(2);

    [Theory]
    [MemberData(nameof(Accounts))]
    public void A_position_is_opened_stopped_reduced_and_closed(PlatformKind platform, AccountMode mode)
    {
        var world = new World(platform, mode);
        var sink = new Recorder();
        var session = world.Session(sink);
        Assert.Equal(platform, Assert.IsType<SessionOpened>(sink.Events[0]).Capabilities.Platform);

        session.Send(Commands.Buy(1, 1.00m, Soon(world), sl: 1.09000m, tp: 1.12000m));
        world.Wait(1);
        var opened = sink.Answers.Single();
        Assert.Equal((OrderOutcome.Done, new Lots(1m)), (opened.Outcome, opened.Filled));
        long id = opened.Position!.Value.Value;
        var report = sink.Changes.SelectMany(c => c.Positions).Last();
        Assert.Equal(new Lots(1m), report.Volume);
        Assert.Equal(new Price(1.09000m), report.StopLoss);
        Assert.Equal(new Price(1.12000m), report.TakeProfit);
        Assert.Equal(Commands.Key(1), report.Tag.Key);
        Assert.True(sink.Events.IndexOf(sink.Changes.Last(c => c.Positions.Count > 0)) < sink.Events.IndexOf(opened), "the change comes before the answer");

        session.Send(Commands.Stops(2, id, 1.08000m, null, Soon(world)));
        world.Wait(1);
        Assert.Equal(OrderOutcome.Done, sink.Answers.Last().Outcome);
        report = sink.Changes.SelectMany(c => c.Positions).Last();
        Assert.Equal((new Price(1.08000m), (Price?)null), (report.StopLoss!.Value, report.TakeProfit));

        session.Send(Commands.Reduce(3, id, 0.40m, Soon(world)));
        world.Wait(1);
        Assert.Equal(new Lots(0.60m), sink.Answers.Last().Filled);
        report = sink.Changes.SelectMany(c => c.Positions).Last();
        Assert.Equal((id, new Lots(0.40m)), (report.Id.Value, report.Volume));

        session.Send(Commands.Reduce(4, id, 0.40m, Soon(world)));
        world.Wait(1);
        Assert.Equal((OrderOutcome.Done, Lots.Zero), (sink.Answers.Last().Outcome, sink.Answers.Last().Filled));

        session.Send(Commands.Reduce(5, id, 0m, Soon(world)));
        world.Wait(1);
        Assert.Equal(id, sink.Changes.Last().ClosedPositions.Single().Value);
        Assert.Empty(world.Broker.OpenPositions);

        session.Ask(new AskId(9), Timestamp.Epoch);
        world.Wait(1);
        var deals = sink.Snapshot.Deals;
        Assert.Equal([DealEntry.In, DealEntry.Out, DealEntry.Out], deals.Select(d => d.Entry));
        Assert.Equal([1.00m, 0.60m, 0.40m], deals.Select(d => d.Volume.Value));
        Assert.All(deals, d => Assert.Equal(id, d.Position.Value));
        Assert.Equal(sink.Changes.Last().Sequence, sink.Snapshot.Sequence);
        Assert.Equal(deals.Select(d => d.Id), sink.Changes.SelectMany(c => c.Deals).Select(d => d.Id));
        Assert.Equal(Enumerable.Range(1, sink.Changes.Count()).Select(i => (long)i), sink.Changes.Select(c => c.Sequence));
        Assert.Equal(world.Broker.Balance, 100_000m + deals.Sum(d => d.Profit.Value + d.Swap.Value + d.Commission.Value));
    }

    [Theory]
    [MemberData(nameof(Accounts))]
    public void A_position_on_the_other_side_is_not_the_one_that_is_meant(PlatformKind platform, AccountMode mode)
    {
        var world = new World(platform, mode);
        var sink = new Recorder();
        var session = world.Session(sink);
        session.Send(Commands.Buy(1, 1.00m, Soon(world)));
        world.Wait(1);
        long id = sink.Answers.Single().Position!.Value.Value;

        // However much should remain: it is another position.
        foreach (decimal target in (decimal[])[0m, 2m])
        {
            session.Send(Commands.Reduce(2, id, target, Soon(world)) with { Side = Side.Sell });
            world.Wait(1);
            Assert.Equal((OrderOutcome.Refused, Refusal.NotFound), (sink.Answers.Last().Outcome, sink.Answers.Last().Refusal));
        }

        Assert.Equal(1.00m, world.Broker.OpenPositions.Single().Volume);
        session.Send(Commands.Reduce(3, id, 0m, Soon(world)) with { Side = Side.Buy });
        world.Wait(1);
        Assert.Equal(OrderOutcome.Done, sink.Answers.Last().Outcome);
        Assert.Empty(world.Broker.OpenPositions);

        // What is gone is closed already.
        session.Send(Commands.Reduce(4, id, 0m, Soon(world)) with { Side = Side.Buy });
        world.Wait(1);
        Assert.Equal(OrderOutcome.Done, sink.Answers.Last().Outcome);
    }

    [Theory]
    [MemberData(nameof(Accounts))]
    public void What_the_broker_lets_be_traded_is_told(PlatformKind platform, AccountMode mode)
    {
        var world = new World(platform, mode, symbol: s => s.Spec.Name == World.GoldName ? s with { TradeMode = SimTradeMode.CloseOnly } : s);
        var sink = new Recorder();
        world.Session(sink);
        var symbols = Assert.IsType<SessionOpened>(sink.Events[0]).Symbols;
        Assert.Equal(SymbolTrading.CloseOnly, symbols.Single(s => s.Name == World.GoldName).Trading);
        Assert.Equal(SymbolTrading.Full, symbols.Single(s => s.Name == World.EurName).Trading);
        world.Broker.ChangeSymbol(world.Broker.Symbol(World.EurName)! with { TradeMode = SimTradeMode.LongOnly });
        world.Wait(1);
        Assert.Equal(SymbolTrading.LongOnly, Assert.Single(sink.Events.OfType<SymbolsChanged>().Single().Symbols).Trading);
    }

    [Theory]
    [MemberData(nameof(Accounts))]
    public void Two_opposite_positions_are_closed_by_each_other_where_the_account_can(PlatformKind platform, AccountMode mode)
    {
        // Whichever is named first, the rest keeps the identity of the larger.
        foreach (bool smallerFirst in (bool[])[false, true])
        {
            var world = new World(platform, mode);
            var sink = new Recorder();
            var session = world.Session(sink);
            bool can = ((SessionOpened)sink.Events[0]).Capabilities.CloseBy;
            Assert.Equal(mode == AccountMode.Hedging && platform != PlatformKind.CTrader, can);
            session.Send(Commands.Buy(1, 1.00m, Soon(world)));
            world.Wait(2);
            long buy = sink.Answers.Last().Position!.Value.Value;
            long sell = 77;
            if (mode == AccountMode.Hedging)
            {
                session.Send(Commands.Buy(2, 0.30m, Soon(world), side: Side.Sell));
                world.Wait(2);
                sell = sink.Answers.Last().Position!.Value.Value;
            }

            session.Send(smallerFirst ? Commands.By(3, sell, buy, Soon(world)) : Commands.By(3, buy, sell, Soon(world)));
            world.Wait(2);
            var answer = sink.Answers.Last();
            if (!can)
            {
                Assert.Equal((OrderOutcome.Refused, Refusal.InvalidRequest), (answer.Outcome, answer.Refusal));
                continue;
            }

            Assert.Equal((OrderOutcome.Done, new Lots(0.30m), buy), (answer.Outcome, answer.Filled, answer.Position!.Value.Value));
            var last = sink.Changes.Last();
            Assert.Equal((buy, new Lots(0.70m)), last.Positions.Select(p => (p.Id.Value, p.Volume)).Single());
            Assert.Equal(sell, last.ClosedPositions.Single().Value);
            Assert.Equal([(buy, 0.30m, Side.Sell), (sell, 0.30m, Side.Buy)], last.Deals.Select(d => (d.Position.Value, d.Volume.Value, d.Side)).Order());

            // Once more: one of them is gone already.
            session.Send(Commands.By(4, buy, sell, Soon(world)));
            world.Wait(2);
            Assert.Equal((OrderOutcome.Done, Lots.Zero), (sink.Answers.Last().Outcome, sink.Answers.Last().Filled));

            // What is left is closed by an equal one: nothing remains.
            session.Send(Commands.Buy(5, 0.70m, Soon(world), side: Side.Sell));
            world.Wait(2);
            session.Send(Commands.By(6, buy, sink.Answers.Last().Position!.Value.Value, Soon(world)));
            world.Wait(2);
            Assert.Equal((OrderOutcome.Done, new Lots(0.70m), (PositionId?)null), (sink.Answers.Last().Outcome, sink.Answers.Last().Filled, sink.Answers.Last().Position));
            Assert.Empty(world.Broker.OpenPositions);
        }
    }

    [Theory]
    [MemberData(nameof(Accounts))]
    public void What_positions_would_bring_is_told_with_the_money(PlatformKind platform, AccountMode mode)
    {
        var world = new World(platform, mode);
        var sink = new Recorder();
        var session = world.Session(sink);
        session.Send(Commands.Buy(1, 1.00m, Soon(world)));
        world.Wait(2);
        long id = sink.Answers.Single().Position!.Value.Value;
        world.Quote(1.10110m, 1.10120m);
        world.Wait(2);
        Assert.Equal([new PositionMoney(new PositionId(id), new Money(100m), new Money(0m))], sink.FloatingSeen[^1]);
        Assert.Equal(sink.FundsSeen.Count, sink.FloatingSeen.Count);
        session.Send(Commands.Reduce(2, id, 0.40m, Soon(world)));
        world.Wait(2);
        Assert.Equal([new PositionMoney(new PositionId(id), new Money(40m), new Money(0m))], sink.FloatingSeen[^1]);
        session.Send(Commands.Reduce(3, id, 0m, Soon(world)));
        world.Wait(2);
        Assert.Empty(sink.FloatingSeen[^1]);
    }
}

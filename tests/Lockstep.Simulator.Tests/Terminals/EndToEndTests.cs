using Lockstep.Domain;

namespace Lockstep.Simulator.Tests.Terminals;

public class EndToEndTests
{
    public static TheoryData<PlatformKind, AccountMode> Kinds => new()
    {
        { PlatformKind.Mt4, AccountMode.Hedging }, { PlatformKind.Mt4, AccountMode.Fifo }, { PlatformKind.Mt5, AccountMode.Hedging }, { PlatformKind.Mt5, AccountMode.Netting },
    };

    private static SymbolName Nowhere => new("NOWHERE");

    /// <summary>
    /// Every command, right and wrong, over the link and through a session that has the broker in its hand: what the engine hears of it must be the same.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Over_the_link_the_engine_hears_what_it_would_hear_without_it(PlatformKind platform, AccountMode mode)
    {
        var linked = new HubWorld(platform, mode);
        var direct = new World(platform, mode);
        var sink = new Recorder();
        direct.Wait(0.5);
        var session = direct.Session(sink, SessionSettings.Immediate with { Mt4PollInterval = TimeSpan.FromMilliseconds(50) });
        direct.Clock.RunUntil(linked.Clock.Now);

        int key = 0;
        foreach (var make in Script(mode))
        {
            key++;
            Assert.Equal(direct.Clock.Now, linked.Clock.Now);
            linked.Session.Send(make(key, linked.World.Broker, linked.Clock.Now + TimeSpan.FromSeconds(2)));
            session.Send(make(key, direct.Broker, direct.Clock.Now + TimeSpan.FromSeconds(2)));
            linked.Wait(1);
            direct.Wait(1);
        }

        Assert.Equal(sink.Answers.Select(Plain), linked.Sink.Answers.Select(Plain));
        Assert.Equal(key, linked.Sink.Answers.Count());
        Assert.Equal(sink.Changes.SelectMany(c => c.Deals), linked.Sink.Changes.SelectMany(c => c.Deals));
        Assert.Equal(sink.Changes.SelectMany(c => c.Positions), linked.Sink.Changes.SelectMany(c => c.Positions));
        Assert.Equal(sink.Changes.SelectMany(c => c.ClosedPositions), linked.Sink.Changes.SelectMany(c => c.ClosedPositions));
        Assert.Equal(sink.Changes.SelectMany(c => c.Orders), linked.Sink.Changes.SelectMany(c => c.Orders));
        Assert.Equal(sink.Changes.SelectMany(c => c.GoneOrders), linked.Sink.Changes.SelectMany(c => c.GoneOrders));

        var theirs = linked.Ask();
        session.Ask(new AskId(1), Timestamp.Epoch);
        direct.Wait(3);
        Assert.Equal(sink.Snapshot.Positions, theirs.Positions);
        Assert.Equal(sink.Snapshot.Orders, theirs.Orders);
        Assert.Equal(sink.Snapshot.Deals, theirs.Deals);
        Assert.Equal(sink.Snapshot.EndedOrders, theirs.EndedOrders);
        Assert.Equal(sink.Snapshot.Funds with { At = default }, theirs.Funds with { At = default });
        Assert.DoesNotContain(linked.Sink.Events, e => e is Heartbeat { Differs: true });
        linked.Wait(2);
        Assert.Equal(0, linked.Terminal.Disk.Kept);
    }

    // The code's text is for people; "0" and nothing are the same there, and so are a code and the word for it.
    private static object Plain(OrderAnswered a) => (a.Key, a.Outcome, a.Refusal, a.Position, a.Order, a.Filled, a.Price);

    private static IEnumerable<Func<int, SimBroker, Timestamp, OrderCommand>> Script(AccountMode mode)
    {
        static long Position(SimBroker b, int from = 0) => b.OpenPositions.Skip(from).Select(p => p.Id).FirstOrDefault(4242);
        static long Order(SimBroker b) => b.PendingOrders.Select(o => o.Id).FirstOrDefault(4242);
        yield return (k, b, d) => Commands.Buy(k, 0.3m, d, sl: 1.05m, tp: 1.2m);
        yield return (k, b, d) => Commands.Stops(k, Position(b), 1.06m, 1.21m, d);
        yield return (k, b, d) => Commands.Stops(k, Position(b), 1.06m, 1.21m, d);
        yield return (k, b, d) => Commands.Stops(k, Position(b), 1.3m, null, d);
        yield return (k, b, d) => Commands.Stops(k, Position(b), null, null, d);
        yield return (k, b, d) => Commands.Reduce(k, Position(b), 0.1m, d);
        yield return (k, b, d) => Commands.Reduce(k, Position(b), 0.2m, d);
        yield return (k, b, d) => Commands.Reduce(k, Position(b), 0m, d) with { Side = Side.Sell };
        yield return (k, b, d) => Commands.Reduce(k, Position(b), 0m, d) with { Side = Side.Buy };
        yield return (k, b, d) => Commands.Reduce(k, 4242, 0m, d);
        yield return (k, b, d) => Commands.Stops(k, 4242, 1.05m, null, d);
        yield return (k, b, d) => Commands.Pending(k, Side.Buy, PendingType.Limit, 0.5m, 1.05m, d, sl: 1.01m, tp: 1.2m);
        yield return (k, b, d) => Commands.Amend(k, Order(b), 1.04m, d, sl: 1.02m);
        yield return (k, b, d) => Commands.Amend(k, Order(b), 1.04m, d, sl: 1.02m);
        yield return (k, b, d) => Commands.Amend(k, 4242, 1.04m, d);
        yield return (k, b, d) => Commands.Cancel(k, Order(b), d);
        yield return (k, b, d) => Commands.Cancel(k, 4242, d);
        yield return (k, b, d) => Commands.Pending(k, Side.Sell, PendingType.Stop, 0.5m, 1.05m, d, expiry: d + TimeSpan.FromHours(1));
        yield return (k, b, d) => Commands.Pending(k, Side.Buy, PendingType.Stop, 0.5m, 1.0m, d);
        yield return (k, b, d) => Commands.Pending(k, Side.Buy, PendingType.StopLimit, 0.5m, 1.2m, d) with { LimitPrice = new Price(1.19m) };
        yield return (k, b, d) => Commands.Buy(k, 0.001m, d);
        yield return (k, b, d) => Commands.Buy(k, 49m, d);
        yield return (k, b, d) => Commands.Buy(k, 0.1m, d) with { Symbol = Nowhere };
        yield return (k, b, d) => Commands.Buy(k, 0.1m, d, worst: 1.05m);
        yield return (k, b, d) => Commands.Buy(k, 0.1m, d, sl: 1.3m);
        yield return (k, b, d) => Commands.Buy(k, 0.5m, d, worst: 1.2m);
        yield return (k, b, d) => Commands.Buy(k, 0.2m, d, side: Side.Sell);
        yield return (k, b, d) => Commands.Buy(k, 0.4m, d);
        yield return (k, b, d) => Commands.Reduce(k, Position(b, 1), 0m, d);
        yield return (k, b, d) => Commands.Buy(k, 0.1m, d - TimeSpan.FromSeconds(3));
        if (mode == AccountMode.Hedging)
        {
            yield return (k, b, d) => Commands.Buy(k, 0.2m, d, side: Side.Sell);
            yield return (k, b, d) => new CloseBy
            {
                Account = Commands.Account, Key = Commands.Key(k), Symbol = World.EurName, Deadline = d, Position = new PositionId(b.OpenPositions.First(p => p.Side == Side.Buy).Id),
                Opposite = new PositionId(b.OpenPositions.First(p => p.Side == Side.Sell).Id),
            };
        }

        yield return (k, b, d) => Commands.Reduce(k, Position(b), 0m, d);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_session_opens_with_what_the_account_can_do(PlatformKind platform, AccountMode mode)
    {
        var w = new HubWorld(platform, mode, offset: 10_800);
        var opened = Assert.Single(w.Sink.Events.OfType<SessionOpened>());
        Assert.Equal((platform, mode, "USD"), (opened.Capabilities.Platform, opened.Capabilities.Mode, opened.Capabilities.Currency));
        Assert.Equal((platform == PlatformKind.Mt5, mode == AccountMode.Hedging), (opened.Capabilities.StopLimitOrders, opened.Capabilities.CloseBy));
        Assert.Equal(w.World.Broker.Symbols.Select(s => s.Spec), opened.Symbols);
        w.Session.Send(Commands.Buy(1, 0.3m, w.Clock.Now + TimeSpan.FromSeconds(2)));
        w.Wait(1);
        var position = Assert.Single(w.Ask().Positions);
        Assert.Equal(w.World.Broker.OpenPositions[0].OpenedAt, position.OpenedAt);
    }

    [Theory]
    [InlineData(PlatformKind.Mt4)]
    [InlineData(PlatformKind.Mt5)]
    public void A_standby_takes_over_and_nothing_is_lost_or_doubled(PlatformKind platform)
    {
        var w = new HubWorld(platform, AccountMode.Hedging);
        var (second, wire) = w.Another(2);
        second.Start();
        w.Wait(2);
        Assert.Equal(SimTerminalState.Standby, second.State);
        w.Session.Send(Commands.Buy(1, 0.3m, w.Clock.Now + TimeSpan.FromSeconds(2)));
        w.Wait(1);
        long before = w.Epoch;

        // Half-open: neither side is told. The server gives it up after three beats.
        w.Wire.Faults = w.Wire.Faults with { Silent = true };
        w.Wait(18);
        Assert.True(second.IsLive);
        Assert.True(w.Epoch > before);
        Assert.Single(w.Sink.Events.OfType<SessionClosed>());
        w.Session.Send(Commands.Buy(2, 0.1m, w.Clock.Now + TimeSpan.FromSeconds(2)));
        w.Wait(1);
        Assert.Equal([0.3m, 0.1m], w.Ask(5).Positions.Select(p => p.Volume.Value));
        w.Wire.Faults = w.Wire.Faults with { Silent = false };
        w.Wait(40);
        Assert.Equal((SimTerminalState.Standby, SimTerminalState.Live), (w.Terminal.State, second.State));
        Assert.True(wire.IsUp);
        Assert.All(w.World.Broker.ExecutionsByKey.Values, times => Assert.Equal(1, times));
    }

    [Fact]
    public void A_broker_that_comes_back_begins_a_new_epoch()
    {
        var w = new HubWorld(PlatformKind.Mt5, AccountMode.Hedging);
        long before = w.Epoch;
        w.Terminal.BrokerConnected = false;
        w.Wait(1);
        Assert.Single(w.Sink.Events.OfType<SessionClosed>());
        w.World.Deal5(Mt5OrderType.Buy, 0.2m);
        w.Terminal.BrokerConnected = true;
        w.Wait(1);
        Assert.Equal(2, w.Sink.Events.OfType<SessionOpened>().Count());
        Assert.True(w.Epoch > before);
        Assert.Equal(w.Epoch, w.Terminal.Disk.Epoch);
        Assert.Single(w.Ask(2).Positions);
        w.Session.Send(Commands.Buy(1, 0.3m, w.Clock.Now + TimeSpan.FromSeconds(2)));
        w.Wait(1);
        Assert.Equal(OrderOutcome.Done, w.Sink.Answers.Single().Outcome);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_server_that_crashed_is_told_what_it_had_not_kept(bool kept)
    {
        var w = new HubWorld(PlatformKind.Mt5, AccountMode.Hedging, keeps: kept);
        w.Session.Send(Commands.Buy(1, 0.3m, w.Clock.Now + TimeSpan.FromSeconds(2)));
        w.Wait(2);
        Assert.Equal(kept ? 0 : 2, w.Terminal.Disk.Kept);
        w.Keeps = true;
        w.CrashServer(nextEpoch: 10);
        w.Wait(5);
        Assert.True(w.Terminal.IsLive);
        Assert.True(w.Epoch >= 10);
        Assert.Equal(0, w.Terminal.Disk.Kept);
        if (!kept)
        {
            Assert.Equal(OrderOutcome.Done, Assert.Single(w.Sink.Answers).Outcome);
        }

        var snapshot = w.Ask(3);
        Assert.Equal((1, 1), (snapshot.Positions.Count, snapshot.Deals.Count));
    }

    [Theory]
    [InlineData(PlatformKind.Mt4)]
    [InlineData(PlatformKind.Mt5)]
    public void A_terminal_that_dies_in_a_call_leaves_no_doubt_in_the_end(PlatformKind platform)
    {
        var w = new HubWorld(platform, AccountMode.Hedging);
        w.Terminal.Kills = m => m is { Step: TerminalStep.Trade, After: true };
        w.Session.Send(Commands.Buy(1, 0.3m, w.Clock.Now + TimeSpan.FromSeconds(2)));
        w.Wait(1);
        Assert.False(w.Terminal.IsRunning);
        Assert.Single(w.Sink.Events.OfType<SessionClosed>());
        w.Terminal.Kills = null;
        w.Terminal.Start();
        w.Wait(2);

        // The engine asks; the position is there with its key.
        var position = Assert.Single(w.Ask(2).Positions);
        Assert.Equal(Commands.Key(1), position.Tag.Key);
        Assert.DoesNotContain(w.Sink.Answers, a => a.Outcome == OrderOutcome.Refused);
        Assert.All(w.World.Broker.ExecutionsByKey.Values, times => Assert.Equal(1, times));
    }

    [Fact]
    public void Long_outages_breaks_and_doubled_frames_end_in_the_same_book()
    {
        for (ulong seed = 1; seed <= 12; seed++)
        {
            var platform = seed % 2 == 0 ? PlatformKind.Mt4 : PlatformKind.Mt5;
            var w = new HubWorld(platform, AccountMode.Hedging, seed: seed);
            w.Wire.Faults = WireFaults.None with { BreakPercent = 2, DuplicatePercent = seed % 3 == 0 ? 5 : 0 };
            for (int i = 0; i < 60; i++)
            {
                if (i % 3 == 0)
                {
                    w.Session.Send(Commands.Buy(1000 + i, 0.01m, w.Clock.Now + TimeSpan.FromSeconds(2)));
                }
                else if (platform == PlatformKind.Mt4)
                {
                    w.World.Send4(Mt4Op.Buy, 0.02m);
                }
                else
                {
                    w.World.Deal5(Mt5OrderType.Buy, 0.02m);
                }

                w.Wait(0.5);
            }

            w.Wire.Faults = WireFaults.None;
            w.Wait(45);
            Assert.True(w.Terminal.IsLive, $"seed {seed}");
            Assert.Equal(0, w.Terminal.Disk.Kept);
            Assert.Equal(w.World.Broker.OpenPositions.Select(p => (p.Id, p.Volume)), w.Ask(9).Positions.Select(p => (p.Id.Value, p.Volume.Value)));
            Assert.All(w.World.Broker.ExecutionsByKey.Values, times => Assert.Equal(1, times));
            w.Wait(6);
            Assert.DoesNotContain(w.Sink.Events.Where(e => e.Epoch == w.Epoch), e => e is Heartbeat { Differs: true });
        }
    }

    [Fact]
    public void A_long_history_comes_through()
    {
        var w = new HubWorld(PlatformKind.Mt5, AccountMode.Hedging, b => b with { OpeningBalance = 100_000_000m });
        for (int i = 0; i < 1500; i++)
        {
            var opened = w.World.Deal5(Mt5OrderType.Buy, 0.01m);
            if (i % 2 == 0)
            {
                w.World.Deal5(Mt5OrderType.Sell, 0.01m, position: opened.Order);
            }

            w.Wait(0.02);
        }

        var snapshot = w.Ask(4);
        Assert.Equal((750, 2250), (snapshot.Positions.Count, snapshot.Deals.Count));
    }

    [Fact]
    public void History_watching_and_alerts_go_through_the_session()
    {
        var w = new HubWorld(PlatformKind.Mt5, AccountMode.Hedging, offset: 7200);
        for (int i = 0; i < 300; i++)
        {
            w.Ticks.Add(World.Eur, new Quote(new Price(1.1m + (i * 0.00001m)), new Price(1.2m), w.Clock.Now));
            w.Wait(1);
        }

        var answers = new List<DataAnswer>();
        var now = w.Clock.Now;
        w.Session.Fetch(new CandlesWanted(World.EurName, Timeframe.M1, now - TimeSpan.FromHours(1), now, 100), answers.Add);
        w.Session.Fetch(new TicksWanted(World.EurName, now - TimeSpan.FromHours(1), now, 1000), answers.Add);
        w.Session.Fetch(new CandlesWanted(World.GoldName, Timeframe.M1, now - TimeSpan.FromHours(1), now, 100), answers.Add);
        w.Session.Fetch(new DealsWanted(now - TimeSpan.FromHours(1), now), answers.Add);
        w.Wait(5);
        Assert.Equal(4, answers.Count);
        var candles = Assert.IsType<CandlesFound>(answers[0]).Candles;
        Assert.InRange(candles.Count, 5, 6);
        Assert.All(candles, c => Assert.Equal(0, c.At.Micros % 60_000_000));
        Assert.Equal(300, Assert.IsType<TicksFound>(answers[1]).Ticks.Count);
        Assert.IsType<DataRefused>(answers[2]);
        Assert.IsType<DealsFound>(answers[3]);

        w.Session.Alert("look here", push: false);
        w.Session.Watch([World.EurName]);
        w.Wait(1);
        Assert.Equal(["look here"], w.Terminal.Alerts);
        int before = w.Sink.Quotes.Count;
        for (int i = 0; i < 10; i++)
        {
            w.World.Quote(1.2m + (i * 0.0001m), 1.2001m + (i * 0.0001m));
            w.Wait(0.1);
        }

        Assert.Equal(10, w.Sink.Quotes.Count - before);
        Assert.True(w.Healths.Count > 0);
    }
}

using System.Text.Json;
using Lockstep.Domain;

namespace Lockstep.Simulator.Tests;

/// <summary>A broker survives a restart: what it told anyone was captured before, and what it owes it still does.</summary>
public sealed class StateTests
{
    public static TheoryData<PlatformKind, AccountMode> Accounts => PortTests.Accounts;

    [Theory]
    [MemberData(nameof(Accounts))]
    public void A_restored_broker_is_the_same_and_goes_on_the_same(PlatformKind platform, AccountMode mode)
    {
        var world = new World(platform, mode, symbol: s => s with { CommissionPerLot = 2m });
        var sink = new Recorder();
        var session = world.Session(sink);
        session.Send(Commands.Buy(1, 1.00m, Soon(world), sl: 1.05m));
        session.Send(Commands.Pending(2, Side.Buy, PendingType.Limit, 0.30m, 1.09m, Soon(world), sl: 1.08m));
        world.Wait(1);
        session.Send(Commands.Reduce(3, world.Broker.OpenPositions.Single().Id, 0.60m, Soon(world)));
        world.Wait(1);
        world.Wait(24 * 3600);
        world.Quote(1.10010m, 1.10020m);

        var state = Through(world.Broker.CaptureWhole());
        var clock = new VirtualSimClock(world.Clock.Now);
        var restored = SimBroker.Restore(world.Settings, clock, new SimRandom(world.Seed), state);

        Assert.Equal(Json(world.Broker.CaptureWhole()), Json(restored.CaptureWhole()));
        Assert.Equal(world.Broker.Funds(), restored.Funds());
        Assert.Equal(world.Broker.OpenPositions, restored.OpenPositions);
        Assert.Equal(world.Broker.PendingOrders, restored.PendingOrders);
        Assert.Equal(world.Broker.Deals, restored.Deals);
        Assert.Equal(world.Broker.ExecutionsByKey, restored.ExecutionsByKey);

        foreach (var (broker, time) in new[] { (world.Broker, world.Clock), (restored, clock) })
        {
            broker.OnQuote(World.EurName, new Price(1.08990m), new Price(1.09000m));
            time.RunFor(TimeSpan.FromSeconds(1));
            broker.OnQuote(World.EurName, new Price(1.04000m), new Price(1.04010m));
        }

        Assert.Equal(Json(world.Broker.CaptureWhole()), Json(restored.CaptureWhole()));
        Assert.Empty(restored.OpenPositions);

        // A session after the restart tells the same story as one that was there.
        Assert.Equal(Story(world.Broker, world.Clock), Story(restored, clock));
    }

    [Fact]
    public void History_is_captured_once_and_open_state_each_time()
    {
        var world = new World(PlatformKind.Mt5);
        var kept = new List<HistoryRecord>();
        BrokerState? latest = null;
        world.Broker.Changed += b =>
        {
            latest = Through(b.Capture());
            Assert.Equal(kept.Count, latest.HistoryBefore);
            kept.AddRange(latest.HistoryAppended);
        };
        var opened = world.Deal5(Mt5OrderType.Buy, 1m);
        world.Deal5(Mt5OrderType.Sell, 0.4m, position: opened.Order);
        world.Quote(1.2m, 1.20010m);
        world.Deal5(Mt5OrderType.Sell, 0.6m, position: opened.Order);

        Assert.Equal(world.Broker.History, kept);
        var restored = SimBroker.Restore(world.Settings, world.Clock, new SimRandom(world.Seed), latest!, kept.GetRange(0, latest!.HistoryBefore));
        Assert.Equal(Json(world.Broker.CaptureWhole()), Json(restored.CaptureWhole()));
        Assert.Throws<ArgumentException>(() => SimBroker.Restore(world.Settings, world.Clock, new SimRandom(1), latest!));
    }

    [Theory]
    [InlineData(PlatformKind.Mt4)]
    [InlineData(PlatformKind.Mt5)]
    [InlineData(PlatformKind.CTrader)]
    public void Nobody_is_told_what_was_not_captured(PlatformKind platform)
    {
        var world = new World(platform);
        string captured = Json(world.Broker.CaptureWhole());
        var sink = new Recorder();
        var session = world.Session(sink, new SessionSettings { DownLatencyMin = TimeSpan.Zero, DownLatencyMax = TimeSpan.Zero });
        world.Wait(1);
        world.Broker.Changed += b => captured = Json(b.CaptureWhole());
        for (int i = 1; i <= 5; i++)
        {
            session.Send(Commands.Buy(i, 0.10m, Soon(world), sl: 1.05m));
        }

        int told = 0;
        while (world.Clock.RunNext() && world.Clock.Now < Soon(world))
        {
            if (sink.Events.Count > told)
            {
                told = sink.Events.Count;
                foreach (var id in sink.Changes.SelectMany(c => c.Positions).Select(p => p.Ticket))
                {
                    Assert.Contains(id.ToString(System.Globalization.CultureInfo.InvariantCulture), captured, StringComparison.Ordinal);
                }
            }

            if (sink.Answers.Count() == 5)
            {
                break;
            }
        }

        Assert.Equal(5, sink.Answers.Count());
        Assert.Equal(Json(world.Broker.CaptureWhole()), captured);
    }

    [Theory] // A request in the dealing queue is owed over a restart, and done before anybody can ask.
    [InlineData(PlatformKind.Mt4)]
    [InlineData(PlatformKind.Mt5)]
    [InlineData(PlatformKind.CTrader)]
    public void A_queued_request_survives_the_restart(PlatformKind platform)
    {
        var world = new World(platform);
        world.Broker.Faults = new BrokerFaults { ExecuteLatePercent = 100 };
        BrokerState? latest = null;
        world.Broker.Changed += b => latest = Through(b.CaptureWhole());
        var session = world.Session(new Recorder());
        session.Send(Commands.Buy(1, 1m, Soon(world), sl: 1.05m));
        world.Wait(0.1);
        Assert.Single(latest!.Queue);

        var clock = new VirtualSimClock(world.Clock.Now + TimeSpan.FromHours(1));
        var restored = SimBroker.Restore(world.Settings, clock, new SimRandom(world.Seed), latest);
        var sink = new Recorder();
        var after = new SimSession(new AccountId("a"), restored, clock, firstEpoch: 2, settings: SessionSettings.Immediate);
        after.Start(sink);
        after.Ask(new AskId(1), Timestamp.Epoch);
        clock.RunFor(TimeSpan.FromSeconds(1));
        Assert.Single(restored.OpenPositions);
        Assert.Equal(1, restored.ExecutionsByKey[Commands.Key(1).Value]);
        Assert.True(sink.Events.OfType<AskFailed>().Any() || sink.Snapshot.Positions.Count == 1);
    }

    private static Timestamp Soon(World world) => world.Clock.Now + TimeSpan.FromSeconds(2);

    private static string Json(BrokerState state) => JsonSerializer.Serialize(state);

    private static BrokerState Through(BrokerState state) => JsonSerializer.Deserialize<BrokerState>(Json(state))!;

    private static string Story(SimBroker broker, VirtualSimClock clock)
    {
        var sink = new Recorder();
        var session = new SimSession(new AccountId("a"), broker, clock, settings: SessionSettings.Immediate);
        session.Start(sink);
        clock.RunFor(TimeSpan.FromMilliseconds(1));
        session.Ask(new AskId(1), Timestamp.Epoch);
        clock.RunFor(TimeSpan.FromSeconds(1));
        var snapshot = sink.Snapshot;
        return string.Join('\n', snapshot.Deals.Select(d => d.ToString()).Concat(snapshot.Orders.Select(o => o.ToString())).Concat(snapshot.EndedOrders.Select(o => o.ToString())));
    }
}

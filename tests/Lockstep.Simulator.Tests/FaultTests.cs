using Lockstep.Domain;

namespace Lockstep.Simulator.Tests;

/// <summary>Each fault does what it says, on every platform (reliability-perf.md §2.6, §2.8).</summary>
public sealed class FaultTests
{
    public static TheoryData<PlatformKind> Platforms => [PlatformKind.Mt4, PlatformKind.Mt5, PlatformKind.CTrader];

    private static (World World, Recorder Sink, SimSession Session) Fresh(PlatformKind platform, BrokerFaults? faults = null, SessionSettings? settings = null, ulong seed = 7)
    {
        var world = new World(platform, seed: seed);
        var sink = new Recorder();
        var session = world.Session(sink, settings);
        world.Wait(0.5);
        world.Broker.Faults = faults ?? BrokerFaults.None;
        return (world, sink, session);
    }

    private static OpenMarket Buy(World world, int key = 1) => Commands.Buy(key, 1m, world.Clock.Now + TimeSpan.FromSeconds(2));

    [Theory] // case 7: executed, no answer ever; the book tells it.
    [MemberData(nameof(Platforms))]
    public void A_lost_reply_leaves_the_execution(PlatformKind platform)
    {
        var (world, sink, session) = Fresh(platform, new BrokerFaults { ReplyLostPercent = 100 });
        session.Send(Buy(world));
        world.Wait(120);
        Assert.Empty(sink.Answers);
        Assert.Single(world.Broker.OpenPositions);
        Assert.Equal(1, world.Broker.ExecutionsByKey[Commands.Key(1).Value]);
        Assert.Equal(Commands.Key(1), sink.Changes.Single().Positions.Single().Tag.Key);
    }

    [Theory]
    [MemberData(nameof(Platforms))]
    public void A_late_reply_comes_after_its_time(PlatformKind platform)
    {
        var (world, sink, session) = Fresh(platform, new BrokerFaults { ReplyLatePercent = 100, ReplyLateMax = TimeSpan.FromSeconds(5) });
        session.Send(Buy(world));
        world.Wait(0.1);
        Assert.Single(world.Broker.OpenPositions);
        Assert.Empty(sink.Answers);
        world.Wait(6);
        Assert.Equal(OrderOutcome.Done, sink.Answers.Single().Outcome);
    }

    [Theory] // §2.5.4: a request in a broker's queue can fill after a clean "not found", but within the horizon.
    [MemberData(nameof(Platforms))]
    public void A_request_in_the_dealing_queue_is_nowhere_to_be_seen(PlatformKind platform)
    {
        for (ulong seed = 1; seed <= 30; seed++)
        {
            var (world, sink, session) = Fresh(platform, new BrokerFaults { ExecuteLatePercent = 100 }, seed: seed);
            var command = Buy(world);
            session.Send(command);
            world.Wait(0.2);
            session.Ask(new AskId(1), Timestamp.Epoch);
            world.Wait(0.01);
            Assert.Empty(sink.Snapshot.Positions);
            Assert.Empty(sink.Snapshot.Deals);
            Assert.Empty(sink.Answers);
            world.Clock.RunUntil(command.Deadline + world.Settings.Horizon);
            Assert.Equal(1, world.Broker.ExecutionsByKey[command.Key.Value]);
            Assert.True(world.Broker.Deals.Single().At < command.Deadline + world.Settings.Horizon);
        }
    }

    [Theory]
    [MemberData(nameof(Platforms))]
    public void Beyond_the_horizon_a_platform_breaks_its_promise(PlatformKind platform)
    {
        var (world, _, session) = Fresh(platform, new BrokerFaults { BeyondHorizonPercent = 100 });
        var command = Buy(world);
        session.Send(command);
        world.Clock.RunUntil(command.Deadline + world.Settings.Horizon);
        Assert.Empty(world.Broker.OpenPositions);
        world.Wait(120);
        Assert.Single(world.Broker.OpenPositions);
    }

    [Theory] // case 8: 10012, 128, TIMEOUT_ERROR are unknown, and the order fills later.
    [MemberData(nameof(Platforms))]
    public void A_timeout_is_unknown_and_fills_later(PlatformKind platform)
    {
        var (world, sink, session) = Fresh(platform, new BrokerFaults { TimeoutThenFillPercent = 100 });
        session.Send(Buy(world));
        world.Wait(0.2);
        var answer = sink.Answers.Single();
        Assert.Equal((OrderOutcome.Unknown, platform switch { PlatformKind.Mt4 => "128", PlatformKind.Mt5 => "10012", _ => "TIMEOUT_ERROR" }), (answer.Outcome, answer.Code));
        Assert.Empty(world.Broker.OpenPositions);
        world.Wait(65);
        Assert.Single(world.Broker.OpenPositions);
        Assert.Single(sink.Answers);
    }

    [Theory]
    [MemberData(nameof(Platforms))]
    public void Refusals_by_the_dealer_change_nothing(PlatformKind platform)
    {
        foreach (var faults in new[] { new BrokerFaults { RejectPercent = 100 }, new BrokerFaults { RequotePercent = 100 } })
        {
            var (world, sink, session) = Fresh(platform, faults);
            session.Send(Buy(world));
            world.Wait(1);
            Assert.Equal(OrderOutcome.Refused, sink.Answers.Single().Outcome);
            Assert.Empty(world.Broker.OpenPositions);
            Assert.Empty(world.Broker.ExecutionsByKey);
        }
    }

    [Theory]
    [MemberData(nameof(Platforms))]
    public void Slippage_moves_the_fill_only(PlatformKind platform)
    {
        var prices = new HashSet<decimal>();
        for (ulong seed = 1; seed <= 10; seed++)
        {
            var (world, sink, session) = Fresh(platform, new BrokerFaults { SlippagePercent = 100, SlippageMaxPoints = 20 }, seed: seed);
            session.Send(Buy(world));
            world.Wait(1);
            Assert.InRange(sink.Answers.Single().Price!.Value.Value, 1.09990m, 1.10030m);
            prices.Add(sink.Answers.Single().Price!.Value.Value);
        }

        Assert.True(prices.Count > 3);
    }

    [Theory] // case 10: magic first, the comment may be cut or rewritten; on cTrader the label stays.
    [InlineData(PlatformKind.Mt4)]
    [InlineData(PlatformKind.Mt5)]
    public void A_comment_can_be_lost_the_magic_stays(PlatformKind platform)
    {
        foreach (var (faults, comment) in new[] { (new BrokerFaults { CommentCutPercent = 100 }, Commands.Key(1).ToString()[..8]), (new BrokerFaults { CommentRewrittenPercent = 100 }, "srv") })
        {
            var (world, sink, session) = Fresh(platform, faults);
            session.Send(Buy(world));
            world.Wait(1);
            var tag = sink.Changes.Last().Positions.Single().Tag;
            Assert.Equal((comment, null, (long)Commands.Key(1).Magic), (tag.Comment, tag.Key, tag.Magic));
            Assert.Equal(Commands.Key(1).Value, world.Broker.OpenPositions.Single().OwnerKey);
        }
    }

    [Theory] // case 12: a failed query is no evidence, and never a part.
    [MemberData(nameof(Platforms))]
    public void A_question_fails_whole_or_not_at_all(PlatformKind platform)
    {
        var (world, sink, session) = Fresh(platform, new BrokerFaults { AskFailsPercent = 100 });
        session.Ask(new AskId(5), Timestamp.Epoch);
        world.Wait(1);
        Assert.Equal(new AskId(5), sink.Events.OfType<AskFailed>().Single().Ask);
        world.Broker.Faults = new BrokerFaults { AskLostPercent = 100 };
        session.Ask(new AskId(6), Timestamp.Epoch);
        world.Wait(1);
        Assert.Single(sink.Events.OfType<AskFailed>());
        Assert.Empty(sink.Events.OfType<BookSnapshot>());
    }

    [Fact]
    public void Change_messages_are_lost_doubled_and_overtaken_with_their_numbers()
    {
        foreach (var faults in new[] { new BrokerFaults { EventDroppedPercent = 50 }, new BrokerFaults { EventDuplicatedPercent = 50 }, new BrokerFaults { EventReorderedPercent = 50 } })
        {
            var (world, sink, session) = Fresh(PlatformKind.Mt5, faults, new SessionSettings());
            for (int i = 1; i <= 30; i++)
            {
                session.Send(Buy(world, i));
                world.Wait(0.1);
            }

            world.Wait(5);
            long[] numbers = [.. sink.Changes.Select(c => c.Sequence)];
            Assert.Equal(faults.EventDroppedPercent > 0, numbers.Distinct().Count() < 30);
            Assert.Equal(faults.EventDuplicatedPercent > 0, numbers.Length > numbers.Distinct().Count());
            Assert.Equal(faults.EventReorderedPercent > 0, !numbers.Distinct().SequenceEqual(numbers.Distinct().Order()));
            Assert.Equal(30, sink.Answers.Count());
        }
    }

    [Fact]
    public void Garbage_comes_with_numbers_of_its_own_and_changes_nothing_true()
    {
        var (world, sink, session) = Fresh(PlatformKind.Mt5, new BrokerFaults { GarbagePercent = 100 });
        for (int i = 1; i <= 20; i++)
        {
            session.Send(Buy(world, i));
            world.Wait(0.2);
        }

        Assert.Equal(Enumerable.Range(1, 40).Select(i => (long)i), sink.Changes.Select(c => c.Sequence));
        session.Ask(new AskId(1), Timestamp.Epoch);
        world.Wait(1);
        Assert.Equal(20, sink.Snapshot.Positions.Count);
        Assert.Equal(40, sink.Snapshot.Sequence);
        Assert.Contains(sink.Changes, c => c.Positions.Any(p => p.Volume <= Lots.Zero));
    }

    [Theory]
    [InlineData(PlatformKind.Mt4, "8")]
    [InlineData(PlatformKind.Mt5, "10024")]
    [InlineData(PlatformKind.CTrader, "REQUEST_FREQUENCY_EXCEEDED")]
    public void Too_many_requests_are_refused(PlatformKind platform, string code)
    {
        var world = new World(platform, settings: s => s with { RequestsPerSecond = 2, ExecutionDelayMin = TimeSpan.Zero, ExecutionDelayMax = TimeSpan.Zero });
        var sink = new Recorder();
        var session = world.Session(sink);
        for (int i = 1; i <= 3; i++)
        {
            session.Send(Buy(world, i));
        }

        world.Wait(0.5);
        Assert.Equal((OrderOutcome.Refused, Refusal.TooManyRequests, code), (sink.Answers.Last().Outcome, sink.Answers.Last().Refusal, sink.Answers.Last().Code));
        Assert.Equal(2, world.Broker.OpenPositions.Count);
    }

    [Fact]
    public void Random_disconnects_come_back_under_the_next_epoch()
    {
        var (world, sink, session) = Fresh(PlatformKind.Mt5, new BrokerFaults { DisconnectPercent = 100, DisconnectMax = TimeSpan.FromSeconds(1) });
        session.Send(Buy(world));
        world.Wait(5);
        Assert.Equal([1L, 2L], sink.Events.OfType<SessionOpened>().Select(o => o.Epoch));
        Assert.Equal([1L], sink.Events.OfType<SessionClosed>().Select(o => o.Epoch));
    }
}

using System.Text;
using Lockstep.Domain;

namespace Lockstep.Simulator.Tests;

/// <summary>The same seed tells the same story, word for word; another seed another one.</summary>
public sealed class DeterminismTests
{
    [Theory]
    [MemberData(nameof(PortTests.Accounts), MemberType = typeof(PortTests))]
    public void The_same_seed_gives_the_same_transcript(PlatformKind platform, AccountMode mode)
    {
        string one = Play(platform, mode, 11);
        Assert.Equal(one, Play(platform, mode, 11));
        Assert.NotEqual(one, Play(platform, mode, 12));
        Assert.True(one.Length > 10_000);
    }

    [Fact]
    public void The_generator_is_the_one_that_is_published()
    {
        // splitmix64 after its seeding step: these numbers stand for ever.
        var random = new SimRandom(1);
        Assert.Equal(["5e41ab087439611e", "f18d6ce93d6cf1ee", "0b95f66d327e8d78"], Enumerable.Range(0, 3).Select(_ => random.NextBits().ToString("x16", System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Forks_do_not_depend_on_what_was_drawn()
    {
        var one = new SimRandom(5);
        var two = new SimRandom(5);
        two.NextBits();
        Assert.Equal(one.Fork("x").NextBits(), two.Fork("x").NextBits());
        Assert.Equal(one.Fork(3).NextBits(), two.Fork(3).NextBits());
        Assert.NotEqual(one.Fork("x").NextBits(), one.Fork("y").NextBits());
        Assert.Equal(two.NextBits(), Again(5));

        static ulong Again(ulong seed)
        {
            var first = new SimRandom(seed);
            first.NextBits();
            return first.Resume(first.State).NextBits();
        }
    }

    [Fact]
    public void Draws_stay_in_their_bounds()
    {
        var random = new SimRandom(9);
        int hits = 0;
        for (int i = 0; i < 10_000; i++)
        {
            Assert.InRange(random.Next(7), 0, 6);
            Assert.InRange(random.Next(-3, 3), -3, 3);
            Assert.InRange(random.NextDecimal(), 0m, 0.999999m);
            Assert.Equal(0m, random.NextDecimal(0.10m, 0.50m, 0.05m) % 0.05m);
            Assert.InRange(random.NextSpan(TimeSpan.Zero, TimeSpan.FromSeconds(1)), TimeSpan.Zero, TimeSpan.FromSeconds(1));
            hits += random.Chance(12.5m) ? 1 : 0;
        }

        Assert.InRange(hits, 1_100, 1_400);
        Assert.False(random.Chance(0m));
        Assert.True(random.Chance(100m));
        Assert.Equal(0, random.Next(0));
    }

    private static string Play(PlatformKind platform, AccountMode mode, ulong seed)
    {
        var world = new World(platform, mode, seed: seed, symbol: s => s with { CommissionPerLot = 2m });
        world.Broker.Faults = new BrokerFaults
        {
            RequotePercent = 5, RejectPercent = 5, PartialFillPercent = 10, SlippagePercent = 30, ReplyLostPercent = 5, ReplyLatePercent = 5, ExecuteLatePercent = 5, TimeoutThenFillPercent = 5,
            CommentCutPercent = 5, CommentRewrittenPercent = 5, AskFailsPercent = 10, DisconnectPercent = 2, EventDroppedPercent = 3, EventDuplicatedPercent = 3, EventReorderedPercent = 3,
            GarbagePercent = 3, AnswerTwicePercent = 3, BeyondHorizonPercent = 1, AskLostPercent = 2,
        };
        var random = new SimRandom(seed).Fork("actions");
        var market = new QuoteGenerator(new SimRandom(seed), world.Settings.Symbols);
        var sink = new Recorder();
        var session = world.Session(sink, new SessionSettings());
        for (int i = 1; i <= 120; i++)
        {
            world.Quote(market.Next(World.Eur, world.Clock.Now) is var tick ? tick.Bid : 0m, tick.Ask);
            var soon = world.Clock.Now + TimeSpan.FromSeconds(2);
            var positions = world.Broker.OpenPositions;
            switch (random.Next(6))
            {
                case 0:
                case 1:
                    session.Send(Commands.Buy(i, random.NextDecimal(0.1m, 1m, 0.01m), soon, side: random.Chance(60) ? Side.Buy : Side.Sell));
                    break;
                case 2 when positions.Count > 0:
                    session.Send(Commands.Reduce(i, positions[0].Id, random.Chance(50) ? 0m : 0.05m, soon));
                    break;
                case 3 when positions.Count > 0:
                    session.Send(Commands.Stops(i, positions[0].Id, tick.Bid - 0.01m, null, soon));
                    break;
                case 4:
                    session.Send(Commands.Pending(i, Side.Buy, PendingType.Limit, 0.1m, tick.Ask - 0.00020m, soon));
                    break;
                default:
                    session.Ask(new AskId(i), world.Clock.Now - TimeSpan.FromMinutes(5));
                    break;
            }

            world.Wait(0.7);
        }

        world.Wait(200);
        Check(world.Broker);
        var text = new StringBuilder();
        foreach (var report in sink.Events)
        {
            text.Append(report).Append('\n');
            if (report is BookChanged change)
            {
                text.AppendJoin(',', change.Positions).AppendJoin(',', change.ClosedPositions).AppendJoin(',', change.Orders).AppendJoin(',', change.Deals).Append('\n');
            }
        }

        return text.Append(System.Text.Json.JsonSerializer.Serialize(world.Broker.CaptureWhole())).ToString();
    }

    /// <summary>Whatever happened: the books add up.</summary>
    private static void Check(SimBroker broker)
    {
        var bySymbol = broker.OpenPositions.GroupBy(p => p.Symbol).ToDictionary(g => g.Key, g => g.Sum(p => p.Side.Sign() * p.Volume));
        foreach (var deals in broker.Deals.GroupBy(d => d.Symbol))
        {
            Assert.Equal(deals.Sum(d => d.Side.Sign() * d.Volume), bySymbol.GetValueOrDefault(deals.Key));
        }

        Assert.All(broker.OpenPositions, p => Assert.True(p.Volume > 0m && p.OpenPrice > 0m));
        Assert.All(broker.ExecutionsByKey.Values, n => Assert.Equal(1, n));
        if (broker is not CTraderBroker)
        {
            Assert.Equal(100_000m + broker.Deals.Sum(d => d.Profit + d.Swap + d.Commission), broker.Balance);
        }
    }
}

using Lockstep.Domain;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.Simulator.Tests.Terminals;

public class KillTests
{
    private const int Commands = 5;

    public static TheoryData<PlatformKind, AccountMode, bool> Kinds => new()
    {
        { PlatformKind.Mt4, AccountMode.Hedging, true }, { PlatformKind.Mt4, AccountMode.Hedging, false },
        { PlatformKind.Mt5, AccountMode.Hedging, true }, { PlatformKind.Mt5, AccountMode.Hedging, false }, { PlatformKind.Mt5, AccountMode.Netting, true },
    };

    /// <summary>
    /// A day's work is done once to count the points at which a kill can fall, and then once for each of them, killed there and started again. Commands without an answer are sent
    /// again, as a careful server would ask and a careless one would repeat: none may be carried out twice, none may be told to be refused and be done.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Killed_at_every_point_it_does_nothing_twice(PlatformKind platform, AccountMode mode, bool keepFiles)
    {
        int points = Work(platform, mode, 0, keepFiles).Points;
        Assert.InRange(points, 60, 400);
        int unknown = 0;
        for (int point = 1; point <= points; point++)
        {
            var (_, w) = Work(platform, mode, point, keepFiles);
            Assert.True(w.Terminal.IsLive, $"point {point}");
            foreach (var (key, times) in w.World.Broker.ExecutionsByKey)
            {
                // Without its files a terminal finds openings by their key; what is absolute may be repeated.
                bool opening = key == Lockstep.Simulator.Tests.Commands.Key(1).Value || key == Lockstep.Simulator.Tests.Commands.Key(4).Value;
                Assert.True(times == 1 || (!keepFiles && !opening), $"point {point}: key {key} was carried out {times} times");
            }

            foreach (var answers in w.Server.Answers.GroupBy(a => a.Id))
            {
                // An answer may be told again, under a new number; it may not become another one.
                var first = answers.First();
                Assert.All(answers, a => Assert.True(!keepFiles || (a.Outcome, a.Position, a.Lots) == (first.Outcome, first.Position, first.Lots), $"point {point}: {first} then {a}"));
                OrderKey.TryFind(first.Id, out var key);
                bool opened = first.Id == TerminalWorld.Id(1) || first.Id == TerminalWorld.Id(4);
                Assert.True(first.Outcome != "refused" || (!keepFiles && !opened) || !w.World.Broker.ExecutionsByKey.ContainsKey(key.Value), $"point {point}: {first} but it was executed");
                unknown += first.Outcome == "unknown" ? 1 : 0;
            }

            Assert.True(Commands == w.Server.Answers.Select(a => a.Id).Distinct().Count(), $"point {point} ({w.KilledAt}): {string.Join("; ", w.Server.Answers)}");
            w.Ask(1000 + point);
            w.Wait(6);
            Assert.Equal(w.Line.Digest, w.Line.Beat.Digest);
            Assert.Equal(w.Terminal.Disk.Last, w.Line.Beat.Number);
            Assert.Equal(0, w.Terminal.Disk.Kept);
        }

        Assert.True(!keepFiles || unknown > 0);
    }

    private static (int Points, TerminalWorld World) Work(PlatformKind platform, AccountMode mode, int killAt, bool keepFiles)
    {
        var w = new TerminalWorld(platform, mode, start: false);
        int points = 0;
        w.Terminal.Kills = moment =>
        {
            points = (int)moment.Number;
            w.KilledAt = moment.Number == killAt ? moment : w.KilledAt;
            return moment.Number == killAt;
        };
        w.Terminal.Died += () =>
        {
            w.Terminal.Kills = null;
            w.Clock.Schedule(TimeSpan.FromSeconds(1), () =>
            {
                if (!keepFiles)
                {
                    w.Terminal.Kill(keepFiles: false);
                }

                w.Terminal.Start();
            });
        };
        w.Terminal.Start();
        Live(w);
        // Where the opening never happened, what follows is about something that is not there.
        long position = 4242;
        long order = 4242;
        for (int i = 1; i <= Commands; i++)
        {
            int n = i;
            for (int attempt = 0; attempt < 3; attempt++)
            {
                Live(w);
                w.Line.Send(w.Command(n, n switch { 1 => WireDo.Open, 2 => WireDo.Stops, 3 => WireDo.Reduce, 4 => WireDo.Place, _ => WireDo.Cancel }, c => n switch
                {
                    1 => c with { Side = "buy", Lots = 0.3m },
                    2 => c with { Position = position, Sl = 1.05m },
                    3 => c with { Position = position, Lots = 0.1m },
                    4 => c with { Side = "sell", Type = "limit", Lots = 0.2m, Price = 1.3m },
                    _ => c with { Order = order },
                }));
                w.Wait(0.5);
                Live(w);
                w.Wait(0.5);
                if (w.Server.Answers.Any(a => a.Id == TerminalWorld.Id(n)))
                {
                    break;
                }
            }

            position = w.World.Broker.OpenPositions.Select(p => p.Id).FirstOrDefault(position);
            order = w.World.Broker.PendingOrders.Select(o => o.Id).FirstOrDefault(order);
        }

        w.Wait(12);
        Live(w);
        return (points, w);
    }

    private static void Live(TerminalWorld w)
    {
        for (int i = 0; i < 600 && !(w.Terminal.IsLive && w.Server.Active is not null && w.Terminal.Disk.Epoch == w.Line.Epoch); i++)
        {
            w.Wait(0.1);
        }
    }

    [Fact]
    public void A_repeat_is_answered_from_the_ledger()
    {
        var w = new TerminalWorld(PlatformKind.Mt5);
        w.Server.Acks = false;
        w.Server.Beats = false;
        var first = w.Open(1);
        w.Line.Send(w.Command(1, WireDo.Open, c => c with { Side = "buy", Lots = 0.3m }));
        w.Wait(1);

        // Still in the outbox: the same event again. Let go: the same answer under a new number.
        Assert.Equal(2, w.Line.Messages.OfType<AnswerMessage>().Count(a => a.Number == first.Number));
        Assert.Single(w.World.Broker.OpenPositions);
        w.Line.Send(new AckMessage(first.Number));
        w.Wait(1);
        var again = w.Open(1);
        Assert.Equal(first with { Number = first.Number + 1 }, again);
        w.Terminal.Kill();
        w.Terminal.Start();
        w.Wait(3);
        Assert.Equal(again with { Number = again.Number }, w.Server.Answers.Last());
        w.Line.Send(w.Command(1, WireDo.Open, c => c with { Side = "buy", Lots = 0.3m, Epoch = 0 }));
        w.Wait(1);
        Assert.Single(w.World.Broker.OpenPositions);
    }

    [Theory]
    [InlineData(PlatformKind.Mt4)]
    [InlineData(PlatformKind.Mt5)]
    public void Lost_files_double_nothing(PlatformKind platform)
    {
        var w = new TerminalWorld(platform);
        var first = w.Open(1);
        var placed = w.Do(2, WireDo.Place, c => c with { Side = "buy", Type = "limit", Lots = 0.1m, Price = 1.0m });
        string name = w.Terminal.Disk.Terminal;
        w.Terminal.Kill(keepFiles: false);
        w.Terminal.Start();
        w.Wait(3);
        Assert.NotEqual(name, w.Line.Hello!.Terminal);
        var found = w.Open(1);
        Assert.Equal(("done", "found", first.Position, 0.3m, first.Price), (found.Outcome, found.Why, found.Position, found.Lots, found.Price));
        var foundOrder = w.Do(2, WireDo.Place, c => c with { Side = "buy", Type = "limit", Lots = 0.1m, Price = 1.0m });
        Assert.Equal(("done", "found", placed.Order), (foundOrder.Outcome, foundOrder.Why, foundOrder.Order));
        Assert.Equal((1, 1), (w.World.Broker.OpenPositions.Count, w.World.Broker.PendingOrders.Count));
    }

    [Fact]
    public void A_killed_terminal_lets_go_of_its_connection()
    {
        var w = new TerminalWorld(PlatformKind.Mt5);
        w.Terminal.Kill();
        w.Wait(1);
        Assert.False(w.Server.Last.IsOpen);
        Assert.False(w.Terminal.IsRunning);
        w.World.Deal5(Mt5OrderType.Buy, 0.1m);
        w.Wait(60);
        Assert.Single(w.Server.Lines);
        w.Terminal.Start();
        w.Wait(1);
        Assert.Single(w.Ask()[0].Positions);
        w.Terminal.Stop();
        w.Wait(1);
        Assert.False(w.Server.Last.IsOpen);
    }

    [Fact]
    public void The_ledger_forgets_old_commands_only()
    {
        var w = new TerminalWorld(PlatformKind.Mt5, settings: s => s with { LedgerEntries = 3 });
        for (int i = 1; i <= 5; i++)
        {
            w.Open(i, 0.01m);
        }

        Assert.Equal(5, w.Terminal.Disk.LedgerCount);
        w.Wait(86_400 * 3);
        w.Open(6, 0.01m);
        Assert.Equal(3, w.Terminal.Disk.LedgerCount);
    }
}

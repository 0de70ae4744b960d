using Lockstep.Domain;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.Simulator.Tests.Terminals;

public class PairAndLineageTests
{
    [Theory]
    [InlineData(PlatformKind.Mt4)]
    [InlineData(PlatformKind.Mt5)]
    public void The_second_terminal_stands_by_and_takes_over(PlatformKind platform)
    {
        var w = new TerminalWorld(platform);
        var (second, wire) = w.Another(seed: 9);
        second.Start();
        w.Wait(6);
        Assert.Equal((SimTerminalState.Live, SimTerminalState.Standby), (w.Terminal.State, second.State));
        var standby = w.Server.Last;
        Assert.DoesNotContain(standby.Messages, m => m is not (HelloMessage or BeatMessage));
        w.Open(1);
        Assert.Equal(0, second.Disk.Kept);
        Assert.Single(w.Server.Changes);

        // The active one dies; the server makes the other one active.
        w.Terminal.Kill();
        w.Wait(0.1);
        w.Server.Activate(standby);
        w.Wait(1);
        Assert.True(second.IsLive);
        Assert.Equal(standby.Epoch, second.Disk.Epoch);
        Assert.Single(w.Server.Changes);
        Assert.NotEmpty(standby.Messages.OfType<SymbolsMessage>());
        w.Ask();
        Assert.Equal(second.Digest, standby.Digest);

        // The first one comes back and stands by; its command under the old epoch would be refused.
        w.Terminal.Start();
        w.Wait(2);
        Assert.Equal(SimTerminalState.Standby, w.Terminal.State);
        w.Line.Send(w.Command(2, WireDo.Open, c => c with { Side = "buy", Lots = 0.1m, Epoch = c.Epoch - 1 }));
        w.Wait(1);
        Assert.Equal("epoch", w.Server.Answers.Last().Why);

        // A command that the first one carried out is found in the account by the other.
        Assert.Equal("found", w.Open(1).Why);
        Assert.Single(w.World.Broker.OpenPositions);
        Assert.True(wire.IsUp);
    }

    [Fact]
    public void A_partial_close_keeps_the_identity()
    {
        var w = new TerminalWorld(PlatformKind.Mt4);
        long id = w.Open(1, 1m).Position;
        w.Reduce(2, id, 0.7m);
        var position = Assert.Single(w.Line.Positions.Values);
        Assert.Equal((id, 0.7m, true), (position.Id, position.Lots, position.Ticket != id));
        Assert.StartsWith("from #", position.Comment, StringComparison.Ordinal);
        w.World.Mt4.OrderClose((int)position.Ticket, 0.2m);
        w.Wait(1);
        Assert.Equal(0.5m, w.Line.Positions[id].Lots);

        // A restart with and without the files reads the same from the pools.
        w.Terminal.Kill();
        w.World.Mt4.OrderClose((int)w.World.Broker.OpenPositions[0].Ticket, 0.1m);
        w.Terminal.Start();
        w.Wait(2);
        Assert.Equal((id, 0.4m), (w.Ask(1)[0].Positions[0].Id, w.Ask(2)[0].Positions[0].Lots));
        w.Terminal.Kill(keepFiles: false);
        w.Terminal.Start();
        w.Wait(2);
        Assert.Equal(id, w.Ask(3)[0].Positions[0].Id);
        Assert.Equal("done", w.Reduce(3, id, 0m).Outcome);
        Assert.Empty(w.World.Broker.OpenPositions);
        var deals = w.Ask(4)[0].Deals;
        Assert.Equal((1m, 1m), (deals.Where(d => d.Entry == "in").Sum(d => d.Lots), deals.Where(d => d.Entry == "out").Sum(d => d.Lots)));
        Assert.All(deals, d => Assert.Equal(id, d.Position));
    }

    /// <summary>What a close-by left is closed in part: its comment, by which it could be joined, is overwritten with where the rest went.</summary>
    [Fact]
    public void What_a_close_by_left_keeps_the_identity_after_its_own_partial_close_and_without_the_files()
    {
        var w = new TerminalWorld(PlatformKind.Mt4);
        long large = w.World.Send4(Mt4Op.Sell, 0.5m, magic: 7).Ticket;
        long small = w.World.Send4(Mt4Op.Buy, 0.2m).Ticket;
        w.Wait(5);
        Assert.True(w.World.Mt4.OrderCloseBy((int)large, (int)small).Executed);
        w.Wait(5);
        Assert.True(w.World.Mt4.OrderClose((int)Assert.Single(w.World.Broker.OpenPositions).Ticket, 0.1m).Executed);
        w.Wait(5);
        Assert.Equal((large, 0.2m), Assert.Single(w.Ask(1)[0].Positions) is var before ? (before.Id, before.Lots) : default);
        w.Terminal.Kill(keepFiles: false);
        w.World.Mt4.OrderClose((int)Assert.Single(w.World.Broker.OpenPositions).Ticket, 0.1m);
        w.Terminal.Start();
        w.Wait(2);
        Assert.Equal((large, 0.1m), Assert.Single(w.Ask(2)[0].Positions) is var after ? (after.Id, after.Lots) : default);
    }

    /// <summary>Two trades of one second and one price, and the first is closed whole while nobody looks: the second is not what is left of it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_trade_is_not_taken_for_the_rest_of_another_one(bool seen)
    {
        var w = new TerminalWorld(PlatformKind.Mt4);
        if (!seen)
        {
            w.Terminal.Kill();
        }

        var first = w.World.Send4(Mt4Op.Buy, 0.1m, comment: "swing");
        var second = w.World.Send4(Mt4Op.Buy, 1m, comment: "scalp");
        w.Wait(5);
        w.Terminal.Kill();
        Assert.True(w.World.Mt4.OrderClose(first.Ticket, 0.1m).Executed);
        w.Wait(5);
        w.Terminal.Start();
        w.Wait(5);
        Assert.Equal(second.Ticket, Assert.Single(w.Ask()[0].Positions).Id);
    }

    [Fact]
    public void A_deal_of_mt4_has_the_same_number_each_time_and_begins_with_the_brokers_second()
    {
        var w = new TerminalWorld(PlatformKind.Mt4);
        w.Open(1, 1m);
        var told = Assert.Single(w.Server.Changes).Deals[0];
        var asked = Assert.Single(w.Ask()[0].Deals);
        Assert.Equal(told, asked);
        Assert.Equal(told.Time / 1000, told.Id >> 22);
        Assert.Equal(told.Position & 0x1FFFFF, (told.Id >> 1) & 0x1FFFFF);
        Assert.Equal(0, told.Id & 1);
    }

    [Theory]
    [InlineData(PlatformKind.Mt4)]
    [InlineData(PlatformKind.Mt5)]
    public void A_close_by_leaves_the_larger_one(PlatformKind platform)
    {
        var w = new TerminalWorld(platform);
        long large = w.Open(1, 1m).Position;
        long small = w.Open(2, 0.3m, "sell").Position;
        var answer = w.Do(3, WireDo.CloseBy, c => c with { Position = large, By = small });
        Assert.Equal("done", answer.Outcome);
        w.Wait(1);
        var left = Assert.Single(w.Line.Positions.Values);
        Assert.Equal((large, 0.7m), (left.Id, left.Lots));
        Assert.Equal(w.Line.Digest, w.Terminal.Digest);
    }

    [Fact]
    public void By_hand_through_both_terminals_at_once_nothing_is_told_twice()
    {
        var w = new TerminalWorld(PlatformKind.Mt5);
        var (second, _) = w.Another(seed: 9);
        second.Start();
        w.Wait(1);
        for (int i = 0; i < 10; i++)
        {
            w.World.Deal5(Mt5OrderType.Buy, 0.01m);
            w.Wait(0.5);
        }

        Assert.Equal(10, w.Server.Changes.Sum(c => c.Deals.Count));
        Assert.Equal(10, w.Server.Changes.SelectMany(c => c.Deals).Select(d => d.Id).Distinct().Count());
    }

    [Fact]
    public void Faults_of_the_wire_lose_nothing_in_the_end()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            var w = new TerminalWorld(seed % 2 == 0 ? PlatformKind.Mt4 : PlatformKind.Mt5, seed: seed);
            w.Wire.Faults = WireFaults.None with { BreakPercent = 3 };
            for (int i = 0; i < 40; i++)
            {
                if (w.World.Broker is Mt4Broker)
                {
                    w.World.Send4(Mt4Op.Buy, 0.01m);
                }
                else
                {
                    w.World.Deal5(Mt5OrderType.Buy, 0.01m);
                }

                w.Wait(0.7);
            }

            w.Wire.Faults = WireFaults.None;
            w.Wait(60);
            Assert.Equal(40, w.Server.Changes.SelectMany(c => c.Deals).Select(d => d.Id).Distinct().Count());
            Assert.Equal(0, w.Terminal.Disk.Kept);
        }
    }
}

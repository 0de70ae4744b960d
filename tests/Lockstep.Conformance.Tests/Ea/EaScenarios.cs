using System.Globalization;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.MqlHarness.Terminal;
using Lockstep.Simulator;
using Lockstep.Testing;

namespace Lockstep.Conformance.Tests;

/// <summary>What happens to terminals in a year: broken lines, restarts, other clocks, brokers with habits. With the real Expert Advisor, MT4 and MT5.</summary>
public class EaScenarios
{
    [TheoryNeeding("g++")]
    [InlineData(Kind.EaMt5Hedging)]
    [InlineData(Kind.EaMt4)]
    public void A_command_in_doubt_is_settled_by_the_terminal_that_takes_over(Kind kind)
    {
        for (int call = 1; call <= 6; call++)
        {
            using var floor = Copies(kind);
            var first = floor.Rig.Experts["dst"];
            var second = floor.Rig.Second("dst");
            floor.Wait(1);
            Assert.Equal(1, floor.Healths["dst"].Standby);
            first.Terminal.Faults = new EaTerminalFaults { KillAtCall = first.Terminal.PlatformCalls + call, KillWhen = KillMoment.Half };
            floor.Place("src", Side.Buy, 1m);
            Assert.Equal(EaState.Killed, first.Terminal.State);
            Settle(floor);
            Assert.Equal(1m, floor.Net("dst"));
            Assert.Single(floor.Brokers["dst"].OpenPositions);
            Assert.All(floor.Brokers["dst"].ExecutionsByKey, e => Assert.Equal(1, e.Value));

            // The dead one comes back and stands by; the trade goes on over the other.
            first.Terminal.Faults = EaTerminalFaults.None;
            first.Restart();
            floor.Wait(5);
            Assert.Equal(1, floor.Healths["dst"].Standby);
            floor.Close("src", floor.Positions("src").Single().Id);
            Settle(floor);
            Assert.Empty(floor.Brokers["dst"].OpenPositions);
            Assert.Equal(EaState.Running, second.Terminal.State);
        }
    }

    [TheoryNeeding("g++")]
    [InlineData(Kind.EaMt5Hedging)]
    [InlineData(Kind.EaMt4)]
    public void A_server_that_died_is_told_what_it_missed_once(Kind kind)
    {
        using var floor = new Floor(Link());
        floor.Broker("src", kind);
        floor.Broker("dst", kind);
        floor.Open();
        floor.Place("src", Side.Buy, 1m);
        Settle(floor);
        long epoch = floor.Engine.Account(new AccountId("dst"))!.Epoch;

        // The line goes before the server does: something happens that nobody hears of.
        var expert = floor.Rig.Experts["src"];
        expert.Line.Down = true;
        expert.Line.Cut();
        long second = EaHand.Open(floor.Brokers["src"], Side.Sell, 0.5m);
        floor.Wait(1);
        EaHand.Close(floor.Brokers["src"], second);
        floor.Wait(1);
        var kept = new List<string>();
        expert.Line.Tap = kept.Add;
        floor.RestartServer();
        expert.Line.Down = false;
        Settle(floor);
        Assert.Equal("", floor.Difference("src"));
        Assert.True(floor.Engine.Account(new AccountId("dst"))!.Epoch > epoch);
        Assert.Equal(1m, floor.Net("dst"));
        Assert.Single(floor.Brokers["dst"].OpenPositions);
        Assert.Equal(floor.Brokers["src"].Deals.Count, floor.Deals("src").Count);

        // What was kept came first, in order and once.
        var numbers = kept.Where(text => text.Contains("\"n\":", StringComparison.Ordinal) && text.StartsWith("{\"t\":\"change\"", StringComparison.Ordinal))
            .Select(text => long.Parse(text.Split("\"n\":")[1].Split(',')[0], CultureInfo.InvariantCulture)).ToList();
        Assert.NotEmpty(numbers);
        Assert.Equal(numbers.Distinct().Order(), numbers);
        floor.Close("src", floor.Positions("src").Single().Id);
        Settle(floor);
        Assert.Empty(floor.Brokers["dst"].OpenPositions);
    }

    [TheoryNeeding("g++")]
    [InlineData(Kind.EaMt5Hedging)]
    [InlineData(Kind.EaMt4)]
    public void An_hour_without_a_line_is_told_by_one_snapshot_and_opens_nothing_stale(Kind kind)
    {
        using var floor = new Floor(Link() with { Filters = new FilterSettings() });
        var broker = floor.Broker("src", kind);
        floor.Broker("dst", Kind.Mt5Hedging);
        floor.Open();
        floor.Place("src", Side.Buy, 1m);
        Settle(floor);
        var expert = floor.Rig.Experts["src"];
        expert.Line.Down = true;
        expert.Line.Cut();
        long old = broker.OpenPositions.Single().Id;
        floor.Wait(60);
        EaHand.Close(broker, old);
        long left = EaHand.Open(broker, Side.Buy, 0.3m);
        for (int i = 0; i < 55; i++)
        {
            long other = EaHand.Open(broker, Side.Sell, 0.1m);
            floor.Wait(30);
            EaHand.Close(broker, other);
            floor.Wait(30);
        }

        int snapshots = floor.Snapshots;
        expert.Line.Down = false;
        Settle(floor, whole: false);
        Assert.Equal(snapshots + 1, floor.Snapshots);
        Assert.Equal("", floor.Difference("src"));
        Assert.Equal(left, floor.Positions("src").Single().Id.Value);
        Assert.Empty(floor.Brokers["dst"].OpenPositions);
        Assert.Equal(2, floor.Brokers["dst"].Deals.Count);
        Assert.Equal(broker.Deals.Count, floor.Deals("src").Count);

        // And goes on as before.
        floor.Place("src", Side.Sell, 0.2m);
        Settle(floor, whole: false);
        Assert.Equal(-0.2m, floor.Net("dst"));
    }

    [TheoryNeeding("g++")]
    [InlineData(Kind.EaMt5Hedging)]
    [InlineData(Kind.EaMt4)]
    public void Times_are_right_from_the_first_report_on(Kind kind)
    {
        using var floor = new Floor(Link());
        var broker = floor.Broker("src", kind);
        floor.Broker("dst", Kind.Mt5Hedging);
        var opened = floor.Clock.Now;
        EaHand.Open(broker, Side.Buy, 0.3m);
        floor.Wait(600);
        floor.Open();
        Assert.InRange(floor.Positions("src").Single().OpenedAt - opened, TimeSpan.FromSeconds(-1), TimeSpan.FromSeconds(1));
    }

    [TheoryNeeding("g++")]
    [InlineData(Kind.EaMt5Hedging)]
    [InlineData(Kind.EaMt4)]
    public void Another_clock_of_the_broker_or_the_pc_moves_no_trade(Kind kind)
    {
        using var floor = Copies(kind);
        floor.Place("src", Side.Buy, 1m);
        Settle(floor);
        var dst = floor.Rig.Experts["dst"];
        var opened = floor.Positions("dst").Single().OpenedAt;
        int snapshots = floor.Snapshots;

        // Summer time begins at the broker.
        floor.Rig.Time.Change(floor.Clock.Now + TimeSpan.FromSeconds(5), 10_800);
        floor.Wait(30);
        Assert.Equal(TimeSpan.FromHours(3), floor.Healths["dst"].ServerOffset);
        Assert.Equal(opened, floor.Positions("dst").Single().OpenedAt);

        // The PC's clock is set wrong by an hour: the server's is the one that counts.
        dst.Terminal.PcClockError = TimeSpan.FromHours(1);
        floor.Wait(30);
        Assert.Equal(TimeSpan.FromHours(3), floor.Healths["dst"].ServerOffset);
        dst.Line.Down = true;
        dst.Line.Cut();
        floor.Wait(300);
        dst.Line.Down = false;
        floor.Wait(60);
        Assert.Equal(TimeSpan.FromHours(3), floor.Healths["dst"].ServerOffset);
        floor.Place("src", Side.Buy, 0.5m);
        Settle(floor);
        Assert.Equal(1.5m, floor.Net("dst"));
        Assert.All(floor.Positions("dst"), p => Assert.InRange(floor.Clock.Now - p.OpenedAt, TimeSpan.Zero, TimeSpan.FromMinutes(10)));
        Assert.Equal(snapshots + 1, floor.Snapshots);
    }

    [TheoryNeeding("g++")]
    [InlineData(Kind.EaMt5Hedging, 100, 0)]
    [InlineData(Kind.EaMt5Hedging, 0, 100)]
    [InlineData(Kind.EaMt5Netting, 0, 100)]
    [InlineData(Kind.EaMt4, 100, 0)]
    [InlineData(Kind.EaMt4, 0, 100)]
    public void Comments_that_the_broker_rewrites_or_cuts_hide_nothing(Kind kind, int rewritten, int cut)
    {
        using var floor = Copies(kind);
        var faults = new BrokerFaults { CommentRewrittenPercent = rewritten, CommentCutPercent = cut };
        floor.Brokers["dst"].Faults = faults;
        floor.Place("src", Side.Buy, 1m, sl: 1.09m);
        Settle(floor);
        floor.Close("src", floor.Positions("src").Single().Id, 0.4m);
        Settle(floor);
        Assert.Equal(0.6m, floor.Net("dst"));

        // And with the answers lost, too.
        floor.Brokers["dst"].Faults = faults with { ReplyLostPercent = 100m };
        floor.Place("src", Side.Sell, 0.5m);
        floor.Wait(60);
        floor.Brokers["dst"].Faults = faults;
        Settle(floor);
        Assert.Equal(0.1m, floor.Net("dst"));
        while (floor.Positions("src").Count > 0)
        {
            floor.Close("src", floor.Positions("src")[0].Id);
        }

        Settle(floor);
        Assert.Empty(floor.Brokers["dst"].OpenPositions);
        Assert.All(floor.Brokers["dst"].ExecutionsByKey, e => Assert.Equal(1, e.Value));
    }

    [TheoryNeeding("g++")]
    [InlineData(Kind.EaMt5Hedging)]
    [InlineData(Kind.EaMt5Netting)]
    [InlineData(Kind.EaMt4)]
    public void A_broker_that_is_slow_gets_everything_once(Kind kind)
    {
        using var floor = Copies(kind);
        floor.Rig.Experts["dst"].Terminal.Faults = new EaTerminalFaults { SlowTrade = TimeSpan.FromSeconds(7) };
        floor.Place("src", Side.Buy, 1m, sl: 1.09m);
        floor.Place("src", Side.Buy, 0.5m);
        floor.Wait(20);
        floor.Close("src", floor.Positions("src")[0].Id, 0.4m);
        Settle(floor);
        Assert.Equal(1.1m, floor.Net("dst"));
        Assert.All(floor.Brokers["dst"].ExecutionsByKey, e => Assert.Equal(1, e.Value));
    }

    [TheoryNeeding("g++")]
    [InlineData(Kind.EaMt5Hedging)]
    [InlineData(Kind.EaMt4)]
    public void Two_hundred_orders_at_once_all_arrive(Kind kind)
    {
        using var floor = Copies(kind);
        var broker = floor.Brokers["src"];
        for (int i = 0; i < 200; i++)
        {
            EaHand.Open(broker, i % 3 == 0 ? Side.Sell : Side.Buy, 0.01m + (0.01m * (i % 7)));
        }

        Settle(floor);
        Assert.Equal(200, floor.Brokers["dst"].OpenPositions.Count);
        Assert.Equal(floor.Net("src"), floor.Net("dst"));
        foreach (var position in broker.OpenPositions.ToArray())
        {
            EaHand.Close(broker, position.Id);
        }

        Settle(floor);
        Assert.Empty(floor.Brokers["dst"].OpenPositions);
        Assert.All(floor.Brokers["dst"].ExecutionsByKey, e => Assert.Equal(1, e.Value));
    }

    [TheoryNeeding("g++")]
    [InlineData(Kind.EaMt5Hedging)]
    [InlineData(Kind.EaMt4)]
    public void A_terminal_that_loses_its_broker_says_so_and_comes_back_in_a_new_epoch(Kind kind)
    {
        using var floor = Copies(kind);
        floor.Place("src", Side.Buy, 1m);
        Settle(floor);
        long epoch = floor.Engine.Account(new AccountId("dst"))!.Epoch;
        var terminal = floor.Rig.Experts["dst"].Terminal;

        // In the middle of a trade call.
        terminal.Faults = new EaTerminalFaults { SlowTrade = TimeSpan.FromSeconds(1) };
        var request = new ClientClose { Account = new AccountId("src"), ClientId = "half", Position = floor.Positions("src").Single().Id, Volume = new Lots(0.4m) };
        floor.Clock.Schedule(TimeSpan.FromMilliseconds(600), () => terminal.Faults = new EaTerminalFaults { Disconnected = true });
        floor.Trade(_ => request with { ClientId = "t-half" });
        floor.Wait(20);
        Assert.False(floor.IsSynced("dst"));
        Assert.False(floor.Healths["dst"].Connected);
        floor.Place("src", Side.Buy, 0.2m);
        floor.Wait(20);
        terminal.Faults = EaTerminalFaults.None;
        floor.Rig.Experts["dst"].Wake();
        Settle(floor);
        Assert.True(floor.Engine.Account(new AccountId("dst"))!.Epoch > epoch);
        Assert.Equal(0.8m, floor.Net("dst"));
        Assert.All(floor.Brokers["dst"].ExecutionsByKey, e => Assert.Equal(1, e.Value));
    }

    [TheoryNeeding("g++")]
    [InlineData(Kind.EaMt5Hedging)]
    [InlineData(Kind.EaMt4)]
    public void Trading_that_is_switched_off_is_said_and_nothing_is_sent(Kind kind)
    {
        using var floor = Copies(kind);
        var terminal = floor.Rig.Experts["dst"].Terminal;
        terminal.Faults = new EaTerminalFaults { AutoTradingOff = true };
        floor.Wait(2);
        Assert.False(floor.Healths["dst"].TradeAllowed);
        Assert.Contains("Trading", floor.Healths["dst"].TradeProblem, StringComparison.Ordinal);
        var refused = floor.Trade(id => new ClientPlace { Account = new AccountId("dst"), ClientId = id, Symbol = Floor.Eurusd, Side = Side.Buy, Volume = new Lots(1m) });
        Assert.Equal(ClientState.Refused, refused.State);
        Assert.Empty(floor.Brokers["dst"].Deals);
        terminal.Faults = EaTerminalFaults.None;
        floor.Wait(2);
        Assert.True(floor.Healths["dst"].TradeAllowed);
        floor.Place("src", Side.Buy, 1m);
        Settle(floor);
        Assert.Equal(1m, floor.Net("dst"));
    }

    [TheoryNeeding("g++")]
    [InlineData(Kind.EaMt5Hedging, false, 0)]
    [InlineData(Kind.EaMt5Netting, true, 0)]
    [InlineData(Kind.EaMt5Hedging, true, 100)]
    [InlineData(Kind.EaMt4, false, 0)]
    [InlineData(Kind.EaMt4, true, 0)]
    [InlineData(Kind.EaMt4, true, 100)]
    public void The_same_command_again_is_never_carried_out_twice(Kind kind, bool loseFiles, int rewritten)
    {
        foreach (var when in Enum.GetValues<KillMoment>())
        {
            for (int call = 1; call <= 7; call++)
            {
                using var floor = Copies(kind);

                // With its files the terminal knows even of what the broker's dealer keeps in his queue.
                floor.Brokers["dst"].Faults = new BrokerFaults { CommentRewrittenPercent = rewritten, ExecuteLatePercent = loseFiles ? 0m : 100m, ExecuteLateMax = TimeSpan.FromSeconds(60) };
                var expert = floor.Rig.Experts["dst"];
                expert.Terminal.Faults = new EaTerminalFaults { KillAtCall = expert.Terminal.PlatformCalls + call, KillWhen = when };
                Command();
                floor.Wait(2);
                Assert.Equal(EaState.Killed, expert.Terminal.State);
                expert.Terminal.Faults = EaTerminalFaults.None;
                expert.Restart(loseFiles);
                Settle(floor, whole: false);
                int before = floor.Answers.Count;
                for (int i = 0; i < 3; i++)
                {
                    Command();
                    floor.Wait(2);
                }

                floor.Wait(70);
                Settle(floor, whole: false);
                var broker = floor.Brokers["dst"];
                var answers = floor.Answers.Skip(before).ToList();
                Assert.NotEmpty(answers);
                Assert.InRange(broker.Deals.Count, 0, 1);
                Assert.All(answers, a => Assert.True(a.Outcome == (broker.Deals.Count == 0 ? OrderOutcome.Unknown : a.Outcome), $"{when} {call}: {a}"));
                Assert.DoesNotContain(answers, a => a.Outcome == OrderOutcome.Refused && a.Refusal != Refusal.NotSent);
                Assert.Equal("", floor.Difference("dst"));

                void Command() => floor.Send(new OpenMarket
                {
                    Account = new AccountId("dst"), Key = OrderKey.From("test", 1, 1, "open", 1), Symbol = Floor.Eurusd, Side = Side.Buy, Volume = new Lots(0.3m),
                    Deadline = floor.Clock.Now + TimeSpan.FromSeconds(2),
                });
            }
        }
    }

    [TheoryNeeding("g++")]
    [InlineData(Kind.EaMt5Hedging)]
    [InlineData(Kind.EaMt5Netting)]
    public void A_history_that_is_late_makes_no_further_trade(Kind kind)
    {
        using var floor = Copies(kind);
        floor.Rig.Experts["dst"].Terminal.Faults = new EaTerminalFaults { HistoryDelay = TimeSpan.FromMilliseconds(1200) };
        floor.Place("src", Side.Buy, 1m);
        Settle(floor);
        floor.Place("src", Side.Buy, 0.5m);
        Settle(floor);
        floor.Close("src", floor.Positions("src")[0].Id, 0.4m);
        Settle(floor);
        floor.Wait(30);
        Assert.Equal(1.1m, floor.Net("dst"));
        Assert.Equal(3, floor.Brokers["dst"].Deals.Count);
    }

    [TheoryNeeding("g++", "OpenSSL headers")]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Tls_needs_the_certificate_that_is_trusted_and_pinned(bool pinned, bool wrong)
    {
        TlsTunnel? tunnel = null;
        using var floor = new Floor(Link());
        floor.Rig.Address = line => $"wss://127.0.0.1:{(tunnel = new TlsTunnel(line.Port)).Port}/ea";
        floor.Rig.With = options => options with
        {
            Inputs = new Dictionary<string, string>(options.Inputs) { ["LsPin"] = !pinned ? "" : wrong ? new string('A', 40) : Colons(tunnel!.Thumbprint) },
            TrustedCertificates = tunnel?.PemFile,
        };
        floor.Broker("src", Kind.Mt5Hedging);
        floor.Broker("dst", Kind.EaMt5Hedging);
        using var _ = tunnel;
        floor.Open();
        WaitReally(() => wrong ? floor.Rig.Experts["dst"].Terminal.Lines().Any(l => l.Contains("pinned", StringComparison.Ordinal)) : floor.IsSynced("dst"));
        Assert.Equal(!wrong, floor.IsSynced("dst"));
        if (!wrong)
        {
            EaHand.Open(floor.Brokers["src"], Side.Buy, 1m);
            WaitReally(() => floor.Net("dst") == 1m && !floor.Engine.InFlight.Any());
            Assert.Equal(1m, floor.Net("dst"));
        }

        void WaitReally(Func<bool> condition)
        {
            for (long until = Environment.TickCount64 + 20_000; !condition() && Environment.TickCount64 < until; Thread.Sleep(5))
            {
                floor.Wait(0.02);
            }
        }

        static string Colons(string hex) => string.Join(':', hex.Chunk(2).Select(pair => new string(pair)));
    }

    private static LinkSettings Link() => new()
    {
        Id = new LinkId("link"), Source = new AccountId("src"), Target = new AccountId("dst"), Pending = PendingPolicy.Native, InDoubt = InDoubtPolicy.Reopen, MaxOpenAttempts = 10,
        Filters = new FilterSettings { MaxAge = null },
    };

    private static Floor Copies(Kind kind)
    {
        var floor = new Floor(kind == Kind.EaMt5Netting ? Link() with { Pending = PendingPolicy.OnFill } : Link());
        floor.Broker("src", Kind.Mt5Hedging);
        floor.Broker("dst", kind);
        floor.Open();
        Assert.True(floor.IsSynced("dst"));
        return floor;
    }

    private static void Settle(Floor floor, bool whole = true) => Assert.True(
        floor.WaitUntil(() => floor.IsSynced("src") && floor.IsSynced("dst") && !floor.Engine.InFlight.Any() && (!whole || floor.Net("dst") == floor.Net("src"))
            && floor.Difference("dst").Length == 0 && floor.Difference("src").Length == 0, 300),
        $"synced {floor.IsSynced("src")} {floor.IsSynced("dst")}, in flight {string.Join(", ", floor.Engine.InFlight.Select(i => $"{i.Command}"))}, source {floor.Net("src")} target {floor.Net("dst")}, {floor.Difference("dst")}, {string.Join("; ", floor.Why.TakeLast(5))}");
}

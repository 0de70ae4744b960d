using System.Globalization;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.MqlHarness.Terminal;
using Lockstep.Simulator;
using Lockstep.Testing;

namespace Lockstep.Conformance.Tests;

/// <summary>Minutes of trading in which everything goes wrong by dice, terminal, line, broker and server; then it stops, and the books must agree.</summary>
public class EaSoak
{
    /// <summary>Environment variable: how many seeds, or <c>=n</c> for one.</summary>
    private const string Variable = "LOCKSTEP_TEST_SOAK";

    [TheoryNeeding("g++")]
    [InlineData(Kind.EaMt5Hedging)]
    [InlineData(Kind.EaMt5Netting)]
    [InlineData(Kind.EaMt4)]
    public void Whatever_goes_wrong_the_books_agree_in_the_end(Kind kind)
    {
        string wanted = Environment.GetEnvironmentVariable(Variable) ?? "4";
        var seeds = wanted.StartsWith('=') ? [ulong.Parse(wanted[1..], CultureInfo.InvariantCulture)] : Enumerable.Range(1, int.Parse(wanted, CultureInfo.InvariantCulture)).Select(n => (ulong)n);
        foreach (ulong seed in seeds)
        {
            try
            {
                Play(kind, seed);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"{kind}, seed {seed}: {error.Message}", error);
            }
        }
    }

    private static void Play(Kind kind, ulong seed)
    {
        var dice = new SimRandom(seed);
        using var floor = new Floor(new LinkSettings
        {
            Id = new LinkId("link"), Source = new AccountId("src"), Target = new AccountId("dst"), MaxOpenAttempts = 1000, InDoubt = InDoubtPolicy.Reopen,
            Pending = kind == Kind.EaMt5Netting ? PendingPolicy.OnFill : PendingPolicy.Native, Filters = new FilterSettings { MaxAge = null },
        });
        var source = floor.Broker("src", kind);
        var target = floor.Broker("dst", kind);
        var experts = floor.Rig.Experts.Values.ToArray();
        foreach (var expert in experts)
        {
            expert.Died = () => floor.Clock.Schedule(TimeSpan.FromMilliseconds(dice.Next(300, 5000)), () =>
            {
                expert.Terminal.Faults = EaTerminalFaults.None;
                if (expert.Terminal.State != EaState.Running)
                {
                    expert.Restart(dice.Chance(10m));
                }
            });
        }

        floor.Open();
        Assert.True(floor.WaitUntil(() => floor.IsSynced("src") && floor.IsSynced("dst"), 30));
        decimal price = 1.1m;
        for (int i = 0; i < 60; i++)
        {
            Trade(source, dice);
            foreach (var expert in experts)
            {
                if (dice.Chance(30m))
                {
                    Break(expert, dice);
                }

                if (dice.Chance(30m))
                {
                    expert.Broker.Faults = BrokerFaultsOf(dice);
                }
            }

            if (dice.Chance(3m))
            {
                floor.RestartServer();
            }

            price += dice.Next(-20, 20) * 0.00005m;
            floor.Quotes(price);
            floor.Wait(dice.Next(1, 60) / 10.0);
        }

        foreach (var expert in experts)
        {
            expert.Line.Down = false;
            expert.Broker.Faults = BrokerFaults.None;
            expert.Terminal.Faults = EaTerminalFaults.None;
            expert.Wake();
        }

        bool settled = floor.WaitUntil(
            () => experts.All(e => e.Terminal.State == EaState.Running) && floor.IsSynced("src") && floor.IsSynced("dst") && !floor.Engine.InFlight.Any()
                && floor.Difference("src").Length == 0 && floor.Difference("dst").Length == 0 && Wanted(floor) == floor.Net("dst"),
            400);
        Assert.True(
            settled,
            $"synced {floor.IsSynced("src")} {floor.IsSynced("dst")}, in flight {string.Join(", ", floor.Engine.InFlight.Select(i => $"{i.Command}"))}, wanted {Wanted(floor)} target {floor.Net("dst")}\n"
                + $"src: {floor.Difference("src")}\ndst: {floor.Difference("dst")}\n{string.Join("\n", floor.Why.Where(w => w.Outcome != WhyOutcome.Done).TakeLast(10))}");
        Assert.All(target.ExecutionsByKey, e => Assert.Equal(1, e.Value));
        foreach (string account in floor.Brokers.Keys)
        {
            var broker = floor.Brokers[account];
            Assert.Equal((account, broker.Deals.Count), (account, floor.Deals(account).Count));
            Assert.Equal(broker.Deals.Sum(d => d.Profit), floor.Deals(account).Values.Sum(d => d.Profit.Value));
        }
    }

    // What was refused for good (trading switched off, no disk) is no longer wanted.
    private static decimal Wanted(Floor floor) => floor.Engine.Legs.Where(leg => leg.Status == LegStatus.Active).Sum(leg => leg.TargetSide.Signed(leg.Wanted).Value);

    private static void Trade(SimBroker broker, SimRandom dice)
    {
        int what = dice.Next(10);
        if (broker.OpenPositions.Count < 6 && what < 5)
        {
            EaHand.Open(broker, dice.Chance(50m) ? Side.Buy : Side.Sell, dice.Next(1, 30) * 0.01m);
        }
        else if (broker.OpenPositions.Count > 0)
        {
            var position = broker.OpenPositions[dice.Next(broker.OpenPositions.Count)];
            decimal part = dice.Chance(50m) ? position.Volume : Math.Max(0.01m, Math.Round(position.Volume / 2, 2, MidpointRounding.ToZero));
            EaHand.Close(broker, position.Id, part);
        }
    }

    private static void Break(EaDriver expert, SimRandom dice)
    {
        switch (dice.Next(8))
        {
            case 0:
                expert.Line.Cut();
                break;
            case 1:
                expert.Line.Down = !expert.Line.Down;
                break;
            case 2 when expert.Terminal.State == EaState.Running:
                expert.Kill();
                expert.Died!();
                break;
            default:
                expert.Terminal.Faults = new EaTerminalFaults
                {
                    Disconnected = dice.Chance(10m),
                    AutoTradingOff = dice.Chance(10m),
                    ContextBusy = dice.Chance(10m),
                    DiskFull = dice.Chance(10m),
                    ReadableLies = dice.Chance(20m),
                    ShortRead = dice.Chance(20m) ? dice.Next(1, 300) : 0,
                    ShortWrite = dice.Chance(20m) ? dice.Next(1, 300) : 0,
                    SlowTrade = dice.Chance(10m) ? TimeSpan.FromMilliseconds(dice.Next(1, 6000)) : TimeSpan.Zero,
                    HistoryDelay = dice.Chance(10m) ? TimeSpan.FromMilliseconds(dice.Next(1, 1500)) : TimeSpan.Zero,
                    KillAtCall = dice.Chance(20m) ? expert.Terminal.PlatformCalls + dice.Next(1, 40) : 0,
                    KillWhen = (KillMoment)dice.Next(3),
                    TransactionDroppedPercent = dice.Chance(20m) ? 50m : 0m,
                    TransactionDuplicatedPercent = dice.Chance(20m) ? 30m : 0m,
                    TransactionReorderedPercent = dice.Chance(20m) ? 30m : 0m,
                };
                break;
        }
    }

    private static BrokerFaults BrokerFaultsOf(SimRandom dice) => dice.Chance(40m) ? BrokerFaults.None : new BrokerFaults
    {
        RequotePercent = dice.Chance(30m) ? 30m : 0m,
        RejectPercent = dice.Chance(30m) ? 20m : 0m,
        PartialFillPercent = dice.Chance(30m) ? 30m : 0m,
        SlippagePercent = 20m,
        ReplyLostPercent = dice.Chance(30m) ? 30m : 0m,
        ReplyLatePercent = dice.Chance(30m) ? 30m : 0m,
        ExecuteLatePercent = dice.Chance(20m) ? 20m : 0m,
        TimeoutThenFillPercent = dice.Chance(20m) ? 20m : 0m,
        CommentCutPercent = dice.Chance(20m) ? 30m : 0m,
        CommentRewrittenPercent = dice.Chance(20m) ? 30m : 0m,
    };
}

using System.Globalization;
using System.Text;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.MqlHarness.Terminal;
using Lockstep.Testing;

namespace Lockstep.Conformance.Tests;

/// <summary>
/// The Expert Advisor's process dies at its k-th call that touches disk, broker or network, for every k: before the call, after it, half way through. It comes back with its files or
/// without; then everything is as if nothing had happened, or is known not to be.
/// </summary>
internal static class KillMatrix
{
    private static readonly AccountId Target = new("dst");

    /// <summary>Environment variable: <c>all</c> = every call; a number = that call alone; else a part of the calls, another one for each case.</summary>
    private const string Variable = "LOCKSTEP_TEST_KILLS";

    /// <summary>Kills at the calls of one kind.</summary>
    public static void Check(Kind kind, KillMoment when, bool loseFiles)
    {
        var pumps = new List<(long First, long Last)>();
        Play(kind, EaTerminalFaults.None, loseFiles: false, pumps);
        Assert.InRange(pumps.Count, 20, 2_000);
        var failures = new StringBuilder();
        string? wanted = Environment.GetEnvironmentVariable(Variable);
        int number = 0;
        foreach (long k in Calls(pumps))
        {
            bool due = wanted is null ? number++ % 4 == ((int)when + (loseFiles ? 3 : 0)) % 4 : wanted == "all" || wanted == $"{k}";
            try
            {
                if (due)
                {
                    Play(kind, new EaTerminalFaults { KillAtCall = k, KillWhen = when }, loseFiles);
                }
            }
#pragma warning disable CA1031 // Every call is tried; what fails is told together.
            catch (Exception error)
#pragma warning restore CA1031
            {
                failures.AppendLine(CultureInfo.InvariantCulture, $"killed {when} call {k} of {pumps[^1].Last}: {error.Message}");
            }
        }

        Assert.True(failures.Length == 0, failures.ToString());
    }

    // Over a pipe every look is a call or two; of those that carry nothing new a few do.
    private static IEnumerable<long> Calls(List<(long First, long Last)> pumps)
    {
        int idle = 0;
        foreach (var (first, last) in pumps)
        {
            if (last - first < 2 && idle++ % 20 != 0)
            {
                continue;
            }

            for (long k = first; k <= last; k++)
            {
                yield return k;
            }
        }
    }

    // Open, change levels, close a part, place, cancel, close. `pumps`: is told the calls of each pump.
    private static void Play(Kind kind, EaTerminalFaults faults, bool loseFiles, List<(long First, long Last)>? pumps = null)
    {
        var link = new LinkSettings
        {
            Id = new LinkId("link"), Source = new AccountId("src"), Target = Target, Pending = PendingPolicy.Native, InDoubt = InDoubtPolicy.Reopen, Filters = new FilterSettings { MaxAge = null },
        };
        using var floor = new Floor(link);
        floor.Broker("src", Kind.Mt5Hedging);
        var broker = floor.Broker("dst", kind);
        var expert = floor.Rig.Experts["dst"];
        expert.Pumped = (first, last) => pumps?.Add((first, last));
        int lives = 1;
        expert.Terminal.Faults = faults;
        expert.Died = () => floor.Clock.Schedule(TimeSpan.FromMilliseconds(700), () =>
        {
            lives++;
            expert.Terminal.Faults = EaTerminalFaults.None;
            expert.Restart(loseFiles);
        });
        floor.Open();
        Assert.True(floor.WaitUntil(() => floor.IsSynced("dst"), 30), "not synced");
        Assert.Equal(ClientState.Done, floor.Place("src", Side.Buy, 1m, sl: 1.09m, tp: 1.12m).State);
        var position = floor.Positions("src").Single().Id;
        Assert.Equal(ClientState.Done, floor.Stops("src", position, 1.095m, 1.125m).State);
        Assert.Equal(ClientState.Done, floor.Close("src", position, 0.4m).State);
        Assert.Equal(ClientState.Done, floor.Place("src", Side.Buy, 0.2m, PendingType.Limit, 1.08m).State);
        Settle("in the middle");
        var held = Assert.Single(broker.OpenPositions);
        Assert.Equal((0.6m, 1.095m, 1.125m), (held.Volume, held.StopLoss, held.TakeProfit));
        Assert.Equal(1.08m, Assert.Single(broker.PendingOrders).Price);
        Assert.Equal(ClientState.Done, floor.Cancel("src", floor.Orders("src").Single().Id).State);
        Assert.Equal(ClientState.Done, floor.Close("src", position).State);
        Settle("at the end");
        Assert.Empty(broker.OpenPositions);
        Assert.Empty(broker.PendingOrders);
        Assert.All(broker.ExecutionsByKey, e => Assert.Equal(1, e.Value));
        Assert.Equal(broker.Deals.Sum(d => d.Entry == DealEntry.In ? d.Volume : 0m), broker.Deals.Sum(d => d.Entry == DealEntry.In ? 0m : d.Volume));

        // The volume is told that went in and out, once each deal.
        Assert.Equal(broker.Deals.Count, floor.Deals("dst").Count);
        Assert.Equal(broker.Deals.Sum(d => d.Volume), floor.Deals("dst").Values.Sum(d => d.Volume.Value));
        Assert.Equal(broker.Deals.Sum(d => d.Profit), floor.Deals("dst").Values.Sum(d => d.Profit.Value));
        Assert.Equal(faults.KillAtCall > 0 ? 2 : 1, lives);

        void Settle(string at) => Assert.True(
            floor.WaitUntil(() => expert.Terminal.State == EaState.Running && floor.IsSynced("dst") && !floor.Engine.InFlight.Any() && floor.Net("dst") == floor.Net("src")
                && floor.Orders("dst").Count == floor.Orders("src").Count && floor.Difference("dst").Length == 0, 240),
            $"{at}: synced {floor.IsSynced("dst")}, in flight {string.Join(", ", floor.Engine.InFlight.Select(i => $"{i.Command}"))}, {floor.Difference("dst")}, source {floor.Net("src")}");
    }
}

/// <summary>MT5 in the kill matrix.</summary>
public class EaMt5Kills
{
    [TheoryNeeding("g++")]
    [InlineData(KillMoment.Before, false)]
    [InlineData(KillMoment.After, false)]
    [InlineData(KillMoment.Half, false)]
    [InlineData(KillMoment.After, true)]
    public void A_kill_at_any_call_loses_and_doubles_nothing(KillMoment when, bool loseFiles) => KillMatrix.Check(Kind.EaMt5Hedging, when, loseFiles);
}

/// <summary>MT4 in the kill matrix.</summary>
public class EaMt4Kills
{
    [TheoryNeeding("g++")]
    [InlineData(KillMoment.Before, false)]
    [InlineData(KillMoment.After, false)]
    [InlineData(KillMoment.Half, false)]
    [InlineData(KillMoment.After, true)]
    public void A_kill_at_any_call_loses_and_doubles_nothing(KillMoment when, bool loseFiles) => KillMatrix.Check(Kind.EaMt4, when, loseFiles);
}

using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>Draws which accounts are reached over the EA link, and what goes wrong there. Half of the worlds have none: they stay as they were without it.</summary>
internal static class TerminalMaker
{
    /// <summary>The accounts, some of them with terminals.</summary>
    public static IReadOnlyList<AccountPlan> Make(SimRandom dice, IReadOnlyList<AccountPlan> accounts, Weather weather, TimeSpan trouble) =>
        dice.Chance(50)
            ? accounts
            : [.. accounts.Select((a, i) => a.Broker.Platform == PlatformKind.CTrader || !dice.Fork(i).Chance(70) ? a : a with { Terminal = One(dice.Fork(100 + i), weather, trouble, MayLoseFiles(a)) })];

    /// <summary>
    /// MT4 shows which ticket came from which by comments alone, and those are lost when the ticket is closed: of trades of one second and one price, only who watched can say which
    /// one goes on. Files are lost where nothing but our keys stands in the comments.
    /// </summary>
    private static bool MayLoseFiles(AccountPlan account) =>
        account.Broker.Platform == PlatformKind.Mt5
        || account is { TradesEvery: null, MeddlesEvery: null, Faults: { CommentCutPercent: 0m, CommentRewrittenPercent: 0m } };

    private static TerminalPlan One(SimRandom dice, Weather weather, TimeSpan trouble, bool mayLoseFiles)
    {
        bool network = weather is Weather.Network or Weather.Storm;
        int terminals = dice.Chance(40) ? 2 : 1;
        bool overtakes = network && dice.Chance(25);
        bool summer = dice.Chance(12);
        return new TerminalPlan
        {
            Terminals = terminals,
            LatencyMax = TimeSpan.FromMilliseconds(dice.Pick([2, 20, 60, network ? 400 : 60])),
            BreakPercent = network && dice.Chance(40) ? dice.NextDecimal(0.05m, 2m, 0.05m) : 0m,
            DuplicatePercent = overtakes ? dice.NextDecimal(0.5m, 10m, 0.5m) : 0m,
            LatePercent = overtakes && dice.Chance(60) ? dice.NextDecimal(0.5m, 10m, 0.5m) : 0m,
            RepeatPercent = network && dice.Chance(30) ? dice.NextDecimal(5m, 50m, 5m) : 0m,
            HollowPercent = network && dice.Chance(20) ? dice.NextDecimal(2m, 30m, 2m) : 0m,
            Offset = TimeSpan.FromHours(dice.Pick([0, 0, 2, 2, 3, -5])),
            ClockChangesAfter = summer ? PlanMaker.Within(dice, trouble) : null,
            ClockChangesBy = TimeSpan.FromHours(dice.Chance(50) ? 1 : -1),
            Troubles = network ? Troubles(dice.Fork("troubles"), terminals, trouble, mayLoseFiles) : [],
        };
    }

    private static List<TerminalTrouble> Troubles(SimRandom dice, int terminals, TimeSpan trouble, bool mayLoseFiles)
    {
        var troubles = new List<TerminalTrouble>();
        for (int i = dice.Next(0, 8); i > 0; i--)
        {
            var fault = (TerminalFault)dice.Next(1, 8);
            var longest = fault switch
            {
                TerminalFault.DoesNotRead => TimeSpan.FromSeconds(25),
                TerminalFault.HalfOpen => TimeSpan.FromSeconds(60),
                _ => trouble / 8,
            };
            troubles.Add(new TerminalTrouble(
                PlanMaker.Within(dice, trouble),
                dice.Next(terminals),
                fault,
                dice.NextSpan(TimeSpan.FromMilliseconds(200), dice.Chance(60) && longest > TimeSpan.FromSeconds(20) ? TimeSpan.FromSeconds(20) : longest),
                dice.Next(1, 60),
                !(dice.Chance(30) && mayLoseFiles)));
        }

        return [.. troubles.OrderBy(t => t.After)];
    }
}

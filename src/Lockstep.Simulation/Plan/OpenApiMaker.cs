using Lockstep.CTrader.Session;
using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>Draws which cTrader accounts are reached over the Open API, and what goes wrong there. Four worlds in ten have none: they stay as they were without it.</summary>
internal static class OpenApiMaker
{
    /// <summary>The accounts, some of them over the Open API, and how it is; null = nobody is.</summary>
    public static (IReadOnlyList<AccountPlan> Accounts, OpenApiPlan? Plan) Make(SimRandom dice, IReadOnlyList<AccountPlan> accounts, Weather weather, TimeSpan trouble)
    {
        // An account that is gone for good is the broker's doing; the connection is shared, and the others must not suffer.
        var over = accounts
            .Select((a, i) => (Account: a, Over: a.Broker.Platform == PlatformKind.CTrader && a.GoneAfter is null && dice.Fork(i).Chance(75), Live: dice.Fork(200 + i).Chance(30)))
            .Select(x => x.Over ? x.Account with { OpenApi = x.Live ? OpenApiEnvironment.Live : OpenApiEnvironment.Demo, Broker = x.Account.Broker with { StopsWithOpen = true } } : x.Account)
            .ToList();
        return dice.Chance(40) || over.All(a => a.OpenApi is null) ? (accounts, null) : (over, One(dice.Fork("api"), weather, trouble));
    }

    private static OpenApiPlan One(SimRandom dice, Weather weather, TimeSpan trouble)
    {
        bool network = weather is Weather.Network or Weather.Storm;
        return new OpenApiPlan
        {
            LatencyMax = TimeSpan.FromMilliseconds(dice.Pick([2, 20, 60, network ? 400 : 60])),
            BreakPercent = network && dice.Chance(40) ? dice.NextDecimal(0.05m, 1m, 0.05m) : 0m,
            Faults = network ? Faults(dice.Fork("faults")) : SimOpenApiFaults.None,
            Troubles = network ? Troubles(dice.Fork("troubles"), trouble) : [],
        };
    }

    private static SimOpenApiFaults Faults(SimRandom dice)
    {
        return new SimOpenApiFaults
        {
            DropBeforePercent = Some(15m),
            DropAfterPercent = Some(15m),
            MutePercent = Some(15m),
            SilentPercent = Some(0.2m, 20m),
            DelayPercent = Some(15m),
            DuplicatePercent = Some(20m),
            ReorderPercent = Some(20m),
            RejectPercent = Some(10m),
            RejectCode = dice.Pick(["TIMEOUT_ERROR", "UNKNOWN_ERROR", "CONCURRENT_MODIFICATION", "A_CODE_OF_TOMORROW"]),
            BlockPercent = Some(3m, 25m),
            TokenInvalidPercent = Some(1m, 20m),
            AccountDropPercent = Some(2m, 25m),
            ClientDropPercent = Some(1m, 20m),
            ForgetPercent = Some(2m, 25m),
            SpotBeforeAnswer = dice.Chance(50),
            ForeignIds = dice.Chance(70),
            StrangeMessagePercent = Some(5m),
        };

        decimal Some(decimal most, decimal percent = 35m)
        {
            bool there = dice.Chance(percent);
            decimal much = dice.NextDecimal(most / 20m, most, most / 20m);
            return there ? much : 0m;
        }
    }

    private static List<OpenApiTrouble> Troubles(SimRandom dice, TimeSpan trouble)
    {
        var troubles = new List<OpenApiTrouble>();
        for (int i = dice.Next(0, 6); i > 0; i--)
        {
            var what = (OpenApiEvent)dice.Next(1, 5);
            var longest = what == OpenApiEvent.HalfOpen ? TimeSpan.FromSeconds(150) : trouble / 8;
            troubles.Add(new OpenApiTrouble(
                PlanMaker.Within(dice, trouble),
                what,
                dice.NextSpan(TimeSpan.FromMilliseconds(200), dice.Chance(60) && longest > TimeSpan.FromSeconds(20) ? TimeSpan.FromSeconds(20) : longest)));
        }

        return [.. troubles.OrderBy(t => t.After)];
    }
}

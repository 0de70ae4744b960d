using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>Draws how much goes wrong at one account: most faults are off in most worlds, so that each also meets a quiet background.</summary>
internal static class FaultMaker
{
    /// <summary>Faults for the trouble.</summary>
    public static BrokerFaults Make(SimRandom dice, Weather weather)
    {
        bool network = weather is Weather.Network or Weather.Storm;
        bool broker = weather is Weather.Brokers or Weather.Storm;
        return new BrokerFaults
        {
            RequotePercent = Some(broker, 30m),
            RejectPercent = Some(broker, 20m),
            PartialFillPercent = Some(broker, 40m),
            SlippagePercent = Some(broker, 60m),
            ReplyLostPercent = Some(network, 25m),
            ReplyLatePercent = Some(network, 40m),
            ExecuteLatePercent = Some(broker, 25m),
            TimeoutThenFillPercent = Some(broker, 25m),
            BeyondHorizonPercent = dice.Chance(6) ? Some(broker, 10m) : 0m,
            CommentCutPercent = Some(broker, 30m, 30m),
            CommentRewrittenPercent = Some(broker, 30m, 30m),
            AskFailsPercent = Some(network, 40m),
            AskLostPercent = Some(network, 30m),
            DisconnectPercent = Some(network, 4m),
            EventDuplicatedPercent = Some(network, 30m),
            EventDroppedPercent = Some(network, 15m),
            EventReorderedPercent = Some(network, 25m),
            GarbagePercent = Some(network, 15m),
        };

        decimal Some(bool on, decimal most, decimal percent = 45m)
        {
            // Both dice are always cast: switching one fault on leaves the others as they are.
            bool there = dice.Chance(percent);
            decimal much = dice.NextDecimal(most / 20m, most, most / 20m);
            return on && there ? much : 0m;
        }
    }

    /// <summary>Long outages.</summary>
    public static IReadOnlyList<Outage> Outages(SimRandom dice, Weather weather, TimeSpan trouble)
    {
        var outages = new List<Outage>();
        if (weather is Weather.Network or Weather.Storm)
        {
            for (int i = dice.Chance(40) ? dice.Next(1, 3) : 0; i > 0; i--)
            {
                outages.Add(new Outage(PlanMaker.Within(dice, trouble), dice.NextSpan(TimeSpan.FromSeconds(2), trouble / 6)));
            }
        }

        return [.. outages.OrderBy(o => o.After)];
    }
}

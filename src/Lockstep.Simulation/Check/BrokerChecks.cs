using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>What a broker's own books must show whatever happened.</summary>
internal static class BrokerChecks
{
    public static void Check(AccountId account, SimBroker broker, Record record, Action<string, string> violate)
    {
        foreach (var (key, times) in broker.ExecutionsByKey)
        {
            if (times > 1)
            {
                violate("one-execution-per-key", $"{new OrderKey(key)} was executed {times} times on {account}");
            }

            if (!record.Holds(new OrderKey(key)))
            {
                violate("nothing-undecided-executed", $"{new OrderKey(key)} was executed on {account} and the journal does not hold it");
            }
        }

        foreach (var deal in broker.Deals)
        {
            if (deal.OwnerKey is { } key && broker.ExecutionsByKey.GetValueOrDefault(key) == 0 && !record.Holds(new OrderKey(key)))
            {
                violate("nothing-undecided-executed", $"deal {deal.Number} on {account} has the key {new OrderKey(key)}, which nobody decided");
            }
        }
    }
}

using System.Globalization;
using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Simulation;

/// <summary>For which source trade and link a position was put on a target in hedging mode.</summary>
/// <param name="Link">The link.</param>
/// <param name="Incarnation">How often a link of that name had been made.</param>
/// <param name="Source">The number of the source position, or of the pending order it began as.</param>
/// <param name="IsOrder">True when <paramref name="Source"/> is a pending order.</param>
/// <param name="Turn">Counts the turns of a netting source position.</param>
public readonly record struct PlainOrigin(LinkId Link, int Incarnation, long Source, bool IsOrder, int Turn);

/// <summary>
/// Whose is this key? Keys are worked out from facts (docs/life-of-a-trade.md), so whoever knows the facts works out the same keys: the model tries the facts it knows,
/// first attempts first, until every key found on the brokers has its origin.
/// </summary>
internal static class PlainKeys
{
    // An order that has been tried more often than this would be a finding of its own.
    private const int AttemptsMost = 400;

    private static readonly string[] Purposes = ["open", "place", "close"];

    /// <summary>The origins of the keys; a key that is missing in the answer has none.</summary>
    public static Dictionary<ulong, PlainOrigin> Resolve(IEnumerable<ulong> keys, IEnumerable<PlainOrigin> origins)
    {
        var open = keys.ToHashSet();
        var found = new Dictionary<ulong, PlainOrigin>();
        var candidates = origins.Select(o => (Origin: o, Scope: string.Create(CultureInfo.InvariantCulture, $"{o.Link}#{o.Incarnation}{(o.IsOrder ? "|order" : "")}"))).ToList();
        for (int attempt = 0; attempt <= AttemptsMost && open.Count > 0; attempt++)
        {
            foreach (var (origin, scope) in candidates)
            {
                foreach (string purpose in Purposes)
                {
                    ulong key = OrderKey.From(scope, origin.Source, origin.Turn, purpose, attempt).Value;
                    if (open.Remove(key))
                    {
                        found.Add(key, origin);
                    }
                }
            }
        }

        return found;
    }
}

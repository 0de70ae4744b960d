using System.Security.Cryptography;
using Lockstep.Engine;

namespace Lockstep.Simulation;

/// <summary>Plays seeded worlds: <c>lockstep simulate</c>.</summary>
public static class Simulate
{
    /// <summary>
    /// Plays the worlds of <paramref name="firstSeed"/> to <paramref name="lastSeed"/>, both included. The report, its hash included, does not depend on the number of threads.
    /// </summary>
    /// <param name="firstSeed">First seed.</param>
    /// <param name="lastSeed">Last seed.</param>
    /// <param name="plant">A mistake to plant, by <see cref="PlantList"/>; null = none.</param>
    /// <param name="threads">How many worlds are played at the same time.</param>
    /// <param name="stopAtFirst">Stop once a violation was found; the seeds before it have all been played.</param>
    /// <param name="progress">Told of each finished seed, from any thread.</param>
    /// <param name="cancel">Ends the run early; the report then covers the seeds up to the first that was not played.</param>
    public static SimulationReport Run(
        long firstSeed, long lastSeed, PlantedFault? plant = null, int threads = 1, bool stopAtFirst = false, Action<WorldResult>? progress = null, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lastSeed, firstSeed);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var results = new WorldResult?[checked((int)(lastSeed - firstSeed + 1))];
        int next = -1;
        int foundAt = int.MaxValue;

        void Work()
        {
            // Seeds are handed out in order: when one is found at fault, all before it are under way already.
            for (int i = Interlocked.Increment(ref next); i < results.Length && i <= Volatile.Read(ref foundAt) && !cancel.IsCancellationRequested; i = Interlocked.Increment(ref next))
            {
                var result = World.Play(firstSeed + i, plant);
                results[i] = result;
                progress?.Invoke(result);
                if (stopAtFirst && result.Violations.Count > 0)
                {
                    Lower(ref foundAt, i);
                }
            }
        }

        var others = Enumerable.Range(1, threads - 1).Select(_ => new Thread(Work)).ToList();
        others.ForEach(t => t.Start());
        Work();
        others.ForEach(t => t.Join());
        int played = Array.IndexOf(results, null) is >= 0 and var gap ? gap : results.Length;
        return Sum(results.AsSpan(0, foundAt == int.MaxValue ? played : Math.Min(played, foundAt + 1)));
    }

    /// <summary>One seed's story, for a person: time, who, what, why.</summary>
    public static string Trace(long seed, PlantedFault? plant = null)
    {
        var story = new Story(PlanMaker.Make(seed).Start, true);
        World.Play(seed, plant, story);
        return story.ToString();
    }

    private static void Lower(ref int at, int value)
    {
        for (int seen = Volatile.Read(ref at); value < seen; seen = Volatile.Read(ref at))
        {
            Interlocked.CompareExchange(ref at, value, seen);
        }
    }

    private static SimulationReport Sum(ReadOnlySpan<WorldResult?> results)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var violations = new List<Violation>();
        long events = 0;
        long crashes = 0;
        var simulated = TimeSpan.Zero;
        foreach (var result in results)
        {
            hash.AppendData(result!.Hash.Span);
            violations.AddRange(result.Violations);
            events += result.Events;
            crashes += result.Crashes;
            simulated += result.Simulated;
        }

        return new SimulationReport
        {
            Seeds = results.Length,
            Events = events,
            SimulatedHours = Math.Round(simulated.TotalHours, 3),
            Crashes = crashes,
            Violations = violations,
            Hash = Convert.ToHexStringLower(hash.GetHashAndReset()),
        };
    }
}

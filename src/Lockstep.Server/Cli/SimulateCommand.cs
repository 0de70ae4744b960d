using System.Globalization;
using System.Text.Json;
using Lockstep.Server.Configuration;
using Lockstep.Simulation;

namespace Lockstep.Server.Cli;

/// <summary><c>lockstep simulate</c>: a thin hand on Lockstep.Simulation.</summary>
internal static class SimulateCommand
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Runs the command.</summary>
    public static Task<int> RunAsync(string? seeds, string? plantName, string? trace, bool json, CancellationToken cancel)
    {
        if (plantName == "list")
        {
            List(json);
            return Task.FromResult(ExitCode.Ok);
        }

        PlantedFault? plant = null;
        if (plantName is not null && (plant = PlantList.Find(plantName)) is null)
        {
            return Wrong($"--plant: there is no planted fault '{plantName}'{Spelling.DidYouMean(plantName, PlantList.All.Select(p => p.Name))} ('--plant list' names them all)");
        }

        if (trace is not null)
        {
            return !long.TryParse(trace, NumberStyles.None, CultureInfo.InvariantCulture, out long seed)
                ? Wrong($"--trace: '{trace}' is no seed; give a whole number from 0")
                : Task.FromResult(Trace(seed, plant));
        }

        return Range(seeds) is not { } range
            ? Wrong(seeds is null ? "--seeds is missing: give one number, or a range such as 1..1000" : $"--seeds: '{seeds}' is no range of at most {CountMax} seeds; write it as 1..1000")
            : Task.FromResult(Play(range.First, range.Last, plant, json, cancel));
    }

    private const long CountMax = 100_000_000;

    /// <summary>Both ends included; null when it is no range.</summary>
    internal static (long First, long Last)? Range(string? text)
    {
        string[] ends = text?.Split("..") ?? [];
        return ends.Length is 1 or 2
            && long.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out long first)
            && long.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out long last)
            && last >= first && last - first < CountMax
            ? (first, last)
            : null;
    }

    private static int Play(long first, long last, PlantedFault? plant, bool json, CancellationToken cancel)
    {
        using var stop = new StopSignal(cancel);
        long done = 0;
        bool shows = !json && !Console.IsErrorRedirected;

        // A planted fault is looked for, so that the first finding is enough; without one every seed counts.
        var report = Simulate.Run(first, last, plant, Environment.ProcessorCount, plant is not null, shows ? _ => Show(Interlocked.Increment(ref done), last - first + 1) : null, stop.Token);
        if (shows)
        {
            Console.Error.Write("\r\u001b[K");
        }

        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new { report.Seeds, report.Events, report.SimulatedHours, report.Crashes, report.Violations, report.Hash }, Json));
        }
        else
        {
            Tell(report, plant);
        }

        return report.Clean && !stop.Token.IsCancellationRequested ? ExitCode.Ok : ExitCode.Failure;
    }

    private static void Show(long done, long all)
    {
        if (done % 10 == 0)
        {
            Console.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{done} of {all} seeds"));
        }
    }

    private static void Tell(SimulationReport report, PlantedFault? plant)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{report.Seeds} seeds, {report.Events} events, {report.SimulatedHours} simulated hours, {report.Crashes} crashes{(plant is null ? "" : $", planted: {plant.Name}")}"));
        foreach (var violation in report.Violations)
        {
            Console.WriteLine($"VIOLATION seed {violation.Seed}: {violation.Rule}: {violation.Text}");
        }

        foreach (long seed in report.Violations.Select(v => v.Seed).Distinct().Take(3))
        {
            Console.WriteLine($"  its story: lockstep simulate --trace {seed}{(plant is null ? "" : $" --plant {plant.Name}")}");
        }

        Console.WriteLine(report.Clean ? "no violation" : $"{report.Violations.Count} violations");
        Console.WriteLine($"hash {report.Hash}");
    }

    private static int Trace(long seed, PlantedFault? plant)
    {
        Console.Write(Simulate.Trace(seed, plant));
        var report = Simulate.Run(seed, seed, plant);
        Tell(report, plant);
        return report.Clean ? ExitCode.Ok : ExitCode.Failure;
    }

    private static void List(bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(PlantList.All.Select(p => new { p.Name, p.Sentence }), Json));
            return;
        }

        foreach (var plant in PlantList.All)
        {
            Console.WriteLine($"{plant.Name,-26} {plant.Sentence}");
        }
    }

    private static Task<int> Wrong(string text)
    {
        Console.Error.WriteLine($"lockstep: {text}");
        return Task.FromResult(ExitCode.BadUsage);
    }
}

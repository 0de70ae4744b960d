using System.Diagnostics;
using System.Globalization;

namespace Lockstep.Simulation.Tests;

/// <summary>Seeded worlds: clean, and the same in every process.</summary>
public class SeedTests
{
    /// <summary>How many seeds the normal run plays; <c>LOCKSTEP_SIM_SEEDS=5000</c> for a night.</summary>
    private static int Seeds => int.TryParse(Environment.GetEnvironmentVariable("LOCKSTEP_SIM_SEEDS"), NumberStyles.None, CultureInfo.InvariantCulture, out int seeds) ? seeds : 300;

    [Fact]
    public void Worlds_are_clean()
    {
        var report = Simulate.Run(1, Seeds, threads: Environment.ProcessorCount);
        Assert.True(report.Clean, string.Join('\n', report.Violations.Select(v => $"seed {v.Seed}: {v.Rule}: {v.Text}")));
        Assert.Equal(Seeds, report.Seeds);
        Assert.True(report.Events > 50 * Seeds, "hardly anything happened");
        Assert.True(report.Crashes > Seeds / 4, "hardly any crash");
        Assert.True(report.SimulatedHours > Seeds / 2, "hardly any time passed");
    }

    [Fact]
    public void The_hash_is_the_same_again_and_on_several_threads()
    {
        var once = Simulate.Run(1000, 1024);
        Assert.Equal(once.Hash, Simulate.Run(1000, 1024).Hash);
        Assert.Equal(once.Hash, Simulate.Run(1000, 1024, threads: 3).Hash);
        Assert.NotEqual(once.Hash, Simulate.Run(1000, 1023).Hash);
    }

    /// <summary>Another process has other hash seeds, addresses and threads; here it also has another culture, time zone and kind of compilation.</summary>
    [Fact]
    public void The_hash_is_the_same_in_another_process()
    {
        using var child = Process.Start(new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            ArgumentList = { "exec", typeof(SimulationChild).Assembly.Location, SimulationChild.Verb, "1", "25" },
            RedirectStandardOutput = true,
            Environment = { ["LANG"] = "de_DE.UTF-8", ["TZ"] = "Asia/Kolkata", ["DOTNET_TieredCompilation"] = "0" },
        })!;
        string hash = child.StandardOutput.ReadToEnd().Trim();
        child.WaitForExit();
        Assert.Equal(0, child.ExitCode);
        Assert.Equal(Simulate.Run(1, 25).Hash, hash);
    }

    [Fact]
    public void A_story_can_be_read()
    {
        string story = Simulate.Trace(7);
        Assert.StartsWith("seed 7: ", story, StringComparison.Ordinal);
        Assert.Contains("session 1 is up", story, StringComparison.Ordinal);
        Assert.Contains("engine", story, StringComparison.Ordinal);
        Assert.Equal(story, Simulate.Trace(7));
    }
}

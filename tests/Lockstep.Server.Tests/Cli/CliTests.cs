using System.Text.Json;
using Lockstep.Server.Cli;
using Lockstep.Server.Tests.Configuration;
using Lockstep.Server.Tests.Processes;

namespace Lockstep.Server.Tests.Cli;

/// <summary>The command line as a person or a script meets it.</summary>
[Collection("processes")]
public sealed class CliTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-test-").FullName;

    public static TheoryData<string[], string[]> Helps => new()
    {
        { ["--help"], ["serve", "demo", "simulate", "Exit codes"] },
        { ["serve", "--help"], ["--config", "--port", "--data", "--check", "Exit codes"] },
        { ["demo", "--help"], ["--quotes", "--data", "--seconds", "--json", "--seed", "--port", "--key", "Exit codes"] },
        { ["simulator", "ctrader", "--help"], ["--port", "--json-port", "--faults", "--cert", "Exit codes"] },
        { ["simulate", "--help"], ["--seeds", "--plant", "--trace", "--json", "Exit codes"] },
    };

    public static TheoryData<string[], string> Wrongs => new()
    {
        { [], "" },
        { ["sevre"], "sevre" },
        { ["serve"], "--config" },
        { ["serve", "--config", "x", "--port", "70000"], "--port must be 0 to 65535" },
        { ["serve", "--config", "x", "--port", "x"], "--port" },
        { ["serve", "--config", "no-such-file.json"], "cannot be read" },
        { ["demo", "--seconds", "0"], "--seconds must be" },
        { ["demo", "--port", "70000"], "--port must be 0 to 65535" },
        { ["demo", "--key", "short"], "--key must be" },
        { ["demo", "--quotes", "no-such-file.csv"], "there is no file" },
        { ["demo", "--nonsense"], "--nonsense" },
        { ["simulate"], "--seeds is missing" },
        { ["simulate", "--seeds", "5..1"], "no range" },
        { ["simulate", "--seeds", "a"], "no range" },
        { ["simulate", "--seeds", "1", "--plant", "forget-tombston"], "did you mean \"forget-tombstone\"?" },
        { ["simulate", "--trace", "x"], "no seed" },
    };

    [Fact]
    public async Task The_version_is_the_assemblys()
    {
        var (code, output, _) = await LockstepProcess.RunAsync("--version");
        Assert.Equal((ExitCode.Ok, LockstepVersion.Text), (code, output.Trim()));
    }

    [Theory]
    [MemberData(nameof(Helps))]
    public async Task Every_command_has_a_help_text(string[] arguments, string[] words)
    {
        var (code, output, _) = await LockstepProcess.RunAsync(arguments);
        Assert.Equal(ExitCode.Ok, code);
        Assert.All(words, word => Assert.Contains(word, output, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_command_and_option_says_what_it_is()
    {
        var root = LockstepCommand.Create();
        Assert.All(root.Subcommands, command =>
        {
            Assert.False(string.IsNullOrWhiteSpace(command.Description));
            Assert.All(command.Options, option => Assert.False(string.IsNullOrWhiteSpace(option.Description)));
        });
    }

    [Theory]
    [MemberData(nameof(Wrongs))]
    public async Task Wrong_usage_ends_with_2_and_says_why(string[] arguments, string says)
    {
        var (code, output, errors) = await LockstepProcess.RunAsync(arguments);
        Assert.Equal(ExitCode.BadUsage, code);
        Assert.Contains(says, errors + output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_can_be_checked_without_running_it()
    {
        string file = Path.Combine(_folder, "lockstep.json");
        File.WriteAllText(file, Config.Good);
        Assert.Equal(ExitCode.Ok, (await LockstepProcess.RunAsync("serve", "--config", file, "--check")).ExitCode);
        File.WriteAllText(file, Config.With("mt5-netting", "mt6").Replace("\"kind\": \"hedge\"", "\"kind\": \"hege\"", StringComparison.Ordinal));
        var (code, _, errors) = await LockstepProcess.RunAsync("serve", "--config", file, "--check");
        Assert.Equal(ExitCode.BadUsage, code);
        Assert.Contains("accounts.netting.broker.kind", errors, StringComparison.Ordinal);
        Assert.Contains("links[0].kind", errors, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(_folder));
    }

    [Fact]
    public async Task Simulate_gives_the_same_hash_in_any_process()
    {
        var first = await LockstepProcess.RunAsync("simulate", "--seeds", "1..3", "--json");
        var second = await LockstepProcess.RunAsync("simulate", "--seeds", "1..3", "--json");
        var report = JsonDocument.Parse(first.Output).RootElement;
        Assert.Equal(["seeds", "events", "simulated_hours", "crashes", "violations", "hash"], report.EnumerateObject().Select(p => p.Name));
        Assert.Equal(3, report.GetProperty("seeds").GetInt32());
        Assert.Equal(report.GetProperty("hash").GetString(), JsonDocument.Parse(second.Output).RootElement.GetProperty("hash").GetString());
        Assert.Equal(report.GetProperty("violations").GetArrayLength() == 0 ? ExitCode.Ok : ExitCode.Failure, first.ExitCode);
    }

    [Fact]
    public async Task A_planted_fault_ends_with_1_and_prints_the_seed()
    {
        var (code, output, _) = await LockstepProcess.RunAsync("simulate", "--seeds", "1..500", "--plant", "round-up");
        Assert.Equal(ExitCode.Failure, code);
        Assert.Contains("VIOLATION seed ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Planted_faults_are_listed()
    {
        var (code, output, _) = await LockstepProcess.RunAsync("simulate", "--plant", "list");
        Assert.Equal(ExitCode.Ok, code);
        Assert.All(Simulation.PlantList.All, plant => Assert.Contains(plant.Name, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_seed_tells_its_story()
    {
        var (code, output, _) = await LockstepProcess.RunAsync("simulate", "--trace", "1");
        Assert.InRange(code, ExitCode.Ok, ExitCode.Failure);
        Assert.True(output.Split('\n').Length > 20, output);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

using System.Text.RegularExpressions;
using Lockstep.Server.Tests.Processes;
using Lockstep.Testing;

namespace Lockstep.Server.Tests.Clients;

/// <summary>The Python client against the product as a process: <c>clients/python/tests_server</c>, and the samples of its page.</summary>
[Collection("processes")]
public sealed partial class PythonServerTests : IDisposable
{
    private const string Key = "the-key-of-this-test-0123";
    private const string Page = "../../docs/clients/python.md";

    private const string ConfigText =
        """
        {
          "server": { "apiKey": { "env": "LOCKSTEP_TEST_KEY" }, "port": 0 },
          "data": "data",
          "accounts": {
            "source": { "platform": "paper", "broker": { "kind": "mt5-hedging", "symbols": ["EURUSD"], "executionDelayMax": "30ms" } },
            "target": { "platform": "paper", "broker": { "kind": "ctrader", "symbols": ["EURUSD"], "executionDelayMax": "30ms" } },
            "old": { "platform": "paper", "broker": { "kind": "mt4", "symbols": ["EURUSD"], "executionDelayMax": "30ms" } },
          },
          "links": [
            { "name": "copy", "source": "source", "target": "target", "pending": "native" },
          ],
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-test-").FullName;

    [FactNeeding("linux", "python3", "python3-httpx", "python3-websockets")]
    public async Task It_works_with_a_real_server()
    {
        using var server = await StartAsync();
        var (code, output) = await RunAsync(server, "-m", "unittest", "discover", "-s", "tests_server", "-t", ".");
        Assert.True(code == 0, output);
        Assert.DoesNotContain("Ran 0 tests", output, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, output + server.Output + server.Errors, StringComparison.Ordinal);
    }

    [FactNeeding("linux", "python3", "python3-httpx", "python3-websockets")]
    public async Task The_samples_of_its_page_run()
    {
        using var server = await StartAsync();
        var samples = Sample().Matches((await File.ReadAllTextAsync(Path.Combine(PythonProcess.Folder, Page))).ReplaceLineEndings("\n"));
        Assert.NotEmpty(samples);
        foreach (Match sample in samples)
        {
            var (code, output) = await RunAsync(server, "-c", sample.Groups["code"].Value);
            Assert.True(code == 0, output + sample.Value);
            foreach (Match line in Said().Matches(sample.Value))
            {
                Assert.Contains(line.Groups["text"].Value, output, StringComparison.Ordinal);
            }
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<LockstepProcess> StartAsync()
    {
        string config = Path.Combine(_folder, "lockstep.json");
        await File.WriteAllTextAsync(config, ConfigText);
        var server = LockstepProcess.Start(new Dictionary<string, string> { ["LOCKSTEP_TEST_KEY"] = Key }, "serve", "--config", config);
        Assert.True(await server.Listening.WaitAsync(TimeSpan.FromSeconds(60)) is not null, server.Output + server.Errors);
        return server;
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(LockstepProcess server, params string[] arguments) => await PythonProcess.RunAsync(
        new Dictionary<string, string> { ["LOCKSTEP_URL"] = (await server.Listening)!.ToString(), ["LOCKSTEP_API_KEY"] = Key, ["PYTHONPATH"] = PythonProcess.Folder }, arguments);

    /// <summary>A sample: a block of Python.</summary>
    [GeneratedRegex("```python\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Sample();

    /// <summary>What a sample says that it prints: <c># prints: text</c>.</summary>
    [GeneratedRegex("# prints: (?<text>.+)")]
    private static partial Regex Said();
}

using System.Text.Json;
using Lockstep.Testing;

namespace Lockstep.Server.Tests.Processes;

/// <summary>The demo as a script runs it.</summary>
[Collection("processes")]
public sealed class DemoTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-test-").FullName;

    [Fact]
    public Task Json_is_all_that_is_printed_and_says_in_lockstep() => InLockstepAsync("demo", "--port", "0", "--json", "--seconds", "5", "--data", _folder);

    [FactNeeding("linux", "g++")]
    public async Task The_expert_advisors_themselves_keep_it_in_lockstep_and_go_on_with_their_files()
    {
        await InLockstepAsync("demo", "--port", "0", "--ea", "--json", "--seconds", "8", "--data", _folder);
        Assert.True(File.Exists(Path.Combine(_folder, "terminals", "personal", "MQL4", "Files", "Lockstep", "key.txt")));
        var (code, output, errors) = await LockstepProcess.RunAsync("demo", "--port", "0", "--ea", "--seconds", "2", "--data", _folder);
        Assert.True(code == 0, output + errors);
        Assert.Contains("personal is live: MT4", output, StringComparison.Ordinal);
        Assert.DoesNotContain((await File.ReadAllTextAsync(Path.Combine(_folder, "terminals", "personal", "MQL4", "Files", "Lockstep", "key.txt"))).Trim(), output + errors, StringComparison.Ordinal);
    }

    [FactNeeding("linux")]
    public async Task Without_a_compiler_the_expert_advisors_are_wrong_usage_and_one_sentence_says_so()
    {
        // No program is found on such a path, g++ least of all.
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : Requires.Program("dotnet");
        using var demo = LockstepProcess.Start(new Dictionary<string, string> { ["PATH"] = _folder, ["DOTNET_HOST_PATH"] = dotnet }, "demo", "--ea", "--json", "--seconds", "1", "--data", _folder);
        Assert.Equal(2, await demo.EndAsync(TimeSpan.FromMinutes(1)));
        Assert.Equal("", demo.Output);
        Assert.Contains("g++", Assert.Single(demo.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    private static async Task InLockstepAsync(params string[] arguments)
    {
        var (code, output, errors) = await LockstepProcess.RunAsync(arguments);
        Assert.True(output.Count(c => c == '\n') == 1, output + errors);
        var result = JsonDocument.Parse(output).RootElement;
        Assert.Equal(
            ["source_events", "copied", "skipped", "refused", "unknown_open", "lost", "duplicated", "latency_ms", "in_lockstep"],
            result.EnumerateObject().Select(p => p.Name));
        Assert.True(result.GetProperty("in_lockstep").GetBoolean(), output + errors);
        Assert.Equal((0, 0, 0), (result.GetProperty("lost").GetInt32(), result.GetProperty("duplicated").GetInt32(), result.GetProperty("unknown_open").GetInt32()));
        Assert.True(result.GetProperty("source_events").GetInt32() > 3, output);
        Assert.True(result.GetProperty("copied").GetInt32() > 3, output);
        Assert.Equal(["p50", "p99", "max"], result.GetProperty("latency_ms").EnumerateObject().Select(p => p.Name));
        Assert.Equal(0, code);
        Assert.True(File.Exists(Path.Combine(arguments[^1], "lockstep.db")));
    }

    [Fact]
    public async Task The_whole_API_is_served_with_the_key_that_was_given()
    {
        const string Key = "the-key-of-this-demo";
        using var demo = LockstepProcess.Start("demo", "--json", "--seconds", "4", "--port", "0", "--key", Key, "--data", _folder);
        var deadline = DateTime.UtcNow.AddSeconds(60);
        while (!demo.Errors.Contains('\n', StringComparison.Ordinal) && DateTime.UtcNow < deadline)
        {
            await Task.Delay(20);
        }

        var told = JsonDocument.Parse(demo.Errors.Split('\n')[0]).RootElement;
        Assert.Equal(Key, told.GetProperty("key").GetString());
        using var http = new HttpClient { BaseAddress = new Uri(told.GetProperty("url").GetString()!) };
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, (await http.GetAsync(new Uri("/v1/accounts", UriKind.Relative))).StatusCode);
        http.DefaultRequestHeaders.Add("Authorization", "Bearer " + Key);
        var accounts = JsonDocument.Parse(await http.GetStringAsync(new Uri("/v1/accounts", UriKind.Relative))).RootElement.GetProperty("accounts");
        Assert.Equal(["ctrader", "netting", "personal", "prop"], accounts.EnumerateArray().Select(a => a.GetProperty("account").GetString()).Order(StringComparer.Ordinal));
        Assert.Equal(0, await demo.EndAsync(TimeSpan.FromMinutes(2)));
        Assert.DoesNotContain(Key, demo.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recorded_quotes_are_played_and_lines_are_logged()
    {
        string quotes = Path.Combine(_folder, "quotes.csv.gz");
        await using (var file = new System.IO.Compression.GZipStream(File.Create(quotes), System.IO.Compression.CompressionLevel.Fastest))
        await using (var text = new StreamWriter(file))
        {
            await text.WriteLineAsync("time_ms_utc,symbol,bid,ask");
            for (int i = 0; i < 400; i++)
            {
                await text.WriteLineAsync(FormattableString.Invariant($"{1_400_000_000_000 + (i * 50)},EURUSD,{1.38m + (i % 7 * 0.0001m)},{1.3801m + (i % 7 * 0.0001m)}"));
            }
        }

        var (code, output, errors) = await LockstepProcess.RunAsync("demo", "--port", "0", "--seconds", "3", "--quotes", quotes, "--data", Path.Combine(_folder, "data"));
        Assert.True(code == 0, output + errors);
        Assert.Contains("EURUSD", output, StringComparison.Ordinal);
        Assert.DoesNotContain("XAUUSD", output, StringComparison.Ordinal);
        Assert.Contains("IN LOCKSTEP", output, StringComparison.Ordinal);
    }

    [FactNeeding("linux")]
    public async Task A_signal_ends_it_cleanly_with_a_summary_and_a_second_run_goes_on()
    {
        using (var demo = LockstepProcess.Start("demo", "--port", "0", "--data", _folder))
        {
            var deadline = DateTime.UtcNow.AddSeconds(60);
            while (!demo.Output.Contains("copied", StringComparison.Ordinal) && DateTime.UtcNow < deadline)
            {
                await Task.Delay(50);
            }

            demo.Terminate();
            Assert.True(await demo.EndAsync(TimeSpan.FromSeconds(60)) == 0, demo.Output + demo.Errors);
            Assert.Contains("IN LOCKSTEP", demo.Output, StringComparison.Ordinal);
        }

        var (code, output, errors) = await LockstepProcess.RunAsync("demo", "--port", "0", "--json", "--seconds", "2", "--data", _folder);
        Assert.True(code == 0, output + errors);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

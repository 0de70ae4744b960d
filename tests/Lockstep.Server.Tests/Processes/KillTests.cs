using System.Globalization;
using System.Text.Json;
using Lockstep.Testing;
using Xunit.Abstractions;

namespace Lockstep.Server.Tests.Processes;

/// <summary>
/// The real process on a real SQLite file, killed with SIGKILL at random moments while somebody trades on it: nothing lost, nothing doubled, by comparing the accounts'
/// books over HTTP. LOCKSTEP_KILL_ROUNDS sets how often it is killed, LOCKSTEP_KILL_SEED the moments.
/// </summary>
[Collection("processes")]
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private const string ConfigText =
        """
        {
          "server": { "auth": "none", "port": 0 },
          "data": "data",
          "accounts": {
            "source": { "platform": "paper", "broker": { "kind": "mt5-hedging", "balance": 10000000, "symbols": ["EURUSD", "GBPUSD"], "absenceHorizon": "700ms", "answerTimeout": "300ms" } },
            "copied": { "platform": "paper", "broker": { "kind": "ctrader", "balance": 10000000, "symbols": ["EURUSD", "GBPUSD"], "absenceHorizon": "700ms", "answerTimeout": "300ms" } },
            "hedged": { "platform": "paper", "broker": { "kind": "mt4", "balance": 10000000, "suffix": ".m", "symbols": ["EURUSD", "GBPUSD"], "absenceHorizon": "700ms", "answerTimeout": "300ms" } },
          },
          "links": [
            { "name": "copy", "source": "source", "target": "copied", "inDoubt": "reopen", "maxOpenAttempts": 20, "filters": { "maxAge": "1h" } },
            { "name": "hedge", "source": "source", "target": "hedged", "kind": "hedge", "inDoubt": "reopen", "maxOpenAttempts": 20, "filters": { "maxAge": "1h" }, "symbols": { "addSuffix": ".m" } },
          ],
          "quotes": { "interval": "100ms" },
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-kill-").FullName;

    [FactNeeding("linux")]
    public async Task Killed_many_times_it_loses_nothing_and_doubles_nothing()
    {
        int rounds = Number("LOCKSTEP_KILL_ROUNDS", 20);
        int seed = Number("LOCKSTEP_KILL_SEED", 1);
        var dice = new Random(seed);
        string file = Path.Combine(_folder, "lockstep.json");
        await File.WriteAllTextAsync(file, ConfigText);
        using var client = new KillClient("source", new Random(seed + 1));
        bool over = false;
        var trading = client.TradeAsync(() => !Volatile.Read(ref over));
        for (int round = 0; round < rounds; round++)
        {
            using var server = LockstepProcess.Start("serve", "--config", file);

            // Some are killed while they start, most in full work.
            if (dice.Next(4) == 0)
            {
                await Task.Delay(dice.Next(50, 1500));
            }
            else
            {
                client.Server = await server.Listening;
                Assert.True(client.Server is not null, $"round {round}: {server.Output} {server.Errors}");
                await Task.WhenAny(Task.Delay(dice.Next(100, 3000)), trading);
            }

            await server.KillAsync();
            client.Server = null;
            if (trading.IsFaulted)
            {
                await trading;
            }
        }

        using var last = LockstepProcess.Start("serve", "--config", file);
        client.Server = await last.Listening;
        Assert.True(client.Server is not null, last.Output + last.Errors);
        Volatile.Write(ref over, true);
        await trading.WaitAsync(TimeSpan.FromMinutes(2));
        output.WriteLine($"{rounds} kills, {client.Ended} requests, {client.Repeats} repeats, {client.Refused} refused, {client.Book.Count} positions at the end");

        string found = "";
        var deadline = DateTime.UtcNow.AddSeconds(90);
        while ((found = await DifferencesAsync(client)).Length > 0 && DateTime.UtcNow < deadline)
        {
            await Task.Delay(250);
        }

        Assert.True(found.Length == 0, $"seed {seed}: {found}\n{last.Output}");
        Assert.True(client.Ended > rounds, "the client hardly traded");
        var alerts = (await client.GetAsync("/v1/alerts?limit=1000")).GetProperty("alerts").EnumerateArray().Where(a => a.GetProperty("level").GetString() == "critical");
        Assert.Empty(alerts.Select(a => a.ToString()));

        last.Terminate();
        Assert.Equal(0, await last.EndAsync(TimeSpan.FromSeconds(30)));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<string> DifferencesAsync(KillClient client)
    {
        var source = await PositionsAsync(client, "source", "", false);
        var copied = await PositionsAsync(client, "copied", "", false);
        var hedged = await PositionsAsync(client, "hedged", ".m", true);
        return Difference("the client's own book", client.Book, "source", source) + Difference("source", source, "copied", copied) + Difference("source", source, "hedged", hedged);
    }

    private static async Task<List<string>> PositionsAsync(KillClient client, string account, string suffix, bool turned)
    {
        var answer = await client.GetAsync($"/v1/accounts/{account}/positions");
        return [.. answer.GetProperty("positions").EnumerateArray().Select(p => KillClient.Line(
            p.GetProperty("symbol").GetString()![..^suffix.Length],
            turned == (p.GetProperty("side").GetString() == "buy") ? "sell" : "buy",
            p.GetProperty("volume").GetDecimal())).Order(StringComparer.Ordinal)];
    }

    private static string Difference(string a, IReadOnlyList<string> left, string b, IReadOnlyList<string> right) =>
        left.SequenceEqual(right) ? "" : $"{a}: {string.Join(", ", left)} / {b}: {string.Join(", ", right)}; ";

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : otherwise;
}

using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Lockstep.Testing;

namespace Lockstep.Server.Tests.Processes;

/// <summary>Keys of a real process: the first one, what the command line does with them, and answers over a kill.</summary>
[Collection("processes")]
public sealed partial class KeyTests : IDisposable
{
    private const string ConfigText =
        """
        {
          "server": { "port": 0 },
          "data": "data",
          "accounts": { "prop": { "platform": "paper", "broker": { "kind": "mt5-hedging", "symbols": ["EURUSD"], "executionDelayMax": "30ms" } } },
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-test-").FullName;

    private string ConfigFile => Path.Combine(_folder, "lockstep.json");

    private string Data => Path.Combine(_folder, "data");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [FactNeeding("linux")]
    public async Task The_first_start_makes_a_key_and_shows_it_once_and_answers_outlive_a_kill()
    {
        await File.WriteAllTextAsync(ConfigFile, ConfigText);
        string key;
        string made, traded;
        using (var server = LockstepProcess.Start("serve", "--config", ConfigFile))
        {
            using var http = await ClientAsync(server);
            key = Shown().Match(server.Errors).Value;
            Assert.NotEmpty(key);
            Assert.DoesNotContain(key, server.Output, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync(new Uri("/v1/keys", UriKind.Relative))).StatusCode);
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            made = await PostAsync(http, "/v1/keys", "{\"name\":\"bot\",\"scope\":\"read\"}", replayed: false);
            traded = await TradeAsync(http, replayed: false);

            // The command line does not touch what a server uses.
            var (code, _, errors) = await LockstepProcess.RunAsync("keys", "list", "--data", Data);
            Assert.Equal(1, code);
            Assert.Contains("in use", errors, StringComparison.Ordinal);
            await server.KillAsync();
        }

        using (var server = LockstepProcess.Start("serve", "--config", ConfigFile))
        {
            using var http = await ClientAsync(server, key);
            Assert.Empty(Shown().Match(server.Errors).Value);
            Assert.Equal(made, await PostAsync(http, "/v1/keys", "{\"name\":\"bot\",\"scope\":\"read\"}", replayed: true));
            Assert.Equal(traded, await TradeAsync(http, replayed: null));
            Assert.Equal(2, JsonDocument.Parse(await http.GetStringAsync(new Uri("/v1/keys", UriKind.Relative))).RootElement.GetProperty("keys").GetArrayLength());
            Assert.Equal(1, JsonDocument.Parse(await http.GetStringAsync(new Uri("/v1/accounts/prop/positions", UriKind.Relative))).RootElement.GetProperty("positions").GetArrayLength());
            Assert.Contains("createKey", await http.GetStringAsync(new Uri("/v1/audit", UriKind.Relative)), StringComparison.Ordinal);
            server.Terminate();
            Assert.Equal(0, await server.EndAsync(TimeSpan.FromSeconds(60)));
        }

        var lost = await LockstepProcess.RunAsync("keys", "create", "--data", Data, "--scope", "admin", "--name", "found again");
        Assert.Equal((0, ""), (lost.ExitCode, lost.Errors));
        string another = Shown().Match(lost.Output).Value;
        string id = key.Split('_')[1];
        var rotated = await LockstepProcess.RunAsync("keys", "rotate", id, "--data", Data, "--overlap", "0s");
        Assert.Equal(0, (await LockstepProcess.RunAsync("keys", "revoke", another.Split('_')[1], "--data", Data)).ExitCode);
        Assert.Equal(1, (await LockstepProcess.RunAsync("keys", "revoke", "nobody", "--data", Data)).ExitCode);
        Assert.Equal(1, (await LockstepProcess.RunAsync("keys", "list", "--data", _folder)).ExitCode);
        Assert.Equal(2, (await LockstepProcess.RunAsync("keys", "create", "--data", Data, "--scope", "ea")).ExitCode);
        var list = await LockstepProcess.RunAsync("keys", "list", "--data", Data);
        Assert.Matches($"{id}  admin  expired", list.Output);
        Assert.Matches("admin  revoked.*found again", list.Output);
        Assert.DoesNotContain(Shown().Match(rotated.Output).Value, list.Output, StringComparison.Ordinal);
        using (var server = LockstepProcess.Start("serve", "--config", ConfigFile))
        {
            using var http = await ClientAsync(server, Shown().Match(rotated.Output).Value);
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("/v1/keys", UriKind.Relative))).StatusCode);
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", another);
            Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync(new Uri("/v1/keys", UriKind.Relative))).StatusCode);
        }
    }

    private static async Task<HttpClient> ClientAsync(LockstepProcess server, string? key = null)
    {
        var address = await server.Listening;
        Assert.True(address is not null, server.Output + server.Errors);
        var http = new HttpClient { BaseAddress = address };
        http.DefaultRequestHeaders.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return http;
    }

    /// <summary>The same order until the account takes it, then its answer.</summary>
    private static async Task<string> TradeAsync(HttpClient http, bool? replayed)
    {
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (!(await http.GetStringAsync(new Uri("/v1/accounts/prop", UriKind.Relative))).Contains("\"state\":\"up\"", StringComparison.Ordinal) && DateTime.UtcNow < deadline)
        {
            await Task.Delay(50);
        }

        return await PostAsync(http, "/v1/accounts/prop/orders", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":0.5}", replayed);
    }

    private static async Task<string> PostAsync(HttpClient http, string path, string json, bool? replayed)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", "once" + path.Length);
        using var response = await http.SendAsync(request);
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        if (replayed is { } expected)
        {
            Assert.Equal(expected, response.Headers.Contains("Idempotency-Replayed"));
        }

        return path.EndsWith("/orders", StringComparison.Ordinal) ? JsonDocument.Parse(body).RootElement.GetProperty("position").ToString() : body;
    }

    [GeneratedRegex("lk_[a-z2-9]{10}_[A-Za-z0-9_-]{43}")]
    private static partial Regex Shown();
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Lockstep.Testing;

namespace Lockstep.Server.Tests.Processes;

/// <summary>The whole product as a process, traded on by HTTP.</summary>
[Collection("processes")]
public sealed class ServeTests : IDisposable
{
    private const string Key = "the-key-of-this-test-0123";

    private const string ConfigText =
        """
        {
          "server": { "apiKey": { "env": "LOCKSTEP_TEST_KEY" }, "port": 0 },
          "data": "data",
          "accounts": {
            "source": { "platform": "paper", "broker": { "kind": "mt5-hedging", "symbols": ["EURUSD"], "executionDelayMax": "30ms" } },
            "target": { "platform": "paper", "broker": { "kind": "ctrader", "symbols": ["EURUSD"], "executionDelayMax": "30ms" } },
            "asleep": { "platform": "paper", "enabled": false, "broker": { "kind": "mt4", "symbols": ["EURUSD"] } },
          },
          "links": [
            { "name": "copy", "source": "source", "target": "target", "pending": "native" },
          ],
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-test-").FullName;
    private readonly HttpClient _http = new();

    private string ConfigFile => Path.Combine(_folder, "lockstep.json");

    [FactNeeding("linux")]
    public async Task A_day_at_the_desk_and_a_restart()
    {
        await File.WriteAllTextAsync(ConfigFile, ConfigText);
        JsonElement first;
        using (var server = await StartAsync())
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await _http.GetAsync(new Uri("/v1/accounts", UriKind.Relative))).StatusCode);
            _http.DefaultRequestHeaders.Add("X-Api-Key", Key);
            await UntilAsync(async () => State(await GetAsync("/v1/accounts/source")) == "up" && State(await GetAsync("/v1/accounts/target")) == "up");
            Assert.Equal("down", State(await GetAsync("/v1/accounts/asleep")));
            Assert.Equal(HttpStatusCode.Conflict, (await SendAsync("POST", "/v1/accounts/asleep/orders", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":1}")).Status);

            // Market order, copied.
            (var status, first) = await SendAsync("POST", "/v1/accounts/source/orders", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":0.5,\"clientId\":\"first\"}");
            Assert.Equal((HttpStatusCode.OK, "done"), (status, State(first)));
            long position = first.GetProperty("position").GetInt64();
            await UntilAsync(async () => await VolumesAsync("target") == "0.5");

            // Stops: set, leave, remove.
            Assert.Equal("done", State((await SendAsync("PATCH", $"/v1/accounts/source/positions/{position}", "{\"stopLoss\":0.9,\"takeProfit\":1.9}")).Body));
            Assert.Equal("done", State((await SendAsync("PATCH", $"/v1/accounts/source/positions/{position}", "{\"takeProfit\":null}")).Body));
            await UntilAsync(async () => (await PositionsAsync("target")).Any(p => p.TryGetProperty("stopLoss", out var sl) && sl.GetDecimal() == 0.9m && !p.TryGetProperty("takeProfit", out _)));

            // Part of it.
            Assert.Equal("done", State((await SendAsync("POST", $"/v1/accounts/source/positions/{position}/close", "{\"volume\":0.2}")).Body));
            await UntilAsync(async () => await VolumesAsync("target") == "0.3");

            // A pending order: placed, moved, cancelled.
            var placed = (await SendAsync("POST", "/v1/accounts/source/orders", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":0.1,\"type\":\"limit\",\"price\":0.95,\"clientId\":\"waits\"}")).Body;
            long order = placed.GetProperty("order").GetInt64();
            await UntilAsync(async () => (await OrdersAsync("target")).Count == 1);
            Assert.Equal("done", State((await SendAsync("PATCH", $"/v1/accounts/source/orders/{order}", "{\"price\":0.94}")).Body));
            await UntilAsync(async () => (await OrdersAsync("target"))[0].GetProperty("price").GetDecimal() == 0.94m);
            Assert.Equal("done", State((await SendAsync("DELETE", $"/v1/accounts/source/orders/{order}")).Body));
            await UntilAsync(async () => (await OrdersAsync("target")).Count == 0);

            // Refusals are told with their reason; nothing happened.
            var refused = await SendAsync("POST", "/v1/accounts/source/orders", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":0.005}");
            Assert.Equal((HttpStatusCode.UnprocessableEntity, "invalidVolume"), (refused.Status, refused.Body.GetProperty("request").GetProperty("refusal").GetString()));
            refused = await SendAsync("POST", "/v1/accounts/source/orders", "{\"symbol\":\"NOPE\",\"side\":\"buy\",\"volume\":1}");
            Assert.Equal("unknownSymbol", refused.Body.GetProperty("request").GetProperty("refusal").GetString());
            refused = await SendAsync("POST", "/v1/accounts/source/positions/123/close");
            Assert.Equal("notFound", refused.Body.GetProperty("request").GetProperty("refusal").GetString());

            // Each source event has its row.
            var why = (await GetAsync("/v1/why?link=copy")).GetProperty("why").EnumerateArray().Select(w => w.GetProperty("kind").GetString()).Reverse().ToList();
            Assert.Equal(["opened", "stopsChanged", "stopsChanged", "reduced", "orderPlaced", "orderChanged", "orderEnded"], why);

            await StopAsync(server);
        }

        // A restart continues where it was: the books, the answers to requests, the link.
        using (var server = await StartAsync())
        {
            await UntilAsync(async () => State(await GetAsync("/v1/accounts/source")) == "up" && State(await GetAsync("/v1/accounts/target")) == "up");
            Assert.Equal("0.3", await VolumesAsync("source"));
            Assert.Equal("0.3", await VolumesAsync("target"));
            var again = (await SendAsync("POST", "/v1/accounts/source/orders", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":0.5,\"clientId\":\"first\"}")).Body;
            Assert.Equal(Told(first), Told(again));
            Assert.Equal(0.5m, Assert.Single(again.GetProperty("fills").EnumerateArray()).GetProperty("volume").GetDecimal());
            Assert.Equal("done", State(await GetAsync("/v1/accounts/source/requests/waits")));
            Assert.Equal("0.3", await VolumesAsync("source"));
            long position = (await PositionsAsync("source")).Single().GetProperty("position").GetInt64();
            Assert.Equal("done", State((await SendAsync("POST", $"/v1/accounts/source/positions/{position}/close")).Body));
            await UntilAsync(async () => await VolumesAsync("target") == "");
            await StopAsync(server);
        }

        // Another configuration is put into force at the next start.
        await File.WriteAllTextAsync(ConfigFile, ConfigText.Replace("\"pending\": \"native\"", "\"mode\": \"off\"", StringComparison.Ordinal));
        using (var server = await StartAsync())
        {
            await UntilAsync(async () => State(await GetAsync("/v1/accounts/source")) == "up");
            Assert.Equal("off", (await GetAsync("/v1/links")).GetProperty("links")[0].GetProperty("mode").GetString());
            await SendAsync("POST", "/v1/accounts/source/orders", "{\"symbol\":\"EURUSD\",\"side\":\"sell\",\"volume\":0.1}");
            await UntilAsync(async () => (await GetAsync("/v1/why")).GetProperty("why")[0].GetProperty("reason").GetString() == "linkOff");
            Assert.Equal("", await VolumesAsync("target"));
            await StopAsync(server);
        }
    }

    [FactNeeding("linux")]
    public async Task What_is_taken_already_is_refused_with_a_sentence()
    {
        await File.WriteAllTextAsync(ConfigFile, ConfigText);
        using var server = await StartAsync();
        using (var second = LockstepProcess.Start(Environment, "serve", "--config", ConfigFile))
        {
            Assert.Equal(1, await second.EndAsync(TimeSpan.FromSeconds(60)));
            Assert.Contains("in use", second.Errors, StringComparison.Ordinal);
        }

        var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        try
        {
            string port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
            using var third = LockstepProcess.Start(Environment, "serve", "--config", ConfigFile, "--data", Path.Combine(_folder, "other"), "--port", port);
            Assert.Equal(1, await third.EndAsync(TimeSpan.FromSeconds(60)));
            Assert.Contains(port, third.Errors, StringComparison.Ordinal);
        }
        finally
        {
            taken.Stop();
        }

        await StopAsync(server);
    }

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static Dictionary<string, string> Environment => new() { ["LOCKSTEP_TEST_KEY"] = Key };

    private async Task<LockstepProcess> StartAsync()
    {
        var server = LockstepProcess.Start(Environment, "serve", "--config", ConfigFile);
        var at = await server.Listening.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(at is not null, server.Output + server.Errors);
        _http.BaseAddress ??= at;
        _base = at!;
        return server;
    }

    private Uri _base = new("http://127.0.0.1/");

    private static async Task StopAsync(LockstepProcess server)
    {
        server.Terminate();
        Assert.Equal(0, await server.EndAsync(TimeSpan.FromSeconds(60)));

        // Every line of the log is one JSON object, and none holds the key.
        Assert.All(server.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => JsonDocument.Parse(line));
        Assert.DoesNotContain(Key, server.Output + server.Errors, StringComparison.Ordinal);
    }

    /// <summary>All but what is known better later (fills), or forgotten (when it came).</summary>
    private static IEnumerable<string> Told(JsonElement answer) => answer.EnumerateObject().Where(p => p.Name is not ("fills" or "stages")).Select(p => p.ToString());

    private static string? State(JsonElement of) => of.GetProperty("state").GetString();

    private async Task<JsonElement> GetAsync(string path) => (await SendAsync("GET", path)).Body;

    private async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(string method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_base, path));
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        using var response = await _http.SendAsync(request);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    private async Task<List<JsonElement>> PositionsAsync(string account) => [.. (await GetAsync($"/v1/accounts/{account}/positions")).GetProperty("positions").EnumerateArray()];

    private async Task<List<JsonElement>> OrdersAsync(string account) => [.. (await GetAsync($"/v1/accounts/{account}/orders")).GetProperty("orders").EnumerateArray()];

    private async Task<string> VolumesAsync(string account) =>
        string.Join(' ', (await PositionsAsync(account)).Select(p => new Domain.Lots(p.GetProperty("volume").GetDecimal()).ToString()));

    private static async Task UntilAsync(Func<Task<bool>> holds, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(holds))] string what = "")
    {
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (!await holds())
        {
            Assert.True(DateTime.UtcNow < deadline, $"not within 30 seconds: {what}");
            await Task.Delay(20);
        }
    }
}

using System.Net;
using System.Text;
using System.Text.Json;
using Lockstep.Server.Tests.WebSockets;
using Lockstep.Testing;

namespace Lockstep.Server.Tests.Processes;

/// <summary>The whole product as a process, with a terminal at its other end that says what a person would read in the protocol.</summary>
[Collection("processes")]
public sealed class TerminalTests : IDisposable
{
    private const string ApiKey = "the-key-of-this-test-0123";
    private const string EaKey = "ea-key-of-this-test-4567";

    private const string ConfigText =
        """
        {
          "server": { "apiKey": { "env": "LOCKSTEP_TEST_KEY" }, "port": 0 },
          "data": "data",
          "accounts": {
            "real": { "platform": "mt5", "login": 5001, "server": "Broker-Demo", "key": { "env": "LOCKSTEP_TEST_EA_KEY" }, "mode": "hedging", "answerTimeout": "10s" },
            "asleep": { "platform": "mt4", "enabled": false, "login": 5002, "server": "Broker-Demo", "key": { "env": "LOCKSTEP_TEST_KEY" } },
            "idle": { "platform": "mt5", "login": 5003, "server": "Broker-Demo", "key": { "file": "idle.key" } },
          },
          "links": [{ "name": "copy", "source": "real", "target": "idle", "kind": "hedge", "filters": { "allow": ["EURUSD"] } }],
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-test-").FullName;
    private readonly HttpClient _http = new();

    [FactNeeding("linux")]
    public async Task A_terminal_comes_in_trades_answers_and_is_sent_home()
    {
        string config = Path.Combine(_folder, "lockstep.json");
        await File.WriteAllTextAsync(config, ConfigText);
        await File.WriteAllTextAsync(Path.Combine(_folder, "idle.key"), "key-of-the-idle-account\n");
        using var server = LockstepProcess.Start(new Dictionary<string, string> { ["LOCKSTEP_TEST_KEY"] = ApiKey, ["LOCKSTEP_TEST_EA_KEY"] = EaKey }, "serve", "--config", config);
        var at = await server.Listening.WaitAsync(TimeSpan.FromSeconds(120));
        Assert.True(at is not null, server.Output + server.Errors);
        _http.BaseAddress = at;

        // The gate of the API is another one: a terminal needs no API key, and /v1/terminals needs one.
        Assert.Equal(HttpStatusCode.Unauthorized, (await _http.GetAsync(new Uri("/v1/terminals", UriKind.Relative))).StatusCode);
        _http.DefaultRequestHeaders.Add("X-Api-Key", ApiKey);
        Assert.Equal("terminal-away", await ProblemAsync("/v1/accounts/real/candles?symbol=EURUSD&frame=M1", HttpStatusCode.Conflict));

        using (var stranger = await ConnectAsync(at!.Port))
        {
            await stranger.SendAsync(Hello("nobody-has-this-key-0000"));
            Assert.Equal("wrong-key", (await NextAsync(stranger, "refused")).GetProperty("code").GetString());
            Assert.Equal(1008, (await stranger.ReceiveCloseAsync()).Code);
        }

        using (var sleeper = await ConnectAsync(at.Port))
        {
            await sleeper.SendAsync(Hello(ApiKey).Replace("5001", "5002", StringComparison.Ordinal).Replace("mt5", "mt4", StringComparison.Ordinal));
            Assert.Equal("disabled", (await NextAsync(sleeper, "refused")).GetProperty("code").GetString());
        }

        using var terminal = await ConnectAsync(at.Port);
        await terminal.SendAsync(Hello(EaKey));
        var welcome = await NextAsync(terminal, "welcome");
        Assert.Equal((true, 1000), (welcome.GetProperty("active").GetBoolean(), welcome.GetProperty("quotes").GetInt32()));
        long epoch = welcome.GetProperty("epoch").GetInt64();
        await terminal.SendAsync(
            """
            {"t":"symbols","more":false,"list":[{"name":"EURUSD","size":100000,"digits":5,"tick":0.00001,"min":0.01,"step":0.01,"max":100,"limit":0,"stops":0,"freeze":0,"base":"EUR","profit":"USD","fill":3,"exec":"market","trade":"full","value":1}]}
            """);
        var ask = await NextAsync(terminal, "ask");
        await terminal.SendAsync($$"""
            {"t":"snapshot","id":{{ask.GetProperty("id")}},"part":1,"of":1,"n":0,"funds":{"balance":10000,"equity":10000,"margin":0,"free":10000,"credit":0},"positions":[],"orders":[],"deals":[],"ended":[]}
            """);
        await UntilAsync(async () => (await GetAsync("/v1/accounts/real")).GetProperty("state").GetString() == "up");

        var told = await GetAsync("/v1/terminals");
        var real = told.GetProperty("accounts").EnumerateArray().Single(a => a.GetProperty("account").GetString() == "real");
        Assert.Equal(("up", "mt5"), (real.GetProperty("state").GetString(), real.GetProperty("platform").GetString()));
        Assert.Contains("EURUSD", real.GetProperty("watched").EnumerateArray().Select(s => s.GetString()));
        Assert.Equal(1, told.GetProperty("counters").GetProperty("active").GetInt64());
        Assert.Equal("EURUSD", (await GetAsync("/v1/accounts/real/symbols")).GetProperty("symbols")[0].GetProperty("symbol").GetString());

        // Candles go by the terminal.
        var candles = GetAsync("/v1/accounts/real/candles?symbol=EURUSD&frame=M5&from=2026-01-05T00:00:00Z&to=2026-01-05T01:00:00Z&limit=2");
        var get = await NextAsync(terminal, "get");
        Assert.Equal(("candles", 5, 2), (get.GetProperty("what").GetString(), get.GetProperty("frame").GetInt32(), get.GetProperty("limit").GetInt32()));
        await terminal.SendAsync($$"""{"t":"data","id":{{get.GetProperty("id")}},"part":1,"of":1,"rows":[[1767571200000,1.1,1.2,1.05,1.15,42]]}""");
        var candle = (await candles).GetProperty("candles")[0];
        Assert.Equal((1.1m, 1.2m, 1.05m, 1.15m, 42), (candle.GetProperty("open").GetDecimal(), candle.GetProperty("high").GetDecimal(), candle.GetProperty("low").GetDecimal(),
            candle.GetProperty("close").GetDecimal(), candle.GetProperty("ticks").GetInt32()));
        Assert.Equal("bad-request", await ProblemAsync("/v1/accounts/real/candles?symbol=EURUSD&frame=M7&limit=0&from=x", HttpStatusCode.BadRequest));
        Assert.Equal("not-found", await ProblemAsync("/v1/accounts/nobody/ticks?symbol=EURUSD", HttpStatusCode.NotFound));

        // An order.
        var order = _http.PostAsync(new Uri("/v1/accounts/real/orders?waitMs=20000", UriKind.Relative),
            new StringContent("{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":0.5}", Encoding.UTF8, "application/json"));
        var command = await NextAsync(terminal, "cmd");
        Assert.Equal(("open", "buy", 0.5m, epoch), (command.GetProperty("do").GetString(), command.GetProperty("side").GetString(), command.GetProperty("lots").GetDecimal(), command.GetProperty("epoch").GetInt64()));
        string id = command.GetProperty("id").GetString()!;
        await terminal.SendAsync($$"""
            {"t":"change","n":1,"positions":[{"id":7001,"ticket":7001,"symbol":"EURUSD","side":"buy","lots":0.5,"price":1.1,"time":1767571200000,"order":7001,"magic":{{command.GetProperty("magic")}},"comment":"{{id}}"}],"deals":[{"id":8001,"position":7001,"order":7001,"symbol":"EURUSD","side":"buy","lots":0.5,"price":1.1,"entry":"in","reason":"request","time":1767571200000,"magic":{{command.GetProperty("magic")}},"comment":"{{id}}","profit":0,"swap":0,"commission":0}]}
            """);
        await terminal.SendAsync($$"""{"t":"answer","n":2,"id":"{{id}}","out":"done","code":10009,"position":7001,"order":7001,"lots":0.5,"price":1.1,"took":20}""");
        var answered = await order;
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        Assert.Equal(7001, (await GetAsync("/v1/accounts/real/positions")).GetProperty("positions")[0].GetProperty("position").GetInt64());

        // The end.
        server.Terminate();
        Assert.Equal((1001, "the server stops"), await terminal.ReceiveCloseAsync());
        terminal.Dispose();
        Assert.Equal(0, await server.EndAsync(TimeSpan.FromSeconds(60)));
        string log = server.Output + server.Errors;
        Assert.DoesNotContain(EaKey, log, StringComparison.Ordinal);
        Assert.DoesNotContain("nobody-has-this-key", log, StringComparison.Ordinal);
        Assert.All(server.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => JsonDocument.Parse(line));
    }

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Hello(string key) => $$"""
        {"t":"hello","v":1,"key":"{{key}}","login":5001,"server":"Broker-Demo","platform":"mt5","role":"both","mode":"hedging","currency":"USD","leverage":100,"build":4410,"ea":"1.0.0","terminal":"8c1f03a29be4417d","epoch":0,"acked":0,"first":1,"last":0,"offset":0,"demo":true,"company":"Broker Ltd","closeby":true,"stoplimit":true,"expiry":true,"clash":0}
        """;

    internal static async Task<RawClient> ConnectAsync(int port)
    {
        var client = await RawClient.OpenAsync(port);
        Assert.StartsWith("HTTP/1.1 101 ", await client.HandshakeAsync(), StringComparison.Ordinal);
        return client;
    }

    /// <summary>The next message of a type; others are passed over.</summary>
    internal static async Task<JsonElement> NextAsync(RawClient terminal, string type)
    {
        while (true)
        {
            var message = JsonDocument.Parse(await terminal.ReceiveTextAsync()).RootElement;
            string? came = message.GetProperty("t").GetString();
            Assert.NotEqual("bad", came);
            if (came == type)
            {
                return message;
            }
        }
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative));
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    private async Task<string?> ProblemAsync(string path, HttpStatusCode status)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(status, response.StatusCode);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("type").GetString()!.Split(':')[^1];
    }

    internal static async Task UntilAsync(Func<Task<bool>> holds)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), "it did not come about within 60 s");
            await Task.Delay(50);
        }
    }
}

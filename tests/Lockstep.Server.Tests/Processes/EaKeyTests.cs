using System.Net;
using System.Text;
using System.Text.Json;
using Lockstep.Server.Tests.WebSockets;
using Lockstep.Testing;

namespace Lockstep.Server.Tests.Processes;

/// <summary>EA keys over the API and the link, with the server as a process that is killed on the way.</summary>
[Collection("processes")]
public sealed class EaKeyTests : IDisposable
{
    private const string ApiKey = "the-key-of-this-test-0123";
    private const string Keys = "/v1/accounts/real/ea-keys";

    private const string ConfigText =
        """
        {
          "server": { "apiKey": { "env": "LOCKSTEP_TEST_KEY" }, "port": 0 },
          "data": "data",
          "accounts": {
            "real": { "platform": "mt5", "login": 5001, "server": "Broker-Demo", "mode": "hedging" },
            "paper": { "platform": "paper", "broker": { "kind": "mt5-hedging", "balance": 1000, "symbols": ["EURUSD"] } },
          },
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-test-").FullName;
    private readonly List<string> _secrets = [];
    private HttpClient _http = new();

    [FactNeeding("linux")]
    public async Task A_key_is_made_followed_over_the_session_and_taken_back_with_the_server_killed_on_the_way()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "lockstep.json"), ConfigText);
        string log;
        string first;
        JsonElement handed;
        using (var server = await ServeAsync())
        {
            var made = await SendAsync(HttpMethod.Post, Keys, HttpStatusCode.Created, """{"name": "office", "lifetime": "90d"}""");
            first = Secret(made.GetProperty("key").GetString()!);
            Assert.Equal(("office", 90), (made.GetProperty("name").GetString(), Math.Round((made.GetProperty("expires").GetDateTimeOffset() - made.GetProperty("created").GetDateTimeOffset()).TotalDays)));
            Assert.Equal("no-terminals", Kind(await SendAsync(HttpMethod.Post, "/v1/accounts/paper/ea-keys", HttpStatusCode.Conflict)));
            Assert.Equal("bad-request", Kind(await SendAsync(HttpMethod.Post, Keys, HttpStatusCode.BadRequest, """{"lifetime": "1s", "scope": "admin"}""")));
            using var terminal = await ComeInAsync(first, "welcome");
            var told = await SendAsync(HttpMethod.Post, Keys + "/rotate", HttpStatusCode.Accepted);
            handed = await TerminalTests.NextAsync(terminal, "key");
            Secret(handed.GetProperty("key").GetString()!);
            Assert.Equal(handed.GetProperty("id").GetString(), Only(told, "terminals").GetProperty("handed").GetString());

            // The terminal has it on its disk; nobody hears of it.
            await server.KillAsync();
            log = server.Output + server.Errors;
        }

        using (var server = await ServeAsync())
        {
            string second = handed.GetProperty("id").GetString()!;
            using (var terminal = await ComeInAsync(handed.GetProperty("key").GetString()!, "welcome"))
            {
                var told = await SendAsync(HttpMethod.Get, Keys, HttpStatusCode.OK);
                Assert.Equal((second, true, true), (Only(told, "terminals").GetProperty("key").GetString(), Only(told, "terminals").GetProperty("connected").GetBoolean(), Only(told, "terminals").GetProperty("takesKeys").GetBoolean()));
                await TerminalTests.UntilAsync(async () =>
                    (await SendAsync(HttpMethod.Get, Keys, HttpStatusCode.OK)).GetProperty("keys").EnumerateArray().Select(k => k.GetProperty("state").GetString()).SequenceEqual(["expired", "good"]));
                Assert.Equal("expired-key", (await ComeInAsync(first, "refused", end: true)).Item.GetProperty("code").GetString());
                Assert.Equal("not-found", Kind(await SendAsync(HttpMethod.Delete, $"{Keys}/nothing", HttpStatusCode.NotFound)));
                Assert.Equal("configured-key", Kind(await SendAsync(HttpMethod.Delete, $"{Keys}/configured", HttpStatusCode.Conflict)));
                await SendAsync(HttpMethod.Delete, $"{Keys}/{second}", HttpStatusCode.NoContent);
                Assert.Equal("wrong-key", (await TerminalTests.NextAsync(terminal, "refused")).GetProperty("code").GetString());
            }

            Assert.Contains("was taken back on", (await ComeInAsync(handed.GetProperty("key").GetString()!, "refused", end: true)).Item.GetProperty("why").GetString(), StringComparison.Ordinal);
            server.Terminate();
            Assert.Equal(0, await server.EndAsync(TimeSpan.FromSeconds(60)));
            log += server.Output + server.Errors;
        }

        Assert.Equal(2, _secrets.Count);
        var files = Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).Select(f => Encoding.Latin1.GetString(File.ReadAllBytes(f))).ToList();
        Assert.All(_secrets, secret =>
        {
            Assert.DoesNotContain(secret, log, StringComparison.Ordinal);
            Assert.DoesNotContain(files, f => f.Contains(secret, StringComparison.Ordinal));
        });
    }

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<LockstepProcess> ServeAsync()
    {
        var server = LockstepProcess.Start(new Dictionary<string, string> { ["LOCKSTEP_TEST_KEY"] = ApiKey }, "serve", "--config", Path.Combine(_folder, "lockstep.json"));
        var at = await server.Listening.WaitAsync(TimeSpan.FromSeconds(120));
        Assert.True(at is not null, server.Output + server.Errors);
        _http.Dispose();
        _http = new HttpClient { BaseAddress = at };
        _http.DefaultRequestHeaders.Add("X-Api-Key", ApiKey);
        return server;
    }

    private async Task<RawClient> ComeInAsync(string key, string answer) => (await ComeInAsync(key, answer, end: false)).Client!;

    private async Task<(RawClient? Client, JsonElement Item)> ComeInAsync(string key, string answer, bool end)
    {
        var terminal = await TerminalTests.ConnectAsync(_http.BaseAddress!.Port);
        await terminal.SendAsync($$"""
            {"t":"hello","v":1,"key":"{{key}}","login":5001,"server":"Broker-Demo","platform":"mt5","role":"both","mode":"hedging","currency":"USD","leverage":100,"build":4410,"ea":"1.1.0","terminal":"8c1f03a29be4417d","epoch":0,"acked":0,"first":1,"last":0,"offset":0,"demo":true,"company":"Broker Ltd","closeby":true,"stoplimit":true,"expiry":true,"clash":0,"keys":true}
            """);
        var item = await TerminalTests.NextAsync(terminal, answer);
        if (end)
        {
            terminal.Dispose();
        }

        return (end ? null : terminal, item);
    }

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, HttpStatusCode status, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using var response = await _http.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(status == response.StatusCode, $"{method} {path}: {response.StatusCode} {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    private string Secret(string text)
    {
        _secrets.Add(text);
        return text;
    }

    private static JsonElement Only(JsonElement item, string list) => Assert.Single(item.GetProperty(list).EnumerateArray());

    private static string Kind(JsonElement problem) => problem.GetProperty("type").GetString()!.Split(':')[^1];
}

using System.Net.Http.Json;
using System.Text.Json;
using Lockstep.Server.Tests.Processes;
using Lockstep.Server.Tests.WebSockets;
using Lockstep.Testing;

namespace Lockstep.Server.Tests.Streams;

/// <summary>Streams of the real process, which is killed.</summary>
[Collection("processes")]
public sealed class StreamProcessTests : IDisposable
{
    private const string Key = "the-key-of-this-test-0123";

    private const string ConfigText =
        """
        {
          "server": { "apiKey": { "env": "LOCKSTEP_TEST_KEY" }, "port": 0 },
          "data": "data",
          "accounts": { "source": { "platform": "paper", "broker": { "kind": "mt5-hedging", "symbols": ["EURUSD"] } } }
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-test-").FullName;

    [FactNeeding("linux")]
    public async Task A_kill_loses_no_event_and_tells_none_twice()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "lockstep.json"), ConfigText);
        var got = new List<(long Seq, string Kind)>();
        string instance;
        using (var server = Start())
        {
            var url = await server.Listening ?? throw new InvalidOperationException(server.Errors);
            (var stream, instance) = await ConnectAsync(url);
            using (stream)
            {
                await stream.SendAsync("""{"type":"subscribe","accounts":["source"],"topics":["events"],"after":0}""");
                await UntilUpAsync(url);
                await OpenAsync(url, 3);
                while (got.Count(e => e.Kind == "position.opened") < 2)
                {
                    got.Add(Event(await stream.NextAsync("event")));
                }
            }

            await OpenAsync(url, 2);
            await server.KillAsync();
        }

        using (var server = Start())
        {
            var url = await server.Listening ?? throw new InvalidOperationException(server.Errors);
            await UntilUpAsync(url);
            await OpenAsync(url, 1);
            var (stream, same) = await ConnectAsync(url);
            Assert.Equal(instance, same);
            using (stream)
            {
                await stream.SendAsync($$"""{"type":"subscribe","accounts":["source"],"topics":["events"],"after":{{got[^1].Seq}},"instance":"{{instance}}"}""");
                while (got.Count(e => e.Kind == "position.opened") < 6)
                {
                    got.Add(Event(await stream.NextAsync("event")));
                }
            }

            // Who reads all of it from the log reads the same.
            var (again, _) = await ConnectAsync(url);
            using (again)
            {
                await again.SendAsync("""{"type":"subscribe","accounts":["source"],"topics":["events","prices"],"symbols":["EURUSD"],"after":0}""");
                foreach (var e in got)
                {
                    Assert.Equal(e, Event(await again.NextAsync("event")));
                }

                Assert.Equal("EURUSD", (await again.NextAsync("prices")).GetProperty("prices")[0].GetProperty("symbol").GetString());
            }

            server.Terminate();
            Assert.Equal(0, await server.EndAsync(TimeSpan.FromMinutes(1)));
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static (long Seq, string Kind) Event(JsonElement e) => (e.GetProperty("seq").GetInt64(), e.GetProperty("kind").GetString()!);

    private static async Task<(StreamReader Stream, string Instance)> ConnectAsync(Uri url)
    {
        var raw = await RawClient.OpenAsync(url.Port);
        Assert.StartsWith("HTTP/1.1 101 ", await raw.HandshakeAsync("Host:", $"Authorization: Bearer {Key}\r\nHost:", target: "/v1/stream"), StringComparison.Ordinal);
        var reader = new StreamReader(raw);
        return (reader, (await reader.NextAsync("hello")).GetProperty("instance").GetString()!);
    }

    private static async Task UntilUpAsync(Uri url)
    {
        using var http = Http(url);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while ((await http.GetFromJsonAsync<JsonElement>(new Uri("/v1/accounts/source", UriKind.Relative))).GetProperty("state").GetString() != "up")
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), "the account did not come up within 60 s");
            await Task.Delay(50);
        }
    }

    private static async Task OpenAsync(Uri url, int count)
    {
        using var http = Http(url);
        for (int i = 0; i < count; i++)
        {
            using var order = JsonContent.Create(new { symbol = "EURUSD", side = "buy", volume = 0.1m });
            using var response = await http.PostAsync(new Uri("/v1/accounts/source/orders", UriKind.Relative), order);
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        }
    }

    private static HttpClient Http(Uri url)
    {
        var http = new HttpClient { BaseAddress = url };
        http.DefaultRequestHeaders.Add("Authorization", $"Bearer {Key}");
        return http;
    }

    private LockstepProcess Start() =>
        LockstepProcess.Start(new Dictionary<string, string> { ["LOCKSTEP_TEST_KEY"] = Key }, "serve", "--config", Path.Combine(_folder, "lockstep.json"));
}

using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Lockstep.Server.Tests.Ops;

/// <summary>A running server in this process: two paper accounts and a link, an account that is disabled, an MT5 account without a terminal when it is asked for.</summary>
internal sealed class OpsHost : IAsyncDisposable
{
    public const string Key = "the-key-of-this-test-0123";
    private readonly string _folder;
    private readonly WebApplication _app;

    private OpsHost(string folder, Product product, WebApplication app, Lines log)
    {
        (_folder, Product, _app, Log) = (folder, product, app, log);
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public Product Product { get; }

    public HttpClient Http { get; }

    public Lines Log { get; }

    /// <summary>Starts it. <paramref name="sections"/>: more of the configuration, with a comma before it.</summary>
    public static async Task<OpsHost> StartAsync(string accounts = "", string sections = "", Func<string, string?>? environment = null)
    {
        string folder = Directory.CreateTempSubdirectory("lockstep-test-").FullName;
        string text = $$"""
            { "server": { "port": 0, "apiKey": { "env": "KEY" } }, "data": "data",
              "accounts": {
                "source": { "platform": "paper", "broker": { "kind": "mt5-hedging", "symbols": ["EURUSD"], "executionDelayMin": "1ms", "executionDelayMax": "5ms" } },
                "target": { "platform": "paper", "broker": { "kind": "ctrader", "symbols": ["EURUSD"], "executionDelayMin": "1ms", "executionDelayMax": "5ms" } },
                "asleep": { "platform": "paper", "enabled": false, "broker": { "kind": "mt4", "symbols": ["EURUSD"] } }{{accounts}}
              },
              "links": [ { "name": "copy", "source": "source", "target": "target" } ]{{sections}} }
            """;
        var read = ConfigReader.Read(Encoding.UTF8.GetBytes(text), folder, name => name == "KEY" ? Key : environment?.Invoke(name));
        Assert.True(read.Config is not null, string.Join("; ", read.Errors));
        var log = new Lines();
        var product = await Product.StartAsync(read.Config, log);
        await product.World.StartQuotesAsync(read.Config.Quotes);
        var app = HttpHost.Create(read.Config.Server, product, Key, log, _ => { });
        await app.StartAsync();
        return new OpsHost(folder, product, app, log);
    }

    public async Task<(HttpStatusCode Status, string Body)> GetAsync(string path, string? key = Key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        }

        using var response = await Http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, string json, string? correlation = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {Key}");
        if (correlation is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Correlation-Id", correlation);
        }

        using var response = await Http.SendAsync(request);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    /// <summary>Waits until the paper accounts can be traded on and are quoted.</summary>
    public Task ReadyAsync() => UntilAsync(async () =>
        await Product.AccountAsync(new("source")) is { Synced: true } && await Product.AccountAsync(new("target")) is { Synced: true }
        && Product.Quote(new("source"), new("EURUSD")) is not null && Product.Quote(new("target"), new("EURUSD")) is not null);

    public static async Task UntilAsync(Func<Task<bool>> holds, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(holds))] string what = "")
    {
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (!await holds())
        {
            Assert.True(DateTime.UtcNow < deadline, $"not within 30 seconds: {what}");
            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Product.StopGroupsAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await Product.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>What was logged.</summary>
    internal sealed class Lines : ILogger
    {
        public ConcurrentQueue<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => All.Enqueue(formatter(state, exception) + exception);
    }
}

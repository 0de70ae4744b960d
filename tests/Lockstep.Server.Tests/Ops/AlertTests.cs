using System.Net;
using System.Text.Json;
using Lockstep.Server.Tests.Configuration;
using Lockstep.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Lockstep.Server.Tests.Ops;

/// <summary>From a rule to everybody who is to be told; and metrics to a collector.</summary>
public sealed class AlertTests
{
    [Fact]
    public async Task What_a_rule_finds_is_durable_logged_posted_streamed_and_counted()
    {
        await using var far = await Listener.StartAsync();
        string secret = Path.Combine(Directory.CreateTempSubdirectory("lockstep-test-").FullName, "webhook.txt");
        await File.WriteAllTextAsync(secret, far.Address + "hook/the-token-of-the-webhook");
        await using var host = await OpsHost.StartAsync(
            """, "mt5": { "platform": "mt5", "login": 1, "server": "Demo", "key": { "env": "EAKEY" } }""",
            $$""", "alerts": { "rules": { "session": { "raise": 1, "level": "critical" } }, "webhooks": [ { "url": { "file": "{{secret}}" }, "level": "critical" } ] }""",
            name => name == "EAKEY" ? "an-ea-key-of-this-test" : null);
        await OpsHost.UntilAsync(() => Task.FromResult(far.Bodies.Any(b => b.Contains("session-down", StringComparison.Ordinal))));
        var alert = JsonDocument.Parse(far.Bodies.First(b => b.Contains("session-down", StringComparison.Ordinal))).RootElement.GetProperty("alerts")[0];
        Assert.Equal(("session-down", "critical", "mt5", IAlertLog.ServerGroup), (alert.GetProperty("code").GetString(), alert.GetProperty("level").GetString(), alert.GetProperty("account").GetString(), alert.GetProperty("group").GetString()));

        // In the ledger, in the log of events that streams and AMQP read, in the log, in the metrics.
        Assert.Contains("\"session-down\"", (await host.GetAsync("/v1/alerts")).Body, StringComparison.Ordinal);
        Assert.Contains(host.Product.Store.Alerts(new AlertQuery()), a => a.Row.Alert.Code == "session-down" && a.Row.Group == IAlertLog.ServerGroup);
        Assert.Contains(host.Product.Store.Events(new EventQuery { Kinds = ["alert"] }), e => e.Seq == alert.GetProperty("seq").GetInt64() && e.Group == IAlertLog.ServerGroup);
        Assert.Contains(host.Log.All, l => l.StartsWith("alert session-down mt5 ", StringComparison.Ordinal));
        string page = (await host.GetAsync("/metrics")).Body;
        Assert.Contains("lockstep_alerts_total{code=\"session-down\",level=\"critical\"} 1\n", page, StringComparison.Ordinal);
        await OpsHost.UntilAsync(async () => (await host.GetAsync("/metrics")).Body.Contains("lockstep_webhook_alerts_total{webhook=\"0\",outcome=\"delivered\"} ", StringComparison.Ordinal));

        // The feed goes on: an event that comes after it is told too.
        await host.ReadyAsync();
        Assert.Equal(HttpStatusCode.OK, (await host.PostAsync("/v1/accounts/source/orders", """{"symbol":"EURUSD","side":"buy","volume":0.5}""")).Status);
        Assert.DoesNotContain("the-token-of-the-webhook", string.Concat(host.Log.All) + page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_go_to_a_collector()
    {
        await using var far = await Listener.StartAsync();
        await using (var host = await OpsHost.StartAsync(sections: $$""", "telemetry": { "otlp": { "endpoint": "{{far.Address}}", "interval": "1s" } }"""))
        {
            await OpsHost.UntilAsync(() => Task.FromResult(far.Paths.Contains("/v1/metrics")));
        }

        // Protobuf holds names readably.
        Assert.Contains(far.Bodies, b => b.Contains("lockstep.account.up", StringComparison.Ordinal) && b.Contains("lockstep.journal.commit", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{ "rules": { "latency": { "raise": 50, "clear": 60 } } }""", "alerts.rules.latency", "clear (60 ms) must be at most raise (50 ms)")]
    [InlineData("""{ "rules": { "disk": { "clear": 10 } } }""", "alerts.rules.disk", "clear (10 MiB) must be at least raise (1024 MiB)")]
    [InlineData("""{ "rules": { "latencies": {} } }""", "alerts.rules", "latency, rejections")]
    [InlineData("""{ "webhooks": [ { "url": { "env": "SHORT" } } ] }""", "alerts.webhooks[0].url", "must hold 8 to 512 characters")]
    [InlineData("""{ "webhooks": [ { "url": { "env": "KEY" } } ] }""", "alerts.webhooks[0].url", "holds no address")]
    [InlineData("""{ "webhooks": [ { "url": "https://example.org/x" } ] }""", "alerts.webhooks[0].url", "")]
    public void Mistakes_are_told_with_their_place_and_without_the_secret(string section, string place, string text)
    {
        var errors = Config.Read(Config.With("\"accounts\":", $"\"alerts\": {section}, \"accounts\":")).Errors;
        Assert.Contains(errors, e => e.ToString().Contains(place, StringComparison.Ordinal) && e.ToString().Contains(text, StringComparison.Ordinal));
        Assert.DoesNotContain(errors, e => e.ToString().Contains("0123456789abcdef", StringComparison.Ordinal) || e.ToString().Contains("example.org", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_configured_stands_over_what_is_usual()
    {
        var config = Config.Read(Config.With("\"accounts\":", """
            "alerts": { "repeat": "5m", "rules": { "latency": { "raise": 20, "clear": 10, "for": "3s", "clearFor": "4s", "level": "info" }, "beats": { "on": false } } }, "accounts":
            """)).Config!;
        Assert.Equal(TimeSpan.FromMinutes(5), config.Alerts.Repeat);
        Assert.Equal(new Lockstep.Server.Alerts.RuleSettings(true, 20, TimeSpan.FromSeconds(3), 10, TimeSpan.FromSeconds(4), Engine.AlertLevel.Info), config.Alerts.Rules["latency"]);
        Assert.False(config.Alerts.Rules["beats"].On);
        Assert.Equal(Lockstep.Server.Alerts.RuleKind.Of("disk").Usual, config.Alerts.Rules["disk"]);
        Assert.Null(config.Otlp);
    }

    /// <summary>Takes whatever is posted.</summary>
    internal sealed class Listener : IAsyncDisposable
    {
        private readonly WebApplication _app;

        private Listener(WebApplication app) => _app = app;

        public System.Collections.Concurrent.ConcurrentQueue<string> Bodies { get; } = [];

        public System.Collections.Concurrent.ConcurrentQueue<string> Paths { get; } = [];

        public string Address => _app.Urls.Single() + "/";

        public static async Task<Listener> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var listener = new Listener(builder.Build());
            listener._app.Run(async http =>
            {
                using var body = new MemoryStream();
                await http.Request.Body.CopyToAsync(body);
                listener.Bodies.Enqueue(System.Text.Encoding.Latin1.GetString(body.ToArray()));
                listener.Paths.Enqueue(http.Request.Path);
            });
            await listener._app.StartAsync();
            return listener;
        }

        public async ValueTask DisposeAsync()
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
    }
}

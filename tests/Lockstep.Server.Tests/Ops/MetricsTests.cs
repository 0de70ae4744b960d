using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Lockstep.Server.Tests.Configuration;

namespace Lockstep.Server.Tests.Ops;

/// <summary>What a running server tells of itself: metrics, life, readiness.</summary>
public sealed partial class MetricsTests
{
    private const string Page = "docs/operations.md";

    [Fact]
    public async Task A_trade_is_seen_in_the_metrics()
    {
        await using var host = await OpsHost.StartAsync();
        await host.ReadyAsync();
        Assert.Equal(HttpStatusCode.OK, (await host.PostAsync("/v1/accounts/source/orders", """{"symbol":"EURUSD","side":"buy","volume":0.5}""")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await host.PostAsync("/v1/accounts/source/orders", """{"symbol":"NOPE","side":"buy","volume":0.5}""")).Status);
        await OpsHost.UntilAsync(async () => await ValueAsync(host, "lockstep_orders_answered_total{platform=\"paper\",outcome=\"done\"}") == 2
            && (await host.GetAsync("/metrics")).Body.Contains("\nlockstep_why_total{outcome=\"done\",", StringComparison.Ordinal));
        string page = (await host.GetAsync("/metrics")).Body;
        Assert.Equal(2, Value(page, "lockstep_orders_sent_total{platform=\"paper\"}"));
        Assert.Equal(2, Value(page, "lockstep_latency_seconds_count{stage=\"through\"}"));
        Assert.Equal(Value(page, "lockstep_latency_seconds_bucket{stage=\"through\",le=\"+Inf\"}"), Value(page, "lockstep_latency_seconds_count{stage=\"through\"}"));
        Assert.Equal(2, Value(page, "lockstep_sessions{platform=\"paper\",state=\"up\"}"));
        Assert.Equal(1, Value(page, "lockstep_sessions{platform=\"paper\",state=\"disabled\"}"));
        Assert.Equal(1, Value(page, "lockstep_account_up{account=\"source\",platform=\"paper\"}"));
        Assert.InRange(Value(page, "lockstep_session_snapshot_age_seconds{account=\"source\",platform=\"paper\"}"), 0, 60);
        Assert.InRange(Value(page, "lockstep_quotes_total{account=\"source\",platform=\"paper\"}"), 1, 1e9);
        Assert.InRange(Value(page, "lockstep_journal_commit_seconds_count"), 1, 1e9);
        Assert.InRange(Value(page, "lockstep_journal_commit_size_bytes_sum"), 100, 1e9);
        Assert.InRange(Value(page, "lockstep_storage_size_bytes{file=\"lockstep.db\"}"), 4096, 1e9);
        Assert.InRange(Value(page, "lockstep_disk_free_bytes"), 1, 1e18);
        Assert.InRange(Value(page, "lockstep_events_total"), 1, 1e9);
        Assert.Equal(2, Value(page, "lockstep_groups{state=\"running\"}"));

        // The runtime's and the web server's own meters stand there too.
        Assert.Contains("\ndotnet_process_memory_working_set_bytes ", page, StringComparison.Ordinal);
        Assert.Contains("\nkestrel_active_connections{", page, StringComparison.Ordinal);

        // Every line has the form of the format, every metric one head, and no symbol is a label.
        Assert.All(page.TrimEnd('\n').Split('\n'), line => Assert.Matches(Line(), line));
        var heads = Heads().Matches(page).Select(m => m.Groups[1].Value).ToList();
        Assert.Equal(heads.Distinct(), heads);
        Assert.DoesNotContain("EURUSD", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_table_of_the_page_names_every_metric_of_ours()
    {
        await using var host = await OpsHost.StartAsync();
        string file = Path.Combine(Config.Root, Page);
        const string Begin = "<!-- metrics: written by MetricsTests -->\n", End = "<!-- end of metrics -->";
        string page = await File.ReadAllTextAsync(file);
        int from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, to = page.IndexOf(End, StringComparison.Ordinal);
        string wanted = "\n| metric | type | what it tells |\n|---|---|---|\n" + string.Concat(
            Described().Matches((await host.GetAsync("/metrics")).Body).Select(m => $"| `{m.Groups[1].Value}` | {m.Groups[3].Value} | {m.Groups[2].Value.Replace("|", "\\|", StringComparison.Ordinal)} |\n")) + "\n";
        if (Environment.GetEnvironmentVariable("LOCKSTEP_WRITE_GOLDEN") == "1")
        {
            page = page[..from] + wanted + page[to..];
            await File.WriteAllTextAsync(file, page);
            to = page.IndexOf(End, StringComparison.Ordinal);
        }

        Assert.Equal(wanted, page[from..to]);
    }

    [Fact]
    public async Task Metrics_need_a_key_life_needs_none()
    {
        await using var host = await OpsHost.StartAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.GetAsync("/metrics", key: null)).Status);
        Assert.Equal((HttpStatusCode.OK, """{"status":"ok"}"""), await host.GetAsync("/healthz", key: null));
    }

    [Fact]
    public async Task Readiness_says_the_word_to_everybody_and_the_reasons_to_who_may_read()
    {
        await using var host = await OpsHost.StartAsync(accounts: """
            , "mt5": { "platform": "mt5", "login": 1, "server": "Demo", "key": { "env": "EAKEY" } }
            """, environment: name => name == "EAKEY" ? "an-ea-key-of-this-test" : null);
        await host.ReadyAsync();

        // One account has no terminal.
        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"status":"notReady"}"""), await host.GetAsync("/readyz", key: null));
        var (status, body) = await host.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        var checks = JsonDocument.Parse(body).RootElement.GetProperty("checks").EnumerateArray().ToDictionary(c => c.GetProperty("name").GetString()!, c => (c.GetProperty("ok").GetBoolean(), c.GetProperty("detail").GetString()!));
        Assert.Equal(["accounts", "clock", "disk", "groups", "journal", "outbox"], checks.Keys.Order());
        Assert.StartsWith("Not to be traded on: mt5 (down).", checks["accounts"].Item2, StringComparison.Ordinal);
        Assert.Equal(["accounts"], checks.Where(c => !c.Value.Item1).Select(c => c.Key));
    }

    [Fact]
    public async Task A_server_whose_accounts_are_all_there_is_ready()
    {
        await using var host = await OpsHost.StartAsync();
        await OpsHost.UntilAsync(async () => (await host.GetAsync("/readyz", key: null)).Status == HttpStatusCode.OK);
        Assert.Equal("""{"status":"ready"}""", (await host.GetAsync("/readyz", key: null)).Body);
    }

    [Theory]
    [InlineData(100L * 1024 * 1024, false)]
    [InlineData(300L * 1024 * 1024, true)]
    [InlineData(null, true)]
    public void A_disk_that_is_nearly_full_is_not_ready(long? free, bool ok) => Assert.Equal(ok, Lockstep.Server.Metrics.Readiness.Disk(free, "data").Ok);

    [Theory]
    [InlineData(-6, false)]
    [InlineData(1, true)]
    [InlineData(3600, false)]
    public void A_clock_that_was_set_is_not_ready(double gap, bool ok) => Assert.Equal(ok, Lockstep.Server.Metrics.Readiness.Clock(TimeSpan.FromSeconds(gap)).Ok);

    private static async Task<double> ValueAsync(OpsHost host, string series) => Value((await host.GetAsync("/metrics")).Body, series);

    private static double Value(string page, string series)
    {
        string? line = page.Split('\n').FirstOrDefault(l => l.StartsWith(series + " ", StringComparison.Ordinal));
        return line is null ? double.NaN : double.Parse(line[(series.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("""^(# (HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* .*|[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\.)*"(,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\.)*")*\})? (-?[0-9.]+(E[-+]?[0-9]+)?|\+Inf|-Inf|NaN))$""")]
    private static partial Regex Line();

    [GeneratedRegex("^# TYPE ([^ ]+) ", RegexOptions.Multiline)]
    private static partial Regex Heads();

    [GeneratedRegex(@"^# HELP (lockstep_[^ ]+) (.*)\n# TYPE [^ ]+ (\w+)$", RegexOptions.Multiline)]
    private static partial Regex Described();
}

using Lockstep.Domain;
using Lockstep.Server.Alerts;
using Lockstep.Server.Cli;
using Lockstep.Server.Configuration;
using Lockstep.Server.Metrics;
using Lockstep.Storage;
using Lockstep.Storage.Sqlite;

namespace Lockstep.Server.Hosting;

/// <content>How the product is watched.</content>
internal sealed partial class Product
{
    private static readonly TimeSpan LookEach = TimeSpan.FromSeconds(1);
    private readonly Traces _traces = new();
    private IReadOnlyList<Webhook> _webhooks = [];
    private AlertDesk? _alerts;
    private HubClock? _looks;
    private IDisposable? _otlp;

    /// <summary>What is measured.</summary>
    public ProductMetrics Metrics { get; }

    /// <summary>The addresses that alerts are posted to.</summary>
    public IReadOnlyList<Webhook> Webhooks => _webhooks;

    /// <summary>How far the wall clock is from the clock that the product runs on; above zero = ahead of it.</summary>
    public TimeSpan ClockGap => TimeProvider.System.GetUtcNow() - _time.GetUtcNow();

    /// <summary>How long ago the platform told an account's whole state or confirmed it; null = not in this process.</summary>
    public TimeSpan? SnapshotAge(AccountId account) => _runners.GetValueOrDefault(account)?.Core.Quotes.SnapshotAge(account);

    /// <summary>The store, and what is measured from its first commit on.</summary>
    private static (SqliteStore Store, ProductMetrics Metrics) OpenStore(LockstepConfig config)
    {
        var metrics = new ProductMetrics();
        try
        {
            return (SqliteStore.Open(config.DataFolder, new SqliteOptions { Committed = metrics.Committed }), metrics);
        }
        catch
        {
            metrics.Dispose();
            throw;
        }
    }

    private static WebhookTarget Target(WebhookConfig webhook, int number)
    {
        var (url, problem) = Secrets.Read(webhook.Url, Environment.GetEnvironmentVariable, lengthMin: 8);
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address))
        {
            throw new DataFolderException($"The address of alerts.webhooks[{number}], {webhook.Url}, {problem ?? "holds no address"}.");
        }

        string? key = null;
        if (webhook.SigningKey is { } reference)
        {
            (key, problem) = Secrets.Read(reference, Environment.GetEnvironmentVariable);
            if (key is null)
            {
                throw new DataFolderException($"The signing key of alerts.webhooks[{number}], {reference}, {problem}.");
            }
        }

        return new WebhookTarget(number.ToString(System.Globalization.CultureInfo.InvariantCulture), address, webhook.Shape, webhook.Level, key is null ? null : System.Text.Encoding.UTF8.GetBytes(key));
    }

    /// <summary>Sets going who tells of alerts and who looks for them; before any group.</summary>
    private void StartWatching(LockstepConfig config)
    {
        var targets = config.Alerts.Webhooks.Select(Target).ToList();
        _webhooks = [.. targets.Select(t => new Webhook(t, null, TimeProvider.System, _log, (outcome, count) => Metrics.Posted(t.Name, outcome, count)))];
        var alerts = new AlertDesk(_store, Feed, _time, [Metrics, new GroupLog(_log, _traces), .. _webhooks]);
        _alerts = alerts;
        CTrader?.ListenToAlerts(alerts.Raise);
        Terminals.Keys.ListenToAlerts(alerts.Raise);
        var probes = new AlertProbes(this, _time);
        var watch = new AlertWatch(() => Config.Alerts, probes.Read, _time);
        _looks = new HubClock("alert", LookEach, _ =>
        {
            // What our own stop takes away is nobody's trouble.
            foreach (var alert in _stopping ? [] : watch.Look())
            {
                alerts.Raise(alert);
            }
        }, _log);
        _looks.Start();
        _otlp = config.Otlp is { } otlp ? OtlpExport.Start(otlp, _store.Instance, LockstepVersion.Text) : null;
    }

    private async Task StopWatchingAsync()
    {
        if (_looks is not null)
        {
            await _looks.DisposeAsync();
        }

        if (_alerts is not null)
        {
            await _alerts.DisposeAsync();
        }

        foreach (var webhook in _webhooks)
        {
            await webhook.DisposeAsync();
        }

        _otlp?.Dispose();
    }
}

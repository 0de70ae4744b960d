using System.Net;
using System.Net.Http.Headers;
using Lockstep.Engine;
using Lockstep.Runtime;
using Lockstep.Storage;

namespace Lockstep.Server.Alerts;

/// <summary>A webhook with its secrets fetched. Where it is, is never told to anybody.</summary>
/// <param name="Name">What it is called in the log and in metrics: its place in the configuration.</param>
/// <param name="Address">Where it is.</param>
/// <param name="Shape">What is posted.</param>
/// <param name="Level">Only alerts that are at least this urgent.</param>
/// <param name="SigningKey">What bodies are signed with; null = they are not.</param>
internal sealed record WebhookTarget(string Name, Uri Address, WebhookShape Shape, AlertLevel Level, byte[]? SigningKey)
{
    /// <summary>Without the address.</summary>
    public override string ToString() => $"webhook {Name}";
}

/// <summary>
/// Posts alerts to one address. What waits is bounded and nobody waits for it: when the address does not answer, tries are repeated with growing pauses, and what is too old to wait is dropped and counted.
/// </summary>
internal sealed class Webhook : IGroupObserver, IAsyncDisposable
{
    /// <summary>So many alerts may wait; beyond that the oldest is dropped.</summary>
    public const int Most = 500;

    /// <summary>So often a message is tried.</summary>
    public const int Tries = 8;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan[] Pauses = [.. new[] { 1, 2, 5, 15, 30, 60, 120 }.Select(s => TimeSpan.FromSeconds(s))];

    private readonly WebhookTarget _target;
    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Action<string, long> _count;
    private readonly Queue<AlertRow> _waiting = new();
    private readonly SemaphoreSlim _signal = new(0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;
    private volatile bool _closing;

    /// <summary>Posts from now on.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="handler">Sends requests; null = over the network.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where trouble is told.</param>
    /// <param name="count">Told what became of alerts: delivered, refused, dropped.</param>
    public Webhook(WebhookTarget target, HttpMessageHandler? handler, TimeProvider time, ILogger log, Action<string, long> count)
    {
        (_target, _time, _log, _count) = (target, time, log, count);
        _http = new HttpClient(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(10), PooledConnectionLifetime = TimeSpan.FromMinutes(10) })
        {
            Timeout = TimeSpan.FromSeconds(15),
            MaxResponseContentBufferSize = 64 * 1024,
        };
        _run = Task.Run(RunAsync);
    }

    /// <summary>How many alerts wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_waiting)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>What it is called.</summary>
    public string Name => _target.Name;

    /// <inheritdoc/>
    public void Alert(AlertRow row)
    {
        // What is over is told to whoever was told that it began.
        if (row.Alert.Level < _target.Level && !row.Alert.Code.EndsWith("-over", StringComparison.Ordinal))
        {
            return;
        }

        lock (_waiting)
        {
            if (_waiting.Count == Most)
            {
                _waiting.Dequeue();
                _count("dropped", 1);
            }

            _waiting.Enqueue(row);
        }

        _signal.Release();
    }

    /// <summary>Gives what waits a moment to leave, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _closing = true;
        _signal.Release();
        _stop.CancelAfter(TimeSpan.FromSeconds(2));
        await _run;
        _http.Dispose();
        _stop.Dispose();
        _signal.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await _signal.WaitAsync(_stop.Token);
                if (Take() is { Count: > 0 } alerts)
                {
                    await PostAsync(alerts);
                }
                else if (_closing)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The end: what still waits stands in the store.
        }
    }

    private List<AlertRow> Take()
    {
        lock (_waiting)
        {
            var taken = new List<AlertRow>();
            while (taken.Count < WebhookBody.AlertsMost && _waiting.TryDequeue(out var row))
            {
                taken.Add(row);
            }

            return taken;
        }
    }

    private async Task PostAsync(List<AlertRow> alerts)
    {
        byte[] body = _target.Shape == WebhookShape.Discord ? WebhookBody.Discord(alerts) : WebhookBody.Plain(alerts);
        for (int tries = 1; ; tries++)
        {
            var (done, again, why) = await TryAsync(body);
            if (done)
            {
                _count("delivered", alerts.Count);
                return;
            }

            if (again is not { } pause || tries == Tries)
            {
                _count(again is null ? "refused" : "dropped", alerts.Count);
                _log.LogWarning("webhook {Webhook} {Alerts} not told: {Reason}", _target.Name, string.Join(", ", alerts.Select(a => a.Alert.Code)), why);
                return;
            }

            var usual = Pauses[Math.Min(tries, Pauses.Length) - 1];
            await Task.Delay(pause > usual ? pause : usual, _time, _stop.Token);
        }
    }

    /// <summary>One try: done; or not, with the least pause before the next one, null when there is no use in one.</summary>
    private async Task<(bool Done, TimeSpan? Again, string Why)> TryAsync(byte[] body)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _target.Address) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.TryAddWithoutValidation("User-Agent", "lockstep");
            if (_target is { SigningKey: { } key, Shape: WebhookShape.Plain })
            {
                long now = _time.GetUtcNow().ToUnixTimeSeconds();
                request.Headers.TryAddWithoutValidation("X-Lockstep-Timestamp", now.ToString(System.Globalization.CultureInfo.InvariantCulture));
                request.Headers.TryAddWithoutValidation("X-Lockstep-Signature", WebhookBody.Signature(key, now, body));
            }

            using var response = await _http.SendAsync(request, _stop.Token);
            int status = (int)response.StatusCode;
            string why = $"it answered {status}";
            return status is >= 200 and < 300 ? (true, null, "")
                : response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || status >= 500 ? (false, Wanted(response), why)
                : (false, null, why);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !_stop.IsCancellationRequested))
        {
            // The message of an exception may hold the address.
            return (false, TimeSpan.Zero, e is HttpRequestException http ? $"it could not be reached ({http.HttpRequestError})" : "it did not answer");
        }
    }

    /// <summary>How long the address wants to be left alone; bounded, as it could ask for a year.</summary>
    private TimeSpan Wanted(HttpResponseMessage response)
    {
        var after = response.Headers.RetryAfter;
        var wanted = after?.Delta ?? (after?.Date is { } date ? date - _time.GetUtcNow() : TimeSpan.Zero);
        return wanted < TimeSpan.Zero ? TimeSpan.Zero : wanted > Longest ? Longest : wanted;
    }
}

using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Lockstep.Client.Http;

namespace Lockstep.Client.Streams;

/// <summary>
/// One subscription, over as many connections as it takes. The number of the last event that the reader was given is where the next connection goes on: nothing is lost and nothing comes twice, as
/// long as the server keeps its events.
/// </summary>
internal sealed class LiveStream(LockstepClientOptions options, StreamRequest request) : IDisposable
{
    private const int MessageMost = 16 * 1024 * 1024;
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _sending = new(1);
    private volatile StreamRequest _request = request;
    private ClientWebSocket? _socket;
    private long? _after = request.After;
    private long? _agreed;
    private string? _instance = request.Instance;
    private string? _present;
    private int _connections;
    private int _failures;

    /// <summary>Asks for something else from now on, on the connection that stands or on the next one. Events go on where they are.</summary>
    public async Task ChangeAsync(StreamRequest now, CancellationToken cancel)
    {
        _request = now;
        await _sending.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (_socket is { State: WebSocketState.Open } socket && _agreed is not null)
            {
                await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(Subscription(), Wire.Json), WebSocketMessageType.Text, endOfMessage: true, cancel).ConfigureAwait(false);
            }
        }
        catch (WebSocketException)
        {
            // The next connection asks for it.
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _sending.Dispose();

    /// <summary>Messages, until it is cancelled.</summary>
    public async IAsyncEnumerable<StreamMessage> ReadAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        while (true)
        {
            string? lost = null;
            using var socket = new ClientWebSocket();
            socket.Options.KeepAliveInterval = TimeSpan.FromSeconds(20);
            if (options.Key is { } key)
            {
                socket.Options.SetRequestHeader("Authorization", "Bearer " + key);
            }

            lost = await ConnectAsync(socket, cancel).ConfigureAwait(false);
            while (lost is null)
            {
                JsonElement raw = default;
                (raw, lost) = await ReceiveAsync(socket, cancel).ConfigureAwait(false);
                if (lost is null && Read(raw) is { } message)
                {
                    yield return message;
                }
            }

            yield return new StreamLost(lost);
            await Task.Delay(Pause(), options.Time, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Null when the connection stands and was asked; else why not. A server that will not have us ends the stream.</summary>
    private async Task<string?> ConnectAsync(ClientWebSocket socket, CancellationToken cancel)
    {
        var address = new UriBuilder(new Uri(options.Address, "/v1/stream")) { Scheme = options.Address.Scheme == "https" ? "wss" : "ws" }.Uri;
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10), options.Time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
            socket.Options.CollectHttpResponseDetails = true;
            await socket.ConnectAsync(address, both.Token).ConfigureAwait(false);
            await _sending.WaitAsync(both.Token).ConfigureAwait(false);
            try
            {
                _agreed = null;
                _socket = socket;
                await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(Subscription(), Wire.Json), WebSocketMessageType.Text, endOfMessage: true, both.Token).ConfigureAwait(false);
            }
            finally
            {
                _sending.Release();
            }

            _connections++;
            return null;
        }
        catch (WebSocketException) when ((int)socket.HttpStatusCode is 400 or 401 or 403 or 404)
        {
            int status = (int)socket.HttpStatusCode;
            throw new LockstepProblemException(
                status, status == 401 ? "unauthorized" : "refused", "The server does not open the stream.", $"It answered {status}.", status is 401 or 403 ? "Look at the key." : "Look at the address, and at the server's version.", [], null);
        }
        catch (WebSocketException error)
        {
            return error.Message;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return "the server did not answer in time";
        }
    }

    private Dictionary<string, object?> Subscription()
    {
        var wanted = _request;
        var all = new Dictionary<string, object?> { ["type"] = "subscribe", ["id"] = "1", ["topics"] = wanted.Topics };
        Add("accounts", wanted.Accounts);
        Add("symbols", wanted.Symbols);
        Add("frames", wanted.Frames);
        Add("after", _after);
        Add("instance", _after is null ? null : _instance);
        Add("snapshot", _connections == 0 ? wanted.Snapshot : null);
        return all;

        void Add(string name, object? value)
        {
            if (value is not null)
            {
                all[name] = value;
            }
        }
    }

    private async Task<(JsonElement Message, string? Lost)> ReceiveAsync(ClientWebSocket socket, CancellationToken cancel)
    {
        using var buffer = new MemoryStream();
        byte[] piece = new byte[16 * 1024];
        try
        {
            using var silence = new CancellationTokenSource(Silence, options.Time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancel);
            while (true)
            {
                var got = await socket.ReceiveAsync(piece.AsMemory(), both.Token).ConfigureAwait(false);
                if (got.MessageType == WebSocketMessageType.Close)
                {
                    return (default, $"the server closed the connection ({(int?)socket.CloseStatus} {socket.CloseStatusDescription})");
                }

                buffer.Write(piece, 0, got.Count);
                if (buffer.Length > MessageMost)
                {
                    return (default, "the server sent a message that is larger than any that it may send");
                }

                if (got.EndOfMessage)
                {
                    using var document = JsonDocument.Parse(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
                    return (document.RootElement.Clone(), null);
                }
            }
        }
        catch (Exception error) when (error is WebSocketException or JsonException)
        {
            return (default, error.Message);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (default, $"nothing came for {Silence.TotalSeconds} seconds");
        }
    }

    private StreamMessage? Read(JsonElement raw)
    {
        if (raw.ValueKind != JsonValueKind.Object || !raw.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        switch (type.GetString())
        {
            case "hello":
                _present = Text(raw, "instance");
                _instance ??= _present;
                return null;
            case "subscribed":
                _failures = 0;
                bool again = _agreed is not null;
                _agreed = Number(raw, "after");
                _after ??= _agreed;
                return again ? null : new StreamOpened(_instance ?? "", _after ?? 0, _connections);
            case "error":
                throw new LockstepProblemException(400, Text(raw, "code"), "The server refuses the subscription.", Text(raw, "detail"), Text(raw, "advice"), [], null);
            case "gap":
                // The numbers that are known count no longer: it goes on from where the server said.
                _after = _agreed;
                _instance = _present;
                return new StreamGap(Text(raw, "reason"));
            case "snapshot":
                return raw.Deserialize<AccountSnapshot>(Wire.Json);
            case "event":
                var told = raw.Deserialize<AccountEvent>(Wire.Json)! with { Raw = raw };
                _after = told.Seq;
                return told;
            case "prices":
                return raw.Deserialize<PricesChanged>(Wire.Json);
            case "account" when raw.TryGetProperty("funds", out _):
                return raw.Deserialize<MoneyChanged>(Wire.Json);
            case "floating" when raw.TryGetProperty("positions", out _):
                return raw.Deserialize<FloatingChanged>(Wire.Json);
            case "candle":
                return raw.Deserialize<CandleChanged>(Wire.Json);
            case "conflated":
                return new Conflated(Number(raw, "count"));
            default:
                return new OtherMessage(type.GetString()!, raw);
        }
    }

    private TimeSpan Pause()
    {
        double longest = Math.Min(options.LongestPause.TotalMilliseconds, options.Pause.TotalMilliseconds * Math.Pow(2, Math.Min(_failures++, 16)));
#pragma warning disable CA5394 // Chance keeps many clients from coming at once; nobody gains by guessing it.
        return TimeSpan.FromMilliseconds(longest * (0.5 + (Random.Shared.NextDouble() / 2)));
#pragma warning restore CA5394
    }

    private static string Text(JsonElement raw, string name) => raw.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static long Number(JsonElement raw, string name) => raw.TryGetProperty(name, out var value) && value.TryGetInt64(out long number) ? number : 0;
}

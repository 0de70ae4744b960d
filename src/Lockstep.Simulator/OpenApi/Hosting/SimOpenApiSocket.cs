using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire;

namespace Lockstep.Simulator;

/// <summary>
/// One client of the simulated server. Its messages are read here and handed over on the clock, a read's worth at a time; nothing more is read before the clock has taken them, so that a client
/// that floods waits for its own messages.
/// </summary>
internal sealed class SimOpenApiSocket : ISimOpenApiClient, IDisposable
{
    private const int WaitingMost = 4 * 1024 * 1024;
    private static readonly TimeSpan HandshakeWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan GoodbyeWithin = TimeSpan.FromSeconds(2);
    private readonly Socket _socket;
    private readonly ISimClock _clock;
    private readonly Func<ISimOpenApiClient, SimOpenApiLine?> _connect;
    private readonly bool _json;
    private readonly CancellationToken _stop;
    private readonly OpenApiJsonStream _objects = new();
    private readonly ArrayBufferWriter<byte> _out = new(512);
    private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SslStream? _tls;
    private TlsSender? _sender;
    private Task _goodbye = Task.CompletedTask;
    private volatile string? _why;

    // Both belong to the clock's thread.
    private SimOpenApiLine? _line;
    private bool _closed;

    public SimOpenApiSocket(Socket socket, ISimClock clock, Func<ISimOpenApiClient, SimOpenApiLine?> connect, bool json, CancellationToken stop)
    {
        (_socket, _clock, _connect, _json, _stop) = (socket, clock, connect, json, stop);
        socket.NoDelay = true;
        Remote = socket.RemoteEndPoint?.ToString() ?? "?";
    }

    public string Remote { get; }

    public bool Send(OpenApiMessage message)
    {
        if (_closed)
        {
            return false;
        }

        _out.ResetWrittenCount();
        Write(message);
        return _sender!.Send(_out.WrittenSpan);
    }

    /// <summary>What was said before leaves first, then the client is told that nothing follows; if it does not hang up soon it is cut.</summary>
    public void Close()
    {
        if (!_closed)
        {
            _closed = true;
            _goodbye = SayGoodbyeAsync();
        }
    }

    /// <summary>Ends the connection at once, from any thread; <see cref="RunAsync"/> clears up.</summary>
    public void Dispose() => _socket.Dispose();

    public async Task RunAsync(SimCertificate certificate)
    {
        string why;
        try
        {
            _tls = new SslStream(new NetworkStream(_socket, ownsSocket: true));
            await ShakeHandsAsync(_tls, certificate).ConfigureAwait(false);
            _sender = new TlsSender(_tls, WaitingMost, Break);
            await OnClockAsync(Begin).ConfigureAwait(false);
            why = await ReadAsync(_tls).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or AuthenticationException or OperationCanceledException or InvalidOperationException)
        {
            why = e.Message;
        }

        _read.SetResult();
        _clock.Schedule(TimeSpan.Zero, () => End(_why ?? why));
        await _goodbye.ConfigureAwait(false);
        _socket.Dispose();
        if (_sender is { } sender)
        {
            await sender.EndAsync().ConfigureAwait(false);
        }

        if (_tls is { } tls)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task ShakeHandsAsync(SslStream tls, SimCertificate certificate)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(_stop);
        late.CancelAfter(HandshakeWithin);
        var options = new SslServerAuthenticationOptions { ServerCertificateContext = certificate.Context, EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13 };
        await tls.AuthenticateAsServerAsync(options, late.Token).ConfigureAwait(false);
    }

    private void Begin()
    {
        _line = _connect(this);
        if (_line is null)
        {
            Close();
        }
    }

    private void End(string why)
    {
        if (!_closed)
        {
            _closed = true;
            _line?.Closed(why);
        }
    }

    private void Break(string why)
    {
        _why = why;
        _socket.Dispose();
    }

    private async Task<string> ReadAsync(SslStream tls)
    {
        var pipe = PipeReader.Create(tls, new StreamPipeReaderOptions(bufferSize: 8 * 1024, leaveOpen: true));
        var batch = new List<OpenApiMessage>();
        try
        {
            while (true)
            {
                var read = await pipe.ReadAsync(_stop).ConfigureAwait(false);
                var buffer = read.Buffer;
                string? nonsense = null;
                try
                {
                    while (Take(ref buffer, out var one))
                    {
                        batch.Add(_json ? OpenApiJson.Read(one, demandRequired: false) : SimOpenApiBytes.Read(one));
                    }
                }
                catch (OpenApiFormatException e)
                {
                    nonsense = e.Message;
                }

                if (batch.Count > 0 || nonsense is not null)
                {
                    await OnClockAsync(() => HandOver(batch, nonsense)).ConfigureAwait(false);
                    batch.Clear();
                }

                if (nonsense is not null)
                {
                    // What follows cannot be made sense of; it is only taken so that our last words arrive.
                    await tls.CopyToAsync(Stream.Null, _stop).ConfigureAwait(false);
                    return nonsense;
                }

                if (read.IsCompleted)
                {
                    return buffer.IsEmpty ? "the client closed the connection" : "the client closed the connection in the middle of a message";
                }

                pipe.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        finally
        {
            await pipe.CompleteAsync().ConfigureAwait(false);
        }
    }

    private bool Take(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> one) =>
        _json ? _objects.TryTake(ref buffer, out one) : OpenApiCodec.TryTakeFrame(ref buffer, out one);

    private void HandOver(List<OpenApiMessage> batch, string? nonsense)
    {
        foreach (var message in batch)
        {
            if (!_closed)
            {
                _line?.Received(message);
            }
        }

        if (nonsense is not null && !_closed)
        {
            _line?.ReceivedNonsense(nonsense);
            Close();
        }
    }

    private async Task SayGoodbyeAsync()
    {
        try
        {
            await _sender!.EndAsync().WaitAsync(GoodbyeWithin, _stop).ConfigureAwait(false);
            await _tls!.ShutdownAsync().WaitAsync(GoodbyeWithin, _stop).ConfigureAwait(false);
            _socket.Shutdown(SocketShutdown.Send);
            await _read.Task.WaitAsync(GoodbyeWithin, _stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException or TimeoutException or OperationCanceledException)
        {
            // It did not want to hear the end.
        }

        _socket.Dispose();
    }

    private async Task OnClockAsync(Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _clock.Schedule(TimeSpan.Zero, () =>
        {
            try
            {
                action();
            }
            finally
            {
                done.SetResult();
            }
        });
        await done.Task.WaitAsync(_stop).ConfigureAwait(false);
    }

    // A message without a body is of a kind that is in no list: the simulated server says such things on purpose.
    private void Write(OpenApiMessage message)
    {
        if (!_json)
        {
            SimOpenApiBytes.Write(_out, message);
        }
        else if (message.Body is { } body)
        {
            OpenApiJson.Write(_out, body, message.ClientMsgId);
        }
        else
        {
            _out.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"payloadType\":{message.PayloadType},\"payload\":{{\"x\":1}}}}")));
        }
    }
}

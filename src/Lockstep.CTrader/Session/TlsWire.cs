using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Lockstep.CTrader.Wire;

namespace Lockstep.CTrader.Session;

/// <summary>One connection over TLS. All that its end hears comes from one task, which connects, reads and says how it ended.</summary>
internal sealed class TlsWire : IOpenApiWire, IDisposable
{
    private readonly Lock _gate = new();
    private readonly OpenApiAddress _server;
    private readonly TlsDialerOptions _options;
    private readonly IOpenApiWireEnd _end;
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly TlsTrust _trust;
    private volatile TlsSender? _sender;
    private string? _why;
    private volatile bool _over;
    private bool _closed;

    public TlsWire(OpenApiAddress server, TlsDialerOptions options, IOpenApiWireEnd end)
    {
        (_server, _options, _end) = (server, options, end);
        _trust = new TlsTrust(server, options.Trusted);
    }

    /// <summary>Ends when nothing is said to the end any more.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    public void Start() => Running = Task.Run(RunAsync);

    public bool Send(ReadOnlySpan<byte> frame) => !_over && _sender is { } sender && sender.Send(frame);

    public void Close()
    {
        lock (_gate)
        {
            (_over, _closed) = (true, true);
        }

        _socket.Dispose();
    }

    public void Dispose() => Close();

    private async Task RunAsync()
    {
        SslStream? tls = null;
        string why;
        try
        {
            using (var late = new CancellationTokenSource(_options.ConnectWithin, _options.Time))
            {
                tls = await ConnectAsync(late.Token).ConfigureAwait(false);
            }

            _sender = new TlsSender(tls, _options.WaitingMost, Break);
            if (!_over)
            {
                _end.Connected();
            }

            why = await ReadAsync(tls).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            why = _sender is null ? TlsTrouble.Connecting(_server, e, _trust.Problem) : TlsTrouble.Reading(_server, e);
        }

        bool tell;
        lock (_gate)
        {
            tell = !_closed;
            (_over, _closed) = (true, true);
        }

        _socket.Dispose();
        if (_sender is { } sender)
        {
            // The socket is gone, so a write that runs ends at once; the stream must not be taken from under it.
            await sender.EndAsync().ConfigureAwait(false);
        }

        if (tls is not null)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
        }

        if (tell)
        {
            // Whoever broke the connection by sending may still be inside that call.
            await Task.Yield();
            _end.Closed(_why ?? why);
        }
    }

    private async Task<SslStream> ConnectAsync(CancellationToken late)
    {
        await _socket.ConnectAsync(_server.Host, _server.Port, late).ConfigureAwait(false);
        var tls = new SslStream(new NetworkStream(_socket, ownsSocket: true));
        try
        {
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = _server.Host,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                RemoteCertificateValidationCallback = _trust.Accepts,
            };
            await tls.AuthenticateAsClientAsync(options, late).ConfigureAwait(false);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // Gives the reason why it ended.
    private async Task<string> ReadAsync(SslStream tls)
    {
        var pipe = PipeReader.Create(tls, new StreamPipeReaderOptions(bufferSize: 16 * 1024, minimumReadSize: 4 * 1024, leaveOpen: true));
        try
        {
            while (true)
            {
                var read = await pipe.ReadAsync().ConfigureAwait(false);
                var buffer = read.Buffer;
                while (!_over && OpenApiCodec.TryTakeFrame(ref buffer, out var frame))
                {
                    _end.Received(frame);
                }

                if (_over)
                {
                    return "closed here";
                }

                if (read.IsCompleted)
                {
                    return buffer.IsEmpty ? $"{_server} closed the connection" : $"{_server} closed the connection in the middle of a frame";
                }

                pipe.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        finally
        {
            await pipe.CompleteAsync().ConfigureAwait(false);
        }
    }

    // Sending failed. The reading task hears of it by its socket, and tells.
    private void Break(string why)
    {
        lock (_gate)
        {
            if (_over)
            {
                return;
            }

            (_over, _why) = (true, why);
        }

        _socket.Dispose();
    }
}

using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.Server.Relay;

/// <summary>
/// The WebSocket of one pipe client. An exchange never waits: what the terminal wrote is put on its way, what came for it is given. A loss is shown to the terminal before
/// anything is connected anew, so that it never takes a new connection for the old one.
/// </summary>
internal sealed class RelayLink(RelayTarget target, RelayLog log, string name, CancellationToken stop)
{
    /// <summary>What may wait in one direction, bytes; more closes the link, and the terminal tells again from its outbox.</summary>
    public const int WaitingMax = 1024 * 1024;

    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(10);
    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _in = new();
    private readonly ArrayBufferWriter<byte> _reply = new(256);
    private Channel<byte[]>? _out;
    private CancellationTokenSource? _cut;
    private Task _run = Task.CompletedTask;
    private LinkState _state = LinkState.Closed;
    private bool _told = true;
    private int _inBytes;
    private int _outBytes;
    private int _failures;
    private string _why = "";

    /// <summary>One exchange: the reply to these messages.</summary>
    public byte[] Answer(IReadOnlyList<byte[]> messages)
    {
        lock (_gate)
        {
            if (_state == LinkState.Closed && _told && _in.Count == 0)
            {
                Connect();
            }

            // A refusal comes right before the close: it is given first, as if the link still stood.
            bool gone = _state == LinkState.Closed && _in.Count == 0;
            Exchange.Begin(_reply, gone ? LinkState.Closed : _state == LinkState.Connecting ? LinkState.Connecting : LinkState.Open);
            if (gone)
            {
                _told = true;
                Exchange.Add(_reply, JsonSerializer.SerializeToUtf8Bytes(new { t = "closed", why = _why }));
                return Exchange.End(_reply);
            }

            if (_state == LinkState.Open)
            {
                Put(messages);
            }

            while (_in.TryPeek(out byte[]? message) && Exchange.Add(_reply, message))
            {
                _in.Dequeue();
                _inBytes -= message.Length;
            }

            return Exchange.End(_reply);
        }
    }

    /// <summary>Ends it; the server is told.</summary>
    public async Task EndAsync()
    {
        Task run;
        lock (_gate)
        {
            _told = false;
            _out?.Writer.TryComplete();
            _cut?.CancelAfter(TimeSpan.FromSeconds(2));
            if (_state == LinkState.Connecting)
            {
                _cut?.Cancel();
            }

            run = _run;
        }

        await run;
    }

    private void Put(IReadOnlyList<byte[]> messages)
    {
        foreach (byte[] message in messages)
        {
            _outBytes += message.Length;
            if (_outBytes > WaitingMax)
            {
                Fail("the server takes too little");
                return;
            }

            _out!.Writer.TryWrite(message);
        }
    }

    private void Connect()
    {
        _state = LinkState.Connecting;
        _told = false;
        (_inBytes, _outBytes, _why) = (0, 0, "");
        _out = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
        _cut = CancellationTokenSource.CreateLinkedTokenSource(stop);

        // The first try at once; then 0.25 s doubling to 30 s, spread, so that a server that comes back is not met by all in one moment.
        var pause = _failures == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(30, 0.25 * Math.Pow(2, _failures - 1)) * (0.75 + (Random.Shared.NextDouble() / 2)));
        _run = Task.Run(() => RunAsync(pause, _out, _cut));
    }

    private void Fail(string why)
    {
        lock (_gate)
        {
            _why = _why.Length == 0 ? why : _why;
            _cut?.Cancel();
        }
    }

    private async Task RunAsync(TimeSpan pause, Channel<byte[]> output, CancellationTokenSource cut)
    {
        var opened = DateTime.MaxValue;
        string why = "the connection broke";
        try
        {
            await Task.Delay(pause, cut.Token);
            using var socket = new ClientWebSocket();
            socket.Options.AddSubProtocol(WsHandshake.Protocol);
            socket.Options.KeepAliveInterval = TimeSpan.Zero;
            socket.Options.Proxy = null;
            socket.Options.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => target.Accepts(certificate, chain, errors);
            using (var patience = CancellationTokenSource.CreateLinkedTokenSource(cut.Token))
            {
                patience.CancelAfter(ConnectWithin);
                why = "the server does not answer";
                await socket.ConnectAsync(target.Address, patience.Token);
                why = "the connection broke";
            }

            if (socket.SubProtocol != WsHandshake.Protocol)
            {
                why = $"the server does not speak {WsHandshake.Protocol}";
                return;
            }

            lock (_gate)
            {
                _state = LinkState.Open;
            }

            opened = DateTime.UtcNow;
            log.Write(name, "connected");
            var sending = SendAsync(socket, output.Reader, cut);
            why = await ReceiveAsync(socket, cut.Token);
            output.Writer.TryComplete();
            await cut.CancelAsync();
            await sending;
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            why = error is OperationCanceledException ? why : $"{why}: {(error.InnerException ?? error).Message}";
        }
        finally
        {
            lock (_gate)
            {
                _failures = opened < DateTime.UtcNow - Steady ? 1 : _failures + 1;
                _state = LinkState.Closed;
                _why = Plain(_why.Length > 0 ? _why : stop.IsCancellationRequested ? "the relay stops" : why);
                _cut = null;
                log.Write(name, $"closed: {_why}");
            }

            cut.Dispose();
        }
    }

    private async Task SendAsync(ClientWebSocket socket, ChannelReader<byte[]> output, CancellationTokenSource cut)
    {
        try
        {
            await foreach (byte[] message in output.ReadAllAsync(cut.Token))
            {
                await socket.SendAsync(message.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, cut.Token);
                lock (_gate)
                {
                    _outBytes -= message.Length;
                }
            }

            // The terminal is gone.
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "the terminal left", cut.Token);
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The receiving side ends this one too, and knows better why.
            if (!cut.IsCancellationRequested)
            {
                Fail("the connection broke");
            }
        }
    }

    private async Task<string> ReceiveAsync(ClientWebSocket socket, CancellationToken cut)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Exchange.MessageMax + 1);
        try
        {
            int have = 0;
            while (true)
            {
                var came = await socket.ReceiveAsync(buffer.AsMemory(have), cut);
                have += came.Count;
                if (came.MessageType == WebSocketMessageType.Close)
                {
                    return $"the server closed: {(int?)socket.CloseStatus} {socket.CloseStatusDescription}".TrimEnd();
                }

                if (came.MessageType == WebSocketMessageType.Binary || have > Exchange.MessageMax)
                {
                    return "the server sent what is no message of the link";
                }

                if (!came.EndOfMessage)
                {
                    continue;
                }

                lock (_gate)
                {
                    if (_inBytes + have > WaitingMax)
                    {
                        return "the terminal does not read";
                    }

                    _in.Enqueue(buffer.AsSpan(0, have).ToArray());
                    _inBytes += have;
                }

                have = 0;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>For a terminal: ASCII, short.</summary>
    private static string Plain(string text) =>
        string.Concat(text.Take(150).Select(c => c is >= ' ' and <= '~' and not ('"' or '\\' or '<' or '>' or '&' or '\'' or '+' or '`') ? c : ' '));
}

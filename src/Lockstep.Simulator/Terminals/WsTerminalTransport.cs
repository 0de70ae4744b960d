using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.Simulator;

/// <summary>
/// A terminal's WebSocket over a plain socket. Made for thousands in one process: no thread of its own, and no buffer while nothing comes (the socket is watched by reads of
/// no bytes). What it hears it gives to the terminal on the clock.
/// </summary>
public sealed class WsTerminalTransport : ITerminalRoad, IDisposable
{
    private const int WaitingMax = 1024 * 1024;
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(10);
    private readonly ISimClock _clock;
    private readonly IPEndPoint _server;
    private readonly IPAddress? _from;
    private readonly string _host;
    private readonly string _target;
    private Line? _line;

    /// <summary>A way to a server; nothing is connected yet.</summary>
    /// <param name="clock">The terminal's clock.</param>
    /// <param name="server">Where the server listens.</param>
    /// <param name="host">Its name in the request: <c>127.0.0.1:8080</c>.</param>
    /// <param name="target">Request target: <c>/ea</c>.</param>
    /// <param name="from">Address to come from; null = the system's choice.</param>
    public WsTerminalTransport(ISimClock clock, IPEndPoint server, string host, string target = "/ea", IPAddress? from = null)
    {
        _clock = clock;
        _server = server;
        _host = host;
        _target = target;
        _from = from;
    }

    /// <summary>Nothing is read while this is true: a terminal whose one thread hangs.</summary>
    public bool ReadingStopped { get; set; }

    /// <inheritdoc/>
    public void Connect(ITerminalEnd end)
    {
        _line?.Dispose();
        var line = _line = new Line(this, end);
        _ = line.RunAsync();
    }

    /// <inheritdoc/>
    public bool Send(ReadOnlySpan<byte> text) => _line is { } line && line.Send(WsOpcode.Text, text);

    /// <inheritdoc/>
    public void Close(int code, string reason)
    {
        _line?.SayGoodbye(code, reason);
        _line = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _line?.Dispose();
        _line = null;
    }

    private sealed class Line(WsTerminalTransport road, ITerminalEnd end) : IDisposable
    {
        private readonly Socket _socket = new(road._server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        private readonly Lock _gate = new();
        private Queue<(byte[] Frame, int Length)>? _queue;
        private byte[]? _rest;
        private int _waiting;
        private bool _sending;
        private bool _open;
        private bool _over;

        public void Dispose() => End(null);

        public async Task RunAsync()
        {
            try
            {
                if (road._from is { } from)
                {
                    _socket.Bind(new IPEndPoint(from, 0));
                }

                using (var late = new CancellationTokenSource(ConnectWithin))
                {
                    await _socket.ConnectAsync(road._server, late.Token).ConfigureAwait(false);
                }

                string key = WsHandshake.Key(RandomNumberGenerator.GetBytes(16));
                await _socket.SendAsync(WsHandshake.Request(road._host, road._target, key), SocketFlags.None).ConfigureAwait(false);
                if (await ShakeHandsAsync(key).ConfigureAwait(false))
                {
                    await ReadAsync().ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException or ArgumentException)
            {
                End((1006, e is OperationCanceledException ? "no connection in time" : e.Message));
            }
        }

        public bool Send(WsOpcode opcode, ReadOnlySpan<byte> payload)
        {
            byte[] frame;
            int length;
            lock (_gate)
            {
                int size = WsFrames.Size(payload.Length, masked: true);
                if (!_open || _over || _waiting + size > WaitingMax)
                {
                    return false;
                }

                // Any four bytes do as a mask: it protects proxies from pages in browsers, and there is none here.
                uint mask = unchecked(((uint)Environment.TickCount * 2654435761u) | 1u);
                frame = ArrayPool<byte>.Shared.Rent(size);
                Span<byte> bytes = stackalloc byte[4];
                BitConverter.TryWriteBytes(bytes, mask);
                length = WsFrames.Write(frame, opcode, payload, bytes);
                _waiting += length;
                if (_sending)
                {
                    (_queue ??= new()).Enqueue((frame, length));
                    return true;
                }

                _sending = true;
            }

            _ = PumpAsync(frame, length);
            return true;
        }

        public void SayGoodbye(int code, string reason)
        {
            Span<byte> payload = stackalloc byte[2 + Math.Min(reason.Length, 100)];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
            System.Text.Encoding.ASCII.GetBytes(reason.AsSpan(0, payload.Length - 2), payload[2..]);
            Send(WsOpcode.Close, payload);
            End(null);
        }

        /// <summary>The end; the terminal is told of it unless it was its own wish.</summary>
        public void End((int Code, string Why)? told)
        {
            lock (_gate)
            {
                if (_over)
                {
                    return;
                }

                _over = true;
                _open = false;
                while (_queue is not null && _queue.TryDequeue(out var left))
                {
                    ArrayPool<byte>.Shared.Return(left.Frame);
                }
            }

            _socket.Dispose();
            if (told is { } words)
            {
                road._clock.Schedule(TimeSpan.Zero, () => end.Closed(words.Code, words.Why));
            }
        }

        private async Task PumpAsync(byte[] frame, int length)
        {
            try
            {
                while (true)
                {
                    await _socket.SendAsync(frame.AsMemory(0, length), SocketFlags.None).ConfigureAwait(false);
                    ArrayPool<byte>.Shared.Return(frame);
                    lock (_gate)
                    {
                        _waiting -= length;
                        if (_queue is null || !_queue.TryDequeue(out var next))
                        {
                            _sending = false;
                            return;
                        }

                        (frame, length) = next;
                    }
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                End((1006, e.Message));
            }
        }

        private async Task<bool> ShakeHandsAsync(string key)
        {
            byte[] reply = new byte[1024];
            int have = 0;
            while (true)
            {
                if (have == reply.Length)
                {
                    Array.Resize(ref reply, reply.Length * 2);
                }

                int got = await _socket.ReceiveAsync(reply.AsMemory(have), SocketFlags.None).ConfigureAwait(false);
                if (got == 0)
                {
                    End((1006, "closed during the handshake"));
                    return false;
                }

                have += got;
                switch (WsHandshake.Check(reply.AsSpan(0, have), key, out int used, out string why))
                {
                    case WsReply.Open:
                        lock (_gate)
                        {
                            _open = !_over;
                        }

                        _rest = used < have ? reply[used..have] : null;
                        road._clock.Schedule(TimeSpan.Zero, end.Connected);
                        return true;
                    case WsReply.Refused:
                        End((1006, why));
                        return false;
                }
            }
        }

        private async Task ReadAsync()
        {
            using var reader = new WsReader(fromClient: false);
            if (_rest is not null && !Take(reader, _rest, _rest.Length))
            {
                return;
            }

            while (true)
            {
                await _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None).ConfigureAwait(false);
                while (road.ReadingStopped && !_over)
                {
                    await Task.Delay(50).ConfigureAwait(false);
                }

                if (!ReadWhatIsThere(reader))
                {
                    return;
                }
            }
        }

        private bool ReadWhatIsThere(WsReader reader)
        {
            // Here is something, so this does not wait; the buffer is lent for as long as this call takes.
            int rest = _rest?.Length ?? 0;
            byte[] buffer = ArrayPool<byte>.Shared.Rent(rest + 16_384);
            try
            {
                _rest?.CopyTo(buffer, 0);
                int got = _socket.Receive(buffer.AsSpan(rest), SocketFlags.None);
                if (got == 0)
                {
                    End((1006, "the server closed the connection"));
                    return false;
                }

                return Take(reader, buffer, rest + got);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        private bool Take(WsReader reader, byte[] bytes, int length)
        {
            var input = new ReadOnlySequence<byte>(bytes, 0, length);
            while (true)
            {
                var came = reader.Read(ref input);
                switch (came.Kind)
                {
                    case WsEventKind.Message:
                        byte[] text = came.Payload.ToArray();
                        road._clock.Schedule(TimeSpan.Zero, () => end.Received(text));
                        break;
                    case WsEventKind.Ping:
                        Send(WsOpcode.Pong, came.Payload);
                        break;
                    case WsEventKind.Pong:
                        break;
                    case WsEventKind.Close:
                        End((came.Code, came.Reason));
                        return false;
                    case WsEventKind.Error:
                        End((came.Code, string.Create(CultureInfo.InvariantCulture, $"broken framing: {came.Reason}")));
                        return false;
                    default:
                        _rest = input.IsEmpty ? null : input.ToArray();
                        return true;
                }
            }
        }
    }
}

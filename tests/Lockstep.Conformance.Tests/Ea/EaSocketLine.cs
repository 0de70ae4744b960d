using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Lockstep.MetaTrader.Session;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.Conformance.Tests;

/// <summary>A WebSocket server on a loopback port for one terminal. Nothing in it waits: what the terminal wrote before its call returned is there.</summary>
internal sealed class EaSocketLine : EaLine
{
    private const long PatienceMs = 300;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Connection> _connections = [];
    private long _received;
    private long _base;
    private bool _lost;

    public EaSocketLine(Func<TerminalHub?> hub)
        : base(hub)
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
    }

    public int Port { get; }

    /// <summary>Where the EA is sent instead, when something stands between.</summary>
    public string? Address { get; set; }

    public override IReadOnlyDictionary<string, string> Inputs => new Dictionary<string, string> { ["LsServer"] = Address ?? $"ws://127.0.0.1:{Port}/ea" };

    public override long Expected => _connections.Count == 1 && Address is null ? _base + _connections[0].Sent : 0;

    public override void Begin() => _received = 0;

    public override void Drain(bool alive, long sent, long read)
    {
        // The loopback of a busy machine is late. What was lost with a broken connection is not waited for twice.
        for (long until = Environment.TickCount64 + PatienceMs; ; Thread.Sleep(0))
        {
            Accept(read);
            foreach (var connection in _connections.ToArray())
            {
                connection.Read();
            }

            _connections.RemoveAll(c => c.IsOver);
            if (_lost && _connections.Count == 0)
            {
                (_lost, _received) = (false, sent);
                return;
            }

            if (Address is not null || (alive ? _received >= sent : _connections.Count == 0))
            {
                return;
            }

            if (Environment.TickCount64 >= until - (_connections.Count == 0 ? PatienceMs - 20 : 0))
            {
                _received = sent;
                return;
            }
        }
    }

    public override void Cut()
    {
        _lost = true;
        foreach (var connection in _connections.ToArray())
        {
            connection.End("connection lost");
        }

        _connections.Clear();
    }

    public override void Abandon()
    {
        _lost = true;
        _connections.ForEach(c => c.Dispose());
        _connections.Clear();
    }

    public override void Dispose()
    {
        _connections.ForEach(c => c.Dispose());
        _listener.Dispose();
    }

    private void Accept(long read)
    {
        while (_listener.Pending())
        {
            var socket = _listener.AcceptSocket();
            socket.Blocking = false;
            socket.NoDelay = true;
            _base = read;
            if (Hub is null)
            {
                socket.Dispose();
                _lost = true;
            }
            else
            {
                _connections.Add(new Connection(this, socket));
            }
        }
    }

    private sealed class Connection(EaSocketLine line, Socket socket) : ITerminalTransport, IDisposable
    {
        private readonly WsReader _reader = new(fromClient: true);
        private readonly ArrayBufferWriter<byte> _out = new();
        private byte[] _in = new byte[256 * 1024];
        private int _have;
        private TerminalLink? _link;
        private bool _closing;

        public string Remote => "127.0.0.1";

        public bool IsOver { get; private set; }

        /// <summary>Bytes that went out.</summary>
        public long Sent { get; private set; }

        public void Read()
        {
            Flush();
            while (!IsOver)
            {
                int got;
                try
                {
                    if (_have == _in.Length)
                    {
                        Array.Resize(ref _in, _in.Length * 2);
                    }

                    got = socket.Receive(_in, _have, _in.Length - _have, SocketFlags.None);
                }
                catch (SocketException error) when (error.SocketErrorCode == SocketError.WouldBlock)
                {
                    return;
                }
                catch (SocketException)
                {
                    got = 0;
                }

                if (got == 0)
                {
                    End("the terminal closed the connection");
                    return;
                }

                _have += got;
                line._received += got;
                Take();
            }
        }

        public bool Send(ReadOnlySpan<byte> text)
        {
            if (IsOver || _closing || _out.WrittenCount > 1024 * 1024)
            {
                return false;
            }

            line.TapDown?.Invoke(Encoding.UTF8.GetString(text));
            WsFrames.Write(_out, WsOpcode.Text, text);
            Flush();
            line.Written?.Invoke();
            return true;
        }

        public void Close(int code, string reason)
        {
            if (IsOver || _closing)
            {
                return;
            }

            _out.Advance(WsFrames.WriteClose(_out.GetSpan(WsFrames.MaxHeader + WsFrames.MaxControl), code, reason));
            _closing = true;
            Flush();
            line.Written?.Invoke();
        }

        public void End(string why)
        {
            if (IsOver)
            {
                return;
            }

            Dispose();
            _link?.Closed(why);
        }

        public void Dispose()
        {
            IsOver = true;
            socket.Dispose();
            _reader.Dispose();
        }

        private void Take()
        {
            int at = 0;
            if (_link is null)
            {
                at = Upgrade();
                if (at == 0 || _link is null)
                {
                    return;
                }
            }

            var bytes = new ReadOnlySequence<byte>(_in, at, _have - at);
            while (!IsOver)
            {
                var came = _reader.Read(ref bytes);
                if (came.Kind == WsEventKind.None)
                {
                    break;
                }

                switch (came.Kind)
                {
                    case WsEventKind.Message:
                        line.Tap?.Invoke(Encoding.UTF8.GetString(came.Payload));
                        _link.Received(came.Payload);
                        break;
                    case WsEventKind.Ping:
                        WsFrames.Write(_out, WsOpcode.Pong, came.Payload);
                        Flush();
                        break;
                    case WsEventKind.Close or WsEventKind.Error:
                        Close(came.Code == WsClose.NoCode ? WsClose.Done : came.Code, came.Reason);
                        End($"{came.Code} {came.Reason}");
                        return;
                }
            }

            int left = (int)bytes.Length;
            Buffer.BlockCopy(_in, _have - left, _in, 0, left);
            _have = left;
        }

        // The server's half of the handshake; 0 = the request is not whole yet.
        private int Upgrade()
        {
            int end = _in.AsSpan(0, _have).IndexOf("\r\n\r\n"u8);
            if (end < 0)
            {
                return 0;
            }

            string[] lines = Encoding.ASCII.GetString(_in, 0, end).Split("\r\n");
            string Header(string name) => lines.Skip(1).Where(l => l.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)).Select(l => l[(name.Length + 1)..].Trim()).SingleOrDefault("");
            Assert.Equal("GET /ea HTTP/1.1", lines[0]);
            Assert.Equal("websocket", Header("Upgrade"), ignoreCase: true);
            Assert.Equal("13", Header("Sec-WebSocket-Version"));
            Assert.Equal(WsHandshake.Protocol, Header("Sec-WebSocket-Protocol"));
            Assert.Equal(16, Convert.FromBase64String(Header("Sec-WebSocket-Key")).Length);
            if (line.Hub?.Connect(this) is not { } link)
            {
                Dispose();
                return 0;
            }

            _link = link;
            _out.Write(Encoding.ASCII.GetBytes(
                $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {WsHandshake.Accept(Header("Sec-WebSocket-Key"))}\r\nSec-WebSocket-Protocol: {WsHandshake.Protocol}\r\n\r\n"));
            Flush();
            line.Written?.Invoke();
            return end + 4;
        }

        private void Flush()
        {
            var left = _out.WrittenSpan;
            try
            {
                while (left.Length > 0)
                {
                    int sent = socket.Send(left);
                    Sent += sent;
                    left = left[sent..];
                }
            }
            catch (SocketException)
            {
                // Full: it goes on when the terminal was pumped. Broken: reading says so.
            }

            byte[] rest = left.ToArray();
            _out.ResetWrittenCount();
            _out.Write(rest);
            if (_closing && rest.Length == 0 && !IsOver)
            {
                try
                {
                    socket.Shutdown(SocketShutdown.Send);
                }
                catch (SocketException)
                {
                }
            }
        }
    }
}

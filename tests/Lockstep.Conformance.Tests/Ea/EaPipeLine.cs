using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Lockstep.MetaTrader.Session;

namespace Lockstep.Conformance.Tests;

/// <summary>
/// The exchange form of PROTOCOL.md §1 for one terminal, as <c>lockstep relay</c> serves it, with the hub behind it in the same process. A thread answers, as the terminal waits for the
/// reply within its pump; it only moves bytes, the hub hears of them on the clock's thread.
/// </summary>
internal sealed class EaPipeLine : EaLine
{
    private const string Name = "lockstep";
    private readonly object _gate = new();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Queue<byte[]> _up = new();
    private readonly Queue<byte[]> _down = new();
    private readonly Thread _thread;
    private Way? _way;
    private State _state = State.Closed;
    private bool _told = true;
    private bool _wanted;
    private bool _served;
    private bool _stopped;
    private string _why = "";

    public EaPipeLine(Func<TerminalHub?> hub, string folder)
        : base(hub)
    {
        Directory.CreateDirectory(folder);
        _listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder, Name)));
        _listener.Listen(4);
        _thread = new Thread(Serve) { IsBackground = true, Name = "pipe" };
        _thread.Start();
    }

    private enum State
    {
        Connecting = 0,
        Open = 1,
        Closed = 2,
    }

    public override IReadOnlyDictionary<string, string> Inputs => new Dictionary<string, string> { ["LsPipe"] = Name, ["LsServer"] = "" };

    public override void Drain(bool alive, long sent, long read)
    {
        List<byte[]> came;
        lock (_gate)
        {
            // A process that is gone has closed its pipe; the thread sees that in its own time.
            while (!alive && _served)
            {
                Monitor.Wait(_gate);
            }

            came = [.. _up];
            _up.Clear();
        }

        foreach (byte[] message in came)
        {
            if (_way is { Link: { } link })
            {
                Tap?.Invoke(Encoding.UTF8.GetString(message));
                link.Received(message);
            }
        }

        Settle();
    }

    public override void Cut()
    {
        lock (_gate)
        {
            Lost("the connection broke");
        }

        Settle();
    }

    public override void Abandon()
    {
        lock (_gate)
        {
            Lost("the connection broke");
            _way = null;
            _up.Clear();
            _down.Clear();
        }
    }

    public override void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
        }

        _listener.Dispose();
        _thread.Join(TimeSpan.FromSeconds(5));
    }

    // What follows on the hub's side from what the thread saw.
    private void Settle()
    {
        Way? gone = null;
        lock (_gate)
        {
            if (_way is { IsOver: true })
            {
                (gone, _way) = (_way, null);
            }
        }

        gone?.Link?.Closed(gone.Why);
        bool connect;
        lock (_gate)
        {
            (connect, _wanted) = (_wanted, false);
        }

        if (!connect)
        {
            return;
        }

        var way = new Way(this);
        lock (_gate)
        {
            _way = way;
            _state = State.Open;
            _why = "";
        }

        way.Link = Hub?.Connect(way);
        if (way.Link is null)
        {
            lock (_gate)
            {
                Lost("the server does not answer");
                _way = null;
            }
        }

        Written?.Invoke();
    }

    // The relay's connection is gone; the terminal is told once, behind what waits for it.
    private void Lost(string why)
    {
        if (_way is { IsOver: false } way)
        {
            (way.IsOver, way.Why) = (true, why);
        }

        if (_state != State.Closed)
        {
            (_state, _told, _why) = (State.Closed, false, why);
        }
    }

    private void Serve()
    {
        try
        {
            while (true)
            {
                using var peer = _listener.Accept();
                lock (_gate)
                {
                    _served = true;
                    (_state, _told) = (State.Closed, true);
                    _up.Clear();
                    _down.Clear();
                }

                Exchange(peer);
                lock (_gate)
                {
                    _served = false;
                    Lost("the terminal left");
                    (_told, _wanted) = (true, false);
                    _down.Clear();
                    Monitor.PulseAll(_gate);
                }
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            lock (_gate)
            {
                _served = false;
                Monitor.PulseAll(_gate);
                if (!_stopped)
                {
                    throw;
                }
            }
        }
    }

    private void Exchange(Socket peer)
    {
        byte[] head = new byte[4];
        while (Fill(peer, head))
        {
            byte[] body = new byte[BinaryPrimitives.ReadInt32LittleEndian(head)];
            if (body.Length > 1024 * 1024 || !Fill(peer, body))
            {
                return;
            }

            byte[] reply = Answer(body);
            try
            {
                for (int at = 0; at < reply.Length;)
                {
                    at += peer.Send(reply, at, reply.Length - at, SocketFlags.None);
                }
            }
            catch (SocketException)
            {
                return;
            }
        }
    }

    private byte[] Answer(byte[] body)
    {
        lock (_gate)
        {
            if (_state == State.Closed && _told && _down.Count == 0)
            {
                (_state, _told, _wanted) = (State.Connecting, false, true);
            }

            bool gone = _state == State.Closed && _down.Count == 0;
            var reply = new List<byte> { 0, 0, 0, 0, (byte)(gone ? State.Closed : _state == State.Connecting ? State.Connecting : State.Open) };
            if (gone)
            {
                _told = true;
                Add(reply, JsonSerializer.SerializeToUtf8Bytes(new { t = "closed", why = _why }));
            }
            else
            {
                for (int at = 0; at < body.Length;)
                {
                    int length = BinaryPrimitives.ReadInt32LittleEndian(body.AsSpan(at));
                    if (_state == State.Open)
                    {
                        _up.Enqueue(body[(at + 4)..(at + 4 + length)]);
                    }

                    at += 4 + length;
                }

                while (_down.TryPeek(out byte[]? message) && reply.Count + message.Length < 1024 * 1024)
                {
                    Add(reply, _down.Dequeue());
                }
            }

            byte[] whole = [.. reply];
            BinaryPrimitives.WriteInt32LittleEndian(whole, whole.Length - 4);
            return whole;
        }
    }

    private static void Add(List<byte> reply, byte[] message)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, message.Length);
        reply.AddRange(length);
        reply.AddRange(message);
    }

    private static bool Fill(Socket peer, byte[] bytes)
    {
        try
        {
            for (int at = 0; at < bytes.Length;)
            {
                int got = peer.Receive(bytes, at, bytes.Length - at, SocketFlags.None);
                if (got == 0)
                {
                    return false;
                }

                at += got;
            }
        }
        catch (SocketException)
        {
            return false;
        }

        return true;
    }

    /// <summary>One connection of the relay to the server.</summary>
    private sealed class Way(EaPipeLine line) : ITerminalTransport
    {
        public TerminalLink? Link { get; set; }

        public bool IsOver { get; set; }

        public string Why { get; set; } = "";

        public string Remote => "127.0.0.1";

        public bool Send(ReadOnlySpan<byte> text)
        {
            lock (line._gate)
            {
                if (IsOver)
                {
                    return false;
                }

                line.TapDown?.Invoke(Encoding.UTF8.GetString(text));
                line._down.Enqueue(text.ToArray());
            }

            line.Written?.Invoke();
            return true;
        }

        public void Close(int code, string reason)
        {
            lock (line._gate)
            {
                if (!IsOver)
                {
                    line.Lost($"the server closed: {code} {reason}");
                }
            }

            line.Written?.Invoke();
        }
    }
}

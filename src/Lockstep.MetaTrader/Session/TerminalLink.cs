using System.Buffers;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Session;

/// <summary>One connection.</summary>
public sealed class TerminalLink
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_buffer;

    private readonly TerminalHub _hub;
    private readonly ITerminalTransport _transport;
    private volatile TerminalSession? _session;
    private Allowance _allowance;
    private Allowance _bad;
    private long _badSince;
    private long _expected;
    private int _gone;
    private int _greeted;

    internal TerminalLink(TerminalHub hub, ITerminalTransport transport)
    {
        _hub = hub;
        _transport = transport;
        ConnectedAt = LastHeard = hub.Mono;
        _allowance = new Allowance(hub.Options.MessagesPerSecond, hub.Options.MessagesBurst, ConnectedAt);
        LogLines = new Allowance(0, hub.Options.LogLinesPerMinute, ConnectedAt);
    }

    /// <summary>One text message came. One at a time; the bytes are not kept.</summary>
    public void Received(ReadOnlySpan<byte> text)
    {
        _hub.Counters.Add(TerminalCount.FramesIn);
        _hub.Counters.Add(TerminalCount.BytesIn, text.Length);
        if (IsGone)
        {
            return;
        }

        long now = _hub.Mono;
        if (_expected != 0)
        {
            _allowance.Give(Interlocked.Exchange(ref _expected, 0));
        }

        if (!_allowance.Take(now))
        {
            _hub.TooFast(this);
            return;
        }

        var message = text.Length > LinkCodec.MaxBytes
            ? new BadMessage($"{text.Length} bytes are more than {LinkCodec.MaxBytes}")
            : LinkCodec.Read(text);
        if (_session is { } session)
        {
            session.Receive(this, message, now);
        }
        else
        {
            _hub.Greet(this, message);
        }
    }

    /// <summary>The transport is gone.</summary>
    public void Closed(string why)
    {
        _hub.Forget(this);
        if (MarkGone())
        {
            _session?.LinkClosed(this, why);
        }
    }

    internal string Remote => _transport.Remote;

    internal TerminalSession? Session => _session;

    /// <summary>By the monotonic clock, ms.</summary>
    internal long ConnectedAt { get; }

    /// <summary>When the last message came.</summary>
    internal long LastHeard { get; set; }

    /// <summary>When our next beat is due.</summary>
    internal long NextBeat { get; set; }

    /// <summary>What the terminal said of itself. Its key is not kept.</summary>
    internal HelloMessage? Hello { get; private set; }

    /// <summary>The name of the key that it came in with.</summary>
    internal string Key { get; private set; } = "";

    /// <summary>The name of the key that was handed over and is not answered yet.</summary>
    internal string? Handed { get; set; }

    /// <summary>Nobody else can read what is sent.</summary>
    internal bool IsPrivate => _transport.IsPrivate;

    /// <summary>Platform, build and EA version, for people.</summary>
    internal string Peer { get; private set; } = "";

    /// <summary>Connected to its broker, as far as is known.</summary>
    internal bool Connected { get; set; } = true;

    /// <summary>The last beat.</summary>
    internal BeatMessage? Beat { get; set; }

    /// <summary>Round trip, ms; −1 = not known.</summary>
    internal long RoundTrip { get; set; } = -1;

    /// <summary>Place in the hub's list of those that have not said hello; −1 = not in it.</summary>
    internal int Place { get; set; } = -1;

    /// <summary>The events, once the terminal was active.</summary>
    internal EventLine? Events { get; set; }

    /// <summary>True when all symbols were told.</summary>
    internal bool SymbolsTold { get; set; }

    /// <summary>Lines that may still be logged in this minute.</summary>
    internal Allowance LogLines;

    /// <summary>When the minute of <see cref="LogLines"/> began.</summary>
    internal long LogSince { get; set; }

    /// <summary>True when nothing that comes counts any more.</summary>
    internal bool IsGone => Volatile.Read(ref _gone) != 0;

    /// <summary>Marks the end; true for the first who does.</summary>
    internal bool MarkGone()
    {
        if (Interlocked.Exchange(ref _gone, 1) != 0)
        {
            return false;
        }

        _hub.Counters.AddLinks(-1);
        return true;
    }

    /// <summary>True for the first who decides about a connection that has said nothing yet: its hello, or the clock.</summary>
    internal bool MayGreet() => Interlocked.Exchange(ref _greeted, 1) == 0;

    /// <summary>Said hello and was let in.</summary>
    internal void Bind(TerminalSession session, HelloMessage hello, string key, string peer)
    {
        Hello = hello with { Key = "" };
        Key = key;
        Peer = peer;
        _session = session;
    }

    /// <summary>Kept events that will be told again do not count as too many messages.</summary>
    internal void Expect(long events) => Interlocked.Add(ref _expected, Math.Clamp(events, 0, 25_000));

    /// <summary>Counts a bad message; false when there were too many.</summary>
    internal bool MayBeBad(long now)
    {
        int most = _hub.Options.BadPerMinute;
        if (_badSince == 0 || now - _badSince >= 60_000)
        {
            _badSince = Math.Max(1, now);
            _bad = new Allowance(0, most, now);
        }

        return _bad.Take(now);
    }

    /// <summary>Writes a message to the transport; false when it is closed.</summary>
    internal bool Write(LinkMessage message)
    {
        bool handed = false;
        return Write(message, ref handed);
    }

    /// <summary>The same; <paramref name="handed"/> from the moment at which the transport may have taken it, whatever it throws then.</summary>
    internal bool Write(LinkMessage message, ref bool handed)
    {
        // A transport may answer before it returns: the buffer is ours alone meanwhile.
        var buffer = t_buffer ?? new ArrayBufferWriter<byte>(1024);
        t_buffer = null;
        buffer.ResetWrittenCount();
        LinkCodec.Write(message, buffer);
        handed = true;
        bool sent = _transport.Send(buffer.WrittenSpan);
        if (sent)
        {
            _hub.Counters.Add(TerminalCount.FramesOut);
            _hub.Counters.Add(TerminalCount.BytesOut, buffer.WrittenCount);
        }
        else
        {
            _hub.Counters.Add(TerminalCount.SendFailures);
        }

        t_buffer = buffer;
        return sent;
    }

    internal void CloseTransport(int code, string reason) => _transport.Close(code, reason);
}

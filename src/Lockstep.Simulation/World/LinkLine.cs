using System.Buffers;
using Lockstep.MetaTrader.Session;
using Lockstep.MetaTrader.Wire;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>The server's end of one connection: to the wire it is the server, to the hub of one life it is the transport. It ends with that life, whoever still speaks.</summary>
internal sealed class LinkLine : ITerminalTransport, ISimWireServerLink
{
    private readonly ServerLife _life;
    private readonly LinkWatch _watch;
    private readonly ITerminalTransport _wire;
    private readonly TerminalHouse _house;
    private TerminalLink? _link;

    private LinkLine(ServerLife life, LinkWatch watch, ITerminalTransport wire, TerminalHouse house) => (_life, _watch, _wire, _house) = (life, watch, wire, house);

    /// <inheritdoc/>
    public string Remote => _wire.Remote;

    /// <summary>False when the server closed it, or was told that it is gone.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>What the terminal told; null before its hello.</summary>
    public LinkWatch.Told? Told { get; set; }

    /// <summary>Events up to here had been made when it came in.</summary>
    public long HistoryUpTo { get; set; }

    /// <summary>A connection; null when it is refused at the door.</summary>
    public static LinkLine? Open(ServerLife life, LinkWatch watch, ITerminalTransport wire, TerminalHouse house)
    {
        var line = new LinkLine(life, watch, wire, house);
        line._link = life.Hub.Connect(line);
        return line._link is null ? null : line;
    }

    /// <inheritdoc/>
    public void Received(ReadOnlySpan<byte> text)
    {
        if (!_life.Over)
        {
            _watch.Begin(this, text);
            _link!.Received(Mistaken(text));
            _watch.End();
        }
    }

    /// <inheritdoc/>
    public void Closed(string why)
    {
        IsOpen = false;
        ForgetSilently(why);
    }

    /// <inheritdoc/>
    public bool Send(ReadOnlySpan<byte> text)
    {
        if (_life.Over)
        {
            return false;
        }

        _watch.Sends(this, text);
        _house.ServerSends(text);
        return _wire.Send(text);
    }

    /// <inheritdoc/>
    public void Close(int code, string reason)
    {
        IsOpen = false;
        if (!_life.Over)
        {
            _wire.Close(code, reason);
        }
    }

    /// <summary>The hub is told that the connection is gone; it may stand.</summary>
    public void ForgetSilently(string why)
    {
        if (!_life.Over)
        {
            _link!.Closed(why);
        }
    }

    /// <summary>What a mistaken hub makes of a message.</summary>
    private ReadOnlySpan<byte> Mistaken(ReadOnlySpan<byte> text) => _house.Plant switch
    {
        EdgePlant.HistoryIsNews when LinkCodec.Read(text) is HelloMessage hello => Text(hello with { Last = hello.Acked, First = hello.Acked + 1 }),
        EdgePlant.NoDigest when LinkCodec.Read(text) is BeatMessage beat => Text(beat with { Number = 0 }),
        _ => text,
    };

    private static ReadOnlySpan<byte> Text(LinkMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        LinkCodec.Write(message, buffer);
        return buffer.WrittenSpan;
    }
}

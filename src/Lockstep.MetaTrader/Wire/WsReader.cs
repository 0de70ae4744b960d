using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace Lockstep.MetaTrader.Wire;

/// <summary>What came.</summary>
public enum WsEventKind
{
    /// <summary>Nothing whole yet.</summary>
    None = 0,

    /// <summary>A whole text message.</summary>
    Message = 1,

    /// <summary>A ping: a pong with the same payload is wanted.</summary>
    Ping = 2,

    /// <summary>A pong.</summary>
    Pong = 3,

    /// <summary>The other side closes; to be answered with the same code. Nothing is read after it.</summary>
    Close = 4,

    /// <summary>The framing is broken, or the message is not for this link: to be closed with the code. Nothing is read after it.</summary>
    Error = 5,
}

/// <summary>One thing that came.</summary>
public readonly ref struct WsEvent
{
    internal WsEvent(WsEventKind kind, ReadOnlySpan<byte> payload = default, int code = 0, string reason = "")
    {
        Kind = kind;
        Payload = payload;
        Code = code;
        Reason = reason;
    }

    /// <summary>What it is.</summary>
    public WsEventKind Kind { get; }

    /// <summary>The message or the ping's bytes. Good until the reader is called again or the input's memory is given back, whatever comes first.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Close code: the other side's, or the one to close with.</summary>
    public int Code { get; }

    /// <summary>Why.</summary>
    public string Reason { get; }
}

/// <summary>
/// Bytes to messages, for one connection and one direction; no clock, no socket. Frames are taken from the input when they are whole, so whoever feeds it must let at least
/// <see cref="LargestFrame"/> bytes gather. A frame that lies in one piece of memory is unmasked where it lies: bytes that were taken must not be shown again.
/// </summary>
public sealed class WsReader : IDisposable
{
    private readonly bool _fromClient;
    private readonly int _max;
    private byte[]? _whole;
    private byte[]? _gathered;
    private int _gatheredLength;
    private bool _fragmented;
    private int _endCode;
    private string _endReason = "";
    private WsEventKind _end;

    /// <summary>At the beginning of a connection.</summary>
    /// <param name="fromClient">The frames are a client's: they must be masked; a server's must not.</param>
    /// <param name="maxMessage">Largest message, bytes.</param>
    public WsReader(bool fromClient, int maxMessage = LinkCodec.MaxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxMessage);
        (_fromClient, _max) = (fromClient, maxMessage);
    }

    /// <summary>Bytes of the largest frame that is taken.</summary>
    public int LargestFrame => WsFrames.MaxHeader + Math.Max(_max, WsFrames.MaxControl);

    /// <summary>Takes one thing from the front of <paramref name="input"/>. To be called until it gives <see cref="WsEventKind.None"/>; that also gives back what was lent.</summary>
    public WsEvent Read(ref ReadOnlySequence<byte> input)
    {
        Return(ref _whole);
        Span<byte> header = stackalloc byte[WsFrames.MaxHeader];
        while (_end == WsEventKind.None)
        {
            int there = (int)Math.Min(input.Length, WsFrames.MaxHeader);
            input.Slice(0, there).CopyTo(header);
            if (there < 2)
            {
                return default;
            }

            var opcode = (WsOpcode)(header[0] & 0x0F);
            bool last = (header[0] & 0x80) != 0;
            bool masked = (header[1] & 0x80) != 0;
            if (CheckStart(header[0], opcode, last, masked, header[1] & 0x7F) is { } wrong)
            {
                return Fail(WsClose.Protocol, wrong);
            }

            if (opcode == WsOpcode.Binary)
            {
                return Fail(WsClose.Binary, "binary frames are not spoken here");
            }

            int at = 2;
            ulong length = header[1] & 0x7Fu;
            if (length >= 126)
            {
                at = length == 126 ? 4 : 10;
                if (there < at)
                {
                    return default;
                }

                bool wide = length == 127;
                length = wide ? BinaryPrimitives.ReadUInt64BigEndian(header[2..]) : BinaryPrimitives.ReadUInt16BigEndian(header[2..]);
                if (length < (wide ? 65_536UL : 126UL) || length > long.MaxValue)
                {
                    return Fail(WsClose.Protocol, "a length that is not written the shortest way");
                }
            }

            // Before the payload is waited for: nobody is let gather what will not be taken.
            bool control = opcode >= WsOpcode.Close;
            if (!control && length + (ulong)_gatheredLength > (ulong)_max)
            {
                return Fail(WsClose.TooLarge, string.Create(CultureInfo.InvariantCulture, $"a message of more than {_max} bytes"));
            }

            int size = (int)length;
            var key = header.Slice(at, masked ? 4 : 0);
            at += key.Length;
            if (input.Length < at + size)
            {
                return default;
            }

            var payload = Payload(input.Slice(at, size), key);
            input = input.Slice(at + size);
            switch (opcode)
            {
                case WsOpcode.Ping:
                    return new(WsEventKind.Ping, payload);
                case WsOpcode.Pong:
                    return new(WsEventKind.Pong, payload);
                case WsOpcode.Close:
                    return Close(payload);
                case WsOpcode.Text when last:
                    return new(WsEventKind.Message, payload);
                default:
                    Gather(payload);
                    Return(ref _whole);
                    _fragmented = !last;
                    if (last)
                    {
                        (_whole, _gathered) = (_gathered, null);
                        size = _gatheredLength;
                        _gatheredLength = 0;
                        return new(WsEventKind.Message, _whole.AsSpan(0, size));
                    }

                    break;
            }
        }

        return new(_end, default, _endCode, _endReason);
    }

    /// <summary>Gives back what is held.</summary>
    public void Dispose()
    {
        Return(ref _whole);
        Return(ref _gathered);
        _gatheredLength = 0;
        if (_end == WsEventKind.None)
        {
            Fail(WsClose.Done, "no longer read");
        }
    }

    private string? CheckStart(byte first, WsOpcode opcode, bool last, bool masked, int length)
    {
        if ((first & 0x70) != 0)
        {
            return "bits of extensions that were not agreed on";
        }

        if (masked != _fromClient)
        {
            return _fromClient ? "a frame of a client that is not masked" : "a frame of a server that is masked";
        }

        switch (opcode)
        {
            case WsOpcode.Continuation:
                return _fragmented ? null : "a further piece of no message";
            case WsOpcode.Text or WsOpcode.Binary:
                return _fragmented ? "a message within a message" : null;
            case WsOpcode.Close or WsOpcode.Ping or WsOpcode.Pong:
                return !last ? "a control frame in pieces" : length > WsFrames.MaxControl ? "a control frame that is too large" : null;
            default:
                return "a frame of an unknown kind";
        }
    }

    private ReadOnlySpan<byte> Payload(ReadOnlySequence<byte> frame, scoped ReadOnlySpan<byte> key)
    {
        Span<byte> span;
        if (frame.IsSingleSegment)
        {
            if (key.IsEmpty)
            {
                return frame.FirstSpan;
            }

            // The pipe's own memory, which nobody else looks at any more.
            span = MemoryMarshal.AsMemory(frame.First).Span;
        }
        else
        {
            _whole = ArrayPool<byte>.Shared.Rent((int)frame.Length);
            span = _whole.AsSpan(0, (int)frame.Length);
            frame.CopyTo(span);
        }

        if (!key.IsEmpty)
        {
            WsFrames.Mask(span, key);
        }

        return span;
    }

    private void Gather(ReadOnlySpan<byte> piece)
    {
        int length = _gatheredLength + piece.Length;
        if (_gathered is null || _gathered.Length < length)
        {
            byte[] more = ArrayPool<byte>.Shared.Rent(Math.Max(length, Math.Min(_gatheredLength * 2, _max)));
            _gathered.AsSpan(0, _gatheredLength).CopyTo(more);
            Return(ref _gathered);
            _gathered = more;
        }

        piece.CopyTo(_gathered.AsSpan(_gatheredLength));
        _gatheredLength = length;
    }

    private WsEvent Close(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
        {
            return Finish(WsEventKind.Close, WsClose.NoCode, "");
        }

        int code = payload.Length < 2 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(payload);
        if (!WsClose.IsValid(code) || !Utf8.IsValid(payload[2..]))
        {
            return Fail(WsClose.Protocol, "a close frame without a proper code or reason");
        }

        return Finish(WsEventKind.Close, code, LinkIn.Printable(Encoding.UTF8.GetString(payload[2..])));
    }

    private WsEvent Fail(int code, string why) => Finish(WsEventKind.Error, code, why);

    private WsEvent Finish(WsEventKind kind, int code, string why)
    {
        (_end, _endCode, _endReason) = (kind, code, why);
        Return(ref _gathered);
        _gatheredLength = 0;
        return new(kind, default, code, why);
    }

    private static void Return(ref byte[]? buffer)
    {
        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = null;
        }
    }
}

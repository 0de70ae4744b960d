using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Lockstep.MetaTrader.Wire;

/// <summary>Kinds of WebSocket frames (RFC 6455 §5.2).</summary>
public enum WsOpcode : byte
{
    /// <summary>A further piece of a message.</summary>
    Continuation = 0,

    /// <summary>A text message, or its first piece.</summary>
    Text = 1,

    /// <summary>A binary message: not spoken on this link.</summary>
    Binary = 2,

    /// <summary>The end.</summary>
    Close = 8,

    /// <summary>Wants a pong with the same bytes.</summary>
    Ping = 9,

    /// <summary>Answers a ping.</summary>
    Pong = 10,
}

/// <summary>Close codes of the EA link (PROTOCOL.md §1).</summary>
public static class WsClose
{
    /// <summary>Done.</summary>
    public const int Done = 1000;

    /// <summary>The server stops.</summary>
    public const int GoingAway = 1001;

    /// <summary>Broken framing.</summary>
    public const int Protocol = 1002;

    /// <summary>A binary frame.</summary>
    public const int Binary = 1003;

    /// <summary>A close frame without a code; never sent.</summary>
    public const int NoCode = 1005;

    /// <summary>Refused.</summary>
    public const int Refused = 1008;

    /// <summary>A message that is too large.</summary>
    public const int TooLarge = 1009;

    /// <summary>Too busy, try later.</summary>
    public const int TryLater = 1013;

    /// <summary>Another connection of the same terminal took over.</summary>
    public const int TakenOver = 4000;

    /// <summary>No beat.</summary>
    public const int NoBeat = 4001;

    /// <summary>Whether a code may stand in a close frame.</summary>
    internal static bool IsValid(int code) => code is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);
}

/// <summary>Frames to bytes. Each is written whole, so that what is waiting for a link is always whole frames.</summary>
public static class WsFrames
{
    /// <summary>Largest header.</summary>
    public const int MaxHeader = 14;

    /// <summary>Largest payload of a control frame.</summary>
    public const int MaxControl = 125;

    /// <summary>Bytes of a frame.</summary>
    public static int Size(int payload, bool masked) => HeaderSize(payload, masked) + payload;

    /// <summary>Bytes of a header.</summary>
    public static int HeaderSize(int payload, bool masked) => (payload < 126 ? 2 : payload <= ushort.MaxValue ? 4 : 10) + (masked ? 4 : 0);

    /// <summary>Writes one frame; <paramref name="to"/> has at least <see cref="Size"/> bytes. Returns how many were written.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="opcode">Kind.</param>
    /// <param name="payload">What is in it; must not overlap <paramref name="to"/>.</param>
    /// <param name="mask">Empty at a server, four random bytes at a client.</param>
    /// <param name="last">Whether the message ends with it.</param>
    public static int Write(Span<byte> to, WsOpcode opcode, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> mask = default, bool last = true)
    {
        if (mask.Length is not (0 or 4))
        {
            throw new ArgumentException("a mask has four bytes", nameof(mask));
        }

        if (opcode >= WsOpcode.Close && payload.Length > MaxControl)
        {
            throw new ArgumentException($"a control frame holds at most {MaxControl} bytes", nameof(payload));
        }

        bool masked = !mask.IsEmpty;
        to[0] = (byte)((last ? 0x80 : 0) | (byte)opcode);
        byte bit = (byte)(masked ? 0x80 : 0);
        int at = 2;
        if (payload.Length < 126)
        {
            to[1] = (byte)(bit | payload.Length);
        }
        else if (payload.Length <= ushort.MaxValue)
        {
            to[1] = (byte)(bit | 126);
            BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)payload.Length);
            at = 4;
        }
        else
        {
            to[1] = (byte)(bit | 127);
            BinaryPrimitives.WriteUInt64BigEndian(to[2..], (ulong)payload.Length);
            at = 10;
        }

        mask.CopyTo(to[at..]);
        at += mask.Length;
        payload.CopyTo(to[at..]);
        if (masked)
        {
            Mask(to.Slice(at, payload.Length), mask);
        }

        return at + payload.Length;
    }

    /// <summary>Writes one frame.</summary>
    public static void Write(IBufferWriter<byte> to, WsOpcode opcode, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> mask = default, bool last = true)
    {
        ArgumentNullException.ThrowIfNull(to);
        to.Advance(Write(to.GetSpan(Size(payload.Length, !mask.IsEmpty)), opcode, payload, mask, last));
    }

    /// <summary>Writes a close frame; the reason is cut to what fits. <paramref name="to"/> has at least <see cref="MaxHeader"/> + <see cref="MaxControl"/> bytes.</summary>
    public static int WriteClose(Span<byte> to, int code, string reason, ReadOnlySpan<byte> mask = default)
    {
        Span<byte> payload = stackalloc byte[MaxControl];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);

        // Whole characters only, as the reason must be UTF-8.
        Encoding.UTF8.GetEncoder().Convert(reason, payload[2..], flush: true, out _, out int written, out _);
        return Write(to, WsOpcode.Close, payload[..(2 + written)], mask);
    }

    /// <summary>Masks or unmasks in place; both are the same.</summary>
    public static void Mask(Span<byte> data, ReadOnlySpan<byte> key)
    {
        // Widths of vectors are multiples of four, so every vector begins with the key's first byte.
        var wide = Vector.AsVectorByte(new Vector<uint>(MemoryMarshal.Read<uint>(key)));
        int at = 0;
        for (; at <= data.Length - Vector<byte>.Count; at += Vector<byte>.Count)
        {
            var here = data[at..];
            (new Vector<byte>(here) ^ wide).CopyTo(here);
        }

        for (; at < data.Length; at++)
        {
            data[at] ^= key[at & 3];
        }
    }
}

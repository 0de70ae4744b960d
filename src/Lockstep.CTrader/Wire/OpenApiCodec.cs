using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;

namespace Lockstep.CTrader.Wire;

/// <summary>Messages to bytes and back: a big-endian length of four bytes, then the envelope, which holds the message (guide §2).</summary>
public static class OpenApiCodec
{
    /// <summary>The longest frame that is taken, without its length.</summary>
    public const int FrameMax = 15_000_000;

    // The envelope's fields: payloadType, payload, clientMsgId.
    private const byte TypeTag = 0x08;
    private const byte PayloadTag = 0x12;
    private const byte IdTag = 0x1A;

    /// <summary>
    /// Writes a whole frame with its length, in one pass. A message that lacks a required field, or is longer than <see cref="FrameMax"/>, is refused with an
    /// <see cref="InvalidOperationException"/>: it is our mistake. The payload is written even when it is empty, as some clients need it (guide §2).
    /// </summary>
    public static void Write(IBufferWriter<byte> output, IMessage body, string? clientMsgId)
    {
        ArgumentNullException.ThrowIfNull(output);
        var kind = PayloadTypes.Kind(body);
        if (kind.Required.Missing(body) is { } missing)
        {
            throw new InvalidOperationException($"{body.Descriptor.Name} lacks {missing}.");
        }

        int payload = body.CalculateSize();
        int id = clientMsgId is null ? 0 : Encoding.UTF8.GetByteCount(clientMsgId);
        long size = 1L + VarintSize(kind.Number) + 1 + VarintSize((uint)payload) + payload + (clientMsgId is null ? 0 : 1 + VarintSize((uint)id) + id);
        if (size > FrameMax)
        {
            throw new InvalidOperationException($"{body.Descriptor.Name} of {size} bytes: a frame takes {FrameMax}.");
        }

        int length = (int)size + 4;
        var span = output.GetSpan(length)[..length];
        BinaryPrimitives.WriteInt32BigEndian(span, (int)size);
        var rest = span[4..];
        Head(ref rest, TypeTag, kind.Number);
        Head(ref rest, PayloadTag, (uint)payload);
        body.WriteTo(rest[..payload]);
        rest = rest[payload..];
        if (clientMsgId is not null)
        {
            Head(ref rest, IdTag, (uint)id);
            Encoding.UTF8.GetBytes(clientMsgId, rest);
        }

        output.Advance(length);
    }

    /// <summary>
    /// Takes the next frame off the front of <paramref name="buffer"/>, without its length; false = not all of it is there yet. A length of 0 or above
    /// <see cref="FrameMax"/> is an <see cref="OpenApiFormatException"/>: the stream is of no use any more.
    /// </summary>
    public static bool TryTakeFrame(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> frame)
    {
        frame = default;
        if (buffer.Length < 4)
        {
            return false;
        }

        uint length;
        if (buffer.FirstSpan.Length >= 4)
        {
            length = BinaryPrimitives.ReadUInt32BigEndian(buffer.FirstSpan);
        }
        else
        {
            Span<byte> head = stackalloc byte[4];
            buffer.Slice(0, 4).CopyTo(head);
            length = BinaryPrimitives.ReadUInt32BigEndian(head);
        }

        if (length is 0 or > FrameMax)
        {
            throw new OpenApiFormatException($"a frame of {length} bytes: 1 to {FrameMax} are taken");
        }

        if (buffer.Length < 4L + length)
        {
            return false;
        }

        frame = buffer.Slice(4, length);
        buffer = buffer.Slice(frame.End);
        return true;
    }

    /// <summary>
    /// Reads the message of one frame (without its length). What cannot be read is an <see cref="OpenApiFormatException"/>; an unknown kind is not. Nothing of the frame is kept.
    /// A frame in one piece is read where it lies; one in several is joined in a lent buffer first.
    /// </summary>
    /// <param name="frame">The frame.</param>
    /// <param name="demandRequired">False = a body that lacks required fields is given all the same: a server answers such a request, and its connection lives on.</param>
    public static OpenApiMessage Read(ReadOnlySequence<byte> frame, bool demandRequired = true)
    {
        if (frame.IsSingleSegment)
        {
            return Read(frame.FirstSpan, demandRequired);
        }

        if (frame.Length > FrameMax)
        {
            throw new OpenApiFormatException($"a frame of {frame.Length} bytes: 1 to {FrameMax} are taken");
        }

        byte[] joined = ArrayPool<byte>.Shared.Rent((int)frame.Length);
        try
        {
            frame.CopyTo(joined);
            return Read(joined.AsSpan(0, (int)frame.Length), demandRequired);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(joined);
        }
    }

    private static OpenApiMessage Read(ReadOnlySpan<byte> frame, bool demandRequired)
    {
        if (!Envelope.TryParse(frame, out var envelope))
        {
            throw new OpenApiFormatException("bytes that are no message");
        }

        if (!envelope.HasPayloadType)
        {
            throw new OpenApiFormatException("a message without a payload type");
        }

        string? id = envelope.HasId ? Encoding.UTF8.GetString(envelope.Id(frame)) : null;
        if (PayloadTypes.Kind(envelope.PayloadType) is not { } kind)
        {
            return new OpenApiMessage(envelope.PayloadType, null, id);
        }

        IMessage body;
        try
        {
            body = kind.Parser.ParseFrom(envelope.Payload(frame));
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new OpenApiFormatException($"bytes that are no {kind.Required.Message.Name}", error);
        }

        return demandRequired && kind.Required.Missing(body) is { } missing
            ? throw new OpenApiFormatException($"a {kind.Required.Message.Name} that lacks {missing}")
            : new OpenApiMessage(envelope.PayloadType, body, id);
    }

    private static int VarintSize(uint value) => value < 1u << 7 ? 1 : value < 1u << 14 ? 2 : value < 1u << 21 ? 3 : value < 1u << 28 ? 4 : 5;

    private static void Head(ref Span<byte> rest, byte tag, uint value)
    {
        rest[0] = tag;
        int at = 1;
        for (; value >= 0x80; value >>= 7)
        {
            rest[at++] = (byte)(value | 0x80);
        }

        rest[at] = (byte)value;
        rest = rest[(at + 1)..];
    }
}

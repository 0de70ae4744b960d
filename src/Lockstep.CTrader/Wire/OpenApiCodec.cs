using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.CTrader.Wire;

/// <summary>Messages to bytes and back: a big-endian length of four bytes, then the envelope, which holds the message (guide §2).</summary>
public static class OpenApiCodec
{
    /// <summary>The longest frame that is taken, without its length.</summary>
    public const int FrameMax = 15_000_000;

    /// <summary>Writes a whole frame with its length. A message that lacks a required field is refused with an <see cref="InvalidOperationException"/>: it is our mistake.</summary>
    public static void Write(IBufferWriter<byte> output, IMessage body, string? clientMsgId)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (!body.IsInitialized())
        {
            throw new InvalidOperationException($"{body.Descriptor.Name} lacks a required field.");
        }

        var envelope = new ProtoMessage { PayloadType = PayloadTypes.Of(body), Payload = body.ToByteString() };
        if (clientMsgId is not null)
        {
            envelope.ClientMsgId = clientMsgId;
        }

        int size = envelope.CalculateSize();
        var span = output.GetSpan(size + 4);
        BinaryPrimitives.WriteInt32BigEndian(span, size);
        envelope.WriteTo(span.Slice(4, size));
        output.Advance(size + 4);
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

        Span<byte> head = stackalloc byte[4];
        buffer.Slice(0, 4).CopyTo(head);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(head);
        if (length is 0 or > FrameMax)
        {
            throw new OpenApiFormatException($"a frame of {length} bytes: 1 to {FrameMax} are taken");
        }

        if (buffer.Length < 4L + length)
        {
            return false;
        }

        frame = buffer.Slice(4, length);
        buffer = buffer.Slice(4L + length);
        return true;
    }

    /// <summary>Reads the message of one frame (without its length). What cannot be read is an <see cref="OpenApiFormatException"/>; an unknown kind is not.</summary>
    public static OpenApiMessage Read(ReadOnlySequence<byte> frame)
    {
        try
        {
            var envelope = ProtoMessage.Parser.ParseFrom(frame);
            if (!envelope.IsInitialized())
            {
                throw new OpenApiFormatException("a message without a payload type");
            }

            string? id = envelope.HasClientMsgId ? envelope.ClientMsgId : null;
            if (PayloadTypes.Parser(envelope.PayloadType) is not { } parser)
            {
                return new OpenApiMessage(envelope.PayloadType, null, id);
            }

            var body = parser.ParseFrom(envelope.Payload);
            return body.IsInitialized()
                ? new OpenApiMessage(envelope.PayloadType, body, id)
                : throw new OpenApiFormatException($"a {body.Descriptor.Name} that lacks a required field");
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new OpenApiFormatException("bytes that are no message", error);
        }
    }
}

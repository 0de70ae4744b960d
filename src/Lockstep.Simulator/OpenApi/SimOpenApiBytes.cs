using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.Simulator;

/// <summary>
/// Messages to bytes and back as a server needs it: a request that lacks a required field is read all the same, since it gets an answer and its connection lives on; messages of a kind that is
/// in no list can be written.
/// </summary>
public static class SimOpenApiBytes
{
    /// <summary>
    /// Reads one frame without its length. What is no message is an <see cref="OpenApiFormatException"/>; a body that lacks required fields is not (<see cref="SimOpenApiLine.Received"/>
    /// looks for itself).
    /// </summary>
    public static OpenApiMessage Read(ReadOnlySequence<byte> frame) => OpenApiCodec.Read(frame, demandRequired: false);

    /// <summary>Writes a frame with its length. A message without body is of a kind that is in no list; it gets a payload that nobody can read.</summary>
    public static void Write(IBufferWriter<byte> output, OpenApiMessage message)
    {
        if (message.Body is { } body)
        {
            OpenApiCodec.Write(output, body, message.ClientMsgId);
            return;
        }

        var envelope = new ProtoMessage { PayloadType = message.PayloadType, Payload = ByteString.CopyFrom(0x08, 0x01) };
        if (message.ClientMsgId is { } id)
        {
            envelope.ClientMsgId = id;
        }

        int size = envelope.CalculateSize();
        var span = output.GetSpan(size + 4);
        BinaryPrimitives.WriteInt32BigEndian(span, size);
        envelope.WriteTo(span.Slice(4, size));
        output.Advance(size + 4);
    }
}

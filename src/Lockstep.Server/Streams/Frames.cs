using System.Buffers;
using System.Text.Json;
using Lockstep.MetaTrader.Wire;
using Lockstep.Server.Rest;

namespace Lockstep.Server.Streams;

/// <summary>Messages as whole WebSocket frames. A server's frames are not masked, so that the same bytes can go to everybody.</summary>
internal static class Frames
{
    /// <summary>A ping without a payload.</summary>
    public static readonly byte[] Ping = Of(WsOpcode.Ping, []);

    /// <summary>A message as the canonical API writes JSON.</summary>
    public static byte[] Of<T>(T message) => Of(WsOpcode.Text, JsonSerializer.SerializeToUtf8Bytes(message, RestJson.Options));

    /// <summary>A message in the letters of the parity face.</summary>
    public static byte[] OfFace<T>(T message) => Of(WsOpcode.Text, JsonSerializer.SerializeToUtf8Bytes(message, FaceJson.Options));

    /// <summary>Writes the header of a text frame whose payload follows.</summary>
    public static void Header(IBufferWriter<byte> to, int payload)
    {
        var span = to.GetSpan(WsFrames.MaxHeader);
        span[0] = 0x80 | (byte)WsOpcode.Text;
        int size = WsFrames.HeaderSize(payload, masked: false);
        if (size == 2)
        {
            span[1] = (byte)payload;
        }
        else if (size == 4)
        {
            span[1] = 126;
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(span[2..], (ushort)payload);
        }
        else
        {
            span[1] = 127;
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(span[2..], (ulong)payload);
        }

        to.Advance(size);
    }

    private static byte[] Of(WsOpcode opcode, ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[WsFrames.Size(payload.Length, masked: false)];
        WsFrames.Write(frame, opcode, payload);
        return frame;
    }
}

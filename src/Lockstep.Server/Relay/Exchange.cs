using System.Buffers;
using System.Buffers.Binary;

namespace Lockstep.Server.Relay;

/// <summary>The exchange form of contracts/ea/PROTOCOL.md §1: a length, then messages with a length each; all little endian.</summary>
internal static class Exchange
{
    /// <summary>Largest exchange, without its own length.</summary>
    public const int BytesMax = 1024 * 1024;

    /// <summary>Largest message.</summary>
    public const int MessageMax = 65_536;

    /// <summary>The messages of a request, or what is wrong with it.</summary>
    public static string? Read(ReadOnlySpan<byte> body, List<byte[]> messages)
    {
        messages.Clear();
        while (!body.IsEmpty)
        {
            if (body.Length < 4)
            {
                return "an exchange ends within a length";
            }

            uint length = BinaryPrimitives.ReadUInt32LittleEndian(body);
            if (length > MessageMax || length > body.Length - 4)
            {
                return $"a message of {length} bytes, where at most {Math.Min(MessageMax, body.Length - 4)} can be";
            }

            messages.Add(body.Slice(4, (int)length).ToArray());
            body = body[(4 + (int)length)..];
        }

        return null;
    }

    /// <summary>Begins a reply: room for its length, and the state.</summary>
    public static void Begin(ArrayBufferWriter<byte> reply, LinkState state)
    {
        reply.ResetWrittenCount();
        reply.Write((ReadOnlySpan<byte>)[0, 0, 0, 0, (byte)state]);
    }

    /// <summary>Adds a message; false when it does not fit.</summary>
    public static bool Add(ArrayBufferWriter<byte> reply, ReadOnlySpan<byte> message)
    {
        if (reply.WrittenCount - 4 + 4 + message.Length > BytesMax)
        {
            return false;
        }

        BinaryPrimitives.WriteInt32LittleEndian(reply.GetSpan(4), message.Length);
        reply.Advance(4);
        reply.Write(message);
        return true;
    }

    /// <summary>The whole reply, its length put in.</summary>
    public static byte[] End(ArrayBufferWriter<byte> reply)
    {
        byte[] whole = reply.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(whole, whole.Length - 4);
        return whole;
    }
}

/// <summary>How the relay's own WebSocket is, as the terminal sees it.</summary>
internal enum LinkState
{
    /// <summary>It is being connected.</summary>
    Connecting = 0,

    /// <summary>It stands.</summary>
    Open = 1,

    /// <summary>It is gone, or did not come about.</summary>
    Closed = 2,
}

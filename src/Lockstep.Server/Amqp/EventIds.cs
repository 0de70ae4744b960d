using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Lockstep.Storage;

namespace Lockstep.Server.Amqp;

/// <summary>Identities of events.</summary>
internal static class EventIds
{
    /// <summary>
    /// Worked out from what the event is, so that it is the same however often it is published, by whichever process. It looks like a random UUID (version 4), because consumers of this envelope may
    /// check for one.
    /// </summary>
    /// <param name="store">The store's identity.</param>
    /// <param name="row">The event.</param>
    public static Guid Of(Guid store, EventRow row)
    {
        Span<byte> input = stackalloc byte[36 + Encoding.UTF8.GetMaxByteCount(row.Group.Length)];
        store.TryWriteBytes(input, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(input[16..], row.Seq);
        BinaryPrimitives.WriteInt32BigEndian(input[24..], row.Index);
        BinaryPrimitives.WriteInt64BigEndian(input[28..], row.At.Micros);
        int group = Encoding.UTF8.GetBytes(row.Group, input[36..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input[..(36 + group)], hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x40);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}

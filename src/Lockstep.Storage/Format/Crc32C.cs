using System.Buffers.Binary;
using System.Numerics;

namespace Lockstep.Storage.Format;

/// <summary>CRC-32C (Castagnoli), the checksum of the journal: one processor instruction for eight bytes where there is one.</summary>
public static class Crc32C
{
    /// <summary>The checksum of some bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>The checksum of what gave <paramref name="crc"/> and, after it, these bytes.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint c = ~crc;
        while (bytes.Length >= sizeof(ulong))
        {
            c = BitOperations.Crc32C(c, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte b in bytes)
        {
            c = BitOperations.Crc32C(c, b);
        }

        return ~c;
    }
}

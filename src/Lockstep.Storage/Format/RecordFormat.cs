using System.Buffers.Binary;
using Lockstep.Domain;

namespace Lockstep.Storage.Format;

/// <summary>What reading a record's bytes came to.</summary>
public enum RecordState
{
    /// <summary>The record is whole.</summary>
    Intact = 1,

    /// <summary>The bytes end before the record does: a write that was cut off.</summary>
    Torn = 2,

    /// <summary>The bytes are there and are not what was written.</summary>
    Corrupt = 3,
}

/// <summary>
/// One record as bytes, little endian: length of what follows the checksum (4) · CRC-32C over length and all that follows (4) · format version (2) · seq (8) ·
/// time in microseconds (8) · length of the event (4) · event · decisions. This frame is the same in all versions; the version says how event and decisions are written.
/// </summary>
public static class RecordFormat
{
    private const int LengthAt = 0;
    private const int CrcAt = 4;
    private const int BodyAt = 8;
    private const int VersionAt = 8;
    private const int SeqAt = 10;
    private const int TimeAt = 18;
    private const int EventLengthAt = 26;
    private const int EventAt = 30;

    /// <summary>No record is longer than this: a greater length is damage, not a record.</summary>
    private const uint LongestBody = 1 << 30;

    /// <summary>The record's bytes.</summary>
    public static byte[] Write(JournalRecord record)
    {
        byte[] bytes = new byte[EventAt + record.Event.Length + record.Decisions.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(LengthAt), (uint)(bytes.Length - BodyAt));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(VersionAt), checked((ushort)record.Version));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(SeqAt), record.Seq);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(TimeAt), record.At.Micros);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(EventLengthAt), (uint)record.Event.Length);
        record.Event.Span.CopyTo(bytes.AsSpan(EventAt));
        record.Decisions.Span.CopyTo(bytes.AsSpan(EventAt + record.Event.Length));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(CrcAt), Checksum(bytes));
        return bytes;
    }

    /// <summary>Reads the record at the start of the bytes; <paramref name="used"/> says how many it took.</summary>
    public static RecordState Read(ReadOnlyMemory<byte> bytes, out JournalRecord? record, out int used)
    {
        record = null;
        used = 0;
        var span = bytes.Span;
        if (span.Length < BodyAt)
        {
            return RecordState.Torn;
        }

        uint body = BinaryPrimitives.ReadUInt32LittleEndian(span[LengthAt..]);
        if (body is < EventAt - BodyAt or > LongestBody)
        {
            return RecordState.Corrupt;
        }

        int whole = BodyAt + (int)body;
        if (span.Length < whole)
        {
            return RecordState.Torn;
        }

        span = span[..whole];
        uint eventLength = BinaryPrimitives.ReadUInt32LittleEndian(span[EventLengthAt..]);
        if (Checksum(span) != BinaryPrimitives.ReadUInt32LittleEndian(span[CrcAt..]) || eventLength > whole - EventAt)
        {
            return RecordState.Corrupt;
        }

        int decisionsAt = EventAt + (int)eventLength;
        record = new JournalRecord(
            BinaryPrimitives.ReadInt64LittleEndian(span[SeqAt..]),
            new Timestamp(BinaryPrimitives.ReadInt64LittleEndian(span[TimeAt..])),
            BinaryPrimitives.ReadUInt16LittleEndian(span[VersionAt..]),
            bytes[EventAt..decisionsAt],
            bytes[decisionsAt..whole]);
        used = whole;
        return RecordState.Intact;
    }

    private static uint Checksum(ReadOnlySpan<byte> record) => Crc32C.Append(Crc32C.Of(record[..CrcAt]), record[BodyAt..]);
}

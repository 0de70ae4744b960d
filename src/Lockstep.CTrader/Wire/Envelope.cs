namespace Lockstep.CTrader.Wire;

/// <summary>
/// A ProtoMessage read where it lies: payload and clientMsgId are places in the frame. It takes and refuses what the library's parser does; a test compares the two.
/// </summary>
internal struct Envelope
{
    private const int NestingMost = 100;

    private (int At, int Length) _payload;
    private (int At, int Length) _id;

    /// <summary>False = the required payload type is missing.</summary>
    public bool HasPayloadType { get; private set; }

    /// <summary>Field 1.</summary>
    public uint PayloadType { get; private set; }

    /// <summary>Field 3 is there.</summary>
    public bool HasId { get; private set; }

    /// <summary>Field 2; empty when it is not there.</summary>
    public readonly ReadOnlySpan<byte> Payload(ReadOnlySpan<byte> frame) => frame.Slice(_payload.At, _payload.Length);

    /// <summary>Field 3, UTF-8.</summary>
    public readonly ReadOnlySpan<byte> Id(ReadOnlySpan<byte> frame) => frame.Slice(_id.At, _id.Length);

    /// <summary>Reads it; false = these bytes are no message.</summary>
    public static bool TryParse(ReadOnlySpan<byte> frame, out Envelope envelope)
    {
        envelope = default;
        int at = 0;
        while (at < frame.Length)
        {
            if (!Varint(frame, ref at, out ulong tag) || !envelope.Take(frame, ref at, (uint)tag))
            {
                return false;
            }
        }

        return true;
    }

    // A known number with another wire type is an unknown field, as everywhere in Protobuf.
    private bool Take(ReadOnlySpan<byte> frame, ref int at, uint tag)
    {
        switch (tag)
        {
            case (1 << 3) | 0:
                if (!Varint(frame, ref at, out ulong number))
                {
                    return false;
                }

                (HasPayloadType, PayloadType) = (true, (uint)number);
                return true;
            case (2 << 3) | 2:
                return Bytes(frame, ref at, out _payload);
            case (3 << 3) | 2:
                HasId = true;
                return Bytes(frame, ref at, out _id);
            default:
                return Skip(frame, ref at, tag, 0);
        }
    }

    private static bool Skip(ReadOnlySpan<byte> frame, ref int at, uint tag, int depth)
    {
        if (tag >> 3 == 0)
        {
            return false;
        }

        switch (tag & 7)
        {
            case 0:
                return Varint(frame, ref at, out _);
            case 1:
                return (at += 8) <= frame.Length;
            case 2:
                return Bytes(frame, ref at, out _);
            case 3:
                while (depth < NestingMost && Varint(frame, ref at, out ulong inner))
                {
                    if ((uint)inner == ((tag & ~7u) | 4))
                    {
                        return true;
                    }

                    if (!Skip(frame, ref at, (uint)inner, depth + 1))
                    {
                        return false;
                    }
                }

                return false;
            case 5:
                return (at += 4) <= frame.Length;
            default:
                return false;
        }
    }

    private static bool Bytes(ReadOnlySpan<byte> frame, ref int at, out (int At, int Length) place)
    {
        place = default;
        if (!Varint(frame, ref at, out ulong length) || (uint)length > (uint)(frame.Length - at))
        {
            return false;
        }

        place = (at, (int)(uint)length);
        at += place.Length;
        return true;
    }

    private static bool Varint(ReadOnlySpan<byte> frame, ref int at, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 70 && at < frame.Length; shift += 7)
        {
            byte next = frame[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}

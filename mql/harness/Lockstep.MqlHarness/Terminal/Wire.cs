using System.Text;

namespace Lockstep.MqlHarness.Terminal;

/// <summary>What a program says to its host; see shim/runtime.hpp.</summary>
internal enum FromProgram : byte
{
    Done = 2,
    Log = 3,
    Call = 4,
    Timer = 5,
    Remove = 6,
    Critical = 7,
}

/// <summary>What a program asks of its host.</summary>
internal enum ProgramCall : byte
{
    Trade5 = 1,
    Trade4 = 2,
    Sleep = 3,
    Rates = 4,
    Ticks = 5,
    Check5 = 6,
}

/// <summary>Reads a message, little endian.</summary>
internal sealed class WireReader(byte[] bytes)
{
    private int _at;

    public byte U8() => bytes[_at++];

    public int I32()
    {
        _at += 4;
        return BitConverter.ToInt32(bytes, _at - 4);
    }

    public long I64()
    {
        _at += 8;
        return BitConverter.ToInt64(bytes, _at - 8);
    }

    public double F64()
    {
        _at += 8;
        return BitConverter.ToDouble(bytes, _at - 8);
    }

    public string Text()
    {
        int length = I32();
        _at += length;
        return Encoding.UTF8.GetString(bytes, _at - length, length);
    }
}

/// <summary>Writes a message, little endian.</summary>
internal sealed class WireWriter
{
    private readonly List<byte> _bytes = [];

    public byte[] Bytes => [.. _bytes];

    public WireWriter U8(int value)
    {
        _bytes.Add((byte)value);
        return this;
    }

    public WireWriter Flag(bool value) => U8(value ? 1 : 0);

    public WireWriter I32(int value) => Raw(BitConverter.GetBytes(value));

    public WireWriter I64(long value) => Raw(BitConverter.GetBytes(value));

    public WireWriter F64(decimal value) => Raw(BitConverter.GetBytes((double)value));

    public WireWriter Text(string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        return I32(bytes.Length).Raw(bytes);
    }

    public WireWriter Raw(byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }
}

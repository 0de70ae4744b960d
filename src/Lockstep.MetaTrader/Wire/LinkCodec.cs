using System.Buffers;

namespace Lockstep.MetaTrader.Wire;

/// <summary>Messages to JSON and back, exactly as contracts/ea/PROTOCOL.md has it.</summary>
public static class LinkCodec
{
    /// <summary>Largest message, bytes.</summary>
    public const int MaxBytes = 65_536;

    /// <summary>
    /// Reads one message of either side. Never throws for what is in <paramref name="json"/>: what cannot be used is a <see cref="BadMessage"/>, what is not known an
    /// <see cref="UnknownMessage"/>.
    /// </summary>
    public static LinkMessage Read(ReadOnlySpan<byte> json) => throw new NotImplementedException();

    /// <summary>Writes one message.</summary>
    public static void Write(LinkMessage message, IBufferWriter<byte> to) => throw new NotImplementedException();

    /// <summary>FNV-1a-64 of a position's canonical text.</summary>
    public static ulong Fingerprint(WirePosition position) => throw new NotImplementedException();

    /// <summary>FNV-1a-64 of a pending order's canonical text.</summary>
    public static ulong Fingerprint(WireOrder order) => throw new NotImplementedException();
}

using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace Lockstep.MetaTrader.Wire;

/// <summary>Messages to JSON and back, exactly as contracts/ea/PROTOCOL.md has it.</summary>
public static class LinkCodec
{
    /// <summary>Largest message, bytes.</summary>
    public const int MaxBytes = 65_536;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _scratch;

    /// <summary>
    /// Reads one message of either side. Never throws for what is in <paramref name="json"/>: what cannot be used is a <see cref="BadMessage"/>, what is not known an
    /// <see cref="UnknownMessage"/>.
    /// </summary>
    public static LinkMessage Read(ReadOnlySpan<byte> json)
    {
        if (json.Length > MaxBytes)
        {
            return new BadMessage(string.Create(CultureInfo.InvariantCulture, $"{json.Length} bytes are more than {MaxBytes}"));
        }

        if (!Utf8.IsValid(json))
        {
            return new BadMessage("not UTF-8");
        }

        var input = new LinkIn(json);
        try
        {
            return input.Message();
        }
        catch (JsonException)
        {
            // The reader's own text is not passed on: it may have a piece of a key in it.
            return new BadMessage(string.Create(CultureInfo.InvariantCulture, $"no JSON at byte {input.Place}"));
        }
    }

    /// <summary>
    /// Writes one message in the canonical form: fields in the order of the contract, no blanks, decimals of at most 10 places without trailing zeros, ASCII. Texts for people
    /// are cut to what a reader takes.
    /// </summary>
    /// <exception cref="ArgumentException">A message that exists only on this side.</exception>
    public static void Write(LinkMessage message, IBufferWriter<byte> to)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(to);
        var output = new LinkOut(to);
        output.Message(message);
        output.End();
    }

    /// <summary>FNV-1a-64 of a position's canonical text.</summary>
    public static ulong Fingerprint(WirePosition position)
    {
        ArgumentNullException.ThrowIfNull(position);
        var scratch = Scratch();
        var output = new LinkOut(scratch);
        output.Position(position);
        output.End();
        return Fnv.Of(scratch.WrittenSpan);
    }

    /// <summary>FNV-1a-64 of a pending order's canonical text.</summary>
    public static ulong Fingerprint(WireOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        var scratch = Scratch();
        var output = new LinkOut(scratch);
        output.Order(order);
        output.End();
        return Fnv.Of(scratch.WrittenSpan);
    }

    private static ArrayBufferWriter<byte> Scratch()
    {
        var scratch = _scratch ??= new(512);
        scratch.ResetWrittenCount();
        return scratch;
    }
}

using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Storage.Format;

namespace Lockstep.Storage;

/// <summary>
/// Events, decisions and engine states as UTF-8 JSON, and back. Equal values give equal bytes, in any process; a decimal keeps its trailing zeros, so that a replay
/// prints what the first run printed. What is at its default is left out; what is missing reads as its default and what is unknown is passed over, so that an older
/// journal can always be read. The names of types stand in <see cref="TypeNames"/>, golden examples of each version in the tests.
/// </summary>
public static class JournalCodec
{
    /// <summary>The version that is written. Every version from 1 to this one can be read.</summary>
    public const int Version = 1;

    /// <summary>An event as JSON.</summary>
    public static byte[] EncodeEvent(EngineEvent value) => JsonSerializer.SerializeToUtf8Bytes(value, CodecOptions.Of<EngineEvent>());

    /// <summary>An event from JSON of a version.</summary>
    public static EngineEvent DecodeEvent(int version, ReadOnlySpan<byte> utf8) => Read<EngineEvent>(version, utf8, "event");

    /// <summary>Decisions as a JSON array.</summary>
    public static byte[] EncodeDecisions(IReadOnlyList<Decision> value) => JsonSerializer.SerializeToUtf8Bytes(value, CodecOptions.Of<IReadOnlyList<Decision>>());

    /// <summary>Decisions from JSON of a version.</summary>
    public static IReadOnlyList<Decision> DecodeDecisions(int version, ReadOnlySpan<byte> utf8) => Read<IReadOnlyList<Decision>>(version, utf8, "decisions");

    /// <summary>An engine's state as JSON.</summary>
    public static byte[] EncodeCapture(EngineCapture value) => JsonSerializer.SerializeToUtf8Bytes(value, CodecOptions.Of<EngineCapture>());

    /// <summary>An engine's state from JSON of a version.</summary>
    public static EngineCapture DecodeCapture(int version, ReadOnlySpan<byte> utf8) => Read<EngineCapture>(version, utf8, "engine state");

    /// <summary>Settings as JSON, for comparing two configurations.</summary>
    public static byte[] EncodeSettings(GroupSettings value) => JsonSerializer.SerializeToUtf8Bytes(value, CodecOptions.Of<GroupSettings>());

    /// <summary>A why-row as JSON.</summary>
    public static byte[] EncodeWhy(WhyEntry value) => JsonSerializer.SerializeToUtf8Bytes(value, CodecOptions.Of<WhyEntry>());

    /// <summary>A why-row from JSON of a version.</summary>
    public static WhyEntry DecodeWhy(int version, ReadOnlySpan<byte> utf8) => Read<WhyEntry>(version, utf8, "why-row");

    /// <summary>An alert as JSON.</summary>
    public static byte[] EncodeAlert(AlertRaised value) => JsonSerializer.SerializeToUtf8Bytes(value, CodecOptions.Of<AlertRaised>());

    /// <summary>An alert from JSON of a version.</summary>
    public static AlertRaised DecodeAlert(int version, ReadOnlySpan<byte> utf8) => Read<AlertRaised>(version, utf8, "alert");

    /// <summary>What the world is told, as JSON.</summary>
    public static byte[] EncodeBody(EventBody value) => JsonSerializer.SerializeToUtf8Bytes(value, CodecOptions.Of<EventBody>());

    /// <summary>What the world is told, from JSON of a version.</summary>
    public static EventBody DecodeBody(int version, ReadOnlySpan<byte> utf8) => Read<EventBody>(version, utf8, "told event");

    /// <summary>The journal's record of an event and what was decided on it.</summary>
    public static JournalRecord Encode(Numbered numbered, IReadOnlyList<Decision> decisions) =>
        new(numbered.Seq, numbered.At, Version, EncodeEvent(numbered.Event), EncodeDecisions(decisions));

    /// <summary>The event of a record. A <see cref="JournalFormatException"/> names the record when it cannot be read.</summary>
    public static Numbered DecodeEvent(JournalRecord record)
    {
        try
        {
            return new Numbered(record.Seq, record.At, DecodeEvent(record.Version, record.Event.Span));
        }
        catch (JournalFormatException e)
        {
            throw new JournalFormatException($"Journal record {record.Seq}: {e.Message}", e);
        }
    }

    private static T Read<T>(int version, ReadOnlySpan<byte> utf8, string what)
        where T : class
    {
        if (version is < 1 or > Version)
        {
            throw new JournalFormatException($"the {what} is written in version {version} of the format; this program reads 1 to {Version}. Start it with the version of the program that wrote it, or a newer one.");
        }

        try
        {
            return JsonSerializer.Deserialize(utf8, CodecOptions.Of<T>()) ?? throw new JournalFormatException($"the {what} is the word null");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or FormatException)
        {
            throw new JournalFormatException($"the {what} cannot be read: {e.Message}", e);
        }
    }
}

/// <summary>Something in the journal that cannot be read: written by a newer version of the program, or damaged in a way that its checksum did not show.</summary>
public sealed class JournalFormatException : Exception
{
    /// <summary>Without words.</summary>
    public JournalFormatException()
    {
    }

    /// <summary>With what was found.</summary>
    public JournalFormatException(string message)
        : base(message)
    {
    }

    /// <summary>With what was found, and what lies behind it.</summary>
    public JournalFormatException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

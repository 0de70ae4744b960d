using System.Text;
using System.Text.Json;

namespace Lockstep.Server.Security;

/// <summary>
/// A body as it may be written down: names of fields, numbers, flags and short texts. What is called like something secret is left out whatever it holds, and so is what looks like a key of ours; text is cut.
/// </summary>
internal static class Redaction
{
    /// <summary>Stands where something was left out.</summary>
    public const string Hidden = "***";

    private const int TextMost = 64;
    private const int ItemsMost = 20;
    private const int BytesMost = 2_000;
    private static readonly string[] Secret = ["password", "passphrase", "secret", "token", "key", "code", "auth", "credential", "cookie", "url", "uri", "pin", "cert"];

    /// <summary>As a JSON object; empty when there is none in the body.</summary>
    public static string Of(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 32 });
            if (!JsonDocument.TryParseValue(ref reader, out var document))
            {
                return "";
            }

            using (document)
            {
                if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.EnumerateObject().Any())
                {
                    return "";
                }

                using var stream = new MemoryStream();
                using (var writer = new Utf8JsonWriter(stream))
                {
                    Write(writer, document.RootElement);
                }

                return stream.Length <= BytesMost ? Encoding.UTF8.GetString(stream.ToArray()) : Names(document.RootElement);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Text that is half a character shows only when it is read. Nothing was done with it either.
            return "";
        }
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject().Take(ItemsMost))
                {
                    writer.WritePropertyName(Cut(member.Name));
                    if (Secret.Any(s => member.Name.Contains(s, StringComparison.OrdinalIgnoreCase)))
                    {
                        writer.WriteStringValue(Hidden);
                    }
                    else
                    {
                        Write(writer, member.Value);
                    }
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray().Take(ItemsMost))
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(Cut(value.GetString()!));
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static string Names(JsonElement root) =>
        JsonSerializer.Serialize(root.EnumerateObject().Take(ItemsMost).Select(m => Cut(m.Name)).Distinct().ToDictionary(name => name, _ => "…"));

    private static string Cut(string text) => text.Contains(KeyText.Prefix, StringComparison.Ordinal) ? Hidden : text.Length <= TextMost ? text : text[..TextMost] + "…";
}

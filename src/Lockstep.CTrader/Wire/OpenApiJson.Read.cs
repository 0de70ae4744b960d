using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Lockstep.CTrader.Wire;

public static partial class OpenApiJson
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = DepthMost };

    /// <summary>
    /// Reads one object. Keys that are in no list are left alone, a kind that is in none has no body; what is no JSON, lacks a required field, or has a value that its field cannot hold is an
    /// <see cref="OpenApiFormatException"/>.
    /// </summary>
    /// <param name="json">The object.</param>
    /// <param name="demandRequired">False = a body that lacks required fields is given all the same: a server answers such a request, and its connection lives on.</param>
    public static OpenApiMessage Read(ReadOnlySequence<byte> json, bool demandRequired = true)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            return Read(document.RootElement, demandRequired);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The second one: a string with half a surrogate pair.
            throw new OpenApiFormatException("text that is no JSON", error);
        }
    }

    private static OpenApiMessage Read(JsonElement root, bool demandRequired)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new OpenApiFormatException("JSON that is no object");
        }

        if (!root.TryGetProperty("payloadType", out var type))
        {
            throw new OpenApiFormatException("a message without a payload type");
        }

        uint number = (uint)Whole(type, "payloadType", 0, uint.MaxValue);
        string? id = root.TryGetProperty("clientMsgId", out var asked) && asked.ValueKind != JsonValueKind.Null ? Text(asked, "clientMsgId") : null;
        if (PayloadTypes.Kind(number) is not { } kind)
        {
            return new OpenApiMessage(number, null, id);
        }

        var body = kind.Parser.ParseFrom(ReadOnlySpan<byte>.Empty);
        if (root.TryGetProperty("payload", out var payload) && payload.ValueKind != JsonValueKind.Null)
        {
            Fill(body, payload);
        }

        return demandRequired && kind.Required.Missing(body) is { } missing
            ? throw new OpenApiFormatException($"a {body.Descriptor.Name} that lacks {missing}")
            : new OpenApiMessage(number, body, id);
    }

    private static void Fill(IMessage message, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new OpenApiFormatException($"a {message.Descriptor.Name} that is no object");
        }

        foreach (var property in json.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Null || message.Descriptor.FindFieldByName(property.Name) is not { } field)
            {
                continue;
            }

            if (!field.IsRepeated)
            {
                field.Accessor.SetValue(message, Value(field, property.Value));
                continue;
            }

            if (property.Value.ValueKind != JsonValueKind.Array)
            {
                throw Bad(field.Name, "no array");
            }

            var list = (IList)field.Accessor.GetValue(message);
            list.Clear();
            foreach (var item in property.Value.EnumerateArray())
            {
                list.Add(Value(field, item));
            }
        }
    }

    private static object Value(FieldDescriptor field, JsonElement json) => field.FieldType switch
    {
        FieldType.Int64 => (long)Whole(json, field.Name, long.MinValue, long.MaxValue),
        FieldType.UInt64 => (ulong)Whole(json, field.Name, 0, ulong.MaxValue),
        FieldType.Int32 => (int)Whole(json, field.Name, int.MinValue, int.MaxValue),
        FieldType.UInt32 => (uint)Whole(json, field.Name, 0, uint.MaxValue),
        FieldType.Double => Real(json, field.Name),
        FieldType.Bool => json.ValueKind is JsonValueKind.True or JsonValueKind.False ? json.GetBoolean() : throw Bad(field.Name, "neither true nor false"),
        FieldType.Enum => json.ValueKind == JsonValueKind.String && field.EnumType.FindValueByName(json.GetString()!) is { } value
            ? value.Number
            : (int)Whole(json, field.Name, int.MinValue, int.MaxValue),
        FieldType.String => Text(json, field.Name),
        FieldType.Message => Inner(field, json),
        _ => throw new InvalidOperationException($"{field.FullName} is of a type that no message had."),
    };

    private static IMessage Inner(FieldDescriptor field, JsonElement json)
    {
        var inner = field.MessageType.Parser.ParseFrom(ReadOnlySpan<byte>.Empty);
        Fill(inner, json);
        return inner;
    }

    private static string Text(JsonElement json, string name) => json.ValueKind == JsonValueKind.String ? json.GetString()! : throw Bad(name, "no string");

    // Clients in JavaScript write large numbers as 1e3 or 5.0; they are whole all the same.
    private static decimal Whole(JsonElement json, string name, decimal least, decimal most)
    {
        string? text = json.ValueKind switch { JsonValueKind.Number => json.GetRawText(), JsonValueKind.String => json.GetString(), _ => null };
        return decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out decimal value)
            && value == decimal.Truncate(value) && value >= least && value <= most
            ? value
            : throw Bad(name, "no whole number that fits");
    }

    private static double Real(JsonElement json, string name)
    {
        if (json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out double number) && double.IsFinite(number))
        {
            return number;
        }

        return json.ValueKind == JsonValueKind.String && double.TryParse(json.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out double written)
            ? written
            : throw Bad(name, "no number");
    }

    private static OpenApiFormatException Bad(string name, string what) => new($"{name} is {what}");
}

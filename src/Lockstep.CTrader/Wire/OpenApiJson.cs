using System.Buffers;
using System.Collections;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Lockstep.CTrader.Wire;

/// <summary>
/// The same messages as the JSON port speaks them (guide §2): <c>{"clientMsgId":…,"payloadType":2106,"payload":{…}}</c>. 64-bit numbers are written as numbers and enums as integers;
/// both are read from strings as well. Built over the descriptors, because the library's own JSON writes 64-bit numbers as strings and enums by name.
/// </summary>
public static partial class OpenApiJson
{
    // Messages lie four deep; whatever is much deeper is not one of them.
    private const int DepthMost = 32;

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>
    /// Writes one object, without line ends. An empty payload is left out (guide §2). A message that lacks a required field is refused with an <see cref="InvalidOperationException"/>: it is our mistake.
    /// </summary>
    public static void Write(IBufferWriter<byte> output, IMessage body, string? clientMsgId)
    {
        var kind = PayloadTypes.Kind(body);
        if (kind.Required.Missing(body) is { } missing)
        {
            throw new InvalidOperationException($"{body.Descriptor.Name} lacks {missing}.");
        }

        using var json = new Utf8JsonWriter(output, Plain);
        json.WriteStartObject();
        if (clientMsgId is not null)
        {
            json.WriteString("clientMsgId", clientMsgId);
        }

        json.WriteNumber("payloadType", kind.Number);
        if (body.Descriptor.Fields.InDeclarationOrder().Any(f => IsThere(body, f)))
        {
            json.WritePropertyName("payload");
            Write(json, body);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, IMessage message)
    {
        json.WriteStartObject();
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (!IsThere(message, field))
            {
                continue;
            }

            json.WritePropertyName(field.Name);
            object value = field.Accessor.GetValue(message);
            if (!field.IsRepeated)
            {
                Write(json, field, value);
                continue;
            }

            json.WriteStartArray();
            foreach (object? item in (IList)value)
            {
                Write(json, field, item!);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static bool IsThere(IMessage message, FieldDescriptor field) =>
        field.IsRepeated ? ((IList)field.Accessor.GetValue(message)).Count > 0 : field.Accessor.HasValue(message);

    private static void Write(Utf8JsonWriter json, FieldDescriptor field, object value)
    {
        switch (field.FieldType)
        {
            case FieldType.Int64:
                json.WriteNumberValue((long)value);
                break;
            case FieldType.UInt64:
                json.WriteNumberValue((ulong)value);
                break;
            case FieldType.Int32:
                json.WriteNumberValue((int)value);
                break;
            case FieldType.UInt32:
                json.WriteNumberValue((uint)value);
                break;
            case FieldType.Double when double.IsFinite((double)value):
                json.WriteNumberValue((double)value);
                break;
            case FieldType.Double:
                json.WriteStringValue(((double)value).ToString(System.Globalization.CultureInfo.InvariantCulture));
                break;
            case FieldType.Bool:
                json.WriteBooleanValue((bool)value);
                break;
            case FieldType.Enum:
                json.WriteNumberValue((int)value);
                break;
            case FieldType.String:
                json.WriteStringValue((string)value);
                break;
            case FieldType.Message:
                Write(json, (IMessage)value);
                break;
            default:
                throw new InvalidOperationException($"{field.FullName} is of a type that no message had.");
        }
    }
}

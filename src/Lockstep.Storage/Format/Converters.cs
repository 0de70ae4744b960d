using System.Text.Json;
using System.Text.Json.Serialization;
using Lockstep.Domain;

namespace Lockstep.Storage.Format;

/// <summary>A decimal as a JSON number with the digits it has, trailing zeros included.</summary>
internal sealed class DecimalConverter : JsonConverter<decimal>
{
    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDecimal();

    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) => Write(writer, value);

    /// <summary>Zero has a sign in a decimal's bits and none in a number: it is written without.</summary>
    public static void Write(Utf8JsonWriter writer, decimal value) => writer.WriteNumberValue(value == 0m ? new decimal(0, 0, 0, false, value.Scale) : value);
}

/// <summary>Lots as a number.</summary>
internal sealed class LotsConverter : JsonConverter<Lots>
{
    public override Lots Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetDecimal());

    public override void Write(Utf8JsonWriter writer, Lots value, JsonSerializerOptions options) => DecimalConverter.Write(writer, value.Value);
}

/// <summary>A price as a number.</summary>
internal sealed class PriceConverter : JsonConverter<Price>
{
    public override Price Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetDecimal());

    public override void Write(Utf8JsonWriter writer, Price value, JsonSerializerOptions options) => DecimalConverter.Write(writer, value.Value);
}

/// <summary>Money as a number.</summary>
internal sealed class MoneyConverter : JsonConverter<Money>
{
    public override Money Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetDecimal());

    public override void Write(Utf8JsonWriter writer, Money value, JsonSerializerOptions options) => DecimalConverter.Write(writer, value.Value);
}

/// <summary>A moment as whole microseconds.</summary>
internal sealed class TimestampConverter : JsonConverter<Timestamp>
{
    public override Timestamp Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetInt64());

    public override void Write(Utf8JsonWriter writer, Timestamp value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Micros);
}

/// <summary>An order key as the 16 characters that travel; the empty text for no key.</summary>
internal sealed class OrderKeyConverter : JsonConverter<OrderKey>
{
    public override OrderKey Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        string text = reader.GetString() ?? "";
        return text.Length == 0 ? default
            : text.Length == OrderKey.TextLength && OrderKey.TryFind(text, out var key) ? key
            : throw new JsonException($"\"{text}\" is not an order key (LS, 13 characters, 1 check character)");
    }

    public override void Write(Utf8JsonWriter writer, OrderKey value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value == 0 ? "" : value.ToString());
}

/// <summary>An id that is a text; null where it was never given.</summary>
internal sealed class TextIdConverter<T>(Func<string, T> make, Func<T, string?> text) : JsonConverter<T>
    where T : struct
{
    public override bool HandleNull => true;

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? default : make(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(text(value));
}

/// <summary>An id that is a number.</summary>
internal sealed class NumberIdConverter<T>(Func<long, T> make, Func<T, long> number) : JsonConverter<T>
    where T : struct
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => make(reader.GetInt64());

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteNumberValue(number(value));
}

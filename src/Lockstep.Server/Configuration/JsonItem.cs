using System.Text;
using System.Text.Json;

namespace Lockstep.Server.Configuration;

/// <summary>The kinds of JSON value.</summary>
internal enum JsonKind
{
    /// <summary>{…}.</summary>
    Object,

    /// <summary>[…].</summary>
    List,

    /// <summary>"…".</summary>
    Text,

    /// <summary>A number, kept as it is written.</summary>
    Number,

    /// <summary>true or false.</summary>
    Flag,

    /// <summary>null.</summary>
    Null,
}

/// <summary>A key and its value.</summary>
internal sealed record JsonMember(string Key, JsonItem Value);

/// <summary>
/// A JSON value that knows its line and keeps what JsonDocument would lose or round: repeated keys and the digits of numbers. Comments and trailing commas are
/// allowed.
/// </summary>
internal sealed class JsonItem
{
    /// <summary>The kind.</summary>
    public required JsonKind Kind { get; init; }

    /// <summary>Line in the file, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>Text, digits, or true and false.</summary>
    public string Text { get; init; } = "";

    /// <summary>Members of an object, in order, repeats included.</summary>
    public IReadOnlyList<JsonMember> Members { get; init; } = [];

    /// <summary>Items of a list.</summary>
    public IReadOnlyList<JsonItem> Items { get; init; } = [];

    /// <summary>What kind it is, in words.</summary>
    public string KindName => Kind switch
    {
        JsonKind.Object => "an object",
        JsonKind.List => "a list",
        JsonKind.Text => "text",
        JsonKind.Number => "a number",
        JsonKind.Flag => "true or false",
        _ => "null",
    };

    /// <summary>The value for a message: short, on one line.</summary>
    public string Shown
    {
        get
        {
            string shown = Kind switch
            {
                JsonKind.Object => "{…}",
                JsonKind.List => "[…]",
                JsonKind.Text => JsonSerializer.Serialize(Text, Plain),
                JsonKind.Null => "null",
                _ => Text,
            };
            return shown.Length <= 60 ? shown : shown[..59] + "…";
        }
    }

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The value under a key, or null.</summary>
    public JsonItem? this[string key]
    {
        get
        {
            foreach (var member in Members)
            {
                if (member.Key == key)
                {
                    return member.Value;
                }
            }

            return null;
        }
    }

    /// <summary>
    /// Parses a text; a syntax error is a <see cref="JsonException"/> with line and position. <paramref name="strict"/> takes JSON only as the standard has it: for what
    /// programs send.
    /// </summary>
    public static JsonItem Parse(ReadOnlySpan<byte> utf8, bool strict = false)
    {
        if (utf8.StartsWith(Encoding.UTF8.Preamble))
        {
            utf8 = utf8[3..];
        }

        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions
        {
            AllowTrailingCommas = !strict,
            CommentHandling = strict ? JsonCommentHandling.Disallow : JsonCommentHandling.Skip,
            MaxDepth = 32,
        });
        var lines = new LineCounter(utf8);
        reader.Read();
        var item = Read(ref reader, ref lines);
        reader.Read();
        return item;
    }

    /// <summary>The value false.</summary>
    public static readonly JsonItem No = new() { Kind = JsonKind.Flag, Line = 1, Text = "false" };

    /// <summary>This object with another value under a key; null takes the key away.</summary>
    public JsonItem With(string key, JsonItem? value) => new()
    {
        Kind = Kind, Line = Line, Members = [.. Members.Where(m => m.Key != key), .. value is null ? [] : new[] { new JsonMember(key, value) }],
    };

    /// <summary>This object with the members of another: objects in objects are merged likewise, null takes a key away (RFC 7396).</summary>
    public JsonItem Merged(JsonItem change)
    {
        var merged = this;
        foreach (var (key, value) in change.Members)
        {
            merged = merged.With(key, value.Kind switch
            {
                JsonKind.Null => null,
                JsonKind.Object when merged[key] is { Kind: JsonKind.Object } present => present.Merged(value),
                _ => value,
            });
        }

        return merged;
    }

    /// <summary>As JSON, without blanks; numbers keep their digits.</summary>
    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = Plain.Encoder }))
        {
            Write(writer);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private void Write(Utf8JsonWriter writer)
    {
        switch (Kind)
        {
            case JsonKind.Object:
                writer.WriteStartObject();
                foreach (var (key, value) in Members)
                {
                    writer.WritePropertyName(key);
                    value.Write(writer);
                }

                writer.WriteEndObject();
                break;
            case JsonKind.List:
                writer.WriteStartArray();
                foreach (var item in Items)
                {
                    item.Write(writer);
                }

                writer.WriteEndArray();
                break;
            case JsonKind.Text:
                writer.WriteStringValue(Text);
                break;
            case JsonKind.Null:
                writer.WriteNullValue();
                break;
            default:
                writer.WriteRawValue(Text, skipInputValidation: true);
                break;
        }
    }

    private static JsonItem Read(ref Utf8JsonReader reader, ref LineCounter lines)
    {
        int line = lines.At(reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var members = new List<JsonMember>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    string key = Unquote(ref reader);
                    reader.Read();
                    members.Add(new JsonMember(key, Read(ref reader, ref lines)));
                }

                return new JsonItem { Kind = JsonKind.Object, Line = line, Members = members };
            case JsonTokenType.StartArray:
                var items = new List<JsonItem>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(Read(ref reader, ref lines));
                }

                return new JsonItem { Kind = JsonKind.List, Line = line, Items = items };
            case JsonTokenType.String:
                return new JsonItem { Kind = JsonKind.Text, Line = line, Text = Unquote(ref reader) };
            case JsonTokenType.Number:
                return new JsonItem { Kind = JsonKind.Number, Line = line, Text = Encoding.ASCII.GetString(reader.ValueSpan) };
            case JsonTokenType.True:
            case JsonTokenType.False:
                return new JsonItem { Kind = JsonKind.Flag, Line = line, Text = reader.TokenType == JsonTokenType.True ? "true" : "false" };
            default:
                return new JsonItem { Kind = JsonKind.Null, Line = line };
        }
    }

    // Half a surrogate pair or bytes that are no UTF-8 make GetString throw something that is no JsonException.
    private static string Unquote(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException broken)
        {
            throw new JsonException("text that is not valid Unicode", broken);
        }
    }

    /// <summary>Counts lines forward; positions only grow.</summary>
    private ref struct LineCounter(ReadOnlySpan<byte> text)
    {
        private readonly ReadOnlySpan<byte> _text = text;
        private int _position;
        private int _line = 1;

        public int At(long position)
        {
            _line += _text[_position..(int)position].Count((byte)'\n');
            _position = (int)position;
            return _line;
        }
    }
}

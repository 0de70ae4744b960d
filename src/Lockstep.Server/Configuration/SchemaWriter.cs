using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lockstep.Server.Configuration;

/// <summary>Writes the JSON schema (draft 2020-12) of the configuration from its shapes; contracts/lockstep.schema.json is its output, and a test holds the two together.</summary>
internal static class SchemaWriter
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",
    };

    /// <summary>The schema's text, with a line end after it.</summary>
    public static string Write()
    {
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Lockstep configuration",
            ["description"] = "The file that 'lockstep serve --config FILE' reads. Comments and trailing commas are allowed in it.",
        };
        foreach (var (name, value) in Of(ConfigFormat.Root))
        {
            schema[name] = value?.DeepClone();
        }

        return schema.ToJsonString(Indented) + "\n";
    }

    /// <summary>The schema of a shape.</summary>
    public static JsonObject Of(Shape shape) => shape switch
    {
        ObjectShape o => Object(o),
        VariantShape v => new JsonObject { ["anyOf"] = new JsonArray([.. v.Variants.Select(Object)]) },
        MapShape m => new JsonObject
        {
            ["type"] = "object",
            ["propertyNames"] = new JsonObject { ["pattern"] = m.NamePattern },
            ["additionalProperties"] = Of(m.Of),
        },
        ListShape l => new JsonObject { ["type"] = "array", ["maxItems"] = l.MaxItems, ["items"] = Of(l.Of) },
        TextShape t => new JsonObject { ["type"] = "string", ["pattern"] = t.Pattern },
        ChoiceShape c => new JsonObject { ["enum"] = new JsonArray([.. c.Words.Select(w => (JsonNode)w)]) },
        FlagShape => new JsonObject { ["type"] = "boolean" },
        NumberShape n => Number(n),
        MomentShape => new JsonObject { ["type"] = "string", ["pattern"] = MomentShape.Pattern },
        DurationShape => new JsonObject { ["type"] = "string", ["pattern"] = DurationShape.Pattern },
        TextOrObjectShape e => new JsonObject { ["anyOf"] = new JsonArray(Of(e.Text), Of(e.Object)) },
        NumberOrTextShape e => new JsonObject { ["anyOf"] = new JsonArray(Of(e.Number), Of(e.Text)) },
        SecretShape => Secret(),
        _ => throw new ArgumentException($"no schema for {shape.GetType().Name}", nameof(shape)),
    };

    private static JsonObject Object(ObjectShape shape)
    {
        var properties = new JsonObject();
        foreach (var key in shape.Keys)
        {
            var property = Of(key.Shape);
            if (key.Nullable)
            {
                property = new JsonObject { ["anyOf"] = new JsonArray(property, new JsonObject { ["type"] = "null" }) };
            }

            property["description"] = key.Says;
            if (key.Default is not null)
            {
                property["default"] = JsonNode.Parse(key.Default);
            }

            properties[key.Name] = property;
        }

        var written = new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
        if (shape.Keys.Where(k => k.Required).Select(k => (JsonNode)k.Name).ToArray() is { Length: > 0 } required)
        {
            written["required"] = new JsonArray(required);
        }

        return written;
    }

    private static JsonObject Number(NumberShape shape)
    {
        var written = new JsonObject { ["type"] = shape.Whole ? "integer" : "number" };
        if (shape.Above is { } above)
        {
            written["exclusiveMinimum"] = above;
        }
        else
        {
            written["minimum"] = shape.Min ?? 0;
        }

        written["maximum"] = shape.Max;
        return written;
    }

    private static JsonObject Secret()
    {
        var written = Object(SecretShape.Object);
        written["minProperties"] = 1;
        written["maxProperties"] = 1;
        return written;
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace Lockstep.Server.Rest.Document;

/// <summary>
/// The schemas of the types that are written, each under its name. Where absent values are left out (everywhere but on the faces) a value that may be null may be missing and is never null; on the faces every
/// value is there, and may be null.
/// </summary>
internal sealed class TypeSchemas
{
    private const string Place = "#/components/schemas/";

    private static readonly JsonSerializerOptions Canonical = WithTypes(RestJson.Options);
    private static readonly JsonSerializerOptions Face = WithTypes(FaceJson.Options);

    private readonly SortedDictionary<string, (Type Type, JsonNode Schema)> _all = new(StringComparer.Ordinal);

    /// <summary>A reference to a type's schema, which is made when it is not there yet.</summary>
    public JsonNode Reference(Type type, bool face)
    {
        if (type == typeof(object))
        {
            return new JsonObject();
        }

        string name = NameOf(type) + (face ? "Face" : "");
        if (_all.TryGetValue(name, out var known))
        {
            return known.Type == type ? Pointer(name) : throw new InvalidOperationException($"{known.Type} and {type} are both called {name} in the document.");
        }

        _all.Add(name, (type, new JsonObject()));
        _all[name] = (type, Make(type, face));
        return Pointer(name);
    }

    /// <summary>What a reference refers to.</summary>
    public JsonNode Resolve(string reference) => _all[reference[Place.Length..]].Schema;

    /// <summary>All schemas, by name.</summary>
    public JsonObject All() => new(_all.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value.Schema)));

    private static JsonObject Pointer(string name) => new() { ["$ref"] = Place + name };

    private static string NameOf(Type type)
    {
        string name = type.Name.Split('`')[0];
        return name.EndsWith("Shape", StringComparison.Ordinal) ? name[..^"Shape".Length] : name;
    }

    private static JsonSerializerOptions WithTypes(JsonSerializerOptions options) => new(options) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    private JsonNode Make(Type type, bool face) => (face ? Face : Canonical).GetJsonSchemaAsNode(type, new JsonSchemaExporterOptions
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = (context, node) => Transform(context, node, face),
    });

    private JsonNode Transform(JsonSchemaExporterContext context, JsonNode node, bool face)
    {
        bool isNullable = context.PropertyInfo is { IsGetNullable: true } || Nullable.GetUnderlyingType(context.TypeInfo.Type) is not null;
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        if (type == typeof(DateTimeOffset))
        {
            node = new JsonObject { ["type"] = "string", ["format"] = "date-time" };
        }
        else if (type == typeof(Guid))
        {
            node = new JsonObject { ["type"] = "string", ["format"] = "uuid" };
        }
        else if (context.TypeInfo.Kind == JsonTypeInfoKind.Object && type != typeof(object) && !context.Path.IsEmpty)
        {
            node = Reference(type, face);
        }
        else if (node is JsonObject schema)
        {
            WithoutNull(schema);
            if (context.TypeInfo.Kind == JsonTypeInfoKind.Object && schema["properties"] is JsonObject properties)
            {
                schema["required"] = new JsonArray([.. context.TypeInfo.Properties.Where(p => properties.ContainsKey(p.Name) && (face || !MayBeNull(p))).Select(p => (JsonNode)p.Name)]);
            }
        }

        return isNullable && face ? new JsonObject { ["anyOf"] = new JsonArray(node, new JsonObject { ["type"] = "null" }) } : node;
    }

    private static bool MayBeNull(JsonPropertyInfo property) => property.IsGetNullable || Nullable.GetUnderlyingType(property.PropertyType) is not null;

    private static void WithoutNull(JsonObject schema)
    {
        if (schema["type"] is JsonArray types)
        {
            var kept = types.Select(t => t!.GetValue<string>()).Where(t => t != "null").ToList();
            schema["type"] = kept.Count == 1 ? kept[0] : new JsonArray([.. kept.Select(t => (JsonNode)t)]);
        }

        if (schema["enum"] is JsonArray words)
        {
            schema["enum"] = new JsonArray([.. words.Where(w => w is not null).Select(w => w!.DeepClone())]);
        }

        schema.Remove("default");
    }
}

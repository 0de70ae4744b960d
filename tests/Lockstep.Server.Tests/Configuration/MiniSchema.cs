using System.Text.Json;
using System.Text.RegularExpressions;

namespace Lockstep.Server.Tests.Configuration;

/// <summary>
/// A small JSON schema validator for the words that our schema uses; an unknown word throws, so that nothing is passed over. It knows nothing of the reader's
/// shapes.
/// </summary>
internal static class MiniSchema
{
    private static readonly string[] Notes = ["$schema", "title", "description", "default"];

    /// <summary>True when the value is valid.</summary>
    public static bool IsValid(JsonElement schema, JsonElement value)
    {
        bool valid = true;
        foreach (var word in schema.EnumerateObject())
        {
            valid &= Notes.Contains(word.Name) || Holds(schema, word, value);
        }

        return valid;
    }

    private static bool Holds(JsonElement schema, JsonProperty word, JsonElement value)
    {
        bool isObject = value.ValueKind == JsonValueKind.Object;
        bool isNumber = value.ValueKind == JsonValueKind.Number;
        switch (word.Name)
        {
            case "type":
                return word.Value.GetString() switch
                {
                    "object" => isObject,
                    "array" => value.ValueKind == JsonValueKind.Array,
                    "string" => value.ValueKind == JsonValueKind.String,
                    "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
                    "number" => isNumber,
                    "integer" => isNumber && value.TryGetDecimal(out decimal d) && d == decimal.Truncate(d),
                    "null" => value.ValueKind == JsonValueKind.Null,
                    var other => throw new NotSupportedException(other),
                };
            case "enum":
                return word.Value.EnumerateArray().Any(v => JsonElement.DeepEquals(v, value));
            case "anyOf":
                return word.Value.EnumerateArray().Any(s => IsValid(s, value));
            case "pattern":
                return value.ValueKind != JsonValueKind.String || Regex.IsMatch(value.GetString()!, word.Value.GetString()!, RegexOptions.ECMAScript);
            case "minimum":
                return !isNumber || (value.TryGetDecimal(out decimal least) && least >= word.Value.GetDecimal());
            case "exclusiveMinimum":
                return !isNumber || (value.TryGetDecimal(out decimal above) && above > word.Value.GetDecimal());
            case "maximum":
                return !isNumber || (value.TryGetDecimal(out decimal most) && most <= word.Value.GetDecimal());
            case "items":
                return value.ValueKind != JsonValueKind.Array || value.EnumerateArray().All(v => IsValid(word.Value, v));
            case "maxItems":
                return value.ValueKind != JsonValueKind.Array || value.GetArrayLength() <= word.Value.GetInt32();
            case "minProperties":
                return !isObject || value.EnumerateObject().Count() >= word.Value.GetInt32();
            case "maxProperties":
                return !isObject || value.EnumerateObject().Count() <= word.Value.GetInt32();
            case "required":
                return !isObject || word.Value.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _));
            case "propertyNames":
                return !isObject || value.EnumerateObject().All(p => IsValid(word.Value, JsonSerializer.SerializeToElement(p.Name)));
            case "properties":
                return !isObject || value.EnumerateObject().All(p => !word.Value.TryGetProperty(p.Name, out var of) || IsValid(of, p.Value));
            case "additionalProperties":
                return !isObject || value.EnumerateObject().All(p => (schema.TryGetProperty("properties", out var known) && known.TryGetProperty(p.Name, out _))
                    || (word.Value.ValueKind == JsonValueKind.Object && IsValid(word.Value, p.Value)));
            default:
                throw new NotSupportedException($"the schema word {word.Name}");
        }
    }
}

using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Lockstep.Server.Configuration;
using Lockstep.Simulator;

namespace Lockstep.Server.Cli;

/// <summary>
/// A file that says what goes wrong at the simulated Open API server: the properties of <see cref="SimOpenApiFaults"/>, and under <c>broker</c> those of <see cref="BrokerFaults"/>, with a small
/// first letter. Times as in the configuration (<c>"500ms"</c>, <c>"5s"</c>), or a number of milliseconds.
/// </summary>
internal sealed record FaultsFile(SimOpenApiFaults Server, BrokerFaults Broker)
{
    private const string BrokerKey = "broker";

    private static readonly JsonDocumentOptions Friendly = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Nothing goes wrong.</summary>
    public static FaultsFile None { get; } = new(SimOpenApiFaults.None, BrokerFaults.None);

    /// <summary>Reads a text; <paramref name="problems"/> holds all that is wrong with it, each with the key it is about.</summary>
    public static FaultsFile Read(string json, out IReadOnlyList<string> problems)
    {
        var found = new List<string>();
        problems = found;
        var server = new SimOpenApiFaults();
        var broker = new BrokerFaults();
        try
        {
            using var document = JsonDocument.Parse(json, Friendly);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                found.Add("the file must hold one JSON object");
                return None;
            }

            Fill(server, document.RootElement, "", found, BrokerKey);
            if (document.RootElement.TryGetProperty(BrokerKey, out var below))
            {
                if (below.ValueKind == JsonValueKind.Object)
                {
                    Fill(broker, below, BrokerKey + ".", found, null);
                }
                else
                {
                    found.Add($"{BrokerKey}: must be an object");
                }
            }
        }
        catch (JsonException e)
        {
            found.Add($"line {(e.LineNumber ?? 0) + 1}: this is no JSON");
        }

        return new FaultsFile(server, broker);
    }

    private static void Fill(object faults, JsonElement json, string path, List<string> problems, string? other)
    {
        var known = faults.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).ToDictionary(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in json.EnumerateObject())
        {
            if (!seen.Add(member.Name))
            {
                problems.Add($"{path}{member.Name}: stands there twice");
            }
            else if (member.Name == other)
            {
                continue;
            }
            else if (!known.TryGetValue(member.Name, out var property))
            {
                problems.Add($"{path}{member.Name}: there is no such fault{Spelling.DidYouMean(member.Name, other is null ? known.Keys : known.Keys.Append(other))}");
            }
            else if (Value(property, member.Value, out string allowed) is { } value)
            {
                property.SetValue(faults, value);
            }
            else
            {
                problems.Add($"{path}{member.Name}: must be {allowed}");
            }
        }
    }

    private static object? Value(PropertyInfo property, JsonElement json, out string allowed)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (type == typeof(decimal))
        {
            allowed = "a number of percent from 0 to 100";
            return json.ValueKind == JsonValueKind.Number && json.TryGetDecimal(out decimal percent) && percent is >= 0 and <= 100 ? percent : null;
        }

        if (type == typeof(int))
        {
            allowed = "a whole number from 0 to 1000000";
            return json.ValueKind == JsonValueKind.Number && json.TryGetInt32(out int whole) && whole is >= 0 and <= 1_000_000 ? whole : null;
        }

        if (type == typeof(bool))
        {
            allowed = "true or false";
            return json.ValueKind is JsonValueKind.True or JsonValueKind.False ? json.GetBoolean() : null;
        }

        if (type == typeof(TimeSpan))
        {
            allowed = "a duration such as \"500ms\", \"10s\" or \"5m\", or a number of milliseconds, at most a day";
            TimeSpan? span = json.ValueKind switch
            {
                JsonValueKind.String => DurationShape.Read(json.GetString()!),
                JsonValueKind.Number when json.TryGetInt64(out long ms) && ms is >= 0 and <= 86_400_000 => TimeSpan.FromMilliseconds(ms),
                _ => null,
            };
            return span <= TimeSpan.FromDays(1) ? span : null;
        }

        allowed = "a text of 1 to 100 characters";
        return json.ValueKind == JsonValueKind.String && json.GetString() is { Length: >= 1 and <= 100 } text ? text : null;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Server} {Broker}");
}

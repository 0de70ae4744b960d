using System.Text.Json.Nodes;

namespace Lockstep.Server.Rest.Document;

/// <summary>Makes an example of a schema: what a name means is the same wherever it stands.</summary>
internal static class Samples
{
    private static readonly Dictionary<string, string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["account"] = "\"prop\"", ["accountId"] = "\"prop\"", ["internalAccountId"] = "\"prop\"", ["source"] = "\"prop\"", ["target"] = "\"personal\"", ["link"] = "\"hedge\"", ["name"] = "\"hedge\"",
        ["platform"] = "\"mt5\"", ["kind"] = "\"mt5-hedging\"", ["state"] = "\"up\"", ["sourceState"] = "\"up\"", ["targetState"] = "\"up\"", ["status"] = "\"ok\"", ["version"] = "\"1.0.0\"",
        ["symbol"] = "\"EURUSD\"", ["symbols"] = "\"EURUSD\"", ["watched"] = "\"EURUSD\"", ["sourceSymbol"] = "\"EURUSD\"", ["targetSymbol"] = "\"EURUSD.m\"", ["frame"] = "\"M1\"", ["currency"] = "\"USD\"",
        ["baseCurrency"] = "\"EUR\"", ["profitCurrency"] = "\"USD\"", ["clientId"] = "\"my-first-order\"", ["key"] = "\"LS00000000000055\"", ["comment"] = "\"LS00000000000055\"", ["magic"] = "900001",
        ["position"] = "100234", ["positionId"] = "100234", ["ticket"] = "100234", ["order"] = "100233", ["openingOrder"] = "100233", ["deal"] = "70012", ["opposite"] = "100235", ["login"] = "5001234",
        ["volume"] = "0.5", ["filled"] = "0.5", ["wanted"] = "0.5", ["held"] = "0.5", ["sourceVolume"] = "0.5", ["volumeUnits"] = "50000", ["filledUnits"] = "50000", ["contractSize"] = "100000",
        ["price"] = "1.0842", ["openPrice"] = "1.0842", ["bid"] = "1.0842", ["ask"] = "1.0843", ["currentPrice"] = "1.0842", ["stopLoss"] = "1.05", ["takeProfit"] = "1.12", ["limitPrice"] = "1.09",
        ["open"] = "1.0842", ["high"] = "1.0851", ["low"] = "1.0839", ["close"] = "1.0847", ["balance"] = "200000", ["equity"] = "200125.5", ["margin"] = "542.1", ["freeMargin"] = "199583.4",
        ["marginLevel"] = "36916.71", ["profit"] = "12.5", ["swap"] = "-0.4", ["commission"] = "-3.5", ["digits"] = "5", ["tickSize"] = "0.00001", ["minLots"] = "0.01", ["lotStep"] = "0.01", ["maxLots"] = "100",
        ["brokerTime"] = "\"2026-01-31T14:00:00.000+02:00\"", ["residue"] = "0", ["session"] = "3", ["side"] = "\"buy\"", ["type"] = "\"market\"", ["code"] = "\"10009\"", ["server"] = "\"Broker-Demo\"",
        ["field"] = "\"volume\"", ["value"] = "\"-1\"", ["detail"] = "\"volume = -1: must be a number above 0, at most 1000000\"", ["correlationId"] = "\"my-id-7\"",
    };

    /// <summary>An example. <paramref name="resolve"/> gives what a reference refers to.</summary>
    public static JsonNode? Of(JsonNode schema, string name, Func<string, JsonNode> resolve, bool requiredOnly = false)
    {
        if (schema is not JsonObject o)
        {
            return null;
        }

        if (o["$ref"] is { } reference)
        {
            return Of(resolve(reference.GetValue<string>()), name, resolve, requiredOnly);
        }

        if (o["anyOf"] is JsonArray any)
        {
            return Of(any[0]!, name, resolve, requiredOnly);
        }

        string known = name.Replace("_", "", StringComparison.Ordinal);
        if (o["enum"] is JsonArray words)
        {
            return Known.TryGetValue(known, out string? word) && words.Any(w => JsonNode.DeepEquals(w, JsonNode.Parse(word))) ? JsonNode.Parse(word) : words[0]?.DeepClone();
        }

        string? type = (o["type"] is JsonArray types ? types[0] : o["type"])?.GetValue<string>();
        switch (type)
        {
            case "object":
                var required = (o["required"] as JsonArray)?.Select(r => r!.GetValue<string>()).ToHashSet() ?? [];
                return new JsonObject((o["properties"] as JsonObject ?? []).Where(p => !requiredOnly || required.Contains(p.Key)).Select(p => KeyValuePair.Create(p.Key, Of(p.Value!, p.Key, resolve, requiredOnly))));
            case "array":
                return new JsonArray(Of(o["items"] ?? new JsonObject(), name, resolve, requiredOnly));
            case "boolean":
                return true;
            case "integer" or "number":
                return Fits(known, out var number) && number.GetValueKind() == System.Text.Json.JsonValueKind.Number ? number : 1;
            case "string":
                return o["format"]?.GetValue<string>() switch
                {
                    "date-time" => "2026-01-31T12:00:00.000Z",
                    "uuid" => "0198c0de-0000-8000-8000-000000000001",
                    _ => Fits(known, out var text) && text.GetValueKind() == System.Text.Json.JsonValueKind.String ? text : "text",
                };
            default:
                return null;
        }
    }

    private static bool Fits(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out JsonNode? value)
    {
        value = Known.TryGetValue(name, out string? json) ? JsonNode.Parse(json) : null;
        return value is not null;
    }
}

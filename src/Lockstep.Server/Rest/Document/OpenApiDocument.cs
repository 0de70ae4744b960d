using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Rest.Document;

/// <summary>Writes the OpenAPI 3.1 document from the catalogue: bodies and parameters from the shapes that requests are checked against, answers from the types that are written.</summary>
internal static class OpenApiDocument
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    private static readonly (int Status, string Kind)[] OfAll = [(400, "bad-request"), (429, "too-many"), (500, "internal")];
    private static readonly (int Status, string Kind)[] OfKeys = [(401, "unauthorized"), (401, "key-expired"), (401, "key-revoked"), (403, "scope-missing"), (403, "address-not-allowed")];

    private const string ProblemExample =
        """
        {"type": "urn:lockstep:problem:bad-request", "code": "bad-request", "title": "The request is not valid.", "status": 400, "detail": "volume = -1: must be a number above 0, at most 1000000",
         "advice": "Correct the fields under errors and send the request again; nothing was done.", "errors": [{"field": "volume", "value": "-1", "reason": "must be a number above 0, at most 1000000"}],
         "correlationId": "my-id-7"}
        """;

    /// <summary>The document, with a line end after it.</summary>
    public static string Write(Catalogue catalogue)
    {
        var types = new TypeSchemas();
        var paths = new JsonObject();
        foreach (var path in catalogue.All.GroupBy(o => PathKeys.Plain(o.Path)).OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            var methods = new JsonObject();
            foreach (var operation in path.OrderBy(o => o.Method, StringComparer.Ordinal))
            {
                methods[operation.Method.ToLowerInvariant()] = Of(operation, types);
            }

            paths[path.Key] = methods;
        }

        var problem = types.Reference(typeof(Problem), face: false);
        var document = new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = "Lockstep",
                ["version"] = "v1",
                ["description"] = "One API for trading accounts on MT4, MT5 and cTrader, and for the links between them. Unknown fields and parameters are refused; new fields may appear in answers. What is absent is left out, under /mt4, /mt5 and /ctrader it is null.",
            },
            ["security"] = new JsonArray(new JsonObject { ["bearer"] = new JsonArray() }),
            ["tags"] = new JsonArray([.. catalogue.All.Select(o => o.Topic).Distinct().Order(StringComparer.Ordinal).Select(t => new JsonObject { ["name"] = t })]),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = types.All(),
                ["responses"] = new JsonObject
                {
                    ["Problem"] = new JsonObject
                    {
                        ["description"] = "A problem (RFC 9457).",
                        ["content"] = new JsonObject { ["application/problem+json"] = new JsonObject { ["schema"] = problem, ["example"] = JsonNode.Parse(ProblemExample) } },
                    },
                },
                ["securitySchemes"] = new JsonObject
                {
                    ["bearer"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = "An API key." },
                    ["basic"] = new JsonObject { ["type"] = "http", ["scheme"] = "basic", ["description"] = "An API key as the password, for programs that know user and password only; the name is free." },
                },
            },
        };
        return document.ToJsonString(Indented) + "\n";
    }

    private static JsonObject Of(Operation operation, TypeSchemas types)
    {
        var written = new JsonObject
        {
            ["operationId"] = operation.Id,
            ["tags"] = new JsonArray(operation.Topic),
            ["summary"] = operation.Summary,
            ["description"] = $"{operation.Says}{(operation.Says.Length > 0 ? "\n\n" : "")}{(operation.Needs == Scope.None ? "Needs no key." : $"Needs a key of scope `{RestJson.Word(operation.Needs)}`.")}",
        };
        if (operation.Needs == Scope.None)
        {
            written["security"] = new JsonArray();
        }
        else if (operation.Face)
        {
            written["security"] = new JsonArray(new JsonObject { ["bearer"] = new JsonArray() }, new JsonObject { ["basic"] = new JsonArray() });
        }

        var parameters = operation.PathKeys.Select(k => Parameter(k, "path")).Concat(operation.Query.Select(k => Parameter(k, "query"))).ToList();
        if (operation.TakesClientId && operation.Writes)
        {
            parameters.Add(Parameter(Bodies.ClientIdKey with { Name = "Idempotency-Key", Says = "An id of your own: the same one again gives the first answer and does nothing twice." }, "header"));
        }

        if (parameters.Count > 0)
        {
            written["parameters"] = new JsonArray([.. parameters]);
        }

        if (operation.Body is { } body)
        {
            var content = new JsonObject { ["schema"] = SchemaWriter.Of(body) };
            if (Example(operation) is { } example)
            {
                content["example"] = example;
            }

            written["requestBody"] = new JsonObject { ["required"] = body.Keys.Any(k => k.Required), ["content"] = new JsonObject { ["application/json"] = content } };
        }

        written["responses"] = Responses(operation, types);
        return written;
    }

    /// <summary>A body that is taken: the operation's own, else one that was made of its shape, if it fits.</summary>
    public static JsonNode? Example(Operation operation)
    {
        if (operation.Example is { } own)
        {
            return JsonNode.Parse(own);
        }

        var made = Samples.Of(SchemaWriter.Of(operation.Body!), operation.Body!.Name, _ => throw new InvalidOperationException("a shape refers to nothing"), requiredOnly: true);
        var errors = new List<ConfigError>();
        new ShapeChecker(errors).Check(JsonItem.Parse(JsonSerializer.SerializeToUtf8Bytes(made), strict: true), operation.Body!, "");
        return errors.Count == 0 ? made : null;
    }

    private static JsonObject Parameter(Key key, string place)
    {
        var written = new JsonObject { ["name"] = key.Name, ["in"] = place };
        if (key.Says.Length > 0)
        {
            written["description"] = key.Says;
        }

        if (key.Required || place == "path")
        {
            written["required"] = true;
        }

        var schema = SchemaWriter.Of(key.Shape);
        if (key.Default is not null)
        {
            schema["default"] = JsonNode.Parse(key.Default);
        }

        written["schema"] = schema;
        if (key.Shape is ListShape)
        {
            written["style"] = "form";
            written["explode"] = false;
        }

        return written;
    }

    private static JsonObject Responses(Operation operation, TypeSchemas types)
    {
        var responses = new JsonObject();
        foreach (var reply in operation.Replies)
        {
            var response = new JsonObject { ["description"] = reply.Says };
            if (reply.Type == typeof(string))
            {
                response["content"] = new JsonObject { ["text/plain"] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "string" } } };
            }
            else if (reply.Type is { } type)
            {
                var schema = types.Reference(type, operation.Face);
                var content = new JsonObject { ["schema"] = schema };
                if (reply.Example is { } own)
                {
                    content["example"] = JsonNode.Parse(own);
                }
                else if (reply == operation.Replies[0])
                {
                    content["example"] = Samples.Of(schema, "", types.Resolve);
                }

                response["content"] = new JsonObject { ["application/json"] = content };
            }

            responses[Text(reply.Status)] = response;
        }

        foreach (var kinds in Kinds(operation).Distinct().GroupBy(p => p.Status).OrderBy(g => g.Key))
        {
            // A status that is an answer of its own as well keeps that description.
            if (!responses.ContainsKey(Text(kinds.Key)))
            {
                responses[Text(kinds.Key)] = new JsonObject { ["$ref"] = "#/components/responses/Problem", ["description"] = $"A problem: {string.Join(", ", kinds.Select(k => $"`{k.Kind}`"))}." };
            }
        }

        return responses;
    }

    private static IEnumerable<(int Status, string Kind)> Kinds(Operation operation)
    {
        IEnumerable<(int Status, string Kind)> kinds = OfAll;
        if (operation.Needs != Scope.None)
        {
            kinds = kinds.Concat(OfKeys);
        }

        if (operation.PathKeys.Any(k => k.Name == "account"))
        {
            kinds = kinds.Append((403, "account-not-covered"));
        }

        if (operation.PathKeys.Count > 0)
        {
            kinds = kinds.Append((404, "not-found"));
        }

        if (operation.Body is not null)
        {
            kinds = kinds.Append((413, "too-large")).Append((415, "not-json"));
        }

        return kinds.Concat(operation.Problems);
    }

    private static string Text(int status) => status.ToString(CultureInfo.InvariantCulture);
}

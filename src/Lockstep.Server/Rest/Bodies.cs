using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Rest;

/// <summary>The bodies of requests, checked by the same means as the configuration: all that is wrong is told at once.</summary>
internal static class Bodies
{
    /// <summary>Largest body.</summary>
    public const int BytesMax = 64 * 1024;

    private static readonly TextShape ClientIdText = new("^[!-~]{1,64}$", "1 to 64 printable ASCII characters without spaces");

    /// <summary>The client's own id of a request, in bodies and queries.</summary>
    public static readonly Key ClientIdKey = new("clientId", ClientIdText, "The client's own id of the request, for which it is done at most once; the header Idempotency-Key says the same.");

    /// <summary>The answer to a body that is too large.</summary>
    public static Problem TooLarge() => Problem.Of(413, "too-large", "The body is too large.", $"A body may have at most {BytesMax} bytes.", "Send one order a request.");

    /// <summary>A price, null when absent.</summary>
    public static Price? PriceOf(ItemReader item, string key) => item.Number(key) is { } number ? new Price(number) : null;

    /// <summary>Absent = leave, null = remove.</summary>
    public static LevelChange Level(ItemReader item, string key) => item.Item?[key] is null ? LevelChange.Leave : new LevelChange(true, PriceOf(item, key));

    /// <summary>An object without fields.</summary>
    public static readonly JsonItem Empty = new() { Kind = JsonKind.Object, Line = 1 };

    /// <summary>A body of a form, checked.</summary>
    public static async Task<Body> ReadAsync(HttpContext context, ObjectShape shape)
    {
        var (root, problem) = await ParseAsync(context);
        if (root is null)
        {
            return new Body(problem!);
        }

        var errors = new List<ConfigError>();
        var checker = new ShapeChecker(errors);
        checker.Check(root, shape, "");
        if (errors.Count > 0)
        {
            return new Body(Invalid([.. errors.Select(e => new FieldProblem(e.Path, e.Value, e.Text))]));
        }

        var reader = new ItemReader(root, checker);
        return ClientId(context.Request, reader.Text("clientId"), out string? id) is { } differs ? new Body(differs) : new Body(reader, id!);
    }

    /// <summary>A body as JSON, not checked against anything yet; no body counts as an object without fields.</summary>
    public static async Task<(JsonItem? Root, Problem? Problem)> ParseAsync(HttpContext context)
    {
        var request = context.Request;
        byte[] bytes;
        try
        {
            using var buffer = new MemoryStream();
            await request.Body.CopyToAsync(buffer, context.RequestAborted);
            bytes = buffer.ToArray();
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return (null, TooLarge());
        }

        if (bytes.Length == 0)
        {
            return (Empty, null);
        }

        if (!request.HasJsonContentType())
        {
            return (null, Problem.Of(415, "not-json", "The body is not declared as JSON.", $"Content-Type is '{request.ContentType}'.", "Send 'Content-Type: application/json'."));
        }

        try
        {
            return (JsonItem.Parse(bytes, strict: true), null);
        }
        catch (JsonException e)
        {
            return (null, Problem.Bad($"The body is no valid JSON, line {e.LineNumber + 1}, position {e.BytePositionInLine + 1}: {e.Message.Split(" LineNumber:")[0]}", "Send one JSON object."));
        }
    }

    /// <summary>The id may come in the body, in the header Idempotency-Key or in the query; more than one must agree. None: the server makes one.</summary>
    public static Problem? ClientId(HttpRequest request, string? inBody, out string? id)
    {
        var given = new[] { inBody, request.Headers["Idempotency-Key"].ToString(), request.Query["clientId"].ToString() }.Where(s => !string.IsNullOrEmpty(s)).Distinct().ToList();
        id = given.FirstOrDefault() ?? $"auto-{Guid.NewGuid():N}";
        return given.Count > 1 ? Problem.Bad("clientId and Idempotency-Key differ.", "Send the id once, or the same everywhere.")
            : !ClientIdText.Matches(id) ? Problem.Bad($"The client id must be {ClientIdText.Allowed}.", "Choose another id, such as a UUID.")
            : null;
    }

    /// <summary>The answer to fields that are wrong.</summary>
    public static Problem Invalid(IReadOnlyList<FieldProblem> errors) => Problem.Bad(
        string.Join("; ", errors.Select(e => (e.Field.Length > 0 ? e.Field + (e.Value.Length > 0 ? $" = {e.Value}" : "") + ": " : "") + e.Reason)),
        "Correct the fields under errors and send the request again; nothing was done.", errors);
}

/// <summary>A body that was read: its fields, or the problem to answer with.</summary>
internal readonly struct Body
{
    /// <summary>A good body.</summary>
    public Body(ItemReader reader, string clientId) => (Reader, ClientId) = (reader, clientId);

    /// <summary>A bad one.</summary>
    public Body(Problem problem) => (Problem, ClientId) = (problem, "");

    /// <summary>What is wrong; null = nothing.</summary>
    public Problem? Problem { get; }

    /// <summary>The fields.</summary>
    public ItemReader Reader { get; }

    /// <summary>The client's id.</summary>
    public string ClientId { get; }
}

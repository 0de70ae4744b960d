using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lockstep.Server.Rest;

/// <summary>An error answer (RFC 9457, application/problem+json): what was wrong, the value, and what to do.</summary>
internal sealed record Problem : IResult
{
    /// <summary>Kind of the problem: <c>urn:lockstep:problem:bad-request</c>. Stable; programs may decide by it.</summary>
    public required string Type { get; init; }

    /// <summary>The last word of the kind: <c>bad-request</c>.</summary>
    public string Code => Type[(Type.LastIndexOf(':') + 1)..];

    /// <summary>The kind, in words.</summary>
    public required string Title { get; init; }

    /// <summary>HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>What was wrong this time.</summary>
    public required string Detail { get; init; }

    /// <summary>What to do about it.</summary>
    public required string Advice { get; init; }

    /// <summary>Each thing that was wrong with the request.</summary>
    public IReadOnlyList<FieldProblem>? Errors { get; init; }

    /// <summary>The request's id in the log and the audit log: what the client sent as X-Correlation-Id or X-Request-ID, or what the server made.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>How the request ended, when it was an order.</summary>
    public RequestShape? Request { get; init; }

    /// <summary>The same in the words of the REST handover, on that face only.</summary>
    public Faces.HandoverError? Error { get; init; }

    /// <summary>A problem of one of the stable kinds.</summary>
    public static Problem Of(int status, string kind, string title, string detail, string advice) =>
        new() { Type = $"urn:lockstep:problem:{kind}", Title = title, Status = status, Detail = detail, Advice = advice };

    /// <summary>The request is wrong in itself.</summary>
    public static Problem Bad(string detail, string advice, IReadOnlyList<FieldProblem>? errors = null) =>
        Of(400, "bad-request", "The request is not valid.", detail, advice) with { Errors = errors };

    /// <summary>There is no such thing.</summary>
    public static Problem NotFound(string detail, string advice) => Of(404, "not-found", "There is no such thing.", detail, advice);

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = Status;
        httpContext.Features.Set(this);
        return httpContext.Response.WriteAsJsonAsync(this with { CorrelationId = Correlation.Of(httpContext) }, RestJson.Options, "application/problem+json", httpContext.RequestAborted);
    }
}

/// <summary>One field that was wrong.</summary>
internal sealed record FieldProblem(string Field, string Value, string Reason);

/// <summary>How the API writes JSON.</summary>
internal static class RestJson
{
    /// <summary>camelCase, enums as words, decimals as exact numbers, what is absent left out.</summary>
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase), new MomentConverter() },
        NumberHandling = JsonNumberHandling.Strict,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>A JSON answer.</summary>
    public static IResult Ok<T>(T value) => Results.Json(value, Options);

    /// <summary>A JSON answer about something that was made.</summary>
    public static IResult Created<T>(string place, T value) => new Made<T>(place, value);

    /// <summary>The word of an enum as the API writes it.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    private sealed class Made<T>(string place, T value) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.Location = place;
            return Results.Json(value, Options, statusCode: StatusCodes.Status201Created).ExecuteAsync(httpContext);
        }
    }
}

/// <summary>Writes moments in UTC, with milliseconds: <c>2030-01-31T12:00:00.000Z</c>.</summary>
internal sealed class MomentConverter : JsonConverter<DateTimeOffset>
{
    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<char> text = stackalloc char[24];
        value.UtcDateTime.TryFormat(text, out int length, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..length]);
    }
}

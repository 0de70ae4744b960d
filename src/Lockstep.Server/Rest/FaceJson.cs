using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lockstep.Server.Rest;

/// <summary>How the faces that other programs know (<c>/mt4</c>, <c>/mt5</c>, <c>/ctrader</c>) write JSON: snake_case, and what is absent is null.</summary>
internal static class FaceJson
{
    /// <summary>Names in snake_case; null is written.</summary>
    public static readonly JsonSerializerOptions Options = new(RestJson.Options) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.Never };

    /// <summary>A JSON answer.</summary>
    public static IResult Ok<T>(T value) => Results.Json(value, Options);

    /// <summary>A JSON answer to something that was taken.</summary>
    public static IResult Accepted<T>(T value) => Results.Json(value, Options, statusCode: StatusCodes.Status202Accepted);
}

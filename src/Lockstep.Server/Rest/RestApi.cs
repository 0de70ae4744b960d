using Microsoft.AspNetCore.Diagnostics;

namespace Lockstep.Server.Rest;

/// <summary>Puts the HTTP API together.</summary>
internal static class RestApi
{
    /// <summary>Limits that a stranger cannot exceed.</summary>
    public static void Configure(WebApplicationBuilder builder) => builder.WebHost.ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = Bodies.BytesMax;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        kestrel.Limits.MaxConcurrentConnections = 1_000;
    });

    /// <summary>Puts all routes up behind the gate.</summary>
    public static void Map(WebApplication app, IDesk desk, string? apiKey, string version)
    {
        app.UseExceptionHandler(handler => handler.Run(http =>
        {
            var error = http.Features.Get<IExceptionHandlerFeature>()?.Error;
            return error is BadHttpRequestException bad
                ? Problem.Of(bad.StatusCode, "bad-request", "The request is not valid.", bad.Message, "Correct the request.").ExecuteAsync(http)
                : Problem.Of(500, "internal", "The server made a mistake.", "Something went wrong while answering; the log has it.",
                    "If this was an order, ask for it under /requests/{clientId} before sending it again.").ExecuteAsync(http);
        }));
        var gate = new Gate(apiKey);
        app.Use(next => http => gate.Invoke(http, next));
        app.MapGet("/healthz", () => RestJson.Ok(new { Status = desk.Halted.Count == 0 ? "ok" : "degraded", Version = version }));
        var v1 = app.MapGroup("/v1");
        AccountEndpoints.Map(v1, desk);
        LinkEndpoints.Map(v1, desk);
        app.MapFallback((HttpContext http) => Problem.NotFound($"There is no {http.Request.Method} {http.Request.Path}.", "See docs/rest-api.md for the paths."));
    }
}

using Lockstep.Server.Configuration;
using Lockstep.Server.Security;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Lockstep.Server.Rest;

/// <summary>Puts the HTTP API together.</summary>
internal static class RestApi
{
    /// <summary>Limits that a stranger cannot exceed.</summary>
    public static void Configure(WebApplicationBuilder builder, LimitsConfig limits)
    {
        builder.Services.AddCors();
        builder.WebHost.ConfigureKestrel(kestrel => Limit(kestrel, limits));
    }

    private static void Limit(KestrelServerOptions kestrel, LimitsConfig limits)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = Bodies.BytesMax;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        kestrel.Limits.MaxConcurrentConnections = limits.Connections;

        // Whoever sends his headers or his body drop by drop, or takes his answer so, is let go.
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(240, TimeSpan.FromSeconds(5));
        kestrel.Limits.MinResponseDataRate = new MinDataRate(240, TimeSpan.FromSeconds(5));
    }

    private static readonly Operation Life = new("getLife", "GET", "/healthz", Scope.None, "Whether the server lives")
    {
        Topic = "Server", Replies = [new(200, typeof(LifeShape), "It does.")],
    };

    /// <summary>Puts the operations up that need nothing but the desk, behind the gate; others can be added to what is returned.</summary>
    public static Routes Map(WebApplication app, IDesk desk, Guard guard, string version)
    {
        app.Use(next => http => Correlation.InvokeAsync(http, next));
        app.UseExceptionHandler(handler => handler.Run(http =>
        {
            var error = http.Features.Get<IExceptionHandlerFeature>()?.Error;
            return error is BadHttpRequestException bad
                ? Problem.Of(bad.StatusCode, "bad-request", "The request is not valid.", bad.Message, "Correct the request.").ExecuteAsync(http)
                : Problem.Of(500, "internal", "The server made a mistake.", "Something went wrong while answering; the log has it.",
                    "If this was an order, ask for it under /requests/{clientId} before sending it again.").ExecuteAsync(http);
        }));
        guard.Use(app);
        var routes = new Routes(app, new Catalogue(), desk.Directory);
        routes.Map(Life, _ => RestJson.Ok(new LifeShape("ok")));
        AccountEndpoints.Map(routes, desk);
        OrderEndpoints.Map(routes, desk);
        LinkEndpoints.Map(routes, desk);
        JournalEndpoints.Map(routes, desk);
        KeyEndpoints.Map(routes, guard, desk.Directory);
        AuditEndpoints.Map(routes, guard, desk.Directory);
        app.MapFallback("{*path}", (HttpContext http) => NothingHere(http, routes.Catalogue)).WithMetadata(Nowhere.Here);
        return routes;
    }

    private static Problem NothingHere(HttpContext http, Catalogue catalogue)
    {
        var methods = catalogue.MethodsAt(http.Request.Path);
        if (methods.Count == 0)
        {
            return Problem.NotFound($"There is no {http.Request.Method} {http.Request.Path}.", "See docs/rest-api.md for the paths.");
        }

        string allowed = string.Join(", ", methods);
        http.Response.Headers.Allow = allowed;
        return Problem.Of(405, "wrong-method", "The path takes other methods.", $"There is no {http.Request.Method} {http.Request.Path}.", $"Use {allowed}.");
    }
}

using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using Lockstep.Server.Hosting;
using Lockstep.Server.Rest;
using Lockstep.Server.Security;

namespace Lockstep.Server.Metrics;

/// <summary>Metrics and readiness over HTTP, and the counting of requests.</summary>
internal static class OpsEndpoints
{
    private static readonly Operation Ready = new("getReadiness", "GET", "/readyz", Scope.None, "Whether the server is ready to trade")
    {
        Topic = "Server",
        Says = "200 when everything that trading needs is in order, else 503. Without a key only the word; with a key that may read, the reasons too.",
        Replies =
        [
            new(200, typeof(ReadyShape), "It is ready.", """{"status":"ready","checks":[{"name":"groups","ok":true,"detail":"2 run."}]}"""),
            new(503, typeof(ReadyShape), "It is not.", """{"status":"notReady","checks":[{"name":"accounts","ok":false,"detail":"Not to be traded on: prop (down). GET /v1/accounts/{account}/health says why."}]}"""),
        ],
    };

    private static readonly Operation Metrics = new("getMetrics", "GET", "/metrics", Scope.Read, "Metrics in the text format of Prometheus")
    {
        Topic = "Server", Says = "text/plain, version 0.0.4. The metrics are listed in docs/operations.md.", Replies = [new(200, null, "The metrics.")],
    };

    /// <summary>Counts requests from now on and logs those that change something, without their queries and bodies; stands before everything else.</summary>
    public static void Count(WebApplication app, ProductMetrics metrics, ILogger log) => app.Use(next => async http =>
    {
        long began = Stopwatch.GetTimestamp();
        Traces.Enter(http);
        try
        {
            await next(http);
        }
        finally
        {
            bool stood = http.Response.StatusCode == StatusCodes.Status101SwitchingProtocols || http.WebSockets.IsWebSocketRequest;
            var took = Stopwatch.GetElapsedTime(began);
            string operation = OperationOf(http);
            metrics.Requested(operation, http.Response.StatusCode, stood ? null : took);

            // Only what has an operation: paths that strangers make up are no lines of ours.
            bool writes = http.GetEndpoint()?.Metadata.GetMetadata<Operation>() is { Writes: true };
            log.Log(writes ? LogLevel.Information : LogLevel.Debug, "http {CorrelationId} {Operation} {Account} {Status} {TookMs}",
                http.TraceIdentifier, operation, http.Features.Get<Caller>() is null ? null : http.GetRouteValue("account"), http.Response.StatusCode, Math.Round(took.TotalMilliseconds, 3));
        }
    });

    /// <summary>Puts the operations up.</summary>
    public static void Map(Routes routes, WebApplication app, Product product, Gate gate)
    {
        product.Metrics.Meter.CreateObservableCounter("lockstep.auth.refused", () => gate.Refused.Select(r => new Measurement<long>(r.Value, new KeyValuePair<string, object?>("reason", r.Key))),
            "{request}", "Requests that the gate turned away, by reason: unauthorized, key-expired, scope-missing, address-not-allowed, too-many-requests …");

        // The framework's meters belong to a host; another host of this process has its own.
        var factory = app.Services.GetService<IMeterFactory>();
        var host = new MeterBook(meter => factory is not null && ReferenceEquals(meter.Scope, factory) && ProductMetrics.FrameworkMeters.Contains(meter.Name));
        app.Lifetime.ApplicationStopped.Register(host.Dispose);
        routes.Map(Ready, call =>
        {
            var checks = Readiness.Look(product);
            bool ready = checks.All(c => c.Ok);
            bool mayRead = call.Http.Features.Get<Caller>() is { Scope: >= Scope.Read };
            return Results.Json(new ReadyShape(ready ? "ready" : "notReady", mayRead ? checks : null), RestJson.Options, statusCode: ready ? 200 : 503);
        });
        routes.Map(Metrics, _ =>
        {
            var page = new StringBuilder(64 * 1024);
            product.Metrics.Write(page);
            host.Write(page);
            return Results.Text(page.ToString(), PrometheusText.ContentType);
        });
    }

    /// <summary>The operation's name; what is none has no name of its own, or strangers could make up labels.</summary>
    private static string OperationOf(HttpContext http) =>
        http.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<Operation>() is { } operation ? operation.Id
        : http.Request.Path == WebSockets.EaEndpoint.Path ? "ea"
        : "none";
}

using System.Net;
using Lockstep.Simulator;

namespace Lockstep.Server.Cli;

/// <summary>The consent page and the token endpoint of the simulated server, over plain HTTP on a loopback port.</summary>
internal static class CTraderSimulatorOAuth
{
    /// <summary>Where a trader grants access (guide §4).</summary>
    public const string ConsentPath = "/my/settings/openapi/grantingaccess/";

    /// <summary>Where clients that follow older SDKs send the trader (guide §4).</summary>
    public const string OldConsentPath = "/apps/auth";

    /// <summary>Where codes and refresh tokens are exchanged, by GET (guide §4).</summary>
    public const string TokenPath = "/apps/token";

    /// <summary>Not started. <paramref name="onClock"/> runs what it is given on the simulated server's clock.</summary>
    public static WebApplication Create(int port, SimOAuth grants, Func<Func<string>, Task<string>> onClock)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, CommandsOwn>();
        var app = builder.Build();
        app.UseRouting();
        foreach (string path in new[] { ConsentPath, OldConsentPath })
        {
            app.MapMethods(path, ["GET"], async context => await SayAsync(context, "text/html; charset=utf-8", await onClock(() => grants.Page(Query(context)))));
            app.MapMethods(path, ["POST"], context => ConsentAsync(context, grants, onClock));
        }

        app.MapMethods(TokenPath, ["GET"], async context => await SayAsync(context, "application/json", await onClock(() => grants.Token(Query(context)))));
        return app;
    }

    private static async Task ConsentAsync(HttpContext context, SimOAuth grants, Func<Func<string>, Task<string>> onClock)
    {
        if (!context.Request.HasFormContentType)
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        var form = (await context.Request.ReadFormAsync(context.RequestAborted)).ToDictionary(f => f.Key, f => f.Value.ToString(), StringComparer.Ordinal);
        string back = await onClock(() => grants.Consent(form));
        if (back.Length == 0)
        {
            // Who asks for an address that is not registered is sent nowhere; the page says why.
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await SayAsync(context, "text/html; charset=utf-8", await onClock(() => grants.Page(form)));
            return;
        }

        context.Response.StatusCode = StatusCodes.Status302Found;
        context.Response.Headers.Location = back;
    }

    private static Dictionary<string, string> Query(HttpContext context) => context.Request.Query.ToDictionary(q => q.Key, q => q.Value.ToString(), StringComparer.Ordinal);

    private static Task SayAsync(HttpContext context, string type, string text)
    {
        context.Response.ContentType = type;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    /// <summary>A signal is heard by the command.</summary>
    private sealed class CommandsOwn : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

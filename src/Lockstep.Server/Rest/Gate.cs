using System.Net;
using System.Security.Cryptography;
using System.Text;
using Lockstep.Server.Security;
using Microsoft.Net.Http.Headers;

namespace Lockstep.Server.Rest;

/// <summary>
/// Who may come in. With a key: every request but /healthz and the OAuth callback must carry it. Without one (loopback only): a web page that the user has open must not be able to trade
/// through the browser, so that requests under a foreign host name or from a foreign origin are turned away.
/// </summary>
internal sealed class Gate(string? apiKey)
{
    private static readonly Caller TheKey = new("configured", "server.apiKey", Scope.Admin, null);

    // Digests have one length, so that comparing takes the same time whatever was sent.
    private readonly byte[]? _digest = apiKey is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(apiKey));

    /// <summary>The middleware.</summary>
    public Task Invoke(HttpContext context, RequestDelegate next)
    {
        // A trader's browser that comes back from granting access has no key: what it brings is held to its state.
        if (context.Request.Path == "/healthz" || context.Request.Path == CTraderEndpoints.CallbackPath)
        {
            return next(context);
        }

        bool ready = context.Request.Path == "/readyz";
        if (_digest is null)
        {
            return IsLocal(context.Request)
                ? InAsync(context, next, Caller.Local)
                : ready ? next(context)
                : Problem.Of(403, "foreign-origin", "The request comes from elsewhere.",
                    "Without an API key the server answers only requests that are made on this machine, to a loopback name, and not by a web page of another origin.",
                    "Use http://127.0.0.1, or configure server.apiKey.").ExecuteAsync(context);
        }

        if (Sent(context.Request) is { } sent && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(sent)), _digest))
        {
            return InAsync(context, next, TheKey);
        }

        if (ready)
        {
            // Everybody may know whether; the reasons are for who has a key.
            return next(context);
        }

        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"lockstep\"";
        return Problem.Of(401, "unauthorized", "The API key is missing or wrong.",
            "This request needs the API key of the server.", "Send it as 'Authorization: Bearer KEY' or 'X-Api-Key: KEY'.").ExecuteAsync(context);
    }

    private static Task InAsync(HttpContext context, RequestDelegate next, Caller caller)
    {
        context.Features.Set(caller);
        return next(context);
    }

    private static string? Sent(HttpRequest request)
    {
        if (request.Headers.TryGetValue("X-Api-Key", out var own) && own.Count == 1)
        {
            return own[0];
        }

        return request.Headers.Authorization is [{ } header] && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..].Trim() : null;
    }

    private static bool IsLocal(HttpRequest request) =>
        IsLoopbackName(request.Host.Host)
        && (!request.Headers.TryGetValue(HeaderNames.Origin, out var origin) || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && IsLoopbackName(uri.Host)));

    private static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}

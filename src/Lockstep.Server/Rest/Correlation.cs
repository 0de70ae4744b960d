using System.Text.RegularExpressions;

namespace Lockstep.Server.Rest;

/// <summary>
/// The id under which one request is found again in answers, the log and the audit log: the client's own (X-Correlation-Id, else X-Request-ID) when it is a plain word, else one that the server makes. It is
/// the request's <see cref="HttpContext.TraceIdentifier"/> and stands on every answer.
/// </summary>
internal static partial class Correlation
{
    /// <summary>The header.</summary>
    public const string Header = "X-Correlation-Id";

    private const string OtherHeader = "X-Request-ID";

    /// <summary>The middleware; nothing may stand before it.</summary>
    public static Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        http.TraceIdentifier = Sent(http.Request, Header) ?? Sent(http.Request, OtherHeader) ?? Guid.NewGuid().ToString("N");
        http.Response.OnStarting(static state =>
        {
            var context = (HttpContext)state;
            context.Response.Headers[Header] = context.TraceIdentifier;
            if (context.Request.Headers.ContainsKey(OtherHeader))
            {
                context.Response.Headers[OtherHeader] = context.TraceIdentifier;
            }

            return Task.CompletedTask;
        }, http);
        return next(http);
    }

    /// <summary>The id of a request.</summary>
    public static string Of(HttpContext http) => http.TraceIdentifier;

    private static string? Sent(HttpRequest request, string header) => request.Headers.TryGetValue(header, out var values) && values is [{ } one] && Plain().IsMatch(one) ? one : null;

    [GeneratedRegex("^[A-Za-z0-9._-]{1,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();
}

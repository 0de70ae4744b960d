using System.Net;
using System.Text;

namespace Lockstep.Server.Rest;

/// <summary>The page that a trader sees when his browser comes back. It loads nothing, runs nothing, and tells its address, which holds the code, to nobody.</summary>
internal sealed class CallbackPage(int status, string title, IReadOnlyList<string> lines) : IResult
{
    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        Guard(response);
        var text = new StringBuilder("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Lockstep</title></head>\n<body>\n<h1>").Append(WebUtility.HtmlEncode(title)).Append("</h1>\n");
        foreach (string line in lines.Where(l => l.Length > 0))
        {
            text.Append("<p>").Append(WebUtility.HtmlEncode(line)).Append("</p>\n");
        }

        response.ContentType = "text/html; charset=utf-8";
        return response.WriteAsync(text.Append("</body></html>\n").ToString(), httpContext.RequestAborted);
    }

    /// <summary>Headers of every answer to the callback.</summary>
    public static void Guard(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        response.Headers.XContentTypeOptions = "nosniff";
    }
}

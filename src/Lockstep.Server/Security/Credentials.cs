using System.Text;
using Lockstep.Server.Rest;
using Microsoft.Net.Http.Headers;

namespace Lockstep.Server.Security;

/// <summary>
/// Where a request may carry its key: <c>Authorization: Bearer</c> and <c>X-Api-Key</c> everywhere; HTTP Basic, the key as the password, on the faces that other programs know; a WebSocket subprotocol where
/// browsers join the stream, as they can send no header of their own. Never in the address's query: addresses are written into logs.
/// </summary>
internal static class Credentials
{
    /// <summary>What a subprotocol that carries a key begins with.</summary>
    public const string SubprotocolPrefix = "lockstep.key.";

    private const string BearerPrefix = "Bearer ";
    private const string BasicPrefix = "Basic ";
    private const int LengthMost = 1024;

    /// <summary>The key in the headers; null = none where this operation takes one.</summary>
    public static string? InHeaders(HttpRequest request, Operation? operation)
    {
        if (request.Headers.TryGetValue("X-Api-Key", out var own) && own is [{ Length: > 0 and <= LengthMost } key])
        {
            return key;
        }

        if (request.Headers.Authorization is [{ Length: <= LengthMost } header])
        {
            if (header.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase))
            {
                return header[BearerPrefix.Length..].Trim();
            }

            if (header.StartsWith(BasicPrefix, StringComparison.OrdinalIgnoreCase) && TakesBasic(request, operation))
            {
                return Password(header[BasicPrefix.Length..].Trim());
            }
        }

        return request.Path.StartsWithSegments("/v1/stream") ? Subprotocol(request) : null;
    }

    /// <summary>True when the key came as HTTP Basic, which a browser may send by itself.</summary>
    public static bool IsBasic(HttpRequest request) => request.Headers.Authorization.ToString().StartsWith(BasicPrefix, StringComparison.OrdinalIgnoreCase);

    private static bool TakesBasic(HttpRequest request, Operation? operation) => operation is { Face: true } || request.Path.StartsWithSegments("/ws");

    private static string? Password(string base64)
    {
        Span<byte> bytes = stackalloc byte[LengthMost];
        if (!Convert.TryFromBase64String(base64, bytes, out int length))
        {
            return null;
        }

        string text = Encoding.UTF8.GetString(bytes[..length]);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : text[(colon + 1)..];
    }

    // Taken out of the header, so that whoever chooses among the subprotocols, or logs them, does not see it.
    private static string? Subprotocol(HttpRequest request)
    {
        string[] offered = request.Headers.GetCommaSeparatedValues(HeaderNames.SecWebSocketProtocol);
        string? with = offered.FirstOrDefault(p => p.StartsWith(SubprotocolPrefix, StringComparison.Ordinal));
        if (with is null)
        {
            return null;
        }

        request.Headers[HeaderNames.SecWebSocketProtocol] = string.Join(", ", offered.Where(p => !p.StartsWith(SubprotocolPrefix, StringComparison.Ordinal)));
        return with[SubprotocolPrefix.Length..];
    }
}

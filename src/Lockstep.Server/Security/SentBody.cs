using Lockstep.Server.Rest;

namespace Lockstep.Server.Security;

/// <summary>A request's body, read once for all who look at it before the operation does.</summary>
/// <param name="Bytes">The bytes.</param>
internal sealed record SentBody(byte[] Bytes)
{
    /// <summary>Reads the body, at most as much as the server takes, and puts it back in its place; a problem when there is more of it.</summary>
    public static async Task<(SentBody? Body, Problem? Problem)> ReadAsync(HttpContext http)
    {
        if (http.Features.Get<SentBody>() is { } read)
        {
            return (read, null);
        }

        try
        {
            using var buffer = new MemoryStream();
            await http.Request.Body.CopyToAsync(buffer, http.RequestAborted);
            var body = new SentBody(buffer.ToArray());
            http.Request.Body = new MemoryStream(body.Bytes, writable: false);
            http.Features.Set(body);
            return (body, null);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return (null, Bodies.TooLarge());
        }
    }
}

using System.Net;
using Lockstep.MetaTrader.Wire;
using Lockstep.Server.Rest;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Lockstep.Server.WebSockets;

/// <summary>The server's half of the opening handshake (RFC 6455 §4.2), for terminals and users alike.</summary>
internal static class WsUpgrade
{
    /// <summary>Why the request opens no WebSocket; null = it may.</summary>
    public static Problem? Refusal(HttpContext http, string place)
    {
        var headers = http.Request.Headers;
        if (!HttpMethods.IsGet(http.Request.Method) || http.Request.Protocol != HttpProtocol.Http11 || http.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true }
            || !headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase))
        {
            http.Response.Headers.Upgrade = "websocket";
            return Wrong(426, place, "Send a WebSocket handshake over HTTP/1.1 (RFC 6455).");
        }

        if (headers.SecWebSocketVersion != "13")
        {
            http.Response.Headers.SecWebSocketVersion = "13";
            return Wrong(426, $"Sec-WebSocket-Version is '{Short(headers.SecWebSocketVersion.ToString())}'.", "Send Sec-WebSocket-Version: 13.");
        }

        Span<byte> nonce = stackalloc byte[16];
        string key = headers.SecWebSocketKey.ToString();
        return key.Length != 24 || !Convert.TryFromBase64String(key, nonce, out int length) || length != 16
            ? Wrong(400, "Sec-WebSocket-Key is not 16 bytes in base64.", "Send a key as RFC 6455 has it.")
            : null;
    }

    /// <summary>Answers the handshake, and runs the connection to its end; the link hears of the end before this returns.</summary>
    /// <param name="http">The request, found good by <see cref="Refusal"/>.</param>
    /// <param name="connection">The connection, not open yet.</param>
    /// <param name="link">Where its messages go.</param>
    /// <param name="protocol">The subprotocol that was agreed on; null = none.</param>
    /// <param name="log">For mistakes of ours.</param>
    public static async Task RunAsync(HttpContext http, WsConnection connection, IWsLink link, string? protocol, ILogger log)
    {
        try
        {
            // A link that is slow is closed by our own limit; Kestrel's rates are made for downloads.
            if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            {
                rate.MinDataRate = null;
            }

            http.Response.Headers.Upgrade = "websocket";
            http.Response.Headers.SecWebSocketAccept = WsHandshake.Accept(http.Request.Headers.SecWebSocketKey.ToString());
            if (protocol is not null)
            {
                http.Response.Headers.SecWebSocketProtocol = protocol;
            }

            await http.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or InvalidOperationException)
        {
            link.Closed("the connection broke while it was upgraded");
            return;
        }

        // The stream that comes of the upgrade is passed over: it stands on this same pipe, with a copy each way.
        await connection.RunAsync(http.Features.GetRequiredFeature<IConnectionTransportFeature>().Transport, link, log);
    }

    /// <summary>Where a request comes from: <c>127.0.0.1</c>.</summary>
    public static string Remote(HttpContext http)
    {
        var address = http.Connection.RemoteIpAddress ?? IPAddress.None;
        return (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
    }

    /// <summary>A handshake that is refused.</summary>
    public static Problem Wrong(int status, string detail, string advice) => Problem.Of(status, "no-websocket", "The handshake is not valid.", detail, advice);

    private static string Short(string text) => text.Length <= 20 ? text : text[..20] + "…";
}

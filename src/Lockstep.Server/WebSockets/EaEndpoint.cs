using System.Net;
using Lockstep.MetaTrader.Session;
using Lockstep.MetaTrader.Wire;
using Lockstep.Server.Rest;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Lockstep.Server.WebSockets;

/// <summary>
/// <c>GET /ea</c>: where terminals come in (contracts/ea/PROTOCOL.md §1). It stands before the API key's gate: a terminal is known by the key in its hello, and nothing is
/// done for it before that.
/// </summary>
internal sealed class EaEndpoint(Func<ITerminalTransport, IEaLink?> connect, int terminalsMax, ILogger log)
{
    /// <summary>The path.</summary>
    public const string Path = "/ea";

    private readonly HashSet<EaConnection> _open = [];
    private bool _stopping;

    /// <summary>Connections that are open.</summary>
    public int Count
    {
        get
        {
            lock (_open)
            {
                return _open.Count;
            }
        }
    }

    /// <summary>What Kestrel must allow: links stand for days, and say nothing for seconds.</summary>
    public static void Configure(KestrelServerOptions kestrel)
    {
        kestrel.Limits.MaxConcurrentUpgradedConnections = null;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
    }

    /// <summary>Puts the endpoint up; call it before anything that asks for the API key. When the host stops, every connection is closed in order.</summary>
    public void Map(WebApplication app)
    {
        app.Use(next => http => http.Request.Path == Path ? RunAsync(http) : next(http));
        app.Lifetime.ApplicationStopping.Register(CloseAll);
    }

    private async Task RunAsync(HttpContext http)
    {
        if (Refusal(http) is { } problem)
        {
            await problem.ExecuteAsync(http);
            return;
        }

        var address = http.Connection.RemoteIpAddress ?? IPAddress.None;
        var connection = new EaConnection(http, (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString());
        if (!Enter(connection))
        {
            http.Response.Headers.RetryAfter = "30";
            await Problem.Of(503, "too-many-terminals", "There is no room for another terminal.", "The server stops, or as many terminals are connected as server.ea.maxTerminals allows.",
                "Try again later.").ExecuteAsync(http);
            return;
        }

        try
        {
            if (connect(connection) is not { } link)
            {
                http.Response.Headers.RetryAfter = "1";
                await Problem.Of(429, "too-many-connections", "Too many connections.", $"Too many connections a second come from {connection.Remote}.", "Wait longer between tries.").ExecuteAsync(http);
                return;
            }

            await UpgradeAsync(http, connection, link);
        }
        finally
        {
            lock (_open)
            {
                _open.Remove(connection);
            }
        }
    }

    private async Task UpgradeAsync(HttpContext http, EaConnection connection, IEaLink link)
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
            http.Response.Headers.SecWebSocketProtocol = WsHandshake.Protocol;
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

    private bool Enter(EaConnection connection)
    {
        lock (_open)
        {
            return !_stopping && _open.Count < terminalsMax && _open.Add(connection);
        }
    }

    private void CloseAll()
    {
        EaConnection[] all;
        lock (_open)
        {
            _stopping = true;
            all = [.. _open];
        }

        foreach (var connection in all)
        {
            connection.Close(WsClose.GoingAway, "the server stops");
        }
    }

    private static Problem? Refusal(HttpContext http)
    {
        var headers = http.Request.Headers;
        if (!HttpMethods.IsGet(http.Request.Method) || http.Request.Protocol != HttpProtocol.Http11 || http.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true }
            || !headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase))
        {
            http.Response.Headers.Upgrade = "websocket";
            return Wrong(426, "This is where terminals connect by WebSocket.", "Send a WebSocket handshake over HTTP/1.1 (RFC 6455).");
        }

        if (headers.SecWebSocketVersion != "13")
        {
            http.Response.Headers.SecWebSocketVersion = "13";
            return Wrong(426, $"Sec-WebSocket-Version is '{Short(headers.SecWebSocketVersion.ToString())}'.", "Send Sec-WebSocket-Version: 13.");
        }

        Span<byte> nonce = stackalloc byte[16];
        string key = headers.SecWebSocketKey.ToString();
        if (key.Length != 24 || !Convert.TryFromBase64String(key, nonce, out int length) || length != 16)
        {
            return Wrong(400, "Sec-WebSocket-Key is not 16 bytes in base64.", "Send a key as RFC 6455 has it.");
        }

        if (!headers.GetCommaSeparatedValues("Sec-WebSocket-Protocol").Contains(WsHandshake.Protocol, StringComparer.Ordinal))
        {
            return Wrong(400, $"Sec-WebSocket-Protocol does not name {WsHandshake.Protocol}.", $"Send Sec-WebSocket-Protocol: {WsHandshake.Protocol}.");
        }

        // No terminal sends one; a web page that the user has open always does.
        return headers.Origin.Count > 0 ? Wrong(403, "The request comes from a web page.", "Terminals send no Origin.") : null;
    }

    private static string Short(string text) => text.Length <= 20 ? text : text[..20] + "…";

    private static Problem Wrong(int status, string detail, string advice) => Problem.Of(status, "no-websocket", "The handshake is not valid.", detail, advice);
}

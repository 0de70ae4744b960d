using Lockstep.MetaTrader.Session;
using Lockstep.MetaTrader.Wire;
using Lockstep.Server.Rest;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Lockstep.Server.WebSockets;

/// <summary>
/// <c>GET /ea</c>: where terminals come in (contracts/ea/PROTOCOL.md §1). It stands before the API key's gate: a terminal is known by the key in its hello, and nothing is
/// done for it before that.
/// </summary>
internal sealed class EaEndpoint(Func<ITerminalTransport, IWsLink?> connect, int terminalsMax, ILogger log)
{
    /// <summary>The path.</summary>
    public const string Path = "/ea";

    private readonly HashSet<WsConnection> _open = [];
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

        var connection = new WsConnection(http, WsUpgrade.Remote(http));
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

            await WsUpgrade.RunAsync(http, connection, link, WsHandshake.Protocol, log);
        }
        finally
        {
            lock (_open)
            {
                _open.Remove(connection);
            }
        }
    }

    private bool Enter(WsConnection connection)
    {
        lock (_open)
        {
            return !_stopping && _open.Count < terminalsMax && _open.Add(connection);
        }
    }

    private void CloseAll()
    {
        WsConnection[] all;
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
        if (WsUpgrade.Refusal(http, "This is where terminals connect by WebSocket.") is { } wrong)
        {
            return wrong;
        }

        if (!http.Request.Headers.GetCommaSeparatedValues("Sec-WebSocket-Protocol").Contains(WsHandshake.Protocol, StringComparer.Ordinal))
        {
            return WsUpgrade.Wrong(400, $"Sec-WebSocket-Protocol does not name {WsHandshake.Protocol}.", $"Send Sec-WebSocket-Protocol: {WsHandshake.Protocol}.");
        }

        // No terminal sends one; a web page that the user has open always does.
        return http.Request.Headers.Origin.Count > 0 ? WsUpgrade.Wrong(403, "The request comes from a web page.", "Terminals send no Origin.") : null;
    }
}

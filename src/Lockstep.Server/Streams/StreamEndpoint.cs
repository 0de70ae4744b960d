using Lockstep.Server.Configuration;
using Lockstep.Server.Rest;
using Lockstep.Server.Security;
using Lockstep.Server.WebSockets;
using Microsoft.AspNetCore.Connections.Features;

namespace Lockstep.Server.Streams;

/// <summary>Where users connect by WebSocket. The gate stands before it: who asks is known.</summary>
internal sealed class StreamEndpoint(StreamHub hub, ILogger log)
{
    /// <summary>The subprotocol that is answered when it is offered.</summary>
    public const string Protocol = "lockstep.stream.1";

    /// <summary><c>GET /v1/stream</c>.</summary>
    public static readonly Operation Stream = new("stream", "GET", "/v1/stream", Scope.Read, "Events and latest values of any accounts, by WebSocket")
    {
        Topic = "Streams",
        Says = "A WebSocket (RFC 6455). What is said on it: docs/streams.md.",
        Replies = [new Reply(101, null, "The WebSocket is open.")],
        Problems = [(400, "no-websocket"), (426, "no-websocket"), (503, "too-many-streams")],
    };

    /// <summary><c>GET /ws/{account}/{client}</c>.</summary>
    public static readonly Operation Face = new("faceStream", "GET", "/ws/{account}/{client}", Scope.Read, "An account's state, prices and candles, by WebSocket, for existing programs")
    {
        Topic = "Streams",
        Says = "A WebSocket (RFC 6455), as the MT5 service of before has it. What is said on it: docs/streams.md.",
        Parts = [new Key("client", new TextShape("^.{1,200}$", "any text up to 200 characters"), "The program's own name of the connection.")],
        Replies = [new Reply(101, null, "The WebSocket is open.")],
        Problems = [(400, "no-websocket"), (426, "no-websocket"), (503, "too-many-streams")],
        Face = true,
    };

    /// <summary>Puts the routes up. When the host stops, every connection is closed in order.</summary>
    public void Map(WebApplication app, Catalogue catalogue)
    {
        catalogue.Map(app, Stream, (HttpContext http) => RunAsync(http, connection => new CanonicalClient(hub, connection, http.Caller())));
        catalogue.Map(app, Face, (HttpContext http, string account) => Routes.Closed(hub.Desk.Directory, http.Caller(), account, out var found) is { } closed
            ? Task.FromResult<IResult>(closed)
            : RunAsync(http, connection => new FaceClient(hub, connection, http.Caller(), found)));
        app.Lifetime.ApplicationStopping.Register(hub.CloseAll);
    }

    private async Task<IResult> RunAsync(HttpContext http, Func<WsConnection, StreamClient> client)
    {
        if (WsUpgrade.Refusal(http, "This is where users connect by WebSocket.") is { } problem)
        {
            return problem;
        }

        if (!hub.Enter())
        {
            http.Response.Headers.RetryAfter = "30";
            return Problem.Of(503, "too-many-streams", "There is no room for another stream.", $"The server stops, or {hub.Limits.Connections} streams are open, which is the limit.", "Try again later.");
        }

        try
        {
            if (http.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
            {
                socket.SendBufferSize = hub.Limits.SocketBuffer;
            }

            var connection = new WsConnection(http, WsUpgrade.Remote(http));
            string? protocol = http.Request.Headers.GetCommaSeparatedValues("Sec-WebSocket-Protocol").Contains(Protocol, StringComparer.Ordinal) ? Protocol : null;
            await WsUpgrade.RunAsync(http, connection, client(connection), protocol, log);
            return Results.Empty;
        }
        finally
        {
            hub.Leave();
        }
    }
}

using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Lockstep.Client.Tests;

/// <summary>A server of /v1/stream that says what the test says.</summary>
internal sealed class StreamServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<Peer> _peers = Channel.CreateUnbounded<Peer>();

    private StreamServer(WebApplication app) => _app = app;

    public LockstepClientOptions Options => new() { Address = new Uri(_app.Urls.Single()), Key = "the-key", Pause = TimeSpan.FromMilliseconds(1), LongestPause = TimeSpan.FromMilliseconds(5) };

    public static async Task<StreamServer> StartAsync(int refuse = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new StreamServer(app);
        app.UseWebSockets();
        app.Run(async http =>
        {
            if (refuse != 0 || http.Request.Headers.Authorization != "Bearer the-key")
            {
                http.Response.StatusCode = refuse == 0 ? 401 : refuse;
                return;
            }

            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            var peer = new Peer(socket);
            await peer.SayAsync("""{"type":"hello","protocol":1,"server":"t","instance":"i1","first":1,"last":10,"at":"2026-01-01T00:00:00.000Z"}""");
            server._peers.Writer.TryWrite(peer);
            await peer.Ended;
        });
        await app.StartAsync();
        return server;
    }

    /// <summary>The next one that connects.</summary>
    public async Task<Peer> NextAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await _peers.Reader.ReadAsync(patience.Token);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    internal sealed class Peer(WebSocket socket)
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ended => _ended.Task;

        public Task SayAsync(string json) => socket.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

        public async Task<JsonElement> HearAsync()
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            byte[] buffer = new byte[64 * 1024];
            var got = await socket.ReceiveAsync(buffer.AsMemory(), patience.Token);
            return JsonDocument.Parse(buffer.AsMemory(0, got.Count)).RootElement.Clone();
        }

        public Task AgreeAsync(long after) => SayAsync($$"""{"type":"subscribed","id":"1","topics":["events"],"after":{{after}}}""");

        public Task EventAsync(long seq) => SayAsync($$$"""{"type":"event","seq":{{{seq}}},"at":"2026-01-01T00:00:00.000Z","kind":"deal","account":"a","deal":{"deal":{{{seq}}},"symbol":"EURUSD","side":"buy","volume":0.1}}""");

        /// <summary>The network goes.</summary>
        public void Cut()
        {
            socket.Abort();
            _ended.TrySetResult();
        }
    }
}

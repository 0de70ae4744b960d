using System.Text;
using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Server.Rest;
using Lockstep.Server.Security;
using Lockstep.Server.Streams;
using Lockstep.Server.Tests.WebSockets;
using Lockstep.Server.WebSockets;
using Lockstep.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lockstep.Server.Tests.Streams;

/// <summary>Streams on a real Kestrel at a free loopback port, over a fake product and a clock that the test moves.</summary>
internal sealed class StreamHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StreamHost(WebApplication app, FakeStreamDesk desk, StreamHub hub, ManualTime time) => (_app, Desk, Hub, Time, Port) = (app, desk, hub, time, new Uri(app.Urls.Single()).Port);

    public FakeStreamDesk Desk { get; }

    public StreamHub Hub { get; }

    public ManualTime Time { get; }

    public int Port { get; }

    public static async Task<StreamHost> StartAsync(FakeStreamDesk? desk = null, StreamLimits? limits = null, Caller? caller = null)
    {
        desk ??= new FakeStreamDesk();
        var time = new ManualTime();
        var hub = new StreamHub(desk, time, NullLogger.Instance, limits);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            EaEndpoint.Configure(kestrel);
            kestrel.Listen(System.Net.IPAddress.Loopback, 0);
        });
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        app.Use(next => http =>
        {
            http.Features.Set(caller ?? Caller.Local);
            return next(http);
        });
        new StreamEndpoint(hub, NullLogger.Instance).Map(app, new Catalogue());
        hub.Start();
        await app.StartAsync();
        return new StreamHost(app, desk, hub, time);
    }

    /// <summary>A client whose hello was read.</summary>
    public async Task<StreamReader> ConnectAsync(string target = "/v1/stream")
    {
        var raw = await OpenAsync(target);
        var reader = new StreamReader(raw);
        Assert.Equal("hello", (await reader.NextAsync()).GetProperty("type").GetString());
        return reader;
    }

    /// <summary>A client whose handshake was answered.</summary>
    public async Task<RawClient> OpenAsync(string target)
    {
        var raw = await RawClient.OpenAsync(Port);
        Assert.StartsWith("HTTP/1.1 101 ", await raw.HandshakeAsync(target: target), StringComparison.Ordinal);
        return raw;
    }

    /// <summary>Waits until the pump has done all that was given to it before.</summary>
    public Task SettledAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // The second one comes after a whole turn of the pump.
        Hub.Post(() => Hub.Post(done.SetResult));
        return done.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await Hub.DisposeAsync();
    }
}

/// <summary>Reads messages, answers nothing; pings are passed over.</summary>
internal sealed class StreamReader(RawClient raw) : IDisposable
{
    public RawClient Raw => raw;

    public Task SendAsync(string json) => raw.SendAsync(json);

    /// <summary>The next message; fails when the connection ends.</summary>
    public async Task<JsonElement> NextAsync() => await TryNextAsync() ?? throw new InvalidOperationException("the connection ended");

    /// <summary>The next message; null at the end of the connection.</summary>
    public async Task<JsonElement?> TryNextAsync()
    {
        while (await raw.ReceiveAsync() is { } frame)
        {
            if (frame.Opcode == 8)
            {
                return null;
            }

            if (frame.Opcode == 1)
            {
                return JsonDocument.Parse(Encoding.UTF8.GetString(frame.Payload)).RootElement;
            }
        }

        return null;
    }

    /// <summary>The next message of a type; others are passed over.</summary>
    public async Task<JsonElement> NextAsync(string type)
    {
        while (true)
        {
            var message = await NextAsync();
            if (message.GetProperty("type").GetString() == type)
            {
                return message;
            }
        }
    }

    public void Dispose() => raw.Dispose();
}

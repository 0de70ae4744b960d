using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lockstep.MetaTrader.Session;
using Lockstep.Server.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lockstep.Server.Tests.WebSockets;

/// <summary>The endpoint on a real Kestrel at a free loopback port; each connection's messages go to an end of the test's making.</summary>
internal sealed class EaHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly EaEndpoint _endpoint;

    private EaHost(WebApplication app, EaEndpoint endpoint, ConcurrentQueue<TestEnd> ends, X509Certificate2? certificate) =>
        (_app, _endpoint, Ends, Certificate, Port) = (app, endpoint, ends, certificate, new Uri(app.Urls.Single()).Port);

    public int Port { get; }

    public X509Certificate2? Certificate { get; }

    public ConcurrentQueue<TestEnd> Ends { get; }

    public int Open => _endpoint.Count;

    public static async Task<EaHost> StartAsync(Action<TestEnd, string>? received = null, Func<int, bool>? accepts = null, int most = 10_000, bool tls = false)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var certificate = tls ? SelfSigned() : null;
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            EaEndpoint.Configure(kestrel);
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                if (certificate is not null)
                {
                    listen.UseHttps(new Microsoft.AspNetCore.Server.Kestrel.Https.HttpsConnectionAdapterOptions { ServerCertificate = certificate });
                }
            });
        });
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var ends = new ConcurrentQueue<TestEnd>();
        int count = 0;
        var endpoint = new EaEndpoint(
            transport =>
            {
                if (accepts?.Invoke(Interlocked.Increment(ref count)) == false)
                {
                    return null;
                }

                var end = new TestEnd(transport, received ?? ((own, text) => own.Transport.Send(System.Text.Encoding.UTF8.GetBytes(text))));
                ends.Enqueue(end);
                return end;
            },
            most,
            NullLogger.Instance);
        endpoint.Map(app);
        app.Run(http =>
        {
            http.Response.StatusCode = 404;
            return Task.CompletedTask;
        });
        await app.StartAsync();
        return new EaHost(app, endpoint, ends, certificate);
    }

    public async Task<RawClient> ConnectAsync()
    {
        var client = await RawClient.OpenAsync(Port, Certificate is not null);
        string answer = await client.HandshakeAsync();
        Assert.StartsWith("HTTP/1.1 101 ", answer, StringComparison.Ordinal);
        return client;
    }

    public async Task StopAsync() => await _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Certificate?.Dispose();
    }

    public static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}

/// <summary>A link's end that notes what it hears.</summary>
internal sealed class TestEnd(ITerminalTransport transport, Action<TestEnd, string> received) : IWsLink
{
    private readonly TaskCompletionSource<string> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _closes;

    public ITerminalTransport Transport => transport;

    public Task<string> WhenClosed => _closed.Task;

    public int Closes => _closes;

    public void Received(ReadOnlySpan<byte> text)
    {
        Assert.Equal(0, _closes);
        received(this, System.Text.Encoding.UTF8.GetString(text));
    }

    public void Closed(string why)
    {
        Interlocked.Increment(ref _closes);
        _closed.TrySetResult(why);
    }
}

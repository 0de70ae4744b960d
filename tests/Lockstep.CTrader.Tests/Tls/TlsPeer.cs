using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Lockstep.CTrader.Session;

namespace Lockstep.CTrader.Tests.Tls;

/// <summary>A server on a free loopback port that takes one connection and does as it is told.</summary>
internal sealed class TlsPeer : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _serving;

    private TlsPeer(Func<TcpClient, Task> serve)
    {
        _listener.Start();
        _serving = ServeAsync(serve);
    }

    public OpenApiAddress Address => new("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);

    /// <summary>TLS, then what is given; the connection stays open until the test is over, or it is closed there.</summary>
    public static TlsPeer Serve(X509Certificate2 certificate, Func<SslStream, Task> talk, SslProtocols protocols = SslProtocols.None) => new(async client =>
    {
        await using var tls = new SslStream(client.GetStream());
        var options = new SslServerAuthenticationOptions { ServerCertificate = certificate, EnabledSslProtocols = protocols };
        await tls.AuthenticateAsServerAsync(options);
        await talk(tls);
    });

    /// <summary>No TLS.</summary>
    public static TlsPeer ServePlain(Func<TcpClient, Task> talk) => new(talk);

    /// <summary>Waits for the test's end.</summary>
    public Task OverAsync() => _over.Task;

    public async ValueTask DisposeAsync()
    {
        _over.TrySetResult();
        _listener.Stop();
        try
        {
            await _serving.WaitAsync(Patience);
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or ObjectDisposedException)
        {
            // The other side went first: that is its right.
        }
    }

    private async Task ServeAsync(Func<TcpClient, Task> serve)
    {
        using var client = await _listener.AcceptTcpClientAsync();
        client.NoDelay = true;
        await serve(client);
    }
}

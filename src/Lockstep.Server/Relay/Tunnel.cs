using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Lockstep.Server.Relay;

/// <summary>Carries bytes between a loopback port and the server, with TLS on the server's side: for a terminal that speaks WebSocket itself but no TLS.</summary>
internal sealed class Tunnel(IPEndPoint listen, RelayTarget target, RelayLog log) : IDisposable
{
    private const int BufferSize = 16 * 1024;
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(10);
    private readonly TcpListener _listener = new(listen);
    private int _count;

    /// <summary>Where it listens, once it was started.</summary>
    public IPEndPoint At => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Begins to listen. A <see cref="SocketException"/> says why not.</summary>
    public void Start() => _listener.Start();

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    /// <summary>Carries until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var carrying = new HashSet<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(stop);
                carrying.RemoveWhere(t => t.IsCompleted);
                carrying.Add(CarryAsync(client, stop));
            }
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            _listener.Stop();
            await Task.WhenAll(carrying);
        }
    }

    private async Task CarryAsync(TcpClient client, CancellationToken stop)
    {
        string name = $"tunnel {Interlocked.Increment(ref _count)}", why = "done";
        using var near = client;
        try
        {
            near.NoDelay = true;
            using var far = new TcpClient { NoDelay = true };
            using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
            await using var server = await ConnectAsync(far, end.Token);
            log.Write(name, "connected");
            var there = CopyAsync(near.GetStream(), server, end.Token);
            var back = CopyAsync(server, near.GetStream(), end.Token);

            // When one side is done the other gets a moment for its last words.
            await Task.WhenAny(there, back);
            end.CancelAfter(TimeSpan.FromSeconds(1));
            await Task.WhenAll(there, back);
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException or AuthenticationException)
        {
            why = error is OperationCanceledException ? "ended" : error.Message;
        }

        log.Write(name, $"closed: {why}");
    }

    private async Task<Stream> ConnectAsync(TcpClient far, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(ConnectWithin);
        await far.ConnectAsync(target.Address.DnsSafeHost, target.Address.Port, patience.Token);
        Stream stream = far.GetStream();
        if (!target.Secure)
        {
            return stream;
        }

        var secured = new SslStream(stream);
        await secured.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = target.Address.DnsSafeHost,
                RemoteCertificateValidationCallback = (_, certificate, chain, errors) => target.Accepts(certificate, chain, errors),
            },
            patience.Token);
        return secured;
    }

    // The buffer is all that waits here: who does not read holds up the other side, as on one connection.
    private static async Task CopyAsync(Stream from, Stream to, CancellationToken stop)
    {
        byte[] buffer = new byte[BufferSize];
        int read;
        while ((read = await from.ReadAsync(buffer, stop)) > 0)
        {
            await to.WriteAsync(buffer.AsMemory(0, read), stop);
            await to.FlushAsync(stop);
        }

        if (to is NetworkStream plain)
        {
            plain.Socket.Shutdown(SocketShutdown.Send);
        }
        else if (to is SslStream secured)
        {
            await secured.ShutdownAsync();
        }
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Lockstep.CTrader.Session;

namespace Lockstep.Simulator;

/// <summary>
/// The sockets of the simulated Open API server: TCP and TLS on loopback ports, any number of clients. What they say is brought to the clock's thread; the protocol itself is behind
/// <see cref="SimOpenApi.Connect"/>.
/// </summary>
public sealed class SimOpenApiHost : IAsyncDisposable
{
    private readonly List<Socket> _listeners = [];
    private readonly List<Task> _accepting = [];
    private readonly ConcurrentDictionary<SimOpenApiSocket, Task> _clients = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ISimClock _clock;
    private readonly Func<OpenApiEnvironment, ISimOpenApiClient, SimOpenApiLine?> _connect;
    private readonly SimCertificate _certificate;
    private readonly IPAddress _address;

    /// <summary>Listens nowhere yet.</summary>
    /// <param name="clock">The server's clock; it must take actions from any thread.</param>
    /// <param name="connect">Called on the clock for each connection: <see cref="SimOpenApi.Connect"/>.</param>
    /// <param name="certificate">What clients are shown; not disposed of here.</param>
    /// <param name="address">Where to listen; null = 127.0.0.1.</param>
    public SimOpenApiHost(ISimClock clock, Func<OpenApiEnvironment, ISimOpenApiClient, SimOpenApiLine?> connect, SimCertificate certificate, IPAddress? address = null)
    {
        (_clock, _connect, _certificate, _address) = (clock, connect, certificate, address ?? IPAddress.Loopback);
    }

    /// <summary>Clients that are connected or connecting.</summary>
    public int Clients => _clients.Count;

    /// <summary>
    /// Opens a port and gives its number; 0 takes a free one. A port that cannot be had is a <see cref="SocketException"/>. The Protobuf port frames by length; the JSON port takes one object
    /// after another.
    /// </summary>
    public int Listen(OpenApiEnvironment environment, int port = 0, bool json = false)
    {
        var listener = new Socket(_address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(_address, port));
            listener.Listen(512);
        }
        catch
        {
            listener.Dispose();
            throw;
        }

        _listeners.Add(listener);
        _accepting.Add(AcceptAsync(listener, environment, json));
        return ((IPEndPoint)listener.LocalEndPoint!).Port;
    }

    /// <summary>Closes all ports and connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        foreach (var listener in _listeners)
        {
            listener.Dispose();
        }

        await Task.WhenAll(_accepting).ConfigureAwait(false);
        foreach (var client in _clients.Keys)
        {
            client.Dispose();
        }

        await Task.WhenAll(_clients.Values).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task AcceptAsync(Socket listener, OpenApiEnvironment environment, bool json)
    {
        while (true)
        {
            try
            {
                var accepted = await listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
                Serve(new SimOpenApiSocket(accepted, _clock, client => _connect(environment, client), json, _stop.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // A client that was gone before it was taken; the port lives on.
            }
        }
    }

    private void Serve(SimOpenApiSocket client)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _clients[client] = over.Task;
        _ = ServeAsync(client, over);
    }

    private async Task ServeAsync(SimOpenApiSocket client, TaskCompletionSource over)
    {
        try
        {
            await client.RunAsync(_certificate).ConfigureAwait(false);
        }
        finally
        {
            _clients.TryRemove(client, out _);
            over.SetResult();
        }
    }
}

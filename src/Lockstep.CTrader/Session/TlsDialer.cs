namespace Lockstep.CTrader.Session;

/// <summary>Makes real connections: TCP and TLS 1.2 or 1.3, the server's certificate checked, its name sent along.</summary>
public sealed class TlsDialer : IOpenApiDialer
{
    private readonly TlsDialerOptions _options;

    /// <summary>Nothing is connected yet.</summary>
    public TlsDialer(TlsDialerOptions? options = null) => _options = options ?? new TlsDialerOptions();

    /// <inheritdoc/>
    public IOpenApiWire Dial(OpenApiEnvironment environment, IOpenApiWireEnd end)
    {
        ArgumentNullException.ThrowIfNull(end);
        var wire = new TlsWire(environment == OpenApiEnvironment.Live ? _options.Live : _options.Demo, _options, end);
        wire.Start();
        return wire;
    }
}

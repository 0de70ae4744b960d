namespace Lockstep.CTrader.Session;

/// <summary>
/// The one connection to an environment, shared by all its accounts (guide §4, §5, §6): connects, authenticates the application, beats, watches, paces, knows who waits for what, and comes
/// back after a loss. Everything happens under the hub's lock.
/// </summary>
internal sealed partial class OpenApiConnection
{
    /// <summary>Not connected: it connects when the first seat is taken.</summary>
    public OpenApiConnection(CTraderHub hub, OpenApiEnvironment environment)
    {
        (Hub, Environment) = (hub, environment);
    }

    /// <summary>Its hub.</summary>
    public CTraderHub Hub { get; }

    /// <summary>Where it goes.</summary>
    public OpenApiEnvironment Environment { get; }

    /// <summary>The application is authenticated: accounts may.</summary>
    public bool IsReady { get; private set; }

    /// <summary>How often it was lost and came back.</summary>
    public int Reconnects { get; private set; }

    /// <summary>The last round trip of a request, null before the first.</summary>
    public TimeSpan? RoundTrip { get; private set; }

    /// <summary>When something was last heard, <see cref="CTraderHub.Mono"/>.</summary>
    public long HeardAt { get; private set; }

    /// <summary>Takes a seat. <see cref="IOpenApiSeat.LineUp"/> follows, at once when the connection is ready.</summary>
    public void Sit(IOpenApiSeat seat)
    {
    }

    /// <summary>Leaves: requests of the seat end as lost (those that left) or not sent.</summary>
    public void Leave(IOpenApiSeat seat)
    {
    }

    /// <summary>Takes a request; it leaves when its lane's turn and allowance come, most often inside this call.</summary>
    public void Submit(OpenApiRequest request) => request.Done(new OpenApiEnd(OpenApiEndKind.NotSent, null, null, "not connected"));

    /// <summary>The connection is of no use any more (mute after a lost session): drops it and comes again.</summary>
    public void Drop(string why)
    {
    }
}

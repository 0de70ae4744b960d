using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire;

namespace Lockstep.Simulator;

/// <summary>A client's connection as the simulated server sees it: a TLS socket (Protobuf or JSON), or a wire under a virtual clock. Called on the clock's thread.</summary>
public interface ISimOpenApiClient
{
    /// <summary>Where it comes from, for the log: <c>127.0.0.1:51234</c>.</summary>
    string Remote { get; }

    /// <summary>Sends a message. False = it is gone, or reads nothing.</summary>
    bool Send(OpenApiMessage message);

    /// <summary>Ends the connection; <see cref="SimOpenApiLine.Closed"/> is not called for it.</summary>
    void Close();
}

/// <summary>The simulated server's end of one connection. Called on the clock's thread.</summary>
public abstract class SimOpenApiLine
{
    /// <summary>The environment whose port it came to.</summary>
    public abstract OpenApiEnvironment Environment { get; }

    /// <summary>A message that could be read.</summary>
    public abstract void Received(OpenApiMessage message);

    /// <summary>Bytes that could not be read as a frame or message.</summary>
    public abstract void ReceivedNonsense(string why);

    /// <summary>The client is gone.</summary>
    public abstract void Closed(string why);
}

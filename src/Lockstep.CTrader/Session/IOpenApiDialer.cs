using System.Buffers;

namespace Lockstep.CTrader.Session;

/// <summary>The two sides of the Open API. An account's <c>isLive</c> decides; it is a routing flag and says nothing about real money (guide §2).</summary>
public enum OpenApiEnvironment
{
    /// <summary>demo.ctraderapi.com.</summary>
    Demo = 1,

    /// <summary>live.ctraderapi.com.</summary>
    Live = 2,
}

/// <summary>Makes connections: real ones over TLS, or simulated ones under a clock.</summary>
public interface IOpenApiDialer
{
    /// <summary>
    /// Begins to connect and returns at once. <paramref name="end"/> hears one <see cref="IOpenApiWireEnd.Connected"/> or <see cref="IOpenApiWireEnd.Closed"/>, never from inside this call.
    /// </summary>
    IOpenApiWire Dial(OpenApiEnvironment environment, IOpenApiWireEnd end);
}

/// <summary>Our end of one connection. No call waits, and none calls back from inside.</summary>
public interface IOpenApiWire
{
    /// <summary>Sends the bytes of one frame, length included; they are copied. False = the connection is gone or takes nothing any more.</summary>
    bool Send(ReadOnlySpan<byte> frame);

    /// <summary>Ends the connection; <see cref="IOpenApiWireEnd.Closed"/> is not called for it.</summary>
    void Close();
}

/// <summary>Hears a connection: one call after another, never two at once.</summary>
public interface IOpenApiWireEnd
{
    /// <summary>TLS is up; frames may be sent.</summary>
    void Connected();

    /// <summary>One frame without its length. The bytes are not kept.</summary>
    void Received(ReadOnlySequence<byte> frame);

    /// <summary>The connection could not be made, broke, or spoke nonsense; nothing follows. The reason is for a person.</summary>
    void Closed(string why);
}

using Lockstep.MetaTrader.Session;

namespace Lockstep.Server.WebSockets;

/// <summary>What a connection's messages go to: the hub's link, or a test's.</summary>
internal interface IEaLink
{
    /// <summary>One text message; one at a time. The bytes are not kept.</summary>
    void Received(ReadOnlySpan<byte> text);

    /// <summary>The connection is gone. Called once.</summary>
    void Closed(string why);
}

/// <summary>The hub's link.</summary>
internal sealed class HubLink(TerminalLink link) : IEaLink
{
    /// <summary>A link for a transport, or null when the hub takes none.</summary>
    public static IEaLink? Connect(TerminalHub hub, ITerminalTransport transport) => hub.Connect(transport) is { } link ? new HubLink(link) : null;

    /// <inheritdoc/>
    public void Received(ReadOnlySpan<byte> text) => link.Received(text);

    /// <inheritdoc/>
    public void Closed(string why) => link.Closed(why);
}

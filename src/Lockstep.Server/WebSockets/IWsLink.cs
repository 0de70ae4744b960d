using Lockstep.MetaTrader.Session;
using Lockstep.Runtime;

namespace Lockstep.Server.WebSockets;

/// <summary>What a connection's messages go to: a terminal's link, a user's stream, or a test's.</summary>
internal interface IWsLink
{
    /// <summary>The connection stands and can be sent to. Not called when it was closed before that.</summary>
    void Opened()
    {
    }

    /// <summary>Bytes came, whatever they are, and are taken in between the two calls.</summary>
    void Reading(bool begins)
    {
    }

    /// <summary>One text message; one at a time. The bytes are not kept.</summary>
    void Received(ReadOnlySpan<byte> text);

    /// <summary>All that was sent has left (see <see cref="WsConnection.Ready"/>). From any thread.</summary>
    void Drained()
    {
    }

    /// <summary>The connection is gone. Called once.</summary>
    void Closed(string why);
}

/// <summary>The hub's link.</summary>
internal sealed class HubLink(TerminalLink link) : IWsLink
{
    /// <summary>A link for a transport, or null when the hub takes none.</summary>
    public static IWsLink? Connect(TerminalHub hub, ITerminalTransport transport) => hub.Connect(transport) is { } link ? new HubLink(link) : null;

    /// <summary>All that came is brought in before anything is decided: what came together shares a commit.</summary>
    public void Reading(bool begins)
    {
        if (begins)
        {
            GroupTurn.Begin();
        }
        else
        {
            GroupTurn.End();
        }
    }

    /// <inheritdoc/>
    public void Received(ReadOnlySpan<byte> text) => link.Received(text);

    /// <inheritdoc/>
    public void Closed(string why) => link.Closed(why);
}

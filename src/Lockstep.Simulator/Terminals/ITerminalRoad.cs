namespace Lockstep.Simulator;

/// <summary>The way from a simulated terminal to a server: a socket, or a queue under a virtual clock. One connection at a time; nothing here calls back inside a call.</summary>
public interface ITerminalRoad
{
    /// <summary>Begins to connect. What comes of it, and everything after, goes to <paramref name="end"/>; an older end hears nothing any more.</summary>
    void Connect(ITerminalEnd end);

    /// <summary>Puts one text message on its way. False: it cannot be taken now, or there is no connection.</summary>
    bool Send(ReadOnlySpan<byte> text);

    /// <summary>Ends the connection; the terminal is not told.</summary>
    void Close(int code, string reason);
}

/// <summary>The terminal's end of one connection. Called on the terminal's clock.</summary>
public interface ITerminalEnd
{
    /// <summary>The WebSocket stands.</summary>
    void Connected();

    /// <summary>One text message. The bytes are not kept.</summary>
    void Received(ReadOnlySpan<byte> text);

    /// <summary>It did not come about, or is over.</summary>
    void Closed(int code, string why);
}

using Lockstep.MetaTrader.Session;

namespace Lockstep.Conformance.Tests;

/// <summary>The server's end of one terminal's way: real bytes, taken in on the clock's thread.</summary>
internal abstract class EaLine(Func<TerminalHub?> hub) : IDisposable
{
    /// <summary>Something was written to the terminal.</summary>
    public Action? Written { get; set; }

    /// <summary>Looks at every message that reaches the hub. For tests.</summary>
    public Action<string>? Tap { get; set; }

    /// <summary>Looks at every message of the hub. For tests.</summary>
    public Action<string>? TapDown { get; set; }

    /// <summary>Nobody gets through; what stood is cut by <see cref="Cut"/>.</summary>
    public bool Down { get; set; }

    /// <summary>Inputs of the EA that lead here.</summary>
    public abstract IReadOnlyDictionary<string, string> Inputs { get; }

    /// <summary>The server that is there now.</summary>
    protected TerminalHub? Hub => Down ? null : hub();

    /// <summary>A new process of the terminal begins.</summary>
    public virtual void Begin()
    {
    }

    /// <summary>Bytes that its sockets must have read or find; see <see cref="MqlHarness.Terminal.EaTerminal.SocketBytesExpected"/>.</summary>
    public virtual long Expected => 0;

    /// <summary>Gives the hub what the terminal wrote.</summary>
    /// <param name="alive">The terminal's process runs; else its end is waited for.</param>
    /// <param name="sent">Bytes it has written to its sockets.</param>
    /// <param name="read">Bytes it has read from them.</param>
    public abstract void Drain(bool alive, long sent, long read);

    /// <summary>Breaks the connection without a word.</summary>
    public abstract void Cut();

    /// <summary>As <see cref="Cut"/>, and the hub is not told: its process is dead.</summary>
    public abstract void Abandon();

    /// <inheritdoc/>
    public abstract void Dispose();
}

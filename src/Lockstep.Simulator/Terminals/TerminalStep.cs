namespace Lockstep.Simulator;

/// <summary>What a terminal does that a kill can fall before or after.</summary>
public enum TerminalStep
{
    /// <summary>A command is entered in the ledger.</summary>
    LedgerBegin = 1,

    /// <summary>Its answer is entered.</summary>
    LedgerEnd = 2,

    /// <summary>An event is written to the outbox.</summary>
    Outbox = 3,

    /// <summary>Acknowledged events are let go.</summary>
    LetGo = 4,

    /// <summary>The epoch is written.</summary>
    Epoch = 5,

    /// <summary>A trade call (OrderSend and its kin).</summary>
    Trade = 6,

    /// <summary>A message is given to the road.</summary>
    Send = 7,
}

/// <summary>One point at which a terminal can be killed.</summary>
/// <param name="Number">Counted from 1 over the terminal's life.</param>
/// <param name="Step">The step.</param>
/// <param name="After">True = it was done.</param>
public readonly record struct TerminalMoment(long Number, TerminalStep Step, bool After);

/// <summary>The terminal is no more; nothing of what was going on is finished.</summary>
internal sealed class TerminalKilledException : Exception
{
    /// <summary>At some point.</summary>
    public TerminalKilledException()
    {
    }

    /// <summary>With a reason.</summary>
    public TerminalKilledException(string message)
        : base(message)
    {
    }

    /// <summary>With a cause.</summary>
    public TerminalKilledException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

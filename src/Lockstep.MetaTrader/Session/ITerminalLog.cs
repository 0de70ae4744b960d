using Lockstep.Domain;

namespace Lockstep.MetaTrader.Session;

/// <summary>Lines for a log. Never with a key in them.</summary>
public interface ITerminalLog
{
    /// <summary>One line.</summary>
    void Write(TerminalLogLevel level, AccountId? account, string remote, string text);
}

/// <summary>How grave a line is.</summary>
public enum TerminalLogLevel
{
    /// <summary>As it should be.</summary>
    Info = 0,

    /// <summary>Somebody should look.</summary>
    Warning = 1,
}

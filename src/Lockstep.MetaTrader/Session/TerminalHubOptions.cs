namespace Lockstep.MetaTrader.Session;

/// <summary>Sizes and limits.</summary>
public sealed record TerminalHubOptions
{
    /// <summary>The EA keys that are made while the server runs; null = accounts have those of their settings only.</summary>
    public IEaKeys? Keys { get; init; }

    /// <summary>Time between beats.</summary>
    public TimeSpan Beat { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>So many beats missed and the link is dead.</summary>
    public int BeatsMissed { get; init; } = 3;

    /// <summary>How long a connection may say nothing before hello.</summary>
    public TimeSpan HelloWithin { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a terminal that was not the last active one waits for that one when both come back at the same moment; zero = first in is active.</summary>
    public TimeSpan PreferLast { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How often a terminal quotes the symbols that are not watched, ms; 0 = not at all.</summary>
    public int QuotesMs { get; init; } = 1000;

    /// <summary>Messages a second from one link, sustained.</summary>
    public int MessagesPerSecond { get; init; } = 400;

    /// <summary>Messages from one link at once. Kept events that are told again after welcome come on top.</summary>
    public int MessagesBurst { get; init; } = 2000;

    /// <summary>Connections a second from one address.</summary>
    public int ConnectionsPerSecond { get; init; } = 20;

    /// <summary>So many addresses are told apart; those beyond share one allowance.</summary>
    public int AddressesMost { get; init; } = 20_000;

    /// <summary>Terminals of one account.</summary>
    public int TerminalsMost { get; init; } = 8;

    /// <summary>Bad messages a minute before a link is closed.</summary>
    public int BadPerMinute { get; init; } = 20;

    /// <summary>Lines a minute that a terminal may write into our log.</summary>
    public int LogLinesPerMinute { get; init; } = 10;

    /// <summary>A question for the whole truth without an answer has failed after this.</summary>
    public TimeSpan AskWithin { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>A question for history without an answer has failed after this.</summary>
    public TimeSpan FetchWithin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Questions for history that may wait at one account.</summary>
    public int FetchesMost { get; init; } = 32;

    /// <summary>How long an MT4 terminal may be busy with one command before the next one is sent to it all the same.</summary>
    public TimeSpan ContextBusyMost { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>So many durable events that are not acknowledged yet are acknowledged at once; fewer wait for the next look at the clock.</summary>
    public int AckAtOnce { get; init; } = 50;

    /// <summary>Parts of one answer.</summary>
    public int PartsMost { get; init; } = 512;

    /// <summary>Objects (positions, orders, deals, rows) of one answer; symbols of one account.</summary>
    public int ObjectsMost { get; init; } = 100_000;
}

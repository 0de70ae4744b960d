using Lockstep.Domain;

namespace Lockstep.MetaTrader.Session;

/// <summary>
/// Where all terminals come in. Knows the accounts by their keys, keeps one session an account and its terminals: one active, the others standing by. Thread-safe; nothing in it
/// waits, sleeps or owns a thread: bytes come through <see cref="TerminalLink.Received"/>, time through <see cref="Tick"/>.
/// </summary>
public sealed class TerminalHub
{
    /// <summary>No account yet.</summary>
    public TerminalHub(TimeProvider time, TerminalHubOptions? options = null, ITerminalLog? log = null) => throw new NotImplementedException();

    /// <summary>What was counted.</summary>
    public TerminalCounters Counters => throw new NotImplementedException();

    /// <summary>The session of an account, for the runtime. One at a time an account; the next one begins when the last was stopped.</summary>
    public TerminalSession Open(TerminalAccount account, long firstEpoch) => throw new NotImplementedException();

    /// <summary>A connection came in. Null = refused before anything was said (too many from this address).</summary>
    public TerminalLink? Connect(ITerminalTransport transport) => throw new NotImplementedException();

    /// <summary>Looks at the clock: beats, silence, commands that wait too long. Each 250 ms or so.</summary>
    public void Tick() => throw new NotImplementedException();
}

/// <summary>One connection.</summary>
public sealed class TerminalLink
{
    /// <summary>One text message came. One at a time; the bytes are not kept.</summary>
    public void Received(ReadOnlySpan<byte> text) => throw new NotImplementedException();

    /// <summary>The transport is gone.</summary>
    public void Closed(string why) => throw new NotImplementedException();
}

/// <summary>The platform port of an account that is served by terminals.</summary>
public sealed class TerminalSession : IAccountSession, IAccountData
{
    /// <inheritdoc/>
    public AccountId Account => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Start(ISessionSink sink) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Send(OrderCommand command) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Ask(AskId ask, Timestamp historyFrom) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Kept(PlatformEvent report) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Fetch(DataRequest request, Action<DataAnswer> answer) => throw new NotImplementedException();

    /// <summary>Symbols that must be quoted fast.</summary>
    public void Watch(IReadOnlyCollection<SymbolName> symbols) => throw new NotImplementedException();

    /// <summary>Shows a text to the person at the terminal, pushed to the phone on wish.</summary>
    public void Alert(string text, bool push) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Stop() => throw new NotImplementedException();
}

/// <summary>Sizes and limits.</summary>
public sealed record TerminalHubOptions
{
    /// <summary>Time between beats.</summary>
    public TimeSpan Beat { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>So many beats missed and the link is dead.</summary>
    public int BeatsMissed { get; init; } = 3;

    /// <summary>How long a connection may say nothing before hello.</summary>
    public TimeSpan HelloWithin { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a terminal quotes the symbols that are not watched, ms; 0 = not at all.</summary>
    public int QuotesMs { get; init; } = 1000;

    /// <summary>Messages a second from one link, sustained.</summary>
    public int MessagesPerSecond { get; init; } = 400;

    /// <summary>Messages from one link at once.</summary>
    public int MessagesBurst { get; init; } = 2000;

    /// <summary>Connections a second from one address.</summary>
    public int ConnectionsPerSecond { get; init; } = 20;

    /// <summary>Bad messages a minute before a link is closed.</summary>
    public int BadPerMinute { get; init; } = 20;
}

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

/// <summary>Counters, growing since the start.</summary>
public sealed class TerminalCounters
{
    /// <summary>Connections open now.</summary>
    public long Links { get; internal set; }
}

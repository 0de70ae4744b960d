namespace Lockstep.MetaTrader.Session;

/// <summary>What is counted. The metric's name is the name in small letters with underscores.</summary>
public enum TerminalCount
{
    /// <summary>Connections that were let in.</summary>
    Connections,

    /// <summary>Connections refused before anything was said: too many from one address.</summary>
    ConnectionsRefused,

    /// <summary>Hellos.</summary>
    Hellos,

    /// <summary>Terminals that were let in.</summary>
    Welcomes,

    /// <summary>Sessions opened.</summary>
    SessionsOpened,

    /// <summary>Sessions closed.</summary>
    SessionsClosed,

    /// <summary>A standby became the active one.</summary>
    Takeovers,

    /// <summary>A terminal's new connection took the place of its old one.</summary>
    Replaced,

    /// <summary>Links that went silent.</summary>
    DeadByBeats,

    /// <summary>Connections that never said hello.</summary>
    NoHello,

    /// <summary>Links that read too slowly or were closed under our hands.</summary>
    SendFailures,

    /// <summary>Bad messages.</summary>
    BadMessages,

    /// <summary>Messages of an unknown type.</summary>
    UnknownTypes,

    /// <summary>Messages at a moment at which they mean nothing.</summary>
    WrongOrder,

    /// <summary>Links closed for too many messages.</summary>
    RateLimited,

    /// <summary>Links closed for too many bad messages.</summary>
    TooManyBad,

    /// <summary>Messages in.</summary>
    FramesIn,

    /// <summary>Messages out.</summary>
    FramesOut,

    /// <summary>Bytes in.</summary>
    BytesIn,

    /// <summary>Bytes out.</summary>
    BytesOut,

    /// <summary>Events: changes and answers.</summary>
    Events,

    /// <summary>Events that were told again.</summary>
    Repeats,

    /// <summary>Events that were told before the session: history.</summary>
    HistoryEvents,

    /// <summary>Gaps in a terminal's events.</summary>
    Gaps,

    /// <summary>Outboxes that had overflowed.</summary>
    Overflows,

    /// <summary>Acknowledgements sent.</summary>
    Acks,

    /// <summary>Digests compared.</summary>
    Digests,

    /// <summary>Digests that differed.</summary>
    DigestMismatches,

    /// <summary>Questions for the whole truth.</summary>
    Asks,

    /// <summary>Questions for the whole truth that failed.</summary>
    AsksFailed,

    /// <summary>Commands sent.</summary>
    Commands,

    /// <summary>Commands that never left.</summary>
    CommandsNotSent,

    /// <summary>Answers to commands.</summary>
    Answers,

    /// <summary>Answers to commands that nobody waited for any more.</summary>
    LateAnswers,

    /// <summary>Answers whose outcome and code did not say the same.</summary>
    DoubtfulAnswers,

    /// <summary>MT4 terminals that were busy with one command for too long.</summary>
    ContextsStuck,

    /// <summary>Questions for history.</summary>
    Fetches,

    /// <summary>Questions for history that got no rows.</summary>
    FetchesRefused,

    /// <summary>Changes of a broker's clock.</summary>
    OffsetChanges,

    /// <summary>Keys that were handed over.</summary>
    KeysHanded,

    /// <summary>Keys that terminals have on their disks.</summary>
    KeysKept,

    /// <summary>Reports that the receiver threw at.</summary>
    SinkErrors,
}

/// <summary>Counters, growing since the start; <see cref="Links"/> and <see cref="Active"/> are what is now.</summary>
public sealed class TerminalCounters
{
    private static readonly string[] Names = [.. Enum.GetNames<TerminalCount>().Select(Snake)];
    private readonly long[] _values = new long[Names.Length];
    private readonly long[] _refused = new long[RefusedCodes.All.Length];
    private long _links;
    private long _active;

    /// <summary>Connections open now.</summary>
    public long Links => Interlocked.Read(ref _links);

    /// <summary>Accounts with an open session now.</summary>
    public long Active => Interlocked.Read(ref _active);

    /// <summary>One counter.</summary>
    public long this[TerminalCount count] => Interlocked.Read(ref _values[(int)count]);

    /// <summary>Hellos refused with a code.</summary>
    public long Refused(string code) => Interlocked.Read(ref _refused[RefusedCodes.IndexOf(code)]);

    /// <summary>All of them by name, for metrics: <c>links</c>, <c>frames_in</c>, <c>refused_wrong_key</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> Snapshot()
    {
        var all = new List<KeyValuePair<string, long>>(Names.Length + _refused.Length + 2) { new("links", Links), new("active", Active) };
        for (int i = 0; i < Names.Length; i++)
        {
            all.Add(new(Names[i], Interlocked.Read(ref _values[i])));
        }

        for (int i = 0; i < _refused.Length; i++)
        {
            all.Add(new("refused_" + RefusedCodes.All[i].Replace('-', '_'), Interlocked.Read(ref _refused[i])));
        }

        return all;
    }

    internal void Add(TerminalCount count, long by = 1) => Interlocked.Add(ref _values[(int)count], by);

    internal void AddRefused(string code) => Interlocked.Increment(ref _refused[RefusedCodes.IndexOf(code)]);

    internal void AddLinks(int by) => Interlocked.Add(ref _links, by);

    internal void AddActive(int by) => Interlocked.Add(ref _active, by);

    private static string Snake(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "_") + char.ToLowerInvariant(c) : c.ToString()));
}

/// <summary>The codes of <c>refused</c>, PROTOCOL §3.</summary>
internal static class RefusedCodes
{
    public const string WrongKey = "wrong-key";
    public const string ExpiredKey = "expired-key";
    public const string WrongLogin = "wrong-login";
    public const string WrongServer = "wrong-server";
    public const string WrongPlatform = "wrong-platform";
    public const string WrongMode = "wrong-mode";
    public const string Version = "version";
    public const string Disabled = "disabled";
    public const string Rate = "rate";
    public const string Malformed = "malformed";
    public const string Order = "order";

    public static readonly string[] All = [WrongKey, ExpiredKey, WrongLogin, WrongServer, WrongPlatform, WrongMode, Version, Disabled, Rate, Malformed, Order];

    public static int IndexOf(string code) => Array.IndexOf(All, code);
}

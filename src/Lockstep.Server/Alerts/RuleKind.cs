using Lockstep.Engine;

namespace Lockstep.Server.Alerts;

/// <summary>Something that is watched: a value, and what is usual for it.</summary>
/// <param name="Name">Its name in the configuration.</param>
/// <param name="Code">Its alert's code; <c>-over</c> is added when it is taken back.</param>
/// <param name="Unit">What the value counts: <c>ms</c>, <c>%</c>.</param>
/// <param name="Says">What the value is.</param>
/// <param name="Usual">The settings unless the configuration says otherwise.</param>
internal sealed record RuleKind(string Name, string Code, string Unit, string Says, RuleSettings Usual)
{
    /// <summary>A low value is the bad one.</summary>
    public bool Low => Usual.Raise < Usual.Clear;

    /// <summary>All that is watched.</summary>
    public static readonly IReadOnlyList<RuleKind> All =
    [
        Warning("latency", "latency-high", "ms", "p99 of the way of an event through Lockstep, from the report to the order's send call, over the last minute", 100, 0, 80, 60),
        Warning("rejections", "rejections-high", "%", "share of an account's orders that were refused over the last five minutes, from five answers on", 20, 0, 10, 60),
        Critical("session", "session-down", "s", "how long an account that is enabled has not been tradable", 30, 0, 0, 5),
        Warning("beats", "beats-missed", "beats", "heartbeats that an account's session missed in a row", 3, 0, 0, 5),
        Warning("snapshot", "snapshot-old", "s", "time since the platform told an account's whole state or confirmed it, while its session is up", 60, 0, 30, 5),
        Critical("token", "token-unusable", "", "1 while an authorisation of cTrader has no usable token or its refresh fails", 1, 30, 0, 5),
        Warning("outbox", "outbox-behind", "s", "age of the oldest event that a reader with a cursor (amqp) has not taken", 60, 10, 5, 10),
        Warning("commit", "commit-slow", "ms", "p99 of a commit of the journal over the last minute", 250, 0, 100, 60),
        Critical("disk", "disk-low", "MiB", "room on the disk of the data folder", 1_024, 10, 1_536, 10),
        Warning("key", "key-expiring", "days", "time until a key ends that nobody has followed by a new one", 3, 0, 3.01, 0),
        Warning("clock", "clock-set", "s", "how far the wall clock is from the clock that Lockstep runs on", 5, 5, 2, 5),
        Warning("queue", "queue-long", "events", "events that wait for a group", 2_000, 5, 200, 5),
    ];

    /// <summary>The kind with a name.</summary>
    public static RuleKind Of(string name) => All.First(k => k.Name == name);

    private static RuleKind Warning(string name, string code, string unit, string says, double raise, int seconds, double clear, int clearSeconds) =>
        Make(AlertLevel.Warning, name, code, unit, says, raise, seconds, clear, clearSeconds);

    private static RuleKind Critical(string name, string code, string unit, string says, double raise, int seconds, double clear, int clearSeconds) =>
        Make(AlertLevel.Critical, name, code, unit, says, raise, seconds, clear, clearSeconds);

    private static RuleKind Make(AlertLevel level, string name, string code, string unit, string says, double raise, int seconds, double clear, int clearSeconds) =>
        new(name, code, unit, says, new RuleSettings(true, raise, TimeSpan.FromSeconds(seconds), clear, TimeSpan.FromSeconds(clearSeconds), level));
}

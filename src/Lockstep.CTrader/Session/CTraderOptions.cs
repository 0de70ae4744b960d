namespace Lockstep.CTrader.Session;

/// <summary>Times and limits; sources in the guide's sections named.</summary>
public sealed record CTraderOptions
{
    /// <summary>Our heartbeats, the first at once after connecting (§5).</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Nothing heard for so long: the connection is dead (§5).</summary>
    public TimeSpan Watchdog { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>How long connecting and TLS may take.</summary>
    public TimeSpan ConnectWithin { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long an answer to a read may take (§5).</summary>
    public TimeSpan AnswerWithin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>First pause before connecting again; doubles, with jitter (§5).</summary>
    public TimeSpan BackoffFirst { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest pause (§5).</summary>
    public TimeSpan BackoffMost { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A session that stood for so long sets the pauses back to the first (§5: a counter that was set back with each TCP connect made 678 reconnects in 11 hours).</summary>
    public TimeSpan StableAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Pause after the application itself was refused (wrong secret, not approved): nothing gets better by asking more often.</summary>
    public TimeSpan RefusedPause { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>First pause after the server said that there are too many connections or requests; doubles, up to three times as long (§5: 15 minutes cured it).</summary>
    public TimeSpan CrowdedPause { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Longest wait for an announced end of maintenance before trying again.</summary>
    public TimeSpan MaintenanceMost { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Longest pause of a payload type of history that is refused again and again (§6).</summary>
    public TimeSpan HistoryPauseMost { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Longest pause of any other payload type that the server names no time for.</summary>
    public TimeSpan ReadPauseMost { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A read that was refused for its number is given up after this (§6).</summary>
    public TimeSpan RefusedReadsEnd { get; init; } = TimeSpan.FromSeconds(900);

    /// <summary>Accounts that are told a second that the connection is ready: each begins with requests that are not paced.</summary>
    public int LineUpsPerSecond { get; init; } = 20;

    /// <summary>How long a question for the accounts of a token may take, connecting included.</summary>
    public TimeSpan ListWithin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Where jitter and the first letters of clientMsgIds come from; null = the wall clock at the start. A simulation gives one.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Requests a second, history included; the server takes 50 and history apart (§6).</summary>
    public int RequestsPerSecond { get; init; } = 45;

    /// <summary>Of these, so many are kept for trade requests: reads never use them.</summary>
    public int KeptForTrades { get; init; } = 15;

    /// <summary>Requests for history a second; the server takes 5 (§6).</summary>
    public int HistoryPerSecond { get; init; } = 4;

    /// <summary>Between two looks at the account's whole state of our own accord; a difference to what its events add up to is told.</summary>
    public TimeSpan ReconcileEach { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Accounts with at most so many symbols have all of them quoted; larger ones those that are watched, held or needed for conversion.</summary>
    public int QuoteAllUpTo { get; init; } = 60;

    /// <summary>Least time between two tellings of an account's money.</summary>
    public TimeSpan FundsEach { get; init; } = TimeSpan.FromMilliseconds(500);
}

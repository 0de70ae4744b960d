namespace Lockstep.Simulator;

/// <summary>The way between us and the broker: network, terminal, polling.</summary>
public sealed record SessionSettings
{
    /// <summary>Shortest time of a message to the broker.</summary>
    public TimeSpan UpLatencyMin { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Longest time of a message to the broker.</summary>
    public TimeSpan UpLatencyMax { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Shortest time of a message from the broker.</summary>
    public TimeSpan DownLatencyMin { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Longest time of a message from the broker.</summary>
    public TimeSpan DownLatencyMax { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>How long connecting takes.</summary>
    public TimeSpan ConnectDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long after connecting the terminal is not synchronised: a question fails, it is never answered in part.</summary>
    public TimeSpan SynchroniseDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How often an MT4 terminal's pool is read (it has no trade events); zero reads at each change.</summary>
    public TimeSpan Mt4PollInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long one MT4 trade call may hold the terminal's only trade context before the next one is tried.</summary>
    public TimeSpan Mt4ContextTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Shortest time between two reports of funds.</summary>
    public TimeSpan FundsInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a heartbeat goes out.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Everything at once: for tests that look at one thing.</summary>
    public static SessionSettings Immediate { get; } = new()
    {
        UpLatencyMin = TimeSpan.Zero,
        UpLatencyMax = TimeSpan.Zero,
        DownLatencyMin = TimeSpan.Zero,
        DownLatencyMax = TimeSpan.Zero,
        ConnectDelay = TimeSpan.Zero,
        SynchroniseDelay = TimeSpan.Zero,
        Mt4PollInterval = TimeSpan.Zero,
    };
}

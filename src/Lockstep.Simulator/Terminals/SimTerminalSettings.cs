namespace Lockstep.Simulator;

/// <summary>One simulated terminal with the EA in it.</summary>
public sealed record SimTerminalSettings
{
    /// <summary>The account's EA key.</summary>
    public required string Key { get; init; }

    /// <summary>Account number.</summary>
    public required long Login { get; init; }

    /// <summary>Broker server.</summary>
    public required string Server { get; init; }

    /// <summary><c>monitor</c>, <c>executor</c>, <c>both</c>.</summary>
    public string Role { get; init; } = "both";

    /// <summary>Broker company.</summary>
    public string Company { get; init; } = "Simulated Broker";

    /// <summary>Terminal build.</summary>
    public long Build { get; init; } = 4410;

    /// <summary>EA version.</summary>
    public string Ea { get; init; } = "1.0.0";

    /// <summary>The broker server's clock.</summary>
    public BrokerTime Time { get; init; } = new();

    /// <summary>How often an MT4 terminal looks at its pools: it is not told of trades.</summary>
    public TimeSpan Mt4Poll { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Time between two pumps: quotes of watched symbols, waiting messages, parts of history.</summary>
    public TimeSpan Pump { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>When a trade call comes back without an answer of the broker (MT4 128, MT5 10012).</summary>
    public TimeSpan TradeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long after the broker's connection came the terminal does not know the whole truth yet.</summary>
    public TimeSpan Synchronise { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Ping of the broker, ms.</summary>
    public int Ping { get; init; } = 23;

    /// <summary>Events that the outbox holds.</summary>
    public int OutboxEvents { get; init; } = 20_000;

    /// <summary>Bytes that the outbox holds.</summary>
    public long OutboxBytes { get; init; } = 16L * 1024 * 1024;

    /// <summary>Commands that the ledger holds; younger ones than two days are kept beyond it.</summary>
    public int LedgerEntries { get; init; } = 1000;

    /// <summary>Messages a second that are sent at most, below what the server takes (400).</summary>
    public int SendPerSecond { get; init; } = 300;

    /// <summary>Messages that are sent at once at most (the server takes 2,000).</summary>
    public int SendBurst { get; init; } = 1000;

    /// <summary>Ticks that candles and ticks are made of; null = this terminal has no history of prices.</summary>
    public SimTickStore? Ticks { get; init; }

    /// <summary>Where a load counts; null = nowhere.</summary>
    public SimTerminalTotals? Totals { get; init; }

    /// <summary>A mistake that is planted, to see that it is found.</summary>
    public TerminalMistake Mistake { get; init; }
}

/// <summary>Mistakes that an EA could make.</summary>
public enum TerminalMistake
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>A repeated command is not looked up in the ledger, nor in the account.</summary>
    IgnoresLedger = 1,

    /// <summary>A command is carried out however late it comes.</summary>
    IgnoresExpiry = 2,
}

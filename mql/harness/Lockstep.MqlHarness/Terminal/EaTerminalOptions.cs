using Lockstep.Simulator;

namespace Lockstep.MqlHarness.Terminal;

/// <summary>A terminal with one Expert Advisor in it.</summary>
public sealed record EaTerminalOptions
{
    /// <summary>The compiled program (<see cref="Build.MqlCompiler"/>).</summary>
    public required string Program { get; init; }

    /// <summary>Folder of the terminal's files; null = a new one under the temp folder, deleted at the end.</summary>
    public string? Folder { get; init; }

    /// <summary>Values of the EA's inputs, by name; the others keep what the source says. Booleans are <c>true</c>/<c>false</c>, enums numbers.</summary>
    public IReadOnlyDictionary<string, string> Inputs { get; init; } = new Dictionary<string, string>();

    /// <summary>Account number.</summary>
    public long Login { get; init; } = 5_001_234;

    /// <summary>Broker server.</summary>
    public string Server { get; init; } = "Broker-Demo";

    /// <summary>Broker company.</summary>
    public string Company { get; init; } = "Simulated Broker";

    /// <summary>Demo account.</summary>
    public bool Demo { get; init; } = true;

    /// <summary>Symbol of the chart; null = the broker's first.</summary>
    public string? ChartSymbol { get; init; }

    /// <summary>The broker server's clock.</summary>
    public BrokerTime Time { get; init; } = new();

    /// <summary>How far the PC's clock is wrong.</summary>
    public TimeSpan PcClockError { get; init; }

    /// <summary>When a trade call comes back without an answer of the broker (MT4 128, MT5 10012).</summary>
    public TimeSpan TradeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Hosts the trader has allowed for sockets; any other is refused with 4014.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = ["127.0.0.1", "localhost"];

    /// <summary>PEM file of the certificates that TLS trusts; null = the system's.</summary>
    public string? TrustedCertificates { get; init; }

    /// <summary>Folder of Unix sockets that <c>\\.\pipe\NAME</c> leads to; null = <c>pipes</c> in <see cref="Folder"/>.</summary>
    public string? Pipes { get; init; }

    /// <summary>Terminal build.</summary>
    public int Build { get; init; } = 4410;

    /// <summary>"Allow DLL imports" (MT4).</summary>
    public bool DllImports { get; init; } = true;

    /// <summary>True when the program runs in the strategy tester.</summary>
    public bool Tester { get; init; }

    /// <summary>MT4: history from here on is in the pool (the period chosen in the Account History tab); null = all.</summary>
    public Domain.Timestamp? HistoryFrom { get; init; }

    /// <summary>Which command's key a comment stands for, so that the broker counts executions by key; null = none.</summary>
    public Func<string, ulong?>? KeyOfComment { get; init; }

    /// <summary>The same for requests that carry no such comment (MT4 closes without one); asked on the clock. Null = none.</summary>
    public Func<NativeRequest, ulong?>? KeyOfRequest { get; init; }

    /// <summary>Seed of the terminal's own dice (order of transactions).</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Longest real time that the program may take for one event; then it is taken for hung and killed.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>When a program is killed.</summary>
public enum KillMoment
{
    /// <summary>Before the call: it does not happen.</summary>
    Before = 0,

    /// <summary>After the call: it happened, the program never knows.</summary>
    After = 1,

    /// <summary>In the middle: half of the bytes, or a request sent whose answer nobody hears.</summary>
    Half = 2,
}

/// <summary>What goes wrong in the terminal; set at run time through <see cref="EaTerminal.Faults"/>, in force with the next event or answer.</summary>
public sealed record EaTerminalFaults
{
    /// <summary>Nothing goes wrong.</summary>
    public static readonly EaTerminalFaults None = new();

    /// <summary>Terminal and broker are not connected: the cache stands still, trade calls fail.</summary>
    public bool Disconnected { get; init; }

    /// <summary>The AutoTrading button is off.</summary>
    public bool AutoTradingOff { get; init; }

    /// <summary>MT4: another program trades, calls fail with 146.</summary>
    public bool ContextBusy { get; init; }

    /// <summary>Writing to files fails.</summary>
    public bool DiskFull { get; init; }

    /// <summary>SocketIsReadable says 1 when nothing is there.</summary>
    public bool ReadableLies { get; init; }

    /// <summary>A read gives at most so many bytes; 0 = no limit.</summary>
    public int ShortRead { get; init; }

    /// <summary>A write takes at most so many bytes; 0 = no limit.</summary>
    public int ShortWrite { get; init; }

    /// <summary>Trade calls take so much longer.</summary>
    public TimeSpan SlowTrade { get; init; }

    /// <summary>Deals and ended orders are seen in history so much later than they happened.</summary>
    public TimeSpan HistoryDelay { get; init; }

    /// <summary>Kill the program at the call of this number, counted from its start (<see cref="EaTerminal.PlatformCalls"/>); 0 = never.</summary>
    public long KillAtCall { get; init; }

    /// <summary>When, seen from that call.</summary>
    public KillMoment KillWhen { get; init; }

    /// <summary>A transaction (MT5) never comes, in percent.</summary>
    public decimal TransactionDroppedPercent { get; init; }

    /// <summary>A transaction comes twice, in percent.</summary>
    public decimal TransactionDuplicatedPercent { get; init; }

    /// <summary>A transaction overtakes the one before it, in percent.</summary>
    public decimal TransactionReorderedPercent { get; init; }
}

/// <summary>What became of a program.</summary>
public enum EaState
{
    /// <summary>Not started, or stopped properly.</summary>
    Stopped = 0,

    /// <summary>Running.</summary>
    Running = 1,

    /// <summary>Killed from outside or by a fault of <see cref="EaTerminalFaults"/>.</summary>
    Killed = 2,

    /// <summary>A critical error: array out of range, division by zero, a finding of the sanitizers.</summary>
    Crashed = 3,

    /// <summary>OnInit failed, or the program took itself off the chart.</summary>
    Removed = 4,
}

/// <summary>Kinds of lines a program writes.</summary>
public enum EaLogKind
{
    /// <summary>Print: the Experts tab.</summary>
    Print = 0,

    /// <summary>Alert.</summary>
    Alert = 1,

    /// <summary>Comment: the chart's corner.</summary>
    Comment = 2,

    /// <summary>SendNotification.</summary>
    Notification = 3,

    /// <summary>An object on the chart: name, then its text after a tab; a name alone = deleted.</summary>
    ChartObject = 4,
}

/// <summary>A line a program wrote.</summary>
/// <param name="At">When.</param>
/// <param name="Kind">Where to.</param>
/// <param name="Text">The text.</param>
public sealed record EaLogLine(Domain.Timestamp At, EaLogKind Kind, string Text);

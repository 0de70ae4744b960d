using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>One trading account at one simulated broker.</summary>
public sealed record BrokerSettings
{
    /// <summary>The platform.</summary>
    public required PlatformKind Platform { get; init; }

    /// <summary>How trades on one symbol are held. MT4 cannot net.</summary>
    public AccountMode Mode { get; init; } = AccountMode.Hedging;

    /// <summary>The symbols.</summary>
    public required IReadOnlyList<SimSymbol> Symbols { get; init; }

    /// <summary>Deposit currency.</summary>
    public string Currency { get; init; } = "USD";

    /// <summary>Opening balance.</summary>
    public decimal OpeningBalance { get; init; } = 100_000m;

    /// <summary>Leverage: 100 for 1:100.</summary>
    public decimal Leverage { get; init; } = 100m;

    /// <summary>Decimals of money.</summary>
    public int MoneyDigits { get; init; } = 2;

    /// <summary>Part of the smaller side's margin that is asked of a hedge: 0 = larger side only, 1 = both in full.</summary>
    public decimal HedgedMarginShare { get; init; }

    /// <summary>Margin level in percent (equity ÷ margin) below which positions are closed; 0 = never.</summary>
    public decimal StopOutLevel { get; init; } = 50m;

    /// <summary>Shortest execution time of a request.</summary>
    public TimeSpan ExecutionDelayMin { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Longest execution time of a request.</summary>
    public TimeSpan ExecutionDelayMax { get; init; } = TimeSpan.FromMilliseconds(80);

    /// <summary>Requests a second that the server takes; 0 = any number.</summary>
    public int RequestsPerSecond { get; init; }

    /// <summary>Most pending orders; 0 = any number.</summary>
    public int MaxOrders { get; init; }

    /// <summary>Most positions, pending orders counted with them unless the account nets; 0 = any number.</summary>
    public int MaxPositions { get; init; }

    /// <summary>False where SL and TP are refused inside an opening request (old market-execution servers).</summary>
    public bool StopsWithOpen { get; init; } = true;

    /// <summary>When the trading day ends, UTC: swap is charged.</summary>
    public TimeSpan RolloverUtc { get; init; } = new(22, 0, 0);

    /// <summary>The account's absence horizon (see <see cref="AccountCapabilities.AbsenceHorizon"/>); null = 60 s on MT4, 10 s elsewhere.</summary>
    public TimeSpan? AbsenceHorizon { get; init; }

    /// <summary>See <see cref="AccountCapabilities.AnswerTimeout"/>.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The horizon in force.</summary>
    public TimeSpan Horizon => AbsenceHorizon ?? TimeSpan.FromSeconds(Platform == PlatformKind.Mt4 ? 60 : 10);

    /// <summary>What the account tells of itself when a session opens.</summary>
    public AccountCapabilities Capabilities => new()
    {
        Platform = Platform,
        Mode = Mode,
        AbsenceHorizon = Horizon,
        AnswerTimeout = AnswerTimeout,
        StopLimitOrders = Platform == PlatformKind.Mt5,
        PendingExpiry = Symbols.All(s => s.ExpiryAllowed),
        StopsWithOpen = StopsWithOpen,
        ClosingDealsTagged = Platform == PlatformKind.Mt5,
        CloseBy = Mode == AccountMode.Hedging && Platform != PlatformKind.CTrader,
        Currency = Currency,
    };
}

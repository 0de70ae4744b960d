namespace Lockstep.Domain;

/// <summary>The kinds of platform.</summary>
public enum PlatformKind
{
    /// <summary>MetaTrader 4: one order model, a partial close gives the rest a new ticket.</summary>
    Mt4 = 4,

    /// <summary>MetaTrader 5: orders, deals, positions.</summary>
    Mt5 = 5,

    /// <summary>cTrader, Open API 2.0.</summary>
    CTrader = 6,
}

/// <summary>How an account holds several trades on one symbol.</summary>
public enum AccountMode
{
    /// <summary>Each trade is a position of its own; opposite ones may stand together.</summary>
    Hedging = 1,

    /// <summary>One position a symbol; an opposite trade reduces, closes or turns it.</summary>
    Netting = 2,

    /// <summary>Each trade is a position of its own, but the oldest of a symbol must be closed first and opposite ones are barred (NFA 2-43b).</summary>
    Fifo = 3,
}

/// <summary>What a platform and broker can do: told by the session when it opens; the engine decides by it and never by the platform's name.</summary>
public sealed record AccountCapabilities
{
    /// <summary>The platform.</summary>
    public required PlatformKind Platform { get; init; }

    /// <summary>How trades on one symbol are held.</summary>
    public required AccountMode Mode { get; init; }

    /// <summary>
    /// How long after its deadline an order that "is not there" may still be executed. Absence is believed only from an answer taken after this. 10 s for
    /// MT5 and cTrader, 60 s for MT4 to begin with (reference: reliability protocol, quiet time).
    /// </summary>
    public required TimeSpan AbsenceHorizon { get; init; }

    /// <summary>How long an answer to an order may take before the order counts as unknown; also how long a command may be sent after it was decided.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>True when stop-limit orders exist: after the trigger a limit order waits at a price before the stop (MT5).</summary>
    public bool StopLimitOrders { get; init; }

    /// <summary>
    /// True when a stop order may carry the worst price at which it fills (cTrader calls it STOP_LIMIT; its limit price lies beyond the stop). It is not what MetaTrader calls a stop-limit
    /// order, whose limit order waits before the stop: neither is copied as the other.
    /// </summary>
    public bool StopRangeOrders { get; init; }

    /// <summary>True when pending orders may carry an expiry; otherwise the engine cancels them itself.</summary>
    public bool PendingExpiry { get; init; } = true;

    /// <summary>False when SL and TP must be set after the opening (old market-execution brokers): the engine then opens bare and sets them.</summary>
    public bool StopsWithOpen { get; init; } = true;

    /// <summary>
    /// True when a closing deal carries the closing order's key (MT5). On MT4 and cTrader a closing request takes no comment or label: there our own closings are known by
    /// the command in flight.
    /// </summary>
    public bool ClosingDealsTagged { get; init; } = true;

    /// <summary>True when two opposite positions can be closed by each other.</summary>
    public bool CloseBy { get; init; }

    /// <summary>The currency of balance and profit.</summary>
    public string Currency { get; init; } = "USD";
}

/// <summary>An account's money at one moment, in its own currency.</summary>
public sealed record AccountFunds
{
    /// <summary>Closed result and deposits.</summary>
    public required Money Balance { get; init; }

    /// <summary>Balance plus floating result, swap and commission.</summary>
    public required Money Equity { get; init; }

    /// <summary>Margin in use.</summary>
    public required Money Margin { get; init; }

    /// <summary>Equity minus margin.</summary>
    public required Money FreeMargin { get; init; }

    /// <summary>Deposit currency: <c>USD</c>.</summary>
    public required string Currency { get; init; }

    /// <summary>When the platform said so.</summary>
    public required Timestamp At { get; init; }
}

/// <summary>Floating result of an open position, in the account's currency.</summary>
/// <param name="Position">The position.</param>
/// <param name="Profit">Without swap and commission.</param>
/// <param name="Swap">Swap so far.</param>
public sealed record PositionMoney(PositionId Position, Money Profit, Money Swap);

/// <summary>How a live session is (SPEC AC-4).</summary>
public sealed record SessionHealth
{
    /// <summary>True when the platform's side is connected to its broker.</summary>
    public required bool Connected { get; init; }

    /// <summary>True when orders may be sent.</summary>
    public required bool TradeAllowed { get; init; }

    /// <summary>Why not, for a person.</summary>
    public string TradeProblem { get; init; } = "";

    /// <summary>Round trip between us and the platform's side.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>Round trip between terminal and broker, where it is known.</summary>
    public TimeSpan? BrokerPing { get; init; }

    /// <summary>Age of the last tick of any symbol.</summary>
    public TimeSpan? TickAge { get; init; }

    /// <summary>Heartbeats missed in a row now.</summary>
    public int MissedBeats { get; init; }

    /// <summary>How often the session was lost and came back since the process started.</summary>
    public int Reconnects { get; init; }

    /// <summary>Server time minus UTC, where the platform has a time of its own.</summary>
    public TimeSpan? ServerOffset { get; init; }

    /// <summary>Terminals that stand by for this account.</summary>
    public int Standby { get; init; }

    /// <summary>Version of the terminal or gateway: <c>MT5 build 4410, EA 0.3.0</c>.</summary>
    public string Peer { get; init; } = "";

    /// <summary>When this was true.</summary>
    public required Timestamp At { get; init; }
}

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

    /// <summary>True when stop-limit orders exist.</summary>
    public bool StopLimitOrders { get; init; }

    /// <summary>True when pending orders may carry an expiry; otherwise the engine cancels them itself.</summary>
    public bool PendingExpiry { get; init; } = true;

    /// <summary>False when SL and TP must be set after the opening (old market-execution brokers): the engine then opens bare and sets them.</summary>
    public bool StopsWithOpen { get; init; } = true;

    /// <summary>
    /// True when a closing deal carries the closing order's key (MT5). On MT4 and cTrader a closing request takes no comment or label: there our own closings are known by
    /// the command in flight.
    /// </summary>
    public bool ClosingDealsTagged { get; init; } = true;

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

using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>Which filling types a symbol takes (SYMBOL_FILLING_MODE flags).</summary>
[Flags]
public enum FillingFlags
{
    /// <summary>None: RETURN only, where execution is not by market.</summary>
    None = 0,

    /// <summary>All or nothing.</summary>
    Fok = 1,

    /// <summary>Fill what is there, drop the rest.</summary>
    Ioc = 2,

    /// <summary>Passive only.</summary>
    Boc = 4,
}

/// <summary>How market orders are executed (ENUM_SYMBOL_TRADE_EXECUTION).</summary>
public enum SimExecution
{
    /// <summary>At the price sent, or a requote; the deviation counts.</summary>
    Instant = 1,

    /// <summary>The broker sets the price; price and deviation are ignored.</summary>
    Market = 2,
}

/// <summary>What may be traded (ENUM_SYMBOL_TRADE_MODE).</summary>
public enum SimTradeMode
{
    /// <summary>Nothing.</summary>
    Disabled = 0,

    /// <summary>Buys only.</summary>
    LongOnly = 1,

    /// <summary>Sells only.</summary>
    ShortOnly = 2,

    /// <summary>Closing only.</summary>
    CloseOnly = 3,

    /// <summary>Everything.</summary>
    Full = 4,
}

/// <summary>How swap is charged at rollover.</summary>
public enum SwapMode
{
    /// <summary>None.</summary>
    Disabled = 0,

    /// <summary>Points, turned into money.</summary>
    Points = 1,

    /// <summary>MT5: the position is re-opened at its price moved by points, under a new ticket and the same identifier.</summary>
    Reopen = 7,
}

/// <summary>One symbol at a simulated broker: what the platform tells about it, and what the broker does with it.</summary>
public sealed record SimSymbol
{
    /// <summary>What the platform tells, but for what <see cref="TradeMode"/> says.</summary>
    public required SymbolSpec Spec { get; init; }

    /// <summary>The market's name of it, the same at all brokers: <c>EURUSD</c> for <c>EURUSD.m</c>; null = as the broker calls it.</summary>
    public string? Canonical { get; init; }

    /// <summary>The symbol's own leverage; null = the account's.</summary>
    public decimal? Leverage { get; init; }

    /// <summary>Commission a lot and side in account currency, as a positive number.</summary>
    public decimal CommissionPerLot { get; init; }

    /// <summary>How swap is charged.</summary>
    public SwapMode SwapMode { get; init; } = SwapMode.Points;

    /// <summary>Swap of a long lot a night, in points; negative = cost.</summary>
    public decimal SwapLong { get; init; }

    /// <summary>Swap of a short lot a night, in points.</summary>
    public decimal SwapShort { get; init; }

    /// <summary>The day whose rollover counts three times, for the weekend.</summary>
    public DayOfWeek TripleSwapDay { get; init; } = DayOfWeek.Wednesday;

    /// <summary>When it can be traded.</summary>
    public TradingHours Hours { get; init; } = TradingHours.Always;

    /// <summary>Filling types it takes (MT5).</summary>
    public FillingFlags Filling { get; init; } = FillingFlags.Fok | FillingFlags.Ioc;

    /// <summary>How market orders are executed.</summary>
    public SimExecution Execution { get; init; } = SimExecution.Market;

    /// <summary>What may be traded.</summary>
    public SimTradeMode TradeMode { get; init; } = SimTradeMode.Full;

    /// <summary>What the platform tells of it now.</summary>
    public SymbolSpec Told => Spec with
    {
        Trading = TradeMode switch
        {
            SimTradeMode.Full => SymbolTrading.Full,
            SimTradeMode.LongOnly => SymbolTrading.LongOnly,
            SimTradeMode.ShortOnly => SymbolTrading.ShortOnly,
            SimTradeMode.CloseOnly => SymbolTrading.CloseOnly,
            _ => SymbolTrading.Disabled,
        },
    };

    /// <summary>Most lots of positions and pending orders in one direction; 0 = no limit (SYMBOL_VOLUME_LIMIT).</summary>
    public decimal VolumeLimit { get; init; }

    /// <summary>False when the broker takes no expiry on pending orders (MT4 147, MT5 10022).</summary>
    public bool ExpiryAllowed { get; init; } = true;

    /// <summary>Spread of the generator's quotes, in points.</summary>
    public int SpreadPoints { get; init; } = 10;

    /// <summary>First mid price of the generator.</summary>
    public decimal StartPrice { get; init; } = 1m;

    /// <summary>Largest step of the generator's mid price, in points.</summary>
    public int StepPoints { get; init; } = 5;
}

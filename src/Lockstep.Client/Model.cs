using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lockstep.Client;

/// <summary>Long or short.</summary>
public enum TradeSide
{
    /// <summary>Long.</summary>
    Buy,

    /// <summary>Short.</summary>
    Sell,
}

/// <summary>
/// A trading account. What the server does not know yet is null, and never 0. Words (<see cref="State"/>, <see cref="Mode"/> …) are kept as they come, so that a newer server's words do no harm.
/// </summary>
public sealed record Account
{
    /// <summary>Its name.</summary>
    [JsonPropertyName("account")]
    public required string Name { get; init; }

    /// <summary><c>paper</c>, <c>mt4</c>, <c>mt5</c> or <c>ctrader</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>Platform and mode: <c>mt5-hedging</c>. For paper accounts the platform that is simulated.</summary>
    public string Kind { get; init; } = "";

    /// <summary><c>hedging</c>, <c>netting</c> or <c>fifo</c>.</summary>
    public string? Mode { get; init; }

    /// <summary>False when no session is wanted.</summary>
    public bool Enabled { get; init; }

    /// <summary><c>up</c> (can be traded), <c>syncing</c> or <c>down</c>.</summary>
    public string State { get; init; } = "";

    /// <summary>Deposit currency.</summary>
    public string? Currency { get; init; }

    /// <summary>Number of open positions.</summary>
    public int Positions { get; init; }

    /// <summary>Number of pending orders.</summary>
    public int Orders { get; init; }

    /// <summary>Money.</summary>
    public AccountMoney? Funds { get; init; }
}

/// <summary>An account's money, in its currency.</summary>
/// <param name="Balance">Closed result and deposits.</param>
/// <param name="Equity">Balance plus floating result.</param>
/// <param name="Margin">Margin in use.</param>
/// <param name="FreeMargin">Equity minus margin.</param>
/// <param name="MarginLevel">Percent; null without margin.</param>
/// <param name="Currency">Deposit currency.</param>
/// <param name="At">When the platform said so.</param>
public sealed record AccountMoney(decimal Balance, decimal Equity, decimal Margin, decimal FreeMargin, decimal? MarginLevel, string Currency, DateTimeOffset At);

/// <summary>An open position.</summary>
public sealed record Position
{
    /// <summary>Its number, which never changes.</summary>
    [JsonPropertyName("position")]
    public required long Id { get; init; }

    /// <summary>The number under which the platform takes trades now (MT4 changes it on a partial close).</summary>
    public long Ticket { get; init; }

    /// <summary>The broker's name of the symbol.</summary>
    public required string Symbol { get; init; }

    /// <summary>Long or short.</summary>
    public required TradeSide Side { get; init; }

    /// <summary>Lots.</summary>
    public required decimal Volume { get; init; }

    /// <summary>Units of the base asset; null while the symbol is not known.</summary>
    public decimal? VolumeUnits { get; init; }

    /// <summary>Opening price (netting: average).</summary>
    public decimal OpenPrice { get; init; }

    /// <summary>When it was opened.</summary>
    public DateTimeOffset OpenedAt { get; init; }

    /// <summary>Stop loss; null = none.</summary>
    public decimal? StopLoss { get; init; }

    /// <summary>Take profit; null = none.</summary>
    public decimal? TakeProfit { get; init; }

    /// <summary>The price at which it could be closed now.</summary>
    public decimal? CurrentPrice { get; init; }

    /// <summary>Floating result without swap, in the account's currency.</summary>
    public decimal? Profit { get; init; }

    /// <summary>Swap so far, in the account's currency.</summary>
    public decimal? Swap { get; init; }

    /// <summary>The order that opened it.</summary>
    public long? OpeningOrder { get; init; }

    /// <summary>Magic number.</summary>
    public long Magic { get; init; }

    /// <summary>Comment.</summary>
    public string Comment { get; init; } = "";
}

/// <summary>A pending order.</summary>
public sealed record PendingOrder
{
    /// <summary>Its number.</summary>
    [JsonPropertyName("order")]
    public required long Id { get; init; }

    /// <summary>The broker's name of the symbol.</summary>
    public required string Symbol { get; init; }

    /// <summary>Long or short.</summary>
    public required TradeSide Side { get; init; }

    /// <summary><c>limit</c>, <c>stop</c> or <c>stopLimit</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Lots.</summary>
    public required decimal Volume { get; init; }

    /// <summary>Trigger or limit price.</summary>
    public decimal Price { get; init; }

    /// <summary>Limit price of a stop-limit order.</summary>
    public decimal? LimitPrice { get; init; }

    /// <summary>Stop loss; null = none.</summary>
    public decimal? StopLoss { get; init; }

    /// <summary>Take profit; null = none.</summary>
    public decimal? TakeProfit { get; init; }

    /// <summary>When the platform will remove it; null = good till cancelled.</summary>
    public DateTimeOffset? Expiry { get; init; }

    /// <summary>When it was placed.</summary>
    public DateTimeOffset PlacedAt { get; init; }

    /// <summary>Magic number.</summary>
    public long Magic { get; init; }

    /// <summary>Comment.</summary>
    public string Comment { get; init; } = "";
}

/// <summary>A symbol, with its latest quote when there is one.</summary>
/// <param name="Symbol">The broker's name.</param>
/// <param name="ContractSize">Units of the base asset in a lot.</param>
/// <param name="Digits">Digits of a price after the point.</param>
/// <param name="TickSize">Smallest step of a price.</param>
/// <param name="MinLots">Smallest volume.</param>
/// <param name="LotStep">Step of a volume.</param>
/// <param name="MaxLots">Largest volume of an order.</param>
/// <param name="StopsLevelPoints">Smallest distance of stops from the market, in points.</param>
/// <param name="FreezeLevelPoints">Distance within which nothing can be changed, in points.</param>
/// <param name="BaseCurrency">Base asset.</param>
/// <param name="ProfitCurrency">Currency of the result.</param>
/// <param name="Bid">Bid.</param>
/// <param name="Ask">Ask.</param>
/// <param name="QuotedAt">When.</param>
public sealed record SymbolInfo(
    string Symbol, decimal ContractSize, int Digits, decimal TickSize, decimal MinLots, decimal LotStep, decimal MaxLots, int StopsLevelPoints, int FreezeLevelPoints, string BaseCurrency,
    string ProfitCurrency, decimal? Bid, decimal? Ask, DateTimeOffset? QuotedAt);

/// <summary>A price.</summary>
/// <param name="Account">The account that it is of.</param>
/// <param name="Symbol">The broker's name of the symbol.</param>
/// <param name="Bid">Bid.</param>
/// <param name="Ask">Ask.</param>
/// <param name="At">When.</param>
public sealed record Price(string Account, string Symbol, decimal Bid, decimal Ask, DateTimeOffset At);

/// <summary>An execution.</summary>
public sealed record Deal
{
    /// <summary>Its number.</summary>
    [JsonPropertyName("deal")]
    public required long Id { get; init; }

    /// <summary>The position it belongs to.</summary>
    public long Position { get; init; }

    /// <summary>The order it executed.</summary>
    public long? Order { get; init; }

    /// <summary>The broker's name of the symbol.</summary>
    public required string Symbol { get; init; }

    /// <summary>Side of the deal itself: closing a long is a sell.</summary>
    public required TradeSide Side { get; init; }

    /// <summary>Lots.</summary>
    public required decimal Volume { get; init; }

    /// <summary>Execution price.</summary>
    public decimal Price { get; init; }

    /// <summary><c>in</c>, <c>out</c> or <c>inOut</c>.</summary>
    public string Entry { get; init; } = "";

    /// <summary><c>request</c>, <c>stopLoss</c>, <c>takeProfit</c>, <c>stopOut</c> or <c>other</c>.</summary>
    public string Reason { get; init; } = "";

    /// <summary>When.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Realised result without swap and commission, in the account's currency.</summary>
    public decimal Profit { get; init; }

    /// <summary>Swap.</summary>
    public decimal Swap { get; init; }

    /// <summary>Commission, negative = cost.</summary>
    public decimal Commission { get; init; }

    /// <summary>Magic number.</summary>
    public long Magic { get; init; }

    /// <summary>Comment.</summary>
    public string Comment { get; init; } = "";
}

/// <summary>A candle.</summary>
/// <param name="At">When it opened.</param>
/// <param name="Open">First price.</param>
/// <param name="High">Highest.</param>
/// <param name="Low">Lowest.</param>
/// <param name="Close">Last.</param>
/// <param name="Ticks">Number of ticks.</param>
public sealed record Candle(DateTimeOffset At, decimal Open, decimal High, decimal Low, decimal Close, long Ticks);

/// <summary>Candles of a symbol.</summary>
/// <param name="Symbol">The broker's name of the symbol.</param>
/// <param name="Frame"><c>M1</c> … <c>MN1</c>.</param>
/// <param name="Closed">Oldest first.</param>
/// <param name="Live">The one that is still forming, where the platform tells it apart.</param>
public sealed record CandleSeries(string Symbol, string Frame, [property: JsonPropertyName("candles")] IReadOnlyList<Candle> Closed, Candle? Live);

/// <summary>A link and how it stands.</summary>
/// <param name="Link">Its name.</param>
/// <param name="Source">Source account.</param>
/// <param name="Target">Target account.</param>
/// <param name="Kind"><c>copy</c> or <c>hedge</c>.</param>
/// <param name="Mode"><c>on</c>, <c>closeOnly</c>, <c>off</c> or <c>shadow</c>.</param>
/// <param name="Active">Legs that are kept in step.</param>
/// <param name="Skipped">Legs that were answered "nothing, because …".</param>
/// <param name="Ended">Legs that ended before their source did.</param>
/// <param name="InFlight">Orders on their way.</param>
/// <param name="SourceState">State of the source account.</param>
/// <param name="TargetState">State of the target account.</param>
public sealed record LinkState(string Link, string Source, string Target, string Kind, string Mode, int Active, int Skipped, int Ended, int InFlight, string SourceState, string TargetState);

/// <summary>A row of the why-ledger: what became of a source event on a link.</summary>
public sealed record WhyRow
{
    /// <summary>The link.</summary>
    public required string Link { get; init; }

    /// <summary>What happened on the source.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Source account.</summary>
    public string Source { get; init; } = "";

    /// <summary>Target account.</summary>
    public string Target { get; init; } = "";

    /// <summary>Source position.</summary>
    public long? Position { get; init; }

    /// <summary>Source symbol.</summary>
    public string Symbol { get; init; } = "";

    /// <summary>What became of it: <c>done</c>, <c>skipped</c> …</summary>
    public string Outcome { get; init; } = "";

    /// <summary>Why.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The broker's refusal, in the one vocabulary.</summary>
    public string? Refusal { get; init; }

    /// <summary>More about it, for a person.</summary>
    public string? Detail { get; init; }

    /// <summary>The volume that was wanted, in target lots.</summary>
    public decimal Wanted { get; init; }

    /// <summary>When the source event was seen.</summary>
    public DateTimeOffset SeenAt { get; init; }

    /// <summary>When an order was sent for it.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>When it was answered.</summary>
    public DateTimeOffset EndedAt { get; init; }
}

/// <summary>An alert.</summary>
/// <param name="At">When.</param>
/// <param name="Level"><c>info</c>, <c>warning</c> or <c>critical</c>.</param>
/// <param name="Code">Its kind.</param>
/// <param name="Account">The account that it is about.</param>
/// <param name="Link">The link that it is about.</param>
/// <param name="Text">For a person.</param>
public sealed record Alert(DateTimeOffset At, string Level, string Code, string? Account, string? Link, string Text);

/// <summary>A link's settings.</summary>
/// <param name="Link">Its name.</param>
/// <param name="Settings">As the configuration file would have them.</param>
public sealed record LinkSettings(string Link, JsonElement Settings);

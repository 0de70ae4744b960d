using System.Text.Json.Serialization;
using Lockstep.Domain;

namespace Lockstep.Server.Rest.Faces;

/// <summary>An account's money, under all names that programs read it by.</summary>
/// <param name="Balance">Closed result and deposits.</param>
/// <param name="Equity">Balance plus floating result.</param>
/// <param name="Margin">Margin in use.</param>
/// <param name="FreeMargin">Equity minus margin.</param>
/// <param name="MarginFree">The same.</param>
/// <param name="MarginLevel">Equity in percent of the margin; 0 when nothing is open, as MetaTrader has it.</param>
/// <param name="Currency">Deposit currency.</param>
/// <param name="Leverage">100 for 1:100; null where the platform does not say.</param>
internal sealed record MoneyRow(decimal Balance, decimal Equity, decimal Margin, decimal FreeMargin, decimal MarginFree, decimal MarginLevel, string Currency, decimal? Leverage)
{
    /// <summary>From the domain's word.</summary>
    public static MoneyRow Of(AccountFunds f, decimal? leverage) => new(
        f.Balance.Value, f.Equity.Value, f.Margin.Value, f.FreeMargin.Value, f.FreeMargin.Value,
        f.Margin.Value > 0 ? Math.Round(f.Equity.Value / f.Margin.Value * 100m, 2) : 0m, f.Currency, leverage);
}

/// <summary>What is open: a position, or a pending order among them.</summary>
[JsonDerivedType(typeof(PositionRow))]
[JsonDerivedType(typeof(PendingRow))]
internal abstract record OpenRow;

/// <summary>
/// An open position. A number that is not known is left out: programs take a missing one for 0 and fail at null. Its ticket is the one that never changes, also where MetaTrader 4 gives the rest of
/// a partial close another.
/// </summary>
internal sealed record PositionRow : OpenRow
{
    /// <summary>Its number.</summary>
    public required long Ticket { get; init; }

    /// <summary>The same.</summary>
    public required long PositionId { get; init; }

    /// <summary>The broker's name of the symbol.</summary>
    public required string Symbol { get; init; }

    /// <summary>0 buy, 1 sell.</summary>
    public required int Type { get; init; }

    /// <summary>BUY or SELL.</summary>
    public required string Direction { get; init; }

    /// <summary>Lots.</summary>
    public required decimal Volume { get; init; }

    /// <summary>Opening price.</summary>
    public required decimal PriceOpen { get; init; }

    /// <summary>Price at which it would be closed now.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? PriceCurrent { get; init; }

    /// <summary>Floating result without swap and commission.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Profit { get; init; }

    /// <summary>Swap so far.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Swap { get; init; }

    /// <summary>Commission so far, negative = cost.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Commission { get; init; }

    /// <summary>Stop loss; 0 = none.</summary>
    public required decimal Sl { get; init; }

    /// <summary>Take profit; 0 = none.</summary>
    public required decimal Tp { get; init; }

    /// <summary>When it was opened: seconds since 1970, UTC.</summary>
    public required long Time { get; init; }

    /// <summary>Comment or label.</summary>
    public required string Comment { get; init; }

    /// <summary>Magic number; 0 = none.</summary>
    public required long Magic { get; init; }

    /// <summary>From the domain's words; what is not known is null.</summary>
    public static PositionRow Of(PositionReport p, PositionMoney? money, Quote? quote, decimal? commission) => new()
    {
        Ticket = p.Id.Value,
        PositionId = p.Id.Value,
        Symbol = p.Symbol.Value,
        Type = p.Side == Side.Buy ? 0 : 1,
        Direction = FaceWords.Of(p.Side),
        Volume = p.Volume.Value,
        PriceOpen = p.OpenPrice.Value,
        PriceCurrent = (p.Side == Side.Buy ? quote?.Bid : quote?.Ask)?.Value,
        Profit = money?.Profit.Value,
        Swap = money?.Swap.Value,
        Commission = commission,
        Sl = p.StopLoss?.Value ?? 0m,
        Tp = p.TakeProfit?.Value ?? 0m,
        Time = FaceWords.Seconds(p.OpenedAt),
        Comment = p.Tag.Comment,
        Magic = p.Tag.Magic,
    };
}

/// <summary>A pending order in the list of what is open.</summary>
internal sealed record PendingRow : OpenRow
{
    /// <summary>Its number.</summary>
    public required long Ticket { get; init; }

    /// <summary>The same.</summary>
    public required long OrderId { get; init; }

    /// <summary>The broker's name of the symbol.</summary>
    public required string Symbol { get; init; }

    /// <summary>pending_order: this tells it from positions.</summary>
    public string Type { get; } = "pending_order";

    /// <summary>BUY or SELL.</summary>
    public required string Direction { get; init; }

    /// <summary>BUY_LIMIT, SELL_STOP, BUY_STOP_LIMIT and so on.</summary>
    public required string OrderType { get; init; }

    /// <summary>Lots.</summary>
    public required decimal Volume { get; init; }

    /// <summary>Trigger or limit price.</summary>
    public required decimal PriceOpen { get; init; }

    /// <summary>Limit price of a stop-limit order; 0 = it has none.</summary>
    public required decimal PriceStoplimit { get; init; }

    /// <summary>Price of the other side now.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? PriceCurrent { get; init; }

    /// <summary>Stop loss; 0 = none.</summary>
    public required decimal Sl { get; init; }

    /// <summary>Take profit; 0 = none.</summary>
    public required decimal Tp { get; init; }

    /// <summary>When it was placed: seconds since 1970, UTC.</summary>
    public required long Time { get; init; }

    /// <summary>When it expires: seconds since 1970, UTC; 0 = never.</summary>
    public required long TimeExpiration { get; init; }

    /// <summary>Comment or label.</summary>
    public required string Comment { get; init; }

    /// <summary>Magic number; 0 = none.</summary>
    public required long Magic { get; init; }

    /// <summary>From the domain's words.</summary>
    public static PendingRow Of(PendingReport o, Quote? quote) => new()
    {
        Ticket = o.Id.Value,
        OrderId = o.Id.Value,
        Symbol = o.Symbol.Value,
        Direction = FaceWords.Of(o.Side),
        OrderType = FaceWords.Of(o.Side) + o.Type switch { PendingType.Limit => "_LIMIT", PendingType.Stop => "_STOP", _ => "_STOP_LIMIT" },
        Volume = o.Volume.Value,
        PriceOpen = o.Price.Value,
        PriceStoplimit = o.LimitPrice?.Value ?? 0m,
        PriceCurrent = (o.Side == Side.Buy ? quote?.Ask : quote?.Bid)?.Value,
        Sl = o.StopLoss?.Value ?? 0m,
        Tp = o.TakeProfit?.Value ?? 0m,
        Time = FaceWords.Seconds(o.PlacedAt),
        TimeExpiration = o.Expiry is { } expiry ? FaceWords.Seconds(expiry) : 0,
        Comment = o.Tag.Comment,
        Magic = o.Tag.Magic,
    };
}

/// <summary>What is open.</summary>
/// <param name="OpenPositions">Positions first, oldest first; then pending orders.</param>
internal sealed record OpenRows(IReadOnlyList<OpenRow> OpenPositions);

/// <summary>A price.</summary>
/// <param name="Symbol">The broker's name of the symbol.</param>
/// <param name="Bid">Bid.</param>
/// <param name="Ask">Ask.</param>
/// <param name="Time">When, ISO 8601, UTC.</param>
/// <param name="Timestamp">The same.</param>
internal sealed record PriceRow(string Symbol, decimal Bid, decimal Ask, DateTimeOffset Time, DateTimeOffset Timestamp)
{
    /// <summary>From the domain's word.</summary>
    public static PriceRow Of(SymbolName symbol, Quote q) => new(symbol.Value, q.Bid.Value, q.Ask.Value, q.At.ToDateTimeOffset(), q.At.ToDateTimeOffset());
}

/// <summary>What a broker says about a symbol.</summary>
/// <param name="Symbol">The broker's name of the symbol.</param>
/// <param name="Digits">Decimals of a price.</param>
/// <param name="Point">One in the last of them.</param>
/// <param name="PipSize">A pip: ten points where prices have 3 or 5 decimals, else one.</param>
/// <param name="TickSize">Prices are multiples of this.</param>
/// <param name="ContractSize">Units of one lot.</param>
/// <param name="UnitsPerLot">The same.</param>
/// <param name="MinLot">Smallest volume.</param>
/// <param name="MaxLot">Largest volume.</param>
/// <param name="LotStep">Volumes are multiples of this.</param>
/// <param name="StopsLevel">Smallest distance of stops from the market, in points.</param>
/// <param name="FreezeLevel">No change of stops nearer than this, in points.</param>
/// <param name="CurrencyBase">Base currency.</param>
/// <param name="CurrencyProfit">Currency of the profit.</param>
/// <param name="Leverage">The account's; null where the platform does not say.</param>
/// <param name="Select">It can be asked for: always.</param>
internal sealed record SymbolRow(
    string Symbol, int Digits, decimal Point, decimal PipSize, decimal TickSize, decimal ContractSize, decimal UnitsPerLot, decimal MinLot, decimal MaxLot, decimal LotStep, int StopsLevel,
    int FreezeLevel, string CurrencyBase, string CurrencyProfit, decimal? Leverage, bool Select)
{
    /// <summary>From the domain's word.</summary>
    public static SymbolRow Of(SymbolSpec s, decimal? leverage) => new(
        s.Name.Value, s.Digits, s.Point, s.Digits is 3 or 5 ? 10m * s.Point : s.Point, s.TickSize, s.ContractSize, s.ContractSize, s.MinLots.Value, s.MaxLots.Value, s.LotStep.Value,
        s.StopsLevelPoints, s.FreezeLevelPoints, s.BaseCurrency, s.ProfitCurrency, leverage, true);
}

/// <summary>A candle.</summary>
/// <param name="Time">When it opened: seconds since 1970, UTC.</param>
/// <param name="Open">First price.</param>
/// <param name="High">Highest.</param>
/// <param name="Low">Lowest.</param>
/// <param name="Close">Last.</param>
/// <param name="Volume">Number of ticks.</param>
internal sealed record CandleRow(long Time, decimal Open, decimal High, decimal Low, decimal Close, long Volume)
{
    /// <summary>From the domain's word.</summary>
    public static CandleRow Of(Candle c) => new(FaceWords.Seconds(c.At), c.Open.Value, c.High.Value, c.Low.Value, c.Close.Value, c.Ticks);
}

/// <summary>Candles.</summary>
/// <param name="Candles">Oldest first; the last one may still be forming.</param>
internal sealed record CandleRows(IReadOnlyList<CandleRow> Candles);

/// <summary>Small words that all faces write alike.</summary>
internal static class FaceWords
{
    /// <summary>BUY or SELL.</summary>
    public static string Of(Side side) => side == Side.Buy ? "BUY" : "SELL";

    /// <summary>Seconds since 1970.</summary>
    public static long Seconds(Timestamp at) => at.Micros / 1_000_000;
}

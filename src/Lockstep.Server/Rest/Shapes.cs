using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Storage;

namespace Lockstep.Server.Rest;

/// <summary>An account in a list.</summary>
internal sealed record AccountShape
{
    /// <summary>Name.</summary>
    public required string Account { get; init; }

    /// <summary>Platform: <c>paper</c>, <c>mt4</c>, <c>mt5</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>Platform and mode: <c>mt5-hedging</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>hedging, netting or fifo; absent until a terminal has told it.</summary>
    public required AccountMode? Mode { get; init; }

    /// <summary>False when no session is wanted.</summary>
    public required bool Enabled { get; init; }

    /// <summary>up (can be traded), syncing, or down.</summary>
    public required string State { get; init; }

    /// <summary>Deposit currency; absent until a terminal has told it.</summary>
    public required string? Currency { get; init; }

    /// <summary>Number of the session.</summary>
    public long Session { get; init; }

    /// <summary>Number of open positions.</summary>
    public int Positions { get; init; }

    /// <summary>Number of pending orders.</summary>
    public int Orders { get; init; }

    /// <summary>Money; absent until the platform has told it.</summary>
    public FundsShape? Funds { get; init; }
}

/// <summary>An account's money.</summary>
internal sealed record FundsShape(decimal Balance, decimal Equity, decimal Margin, decimal FreeMargin, decimal? MarginLevel, string Currency, DateTimeOffset At)
{
    /// <summary>From the domain's word; the margin level is in percent, absent without margin.</summary>
    public static FundsShape? Of(AccountFunds? funds) => funds is null ? null : new(
        funds.Balance.Value, funds.Equity.Value, funds.Margin.Value, funds.FreeMargin.Value,
        funds.Margin.Value > 0 ? Math.Round(funds.Equity.Value / funds.Margin.Value * 100m, 2) : null,
        funds.Currency, funds.At.ToDateTimeOffset());
}

/// <summary>An account's money, for those who want nothing else. What the platform has not told is left out.</summary>
/// <param name="Account">The account.</param>
/// <param name="State">up, syncing or down: whether this is now.</param>
/// <param name="Currency">Deposit currency.</param>
/// <param name="Balance">Closed result and deposits.</param>
/// <param name="Equity">Balance and floating result.</param>
/// <param name="Margin">Margin in use.</param>
/// <param name="FreeMargin">Margin that is free.</param>
/// <param name="MarginLevel">Equity in percent of the margin; left out without margin.</param>
/// <param name="Floating">Floating result of all positions with their swap, as far as it is known.</param>
/// <param name="At">When the platform told it.</param>
/// <param name="BrokerTime">The same on the broker's clock.</param>
internal sealed record MoneyShape(
    string Account, string State, string? Currency, decimal? Balance, decimal? Equity, decimal? Margin, decimal? FreeMargin, decimal? MarginLevel, decimal? Floating, DateTimeOffset? At, string? BrokerTime)
{
    /// <summary>From the domain's words.</summary>
    public static MoneyShape Of(AccountId account, string state, AccountFunds? funds, IReadOnlyList<PositionMoney> floating, Yardstick yard)
    {
        var f = FundsShape.Of(funds);
        return new MoneyShape(
            account.Value, state, f?.Currency, f?.Balance, f?.Equity, f?.Margin, f?.FreeMargin, f?.MarginLevel, floating.Count == 0 ? null : floating.Sum(m => m.Profit.Value + m.Swap.Value), f?.At,
            funds is null ? null : yard.Broker(funds.At));
    }
}

/// <summary>A quote.</summary>
/// <param name="Account">The account.</param>
/// <param name="Symbol">The broker's name of the symbol.</param>
/// <param name="Bid">Price at which one sells.</param>
/// <param name="Ask">Price at which one buys.</param>
/// <param name="Spread">Ask less bid.</param>
/// <param name="At">When the platform told it.</param>
/// <param name="BrokerTime">The same on the broker's clock.</param>
internal sealed record PriceShape(string Account, string Symbol, decimal Bid, decimal Ask, decimal Spread, DateTimeOffset At, string? BrokerTime)
{
    /// <summary>From the domain's word.</summary>
    public static PriceShape Of(AccountId account, SymbolName symbol, Quote quote, Yardstick yard) => new(
        account.Value, symbol.Value, quote.Bid.Value, quote.Ask.Value, quote.Ask.Value - quote.Bid.Value, quote.At.ToDateTimeOffset(), yard.Broker(quote.At));
}

/// <summary>An open position. Volume in lots, and in units of the base asset where the symbol is known; what is not known is left out.</summary>
internal sealed record PositionShape(
    long Position, long Ticket, string Symbol, Side Side, decimal Volume, decimal? VolumeUnits, decimal OpenPrice, DateTimeOffset OpenedAt, string? BrokerTime, decimal? StopLoss, decimal? TakeProfit,
    decimal? CurrentPrice, decimal? Profit, decimal? Swap, long? OpeningOrder, long Magic, string Comment, string? Key)
{
    /// <summary>From the domain's word alone.</summary>
    public static PositionShape Of(PositionReport p) => Of(p, Yardstick.None, null, null);

    /// <summary>From the domain's words.</summary>
    public static PositionShape Of(PositionReport p, Yardstick yard, Quote? quote, PositionMoney? money) => new(
        p.Id.Value, p.Ticket, p.Symbol.Value, p.Side, p.Volume.Value, yard.Units(p.Symbol, p.Volume), p.OpenPrice.Value, p.OpenedAt.ToDateTimeOffset(), yard.Broker(p.OpenedAt),
        p.StopLoss?.Value, p.TakeProfit?.Value, quote?.ToClose(p.Side).Value, money?.Profit.Value, money?.Swap.Value, p.OpeningOrder?.Value, p.Tag.Magic, p.Tag.Comment, p.Tag.Key?.ToString());
}

/// <summary>A pending order. Volume in lots, and in units of the base asset where the symbol is known.</summary>
internal sealed record OrderShape(
    long Order, string Symbol, Side Side, PendingType Type, decimal Volume, decimal? VolumeUnits, decimal Price, decimal? LimitPrice, decimal? StopLoss, decimal? TakeProfit,
    DateTimeOffset? Expiry, DateTimeOffset PlacedAt, string? BrokerTime, long Magic, string Comment, string? Key)
{
    /// <summary>From the domain's word alone.</summary>
    public static OrderShape Of(PendingReport o) => Of(o, Yardstick.None);

    /// <summary>From the domain's words.</summary>
    public static OrderShape Of(PendingReport o, Yardstick yard) => new(
        o.Id.Value, o.Symbol.Value, o.Side, o.Type, o.Volume.Value, yard.Units(o.Symbol, o.Volume), o.Price.Value, o.LimitPrice?.Value, o.StopLoss?.Value, o.TakeProfit?.Value,
        o.Expiry?.ToDateTimeOffset(), o.PlacedAt.ToDateTimeOffset(), yard.Broker(o.PlacedAt), o.Tag.Magic, o.Tag.Comment, o.Tag.Key?.ToString());
}

/// <summary>A symbol with its latest quote.</summary>
internal sealed record SymbolShape(
    string Symbol, decimal ContractSize, int Digits, decimal TickSize, decimal MinLots, decimal LotStep, decimal MaxLots, int StopsLevelPoints, int FreezeLevelPoints,
    string BaseCurrency, string ProfitCurrency, decimal? Bid, decimal? Ask, DateTimeOffset? QuotedAt)
{
    /// <summary>From the domain's words.</summary>
    public static SymbolShape Of(SymbolSpec s, Quote? q) => new(
        s.Name.Value, s.ContractSize, s.Digits, s.TickSize, s.MinLots.Value, s.LotStep.Value, s.MaxLots.Value, s.StopsLevelPoints, s.FreezeLevelPoints,
        s.BaseCurrency, s.ProfitCurrency, q?.Bid.Value, q?.Ask.Value, q?.At.ToDateTimeOffset());
}

/// <summary>A link and how it stands.</summary>
internal sealed record LinkShape(
    string Link, string Source, string Target, LinkKind Kind, LinkMode Mode, int Active, int Skipped, int Ended, int InFlight, string SourceState, string TargetState);

/// <summary>A leg.</summary>
internal sealed record LegShape(
    string Link, string Source, long? Position, long? Order, int Generation, LegStatus Status, WhyReason? Reason, string SourceSymbol, Side SourceSide, decimal SourceVolume,
    string Target, string? TargetSymbol, Side TargetSide, decimal Wanted, decimal Held, string? InFlight, IReadOnlyList<long> TargetPositions)
{
    /// <summary>From the engine's word.</summary>
    public static LegShape Of(LegView l) => new(
        l.Link.Value, l.Source.Value, l.Position?.Value, l.Order?.Value, l.Generation, l.Status, l.Reason, l.SourceSymbol.Value, l.SourceSide, l.SourceVolume.Value,
        l.Target.Value, string.IsNullOrEmpty(l.TargetSymbol.Value) ? null : l.TargetSymbol.Value, l.TargetSide, l.Wanted.Value, l.Held.Value, l.InFlight?.ToString(),
        [.. l.TargetPositions.Select(p => p.Value)]);
}

/// <summary>A row of the why-ledger.</summary>
internal sealed record WhyShape(
    long Event, int Part, string Link, SourceEventKind Kind, string Source, long? Position, long? Order, string Symbol, WhyOutcome Outcome, WhyReason Reason, Refusal? Refusal,
    string? Detail, string Target, decimal Wanted, decimal Residue, DateTimeOffset SeenAt, DateTimeOffset? SentAt, DateTimeOffset EndedAt)
{
    /// <summary>The row's number in the ledger, growing; absent where it is told before it has one (in the stream of events).</summary>
    public long? Id { get; init; }

    /// <summary>From the ledger.</summary>
    public static WhyShape Of(StoredWhy row) => Of(row.Row.Entry) with { Id = row.Id };

    /// <summary>From the engine's word.</summary>
    public static WhyShape Of(WhyEntry w) => new(
        w.EventSeq, w.Part, w.Link.Value, w.Kind, w.Source.Value, w.Position?.Value, w.Order?.Value, w.Symbol.Value, w.Outcome, w.Reason,
        w.Refusal == Domain.Refusal.None ? null : w.Refusal, w.Detail.Length == 0 ? null : w.Detail, w.Target.Value, w.Wanted.Value, w.Residue,
        w.SeenAt.ToDateTimeOffset(), w.SentAt?.ToDateTimeOffset(), w.EndedAt.ToDateTimeOffset());
}

/// <summary>An alert.</summary>
internal sealed record AlertShape(DateTimeOffset At, AlertLevel Level, string Code, string? Account, string? Link, string Text)
{
    /// <summary>Its number, growing; absent where it is told before it has one (in the stream of events).</summary>
    public long? Id { get; init; }

    /// <summary>From the engine's word.</summary>
    public static AlertShape Of(AlertSeen a) => new(a.At.ToDateTimeOffset(), a.Alert.Level, a.Alert.Code, a.Alert.Account?.Value, a.Alert.Link?.Value, a.Alert.Text) { Id = a.Id };
}

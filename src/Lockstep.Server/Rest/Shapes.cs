using Lockstep.Domain;
using Lockstep.Engine;

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

/// <summary>An open position.</summary>
internal sealed record PositionShape(
    long Position, long Ticket, string Symbol, Side Side, decimal Volume, decimal OpenPrice, DateTimeOffset OpenedAt, decimal? StopLoss, decimal? TakeProfit,
    long? OpeningOrder, long Magic, string Comment, string? Key)
{
    /// <summary>From the domain's word.</summary>
    public static PositionShape Of(PositionReport p) => new(
        p.Id.Value, p.Ticket, p.Symbol.Value, p.Side, p.Volume.Value, p.OpenPrice.Value, p.OpenedAt.ToDateTimeOffset(), p.StopLoss?.Value, p.TakeProfit?.Value,
        p.OpeningOrder?.Value, p.Tag.Magic, p.Tag.Comment, p.Tag.Key?.ToString());
}

/// <summary>A pending order.</summary>
internal sealed record OrderShape(
    long Order, string Symbol, Side Side, PendingType Type, decimal Volume, decimal Price, decimal? LimitPrice, decimal? StopLoss, decimal? TakeProfit,
    DateTimeOffset? Expiry, DateTimeOffset PlacedAt, long Magic, string Comment, string? Key)
{
    /// <summary>From the domain's word.</summary>
    public static OrderShape Of(PendingReport o) => new(
        o.Id.Value, o.Symbol.Value, o.Side, o.Type, o.Volume.Value, o.Price.Value, o.LimitPrice?.Value, o.StopLoss?.Value, o.TakeProfit?.Value,
        o.Expiry?.ToDateTimeOffset(), o.PlacedAt.ToDateTimeOffset(), o.Tag.Magic, o.Tag.Comment, o.Tag.Key?.ToString());
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

/// <summary>How a request ended, or stands.</summary>
internal sealed record RequestShape(
    string Account, string ClientId, ClientState State, Refusal? Refusal, string? Code, string? Key, long? Position, long? Order, decimal? Filled, decimal? Price, ClosingShape? Closing)
{
    /// <summary>From the engine's word.</summary>
    public static RequestShape Of(AccountId account, string clientId, ClientAnswer a) => new(
        account.Value, clientId, a.State, a.Refusal == Domain.Refusal.None ? null : a.Refusal, a.Code.Length == 0 ? null : a.Code, a.Key?.ToString(),
        a.Position?.Value, a.Order?.Value, a.Filled.IsZero ? null : a.Filled.Value, a.Price?.Value, ClosingShape.Of(a.Closing));
}

/// <summary>The first half of a reversal.</summary>
internal sealed record ClosingShape(ClientState State, string? Key, long Position, decimal? Filled, decimal? Price)
{
    /// <summary>From the engine's word.</summary>
    public static ClosingShape? Of(ClientClosing? c) => c is null ? null : new(c.State, c.Key?.ToString(), c.Position.Value, c.Filled.IsZero ? null : c.Filled.Value, c.Price?.Value);
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
    /// <summary>From the engine's word.</summary>
    public static WhyShape Of(WhyEntry w) => new(
        w.EventSeq, w.Part, w.Link.Value, w.Kind, w.Source.Value, w.Position?.Value, w.Order?.Value, w.Symbol.Value, w.Outcome, w.Reason,
        w.Refusal == Domain.Refusal.None ? null : w.Refusal, w.Detail.Length == 0 ? null : w.Detail, w.Target.Value, w.Wanted.Value, w.Residue,
        w.SeenAt.ToDateTimeOffset(), w.SentAt?.ToDateTimeOffset(), w.EndedAt.ToDateTimeOffset());
}

/// <summary>An alert.</summary>
internal sealed record AlertShape(DateTimeOffset At, AlertLevel Level, string Code, string? Account, string? Link, string Text)
{
    /// <summary>From the engine's word.</summary>
    public static AlertShape Of(AlertSeen a) => new(a.At.ToDateTimeOffset(), a.Alert.Level, a.Alert.Code, a.Alert.Account?.Value, a.Alert.Link?.Value, a.Alert.Text);
}

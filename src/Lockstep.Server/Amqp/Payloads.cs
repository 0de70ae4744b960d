using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Server.Amqp;

/// <summary>The payloads of published messages (contracts/amqp). Field names are written in snake_case; what is not known or not set is null, never 0; ids are text, tickets numbers, volumes lots.</summary>
internal static class Payloads
{
    /// <summary>A moment as messages write it: ISO 8601, UTC, milliseconds.</summary>
    public static string Moment(Timestamp at) => at.ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>BUY or SELL.</summary>
    public static string Direction(Side side) => side == Side.Buy ? "BUY" : "SELL";
}

/// <summary><c>price.tick</c>.</summary>
internal sealed record PriceTick(string Symbol, decimal Bid, decimal Ask, string Time)
{
    /// <summary>From the domain's word.</summary>
    public static PriceTick Of(SymbolName symbol, Quote quote) => new(symbol.Value, quote.Bid.Value, quote.Ask.Value, Payloads.Moment(quote.At));
}

/// <summary><c>account.info</c>; the margin level in percent, null without margin.</summary>
internal sealed record AccountInfo(decimal Balance, decimal Equity, decimal Margin, decimal FreeMargin, decimal? MarginLevel, string Currency)
{
    /// <summary>From the domain's word.</summary>
    public static AccountInfo Of(AccountFunds f) => new(
        f.Balance.Value, f.Equity.Value, f.Margin.Value, f.FreeMargin.Value, f.Margin.Value > 0 ? Math.Round(f.Equity.Value / f.Margin.Value * 100m, 2) : null, f.Currency);
}

/// <summary><c>positions.snapshot</c>: everything that is open.</summary>
/// <param name="OpenPositions">The positions, by id.</param>
/// <param name="Cursor">Number of the last event (header <c>lockstep-event</c>) that is in it for certain.</param>
internal sealed record PositionsSnapshot(IReadOnlyList<PositionRow> OpenPositions, long Cursor);

/// <summary><c>pending_orders</c>: everything that waits.</summary>
internal sealed record PendingSnapshot(IReadOnlyList<OrderRow> PendingOrders);

/// <summary>
/// An open position, under the names of MT5's service and of the canonical connector alike. <c>type</c> is 0 for a long and 1 for a short position, <c>time</c> whole seconds since 1970.
/// </summary>
internal sealed record PositionRow(
    string PositionId, long Ticket, string Symbol, string Direction, int Type, decimal Volume, decimal PriceOpen, decimal OpenPrice, decimal? PriceCurrent, decimal? CurrentPrice, decimal? Sl, decimal? Tp,
    decimal? Profit, decimal? Swap, long Time, string OpenTime, long Magic, string Comment, string? Key)
{
    /// <summary>From the domain's words.</summary>
    /// <param name="p">The position.</param>
    /// <param name="money">Its floating result; null = not known.</param>
    /// <param name="quote">The symbol's quote; null = not known.</param>
    public static PositionRow Of(PositionReport p, PositionMoney? money = null, Quote? quote = null)
    {
        decimal? current = quote?.ToClose(p.Side).Value;
        return new(
            p.Id.ToString(), p.Ticket, p.Symbol.Value, Payloads.Direction(p.Side), p.Side == Side.Buy ? 0 : 1, p.Volume.Value, p.OpenPrice.Value, p.OpenPrice.Value, current, current,
            p.StopLoss?.Value, p.TakeProfit?.Value, money?.Profit.Value, money?.Swap.Value, p.OpenedAt.Micros / 1_000_000, Payloads.Moment(p.OpenedAt), p.Tag.Magic, p.Tag.Comment, p.Tag.Key?.ToString());
    }
}

/// <summary>A pending order.</summary>
internal sealed record OrderRow(
    string Id, string Symbol, decimal Volume, string Side, PendingType Type, decimal Price, decimal? LimitPrice, decimal? StopLoss, decimal? TakeProfit, string State, string? Expiry, string PlacedAt,
    long Magic, string Comment, string? Key)
{
    /// <summary>From the domain's word; <paramref name="state"/> is <c>working</c> or <c>gone</c>.</summary>
    public static OrderRow Of(PendingReport o, string state = "working") => new(
        o.Id.ToString(), o.Symbol.Value, o.Volume.Value, Payloads.Direction(o.Side), o.Type, o.Price.Value, o.LimitPrice?.Value, o.StopLoss?.Value, o.TakeProfit?.Value, state,
        o.Expiry is { } expiry ? Payloads.Moment(expiry) : null, Payloads.Moment(o.PlacedAt), o.Tag.Magic, o.Tag.Comment, o.Tag.Key?.ToString());
}

/// <summary><c>position.opened</c>.</summary>
internal sealed record OpenedPosition(PositionRow Position);

/// <summary><c>position.changed</c>.</summary>
internal sealed record ChangedPosition(PositionRow Before, PositionRow Position);

/// <summary>
/// <c>position.closed</c>. Price, time, money, deal and reason are those of the deals that closed it, as far as the platform told them with the closing; else null, and they come as <c>deal</c>.
/// </summary>
internal sealed record ClosedPosition(
    string PositionId, string Symbol, string Direction, decimal Volume, string OpenTime, decimal OpenPrice, string? CloseTime, decimal? ClosePrice, decimal? Profit, decimal? Commission, decimal? Swap,
    string? BrokerDealId, DealReason? Reason)
{
    /// <summary>From the domain's words; several deals give their average price, weighted by volume, and their sums.</summary>
    public static ClosedPosition Of(PositionReport p, IReadOnlyList<DealReport> deals)
    {
        var last = deals.Count == 0 ? null : deals[^1];
        decimal volume = deals.Sum(d => d.Volume.Value);
        return new(
            p.Id.ToString(), p.Symbol.Value, Payloads.Direction(p.Side), p.Volume.Value, Payloads.Moment(p.OpenedAt), p.OpenPrice.Value,
            last is null ? null : Payloads.Moment(last.At), deals.Count switch { 0 => null, 1 => last!.Price.Value, _ => deals.Sum(d => d.Price.Value * d.Volume.Value) / volume },
            last is null ? null : deals.Sum(d => d.Profit.Value), last is null ? null : deals.Sum(d => d.Commission.Value), last is null ? null : deals.Sum(d => d.Swap.Value),
            last?.Id.ToString(), last?.Reason);
    }
}

/// <summary><c>order.placed</c> and <c>order.gone</c>.</summary>
internal sealed record OneOrder(OrderRow Order);

/// <summary><c>order.changed</c>.</summary>
internal sealed record ChangedOrder(OrderRow Before, OrderRow Order);

/// <summary><c>deal</c>.</summary>
internal sealed record DealRow(
    string DealId, string PositionId, string? OrderId, string Symbol, string Direction, decimal Volume, decimal Price, DealEntry Entry, DealReason Reason, string Time, decimal Profit, decimal Swap,
    decimal Commission, long Magic, string Comment, string? Key)
{
    /// <summary>From the domain's word.</summary>
    public static DealRow Of(DealReport d) => new(
        d.Id.ToString(), d.Position.ToString(), d.Order?.ToString(), d.Symbol.Value, Payloads.Direction(d.Side), d.Volume.Value, d.Price.Value, d.Entry, d.Reason, Payloads.Moment(d.At), d.Profit.Value,
        d.Swap.Value, d.Commission.Value, d.Tag.Magic, d.Tag.Comment, d.Tag.Key?.ToString());
}

/// <summary><c>request</c>: how a request through the API stands.</summary>
internal sealed record RequestRow(
    string ClientId, ClientState State, Refusal? Refusal, string? Code, string? Key, string? PositionId, string? OrderId, decimal? Filled, decimal? Price, ClosingRow? Closing)
{
    /// <summary>From the engine's word.</summary>
    public static RequestRow Of(string clientId, ClientAnswer a) => new(
        clientId, a.State, a.Refusal == Domain.Refusal.None ? null : a.Refusal, a.Code.Length == 0 ? null : a.Code, a.Key?.ToString(), a.Position?.ToString(), a.Order?.ToString(),
        a.Filled.IsZero ? null : a.Filled.Value, a.Price?.Value, a.Closing is { } c ? ClosingRow.Of(c) : null);
}

/// <summary>The first half of a reversal.</summary>
internal sealed record ClosingRow(ClientState State, string? Key, string PositionId, decimal? Filled, decimal? Price)
{
    /// <summary>From the engine's word.</summary>
    public static ClosingRow Of(ClientClosing c) => new(c.State, c.Key?.ToString(), c.Position.ToString(), c.Filled.IsZero ? null : c.Filled.Value, c.Price?.Value);
}

/// <summary><c>why</c>: what became of a source event on a link.</summary>
internal sealed record WhyRow(
    long Event, int Part, string Link, SourceEventKind Kind, string Source, string Target, string? PositionId, string? OrderId, string? Symbol, WhyOutcome Outcome, WhyReason Reason, Refusal? Refusal,
    string? Detail, decimal Wanted, decimal Residue, string SeenAt, string? SentAt, string EndedAt)
{
    /// <summary>From the engine's word.</summary>
    public static WhyRow Of(WhyEntry w) => new(
        w.EventSeq, w.Part, w.Link.Value, w.Kind, w.Source.Value, w.Target.Value, w.Position?.ToString(), w.Order?.ToString(), string.IsNullOrEmpty(w.Symbol.Value) ? null : w.Symbol.Value, w.Outcome,
        w.Reason, w.Refusal == Domain.Refusal.None ? null : w.Refusal, w.Detail.Length == 0 ? null : w.Detail, w.Wanted.Value, w.Residue, Payloads.Moment(w.SeenAt),
        w.SentAt is { } sent ? Payloads.Moment(sent) : null, Payloads.Moment(w.EndedAt));
}

/// <summary><c>alert</c>.</summary>
internal sealed record AlertPayload(AlertLevel Level, string Code, string? Account, string? Link, string Text);

/// <summary><c>divergence</c>: belief and report differed, and the belief was repaired.</summary>
internal sealed record DivergencePayload(string What, string Believed, string Reported);

/// <summary><c>session</c>: <c>up</c> (can be traded), <c>syncing</c> or <c>down</c>.</summary>
internal sealed record SessionPayload(string State, long Epoch, string? Reason);

using Lockstep.Domain;

namespace Lockstep.Server.Rest.Faces;

/// <summary>A deal's row; numbers of type, entry and reason as MT5 has them.</summary>
internal sealed record DealRow(
    long Ticket, long? Order, long Time, long TimeMsc, int Type, int Entry, long Magic, int Reason, long PositionId, decimal Volume, decimal Price, decimal Commission, decimal Swap, decimal Profit,
    string Symbol, string Comment)
{
    /// <summary>From the domain's word. Reasons: 0 a person, 3 a program, 4 stop loss, 5 take profit, 6 stop-out.</summary>
    public static DealRow Of(DealReport d) => new(
        d.Id.Value, d.Order?.Value, d.At.Micros / 1_000_000, d.At.Micros / 1_000, d.Side == Side.Buy ? 0 : 1, d.Entry switch { DealEntry.In => 0, DealEntry.Out => 1, _ => 2 }, d.Tag.Magic,
        d.Reason switch { DealReason.StopLoss => 4, DealReason.TakeProfit => 5, DealReason.StopOut => 6, _ => d.Tag.Key is null ? 0 : 3 },
        d.Position.Value, d.Volume.Value, d.Price.Value, d.Commission.Value, d.Swap.Value, d.Profit.Value, d.Symbol.Value, d.Tag.Comment);
}

/// <summary>What became of a position.</summary>
internal sealed record SyncShape(
    IReadOnlyList<DealRow> Deals, bool IsClosedOnPlatform, decimal PlatformRemainingSize, long? LatestDealTimestamp, decimal? FinalProfit, decimal? FinalCommission, decimal? FinalSwap, string? ErrorMessage)
{
    /// <summary>
    /// From its deals and, when it is open, its report. The account's book decides while it is up; while it is not, or where the closing deal came before the book's change, the deals do: what came in
    /// less what went out. Results are final, and there, when it is closed.
    /// </summary>
    public static SyncShape Of(IReadOnlyList<DealReport> deals, PositionReport? open, bool bookIsUp)
    {
        bool turned = deals.Any(d => d.Entry == DealEntry.InOut);
        decimal came = deals.Where(d => d.Entry == DealEntry.In).Sum(d => d.Volume.Value);
        decimal left = came - deals.Where(d => d.Entry == DealEntry.Out).Sum(d => d.Volume.Value);
        bool emptied = !turned && came > 0 && left <= 0;
        bool closed = bookIsUp ? open is null || emptied : emptied;
        decimal remaining = closed ? 0 : open?.Volume.Value ?? Math.Max(0, left);
        return new SyncShape(
            [.. deals.Select(DealRow.Of)], closed, remaining, deals.Count == 0 ? null : deals[^1].At.Micros / 1_000_000,
            closed ? deals.Sum(d => d.Profit.Value) : null, closed ? deals.Sum(d => d.Commission.Value) : null, closed ? deals.Sum(d => d.Swap.Value) : null,
            bookIsUp ? null : "the account's session is not up: worked out from its deals");
    }
}

/// <summary>Deals.</summary>
/// <param name="Deals">Oldest first.</param>
internal sealed record DealRows(IReadOnlyList<DealRow> Deals);

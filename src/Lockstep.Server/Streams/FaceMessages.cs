using System.Globalization;
using Lockstep.Domain;
using Lockstep.Server.Rest.Faces;
using Lockstep.Storage;

namespace Lockstep.Server.Streams;

/// <summary>The messages of the parity face's WebSocket, as existing programs read them.</summary>
internal static class FaceMessages
{
    /// <summary>An account's money.</summary>
    public static byte[] AccountInfo(Cell cell, decimal? leverage) => Frames.OfFace(new FaceData("account_info", MoneyRow.Of((AccountFunds)cell.Value!, leverage)));

    /// <summary>What is open.</summary>
    public static byte[] OpenPositions(Cell cell) => Frames.OfFace(new FaceData("open_positions", cell.Value!));

    /// <summary>A position that was closed.</summary>
    public static byte[] Closed(PositionClosed closed) => Frames.OfFace(new FaceData("closed_position", ClosedRow.Of(closed.Position, closed.Deals)));

    /// <summary>A price, under the letters that were subscribed with.</summary>
    public static byte[] LivePrice(Cell cell, string symbol) => Frames.OfFace(new FaceLive("live_price", symbol, new FacePrice(symbol, cell.Quote.Bid.Value, cell.Quote.Ask.Value)));

    /// <summary>A candle, under the letters that were subscribed with; null = there is none yet.</summary>
    public static byte[]? CandleUpdate(Cell cell, string symbol) => cell.Value is CandleState { Forming: var forming, Closed: var closed } && (forming ?? closed) is { } candle
        ? Frames.OfFace(new FaceCandle("candle_update", symbol, cell.Key.Frame.ToString(), CandleRow.Of(candle)))
        : null;

    /// <summary>A message that could not be followed.</summary>
    public static byte[] Error(string detail, string? symbol, string? timeframe) => Frames.OfFace(new FaceError("error", detail, symbol, timeframe));
}

/// <summary>A message with data.</summary>
internal sealed record FaceData(string Type, object Data);

/// <summary>A message about a symbol.</summary>
internal sealed record FaceLive(string Type, string Symbol, FacePrice Data);

/// <summary>A price.</summary>
internal sealed record FacePrice(string Symbol, decimal Bid, decimal Ask);

/// <summary>A message about a candle.</summary>
internal sealed record FaceCandle(string Type, string Symbol, string Timeframe, CandleRow Data);

/// <summary>A message that could not be followed.</summary>
internal sealed record FaceError(string Type, string Detail, string? Symbol, string? Timeframe);

/// <summary>
/// A position that was closed. What the closing deals say is null where the platform did not tell them with the closing.
/// </summary>
/// <param name="PositionId">Its number, as text.</param>
/// <param name="Symbol">The broker's name of the symbol.</param>
/// <param name="Direction">BUY or SELL.</param>
/// <param name="Volume">Lots that were open last.</param>
/// <param name="OpenTime">ISO 8601, UTC.</param>
/// <param name="OpenPrice">Opening price.</param>
/// <param name="CloseTime">ISO 8601, UTC.</param>
/// <param name="ClosePrice">Closing price; of several deals the average by volume.</param>
/// <param name="Profit">Result of the closing deals, without swap and commission.</param>
/// <param name="Commission">Their commission, negative = cost.</param>
/// <param name="Swap">Their swap.</param>
/// <param name="BrokerDealId">Number of the last of them, as text.</param>
/// <param name="Reason">As MT5 has it: 0 a person, 3 a program, 4 stop loss, 5 take profit, 6 stop-out.</param>
internal sealed record ClosedRow(
    string PositionId, string Symbol, string Direction, decimal Volume, string OpenTime, decimal OpenPrice, string? CloseTime, decimal? ClosePrice, decimal? Profit, decimal? Commission, decimal? Swap,
    string? BrokerDealId, int? Reason)
{
    /// <summary>From the domain's words.</summary>
    public static ClosedRow Of(PositionReport p, IReadOnlyList<DealReport> deals)
    {
        var last = deals.Count == 0 ? null : deals[^1];
        return new(
            p.Id.ToString(), p.Symbol.Value, FaceWords.Of(p.Side), p.Volume.Value, Moment(p.OpenedAt), p.OpenPrice.Value,
            last is null ? null : Moment(last.At), last is null ? null : deals.Count == 1 ? last.Price.Value : deals.Sum(d => d.Price.Value * d.Volume.Value) / deals.Sum(d => d.Volume.Value),
            last is null ? null : deals.Sum(d => d.Profit.Value), last is null ? null : deals.Sum(d => d.Commission.Value), last is null ? null : deals.Sum(d => d.Swap.Value),
            last?.Id.ToString(), last is null ? null : Why(last));
    }

    private static int Why(DealReport deal) => deal.Reason switch { DealReason.StopLoss => 4, DealReason.TakeProfit => 5, DealReason.StopOut => 6, _ => deal.Tag.Key is null ? 0 : 3 };

    private static string Moment(Timestamp at) => at.ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}

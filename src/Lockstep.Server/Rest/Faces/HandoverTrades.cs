using System.Text.Json.Serialization;
using Lockstep.Domain;

namespace Lockstep.Server.Rest.Faces;

/// <summary>The trades of the REST handover. Each needs an <c>Idempotency-Key</c>: within a day the same key gives the same answer.</summary>
internal static class HandoverTrades
{
    private const string Topic = "REST handover";

    private static readonly FaceForm Place = FaceFields.Form(
        "trade", FaceFields.Symbol.Must, FaceFields.Lots.Must, FaceFields.Direction.Must, FaceFields.OrderType, FaceFields.Price, FaceFields.TimeInForce, FaceFields.StopLoss, FaceFields.TakeProfit,
        FaceFields.StopDistance, FaceFields.TakeDistance, FaceFields.ClientId);

    private static readonly FaceForm Close = FaceFields.Form("close", FaceFields.Position.Must, FaceFields.Lots, FaceFields.Symbol, FaceFields.ClientId);
    private static readonly FaceForm Protect = FaceFields.Form("protection", FaceFields.Position.Must, FaceFields.Symbol, FaceFields.StopLoss, FaceFields.TakeProfit, FaceFields.ClientId);
    private static readonly FaceForm Cancel = FaceFields.Form("cancel", FaceFields.Order.Must, FaceFields.ClientId);

    /// <summary>Puts the operations up under a prefix.</summary>
    public static void Map(FaceRoutes routes, Face face)
    {
        var trading = new FaceTrading(routes.Desk);
        Put("Place", "trade/place", "Places a market, limit or stop order", Place, """, "symbol": "EURUSD", "direction": "BUY", "lot_size": 0.1, "order_type": "MARKET" """, typeof(PlacedInfo),
            [(404, "no-such-symbol"), (400, "no-price")], async call =>
        {
            var (placed, problem) = await trading.PlaceAsync(call);
            return placed is null ? problem! : FaceJson.Ok(PlacedInfo.Of(placed));
        });
        Put("Close", "trade/close", "Closes a position, wholly or in part", Close, """, "position_id": "7", "symbol": "EURUSD", "volume": 0.1""", typeof(ClosedInfo),
            [(404, "no-such-position"), (400, "other-symbol")], async call =>
        {
            var (closed, problem) = await trading.CloseAsync(call);
            return closed is null ? problem! : FaceJson.Ok(new ClosedInfo(
                closed.Partly ? "partial" : "filled", InfoWords.Id(closed.Position.Value), closed.Volume.Value, closed.Deal is { } deal ? InfoWords.Id(deal.Id.Value) : null, closed.Price?.Value,
                $"{closed.Volume} lots of position {closed.Position} are closed."));
        });
        Put("Protect", "trade/modify-protection", "Sets stop loss and take profit of a position; null leaves one as it is, 0 removes it", Protect,
            """, "position_id": "7", "symbol": "EURUSD", "sl": 1.05, "tp": null""", typeof(ProtectedInfo), [(404, "no-such-position"), (400, "other-symbol")], async call =>
        {
            var (done, problem) = await trading.ProtectAsync(call);
            return done is null ? problem! : FaceJson.Ok(new ProtectedInfo("updated", InfoWords.Id(done.Position.Value), done.StopLoss?.Value, done.TakeProfit?.Value));
        });
        Put("Cancel", "order/cancel", "Cancels a pending order", Cancel, """, "order_id": "9" """, typeof(CancelledInfo), [(404, "no-such-order")], async call =>
        {
            var (answer, problem) = await trading.CancelAsync(call);
            return answer is null ? problem! : FaceJson.Ok(new CancelledInfo("cancelled", InfoWords.Id(call.Id(FaceFields.Order))));
        });

        void Put(string id, string path, string summary, FaceForm form, string example, Type reply, IReadOnlyList<(int, string)> problems, Func<FaceCall, Task<IResult>> handler) => routes.Map(
            face,
            new Operation($"{face.Id}Rest{id}", "POST", $"{face.Prefix}/{path}", Scope.Trade, summary)
            {
                Topic = Topic,
                Says = "The header `Idempotency-Key` must be there.",
                Example = $$"""{"account_id": "prop"{{example}}}""",
                Replies = [new(200, reply, "It was done.")],
                Problems = [(400, "idempotency-key-missing"), .. FaceProblems.OfTrades, .. problems],
            },
            form,
            call => call.Http.Request.Headers["Idempotency-Key"].ToString().Length > 0 ? handler(call) : Task.FromResult<IResult>(Problem.Of(
                400, "idempotency-key-missing", "The request carries no Idempotency-Key.", "On this face every trade needs one, so that a repeat does nothing twice; nothing was done.",
                "Send the header 'Idempotency-Key' with an id of your own for this trade, 1 to 64 characters, and the same one when you repeat it.")),
            handover: true);
    }
}

/// <summary>An order that was placed.</summary>
internal sealed record PlacedInfo
{
    /// <summary>filled, partial, or accepted: a pending order waits.</summary>
    public required string Status { get; init; }

    /// <summary>Always true: an order that was not taken is answered as an error.</summary>
    public bool Accepted { get; } = true;

    /// <summary>The order's number.</summary>
    public required string? OrderId { get; init; }

    /// <summary>The position that it made or changed.</summary>
    public required string? PositionId { get; init; }

    /// <summary>The deals that filled it, as far as they are known.</summary>
    public required IReadOnlyList<FillInfo> Fills { get; init; }

    /// <summary>The client's id of the request.</summary>
    public required string ClientOrderId { get; init; }

    /// <summary>The broker's name of the symbol.</summary>
    public required string Symbol { get; init; }

    /// <summary>BUY or SELL.</summary>
    public required string Side { get; init; }

    /// <summary>MARKET, LIMIT or STOP.</summary>
    public required string OrderType { get; init; }

    /// <summary>Executed lots; of a pending order what waits.</summary>
    public required decimal Volume { get; init; }

    /// <summary>Execution price; of a pending order its own.</summary>
    public required decimal? Price { get; init; }

    /// <summary>The same as the Open API says it.</summary>
    public required ServerResponse ServerResponse { get; init; }

    /// <summary>From the outcome.</summary>
    public static PlacedInfo Of(Placed p)
    {
        string type = p.Request.Type is { } pending ? pending.ToString().ToUpperInvariant() : "MARKET";
        bool filled = p.Status != "pending";
        long units = Units(p.Request.Volume);
        return new PlacedInfo
        {
            Status = filled ? p.Status : "accepted",
            OrderId = p.Order is { } order ? InfoWords.Id(order.Value) : null,
            PositionId = p.Position is { } position ? InfoWords.Id(position.Value) : null,
            Fills = [.. p.Deals.Select(d => new FillInfo(InfoWords.Id(d.Id.Value), d.Price.Value, d.Volume.Value, d.At.ToDateTimeOffset()))],
            ClientOrderId = p.Request.ClientId,
            Symbol = p.Request.Symbol.Value,
            Side = FaceWords.Of(p.Request.Side),
            OrderType = type,
            Volume = p.Volume.Value,
            Price = p.Price?.Value,
            ServerResponse = new ServerResponse(
                new ServerOrder(
                    p.Order?.Value, p.Position?.Value, type, filled ? "ORDER_STATUS_FILLED" : "ORDER_STATUS_ACCEPTED", filled ? Units(p.Volume) : 0, filled ? p.Price?.Value : null, p.Request.ClientId,
                    new ServerTrade(units, FaceWords.Of(p.Request.Side))),
                p.Position is { } id ? new ServerPosition(id.Value, p.Held?.OpenPrice.Value ?? p.Price?.Value, p.Held?.StopLoss?.Value, p.Held?.TakeProfit?.Value) : null),
        };

        long Units(Lots lots) => (long)Math.Round(lots.Value * p.Spec.ContractSize * 100m);
    }
}

/// <summary>A deal that filled an order.</summary>
/// <param name="DealId">Its number.</param>
/// <param name="Price">Price.</param>
/// <param name="Volume">Lots.</param>
/// <param name="Time">When.</param>
internal sealed record FillInfo(string DealId, decimal Price, decimal Volume, DateTimeOffset Time);

/// <summary>An order and its position as the Open API says them.</summary>
/// <param name="Order">The order.</param>
/// <param name="Position">The position; null = there is none.</param>
internal sealed record ServerResponse(ServerOrder Order, ServerPosition? Position);

/// <summary>An order as the Open API says it.</summary>
/// <param name="OrderId">Its number.</param>
/// <param name="PositionId">The position's.</param>
/// <param name="OrderType">MARKET, LIMIT or STOP.</param>
/// <param name="OrderStatus">ORDER_STATUS_FILLED or ORDER_STATUS_ACCEPTED.</param>
/// <param name="ExecutedVolume">In hundredths of a unit.</param>
/// <param name="ExecutionPrice">Execution price.</param>
/// <param name="ClientOrderId">The client's id.</param>
/// <param name="TradeData">What was asked for.</param>
internal sealed record ServerOrder(
    [property: JsonPropertyName("orderId")] long? OrderId,
    [property: JsonPropertyName("positionId")] long? PositionId,
    [property: JsonPropertyName("orderType")] string OrderType,
    [property: JsonPropertyName("orderStatus")] string OrderStatus,
    [property: JsonPropertyName("executedVolume")] long ExecutedVolume,
    [property: JsonPropertyName("executionPrice")] decimal? ExecutionPrice,
    [property: JsonPropertyName("clientOrderId")] string ClientOrderId,
    [property: JsonPropertyName("tradeData")] ServerTrade TradeData);

/// <summary>What an order asks for.</summary>
/// <param name="Volume">In hundredths of a unit.</param>
/// <param name="TradeSide">BUY or SELL.</param>
internal sealed record ServerTrade([property: JsonPropertyName("volume")] long Volume, [property: JsonPropertyName("tradeSide")] string TradeSide);

/// <summary>A position as the Open API says it.</summary>
/// <param name="PositionId">Its number.</param>
/// <param name="Price">Opening price.</param>
/// <param name="StopLoss">Stop loss.</param>
/// <param name="TakeProfit">Take profit.</param>
internal sealed record ServerPosition(
    [property: JsonPropertyName("positionId")] long PositionId,
    [property: JsonPropertyName("price")] decimal? Price,
    [property: JsonPropertyName("stopLoss")] decimal? StopLoss,
    [property: JsonPropertyName("takeProfit")] decimal? TakeProfit);

/// <summary>A position that was closed, wholly or in part.</summary>
/// <param name="Status">filled; partial when less was closed than was asked for.</param>
/// <param name="PositionId">The position.</param>
/// <param name="ClosedVolume">Closed lots.</param>
/// <param name="DealId">The closing deal, where it is known.</param>
/// <param name="ClosePrice">At which price, where it is known.</param>
/// <param name="Message">In words.</param>
internal sealed record ClosedInfo(string Status, string PositionId, decimal ClosedVolume, string? DealId, decimal? ClosePrice, string Message);

/// <summary>A position whose stops were set.</summary>
/// <param name="Status">updated.</param>
/// <param name="PositionId">The position.</param>
/// <param name="Sl">Its stop loss now; null = none.</param>
/// <param name="Tp">Its take profit now; null = none.</param>
internal sealed record ProtectedInfo(string Status, string PositionId, decimal? Sl, decimal? Tp);

/// <summary>A pending order that was cancelled.</summary>
/// <param name="Status">cancelled.</param>
/// <param name="OrderId">The order.</param>
internal sealed record CancelledInfo(string Status, string OrderId);

namespace Lockstep.Server.Rest.Faces;

/// <summary>Trades in the shapes of a platform's face.</summary>
internal static class FaceTrades
{
    private const string Topic = "Parity face: trading";

    /// <summary>TRADE_RETCODE_DONE and TRADE_RETCODE_DONE_PARTIAL of MetaTrader 5, on every face: what programs compare with.</summary>
    private const int Done = 10009, DonePartial = 10010;

    private static readonly FaceForm Place = FaceFields.Form(
        "trade", FaceFields.Symbol.Must, FaceFields.Lots.Must, FaceFields.Direction.Must, FaceFields.OrderType, FaceFields.Price, FaceFields.TimeInForce, FaceFields.StopLoss, FaceFields.TakeProfit,
        FaceFields.StopDistance, FaceFields.TakeDistance, FaceFields.ClientId);

    private static readonly FaceForm Close = FaceFields.Form("close", FaceFields.Position.Must, FaceFields.Lots, FaceFields.Symbol, FaceFields.ClientId);
    private static readonly FaceForm Protect = FaceFields.Form("protection", FaceFields.Position.Must, FaceFields.Symbol, FaceFields.StopLoss, FaceFields.TakeProfit, FaceFields.ClientId);
    private static readonly FaceForm Cancel = FaceFields.Form("cancel", FaceFields.Order.Must with { Others = [.. FaceFields.Order.Others, "ticket"] }, FaceFields.ClientId);

    /// <summary>Puts the operations of a face up.</summary>
    public static void Map(FaceRoutes routes, Face face)
    {
        var trading = new FaceTrading(routes.Desk);
        Put("Trade", "trade", "Places a market, limit or stop order", Place,
            """, "symbol": "EURUSD", "lot_size": 0.1, "direction": "BUY", "order_type": "MARKET", "limit_price": null, "stop_loss": 0.0, "take_profit": 0.0""",
            typeof(TradeRow), "It was placed, or filled.", [(400, "no-such-symbol"), (400, "no-price")], async call =>
        {
            var (placed, problem) = await trading.PlaceAsync(call);
            return placed is null ? problem! : FaceJson.Ok(TradeRow.Of(placed));
        });
        Put("PositionsClose", "positions/close", "Closes a position, wholly or in part", Close, """, "ticket": 7, "volume": 0.1, "symbol": "EURUSD" """, typeof(CloseRow), "It was closed.",
            [(400, "no-such-position"), (400, "other-symbol")], async call =>
        {
            var (closed, problem) = await trading.CloseAsync(call);
            return closed is null ? problem! : FaceJson.Ok(CloseRow.Of(closed, closed.Partly ? DonePartial : Done));
        });
        Put("ModifyProtection", "positions/modify_protection", "Sets stop loss and take profit of a position; null leaves one as it is, 0 removes it", Protect,
            """, "position_id": 7, "symbol": "EURUSD", "stop_loss": 1.05, "take_profit": null""", typeof(ProtectRow), "It was set.", [(400, "no-such-position"), (400, "other-symbol")], async call =>
        {
            var (done, problem) = await trading.ProtectAsync(call);
            return done is null ? problem! : FaceJson.Ok(new ProtectRow(
                $"Stop loss and take profit of position {done.Position} are set.", null, null, Done, done.Answer.Code, done.Position.Value, done.StopLoss?.Value ?? 0m, done.TakeProfit?.Value ?? 0m));
        });
        Put("OrdersCancel", "orders/cancel", "Cancels a pending order", Cancel, """, "order_ticket": 9""", typeof(CancelRow), "It was cancelled.", [(400, "no-such-order")], async call =>
        {
            var (answer, problem) = await trading.CancelAsync(call);
            long order = call.Id(FaceFields.Order);
            return answer is null ? problem! : FaceJson.Ok(new CancelRow($"Order {order} is cancelled.", order, "cancelled", Done, answer.Code));
        });

        void Put(string id, string path, string summary, FaceForm form, string example, Type reply, string says, IReadOnlyList<(int, string)> problems, Func<FaceCall, Task<IResult>> handler) => routes.Map(
            face,
            new Operation($"{face.Id}{id}", "POST", $"{face.Prefix}/{path}", Scope.Trade, summary)
            {
                Topic = Topic, Example = $$"""{"internal_account_id": "prop"{{example}}}""", Replies = [new(200, reply, says)], Problems = [.. FaceProblems.OfTrades, .. problems],
                Says = "Without `Idempotency-Key` two equal requests are two trades.",
            },
            form,
            handler);
    }
}

/// <summary>An order that was placed.</summary>
/// <param name="Message">In words.</param>
/// <param name="OrderId">The order's number.</param>
/// <param name="DealId">The deal's, when there is one that is known.</param>
/// <param name="Volume">Executed lots; of a pending order what waits.</param>
/// <param name="Symbol">The broker's name of the symbol.</param>
/// <param name="Direction">BUY or SELL.</param>
/// <param name="Price">Execution price; of a pending order its own.</param>
/// <param name="Status">filled and partial only on evidence; pending.</param>
/// <param name="OpenedPositionTicket">The position, when there is one.</param>
/// <param name="ClientOrderId">The id under which the request can be asked for.</param>
internal sealed record TradeRow(
    string Message, long? OrderId, long? DealId, decimal Volume, string Symbol, string Direction, decimal? Price, string Status, long? OpenedPositionTicket, string ClientOrderId)
{
    /// <summary>From the outcome.</summary>
    public static TradeRow Of(Placed p) => new(
        p.Status switch { "pending" => "The order waits at its price.", "partial" => $"The order was filled in part: {p.Volume} of {p.Request.Volume} lots.", _ => "The order was filled." },
        p.Order?.Value, p.Deals.Count > 0 ? p.Deals[^1].Id.Value : null, p.Volume.Value, p.Request.Symbol.Value, FaceWords.Of(p.Request.Side), p.Price?.Value, p.Status, p.Position?.Value, p.Request.ClientId);
}

/// <summary>A position that was closed, wholly or in part.</summary>
/// <param name="Message">In words.</param>
/// <param name="ClosePrice">At which price; null where it is not known yet.</param>
/// <param name="OrderId">The closing order, where there is one.</param>
/// <param name="DealId">The closing deal, where it is known.</param>
/// <param name="Retcode">10009 done, 10010 done in part.</param>
/// <param name="Comment">The platform's own words, where it had some.</param>
/// <param name="PositionId">The position.</param>
/// <param name="Volume">Closed lots.</param>
/// <param name="Profit">What the deal brought, where it is known.</param>
internal sealed record CloseRow(string Message, decimal? ClosePrice, long? OrderId, long? DealId, int Retcode, string Comment, long PositionId, decimal Volume, decimal? Profit)
{
    /// <summary>From the outcome.</summary>
    public static CloseRow Of(Closed c, int retcode) => new(
        $"{c.Volume} lots of position {c.Position} are closed.", c.Price?.Value, c.Order?.Value, c.Deal?.Id.Value, retcode, c.Answer.Code, c.Position.Value, c.Volume.Value, c.Deal?.Profit.Value);
}

/// <summary>A position whose stops were set.</summary>
/// <param name="Message">In words.</param>
/// <param name="OrderId">Always null: a change of stops is no order.</param>
/// <param name="RequestId">Always null: the platform's own number of a request is not passed on.</param>
/// <param name="Retcode">10009 done.</param>
/// <param name="Comment">The platform's own words, where it had some.</param>
/// <param name="PositionId">The position.</param>
/// <param name="Sl">Its stop loss now; 0 = none.</param>
/// <param name="Tp">Its take profit now; 0 = none.</param>
internal sealed record ProtectRow(string Message, long? OrderId, long? RequestId, int Retcode, string Comment, long PositionId, decimal Sl, decimal Tp);

/// <summary>A pending order that was cancelled.</summary>
/// <param name="Message">In words.</param>
/// <param name="OrderId">The order.</param>
/// <param name="Status">cancelled.</param>
/// <param name="Retcode">10009 done.</param>
/// <param name="Comment">The platform's own words, where it had some.</param>
internal sealed record CancelRow(string Message, long OrderId, string Status, int Retcode, string Comment);

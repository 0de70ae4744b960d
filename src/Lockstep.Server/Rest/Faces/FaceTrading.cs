using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Server.Rest.Faces;

/// <summary>
/// Trades as all faces make them: through the same desk as every other trade, at most once for a client id, and answered by what is known of the outcome. Programs that know these faces send binary
/// floating-point numbers: prices are moved to the symbol's tick, and a volume that is a hair from the lot step counts as on it.
/// </summary>
/// <param name="desk">The product.</param>
internal sealed class FaceTrading(FaceDesk desk)
{
    private const decimal Hair = 0.00000001m;

    /// <summary>Places the order that a call describes.</summary>
    public async Task<(Placed? Placed, Problem? Problem)> PlaceAsync(FaceCall call)
    {
        var (_, spec, problem) = await desk.SymbolAsync(call);
        if (spec is null)
        {
            return (null, problem);
        }

        var side = call.Text(FaceFields.Direction)!.StartsWith("b", StringComparison.OrdinalIgnoreCase) ? Side.Buy : Side.Sell;
        PendingType? type = call.Text(FaceFields.OrderType)?.ToUpperInvariant() switch { "LIMIT" => PendingType.Limit, "STOP" => PendingType.Stop, _ => null };
        var (stops, wrong) = await StopsAsync(call, spec, side, type);
        if (wrong is not null)
        {
            return (null, wrong);
        }

        var price = type is null ? null : Level(call, FaceFields.Price, spec);
        if (type is not null && price is null)
        {
            return (null, FaceProblems.Invalid("price", "", $"is missing; order_type \"{call.Text(FaceFields.OrderType)}\" needs the price of the order under price or limit_price"));
        }

        var place = new ClientPlace
        {
            Account = call.Account.Id,
            ClientId = call.ClientId,
            Symbol = spec.Name,
            Side = side,
            Volume = OnStep(call.Number(FaceFields.Lots)!.Value, spec),
            Type = type,
            Price = price,
            StopLoss = stops.Loss,
            TakeProfit = stops.Profit,
            Expiry = type is not null && "DAY".Equals(call.Text(FaceFields.TimeInForce), StringComparison.OrdinalIgnoreCase) ? EndOfDay(call) : null,
        };
        var (answer, refused) = await SubmitAsync(call, place);
        return answer is null ? (null, refused) : (await PlacedAsync(call, place, spec, answer), null);
    }

    /// <summary>Closes a position, wholly or in part.</summary>
    public async Task<(Closed? Closed, Problem? Problem)> CloseAsync(FaceCall call)
    {
        var (id, position, spec, problem) = await PositionAsync(call);
        if (problem is not null)
        {
            return (null, problem);
        }

        var wanted = call.Number(FaceFields.Lots) is { } lots ? spec is null ? new Lots(lots) : OnStep(lots, spec) : position?.Volume;
        var before = desk.Deals.Of(call.Account.Id, d => d.Position == id).Select(d => d.Id).ToHashSet();
        var (answer, refused) = await SubmitAsync(call, new ClientClose { Account = call.Account.Id, ClientId = call.ClientId, Position = id, Volume = wanted == position?.Volume ? null : wanted });
        if (answer is null)
        {
            return (null, refused);
        }

        // A closing deal carries the order's key on MetaTrader 5 only; elsewhere it is the one that came since.
        var deals = await DealsAsync(call, d => d.Position == id && d.Entry != DealEntry.In && (d.Tag.Key is { } key ? key == answer.Key : !before.Contains(d.Id)));
        var deal = deals.Count > 0 ? deals[^1] : null;
        var closed = answer.Filled.Value > 0 ? answer.Filled : deal?.Volume ?? wanted ?? Lots.Zero;
        return (new Closed(id, closed, wanted is { } all && closed < all, answer.Price ?? deal?.Price, answer.Order ?? deal?.Order, deal, answer), null);
    }

    /// <summary>Sets stop loss and take profit; absent and null leave a side as it is, 0 removes it.</summary>
    public async Task<(Protected? Protected, Problem? Problem)> ProtectAsync(FaceCall call)
    {
        var (loss, profit) = (call.Number(FaceFields.StopLoss), call.Number(FaceFields.TakeProfit));
        if (loss is null && profit is null)
        {
            return (null, FaceProblems.Invalid("stop_loss", "", "and take_profit are both absent or null: nothing would change; send a price, or 0 to remove one"));
        }

        var (id, position, spec, problem) = await PositionAsync(call);
        if (problem is not null)
        {
            return (null, problem);
        }

        var (sl, tp) = (Change(loss, spec), Change(profit, spec));
        var (answer, refused) = await SubmitAsync(call, new ClientModify { Account = call.Account.Id, ClientId = call.ClientId, Position = id, StopLoss = sl, TakeProfit = tp });
        return answer is null ? (null, refused) : (new Protected(id, sl.Apply(position?.StopLoss), tp.Apply(position?.TakeProfit), answer), null);
    }

    /// <summary>Cancels a pending order.</summary>
    public async Task<(ClientAnswer? Answer, Problem? Problem)> CancelAsync(FaceCall call)
    {
        var (view, problem) = await desk.ViewAsync(call);
        long order = call.Id(FaceFields.Order);
        return view is null ? (null, problem)
            : view.Orders.All(o => o.Id.Value != order) && await desk.Desk.RequestStateAsync(call.Account.Id, call.ClientId) is null ? (null, Problem.Of(
                400, "no-such-order", "There is no such order.", $"Account '{call.Account.Id}' has no pending order {order}.", "It was filled, cancelled or has expired, or never was: look at the list of what is open."))
            : await SubmitAsync(call, new ClientClose { Account = call.Account.Id, ClientId = call.ClientId, Order = new OrderId(order) });
    }

    private async Task<(ClientAnswer? Answer, Problem? Problem)> SubmitAsync(FaceCall call, ClientRequest request)
    {
        return await desk.Desk.RequestAsync(request, FaceDesk.Patience, call.Aborted) switch
        {
            null => (null, OrderEndpoints.Stopping()),
            { State: ClientState.Done } done => (done, null),
            { State: ClientState.Refused } refused => (null, FaceProblems.Refused(call.Account.Id.Value, call.ClientId, refused)),
            var open => (null, FaceProblems.Unknown(call.Account.Id.Value, call.ClientId, open)),
        };
    }

    private async Task<Placed> PlacedAsync(FaceCall call, ClientPlace place, SymbolSpec spec, ClientAnswer answer)
    {
        bool filled = place.Type is null || !answer.Filled.IsZero;
        var deals = filled ? await DealsAsync(call, d => d.Tag.Key is { } key && key == answer.Key && d.Entry != DealEntry.Out) : [];
        var deal = deals.Count > 0 ? deals[^1] : null;
        var position = answer.Position ?? deal?.Position;
        var held = position is { } id ? (await desk.Desk.AccountAsync(call.Account.Id))?.Positions.FirstOrDefault(p => p.Id == id) : null;
        return new Placed(
            place, spec, answer, !filled ? "pending" : answer.Filled.Value > 0 && answer.Filled < place.Volume ? "partial" : "filled",
            answer.Order ?? deal?.Order ?? held?.OpeningOrder ?? (position is { } own ? new OrderId(own.Value) : null), filled ? position : null,
            filled ? answer.Filled.IsZero ? place.Volume : answer.Filled : place.Volume, filled ? answer.Price ?? deal?.Price ?? held?.OpenPrice : place.Price, deals, held);
    }

    /// <summary>The deals that a trade made; they are told with its outcome or a moment later, and the answer does not wait for them longer than that.</summary>
    private async Task<IReadOnlyList<DealReport>> DealsAsync(FaceCall call, Func<DealReport, bool> wanted)
    {
        await FeedWait.UntilAsync(desk.Feed, call.Account.Id, () => Task.FromResult(desk.Deals.Of(call.Account.Id, wanted).Count > 0), FaceDesk.Moment, desk.Time, call.Aborted);
        return desk.Deals.Of(call.Account.Id, wanted);
    }

    /// <summary>The position that a call names. One that is gone is no mistake where the request was made before: the engine then tells again what became of it.</summary>
    private async Task<(PositionId Id, PositionReport? Position, SymbolSpec? Spec, Problem? Problem)> PositionAsync(FaceCall call)
    {
        var (view, problem) = await desk.ViewAsync(call);
        if (view is null)
        {
            return (default, null, null, problem);
        }

        long number = call.Id(FaceFields.Position);
        if (FaceReads.Position(view, number) is not { } position)
        {
            return (new PositionId(number), null, null, await desk.Desk.RequestStateAsync(call.Account.Id, call.ClientId) is null ? FaceProblems.NoPosition(call.Account, number) : null);
        }

        // Who names a symbol means a position of that symbol: a wrong number must not close another one.
        return call.Text(FaceFields.Symbol) is { } symbol && symbol != position.Symbol.Value
            ? (position.Id, null, null, Problem.Of(
                400, "other-symbol", "The position is of another symbol.", $"Position {number} is of {position.Symbol}, and the request names '{symbol}'; nothing was done.", "Look at the list of open positions."))
            : (position.Id, position, FaceDesk.Symbols(call.Account, view).FirstOrDefault(s => s.Name == position.Symbol), null);
    }

    /// <summary>The stops of a new order: as prices, or as distances from the price that it would be opened at now.</summary>
    private async Task<((Price? Loss, Price? Profit) Stops, Problem? Problem)> StopsAsync(FaceCall call, SymbolSpec spec, Side side, PendingType? type)
    {
        var (loss, profit) = (Level(call, FaceFields.StopLoss, spec), Level(call, FaceFields.TakeProfit, spec));
        var (lossPoints, profitPoints) = (call.Number(FaceFields.StopDistance) ?? 0m, call.Number(FaceFields.TakeDistance) ?? 0m);
        if (lossPoints == 0m && profitPoints == 0m)
        {
            return ((loss, profit), null);
        }

        if (type is not null || (loss is not null && lossPoints > 0m) || (profit is not null && profitPoints > 0m))
        {
            return (default, FaceProblems.Invalid(
                lossPoints > 0m ? "sl_distance" : "tp_distance", $"{(lossPoints > 0m ? lossPoints : profitPoints)}", type is not null ? "belongs to market orders only" : "and a price for the same level are both there; send one of them"));
        }

        if (await desk.QuoteAsync(call, spec.Name) is not { } quote)
        {
            return (default, FaceReads.NoPrice(call));
        }

        var from = side == Side.Buy ? quote.Ask.Value : quote.Bid.Value;
        return ((lossPoints > 0m ? At(-lossPoints) : loss, profitPoints > 0m ? At(profitPoints) : profit), null);

        Price At(decimal points) => spec.RoundPrice(new Price(from + (side.Sign() * points * spec.Point)));
    }

    /// <summary>The end of the broker's day: midnight of its clock where that is known, else of UTC.</summary>
    private Timestamp EndOfDay(FaceCall call)
    {
        var offset = desk.Platforms.Health(call.Account.Id)?.ServerOffset ?? TimeSpan.Zero;
        return Timestamp.From(new DateTimeOffset((desk.Time.GetUtcNow() + offset).Date.AddDays(1), TimeSpan.Zero) - offset);
    }

    private static Price? Level(FaceCall call, FaceField field, SymbolSpec spec) => call.Price(field) is { Value: > 0m } price ? spec.RoundPrice(price) : null;

    private static LevelChange Change(decimal? level, SymbolSpec? spec) =>
        level is not { } value ? LevelChange.Leave
        : value == 0m ? new LevelChange(true, null)
        : new LevelChange(true, spec?.RoundPrice(new Price(value)) ?? new Price(value));

    private static Lots OnStep(decimal lots, SymbolSpec spec)
    {
        decimal near = Math.Round(lots / spec.LotStep.Value) * spec.LotStep.Value;
        return new Lots(Math.Abs(near - lots) <= Hair ? near : lots);
    }
}

/// <summary>An order that was placed.</summary>
/// <param name="Request">What was asked for.</param>
/// <param name="Spec">Its symbol.</param>
/// <param name="Answer">The outcome.</param>
/// <param name="Status">filled, partial or pending.</param>
/// <param name="Order">The order's number.</param>
/// <param name="Position">The position that it made or changed.</param>
/// <param name="Volume">Executed volume; of a pending order what waits.</param>
/// <param name="Price">Execution price; of a pending order its own.</param>
/// <param name="Deals">The deals that filled it, as far as they were told.</param>
/// <param name="Held">The position as it is.</param>
internal sealed record Placed(
    ClientPlace Request, SymbolSpec Spec, ClientAnswer Answer, string Status, OrderId? Order, PositionId? Position, Lots Volume, Price? Price, IReadOnlyList<DealReport> Deals, PositionReport? Held);

/// <summary>A position that was closed, wholly or in part.</summary>
/// <param name="Position">The position.</param>
/// <param name="Volume">What was closed of it.</param>
/// <param name="Partly">It is less than what was asked for.</param>
/// <param name="Price">At which price, where that was told.</param>
/// <param name="Order">The closing order, where there is one.</param>
/// <param name="Deal">The closing deal, where it was told.</param>
/// <param name="Answer">The outcome.</param>
internal sealed record Closed(PositionId Position, Lots Volume, bool Partly, Price? Price, OrderId? Order, DealReport? Deal, ClientAnswer Answer);

/// <summary>A position whose stops were set.</summary>
/// <param name="Position">The position.</param>
/// <param name="StopLoss">Its stop loss now; null = none.</param>
/// <param name="TakeProfit">Its take profit now; null = none.</param>
/// <param name="Answer">The outcome.</param>
internal sealed record Protected(PositionId Position, Price? StopLoss, Price? TakeProfit, ClientAnswer Answer);

using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Server.Rest.Faces;

/// <summary>Money, prices, symbols, candles and what is open: everything that a face of a platform answers without changing anything.</summary>
internal static class FaceReads
{
    private const string Topic = "Parity face: reading";

    private static readonly FaceForm OfAccount = FaceFields.Form("account");
    private static readonly FaceForm OfSymbol = FaceFields.Form("symbol", FaceFields.Symbol.Must);
    private static readonly FaceForm OfPosition = FaceFields.Form("position", FaceFields.Position.Must);
    private static readonly FaceForm OfOrder = FaceFields.Form("order", FaceFields.Order.Must);
    private static readonly FaceForm OfCandles = FaceFields.Form("candles", FaceFields.Symbol.Must, FaceFields.Timeframe.Must, FaceFields.Count, FaceFields.Start, FaceFields.End);

    /// <summary>Puts the operations of a face up.</summary>
    public static void Map(FaceRoutes routes, Face face)
    {
        var desk = routes.Desk;
        Put("AccountInfo", "account_info", "The account's money", OfAccount, "", typeof(MoneyRow), [], call => MoneyAsync(desk, call));
        Put("Price", "price", "The latest price of a symbol", OfSymbol, """, "symbol": "EURUSD" """, typeof(PriceRow), [(400, "no-such-symbol"), (400, "no-price")], call => PriceAsync(desk, call));
        Put("SymbolInfo", "symbol_info", "What the broker says about a symbol", OfSymbol, """, "symbol": "EURUSD" """, typeof(SymbolRow), [(400, "no-such-symbol")], call => SymbolAsync(desk, call));
        Put("Candles", "candles", "Candles: the last ones, or those of a time", OfCandles, """, "symbol": "EURUSD", "timeframe": "M5", "count": 10""", typeof(CandleRows), [(400, "no-history"), (504, "no-answer")], call => CandlesAsync(desk, call));
        Put("PositionsOpen", "positions/open", "Open positions, and pending orders after them", OfAccount, "", typeof(OpenRows), [], call => OpenAsync(desk, call));
        Put("PositionsAll", "positions/all", "The same", OfAccount, "", typeof(OpenRows), [], call => OpenAsync(desk, call));
        Put("PositionDetails", "positions/details", "An open position", OfPosition, """, "position_ticket": 7""", typeof(PositionRow), [(400, "no-such-position")], call => DetailsAsync(desk, call));
        Put("PositionByOrder", "positions/by_order", "The open position that an order made", OfOrder, """, "order_id": 7""", typeof(PositionRow), [(400, "no-such-position")], call => ByOrderAsync(desk, call));

        void Put(string id, string path, string summary, FaceForm form, string example, Type reply, IReadOnlyList<(int, string)> problems, Func<FaceCall, Task<IResult>> handler) => routes.Map(
            face,
            new Operation($"{face.Id}{id}", "POST", $"{face.Prefix}/{path}", Scope.Read, summary)
            {
                Topic = Topic, Writes = false, Example = $$"""{"internal_account_id": "prop"{{example}}}""", Replies = [new(200, reply, "As it is now.")], Problems = [.. FaceProblems.OfReads, .. problems],
            },
            form,
            handler);
    }

    /// <summary>What is open, as rows.</summary>
    public static IReadOnlyList<OpenRow> Rows(FaceDesk desk, Configuration.AccountConfig account, AccountView view)
    {
        var money = desk.Desk.Floating(account.Id).DistinctBy(m => m.Position).ToDictionary(m => m.Position);
        var commissions = desk.Deals.Commissions(account.Id);
        return
        [
            .. view.Positions.OrderBy(p => p.OpenedAt).ThenBy(p => p.Id).Select(p => Row(desk, account, p, money.GetValueOrDefault(p.Id), commissions)),
            .. view.Orders.OrderBy(o => o.PlacedAt).ThenBy(o => o.Id).Select(o => PendingRow.Of(o, desk.Desk.Quote(account.Id, o.Symbol))),
        ];
    }

    /// <summary>A position as a row.</summary>
    public static PositionRow Row(FaceDesk desk, Configuration.AccountConfig account, PositionReport position) => Row(
        desk, account, position, desk.Desk.Floating(account.Id).FirstOrDefault(m => m.Position == position.Id), desk.Deals.Commissions(account.Id));

    /// <summary>The open position under a number: the one that never changes or the platform's ticket of now.</summary>
    public static PositionReport? Position(AccountView view, long number) =>
        view.Positions.FirstOrDefault(p => p.Id.Value == number) ?? view.Positions.FirstOrDefault(p => p.Ticket == number);

    /// <summary>Money.</summary>
    public static async Task<IResult> MoneyAsync(FaceDesk desk, FaceCall call)
    {
        var (view, problem) = await desk.ViewAsync(call);
        return view is null ? problem!
            : desk.Desk.Funds(call.Account.Id) is { } funds ? FaceJson.Ok(MoneyRow.Of(funds, FaceDesk.Leverage(call.Account)))
            : FaceProblems.Away(call.Http, call.Account, "its money is not known yet");
    }

    /// <summary>Candles, or what to answer in their place; oldest first.</summary>
    public static async Task<(IReadOnlyList<Candle>? Candles, Problem? Problem)> FetchAsync(FaceDesk desk, FaceCall call)
    {
        var (count, start, end) = (call.Number(FaceFields.Count), call.Moment(FaceFields.Start), call.Moment(FaceFields.End));
        if (count is null == (start is null && end is null) || (start is null != end is null))
        {
            return (null, FaceProblems.Invalid("count", count is null ? "" : $"{count}", "send either count, or both start_time and end_time"));
        }

        if (start >= end)
        {
            return (null, FaceProblems.Invalid("start_time", call.Text(FaceFields.Start)!, "must be before end_time"));
        }

        var frame = Enum.Parse<Timeframe>(call.Text(FaceFields.Timeframe)!);
        var until = end ?? desk.Time.GetUtcNow();
        int most = (int)(count ?? 10_000m);

        // As far back as so many candles can reach, weekends and holidays included.
        var back = TimeSpan.FromMinutes(((double)(int)frame * most * 7 / 5) + 5_760);
        var since = start ?? (until - DateTimeOffset.UnixEpoch > back ? until - back : DateTimeOffset.UnixEpoch);
        var (found, problem) = await HistoryDesk.FetchAsync<CandlesFound>(desk.Platforms, call.Account, new CandlesWanted(call.Symbol, frame, Timestamp.From(since), Timestamp.From(until), most), call.Aborted);
        if (found is null)
        {
            return (null, FaceProblems.OfHistory(call.Http, call.Account, problem!));
        }

        // The one that is still forming belongs to it, where the range reaches up to now.
        bool live = found.Live is { } forming && forming.At <= Timestamp.From(until) && (found.Candles.Count == 0 || forming.At > found.Candles[^1].At);
        IReadOnlyList<Candle> candles = live ? [.. found.Candles, found.Live!] : found.Candles;
        return ([.. candles.Skip(Math.Max(0, candles.Count - most))], null);
    }

    private static PositionRow Row(FaceDesk desk, Configuration.AccountConfig account, PositionReport p, PositionMoney? money, IReadOnlyDictionary<PositionId, decimal> commissions) =>
        PositionRow.Of(p, money, desk.Desk.Quote(account.Id, p.Symbol), commissions.TryGetValue(p.Id, out decimal commission) ? commission : null);

    /// <summary>A price.</summary>
    public static async Task<IResult> PriceAsync(FaceDesk desk, FaceCall call)
    {
        var (_, spec, problem) = await desk.SymbolAsync(call);
        return spec is null ? problem!
            : await desk.QuoteAsync(call, spec.Name) is { } quote ? FaceJson.Ok(PriceRow.Of(spec.Name, quote))
            : NoPrice(call);
    }

    /// <summary>There is no price that is not too old.</summary>
    public static Problem NoPrice(FaceCall call) => Problem.Of(
        400, "no-price", "There is no price now.", $"Account '{call.Account.Id}' has no quote of '{call.Symbol}' that is not too old.", "The market may be closed; subscribe to the symbol and ask again.");

    /// <summary>A symbol.</summary>
    public static async Task<IResult> SymbolAsync(FaceDesk desk, FaceCall call)
    {
        var (_, spec, problem) = await desk.SymbolAsync(call);
        return spec is null ? problem! : FaceJson.Ok(SymbolRow.Of(spec, FaceDesk.Leverage(call.Account)));
    }

    private static async Task<IResult> CandlesAsync(FaceDesk desk, FaceCall call)
    {
        var (candles, problem) = await FetchAsync(desk, call);
        return candles is null ? problem! : FaceJson.Ok(new CandleRows([.. candles.Select(CandleRow.Of)]));
    }

    private static async Task<IResult> OpenAsync(FaceDesk desk, FaceCall call)
    {
        var (view, problem) = await desk.ViewAsync(call);
        return view is null ? problem! : FaceJson.Ok(new OpenRows(Rows(desk, call.Account, view)));
    }

    private static async Task<IResult> DetailsAsync(FaceDesk desk, FaceCall call)
    {
        var (view, problem) = await desk.ViewAsync(call);
        return view is null ? problem!
            : Position(view, call.Id(FaceFields.Position)) is { } position ? FaceJson.Ok(Row(desk, call.Account, position))
            : FaceProblems.NoPosition(call.Account, call.Id(FaceFields.Position));
    }

    private static async Task<IResult> ByOrderAsync(FaceDesk desk, FaceCall call)
    {
        var (view, problem) = await desk.ViewAsync(call);
        if (view is null)
        {
            return problem!;
        }

        long order = call.Id(FaceFields.Order);
        var made = desk.Deals.Of(call.Account.Id, d => d.Order?.Value == order).Select(d => d.Position).ToHashSet();
        return view.Positions.FirstOrDefault(p => p.OpeningOrder?.Value == order || made.Contains(p.Id)) is { } position ? FaceJson.Ok(Row(desk, call.Account, position))
            : Problem.Of(400, "no-such-position", "There is no such position.", $"Account '{call.Account.Id}' has no open position that order {order} made.", "Look at the list of open positions; a pending order has made none yet.");
    }
}

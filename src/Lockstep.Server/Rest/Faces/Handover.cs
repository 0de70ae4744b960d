using Lockstep.Domain;

namespace Lockstep.Server.Rest.Faces;

/// <summary>
/// The REST handover of the cTrader service: snapshots by GET, trades by POST with an <c>Idempotency-Key</c>, subscriptions answered with 202. Errors carry an <c>error</c> object beside what all others
/// have. It answers for accounts of every platform, and under a platform's prefix for that platform's.
/// </summary>
internal static class Handover
{
    private const string Topic = "REST handover";

    private static readonly FaceForm OfAccount = FaceFields.Query("account");
    private static readonly FaceForm OfSymbol = FaceFields.Query("symbol", FaceFields.Symbol.Must);
    private static readonly FaceForm OfPosition = FaceFields.Query("position", FaceFields.Position.Must, FaceFields.Symbol);
    private static readonly FaceForm OfCandles = FaceFields.Query("candles", FaceFields.Symbol.Must, FaceFields.Timeframe.Must, FaceFields.Count, FaceFields.Start, FaceFields.End);
    private static readonly FaceForm Session = FaceFields.Form("account");
    private static readonly FaceForm Price = FaceFields.Form("subscription", FaceFields.Symbol.Must);
    private static readonly FaceForm Candles = FaceFields.Form("subscription", FaceFields.Symbol.Must, FaceFields.Timeframe.Must);

    /// <summary>Puts the operations up under a prefix.</summary>
    public static void Map(FaceRoutes routes, Face face)
    {
        var desk = routes.Desk;
        Get("AccountInfo", "account-info", "The account's money", OfAccount, typeof(MoneyRow), [], call => FaceReads.MoneyAsync(desk, call));
        Get("OpenPositions", "open-positions", "Open positions and pending orders", OfAccount, typeof(OpenInfo), [], call => OpenAsync(desk, call));
        Get("PositionDetails", "position-details", "An open position", OfPosition, typeof(PositionInfo), [(404, "no-such-position")], call => DetailsAsync(desk, call));
        Get("SymbolInfo", "symbol-info", "What the broker says about a symbol", OfSymbol, typeof(SymbolRow), [(404, "no-such-symbol")], call => FaceReads.SymbolAsync(desk, call));
        Get("Price", "price", "The latest price of a symbol", OfSymbol, typeof(PriceRow), [(404, "no-such-symbol"), (400, "no-price")], call => FaceReads.PriceAsync(desk, call));
        Get("Candles", "candles", "Candles: the last ones, or those of a time", OfCandles, typeof(CandleInfos), [(400, "no-history"), (504, "no-answer")], call => CandlesAsync(desk, call));
        Get("SyncData", "trade/sync-data", "What became of a position", OfPosition, typeof(SyncInfo), [(404, "no-such-position"), (400, "no-history"), (504, "no-answer")], call => SyncAsync(desk, call));
        Get("PositionDeals", "position-deals", "The deals of a position", OfPosition, typeof(DealInfos), [(404, "no-such-position"), (400, "no-history"), (504, "no-answer")], call => DealsAsync(desk, call));
        if (face.Platform is null)
        {
            Post("Connect", "connect", "Opens the session where it was closed, and waits until it is up", 200, "It is up.", Session, "", typeof(SessionRow), call => FaceSessions.ConnectAsync(desk, call));
        }

        Post("Disconnect", "disconnect", "Ends the session until it is connected again", 200, "It is ended.", Session, "", typeof(DisconnectedInfo), async call =>
            await FaceSessions.CloseAsync(desk, call) is Problem { Status: not 404 } problem ? problem : FaceJson.Ok(new DisconnectedInfo(false, "disconnected")));
        Post("SubscribePrice", "subscribe/price", "Subscribes to a symbol's prices; again does no harm", 202, "It is subscribed.", Price, Symbol, typeof(SubscribedInfo), call => SubscribeAsync(desk, call, null));
        Post("UnsubscribePrice", "unsubscribe/price", "Ends a subscription; one that is not there does no harm", 202, "It is ended.", Price, Symbol, typeof(UnsubscribedInfo), call => Unsubscribe(desk, call, null));
        Post("SubscribeCandles", "subscribe/candles", "Subscribes to a symbol's candles; again does no harm", 202, "It is subscribed.", Candles, Symbol + Frame, typeof(SubscribedInfo),
            call => SubscribeAsync(desk, call, FaceHeadless.Frame(call)));
        Post("UnsubscribeCandles", "unsubscribe/candles", "Ends a subscription; one that is not there does no harm", 202, "It is ended.", Candles, Symbol + Frame, typeof(UnsubscribedInfo),
            call => Unsubscribe(desk, call, FaceHeadless.Frame(call)));
        HandoverTrades.Map(routes, face);

        void Get(string id, string path, string summary, FaceForm form, Type reply, IReadOnlyList<(int, string)> problems, Func<FaceCall, Task<IResult>> handler) => routes.Map(
            face,
            new Operation($"{face.Id}Get{id}", "GET", $"{face.Prefix}/{path}", Scope.Read, summary) { Topic = Topic, Replies = [new(200, reply, "As it is now.")], Problems = [.. FaceProblems.OfReads, .. problems] },
            form,
            handler,
            handover: true);

        void Post(string id, string path, string summary, int status, string says, FaceForm form, string example, Type reply, Func<FaceCall, Task<IResult>> handler) => routes.Map(
            face,
            new Operation($"{face.Id}Rest{id}", "POST", $"{face.Prefix}/{path}", status == 202 ? Scope.Read : Scope.Trade, summary)
            {
                Topic = Topic,
                Writes = status != 202,
                Example = $$"""{"account_id": "prop"{{example}}}""",
                Replies = [new(status, reply, says)],
                Problems = [.. FaceProblems.OfReads, (404, "no-such-symbol"), (409, "too-many"), (409, "not-authorised"), (409, "fixed-configuration")],
            },
            form,
            handler,
            handover: true);
    }

    private const string Symbol = ", \"symbol\": \"EURUSD\"";
    private const string Frame = ", \"timeframe\": \"M1\"";

    private static async Task<IResult> OpenAsync(FaceDesk desk, FaceCall call)
    {
        var (view, problem) = await desk.ViewAsync(call);
        if (view is null)
        {
            return problem!;
        }

        var specs = FaceDesk.Symbols(call.Account, view).ToDictionary(s => s.Name);
        var rows = FaceReads.Rows(desk, call.Account, view);
        return FaceJson.Ok(new OpenInfo(
            [.. rows.OfType<PositionRow>().Select(p => PositionInfo.Of(p, specs.GetValueOrDefault(new SymbolName(p.Symbol))))], [.. rows.OfType<PendingRow>().Select(PendingInfo.Of)]));
    }

    private static async Task<IResult> DetailsAsync(FaceDesk desk, FaceCall call)
    {
        var (view, problem) = await desk.ViewAsync(call);
        return view is null ? problem!
            : FaceReads.Position(view, call.Id(FaceFields.Position)) is { } position ? FaceJson.Ok(PositionInfo.Of(FaceReads.Row(desk, call.Account, position), Spec(call, view, position.Symbol)))
            : FaceProblems.NoPosition(call.Account, call.Id(FaceFields.Position));
    }

    private static async Task<IResult> CandlesAsync(FaceDesk desk, FaceCall call)
    {
        var (candles, problem) = await FaceReads.FetchAsync(desk, call);
        return candles is null ? problem! : FaceJson.Ok(new CandleInfos([.. candles.Select(c => CandleInfo.Of(call.Symbol, call.Text(FaceFields.Timeframe)!, c))]));
    }

    private static async Task<IResult> SyncAsync(FaceDesk desk, FaceCall call)
    {
        var (story, problem) = await FaceDeals.StoryAsync(desk, call);
        if (story is null)
        {
            return problem!;
        }

        var view = await desk.Desk.AccountAsync(call.Account.Id);
        var sum = SyncShape.Of(story.Deals, story.Open, story.BookIsUp);
        return FaceJson.Ok(new SyncInfo(
            story.Open is { } open && view is not null ? PositionInfo.Of(FaceReads.Row(desk, call.Account, open), Spec(call, view, open.Symbol)) : null,
            [.. story.Deals.Select(SyncDealInfo.Of)], desk.Time.GetUtcNow(), sum.IsClosedOnPlatform, sum.PlatformRemainingSize));
    }

    private static async Task<IResult> DealsAsync(FaceDesk desk, FaceCall call)
    {
        var (story, problem) = await FaceDeals.StoryAsync(desk, call);
        if (story is null)
        {
            return problem!;
        }

        var view = await desk.Desk.AccountAsync(call.Account.Id);
        return FaceJson.Ok(new DealInfos([.. story.Deals.Select(d => DealInfo.Of(d, view is null ? null : Spec(call, view, d.Symbol)))]));
    }

    private static async Task<IResult> SubscribeAsync(FaceDesk desk, FaceCall call, Timeframe? frame)
    {
        var (_, spec, problem) = await desk.SymbolAsync(call);
        return spec is null ? problem!
            : !desk.Headless.Add(call.Account.Id, spec.Name, frame) && desk.Headless.Full(call.Account.Id, frame is not null) && !FaceHeadless.Has(desk, call, frame) ? FaceHeadless.TooMany(call)
            : FaceJson.Accepted(new SubscribedInfo(true));
    }

    private static Task<IResult> Unsubscribe(FaceDesk desk, FaceCall call, Timeframe? frame)
    {
        desk.Headless.Remove(call.Account.Id, call.Symbol, frame);
        return Task.FromResult(FaceJson.Accepted(new UnsubscribedInfo(true)));
    }

    private static SymbolSpec? Spec(FaceCall call, Engine.AccountView view, SymbolName symbol) => FaceDesk.Symbols(call.Account, view).FirstOrDefault(s => s.Name == symbol);
}

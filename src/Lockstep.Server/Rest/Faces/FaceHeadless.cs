using Lockstep.Domain;
using Lockstep.Server.Security;

namespace Lockstep.Server.Rest.Faces;

/// <summary>Subscriptions over HTTP, for programs that take prices and candles from the message broker.</summary>
internal static class FaceHeadless
{
    private const string Topic = "Parity face: subscriptions";

    private static readonly FaceForm Price = FaceFields.Form("subscription", FaceFields.Symbol.Must);
    private static readonly FaceForm Candles = FaceFields.Form("subscription", FaceFields.Symbol.Must, FaceFields.Timeframe.Must);

    /// <summary>Puts the operations of a face up.</summary>
    public static void Map(FaceRoutes routes, Face face)
    {
        var desk = routes.Desk;
        Put("SubscribePrice", "subscribe/price", "Subscribes to a symbol's prices", Price, [(409, "subscribed"), (409, "too-many")], call => SubscribeAsync(desk, call, null));
        Put("UnsubscribePrice", "unsubscribe/price", "Ends a subscription to prices", Price, [(404, "not-subscribed")], call => Unsubscribe(desk, call, null));
        Put("SubscribeCandles", "subscribe/candles", "Subscribes to a symbol's candles", Candles, [(409, "subscribed"), (409, "too-many")], call => SubscribeAsync(desk, call, Frame(call)));
        Put("UnsubscribeCandles", "unsubscribe/candles", "Ends a subscription to candles", Candles, [(404, "not-subscribed")], call => Unsubscribe(desk, call, Frame(call)));
        routes.MapAll(
            new Operation($"{face.Id}HeadlessSubscriptions", "GET", $"{face.Prefix}/headless/subscriptions/status", Scope.Read, "What is subscribed, of every account of the face that the key may see")
            {
                Topic = Topic, Replies = [new(200, typeof(HeadlessRows), "As it is now.")],
            },
            http => FaceJson.Ok(Status(desk, face, http.Caller())));

        void Put(string id, string path, string summary, FaceForm form, IReadOnlyList<(int, string)> problems, Func<FaceCall, Task<IResult>> handler) => routes.Map(
            face,
            new Operation($"{face.Id}Headless{id}", "POST", $"{face.Prefix}/headless/{path}", Scope.Read, summary)
            {
                Topic = Topic,
                Writes = false,
                Says = "Kept until the server stops.",
                Example = $$"""{"internal_account_id": "prop", "symbol": "EURUSD"{{(form == Candles ? ", \"timeframe\": \"M5\"" : "")}}}""",
                Replies = [new(200, typeof(SubscriptionRow), "It is done.")],
                Problems = [.. FaceProblems.OfReads, (400, "no-such-symbol"), .. problems],
            },
            form,
            handler);
    }

    /// <summary>The length of the candles that a call names.</summary>
    public static Timeframe Frame(FaceCall call) => Enum.Parse<Timeframe>(call.Text(FaceFields.Timeframe)!);

    private static async Task<IResult> SubscribeAsync(FaceDesk desk, FaceCall call, Timeframe? frame)
    {
        var (_, spec, problem) = await desk.SymbolAsync(call);
        return spec is null ? problem!
            : desk.Headless.Add(call.Account.Id, spec.Name, frame) ? FaceJson.Ok(Row("subscribed", call, frame))
            : desk.Headless.Full(call.Account.Id, frame is not null) && !Has(desk, call, frame) ? TooMany(call)
            : Problem.Of(409, "subscribed", "It is subscribed already.", $"{What(call, frame)} of account '{call.Account.Id}' are subscribed already.", "Nothing is to be done.");
    }

    private static Task<IResult> Unsubscribe(FaceDesk desk, FaceCall call, Timeframe? frame) => Task.FromResult(
        desk.Headless.Remove(call.Account.Id, call.Symbol, frame) ? FaceJson.Ok(Row("unsubscribed", call, frame))
        : Problem.Of(404, "not-subscribed", "It is not subscribed.", $"{What(call, frame)} of account '{call.Account.Id}' are not subscribed.", "Nothing is to be done."));

    /// <summary>No more can be subscribed.</summary>
    public static Problem TooMany(FaceCall call) => Problem.Of(
        409, "too-many", "Too much is subscribed.", $"Account '{call.Account.Id}' has {Headless.Most} subscriptions of the kind already.", "Unsubscribe from what is not needed.");

    /// <summary>True when it is subscribed.</summary>
    public static bool Has(FaceDesk desk, FaceCall call, Timeframe? frame) =>
        frame is { } of ? desk.Headless.Candles(call.Account.Id).Contains((call.Symbol, of)) : desk.Headless.Prices(call.Account.Id).Contains(call.Symbol);

    private static string What(FaceCall call, Timeframe? frame) => frame is { } of ? $"{of} candles of {call.Symbol}" : $"Prices of {call.Symbol}";

    private static SubscriptionRow Row(string status, FaceCall call, Timeframe? frame) => new(status, $"{What(call, frame)} of account '{call.Account.Id}' are {status}.", call.Symbol.Value, frame?.ToString());

    private static HeadlessRows Status(FaceDesk desk, Face face, Caller caller) => new(
    [
        .. desk.Config.Accounts.Where(a => face.Answers(a) && caller.May(a.Id)).Select(a => new HeadlessRow(
            desk.Directory.UuidOf(a.Id).ToString(), a.Id.Value, [.. desk.Headless.Prices(a.Id).Select(s => s.Value)],
            [.. desk.Headless.Candles(a.Id).Select(c => new CandleOf(c.Symbol.Value, c.Frame.ToString()))])),
    ]);
}

/// <summary>A subscription that was made or ended.</summary>
/// <param name="Status">subscribed or unsubscribed.</param>
/// <param name="Message">In words.</param>
/// <param name="Symbol">The broker's name of the symbol.</param>
/// <param name="Timeframe">Length of the candles; null = prices.</param>
internal sealed record SubscriptionRow(string Status, string Message, string Symbol, string? Timeframe);

/// <summary>What is subscribed.</summary>
/// <param name="Accounts">Of each account.</param>
internal sealed record HeadlessRows(IReadOnlyList<HeadlessRow> Accounts);

/// <summary>What is subscribed of an account.</summary>
/// <param name="InternalAccountId">Its UUID.</param>
/// <param name="Account">Its name.</param>
/// <param name="Prices">Symbols.</param>
/// <param name="Candles">Candles.</param>
internal sealed record HeadlessRow(string InternalAccountId, string Account, IReadOnlyList<string> Prices, IReadOnlyList<CandleOf> Candles);

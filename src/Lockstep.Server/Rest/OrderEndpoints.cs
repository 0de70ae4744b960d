using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Rest;

/// <summary>Trading: place, modify, close, cancel, and what became of a request.</summary>
internal static class OrderEndpoints
{
    /// <summary>The chapter of trades.</summary>
    public const string Topic = "Trading";

    private const string DoneExample =
        """
        {"account": "prop", "clientId": "my-first-order", "state": "done", "outcome": "filled", "key": "LS00000000000055", "position": 100234, "filled": 0.5, "filledUnits": 50000, "price": 1.0842,
         "fills": [{"deal": 70012, "price": 1.0842, "volume": 0.5, "volumeUnits": 50000, "at": "2026-01-31T12:00:00.019Z", "brokerTime": "2026-01-31T14:00:00.019+02:00"}],
         "stages": {"receivedAt": "2026-01-31T12:00:00.000Z", "decidedAt": "2026-01-31T12:00:00.001Z", "sentAt": "2026-01-31T12:00:00.004Z", "answeredAt": "2026-01-31T12:00:00.021Z"}}
        """;

    private static readonly TimeSpan WaitDefault = TimeSpan.FromSeconds(5);

    private static readonly Operation Place = Trade("placeOrder", "POST", "orders", "Places a market or pending order", OrderBodies.Place,
        """{"symbol": "EURUSD", "side": "buy", "volume": 0.5, "stopLoss": 1.05, "clientId": "my-first-order"}""");

    private static readonly Operation ModifyPosition = Trade("modifyPosition", "PATCH", "positions/{position}", "Changes stop loss and take profit of a position", OrderBodies.ModifyPosition,
        """{"stopLoss": 1.07, "takeProfit": null}""");

    private static readonly Operation ModifyOrder = Trade("modifyOrder", "PATCH", "orders/{order}", "Changes a pending order", OrderBodies.ModifyOrder, """{"price": 1.06, "stopLoss": 1.05}""");

    private static readonly Operation Close = Trade("closePosition", "POST", "positions/{position}/close", "Closes a position, or a part of it", OrderBodies.Close, """{"volume": 0.2}""");

    private static readonly Operation CloseBy = Trade("closeBy", "POST", "positions/{position}/close-by", "Closes two opposite positions of a symbol against each other", OrderBodies.CloseBy,
        """{"opposite": 100235}""");

    private static readonly Operation Reverse = Trade("reversePosition", "POST", "positions/{position}/reverse", "Closes a position and then opens the opposite one", OrderBodies.Reverse,
        """{"volume": 0.3, "stopLoss": 1.12}""") with
    {
        Problems = [.. TradeProblems, (422, "half-done")],
    };

    private static readonly Operation Cancel = Trade("cancelOrder", "DELETE", "orders/{order}", "Cancels a pending order", OrderBodies.Cancel, """{"clientId": "cancel-7"}""");

    private static readonly Operation Stands = new("getRequest", "GET", "/v1/accounts/{account}/requests/{**clientId}", Scope.Read, "How a request of yours stands")
    {
        Topic = Topic, Replies = [new(200, typeof(RequestShape), "The answer as it is now.", DoneExample)],
    };

    /// <summary>The problems that a trade may end with.</summary>
    public static IReadOnlyList<(int Status, string Kind)> TradeProblems => [(409, "account-disabled"), (422, "refused"), (503, "stopping")];

    /// <summary>An operation that trades.</summary>
    public static Operation Trade(string id, string method, string path, string summary, ObjectShape body, string example) => new(id, method, $"/v1/accounts/{{account}}/{path}", Scope.Trade, summary)
    {
        Topic = Topic,
        Body = body,
        Example = example,
        Query = QueryKeys.OfTrades,
        Replies =
        [
            new(200, typeof(RequestShape), "It was done.", DoneExample),
            new(202, typeof(RequestShape), "Nobody can say yet; Location names where to look. Do not send it under another id.", """{"account": "prop", "clientId": "my-first-order", "state": "unknown", "outcome": "unknown"}"""),
        ],
        Problems = TradeProblems,
    };

    /// <summary>Puts the operations up.</summary>
    public static void Map(Routes routes, IDesk desk)
    {
        routes.Map(Place, async call =>
        {
            var (order, problem) = OrderBodies.Order(call.Account.Id, call.Body, call.ClientId);
            return problem is not null ? problem : await CarryOutAsync(call, desk, order!);
        });
        routes.Map(ModifyPosition, call => ModifyAsync(call, desk, new ClientModify
        {
            Account = call.Account.Id,
            ClientId = call.ClientId,
            Position = new PositionId(call.Number("position")),
            StopLoss = Bodies.Level(call.Body, "stopLoss"),
            TakeProfit = Bodies.Level(call.Body, "takeProfit"),
        }));
        routes.Map(ModifyOrder, call => ModifyAsync(call, desk, new ClientModify
        {
            Account = call.Account.Id,
            ClientId = call.ClientId,
            Order = new OrderId(call.Number("order")),
            Price = Bodies.PriceOf(call.Body, "price"),
            StopLoss = Bodies.Level(call.Body, "stopLoss"),
            TakeProfit = Bodies.Level(call.Body, "takeProfit"),
        }));
        routes.Map(Close, call => CarryOutAsync(call, desk, new ClientClose
        {
            Account = call.Account.Id, ClientId = call.ClientId, Position = new PositionId(call.Number("position")), Volume = call.Body.Lots("volume"),
        }));
        routes.Map(CloseBy, call => CarryOutAsync(call, desk, new ClientCloseBy
        {
            Account = call.Account.Id, ClientId = call.ClientId, Position = new PositionId(call.Number("position")), Opposite = new PositionId((long)call.Body.Number("opposite")!.Value),
        }));
        routes.Map(Reverse, call => CarryOutAsync(call, desk, new ClientReverse
        {
            Account = call.Account.Id,
            ClientId = call.ClientId,
            Position = new PositionId(call.Number("position")),
            Volume = call.Body.Lots("volume"),
            StopLoss = Bodies.PriceOf(call.Body, "stopLoss"),
            TakeProfit = Bodies.PriceOf(call.Body, "takeProfit"),
        }));
        routes.Map(Cancel, call => CarryOutAsync(call, desk, new ClientClose { Account = call.Account.Id, ClientId = call.ClientId, Order = new OrderId(call.Number("order")) }));
        routes.Map(Stands, call => StateAsync(call, desk));
        BulkEndpoints.Map(routes, desk);
    }

    /// <summary>How long the caller wants to wait.</summary>
    public static TimeSpan Wait(Call call) => call.Query.Whole("waitMs") is { } ms ? TimeSpan.FromMilliseconds(ms) : WaitDefault;

    /// <summary>The answer for an account that is not to be traded.</summary>
    public static Problem? Disabled(AccountConfig account) => account.Enabled ? null
        : Problem.Of(409, "account-disabled", "The account is disabled.", $"Account '{account.Id}' has \"enabled\": false.", "Enable it in the configuration and restart.");

    /// <summary>The answer when nothing is taken any more.</summary>
    public static Problem Stopping() => Problem.Of(503, "stopping", "Nothing is taken any more.", "The server is stopping, or the account's group stands still; nothing was done.",
        "Look at /v1/alerts and the log; send the request again under the same id when the server is back.");

    private static async Task<IResult> ModifyAsync(Call call, IDesk desk, ClientModify modify) =>
        modify is { Price: null, StopLoss.Given: false, TakeProfit.Given: false }
            ? Problem.Bad("The request changes nothing.", "Send at least one of the fields; null removes stopLoss or takeProfit.")
            : await CarryOutAsync(call, desk, modify);

    private static async Task<IResult> StateAsync(Call call, IDesk desk)
    {
        var id = call.Account.Id;
        string clientId = call.Path.Text("clientId")!;

        // An item of a request for many has a slash in its id, and an address keeps a written-out one as it is.
        string slashed = clientId.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        return (await desk.RequestStateAsync(id, clientId) ?? await desk.RequestStateAsync(id, slashed)) is { } view ? RestJson.Ok(await ShapeAsync(desk, view, view.Answer))
            : Problem.NotFound($"Account '{id}' has seen no request '{clientId}'.", "If you sent it and got no answer, it did not arrive: send it again under the same id.");
    }

    /// <summary>All that is known of a request.</summary>
    private static async Task<RequestShape> ShapeAsync(IDesk desk, ClientView view, ClientAnswer answer)
    {
        var (account, clientId) = (view.Request.Account, view.Request.ClientId);
        return RequestShape.Of(view, answer, desk.Trail(account, clientId, answer), Yardstick.Of(await desk.AccountAsync(account), desk.Health(account)));
    }

    private static async Task<IResult> CarryOutAsync(Call call, IDesk desk, ClientRequest request)
    {
        if (Disabled(call.Account) is { } disabled)
        {
            return disabled;
        }

        if (await desk.RequestAsync(request, Wait(call), call.Aborted) is not { } answer)
        {
            return Stopping();
        }

        // Under an id that was used before it is the first request that was answered, and it may have been of another kind.
        var view = await desk.RequestStateAsync(request.Account, request.ClientId);
        var shape = view is null ? RequestShape.Of(request.Account, request.ClientId, answer) : await ShapeAsync(desk, view, answer);
        switch (answer.State)
        {
            case ClientState.Done:
                return RestJson.Ok(shape);
            case ClientState.Refused when answer.Closing is { State: ClientState.Done }:
                return Problem.Of(422, "half-done", "The position was closed; the opposite side was not opened.", RefusalAdvice.Detail(answer), RefusalAdvice.Advice(answer.Refusal)) with { Request = shape };
            case ClientState.Refused:
                return Problem.Of(422, "refused", "The order was refused; nothing happened.", RefusalAdvice.Detail(answer), RefusalAdvice.Advice(answer.Refusal)) with { Request = shape };
            default:
                call.Http.Response.Headers.Location = $"/v1/accounts/{Uri.EscapeDataString(request.Account.Value)}/requests/{Uri.EscapeDataString(request.ClientId)}";
                return Results.Json(shape, RestJson.Options, statusCode: StatusCodes.Status202Accepted);
        }
    }
}

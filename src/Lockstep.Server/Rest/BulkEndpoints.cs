using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Rest;

/// <summary>Many at once: each item is a request of its own, with its own client id and its own outcome.</summary>
internal static class BulkEndpoints
{
    private static readonly Operation CloseMany = Many("closePositions", "positions/close", "Closes positions by filter", OrderBodies.CloseMany, """{"symbol": "EURUSD", "result": "losing", "clientId": "evening-1"}""");

    private static readonly Operation ModifyMany = Many("modifyPositions", "positions/modify", "Changes stop loss and take profit of positions by filter", OrderBodies.ModifyMany,
        """{"side": "buy", "stopLoss": 1.07, "takeProfit": null}""");

    private static readonly Operation CancelMany = Many("cancelOrders", "orders/cancel", "Cancels pending orders by filter", OrderBodies.CancelMany, """{"all": true}""");

    /// <summary>Puts the operations up.</summary>
    public static void Map(Routes routes, IDesk desk)
    {
        routes.Map(CloseMany, call => PositionsAsync(call, desk, item => new ClientClose { Account = call.Account.Id, ClientId = item.ClientId, Position = new PositionId(item.Id) }));
        routes.Map(ModifyMany, call => PositionsAsync(call, desk, item => new ClientModify
        {
            Account = call.Account.Id,
            ClientId = item.ClientId,
            Position = new PositionId(item.Id),
            StopLoss = Bodies.Level(call.Body, "stopLoss"),
            TakeProfit = Bodies.Level(call.Body, "takeProfit"),
        }));
        routes.Map(CancelMany, call => OrdersAsync(call, desk));
    }

    private static Operation Many(string id, string path, string summary, ObjectShape body, string example) => OrderEndpoints.Trade(id, "POST", path, summary, body, example) with
    {
        Replies = [new(200, typeof(BulkShape), "All have ended, each with its own outcome."), new(202, typeof(BulkShape), "At least one is open.")],
    };

    private static async Task<IResult> PositionsAsync(Call call, IDesk desk, Func<Item, ClientRequest> request)
    {
        var (filter, view, problem) = await BeginAsync(call, desk);
        if (problem is not null)
        {
            return problem;
        }

        if (request(default) is ClientModify { StopLoss.Given: false, TakeProfit.Given: false })
        {
            return Problem.Bad("The request changes nothing.", "Send at least one of the fields; null removes stopLoss or takeProfit.");
        }

        // Oldest first: a FIFO account takes no other order.
        var positions = view.Positions.Where(filter.Takes).OrderBy(p => p.OpenedAt).ThenBy(p => p.Id).ToList();
        if (filter.Profitable is { } profitable)
        {
            var results = desk.Floating(call.Account.Id).ToDictionary(m => m.Position, m => m.Profit + m.Swap);
            var unknown = positions.Where(p => !results.ContainsKey(p.Id)).Select(p => p.Id.Value).ToList();
            if (unknown.Count > 0)
            {
                return Problem.Of(422, "refused", "The order was refused; nothing happened.", $"What these positions would bring is not known now: {string.Join(", ", unknown)}.",
                    "Send the request again under the same id when the account has quotes, or name the positions.");
            }

            positions.RemoveAll(p => profitable ? results[p.Id].Value <= 0m : results[p.Id].Value >= 0m);
        }

        var items = Items(call.ClientId, filter, [.. positions.Select(p => p.Id.Value)]);
        return await CarryOutAsync(call, desk, [.. items.Select(item => (item, request(item)))], view, isOrder: false);
    }

    private static async Task<IResult> OrdersAsync(Call call, IDesk desk)
    {
        var (filter, view, problem) = await BeginAsync(call, desk);
        if (problem is not null)
        {
            return problem;
        }

        var items = Items(call.ClientId, filter, [.. view.Orders.Where(filter.Takes).Select(o => o.Id.Value)]);
        return await CarryOutAsync(
            call, desk, [.. items.Select(item => (item, (ClientRequest)new ClientClose { Account = call.Account.Id, ClientId = item.ClientId, Order = new OrderId(item.Id) }))], view, isOrder: true);
    }

    private static async Task<(BulkFilter Filter, AccountView View, Problem? Problem)> BeginAsync(Call call, IDesk desk)
    {
        var (filter, problem) = BulkFilter.Read(call.Body, call.ClientId);
        var view = problem is null ? await desk.AccountAsync(call.Account.Id) : null;
        return (filter, view!, problem ?? OrderEndpoints.Disabled(call.Account) ?? (view is { Up: true, Synced: true } ? null
            : Problem.Of(422, "refused", "The order was refused; nothing happened.", $"Account '{call.Account.Id}' is not connected: what it holds now is not known.", RefusalAdvice.Advice(Refusal.NotSent))));
    }

    /// <summary>
    /// What the filter takes now. Numbers that are named and gone are asked for as well where no other filter stands: the same request again gives what became of them.
    /// </summary>
    private static List<Item> Items(string clientId, BulkFilter filter, IReadOnlyList<long> found)
    {
        var only = filter with { Ids = null } == new BulkFilter() ? filter.Ids ?? [] : [];
        return [.. found.Concat(only.Except(found)).Select(n => new Item(n, $"{clientId}/{n}"))];
    }

    private static async Task<IResult> CarryOutAsync(Call call, IDesk desk, IReadOnlyList<(Item Item, ClientRequest Request)> requests, AccountView view, bool isOrder)
    {
        var account = call.Account.Id;
        var wait = OrderEndpoints.Wait(call);
        ClientAnswer?[] answers;
        if (view.Capabilities?.Mode == AccountMode.Fifo && !isOrder && requests.Count > 0 && requests[0].Request is ClientClose)
        {
            answers = await OneByOneAsync(desk, requests, wait, call.Aborted);
        }
        else
        {
            answers = await Task.WhenAll(requests.Select(r => desk.RequestAsync(r.Request, wait, call.Aborted)));
        }

        if (answers.Length > 0 && answers.All(a => a is null))
        {
            return OrderEndpoints.Stopping();
        }

        var results = requests.Zip(answers, (r, answer) =>
        {
            var shape = RequestShape.Of(account, r.Item.ClientId, answer ?? NotTaken);
            return isOrder ? shape with { Order = r.Item.Id } : shape with { Position = r.Item.Id };
        }).ToList();
        var bulk = new BulkShape(
            account.Value, call.ClientId, results.Count, results.Count(r => r.State == ClientState.Done), results.Count(r => r.State == ClientState.Refused),
            results.Count(r => r.State is ClientState.Unknown or ClientState.InFlight), results);
        return Results.Json(bulk, RestJson.Options, statusCode: bulk.Open == 0 ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
    }

    /// <summary>A FIFO account closes the next one only when the one before it is closed.</summary>
    private static async Task<ClientAnswer?[]> OneByOneAsync(IDesk desk, IReadOnlyList<(Item Item, ClientRequest Request)> requests, TimeSpan wait, CancellationToken cancel)
    {
        var answers = new ClientAnswer?[requests.Count];
        long began = TimeProvider.System.GetTimestamp();
        bool stuck = false;
        for (int i = 0; i < answers.Length; i++)
        {
            var left = wait - TimeProvider.System.GetElapsedTime(began);
            if (stuck || left < TimeSpan.Zero)
            {
                answers[i] = NotReached;
                continue;
            }

            answers[i] = await desk.RequestAsync(requests[i].Request, left, cancel);
            stuck = answers[i] is not { State: ClientState.Done or ClientState.Refused };
        }

        return answers;
    }

    private static readonly ClientAnswer NotTaken = new() { State = ClientState.Refused, Refusal = Refusal.NotSent, Code = "nothing is taken any more" };

    private static readonly ClientAnswer NotReached = new()
    {
        State = ClientState.Refused, Refusal = Refusal.NotSent, Code = "not sent: an older position was not closed in time; send the request again under the same id",
    };

    /// <summary>One of many: its number, and the client id of its own request.</summary>
    private readonly record struct Item(long Id, string ClientId);
}

/// <summary>What became of many.</summary>
/// <param name="Account">The account.</param>
/// <param name="ClientId">The client's id of the whole; each result has its own.</param>
/// <param name="Matched">How many were meant.</param>
/// <param name="Done">How many are done.</param>
/// <param name="Refused">How many were refused.</param>
/// <param name="Open">Of how many nobody can say yet.</param>
/// <param name="Results">Each one.</param>
internal sealed record BulkShape(string Account, string ClientId, int Matched, int Done, int Refused, int Open, IReadOnlyList<RequestShape> Results);

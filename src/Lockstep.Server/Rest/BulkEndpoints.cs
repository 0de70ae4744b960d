using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Server.Rest;

/// <summary>Many at once: each item is a request of its own, with its own client id and its own outcome.</summary>
internal static class BulkEndpoints
{
    /// <summary>Puts the routes up.</summary>
    public static void Map(RouteGroupBuilder account, IDesk desk)
    {
        account.MapPost("/positions/close", (HttpContext http, string account) =>
            PositionsAsync(http, desk, account, Bodies.CloseManyAsync, (body, id, item) => new ClientClose { Account = id, ClientId = item.ClientId, Position = new PositionId(item.Id) }));
        account.MapPost("/positions/modify", (HttpContext http, string account) =>
            PositionsAsync(http, desk, account, Bodies.ModifyManyAsync, (body, id, item) => new ClientModify
            {
                Account = id,
                ClientId = item.ClientId,
                Position = new PositionId(item.Id),
                StopLoss = Bodies.Level(body.Reader, "stopLoss"),
                TakeProfit = Bodies.Level(body.Reader, "takeProfit"),
            }));
        account.MapPost("/orders/cancel", (HttpContext http, string account) => OrdersAsync(http, desk, account));
    }

    private static async Task<IResult> PositionsAsync(
        HttpContext http, IDesk desk, string account, Func<HttpContext, Task<Body>> read, Func<Body, AccountId, Item, ClientRequest> request)
    {
        var id = new AccountId(account);
        var (body, filter, view, problem) = await BeginAsync(http, desk, id, read);
        if (problem is not null)
        {
            return problem;
        }

        if (request(body, id, default) is ClientModify { StopLoss.Given: false, TakeProfit.Given: false })
        {
            return Problem.Bad("The request changes nothing.", "Send at least one of the fields; null removes stopLoss or takeProfit.");
        }

        // Oldest first: a FIFO account takes no other order.
        var positions = view.Positions.Where(filter.Takes).OrderBy(p => p.OpenedAt).ThenBy(p => p.Id).ToList();
        if (filter.Profitable is { } profitable)
        {
            var results = desk.Floating(id).ToDictionary(m => m.Position, m => m.Profit + m.Swap);
            var unknown = positions.Where(p => !results.ContainsKey(p.Id)).Select(p => p.Id.Value).ToList();
            if (unknown.Count > 0)
            {
                return Problem.Of(422, "refused", "The order was refused; nothing happened.", $"What these positions would bring is not known now: {string.Join(", ", unknown)}.",
                    "Send the request again under the same id when the account has quotes, or name the positions.");
            }

            positions.RemoveAll(p => profitable ? results[p.Id].Value <= 0m : results[p.Id].Value >= 0m);
        }

        var items = Items(body, filter, [.. positions.Select(p => p.Id.Value)]);
        return await CarryOutAsync(http, desk, id, body.ClientId, [.. items.Select(item => (item, request(body, id, item)))], view, isOrder: false);
    }

    private static async Task<IResult> OrdersAsync(HttpContext http, IDesk desk, string account)
    {
        var id = new AccountId(account);
        var (body, filter, view, problem) = await BeginAsync(http, desk, id, Bodies.CancelManyAsync);
        if (problem is not null)
        {
            return problem;
        }

        var items = Items(body, filter, [.. view.Orders.Where(filter.Takes).Select(o => o.Id.Value)]);
        return await CarryOutAsync(
            http, desk, id, body.ClientId, [.. items.Select(item => (item, (ClientRequest)new ClientClose { Account = id, ClientId = item.ClientId, Order = new OrderId(item.Id) }))], view, isOrder: true);
    }

    private static async Task<(Body Body, BulkFilter Filter, AccountView View, Problem? Problem)> BeginAsync(HttpContext http, IDesk desk, AccountId id, Func<HttpContext, Task<Body>> read)
    {
        if (AccountEndpoints.Missing(desk, id) is { } missing)
        {
            return (default, null!, null!, missing);
        }

        var body = await read(http);
        if (body.Problem is not null)
        {
            return (default, null!, null!, body.Problem);
        }

        var (filter, problem) = BulkFilter.Read(body);
        var view = problem is null ? await desk.AccountAsync(id) : null;
        return (body, filter, view!, problem ?? OrderEndpoints.Disabled(desk, id) ?? (view is { Up: true, Synced: true } ? null
            : Problem.Of(422, "refused", "The order was refused; nothing happened.", $"Account '{id}' is not connected: what it holds now is not known.", RefusalAdvice.Advice(Refusal.NotSent))));
    }

    /// <summary>
    /// What the filter takes now. Numbers that are named and gone are asked for as well where no other filter stands: the same request again gives what became of them.
    /// </summary>
    private static List<Item> Items(Body body, BulkFilter filter, IReadOnlyList<long> found)
    {
        var only = filter with { Ids = null } == new BulkFilter() ? filter.Ids ?? [] : [];
        return [.. found.Concat(only.Except(found)).Select(n => new Item(n, $"{body.ClientId}/{n}"))];
    }

    private static async Task<IResult> CarryOutAsync(
        HttpContext http, IDesk desk, AccountId account, string clientId, IReadOnlyList<(Item Item, ClientRequest Request)> requests, AccountView view, bool isOrder)
    {
        if (OrderEndpoints.Wait(http, out var wait) is { } wrong)
        {
            return wrong;
        }

        ClientAnswer?[] answers;
        if (view.Capabilities?.Mode == AccountMode.Fifo && !isOrder && requests.Count > 0 && requests[0].Request is ClientClose)
        {
            answers = await OneByOneAsync(desk, requests, wait, http.RequestAborted);
        }
        else
        {
            answers = await Task.WhenAll(requests.Select(r => desk.RequestAsync(r.Request, wait, http.RequestAborted)));
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
            account.Value, clientId, results.Count, results.Count(r => r.State == ClientState.Done), results.Count(r => r.State == ClientState.Refused),
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

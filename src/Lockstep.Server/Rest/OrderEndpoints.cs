using System.Globalization;
using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Server.Rest;

/// <summary>Trading: place, modify, close, cancel, and what became of a request.</summary>
internal static class OrderEndpoints
{
    private static readonly TimeSpan WaitDefault = TimeSpan.FromSeconds(5);

    /// <summary>Puts the routes up.</summary>
    public static void Map(RouteGroupBuilder account, IDesk desk)
    {
        account.MapPost("/orders", (HttpContext http, string account) => PlaceAsync(http, desk, account));
        account.MapPatch("/positions/{id}", (HttpContext http, string account, string id) => ModifyPositionAsync(http, desk, account, id));
        account.MapPatch("/orders/{id}", (HttpContext http, string account, string id) => ModifyOrderAsync(http, desk, account, id));
        account.MapPost("/positions/{id}/close", (HttpContext http, string account, string id) => CloseAsync(http, desk, account, id));
        account.MapPost("/positions/{id}/close-by", (HttpContext http, string account, string id) => CloseByAsync(http, desk, account, id));
        account.MapPost("/positions/{id}/reverse", (HttpContext http, string account, string id) => ReverseAsync(http, desk, account, id));
        account.MapDelete("/orders/{id}", (HttpContext http, string account, string id) => CancelAsync(http, desk, account, id));
        account.MapGet("/requests/{**clientId}", (string account, string clientId) => StateAsync(desk, account, clientId));
        BulkEndpoints.Map(account, desk);
    }

    /// <summary>How long the caller wants to wait, or what is wrong with that.</summary>
    public static Problem? Wait(HttpContext http, out TimeSpan wait)
    {
        wait = WaitDefault;
        if (http.Request.Query.TryGetValue("waitMs", out var text))
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int ms) || ms > 60_000)
            {
                return Problem.Bad($"waitMs = {text} must be a whole number from 0 to 60000.", "Correct waitMs or leave it out (5000).");
            }

            wait = TimeSpan.FromMilliseconds(ms);
        }

        return null;
    }

    /// <summary>The answer for an account that is not to be traded.</summary>
    public static Problem? Disabled(IDesk desk, AccountId account) => desk.Config.Account(account) is { Enabled: false }
        ? Problem.Of(409, "account-disabled", "The account is disabled.", $"Account '{account}' has \"enabled\": false.", "Enable it in the configuration and restart.")
        : null;

    /// <summary>The answer when nothing is taken any more.</summary>
    public static Problem Stopping() => Problem.Of(503, "stopping", "Nothing is taken any more.", "The server is stopping, or the account's group stands still; nothing was done.",
        "Look at /v1/alerts and the log; send the request again under the same id when the server is back.");

    private static async Task<IResult> PlaceAsync(HttpContext http, IDesk desk, string account)
    {
        var id = new AccountId(account);
        if (AccountEndpoints.Missing(desk, id) is { } missing)
        {
            return missing;
        }

        var body = await Bodies.PlaceAsync(http);
        if (body.Problem is not null)
        {
            return body.Problem;
        }

        var (order, problem) = Bodies.Order(id, body);
        return problem is not null ? problem : await CarryOutAsync(http, desk, order!);
    }

    private static async Task<IResult> ModifyPositionAsync(HttpContext http, IDesk desk, string account, string position)
    {
        if (Wrong(desk, account, position, out var id, out long number) is { } wrong)
        {
            return wrong;
        }

        var body = await Bodies.ModifyPositionAsync(http);
        return body.Problem is not null ? body.Problem
            : await ModifyAsync(http, desk, new ClientModify
            {
                Account = id,
                ClientId = body.ClientId,
                Position = new PositionId(number),
                StopLoss = Bodies.Level(body.Reader, "stopLoss"),
                TakeProfit = Bodies.Level(body.Reader, "takeProfit"),
            });
    }

    private static async Task<IResult> ModifyOrderAsync(HttpContext http, IDesk desk, string account, string order)
    {
        if (Wrong(desk, account, order, out var id, out long number) is { } wrong)
        {
            return wrong;
        }

        var body = await Bodies.ModifyOrderAsync(http);
        return body.Problem is not null ? body.Problem
            : await ModifyAsync(http, desk, new ClientModify
            {
                Account = id,
                ClientId = body.ClientId,
                Order = new OrderId(number),
                Price = Bodies.PriceOf(body.Reader, "price"),
                StopLoss = Bodies.Level(body.Reader, "stopLoss"),
                TakeProfit = Bodies.Level(body.Reader, "takeProfit"),
            });
    }

    private static async Task<IResult> ModifyAsync(HttpContext http, IDesk desk, ClientModify modify) =>
        modify is { Price: null, StopLoss.Given: false, TakeProfit.Given: false }
            ? Problem.Bad("The request changes nothing.", "Send at least one of the fields; null removes stopLoss or takeProfit.")
            : await CarryOutAsync(http, desk, modify);

    private static async Task<IResult> CloseAsync(HttpContext http, IDesk desk, string account, string position)
    {
        if (Wrong(desk, account, position, out var id, out long number) is { } wrong)
        {
            return wrong;
        }

        var body = await Bodies.CloseAsync(http);
        return body.Problem is not null ? body.Problem
            : await CarryOutAsync(http, desk, new ClientClose { Account = id, ClientId = body.ClientId, Position = new PositionId(number), Volume = body.Reader.Lots("volume") });
    }

    private static async Task<IResult> CloseByAsync(HttpContext http, IDesk desk, string account, string position)
    {
        if (Wrong(desk, account, position, out var id, out long number) is { } wrong)
        {
            return wrong;
        }

        var body = await Bodies.CloseByAsync(http);
        return body.Problem is not null ? body.Problem
            : await CarryOutAsync(http, desk, new ClientCloseBy
            {
                Account = id,
                ClientId = body.ClientId,
                Position = new PositionId(number),
                Opposite = new PositionId((long)body.Reader.Number("opposite")!.Value),
            });
    }

    private static async Task<IResult> ReverseAsync(HttpContext http, IDesk desk, string account, string position)
    {
        if (Wrong(desk, account, position, out var id, out long number) is { } wrong)
        {
            return wrong;
        }

        var body = await Bodies.ReverseAsync(http);
        return body.Problem is not null ? body.Problem
            : await CarryOutAsync(http, desk, new ClientReverse
            {
                Account = id,
                ClientId = body.ClientId,
                Position = new PositionId(number),
                Volume = body.Reader.Lots("volume"),
                StopLoss = Bodies.PriceOf(body.Reader, "stopLoss"),
                TakeProfit = Bodies.PriceOf(body.Reader, "takeProfit"),
            });
    }

    private static async Task<IResult> CancelAsync(HttpContext http, IDesk desk, string account, string order)
    {
        if (Wrong(desk, account, order, out var id, out long number) is { } wrong)
        {
            return wrong;
        }

        var body = await Bodies.CancelAsync(http);
        return body.Problem is not null ? body.Problem
            : await CarryOutAsync(http, desk, new ClientClose { Account = id, ClientId = body.ClientId, Order = new OrderId(number) });
    }

    private static async Task<IResult> StateAsync(IDesk desk, string account, string clientId)
    {
        var id = new AccountId(account);

        // An item of a request for many has a slash in its id, and an address keeps a written-out one as it is.
        string slashed = clientId.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        return AccountEndpoints.Missing(desk, id) is { } missing ? missing
            : await desk.RequestStateAsync(id, clientId) is { } answer ? RestJson.Ok(RequestShape.Of(id, clientId, answer))
            : await desk.RequestStateAsync(id, slashed) is { } other ? RestJson.Ok(RequestShape.Of(id, slashed, other))
            : Problem.NotFound($"Account '{account}' has seen no request '{clientId}'.",
                "If you sent it and got no answer, it did not arrive: send it again under the same id.");
    }

    private static async Task<IResult> CarryOutAsync(HttpContext http, IDesk desk, ClientRequest request)
    {
        if (Wait(http, out var wait) is { } wrong)
        {
            return wrong;
        }

        if (Disabled(desk, request.Account) is { } disabled)
        {
            return disabled;
        }

        if (await desk.RequestAsync(request, wait, http.RequestAborted) is not { } answer)
        {
            return Stopping();
        }

        var shape = RequestShape.Of(request.Account, request.ClientId, answer);
        switch (answer.State)
        {
            case ClientState.Done:
                return RestJson.Ok(shape);
            case ClientState.Refused when answer.Closing is { State: ClientState.Done }:
                return Problem.Of(422, "half-done", "The position was closed; the opposite side was not opened.", RefusalAdvice.Detail(answer), RefusalAdvice.Advice(answer.Refusal)) with { Request = shape };
            case ClientState.Refused:
                return Problem.Of(422, "refused", "The order was refused; nothing happened.", RefusalAdvice.Detail(answer), RefusalAdvice.Advice(answer.Refusal)) with { Request = shape };
            default:
                http.Response.Headers.Location = $"/v1/accounts/{Uri.EscapeDataString(request.Account.Value)}/requests/{Uri.EscapeDataString(request.ClientId)}";
                return Results.Json(shape, RestJson.Options, statusCode: StatusCodes.Status202Accepted);
        }
    }

    private static Problem? Wrong(IDesk desk, string account, string text, out AccountId id, out long number)
    {
        id = new AccountId(account);
        return !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) || number <= 0
            ? Problem.Bad($"'{text}' is no number of a position or order.", "Take the number from the list of positions or orders.")
            : AccountEndpoints.Missing(desk, id);
    }
}

using System.Text.Json;
using Lockstep.Client.Http;

namespace Lockstep.Client;

/// <content>Trading.</content>
public sealed partial class LockstepClient
{
    /// <summary>
    /// Places an order, at most once. <paramref name="clientId"/> (1 to 64 printable characters without spaces): the same id on the same account gives the first order's answer again; null = one is made.
    /// </summary>
    public Task<TradeResult> PlaceAsync(string account, NewOrder order, string? clientId = null, CancellationToken cancel = default) =>
        TradeAsync(HttpMethod.Post, account, "/orders", order with { Expiry = order.Expiry?.ToUniversalTime() }, clientId, cancel);

    /// <summary>Changes a position's stop loss and take profit.</summary>
    public Task<TradeResult> ModifyPositionAsync(string account, long position, Level stopLoss = default, Level takeProfit = default, string? clientId = null, CancellationToken cancel = default) =>
        TradeAsync(HttpMethod.Patch, account, $"/positions/{position}", Levels([], stopLoss, takeProfit), clientId, cancel);

    /// <summary>Changes a pending order.</summary>
    public Task<TradeResult> ModifyOrderAsync(
        string account, long order, decimal? price = null, Level stopLoss = default, Level takeProfit = default, string? clientId = null, CancellationToken cancel = default) =>
        TradeAsync(HttpMethod.Patch, account, $"/orders/{order}", Levels(price is null ? [] : new() { ["price"] = price }, stopLoss, takeProfit), clientId, cancel);

    /// <summary>Closes a position, wholly or (with <paramref name="volume"/>, in lots) in part.</summary>
    public Task<TradeResult> CloseAsync(string account, long position, decimal? volume = null, string? clientId = null, CancellationToken cancel = default) =>
        TradeAsync(HttpMethod.Post, account, $"/positions/{position}/close", new { volume }, clientId, cancel);

    /// <summary>Closes two opposite positions by each other.</summary>
    public Task<TradeResult> CloseByAsync(string account, long position, long opposite, string? clientId = null, CancellationToken cancel = default) =>
        TradeAsync(HttpMethod.Post, account, $"/positions/{position}/close-by", new { opposite }, clientId, cancel);

    /// <summary>Turns a position: closes it, and when that is done opens the opposite side.</summary>
    public Task<TradeResult> ReverseAsync(string account, long position, decimal? volume = null, string? clientId = null, CancellationToken cancel = default) =>
        TradeAsync(HttpMethod.Post, account, $"/positions/{position}/reverse", new { volume }, clientId, cancel);

    /// <summary>Cancels a pending order.</summary>
    public Task<TradeResult> CancelAsync(string account, long order, string? clientId = null, CancellationToken cancel = default) =>
        TradeAsync(HttpMethod.Delete, account, $"/orders/{order}", null, clientId, cancel);

    /// <summary>Closes many positions; each has a result of its own.</summary>
    public Task<BulkResult> CloseManyAsync(string account, Selection selection, string? clientId = null, CancellationToken cancel = default) => ManyAsync(account, "/positions/close", Filter(selection), clientId, cancel);

    /// <summary>Changes stop loss and take profit of many positions.</summary>
    public Task<BulkResult> ModifyManyAsync(string account, Selection selection, Level stopLoss = default, Level takeProfit = default, string? clientId = null, CancellationToken cancel = default) =>
        ManyAsync(account, "/positions/modify", Levels(Filter(selection), stopLoss, takeProfit), clientId, cancel);

    /// <summary>Cancels many pending orders.</summary>
    public Task<BulkResult> CancelManyAsync(string account, Selection selection, string? clientId = null, CancellationToken cancel = default) => ManyAsync(account, "/orders/cancel", Filter(selection), clientId, cancel);

    /// <summary>How a request stands; null when the server never saw it: then nothing was done, and it may be sent again under the same id.</summary>
    public async Task<TradeResult?> GetRequestAsync(string account, string clientId, CancellationToken cancel = default)
    {
        var answer = await _pipe.SendAsync(HttpMethod.Get, $"{Of(account)}/requests/{Wire.Part(clientId)}", null, null, cancel).ConfigureAwait(false);
        return answer.Status == 404 ? null : answer.Problem() is { } problem ? throw problem : Read(answer.Read<RequestBody>(), null);
    }

    /// <summary>
    /// A trade that got no answer may have been done: it ends as unknown, under its id. A caller who cancels gets the cancellation, and finds out under his own id.
    /// </summary>
    private async Task<TradeResult> TradeAsync(HttpMethod method, string account, string path, object? body, string? clientId, CancellationToken cancel)
    {
        string id = clientId ?? NewKey();
        Answer answer;
        try
        {
            answer = await _pipe.SendAsync(method, Of(account) + path, body, id, cancel).ConfigureAwait(false);
        }
        catch (Exception error) when (error is HttpRequestException or TimeoutException)
        {
            return new TradeResult { Account = account, ClientId = id, Outcome = TradeOutcome.Unknown, Code = error.Message };
        }

        if (answer.Status == 422 && Refused(answer) is { } refused)
        {
            return refused;
        }

        return answer.Problem() is { } problem ? throw problem : Read(answer.Read<RequestBody>(), null);
    }

    private async Task<BulkResult> ManyAsync(string account, string path, Dictionary<string, object?> body, string? clientId, CancellationToken cancel)
    {
        var many = await _pipe.WriteAsync<BulkBody>(HttpMethod.Post, Of(account) + path, body, clientId ?? NewKey(), cancel).ConfigureAwait(false);
        return new BulkResult(many.Matched, many.Done, many.Refused, many.Open, [.. many.Results.Select(r => Read(r, null))]);
    }

    private static TradeResult? Refused(Answer answer)
    {
        try
        {
            return JsonSerializer.Deserialize<RefusalBody>(answer.Body, Wire.Json) is { Request: { } request, Advice: var advice } ? Read(request, advice) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static TradeResult Read(RequestBody body, string? advice) => new()
    {
        Account = body.Account,
        ClientId = body.ClientId,
        Outcome = body.Outcome ?? (body.State == "refused" ? TradeOutcome.Refused : TradeOutcome.Unknown),
        Refusal = body.Refusal,
        Code = body.Code,
        Advice = advice,
        Position = body.Position,
        Order = body.Order,
        Filled = body.Filled,
        Price = body.Price,
        Fills = body.Fills ?? [],
        Stages = body.Stages,
    };

    private static Dictionary<string, object?> Filter(Selection selection)
    {
        var all = new Dictionary<string, object?>();
        Add("ids", selection.Ids);
        Add("symbol", selection.Symbol);
        Add("side", selection.Side);
        Add("magic", selection.Magic);
        Add("result", selection.Result);
        if (selection.All)
        {
            all["all"] = true;
        }

        return all;

        void Add(string name, object? value)
        {
            if (value is not null)
            {
                all[name] = value;
            }
        }
    }

    /// <summary>An explicit null removes a level, and must be written.</summary>
    private static Dictionary<string, object?> Levels(Dictionary<string, object?> body, Level stopLoss, Level takeProfit)
    {
        if (stopLoss.Given)
        {
            body["stopLoss"] = stopLoss.Value;
        }

        if (takeProfit.Given)
        {
            body["takeProfit"] = takeProfit.Value;
        }

        return body;
    }

    private sealed record RequestBody(
        string Account, string ClientId, string State, string? Outcome, string? Refusal, string? Code, long? Position, long? Order, decimal? Filled, decimal? Price, IReadOnlyList<Fill>? Fills, Stages? Stages);

    private sealed record RefusalBody(RequestBody? Request, string? Advice);

    private sealed record BulkBody(int Matched, int Done, int Refused, int Open, IReadOnlyList<RequestBody> Results);
}

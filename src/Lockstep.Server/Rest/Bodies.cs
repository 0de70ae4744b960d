using System.Globalization;
using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Rest;

/// <summary>The bodies of requests, checked by the same means as the configuration: all that is wrong is told at once.</summary>
internal static class Bodies
{
    /// <summary>Largest body.</summary>
    public const int BytesMax = 64 * 1024;

    /// <summary>Most numbers in one request for many.</summary>
    public const int BulkMost = 1_000;

    private static readonly TextShape ClientIdText = new("^[!-~]{1,64}$", "1 to 64 printable ASCII characters without spaces");
    private static readonly NumberShape Price = new(1_000_000_000m, Above: 0m);
    private static readonly NumberShape Id = new(long.MaxValue, Above: 0m, Whole: true);
    private static readonly NumberShape Volume = new(1_000_000m, Above: 0m);
    private static readonly Key ClientIdKey = new("clientId", ClientIdText, "The client's own id of the request.");
    private static readonly Key StopLoss = new("stopLoss", Price, "Stop loss.") { Nullable = true };
    private static readonly Key TakeProfit = new("takeProfit", Price, "Take profit.") { Nullable = true };

    private static readonly ObjectShape Place = new(
        "order",
        new Key("symbol", new TextShape("^[^\\s\\u0000-\\u001F]{1,64}$", "a symbol's name"), "The broker's name of the symbol.") { Required = true },
        new Key("side", new ChoiceShape("buy", "sell"), "Side.") { Required = true },
        new Key("volume", Volume, "Lots.") { Required = true },
        new Key("type", new ChoiceShape("market", "limit", "stop", "stopLimit"), "Type."),
        new Key("price", Price, "Price of a pending order.") { Nullable = true },
        new Key("limitPrice", Price, "Limit price of a stop-limit order.") { Nullable = true },
        StopLoss,
        TakeProfit,
        new Key("expiry", new TextShape("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,16}(Z|[+-][0-9]{2}:[0-9]{2})$", "a moment such as \"2030-01-31T12:00:00Z\""), "Expiry.") { Nullable = true },
        new Key("worstPrice", Price, "Worst price at market.") { Nullable = true },
        ClientIdKey);

    private static readonly ObjectShape ModifyPosition = new("change", StopLoss, TakeProfit, ClientIdKey);
    private static readonly ObjectShape ModifyOrder = new("change", new Key("price", Price, "New price."), StopLoss, TakeProfit, ClientIdKey);
    private static readonly ObjectShape Close = new("close", new Key("volume", Volume, "Lots to close.") { Nullable = true }, ClientIdKey);
    private static readonly ObjectShape CloseBy = new(
        "close-by", new Key("opposite", Id, "Number of the opposite position.") { Required = true }, ClientIdKey);

    private static readonly ObjectShape Reverse = new("reverse", new Key("volume", Volume, "Lots of the new position.") { Nullable = true }, StopLoss, TakeProfit, ClientIdKey);

    private static readonly Key[] Filter =
    [
        new Key("all", new FlagShape(), "Everything; instead of a filter."),
        new Key("ids", new ListShape(Id, BulkMost), "Numbers."),
        new Key("symbol", new TextShape("^[^\\s\\u0000-\\u001F]{1,64}$", "a symbol's name"), "The broker's name of the symbol."),
        new Key("side", new ChoiceShape("buy", "sell"), "Side."),
        new Key("magic", new NumberShape(long.MaxValue, Min: long.MinValue, Whole: true), "Magic number."),
    ];

    private static readonly Key Result = new("result", new ChoiceShape("profitable", "losing"), "Floating result with swap above or below 0.");
    private static readonly ObjectShape CloseMany = new("filter", [.. Filter, Result, ClientIdKey]);
    private static readonly ObjectShape ModifyMany = new("filter", [.. Filter, Result, StopLoss, TakeProfit, ClientIdKey]);
    private static readonly ObjectShape CancelMany = new("filter", [.. Filter, ClientIdKey]);
    private static readonly ObjectShape Cancel = new("cancel", ClientIdKey);

    /// <summary>A new order.</summary>
    public static Task<Body> PlaceAsync(HttpContext context) => ReadAsync(context, Place);

    /// <summary>A change of a position.</summary>
    public static Task<Body> ModifyPositionAsync(HttpContext context) => ReadAsync(context, ModifyPosition);

    /// <summary>A change of a pending order.</summary>
    public static Task<Body> ModifyOrderAsync(HttpContext context) => ReadAsync(context, ModifyOrder);

    /// <summary>A close; the body may be empty.</summary>
    public static Task<Body> CloseAsync(HttpContext context) => ReadAsync(context, Close);

    /// <summary>A close by another position.</summary>
    public static Task<Body> CloseByAsync(HttpContext context) => ReadAsync(context, CloseBy);

    /// <summary>A reversal; the body may be empty.</summary>
    public static Task<Body> ReverseAsync(HttpContext context) => ReadAsync(context, Reverse);

    /// <summary>Which positions to close.</summary>
    public static Task<Body> CloseManyAsync(HttpContext context) => ReadAsync(context, CloseMany);

    /// <summary>Which positions to change, and how.</summary>
    public static Task<Body> ModifyManyAsync(HttpContext context) => ReadAsync(context, ModifyMany);

    /// <summary>Which pending orders to cancel.</summary>
    public static Task<Body> CancelManyAsync(HttpContext context) => ReadAsync(context, CancelMany);

    /// <summary>A cancel; the body may be empty.</summary>
    public static Task<Body> CancelAsync(HttpContext context) => ReadAsync(context, Cancel);

    /// <summary>The order that a body asks for, or what is wrong with it.</summary>
    public static (ClientPlace? Order, Problem? Problem) Order(AccountId account, Body body)
    {
        var item = body.Reader;
        var errors = new List<FieldProblem>();
        string type = item.Text("type") ?? "market";
        bool pending = type != "market";
        Timestamp? expiry = null;
        if (item.Text("expiry") is { } text)
        {
            if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment))
            {
                expiry = Timestamp.From(moment);
            }
            else
            {
                errors.Add(new("expiry", text, "is no moment; write it as \"2030-01-31T12:00:00Z\""));
            }
        }

        Require("price", pending, $"type \"{type}\" needs a price", "a market order has no price; use worstPrice for the worst price to accept");
        Require("limitPrice", type == "stopLimit", "type \"stopLimit\" needs a limitPrice", "belongs to type \"stopLimit\" only");
        if (!pending && item.Value("expiry") is { } e)
        {
            errors.Add(new("expiry", e.Shown, "belongs to pending orders only"));
        }

        if (pending && item.Value("worstPrice") is { } worst)
        {
            errors.Add(new("worstPrice", worst.Shown, "belongs to market orders only"));
        }

        if (errors.Count > 0)
        {
            return (null, Invalid(errors));
        }

        return (new ClientPlace
        {
            Account = account,
            ClientId = body.ClientId,
            Symbol = new SymbolName(item.Text("symbol")!),
            Side = item.Choice<Side>("side")!.Value,
            Volume = item.Lots("volume")!.Value,
            Type = pending ? item.Choice<PendingType>("type") : null,
            Price = PriceOf(item, "price"),
            LimitPrice = PriceOf(item, "limitPrice"),
            StopLoss = PriceOf(item, "stopLoss"),
            TakeProfit = PriceOf(item, "takeProfit"),
            Expiry = expiry,
            WorstPrice = PriceOf(item, "worstPrice"),
        }, null);

        void Require(string field, bool needed, string missing, string unwanted)
        {
            if (needed != item.Value(field) is not null)
            {
                errors.Add(new(field, item.Value(field)?.Shown ?? "", needed ? missing : unwanted));
            }
        }
    }

    /// <summary>A price, null when absent.</summary>
    public static Price? PriceOf(ItemReader item, string key) => item.Number(key) is { } number ? new Price(number) : null;

    /// <summary>Absent = leave, null = remove.</summary>
    public static LevelChange Level(ItemReader item, string key) => item.Item?[key] is null ? LevelChange.Leave : new LevelChange(true, PriceOf(item, key));

    /// <summary>A body of another form.</summary>
    public static async Task<Body> ReadAsync(HttpContext context, ObjectShape shape)
    {
        var request = context.Request;
        byte[] bytes;
        try
        {
            using var buffer = new MemoryStream();
            await request.Body.CopyToAsync(buffer, context.RequestAborted);
            bytes = buffer.ToArray();
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return new Body(Problem.Of(413, "too-large", "The body is too large.", $"A body may have at most {BytesMax} bytes.", "Send one order a request."));
        }

        if (bytes.Length > 0 && !request.HasJsonContentType())
        {
            return new Body(Problem.Of(415, "not-json", "The body is not declared as JSON.", $"Content-Type is '{request.ContentType}'.", "Send 'Content-Type: application/json'."));
        }

        JsonItem root;
        try
        {
            root = JsonItem.Parse(bytes.Length == 0 ? "{}"u8 : bytes, strict: true);
        }
        catch (JsonException e)
        {
            return new Body(Problem.Bad($"The body is no valid JSON, line {e.LineNumber + 1}, position {e.BytePositionInLine + 1}: {e.Message.Split(" LineNumber:")[0]}", "Send one JSON object."));
        }

        var errors = new List<ConfigError>();
        var checker = new ShapeChecker(errors);
        checker.Check(root, shape, "");
        if (errors.Count > 0)
        {
            return new Body(Invalid([.. errors.Select(e => new FieldProblem(e.Path, e.Value, e.Text))]));
        }

        var reader = new ItemReader(root, checker);
        return ClientId(request, reader.Text("clientId"), out string? id) is { } problem ? new Body(problem) : new Body(reader, id!);
    }

    /// <summary>The id may come in the body, in the header Idempotency-Key or in the query; more than one must agree. None: the server makes one.</summary>
    private static Problem? ClientId(HttpRequest request, string? inBody, out string? id)
    {
        var given = new[] { inBody, request.Headers["Idempotency-Key"].ToString(), request.Query["clientId"].ToString() }.Where(s => !string.IsNullOrEmpty(s)).Distinct().ToList();
        id = given.FirstOrDefault() ?? $"auto-{Guid.NewGuid():N}";
        return given.Count > 1 ? Problem.Bad("clientId and Idempotency-Key differ.", "Send the id once, or the same everywhere.")
            : !ClientIdText.Matches(id) ? Problem.Bad($"The client id must be {ClientIdText.Allowed}.", "Choose another id, such as a UUID.")
            : null;
    }

    private static Problem Invalid(IReadOnlyList<FieldProblem> errors) => Problem.Bad(
        string.Join("; ", errors.Select(e => (e.Field.Length > 0 ? e.Field + (e.Value.Length > 0 ? $" = {e.Value}" : "") + ": " : "") + e.Reason)),
        "Correct the fields under errors and send the request again; nothing was done.", errors);
}

/// <summary>A body that was read: its fields, or the problem to answer with.</summary>
internal readonly struct Body
{
    /// <summary>A good body.</summary>
    public Body(ItemReader reader, string clientId) => (Reader, ClientId) = (reader, clientId);

    /// <summary>A bad one.</summary>
    public Body(Problem problem) => (Problem, ClientId) = (problem, "");

    /// <summary>What is wrong; null = nothing.</summary>
    public Problem? Problem { get; }

    /// <summary>The fields.</summary>
    public ItemReader Reader { get; }

    /// <summary>The client's id.</summary>
    public string ClientId { get; }
}

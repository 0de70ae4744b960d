using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Rest;

/// <summary>The bodies of trades.</summary>
internal static class OrderBodies
{
    /// <summary>Most numbers in one request for many.</summary>
    public const int BulkMost = 1_000;

    private static readonly NumberShape Price = new(1_000_000_000m, Above: 0m);
    private static readonly NumberShape Id = new(long.MaxValue, Above: 0m, Whole: true);
    private static readonly NumberShape Volume = new(1_000_000m, Above: 0m);
    private static readonly Key StopLoss = new("stopLoss", Price, "Stop loss.") { Nullable = true };
    private static readonly Key TakeProfit = new("takeProfit", Price, "Take profit.") { Nullable = true };

    /// <summary>A new order.</summary>
    public static readonly ObjectShape Place = new(
        "order",
        new Key("symbol", CommonShapes.SymbolText, "The broker's name of the symbol.") { Required = true },
        new Key("side", new ChoiceShape("buy", "sell"), "Side.") { Required = true },
        new Key("volume", Volume, "Lots.") { Required = true },
        new Key("type", new ChoiceShape("market", "limit", "stop", "stopLimit"), "Type."),
        new Key("price", Price, "Price of a pending order.") { Nullable = true },
        new Key("limitPrice", Price, "Limit price of a stop-limit order.") { Nullable = true },
        StopLoss,
        TakeProfit,
        new Key("expiry", new MomentShape(), "When a pending order ends by itself; null or absent = good till cancelled.") { Nullable = true },
        new Key("worstPrice", Price, "Worst price at market.") { Nullable = true },
        Bodies.ClientIdKey);

    /// <summary>A change of a position.</summary>
    public static readonly ObjectShape ModifyPosition = new("change", StopLoss, TakeProfit, Bodies.ClientIdKey);

    /// <summary>A change of a pending order.</summary>
    public static readonly ObjectShape ModifyOrder = new("change", new Key("price", Price, "New price."), StopLoss, TakeProfit, Bodies.ClientIdKey);

    /// <summary>A close; the body may be empty.</summary>
    public static readonly ObjectShape Close = new("close", new Key("volume", Volume, "Lots to close.") { Nullable = true }, Bodies.ClientIdKey);

    /// <summary>A close by another position.</summary>
    public static readonly ObjectShape CloseBy = new(
        "close-by", new Key("opposite", Id, "Number of the opposite position.") { Required = true }, Bodies.ClientIdKey);

    /// <summary>A reversal; the body may be empty.</summary>
    public static readonly ObjectShape Reverse = new("reverse", new Key("volume", Volume, "Lots of the new position.") { Nullable = true }, StopLoss, TakeProfit, Bodies.ClientIdKey);

    private static readonly Key[] Filter =
    [
        new Key("all", new FlagShape(), "Everything; instead of a filter."),
        new Key("ids", new ListShape(Id, BulkMost), "Numbers."),
        new Key("symbol", CommonShapes.SymbolText, "The broker's name of the symbol."),
        new Key("side", new ChoiceShape("buy", "sell"), "Side."),
        new Key("magic", new NumberShape(long.MaxValue, Min: long.MinValue, Whole: true), "Magic number."),
    ];

    private static readonly Key Result = new("result", new ChoiceShape("profitable", "losing"), "Floating result with swap above or below 0.");

    /// <summary>Which positions to close.</summary>
    public static readonly ObjectShape CloseMany = new("filter", [.. Filter, Result, Bodies.ClientIdKey]);

    /// <summary>Which positions to change, and how.</summary>
    public static readonly ObjectShape ModifyMany = new("filter", [.. Filter, Result, StopLoss, TakeProfit, Bodies.ClientIdKey]);

    /// <summary>Which pending orders to cancel.</summary>
    public static readonly ObjectShape CancelMany = new("filter", [.. Filter, Bodies.ClientIdKey]);

    /// <summary>A cancel; the body may be empty.</summary>
    public static readonly ObjectShape Cancel = new("cancel", Bodies.ClientIdKey);

    /// <summary>The order that a body asks for, or what is wrong with it.</summary>
    public static (ClientPlace? Order, Problem? Problem) Order(AccountId account, ItemReader item, string clientId)
    {
        var errors = new List<FieldProblem>();
        string type = item.Text("type") ?? "market";
        bool pending = type != "market";
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
            return (null, Bodies.Invalid(errors));
        }

        return (new ClientPlace
        {
            Account = account,
            ClientId = clientId,
            Symbol = new SymbolName(item.Text("symbol")!),
            Side = item.Choice<Side>("side")!.Value,
            Volume = item.Lots("volume")!.Value,
            Type = pending ? item.Choice<PendingType>("type") : null,
            Price = Bodies.PriceOf(item, "price"),
            LimitPrice = Bodies.PriceOf(item, "limitPrice"),
            StopLoss = Bodies.PriceOf(item, "stopLoss"),
            TakeProfit = Bodies.PriceOf(item, "takeProfit"),
            Expiry = item.Moment("expiry") is { } expiry ? Timestamp.From(expiry) : null,
            WorstPrice = Bodies.PriceOf(item, "worstPrice"),
        }, null);

        void Require(string field, bool needed, string missing, string unwanted)
        {
            if (needed != item.Value(field) is not null)
            {
                errors.Add(new(field, item.Value(field)?.Shown ?? "", needed ? missing : unwanted));
            }
        }
    }
}

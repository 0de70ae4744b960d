using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Rest;

/// <summary>Accounts: state, money, positions, orders, symbols.</summary>
internal static class AccountEndpoints
{
    private const string Topic = "Accounts";

    private static readonly Operation List = new("listAccounts", "GET", "/v1/accounts", Scope.Read, "Accounts with their state and money") { Topic = Topic, Replies = [new(200, typeof(AccountsShape), "The accounts.")] };

    private static readonly Operation One = new("getAccount", "GET", "/v1/accounts/{account}", Scope.Read, "One account") { Topic = Topic, Replies = [new(200, typeof(AccountShape), "The account.")] };

    private static readonly Operation Positions = new("listPositions", "GET", "/v1/accounts/{account}/positions", Scope.Read, "Open positions")
    {
        Topic = Topic, Replies = [new(200, typeof(PositionsShape), "The positions.")],
    };

    private static readonly Operation Orders = new("listOrders", "GET", "/v1/accounts/{account}/orders", Scope.Read, "Pending orders")
    {
        Topic = Topic, Replies = [new(200, typeof(OrdersShape), "The pending orders.")],
    };

    private static readonly Operation Symbols = new("listSymbols", "GET", "/v1/accounts/{account}/symbols", Scope.Read, "Symbols with their steps, levels and latest quotes")
    {
        Topic = Topic, Replies = [new(200, typeof(SymbolsShape), "The symbols.")],
    };

    private static readonly Operation Position = new("getPosition", "GET", "/v1/accounts/{account}/positions/{position}", Scope.Read, "One open position")
    {
        Topic = Topic, Replies = [new(200, typeof(PositionShape), "The position.")],
    };

    private static readonly Operation Order = new("getOrder", "GET", "/v1/accounts/{account}/orders/{order}", Scope.Read, "One pending order")
    {
        Topic = Topic, Replies = [new(200, typeof(OrderShape), "The pending order.")],
    };

    private static readonly Operation Money = new("getMoney", "GET", "/v1/accounts/{account}/account", Scope.Read, "The account's money")
    {
        Topic = Topic, Replies = [new(200, typeof(MoneyShape), "The money as the platform told it last.")],
    };

    private static readonly Operation Price = new("getPrice", "GET", "/v1/accounts/{account}/price", Scope.Read, "The latest quote of a symbol")
    {
        Topic = Topic, Query = [QueryKeys.Symbol], Replies = [new(200, typeof(PriceShape), "The quote.")], Problems = [(409, "no-quote")],
    };

    /// <summary>Puts the operations up.</summary>
    public static void Map(Routes routes, IDesk desk)
    {
        routes.Map(List, async call =>
        {
            var accounts = new List<AccountShape>();
            foreach (var account in desk.Config.Accounts.Where(a => call.Caller.May(a.Id)))
            {
                accounts.Add(Shape(desk, account, await desk.AccountAsync(account.Id)));
            }

            return RestJson.Ok(new AccountsShape(accounts));
        });
        routes.Map(One, async call => RestJson.Ok(Shape(desk, call.Account, await desk.AccountAsync(call.Account.Id))));
        routes.Map(Positions, async call =>
        {
            var view = await desk.AccountAsync(call.Account.Id);
            return RestJson.Ok(new PositionsShape(call.Account.Id.Value, State(view), Shapes(desk, call.Account, view, view?.Positions ?? [])));
        });
        routes.Map(Position, async call =>
        {
            var view = await desk.AccountAsync(call.Account.Id);
            var found = (view?.Positions ?? []).Where(p => p.Id.Value == call.Number("position")).ToList();
            return found.Count == 1 ? RestJson.Ok(Shapes(desk, call.Account, view, found)[0])
                : Problem.NotFound($"Account '{call.Account.Id}' has no open position {call.Number("position")}.", $"Look at /v1/accounts/{call.Account.Id}/positions; what was closed is under /deals.");
        });
        routes.Map(Order, async call =>
        {
            var view = await desk.AccountAsync(call.Account.Id);
            return view?.Orders.FirstOrDefault(o => o.Id.Value == call.Number("order")) is { } order ? RestJson.Ok(OrderShape.Of(order, Yardstick.Of(view, desk.Health(call.Account.Id))))
                : Problem.NotFound($"Account '{call.Account.Id}' has no pending order {call.Number("order")}.", $"Look at /v1/accounts/{call.Account.Id}/orders; what was filled is under /deals.");
        });
        routes.Map(Money, async call =>
        {
            var view = await desk.AccountAsync(call.Account.Id);
            return RestJson.Ok(MoneyShape.Of(call.Account.Id, State(view), desk.Funds(call.Account.Id), desk.Floating(call.Account.Id), Yardstick.Of(view, desk.Health(call.Account.Id))));
        });
        routes.Map(Price, async call =>
        {
            var (id, symbol) = (call.Account.Id, new SymbolName(call.Query.Text("symbol")!));
            var view = await desk.AccountAsync(id);
            return desk.Quote(id, symbol) is { } quote ? RestJson.Ok(PriceShape.Of(id, symbol, quote, Yardstick.Of(view, desk.Health(id))))
                : view is { Symbols.Count: > 0 } && view.Symbols.All(s => s.Name != symbol) ? Problem.NotFound($"Account '{id}' has no symbol '{symbol}'.", $"Use a symbol of /v1/accounts/{id}/symbols.")
                : Problem.Of(409, "no-quote", "There is no quote of the symbol now.", $"Account '{id}' was told no quote of '{symbol}' yet.", "Ask again; a symbol that nobody follows is quoted about once a second, or not at all.");
        });
        routes.Map(Orders, async call =>
        {
            var view = await desk.AccountAsync(call.Account.Id);
            var yard = Yardstick.Of(view, desk.Health(call.Account.Id));
            return RestJson.Ok(new OrdersShape(call.Account.Id.Value, State(view), [.. (view?.Orders ?? []).Select(o => OrderShape.Of(o, yard))]));
        });
        routes.Map(Symbols, async call =>
        {
            var specs = call.Account.Broker?.Symbols.Select(s => s.Spec) ?? (await desk.AccountAsync(call.Account.Id))?.Symbols ?? [];
            return RestJson.Ok(new SymbolsShape(call.Account.Id.Value, [.. specs.Select(s => SymbolShape.Of(s, desk.Quote(call.Account.Id, s.Name)))]));
        });
    }

    private static List<PositionShape> Shapes(IDesk desk, AccountConfig account, AccountView? view, IReadOnlyList<PositionReport> positions)
    {
        var yard = Yardstick.Of(view, desk.Health(account.Id));
        var money = desk.Floating(account.Id).ToDictionary(m => m.Position);
        return [.. positions.Select(p => PositionShape.Of(p, yard, desk.Quote(account.Id, p.Symbol), money.GetValueOrDefault(p.Id)))];
    }

    /// <summary>up, syncing or down.</summary>
    public static string State(AccountView? view) => view switch
    {
        { Up: true, Synced: true } => "up",
        { Up: true } => "syncing",
        _ => "down",
    };

    /// <summary>An account as it is shown.</summary>
    public static async Task<AccountShape> ShapeAsync(IDesk desk, AccountConfig account) => Shape(desk, account, await desk.AccountAsync(account.Id));

    private static AccountShape Shape(IDesk desk, AccountConfig account, AccountView? view) => new()
    {
        Account = account.Id.Value,
        Platform = account.Platform,
        Kind = account.Kind,
        Mode = view?.Capabilities?.Mode ?? account.Mode,
        Enabled = account.Enabled,
        State = State(view),
        Currency = account.Broker?.Currency ?? view?.Capabilities?.Currency,
        Session = view?.Epoch ?? 0,
        Positions = view?.Positions.Count ?? 0,
        Orders = view?.Orders.Count ?? 0,
        Funds = FundsShape.Of(desk.Funds(account.Id)),
    };
}

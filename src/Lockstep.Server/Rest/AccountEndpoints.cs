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
            var yard = Yardstick.Of(view, desk.Health(call.Account.Id));
            var money = desk.Floating(call.Account.Id).ToDictionary(m => m.Position);
            return RestJson.Ok(new PositionsShape(
                call.Account.Id.Value, State(view), [.. (view?.Positions ?? []).Select(p => PositionShape.Of(p, yard, desk.Quote(call.Account.Id, p.Symbol), money.GetValueOrDefault(p.Id)))]));
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

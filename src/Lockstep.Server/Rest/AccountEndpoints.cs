using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Rest;

/// <summary>Accounts: state, money, positions, orders, symbols.</summary>
internal static class AccountEndpoints
{
    /// <summary>Puts the routes up.</summary>
    public static void Map(RouteGroupBuilder v1, IDesk desk)
    {
        v1.MapGet("/accounts", async () =>
        {
            var accounts = new List<AccountShape>();
            foreach (var account in desk.Config.Accounts)
            {
                accounts.Add(Shape(desk, account, await desk.AccountAsync(account.Id)));
            }

            return RestJson.Ok(new { Accounts = accounts });
        });
        var account = v1.MapGroup("/accounts/{account}");
        account.MapGet("", (string account) => WithAsync(desk, account, Shape));
        account.MapGet("/positions", (string account) => WithAsync(desk, account, (_, _, view) =>
            new { Account = account, State = State(view), Positions = (view?.Positions ?? []).Select(PositionShape.Of).ToList() }));
        account.MapGet("/orders", (string account) => WithAsync(desk, account, (_, _, view) =>
            new { Account = account, State = State(view), Orders = (view?.Orders ?? []).Select(OrderShape.Of).ToList() }));
        account.MapGet("/symbols", (string account) => WithAsync(desk, account, (_, a, view) =>
            new { Account = account, Symbols = (a.Broker?.Symbols.Select(s => s.Spec) ?? view?.Symbols ?? []).Select(s => SymbolShape.Of(s, desk.Quote(a.Id, s.Name))).ToList() }));
        OrderEndpoints.Map(account, desk);
    }

    /// <summary>The answer when there is no such account.</summary>
    public static Problem? Missing(IDesk desk, AccountId account) => desk.Config.Account(account) is not null ? null
        : Problem.NotFound($"There is no account '{account}'.", $"Use one of: {string.Join(", ", desk.Config.Accounts.Select(a => a.Id.Value))}.");

    /// <summary>up, syncing or down.</summary>
    public static string State(AccountView? view) => view switch
    {
        { Up: true, Synced: true } => "up",
        { Up: true } => "syncing",
        _ => "down",
    };

    private static async Task<IResult> WithAsync<T>(IDesk desk, string name, Func<IDesk, AccountConfig, AccountView?, T> shape)
    {
        var id = new AccountId(name);
        return Missing(desk, id) is { } missing ? missing : RestJson.Ok(shape(desk, desk.Config.Account(id)!, await desk.AccountAsync(id)));
    }

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

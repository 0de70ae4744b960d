using Lockstep.Domain;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Rest;

/// <summary>Accounts: state, money, positions, orders, symbols.</summary>
internal static class AccountEndpoints
{
    /// <summary>Puts the routes up.</summary>
    public static void Map(RouteGroupBuilder v1, IDesk desk)
    {
        v1.MapGet("/accounts", () => RestJson.Ok(new { Accounts = desk.Config.Accounts.Select(a => Shape(desk, a)).ToList() }));
        var account = v1.MapGroup("/accounts/{account}");
        account.MapGet("", (string account) => With(desk, account, a => RestJson.Ok(Shape(desk, a))));
        account.MapGet("/positions", (string account) => With(desk, account, a =>
            RestJson.Ok(new { Account = account, State = State(desk, a), Positions = (desk.Account(a.Id)?.Positions ?? []).Select(PositionShape.Of).ToList() })));
        account.MapGet("/orders", (string account) => With(desk, account, a =>
            RestJson.Ok(new { Account = account, State = State(desk, a), Orders = (desk.Account(a.Id)?.Orders ?? []).Select(OrderShape.Of).ToList() })));
        account.MapGet("/symbols", (string account) => With(desk, account, a =>
            RestJson.Ok(new { Account = account, Symbols = a.Broker.Symbols.Select(s => SymbolShape.Of(s.Spec, desk.Quote(a.Id, s.Spec.Name))).ToList() })));
        OrderEndpoints.Map(account, desk);
    }

    /// <summary>The answer when there is no such account.</summary>
    public static Problem? Missing(IDesk desk, AccountId account) => desk.Config.Account(account) is not null ? null
        : Problem.NotFound($"There is no account '{account}'.", $"Use one of: {string.Join(", ", desk.Config.Accounts.Select(a => a.Id.Value))}.");

    /// <summary>up, syncing or down.</summary>
    public static string State(IDesk desk, AccountId account) => desk.Account(account) switch
    {
        { Up: true, Synced: true } => "up",
        { Up: true } => "syncing",
        _ => "down",
    };

    private static string State(IDesk desk, AccountConfig account) => State(desk, account.Id);

    private static IResult With(IDesk desk, string name, Func<AccountConfig, IResult> answer)
    {
        var id = new AccountId(name);
        return Missing(desk, id) ?? answer(desk.Config.Account(id)!);
    }

    private static AccountShape Shape(IDesk desk, AccountConfig account)
    {
        var view = desk.Account(account.Id);
        return new AccountShape
        {
            Account = account.Id.Value,
            Platform = "paper",
            Kind = BrokerKinds.NameOf(account.Broker.Platform, account.Broker.Mode),
            Mode = account.Broker.Mode,
            Enabled = account.Enabled,
            State = State(desk, account),
            Currency = account.Broker.Currency,
            Session = view?.Epoch ?? 0,
            Positions = view?.Positions.Count ?? 0,
            Orders = view?.Orders.Count ?? 0,
            Funds = FundsShape.Of(desk.Funds(account.Id)),
        };
    }
}

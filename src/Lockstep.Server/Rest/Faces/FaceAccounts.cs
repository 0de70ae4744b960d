using System.Globalization;
using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Server.Security;

namespace Lockstep.Server.Rest.Faces;

/// <summary>Finds the account that a request is about: by UUID or name, or by the login at the broker, and whether what else was sent belongs to it.</summary>
internal static class FaceAccounts
{
    /// <summary>The account, or what to answer in its place.</summary>
    /// <param name="desk">The product.</param>
    /// <param name="face">The face that was asked.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="name">UUID or name.</param>
    /// <param name="login">Login at the broker; UUID or name will do as well.</param>
    /// <param name="server">The broker's server.</param>
    public static (AccountConfig? Account, Problem? Problem) Find(FaceDesk desk, Face face, Caller caller, string? name, string? login, string? server)
    {
        if (name is null && login is null)
        {
            return (null, FaceProblems.Invalid("internal_account_id", "", "is missing; name the account under internal_account_id or account_id"));
        }

        if (name is null && desk.Directory.Find(login) is null && Logins(desk, face, caller, login!, server) is { Count: > 0 } found)
        {
            return found.Count == 1 ? (found[0], null) : (null, Problem.Of(
                409, "ambiguous-account", "More than one account has this login.", $"Login {login} is that of {string.Join(", ", found.Select(a => $"'{a.Id}'"))}.",
                "Send broker_server too, or name the account under internal_account_id."));
        }

        if (Routes.Closed(desk.Directory, caller, name ?? login!, out var account) is { } closed)
        {
            return (null, closed);
        }

        if (!face.Answers(account))
        {
            return (null, FaceProblems.OtherPlatform(face, account));
        }

        return name is not null && login is not null && !Belongs(desk, account, login) ? (null, FaceProblems.LoginFailed($"account_id {login} is not the login of account '{account.Id}'."))
            : server is not null && ServerOf(account) is { } own && !own.Equals(server, StringComparison.OrdinalIgnoreCase) ? (null, FaceProblems.LoginFailed($"broker_server '{server}' is not the server of account '{account.Id}'."))
            : (account, null);
    }

    /// <summary>An account's login at its broker; null where it has none, as on paper, or none is known yet.</summary>
    public static long? LoginOf(FaceDesk desk, AccountConfig account) => account.Terminal?.Login ?? desk.Platforms.CTrader?.Place(account.Id)?.Login;

    /// <summary>An account's server at its broker; null where it has none, or none that is known.</summary>
    public static string? ServerOf(AccountConfig account) => account.Terminal?.Server;

    private static List<AccountConfig> Logins(FaceDesk desk, Face face, Caller caller, string login, string? server) =>
    [
        .. desk.Config.Accounts.Where(a => face.Answers(a) && caller.May(a.Id) && IsLogin(desk, a, login)
            && (server is null || ServerOf(a) is not { } own || own.Equals(server, StringComparison.OrdinalIgnoreCase))),
    ];

    private static bool Belongs(FaceDesk desk, AccountConfig account, string login) =>
        desk.Directory.Find(login)?.Id == account.Id || IsLogin(desk, account, login) || (LoginOf(desk, account) is null && account.CTrader?.Ctid is null && IsNumber(login, out _));

    private static bool IsLogin(FaceDesk desk, AccountConfig account, string login) =>
        IsNumber(login, out long number) && (number == LoginOf(desk, account) || number == account.CTrader?.Ctid || number == desk.Platforms.CTrader?.Place(account.Id)?.Ctid);

    private static bool IsNumber(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

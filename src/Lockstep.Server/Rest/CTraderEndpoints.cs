using System.Security.Cryptography;
using System.Text;
using Lockstep.CTrader.OAuth;
using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;
using Lockstep.Server.Security;
using Lockstep.Server.WebSockets;

namespace Lockstep.Server.Rest;

/// <summary>The face <c>/ctrader</c>: bringing accounts on, their sessions, and what became of positions.</summary>
internal static class CTraderEndpoints
{
    /// <summary>Where browsers come back to; the only path of the face that needs no key.</summary>
    public const string CallbackPath = "/ctrader/oauth/callback";

    /// <summary>Puts the routes up; the API key's gate stands before all but the callback.</summary>
    public static void Map(IEndpointRouteBuilder app, ITerminalDesk desk, string? key, TimeProvider? time = null)
    {
        string asker = key is null ? "this machine" : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        var guard = new CallbackGuard(time ?? TimeProvider.System);
        var face = app.MapGroup("/ctrader");
        face.MapPost("/onboard", Route(http => WithAsync(desk, http, FaceBodies.Onboard, (accounts, account, body) =>
        {
            var scope = body.Text("scope") == "accounts" ? OAuthScope.Accounts : OAuthScope.Trading;
            var (url, expires) = accounts.Onboarding.Begin(account.Id, scope, asker);
            return Task.FromResult(FaceJson.Ok(new { AuthorizationUrl = url.AbsoluteUri, ExpiresAt = expires.ToDateTimeOffset(), AccountId = account.Id.Value }));
        })));
        face.MapGet("/oauth/callback", Route(http => CallbackAsync(http, desk, guard, asker)));
        face.MapPost("/oauth/code", Route(http => WithAsync(desk, http, FaceBodies.Code, async (accounts, account, body) =>
            Answer(await accounts.Onboarding.CodeAsync(account.Id, body.Text("code")!, asker, http.RequestAborted)))));
        face.MapPost("/onboard/{id}/complete", (HttpContext http, string id) => WithAsync(desk, http, FaceBodies.Complete, (accounts, account, body) => CompleteAsync(accounts, account, body, http.RequestAborted), id));
        face.MapGet("/accounts", Route(async http =>
        {
            string? name = http.Request.Query["account_id"].FirstOrDefault() ?? http.Request.Query["internal_account_id"].FirstOrDefault();
            return Find(desk, name, out var accounts, out var account) ?? await ListAsync(accounts, account, http.RequestAborted);
        }));
        face.MapGet("/accounts/{id}/status", async (string id) => Find(desk, id, out var accounts, out var account) ?? FaceJson.Ok(await StatusAsync(desk, accounts, account)));
        face.MapPost("/connect", Route(http => WithAsync(desk, http, FaceBodies.Account, (accounts, account, _) => OpenAsync(desk, accounts, account, closed: false))));
        face.MapPost("/close", Route(http => WithAsync(desk, http, FaceBodies.Account, (accounts, account, _) => OpenAsync(desk, accounts, account, closed: true))));
        face.MapDelete("/instance/{id}", async (string id) => Find(desk, id, out var accounts, out var account) ?? (await accounts.ForgetAsync(account.Id)
            ? FaceJson.Ok(new { Status = "deleted", AccountId = account.Id.Value, Message = "The authorisation is forgotten here; the trader may also revoke it in the cTrader ID settings." })
            : NotAuthorised(account)));
        face.MapPost("/deals/history", Route(http => WithAsync(desk, http, FaceBodies.History, (_, account, body) => DealFace.HistoryAsync(desk, account, body, http.RequestAborted))));
        face.MapPost("/deals/sync_data", Route(http => WithAsync(desk, http, FaceBodies.Sync, (_, account, body) => DealFace.SyncAsync(desk, account, body, http.RequestAborted))));
    }

    /// <summary>As a handler whose answer is written: a plain lambda of the context alone would be taken for one that writes itself.</summary>
    private static Delegate Route(Func<HttpContext, Task<IResult>> handler) => handler;

    private static async Task<IResult> WithAsync(ITerminalDesk desk, HttpContext http, ObjectShape shape, Func<CTraderAccounts, AccountConfig, ItemReader, Task<IResult>> then, string? id = null)
    {
        var body = await Bodies.ReadAsync(http, shape);
        if (body.Problem is not null)
        {
            return body.Problem;
        }

        string? inBody = body.Reader.Text("account_id") ?? body.Reader.Text("internal_account_id");
        return id is not null && inBody is not null && inBody != id ? Problem.Bad($"account_id = \"{inBody}\" and the path's '{id}' differ.", "Name one account.")
            : Find(desk, id ?? inBody, out var accounts, out var account) ?? await then(accounts, account, body.Reader);
    }

    private static Problem? Find(ITerminalDesk desk, string? name, out CTraderAccounts accounts, out AccountConfig account)
    {
        accounts = desk.CTrader!;
        account = null!;
        if (string.IsNullOrEmpty(name))
        {
            return Problem.Bad("account_id: is missing; the account's name in the configuration.", "Name the account under account_id or internal_account_id.");
        }

        return HistoryDesk.Find(desk, name, out account) ?? (account.CTrader is null || accounts is null
            ? Problem.Of(409, "other-platform", "The account is on another platform.", $"Account '{name}' is on {account.Platform}, and this is the face of ctrader.", "Use /v1 for it, or name a ctrader account.")
            : null);
    }

    private static async Task<IResult> CallbackAsync(HttpContext http, ITerminalDesk desk, CallbackGuard guard, string asker)
    {
        CallbackPage.Guard(http.Response);
        bool json = http.Request.Headers.Accept.ToString().Contains("application/json", StringComparison.OrdinalIgnoreCase);
        if (guard.Wait(http.Connection.RemoteIpAddress) is { } wait)
        {
            http.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
            return Show(Problem.Of(429, "too-many", "Too many callbacks.", "More callbacks came from this address than anybody needs.", "Wait a minute, then start the authorisation again."), json);
        }

        if (desk.CTrader is not { } accounts)
        {
            return Show(Problem.NotFound("There is nothing to authorise here.", "See docs/platforms/ctrader.md."), json);
        }

        var query = http.Request.Query;
        var (done, problem) = await accounts.Onboarding.CallbackAsync(query["code"].FirstOrDefault(), query["state"].FirstOrDefault(), query["error"].FirstOrDefault(), asker, http.RequestAborted);
        if (done is null)
        {
            return Show(problem!, json);
        }

        return json ? Answer((done, null)) : new CallbackPage(
            200,
            "Access was granted",
            [
                done.Place.Ctid is { } ctid
                    ? $"Account '{done.Account}' is trading account {ctid}{(done.Place.Login is { } login ? $" (login {login}, {done.Place.Broker})" : "")}. Its session comes up now."
                    : $"Next, choose the trading account: GET /ctrader/accounts?account_id={done.Account} lists them, POST /ctrader/onboard/{done.Account}/complete chooses one.",
                done.Note,
                "You may close this page.",
            ]);
    }

    private static IResult Show(Problem problem, bool json) => json ? problem : new CallbackPage(problem.Status, problem.Title, [problem.Detail, problem.Advice]);

    private static IResult Answer((Onboarded? Done, Problem? Problem) result) => result.Done is not { } done ? result.Problem! : FaceJson.Ok(new
    {
        AccountId = done.Account.Value,
        Status = done.Place.Ctid is null ? "choose_account" : "complete",
        CtidTraderAccountId = done.Place.Ctid,
        Environment = Word(done.Place),
        done.Place.Login,
        done.Place.Broker,
        Message = done.Note.Length > 0 ? done.Note
            : done.Place.Ctid is null ? $"Choose the trading account: GET /ctrader/accounts?account_id={done.Account}, then POST /ctrader/onboard/{done.Account}/complete."
            : "The session comes up now.",
    });

    private static async Task<IResult> CompleteAsync(CTraderAccounts accounts, AccountConfig account, ItemReader body, CancellationToken cancel)
    {
        var (one, other) = (body.Number("ctidTraderAccountId"), body.Number("ctid_trader_account_id"));
        if ((one ?? other) is not { } ctid || (one is not null && other is not null && one != other))
        {
            return Problem.Bad("ctidTraderAccountId: must be there once.", "Name one of the numbers that GET /ctrader/accounts lists.");
        }

        return Answer(await accounts.Onboarding.CompleteAsync(account.Id, (long)ctid, body.Text("grant_of") is { } of ? new AccountId(of) : null, cancel));
    }

    private static async Task<IResult> ListAsync(CTraderAccounts accounts, AccountConfig account, CancellationToken cancel)
    {
        var (list, problem) = await accounts.Onboarding.ListAsync(account.Id, cancel);
        return list is null ? problem! : FaceJson.Ok(new
        {
            AccountId = account.Id.Value,
            list.ViewOnly,
            Accounts = list.Accounts.Select(a => new
            {
                a.CtidTraderAccountId, a.IsLive, a.Login, a.Broker, UsedBy = accounts.Places.FirstOrDefault(p => p.Ctid == a.CtidTraderAccountId)?.Account.Value,
            }).ToList(),
        });
    }

    private static async Task<IResult> OpenAsync(ITerminalDesk desk, CTraderAccounts accounts, AccountConfig account, bool closed)
    {
        if (accounts.Place(account.Id) is not { } place)
        {
            return NotAuthorised(account);
        }

        if (place.Closed != closed)
        {
            await accounts.PutAsync(place with { Closed = closed });
        }

        return FaceJson.Ok(await StatusAsync(desk, accounts, account));
    }

    private static async Task<object> StatusAsync(ITerminalDesk desk, CTraderAccounts accounts, AccountConfig account)
    {
        var place = accounts.Place(account.Id);
        var grant = place is null ? null : accounts.Keeper.Find(place.Grant);
        return new
        {
            AccountId = account.Id.Value,
            Status = place is { Closed: true } ? "closed" : AccountEndpoints.State(await desk.AccountAsync(account.Id)),
            Standing = accounts.Obstacle(account) ?? accounts.Session(account.Id)?.Standing ?? "no session",
            CtidTraderAccountId = place?.Ctid,
            Environment = place is null ? null : Word(place),
            place?.Login,
            place?.Broker,
            Token = grant is null ? null : new { grant.Usable, ExpiresAt = grant.ExpiresAt.ToDateTimeOffset(), RefreshAt = grant.RefreshAt?.ToDateTimeOffset(), grant.Problem },
            Health = HealthShape.Of(desk.Health(account.Id)),
            Watched = accounts.WatchedOf(account.Id).Select(s => s.Value).ToList(),
        };
    }

    private static Problem NotAuthorised(AccountConfig account) =>
        Problem.Of(409, "not-authorised", "The account was not authorised yet.", $"Nobody has granted access for '{account.Id}'.", "Start with POST /ctrader/onboard.");

    private static string? Word(CTraderPlace place) => place.Ctid is null ? null : place.IsLive ? "live" : "demo";
}

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

    private const string Topic = "cTrader";

    private static readonly Operation Onboard = Write("ctraderOnboard", "POST", "onboard", "Begins to authorise an account", FaceBodies.Onboard, """{"account_id": "prop"}""", typeof(OnboardReply));

    private static readonly Operation Callback = new("ctraderCallback", "GET", CallbackPath, Scope.None, "Where the trader's browser comes back to")
    {
        Topic = Topic,
        Face = true,
        Writes = true,
        Says = "A page, or JSON when `Accept` says so. No key: what it brings is held to its state. Ten a minute from an address.",
        Query = [Text("code", "The code."), Text("state", "The state that the authorisation began with."), Text("error", "Why the trader said no.")],
        Replies = [new(200, typeof(OnboardedReply), "Access was granted.")],
        Problems = [.. CallbackProblems, (429, "too-many")],
    };

    private static readonly Operation Code = Write("ctraderCode", "POST", "oauth/code", "Brings the code by hand, when the state did not come back", FaceBodies.Code, """{"account_id": "prop", "code": "Ab12"}""", typeof(OnboardedReply)) with
    {
        Problems = [.. CallbackProblems, (409, "not-open"), (409, "other-platform")],
    };

    private static readonly Operation Complete = Write(
        "ctraderComplete", "POST", "onboard/{id}/complete", "Chooses the trading account", FaceBodies.Complete, """{"ctidTraderAccountId": 1000001}""", typeof(OnboardedReply)) with
    {
        Problems = [(403, "not-covered"), (409, "not-authorised"), (409, "other-account"), (409, "other-environment"), (409, "taken"), (409, "other-platform")],
    };

    private static readonly Operation Granted = Read("ctraderAccounts", "accounts", "Trading accounts that were granted", typeof(GrantedReply)) with
    {
        Query = [new Key("account_id", CommonShapes.AccountText, "The account."), new Key("internal_account_id", CommonShapes.AccountText, "The same.")],
    };

    private static readonly Operation Status = Read("ctraderStatus", "accounts/{id}/status", "How an account's session and authorisation stand", typeof(CTraderStatus));

    private static readonly Operation Connect = Write("ctraderConnect", "POST", "connect", "Begins the session again", FaceBodies.Account, """{"account_id": "prop"}""", typeof(CTraderStatus));

    private static readonly Operation Close = Write("ctraderClose", "POST", "close", "Ends the session until it is connected again", FaceBodies.Account, """{"account_id": "prop"}""", typeof(CTraderStatus));

    private static readonly Operation Forget = new("ctraderForget", "DELETE", "/ctrader/instance/{id}", Scope.Admin, "Forgets the trading account, and the authorisation when no other account uses it")
    {
        Topic = Topic, Face = true, Parts = [Account], Replies = [new(200, typeof(ForgottenReply), "It is forgotten.")], Problems = [(409, "not-authorised"), (409, "other-platform")],
    };

    private static readonly Operation History = Write("ctraderDeals", "POST", "deals/history", "Deals of a time", FaceBodies.History, """{"account_id": "prop", "position_id": 7}""", typeof(DealRows)) with
    {
        Needs = Scope.Read,
        Writes = false,
        Problems = HistoryDesk.Problems,
    };

    private static readonly Operation Sync = Write("ctraderSync", "POST", "deals/sync_data", "What became of a position", FaceBodies.Sync, """{"account_id": "prop", "position_id": 7}""", typeof(SyncShape)) with
    {
        Needs = Scope.Read,
        Writes = false,
        Problems = HistoryDesk.Problems,
    };

    private static Key Account => new("id", CommonShapes.AccountText, "The account's name, or its UUID.");

    private static IReadOnlyList<(int Status, string Kind)> CallbackProblems =>
        [(400, "state-missing"), (400, "state-tampered"), (400, "state-expired"), (400, "state-used"), (400, "state-not-open"), (400, "state-of-another"), (400, "not-granted"), (400, "code-missing"), (400, "code-refused"), (502, "application-refused")];

    /// <summary>Puts the operations up.</summary>
    public static void Map(Routes routes, ITerminalDesk desk, string? key, TimeProvider? time = null)
    {
        string asker = key is null ? "this machine" : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        var guard = new CallbackGuard(time ?? TimeProvider.System);
        Put(Onboard, http => WithAsync(desk, http, FaceBodies.Onboard, (accounts, account, body) =>
        {
            var scope = body.Text("scope") == "accounts" ? OAuthScope.Accounts : OAuthScope.Trading;
            var (url, expires) = accounts.Onboarding.Begin(account.Id, scope, asker);
            return Task.FromResult(FaceJson.Ok(new OnboardReply(url.AbsoluteUri, expires.ToDateTimeOffset(), account.Id.Value)));
        }));
        Put(Callback, http => CallbackAsync(http, desk, guard, asker));
        Put(Code, http => WithAsync(desk, http, FaceBodies.Code, async (accounts, account, body) => Answer(await accounts.Onboarding.CodeAsync(account.Id, body.Text("code")!, asker, http.RequestAborted))));
        Put(Complete, http => WithAsync(desk, http, FaceBodies.Complete, (accounts, account, body) => CompleteAsync(accounts, account, body, http.RequestAborted), Id(http)));
        Put(Granted, async http =>
        {
            string? name = http.Request.Query["account_id"].FirstOrDefault() ?? http.Request.Query["internal_account_id"].FirstOrDefault();
            return Find(desk, http, name, out var accounts, out var account) ?? await ListAsync(accounts, account, http.RequestAborted);
        });
        Put(Status, async http => Find(desk, http, Id(http), out var accounts, out var account) ?? FaceJson.Ok(await StatusAsync(desk, accounts, account)));
        Put(Connect, http => WithAsync(desk, http, FaceBodies.Account, (accounts, account, _) => OpenAsync(desk, accounts, account, closed: false)));
        Put(Close, http => WithAsync(desk, http, FaceBodies.Account, (accounts, account, _) => OpenAsync(desk, accounts, account, closed: true)));
        Put(Forget, async http => Find(desk, http, Id(http), out var accounts, out var account) ?? (await accounts.ForgetAsync(account.Id)
            ? FaceJson.Ok(new ForgottenReply("deleted", account.Id.Value, "The authorisation is forgotten here; the trader may also revoke it in the cTrader ID settings."))
            : NotAuthorised(account)));
        Put(History, http => WithAsync(desk, http, FaceBodies.History, (_, account, body) => DealFace.HistoryAsync(desk, account, body, http.RequestAborted)));
        Put(Sync, http => WithAsync(desk, http, FaceBodies.Sync, (_, account, body) => DealFace.SyncAsync(desk, account, body, http.RequestAborted)));

        void Put(Operation operation, Func<HttpContext, Task<IResult>> handler) => routes.Catalogue.Map(routes.App, operation, handler);
    }

    private static Operation Write(string id, string method, string path, string summary, ObjectShape body, string example, Type reply) => new(id, method, $"/ctrader/{path}", Scope.Admin, summary)
    {
        Topic = Topic, Face = true, Parts = [Account], Body = body, Example = example, Replies = [new(200, reply, "It was done.")], Problems = [(409, "other-platform")],
    };

    private static Operation Read(string id, string path, string summary, Type reply) => new(id, "GET", $"/ctrader/{path}", Scope.Read, summary)
    {
        Topic = Topic, Face = true, Parts = [Account], Replies = [new(200, reply, "As it is now.")], Problems = [(409, "other-platform")],
    };

    private static Key Text(string name, string says) => new(name, new TextShape("^.{0,4000}$", "text"), says);

    private static string Id(HttpContext http) => (string)http.Request.RouteValues["id"]!;

    private static async Task<IResult> WithAsync(ITerminalDesk desk, HttpContext http, ObjectShape shape, Func<CTraderAccounts, AccountConfig, ItemReader, Task<IResult>> then, string? id = null)
    {
        var body = await Bodies.ReadAsync(http, shape);
        if (body.Problem is not null)
        {
            return body.Problem;
        }

        string? inBody = body.Reader.Text("account_id") ?? body.Reader.Text("internal_account_id");
        return id is not null && inBody is not null && inBody != id ? Problem.Bad($"account_id = \"{inBody}\" and the path's '{id}' differ.", "Name one account.")
            : Find(desk, http, id ?? inBody, out var accounts, out var account) ?? await then(accounts, account, body.Reader);
    }

    private static Problem? Find(ITerminalDesk desk, HttpContext http, string? name, out CTraderAccounts accounts, out AccountConfig account)
    {
        accounts = desk.CTrader!;
        account = null!;
        if (string.IsNullOrEmpty(name))
        {
            return Problem.Bad("account_id: is missing; the account's name in the configuration.", "Name the account under account_id or internal_account_id.");
        }

        return Routes.Closed(desk.Directory, http.Caller(), name, out account) ?? (account.CTrader is null || accounts is null
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

    private static IResult Answer((Onboarded? Done, Problem? Problem) result) => result.Done is not { } done ? result.Problem! : FaceJson.Ok(new OnboardedReply(
        done.Account.Value,
        done.Place.Ctid is null ? "choose_account" : "complete",
        done.Place.Ctid,
        Word(done.Place),
        done.Place.Login,
        done.Place.Broker,
        done.Note.Length > 0 ? done.Note
            : done.Place.Ctid is null ? $"Choose the trading account: GET /ctrader/accounts?account_id={done.Account}, then POST /ctrader/onboard/{done.Account}/complete."
            : "The session comes up now."));

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
        return list is null ? problem! : FaceJson.Ok(new GrantedReply(
            account.Id.Value,
            list.ViewOnly,
            [.. list.Accounts.Select(a => new GrantedAccount(a.CtidTraderAccountId, a.IsLive, a.Login, a.Broker, accounts.Places.FirstOrDefault(p => p.Ctid == a.CtidTraderAccountId)?.Account.Value))]));
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

    private static async Task<CTraderStatus> StatusAsync(ITerminalDesk desk, CTraderAccounts accounts, AccountConfig account)
    {
        var place = accounts.Place(account.Id);
        var grant = place is null ? null : accounts.Keeper.Find(place.Grant);
        return new CTraderStatus
        {
            AccountId = account.Id.Value,
            Status = place is { Closed: true } ? "closed" : AccountEndpoints.State(await desk.AccountAsync(account.Id)),
            Standing = accounts.Obstacle(account) ?? accounts.Session(account.Id)?.Standing ?? "no session",
            CtidTraderAccountId = place?.Ctid,
            Environment = place is null ? null : Word(place),
            Login = place?.Login,
            Broker = place?.Broker,
            Token = grant is null ? null : new CTraderToken(grant.Usable, grant.ExpiresAt.ToDateTimeOffset(), grant.RefreshAt?.ToDateTimeOffset(), grant.Problem),
            Health = HealthShape.Of(desk.Health(account.Id)),
            Watched = [.. accounts.WatchedOf(account.Id).Select(s => s.Value)],
        };
    }

    private static Problem NotAuthorised(AccountConfig account) =>
        Problem.Of(409, "not-authorised", "The account was not authorised yet.", $"Nobody has granted access for '{account.Id}'.", "Start with POST /ctrader/onboard.");

    private static string? Word(CTraderPlace place) => place.Ctid is null ? null : place.IsLive ? "live" : "demo";
}

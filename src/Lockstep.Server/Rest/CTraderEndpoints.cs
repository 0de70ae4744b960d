using System.Security.Cryptography;
using System.Text;
using Lockstep.CTrader.OAuth;
using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;
using Lockstep.Server.Rest.Faces;
using Lockstep.Server.Security;
using Lockstep.Server.WebSockets;

namespace Lockstep.Server.Rest;

/// <summary>The face <c>/ctrader</c>: what is cTrader's own: the consent of accounts' owners, and which trading account an account stands for. All else is <see cref="ParityFaces"/>.</summary>
internal static class CTraderEndpoints
{
    /// <summary>Where browsers come back to; the only path of the face that needs no key.</summary>
    public const string CallbackPath = "/ctrader/oauth/callback";

    private const string Topic = "cTrader";

    private static readonly FaceField OAuthScopeField = new("scope", new ChoiceShape("trading", "accounts"), "What is asked for: trading, or looking only.");
    private static readonly FaceField CodeField = new FaceField("code", new TextShape("^[!-~]{1,2000}$", "the code of the callback's address"), "The code.").Must;
    private static readonly FaceField Ctid = new FaceField("ctidTraderAccountId", new NumberShape(9_007_199_254_740_991m, Min: 1m, Whole: true), "The trading account.", "ctid_trader_account_id", "ctrader_account_id").Must;
    private static readonly FaceField User = new("ctid_user_id", new NumberShape(9_007_199_254_740_991m, Min: 1m, Whole: true), "Taken and not looked at: whose consent it is, the authorisation says.");
    private static readonly FaceField Environment = new("environment", new ChoiceShape("DEMO", "LIVE", "demo", "live"), "What the trading account must be; absent = whatever it is.");
    private static readonly FaceField GrantOf = new("grant_of", CommonShapes.AccountText, "Account whose authorisation covers it, where this one has none of its own.");

    private static readonly FaceForm OnboardForm = FaceFields.Form("onboard", OAuthScopeField);
    private static readonly FaceForm CodeForm = FaceFields.Form("code", CodeField);
    private static readonly FaceForm CompleteForm = FaceFields.Form("choice", Ctid, User, Environment, GrantOf);
    private static readonly FaceForm Named = FaceFields.Query("account");
    private static readonly FaceForm Nothing = new("request");

    private static readonly Operation Onboard = Write("ctraderOnboard", "onboard", "Begins to authorise an account", """{"account_id": "prop"}""", typeof(OnboardReply), []);

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

    private static readonly Operation Code = Write(
        "ctraderCode", "oauth/code", "Brings the code by hand, when the state did not come back", """{"account_id": "prop", "code": "Ab12"}""", typeof(OnboardedReply), [.. CallbackProblems, (409, "not-open")]);

    private static readonly Operation Complete = Write(
        "ctraderComplete", "onboard/{id}/complete", "Chooses the trading account", """{"ctrader_account_id": 1000001}""", typeof(OnboardedReply),
        [(403, "not-covered"), (409, "not-authorised"), (409, "other-account"), (409, "other-environment"), (409, "taken")]);

    private static readonly Operation Granted = Read("ctraderAccounts", "accounts", "Trading accounts that were granted", typeof(GrantedReply));

    private static readonly Operation Status = Read("ctraderStatus", "accounts/{id}/status", "How an account's session and authorisation stand", typeof(CTraderStatus));

    private static readonly Operation Forget = new("ctraderDelete", "DELETE", "/ctrader/instance/{id}", Scope.Admin, "Forgets the trading account, and the authorisation when no other account uses it")
    {
        Topic = Topic, Parts = [FaceRoutes.AccountInPath], Replies = [new(200, typeof(DeletedRow), "It is forgotten.")], Problems = [(409, "not-authorised"), .. FaceProblems.OfReads],
    };

    private static IReadOnlyList<(int Status, string Kind)> CallbackProblems =>
        [(400, "state-missing"), (400, "state-tampered"), (400, "state-expired"), (400, "state-used"), (400, "state-not-open"), (400, "state-of-another"), (400, "not-granted"), (400, "code-missing"), (400, "code-refused"), (502, "application-refused")];

    /// <summary>Puts the operations up.</summary>
    public static void Map(Routes routes, FaceRoutes faces, ITerminalDesk desk, string? key, TimeProvider? time = null)
    {
        string asker = key is null ? "this machine" : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        var guard = new CallbackGuard(time ?? TimeProvider.System);
        routes.Catalogue.Map(routes.App, Callback, (Func<HttpContext, Task<IResult>>)(http => CallbackAsync(http, desk, guard, asker)));
        Put(Onboard, OnboardForm, (accounts, call) =>
        {
            var scope = call.Text(OAuthScopeField) == "accounts" ? OAuthScope.Accounts : OAuthScope.Trading;
            var (url, expires) = accounts.Onboarding.Begin(call.Account.Id, scope, asker);
            return Task.FromResult(FaceJson.Ok(new OnboardReply(url.AbsoluteUri, expires.ToDateTimeOffset(), call.Account.Id.Value)));
        });
        Put(Code, CodeForm, async (accounts, call) => Answer(await accounts.Onboarding.CodeAsync(call.Account.Id, call.Text(CodeField)!, asker, call.Aborted)));
        Put(Complete, CompleteForm, (accounts, call) => CompleteAsync(desk, accounts, call));
        Put(Granted, Named, (accounts, call) => ListAsync(accounts, call.Account, call.Aborted));
        Put(Status, Nothing, async (accounts, call) => FaceJson.Ok(await StatusAsync(desk, accounts, call.Account)));
        Put(Forget, Nothing, async (accounts, call) =>
        {
            faces.Desk.Headless.Clear(call.Account.Id);
            return await accounts.ForgetAsync(call.Account.Id)
                ? FaceJson.Ok(new DeletedRow("deleted", "The authorisation is forgotten here; the trader may also revoke it in the cTrader ID settings.", call.Account.Id.Value))
                : NotAuthorised(call.Account);
        });

        void Put(Operation operation, FaceForm form, Func<CTraderAccounts, FaceCall, Task<IResult>> handler) => faces.Map(Face.CTrader, operation, form, call =>
            call.Account.CTrader is null || desk.CTrader is not { } accounts ? Task.FromResult<IResult>(Problem.Of(
                409, "other-platform", "The account is on another platform.", $"Account '{call.Account.Id}' is on {call.Account.Platform}, and nobody need be asked to grant it.", "Name an account of the platform ctrader."))
            : handler(accounts, call));
    }

    /// <summary>Nobody has granted access yet.</summary>
    public static Problem NotAuthorised(AccountConfig account) =>
        Problem.Of(409, "not-authorised", "The account was not authorised yet.", $"Nobody has granted access for '{account.Id}'.", "Start with POST /ctrader/onboard.");

    private static Operation Write(string id, string path, string summary, string example, Type reply, IReadOnlyList<(int, string)> problems) => new(id, "POST", $"/ctrader/{path}", Scope.Admin, summary)
    {
        Topic = Topic, Parts = [FaceRoutes.AccountInPath], Example = example, Replies = [new(200, reply, "It was done.")], Problems = [.. problems, .. FaceProblems.OfReads],
    };

    private static Operation Read(string id, string path, string summary, Type reply) => new(id, "GET", $"/ctrader/{path}", Scope.Read, summary)
    {
        Topic = Topic, Parts = [FaceRoutes.AccountInPath], Replies = [new(200, reply, "As it is now.")], Problems = FaceProblems.OfReads,
    };

    private static Key Text(string name, string says) => new(name, new TextShape("^.{0,4000}$", "text"), says);

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

    private static async Task<IResult> CompleteAsync(ITerminalDesk desk, CTraderAccounts accounts, FaceCall call)
    {
        var (account, cancel) = (call.Account.Id, call.Aborted);
        long ctid = call.Id(Ctid);
        AccountId? grantOf = null;
        if (call.Text(GrantOf) is { } of)
        {
            if (Routes.Closed(desk.Directory, call.Http.Caller(), of, out var other) is { } closed)
            {
                return closed;
            }

            grantOf = other.Id;
        }

        if (call.Text(Environment) is { } environment)
        {
            var (list, problem) = await accounts.Onboarding.ListAsync(grantOf ?? account, cancel);
            if (list is null)
            {
                return problem!;
            }

            if (list.Accounts.FirstOrDefault(a => a.CtidTraderAccountId == ctid) is { } chosen && chosen.IsLive != environment.Equals("live", StringComparison.OrdinalIgnoreCase))
            {
                return Problem.Of(409, "other-environment", "The trading account is in the other environment.", $"Trading account {ctid} is {(chosen.IsLive ? "live" : "demo")}, and the request says {environment}.", "Choose another trading account, or leave environment out.");
            }
        }

        return Answer(await accounts.Onboarding.CompleteAsync(account, ctid, grantOf, cancel));
    }

    private static async Task<IResult> ListAsync(CTraderAccounts accounts, AccountConfig account, CancellationToken cancel)
    {
        var (list, problem) = await accounts.Onboarding.ListAsync(account.Id, cancel);
        return list is null ? problem! : FaceJson.Ok(new GrantedReply(
            account.Id.Value,
            list.ViewOnly,
            [.. list.Accounts.Select(a => new GrantedAccount(a.CtidTraderAccountId, a.IsLive, a.Login, a.Broker, accounts.Places.FirstOrDefault(p => p.Ctid == a.CtidTraderAccountId)?.Account.Value))]));
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

    private static string? Word(CTraderPlace place) => place.Ctid is null ? null : place.IsLive ? "live" : "demo";
}

using Lockstep.Server.Configuration;

namespace Lockstep.Server.Rest.Faces;

/// <summary>Sessions of accounts: what the service that these faces come from did with terminals of its own, and what takes its place here.</summary>
internal static class FaceSessions
{
    private const string Topic = "Parity face: sessions";

    private static readonly FaceForm OfAccount = FaceFields.Form("account");
    private static readonly FaceForm Nothing = new("request");

    /// <summary>Puts the operations of a face up.</summary>
    public static void Map(FaceRoutes routes, Face face)
    {
        var desk = routes.Desk;
        Put("Connect", "POST", "connect", "Opens the session where it was closed, and waits until it is up", OfAccount, typeof(SessionRow), "It is up.",
            [(409, "not-authorised"), (409, "fixed-configuration")], call => ConnectAsync(desk, call));
        Put("Close", "POST", "close", "Ends the session until it is connected again", OfAccount, typeof(ClosedRow), "It is ended.",
            [(404, "not-open"), (409, "not-authorised"), (409, "fixed-configuration")], call => CloseAsync(desk, call));
        Put("HeadlessPoller", "POST", "headless/poller/start", "There is no poller to start: says how the session is", OfAccount, typeof(SessionRow), "It is up.", [], call => ConnectAsync(desk, call));
        Put("HeadlessHealth", "GET", "headless/health/{id}", "How the session is", Nothing, typeof(SessionRow), "As it is now.", [], call => StateAsync(desk, call));
        if (face == Face.CTrader)
        {
            return;
        }

        Put("Onboard", "POST", "onboard", "Says how a terminal is brought on", OfAccount, typeof(OnboardRow), "What to do.", [], call => Task.FromResult(FaceJson.Ok(new OnboardRow(
            $"No remote desktop is needed: start MetaTrader with the Expert Advisor of Lockstep for account '{call.Account.Id}', on any machine; it connects by itself. See docs/platforms/metatrader.md.",
            call.Text(FaceFields.Internal) ?? call.Account.Id.Value,
            new VncDetails()))));
        Put("OnboardComplete", "POST", "onboard/{id}/complete", "Says whether the terminal has come", OfAccount, typeof(MessageRow), "It has.", [(404, "not-open")], async call =>
            await desk.Desk.AccountAsync(call.Account.Id) is { Up: true } ? FaceJson.Ok(new MessageRow($"A terminal serves account '{call.Account.Id}'; nothing is left to do."))
                : Problem.Of(404, "not-open", "No terminal has come yet.", $"No terminal serves account '{call.Account.Id}' now.", "Start the terminal with the Expert Advisor, and ask again."));
        Put("Delete", "DELETE", "instance/{id}", "Ends the session and forgets what was subscribed; the account itself stays registered", Nothing, typeof(DeletedRow), "It is ended.",
            [(409, "fixed-configuration")], async call =>
        {
            desk.Headless.Clear(call.Account.Id);
            return call.Account.Enabled && await desk.Switch(call.Account, false) is { } problem ? problem
                : FaceJson.Ok(new DeletedRow("deleted", $"The session of account '{call.Account.Id}' is ended. To remove the account itself: DELETE /v1/accounts/{call.Account.Id}.", call.Account.Id.Value));
        });

        void Put(string id, string method, string path, string summary, FaceForm form, Type reply, string says, IReadOnlyList<(int, string)> problems, Func<FaceCall, Task<IResult>> handler) => routes.Map(
            face,
            new Operation($"{face.Id}{id}", method, $"{face.Prefix}/{path}", method == "GET" ? Scope.Read : Scope.Trade, summary)
            {
                Topic = Topic,
                Parts = [FaceRoutes.AccountInPath],
                Writes = method != "GET" && id is not ("Onboard" or "OnboardComplete" or "HeadlessPoller"),
                Example = method == "POST" ? """{"internal_account_id": "prop"}""" : null,
                Replies = [new(200, reply, says)],
                Problems = [.. FaceProblems.OfReads, .. problems],
            },
            form,
            handler);
    }

    /// <summary>Opens the session and waits until it is up.</summary>
    public static async Task<IResult> ConnectAsync(FaceDesk desk, FaceCall call)
    {
        if (await OpenAsync(desk, call.Account, open: true) is { } problem)
        {
            return problem;
        }

        return await desk.UpAsync(call) ? FaceJson.Ok(await RowAsync(desk, call)) : FaceProblems.Away(call.Http, call.Account, desk.Obstacle(desk.Config.Account(call.Account.Id) ?? call.Account));
    }

    /// <summary>Ends the session.</summary>
    public static async Task<IResult> CloseAsync(FaceDesk desk, FaceCall call)
    {
        if (!IsOpen(desk, call.Account))
        {
            return Problem.Of(404, "not-open", "There is no session to close.", $"The session of account '{call.Account.Id}' is closed already.", "POST …/connect opens it again.");
        }

        return await OpenAsync(desk, call.Account, open: false)
            ?? FaceJson.Ok(new ClosedRow("closed", $"The session of account '{call.Account.Id}' is ended; positions stay as they are. POST {call.Face.Prefix}/connect opens it again.", call.Account.Id.Value));
    }

    private static async Task<IResult> StateAsync(FaceDesk desk, FaceCall call) => FaceJson.Ok(await RowAsync(desk, call));

    /// <summary>On cTrader a session belongs to the authorisation; elsewhere to the account.</summary>
    private static bool IsOpen(FaceDesk desk, AccountConfig account) =>
        account.Enabled && (account.CTrader is null || desk.Platforms.CTrader?.Place(account.Id) is not { Closed: true });

    private static async Task<Problem?> OpenAsync(FaceDesk desk, AccountConfig account, bool open)
    {
        if (account.CTrader is null || (open && !account.Enabled))
        {
            return account.Enabled == open ? null : await desk.Switch(account, open);
        }

        if (desk.Platforms.CTrader?.Place(account.Id) is not { } place)
        {
            return CTraderEndpoints.NotAuthorised(account);
        }

        if (place.Closed == open)
        {
            await desk.Platforms.CTrader.PutAsync(place with { Closed = !open });
        }

        return null;
    }

    private static async Task<SessionRow> RowAsync(FaceDesk desk, FaceCall call)
    {
        var account = desk.Config.Account(call.Account.Id) ?? call.Account;
        string state = AccountEndpoints.State(await desk.Desk.AccountAsync(account.Id));
        return new SessionRow
        {
            Status = !IsOpen(desk, account) ? "closed" : state switch { "up" => "running", "syncing" => "starting", _ => "stopped" },
            State = state,
            Message = state == "up" ? $"Account '{account.Id}' is connected." : $"Account '{account.Id}' is not connected{(desk.Obstacle(account) is { Length: > 0 } why ? $": {why}" : "")}.",
            InternalAccountId = desk.Directory.UuidOf(account.Id).ToString(),
            Account = account.Id.Value,
            Platform = BrokerKinds.PlatformWord(Face.PlatformOf(account)),
            AccountId = FaceAccounts.LoginOf(desk, account),
            BrokerServer = FaceAccounts.ServerOf(account),
            Connected = state == "up",
            Prices = [.. desk.Headless.Prices(account.Id).Select(s => s.Value)],
            Candles = [.. desk.Headless.Candles(account.Id).Select(c => new CandleOf(c.Symbol.Value, c.Frame.ToString()))],
        };
    }
}

/// <summary>How a session is.</summary>
internal sealed record SessionRow
{
    /// <summary>running, starting, stopped or closed.</summary>
    public required string Status { get; init; }

    /// <summary>up, syncing or down, as everywhere else.</summary>
    public required string State { get; init; }

    /// <summary>In words.</summary>
    public required string Message { get; init; }

    /// <summary>It can be traded now.</summary>
    public required bool Connected { get; init; }

    /// <summary>The account's UUID.</summary>
    public required string InternalAccountId { get; init; }

    /// <summary>Its name.</summary>
    public required string Account { get; init; }

    /// <summary>mt4, mt5 or ctrader; of a paper account the platform that it simulates.</summary>
    public required string Platform { get; init; }

    /// <summary>Its login at the broker; null where it has none.</summary>
    public required long? AccountId { get; init; }

    /// <summary>The broker's server; null where it has none.</summary>
    public required string? BrokerServer { get; init; }

    /// <summary>Symbols whose prices are subscribed.</summary>
    public required IReadOnlyList<string> Prices { get; init; }

    /// <summary>Candles that are subscribed.</summary>
    public required IReadOnlyList<CandleOf> Candles { get; init; }
}

/// <summary>Which candles.</summary>
/// <param name="Symbol">The broker's name of the symbol.</param>
/// <param name="Timeframe">Their length.</param>
internal sealed record CandleOf(string Symbol, string Timeframe);

/// <summary>A session that was ended.</summary>
/// <param name="Status">closed.</param>
/// <param name="Message">In words.</param>
/// <param name="AccountId">The account.</param>
internal sealed record ClosedRow(string Status, string Message, string AccountId);

/// <summary>A session that was ended for good.</summary>
/// <param name="Status">deleted.</param>
/// <param name="Message">In words.</param>
/// <param name="AccountId">The account.</param>
internal sealed record DeletedRow(string Status, string Message, string AccountId);

/// <summary>How a terminal is brought on.</summary>
/// <param name="Message">What to do.</param>
/// <param name="InternalAccountId">The account, as it was named.</param>
/// <param name="VncDetails">Always empty: there is no remote desktop.</param>
internal sealed record OnboardRow(string Message, string InternalAccountId, VncDetails VncDetails);

/// <summary>Details of a remote desktop: there is none.</summary>
internal sealed record VncDetails;

/// <summary>Something in words.</summary>
/// <param name="Message">The words.</param>
internal sealed record MessageRow(string Message);

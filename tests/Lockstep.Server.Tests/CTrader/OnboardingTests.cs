using System.Net;
using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Server.Hosting;
using Lockstep.Server.Rest;
using Lockstep.Simulator;

namespace Lockstep.Server.Tests.CTrader;

/// <summary>From nothing to a trading session, and what is refused on the way: a running server over a simulated Open API.</summary>
public class OnboardingTests
{
    [Fact]
    public async Task An_account_comes_on_without_a_restart_and_stays_on_over_one()
    {
        await using var host = await CTraderHost.StartAsync();
        Assert.Contains("not authorised", (await StatusAsync(host)).GetProperty("standing").GetString(), StringComparison.Ordinal);
        Assert.Equal("not-authorised", await host.ProblemAsync("GET", "/ctrader/accounts?account_id=prop", null, HttpStatusCode.Conflict));
        Assert.Equal("session-away", await host.ProblemAsync("GET", "/v1/accounts/prop/candles?symbol=EURUSD&frame=M1", null, HttpStatusCode.Conflict));

        // The trader agrees, and his browser comes back.
        var (status, page, response) = await host.BrowseAsync(await host.AgreeAsync("prop", "anna"), json: false);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("/ctrader/onboard/prop/complete", page, StringComparison.Ordinal);
        Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("text/html", response.Content.Headers.ContentType!.MediaType);

        // He chooses.
        var list = (await host.OkAsync("GET", "/ctrader/accounts?internal_account_id=prop")).GetProperty("accounts").EnumerateArray().ToList();
        Assert.Equal([CTraderHost.AnnaDemo, CTraderHost.AnnaLive], list.Select(a => a.GetProperty("ctid_trader_account_id").GetInt64()).Order());
        Assert.Equal("not-covered", await host.ProblemAsync("POST", "/ctrader/onboard/prop/complete", $$"""{"ctidTraderAccountId":{{CTraderHost.BertDemo}}}""", HttpStatusCode.Forbidden));
        var done = await host.OkAsync("POST", "/ctrader/onboard/prop/complete", $$"""{"ctid_trader_account_id":{{CTraderHost.AnnaDemo}}}""");
        Assert.Equal(("complete", "demo"), (done.GetProperty("status").GetString(), done.GetProperty("environment").GetString()));
        await host.UntilAsync("prop", "up");

        // It trades.
        var order = await host.OkAsync("POST", "/v1/accounts/prop/orders", """{"symbol":"EURUSD","side":"buy","volume":0.5}""");
        long position = order.GetProperty("position").GetInt64();
        var candles = (await host.OkAsync("POST", "/ctrader/candles", $$"""{"account_id":{{CTraderHost.AnnaDemo}},"symbol":"EURUSD","timeframe":"M1","count":5}""")).GetProperty("candles");
        Assert.InRange(candles.GetArrayLength(), 1, 5);
        Assert.Equal(["close", "high", "low", "open", "time", "volume"], candles[0].EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        var open = await host.OkAsync("POST", "/ctrader/deals/sync_data", $$"""{"account_id":"prop","position_id":{{position}},"instrument_symbol":"EURUSD"}""");
        Assert.Equal((false, 0.5m, JsonValueKind.Null), (open.GetProperty("is_closed_on_platform").GetBoolean(), open.GetProperty("platform_remaining_size").GetDecimal(), open.GetProperty("final_profit").ValueKind));
        await host.OkAsync("POST", $"/v1/accounts/prop/positions/{position}/close", "{}");
        var closed = await host.OkAsync("POST", "/ctrader/deals/sync_data", $$"""{"account_id":"prop","position_id":{{position}}}""");
        Assert.Equal((true, 0m), (closed.GetProperty("is_closed_on_platform").GetBoolean(), closed.GetProperty("platform_remaining_size").GetDecimal()));
        Assert.Equal([0, 1], closed.GetProperty("deals").EnumerateArray().Select(d => d.GetProperty("entry").GetInt32()));
        Assert.Equal(2, (await host.OkAsync("GET", $"/v1/accounts/prop/deals?position={position}")).GetProperty("deals").GetArrayLength());
        Assert.Equal(2, (await host.OkAsync("POST", "/ctrader/deals/history", """{"account_id":"prop"}""")).GetProperty("deals").GetArrayLength());
        Assert.Equal("no-such-position", await host.ProblemAsync("POST", "/ctrader/deals/sync_data", """{"account_id":"prop","position_id":987654}""", HttpStatusCode.BadRequest));
        Assert.Equal("not-found", await host.ProblemAsync("POST", "/ctrader/connect", """{"account_id":"prop2"}""", HttpStatusCode.NotFound));

        // Another process goes on with what was kept.
        await host.DownAsync();
        host.AssertNothingLeaked();
        await host.UpAsync();
        await host.UntilAsync("prop", "up");

        // Closed, connected, forgotten.
        long session = (await host.OkAsync("GET", "/v1/accounts/prop")).GetProperty("session").GetInt64();
        Assert.Equal("closed", (await host.OkAsync("POST", "/ctrader/close", """{"internal_account_id":"prop"}""")).GetProperty("status").GetString());
        await host.UntilAsync("prop", "down");
        await host.OkAsync("POST", "/ctrader/connect", """{"account_id":"prop"}""");
        await host.UntilAsync("prop", "up");
        Assert.True((await host.OkAsync("GET", "/v1/accounts/prop")).GetProperty("session").GetInt64() > session);
        Assert.Equal("deleted", (await host.OkAsync("DELETE", "/ctrader/instance/prop")).GetProperty("status").GetString());
        await host.UntilAsync("prop", "down");
        Assert.Empty(host.Product.CTrader!.Keeper.Grants);
        Assert.Equal("not-authorised", await host.ProblemAsync("DELETE", "/ctrader/instance/prop", null, HttpStatusCode.Conflict));
        host.AssertNothingLeaked();
    }

    [Fact]
    public async Task Callbacks_that_are_not_as_they_should_be_are_refused_each_for_its_reason()
    {
        await using var host = await CTraderHost.StartAsync();
        string path = await host.AgreeAsync("prop", "anna");
        Assert.Equal("state-tampered", await host.RefusedAsync(path.Replace("state=", "state=x", StringComparison.Ordinal)));
        Assert.Equal("state-missing", await host.RefusedAsync(path[..path.IndexOf("&state", StringComparison.Ordinal)]));
        Assert.Equal("not-granted", await host.RefusedAsync(await host.AgreeAsync("prop", "anna", decision: "deny")));
        Assert.Equal("state-not-open", await host.RefusedAsync(path));
        string again = await host.AgreeAsync("prop", "anna");
        Assert.Equal(HttpStatusCode.OK, (await host.BrowseAsync(again)).Status);
        Assert.Equal("state-used", await host.RefusedAsync(again));

        // A stranger learns nothing of accounts, and soon must wait.
        var (_, body, _) = await host.BrowseAsync("/ctrader/oauth/callback?code=x&state=prop");
        Assert.DoesNotContain("prop", body, StringComparison.Ordinal);
        for (int i = 0; i < CallbackGuard.Most; i++)
        {
            await host.BrowseAsync("/ctrader/oauth/callback?code=x&state=y");
        }

        var (status, _, response) = await host.BrowseAsync("/ctrader/oauth/callback?code=x&state=y", json: false);
        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        host.AssertNothingLeaked();
    }

    [Fact]
    public async Task An_expired_code_is_refused_and_another_try_is_open()
    {
        await using var host = await CTraderHost.StartAsync(settings: new SimOpenApiSettings { CodeLife = TimeSpan.Zero });
        Assert.Equal("code-refused", await host.RefusedAsync(await host.AgreeAsync("prop", "anna")));
        Assert.Equal("code-refused", await host.RefusedAsync(await host.AgreeAsync("prop", "anna")));
        Assert.Empty(host.Product.CTrader!.Keeper.Grants);
        host.Secrets.Add("one-more");
        host.AssertNothingLeaked();
    }

    [Fact]
    public async Task A_wrong_secret_is_told_as_what_it_is()
    {
        await using var host = await CTraderHost.StartAsync(secret: "wrong-secret");
        Assert.Equal("application-refused", await host.RefusedAsync(await host.AgreeAsync("prop", "anna")));
        host.Secrets.Add("wrong-secret");
        host.AssertNothingLeaked();
    }

    [Fact]
    public async Task An_account_that_the_configuration_names_is_taken_from_its_owner_only()
    {
        await using var host = await CTraderHost.StartAsync($$"""
            "prop": { "platform": "ctrader", "ctidTraderAccountId": {{CTraderHost.AnnaLive}} },
            "demo": { "platform": "ctrader", "environment": "demo" }
            """);
        Assert.Equal("not-covered", await host.RefusedAsync(await host.AgreeAsync("prop", "bert")));
        Assert.Empty(host.Product.CTrader!.Keeper.Grants);
        var (_, body, _) = await host.BrowseAsync(await host.AgreeAsync("prop", "anna"));
        Assert.Equal("complete", JsonDocument.Parse(body).RootElement.GetProperty("status").GetString());
        await host.UntilAsync("prop", "up");

        // The other account of the same user shares the authorisation; the one that is taken, and the one of the wrong side, are refused.
        Assert.Equal("other-environment", await host.ProblemAsync("POST", "/ctrader/onboard/demo/complete", $$"""{"ctidTraderAccountId":{{CTraderHost.AnnaLive}},"grant_of":"prop"}""", HttpStatusCode.Conflict));
        await host.OkAsync("POST", "/ctrader/onboard/demo/complete", $$"""{"ctidTraderAccountId":{{CTraderHost.AnnaDemo}},"grant_of":"prop"}""");
        await host.UntilAsync("demo", "up");
        Assert.Single(host.Product.CTrader!.Keeper.Grants);

        // Authorised again, both go on under the same grant.
        Assert.Equal(HttpStatusCode.OK, (await host.BrowseAsync(await host.AgreeAsync("demo", "anna"))).Status);
        Assert.Equal(2, Assert.Single(host.Product.CTrader.Keeper.Grants).Version);

        // One leaves; the other keeps the grant.
        await host.OkAsync("DELETE", "/ctrader/instance/prop");
        Assert.Single(host.Product.CTrader.Keeper.Grants);
        await host.UntilAsync("demo", "up");
    }

    [Fact]
    public async Task A_refresh_ends_the_sessions_and_they_come_again_with_the_new_token()
    {
        await using var host = await CTraderHost.StartAsync($$"""
            "prop": { "platform": "ctrader", "ctidTraderAccountId": {{CTraderHost.AnnaDemo}} }
            """);
        await host.BrowseAsync(await host.AgreeAsync("prop", "anna"));
        await host.UntilAsync("prop", "up");
        var keeper = host.Product.CTrader!.Keeper;
        long session = (await host.OkAsync("GET", "/v1/accounts/prop")).GetProperty("session").GetInt64();

        // The simulated server ends the old token, and with it the session, as the real one does (guide §4).
        keeper.Refused(keeper.Grants[0].Id, 1, "CH_ACCESS_TOKEN_INVALID");
        await host.UntilAsync("prop", "up", session + 1);
        var order = await host.OkAsync("POST", "/v1/accounts/prop/orders?waitMs=60000", """{"symbol":"EURUSD","side":"buy","volume":0.1}""");
        Assert.Equal("done", order.GetProperty("state").GetString());
        Assert.InRange(Assert.Single(keeper.Grants).Version, 2, 2);
        host.AssertNothingLeaked();
    }

    [Fact]
    public async Task Without_an_echoed_state_the_code_is_brought_with_the_key()
    {
        await using var host = await CTraderHost.StartAsync(settings: new SimOpenApiSettings { EchoState = false });
        string path = await host.AgreeAsync("prop", "anna");
        Assert.Equal("state-missing", await host.RefusedAsync(path));
        string code = path.Split("code=")[1];
        using (var stranger = new HttpClient())
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.PostAsync(new Uri(host.Address, "/ctrader/oauth/code"), new StringContent("{}"))).StatusCode);
        }

        Assert.Equal("choose_account", (await host.OkAsync("POST", "/ctrader/oauth/code", $$"""{"account_id":"prop","code":"{{code}}"}""")).GetProperty("status").GetString());
        Assert.Equal("not-open", await host.ProblemAsync("POST", "/ctrader/oauth/code", $$"""{"account_id":"prop","code":"{{code}}"}""", HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task Where_the_configuration_says_so_the_only_open_authorisation_is_meant()
    {
        await using var host = await CTraderHost.StartAsync(
            "\"prop\": { \"platform\": \"ctrader\" }, \"other\": { \"platform\": \"ctrader\" }", new SimOpenApiSettings { EchoState = false }, ", \"callbackWithoutState\": \"single\"");
        string path = await host.AgreeAsync("prop", "anna");
        await host.AgreeAsync("other", "anna");
        Assert.Equal("state-missing", await host.RefusedAsync(path));
        await host.SendAsync("POST", "/ctrader/oauth/code", """{"account_id":"other","code":"none"}""");
        Assert.Equal(HttpStatusCode.OK, (await host.BrowseAsync(path)).Status);
        Assert.Null(host.Product.CTrader!.Place(new AccountId("other")));
        Assert.NotNull(host.Product.CTrader.Place(new AccountId("prop")));
    }

    [Fact]
    public async Task The_face_is_for_its_platform_and_needs_a_name()
    {
        await using var host = await CTraderHost.StartAsync("\"prop\": { \"platform\": \"ctrader\" }, \"paper\": { \"platform\": \"paper\", \"broker\": { \"kind\": \"ctrader\" } }");
        Assert.Equal("other-platform", await host.ProblemAsync("POST", "/ctrader/onboard", """{"account_id":"paper"}""", HttpStatusCode.Conflict));
        Assert.Equal("not-found", await host.ProblemAsync("GET", "/ctrader/accounts/nobody/status", null, HttpStatusCode.NotFound));
        Assert.Equal("bad-request", await host.ProblemAsync("GET", "/ctrader/accounts", null, HttpStatusCode.UnprocessableEntity));
        Assert.Equal("bad-request", await host.ProblemAsync("POST", "/ctrader/onboard", """{"account_id":"prop","scope":"everything"}""", HttpStatusCode.UnprocessableEntity));
        Assert.Equal("bad-request", await host.ProblemAsync("POST", "/ctrader/onboard/prop/complete", "{}", HttpStatusCode.UnprocessableEntity));
        Assert.Empty((await host.OkAsync("GET", "/v1/accounts/paper/deals")).GetProperty("deals").EnumerateArray());
        Assert.Equal("no-history", await host.ProblemAsync("GET", "/v1/accounts/paper/candles?symbol=EURUSD&frame=M1", null, HttpStatusCode.Conflict));
        Assert.Equal("bad-request", await host.ProblemAsync("GET", "/v1/accounts/prop/deals?position=-1", null, HttpStatusCode.BadRequest));
    }

    private static Task<JsonElement> StatusAsync(CTraderHost host) => host.OkAsync("GET", "/ctrader/accounts/prop/status");
}

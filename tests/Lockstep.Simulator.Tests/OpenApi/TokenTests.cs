using System.Text.Json;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.Simulator.Tests.OpenApi;

/// <summary>Guide §1, §4: codes, tokens, and what happens to sessions when a token goes.</summary>
public sealed class TokenTests
{
    [Fact] // §1: 2,628,000 s.
    public void A_token_lives_its_thirty_days_and_is_refused_after_them()
    {
        var world = new ApiWorld();
        var pair = world.Server.Grants.Grant("anna", trading: true);
        Assert.Equal(TimeSpan.FromSeconds(2_628_000), pair.ExpiresAt - world.Clock.Now);
        world.Clock.RunFor(TimeSpan.FromSeconds(2_627_990));
        var client = world.Client();
        client.AppAuth();
        client.Authorize(ApiWorld.Demo, pair.Access);
        client.Heard.Clear();
        world.Wait(10);

        // On a live session its end is told.
        Assert.Equal([2147u, 2164u], client.Heard.Select(m => m.PayloadType));
        var error = client.Fail(new ProtoOAAccountAuthReq { CtidTraderAccountId = ApiWorld.Demo, AccessToken = pair.Access });
        Assert.Equal(("OA_AUTH_TOKEN_EXPIRED", "Access token expired"), (error.ErrorCode, error.Description));

        // The refresh token has no end.
        var renewed = client.Ask<ProtoOARefreshTokenRes>(new ProtoOARefreshTokenReq { RefreshToken = pair.Refresh });
        client.Authorize(ApiWorld.Demo, renewed.AccessToken);
    }

    [Fact]
    public void The_code_of_an_expired_token_is_a_setting()
    {
        var world = new ApiWorld(new SimOpenApiSettings { Applications = [new("app", "secret", [])], ExpiredTokenCode = "CH_ACCESS_TOKEN_INVALID", TokenLife = TimeSpan.FromSeconds(5) });
        var pair = world.Server.Grants.Grant("anna", trading: true);
        world.Wait(5);
        var client = world.Client();
        client.AppAuth();
        Assert.Equal("CH_ACCESS_TOKEN_INVALID", client.Fail(new ProtoOAAccountAuthReq { CtidTraderAccountId = ApiWorld.Demo, AccessToken = pair.Access }).ErrorCode);
    }

    [Fact] // §4: single use; the old access token dies at once: 2147 and 2164 on every connection that uses it; other grants are not touched.
    public void A_refresh_ends_the_old_token_everywhere_and_touches_no_other_grant()
    {
        var world = new ApiWorld();
        var first = world.Server.Grants.Grant("anna", trading: true);
        var second = world.Server.Grants.Grant("anna", trading: true);
        var one = Connected(world, first.Access);
        var two = Connected(world, first.Access);
        var other = Connected(world, second.Access);
        var renewed = one.Ask<ProtoOARefreshTokenRes>(new ProtoOARefreshTokenReq { RefreshToken = first.Refresh });
        Assert.Equal([2147u, 2164u, 2174u], one.Heard.Select(m => m.PayloadType));
        Assert.Equal([2147u, 2164u], two.Heard.Select(m => m.PayloadType));
        Assert.Empty(other.Heard);
        Assert.Equal("CH_ACCESS_TOKEN_INVALID", one.Fail(new ProtoOARefreshTokenReq { RefreshToken = first.Refresh }).ErrorCode);
        Assert.Equal("CH_ACCESS_TOKEN_INVALID", one.Fail(new ProtoOAAccountAuthReq { CtidTraderAccountId = ApiWorld.Demo, AccessToken = first.Access }).ErrorCode);
        one.Authorize(ApiWorld.Demo, renewed.AccessToken);
        other.Ask<ProtoOATraderRes>(new ProtoOATraderReq { CtidTraderAccountId = ApiWorld.Demo });
    }

    [Fact]
    public void A_revoked_grant_is_dead_with_both_tokens()
    {
        var world = new ApiWorld();
        var pair = world.Server.Grants.Grant("anna", trading: true);
        var client = Connected(world, pair.Access);
        world.Server.Grants.Revoke(pair.Access);
        Assert.Equal([2147u, 2164u], client.Heard.Select(m => m.PayloadType));
        Assert.Equal("CH_ACCESS_TOKEN_INVALID", client.Fail(new ProtoOARefreshTokenReq { RefreshToken = pair.Refresh }).ErrorCode);
    }

    [Fact] // §4: the whole way over the pages, with the answer's exact shape.
    public void Consent_gives_a_code_and_the_code_a_pair()
    {
        var world = new ApiWorld();
        string page = world.Server.Grants.Page(Query(state: "st<a>te"));
        Assert.Contains("st&lt;a&gt;te", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<a>", page, StringComparison.Ordinal);
        foreach (string account in new[] { "account_1000001", "account_1000002", "account_1000003", "700001", "700002" })
        {
            Assert.Contains(account, page, StringComparison.Ordinal);
        }

        var form = new Dictionary<string, string>(Query(state: "s t")) { ["ctid"] = "anna", ["decision"] = "allow", ["account_1000001"] = "yes" };
        string back = world.Server.Grants.Consent(form);
        Assert.StartsWith(ApiWorld.Back + "?code=", back, StringComparison.Ordinal);
        Assert.EndsWith("&state=s%20t", back, StringComparison.Ordinal);
        using var answer = JsonDocument.Parse(world.Server.Grants.Token(Exchange(back)));
        Assert.Equal(["accessToken", "tokenType", "expiresIn", "refreshToken", "errorCode", "description"], answer.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("bearer", 2_628_000), (answer.RootElement.GetProperty("tokenType").GetString(), answer.RootElement.GetProperty("expiresIn").GetInt32()));
        Assert.Equal(JsonValueKind.Null, answer.RootElement.GetProperty("errorCode").ValueKind);

        // Only the account that was ticked.
        string token = answer.RootElement.GetProperty("accessToken").GetString()!;
        var client = world.Client();
        client.AppAuth();
        var list = client.Ask<ProtoOAGetAccountListByAccessTokenRes>(new ProtoOAGetAccountListByAccessTokenReq { AccessToken = token });
        Assert.Equal([(ulong)ApiWorld.Demo], list.CtidTraderAccount.Select(a => a.CtidTraderAccountId));
        Assert.Equal(ProtoOAClientPermissionScope.ScopeTrade, list.PermissionScope);

        // A token of one application is none for another.
        var stranger = world.Client();
        stranger.AppAuth("other");
        Assert.Equal("CH_ACCESS_TOKEN_INVALID", stranger.Fail(new ProtoOAAccountAuthReq { CtidTraderAccountId = ApiWorld.Demo, AccessToken = token }).ErrorCode);
        Assert.Equal("CH_ACCESS_TOKEN_INVALID", stranger.Fail(new ProtoOARefreshTokenReq { RefreshToken = answer.RootElement.GetProperty("refreshToken").GetString() }).ErrorCode);
    }

    [Fact] // §4: one minute, once, for one client and one address.
    public void A_code_is_good_for_a_minute_once_for_its_client_and_address()
    {
        var world = new ApiWorld();
        string used = Code(world);
        Assert.NotEqual("", AccessOf(world, used));
        Assert.Equal("", AccessOf(world, used));
        string late = Code(world);
        world.Wait(60);
        Assert.Equal("", AccessOf(world, late));
        Assert.Equal("", AccessOf(world, Code(world), secret: "wrong"));
        Assert.Equal("", AccessOf(world, Code(world), client: "other"));
        Assert.Equal("", AccessOf(world, Code(world), back: "http://elsewhere/"));
        Assert.Equal("", AccessOf(world, "made-up"));
        using var wrong = JsonDocument.Parse(world.Server.Grants.Token(Exchange(Code(world), secret: "wrong")));
        Assert.Equal("CH_CLIENT_AUTH_FAILURE", wrong.RootElement.GetProperty("errorCode").GetString());
    }

    [Fact]
    public void A_refresh_over_the_token_endpoint_is_single_use_too()
    {
        var world = new ApiWorld();
        var pair = world.Server.Grants.Grant("anna", trading: true);
        var client = Connected(world, pair.Access);
        var query = new Dictionary<string, string> { ["grant_type"] = "refresh_token", ["refresh_token"] = pair.Refresh, ["client_id"] = "app", ["client_secret"] = "secret" };
        using var first = JsonDocument.Parse(world.Server.Grants.Token(query));
        Assert.NotEqual(pair.Access, first.RootElement.GetProperty("accessToken").GetString());
        Assert.Equal([2147u, 2164u], client.Heard.Select(m => m.PayloadType));
        using var again = JsonDocument.Parse(world.Server.Grants.Token(query));
        Assert.Equal("CH_ACCESS_TOKEN_INVALID", again.RootElement.GetProperty("errorCode").GetString());
        query["grant_type"] = "password";
        using var strange = JsonDocument.Parse(world.Server.Grants.Token(query));
        Assert.Equal("INVALID_REQUEST", strange.RootElement.GetProperty("errorCode").GetString());
    }

    [Fact]
    public void No_is_no_and_an_address_that_is_not_registered_is_never_gone_to()
    {
        var world = new ApiWorld(new SimOpenApiSettings { Applications = [new("app", "secret", [ApiWorld.Back])], EchoState = false });
        var form = new Dictionary<string, string>(Query(state: "s")) { ["ctid"] = "anna", ["decision"] = "deny" };
        Assert.Equal(ApiWorld.Back + "?error=access_denied", world.Server.Grants.Consent(form));
        form["ctid"] = "nobody";
        form["decision"] = "allow";
        Assert.Equal(ApiWorld.Back + "?error=access_denied", world.Server.Grants.Consent(form));
        form["redirect_uri"] = "http://evil/";
        Assert.Equal("", world.Server.Grants.Consent(form));
        Assert.DoesNotContain("<form", world.Server.Grants.Page(form), StringComparison.Ordinal);
        Assert.Contains("no such application", world.Server.Grants.Page(new Dictionary<string, string>()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_consent_for_looking_only_gives_a_view_token()
    {
        var world = new ApiWorld();
        string code = Code(world, scope: "accounts");
        var client = Connected(world, AccessOf(world, code));
        Assert.Equal("TRADING_NOT_ALLOWED", client.Fail(client.Market()).ErrorCode);
    }

    [Fact]
    public void Secrets_are_in_no_text()
    {
        var world = new ApiWorld();
        var pair = world.Server.Grants.Grant("anna", true);
        Assert.DoesNotContain(pair.Access, pair.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", world.Settings.Applications[0].ToString(), StringComparison.Ordinal);
    }

    private static ApiClient Connected(ApiWorld world, string token)
    {
        var client = world.Client();
        client.AppAuth();
        client.Authorize(ApiWorld.Demo, token);
        client.Heard.Clear();
        return client;
    }

    private static Dictionary<string, string> Query(string state = "", string scope = "trading") =>
        new() { ["client_id"] = "app", ["redirect_uri"] = ApiWorld.Back, ["scope"] = scope, ["state"] = state, ["product"] = "web" };

    private static string Code(ApiWorld world, string scope = "trading") =>
        world.Server.Grants.Consent(new Dictionary<string, string>(Query(scope: scope)) { ["ctid"] = "anna", ["decision"] = "allow" });

    private static Dictionary<string, string> Exchange(string back, string client = "app", string secret = "secret", string address = ApiWorld.Back) => new()
    {
        ["grant_type"] = "authorization_code", ["client_id"] = client, ["client_secret"] = secret, ["redirect_uri"] = address,
        ["code"] = back.Contains("code=", StringComparison.Ordinal) ? back.Split("code=")[1].Split('&')[0] : back,
    };

    private static string AccessOf(ApiWorld world, string code, string client = "app", string secret = "secret", string back = ApiWorld.Back)
    {
        using var answer = JsonDocument.Parse(world.Server.Grants.Token(Exchange(code, client, secret, back)));
        return answer.RootElement.GetProperty("accessToken").GetString() ?? "";
    }
}

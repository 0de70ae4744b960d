using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.Simulator.Tests.OpenApi;

/// <summary>Guide §4: who may do what on a connection, and how it ends.</summary>
public sealed class AuthTests
{
    [Fact] // §4 "Before app auth".
    public void Before_application_auth_only_auth_refresh_and_version_are_answered()
    {
        var world = new ApiWorld();
        var client = world.Client();
        Assert.Equal("91", client.Ask<ProtoOAVersionRes>(new ProtoOAVersionReq()).Version);
        Assert.Equal("CH_CLIENT_NOT_AUTHENTICATED", client.Fail(new ProtoOATraderReq { CtidTraderAccountId = ApiWorld.Demo }).ErrorCode);
        Assert.Equal("CH_CLIENT_NOT_AUTHENTICATED", client.Fail(new ProtoOAGetAccountListByAccessTokenReq { AccessToken = "x" }).ErrorCode);
        var pair = world.Server.Grants.Grant("anna", trading: true);
        var renewed = client.Ask<ProtoOARefreshTokenRes>(new ProtoOARefreshTokenReq { RefreshToken = pair.Refresh });
        Assert.Equal(("bearer", 2_628_000L), (renewed.TokenType, renewed.ExpiresIn));
        client.AppAuth();
    }

    [Fact] // §4 "App states".
    public void A_wrong_secret_and_an_application_that_waits_are_told_apart_by_text()
    {
        var client = new ApiWorld().Client();
        var wrong = client.Fail(new ProtoOAApplicationAuthReq { ClientId = "app", ClientSecret = "no" });
        Assert.Equal(("CH_CLIENT_AUTH_FAILURE", "clientId or clientSecret is incorrect"), (wrong.ErrorCode, wrong.Description));
        var waits = client.Fail(new ProtoOAApplicationAuthReq { ClientId = "late", ClientSecret = "secret" });
        Assert.Equal(("CH_CLIENT_AUTH_FAILURE", "OA client is not in active state"), (waits.ErrorCode, waits.Description));
        client.AppAuth();
        Assert.Equal("CH_CLIENT_ALREADY_AUTHENTICATED", client.Fail(new ProtoOAApplicationAuthReq { ClientId = "app", ClientSecret = "secret" }).ErrorCode);
        Assert.False(client.IsClosed);
    }

    [Fact] // §4 "Unauthenticated socket".
    public void Who_does_not_authenticate_is_dropped_after_30_seconds_heartbeats_or_not()
    {
        var world = new ApiWorld();
        var client = world.Client();
        for (int i = 0; i < 29; i++)
        {
            world.Wait(1);
            client.Send(new ProtoHeartbeatEvent());
        }

        Assert.False(client.IsClosed);
        world.Wait(1);
        Assert.True(client.IsClosed);
        Assert.Equal(0, world.Server.Connections);
    }

    [Fact] // §5: a silent client is dropped after about 30 s; heartbeats keep it.
    public void A_silent_client_is_dropped_and_a_beating_one_is_not()
    {
        var world = new ApiWorld();
        var silent = world.Ready();
        var beating = world.Ready();
        for (int i = 0; i < 12; i++)
        {
            world.Wait(10);
            beating.Send(new ProtoHeartbeatEvent());
        }

        Assert.True(silent.IsClosed);
        Assert.False(beating.IsClosed);
    }

    [Fact] // §5: the server's own heartbeat when it is idle.
    public void The_server_beats_when_it_has_nothing_to_say()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        world.Wait(24);
        Assert.Empty(client.Heard);
        client.Send(new ProtoHeartbeatEvent());
        world.Wait(2);
        Assert.IsType<ProtoHeartbeatEvent>(Assert.Single(client.Heard).Body);
        client.Send(new ProtoHeartbeatEvent());
        world.Wait(25);
        Assert.Equal(2, client.Heard.Count);
    }

    [Fact] // §2 "Which host", §14.4: the list is served on both hosts, with the accounts of both.
    public void The_account_list_is_served_on_both_hosts_with_scope_and_routing_flag()
    {
        var world = new ApiWorld();
        foreach (var environment in new[] { OpenApiEnvironment.Demo, OpenApiEnvironment.Live })
        {
            var client = world.Client(environment);
            client.AppAuth();
            var pair = world.Server.Grants.Grant("anna", trading: false);
            var list = client.Ask<ProtoOAGetAccountListByAccessTokenRes>(new ProtoOAGetAccountListByAccessTokenReq { AccessToken = pair.Access });
            Assert.Equal(ProtoOAClientPermissionScope.ScopeView, list.PermissionScope);
            Assert.Equal([((ulong)ApiWorld.Demo, false, 700_001L), ((ulong)ApiWorld.Live, true, 700_002L)], list.CtidTraderAccount.Select(a => (a.CtidTraderAccountId, a.IsLive, a.TraderLogin)));
            Assert.Equal(10_001, client.Ask<ProtoOAGetCtidProfileByTokenRes>(new ProtoOAGetCtidProfileByTokenReq { AccessToken = pair.Access }).Profile.UserId);
        }
    }

    [Fact] // §4, §7: every way in which an account auth is refused.
    public void Account_auth_is_refused_with_the_code_of_its_reason()
    {
        var world = new ApiWorld();
        var client = world.Client();
        client.AppAuth();
        var pair = world.Server.Grants.Grant("anna", trading: true);
        var one = world.Server.Grants.Grant("anna", trading: true, [ApiWorld.Live]);
        Assert.Equal("CANT_ROUTE_REQUEST", Code(ApiWorld.Live, pair.Access));
        Assert.Equal("CH_CTID_TRADER_ACCOUNT_NOT_FOUND", Code(ApiWorld.Other, pair.Access));
        Assert.Equal("CH_CTID_TRADER_ACCOUNT_NOT_FOUND", Code(ApiWorld.Demo, one.Access));
        Assert.Equal("CH_CTID_TRADER_ACCOUNT_NOT_FOUND", Code(42, pair.Access));
        Assert.Equal("CH_ACCESS_TOKEN_INVALID", Code(ApiWorld.Demo, "nonsense"));
        client.Authorize(ApiWorld.Demo, pair.Access);
        Assert.Equal("ALREADY_LOGGED_IN", Code(ApiWorld.Demo, pair.Access));

        string Code(long account, string token) => client.Fail(new ProtoOAAccountAuthReq { CtidTraderAccountId = account, AccessToken = token }).ErrorCode;
    }

    [Fact] // §4 "Request before account auth": INVALID_REQUEST with this text, not ACCOUNT_NOT_AUTHORIZED.
    public void A_request_before_account_auth_is_invalid()
    {
        var world = new ApiWorld();
        var client = world.Client();
        client.AppAuth();
        foreach (Google.Protobuf.IMessage body in new Google.Protobuf.IMessage[] { new ProtoOAReconcileReq { CtidTraderAccountId = ApiWorld.Demo }, client.Market(), new ProtoOAAccountLogoutReq { CtidTraderAccountId = ApiWorld.Demo } })
        {
            var error = client.Fail(body);
            Assert.Equal(("INVALID_REQUEST", "Trading account is not authorized", ApiWorld.Demo), (error.ErrorCode, error.Description, error.CtidTraderAccountId));
        }

        world.Wait(1);
        Assert.Empty(world.Broker.Positions);
    }

    [Fact] // §4 "Logout": 2163 is an acknowledgement, done is done with 2164.
    public void A_logout_is_acknowledged_and_then_done()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        string id = client.Send(new ProtoOAAccountLogoutReq { CtidTraderAccountId = ApiWorld.Demo });
        Assert.Equal([2163u, 2164u], client.Heard.Select(m => m.PayloadType));
        Assert.Equal([id, null], client.Heard.Select(m => m.ClientMsgId));
        Assert.Equal("Trading account is not authorized", client.Fail(new ProtoOATraderReq { CtidTraderAccountId = ApiWorld.Demo }).Description);
    }

    [Fact] // §4 "Two sockets, same token, same account": allowed.
    public void Two_connections_may_hold_the_same_account_with_the_same_token()
    {
        var world = new ApiWorld();
        var pair = world.Server.Grants.Grant("anna", trading: true);
        var one = world.Client();
        one.AppAuth();
        one.Authorize(ApiWorld.Demo, pair.Access);
        var two = world.Client();
        two.AppAuth();
        two.Authorize(ApiWorld.Demo, pair.Access);
        Assert.Equal(700_001, two.Ask<ProtoOATraderRes>(new ProtoOATraderReq { CtidTraderAccountId = ApiWorld.Demo }).Trader.TraderLogin);
    }

    [Fact] // §6: too many connections of one application.
    public void Too_many_connections_of_an_application_are_refused()
    {
        var world = new ApiWorld(new SimOpenApiSettings { Applications = [new("app", "secret", [])], ConnectionsMost = 2 });
        var first = world.Client();
        first.AppAuth();
        world.Client().AppAuth();
        var third = world.Client();
        Assert.Equal("CONNECTIONS_LIMIT_EXCEEDED", third.Fail(new ProtoOAApplicationAuthReq { ClientId = "app", ClientSecret = "secret" }).ErrorCode);
        first.Drop();
        third.AppAuth();
    }

    [Fact] // §9: NO_LOGIN.
    public void An_account_without_login_cannot_be_opened()
    {
        var world = new ApiWorld();
        world.Broker.AccessRights = CtAccessRights.NoLogin;
        var client = world.Client();
        client.AppAuth();
        Assert.Equal("RET_ACCOUNT_DISABLED", client.Fail(new ProtoOAAccountAuthReq { CtidTraderAccountId = ApiWorld.Demo, AccessToken = world.Server.Grants.Grant("anna", true).Access }).ErrorCode);
    }
}

using Google.Protobuf;
using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.Simulator;

/// <content>Application and accounts (guide §4).</content>
internal sealed partial class SimLine
{
    private readonly SortedDictionary<long, Session> _sessions = [];

    /// <summary>An account that authenticated here.</summary>
    internal sealed record Session(SimDesk Desk, string AccessToken, bool Trading);

    /// <summary>A token is of no use any more: the accounts that use it here are told, and their sessions end.</summary>
    public void TokenDied(string accessToken, string why)
    {
        long[] lost = [.. _sessions.Where(s => s.Value.AccessToken == accessToken).Select(s => s.Key)];
        if (lost.Length == 0)
        {
            return;
        }

        var told = new ProtoOAAccountsTokenInvalidatedEvent { Reason = why };
        told.CtidTraderAccountIds.AddRange(lost);
        Tell(told);
        foreach (long ctid in lost)
        {
            EndSession(ctid, told: true);
        }
    }

    /// <summary>Requests that are about no account, and account auth itself.</summary>
    private void HandleOwn(IMessage body, string? id)
    {
        switch (body)
        {
            case ProtoOAVersionReq:
                Say(new ProtoOAVersionRes { Version = "91" }, id);
                break;
            case ProtoOAApplicationAuthReq request:
                Authenticate(request, id);
                break;
            case ProtoOARefreshTokenReq request:
                if (Server.Grants.Renew(request.RefreshToken, Application?.Id) is { } pair)
                {
                    Say(
                        new ProtoOARefreshTokenRes
                        {
                            AccessToken = pair.Access, TokenType = "bearer", ExpiresIn = (long)Server.Settings.TokenLife.TotalSeconds, RefreshToken = pair.Refresh,
                        },
                        id);
                }
                else
                {
                    Refuse(id, "CH_ACCESS_TOKEN_INVALID", "Invalid refresh token");
                }

                break;
            case ProtoOAGetAccountListByAccessTokenReq request:
                ListAccounts(request.AccessToken, id);
                break;
            case ProtoOAGetCtidProfileByTokenReq request:
                if (TokenOf(request.AccessToken, id) is { } grant)
                {
                    Say(new ProtoOAGetCtidProfileByTokenRes { Profile = new ProtoOACtidProfile { UserId = Server.Grants.UserNumber(grant.CtId) } }, id);
                }

                break;
            case ProtoOAAccountAuthReq request:
                Authorize(request.CtidTraderAccountId, request.AccessToken, id);
                break;
            default:
                Refuse(id, "UNSUPPORTED_MESSAGE", $"Unsupported message {body.Descriptor.Name}");
                break;
        }
    }

    /// <summary>Requests that concern the session itself; false = somebody else's.</summary>
    private bool HandleSession(IMessage body, string? id, Session session)
    {
        if (body is ProtoOAAccountLogoutReq)
        {
            // 2163 is only an acknowledgement; done is done with 2164.
            Say(new ProtoOAAccountLogoutRes { CtidTraderAccountId = session.Desk.Ctid }, id);
            EndSession(session.Desk.Ctid, told: true);
            return true;
        }

        return HandleMarket(body, id, session.Desk);
    }

    private void Authenticate(ProtoOAApplicationAuthReq request, string? id)
    {
        if (Application is not null)
        {
            Refuse(id, "CH_CLIENT_ALREADY_AUTHENTICATED", "Client is already authenticated");
        }
        else if (Server.Grants.Application(request.ClientId) is not { } application || application.Secret != request.ClientSecret)
        {
            Refuse(id, "CH_CLIENT_AUTH_FAILURE", "clientId or clientSecret is incorrect");
        }
        else if (!application.Active)
        {
            Refuse(id, "CH_CLIENT_AUTH_FAILURE", "OA client is not in active state");
        }
        else if (Server.ConnectionsOf(application) >= Server.Settings.ConnectionsMost)
        {
            Refuse(id, "CONNECTIONS_LIMIT_EXCEEDED", "Limit of connections is reached");
        }
        else
        {
            Application = application;
            Say(new ProtoOAApplicationAuthRes(), id);
        }
    }

    /// <summary>The list is served on either host (guide §2), with demo and live accounts together.</summary>
    private void ListAccounts(string accessToken, string? id)
    {
        if (Server.Faults.StaleTokenMute && (Server.Grants.Find(accessToken) is not { } known || known.ExpiresAt <= Now))
        {
            // Reported after idle weekends (guide §4): no answer at all, and the end some time later.
            Server.Clock.Schedule(Server.Settings.IdleDrop, () => Break("stale token"));
            return;
        }

        if (TokenOf(accessToken, id) is not { } grant)
        {
            return;
        }

        var answer = new ProtoOAGetAccountListByAccessTokenRes
        {
            AccessToken = accessToken,
            PermissionScope = grant.Trading ? ProtoOAClientPermissionScope.ScopeTrade : ProtoOAClientPermissionScope.ScopeView,
        };
        answer.CtidTraderAccount.AddRange(Server.Desks.Where(d => grant.Accounts.Contains(d.Ctid)).Select(d => d.Listed()));
        Say(answer, id);
    }

    private void Authorize(long ctid, string accessToken, string? id)
    {
        if (_sessions.ContainsKey(ctid))
        {
            Refuse(id, "ALREADY_LOGGED_IN", "Trading account is already authorized in this channel", ctid);
            return;
        }

        if (TokenOf(accessToken, id, ctid) is not { } grant)
        {
            return;
        }

        if (!grant.Accounts.Contains(ctid) || Server.Desk(ctid) is not { } desk)
        {
            Refuse(id, "CH_CTID_TRADER_ACCOUNT_NOT_FOUND", $"Trading account {ctid} is not found", ctid);
        }
        else if (Server.Settings.RoutesByEnvironment && desk.Account.IsLive != (Environment == OpenApiEnvironment.Live))
        {
            Refuse(id, "CANT_ROUTE_REQUEST", "Cannot route request", ctid);
        }
        else if (desk.Broker.AccessRights == CtAccessRights.NoLogin)
        {
            Refuse(id, "RET_ACCOUNT_DISABLED", "Account is disabled", ctid);
        }
        else
        {
            _sessions.Add(ctid, new Session(desk, accessToken, grant.Trading));
            desk.Join(this);
            Say(new ProtoOAAccountAuthRes { CtidTraderAccountId = ctid }, id);
        }
    }

    /// <summary>The grant of a token that is in force; null = the client was told that it is not.</summary>
    private SimGrant? TokenOf(string accessToken, string? id, long? ctid = null)
    {
        var grant = Server.Grants.Find(accessToken);
        if (grant is null || (grant.ClientId is { } client && client != Application?.Id))
        {
            Refuse(id, "CH_ACCESS_TOKEN_INVALID", "Invalid access token", ctid);
            return null;
        }

        if (grant.ExpiresAt <= Now)
        {
            Refuse(id, Server.Settings.ExpiredTokenCode, "Access token expired", ctid);
            return null;
        }

        return grant;
    }

    private void EndSession(long ctid, bool told)
    {
        if (_sessions.Remove(ctid, out var session))
        {
            session.Desk.Leave(this);
            if (told)
            {
                Tell(new ProtoOAAccountDisconnectEvent { CtidTraderAccountId = ctid });
            }
        }
    }

    private void LeaveAll()
    {
        foreach (var session in _sessions.Values)
        {
            session.Desk.Leave(this);
        }

        _sessions.Clear();
    }
}

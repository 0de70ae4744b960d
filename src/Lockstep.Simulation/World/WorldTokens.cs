using System.Text.Json;
using Lockstep.CTrader.OAuth;
using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>The grant of a world's cTrader accounts, as a keeper on disk would hold it: it survives the server's process. A refresh takes a while, and its answer may be lost on the way.</summary>
internal sealed class WorldTokens : ITokens
{
    private readonly SimOpenApi _server;
    private readonly VirtualSimClock _clock;
    private readonly SimRandom _dice;
    private readonly SimOpenApiApplication _application;
    private AccessToken? _token;
    private string _refresh = "";
    private long _version;
    private bool _refreshing;

    public WorldTokens(SimOpenApi server, VirtualSimClock clock, SimRandom dice)
    {
        (_server, _clock, _dice, _application) = (server, clock, dice, server.Settings.Applications[0]);
        Grant();
    }

    /// <summary>The one grant.</summary>
    public static GrantId TheGrant { get; } = new("trader");

    /// <inheritdoc/>
    public event Action<GrantId>? Changed;

    /// <inheritdoc/>
    public AccessToken? Current(GrantId grant) => _token;

    /// <inheritdoc/>
    public void Refused(GrantId grant, long version, string code)
    {
        if (version != _version || _refreshing)
        {
            return;
        }

        _refreshing = true;
        _clock.Schedule(_dice.NextSpan(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(3)), Refresh);
    }

    /// <summary>Somebody else uses the refresh token: ours are worthless. The trader grants anew after a while.</summary>
    public void RefreshedElsewhere(TimeSpan until)
    {
        _server.Grants.Token(Query(_refresh));
        _clock.Schedule(until, Grant);
    }

    private void Refresh()
    {
        _refreshing = false;
        using var answer = JsonDocument.Parse(_server.Grants.Token(Query(_refresh)));
        if (answer.RootElement.TryGetProperty("accessToken", out var access) && access.GetString() is { } token)
        {
            Take(token, answer.RootElement.GetProperty("refreshToken").GetString()!, _clock.Now + TimeSpan.FromSeconds(answer.RootElement.GetProperty("expiresIn").GetInt64()));
            return;
        }

        // The grant is lost; the trader is told and authorises once more.
        _token = null;
        Changed?.Invoke(TheGrant);
        _clock.Schedule(_dice.NextSpan(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60)), Grant);
    }

    private void Grant()
    {
        var pair = _server.Grants.Grant(TheGrant.Value, trading: true);
        Take(pair.Access, pair.Refresh, pair.ExpiresAt);
    }

    private void Take(string access, string refresh, Timestamp expires)
    {
        (_token, _refresh) = (new AccessToken(access, ++_version, expires), refresh);
        Changed?.Invoke(TheGrant);
    }

    private Dictionary<string, string> Query(string refresh) => new()
    {
        ["grant_type"] = "refresh_token", ["refresh_token"] = refresh, ["client_id"] = _application.Id, ["client_secret"] = _application.Secret,
    };
}

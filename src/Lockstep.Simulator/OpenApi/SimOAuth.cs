using System.Globalization;
using System.Text.Json;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>A token pair that the simulated server gave out.</summary>
/// <param name="Access">accessToken.</param>
/// <param name="Refresh">refreshToken; dies at first use.</param>
/// <param name="TradingScope">True = trading, false = accounts (view only).</param>
/// <param name="ExpiresAt">End of the access token.</param>
public sealed record SimTokenPair(string Access, string Refresh, bool TradingScope, Timestamp ExpiresAt)
{
    /// <summary>Without the secrets.</summary>
    public override string ToString() => $"token pair until {ExpiresAt}";
}

/// <summary>
/// The simulated server's authorisations: consent page, codes, tokens (guide §4). Without HTTP: a host puts it behind one. Everything is called on the clock's thread. Each grant is
/// independent of every other one; it lives in memory only.
/// </summary>
public sealed partial class SimOAuth
{
    private const string InvalidToken = "CH_ACCESS_TOKEN_INVALID";
    private readonly ISimClock _clock;
    private readonly SimRandom _dice;
    private readonly Func<SimOpenApiSettings> _settings;
    private readonly SortedDictionary<string, SortedDictionary<long, SimOpenApiAccount>> _users = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SimGrant> _byAccess = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SimGrant> _byRefresh = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Code> _codes = new(StringComparer.Ordinal);
    private long _number;

    internal SimOAuth(ISimClock clock, SimRandom dice, Func<SimOpenApiSettings> settings)
    {
        (_clock, _dice, _settings) = (clock, dice, settings);
    }

    private sealed record Code(string ClientId, string RedirectUri, string CtId, bool Trading, IReadOnlyList<long> Accounts, Timestamp Until);

    /// <summary>An access token is of no use any more: refreshed, expired or revoked. With the reason.</summary>
    internal event Action<string, string>? Died;

    /// <summary>The users who may log in at the consent page: cTrader IDs, in order.</summary>
    public IReadOnlyList<string> Users => [.. _users.Keys];

    /// <summary>A grant without the consent page, for tests and the command line: all accounts of the user, or only some.</summary>
    public SimTokenPair Grant(string ctId, bool trading, IReadOnlyList<long>? accounts = null)
    {
        if (!_users.TryGetValue(ctId, out var theirs))
        {
            throw new ArgumentException($"no user {ctId}", nameof(ctId));
        }

        return Issue(new SimGrant(null, ctId, trading, [.. accounts ?? [.. theirs.Keys]]));
    }

    /// <summary>The trader takes an authorisation back: its tokens die at once.</summary>
    public void Revoke(string accessToken)
    {
        if (_byAccess.TryGetValue(accessToken, out var grant))
        {
            _byRefresh.Remove(grant.Refresh);
            End(grant, "Access token was revoked");
        }
    }

    /// <summary>
    /// What the token endpoint answers to a query (<c>grant_type</c>, <c>code</c>, <c>redirect_uri</c>, <c>refresh_token</c>, <c>client_id</c>, <c>client_secret</c>): a JSON body with
    /// <c>accessToken, tokenType, expiresIn, refreshToken, errorCode, description</c>; errors are in the body, under status 200.
    /// </summary>
    public string Token(IReadOnlyDictionary<string, string> query)
    {
        string Of(string name) => query.GetValueOrDefault(name) ?? "";
        var application = Application(Of("client_id"));
        if (application is null || application.Secret != Of("client_secret"))
        {
            return Failure("CH_CLIENT_AUTH_FAILURE", "clientId or clientSecret is incorrect");
        }

        switch (Of("grant_type"))
        {
            case "authorization_code":
                string code = Of("code");
                if (!_codes.Remove(code, out var given) || given.Until <= _clock.Now || given.ClientId != application.Id || given.RedirectUri != Of("redirect_uri"))
                {
                    return Failure("ACCESS_DENIED", "The authorization code is invalid or expired, or was given for another client or redirect_uri");
                }

                return Success(Issue(new SimGrant(application.Id, given.CtId, given.Trading, given.Accounts)));
            case "refresh_token":
                return Renew(Of("refresh_token"), application.Id) is { } pair ? Success(pair) : Failure(InvalidToken, "Refresh token is invalid");
            default:
                return Failure("INVALID_REQUEST", "grant_type is neither authorization_code nor refresh_token");
        }
    }

    /// <summary>A user's account, to be granted.</summary>
    internal void Register(SimOpenApiAccount account)
    {
        if (!_users.TryGetValue(account.CtId, out var theirs))
        {
            _users[account.CtId] = theirs = [];
        }

        theirs.Add(account.CtidTraderAccountId, account);
    }

    /// <summary>The number of a user, 2151.</summary>
    internal long UserNumber(string ctId) => 10_001 + _users.Keys.TakeWhile(u => u != ctId).Count();

    /// <summary>The grant of an access token; null = it is none, or none any more. An expired one is still known for what it was.</summary>
    internal SimGrant? Find(string accessToken) => _byAccess.GetValueOrDefault(accessToken);

    /// <summary>A new pair for a refresh token, once; the old access token dies at once. Null = the token is none, or was used before.</summary>
    /// <param name="refreshToken">The token.</param>
    /// <param name="clientId">Who asks; null = not known (2173 before the application authenticated).</param>
    internal SimTokenPair? Renew(string refreshToken, string? clientId)
    {
        if (!_byRefresh.TryGetValue(refreshToken, out var grant) || (grant.ClientId is not null && clientId is not null && grant.ClientId != clientId))
        {
            return null;
        }

        _byRefresh.Remove(refreshToken);
        var pair = Issue(new SimGrant(grant.ClientId, grant.CtId, grant.Trading, grant.Accounts));
        End(grant, "Access token was refreshed");
        return pair;
    }

    internal SimOpenApiApplication? Application(string clientId) => _settings().Applications.FirstOrDefault(a => a.Id == clientId);

    private SimTokenPair Issue(SimGrant grant)
    {
        grant.Access = Secret("at");
        grant.Refresh = Secret("rt");
        var life = _settings().TokenLife;
        grant.ExpiresAt = _clock.Now + life;
        _byAccess.Add(grant.Access, grant);
        _byRefresh.Add(grant.Refresh, grant);
        _clock.Schedule(life, () =>
        {
            // The refresh token outlives the access token (guide §1).
            if (_byAccess.ContainsKey(grant.Access))
            {
                Died?.Invoke(grant.Access, "Access token expired");
            }
        });
        return new SimTokenPair(grant.Access, grant.Refresh, grant.Trading, grant.ExpiresAt);
    }

    private void End(SimGrant grant, string why)
    {
        _byAccess.Remove(grant.Access);
        Died?.Invoke(grant.Access, why);
    }

    /// <summary>Never the same twice, and the same in every run with the same seed.</summary>
    private string Secret(string kind)
    {
        var dice = _dice.Fork(++_number);
        return string.Create(CultureInfo.InvariantCulture, $"{kind}-{dice.NextBits():x16}{dice.NextBits():x16}");
    }

    private string Success(SimTokenPair pair) => JsonSerializer.Serialize(new Dictionary<string, object?>(StringComparer.Ordinal)
    {
        ["accessToken"] = pair.Access,
        ["tokenType"] = "bearer",
        ["expiresIn"] = (long)_settings().TokenLife.TotalSeconds,
        ["refreshToken"] = pair.Refresh,
        ["errorCode"] = null,
        ["description"] = null,
    });

    private static string Failure(string code, string description) => JsonSerializer.Serialize(new Dictionary<string, object?>(StringComparer.Ordinal)
    {
        ["accessToken"] = null,
        ["tokenType"] = null,
        ["expiresIn"] = null,
        ["refreshToken"] = null,
        ["errorCode"] = code,
        ["description"] = description,
    });
}

/// <summary>One authorisation with its present tokens.</summary>
internal sealed class SimGrant(string? clientId, string ctId, bool trading, IReadOnlyList<long> accounts)
{
    /// <summary>The application it was given to; null = any.</summary>
    public string? ClientId => clientId;

    public string CtId => ctId;

    public bool Trading => trading;

    public IReadOnlyList<long> Accounts => accounts;

    public string Access { get; set; } = "";

    public string Refresh { get; set; } = "";

    public Timestamp ExpiresAt { get; set; }
}

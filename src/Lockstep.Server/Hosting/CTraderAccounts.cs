using System.Collections.Concurrent;
using Lockstep.CTrader.OAuth;
using Lockstep.CTrader.Session;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Runtime;
using Lockstep.Server.Configuration;
using Lockstep.Server.Rest;
using Lockstep.Server.Security;
using Lockstep.Storage;

namespace Lockstep.Server.Hosting;

/// <summary>
/// The accounts that the Open API serves: the hub with its clock, the keeper of tokens, which trading account each account stands for, and their sessions, which come and go with that.
/// </summary>
internal sealed class CTraderAccounts : IAsyncDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(50);
    private readonly CTraderLog _lines;
    private readonly CTraderLog _tokenLines;
    private readonly TokenVault _vault;
    private readonly HttpClient _http = TokenEndpoint.CreateClient();
    private readonly ConcurrentDictionary<AccountId, CTraderSeat> _seats = [];
    private readonly ConcurrentDictionary<AccountId, CTraderPlace> _places = [];
    private readonly ConcurrentDictionary<AccountId, string> _unreadable = [];
    private readonly WatchLists _watched;
    private readonly SemaphoreSlim _order = new(1);
    private readonly HubClock _clock;
    private volatile LockstepConfig _config;

    private CTraderAccounts(LockstepConfig config, ISecretStore store, MasterKey key, string clientSecret, TimeProvider time, ILogger log, CTraderWorld world)
    {
        var section = config.CTrader!;
        (_config, _lines, _tokenLines) = (config, new CTraderLog(log, "ctrader"), new CTraderLog(log, "ctrader-token"));
        _clock = new HubClock("ctrader", Beat, Turn, log);
        _watched = new WatchLists(config, account => account.CTrader is not null);
        _vault = new TokenVault(store, new SecretBox(key.Derive("vault")), key.Place);
        var (places, unreadable) = _vault.Places();
        foreach (var place in places)
        {
            _places[place.Account] = place;
        }

        foreach (var (account, problem) in unreadable.Where(u => config.Account(u.Account)?.CTrader is not null))
        {
            _unreadable[account] = problem;
            _lines.Write(CTraderLogLevel.Alert, account, $"which trading account this is cannot be read: {problem}");
        }

        Settings = new OAuthSettings
        {
            ClientId = section.ClientId, ClientSecret = clientSecret, RedirectUri = section.RedirectUri, AuthorizeUrl = section.AuthorizeUrl, TokenUrl = section.TokenUrl,
        };
        Endpoint = world.Tokens ?? new TokenEndpoint(_http, Settings);
        Keeper = new GrantKeeper(time, Endpoint, _vault, world.Rules, _tokenLines, NameOf);
        Hub = new CTraderHub(time, new OpenApiApplication(section.ClientId, clientSecret), world.Dialer ?? Dialer(section), Keeper, world.Options, _lines);
        Onboarding = new CTraderOnboarding(this, () => _config, new OAuthStates(key.Derive("oauth state"), time), section.StateMayBeMissing);
    }

    /// <summary>The connections.</summary>
    public CTraderHub Hub { get; }

    /// <summary>The tokens.</summary>
    public GrantKeeper Keeper { get; }

    /// <summary>Authorisations that are under way.</summary>
    public CTraderOnboarding Onboarding { get; }

    /// <summary>Our registration.</summary>
    public OAuthSettings Settings { get; }

    /// <summary>Where codes are exchanged.</summary>
    public ITokenEndpoint Endpoint { get; }

    /// <summary>Tells of what a person must act on: what came so far, and what comes.</summary>
    public void ListenToAlerts(Action<AlertRaised> to)
    {
        _lines.Listen(to);
        _tokenLines.Listen(to);
    }

    /// <summary>Which trading account each account stands for.</summary>
    public IEnumerable<CTraderPlace> Places => _places.Values;

    /// <summary>True when a configuration has what it needs.</summary>
    public static bool Needed(LockstepConfig config) => config.CTrader is not null;

    /// <summary>Reads the vault and makes everything ready; nothing connects before <see cref="Start"/>. A <see cref="DataFolderException"/> says which key cannot be read.</summary>
    public static async Task<CTraderAccounts> OpenAsync(LockstepConfig config, ISecretStore store, TimeProvider time, ILogger log, CTraderWorld? world)
    {
        var reference = config.CTrader!.ClientSecret;
        var (secret, problem) = world?.ClientSecret is { } known ? (known, null) : Secrets.Read(reference, Environment.GetEnvironmentVariable, lengthMin: 1);
        if (secret is null)
        {
            throw new DataFolderException($"The client secret of ctrader.clientSecret, {reference}, {problem}.");
        }

        var key = MasterKey.Open(config.DataFolder, config.SecretKey, Environment.GetEnvironmentVariable);
        var accounts = new CTraderAccounts(config, store, key, secret, time, log, world ?? new CTraderWorld());
        foreach (var group in (world?.Given ?? []).GroupBy(g => g.Pair.Access))
        {
            var grant = await accounts.Keeper.AddAsync(group.First().Pair);
            foreach (var given in group)
            {
                await accounts.PutAsync(new CTraderPlace(given.Account, grant, given.Ctid, given.Environment == OpenApiEnvironment.Live, Closed: false));
            }
        }

        return accounts;
    }

    /// <summary>The session of an account, or null while it has none.</summary>
    public CTraderSession? Session(AccountId account) => _seats.GetValueOrDefault(account)?.Session;

    /// <summary>Who answers for an account's history.</summary>
    public IAccountData? Data(AccountId account) => _seats.GetValueOrDefault(account);

    /// <summary>What an account stands for; null = it was not authorised.</summary>
    public CTraderPlace? Place(AccountId account) => _places.GetValueOrDefault(account);

    /// <summary>Why an account has no session; null = nothing stands in the way.</summary>
    public string? Obstacle(AccountConfig account) =>
        !account.Enabled ? "the account is disabled in the configuration"
        : _unreadable.TryGetValue(account.Id, out string? problem) ? problem
        : Place(account.Id) is not { } place ? "the account was not authorised yet: POST /ctrader/onboard"
        : place.Ctid is not { } ctid ? $"the trading account was not chosen yet: POST /ctrader/onboard/{account.Id}/complete"
        : account.CTrader!.Ctid is { } wanted && wanted != ctid ? $"the configuration names trading account {wanted}, and the authorisation was for {ctid}: authorise again"
        : place.Closed ? "the session was closed: POST /ctrader/connect"
        : null;

    /// <summary>Makes an account's session for its group.</summary>
    public CTraderSeat Open(AccountConfig account, long firstEpoch)
    {
        var seat = new CTraderSeat(account.Id, firstEpoch);
        _seats[account.Id] = seat;
        Seat(account);
        return seat;
    }

    /// <summary>Accounts or links came or went.</summary>
    public void Configure(LockstepConfig config)
    {
        _config = config;
        _watched.Configure(config);
        foreach (var gone in _seats.Keys.Where(id => config.Account(id)?.CTrader is null))
        {
            if (_seats.TryRemove(gone, out var seat))
            {
                seat.Stop();
            }
        }
    }

    /// <summary>Sets the clock going.</summary>
    public void Start()
    {
        Keeper.Start();
        _clock.Start();
    }

    /// <summary>Listens to a group for symbols that are traded.</summary>
    public IGroupObserver Listen() => new Listener(_watched);

    /// <summary>Symbols of legs that stood before the start.</summary>
    public void Watch(IEnumerable<LegView> legs) => _watched.Add(legs);

    /// <summary>Somebody listens to a symbol, until as many calls of <see cref="Release"/> took it back.</summary>
    public void Hold(AccountId account, SymbolName symbol) => _watched.Hold(account, symbol);

    /// <summary>Takes one <see cref="Hold"/> back.</summary>
    public void Release(AccountId account, SymbolName symbol) => _watched.Release(account, symbol);

    /// <summary>What an account quotes in any case.</summary>
    public IReadOnlyList<SymbolName> WatchedOf(AccountId account) => _watched.Of(account);

    /// <summary>Writes down what an account stands for, and lets its session follow; a grant that nobody uses any more is forgotten.</summary>
    public async Task PutAsync(CTraderPlace place)
    {
        await _order.WaitAsync();
        try
        {
            await _vault.SaveAsync(place);
            var before = Place(place.Account);
            _places[place.Account] = place;
            _unreadable.TryRemove(place.Account, out _);
            if (_config.Account(place.Account) is { CTrader: not null } account)
            {
                if (before is not null && (before.Ctid, before.IsLive, before.Grant) != (place.Ctid, place.IsLive, place.Grant))
                {
                    _seats.GetValueOrDefault(place.Account)?.Take("the account was authorised anew");
                }

                Seat(account);
            }

            await DropAsync(before?.Grant);
        }
        finally
        {
            _order.Release();
        }
    }

    /// <summary>Forgets what an account stands for, and its grant when nobody else uses it. False = there was nothing.</summary>
    public async Task<bool> ForgetAsync(AccountId account)
    {
        await _order.WaitAsync();
        try
        {
            bool known = _places.ContainsKey(account) || _unreadable.ContainsKey(account);
            await _vault.DeleteAsync(account);
            _places.TryRemove(account, out var before);
            _unreadable.TryRemove(account, out _);
            _seats.GetValueOrDefault(account)?.Take("the account's authorisation was removed");
            await DropAsync(before?.Grant);
            return known;
        }
        finally
        {
            _order.Release();
        }
    }

    /// <summary>The trading accounts that a token covers.</summary>
    public async Task<CtidAccounts> ListAsync(string accessToken, OpenApiEnvironment environment, CancellationToken cancel)
    {
        var asked = new TaskCompletionSource<CtidAccounts>(TaskCreationOptions.RunContinuationsAsynchronously);
        Hub.ListAccounts(environment, accessToken, answer => asked.TrySetResult(answer));
        return await asked.Task.WaitAsync(cancel);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _clock.DisposeAsync();
        foreach (var seat in _seats.Values)
        {
            seat.Stop();
        }

        await Keeper.DisposeAsync();
        _http.Dispose();
        _order.Dispose();
    }

    private static TlsDialer Dialer(CTraderConfig section)
    {
        var usual = new TlsDialerOptions();
        try
        {
            return new TlsDialer(usual with { Demo = section.Demo ?? usual.Demo, Live = section.Live ?? usual.Live, Trusted = section.Trust is { } path ? TlsDialerOptions.Pem(path) : [] });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new DataFolderException($"ctrader.hosts.trust: {e.Message}", e);
        }
    }

    private string NameOf(GrantId grant)
    {
        var users = _places.Values.Where(p => p.Grant == grant).Select(p => p.Account.Value).Order(StringComparer.Ordinal).ToList();
        return users.Count == 0 ? $"authorisation {grant}" : $"authorisation {grant} of {string.Join(", ", users)}";
    }

    /// <summary>Brings an account's session to where its place is.</summary>
    private void Seat(AccountConfig account)
    {
        if (!_seats.TryGetValue(account.Id, out var seat))
        {
            return;
        }

        if (Obstacle(account) is { } obstacle)
        {
            seat.Take(obstacle);
            return;
        }

        if (seat.Session is not null)
        {
            return;
        }

        var place = Place(account.Id)!;
        try
        {
            seat.Put(epoch => Hub.Open(
                new CTraderAccount
                {
                    Id = account.Id,
                    CtidTraderAccountId = place.Ctid!.Value,
                    Environment = place.IsLive ? OpenApiEnvironment.Live : OpenApiEnvironment.Demo,
                    Grant = place.Grant,
                    AnswerTimeout = account.CTrader!.AnswerTimeout,
                    AbsenceHorizon = account.CTrader.AbsenceHorizon,
                },
                epoch));
            Tell(account.Id, always: true);
        }
        catch (InvalidOperationException error)
        {
            // Two accounts stand for one trading account: the second one waits.
            _lines.Write(CTraderLogLevel.Alert, account.Id, error.Message);
        }
    }

    private async Task DropAsync(GrantId? grant)
    {
        if (grant is { } unused && _places.Values.All(p => p.Grant != unused))
        {
            await Keeper.ForgetAsync(unused);
        }
    }

    private void Tell(AccountId account, bool always)
    {
        if (Session(account) is { } session && _watched.Take(account, always) is { } symbols)
        {
            session.Watch(symbols);
        }
    }

    private void Turn(int number)
    {
        Hub.Tick();
        if (number % 20 == 0)
        {
            foreach (var account in _watched.Accounts)
            {
                Tell(account, always: false);
            }
        }
    }

    private sealed class Listener(WatchLists watched) : IGroupObserver
    {
        public void Why(WhyRow row) => watched.Add(row);
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Lockstep.Server.Hosting;
using Lockstep.Server.Rest;
using Lockstep.Storage;
using Microsoft.Net.Http.Headers;

namespace Lockstep.Server.Security;

/// <summary>
/// Who may come in. Each operation says what a key must be good for; what says nothing is closed to all but admins, reads to all without a key. Where no key is needed (loopback only), a web page that the user
/// has open must not be able to trade through the browser, so that requests under a foreign host name or from a foreign origin are turned away.
/// </summary>
/// <param name="settings">What to go by.</param>
/// <param name="ring">The keys.</param>
/// <param name="directory">The accounts, for credentials in bodies.</param>
/// <param name="time">The clock of the limits.</param>
internal sealed class Gate(GuardSettings settings, KeyRing ring, AccountDirectory directory, TimeProvider time)
{
    /// <summary>Wrong keys from one address: so many at once, then one a second.</summary>
    public const int WrongKeysBurst = 20;

    private const int NamesMost = 20_000;
    private readonly Allowances _byKey = new(NamesMost, time);
    private readonly Allowances _byAddress = new(NamesMost, time);
    private readonly Allowances _wrongKeys = new(NamesMost, time);
    private readonly ConcurrentDictionary<string, long> _refused = new(StringComparer.Ordinal);

    /// <summary>Requests that were turned away, by the kind of the problem.</summary>
    public IReadOnlyDictionary<string, long> Refused => new SortedDictionary<string, long>(_refused, StringComparer.Ordinal);

    /// <summary>Told when somebody is turned away for who he is; not for coming too often.</summary>
    public Action<HttpContext, Refusal> OnRefused { get; set; } = static (_, _) => { };

    /// <summary>The middleware; routing must have found the endpoint.</summary>
    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        var endpoint = http.GetEndpoint();
        var operation = endpoint?.Metadata.GetMetadata<Operation>();
        var needs = operation?.Needs ?? (endpoint?.Metadata.GetMetadata<Nowhere>() is not null || HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) ? Scope.Read : Scope.Admin);
        var (caller, refusal) = settings.NeedsKey ? await KnowAsync(http, operation) : Here(http);
        if (caller is not null)
        {
            refusal = Rated(caller) ?? Scoped(caller, needs);
        }
        else
        {
            // Everybody may do what needs nothing; who has a key that is good here may be told more.
            var often = Anonymous(http, take: true);
            refusal = needs == Scope.None ? often : refusal;
        }

        if (refusal is not null)
        {
            await RefuseAsync(http, refusal);
            return;
        }

        if (caller is not null)
        {
            http.Features.Set(caller.Caller);
        }

        await next(http);
    }

    private static (Known? Caller, Refusal? Refusal) Here(HttpContext http) => IsLocal(http.Request) ? (new Known(Caller.Local, null), null) : (null, new Refusal(Problem.Of(
        403, "foreign-origin", "The request comes from elsewhere.",
        "Without an API key the server answers only requests that are made on this machine, to a loopback name, and not by a web page of another origin.", "Use http://127.0.0.1, or let the server need a key.")));

    private async Task<(Known? Caller, Refusal? Refusal)> KnowAsync(HttpContext http, Operation? operation)
    {
        string? text = Credentials.InHeaders(http.Request, operation);
        if (text is not null)
        {
            var (known, refusal) = Known(http, text);
            return known is not null && Credentials.IsBasic(http.Request) && IsForeign(http.Request)
                ? (null, new Refusal(Problem.Of(403, "foreign-origin", "The request comes from a web page of another origin.", "A browser sends a password that it remembers by itself, also for pages that mean no good.",
                    "Send the key as 'Authorization: Bearer KEY', or name the origin under server.cors."))
                { Key = known.Caller })
                : (known, refusal);
        }

        if (Anonymous(http, take: false) is { } often)
        {
            return (null, often);
        }

        if (operation is { Face: true } && HttpMethods.IsPost(http.Request.Method) && (http.Request.ContentLength ?? 1) > 0)
        {
            var (body, problem) = await SentBody.ReadAsync(http);
            if (problem is not null)
            {
                return (null, new Refusal(problem));
            }

            if (FaceCredentials.Read(body!.Bytes, directory) is { } sent)
            {
                var (known, refusal) = Known(http, sent.Key);
                return known is null ? (null, refusal)
                    : sent.Differs is { } differs ? (null, new Refusal(Problem.Of(401, "credentials-differ", "The credentials do not fit together.", $"The key is good, but {differs}.",
                        "Send the account under internal_account_id, and beside it its own login and server or none."))
                    { Key = known.Caller })
                    : !known.Caller.May(sent.Account!.Id) ? (null, new Refusal(Routes.NotCovered(directory, known.Caller, sent.Account.Id.Value)) { Key = known.Caller })
                    : (known, null);
            }
        }

        return (null, Missing(operation));
    }

    private (Known? Caller, Refusal? Refusal) Known(HttpContext http, string text)
    {
        var (key, standing) = ring.Show(text);
        if (key is null)
        {
            return Configured(http, text);
        }

        var named = new Caller(key.Id, key.Name, ScopeOf(key.Scope), key.Accounts?.ToHashSet());
        if (standing != KeyStanding.Good)
        {
            return (null, new Refusal(standing == KeyStanding.Expired
                ? Problem.Of(401, "key-expired", "The key has expired.", $"The key '{key.Name}' ({key.Id}) opened what it is for until {key.Expires!.Value.ToDateTimeOffset():yyyy-MM-dd HH:mm:ss}Z.", "Use the key that followed it, or have another one made: POST /v1/keys.")
                : Problem.Of(401, "key-revoked", "The key was taken back.", $"The key '{key.Name}' ({key.Id}) was taken back.", "Have another one made: POST /v1/keys."))
            { Key = named });
        }

        if (!Networks.Has(key.Networks, http.Connection.RemoteIpAddress))
        {
            return (null, new Refusal(Problem.Of(403, "address-not-allowed", "The key is not taken from this address.", $"The key '{key.Name}' ({key.Id}) is bound to networks, and {Allowances.NameOf(http.Connection.RemoteIpAddress)} is in none of them.",
                "Use it from where it belongs, or have its networks changed: PATCH /v1/keys/{id}."))
            { Key = named });
        }

        if (key.Scope == KeyScope.Ea)
        {
            return (null, new Refusal(Problem.Of(403, "scope-missing", "The key is not good for this.", $"The key '{key.Name}' ({key.Id}) is for the terminals of account '{key.Account}' and opens nothing else.", "Use a key of the API: POST /v1/keys.")) { Key = named });
        }

        ring.Used(key);
        return (new Known(named, key), null);
    }

    // These may be words of somebody's choice, so that guessing them is slowed down; a key of ours holds more randomness than anybody can try.
    private (Known? Caller, Refusal? Refusal) Configured(HttpContext http, string text)
    {
        string address = Allowances.NameOf(http.Connection.RemoteIpAddress);
        if (_wrongKeys.Look(address, 1, WrongKeysBurst) is { } wait)
        {
            return (null, Often("too-many-attempts", "Too many wrong keys came from this address.", wait, "Look after the program that sends them."));
        }

        byte[] hash = KeyText.Hash(text);
        if (Same(hash, settings.ApiKey))
        {
            return (new Known(new Caller("configured", "server.apiKey", Scope.Admin, null), null), null);
        }

        if (Same(hash, settings.SharedSecret))
        {
            return (new Known(new Caller("shared", "server.sharedSecret", settings.SharedScope, null), null), null);
        }

        _wrongKeys.Take(address, 1, WrongKeysBurst);
        return (null, new Refusal(Problem.Of(401, "unauthorized", "The API key is missing or wrong.", "The server knows no such key.", "Send one of its keys as 'Authorization: Bearer KEY' or 'X-Api-Key: KEY'.")));
    }

    private static bool Same(byte[] hash, byte[]? other) => other is not null && CryptographicOperations.FixedTimeEquals(hash, other);

    private static Refusal Missing(Operation? operation) => new(Problem.Of(
        401, "unauthorized", "The API key is missing or wrong.", "This request needs an API key of the server.",
        operation is { Face: true } ? "Send it as the password of HTTP Basic (http://NAME:KEY@host), as password beside internal_account_id in a POST body, or as 'Authorization: Bearer KEY'."
            : "Send it as 'Authorization: Bearer KEY' or 'X-Api-Key: KEY'; never in the address."));

    private Refusal? Rated(Known known)
    {
        double rate = known.Key?.Rate ?? settings.Limits.RequestsPerSecond;
        double burst = known.Key?.Burst ?? (known.Key?.Rate is { } own ? 2 * own : settings.Limits.Burst);
        return rate > 0 && settings.NeedsKey && _byKey.Take(known.Caller.Id, rate, Math.Max(1, burst)) is { } wait
            ? Often("too-many-requests", $"The key '{known.Caller.Name}' may make {rate} requests a second, {burst} at once.", wait, "Wait as long as Retry-After says; read the stream instead of asking again and again.")
            : null;
    }

    private Refusal? Anonymous(HttpContext http, bool take)
    {
        int rate = settings.Limits.AnonymousPerSecond;
        string address = Allowances.NameOf(http.Connection.RemoteIpAddress);
        return rate > 0 && (take ? _byAddress.Take(address, rate, 4 * rate) : _byAddress.Look(address, rate, 4 * rate)) is { } wait
            ? Often("too-many-requests", $"An address may make {rate} requests a second without a key.", wait, "Wait as long as Retry-After says.")
            : null;
    }

    private static Refusal? Scoped(Known known, Scope needs) => known.Caller.Scope >= needs ? null : new Refusal(Problem.Of(
        403, "scope-missing", "The key is not good for this.", $"This needs a key with the scope {RestJson.Word(needs)}; '{known.Caller.Name}' ({known.Caller.Id}) has {RestJson.Word(known.Caller.Scope)}.", "Use another key."))
    { Key = known.Caller };

    private static Refusal Often(string kind, string detail, TimeSpan wait, string advice) =>
        new(Problem.Of(429, kind, "Too many requests.", detail, advice)) { Wait = wait };

    private Task RefuseAsync(HttpContext http, Refusal refusal)
    {
        _refused.AddOrUpdate(refusal.Problem.Code, 1, static (_, count) => count + 1);
        if (refusal.Wait is { } wait)
        {
            http.Response.Headers.RetryAfter = ((long)Math.Ceiling(Math.Max(1, wait.TotalSeconds))).ToString(CultureInfo.InvariantCulture);
        }
        else
        {
            OnRefused(http, refusal);
        }

        if (refusal.Problem.Status == StatusCodes.Status401Unauthorized)
        {
            // Bearer only: a browser that was offered Basic would ask for a password, and send it by itself from then on.
            http.Response.Headers.WWWAuthenticate = "Bearer realm=\"lockstep\"";
        }

        return refusal.Problem.ExecuteAsync(http);
    }

    private static Scope ScopeOf(KeyScope scope) => scope switch { KeyScope.Admin => Scope.Admin, KeyScope.Trade => Scope.Trade, KeyScope.Read => Scope.Read, _ => Scope.None };

    private bool IsForeign(HttpRequest request) =>
        request.Headers.Origin.ToString() is { Length: > 0 } origin && !origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase) && !settings.Origins.Contains(origin, StringComparer.OrdinalIgnoreCase);

    private static bool IsLocal(HttpRequest request) =>
        IsLoopbackName(request.Host.Host)
        && (!request.Headers.TryGetValue(HeaderNames.Origin, out var origin) || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && IsLoopbackName(uri.Host)));

    private static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}

/// <summary>A caller with the kept key that he showed; null = a configured one, or none is needed.</summary>
internal sealed record Known(Caller Caller, ApiKey? Key);

/// <summary>Why somebody is turned away.</summary>
/// <param name="Problem">What he is answered.</param>
internal sealed record Refusal(Problem Problem)
{
    /// <summary>Whose key it was; null = it is not known.</summary>
    public Caller? Key { get; init; }

    /// <summary>When he may come again; null = that is not the question.</summary>
    public TimeSpan? Wait { get; init; }
}

/// <summary>Marks the endpoint that answers where there is nothing: everybody with a key may hear that.</summary>
internal sealed class Nowhere
{
    /// <summary>The mark.</summary>
    public static readonly Nowhere Here = new();
}

using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;
using Lockstep.Server.Security;
using Lockstep.Storage;

namespace Lockstep.Server.Rest;

/// <summary>The keys of the API: made, changed, followed by others, taken back.</summary>
internal static class KeyEndpoints
{
    private const string Topic = "Keys";

    private static readonly DurationShape OverlapShape = new(TimeSpan.Zero, TimeSpan.FromDays(90));

    private static readonly Key Name = new("name", new TextShape("^[^\\u0000-\\u001F]{1,100}$", "1 to 100 characters"), "What people call it.");
    private static readonly Key Accounts = new("accounts", new ListShape(CommonShapes.AccountText, 1_000), "The accounts that it opens, by name or UUID; null or absent = all, those to come included. Not with admin.") { Nullable = true };

    private static readonly Key Networks = new(
        "networks", new ListShape(new TextShape("^[0-9A-Fa-f.:/]{2,50}$", "an IP address or network such as \"10.0.0.0/8\""), 100), "Networks from which it is taken; empty = from everywhere.");

    private static readonly Key Rate = new("requestsPerSecond", new NumberShape(1_000_000, 1, Whole: true), "Requests a second; null or absent = as the server's configuration says.") { Nullable = true };
    private static readonly Key Burst = new("burst", new NumberShape(1_000_000, 1, Whole: true), "Requests at once; null or absent = twice requestsPerSecond.") { Nullable = true };
    private static readonly Key Expires = new("expiresAt", new MomentShape(), "From then on it opens nothing; null or absent = never.") { Nullable = true };

    private static readonly Operation List = new("listKeys", "GET", "/v1/keys", Scope.Admin, "The keys, those of terminals and those that ended of late included; never what they read")
    {
        Topic = Topic, Replies = [new(200, typeof(KeysShape), "The keys, oldest first.")],
    };

    private static readonly Operation Create = new("createKey", "POST", "/v1/keys", Scope.Admin, "Makes a key; the answer is the only place where it stands")
    {
        Topic = Topic,
        Body = new ObjectShape("key", Name with { Required = true }, new Key("scope", new ChoiceShape("read", "trade", "admin"), "What it is good for; each includes the ones before.") { Required = true }, Accounts, Networks, Rate, Burst, Expires),
        Example = """{"name": "dashboard", "scope": "read", "networks": ["10.0.0.0/8"], "expiresAt": "2030-01-31T00:00:00Z"}""",
        Replies = [new(201, typeof(IssuedKeyShape), "It opens from now on.")],
        Problems = [(409, "too-many-keys")],
    };

    private static readonly Operation Change = new("changeKey", "PATCH", "/v1/keys/{key}", Scope.Admin, "Changes what a key is for; what is not given stays. Its scope stays for ever")
    {
        Topic = Topic,
        Body = new ObjectShape("change", Name, Accounts, Networks, Rate, Burst, Expires),
        Example = """{"networks": ["10.0.0.7"], "requestsPerSecond": 20}""",
        Replies = [new(200, typeof(KeyShape), "So it is now.")],
        Problems = [(409, "key-revoked")],
    };

    private static readonly Operation Rotate = new("rotateKey", "POST", "/v1/keys/{key}/rotate", Scope.Admin, "Makes a key like another one, which goes on until the overlap is over")
    {
        Topic = Topic,
        Body = new ObjectShape("rotation", new Key("overlap", OverlapShape, "How long the old one goes on.", "\"7d\"")),
        Example = """{"overlap": "2d"}""",
        Replies = [new(201, typeof(IssuedKeyShape), "Both open until the overlap is over.")],
        Problems = [(409, "key-ended"), (409, "too-many-keys")],
    };

    private static readonly Operation Revoke = new("revokeKey", "DELETE", "/v1/keys/{key}", Scope.Admin, "Takes a key back, at once and for good")
    {
        Topic = Topic, Replies = [new(200, typeof(KeyShape), "It opens nothing any more.")],
    };

    /// <summary>Puts the operations up.</summary>
    public static void Map(Routes routes, Guard guard, AccountDirectory directory)
    {
        var ring = guard.Ring;
        routes.Map(List, _ => RestJson.Ok(new KeysShape([.. ring.All.Select(k => KeyShape.Of(k, ring))])));
        routes.Map(Create, async call =>
        {
            var errors = new List<FieldProblem>();
            var wanted = With(call.Body, new ApiKey("", "", Enum.Parse<KeyScope>(call.Body.Text("scope")!, ignoreCase: true)) { Hash = default }, directory, errors);
            return errors.Count > 0 ? Bodies.Invalid(errors) : await IssuedAsync(ring, () => ring.IssueAsync(wanted, OwnId(call))!);
        });
        routes.Map(Change, async call =>
        {
            string id = call.Path.Text("key")!;
            var errors = new List<FieldProblem>();
            if (ring.Find(id) is not { } found)
            {
                return Missing(id);
            }

            With(call.Body, found, directory, errors);
            return errors.Count > 0 ? Bodies.Invalid(errors)
                : await ring.ChangeAsync(id, k => With(call.Body, k, directory, [])) is { } changed ? RestJson.Ok(KeyShape.Of(changed, ring))
                : Problem.Of(409, "key-revoked", "The key was taken back.", $"The key '{id}' was taken back and is not changed any more.", "Make another one: POST /v1/keys.");
        });
        routes.Map(Rotate, async call =>
        {
            string id = call.Path.Text("key")!;
            return ring.Find(id) is null ? Missing(id) : await IssuedAsync(ring, () => ring.RotateAsync(id, call.Body.Duration("overlap") ?? KeyRing.Overlap, OwnId(call)));
        });
        routes.Map(Revoke, async call => await ring.RevokeAsync(call.Path.Text("key")!) is { } revoked ? RestJson.Ok(KeyShape.Of(revoked, ring)) : Missing(call.Path.Text("key")!));
    }

    private static async Task<IResult> IssuedAsync(KeyRing ring, Func<Task<IssuedKey?>> make)
    {
        try
        {
            return await make() is { } issued ? RestJson.Created($"/v1/keys/{issued.Key.Id}", new IssuedKeyShape(KeyShape.Of(issued.Key, ring), issued.Text))
                : Problem.Of(409, "key-ended", "The key has ended.", "It was taken back or has expired; a key that opens nothing has no follower.", "Make another one: POST /v1/keys.");
        }
        catch (KeyRingFullException e)
        {
            return Problem.Of(409, "too-many-keys", "There is no room for another key.", e.Message, "Make keys that live longer, less often.");
        }
    }

    /// <summary>The key as the body wants it, and what is wrong with that.</summary>
    private static ApiKey With(ItemReader body, ApiKey key, AccountDirectory directory, List<FieldProblem> errors)
    {
        if (body.Item?["accounts"] is not null)
        {
            var texts = body.IsNull("accounts") ? null : body.List("accounts").Select(i => i.Text).ToList();
            foreach (string text in (texts ?? []).Where(t => directory.Find(t) is null))
            {
                errors.Add(new FieldProblem("accounts", text, "is no account of this server"));
            }

            if (texts is not null && key.Scope is KeyScope.Admin or KeyScope.Ea)
            {
                errors.Add(new FieldProblem("accounts", "", key.Scope == KeyScope.Admin ? "must be absent: an admin key opens everything" : "must be absent: a key of terminals is for their account"));
            }

            key = key with { Accounts = texts is null ? null : [.. texts.Select(t => directory.Find(t)?.Id).OfType<AccountId>().Distinct()] };
        }

        if (body.Value("networks") is not null)
        {
            var texts = body.List("networks").Select(i => i.Text).ToList();
            errors.AddRange(texts.Select(t => (Text: t, Wrong: Security.Networks.Problem(t))).Where(t => t.Wrong is not null).Select(t => new FieldProblem("networks", t.Text, t.Wrong!)));
            key = key with { Networks = texts };
        }

        return key with
        {
            Name = body.Text("name") ?? key.Name,
            Rate = Given("requestsPerSecond") ? body.Whole("requestsPerSecond") : key.Rate,
            Burst = Given("burst") ? body.Whole("burst") : key.Burst,
            Expires = Given("expiresAt") ? body.Moment("expiresAt") is { } end ? Timestamp.From(end) : null : key.Expires,
        };

        bool Given(string name) => body.Item?[name] is not null;
    }

    // Under an idempotency key the id follows from it: after a crash between the work and its answer, the key is made anew under its id and not beside it.
    private static string? OwnId(Call call) => call.Http.Features.Get<Once>() is { } once ? KeyText.IdFrom(once.Token) : null;

    private static Problem Missing(string id) => Problem.NotFound($"There is no key '{id}'.", "GET /v1/keys lists them.");
}

/// <summary>Keys.</summary>
/// <param name="Keys">Oldest first.</param>
internal sealed record KeysShape(IReadOnlyList<KeyShape> Keys);

/// <summary>A key that was made.</summary>
/// <param name="Key">The key.</param>
/// <param name="Secret">What is sent as the key. It is kept nowhere.</param>
internal sealed record IssuedKeyShape(KeyShape Key, string Secret)
{
    /// <summary>Never the secret.</summary>
    public override string ToString() => $"key {Key.Id}";
}

/// <summary>A key.</summary>
internal sealed record KeyShape
{
    /// <summary>Its id, which is no secret.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>read, trade, admin; ea = for terminals only.</summary>
    public required KeyScope Scope { get; init; }

    /// <summary>good, expired, revoked.</summary>
    public required KeyStanding State { get; init; }

    /// <summary>The account whose terminals log on with it.</summary>
    public string? Account { get; init; }

    /// <summary>The accounts that it opens; absent = all.</summary>
    public IReadOnlyList<string>? Accounts { get; init; }

    /// <summary>Networks from which it is taken; empty = from everywhere.</summary>
    public required IReadOnlyList<string> Networks { get; init; }

    /// <summary>Requests a second; absent = as the server's configuration says.</summary>
    public int? RequestsPerSecond { get; init; }

    /// <summary>Requests at once.</summary>
    public int? Burst { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From then on it opens nothing; absent = never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was used last, to the minute; absent = never.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>When it was taken back.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>Id of the key that takes its place.</summary>
    public string? Successor { get; init; }

    /// <summary>From what is kept.</summary>
    public static KeyShape Of(ApiKey key, KeyRing ring) => new()
    {
        Id = key.Id, Name = key.Name, Scope = key.Scope, State = ring.StandingOf(key), Account = key.Account?.Value, Accounts = key.Accounts?.Select(a => a.Value).ToList(), Networks = key.Networks,
        RequestsPerSecond = key.Rate, Burst = key.Burst, CreatedAt = key.Created.ToDateTimeOffset(), ExpiresAt = key.Expires?.ToDateTimeOffset(), LastUsedAt = key.Used?.ToDateTimeOffset(),
        RevokedAt = key.Revoked?.ToDateTimeOffset(), Successor = key.Successor,
    };
}

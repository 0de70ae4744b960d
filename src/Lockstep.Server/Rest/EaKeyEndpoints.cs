using Lockstep.MetaTrader.Session;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;
using Lockstep.Server.Security;
using Lockstep.Storage;

namespace Lockstep.Server.Rest;

/// <summary>The keys with which the terminals of an account log on.</summary>
internal static class EaKeyEndpoints
{
    private const string Topic = "Terminals";
    private const string Path = "/v1/accounts/{account}/ea-keys";
    private static readonly (int, string)[] Problems = [(409, "no-terminals")];

    private static readonly ObjectShape MakeBody = new("eaKey",
        new Key("name", new TextShape(@"^[^\u0000-\u001F]{1,64}$", "1 to 64 characters"), "What people call it.", "\"EA\""),
        new Key("lifetime", new DurationShape(TimeSpan.FromHours(1), TimeSpan.FromDays(3650)), "How long it is good. Its successors live as long.", "\"30d\""));

    private static readonly Operation List = new("listEaKeys", "GET", Path, Scope.Admin, "The EA keys of an account, and which terminal has which")
    {
        Topic = Topic, Replies = [new(200, typeof(EaKeysShape), "The keys, without their texts.")], Problems = Problems,
    };

    private static readonly Operation Make = new("makeEaKey", "POST", Path, Scope.Admin, "Makes an EA key for an account")
    {
        Topic = Topic,
        Says = "For the input Key of the Expert Advisor. Before it expires its terminals are handed the next one while they are connected.",
        Body = MakeBody,
        Example = """{"name": "office", "lifetime": "30d"}""",
        Replies = [new(201, typeof(NewEaKeyShape), "The key. Its text is shown this once.")],
        Problems = [.. Problems, (409, "too-many-keys")],
    };

    private static readonly Operation Rotate = new("rotateEaKeys", "POST", Path + "/rotate", Scope.Admin, "Hands every terminal of an account a new key")
    {
        Topic = Topic,
        Says = "Terminals that are connected are handed it now, the others when they come in within 30 days. What it replaces ends when it is needed no more, at the latest 7 days after a terminal has the new one; the key of the configuration never ends.",
        Replies = [new(202, typeof(EaKeysShape), "It is under way; the terminals say in their own time that they have it.")],
        Problems = Problems,
    };

    private static readonly Operation Revoke = new("revokeEaKey", "DELETE", Path + "/{key}", Scope.Admin, "Takes an EA key back at once")
    {
        Topic = Topic,
        Says = "Who came in with it is turned away.",
        Parts = [new Key("key", new TextShape("^[!-~]{1,64}$", "the id of a key"), "The key's id.")],
        Replies = [new(204, null, "It is good no more.")],
        Problems = [.. Problems, (409, "configured-key")],
    };

    /// <summary>Puts the operations up.</summary>
    public static void Map(Routes routes, KeyRing ring, Terminals terminals)
    {
        routes.Map(List, call => None(call) ?? RestJson.Ok(Shape(ring, terminals, call)));
        routes.Map(Make, async call =>
        {
            if (None(call) is { } none)
            {
                return none;
            }

            try
            {
                var (key, text) = await ring.IssueEaAsync(call.Account.Id, call.Body.Text("name") ?? "EA", call.Body.Duration("lifetime"));
                return Results.Json(
                    new NewEaKeyShape(key.Id, text, call.Account.Id.Value, key.Name, key.Created.ToDateTimeOffset(), key.Expires!.Value.ToDateTimeOffset()), RestJson.Options, statusCode: StatusCodes.Status201Created);
            }
            catch (KeyRingFullException full)
            {
                return Problem.Of(409, "too-many-keys", "There is no room for another key.", full.Message, "Take back keys that nobody needs; they make room when they have been over for a while.");
            }
        });
        routes.Map(Rotate, async call =>
        {
            if (None(call) is { } none)
            {
                return none;
            }

            await terminals.Keys.AskAsync(call.Account.Id);
            await terminals.Keys.LookAsync(call.Account.Id);
            return Results.Json(Shape(ring, terminals, call), RestJson.Options, statusCode: StatusCodes.Status202Accepted);
        });
        routes.Map(Revoke, call => RevokeAsync(call, ring, terminals));
    }

    private static async Task<IResult> RevokeAsync(Call call, KeyRing ring, Terminals terminals)
    {
        if (None(call) is { } none)
        {
            return none;
        }

        string id = call.Path.Text("key")!;
        if (id == EaKey.Configured)
        {
            return Problem.Of(409, "configured-key", "The key stands in the configuration.", $"The key of account '{call.Account.Id}' that its configuration names cannot be taken back here.",
                "Change or remove accounts.<name>.key in the configuration file.");
        }

        if (!ring.EaKeys(call.Account.Id).Any(k => k.Id == id))
        {
            return Problem.NotFound($"Account '{call.Account.Id}' has no EA key '{id}'.", "GET /v1/accounts/{account}/ea-keys lists them.");
        }

        await ring.RevokeAsync(id);
        await terminals.Keys.LookAsync(call.Account.Id);
        return Results.NoContent();
    }

    private static Problem? None(Call call) => call.Account.Terminal is not null ? null
        : Problem.Of(409, "no-terminals", "The account has no terminals.", $"Account '{call.Account.Id}' is a {call.Account.Platform} account that no MetaTrader terminal serves.", "EA keys are for mt4 and mt5 accounts.");

    private static EaKeysShape Shape(KeyRing ring, Terminals terminals, Call call)
    {
        var account = call.Account.Id;
        var connected = (terminals.Session(account)?.Seats ?? []).ToDictionary(s => s.Terminal);
        var remembered = terminals.Keys.Terminals(account).ToDictionary(r => r.Terminal);
        return new EaKeysShape(
            account.Value,
            call.Account.Terminal!.KeyHash is not null,
            [.. ring.EaKeys(account).Select(k => EaKeyShape.Of(k, ring.StandingOf(k)))],
            [.. connected.Keys.Union(remembered.Keys).Order(StringComparer.Ordinal).Select(t => EaTerminalShape.Of(t, connected.GetValueOrDefault(t), remembered.GetValueOrDefault(t)))],
            terminals.Keys.Asked(account)?.ToDateTimeOffset());
    }
}

/// <summary>The EA keys of an account.</summary>
/// <param name="Account">The account.</param>
/// <param name="Configured">It has one in the configuration too, which never expires.</param>
/// <param name="Keys">Those that were made, oldest first.</param>
/// <param name="Terminals">Which terminal has which.</param>
/// <param name="RotationAsked">When new keys for all terminals were asked for; what was made before is replaced.</param>
internal sealed record EaKeysShape(string Account, bool Configured, IReadOnlyList<EaKeyShape> Keys, IReadOnlyList<EaTerminalShape> Terminals, DateTimeOffset? RotationAsked);

/// <summary>An EA key.</summary>
/// <param name="Id">Its id, which is no secret.</param>
/// <param name="Name">What people call it.</param>
/// <param name="State">good, expired or revoked.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Expires">From then on nobody comes in with it.</param>
/// <param name="LastUsed">When a terminal came in with it last, to the minute.</param>
/// <param name="Revoked">When it was taken back.</param>
/// <param name="Successor">Id of the key that takes its place.</param>
internal sealed record EaKeyShape(string Id, string Name, string State, DateTimeOffset Created, DateTimeOffset? Expires, DateTimeOffset? LastUsed, DateTimeOffset? Revoked, string? Successor)
{
    /// <summary>From a kept key.</summary>
    public static EaKeyShape Of(ApiKey k, KeyStanding standing) => new(
        k.Id, k.Name, RestJson.Word(standing), k.Created.ToDateTimeOffset(), k.Expires?.ToDateTimeOffset(), k.Used?.ToDateTimeOffset(), k.Revoked?.ToDateTimeOffset(), k.Successor);
}

/// <summary>A key that was made.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Key">Its text: for the EA's input Key. Nobody can show it again.</param>
/// <param name="Account">The account.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Expires">From then on nobody comes in with it.</param>
internal sealed record NewEaKeyShape(string Id, string Key, string Account, string Name, DateTimeOffset Created, DateTimeOffset Expires);

/// <summary>A terminal and its keys.</summary>
/// <param name="Terminal">Its name: 16 hex digits.</param>
/// <param name="Connected">It is connected now.</param>
/// <param name="Peer">Platform, build and EA version; while it is connected.</param>
/// <param name="Key">Id of the key that it came in with last; <c>configured</c> = that of the configuration.</param>
/// <param name="Kept">Id of the next key that it has on its disk and has not come in with yet.</param>
/// <param name="Handed">Id of a key that was handed over and is not answered yet.</param>
/// <param name="TakesKeys">It can be handed keys: its EA takes them, and its connection is encrypted or does not leave the machine. While it is connected.</param>
/// <param name="Seen">When it came in last, to the hour.</param>
internal sealed record EaTerminalShape(string Terminal, bool Connected, string? Peer, string Key, string? Kept, string? Handed, bool? TakesKeys, DateTimeOffset? Seen)
{
    /// <summary>From what is connected and what is remembered.</summary>
    public static EaTerminalShape Of(string terminal, TerminalSeat? seat, EaTerminalRow? row) => new(
        terminal, seat is not null, seat?.Peer, seat?.Key ?? row!.Key, row?.Kept, seat?.Handed, seat is null ? null : seat.TakesKeys && seat.IsPrivate, row?.Seen.ToDateTimeOffset());
}

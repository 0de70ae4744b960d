using System.Text.Json;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;

namespace Lockstep.Server.Rest;

/// <summary>Accounts and links come and go while the server runs. What is registered here counts beside the configuration file, also after a restart.</summary>
internal static class RegistryEndpoints
{
    private const string Accounts = "Accounts";
    private const string Links = "Links";

    private static readonly ObjectShape NewAccount = new(
        "registration",
        new Key("account", ConfigFormat.AccountName, "Its name.") { Required = true },
        new Key("settings", ConfigFormat.RegisteredAccount, "As under accounts in the configuration file.") { Required = true });

    /// <summary>A link's settings, all of which may be left out; null sets one back to its default.</summary>
    private static readonly ObjectShape LinkChange = new(
        "change", [.. LinkFormat.Link.Keys.Where(k => k.Name is not "name").Select(k => k with { Required = false, Nullable = k.Nullable || k.Name is not ("source" or "target") })]);

    private static readonly (int, string)[] OwnProblems = [(409, "fixed-configuration"), (409, "separate-histories")];

    private static readonly Operation Register = new("registerAccount", "POST", "/v1/accounts", Scope.Admin, "Registers an account, and opens its session")
    {
        Topic = Accounts,
        Says = "A terminal's account then needs a key for its Expert Advisor: POST /v1/accounts/{account}/ea-keys. A cTrader account then needs its owner's consent: POST /ctrader/onboard.",
        Body = NewAccount,
        Example = """{"account": "challenge-7", "settings": {"platform": "paper", "broker": {"kind": "mt5-hedging", "balance": 50000}}}""",
        Replies = [new(201, typeof(AccountShape), "It is there; its session comes up now.")],
        Problems = [(409, "name-taken"), .. OwnProblems],
    };

    private static readonly Operation Remove = new("removeAccount", "DELETE", "/v1/accounts/{account}", Scope.Admin, "Removes an account; its positions stay as they are, and so does what was written down of it")
    {
        Topic = Accounts, Replies = [new(200, typeof(RemovedShape), "It is gone.")], Problems = [(409, "account-in-use"), (409, "orders-in-flight"), .. OwnProblems],
    };

    private static readonly Operation Connect = new("connectAccount", "POST", "/v1/accounts/{account}/connect", Scope.Admin, "Opens the account's session again")
    {
        Topic = Accounts, Replies = [new(200, typeof(AccountShape), "The session comes up now, if it was not up.")], Problems = OwnProblems,
    };

    private static readonly Operation Disconnect = new("disconnectAccount", "POST", "/v1/accounts/{account}/disconnect", Scope.Admin, "Ends the account's session until it is connected again, also over a restart")
    {
        Topic = Accounts, Replies = [new(200, typeof(AccountShape), "The session is ended.")], Problems = OwnProblems,
    };

    private static readonly Operation Create = new("createLink", "POST", "/v1/links", Scope.Admin, "Makes a link; a link that would close a circle is refused")
    {
        Topic = Links,
        Body = LinkFormat.Link,
        Example = """{"name": "master-to-prop", "source": "master", "target": "prop", "mode": "shadow", "sizing": {"mode": "multiplier", "factor": 0.5}}""",
        Replies = [new(201, typeof(LinkSettingsShape), "It is at work.")],
        Problems = [(409, "name-taken"), .. OwnProblems],
    };

    private static readonly Operation Change = new("changeLink", "PATCH", "/v1/links/{link}", Scope.Admin, "Changes a link: what is given counts, null sets a setting back to its default, the rest stays")
    {
        Topic = Links,
        Says = "What a leg was once answered stays; a new setting counts for what comes. Another source, target or kind is another link: the old one is removed as closeOnRemoval says.",
        Body = LinkChange,
        Example = """{"mode": "closeOnly"}""",
        Replies = [new(200, typeof(LinkSettingsShape), "It works so from now on.")],
        Problems = OwnProblems,
    };

    private static readonly Operation Drop = new("removeLink", "DELETE", "/v1/links/{link}", Scope.Admin, "Removes a link; its open copies are closed or left to the owner, as closeOnRemoval says")
    {
        Topic = Links, Replies = [new(200, typeof(RemovedShape), "It is gone.")], Problems = OwnProblems,
    };

    /// <summary>Puts the operations up.</summary>
    public static void Map(Routes routes, Product product)
    {
        routes.Map(Register, call => RegisterAsync(call, product));
        routes.Map(Remove, call => RemoveAsync(call, product));
        routes.Map(Connect, call => SwitchAsync(call, product, on: true));
        routes.Map(Disconnect, call => SwitchAsync(call, product, on: false));
        routes.Map(Create, call => CreateAsync(call, product));
        routes.Map(Change, call => ChangeAsync(call, product));
        routes.Map(Drop, call => DropAsync(call, product));
    }

    private static async Task<IResult> RegisterAsync(Call call, Product product)
    {
        string name = call.Body.Text("account")!;
        if (product.Config.Accounts.Any(a => a.Id.Value == name))
        {
            return Taken("account", name);
        }

        return await PutAsync(product, ConfigSource.Account, name, call.Body.Item!["settings"]!)
            ?? RestJson.Created($"/v1/accounts/{Uri.EscapeDataString(name)}", await AccountEndpoints.ShapeAsync(product, product.Directory.Find(name)!));
    }

    private static async Task<IResult> RemoveAsync(Call call, Product product)
    {
        var account = call.Account.Id;
        if (product.Config.Links.Where(l => l.Source == account || l.Target == account).Select(l => l.Id.Value).ToList() is { Count: > 0 } links)
        {
            return Problem.Of(409, "account-in-use", "Links need the account.", $"Account '{account}' is named by {string.Join(", ", links)}.", "Remove these links first: DELETE /v1/links/{link}.");
        }

        if (await product.InFlightAsync(account) is > 0 and int orders)
        {
            return Problem.Of(409, "orders-in-flight", "Orders are on their way.", $"Account '{account}' has {orders} whose end is not known yet.", "Wait until they have ended: GET /v1/accounts/{account}/requests/{clientId} tells.");
        }

        if (await PutAsync(product, ConfigSource.Account, account.Value, null) is { } problem)
        {
            return problem;
        }

        if (product.CTrader is { } ctrader && call.Account.CTrader is not null)
        {
            await ctrader.ForgetAsync(account);
        }

        return RestJson.Ok(new RemovedShape(account.Value));
    }

    /// <summary>Connects an account that was disconnected, or the other way round; the problem says why not.</summary>
    public static async Task<Problem?> SwitchAsync(Product product, AccountConfig account, bool on)
    {
        if (account.Enabled != on)
        {
            var settings = product.Registry?.Now(ConfigSource.Account, account.Id.Value);
            if (await PutAsync(product, ConfigSource.Account, account.Id.Value, settings?.With("enabled", on ? null : JsonItem.No)) is { } problem)
            {
                return problem;
            }
        }

        // The session of a cTrader account may have been closed on its own face.
        if (on && account.CTrader is not null && product.CTrader?.Place(account.Id) is { Closed: true } place)
        {
            await product.CTrader.PutAsync(place with { Closed = false });
        }

        return null;
    }

    private static async Task<IResult> SwitchAsync(Call call, Product product, bool on) =>
        await SwitchAsync(product, call.Account, on) ?? RestJson.Ok(await AccountEndpoints.ShapeAsync(product, product.Config.Account(call.Account.Id) ?? call.Account));

    private static async Task<IResult> CreateAsync(Call call, Product product)
    {
        string name = call.Body.Text("name")!;
        if (product.Config.Links.Any(l => l.Id.Value == name))
        {
            return Taken("link", name);
        }

        return await PutAsync(product, ConfigSource.Link, name, call.Body.Item!) ?? RestJson.Created($"/v1/links/{Uri.EscapeDataString(name)}", Settings(product, name));
    }

    private static async Task<IResult> ChangeAsync(Call call, Product product)
    {
        string name = call.Path.Text("link")!;
        return Missing(product, name)
            ?? await PutAsync(product, ConfigSource.Link, name, product.Registry?.Now(ConfigSource.Link, name)?.Merged(call.Body.Item!))
            ?? RestJson.Ok(Settings(product, name));
    }

    private static async Task<IResult> DropAsync(Call call, Product product)
    {
        string name = call.Path.Text("link")!;
        return Missing(product, name) ?? await PutAsync(product, ConfigSource.Link, name, null) ?? RestJson.Ok(new RemovedShape(name));
    }

    private static async Task<Problem?> PutAsync(Product product, string kind, string name, JsonItem? value) => product.Registry is { } registry
        ? await registry.PutAsync(product, kind, name, value)
        : Problem.Of(409, "fixed-configuration", "Accounts and links are fixed here.", "The demo makes its own accounts and links, and none are added, changed or removed.", "Use 'lockstep serve' with a configuration file.");

    private static Problem Taken(string what, string name) => Problem.Of(409, "name-taken", "The name is taken.", $"There is a {what} '{name}' already.", "Choose another name, or change the one that is there.");

    private static Problem? Missing(Product product, string name) => product.Config.Links.Any(l => l.Id.Value == name) ? null
        : Problem.NotFound($"There is no link '{name}'.", $"Use one of: {string.Join(", ", product.Config.Links.Select(l => l.Id.Value))}.");

    private static LinkSettingsShape Settings(Product product, string name)
    {
        using var document = JsonDocument.Parse(product.Registry!.Now(ConfigSource.Link, name)!.ToJson());
        return new LinkSettingsShape(name, document.RootElement.Clone());
    }
}

/// <summary>Something that was removed.</summary>
/// <param name="Removed">Its name.</param>
internal sealed record RemovedShape(string Removed);

/// <summary>A link's settings.</summary>
/// <param name="Link">Its name.</param>
/// <param name="Settings">As the configuration file would have them; what is left out is at its default.</param>
internal sealed record LinkSettingsShape(string Link, JsonElement Settings);

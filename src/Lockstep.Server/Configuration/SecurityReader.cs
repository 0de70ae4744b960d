using Lockstep.Server.Rest;
using Lockstep.Server.Security;

namespace Lockstep.Server.Configuration;

/// <summary>Reads what section <c>server</c> says of who may call and how much.</summary>
internal sealed class SecurityReader(ItemReader server, string folder, List<ConfigError> errors, Func<string, string?> environment)
{
    /// <summary>A server with these settings and the others as they are by default.</summary>
    public ServerConfig Read(bool needsKey)
    {
        var defaults = new ServerConfig();
        var limits = server.Below("limits");
        var limit = new LimitsConfig
        {
            RequestsPerSecond = limits.Whole("requestsPerSecond") ?? defaults.Limits.RequestsPerSecond,
            Burst = limits.Whole("burst") ?? Math.Max(defaults.Limits.Burst, limits.Whole("requestsPerSecond") ?? 0),
            AnonymousPerSecond = limits.Whole("anonymousPerSecond") ?? defaults.Limits.AnonymousPerSecond,
            Connections = limits.Whole("connections") ?? defaults.Limits.Connections,
        };
        var proxies = Texts("proxies");
        for (int i = 0; i < proxies.Count; i++)
        {
            if (Networks.Problem(proxies[i].Text) is { } problem)
            {
                errors.Add(new ConfigError(proxies[i].Item.Line, $"server.proxies[{i}]", proxies[i].Item.Shown, problem));
            }
        }

        var origins = Texts("cors");
        if (!needsKey && origins.Count > 0)
        {
            errors.Add(new ConfigError(origins[0].Item.Line, "server.cors", "", "lets pages of other origins call, and with \"auth\": \"none\" they would need no key: leave one of the two out"));
        }

        return new ServerConfig
        {
            SharedSecret = Shared(needsKey),
            SharedScope = server.Choice<Scope>("sharedSecretScope") ?? defaults.SharedScope,
            Proxies = [.. proxies.Select(p => p.Text)],
            Cors = [.. origins.Select(o => o.Text)],
            Limits = limit,
        };
    }

    private SecretReference? Shared(bool needsKey)
    {
        var item = server.Below("sharedSecret");
        var reference = Secrets.Reference(item, folder);
        if (reference is not null && Secrets.Read(reference, environment).Problem is { } problem)
        {
            errors.Add(new ConfigError(item.Item!.Line, "server.sharedSecret", "", $"{reference} {problem}"));
        }

        if (reference is not null && !needsKey)
        {
            errors.Add(new ConfigError(item.Item!.Line, "server.sharedSecret", "", "has no meaning beside \"auth\": \"none\": leave one of the two out"));
        }

        return reference;
    }

    private List<(JsonItem Item, string Text)> Texts(string key) => [.. server.List(key).Select(i => (i, i.Text))];
}

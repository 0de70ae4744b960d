using System.Security.Cryptography;
using Lockstep.CTrader.OAuth;
using Lockstep.CTrader.Session;

namespace Lockstep.Server.Configuration;

/// <summary>Reads the section <c>ctrader</c>, and the key for tokens.</summary>
internal static class CTraderReader
{
    /// <summary>Null when the section is not there, or lacks what it cannot be without.</summary>
    public static CTraderConfig? Read(ItemReader section, string folder, List<ConfigError> errors, Func<string, string?> environment)
    {
        var secret = Secrets.Reference(section.Below("clientSecret"), folder);
        if (secret is not null && Secrets.Read(secret, environment, lengthMin: 1).Problem is { } problem)
        {
            errors.Add(new ConfigError(section.Value("clientSecret")!.Line, "ctrader.clientSecret", "", $"{secret} {problem}"));
        }

        var redirect = Address(section, "redirectUri", errors, httpsOnly: false);
        var authorize = Address(section, "authorizeUrl", errors, httpsOnly: true) ?? OAuthSettings.PublicAuthorize;
        var token = Address(section, "tokenUrl", errors, httpsOnly: true) ?? OAuthSettings.PublicToken;
        var hosts = section.Below("hosts");
        int port = hosts.Whole("port") ?? OpenApiAddress.ProtobufPort;
        var usual = new TlsDialerOptions();
        string? trust = hosts.Text("trust") is { } path ? Path.GetFullPath(path, folder) : null;
        if (trust is not null && Untrusted(trust) is { } wrong)
        {
            errors.Add(new ConfigError(hosts.Value("trust")!.Line, "ctrader.hosts.trust", hosts.Value("trust")!.Shown, wrong));
        }

        return section.Text("clientId") is not { } id || secret is null || redirect is null ? null : new CTraderConfig(id, secret, section.Text("redirectUri")!)
        {
            StateMayBeMissing = section.Text("callbackWithoutState") == "single",
            Demo = new OpenApiAddress(hosts.Text("demo") ?? usual.Demo.Host, port),
            Live = new OpenApiAddress(hosts.Text("live") ?? usual.Live.Host, port),
            Trust = trust,
            AuthorizeUrl = authorize,
            TokenUrl = token,
        };
    }

    /// <summary>Where the key for tokens is; null = not said.</summary>
    public static SecretReference? SecretKey(ItemReader key, string folder, List<ConfigError> errors, Func<string, string?> environment)
    {
        var reference = Secrets.Reference(key, folder);
        if (reference is not null && Secrets.Read(reference, environment, lengthMin: 32).Problem is { } problem)
        {
            errors.Add(new ConfigError(key.Item!.Line, "secretKey", "", $"{reference} {problem}"));
        }

        return reference;
    }

    private static Uri? Address(ItemReader section, string key, List<ConfigError> errors, bool httpsOnly)
    {
        if (section.Value(key) is not { } item)
        {
            return null;
        }

        if (!Uri.TryCreate(item.Text, UriKind.Absolute, out var address))
        {
            errors.Add(new ConfigError(item.Line, $"ctrader.{key}", item.Shown, "is no address"));
            return null;
        }

        if (httpsOnly && address.Scheme != Uri.UriSchemeHttps && !address.IsLoopback)
        {
            errors.Add(new ConfigError(item.Line, $"ctrader.{key}", item.Shown, "must begin with https://, as secrets travel there; http:// is for this machine only"));
        }

        return address;
    }

    private static string? Untrusted(string path)
    {
        try
        {
            return TlsDialerOptions.Pem(path).Count == 0 ? "holds no certificate" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return $"cannot be read as certificates: {e.Message}";
        }
    }
}

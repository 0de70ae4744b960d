using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lockstep.Server.Configuration;

/// <summary>Reads the section <c>amqp</c>.</summary>
internal static class AmqpReader
{
    /// <summary>Null when the section is not there: nothing is published.</summary>
    public static AmqpConfig? Read(ItemReader section, string folder, List<ConfigError> errors, Func<string, string?> environment)
    {
        if (section.Item is null)
        {
            return null;
        }

        var defaults = new AmqpConfig { Url = new SecretReference(AmqpConfig.UrlVariable, null) };
        bool urlNamed = section.Item["url"] is not null;
        var url = urlNamed ? Secrets.Reference(section.Below("url"), folder) : defaults.Url;
        if (url is not null && Address(url, environment).Problem is { } problem)
        {
            errors.Add(new ConfigError(
                (section.Value("url") ?? section.Item).Line, "amqp.url", "", $"{url} {problem}{(urlNamed ? "" : "; name another place with \"url\"")}"));
        }

        string? exchange = section.Text("exchange") ?? (environment(AmqpConfig.ExchangeVariable) is { Length: > 0 } named ? named : null);
        if (exchange is not null && !ConfigFormat.Exchange.Matches(exchange))
        {
            errors.Add(new ConfigError(section.Item.Line, "amqp.exchange", exchange, $"in the environment variable {AmqpConfig.ExchangeVariable} must be {ConfigFormat.Exchange.Allowed}"));
        }

        var tls = section.Below("tls");
        string? trust = tls.Text("trust") is { } path ? Path.GetFullPath(path, folder) : null;
        if (trust is not null && Trusted(trust).Problem is { } wrong)
        {
            errors.Add(new ConfigError(tls.Value("trust")!.Line, "amqp.tls.trust", tls.Value("trust")!.Shown, wrong));
        }

        var style = section.Choice<AmqpKeyStyle>("keyStyle") ?? defaults.KeyStyle;
        return url is null ? null : defaults with
        {
            Url = url,
            Exchange = exchange ?? defaults.Exchange,
            KeyStyle = style,
            Aliases = [.. section.List("aliases").Select(i => Enum.Parse<AmqpKeyStyle>(i.Text, ignoreCase: true)).Where(a => a != style).Distinct()],
            Prices = section.Flag("prices", defaults.Prices),
            PriceInterval = section.Duration("priceInterval") ?? defaults.PriceInterval,
            StateInterval = section.Duration("stateInterval") ?? defaults.StateInterval,
            Persistent = section.Flag("persistent", defaults.Persistent),
            Unconfirmed = section.Whole("unconfirmed") ?? defaults.Unconfirmed,
            Trust = trust,
            ServerName = tls.Text("serverName"),
        };
    }

    /// <summary>The broker's address, or what is wrong with its place or form.</summary>
    public static (AmqpAddress? Address, string? Problem) Address(SecretReference reference, Func<string, string?> environment)
    {
        var (url, problem) = Secrets.Read(reference, environment, lengthMin: 1);
        return url is null ? (null, problem) : AmqpAddress.Read(url);
    }

    /// <summary>The certificates of a PEM file, or what is wrong with it.</summary>
    public static (X509Certificate2Collection? Certificates, string? Problem) Trusted(string path)
    {
        try
        {
            var found = new X509Certificate2Collection();
            found.ImportFromPemFile(path);
            return found.Count == 0 ? (null, "holds no certificate") : (found, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return (null, $"cannot be read as certificates: {e.Message}");
        }
    }
}

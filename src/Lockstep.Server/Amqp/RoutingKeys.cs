using Lockstep.Server.Configuration;

namespace Lockstep.Server.Amqp;

/// <summary>Routing keys.</summary>
internal static class RoutingKeys
{
    /// <summary>A message's key in a style; null where the style has none: an account without a number at its broker.</summary>
    /// <param name="style">The style.</param>
    /// <param name="type">The message's type.</param>
    /// <param name="account">The account's UUID; null = about no account.</param>
    /// <param name="login">Its number at the broker; null = none.</param>
    public static string? Of(AmqpKeyStyle style, string type, Guid? account, string? login) => style switch
    {
        AmqpKeyStyle.Bare => type,
        _ when account is null => $"lockstep.{type}",
        AmqpKeyStyle.Login => login is null ? null : $"account.{login}.{type}",
        AmqpKeyStyle.Underscore => $"account.{account}.{Underscored(type)}",
        _ => $"account.{account}.{type}",
    };

    /// <summary>The key that a message is published under, and the others that it is routed by too, each once. A style that has none gives way to the canonical one.</summary>
    public static (string Key, IReadOnlyList<string> Others) All(AmqpConfig config, string type, Guid? account, string? login)
    {
        string key = Of(config.KeyStyle, type, account, login) ?? Of(AmqpKeyStyle.Canonical, type, account, login)!;
        return config.Aliases.Count == 0 ? (key, [])
            : (key, [.. config.Aliases.Select(style => Of(style, type, account, login)).OfType<string>().Where(other => other != key).Distinct()]);
    }

    private static string Underscored(string type) => type switch
    {
        "account.info" => "account_info",
        "positions.snapshot" => "open_positions",
        _ => type,
    };
}

namespace Lockstep.CTrader.OAuth;

/// <summary>What a grant lets us do; chosen when it is asked for (guide §4).</summary>
public enum OAuthScope
{
    /// <summary>Look and trade.</summary>
    Trading = 1,

    /// <summary>Look only.</summary>
    Accounts = 2,
}

/// <summary>Our registration with the platform's owner, and where people and tokens are sent.</summary>
public sealed record OAuthSettings
{
    /// <summary>The consent page (guide §4).</summary>
    public static readonly Uri PublicAuthorize = new("https://id.ctrader.com/my/settings/openapi/grantingaccess/");

    /// <summary>The token endpoint (guide §4).</summary>
    public static readonly Uri PublicToken = new("https://openapi.ctrader.com/apps/token");

    /// <summary>clientId.</summary>
    public required string ClientId { get; init; }

    /// <summary>clientSecret.</summary>
    public required string ClientSecret { get; init; }

    /// <summary>Where the trader's browser is sent back to; must be registered, letter by letter.</summary>
    public required string RedirectUri { get; init; }

    /// <summary>The consent page in use.</summary>
    public Uri AuthorizeUrl { get; init; } = PublicAuthorize;

    /// <summary>The token endpoint in use.</summary>
    public Uri TokenUrl { get; init; } = PublicToken;

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"application {ClientId}";

    /// <summary>
    /// The address that a trader opens to grant access:
    /// <c>…/grantingaccess/?client_id=&amp;redirect_uri=&amp;scope=&amp;product=web&amp;state=</c> (guide §4).
    /// </summary>
    public Uri Authorize(OAuthScope scope, string state)
    {
        var builder = new UriBuilder(AuthorizeUrl);
        string before = builder.Query.Length > 1 ? builder.Query[1..] + "&" : "";
        builder.Query = before + Query(
            ("client_id", ClientId),
            ("redirect_uri", RedirectUri),
            ("scope", scope == OAuthScope.Trading ? "trading" : "accounts"),
            ("product", "web"),
            ("state", state));
        return builder.Uri;
    }

    /// <summary>Names and values as a query, escaped.</summary>
    internal static string Query(params ReadOnlySpan<(string Name, string Value)> values)
    {
        var text = new System.Text.StringBuilder();
        foreach (var (name, value) in values)
        {
            text.Append(text.Length == 0 ? "" : "&").Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        return text.ToString();
    }
}

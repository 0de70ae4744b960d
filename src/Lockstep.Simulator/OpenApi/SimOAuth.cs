using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>A token pair that the simulated server gave out.</summary>
/// <param name="Access">accessToken.</param>
/// <param name="Refresh">refreshToken; dies at first use.</param>
/// <param name="TradingScope">True = trading, false = accounts (view only).</param>
/// <param name="ExpiresAt">End of the access token.</param>
public sealed record SimTokenPair(string Access, string Refresh, bool TradingScope, Timestamp ExpiresAt);

/// <summary>The simulated server's authorisations: consent page, codes, tokens (guide §4). Without HTTP: a host puts it behind one. Everything is called on the clock's thread.</summary>
public sealed class SimOAuth
{
    /// <summary>A grant without the consent page, for tests and the command line: all accounts of the user, or only some.</summary>
    public SimTokenPair Grant(string ctId, bool trading, IReadOnlyList<long>? accounts = null) => throw new InvalidOperationException();

    /// <summary>
    /// What the token endpoint answers to a query (<c>grant_type</c>, <c>code</c>, <c>redirect_uri</c>, <c>refresh_token</c>, <c>client_id</c>, <c>client_secret</c>): a JSON body with
    /// <c>accessToken, tokenType, expiresIn, refreshToken, errorCode, description</c>; errors are in the body, under status 200.
    /// </summary>
    public string Token(IReadOnlyDictionary<string, string> query) => throw new InvalidOperationException();

    /// <summary>The consent page for a query (<c>client_id</c>, <c>redirect_uri</c>, <c>scope</c>, <c>state</c>): HTML, which leads to <see cref="Consent"/>.</summary>
    public string Page(IReadOnlyDictionary<string, string> query) => throw new InvalidOperationException();

    /// <summary>The trader said yes (or no) on the page: the address to go back to, with <c>code</c> (or <c>error</c>) and, where <see cref="SimOpenApiSettings.EchoState"/> says so, <c>state</c>.</summary>
    public string Consent(IReadOnlyDictionary<string, string> form) => throw new InvalidOperationException();
}

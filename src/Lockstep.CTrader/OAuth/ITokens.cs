using Lockstep.Domain;

namespace Lockstep.CTrader.OAuth;

/// <summary>One authorisation that a trader gave: a token pair, shared by the accounts that it covers. Independent of every other one (guide §4).</summary>
public readonly record struct GrantId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>An access token as it is in force. Never written anywhere but into a request.</summary>
/// <param name="Secret">The token.</param>
/// <param name="Version">Grows with each refresh: who was refused says which one it used.</param>
/// <param name="ExpiresAt">When it ends by what the token endpoint said.</param>
public sealed record AccessToken(string Secret, long Version, Timestamp ExpiresAt)
{
    /// <summary>Without the secret.</summary>
    public override string ToString() => $"access token {Version}, until {ExpiresAt}";
}

/// <summary>Where sessions get their tokens. Thread-safe; no call waits.</summary>
public interface ITokens
{
    /// <summary>The token in force; null = there is none (not granted yet, or the grant is lost: the trader must authorise again).</summary>
    AccessToken? Current(GrantId grant);

    /// <summary>
    /// Account authentication was refused for the token of this version (OA_AUTH_TOKEN_EXPIRED, CH_ACCESS_TOKEN_INVALID). One refresh follows, or an alert. Never to be called for a
    /// 2147: a refresh is what causes one.
    /// </summary>
    void Refused(GrantId grant, long version, string code);

    /// <summary>A grant has another token, or none any more. On any thread.</summary>
    event Action<GrantId>? Changed;
}

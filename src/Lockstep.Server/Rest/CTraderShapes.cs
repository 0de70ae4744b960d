using Lockstep.Server.WebSockets;

namespace Lockstep.Server.Rest;

/// <summary>An authorisation that was begun.</summary>
/// <param name="AuthorizationUrl">Where the trader's browser must go.</param>
/// <param name="ExpiresAt">Until when.</param>
/// <param name="AccountId">The account.</param>
internal sealed record OnboardReply(string AuthorizationUrl, DateTimeOffset ExpiresAt, string AccountId);

/// <summary>An authorisation that was granted.</summary>
/// <param name="AccountId">The account.</param>
/// <param name="Status">choose_account or complete.</param>
/// <param name="CtidTraderAccountId">The trading account; null until it was chosen.</param>
/// <param name="Environment">demo or live; null until it was chosen.</param>
/// <param name="Login">The trader's login.</param>
/// <param name="Broker">The broker.</param>
/// <param name="Message">What to do next.</param>
internal sealed record OnboardedReply(string AccountId, string Status, long? CtidTraderAccountId, string? Environment, long? Login, string? Broker, string Message);

/// <summary>What was granted.</summary>
/// <param name="AccountId">The account.</param>
/// <param name="ViewOnly">Nothing may be traded.</param>
/// <param name="Accounts">The trading accounts.</param>
internal sealed record GrantedReply(string AccountId, bool ViewOnly, IReadOnlyList<GrantedAccount> Accounts);

/// <summary>A trading account that was granted.</summary>
/// <param name="CtidTraderAccountId">Its number at the Open API.</param>
/// <param name="IsLive">False = a demo account.</param>
/// <param name="Login">The trader's login.</param>
/// <param name="Broker">The broker.</param>
/// <param name="UsedBy">The account of ours that stands for it; null = none.</param>
internal sealed record GrantedAccount(long CtidTraderAccountId, bool IsLive, long? Login, string? Broker, string? UsedBy);

/// <summary>How an account of cTrader stands.</summary>
internal sealed record CTraderStatus
{
    /// <summary>The account.</summary>
    public required string AccountId { get; init; }

    /// <summary>up, syncing, down or closed.</summary>
    public required string Status { get; init; }

    /// <summary>The same in words, for a person.</summary>
    public required string Standing { get; init; }

    /// <summary>The trading account; null until it was chosen.</summary>
    public required long? CtidTraderAccountId { get; init; }

    /// <summary>demo or live; null until it was chosen.</summary>
    public required string? Environment { get; init; }

    /// <summary>The trader's login.</summary>
    public required long? Login { get; init; }

    /// <summary>The broker.</summary>
    public required string? Broker { get; init; }

    /// <summary>The authorisation; null = there is none.</summary>
    public required CTraderToken? Token { get; init; }

    /// <summary>How the session is; null when nothing was told.</summary>
    public required HealthShape? Health { get; init; }

    /// <summary>Symbols that are quoted.</summary>
    public required IReadOnlyList<string> Watched { get; init; }
}

/// <summary>An authorisation, without its tokens.</summary>
/// <param name="Usable">It can be used now.</param>
/// <param name="ExpiresAt">When the access token ends.</param>
/// <param name="RefreshAt">When it is refreshed.</param>
/// <param name="Problem">What is wrong with it; null = nothing.</param>
internal sealed record CTraderToken(bool Usable, DateTimeOffset ExpiresAt, DateTimeOffset? RefreshAt, string? Problem);

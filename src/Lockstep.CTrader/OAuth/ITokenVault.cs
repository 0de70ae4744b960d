using Lockstep.Domain;

namespace Lockstep.CTrader.OAuth;

/// <summary>A grant as it is kept over restarts.</summary>
public sealed record GrantRecord
{
    /// <summary>Its name here.</summary>
    public required GrantId Id { get; init; }

    /// <summary>Grows with each pair.</summary>
    public required long Version { get; init; }

    /// <summary>accessToken.</summary>
    public required string Access { get; init; }

    /// <summary>refreshToken; dies at first use (guide §4).</summary>
    public required string Refresh { get; init; }

    /// <summary>When we got the pair.</summary>
    public required Timestamp IssuedAt { get; init; }

    /// <summary>When the access token ends, by <c>expiresIn</c>.</summary>
    public required Timestamp ExpiresAt { get; init; }

    /// <summary>
    /// Since when a refresh with this pair's refresh token is under way, null = none is. Written before the request leaves: found at a start, it says that the answer may have been lost
    /// with the process.
    /// </summary>
    public Timestamp? RefreshSince { get; init; }

    /// <summary>Why the refresh token is of no use any more; null = it is good as far as we know.</summary>
    public string? Lost { get; init; }

    /// <summary>Without the tokens.</summary>
    public override string ToString() => $"authorisation {Id}, pair {Version}, until {ExpiresAt}";
}

/// <summary>What a vault holds.</summary>
/// <param name="Grants">The grants that could be read.</param>
/// <param name="Unreadable">The others, each with a sentence that says what is wrong and what to do.</param>
public sealed record VaultContent(IReadOnlyList<GrantRecord> Grants, IReadOnlyList<(GrantId Grant, string Problem)> Unreadable);

/// <summary>Where grants are kept, encrypted. One process at a time. A save is durable when its task ends, or it throws.</summary>
public interface ITokenVault
{
    /// <summary>All grants.</summary>
    VaultContent Load();

    /// <summary>Writes a grant, in place of what was there.</summary>
    Task SaveAsync(GrantRecord grant);

    /// <summary>Forgets a grant.</summary>
    Task DeleteAsync(GrantId grant);
}

using Lockstep.Domain;

namespace Lockstep.Storage;

/// <summary>What a kept key is good for.</summary>
public enum KeyScope
{
    /// <summary>The terminals of one account log on with it; it opens nothing else.</summary>
    Ea,

    /// <summary>Looking.</summary>
    Read,

    /// <summary>Looking and trading.</summary>
    Trade,

    /// <summary>Everything.</summary>
    Admin,
}

/// <summary>A key as it is kept: what it opens and until when. The key itself is nowhere, only its hash.</summary>
/// <param name="Id">Its id, which is no secret and stands in the key's text.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Scope">What it is good for.</param>
public sealed record ApiKey(string Id, string Name, KeyScope Scope)
{
    /// <summary>SHA-256 of the key's text. The text holds 256 random bits, which nobody can try through, so that a slow hash would protect nothing and only cost time on every request.</summary>
    public required ReadOnlyMemory<byte> Hash { get; init; }

    /// <summary>The account whose terminals log on with it; null unless the scope is <see cref="KeyScope.Ea"/>.</summary>
    public AccountId? Account { get; init; }

    /// <summary>The accounts that it opens; null = all, those to come included.</summary>
    public IReadOnlyList<AccountId>? Accounts { get; init; }

    /// <summary>Networks from which it is taken (<c>10.0.0.0/8</c>); empty = from everywhere.</summary>
    public IReadOnlyList<string> Networks { get; init; } = [];

    /// <summary>Requests a second, sustained; null = as the server's configuration says.</summary>
    public int? Rate { get; init; }

    /// <summary>Requests at once; null = as the server's configuration says.</summary>
    public int? Burst { get; init; }

    /// <summary>When it was made.</summary>
    public Timestamp Created { get; init; }

    /// <summary>From then on it opens nothing; null = never.</summary>
    public Timestamp? Expires { get; init; }

    /// <summary>When it was used last, to the minute; null = never.</summary>
    public Timestamp? Used { get; init; }

    /// <summary>When it was taken back; null = it was not.</summary>
    public Timestamp? Revoked { get; init; }

    /// <summary>Id of the key that takes its place; null = none was made.</summary>
    public string? Successor { get; init; }
}

/// <summary>Where keys are kept.</summary>
public interface IKeyStore
{
    /// <summary>All keys, by id.</summary>
    IReadOnlyList<ApiKey> Keys();

    /// <summary>Writes keys in place of what was there under their ids, all or none. Durable when the task ends.</summary>
    Task SaveKeysAsync(params IReadOnlyList<ApiKey> keys);

    /// <summary>Notes when a key was used. Durable when the task ends; nobody need wait for it.</summary>
    Task TouchKeyAsync(string id, Timestamp used);

    /// <summary>Forgets a key. Durable when the task ends.</summary>
    Task DeleteKeyAsync(string id);
}

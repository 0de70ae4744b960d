namespace Lockstep.Storage;

/// <summary>Something encrypted, as it is kept.</summary>
/// <param name="Id">Its name among those of its kind.</param>
/// <param name="Sealed">The bytes; only their owner can open them.</param>
public sealed record StoredSecret(string Id, ReadOnlyMemory<byte> Sealed);

/// <summary>Where what is secret is kept, encrypted by who owns it: the store sees kinds, names and bytes.</summary>
public interface ISecretStore
{
    /// <summary>Writes one, in place of what was there. Durable when the task ends.</summary>
    Task SaveSecretAsync(string kind, string id, ReadOnlyMemory<byte> sealedBytes);

    /// <summary>Forgets one. Durable when the task ends.</summary>
    Task DeleteSecretAsync(string kind, string id);

    /// <summary>All of a kind, by name.</summary>
    IReadOnlyList<StoredSecret> Secrets(string kind);
}

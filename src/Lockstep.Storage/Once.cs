using Lockstep.Domain;

namespace Lockstep.Storage;

/// <summary>A request that is to be carried out at most once, as it is kept: who asked under which key for what, and the answer.</summary>
/// <param name="Id">SHA-256 over the caller and the key.</param>
/// <param name="Asked">SHA-256 over the operation and all that was sent: the same key with another one is a mistake of the caller.</param>
/// <param name="At">When it came first.</param>
/// <param name="Answer">The answer, encrypted by who owns it; null = the work began and has no answer yet.</param>
public sealed record OnceRow(ReadOnlyMemory<byte> Id, ReadOnlyMemory<byte> Asked, Timestamp At, ReadOnlyMemory<byte>? Answer);

/// <summary>Where the answers to requests under an idempotency key are kept.</summary>
public interface IOnceStore
{
    /// <summary>Writes a row in place of what was there. Durable when the task ends.</summary>
    Task SaveOnceAsync(OnceRow row);

    /// <summary>Forgets a row. Durable when the task ends.</summary>
    Task DeleteOnceAsync(ReadOnlyMemory<byte> id);

    /// <summary>The row, or null.</summary>
    OnceRow? Once(ReadOnlyMemory<byte> id);

    /// <summary>Forgets rows that are older, and the oldest beyond <paramref name="most"/>; how many.</summary>
    Task<long> PruneOnceAsync(Timestamp olderThan, long most);
}

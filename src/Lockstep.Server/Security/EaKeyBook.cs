using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Lockstep.Domain;
using Lockstep.MetaTrader.Session;
using Lockstep.Storage;

namespace Lockstep.Server.Security;

/// <summary>Finds EA keys by their hashes, and says in words why one is good no more.</summary>
internal sealed class EaKeyBook(KeyRing ring)
{
    private Page? _page;
    private int _changes;

    /// <summary>Keys were made, changed or taken back.</summary>
    public void Changed() => Interlocked.Increment(ref _changes);

    /// <summary>The key with this SHA-256, good or not; null = there is none.</summary>
    public EaKey? Find(ReadOnlySpan<byte> sha256)
    {
        foreach (var id in Now().Ids[Short(sha256)])
        {
            if (ring.Find(id) is { Account: { } account } key && CryptographicOperations.FixedTimeEquals(sha256, key.Hash.Span))
            {
                return new EaKey(account, key.Id) { Refusal = Refusal(key), IsExpired = ring.StandingOf(key) == KeyStanding.Expired };
            }
        }

        return null;
    }

    /// <summary>Why nobody comes in with a key and what to do, for the person at the terminal; null = it is good.</summary>
    public string? Refusal(ApiKey key) => ring.StandingOf(key) switch
    {
        KeyStanding.Good => null,
        KeyStanding.Revoked => $"this key was taken back on {Day(key.Revoked)}; {WhatToDo(key)}",
        _ when key.Successor is not null => $"this key ended on {Day(key.Expires)}, when a newer one had taken its place; {WhatToDo(key)}",
        _ => $"this key expired on {Day(key.Expires)}; {WhatToDo(key)}",
    };

    /// <summary>A moment as people at terminals read it.</summary>
    public static string Day(Timestamp? at) => at?.ToDateTimeOffset().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture) ?? "";

    private static string WhatToDo(ApiKey key) => $@"have a new one made (POST /v1/accounts/{key.Account}/ea-keys) and put it into the input Key or Files\Lockstep\key.txt";

    private Page Now()
    {
        int changes = Volatile.Read(ref _changes);
        if (Volatile.Read(ref _page) is { } page && page.Changes == changes)
        {
            return page;
        }

        // Read after the number: what changes meanwhile makes another page.
        page = new Page(changes, ring.All.Where(k => k.Scope == KeyScope.Ea).ToLookup(k => Short(k.Hash.Span), k => k.Id));
        Volatile.Write(ref _page, page);
        return page;
    }

    private static ulong Short(ReadOnlySpan<byte> hash) => BinaryPrimitives.ReadUInt64LittleEndian(hash);

    private sealed record Page(int Changes, ILookup<ulong, string> Ids);
}

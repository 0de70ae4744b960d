using System.Collections.Concurrent;
using System.Security.Cryptography;
using Lockstep.Domain;
using Lockstep.Storage;

namespace Lockstep.Server.Security;

/// <summary>How a key that was shown stands.</summary>
internal enum KeyStanding
{
    /// <summary>It opens what it is for.</summary>
    Good,

    /// <summary>Nobody was given such a key.</summary>
    Unknown,

    /// <summary>Its time is over.</summary>
    Expired,

    /// <summary>It was taken back.</summary>
    Revoked,
}

/// <summary>A key that was made; the only moment at which its text is known.</summary>
/// <param name="Key">The key.</param>
/// <param name="Text">Its text, to be shown once and kept nowhere.</param>
internal sealed record IssuedKey(ApiKey Key, string Text)
{
    /// <summary>Never the text.</summary>
    public override string ToString() => $"key {Key.Id}";
}

/// <summary>All keys that were given out, in memory and in the store. Expiry goes by the wall clock.</summary>
internal sealed class KeyRing : IDisposable
{
    /// <summary>How long a key for terminals lives unless somebody says otherwise.</summary>
    public static readonly TimeSpan EaLifetime = TimeSpan.FromDays(30);

    /// <summary>How long the old key goes on when it is followed by a new one, unless somebody says otherwise.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromDays(7);

    /// <summary>Most keys at a time, the ended ones included.</summary>
    public const int Most = 10_000;

    /// <summary>How long keys that have ended stay in the list.</summary>
    public static readonly TimeSpan KeptAfterEnd = TimeSpan.FromDays(90);

    private static readonly TimeSpan TouchEvery = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, ApiKey> _keys = new(StringComparer.Ordinal);
    private readonly IKeyStore _store;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _changing = new(1);

    /// <summary>The keys of a store.</summary>
    public KeyRing(IKeyStore store, TimeProvider time)
    {
        (_store, _time) = (store, time);
        foreach (var key in store.Keys())
        {
            _keys[key.Id] = key;
        }
    }

    /// <summary>Told after keys were made, changed or taken back.</summary>
    public event Action? Changed;

    /// <summary>All keys, the ended ones of late included, oldest first.</summary>
    public IReadOnlyList<ApiKey> All => [.. _keys.Values.OrderBy(k => k.Created).ThenBy(k => k.Id, StringComparer.Ordinal)];

    /// <summary>A key by its id, or null.</summary>
    public ApiKey? Find(string id) => _keys.GetValueOrDefault(id);

    /// <summary>The key with a text, and how it stands. The key is told for all but <see cref="KeyStanding.Unknown"/>.</summary>
    public (ApiKey? Key, KeyStanding Standing) Show(string text)
    {
        // The id is no secret; what is, is compared in a time that says nothing about it.
        byte[] hash = KeyText.Hash(text);
        return KeyText.IdOf(text) is { } id && _keys.TryGetValue(id, out var key) && CryptographicOperations.FixedTimeEquals(hash, key.Hash.Span) ? (key, StandingOf(key)) : (null, KeyStanding.Unknown);
    }

    /// <summary>The key of an account's terminals whose text has a SHA-256, and how it stands.</summary>
    public (ApiKey? Key, KeyStanding Standing) FindEa(AccountId account, ReadOnlySpan<byte> sha256)
    {
        ApiKey? found = null;
        foreach (var key in _keys.Values)
        {
            if (key.Scope == KeyScope.Ea && key.Account == account && CryptographicOperations.FixedTimeEquals(sha256, key.Hash.Span))
            {
                found = key;
            }
        }

        return found is null ? (null, KeyStanding.Unknown) : (found, StandingOf(found));
    }

    /// <summary>The keys of an account's terminals, oldest first, the ended ones of late included.</summary>
    public IReadOnlyList<ApiKey> EaKeys(AccountId account) => [.. All.Where(k => k.Scope == KeyScope.Ea && k.Account == account)];

    /// <summary>How a key stands now.</summary>
    public KeyStanding StandingOf(ApiKey key) =>
        key.Revoked is not null ? KeyStanding.Revoked : key.Expires is { } end && end <= Now ? KeyStanding.Expired : KeyStanding.Good;

    /// <summary>Makes a key: <paramref name="wanted"/> says what it is for; id, hash and moment are made here. <paramref name="id"/>: a key that may be there from an attempt whose answer was lost, and is made anew.</summary>
    public async Task<IssuedKey> IssueAsync(ApiKey wanted, string? id = null)
    {
        await _changing.WaitAsync();
        try
        {
            var issued = Make(wanted, id);
            await KeepAsync(issued.Key);
            return issued;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Makes a key for an account's terminals.</summary>
    public Task<IssuedKey> IssueEaAsync(AccountId account, string name, TimeSpan? lifetime = null) =>
        IssueAsync(new ApiKey("", name, KeyScope.Ea) { Hash = default, Account = account, Expires = Now + (lifetime ?? EaLifetime) });

    /// <summary>Makes a key like another one, which goes on until <paramref name="overlap"/> is over. Null = there is no such key, or it has ended.</summary>
    public async Task<IssuedKey?> RotateAsync(string id, TimeSpan overlap, string? newId = null)
    {
        await _changing.WaitAsync();
        try
        {
            if (!_keys.TryGetValue(id, out var old) || (StandingOf(old) != KeyStanding.Good && (newId is null || old.Successor != newId)))
            {
                return null;
            }

            // As long again as the old one was to live.
            var issued = Make(old with { Expires = old.Expires is { } end ? Now + Lifetime(old, end) : null }, newId);
            await KeepAsync(issued.Key, Ended(old, Now + overlap) with { Successor = issued.Key.Id });
            return issued;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Changes what a key is for: its id, hash, moments of making, use and revocation stay. Null = there is no such key, or it was taken back.</summary>
    public async Task<ApiKey?> ChangeAsync(string id, Func<ApiKey, ApiKey> change)
    {
        await _changing.WaitAsync();
        try
        {
            if (!_keys.TryGetValue(id, out var key) || key.Revoked is not null)
            {
                return null;
            }

            var changed = change(key) with { Id = key.Id, Hash = key.Hash, Created = key.Created, Used = key.Used, Revoked = key.Revoked };
            await KeepAsync(changed);
            return changed;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Lets a key end at a moment, unless it ends before. Null = there is no such key.</summary>
    public Task<ApiKey?> RetireAsync(string id, Timestamp at) => ChangeAsync(id, key => Ended(key, at));

    /// <summary>Takes a key back at once, for good. Null = there is no such key.</summary>
    public async Task<ApiKey?> RevokeAsync(string id)
    {
        await _changing.WaitAsync();
        try
        {
            if (!_keys.TryGetValue(id, out var key))
            {
                return null;
            }

            var revoked = key.Revoked is null ? key with { Revoked = Now } : key;
            await KeepAsync(revoked);
            return revoked;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Notes that a key was used; written at most once a minute, and nobody waits for it.</summary>
    public void Used(ApiKey key)
    {
        var now = Now;
        if (key.Used is { } last && now - last < TouchEvery)
        {
            return;
        }

        if (_keys.TryGetValue(key.Id, out var kept) && !(kept.Used is { } since && now - since < TouchEvery) && _keys.TryUpdate(key.Id, kept with { Used = now }, kept))
        {
            // A store that can write no more says so itself.
            _ = _store.TouchKeyAsync(key.Id, now).ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
    }

    /// <summary>Forgets keys that ended long ago.</summary>
    public async Task PruneAsync()
    {
        await _changing.WaitAsync();
        try
        {
            var before = Now - KeptAfterEnd;
            foreach (var key in _keys.Values.Where(k => k.Revoked < before || k.Expires < before).ToList())
            {
                await _store.DeleteKeyAsync(key.Id);
                _keys.TryRemove(key.Id, out _);
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _changing.Dispose();

    private Timestamp Now => Timestamp.From(_time.GetUtcNow());

    private static ApiKey Ended(ApiKey key, Timestamp at) => key.Expires is { } end && end <= at ? key : key with { Expires = at };

    private static TimeSpan Lifetime(ApiKey key, Timestamp end) => end - key.Created is { Ticks: > 0 } life ? life : EaLifetime;

    private IssuedKey Make(ApiKey wanted, string? id)
    {
        id ??= KeyText.NewId();
        if (_keys.Count >= Most && !_keys.ContainsKey(id))
        {
            throw new KeyRingFullException($"There are {Most} keys already, those that ended in the last {KeptAfterEnd.TotalDays:0} days included.");
        }

        string text = KeyText.Make(id);
        return new IssuedKey(wanted with { Id = id, Hash = KeyText.Hash(text), Created = Now, Used = null, Revoked = null, Successor = null }, text);
    }

    // Durable before it opens anything.
    private async Task KeepAsync(params ApiKey[] keys)
    {
        await _store.SaveKeysAsync(keys);
        foreach (var key in keys)
        {
            _keys[key.Id] = key;
        }

        Changed?.Invoke();
    }
}

/// <summary>There is no room for another key.</summary>
internal sealed class KeyRingFullException(string message) : Exception(message);

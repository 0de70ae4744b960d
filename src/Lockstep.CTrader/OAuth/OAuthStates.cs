using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Lockstep.Domain;

namespace Lockstep.CTrader.OAuth;

/// <summary>Why a state is not taken; <see cref="None"/> when it is.</summary>
public enum StateRefusal
{
    /// <summary>It is taken.</summary>
    None,

    /// <summary>There is none.</summary>
    Missing,

    /// <summary>We did not write it, or somebody changed it.</summary>
    Tampered,

    /// <summary>Its time is over.</summary>
    Expired,

    /// <summary>It was used before.</summary>
    Used,

    /// <summary>A newer one was asked for, or the server was restarted since.</summary>
    NotOpen,

    /// <summary>It belongs to another account.</summary>
    OtherAccount,

    /// <summary>Somebody else asked for it.</summary>
    OtherAsker,
}

/// <summary>What came of looking at a state.</summary>
/// <param name="Refusal">Why it is not taken.</param>
/// <param name="Account">The account that it is bound to; null unless it is taken.</param>
/// <param name="Text">For a person: what is wrong and what to do.</param>
public readonly record struct StateVerdict(StateRefusal Refusal, AccountId? Account, string Text);

/// <summary>A state that was issued.</summary>
/// <param name="Text">What travels through the trader's browser.</param>
/// <param name="ExpiresAt">Taken until then.</param>
public sealed record IssuedState(string Text, Timestamp ExpiresAt);

/// <summary>
/// The <c>state</c> of authorisations that were asked for: signed, expiring, for one use, bound to the account and to who asked. Without it a stranger could bring his own grant to our
/// callback, and a trader's trades would be copied to the stranger's account. Thread-safe.
/// </summary>
/// <remarks>Open states live in memory: after a restart the trader asks anew. An account has one open state, so that their number is bounded.</remarks>
public sealed class OAuthStates
{
    private const byte Format = 1;
    private const int NonceLength = 16;
    private const int AskerLength = 8;
    private const int HeadLength = 1 + NonceLength + AskerLength + 8;
    private readonly byte[] _key;
    private readonly TimeProvider _time;
    private readonly TimeSpan _life;
    private readonly Lock _gate = new();
    private readonly Dictionary<AccountId, (string Nonce, string Asker, Timestamp ExpiresAt)> _open = [];
    private readonly Dictionary<string, Timestamp> _used = [];

    /// <summary>None is open. <paramref name="key"/> signs: 32 bytes that stay the same over restarts.</summary>
    public OAuthStates(ReadOnlySpan<byte> key, TimeProvider time, TimeSpan? life = null)
    {
        if (key.Length < 32)
        {
            throw new ArgumentException("A signing key has 32 bytes.", nameof(key));
        }

        (_key, _time, _life) = (key.ToArray(), time, life ?? TimeSpan.FromMinutes(10));
    }

    private Timestamp Now => Timestamp.From(_time.GetUtcNow());

    /// <summary>A new state for an account; an older one of the account is not taken any more.</summary>
    public IssuedState Issue(AccountId account, string asker)
    {
        var expires = Now + _life;
        byte[] name = Encoding.UTF8.GetBytes(account.Value);
        byte[] payload = new byte[HeadLength + name.Length];
        payload[0] = Format;
        RandomNumberGenerator.Fill(payload.AsSpan(1, NonceLength));
        AskerOf(asker).CopyTo(payload.AsSpan(1 + NonceLength));
        BinaryPrimitives.WriteInt64BigEndian(payload.AsSpan(1 + NonceLength + AskerLength), expires.Micros);
        name.CopyTo(payload.AsSpan(HeadLength));
        lock (_gate)
        {
            Forget();
            _open[account] = (Nonce(payload), asker, expires);
        }

        return new IssuedState($"{Base64Url.EncodeToString(payload)}.{Base64Url.EncodeToString(HMACSHA256.HashData(_key, payload))}", expires);
    }

    /// <summary>Looks at a state that came back, and uses it up when it is good. <paramref name="account"/>: where the caller knows it, it must be this one.</summary>
    public StateVerdict Take(string? text, string asker, AccountId? account = null)
    {
        if (string.IsNullOrEmpty(text))
        {
            return new(StateRefusal.Missing, null, "The answer came back without its state, so that nobody can tell who asked for it.");
        }

        if (Open(text) is not { } payload)
        {
            return new(StateRefusal.Tampered, null, "The state was not issued by this server, or was changed on the way. Start the authorisation again, and open the address as it was given.");
        }

        var bound = new AccountId(Encoding.UTF8.GetString(payload.AsSpan(HeadLength)));
        if (account is { } expected && expected != bound)
        {
            return new(StateRefusal.OtherAccount, null, "The state belongs to another account. Start the authorisation for this account.");
        }

        if (!CryptographicOperations.FixedTimeEquals(payload.AsSpan(1 + NonceLength, AskerLength), AskerOf(asker)))
        {
            return new(StateRefusal.OtherAsker, null, "The authorisation was asked for by somebody else, or under an older key. Start it again.");
        }

        string nonce = Nonce(payload);
        var expires = new Timestamp(BinaryPrimitives.ReadInt64BigEndian(payload.AsSpan(1 + NonceLength + AskerLength)));
        lock (_gate)
        {
            if (_used.ContainsKey(nonce))
            {
                return new(StateRefusal.Used, null, "This authorisation was completed before; a state counts once. Start again if it did not succeed.");
            }

            if (Now >= expires)
            {
                return new(StateRefusal.Expired, null, $"The authorisation took longer than {(int)_life.TotalMinutes} minutes. Start it again.");
            }

            if (!_open.TryGetValue(bound, out var open) || open.Nonce != nonce)
            {
                return new(StateRefusal.NotOpen, null, "A newer authorisation was started, or the server was restarted since. Use the newest address, or start again.");
            }

            _open.Remove(bound);
            _used[nonce] = expires;
            Forget();
            return new(StateRefusal.None, bound, "");
        }
    }

    /// <summary>The account of the only authorisation that this asker has open, used up with it; null when there are none or several.</summary>
    public AccountId? TakeOnly(string asker)
    {
        lock (_gate)
        {
            Forget();
            if (_open.Count != 1)
            {
                return null;
            }

            var (account, open) = _open.First();
            return open.Asker == asker && Use(account, open.Nonce, open.ExpiresAt) ? account : null;
        }
    }

    /// <summary>Ends what an account has open, as its code came by a way that needs no state. False = nothing was open.</summary>
    public bool Close(AccountId account, string asker)
    {
        lock (_gate)
        {
            Forget();
            return _open.TryGetValue(account, out var open) && open.Asker == asker && Use(account, open.Nonce, open.ExpiresAt);
        }
    }

    private bool Use(AccountId account, string nonce, Timestamp expires)
    {
        _open.Remove(account);
        _used[nonce] = expires;
        return true;
    }

    // What is expired is refused for that before anybody asks whether it was used.
    private void Forget()
    {
        var now = Now;
        foreach (string nonce in _used.Where(u => u.Value + _life < now).Select(u => u.Key).ToList())
        {
            _used.Remove(nonce);
        }

        foreach (var account in _open.Where(o => o.Value.ExpiresAt <= now).Select(o => o.Key).ToList())
        {
            _open.Remove(account);
        }
    }

    /// <summary>The payload when the signature is right.</summary>
    private byte[]? Open(string text)
    {
        int dot = text.IndexOf('.', StringComparison.Ordinal);
        if (text.Length > 512 || dot < 0 || !Base64Url.IsValid(text.AsSpan(0, dot)) || !Base64Url.IsValid(text.AsSpan(dot + 1)))
        {
            return null;
        }

        byte[] payload = Base64Url.DecodeFromChars(text.AsSpan(0, dot));
        byte[] signature = Base64Url.DecodeFromChars(text.AsSpan(dot + 1));
        return payload.Length > HeadLength && payload[0] == Format && CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(_key, payload), signature) ? payload : null;
    }

    private static string Nonce(ReadOnlySpan<byte> payload) => Convert.ToHexString(payload.Slice(1, NonceLength));

    private static ReadOnlySpan<byte> AskerOf(string asker) => SHA256.HashData(Encoding.UTF8.GetBytes(asker)).AsSpan(0, AskerLength);
}

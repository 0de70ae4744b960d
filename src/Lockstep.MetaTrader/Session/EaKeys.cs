using Lockstep.Domain;

namespace Lockstep.MetaTrader.Session;

/// <summary>An EA key, as it is found by its hash. The key itself is with the terminal only.</summary>
/// <param name="Account">The account that it is for.</param>
/// <param name="Id">Its name, which is no secret.</param>
public sealed record EaKey(AccountId Account, string Id)
{
    /// <summary>The name of the key that an account brings in its settings (<see cref="TerminalAccount.KeyHash"/>).</summary>
    public const string Configured = "configured";

    /// <summary>Why nobody comes in with it any more and what to do, for the person at the terminal; null = it is good.</summary>
    public string? Refusal { get; init; }

    /// <summary>Its time is over.</summary>
    public bool IsExpired { get; init; }
}

/// <summary>The EA keys that are made while the server runs; beside them each account may bring one in its settings. Called by many threads, never under a lock of ours; returns at once.</summary>
public interface IEaKeys
{
    /// <summary>The key with this SHA-256, good or not; null = there is none.</summary>
    EaKey? Find(ReadOnlySpan<byte> sha256);

    /// <summary>A terminal came in with a key, one of the settings' included.</summary>
    void CameIn(AccountId account, string key, string terminal);

    /// <summary>A terminal has answered to a key that was handed over: it is on its disk, or <paramref name="problem"/> says why not.</summary>
    void Kept(AccountId account, string key, string terminal, string? problem);
}

/// <summary>A terminal that is connected, as far as its key goes.</summary>
/// <param name="Terminal">Its name: 16 hex digits.</param>
/// <param name="Key">The key that it came in with.</param>
/// <param name="TakesKeys">It takes its next key over the session; EAs before 1.1.0 do not.</param>
/// <param name="IsPrivate">Nobody else can read what is sent to it.</param>
/// <param name="Handed">The key that was handed over and is not answered yet, or null.</param>
/// <param name="Peer">Platform, build and EA version, for people.</param>
public sealed record TerminalSeat(string Terminal, string Key, bool TakesKeys, bool IsPrivate, string? Handed, string Peer);

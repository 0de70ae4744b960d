using System.Buffers.Binary;
using System.Security.Cryptography;
using Lockstep.Domain;

namespace Lockstep.MetaTrader.Session;

/// <summary>
/// Where all terminals come in. Knows the accounts by their keys, keeps one session an account and its terminals: one active, the others standing by. Thread-safe; nothing in it
/// waits, sleeps or owns a thread: bytes come through <see cref="TerminalLink.Received"/>, time through <see cref="Tick"/>.
/// </summary>
/// <remarks>
/// Locks: the hub's own for its tables, one for each session; nobody holds two, and none is held while a sink, a transport or a log is called.
/// </remarks>
public sealed partial class TerminalHub
{
    private readonly Lock _gate = new();
    private readonly Dictionary<AccountId, TerminalSession> _byAccount = [];
    private readonly Dictionary<ulong, TerminalSession> _byKey = [];
    private readonly List<TerminalLink> _strangers = [];
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly LinkClock _linkClock;
    private readonly ITerminalLog? _log;
    private readonly AddressBook _addresses;
    private TerminalSession[] _sessions = [];
    private TerminalLink[] _walk = [];
    private int _ticking;

    /// <summary>No account yet.</summary>
    public TerminalHub(TimeProvider time, TerminalHubOptions? options = null, ITerminalLog? log = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _started = time.GetTimestamp();
        _linkClock = new LinkClock(time);
        _log = log;
        Options = options ?? new TerminalHubOptions();
        _addresses = new AddressBook(Options.ConnectionsPerSecond, Options.AddressesMost);
        _refusals = new Allowance(10, 50, 0);
    }

    /// <summary>The process ends: sessions that are stopped from now on tell their terminals so.</summary>
    public bool Ends { get; set; }

    /// <summary>What was counted.</summary>
    public TerminalCounters Counters { get; } = new();

    internal TerminalHubOptions Options { get; }

    /// <summary>The monotonic clock, ms since the hub was made.</summary>
    internal long Mono => (long)_time.GetElapsedTime(_started).TotalMilliseconds;

    /// <summary>The wall clock.</summary>
    internal Timestamp Now => Timestamp.From(_time.GetUtcNow());

    /// <summary>The clock that terminals are told, ms since 1970.</summary>
    internal long LinkNow => _linkClock.Now;

    /// <summary>The session of an account, for the runtime. One at a time an account; the next one begins when the last was stopped.</summary>
    public TerminalSession Open(TerminalAccount account, long firstEpoch)
    {
        ArgumentNullException.ThrowIfNull(account);
        if (account.KeyHash is { } hash && hash.Length != SHA256.HashSizeInBytes)
        {
            throw new ArgumentException("The hash of an EA key has 32 bytes.", nameof(account));
        }

        if (account.Platform is not (PlatformKind.Mt4 or PlatformKind.Mt5))
        {
            throw new ArgumentException($"Account {account.Id} is not on MetaTrader.", nameof(account));
        }

        lock (_gate)
        {
            _byAccount.TryGetValue(account.Id, out var before);
            if (before is { IsStopped: false })
            {
                throw new InvalidOperationException($"Account {account.Id} has a session; it must be stopped before the next one begins.");
            }

            if (account.KeyHash is { } key && _byKey.TryGetValue(Short(key), out var other) && other != before && !other.IsStopped)
            {
                throw new InvalidOperationException($"Accounts {other.Account} and {account.Id} have the same EA key; each account needs its own.");
            }

            if (before?.Settings.KeyHash is { } old)
            {
                _byKey.Remove(Short(old));
            }

            var session = new TerminalSession(this, account, firstEpoch, before);
            _byAccount[account.Id] = session;
            if (account.KeyHash is { } own)
            {
                _byKey[Short(own)] = session;
            }

            _sessions = [.. _byAccount.Values];
            return session;
        }
    }

    /// <summary>A connection came in. Null = refused before anything was said (too many from this address).</summary>
    public TerminalLink? Connect(ITerminalTransport transport)
    {
        ArgumentNullException.ThrowIfNull(transport);
        if (!_addresses.Take(transport.Remote, Mono))
        {
            Counters.Add(TerminalCount.ConnectionsRefused);
            return null;
        }

        var link = new TerminalLink(this, transport);
        Counters.Add(TerminalCount.Connections);
        Counters.AddLinks(1);
        lock (_gate)
        {
            link.Place = _strangers.Count;
            _strangers.Add(link);
        }

        return link;
    }

    /// <summary>Looks at the clock: beats, silence, commands that wait too long. Each 250 ms or so.</summary>
    public void Tick()
    {
        if (Interlocked.Exchange(ref _ticking, 1) != 0)
        {
            return;
        }

        try
        {
            long now = Mono;
            TickStrangers(now);
            foreach (var session in Volatile.Read(ref _sessions))
            {
                session.Tick(now);
            }
        }
        finally
        {
            Volatile.Write(ref _ticking, 0);
        }
    }

    /// <summary>The link said hello, or is gone.</summary>
    internal void Forget(TerminalLink link)
    {
        lock (_gate)
        {
            if (link.Place < 0)
            {
                return;
            }

            var last = _strangers[^1];
            _strangers[link.Place] = last;
            last.Place = link.Place;
            link.Place = -1;
            _strangers.RemoveAt(_strangers.Count - 1);
        }
    }

    internal void Log(TerminalLogLevel level, AccountId? account, string remote, string text) => _log?.Write(level, account, remote, text);

    private void TickStrangers(long now)
    {
        int count;
        lock (_gate)
        {
            count = _strangers.Count;
            if (_walk.Length < count)
            {
                _walk = new TerminalLink[Math.Max(16, count * 2)];
            }

            _strangers.CopyTo(_walk);
        }

        long within = (long)Options.HelloWithin.TotalMilliseconds;
        for (int i = 0; i < count; i++)
        {
            if (now - _walk[i].ConnectedAt >= within && !_walk[i].IsGone && _walk[i].MayGreet())
            {
                Counters.Add(TerminalCount.NoHello);
                Expel(_walk[i], RefusedCodes.Order, "no hello came", 1_000);
            }
        }

        Array.Clear(_walk, 0, count);
    }

    private (TerminalSession Session, EaKey Key)? Find(ReadOnlySpan<byte> hash)
    {
        TerminalSession? session;
        lock (_gate)
        {
            _byKey.TryGetValue(Short(hash), out session);
        }

        if (session is not null && CryptographicOperations.FixedTimeEquals(hash, session.Settings.KeyHash))
        {
            return (session, new EaKey(session.Account, EaKey.Configured));
        }

        if (Options.Keys?.Find(hash) is not { } key)
        {
            return null;
        }

        lock (_gate)
        {
            return _byAccount.TryGetValue(key.Account, out session) ? (session, key) : null;
        }
    }

    private static ulong Short(ReadOnlySpan<byte> hash) => BinaryPrimitives.ReadUInt64LittleEndian(hash);
}

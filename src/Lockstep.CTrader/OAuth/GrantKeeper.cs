using System.Security.Cryptography;
using Lockstep.CTrader.Session;
using Lockstep.Domain;

namespace Lockstep.CTrader.OAuth;

/// <summary>
/// Keeps the token pairs of all grants: the only one who refreshes. A pair is in the vault before it is used, and that a refresh begins is in the vault before it leaves, so that a process that dies
/// between the answer and the disk is noticed at the next start. Refreshes ahead of the end, and once when an account's authentication was refused; nothing else leads to one (guide §4:
/// a refresh is what causes a 2147). Thread-safe.
/// </summary>
public sealed partial class GrantKeeper : ITokens, IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly ITokenEndpoint _endpoint;
    private readonly ITokenVault _vault;
    private readonly GrantRules _rules;
    private readonly ICTraderLog? _log;
    private readonly Func<double> _dice;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Entry> _grants = new(StringComparer.Ordinal);
    private readonly Dictionary<GrantId, string> _unreadable = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abandon = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Func<GrantId, string> _name;
    private readonly HashSet<Task> _running = [];
    private Task _loop = Task.CompletedTask;

    /// <summary>
    /// Reads the vault; nothing is refreshed before <see cref="Start"/>. <paramref name="name"/> says what a person knows a grant by (it must not call back); <paramref name="dice"/> gives
    /// jitter, 0 to 1.
    /// </summary>
    public GrantKeeper(
        TimeProvider time, ITokenEndpoint endpoint, ITokenVault vault, GrantRules? rules = null, ICTraderLog? log = null, Func<GrantId, string>? name = null, Func<double>? dice = null)
    {
        ArgumentNullException.ThrowIfNull(vault);
        (_time, _endpoint, _vault, _rules, _log) = (time, endpoint, vault, rules ?? new GrantRules(), log);
        _name = name ?? (static grant => $"authorisation {grant}");
        _dice = dice ?? (static () => RandomNumberGenerator.GetInt32(1_000_000) / 1e6);
        var content = vault.Load();
        foreach (var record in content.Grants)
        {
            _grants.Add(record.Id.Value, Enter(record));
        }

        foreach (var (grant, problem) in content.Unreadable)
        {
            _unreadable[grant] = problem;
            Write(CTraderLogLevel.Alert, $"{_name(grant)} cannot be used: {problem}");
        }
    }

    /// <inheritdoc/>
    public event Action<GrantId>? Changed;

    /// <summary>How each grant stands, by name.</summary>
    public IReadOnlyList<GrantStanding> Grants
    {
        get
        {
            lock (_gate)
            {
                return
                [
                    .. _grants.Values.Select(Standing),
                    .. _unreadable.OrderBy(u => u.Key.Value, StringComparer.Ordinal).Select(u => new GrantStanding(u.Key, 0, Timestamp.Epoch, null, u.Value, false)),
                ];
            }
        }
    }

    private Timestamp Now => Timestamp.From(_time.GetUtcNow());

    /// <inheritdoc/>
    public AccessToken? Current(GrantId grant)
    {
        lock (_gate)
        {
            return _grants.TryGetValue(grant.Value ?? "", out var entry) ? Token(entry) : null;
        }
    }

    /// <inheritdoc/>
    public void Refused(GrantId grant, long version, string code)
    {
        bool changed;
        lock (_gate)
        {
            // Of an older pair: who was refused will hear of the newer one.
            if (!_grants.TryGetValue(grant.Value ?? "", out var entry) || entry.Record.Version != version || entry.RefusedVersion == version)
            {
                return;
            }

            entry.RefusedVersion = version;
            var now = Now;
            if (entry.Record.Lost is not null)
            {
                Write(CTraderLogLevel.Alert, $"{_name(grant)}: its access token was refused ({code}) and cannot be refreshed; authorise again");
            }
            else if (entry.BornOfRefusal && now - entry.Record.IssuedAt < _rules.RefusedEach)
            {
                // Another refresh would change nothing for who is refused, and end the sessions of those who are not.
                Write(CTraderLogLevel.Alert, $"{_name(grant)}: the access token was refused again right after a refresh ({code}); see whether the account is still granted, or authorise again");
            }
            else
            {
                Write(CTraderLogLevel.Warning, $"{_name(grant)}: the access token was refused ({code}) and is refreshed");
                entry.Because = true;
                entry.Due = entry.Tries == 0 ? now : entry.Due;
                Wake();
            }

            changed = Look(entry);
        }

        if (changed)
        {
            Changed?.Invoke(grant);
        }
    }

    /// <summary>Takes a pair that a code was exchanged for as a new grant; it is kept when the task ends.</summary>
    public async Task<GrantId> AddAsync(TokenPair pair)
    {
        var id = new GrantId("g-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6)));
        await PutAsync(id, pair).ConfigureAwait(false);
        return id;
    }

    /// <summary>Takes a pair that a code was exchanged for in place of a grant's own: the accounts of the grant go on with it.</summary>
    public Task ReplaceAsync(GrantId grant, TokenPair pair) => PutAsync(grant, pair);

    /// <summary>Forgets a grant. It stays valid at the platform until it expires or the trader revokes it there.</summary>
    public async Task ForgetAsync(GrantId grant)
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            await _vault.DeleteAsync(grant).ConfigureAwait(false);
            lock (_gate)
            {
                _unreadable.Remove(grant);
                if (_grants.Remove(grant.Value, out var entry))
                {
                    entry.Gone = true;
                }
            }
        }
        finally
        {
            _writing.Release();
        }

        Changed?.Invoke(grant);
    }

    /// <summary>How one grant stands; null = there is none of this name.</summary>
    public GrantStanding? Find(GrantId grant) => Grants.FirstOrDefault(g => g.Id == grant);

    private async Task PutAsync(GrantId id, TokenPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            Entry? before;
            lock (_gate)
            {
                before = _grants.GetValueOrDefault(id.Value);
            }

            // Also above a pair that was received and not written yet.
            var record = Record(id, Math.Max(before?.Record.Version ?? 0, before?.Unsaved?.Version ?? 0) + 1, pair, Now);
            await _vault.SaveAsync(record).ConfigureAwait(false);
            lock (_gate)
            {
                // A refresh of the older pair that is under way writes nothing any more: it sees that its entry is gone.
                if (before is not null)
                {
                    before.Gone = true;
                }

                _unreadable.Remove(id);
                _grants[id.Value] = Enter(record);
                Wake();
            }
        }
        finally
        {
            _writing.Release();
        }

        Changed?.Invoke(id);
    }

    private static GrantRecord Record(GrantId id, long version, TokenPair pair, Timestamp now) =>
        new() { Id = id, Version = version, Access = pair.Access, Refresh = pair.Refresh, IssuedAt = now, ExpiresAt = now + pair.Life };

    private Entry Enter(GrantRecord record)
    {
        // A refresh that was under way when the process ended, or one that was refused (perhaps for a wrong secret, which may be right by now): tried once more at the start. A refresh token that is
        // used up is refused, and nothing else happens (guide §4).
        bool doubt = record.RefreshSince is not null || record.Lost is not null;
        if (record.RefreshSince is not null && record.Lost is null)
        {
            Write(CTraderLogLevel.Warning, $"{_name(record.Id)}: the server ended while its tokens were being refreshed; tried again with the same token");
        }

        var entry = new Entry { Record = record, Due = doubt ? Now : _rules.DueOf(record, _dice()) };
        entry.Told = Token(entry)?.Version;
        return entry;
    }

    /// <summary>The token to work with. None while there is evidence that it is dead: refused, and its refresh token perhaps used up.</summary>
    private AccessToken? Token(Entry entry)
    {
        var record = entry.Record;
        bool dead = record.RefreshSince is not null && (record.Lost is not null || entry.RefusedVersion == record.Version);
        dead |= record.Lost is not null && entry.RefusedVersion == record.Version;
        return dead || Now >= record.ExpiresAt ? null : new AccessToken(record.Access, record.Version, record.ExpiresAt);
    }

    private GrantStanding Standing(Entry entry)
    {
        var record = entry.Record;
        bool usable = Token(entry) is not null;
        string? problem = record.Lost is { } lost ? $"{lost}; {(usable ? $"the access token may be good until {record.ExpiresAt}; authorise again before" : "authorise again")}"
            : Now >= record.ExpiresAt ? $"the access token expired{(entry.Problem is { } why ? $", and {why}" : "")}"
            : entry.Problem;
        return new GrantStanding(record.Id, record.Version, record.ExpiresAt, entry.Due, problem, usable);
    }

    /// <summary>True when others see another token, or none any more, since they were told last. Under the lock.</summary>
    private bool Look(Entry entry)
    {
        long? seen = Token(entry)?.Version;
        bool changed = seen != entry.Told;
        entry.Told = seen;
        return changed;
    }

    private void Wake()
    {
        if (_wake.CurrentCount == 0)
        {
            _wake.Release();
        }
    }

    private void Write(CTraderLogLevel level, string text) => _log?.Write(level, null, text);

    private sealed class Entry
    {
        public required GrantRecord Record { get; set; }

        /// <summary>A pair that was received and is not in the vault yet: not used before it is.</summary>
        public GrantRecord? Unsaved { get; set; }

        /// <summary>When something is to be done; null = nothing.</summary>
        public Timestamp? Due { get; set; }

        /// <summary>A refresh is under way.</summary>
        public bool Busy { get; set; }

        /// <summary>Replaced or forgotten.</summary>
        public bool Gone { get; set; }

        /// <summary>Tries in a row without an answer that decides.</summary>
        public int Tries { get; set; }

        /// <summary>The next refresh is due because the token was refused.</summary>
        public bool Because { get; set; }

        /// <summary>The present pair came of such a refresh.</summary>
        public bool BornOfRefusal { get; set; }

        /// <summary>The pair whose access token was refused.</summary>
        public long RefusedVersion { get; set; }

        /// <summary>The version that others know of; null = none.</summary>
        public long? Told { get; set; }

        /// <summary>Why the last try led nowhere.</summary>
        public string? Problem { get; set; }
    }
}

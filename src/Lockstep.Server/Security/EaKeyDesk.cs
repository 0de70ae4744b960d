using System.Collections.Concurrent;
using System.Threading.Channels;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.MetaTrader.Session;
using Lockstep.Server.Rest;
using Lockstep.Storage;

namespace Lockstep.Server.Security;

/// <summary>Who serves an account's terminals now.</summary>
/// <param name="account">The account.</param>
internal delegate TerminalSession? SessionOf(AccountId account);

/// <summary>
/// The keys of terminals over their lives: who may come in with which, who is handed the next one and when, and when an old one ends. A terminal's next key is made when two thirds of its key's life are
/// over or when somebody asks, and is handed over until the terminal says that it has it. Only its hash is kept here; a text that is lost by a restart before a terminal said so is followed by another key.
/// </summary>
/// <remarks>What is replaced ends when the overlap is over after a terminal has the new one, and at once when every terminal that used it came in with the new one. The key of the configuration never ends.</remarks>
internal sealed class EaKeyDesk : IEaKeys, IAsyncDisposable
{
    /// <summary>A terminal that was not seen for so long holds no key back, and a rotation that was asked for as long ago is no more.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromDays(30);

    private const int TerminalsMost = 32;
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromHours(1);
    private static readonly TimeSpan Last = TimeSpan.FromDays(3);
    private readonly KeyRing _ring;
    private readonly EaKeyBook _book;
    private readonly IEaTerminalStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Channel<Func<Task>> _work = Channel.CreateUnbounded<Func<Task>>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _worker;
    private readonly ConcurrentDictionary<AccountId, EaTerminalRow[]> _terminals = [];
    private readonly ConcurrentDictionary<AccountId, Timestamp> _asked = [];
    private readonly Dictionary<AccountId, IssuedKey> _next = [];
    private readonly Dictionary<(AccountId Account, string Terminal), Timestamp> _patience = [];
    private readonly EaKeyAlerts _alerts;
    private SessionOf _session = _ => null;
    private int _looking;

    /// <summary>The keys of a ring. <paramref name="time"/>: the clock of the ring.</summary>
    public EaKeyDesk(KeyRing ring, IEaTerminalStore store, TimeProvider time, ILogger log)
    {
        (_ring, _store, _time, _log) = (ring, store, time, log);
        _book = new EaKeyBook(ring);
        _alerts = new EaKeyAlerts(time, log);
        ring.Changed += _book.Changed;
        foreach (var rows in store.EaTerminals().GroupBy(r => r.Account))
        {
            _terminals[rows.Key] = [.. rows];
        }

        foreach (var (account, asked) in store.EaRotations())
        {
            _asked[account] = asked;
        }

        _worker = Task.Run(WorkAsync);
    }

    /// <summary>All keys that were given out.</summary>
    public KeyRing Ring => _ring;

    /// <summary>What a person must act on, oldest first; the latest of this run.</summary>
    public IReadOnlyList<AlertSeen> Alerts => _alerts.All;

    /// <summary>Tells of each from now on, so that it is durable and reaches everybody.</summary>
    public void ListenToAlerts(Action<AlertRaised> to) => _alerts.Told = to;

    /// <summary>The terminals of an account that are remembered, the one that came in last first.</summary>
    public IReadOnlyList<EaTerminalRow> Terminals(AccountId account) => _terminals.GetValueOrDefault(account) ?? [];

    /// <summary>When new keys were asked for, or null.</summary>
    public Timestamp? Asked(AccountId account) => _asked.TryGetValue(account, out var asked) && asked > Now - Remembered ? asked : null;

    /// <summary>Says where sessions are found; before that nobody is handed anything.</summary>
    public void Serve(SessionOf session) => _session = session;

    /// <inheritdoc/>
    public EaKey? Find(ReadOnlySpan<byte> sha256) => _book.Find(sha256);

    /// <inheritdoc/>
    public void CameIn(AccountId account, string key, string terminal) => _work.Writer.TryWrite(() => CameInAsync(account, key, terminal));

    /// <inheritdoc/>
    public void Kept(AccountId account, string key, string terminal, string? problem) => _work.Writer.TryWrite(() => KeptAsync(account, key, terminal, problem));

    /// <summary>Every terminal of an account shall have a key that is made from now on. Durable when the task ends.</summary>
    public async Task AskAsync(AccountId account)
    {
        var now = Now;
        await _store.SaveEaRotationAsync(account, now);
        _asked[account] = now;
    }

    /// <summary>Looks at the terminals of some accounts, unless that is still going on; nobody waits for it.</summary>
    public void Look(IEnumerable<AccountId> accounts)
    {
        if (Interlocked.Exchange(ref _looking, 1) == 0 && !_work.Writer.TryWrite(() => LookAsync(accounts)))
        {
            Volatile.Write(ref _looking, 0);
        }
    }

    /// <summary>
    /// Looks at the terminals of one account: hands keys over, turns away who came in with one that was taken back. Done, behind all that was told before, when the task ends; false: the server stops.
    /// </summary>
    public Task<bool> LookAsync(AccountId account)
    {
        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        return _work.Writer.TryWrite(async () =>
        {
            try
            {
                await SeeToAsync(account);
            }
            finally
            {
                done.SetResult(true);
            }
        }) ? done.Task : Task.FromResult(false);
    }

    /// <summary>Ends when everything that was told is done.</summary>
    public async ValueTask DisposeAsync()
    {
        _ring.Changed -= _book.Changed;
        _work.Writer.TryComplete();
        await _worker;
    }

    private Timestamp Now => Timestamp.From(_time.GetUtcNow());

    // One thing after another, in the order in which it was told.
    private async Task WorkAsync()
    {
        await foreach (var work in _work.Reader.ReadAllAsync())
        {
            try
            {
                await work();
            }
#pragma warning disable CA1031 // It is done again when the terminal comes in again, or at the next look; a store that can write no more says so itself.
            catch (Exception error)
#pragma warning restore CA1031
            {
                _log.LogWarning("ea keys {Error} {Text}", error.GetType().Name, error.Message);
            }
        }
    }

    private async Task LookAsync(IEnumerable<AccountId> accounts)
    {
        try
        {
            foreach (var account in accounts)
            {
                await SeeToAsync(account);
            }
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }

    private async Task CameInAsync(AccountId account, string key, string terminal)
    {
        if (_ring.Find(key) is { } used)
        {
            _ring.Used(used);
        }

        _patience.Remove((account, terminal));
        var before = Row(account, terminal);
        if (before is { Kept: null } && before.Key == key && Now - before.Seen < TimeSpan.FromHours(1))
        {
            return;
        }

        // One that says hello with another key than it was given last has lost that one.
        await SaveAsync(new EaTerminalRow(account, terminal, key) { Seen = Now });
        if (before is not null && before.Key != key && Follows(before.Key, key) && !Terminals(account).Any(r => r.Key == before.Key && r.Seen > Now - Remembered))
        {
            await _ring.RetireAsync(before.Key, Now);
            _log.LogInformation("ea key {Key} of {Account} has ended: every terminal that used it came in with {Next}", before.Key, account.Value, key);
        }

        ForgetText(account);
    }

    private async Task KeptAsync(AccountId account, string key, string terminal, string? problem)
    {
        if (problem is not null)
        {
            _patience[(account, terminal)] = Now + AfterFailure;
            _alerts.Raise(account, terminal, $"kept {key}", AlertLevel.Warning, $"Terminal {terminal} of account {account} could not keep its next EA key: {problem}. The key in use goes on; it is tried again in an hour.");
            return;
        }

        _patience.Remove((account, terminal));
        if (Row(account, terminal) is { } row && row.Key != key)
        {
            await SaveAsync(row with { Kept = key });
            if (Follows(row.Key, key))
            {
                await _ring.RetireAsync(row.Key, Now + KeyRing.Overlap);
            }
        }

        ForgetText(account);
    }

    private EaTerminalRow? Row(AccountId account, string terminal) => Terminals(account).FirstOrDefault(r => r.Terminal == terminal);

    private async Task SaveAsync(EaTerminalRow row)
    {
        await _store.SaveEaTerminalAsync(row);
        var rows = Terminals(row.Account).Where(r => r.Terminal != row.Terminal).Append(row).OrderByDescending(r => r.Seen).ToList();
        foreach (var old in rows.Skip(TerminalsMost))
        {
            await _store.DeleteEaTerminalAsync(old.Account, old.Terminal);
        }

        _terminals[row.Account] = [.. rows.Take(TerminalsMost)];
    }

    private async Task SeeToAsync(AccountId account)
    {
        if (_session(account) is not { } session)
        {
            return;
        }

        foreach (var seat in session.Seats)
        {
            var own = _ring.Find(seat.Key);
            if (own is not null && _ring.StandingOf(own) == KeyStanding.Revoked)
            {
                session.TurnAway(seat.Key, _book.Refusal(own)!);
            }
            else if (WhyNext(account, Newest(account, seat, own)) is { } why)
            {
                await NextAsync(account, session, seat, own, why);
            }
        }
    }

    /// <summary>The newest good key that a terminal has; null = that of the configuration, or none.</summary>
    private ApiKey? Newest(AccountId account, TerminalSeat seat, ApiKey? own) =>
        Row(account, seat.Terminal)?.Kept is { } kept && _ring.Find(kept) is { } key && _ring.StandingOf(key) == KeyStanding.Good ? key : own;

    /// <summary>Why a terminal with this key needs another one; null = it does not.</summary>
    private string? WhyNext(AccountId account, ApiKey? key) =>
        Asked(account) is { } asked && !(key?.Created >= asked) ? $"a new EA key was asked for on {EaKeyBook.Day(asked)}"
        : key?.Expires is { } end && Now - key.Created >= (end - key.Created) * 2 / 3 ? $"the EA key {key.Id} {(end > Now ? "expires" : "expired")} on {EaKeyBook.Day(end)}"
        : null;

    private async Task NextAsync(AccountId account, TerminalSession session, TerminalSeat seat, ApiKey? own, string why)
    {
        bool soon = own?.Expires is { } end && end - Now < Last;
        if (!seat.TakesKeys || !seat.IsPrivate)
        {
            string obstacle = seat.TakesKeys ? "its connection is not encrypted: use wss:// in the EA's input Server" : $"{seat.Peer} takes none over the session: update the EA to 1.1.0 or newer";
            _alerts.Raise(account, seat.Terminal, $"{own?.Id} {soon} {obstacle}", soon ? AlertLevel.Critical : AlertLevel.Warning,
                $"Account {account}: {why}, and terminal {seat.Terminal} cannot be handed the next one, as {obstacle}; or make a key with POST /v1/accounts/{account}/ea-keys and put it into the EA's input Key.", session);
            return;
        }

        if (_patience.TryGetValue((account, seat.Terminal), out var until))
        {
            if (Now < until)
            {
                return;
            }

            if (soon)
            {
                _alerts.Raise(account, seat.Terminal, $"{own!.Id} unanswered", AlertLevel.Critical,
                    $"Account {account}: {why}, and terminal {seat.Terminal} has not said that it keeps the next one. Look into its Experts log; or make a key with POST /v1/accounts/{account}/ea-keys and put it into the EA's input Key.", session);
            }
        }

        var next = await NextKeyAsync(account, own);
        _patience[(account, seat.Terminal)] = Now + AnswerWithin;
        if (session.HandOver(seat.Terminal, next.Key.Id, next.Text))
        {
            _log.LogInformation("ea key {Key} of {Account} is handed to terminal {Terminal}: {Why}", next.Key.Id, account.Value, seat.Terminal, why);
        }
    }

    /// <summary>The key that follows: one for all terminals of an account, as long as it is young enough itself. Durable before anybody is handed it.</summary>
    private async Task<IssuedKey> NextKeyAsync(AccountId account, ApiKey? replaced)
    {
        if (!_next.TryGetValue(account, out var next) || _ring.Find(next.Key.Id) is not { Revoked: null } known || WhyNext(account, known) is not null)
        {
            next = await _ring.IssueEaAsync(account, replaced?.Name ?? "handed over", Lifetime(replaced));
            _next[account] = next;
        }

        if (replaced is not null && replaced.Successor != next.Key.Id)
        {
            await _ring.ChangeAsync(replaced.Id, key => key with { Successor = next.Key.Id });
        }

        return next;
    }

    // As long as the keys before it: of one that was ended early, the one that followed it knows how long that was.
    private TimeSpan? Lifetime(ApiKey? key)
    {
        for (int i = 0; i < 100 && key?.Successor is { } id && _ring.Find(id) is { } successor; i++)
        {
            key = successor;
        }

        return key?.Expires - key?.Created is { Ticks: > 0 } life ? life : null;
    }

    private bool Follows(string key, string later)
    {
        for (int i = 0; i < 100 && _ring.Find(key)?.Successor is { } successor; i++)
        {
            if (successor == later)
            {
                return true;
            }

            key = successor;
        }

        return false;
    }

    /// <summary>The text of a key that all have is needed no more.</summary>
    private void ForgetText(AccountId account)
    {
        if (_next.TryGetValue(account, out var next) && Terminals(account).All(r => r.Key == next.Key.Id || r.Kept == next.Key.Id || r.Seen <= Now - Remembered))
        {
            _next.Remove(account);
        }
    }
}

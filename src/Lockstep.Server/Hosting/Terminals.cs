using System.Collections.Concurrent;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.MetaTrader.Session;
using Lockstep.Runtime;
using Lockstep.Server.Configuration;
using Lockstep.Server.Security;
using Lockstep.Storage;

namespace Lockstep.Server.Hosting;

/// <summary>The accounts that terminals serve: the hub where they come in, its clock, what must be quoted to us fast, and alerts on their screens.</summary>
internal sealed class Terminals : IAsyncDisposable
{
    private const int LookEvery = 20;
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250);
    private readonly ConcurrentDictionary<AccountId, TerminalSession> _sessions = [];
    private readonly WatchLists _watched;
    private readonly HubClock _clock;
    private volatile LockstepConfig _config;

    /// <summary>No session yet.</summary>
    public Terminals(LockstepConfig config, TimeProvider time, ILogger log, EaKeyDesk keys)
    {
        _config = config;
        Keys = keys;
        keys.Serve(Session);
        _clock = new HubClock("terminal", Beat, Turn, log);
        Hub = new TerminalHub(time, new TerminalHubOptions
        {
            Keys = keys,
            QuotesMs = (int)config.Server.EaQuoteInterval.TotalMilliseconds,
            MessagesPerSecond = config.Server.EaMessagesPerSecond,
            MessagesBurst = 5 * config.Server.EaMessagesPerSecond,
        }, new HubLog(log));
        _watched = new WatchLists(config, account => account.Terminal is not null);
    }

    /// <summary>Where terminals come in.</summary>
    public TerminalHub Hub { get; }

    /// <summary>The keys with which they come in.</summary>
    public EaKeyDesk Keys { get; }

    /// <summary>The session of an account, or null.</summary>
    public TerminalSession? Session(AccountId account) => _sessions.GetValueOrDefault(account);

    /// <summary>Makes an account's session. A disabled account has one too, so that its terminals are told why they are turned away.</summary>
    public TerminalSession Open(AccountConfig account, long firstEpoch)
    {
        var terminal = account.Terminal!;
        var session = Hub.Open(
            new TerminalAccount
            {
                Id = account.Id,
                Platform = terminal.Platform,
                Login = terminal.Login,
                Server = terminal.Server,
                KeyHash = terminal.KeyHash is { } hash ? Convert.FromHexString(hash) : null,
                Mode = terminal.Mode,
                Enabled = account.Enabled,
                Hedge = _config.Links.Any(l => l.Kind == LinkKind.Hedge && l.Mode != LinkMode.Off && (l.Source == account.Id || l.Target == account.Id)),
                DailyBudget = terminal.DailyBudget,
                AnswerTimeout = terminal.AnswerTimeout,
                AbsenceHorizon = terminal.AbsenceHorizon,
            },
            firstEpoch);
        _sessions[account.Id] = session;
        Tell(account.Id, always: true);
        return session;
    }

    /// <summary>Accounts or links came or went.</summary>
    public void Configure(LockstepConfig config)
    {
        _config = config;
        _watched.Configure(config);
        foreach (var gone in _sessions.Keys.Where(id => config.Account(id)?.Terminal is null))
        {
            _sessions.TryRemove(gone, out _);
        }
    }

    /// <summary>Sets the clock going.</summary>
    public void Start() => _clock.Start();

    /// <summary>Listens to a group: for symbols that are traded, and for alerts that belong on a terminal's screen.</summary>
    public IGroupObserver Listen(Func<IEnumerable<AccountId>> accounts) => new Listener(this, accounts);

    /// <summary>Symbols of legs that stood before the start.</summary>
    public void Watch(IEnumerable<LegView> legs) => _watched.Add(legs);

    /// <summary>Somebody listens to a symbol, until as many calls of <see cref="Release"/> took it back.</summary>
    public void Hold(AccountId account, SymbolName symbol) => _watched.Hold(account, symbol);

    /// <summary>Takes one <see cref="Hold"/> back.</summary>
    public void Release(AccountId account, SymbolName symbol) => _watched.Release(account, symbol);

    /// <summary>What an account's terminal quotes at once.</summary>
    public IReadOnlyList<SymbolName> WatchedOf(AccountId account) => _watched.Of(account);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _clock.DisposeAsync();
        await Keys.DisposeAsync();
    }

    private void Turn(int number)
    {
        Hub.Tick();
        if (number % 4 == 0)
        {
            foreach (var account in _watched.Accounts)
            {
                Tell(account, always: false);
            }
        }

        if (number % LookEvery == 0)
        {
            Keys.Look(_sessions.Keys);
        }
    }

    private void Tell(AccountId account, bool always)
    {
        if (_sessions.TryGetValue(account, out var session) && _watched.Take(account, always) is { } symbols)
        {
            session.Watch(symbols);
        }
    }

    private sealed class Listener(Terminals terminals, Func<IEnumerable<AccountId>> accounts) : IGroupObserver
    {
        public void Why(WhyRow row) => terminals._watched.Add(row);

        public void Alert(AlertRow row)
        {
            if (row.Alert.Level != AlertLevel.Critical)
            {
                return;
            }

            // One that names neither account nor link is about the whole group: it was halted.
            var about = row.Alert.Account is { } account ? [account]
                : row.Alert.Link is { } id && terminals._watched.Link(id) is { } link ? new[] { link.Source, link.Target }
                : accounts();
            foreach (var one in about)
            {
                terminals.Session(one)?.Alert(row.Alert.Text, push: true);
            }
        }
    }

    private sealed class HubLog(ILogger log) : ITerminalLog
    {
        public void Write(TerminalLogLevel level, AccountId? account, string remote, string text) =>
            log.Log(level == TerminalLogLevel.Info ? LogLevel.Information : LogLevel.Warning, "terminal {Account} {Remote} {Text}", account?.Value, remote, text);
    }
}

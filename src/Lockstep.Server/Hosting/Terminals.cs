using System.Collections.Concurrent;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.MetaTrader.Session;
using Lockstep.Runtime;
using Lockstep.Server.Configuration;
using Lockstep.Storage;

namespace Lockstep.Server.Hosting;

/// <summary>The accounts that terminals serve: the hub where they come in, its clock, what must be quoted to us fast, and alerts on their screens.</summary>
internal sealed class Terminals : IAsyncDisposable
{
    /// <summary>A watch list must fit into one message of the link.</summary>
    private const int WatchMax = 500;

    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250);
    private readonly LockstepConfig _config;
    private readonly ILogger _log;
    private readonly ConcurrentDictionary<AccountId, TerminalSession> _sessions = [];
    private readonly Dictionary<AccountId, Watched> _watched;
    private readonly Dictionary<LinkId, LinkSettings> _links;
    private readonly CancellationTokenSource _stop = new();
    private Task _clock = Task.CompletedTask;

    /// <summary>No session yet.</summary>
    public Terminals(LockstepConfig config, TimeProvider time, ILogger log)
    {
        (_config, _log) = (config, log);
        Hub = new TerminalHub(time, new TerminalHubOptions
        {
            QuotesMs = (int)config.Server.EaQuoteInterval.TotalMilliseconds,
            MessagesPerSecond = config.Server.EaMessagesPerSecond,
            MessagesBurst = 5 * config.Server.EaMessagesPerSecond,
        }, new HubLog(log));
        _links = config.Links.DistinctBy(l => l.Id).ToDictionary(l => l.Id);
        _watched = config.Accounts.Where(a => a.Terminal is not null).ToDictionary(a => a.Id, _ => new Watched());
        foreach (var link in config.Links)
        {
            Watch(link.Source, [.. link.Filters.Allow, .. link.Symbols.Pairs.Select(p => p.Source)]);
            Watch(link.Target, [.. link.Filters.Allow.Select(s => SymbolMapper.Map(link.Symbols, s)), .. link.Symbols.Pairs.Select(p => p.Target)]);
        }
    }

    /// <summary>Where terminals come in.</summary>
    public TerminalHub Hub { get; }

    /// <summary>True when a configuration has accounts that need it.</summary>
    public static bool Needed(LockstepConfig config) => config.Accounts.Any(a => a.Terminal is not null);

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
                KeyHash = Convert.FromHexString(terminal.KeyHash),
                Mode = terminal.Mode,
                Enabled = account.Enabled,
                Hedge = _config.Links.Any(l => l.Kind == LinkKind.Hedge && l.Mode != LinkMode.Off && (l.Source == account.Id || l.Target == account.Id)),
                DailyBudget = terminal.DailyBudget,
                AnswerTimeout = terminal.AnswerTimeout,
                AbsenceHorizon = terminal.AbsenceHorizon,
            },
            firstEpoch);
        _sessions[account.Id] = session;
        Tell(account.Id, _watched[account.Id], always: true);
        return session;
    }

    /// <summary>Sets the clock going.</summary>
    public void Start() => _clock = Task.Run(RunAsync);

    /// <summary>Listens to a group: for symbols that are traded, and for alerts that belong on a terminal's screen.</summary>
    public IGroupObserver Listen(IReadOnlyList<AccountId> accounts) => new Listener(this, [.. accounts.Where(_watched.ContainsKey)]);

    /// <summary>Symbols of legs that stood before the start.</summary>
    public void Watch(IEnumerable<LegView> legs)
    {
        foreach (var leg in legs.Where(l => l.Status == LegStatus.Active))
        {
            Watch(leg.Source, [leg.SourceSymbol]);
            Watch(leg.Target, [leg.TargetSymbol]);
        }
    }

    /// <summary>What an account's terminal quotes at once.</summary>
    public IReadOnlyList<SymbolName> WatchedOf(AccountId account) => _watched.GetValueOrDefault(account)?.Symbols ?? [];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _clock;
        _stop.Dispose();
    }

    /// <summary>
    /// A decision to open takes along the target's price of that moment, so that it should not be a second old: what links name, and what was traded once, is quoted with each
    /// pump of the terminal. A link without a list may trade any symbol; the first trade of one has to do with the slow quotes, and puts it on the list. Nothing leaves the list
    /// again: what was traded will be, and a quote costs forty bytes.
    /// </summary>
    private void Watch(AccountId account, IEnumerable<SymbolName> symbols)
    {
        if (_watched.TryGetValue(account, out var watched))
        {
            watched.Add(symbols.Where(s => !string.IsNullOrEmpty(s.Value)));
        }
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Beat);
        for (int turn = 0; await NextAsync(timer); turn++)
        {
            try
            {
                Hub.Tick();
                if (turn % 4 == 0)
                {
                    foreach (var (account, watched) in _watched)
                    {
                        Tell(account, watched, always: false);
                    }
                }
            }
#pragma warning disable CA1031 // One wrong turn must not end the watching over all links.
            catch (Exception error)
#pragma warning restore CA1031
            {
                _log.LogError(error, "terminal clock {Text}", error.Message);
            }
        }
    }

    private async Task<bool> NextAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Tell(AccountId account, Watched watched, bool always)
    {
        if (_sessions.TryGetValue(account, out var session) && watched.Take(always) is { } symbols)
        {
            session.Watch(symbols);
        }
    }

    /// <summary>A growing set of symbols, told when it grew.</summary>
    private sealed class Watched
    {
        private readonly Lock _gate = new();
        private readonly SortedSet<SymbolName> _symbols = [];
        private bool _grew;

        public IReadOnlyList<SymbolName> Symbols
        {
            get
            {
                lock (_gate)
                {
                    return [.. _symbols];
                }
            }
        }

        public void Add(IEnumerable<SymbolName> symbols)
        {
            lock (_gate)
            {
                foreach (var symbol in symbols)
                {
                    _grew |= _symbols.Count < WatchMax && _symbols.Add(symbol);
                }
            }
        }

        public IReadOnlyList<SymbolName>? Take(bool always)
        {
            lock (_gate)
            {
                if (!_grew && !always)
                {
                    return null;
                }

                _grew = false;
                return [.. _symbols];
            }
        }
    }

    private sealed class Listener(Terminals terminals, IReadOnlyList<AccountId> accounts) : IGroupObserver
    {
        public void Why(WhyRow row)
        {
            var entry = row.Entry;
            terminals.Watch(entry.Source, [entry.Symbol]);
            if (terminals._links.TryGetValue(entry.Link, out var link) && !string.IsNullOrEmpty(entry.Symbol.Value))
            {
                terminals.Watch(link.Target, [SymbolMapper.Map(link.Symbols, entry.Symbol)]);
            }
        }

        public void Alert(AlertRow row)
        {
            if (row.Alert.Level != AlertLevel.Critical)
            {
                return;
            }

            // One that names neither account nor link is about the whole group: it was halted.
            var about = row.Alert.Account is { } account ? [account]
                : row.Alert.Link is { } id && terminals._links.TryGetValue(id, out var link) ? new[] { link.Source, link.Target }
                : accounts;
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

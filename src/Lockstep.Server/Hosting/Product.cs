using System.Collections.Concurrent;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Runtime;
using Lockstep.Server.Amqp;
using Lockstep.Server.Configuration;
using Lockstep.Server.Metrics;
using Lockstep.Server.Rest;
using Lockstep.Server.Security;
using Lockstep.Server.Streams;
using Lockstep.Server.WebSockets;
using Lockstep.Storage;
using Lockstep.Storage.Sqlite;

namespace Lockstep.Server.Hosting;

/// <summary>The running product: store, simulated world, one runner for each group. <c>serve</c> and <c>demo</c> are this with a different face.</summary>
internal sealed partial class Product : IDesk, ITerminalDesk, IAsyncDisposable
{
    private readonly SqliteStore _store;
    private readonly ClientGate _gate = new(TimeProvider.System);
    private readonly RequestTrails _trails;
    private readonly ConcurrentDictionary<AccountId, GroupRunner> _runners = [];
    private readonly ConcurrentQueue<string> _halted = new();
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly IGroupObserver? _listener;
    private readonly RuntimeOptions _options;
    private volatile LockstepConfig _config;
    private readonly Dictionary<AccountId, long> _epochs = [];
    private readonly CancellationTokenSource _ends = new();
    private volatile RunningGroup[] _groups = [];
    private Task _house = Task.CompletedTask;
    private readonly TaskCompletionSource<string> _failed;
    private Task? _groupsStopped;
    private bool _stopping;
    private bool _disposed;

    private Product(
        LockstepConfig config, SqliteStore store, ProductMetrics metrics, PaperWorld world, Terminals terminals, CTraderAccounts? ctrader, TaskCompletionSource<string> failed, TimeProvider time, ILogger log, IGroupObserver? listener)
    {
        (_config, _store, Metrics, World, Terminals, CTrader, _failed, _time, _log, _listener) = (config, store, metrics, world, terminals, ctrader, failed, time, log, listener);
        _options = new RuntimeOptions { Measured = metrics.Measured };
        Feed = new Feed(store.LastEvent);
        _trails = new RequestTrails(time);
        Directory = new AccountDirectory(store.Instance, () => Config);
        Keys = terminals.Keys.Ring;
        Metrics.Watch(this);
        Feed.Add(Metrics);
        Streams = new StreamHub(this, time, log);
    }

    /// <inheritdoc/>
    public LockstepConfig Config => _config;

    /// <summary>The simulated brokers and their market.</summary>
    public PaperWorld World { get; }

    /// <summary>The accounts that terminals serve.</summary>
    public Terminals Terminals { get; }

    /// <inheritdoc/>
    Terminals? ITerminalDesk.Terminals => Terminals;

    /// <summary>The accounts that the Open API serves; null where no application is registered.</summary>
    public CTraderAccounts? CTrader { get; }

    /// <summary>The store.</summary>
    public SqliteStore Store => _store;

    /// <summary>The keys that were given out.</summary>
    public KeyRing Keys { get; }

    /// <summary>What all groups tell.</summary>
    public Feed Feed { get; }

    /// <summary>Publishes to RabbitMQ; null when that is off.</summary>
    public AmqpPublisher? Amqp { get; private set; }

    /// <inheritdoc/>
    public AccountDirectory Directory { get; }

    /// <summary>What was registered over the API; null where accounts and links are fixed.</summary>
    public Registry? Registry { get; private init; }

    /// <summary>Users who listen.</summary>
    public StreamHub Streams { get; }

    /// <summary>Complete when the way of a trade is warm.</summary>
    public Task Rehearsed { get; private init; } = Task.CompletedTask;

    /// <summary>The groups.</summary>
    public IEnumerable<GroupRunner> Groups => _groups.Select(g => g.Runner);

    /// <inheritdoc/>
    public IReadOnlyList<string> Halted => [.. _halted];

    /// <summary>Completes, with what happened, when the product cannot go on.</summary>
    public Task<string> Failed => _failed.Task;

    /// <summary>
    /// Opens the data folder, brings every group back to where it was, and sets all going. A <see cref="DataFolderException"/>, <see cref="JournalDamagedException"/> or
    /// <see cref="RecoveryException"/> says why not. <paramref name="ctrader"/>: makes a simulated Open API in place of the real one.
    /// <paramref name="source"/>: where the configuration is from; with it accounts and links may come and go over the API.
    /// </summary>
    public static async Task<Product> StartAsync(
        LockstepConfig config, ILogger log, IGroupObserver? listener = null, bool clearHalt = false, Func<PaperWorld, Task<CTraderWorld>>? ctrader = null, ConfigSource? source = null)
    {
        var (store, metrics) = OpenStore(config);
        var rehearsal = Rehearsal.Begin(log);
        Product? product = null;
        try
        {
            foreach (string warning in store.Warnings)
            {
                log.LogWarning("store {Warning}", warning);
            }

            var registry = source is null ? null : await Registry.OpenAsync(source, store, log);
            config = registry?.Config ?? config;
            var openings = await GroupOpening.OpenAsync(store, config.Settings, new RecoveryOptions { ClearHalt = clearHalt });
            await AmqpOutbox.PrepareAsync(store, config.Amqp is not null);

            // One clock for everything in the process: the wall clock may be set while it runs, and no deadline or pause moves with it.
            var time = new SteadyTime(TimeProvider.System, openings.Select(o => o.Recovered.At).DefaultIfEmpty(Timestamp.Epoch).Max());
            var failed = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            store.Failed += failure => Fail(failed, failure.Message, failure, log);
            var world = await PaperWorld.OpenAsync(config.Accounts, store, time, error => Fail(failed, $"a simulated broker could not go on: {error.Message}", error, log));
            CTraderAccounts? open;
            try
            {
                open = CTraderAccounts.Needed(config) ? await CTraderAccounts.OpenAsync(config, store, time, log, ctrader is null ? null : await ctrader(world)) : null;
            }
            catch
            {
                await world.DisposeAsync();
                throw;
            }

            // Expiry of keys goes by the wall clock, as people read it.
            var keys = new EaKeyDesk(new KeyRing(store, TimeProvider.System), store, TimeProvider.System, log);
            product = new Product(config, store, metrics, world, new Terminals(config, time, log, keys), open, failed, time, log, listener) { Rehearsed = rehearsal, Registry = registry };
            product._house = product.KeepHouseAsync();
            product.Streams.Start();
            product.StartWatching(config);
            foreach (var opening in openings)
            {
                product.StartGroup(opening);
            }

            product.StartAmqp();
            product.Terminals.Watch(await product.LegsAsync());
            product.Terminals.Start();
            if (open is not null)
            {
                open.Watch(await product.LegsAsync());
                open.Start();
            }

            return product;
        }
        catch
        {
            if (product is not null)
            {
                await product.DisposeAsync();
            }
            else
            {
                store.Dispose();
                metrics.Dispose();
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public Task<AccountView?> AccountAsync(AccountId account) =>
        _runners.TryGetValue(account, out var runner) ? runner.VisitAsync(core => core.Engine.Account(account)) : Task.FromResult<AccountView?>(null);

    /// <inheritdoc/>
    public AccountFunds? Funds(AccountId account) => _runners.GetValueOrDefault(account)?.Core.Quotes.Funds(account);

    /// <inheritdoc/>
    public IReadOnlyList<PositionMoney> Floating(AccountId account) => _runners.GetValueOrDefault(account)?.Core.Quotes.Floating(account) ?? [];

    /// <inheritdoc/>
    public Quote? Quote(AccountId account, SymbolName symbol) => _runners.GetValueOrDefault(account)?.Core.Quotes.Quote(account, symbol);

    /// <inheritdoc/>
    public SessionHealth? Health(AccountId account) => _runners.GetValueOrDefault(account)?.Core.Quotes.Health(account);

    /// <inheritdoc/>
    public IAccountData? Data(AccountId account) => (IAccountData?)Terminals.Session(account) ?? CTrader?.Data(account) ?? (Config.Account(account)?.Broker is null ? null : new PaperHistory(_store, account));

    /// <inheritdoc/>
    public Task<IReadOnlyList<LegView>> LegsAsync() => OfAllAsync(engine => engine.Legs);

    /// <summary>Orders in flight, oldest first.</summary>
    public Task<IReadOnlyList<IntentView>> InFlightAsync() => OfAllAsync(engine => engine.InFlight);

    /// <inheritdoc/>
    public Task<WhyPage> WhyAsync(WhyFilter filter, CancellationToken cancel) => Task.Run(() => filter.Of(_store), cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AlertSeen>> AlertsAsync(AlertQuery query, CancellationToken cancel) =>
        Task.Run<IReadOnlyList<AlertSeen>>(() => [.. _store.Alerts(query).Select(s => new AlertSeen(s.Row.At, s.Row.Alert) { Id = s.Id })], cancel);

    /// <inheritdoc/>
    public async Task<ClientAnswer?> RequestAsync(ClientRequest request, TimeSpan wait, CancellationToken cancel)
    {
        if (_stopping || !_runners.TryGetValue(request.Account, out var runner) || runner.Core.HaltReason is not null || runner.Completion.IsCompleted)
        {
            return null;
        }

        _trails.Received(request);
        _traces.Requested(request.Account, request.ClientId);
        return await _gate.SubmitAsync(runner.Core, request, wait, cancel);
    }

    /// <inheritdoc/>
    public Task<ClientView?> RequestStateAsync(AccountId account, string clientId) =>
        _runners.TryGetValue(account, out var runner) ? runner.VisitAsync(core => core.Engine.Client(account, clientId)) : Task.FromResult<ClientView?>(null);

    /// <inheritdoc/>
    public RequestTrail Trail(AccountId account, string clientId, ClientAnswer answer)
    {
        if (_trails.Of(account, clientId, answer) is { } trail)
        {
            return trail;
        }

        var deals = answer.Key is not { } key ? [] : Log.Events(new EventQuery { Accounts = [account], Kinds = ["deal"], Latest = true, Limit = 1_000 }).Select(r => ((DealDone)r.Body).Deal).Where(d => d.Tag.Key == key);
        return RequestTrail.None with { Deals = [.. deals.Reverse()] };
    }

    /// <inheritdoc/>
    public IEventLog Log => _store;

    /// <summary>Latency of a stage, all groups together.</summary>
    public LatencySummary Latency(LatencyStage stage)
    {
        var sum = new LatencyHistogram();
        foreach (var group in Groups)
        {
            sum.Add(group.Core.Latency.Histogram(stage));
        }

        return sum.Summary();
    }

    /// <summary>Ends sessions and groups, each with a snapshot. Brokers, their clock and the store go on, so that terminals of this process can still be closed in order.</summary>
    public Task StopGroupsAsync()
    {
        _stopping = true;
        Terminals.Hub.Ends = true;
        return _groupsStopped ??= Task.WhenAll(_groups.Select(g => g.Runner.StopAsync()));
    }

    /// <summary>Ends in order: sessions, groups, brokers, store.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _ends.CancelAsync();
        await _house;
        await StopGroupsAsync();
        await Streams.DisposeAsync();
        if (Amqp is not null)
        {
            await Amqp.DisposeAsync();
        }

        foreach (var group in _groups)
        {
            group.Ports.Dispose();
        }

        await Terminals.DisposeAsync();

        if (CTrader is not null)
        {
            await CTrader.DisposeAsync();
        }

        await World.DisposeAsync();
        await StopWatchingAsync();
        Keys.Dispose();
        Registry?.Dispose();
        _changing.Dispose();
        _ends.Dispose();
        Metrics.Dispose();
        _store.Dispose();
    }

    private void StartGroup(OpenGroup open)
    {
        _log.LogInformation("group {Group} {Accounts} {Links} {Events} {Replayed}", open.Plan.Name, open.Plan.Settings.Accounts.Count, open.Plan.Settings.Links.Count, open.Journal.LastSeq, open.Recovered.Replayed);
        var observers = new List<IGroupObserver> { _trails, _gate, Metrics, new GroupLog(_log, _traces), new HaltNote(this), Feed };
        observers.AddRange(_webhooks);
        if (_listener is not null)
        {
            observers.Add(_listener);
        }

        observers.Add(Terminals.Listen(() => _runners.Where(r => r.Value.Core.Group == open.Plan.Name).Select(r => r.Key)));
        if (CTrader is not null)
        {
            observers.Add(CTrader.Listen());
        }

        var ports = new GroupPorts(() => Config, World, Terminals, CTrader, new Observers(observers), _time);
        var runner = new GroupRunner(new GroupCore(open.Recovered, ports, _time, _options), open.Journal, _options);
        _groups = [.. _groups, new RunningGroup(runner, ports)];
        foreach (var account in open.Plan.Settings.Accounts)
        {
            _runners[account] = runner;
        }

        runner.Start(open.Recovered, open.Plan.Settings);
    }

    private void StartAmqp()
    {
        if (Config.Amqp is { } amqp)
        {
            Amqp = new AmqpPublisher(amqp, _store, this, new Messages(_store.Instance, Directory, () => Config, amqp, _time), _time, _log);
            Amqp.Start(Feed);
        }
    }

    private async Task<IReadOnlyList<T>> OfAllAsync<T>(Func<Engine.Engine, IEnumerable<T>> read)
    {
        var all = new List<T>();
        foreach (var group in Groups)
        {
            all.AddRange(await group.VisitAsync(core => read(core.Engine).ToList()));
        }

        return all;
    }

    private static void Fail(TaskCompletionSource<string> failed, string text, Exception error, ILogger log)
    {
        if (failed.TrySetResult(text))
        {
            log.LogCritical(error, "failed {Text}", text);
        }
    }

    /// <summary>A group at work.</summary>
    private sealed record RunningGroup(GroupRunner Runner, GroupPorts Ports);

    private sealed class HaltNote(Product product) : IGroupObserver
    {
        public void Halted(string group, string text) => product._halted.Enqueue($"{group}: {text}");
    }
}

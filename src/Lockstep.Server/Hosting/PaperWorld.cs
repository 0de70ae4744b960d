using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Simulator;
using Lockstep.Storage;

namespace Lockstep.Server.Hosting;

/// <summary>The simulated side of the product in real time: brokers, their market, and the clock on which both live. All of a broker is touched on that clock only.</summary>
internal sealed class PaperWorld : IAsyncDisposable
{
    private readonly PaperBooks _books;
    private readonly QuoteRouter _router = new();
    private readonly Dictionary<string, decimal> _ticks = [];
    private volatile SortedDictionary<AccountId, SimBroker> _brokers = [];
    private QuotesConfig? _quotes;
    private Action? _finished;
    private QuoteGenerator? _generator;
    private QuotePlayer? _player;
    private bool _disposed;

    private PaperWorld(IPaperStore store, TimeProvider time, Action<Exception> failed)
    {
        _books = new PaperBooks(store);
        Clock = new RealSimClock(time);
        Clock.Failed += failed;
    }

    /// <summary>The clock.</summary>
    public RealSimClock Clock { get; }

    /// <summary>The brokers, by account.</summary>
    public IReadOnlyDictionary<AccountId, SimBroker> Brokers => _brokers;

    /// <summary>Quotes delivered so far, one a broker.</summary>
    public long QuotesDelivered => _router.Delivered;

    /// <summary>Lines of a quote file that were refused; null while there is none.</summary>
    public QuoteFile? File { get; private set; }

    /// <summary>
    /// Brokers as they were left in the store, or new ones. Made on the clock, as a broker that was left with an order in its queue executes it as soon as it can.
    /// </summary>
    public static async Task<PaperWorld> OpenAsync(IReadOnlyList<AccountConfig> accounts, IPaperStore store, TimeProvider time, Action<Exception> failed)
    {
        var world = new PaperWorld(store, time, failed);
        try
        {
            return await world.OnClockAsync(() =>
            {
                world.Open(accounts);
                return world;
            });
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>Accounts came: their brokers are opened, and quoted as soon as anything is. A <see cref="DataFolderException"/> says when what was kept of one is of another kind.</summary>
    public Task AddAsync(IReadOnlyList<AccountConfig> accounts) => OnClockAsync(() =>
    {
        Open(accounts);
        if (_quotes is { File: null } quotes)
        {
            // The generator makes one market for all symbols; it goes on where each of them was.
            _generator?.Stop();
            StartQuotes(quotes, _finished);
        }

        return true;
    });

    /// <summary>Accounts went: their brokers stand still, and what they were stays in the store.</summary>
    public Task RemoveAsync(IReadOnlyList<AccountId> accounts) => OnClockAsync(() =>
    {
        var left = new SortedDictionary<AccountId, SimBroker>(_brokers);
        foreach (var account in accounts)
        {
            if (left.Remove(account, out var broker))
            {
                _router.Remove(broker);
                _books.Close(account);
            }
        }

        _brokers = left;
        return true;
    });

    /// <summary>Begins to quote, from the generator or from a file.</summary>
    public Task StartQuotesAsync(QuotesConfig quotes, Action? finished = null) => OnClockAsync(() =>
    {
        (_quotes, _finished) = (quotes, finished);
        StartQuotes(quotes, finished);
        return true;
    });

    /// <summary>Ends the quotes; the market stands still from then on.</summary>
    public Task StopQuotesAsync() => OnClockAsync(() =>
    {
        _generator?.Stop();
        _player?.Dispose();
        return true;
    });

    /// <summary>Runs something on the clock and gives what came of it.</summary>
    public Task<T> OnClockAsync<T>(Func<T> read)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Clock.Schedule(TimeSpan.Zero, () =>
        {
            try
            {
                done.SetResult(read());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task;
    }

    /// <summary>Ends everything: what runs is finished, what waits is not run any more.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await OnClockAsync(() =>
        {
            Clock.Dispose();
            return true;
        });
    }

    private void Open(IReadOnlyList<AccountConfig> accounts)
    {
        var all = new SortedDictionary<AccountId, SimBroker>(_brokers);
        foreach (var account in accounts.Where(a => a.Broker is not null))
        {
            var broker = _books.Open(account.Id, account.Broker!, Clock);
            all.Add(account.Id, broker);
            _router.Add(broker);
        }

        _brokers = all;
    }

    private void StartQuotes(QuotesConfig quotes, Action? finished)
    {
        var symbols = _brokers.Values.SelectMany(b => b.Symbols).DistinctBy(s => s.Canonical ?? s.Spec.Name.Value).ToList();
        foreach (var symbol in symbols)
        {
            _ticks[symbol.Canonical ?? symbol.Spec.Name.Value] = symbol.Spec.TickSize;
        }

        if (quotes.File is { } path)
        {
            File = new QuoteFile(path);
            _player = new QuotePlayer(Clock, File.Read(), Deliver, quotes.Speed);
            _player.Finished += finished;
            _player.Start();
            return;
        }

        // The market goes on where it was when the books were last kept, and not at the catalogue's first price with the same steps once more.
        var random = new SimRandom((ulong)quotes.Seed);
        random = symbols.Exists(s => LastPrice(s) is not null) ? random.Fork(Clock.Now.Micros) : random;
        _generator = new QuoteGenerator(random, symbols.Select(s => s with { StartPrice = LastPrice(s) ?? s.StartPrice }));
        _generator.Run(Clock, quotes.Interval / Math.Max(1, symbols.Count), Deliver);
    }

    // A recording may have more digits than our brokers quote: the spread is kept whole.
    private void Deliver(QuoteTick tick)
    {
        decimal step = _ticks.GetValueOrDefault(tick.Symbol, 0m);
        _router.Deliver(step == 0m ? tick : tick with { Bid = Math.Floor(tick.Bid / step) * step, Ask = Math.Ceiling(tick.Ask / step) * step });
    }

    private decimal? LastPrice(SimSymbol symbol)
    {
        foreach (var broker in _brokers.Values)
        {
            var own = broker.Symbols.FirstOrDefault(s => (s.Canonical ?? s.Spec.Name.Value) == (symbol.Canonical ?? symbol.Spec.Name.Value));
            if (own is not null && broker.QuoteOf(own.Spec.Name) is { } quote)
            {
                return (quote.Bid.Value + quote.Ask.Value) / 2m;
            }
        }

        return null;
    }
}

using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <content>History, what the owner and checkers can see, and what survives a restart.</content>
public abstract partial class SimBroker
{
    private readonly List<HistoryRecord> _history = [];
    private readonly List<OwnerDeal> _deals = [];
    private readonly SortedDictionary<ulong, int> _executionsByKey = [];
    private long _dealNumber;
    private int _captured;

    /// <summary>Open positions as the broker's books have them, oldest first.</summary>
    public abstract IReadOnlyList<OwnerPosition> OpenPositions { get; }

    /// <summary>Pending orders as the broker's books have them, oldest first.</summary>
    public abstract IReadOnlyList<OwnerOrder> PendingOrders { get; }

    /// <summary>Every execution, oldest first.</summary>
    public IReadOnlyList<OwnerDeal> Deals => _deals;

    /// <summary>How many times a command of each key was carried out (several parts of one command count once).</summary>
    public IReadOnlyDictionary<ulong, int> ExecutionsByKey => _executionsByKey;

    /// <summary>All history records, oldest first.</summary>
    public IReadOnlyList<HistoryRecord> History => _history;

    /// <summary>The present state, with the history since the last capture.</summary>
    public BrokerState Capture()
    {
        var state = CaptureFrom(_captured);
        _captured = _history.Count;
        return state;
    }

    /// <summary>The present state with the whole history.</summary>
    public BrokerState CaptureWhole() => CaptureFrom(0);

    /// <summary>
    /// A broker that goes on where another stopped. Requests that fell due meanwhile are executed before anyone can ask.
    /// </summary>
    /// <param name="settings">The account's settings, as they were.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="random">The same random source as before.</param>
    /// <param name="state">The last captured state.</param>
    /// <param name="history">All history records before <see cref="BrokerState.HistoryAppended"/> of <paramref name="state"/>; null when it holds them all.</param>
    public static SimBroker Restore(BrokerSettings settings, ISimClock clock, SimRandom random, BrokerState state, IReadOnlyList<HistoryRecord>? history = null)
    {
        if (state.Platform != settings.Platform)
        {
            throw new ArgumentException($"the state is of {state.Platform}, the account is {settings.Platform}", nameof(state));
        }

        if (state.Version != 1)
        {
            throw new ArgumentException($"the state has version {state.Version}, 1 is known", nameof(state));
        }

        if ((history?.Count ?? 0) != state.HistoryBefore)
        {
            throw new ArgumentException($"{history?.Count ?? 0} history records were given, {state.HistoryBefore} are needed", nameof(history));
        }

        var broker = Create(settings, clock, random);
        broker.Load(state, history ?? []);
        return broker;
    }

    /// <summary>History from a moment on, oldest first; a second more than asked for, since MT4 knows whole seconds only.</summary>
    internal IEnumerable<HistoryRecord> HistorySince(Timestamp from)
    {
        int first = _history.Count;
        while (first > 0 && _history[first - 1].RecordedAt >= from - TimeSpan.FromSeconds(1))
        {
            first--;
        }

        for (int i = first; i < _history.Count; i++)
        {
            yield return _history[i];
        }
    }

    /// <summary>Open objects and counters.</summary>
    private protected abstract BookState CaptureBook();

    /// <summary>Takes back open objects and counters.</summary>
    private protected abstract void LoadBook(BookState book);

    /// <summary>Takes back a history record (in order).</summary>
    private protected abstract void LoadHistory(HistoryRecord record);

    /// <summary>Appends to history.</summary>
    private protected void Record(HistoryRecord record)
    {
        _history.Add(record);
        Note(record);
        Touch();
    }

    /// <summary>Books an execution for the owner's view.</summary>
    private protected void RecordDeal(OwnerDeal deal) => Record(deal with { Number = ++_dealNumber });

    private void Note(HistoryRecord record)
    {
        switch (record)
        {
            case OwnerDeal deal:
                _deals.Add(deal);
                break;
            case KeyExecuted executed:
                _executionsByKey[executed.OwnerKey] = _executionsByKey.GetValueOrDefault(executed.OwnerKey) + 1;
                break;
        }
    }

    private BrokerState CaptureFrom(int first) => new()
    {
        Platform = Settings.Platform,
        Balance = Balance,
        RequestNumber = _requestNumber,
        DealNumber = _dealNumber,
        NextRollover = _nextRollover,
        Quotes = [.. _quotes.Select(q => new QuoteState(q.Key, q.Value.Bid.Value, q.Value.Ask.Value, q.Value.At))],
        Queue = [.. _queue.Values],
        Book = CaptureBook(),
        HistoryBefore = first,
        HistoryAppended = _history.GetRange(first, _history.Count - first),
    };

    private void Load(BrokerState state, IReadOnlyList<HistoryRecord> history)
    {
        Balance = state.Balance;
        _requestNumber = state.RequestNumber;
        _dealNumber = state.DealNumber;
        _nextRollover = state.NextRollover;
        foreach (var quote in state.Quotes.Where(q => _symbols.ContainsKey(q.Symbol)))
        {
            _quotes[quote.Symbol] = new Quote(new Price(quote.Bid), new Price(quote.Ask), quote.At);
        }

        foreach (var record in history.Concat(state.HistoryAppended))
        {
            _history.Add(record);
            Note(record);
            LoadHistory(record);
        }

        _captured = _history.Count;
        LoadBook(state.Book);
        foreach (var queued in state.Queue)
        {
            _queue.Add((queued.DueAt.Micros, queued.Number), queued);
            WakeAt(queued.DueAt);
        }
    }
}

using System.Buffers;
using System.Collections.Concurrent;
using System.Threading.Channels;
using Lockstep.Domain;
using Lockstep.MetaTrader.Wire;
using Lockstep.Storage;

namespace Lockstep.Server.Streams;

/// <summary>
/// Brings events and latest values to all who listen. One pump does it, turn by turn, so that nothing in here needs a lock: what sessions and clients bring is put down for it and it is woken. Memory does
/// not grow with what a client does not read: of events it keeps one stretch for all, of values the latest; a client is a place in the first and a turn number in the second.
/// </summary>
internal sealed partial class StreamHub : IFeedListener, IAsyncDisposable
{
    /// <summary>So many events of before the start are at hand at once, for those who come back after a restart.</summary>
    private const int EventsAtStart = 1_024;

    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ConcurrentQueue<EventRow> _told = new();
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly ConcurrentQueue<StreamClient> _drained = new();
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly HashSet<StreamClient> _clients = [];
    private readonly ITimer _beat;
    private readonly ITimer _next;
    private Task _run = Task.CompletedTask;
    private long _firstKept;
    private int _beats;
    private int _entered;
    private volatile bool _stopping;

    /// <summary>Listens from now on; nothing is told before <see cref="Start"/>.</summary>
    public StreamHub(IStreamDesk desk, TimeProvider time, ILogger log, StreamLimits? limits = null)
    {
        (Desk, _time, _log, Limits) = (desk, time, log, limits ?? new StreamLimits());
        long last = desk.Feed.Add(this);
        var before = desk.Events.Events(new EventQuery { Before = last + 1, Latest = true, Limit = Math.Min(EventsAtStart, Limits.EventsHeld) });
        _firstKept = desk.Events.FirstEvent;
        int whole = 0;
        while (whole < before.Count && before[whole].Id == last - whole)
        {
            whole++;
        }

        Ring = new EventRing(Limits.EventsHeld, last - whole);
        foreach (var row in before.Take(whole).Reverse())
        {
            Ring.Add(row);
        }

        _beat = time.CreateTimer(_ => Post(OnBeat), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _next = time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The product.</summary>
    public IStreamDesk Desk { get; }

    /// <summary>What streams are held to.</summary>
    public StreamLimits Limits { get; }

    /// <summary>The latest events. The pump's.</summary>
    public EventRing Ring { get; }

    /// <summary>The number of reads of the log that run at the same time.</summary>
    public SemaphoreSlim LogReads { get; } = new(4);

    /// <summary>Where a client's messages are put together. The pump's.</summary>
    public ArrayBufferWriter<byte> Scratch { get; } = new(64 * 1024);

    /// <summary>Number of the oldest event that is kept, as it was when somebody looked last.</summary>
    public long FirstKept
    {
        get => Volatile.Read(ref _firstKept);
        set => Volatile.Write(ref _firstKept, value);
    }

    /// <summary>Connections that are open.</summary>
    public int Connections => Volatile.Read(ref _entered);

    /// <summary>Values that were passed over for slow readers.</summary>
    public long Conflated { get; set; }

    /// <summary>Clients that were cut off because events waited that they did not read.</summary>
    public long CutOff { get; set; }

    /// <summary>The time.</summary>
    public DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>A monotonic time since some moment.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(0);

    /// <summary>Sets the pump going.</summary>
    public void Start()
    {
        _beat.Change(Beat, Timeout.InfiniteTimeSpan);
        _run = Task.Run(RunAsync);
    }

    /// <summary>Has something done on the pump.</summary>
    public void Post(Action work)
    {
        _posted.Enqueue(work);
        Wake();
    }

    /// <summary>A place for a connection; false = there is none.</summary>
    public bool Enter()
    {
        if (!_stopping && Interlocked.Increment(ref _entered) <= Limits.Connections)
        {
            return true;
        }

        if (!_stopping)
        {
            Leave();
        }

        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void Leave() => Interlocked.Decrement(ref _entered);

    /// <summary>Closes all connections and takes no more.</summary>
    public void CloseAll()
    {
        _stopping = true;
        Post(() =>
        {
            foreach (var client in _clients)
            {
                client.Close(WsClose.GoingAway, "the server stops");
            }
        });
    }

    /// <summary>Something of ours went wrong for a client; it is closed, and may come again.</summary>
    public void Mistake(StreamClient client, Exception error)
    {
        _log.LogError(error, "stream {Text}", error.Message);
        client.Close(WsClose.TryLater, "a mistake of ours");
    }

    /// <summary>A client can be sent to again. From any thread.</summary>
    public void Drained(StreamClient client)
    {
        _drained.Enqueue(client);
        Wake();
    }

    /// <inheritdoc/>
    public void Told(EventRow row)
    {
        _told.Enqueue(row);
        Wake();
    }

    /// <inheritdoc/>
    public void Quoted(AccountId account, SymbolName symbol, Quote quote)
    {
        var cell = CellOf(new CellKey(CellKind.Price, account, symbol));
        if (cell.Candled)
        {
            _ticks.Enqueue((cell, quote));
        }

        if (cell.Put(quote))
        {
            Dirty(cell);
        }
    }

    /// <inheritdoc/>
    public void Funded(AccountId account, AccountFunds funds) => Put(new CellKey(CellKind.Funds, account), funds);

    /// <inheritdoc/>
    public void Floated(AccountId account, IReadOnlyList<PositionMoney> positions) => Put(new CellKey(CellKind.Floating, account), positions.ToArray());

    /// <inheritdoc/>
    public void Healthy(AccountId account, SessionHealth health) => Put(new CellKey(CellKind.Health, account), health);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Desk.Feed.Remove(this);
        _stopping = true;
        _signal.Writer.TryComplete();
        await _run.ConfigureAwait(false);
        await _beat.DisposeAsync().ConfigureAwait(false);
        await _next.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>A client listens. The pump's.</summary>
    internal void Join(StreamClient client)
    {
        if (_stopping)
        {
            client.Close(WsClose.GoingAway, "the server stops");
        }

        _clients.Add(client);
    }

    /// <summary>A client is gone. The pump's.</summary>
    internal void Part(StreamClient client) => _clients.Remove(client);

    private void Wake() => _signal.Writer.TryWrite(true);

    private async Task RunAsync()
    {
        while (await _signal.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            _signal.Reader.TryRead(out _);
            try
            {
                Turn();
            }
#pragma warning disable CA1031 // One client's trouble must not end the stream of all the others.
            catch (Exception error)
#pragma warning restore CA1031
            {
                _log.LogError(error, "streams {Text}", error.Message);
            }
        }
    }

    private void Turn()
    {
        while (_posted.TryDequeue(out var work))
        {
            work();
        }

        // In pieces: nobody who reads falls behind because much came at once.
        int piece = Math.Max(1, Limits.EventsHeld / 4);
        bool news = false;
        while (piece-- > 0 && _told.TryDequeue(out var row))
        {
            News(Ring.Add(row));
            news = true;
        }

        if (!_told.IsEmpty)
        {
            Wake();
        }

        BuildCandles();
        news |= TakeCells();
        if (news)
        {
            foreach (var client in _clients)
            {
                client.Serve();
            }
        }

        while (_drained.TryDequeue(out var client))
        {
            client.Serve();
        }
    }

    private void OnBeat()
    {
        var now = Elapsed;
        _beats++;
        foreach (var client in _clients)
        {
            client.Beat(now, looksAtKey: _beats % 5 == 0);
        }

        EndCandles();
        LookAgain();
        if (_beats % 60 == 0)
        {
            _ = Task.Run(() => FirstKept = Desk.Events.FirstEvent);
        }

        _beat.Change(Beat, Timeout.InfiniteTimeSpan);
    }
}

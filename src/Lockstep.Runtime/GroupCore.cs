using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Storage;

namespace Lockstep.Runtime;

/// <summary>
/// One group at work, without a thread or a clock of its own: what comes in is numbered and stamped, gets its photograph of the market, is decided on, and is handed out
/// to be made durable; what was decided is carried out only after that. The server drives it with <see cref="GroupRunner"/>, the simulation by hand; the code is the same.
/// <list type="number">
/// <item>Numbers have no gaps, and time never goes back.</item>
/// <item>Nothing is carried out before <see cref="Committed"/>.</item>
/// <item>What is carried out is carried out in the order in which it was decided.</item>
/// <item>A session may let go of a report only when it is durable and acted on.</item>
/// <item>Whatever breaks stops this group and no other.</item>
/// </list>
/// <see cref="Post"/> and what a session calls (<see cref="ISessionSink"/>) may be called from any thread, the rest from one at a time.
/// </summary>
public sealed partial class GroupCore : ISessionSink
{
    private readonly IGroupPorts _ports;
    private readonly TimeProvider _time;
    private readonly RuntimeOptions _options;
    private readonly Inbox _inbox;
    private readonly List<Arrival> _taken = [];
    private readonly Dictionary<TimerId, Timestamp> _timers = [];
    private readonly List<AlertRaised> _ownAlerts = [];
    private readonly List<BookMove> _moves = [];
    private readonly EventRows _events;
    private Timestamp _stamp;
    private long _sinceSnapshot;
    private long _lastSeq;

    /// <summary>A group with an engine as it was recovered (see <see cref="Recovery"/>); <see cref="Start"/> sets it going.</summary>
    public GroupCore(Recovered recovered, IGroupPorts ports, TimeProvider time, RuntimeOptions? options = null)
    {
        Group = recovered.Group;
        Engine = recovered.Engine;
        _ports = ports;
        _time = time;
        _options = options ?? new RuntimeOptions();
        _stamp = recovered.At;
        _lastSeq = recovered.Engine.Seq;
        _sinceSnapshot = recovered.Replayed;
        Latency = new LatencyStages(time, _options.Measured);
        Quotes = new QuoteBoard(time, _options.QuoteMaxAge);
        Watches = new PriceWatches(Quotes, fired => Post(fired));
        _inbox = new Inbox(_options.InboxCapacity, Latency.Now);
        _events = new EventRows(Group, recovered.ToldDeals);
        foreach (var (account, epoch) in recovered.MaxEpochs)
        {
            _epochs[account] = epoch;
        }

        ports.Timers.Fired = timer => Post(new TimerFired(timer));
    }

    /// <summary>The group's name.</summary>
    public string Group { get; }

    /// <summary>The engine. Read it on the group's own thread only.</summary>
    public Heart Engine { get; }

    /// <summary>Latest quotes, funds, floating results and health.</summary>
    public QuoteBoard Quotes { get; }

    /// <summary>Prices that the engine wants to be told of.</summary>
    public PriceWatches Watches { get; }

    /// <summary>How long events take.</summary>
    public LatencyStages Latency { get; }

    /// <summary>Why the group takes nothing more; null = it does.</summary>
    public string? HaltReason { get; private set; }

    /// <summary>True when something waits to be taken.</summary>
    public bool HasWork => HaltReason is null ? _inbox.Count > 0 || _ownAlerts.Count > 0 : _ownAlerts.Count > 0;

    /// <summary>How many events wait.</summary>
    public int Waiting => _inbox.Count;

    /// <summary>Told when something came in; from any thread.</summary>
    public Action? Arrived { get; set; }

    /// <summary>An event that is not a report. False when the group does not take it: halted, stopped, or (client requests) too busy.</summary>
    public bool Post(EngineEvent e)
    {
        bool taken = _inbox.Post(e);
        if (taken)
        {
            Arrived?.Invoke();
        }

        return taken;
    }

    /// <inheritdoc/>
    public void Report(PlatformEvent report)
    {
        if (report is OrderAnswered answer)
        {
            RecordAnswer(answer.Key);
        }

        NoteEpoch(report);
        if (report is BookSnapshot or Heartbeat { Differs: false })
        {
            Quotes.Confirm(report.Account);
        }

        if (_inbox.Report(report))
        {
            Arrived?.Invoke();
        }
    }

    /// <inheritdoc/>
    public void Quote(AccountId account, SymbolName symbol, Quote quote)
    {
        Quotes.Set(account, symbol, quote);
        Watches.Look(account, symbol, quote);
        _ports.Observer.Quoted(account, symbol, quote);
    }

    /// <inheritdoc/>
    public void Funds(AccountId account, AccountFunds funds)
    {
        Quotes.Set(account, funds);
        _ports.Observer.Funded(account, funds);
    }

    /// <inheritdoc/>
    public void Floating(AccountId account, IReadOnlyList<PositionMoney> positions)
    {
        Quotes.Set(account, positions);
        _ports.Observer.Floated(account, positions);
    }

    /// <inheritdoc/>
    public void Health(AccountId account, SessionHealth health)
    {
        Quotes.Set(account, health);
        _ports.Observer.Healthy(account, health);
    }

    /// <summary>Numbers up to <paramref name="max"/> events and decides on them; null when there is nothing to do.</summary>
    public Batch? Take(int max)
    {
        _taken.Clear();
        if (HaltReason is null)
        {
            _inbox.Take(max, _taken);
        }

        if (_taken.Count == 0 && _ownAlerts.Count == 0)
        {
            return null;
        }

        List<Step> steps = new(_taken.Count);
        List<JournalRecord> records = new(_taken.Count);
        var rows = new LedgerRows(Group);
        foreach (var arrival in _taken)
        {
            if (HaltReason is not null)
            {
                break;
            }

            if (Decide(arrival, out var record) is { } step)
            {
                steps.Add(step);
                records.Add(record!);
                rows.Add(step);
                NoteHalt(step);
            }
        }

        rows.Add(_lastSeq, _stamp, _ownAlerts);
        _events.Add(rows.Alerts);
        var batch = new Batch
        {
            Journal = new JournalBatch { Records = records, Why = rows.Why, Alerts = rows.Alerts, Events = _events.Take() },
            Steps = steps,
            Snapshot = SnapshotIfDue(steps.Count),
            Halted = HaltReason,
        };
        _ownAlerts.Clear();
        if (_options.Plant == Plant.ActBeforeCommit)
        {
            CarryOut(batch);
        }

        return batch;
    }

    /// <summary>The batch is durable: what was decided is carried out, in order.</summary>
    public void Committed(Batch batch)
    {
        if (_options.Plant != Plant.ActBeforeCommit)
        {
            CarryOut(batch);
        }

        TellKept(batch);
        RenewOverflowedSessions();
    }

    /// <summary>The engine's state as a snapshot, or null when nothing happened. Save it only when everything taken is durable.</summary>
    public JournalSnapshot? Snapshot()
    {
        if (_lastSeq == 0 || _broken)
        {
            return null;
        }

        _sinceSnapshot = 0;
        return new JournalSnapshot(_lastSeq, _stamp, JournalCodec.Version, JournalCodec.EncodeCapture(Engine.Capture()));
    }

    private JournalSnapshot? SnapshotIfDue(int events)
    {
        _sinceSnapshot += events;
        return _sinceSnapshot >= _options.SnapshotEvery && HaltReason is null ? Snapshot() : null;
    }

    private Step? Decide(Arrival arrival, out JournalRecord? record)
    {
        record = null;
        var now = Timestamp.Max(_stamp, Timestamp.From(_time.GetUtcNow()));
        if (arrival.Event is TimerFired fired && IsEarly(fired.Timer, now))
        {
            return null;
        }

        long numberedAt = Latency.Now();
        EngineEvent e = arrival.Event!;
        try
        {
            if (arrival.Report is Heartbeat beat && !Engine.IsNews(beat))
            {
                return null;
            }

            Latency.Record(LatencyStage.Numbered, arrival.ReceivedAt, numberedAt);
            e ??= new Reported(arrival.Report!, Quotes.View(Engine.Needs(arrival.Report!)));
            var numbered = new Numbered(Engine.Seq + 1, now, e);
            List<Decision> decisions = [];
            _moves.Clear();
            Engine.Step(numbered, decisions, _moves);
            long decidedAt = Latency.Now();
            record = JournalCodec.Encode(numbered, decisions);
            _events.Add(numbered, _moves, decisions);
            _stamp = now;
            _lastSeq = numbered.Seq;
            Latency.Record(LatencyStage.Decided, numberedAt, decidedAt);
            return new Step(numbered, decisions, arrival.ReceivedAt, decidedAt);
        }
#pragma warning disable CA1031 // Whatever breaks in the engine must stop this group and no other.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Break(error, e ?? new Reported(arrival.Report!, MarketView.Empty));
            return null;
        }
    }

    /// <summary>The wall clock may have been set back since the timer was armed: the engine would pass over it for good, so it is armed again.</summary>
    private bool IsEarly(TimerId timer, Timestamp now)
    {
        if (_timers.TryGetValue(timer, out var due) && due > now)
        {
            _ports.Timers.Set(timer, due);
            return true;
        }

        _timers.Remove(timer);
        return false;
    }
}

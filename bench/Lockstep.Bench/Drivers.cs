using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Runtime;
using Lockstep.Storage;

namespace Lockstep.Bench;

/// <summary>What steps the engine of a <see cref="BenchWorld"/>.</summary>
public interface IDriver
{
    Engine.Engine Engine { get; }

    void Start(GroupSettings settings, Timestamp now, List<Decision> decisions);

    void Step(EngineEvent happened, Timestamp now, List<Decision> decisions);
}

/// <summary>Nothing in between.</summary>
public sealed class DirectDriver : IDriver
{
    private long _seq;

    public Engine.Engine Engine { get; } = new();

    public void Start(GroupSettings settings, Timestamp now, List<Decision> decisions) => Step(new Configured(settings), now, decisions);

    public void Step(EngineEvent happened, Timestamp now, List<Decision> decisions) => Engine.Step(new Numbered(++_seq, now, happened), decisions);
}

/// <summary>The production way: inbox, number, engine, journal, then the effects. Sessions only count what they are to send.</summary>
public sealed class CoreDriver(IJournal journal) : TimeProvider, IDriver, IGroupPorts, ITimerQueue, IGroupObserver
{
    private GroupCore _core = null!;
    private Timestamp _now;

    public Engine.Engine Engine => _core.Engine;

    /// <summary>Orders handed to sessions.</summary>
    public int Sent { get; private set; }

    public Action<TimerId>? Fired { get; set; }

    ITimerQueue IGroupPorts.Timers => this;

    IGroupObserver IGroupPorts.Observer => this;

    public override DateTimeOffset GetUtcNow() => _now.ToDateTimeOffset();

    public void Start(GroupSettings settings, Timestamp now, List<Decision> decisions)
    {
        _now = now;
        var recovered = Recovery.RunAsync(journal).AsTask().GetAwaiter().GetResult();

        // Snapshots come every some thousand events and are a cost of their own.
        _core = new GroupCore(recovered, this, this, new RuntimeOptions { SnapshotEvery = int.MaxValue });
        _core.Start(recovered, settings);
        Work(decisions);
    }

    public void Step(EngineEvent happened, Timestamp now, List<Decision> decisions)
    {
        Receive(happened, now);
        Work(decisions);
    }

    /// <summary>Into the inbox, no further.</summary>
    public void Receive(EngineEvent happened, Timestamp now)
    {
        _now = now;
        if (happened is Reported reported)
        {
            _core.Report(reported.Report);
        }
        else
        {
            _core.Post(happened);
        }
    }

    /// <summary>Decide, make durable in one commit, carry out.</summary>
    public void Work(List<Decision> decisions)
    {
        while (_core.Take(1_000) is { } batch)
        {
            journal.AppendAsync(batch.Journal).AsTask().GetAwaiter().GetResult();
            _core.Committed(batch);
            foreach (var step in batch.Steps)
            {
                decisions.AddRange(step.Decisions);
            }
        }
    }

    public IAccountSession OpenSession(AccountId account, long firstEpoch) => new CountingSession(this, account);

    /// <summary>The world keeps its own timers.</summary>
    public void Set(TimerId timer, Timestamp? at)
    {
    }

    private sealed class CountingSession(CoreDriver driver, AccountId account) : IAccountSession
    {
        public AccountId Account => account;

        public void Start(ISessionSink sink)
        {
        }

        public void Send(OrderCommand command) => driver.Sent++;

        public void Ask(AskId ask, Timestamp historyFrom)
        {
        }

        public void Stop()
        {
        }
    }
}

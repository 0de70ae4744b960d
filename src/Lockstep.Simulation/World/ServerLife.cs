using Lockstep.CTrader.Session;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.MetaTrader.Session;
using Lockstep.Runtime;
using Lockstep.Simulator;
using Lockstep.Storage;

namespace Lockstep.Simulation;

/// <summary>
/// One life of the server's process: the production recovery, core and timers, driven by the world's clock. It ends in a crash, at any point from taking events in to the
/// middle of carrying a commit out.
/// </summary>
internal sealed class ServerLife : IGroupPorts, IGroupObserver
{
    private readonly ServerHost _host;
    private readonly ServerPlan _plan;
    private readonly MemoryJournal _journal;
    private readonly SimRandom _dice;
    private readonly ITimerQueue _timers;
    private readonly Action _disarm;
    private readonly SortedDictionary<AccountId, WatchedSession> _sessions = [];
    private readonly Recovered _recovered;
    private readonly GroupCore _core;
    private TerminalHub? _hub;
    private CTraderHub? _cTrader;
    private Action? _crash;
    private CrashPoint _point;
    private int _sendsLeft;
    private bool _busy;

    public ServerLife(ServerHost host, ServerPlan plan, MemoryJournal journal, SimRandom dice)
    {
        (_host, _plan, _journal, _dice) = (host, plan, journal, dice);
        _recovered = Finished(Recovery.RunAsync(journal, new RecoveryOptions { Plant = host.Plant, Strict = host.Plant == Plant.None }));
        Time = new SteadyTime(host.Clock, _recovered.At);
        var timers = new SystemTimers(Time);
        (_timers, _disarm) = (timers, timers.Dispose);
        _core = new GroupCore(_recovered, this, Time, new RuntimeOptions
        {
            Plant = host.Plant,
            SnapshotEvery = plan.SnapshotEvery,
            InboxCapacity = plan.InboxCapacity,
            QuoteMaxAge = plan.QuoteMaxAge,
        })
        {
            Arrived = Arrived,
        };
    }

    /// <summary>The clock of this life.</summary>
    public SteadyTime Time { get; }

    /// <summary>True when the process is dead.</summary>
    public bool Over { get; private set; }

    /// <summary>True when the journal could not write any more.</summary>
    public bool JournalFailed { get; private set; }

    /// <summary>The core.</summary>
    public GroupCore Core => _core;

    /// <summary>The engine.</summary>
    public Engine.Engine Engine => _core.Engine;

    /// <summary>Why it stands still, null when it does not.</summary>
    public string? Halted => _core.HaltReason;

    /// <inheritdoc/>
    public ITimerQueue Timers => _timers;

    /// <inheritdoc/>
    public IGroupObserver Observer => this;

    /// <inheritdoc/>
    public IAccountSession OpenSession(AccountId account, long firstEpoch) => _sessions[account] = _host.OpenSession(this, account, firstEpoch);

    /// <summary>Where terminals come in: as new as the process.</summary>
    public TerminalHub Hub
    {
        get
        {
            if (_hub is null)
            {
                _hub = new TerminalHub(Time);
                Repeat(_plan.HubTick, _hub.Tick);
            }

            return _hub;
        }
    }

    /// <summary>The Open API's hub: as new as the process.</summary>
    public CTraderHub CTrader(OpenApiHouse house)
    {
        if (_cTrader is null)
        {
            var edge = house.EdgeOf(this);
            _cTrader = new CTraderHub(Time, house.Application, edge, edge);
            Repeat(_plan.HubTick, _cTrader.Tick);
        }

        return _cTrader;
    }

    /// <summary>What is seen of the EA link in this life.</summary>
    public SortedDictionary<AccountId, LinkWatch> Watches { get; } = [];

    /// <summary>The live session of a paper account; null when it is reached otherwise.</summary>
    public SimSession? Session(AccountId account) => _sessions[account].Inner as SimSession;

    /// <summary>Begins.</summary>
    public void Begin(GroupSettings settings) => _core.Start(_recovered, settings);

    /// <summary>A person puts new settings into force.</summary>
    public void Configure(GroupSettings settings) => _core.Reconfigure(settings);

    /// <summary>The process is gone: nothing of it acts or hears any more.</summary>
    public void End()
    {
        Over = true;
        _disarm();
        foreach (var session in _sessions.Values)
        {
            session.Stop();
        }
    }

    /// <summary>Who is disconnected connects again.</summary>
    public void Heal(Func<AccountId, bool> canBeReached)
    {
        _crash = null;
        foreach (var session in _sessions.Values)
        {
            if (session.Inner is SimSession { IsUp: false } inner && canBeReached(session.Account))
            {
                inner.Reconnect();
            }
        }
    }

    /// <summary>The next time the process comes to a point, it dies there.</summary>
    public void CrashAt(CrashPoint point, int sends, Action crash)
    {
        if (point == CrashPoint.Anywhere)
        {
            crash();
            return;
        }

        (_point, _crash, _sendsLeft) = (point, crash, sends);
    }

    /// <summary>Asked before each send: true when the process dies before it.</summary>
    public bool DiesNow()
    {
        if (!Over && _point == CrashPoint.AmongEffects && _crash is not null && _sendsLeft-- <= 0)
        {
            Die();
        }

        return Over;
    }

    /// <inheritdoc/>
    void IGroupObserver.Halted(string group, string text)
    {
        if (!JournalFailed)
        {
            _host.Violate("never-halted", text);
        }
    }

    private void Repeat(TimeSpan every, Action action) => _host.Clock.Schedule(every, () =>
    {
        if (!Over)
        {
            action();
            Repeat(every, action);
        }
    });

    private void Arrived()
    {
        if (!_busy && !Over)
        {
            _busy = true;
            _host.Clock.Schedule(_dice.NextSpan(TimeSpan.Zero, _plan.InboxDelayMax), Take);
        }
    }

    private void Take()
    {
        if (Over)
        {
            return;
        }

        if (_core.Take(_plan.MaxBatch) is not { } batch)
        {
            _busy = false;
            return;
        }

        if (DiesAt(CrashPoint.AfterTake))
        {
            return;
        }

        if (!Write(batch.Journal) || DiesAt(CrashPoint.WhileWriting))
        {
            return;
        }

        _host.Clock.Schedule(_dice.NextSpan(TimeSpan.FromMicroseconds(100), _plan.CommitMax), () => Commit(batch));
    }

    /// <summary>As the runner does it: a journal that cannot write ends the group at once, and nothing that is not durable is ever carried out.</summary>
    private bool Write(JournalBatch batch)
    {
        if (_point == CrashPoint.DiskFull && _crash is not null)
        {
            _journal.Fail("the disk is full");
        }

        try
        {
            _journal.Append(batch);
            return true;
        }
        catch (JournalFailedException error)
        {
            JournalFailed = true;
            _core.JournalFailed(error.Message);
            DiesAt(CrashPoint.DiskFull);
            return false;
        }
    }

    private void Commit(Batch batch)
    {
        if (Over)
        {
            return;
        }

        _journal.Sync();
        _host.Committed(batch);
        foreach (var watch in Watches.Values)
        {
            watch.Durable(batch);
        }

        if (DiesAt(CrashPoint.AfterDurable))
        {
            return;
        }

        _core.Committed(batch);
        if (Over)
        {
            return;
        }

        if (batch.Snapshot is { } snapshot)
        {
            Finished(_journal.SaveSnapshotAsync(snapshot));
        }

        _busy = false;
        if (_core.HasWork)
        {
            Arrived();
        }
    }

    private bool DiesAt(CrashPoint point)
    {
        if (_point == point && _crash is not null)
        {
            Die();
        }

        return Over;
    }

    private void Die()
    {
        var crash = _crash!;
        _crash = null;
        Over = true;
        crash();
    }

    /// <summary>A journal in memory answers at once; a world has one thread and waits for nobody.</summary>
    private static void Finished(ValueTask task)
    {
        if (!task.IsCompletedSuccessfully)
        {
            task.AsTask().GetAwaiter().GetResult();
        }
    }

    private static T Finished<T>(ValueTask<T> task) => task.IsCompletedSuccessfully ? task.Result : task.AsTask().GetAwaiter().GetResult();
}

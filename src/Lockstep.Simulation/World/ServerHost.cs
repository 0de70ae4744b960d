using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.MetaTrader.Session;
using Lockstep.Runtime;
using Lockstep.Simulator;
using Lockstep.Storage;

namespace Lockstep.Simulation;

/// <summary>Where a crash finds the server.</summary>
internal enum CrashPoint
{
    /// <summary>At any moment.</summary>
    Anywhere = 0,

    /// <summary>Events were taken and decided on; nothing is written.</summary>
    AfterTake = 1,

    /// <summary>The batch is written, and not durable.</summary>
    WhileWriting = 2,

    /// <summary>The batch is durable; nothing was sent.</summary>
    AfterDurable = 3,

    /// <summary>Some of the batch was sent.</summary>
    AmongEffects = 4,

    /// <summary>The batch cannot be written: the disk is full. The process stops by itself, and a person starts it again.</summary>
    DiskFull = 5,
}

/// <summary>
/// The machine that the server runs on: its clock, its disk, and one life of the process after another. It crashes as planned and comes back with what was durable.
/// </summary>
internal sealed class ServerHost
{
    private readonly WorldPlan _plan;
    private readonly VirtualSimClock _world;
    private readonly List<(AccountPlan Plan, SimBroker Broker)> _accounts;
    private readonly SimRandom _dice;
    private readonly PlantedFault? _plant;
    private readonly Story _story;
    private readonly Dictionary<AccountId, Timestamp> _outUntil = [];
    private readonly SortedDictionary<AccountId, TerminalHouse> _houses = [];
    private readonly OpenApiHouse? _openApi;
    private MemoryJournal _journal = new("sim");
    private ServerLife? _life;
    private GroupSettings _settings = new() { Accounts = [], Links = [] };
    private int _sessions;
    private bool _healed;

    public ServerHost(
        WorldPlan plan, VirtualSimClock world, List<(AccountPlan Plan, SimBroker Broker)> accounts, SimRandom dice, PlantedFault? plant, Story story, Action<string, string> violate)
    {
        (_plan, _world, _accounts, _dice, _plant, _story, Violate) = (plan, world, accounts, dice, plant, story, violate);
        Clock = new ServerClock(world);
        foreach (var (account, broker) in accounts.Where(a => a.Plan.Terminal is not null))
        {
            _houses[account.Id] = new TerminalHouse(account, plan.Start, broker, world, this, dice.Fork($"terminals {account.Id}"), story);
        }

        if (plan.OpenApi is { } openApi)
        {
            _openApi = new OpenApiHouse(openApi, world, accounts.Where(a => a.Plan.OpenApi is not null), dice.Fork("open api"), Edge, story, violate);
        }
    }

    /// <summary>The machine's clock.</summary>
    public ServerClock Clock { get; }

    /// <summary>What the journal holds.</summary>
    public Record Record { get; private set; } = new();

    /// <summary>How often it crashed.</summary>
    public int Crashes { get; private set; }

    /// <summary>Told of what must not be.</summary>
    public Action<string, string> Violate { get; }

    /// <summary>A mistake in the engine or the runtime.</summary>
    public Plant Plant => _plant?.Engine ?? Plant.None;

    /// <summary>A mistake around them.</summary>
    public EdgePlant Edge => _plant?.Edge ?? EdgePlant.None;

    /// <summary>The journal.</summary>
    public MemoryJournal Journal => _journal;

    /// <summary>The running process; null while it is down.</summary>
    public ServerLife? Life => _life;

    /// <summary>Starts for the first time.</summary>
    public void Start(GroupSettings settings)
    {
        _settings = settings;
        Begin();
        foreach (var house in _houses.Values)
        {
            house.Start();
        }
    }

    /// <summary>A person puts new settings into force; while the server is down they wait in its configuration file.</summary>
    public void Configure(GroupSettings settings)
    {
        _settings = settings;
        _life?.Configure(settings);
    }

    /// <summary>An account cannot be reached for a while.</summary>
    public void Outage(AccountId account, TimeSpan lasts)
    {
        _story.Tell(_world.Now, account.Value, $"cannot be reached for {lasts.TotalSeconds:0} s");
        _outUntil[account] = _world.Now + lasts;
        if (_houses.TryGetValue(account, out var house))
        {
            house.Outage(lasts);
            return;
        }

        if (_openApi?.Account(account) is not null)
        {
            _openApi.Outage(lasts);
            return;
        }

        KeepAway(account);
    }

    /// <summary>Whoever connects again during an outage is thrown out again.</summary>
    private void KeepAway(AccountId account)
    {
        if (_outUntil.TryGetValue(account, out var until) && until > _world.Now)
        {
            _life?.Session(account)!.Disconnect("outage", until - _world.Now);
            var look = until - _world.Now;
            _world.Schedule(look < TimeSpan.FromSeconds(2) ? look : TimeSpan.FromSeconds(2), () => KeepAway(account));
        }
    }

    /// <summary>Sets the machine's clock wrong.</summary>
    public void SetClock(TimeSpan by)
    {
        _story.Tell(_world.Now, "server", $"its clock is set by {by.TotalSeconds:0.0} s");
        Clock.Wrong += by;
    }

    /// <summary>The process dies, here or at the next point of a kind, and comes back after a while.</summary>
    /// <param name="point">The point.</param>
    /// <param name="lasts">How long it stays away.</param>
    /// <param name="tornPercent">How much of what is written and not durable reaches the disk.</param>
    /// <param name="sends">How many commands are sent before it dies among its effects.</param>
    public void CrashAt(CrashPoint point, TimeSpan lasts, int tornPercent, int sends) => _life?.CrashAt(point, sends, () => Crash(point, lasts, tornPercent));

    /// <summary>Schedules crashes and jumps of the clock.</summary>
    public void PlanTrouble()
    {
        foreach (var crash in _plan.Server.Crashes)
        {
            var point = (CrashPoint)_dice.Next(6);
            int torn = _dice.Chance(60) ? _dice.Next(101) : 0;
            int sends = _dice.Next(3);
            _world.Schedule(crash.After, () => CrashAt(point, crash.Lasts, torn, sends));
        }

        foreach (var jump in _plan.Server.Jumps)
        {
            _world.Schedule(jump.After, () => SetClock(jump.By));
        }

        foreach (var house in _houses.Values)
        {
            house.PlanTrouble();
        }

        _openApi?.PlanTrouble();
    }

    /// <summary>From now on servers are difficult.</summary>
    public void BeginTrouble() => _openApi?.BeginTrouble();

    /// <summary>The trouble is over: whoever is away comes back now.</summary>
    public void Heal()
    {
        _healed = true;
        foreach (var account in _accounts.Where(a => a.Plan.GoneAfter is null))
        {
            _outUntil.Remove(account.Plan.Id);
        }

        if (_life is null)
        {
            Begin();
        }
        else
        {
            _life.Heal(account => !_outUntil.ContainsKey(account));
        }

        _openApi?.Heal();
        foreach (var (account, house) in _houses)
        {
            if (!_outUntil.ContainsKey(account))
            {
                house.Heal();
            }
        }
    }

    /// <summary>What terminals did that none may do.</summary>
    public void CheckTerminals()
    {
        foreach (var house in _houses.Values)
        {
            house.Check();
        }
    }

    /// <summary>A session as the core gets it.</summary>
    public WatchedSession OpenSession(ServerLife life, AccountId account, long firstEpoch)
    {
        var broker = _accounts.First(a => a.Plan.Id == account).Broker;
        if (_houses.TryGetValue(account, out var house))
        {
            var watch = life.Watches[account] = new LinkWatch(account, firstEpoch - 1, life.Watches.GetValueOrDefault(account), Violate);
            return new WatchedSession(life.Hub.Open(house.Account, firstEpoch), life, Record, Edge, _story, _world, Violate, watch);
        }

        if (_openApi?.Account(account) is { } served)
        {
            var mistake = Edge == EdgePlant.LostAnswerIsRefusal ? EdgePlant.TimeoutIsRefusal : Edge;
            return new WatchedSession(life.CTrader(_openApi).Open(served, firstEpoch), life, Record, mistake, _story, _world, Violate) { Sending = _openApi.Sent, Reporting = _openApi.Reported, Stopping = _openApi.Stopping };
        }

        var settings = new SessionSettings { HeartbeatInterval = TimeSpan.FromSeconds(30), FundsInterval = _plan.QuoteEvery > TimeSpan.FromSeconds(1) ? _plan.QuoteEvery : TimeSpan.FromSeconds(1) };
        var session = new SimSession(account, broker, new ProcessClock(life.Time, _world), _dice.Fork($"session {account} {++_sessions}"), firstEpoch, settings);
        return new WatchedSession(session, life, Record, Edge, _story, _world, Violate);
    }

    /// <summary>A batch is durable.</summary>
    public void Committed(Batch batch)
    {
        for (int i = 0; i < batch.Steps.Count; i++)
        {
            Take(batch.Steps[i].Event, batch.Steps[i].Decisions, batch.Journal.Records[i].Decisions.Span);
        }
    }

    private void Begin()
    {
        CatchUp();
        _life = new ServerLife(this, _plan.Server, _journal, _dice.Fork($"life {Crashes}"));
        _life.Begin(_settings);
        if (Edge == EdgePlant.RepeatEffects)
        {
            RepeatEffects(_life);
        }
    }

    private void Crash(CrashPoint point, TimeSpan lasts, int tornPercent)
    {
        if (_life is not { } life || _healed)
        {
            return;
        }

        Crashes++;
        long written = _journal.Length - _journal.DurableLength;
        long torn = written * tornPercent / 100;
        _story.Tell(_world.Now, "server", $"crashes ({point}; {written} bytes were not durable, {torn} of them reached the disk), back in {lasts.TotalSeconds:0.0} s");
        life.End();
        _life = null;
        foreach (var house in _houses.Values)
        {
            house.ServerDied();
        }

        _openApi?.ServerDied();
        if (Edge == EdgePlant.LoseCommitted)
        {
            LoseCommitted();
        }
        else
        {
            _journal.Crash(torn);
        }

        CatchUp();
        _world.Schedule(lasts, () =>
        {
            if (_life is null)
            {
                _story.Tell(_world.Now, "server", "starts again");
                Begin();
            }
        });
    }

    /// <summary>What reached the disk whole counts, even where nobody was told so any more.</summary>
    private void CatchUp()
    {
        foreach (var record in _journal.ReadFrom(Record.Events.Count + 1))
        {
            Take(JournalCodec.DecodeEvent(record), JournalCodec.DecodeDecisions(record.Version, record.Decisions.Span), record.Decisions.Span);
        }
    }

    private void Take(Numbered numbered, IReadOnlyList<Decision> decisions, ReadOnlySpan<byte> bytes)
    {
        Record.Add(numbered, decisions, bytes, _world.Now);
        if (!_story.On)
        {
            return;
        }

        foreach (var decision in decisions)
        {
            if (decision is not SendOrder && Sentences.Of(decision) is { } said)
            {
                _story.Tell(_world.Now, "engine", $"#{numbered.Seq} {said}");
            }
        }
    }

    private void LoseCommitted()
    {
        var shorter = new MemoryJournal(_journal.Group);
        long keep = Math.Max(0, _journal.DurableSeq - 3);
        shorter.Append(new JournalBatch { Records = [.. _journal.ReadFrom(1).TakeWhile(r => r.Seq <= keep)] });
        shorter.Sync();
        _journal = shorter;
        Record = new Record();
    }

    private void RepeatEffects(ServerLife life)
    {
        int first = Math.Max(0, Record.Decisions.Count - 5);
        var commands = Record.Decisions.Skip(first).SelectMany(d => d).OfType<SendOrder>().Select(s => s.Command).ToList();
        _world.Schedule(TimeSpan.FromMilliseconds(100), () =>
        {
            foreach (var command in commands.Where(_ => !life.Over))
            {
                life.Session(command.Account)?.Send(command with { Deadline = Timestamp.From(life.Time.GetUtcNow()) + TimeSpan.FromSeconds(2) });
            }
        });
    }
}

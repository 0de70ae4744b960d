using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Storage;
using Lockstep.Testing;

namespace Lockstep.Runtime.Tests;

/// <summary>A session that notes what it is told.</summary>
internal sealed class NotedSession(AccountId account, long epoch) : IAccountSession
{
    public AccountId Account => account;

    public long Epoch => epoch;

    public List<OrderCommand> Sent { get; } = [];

    public List<AskId> Asked { get; } = [];

    public List<PlatformEvent> KeptReports { get; } = [];

    /// <summary>Commands and kept reports, in the order in which they came.</summary>
    public List<string> Told { get; } = [];

    public ISessionSink? Sink { get; private set; }

    public bool Stopped { get; private set; }

    public bool Throws { get; set; }

    public void Start(ISessionSink sink) => Sink = sink;

    public void Send(OrderCommand command)
    {
        Sent.Add(command);
        Told.Add($"send {command.Symbol}");
        if (Throws)
        {
            throw new InvalidOperationException("the wire is cut");
        }
    }

    public void Ask(AskId ask, Timestamp historyFrom) => Asked.Add(ask);

    public void Kept(PlatformEvent report)
    {
        KeptReports.Add(report);
        Told.Add($"kept {report.GetType().Name}");
        if (Throws)
        {
            throw new InvalidOperationException("the wire is cut");
        }
    }

    public void Stop() => Stopped = true;
}

/// <summary>A group on a bench: two accounts, <c>src</c> copied to <c>dst</c>, a journal in memory, a clock that the test moves.</summary>
internal sealed class Bench : IGroupPorts, IGroupObserver
{
    public static readonly AccountId Source = new("src");
    public static readonly AccountId Target = new("dst");
    public static readonly SymbolName Symbol = new("EURUSD");

    public static readonly GroupSettings Settings = new()
    {
        Accounts = [Target, Source],
        Links = [new LinkSettings { Id = new("l"), Source = Source, Target = Target, Filters = new FilterSettings { MaxSpreadPoints = 50, MaxAge = null } }],
    };

    private readonly Dictionary<AccountId, long> _sequence = [];

    public Bench(IJournal? journal = null, RuntimeOptions? options = null, ManualTime? time = null, RecoveryOptions? recovery = null)
    {
        journal ??= new MemoryJournal("g");
        Journal = journal as MemoryJournal ?? new MemoryJournal("unused");
        Time = time ?? new ManualTime();
        Timers = new SystemTimers(Time);
        Options = options ?? new RuntimeOptions();
        Recovered = Recovery.RunAsync(journal, recovery).AsTask().GetAwaiter().GetResult();
        Core = new GroupCore(Recovered, this, Time, Options);
    }

    /// <summary>The journal in memory; beside the point where a runner drives another one.</summary>
    public MemoryJournal Journal { get; }

    public ManualTime Time { get; }

    public RuntimeOptions Options { get; }

    public Recovered Recovered { get; }

    public GroupCore Core { get; }

    public ITimerQueue Timers { get; }

    public IGroupObserver Observer => this;

    public List<NotedSession> Sessions { get; } = [];

    public List<AlertRow> Alerts { get; } = [];

    public List<WhyRow> Whys { get; } = [];

    public List<ClientAnswered> Answers { get; } = [];

    public List<string> Halts { get; } = [];

    public Action<ClientAnswered>? OnAnswer { get; set; }

    public IAccountSession OpenSession(AccountId account, long firstEpoch)
    {
        var session = new NotedSession(account, firstEpoch);
        Sessions.Add(session);
        return session;
    }

    void IGroupObserver.Alert(AlertRow row) => Alerts.Add(row);

    void IGroupObserver.Why(WhyRow row) => Whys.Add(row);

    void IGroupObserver.Halted(string group, string text) => Halts.Add(text);

    void IGroupObserver.Answered(string group, ClientAnswered answer)
    {
        Answers.Add(answer);
        OnAnswer?.Invoke(answer);
    }

    public NotedSession Session(AccountId account) => Sessions.Last(s => s.Account == account);

    /// <summary>Starts, connects both accounts and gives them empty books.</summary>
    public Bench Begin(GroupSettings? settings = null)
    {
        Core.Start(Recovered, settings ?? Settings);
        Work();
        foreach (var account in new[] { Source, Target })
        {
            Connect(account);
        }

        return this;
    }

    public void Connect(AccountId account, params PositionReport[] positions)
    {
        Open(account);
        Work();
        Answer(account, positions);
        Work();
    }

    public void Open(AccountId account)
    {
        _sequence[account] = 0;
        Core.Report(new SessionOpened
        {
            Account = account, Epoch = Session(account).Epoch, Symbols = [Spec],
            Capabilities = new AccountCapabilities { Platform = PlatformKind.Mt5, Mode = AccountMode.Hedging, AbsenceHorizon = TimeSpan.FromSeconds(10) },
        });
    }

    public void Answer(AccountId account, params PositionReport[] positions) => Core.Report(new BookSnapshot
    {
        Account = account, Epoch = Session(account).Epoch, Ask = Session(account).Asked[^1], Sequence = _sequence[account], TakenAt = Timestamp.From(Time.GetUtcNow()),
        Funds = new AccountFunds { Balance = new(1000m), Equity = new(1000m), Margin = default, FreeMargin = new(1000m), Currency = "USD", At = Timestamp.From(Time.GetUtcNow()) },
        Positions = positions, Orders = [], Deals = [], HistoryFrom = Timestamp.Epoch,
    });

    public void Quote(decimal bid, decimal ask) => Core.Quote(Target, Symbol, new Quote(new(bid), new(ask), Timestamp.From(Time.GetUtcNow())));

    public PositionReport Position(long id, decimal volume = 0.10m, OrderKey? key = null) => new()
    {
        Id = new(id), Ticket = id, Symbol = Symbol, Side = Side.Buy, Volume = new(volume), OpenPrice = new(1.1m), OpenedAt = Timestamp.From(Time.GetUtcNow()),
        Tag = key is { } k ? OrderTag.Read(k.Magic, k.ToString()) : OrderTag.None,
    };

    public void Change(AccountId account, params PositionReport[] positions) =>
        Core.Report(new BookChanged { Account = account, Epoch = Session(account).Epoch, Sequence = ++_sequence[account], Positions = positions });

    public Batch? Take() => Core.Take(Options.MaxBatch);

    public void Commit(Batch batch)
    {
        Journal.Append(batch.Journal);
        Journal.Sync();
        Core.Committed(batch);
        if (batch.Snapshot is { } snapshot)
        {
            Journal.SaveSnapshotAsync(snapshot).AsTask().GetAwaiter().GetResult();
        }
    }

    /// <summary>Takes and commits until nothing waits.</summary>
    public void Work()
    {
        while (Take() is { } batch)
        {
            Commit(batch);
        }
    }

    public byte[] State() => JournalCodec.EncodeCapture(Core.Engine.Capture());

    private static readonly SymbolSpec Spec = new()
    {
        Name = Symbol, ContractSize = 100_000m, Digits = 5, TickSize = 0.00001m, MinLots = new(0.01m), LotStep = new(0.01m), MaxLots = new(100m), BaseCurrency = "EUR",
    };
}

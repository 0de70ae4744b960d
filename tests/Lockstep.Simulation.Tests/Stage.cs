using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Simulator;

namespace Lockstep.Simulation.Tests;

/// <summary>
/// A small world for a script: accounts <c>a</c>, <c>b</c>, <c>c</c> …, links between them, the production server on its simulated machine, and a test that moves time, people
/// and trouble by hand.
/// </summary>
internal sealed class Stage
{
    public static readonly SymbolName Eurusd = new("EURUSD");

    private readonly VirtualSimClock _clock;
    private readonly WorldPlan _plan;
    private readonly WorldWitness _witness;
    private readonly List<(AccountPlan Plan, SimBroker Broker)> _accounts = [];
    private readonly List<string> _violations = [];

    public Stage(IReadOnlyList<BrokerSettings> brokers, params LinkSettings[] links)
    {
        var accounts = brokers.Select((b, i) => new AccountPlan
        {
            Id = Name(i),
            Broker = b,
            // The witness must know that things go wrong here; what goes wrong is the script's.
            Faults = BrokerFaults.None with { ReplyLostPercent = 1m, RejectPercent = 1m },
            Instruments = [new InstrumentPlan("EURUSD", Eurusd, 10, 0)],
        }).ToList();
        Settings = new GroupSettings { Accounts = [.. accounts.Select(a => a.Id)], Links = links };
        _plan = new WorldPlan
        {
            Seed = 1,
            Weather = Weather.Storm,
            Start = Timestamp.From(new DateTimeOffset(2026, 1, 5, 10, 0, 0, TimeSpan.Zero)),
            Trouble = TimeSpan.FromHours(1),
            Peace = TimeSpan.FromMinutes(10),
            Accounts = accounts,
            Settings = Settings,
            Server = new ServerPlan
            {
                InboxDelayMax = TimeSpan.Zero,
                CommitMax = TimeSpan.FromMilliseconds(1),
                MaxBatch = 1000,
                InboxCapacity = 40,
                QuoteMaxAge = TimeSpan.FromHours(5),
                SnapshotEvery = 10,
            },
            QuoteEvery = TimeSpan.FromSeconds(5),
        };
        _clock = new VirtualSimClock(_plan.Start);
        _witness = new WorldWitness(_plan);
        var dice = new SimRandom(7);
        foreach (var account in accounts)
        {
            var broker = SimBroker.Create(account.Broker, _clock, dice.Fork(account.Id.Value));
            _witness.Watch(account.Id, broker);
            _accounts.Add((account, broker));
        }

        Server = new ServerHost(_plan, _clock, _accounts, dice.Fork("server"), null, Story, (rule, text) => _violations.Add($"{rule}: {text}"));
        Price(1.10000m);
        Server.Start(Settings);
        Run(2);
    }

    public GroupSettings Settings { get; }

    public Story Story { get; } = new(Timestamp.From(new DateTimeOffset(2026, 1, 5, 10, 0, 0, TimeSpan.Zero)), true);

    public ServerHost Server { get; }

    public SimBroker this[string account] => _accounts.First(a => a.Plan.Id.Value == account).Broker;

    public IReadOnlyList<WhyEntry> Why => Server.Record.Why;

    public IEnumerable<AlertRaised> Alerts => Server.Record.Decisions.SelectMany(d => d).OfType<AlertRaised>();

    public IEnumerable<OrderCommand> Decided => Server.Record.Decisions.SelectMany(d => d).OfType<SendOrder>().Select(s => s.Command);

    public static BrokerSettings Mt5(AccountMode mode = AccountMode.Hedging) => Broker(PlatformKind.Mt5, mode);

    public static BrokerSettings Mt4(AccountMode mode = AccountMode.Hedging) => Broker(PlatformKind.Mt4, mode);

    public static BrokerSettings CTrader(AccountMode mode = AccountMode.Hedging) => Broker(PlatformKind.CTrader, mode);

    public static LinkSettings Link(string from = "a", string to = "b") =>
        new() { Id = new LinkId($"{from}-{to}"), Source = new AccountId(from), Target = new AccountId(to) };

    public void Price(decimal bid)
    {
        foreach (var (_, broker) in _accounts)
        {
            broker.OnQuote(Eurusd, new Price(bid), new Price(bid + 0.0001m));
        }
    }

    /// <summary>Someone opens a position by hand; its number.</summary>
    public long Open(string account, Side side = Side.Buy, decimal lots = 1m, decimal? stopLoss = null, decimal? takeProfit = null)
    {
        long order = Hand.For(this[account]).Open(new HandOrder { Symbol = Eurusd, Side = side, Volume = lots, StopLoss = stopLoss, TakeProfit = takeProfit });
        Assert.NotEqual(0, order);
        return this[account].OpenPositions[^1].Id;
    }

    /// <summary>Someone opens a position by hand, and the server dies of what follows, as it was told to.</summary>
    public long OpenAndCrash(string account)
    {
        long position = Open(account);
        RunUntil(() => Server.Crashes == 1);
        RunUntil(() => Server.Life is not null);
        return position;
    }

    /// <summary>Someone closes a position by hand, wholly or in part.</summary>
    public void Close(string account, long position, decimal? lots = null)
    {
        var open = this[account].OpenPositions.Single(p => p.Id == position);
        Assert.True(Hand.For(this[account]).Close(open, lots ?? open.Volume));
    }

    public void Faults(string account, BrokerFaults faults) => this[account].Faults = faults;

    public SimSession Session(string account) => Server.Life!.Session(new AccountId(account))!;

    public void Run(double seconds) => _clock.RunFor(TimeSpan.FromSeconds(seconds));

    /// <summary>Goes on until something has happened, one step at a time.</summary>
    public void RunUntil(Func<bool> happened, double secondsMost = 300)
    {
        var end = _clock.Now + TimeSpan.FromSeconds(secondsMost);
        while (!happened())
        {
            Assert.True(_clock.NextDue is { } due && due <= end && _clock.RunNext(), $"it did not happen within {secondsMost} s\n{Story}");
        }
    }

    /// <summary>Goes on until the next command for an account is decided and durable; it has not reached the broker yet.</summary>
    public OrderCommand RunUntilDecided(string account)
    {
        int before = Decided.Count();
        RunUntil(() => Decided.Skip(before).Any(d => d.Account.Value == account));
        return Decided.Skip(before).First(d => d.Account.Value == account);
    }

    public void Crash(CrashPoint point, double downSeconds = 1, int tornPercent = 0) => Server.CrashAt(point, TimeSpan.FromSeconds(downSeconds), tornPercent, 0);

    /// <summary>The trouble is over: faults stop, sessions come back, time passes; then everything must stand as the plain model says, and nothing unsafe ever happened.</summary>
    public void Settle(double seconds = 300)
    {
        foreach (var (_, broker) in _accounts)
        {
            broker.Faults = BrokerFaults.None;
        }

        Server.Heal();
        Run(seconds);
        var c = Case();
        foreach (string difference in PlainModel.Compare(c).Differences)
        {
            _violations.Add(difference);
        }

        foreach (var (account, broker) in _accounts)
        {
            BrokerChecks.Check(account.Id, broker, Server.Record, (rule, text) => _violations.Add($"{rule}: {text}"));
        }

        ExposureCheck.Check(c, Server.Record, (rule, text) => _violations.Add($"{rule}: {text}"));
        if (Server.Life is { Halted: null } life)
        {
            ReplayCheck.Check(Server.Journal, life.Engine, Plant.None, (rule, text) => _violations.Add($"{rule}: {text}"));
        }

        Assert.True(_violations.Count == 0, string.Join('\n', _violations) + "\n" + Story);
    }

    /// <summary>What stands on an account, signed.</summary>
    public decimal Held(string account) => this[account].OpenPositions.Sum(p => p.Side == Side.Buy ? p.Volume : -p.Volume);

    /// <summary>How many openings a broker ever carried out for links.</summary>
    public int Openings(string account) => this[account].Deals.Count(d => d is { OwnerKey: not null, Entry: DealEntry.In });

    /// <summary>How the opening of a source position ended.</summary>
    public WhyEntry OpeningOf(long position) => Assert.Single(Why, w => w.Position?.Value == position && w.Kind == SourceEventKind.Opened);

    private PlainCase Case()
    {
        _witness.Remember(Server.Record);
        return new PlainCase
        {
            Books = [.. _accounts.Select(a => PlainBook.Of(a.Plan.Id, a.Broker))],
            Settings = Server.Record.Settings,
            Why = Server.Record.Why,
            Witness = _witness,
        };
    }

    private static AccountId Name(int number) => new(((char)('a' + number)).ToString());

    private static BrokerSettings Broker(PlatformKind platform, AccountMode mode) => new()
    {
        Platform = platform,
        Mode = mode,
        Symbols =
        [
            new SimSymbol
            {
                Spec = new SymbolSpec
                {
                    Name = Eurusd,
                    ContractSize = 100_000m,
                    Digits = 5,
                    TickSize = 0.00001m,
                    MinLots = new Lots(0.01m),
                    LotStep = new Lots(0.01m),
                    MaxLots = new Lots(50m),
                    BaseCurrency = "EUR",
                },
            },
        ],
        OpeningBalance = 1_000_000m,
        AbsenceHorizon = TimeSpan.FromSeconds(10),
    };
}

using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Simulator;

namespace Lockstep.Conformance.Tests;

/// <summary>A trading floor on virtual time: one engine, real sessions on simulated brokers, nothing between them.</summary>
internal sealed class Floor : IDisposable
{
    public static readonly Timestamp Start = Timestamp.From(new DateTimeOffset(2026, 1, 6, 10, 0, 0, TimeSpan.Zero));
    private readonly Dictionary<AccountId, IAccountSession> _sessions = [];
    private readonly Dictionary<(AccountId, SymbolName), Quote> _quotes = [];
    private readonly Dictionary<AccountId, AccountFunds> _funds = [];
    private readonly Lockstep.Engine.Engine _engine = new();
    private readonly List<Decision> _all = [];
    private readonly Dictionary<AccountId, Dictionary<DealId, DealReport>> _deals = [];
    private readonly Rig _rig;
    private long _seq;
    private int _client;
    private int _generation;

    public Floor(params LinkSettings[] links)
    {
        _rig = new Rig(Clock);
        Settings = new GroupSettings { Accounts = [.. links.SelectMany(l => new[] { l.Source, l.Target }).Distinct()], Links = links };
    }

    public GroupSettings Settings { get; }

    public Rig Rig => _rig;

    public VirtualSimClock Clock { get; } = new(Start);

    public Dictionary<string, SimBroker> Brokers { get; } = [];

    public Lockstep.Engine.Engine Engine => _engine;

    public IReadOnlyList<Decision> All => _all;

    public IEnumerable<WhyEntry> Why => _all.OfType<WhyRecorded>().Select(w => w.Entry);

    public static readonly SymbolName Eurusd = new("EURUSD");

    public SimBroker Broker(string account, Kind kind)
    {
        var (platform, mode) = kind.Broker();
        var broker = SimBroker.Create(
            new BrokerSettings { Platform = platform, Mode = mode, Symbols = SimCatalogue.For(platform, new CatalogueOptions { AlwaysOpen = true, Only = ["EURUSD"] }) }, Clock, new SimRandom(7).Fork(account));
        broker.OnQuote(Eurusd, new Price(1.10000m), new Price(1.10010m));
        Brokers[account] = broker;
        _sessions[new AccountId(account)] = _rig.Session(account, kind, broker);
        return broker;
    }

    public void Open()
    {
        Step(new Configured(Settings));
        foreach (var session in _sessions.Values)
        {
            session.Start(new OfGeneration(this, _generation));
        }

        _rig.Start();
        Wait(2);
        for (int i = 0; i < 20 && _sessions.Keys.Any(a => !_engine.Account(a)!.Synced); i++)
        {
            Wait(1);
        }
    }

    /// <summary>The server dies and begins again from its journal: state as it was, sessions anew. For floors where every account has an Expert Advisor.</summary>
    public void RestartServer()
    {
        _generation++;
        _sessions.Clear();
        foreach (var (account, session) in _rig.RestartServer(a => _engine.Account(a)!.Epoch))
        {
            _sessions[account] = session;
            session.Start(new OfGeneration(this, _generation));
        }

        Step(new Restarted());
    }

    public void Dispose() => _rig.Dispose();

    public void Wait(double seconds) => Clock.RunFor(TimeSpan.FromSeconds(seconds));

    public void Quotes(decimal bid)
    {
        foreach (var broker in Brokers.Values)
        {
            broker.OnQuote(Eurusd, new Price(bid), new Price(bid + 0.0001m));
        }
    }

    public ClientAnswer Trade(Func<string, ClientRequest> make)
    {
        string id = $"t{++_client}";
        var request = make(id);
        Step(new ClientRequested(request));
        Wait(3);
        return _engine.ClientRequestState(request.Account, id)!;
    }

    public ClientAnswer Place(string account, Side side, decimal lots, PendingType? type = null, decimal? price = null, decimal? sl = null, decimal? tp = null) => Trade(id => new ClientPlace
    {
        Account = new AccountId(account), ClientId = id, Symbol = Eurusd, Side = side, Volume = new Lots(lots), Type = type,
        Price = price is { } p ? new Price(p) : null, StopLoss = sl is { } s ? new Price(s) : null, TakeProfit = tp is { } t ? new Price(t) : null,
    });

    public ClientAnswer Close(string account, PositionId position, decimal? lots = null) => Trade(id => new ClientClose
    {
        Account = new AccountId(account), ClientId = id, Position = position, Volume = lots is { } l ? new Lots(l) : null,
    });

    public ClientAnswer Stops(string account, PositionId position, decimal? sl, decimal? tp) => Trade(id => new ClientModify
    {
        Account = new AccountId(account), ClientId = id, Position = position,
        StopLoss = new LevelChange(true, sl is { } s ? new Price(s) : null), TakeProfit = new LevelChange(true, tp is { } t ? new Price(t) : null),
    });

    public ClientAnswer Cancel(string account, OrderId order) => Trade(id => new ClientClose { Account = new AccountId(account), ClientId = id, Order = order });

    public IReadOnlyList<PendingReport> Orders(string account) => _engine.Account(new AccountId(account))!.Orders;

    /// <summary>Told of each command before its session has it.</summary>
    public Action<OrderCommand>? Commanded { get; set; }

    /// <summary>Told of each report before the engine has it.</summary>
    public Action<PlatformEvent>? Reported { get; set; }

    /// <summary>The money that was last told of an account; null = none yet.</summary>
    public AccountFunds? MoneyOf(string account) => _funds.GetValueOrDefault(new AccountId(account));

    /// <summary>Asks an account for history, past the engine.</summary>
    public void Fetch(string account, DataRequest request, Action<DataAnswer> answer) => ((IAccountData)_sessions[new AccountId(account)]).Fetch(request, answer);

    /// <summary>A command past the engine.</summary>
    public void Send(OrderCommand command) => _sessions[command.Account].Send(command);

    /// <summary>Answers of all accounts, in the order in which they came.</summary>
    public List<OrderAnswered> Answers { get; } = [];

    public bool IsSynced(string account) => _engine.Account(new AccountId(account))!.Synced;

    /// <summary>Deals that were told of an account, by change or snapshot.</summary>
    public IReadOnlyDictionary<DealId, DealReport> Deals(string account) => _deals.GetValueOrDefault(new AccountId(account)) ?? [];

    /// <summary>The last health of each account.</summary>
    public Dictionary<string, SessionHealth> Healths { get; } = [];

    /// <summary>Whole truths that were told.</summary>
    public int Snapshots { get; private set; }

    /// <summary>How the engine's books of an account differ from the broker's; empty = they agree.</summary>
    public string Difference(string account)
    {
        var broker = Brokers[account];
        var wanted = broker.OpenPositions.Select(p => $"{p.Id} {p.Side} {p.Volume:0.##} sl {p.StopLoss:0.#####} tp {p.TakeProfit:0.#####}")
            .Concat(broker.PendingOrders.Select(o => $"{o.Id} {o.Side} {o.Type} {o.Volume:0.##} at {o.Price:0.#####}"));
        var told = Positions(account).Select(p => $"{p.Id} {p.Side} {p.Volume.Value:0.##} sl {p.StopLoss?.Value:0.#####} tp {p.TakeProfit?.Value:0.#####}")
            .Concat(Orders(account).Select(o => $"{o.Id} {o.Side} {o.Type} {o.Volume.Value:0.##} at {o.Price.Value:0.#####}"));
        string at = string.Join("; ", wanted.Order(StringComparer.Ordinal));
        string here = string.Join("; ", told.Order(StringComparer.Ordinal));
        return at == here ? "" : $"the broker has [{at}], the engine [{here}]";
    }

    /// <summary>Waits until a condition holds; false when it does not within the time.</summary>
    public bool WaitUntil(Func<bool> condition, double seconds)
    {
        for (double waited = 0; !condition(); waited += 0.25)
        {
            if (waited >= seconds)
            {
                return false;
            }

            Wait(0.25);
        }

        return true;
    }

    public IReadOnlyList<PositionReport> Positions(string account) => _engine.Account(new AccountId(account))!.Positions;

    public decimal Net(string account) => Positions(account).Sum(p => p.Side.Signed(p.Volume).Value);

    public void Report(PlatformEvent report)
    {
        Reported?.Invoke(report);
        Remember(report);
        var needs = _engine.Needs(report);
        Step(new Reported(report, new MarketView
        {
            Quotes = [.. needs.Quotes.Where(q => _quotes.ContainsKey(q)).Select(q => new QuoteOf(q.Account, q.Symbol, _quotes[q]))],
            Funds = [.. needs.Funds.Where(_funds.ContainsKey).Select(a => new FundsOf(a, _funds[a]))],
        }));
    }

    private void Remember(PlatformEvent report)
    {
        Snapshots += report is BookSnapshot ? 1 : 0;
        if (report is OrderAnswered answered)
        {
            Answers.Add(answered);
        }

        var deals = report switch { BookChanged change => change.Deals, BookSnapshot snapshot => snapshot.Deals, _ => [] };
        foreach (var deal in deals)
        {
            _deals.TryAdd(report.Account, []);
            _deals[report.Account][deal.Id] = deal;
        }
    }

    public void Quote(AccountId account, SymbolName symbol, Quote quote) => _quotes[(account, symbol)] = quote;

    public void Funds(AccountId account, AccountFunds funds) => _funds[account] = funds;

    private void Step(EngineEvent e)
    {
        int from = _all.Count;
        _engine.Step(new Numbered(++_seq, Clock.Now, e), _all);
        for (int i = from; i < _all.Count; i++)
        {
            switch (_all[i])
            {
                case SendOrder send:
                    Commanded?.Invoke(send.Command);
                    _sessions[send.Command.Account].Send(send.Command);
                    break;
                case AskAccount ask:
                    _sessions[ask.Account].Ask(ask.Ask, ask.HistoryFrom);
                    break;
                case WakeAt { At: { } at } wake:
                    Clock.Schedule(TimeSpan.FromTicks(Math.Max(0, (at - Clock.Now).Ticks)), () => Step(new TimerFired(wake.Timer)));
                    break;
                case GroupHalted halted:
                    Assert.Fail(halted.ToString());
                    break;
            }
        }

        if (e is Reported reported)
        {
            _sessions[reported.Report.Account].Kept(reported.Report);
        }
    }

    /// <summary>What a dead server's sessions still say reaches nobody.</summary>
    private sealed class OfGeneration(Floor floor, int generation) : ISessionSink
    {
        public void Report(PlatformEvent report)
        {
            if (generation == floor._generation)
            {
                floor.Report(report);
            }
        }

        public void Quote(AccountId account, SymbolName symbol, Quote quote) => floor.Quote(account, symbol, quote);

        public void Funds(AccountId account, AccountFunds funds) => floor.Funds(account, funds);

        public void Health(AccountId account, SessionHealth health) => floor.Healths[account.Value] = health;
    }
}

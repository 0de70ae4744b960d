using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Bench;

/// <summary>
/// A realistic state: 200 accounts (20 sources, 180 targets), each source linked to 10 targets with 10 positions open, so 2,000 legs stand open and every one of
/// them holds its volume. Brokers here do at once what they are told; what they report is kept back until it is asked for, so that each kind of event can be timed alone.
/// What steps the engine can be put in between (<see cref="IDriver"/>).
/// </summary>
public sealed class BenchWorld
{
    public const int Sources = 20;
    public const int Targets = 180;
    public const int LinksPerSource = 10;
    public const int PositionsPerSource = 10;

    private readonly int _sourceCount;
    private readonly int _targetCount;
    private readonly IDriver _driver;

    private static readonly SymbolSpec[] Symbols = [.. new[] { "EURUSD", "GBPUSD", "USDJPY", "XAUUSD", "AUDUSD", "USDCAD", "NZDUSD", "EURJPY", "GBPJPY", "US500" }.Select(name => new SymbolSpec
    {
        Name = new(name),
        ContractSize = 100_000m,
        Digits = 5,
        TickSize = 0.00001m,
        MinLots = new(0.01m),
        LotStep = new(0.01m),
        MaxLots = new(100m),
    })];

    private readonly Dictionary<AccountId, BenchAccount> _accounts = [];
    private readonly List<AccountId> _sources = [];
    private readonly Dictionary<TimerId, Timestamp> _timers = [];
    private readonly List<Decision> _decisions = new(256);
    private readonly Queue<PlatformEvent> _told = new();
    private Timestamp _now = Begin;
    private long _nextId = 1_000;
    private int _move;

    /// <summary>The whole state, its engine stepped directly.</summary>
    public BenchWorld()
        : this(Sources, Targets, new DirectDriver())
    {
    }

    /// <summary>A state of another size, its engine stepped by <paramref name="driver"/>.</summary>
    public BenchWorld(int sources, int targets, IDriver driver)
    {
        (_sourceCount, _targetCount, _driver) = (sources, targets, driver);
        for (int i = 0; i < sources + targets; i++)
        {
            var id = new AccountId(i < sources ? $"source-{i:00}" : $"target-{i - sources:000}");
            _accounts.Add(id, new BenchAccount { Id = id });
            if (i < sources)
            {
                _sources.Add(id);
            }
        }

        _driver.Start(Settings(), _now, _decisions);
        foreach (var account in _accounts.Values)
        {
            Feed(Report(new SessionOpened { Account = account.Id, Epoch = 1, Capabilities = Capabilities, Symbols = Symbols }));
        }

        Settle();
        for (int n = 0; n < PositionsPerSource; n++)
        {
            foreach (var source in _sources)
            {
                Feed(Report(Opened(source, n)));
            }

            Settle();
        }

        int open = Engine.Legs.Count(leg => leg.Status == LegStatus.Active && !leg.Held.IsZero && leg.Held == leg.Wanted);
        if (open != sources * LinksPerSource * PositionsPerSource || Engine.InFlight.Any())
        {
            throw new InvalidOperationException($"{open} legs are open and {Engine.InFlight.Count()} orders in flight: this is not the state to be measured");
        }
    }

    /// <summary>When the world's time begins.</summary>
    public static Timestamp Begin => Timestamp.FromMs(1_795_000_000_000);

    /// <summary>The engine under measurement.</summary>
    public Engine.Engine Engine => _driver.Engine;

    private static AccountCapabilities Capabilities => new() { Platform = PlatformKind.Mt5, Mode = AccountMode.Hedging, AbsenceHorizon = TimeSpan.FromSeconds(10) };

    /// <summary>Steps a prepared event; what the engine decides is kept for <see cref="Settle"/>.</summary>
    public void Step(EngineEvent prepared)
    {
        _now += TimeSpan.FromMicroseconds(50);
        _driver.Step(prepared, _now, _decisions);
    }

    /// <summary>Events that wait together and are decided on in one go.</summary>
    public void StepTogether(EngineEvent[] prepared, CoreDriver driver)
    {
        foreach (var happened in prepared)
        {
            driver.Receive(happened, _now);
        }

        driver.Work(_decisions);
    }

    /// <summary>Brokers carry out what was decided and report it, timers that are due fire, until nothing is left to do.</summary>
    public void Settle()
    {
        for (int round = 0; round < 10_000; round++)
        {
            CarryOut();
            if (_told.TryDequeue(out var report))
            {
                Feed(Report(report));
            }
            else if (_timers.Count > 0 && _timers.Values.Min() <= _now)
            {
                var due = _timers.MinBy(timer => timer.Value).Key;
                _timers.Remove(due);
                Feed(new TimerFired(due));
            }
            else if (_decisions.Count == 0)
            {
                return;
            }

            round = 0;
        }
    }

    /// <summary>Lets time pass, with its timers: finished legs are forgotten.</summary>
    public void Wait(TimeSpan span)
    {
        _now += span;
        Settle();
    }

    /// <summary>Stop changes on so many positions of every source: each is carried to ten targets.</summary>
    public EngineEvent[] StopChanges(int perSource = PositionsPerSource)
    {
        _move++;
        var events = new List<EngineEvent>();
        foreach (var source in _sources)
        {
            var account = _accounts[source];
            foreach (var position in account.Positions.Values.OrderBy(position => position.Id).Take(perSource).ToList())
            {
                var changed = position with { StopLoss = new Price(1.05m + (_move % 100 * 0.0001m)) };
                account.Positions[position.Id] = changed;
                events.Add(Report(new BookChanged { Account = source, Epoch = 1, Sequence = ++account.Sequence, Positions = [changed] }));
            }
        }

        return [.. events];
    }

    /// <summary>New positions on every source, each of which ten links take.</summary>
    public EngineEvent[] Openings(int perSource) =>
        [.. Enumerable.Range(0, perSource).SelectMany(n => _sources.Select(source => Report(Opened(source, n))))];

    /// <summary>One source opening and what was decided on it.</summary>
    public (Numbered Event, List<Decision> Decisions) OneOpening()
    {
        var opening = Report(Opened(_sources[0], 0));
        Step(opening);
        var numbered = new Numbered(Engine.Seq, _now, opening);
        List<Decision> decided = [.. _decisions];
        Settle();
        return (numbered, decided);
    }

    /// <summary>The source positions beyond the standing ten are closed again, with all that hangs on them.</summary>
    public void CloseSurplus()
    {
        foreach (var source in _sources)
        {
            var account = _accounts[source];
            foreach (var position in account.Positions.Values.OrderBy(position => position.Id).Skip(PositionsPerSource).ToList())
            {
                account.Positions.Remove(position.Id);
                Feed(Report(new BookChanged
                {
                    Account = source,
                    Epoch = 1,
                    Sequence = ++account.Sequence,
                    ClosedPositions = [position.Id],
                    Deals = [Deal(position, position.Side.Opposite(), position.Volume, DealEntry.Out)],
                }));
            }
        }

        Settle();
    }

    /// <summary>Messages that were taken in before, sent once more.</summary>
    public EngineEvent[] Repeats() =>
        [.. _accounts.Values.Where(account => account.LastChange is not null).Select(account => Report(account.LastChange!))];

    /// <summary>Carries out what was decided; the changed books are handed back to be timed, and the answers kept for <see cref="Settle"/>.</summary>
    public EngineEvent[] BooksFirst()
    {
        CarryOut();
        PlatformEvent[] told = [.. _told];
        _told.Clear();
        foreach (var answer in told.OfType<OrderAnswered>())
        {
            _told.Enqueue(answer);
        }

        return [.. told.Where(report => report is not OrderAnswered).Select(Report)];
    }

    /// <summary>Carries out what was decided; the changed books are reported now, and the answers handed back to be timed.</summary>
    public EngineEvent[] AnswersOnly()
    {
        foreach (var change in BooksFirst())
        {
            Feed(change);
        }

        PlatformEvent[] answers = [.. _told];
        _told.Clear();
        return [.. answers.Select(Report)];
    }

    private GroupSettings Settings()
    {
        var links = new List<LinkSettings>();
        for (int source = 0; source < _sourceCount; source++)
        {
            for (int n = 0; n < LinksPerSource; n++)
            {
                links.Add(new LinkSettings
                {
                    Id = new($"link-{source:00}-{n}"),
                    Source = new($"source-{source:00}"),
                    Target = new($"target-{((source * 9) + n) % _targetCount:000}"),
                    Kind = n % 2 == 0 ? LinkKind.Copy : LinkKind.Hedge,
                    Sizing = new() { Mode = SizingMode.Multiplier, Factor = 0.5m },
                });
            }
        }

        return new GroupSettings
        {
            Accounts = [.. Enumerable.Range(0, _sourceCount).Select(i => new AccountId($"source-{i:00}")), .. Enumerable.Range(0, _targetCount).Select(i => new AccountId($"target-{i:000}"))],
            Links = links,
        };
    }

    private void Feed(EngineEvent happened) => Step(happened);

    private Reported Report(PlatformEvent report)
    {
        var needs = Engine.Needs(report);
        return new Reported(report, new MarketView
        {
            Quotes = [.. needs.Quotes.Select(need => new QuoteOf(need.Account, need.Symbol, new Quote(new(1.1000m), new(1.1001m), _now)))],
            Funds = [.. needs.Funds.Select(account => new FundsOf(account, Funds()))],
        });
    }

    private AccountFunds Funds() => new() { Balance = new(100_000m), Equity = new(100_000m), Margin = new(1_000m), FreeMargin = new(99_000m), Currency = "USD", At = _now };

    private BookChanged Opened(AccountId source, int n)
    {
        var account = _accounts[source];
        var position = new PositionReport
        {
            Id = new(++_nextId),
            Ticket = _nextId,
            Symbol = Symbols[n % Symbols.Length].Name,
            Side = n % 2 == 0 ? Side.Buy : Side.Sell,
            Volume = new(1m),
            OpenPrice = new(1.1001m),
            OpenedAt = _now,
            StopLoss = new(1.05m),
            TakeProfit = new(1.15m),
        };
        account.Positions.Add(position.Id, position);
        return new BookChanged { Account = source, Epoch = 1, Sequence = ++account.Sequence, Positions = [position], Deals = [Deal(position, position.Side, position.Volume, DealEntry.In)] };
    }

    private DealReport Deal(PositionReport position, Side side, Lots volume, DealEntry entry) => new()
    {
        Id = new(++_nextId),
        Position = position.Id,
        Symbol = position.Symbol,
        Side = side,
        Volume = volume,
        Price = position.OpenPrice,
        Entry = entry,
        Reason = DealReason.Request,
        Tag = position.Tag,
        At = _now,
    };

    private void CarryOut()
    {
        var decided = _decisions.ToArray();
        _decisions.Clear();
        foreach (var decision in decided)
        {
            switch (decision)
            {
                case WakeAt { At: { } at } wake:
                    _timers[wake.Timer] = at;
                    break;
                case WakeAt wake:
                    _timers.Remove(wake.Timer);
                    break;
                case AskAccount ask:
                    Answer(ask);
                    break;
                case SendOrder send:
                    Do(send.Command);
                    break;
                case GroupHalted halted:
                    throw new InvalidOperationException($"{halted.Invariant}: {halted.Text}");
                default:
                    break;
            }
        }
    }

    private void Answer(AskAccount ask)
    {
        var account = _accounts[ask.Account];
        _told.Enqueue(new BookSnapshot
        {
            Account = ask.Account,
            Epoch = 1,
            Ask = ask.Ask,
            Sequence = account.Sequence,
            TakenAt = _now,
            Funds = Funds(),
            Positions = [.. account.Positions.Values.OrderBy(position => position.Id)],
            Orders = [],
            Deals = [],
            HistoryFrom = ask.HistoryFrom,
        });
    }

    private void Do(OrderCommand command)
    {
        var account = _accounts[command.Account];
        switch (command)
        {
            case OpenMarket open:
                var made = new PositionReport
                {
                    Id = new(++_nextId),
                    Ticket = _nextId,
                    Symbol = open.Symbol,
                    Side = open.Side,
                    Volume = open.Volume,
                    OpenPrice = new(1.1001m),
                    OpenedAt = _now,
                    StopLoss = open.StopLoss,
                    TakeProfit = open.TakeProfit,
                    Tag = OrderTag.Read(open.Key.Magic, open.Key.ToString()),
                };
                Tell(account, made, Deal(made, open.Side, open.Volume, DealEntry.In));
                _told.Enqueue(Done(command, made.Id) with { Filled = open.Volume, Price = made.OpenPrice });
                break;
            case SetStops stops:
                Tell(account, account.Positions[stops.Position] with { StopLoss = stops.StopLoss, TakeProfit = stops.TakeProfit }, null);
                _told.Enqueue(Done(command, stops.Position));
                break;
            case ReducePosition reduce:
                var before = account.Positions[reduce.Position];
                var deal = Deal(before, before.Side.Opposite(), before.Volume - reduce.TargetVolume, DealEntry.Out) with { Tag = OrderTag.Read(reduce.Key.Magic, reduce.Key.ToString()) };
                Tell(account, before with { Volume = reduce.TargetVolume }, deal);
                _told.Enqueue(Done(command, reduce.Position) with { Filled = deal.Volume, Price = deal.Price });
                break;
            default:
                throw new InvalidOperationException($"no order of this kind is expected here: {command}");
        }
    }

    private void Tell(BenchAccount account, PositionReport position, DealReport? deal)
    {
        if (position.Volume.IsZero)
        {
            account.Positions.Remove(position.Id);
        }
        else
        {
            account.Positions[position.Id] = position;
        }

        account.LastChange = new BookChanged
        {
            Account = account.Id,
            Epoch = 1,
            Sequence = ++account.Sequence,
            Positions = position.Volume.IsZero ? [] : [position],
            ClosedPositions = position.Volume.IsZero ? [position.Id] : [],
            Deals = deal is null ? [] : [deal],
        };
        _told.Enqueue(account.LastChange);
    }

    private static OrderAnswered Done(OrderCommand command, PositionId position) =>
        new() { Account = command.Account, Epoch = 1, Key = command.Key, Outcome = OrderOutcome.Done, Position = position };

    private sealed class BenchAccount
    {
        public required AccountId Id { get; init; }

        public Dictionary<PositionId, PositionReport> Positions { get; } = [];

        public long Sequence { get; set; }

        public BookChanged? LastChange { get; set; }
    }
}

using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;
using Lockstep.Server.Rest;
using Lockstep.Server.Tests.Configuration;
using Lockstep.Storage;

namespace Lockstep.Server.Tests.Rest;

/// <summary>A product that does what the test says, to look at the HTTP side alone.</summary>
internal sealed class FakeDesk : IDesk
{
    public AccountDirectory Directory => new(Guid.Empty, () => Config);

    private readonly Dictionary<(AccountId, string), ClientAnswer> _answers = [];

    private readonly Dictionary<(AccountId, string), ClientRequest> _first = [];

    public List<ClientRequest> Requests { get; } = [];

    public ClientAnswer Next { get; set; } = new() { State = ClientState.Done, Position = new PositionId(7), Filled = new Lots(0.5m), Price = new Price(1.1m) };

    public bool Fails { get; set; }

    public AccountMode Mode { get; set; } = AccountMode.Hedging;

    /// <summary>More positions than the one that is always there.</summary>
    public List<PositionReport> More { get; } = [];

    public List<PositionMoney> Results { get; } = [];

    /// <summary>Answers other than <see cref="Next"/>, by client id.</summary>
    public Dictionary<string, ClientAnswer> Own { get; } = [];

    public IReadOnlyList<PositionMoney> Floating(AccountId account) => Results;

    public LockstepConfig Config { get; } = Configuration.Config.Read(Configuration.Config.Good).Config!;

    public IReadOnlyList<string> Halted => [];

    public Task<AccountView?> AccountAsync(AccountId account) => Task.FromResult(Fails ? throw new InvalidOperationException("broken on purpose") : account.Value == "ctrader" ? null : new AccountView
    {
        Id = account,
        Up = true,
        Synced = account.Value != "netting",
        Epoch = 3,
        Symbols =
        [
            new SymbolSpec
            {
                Name = new SymbolName("EURUSD"), ContractSize = 100_000m, Digits = 5, TickSize = 0.00001m, MinLots = new Lots(0.01m), LotStep = new Lots(0.01m), MaxLots = new Lots(100m),
            },
        ],
        Capabilities = new AccountCapabilities { Platform = PlatformKind.Mt5, Mode = Mode, AbsenceHorizon = TimeSpan.FromSeconds(10) },
        Positions =
        [
            .. More,
            new PositionReport
            {
                Id = new PositionId(11), Ticket = 12, Symbol = new SymbolName("EURUSD"), Side = Side.Sell, Volume = new Lots(0.30m), OpenPrice = new Price(1.08500m),
                OpenedAt = Timestamp.FromMs(1_600_000_000_000), StopLoss = new Price(1.09m), Tag = new OrderTag(900_001, new OrderKey(5), "LS"),
            },
        ],
        Orders =
        [
            new PendingReport
            {
                Id = new OrderId(21), Symbol = new SymbolName("EURUSD"), Side = Side.Buy, Type = PendingType.StopLimit, Volume = new Lots(1m), Price = new Price(1.1m), LimitPrice = new Price(1.2m),
                PlacedAt = Timestamp.FromMs(1_600_000_000_000), Expiry = Timestamp.FromMs(1_700_000_000_000),
            },
        ],
    });

    public AccountFunds? Funds(AccountId account) => new()
    {
        Balance = new Money(1000.5m), Equity = new Money(900m), Margin = new Money(300m), FreeMargin = new Money(600m), Currency = "USD", At = Timestamp.FromMs(1_600_000_000_000),
    };

    public Quote? Quote(AccountId account, SymbolName symbol) => new(new Price(1.1m), new Price(1.2m), Timestamp.FromMs(1_600_000_000_000));

    public bool Closed { get; set; }

    public Task<IReadOnlyList<LegView>> LegsAsync() => Task.FromResult<IReadOnlyList<LegView>>([]);

    /// <summary>What was asked of the why-ledger last.</summary>
    public WhyFilter? Asked { get; private set; }

    public Task<WhyPage> WhyAsync(WhyFilter filter, CancellationToken cancel)
    {
        Asked = filter;
        return Task.FromResult(new WhyPage(
            [
                new StoredWhy(70, new WhyRow("g", 5, new WhyEntry
                {
                    EventSeq = 5, Part = 0, Link = filter.Link ?? new LinkId("copy"), Kind = SourceEventKind.Opened, Source = new AccountId("prop"), Position = new PositionId(11), Symbol = new SymbolName("EURUSD"),
                    Outcome = WhyOutcome.Skipped, Reason = WhyReason.SpreadTooWide, Detail = $"limit {filter.Limit}", Target = new AccountId("ctrader"), SeenAt = Timestamp.FromMs(1), EndedAt = Timestamp.FromMs(2),
                })),
            ],
            70));
    }

    public Task<IReadOnlyList<AlertSeen>> AlertsAsync(AlertQuery query, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<AlertSeen>>([new(Timestamp.FromMs(1), new AlertRaised(AlertLevel.Critical, "naked-leg", new AccountId("prop"), null, $"at least {query.AtLeast} before {query.Before}"))]);

    public Task<ClientAnswer?> RequestAsync(ClientRequest request, TimeSpan wait, CancellationToken cancel)
    {
        if (Closed)
        {
            return Task.FromResult<ClientAnswer?>(null);
        }

        if (!_answers.TryGetValue((request.Account, request.ClientId), out var answer))
        {
            Requests.Add(request);
            _answers[(request.Account, request.ClientId)] = answer = Own.GetValueOrDefault(request.ClientId, Next);
            _first[(request.Account, request.ClientId)] = request;
        }

        return Task.FromResult<ClientAnswer?>(answer);
    }

    public Task<ClientView?> RequestStateAsync(AccountId account, string clientId) => Task.FromResult(
        _answers.TryGetValue((account, clientId), out var answer) ? new ClientView { Request = _first[(account, clientId)], Answer = answer, At = Timestamp.FromMs(1_600_000_000_001) } : null);

    /// <summary>The deals of every request.</summary>
    public List<DealReport> Fills { get; } = [];

    public RequestTrail Trail(AccountId account, string clientId, ClientAnswer answer) => RequestTrail.None with { SentAt = Timestamp.FromMs(1_600_000_000_002), Deals = Fills };

    public SessionHealth? Health(AccountId account) => new() { Connected = true, TradeAllowed = true, ServerOffset = TimeSpan.FromHours(3), At = Timestamp.FromMs(1) };

    public FakeLog Events { get; } = new();

    public IEventLog Log => Events;
}

/// <summary>A log of events in memory.</summary>
internal sealed class FakeLog : IEventLog
{
    public List<EventRow> Rows { get; } = [];

    public Guid Instance => Guid.Empty;

    public long LastEvent => Rows.Count;

    public long FirstEvent => 1;

    public IReadOnlyList<EventRow> Events(EventQuery query)
    {
        var found = Rows.Where(r => r.Id > query.After && r.Id < (query.Before ?? long.MaxValue) && (query.Accounts is null || (r.Account is { } a && query.Accounts.Contains(a))) && (query.Kinds?.Contains(r.Kind) ?? true));
        return [.. (query.Latest ? found.OrderByDescending(r => r.Id) : found.OrderBy(r => r.Id)).Take(query.Limit)];
    }

    public Task SaveCursorAsync(string reader, long id) => throw new NotSupportedException();

    public Task DeleteCursorAsync(string reader) => throw new NotSupportedException();

    public long? Cursor(string reader) => throw new NotSupportedException();

    public IReadOnlyList<EventReader> Readers() => throw new NotSupportedException();

    public Task<long> PruneEventsAsync(Timestamp olderThan) => throw new NotSupportedException();
}

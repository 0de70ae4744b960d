using System.Collections.Concurrent;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;
using Lockstep.Server.Security;
using Lockstep.Server.Streams;
using Lockstep.Storage;

namespace Lockstep.Server.Tests.Streams;

/// <summary>A product whose log, feed and market are the test's.</summary>
internal sealed class FakeStreamDesk : IStreamDesk
{
    public static readonly AccountId Prop = new("prop");
    public static readonly AccountId Personal = new("personal");
    public static readonly SymbolName EurUsd = new("EURUSD");
    public static readonly SymbolName Gold = new("XAUUSD");

    private readonly Lock _order = new();

    public FakeStreamDesk(int before = 0)
    {
        for (int i = 0; i < before; i++)
        {
            Log.Append(Row(Prop, i));
        }

        Feed = new Feed(Log.LastEvent);
        Directory = new AccountDirectory(Log.Instance, () => Config);
    }

    public LockstepConfig Config { get; } = Configuration.Config.Read(Configuration.Config.Good).Config!;

    public AccountDirectory Directory { get; }

    public MemoryEventLog Log { get; } = new();

    IEventLog IStreamDesk.Events => Log;

    public Feed Feed { get; }

    public ConcurrentDictionary<(AccountId, SymbolName), int> Watched { get; } = [];

    public IAccountData? History { get; set; }

    /// <summary>Positions that are open; each opening event adds one.</summary>
    public ConcurrentDictionary<(AccountId, PositionId), PositionReport> Positions { get; } = [];

    public Quote? Known { get; set; }

    public Task<AccountPhoto> PhotoAsync(AccountId account)
    {
        lock (_order)
        {
            return Task.FromResult(new AccountPhoto(
                new AccountView
                {
                    Id = account, Up = true, Synced = true, Epoch = 1,
                    Symbols = [Spec(EurUsd), Spec(Gold)],
                    Positions = [.. Positions.Where(p => p.Key.Item1 == account).Select(p => p.Value).OrderBy(p => p.Id)],
                    Orders = [],
                },
                Feed.Highest));
        }
    }

    public AccountFunds? Funds(AccountId account) => account == Prop ? FundsOf(1000m) : null;

    public IReadOnlyList<PositionMoney> Floating(AccountId account) => [];

    public Quote? Quote(AccountId account, SymbolName symbol) => Known;

    public SessionHealth? Health(AccountId account) => null;

    public IAccountData? Data(AccountId account) => History;

    public bool KeyIsGood { get; set; } = true;

    public bool Stands(Caller caller) => KeyIsGood;

    public void Watch(AccountId account, SymbolName symbol) => Watched.AddOrUpdate((account, symbol), 1, (_, n) => n + 1);

    public void Unwatch(AccountId account, SymbolName symbol) => Watched.AddOrUpdate((account, symbol), -1, (_, n) => n - 1);

    /// <summary>An event becomes durable and is told.</summary>
    public long Happen(AccountId? account, int number, EventBody? body = null)
    {
        lock (_order)
        {
            var row = Row(account, number, body);
            Log.Append(row);
            if (row.Body is PositionOpened opened)
            {
                Positions[(account!.Value, opened.Position.Id)] = opened.Position;
            }

            Feed.Told([row]);
            return row.Id;
        }
    }

    public void Quote(AccountId account, SymbolName symbol, decimal bid, DateTimeOffset? at = null) =>
        Feed.Quoted(account, symbol, new Quote(new Price(bid), new Price(bid + 0.0001m), Timestamp.From(at ?? Lockstep.Testing.ManualTime.Start)));

    public static AccountFunds FundsOf(decimal balance) => new()
    {
        Balance = new Money(balance), Equity = new Money(balance), Margin = new Money(0m), FreeMargin = new Money(balance), Currency = "USD", At = Timestamp.From(Lockstep.Testing.ManualTime.Start),
    };

    public static PositionReport Position(int number) => new()
    {
        Id = new PositionId(number), Ticket = number, Symbol = EurUsd, Side = Side.Buy, Volume = new Lots(0.1m), OpenPrice = new Price(1.1m), OpenedAt = Timestamp.FromMs(1_600_000_000_000),
    };

    public static DealReport Closing(int position, DealReason reason, decimal price = 1.2m) => new()
    {
        Id = new DealId(position + 1000), Position = new PositionId(position), Symbol = EurUsd, Side = Side.Sell, Volume = new Lots(0.1m), Price = new Price(price), Entry = DealEntry.Out, Reason = reason,
        At = Timestamp.FromMs(1_600_000_100_000), Profit = new Money(12.5m), Swap = new Money(-0.5m), Commission = new Money(-0.7m),
    };

    public static EventRow Row(AccountId? account, int number, EventBody? body = null) =>
        new("g", number + 1, 0, Timestamp.FromMs(1_600_000_000_000 + number), account, null, body ?? new PositionOpened(Position(number)));

    private static SymbolSpec Spec(SymbolName name) => new()
    {
        Name = name, ContractSize = 100_000m, Digits = 5, TickSize = 0.00001m, MinLots = new Lots(0.01m), LotStep = new Lots(0.01m), MaxLots = new Lots(100m), BaseCurrency = "EUR", ProfitCurrency = "USD",
    };
}

/// <summary>A log of events that forgets when it is told to.</summary>
internal sealed class MemoryEventLog : IEventLog
{
    private readonly List<EventRow> _rows = [];
    private readonly Lock _gate = new();
    private long _last;

    public Guid Instance { get; } = Guid.NewGuid();

    public int Reads { get; private set; }

    public long LastEvent
    {
        get
        {
            lock (_gate)
            {
                return _last;
            }
        }
    }

    public long FirstEvent
    {
        get
        {
            lock (_gate)
            {
                return _rows.Count == 0 ? _last + 1 : _rows[0].Id;
            }
        }
    }

    public IReadOnlyList<EventRow> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _rows];
            }
        }
    }

    public void Append(EventRow row)
    {
        lock (_gate)
        {
            row.Id = ++_last;
            _rows.Add(row);
        }
    }

    public void Forget(long upTo)
    {
        lock (_gate)
        {
            _rows.RemoveAll(r => r.Id <= upTo);
        }
    }

    public IReadOnlyList<EventRow> Events(EventQuery query)
    {
        lock (_gate)
        {
            Reads++;
            var rows = _rows.Where(r => r.Id > query.After && (query.Before is not { } before || r.Id < before) && (query.Accounts is null || (r.Account is { } a && query.Accounts.Contains(a)))
                && (query.Kinds is null || query.Kinds.Contains(r.Kind)));
            return [.. (query.Latest ? rows.Reverse() : rows).Take(query.Limit)];
        }
    }

    public Task SaveCursorAsync(string reader, long id) => Task.CompletedTask;

    public Task DeleteCursorAsync(string reader) => Task.CompletedTask;

    public long? Cursor(string reader) => null;

    public IReadOnlyList<EventReader> Readers() => [];

    public Task<long> PruneEventsAsync(Timestamp olderThan) => Task.FromResult(0L);
}

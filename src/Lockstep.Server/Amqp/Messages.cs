using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;
using Lockstep.Storage;

namespace Lockstep.Server.Amqp;

/// <summary>A message, ready to be published.</summary>
/// <param name="Id">The envelope's event_id.</param>
/// <param name="Type">The envelope's type.</param>
/// <param name="Key">Routing key.</param>
/// <param name="Others">More routing keys.</param>
/// <param name="Body">The envelope as JSON.</param>
internal sealed record Message(Guid Id, string Type, string Key, IReadOnlyList<string> Others, byte[] Body);

/// <summary>Makes messages of events and states. Safe for all threads.</summary>
/// <param name="store">The store's identity.</param>
/// <param name="directory">The accounts' UUIDs.</param>
/// <param name="config">The configuration in force.</param>
/// <param name="amqp">Its section.</param>
/// <param name="time">The clock of sent_at.</param>
internal sealed class Messages(Guid store, AccountDirectory directory, Func<LockstepConfig> config, AmqpConfig amqp, TimeProvider time)
{
    private volatile Known _known = new(null);

    /// <summary>An event's message.</summary>
    public Message Of(EventRow row) => Make(EventIds.Of(store, row), row.Kind, row.Account, row.At, Payload(row.Body));

    /// <summary>A quote's message.</summary>
    public Message Price(AccountId account, SymbolName symbol, Quote quote) => Make(Guid.NewGuid(), "price.tick", account, quote.At, PriceTick.Of(symbol, quote));

    /// <summary>The message of an account's money.</summary>
    public Message Info(AccountId account, AccountFunds funds) => Make(Guid.NewGuid(), "account.info", account, funds.At, AccountInfo.Of(funds));

    /// <summary>The message of what is open.</summary>
    public Message Positions(AccountId account, IReadOnlyList<PositionRow> rows, long cursor) =>
        Make(Guid.NewGuid(), "positions.snapshot", account, Timestamp.From(time.GetUtcNow()), new PositionsSnapshot(rows, cursor));

    /// <summary>The message of what waits.</summary>
    public Message Orders(AccountId account, IReadOnlyList<OrderRow> rows) => Make(Guid.NewGuid(), "pending_orders", account, Timestamp.From(time.GetUtcNow()), new PendingSnapshot(rows));

    /// <summary>The payload of an event.</summary>
    internal static object Payload(EventBody body) => body switch
    {
        SessionNoted s => new SessionPayload(!s.Up ? "down" : s.Synced ? "up" : "syncing", s.Epoch, s.Reason.Length == 0 ? null : s.Reason),
        PositionOpened p => new OpenedPosition(PositionRow.Of(p.Position)),
        PositionChanged p => new ChangedPosition(PositionRow.Of(p.Before), PositionRow.Of(p.Position)),
        PositionClosed p => ClosedPosition.Of(p.Position, p.Deals),
        OrderPlaced o => new OneOrder(OrderRow.Of(o.Order)),
        OrderChanged o => new ChangedOrder(OrderRow.Of(o.Before), OrderRow.Of(o.Order)),
        OrderGone o => new OneOrder(OrderRow.Of(o.Order, "gone")),
        DealDone d => DealRow.Of(d.Deal),
        RequestAnswered r => RequestRow.Of(r.ClientId, r.Answer),
        WhyNoted w => WhyRow.Of(w.Entry),
        AlertNoted a => new AlertPayload(a.Alert.Level, a.Alert.Code, a.Alert.Account?.Value, a.Alert.Link?.Value, a.Alert.Text),
        DivergenceNoted d => new DivergencePayload(d.Divergence.What, d.Divergence.Believed, d.Divergence.Reported),
        _ => throw new ArgumentException($"{body.GetType().Name} has no payload.", nameof(body)),
    };

    private Message Make(Guid id, string type, AccountId? account, Timestamp at, object payload)
    {
        var who = account is { } named ? Who(named) : null;
        var (key, others) = RoutingKeys.All(amqp, type, who?.Uuid, who?.Login);
        var envelope = new Envelope(
            id, 1, "lockstep", who?.Platform, type, who?.Uuid, who?.Uuid, account?.Value, who?.Login, Payloads.Moment(at), Payloads.Moment(Timestamp.From(time.GetUtcNow())), payload);
        return new Message(id, type, key, others, envelope.Write());
    }

    private Identity Who(AccountId account)
    {
        // An account's section is looked for once: there may be ten thousand, and ten thousand quotes a second. Another configuration, another memory.
        var now = config();
        if (!ReferenceEquals(_known.Config, now))
        {
            _known = new Known(now);
        }

        return _known.Accounts.GetOrAdd(account, static (id, of) => Identity.Of(id, of.Now.Account(id), of.Directory.UuidOf(id)), (Now: now, Directory: directory));
    }

    private sealed class Known(LockstepConfig? config)
    {
        public LockstepConfig? Config { get; } = config;

        public System.Collections.Concurrent.ConcurrentDictionary<AccountId, Identity> Accounts { get; } = [];
    }

    private sealed record Identity(Guid Uuid, string? Platform, string? Login)
    {
        // An account that was removed meanwhile still has its events.
        public static Identity Of(AccountId id, AccountConfig? config, Guid uuid) => new(
            uuid,
            config is null ? null : Word(config.Broker?.Platform ?? config.Terminal?.Platform ?? PlatformKind.CTrader),
            (config?.Terminal?.Login ?? config?.CTrader?.Ctid)?.ToString(System.Globalization.CultureInfo.InvariantCulture));

        private static string Word(PlatformKind platform) => platform switch { PlatformKind.Mt4 => "MT4", PlatformKind.Mt5 => "MT5", _ => "cTrader" };
    }
}

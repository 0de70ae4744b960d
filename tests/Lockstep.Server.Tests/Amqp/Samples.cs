using System.Text;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Amqp;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;
using Lockstep.Storage;
using Lockstep.Testing;

namespace Lockstep.Server.Tests.Amqp;

/// <summary>One of everything that is published.</summary>
internal static class Samples
{
    public static readonly Guid Store = new("6f2c1a52-0f0e-4a43-9f3e-1d2c3b4a5968");
    public static readonly Timestamp At = Timestamp.FromMs(1_767_225_600_123);
    public static readonly AccountId Prop = new("prop"), Paper = new("paper");
    private static readonly SymbolName Euro = new("EURUSD.m");
    private static readonly OrderTag Tag = new(900_001, new OrderKey(5), "LS copy");

    private static readonly PositionReport Position = new()
    {
        Id = new PositionId(1001), Ticket = 1002, Symbol = Euro, Side = Side.Sell, Volume = new Lots(0.30m), OpenPrice = new Price(1.08500m), OpenedAt = At - TimeSpan.FromHours(1),
        StopLoss = new Price(1.09m), OpeningOrder = new OrderId(900), Tag = Tag,
    };

    private static readonly PendingReport Order = new()
    {
        Id = new OrderId(2001), Symbol = Euro, Side = Side.Buy, Type = PendingType.StopLimit, Volume = new Lots(1m), Price = new Price(1.1m), LimitPrice = new Price(1.099m), TakeProfit = new Price(1.12m),
        Expiry = At + TimeSpan.FromDays(1), PlacedAt = At,
    };

    private static readonly DealReport Deal = new()
    {
        Id = new DealId(3001), Position = Position.Id, Order = new OrderId(901), Symbol = Euro, Side = Side.Buy, Volume = new Lots(0.20m), Price = new Price(1.08300m), Entry = DealEntry.Out,
        Reason = DealReason.Request, At = At - TimeSpan.FromSeconds(1), Profit = new Money(40.00m), Swap = new Money(-0.50m), Commission = new Money(-0.70m), Tag = Tag,
    };

    /// <summary>Bodies by the name of their example.</summary>
    public static readonly IReadOnlyList<(string Name, EventBody Body)> Named =
    [
        ("session.up", new SessionNoted(true, true, 3, "")),
        ("session.down", new SessionNoted(false, false, 3, "the terminal went away")),
        ("position.opened", new PositionOpened(Position)),
        ("position.changed", new PositionChanged(Position, Position with { Volume = new Lots(0.10m), TakeProfit = new Price(1.07m) })),
        ("position.closed", new PositionClosed(Position, [Deal, Deal with { Id = new DealId(3002), Volume = new Lots(0.10m), Price = new Price(1.08600m), Profit = new Money(-10.00m), Swap = default, Commission = new Money(-0.35m), Reason = DealReason.StopLoss, At = At }])),
        ("position.closed-without-deals", new PositionClosed(Position with { Side = Side.Buy }, [])),
        ("order.placed", new OrderPlaced(Order)),
        ("order.changed", new OrderChanged(Order, Order with { Price = new Price(1.11m), Expiry = null })),
        ("order.gone", new OrderGone(Order)),
        ("deal", new DealDone(Deal)),
        ("request.done", new RequestAnswered("my-id-1", new ClientAnswer { State = ClientState.Done, Key = new OrderKey(6), Position = Position.Id, Filled = new Lots(0.3m), Price = new Price(1.085m) })),
        ("request.refused", new RequestAnswered("my-id-2", new ClientAnswer
        {
            State = ClientState.Refused, Refusal = Refusal.NoMoney, Code = "10019", Closing = new ClientClosing { State = ClientState.Done, Position = Position.Id, Filled = new Lots(0.3m), Price = new Price(1.083m) },
        })),
        ("why", new WhyNoted(new WhyEntry
        {
            EventSeq = 17, Part = 0, Link = new LinkId("hedge"), Kind = SourceEventKind.Opened, Source = Prop, Position = Position.Id, Symbol = Euro, Outcome = WhyOutcome.Skipped, Reason = WhyReason.SpreadTooWide,
            Detail = "spread 2.1 pips, limit 1.5", Target = Paper, SeenAt = At, EndedAt = At,
        })),
        ("alert", new AlertNoted(new AlertRaised(AlertLevel.Critical, "naked-leg", Prop, new LinkId("hedge"), "The hedge leg \"1001\" stands naked for 30 s → look at it."))),
        ("divergence", new DivergenceNoted(new DivergenceFound(Prop, "position 1001", "open 0.30", "closed"))),
    ];

    public static IEnumerable<EventBody> Bodies => Named.Select(n => n.Body);

    /// <summary>A paper account that simulates cTrader, and one at a broker on MT5.</summary>
    public static readonly LockstepConfig Config = Read(
        """
        { "server": { "auth": "none" }, "accounts": {
          "prop": { "platform": "mt5", "login": 12345678, "server": "Broker-Live", "key": { "env": "KEY" } },
          "paper": { "platform": "paper", "broker": { "kind": "ctrader" } } } }
        """);

    public static AmqpConfig Amqp { get; } = new() { Url = new SecretReference("AMQP_URL", null) };

    public static Messages Make(AmqpConfig? amqp = null, LockstepConfig? config = null, Guid? store = null) =>
        new(store ?? Store, new AccountDirectory(store ?? Store, () => config ?? Config), () => config ?? Config, amqp ?? Amqp, new ManualTime());

    public static EventRow Row(EventBody body) =>
        new("g1", 17, 0, At, body is AlertNoted { Alert.Account: null } ? null : Prop, null, body) { Id = 42 };

    /// <summary>Every message by the name of its example.</summary>
    public static IEnumerable<(string Name, Message Message)> All(Messages make)
    {
        foreach (var (name, body) in Named)
        {
            yield return (name, make.Of(Row(body)));
        }

        yield return ("alert.of-no-account", make.Of(Row(new AlertNoted(new AlertRaised(AlertLevel.Warning, "disk", null, null, "The disk is nearly full.")))));
        var quote = new Quote(new Price(1.08123m), new Price(1.08130m), At);
        yield return ("price.tick", make.Price(Prop, Euro, quote));
        yield return ("account.info", make.Info(Prop, new AccountFunds
        {
            Balance = new Money(10_000.50m), Equity = new Money(9_900.25m), Margin = new Money(300m), FreeMargin = new Money(9_600.25m), Currency = "USD", At = At,
        }));
        yield return ("account.info-flat", make.Info(Paper, new AccountFunds { Balance = new Money(5m), Equity = new Money(5m), Margin = default, FreeMargin = new Money(5m), Currency = "EUR", At = At }));
        yield return ("positions.snapshot", make.Positions(Prop, [PositionRow.Of(Position, new PositionMoney(Position.Id, new Money(111m), new Money(-0.5m)), quote), PositionRow.Of(Position with { Id = new PositionId(1005) })], 41));
        yield return ("pending_orders", make.Orders(Prop, [OrderRow.Of(Order)]));
    }

    private static LockstepConfig Read(string json)
    {
        var read = ConfigReader.Read(Encoding.UTF8.GetBytes(json), AppContext.BaseDirectory, _ => "0123456789abcdef0123456789abcdef");
        return read.Config ?? throw new InvalidOperationException(string.Join("\n", read.Errors));
    }
}

using Lockstep.Domain;

namespace Lockstep.Simulator.Tests;

/// <summary>A broker under a virtual clock with EURUSD and gold, and what tests say to it.</summary>
internal sealed class World
{
    public const string Eur = "EURUSD";
    public static readonly SymbolName EurName = new(Eur);
    public static readonly SymbolName GoldName = new("XAUUSD");

    public World(PlatformKind platform, AccountMode mode = AccountMode.Hedging, Func<BrokerSettings, BrokerSettings>? settings = null, Func<SimSymbol, SimSymbol>? symbol = null, ulong seed = 7)
    {
        Settings = new BrokerSettings
        {
            Platform = platform,
            Mode = mode,
            Symbols = [.. SimCatalogue.For(platform, new CatalogueOptions { Only = [Eur, "XAUUSD", "USDJPY"], AlwaysOpen = true }).Select(s => symbol?.Invoke(s) ?? s)],
            ExecutionDelayMin = TimeSpan.FromMilliseconds(50),
            ExecutionDelayMax = TimeSpan.FromMilliseconds(50),
        };
        Settings = settings?.Invoke(Settings) ?? Settings;
        Seed = seed;
        Broker = SimBroker.Create(Settings, Clock, new SimRandom(seed));
        Quote(1.10000m, 1.10010m);
        Broker.OnQuote(GoldName, new Price(2000.00m), new Price(2000.20m));
        Broker.OnQuote(new SymbolName("USDJPY"), new Price(150.000m), new Price(150.010m));
    }

    public ulong Seed { get; }

    public BrokerSettings Settings { get; }

    public VirtualSimClock Clock { get; } = new();

    public SimBroker Broker { get; }

    public Mt4Broker Mt4 => (Mt4Broker)Broker;

    public Mt5Broker Mt5 => (Mt5Broker)Broker;

    public CTraderBroker CTrader => (CTraderBroker)Broker;

    public void Quote(decimal bid, decimal ask) => Broker.OnQuote(EurName, new Price(bid), new Price(ask));

    public void Wait(double seconds) => Clock.RunFor(TimeSpan.FromSeconds(seconds));

    // MT4 by hand.
    public Mt4Result Send4(Mt4Op op, decimal lots, decimal? price = null, decimal sl = 0m, decimal tp = 0m, int magic = 0, string comment = "", string symbol = Eur, Timestamp? expiry = null) =>
        Mt4.OrderSend(new Mt4OrderSend { Symbol = symbol, Op = op, Lots = lots, Price = price, StopLoss = sl, TakeProfit = tp, Magic = magic, Comment = comment, Expiration = expiry });

    // MT5 by hand.
    public MqlTradeResult Deal5(Mt5OrderType type, decimal volume, decimal sl = 0m, decimal tp = 0m, long position = 0, Mt5Filling filling = Mt5Filling.Fok, long magic = 0, string comment = "", string symbol = Eur) =>
        Mt5.OrderSend(new MqlTradeRequest { Action = MqlAction.Deal, Symbol = symbol, Type = type, Volume = volume, Sl = sl, Tp = tp, Position = position, TypeFilling = filling, Magic = magic, Comment = comment });

    public MqlTradeResult Pending5(Mt5OrderType type, decimal volume, decimal price, decimal stopLimit = 0m, decimal sl = 0m, decimal tp = 0m, Timestamp? expiry = null) =>
        Mt5.OrderSend(new MqlTradeRequest
        {
            Action = MqlAction.Pending, Symbol = Eur, Type = type, Volume = volume, Price = price, StopLimit = stopLimit, Sl = sl, Tp = tp,
            TypeTime = expiry is null ? Mt5TypeTime.Gtc : Mt5TypeTime.Specified, Expiration = expiry, TypeFilling = Mt5Filling.Return,
        });

    // cTrader by hand; volume in lots of EURUSD.
    public CtReply Market(Side side, decimal lots, long? sl = null, long? tp = null, long? position = null, string label = "", string symbol = Eur) =>
        CTrader.NewOrder(new CtNewOrder
        {
            Symbol = symbol, OrderType = CtOrderType.Market, Side = side, Volume = CTrader.ToVolume(symbol, lots), RelativeStopLoss = sl, RelativeTakeProfit = tp, PositionId = position, Label = label,
        });

    public SimSession Session(Recorder sink, SessionSettings? settings = null, long epoch = 1)
    {
        var session = new SimSession(new AccountId("a"), Broker, Clock, new SimRandom(Seed).Fork("session"), epoch, settings ?? SessionSettings.Immediate);
        session.Start(sink);
        Clock.RunFor(TimeSpan.FromMilliseconds(1));
        return session;
    }
}

/// <summary>Keeps what a session reports.</summary>
internal sealed class Recorder : ISessionSink
{
    public List<PlatformEvent> Events { get; } = [];

    public List<Quote> Quotes { get; } = [];

    public List<AccountFunds> FundsSeen { get; } = [];

    public List<IReadOnlyList<PositionMoney>> FloatingSeen { get; } = [];

    public IEnumerable<BookChanged> Changes => Events.OfType<BookChanged>();

    public IEnumerable<OrderAnswered> Answers => Events.OfType<OrderAnswered>();

    public BookSnapshot Snapshot => Events.OfType<BookSnapshot>().Last();

    public void Report(PlatformEvent report) => Events.Add(report);

    public void Quote(AccountId account, SymbolName symbol, Quote quote) => Quotes.Add(quote);

    public void Funds(AccountId account, AccountFunds funds) => FundsSeen.Add(funds);

    public void Floating(AccountId account, IReadOnlyList<PositionMoney> positions) => FloatingSeen.Add(positions);
}

/// <summary>Commands in few words.</summary>
internal static class Commands
{
    public static readonly AccountId Account = new("a");

    public static OrderKey Key(int n) => OrderKey.From("test", n, 0, "open", 1);

    public static OpenMarket Buy(int key, decimal lots, Timestamp deadline, decimal? sl = null, decimal? tp = null, decimal? worst = null, Side side = Side.Buy) => new()
    {
        Account = Account, Key = Key(key), Symbol = World.EurName, Deadline = deadline, Side = side, Volume = new Lots(lots),
        StopLoss = sl is { } s ? new Price(s) : null, TakeProfit = tp is { } t ? new Price(t) : null, WorstPrice = worst is { } w ? new Price(w) : null,
    };

    public static ReducePosition Reduce(int key, long position, decimal target, Timestamp deadline) => new()
    {
        Account = Account, Key = Key(key), Symbol = World.EurName, Deadline = deadline, Position = new PositionId(position), TargetVolume = new Lots(target),
    };

    public static CloseBy By(int key, long position, long opposite, Timestamp deadline) => new()
    {
        Account = Account, Key = Key(key), Symbol = World.EurName, Deadline = deadline, Position = new PositionId(position), Opposite = new PositionId(opposite),
    };

    public static SetStops Stops(int key, long position, decimal? sl, decimal? tp, Timestamp deadline) => new()
    {
        Account = Account, Key = Key(key), Symbol = World.EurName, Deadline = deadline, Position = new PositionId(position),
        StopLoss = sl is { } s ? new Price(s) : null, TakeProfit = tp is { } t ? new Price(t) : null,
    };

    public static PlacePending Pending(int key, Side side, PendingType type, decimal lots, decimal price, Timestamp deadline, decimal? sl = null, decimal? tp = null, Timestamp? expiry = null) => new()
    {
        Account = Account, Key = Key(key), Symbol = World.EurName, Deadline = deadline, Side = side, Type = type, Volume = new Lots(lots), Price = new Price(price),
        StopLoss = sl is { } s ? new Price(s) : null, TakeProfit = tp is { } t ? new Price(t) : null, Expiry = expiry,
    };

    public static AmendPending Amend(int key, long order, decimal price, Timestamp deadline, decimal? sl = null, decimal? tp = null) => new()
    {
        Account = Account, Key = Key(key), Symbol = World.EurName, Deadline = deadline, Order = new OrderId(order), Price = new Price(price),
        StopLoss = sl is { } s ? new Price(s) : null, TakeProfit = tp is { } t ? new Price(t) : null,
    };

    public static CancelPending Cancel(int key, long order, Timestamp deadline) => new()
    {
        Account = Account, Key = Key(key), Symbol = World.EurName, Deadline = deadline, Order = new OrderId(order),
    };
}

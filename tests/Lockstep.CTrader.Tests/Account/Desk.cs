using Google.Protobuf;
using Lockstep.CTrader.OAuth;
using Lockstep.CTrader.Session;
using Lockstep.CTrader.Tests.Connection;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Tests.Account;

/// <summary>A hub over wires in memory, one account, and a server that answers reads by itself and leaves trades to the test.</summary>
internal sealed class Desk : ICTraderLog, ITokens
{
    public const long Ctid = 77;
    public static readonly GrantId Grant = new("grant");

    private readonly Queue<OpenApiMessage> _trades = new();

    public Desk(CTraderOptions? options = null, bool start = true, long ctid = Ctid)
    {
        Hub = new CTraderHub(Time, new OpenApiApplication("app", "application-secret"), Dialer, this, options ?? new CTraderOptions { Seed = 3 }, this);
        Session = Hub.Open(
            new CTraderAccount { Id = new AccountId("ct"), CtidTraderAccountId = ctid, Environment = OpenApiEnvironment.Demo, Grant = Grant }, 1);
        if (start)
        {
            Up();
        }
    }

    public event Action<GrantId>? Changed;

    public HandClock Time { get; } = new();

    public FakeDialer Dialer { get; } = new();

    public FakeWire Wire => Dialer.Last;

    public CTraderHub Hub { get; }

    public CTraderSession Session { get; }

    public Sink Sink { get; } = new();

    public Broker Broker { get; } = new();

    public AccessToken? Token { get; set; } = new("token-secret-1", 1, new Timestamp(long.MaxValue / 2));

    public List<(long Version, string Code)> Refusals { get; } = [];

    public List<(CTraderLogLevel Level, string Text)> Lines { get; } = [];

    /// <summary>Answers to reads that are not the broker's usual ones; null = silence.</summary>
    public Dictionary<Type, Func<OpenApiMessage, IMessage?>> Instead { get; } = [];

    /// <summary>All reads that came, by kind.</summary>
    public List<IMessage> Reads { get; } = [];

    public Timestamp Now => Timestamp.From(Time.GetUtcNow());

    public long NowMs => Now.Micros / 1_000;

    public void Up()
    {
        Session.Start(Sink);
        Wire.Accept();
        Serve();
    }

    /// <summary>The server reads what came and answers it.</summary>
    public void Serve()
    {
        for (var taken = Wire.Taken(); taken.Count > 0; taken = Wire.Taken())
        {
            foreach (var message in taken)
            {
                switch (message.Body)
                {
                    case ProtoOANewOrderReq or ProtoOAClosePositionReq or ProtoOACancelOrderReq or ProtoOAAmendOrderReq or ProtoOAAmendPositionSLTPReq:
                        _trades.Enqueue(message);
                        break;
                    case { } body:
                        Reads.Add(body);
                        var answer = Instead.TryGetValue(body.GetType(), out var instead) ? instead(message) : Broker.Answer(body, NowMs);
                        if (answer is not null)
                        {
                            Wire.Say(answer, message.ClientMsgId);
                            foreach (var spot in Broker.FirstSpots(body))
                            {
                                Wire.Say(spot);
                            }
                        }

                        break;
                }
            }
        }
    }

    /// <summary>The next trade request that the session sent.</summary>
    public (T Body, string Id) Trade<T>() where T : class, IMessage
    {
        Serve();
        Assert.True(_trades.TryDequeue(out var message), "no trade request was sent");
        return (Assert.IsType<T>(message.Body), message.ClientMsgId!);
    }

    public void NoTrade()
    {
        Serve();
        Assert.Empty(_trades);
    }

    /// <summary>Time passes; the hub looks at its clock and the server answers on the way.</summary>
    public void Pass(double seconds, double step = 0.1)
    {
        for (double left = seconds; left > 0.000001; left -= step)
        {
            Time.Advance(TimeSpan.FromMilliseconds(Math.Round(Math.Min(left, step) * 1000)));
            Hub.Tick();
            if (Wire.IsOpen)
            {
                // The server beats when it has nothing to say.
                Wire.Say(new ProtoHeartbeatEvent());
                Serve();
            }
        }
    }

    public void Say(IMessage body, string? id = null)
    {
        Wire.Say(body, id);
        Serve();
    }

    public void Ask(long id, double back = 120)
    {
        Session.Ask(new AskId(id), Now - TimeSpan.FromSeconds(back));
        Serve();
    }

    public void NewToken(string secret, long version)
    {
        Token = new AccessToken(secret, version, new Timestamp(long.MaxValue / 2));
        Changed?.Invoke(Grant);
        Serve();
    }

    public OpenMarket Buy(decimal lots = 0.1m, Price? sl = null, Price? tp = null, Price? worst = null, int attempt = 0, string symbol = "EURUSD", Side side = Side.Buy) => new()
    {
        Account = Session.Account, Key = Key(attempt), Symbol = new SymbolName(symbol), Deadline = Now + TimeSpan.FromSeconds(5),
        Side = side, Volume = new Lots(lots), StopLoss = sl, TakeProfit = tp, WorstPrice = worst,
    };

    public ReducePosition Reduce(long position, decimal target, Side? side = null, int attempt = 1, string symbol = "EURUSD") => new()
    {
        Account = Session.Account, Key = Key(attempt), Symbol = new SymbolName(symbol), Deadline = Now + TimeSpan.FromSeconds(5), Position = new PositionId(position), TargetVolume = new Lots(target), Side = side,
    };

    public SetStops Stops(long position, Price? sl, Price? tp) => new()
    {
        Account = Session.Account, Key = Key(2), Symbol = new SymbolName("EURUSD"), Deadline = Now + TimeSpan.FromSeconds(5), Position = new PositionId(position), StopLoss = sl, TakeProfit = tp,
    };

    public PlacePending Place(PendingType type, decimal price, decimal? limit = null, Timestamp? expiry = null, Side side = Side.Buy) => new()
    {
        Account = Session.Account, Key = Key(3), Symbol = new SymbolName("EURUSD"), Deadline = Now + TimeSpan.FromSeconds(5), Side = side, Type = type, Volume = new Lots(0.1m),
        Price = new Price(price), LimitPrice = limit is { } l ? new Price(l) : null, StopLoss = new Price(1.05m), TakeProfit = new Price(1.2m), Expiry = expiry,
    };

    public static OrderKey Key(int attempt) => OrderKey.From("test", 1, 0, "open", attempt);

    AccessToken? ITokens.Current(GrantId grant) => grant == Grant ? Token : null;

    void ITokens.Refused(GrantId grant, long version, string code) => Refusals.Add((version, code));

    void ICTraderLog.Write(CTraderLogLevel level, AccountId? account, string text)
    {
        Assert.False(Hub.Gate.IsHeldByCurrentThread);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Lines.Add((level, text));
    }
}

/// <summary>What a session reported.</summary>
internal sealed class Sink : ISessionSink
{
    public List<PlatformEvent> Events { get; } = [];

    public List<(SymbolName Symbol, Quote Quote)> Quotes { get; } = [];

    public List<AccountFunds> Money { get; } = [];

    public IReadOnlyList<PositionMoney> Floats { get; private set; } = [];

    public List<SessionHealth> Healths { get; } = [];

    public void Report(PlatformEvent report) => Events.Add(report);

    public void Quote(AccountId account, SymbolName symbol, Quote quote) => Quotes.Add((symbol, quote));

    public void Funds(AccountId account, AccountFunds funds) => Money.Add(funds);

    public void Floating(AccountId account, IReadOnlyList<PositionMoney> positions) => Floats = positions;

    public void Health(AccountId account, SessionHealth health) => Healths.Add(health);

    public IReadOnlyList<T> Of<T>() where T : PlatformEvent => [.. Events.OfType<T>()];

    public T Last<T>() where T : PlatformEvent => Of<T>()[^1];

    /// <summary>The only one of a kind since the last look, taken out.</summary>
    public T Take<T>() where T : PlatformEvent
    {
        var one = Assert.Single(Events.OfType<T>());
        Events.Remove(one);
        return one;
    }

    public void None<T>() where T : PlatformEvent => Assert.Empty(Events.OfType<T>());
}

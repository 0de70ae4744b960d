using System.Buffers;
using Google.Protobuf;
using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.Simulator.Tests.OpenApi;

/// <summary>A simulated Open API server with a demo, a live and a second user's account, under a virtual clock.</summary>
internal sealed class ApiWorld
{
    public const long Demo = 1_000_001;
    public const long Live = 1_000_002;
    public const long Other = 1_000_003;
    public const string Back = "http://localhost/back";

    public ApiWorld(SimOpenApiSettings? settings = null, AccountMode mode = AccountMode.Hedging, Func<SimSymbol, SimSymbol>? symbol = null, Func<BrokerSettings, BrokerSettings>? broker = null)
    {
        Settings = settings ?? new SimOpenApiSettings { Applications = [new("app", "secret", [Back]), new("late", "secret", [Back]) { Active = false }, new("other", "secret", [])] };
        Server = new SimOpenApi(Clock, new SimRandom(5), Settings);
        Broker = MakeBroker(1, mode, symbol, broker);
        LiveBroker = MakeBroker(2, mode, symbol, broker);
        OtherBroker = MakeBroker(3, mode, symbol, broker);
        Server.Add(new SimOpenApiAccount(Demo, 700_001, false, "anna", Broker));
        Server.Add(new SimOpenApiAccount(Live, 700_002, true, "anna", LiveBroker));
        Server.Add(new SimOpenApiAccount(Other, 700_003, false, "bert", OtherBroker));
        Quote(1.10000m, 1.10010m);
        foreach (var each in new[] { Broker, LiveBroker, OtherBroker })
        {
            each.OnQuote(World.GoldName, new Price(2000.00m), new Price(2000.20m));
            each.OnQuote(new SymbolName("USDJPY"), new Price(150.000m), new Price(150.010m));
        }
    }

    public VirtualSimClock Clock { get; } = new();

    public SimOpenApiSettings Settings { get; }

    public SimOpenApi Server { get; }

    public CTraderBroker Broker { get; }

    public CTraderBroker LiveBroker { get; }

    public CTraderBroker OtherBroker { get; }

    /// <summary>EURUSD on the demo server.</summary>
    public long Eur => Server.SymbolId(Demo, World.Eur)!.Value;

    public long Gold => Server.SymbolId(Demo, "XAUUSD")!.Value;

    public void Quote(decimal bid, decimal ask)
    {
        foreach (var each in new[] { Broker, LiveBroker, OtherBroker })
        {
            each.OnQuote(World.EurName, new Price(bid), new Price(ask));
        }
    }

    public void Wait(double seconds) => Clock.RunFor(TimeSpan.FromSeconds(seconds));

    public ApiClient Client(OpenApiEnvironment environment = OpenApiEnvironment.Demo) => new(this, environment);

    /// <summary>A connection with application and demo account authenticated, and nothing in its ears any more.</summary>
    public ApiClient Ready(bool trading = true, string user = "anna", long account = Demo)
    {
        var client = Client(account == Live ? OpenApiEnvironment.Live : OpenApiEnvironment.Demo);
        client.AppAuth();
        client.Authorize(account, Server.Grants.Grant(user, trading).Access);
        client.Heard.Clear();
        return client;
    }

    private CTraderBroker MakeBroker(ulong seed, AccountMode mode, Func<SimSymbol, SimSymbol>? symbol, Func<BrokerSettings, BrokerSettings>? change)
    {
        var settings = new BrokerSettings
        {
            Platform = PlatformKind.CTrader,
            Mode = mode,
            Symbols = [.. SimCatalogue.For(PlatformKind.CTrader, new CatalogueOptions { Only = [World.Eur, "XAUUSD", "USDJPY", "EURJPY", "GER40"], AlwaysOpen = true }).Select(s => symbol?.Invoke(s) ?? s)],
            ExecutionDelayMin = TimeSpan.FromMilliseconds(50),
            ExecutionDelayMax = TimeSpan.FromMilliseconds(50),
        };
        return new CTraderBroker(change?.Invoke(settings) ?? settings, Clock, new SimRandom(seed));
    }
}

/// <summary>
/// A client that knows nothing but bytes: it writes frames with <see cref="OpenApiCodec"/> and reads with it what the server sends.
/// </summary>
internal sealed class ApiClient : ISimOpenApiClient
{
    private readonly ApiWorld _world;
    private readonly SimOpenApiLine _line;
    private int _id;

    public ApiClient(ApiWorld world, OpenApiEnvironment environment)
    {
        _world = world;
        _line = world.Server.Connect(environment, this)!;
    }

    public string Remote => "test";

    public List<OpenApiMessage> Heard { get; } = [];

    /// <summary>When each message of <see cref="Heard"/> came.</summary>
    public List<Timestamp> HeardAt { get; } = [];

    public bool IsClosed { get; private set; }

    public bool TakesNothing { get; set; }

    public IEnumerable<ProtoOAExecutionEvent> Executions => Heard.Select(m => m.Body).OfType<ProtoOAExecutionEvent>();

    public IEnumerable<ProtoOASpotEvent> Spots => Heard.Select(m => m.Body).OfType<ProtoOASpotEvent>();

    bool ISimOpenApiClient.Send(OpenApiMessage message)
    {
        if (TakesNothing)
        {
            return false;
        }

        var bytes = new ArrayBufferWriter<byte>();
        SimOpenApiBytes.Write(bytes, message);
        var buffer = new ReadOnlySequence<byte>(bytes.WrittenMemory);
        Assert.True(OpenApiCodec.TryTakeFrame(ref buffer, out var frame));
        Assert.True(buffer.IsEmpty);
        Heard.Add(OpenApiCodec.Read(frame));
        HeardAt.Add(_world.Clock.Now);
        return true;
    }

    void ISimOpenApiClient.Close() => IsClosed = true;

    /// <summary>Sends a request; its id.</summary>
    public string Send(IMessage body, string? id = null)
    {
        id ??= $"c{++_id}";
        var bytes = new ArrayBufferWriter<byte>();
        OpenApiCodec.Write(bytes, body, id);
        var buffer = new ReadOnlySequence<byte>(bytes.WrittenMemory);
        Assert.True(OpenApiCodec.TryTakeFrame(ref buffer, out var frame));
        _line.Received(SimOpenApiBytes.Read(frame));
        return id;
    }

    /// <summary>Sends the body of any kind, complete or not.</summary>
    public void SendRaw(uint payloadType, byte[] payload, string id) => SendFrame(new ProtoMessage { PayloadType = payloadType, Payload = ByteString.CopyFrom(payload), ClientMsgId = id }.ToByteArray());

    public void SendFrame(byte[] frame)
    {
        try
        {
            _line.Received(SimOpenApiBytes.Read(new ReadOnlySequence<byte>(frame)));
        }
        catch (OpenApiFormatException error)
        {
            _line.ReceivedNonsense(error.Message);
        }
    }

    public void Drop() => _line.Closed("gone");

    /// <summary>Sends a request and gives back what carries its id at once, or after a second.</summary>
    public OpenApiMessage Answer(IMessage body)
    {
        string id = Send(body);
        if (Heard.FindIndex(m => m.ClientMsgId == id) < 0)
        {
            _world.Wait(1);
        }

        return Heard.First(m => m.ClientMsgId == id);
    }

    public T Ask<T>(IMessage body)
        where T : class, IMessage => Assert.IsType<T>(Answer(body).Body);

    public ProtoOAErrorRes Fail(IMessage body) => Ask<ProtoOAErrorRes>(body);

    public void AppAuth(string client = "app", string secret = "secret") => Ask<ProtoOAApplicationAuthRes>(new ProtoOAApplicationAuthReq { ClientId = client, ClientSecret = secret });

    public void Authorize(long account, string token) => Ask<ProtoOAAccountAuthRes>(new ProtoOAAccountAuthReq { CtidTraderAccountId = account, AccessToken = token });

    public ProtoOANewOrderReq Market(ProtoOATradeSide side = ProtoOATradeSide.Buy, long volume = 1_000_000, long? sl = null, long? tp = null, string label = "", string key = "")
    {
        var order = new ProtoOANewOrderReq
        {
            CtidTraderAccountId = ApiWorld.Demo, SymbolId = _world.Eur, OrderType = ProtoOAOrderType.Market, TradeSide = side, Volume = volume, TimeInForce = ProtoOATimeInForce.ImmediateOrCancel,
        };
        if (sl is { } stop)
        {
            order.RelativeStopLoss = stop;
        }

        if (tp is { } profit)
        {
            order.RelativeTakeProfit = profit;
        }

        if (label.Length > 0)
        {
            order.Label = label;
        }

        if (key.Length > 0)
        {
            order.ClientOrderId = key;
        }

        return order;
    }

    /// <summary>Sends a trade request, waits a second, and gives back the events that came meanwhile.</summary>
    public IReadOnlyList<ProtoOAExecutionEvent> Trade(IMessage body, string? id = null)
    {
        int before = Heard.Count;
        Send(body, id);
        _world.Wait(1);
        return [.. Heard.Skip(before).Select(m => m.Body).OfType<ProtoOAExecutionEvent>()];
    }
}

using Google.Protobuf;
using Lockstep.CTrader.OAuth;
using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Tests.Connection;

/// <summary>A hub with its clock, wires and log.</summary>
internal sealed class Exchange : ICTraderLog, ITokens
{
    public const string Secret = "top-secret-of-the-application";

    public Exchange(CTraderOptions? options = null)
    {
        Hub = new CTraderHub(Time, new OpenApiApplication("app", Secret), Dialer, this, options ?? new CTraderOptions { Seed = 7 }, this);
        Dialer.Clock = () => Hub.Mono;
    }

    public event Action<GrantId>? Changed;

    public HandClock Time { get; } = new();

    public FakeDialer Dialer { get; } = new();

    public CTraderHub Hub { get; }

    public List<(CTraderLogLevel Level, string Text)> Lines { get; } = [];

    /// <summary>What must not be and was seen inside a callback, where the hub survives whatever is thrown.</summary>
    public List<string> Wrong { get; } = [];

    public OpenApiConnection Demo => Connection(OpenApiEnvironment.Demo);

    public FakeWire Wire => Dialer.Last;

    public long Now => Hub.Mono;

    public OpenApiConnection Connection(OpenApiEnvironment environment)
    {
        lock (Hub.Gate)
        {
            return Hub.Connection(environment);
        }
    }

    public Seat Sit(long ctid = 1, OpenApiEnvironment environment = OpenApiEnvironment.Demo)
    {
        var seat = new Seat(this, Connection(environment), ctid);
        lock (Hub.Gate)
        {
            seat.Connection.Sit(seat);
        }

        return seat;
    }

    /// <summary>A seat at a connection that is ready.</summary>
    public Seat Ready(long ctid = 1)
    {
        var seat = Sit(ctid);
        Wire.Accept();
        Assert.Equal(["up"], seat.Heard());
        return seat;
    }

    /// <summary>Time passes; the hub looks at its clock on the way.</summary>
    public void Pass(double seconds, double step = 0.05)
    {
        for (double left = seconds; left > 0.000001; left -= step)
        {
            Time.Advance(TimeSpan.FromMilliseconds(Math.Round(Math.Min(left, step) * 1000)));
            Hub.Tick();
        }
    }

    /// <summary>Passes time, with the server heard now and then, until there is another dialling; how long it took in seconds.</summary>
    public double UntilDialled(double most = 100, double step = 0.05)
    {
        int before = Dialer.Wires.Count;
        for (double gone = 0; gone < most;)
        {
            Pass(step, step);
            gone += step;
            if (Dialer.Wires.Count > before)
            {
                return Math.Round(gone, 3);
            }
        }

        Assert.Fail($"no dialling within {most} s");
        return 0;
    }

    /// <summary>Time passes at a healthy line: the server beats.</summary>
    public void PassHealthy(double seconds)
    {
        for (double left = seconds; left > 0.000001; left -= 20)
        {
            Pass(Math.Min(left, 20), 0.5);
            Wire.Say(new ProtoHeartbeatEvent());
        }
    }

    public void Must(bool isSo, string otherwise)
    {
        if (!isSo)
        {
            Wrong.Add(otherwise);
        }
    }

    public long Count(CTraderCount count) => Hub.Counters[count];

    public bool Logged(CTraderLogLevel level, string part) => Lines.Any(l => l.Level == level && l.Text.Contains(part, StringComparison.Ordinal));

    public void RaiseChanged(string grant) => Changed?.Invoke(new GrantId(grant));

    AccessToken? ITokens.Current(GrantId grant) => null;

    void ITokens.Refused(GrantId grant, long version, string code) => Assert.Fail("the connection refreshes no tokens");

    void ICTraderLog.Write(CTraderLogLevel level, AccountId? account, string text)
    {
        Must(!Hub.Gate.IsHeldByCurrentThread, "a line was written under the lock");
        Must(!text.Contains(Secret, StringComparison.Ordinal), "a line has the secret in it");
        lock (Lines)
        {
            Lines.Add((level, text));
        }
    }
}

/// <summary>An account's place that writes down what it hears.</summary>
internal sealed class Seat(Exchange exchange, OpenApiConnection connection, long ctid) : IOpenApiSeat
{
    private readonly List<string> _heard = [];

    public OpenApiConnection Connection { get; } = connection;

    public long Ctid { get; } = ctid;

    public List<OpenApiMessage> Pushed { get; } = [];

    public int Drains { get; private set; }

    public int Ticks { get; private set; }

    public Action<string>? OnCall { get; set; }

    /// <summary>What it heard since the last look.</summary>
    public IReadOnlyList<string> Heard()
    {
        Assert.Empty(exchange.Wrong);
        string[] all = [.. _heard];
        _heard.Clear();
        return all;
    }

    public void Note(string what)
    {
        exchange.Must(exchange.Hub.Gate.IsHeldByCurrentThread, $"{what} came without the lock");
        _heard.Add(what);
        OnCall?.Invoke(what);
    }

    void IOpenApiSeat.LineUp() => Note("up");

    void IOpenApiSeat.LineDown(string why) => Note("down: " + why);

    void IOpenApiSeat.Push(OpenApiMessage message)
    {
        Pushed.Add(message);
        Note("push " + message.PayloadType);
    }

    void IOpenApiSeat.TokenChanged(GrantId grant) => Note("token " + grant);

    void IOpenApiSeat.Tick(long now)
    {
        exchange.Must(exchange.Now == now, $"the clock shows {exchange.Now} and not {now}");
        Ticks++;
    }

    void IOpenApiSeat.Drain()
    {
        exchange.Must(!exchange.Hub.Gate.IsHeldByCurrentThread, "a seat spoke under the lock");
        Drains++;
    }

    public void Leave()
    {
        lock (exchange.Hub.Gate)
        {
            Connection.Leave(this);
        }
    }

    /// <summary>Submits a request whose ends are noted as <c>name kind</c>.</summary>
    public Asked Ask(
        string name, Lane lane = Lane.Read, IMessage? body = null, double? within = null, double? notAfter = null, Func<OpenApiMessage, bool>? more = null, Action<OpenApiEnd>? done = null)
    {
        var asked = new Asked();
        asked.Request = new OpenApiRequest
        {
            Seat = this,
            Lane = lane,
            Body = body ?? Body(lane),
            AnswerWithin = within is { } w ? TimeSpan.FromSeconds(w) : null,
            NotAfter = notAfter is { } n ? exchange.Now + (long)(n * 1000) : null,
            More = more,
            Done = end =>
            {
                asked.Ends.Add(end);
                Note($"{name} {end.Kind}");
                done?.Invoke(end);
            },
        };
        lock (exchange.Hub.Gate)
        {
            Connection.Submit(asked.Request);
        }

        return asked;
    }

    /// <summary>An order that is over with its first event that is FILLED.</summary>
    public Asked Order(string name, double? within = null, double? notAfter = null, IMessage? body = null, Action<OpenApiMessage>? seen = null) => Ask(name, Lane.Trade, body, within, notAfter, m =>
    {
        Note($"{name} more {m.PayloadType}");
        seen?.Invoke(m);
        return m.Body is ProtoOAExecutionEvent { ExecutionType: ProtoOAExecutionType.OrderFilled };
    });

    public IMessage Body(Lane lane) => lane switch
    {
        Lane.Control => new ProtoOAAccountAuthReq { CtidTraderAccountId = Ctid, AccessToken = "token" },
        Lane.Trade => new ProtoOANewOrderReq { CtidTraderAccountId = Ctid, SymbolId = 1, OrderType = ProtoOAOrderType.Market, TradeSide = ProtoOATradeSide.Buy, Volume = 100_000 },
        Lane.Read => new ProtoOATraderReq { CtidTraderAccountId = Ctid },
        _ => new ProtoOADealListReq { CtidTraderAccountId = Ctid },
    };

    public ProtoOAExecutionEvent Event(ProtoOAExecutionType type) => new() { CtidTraderAccountId = Ctid, ExecutionType = type };

    public ProtoOATraderRes Trader() => new() { CtidTraderAccountId = Ctid, Trader = new ProtoOATrader { CtidTraderAccountId = Ctid, Balance = 1, DepositAssetId = 1 } };
}

/// <summary>A request and its ends: there must be one.</summary>
internal sealed class Asked
{
    public OpenApiRequest Request { get; set; } = null!;

    public List<OpenApiEnd> Ends { get; } = [];

    public OpenApiEnd End => Assert.Single(Ends);

    public OpenApiEndKind? Kind => Ends.Count == 0 ? null : End.Kind;

    public string Id => Request.Id!;
}

using System.Globalization;
using Google.Protobuf;
using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>The server's end of one connection: who has authenticated on it, what it subscribed to, how much it may ask.</summary>
internal sealed partial class SimLine : SimOpenApiLine
{
    private readonly ISimOpenApiClient _client;
    private readonly SimRates _rates;
    private Timestamp _heardAt;
    private Timestamp _saidAt;
    private Timestamp _busyUntil;
    private int _inOrder;
    private bool _silent;

    public SimLine(SimOpenApi server, long number, OpenApiEnvironment environment, ISimOpenApiClient client)
    {
        (Server, Number, Environment, _client) = (server, number, environment, client);
        _heardAt = _saidAt = _busyUntil = server.Clock.Now;
        _rates = new SimRates(server.Settings, server.Clock.Now);
    }

    public SimOpenApi Server { get; }

    public long Number { get; }

    public override OpenApiEnvironment Environment { get; }

    /// <summary>The application that authenticated.</summary>
    public SimOpenApiApplication? Application { get; private set; }

    public bool IsOver { get; private set; }

    private Timestamp Now => Server.Clock.Now;

    /// <summary>Clocks of the connection: authentication in time, silence of the client, our own heartbeat (guide §4, §5).</summary>
    public void Start()
    {
        Server.Clock.Schedule(Server.Settings.IdleDrop, () =>
        {
            if (Application is null)
            {
                Break("not authenticated in time");
            }
        });
        WatchClient();
        Beat();
    }

    public override void Received(OpenApiMessage message)
    {
        if (IsOver)
        {
            return;
        }

        _heardAt = Now;
        if (_silent || message.PayloadType == (uint)ProtoPayloadType.HeartbeatEvent)
        {
            return;
        }

        Handle(message);
    }

    public override void ReceivedNonsense(string why)
    {
        if (!IsOver)
        {
            Say(new ProtoOAErrorRes { ErrorCode = CtErrorCode.InvalidRequest, Description = "Malformed message" }, null);
            Break(why);
        }
    }

    public override void Closed(string why)
    {
        IsOver = true;
        LeaveAll();
        Server.Remove(this);
    }

    /// <summary>Ends the connection from our side, after what was already said.</summary>
    public void Break(string why)
    {
        if (!IsOver)
        {
            Closed(why);
            _client.Close();
        }
    }

    /// <summary>Answers a request.</summary>
    public void Say(IMessage body, string? clientMsgId) => Send(new OpenApiMessage(PayloadTypes.Of(body), body, clientMsgId), isEvent: false, TimeSpan.Zero);

    /// <summary>Tells of something, on its own accord or as the consequence of a request.</summary>
    public void Tell(IMessage body, string? clientMsgId = null, TimeSpan late = default) => Send(new OpenApiMessage(PayloadTypes.Of(body), body, clientMsgId), isEvent: true, late);

    /// <summary>The negative answer to a request.</summary>
    public void Refuse(string? clientMsgId, string code, string text, long? ctid = null, int? retryAfter = null)
    {
        var error = new ProtoOAErrorRes { ErrorCode = code, Description = text };
        if (ctid is { } account)
        {
            error.CtidTraderAccountId = account;
        }

        if (retryAfter is { } seconds)
        {
            error.RetryAfter = (ulong)seconds;
        }

        Say(error, clientMsgId);
    }

    private void Send(OpenApiMessage message, bool isEvent, TimeSpan late)
    {
        if (IsOver || _silent)
        {
            return;
        }

        var faults = Server.Faults;
        var dice = Server.NextDice();
        bool delayed = dice.Chance(faults.DelayPercent);
        bool overtaken = dice.Chance(faults.ReorderPercent) && isEvent;
        bool twice = dice.Chance(faults.DuplicatePercent) && isEvent;
        bool strange = dice.Chance(faults.StrangeMessagePercent);
        var delay = dice.NextSpan(TimeSpan.FromMilliseconds(1), faults.DelayMax);
        var again = dice.NextSpan(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(400));
        var overtakenBy = dice.NextSpan(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(800));
        if (strange)
        {
            InOrder(new OpenApiMessage(2_999, null, null), Now);
        }

        var due = Now + late + (delayed ? delay : TimeSpan.Zero);
        if (overtaken || late > TimeSpan.Zero)
        {
            At(overtaken ? due + overtakenBy : due, message);
        }
        else
        {
            InOrder(message, due);
        }

        if (twice)
        {
            At(due + again, message);
        }
    }

    private void InOrder(OpenApiMessage message, Timestamp due)
    {
        _busyUntil = Timestamp.Max(_busyUntil, due);
        if (_inOrder == 0 && _busyUntil <= Now)
        {
            Deliver(message);
            return;
        }

        _inOrder++;
        Server.Clock.Schedule(_busyUntil - Now, () =>
        {
            _inOrder--;
            Deliver(message);
        });
    }

    private void At(Timestamp due, OpenApiMessage message) => Server.Clock.Schedule(due - Now, () => Deliver(message));

    private void Deliver(OpenApiMessage message)
    {
        if (IsOver || _silent)
        {
            return;
        }

        _saidAt = Now;
        if (!_client.Send(message))
        {
            Break("the client takes nothing any more");
        }
    }

    private void WatchClient()
    {
        var due = _heardAt + Server.Settings.IdleDrop;
        if (IsOver)
        {
            return;
        }

        if (Now >= due)
        {
            Break(string.Create(CultureInfo.InvariantCulture, $"nothing heard for {Server.Settings.IdleDrop.TotalSeconds} s"));
            return;
        }

        Server.Clock.Schedule(due - Now, WatchClient);
    }

    private void Beat()
    {
        if (IsOver || Server.Settings.Heartbeat <= TimeSpan.Zero)
        {
            return;
        }

        if (Now - _saidAt >= Server.Settings.Heartbeat)
        {
            Say(new ProtoHeartbeatEvent(), null);
            _saidAt = Now;
        }

        Server.Clock.Schedule(_saidAt + Server.Settings.Heartbeat - Now, Beat);
    }
}

/// <summary>How much one connection may still ask (guide §6): two token buckets, and payload types that are blocked for a while.</summary>
internal sealed class SimRates(SimOpenApiSettings settings, Timestamp start)
{
    private readonly SortedDictionary<uint, Timestamp> _blocked = [];
    private Bucket _history = new(settings.HistoryPerSecond, start);
    private Bucket _other = new(settings.RequestsPerSecond, start);

    private record struct Bucket(decimal Tokens, Timestamp At);

    /// <summary>Takes one request; null = go on, else how many seconds the payload type is blocked.</summary>
    public int? Take(uint payloadType, Timestamp now)
    {
        if (_blocked.TryGetValue(payloadType, out var until))
        {
            if (until > now)
            {
                return Math.Max(1, (int)Math.Ceiling((until - now).TotalSeconds));
            }

            _blocked.Remove(payloadType);
        }

        bool history = IsHistory(payloadType);
        int rate = history ? settings.HistoryPerSecond : settings.RequestsPerSecond;
        if (rate <= 0)
        {
            return null;
        }

        var bucket = history ? _history : _other;
        decimal tokens = Math.Min(rate, bucket.Tokens + ((decimal)(now - bucket.At).TotalSeconds * rate));
        bool enough = tokens >= 1m;
        bucket = new Bucket(enough ? tokens - 1m : tokens, now);
        if (history)
        {
            _history = bucket;
        }
        else
        {
            _other = bucket;
        }

        if (enough)
        {
            return null;
        }

        if (!settings.FrequencyError)
        {
            Block(payloadType, now + TimeSpan.FromSeconds(1));
        }

        return 1;
    }

    public void Block(uint payloadType, Timestamp until) => _blocked[payloadType] = until;

    /// <summary>"Historical" is not defined officially; the safest reading: candles, ticks, and all lists of what was (guide §6).</summary>
    private static bool IsHistory(uint payloadType) => (ProtoOAPayloadType)payloadType is
        ProtoOAPayloadType.ProtoOaGetTrendbarsReq or ProtoOAPayloadType.ProtoOaGetTickdataReq or ProtoOAPayloadType.ProtoOaDealListReq or ProtoOAPayloadType.ProtoOaOrderListReq
        or ProtoOAPayloadType.ProtoOaDealListByPositionIdReq or ProtoOAPayloadType.ProtoOaOrderListByPositionIdReq or ProtoOAPayloadType.ProtoOaCashFlowHistoryListReq
        or ProtoOAPayloadType.ProtoOaDealOffsetListReq;
}

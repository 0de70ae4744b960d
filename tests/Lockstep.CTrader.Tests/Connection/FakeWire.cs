using System.Buffers;
using Google.Protobuf;
using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.CTrader.Tests.Connection;

/// <summary>Connections in memory: each dialling makes one, and the test decides what becomes of it.</summary>
internal sealed class FakeDialer : IOpenApiDialer
{
    public List<FakeWire> Wires { get; } = [];

    public FakeWire Last => Wires[^1];

    /// <summary>The clock by which wires note when something was sent (ms).</summary>
    public Func<long> Clock { get; set; } = static () => 0;

    /// <summary>The next diallings end in this.</summary>
    public Exception? Throws { get; set; }

    public IOpenApiWire Dial(OpenApiEnvironment environment, IOpenApiWireEnd end)
    {
        if (Throws is { } error)
        {
            Wires.Add(new FakeWire(environment, end) { IsOpen = false });
            throw error;
        }

        Wires.Add(new FakeWire(environment, end) { Clock = Clock });
        return Last;
    }
}

/// <summary>One connection in memory, seen from the server.</summary>
internal sealed class FakeWire(OpenApiEnvironment environment, IOpenApiWireEnd end) : IOpenApiWire
{
    private readonly Queue<OpenApiMessage> _unread = new();

    public OpenApiEnvironment Environment { get; } = environment;

    public bool IsOpen { get; set; } = true;

    /// <summary>Takes nothing any more.</summary>
    public bool IsStuck { get; set; }

    /// <summary>Sending ends in an exception.</summary>
    public bool Throws { get; set; }

    /// <summary>Everything that was ever sent.</summary>
    public List<OpenApiMessage> All { get; } = [];

    /// <summary>When each of it was sent (ms).</summary>
    public List<long> SentAt { get; } = [];

    public Func<long> Clock { get; init; } = static () => 0;

    public bool Send(ReadOnlySpan<byte> frame)
    {
        if (Throws)
        {
            throw new IOException("broken pipe");
        }

        if (!IsOpen || IsStuck)
        {
            return false;
        }

        var buffer = new ReadOnlySequence<byte>(frame.ToArray());
        Assert.True(OpenApiCodec.TryTakeFrame(ref buffer, out var one));
        Assert.True(buffer.IsEmpty);
        var message = OpenApiCodec.Read(one);
        All.Add(message);
        SentAt.Add(Clock());
        _unread.Enqueue(message);
        return true;
    }

    public void Close() => IsOpen = false;

    /// <summary>What was sent since the last look, without heartbeats.</summary>
    public IReadOnlyList<OpenApiMessage> Taken()
    {
        var all = _unread.Where(m => m.Body is not ProtoHeartbeatEvent).ToArray();
        _unread.Clear();
        return all;
    }

    /// <summary>The only message of a kind since the last look.</summary>
    public OpenApiMessage Taken<T>() where T : IMessage => Assert.Single(Taken(), m => m.Body is T);

    public int Beats => All.Count(m => m.Body is ProtoHeartbeatEvent);

    public void Connect() => end.Connected();

    public void Break(string why = "connection reset")
    {
        IsOpen = false;
        end.Closed(why);
    }

    public void Say(IMessage body, string? id = null)
    {
        var buffer = new ArrayBufferWriter<byte>();
        OpenApiCodec.Write(buffer, body, id);
        Raw(buffer.WrittenMemory[4..]);
    }

    public void Raw(ReadOnlyMemory<byte> frame) => end.Received(new ReadOnlySequence<byte>(frame));

    public void Refuse(string code, string text = "", string? id = null, long? ctid = null, ulong? retryAfter = null, long? maintenanceEnd = null)
    {
        var error = new ProtoOAErrorRes { ErrorCode = code, Description = text };
        if (ctid is { } account)
        {
            error.CtidTraderAccountId = account;
        }

        if (retryAfter is { } after)
        {
            error.RetryAfter = after;
        }

        if (maintenanceEnd is { } at)
        {
            error.MaintenanceEndTimestamp = at;
        }

        Say(error, id);
    }

    /// <summary>TLS and application authentication succeed.</summary>
    public FakeWire Accept()
    {
        Connect();
        Say(new ProtoOAApplicationAuthRes(), Taken<ProtoOAApplicationAuthReq>().ClientMsgId);
        return this;
    }
}

using System.Buffers;
using System.Collections.Concurrent;
using Google.Protobuf;
using Lockstep.CTrader.OAuth;
using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.CTrader.Tests.Connection;

/// <summary>Threads at the same hub, and what the way of an order costs.</summary>
public sealed class ThreadTests : IOpenApiDialer, IOpenApiWire, ITokens
{
    private readonly BlockingCollection<string> _sent = [];
    private readonly CTraderHub _hub;
    private IOpenApiWireEnd _end = null!;
    private int _frames;
    private bool _isQuiet;

    public ThreadTests()
    {
        _hub = new CTraderHub(
            new HandClock(),
            new OpenApiApplication("app", "secret"),
            this,
            this,
            new CTraderOptions { Seed = 1, RequestsPerSecond = 1_000_000, KeptForTrades = 0, LineUpsPerSecond = 1000 });
    }

    public event Action<GrantId>? Changed;

    [Fact]
    public async Task Threads_that_submit_receive_tick_and_change_tokens_end_every_request_once()
    {
        const int each = 2_000;
        var seats = Enumerable.Range(1, 4).Select(i => new Counting(this, i)).ToList();
        Up(seats);
        var submitting = seats.Select(seat => Task.Run(() =>
        {
            for (int i = 0; i < each; i++)
            {
                seat.Submit();
            }
        })).ToList();
        bool over = false;
        var ticking = Task.Run(() =>
        {
            while (!Volatile.Read(ref over))
            {
                _hub.Tick();
                Changed?.Invoke(new GrantId("g"));
                _ = _hub.Connections;
            }
        });
        var receiving = Task.Run(() =>
        {
            foreach (string id in _sent.GetConsumingEnumerable())
            {
                // Every tenth goes without an answer; the loss ends it.
                if (id[^1] != '7')
                {
                    Say(new ProtoOAVersionRes { Version = "91" }, id);
                }
            }
        });
        await Task.WhenAll(submitting);
        _sent.CompleteAdding();
        await receiving;
        _end.Closed("over");
        Volatile.Write(ref over, true);
        await ticking;
        Assert.All(seats, seat => Assert.Equal(each, seat.Ends));
        Assert.All(seats, seat => Assert.InRange(seat.Lost, 1, each / 5));
        Assert.Equal(0, _hub.Counters[CTraderCount.SinkErrors]);
    }

    [Fact]
    public void An_order_leaves_with_little_more_than_its_frame_allocated()
    {
        _isQuiet = true;
        var seat = new Counting(this, 1);
        Up([seat]);
        var requests = Enumerable.Range(0, 1_100).Select(_ => seat.Order()).ToList();
        for (int i = 0; i < 100; i++)
        {
            Submit(requests[i]);
        }

        // A dictionary that grows once more is not what is measured.
        long before = GC.GetAllocatedBytesForCurrentThread();
        int frames = _frames;
        for (int i = 100; i < requests.Count; i++)
        {
            Submit(requests[i]);
        }

        long one = (GC.GetAllocatedBytesForCurrentThread() - before) / 1_000;
        Assert.Equal(1_000, _frames - frames);
        Assert.InRange(one, 0, 1_000);

        void Submit(OpenApiRequest request)
        {
            lock (_hub.Gate)
            {
                _hub.Connection(OpenApiEnvironment.Demo).Submit(request);
            }
        }
    }

    [Fact]
    public void A_spot_reaches_its_seat_with_nothing_allocated_but_the_message()
    {
        _isQuiet = true;
        var seat = new Counting(this, 1);
        Up([seat]);
        var buffer = new ArrayBufferWriter<byte>();
        OpenApiCodec.Write(buffer, new ProtoOASpotEvent { CtidTraderAccountId = 1, SymbolId = 1, Bid = 110_000, Ask = 110_010 }, null);
        var frame = new ReadOnlySequence<byte>(buffer.WrittenMemory[4..]);
        long decoding = Allocated(() => OpenApiCodec.Read(frame));
        long all = Allocated(() => _end.Received(frame));
        Assert.InRange(all - decoding, 0, 16);
        Assert.Equal(1_100, seat.Pushes);
    }

    IOpenApiWire IOpenApiDialer.Dial(OpenApiEnvironment environment, IOpenApiWireEnd end)
    {
        _end = end;
        return this;
    }

    bool IOpenApiWire.Send(ReadOnlySpan<byte> frame)
    {
        _frames++;
        if (!_isQuiet && OpenApiCodec.Read(new ReadOnlySequence<byte>(frame[4..].ToArray())) is { Body: ProtoOAVersionReq, ClientMsgId: { } id })
        {
            _sent.Add(id);
        }

        return true;
    }

    void IOpenApiWire.Close()
    {
    }

    AccessToken? ITokens.Current(GrantId grant) => null;

    void ITokens.Refused(GrantId grant, long version, string code)
    {
    }

    private static long Allocated(Action action)
    {
        for (int i = 0; i < 100; i++)
        {
            action();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            action();
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / 1_000;
    }

    private void Up(IEnumerable<Counting> seats)
    {
        lock (_hub.Gate)
        {
            foreach (var seat in seats)
            {
                _hub.Connection(OpenApiEnvironment.Demo).Sit(seat);
            }
        }

        _end.Connected();
        Say(new ProtoOAApplicationAuthRes(), $"{_hub.Instance}d-1-1");
        Assert.Equal(OpenApiLineState.Ready, _hub.Connections[0].State);
    }

    private void Say(IMessage body, string? id)
    {
        var buffer = new ArrayBufferWriter<byte>();
        OpenApiCodec.Write(buffer, body, id);
        _end.Received(new ReadOnlySequence<byte>(buffer.WrittenMemory[4..]));
    }

    private sealed class Counting(ThreadTests world, long ctid) : IOpenApiSeat
    {
        private int _ends;

        public long Ctid => ctid;

        public int Ends => Volatile.Read(ref _ends);

        public int Lost { get; private set; }

        public int Pushes { get; private set; }

        public void Submit()
        {
            bool outermost = world._hub.Enter();
            try
            {
                world._hub.Connection(OpenApiEnvironment.Demo).Submit(new OpenApiRequest { Seat = this, Lane = Lane.Read, Body = new ProtoOAVersionReq(), Done = Done });
            }
            finally
            {
                world._hub.Exit(outermost);
            }
        }

        public OpenApiRequest Order() => new()
        {
            Seat = this,
            Lane = Lane.Trade,
            Body = new ProtoOANewOrderReq { CtidTraderAccountId = ctid, SymbolId = 1, OrderType = ProtoOAOrderType.Market, TradeSide = ProtoOATradeSide.Buy, Volume = 100_000 },
            More = static _ => false,
            Done = Done,
        };

        void IOpenApiSeat.LineUp()
        {
        }

        void IOpenApiSeat.LineDown(string why)
        {
        }

        void IOpenApiSeat.Push(OpenApiMessage message) => Pushes++;

        void IOpenApiSeat.TokenChanged(GrantId grant)
        {
        }

        void IOpenApiSeat.Tick(long now)
        {
        }

        void IOpenApiSeat.Drain()
        {
        }

        private void Done(OpenApiEnd end)
        {
            Assert.True(world._hub.Gate.IsHeldByCurrentThread);
            _ends++;
            Lost += end.Kind == OpenApiEndKind.Lost ? 1 : 0;
        }
    }
}

using System.Buffers;
using Google.Protobuf;
using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.Simulator.Tests.OpenApi;

/// <summary>Connections in one process under a clock: real frames, in order, late, cut, silent, refused.</summary>
public sealed class WireTests
{
    [Fact]
    public void Frames_go_both_ways_in_order_and_take_their_time()
    {
        var (world, wire, end) = Dialled();
        Assert.False(end.IsUp);
        world.Wait(0.1);
        Assert.True(end.IsUp);
        var start = world.Clock.Now;
        for (int i = 0; i < 50; i++)
        {
            Assert.True(end.Send(new ProtoOAVersionReq(), $"v{i}"));
        }

        Assert.Empty(end.Heard);
        world.Wait(1);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"v{i}"), end.Heard.Select(m => m.ClientMsgId));
        Assert.True(end.HeardAt[0] - start >= TimeSpan.FromMilliseconds(10));
        Assert.Equal((50, 50, 1), (wire.Up, wire.DownCount, wire.Connections));
    }

    [Fact]
    public void A_cut_loses_what_is_on_its_way_and_both_ends_are_told()
    {
        var (world, wire, end) = Dialled();
        world.Wait(0.1);
        end.Send(new ProtoOAVersionReq(), "lost");
        wire.Cut("storm");
        world.Wait(1);
        Assert.Empty(end.Heard);
        Assert.Equal("storm", end.ClosedBecause);
        Assert.Equal((0, 0), (world.Server.Connections, wire.Connections));
        Assert.False(end.Send(new ProtoOAVersionReq(), "after"));
    }

    [Fact]
    public void A_silent_wire_tells_nobody()
    {
        var (world, wire, end) = Dialled();
        world.Wait(0.1);
        wire.Faults = new OpenApiWireFaults { Silent = true };
        Assert.True(end.Send(new ProtoOAVersionReq(), "v"));
        world.Wait(29);
        Assert.Empty(end.Heard);
        Assert.Equal(1, world.Server.Connections);

        // The server notices by its own clock; the client by none but its own.
        world.Wait(2);
        Assert.Equal(0, world.Server.Connections);
        Assert.Null(end.ClosedBecause);
        var second = new End();
        second.Wire = wire.Dial(OpenApiEnvironment.Demo, second);
        world.Wait(60);
        Assert.Equal((false, null), (second.IsUp, second.ClosedBecause));
    }

    [Fact]
    public void A_server_that_is_down_refuses()
    {
        var (world, wire, end) = Dialled();
        wire.Faults = new OpenApiWireFaults { Down = true };
        world.Wait(1);
        Assert.Equal((false, "no connection"), (end.IsUp, end.ClosedBecause));
        wire.Faults = OpenApiWireFaults.None;
        end.Wire = wire.Dial(OpenApiEnvironment.Demo, end);
        world.Wait(1);
        Assert.True(end.IsUp);
    }

    [Fact]
    public void What_the_server_said_before_it_closed_still_arrives()
    {
        var (world, _, end) = Dialled();
        world.Wait(0.1);
        end.SendFrame([0, 0, 0, 3, 0xFF, 0xFF, 0xFF]);
        world.Wait(1);
        Assert.Equal("INVALID_REQUEST", Assert.IsType<ProtoOAErrorRes>(Assert.Single(end.Heard).Body).ErrorCode);
        Assert.Equal("closed by the server", end.ClosedBecause);
    }

    [Fact]
    public void A_client_that_closes_hears_nothing_more_and_the_server_knows()
    {
        var (world, _, end) = Dialled();
        world.Wait(0.1);
        end.Send(new ProtoOAVersionReq(), "v");
        end.Wire!.Close();
        world.Wait(1);
        Assert.Empty(end.Heard);
        Assert.Null(end.ClosedBecause);
        Assert.Equal(0, world.Server.Connections);
    }

    [Fact]
    public void Connections_break_by_dice()
    {
        var (world, wire, end) = Dialled();
        world.Wait(0.1);
        wire.Faults = new OpenApiWireFaults { BreakPercent = 100 };
        end.Send(new ProtoOAVersionReq(), "v");
        world.Wait(1);
        Assert.Equal("connection lost", end.ClosedBecause);
        Assert.Equal(0, world.Server.Connections);
    }

    private static (ApiWorld World, SimOpenApiWire Wire, End End) Dialled()
    {
        var world = new ApiWorld();
        var wire = new SimOpenApiWire(world.Server, world.Clock, new SimRandom(9));
        var end = new End { Clock = world.Clock };
        end.Wire = wire.Dial(OpenApiEnvironment.Demo, end);
        return (world, wire, end);
    }

    private sealed class End : IOpenApiWireEnd
    {
        public VirtualSimClock? Clock { get; init; }

        public IOpenApiWire? Wire { get; set; }

        public bool IsUp { get; private set; }

        public string? ClosedBecause { get; private set; }

        public List<OpenApiMessage> Heard { get; } = [];

        public List<Timestamp> HeardAt { get; } = [];

        public bool Send(IMessage body, string id)
        {
            var bytes = new ArrayBufferWriter<byte>();
            OpenApiCodec.Write(bytes, body, id);
            return SendFrame(bytes.WrittenSpan);
        }

        public bool SendFrame(ReadOnlySpan<byte> frame) => Wire!.Send(frame);

        public void Connected() => (IsUp, ClosedBecause) = (true, null);

        public void Received(ReadOnlySequence<byte> frame)
        {
            Heard.Add(OpenApiCodec.Read(frame));
            HeardAt.Add(Clock?.Now ?? default);
        }

        public void Closed(string why) => (IsUp, ClosedBecause) = (false, why);
    }
}

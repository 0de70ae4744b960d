using System.Buffers;
using System.Buffers.Binary;
using System.Net.Security;
using Lockstep.CTrader.Session;
using Lockstep.CTrader.Tests.Wire;
using Lockstep.CTrader.Wire;

namespace Lockstep.CTrader.Tests.Tls;

/// <summary>Connections that stand, over real loopback sockets.</summary>
public class TlsWireTests
{
    [Fact]
    public async Task Ten_thousand_frames_go_both_ways_in_order()
    {
        const int Count = 10_000;
        await using var peer = TlsPeer.Serve(TestCertificates.Good, async tls =>
        {
            var sending = Task.Run(async () =>
            {
                for (int i = 0; i < Count; i++)
                {
                    await tls.WriteAsync(Frame(i));
                }
            });
            for (int i = 0; i < Count; i++)
            {
                Assert.Equal(i, await ReadAsync(tls));
            }

            await sending;
            await tls.WriteAsync(Frame(Count));
            await tls.CopyToAsync(Stream.Null);
        });
        var end = new RecordingEnd();
        int next = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        end.OnReceived = bytes =>
        {
            Assert.Equal(next++, BinaryPrimitives.ReadInt32LittleEndian(bytes));
            if (next == Count + 1)
            {
                all.SetResult();
            }
        };
        using var wire = Dial(end, peer.Address, 64 << 20);
        Assert.Equal("connected", await end.NextAsync());
        for (int i = 0; i < Count; i++)
        {
            Assert.True(wire.Send(Frame(i)));
        }

        await all.Task.WaitAsync(TlsPeer.Patience);
        Assert.Empty(end.Left());
        Assert.Null(end.Broken);
    }

    [Fact]
    public async Task Frames_of_many_threads_do_not_mix()
    {
        const int Threads = 4;
        const int Count = 2_000;
        var got = new List<int>();
        await using var peer = TlsPeer.Serve(TestCertificates.Good, async tls =>
        {
            for (int i = 0; i < Threads * Count; i++)
            {
                got.Add(await ReadAsync(tls));
            }

            await tls.WriteAsync(Frame(0));
            await tls.CopyToAsync(Stream.Null);
        });
        var end = new RecordingEnd();
        using var wire = Dial(end, peer.Address, 64 << 20);
        Assert.Equal("connected", await end.NextAsync());
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(t => Task.Run(() =>
        {
            for (int i = 0; i < Count; i++)
            {
                Assert.True(wire.Send(Frame((t * Count) + i)));
            }
        })));
        await end.NextAsync();
        for (int t = 0; t < Threads; t++)
        {
            Assert.Equal(Enumerable.Range(t * Count, Count), got.Where(n => n / Count == t));
        }
    }

    [Fact]
    public async Task A_frame_that_comes_byte_by_byte_is_one_frame()
    {
        byte[] vector = Contract.Vector("execution-filled");
        await using var peer = TlsPeer.Serve(TestCertificates.Good, async tls =>
        {
            foreach (byte one in vector)
            {
                await tls.WriteAsync(new[] { one });
            }

            await tls.CopyToAsync(Stream.Null);
        });
        var end = new RecordingEnd();
        using var wire = Dial(end, peer.Address);
        Assert.Equal("connected", await end.NextAsync());
        Assert.Equal(Convert.ToHexString(vector[4..]), await end.NextAsync());
    }

    [Fact]
    public async Task A_frame_of_the_largest_size_comes_whole()
    {
        byte[] frame = new byte[4 + OpenApiCodec.FrameMax];
        BinaryPrimitives.WriteInt32BigEndian(frame, OpenApiCodec.FrameMax);
        frame[4] = 1;
        frame[^1] = 2;
        await using var peer = TlsPeer.Serve(TestCertificates.Good, async tls =>
        {
            await tls.WriteAsync(frame);
            await tls.CopyToAsync(Stream.Null);
        });
        var end = new RecordingEnd();
        var came = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        end.OnReceived = came.SetResult;
        using var wire = Dial(end, peer.Address);
        byte[] got = await came.Task.WaitAsync(TlsPeer.Patience);
        Assert.True(got.AsSpan().SequenceEqual(frame.AsSpan(4)));
    }

    [Theory]
    [InlineData("0000000408331200", "closed the connection")]
    [InlineData("", "closed the connection")]
    [InlineData("00", "closed the connection in the middle of a frame")]
    [InlineData("00000004083312", "closed the connection in the middle of a frame")]
    [InlineData("00000000", "sent a frame of 0 bytes: 1 to 15000000 are taken")]
    [InlineData("80000000", "sent a frame of 2147483648 bytes: 1 to 15000000 are taken")]
    [InlineData("485454502F312E31", "sent a frame of 1213486160 bytes: 1 to 15000000 are taken")]
    public async Task An_end_at_any_point_and_nonsense_close_with_a_sentence(string hex, string sentence)
    {
        await using var peer = TlsPeer.Serve(TestCertificates.Good, async tls =>
        {
            await tls.WriteAsync(Convert.FromHexString(hex));
            await tls.ShutdownAsync();
        });
        var end = new RecordingEnd();
        var wire = Dial(end, peer.Address);
        Assert.Equal("connected", await end.NextAsync());
        if (hex == "0000000408331200")
        {
            Assert.Equal("08331200", await end.NextAsync());
        }

        Assert.Equal($"closed: {peer.Address} {sentence}", await end.NextAsync());
        await wire.Running.WaitAsync(TlsPeer.Patience);
        Assert.Empty(end.Left());
        Assert.False(wire.Send([1]));
    }

    [Fact]
    public async Task A_server_that_vanishes_closes_the_connection()
    {
        await using var peer = TlsPeer.Serve(TestCertificates.Good, async tls =>
        {
            await tls.ReadExactlyAsync(new byte[1]);
        });
        var end = new RecordingEnd();
        var wire = Dial(end, peer.Address);
        Assert.Equal("connected", await end.NextAsync());
        Assert.True(wire.Send(Frame(1)));
        Assert.StartsWith("closed: ", await end.NextAsync(), StringComparison.Ordinal);
        await wire.Running.WaitAsync(TlsPeer.Patience);
        Assert.Null(end.Broken);
    }

    [Fact]
    public async Task A_server_that_reads_too_slowly_is_left_and_nobody_waits_for_it()
    {
        var over = new TaskCompletionSource();
        await using var peer = TlsPeer.Serve(TestCertificates.Good, _ => over.Task);
        var end = new RecordingEnd();
        var wire = Dial(end, peer.Address);
        Assert.Equal("connected", await end.NextAsync());
        byte[] frame = new byte[64 * 1024];
        int sent = 0;
        while (wire.Send(frame))
        {
            sent++;
        }

        // A mebibyte waits here, and whatever the system's buffers hold.
        Assert.InRange(sent, 15, 10_000);
        Assert.Equal("closed: the other side reads too slowly", await end.NextAsync());
        Assert.False(wire.Send([1]));
        over.SetResult();
        await wire.Running.WaitAsync(TlsPeer.Patience);
        Assert.Empty(end.Left());
    }

    [Fact]
    public async Task Who_closes_while_a_write_is_under_way_hears_nothing_more()
    {
        var over = new TaskCompletionSource();
        await using var peer = TlsPeer.Serve(TestCertificates.Good, _ => over.Task);
        var end = new RecordingEnd();
        var wire = Dial(end, peer.Address, 64 << 20);
        Assert.Equal("connected", await end.NextAsync());
        byte[] frame = new byte[1 << 20];
        for (int i = 0; i < 40; i++)
        {
            Assert.True(wire.Send(frame));
        }

        wire.Close();
        wire.Close();
        Assert.False(wire.Send(frame));
        await wire.Running.WaitAsync(TlsPeer.Patience);
        Assert.Empty(end.Left());
        over.SetResult();
    }

    [Fact]
    public async Task Who_closes_inside_a_call_hears_nothing_more()
    {
        await using var peer = TlsPeer.Serve(TestCertificates.Good, async tls =>
        {
            byte[] many = [.. Frame(1), .. Frame(2), .. Frame(3)];
            await tls.WriteAsync(many);
            await tls.CopyToAsync(Stream.Null);
        });
        var end = new RecordingEnd();
        var ready = new TaskCompletionSource<TlsWire>();
        var heard = new List<int>();
        end.OnReceived = bytes =>
        {
            heard.Add(BinaryPrimitives.ReadInt32LittleEndian(bytes));
            ready.Task.Result.Close();
        };
        var wire = Dial(end, peer.Address);
        ready.SetResult(wire);
        await wire.Running.WaitAsync(TlsPeer.Patience);
        Assert.Equal(["connected"], end.Left());
        Assert.Equal([1], heard);
    }

    [Fact]
    public async Task A_receiver_that_throws_costs_the_connection_and_not_the_process()
    {
        await using var peer = TlsPeer.Serve(TestCertificates.Good, async tls =>
        {
            await tls.WriteAsync(Frame(1));
            await tls.CopyToAsync(Stream.Null);
        });
        var closed = new TaskCompletionSource<string>();
        var wire = (TlsWire)new TlsDialer(new TlsDialerOptions { Demo = peer.Address, Trusted = [TestCertificates.Root] }).Dial(OpenApiEnvironment.Demo, new Clumsy(closed));
        Assert.EndsWith("InvalidOperationException: oh", await closed.Task.WaitAsync(TlsPeer.Patience), StringComparison.Ordinal);
        await wire.Running.WaitAsync(TlsPeer.Patience);
    }

    private static TlsWire Dial(RecordingEnd end, OpenApiAddress server, int waitingMost = 1 << 20) =>
        (TlsWire)new TlsDialer(new TlsDialerOptions { Demo = server, Trusted = [TestCertificates.Root], WaitingMost = waitingMost }).Dial(OpenApiEnvironment.Demo, end);

    // A number, and more bytes for some, so that sizes differ.
    private static byte[] Frame(int number)
    {
        byte[] frame = new byte[8 + (number % 7 * 100)];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - 4);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), number);
        return frame;
    }

    private static async Task<int> ReadAsync(SslStream tls)
    {
        byte[] head = new byte[4];
        await tls.ReadExactlyAsync(head);
        byte[] body = new byte[BinaryPrimitives.ReadInt32BigEndian(head)];
        await tls.ReadExactlyAsync(body);
        return BinaryPrimitives.ReadInt32LittleEndian(body);
    }

    private sealed class Clumsy(TaskCompletionSource<string> closed) : IOpenApiWireEnd
    {
        public void Connected()
        {
        }

        public void Received(ReadOnlySequence<byte> frame) => throw new InvalidOperationException("oh");

        public void Closed(string why) => closed.SetResult(why);
    }
}

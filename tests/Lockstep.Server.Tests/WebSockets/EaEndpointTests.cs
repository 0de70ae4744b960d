using System.Globalization;
using System.Text;

namespace Lockstep.Server.Tests.WebSockets;

/// <summary>The endpoint of the EA link against clients that do it right, wrong and not at all.</summary>
public class EaEndpointTests
{
    [Fact]
    public async Task A_good_handshake_is_answered_as_the_standard_has_it()
    {
        await using var host = await EaHost.StartAsync();
        using var client = await RawClient.OpenAsync(host.Port);
        string answer = await client.HandshakeAsync();
        Assert.StartsWith("HTTP/1.1 101 ", answer, StringComparison.Ordinal);
        Assert.Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Sec-WebSocket-Protocol: lockstep.ea.1\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Upgrade: websocket\r\n", answer, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Transfer-Encoding", answer, StringComparison.OrdinalIgnoreCase);
        await client.SendAsync("hello");
        Assert.Equal("hello", await client.ReceiveTextAsync());
    }

    [Fact]
    public async Task The_first_message_may_come_with_the_handshake()
    {
        await using var host = await EaHost.StartAsync();
        using var client = await RawClient.OpenAsync(host.Port);
        string frame = Encoding.Latin1.GetString(RawClient.Frame(0x81, "at once"u8.ToArray()));
        Assert.StartsWith("HTTP/1.1 101 ", await client.HandshakeAsync("lockstep.ea.1\r\n\r\n", "lockstep.ea.1\r\n\r\n" + frame), StringComparison.Ordinal);
        Assert.Equal("at once", await client.ReceiveTextAsync());
    }

    [Theory]
    [InlineData("GET /ea ", "GET http://127.0.0.1:PORT/ea ", 101)]
    [InlineData("Upgrade: websocket", "upgrade: WebSocket", 101)]
    [InlineData("Connection: Upgrade", "Connection: keep-alive, Upgrade", 101)]
    [InlineData("Protocol: lockstep.ea.1", "Protocol: other, lockstep.ea.1", 101)]
    [InlineData("Protocol: lockstep.ea.1", "Protocol: other", 400)]
    [InlineData("Sec-WebSocket-Protocol: lockstep.ea.1\r\n", "", 400)]
    [InlineData("Version: 13", "Version: 8", 426)]
    [InlineData("Sec-WebSocket-Version: 13\r\n", "", 426)]
    [InlineData("Key: " + RawClient.Nonce, "Key: c2hvcnQ=", 400)]
    [InlineData("Key: " + RawClient.Nonce, "Key: ************************", 400)]
    [InlineData("Sec-WebSocket-Key: " + RawClient.Nonce + "\r\n", "", 400)]
    [InlineData("Upgrade: websocket\r\n", "", 426)]
    [InlineData("Upgrade: websocket", "Upgrade: h2c", 426)]
    [InlineData("Connection: Upgrade\r\n", "", 426)]
    [InlineData("GET /ea", "POST /ea", 426)]
    [InlineData("GET /ea", "GET /eas", 404)]
    [InlineData("HTTP/1.1", "HTTP/1.0", 426)]
    [InlineData("Host:", "Origin: https://example.com\r\nHost:", 403)]
    public async Task A_handshake_is_taken_or_refused(string replace, string with, int status)
    {
        await using var host = await EaHost.StartAsync();
        using var client = await RawClient.OpenAsync(host.Port);
        string answer = await client.HandshakeAsync(replace, with.Replace("PORT", host.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $" {status} "), answer.Split("\r\n")[0], StringComparison.Ordinal);
        Assert.Equal(status == 101 ? 1 : 0, host.Ends.Count);
    }

    [Fact]
    public async Task Too_many_are_turned_away_before_the_upgrade_and_told_why()
    {
        await using var host = await EaHost.StartAsync(accepts: n => n == 1, most: 2);
        using var first = await host.ConnectAsync();
        using (var client = await RawClient.OpenAsync(host.Port))
        {
            string answer = await client.HandshakeAsync();
            Assert.StartsWith("HTTP/1.1 429 ", answer, StringComparison.Ordinal);
            Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
            Assert.Contains("Retry-After: 1", answer, StringComparison.Ordinal);
        }

        await using var small = await EaHost.StartAsync(most: 1);
        using var only = await small.ConnectAsync();
        using var more = await RawClient.OpenAsync(small.Port);
        Assert.StartsWith("HTTP/1.1 503 ", await more.HandshakeAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Messages_of_every_size_come_back_whole(bool tls)
    {
        await using var host = await EaHost.StartAsync(tls: tls);
        using var client = await host.ConnectAsync();
        foreach (int size in new[] { 0, 1, 7, 31, 32, 33, 125, 126, 4000, 4096, 5000, 65_535, 65_536, 3 })
        {
            string text = string.Concat(Enumerable.Range(0, size).Select(i => (char)('a' + (i % 26))));
            await client.SendAsync(text);
            Assert.Equal(text, await client.ReceiveTextAsync());
        }
    }

    [Fact]
    public async Task Bytes_may_come_one_by_one_and_frames_in_heaps()
    {
        await using var host = await EaHost.StartAsync();
        using var client = await host.ConnectAsync();
        foreach (byte one in RawClient.Frame(0x81, Encoding.UTF8.GetBytes(new string('x', 130))))
        {
            await client.SendRawAsync([one]);
        }

        Assert.Equal(new string('x', 130), await client.ReceiveTextAsync());
        await client.SendRawAsync([.. Enumerable.Range(0, 500).SelectMany(i => RawClient.Frame(0x81, Encoding.UTF8.GetBytes($"m{i}")))]);
        for (int i = 0; i < 500; i++)
        {
            Assert.Equal($"m{i}", await client.ReceiveTextAsync());
        }
    }

    [Fact]
    public async Task Fragments_are_put_together_with_pings_between_them()
    {
        await using var host = await EaHost.StartAsync();
        using var client = await host.ConnectAsync();
        await client.SendRawAsync(RawClient.Frame(0x01, "one "u8.ToArray()));
        await client.SendRawAsync(RawClient.Frame(0x89, "beat"u8.ToArray()));
        await client.SendRawAsync(RawClient.Frame(0x00, []));
        await client.SendRawAsync(RawClient.Frame(0x00, "two "u8.ToArray()));
        await client.SendRawAsync(RawClient.Frame(0x8A, "pong that nobody asked for"u8.ToArray()));
        await client.SendRawAsync(RawClient.Frame(0x80, "three"u8.ToArray()));
        var pong = await client.ReceiveAsync();
        Assert.Equal((10, "beat"), (pong!.Value.Opcode, Encoding.UTF8.GetString(pong.Value.Payload)));
        Assert.Equal("one two three", await client.ReceiveTextAsync());
        await client.SendAsync("whole again");
        Assert.Equal("whole again", await client.ReceiveTextAsync());
    }

    public static TheoryData<string, byte[], int> Wrong => new()
    {
        { "not masked", RawClient.Frame(0x81, "x"u8.ToArray(), masked: false), 1002 },
        { "binary", RawClient.Frame(0x82, "x"u8.ToArray()), 1003 },
        { "a reserved bit", RawClient.Frame(0xC1, "x"u8.ToArray()), 1002 },
        { "an unknown opcode", RawClient.Frame(0x83, "x"u8.ToArray()), 1002 },
        { "an unknown control frame", RawClient.Frame(0x8B, "x"u8.ToArray()), 1002 },
        { "a ping in parts", RawClient.Frame(0x09, "x"u8.ToArray()), 1002 },
        { "a ping too long", RawClient.Frame(0x89, new byte[126]), 1002 },
        { "a rest without a beginning", RawClient.Frame(0x80, "x"u8.ToArray()), 1002 },
        { "a beginning within a message", [.. RawClient.Frame(0x01, "x"u8.ToArray()), .. RawClient.Frame(0x81, "y"u8.ToArray())], 1002 },
        { "too large", RawClient.Frame(0x81, new byte[65_537]), 1009 },
        { "too large in parts", [.. RawClient.Frame(0x01, new byte[40_000]), .. RawClient.Frame(0x00, new byte[25_537])], 1009 },
        { "said to be enormous", [0x81, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4], 1009 },
        { "said to be negative", [0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4], 1002 },
        { "a close of one byte", RawClient.Frame(0x88, [0x0F]), 1002 },
        { "HTTP again", Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n"), 1002 },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_breaks_the_rules_is_closed_with_its_code(string about, byte[] bytes, int code)
    {
        await using var host = await EaHost.StartAsync();
        using var client = await host.ConnectAsync();
        await client.SendAsync("before");
        await client.SendRawAsync([.. bytes, .. RawClient.Frame(0x81, "after"u8.ToArray())]);
        Assert.Equal("before", await client.ReceiveTextAsync());
        var (got, reason) = await client.ReceiveCloseAsync();
        Assert.True(code == got, $"{about}: {got} {reason}");
        client.Dispose();
        Assert.NotEmpty(await Single(host).WhenClosed.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task A_close_is_answered_with_its_code()
    {
        await using var host = await EaHost.StartAsync();
        foreach (var (payload, code) in new (byte[], int)[] { ([0x03, 0xE8], 1000), ([], 1005), ([0x03, 0xE9, (byte)'b', (byte)'y', (byte)'e'], 1001) })
        {
            using var client = await host.ConnectAsync();
            await client.SendRawAsync(RawClient.Frame(0x88, payload));
            Assert.Equal(code, (await client.ReceiveCloseAsync()).Code);
            Assert.Null(await client.ReceiveAsync());
        }

        foreach (var end in host.Ends)
        {
            Assert.Contains("closed by the other side", await end.WhenClosed.WaitAsync(TimeSpan.FromSeconds(20)), StringComparison.Ordinal);
            Assert.Equal(1, end.Closes);
        }
    }

    [Fact]
    public async Task Our_close_comes_after_what_was_sent_and_does_not_wait_for_ever()
    {
        await using var host = await EaHost.StartAsync((end, text) =>
        {
            end.Transport.Send("last words"u8);
            end.Transport.Close(1008, "refused");
            Assert.False(end.Transport.Send("too late"u8));
            end.Transport.Close(1000, "a second close means nothing");
        });
        using var client = await host.ConnectAsync();
        await client.SendAsync("x");
        Assert.Equal("last words", await client.ReceiveTextAsync());
        Assert.Equal((1008, "refused"), await client.ReceiveCloseAsync());

        // It never answers: the connection ends all the same.
        Assert.Null(await client.ReceiveAsync());
        Assert.Equal("closed by us: 1008 refused", await Single(host).WhenClosed.WaitAsync(TimeSpan.FromSeconds(20)));
        await UntilAsync(() => host.Open == 0);
    }

    [Fact]
    public async Task Who_does_not_read_is_closed_and_nobody_waits_for_him()
    {
        var sent = new TaskCompletionSource<(int, TimeSpan)>();
        await using var host = await EaHost.StartAsync((end, text) =>
        {
            byte[] large = new byte[10_000];
            var watch = System.Diagnostics.Stopwatch.StartNew();
            int count = 0;
            while (end.Transport.Send(large))
            {
                count++;
            }

            sent.SetResult((count, watch.Elapsed));
        });
        using var client = await host.ConnectAsync();
        await client.SendAsync("x");
        var (count, took) = await sent.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.InRange(count, 100, 5_000); // 1 MiB waits with us; the kernel takes some more
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.Equal("it reads too slowly", await Single(host).WhenClosed.WaitAsync(TimeSpan.FromSeconds(20)));
        await UntilAsync(() => host.Open == 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Many_may_send_at_once(bool tls)
    {
        const int Senders = 8, Each = 1000;
        await using var host = await EaHost.StartAsync(
            (end, text) =>
            {
                for (int s = 0; s < Senders; s++)
                {
                    int sender = s;
                    Task.Run(() =>
                    {
                        for (int i = 0; i < Each; i++)
                        {
                            Assert.True(end.Transport.Send(Encoding.UTF8.GetBytes($"{sender} {i}")));
                        }
                    });
                }
            },
            tls: tls);
        using var client = await host.ConnectAsync();
        await client.SendAsync("go");
        int[] next = new int[Senders];
        for (int i = 0; i < Senders * Each; i++)
        {
            string[] parts = (await client.ReceiveTextAsync()).Split(' ');
            int sender = int.Parse(parts[0], CultureInfo.InvariantCulture);
            Assert.Equal(next[sender]++, int.Parse(parts[1], CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public async Task A_mistake_of_ours_ends_one_connection_only()
    {
        await using var host = await EaHost.StartAsync((end, text) =>
        {
            if (text == "bad")
            {
                throw new InvalidOperationException("on purpose");
            }

            end.Transport.Send("ok"u8);
        });
        using var first = await host.ConnectAsync();
        using var second = await host.ConnectAsync();
        await first.SendAsync("bad");
        Assert.Equal((1013, "a mistake of ours"), await first.ReceiveCloseAsync());
        await second.SendAsync("good");
        Assert.Equal("ok", await second.ReceiveTextAsync());
    }

    [Fact]
    public async Task A_stop_closes_all_with_1001()
    {
        await using var host = await EaHost.StartAsync();
        var clients = new List<RawClient>();
        for (int i = 0; i < 20; i++)
        {
            clients.Add(await host.ConnectAsync());
        }

        var stop = host.StopAsync();
        foreach (var client in clients)
        {
            Assert.Equal((1001, "the server stops"), await client.ReceiveCloseAsync());
            client.Dispose();
        }

        await stop.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.All(host.Ends, end => Assert.Equal(1, end.Closes));
    }

    [Fact]
    public async Task A_thousand_reconnects_leave_nothing_behind()
    {
        await using var host = await EaHost.StartAsync();
        await Parallel.ForEachAsync(Enumerable.Range(0, 1000), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            using var client = await host.ConnectAsync();
            await client.SendAsync($"n{i}");
            Assert.Equal($"n{i}", await client.ReceiveTextAsync());
            switch (i % 4)
            {
                case 0:
                    await client.SendRawAsync(RawClient.Frame(0x88, [0x03, 0xE8]));
                    Assert.Equal(1000, (await client.ReceiveCloseAsync()).Code);
                    break;
                case 1:
                    client.Reset();
                    break;
                case 2:
                    await client.SendRawAsync([0x81, 0xFE, 0x10]);
                    break;
                default:
                    break;
            }
        });
        await UntilAsync(() => host.Open == 0);
        Assert.Equal(1000, host.Ends.Count);
        foreach (var end in host.Ends)
        {
            await end.WhenClosed.WaitAsync(TimeSpan.FromSeconds(20));
            Assert.Equal(1, end.Closes);
        }
    }

    [Fact]
    public async Task Noise_breaks_nothing()
    {
        await using var host = await EaHost.StartAsync();
        var random = new Random(7);
        for (int i = 0; i < 200; i++)
        {
            using var client = await host.ConnectAsync();
            byte[] noise = new byte[random.Next(1, 300)];
            random.NextBytes(noise);
            if (i % 2 == 0)
            {
                noise[0] = 0x81;
                noise[^1] |= 0x80;
            }

            await client.SendRawAsync(noise);
        }

        await UntilAsync(() => host.Open == 0);
        using var good = await host.ConnectAsync();
        await good.SendAsync("still here");
        Assert.Equal("still here", await good.ReceiveTextAsync());
    }

    private static TestEnd Single(EaHost host) => Assert.Single(host.Ends);

    private static async Task UntilAsync(Func<bool> holds)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), "it did not come about within 30 s");
            await Task.Delay(20);
        }
    }
}

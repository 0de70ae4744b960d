using System.Buffers.Binary;
using System.IO.Pipes;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Lockstep.Server.Relay;
using Lockstep.Server.Tests.WebSockets;

namespace Lockstep.Server.Tests.Relay;

/// <summary>The relay between real pipes and real sockets.</summary>
public sealed class RelayTests : IDisposable
{
    private readonly string _pipe = OperatingSystem.IsWindows() ? $"lockstep-test-{Guid.NewGuid():N}" : Path.Combine(Path.GetTempPath(), $"ls-{Guid.NewGuid():N}"[..12]);
    private readonly CancellationTokenSource _stop = new();
    private readonly StringWriter _log = new();
    private Task _run = Task.CompletedTask;

    [Fact]
    public async Task What_a_terminal_writes_arrives_and_what_comes_is_given()
    {
        await using var host = await EaHost.StartAsync();
        using var terminal = await StartAsync(host);
        await UntilAsync(terminal, LinkState.Open);
        Assert.Equal(["one", "two", "three"], await TalkAsync(terminal, 3, "one", "two", "three"));

        // An exchange of nothing is answered at once, with nothing.
        var watch = System.Diagnostics.Stopwatch.StartNew();
        for (int i = 0; i < 200; i++)
        {
            var (state, messages) = await ExchangeAsync(terminal);
            Assert.Equal((LinkState.Open, 0), (state, messages.Count));
        }

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        terminal.Dispose();
        Assert.Contains("1000", await Assert.Single(host.Ends).WhenClosed.WaitAsync(TimeSpan.FromSeconds(20)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Large_messages_and_many_pass_whole()
    {
        await using var host = await EaHost.StartAsync();
        using var terminal = await StartAsync(host);
        await UntilAsync(terminal, LinkState.Open);
        string[] large = [.. Enumerable.Range(0, 15).Select(i => new string((char)('a' + i), 65_536))];
        Assert.Equal(large, await TalkAsync(terminal, 15, large));
        string[] many = [.. Enumerable.Range(0, 5000).Select(i => $"message {i}")];
        Assert.Equal(many, await TalkAsync(terminal, many.Length, many));
    }

    [Fact]
    public async Task Last_words_come_before_the_loss_and_the_loss_before_a_new_connection()
    {
        await using var host = await EaHost.StartAsync((end, text) =>
        {
            end.Transport.Send("refused, because"u8);
            end.Transport.Close(1008, "refused");
        });
        using var terminal = await StartAsync(host);
        for (int round = 1; round <= 2; round++)
        {
            await UntilAsync(terminal, LinkState.Open);
            var seen = new List<string>();
            var (state, messages) = await ExchangeAsync(terminal, "hello");
            while (state != LinkState.Closed)
            {
                Assert.Equal(LinkState.Open, state);
                seen.AddRange(messages);
                await Task.Delay(10);
                (state, messages) = await ExchangeAsync(terminal);
            }

            Assert.Equal(["refused, because"], seen);
            Assert.StartsWith("{\"t\":\"closed\",\"why\":\"the server closed: 1008", Assert.Single(messages), StringComparison.Ordinal);
            Assert.Equal(round, host.Ends.Count);
        }
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told_again_and_again_and_found_when_it_comes()
    {
        int port = FreePort();
        using var terminal = await StartAsync(new RelayTarget(new Uri($"ws://127.0.0.1:{port}/ea")));
        var (_, messages) = await UntilAsync(terminal, LinkState.Closed);
        Assert.Contains("\"t\":\"closed\"", Assert.Single(messages), StringComparison.Ordinal);
        Assert.Equal(LinkState.Connecting, (await ExchangeAsync(terminal)).State);
        await UntilAsync(terminal, LinkState.Closed);
    }

    [Fact]
    public async Task A_server_that_dies_is_told()
    {
        var host = await EaHost.StartAsync();
        using var terminal = await StartAsync(host);
        await UntilAsync(terminal, LinkState.Open);
        await host.DisposeAsync();
        var (_, messages) = await UntilAsync(terminal, LinkState.Closed);
        Assert.Contains("1001", Assert.Single(messages), StringComparison.Ordinal);
    }

    public static TheoryData<string, byte[]> Broken => new()
    {
        { "a length too large", [0xFF, 0xFF, 0xFF, 0xFF] },
        { "just too large", [0x01, 0x00, 0x10, 0x00] },
        { "a message longer than its exchange", [8, 0, 0, 0, 5, 0, 0, 0, 1, 2, 3, 4] },
        { "half a length within", [3, 0, 0, 0, 1, 2, 3] },
        { "a message said to be enormous", [4, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF] },
        { "HTTP", Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n") },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task What_is_no_exchange_ends_that_terminal_only(string about, byte[] bytes)
    {
        await using var host = await EaHost.StartAsync();
        using var good = await StartAsync(host);
        await UntilAsync(good, LinkState.Open);
        using var bad = await PipeAsync();
        await bad.WriteAsync(bytes);
        try
        {
            Assert.Equal(0, await bad.ReadAsync(new byte[1]).AsTask().WaitAsync(TimeSpan.FromSeconds(20)));
        }
        catch (IOException)
        {
            // Reset instead of an orderly end: as good.
        }

        Assert.Equal(["still here"], await TalkAsync(good, 1, "still here"));
        Assert.NotEmpty(about);
    }

    [Fact]
    public async Task Who_leaves_within_an_exchange_leaves_nothing_behind()
    {
        await using var host = await EaHost.StartAsync();
        using (var terminal = await StartAsync(host))
        {
            await UntilAsync(terminal, LinkState.Open);
            await terminal.WriteAsync(new byte[] { 100, 0, 0, 0, 96, 0 });
        }

        await Assert.Single(host.Ends).WhenClosed.WaitAsync(TimeSpan.FromSeconds(20));
        using var next = await PipeAsync();
        await UntilAsync(next, LinkState.Open);
    }

    [Fact]
    public async Task A_terminal_that_does_not_read_is_cut_off_at_one_mebibyte()
    {
        // One message more than the relay keeps. Many more, and the server, which keeps as much, might be the one that cuts.
        await using var host = await EaHost.StartAsync((end, text) => Task.Run(() =>
        {
            byte[] large = new byte[60_000];
            for (int i = 0; i < 18; i++)
            {
                end.Transport.Send(large);
            }
        }));
        using var terminal = await StartAsync(host);
        await UntilAsync(terminal, LinkState.Open);
        var (state, messages) = await ExchangeAsync(terminal, "go");
        await Assert.Single(host.Ends).WhenClosed.WaitAsync(TimeSpan.FromSeconds(30));
        long got = 0;
        while (state != LinkState.Closed)
        {
            got += messages.Sum(m => m.Length);
            (state, messages) = await ExchangeAsync(terminal);
        }

        Assert.Equal(17L * 60_000, got);
        Assert.Contains("does not read", Assert.Single(messages), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_terminals_have_connections_of_their_own()
    {
        await using var host = await EaHost.StartAsync();
        using var first = await StartAsync(host);
        var others = new List<Stream>();
        for (int i = 0; i < 4; i++)
        {
            others.Add(await PipeAsync());
        }

        Stream[] all = [first, .. others];
        await Task.WhenAll(all.Select(async (terminal, i) =>
        {
            await UntilAsync(terminal, LinkState.Open);
            Assert.Equal([$"I am {i}"], await TalkAsync(terminal, 1, $"I am {i}"));
        }));
        Assert.Equal(5, host.Ends.Count);
        others.ForEach(o => o.Dispose());
    }

    [Fact]
    public async Task A_certificate_is_judged()
    {
        await using var host = await EaHost.StartAsync(tls: true);
        string pin = Convert.ToHexString(SHA256.HashData(host.Certificate!.RawData));
        var address = new Uri($"wss://127.0.0.1:{host.Port}/ea");
        using var other = EaHost.SelfSigned();
        foreach (var (target, good) in new[]
        {
            (new RelayTarget(address), false),
            (new RelayTarget(address, [host.Certificate!]), true),
            (new RelayTarget(address, [other]), false),
            (new RelayTarget(address, null, pin), true),
            (new RelayTarget(address, null, new string('0', 64)), false),
            (new RelayTarget(address, [host.Certificate!], new string('0', 64)), false),
        })
        {
            using var stop = new CancellationTokenSource();
            var link = new RelayLink(target, new RelayLog(_log, json: true), "test", stop.Token);
            var state = LinkState.Connecting;
            for (int i = 0; i < 1000 && state == LinkState.Connecting; i++)
            {
                state = (LinkState)link.Answer([])[4];
                await Task.Delay(10);
            }

            Assert.Equal(good ? LinkState.Open : LinkState.Closed, state);
            await link.EndAsync();
        }
    }

    [Fact]
    public async Task The_tunnel_carries_bytes_to_TLS()
    {
        await using var host = await EaHost.StartAsync(tls: true);
        var target = new RelayTarget(new Uri($"wss://localhost:{host.Port}/ea"), [host.Certificate!]);
        using var tunnel = new Tunnel(new IPEndPoint(IPAddress.Loopback, 0), target, new RelayLog(_log, json: false));
        tunnel.Start();
        var run = tunnel.RunAsync(_stop.Token);
        using (var client = await RawClient.OpenAsync(tunnel.At.Port))
        {
            Assert.StartsWith("HTTP/1.1 101 ", await client.HandshakeAsync(), StringComparison.Ordinal);
            string large = new('x', 65_536);
            await client.SendAsync(large);
            Assert.Equal(large, await client.ReceiveTextAsync());
            client.Reset();
            await Assert.Single(host.Ends).WhenClosed.WaitAsync(TimeSpan.FromSeconds(20));
        }

        using (var client = await RawClient.OpenAsync(tunnel.At.Port))
        {
            await client.HandshakeAsync();
            await host.StopAsync();
            Assert.Equal(1001, (await client.ReceiveCloseAsync()).Code);
            Assert.Null(await client.ReceiveAsync());
        }

        await _stop.CancelAsync();
        await run.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_stop_ends_all_in_order()
    {
        await using var host = await EaHost.StartAsync();
        using var terminal = await StartAsync(host);
        await UntilAsync(terminal, LinkState.Open);
        await TalkAsync(terminal, 1, "the account's key is secret");
        await _stop.CancelAsync();
        await _run.WaitAsync(TimeSpan.FromSeconds(20));
        await Assert.Single(host.Ends).WhenClosed.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.DoesNotContain("secret", _log.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wss://host:8080/ea", null, null)]
    [InlineData("ws://127.0.0.1:8080/ea", null, null)]
    [InlineData("ws://localhost:8080/ea", null, null)]
    [InlineData("wss://host/ea", "AB:cd", "64 hex digits")]
    [InlineData("ws://example.com/ea", null, "not encrypted")]
    [InlineData("https://host/ea", null, "no address")]
    [InlineData("wss://user:password@host/ea", null, "no address")]
    [InlineData("nonsense", null, "no address")]
    public void The_command_line_is_checked(string connect, string? pin, string? problem)
    {
        var (target, wrong) = RelayCommand.Target(connect, null, pin);
        Assert.Equal(problem is null, target is not null);
        Assert.Contains(problem ?? "", wrong ?? "", StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _run.Wait(TimeSpan.FromSeconds(20));
        _stop.Dispose();
        _log.Dispose();
    }

    private Task<Stream> StartAsync(EaHost host) => StartAsync(new RelayTarget(new Uri($"ws://127.0.0.1:{host.Port}/ea")));

    private Task<Stream> StartAsync(RelayTarget target)
    {
        _run = new PipeSide(_pipe, target, new RelayLog(_log, json: false)).RunAsync(_stop.Token);
        return PipeAsync();
    }

    private async Task<Stream> PipeAsync()
    {
        var pipe = new NamedPipeClientStream(".", _pipe, PipeDirection.InOut, PipeOptions.Asynchronous);
        await pipe.ConnectAsync(20_000);
        return pipe;
    }

    private static async Task<(LinkState State, List<string> Messages)> ExchangeAsync(Stream terminal, params string[] messages)
    {
        var request = new MemoryStream();
        byte[] number = new byte[4];
        request.Write(number);
        foreach (string message in messages)
        {
            BinaryPrimitives.WriteInt32LittleEndian(number, message.Length);
            request.Write(number);
            request.Write(Encoding.UTF8.GetBytes(message));
        }

        byte[] whole = request.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(whole, whole.Length - 4);
        await terminal.WriteAsync(whole);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await terminal.ReadExactlyAsync(number, patience.Token);
        int length = BinaryPrimitives.ReadInt32LittleEndian(number);
        Assert.InRange(length, 1, 1024 * 1024);
        byte[] reply = new byte[length];
        await terminal.ReadExactlyAsync(reply, patience.Token);
        var got = new List<string>();
        for (int at = 1; at < length;)
        {
            int size = BinaryPrimitives.ReadInt32LittleEndian(reply.AsSpan(at));
            got.Add(Encoding.UTF8.GetString(reply.AsSpan(at + 4, size)));
            at += 4 + size;
        }

        return ((LinkState)reply[0], got);
    }

    private static async Task<List<string>> TalkAsync(Stream terminal, int answers, params string[] messages)
    {
        var (state, got) = await ExchangeAsync(terminal, messages);
        for (int i = 0; i < 2000 && got.Count < answers; i++)
        {
            Assert.Equal(LinkState.Open, state);
            await Task.Delay(10);
            (state, var more) = await ExchangeAsync(terminal);
            got.AddRange(more);
        }

        return got;
    }

    private static async Task<(LinkState State, List<string> Messages)> UntilAsync(Stream terminal, LinkState wanted)
    {
        for (int i = 0; i < 3000; i++)
        {
            var answer = await ExchangeAsync(terminal);
            if (answer.State == wanted)
            {
                return answer;
            }

            await Task.Delay(10);
        }

        throw new TimeoutException($"the relay was never {wanted}");
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

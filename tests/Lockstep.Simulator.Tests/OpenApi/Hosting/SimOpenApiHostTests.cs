using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Channels;
using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.Simulator.Tests.OpenApi.Hosting;

/// <summary>The sockets of the simulated server, with lines that do as the test says; the clients here know nothing of the codec and speak bytes worked out by hand.</summary>
public sealed class SimOpenApiHostTests : IAsyncLifetime, IDisposable
{
    private const string Heartbeat = "0000000408331200";
    private const string VersionReq = "0000000808B8101200" + "1A0176";
    private const string VersionRes = "0000000C08B9101204" + "12023931" + "1A0176";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly RealSimClock _clock = new();
    private readonly SimCertificate _certificate = SimCertificate.Generate();
    private readonly Channel<string> _heard = Channel.CreateUnbounded<string>();
    private SimOpenApiHost _host = null!;

    public Task InitializeAsync()
    {
        _host = new SimOpenApiHost(_clock, Connect, _certificate);
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => _host.DisposeAsync().AsTask();

    public void Dispose()
    {
        _clock.Dispose();
        _certificate.Dispose();
    }

    [Fact]
    public async Task A_request_is_answered_and_its_line_knows_the_environment()
    {
        using var client = await ClientAsync(_host.Listen(OpenApiEnvironment.Live));
        await client.Tls.WriteAsync(Convert.FromHexString(Heartbeat + VersionReq));
        Assert.Equal("Live connected", await HeardAsync());
        Assert.Equal("51 ", await HeardAsync());
        Assert.Equal("2104 v", await HeardAsync());
        Assert.Equal(VersionRes, await client.FrameAsync());
    }

    [Fact]
    public async Task A_request_may_come_in_pieces()
    {
        using var client = await ClientAsync(_host.Listen(OpenApiEnvironment.Demo));
        foreach (byte one in Convert.FromHexString(VersionReq + VersionReq))
        {
            await client.Tls.WriteAsync(new[] { one });
        }

        Assert.Equal(VersionRes, await client.FrameAsync());
        Assert.Equal(VersionRes, await client.FrameAsync());
    }

    [Fact]
    public async Task The_JSON_port_takes_objects_and_answers_with_objects()
    {
        using var client = await ClientAsync(_host.Listen(OpenApiEnvironment.Demo, json: true));
        await client.Tls.WriteAsync("""{"payloadType":51} {"payloadType":"2104","clientMsgId":"}v"}{"payloadType":21"""u8.ToArray());
        await client.Tls.WriteAsync("""04,"payload":{}}"""u8.ToArray());
        string expected = """{"clientMsgId":"}v","payloadType":2105,"payload":{"version":"91"}}{"payloadType":2105,"payload":{"version":"91"}}""";
        byte[] got = new byte[Encoding.UTF8.GetByteCount(expected)];
        await client.Tls.ReadExactlyAsync(got).AsTask().WaitAsync(Patience);
        Assert.Equal(expected, Encoding.UTF8.GetString(got));
    }

    [Fact]
    public async Task Malformed_JSON_is_answered_with_INVALID_REQUEST_and_the_connection_ends()
    {
        using var client = await ClientAsync(_host.Listen(OpenApiEnvironment.Demo, json: true));
        await client.Tls.WriteAsync("""{"payloadType":51}{"payloadType":}{"payloadType":2104}"""u8.ToArray());
        Assert.Equal("""{"payloadType":2142,"payload":{"errorCode":"INVALID_REQUEST","description":"Malformed message"}}""", await client.RestAsync());
        Assert.Equal(["Demo connected", "51 ", "nonsense: text that is no JSON"], [await HeardAsync(), await HeardAsync(), await HeardAsync()]);
    }

    [Theory]
    [InlineData("00000000", "a frame of 0 bytes: 1 to 15000000 are taken")]
    [InlineData("80000000", "a frame of 2147483648 bytes: 1 to 15000000 are taken")]
    [InlineData("474554202F", "a frame of 1195725856 bytes: 1 to 15000000 are taken")]
    [InlineData("000000021200", "a message without a payload type")]
    [InlineData("0000000508B61012FF", "bytes that are no message")]
    public async Task Nonsense_ends_the_connection_after_the_lines_last_words_and_others_live_on(string hex, string why)
    {
        int port = _host.Listen(OpenApiEnvironment.Demo);
        using var other = await ClientAsync(port);
        Assert.Equal("Demo connected", await HeardAsync());
        using var client = await ClientAsync(port);
        Assert.Equal("Demo connected", await HeardAsync());
        await client.Tls.WriteAsync(Convert.FromHexString(hex));
        Assert.Equal("nonsense: " + why, await HeardAsync());
        Assert.Contains("Malformed message", await client.RestAsync(), StringComparison.Ordinal);
        await other.Tls.WriteAsync(Convert.FromHexString(VersionReq));
        Assert.Equal(VersionRes, await other.FrameAsync());
    }

    [Fact]
    public async Task A_client_that_goes_is_told_to_its_line_once()
    {
        int port = _host.Listen(OpenApiEnvironment.Demo);
        var client = await ClientAsync(port);
        Assert.Equal("Demo connected", await HeardAsync());
        await client.Tls.WriteAsync(Convert.FromHexString("00000004"));
        await client.Tls.ShutdownAsync();
        Assert.Equal("closed: the client closed the connection in the middle of a message", await HeardAsync());
        client.Dispose();
        using var next = await ClientAsync(port);
        Assert.Equal("Demo connected", await HeardAsync());
    }

    [Fact]
    public async Task What_a_line_said_before_it_closed_arrives_before_the_end()
    {
        using var client = await ClientAsync(_host.Listen(OpenApiEnvironment.Demo));
        await client.Tls.WriteAsync(Convert.FromHexString("0000000808A21112" + "00" + "1A0162"));
        Assert.Equal("Demo connected", await HeardAsync());
        Assert.Equal("2210 b", await HeardAsync());
        string rest = await client.RestAsync();
        Assert.Equal(200, rest.Split("many words").Length - 1);
    }

    [Fact]
    public async Task A_connection_that_is_refused_at_the_door_ends()
    {
        await using var host = new SimOpenApiHost(_clock, (_, _) => null, _certificate);
        using var client = await ClientAsync(host.Listen(OpenApiEnvironment.Demo));
        Assert.Equal("", await client.RestAsync());
    }

    [Fact]
    public async Task A_client_that_reads_nothing_is_cut_at_four_mebibytes()
    {
        using var client = await ClientAsync(_host.Listen(OpenApiEnvironment.Demo));
        await client.Tls.WriteAsync(Convert.FromHexString("0000000808A11112" + "00" + "1A0161"));
        Assert.Equal("Demo connected", await HeardAsync());
        Assert.Equal("2209 a", await HeardAsync());
        Assert.Matches("^flooded [0-9]+$", await HeardAsync());
        Assert.Equal("closed: the other side reads too slowly", await HeardAsync());
    }

    [Fact]
    public async Task A_hundred_clients_are_served_beside_each_other()
    {
        int port = _host.Listen(OpenApiEnvironment.Demo);
        var clients = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => ClientAsync(port)));
        foreach (var client in clients)
        {
            await client.Tls.WriteAsync(Convert.FromHexString(VersionReq));
        }

        foreach (var client in clients)
        {
            Assert.Equal(VersionRes, await client.FrameAsync());
            client.Dispose();
        }
    }

    [Fact]
    public async Task A_message_of_a_kind_that_is_in_no_list_can_be_said_on_both_ports()
    {
        using var client = await ClientAsync(_host.Listen(OpenApiEnvironment.Demo));
        await client.Tls.WriteAsync(Convert.FromHexString("0000000808A31112" + "00" + "1A0163"));
        Assert.Equal("0000000708B717" + "12020801", await client.FrameAsync());
        using var json = await ClientAsync(_host.Listen(OpenApiEnvironment.Demo, json: true));
        await json.Tls.WriteAsync("""{"payloadType":2211}"""u8.ToArray());
        string expected = """{"payloadType":2999,"payload":{"x":1}}{"payloadType":2999,"payload":{"x":1}}""";
        byte[] got = new byte[expected.Length];
        await json.Tls.ReadExactlyAsync(got).AsTask().WaitAsync(Patience);
        Assert.Equal(expected, Encoding.UTF8.GetString(got));
    }

    [Fact]
    public async Task Without_a_name_in_the_handshake_it_answers_all_the_same()
    {
        // To an address no name is sent.
        using var client = await ClientAsync(_host.Listen(OpenApiEnvironment.Demo), "127.0.0.1");
        await client.Tls.WriteAsync(Convert.FromHexString(VersionReq));
        Assert.Equal(VersionRes, await client.FrameAsync());
    }

    [Theory]
    [InlineData(SimCertificateKind.WrongHost)]
    [InlineData(SimCertificateKind.Expired)]
    [InlineData(SimCertificateKind.Untrusted)]
    public async Task It_can_show_certificates_that_must_be_refused(SimCertificateKind kind)
    {
        using var wrong = SimCertificate.Generate(kind: kind);
        await using var host = new SimOpenApiHost(_clock, Connect, wrong);
        int port = host.Listen(OpenApiEnvironment.Demo);
        await Assert.ThrowsAsync<AuthenticationException>(() => ClientAsync(port, pem: wrong.Pem));
    }

    [Fact]
    public async Task Our_own_dialer_reaches_it()
    {
        var trusted = new X509Certificate2Collection();
        trusted.ImportFromPem(_certificate.Pem);
        int port = _host.Listen(OpenApiEnvironment.Demo);
        var end = new End(_heard);
        var wire = new TlsDialer(new TlsDialerOptions { Demo = new OpenApiAddress("localhost", port), Trusted = [.. trusted] }).Dial(OpenApiEnvironment.Demo, end);
        var first = new[] { await HeardAsync(), await HeardAsync() };
        Assert.Equal(["Demo connected", "dialer connected"], first.Order(StringComparer.Ordinal));
        Assert.True(wire.Send(Convert.FromHexString(VersionReq)));
        Assert.Equal("2104 v", await HeardAsync());
        Assert.Equal(VersionRes[8..], await HeardAsync());
        wire.Close();
        Assert.StartsWith("closed: ", await HeardAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stopped_host_leaves_nothing_behind()
    {
        using var client = await ClientAsync(_host.Listen(OpenApiEnvironment.Demo));
        Assert.Equal("Demo connected", await HeardAsync());
        await _host.DisposeAsync().AsTask().WaitAsync(Patience);
        Assert.Equal(0, _host.Clients);

        // Cut, or ended: the system's choice.
        int got;
        try
        {
            got = await client.Tls.ReadAsync(new byte[1]).AsTask().WaitAsync(Patience);
        }
        catch (IOException)
        {
            got = 0;
        }

        Assert.Equal(0, got);
    }

    private Line Connect(OpenApiEnvironment environment, ISimOpenApiClient client) => new(environment, client, _heard);

    private Task<string> HeardAsync() => _heard.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    private Task<Client> ClientAsync(int port, string host = "localhost", string? pem = null) => Client.ConnectAsync(port, host, pem ?? _certificate.Pem);

    /// <summary>A client of its own: a socket, TLS with the system's checks and one more root, bytes.</summary>
    private sealed class Client(TcpClient tcp, SslStream tls) : IDisposable
    {
        public SslStream Tls => tls;

        public static async Task<Client> ConnectAsync(int port, string host, string pem)
        {
            var tcp = new TcpClient();
            await tcp.ConnectAsync("127.0.0.1", port);
            var roots = new X509Certificate2Collection();
            roots.ImportFromPem(pem);
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(roots);
            var tls = new SslStream(tcp.GetStream());
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host, CertificateChainPolicy = policy });
            return new Client(tcp, tls);
        }

        public async Task<string> FrameAsync()
        {
            byte[] head = new byte[4];
            await tls.ReadExactlyAsync(head).AsTask().WaitAsync(Patience);
            byte[] body = new byte[BinaryPrimitives.ReadInt32BigEndian(head)];
            await tls.ReadExactlyAsync(body).AsTask().WaitAsync(Patience);
            return Convert.ToHexString([.. head, .. body]);
        }

        /// <summary>All that comes until the end, as text.</summary>
        public async Task<string> RestAsync()
        {
            var all = new MemoryStream();
            await tls.CopyToAsync(all).WaitAsync(Patience);
            return Encoding.UTF8.GetString(all.ToArray());
        }

        public void Dispose()
        {
            tls.Dispose();
            tcp.Dispose();
        }
    }

    /// <summary>Answers a version request; floods on 2209, says a lot and closes on 2210, says something strange on 2211.</summary>
    private sealed class Line : SimOpenApiLine
    {
        private readonly ISimOpenApiClient _client;
        private readonly Channel<string> _heard;

        public Line(OpenApiEnvironment environment, ISimOpenApiClient client, Channel<string> heard)
        {
            (Environment, _client, _heard) = (environment, client, heard);
            heard.Writer.TryWrite($"{environment} connected");
        }

        public override OpenApiEnvironment Environment { get; }

        public override void Received(OpenApiMessage message)
        {
            _heard.Writer.TryWrite($"{message.PayloadType} {message.ClientMsgId}");
            switch (message.PayloadType)
            {
                case 2104:
                    Assert.True(Say(new ProtoOAVersionRes { Version = "91" }, message.ClientMsgId));
                    break;
                case 2209:
                    var large = new ProtoOAErrorRes { ErrorCode = "X", Description = new string('x', 100_000) };
                    int sent = 0;
                    while (Say(large, null))
                    {
                        sent++;
                    }

                    _heard.Writer.TryWrite($"flooded {sent}");
                    break;
                case 2210:
                    for (int i = 0; i < 200; i++)
                    {
                        Say(new ProtoOAErrorRes { ErrorCode = "X", Description = "many words" + new string('x', 10_000) }, null);
                    }

                    _client.Close();
                    Assert.False(Say(new ProtoHeartbeatEvent(), null));
                    break;
                case 2211:
                    _client.Send(new OpenApiMessage(2999, null, null));
                    _client.Send(new OpenApiMessage(2999, null, null));
                    break;
            }
        }

        public override void ReceivedNonsense(string why)
        {
            _heard.Writer.TryWrite("nonsense: " + why);
            Say(new ProtoOAErrorRes { ErrorCode = "INVALID_REQUEST", Description = "Malformed message" }, null);
        }

        public override void Closed(string why) => _heard.Writer.TryWrite("closed: " + why);

        private bool Say(Google.Protobuf.IMessage body, string? id) => _client.Send(new OpenApiMessage(PayloadTypes.Of(body), body, id));
    }

    private sealed class End(Channel<string> heard) : IOpenApiWireEnd
    {
        public void Connected() => heard.Writer.TryWrite("dialer connected");

        public void Received(System.Buffers.ReadOnlySequence<byte> frame) => heard.Writer.TryWrite(Convert.ToHexString(System.Buffers.BuffersExtensions.ToArray(frame)));

        public void Closed(string why) => heard.Writer.TryWrite("dialer closed: " + why);
    }
}

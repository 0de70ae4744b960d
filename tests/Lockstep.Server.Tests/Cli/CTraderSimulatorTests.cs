using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Lockstep.Server.Cli;
using Lockstep.Server.Tests.Processes;

namespace Lockstep.Server.Tests.Cli;

/// <summary>The simulated Open API server as a client meets it that knows only bytes.</summary>
[Collection("processes")]
public sealed class CTraderSimulatorTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_client_authenticates_sees_prices_and_trades()
    {
        await using var simulator = await CTraderSimulator.StartAsync(new CTraderSimulatorOptions { Port = 0 });
        using var client = await ClientAsync(simulator, simulator.Port);
        await client.SendAsync(2100, Text(2, "lockstep-demo"), Text(3, "demo-secret"));
        await client.ExpectAsync(2101);
        foreach (var account in simulator.Accounts)
        {
            // One port serves both environments.
            await client.SendAsync(2102, Number(2, account.CtidTraderAccountId), Text(3, simulator.Tokens[0].Access));
            await client.ExpectAsync(2103);
        }

        byte[] ctid = Number(2, simulator.Accounts[0].CtidTraderAccountId);
        await client.SendAsync(2127, ctid, Number(3, 1));
        await client.ExpectAsync(2128);
        await client.ExpectAsync(2131);
        await client.SendAsync(2106, ctid, Number(3, 1), Number(4, 1), Number(5, 1), Number(6, 1_000_000));
        await client.ExpectAsync(2126);
        await client.ExpectAsync(2126);

        // History is there from the start: H1, ten bars at most.
        await client.SendAsync(2137, ctid, Number(4, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()), Number(5, 9), Number(6, 1), Number(7, 10));
        byte[] bars = await client.ExpectAsync(2138);
        Assert.InRange(bars.Length, 60, 1_000);
    }

    [Fact]
    public async Task With_a_live_port_an_account_must_come_to_its_own()
    {
        await using var simulator = await CTraderSimulator.StartAsync(new CTraderSimulatorOptions { Port = 0, LivePort = 0 });
        var live = simulator.Accounts.Single(a => a.IsLive);
        foreach (var (port, kind) in new[] { (simulator.Port, 2142), (simulator.LivePort, 2103) })
        {
            using var client = await ClientAsync(simulator, port);
            await client.SendAsync(2100, Text(2, "lockstep-demo"), Text(3, "demo-secret"));
            await client.ExpectAsync(2101);
            await client.SendAsync(2102, Number(2, live.CtidTraderAccountId), Text(3, simulator.Tokens[0].Access));
            byte[] answer = await client.ExpectAsync(kind);
            Assert.Equal(kind == 2142, Encoding.Latin1.GetString(answer).Contains("CANT_ROUTE_REQUEST", StringComparison.Ordinal));
        }

        Assert.Contains($"\"live_port\":{simulator.LivePort},\"live_json_port\":{simulator.LiveJsonPort}", CTraderSimulatorCommand.Line(simulator), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Faults_hold_from_the_start()
    {
        var faults = FaultsFile.Read("""{"maintenanceFor": "1h"}""", out _);
        await using var simulator = await CTraderSimulator.StartAsync(new CTraderSimulatorOptions { Port = 0, Faults = faults, Accounts = 1 });
        using var client = await ClientAsync(simulator, simulator.Port);
        await client.SendAsync(2104);
        Assert.Contains("SERVER_IS_UNDER_MAINTENANCE", Encoding.Latin1.GetString(await client.ExpectAsync(2142)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recorded_quotes_are_played()
    {
        string file = Path.Combine(_folder, "quotes.csv");
        await File.WriteAllTextAsync(file, "time_ms_utc,symbol,bid,ask\n1700000000000,EURUSD,1.234567,1.234589\n");
        await using var simulator = await CTraderSimulator.StartAsync(new CTraderSimulatorOptions { Port = 0, Quotes = file, Accounts = 1 });
        using var client = await ClientAsync(simulator, simulator.Port);
        await client.SendAsync(2100, Text(2, "lockstep-demo"), Text(3, "demo-secret"));
        await client.ExpectAsync(2101);
        byte[] ctid = Number(2, simulator.Accounts[0].CtidTraderAccountId);
        await client.SendAsync(2102, ctid, Text(3, simulator.Tokens[1].Access));
        await client.ExpectAsync(2103);

        // All symbols: only one has a price.
        await client.SendAsync(2127, [ctid, .. Enumerable.Range(1, 15).Select(id => Number(3, id))]);

        // 1.23456 and 1.23459: the spread is kept whole.
        byte[] spot = await client.ExpectAsync(2131);
        Assert.Contains(Convert.ToHexString([.. Number(4, 123456), .. Number(5, 123459)]), Convert.ToHexString(spot), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trader_grants_access_and_the_code_is_exchanged_once()
    {
        await using var simulator = await CTraderSimulator.StartAsync(new CTraderSimulatorOptions { Port = 0 });
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        const string Back = "http://127.0.0.1:1/back";
        string query = $"?client_id=lockstep-demo&redirect_uri={Uri.EscapeDataString(Back)}&scope=trading&state=s-1";
        Assert.Contains("trader1", await http.GetStringAsync(simulator.AuthorizeUrl + query), StringComparison.Ordinal);
        var form = new Dictionary<string, string> { ["client_id"] = "lockstep-demo", ["redirect_uri"] = Back, ["scope"] = "trading", ["state"] = "s-1", ["ctid"] = "trader1", ["decision"] = "allow" };
        using var consent = await http.PostAsync(simulator.AuthorizeUrl, new FormUrlEncodedContent(form));
        Assert.Equal(HttpStatusCode.Found, consent.StatusCode);
        string location = consent.Headers.Location!.ToString();
        Assert.StartsWith(Back + "?code=", location, StringComparison.Ordinal);
        Assert.EndsWith("&state=s-1", location, StringComparison.Ordinal);
        string code = location[(Back.Length + 6)..location.IndexOf('&', StringComparison.Ordinal)];
        string exchange = $"{simulator.TokenUrl}?grant_type=authorization_code&code={code}&redirect_uri={Uri.EscapeDataString(Back)}&client_id=lockstep-demo&client_secret=demo-secret";
        using var pair = JsonDocument.Parse(await http.GetStringAsync(exchange));
        string token = pair.RootElement.GetProperty("accessToken").GetString()!;
        using var again = JsonDocument.Parse(await http.GetStringAsync(exchange));
        Assert.Equal(JsonValueKind.String, again.RootElement.GetProperty("errorCode").ValueKind);
        using var client = await ClientAsync(simulator, simulator.Port);
        await client.SendAsync(2100, Text(2, "lockstep-demo"), Text(3, "demo-secret"));
        await client.ExpectAsync(2101);
        await client.SendAsync(2149, Text(2, token));
        await client.ExpectAsync(2150);
    }

    [Fact]
    public async Task An_address_elsewhere_is_gone_to_only_when_it_is_registered()
    {
        var form = new Dictionary<string, string> { ["client_id"] = "lockstep-demo", ["redirect_uri"] = "https://example.com/back", ["scope"] = "trading", ["ctid"] = "trader1", ["decision"] = "allow" };
        foreach (bool registered in new[] { false, true })
        {
            await using var simulator = await CTraderSimulator.StartAsync(new CTraderSimulatorOptions { Port = 0, Accounts = 1, RedirectUris = registered ? ["https://example.com/back"] : [] });
            using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
            using var consent = await http.PostAsync(simulator.AuthorizeUrl, new FormUrlEncodedContent(form));
            Assert.Equal(registered ? HttpStatusCode.Found : HttpStatusCode.BadRequest, consent.StatusCode);
        }
    }

    [Fact]
    public async Task The_command_says_in_one_line_of_JSON_what_it_serves_and_ends_in_order()
    {
        using var process = LockstepProcess.Start("simulator", "ctrader", "--port", "0", "--json");
        while (!process.Output.Contains('\n', StringComparison.Ordinal))
        {
            await Task.Yield();
            Assert.Equal("", process.Errors);
        }

        using var line = JsonDocument.Parse(process.Output);
        Assert.Equal(["host", "port", "json_port", "certificate", "clients", "tokens", "accounts", "oauth"], line.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal(["HEDGED", "HEDGED", "NETTED", "HEDGED"], line.RootElement.GetProperty("accounts").EnumerateArray().Select(a => a.GetProperty("type").GetString()));
        Assert.Equal(["trading", "accounts"], line.RootElement.GetProperty("tokens").EnumerateArray().Select(a => a.GetProperty("scope").GetString()));
        string certificate = line.RootElement.GetProperty("certificate").GetString()!;
        using (var client = await Client.ConnectAsync(certificate, line.RootElement.GetProperty("port").GetInt32()))
        {
            await client.SendAsync(2104);
            await client.ExpectAsync(2105);
            process.Terminate();
        }

        Assert.Equal(ExitCode.Ok, await process.EndAsync(Patience));
        Assert.Equal("", process.Errors);
        Assert.Single(process.Output.TrimEnd().Split('\n'));
        Assert.False(File.Exists(certificate));
    }

    public static TheoryData<string[], string> Wrongs => new()
    {
        { ["--port", "70000"], "--port must be 0 to 65535" },
        { ["--accounts", "0"], "--accounts must be 1 to 1000" },
        { ["--faults", "no-such-file.json"], "--faults: there is no file" },
        { ["--cert", "no-such-file.pem"], "--cert: there is no file" },
    };

    [Theory]
    [MemberData(nameof(Wrongs))]
    public void Wrong_usage_is_told(string[] arguments, string says)
    {
        var parsed = LockstepCommand.Create().Parse(["simulator", "ctrader", .. arguments]);
        Assert.Contains(parsed.Errors, e => e.Message.Contains(says, StringComparison.Ordinal));
    }

    [Fact]
    public void A_certificate_without_its_key_is_told()
    {
        string file = Path.Combine(_folder, "a.pem");
        File.WriteAllText(file, "");
        Assert.Contains(LockstepCommand.Create().Parse(["simulator", "ctrader", "--cert", file]).Errors, e => e.Message == "--cert and --key belong together.");
    }

    private static Task<Client> ClientAsync(CTraderSimulator simulator, int port) => Client.ConnectAsync(simulator.CertificateFile, port);

    private static byte[] Number(int field, long value) => [.. Varint((ulong)field << 3), .. Varint((ulong)value)];

    private static byte[] Text(int field, string text) => [.. Varint(((ulong)field << 3) | 2), .. Varint((ulong)text.Length), .. Encoding.ASCII.GetBytes(text)];

    private static IEnumerable<byte> Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            yield return (byte)(value | 0x80);
        }

        yield return (byte)value;
    }

    /// <summary>Frames made by hand over TLS, with the system's checks and one more root.</summary>
    private sealed class Client(TcpClient tcp, SslStream tls) : IDisposable
    {
        public static async Task<Client> ConnectAsync(string certificate, int port)
        {
            var tcp = new TcpClient();
            await tcp.ConnectAsync(CTraderSimulator.Host, port);
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPemFile(certificate);
            var tls = new SslStream(tcp.GetStream());
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = policy });
            return new Client(tcp, tls);
        }

        public async Task SendAsync(int kind, params byte[][] fields)
        {
            byte[] payload = [.. fields.SelectMany(f => f)];
            byte[] envelope = [.. Number(1, kind), .. Varint((2 << 3) | 2), .. Varint((ulong)payload.Length), .. payload];
            byte[] frame = new byte[4 + envelope.Length];
            BinaryPrimitives.WriteInt32BigEndian(frame, envelope.Length);
            envelope.CopyTo(frame, 4);
            await tls.WriteAsync(frame);
        }

        /// <summary>Reads until a message of this kind comes; others, but errors, may come before it.</summary>
        public async Task<byte[]> ExpectAsync(int expected)
        {
            while (true)
            {
                byte[] head = new byte[4];
                await tls.ReadExactlyAsync(head).AsTask().WaitAsync(Patience);
                byte[] frame = new byte[BinaryPrimitives.ReadInt32BigEndian(head)];
                await tls.ReadExactlyAsync(frame).AsTask().WaitAsync(Patience);
                int kind = (frame[1] & 0x7F) | (frame[1] > 0x7F ? frame[2] << 7 : 0);
                if (kind == expected)
                {
                    return frame;
                }

                Assert.False(kind is 50 or 2132 or 2142, Encoding.Latin1.GetString(frame));
            }
        }

        public void Dispose()
        {
            tls.Dispose();
            tcp.Dispose();
        }
    }
}

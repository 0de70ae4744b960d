using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Server.Cli.Doctor;
using Lockstep.Server.Configuration;
using Lockstep.Server.Tests.Processes;
using Lockstep.Storage;
using Lockstep.Storage.Sqlite;
using Lockstep.Testing;

namespace Lockstep.Server.Tests.Cli.Doctor;

public sealed class DoctorTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly SqliteInspection Whole = new() { Exists = true, Version = new SqliteInspection().OwnVersion, Keys = [], Seen = new HashSet<AccountId>() };
    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-doctor-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Free MiB (-1 = not known), milliseconds of a durable write, level.</summary>
    [Theory]
    [InlineData(10_000, 1, FindingLevel.Ok)]
    [InlineData(-1, 1, FindingLevel.Ok)]
    [InlineData(10_000, 21, FindingLevel.Warning)]
    [InlineData(199, 1, FindingLevel.Error)]
    public void Disk(int free, int sync, object level) =>
        Assert.Equal(level, StoreChecks.Room(free < 0 ? null : free * 1024L * 1024, TimeSpan.FromMilliseconds(sync)).Level);

    [Fact]
    public void Database()
    {
        long own = Whole.OwnVersion;
        (SqliteInspection Found, FindingLevel Level, string Part)[] cases =
        [
            (new SqliteInspection(), FindingLevel.Ok, "none yet"),
            (Whole with { Held = true, Holder = "77" }, FindingLevel.Ok, "process 77 has it"),
            (Whole with { Version = own - 1 }, FindingLevel.Warning, $"version {own - 1}"),
            (Whole with { Version = own + 1 }, FindingLevel.Error, "newer"),
            (Whole with { Problem = "row 7 missing" }, FindingLevel.Error, "row 7 missing"),
        ];
        Assert.All(cases, c =>
        {
            var finding = Assert.Single(StoreChecks.Database(c.Found, "/data"));
            Assert.Equal(c.Level, finding.Level);
            Assert.Contains(c.Part, finding.Text, StringComparison.Ordinal);
            Assert.Equal(c.Level == FindingLevel.Ok, finding.Fix is null);
        });
    }

    /// <summary>Keys: scope and days until the end ("-" = never, "x" = taken back); whether the configuration has one; the levels.</summary>
    [Theory]
    [InlineData("admin -", false, "Ok")]
    [InlineData("admin 6", false, "Warning Ok")]
    [InlineData("admin 8", false, "Ok")]
    [InlineData("admin -1", false, "Error")]
    [InlineData("admin x", false, "Error")]
    [InlineData("trade -", false, "Ok")] // the next start makes one
    [InlineData("", false, "Ok")]
    [InlineData("", true, "Ok")]
    [InlineData("admin -,ea 3,trade -5", false, "Warning Ok")]
    public void Keys(string keys, bool configured, string levels)
    {
        var found = Whole with
        {
            Keys = [.. keys.Split(',', StringSplitOptions.RemoveEmptyEntries).Select((k, i) => k.Split(' ')).Select((k, i) => new InspectedKey(
                $"k{i}", Enum.Parse<KeyScope>(k[0], ignoreCase: true), int.TryParse(k[1], out int days) ? Timestamp.From(Now.AddDays(days)) : null, k[1] == "x"))],
        };
        var server = new ServerConfig { ApiKey = configured ? new SecretReference("KEY", null) : null };
        Assert.Equal(levels, string.Join(' ', StoreChecks.Keys(found, server, Now).Select(f => f.Level)));
        Assert.Equal(FindingLevel.Warning, Assert.Single(StoreChecks.Keys(found, new ServerConfig { NeedsKey = false }, Now)).Level);
    }

    [Fact]
    public void Accounts()
    {
        AccountConfig a = new(new AccountId("a"), true), b = new(new AccountId("b"), true), off = new(new AccountId("off"), false);
        var seen = Whole with { Seen = new HashSet<AccountId> { a.Id } };
        Assert.Equal("2 of 3 enabled", Assert.Single(StoreChecks.Accounts(seen with { Seen = new HashSet<AccountId> { a.Id, b.Id } }, [a, b, off])).Text);
        var never = Assert.Single(StoreChecks.Accounts(seen, [a, b, off]));
        Assert.Equal((FindingLevel.Warning, "no session is known of b"), (never.Level, never.Text));
        Assert.Equal(FindingLevel.Warning, Assert.Single(StoreChecks.Accounts(seen, [off])).Level);
        Assert.Equal(FindingLevel.Warning, Assert.Single(StoreChecks.Accounts(seen, [])).Level);
        Assert.Equal(FindingLevel.Ok, Assert.Single(StoreChecks.Accounts(new SqliteInspection(), [a, b])).Level);
    }

    [Theory]
    [InlineData("2026-06-01", "2026-05-01", FindingLevel.Ok)]
    [InlineData("2026-04-29", "2026-05-01", FindingLevel.Error)]
    [InlineData("1970-01-01", "2026-05-01", FindingLevel.Error)]
    [InlineData("2037-01-01", "2026-05-01", FindingLevel.Error)]
    public void Clock(string now, string built, object level)
    {
        static DateTimeOffset Day(string text) => new(DateTime.Parse(text, System.Globalization.CultureInfo.InvariantCulture), TimeSpan.Zero);
        Assert.Equal(level, WorldChecks.Clock(Day(now), Day(built)).Level);
    }

    [Theory]
    [InlineData(256, FindingLevel.Warning)]
    [InlineData(2048, FindingLevel.Ok)]
    public void Machine(int memory, object level) => Assert.Equal(level, WorldChecks.Machine(memory * 1024L * 1024, 2).Level);

    /// <summary>Mode in octal, whether the file is secret, level.</summary>
    [Theory]
    [InlineData("600", true, FindingLevel.Ok)]
    [InlineData("640", true, FindingLevel.Warning)]
    [InlineData("644", true, FindingLevel.Error)]
    [InlineData("620", true, FindingLevel.Error)]
    [InlineData("644", false, FindingLevel.Ok)]
    [InlineData("666", false, FindingLevel.Error)]
    public void Permissions(string mode, bool isSecret, object level)
    {
        var finding = SecretChecks.Mode("/etc/x", (UnixFileMode)Convert.ToInt32(mode, 8), isSecret);
        Assert.Equal(level, finding.Level);
        Assert.Contains(mode, finding.Text, StringComparison.Ordinal);
    }

    /// <summary>Days until the certificate ends, level, part of the text. One that is signed by itself is trusted by nobody.</summary>
    [Theory]
    [InlineData(-1, FindingLevel.Error, "only")]
    [InlineData(5, FindingLevel.Warning, "ends on")]
    [InlineData(200, FindingLevel.Warning, "trusted by nobody")]
    public void Certificate(int days, object level, string part)
    {
        string file = Path.Combine(_folder, "c.pem");
        Amqp.Tls.Make(file, Path.Combine(_folder, "k.pem"), days);
        using var own = X509CertificateLoader.LoadCertificateFromFile(file);
        var finding = SecretChecks.Certificate(own, [], DateTimeOffset.UtcNow);
        Assert.Equal(level, finding.Level);
        Assert.Contains(part, finding.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"status":"ready"}""", "Ok")]
    [InlineData("""{"status":"notReady"}""", "Error")]
    [InlineData("""{"status":"notReady","checks":[{"name":"disk","ok":true,"detail":"d"},{"name":"accounts","ok":false,"detail":"prop is down"}]}""", "Ok Error")]
    public void A_server_that_runs_is_believed(string json, string levels) => Assert.Equal(levels, string.Join(' ', WorldChecks.Ready(json).Select(f => f.Level)));

    [Fact]
    public async Task A_port_that_something_else_has_is_an_error()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var accepting = other.AcceptTcpClientAsync();
        var looking = WorldChecks.PortAsync(new ServerConfig { Port = ((IPEndPoint)other.LocalEndpoint).Port }, _ => null, CancellationToken.None);
        (await accepting).Dispose();
        Assert.Equal(FindingLevel.Error, Assert.Single(await looking).Level);
    }

    [Fact]
    public async Task A_broker_that_is_not_there_is_an_error_without_the_password()
    {
        var finding = await WorldChecks.AmqpAsync(new AmqpConfig { Url = new SecretReference("X", null) }, _ => "amqp://u:hunter2@127.0.0.1:1/", CancellationToken.None);
        Assert.Equal(FindingLevel.Error, finding.Level);
        Assert.Contains("amqp://127.0.0.1:1/ cannot be reached", finding.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", finding.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_in_use_is_read_and_a_spoilt_one_is_found()
    {
        using (SqliteStore.Open(_folder))
        {
            var found = SqliteInspection.Look(_folder);
            Assert.Null(found.Problem);
            Assert.True(found is { Exists: true, Held: true, Keys.Count: 0, Seen.Count: 0 } && found.Holder == $"{Environment.ProcessId}" && found.Version == found.OwnVersion, found.ToString());
        }

        Assert.False(SqliteInspection.Look(_folder).Held);
        byte[] bytes = File.ReadAllBytes(Path.Combine(_folder, "lockstep.db"));
        bytes.AsSpan(4096).Fill(7);
        File.WriteAllBytes(Path.Combine(_folder, "lockstep.db"), bytes);
        Assert.NotNull(SqliteInspection.Look(_folder).Problem);
    }

    /// <summary>The command itself: beside a server that runs, and without one; and with a configuration that is wrong.</summary>
    [Fact]
    public async Task The_command_looks_at_a_real_server()
    {
        string file = Path.Combine(_folder, "lockstep.json");
        int port = FreePort();
        await File.WriteAllTextAsync(file, $$"""
            { "server": { "auth": "none", "port": {{port}} }, "data": "data", "accounts": { "prop": { "platform": "paper", "broker": { "kind": "mt5-hedging", "symbols": ["EURUSD"] } } } }
            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var (code, output, _) = await LockstepProcess.RunAsync("doctor", "--config", file);
        Assert.True(code == 1, output);
        Assert.Contains("OK       database: ", output, StringComparison.Ordinal);
        Assert.Contains("WARNING  keys: the API needs no key", output, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{port} is free", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder, "data")));

        using (var server = LockstepProcess.Start("serve", "--config", file))
        {
            Assert.NotNull(await server.Listening.WaitAsync(TimeSpan.FromMinutes(2)));
            (code, output, _) = await LockstepProcess.RunAsync("doctor", "--config", file, "--json");
            var result = JsonDocument.Parse(output).RootElement;
            Assert.True(code is 1 or 2, output);
            Assert.Equal(code == 1 ? "warning" : "error", result.GetProperty("result").GetString());
            var findings = result.GetProperty("findings").EnumerateArray().ToList();
            Assert.Contains(findings, f => f.GetProperty("check").GetString() == "port" && f.GetProperty("text").GetString()!.Contains("a lockstep runs there", StringComparison.Ordinal) && f.GetProperty("level").GetString() == "ok");
            Assert.Contains(findings, f => f.GetProperty("check").GetString()!.StartsWith("server", StringComparison.Ordinal));
            Assert.Contains(findings, f => f.GetProperty("check").GetString() == "database" && f.GetProperty("text").GetString()!.Contains("has it", StringComparison.Ordinal));
        }

        await File.WriteAllTextAsync(file, "{ \"accounts\": {}, \"odd\": 1 }");
        (code, output, _) = await LockstepProcess.RunAsync("doctor", "--config", file);
        Assert.Equal(2, code);
        Assert.Contains("ERROR    configuration: ", output, StringComparison.Ordinal);
        Assert.Contains("odd: unknown key", output, StringComparison.Ordinal);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

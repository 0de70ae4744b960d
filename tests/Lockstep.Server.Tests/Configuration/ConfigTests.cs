using System.Net;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Tests.Configuration;

/// <summary>What a good configuration becomes.</summary>
public class ConfigTests
{
    [Theory]
    [InlineData("""{ "server": { "auth": "none" } }""")]
    [InlineData("""{ "server": { "auth": "none" }, "accounts": {} }""")]
    public void Accounts_may_all_come_over_the_API(string json) => Assert.Empty(Config.Read(json).Config!.Accounts);

    [Fact]
    public void What_is_absent_is_the_engines_default()
    {
        var config = Good(Config.Good);
        var link = config.Links[1];
        Assert.Equal(Plain(new LinkSettings { Id = new("copy"), Source = new("prop"), Target = new("ctrader") }), Plain(link));
        Assert.Equal(8080, config.Server.Port);
        Assert.Equal(IPAddress.Loopback, config.Server.Bind);
        Assert.False(config.Server.NeedsKey);
        Assert.Equal(Path.Combine(AppContext.BaseDirectory, "lockstep-data"), config.DataFolder);
    }

    [Fact]
    public void Every_key_of_a_link_reaches_the_engine()
    {
        var link = Good(Config.With("\"name\": \"copy\",", """
            "name": "copy", "mode": "closeOnly", "kind": "hedge", "stops": "ignore", "pending": "native", "sourceFilledFirst": "wait", "existing": "joinAtEqualOrBetter",
            "inDoubt": "reopen", "closeAfterSourceLost": "5m", "closeOnRemoval": true, "twoWay": true, "naked": { "time": "1500ms", "loss": 12.5 }, "maxOpenAttempts": 7,
            "sizing": { "mode": "fixedReference", "factor": 0.25, "fixedLots": 0.3, "reference": 1e4, "normaliseContracts": false, "rounding": "nearest", "raiseToMinimum": true,
              "raiseCap": 2, "maxLots": 3.5, "carryResidue": true },
            "filters": { "allow": ["EURUSD"], "deny": ["XAUUSD"], "onlySide": "sell", "magics": [0, -5], "denyMagics": [7], "commentContains": "a", "commentLacks": "b", "maxAge": "2h",
              "maxDeviationPoints": 11, "deviationOneSided": true, "maxSpreadPoints": 12, "schedule": [{ "day": "friday", "from": "08:30", "to": "24:00" }] },
            "symbols": { "map": { "XAUUSD": "XAUUSD" }, "stripPrefix": "p", "stripSuffix": "q", "addPrefix": "", "addSuffix": "" },
            """)).Links[1];
        Assert.Equal(
            Plain(new LinkSettings
            {
                Id = new("copy"), Source = new("prop"), Target = new("ctrader"), Kind = LinkKind.Hedge, Mode = LinkMode.CloseOnly, Stops = StopsPolicy.Ignore, Pending = PendingPolicy.Native,
                SourceFilledFirst = SourceFilledFirst.Wait, Existing = ExistingPolicy.JoinAtEqualOrBetter, InDoubt = InDoubtPolicy.Reopen,
                CloseAfterSourceLost = TimeSpan.FromMinutes(5), CloseOnRemoval = true, TwoWay = true, NakedTime = TimeSpan.FromMilliseconds(1500), NakedLoss = new(12.5m), MaxOpenAttempts = 7,
                Sizing = new()
                {
                    Mode = SizingMode.FixedReference, Factor = 0.25m, FixedLots = new(0.3m), Reference = new(10_000m), NormaliseContracts = false, Rounding = RoundingPolicy.Nearest,
                    RaiseToMinimum = true, RaiseCap = 2, MaxLots = new(3.5m), CarryResidue = true,
                },
                Filters = new()
                {
                    Allow = [new("EURUSD")], Deny = [new("XAUUSD")], OnlySide = Side.Sell, Magics = [0, -5], DenyMagics = [7], CommentContains = "a", CommentLacks = "b",
                    MaxAge = TimeSpan.FromHours(2), MaxDeviationPoints = 11, DeviationOneSided = true, MaxSpreadPoints = 12,
                    Schedule = [new(DayOfWeek.Friday, new TimeSpan(8, 30, 0), TimeSpan.FromHours(24))],
                },
                Symbols = new() { Pairs = [new(new("XAUUSD"), new("XAUUSD"))], StripPrefix = "p", StripSuffix = "q" },
            }),
            Plain(link));
    }

    [Fact]
    public void Every_setting_of_the_engine_has_a_key()
    {
        // A new property of the settings must get a key: its name, or where it moved to.
        var elsewhere = new Dictionary<string, string> { ["Id"] = "name", ["NakedTime"] = "naked", ["NakedLoss"] = "naked", ["Pairs"] = "map" };
        foreach (var (type, shape) in new[]
        {
            (typeof(LinkSettings), LinkFormat.Link), (typeof(SizingSettings), Shape("sizing")), (typeof(FilterSettings), Shape("filters")), (typeof(SymbolMapSettings), Shape("symbols")),
        })
        {
            var names = type.GetProperties().Where(p => p.Name != "EqualityContract").Select(p => elsewhere.GetValueOrDefault(p.Name, char.ToLowerInvariant(p.Name[0]) + p.Name[1..]));
            Assert.Empty(names.Except(shape.Keys.Select(k => k.Name)));
        }
    }

    [Fact]
    public void A_terminal_account_is_made_as_written()
    {
        var config = Good(
            """
            {
              "server": { "auth": "none", "ea": { "quoteInterval": "0s", "maxTerminals": 7, "messagesPerSecond": 90 } },
              "accounts": {
                "real": {
                  "platform": "mt4", "login": 9007199254740991, "server": "Broker Live 3", "key": { "env": "KEY" }, "mode": "fifo", "dailyBudget": 1500, "answerTimeout": "7s", "absenceHorizon": "90s",
                },
                "other": { "platform": "mt5", "enabled": false, "login": 1, "server": "Broker-Demo", "key": { "env": "KEY2" } },
              },
              "links": [{ "name": "l", "source": "real", "target": "other", "symbols": { "map": { "ANY": "THING" } }, "filters": { "allow": ["ANY"] } }],
            }
            """);
        Assert.Equal((TimeSpan.Zero, 7, 90), (config.Server.EaQuoteInterval, config.Server.EaMaxTerminals, config.Server.EaMessagesPerSecond));
        var real = config.Account(new("real"))!;
        Assert.Null(real.Broker);
        Assert.Equal(("mt4", "mt4-fifo", true), (real.Platform, real.Kind, real.Enabled));
        Assert.Equal(
            new TerminalConfig
            {
                Platform = PlatformKind.Mt4, Login = 9_007_199_254_740_991, Server = "Broker Live 3", Mode = AccountMode.Fifo, DailyBudget = 1500,
                AnswerTimeout = TimeSpan.FromSeconds(7), AbsenceHorizon = TimeSpan.FromSeconds(90),
                KeyHash = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData("0123456789abcdef"u8)),
            },
            real.Terminal);
        var other = config.Account(new("other"))!;
        Assert.Equal(("mt5", "mt5", false), (other.Platform, other.Kind, other.Enabled));
        Assert.Equal((0, null, null), (other.Terminal!.DailyBudget, other.Terminal.AnswerTimeout, other.Mode));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_certificate_is_read_from_either_kind_of_file(bool packed)
    {
        string folder = Directory.CreateTempSubdirectory("lockstep-test-").FullName;
        try
        {
            using var key = System.Security.Cryptography.RSA.Create(2048);
            var request = new System.Security.Cryptography.X509Certificates.CertificateRequest(
                "CN=localhost", key, System.Security.Cryptography.HashAlgorithmName.SHA256, System.Security.Cryptography.RSASignaturePadding.Pkcs1);
            using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            File.WriteAllText(Path.Combine(folder, "pass"), "short");
            File.WriteAllBytes(Path.Combine(folder, "c.pfx"), certificate.Export(System.Security.Cryptography.X509Certificates.X509ContentType.Pkcs12, "short"));
            File.WriteAllText(Path.Combine(folder, "c.pem"), certificate.ExportCertificatePem());
            File.WriteAllText(Path.Combine(folder, "k.pem"), key.ExportPkcs8PrivateKeyPem());
            string tls = packed ? "\"certificate\": \"c.pfx\", \"password\": { \"file\": \"pass\" }" : "\"certificate\": \"c.pem\", \"key\": \"k.pem\"";
            var read = Config.Read(Config.With("\"auth\"", $"\"tls\": {{ {tls} }}, \"auth\""), folder);
            Assert.True(read.Config is not null, string.Join("\n", read.Errors));
            var (loaded, problem) = Certificates.Load(read.Config!.Server.Tls!, _ => null);
            Assert.Null(problem);
            Assert.True(loaded!.Certificate.HasPrivateKey);
            Assert.Equal(certificate.Thumbprint, loaded.Certificate.Thumbprint);

            // A wrong password is told without being repeated.
            File.WriteAllText(Path.Combine(folder, "pass"), "hunter2hunter2");
            var spoilt = Config.Read(Config.With("\"auth\"", "\"tls\": { \"certificate\": \"c.pfx\", \"password\": { \"file\": \"pass\" } }, \"auth\""), folder);
            Assert.Contains("cannot be used", Assert.Single(spoilt.Errors).Text, StringComparison.Ordinal);
            Assert.DoesNotContain("hunter2", spoilt.Errors[0].ToString(), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_filter_can_be_lifted_with_null() =>
        Assert.Null(Good(Config.With("\"name\": \"copy\",", "\"name\": \"copy\", \"filters\": { \"maxAge\": null },")).Links[1].Filters.MaxAge);

    [Fact]
    public void An_account_is_made_as_written()
    {
        var account = Good(Config.With("\"kind\": \"mt4-fifo\", \"symbols\": [\"EURUSD\", \"XAUUSD\"]", """
            "kind": "mt4-fifo", "balance": 1234.56, "currency": "EUR", "leverage": 30, "suffix": ".x", "commissionPerLot": 3.5, "executionDelayMin": "100ms",
            "absenceHorizon": "3s", "answerTimeout": "1s", "stopOutLevel": 20,
            "symbols": [{ "symbol": "EURUSD", "as": "EURUSD" }, { "symbol": "XAUUSD", "as": "XAUUSD", "contractSize": 10, "digits": 1, "minLots": 0.1, "lotStep": 0.1, "maxLots": 20,
              "stopsLevelPoints": 7, "freezeLevelPoints": 5, "commissionPerLot": 1 }, "EURUSD"]
            """)).Account(new("personal"))!;
        var broker = account.Broker!;
        Assert.Equal((PlatformKind.Mt4, AccountMode.Fifo), (broker.Platform, broker.Mode));
        Assert.Equal((1234.56m, "EUR", 30m, 20m), (broker.OpeningBalance, broker.Currency, broker.Leverage, broker.StopOutLevel));
        Assert.Equal((TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(1)), (broker.Horizon, broker.AnswerTimeout));
        Assert.Equal(broker.ExecutionDelayMin, broker.ExecutionDelayMax);
        Assert.Equal(["EURUSD", "XAUUSD", "EURUSD.x"], broker.Symbols.Select(s => s.Spec.Name.Value));
        Assert.Equal([3.5m, 1m, 3.5m], broker.Symbols.Select(s => s.CommissionPerLot));
        var gold = broker.Symbols[1].Spec;
        Assert.Equal((10m, 1, 0.1m, 0.1m, 0.1m, 20m, 7, 5), (gold.ContractSize, gold.Digits, gold.TickSize, gold.MinLots.Value, gold.LotStep.Value, gold.MaxLots.Value, gold.StopsLevelPoints, gold.FreezeLevelPoints));
    }

    [Fact]
    public void Without_symbols_an_account_has_the_whole_catalogue() =>
        Assert.Equal(
            Simulator.SimCatalogue.Names.Select(n => n + ".n").Order(),
            Good(Config.With("\"suffix\": \".n\", \"symbols\": [\"EURUSD\", \"XAUUSD\"]", "\"suffix\": \".n\"")).Account(new("netting"))!.Broker!.Symbols.Select(s => s.Spec.Name.Value).Order());

    [Fact]
    public void Comments_trailing_commas_and_a_byte_order_mark_are_allowed() =>
        Good("\uFEFF// first\n" + Config.With("\"auth\": \"none\"", "/* local */ \"auth\": \"none\","));

    [Fact]
    public void A_key_is_read_from_where_it_is()
    {
        string folder = Directory.CreateTempSubdirectory("lockstep-test-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "key"), "0123456789abcdef0123\n");
            var config = Config.Read(Config.With("\"auth\": \"none\"", "\"apiKey\": { \"file\": \"key\" }"), folder);
            Assert.Empty(config.Errors);
            Assert.Equal("0123456789abcdef0123", Secrets.Read(config.Config!.Server.ApiKey!, _ => null).Secret);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static LockstepConfig Good(string json)
    {
        var result = Config.Read(json);
        Assert.True(result.Config is not null, string.Join("\n", result.Errors));
        return result.Config!;
    }

    private static ObjectShape Shape(string key) => (ObjectShape)LinkFormat.Link.Keys.Single(k => k.Name == key).Shape;

    // Records compare lists by reference; their JSON compares by content.
    private static string Plain(LinkSettings link) => System.Text.Json.JsonSerializer.Serialize(link, WithoutDerived);

    private static readonly System.Text.Json.JsonSerializerOptions WithoutDerived = new() { IgnoreReadOnlyProperties = true };
}

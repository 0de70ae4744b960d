namespace Lockstep.Server.Tests.Configuration;

/// <summary>Each kind of mistake, with the key that must be named and a word of what must be said.</summary>
public class ConfigErrorTests
{
    private const string Sizing = "\"kind\": \"hedge\"";

    public static TheoryData<string, string, string, string> Mistakes => new()
    {
        // Form.
        { "unknown key", Config.With("\"auth\"", "\"auht\""), "server.auht", "did you mean \"auth\"?" },
        { "unknown section", Config.With("\"links\"", "\"linkz\""), "linkz", "did you mean \"links\"?" },
        { "unknown key of a link", Link("\"multiplier\": 2"), "links[0].multiplier", "known here: name, source" },
        { "a key twice", Config.With("\"auth\": \"none\"", "\"auth\": \"none\", \"auth\": \"none\""), "server.auth", "more than once" },
        { "an account twice", Config.With("\"personal\": {", "\"prop\": {"), "accounts.prop", "more than once" },
        { "wrong type", Config.With("\"auth\": \"none\"", "\"auth\": 1"), "server.auth", "is a number" },
        { "text for a number", Link("\"sizing\": { \"factor\": \"2\" }"), "links[0].sizing.factor", "is text" },
        { "object for a list", "{ \"server\": { \"auth\": \"none\" }, \"accounts\": {}, \"links\": {} }", "links", "must be a list" },
        { "null", Link("\"kind2\": null, \"mode\": null"), "links[0].mode", "null is not allowed" },
        { "missing key", Config.With("\"name\": \"copy\", ", ""), "links[1].name", "is missing" },
        { "a name with a space", Config.With("\"ctrader\": {", "\"c trader\": {"), "accounts.c trader", "letters, digits" },
        { "port out of range", Config.With("\"auth\"", "\"port\": 65536, \"auth\""), "server.port", "from 0 to 65535" },
        { "half a port", Config.With("\"auth\"", "\"port\": 80.5, \"auth\""), "server.port", "a whole number" },
        { "no address", Config.With("\"auth\"", "\"bind\": \"localhost\", \"auth\""), "server.bind", "IP address" },
        { "unknown word", Link("\"mode\": \"close-only\""), "links[0].mode", "did you mean \"closeOnly\"?" },
        { "unknown platform", Config.With("\"prop\": { \"platform\": \"paper\"", "\"prop\": { \"platform\": \"mt6\""), "accounts.prop.platform", "\"paper\", \"mt4\", \"mt5\"" },
        { "no platform", Config.With("\"prop\": { \"platform\": \"paper\", ", "\"prop\": { "), "accounts.prop.platform", "is missing" },
        { "a login on paper", Config.With("\"prop\": { \"platform\": \"paper\"", "\"prop\": { \"platform\": \"paper\", \"login\": 5"), "accounts.prop.login", "belongs to platform \"mt4\" and \"mt5\" only" },
        { "a broker on a terminal", Terminal("\"platform\": \"mt5\", \"broker\": {}"), "accounts.real.broker", "belongs to platform \"paper\" only" },
        { "no login", "{ \"server\": { \"auth\": \"none\" }, \"accounts\": { \"real\": { \"platform\": \"mt5\" } } }", "accounts.real.login", "is missing" },
        { "login 0", Terminal("\"platform\": \"mt5\"", login: "0"), "accounts.real.login", "a whole number from 1" },
        { "a login as text", Terminal("\"platform\": \"mt5\"", login: "\"12\""), "accounts.real.login", "is text" },
        { "no server", Terminal("\"platform\": \"mt5\"", server: ""), "accounts.real.server", "1 to 64 characters" },
        { "an EA key written out", Terminal("\"platform\": \"mt5\"", key: "\"hunter2hunter2hunter2\""), "accounts.real.key", "a secret is never written" },
        { "an EA key that is short", Terminal("\"platform\": \"mt5\"", key: "{ \"env\": \"SHORT\" }"), "accounts.real.key", "16 to 512 characters" },
        { "an EA key that is missing", Terminal("\"platform\": \"mt5\"", key: "{ \"env\": \"NOT_SET\" }"), "accounts.real.key", "is not set" },
        { "netting on MT4", Terminal("\"platform\": \"mt4\", \"mode\": \"netting\""), "accounts.real.mode", "no netting on MT4" },
        { "a pair onto a FIFO terminal", Terminal("\"platform\": \"mt4\", \"mode\": \"fifo\"", links: "{ \"name\": \"l\", \"source\": \"paper\", \"target\": \"real\", \"twoWay\": true }"), "links[0].twoWay", "a FIFO account" },
        { "a certificate that is not there", Config.With("\"auth\"", "\"tls\": { \"certificate\": \"no.pfx\" }, \"auth\""), "server.tls", "cannot be used" },
        { "a certificate without its key", Config.With("\"auth\"", "\"tls\": { \"certificate\": \"no.pem\" }, \"auth\""), "server.tls", "needs \"key\"" },
        { "a key beside PKCS#12", Config.With("\"auth\"", "\"tls\": { \"certificate\": \"no.pfx\", \"key\": \"k\" }, \"auth\""), "server.tls", "holds its key" },
        { "too many terminals", Config.With("\"auth\"", "\"ea\": { \"maxTerminals\": 100001 }, \"auth\""), "server.ea.maxTerminals", "from 1 to 100000" },
        { "unknown broker kind", Config.With("mt5-netting", "mt5-neting"), "accounts.netting.broker.kind", "did you mean \"mt5-netting\"?" },
        { "a duration without unit", Link("\"filters\": { \"maxAge\": \"30\" }"), "links[0].filters.maxAge", "a duration such as" },
        { "a duration as a number", Link("\"filters\": { \"maxAge\": 30 }"), "links[0].filters.maxAge", "a duration such as" },
        { "a duration too long", Link("\"naked\": { \"time\": \"31d\" }"), "links[0].naked.time", "to \"30d\"" },
        { "a time of day", Link("\"filters\": { \"schedule\": [{ \"day\": \"monday\", \"from\": \"8:00\", \"to\": \"24:00\" }] }"), "links[0].filters.schedule[0].from", "a time of day" },
        { "a window backwards", Link("\"filters\": { \"schedule\": [{ \"day\": \"monday\", \"from\": \"09:00\", \"to\": \"08:00\" }] }"), "links[0].filters.schedule", "before" },

        // Numbers.
        { "factor 0", Link("\"sizing\": { \"mode\": \"multiplier\", \"factor\": 0 }"), "links[0].sizing.factor", "above 0" },
        { "a number too large", Link("\"sizing\": { \"factor\": 1e308 }"), "links[0].sizing.factor", "above 0, at most 10000" },
        { "more digits than fit", Link("\"sizing\": { \"factor\": 0.00000000000000000000000000000000000001 }"), "links[0].sizing.factor", "more digits" },
        { "impossible lots", Link("\"sizing\": { \"mode\": \"fixed\", \"fixedLots\": 0.001 }"), "links[0].sizing.fixedLots", "below the minimum 0.01" },
        { "lots off the step", Link("\"sizing\": { \"mode\": \"fixed\", \"fixedLots\": 0.015 }"), "links[0].sizing.fixedLots", "no multiple of the lot step 0.01" },
        { "too many lots", Link("\"sizing\": { \"mode\": \"fixed\", \"fixedLots\": 100000 }"), "links[0].sizing.fixedLots", "above the maximum" },
        { "a maximum below the minimum", Link("\"sizing\": { \"maxLots\": 0.001 }"), "links[0].sizing.maxLots", "could never trade" },
        { "fixed without lots", Link("\"sizing\": { \"mode\": \"fixed\" }"), "links[0].sizing.fixedLots", "above 0" },
        { "negative lots", Link("\"sizing\": { \"maxLots\": -1 }"), "links[0].sizing.maxLots", "above 0" },
        { "attempts", Link("\"maxOpenAttempts\": 21"), "links[0].maxOpenAttempts", "from 1 to 20" },
        { "delays crossed", Config.With("\"kind\": \"ctrader\"", "\"kind\": \"ctrader\", \"executionDelayMin\": \"2s\", \"executionDelayMax\": \"1s\""), "accounts.ctrader.broker.executionDelayMax", "executionDelayMin" },

        // Symbols.
        { "unknown symbol", Config.With("\"kind\": \"mt5-hedging\", \"symbols\": [\"EURUSD\"", "\"kind\": \"mt5-hedging\", \"symbols\": [\"EURUSX\""), "accounts.prop.broker.symbols[0]", "did you mean \"EURUSD\"?" },
        { "a symbol twice", Config.With("\"kind\": \"mt5-hedging\", \"symbols\": [\"EURUSD\"", "\"kind\": \"mt5-hedging\", \"symbols\": [\"XAUUSD\""), "accounts.prop.broker.symbols", "2 times" },
        { "a symbol with impossible lots", Config.With("\"mt5-hedging\", \"symbols\": [\"EURUSD\"", "\"mt5-hedging\", \"symbols\": [{ \"symbol\": \"EURUSD\", \"minLots\": 2, \"maxLots\": 1 }"), "accounts.prop.broker.symbols[0]", "below the minimum" },
        { "a step above the minimum", Config.With("\"mt5-hedging\", \"symbols\": [\"EURUSD\"", "\"mt5-hedging\", \"symbols\": [{ \"symbol\": \"EURUSD\", \"minLots\": 0.01, \"lotStep\": 0.1 }"), "accounts.prop.broker.symbols[0]", "above minLots" },
        { "a filter on an unknown symbol", Link("\"filters\": { \"allow\": [\"EURUSDm\"] }"), "links[0].filters.allow", "did you mean \"EURUSD\"?" },
        { "a deny of an unknown symbol", Link("\"filters\": { \"deny\": [\"BTC\"] }"), "links[0].filters.deny", "has no symbol 'BTC'" },
        { "a map from an unknown symbol", Link("\"symbols\": { \"map\": { \"BTC\": \"EURUSD\" } }"), "links[0].symbols.map", "'prop' has no symbol 'BTC'" },
        { "a map to an unknown symbol", Link("\"symbols\": { \"map\": { \"EURUSD\": \"EURO\" } }"), "links[0].symbols.map", "'personal' has no symbol 'EURO'" },
        { "an allowed symbol that leads nowhere", Config.With(", \"symbols\": { \"addSuffix\": \".n\" }", ", \"filters\": { \"allow\": [\"EURUSD\"] }"), "links[2].filters.allow", "which account 'netting' does not have" },
        { "no symbol leads anywhere", Config.With(", \"symbols\": { \"addSuffix\": \".n\" }", ""), "links[2].symbols", "could never trade" },

        // Links.
        { "an unknown account", Config.With("\"target\": \"ctrader\"", "\"target\": \"ctraider\""), "links[1].target", "there is no account 'ctraider'" },
        { "a loop", Config.With("\"source\": \"prop\", \"target\": \"ctrader\" }", "\"source\": \"prop\", \"target\": \"ctrader\" }, { \"name\": \"back\", \"source\": \"ctrader\", \"target\": \"prop\" }"), "links[1].target", "prop → ctrader → prop" },
        { "to itself", Config.With("\"target\": \"ctrader\"", "\"target\": \"prop\""), "links[1].target", "to itself" },
        { "a fight", Config.With("\"source\": \"prop\", \"target\": \"ctrader\" }", "\"source\": \"prop\", \"target\": \"ctrader\" }, { \"name\": \"again\", \"source\": \"prop\", \"target\": \"ctrader\" }"), "links[2].target", "fights with link 'copy'" },
        { "copy and hedge onto FIFO", Config.With("\"target\": \"ctrader\" }", "\"target\": \"ctrader\" }, { \"name\": \"other\", \"source\": \"ctrader\", \"target\": \"personal\" }"), "links[2].kind", "FIFO account" },
        { "one name twice", Config.With("\"name\": \"net\"", "\"name\": \"copy\""), "links[2].name", "more than one link named 'copy'" },
        { "native pending onto FIFO", Link("\"pending\": \"native\""), "links[0].pending", "needs a target in hedging mode" },
        { "a hedge pair onto FIFO", Link("\"twoWay\": true"), "links[0].twoWay", "cannot carry a hedge" },

        // Secrets.
        { "a network with bits beyond its prefix", Config.With("\"auth\": \"none\"", "\"proxies\": [\"10.1.2.3/8\"]"), "server.proxies[0]", "10.0.0.0/8" },
        { "a proxy by name", Config.With("\"auth\": \"none\"", "\"proxies\": [\"nginx\"]"), "server.proxies[0]", "10.0.0.0/8" },
        { "an origin with a path", Config.With("\"auth\": \"none\"", "\"cors\": [\"https://a.example/x\"]"), "server.cors[0]", "without a path" },
        { "every origin", Config.With("\"auth\": \"none\"", "\"cors\": [\"*\"]"), "server.cors[0]", "without a path" },
        { "origins without keys", Config.With("\"auth\": \"none\"", "\"auth\": \"none\", \"cors\": [\"https://a.example\"]"), "server.cors", "need no key" },
        { "a shared secret without keys", Config.With("\"auth\": \"none\"", "\"auth\": \"none\", \"sharedSecret\": { \"env\": \"KEY\" }"), "server.sharedSecret", "has no meaning" },
        { "a shared secret from nowhere", Config.With("\"auth\": \"none\"", "\"sharedSecret\": { \"env\": \"NOT_SET\" }"), "server.sharedSecret", "NOT_SET is not set" },
        { "a key written out", Config.With("\"auth\": \"none\"", "\"apiKey\": \"hunter2hunter2hunter2\""), "server.apiKey", "a secret is never written" },
        { "a key from nowhere", Config.With("\"auth\": \"none\"", "\"apiKey\": {}"), "server.apiKey", "one of the two" },
        { "a key from two places", Config.With("\"auth\": \"none\"", "\"apiKey\": { \"env\": \"KEY\", \"file\": \"k\" }"), "server.apiKey", "one of the two" },
        { "a missing variable", Config.With("\"auth\": \"none\"", "\"apiKey\": { \"env\": \"NOT_SET\" }"), "server.apiKey", "NOT_SET is not set" },
        { "a short key", Config.With("\"auth\": \"none\"", "\"apiKey\": { \"env\": \"SHORT\" }"), "server.apiKey", "16 to 512 characters" },
        { "a missing file", Config.With("\"auth\": \"none\"", "\"apiKey\": { \"file\": \"no-such-file\" }"), "server.apiKey", "is not there" },
        { "a folder for a file", Config.With("\"auth\": \"none\"", "\"apiKey\": { \"file\": \".\" }"), "server.apiKey", "cannot be read" },
        { "no key on an open address", Config.With("\"auth\": \"none\"", "\"auth\": \"none\", \"bind\": \"0.0.0.0\""), "server.auth", "loopback address only" },

        // Quotes.
        { "a missing quote file", Config.With("\"links\"", "\"quotes\": { \"file\": \"no-such.csv\" }, \"links\""), "quotes.file", "there is no file" },
        { "speed of the generator", Config.With("\"links\"", "\"quotes\": { \"speed\": 2 }, \"links\""), "quotes.speed", "quotes.interval" },
    };

    public static TheoryData<string, string> NoJson => new()
    {
        { "nothing", "" },
        { "half", "{ \"server\": {" },
        { "two", "{} {}" },
        { "NaN", "{ \"server\": { \"port\": NaN } }" },
        { "broken text", "{ \"\\ud800\": 1 }" },
        { "too deep", new string('[', 100) + new string(']', 100) },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_named_with_its_key(string about, string json, string path, string says)
    {
        var result = Config.Read(json);
        Assert.Null(result.Config);
        Assert.True(result.Errors.Any(e => e.Path == path && e.Text.Contains(says, StringComparison.Ordinal)), $"{about}: {string.Join("\n", result.Errors)}");
    }

    [Theory]
    [MemberData(nameof(NoJson))]
    public void What_is_no_JSON_is_refused_with_its_place(string about, string json)
    {
        var result = Config.Read(json);
        Assert.Null(result.Config);
        Assert.Contains("no valid JSON", Assert.Single(result.Errors).Text, StringComparison.Ordinal);
        Assert.NotEmpty(about);
    }

    [Fact]
    public void All_mistakes_are_told_at_once_with_their_lines()
    {
        string json = Config.Good
            .Replace("\"auth\": \"none\"", "\"auth\": \"nope\"", StringComparison.Ordinal)
            .Replace("mt5-netting", "mt6", StringComparison.Ordinal)
            .Replace("\"kind\": \"hedge\"", "\"kind\": \"hedge\", \"sizing\": { \"factor\": -1 }, \"pending\": \"native\"", StringComparison.Ordinal);
        var lines = Config.Read(json).Errors.Select(e => $"{e.Line} {e.Path}").ToList();
        Assert.Contains("2 server.auth", lines);
        Assert.Contains("7 accounts.netting.broker.kind", lines);
        Assert.Contains("10 links[0].sizing.factor", lines);
        Assert.Contains("10 links[0].pending", lines);
        Assert.DoesNotContain(lines, line => line.Contains("links[2]", StringComparison.Ordinal));
    }

    [Fact]
    public void A_secret_written_out_is_not_repeated()
    {
        foreach (string json in new[]
        {
            Config.With("\"auth\": \"none\"", "\"apiKey\": \"hunter2hunter2hunter2\""),
            Config.With("\"auth\": \"none\"", "\"apiKey\": { \"value\": \"hunter2hunter2hunter2\" }"),
            Config.With("\"auth\": \"none\"", "\"password\": \"hunter2hunter2hunter2\""),
        })
        {
            Assert.DoesNotContain("hunter2", string.Join("\n", Config.Read(json).Errors), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_only_one_account_may_have_is_told_with_both_names()
    {
        const string Twice =
            """
            {
              "server": { "auth": "none" },
              "accounts": {
                "first": { "platform": "mt5", "login": 5001, "server": "Broker-Demo", "key": { "env": "KEY" } },
                "second": { "platform": "mt5", "login": 5001, "server": "broker-demo", "key": { "env": "KEY2" } },
                "third": { "platform": "mt4", "login": 5001, "server": "Broker-Demo", "key": { "env": "KEY" } },
              },
            }
            """;
        var errors = Config.Read(Twice).Errors;
        Assert.Equal(["accounts.second.login", "accounts.third.key"], errors.Select(e => e.Path));
        Assert.All(errors, e => Assert.Contains("'first'", e.Text, StringComparison.Ordinal));
        Assert.DoesNotContain("0123456789abcdef", string.Join("\n", errors), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_an_error_like_others()
    {
        var result = Server.Configuration.ConfigReader.ReadFile(Path.Combine(AppContext.BaseDirectory, "no-such.json"), _ => null);
        Assert.Contains("cannot be read", Assert.Single(result.Errors).Text, StringComparison.Ordinal);
    }

    private static string Terminal(string more, string login = "5001", string server = "Broker-Demo", string key = "{ \"env\": \"KEY\" }", string links = "") =>
        $$"""
        {
          "server": { "auth": "none" },
          "accounts": {
            "paper": { "platform": "paper", "broker": { "kind": "mt5-hedging", "symbols": ["EURUSD"] } },
            "real": { {{more}}, "login": {{login}}, "server": "{{server}}", "key": {{key}} }
          },
          "links": [{{links}}]
        }
        """;

    private static string Link(string more) => Config.With(Sizing, $"{Sizing}, {more}");
}

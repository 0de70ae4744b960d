using static Lockstep.Server.Configuration.CommonShapes;

namespace Lockstep.Server.Configuration;

/// <summary>The configuration's format: a public interface. A key that once stood here keeps its meaning; new keys have defaults.</summary>
internal static class ConfigFormat
{
    /// <summary>The key <c>$schema</c>, for editors.</summary>
    private static readonly Key SchemaKey = new("$schema", new TextShape("^.{1,4096}$", "an address or path"), "Where an editor finds the JSON schema; not used otherwise.");

    /// <summary>Section <c>server.tls</c>.</summary>
    private static readonly ObjectShape Tls = new(
        "tls",
        new Key("certificate", PathText, "The certificate, with its chain when it has one: a PEM file, or a PKCS#12 file (.pfx, .p12) that holds the key too. Read at the start.") { Required = true },
        new Key("key", PathText, "PEM file of the private key. Not with PKCS#12."),
        new Key("password", new SecretShape(), "Password of the private key or PKCS#12 file, by reference only, 1 to 512 characters."));

    /// <summary>Section <c>server.ea</c>.</summary>
    private static readonly ObjectShape Ea = new(
        "ea",
        new Key("quoteInterval", Duration(TimeSpan.Zero, TimeSpan.FromMinutes(1)),
            "How often a terminal quotes the symbols of its Market Watch that nothing needs at once; \"0s\" = not at all. What links need is always quoted at once.", "\"1s\""),
        new Key("maxTerminals", new NumberShape(100_000, 1, Whole: true), "Connections of terminals at the same time; what comes beyond is turned away and tries again later.", "10000"),
        new Key("messagesPerSecond", new NumberShape(100_000, 50, Whole: true), "Messages a second that one terminal may send for long, five times as many at once; one that sends more is turned away for a while.", "400"));

    /// <summary>Section <c>server.limits</c>.</summary>
    private static readonly ObjectShape Limits = new(
        "limits",
        new Key("requestsPerSecond", new NumberShape(1_000_000, 0, Whole: true), "Requests a second that one key may make for long; 0 = no limit. A key can have a limit of its own.", "1000"),
        new Key("burst", new NumberShape(1_000_000, 1, Whole: true), "Requests that one key may make at once.", "2000"),
        new Key("anonymousPerSecond", new NumberShape(1_000_000, 0, Whole: true), "Requests a second from one address without a key, four times as many at once; 0 = no limit.", "50"),
        new Key("connections", new NumberShape(1_000_000, 100, Whole: true), "Connections at the same time, beside those of terminals and streams; what comes beyond is closed at once.", "20000"));

    /// <summary>Section <c>server</c>.</summary>
    private static readonly ObjectShape Server = new(
        "server",
        new Key("port", new NumberShape(65_535, 0, Whole: true), "TCP port of the HTTP API; 0 takes a free one and logs it.", "8080"),
        new Key("bind", new TextShape("^[0-9A-Fa-f.:]{2,45}$", "an IP address such as \"127.0.0.1\" or \"::1\""),
            "IP address to listen on. Anything but a loopback address needs an API key, and tls here or a TLS proxy in front.", "\"127.0.0.1\""),
        new Key("auth", new ChoiceShape("key", "none"),
            "\"key\": every request needs a key. \"none\": no key at all; only on a loopback address, and only when written here in so many words.", "\"key\""),
        new Key("apiKey", new SecretShape(), "An admin key of your own choice, 16 to 512 characters, by reference only. Absent = the first start makes one and prints it once; see docs/security.md."),
        new Key("sharedSecret", new SecretShape(), "A secret that services share and send as Bearer, 16 to 512 characters, by reference only. Absent = none."),
        new Key("sharedSecretScope", new ChoiceShape("read", "trade", "admin"), "What the shared secret is good for, on all accounts.", "\"trade\""),
        new Key("proxies", new ListShape(new TextShape("^[0-9A-Fa-f.:/]{2,50}$", "an IP address or network such as \"10.0.0.0/8\""), 100),
            "Proxies in front, by address or network: who asks is then taken from X-Forwarded-For, and whether by HTTPS from X-Forwarded-Proto. From anybody else these headers are ignored.", "[]"),
        new Key("cors", new ListShape(new TextShape("^https?://[A-Za-z0-9.:\\[\\]-]{1,253}$", "an origin such as \"https://desk.example.com\", without a path"), 100),
            "Origins whose web pages may call the API from a browser. Empty = none.", "[]"),
        new Key("limits", Limits, "How much the HTTP API takes.", "{}"),
        new Key("tls", Tls, "HTTPS and WSS with a certificate of your own. Absent = plain HTTP."),
        new Key("ea", Ea, "What the Expert Advisors in terminals are served with.", "{}"));

    /// <summary>Section <c>quotes</c>.</summary>
    private static readonly ObjectShape Quotes = new(
        "quotes",
        new Key("seed", new NumberShape(9_007_199_254_740_991m, 0, Whole: true), "Seed of the quote generator: the same seed makes the same quotes.", "1"),
        new Key("interval", Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)), "Time between two quotes of a symbol from the generator, on average.", "\"250ms\""),
        new Key("file", PathText, "Recorded quotes to play instead of the generator: time_ms_utc,symbol,bid,ask, in time order, gzip-packed when the name ends in .gz."),
        new Key("speed", new NumberShape(10_000m, Above: 0m), "How many times faster than recorded the file is played.", "1"));

    /// <summary>A symbol of a paper account that differs from the catalogue's.</summary>
    private static readonly ObjectShape SymbolObject = new(
        "symbol",
        new Key("symbol", SymbolText, "The catalogue's name.") { Required = true },
        new Key("as", SymbolText, "The name at this broker; suffix is not added to it."),
        new Key("contractSize", new NumberShape(1_000_000_000m, Above: 0m), "Units of the base asset in a lot."),
        new Key("digits", new NumberShape(8, 0, Whole: true), "Decimals of a price; also sets the tick size to one point."),
        new Key("minLots", LotsNumber, "Smallest volume of an order."),
        new Key("lotStep", LotsNumber, "Volumes are multiples of this."),
        new Key("maxLots", LotsNumber, "Largest volume of one order."),
        new Key("stopsLevelPoints", new NumberShape(1_000_000, 0, Whole: true), "Smallest distance of stops and pending prices from the market."),
        new Key("freezeLevelPoints", new NumberShape(1_000_000, 0, Whole: true), "No change nearer to the trigger than this."),
        new Key("commissionPerLot", new NumberShape(1_000_000m, 0), "Commission a lot and side; stands over the broker's."));

    /// <summary>The simulated broker of a paper account.</summary>
    private static readonly ObjectShape Broker = new(
        "broker",
        new Key("kind", new ChoiceShape([.. BrokerKinds.Names]), "The platform that is simulated, and how it holds trades.") { Required = true },
        new Key("symbols", new ListShape(new TextOrObjectShape(SymbolText, SymbolObject), 1_000), "Symbols of the simulator's catalogue; absent or empty = all of them.", "[]"),
        new Key("suffix", Affix, "Put after each symbol's name, as brokers do: \".m\".", "\"\""),
        new Key("balance", new NumberShape(1_000_000_000_000m, 0), "Opening balance. Used when the account is first made; later its stored balance counts.", "100000"),
        new Key("currency", new TextShape("^[A-Z]{3}$", "three capital letters such as \"USD\""), "Deposit currency.", "\"USD\""),
        new Key("leverage", new NumberShape(10_000m, 1), "100 stands for 1:100.", "100"),
        new Key("commissionPerLot", new NumberShape(1_000_000m, 0), "Commission a lot and side, in the deposit currency.", "0"),
        new Key("executionDelayMin", Duration(TimeSpan.Zero, TimeSpan.FromMinutes(10)), "Shortest time that the broker takes to execute a request.", "\"20ms\""),
        new Key("executionDelayMax", Duration(TimeSpan.Zero, TimeSpan.FromMinutes(10)), "Longest time that the broker takes to execute a request.", "\"80ms\""),
        new Key("absenceHorizon", Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)),
            "How long after its deadline an order that is not there may still be executed. Default: 60 s on MT4, 10 s elsewhere."),
        new Key("answerTimeout", Duration(TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(5)), "How long an answer may take before the order counts as unknown.", "\"2s\""),
        new Key("tradingHours", new ChoiceShape("always", "market"), "When orders are taken: round the clock, or in the hours of the real market.", "\"always\""),
        new Key("stopOutLevel", new NumberShape(1_000m, 0), "Margin level in percent below which the broker closes positions; 0 = never.", "50"));

    private static readonly Key Enabled = new("enabled", Flag, "false: no session is opened. The account and what is known of it stay.", "true");

    /// <summary>An account on a simulated broker.</summary>
    private static readonly ObjectShape PaperAccount = new(
        "account",
        new Key("platform", new ChoiceShape("paper"), "\"paper\" = a simulated broker inside the server.") { Required = true },
        Enabled,
        new Key("broker", Broker, "The simulated broker.") { Required = true });

    /// <summary>An account that terminals serve.</summary>
    private static readonly ObjectShape TerminalAccount = new(
        "account",
        new Key("platform", new ChoiceShape("mt4", "mt5"), "The terminal that the Expert Advisor runs in.") { Required = true },
        Enabled,
        new Key("login", new NumberShape(9_007_199_254_740_991m, 1, Whole: true), "Account number.") { Required = true },
        new Key("server", new TextShape("^[^\\u0000-\\u001F]{1,64}$", "1 to 64 characters, as the terminal shows it"), "The broker's server, as the terminal shows it: \"Broker-Demo\".") { Required = true },
        new Key("key", new SecretShape(), "A key that the Expert Advisor may say, 16 to 512 characters, by reference only; it never expires. Each account needs one of its own. Absent = only keys that the server made: docs/platforms/metatrader.md."),
        new Key("mode", new ChoiceShape("hedging", "netting", "fifo"), "How the account holds trades; a terminal that says otherwise is turned away. Absent = as the terminal says."),
        new Key("dailyBudget", new NumberShape(1_000_000, 0, Whole: true), "Trade requests that the terminal may send a day, as some firms limit them; 0 = no limit.", "0"),
        new Key("answerTimeout", Duration(TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(5)), "How long an answer may take before the order counts as unknown. Default: 5 s on MT4, 2 s on MT5."),
        new Key("absenceHorizon", Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)),
            "How long after its deadline an order that is not there may still be executed. Default: 60 s on MT4, 10 s on MT5."));

    /// <summary>An account that the Open API serves.</summary>
    private static readonly ObjectShape CTraderAccount = new(
        "account",
        new Key("platform", new ChoiceShape("ctrader"), "\"ctrader\" = a real account, reached over cTrader's Open API. Needs the section ctrader.") { Required = true },
        Enabled,
        new Key("ctidTraderAccountId", new NumberShape(9_007_199_254_740_991m, 1, Whole: true),
            "The trading account's number in the Open API (not the login). Absent = it is chosen when the account is authorised; given = no other one is taken."),
        new Key("environment", new ChoiceShape("demo", "live"), "Where the account lives; given, an account of the other side is not taken. Absent = as the platform says."),
        new Key("answerTimeout", Duration(TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(5)), "How long an answer may take before the order counts as unknown.", "\"5s\""),
        new Key("absenceHorizon", Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)),
            "How long after its deadline an order that is not there may still be executed.", "\"10s\""));

    /// <summary>One account.</summary>
    private static readonly VariantShape Account = new("platform", PaperAccount, TerminalAccount, CTraderAccount);

    /// <summary>One account as it is registered over the API: a caller names no files or variables of the server, and terminals get keys that are made for them.</summary>
    public static readonly VariantShape RegisteredAccount = new(
        "platform", PaperAccount, TerminalAccount with { Keys = [.. TerminalAccount.Keys.Where(k => k.Shape is not SecretShape)] }, CTraderAccount);

    /// <summary>The name of an account or link.</summary>
    public static readonly Shape AccountName = Name;

    private static readonly TextShape UrlText = new("^https?://[^\\s\\u0000-\\u001F#]{1,2000}$", "an address that begins with https:// (http:// only for this machine)");
    private static readonly TextShape HostText = new("^[A-Za-z0-9.:-]{1,253}$", "a host name or IP address");

    /// <summary>Section <c>ctrader.hosts</c>.</summary>
    private static readonly ObjectShape CTraderHosts = new(
        "hosts",
        new Key("demo", HostText, "Host of the demo environment.", "\"demo.ctraderapi.com\""),
        new Key("live", HostText, "Host of the live environment.", "\"live.ctraderapi.com\""),
        new Key("port", new NumberShape(65_535, 1, Whole: true), "Protobuf port of both.", "5035"),
        new Key("trust", PathText, "PEM file of certificates that are trusted beside the machine's own: those of a simulated server."));

    /// <summary>Section <c>ctrader</c>.</summary>
    private static readonly ObjectShape CTrader = new(
        "ctrader",
        new Key("clientId", new TextShape("^[!-~]{1,200}$", "1 to 200 printable ASCII characters without spaces"), "Your registered application's client id.") { Required = true },
        new Key("clientSecret", new SecretShape(), "Its secret, 1 to 512 characters, by reference only.") { Required = true },
        new Key("redirectUri", UrlText, "Where the trader's browser is sent back to, as it is registered with the application: this server's /ctrader/oauth/callback as the browser reaches it.") { Required = true },
        new Key("callbackWithoutState", new ChoiceShape("refuse", "single"),
            "What becomes of a callback that brings no state back. \"single\": taken when exactly one authorisation is open. See docs/platforms/ctrader.md.", "\"refuse\""),
        new Key("hosts", CTraderHosts, "Where the Open API is; for a simulated server.", "{}"),
        new Key("authorizeUrl", UrlText, "The consent page.", "\"https://id.ctrader.com/my/settings/openapi/grantingaccess/\""),
        new Key("tokenUrl", UrlText, "The token endpoint.", "\"https://openapi.ctrader.com/apps/token\""));

    /// <summary>Form of an exchange's name.</summary>
    public static readonly TextShape Exchange = new("^(?!amq\\.)[A-Za-z0-9._:-]{1,200}$", "1 to 200 letters, digits, '.', '_', ':' or '-', not beginning with \"amq.\"");

    private static readonly ChoiceShape AmqpKeys = new("canonical", "login", "bare", "underscore");

    /// <summary>Section <c>amqp.tls</c>.</summary>
    private static readonly ObjectShape AmqpTls = new(
        "tls",
        new Key("trust", PathText, "PEM file of certificates that are trusted beside the system's: a broker's own authority."),
        new Key("serverName", new TextShape("^[A-Za-z0-9.:-]{1,253}$", "a host's name"), "Name that the broker's certificate must have. Default: the URL's host."));

    /// <summary>Section <c>amqp</c>.</summary>
    private static readonly ObjectShape Amqp = new(
        "amqp",
        new Key("url", new SecretShape(), "Where the broker is, with user and password: amqp://user:password@host:5672/vhost, or amqps://… for TLS. By reference only. Absent = the environment variable AMQP_URL."),
        new Key("exchange", Exchange, "The topic exchange, durable; made when it is not there. Absent = the environment variable AMQP_EVENTS_EXCHANGE, or else \"lockstep.events\"."),
        new Key("keyStyle", AmqpKeys, "Form of the routing keys. See docs/amqp.md.", "\"canonical\""),
        new Key("aliases", new ListShape(AmqpKeys, 4), "More forms under which every message is routed too; a queue that several of them lead to gets it once.", "[]"),
        new Key("prices", Flag, "Quotes are published. They are conflated: of several in an interval only the last.", "true"),
        new Key("priceInterval", Duration(TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1)), "Shortest time between two published quotes of a symbol.", "\"100ms\""),
        new Key("stateInterval", Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)),
            "Shortest time between two published states of an account of which only floating results changed; what is opened, changed or closed is published at once.", "\"1s\""),
        new Key("persistent", Flag, "Events are marked persistent: durable queues keep them over a restart of the broker. Prices and states never are.", "true"),
        new Key("unconfirmed", new NumberShape(10_000, 1, Whole: true), "Events that may be under way without the broker's confirmation; 1 = strictly one after another.", "256"),
        new Key("tls", AmqpTls, "For amqps:// only.", "{}"));

    /// <summary>The whole.</summary>
    public static readonly ObjectShape Root = new(
        "configuration",
        SchemaKey,
        new Key("server", Server, "The HTTP API.", "{}"),
        new Key("data", PathText, "Folder of the journal and all other durable state; made when it is not there. A relative path counts from the configuration file's folder.", "\"lockstep-data\""),
        new Key("accounts", new MapShape(Account, NamePattern, NameForm), "The trading accounts, by name. More can be registered over the API.", "{}"),
        new Key("links", new ListShape(LinkFormat.Link), "What is copied or hedged from where to where.", "[]"),
        new Key("quotes", Quotes, "The market that the simulated brokers see.", "{}"),
        new Key("ctrader", CTrader, "Your registration for cTrader's Open API; needed by accounts with platform \"ctrader\"."),
        new Key("amqp", Amqp, "Events are published to RabbitMQ. Absent = off. See docs/amqp.md."),
        new Key("alerts", OpsFormat.Alerts, "What is watched, and who is told.", "{}"),
        new Key("telemetry", OpsFormat.Telemetry, "Where metrics are sent to.", "{}"),
        new Key("secretKey", new SecretShape(),
            "Key that tokens in the data folder are encrypted with, 32 to 512 characters, by reference only. Absent = the environment variable LOCKSTEP_SECRET_KEY, or else the file secret.key, which is made in the data folder."));
}

using System.Net;
using Lockstep.CTrader.OAuth;
using Lockstep.CTrader.Session;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Alerts;
using Lockstep.Server.Metrics;
using Lockstep.Server.Rest;
using Lockstep.Simulator;

namespace Lockstep.Server.Configuration;

/// <summary>A configuration that was found right.</summary>
internal sealed record LockstepConfig
{
    /// <summary>The HTTP API.</summary>
    public ServerConfig Server { get; init; } = new();

    /// <summary>Folder of all durable state, as a full path.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The accounts, by name.</summary>
    public required IReadOnlyList<AccountConfig> Accounts { get; init; }

    /// <summary>The links, in the file's order.</summary>
    public required IReadOnlyList<LinkSettings> Links { get; init; }

    /// <summary>The market.</summary>
    public QuotesConfig Quotes { get; init; } = new();

    /// <summary>Registration for the Open API; null = none.</summary>
    public CTraderConfig? CTrader { get; init; }

    /// <summary>Where events are published to; null = nowhere.</summary>
    public AmqpConfig? Amqp { get; init; }
    /// <summary>What is watched, and who is told.</summary>
    public AlertsConfig Alerts { get; init; } = new();

    /// <summary>Where metrics are sent to; null = nowhere.</summary>
    public OtlpConfig? Otlp { get; init; }

    /// <summary>Where the key for tokens is; null = the environment or the data folder.</summary>
    public SecretReference? SecretKey { get; init; }

    /// <summary>Accounts and links as the engine knows them.</summary>
    public GroupSettings Settings => new() { Accounts = [.. Accounts.Select(a => a.Id)], Links = Links };

    /// <summary>One account, or null.</summary>
    public AccountConfig? Account(AccountId id) => Accounts.FirstOrDefault(a => a.Id == id);
}

/// <summary>The HTTP API.</summary>
internal sealed record ServerConfig
{
    /// <summary>TCP port; 0 = a free one.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>Address to listen on.</summary>
    public IPAddress Bind { get; init; } = IPAddress.Loopback;

    /// <summary>False only where the configuration says "auth": "none" in so many words.</summary>
    public bool NeedsKey { get; init; } = true;

    /// <summary>Where the key is.</summary>
    public SecretReference? ApiKey { get; init; }

    /// <summary>Where the secret is that services share; null = there is none.</summary>
    public SecretReference? SharedSecret { get; init; }

    /// <summary>What the shared secret is good for.</summary>
    public Scope SharedScope { get; init; } = Scope.Trade;

    /// <summary>Addresses and networks of proxies that say in X-Forwarded-For who asks; nobody else is believed.</summary>
    public IReadOnlyList<string> Proxies { get; init; } = [];

    /// <summary>Origins whose web pages may call the API (<c>https://desk.example.com</c>).</summary>
    public IReadOnlyList<string> Cors { get; init; } = [];

    /// <summary>Requests and connections.</summary>
    public LimitsConfig Limits { get; init; } = new();

    /// <summary>Certificate of HTTPS; null = plain HTTP.</summary>
    public TlsConfig? Tls { get; init; }

    /// <summary>Time between two quotes of a symbol that a terminal need not quote at once; zero = none.</summary>
    public TimeSpan EaQuoteInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Connections of terminals at the same time.</summary>
    public int EaMaxTerminals { get; init; } = 10_000;

    /// <summary>Messages a second that one terminal may send, sustained; five times as many at once.</summary>
    public int EaMessagesPerSecond { get; init; } = 400;
}

/// <summary>How much the HTTP API takes.</summary>
internal sealed record LimitsConfig
{
    /// <summary>Requests a second of one key, sustained; 0 = no limit. A key may have a limit of its own.</summary>
    public int RequestsPerSecond { get; init; } = 1_000;

    /// <summary>Requests of one key at once.</summary>
    public int Burst { get; init; } = 2_000;

    /// <summary>Requests a second from one address without a key, sustained; four times as many at once; 0 = no limit.</summary>
    public int AnonymousPerSecond { get; init; } = 50;

    /// <summary>Connections at the same time, beside those of terminals and streams.</summary>
    public int Connections { get; init; } = 20_000;
}

/// <summary>Certificate and key of HTTPS.</summary>
/// <param name="Certificate">PEM or PKCS#12 file, as a full path.</param>
/// <param name="Key">PEM file of the key, as a full path; null with PKCS#12.</param>
/// <param name="Password">Where the password is; null = none.</param>
internal sealed record TlsConfig(string Certificate, string? Key, SecretReference? Password);

/// <summary>Where a secret is: one of the two.</summary>
/// <param name="Env">Environment variable.</param>
/// <param name="File">File, as a full path.</param>
internal sealed record SecretReference(string? Env, string? File)
{
    /// <summary>For a message; never the secret.</summary>
    public override string ToString() => Env is not null ? $"environment variable {Env}" : $"file {File}";
}

/// <summary>One account: on a simulated broker, served by terminals, or by the Open API.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Enabled">False = no session is opened.</param>
internal sealed record AccountConfig(AccountId Id, bool Enabled)
{
    /// <summary>The simulated broker of a paper account; null elsewhere.</summary>
    public BrokerSettings? Broker { get; init; }

    /// <summary>What terminals must say to serve the account; null on paper.</summary>
    public TerminalConfig? Terminal { get; init; }

    /// <summary>How the Open API serves it; null elsewhere.</summary>
    public CTraderAccountConfig? CTrader { get; init; }

    /// <summary>The word of the configuration: <c>paper</c>, <c>mt4</c>, <c>mt5</c>, <c>ctrader</c>.</summary>
    public string Platform => Terminal is { } terminal ? BrokerKinds.PlatformWord(terminal.Platform) : CTrader is not null ? "ctrader" : "paper";

    /// <summary>Platform and mode: <c>mt5-hedging</c>; the platform alone where the mode is the terminal's to say.</summary>
    public string Kind => Mode is { } mode ? BrokerKinds.NameOf(Broker?.Platform ?? Terminal!.Platform, mode) : Platform;

    /// <summary>How it holds trades; null = the terminal says.</summary>
    public AccountMode? Mode => Broker?.Mode ?? Terminal?.Mode;

    /// <summary>What is known of its abilities before a session is up; null = nothing.</summary>
    public AccountCapabilities? Capabilities => Broker?.Capabilities ?? (Terminal is { Mode: { } mode } terminal
        ? new AccountCapabilities { Platform = terminal.Platform, Mode = mode, AbsenceHorizon = terminal.AbsenceHorizon ?? TimeSpan.FromSeconds(terminal.Platform == PlatformKind.Mt4 ? 60 : 10) }
        : null);
}

/// <summary>An account that terminals serve.</summary>
internal sealed record TerminalConfig
{
    /// <summary>MT4 or MT5.</summary>
    public required PlatformKind Platform { get; init; }

    /// <summary>Account number.</summary>
    public required long Login { get; init; }

    /// <summary>Broker server.</summary>
    public required string Server { get; init; }

    /// <summary>SHA-256 of the configured EA key, as hex digits; the key itself is forgotten at once. Null = none is configured.</summary>
    public required string? KeyHash { get; init; }

    /// <summary>What the terminal must say; null = whatever it says.</summary>
    public AccountMode? Mode { get; init; }

    /// <summary>Trade requests a day; 0 = no limit.</summary>
    public int DailyBudget { get; init; }

    /// <summary>How long an answer may take; null = the platform's default.</summary>
    public TimeSpan? AnswerTimeout { get; init; }

    /// <summary>Absence horizon; null = the platform's default.</summary>
    public TimeSpan? AbsenceHorizon { get; init; }
}

/// <summary>An account that the Open API serves.</summary>
internal sealed record CTraderAccountConfig
{
    /// <summary>ctidTraderAccountId; null = chosen when the account is authorised.</summary>
    public long? Ctid { get; init; }

    /// <summary>Where it must live; null = where the platform says.</summary>
    public OpenApiEnvironment? Environment { get; init; }

    /// <summary>How long an answer may take; null = the platform's default.</summary>
    public TimeSpan? AnswerTimeout { get; init; }

    /// <summary>Absence horizon; null = the platform's default.</summary>
    public TimeSpan? AbsenceHorizon { get; init; }
}

/// <summary>Registration for the Open API, and where it is.</summary>
/// <param name="ClientId">clientId.</param>
/// <param name="ClientSecret">Where clientSecret is.</param>
/// <param name="RedirectUri">Where browsers are sent back to.</param>
internal sealed record CTraderConfig(string ClientId, SecretReference ClientSecret, string RedirectUri)
{
    /// <summary>A callback without a state is taken when exactly one authorisation is open.</summary>
    public bool StateMayBeMissing { get; init; }

    /// <summary>The demo environment's host and port.</summary>
    public OpenApiAddress? Demo { get; init; }

    /// <summary>The live environment's host and port.</summary>
    public OpenApiAddress? Live { get; init; }

    /// <summary>PEM file of more trusted certificates, as a full path; null = none.</summary>
    public string? Trust { get; init; }

    /// <summary>The consent page.</summary>
    public Uri AuthorizeUrl { get; init; } = OAuthSettings.PublicAuthorize;

    /// <summary>The token endpoint.</summary>
    public Uri TokenUrl { get; init; } = OAuthSettings.PublicToken;
}

/// <summary>The market that the simulated brokers see.</summary>
internal sealed record QuotesConfig
{
    /// <summary>Seed of the generator.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Time between two generated quotes of a symbol.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Recorded quotes, as a full path; null = the generator.</summary>
    public string? File { get; init; }

    /// <summary>How many times faster than recorded.</summary>
    public decimal Speed { get; init; } = 1m;
}

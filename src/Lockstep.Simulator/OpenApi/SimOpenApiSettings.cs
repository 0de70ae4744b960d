namespace Lockstep.Simulator;

/// <summary>An application that the simulated server knows.</summary>
/// <param name="Id">clientId.</param>
/// <param name="Secret">clientSecret.</param>
/// <param name="RedirectUris">What it may be sent back to.</param>
public sealed record SimOpenApiApplication(string Id, string Secret, IReadOnlyList<string> RedirectUris)
{
    /// <summary>True: it may be sent back to any address of this machine too, as if that were registered. For trying out clients whose port nobody knows beforehand.</summary>
    public bool LoopbackRedirects { get; init; }

    /// <summary>False: it was handed in and not approved yet (CH_CLIENT_AUTH_FAILURE "OA client is not in active state").</summary>
    public bool Active { get; init; } = true;

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"application {Id}";
}

/// <summary>A trading account of the simulated server.</summary>
/// <param name="CtidTraderAccountId">The number that all requests name.</param>
/// <param name="Login">The trader's login.</param>
/// <param name="IsLive">Which environment it lives in.</param>
/// <param name="CtId">Whose it is: the cTrader ID (user) that may grant it.</param>
/// <param name="Broker">The simulated account.</param>
public sealed record SimOpenApiAccount(long CtidTraderAccountId, long Login, bool IsLive, string CtId, CTraderBroker Broker)
{
    /// <summary>brokerTitleShort and brokerName.</summary>
    public string BrokerName { get; init; } = "Simulated";
}

/// <summary>How the simulated server is. What the guide leaves open stands here with the default that it names (§6, §16).</summary>
public sealed record SimOpenApiSettings
{
    /// <summary>Applications.</summary>
    public IReadOnlyList<SimOpenApiApplication> Applications { get; init; } = [new("lockstep-demo", "demo-secret", [])];

    /// <summary>Life of an access token (2,628,000 s, guide §1).</summary>
    public TimeSpan TokenLife { get; init; } = TimeSpan.FromSeconds(2_628_000);

    /// <summary>Life of an authorisation code (one minute, §4).</summary>
    public TimeSpan CodeLife { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A silent client, or one that does not authenticate, is dropped after this (§4, §5).</summary>
    public TimeSpan IdleDrop { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The server's own heartbeat when it has nothing to say (§5).</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>Requests a second and connection, history apart (§6).</summary>
    public int RequestsPerSecond { get; init; } = 50;

    /// <summary>Requests for history a second and connection (§6).</summary>
    public int HistoryPerSecond { get; init; } = 5;

    /// <summary>Too many requests: true = REQUEST_FREQUENCY_EXCEEDED, false = BLOCKED_PAYLOAD_TYPE with retryAfter (§6).</summary>
    public bool FrequencyError { get; init; }

    /// <summary>Connections that one application may have; more get CONNECTIONS_LIMIT_EXCEEDED.</summary>
    public int ConnectionsMost { get; init; } = 25;

    /// <summary>False: any port serves accounts of both environments. True as it is (§2): account auth on the wrong one gets CANT_ROUTE_REQUEST.</summary>
    public bool RoutesByEnvironment { get; init; } = true;

    /// <summary>Code at account auth with an expired token: one of two candidates (§16).</summary>
    public string ExpiredTokenCode { get; init; } = "OA_AUTH_TOKEN_EXPIRED";

    /// <summary>Answers carry fields that stand in no .proto file (§2).</summary>
    public bool UnknownFields { get; init; } = true;

    /// <summary>True = <c>state</c> comes back with the code (§4: reports differ).</summary>
    public bool EchoState { get; init; } = true;

    /// <summary>Rows in a page of a deal or order list.</summary>
    public int PageRows { get; init; } = 500;

    /// <summary>Ticks in a page (§16: the real size is not known).</summary>
    public int TickPageRows { get; init; } = 5_000;

    /// <summary>Ticks that are kept for each symbol of an account, for ticks and candles.</summary>
    public int TicksKept { get; init; } = 20_000;

    /// <summary>Most candles in an answer (§11: 5000 were honoured).</summary>
    public int BarsMost { get; init; } = 5_000;

    /// <summary>Code when a token of view scope is used to trade (§15: not recorded).</summary>
    public string ViewOnlyCode { get; init; } = CtErrorCode.TradingNotAllowed;

    /// <summary>Events of the server that follow from a request carry its clientMsgId too (§14.4; recorded so).</summary>
    public bool FollowUpIds { get; init; } = true;

    /// <summary>Application and account authentication count as requests (§6: not known; clients do not pace them).</summary>
    public bool AuthenticationCounts { get; init; }

    /// <summary>What the leverage of a dynamic leverage tier is multiplied with (§16: plain or hundredths).</summary>
    public int DynamicLeverageFactor { get; init; } = 100;

    /// <summary>The delta of a withdrawal is below zero (§16: not known).</summary>
    public bool SignedWithdrawals { get; init; }
}

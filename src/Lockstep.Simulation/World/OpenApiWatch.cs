using System.Globalization;
using Lockstep.CTrader.OAuth;
using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>
/// An onlooker at our end of the wires to the Open API: it reads what is dialled, sent and heard, which commands a session was given and what it reported, and nothing of the connector. What must
/// hold is the guide's §4, 5, 6, 8, 14 and 15; each rule has a name, see docs/simulation.md.
/// </summary>
internal sealed partial class OpenApiWatch(ISimClock clock, Action<string, string> violate)
{
    private const long BackoffMost = 60_000;
    private static readonly TimeSpan Stable = TimeSpan.FromMinutes(5);
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private readonly HashSet<string> _orderIds = new(StringComparer.Ordinal);
    private readonly Dictionary<long, string> _secrets = [];
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private readonly Dictionary<OpenApiEnvironment, Way> _ways = [];
    private readonly Dictionary<OrderKey, Given> _given = [];
    private Timestamp? _stoppedAt;

    /// <summary>Tells a person of every frame but spots; null = nobody listens.</summary>
    public Action<string>? Tell { get; init; }

    /// <summary>Frames that were sent, heartbeats included.</summary>
    public long Sent { get; private set; }

    /// <summary>Connections that came to stand.</summary>
    public int Connections { get; private set; }

    /// <summary>The way to the server with the onlooker on it.</summary>
    public IOpenApiDialer Over(IOpenApiDialer dialer) => new Dialer(this, dialer);

    /// <summary>A grant's keeper with the onlooker before it.</summary>
    public ITokens Over(ITokens tokens) => new Tokens(this, tokens);

    /// <summary>Another process begins: it knows nothing of the pauses of the last one, and sends nothing for its commands.</summary>
    public void NewLife()
    {
        _ways.Clear();
        _given.Clear();
        _accounts.Clear();
    }

    /// <summary>A command is handed to the session of an account.</summary>
    public void Commanded(long ctid, OrderCommand command) => _given[command.Key] = new Given(ctid, command, clock.Now);

    /// <summary>A session is being stopped: a connection that nobody needs is closed, and that is no loss.</summary>
    public void Stopping() => _stoppedAt = clock.Now;

    /// <summary>A connection is lost or closed, or could not be made.</summary>
    private void Ended(Line line, bool wanted)
    {
        var way = line.Way;
        if (way.Line != line)
        {
            return;
        }

        // Who closes it because nobody needs it owes no pause.
        (way.Line, way.EndedAt) = (null, wanted ? null : clock.Now);
        way.Losses = line.ReadyAt is { } ready && clock.Now - ready >= Stable - TimeSpan.FromMilliseconds(100) ? 0 : way.Losses;
        way.Losses += wanted ? 0 : 1;
    }

    private Line Dial(IOpenApiDialer dialer, OpenApiEnvironment environment, IOpenApiWireEnd end)
    {
        if (!_ways.TryGetValue(environment, out var way))
        {
            _ways[environment] = way = new Way();
        }

        if (way.Line is not null)
        {
            violate("one-connection", $"{environment} was dialled while a connection to it was wanted");
        }

        // Half of a pause is certain, the rest is chance: 1 s, doubled with each loss in a row, 60 s at most.
        long least = way.Losses == 0 ? 0 : Math.Min(BackoffMost, 1_000L << Math.Min(way.Losses - 1, 20)) / 2;
        if (way.EndedAt is { } ended && (clock.Now - ended).TotalMilliseconds < least - 1)
        {
            violate("reconnects-back-off", string.Create(CultureInfo.InvariantCulture, $"{environment} was dialled {(clock.Now - ended).TotalMilliseconds:0} ms after loss {way.Losses} in a row; at least {least} ms are due"));
        }

        var line = way.Line = new Line(this, way, environment, end);
        line.Wire = dialer.Dial(environment, line);
        return line;
    }

    private void TokenRefused(ITokens tokens, GrantId grant, long version, string code)
    {
        if (!_secrets.TryGetValue(version, out string? secret) || !_refused.Contains(secret))
        {
            violate("no-refresh-without-refusal", $"token {version} was said to be refused ({code}), and no account authentication with it was");
        }

        tokens.Refused(grant, version, code);
    }

    /// <summary>The way to one environment.</summary>
    private sealed class Way
    {
        public Line? Line { get; set; }

        public Timestamp? EndedAt { get; set; }

        /// <summary>Losses since the last connection that stood for five minutes.</summary>
        public int Losses { get; set; }
    }

    /// <summary>A command that a session has, until it is answered.</summary>
    private sealed class Given(long ctid, OrderCommand command, Timestamp at)
    {
        public long Ctid => ctid;

        public OrderCommand Command => command;

        public Timestamp At => at;

        /// <summary>Frames that left for it.</summary>
        public int Frames { get; set; }

        /// <summary>clientMsgId of the last one.</summary>
        public string? Id { get; set; }

        /// <summary>The last one came to an end that leaves no doubt: another one may follow.</summary>
        public bool MayFollow { get; set; }

        /// <summary>What it is about, where it is not a new order.</summary>
        public (string What, long Id)? About => command switch
        {
            ReducePosition reduce => ("close", reduce.Position.Value),
            SetStops stops => ("stops", stops.Position.Value),
            AmendPending amend => ("amend", amend.Order.Value),
            CancelPending cancel => ("cancel", cancel.Order.Value),
            _ => null,
        };
    }

    private sealed class Dialer(OpenApiWatch watch, IOpenApiDialer dialer) : IOpenApiDialer
    {
        public IOpenApiWire Dial(OpenApiEnvironment environment, IOpenApiWireEnd end) => watch.Dial(dialer, environment, end);
    }

    private sealed class Tokens(OpenApiWatch watch, ITokens tokens) : ITokens
    {
        public event Action<GrantId>? Changed
        {
            add => tokens.Changed += value;
            remove => tokens.Changed -= value;
        }

        public AccessToken? Current(GrantId grant)
        {
            var token = tokens.Current(grant);
            if (token is not null)
            {
                watch._secrets[token.Version] = token.Secret;
            }

            return token;
        }

        public void Refused(GrantId grant, long version, string code) => watch.TokenRefused(tokens, grant, version, code);
    }
}

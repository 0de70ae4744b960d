using System.Buffers;
using Google.Protobuf;
using Lockstep.CTrader.OAuth;
using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>The Open API of a world: its server, the way to it, the trader's grant, and what goes wrong with them. All cTrader accounts that are not paper sessions live in it.</summary>
internal sealed class OpenApiHouse
{
    private readonly OpenApiPlan _plan;
    private readonly VirtualSimClock _clock;
    private readonly Story _story;
    private readonly SortedDictionary<AccountId, CTraderAccount> _accounts = [];
    private readonly Dictionary<(long Ctid, string What, long Id), OrderCommand> _sent = [];
    private readonly HashSet<OrderKey> _closed = [];
    private readonly SimOpenApi _server;
    private readonly SimOpenApiWire _wire;
    private readonly WorldTokens _tokens;
    private readonly OpenApiWatch _watch;
    private readonly IOpenApiDialer _watchedWire;
    private readonly ITokens _watchedTokens;
    private readonly EdgePlant _plant;
    private Timestamp _downUntil;
    private Timestamp _silentUntil;
    private bool _healed;

    public OpenApiHouse(
        OpenApiPlan plan, VirtualSimClock clock, IEnumerable<(AccountPlan Plan, SimBroker Broker)> accounts, SimRandom dice, EdgePlant plant, Story story, Action<string, string> violate)
    {
        (_plan, _clock, _plant, _story) = (plan, clock, plant, story);
        _server = new SimOpenApi(clock, dice.Fork("server")) { KeyOf = KeyOf };
        long number = 7_000_000;
        var brokers = new Dictionary<AccountId, SimBroker>();
        foreach (var (account, broker) in accounts)
        {
            number += 11;
            brokers.Add(account.Id, broker);
            _server.Add(new SimOpenApiAccount(number, 1_000_000 + number, account.OpenApi == OpenApiEnvironment.Live, WorldTokens.TheGrant.Value, (CTraderBroker)broker));
            _accounts.Add(account.Id, new CTraderAccount
            {
                Id = account.Id,
                CtidTraderAccountId = number,

                // A person may be wrong about it: the connector finds the right one.
                Environment = dice.Chance(90) ? account.OpenApi!.Value : account.OpenApi == OpenApiEnvironment.Live ? OpenApiEnvironment.Demo : OpenApiEnvironment.Live,
                Grant = WorldTokens.TheGrant,
                AbsenceHorizon = broker.Settings.Horizon,
            });
        }

        _wire = new SimOpenApiWire(_server, clock, dice.Fork("wire")) { Faults = Weather };
        _tokens = new WorldTokens(_server, clock, dice.Fork("tokens"));
        _watch = new OpenApiWatch(clock, violate) { Tell = story.On ? text => story.Tell(clock.Now, "wire", text) : null };
        (_watchedWire, _watchedTokens) = (_watch.Over((IOpenApiDialer)_wire), _watch.Over((ITokens)_tokens));
        if (plan.Faults is { MutePercent: 0m, BlockPercent: 0m, RejectPercent: 0m, ForgetPercent: 0m })
        {
            _watch.LookAtBooks(account => brokers.GetValueOrDefault(account));
        }
    }

    /// <summary>The application that the server knows.</summary>
    public OpenApiApplication Application => new(_server.Settings.Applications[0].Id, _server.Settings.Applications[0].Secret);

    private OpenApiWireFaults Weather => new()
    {
        LatencyMax = _plan.LatencyMax,
        BreakPercent = _healed ? 0m : _plan.BreakPercent,
        Down = _downUntil > _clock.Now,
        Silent = _silentUntil > _clock.Now,
    };

    /// <summary>The account as the hub knows it; null when it is not reached over the Open API.</summary>
    public CTraderAccount? Account(AccountId account) => _accounts.GetValueOrDefault(account);

    /// <summary>What one life of the server's process sees of it: nothing more once that process is dead.</summary>
    public Edge EdgeOf(ServerLife life)
    {
        _watch.NewLife();
        return new Edge(this, life);
    }

    /// <summary>A session is being stopped.</summary>
    public void Stopping() => _watch.Stopping();

    /// <summary>A session reports to the engine.</summary>
    public void Reported(PlatformEvent report) => _watch.Reported(report, _accounts[report.Account].CtidTraderAccountId);

    /// <summary>A command is handed to its session: closings and changes carry no key on the wire, and the broker's books must still say whose they were.</summary>
    public void Sent(OrderCommand command)
    {
        if (!_accounts.TryGetValue(command.Account, out var account))
        {
            return;
        }

        _watch.Commanded(account.CtidTraderAccountId, command);
        (string What, long Id)? at = command switch
        {
            ReducePosition reduce => ("close", reduce.Position.Value),
            SetStops stops => ("stops", stops.Position.Value),
            AmendPending amend => ("amend", amend.Order.Value),
            CancelPending cancel => ("cancel", cancel.Order.Value),
            _ => null,
        };
        if (at is { } place)
        {
            _sent[(account.CtidTraderAccountId, place.What, place.Id)] = command;
        }
    }

    /// <summary>The server begins to be difficult.</summary>
    public void BeginTrouble() => _server.Faults = _healed ? SimOpenApiFaults.None : _plan.Faults;

    /// <summary>Schedules what goes wrong.</summary>
    public void PlanTrouble()
    {
        foreach (var trouble in _plan.Troubles)
        {
            _clock.Schedule(trouble.After, () => Happen(trouble));
        }
    }

    /// <summary>Nobody reaches the Open API for a while.</summary>
    public void Outage(TimeSpan lasts)
    {
        _downUntil = Timestamp.Max(_downUntil, _clock.Now + lasts);
        Blow();
        _wire.Cut("outage");
        _clock.Schedule(lasts, Blow);
    }

    /// <summary>The trouble is over.</summary>
    public void Heal()
    {
        _healed = true;
        (_downUntil, _silentUntil) = (_clock.Now, _clock.Now);
        _server.Faults = SimOpenApiFaults.None;
        Blow();
    }

    /// <summary>The server's process is gone, and its connections with it.</summary>
    public void ServerDied() => _wire.Cut("the process is gone");

    private void Happen(OpenApiTrouble trouble)
    {
        if (_healed)
        {
            return;
        }

        if (_story.On)
        {
            _story.Tell(_clock.Now, "open api", $"{trouble.Event}, {trouble.Lasts.TotalSeconds:0.0} s");
        }

        switch (trouble.Event)
        {
            case OpenApiEvent.Cut:
                _wire.Cut("connection lost");
                break;
            case OpenApiEvent.Away:
                Outage(trouble.Lasts);
                break;
            case OpenApiEvent.HalfOpen:
                _silentUntil = Timestamp.Max(_silentUntil, _clock.Now + trouble.Lasts);
                Blow();
                _clock.Schedule(trouble.Lasts, Blow);
                break;
            case OpenApiEvent.Refreshed:
                _tokens.RefreshedElsewhere(trouble.Lasts);
                break;
            case OpenApiEvent.Maintenance:
                _server.Faults = _plan.Faults with { MaintenanceFor = trouble.Lasts };
                _clock.Schedule(trouble.Lasts, BeginTrouble);
                break;
        }
    }

    private void Blow() => _wire.Faults = Weather;

    private ulong? KeyOf(long ctid, IMessage request)
    {
        (string What, long Id)? at = request switch
        {
            ProtoOAClosePositionReq close => ("close", close.PositionId),
            ProtoOAAmendPositionSLTPReq stops => ("stops", stops.PositionId),
            ProtoOAAmendOrderReq amend => ("amend", amend.OrderId),
            ProtoOACancelOrderReq cancel => ("cancel", cancel.OrderId),
            _ => null,
        };
        if (at is not { } place || !_sent.TryGetValue((ctid, place.What, place.Id), out var command))
        {
            return null;
        }

        // One command may need several closings, where the position is larger than the largest order or grew meanwhile: the further ones are parts of the first. One that closes too much
        // shows in what is left.
        return request is ProtoOAClosePositionReq && !_closed.Add(command.Key) ? null : command.Key.Value;
    }

    /// <summary>The way from one life of the process to the Open API, and its view of the grant. Both end with that life, whoever still speaks.</summary>
    internal sealed class Edge : IOpenApiDialer, ITokens
    {
        private readonly OpenApiHouse _house;
        private readonly ServerLife _life;
        private readonly IOpenApiDialer _dialer;

        public Edge(OpenApiHouse house, ServerLife life)
        {
            (_house, _life) = (house, life);
            _dialer = house._watchedWire;
            if (house._plant is EdgePlant.RefreshOn2147 or EdgePlant.ResendOnReconnect or EdgePlant.LosePushes or EdgePlant.OneLevel)
            {
                _dialer = new OpenApiMistakes(house._plant, _dialer, house._clock, () => Refused(WorldTokens.TheGrant, Current(WorldTokens.TheGrant)?.Version ?? 0, "2147"));
            }

            house._tokens.Changed += grant =>
            {
                if (!life.Over)
                {
                    Changed?.Invoke(grant);
                }
            };
        }

        /// <inheritdoc/>
        public event Action<GrantId>? Changed;

        /// <inheritdoc/>
        public AccessToken? Current(GrantId grant) => _house._watchedTokens.Current(grant);

        /// <inheritdoc/>
        public void Refused(GrantId grant, long version, string code)
        {
            if (!_life.Over)
            {
                _house._watchedTokens.Refused(grant, version, code);
            }
        }

        /// <inheritdoc/>
        public IOpenApiWire Dial(OpenApiEnvironment environment, IOpenApiWireEnd end) => new Line(_life, _dialer.Dial(environment, new Ear(_life, end)));
    }

    private sealed class Line(ServerLife life, IOpenApiWire wire) : IOpenApiWire
    {
        public bool Send(ReadOnlySpan<byte> frame) => !life.Over && wire.Send(frame);

        public void Close()
        {
            if (!life.Over)
            {
                wire.Close();
            }
        }
    }

    private sealed class Ear(ServerLife life, IOpenApiWireEnd end) : IOpenApiWireEnd
    {
        public void Connected()
        {
            if (!life.Over)
            {
                end.Connected();
            }
        }

        public void Received(ReadOnlySequence<byte> frame)
        {
            if (!life.Over)
            {
                end.Received(frame);
            }
        }

        public void Closed(string why)
        {
            if (!life.Over)
            {
                end.Closed(why);
            }
        }
    }
}

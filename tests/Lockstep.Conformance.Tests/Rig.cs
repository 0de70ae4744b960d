using System.Security.Cryptography;
using System.Text;
using Lockstep.CTrader.OAuth;
using Lockstep.CTrader.Session;
using Lockstep.Domain;
using Lockstep.MetaTrader.Session;
using Lockstep.MqlHarness.Terminal;
using Lockstep.Simulator;

namespace Lockstep.Conformance.Tests;

/// <summary>What stands between the engine and a simulated broker: a paper session, or the EA link with a terminal at its end, simulated or a process with the real Expert Advisor.</summary>
internal sealed class Rig(VirtualSimClock clock) : IDisposable
{
    private const string Server = "Conformance-Demo";
    private readonly List<SimTerminal> _terminals = [];
    private readonly Dictionary<string, EaDriver> _experts = [];
    private readonly Dictionary<string, TerminalAccount> _served = [];
    private readonly List<EaDriver> _more = [];
    private int _accounts;
    private TerminalHub? _hub;
    private CTraderHub? _openApi;

    /// <summary>The clock of the brokers behind Expert Advisors.</summary>
    public BrokerTime Time { get; } = new(7200);

    /// <summary>Changes the terminals that are made from now on.</summary>
    public Func<EaTerminalOptions, EaTerminalOptions>? With { get; set; }

    /// <summary>Where MT5 terminals that are made from now on are sent, when something stands between.</summary>
    public Func<EaSocketLine, string>? Address { get; set; }

    /// <summary>The Expert Advisors, by account.</summary>
    public IReadOnlyDictionary<string, EaDriver> Experts => _experts;

    /// <summary>The simulated Open API server; null when no account is reached over it.</summary>
    public SimOpenApi? OpenApiServer { get; private set; }

    /// <summary>ctidTraderAccountId of accounts that are reached over it.</summary>
    public Dictionary<string, long> OpenApiNumbers { get; } = [];

    /// <summary>The way to it.</summary>
    public SimOpenApiWire? OpenApiWire { get; private set; }

    /// <summary>Puts something between our connector and the Open API server that is made when the first account of it is.</summary>
    public Func<SimOpenApi, IOpenApiDialer, (IOpenApiDialer Dialer, ITokens Tokens)>? OpenApiThrough { get; set; }

    /// <summary>The session of an account.</summary>
    public IAccountSession Session(string account, Kind kind, SimBroker broker)
    {
        var random = new SimRandom(8).Fork(account);
        return kind.IsTerminal() ? Terminal(account, broker, random) : kind.IsOpenApi() ? OpenApi(account, broker) : kind.IsEa() ? Expert(account, broker) : new SimSession(new AccountId(account), broker, clock, random);
    }

    /// <summary>Starts what has to run beside the sessions.</summary>
    public void Start()
    {
        foreach (var terminal in _terminals)
        {
            terminal.Start();
        }

        foreach (var expert in _experts.Values)
        {
            expert.Start();
        }
    }

    /// <summary>Another terminal with the Expert Advisor on the same account.</summary>
    public EaDriver Second(string account)
    {
        var broker = _experts[account].Broker;
        var expert = new EaDriver(clock, broker, () => _hub, Options(account, broker));
        _more.Add(expert);
        expert.Start();
        return expert;
    }

    /// <summary>The server's process dies and another one begins: no session says goodbye, the new ones count on from <paramref name="epoch"/>.</summary>
    public IReadOnlyDictionary<AccountId, IAccountSession> RestartServer(Func<AccountId, long> epoch)
    {
        foreach (var expert in _experts.Values.Concat(_more))
        {
            expert.Line.Abandon();
        }

        _hub = new TerminalHub(new ClockTime(clock));
        return _served.Values.ToDictionary(account => account.Id, account => (IAccountSession)_hub.Open(account, epoch(account.Id) + 1));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var expert in _experts.Values.Concat(_more))
        {
            expert.Dispose();
        }
    }

    private TerminalSession Terminal(string account, SimBroker broker, SimRandom random)
    {
        var (session, key, login) = Session(account, broker);
        var settings = new SimTerminalSettings { Key = key, Login = login, Server = Server, Time = new BrokerTime(7200) };
        _terminals.Add(new SimTerminal(settings, broker, new SimWire(clock, new HubWireServer(_hub!), random.Fork("wire")), random));
        return session;
    }

    private CTraderSession OpenApi(string account, SimBroker broker)
    {
        if (_openApi is null)
        {
            OpenApiServer = new SimOpenApi(clock, new SimRandom(9));
            OpenApiWire = new SimOpenApiWire(OpenApiServer, clock, new SimRandom(10));
            var application = OpenApiServer.Settings.Applications[0];
            var (dialer, tokens) = OpenApiThrough?.Invoke(OpenApiServer, OpenApiWire) ?? (OpenApiWire, new OneToken(() => OpenApiServer.Grants.Grant("trader", trading: true)));
            _openApi = new CTraderHub(new ClockTime(clock), new OpenApiApplication(application.Id, application.Secret), dialer, tokens);
            Repeat(_openApi.Tick, TimeSpan.FromMilliseconds(50));
        }

        long ctid = OpenApiNumbers[account] = 7_000_000 + _accounts++;
        OpenApiServer!.Add(new SimOpenApiAccount(ctid, 1_000_000 + ctid, IsLive: false, "trader", (CTraderBroker)broker));
        return _openApi.Open(new CTraderAccount { Id = new AccountId(account), CtidTraderAccountId = ctid, Environment = OpenApiEnvironment.Demo, Grant = new GrantId("trader") }, 1);
    }

    private TerminalSession Expert(string account, SimBroker broker)
    {
        var (session, _, _) = Session(account, broker);
        _experts.Add(account, new EaDriver(clock, broker, () => _hub, Options(account, broker), Address, With));
        Quote();
        return session;

        // An Expert Advisor believes its terminal's picture only when the market has moved since it connected.
        void Quote()
        {
            foreach (var (symbol, quote) in broker.Quotes.ToArray())
            {
                broker.OnQuote(new SymbolName(symbol), quote.Bid, quote.Ask);
            }

            clock.Schedule(TimeSpan.FromSeconds(1), Quote);
        }
    }

    private EaTerminalOptions Options(string account, SimBroker broker) => new()
    {
        Program = EaPrograms.Of(broker.Settings.Platform), Login = _served[account].Login, Server = Server, Time = Time, Inputs = new Dictionary<string, string> { ["LsKey"] = Key(account) },
    };

    private static string Key(string account) => $"the-ea-key-of-{account}";

    private (TerminalSession Session, string Key, long Login) Session(string account, SimBroker broker)
    {
        if (_hub is null)
        {
            _hub = new TerminalHub(new ClockTime(clock));
            Repeat(() => _hub!.Tick(), TimeSpan.FromMilliseconds(250));
        }

        string key = Key(account);
        long login = 5_000_000 + _accounts++;
        _served[account] = new TerminalAccount
        {
            Id = new AccountId(account), Platform = broker.Settings.Platform, Login = login, Server = Server, KeyHash = SHA256.HashData(Encoding.UTF8.GetBytes(key)),
        };
        return (_hub.Open(_served[account], 1), key, login);
    }

    private void Repeat(Action action, TimeSpan every)
    {
        action();
        clock.Schedule(every, () => Repeat(action, every));
    }

    /// <summary>A grant that is given when it is first needed: then all accounts are there.</summary>
    private sealed class OneToken(Func<SimTokenPair> grant) : ITokens
    {
        private AccessToken? _token;

        public event Action<GrantId>? Changed
        {
            add
            {
            }

            remove
            {
            }
        }

        public AccessToken? Current(GrantId id)
        {
            if (_token is null)
            {
                var pair = grant();
                _token = new AccessToken(pair.Access, 1, pair.ExpiresAt);
            }

            return _token;
        }

        public void Refused(GrantId id, long version, string code) => throw new InvalidOperationException($"the token was refused: {code}");
    }
}

/// <summary>The clock of the floor, as the link takes it.</summary>
internal sealed class ClockTime(VirtualSimClock clock) : TimeProvider
{
    public override long TimestampFrequency => 1_000_000;

    public override long GetTimestamp() => clock.Now.Micros;

    public override DateTimeOffset GetUtcNow() => clock.Now.ToDateTimeOffset();
}

using System.Security.Cryptography;
using System.Text;
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
    private int _accounts;
    private TerminalHub? _hub;

    /// <summary>The Expert Advisors, by account.</summary>
    public IReadOnlyDictionary<string, EaDriver> Experts => _experts;

    /// <summary>The session of an account.</summary>
    public IAccountSession Session(string account, Kind kind, SimBroker broker)
    {
        var random = new SimRandom(8).Fork(account);
        return kind.IsTerminal() ? Terminal(account, broker, random) : kind.IsEa() ? Expert(account, broker) : new SimSession(new AccountId(account), broker, clock, random);
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

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var expert in _experts.Values)
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

    private TerminalSession Expert(string account, SimBroker broker)
    {
        var (session, key, login) = Session(account, broker);
        var options = new EaTerminalOptions
        {
            Program = EaPrograms.Of(broker.Settings.Platform), Login = login, Server = Server, Time = new BrokerTime(7200), Inputs = new Dictionary<string, string> { ["LsKey"] = key },
        };
        _experts.Add(account, new EaDriver(clock, broker, () => _hub, options));
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

    private (TerminalSession Session, string Key, long Login) Session(string account, SimBroker broker)
    {
        if (_hub is null)
        {
            _hub = new TerminalHub(new ClockTime(clock));
            Tick();
        }

        string key = $"the-ea-key-of-{account}";
        long login = 5_000_000 + _accounts++;
        var session = _hub.Open(new TerminalAccount
        {
            Id = new AccountId(account), Platform = broker.Settings.Platform, Login = login, Server = Server, KeyHash = SHA256.HashData(Encoding.UTF8.GetBytes(key)),
        }, 1);
        return (session, key, login);
    }

    private void Tick()
    {
        _hub!.Tick();
        clock.Schedule(TimeSpan.FromMilliseconds(250), Tick);
    }

    /// <summary>The clock of the floor, as the link takes it.</summary>
    private sealed class ClockTime(VirtualSimClock clock) : TimeProvider
    {
        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => clock.Now.Micros;

        public override DateTimeOffset GetUtcNow() => clock.Now.ToDateTimeOffset();
    }
}

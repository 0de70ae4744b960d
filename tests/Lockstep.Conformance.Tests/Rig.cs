using System.Security.Cryptography;
using System.Text;
using Lockstep.Domain;
using Lockstep.MetaTrader.Session;
using Lockstep.Simulator;

namespace Lockstep.Conformance.Tests;

/// <summary>What stands between the engine and a simulated broker: a paper session, or the EA link with a terminal at its end.</summary>
internal sealed class Rig(VirtualSimClock clock)
{
    private readonly List<SimTerminal> _terminals = [];
    private TerminalHub? _hub;

    /// <summary>The session of an account.</summary>
    public IAccountSession Session(string account, Kind kind, SimBroker broker)
    {
        var random = new SimRandom(8).Fork(account);
        return kind.IsTerminal() ? Terminal(account, broker, random) : new SimSession(new AccountId(account), broker, clock, random);
    }

    /// <summary>Starts what has to run beside the sessions.</summary>
    public void Start()
    {
        foreach (var terminal in _terminals)
        {
            terminal.Start();
        }
    }

    private TerminalSession Terminal(string account, SimBroker broker, SimRandom random)
    {
        if (_hub is null)
        {
            _hub = new TerminalHub(new ClockTime(clock));
            Tick();
        }

        string key = $"the-ea-key-of-{account}";
        long login = 5_000_000 + _terminals.Count;
        var session = _hub.Open(new TerminalAccount
        {
            Id = new AccountId(account), Platform = broker.Settings.Platform, Login = login, Server = "Conformance-Demo", KeyHash = SHA256.HashData(Encoding.UTF8.GetBytes(key)),
        }, 1);
        var settings = new SimTerminalSettings { Key = key, Login = login, Server = "Conformance-Demo", Time = new BrokerTime(7200) };
        _terminals.Add(new SimTerminal(settings, broker, new SimWire(clock, new HubWireServer(_hub), random.Fork("wire")), random));
        return session;
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

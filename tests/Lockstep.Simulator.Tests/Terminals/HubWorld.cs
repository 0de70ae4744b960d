using System.Security.Cryptography;
using System.Text;
using Lockstep.Domain;
using Lockstep.MetaTrader.Session;

namespace Lockstep.Simulator.Tests.Terminals;

/// <summary>The server's own hub and session, and a terminal, over a simulated broker: all in one process and under one virtual clock.</summary>
internal sealed class HubWorld
{
    private const string Key = "k-0123456789abcdef";
    private readonly ulong _seed;
    private long _asks = 1_000_000;

    public HubWorld(PlatformKind platform, AccountMode mode, Func<BrokerSettings, BrokerSettings>? broker = null, int offset = 0, ulong seed = 7, bool keeps = true)
    {
        _seed = seed;
        World = new World(platform, mode, broker, seed: seed);
        Time = new BrokerTime(offset);
        Keeps = keeps;
        (Terminal, Wire) = Another(1);
        StartServer(1);
        Terminal.Start();
        Tick();
        Wait(1);
    }

    public World World { get; }

    public VirtualSimClock Clock => World.Clock;

    public BrokerTime Time { get; }

    public SimTickStore Ticks { get; } = new();

    /// <summary>Reports are durable at once; otherwise never.</summary>
    public bool Keeps { get; set; }

    public TerminalHub Hub { get; private set; } = null!;

    public TerminalSession Session { get; private set; } = null!;

    public Recorder Sink { get; private set; } = null!;

    public SimTerminal Terminal { get; }

    public SimWire Wire { get; }

    public List<SimWire> Wires { get; } = [];

    public List<SessionHealth> Healths { get; } = [];

    public long Epoch => Sink.Events.Count == 0 ? 0 : Sink.Events[^1].Epoch;

    public (SimTerminal Terminal, SimWire Wire) Another(ulong seed)
    {
        var wire = new SimWire(Clock, new Door(this), new SimRandom(seed).Fork("wire")) { Faults = WireFaults.None with { LatencyMin = TimeSpan.Zero, LatencyMax = TimeSpan.Zero } };
        Wires.Add(wire);
        var settings = new SimTerminalSettings { Key = Key, Login = 5001234, Server = "Broker-Demo", Time = Time, Synchronise = TimeSpan.Zero, Ticks = Ticks };
        return (new SimTerminal(settings, World.Broker, wire, new SimRandom(_seed + seed).Fork("terminal")), wire);
    }

    /// <summary>A server process begins; the one before it, if any, is gone with all it knew.</summary>
    public void StartServer(long firstEpoch)
    {
        Hub = new TerminalHub(new ClockTime(Clock));
        Session = Hub.Open(
            new TerminalAccount
            {
                Id = Commands.Account, Platform = World.Settings.Platform, Login = 5001234, Server = "Broker-Demo", KeyHash = SHA256.HashData(Encoding.UTF8.GetBytes(Key)),
            },
            firstEpoch);
        Sink = new Recorder();
        Session.Start(new Keeper(this, Session, Sink));
    }

    public void CrashServer(long nextEpoch)
    {
        StartServer(nextEpoch);
        Wires.ForEach(w => w.Cut("the server is gone"));
    }

    public void Wait(double seconds) => World.Wait(seconds);

    public BookSnapshot Ask(long id = 1)
    {
        Session.Ask(new AskId(id), Timestamp.Epoch);
        Wait(3);
        return Sink.Events.OfType<BookSnapshot>().Single(s => s.Ask.Value == id && s.Epoch == Epoch);
    }

    private void Tick() => Clock.Schedule(TimeSpan.FromMilliseconds(250), () =>
    {
        Hub.Tick();
        Tick();
    });

    private sealed class Keeper(HubWorld world, TerminalSession session, Recorder to) : ISessionSink
    {
        public void Report(PlatformEvent report)
        {
            to.Report(report);
            if (report is SessionOpened or AskFailed or Heartbeat { Differs: true })
            {
                // As the engine does: what it has is stale until it is told the whole.
                world.Clock.Schedule(TimeSpan.FromMilliseconds(10), () => session.Ask(new AskId(world._asks++), Timestamp.Epoch));
            }

            if (world.Keeps)
            {
                world.Clock.Schedule(TimeSpan.FromMilliseconds(2), () => session.Kept(report));
            }
        }

        public void Quote(AccountId account, SymbolName symbol, Quote quote) => to.Quote(account, symbol, quote);

        public void Funds(AccountId account, AccountFunds funds) => to.Funds(account, funds);

        public void Health(AccountId account, SessionHealth health) => world.Healths.Add(health);
    }

    private sealed class Door(HubWorld world) : ISimWireServer
    {
        public ISimWireServerLink? Connect(ITerminalTransport transport) => new HubWireServer(world.Hub).Connect(transport);
    }

    private sealed class ClockTime(VirtualSimClock clock) : TimeProvider
    {
        public override long TimestampFrequency => 1_000_000;

        public override DateTimeOffset GetUtcNow() => clock.Now.ToDateTimeOffset();

        public override long GetTimestamp() => clock.Now.Micros;
    }
}

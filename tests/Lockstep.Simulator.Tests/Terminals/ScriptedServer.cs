using System.Buffers;
using Lockstep.Domain;
using Lockstep.MetaTrader.Session;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.Simulator.Tests.Terminals;

/// <summary>A server that does what the protocol says and nothing more: it welcomes, acknowledges, keeps what it is told, and asks when a test wants it.</summary>
internal sealed class ScriptedServer(VirtualSimClock clock) : ISimWireServer
{
    private long _epoch;

    public List<Line> Lines { get; } = [];

    public Line Last => Lines[^1];

    public bool Acks { get; set; } = true;

    public bool Beats { get; set; } = true;

    public bool Welcomes { get; set; } = true;

    public int Quotes { get; set; } = 1000;

    public int Budget { get; set; }

    public string? RefuseWith { get; set; }

    /// <summary>Our clock is not the world's: nothing at the terminal may depend on it.</summary>
    public long ClockError { get; set; } = 7_000_000;

    public long Now => (clock.Now.Micros / 1000) + ClockError;

    /// <summary>Terminals by name: last event that is durable.</summary>
    public Dictionary<string, long> Durable { get; } = [];

    /// <summary>The events of all terminals in the order in which they came, each once.</summary>
    public List<LinkMessage> Events { get; } = [];

    public IEnumerable<ChangeMessage> Changes => Events.OfType<ChangeMessage>();

    public IEnumerable<AnswerMessage> Answers => Events.OfType<AnswerMessage>();

    public Line? Active => Lines.LastOrDefault(l => l.IsActive && l.IsOpen);

    public ISimWireServerLink? Connect(ITerminalTransport transport)
    {
        var line = new Line(this, transport);
        Lines.Add(line);
        return line;
    }

    public void Activate(Line line, long resume = 1)
    {
        line.IsActive = true;
        line.Epoch = ++_epoch;
        line.Send(new ActiveMessage(line.Epoch, resume));
    }

    internal sealed class Line(ScriptedServer server, ITerminalTransport transport) : ISimWireServerLink
    {
        public bool IsOpen { get; private set; } = true;

        public bool IsActive { get; set; }

        public long Epoch { get; set; }

        public HelloMessage? Hello { get; private set; }

        public List<LinkMessage> Messages { get; } = [];

        public Dictionary<long, WirePosition> Positions { get; } = [];

        public Dictionary<long, WireOrder> Orders { get; } = [];

        public long Number { get; private set; }

        public IEnumerable<SnapshotMessage> Snapshots => Messages.OfType<SnapshotMessage>();

        public BeatMessage Beat => Messages.OfType<BeatMessage>().Last();

        public int Largest { get; private set; }

        public ulong Digest => Positions.Values.Aggregate(0UL, (sum, p) => unchecked(sum + LinkCodec.Fingerprint(p))) + Orders.Values.Aggregate(0UL, (sum, o) => unchecked(sum + LinkCodec.Fingerprint(o)));

        public void Received(ReadOnlySpan<byte> text)
        {
            Largest = Math.Max(Largest, text.Length);
            var message = LinkCodec.Read(text);
            Assert.IsNotType<BadMessage>(message);
            Assert.IsNotType<UnknownMessage>(message);
            Messages.Add(message);
            switch (message)
            {
                case HelloMessage hello:
                    Greet(hello);
                    break;
                case ChangeMessage change:
                    Take(change.Number, change);
                    break;
                case AnswerMessage answer:
                    Take(answer.Number, answer);
                    break;
                case SnapshotMessage snapshot:
                    if (snapshot.Part == 1)
                    {
                        Positions.Clear();
                        Orders.Clear();
                    }

                    snapshot.Positions.ToList().ForEach(p => Positions[p.Id] = p);
                    snapshot.Orders.ToList().ForEach(o => Orders[o.Id] = o);
                    break;
                case BeatMessage when server.Beats && Hello is not null:
                    Send(new ServerBeatMessage(server.Now, IsActive ? server.Durable.GetValueOrDefault(Hello.Terminal) : 0));
                    break;
            }
        }

        public void Closed(string why) => IsOpen = false;

        public void Close(int code) => transport.Close(code, "test");

        public void SendRaw(ReadOnlySpan<byte> text) => transport.Send(text);

        public void Send(LinkMessage message)
        {
            var writer = new ArrayBufferWriter<byte>();
            LinkCodec.Write(message, writer);
            transport.Send(writer.WrittenSpan);
        }

        private void Greet(HelloMessage hello)
        {
            Hello = hello;
            if (server.RefuseWith is { } code)
            {
                Send(new RefusedMessage(code, "as the test wants", 3000));
                transport.Close(1008, code);
                return;
            }

            if (!server.Welcomes)
            {
                return;
            }

            IsActive = server.Lines.TrueForAll(l => l == this || !l.IsOpen || !l.IsActive || l.Hello?.Terminal == hello.Terminal);
            Epoch = IsActive ? ++server._epoch : 0;
            long resume = Math.Max(server.Durable.GetValueOrDefault(hello.Terminal), hello.Acked) + 1;
            Send(new WelcomeMessage(1, Epoch, IsActive, resume, server.Now, 5000, server.Quotes, server.Budget));
        }

        private void Take(long number, LinkMessage message)
        {
            string terminal = Hello!.Terminal;
            long durable = server.Durable.GetValueOrDefault(terminal);
            if (number > durable)
            {
                // After an overflow the first that is still there comes next.
                Assert.True(number == durable + 1 || number == Math.Max(Hello.First, durable + 1), $"event {number} after {durable}");
                server.Durable[terminal] = number;
                server.Events.Add(message);
            }

            if (message is ChangeMessage change && number > Number)
            {
                change.Positions.ToList().ForEach(p => Positions[p.Id] = p);
                change.Closed.ToList().ForEach(id => Positions.Remove(id));
                change.Orders.ToList().ForEach(o => Orders[o.Id] = o);
                change.Gone.ToList().ForEach(id => Orders.Remove(id));
            }

            Number = Math.Max(Number, number);
            if (server.Acks)
            {
                Send(new AckMessage(server.Durable[terminal]));
            }
        }
    }
}

/// <summary>A broker, a terminal, a wire and a scripted server under one virtual clock.</summary>
internal sealed class TerminalWorld
{
    public TerminalWorld(
        PlatformKind platform,
        AccountMode mode = AccountMode.Hedging,
        Func<SimTerminalSettings, SimTerminalSettings>? settings = null,
        Func<BrokerSettings, BrokerSettings>? broker = null,
        bool start = true,
        ulong seed = 7)
    {
        World = new World(platform, mode, broker, seed: seed);
        Server = new ScriptedServer(World.Clock);
        Settings = new SimTerminalSettings
        {
            Key = "k-0123456789abcdef", Login = 5001234, Server = "Broker-Demo", Time = Time, Synchronise = TimeSpan.Zero,
        };
        Settings = settings?.Invoke(Settings) ?? Settings;
        (Terminal, Wire) = Another();
        if (start)
        {
            Terminal.Start();
            Wait(1);
        }
    }

    public World World { get; }

    public VirtualSimClock Clock => World.Clock;

    public BrokerTime Time { get; } = new(10_800);

    public ScriptedServer Server { get; }

    public SimTerminalSettings Settings { get; }

    public SimTerminal Terminal { get; }

    public SimWire Wire { get; }

    public ScriptedServer.Line Line => Server.Active!;

    public (SimTerminal Terminal, SimWire Wire) Another(ulong seed = 1)
    {
        var wire = new SimWire(World.Clock, Server, new SimRandom(seed).Fork("wire"));
        return (new SimTerminal(Settings, World.Broker, wire, new SimRandom(seed).Fork("terminal")), wire);
    }

    public void Wait(double seconds) => World.Wait(seconds);

    public TerminalMoment? KilledAt { get; set; }

    public static string Id(int n) => Commands.Key(n).ToString();

    public CommandMessage Command(int key, WireDo what, Func<CommandMessage, CommandMessage>? with = null)
    {
        var command = new CommandMessage
        {
            Id = Id(key), Epoch = Line.Epoch, Now = Server.Now, Expires = Server.Now + 2000, Do = what, Symbol = World.Eur, Magic = Commands.Key(key).Magic,
        };
        return with?.Invoke(command) ?? command;
    }

    public AnswerMessage Do(int key, WireDo what, Func<CommandMessage, CommandMessage>? with = null, double wait = 1)
    {
        Line.Send(Command(key, what, with));
        Wait(wait);
        return Server.Answers.Last(a => a.Id == Id(key));
    }

    public AnswerMessage Open(int key, decimal lots = 0.3m, string side = "buy", decimal? sl = null, decimal? tp = null, decimal? worst = null, double wait = 1) =>
        Do(key, WireDo.Open, c => c with { Side = side, Lots = lots, Sl = sl, Tp = tp, Worst = worst }, wait);

    public AnswerMessage Reduce(int key, long position, decimal target) => Do(key, WireDo.Reduce, c => c with { Position = position, Lots = target });

    /// <summary>The whole truth, in parts.</summary>
    public IReadOnlyList<SnapshotMessage> Ask(long id = 77, long from = 0)
    {
        Line.Send(new AskMessage(id, from));
        Wait(5);
        return [.. Line.Snapshots.Where(s => s.Id == id)];
    }
}

using Lockstep.Domain;
using Lockstep.MetaTrader.Session;

namespace Lockstep.Simulator;

/// <summary>What goes wrong between a terminal and the server; set at run time through <see cref="SimWire.Faults"/>.</summary>
public sealed record WireFaults
{
    /// <summary>Nothing goes wrong.</summary>
    public static readonly WireFaults None = new();

    /// <summary>Shortest time of a message, either way.</summary>
    public TimeSpan LatencyMin { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Longest time of a message, either way.</summary>
    public TimeSpan LatencyMax { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Connecting fails.</summary>
    public bool Down { get; init; }

    /// <summary>Half-open: nothing arrives in either direction, and nobody is told.</summary>
    public bool Silent { get; init; }

    /// <summary>The terminal reads nothing: what the server sends piles up, until the server closes for it.</summary>
    public bool TerminalDoesNotRead { get; init; }

    /// <summary>A message of the terminal comes twice, in percent of messages.</summary>
    public decimal DuplicatePercent { get; init; }

    /// <summary>A message of the terminal comes late, overtaken by others, in percent of messages.</summary>
    public decimal LatePercent { get; init; }

    /// <summary>Longest delay of a late message.</summary>
    public TimeSpan LateMax { get; init; } = TimeSpan.FromMilliseconds(800);

    /// <summary>The connection breaks after a message, in percent of messages.</summary>
    public decimal BreakPercent { get; init; }
}

/// <summary>A server, as <see cref="SimWire"/> reaches it: the real one's hub, or a script.</summary>
public interface ISimWireServer
{
    /// <summary>A connection came in; null = refused at the door.</summary>
    ISimWireServerLink? Connect(ITerminalTransport transport);
}

/// <summary>The server's end of one connection.</summary>
public interface ISimWireServerLink
{
    /// <summary>One text message. The bytes are not kept.</summary>
    void Received(ReadOnlySpan<byte> text);

    /// <summary>The connection is gone.</summary>
    void Closed(string why);
}

/// <summary>The way from one terminal to a server in the same process, under a clock: in order, with latency and <see cref="WireFaults"/>.</summary>
public sealed class SimWire(ISimClock clock, ISimWireServer server, SimRandom random, string remote = "127.0.0.1") : ITerminalRoad
{
    private const int WaitingMax = 1024 * 1024;
    private Line? _line;

    /// <summary>What goes wrong from now on.</summary>
    public WireFaults Faults { get; set; } = WireFaults.None;

    /// <summary>True while a connection stands.</summary>
    public bool IsUp => _line is { IsOpen: true };

    /// <summary>Messages that arrived at the server.</summary>
    public long Up { get; private set; }

    /// <summary>Messages that arrived at the terminal.</summary>
    public long DownCount { get; private set; }

    /// <summary>Looks at every message on its way: true = from the terminal. For tests.</summary>
    public Action<bool, byte[]>? Tap { get; set; }

    /// <inheritdoc/>
    public void Connect(ITerminalEnd end)
    {
        _line?.Drop("another connection");
        var line = _line = new Line(this, end);
        clock.Schedule(Latency(), line.Open);
    }

    /// <inheritdoc/>
    public bool Send(ReadOnlySpan<byte> text) => _line is { IsOpen: true } line && line.SendUp(text);

    /// <inheritdoc/>
    public void Close(int code, string reason)
    {
        _line?.Drop($"{code} {reason}");
        _line = null;
    }

    /// <summary>Breaks the connection: what is on its way is lost, both ends are told.</summary>
    public void Cut(string why = "connection lost") => _line?.Break(why);

    private TimeSpan Latency() => random.NextSpan(Faults.LatencyMin, Faults.LatencyMax);

    private sealed class Line(SimWire wire, ITerminalEnd end) : ITerminalTransport
    {
        private readonly Queue<byte[]> _unread = new();
        private ISimWireServerLink? _link;
        private bool _over;
        private long _waiting;
        private Timestamp _upBusy;
        private Timestamp _downBusy;

        public string Remote => wire.RemoteAddress;

        public bool IsOpen => !_over && _link is not null;

        public void Open()
        {
            if (_over)
            {
                return;
            }

            if (wire.Faults.Down || wire.Faults.Silent)
            {
                if (!wire.Faults.Silent)
                {
                    _over = true;
                    end.Closed(1006, "no connection");
                }

                return;
            }

            _link = wire.Server.Connect(this);
            if (_link is null)
            {
                _over = true;
                end.Closed(1006, "refused at the door");
                return;
            }

            end.Connected();
        }

        public bool SendUp(ReadOnlySpan<byte> text)
        {
            byte[] copy = text.ToArray();
            wire.Tap?.Invoke(true, copy);
            Carry(copy, late: wire.Random.Chance(wire.Faults.LatePercent));
            if (wire.Random.Chance(wire.Faults.DuplicatePercent))
            {
                Carry(copy, late: true);
            }

            MaybeBreak();
            return true;
        }

        private void Carry(byte[] text, bool late)
        {
            var arrives = wire.Clock.Now + wire.Latency();
            if (late)
            {
                arrives += wire.Random.NextSpan(TimeSpan.FromMilliseconds(1), wire.Faults.LateMax);
            }
            else
            {
                arrives = _upBusy = Timestamp.Max(_upBusy, arrives);
            }

            wire.Clock.Schedule(arrives - wire.Clock.Now, () =>
            {
                if (IsOpen && !wire.Faults.Silent)
                {
                    wire.Up++;
                    _link!.Received(text);
                }
            });
        }

        bool ITerminalTransport.Send(ReadOnlySpan<byte> text)
        {
            if (_over)
            {
                return false;
            }

            byte[] copy = text.ToArray();
            wire.Tap?.Invoke(false, copy);
            if (_waiting + copy.Length > WaitingMax)
            {
                Break("the terminal does not read");
                return false;
            }

            _waiting += copy.Length;
            _downBusy = Timestamp.Max(_downBusy, wire.Clock.Now + wire.Latency());
            wire.Clock.Schedule(_downBusy - wire.Clock.Now, () =>
            {
                _unread.Enqueue(copy);
                Read();
            });
            MaybeBreak();
            return true;
        }

        void ITerminalTransport.Close(int code, string reason)
        {
            // After what was sent.
            _downBusy = Timestamp.Max(_downBusy, wire.Clock.Now + wire.Latency());
            wire.Clock.Schedule(_downBusy - wire.Clock.Now, () => Over(code, reason, reason));
        }

        private void Read()
        {
            if (wire.Faults.TerminalDoesNotRead && IsOpen)
            {
                wire.Clock.Schedule(TimeSpan.FromMilliseconds(100), Read);
                return;
            }

            while (_unread.TryDequeue(out byte[]? text))
            {
                _waiting -= text.Length;
                if (IsOpen && !wire.Faults.Silent)
                {
                    wire.DownCount++;
                    end.Received(text);
                }
            }
        }

        private void MaybeBreak()
        {
            if (wire.Random.Chance(wire.Faults.BreakPercent))
            {
                wire.Clock.Schedule(wire.Latency(), () => Break("connection lost"));
            }
        }

        /// <summary>Both ends are told, each at its own time; nothing on its way arrives.</summary>
        public void Break(string why) => wire.Clock.Schedule(TimeSpan.Zero, () => Over(1006, why, why));

        private void Over(int code, string why, string forServer)
        {
            if (_over)
            {
                return;
            }

            _over = true;
            var link = _link;
            _link = null;
            link?.Closed(forServer);
            end.Closed(code, why);
        }

        /// <summary>The terminal's side is gone: the server is told, unless nothing reaches it.</summary>
        public void Drop(string why)
        {
            if (_over)
            {
                return;
            }

            _over = true;
            var link = _link;
            _link = null;
            if (!wire.Faults.Silent && link is not null)
            {
                wire.Clock.Schedule(wire.Latency(), () => link.Closed(why));
            }
        }
    }

    private string RemoteAddress => remote;

    private ISimWireServer Server => server;

    private ISimClock Clock => clock;

    private SimRandom Random => random;
}

/// <summary>The server's own hub at the end of a <see cref="SimWire"/>.</summary>
public sealed class HubWireServer(TerminalHub hub) : ISimWireServer
{
    /// <inheritdoc/>
    public ISimWireServerLink? Connect(ITerminalTransport transport) => hub.Connect(transport) is { } link ? new HubLink(link) : null;

    private sealed class HubLink(TerminalLink link) : ISimWireServerLink
    {
        public void Received(ReadOnlySpan<byte> text) => link.Received(text);

        public void Closed(string why) => link.Closed(why);
    }
}

using System.Buffers;
using System.Globalization;
using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>What goes wrong between a client and the simulated server; set at run time through <see cref="SimOpenApiWire.Faults"/>.</summary>
public sealed record OpenApiWireFaults
{
    /// <summary>Nothing goes wrong.</summary>
    public static readonly OpenApiWireFaults None = new();

    /// <summary>Shortest time of a message, either way.</summary>
    public TimeSpan LatencyMin { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Longest time of a message, either way.</summary>
    public TimeSpan LatencyMax { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Connecting fails.</summary>
    public bool Down { get; init; }

    /// <summary>
    /// Half-open: nothing arrives in either direction, and nobody is told. Connecting never ends. A stream that lost something never goes on behind the gap: that direction stays dead.
    /// </summary>
    public bool Silent { get; init; }

    /// <summary>The connection breaks after a frame, in percent of frames.</summary>
    public decimal BreakPercent { get; init; }
}

/// <summary>
/// Connections from clients in the same process to the simulated server, under its clock: real frames through <see cref="OpenApiCodec"/> both ways, in order, with latency and faults.
/// </summary>
public sealed class SimOpenApiWire(SimOpenApi server, ISimClock clock, SimRandom random) : IOpenApiDialer
{
    private readonly List<Line> _lines = [];
    private long _lastPort = 40_000;

    /// <summary>What goes wrong from now on.</summary>
    public OpenApiWireFaults Faults { get; set; } = OpenApiWireFaults.None;

    /// <summary>Connections that stand.</summary>
    public int Connections => _lines.Count(l => l.IsOpen);

    /// <summary>Frames that arrived at the server.</summary>
    public long Up { get; private set; }

    /// <summary>Frames that arrived at the client.</summary>
    public long DownCount { get; private set; }

    /// <summary>Looks at every message that reaches the server (true) or leaves it (false). For tests and checkers.</summary>
    public Action<bool, OpenApiMessage>? Tap { get; set; }

    /// <inheritdoc/>
    public IOpenApiWire Dial(OpenApiEnvironment environment, IOpenApiWireEnd end)
    {
        var line = new Line(this, environment, end, string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{++_lastPort}"));
        _lines.RemoveAll(l => l.IsOver);
        _lines.Add(line);

        // The three-way handshake and that of TLS.
        clock.Schedule(Latency() + Latency(), line.Open);
        return line;
    }

    /// <summary>Breaks all connections: what is on its way is lost, both ends are told.</summary>
    public void Cut(string why = "connection lost")
    {
        foreach (var line in _lines.ToArray())
        {
            line.Cut(why);
        }
    }

    private TimeSpan Latency() => random.NextSpan(Faults.LatencyMin, Faults.LatencyMax);

    private sealed class Line(SimOpenApiWire wire, OpenApiEnvironment environment, IOpenApiWireEnd end, string remote) : IOpenApiWire, ISimOpenApiClient
    {
        private SimOpenApiLine? _line;
        private Timestamp _upBusy;
        private Timestamp _downBusy;
        private bool _upTorn;
        private bool _downTorn;

        public string Remote => remote;

        public bool IsOver { get; private set; }

        public bool IsOpen => !IsOver && _line is not null;

        public void Open()
        {
            if (IsOver || wire.Faults.Silent)
            {
                return;
            }

            _line = wire.Faults.Down ? null : wire.Server.Connect(environment, this);
            if (_line is null)
            {
                IsOver = true;
                end.Closed(wire.Faults.Down ? "no connection" : "refused at the door");
                return;
            }

            end.Connected();
        }

        bool IOpenApiWire.Send(ReadOnlySpan<byte> frame)
        {
            if (!IsOpen)
            {
                return false;
            }

            byte[] copy = frame.ToArray();
            _upBusy = Timestamp.Max(_upBusy, wire.Clock.Now + wire.Latency());
            wire.Clock.Schedule(_upBusy - wire.Clock.Now, () => Arrive(copy));
            MaybeBreak();
            return true;
        }

        void IOpenApiWire.Close()
        {
            if (IsOver)
            {
                return;
            }

            IsOver = true;
            var line = _line;
            _line = null;
            if (!wire.Faults.Silent && line is not null)
            {
                wire.Clock.Schedule(wire.Latency(), () => line.Closed("closed by the client"));
            }
        }

        bool ISimOpenApiClient.Send(OpenApiMessage message)
        {
            if (!IsOpen)
            {
                return false;
            }

            wire.Tap?.Invoke(false, message);
            var bytes = new ArrayBufferWriter<byte>();
            SimOpenApiBytes.Write(bytes, message);
            byte[] frame = bytes.WrittenSpan.ToArray();
            _downBusy = Timestamp.Max(_downBusy, wire.Clock.Now + wire.Latency());
            wire.Clock.Schedule(_downBusy - wire.Clock.Now, () =>
            {
                var buffer = new ReadOnlySequence<byte>(frame);
                _downTorn |= wire.Faults.Silent;
                if (!IsOver && !_downTorn && OpenApiCodec.TryTakeFrame(ref buffer, out var body))
                {
                    wire.DownCount++;
                    end.Received(body);
                }
            });
            MaybeBreak();
            return true;
        }

        void ISimOpenApiClient.Close()
        {
            // After what was sent.
            _line = null;
            _downBusy = Timestamp.Max(_downBusy, wire.Clock.Now + wire.Latency());
            wire.Clock.Schedule(_downBusy - wire.Clock.Now, () =>
            {
                if (!IsOver && !_downTorn && !wire.Faults.Silent)
                {
                    IsOver = true;
                    end.Closed("closed by the server");
                }
            });
        }

        public void Cut(string why) => wire.Clock.Schedule(TimeSpan.Zero, () =>
        {
            if (!IsOver)
            {
                IsOver = true;
                _line?.Closed(why);
                _line = null;
                end.Closed(why);
            }
        });

        private void Arrive(byte[] frame)
        {
            _upTorn |= wire.Faults.Silent;
            if (!IsOpen || _upTorn)
            {
                return;
            }

            wire.Up++;
            OpenApiMessage message;
            try
            {
                var buffer = new ReadOnlySequence<byte>(frame);
                message = OpenApiCodec.TryTakeFrame(ref buffer, out var body) && buffer.IsEmpty
                    ? SimOpenApiBytes.Read(body)
                    : throw new OpenApiFormatException("not one whole frame");
            }
            catch (OpenApiFormatException error)
            {
                _line!.ReceivedNonsense(error.Message);
                return;
            }

            wire.Tap?.Invoke(true, message);
            _line!.Received(message);
        }

        private void MaybeBreak()
        {
            if (wire.Random.Chance(wire.Faults.BreakPercent))
            {
                wire.Clock.Schedule(wire.Latency(), () => Cut("connection lost"));
            }
        }
    }

    private SimOpenApi Server => server;

    private ISimClock Clock => clock;

    private SimRandom Random => random;
}

using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Lockstep.Domain;
using Lockstep.MetaTrader.Session;
using Lockstep.MetaTrader.Wire;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>The terminals of one account, the way from them to whichever life of the server there is, and what goes wrong with them.</summary>
internal sealed class TerminalHouse : ISimWireServer
{
    // What a command may be late by clocks that are estimated, and by the way.
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(3);

    private readonly TerminalPlan _plan;
    private readonly SimBroker _broker;
    private readonly VirtualSimClock _clock;
    private readonly ServerHost _host;
    private readonly SimRandom _dice;
    private readonly Story _story;
    private readonly List<Desk> _desks = [];
    private readonly List<LinkLine> _lines = [];
    private readonly Dictionary<ulong, (Timestamp SentAt, TimeSpan Left)> _sent = [];
    private readonly HashSet<ulong> _inTime = [];
    private readonly SortedSet<ulong> _tooLate = [];
    private Timestamp _outUntil = Timestamp.Epoch;
    private bool _healed;

    public TerminalHouse(AccountPlan account, Timestamp start, SimBroker broker, VirtualSimClock clock, ServerHost host, SimRandom dice, Story story)
    {
        (_plan, _broker, _clock, _host, _dice, _story) = (account.Terminal!, broker, clock, host, dice, story);
        Name = account.Id;
        var time = new BrokerTime((int)_plan.Offset.TotalSeconds);
        if (_plan.ClockChangesAfter is { } after)
        {
            time.Change(start + after, (int)(_plan.Offset + _plan.ClockChangesBy).TotalSeconds);
        }

        string key = $"the-ea-key-of-{account.Id}";
        Account = new TerminalAccount
        {
            Id = account.Id,
            Platform = account.Broker.Platform,
            Login = 5_001_234,
            Server = "World-Demo",
            KeyHash = SHA256.HashData(Encoding.UTF8.GetBytes(key)),
            Mode = account.Broker.Mode,
            AbsenceHorizon = account.Broker.AbsenceHorizon,
        };
        var settings = new SimTerminalSettings
        {
            Key = key,
            Login = Account.Login,
            Server = Account.Server,
            Time = time,
            Mistake = Plant switch { EdgePlant.IgnoreLedger => TerminalMistake.IgnoresLedger, EdgePlant.IgnoreExpiry => TerminalMistake.IgnoresExpiry, _ => TerminalMistake.None },
        };
        for (int i = 0; i < _plan.Terminals; i++)
        {
            var random = dice.Fork(i);
            var wire = new SimWire(clock, this, random.Fork("wire"), $"{account.Id}/{i}") { Faults = Weather };
            var desk = new Desk(this, i, wire);
            desk.Terminal = new SimTerminal(settings, broker, desk, random.Fork("terminal"));
            _desks.Add(desk);
        }
    }

    /// <summary>The account's name.</summary>
    public AccountId Name { get; }

    /// <summary>The account as the hub knows it.</summary>
    public TerminalAccount Account { get; }

    /// <summary>A mistake that is planted.</summary>
    public EdgePlant Plant => _host.Edge;

    private WireFaults Weather => _healed
        ? WireFaults.None with { LatencyMax = _plan.LatencyMax }
        : WireFaults.None with
        {
            LatencyMax = _plan.LatencyMax,
            BreakPercent = _plan.BreakPercent,
            DuplicatePercent = _plan.DuplicatePercent,
            LatePercent = _plan.LatePercent,
            Down = _outUntil > _clock.Now,
        };

    /// <summary>The terminals are started.</summary>
    public void Start()
    {
        foreach (var desk in _desks)
        {
            _clock.Schedule(_dice.NextSpan(TimeSpan.Zero, TimeSpan.FromSeconds(1)), desk.Terminal.Start);
        }
    }

    /// <summary>Schedules what goes wrong.</summary>
    public void PlanTrouble()
    {
        foreach (var trouble in _plan.Troubles)
        {
            _clock.Schedule(trouble.After, () => Happen(trouble, _desks[trouble.Terminal]));
        }
    }

    /// <summary>The account cannot be reached for a while.</summary>
    public void Outage(TimeSpan lasts)
    {
        _outUntil = _clock.Now + lasts;
        foreach (var desk in _desks)
        {
            Wire(desk, w => w);
            desk.Wire.Cut("outage");
            _clock.Schedule(lasts, () => Wire(desk, w => w));
        }
    }

    /// <summary>The trouble is over: all run, all ways are free.</summary>
    public void Heal()
    {
        _healed = true;
        foreach (var desk in _desks)
        {
            desk.Wire.Faults = Weather;
            desk.Terminal.Kills = null;
            desk.Terminal.BrokerConnected = true;
            desk.Terminal.AutoTrading = true;
            desk.Terminal.Start();
        }
    }

    /// <summary>The server's process is gone. Most often its machine says so; sometimes it is gone as well, and the terminals find out for themselves.</summary>
    public void ServerDied()
    {
        _lines.Clear();
        foreach (var desk in _desks)
        {
            if (_dice.Chance(75))
            {
                desk.Wire.Cut("the server is gone");
            }
        }
    }

    /// <inheritdoc/>
    public ISimWireServerLink? Connect(ITerminalTransport transport)
    {
        if (_host.Life is not { Over: false } life || !life.Watches.TryGetValue(Name, out var watch) || LinkLine.Open(life, watch, transport, this) is not { } line)
        {
            return null;
        }

        if (Plant == EdgePlant.EarlyTakeover)
        {
            foreach (var other in _lines.Where(l => l.IsOpen))
            {
                other.ForgetSilently("another terminal came");
            }
        }

        _lines.RemoveAll(l => !l.IsOpen);
        _lines.Add(line);
        return line;
    }

    /// <summary>The server puts a message on its way.</summary>
    public void ServerSends(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("{\"t\":\"cmd\""u8) && LinkCodec.Read(text) is CommandMessage command && OrderKey.TryFind(command.Id, out var key))
        {
            _sent[key.Value] = (_clock.Now, TimeSpan.FromMilliseconds(command.Expires - command.Now));
            foreach (var desk in _desks.Where(d => !_healed && d.StallsFor > TimeSpan.Zero))
            {
                Wire(desk, w => w with { TerminalDoesNotRead = true });
                _clock.Schedule(desk.StallsFor, () => Wire(desk, w => w));
                desk.StallsFor = TimeSpan.Zero;
            }
        }

        if (_story.On && !text.StartsWith("{\"t\":\"beat\""u8))
        {
            _story.Tell(_clock.Now, Name.Value, $"<- {Encoding.UTF8.GetString(text)}");
        }
    }

    /// <summary>What must not be seen at the end.</summary>
    public void Check()
    {
        foreach (ulong key in _tooLate.Where(k => _broker.ExecutionsByKey.ContainsKey(k) && !_inTime.Contains(k)))
        {
            _host.Violate("expired-is-refused", $"{new OrderKey(key)} came to the terminal of {Name} long after its time and was executed");
        }
    }

    private void Happen(TerminalTrouble trouble, Desk desk)
    {
        if (_healed)
        {
            return;
        }

        if (_story.On)
        {
            _story.Tell(_clock.Now, Name.Value, $"terminal {trouble.Terminal}: {trouble.Fault}, {trouble.Lasts.TotalSeconds:0.0} s{(trouble.KeepsFiles ? "" : ", without its files")}");
        }

        switch (trouble.Fault)
        {
            case TerminalFault.Cut:
                desk.Wire.Cut();
                break;
            case TerminalFault.Away:
                For(trouble, desk, w => w with { Down = true });
                desk.Wire.Cut();
                break;
            case TerminalFault.HalfOpen:
                For(trouble, desk, w => w with { Silent = true });
                break;
            case TerminalFault.DoesNotRead:
                desk.StallsFor = trouble.Lasts;
                break;
            case TerminalFault.Killed:
                desk.Terminal.Kill(trouble.KeepsFiles);
                _clock.Schedule(trouble.Lasts, desk.Terminal.Start);
                break;
            case TerminalFault.KilledAtStep:
                KillAtStep(trouble, desk.Terminal);
                break;
            case TerminalFault.NoBroker:
                desk.Terminal.BrokerConnected = false;
                _clock.Schedule(trouble.Lasts, () => desk.Terminal.BrokerConnected = true);
                break;
            case TerminalFault.NoTrading:
                desk.Terminal.AutoTrading = false;
                _clock.Schedule(trouble.Lasts, () => desk.Terminal.AutoTrading = true);
                break;
        }
    }

    private void For(TerminalTrouble trouble, Desk desk, Func<WireFaults, WireFaults> fault)
    {
        Wire(desk, fault);
        _clock.Schedule(trouble.Lasts, () => Wire(desk, w => w));
    }

    private void Wire(Desk desk, Func<WireFaults, WireFaults> fault) => desk.Wire.Faults = _healed ? Weather : fault(Weather);

    private void KillAtStep(TerminalTrouble trouble, SimTerminal terminal)
    {
        int left = trouble.Step;
        terminal.Kills = moment =>
        {
            if (--left > 0)
            {
                return false;
            }

            terminal.Kills = null;
            if (_story.On)
            {
                _story.Tell(_clock.Now, Name.Value, $"a terminal dies {(moment.After ? "after" : "before")} {moment.Step}");
            }

            _clock.Schedule(trouble.Lasts, () =>
            {
                if (!trouble.KeepsFiles)
                {
                    terminal.Kill(keepFiles: false);
                }

                terminal.Start();
            });
            return true;
        };
    }

    /// <summary>One terminal at its end of the wire: what it sends and hears is looked at, and spoiled as the plan has it.</summary>
    private sealed class Desk(TerminalHouse house, int number, SimWire wire) : ITerminalRoad
    {
        private readonly Dictionary<(string Terminal, long Number), int> _texts = [];
        private long _lastSent;

        public SimTerminal Terminal { get; set; } = null!;

        /// <summary>With the next command it reads nothing for so long: a command that comes late is what it is about.</summary>
        public TimeSpan StallsFor { get; set; }

        public SimWire Wire => wire;

        public void Connect(ITerminalEnd end)
        {
            _lastSent = 0;
            wire.Connect(new Ear(house, end));
        }

        public bool Send(ReadOnlySpan<byte> text)
        {
            if (house._story.On && !(text.StartsWith("{\"t\":\"beat\""u8) || text.StartsWith("{\"t\":\"quotes\""u8) || text.StartsWith("{\"t\":\"funds\""u8)))
            {
                house._story.Tell(house._clock.Now, house.Name.Value, $"{number} -> {Encoding.UTF8.GetString(text)}");
            }

            bool change = text.StartsWith("{\"t\":\"change\""u8);
            if ((change ? LinkWatch.Number(text, "{\"t\":\"change\",\"n\":"u8) : LinkWatch.Number(text, "{\"t\":\"answer\",\"n\":"u8)) is { } event1)
            {
                Look(event1, text);
            }

            return wire.Send(change && !house._healed && house._dice.Chance(house._plan.HollowPercent) ? Hollow(text) : text);
        }

        public void Close(int code, string reason) => wire.Close(code, reason);

        /// <summary>Numbers have no gaps on a connection, and a number means one event for ever.</summary>
        private void Look(long n, ReadOnlySpan<byte> text)
        {
            if (n > Math.Max(_lastSent, Terminal.Disk.Acked) + 1)
            {
                house._host.Violate("events-without-gaps", $"{house.Name}: a terminal told event {n} after {_lastSent}");
            }

            _lastSent = Math.Max(_lastSent, n);
            var hash = new HashCode();
            hash.AddBytes(text);
            int print = hash.ToHashCode();
            if (!_texts.TryAdd((Terminal.Disk.Terminal, n), print) && _texts[(Terminal.Disk.Terminal, n)] != print)
            {
                house._host.Violate("one-event-per-number", $"{house.Name}: a terminal told event {n} twice, and differently");
            }
        }

        private static ReadOnlySpan<byte> Hollow(ReadOnlySpan<byte> text)
        {
            var change = (ChangeMessage)LinkCodec.Read(text);
            var buffer = new ArrayBufferWriter<byte>(text.Length);
            LinkCodec.Write(change with { Positions = [], Closed = [], Orders = [], Gone = [], Deals = [] }, buffer);
            return buffer.WrittenSpan;
        }
    }

    private sealed class Ear(TerminalHouse house, ITerminalEnd end) : ITerminalEnd
    {
        public void Connected() => end.Connected();

        public void Received(ReadOnlySpan<byte> text)
        {
            if (text.StartsWith("{\"t\":\"cmd\""u8) && LinkCodec.Read(text) is CommandMessage command && OrderKey.TryFind(command.Id, out var key))
            {
                Look(key.Value);
                if (!house._healed && house._dice.Chance(house._plan.RepeatPercent))
                {
                    byte[] again = text.ToArray();
                    house._clock.Schedule(house._dice.NextSpan(TimeSpan.Zero, TimeSpan.FromMilliseconds(900)), () => end.Received(again));
                }
            }

            end.Received(text);
        }

        public void Closed(int code, string why) => end.Closed(code, why);

        private void Look(ulong key)
        {
            var (sentAt, left) = house._sent[key];
            if (house._clock.Now - sentAt > left + Late && !house._broker.ExecutionsByKey.ContainsKey(key))
            {
                house._tooLate.Add(key);
            }
            else
            {
                house._inTime.Add(key);
            }
        }
    }
}

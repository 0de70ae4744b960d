using Lockstep.Domain;
using Lockstep.MetaTrader.Session;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Tests.Session;

/// <summary>Whatever terminals do, and in whatever order: one of them is active, and nobody hears of an epoch that is over.</summary>
public sealed class RandomTests
{
    [Fact]
    public void Two_terminals_deaths_and_beats_in_any_order_never_make_two_active_ones_nor_an_older_epoch()
    {
        var sums = new Dictionary<string, long>();
        for (int seed = 1; seed <= 300; seed++)
        {
            foreach (var (name, count) in Play(seed, 120))
            {
                sums[name] = sums.GetValueOrDefault(name) + count;
            }
        }

        // The dice brought everything about that matters here.
        foreach (string name in (string[])["takeovers", "replaced", "dead_by_beats", "sessions_opened", "repeats", "gaps", "history_events", "acks", "commands", "answers", "asks_failed"])
        {
            Assert.True(sums[name] > 100, $"{name}: {sums[name]}");
        }

        Assert.Equal(0, sums["sink_errors"]);
    }

    private static IReadOnlyList<KeyValuePair<string, long>> Play(int seed, int steps)
    {
        var dice = new Random(seed);
        var desk = new Desk(new TerminalHubOptions { ConnectionsPerSecond = 1_000_000 });
        var platform = dice.Next(2) == 0 ? PlatformKind.Mt4 : PlatformKind.Mt5;
        var (session, sink) = desk.Serve(platform);
        var terminals = new List<Player> { new(desk, platform, "1111111111111111"), new(desk, platform, "2222222222222222") };
        var seen = new Watcher();
        int asks = 0;
        Exception? wrong = null;
        sink.OnReport = e =>
        {
            try
            {
                seen.See(e, seed);
            }
            catch (Exception error) when (wrong is null)
            {
                // A session survives what its receiver throws; the test must not.
                wrong = error;
            }

            if (e is SessionOpened && dice.Next(4) > 0)
            {
                session.Ask(new AskId(++asks), desk.Now);
            }
        };
        for (int step = 0; step < steps; step++)
        {
            var one = terminals[dice.Next(2)];
            switch (dice.Next(14))
            {
                case 0 or 1:
                    one.Connect();
                    break;
                case 2:
                    one.Terminal?.Die();
                    break;
                case 3:
                    one.SetBroker(dice.Next(3) > 0);
                    break;
                case 4 or 5 or 6:
                    one.Change(dice.Next(1, 6), repeat: dice.Next(6) == 0, gap: dice.Next(10) == 0);
                    break;
                case 7:
                    one.AnswerAsks();
                    break;
                case 8:
                    desk.Pass(dice.Next(1, 8), [.. terminals.Select(t => t.Terminal).OfType<Terminal>()]);
                    break;
                case 9:
                    desk.Pass(dice.Next(1, 20));
                    break;
                case 10:
                    foreach (var report in sink.Events.TakeLast(dice.Next(20)).ToArray())
                    {
                        session.Kept(report);
                    }

                    break;
                case 11:
                    session.Send(new CancelPending
                    {
                        Account = session.Account, Key = OrderKey.From("r", step, seed, "c", 1), Symbol = new SymbolName("EURUSD"), Deadline = desk.Now + TimeSpan.FromSeconds(2), Order = new OrderId(1),
                    });
                    break;
                case 12:
                    one.AnswerCommands();
                    break;
                default:
                    session.Ask(new AskId(++asks), desk.Now);
                    break;
            }

            foreach (var terminal in terminals)
            {
                terminal.Read();
            }

            Assert.True(wrong is null, $"step {step}: {wrong?.Message}");
            var active = terminals.Where(t => t.Terminal is { IsClosed: false, IsActive: true }).ToList();
            Assert.True(active.Count <= 1, $"seed {seed}, step {step}: two active terminals");
            Assert.True(desk.Hub.Counters.Links == terminals.Count(t => t.Terminal is { IsClosed: false }), $"seed {seed}, step {step}: {desk.Hub.Counters.Links} links");
            Assert.True(desk.Hub.Counters.Active == (seen.Open ? 1 : 0), $"seed {seed}, step {step}: the session is counted wrongly");
            if (terminals.Any(t => t.Terminal is { IsClosed: false }) && active.Count == 0)
            {
                desk.Pass(0.5);
                Assert.True(terminals.Any(t => t.Terminal is { IsClosed: false, IsActive: true }) || terminals.All(t => t.Terminal is not { IsClosed: false }), $"seed {seed}, step {step}: nobody is active");
            }
        }

        return desk.Hub.Counters.Snapshot();
    }

    /// <summary>What the engine may expect of a session.</summary>
    private sealed class Watcher
    {
        private long _epoch;
        private long _sequence;

        public bool Open { get; private set; }

        public void See(PlatformEvent report, int seed)
        {
            switch (report)
            {
                case SessionOpened:
                    Assert.False(Open, $"seed {seed}: opened twice");
                    Assert.True(report.Epoch > _epoch, $"seed {seed}: epoch {report.Epoch} after {_epoch}");
                    (_epoch, _sequence, Open) = (report.Epoch, 0, true);
                    return;
                case SessionClosed:
                    Assert.True(Open, $"seed {seed}: closed and not open");
                    Open = false;
                    break;
                case BookChanged change:
                    Assert.True(Open, $"seed {seed}: a change and no session");
                    Assert.Equal(++_sequence, change.Sequence);
                    break;
                case BookSnapshot snapshot:
                    Assert.True(Open && snapshot.Sequence <= _sequence, $"seed {seed}: a snapshot of the future");
                    break;
                case Heartbeat beat:
                    Assert.True(Open && beat.Sequence == _sequence, $"seed {seed}: a beat of {beat.Sequence}, {_sequence} changes were told");
                    break;
            }

            Assert.True(report.Epoch == _epoch || !Open, $"seed {seed}: {report.GetType().Name} of epoch {report.Epoch} in {_epoch}");
            Assert.True(report.Epoch <= Math.Max(_epoch, 0) || report is AskFailed or OrderAnswered, $"seed {seed}: {report.GetType().Name} of epoch {report.Epoch}");
        }
    }

    /// <summary>A terminal with files: numbers, outbox and epoch outlive its connections.</summary>
    private sealed class Player(Desk desk, PlatformKind platform, string name)
    {
        private readonly List<(long Number, long Position)> _outbox = [];
        private readonly List<long> _asks = [];
        private readonly List<string> _commands = [];
        private long _epoch;
        private long _number;
        private long _acked;
        private bool _connected = true;

        public Terminal? Terminal { get; private set; }

        public void Connect()
        {
            Terminal = desk.Plug(name: name);
            Terminal.Connected = _connected;
            _asks.Clear();
            _commands.Clear();
            long first = _outbox.Count > 0 ? _outbox[0].Number : _number + 1;
            Terminal.Say(Terminal.Hello(platform == PlatformKind.Mt4 ? "mt4" : "mt5") with { Epoch = _epoch, Acked = Math.Min(_acked, _number), First = first, Last = _number });
            Read();
        }

        public void Read()
        {
            if (Terminal is not { } terminal)
            {
                return;
            }

            foreach (var message in terminal.Heard())
            {
                switch (message)
                {
                    case WelcomeMessage { Active: true } w:
                        Begin(w.Epoch, w.Resume, symbols: true);
                        break;
                    case ActiveMessage a:
                        Begin(a.Epoch, a.Resume, symbols: !_told.Equals(terminal));
                        break;
                    case AckMessage a:
                        Forget(a.Number);
                        break;
                    case ServerBeatMessage b:
                        Forget(b.Ack);
                        break;
                    case AskMessage a:
                        _asks.Add(a.Id);
                        break;
                    case CommandMessage c:
                        Assert.Equal(_epoch, c.Epoch);
                        _commands.Add(c.Id);
                        break;
                }
            }

            terminal.Number = _number;
        }

        public void Change(int position, bool repeat, bool gap)
        {
            if (Terminal is not { IsClosed: false, IsActive: true } terminal)
            {
                return;
            }

            if (repeat && _outbox.Count > 0)
            {
                Tell(terminal, _outbox[^1]);
                return;
            }

            _number += gap ? 2 : 1;
            _outbox.Add((_number, position));
            Tell(terminal, _outbox[^1]);
        }

        public void AnswerAsks()
        {
            foreach (long ask in _asks)
            {
                Terminal!.Number = _number;
                Terminal.Say(Terminal.Whole(ask, Terminal.Position(1)));
            }

            _asks.Clear();
        }

        public void AnswerCommands()
        {
            foreach (string command in _commands.ToArray())
            {
                Terminal!.Say(new AnswerMessage { Number = ++_number, Id = command, Outcome = "done", Code = 0 });
            }

            _commands.Clear();
        }

        public void SetBroker(bool connected)
        {
            _connected = connected;
            if (Terminal is { IsClosed: false } terminal)
            {
                terminal.Connected = connected;
                terminal.Number = _number;
                terminal.Beat();
            }
        }

        private object _told = new();

        private void Begin(long epoch, long resume, bool symbols)
        {
            Assert.True(epoch > _epoch);
            _epoch = epoch;
            Forget(resume - 1);
            if (symbols)
            {
                _told = Terminal!;
                Terminal!.Symbols();
            }

            foreach (var kept in _outbox.ToArray())
            {
                Tell(Terminal!, kept);
            }
        }

        private void Forget(long number)
        {
            _acked = Math.Max(_acked, Math.Min(number, _number));
            _outbox.RemoveAll(e => e.Number <= number);
        }

        private static void Tell(Terminal terminal, (long Number, long Position) kept) =>
            terminal.Say(new ChangeMessage { Number = kept.Number, Positions = [terminal.Position(kept.Position)] });
    }
}

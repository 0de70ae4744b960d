using Google.Protobuf;
using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.CTrader.Tests.Connection;

/// <summary>Whatever comes in whatever order: every request ends once, the server's limits are kept, and no order is sent twice.</summary>
public sealed class RandomTests
{
    [Fact]
    public void Requests_answers_refusals_and_losses_in_any_order_end_every_request_once()
    {
        var ends = new Dictionary<OpenApiEndKind, int>();
        var sums = new Dictionary<CTraderCount, long>();
        for (int seed = 1; seed <= 40; seed++)
        {
            var world = new World(seed);
            world.Play(400);
            foreach (var kind in world.Ends())
            {
                ends[kind] = ends.GetValueOrDefault(kind) + 1;
            }

            foreach (var count in Enum.GetValues<CTraderCount>())
            {
                sums[count] = sums.GetValueOrDefault(count) + world.Count(count);
            }
        }

        // The dice brought everything about that matters here.
        foreach (var kind in Enum.GetValues<OpenApiEndKind>())
        {
            Assert.True(ends.GetValueOrDefault(kind) > 130, $"{kind}: {ends.GetValueOrDefault(kind)}");
        }

        foreach (var count in (CTraderCount[])[CTraderCount.Losses, CTraderCount.TimeOuts, CTraderCount.LateAnswers, CTraderCount.RateRefusals, CTraderCount.SentAgain, CTraderCount.Paced, CTraderCount.Strays])
        {
            Assert.True(sums[count] > 40, $"{count}: {sums[count]}");
        }

        Assert.Equal(0, sums[CTraderCount.SinkErrors]);
    }

    [Fact]
    public void The_same_seed_plays_the_same_way()
    {
        Assert.Equal(Frames(3), Frames(3));
        Assert.NotEqual(Frames(3), Frames(4));

        static List<string> Frames(int seed)
        {
            var world = new World(seed);
            world.Play(300);
            return world.Frames;
        }
    }

    private sealed class World
    {
        private readonly Exchange _exchange;
        private readonly Random _dice;
        private readonly List<Seat> _seats = [];
        private readonly List<(Asked Asked, Seat Seat, bool IsOrder)> _asked = [];
        private readonly List<(Asked Asked, Seat Seat, bool IsOrder)> _open = [];
        private readonly List<(FakeWire Wire, OpenApiMessage Message, long At)> _sent = [];
        private readonly List<string> _old = [];
        private readonly Dictionary<FakeWire, int> _read = [];
        private readonly int _seed;
        private long _orders;

        public World(int seed)
        {
            (_seed, _dice) = (seed, new Random(seed));
            _exchange = new Exchange(new CTraderOptions { Seed = (ulong)seed });
            for (int i = 1; i <= 4; i++)
            {
                _seats.Add(_exchange.Sit(i));
            }
        }

        public List<string> Frames => [.. _sent.Select(s => $"{s.At} {s.Message.PayloadType} {s.Message.ClientMsgId}")];

        public long Count(CTraderCount count) => _exchange.Count(count);

        public IEnumerable<OpenApiEndKind> Ends() => _asked.Select(a => a.Asked.End.Kind);

        public void Play(int steps)
        {
            for (int step = 0; step < steps; step++)
            {
                Step();
                Look();
            }

            // Everything that is still open ends when all leave.
            foreach (var seat in _seats)
            {
                seat.Leave();
            }

            Look();
            Check();
        }

        private void Step()
        {
            var wire = _exchange.Wire;
            var seat = _seats[_dice.Next(_seats.Count)];
            switch (_dice.Next(20))
            {
                case 0 or 1 or 2:
                    for (int i = _dice.Next(1, 12); i > 0; i--)
                    {
                        Order(seat, _dice.Next(3));
                    }

                    break;
                case 3 or 4:
                    for (int i = _dice.Next(1, 25); i > 0; i--)
                    {
                        Add(seat.Ask("r", within: _dice.Next(1, 30)), seat, false);
                    }

                    break;
                case 5:
                    for (int i = _dice.Next(1, 6); i > 0; i--)
                    {
                        Add(seat.Ask("h", Lane.History, within: _dice.Next(1, 30)), seat, false);
                    }

                    break;
                case 6:
                    Add(seat.Ask("a", Lane.Control), seat, false);
                    break;
                case 7 or 8 or 9 or 10:
                    for (int i = _dice.Next(1, 20); i > 0 && wire.IsOpen; i--)
                    {
                        Answer(wire);
                    }

                    break;
                case 11 when wire.IsOpen && _old.Count > 0:
                    wire.Say(seat.Event(ProtoOAExecutionType.OrderFilled), _old[_dice.Next(_old.Count)]);
                    break;
                case 12 when wire.IsOpen:
                    wire.Say(new ProtoOASpotEvent { CtidTraderAccountId = _dice.Next(1, 7), SymbolId = 1 }, _dice.Next(2) == 0 ? null : "someone-else");
                    break;
                case 13 when wire.IsOpen && _dice.Next(3) == 0:
                    wire.Break();
                    break;
                case 14 when wire.IsOpen && _dice.Next(3) == 0:
                    wire.Say(new ProtoOAClientDisconnectEvent());
                    break;
                case 15 when _dice.Next(6) == 0:
                    wire.IsStuck = true;
                    break;
                case 16 when _dice.Next(3) == 0:
                    seat.Leave();
                    lock (_exchange.Hub.Gate)
                    {
                        _exchange.Demo.Sit(seat);
                    }

                    break;
                case 17:
                    _exchange.Pass(_dice.Next(1, 20));
                    break;
                default:
                    _exchange.Pass(_dice.Next(1, 20) * 0.05);
                    break;
            }

            if (wire.IsOpen && wire.All.Count == 0)
            {
                wire.Connect();
            }

            if (wire.IsOpen && wire.All.Count > 0 && !_exchange.Demo.IsReady && _dice.Next(2) == 0)
            {
                wire.Say(new ProtoOAApplicationAuthRes(), wire.All[0].ClientMsgId);
            }
        }

        /// <summary>An order, some of which lead to another one from inside their callbacks.</summary>
        private void Order(Seat seat, int depth)
        {
            var body = (ProtoOANewOrderReq)seat.Body(Lane.Trade);
            body.ClientOrderId = $"o{++_orders}";
            var asked = seat.Ask(
                "o",
                Lane.Trade,
                body,
                within: _dice.Next(1, 10),
                notAfter: _dice.Next(3) == 0 ? _dice.Next(1, 4) : null,
                more: m =>
                {
                    if (depth > 1 && _dice.Next(4) == 0)
                    {
                        Order(seat, depth - 1);
                    }

                    return m.Body is ProtoOAExecutionEvent { ExecutionType: ProtoOAExecutionType.OrderFilled };
                },
                done: _ =>
                {
                    if (depth > 0 && _dice.Next(3) == 0)
                    {
                        Order(seat, depth - 1);
                    }
                });
            Add(asked, seat, true);
        }

        private void Add(Asked asked, Seat seat, bool isOrder)
        {
            _asked.Add((asked, seat, isOrder));
            _open.Add((asked, seat, isOrder));
        }

        private void Answer(FakeWire wire)
        {
            _open.RemoveAll(a => a.Asked.Ends.Count > 0);
            var open = _open.Where(a => a.Asked.Request.Id is not null).ToList();
            if (open.Count == 0)
            {
                return;
            }

            var (asked, seat, isOrder) = open[_dice.Next(open.Count)];
            string id = asked.Id;
            switch (_dice.Next(10))
            {
                case 0:
                    wire.Refuse("BLOCKED_PAYLOAD_TYPE", "", id, seat.Ctid, (ulong)_dice.Next(1, 4));
                    break;
                case 1:
                    wire.Refuse("REQUEST_FREQUENCY_EXCEEDED", "", id);
                    break;
                case 2:
                    wire.Refuse("INVALID_REQUEST", "Trading account is not authorized", id, seat.Ctid);
                    break;
                case 3 when isOrder:
                    wire.Say(new ProtoOAOrderErrorEvent { CtidTraderAccountId = seat.Ctid, ErrorCode = "MARKET_CLOSED" }, id);
                    break;
                case 4 or 5 or 6 when isOrder:
                    wire.Say(seat.Event(ProtoOAExecutionType.OrderAccepted), id);
                    break;
                default:
                    wire.Say(
                        asked.Request.Lane switch
                        {
                            Lane.Trade => seat.Event(ProtoOAExecutionType.OrderFilled),
                            Lane.Read => seat.Trader(),
                            Lane.Control => new ProtoOAAccountAuthRes { CtidTraderAccountId = seat.Ctid },
                            _ => (IMessage)new ProtoOADealListRes { CtidTraderAccountId = seat.Ctid, HasMore = false },
                        },
                        id);
                    break;
            }
        }

        /// <summary>Notes what was sent since the last look, on all wires.</summary>
        private void Look()
        {
            foreach (var wire in _exchange.Dialer.Wires)
            {
                for (int i = _read.GetValueOrDefault(wire); i < wire.All.Count; i++)
                {
                    if (wire.All[i].Body is not ProtoHeartbeatEvent)
                    {
                        _sent.Add((wire, wire.All[i], wire.SentAt[i]));
                        _old.Add(wire.All[i].ClientMsgId!);
                    }
                }

                _read[wire] = wire.All.Count;
            }
        }

        private void Check()
        {
            string where = $"seed {_seed}";
            Assert.Empty(_exchange.Wrong);
            Assert.True(_asked.All(a => a.Asked.Ends.Count == 1), $"{where}: a request ended {string.Join(", ", _asked.Where(a => a.Asked.Ends.Count != 1).Select(a => a.Asked.Ends.Count).Distinct())} times");

            // No id twice, no order twice, and no order that is said to be not sent.
            Assert.True(_sent.DistinctBy(s => s.Message.ClientMsgId).Count() == _sent.Count, $"{where}: an id was used twice");
            var orders = _sent.Where(s => s.Message.Body is ProtoOANewOrderReq).Select(s => ((ProtoOANewOrderReq)s.Message.Body!).ClientOrderId).ToList();
            Assert.True(orders.Distinct().Count() == orders.Count, $"{where}: an order was sent twice");
            var sent = orders.ToHashSet();
            foreach (var (asked, _, isOrder) in _asked)
            {
                if (isOrder && asked.End.Kind == OpenApiEndKind.NotSent)
                {
                    Assert.False(sent.Contains(((ProtoOANewOrderReq)asked.Request.Body).ClientOrderId), $"{where}: an order that is said to be not sent was sent");
                }

                // The other way round: what is said to have an answer, a refusal or a time-out has left.
                if (isOrder && asked.End.Kind is OpenApiEndKind.Answered or OpenApiEndKind.Failed or OpenApiEndKind.TimedOut)
                {
                    Assert.True(sent.Contains(((ProtoOANewOrderReq)asked.Request.Body).ClientOrderId), $"{where}: an order that is said to have left did not");
                }
            }

            // In no second more than the lanes allow.
            Most(m => m is not ProtoOAAccountAuthReq and not ProtoOAApplicationAuthReq, 45, "requests");
            Most(m => m is ProtoOATraderReq or ProtoOADealListReq, 30, "reads");
            Most(m => m is ProtoOADealListReq, 4, "questions for history");

            void Most(Func<IMessage, bool> which, int most, string what)
            {
                var times = _sent.Where(s => which(s.Message.Body!)).Select(s => s.At).Order().ToList();
                for (int i = most; i < times.Count; i++)
                {
                    Assert.True(times[i] - times[i - most] > 1000, $"{where}: more than {most} {what} in a second at {times[i]}");
                }
            }
        }
    }
}

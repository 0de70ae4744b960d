using Lockstep.Domain;

namespace Lockstep.Engine.Tests;

/// <summary>A trading desk in words: accounts whose platform is played by the test, one engine, a clock that only the test moves.</summary>
internal sealed class Desk
{
    public static readonly Timestamp Start = Timestamp.From(new DateTimeOffset(2026, 1, 5, 10, 0, 0, TimeSpan.Zero));
    private readonly Dictionary<string, Platform> _platforms = [];
    private readonly List<Decision> _all = [];
    private int _read;
    private long _seq;

    public Desk(params LinkSettings[] links)
        : this(Plant.None, links)
    {
    }

    public Desk(Plant plant, params LinkSettings[] links)
    {
        Engine = new Engine(plant);
        Configure(links);
    }

    public Engine Engine { get; private set; }

    public Timestamp Now { get; private set; } = Start;

    public IReadOnlyList<Decision> All => _all;

    public IEnumerable<WhyEntry> Why => _all.OfType<WhyRecorded>().Select(w => w.Entry);

    public IEnumerable<AlertRaised> Alerts => _all.OfType<AlertRaised>();

    public static LinkSettings Link(string from = "src", string to = "dst", LinkKind kind = LinkKind.Copy, string? id = null) =>
        new() { Id = new LinkId(id ?? $"{from}-{to}"), Source = new AccountId(from), Target = new AccountId(to), Kind = kind };

    public void Configure(params LinkSettings[] links) => Step(new Configured(new GroupSettings
    {
        Accounts = [.. links.SelectMany(l => new[] { l.Source, l.Target }).Distinct()],
        Links = links,
    }));

    public Platform this[string account] => _platforms[account];

    /// <summary>Opens a session and answers the question for the first snapshot.</summary>
    public Platform Connect(string account, AccountMode mode = AccountMode.Hedging, PlatformKind platform = PlatformKind.Mt5, decimal contract = 100_000m, bool bareOpen = false)
    {
        if (!_platforms.TryGetValue(account, out var p))
        {
            _platforms[account] = p = new Platform(this, new AccountId(account), mode, platform, contract, bareOpen);
        }

        p.Open();
        return p;
    }

    public void Step(EngineEvent e)
    {
        Engine.Step(new Numbered(++_seq, Now, e), _all);
        Assert.False(Engine.Halted, _all.OfType<GroupHalted>().LastOrDefault()?.ToString());
    }

    /// <summary>Moves the clock and fires what is due, in its order.</summary>
    public void Wait(TimeSpan span)
    {
        var end = Now + span;
        while (Engine.Timers.Count > 0 && Engine.Timers[0].At <= end)
        {
            var (timer, at) = Engine.Timers[0];
            Now = Timestamp.Max(Now, at);
            Step(new TimerFired(timer));
        }

        Now = end;
    }

    /// <summary>Waits in steps of half a second, and lets the platform answer each question as it comes.</summary>
    public void WaitAnswering(double seconds, Platform platform)
    {
        for (double t = 0; t < seconds; t += 0.5)
        {
            int asked = _all.Count(d => d is AskAccount);
            Wait(0.5);
            if (_all.Count(d => d is AskAccount) > asked)
            {
                platform.Snapshot();
            }
        }
    }

    public void Wait(double seconds) => Wait(TimeSpan.FromSeconds(seconds));

    /// <summary>Commands decided since the last call.</summary>
    public List<OrderCommand> Sent()
    {
        var sent = _all.Skip(_read).OfType<SendOrder>().Select(s => s.Command).ToList();
        _read = _all.Count;
        return sent;
    }

    public T SentOne<T>()
        where T : OrderCommand
    {
        var sent = Sent();
        return Assert.IsType<T>(Assert.Single(sent));
    }

    /// <summary>Stops the process and starts it again from its captured state.</summary>
    public void Restart()
    {
        Engine = Engine.Restore(Engine.Capture());
        Step(new Restarted());
    }

    public AskId? OpenAsk(AccountId account) => _all.OfType<AskAccount>().LastOrDefault(a => a.Account == account)?.Ask;
}

/// <summary>One account's platform, played by the test.</summary>
internal sealed class Platform(Desk desk, AccountId id, AccountMode mode, PlatformKind kind, decimal contract, bool bareOpen)
{
    private readonly SortedDictionary<long, PositionReport> _positions = [];
    private readonly SortedDictionary<long, PendingReport> _orders = [];
    private readonly List<DealReport> _deals = [];
    private long _next = 1000;
    private long _sequence;

    public static readonly SymbolName Eurusd = new("EURUSD");

    public long Epoch { get; private set; }

    public AccountFunds Funds { get; set; } = new() { Balance = new Money(10_000), Equity = new Money(10_000), Margin = Money.Zero, FreeMargin = new Money(10_000), Currency = "USD", At = Desk.Start };

    public Quote Quote { get; set; } = new(new Price(1.1000m), new Price(1.1002m), Desk.Start);

    public IReadOnlyCollection<PositionReport> Positions => _positions.Values;

    public IReadOnlyCollection<PendingReport> Orders => _orders.Values;

    public SymbolSpec Spec { get; private set; } = new()
    {
        Name = Eurusd, ContractSize = contract, Digits = 5, TickSize = 0.00001m, MinLots = new Lots(0.01m), LotStep = new Lots(0.01m), MaxLots = new Lots(50m), BaseCurrency = "EUR",
    };

    /// <summary>The broker allows something else on the symbol.</summary>
    public void Allow(SymbolTrading trading)
    {
        Spec = Spec with { Trading = trading };
        Report(new SymbolsChanged { Account = id, Epoch = Epoch, Symbols = [Spec] });
    }

    public void Open(bool answer = true)
    {
        Epoch++;
        _sequence = 0;
        Report(new SessionOpened
        {
            Account = id, Epoch = Epoch,
            Capabilities = new AccountCapabilities { Platform = kind, Mode = mode, AbsenceHorizon = TimeSpan.FromSeconds(10), StopLimitOrders = kind == PlatformKind.Mt5, StopRangeOrders = kind == PlatformKind.CTrader, StopsWithOpen = !bareOpen, CloseBy = mode == AccountMode.Hedging && kind != PlatformKind.CTrader },
            Symbols = [Spec],
        });
        if (answer)
        {
            Snapshot();
        }
    }

    public void Lose() => Report(new SessionClosed { Account = id, Epoch = Epoch, Reason = "cable" });

    /// <summary>Answers the last question.</summary>
    public void Snapshot() => Report(new BookSnapshot
    {
        Account = id, Epoch = Epoch, Ask = desk.OpenAsk(id)!.Value, Sequence = _sequence, TakenAt = desk.Now, Funds = Funds,
        Positions = [.. _positions.Values], Orders = [.. _orders.Values], Deals = [.. _deals], HistoryFrom = Timestamp.Epoch,
    });

    public PositionReport OpenPosition(Side side, decimal lots, decimal price = 1.1m, decimal? sl = null, decimal? tp = null, OrderTag? tag = null, OrderId? from = null, bool silent = false)
    {
        long number = ++_next;
        var p = new PositionReport
        {
            Id = new PositionId(number), Ticket = number, Symbol = Eurusd, Side = side, Volume = new Lots(lots), OpenPrice = new Price(price), OpenedAt = desk.Now,
            StopLoss = sl is { } s ? new Price(s) : null, TakeProfit = tp is { } t ? new Price(t) : null, OpeningOrder = from, Tag = tag ?? OrderTag.None,
        };
        _positions[number] = p;
        var deal = Deal(p, side, lots, DealEntry.In, DealReason.Request, p.Tag);
        if (!silent)
        {
            Change([p], [], [], [], [deal]);
        }
        else
        {
            _sequence++;
        }

        return p;
    }

    public void Set(PositionReport p, decimal? lots = null, Side? side = null, decimal? sl = null, decimal? tp = null, bool clearStops = false)
    {
        var now = p with
        {
            Volume = lots is { } l ? new Lots(l) : p.Volume,
            Side = side ?? p.Side,
            StopLoss = clearStops ? null : sl is { } s ? new Price(s) : p.StopLoss,
            TakeProfit = clearStops ? null : tp is { } t ? new Price(t) : p.TakeProfit,
        };
        _positions[p.Id.Value] = now;
        Change([now], [], [], [], []);
    }

    public void Close(PositionId position, DealReason reason = DealReason.Request, bool silent = false)
    {
        var p = _positions[position.Value];
        _positions.Remove(position.Value);
        var deal = Deal(p, p.Side.Opposite(), p.Volume.Value, DealEntry.Out, reason, OrderTag.None);
        if (!silent)
        {
            Change([], [position], [], [], [deal]);
        }
        else
        {
            _sequence++;
        }
    }

    public void ClosePart(PositionId position, decimal lots, bool silent = false)
    {
        var p = _positions[position.Value];
        var rest = p with { Volume = p.Volume - new Lots(lots) };
        _positions[position.Value] = rest;
        var deal = Deal(p, p.Side.Opposite(), lots, DealEntry.Out, DealReason.Request, OrderTag.None);
        if (!silent)
        {
            Change([rest], [], [], [], [deal]);
        }
        else
        {
            _sequence++;
        }
    }

    public PendingReport PlaceOrder(Side side, PendingType type, decimal lots, decimal price, OrderTag? tag = null)
    {
        var o = new PendingReport { Id = new OrderId(++_next), Symbol = Eurusd, Side = side, Type = type, Volume = new Lots(lots), Price = new Price(price), PlacedAt = desk.Now, Tag = tag ?? OrderTag.None };
        _orders[o.Id.Value] = o;
        Change([], [], [o], [], []);
        return o;
    }

    public void MoveOrder(OrderId order, decimal price)
    {
        var o = _orders[order.Value] with { Price = new Price(price) };
        _orders[order.Value] = o;
        Change([], [], [o], [], []);
    }

    public void CancelOrder(OrderId order)
    {
        _orders.Remove(order.Value);
        Change([], [], [], [order], []);
    }

    public PositionReport FillOrder(OrderId order)
    {
        var o = _orders[order.Value];
        _orders.Remove(order.Value);
        var p = new PositionReport { Id = new PositionId(order.Value), Ticket = order.Value, Symbol = o.Symbol, Side = o.Side, Volume = o.Volume, OpenPrice = o.Price, OpenedAt = desk.Now, OpeningOrder = order, Tag = o.Tag, StopLoss = o.StopLoss, TakeProfit = o.TakeProfit };
        _positions[order.Value] = p;
        Change([p], [], [], [order], [Deal(p, p.Side, p.Volume.Value, DealEntry.In, DealReason.Request, o.Tag)]);
        return p;
    }

    /// <summary>Carries a command out as a broker would, reports the change, and answers (unless told not to).</summary>
    public PositionReport? Execute(OrderCommand command, bool answer = true, decimal? fill = null, bool report = true, OrderTag? tag = null)
    {
        PositionReport? result = null;
        OrderId? order = null;
        var filled = Lots.Zero;
        switch (command)
        {
            case OpenMarket open when mode == AccountMode.Netting:
                result = Net(open.Side, fill ?? open.Volume.Value, tag ?? OrderTag.Read(command.Key.Magic, command.Key.ToString()));
                filled = new Lots(fill ?? open.Volume.Value);
                break;
            case OpenMarket open:
                result = OpenPosition(open.Side, fill ?? open.Volume.Value, 1.1m, open.StopLoss?.Value, open.TakeProfit?.Value, tag ?? OrderTag.Read(command.Key.Magic, command.Key.ToString()), silent: !report);
                filled = result.Volume;
                break;
            case ReducePosition reduce when _positions.TryGetValue(reduce.Position.Value, out var other) && reduce.Side is { } side && other.Side != side:
                Refuse(command, Refusal.NotFound);
                return null;
            case ReducePosition reduce:
                if (_positions.TryGetValue(reduce.Position.Value, out var p) && p.Volume > reduce.TargetVolume)
                {
                    var deal = Deal(p, p.Side.Opposite(), (p.Volume - reduce.TargetVolume).Value, DealEntry.Out, DealReason.Request, OrderTag.Read(command.Key.Magic, command.Key.ToString()));
                    if (reduce.TargetVolume.IsZero)
                    {
                        _positions.Remove(p.Id.Value);
                        Change([], [p.Id], [], [], [deal]);
                    }
                    else
                    {
                        var rest = p with { Volume = reduce.TargetVolume };
                        _positions[p.Id.Value] = rest;
                        Change([rest], [], [], [], [deal]);
                    }
                }

                break;
            case CloseBy by when _positions.TryGetValue(by.Position.Value, out var one) && _positions.TryGetValue(by.Opposite.Value, out var opposite):
                filled = Lots.Min(one.Volume, opposite.Volume);
                var by2 = OrderTag.Read(command.Key.Magic, command.Key.ToString());
                List<PositionReport> rests = [];
                List<PositionId> ended = [];
                foreach (var each in new[] { one, opposite })
                {
                    _positions.Remove(each.Id.Value);
                    if (each.Volume == filled)
                    {
                        ended.Add(each.Id);
                    }
                    else
                    {
                        result = _positions[each.Id.Value] = each with { Volume = each.Volume - filled };
                        rests.Add(result);
                    }
                }

                Change([.. rests], [.. ended], [], [], [Deal(one, one.Side.Opposite(), filled.Value, DealEntry.Out, DealReason.Request, by2), Deal(opposite, opposite.Side.Opposite(), filled.Value, DealEntry.Out, DealReason.Request, by2)]);
                break;
            case SetStops stops when _positions.TryGetValue(stops.Position.Value, out var q):
                var moved = q with { StopLoss = stops.StopLoss, TakeProfit = stops.TakeProfit };
                _positions[q.Id.Value] = moved;
                Change([moved], [], [], [], []);
                break;
            case PlacePending place:
                var o = new PendingReport
                {
                    Id = new OrderId(++_next), Symbol = place.Symbol, Side = place.Side, Type = place.Type, Volume = place.Volume, Price = place.Price, LimitPrice = place.LimitPrice,
                    StopLoss = place.StopLoss, TakeProfit = place.TakeProfit, Expiry = place.Expiry, PlacedAt = desk.Now, Tag = OrderTag.Read(command.Key.Magic, command.Key.ToString()),
                };
                order = o.Id;
                _orders[o.Id.Value] = o;
                Change([], [], [o], [], []);
                break;
            case AmendPending amend when _orders.TryGetValue(amend.Order.Value, out var a):
                var amended = a with { Price = amend.Price, StopLoss = amend.StopLoss, TakeProfit = amend.TakeProfit };
                _orders[a.Id.Value] = amended;
                Change([], [], [amended], [], []);
                break;
            case CancelPending cancel when _orders.Remove(cancel.Order.Value):
                Change([], [], [], [cancel.Order], []);
                break;
        }

        if (answer)
        {
            Report(new OrderAnswered { Account = id, Epoch = Epoch, Key = command.Key, Outcome = OrderOutcome.Done, Position = result?.Id, Order = order, Filled = filled });
        }

        return result;
    }

    public void Refuse(OrderCommand command, Refusal refusal, string code = "") =>
        Report(new OrderAnswered { Account = id, Epoch = Epoch, Key = command.Key, Outcome = OrderOutcome.Refused, Refusal = refusal, Code = code });

    public void Change(PositionReport[] positions, PositionId[] closed, PendingReport[] orders, OrderId[] gone, DealReport[] deals, long? sequence = null) =>
        Report(new BookChanged { Account = id, Epoch = Epoch, Sequence = sequence ?? ++_sequence, Positions = positions, ClosedPositions = closed, Orders = orders, GoneOrders = gone, Deals = deals });

    public void Report(PlatformEvent report)
    {
        var needs = desk.Engine.Needs(report);
        desk.Step(new Reported(report, new MarketView
        {
            Quotes = [.. needs.Quotes.Select(q => new QuoteOf(q.Account, q.Symbol, desk[q.Account.Value].Quote))],
            Funds = [.. needs.Funds.Select(a => new FundsOf(a, desk[a.Value].Funds))],
        }));
    }

    private PositionReport? Net(Side side, decimal lots, OrderTag tag)
    {
        var old = _positions.Values.FirstOrDefault();
        decimal now = (old?.Side.Signed(old.Volume).Value ?? 0) + (side.Sign() * lots);
        long number = old?.Id.Value ?? ++_next;
        var template = new PositionReport { Id = new PositionId(number), Ticket = number, Symbol = Eurusd, Side = now > 0 ? Side.Buy : Side.Sell, Volume = new Lots(Math.Abs(now)), OpenPrice = new Price(1.1m), OpenedAt = old?.OpenedAt ?? desk.Now, Tag = tag };
        var deal = Deal(template, side, lots, old is null || old.Side == side ? DealEntry.In : DealEntry.Out, DealReason.Request, tag);
        if (now == 0)
        {
            _positions.Remove(number);
            Change([], [template.Id], [], [], [deal]);
            return null;
        }

        _positions[number] = template;
        Change([template], [], [], [], [deal]);
        return template;
    }

    private DealReport Deal(PositionReport p, Side side, decimal lots, DealEntry entry, DealReason reason, OrderTag tag)
    {
        var deal = new DealReport { Id = new DealId(++_next), Position = p.Id, Symbol = p.Symbol, Side = side, Volume = new Lots(lots), Price = p.OpenPrice, Entry = entry, Reason = reason, Tag = tag, At = desk.Now };
        _deals.Add(deal);
        return deal;
    }
}

using Lockstep.Domain;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.Simulator;

/// <content>What the account is, what was told of it, and the events that make the difference.</content>
public sealed partial class SimTerminal
{
    private readonly SortedDictionary<long, (WirePosition Position, ulong Print)> _told = [];
    private readonly SortedDictionary<long, (WireOrder Order, ulong Print)> _toldOrders = [];
    private Translator _translator = null!;
    private bool _awake;
    private bool _lookScheduled;
    private bool _standsBy;
    private bool _brokerConnected = true;
    private bool _autoTrading = true;
    private Timestamp _synchronisedAt;

    /// <summary>Sum of the fingerprints of what was told.</summary>
    public ulong Digest { get; private set; }

    /// <summary>The connection between terminal and broker.</summary>
    public bool BrokerConnected
    {
        get => _brokerConnected;
        set
        {
            if (value == _brokerConnected)
            {
                return;
            }

            _brokerConnected = value;
            _synchronisedAt = _clock.Now + _settings.Synchronise;
            Enter(() =>
            {
                Beat();
                LookSoon();
            });
        }
    }

    /// <summary>The AutoTrading button.</summary>
    public bool AutoTrading
    {
        get => _autoTrading;
        set
        {
            if (value != _autoTrading)
            {
                _autoTrading = value;
                Enter(Beat);
            }
        }
    }

    private bool MayTrade => _brokerConnected && _autoTrading && _broker.TradingEnabled && _settings.Role != "monitor";

    private string WhyNoTrade =>
        !_brokerConnected ? "the terminal is not connected to the broker"
        : !_autoTrading ? "AutoTrading is off: press the AutoTrading button"
        : !_broker.TradingEnabled ? "the broker has disabled trading on this account"
        : _settings.Role == "monitor" ? "the EA only monitors this account"
        : "";

    /// <summary>The process is there: what is in the account now was told by a snapshot or will be; events begin here.</summary>
    private void Wake()
    {
        Mt4Lineage? lineage = null;
        if (_broker is Mt4Broker mt4)
        {
            lineage = Disk.Lineage ??= new Mt4Lineage(mt4);
        }

        _translator = Translator.For(_broker, Call, lineage);
        _synchronisedAt = _clock.Now + _settings.Synchronise;
        _translator.Reset();
        _told.Clear();
        _toldOrders.Clear();
        Digest = 0;
        Hear(_translator.Positions(), _translator.Orders(), out _, out _, out _, out _);
        _standsBy = false;
        _busy = false;
        _beatDue = false;
        _lookScheduled = false;
        _flushScheduled = false;
        _quotesScheduled = false;
        _slowScheduled = false;
        _fundsScheduled = false;
        _historyScheduled = false;
        _lastFunds = null;
        _serverClock.Clear();
        _underWay.Clear();
        _broker.Touched += OnTouched;
        _broker.Quoted += OnQuoted;
        _broker.SymbolChanged += OnSymbolChanged;
        _awake = true;
    }

    private void Sleep()
    {
        if (_awake)
        {
            _awake = false;
            _broker.Touched -= OnTouched;
            _broker.Quoted -= OnQuoted;
            _broker.SymbolChanged -= OnSymbolChanged;
        }
    }

    private void OnTouched()
    {
        FundsMayDiffer();
        LookSoon();
    }

    /// <summary>MT5 is told that something happened; MT4 finds it at its next look.</summary>
    private void LookSoon()
    {
        if (_lookScheduled || !_running)
        {
            return;
        }

        _lookScheduled = true;
        var wait = TimeSpan.Zero;
        if (_mt4 && _settings.Mt4Poll > TimeSpan.Zero)
        {
            long since = (_clock.Now - _startedAt).Ticks % _settings.Mt4Poll.Ticks;
            wait = new TimeSpan(_settings.Mt4Poll.Ticks - since);
        }

        Later(wait, () =>
        {
            _lookScheduled = false;
            if (!_busy)
            {
                Look();
            }
        });
    }

    /// <summary>Tells the difference between the account and what was told.</summary>
    private void Look()
    {
        if (!_brokerConnected)
        {
            return;
        }

        var news = _translator.NewDeals();
        Hear(_translator.Positions(), _translator.Orders(), out var positions, out var closed, out var orders, out var gone);
        if (_standsBy || news.Count + positions.Count + closed.Count + orders.Count + gone.Count == 0)
        {
            // Who stands by has somebody who tells it.
            return;
        }

        var deals = new List<WireDeal>(news.Count);
        foreach (var deal in news)
        {
            deals.Add(WireWords.Of(deal, _settings.Time, _mt4));
            if (!_told.ContainsKey(deal.Position.Value) && !closed.Contains(deal.Position.Value))
            {
                // Opened and closed between two looks.
                closed.Add(deal.Position.Value);
            }
        }

        Tell(positions, closed, orders, gone, deals);
    }

    /// <summary>Takes the account's present state as told.</summary>
    private void Hear(
        IReadOnlyList<PositionReport> held,
        IReadOnlyList<PendingReport> pending,
        out List<WirePosition> positions,
        out List<long> closed,
        out List<WireOrder> orders,
        out List<long> gone)
    {
        positions = [];
        closed = [];
        orders = [];
        gone = [];
        foreach (var report in held)
        {
            var position = WireWords.Of(report, _settings.Time);
            bool known = _told.TryGetValue(position.Id, out var before);
            if (!known || before.Position != position)
            {
                ulong print = LinkCodec.Fingerprint(position);
                unchecked
                {
                    Digest += print - before.Print;
                }

                _told[position.Id] = (position, print);
                positions.Add(position);
            }
        }

        if (_told.Count > held.Count)
        {
            var ids = held.Select(p => p.Id.Value).ToHashSet();
            closed.AddRange(_told.Keys.Where(id => !ids.Contains(id)));
            foreach (long id in closed)
            {
                _told.Remove(id, out var before);
                unchecked
                {
                    Digest -= before.Print;
                }
            }
        }

        foreach (var report in pending)
        {
            var order = WireWords.Of(report, _settings.Time);
            bool known = _toldOrders.TryGetValue(order.Id, out var before);
            if (!known || before.Order != order)
            {
                ulong print = LinkCodec.Fingerprint(order);
                unchecked
                {
                    Digest += print - before.Print;
                }

                _toldOrders[order.Id] = (order, print);
                orders.Add(order);
            }
        }

        if (_toldOrders.Count > pending.Count)
        {
            var ids = pending.Select(o => o.Id.Value).ToHashSet();
            gone.AddRange(_toldOrders.Keys.Where(id => !ids.Contains(id)));
            foreach (long id in gone)
            {
                _toldOrders.Remove(id, out var before);
                unchecked
                {
                    Digest -= before.Print;
                }
            }
        }
    }

    /// <summary>One event, or several when one would be too large: deals first, then what they led to.</summary>
    private void Tell(List<WirePosition> positions, List<long> closed, List<WireOrder> orders, List<long> gone, List<WireDeal> deals)
    {
        var part = new Part();
        foreach (var deal in deals)
        {
            Room(WireWords.SizeOf(deal));
            part.Deals.Add(deal);
            part.Symbols.Add(deal.Symbol);
        }

        foreach (var position in positions)
        {
            Room(WireWords.SizeOf(position));
            part.Positions.Add(position);
            part.Symbols.Add(position.Symbol);
        }

        foreach (long id in closed)
        {
            Room(24);
            part.Closed.Add(id);
        }

        foreach (var order in orders)
        {
            Room(WireWords.SizeOf(order));
            part.Orders.Add(order);
            part.Symbols.Add(order.Symbol);
        }

        foreach (long id in gone)
        {
            Room(24);
            part.Gone.Add(id);
        }

        Make(part);

        void Room(int size)
        {
            // The quotes of the symbols named come on top: 100 bytes each, one an object at most.
            if (part.Size > 0 && part.Size + size + 100 > MessageMax)
            {
                Make(part);
                part = new Part();
            }

            part.Size += size + 100;
        }
    }

    private void Make(Part part)
    {
        var quotes = new List<WireQuote>(part.Symbols.Count);
        foreach (string symbol in part.Symbols)
        {
            if (_broker.QuoteOf(new SymbolName(symbol)) is { } quote)
            {
                quotes.Add(WireWords.Of(symbol, quote, _settings.Time));
            }
        }

        Event(n => new ChangeMessage
        {
            Number = n,
            Positions = part.Positions,
            Closed = part.Closed,
            Orders = part.Orders,
            Gone = part.Gone,
            Deals = part.Deals,
            Quotes = quotes,
        });
    }

    /// <summary>Numbers an event, writes it to the outbox, sends it. Returns its number.</summary>
    private long Event(Func<long, LinkMessage> make)
    {
        long number = Disk.Last + 1;
        byte[] text = Text(make(number)).ToArray();
        var kept = new KeptEvent(number, text, _clock.Now) { SentAt = _clock.Now };
        long overflowed = Disk.Overflowed;
        Write(TerminalStep.Outbox, () => Disk.Keep(kept, _settings.OutboxEvents, _settings.OutboxBytes));
        _settings.Totals?.Event();
        if (overflowed == 0 && Disk.Overflowed > 0)
        {
            Note(_experts, "the outbox is full: the oldest events go");
        }

        if (State == SimTerminalState.Live)
        {
            Queue(text);
        }

        return number;
    }

    private int Clash()
    {
        int clash = 0;
        foreach (var (position, _) in _told.Values)
        {
            clash += IsStrange(position.Magic, position.Comment) ? 1 : 0;
        }

        foreach (var (order, _) in _toldOrders.Values)
        {
            clash += IsStrange(order.Magic, order.Comment) ? 1 : 0;
        }

        return clash;

        // MT4 writes its own comment on what a partial close left; the magic number stays.
        static bool IsStrange(long magic, string comment) =>
            OrderKey.IsOurMagic(magic) && !OrderKey.TryFind(comment, out _)
            && !comment.StartsWith("from #", StringComparison.Ordinal) && !comment.StartsWith("partial close", StringComparison.Ordinal);
    }

    private sealed class Part
    {
        public List<WirePosition> Positions { get; } = [];

        public List<long> Closed { get; } = [];

        public List<WireOrder> Orders { get; } = [];

        public List<long> Gone { get; } = [];

        public List<WireDeal> Deals { get; } = [];

        public SortedSet<string> Symbols { get; } = new(StringComparer.Ordinal);

        public int Size { get; set; }
    }
}

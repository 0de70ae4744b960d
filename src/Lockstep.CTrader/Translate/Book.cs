using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Translate;

/// <summary>An open position as it was last heard of.</summary>
internal sealed class Held
{
    public required ProtoOAPosition Raw { get; set; }

    public required PositionReport Report { get; set; }

    public required Listing Symbol { get; init; }

    /// <summary>Hundredths of a unit.</summary>
    public long Volume => Raw.TradeData.Volume;

    /// <summary>utcLastUpdateTimestamp, 0 = not said.</summary>
    public long UpdatedAt => Raw.UtcLastUpdateTimestamp;

    /// <summary>When its stop last trailed: the position's own timestamp does not tell (guide §8).</summary>
    public long TrailedAt { get; set; }
}

/// <summary>A pending order as it was last heard of.</summary>
internal sealed record Working(ProtoOAOrder Raw, PendingReport Report, Listing Symbol);

/// <summary>What an event changed.</summary>
internal sealed class Change
{
    public List<PositionReport> Positions { get; } = [];

    public List<PositionId> Closed { get; } = [];

    public List<PendingReport> Orders { get; } = [];

    public List<OrderId> Gone { get; } = [];

    public List<DealReport> Deals { get; } = [];

    /// <summary>Values that made no sense.</summary>
    public int Nonsense { get; set; }

    /// <summary>A symbol that is in no list: the catalogue must be read again.</summary>
    public long? UnknownSymbol { get; set; }

    /// <summary>Balance, swap, commission or margin may be another.</summary>
    public bool Money { get; set; }

    /// <summary>The balance changed in a way that the event does not tell whole.</summary>
    public bool AskTrader { get; set; }

    public bool IsEmpty => Positions.Count + Closed.Count + Orders.Count + Gone.Count + Deals.Count == 0;
}

/// <summary>
/// The account as its events and reconciles add up: positions, pending orders, balance. Every event carries whole states, so a repeat does nothing; one that was overtaken is known by
/// <c>utcLastUpdateTimestamp</c>; what has ended never comes back.
/// </summary>
internal sealed partial class Book(Catalogue catalogue)
{
    private const int Remembered = 20_000;

    private readonly SortedDictionary<long, Held> _positions = [];
    private readonly SortedDictionary<long, Working> _orders = [];
    private readonly Dictionary<long, long> _openings = [];
    private readonly Memory<long> _deals = new(Remembered);
    private readonly Memory<EventKey> _events = new(Remembered);
    private readonly Closings _closed = new(Remembered);
    private readonly Memory<long> _ended = new(Remembered);
    private readonly Dictionary<long, OrderFacts> _facts = [];
    private readonly Queue<long> _factsInOrder = new();

    /// <summary>Open positions, by id.</summary>
    public IReadOnlyDictionary<long, Held> Positions => _positions;

    /// <summary>Pending orders, by id.</summary>
    public IReadOnlyDictionary<long, Working> Orders => _orders;

    /// <summary>Closed results and deposits.</summary>
    public decimal Balance { get; private set; }

    /// <summary>+1 with every change of the balance; 0 = the server does not say.</summary>
    public long BalanceVersion { get; private set; }

    /// <summary>Decimals of the trader's money.</summary>
    public uint MoneyDigits { get; private set; } = 2;

    /// <summary>What is known of an order, for the deals it made.</summary>
    public OrderFacts? Facts(long order) => _facts.GetValueOrDefault(order);

    /// <summary>Takes the trader's balance, unless a newer one is known; <paramref name="anew"/>: whatever was known before.</summary>
    public bool Trader(ProtoOATrader trader, bool anew)
    {
        BalanceVersion = anew ? 0 : BalanceVersion;
        MoneyDigits = trader.HasMoneyDigits ? trader.MoneyDigits : 2;
        return SetBalance(Units.Money(trader.Balance, MoneyDigits), trader.HasBalanceVersion ? trader.BalanceVersion : null);
    }

    /// <summary>Remembers what an order tells of its deals and its position.</summary>
    public void Learn(ProtoOAOrder order)
    {
        int digits = catalogue.Find(order.TradeData.SymbolId)?.Digits ?? 5;
        if (!_facts.ContainsKey(order.OrderId))
        {
            _factsInOrder.Enqueue(order.OrderId);
            if (_factsInOrder.Count > Remembered)
            {
                _facts.Remove(_factsInOrder.Dequeue());
            }
        }

        _facts[order.OrderId] = OrderFacts.Of(order, digits);

        // A position does not say which order opened it; its orders say which position they are of. The first one opened it.
        bool opens = !order.ClosingOrder && order is { PositionId: > 0, OrderStatus: not (ProtoOAOrderStatus.OrderStatusRejected or ProtoOAOrderStatus.OrderStatusExpired) }
            && order.OrderType != ProtoOAOrderType.StopLossTakeProfit && !_closed.Contains(order.PositionId);
        if (!opens || (_openings.TryGetValue(order.PositionId, out long first) && first <= order.OrderId))
        {
            return;
        }

        _openings[order.PositionId] = order.OrderId;
        if (_positions.TryGetValue(order.PositionId, out var held))
        {
            held.Report = held.Report with { OpeningOrder = new OrderId(order.OrderId) };
        }
    }

    /// <summary>All positions, told.</summary>
    public PositionReport[] PositionReports() => [.. _positions.Values.Select(p => p.Report)];

    /// <summary>All pending orders, told.</summary>
    public PendingReport[] OrderReports() => [.. _orders.Values.Select(o => o.Report)];

    private bool SetBalance(decimal balance, long? version)
    {
        if (version is { } at && at < BalanceVersion)
        {
            return false;
        }

        bool changed = balance != Balance;
        Balance = balance;
        BalanceVersion = version ?? BalanceVersion;
        return changed;
    }

    private OrderId? Opening(long position) => _openings.TryGetValue(position, out long order) ? new OrderId(order) : null;

    /// <summary>What makes an event one that was told before.</summary>
    private readonly record struct EventKey(int Type, long Order, long OrderAt, long Deal, long Position, long PositionAt, long Volume, double Stop, double Profit);

    /// <summary>The positions that were closed last, and when by the server's clock.</summary>
    private sealed class Closings(int most)
    {
        private readonly Dictionary<long, long> _at = [];
        private readonly Queue<long> _inOrder = new();

        public bool Contains(long id) => _at.ContainsKey(id);

        /// <summary>Is this what it was before its end?</summary>
        public bool IsPast(ProtoOAPosition position) =>
            _at.TryGetValue(position.PositionId, out long at) && !(position.HasUtcLastUpdateTimestamp && position.UtcLastUpdateTimestamp > at);

        public void Add(long id, long at)
        {
            if (_at.TryGetValue(id, out long known))
            {
                _at[id] = Math.Max(known, at);
                return;
            }

            _at.Add(id, at);
            _inOrder.Enqueue(id);
            if (_inOrder.Count > most)
            {
                _at.Remove(_inOrder.Dequeue());
            }
        }

        public void Remove(long id) => _at.Remove(id);
    }

    /// <summary>The last so many of something.</summary>
    private sealed class Memory<T>(int most)
        where T : notnull
    {
        private readonly HashSet<T> _known = [];
        private readonly Queue<T> _inOrder = new();

        public bool Contains(T item) => _known.Contains(item);

        public bool Add(T item)
        {
            if (!_known.Add(item))
            {
                return false;
            }

            _inOrder.Enqueue(item);
            if (_inOrder.Count > most)
            {
                _known.Remove(_inOrder.Dequeue());
            }

            return true;
        }
    }
}

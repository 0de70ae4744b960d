using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>
/// An MT4 server's account: one order model. With <see cref="AccountMode.Fifo"/> the oldest order of a symbol must be closed first (150) and opposite ones are barred (149).
/// </summary>
public sealed partial class Mt4Broker : SimBroker
{
    /// <summary>Longest comment kept; the field has 31 bytes.</summary>
    public const int CommentMax = 31;

    private readonly SortedDictionary<int, Mt4Order> _orders = [];
    private readonly Dictionary<int, Mt4Order> _closed = [];
    private int _lastTicket = 1_000_000;

    /// <summary>A fresh account.</summary>
    public Mt4Broker(BrokerSettings settings, ISimClock clock, SimRandom random)
        : base(settings, clock, random)
    {
        if (settings.Mode == AccountMode.Netting)
        {
            throw new ArgumentException("MT4 has no netting accounts", nameof(settings));
        }

        Lineage = new Mt4Lineage(this);
        Touched += Lineage.Update;
    }

    /// <summary>What the terminal's own file knows of tickets: it watches all the time, and outlives every connection to us.</summary>
    internal Mt4Lineage Lineage { get; }

    /// <summary>The trades pool: open and pending orders, by ticket.</summary>
    public IEnumerable<Mt4Order> Trades => _orders.Values;

    /// <summary>The history pool: closed, deleted and balance orders, in the order in which they ended.</summary>
    public IEnumerable<Mt4Order> HistoryPool => History.OfType<Mt4Order>();

    /// <inheritdoc/>
    public override IReadOnlyList<OwnerPosition> OpenPositions => [.. _orders.Values.Where(o => !o.IsPending).Select(o => new OwnerPosition
    {
        Id = o.Origin,
        Ticket = o.Ticket,
        Symbol = o.Symbol,
        Side = o.Side,
        Volume = o.Lots,
        OpenPrice = o.OpenPrice,
        StopLoss = o.StopLoss == 0m ? null : o.StopLoss,
        TakeProfit = o.TakeProfit == 0m ? null : o.TakeProfit,
        OwnerKey = o.OwnerKey,
        Magic = o.Magic,
        Comment = o.Comment,
        OpenedAt = o.OpenTime,
    })];

    /// <inheritdoc/>
    public override IReadOnlyList<OwnerOrder> PendingOrders => [.. _orders.Values.Where(o => o.IsPending).Select(o => new OwnerOrder
    {
        Id = o.Ticket,
        Symbol = o.Symbol,
        Side = o.Side,
        Type = TypeOf(o.Op),
        Volume = o.Lots,
        Price = o.OpenPrice,
        StopLoss = o.StopLoss == 0m ? null : o.StopLoss,
        TakeProfit = o.TakeProfit == 0m ? null : o.TakeProfit,
        OwnerKey = o.OwnerKey,
    })];

    /// <summary>OrderSend.</summary>
    public Mt4Result OrderSend(Mt4OrderSend request) => (Mt4Result)Run(request);

    /// <summary>OrderClose.</summary>
    public Mt4Result OrderClose(int ticket, decimal lots) => (Mt4Result)Run(new Mt4OrderClose(ticket, lots));

    /// <summary>OrderModify.</summary>
    public Mt4Result OrderModify(int ticket, decimal price, decimal stopLoss, decimal takeProfit, Timestamp? expiration = null) =>
        (Mt4Result)Run(new Mt4OrderModify(ticket, price, stopLoss, takeProfit, expiration));

    /// <summary>OrderDelete.</summary>
    public Mt4Result OrderDelete(int ticket) => (Mt4Result)Run(new Mt4OrderDelete(ticket));

    /// <summary>OrderCloseBy.</summary>
    public Mt4Result OrderCloseBy(int ticket, int opposite) => (Mt4Result)Run(new Mt4OrderCloseBy(ticket, opposite));

    /// <summary>OrderSelect by ticket, in both pools; null when there is none.</summary>
    public Mt4Order? OrderSelect(int ticket) => _orders.GetValueOrDefault(ticket) ?? _closed.GetValueOrDefault(ticket);

    /// <inheritdoc/>
    private protected override NativeReply Execute(NativeRequest request, ExecutionTerms terms) => request switch
    {
        Mt4OrderSend { Op: Mt4Op.Buy or Mt4Op.Sell } send => Open(send, terms),
        Mt4OrderSend send => Place(send, terms),
        Mt4OrderClose close => Close(close, terms),
        Mt4OrderModify modify => Modify(modify),
        Mt4OrderDelete delete => Delete(delete),
        Mt4OrderCloseBy by => CloseBy(by),
        _ => Refuse(request, Verdict.Invalid),
    };

    /// <inheritdoc/>
    private protected override NativeReply Refuse(NativeRequest request, Verdict verdict) => Fail(verdict);

    /// <inheritdoc/>
    private protected override bool IsMarketOrder(NativeRequest request) => request is Mt4OrderSend { Op: Mt4Op.Buy or Mt4Op.Sell } or Mt4OrderClose;

    /// <inheritdoc/>
    private protected override IEnumerable<Holding> Holdings()
    {
        foreach (var order in _orders.Values)
        {
            if (!order.IsPending && Symbol(new SymbolName(order.Symbol)) is { } symbol)
            {
                yield return new Holding(order.Ticket, symbol, order.Side, order.Lots, order.OpenPrice, order.Swap + order.Commission);
            }
        }
    }

    /// <inheritdoc/>
    private protected override void ChargeSwap(DayOfWeek day)
    {
        foreach (var order in _orders.Values.Where(o => !o.IsPending).ToArray())
        {
            if (Symbol(new SymbolName(order.Symbol)) is { } symbol && Swap(symbol, order.Side, order.Lots, day) is not 0m and var swap)
            {
                Keep(order with { Swap = order.Swap + swap });
            }
        }
    }

    /// <inheritdoc/>
    private protected override void OnDeposit(decimal amount) => Record(new Mt4Order
    {
        Ticket = NextTicket(),
        Op = Mt4Op.Balance,
        Symbol = "",
        Lots = 0m,
        OpenPrice = 0m,
        OpenTime = Seconds(Clock.Now),
        CloseTime = Seconds(Clock.Now),
        Profit = amount,
        Origin = _lastTicket,
    });

    /// <inheritdoc/>
    private protected override BookState CaptureBook() => new Mt4Book(_lastTicket, [.. _orders.Values]);

    /// <inheritdoc/>
    private protected override void LoadBook(BookState book)
    {
        var mt4 = (Mt4Book)book;
        _lastTicket = mt4.LastTicket;
        foreach (var order in mt4.Orders)
        {
            _orders.Add(order.Ticket, order);
            WakeToExpire(order.Expiration);
        }
    }

    /// <inheritdoc/>
    private protected override void LoadHistory(HistoryRecord record)
    {
        if (record is Mt4Order order)
        {
            _closed[order.Ticket] = order;
        }
    }

    private static PendingType TypeOf(Mt4Op op) => op is Mt4Op.BuyLimit or Mt4Op.SellLimit ? PendingType.Limit : PendingType.Stop;

    private static Timestamp Seconds(Timestamp moment) => new(moment.Micros - (moment.Micros % 1_000_000));

    private static Mt4Result Fail(Verdict verdict) => new(-1, Mt4Error.Of(verdict));

    private int NextTicket() => ++_lastTicket;

    private void Keep(Mt4Order order)
    {
        _orders[order.Ticket] = order;
        Touch();
    }

    private void End(Mt4Order order)
    {
        _orders.Remove(order.Ticket);
        _closed[order.Ticket] = order;
        Record(order);
    }
}

using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>An MT5 account in hedging mode; with <see cref="AccountMode.Fifo"/> the flags ACCOUNT_FIFO_CLOSE and not ACCOUNT_HEDGE_ALLOWED hold (10045, 10046).</summary>
public sealed class Mt5HedgingBroker(BrokerSettings settings, ISimClock clock, SimRandom random) : Mt5Broker(settings, clock, random);

/// <summary>An MT5 account in netting mode: one position a symbol.</summary>
public sealed class Mt5NettingBroker(BrokerSettings settings, ISimClock clock, SimRandom random) : Mt5Broker(settings, clock, random);

/// <summary>An MT5 server's account: orders (instructions), deals (executions) and positions (results), orders and deals with number series of their own.</summary>
public abstract partial class Mt5Broker : SimBroker
{
    /// <summary>Longest comment kept.</summary>
    public const int CommentMax = 31;

    private readonly SortedDictionary<long, Mt5Order> _orders = [];
    private readonly SortedDictionary<long, Mt5Position> _positions = [];
    private long _lastOrder = 5_000_000;
    private long _lastDeal = 9_000_000;

    private protected Mt5Broker(BrokerSettings settings, ISimClock clock, SimRandom random)
        : base(settings, clock, random)
    {
    }

    /// <summary>OnTradeTransaction.</summary>
    public event Action<Mt5Transaction>? Transaction;

    /// <summary>Active orders, by ticket.</summary>
    public IEnumerable<Mt5Order> Orders => _orders.Values;

    /// <summary>Open positions, by identifier.</summary>
    public IEnumerable<Mt5Position> Positions => _positions.Values;

    /// <summary>Orders in history, in the order in which they ended.</summary>
    public IEnumerable<Mt5Order> HistoryOrders => History.OfType<Mt5Order>();

    /// <summary>Deals, by ticket.</summary>
    public IEnumerable<Mt5Deal> HistoryDeals => History.OfType<Mt5Deal>();

    /// <inheritdoc/>
    public override IReadOnlyList<OwnerPosition> OpenPositions => [.. _positions.Values.Select(p => new OwnerPosition
    {
        Id = p.Identifier,
        Ticket = p.Ticket,
        Symbol = p.Symbol,
        Side = p.Side,
        Volume = p.Volume,
        OpenPrice = p.PriceOpen,
        StopLoss = p.Sl == 0m ? null : p.Sl,
        TakeProfit = p.Tp == 0m ? null : p.Tp,
        OwnerKey = p.OwnerKey,
        Magic = p.Magic,
        Comment = p.Comment,
        OpenedAt = p.Time,
    })];

    /// <inheritdoc/>
    public override IReadOnlyList<OwnerOrder> PendingOrders => [.. _orders.Values.Select(o => new OwnerOrder
    {
        Id = o.Ticket,
        Symbol = o.Symbol,
        Side = o.Side,
        Type = TypeOf(o.Type),
        Volume = o.VolumeCurrent,
        Price = o.PriceOpen,
        StopLoss = o.Sl == 0m ? null : o.Sl,
        TakeProfit = o.Tp == 0m ? null : o.Tp,
        OwnerKey = o.OwnerKey,
    })];

    private bool IsNetting => Settings.Mode == AccountMode.Netting;

    /// <summary>OrderSend.</summary>
    public MqlTradeResult OrderSend(MqlTradeRequest request) => (MqlTradeResult)Run(request);

    /// <summary>PositionSelectByTicket; null when there is none.</summary>
    public Mt5Position? PositionByTicket(long ticket) => _positions.Values.FirstOrDefault(p => p.Ticket == ticket);

    /// <inheritdoc/>
    private protected override NativeReply Execute(NativeRequest request, ExecutionTerms terms)
    {
        var mql = (MqlTradeRequest)request;
        var result = mql.Action switch
        {
            MqlAction.Deal when mql.Position != 0 => CloseDeal(mql, terms),
            MqlAction.Deal => MarketDeal(mql, terms),
            MqlAction.Pending => Place(mql, terms),
            MqlAction.Sltp => ChangeStops(mql),
            MqlAction.Modify => ModifyOrder(mql),
            MqlAction.Remove => RemoveOrder(mql),
            MqlAction.CloseBy => CloseBy(mql),
            _ => Fail(Verdict.Invalid),
        };
        Tell(new Mt5Transaction(Mt5TransactionType.Request, result.Order, result.Deal));
        return result;
    }

    /// <inheritdoc/>
    private protected override NativeReply Refuse(NativeRequest request, Verdict verdict) => Fail(verdict, ((MqlTradeRequest)request).Symbol);

    /// <inheritdoc/>
    private protected override bool IsMarketOrder(NativeRequest request) => request is MqlTradeRequest { Action: MqlAction.Deal };

    /// <inheritdoc/>
    private protected override IEnumerable<Holding> Holdings()
    {
        foreach (var position in _positions.Values)
        {
            if (Symbol(new SymbolName(position.Symbol)) is { } symbol)
            {
                yield return new Holding(position.Identifier, symbol, position.Side, position.Volume, position.PriceOpen, position.Swap);
            }
        }
    }

    /// <inheritdoc/>
    private protected override void ChargeSwap(DayOfWeek day)
    {
        foreach (var position in _positions.Values.ToArray())
        {
            if (Symbol(new SymbolName(position.Symbol)) is not { } symbol)
            {
                continue;
            }

            if (symbol.SwapMode == SwapMode.Reopen && Nights(symbol, day) is > 0 and var nights)
            {
                // Re-opened at a moved price: what trade calls take is a new ticket now, the identifier stays.
                decimal points = (position.Side == Side.Buy ? symbol.SwapLong : symbol.SwapShort) * nights;
                var price = symbol.Spec.RoundPrice(new Price(position.PriceOpen - (position.Side.Sign() * points * symbol.Spec.Point)));
                Keep(position with { Ticket = ++_lastOrder, PriceOpen = price.Value });
                Tell(new Mt5Transaction(Mt5TransactionType.Position, Position: _lastOrder));
            }
            else if (Swap(symbol, position.Side, position.Volume, day) is not 0m and var swap)
            {
                Keep(position with { Swap = position.Swap + swap });
            }
        }
    }

    /// <inheritdoc/>
    private protected override void OnDeposit(decimal amount) =>
        AddDeal(new Mt5Deal { Ticket = ++_lastDeal, Type = Mt5DealType.Balance, Profit = amount, Time = Clock.Now });

    /// <inheritdoc/>
    private protected override BookState CaptureBook() => new Mt5Book(_lastOrder, _lastDeal, [.. _orders.Values], [.. _positions.Values]);

    /// <inheritdoc/>
    private protected override void LoadBook(BookState book)
    {
        var mt5 = (Mt5Book)book;
        (_lastOrder, _lastDeal) = (mt5.LastOrder, mt5.LastDeal);
        foreach (var order in mt5.Orders)
        {
            _orders.Add(order.Ticket, order);
            WakeToExpire(order.Expiration);
        }

        foreach (var position in mt5.Positions)
        {
            _positions.Add(position.Identifier, position);
        }
    }

    /// <inheritdoc/>
    private protected override void LoadHistory(HistoryRecord record)
    {
    }

    private static PendingType TypeOf(Mt5OrderType type) => type switch
    {
        Mt5OrderType.BuyLimit or Mt5OrderType.SellLimit => PendingType.Limit,
        Mt5OrderType.BuyStop or Mt5OrderType.SellStop => PendingType.Stop,
        _ => PendingType.StopLimit,
    };

    private MqlTradeResult Fail(Verdict verdict, string symbol = "")
    {
        var quote = QuoteOf(new SymbolName(symbol));
        return new MqlTradeResult
        {
            Retcode = Mt5Retcode.Of(verdict),
            LastError = verdict == Verdict.UnknownSymbol ? Mt5Retcode.UnknownSymbol : 0,
            Bid = quote?.Bid.Value ?? 0m,
            Ask = quote?.Ask.Value ?? 0m,
        };
    }

    private static MqlTradeResult NoOrder() => new() { Retcode = Mt5Retcode.Invalid, LastError = Mt5Retcode.OrderNotFound };

    private void Tell(Mt5Transaction transaction)
    {
        if (Transaction is { } tell)
        {
            Afterwards(() => tell(transaction));
        }
    }

    private void Keep(Mt5Position position)
    {
        _positions[position.Identifier] = position;
        Touch();
    }

    private void Keep(Mt5Order order)
    {
        _orders[order.Ticket] = order;
        Touch();
    }

    private void End(Mt5Order order)
    {
        if (_orders.Remove(order.Ticket))
        {
            Tell(new Mt5Transaction(Mt5TransactionType.OrderDelete, order.Ticket));
        }

        Record(order with { TimeDone = Clock.Now });
        Tell(new Mt5Transaction(Mt5TransactionType.HistoryAdd, order.Ticket));
    }

    private void AddDeal(Mt5Deal deal)
    {
        Record(deal);
        Tell(new Mt5Transaction(Mt5TransactionType.DealAdd, deal.Order, deal.Ticket, deal.PositionId));
    }
}

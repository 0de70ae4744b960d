using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>A cTrader server's account, hedged (each order its own position) or netted (one position a symbol).</summary>
public sealed partial class CTraderBroker : SimBroker
{
    /// <summary>How long after a fill the server makes the protection order (recorded: 3 ms).</summary>
    public static readonly TimeSpan ProtectionDelay = TimeSpan.FromMilliseconds(3);

    private readonly SortedDictionary<long, CtOrder> _orders = [];
    private readonly SortedDictionary<long, CtPosition> _positions = [];
    private readonly Dictionary<long, CtOrder> _ended = [];
    private long _lastOrder = 300_000_000;
    private long _lastPosition = 200_000_000;
    private long _lastDeal = 400_000_000;

    /// <summary>A fresh account.</summary>
    public CTraderBroker(BrokerSettings settings, ISimClock clock, SimRandom random)
        : base(settings, clock, random)
    {
        if (settings.Mode == AccountMode.Fifo)
        {
            throw new ArgumentException("cTrader has no FIFO accounts", nameof(settings));
        }
    }

    /// <summary>ProtoOAExecutionEvent.</summary>
    public event Action<CtExecutionEvent>? Execution;

    /// <summary>ProtoOAOrderErrorEvent: code and text.</summary>
    public event Action<string, string>? OrderError;

    /// <summary>Working orders, protection orders included, by id.</summary>
    public IEnumerable<CtOrder> Orders => _orders.Values;

    /// <summary>Open positions, by id.</summary>
    public IEnumerable<CtPosition> Positions => _positions.Values;

    /// <summary>Deals, oldest first.</summary>
    public IEnumerable<CtDeal> DealList => History.OfType<CtDeal>();

    /// <summary>+1 with every change of the balance.</summary>
    public long BalanceVersion { get; private set; }

    /// <inheritdoc/>
    public override IReadOnlyList<OwnerPosition> OpenPositions => [.. _positions.Values.Select(p => new OwnerPosition
    {
        Id = p.PositionId,
        Ticket = p.PositionId,
        Symbol = p.Symbol,
        Side = p.Side,
        Volume = ToLots(p.Symbol, p.Volume),
        OpenPrice = p.Price,
        StopLoss = p.StopLoss,
        TakeProfit = p.TakeProfit,
        OwnerKey = p.OwnerKey,
        Comment = p.Label,
        OpenedAt = p.OpenTimestamp ?? Timestamp.Epoch,
    })];

    /// <inheritdoc/>
    public override IReadOnlyList<OwnerOrder> PendingOrders => [.. _orders.Values.Where(IsPending).Select(o => new OwnerOrder
    {
        Id = o.OrderId,
        Symbol = o.Symbol,
        Side = o.Side,
        Type = TypeOf(o.OrderType),
        Volume = ToLots(o.Symbol, o.Volume - o.ExecutedVolume),
        Price = o.OrderType == CtOrderType.Limit ? o.LimitPrice ?? 0m : o.StopPrice ?? 0m,
        StopLoss = LevelsOf(o, o.LimitPrice ?? o.StopPrice ?? 0m).StopLoss,
        TakeProfit = LevelsOf(o, o.LimitPrice ?? o.StopPrice ?? 0m).TakeProfit,
        OwnerKey = o.OwnerKey,
    })];

    private bool IsNetted => Settings.Mode == AccountMode.Netting;

    /// <summary>ProtoOANewOrderReq.</summary>
    public CtReply NewOrder(CtNewOrder request) => (CtReply)Run(request);

    /// <summary>ProtoOAAmendOrderReq.</summary>
    public CtReply AmendOrder(CtAmendOrder request) => (CtReply)Run(request);

    /// <summary>ProtoOACancelOrderReq.</summary>
    public CtReply CancelOrder(long orderId) => (CtReply)Run(new CtCancelOrder(orderId));

    /// <summary>ProtoOAClosePositionReq; volume in hundredths of a unit.</summary>
    public CtReply ClosePosition(long positionId, long volume) => (CtReply)Run(new CtClosePosition(positionId, volume));

    /// <summary>ProtoOAAmendPositionSLTPReq.</summary>
    public CtReply AmendPositionSltp(long positionId, decimal? stopLoss, decimal? takeProfit) => (CtReply)Run(new CtAmendPositionSltp(positionId, stopLoss, takeProfit));

    /// <summary>ProtoOAOrderDetailsReq: working or ended; null when unknown.</summary>
    public CtOrder? OrderDetails(long orderId) => _orders.GetValueOrDefault(orderId) ?? _ended.GetValueOrDefault(orderId);

    /// <summary>Lots for hundredths of a unit.</summary>
    public decimal ToLots(string symbol, long volume) => Symbol(new SymbolName(symbol)) is { } sim ? volume / (100m * sim.Spec.ContractSize) : 0m;

    /// <summary>Hundredths of a unit for lots.</summary>
    public long ToVolume(string symbol, decimal lots) => Symbol(new SymbolName(symbol)) is { } sim ? (long)(lots * sim.Spec.ContractSize * 100m) : 0L;

    /// <summary>The levels a pending order will give its position when it opens at <paramref name="price"/>.</summary>
    internal static (decimal? StopLoss, decimal? TakeProfit) LevelsOf(CtOrder order, decimal price) => (
        order.StopLoss ?? (order.RelativeStopLoss is { } sl ? price - (order.Side.Sign() * sl / 100_000m) : null),
        order.TakeProfit ?? (order.RelativeTakeProfit is { } tp ? price + (order.Side.Sign() * tp / 100_000m) : null));

    internal static PendingType TypeOf(CtOrderType type) => type switch
    {
        CtOrderType.Limit => PendingType.Limit,
        CtOrderType.StopLimit => PendingType.StopLimit,
        _ => PendingType.Stop,
    };

    internal static bool IsPending(CtOrder order) => order.OrderType is CtOrderType.Limit or CtOrderType.Stop or CtOrderType.StopLimit;

    /// <inheritdoc/>
    private protected override NativeReply Execute(NativeRequest request, ExecutionTerms terms) => request switch
    {
        CtNewOrder { OrderType: CtOrderType.Market or CtOrderType.MarketRange } market => Market(market, terms),
        CtNewOrder pending => Place(pending, terms),
        CtAmendOrder amend => Amend(amend),
        CtCancelOrder cancel => Cancel(cancel),
        CtClosePosition close => Close(close, terms),
        CtAmendPositionSltp amend => AmendLevels(amend),
        CtPlaceProtection protect => Protect(protect),
        _ => Refuse(request, Verdict.Invalid),
    };

    /// <inheritdoc/>
    private protected override NativeReply Refuse(NativeRequest request, Verdict verdict) =>
        request is CtNewOrder order && (verdict is Verdict.Rejected or Verdict.Requote) ? Reject(order) : Fail(CtErrorCode.Of(verdict), verdict.ToString());

    /// <inheritdoc/>
    private protected override bool IsMarketOrder(NativeRequest request) => request is CtNewOrder { OrderType: CtOrderType.Market or CtOrderType.MarketRange } or CtClosePosition;

    /// <inheritdoc/>
    private protected override IEnumerable<Holding> Holdings()
    {
        foreach (var position in _positions.Values)
        {
            if (Symbol(new SymbolName(position.Symbol)) is { } symbol)
            {
                yield return new Holding(position.PositionId, symbol, position.Side, ToLots(position.Symbol, position.Volume), position.Price, position.Swap + position.Commission);
            }
        }
    }

    /// <inheritdoc/>
    private protected override void ChargeSwap(DayOfWeek day)
    {
        foreach (var position in _positions.Values.ToArray())
        {
            if (Symbol(new SymbolName(position.Symbol)) is { } symbol
                && Swap(symbol, position.Side, ToLots(position.Symbol, position.Volume), day) is not 0m and var swap)
            {
                Keep(position with { Swap = position.Swap + swap });
            }
        }
    }

    /// <inheritdoc/>
    private protected override void OnDeposit(decimal amount) => BalanceVersion++;

    /// <inheritdoc/>
    private protected override BookState CaptureBook() =>
        new CtBook(_lastOrder, _lastPosition, _lastDeal, BalanceVersion, [.. _orders.Values], [.. _positions.Values]);

    /// <inheritdoc/>
    private protected override void LoadBook(BookState book)
    {
        var ct = (CtBook)book;
        (_lastOrder, _lastPosition, _lastDeal, BalanceVersion) = (ct.LastOrder, ct.LastPosition, ct.LastDeal, ct.BalanceVersion);
        foreach (var order in ct.Orders)
        {
            _orders.Add(order.OrderId, order);
            WakeToExpire(order.Expiration);
        }

        foreach (var position in ct.Positions)
        {
            _positions.Add(position.PositionId, position);
        }
    }

    /// <inheritdoc/>
    private protected override void LoadHistory(HistoryRecord record)
    {
        if (record is CtOrder order)
        {
            _ended[order.OrderId] = order;
        }
    }

    private CtReply Fail(string code, string text)
    {
        if (OrderError is { } tell)
        {
            Afterwards(() => tell(code, text));
        }

        return new CtReply { ErrorCode = code, Description = text };
    }

    private void Tell(CtExecutionType type, bool server, CtOrder order, CtPosition? position, CtDeal? deal = null, string errorCode = "")
    {
        if (Execution is { } tell)
        {
            Afterwards(() => tell(new CtExecutionEvent(type, server, order, position, deal, errorCode)));
        }
    }

    private void Keep(CtPosition position)
    {
        _positions[position.PositionId] = position;
        Touch();
    }

    private void Keep(CtOrder order)
    {
        _orders[order.OrderId] = order;
        Touch();
    }

    private CtOrder End(CtOrder order, CtOrderStatus status)
    {
        var ended = order with { OrderStatus = status, UpdatedAt = Clock.Now };
        _orders.Remove(order.OrderId);
        _ended[order.OrderId] = ended;
        Record(ended);
        return ended;
    }
}

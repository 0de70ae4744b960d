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
    private long _lastByHand;
    private string? _origin;

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

    /// <summary>ProtoOATrailingSLChangedEvent.</summary>
    public event Action<CtTrailingChanged>? TrailingChanged;

    /// <summary>A night's swap was charged on a position.</summary>
    public event Action<CtPosition>? SwapCharged;

    /// <summary>Money was paid in or out.</summary>
    public event Action<CtCashFlow>? CashFlow;

    /// <summary>ProtoOAOrderErrorEvent: code and text.</summary>
    public event Action<string, string>? OrderError;

    /// <summary>Working orders, protection orders included, by id.</summary>
    public IEnumerable<CtOrder> Orders => _orders.Values;

    /// <summary>Open positions, by id.</summary>
    public IEnumerable<CtPosition> Positions => _positions.Values;

    /// <summary>Deals, oldest first.</summary>
    public IEnumerable<CtDeal> DealList => History.OfType<CtDeal>();

    /// <summary>Orders that came to their end, in that order.</summary>
    public IEnumerable<CtOrder> EndedOrders => History.OfType<CtOrder>();

    /// <summary>Payments, oldest first; the opening balance is none of them.</summary>
    public IEnumerable<CtCashFlow> CashFlows => History.OfType<CtCashFlow>();

    /// <summary>+1 with every change of the balance.</summary>
    public long BalanceVersion { get; private set; }

    /// <summary>What the owner may do; a server in front of it tells the client.</summary>
    public CtAccessRights AccessRights { get; set; }

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
    public CtReply NewOrder(CtNewOrder request) => ByHand(request);

    /// <summary>ProtoOAAmendOrderReq.</summary>
    public CtReply AmendOrder(CtAmendOrder request) => ByHand(request);

    /// <summary>ProtoOACancelOrderReq.</summary>
    public CtReply CancelOrder(long orderId) => ByHand(new CtCancelOrder(orderId));

    /// <summary>ProtoOAClosePositionReq; volume in hundredths of a unit.</summary>
    public CtReply ClosePosition(long positionId, long volume) => ByHand(new CtClosePosition(positionId, volume));

    /// <summary>ProtoOAAmendPositionSLTPReq.</summary>
    public CtReply AmendPositionSltp(long positionId, decimal? stopLoss, decimal? takeProfit) => ByHand(new CtAmendPositionSltp(positionId, stopLoss, takeProfit));

    /// <summary>ProtoOAOrderDetailsReq: working or ended; null when unknown.</summary>
    public CtOrder? OrderDetails(long orderId) => _orders.GetValueOrDefault(orderId) ?? _ended.GetValueOrDefault(orderId);

    /// <summary>Lots for hundredths of a unit.</summary>
    public decimal ToLots(string symbol, long volume) => Symbol(new SymbolName(symbol)) is { } sim ? volume / (100m * sim.Spec.ContractSize) : 0m;

    /// <summary>Hundredths of a unit for lots.</summary>
    public long ToVolume(string symbol, decimal lots) => Symbol(new SymbolName(symbol)) is { } sim ? (long)(lots * sim.Spec.ContractSize * 100m) : 0L;

    /// <summary>Units of one currency for one of another; null when there is no quote to say.</summary>
    internal decimal? RateOf(string from, string to) =>
        from == to ? 1m
        : to == Settings.Currency ? RateOrNone(from)
        : RateOrNone(from) is { } there && RateOrNone(to) is { } back && back != 0m ? there / back
        : null;

    /// <summary>Margin in account currency that a volume would take at a price, by itself.</summary>
    internal decimal MarginFor(SimSymbol symbol, long volume, decimal price) => Round(MarginOf(symbol, ToLots(symbol.Spec.Name.Value, volume), price));

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
    private protected override NativeReply Execute(NativeRequest request, ExecutionTerms terms)
    {
        _origin = request.Origin;
        var reply = CheckRights(request) ?? Perform(request, terms);
        _origin = null;
        return reply;
    }

    private CtReply Perform(NativeRequest request, ExecutionTerms terms) => request switch
    {
        CtNewOrder { OrderType: CtOrderType.Market or CtOrderType.MarketRange } market => Market(market, terms),
        CtNewOrder pending => Place(pending, terms),
        CtAmendOrder amend => Amend(amend),
        CtCancelOrder cancel => Cancel(cancel),
        CtClosePosition close => Close(close, terms),
        CtAmendPositionSltp amend => AmendLevels(amend),
        CtPlaceProtection protect => Protect(protect),
        _ => Fail(CtErrorCode.InvalidRequest, request.GetType().Name),
    };

    /// <inheritdoc/>
    private protected override NativeReply Refuse(NativeRequest request, Verdict verdict)
    {
        _origin = request.Origin;
        var reply = request is CtNewOrder order && (verdict is Verdict.Rejected or Verdict.Requote) ? Reject(order) : Fail(CtErrorCode.Of(verdict), verdict.ToString());
        _origin = null;
        return reply;
    }

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
                var charged = position with { Swap = position.Swap + swap, UpdatedAt = Clock.Now };
                Keep(charged);
                if (SwapCharged is { } tell)
                {
                    Afterwards(() => tell(charged));
                }
            }
        }
    }

    /// <inheritdoc/>
    private protected override void OnDeposit(decimal amount)
    {
        BalanceVersion++;
        var flow = new CtCashFlow(++_lastDeal, amount, Balance, Funds().Equity.Value, BalanceVersion, Clock.Now);
        Record(flow);
        if (CashFlow is { } tell)
        {
            Afterwards(() => tell(flow));
        }
    }

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
            var told = new CtExecutionEvent(type, server, order, position, deal, errorCode) { Origin = _origin };
            Afterwards(() => tell(told));
        }
    }

    /// <summary>A request through a terminal of the owner; its id is the terminal's own.</summary>
    private CtReply ByHand(NativeRequest request) =>
        (CtReply)Run(request with { Origin = request.Origin ?? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"terminal-{++_lastByHand}") });

    /// <summary>What the access rights forbid (reference: ctrader.md §9); the server's own doings are not asked.</summary>
    private CtReply? CheckRights(NativeRequest request)
    {
        bool grows = request is CtNewOrder order && !(PositionFor(order) is { } held && held.Side != order.Side && held.Volume >= order.Volume);
        return AccessRights switch
        {
            CtAccessRights.NoTrading when request is not CtPlaceProtection => Fail(CtErrorCode.TradingNotAllowed, "Trading is not allowed for this account"),
            CtAccessRights.CloseOnly when grows => Fail(CtErrorCode.TradingNotAllowed, "Only closing is allowed for this account"),
            _ => null,
        };
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
        bool closes = status == CtOrderStatus.Filled || (status == CtOrderStatus.Cancelled && order.OrderType == CtOrderType.StopLossTakeProfit);
        var ended = order with { OrderStatus = status, UpdatedAt = Clock.Now, CloseTimestamp = closes ? Clock.Now : order.CloseTimestamp };
        _orders.Remove(order.OrderId);
        _ended[order.OrderId] = ended;
        Record(ended);
        return ended;
    }
}

using Google.Protobuf;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.CTrader.Tests.Account;

/// <summary>A server's side of one account: its lists as they stand, and the events of guide §8 as they were recorded.</summary>
internal sealed class Broker
{
    public const long Usd = 1;
    public const long Eur = 2;
    public const long Jpy = 3;
    public const long Gbp = 4;
    public const long Xau = 5;
    public const long At = 1_772_442_000_000;

    public List<ProtoOALightSymbol> Lights { get; } =
    [
        Light(1, "EURUSD", Eur, Usd), Light(4, "USDJPY", Usd, Jpy), Light(41, "XAUUSD", Xau, Usd), Light(7, "EURGBP", Eur, Gbp), Light(9, "GBPUSD", Gbp, Usd),
    ];

    public Dictionary<long, ProtoOASymbol> Symbols { get; } = new()
    {
        [1] = Symbol(1, 5, 10_000_000, 100_000, 100_000, 10_000_000_000),
        [4] = Symbol(4, 3, 10_000_000, 100_000, 100_000, 10_000_000_000),
        [41] = Symbol(41, 2, 10_000, 100, 100, 1_000_000),
        [7] = Symbol(7, 5, 10_000_000, 100_000, 100_000, 10_000_000_000),
        [9] = Symbol(9, 5, 10_000_000, 100_000, 100_000, 10_000_000_000),
    };

    public Dictionary<long, (ulong Bid, ulong Ask)> Spots { get; } = new() { [1] = (110_000, 110_010), [4] = (15_000_000, 15_000_200), [41] = (250_000_000, 250_030_000), [7] = (85_000, 85_010), [9] = (129_400, 129_410) };

    public ProtoOATrader Trader { get; set; } = new()
    {
        CtidTraderAccountId = Desk.Ctid, Balance = 1_000_000, BalanceVersion = 5, DepositAssetId = Usd, MoneyDigits = 2, LeverageInCents = 10_000, AccountType = ProtoOAAccountType.Hedged,
        AccessRights = ProtoOAAccessRights.FullAccess,
    };

    public List<ProtoOAPosition> Positions { get; } = [];

    public List<ProtoOAOrder> Orders { get; } = [];

    public List<ProtoOADeal> Deals { get; } = [];

    public List<ProtoOAOrder> PastOrders { get; } = [];

    public IMessage? Answer(IMessage body, long now) => body switch
    {
        ProtoOAAccountAuthReq => new ProtoOAAccountAuthRes { CtidTraderAccountId = Desk.Ctid },
        ProtoOAVersionReq => new ProtoOAVersionRes { Version = "91" },
        ProtoOATraderReq => new ProtoOATraderRes { CtidTraderAccountId = Desk.Ctid, Trader = Trader.Clone() },
        ProtoOAAssetListReq => With(new ProtoOAAssetListRes { CtidTraderAccountId = Desk.Ctid }, r => r.Asset.AddRange(
            new[] { (Usd, "USD"), (Eur, "EUR"), (Jpy, "JPY"), (Gbp, "GBP"), (Xau, "XAU") }.Select(a => new ProtoOAAsset { AssetId = a.Item1, Name = a.Item2 }))),
        ProtoOASymbolsListReq => With(new ProtoOASymbolsListRes { CtidTraderAccountId = Desk.Ctid }, r => r.Symbol.AddRange(Lights)),
        ProtoOASymbolByIdReq q => With(new ProtoOASymbolByIdRes { CtidTraderAccountId = Desk.Ctid }, r => r.Symbol.AddRange(q.SymbolId.Where(Symbols.ContainsKey).Select(id => Symbols[id]))),
        ProtoOASymbolsForConversionReq q => With(new ProtoOASymbolsForConversionRes { CtidTraderAccountId = Desk.Ctid }, r => r.Symbol.AddRange(q.FirstAssetId switch
        {
            Jpy => [Lights.Single(l => l.SymbolId == 4)],
            Gbp => new[] { Lights.Single(l => l.SymbolId == 7), Lights.Single(l => l.SymbolId == 1) },
            _ => [],
        })),
        ProtoOAReconcileReq => With(new ProtoOAReconcileRes { CtidTraderAccountId = Desk.Ctid }, r =>
        {
            r.Position.AddRange(Positions.Select(p => p.Clone()));
            r.Order.AddRange(Orders.Select(o => o.Clone()));
        }),
        ProtoOASubscribeSpotsReq => new ProtoOASubscribeSpotsRes { CtidTraderAccountId = Desk.Ctid },
        ProtoOADealListReq q => With(new ProtoOADealListRes { CtidTraderAccountId = Desk.Ctid, HasMore = false }, r => r.Deal.AddRange(Deals.Where(d => d.ExecutionTimestamp >= q.FromTimestamp && d.ExecutionTimestamp <= q.ToTimestamp))),
        ProtoOAOrderListReq => With(new ProtoOAOrderListRes { CtidTraderAccountId = Desk.Ctid, HasMore = false }, r => r.Order.AddRange(PastOrders)),
        ProtoOASubscribeLiveTrendbarReq => new ProtoOASubscribeLiveTrendbarRes { CtidTraderAccountId = Desk.Ctid },
        ProtoOAUnsubscribeLiveTrendbarReq => new ProtoOAUnsubscribeLiveTrendbarRes { CtidTraderAccountId = Desk.Ctid },
        _ => null,
    };

    public IEnumerable<IMessage> FirstSpots(IMessage body) => body is ProtoOASubscribeSpotsReq q
        ? q.SymbolId.Where(Spots.ContainsKey).Select(id => new ProtoOASpotEvent { CtidTraderAccountId = Desk.Ctid, SymbolId = id, Bid = Spots[id].Bid, Ask = Spots[id].Ask, SessionClose = Spots[id].Bid })
        : [];

    public static ProtoOALightSymbol Light(long id, string name, long @base, long quote) => new() { SymbolId = id, SymbolName = name, Enabled = true, BaseAssetId = @base, QuoteAssetId = quote };

    public static ProtoOASymbol Symbol(long id, int digits, long lot, long min, long step, long max) => new()
    {
        SymbolId = id, Digits = digits, PipPosition = digits - 1, LotSize = lot, MinVolume = min, StepVolume = step, MaxVolume = max, EnableShortSelling = true, TradingMode = ProtoOATradingMode.Enabled,
        SlDistance = 0, TpDistance = 0, DistanceSetIn = ProtoOASymbolDistanceType.SymbolDistanceInPoints,
    };

    public static ProtoOASpotEvent Spot(long symbol, ulong? bid, ulong? ask)
    {
        var spot = new ProtoOASpotEvent { CtidTraderAccountId = Desk.Ctid, SymbolId = symbol };
        if (bid is { } b)
        {
            spot.Bid = b;
        }

        if (ask is { } a)
        {
            spot.Ask = a;
        }

        return spot;
    }

    /// <summary>An open position, as a reconcile lists it.</summary>
    public static ProtoOAPosition Open(long id, long volume, double price, ProtoOATradeSide side = ProtoOATradeSide.Buy, long symbol = 1, string label = "", long at = At) => new()
    {
        PositionId = id, PositionStatus = ProtoOAPositionStatus.PositionStatusOpen, Price = price, Swap = 0, Commission = -3, UsedMargin = 3_360, MoneyDigits = 2, UtcLastUpdateTimestamp = at,
        TradeData = new ProtoOATradeData { SymbolId = symbol, Volume = volume, TradeSide = side, OpenTimestamp = At, Label = label },
    };

    public static ProtoOAPosition Shell(long id, ProtoOAPositionStatus status, ProtoOATradeSide side = ProtoOATradeSide.Buy, long symbol = 1, long at = At) => new()
    {
        PositionId = id, PositionStatus = status, Price = 0, Swap = 0, Commission = 0, UsedMargin = 0, MoneyDigits = 2, UtcLastUpdateTimestamp = at,
        TradeData = new ProtoOATradeData { SymbolId = symbol, Volume = 0, TradeSide = side },
    };

    public static ProtoOAOrder Order(
        long id, long position, long volume, ProtoOAOrderType type = ProtoOAOrderType.Market, ProtoOAOrderStatus status = ProtoOAOrderStatus.OrderStatusAccepted, string label = "", bool closing = false,
        ProtoOATradeSide side = ProtoOATradeSide.Buy, long symbol = 1, long at = At, long executed = 0, double price = 0) => new()
        {
            OrderId = id, PositionId = position, OrderType = type, OrderStatus = status, ClosingOrder = closing, ClientOrderId = closing ? "" : label, ExecutedVolume = executed, UtcLastUpdateTimestamp = at,
            ExecutionPrice = price, IsStopOut = false, TimeInForce = ProtoOATimeInForce.ImmediateOrCancel,
            TradeData = new ProtoOATradeData { SymbolId = symbol, Volume = volume, TradeSide = side, OpenTimestamp = At, Label = label },
        };

    public static ProtoOADeal Deal(long id, long order, long position, long volume, double price, ProtoOATradeSide side = ProtoOATradeSide.Buy, long commission = -3, long symbol = 1, long at = At) => new()
    {
        DealId = id, OrderId = order, PositionId = position, Volume = volume, FilledVolume = volume, SymbolId = symbol, CreateTimestamp = at, ExecutionTimestamp = at, ExecutionPrice = price,
        TradeSide = side, DealStatus = ProtoOADealStatus.Filled, Commission = commission, MoneyDigits = 2,
    };

    public static ProtoOADeal Closing(ProtoOADeal deal, double entry, long gross, long balance, long version, long commission = -6, long swap = 0, long fee = 0)
    {
        deal.ClosePositionDetail = new ProtoOAClosePositionDetail
        {
            EntryPrice = entry, GrossProfit = gross, Swap = swap, Commission = commission, Balance = balance, BalanceVersion = version, ClosedVolume = deal.FilledVolume, MoneyDigits = 2, PnlConversionFee = fee,
        };
        return deal;
    }

    public static ProtoOAExecutionEvent Event(ProtoOAExecutionType type, ProtoOAOrder? order, ProtoOAPosition? position, ProtoOADeal? deal = null, bool server = false, string? error = null)
    {
        var e = new ProtoOAExecutionEvent { CtidTraderAccountId = Desk.Ctid, ExecutionType = type, IsServerEvent = server };
        if (order is not null)
        {
            e.Order = order;
        }

        if (position is not null)
        {
            e.Position = position;
        }

        if (deal is not null)
        {
            e.Deal = deal;
        }

        if (error is not null)
        {
            e.ErrorCode = error;
        }

        return e;
    }

    /// <summary>The three events of a market order with levels, as recorded (guide §8).</summary>
    public static ProtoOAExecutionEvent[] MarketWithLevels(string label, long volume, long position = 501, long order = 601, double price = 1.1001, double? sl = 1.09, double? tp = 1.12)
    {
        var open = Open(position, volume, price, label: label, at: At + 130);
        var protectedBy = open.Clone();
        protectedBy.UtcLastUpdateTimestamp = At + 133;
        var protection = Order(order + 1, position, volume, ProtoOAOrderType.StopLossTakeProfit, closing: true, side: ProtoOATradeSide.Sell, at: At + 133);
        if (sl is { } stop)
        {
            protectedBy.StopLoss = protection.StopPrice = stop;
        }

        if (tp is { } profit)
        {
            protectedBy.TakeProfit = protection.LimitPrice = profit;
        }

        return
        [
            Event(ProtoOAExecutionType.OrderAccepted, Order(order, position, volume, label: label), Shell(position, ProtoOAPositionStatus.PositionStatusCreated)),
            Event(
                ProtoOAExecutionType.OrderFilled,
                Order(order, position, volume, status: ProtoOAOrderStatus.OrderStatusFilled, label: label, at: At + 130, executed: volume, price: price),
                open,
                Deal(701, order, position, volume, price, at: At + 130)),
            Event(ProtoOAExecutionType.OrderAccepted, protection, protectedBy, server: true),
        ];
    }

    private static T With<T>(T message, Action<T> fill)
    {
        fill(message);
        return message;
    }
}

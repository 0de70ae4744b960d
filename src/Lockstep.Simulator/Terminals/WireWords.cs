using Lockstep.Domain;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.Simulator;

/// <summary>A platform's objects in the words of the EA link, and commands of the link in ours.</summary>
internal static class WireWords
{
    public static WirePosition Of(PositionReport p, BrokerTime time) => new()
    {
        Id = p.Id.Value,
        Ticket = p.Ticket,
        Symbol = p.Symbol.Value,
        Buy = p.Side == Side.Buy,
        Lots = p.Volume.Value,
        Price = p.OpenPrice.Value,
        Time = time.Show(p.OpenedAt),
        Sl = p.StopLoss?.Value,
        Tp = p.TakeProfit?.Value,
        Order = p.OpeningOrder?.Value ?? 0,
        Magic = p.Tag.Magic,
        Comment = p.Tag.Comment,
    };

    public static WireOrder Of(PendingReport o, BrokerTime time) => new()
    {
        Id = o.Id.Value,
        Symbol = o.Symbol.Value,
        Buy = o.Side == Side.Buy,
        Type = o.Type switch { PendingType.Limit => "limit", PendingType.Stop => "stop", _ => "stoplimit" },
        Lots = o.Volume.Value,
        Price = o.Price.Value,
        Limit = o.Type == PendingType.StopLimit ? o.LimitPrice?.Value : null,
        Sl = o.StopLoss?.Value,
        Tp = o.TakeProfit?.Value,
        Expiry = o.Expiry is { } expiry ? time.Show(expiry) : null,
        Time = time.Show(o.PlacedAt),
        Magic = o.Tag.Magic,
        Comment = o.Tag.Comment,
    };

    public static WireDeal Of(DealReport d, BrokerTime time, bool mt4) => new()
    {
        // MT4's made-up number begins with the second, and the terminal knows the broker's seconds only.
        Id = mt4 ? d.Id.Value + ((long)time.OffsetAt(d.At) << 22) : d.Id.Value,
        Position = d.Position.Value,
        Order = d.Order?.Value ?? 0,
        Symbol = d.Symbol.Value,
        Buy = d.Side == Side.Buy,
        Lots = d.Volume.Value,
        Price = d.Price.Value,
        Entry = d.Entry switch { DealEntry.In => "in", DealEntry.Out => "out", _ => "inout" },
        Reason = d.Reason switch
        {
            DealReason.Request => "request",
            DealReason.StopLoss => "sl",
            DealReason.TakeProfit => "tp",
            DealReason.StopOut => "so",
            _ => "other",
        },
        Time = time.Show(d.At),
        Magic = d.Tag.Magic,
        Comment = d.Tag.Comment,
        Profit = d.Profit.Value,
        Swap = d.Swap.Value,
        Commission = d.Commission.Value,
    };

    public static WireSymbol Of(SimSymbol s, decimal tickValue) => new()
    {
        Name = s.Spec.Name.Value,
        Size = s.Spec.ContractSize,
        Digits = s.Spec.Digits,
        Tick = s.Spec.TickSize,
        Min = s.Spec.MinLots.Value,
        Step = s.Spec.LotStep.Value,
        Max = s.Spec.MaxLots.Value,
        Limit = s.VolumeLimit,
        Stops = s.Spec.StopsLevelPoints,
        Freeze = s.Spec.FreezeLevelPoints,
        Base = s.Spec.BaseCurrency,
        Profit = s.Spec.ProfitCurrency,
        Fill = (int)s.Filling,
        Execution = s.Execution == SimExecution.Instant ? "instant" : "market",
        Trade = s.TradeMode switch
        {
            SimTradeMode.Disabled => "none",
            SimTradeMode.LongOnly => "long",
            SimTradeMode.ShortOnly => "short",
            SimTradeMode.CloseOnly => "close",
            _ => "full",
        },
        Value = tickValue,
        SwapLong = s.SwapLong,
        SwapShort = s.SwapShort,
    };

    public static WireQuote Of(string symbol, Quote q, BrokerTime time) => new(symbol, q.Bid.Value, q.Ask.Value, time.Show(q.At));

    public static WireFunds Of(AccountFunds f) => new(f.Balance.Value, f.Equity.Value, f.Margin.Value, f.FreeMargin.Value, 0m);

    /// <summary>
    /// The command in our words; null when it is none that a terminal could carry out.
    /// </summary>
    public static OrderCommand? Of(CommandMessage c, Timestamp deadline, BrokerTime time, Timestamp now)
    {
        if (!OrderKey.TryFind(c.Id, out var key) || c.Symbol.Length == 0)
        {
            return null;
        }

        var account = new AccountId("terminal");
        var symbol = new SymbolName(c.Symbol);
        Side? side = c.Side switch { "buy" => Side.Buy, "sell" => Side.Sell, _ => null };
        PendingType? type = c.Type switch { "limit" => PendingType.Limit, "stop" => PendingType.Stop, "stoplimit" => PendingType.StopLimit, _ => null };
        Timestamp? expiry = c.Expiry is { } at ? time.Meant(at, now) : null;
        return c.Do switch
        {
            WireDo.Open when side is { } s => new OpenMarket
            {
                Account = account, Key = key, Symbol = symbol, Deadline = deadline, Side = s, Volume = new Lots(c.Lots), StopLoss = At(c.Sl), TakeProfit = At(c.Tp), WorstPrice = At(c.Worst),
            },
            WireDo.Place when side is { } s && type is { } t && c.Price is { } price => new PlacePending
            {
                Account = account, Key = key, Symbol = symbol, Deadline = deadline, Side = s, Type = t, Volume = new Lots(c.Lots), Price = new Price(price), LimitPrice = At(c.Limit),
                StopLoss = At(c.Sl), TakeProfit = At(c.Tp), Expiry = expiry,
            },
            WireDo.Reduce => new ReducePosition
            {
                Account = account, Key = key, Symbol = symbol, Deadline = deadline, Position = new PositionId(c.Position), TargetVolume = new Lots(c.Lots), Side = side,
            },
            WireDo.Stops => new SetStops
            {
                Account = account, Key = key, Symbol = symbol, Deadline = deadline, Position = new PositionId(c.Position), StopLoss = At(c.Sl), TakeProfit = At(c.Tp),
            },
            WireDo.Amend when c.Price is { } price => new AmendPending
            {
                Account = account, Key = key, Symbol = symbol, Deadline = deadline, Order = new OrderId(c.Order), Price = new Price(price), LimitPrice = At(c.Limit),
                StopLoss = At(c.Sl), TakeProfit = At(c.Tp), Expiry = expiry,
            },
            WireDo.Cancel => new CancelPending { Account = account, Key = key, Symbol = symbol, Deadline = deadline, Order = new OrderId(c.Order) },
            WireDo.CloseBy => new CloseBy
            {
                Account = account, Key = key, Symbol = symbol, Deadline = deadline, Position = new PositionId(c.Position), Opposite = new PositionId(c.By),
            },
            _ => null,
        };
    }

    // An upper bound of what an object takes as JSON, so that parts can be cut without writing them twice.
    public static int SizeOf(WirePosition p) => 420 + (2 * (p.Symbol.Length + p.Comment.Length));

    public static int SizeOf(WireOrder o) => 480 + (2 * (o.Symbol.Length + o.Comment.Length));

    public static int SizeOf(WireDeal d) => 520 + (2 * (d.Symbol.Length + d.Comment.Length));

    private static Price? At(decimal? price) => price is { } p ? new Price(p) : null;
}

using Lockstep.Domain;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Translate;

/// <summary>The terminal's objects as ours.</summary>
internal static class Reports
{
    private static readonly Timestamp Oldest = Timestamp.From(new DateTimeOffset(1990, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public static PositionReport Position(WirePosition p, Timestamp openedAt) => new()
    {
        Id = new PositionId(p.Id),
        Ticket = p.Ticket,
        Symbol = new SymbolName(p.Symbol),
        Side = SideOf(p.Buy),
        Volume = new Lots(p.Lots),
        OpenPrice = new Price(p.Price),
        OpenedAt = openedAt,
        StopLoss = Level(p.Sl),
        TakeProfit = Level(p.Tp),
        OpeningOrder = p.Order > 0 ? new OrderId(p.Order) : null,
        Tag = OrderTag.Read(p.Magic, p.Comment),
    };

    public static PendingReport Order(WireOrder o, (Timestamp PlacedAt, Timestamp? Expiry) times) => new()
    {
        Id = new OrderId(o.Id),
        Symbol = new SymbolName(o.Symbol),
        Side = SideOf(o.Buy),
        Type = TypeOf(o.Type) ?? PendingType.Limit,
        Volume = new Lots(o.Lots),
        Price = new Price(o.Price),
        LimitPrice = Level(o.Limit),
        StopLoss = Level(o.Sl),
        TakeProfit = Level(o.Tp),
        Expiry = times.Expiry,
        PlacedAt = times.PlacedAt,
        Tag = OrderTag.Read(o.Magic, o.Comment),
    };

    public static DealReport Deal(WireDeal d, ServerClock clock) => new()
    {
        Id = new DealId(d.Id),
        Position = new PositionId(d.Position),
        Order = d.Order > 0 ? new OrderId(d.Order) : null,
        Symbol = new SymbolName(d.Symbol),
        Side = SideOf(d.Buy),
        Volume = new Lots(d.Lots),
        Price = new Price(d.Price),
        Entry = EntryOf(d.Entry) ?? DealEntry.In,
        Reason = d.Reason switch
        {
            "request" => DealReason.Request,
            "sl" => DealReason.StopLoss,
            "tp" => DealReason.TakeProfit,
            "so" => DealReason.StopOut,
            _ => DealReason.Other,
        },
        Tag = OrderTag.Read(d.Magic, d.Comment),
        At = clock.ToUtc(d.Time),
        Profit = new Money(d.Profit),
        Swap = new Money(d.Swap),
        Commission = new Money(d.Commission),
    };

    public static SymbolSpec Symbol(WireSymbol s) => new()
    {
        Name = new SymbolName(s.Name),
        ContractSize = s.Size,
        Digits = s.Digits,
        TickSize = s.Tick,
        MinLots = new Lots(s.Min),
        LotStep = new Lots(s.Step),
        MaxLots = new Lots(s.Limit > 0 ? Math.Min(s.Limit, s.Max) : s.Max),
        StopsLevelPoints = s.Stops,
        FreezeLevelPoints = s.Freeze,
        ProfitCurrency = s.Profit,
        BaseCurrency = s.Base,
        Trading = s.Trade switch
        {
            "full" => SymbolTrading.Full,
            "long" => SymbolTrading.LongOnly,
            "short" => SymbolTrading.ShortOnly,
            "close" => SymbolTrading.CloseOnly,
            _ => SymbolTrading.Disabled,
        },
    };

    public static AccountFunds Funds(WireFunds f, string currency, Timestamp at) => new()
    {
        Balance = new Money(f.Balance),
        Equity = new Money(f.Equity),
        Margin = new Money(f.Margin),
        FreeMargin = new Money(f.Free),
        Currency = currency,
        At = at,
    };

    /// <summary>What no position of a sound platform has, or null.</summary>
    public static string? Problem(WirePosition p, ServerClock clock, Timestamp now) =>
        p.Id <= 0 ? $"position {p.Id}: no number"
        : p.Symbol.Length == 0 ? $"position {p.Id}: no symbol"
        : p.Lots <= 0 ? $"position {p.Id}: lots {p.Lots} must be above 0"
        : p.Price <= 0 ? $"position {p.Id}: price {p.Price} must be above 0"
        : Absurd(p.Time, clock, now) ? $"position {p.Id}: time {p.Time} cannot be"
        : null;

    /// <summary>What no pending order of a sound platform has, or null.</summary>
    public static string? Problem(WireOrder o, ServerClock clock, Timestamp now) =>
        o.Id <= 0 ? $"order {o.Id}: no number"
        : o.Symbol.Length == 0 ? $"order {o.Id}: no symbol"
        : TypeOf(o.Type) is null ? $"order {o.Id}: type {o.Type} is not known"
        : o.Lots <= 0 ? $"order {o.Id}: lots {o.Lots} must be above 0"
        : o.Price <= 0 ? $"order {o.Id}: price {o.Price} must be above 0"
        : Absurd(o.Time, clock, now) ? $"order {o.Id}: time {o.Time} cannot be"
        : null;

    /// <summary>What no deal of a sound platform has, or null.</summary>
    public static string? Problem(WireDeal d, ServerClock clock, Timestamp now) =>
        d.Id <= 0 ? $"deal {d.Id}: no number"
        : d.Symbol.Length == 0 ? $"deal {d.Id}: no symbol"
        : d.Lots <= 0 ? $"deal {d.Id}: lots {d.Lots} must be above 0"
        : EntryOf(d.Entry) is null ? $"deal {d.Id}: entry {d.Entry} is not known"
        : Absurd(d.Time, clock, now) ? $"deal {d.Id}: time {d.Time} cannot be"
        : null;

    /// <summary>What is wrong with the first object that cannot be, or null. One bad object and nothing of the message counts.</summary>
    public static string? Problem(IReadOnlyList<WirePosition> positions, IReadOnlyList<WireOrder> orders, IReadOnlyList<WireDeal> deals, ServerClock clock, Timestamp now)
    {
        for (int i = 0; i < positions.Count; i++)
        {
            if (Problem(positions[i], clock, now) is { } problem)
            {
                return problem;
            }
        }

        for (int i = 0; i < orders.Count; i++)
        {
            if (Problem(orders[i], clock, now) is { } problem)
            {
                return problem;
            }
        }

        for (int i = 0; i < deals.Count; i++)
        {
            if (Problem(deals[i], clock, now) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    /// <summary>The mode's name on the wire.</summary>
    public static AccountMode? ModeOf(string mode) => mode switch
    {
        "hedging" => AccountMode.Hedging,
        "netting" => AccountMode.Netting,
        "fifo" => AccountMode.Fifo,
        _ => null,
    };

    private static PendingType? TypeOf(string type) => type switch
    {
        "limit" => PendingType.Limit,
        "stop" => PendingType.Stop,
        "stoplimit" => PendingType.StopLimit,
        _ => null,
    };

    private static DealEntry? EntryOf(string entry) => entry switch
    {
        "in" => DealEntry.In,
        "out" => DealEntry.Out,
        "inout" => DealEntry.InOut,
        _ => null,
    };

    private static bool Absurd(long brokerMs, ServerClock clock, Timestamp now) =>
        clock.ToUtc(brokerMs) is var at && (at < Oldest || at > now + TimeSpan.FromDays(2));

    private static Side SideOf(bool buy) => buy ? Side.Buy : Side.Sell;

    private static Price? Level(decimal? level) => level is { } value and > 0 ? new Price(value) : null;
}

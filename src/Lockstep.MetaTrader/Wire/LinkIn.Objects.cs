using System.Text.Json;

namespace Lockstep.MetaTrader.Wire;

/// <summary>The objects that messages are made of.</summary>
internal ref partial struct LinkIn
{
    private static readonly LinkFields PositionNeeds = LinkFields.Of(LinkField.Id, LinkField.Ticket, LinkField.Symbol, LinkField.Side, LinkField.Lots, LinkField.Price, LinkField.Time);
    private static readonly LinkFields PositionKnows = PositionNeeds.With(LinkFields.Of(LinkField.Sl, LinkField.Tp, LinkField.Order, LinkField.Magic, LinkField.Comment));

    private static readonly LinkFields OrderNeeds = LinkFields.Of(LinkField.Id, LinkField.Symbol, LinkField.Side, LinkField.Type, LinkField.Lots, LinkField.Price, LinkField.Time);
    private static readonly LinkFields OrderKnows = OrderNeeds.With(LinkFields.Of(LinkField.Limit, LinkField.Sl, LinkField.Tp, LinkField.Expiry, LinkField.Magic, LinkField.Comment));

    private static readonly LinkFields DealNeeds = LinkFields.Of(
        LinkField.Id, LinkField.Position, LinkField.Symbol, LinkField.Side, LinkField.Lots, LinkField.Price, LinkField.Entry, LinkField.Reason, LinkField.Time);

    private static readonly LinkFields DealKnows = DealNeeds.With(LinkFields.Of(
        LinkField.Order, LinkField.Magic, LinkField.Comment, LinkField.Profit, LinkField.Swap, LinkField.Commission));

    private static readonly LinkFields SymbolNeeds = LinkFields.Of(LinkField.Name, LinkField.Size, LinkField.Digits, LinkField.Tick, LinkField.Min, LinkField.Step, LinkField.Max);

    private static readonly LinkFields SymbolKnows = SymbolNeeds.With(LinkFields.Of(
        LinkField.Limit, LinkField.Stops, LinkField.Freeze, LinkField.Base, LinkField.Profit, LinkField.Fill, LinkField.Exec, LinkField.Trade, LinkField.Value, LinkField.Swapl, LinkField.Swaps));

    private static readonly LinkFields FundsNeeds = LinkFields.Of(LinkField.Balance, LinkField.Equity, LinkField.Margin, LinkField.Free, LinkField.Credit);

    private WirePosition[] Positions() => List(static (ref LinkIn input) => input.Position());

    private WireOrder[] Orders() => List(static (ref LinkIn input) => input.Order());

    private WireDeal[] Deals() => List(static (ref LinkIn input) => input.Deal());

    private WireQuote[] Quotes() => List(static (ref LinkIn input) => input.Quote());

    private long[] Ids() => List(static (ref LinkIn input) => input.Id());

    private WirePosition Position()
    {
        if (!IsObject())
        {
            return null!;
        }

        int start = (int)_reader.TokenStartIndex;
        long id = 0, ticket = 0, time = 0, order = 0, magic = 0;
        string symbol = "", comment = "";
        bool buy = false;
        decimal lots = 0, price = 0;
        decimal? sl = null, tp = null;
        LinkFields seen = default;
        while (Next(ref seen, PositionKnows, out var field))
        {
            switch (field)
            {
                case LinkField.Id: id = Id(); break;
                case LinkField.Ticket: ticket = Id(); break;
                case LinkField.Symbol: symbol = Name(); break;
                case LinkField.Side: buy = IsBuy(); break;
                case LinkField.Lots: lots = Lots(); break;
                case LinkField.Price: price = Price(); break;
                case LinkField.Time: time = Time(); break;
                case LinkField.Sl: sl = Price(); break;
                case LinkField.Tp: tp = Price(); break;
                case LinkField.Order: order = Count(); break;
                case LinkField.Magic: magic = Long(long.MinValue, long.MaxValue); break;
                case LinkField.Comment: comment = Comment(); break;
            }
        }

        return !Has(seen, PositionNeeds) ? null! : new WirePosition
        {
            Id = id,
            Ticket = ticket,
            Symbol = symbol,
            Buy = buy,
            Lots = lots,
            Price = price,
            Time = time,
            Sl = sl,
            Tp = tp,
            Order = order,
            Magic = magic,
            Comment = comment,
            Fingerprint = Fnv.Of(_json[start..(int)_reader.BytesConsumed]),
        };
    }

    private WireOrder Order()
    {
        if (!IsObject())
        {
            return null!;
        }

        int start = (int)_reader.TokenStartIndex;
        long id = 0, time = 0, magic = 0;
        string symbol = "", comment = "", type = "";
        bool buy = false;
        decimal lots = 0, price = 0;
        decimal? limit = null, sl = null, tp = null;
        long? expiry = null;
        LinkFields seen = default;
        while (Next(ref seen, OrderKnows, out var field))
        {
            switch (field)
            {
                case LinkField.Id: id = Id(); break;
                case LinkField.Symbol: symbol = Name(); break;
                case LinkField.Side: buy = IsBuy(); break;
                case LinkField.Type: type = OrderType(); break;
                case LinkField.Lots: lots = Lots(); break;
                case LinkField.Price: price = Price(); break;
                case LinkField.Limit: limit = Price(); break;
                case LinkField.Sl: sl = Price(); break;
                case LinkField.Tp: tp = Price(); break;
                case LinkField.Expiry: expiry = Time(); break;
                case LinkField.Time: time = Time(); break;
                case LinkField.Magic: magic = Long(long.MinValue, long.MaxValue); break;
                case LinkField.Comment: comment = Comment(); break;
            }
        }

        if (!Has(seen, OrderNeeds))
        {
            return null!;
        }

        CheckLimit(type, limit);
        return new WireOrder
        {
            Id = id,
            Symbol = symbol,
            Buy = buy,
            Type = type,
            Lots = lots,
            Price = price,
            Limit = limit,
            Sl = sl,
            Tp = tp,
            Expiry = expiry,
            Time = time,
            Magic = magic,
            Comment = comment,
            Fingerprint = Fnv.Of(_json[start..(int)_reader.BytesConsumed]),
        };
    }

    private string OrderType() => OneOf("limit", "stop", "stoplimit");

    /// <summary>A stop-limit order has a limit, the others have none.</summary>
    private void CheckLimit(string type, decimal? limit)
    {
        if (!Bad && type == "stoplimit" != limit.HasValue)
        {
            _field = LinkField.Limit;
            Fail(limit.HasValue ? $"stands with a {type} order" : "is missing");
        }
    }

    private string Comment() => Text(MaxComment, clean: true, shared: false);

    private WireDeal Deal()
    {
        if (!IsObject())
        {
            return null!;
        }

        long id = 0, position = 0, order = 0, time = 0, magic = 0;
        string symbol = "", comment = "", entry = "", reason = "";
        bool buy = false;
        decimal lots = 0, price = 0, profit = 0, swap = 0, commission = 0;
        LinkFields seen = default;
        while (Next(ref seen, DealKnows, out var field))
        {
            switch (field)
            {
                case LinkField.Id: id = Id(); break;
                case LinkField.Position: position = Id(); break;
                case LinkField.Order: order = Count(); break;
                case LinkField.Symbol: symbol = Name(); break;
                case LinkField.Side: buy = IsBuy(); break;
                case LinkField.Lots: lots = Lots(); break;
                case LinkField.Price: price = Price(); break;
                case LinkField.Entry: entry = OneOf("in", "out", "inout"); break;
                case LinkField.Reason: reason = OneOf("request", "sl", "tp", "so", "other"); break;
                case LinkField.Time: time = Time(); break;
                case LinkField.Magic: magic = Long(long.MinValue, long.MaxValue); break;
                case LinkField.Comment: comment = Comment(); break;
                case LinkField.Profit: profit = Decimal(); break;
                case LinkField.Swap: swap = Decimal(); break;
                case LinkField.Commission: commission = Decimal(); break;
            }
        }

        return !Has(seen, DealNeeds) ? null! : new WireDeal
        {
            Id = id,
            Position = position,
            Order = order,
            Symbol = symbol,
            Buy = buy,
            Lots = lots,
            Price = price,
            Entry = entry,
            Reason = reason,
            Time = time,
            Magic = magic,
            Comment = comment,
            Profit = profit,
            Swap = swap,
            Commission = commission,
        };
    }

    /// <summary>Only what every symbol must have is checked: Market Watch has index symbols without volumes or ticks, and they must not keep the others out.</summary>
    private WireSymbol Symbol()
    {
        if (!IsObject())
        {
            return null!;
        }

        string name = "", basis = "", profit = "", execution = "", trade = "full";
        decimal size = 0, tick = 0, min = 0, step = 0, max = 0, limit = 0, value = 0, swapLong = 0, swapShort = 0;
        int digits = 0, stops = 0, freeze = 0, fill = 0;
        LinkFields seen = default;
        while (Next(ref seen, SymbolKnows, out var field))
        {
            switch (field)
            {
                case LinkField.Name: name = Name(); break;
                case LinkField.Size: size = ZeroOrMore(); break;
                case LinkField.Digits: digits = Int(0, 10); break;
                case LinkField.Tick: tick = ZeroOrMore(); break;
                case LinkField.Min: min = ZeroOrMore(); break;
                case LinkField.Step: step = ZeroOrMore(); break;
                case LinkField.Max: max = ZeroOrMore(); break;
                case LinkField.Limit: limit = ZeroOrMore(); break;
                case LinkField.Stops: stops = Int(0, int.MaxValue); break;
                case LinkField.Freeze: freeze = Int(0, int.MaxValue); break;
                case LinkField.Base: basis = Name(empty: true); break;
                case LinkField.Profit: profit = Name(empty: true); break;
                case LinkField.Fill: fill = Int(0, int.MaxValue); break;
                case LinkField.Exec: execution = OneOf("market", "instant", "request", "exchange", ""); break;
                case LinkField.Trade: trade = OneOf("full", "none", "long", "short", "close"); break;
                case LinkField.Value: value = ZeroOrMore(); break;
                case LinkField.Swapl: swapLong = Decimal(); break;
                case LinkField.Swaps: swapShort = Decimal(); break;
            }
        }

        return !Has(seen, SymbolNeeds) ? null! : new WireSymbol
        {
            Name = name,
            Size = size,
            Digits = digits,
            Tick = tick,
            Min = min,
            Step = step,
            Max = max,
            Limit = limit,
            Stops = stops,
            Freeze = freeze,
            Base = basis,
            Profit = profit,
            Fill = fill,
            Execution = execution,
            Trade = trade,
            Value = value,
            SwapLong = swapLong,
            SwapShort = swapShort,
        };
    }

    private WireFunds Funds()
    {
        if (!IsObject())
        {
            return null!;
        }

        Money money = default;
        LinkFields seen = default;
        while (Next(ref seen, FundsNeeds, out var field))
        {
            money.Read(ref this, field);
        }

        return Has(seen, FundsNeeds) ? money.Funds : null!;
    }

    /// <summary>Funds while they are read: an object in a snapshot, spread over the message in <c>funds</c>.</summary>
    private struct Money
    {
        private decimal _balance;
        private decimal _equity;
        private decimal _margin;
        private decimal _free;
        private decimal _credit;

        public readonly WireFunds Funds => new(_balance, _equity, _margin, _free, _credit);

        public void Read(ref LinkIn input, LinkField field)
        {
            switch (field)
            {
                case LinkField.Balance: _balance = input.Decimal(); break;
                case LinkField.Equity: _equity = input.Decimal(); break;
                case LinkField.Margin: _margin = input.Decimal(); break;
                case LinkField.Free: _free = input.Decimal(); break;
                case LinkField.Credit: _credit = input.Decimal(); break;
            }
        }
    }

    private WireQuote Quote()
    {
        if (!Begin())
        {
            return default;
        }

        _reader.Read();
        string symbol = Name();
        _reader.Read();
        decimal bid = Price();
        _reader.Read();
        decimal ask = Price();
        _reader.Read();
        long time = Time();
        return End() ? new(symbol, bid, ask, time) : default;
    }

    private WireFloating Floating()
    {
        if (!Begin())
        {
            return default;
        }

        _reader.Read();
        long position = Id();
        _reader.Read();
        decimal profit = Decimal();
        _reader.Read();
        decimal swap = Decimal();
        return End() ? new(position, profit, swap) : default;
    }

    private bool Begin()
    {
        if (!Bad && _reader.TokenType != JsonTokenType.StartArray)
        {
            FailValue("a list");
        }

        return !Bad;
    }

    private bool End()
    {
        if (Bad)
        {
            return false;
        }

        _reader.Read();
        if (_reader.TokenType != JsonTokenType.EndArray)
        {
            FailValue("the end of its list");
        }

        return !Bad;
    }
}

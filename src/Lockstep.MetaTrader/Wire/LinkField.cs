namespace Lockstep.MetaTrader.Wire;

/// <summary>Every field of every message. A member's name in small letters is the field's name on the wire; the numbers are places in a <see cref="LinkFields"/>.</summary>
internal enum LinkField : byte
{
    T = 0,
    N = 1,
    Id = 2,
    List = 3,
    Lots = 4,
    Price = 5,
    Sl = 6,
    Tp = 7,
    Ticket = 8,
    Symbol = 9,
    Side = 10,
    Time = 11,
    Order = 12,
    Magic = 13,
    Comment = 14,
    Position = 15,
    Positions = 16,
    Closed = 17,
    Orders = 18,
    Gone = 19,
    Deals = 20,
    Quotes = 21,
    Out = 22,
    Code = 23,
    Why = 24,
    Text = 25,
    Took = 26,
    Digest = 27,
    Conn = 28,
    Ping = 29,
    Trade = 30,
    Tick = 31,
    Offset = 32,
    Used = 33,
    Queue = 34,
    Echo = 35,
    Held = 36,
    Now = 37,
    Ack = 38,
    Type = 39,
    Limit = 40,
    Expiry = 41,
    Entry = 42,
    Reason = 43,
    Profit = 44,
    Swap = 45,
    Commission = 46,
    Epoch = 47,
    Exp = 48,
    Do = 49,
    Worst = 50,
    Target = 51,
    By = 52,
    V = 53,
    Key = 54,
    Login = 55,
    Server = 56,
    Platform = 57,
    Role = 58,
    Mode = 59,
    Currency = 60,
    Leverage = 61,
    Build = 62,
    Ea = 63,
    Terminal = 64,
    Acked = 65,
    First = 66,
    Last = 67,
    Demo = 68,
    Company = 69,
    Closeby = 70,
    Stoplimit = 71,
    Clash = 72,
    Active = 73,
    Resume = 74,
    Beat = 75,
    Budget = 76,
    Wait = 77,
    More = 78,
    Name = 79,
    Size = 80,
    Digits = 81,
    Min = 82,
    Step = 83,
    Max = 84,
    Stops = 85,
    Freeze = 86,
    Base = 87,
    Fill = 88,
    Exec = 89,
    Value = 90,
    Swapl = 91,
    Swaps = 92,
    From = 93,
    Part = 94,
    Of = 95,
    Funds = 96,
    Ended = 97,
    Balance = 98,
    Equity = 99,
    Margin = 100,
    Free = 101,
    Credit = 102,
    Floating = 103,
    What = 104,
    Frame = 105,
    To = 106,
    Rows = 107,
    Level = 108,
    Push = 109,
    Hedge = 110,
    Symbols = 111,
    Keys = 112,

    /// <summary>A field that this version does not know.</summary>
    None = 255,
}

/// <summary>Names to fields.</summary>
internal static class LinkFieldNames
{
    /// <summary>Longest name.</summary>
    public const int Longest = 10;

    /// <summary>The field of a name.</summary>
    public static LinkField Find(ReadOnlySpan<byte> name)
    {
        if (name.Length > Longest)
        {
            return LinkField.None;
        }

        // Widened, as the compiler makes a tree of comparisons for texts, and for bytes it does not.
        Span<char> wide = stackalloc char[Longest];
        for (int i = 0; i < name.Length; i++)
        {
            wide[i] = (char)name[i];
        }

        return ((ReadOnlySpan<char>)wide[..name.Length]) switch
        {
            "t" => LinkField.T,
            "n" => LinkField.N,
            "id" => LinkField.Id,
            "list" => LinkField.List,
            "lots" => LinkField.Lots,
            "price" => LinkField.Price,
            "sl" => LinkField.Sl,
            "tp" => LinkField.Tp,
            "ticket" => LinkField.Ticket,
            "symbol" => LinkField.Symbol,
            "side" => LinkField.Side,
            "time" => LinkField.Time,
            "order" => LinkField.Order,
            "magic" => LinkField.Magic,
            "comment" => LinkField.Comment,
            "position" => LinkField.Position,
            "positions" => LinkField.Positions,
            "closed" => LinkField.Closed,
            "orders" => LinkField.Orders,
            "gone" => LinkField.Gone,
            "deals" => LinkField.Deals,
            "quotes" => LinkField.Quotes,
            "out" => LinkField.Out,
            "code" => LinkField.Code,
            "why" => LinkField.Why,
            "text" => LinkField.Text,
            "took" => LinkField.Took,
            "digest" => LinkField.Digest,
            "conn" => LinkField.Conn,
            "ping" => LinkField.Ping,
            "trade" => LinkField.Trade,
            "tick" => LinkField.Tick,
            "offset" => LinkField.Offset,
            "used" => LinkField.Used,
            "queue" => LinkField.Queue,
            "echo" => LinkField.Echo,
            "held" => LinkField.Held,
            "now" => LinkField.Now,
            "ack" => LinkField.Ack,
            "type" => LinkField.Type,
            "limit" => LinkField.Limit,
            "expiry" => LinkField.Expiry,
            "entry" => LinkField.Entry,
            "reason" => LinkField.Reason,
            "profit" => LinkField.Profit,
            "swap" => LinkField.Swap,
            "commission" => LinkField.Commission,
            "epoch" => LinkField.Epoch,
            "exp" => LinkField.Exp,
            "do" => LinkField.Do,
            "worst" => LinkField.Worst,
            "target" => LinkField.Target,
            "by" => LinkField.By,
            "v" => LinkField.V,
            "key" => LinkField.Key,
            "login" => LinkField.Login,
            "server" => LinkField.Server,
            "platform" => LinkField.Platform,
            "role" => LinkField.Role,
            "mode" => LinkField.Mode,
            "currency" => LinkField.Currency,
            "leverage" => LinkField.Leverage,
            "build" => LinkField.Build,
            "ea" => LinkField.Ea,
            "terminal" => LinkField.Terminal,
            "acked" => LinkField.Acked,
            "first" => LinkField.First,
            "last" => LinkField.Last,
            "demo" => LinkField.Demo,
            "company" => LinkField.Company,
            "closeby" => LinkField.Closeby,
            "stoplimit" => LinkField.Stoplimit,
            "clash" => LinkField.Clash,
            "active" => LinkField.Active,
            "resume" => LinkField.Resume,
            "beat" => LinkField.Beat,
            "budget" => LinkField.Budget,
            "wait" => LinkField.Wait,
            "more" => LinkField.More,
            "name" => LinkField.Name,
            "size" => LinkField.Size,
            "digits" => LinkField.Digits,
            "min" => LinkField.Min,
            "step" => LinkField.Step,
            "max" => LinkField.Max,
            "stops" => LinkField.Stops,
            "freeze" => LinkField.Freeze,
            "base" => LinkField.Base,
            "fill" => LinkField.Fill,
            "exec" => LinkField.Exec,
            "value" => LinkField.Value,
            "swapl" => LinkField.Swapl,
            "swaps" => LinkField.Swaps,
            "from" => LinkField.From,
            "part" => LinkField.Part,
            "of" => LinkField.Of,
            "funds" => LinkField.Funds,
            "ended" => LinkField.Ended,
            "balance" => LinkField.Balance,
            "equity" => LinkField.Equity,
            "margin" => LinkField.Margin,
            "free" => LinkField.Free,
            "credit" => LinkField.Credit,
            "floating" => LinkField.Floating,
            "what" => LinkField.What,
            "frame" => LinkField.Frame,
            "to" => LinkField.To,
            "rows" => LinkField.Rows,
            "level" => LinkField.Level,
            "push" => LinkField.Push,
            "hedge" => LinkField.Hedge,
            "symbols" => LinkField.Symbols,
            "keys" => LinkField.Keys,
            _ => LinkField.None,
        };
    }

    /// <summary>The name of a field.</summary>
    public static string Of(LinkField field) => field.ToString().ToLowerInvariant();
}

/// <summary>A set of fields.</summary>
internal readonly struct LinkFields(ulong low, ulong high)
{
    private readonly ulong _low = low;
    private readonly ulong _high = high;

    /// <summary>These fields.</summary>
    public static LinkFields Of(params ReadOnlySpan<LinkField> fields)
    {
        LinkFields set = default;
        foreach (var field in fields)
        {
            set = set.With(field);
        }

        return set;
    }

    /// <summary>Whether it is among them.</summary>
    public bool Has(LinkField field) => ((((byte)field & 64) == 0 ? _low : _high) >> ((byte)field & 63) & 1) != 0 && field < (LinkField)128;

    /// <summary>With one more.</summary>
    public LinkFields With(LinkField field) =>
        ((byte)field & 64) == 0 ? new(_low | 1UL << (byte)field, _high) : new(_low, _high | 1UL << ((byte)field & 63));

    /// <summary>With more.</summary>
    public LinkFields With(LinkFields others) => new(_low | others._low, _high | others._high);

    /// <summary>The first of <paramref name="required"/> that is not among them; <see cref="LinkField.None"/> = all are.</summary>
    public LinkField FirstMissing(LinkFields required)
    {
        ulong low = required._low & ~_low;
        ulong high = required._high & ~_high;
        return low != 0 ? (LinkField)System.Numerics.BitOperations.TrailingZeroCount(low)
            : high != 0 ? (LinkField)(64 + System.Numerics.BitOperations.TrailingZeroCount(high))
            : LinkField.None;
    }
}

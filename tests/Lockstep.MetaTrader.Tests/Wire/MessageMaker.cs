using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Tests.Wire;

/// <summary>Messages of every kind with whatever may be in them.</summary>
internal sealed class MessageMaker(Dice dice)
{
    private const long Moment = 253_402_300_800_000;

    public LinkMessage Next() => dice.Below(25) switch
    {
        0 => new HelloMessage
        {
            Version = 1 + dice.Below(9),
            Key = Name(),
            Login = Id(),
            Server = Name(),
            Platform = dice.Of(["mt4", "mt5"]),
            Role = dice.Of(["monitor", "executor", "both"]),
            Mode = dice.Of(["hedging", "netting", "fifo"]),
            Currency = Name(),
            Leverage = Count(),
            Build = Count(),
            Ea = Name(),
            Terminal = dice.Next().ToString("x16", null),
            Epoch = Count(),
            Acked = Count(),
            First = Count(),
            Last = Count(),
            Offset = dice.Below(86_401) - 43_200,
            Demo = dice.Chance(2),
            Company = Text(128),
            CloseBy = dice.Chance(2),
            StopLimit = dice.Chance(2),
            Expiry = dice.Chance(2),
            Clash = Int(),
            TakesKeys = dice.Chance(2),
        },
        1 => new WelcomeMessage(1, Count(), dice.Chance(2), Count(), Time(), 1 + Int(), Int(), Int()),
        2 => new RefusedMessage(Name(), Text(1000), Int()),
        3 => new ActiveMessage(Count(), Count()),
        4 => new SymbolsMessage(List(Symbol), dice.Chance(2)),
        5 => new AckMessage(Count()),
        6 or 7 => new ChangeMessage { Number = Id(), Positions = List(Position), Closed = List(Id), Orders = List(Order), Gone = List(Id), Deals = List(Deal), Quotes = List(Quote) },
        8 or 9 => new AnswerMessage
        {
            Number = Id(),
            Id = Name(),
            Outcome = dice.Of(["done", "refused", "unknown"]),
            Code = Int(),
            Why = dice.Chance(2) ? "" : Name(),
            Text = Text(1000),
            Position = Count(),
            Order = Count(),
            Lots = dice.Chance(2) ? 0 : Lots(),
            Price = dice.Chance(2) ? 0 : Price(),
            Took = Int(),
        },
        10 => new AskMessage(Count(), Time()),
        11 or 12 => new SnapshotMessage
        {
            Id = Count(),
            Part = 2,
            Of = 2 + dice.Below(9),
            Number = Count(),
            Funds = dice.Chance(2) ? null : Funds(),
            Positions = List(Position),
            Orders = List(Order),
            Deals = List(Deal),
            Ended = List(Order),
        },
        13 => new AskFailedMessage(Count(), Text(1000)),
        14 or 15 => Command(),
        16 => new QuotesMessage(List(Quote)),
        17 => new WatchMessage(List(Name)),
        18 => new FundsMessage(Funds(), List(() => new WireFloating(Id(), Money(), Money()))),
        19 => new BeatMessage
        {
            Number = Count(),
            Digest = dice.Next(),
            Connected = dice.Chance(2),
            Ping = Int() - 1,
            Trade = dice.Chance(2),
            Why = Text(1000),
            Tick = Count() - 1,
            Offset = -dice.Below(86_401),
            Used = Int(),
            Queue = Int(),
            Echo = 1 + Time() / 2,
            Held = Count(),
        },
        20 => dice.Chance(2) ? new ServerBeatMessage(Time(), Count()) : new DutyMessage(dice.Chance(2)),
        21 => new GetMessage(Count(), dice.Of(["candles", "ticks", "deals"]), dice.Chance(2) ? "" : Name(), dice.Chance(2) ? 0 : Int(), Time(), Time(), Int()),
        22 => Data(),
        23 => dice.Chance(2) ? new KeyMessage(Name(), Name()) : new KeptMessage(Name(), Text(1000)),
        _ => dice.Below(3) switch { 0 => new LogMessage(Name(), Text(1000)), 1 => new AlertMessage(Text(1000), dice.Chance(2)), _ => new BadReplyMessage(Text(1000)) },
    };

    private CommandMessage Command()
    {
        var what = (WireDo)(1 + dice.Below(7));
        var common = new CommandMessage { Id = Name(), Epoch = Count(), Now = Time(), Expires = Time(), Do = what, Symbol = Name() };
        string type = dice.Of(["limit", "stop", "stoplimit"]);
        return what switch
        {
            WireDo.Open => common with { Side = Side(), Lots = Lots(), Sl = Level(), Tp = Level(), Worst = Level(), Magic = Magic() },
            WireDo.Place => common with
            {
                Side = Side(),
                Type = type,
                Lots = Lots(),
                Price = Price(),
                Limit = type == "stoplimit" ? Price() : null,
                Sl = Level(),
                Tp = Level(),
                Expiry = dice.Chance(2) ? null : Time(),
                Magic = Magic(),
            },
            WireDo.Reduce => common with { Position = Id(), Lots = dice.Chance(2) ? 0 : Lots(), Side = dice.Chance(2) ? "" : Side(), Magic = Magic() },
            WireDo.Stops => common with { Position = Id(), Sl = Level(), Tp = Level() },
            WireDo.Amend => common with { Order = Id(), Price = Price(), Limit = Level(), Sl = Level(), Tp = Level(), Expiry = dice.Chance(2) ? null : Time() },
            WireDo.Cancel => common with { Order = Id() },
            _ => common with { Position = Id(), By = Id() },
        };
    }

    private DataMessage Data() => dice.Below(4) switch
    {
        0 => new() { Id = Count(), Why = "x" + Text(900) },
        1 => new() { Id = Count(), Part = 1, Of = 1, Deals = List(Deal) },
        2 => new() { Id = Count(), Part = 1, Of = 1, Rows = List<IReadOnlyList<decimal>>(() => [Time(), Price(), Price()]) },
        _ => new() { Id = Count(), Part = 1, Of = 1, Rows = List<IReadOnlyList<decimal>>(() => [Time(), Price(), Price(), Price(), Price(), Int()]) },
    };

    private WirePosition Position()
    {
        var made = new WirePosition
        {
            Id = Id(),
            Ticket = Id(),
            Symbol = Name(),
            Buy = dice.Chance(2),
            Lots = Lots(),
            Price = Price(),
            Time = Time(),
            Sl = Level(),
            Tp = Level(),
            Order = Count(),
            Magic = Magic(),
            Comment = Text(128),
        };
        return made with { Fingerprint = LinkCodec.Fingerprint(made) };
    }

    private WireOrder Order()
    {
        string type = dice.Of(["limit", "stop", "stoplimit"]);
        var made = new WireOrder
        {
            Id = Id(),
            Symbol = Name(),
            Buy = dice.Chance(2),
            Type = type,
            Lots = Lots(),
            Price = Price(),
            Limit = type == "stoplimit" ? Price() : null,
            Sl = Level(),
            Tp = Level(),
            Expiry = dice.Chance(2) ? null : Time(),
            Time = Time(),
            Magic = Magic(),
            Comment = Text(128),
        };
        return made with { Fingerprint = LinkCodec.Fingerprint(made) };
    }

    private WireDeal Deal() => new()
    {
        Id = Id(),
        Position = Id(),
        Order = Count(),
        Symbol = Name(),
        Buy = dice.Chance(2),
        Lots = Lots(),
        Price = Price(),
        Entry = dice.Of(["in", "out", "inout"]),
        Reason = dice.Of(["request", "sl", "tp", "so", "other"]),
        Time = Time(),
        Magic = Magic(),
        Comment = Text(128),
        Profit = Money(),
        Swap = Money(),
        Commission = Money(),
    };

    private WireSymbol Symbol() => new()
    {
        Name = Name(),
        Size = Price(),
        Digits = dice.Below(11),
        Tick = Price(),
        Min = Lots(),
        Step = Lots(),
        Max = Lots(),
        Limit = dice.Chance(2) ? 0 : Lots(),
        Stops = Int(),
        Freeze = Int(),
        Base = dice.Chance(3) ? "" : Name(),
        Profit = dice.Chance(3) ? "" : Name(),
        Fill = Int(),
        Execution = dice.Of(["", "request", "instant", "market", "exchange"]),
        Trade = dice.Of(["full", "none", "long", "short", "close"]),
        Value = Price(),
        SwapLong = Money(),
        SwapShort = Money(),
    };

    private WireQuote Quote() => new(Name(), Price(), Price(), Time());

    private WireFunds Funds() => new(Money(), Money(), Money(), Money(), Money());

    private List<T> List<T>(Func<T> item) => [.. Enumerable.Range(0, dice.Chance(3) ? 0 : dice.Chance(2) ? 1 : dice.Below(24)).Select(_ => item())];

    private string Side() => dice.Of(["buy", "sell"]);

    private long Id() => 1 + (long)(dice.Next() >> (1 + dice.Below(62)) & (long.MaxValue - 1));

    private long Count() => dice.Chance(4) ? 0 : Id();

    private long Magic() => dice.Chance(4) ? -Id() : Count();

    private int Int() => dice.Chance(4) ? 0 : (int)(dice.Next() & 0x3FFFFFFF);

    private long Time() => (long)(dice.Next() % (ulong)Moment);

    private decimal Money() => dice.Chance(4) ? 0 : Number(18) * (dice.Chance(2) ? 1 : -1);

    private decimal Price() => Math.Max(Number(18), 0.0000000001m);

    private decimal? Level() => dice.Chance(2) ? null : Price();

    private decimal Lots() => Math.Min(Math.Max(Number(7), 0.01m), 10_000_000m);

    /// <summary>Up to so many digits before the point and ten after it, no zeros at its end.</summary>
    private decimal Number(int whole)
    {
        decimal value = 0;
        for (int i = dice.Below(whole + 1); i > 0; i--)
        {
            value = (value * 10) + dice.Below(10);
        }

        decimal part = 1;
        for (int i = dice.Below(11); i > 0; i--)
        {
            part /= 10;
            value += part * dice.Below(10);
        }

        return value / 1.0000000000000000000000000000m;
    }

    private string Name()
    {
        int length = 1 + dice.Below(dice.Chance(10) ? 64 : 12);
        return string.Create(length, dice, static (to, from) =>
        {
            for (int i = 0; i < to.Length; i++)
            {
                to[i] = (char)(' ' + from.Below(95));
            }
        });
    }

    private string Text(int max) => dice.Chance(3) ? "" : dice.Chance(50) ? new string('"', max) : Name();
}

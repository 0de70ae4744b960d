using System.Text.Json;

namespace Lockstep.MetaTrader.Wire;

/// <summary>The messages.</summary>
internal ref partial struct LinkIn
{
    private static readonly LinkFields Type = LinkFields.Of(LinkField.T);

    private static readonly LinkFields HelloNeeds = LinkFields.Of(
        LinkField.T, LinkField.V, LinkField.Key, LinkField.Login, LinkField.Server, LinkField.Platform, LinkField.Role, LinkField.Mode, LinkField.Currency, LinkField.Terminal);

    private static readonly LinkFields HelloKnows = HelloNeeds.With(LinkFields.Of(
        LinkField.Leverage, LinkField.Build, LinkField.Ea, LinkField.Epoch, LinkField.Acked, LinkField.First, LinkField.Last, LinkField.Offset, LinkField.Demo, LinkField.Company,
        LinkField.Closeby, LinkField.Stoplimit, LinkField.Expiry, LinkField.Clash, LinkField.Keys));

    private static readonly LinkFields WelcomeNeeds = LinkFields.Of(
        LinkField.T, LinkField.V, LinkField.Epoch, LinkField.Active, LinkField.Resume, LinkField.Now, LinkField.Beat, LinkField.Quotes, LinkField.Budget);

    private static readonly LinkFields RefusedNeeds = LinkFields.Of(LinkField.T, LinkField.Code, LinkField.Why);
    private static readonly LinkFields RefusedKnows = RefusedNeeds.With(LinkField.Wait);
    private static readonly LinkFields ActiveNeeds = LinkFields.Of(LinkField.T, LinkField.Epoch, LinkField.Resume);
    private static readonly LinkFields SymbolsNeeds = LinkFields.Of(LinkField.T, LinkField.More, LinkField.List);
    private static readonly LinkFields AckNeeds = LinkFields.Of(LinkField.T, LinkField.N);

    private static readonly LinkFields ChangeKnows = AckNeeds.With(LinkFields.Of(
        LinkField.Positions, LinkField.Closed, LinkField.Orders, LinkField.Gone, LinkField.Deals, LinkField.Quotes));

    private static readonly LinkFields AnswerNeeds = LinkFields.Of(LinkField.T, LinkField.N, LinkField.Id, LinkField.Out, LinkField.Code);

    private static readonly LinkFields AnswerKnows = AnswerNeeds.With(LinkFields.Of(
        LinkField.Why, LinkField.Text, LinkField.Position, LinkField.Order, LinkField.Lots, LinkField.Price, LinkField.Took));

    private static readonly LinkFields AskNeeds = LinkFields.Of(LinkField.T, LinkField.Id, LinkField.From);
    private static readonly LinkFields SnapshotNeeds = LinkFields.Of(LinkField.T, LinkField.Id, LinkField.Part, LinkField.Of, LinkField.N);

    private static readonly LinkFields SnapshotKnows = SnapshotNeeds.With(LinkFields.Of(
        LinkField.Funds, LinkField.Positions, LinkField.Orders, LinkField.Deals, LinkField.Ended));

    private static readonly LinkFields AskFailedNeeds = LinkFields.Of(LinkField.T, LinkField.Id, LinkField.Why);
    private static readonly LinkFields CommandNeeds = LinkFields.Of(LinkField.T, LinkField.Id, LinkField.Epoch, LinkField.Now, LinkField.Exp, LinkField.Do, LinkField.Symbol);

    private static readonly LinkFields CommandKnows = CommandNeeds.With(LinkFields.Of(
        LinkField.Side, LinkField.Type, LinkField.Lots, LinkField.Target, LinkField.Price, LinkField.Limit, LinkField.Sl, LinkField.Tp, LinkField.Worst, LinkField.Expiry, LinkField.Position,
        LinkField.By, LinkField.Order, LinkField.Magic));

    private static readonly LinkFields OpenNeeds = LinkFields.Of(LinkField.Side, LinkField.Lots, LinkField.Sl, LinkField.Tp, LinkField.Magic);

    private static readonly LinkFields PlaceNeeds = LinkFields.Of(
        LinkField.Side, LinkField.Type, LinkField.Lots, LinkField.Price, LinkField.Sl, LinkField.Tp, LinkField.Magic);

    private static readonly LinkFields ReduceNeeds = LinkFields.Of(LinkField.Position, LinkField.Target, LinkField.Magic);
    private static readonly LinkFields StopsNeeds = LinkFields.Of(LinkField.Position, LinkField.Sl, LinkField.Tp);
    private static readonly LinkFields AmendNeeds = LinkFields.Of(LinkField.Order, LinkField.Price, LinkField.Sl, LinkField.Tp);
    private static readonly LinkFields CancelNeeds = LinkFields.Of(LinkField.Order);
    private static readonly LinkFields CloseByNeeds = LinkFields.Of(LinkField.Position, LinkField.By);
    private static readonly LinkFields ListNeeds = LinkFields.Of(LinkField.T, LinkField.List);
    private static readonly LinkFields WatchNeeds = LinkFields.Of(LinkField.T, LinkField.Symbols);
    private static readonly LinkFields FundsMessageNeeds = LinkFields.Of(LinkField.T, LinkField.Balance, LinkField.Equity, LinkField.Margin, LinkField.Free, LinkField.Credit);
    private static readonly LinkFields FundsMessageKnows = FundsMessageNeeds.With(LinkField.Floating);
    private static readonly LinkFields BeatNeeds = LinkFields.Of(LinkField.T, LinkField.N, LinkField.Digest, LinkField.Conn, LinkField.Trade);
    private static readonly LinkFields ServerBeatNeeds = LinkFields.Of(LinkField.T, LinkField.Now, LinkField.Ack);

    private static readonly LinkFields BeatKnows = BeatNeeds.With(ServerBeatNeeds).With(LinkFields.Of(
        LinkField.Ping, LinkField.Why, LinkField.Tick, LinkField.Offset, LinkField.Used, LinkField.Queue, LinkField.Echo, LinkField.Held));

    private static readonly LinkFields GetNeeds = LinkFields.Of(LinkField.T, LinkField.Id, LinkField.What, LinkField.From, LinkField.To, LinkField.Limit);
    private static readonly LinkFields GetKnows = GetNeeds.With(LinkFields.Of(LinkField.Symbol, LinkField.Frame));
    private static readonly LinkFields DataNeeds = LinkFields.Of(LinkField.T, LinkField.Id);
    private static readonly LinkFields DataRowsNeed = LinkFields.Of(LinkField.Part, LinkField.Of, LinkField.Rows);
    private static readonly LinkFields DataKnows = DataNeeds.With(DataRowsNeed).With(LinkField.Why);
    private static readonly LinkFields LogNeeds = LinkFields.Of(LinkField.T, LinkField.Level, LinkField.Text);
    private static readonly LinkFields AlertNeeds = LinkFields.Of(LinkField.T, LinkField.Text, LinkField.Push);
    private static readonly LinkFields DutyNeeds = LinkFields.Of(LinkField.T, LinkField.Hedge);
    private static readonly LinkFields BadNeeds = LinkFields.Of(LinkField.T, LinkField.Why);
    private static readonly LinkFields KeyNeeds = LinkFields.Of(LinkField.T, LinkField.Id, LinkField.Key);
    private static readonly LinkFields KeptNeeds = LinkFields.Of(LinkField.T, LinkField.Id);
    private static readonly LinkFields KeptKnows = KeptNeeds.With(LinkField.Why);

    /// <summary>The message. <see cref="JsonException"/> where the text is no JSON.</summary>
    public LinkMessage Message()
    {
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            return new BadMessage("a message is an object");
        }

        string type = FindType();
        var message = Bad ? null : Body(type);
        if (Bad)
        {
            return new BadMessage(type.Length == 0 ? _why! : $"{type}: {_why}");
        }

        // Throws for whatever stands behind the object.
        _reader.Read();
        return message!;
    }

    /// <summary>What the message is, wherever in it that stands.</summary>
    private string FindType()
    {
        var start = _reader;
        string type = "";
        LinkFields seen = default;
        if (Next(ref seen, Type, out _))
        {
            type = Name();
        }
        else
        {
            _field = LinkField.None;
            Fail("t: is missing");
        }

        _field = LinkField.None;
        _reader = start;
        return type;
    }

    private LinkMessage? Body(string type) => type switch
    {
        "quotes" => QuotesMessage(),
        "beat" => Beat(),
        "change" => Change(),
        "answer" => Answer(),
        "ack" => Ack(),
        "cmd" => Command(),
        "funds" => FundsMessage(),
        "hello" => Hello(),
        "welcome" => Welcome(),
        "refused" => Refused(),
        "active" => Active(),
        "symbols" => Symbols(),
        "ask" => Ask(),
        "snapshot" => Snapshot(),
        "askfailed" => AskFailed(),
        "watch" => Watch(),
        "get" => Get(),
        "data" => Data(),
        "log" => Log(),
        "alert" => Alert(),
        "duty" => Duty(),
        "bad" => BadReply(),
        "key" => KeyMessage(),
        "kept" => Kept(),
        _ => Unknown(type),
    };

    private UnknownMessage Unknown(string type)
    {
        LinkFields seen = default;
        while (Next(ref seen, Type, out _))
        {
        }

        return new(type);
    }

    private HelloMessage? Hello()
    {
        int version = 0, offset = 0, clash = 0;
        string key = "", server = "", platform = "", role = "", mode = "", currency = "", ea = "", terminal = "", company = "";
        long login = 0, leverage = 0, build = 0, epoch = 0, acked = 0, first = 0, last = 0;
        bool demo = false, closeBy = false, stopLimit = false, expiry = false, keys = false;
        LinkFields seen = default;
        while (Next(ref seen, HelloKnows, out var field))
        {
            switch (field)
            {
                case LinkField.V: version = Int(1, int.MaxValue); break;
                case LinkField.Key: key = Key(); break;
                case LinkField.Login: login = Count(); break;
                case LinkField.Server: server = Name(); break;
                case LinkField.Platform: platform = OneOf("mt4", "mt5"); break;
                case LinkField.Role: role = OneOf("monitor", "executor", "both"); break;
                case LinkField.Mode: mode = OneOf("hedging", "netting", "fifo"); break;
                case LinkField.Currency: currency = Name(); break;
                case LinkField.Leverage: leverage = Count(); break;
                case LinkField.Build: build = Count(); break;
                case LinkField.Ea: ea = Name(empty: true); break;
                case LinkField.Terminal: terminal = Terminal(); break;
                case LinkField.Epoch: epoch = Count(); break;
                case LinkField.Acked: acked = Count(); break;
                case LinkField.First: first = Count(); break;
                case LinkField.Last: last = Count(); break;
                case LinkField.Offset: offset = Offset(); break;
                case LinkField.Demo: demo = Bool(); break;
                case LinkField.Company: company = Comment(); break;
                case LinkField.Closeby: closeBy = Bool(); break;
                case LinkField.Stoplimit: stopLimit = Bool(); break;
                case LinkField.Expiry: expiry = Bool(); break;
                case LinkField.Clash: clash = Int(0, int.MaxValue); break;
                case LinkField.Keys: keys = Bool(); break;
            }
        }

        return !Has(seen, HelloNeeds) ? null : new HelloMessage
        {
            Version = version,
            Key = key,
            Login = login,
            Server = server,
            Platform = platform,
            Role = role,
            Mode = mode,
            Currency = currency,
            Leverage = leverage,
            Build = build,
            Ea = ea,
            Terminal = terminal,
            Epoch = epoch,
            Acked = acked,
            First = first,
            Last = last,
            Offset = offset,
            Demo = demo,
            Company = company,
            CloseBy = closeBy,
            StopLimit = stopLimit,
            Expiry = expiry,
            Clash = clash,
            TakesKeys = keys,
        };
    }

    private string Terminal()
    {
        // Kept as it was written: it is a name.
        Hex();
        return Key();
    }

    // No broker's clock is further from UTC than a day.
    private int Offset() => Int(-86_400, 86_400);

    private WelcomeMessage? Welcome()
    {
        int version = 0, beat = 0, quotes = 0, budget = 0;
        long epoch = 0, resume = 0, now = 0;
        bool active = false;
        LinkFields seen = default;
        while (Next(ref seen, WelcomeNeeds, out var field))
        {
            switch (field)
            {
                case LinkField.V: version = Int(1, int.MaxValue); break;
                case LinkField.Epoch: epoch = Count(); break;
                case LinkField.Active: active = Bool(); break;
                case LinkField.Resume: resume = Count(); break;
                case LinkField.Now: now = Time(); break;
                case LinkField.Beat: beat = Int(1, int.MaxValue); break;
                case LinkField.Quotes: quotes = Int(0, int.MaxValue); break;
                case LinkField.Budget: budget = Int(0, int.MaxValue); break;
            }
        }

        return Has(seen, WelcomeNeeds) ? new(version, epoch, active, resume, now, beat, quotes, budget) : null;
    }

    private RefusedMessage? Refused()
    {
        string code = "", why = "";
        int wait = 0;
        LinkFields seen = default;
        while (Next(ref seen, RefusedKnows, out var field))
        {
            switch (field)
            {
                case LinkField.Code: code = Name(); break;
                case LinkField.Why: why = Text(); break;
                case LinkField.Wait: wait = Int(0, int.MaxValue); break;
            }
        }

        return Has(seen, RefusedNeeds) ? new(code, why, wait) : null;
    }

    private ActiveMessage? Active()
    {
        long epoch = 0, resume = 0;
        LinkFields seen = default;
        while (Next(ref seen, ActiveNeeds, out var field))
        {
            switch (field)
            {
                case LinkField.Epoch: epoch = Count(); break;
                case LinkField.Resume: resume = Count(); break;
            }
        }

        return Has(seen, ActiveNeeds) ? new(epoch, resume) : null;
    }

    private SymbolsMessage? Symbols()
    {
        bool more = false;
        WireSymbol[] list = [];
        LinkFields seen = default;
        while (Next(ref seen, SymbolsNeeds, out var field))
        {
            switch (field)
            {
                case LinkField.More: more = Bool(); break;
                case LinkField.List: list = List(static (ref LinkIn input) => input.Symbol()); break;
            }
        }

        return Has(seen, SymbolsNeeds) ? new(list, more) : null;
    }

    private AckMessage? Ack()
    {
        long number = 0;
        LinkFields seen = default;
        while (Next(ref seen, AckNeeds, out var field))
        {
            if (field == LinkField.N)
            {
                number = Count();
            }
        }

        return Has(seen, AckNeeds) ? new(number) : null;
    }

    private ChangeMessage? Change()
    {
        long number = 0;
        WirePosition[] positions = [];
        long[] closed = [];
        WireOrder[] orders = [];
        long[] gone = [];
        WireDeal[] deals = [];
        WireQuote[] quotes = [];
        LinkFields seen = default;
        while (Next(ref seen, ChangeKnows, out var field))
        {
            switch (field)
            {
                case LinkField.N: number = Id(); break;
                case LinkField.Positions: positions = Positions(); break;
                case LinkField.Closed: closed = Ids(); break;
                case LinkField.Orders: orders = Orders(); break;
                case LinkField.Gone: gone = Ids(); break;
                case LinkField.Deals: deals = Deals(); break;
                case LinkField.Quotes: quotes = Quotes(); break;
            }
        }

        return !Has(seen, AckNeeds) ? null : new ChangeMessage
        {
            Number = number,
            Positions = positions,
            Closed = closed,
            Orders = orders,
            Gone = gone,
            Deals = deals,
            Quotes = quotes,
        };
    }

    private AnswerMessage? Answer()
    {
        long number = 0, position = 0, order = 0;
        string id = "", outcome = "", why = "", text = "";
        int code = 0, took = 0;
        decimal lots = 0, price = 0;
        LinkFields seen = default;
        while (Next(ref seen, AnswerKnows, out var field))
        {
            switch (field)
            {
                case LinkField.N: number = Id(); break;
                case LinkField.Id: id = Key(); break;
                case LinkField.Out: outcome = OneOf("done", "refused", "unknown"); break;
                case LinkField.Code: code = Int(0, int.MaxValue); break;
                case LinkField.Why: why = Name(empty: true); break;
                case LinkField.Text: text = Text(); break;
                case LinkField.Position: position = Count(); break;
                case LinkField.Order: order = Count(); break;
                case LinkField.Lots: lots = LotsOrZero(); break;
                case LinkField.Price: price = Price(); break;
                case LinkField.Took: took = Int(0, int.MaxValue); break;
            }
        }

        return !Has(seen, AnswerNeeds) ? null : new AnswerMessage
        {
            Number = number,
            Id = id,
            Outcome = outcome,
            Code = code,
            Why = why,
            Text = text,
            Position = position,
            Order = order,
            Lots = lots,
            Price = price,
            Took = took,
        };
    }

    private AskMessage? Ask()
    {
        long id = 0, from = 0;
        LinkFields seen = default;
        while (Next(ref seen, AskNeeds, out var field))
        {
            switch (field)
            {
                case LinkField.Id: id = Count(); break;
                case LinkField.From: from = Time(); break;
            }
        }

        return Has(seen, AskNeeds) ? new(id, from) : null;
    }

    private SnapshotMessage? Snapshot()
    {
        long id = 0, number = 0;
        int part = 0, of = 0;
        WireFunds? funds = null;
        WirePosition[] positions = [];
        WireOrder[] orders = [];
        WireDeal[] deals = [];
        WireOrder[] ended = [];
        LinkFields seen = default;
        while (Next(ref seen, SnapshotKnows, out var field))
        {
            switch (field)
            {
                case LinkField.Id: id = Count(); break;
                case LinkField.Part: part = Int(1, MaxParts); break;
                case LinkField.Of: of = Int(1, MaxParts); break;
                case LinkField.N: number = Count(); break;
                case LinkField.Funds: funds = Funds(); break;
                case LinkField.Positions: positions = Positions(); break;
                case LinkField.Orders: orders = Orders(); break;
                case LinkField.Deals: deals = Deals(); break;
                case LinkField.Ended: ended = Orders(); break;
            }
        }

        return !Has(seen, SnapshotNeeds) || !PartOf(part, of) ? null : new SnapshotMessage
        {
            Id = id,
            Part = part,
            Of = of,
            Number = number,
            Funds = funds,
            Positions = positions,
            Orders = orders,
            Deals = deals,
            Ended = ended,
        };
    }

    /// <summary>So many parts are over half a gigabyte: nobody has that to say, and nobody here will gather it.</summary>
    private const int MaxParts = 10_000;

    private bool PartOf(int part, int of)
    {
        if (part > of)
        {
            _field = LinkField.Part;
            Fail($"{part} of {of}");
        }

        return !Bad;
    }

    private AskFailedMessage? AskFailed()
    {
        long id = 0;
        string why = "";
        LinkFields seen = default;
        while (Next(ref seen, AskFailedNeeds, out var field))
        {
            switch (field)
            {
                case LinkField.Id: id = Count(); break;
                case LinkField.Why: why = Text(); break;
            }
        }

        return Has(seen, AskFailedNeeds) ? new(id, why) : null;
    }

    private CommandMessage? Command()
    {
        string id = "", symbol = "", side = "", type = "", name = "";
        long epoch = 0, now = 0, expires = 0, position = 0, by = 0, order = 0, magic = 0;
        decimal lots = 0, target = 0;
        decimal? price = null, limit = null, sl = null, tp = null, worst = null;
        long? expiry = null;
        LinkFields seen = default;
        while (Next(ref seen, CommandKnows, out var field))
        {
            switch (field)
            {
                case LinkField.Id: id = Key(); break;
                case LinkField.Epoch: epoch = Count(); break;
                case LinkField.Now: now = Time(); break;
                case LinkField.Exp: expires = Time(); break;
                case LinkField.Do: name = OneOf("open", "place", "reduce", "stops", "amend", "cancel", "closeby"); break;
                case LinkField.Symbol: symbol = Name(); break;
                case LinkField.Side: side = OneOf("buy", "sell"); break;
                case LinkField.Type: type = OrderType(); break;
                case LinkField.Lots: lots = Lots(); break;
                case LinkField.Target: target = LotsOrZero(); break;
                case LinkField.Price: price = Price(); break;
                case LinkField.Limit: limit = Level(); break;
                case LinkField.Sl: sl = Level(); break;
                case LinkField.Tp: tp = Level(); break;
                case LinkField.Worst: worst = Level(); break;
                case LinkField.Expiry: expiry = IsNull ? null : Time(); break;
                case LinkField.Position: position = Id(); break;
                case LinkField.By: by = Id(); break;
                case LinkField.Order: order = Id(); break;
                case LinkField.Magic: magic = Long(long.MinValue, long.MaxValue); break;
            }
        }

        if (!Has(seen, CommandNeeds))
        {
            return null;
        }

        var (what, needs) = name switch
        {
            "open" => (WireDo.Open, OpenNeeds),
            "place" => (WireDo.Place, PlaceNeeds),
            "reduce" => (WireDo.Reduce, ReduceNeeds),
            "stops" => (WireDo.Stops, StopsNeeds),
            "amend" => (WireDo.Amend, AmendNeeds),
            "cancel" => (WireDo.Cancel, CancelNeeds),
            _ => (WireDo.CloseBy, CloseByNeeds),
        };
        if (!Has(seen, needs))
        {
            return null;
        }

        if (what == WireDo.Place)
        {
            CheckLimit(type, limit);
        }

        // What another kind of command would have had is an unknown field here.
        bool opens = what is WireDo.Open or WireDo.Place;
        bool pending = what is WireDo.Place or WireDo.Amend;
        bool levels = opens || what is WireDo.Stops or WireDo.Amend;
        bool held = what is WireDo.Reduce or WireDo.Stops or WireDo.CloseBy;
        return new CommandMessage
        {
            Id = id,
            Epoch = epoch,
            Now = now,
            Expires = expires,
            Do = what,
            Symbol = symbol,
            Side = opens || what == WireDo.Reduce ? side : "",
            Type = what == WireDo.Place ? type : "",
            Lots = opens ? lots : what == WireDo.Reduce ? target : 0,
            Price = pending ? price : null,
            Limit = pending ? limit : null,
            Sl = levels ? sl : null,
            Tp = levels ? tp : null,
            Worst = what == WireDo.Open ? worst : null,
            Expiry = pending ? expiry : null,
            Position = held ? position : 0,
            By = what == WireDo.CloseBy ? by : 0,
            Order = what is WireDo.Amend or WireDo.Cancel ? order : 0,
            Magic = opens || what == WireDo.Reduce ? magic : 0,
        };
    }

    private QuotesMessage? QuotesMessage()
    {
        WireQuote[] list = [];
        LinkFields seen = default;
        while (Next(ref seen, ListNeeds, out var field))
        {
            if (field == LinkField.List)
            {
                list = Quotes();
            }
        }

        return Has(seen, ListNeeds) ? new(list) : null;
    }

    private WatchMessage? Watch()
    {
        string[] symbols = [];
        LinkFields seen = default;
        while (Next(ref seen, WatchNeeds, out var field))
        {
            if (field == LinkField.Symbols)
            {
                symbols = List(static (ref LinkIn input) => input.Name());
            }
        }

        return Has(seen, WatchNeeds) ? new(symbols) : null;
    }

    private FundsMessage? FundsMessage()
    {
        Money money = default;
        WireFloating[] floating = [];
        LinkFields seen = default;
        while (Next(ref seen, FundsMessageKnows, out var field))
        {
            if (field == LinkField.Floating)
            {
                floating = List(static (ref LinkIn input) => input.Floating());
            }
            else
            {
                money.Read(ref this, field);
            }
        }

        return Has(seen, FundsMessageNeeds) ? new(money.Funds, floating) : null;
    }

    /// <summary>Both sides have beats; the server's tells its clock.</summary>
    private LinkMessage? Beat()
    {
        long number = 0, tick = -1, echo = 0, held = 0, now = 0, ack = 0;
        ulong digest = 0;
        bool connected = false, trade = false;
        int ping = -1, offset = 0, used = 0, queue = 0;
        string why = "";
        LinkFields seen = default;
        while (Next(ref seen, BeatKnows, out var field))
        {
            switch (field)
            {
                case LinkField.N: number = Count(); break;
                case LinkField.Digest: digest = Hex(); break;
                case LinkField.Conn: connected = Bool(); break;
                case LinkField.Ping: ping = Int(-1, int.MaxValue); break;
                case LinkField.Trade: trade = Bool(); break;
                case LinkField.Why: why = Text(); break;
                case LinkField.Tick: tick = Long(-1, long.MaxValue); break;
                case LinkField.Offset: offset = Offset(); break;
                case LinkField.Used: used = Int(0, int.MaxValue); break;
                case LinkField.Queue: queue = Int(0, int.MaxValue); break;
                case LinkField.Echo: echo = Time(); break;
                case LinkField.Held: held = Count(); break;
                case LinkField.Now: now = Time(); break;
                case LinkField.Ack: ack = Count(); break;
            }
        }

        if (seen.Has(LinkField.Now))
        {
            return Has(seen, ServerBeatNeeds) ? new ServerBeatMessage(now, ack) : null;
        }

        return !Has(seen, BeatNeeds) ? null : new BeatMessage
        {
            Number = number,
            Digest = digest,
            Connected = connected,
            Ping = ping,
            Trade = trade,
            Why = why,
            Tick = tick,
            Offset = offset,
            Used = used,
            Queue = queue,
            Echo = echo,
            Held = held,
        };
    }

    private GetMessage? Get()
    {
        long id = 0, from = 0, to = 0;
        string what = "", symbol = "";
        int frame = 0, limit = 0;
        LinkFields seen = default;
        while (Next(ref seen, GetKnows, out var field))
        {
            switch (field)
            {
                case LinkField.Id: id = Count(); break;
                case LinkField.What: what = OneOf("candles", "ticks", "deals"); break;
                case LinkField.Symbol: symbol = Name(empty: true); break;
                case LinkField.Frame: frame = Int(0, int.MaxValue); break;
                case LinkField.From: from = Time(); break;
                case LinkField.To: to = Time(); break;
                case LinkField.Limit: limit = Int(0, int.MaxValue); break;
            }
        }

        return Has(seen, GetNeeds) ? new(id, what, symbol, frame, from, to, limit) : null;
    }

    private DataMessage? Data()
    {
        long id = 0;
        int part = 0, of = 0;
        string why = "";
        Row[] rows = [];
        LinkFields seen = default;
        while (Next(ref seen, DataKnows, out var field))
        {
            switch (field)
            {
                case LinkField.Id: id = Count(); break;
                case LinkField.Part: part = Int(1, MaxParts); break;
                case LinkField.Of: of = Int(1, MaxParts); break;
                case LinkField.Rows: rows = List(static (ref LinkIn input) => input.DataRow()); break;
                case LinkField.Why: why = Text(); break;
            }
        }

        if (!Has(seen, DataNeeds))
        {
            return null;
        }

        if (why.Length > 0)
        {
            return new DataMessage { Id = id, Why = why };
        }

        if (!Has(seen, DataRowsNeed) || !PartOf(part, of))
        {
            return null;
        }

        var (numbers, deals) = Split(rows);
        return Bad ? null : new DataMessage { Id = id, Part = part, Of = of, Rows = numbers, Deals = deals };
    }

    /// <summary>A row of numbers or a deal.</summary>
    private readonly record struct Row(decimal[]? Numbers, WireDeal? Deal);

    private Row DataRow()
    {
        if (_reader.TokenType == JsonTokenType.StartObject)
        {
            return new(null, Deal());
        }

        decimal[] numbers = List(static (ref LinkIn input) => input.Decimal());
        if (!Bad && numbers.Length is not (3 or 6))
        {
            Fail($"a row of {numbers.Length} numbers");
        }

        return new(numbers, null);
    }

    private (IReadOnlyList<decimal>[] Numbers, WireDeal[] Deals) Split(Row[] rows)
    {
        if (rows.Length == 0)
        {
            return ([], []);
        }

        _field = LinkField.Rows;
        if (rows[0].Deal is not null)
        {
            var deals = new WireDeal[rows.Length];
            for (int i = 0; i < rows.Length; i++)
            {
                if (rows[i].Deal is not { } deal)
                {
                    Fail("rows of different kinds");
                    return ([], []);
                }

                deals[i] = deal;
            }

            return ([], deals);
        }

        var numbers = new IReadOnlyList<decimal>[rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            if (rows[i].Numbers is not { } row || row.Length != rows[0].Numbers!.Length)
            {
                Fail("rows of different kinds");
                return ([], []);
            }

            numbers[i] = row;
        }

        return (numbers, []);
    }

    private LogMessage? Log()
    {
        string level = "", text = "";
        LinkFields seen = default;
        while (Next(ref seen, LogNeeds, out var field))
        {
            switch (field)
            {
                case LinkField.Level: level = Name(); break;
                case LinkField.Text: text = Text(); break;
            }
        }

        return Has(seen, LogNeeds) ? new(level, text) : null;
    }

    private AlertMessage? Alert()
    {
        string text = "";
        bool push = false;
        LinkFields seen = default;
        while (Next(ref seen, AlertNeeds, out var field))
        {
            switch (field)
            {
                case LinkField.Text: text = Text(); break;
                case LinkField.Push: push = Bool(); break;
            }
        }

        return Has(seen, AlertNeeds) ? new(text, push) : null;
    }

    private DutyMessage? Duty()
    {
        bool hedge = false;
        LinkFields seen = default;
        while (Next(ref seen, DutyNeeds, out var field))
        {
            if (field == LinkField.Hedge)
            {
                hedge = Bool();
            }
        }

        return Has(seen, DutyNeeds) ? new(hedge) : null;
    }

    private KeyMessage? KeyMessage()
    {
        string id = "", key = "";
        LinkFields seen = default;
        while (Next(ref seen, KeyNeeds, out var field))
        {
            switch (field)
            {
                case LinkField.Id: id = Key(); break;
                case LinkField.Key: key = Key(); break;
            }
        }

        return Has(seen, KeyNeeds) ? new(id, key) : null;
    }

    private KeptMessage? Kept()
    {
        string id = "", why = "";
        LinkFields seen = default;
        while (Next(ref seen, KeptKnows, out var field))
        {
            switch (field)
            {
                case LinkField.Id: id = Key(); break;
                case LinkField.Why: why = Text(); break;
            }
        }

        return Has(seen, KeptNeeds) ? new(id, why) : null;
    }

    private BadReplyMessage? BadReply()
    {
        string why = "";
        LinkFields seen = default;
        while (Next(ref seen, BadNeeds, out var field))
        {
            if (field == LinkField.Why)
            {
                why = Text();
            }
        }

        return Has(seen, BadNeeds) ? new(why) : null;
    }
}

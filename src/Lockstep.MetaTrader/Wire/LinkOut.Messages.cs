namespace Lockstep.MetaTrader.Wire;

/// <summary>The messages and their objects.</summary>
internal ref partial struct LinkOut
{
    /// <summary>Any message.</summary>
    public void Message(LinkMessage message)
    {
        switch (message)
        {
            case QuotesMessage m: QuotesMessage(m); break;
            case BeatMessage m: Beat(m); break;
            case ServerBeatMessage m: ServerBeat(m); break;
            case ChangeMessage m: Change(m); break;
            case AnswerMessage m: Answer(m); break;
            case AckMessage m: Ack(m); break;
            case CommandMessage m: Command(m); break;
            case FundsMessage m: FundsMessage(m); break;
            case HelloMessage m: Hello(m); break;
            case WelcomeMessage m: Welcome(m); break;
            case RefusedMessage m: Refused(m); break;
            case ActiveMessage m: Active(m); break;
            case SymbolsMessage m: Symbols(m); break;
            case AskMessage m: Ask(m); break;
            case SnapshotMessage m: Snapshot(m); break;
            case AskFailedMessage m: AskFailed(m); break;
            case WatchMessage m: Watch(m); break;
            case GetMessage m: Get(m); break;
            case DataMessage m: Data(m); break;
            case LogMessage m: Log(m); break;
            case AlertMessage m: Alert(m); break;
            case DutyMessage m: Duty(m); break;
            case BadReplyMessage m: BadReply(m); break;
            case KeyMessage m: Key(m); break;
            case KeptMessage m: Kept(m); break;
            default: throw new ArgumentException($"{message.GetType().Name} is not for the wire", nameof(message));
        }
    }

    /// <summary>A position.</summary>
    public void Position(WirePosition p)
    {
        Long("""{"id":"""u8, p.Id);
        Long(""","ticket":"""u8, p.Ticket);
        Text(""","symbol":"""u8, p.Symbol);
        Side(p.Buy);
        Decimal(""","lots":"""u8, p.Lots);
        Decimal(""","price":"""u8, p.Price);
        Long(""","time":"""u8, p.Time);
        Level(""","sl":"""u8, p.Sl);
        Level(""","tp":"""u8, p.Tp);
        Long(""","order":"""u8, p.Order);
        Long(""","magic":"""u8, p.Magic);
        Text(""","comment":"""u8, p.Comment, LinkIn.MaxComment);
        Raw("}"u8);
    }

    /// <summary>A pending order.</summary>
    public void Order(WireOrder o)
    {
        Long("""{"id":"""u8, o.Id);
        Text(""","symbol":"""u8, o.Symbol);
        Side(o.Buy);
        Text(""","type":"""u8, o.Type);
        Decimal(""","lots":"""u8, o.Lots);
        Decimal(""","price":"""u8, o.Price);
        Level(""","limit":"""u8, o.Limit);
        Level(""","sl":"""u8, o.Sl);
        Level(""","tp":"""u8, o.Tp);
        if (o.Expiry is { } expiry)
        {
            Long(""","expiry":"""u8, expiry);
        }

        Long(""","time":"""u8, o.Time);
        Long(""","magic":"""u8, o.Magic);
        Text(""","comment":"""u8, o.Comment, LinkIn.MaxComment);
        Raw("}"u8);
    }

    private void Side(bool buy) => Raw(buy ? ",\"side\":\"buy\""u8 : ",\"side\":\"sell\""u8);

    private void Deal(WireDeal d)
    {
        Long("""{"id":"""u8, d.Id);
        Long(""","position":"""u8, d.Position);
        if (d.Order != 0)
        {
            Long(""","order":"""u8, d.Order);
        }

        Text(""","symbol":"""u8, d.Symbol);
        Side(d.Buy);
        Decimal(""","lots":"""u8, d.Lots);
        Decimal(""","price":"""u8, d.Price);
        Text(""","entry":"""u8, d.Entry);
        Text(""","reason":"""u8, d.Reason);
        Long(""","time":"""u8, d.Time);
        Long(""","magic":"""u8, d.Magic);
        Text(""","comment":"""u8, d.Comment, LinkIn.MaxComment);
        Decimal(""","profit":"""u8, d.Profit);
        Decimal(""","swap":"""u8, d.Swap);
        Decimal(""","commission":"""u8, d.Commission);
        Raw("}"u8);
    }

    private void Symbol(WireSymbol s)
    {
        Text("""{"name":"""u8, s.Name);
        Decimal(""","size":"""u8, s.Size);
        Long(""","digits":"""u8, s.Digits);
        Decimal(""","tick":"""u8, s.Tick);
        Decimal(""","min":"""u8, s.Min);
        Decimal(""","step":"""u8, s.Step);
        Decimal(""","max":"""u8, s.Max);
        Decimal(""","limit":"""u8, s.Limit);
        Long(""","stops":"""u8, s.Stops);
        Long(""","freeze":"""u8, s.Freeze);
        Text(""","base":"""u8, s.Base);
        Text(""","profit":"""u8, s.Profit);
        Long(""","fill":"""u8, s.Fill);
        TextIfAny(""","exec":"""u8, s.Execution);
        Text(""","trade":"""u8, s.Trade);
        Decimal(""","value":"""u8, s.Value);
        Decimal(""","swapl":"""u8, s.SwapLong);
        Decimal(""","swaps":"""u8, s.SwapShort);
        Raw("}"u8);
    }

    private void Quote(WireQuote q)
    {
        Text("["u8, q.Symbol);
        Decimal(","u8, q.Bid);
        Decimal(","u8, q.Ask);
        Long(","u8, q.Time);
        Raw("]"u8);
    }

    private void Quotes(IReadOnlyList<WireQuote> quotes, scoped ReadOnlySpan<byte> before) => List(before, quotes, static (ref LinkOut output, WireQuote q) => output.Quote(q));

    private void Id(long id) => Long(default, id);

    private void Money(scoped ReadOnlySpan<byte> before, WireFunds funds)
    {
        Decimal(before, funds.Balance);
        Decimal(""","equity":"""u8, funds.Equity);
        Decimal(""","margin":"""u8, funds.Margin);
        Decimal(""","free":"""u8, funds.Free);
        Decimal(""","credit":"""u8, funds.Credit);
    }

    private void Hello(HelloMessage m)
    {
        Long("""{"t":"hello","v":"""u8, m.Version);
        Text(""","key":"""u8, m.Key);
        Long(""","login":"""u8, m.Login);
        Text(""","server":"""u8, m.Server);
        Text(""","platform":"""u8, m.Platform);
        Text(""","role":"""u8, m.Role);
        Text(""","mode":"""u8, m.Mode);
        Text(""","currency":"""u8, m.Currency);
        Long(""","leverage":"""u8, m.Leverage);
        Long(""","build":"""u8, m.Build);
        Text(""","ea":"""u8, m.Ea);
        Text(""","terminal":"""u8, m.Terminal);
        Long(""","epoch":"""u8, m.Epoch);
        Long(""","acked":"""u8, m.Acked);
        Long(""","first":"""u8, m.First);
        Long(""","last":"""u8, m.Last);
        Long(""","offset":"""u8, m.Offset);
        Bool(""","demo":"""u8, m.Demo);
        Text(""","company":"""u8, m.Company, LinkIn.MaxComment);
        Bool(""","closeby":"""u8, m.CloseBy);
        Bool(""","stoplimit":"""u8, m.StopLimit);
        Bool(""","expiry":"""u8, m.Expiry);
        Long(""","clash":"""u8, m.Clash);
        if (m.TakesKeys)
        {
            Bool(""","keys":"""u8, true);
        }

        Raw("}"u8);
    }

    private void Welcome(WelcomeMessage m)
    {
        Long("""{"t":"welcome","v":"""u8, m.Version);
        Long(""","epoch":"""u8, m.Epoch);
        Bool(""","active":"""u8, m.Active);
        Long(""","resume":"""u8, m.Resume);
        Long(""","now":"""u8, m.Now);
        Long(""","beat":"""u8, m.Beat);
        Long(""","quotes":"""u8, m.Quotes);
        Long(""","budget":"""u8, m.Budget);
        Raw("}"u8);
    }

    private void Refused(RefusedMessage m)
    {
        Text("""{"t":"refused","code":"""u8, m.Code);
        Text(""","why":"""u8, m.Why, LinkIn.MaxText);
        Long(""","wait":"""u8, m.Wait);
        Raw("}"u8);
    }

    private void Active(ActiveMessage m)
    {
        Long("""{"t":"active","epoch":"""u8, m.Epoch);
        Long(""","resume":"""u8, m.Resume);
        Raw("}"u8);
    }

    private void Symbols(SymbolsMessage m)
    {
        Bool("""{"t":"symbols","more":"""u8, m.More);
        List(""","list":"""u8, m.List, static (ref LinkOut output, WireSymbol s) => output.Symbol(s));
        Raw("}"u8);
    }

    private void Ack(AckMessage m)
    {
        Long("""{"t":"ack","n":"""u8, m.Number);
        Raw("}"u8);
    }

    private void Change(ChangeMessage m)
    {
        Long("""{"t":"change","n":"""u8, m.Number);
        ListIfAny(""","positions":"""u8, m.Positions, static (ref LinkOut output, WirePosition p) => output.Position(p));
        ListIfAny(""","closed":"""u8, m.Closed, static (ref LinkOut output, long id) => output.Id(id));
        ListIfAny(""","orders":"""u8, m.Orders, static (ref LinkOut output, WireOrder o) => output.Order(o));
        ListIfAny(""","gone":"""u8, m.Gone, static (ref LinkOut output, long id) => output.Id(id));
        ListIfAny(""","deals":"""u8, m.Deals, static (ref LinkOut output, WireDeal d) => output.Deal(d));
        if (m.Quotes.Count > 0)
        {
            Quotes(m.Quotes, ""","quotes":"""u8);
        }

        Raw("}"u8);
    }

    private void Answer(AnswerMessage m)
    {
        Long("""{"t":"answer","n":"""u8, m.Number);
        Text(""","id":"""u8, m.Id);
        Text(""","out":"""u8, m.Outcome);
        Long(""","code":"""u8, m.Code);
        TextIfAny(""","why":"""u8, m.Why);
        TextIfAny(""","text":"""u8, m.Text, LinkIn.MaxText);
        if (m.Position != 0)
        {
            Long(""","position":"""u8, m.Position);
        }

        if (m.Order != 0)
        {
            Long(""","order":"""u8, m.Order);
        }

        // Done with nothing left to do is worth saying.
        if (m.Lots != 0 || m.Outcome == "done")
        {
            Decimal(""","lots":"""u8, m.Lots);
        }

        if (m.Price != 0)
        {
            Decimal(""","price":"""u8, m.Price);
        }

        if (m.Took != 0)
        {
            Long(""","took":"""u8, m.Took);
        }

        Raw("}"u8);
    }

    private void Ask(AskMessage m)
    {
        Long("""{"t":"ask","id":"""u8, m.Id);
        Long(""","from":"""u8, m.From);
        Raw("}"u8);
    }

    private void Snapshot(SnapshotMessage m)
    {
        Long("""{"t":"snapshot","id":"""u8, m.Id);
        Long(""","part":"""u8, m.Part);
        Long(""","of":"""u8, m.Of);
        Long(""","n":"""u8, m.Number);
        if (m.Funds is { } funds)
        {
            Money(""","funds":{"balance":"""u8, funds);
            Raw("}"u8);
        }

        ListIfAny(""","positions":"""u8, m.Positions, static (ref LinkOut output, WirePosition p) => output.Position(p));
        ListIfAny(""","orders":"""u8, m.Orders, static (ref LinkOut output, WireOrder o) => output.Order(o));
        ListIfAny(""","deals":"""u8, m.Deals, static (ref LinkOut output, WireDeal d) => output.Deal(d));
        ListIfAny(""","ended":"""u8, m.Ended, static (ref LinkOut output, WireOrder o) => output.Order(o));
        Raw("}"u8);
    }

    private void AskFailed(AskFailedMessage m)
    {
        Long("""{"t":"askfailed","id":"""u8, m.Id);
        Text(""","why":"""u8, m.Why, LinkIn.MaxText);
        Raw("}"u8);
    }

    private void Command(CommandMessage m)
    {
        Text("""{"t":"cmd","id":"""u8, m.Id);
        Long(""","epoch":"""u8, m.Epoch);
        Long(""","now":"""u8, m.Now);
        Long(""","exp":"""u8, m.Expires);
        Text(""","do":"""u8, NameOf(m.Do));
        Text(""","symbol":"""u8, m.Symbol);
        switch (m.Do)
        {
            case WireDo.Open:
                Text(""","side":"""u8, m.Side);
                Decimal(""","lots":"""u8, m.Lots);
                Levels(m);
                Level(""","worst":"""u8, m.Worst);
                Long(""","magic":"""u8, m.Magic);
                break;
            case WireDo.Place:
                Text(""","side":"""u8, m.Side);
                Text(""","type":"""u8, m.Type);
                Decimal(""","lots":"""u8, m.Lots);
                Level(""","price":"""u8, m.Price);
                Level(""","limit":"""u8, m.Limit);
                Levels(m);
                Expiry(m);
                Long(""","magic":"""u8, m.Magic);
                break;
            case WireDo.Reduce:
                Long(""","position":"""u8, m.Position);
                Decimal(""","target":"""u8, m.Lots);
                TextIfAny(""","side":"""u8, m.Side);
                Long(""","magic":"""u8, m.Magic);
                break;
            case WireDo.Stops:
                Long(""","position":"""u8, m.Position);
                Levels(m);
                break;
            case WireDo.Amend:
                Long(""","order":"""u8, m.Order);
                Level(""","price":"""u8, m.Price);
                Level(""","limit":"""u8, m.Limit);
                Levels(m);
                Expiry(m);
                break;
            case WireDo.Cancel:
                Long(""","order":"""u8, m.Order);
                break;
            case WireDo.CloseBy:
                Long(""","position":"""u8, m.Position);
                Long(""","by":"""u8, m.By);
                break;
        }

        Raw("}"u8);
    }

    private static string NameOf(WireDo what) => what switch
    {
        WireDo.Open => "open",
        WireDo.Place => "place",
        WireDo.Reduce => "reduce",
        WireDo.Stops => "stops",
        WireDo.Amend => "amend",
        WireDo.Cancel => "cancel",
        WireDo.CloseBy => "closeby",
        _ => throw new ArgumentException($"{what} is no command", nameof(what)),
    };

    private void Levels(CommandMessage m)
    {
        LevelOrNull(""","sl":"""u8, m.Sl);
        LevelOrNull(""","tp":"""u8, m.Tp);
    }

    private void Expiry(CommandMessage m)
    {
        if (m.Expiry is { } expiry)
        {
            Long(""","expiry":"""u8, expiry);
        }
    }

    private void QuotesMessage(QuotesMessage m)
    {
        Quotes(m.List, """{"t":"quotes","list":"""u8);
        Raw("}"u8);
    }

    private void Watch(WatchMessage m)
    {
        List("""{"t":"watch","symbols":"""u8, m.Symbols, static (ref LinkOut output, string symbol) => output.Text(default, symbol));
        Raw("}"u8);
    }

    private void FundsMessage(FundsMessage m)
    {
        Money("""{"t":"funds","balance":"""u8, m.Funds);
        ListIfAny(""","floating":"""u8, m.Floating, static (ref LinkOut output, WireFloating f) => output.Floating(f));
        Raw("}"u8);
    }

    private void Floating(WireFloating f)
    {
        Long("["u8, f.Position);
        Decimal(","u8, f.Profit);
        Decimal(","u8, f.Swap);
        Raw("]"u8);
    }

    private void Beat(BeatMessage m)
    {
        Long("""{"t":"beat","n":"""u8, m.Number);
        Hex(""","digest":"""u8, m.Digest);
        Bool(""","conn":"""u8, m.Connected);
        if (m.Ping >= 0)
        {
            Long(""","ping":"""u8, m.Ping);
        }

        Bool(""","trade":"""u8, m.Trade);
        Text(""","why":"""u8, m.Why, LinkIn.MaxText);
        if (m.Tick >= 0)
        {
            Long(""","tick":"""u8, m.Tick);
        }

        Long(""","offset":"""u8, m.Offset);
        Long(""","used":"""u8, m.Used);
        Long(""","queue":"""u8, m.Queue);
        if (m.Echo != 0)
        {
            Long(""","echo":"""u8, m.Echo);
            Long(""","held":"""u8, m.Held);
        }

        Raw("}"u8);
    }

    private void ServerBeat(ServerBeatMessage m)
    {
        Long("""{"t":"beat","now":"""u8, m.Now);
        Long(""","ack":"""u8, m.Ack);
        Raw("}"u8);
    }

    private void Get(GetMessage m)
    {
        Long("""{"t":"get","id":"""u8, m.Id);
        Text(""","what":"""u8, m.What);
        TextIfAny(""","symbol":"""u8, m.Symbol);
        if (m.Frame != 0)
        {
            Long(""","frame":"""u8, m.Frame);
        }

        Long(""","from":"""u8, m.From);
        Long(""","to":"""u8, m.To);
        Long(""","limit":"""u8, m.Limit);
        Raw("}"u8);
    }

    private void Data(DataMessage m)
    {
        Long("""{"t":"data","id":"""u8, m.Id);
        if (m.Why.Length > 0)
        {
            Text(""","why":"""u8, m.Why, LinkIn.MaxText);
        }
        else
        {
            Long(""","part":"""u8, m.Part);
            Long(""","of":"""u8, m.Of);
            if (m.Deals.Count > 0)
            {
                List(""","rows":"""u8, m.Deals, static (ref LinkOut output, WireDeal d) => output.Deal(d));
            }
            else
            {
                List(""","rows":"""u8, m.Rows, static (ref LinkOut output, IReadOnlyList<decimal> row) => output.Row(row));
            }
        }

        Raw("}"u8);
    }

    private void Row(IReadOnlyList<decimal> row) => List(default, row, static (ref LinkOut output, decimal value) => output.Decimal(default, value));

    private void Log(LogMessage m)
    {
        Text("""{"t":"log","level":"""u8, m.Level);
        Text(""","text":"""u8, m.Text, LinkIn.MaxText);
        Raw("}"u8);
    }

    private void Alert(AlertMessage m)
    {
        Text("""{"t":"alert","text":"""u8, m.Text, LinkIn.MaxText);
        Bool(""","push":"""u8, m.Push);
        Raw("}"u8);
    }

    private void Duty(DutyMessage m)
    {
        Bool("""{"t":"duty","hedge":"""u8, m.Hedge);
        Raw("}"u8);
    }

    private void Key(KeyMessage m)
    {
        Text("""{"t":"key","id":"""u8, m.Id);
        Text(""","key":"""u8, m.Key);
        Raw("}"u8);
    }

    private void Kept(KeptMessage m)
    {
        Text("""{"t":"kept","id":"""u8, m.Id);
        if (m.Why.Length > 0)
        {
            Text(""","why":"""u8, m.Why, LinkIn.MaxText);
        }

        Raw("}"u8);
    }

    private void BadReply(BadReplyMessage m)
    {
        Text("""{"t":"bad","why":"""u8, m.Why, LinkIn.MaxText);
        Raw("}"u8);
    }
}

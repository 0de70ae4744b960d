using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.MqlHarness.Terminal;

/// <content>What the terminal's cache is told. Always on the clock's thread.</content>
public sealed partial class EaTerminal
{
    private readonly HashSet<string> _quotesDirty = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SimSymbol> _symbolsSent = new(StringComparer.Ordinal);
    private bool _bookDirty = true;
    private bool _resetAsked;
    private int _historySent;

    /// <summary>How far the PC's clock has been set wrong since, on top of <see cref="EaTerminalOptions.PcClockError"/>.</summary>
    public TimeSpan PcClockError { get; set; }

    private string ChartSymbol => _options.ChartSymbol ?? _broker.Symbols.First().Spec.Name.Value;

    private void ForgetWhatWasSent()
    {
        _symbolsSent.Clear();
        _historySent = 0;
        _bookDirty = true;
        lock (_wake)
        {
            _queue.Clear();
            _tick = false;
            _tradeDue = false;
        }

        foreach (var quote in _broker.Quotes)
        {
            _quotesDirty.Add(quote.Key);
        }
    }

    private byte[] StartMessage()
    {
        var w = new WireWriter().U8(1).Text(Files).Text(Path.Combine(Folder, "Common")).Text(Folder).Text(Pipes).Text("Lockstep").Text(_options.TrustedCertificates ?? "").Text(ChartSymbol).I32(60)
            .Flag(_virtual is null).I64(_boot.Micros);
        w.I32(_options.AllowedHosts.Count);
        foreach (string host in _options.AllowedHosts)
        {
            w.Text(host);
        }

        w.I32(_options.Inputs.Count);
        foreach (var (name, value) in _options.Inputs)
        {
            w.Text(name).Text(value);
        }

        WriteState(w);
        return w.Bytes;
    }

    private void WriteState(WireWriter w)
    {
        var now = _clock.Now;
        var faults = Faults;
        if (_resetAsked)
        {
            _resetAsked = false;
            w.U8(12);
        }

        long lastQuote = _broker.Quotes.Select(q => q.Value.At.Micros).DefaultIfEmpty(now.Micros).Max();
        w.U8(1).I64(now.Micros).I32(_options.Time.OffsetAt(now)).I64(_options.Time.Show(new Timestamp(lastQuote)) / 1000).I64((long)(_options.PcClockError + PcClockError).TotalMilliseconds);
        w.U8(11).Flag(!faults.Disconnected).Flag(!faults.AutoTradingOff).Flag(faults.ContextBusy).Flag(_options.DllImports).Flag(_options.Tester).Flag(faults.DiskFull).Flag(faults.ReadableLies)
            .I64(faults.Disconnected ? -1 : 23_000).I32(_options.Build).I32(faults.ShortRead).I32(faults.ShortWrite).I64(faults.KillAtCall).U8((int)faults.KillWhen)
            .I64(SocketBytesExpected);
        if (!faults.Disconnected)
        {
            WriteSymbols(w);
            WriteQuotes(w);
            WriteHistory(w);
            if (_bookDirty)
            {
                _bookDirty = false;
                WriteAccount(w);
                WriteBook(w);
            }
        }

        w.U8(0);
    }

    private void WriteAccount(WireWriter w)
    {
        var settings = _broker.Settings;
        var funds = _broker.Funds();
        w.U8(2).I64(_options.Login).Text(_options.Server).Text(_options.Company).Text(settings.Currency).Text("Trader").I32((int)settings.Leverage).I32(_options.Demo ? 0 : 2)
            .I32(settings.Mode == AccountMode.Netting ? 0 : 2)
            .F64(funds.Balance.Value).F64(funds.Equity.Value).F64(funds.Margin.Value).F64(funds.FreeMargin.Value).F64(0m).F64(funds.Equity.Value - funds.Balance.Value)
            .Flag(settings.Mode == AccountMode.Fifo).Flag(settings.Mode == AccountMode.Hedging).Flag(_broker.TradingEnabled).Flag(true).I32(settings.MaxOrders).I32(settings.MoneyDigits).F64(settings.StopOutLevel);
    }

    private void WriteSymbols(WireWriter w)
    {
        var changed = _broker.Symbols.Where(s => !_symbolsSent.TryGetValue(s.Spec.Name.Value, out var sent) || !ReferenceEquals(sent, s)).ToList();
        if (changed.Count == 0)
        {
            return;
        }

        w.U8(3).I32(changed.Count);
        foreach (var symbol in changed)
        {
            var spec = symbol.Spec;
            _symbolsSent[spec.Name.Value] = symbol;
            _quotesDirty.Add(spec.Name.Value);
            bool hedging = _broker.Settings.Mode == AccountMode.Hedging;
            w.Text(spec.Name.Value).Text(spec.BaseCurrency).Text(spec.ProfitCurrency).I32(spec.Digits).I32(spec.StopsLevelPoints).I32(spec.FreezeLevelPoints)
                .I32((int)symbol.Filling).I32((int)symbol.Execution).I32((int)symbol.TradeMode).I32((int)symbol.SwapMode).I32(symbol.ExpiryAllowed ? 15 : 3).I32(hedging ? 127 : 63).I32(0)
                .F64(spec.Point).F64(spec.TickSize).F64(spec.ContractSize).F64(spec.MinLots.Value).F64(spec.MaxLots.Value).F64(spec.LotStep.Value).F64(symbol.VolumeLimit)
                .F64(symbol.SwapLong).F64(symbol.SwapShort).F64(TickValue(symbol)).F64(MarginOfOneLot(symbol)).Flag(true);
        }
    }

    private void WriteQuotes(WireWriter w)
    {
        var quotes = _broker.Quotes.Where(q => _quotesDirty.Contains(q.Key)).ToList();
        _quotesDirty.Clear();
        if (quotes.Count == 0)
        {
            return;
        }

        // Floating results follow the quotes.
        _bookDirty |= _broker.OpenPositions.Count > 0;
        w.U8(4).I32(quotes.Count);
        foreach (var (name, quote) in quotes)
        {
            w.Text(name).F64(quote.Bid.Value).F64(quote.Ask.Value).F64(TickValue(_broker.Symbol(new SymbolName(name))!)).I64(_options.Time.Show(quote.At));
        }
    }

    private void WriteHistory(WireWriter w)
    {
        var history = _broker.History;
        var seen = _clock.Now - Faults.HistoryDelay;
        var orders5 = new List<Mt5Order>();
        var deals5 = new List<Mt5Deal>();
        var orders4 = new List<Mt4Order>();
        for (; _historySent < history.Count; _historySent++)
        {
            var record = history[_historySent];
            if (record.RecordedAt > seen)
            {
                break;
            }

            switch (record)
            {
                case Mt5Order order:
                    orders5.Add(order);
                    break;
                case Mt5Deal deal:
                    deals5.Add(deal);
                    break;
                case Mt4Order order when order.RecordedAt >= (_options.HistoryFrom ?? Timestamp.Epoch):
                    orders4.Add(order);
                    break;
            }
        }

        if (orders5.Count > 0)
        {
            w.U8(7).I32(orders5.Count);
            orders5.ForEach(order => Put(w, order));
        }

        if (deals5.Count > 0)
        {
            w.U8(8).I32(deals5.Count);
            deals5.ForEach(deal => w.I64(deal.Ticket).I64(deal.Order).I64(deal.PositionId).Text(deal.Symbol).I32((int)deal.Type).I32((int)deal.Entry).I32((int)deal.Reason)
                .F64(deal.Volume).F64(deal.Price).F64(deal.Profit).F64(deal.Swap).F64(deal.Commission).F64(0m).I64(deal.Magic).Text(deal.Comment).I64(Ms(deal.Time)));
        }

        if (orders4.Count > 0)
        {
            w.U8(10).I32(orders4.Count);
            orders4.ForEach(order => Put(w, order, order.Profit, order.ClosePrice));
        }
    }

    private void WriteBook(WireWriter w)
    {
        if (_broker is Mt4Broker mt4)
        {
            var trades = mt4.Trades.ToList();
            w.U8(9).I32(trades.Count);
            foreach (var order in trades)
            {
                var quote = _broker.QuoteOf(new SymbolName(order.Symbol));
                decimal price = quote?.ToClose(order.Side).Value ?? 0m;
                Put(w, order, order.IsPending ? 0m : Floating(order.Symbol, order.Side, order.Lots, order.OpenPrice, price), price);
            }

            return;
        }

        var mt5 = (Mt5Broker)_broker;
        var positions = mt5.Positions.ToList();
        w.U8(5).I32(positions.Count);
        foreach (var position in positions)
        {
            decimal price = _broker.QuoteOf(new SymbolName(position.Symbol))?.ToClose(position.Side).Value ?? 0m;
            w.I64(position.Ticket).I64(position.Identifier).Text(position.Symbol).I32(position.Side == Side.Buy ? 0 : 1).I32((int)position.Reason)
                .F64(position.Volume).F64(position.PriceOpen).F64(position.Sl).F64(position.Tp).F64(position.Swap)
                .F64(Floating(position.Symbol, position.Side, position.Volume, position.PriceOpen, price)).F64(price)
                .I64(position.Magic).Text(position.Comment).I64(Ms(position.Time));
        }

        var orders = mt5.Orders.ToList();
        w.U8(6).I32(orders.Count);
        orders.ForEach(order => Put(w, order));
    }

    private void Put(WireWriter w, Mt5Order order) =>
        w.I64(order.Ticket).Text(order.Symbol).I32((int)order.Type).I32((int)order.State).I32(order.Expiration is null ? 0 : 2).I32(2).I32((int)order.Reason)
            .F64(order.VolumeInitial).F64(order.VolumeCurrent).F64(order.PriceOpen).F64(order.StopLimit).F64(order.Sl).F64(order.Tp)
            .F64(_broker.QuoteOf(new SymbolName(order.Symbol))?.ToOpen(order.Side).Value ?? 0m)
            .I64(order.Expiration is { } expiry ? Ms(expiry) / 1000 : 0).I64(order.Magic).Text(order.Comment).I64(order.PositionId).I64(Ms(order.TimeSetup)).I64(order.TimeDone is { } done ? Ms(done) : 0);

    private void Put(WireWriter w, Mt4Order order, decimal profit, decimal price) =>
        w.I32(order.Ticket).I32((int)order.Op).Text(order.Symbol).F64(order.Lots).F64(order.OpenPrice).F64(order.StopLoss).F64(order.TakeProfit).F64(order.Commission).F64(order.Swap)
            .F64(profit).F64(price).I64(Ms(order.OpenTime) / 1000).I64(order.CloseTime is { } closed ? Ms(closed) / 1000 : 0)
            .I64(order.Expiration is { } expiry ? Ms(expiry) / 1000 : 0).I32(order.Magic).Text(order.Comment);

    private long Ms(Timestamp moment) => _options.Time.Show(moment);

    private decimal TickValue(SimSymbol symbol) => symbol.Spec.TickSize * symbol.Spec.ContractSize * Rate(symbol.Spec.ProfitCurrency);

    private decimal MarginOfOneLot(SimSymbol symbol)
    {
        decimal price = _broker.QuoteOf(symbol.Spec.Name)?.Ask.Value ?? symbol.StartPrice;
        return symbol.Spec.ContractSize * price * Rate(symbol.Spec.ProfitCurrency) / (symbol.Leverage ?? _broker.Settings.Leverage);
    }

    private decimal Floating(string name, Side side, decimal lots, decimal open, decimal price)
    {
        if (price == 0m || _broker.Symbol(new SymbolName(name)) is not { } symbol)
        {
            return 0m;
        }

        decimal profit = (price - open) * side.Sign() * lots * symbol.Spec.ContractSize * Rate(symbol.Spec.ProfitCurrency);
        return Math.Round(profit, _broker.Settings.MoneyDigits, MidpointRounding.AwayFromZero);
    }

    // As the broker converts; through a third currency a terminal shows 1 until it is known.
    private decimal Rate(string currency)
    {
        string account = _broker.Settings.Currency;
        if (currency == account)
        {
            return 1m;
        }

        foreach (var symbol in _broker.Symbols)
        {
            bool straight = symbol.Spec.BaseCurrency == currency && symbol.Spec.ProfitCurrency == account;
            bool inverse = symbol.Spec.BaseCurrency == account && symbol.Spec.ProfitCurrency == currency;
            if ((straight || inverse) && _broker.QuoteOf(symbol.Spec.Name) is { } quote)
            {
                return straight ? quote.Bid.Value : 1m / quote.Ask.Value;
            }
        }

        return 1m;
    }
}

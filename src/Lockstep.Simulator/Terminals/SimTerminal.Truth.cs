using Lockstep.Domain;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.Simulator;

/// <content>Questions: the whole truth, symbols, history.</content>
public sealed partial class SimTerminal
{
    private readonly Queue<DataMessage> _history = new();
    private bool _historyScheduled;

    private void OnAsk(AskMessage ask)
    {
        if (State != SimTerminalState.Live)
        {
            Strange++;
            return;
        }

        var faults = _broker.Faults;
        bool fails = _dice.Chance(faults.AskFailsPercent);
        if (_dice.Chance(faults.AskLostPercent))
        {
            return;
        }

        string why =
            !_brokerConnected ? "the terminal is not connected to its broker"
            : _clock.Now < _synchronisedAt ? "the terminal is not synchronised"
            : fails ? "the history is not loaded"
            : "";
        if (why.Length > 0)
        {
            Queue(new AskFailedMessage(ask.Id, why));
            return;
        }

        // Told and true are the same from here on: what was not told yet goes first.
        _broker.Refresh();
        Look();
        var from = _settings.Time.Earliest(ask.From);
        var parts = new List<SnapshotPart> { new() };
        foreach (var (position, _) in _told.Values)
        {
            Room(WireWords.SizeOf(position)).Positions.Add(position);
        }

        foreach (var (order, _) in _toldOrders.Values)
        {
            Room(WireWords.SizeOf(order)).Orders.Add(order);
        }

        foreach (var report in _translator.DealsSince(from))
        {
            var deal = WireWords.Of(report, _settings.Time, _mt4);
            Room(WireWords.SizeOf(deal)).Deals.Add(deal);
        }

        foreach (var report in _translator.EndedSince(from))
        {
            var ended = WireWords.Of(report, _settings.Time);
            Room(WireWords.SizeOf(ended)).Ended.Add(ended);
        }

        for (int i = 0; i < parts.Count; i++)
        {
            Queue(new SnapshotMessage
            {
                Id = ask.Id,
                Part = i + 1,
                Of = parts.Count,
                Number = Disk.Last,
                Funds = i == 0 ? WireWords.Of(_broker.Funds()) : null,
                Positions = parts[i].Positions,
                Orders = parts[i].Orders,
                Deals = parts[i].Deals,
                Ended = parts[i].Ended,
            });
        }

        SnapshotPart Room(int size)
        {
            var part = parts[^1];
            if (part.Size + size > MessageMax - 500)
            {
                parts.Add(part = new SnapshotPart());
            }

            part.Size += size;
            return part;
        }
    }

    private void OnSymbolChanged(SimSymbol symbol)
    {
        if (State == SimTerminalState.Live)
        {
            Later(TimeSpan.Zero, () =>
            {
                if (State == SimTerminalState.Live)
                {
                    SendSymbols([symbol]);
                }
            });
        }
    }

    private void SendSymbols(IReadOnlyList<SimSymbol> symbols)
    {
        // 100 of them are 40 KB at most.
        const int Together = 100;
        for (int i = 0; i < symbols.Count; i += Together)
        {
            Queue(new SymbolsMessage([.. symbols.Skip(i).Take(Together).Select(s => WireWords.Of(s, TickValue(s)))], i + Together < symbols.Count));
        }
    }

    /// <summary>What one tick of a lot is worth in the account's currency, as far as the quotes say.</summary>
    private decimal TickValue(SimSymbol symbol) =>
        Math.Round(symbol.Spec.TickSize * symbol.Spec.ContractSize * Rate(symbol.Spec.ProfitCurrency), 8, MidpointRounding.ToEven);

    private decimal Rate(string currency)
    {
        string own = _broker.Settings.Currency;
        if (currency == own)
        {
            return 1m;
        }

        foreach (var symbol in _broker.Symbols)
        {
            if (symbol.Spec.BaseCurrency == currency && symbol.Spec.ProfitCurrency == own && _broker.QuoteOf(symbol.Spec.Name) is { } straight)
            {
                return straight.Bid.Value;
            }

            if (symbol.Spec.BaseCurrency == own && symbol.Spec.ProfitCurrency == currency && _broker.QuoteOf(symbol.Spec.Name) is { } inverse)
            {
                return 1m / inverse.Ask.Value;
            }
        }

        return 1m;
    }

    private void OnGet(GetMessage get)
    {
        if (State != SimTerminalState.Live)
        {
            Strange++;
            return;
        }

        int limit = Math.Clamp(get.Limit, 1, 10_000);
        var wanted = get with { Limit = limit };
        switch (get.What)
        {
            case "candles" when _settings.Ticks?.Candles(get.Symbol, _settings.Time, wanted) is { } candles:
                Rows(get.Id, candles);
                break;
            case "candles":
                NoData(get.Id, $"no history of {get.Symbol} is loaded");
                break;
            case "ticks" when _mt4:
                NoData(get.Id, "MT4 keeps no ticks");
                break;
            case "ticks" when _settings.Ticks?.Ticks(get.Symbol, _settings.Time, wanted) is { } ticks:
                Rows(get.Id, ticks);
                break;
            case "ticks":
                NoData(get.Id, $"no ticks of {get.Symbol} are loaded");
                break;
            case "deals" when _brokerConnected:
                Deals(wanted);
                break;
            case "deals":
                NoData(get.Id, "the terminal is not connected to its broker");
                break;
            default:
                NoData(get.Id, $"'{get.What}' is not known here");
                break;
        }
    }

    private void Rows(long id, List<IReadOnlyList<decimal>> rows)
    {
        // A candle is six numbers of 30 characters at most.
        const int Together = 300;
        int parts = Math.Max(1, (rows.Count + Together - 1) / Together);
        for (int i = 0; i < parts; i++)
        {
            _history.Enqueue(new DataMessage { Id = id, Part = i + 1, Of = parts, Rows = rows.GetRange(i * Together, Math.Min(Together, rows.Count - (i * Together))) });
        }

        HistorySoon();
    }

    private void Deals(GetMessage wanted)
    {
        var deals = _translator.DealsSince(_settings.Time.Earliest(wanted.From))
            .Select(d => WireWords.Of(d, _settings.Time, _mt4))
            .Where(d => d.Time >= wanted.From && d.Time <= wanted.To)
            .TakeLast(wanted.Limit)
            .ToList();
        const int Together = 100;
        int parts = Math.Max(1, (deals.Count + Together - 1) / Together);
        for (int i = 0; i < parts; i++)
        {
            _history.Enqueue(new DataMessage { Id = wanted.Id, Part = i + 1, Of = parts, Deals = deals.GetRange(i * Together, Math.Min(Together, deals.Count - (i * Together))) });
        }

        HistorySoon();
    }

    private void NoData(long id, string why)
    {
        _history.Enqueue(new DataMessage { Id = id, Why = why });
        HistorySoon();
    }

    /// <summary>One part a pump, behind everything else: history never delays a trade.</summary>
    private void HistorySoon()
    {
        if (_historyScheduled || _history.Count == 0)
        {
            return;
        }

        _historyScheduled = true;
        Later(_settings.Pump, () =>
        {
            _historyScheduled = false;
            if (!_busy && _out.Count == 0 && _history.TryDequeue(out var part))
            {
                Queue(part);
            }

            HistorySoon();
        });
    }

    private sealed class SnapshotPart
    {
        public List<WirePosition> Positions { get; } = [];

        public List<WireOrder> Orders { get; } = [];

        public List<WireDeal> Deals { get; } = [];

        public List<WireOrder> Ended { get; } = [];

        public int Size { get; set; }
    }
}

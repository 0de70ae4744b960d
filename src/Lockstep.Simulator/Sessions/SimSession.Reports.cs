using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <content>Changes, quotes, funds.</content>
public sealed partial class SimSession
{
    private readonly SortedDictionary<string, Quote> _quotesOnTheWay = new(StringComparer.Ordinal);
    private SortedDictionary<long, PositionReport> _toldPositions = [];
    private SortedDictionary<long, PendingReport> _toldOrders = [];
    private long _sequence;
    private bool _pollScheduled;
    private bool _fundsScheduled;
    private Timestamp _fundsDueAt;

    /// <summary>A new session tells changes from here on; what was before is for a snapshot.</summary>
    private void TakeBaseline()
    {
        _translator.Reset();
        _toldPositions = new(_translator.Positions().ToDictionary(p => p.Id.Value));
        _toldOrders = new(_translator.Orders().ToDictionary(o => o.Id.Value));
    }

    private void OnTouched()
    {
        if (!IsUp)
        {
            return;
        }

        FundsChanged();
        if (_broker.Settings.Platform != PlatformKind.Mt4 || _settings.Mt4PollInterval <= TimeSpan.Zero)
        {
            ReportChanges();
        }
        else if (!_pollScheduled)
        {
            _pollScheduled = true;
            _clock.Schedule(_settings.Mt4PollInterval, () =>
            {
                _pollScheduled = false;
                if (IsUp)
                {
                    ReportChanges();
                }
            });
        }
    }

    /// <summary>Events are hints; what is told is the difference between the platform's whole state now and what was told last.</summary>
    private void ReportChanges()
    {
        if (!IsUp)
        {
            return;
        }

        var deals = _translator.NewDeals();
        var positions = new SortedDictionary<long, PositionReport>(_translator.Positions().ToDictionary(p => p.Id.Value));
        var orders = new SortedDictionary<long, PendingReport>(_translator.Orders().ToDictionary(o => o.Id.Value));
        var change = new BookChanged
        {
            Account = Account,
            Epoch = _epoch,
            Sequence = _sequence + 1,
            Positions = [.. positions.Values.Where(p => !_toldPositions.TryGetValue(p.Id.Value, out var told) || told != p)],
            ClosedPositions = [.. _toldPositions.Keys.Where(id => !positions.ContainsKey(id)).Select(id => new PositionId(id))],
            Orders = [.. orders.Values.Where(o => !_toldOrders.TryGetValue(o.Id.Value, out var told) || told != o)],
            GoneOrders = [.. _toldOrders.Keys.Where(id => !orders.ContainsKey(id)).Select(id => new OrderId(id))],
            Deals = deals,
        };
        _toldPositions = positions;
        _toldOrders = orders;
        if (change.Positions.Count + change.ClosedPositions.Count + change.Orders.Count + change.GoneOrders.Count + change.Deals.Count == 0)
        {
            return;
        }

        // A position that was opened and closed between two looks is known by its deals only; its end is told as well.
        var unseen = deals.Select(d => d.Position).Where(id => !positions.ContainsKey(id.Value) && !change.ClosedPositions.Contains(id)).Distinct().ToArray();
        Tell(unseen.Length == 0 ? change : change with { ClosedPositions = [.. change.ClosedPositions, .. unseen] });
    }

    private void Tell(BookChanged change)
    {
        var faults = _broker.Faults;
        bool dropped = _dice.Chance(faults.EventDroppedPercent);
        bool twice = _dice.Chance(faults.EventDuplicatedPercent);
        bool overtaken = _dice.Chance(faults.EventReorderedPercent);
        bool garbage = _dice.Chance(faults.GarbagePercent);
        var extra = overtaken ? _dice.NextSpan(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(800)) : TimeSpan.Zero;
        _sequence = change.Sequence;
        if (!dropped)
        {
            Down(() => _sink!.Report(change), extra);
            if (twice)
            {
                Down(() => _sink!.Report(change), _dice.NextSpan(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(400)));
            }
        }

        if (garbage)
        {
            var nonsense = Garbage.Of(change, _dice, ++_sequence, _broker);
            Down(() => _sink!.Report(nonsense));
        }

        MaybeDisconnect();
    }

    private void OnSymbolChanged(SimSymbol symbol)
    {
        if (IsUp)
        {
            var changed = new SymbolsChanged { Account = Account, Epoch = _epoch, Symbols = [symbol.Told] };
            Down(() => _sink!.Report(changed));
        }
    }

    private void OnQuoted(SymbolName symbol, Quote quote)
    {
        if (!IsUp)
        {
            return;
        }

        FundsChanged();

        // The latest wins: quotes that come while others are on their way travel with them.
        bool first = _quotesOnTheWay.Count == 0;
        _quotesOnTheWay[symbol.Value] = quote;
        if (first)
        {
            var arrives = Timestamp.Max(_downBusyUntil, _clock.Now + _dice.NextSpan(_settings.DownLatencyMin, _settings.DownLatencyMax));
            _clock.Schedule(arrives - _clock.Now, DeliverQuotes);
        }
    }

    private void DeliverQuotes()
    {
        if (IsUp && !_stopped)
        {
            foreach (var (symbol, quote) in _quotesOnTheWay)
            {
                _sink!.Quote(Account, new SymbolName(symbol), quote);
            }
        }

        _quotesOnTheWay.Clear();
    }

    private void FundsChanged()
    {
        if (_fundsScheduled)
        {
            return;
        }

        _fundsScheduled = true;
        _clock.Schedule(_fundsDueAt - _clock.Now, () =>
        {
            _fundsScheduled = false;
            _fundsDueAt = _clock.Now + _settings.FundsInterval;
            if (IsUp)
            {
                var funds = _broker.Funds();
                var floating = _translator.Floating();
                Down(() =>
                {
                    _sink!.Funds(Account, funds);
                    _sink.Floating(Account, floating);
                });
            }
        });
    }
}

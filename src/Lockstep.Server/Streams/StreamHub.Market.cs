using System.Collections.Concurrent;
using Lockstep.Domain;

namespace Lockstep.Server.Streams;

/// <content>What platforms are asked for because somebody listens: quotes, and history for candles.</content>
internal sealed partial class StreamHub
{
    /// <summary>Ticks that may wait for the pump; it takes them many times a second.</summary>
    private const int TicksMost = 100_000;

    private readonly ConcurrentQueue<(Cell Price, Quote Quote)> _ticks = new();
    private readonly Dictionary<(AccountId Account, SymbolName Symbol), int> _watched = [];
    private readonly Dictionary<CellKey, CandleSeat> _candles = [];
    private readonly Dictionary<Cell, List<CandleSeat>> _candlesOf = [];

    /// <summary>The account's symbols; empty = it has told none yet.</summary>
    internal async Task<IReadOnlySet<SymbolName>> SymbolsAsync(AccountId account)
    {
        var told = (await Desk.PhotoAsync(account).ConfigureAwait(false)).View?.Symbols.Select(s => s.Name).ToHashSet() ?? [];
        return told.Count > 0 ? told : Desk.Config.Account(account)?.Broker?.Symbols.Select(s => s.Spec.Name).ToHashSet() ?? [];
    }

    /// <summary>The platform is to quote the symbol as long as somebody wants it. The pump's.</summary>
    internal void Hold(AccountId account, SymbolName symbol)
    {
        if (_watched.TryGetValue((account, symbol), out int users))
        {
            _watched[(account, symbol)] = users + 1;
            return;
        }

        _watched[(account, symbol)] = 1;
        Desk.Watch(account, symbol);

        // What came before anybody listened is known to the product.
        var cell = CellOf(new CellKey(CellKind.Price, account, symbol));
        if (cell.Turn == 0 && Desk.Quote(account, symbol) is { } quote && cell.Put(quote))
        {
            Dirty(cell);
        }
    }

    /// <summary>Takes one <see cref="Hold"/> back. The pump's.</summary>
    internal void Release(AccountId account, SymbolName symbol)
    {
        int users = _watched[(account, symbol)] - 1;
        if (users > 0)
        {
            _watched[(account, symbol)] = users;
            return;
        }

        _watched.Remove((account, symbol));
        var price = new CellKey(CellKind.Price, account, symbol);
        if (CellOf(price).Turn == 0)
        {
            // No such symbol, as it seems.
            Drop(price);
        }

        Desk.Unwatch(account, symbol);
    }

    /// <summary>Candles are to be built as long as somebody wants them. The pump's.</summary>
    internal void HoldCandle(CellKey key)
    {
        Hold(key.Account, key.Symbol);
        if (_candles.TryGetValue(key, out var seat))
        {
            seat.Users++;
            return;
        }

        var price = CellOf(new CellKey(CellKind.Price, key.Account, key.Symbol));
        seat = new CandleSeat(key, new CandleBook(key.Frame)) { Users = 1 };
        _candles[key] = seat;
        if (!_candlesOf.TryGetValue(price, out var seats))
        {
            _candlesOf[price] = seats = [];
        }

        seats.Add(seat);
        price.Candled = true;
        Ask(seat);
    }

    /// <summary>Takes one <see cref="HoldCandle"/> back. The pump's.</summary>
    internal void ReleaseCandle(CellKey key)
    {
        var seat = _candles[key];
        if (--seat.Users == 0)
        {
            _candles.Remove(key);
            Drop(key);
            var price = CellOf(new CellKey(CellKind.Price, key.Account, key.Symbol));
            _candlesOf[price].Remove(seat);
            if (_candlesOf[price].Count == 0)
            {
                _candlesOf.Remove(price);
                price.Candled = false;
            }
        }

        Release(key.Account, key.Symbol);
    }

    private void BuildCandles()
    {
        // More than this is no market: candles are then made of what can be taken.
        for (int over = _ticks.Count - TicksMost; over > 0 && _ticks.TryDequeue(out _); over--)
        {
        }

        while (_ticks.TryDequeue(out var tick))
        {
            if (!_candlesOf.TryGetValue(tick.Price, out var seats))
            {
                continue;
            }

            foreach (var seat in seats)
            {
                if (seat.Book.Tick(tick.Quote))
                {
                    Put(seat.Key, seat.Book.State);
                }
            }
        }
    }

    private void EndCandles()
    {
        var now = Timestamp.From(Now);
        foreach (var seat in _candles.Values)
        {
            if (seat.Book.Pass(now))
            {
                Put(seat.Key, seat.Book.State);

                // What was missed, and where the broker's days begin now, is asked for again when a candle of hours ended; else only where nothing is known.
                if (!seat.HasHistory || seat.Key.Frame >= Timeframe.H4)
                {
                    Ask(seat);
                }
            }
        }
    }

    /// <summary>Asks the platform for the latest candles.</summary>
    private void Ask(CandleSeat seat)
    {
        if (Desk.Data(seat.Key.Account) is not { } data)
        {
            return;
        }

        // Two candles, over a weekend too.
        var now = Timestamp.From(Now);
        var wanted = new CandlesWanted(seat.Key.Symbol, seat.Key.Frame, now - TimeSpan.FromMinutes((3 * (int)seat.Key.Frame) + (5 * 1_440)), now, 2);
        _ = Task.Run(() => data.Fetch(wanted, answer => Post(() =>
        {
            if (answer is CandlesFound found && _candles.GetValueOrDefault(seat.Key) == seat)
            {
                seat.HasHistory = found.Candles.Count > 0;
                seat.Book.History(found.Live is { } live ? [.. found.Candles.Where(c => c.At < live.At), live] : found.Candles, Timestamp.From(Now));
                Put(seat.Key, seat.Book.State);
            }
        })));
    }

    private sealed class CandleSeat(CellKey key, CandleBook book)
    {
        public CellKey Key => key;

        public CandleBook Book => book;

        public int Users { get; set; }

        public bool HasHistory { get; set; }
    }
}

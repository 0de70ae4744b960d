using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>Prices of one account's symbols: who subscribed to what, and what was (guide §11). All prices are 1/100000, whatever the symbol's digits.</summary>
internal sealed partial class SimMarketDesk(SimDesk desk)
{
    private readonly SortedDictionary<long, SortedDictionary<long, SpotSeat>> _spots = [];
    private readonly SortedDictionary<long, List<SimTick>> _ticks = [];
    private readonly SortedDictionary<(long Symbol, ProtoOATrendbarPeriod Period), SimBar> _live = [];

    /// <summary>One connection's subscription to one symbol.</summary>
    private sealed class SpotSeat(SimLine line, bool timed)
    {
        public SimLine Line => line;

        public bool Timed => timed;

        /// <summary>What was told last; null before the first event, which has both sides and the session's close.</summary>
        public SimTick? Told { get; set; }

        public SortedSet<ProtoOATrendbarPeriod> Bars { get; } = [];
    }

    /// <summary>A connection left the account.</summary>
    public void Leave(SimLine line)
    {
        foreach (var seats in _spots.Values)
        {
            seats.Remove(line.Number);
        }

        foreach (var seats in _depth.Values)
        {
            seats.Lines.Remove(line.Number);
        }
    }

    /// <summary>Refuses unknown symbols, and those that the connection has already: the whole request.</summary>
    public void CheckSpots(SimLine line, IReadOnlyList<long> symbols)
    {
        Check(symbols);
        foreach (long symbol in symbols)
        {
            if (_spots.TryGetValue(symbol, out var seats) && seats.ContainsKey(line.Number))
            {
                throw new SimRefusal("ALREADY_SUBSCRIBED", $"Already subscribed to symbol {symbol}");
            }
        }
    }

    public void SubscribeSpots(SimLine line, IReadOnlyList<long> symbols, bool timed)
    {
        foreach (long symbol in symbols)
        {
            if (!_spots.TryGetValue(symbol, out var seats))
            {
                _spots[symbol] = seats = [];
            }

            var seat = seats[line.Number] = new SpotSeat(line, timed);
            if (Last(symbol) is { } tick)
            {
                TellSpot(symbol, seat, tick);
            }
        }
    }

    public void UnsubscribeSpots(SimLine line, IReadOnlyList<long> symbols)
    {
        Check(symbols);
        foreach (long symbol in symbols)
        {
            Seat(line, symbol, "NOT_SUBSCRIBED_TO_SPOTS");
        }

        foreach (long symbol in symbols)
        {
            _spots[symbol].Remove(line.Number);
        }
    }

    public void SubscribeBars(SimLine line, long symbol, ProtoOATrendbarPeriod period)
    {
        desk.SymbolOf(symbol);
        if (!Enum.IsDefined(period))
        {
            throw new SimRefusal("Unknown period");
        }

        if (!Seat(line, symbol, CtErrorCode.InvalidRequest).Bars.Add(period))
        {
            throw new SimRefusal("ALREADY_SUBSCRIBED", $"Already subscribed to trendbars of symbol {symbol}");
        }

        if (!_live.ContainsKey((symbol, period)) && Bars(symbol, period).LastOrDefault() is { } bar)
        {
            _live[(symbol, period)] = bar;
        }
    }

    public void UnsubscribeBars(SimLine line, long symbol, ProtoOATrendbarPeriod period)
    {
        desk.SymbolOf(symbol);
        if (!Seat(line, symbol, CtErrorCode.InvalidRequest).Bars.Remove(period))
        {
            throw new SimRefusal("There is no such subscription");
        }
    }

    /// <summary>A quote of the account's broker.</summary>
    public void OnQuote(string symbol, Quote quote)
    {
        Remember(symbol, quote);
        long id = desk.IdOf(symbol);
        if (Last(id) is not { } tick)
        {
            return;
        }

        if (_spots.TryGetValue(id, out var seats))
        {
            foreach (var seat in seats.Values.ToArray())
            {
                TellSpot(id, seat, tick);
            }
        }

        TellDepth(id, tick);
    }

    /// <summary>Keeps a tick for history and for the bars that are forming.</summary>
    public void Remember(string symbol, Quote quote)
    {
        long id = desk.IdOf(symbol);
        var tick = new SimTick(SimDesk.Ms(quote.At), Scale(quote.Bid), Scale(quote.Ask));
        if (!_ticks.TryGetValue(id, out var ticks))
        {
            _ticks[id] = ticks = [];
        }

        ticks.Add(tick);
        if (ticks.Count > desk.Server.Settings.TicksKept * 2)
        {
            ticks.RemoveRange(0, ticks.Count - desk.Server.Settings.TicksKept);
        }

        foreach (var period in _live.Keys.Where(k => k.Symbol == id).Select(k => k.Period).ToArray())
        {
            long opened = SimTrendbars.Opening(tick.At, period);
            _live[(id, period)] = _live[(id, period)] is var bar && bar.OpenedAt == opened ? bar.With(tick) : SimBar.Of(opened, tick);
        }
    }

    private static long Scale(Price price) => (long)Math.Round(price.Value * 100_000m);

    private SimTick? Last(long symbol) => _ticks.TryGetValue(symbol, out var ticks) && ticks.Count > 0 ? ticks[^1] : null;

    private SpotSeat Seat(SimLine line, long symbol, string code) =>
        _spots.TryGetValue(symbol, out var seats) && seats.TryGetValue(line.Number, out var seat) ? seat : throw new SimRefusal(code, $"Not subscribed to spots of symbol {symbol}");

    private void Check(IReadOnlyList<long> symbols)
    {
        if (symbols.Count == 0)
        {
            throw new SimRefusal("symbolId is empty");
        }

        foreach (long symbol in symbols)
        {
            desk.SymbolOf(symbol);
        }
    }

    /// <summary>Only the side that changed is told (recorded); bars of the subscribed periods ride along when the bid did.</summary>
    private void TellSpot(long symbol, SpotSeat seat, SimTick tick)
    {
        bool bid = seat.Told is not { } told || told.Bid != tick.Bid;
        bool ask = seat.Told is not { } before || before.Ask != tick.Ask;
        if (!bid && !ask)
        {
            return;
        }

        var spot = new ProtoOASpotEvent { CtidTraderAccountId = desk.Ctid, SymbolId = symbol };
        if (bid)
        {
            spot.Bid = (ulong)tick.Bid;
            spot.Trendbar.AddRange(seat.Bars.Where(p => _live.ContainsKey((symbol, p))).Select(p => _live[(symbol, p)].Live(p)));
        }

        if (ask)
        {
            spot.Ask = (ulong)tick.Ask;
        }

        if (seat.Told is null)
        {
            spot.SessionClose = (ulong)SessionClose(symbol, tick);
        }

        if (seat.Timed)
        {
            spot.Timestamp = tick.At;
        }

        seat.Told = tick;
        seat.Line.Tell(spot);
    }

    /// <summary>The last bid of the trading day before; of the first day, its first bid.</summary>
    private long SessionClose(long symbol, SimTick tick)
    {
        long day = SimTrendbars.Opening(tick.At, ProtoOATrendbarPeriod.D1);
        var ticks = _ticks[symbol];
        int last = ticks.FindLastIndex(t => t.At < day);
        return last >= 0 ? ticks[last].Bid : ticks[0].Bid;
    }
}

/// <summary>A tick in ms and 1/100000.</summary>
internal readonly record struct SimTick(long At, long Bid, long Ask);

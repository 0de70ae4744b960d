using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.Simulator;

/// <content>Depth of market: a made-up ladder around the quote, told as it changes; there is no message with the whole of it (guide §11).</content>
internal sealed partial class SimMarketDesk
{
    private const int Levels = 3;
    private readonly SortedDictionary<long, DepthBook> _depth = [];

    private sealed class DepthBook
    {
        public SortedDictionary<long, SimLine> Lines { get; } = [];

        public List<ProtoOADepthQuote> Bids { get; } = [];

        public List<ProtoOADepthQuote> Asks { get; } = [];

        public ulong LastId { get; set; }

        public SimTick? At { get; set; }
    }

    public void CheckDepth(SimLine line, IReadOnlyList<long> symbols)
    {
        Check(symbols);
        foreach (long symbol in symbols)
        {
            if (_depth.TryGetValue(symbol, out var book) && book.Lines.ContainsKey(line.Number))
            {
                throw new SimRefusal("ALREADY_SUBSCRIBED", $"Already subscribed to depth of symbol {symbol}");
            }
        }
    }

    /// <summary>What is there now comes as new quotes.</summary>
    public void SubscribeDepth(SimLine line, IReadOnlyList<long> symbols)
    {
        foreach (long symbol in symbols)
        {
            if (!_depth.TryGetValue(symbol, out var book))
            {
                _depth[symbol] = book = new DepthBook();
            }

            if (Last(symbol) is { } tick)
            {
                Move(symbol, book, tick);
                var told = new ProtoOADepthEvent { CtidTraderAccountId = desk.Ctid, SymbolId = (ulong)symbol };
                told.NewQuotes.AddRange(book.Bids.Concat(book.Asks));
                line.Tell(told);
            }

            book.Lines[line.Number] = line;
        }
    }

    public void UnsubscribeDepth(SimLine line, IReadOnlyList<long> symbols)
    {
        Check(symbols);
        foreach (long symbol in symbols)
        {
            if (!_depth.TryGetValue(symbol, out var book) || !book.Lines.Remove(line.Number))
            {
                throw new SimRefusal($"Not subscribed to depth of symbol {symbol}");
            }
        }
    }

    private void TellDepth(long symbol, SimTick tick)
    {
        if (!_depth.TryGetValue(symbol, out var book) || book.Lines.Count == 0)
        {
            return;
        }

        var told = Move(symbol, book, tick);
        if (told.NewQuotes.Count + told.DeletedQuotes.Count > 0)
        {
            foreach (var line in book.Lines.Values.ToArray())
            {
                line.Tell(told);
            }
        }
    }

    /// <summary>Brings the ladder to a quote; what changed. A side that did not move keeps its levels and their ids.</summary>
    private ProtoOADepthEvent Move(long symbol, DepthBook book, SimTick tick)
    {
        var told = new ProtoOADepthEvent { CtidTraderAccountId = desk.Ctid, SymbolId = (ulong)symbol };
        var spec = desk.Broker.Symbol(new Domain.SymbolName(desk.SymbolOf(symbol)))!.Spec;
        long step = Math.Max(1, (long)(spec.Point * 100_000m)) * 2;
        ulong size = (ulong)desk.Broker.ToVolume(spec.Name.Value, 1m);
        if (book.At?.Bid != tick.Bid)
        {
            told.DeletedQuotes.AddRange(book.Bids.Select(q => q.Id));
            book.Bids.Clear();
            for (int i = 0; i < Levels; i++)
            {
                book.Bids.Add(new ProtoOADepthQuote { Id = ++book.LastId, Size = size * (ulong)(i + 1), Bid = (ulong)Math.Max(1, tick.Bid - (i * step)) });
            }

            told.NewQuotes.AddRange(book.Bids);
        }

        if (book.At?.Ask != tick.Ask)
        {
            told.DeletedQuotes.AddRange(book.Asks.Select(q => q.Id));
            book.Asks.Clear();
            for (int i = 0; i < Levels; i++)
            {
                book.Asks.Add(new ProtoOADepthQuote { Id = ++book.LastId, Size = size * (ulong)(i + 1), Ask = (ulong)(tick.Ask + (i * step)) });
            }

            told.NewQuotes.AddRange(book.Asks);
        }

        book.At = tick;
        return told;
    }
}

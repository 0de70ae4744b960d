using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Translate;

/// <summary>
/// Bid and ask ticks, which are two downloads, as quotes (guide §11): newest first, time and price coded as differences, windows of at most a week, paged by time.
/// </summary>
internal sealed class TickMerge
{
    private static readonly long Week = (long)TimeSpan.FromDays(7).TotalMilliseconds - 1;

    private readonly int _limit;
    private readonly long _from;
    private readonly long _to;
    private readonly Stream _bids;
    private readonly Stream _asks;

    public TickMerge(TicksWanted wanted)
    {
        (_limit, _from, _to) = (wanted.Limit, Units.Ms(wanted.From), Units.Ms(wanted.To));
        _bids = new Stream(ProtoOAQuoteType.Bid, _from, _to);
        _asks = new Stream(ProtoOAQuoteType.Ask, _from, _to);
    }

    /// <summary>The next page to ask for; null = enough is there.</summary>
    public (ProtoOAQuoteType Type, long From, long To)? Next() =>
        !_bids.IsWhole && _bids.Ticks.Count < _limit ? _bids.Window()
        : !_asks.IsWhole && _asks.Ticks.Count < _limit ? _asks.Window()
        : null;

    public void Take(ProtoOAQuoteType type, ProtoOAGetTickDataRes page) => (type == ProtoOAQuoteType.Bid ? _bids : _asks).Take(page);

    /// <summary>The newest quotes, oldest first: at each tick of a side, with the last of the other.</summary>
    public IReadOnlyList<Quote> Quotes(int digits)
    {
        // Before the oldest tick of a side that is not whole, the other side would stand against nothing.
        long known = Math.Max(_bids.IsWhole ? _from : _bids.Oldest, _asks.IsWhole ? _from : _asks.Oldest);
        var ticks = _bids.Ticks.AsEnumerable().Reverse().Select(t => (t.At, t.Price, Bid: true)).Concat(_asks.Ticks.AsEnumerable().Reverse().Select(t => (t.At, t.Price, Bid: false)))
            .Where(t => t.At >= known && t.At <= _to).OrderBy(t => t.At).ToList();
        var quotes = new List<Quote>();
        long bid = 0;
        long ask = 0;
        for (int i = 0; i < ticks.Count; i++)
        {
            (bid, ask) = ticks[i].Bid ? (ticks[i].Price, ask) : (bid, ticks[i].Price);

            // Both sides of one moment are one quote.
            if (bid > 0 && ask > 0 && (i + 1 == ticks.Count || ticks[i + 1].At != ticks[i].At))
            {
                quotes.Add(new Quote(Price(bid), Price(ask), Timestamp.FromMs(ticks[i].At)));
            }
        }

        return quotes.Count <= _limit ? quotes : quotes.GetRange(quotes.Count - _limit, _limit);

        Price Price(long price) => new(Math.Round(price / Units.WirePrice, Math.Min(digits, 5), MidpointRounding.AwayFromZero));
    }

    private sealed class Stream(ProtoOAQuoteType type, long from, long to)
    {
        private readonly HashSet<(long, long)> _known = [];
        private long _to = to;

        public List<(long At, long Price)> Ticks { get; } = [];

        public long Oldest { get; private set; } = to;

        /// <summary>Everything down to the beginning is there.</summary>
        public bool IsWhole { get; private set; }

        public (ProtoOAQuoteType, long, long) Window() => (type, Math.Max(from, _to - Week), _to);

        public void Take(ProtoOAGetTickDataRes page)
        {
            long at = 0;
            long price = 0;
            bool news = false;
            for (int i = 0; i < page.TickData.Count; i++)
            {
                var tick = page.TickData[i];

                // Newest first, so the difference in time goes back, whichever sign it is written with.
                at = i == 0 ? tick.Timestamp : at - Math.Abs(tick.Timestamp);
                price = i == 0 ? tick.Tick : price + tick.Tick;
                if (price > 0 && at >= from && _known.Add((at, price)))
                {
                    Ticks.Add((at, price));
                    news = true;
                }
            }

            long begin = Math.Max(from, _to - Week);
            if (page.HasMore && news)
            {
                Oldest = _to = at;
                return;
            }

            // A page that is no help is the end of what can be had.
            Oldest = begin;
            _to = begin - 1;
            IsWhole = begin <= from || (page.HasMore && !news);
        }
    }
}

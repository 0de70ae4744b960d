using Lockstep.Domain;

namespace Lockstep.Server.Streams;

/// <summary>Candles of a symbol at one moment.</summary>
/// <param name="Forming">The one that is forming; null = the last one has ended, and no tick came since.</param>
/// <param name="Closed">The last one that ended; null = not known.</param>
internal sealed record CandleState(Candle? Forming, Candle? Closed);

/// <summary>
/// Builds the forming candle of a symbol from ticks, bids as MetaTrader and cTrader do, on top of the last candle of the platform's history. Until that is there, and where there is none, from the
/// ticks alone. A candle ends when its time is over, or when a tick of a later one comes. Beginnings follow the history's: a broker's days need not be days of UTC.
/// </summary>
internal sealed class CandleBook(Timeframe frame)
{
    // 1970-01-01 was a Thursday; weeks of the market begin on Sunday.
    private static readonly Timestamp FirstSunday = Timestamp.FromMs(3 * 86_400_000L);

    private Timestamp? _anchor;
    private Candle? _forming;
    private Candle? _closed;

    /// <summary>How it stands.</summary>
    public CandleState State => new(_forming, _closed);

    /// <summary>A tick. True when something changed: ticks that are older than the candle are passed over.</summary>
    public bool Tick(Quote quote)
    {
        var bid = quote.Bid;
        if (_forming is { } forming)
        {
            if (quote.At < forming.At)
            {
                return false;
            }

            if (quote.At < End(forming.At))
            {
                _forming = forming with
                {
                    High = bid.Value > forming.High.Value ? bid : forming.High,
                    Low = bid.Value < forming.Low.Value ? bid : forming.Low,
                    Close = bid,
                    Ticks = forming.Ticks + 1,
                };
                return true;
            }

            _closed = forming;
        }
        else if (_closed is { } closed && quote.At < End(closed.At))
        {
            return false;
        }

        _forming = new Candle(Begin(quote.At), bid, bid, bid, bid, 1);
        return true;
    }

    /// <summary>Time passes. True when the candle ended by it.</summary>
    public bool Pass(Timestamp now)
    {
        if (_forming is not { } forming || now < End(forming.At))
        {
            return false;
        }

        (_closed, _forming) = (forming, null);
        return true;
    }

    /// <summary>The platform's latest candles, oldest first, as they were at <paramref name="now"/> or a little before. What was built of ticks meanwhile is put on top.</summary>
    public void History(IReadOnlyList<Candle> candles, Timestamp now)
    {
        if (candles.Count == 0)
        {
            return;
        }

        var last = candles[^1];
        _anchor = last.At;
        bool ended = End(last.At) <= now;
        var closed = ended ? last : candles.Count > 1 ? candles[^2] : null;
        if (closed is not null && (_closed is null || _closed.At <= closed.At))
        {
            _closed = closed;
        }

        if (ended)
        {
            // Built on another beginning than the broker's: set right by the ticks to come.
            _forming = _forming is { } own ? own with { At = Begin(own.At) } : null;
            return;
        }

        // The same candle: history knows what came before the first tick, ticks may know what came after the history.
        _forming = _forming is { } built && built.At < End(last.At) && built.At.Micros > last.At.Micros - Micros
            ? last with
            {
                High = built.High.Value > last.High.Value ? built.High : last.High,
                Low = built.Low.Value < last.Low.Value ? built.Low : last.Low,
                Close = built.Close,
                Ticks = Math.Max(last.Ticks, built.Ticks),
            }
            : _forming is { } later && later.At >= End(last.At) ? later : last;
    }

    private long Micros => (long)frame * 60_000_000;

    private Timestamp Begin(Timestamp at)
    {
        if (frame == Timeframe.MN1)
        {
            // The month of the broker's clock, whose distance to UTC the history's beginning tells.
            var shift = _anchor is { } month ? Shift(month) : TimeSpan.Zero;
            var there = (at + shift).ToDateTimeOffset();
            return Timestamp.From(new DateTimeOffset(there.Year, there.Month, 1, 0, 0, 0, TimeSpan.Zero)) - shift;
        }

        long anchor = (_anchor ?? (frame == Timeframe.W1 ? FirstSunday : Timestamp.Epoch)).Micros;
        long since = at.Micros - anchor;
        return new Timestamp(anchor + ((since - (((since % Micros) + Micros) % Micros)) / Micros * Micros));
    }

    private Timestamp End(Timestamp begin)
    {
        if (frame != Timeframe.MN1)
        {
            return new Timestamp(begin.Micros + Micros);
        }

        var shift = _anchor is { } month ? Shift(month) : TimeSpan.Zero;
        return Timestamp.From((begin + shift).ToDateTimeOffset().AddMonths(1)) - shift;
    }

    /// <summary>What must be added to UTC so that a month begins there: at most half a day either way.</summary>
    private static TimeSpan Shift(Timestamp month)
    {
        var at = month.ToDateTimeOffset();
        var first = new DateTimeOffset(at.Year, at.Month, 1, 0, 0, 0, TimeSpan.Zero);
        return at - first < TimeSpan.FromDays(1) ? first - at : first.AddMonths(1) - at;
    }
}

using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>A broker server's clock: UTC and an offset that changes with summer time. Times on the EA link are by this clock, raw.</summary>
public sealed class BrokerTime
{
    private readonly List<(Timestamp From, int Seconds)> _changes = [];
    private readonly int _first;

    /// <summary>A clock that is so many seconds ahead of UTC.</summary>
    public BrokerTime(int offsetSeconds = 0)
    {
        _first = offsetSeconds;
    }

    /// <summary>From a moment on the clock shows another offset (the night of summer time). Moments are given in order.</summary>
    public void Change(Timestamp from, int offsetSeconds) => _changes.Add((from, offsetSeconds));

    /// <summary>The offset at a moment, in seconds.</summary>
    public int OffsetAt(Timestamp moment)
    {
        for (int i = _changes.Count - 1; i >= 0; i--)
        {
            if (moment >= _changes[i].From)
            {
                return _changes[i].Seconds;
            }
        }

        return _first;
    }

    /// <summary>What the clock shows at a moment, in ms since 1970.</summary>
    public long Show(Timestamp moment) => (moment.Micros / 1000) + (OffsetAt(moment) * 1000L);

    /// <summary>The earliest moment at which the clock showed this: an hour is shown twice when summer time ends.</summary>
    public Timestamp Earliest(long shownMs)
    {
        var earliest = Timestamp.FromMs(shownMs - (_first * 1000L));
        foreach (var (_, seconds) in _changes)
        {
            var moment = Timestamp.FromMs(shownMs - (seconds * 1000L));
            earliest = moment < earliest ? moment : earliest;
        }

        return earliest;
    }

    /// <summary>The moment that is meant by a future time of the clock as it goes now (an expiry).</summary>
    public Timestamp Meant(long shownMs, Timestamp now) => Timestamp.FromMs(shownMs - (OffsetAt(now) * 1000L));
}

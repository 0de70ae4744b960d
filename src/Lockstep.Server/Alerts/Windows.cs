using Lockstep.Runtime;

namespace Lockstep.Server.Alerts;

/// <summary>The last while of a histogram that only grows.</summary>
/// <param name="length">How long a while.</param>
/// <param name="step">Time between two copies that are kept; the while is right to within this.</param>
internal sealed class HistogramWindow(TimeSpan length, TimeSpan step)
{
    private readonly Queue<(TimeSpan At, LatencyHistogram Copy)> _copies = new();
    private TimeSpan? _copiedAt;

    /// <summary>The percentile of the last while in ms; 0 when there was nothing.</summary>
    public double PercentileMs(LatencyHistogram all, double share, TimeSpan now)
    {
        if (_copiedAt is not { } at || now - at >= step)
        {
            var copy = new LatencyHistogram();
            copy.Add(all);
            _copies.Enqueue((now, copy));
            _copiedAt = now;
        }

        // The oldest one that is kept lies just outside of the while.
        while (_copies.Count > 1 && now - _copies.ElementAt(1).At >= length)
        {
            _copies.Dequeue();
        }

        var since = all.Since(_copies.Peek().Copy);
        return since.Count == 0 ? 0 : since.Percentile(share).TotalMilliseconds;
    }
}

/// <summary>The last while of two counters of which one is part of the other.</summary>
/// <param name="length">How long a while.</param>
/// <param name="step">Time between two numbers that are kept.</param>
internal sealed class ShareWindow(TimeSpan length, TimeSpan step)
{
    private readonly Queue<(TimeSpan At, long All, long Part)> _kept = new();
    private TimeSpan? _keptAt;

    /// <summary>The share in percent over the last while; 0 when there were fewer than <paramref name="least"/>.</summary>
    public double Percent(long all, long part, long least, TimeSpan now)
    {
        if (_keptAt is not { } at || now - at >= step)
        {
            _kept.Enqueue((now, all, part));
            _keptAt = now;
        }

        while (_kept.Count > 1 && now - _kept.ElementAt(1).At >= length)
        {
            _kept.Dequeue();
        }

        var (_, allBefore, partBefore) = _kept.Peek();
        long count = all - allBefore;
        return count < least ? 0 : 100.0 * (part - partBefore) / count;
    }
}

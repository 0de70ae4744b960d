using System.Numerics;

namespace Lockstep.Runtime;

/// <summary>The way of an event, cut into stages. Each is the time since the one before it, but for the last, which is the whole.</summary>
public enum LatencyStage
{
    /// <summary>From the sink to its number: waiting in the inbox.</summary>
    Numbered = 0,

    /// <summary>From the number to the decisions: the engine.</summary>
    Decided = 1,

    /// <summary>From the decisions to their being on the disk: encoding and commit.</summary>
    Durable = 2,

    /// <summary>From the disk to the session's send call, for events that sent an order.</summary>
    Sent = 3,

    /// <summary>From the send call to the platform's answer.</summary>
    Answered = 4,

    /// <summary>From the sink to the session's send call: what Lockstep adds to a copied trade.</summary>
    Through = 5,
}

/// <summary>What a histogram says.</summary>
/// <param name="Count">How many times.</param>
/// <param name="P50">Half were not longer than this.</param>
/// <param name="P99">99 of 100 were not longer than this.</param>
/// <param name="Max">The longest.</param>
public readonly record struct LatencySummary(long Count, TimeSpan P50, TimeSpan P99, TimeSpan Max);

/// <summary>How long events take, stage by stage. Recording allocates nothing and may be done from any thread.</summary>
/// <param name="time">The clock.</param>
/// <param name="measured">Is told of each duration too, on the thread of the event: it must return at once.</param>
public sealed class LatencyStages(TimeProvider time, Action<LatencyStage, TimeSpan>? measured = null)
{
    private readonly LatencyHistogram[] _stages = [.. Enum.GetValues<LatencyStage>().Select(_ => new LatencyHistogram())];

    /// <summary>A timestamp for later.</summary>
    public long Now() => time.GetTimestamp();

    /// <summary>A stage took from one timestamp to another.</summary>
    public void Record(LatencyStage stage, long from, long to)
    {
        var took = time.GetElapsedTime(from, to);
        _stages[(int)stage].Record(took);
        measured?.Invoke(stage, took);
    }

    /// <summary>What a stage took so far.</summary>
    public LatencySummary Of(LatencyStage stage) => _stages[(int)stage].Summary();

    /// <summary>The histogram of a stage.</summary>
    public LatencyHistogram Histogram(LatencyStage stage) => _stages[(int)stage];
}

/// <summary>
/// Durations in buckets that grow with them: 16 to each doubling, so that a percentile is right to within 1/16, from a microsecond to hours.
/// </summary>
public sealed class LatencyHistogram
{
    private const int SubBits = 4;
    private const int Sub = 1 << SubBits;
    private const int Buckets = (64 - SubBits) * Sub;

    private readonly long[] _counts = new long[Buckets];
    private long _maxTicks;

    /// <summary>How many durations were recorded.</summary>
    public long Count
    {
        get
        {
            long sum = 0;
            for (int i = 0; i < Buckets; i++)
            {
                sum += Volatile.Read(ref _counts[i]);
            }

            return sum;
        }
    }

    /// <summary>The longest duration.</summary>
    public TimeSpan Max => new(Volatile.Read(ref _maxTicks));

    /// <summary>One duration; below zero counts as zero.</summary>
    public void Record(TimeSpan duration)
    {
        long ticks = Math.Max(0, duration.Ticks);
        Interlocked.Increment(ref _counts[Bucket(ticks)]);
        long max;
        while (ticks > (max = Volatile.Read(ref _maxTicks)))
        {
            Interlocked.CompareExchange(ref _maxTicks, ticks, max);
        }
    }

    /// <summary>The duration that a share (0 to 1) of all did not exceed; the upper end of its bucket, never above the longest.</summary>
    public TimeSpan Percentile(double share)
    {
        long count = Count;
        long wanted = Math.Max(1, (long)Math.Ceiling(count * Math.Clamp(share, 0, 1)));
        long sum = 0;
        for (int i = 0; i < Buckets && count > 0; i++)
        {
            sum += Volatile.Read(ref _counts[i]);
            if (sum >= wanted)
            {
                return new TimeSpan(Math.Min(UpperEnd(i), Volatile.Read(ref _maxTicks)));
            }
        }

        return Max;
    }

    /// <summary>Everything from another histogram as well.</summary>
    public void Add(LatencyHistogram other)
    {
        for (int i = 0; i < Buckets; i++)
        {
            Interlocked.Add(ref _counts[i], Volatile.Read(ref other._counts[i]));
        }

        long ticks = Volatile.Read(ref other._maxTicks);
        long max;
        while (ticks > (max = Volatile.Read(ref _maxTicks)))
        {
            Interlocked.CompareExchange(ref _maxTicks, ticks, max);
        }
    }

    /// <summary>
    /// What was recorded since an earlier copy of this histogram was made; its longest is the upper end of the highest bucket, as nobody kept more.
    /// </summary>
    public LatencyHistogram Since(LatencyHistogram earlier)
    {
        var rest = new LatencyHistogram();
        for (int i = 0; i < Buckets; i++)
        {
            long count = Math.Max(0, Volatile.Read(ref _counts[i]) - earlier._counts[i]);
            rest._counts[i] = count;
            rest._maxTicks = count > 0 ? Math.Min(UpperEnd(i), Volatile.Read(ref _maxTicks)) : rest._maxTicks;
        }

        return rest;
    }

    /// <summary>Count, median, p99, longest.</summary>
    public LatencySummary Summary() => new(Count, Percentile(0.5), Percentile(0.99), Max);

    /// <summary>Below 16 ticks each has its own bucket; above, the highest bit says which doubling and the next four which part of it.</summary>
    private static int Bucket(long ticks)
    {
        int high = BitOperations.Log2((ulong)ticks | 1);
        return high < SubBits ? (int)ticks : ((high - SubBits + 1) * Sub) + (int)((ticks >> (high - SubBits)) & (Sub - 1));
    }

    private static long UpperEnd(int bucket)
    {
        int doubling = bucket / Sub;
        return doubling == 0 ? bucket : (((long)(bucket % Sub) + Sub + 1) << (doubling - 1)) - 1;
    }
}

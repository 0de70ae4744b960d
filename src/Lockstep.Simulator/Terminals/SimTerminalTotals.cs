namespace Lockstep.Simulator;

/// <summary>What many terminals of one process did together. Written on their clock's thread, read from any.</summary>
public sealed class SimTerminalTotals
{
    private const int SamplesMax = 1 << 20;
    private readonly List<int> _roundTrips = [];
    private readonly Dictionary<string, int> _refusals = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private long _connected;
    private long _live;
    private long _refused;
    private long _commands;
    private long _done;
    private long _events;
    private long _acked;
    private long _lost;

    /// <summary>Connections that stand now.</summary>
    public long Connected => Interlocked.Read(ref _connected);

    /// <summary>Terminals that are active now.</summary>
    public long Live => Interlocked.Read(ref _live);

    /// <summary>Refusals by the server.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Commands that came.</summary>
    public long Commands => Interlocked.Read(ref _commands);

    /// <summary>Commands that ended done.</summary>
    public long Done => Interlocked.Read(ref _done);

    /// <summary>Events made.</summary>
    public long Events => Interlocked.Read(ref _events);

    /// <summary>Events that the server has acknowledged.</summary>
    public long Acked => Interlocked.Read(ref _acked);

    /// <summary>Connections that were lost.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Why the server refused, with how often; the commonest first.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> Refusals
    {
        get
        {
            lock (_lock)
            {
                return [.. _refusals.OrderByDescending(r => r.Value).ThenBy(r => r.Key, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Time from an event's sending to its acknowledgement, at a part of all (0.5, 0.99), in ms; null when there was none.</summary>
    public double? RoundTripMs(double part)
    {
        int[] sorted;
        lock (_lock)
        {
            if (_roundTrips.Count == 0)
            {
                return null;
            }

            sorted = [.. _roundTrips];
        }

        Array.Sort(sorted);
        return sorted[Math.Clamp((int)Math.Ceiling(sorted.Length * part) - 1, 0, sorted.Length - 1)] / 1000.0;
    }

    internal void Up() => Interlocked.Increment(ref _connected);

    internal void Down()
    {
        Interlocked.Decrement(ref _connected);
        Interlocked.Increment(ref _lost);
    }

    internal void Activated() => Interlocked.Increment(ref _live);

    internal void Deactivated() => Interlocked.Decrement(ref _live);

    internal void Refusal(string why)
    {
        Interlocked.Increment(ref _refused);
        lock (_lock)
        {
            _refusals[why] = _refusals.GetValueOrDefault(why) + 1;
        }
    }

    internal void Command() => Interlocked.Increment(ref _commands);

    internal void CommandDone() => Interlocked.Increment(ref _done);

    internal void Event() => Interlocked.Increment(ref _events);

    internal void Ack(TimeSpan roundTrip)
    {
        Interlocked.Increment(ref _acked);
        lock (_lock)
        {
            if (_roundTrips.Count < SamplesMax)
            {
                _roundTrips.Add((int)Math.Min(int.MaxValue, roundTrip.Ticks / 10));
            }
        }
    }
}

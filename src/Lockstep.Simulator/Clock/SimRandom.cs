namespace Lockstep.Simulator;

/// <summary>
/// A small seeded generator (splitmix64), the same on every machine and in every version of the runtime; <see cref="System.Random"/> promises neither.
/// </summary>
public sealed class SimRandom
{
    private readonly ulong _origin;

    /// <summary>A generator for a seed.</summary>
    public SimRandom(ulong seed)
    {
        _origin = seed;
        State = Mix(seed + 0x9E3779B97F4A7C15UL);
    }

    private SimRandom(ulong origin, ulong state)
    {
        _origin = origin;
        State = state;
    }

    /// <summary>Where the stream stands, to be kept and given to <see cref="Resume"/>.</summary>
    public ulong State { get; private set; }

    /// <summary>Goes on from a kept <see cref="State"/>.</summary>
    public SimRandom Resume(ulong state) => new(_origin, state);

    /// <summary>64 random bits.</summary>
    public ulong NextBits()
    {
        State += 0x9E3779B97F4A7C15UL;
        return Mix(State);
    }

    /// <summary>0 up to, not including, <paramref name="limit"/>; 0 when the limit is not above 0.</summary>
    public int Next(int limit) => limit <= 0 ? 0 : (int)(((NextBits() >> 32) * (ulong)limit) >> 32);

    /// <summary><paramref name="first"/> up to and including <paramref name="last"/>.</summary>
    public int Next(int first, int last) => last <= first ? first : first + Next(last - first + 1);

    /// <summary>0 up to, not including, 1, in millionths.</summary>
    public decimal NextDecimal() => Next(1_000_000) / 1_000_000m;

    /// <summary>A multiple of <paramref name="step"/> from <paramref name="first"/> up to and including <paramref name="last"/>.</summary>
    public decimal NextDecimal(decimal first, decimal last, decimal step) =>
        last <= first || step <= 0 ? first : first + (step * Next((int)Math.Min(int.MaxValue - 1, Math.Floor((last - first) / step)) + 1));

    /// <summary>A span between two, both included, in microseconds.</summary>
    public TimeSpan NextSpan(TimeSpan first, TimeSpan last) =>
        last <= first ? first : first + new TimeSpan((long)(NextBits() % (ulong)(((last - first).Ticks / 10) + 1)) * 10);

    /// <summary>True in so many of a hundred cases; four decimals count.</summary>
    public bool Chance(decimal percent) => Next(1_000_000) < percent * 10_000m;

    /// <summary>One of the given.</summary>
    public T Pick<T>(IReadOnlyList<T> from) => from[Next(from.Count)];

    /// <summary>A stream of its own by name: the same whatever was drawn from this one before.</summary>
    public SimRandom Fork(string name)
    {
        ulong h = 14695981039346656037UL ^ _origin;
        foreach (char c in name)
        {
            h = (h ^ c) * 1099511628211UL;
        }

        return new SimRandom(Mix(h));
    }

    /// <summary>A stream of its own by number.</summary>
    public SimRandom Fork(long number) => new(Mix(_origin ^ Mix((ulong)number + 0xD1B54A32D192ED03UL)));

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}

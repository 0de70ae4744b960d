namespace Lockstep.CTrader.Session;

/// <summary>Chance from a seed (SplitMix64), so that a simulation repeats itself. Under the hub's lock.</summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>From 0 up to, not including, <paramref name="most"/>.</summary>
    public long Below(long most) => most <= 0 ? 0 : (long)(Next() % (ulong)most);

    /// <summary>So many letters and digits.</summary>
    public string Letters(int count) => string.Create(count, this, static (span, dice) =>
    {
        for (int i = 0; i < span.Length; i++)
        {
            span[i] = "abcdefghijkmnpqrstuvwxyz23456789"[(int)dice.Below(32)];
        }
    });
}

namespace Lockstep.CTrader.Session;

/// <summary>
/// So many a second and never more: each one taken comes back a second later. Stricter than a bucket that fills up evenly (which lets up to twice its size into one second), so that the server's
/// limit is kept however it counts. Under the hub's lock.
/// </summary>
internal sealed class Allowance(int perSecond)
{
    private readonly Queue<long> _taken = new(perSecond);

    /// <summary>How many are left at a moment (ms); below zero when more were taken than there are.</summary>
    public int Left(long now)
    {
        // Both moments are cut to milliseconds: only at more than 1000 is a whole second certain.
        while (_taken.TryPeek(out long at) && now - at > 1000)
        {
            _taken.Dequeue();
        }

        return perSecond - _taken.Count;
    }

    /// <summary>Takes one, whether there is one or not.</summary>
    public void Take(long now) => _taken.Enqueue(now);
}

namespace Lockstep.MetaTrader.Session;

/// <summary>A token bucket: so many at once, so many a second. Not thread-safe.</summary>
internal struct Allowance(int perSecond, int burst, long nowMs)
{
    private double _left = burst;
    private double _most = burst;
    private long _at = nowMs;

    /// <summary>Takes one; false when there is none left.</summary>
    public bool Take(long nowMs)
    {
        if (nowMs > _at)
        {
            // What was given on top is used up and does not come back.
            double filled = _left + ((nowMs - _at) * perSecond / 1000.0);
            _left = _left >= _most ? _left : Math.Min(filled, _most);
            _at = nowMs;
        }

        if (_left < 1)
        {
            return false;
        }

        _left--;
        return true;
    }

    /// <summary>Gives so many on top, once.</summary>
    public void Give(long more) => _left += more;

    /// <summary>True when nothing was taken for so long that forgetting it changes nothing.</summary>
    public readonly bool IsFull(long nowMs) => _left + ((nowMs - _at) * perSecond / 1000.0) >= _most;
}

/// <summary>Connections a second by address. Bounded: addresses beyond the bound share one allowance.</summary>
internal sealed class AddressBook(int perSecond, int most)
{
    private readonly Dictionary<string, Allowance> _known = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private Allowance _others = new(perSecond, perSecond, 0);
    private long _sweptAt;

    public bool Take(string address, long nowMs)
    {
        lock (_gate)
        {
            Sweep(nowMs);
            if (!_known.TryGetValue(address, out var allowance))
            {
                if (_known.Count >= most)
                {
                    return _others.Take(nowMs);
                }

                allowance = new Allowance(perSecond, perSecond, nowMs);
            }

            bool taken = allowance.Take(nowMs);
            _known[address] = allowance;
            return taken;
        }
    }

    private void Sweep(long nowMs)
    {
        if (nowMs - _sweptAt < 10_000)
        {
            return;
        }

        _sweptAt = nowMs;
        foreach (var (address, allowance) in _known)
        {
            if (allowance.IsFull(nowMs))
            {
                _known.Remove(address);
            }
        }
    }
}

namespace Lockstep.Server.Amqp;

/// <summary>
/// The events that are under way on one channel: the broker numbers what is published from 1 and confirms numbers, one or several at once, not always in order. Done is only what is confirmed together with everything
/// before it. Safe for all threads.
/// </summary>
/// <param name="most">So many may be under way.</param>
/// <param name="done">Number of the last event that was confirmed before.</param>
internal sealed class ConfirmWindow(int most, long done)
{
    private readonly Lock _gate = new();
    private readonly long[] _ids = new long[most];
    private readonly bool[] _confirmed = new bool[most];
    private ulong _oldest = 1;
    private int _count;
    private long _done = done;

    /// <summary>Number of the last event that is confirmed together with all before it.</summary>
    public long Done
    {
        get
        {
            lock (_gate)
            {
                return _done;
            }
        }
    }

    /// <summary>Number of events under way.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>True when no more may be published now.</summary>
    public bool IsFull => Count == most;

    /// <summary>An event is about to be published; in order of their numbers.</summary>
    public void Add(long id)
    {
        lock (_gate)
        {
            if (_count == most)
            {
                throw new InvalidOperationException("The window is full.");
            }

            int place = Place(_oldest + (ulong)_count);
            (_ids[place], _confirmed[place]) = (id, false);
            _count++;
        }
    }

    /// <summary>The broker confirmed a number, or everything up to it. What is not under way (any more) is left alone. True when <see cref="Done"/> moved.</summary>
    public bool Confirm(ulong number, bool upToIt)
    {
        lock (_gate)
        {
            ulong newest = _oldest + (ulong)_count;
            for (ulong n = upToIt ? _oldest : Math.Max(number, _oldest); n <= number && n < newest; n++)
            {
                _confirmed[Place(n)] = true;
            }

            long before = _done;
            while (_count > 0 && _confirmed[Place(_oldest)])
            {
                _done = _ids[Place(_oldest)];
                _oldest++;
                _count--;
            }

            return _done != before;
        }
    }

    private int Place(ulong number) => (int)(number % (ulong)most);
}

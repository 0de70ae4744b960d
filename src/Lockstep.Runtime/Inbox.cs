using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Runtime;

/// <summary>One thing that waits to be numbered: an event, or a report that becomes one when it gets its photograph of the market.</summary>
internal readonly record struct Arrival(EngineEvent? Event, PlatformEvent? Report, long ReceivedAt);

/// <summary>
/// The group's only queue. Bounded: when it is full, what an account reports is not dropped piece by piece, which would leave a hole that nobody sees; the account's
/// session counts as closed (the engine then holds its orders for unknown), nothing more of it is taken, and it gets a new session when there is room.
/// </summary>
internal sealed class Inbox(int capacity, Func<long> timestamp)
{
    private readonly Queue<Arrival> _waiting = new();
    private readonly SortedSet<AccountId> _overflowed = [];
    private readonly Lock _gate = new();
    private bool _closed;

    /// <summary>How many wait.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>True when nothing is taken any more.</summary>
    public bool Closed
    {
        get
        {
            lock (_gate)
            {
                return _closed;
            }
        }
    }

    /// <summary>A report of a session. False when it was not taken.</summary>
    public bool Report(PlatformEvent report)
    {
        lock (_gate)
        {
            if (_closed || _overflowed.Contains(report.Account))
            {
                return false;
            }

            if (_waiting.Count < capacity)
            {
                _waiting.Enqueue(new Arrival(null, report, timestamp()));
                return true;
            }

            _overflowed.Add(report.Account);
            var closed = new SessionClosed { Account = report.Account, Epoch = report.Epoch, Reason = $"more than {capacity} events waited; the session is made anew" };
            _waiting.Enqueue(new Arrival(null, closed, timestamp()));
            return true;
        }
    }

    /// <summary>Anything else. What comes from outside is refused when the queue is full; what the engine itself asked for never is.</summary>
    public bool Post(EngineEvent e)
    {
        lock (_gate)
        {
            if (_closed || (e is ClientRequested && _waiting.Count >= capacity))
            {
                return false;
            }

            _waiting.Enqueue(new Arrival(e, null, timestamp()));
            return true;
        }
    }

    /// <summary>Takes out up to a number.</summary>
    public void Take(int max, List<Arrival> into)
    {
        lock (_gate)
        {
            while (into.Count < max && _waiting.TryDequeue(out var arrival))
            {
                into.Add(arrival);
            }
        }
    }

    /// <summary>The accounts that can have a new session, now that at least half of the queue is free; they may report again.</summary>
    public IReadOnlyList<AccountId> Recover()
    {
        lock (_gate)
        {
            if (_overflowed.Count == 0 || _closed || _waiting.Count > capacity / 2)
            {
                return [];
            }

            List<AccountId> accounts = [.. _overflowed];
            _overflowed.Clear();
            return accounts;
        }
    }

    /// <summary>Nothing is taken any more; with <paramref name="drop"/>, what waits is forgotten as well.</summary>
    public void Close(bool drop)
    {
        lock (_gate)
        {
            _closed = true;
            if (drop)
            {
                _waiting.Clear();
            }
        }
    }
}

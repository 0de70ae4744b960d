using Lockstep.Domain;
using Lockstep.Runtime;
using Lockstep.Storage;

namespace Lockstep.Server.Streams;

/// <summary>Is told of everything, of all groups. Called on the threads of groups and sessions: keep it and return, never wait, never throw.</summary>
internal interface IFeedListener
{
    /// <summary>An event that is durable. In order of the numbers, each once, no number left out.</summary>
    void Told(EventRow row)
    {
    }

    /// <summary>A quote; the latest wins.</summary>
    void Quoted(AccountId account, SymbolName symbol, Quote quote)
    {
    }

    /// <summary>An account's money; the latest wins.</summary>
    void Funded(AccountId account, AccountFunds funds)
    {
    }

    /// <summary>Floating results; the latest wins. The list may change afterwards.</summary>
    void Floated(AccountId account, IReadOnlyList<PositionMoney> positions)
    {
    }

    /// <summary>How a session is; the latest wins.</summary>
    void Healthy(AccountId account, SessionHealth health)
    {
    }
}

/// <summary>Brings what all groups tell into one order, and passes it on.</summary>
/// <param name="last">Number of the last event that was written before the start.</param>
internal sealed class Feed(long last) : IGroupObserver
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, EventRow> _early = [];
    private volatile IFeedListener[] _listeners = [];
    private long _last = last;
    private long _highest = last;

    /// <summary>
    /// Number of the latest event that was told of, in order or not. Between two events of a group every earlier one of the group has this number or a lower one, and every later one a higher.
    /// </summary>
    public long Highest => Volatile.Read(ref _highest);

    /// <summary>From now on the listener is told. Gives the number of the last event that it is not told of.</summary>
    public long Add(IFeedListener listener)
    {
        lock (_gate)
        {
            _listeners = [.. _listeners, listener];
            return _last;
        }
    }

    /// <summary>The listener is told nothing more, but for what is under way.</summary>
    public void Remove(IFeedListener listener)
    {
        lock (_gate)
        {
            _listeners = [.. _listeners.Where(l => !ReferenceEquals(l, listener))];
        }
    }

    /// <inheritdoc/>
    public void Told(IReadOnlyList<EventRow> events)
    {
        // Two groups commit one after another, and may tell of it the other way round.
        lock (_gate)
        {
            foreach (var row in events)
            {
                _early[row.Id] = row;
                Volatile.Write(ref _highest, Math.Max(_highest, row.Id));
            }

            while (_early.Remove(_last + 1, out var next))
            {
                _last++;
                foreach (var listener in _listeners)
                {
                    listener.Told(next);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Quoted(AccountId account, SymbolName symbol, Quote quote)
    {
        foreach (var listener in _listeners)
        {
            listener.Quoted(account, symbol, quote);
        }
    }

    /// <inheritdoc/>
    public void Funded(AccountId account, AccountFunds funds)
    {
        foreach (var listener in _listeners)
        {
            listener.Funded(account, funds);
        }
    }

    /// <inheritdoc/>
    public void Floated(AccountId account, IReadOnlyList<PositionMoney> positions)
    {
        foreach (var listener in _listeners)
        {
            listener.Floated(account, positions);
        }
    }

    /// <inheritdoc/>
    public void Healthy(AccountId account, SessionHealth health)
    {
        foreach (var listener in _listeners)
        {
            listener.Healthy(account, health);
        }
    }
}

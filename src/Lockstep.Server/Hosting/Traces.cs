using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Server.Hosting;

/// <summary>
/// Ids that a trade keeps on its whole way, so that one search in the log finds all of it: the HTTP request that asked for it, its order, the platform's answer, the position that came of it, and the orders
/// that it made on other accounts. What was not asked for over HTTP gets an id of its own, group and event. In memory only: after a restart the orders' keys tell how things hang together.
/// </summary>
internal sealed class Traces
{
    /// <summary>So many requests, orders and positions each are remembered.</summary>
    public const int Most = 20_000;

    private static readonly AsyncLocal<HttpContext?> Request = new();
    private readonly Lock _gate = new();
    private readonly Memory<(AccountId, string)> _requests = new();
    private readonly Memory<OrderKey> _orders = new();
    private readonly Memory<(AccountId, PositionId)> _positions = new();

    /// <summary>What this thread does from here on, it does for a request.</summary>
    public static void Enter(HttpContext http) => Request.Value = http;

    /// <summary>A client's request is given to its group.</summary>
    public void Requested(AccountId account, string clientId)
    {
        if (Request.Value is { } http)
        {
            lock (_gate)
            {
                _requests.Add((account, clientId), http.TraceIdentifier);
            }
        }
    }

    /// <summary>The id of an event: that of the request, order or position that it is about; one of its own when it is about none that is known.</summary>
    public string Of(string group, Numbered e)
    {
        lock (_gate)
        {
            string? known = e.Event switch
            {
                ClientRequested { Request: { } request } => _requests.Find((request.Account, request.ClientId)),
                Reported { Report: OrderAnswered answer } => _orders.Find(answer.Key),
                Reported { Report: BookChanged change } => Of(change),
                _ => null,
            };
            string id = known ?? $"{group}-{e.Seq}";
            if (e.Event is Reported { Report: BookChanged changed })
            {
                foreach (var position in changed.Positions)
                {
                    _positions.Add((changed.Account, position.Id), id);
                }
            }

            return id;
        }
    }

    /// <summary>The id of a client's request; null = it is not known.</summary>
    public string? OfRequest(AccountId account, string clientId)
    {
        lock (_gate)
        {
            return _requests.Find((account, clientId));
        }
    }

    /// <summary>The id of an account's position; null = it is not known.</summary>
    public string? OfPosition(AccountId account, PositionId? position)
    {
        lock (_gate)
        {
            return position is { } id ? _positions.Find((account, id)) : null;
        }
    }

    /// <summary>An order was sent for an event with an id.</summary>
    public void Sent(OrderKey key, string id)
    {
        lock (_gate)
        {
            _orders.Add(key, id);
        }
    }

    /// <summary>A change is about the latest that was asked for: an order of ours before the position that it changed.</summary>
    private string? Of(BookChanged change)
    {
        var keys = change.Deals.Select(d => d.Tag.Key).Concat(change.Positions.Select(p => p.Tag.Key)).Concat(change.Orders.Select(o => o.Tag.Key));
        return keys.Select(k => k is { } key ? _orders.Find(key) : null).FirstOrDefault(id => id is not null)
            ?? change.Positions.Select(p => p.Id).Concat(change.ClosedPositions).Select(p => _positions.Find((change.Account, p))).FirstOrDefault(id => id is not null);
    }

    /// <summary>The latest of a kind.</summary>
    private sealed class Memory<TKey>
        where TKey : notnull
    {
        private readonly Dictionary<TKey, string> _ids = [];
        private readonly Queue<TKey> _order = new();

        public string? Find(TKey key) => _ids.GetValueOrDefault(key);

        /// <summary>The first id counts.</summary>
        public void Add(TKey key, string id)
        {
            if (!_ids.TryAdd(key, id))
            {
                return;
            }

            _order.Enqueue(key);
            if (_order.Count > Most)
            {
                _ids.Remove(_order.Dequeue());
            }
        }
    }
}

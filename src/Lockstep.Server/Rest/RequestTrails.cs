using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Runtime;
using Lockstep.Storage;

namespace Lockstep.Server.Rest;

/// <summary>How a request went on its way; what is not known is null.</summary>
/// <param name="ReceivedAt">When it came in.</param>
/// <param name="SentAt">When its order was handed to the account's session; it was durable by then.</param>
/// <param name="AnsweredAt">When its end was known.</param>
/// <param name="Deals">The deals that its order made, oldest first.</param>
internal sealed record RequestTrail(Timestamp? ReceivedAt, Timestamp? SentAt, Timestamp? AnsweredAt, IReadOnlyList<DealReport> Deals)
{
    /// <summary>Nothing is known.</summary>
    public static readonly RequestTrail None = new(null, null, null, []);
}

/// <summary>
/// Remembers of the latest requests when each stage was reached and which deals came of them. In memory only: of requests that ended before the last start, fills are looked up in the log of events, and the
/// times of the stages are gone.
/// </summary>
/// <param name="time">The clock that events are stamped by.</param>
internal sealed class RequestTrails(TimeProvider time) : IGroupObserver
{
    /// <summary>So many requests are remembered.</summary>
    public const int Most = 20_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(AccountId, string), Stages> _requests = [];
    private readonly Dictionary<(AccountId, OrderKey), Way> _orders = [];
    private readonly Queue<(AccountId, string)> _oldRequests = new();
    private readonly Queue<(AccountId, OrderKey)> _oldOrders = new();

    /// <summary>A request comes in; only the first one under an id counts.</summary>
    public void Received(ClientRequest request)
    {
        var now = Timestamp.From(time.GetUtcNow());
        lock (_gate)
        {
            if (_requests.TryAdd((request.Account, request.ClientId), new Stages(now)))
            {
                Remember(_requests, _oldRequests, (request.Account, request.ClientId));
            }
        }
    }

    /// <inheritdoc/>
    public void Sent(string group, long seq, OrderCommand command)
    {
        var now = Timestamp.From(time.GetUtcNow());
        lock (_gate)
        {
            Of(command.Account, command.Key).SentAt ??= now;
        }
    }

    /// <inheritdoc/>
    public void Told(IReadOnlyList<EventRow> events)
    {
        lock (_gate)
        {
            foreach (var row in events)
            {
                if (row is { Account: { } account, Body: DealDone { Deal: { Tag.Key: { } key } deal } } && _orders.TryGetValue((account, key), out var way))
                {
                    way.Deals.Add(deal);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Answered(string group, ClientAnswered answer)
    {
        if (answer.Answer.State is not (ClientState.Done or ClientState.Refused))
        {
            return;
        }

        var now = Timestamp.From(time.GetUtcNow());
        lock (_gate)
        {
            if (_requests.TryGetValue((answer.Account, answer.ClientId), out var stages))
            {
                stages.AnsweredAt ??= now;
            }
        }
    }

    /// <summary>How a request went, as far as it is remembered; null = not at all.</summary>
    public RequestTrail? Of(AccountId account, string clientId, ClientAnswer answer)
    {
        lock (_gate)
        {
            if (!_requests.TryGetValue((account, clientId), out var stages))
            {
                return null;
            }

            if (answer.Key is not { } key)
            {
                return new RequestTrail(stages.ReceivedAt, null, stages.AnsweredAt, []);
            }

            // An id that is used again after a start: its order was sent before that.
            return _orders.TryGetValue((account, key), out var way) ? new RequestTrail(stages.ReceivedAt, way.SentAt, stages.AnsweredAt, [.. way.Deals]) : null;
        }
    }

    private Way Of(AccountId account, OrderKey key)
    {
        if (!_orders.TryGetValue((account, key), out var way))
        {
            _orders.Add((account, key), way = new Way());
            Remember(_orders, _oldOrders, (account, key));
        }

        return way;
    }

    private static void Remember<TKey, TValue>(Dictionary<TKey, TValue> all, Queue<TKey> old, TKey key)
        where TKey : notnull
    {
        old.Enqueue(key);
        if (old.Count > Most)
        {
            all.Remove(old.Dequeue());
        }
    }

    private sealed class Stages(Timestamp receivedAt)
    {
        public Timestamp ReceivedAt { get; } = receivedAt;

        public Timestamp? AnsweredAt { get; set; }
    }

    private sealed class Way
    {
        public Timestamp? SentAt { get; set; }

        public List<DealReport> Deals { get; } = [];
    }
}

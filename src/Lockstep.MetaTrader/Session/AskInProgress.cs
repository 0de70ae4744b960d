using Lockstep.Domain;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Session;

/// <summary>A question for the whole truth whose parts come in.</summary>
internal sealed class AskInProgress(AskId id, Timestamp historyFrom, Timestamp takenAt, long askedAt, long received, long sequence)
{
    private const int LaterMost = 10_000;
    private readonly HashSet<long> _positions = [];
    private readonly HashSet<long> _orders = [];
    private int _parts;
    private int _of;
    private int _objects;
    private bool _tooManyLater;

    public AskId Id { get; } = id;

    public Timestamp HistoryFrom { get; } = historyFrom;

    public Timestamp TakenAt { get; } = takenAt;

    /// <summary>By the monotonic clock, ms.</summary>
    public long AskedAt { get; } = askedAt;

    /// <summary>Last event that is included.</summary>
    public long Number { get; private set; } = -1;

    public WireFunds? Funds { get; private set; }

    public List<WirePosition> Positions { get; } = [];

    public List<WireOrder> Orders { get; } = [];

    public List<WireDeal> Deals { get; } = [];

    public List<WireOrder> Ended { get; } = [];

    /// <summary>Changes that were told since the question was put.</summary>
    public List<(ChangeMessage Change, long Sequence)> Later { get; } = [];

    public bool IsWhole => _of > 0 && _parts == _of;

    /// <summary>Our own number of the last change that is included.</summary>
    public long Sequence
    {
        get
        {
            long last = sequence;
            foreach (var (change, number) in Later)
            {
                if (change.Number <= Number)
                {
                    last = number;
                }
            }

            return last;
        }
    }

    public void Changed(ChangeMessage change, long number)
    {
        if (Later.Count < LaterMost)
        {
            Later.Add((change, number));
        }
        else
        {
            _tooManyLater = true;
        }
    }

    /// <summary>Takes one part; what makes the answer useless, or null.</summary>
    public string? Add(SnapshotMessage part, int partsMost, int objectsMost)
    {
        if (_parts == 0)
        {
            (_of, Number, Funds) = (part.Of, part.Number, part.Funds);
        }

        _objects += part.Positions.Count + part.Orders.Count + part.Deals.Count + part.Ended.Count;
        string? problem =
            part.Of < 1 || part.Of > partsMost ? $"snapshot of {part.Of} parts"
            : part.Of != _of ? $"part {part.Part} is of {part.Of} parts, the first was of {_of}"
            : part.Part != _parts + 1 ? $"part {part.Part} came, {_parts + 1} was next"
            : part.Number != Number ? $"part {part.Part} is as of event {part.Number}, the first as of {Number}"
            : Number < received ? $"the snapshot is as of event {Number}, and {received} came before it was asked for"
            : Funds is null ? "the first part has no funds"
            : _objects > objectsMost ? $"more than {objectsMost} objects"
            : _tooManyLater ? "too much changed meanwhile"
            : null;
        if (problem is not null)
        {
            return problem;
        }

        _parts++;
        foreach (var position in part.Positions)
        {
            if (!_positions.Add(position.Id))
            {
                return $"position {position.Id} stands in it twice";
            }
        }

        foreach (var order in part.Orders)
        {
            if (!_orders.Add(order.Id))
            {
                return $"order {order.Id} stands in it twice";
            }
        }

        Positions.AddRange(part.Positions);
        Orders.AddRange(part.Orders);
        Deals.AddRange(part.Deals);
        Ended.AddRange(part.Ended);
        return null;
    }
}

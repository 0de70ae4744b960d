using Lockstep.Domain;
using Lockstep.MetaTrader.Translate;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Session;

/// <summary>A question for history whose parts come in.</summary>
internal sealed class FetchInProgress(long id, DataRequest request, Action<DataAnswer> answer, long sentAt)
{
    private readonly List<IReadOnlyList<decimal>> _rows = [];
    private readonly List<WireDeal> _deals = [];
    private int _parts;
    private int _of;

    public long Id { get; } = id;

    public Action<DataAnswer> Answer { get; } = answer;

    /// <summary>By the monotonic clock, ms.</summary>
    public long SentAt { get; } = sentAt;

    public bool IsWhole => _of > 0 && _parts == _of;

    /// <summary>Takes one part; what makes the answer useless, or null.</summary>
    public string? Add(DataMessage data, int partsMost, int objectsMost, ServerClock clock)
    {
        if (_parts == 0)
        {
            _of = data.Of;
        }

        if (data.Of < 1 || data.Of > partsMost || data.Of != _of)
        {
            return $"data of {data.Of} parts";
        }

        if (data.Part != _parts + 1)
        {
            return $"part {data.Part} came, {_parts + 1} was next";
        }

        if (_rows.Count + _deals.Count + data.Rows.Count + data.Deals.Count > objectsMost)
        {
            return $"more than {objectsMost} rows";
        }

        foreach (var row in data.Rows)
        {
            if (Fetches.Problem(request, row) is { } problem)
            {
                return problem;
            }
        }

        foreach (var deal in data.Deals)
        {
            if (Reports.Problem(deal, clock, Timestamp.FromMs(long.MaxValue / 2_000)) is { } problem)
            {
                return problem;
            }
        }

        _parts++;
        _rows.AddRange(data.Rows);
        _deals.AddRange(data.Deals);
        return null;
    }

    public DataAnswer Rows(ServerClock clock) => Fetches.Rows(request, _rows, _deals, clock);
}

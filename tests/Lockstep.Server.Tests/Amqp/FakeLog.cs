using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Storage;

namespace Lockstep.Server.Tests.Amqp;

/// <summary>A log of events in memory, that keeps its cursor as a store does.</summary>
internal sealed class FakeLog : IEventLog
{
    private readonly Lock _gate = new();
    private readonly List<EventRow> _rows = [];
    private long? _cursor;

    public Guid Instance { get; init; } = new("6f2c1a52-0f0e-4a43-9f3e-1d2c3b4a5968");

    public long LastEvent
    {
        get
        {
            lock (_gate)
            {
                return _rows.Count;
            }
        }
    }

    public long FirstEvent => 1;

    /// <summary>An alert whose text is its number; of an account or of none.</summary>
    public EventRow Add(string? account = "prop") => Add(account, new AlertNoted(new AlertRaised(AlertLevel.Info, "test", account is null ? null : new AccountId(account), null, $"{LastEvent + 1}")));

    public EventRow Add(string? account, EventBody body)
    {
        lock (_gate)
        {
            var row = new EventRow("g", 10 + _rows.Count, 0, Timestamp.FromMs(1_700_000_000_000 + _rows.Count), account is null ? null : new AccountId(account), null, body) { Id = _rows.Count + 1 };
            _rows.Add(row);
            return row;
        }
    }

    public IReadOnlyList<EventRow> Events(EventQuery query)
    {
        lock (_gate)
        {
            return [.. _rows.Where(r => r.Id > query.After).Take(query.Limit)];
        }
    }

    public Task SaveCursorAsync(string reader, long id)
    {
        lock (_gate)
        {
            _cursor = id;
        }

        return Task.CompletedTask;
    }

    public Task DeleteCursorAsync(string reader)
    {
        lock (_gate)
        {
            _cursor = null;
        }

        return Task.CompletedTask;
    }

    public long? Cursor(string reader)
    {
        lock (_gate)
        {
            return _cursor;
        }
    }

    public IReadOnlyList<EventReader> Readers() => throw new NotSupportedException();

    public Task<long> PruneEventsAsync(Timestamp olderThan) => throw new NotSupportedException();
}

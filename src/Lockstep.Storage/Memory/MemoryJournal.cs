using Lockstep.Domain;
using Lockstep.Storage.Format;

namespace Lockstep.Storage;

/// <summary>
/// A journal in memory for simulation and tests: real bytes through the real format, and the difference between written and durable. <see cref="Append"/> writes,
/// <see cref="Sync"/> makes durable, <see cref="Crash"/> loses what was not, all of it or all but a torn beginning. Not thread-safe: a simulated world has one thread.
/// </summary>
public sealed class MemoryJournal(string group) : IJournal
{
    private readonly List<JournalSnapshot> _snapshots = [];
    private readonly List<WhyRow> _why = [];
    private readonly List<AlertRow> _alerts = [];
    private readonly List<EventRow> _events = [];
    private readonly List<JournalBatch> _written = [];
    private readonly List<string> _warnings = [];
    private readonly List<int> _offsets = [];
    private byte[] _bytes = new byte[4096];
    private int _length;
    private int _durable;
    private long _prunedTo;
    private string? _failure;

    /// <inheritdoc/>
    public string Group { get; } = group;

    /// <inheritdoc/>
    public long LastSeq { get; private set; }

    /// <summary>Number of the last record that a crash cannot take away.</summary>
    public long DurableSeq { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Durable why-rows, oldest first.</summary>
    public IReadOnlyList<WhyRow> Why => _why;

    /// <summary>Durable alerts, oldest first.</summary>
    public IReadOnlyList<AlertRow> Alerts => _alerts;

    /// <summary>Durable events, oldest first, numbered within this journal.</summary>
    public IReadOnlyList<EventRow> Events => _events;

    /// <inheritdoc/>
    public IReadOnlyList<(AccountId Account, DealId Deal)> ToldDeals() => [.. from row in _events where row.Body is DealDone select (row.Account!.Value, ((DealDone)row.Body).Deal.Id)];

    /// <summary>How many bytes are written.</summary>
    public long Length => _length;

    /// <summary>How many bytes are durable.</summary>
    public long DurableLength => _durable;

    /// <summary>Writes without making durable.</summary>
    public void Append(JournalBatch batch)
    {
        Refuse();
        foreach (var record in batch.Records)
        {
            if (record.Seq != LastSeq + 1)
            {
                throw new ArgumentException($"Journal of group {Group}: record {record.Seq} cannot follow {LastSeq}.", nameof(batch));
            }

            _offsets.Add(_length);
            Write(RecordFormat.Write(record));
            LastSeq = record.Seq;
        }

        _written.Add(batch);
    }

    /// <summary>Makes everything durable that is written.</summary>
    public void Sync()
    {
        Refuse();
        foreach (var batch in _written)
        {
            _why.AddRange(batch.Why);
            _alerts.AddRange(batch.Alerts);
            foreach (var row in batch.Events)
            {
                row.Id = _events.Count + 1;
                _events.Add(row);
            }
        }

        _written.Clear();
        _durable = _length;
        DurableSeq = LastSeq;
    }

    /// <summary>From now on every append fails, as with a full disk.</summary>
    public void Fail(string what) => _failure = what;

    /// <summary>
    /// The process dies: what is durable stays, and of the bytes after it the first <paramref name="tornBytes"/> (a write that was under way). Then the journal is opened
    /// anew, as after a start.
    /// </summary>
    public void Crash(long tornBytes = 0) => Reopen(_bytes.AsMemory(0, (int)Math.Min(_length, _durable + Math.Max(0, tornBytes))), _durable);

    /// <summary>Turns a bit of a written byte round, as a failing disk does; seen when the journal is opened anew.</summary>
    public void FlipBit(long offset, int bit) => _bytes[offset] ^= (byte)(1 << bit);

    /// <summary>
    /// Reads the bytes as a start does: a torn or damaged tail that was never acknowledged is cut, with a warning; damage in what was acknowledged refuses.
    /// </summary>
    private void Reopen(ReadOnlyMemory<byte> bytes, int durable)
    {
        _failure = null;
        _written.Clear();
        _offsets.Clear();
        LastSeq = _prunedTo;
        int at = 0;
        while (at < bytes.Length)
        {
            var state = RecordFormat.Read(bytes[at..], out var record, out int used);
            if (state != RecordState.Intact || record!.Seq != LastSeq + 1)
            {
                if (at < durable)
                {
                    throw new JournalDamagedException(Group, LastSeq + 1, "is damaged");
                }

                _warnings.Add($"Journal of group {Group}: record {LastSeq + 1} was cut off while it was written ({bytes.Length - at} bytes). It was never acted on and is dropped.");
                break;
            }

            _offsets.Add(at);
            LastSeq = record.Seq;
            at += used;
        }

        _length = at;
        _durable = at;
        DurableSeq = LastSeq;
    }

    /// <inheritdoc/>
    public ValueTask AppendAsync(JournalBatch batch)
    {
        Append(batch);
        Sync();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public IEnumerable<JournalRecord> ReadFrom(long seq)
    {
        byte[] bytes = _bytes[.._length];
        long first = Math.Max(seq, _prunedTo + 1);
        for (int i = (int)(first - _prunedTo - 1); i < _offsets.Count; i++)
        {
            if (RecordFormat.Read(bytes.AsMemory(_offsets[i]), out var record, out _) != RecordState.Intact)
            {
                throw new JournalDamagedException(Group, _prunedTo + 1 + i, "is damaged");
            }

            yield return record!;
        }
    }

    /// <inheritdoc/>
    public ValueTask SaveSnapshotAsync(JournalSnapshot snapshot)
    {
        Refuse();
        _snapshots.RemoveAll(old => old.Seq == snapshot.Seq);
        _snapshots.Add(snapshot);
        if (_snapshots.Count > 2)
        {
            _snapshots.RemoveAt(0);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public JournalSnapshot? LoadSnapshot()
    {
        // A snapshot of something that a crash took away would be a state of events that never were.
        _snapshots.RemoveAll(snapshot => snapshot.Seq > LastSeq);
        return _snapshots.Count == 0 ? null : _snapshots[^1];
    }

    /// <inheritdoc/>
    public ValueTask<long> PruneAsync(Timestamp olderThan)
    {
        if (_snapshots.Count < 2)
        {
            return ValueTask.FromResult(0L);
        }

        long upTo = _snapshots[0].Seq;
        int count = ReadFrom(_prunedTo + 1).TakeWhile(record => record.Seq <= upTo && record.At < olderThan).Count();
        if (count > 0)
        {
            int cut = count < _offsets.Count ? _offsets[count] : _length;
            _bytes = _bytes[cut.._length];
            _length -= cut;
            _offsets.RemoveRange(0, count);
            for (int i = 0; i < _offsets.Count; i++)
            {
                _offsets[i] -= cut;
            }

            _durable = Math.Max(0, _durable - cut);
            _prunedTo += count;
        }

        return ValueTask.FromResult((long)count);
    }

    private void Write(ReadOnlySpan<byte> record)
    {
        if (_length + record.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + record.Length));
        }

        record.CopyTo(_bytes.AsSpan(_length));
        _length += record.Length;
    }

    private void Refuse()
    {
        if (_failure is not null)
        {
            throw new JournalFailedException($"Journal of group {Group}: {_failure}");
        }
    }
}

/// <summary>Journals in memory, one per group.</summary>
public sealed class MemoryStore : IJournalStore
{
    private readonly SortedDictionary<string, MemoryJournal> _journals = new(StringComparer.Ordinal);

    /// <summary>The journal of a group; the same object each time.</summary>
    public MemoryJournal Journal(string group)
    {
        if (!_journals.TryGetValue(group, out var journal))
        {
            journal = new MemoryJournal(group);
            _journals.Add(group, journal);
        }

        return journal;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Groups => [.. _journals.Keys];

    /// <inheritdoc/>
    IJournal IJournalStore.Journal(string group) => Journal(group);
}

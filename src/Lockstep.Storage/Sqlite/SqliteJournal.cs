using Lockstep.Domain;
using Lockstep.Storage.Format;
using Microsoft.Data.Sqlite;

namespace Lockstep.Storage.Sqlite;

/// <summary>
/// One group's journal in the database. SQLite drops a transaction that was cut off; the checksums here find what happens to the file afterwards. A damaged record
/// of the group's last commit, which nobody may have been told of, is cut with a warning; any other one refuses to start.
/// </summary>
internal sealed class SqliteJournal : IJournal
{
    private const int PruneChunk = 2000;

    private readonly SqliteStore _store;
    private readonly long _number;
    private readonly List<string> _warnings = [];
    private long _lastSeq;

    public SqliteJournal(SqliteStore store, string group, long number, long cleanSeq)
    {
        _store = store;
        _number = number;
        Group = group;
        using var connection = store.OpenForReading();
        long lastRow = connection.Scalar("SELECT ifnull(max(id), 0) FROM journal WHERE id > $first AND id <= $last", ("$first", RowId(0)), ("$last", LastRowId));
        long lastSnapshot = connection.Scalar("SELECT ifnull(max(seq), 0) FROM snapshots WHERE group_number = $group", ("$group", number));
        _lastSeq = lastRow == 0 ? lastSnapshot : SqliteSchema.SeqOf(lastRow);
        if (lastRow != 0)
        {
            CheckTail(connection, cleanSeq);
        }
    }

    public string Group { get; }

    public long LastSeq => Interlocked.Read(ref _lastSeq);

    public IReadOnlyList<string> Warnings => _warnings;

    private long LastRowId => RowId(0) | ((1L << SqliteSchema.SeqBits) - 1);

    public ValueTask AppendAsync(JournalBatch batch)
    {
        // The next append may be given before this one is durable; both end in the order in which they were given.
        Interlocked.Exchange(ref _lastSeq, Last(batch));
        return new ValueTask(_store.Writer.Write(statements => statements.Append(_number, batch)));
    }

    public bool TryAppend(JournalBatch batch)
    {
        long last = Last(batch);
        if (!_store.Writer.TryWrite(statements => statements.Append(_number, batch)))
        {
            return false;
        }

        Interlocked.Exchange(ref _lastSeq, last);
        return true;
    }

    public IReadOnlyList<(AccountId Account, DealId Deal)> ToldDeals()
    {
        using var connection = _store.OpenForReading();
        using var command = connection.Command(
            "SELECT account, deal FROM (SELECT account, deal, row_number() OVER (PARTITION BY account ORDER BY deal DESC) AS n FROM events WHERE deal IS NOT NULL AND group_number = $group) WHERE n <= 1000",
            ("$group", _number));
        using var reader = command.ExecuteReader();
        List<(AccountId, DealId)> told = [];
        while (reader.Read())
        {
            told.Add((new AccountId(reader.GetString(0)), new DealId(reader.GetInt64(1))));
        }

        return told;
    }

    private long Last(JournalBatch batch)
    {
        long expected = LastSeq;
        foreach (var record in batch.Records)
        {
            if (record.Seq != ++expected)
            {
                throw new ArgumentException($"Journal of group {Group}: record {record.Seq} cannot follow {expected - 1}.", nameof(batch));
            }
        }

        return expected;
    }

    public IEnumerable<JournalRecord> ReadFrom(long seq)
    {
        using var connection = _store.OpenForReading();
        using var command = connection.Command("SELECT id, record FROM journal WHERE id >= $from AND id <= $to ORDER BY id", ("$from", RowId(Math.Max(seq, 1))), ("$to", LastRowId));
        using var reader = command.ExecuteReader();
        long expected = Math.Max(seq, 1);
        while (reader.Read())
        {
            long found = SqliteSchema.SeqOf(reader.GetInt64(0));
            if (found != expected)
            {
                throw new JournalDamagedException(Group, expected, "is missing");
            }

            yield return Intact(found, reader.GetFieldValue<byte[]>(1)) ?? throw new JournalDamagedException(Group, found, "does not have its checksum");
            expected++;
        }
    }

    public ValueTask SaveSnapshotAsync(JournalSnapshot snapshot) => new(_store.Writer.Write(statements => statements.SaveSnapshot(_number, snapshot)));

    public JournalSnapshot? LoadSnapshot()
    {
        using var connection = _store.OpenForReading();
        using var command = connection.Command("SELECT seq, at, version, crc, state FROM snapshots WHERE group_number = $group AND seq <= $last ORDER BY seq DESC", ("$group", _number), ("$last", LastSeq));
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            byte[] state = reader.GetFieldValue<byte[]>(4);
            if (Crc32C.Of(state) == (uint)reader.GetInt64(3))
            {
                return new JournalSnapshot(reader.GetInt64(0), new Timestamp(reader.GetInt64(1)), reader.GetInt32(2), state);
            }

            _warnings.Add($"Journal of group {Group}: the snapshot after record {reader.GetInt64(0)} does not have its checksum and is passed over; the one before it serves, and the start takes longer.");
        }

        return null;
    }

    public async ValueTask<long> PruneAsync(Timestamp olderThan)
    {
        long needed = OlderSnapshot();
        long total = 0;
        long removed = PruneChunk;
        while (needed > 0 && removed == PruneChunk)
        {
            // In pieces, so that no append waits for a month of deleting.
            await _store.Writer.Write(statements => removed = Delete(statements.Connection, needed, olderThan)).ConfigureAwait(false);
            total += removed;
        }

        return total;
    }

    /// <summary>On the writer's thread: the program ends in order, everything written was acted on.</summary>
    public void MarkClean(SqliteConnection connection) =>
        connection.Scalar("UPDATE groups SET clean_seq = $seq WHERE number = $group", ("$seq", LastSeq), ("$group", _number));

    private long RowId(long seq) => SqliteSchema.RowId(_number, seq);

    private static JournalRecord? Intact(long seq, byte[] bytes) =>
        RecordFormat.Read(bytes, out var record, out int used) == RecordState.Intact && used == bytes.Length && record!.Seq == seq ? record : null;

    /// <summary>The older of two kept snapshots; while there is only one, a damaged one would need every record.</summary>
    private long OlderSnapshot()
    {
        using var connection = _store.OpenForReading();
        return connection.Scalar("SELECT seq FROM snapshots WHERE group_number = $group ORDER BY seq DESC LIMIT 1 OFFSET 1", ("$group", _number));
    }

    private int Delete(SqliteConnection connection, long upTo, Timestamp olderThan)
    {
        using var command = connection.Command(
            "DELETE FROM journal WHERE id IN (SELECT id FROM journal WHERE id > $first AND id <= $last AND at < $before ORDER BY id LIMIT $chunk)",
            ("$first", RowId(0)), ("$last", RowId(upTo)), ("$before", olderThan.Micros), ("$chunk", PruneChunk));
        return command.ExecuteNonQuery();
    }

    /// <summary>Looks at the records of the last commit, from the last one backwards; every earlier commit was acknowledged, and is checked when it is read.</summary>
    private void CheckTail(SqliteConnection connection, long cleanSeq)
    {
        long last = LastSeq;
        long firstBad = 0;
        using (var command = connection.Command("SELECT id, txn, record FROM journal WHERE id > $first AND id <= $last ORDER BY id DESC", ("$first", RowId(0)), ("$last", RowId(last))))
        using (var reader = command.ExecuteReader())
        {
            long? commit = null;
            while (reader.Read() && reader.GetInt64(1) == (commit ??= reader.GetInt64(1)))
            {
                long seq = SqliteSchema.SeqOf(reader.GetInt64(0));
                firstBad = Intact(seq, reader.GetFieldValue<byte[]>(2)) is null ? seq : firstBad;
            }
        }

        if (firstBad == 0)
        {
            return;
        }

        if (firstBad <= cleanSeq)
        {
            throw new JournalDamagedException(Group, firstBad, "does not have its checksum");
        }

        _store.Writer.Write(statements => Cut(statements.Connection, firstBad)).GetAwaiter().GetResult();
        _lastSeq = firstBad - 1;
        _warnings.Add($"Journal of group {Group}: the tail from record {firstBad} to {last} was damaged and is cut. It was the last thing written before the program ended; should it have been acted on all the same, the platforms' books will show it, and what they show is taken as the truth.");
    }

    private void Cut(SqliteConnection connection, long firstBad)
    {
        connection.Scalar("DELETE FROM journal WHERE id >= $from AND id <= $to", ("$from", RowId(firstBad)), ("$to", LastRowId));
        connection.Scalar("DELETE FROM snapshots WHERE group_number = $group AND seq >= $from", ("$group", _number), ("$from", firstBad));
        connection.Scalar("DELETE FROM events WHERE group_number = $group AND seq >= $from AND id > (SELECT max(id) - 1000000 FROM events)", ("$group", _number), ("$from", firstBad));
        connection.Scalar("DELETE FROM why WHERE group_number = $group AND seq >= $from AND id > (SELECT max(id) - 1000000 FROM why)", ("$group", _number), ("$from", firstBad));
    }
}

using Lockstep.Domain;
using Microsoft.Data.Sqlite;

namespace Lockstep.Storage.Sqlite;

/// <content>Answers under idempotency keys.</content>
public sealed partial class SqliteStore
{
    private const int PruneOnceChunk = 2_000;
    private readonly Lock _onceGate = new();
    private SqliteConnection? _onceReading;
    private SqliteCommand? _onceFind;

    /// <inheritdoc/>
    public Task SaveOnceAsync(OnceRow row) => Writer.Write(statements =>
    {
        using var command = statements.Connection.Command(
            "INSERT OR REPLACE INTO once (id, asked, at, answer) VALUES ($id, $asked, $at, $answer)",
            ("$id", row.Id.ToArray()), ("$asked", row.Asked.ToArray()), ("$at", row.At.Micros), ("$answer", OrNull(row.Answer?.ToArray())));
        command.ExecuteNonQuery();
    });

    /// <inheritdoc/>
    public Task DeleteOnceAsync(ReadOnlyMemory<byte> id) => Writer.Write(statements =>
    {
        using var command = statements.Connection.Command("DELETE FROM once WHERE id = $id", ("$id", id.ToArray()));
        command.ExecuteNonQuery();
    });

    /// <inheritdoc/>
    public OnceRow? Once(ReadOnlyMemory<byte> id)
    {
        // Asked before every write that has a key: a connection of its own, which stays open, and a statement that stays compiled.
        lock (_onceGate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_onceFind is null)
            {
                _onceReading = OpenForReading();
                _onceFind = _onceReading.Command("SELECT asked, at, answer FROM once WHERE id = $id", ("$id", Array.Empty<byte>()));
                _onceFind.Prepare();
            }

            _onceFind.Parameters[0].Value = id.ToArray();
            using var reader = _onceFind.ExecuteReader();
            return reader.Read()
                ? new OnceRow(id, reader.GetFieldValue<byte[]>(0), new Timestamp(reader.GetInt64(1)), reader.IsDBNull(2) ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>(reader.GetFieldValue<byte[]>(2)))
                : null;
        }
    }

    /// <inheritdoc/>
    public async Task<long> PruneOnceAsync(Timestamp olderThan, long most)
    {
        long old = await PruneAsync("DELETE FROM once WHERE id IN (SELECT id FROM once WHERE at < $before ORDER BY at LIMIT $chunk)", PruneOnceChunk, ("$before", olderThan.Micros)).ConfigureAwait(false);

        // Counted apart: the writer must not wait while millions are.
        long beyond;
        using (var connection = OpenForReading())
        {
            beyond = connection.Scalar("SELECT count(*) FROM once") - most;
        }

        for (; beyond > 0; beyond -= PruneOnceChunk)
        {
            long chunk = Math.Min(beyond, PruneOnceChunk);
            await Writer.Write(statements =>
            {
                using var command = statements.Connection.Command("DELETE FROM once WHERE id IN (SELECT id FROM once ORDER BY at LIMIT $chunk)", ("$chunk", chunk));
                old += command.ExecuteNonQuery();
            }).ConfigureAwait(false);
        }

        return old;
    }

    private void EndOnce()
    {
        lock (_onceGate)
        {
            _onceFind?.Dispose();
            _onceReading?.Dispose();
        }
    }
}

using Lockstep.Storage.Format;
using Microsoft.Data.Sqlite;

namespace Lockstep.Storage.Sqlite;

/// <summary>What can be written, as statements that are compiled once. Used on the writer's thread only, inside its transaction.</summary>
internal sealed class SqliteStatements : IDisposable
{
    private readonly List<SqliteCommand> _all = [];
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _append;
    private readonly SqliteCommand _why;
    private readonly SqliteCommand _alert;
    private readonly SqliteCommand _event;
    private readonly SqliteCommand _snapshot;
    private readonly SqliteCommand _dropSnapshots;
    private readonly SqliteCommand _paper;
    private readonly SqliteCommand _paperHistory;

    public SqliteStatements(SqliteConnection connection)
    {
        _connection = connection;
        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _append = Prepare("INSERT INTO journal (id, at, txn, record) VALUES ($id, $at, $txn, $record)", "$id", "$at", "$txn", "$record");
        _why = Prepare(
            "INSERT INTO why (group_number, seq, link, source, target, version, entry) VALUES ($group, $seq, $link, $source, $target, $version, CAST($entry AS TEXT))",
            "$group", "$seq", "$link", "$source", "$target", "$version", "$entry");
        _alert = Prepare(
            "INSERT INTO alerts (group_number, seq, at, level, account, version, alert) VALUES ($group, $seq, $at, $level, $account, $version, CAST($alert AS TEXT))",
            "$group", "$seq", "$at", "$level", "$account", "$version", "$alert");
        _event = Prepare(
            "INSERT INTO events (id, group_number, seq, number, at, account, link, kind, deal, version, body) VALUES ($id, $group, $seq, $number, $at, $account, $link, $kind, $deal, $version, CAST($body AS TEXT))",
            "$id", "$group", "$seq", "$number", "$at", "$account", "$link", "$kind", "$deal", "$version", "$body");
        _snapshot = Prepare(
            "INSERT OR REPLACE INTO snapshots (group_number, seq, at, version, crc, state) VALUES ($group, $seq, $at, $version, $crc, $state)",
            "$group", "$seq", "$at", "$version", "$crc", "$state");
        _dropSnapshots = Prepare(
            "DELETE FROM snapshots WHERE group_number = $group AND seq NOT IN (SELECT seq FROM snapshots WHERE group_number = $group ORDER BY seq DESC LIMIT 2)", "$group");
        _paper = Prepare("INSERT OR REPLACE INTO paper (account, crc, state) VALUES ($account, $crc, $state)", "$account", "$crc", "$state");
        _paperHistory = Prepare("INSERT OR REPLACE INTO paper_history (account, number, row) VALUES ($account, $number, $row)", "$account", "$number", "$row");
    }

    /// <summary>Number of the present transaction.</summary>
    public long Transaction { get; set; }

    /// <summary>Number of the last event.</summary>
    public long LastEvent { get; set; }

    /// <summary>Bytes that the present transaction writes, without SQLite's own.</summary>
    public long Bytes { get; private set; }

    /// <summary>For what is not done often enough to be compiled.</summary>
    public SqliteConnection Connection => _connection;

    public void Begin()
    {
        Transaction++;
        Bytes = 0;
        _begin.ExecuteNonQuery();
    }

    public void Commit() => _commit.ExecuteNonQuery();

    public void Append(long group, JournalBatch batch)
    {
        foreach (var record in batch.Records)
        {
            Run(_append, SqliteSchema.RowId(group, record.Seq), record.At.Micros, Transaction, RecordFormat.Write(record));
        }

        foreach (var (_, seq, entry) in batch.Why)
        {
            Run(_why, group, seq, entry.Link.Value, entry.Source.Value, entry.Target.Value, JournalCodec.Version, JournalCodec.EncodeWhy(entry));
        }

        foreach (var (_, seq, at, alert) in batch.Alerts)
        {
            Run(_alert, group, seq, at.Micros, (int)alert.Level, alert.Account?.Value ?? (object)DBNull.Value, JournalCodec.Version, JournalCodec.EncodeAlert(alert));
        }

        foreach (var row in batch.Events)
        {
            row.Id = ++LastEvent;
            Run(
                _event, row.Id, group, row.Seq, row.Index, row.At.Micros, row.Account?.Value ?? (object)DBNull.Value, row.Link?.Value ?? (object)DBNull.Value, row.Kind,
                row.Body is DealDone deal ? deal.Deal.Id.Value : DBNull.Value, JournalCodec.Version, JournalCodec.EncodeBody(row.Body));
        }
    }

    public void SaveSnapshot(long group, JournalSnapshot snapshot)
    {
        Run(_snapshot, group, snapshot.Seq, snapshot.At.Micros, snapshot.Version, (long)Crc32C.Of(snapshot.State.Span), snapshot.State.ToArray());
        Run(_dropSnapshots, group);
    }

    public void SavePaper(PaperSave save)
    {
        Run(_paper, save.Account.Value, (long)Crc32C.Of(save.State.Span), save.State.ToArray());
        for (int i = 0; i < save.History.Count; i++)
        {
            Run(_paperHistory, save.Account.Value, save.HistoryBefore + 1 + i, save.History[i].ToArray());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var command in _all)
        {
            command.Dispose();
        }
    }

    private SqliteCommand Prepare(string sql, params string[] names)
    {
        var command = _connection.Command(sql);
        foreach (string name in names)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        }

        command.Prepare();
        _all.Add(command);
        return command;
    }

    private void Run(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            Bytes += values[i] is byte[] bytes ? bytes.Length : 0;
            command.Parameters[i].Value = values[i];
        }

        command.ExecuteNonQuery();
    }
}

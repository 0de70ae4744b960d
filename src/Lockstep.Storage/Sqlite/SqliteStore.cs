using System.Text;
using Lockstep.Domain;
using Lockstep.Storage.Format;
using Microsoft.Data.Sqlite;

namespace Lockstep.Storage.Sqlite;

/// <summary>Settings of the embedded store.</summary>
public sealed record SqliteOptions
{
    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Largest size of the database in pages of 4 KiB; null = what the disk holds. For tests of a full disk.</summary>
    public long? MaxPages { get; init; }

    /// <summary>Is told of each commit, how long it took (statements and sync) and how many bytes of records, rows and states were in it, on the thread that wrote: it must return at once. Null = nobody.</summary>
    public Action<TimeSpan, long>? Committed { get; init; }
}

/// <summary>
/// The embedded store: one file <c>lockstep.db</c> in a data folder, write-ahead log, every commit synced to the disk before it counts, one writing thread for all
/// groups. One process per folder.
/// </summary>
public sealed partial class SqliteStore : IJournalStore, ILedger, IPaperStore, ISecretStore, IEventLog, IAlertLog, IKeyStore, IEaTerminalStore, IAuditLog, IOnceStore, IRegistryStore, IDisposable
{
    private readonly FolderLock _lock;
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteJournal> _journals = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly List<string> _warnings = [];
    private bool _disposed;

    private SqliteStore(string folder, FolderLock folderLock, SqliteOptions options)
    {
        Folder = folder;
        _lock = folderLock;
        Library = NativeSqlite.Library;
        if (Library.Warning is { } warning)
        {
            _warnings.Add(warning);
        }

        _connection = Connect();
        try
        {
            SetUp(options);
            long lastTransaction = _connection.Scalar("SELECT ifnull(max(txn), 0) FROM (SELECT (SELECT txn FROM journal WHERE id >= g.number << 44 AND id < (g.number + 1) << 44 ORDER BY id DESC LIMIT 1) AS txn FROM groups g)");
            Instance = OwnName();
            Writer = new SqliteWriter(_connection, folder, lastTransaction, LastWrittenEvent(), options.Committed);
            Writer.Failed += failure => Failed?.Invoke(failure);
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>The data folder.</summary>
    public string Folder { get; }

    /// <summary>The native library in use.</summary>
    public SqliteLibrary Library { get; }

    /// <summary>What the operator should know about the store itself; each journal has its own.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Commits so far: fewer than appends when several share one.</summary>
    public long Commits => Writer.Commits;

    /// <summary>Why nothing is written any more, or null.</summary>
    public JournalFailedException? Failure => Writer.Failure;

    /// <summary>Told once, when the first write fails.</summary>
    public event Action<JournalFailedException>? Failed;

    internal SqliteWriter Writer { get; }

    /// <summary>
    /// Opens the store in a folder, which is made when it is not there. A <see cref="DataFolderException"/> says why not: not writable, in use by another process (named
    /// by its number), or of a newer version.
    /// </summary>
    public static SqliteStore Open(string folder, SqliteOptions? options = null)
    {
        string full = Path.GetFullPath(folder);
        var folderLock = FolderLock.Take(full);
        try
        {
            return new SqliteStore(full, folderLock, options ?? new SqliteOptions());
        }
        catch (SqliteException e)
        {
            folderLock.Dispose();
            throw new DataFolderException($"The database {Path.Combine(full, "lockstep.db")} cannot be opened for writing: {e.Message} Lockstep acts on nothing that it could not write down first. Make the file writable, make room on the disk, or restore it from a backup.", e);
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IJournal Journal(string group)
    {
        lock (_gate)
        {
            if (!_journals.TryGetValue(group, out var journal))
            {
                long number = 0;
                long clean = 0;
                Writer.Write(statements =>
                {
                    statements.Connection.Scalar("INSERT INTO groups (name) VALUES ($name) ON CONFLICT DO NOTHING", ("$name", group));
                    number = statements.Connection.Scalar("SELECT number FROM groups WHERE name = $name", ("$name", group));
                    clean = statements.Connection.Scalar("SELECT clean_seq FROM groups WHERE name = $name", ("$name", group));
                }).GetAwaiter().GetResult();
                journal = new SqliteJournal(this, group, number, clean);
                _journals.Add(group, journal);
            }

            return journal;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Groups
    {
        get
        {
            using var connection = OpenForReading();
            using var command = connection.Command("SELECT name FROM groups ORDER BY name");
            using var reader = command.ExecuteReader();
            List<string> names = [];
            while (reader.Read())
            {
                names.Add(reader.GetString(0));
            }

            return names;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<StoredWhy> Why(WhyQuery query)
    {
        using var connection = OpenForReading();
        string where = (query.Link is null ? "" : " AND w.link = $link") + (query.Account is null ? "" : " AND (w.source = $account OR w.target = $account)");
        using var command = connection.Command(
            $"SELECT w.id, g.name, w.seq, w.version, w.entry FROM why w JOIN groups g ON g.number = w.group_number WHERE w.id < $before{where} ORDER BY w.id DESC LIMIT $limit",
            ("$before", query.Before ?? long.MaxValue), ("$limit", Math.Max(0, query.Limit)), ("$link", query.Link?.Value ?? ""), ("$account", query.Account?.Value ?? ""));
        using var reader = command.ExecuteReader();
        List<StoredWhy> rows = [];
        while (reader.Read())
        {
            rows.Add(new StoredWhy(reader.GetInt64(0), new WhyRow(reader.GetString(1), reader.GetInt64(2), JournalCodec.DecodeWhy(reader.GetInt32(3), Encoding.UTF8.GetBytes(reader.GetString(4))))));
        }

        return rows;
    }

    /// <inheritdoc/>
    public IReadOnlyList<StoredAlert> Alerts(AlertQuery query)
    {
        using var connection = OpenForReading();
        string where = query.Account is null ? "" : " AND a.account = $account";
        using var command = connection.Command(
            $"SELECT a.id, ifnull(g.name, '{IAlertLog.ServerGroup}'), a.seq, a.at, a.version, a.alert FROM alerts a LEFT JOIN groups g ON g.number = a.group_number WHERE a.id < $before AND a.level >= $level{where} ORDER BY a.id DESC LIMIT $limit",
            ("$before", query.Before ?? long.MaxValue), ("$level", (int)query.AtLeast), ("$limit", Math.Max(0, query.Limit)), ("$account", query.Account?.Value ?? ""));
        using var reader = command.ExecuteReader();
        List<StoredAlert> rows = [];
        while (reader.Read())
        {
            var alert = JournalCodec.DecodeAlert(reader.GetInt32(4), Encoding.UTF8.GetBytes(reader.GetString(5)));
            rows.Add(new StoredAlert(reader.GetInt64(0), new AlertRow(reader.GetString(1), reader.GetInt64(2), new Timestamp(reader.GetInt64(3)), alert)));
        }

        return rows;
    }

    /// <inheritdoc/>
    public ValueTask SavePaperAsync(PaperSave save) => new(Writer.Write(statements => statements.SavePaper(save)));

    /// <inheritdoc/>
    public PaperState? LoadPaper(AccountId account)
    {
        using var connection = OpenForReading();
        byte[] state;
        using (var command = connection.Command("SELECT crc, state FROM paper WHERE account = $account", ("$account", account.Value)))
        using (var reader = command.ExecuteReader())
        {
            if (!reader.Read())
            {
                return null;
            }

            state = reader.GetFieldValue<byte[]>(1);
            if (Crc32C.Of(state) != (uint)reader.GetInt64(0))
            {
                throw new JournalDamagedException($"The kept books of the paper account {account} do not have their checksum. Restore the data folder from a backup, or start with an empty one.");
            }
        }

        List<ReadOnlyMemory<byte>> history = [];
        using var rows = connection.Command("SELECT row FROM paper_history WHERE account = $account ORDER BY number", ("$account", account.Value));
        using var row = rows.ExecuteReader();
        while (row.Read())
        {
            history.Add(row.GetFieldValue<byte[]>(0));
        }

        return new PaperState(state, history);
    }

    /// <summary>Writes what waits, notes that the end was orderly, and lets go of the folder.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        lock (_gate)
        {
            // A store that failed ends as a crash does: the next start reads what there is.
            if (Writer.Failure is null)
            {
                Writer.Write(statements =>
                {
                    foreach (var journal in _journals.Values)
                    {
                        journal.MarkClean(statements.Connection);
                    }
                }).ContinueWith(static _ => { }, TaskScheduler.Default).Wait();
            }
        }

        Writer.Dispose();
        EndOnce();
        _connection.Dispose();
        _lock.Dispose();
    }

    internal SqliteConnection OpenForReading()
    {
        var connection = Connect();
        connection.Execute("PRAGMA query_only = ON");
        return connection;
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(Folder, "lockstep.db"), Pooling = false, DefaultTimeout = 10 }.ToString());
        connection.Open();
        return connection;
    }

    private void SetUp(SqliteOptions options)
    {
        using (var command = _connection.Command("PRAGMA journal_mode = WAL"))
        {
            string? mode = command.ExecuteScalar() as string;
            if (mode != "wal")
            {
                throw new DataFolderException($"The file system of the data folder {Folder} cannot hold a write-ahead log (SQLite answers \"{mode}\"); network drives often cannot. Choose a folder on a local disk.");
            }
        }

        // After a burst the log gives its room back.
        _connection.Execute("PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA journal_size_limit = 67108864;");
        SqliteSchema.Migrate(_connection, Path.Combine(Folder, "lockstep.db"), options.Time.GetUtcNow());
        if (options.MaxPages is { } pages)
        {
            _connection.Execute($"PRAGMA max_page_count = {pages}");
        }
    }
}

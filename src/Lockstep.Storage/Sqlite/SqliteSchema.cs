using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Lockstep.Storage.Sqlite;

/// <summary>
/// The tables, as a list of steps that only grows: a database of any older version is brought up by the steps it lacks, one of a newer version is refused.
/// </summary>
internal static class SqliteSchema
{
    /// <summary>A journal row's id is group number × 2^44 + seq: rows of one group lie together, in order, without a second index.</summary>
    public const int SeqBits = 44;

    private static readonly string[] Steps =
    [
        """
        CREATE TABLE groups (
            number INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            clean_seq INTEGER NOT NULL DEFAULT 0   -- last record when the program last ended in order: acted on for certain
        );
        CREATE TABLE journal (
            id INTEGER PRIMARY KEY,                -- group number * 2^44 + seq
            at INTEGER NOT NULL,                   -- microseconds since 1970
            txn INTEGER NOT NULL,                  -- records of one commit share it
            record BLOB NOT NULL                   -- RecordFormat
        );
        CREATE TABLE snapshots (
            group_number INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            at INTEGER NOT NULL,
            version INTEGER NOT NULL,
            crc INTEGER NOT NULL,
            state BLOB NOT NULL,
            PRIMARY KEY (group_number, seq)
        );
        CREATE TABLE why (
            id INTEGER PRIMARY KEY,
            group_number INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            link TEXT NOT NULL,
            source TEXT NOT NULL,
            target TEXT NOT NULL,
            version INTEGER NOT NULL,
            entry TEXT NOT NULL
        );
        CREATE INDEX why_by_link ON why (link, id);
        CREATE INDEX why_by_source ON why (source, id);
        CREATE INDEX why_by_target ON why (target, id);
        CREATE TABLE alerts (
            id INTEGER PRIMARY KEY,
            group_number INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            at INTEGER NOT NULL,
            level INTEGER NOT NULL,
            account TEXT,
            version INTEGER NOT NULL,
            alert TEXT NOT NULL
        );
        CREATE TABLE paper (
            account TEXT PRIMARY KEY,
            crc INTEGER NOT NULL,
            state BLOB NOT NULL
        );
        CREATE TABLE paper_history (
            account TEXT NOT NULL,
            number INTEGER NOT NULL,
            row BLOB NOT NULL,
            PRIMARY KEY (account, number)
        ) WITHOUT ROWID;
        """,
        """
        CREATE TABLE secrets (
            kind TEXT NOT NULL,
            id TEXT NOT NULL,
            sealed BLOB NOT NULL,                  -- encrypted by who owns it; the store cannot read it
            PRIMARY KEY (kind, id)
        ) WITHOUT ROWID;
        """,
        """
        CREATE TABLE events (
            id INTEGER PRIMARY KEY,                -- growing in the order of the commits, without gaps
            group_number INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            number INTEGER NOT NULL,               -- among the events of the journal record
            at INTEGER NOT NULL,
            account TEXT,
            link TEXT,
            kind TEXT NOT NULL,
            deal INTEGER,                          -- number of the deal, where it is one
            version INTEGER NOT NULL,
            body TEXT NOT NULL
        );
        CREATE INDEX events_by_account ON events (account, id);
        CREATE INDEX events_of_deals ON events (account, deal) WHERE deal IS NOT NULL;
        CREATE TABLE event_cursors (
            reader TEXT PRIMARY KEY,
            id INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE facts (
            name TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) WITHOUT ROWID;
        """,
        """
        CREATE TABLE api_keys (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            scope TEXT NOT NULL,
            hash BLOB NOT NULL,                    -- SHA-256 of the key
            account TEXT,
            accounts TEXT,                         -- names with line ends between; null = all
            networks TEXT NOT NULL,                -- likewise; empty = everywhere
            rate INTEGER,
            burst INTEGER,
            created INTEGER NOT NULL,
            expires INTEGER,
            used INTEGER,
            revoked INTEGER,
            successor TEXT
        ) WITHOUT ROWID;
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            key TEXT NOT NULL,
            name TEXT NOT NULL,
            address TEXT NOT NULL,
            operation TEXT NOT NULL,
            target TEXT NOT NULL,
            account TEXT,
            status INTEGER NOT NULL,
            problem TEXT NOT NULL,
            correlation TEXT NOT NULL,
            changes TEXT NOT NULL
        );
        CREATE INDEX audit_by_account ON audit (account, id) WHERE account IS NOT NULL;
        CREATE INDEX audit_by_key ON audit (key, id);
        CREATE INDEX audit_by_at ON audit (at);
        CREATE TABLE once (
            id BLOB PRIMARY KEY,                   -- SHA-256 of caller and idempotency key
            asked BLOB NOT NULL,                   -- SHA-256 of the request
            at INTEGER NOT NULL,
            answer BLOB                            -- encrypted by who owns it; null = none yet
        ) WITHOUT ROWID;
        CREATE INDEX once_by_at ON once (at);
        """,
        """
        CREATE TABLE registry (
            kind TEXT NOT NULL,                    -- account or link
            name TEXT NOT NULL,
            json TEXT,                             -- as the configuration file would have it; null = removed
            base TEXT,                             -- what the file had then; null = nothing
            PRIMARY KEY (kind, name)
        ) WITHOUT ROWID;
        """,
        """
        CREATE TABLE ea_terminals (
            account TEXT NOT NULL,
            terminal TEXT NOT NULL,
            key TEXT NOT NULL,                     -- that it came in with last
            seen INTEGER NOT NULL,
            kept TEXT,                             -- the next one, when it has it
            PRIMARY KEY (account, terminal)
        ) WITHOUT ROWID;
        CREATE TABLE ea_rotations (
            account TEXT PRIMARY KEY,
            asked INTEGER NOT NULL
        ) WITHOUT ROWID;
        """,
    ];

    /// <summary>The version that this program writes.</summary>
    public static int Version => Steps.Length;

    /// <summary>Brings the database up to <see cref="Version"/>, each step in a transaction of its own.</summary>
    public static void Migrate(SqliteConnection connection, string path, DateTimeOffset now)
    {
        connection.Execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL)");
        long present = connection.Scalar("SELECT ifnull(max(version), 0) FROM schema_version");
        if (present > Version)
        {
            throw new DataFolderException($"{path} was written by a newer lockstep (tables of version {present}; this one knows {Version}). Start the newer one, or restore a backup from before it.");
        }

        for (long version = present + 1; version <= Version; version++)
        {
            connection.Execute("BEGIN IMMEDIATE");
            connection.Execute(Steps[version - 1]);
            connection.Execute($"INSERT INTO schema_version VALUES ({version}, '{now.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}')");
            connection.Execute("COMMIT");
        }
    }

    /// <summary>The row id of a record.</summary>
    public static long RowId(long group, long seq) => (group << SeqBits) + seq;

    /// <summary>The number in a row id.</summary>
    public static long SeqOf(long rowId) => rowId & ((1L << SeqBits) - 1);
}

/// <summary>The two ways in which SQL text is run here.</summary>
internal static class SqliteCalls
{
    public static void Execute(this SqliteConnection connection, string sql)
    {
        using var command = Command(connection, sql);
        command.ExecuteNonQuery();
    }

    public static long Scalar(this SqliteConnection connection, string sql, params (string Name, object Value)[] values)
    {
        using var command = Command(connection, sql, values);
        return Convert.ToInt64(command.ExecuteScalar() ?? 0L, CultureInfo.InvariantCulture);
    }

    /// <summary>All texts in this room are constants or numbers; what comes from outside is a parameter.</summary>
#pragma warning disable CA2100
    public static SqliteCommand Command(this SqliteConnection connection, string sql, params (string Name, object Value)[] values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
#pragma warning restore CA2100
}

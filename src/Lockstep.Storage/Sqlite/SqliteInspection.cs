using System.Globalization;
using Lockstep.Domain;
using Microsoft.Data.Sqlite;

namespace Lockstep.Storage.Sqlite;

/// <summary>A key for the API as an inspection sees it.</summary>
/// <param name="Id">Its id, which is no secret.</param>
/// <param name="Scope">What it is good for.</param>
/// <param name="Expires">When it ends; null = never.</param>
/// <param name="Revoked">It was taken back.</param>
public sealed record InspectedKey(string Id, KeyScope Scope, Timestamp? Expires, bool Revoked);

/// <summary>A data folder looked at from outside, whether a server runs on it or not. Nothing in it is changed.</summary>
public sealed record SqliteInspection
{
    /// <summary>There is a database.</summary>
    public bool Exists { get; init; }

    /// <summary>A process has the folder.</summary>
    public bool Held { get; init; }

    /// <summary>Its number; empty = it did not say.</summary>
    public string Holder { get; init; } = "";

    /// <summary>What is wrong with the database; null = nothing was found.</summary>
    public string? Problem { get; init; }

    /// <summary>Version of its tables; 0 = none.</summary>
    public long Version { get; init; }

    /// <summary>Version that this program writes.</summary>
    public long OwnVersion { get; init; } = SqliteSchema.Version;

    /// <summary>Bytes of the database and of its log.</summary>
    public long Bytes { get; init; }

    /// <summary>Number of journal records that are kept.</summary>
    public long Records { get; init; }

    /// <summary>The keys for the API; null = they could not be read.</summary>
    public IReadOnlyList<InspectedKey>? Keys { get; init; }

    /// <summary>Accounts that had a session, as far as events are kept; null = it could not be read.</summary>
    public IReadOnlySet<AccountId>? Seen { get; init; }

    /// <summary>Looks at a folder.</summary>
    public static SqliteInspection Look(string folder)
    {
        string file = Path.Combine(folder, "lockstep.db");
        var (held, holder) = HeldBy(folder);
        var found = new SqliteInspection { Held = held, Holder = holder };
        if (!File.Exists(file))
        {
            return found;
        }

        found = found with { Exists = true, Bytes = new[] { file, file + "-wal" }.Where(File.Exists).Sum(f => new FileInfo(f).Length) };
        try
        {
            _ = NativeSqlite.Library;
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
            connection.Open();
            return Read(connection, found);
        }
        catch (SqliteException e)
        {
            return found with { Problem = e.Message };
        }
    }

    private static SqliteInspection Read(SqliteConnection connection, SqliteInspection found)
    {
        using (var check = connection.Command("PRAGMA quick_check(1)"))
        {
            string said = (string)check.ExecuteScalar()!;
            if (said != "ok")
            {
                return found with { Problem = said };
            }
        }

        found = found with { Version = connection.Scalar("SELECT ifnull(max(version), 0) FROM schema_version") };
        if (found.Version != found.OwnVersion)
        {
            // Tables of another version are not ours to read.
            return found;
        }

        return found with
        {
            Records = connection.Scalar("SELECT count(*) FROM journal"),
            Keys = Rows(connection, "SELECT id, scope, expires, revoked FROM api_keys ORDER BY created, id", r =>
                new InspectedKey(r.GetString(0), Enum.Parse<KeyScope>(r.GetString(1)), r.IsDBNull(2) ? null : new Timestamp(r.GetInt64(2)), !r.IsDBNull(3))),
            Seen = Rows(connection, "SELECT DISTINCT account FROM events WHERE kind = 'session' AND account IS NOT NULL", r => new AccountId(r.GetString(0))).ToHashSet(),
        };
    }

    private static List<T> Rows<T>(SqliteConnection connection, string sql, Func<SqliteDataReader, T> read)
    {
        using var command = connection.Command(sql);
        using var reader = command.ExecuteReader();
        List<T> rows = [];
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private static (bool Held, string Holder) HeldBy(string folder)
    {
        try
        {
            // A shared lock for a moment: the holder's stands against it, another reader's does not.
            using var file = new FileStream(Path.Combine(folder, "lockstep.lock"), FileMode.Open, FileAccess.Read, FileShare.Read);
            return (false, "");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return (false, "");
        }
        catch (IOException)
        {
            try
            {
                return (true, int.Parse(File.ReadAllText(Path.Combine(folder, "lockstep.pid")).Trim(), CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or OverflowException)
            {
                return (true, "");
            }
        }
    }
}

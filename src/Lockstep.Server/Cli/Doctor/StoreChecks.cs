using System.Diagnostics;
using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Server.Metrics;
using Lockstep.Storage;
using Lockstep.Storage.Sqlite;

namespace Lockstep.Server.Cli.Doctor;

/// <summary>Data folder, disk and database.</summary>
internal static class StoreChecks
{
    private const int Writes = 20;
    private static readonly TimeSpan SlowDisk = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Soon = TimeSpan.FromDays(7);

    /// <summary>All of them.</summary>
    public static IEnumerable<Finding> Look(LockstepConfig config, DateTimeOffset now)
    {
        foreach (var finding in Disk(config.DataFolder))
        {
            yield return finding;
        }

        var library = NativeSqlite.Library;
        yield return library.Warning is { } warning
            ? Finding.Warn("sqlite", warning, "Install the system's library (Debian: libsqlite3-0).")
            : Finding.Ok("sqlite", $"{library.Library} {library.Version}");
        var found = SqliteInspection.Look(config.DataFolder);
        foreach (var finding in Database(found, config.DataFolder).Concat(Keys(found, config.Server, now)).Concat(Accounts(found, config.Accounts)))
        {
            yield return finding;
        }
    }

    /// <summary>The database.</summary>
    public static IEnumerable<Finding> Database(SqliteInspection found, string folder)
    {
        string holder = found.Holder.Length == 0 ? "a process" : $"process {found.Holder}";
        yield return found switch
        {
            { Exists: false } => Finding.Ok("database", $"{folder} has none yet; the first start makes it"),
            { Problem: { } problem } => Finding.Error("database", $"it is damaged, or cannot be read: {problem}", "Stop the server, keep a copy of the whole folder, and restore a backup."),
            _ when found.Version > found.OwnVersion => Finding.Error("database", $"it was written by a newer lockstep (tables of version {found.Version}; this one knows {found.OwnVersion})", "Use the newer program."),
            _ when found.Version < found.OwnVersion => Finding.Warn(
                "database", $"its tables are of version {found.Version}, and this program's of {found.OwnVersion}", "The next start brings them up; keep a copy of the folder before, as older programs cannot read them then."),
            _ => Finding.Ok("database", $"whole; {found.Records} journal records, {found.Bytes / 1024 / 1024} MiB{(found.Held ? $"; {holder} has it" : "")}"),
        };
    }

    /// <summary>The keys for the API.</summary>
    public static IEnumerable<Finding> Keys(SqliteInspection found, ServerConfig server, DateTimeOffset now)
    {
        if (!server.NeedsKey)
        {
            yield return Finding.Warn("keys", "the API needs no key (\"auth\": \"none\"): everybody who can use this machine can trade", "Remove \"auth\": \"none\" where others have an account on the machine.");
            yield break;
        }

        if (found is { Exists: true, Keys: null })
        {
            // The line of the database says why they could not be read.
            yield break;
        }

        var moment = Timestamp.From(now);
        var all = found.Keys ?? [];
        var good = all.Where(k => !k.Revoked && (k.Expires is not { } end || end > moment)).ToList();
        foreach (var key in good.Where(k => k.Expires is { } end && end - moment < Soon))
        {
            yield return Finding.Warn("keys", $"key {key.Id} ({key.Scope}) ends on {key.Expires}", "Let it be followed by a new one: POST /v1/keys.");
        }

        bool configured = server.ApiKey is not null;
        yield return good.Any(k => k.Scope == KeyScope.Admin) || configured ? Finding.Ok("keys", $"{good.Count} good, {all.Count - good.Count} ended or taken back{(configured ? ", and the configuration's" : "")}")
            : all.All(k => k.Scope != KeyScope.Admin) ? Finding.Ok("keys", "no admin key yet; the next start makes one and prints it once")
            : Finding.Error("keys", "no admin key is good any more: nobody can give out others", "Stop the server and run 'lockstep keys create --data DIR'.");
    }

    /// <summary>The accounts.</summary>
    public static IEnumerable<Finding> Accounts(SqliteInspection found, IReadOnlyList<AccountConfig> accounts)
    {
        var enabled = accounts.Where(a => a.Enabled).ToList();
        if (enabled.Count == 0)
        {
            yield return Finding.Warn("accounts", accounts.Count == 0 ? "the configuration has none" : $"all {accounts.Count} are disabled", "Add accounts to the configuration or over the API, or enable them.");
            yield break;
        }

        var never = found.Seen is { } seen ? enabled.Where(a => !seen.Contains(a.Id)).ToList() : [];
        yield return never.Count == 0
            ? Finding.Ok("accounts", $"{enabled.Count} of {accounts.Count} enabled")
            : Finding.Warn(
                "accounts", $"no session is known of {string.Join(", ", never.Take(10).Select(a => a.Id.Value))}{(never.Count > 10 ? $" and {never.Count - 10} others" : "")}",
                "MetaTrader: attach the Expert Advisor and give it the account's key. cTrader: authorise the account (docs/platforms).");
    }

    /// <summary>How a disk of this room and speed is.</summary>
    public static Finding Room(long? free, TimeSpan sync)
    {
        string text = $"{(free is { } bytes ? $"{bytes / 1024 / 1024} MiB free" : "the system does not say what is free")}; a durable write takes {sync.TotalMilliseconds:0.0} ms";
        return free < Readiness.DiskLeast ? Finding.Error("disk", text, "Make room: when the disk is full, nothing can be written down, and nothing is traded.")
            : sync > SlowDisk ? Finding.Warn("disk", text, "Every order waits for one durable write. Put the data folder on a local SSD.")
            : Finding.Ok("disk", text);
    }

    private static IEnumerable<Finding> Disk(string folder)
    {
        // A folder that is not there is not made: the one that it would be made in says how the disk is.
        string there = folder;
        while (!Directory.Exists(there) && Path.GetDirectoryName(there) is { } above)
        {
            there = above;
        }

        string probe = Path.Combine(there, $"lockstep-doctor-{Environment.ProcessId}.tmp");
        Finding finding;
        try
        {
            finding = Room(DataFolder.Free(there), Sync(probe));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            finding = Finding.Error("disk", $"{there} cannot be written: {e.Message}", "Make the folder writable for the user that runs the server, or name another one under \"data\".");
        }
        finally
        {
            File.Delete(probe);
        }

        yield return finding;
    }

    private static TimeSpan Sync(string probe)
    {
        using var file = new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        var took = new List<TimeSpan>();
        for (int i = 0; i < Writes; i++)
        {
            long began = Stopwatch.GetTimestamp();
            file.Write(new byte[4096]);
            file.Flush(flushToDisk: true);
            took.Add(Stopwatch.GetElapsedTime(began));
        }

        return took.Order().ElementAt(Writes / 2);
    }
}

using System.Diagnostics;
using Lockstep.Storage.Sqlite;
using Lockstep.Testing;
using Microsoft.Data.Sqlite;

namespace Lockstep.Storage.Tests;

/// <summary>A data folder that goes with the test.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly string? _mount;

    private DataFolder(string path, string? mount)
    {
        Path = path;
        _mount = mount;
    }

    public string Path { get; }

    public string Database => System.IO.Path.Combine(Path, "lockstep.db");

    public static DataFolder New() => new(Directory.CreateTempSubdirectory("lockstep-").FullName, null);

    /// <summary>On a file system of its own, of a given size. Needs root on Linux.</summary>
    public static DataFolder OnTmpfs(string size)
    {
        string path = Directory.CreateTempSubdirectory("lockstep-").FullName;
        Run("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", path);
        return new DataFolder(path, path);
    }

    public static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Requires.Program(program), arguments) { RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {error}");
    }

    public SqliteStore Open(long? maxPages = null) => SqliteStore.Open(Path, new SqliteOptions { MaxPages = maxPages });

    /// <summary>What the disk holds at this moment, as a crash would leave it.</summary>
    public DataFolder CopyAsAfterCrash(long cutFromLog = 0)
    {
        var copy = New();
        foreach (string file in Directory.EnumerateFiles(Path, "lockstep.db*").Where(f => !f.EndsWith("-shm", StringComparison.Ordinal)))
        {
            using var from = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var to = File.Create(System.IO.Path.Combine(copy.Path, System.IO.Path.GetFileName(file)));
            from.CopyTo(to);
            if (file.EndsWith("-wal", StringComparison.Ordinal))
            {
                to.SetLength(to.Length - cutFromLog);
            }
        }

        return copy;
    }

    /// <summary>Changes the closed database behind the store's back.</summary>
    public void Sql(string sql)
    {
        _ = NativeSqlite.Library;
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        connection.Execute(sql);
    }

    public void Dispose()
    {
        if (_mount is not null)
        {
            Run("umount", "-l", _mount);
        }

        Directory.Delete(Path, recursive: true);
    }
}

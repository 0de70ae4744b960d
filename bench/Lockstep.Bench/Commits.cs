using System.Diagnostics;
using System.Globalization;
using Lockstep.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Lockstep.Bench;

/// <summary>
/// From a source event to decisions that are durable and handed to the sessions, through the production core and the SQLite store, beside the least that any store could
/// do: one row in one commit under the same settings. A disk has moods that last for seconds, so the three are timed in turn, round by round, and only their ratio says
/// much. The event is a stop change that ten links take: ten orders.
/// </summary>
internal static class Commits
{
    private const int Rounds = 100;
    private const int WarmUp = 30;

    public static void Run()
    {
        // Beside the program, where a disk is: the temporary folder may live in memory.
        string folder = Path.Combine(AppContext.BaseDirectory, $"commits-{Environment.ProcessId}");
        try
        {
            using var store = SqliteStore.Open(folder);
            using var bare = new SqliteConnection($"Data Source={Path.Combine(folder, "bare.db")};Pooling=False");
            Measure(store, bare);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Measure(SqliteStore store, SqliteConnection bare)
    {
        using var insert = Bare(bare);
        var driver = new CoreDriver(store.Journal("bench"));
        var world = new BenchWorld(1, BenchWorld.LinksPerSource, driver);
        List<decimal> row = [];
        List<decimal> single = [];
        List<decimal> burst = [];
        for (int round = 0; round < WarmUp + Rounds; round++)
        {
            if (round == WarmUp)
            {
                row.Clear();
                single.Clear();
                burst.Clear();
            }

            var events = world.StopChanges();
            int sent = driver.Sent;
            foreach (var happened in events)
            {
                row.Add(Micros(() => insert.ExecuteNonQuery()));
                single.Add(Micros(() => world.Step(happened)));
            }

            world.Settle();
            events = world.StopChanges();
            burst.Add(Micros(() => world.StepTogether(events, driver)) / events.Length);
            world.Settle();
            if (driver.Sent - sent != 2 * events.Length * BenchWorld.LinksPerSource)
            {
                throw new InvalidOperationException($"{driver.Sent - sent} orders sent");
            }
        }

        Console.WriteLine($"SQLite {store.Library.Version} from {store.Library.Library}\n\n| | median µs | p95 µs | ÷ bare commit |\n|---|---|---|---|");
        Print("bare commit of one row of 3,000 bytes", row, row);
        Print("source event → ten decisions durable and sent", single, row);
        Print("the same, ten events waiting together, per event", burst, row);
    }

    private static SqliteCommand Bare(SqliteConnection connection)
    {
        connection.Open();
        foreach (string sql in new[]
        {
            "PRAGMA journal_mode=WAL",
            "PRAGMA synchronous=FULL",
            "CREATE TABLE t (id INTEGER PRIMARY KEY, row BLOB NOT NULL)",

            // A log that still grows pays the file system for it with every commit; the store's has long grown, so this one grows now.
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000) INSERT INTO t (row) SELECT zeroblob(3000) FROM n",
            "PRAGMA wal_checkpoint(RESTART)",
        })
        {
            using var command = new SqliteCommand(sql, connection);
            command.ExecuteNonQuery();
        }

        var insert = new SqliteCommand("INSERT INTO t (row) VALUES ($row)", connection);
        insert.Parameters.AddWithValue("$row", new byte[3_000]);
        insert.Prepare();
        return insert;
    }

    private static decimal Micros(Action action)
    {
        long from = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(from).Ticks / 10m;
    }

    private static void Print(string what, List<decimal> times, List<decimal> bare)
    {
        decimal median = At(times, 0.5m);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {median:0} | {At(times, 0.95m):0} | {median / At(bare, 0.5m):0.00} |"));
    }

    private static decimal At(List<decimal> times, decimal part) => times.Order().ElementAt((int)(part * (times.Count - 1)));
}

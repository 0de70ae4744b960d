using BenchmarkDotNet.Attributes;
using Lockstep.Engine;
using Lockstep.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Lockstep.Bench;

/// <summary>
/// From a source event to decisions that are durable and handed to the sessions, through the production core and the SQLite store, beside the least that any store could
/// do: one row in one commit under the same settings. The event is a stop change that ten links take.
/// </summary>
[MemoryDiagnoser]
[Config(typeof(ShortRun))]
public class CommitBenchmarks
{
    private const int Moves = BenchWorld.PositionsPerSource;

    private readonly byte[] _row = new byte[3_000];
    private string _folder = "";
    private SqliteStore _store = null!;
    private SqliteConnection _bare = null!;
    private SqliteCommand _insert = null!;
    private CoreDriver _driver = null!;
    private BenchWorld _world = null!;
    private EngineEvent[] _events = [];
    private int _sent;

    [GlobalSetup]
    public void Build()
    {
        // Beside the program, where a disk is: the temporary folder may live in memory.
        _folder = Path.Combine(AppContext.BaseDirectory, $"commit-{Environment.ProcessId}");
        _store = SqliteStore.Open(_folder);
        Console.WriteLine($"// SQLite {_store.Library.Version} from {_store.Library.Library}");
        _driver = new CoreDriver(_store.Journal("bench"));
        _world = new BenchWorld(1, BenchWorld.LinksPerSource, _driver);

        _bare = new SqliteConnection($"Data Source={Path.Combine(_folder, "bare.db")}");
        _bare.Open();
        foreach (string sql in new[] { "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE t (id INTEGER PRIMARY KEY, row BLOB NOT NULL)" })
        {
            using var command = new SqliteCommand(sql, _bare);
            command.ExecuteNonQuery();
        }

        _insert = new SqliteCommand("INSERT INTO t (row) VALUES ($row)", _bare);
        _insert.Parameters.AddWithValue("$row", _row);
        _insert.Prepare();
    }

    [GlobalCleanup]
    public void Remove()
    {
        _insert.Dispose();
        _bare.Dispose();
        _store.Dispose();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>One row of 3,000 bytes, one commit.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Moves)]
    public void BareCommit()
    {
        for (int i = 0; i < Moves; i++)
        {
            _insert.ExecuteNonQuery();
        }
    }

    [IterationSetup(Targets = [nameof(OneEvent), nameof(OneEventOfABurst)])]
    public void Prepare()
    {
        _world.Settle();
        _events = _world.StopChanges();
        _sent = _driver.Sent;
    }

    /// <summary>One event after another, each with a commit of its own.</summary>
    [Benchmark(OperationsPerInvoke = Moves)]
    public void OneEvent()
    {
        foreach (var happened in _events)
        {
            _world.Step(happened);
        }

        Expect();
    }

    /// <summary>Ten events that wait together and share a commit; per event.</summary>
    [Benchmark(OperationsPerInvoke = Moves)]
    public void OneEventOfABurst()
    {
        _world.StepTogether(_events, _driver);
        Expect();
    }

    private void Expect()
    {
        int sent = _driver.Sent - _sent;
        _sent = _driver.Sent;
        if (sent != Moves * BenchWorld.LinksPerSource)
        {
            throw new InvalidOperationException($"{sent} orders sent");
        }
    }
}

using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace Lockstep.Storage.Sqlite;

/// <summary>
/// The one who writes. Whatever waits when its thread comes round goes into one transaction: under load a hundred appends share one commit, alone each has its own; and who comes
/// alone may write on its own thread, which spares two hand-overs (<see cref="TryWrite"/>).
/// The first failure is the last thing it does: after a failed commit nobody knows what the disk holds, and only a new start reads it afresh.
/// </summary>
internal sealed class SqliteWriter : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteStatements _statements;
    private readonly string _folder;
    private readonly Action<TimeSpan, long>? _committed;
    private readonly Thread _thread;
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _wake = new(false, 0);
    private List<Job> _waiting = [];
    private bool _closing;
    private bool _writing;
    private long _lastEvent;

    public SqliteWriter(SqliteConnection connection, string folder, long firstTransaction, long lastEvent, Action<TimeSpan, long>? committed = null)
    {
        _connection = connection;
        _folder = folder;
        _committed = committed;
        _statements = new SqliteStatements(connection) { Transaction = firstTransaction, LastEvent = lastEvent };
        _lastEvent = lastEvent;
        _thread = new Thread(Run) { Name = "lockstep-journal", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Commits so far.</summary>
    public long Commits { get; private set; }

    /// <summary>Number of the last event that is durable.</summary>
    public long LastEvent => Interlocked.Read(ref _lastEvent);

    /// <summary>Why nothing is written any more.</summary>
    public JournalFailedException? Failure { get; private set; }

    /// <summary>Told once, on the writer's thread.</summary>
    public event Action<JournalFailedException>? Failed;

    /// <summary>Durable when the task ends. The work may be called on the writer's thread only.</summary>
    public Task Write(Action<SqliteStatements> work)
    {
        lock (_gate)
        {
            if (Failure is not null)
            {
                return Task.FromException(Failure);
            }

            ObjectDisposedException.ThrowIf(_closing, this);
            var job = new Job(work);
            _waiting.Add(job);
            _wake.Set();
            return job.Done.Task;
        }
    }

    /// <summary>Writes on the calling thread; false when somebody writes or waits: then nothing was done.</summary>
    public bool TryWrite(Action<SqliteStatements> work)
    {
        lock (_gate)
        {
            if (Failure is not null)
            {
                throw Failure;
            }

            ObjectDisposedException.ThrowIf(_closing, this);
            if (_writing || _waiting.Count > 0)
            {
                return false;
            }

            _writing = true;
        }

        try
        {
            long began = Stopwatch.GetTimestamp();
            _statements.Begin();
            work(_statements);
            CommitNow(began);
        }
#pragma warning disable CA1031 // As in Run.
        catch (Exception e)
#pragma warning restore CA1031
        {
            throw Stop([], e);
        }
        finally
        {
            lock (_gate)
            {
                _writing = false;
                if (_waiting.Count > 0 || _closing)
                {
                    _wake.Set();
                }
            }
        }

        return true;
    }

    /// <summary>Writes what waits and ends.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closing = true;
            _wake.Set();
        }

        _thread.Join();
        _statements.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        while (Next() is { } jobs)
        {
            try
            {
                Commit(jobs);
            }
#pragma warning disable CA1031 // Whatever the reason, a commit that failed ends the writing; it is passed on to everyone who waits.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Stop(jobs, e);
                return;
            }

            lock (_gate)
            {
                _writing = false;
            }

            foreach (var job in jobs)
            {
                job.Done.SetResult();
            }
        }
    }

    private List<Job>? Next()
    {
        while (true)
        {
            _wake.Wait();
            lock (_gate)
            {
                _wake.Reset();
                if (_writing)
                {
                    // Somebody writes on a thread of his own, and wakes this one when he is done.
                    continue;
                }

                if (_waiting.Count > 0 && Failure is null)
                {
                    var jobs = _waiting;
                    _waiting = [];
                    _writing = true;
                    return jobs;
                }

                if (_closing)
                {
                    return null;
                }
            }
        }
    }

    private void Commit(List<Job> jobs)
    {
        long began = Stopwatch.GetTimestamp();
        _statements.Begin();
        foreach (var job in jobs)
        {
            job.Work(_statements);
        }

        CommitNow(began);
    }

    private void CommitNow(long began)
    {
        _statements.Commit();
        Commits++;
        Interlocked.Exchange(ref _lastEvent, _statements.LastEvent);
        _committed?.Invoke(Stopwatch.GetElapsedTime(began), _statements.Bytes);
    }

    private JournalFailedException Stop(List<Job> jobs, Exception error)
    {
        var failure = new JournalFailedException($"{Explain(error)}, then start lockstep again: it continues from what was written. Until then nothing is accepted or sent, because it could not be written down first. ({error.Message})", error);
        try
        {
            _connection.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has rolled back by itself, or cannot: either way nothing of it was acknowledged.
        }

        lock (_gate)
        {
            Failure = failure;
            jobs.AddRange(_waiting);
            _waiting.Clear();
        }

        Failed?.Invoke(failure);
        foreach (var job in jobs)
        {
            job.Done.SetException(failure);
        }

        return failure;
    }

    private string Explain(Exception error) => (error as SqliteException)?.SqliteErrorCode switch
    {
        SQLitePCL.raw.SQLITE_FULL => $"The disk of the data folder {_folder} is full: make room",
        SQLitePCL.raw.SQLITE_READONLY => $"The data folder {_folder} has become read-only: make it writable",
        SQLitePCL.raw.SQLITE_IOERR => $"The disk of the data folder {_folder} reports an error: look after the disk",
        SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB => $"The database in the data folder {_folder} is damaged: restore it from a backup",
        _ => $"The journal in the data folder {_folder} could not be written: see what the error says",
    };

    private sealed class Job(Action<SqliteStatements> work)
    {
        public Action<SqliteStatements> Work { get; } = work;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

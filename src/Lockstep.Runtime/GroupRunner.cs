using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Storage;

namespace Lockstep.Runtime;

/// <summary>
/// Drives one group in the server: whatever waits is taken, made durable in one commit, carried out; while the disk works, the next events gather. When the journal fails,
/// the group ends there: what could not be written is not carried out, and nothing more is taken in.
/// </summary>
public sealed class GroupRunner : IAsyncDisposable
{
    private readonly IJournal _journal;
    private readonly RuntimeOptions _options;
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly ConcurrentQueue<Action> _visits = new();
    private Task _loop = Task.CompletedTask;
    private Task _pruning = Task.CompletedTask;
    private volatile bool _stopping;
    private volatile bool _ended;
    private volatile Exception? _failedHere;
    private int _busy;

    /// <summary>Nothing runs yet.</summary>
    public GroupRunner(GroupCore core, IJournal journal, RuntimeOptions? options = null)
    {
        Core = core;
        _journal = journal;
        _options = options ?? new RuntimeOptions();
        core.Arrived = Arrive;
    }

    /// <summary>The group.</summary>
    public GroupCore Core { get; }

    /// <summary>Why the journal takes nothing more, or null.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Ends when the group does: stopped, or its journal failed. Never faults.</summary>
    public Task Completion => _loop;

    /// <summary>Sets the group going.</summary>
    public void Start(Recovered recovered, GroupSettings settings)
    {
        Core.Start(recovered, settings);
        _loop = Task.Run(RunAsync);
        Wake();
    }

    /// <summary>
    /// Looks at the group between two events, on its own thread: the only way to read the engine while it runs. What was given to the group before the visit is decided,
    /// durable and carried out by then, unless more waits than one commit takes.
    /// </summary>
    public Task<T> VisitAsync<T>(Func<GroupCore, T> visit)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _visits.Enqueue(() =>
        {
            try
            {
                done.SetResult(visit(Core));
            }
#pragma warning disable CA1031 // What goes wrong in a visit is the visitor's.
            catch (Exception error)
#pragma warning restore CA1031
            {
                done.SetException(error);
            }
        });
        Wake();
        if (_ended)
        {
            // The loop has ended, or ends now, and may not come by again.
            lock (_visits)
            {
                Receive(int.MaxValue);
            }
        }

        return done.Task;
    }

    /// <summary>New settings while running. False when the group takes nothing any more.</summary>
    public Task<bool> ReconfigureAsync(GroupSettings settings) => VisitAsync(core => core.Reconfigure(settings));

    /// <summary>Ends in order: sessions end, what waits is decided, written and carried out, a snapshot is kept.</summary>
    public async Task StopAsync()
    {
        _stopping = true;
        Wake();
        await _loop.ConfigureAwait(false);
        await _pruning.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    private void Wake() => _signal.Writer.TryWrite(true);

    private void Arrive()
    {
        if (!GroupTurn.Joins(this))
        {
            Wake();
        }
    }

    /// <summary>
    /// Works on the calling thread as long as nobody else does and the disk is free; the rest is the loop's. One at a time works for a group: whoever enters. Who finds it taken
    /// leaves it be: the other one wakes the loop when he goes and something is left.
    /// </summary>
    internal void WorkHere()
    {
        if (!TryEnter())
        {
            Wake();
            return;
        }

        try
        {
            while (!_stopping && _visits.IsEmpty && Core.Take(_options.MaxBatch) is { } batch)
            {
                if (batch.Snapshot is not null || !_journal.TryAppend(batch.Journal))
                {
                    _ = FinishAsync(batch);
                    return;
                }

                Core.Committed(batch);
            }
        }
#pragma warning disable CA1031 // The loop passes it on: there is one place where a group ends.
        catch (Exception error)
#pragma warning restore CA1031
        {
            FailHere(error);
            return;
        }

        Leave();
    }

    /// <summary>A batch that was taken on another thread and could not be written there.</summary>
    private async Task FinishAsync(Batch batch)
    {
        try
        {
            await CommitAsync(batch).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // As in WorkHere.
        catch (Exception error)
#pragma warning restore CA1031
        {
            FailHere(error);
            return;
        }

        Leave();
    }

    /// <summary>Nobody enters any more: the group ends in its loop.</summary>
    private void FailHere(Exception error)
    {
        _failedHere = error;
        Wake();
    }

    /// <summary>Somebody works for the group at this moment.</summary>
    internal bool IsBusy => Volatile.Read(ref _busy) != 0;

    private bool TryEnter() => Interlocked.CompareExchange(ref _busy, 1, 0) == 0;

    private void Leave()
    {
        Volatile.Write(ref _busy, 0);
        if (Core.HasWork || !_visits.IsEmpty || _stopping)
        {
            Wake();
        }
    }

    private async Task RunAsync()
    {
        try
        {
            while (!_stopping)
            {
                await _signal.Reader.ReadAsync().ConfigureAwait(false);
                ThrowWhatFailed();
                if (TryEnter())
                {
                    await WorkAsync().ConfigureAwait(false);
                    Leave();
                }
            }

            while (!TryEnter())
            {
                // Whoever works now wakes us when he leaves. From here on nobody else enters.
                await _signal.Reader.ReadAsync().ConfigureAwait(false);
                ThrowWhatFailed();
            }

            Core.Stop();
            await WorkAsync().ConfigureAwait(false);
            if (Core.Snapshot() is { } snapshot)
            {
                await _journal.SaveSnapshotAsync(snapshot).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // Whatever ends the loop ends this group, loudly, and no other.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Failure = error;
            if (error is JournalFailedException)
            {
                Core.JournalFailed(error.Message);
            }
            else
            {
                Core.JournalFailed($"What drives it failed with {error.GetType().Name}: {error.Message} Nothing more is sent for its accounts until a person restarts it. {error.StackTrace}", "runtime-failed");
            }
        }

        _ended = true;
        lock (_visits)
        {
            Receive(int.MaxValue);
        }
    }

    private async Task WorkAsync()
    {
        while (true)
        {
            // Visitors who are here now come after the batch that is taken now: it holds whatever they gave before.
            int visitors = _visits.Count;
            if (Core.Take(_options.MaxBatch) is not { } batch)
            {
                Receive(visitors);
                return;
            }

            await CommitAsync(batch).ConfigureAwait(false);
            Receive(visitors);
            if (_stopping)
            {
                // Under steady load there would always be one more event.
                Core.Stop();
            }
        }
    }

    private async Task CommitAsync(Batch batch)
    {
        if (!_journal.TryAppend(batch.Journal))
        {
            await _journal.AppendAsync(batch.Journal).ConfigureAwait(false);
        }

        Core.Committed(batch);
        if (batch.Snapshot is { } snapshot)
        {
            await _journal.SaveSnapshotAsync(snapshot).ConfigureAwait(false);
            Prune(snapshot.At - _options.Retention);
        }
    }

    private void ThrowWhatFailed()
    {
        if (_failedHere is { } failed)
        {
            ExceptionDispatchInfo.Throw(failed);
        }
    }

    private void Receive(int visitors)
    {
        for (int i = 0; i < visitors && _visits.TryDequeue(out var visit); i++)
        {
            visit();
        }
    }

    private void Prune(Timestamp olderThan)
    {
        if (_pruning.IsCompleted)
        {
            _pruning = PruneAsync(olderThan);
        }
    }

    private async Task PruneAsync(Timestamp olderThan)
    {
        try
        {
            await _journal.PruneAsync(olderThan).ConfigureAwait(false);
        }
        catch (JournalFailedException)
        {
            // The next append fails the same way, and says so.
        }
    }
}

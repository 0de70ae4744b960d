using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Storage;

namespace Lockstep.Runtime.Tests;

/// <summary>Work on the thread that brings the reports: together what came together, one at a time, and left to the loop where the disk is busy.</summary>
public class GroupTurnTests
{
    private static TimerFired Event(int n) => new(new TimerId(TimerKind.Retry, n));

    private static async Task<(Bench Bench, HereJournal Journal, GroupRunner Runner)> BeginAsync()
    {
        var bench = new Bench();
        var journal = new HereJournal(bench.Journal);
        var runner = new GroupRunner(bench.Core, journal, bench.Options);
        runner.Start(bench.Recovered, Bench.Settings);
        await runner.VisitAsync(_ => 0);
        SpinWait.SpinUntil(() => !runner.IsBusy);
        journal.Batches.Clear();
        return (bench, journal, runner);
    }

    [Fact]
    public async Task What_a_thread_brings_is_durable_and_done_when_its_turn_ends()
    {
        var (bench, journal, runner) = await BeginAsync();
        GroupTurn.Begin();
        bench.Core.Post(Event(1));
        bench.Core.Post(Event(2));
        Assert.Equal(1, bench.Journal.LastSeq);
        GroupTurn.End();
        Assert.Equal(3, bench.Journal.LastSeq);
        Assert.Equal([(2, Environment.CurrentManagedThreadId)], journal.Batches);
        await runner.StopAsync();
        Assert.Null(runner.Failure);
    }

    [Fact]
    public async Task Where_somebody_else_writes_the_loop_goes_on()
    {
        var (bench, journal, runner) = await BeginAsync();
        journal.Free = false;
        GroupTurn.Begin();
        bench.Core.Post(Event(1));
        GroupTurn.End();
        await runner.StopAsync();
        Assert.Equal(2, bench.Journal.LastSeq);
        Assert.Null(runner.Failure);
    }

    [Fact]
    public async Task A_journal_that_fails_here_ends_the_group_and_nobody_works_for_it_again()
    {
        var (bench, journal, runner) = await BeginAsync();
        journal.Fails = true;
        GroupTurn.Begin();
        bench.Core.Post(Event(1));
        GroupTurn.End();
        await runner.Completion;
        Assert.IsType<JournalFailedException>(runner.Failure);
        journal.Fails = false;
        GroupTurn.Begin();
        bench.Core.Post(Event(2));
        GroupTurn.End();
        Assert.Equal(1, bench.Journal.LastSeq);
    }

    [Fact]
    public async Task Many_threads_bring_and_visitors_come_and_nothing_is_lost_or_done_twice()
    {
        var (bench, journal, runner) = await BeginAsync();
        const int threads = 6, turns = 300;
        var work = Enumerable.Range(0, threads).Select(t => Task.Factory.StartNew(
            () =>
            {
                for (int i = 0; i < turns; i++)
                {
                    GroupTurn.Begin();
                    bench.Core.Post(Event((t * turns * 2) + i));
                    bench.Core.Post(Event((t * turns * 2) + turns + i));
                    GroupTurn.End();
                    journal.Free = i % 3 != 0;
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)).ToList();
        for (int i = 0; i < 100; i++)
        {
            await runner.VisitAsync(core => core.Engine.Seq);
        }

        await Task.WhenAll(work);
        await runner.StopAsync();
        Assert.Null(runner.Failure);
        Assert.Equal(1 + (threads * turns * 2), bench.Journal.LastSeq);
        Assert.False(journal.Overlapped);
    }

    /// <summary>A journal that can be written on the caller's thread, and sees whether two do it at once.</summary>
    private sealed class HereJournal(MemoryJournal inner) : IJournal
    {
        private int _inside;

        public volatile bool Free = true;

        public volatile bool Fails;

        public bool Overlapped { get; private set; }

        public List<(int Records, int Thread)> Batches { get; } = [];

        public string Group => inner.Group;

        public long LastSeq => inner.LastSeq;

        public IReadOnlyList<string> Warnings => inner.Warnings;

        public bool TryAppend(JournalBatch batch)
        {
            if (Fails)
            {
                throw new JournalFailedException("the disk is full");
            }

            if (!Free)
            {
                return false;
            }

            Overlapped |= Interlocked.Increment(ref _inside) != 1;
            Batches.Add((batch.Records.Count, Environment.CurrentManagedThreadId));
            inner.AppendAsync(batch).AsTask().GetAwaiter().GetResult();
            Interlocked.Decrement(ref _inside);
            return true;
        }

        public async ValueTask AppendAsync(JournalBatch batch)
        {
            await Task.Yield();
            Overlapped |= Interlocked.Increment(ref _inside) != 1;
            await inner.AppendAsync(batch);
            Interlocked.Decrement(ref _inside);
        }

        public IEnumerable<JournalRecord> ReadFrom(long seq) => inner.ReadFrom(seq);

        public ValueTask SaveSnapshotAsync(JournalSnapshot snapshot) => inner.SaveSnapshotAsync(snapshot);

        public JournalSnapshot? LoadSnapshot() => inner.LoadSnapshot();

        public ValueTask<long> PruneAsync(Timestamp olderThan) => inner.PruneAsync(olderThan);
    }
}

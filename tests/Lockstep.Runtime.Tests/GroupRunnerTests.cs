using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Storage;

namespace Lockstep.Runtime.Tests;

/// <summary>The group in the server: commits, visits, an orderly end, and an end when the journal fails.</summary>
public class GroupRunnerTests
{
    [Fact]
    public async Task It_commits_what_comes_and_ends_with_a_snapshot()
    {
        var bench = new Bench();
        await using var runner = new GroupRunner(bench.Core, bench.Journal, bench.Options);
        runner.Start(bench.Recovered, Bench.Settings);
        Assert.Equal(Bench.Settings.Accounts, await runner.VisitAsync(core => core.Engine.Settings.Accounts));
        Assert.True(await runner.ReconfigureAsync(Bench.Settings with { Links = [] }));
        await runner.StopAsync();
        Assert.Null(runner.Failure);
        Assert.Equal(2, bench.Journal.LastSeq);
        Assert.Equal(2, bench.Journal.LoadSnapshot()!.Seq);
        Assert.All(bench.Sessions, s => Assert.True(s.Stopped));
        Assert.False(bench.Core.Post(new Restarted()));
        Assert.Equal(2, await runner.VisitAsync(core => core.Engine.Seq));
    }

    [Fact]
    public async Task What_waits_at_the_end_is_still_decided_and_written()
    {
        var bench = new Bench();
        var gate = new GatedJournal(bench.Journal);
        var runner = new GroupRunner(bench.Core, gate, bench.Options);
        runner.Start(bench.Recovered, Bench.Settings);
        await gate.Reached;
        bench.Core.Post(new TimerFired(new TimerId(TimerKind.Retry, 1)));
        var stopping = runner.StopAsync();
        gate.Open();
        await stopping;
        Assert.Equal(2, bench.Journal.LastSeq);
    }

    [Fact]
    public async Task Events_that_come_while_the_disk_works_share_the_next_commit()
    {
        var bench = new Bench();
        var gate = new GatedJournal(bench.Journal);
        await using var runner = new GroupRunner(bench.Core, gate, bench.Options);
        runner.Start(bench.Recovered, Bench.Settings);
        await gate.Reached;
        for (int i = 0; i < 50; i++)
        {
            bench.Core.Post(new TimerFired(new TimerId(TimerKind.Retry, i)));
        }

        gate.Open();
        await runner.StopAsync();
        Assert.Equal([1, 50], gate.Batches);
    }

    [Fact]
    public async Task A_failed_journal_stops_the_group_and_nothing_undurable_is_carried_out()
    {
        var bench = new Bench();
        await using var runner = new GroupRunner(bench.Core, bench.Journal, bench.Options);
        runner.Start(bench.Recovered, Bench.Settings);
        foreach (var account in Bench.Settings.Accounts)
        {
            bench.Open(account);
            await runner.VisitAsync(_ => 0);
            bench.Answer(account);
            await runner.VisitAsync(_ => 0);
        }

        bench.Quote(1.1m, 1.1001m);
        bench.Journal.Fail("the disk is full");
        bench.Change(Bench.Source, bench.Position(1));
        await runner.Completion;
        Assert.Single(bench.Core.Engine.InFlight);
        Assert.IsType<JournalFailedException>(runner.Failure);
        Assert.All(bench.Sessions, s => Assert.Empty(s.Sent));
        Assert.Contains("the disk is full", Assert.Single(bench.Alerts, a => a.Alert.Code == "journal-failed").Alert.Text, StringComparison.Ordinal);
        Assert.Contains("the disk is full", Assert.Single(bench.Halts), StringComparison.Ordinal);
        Assert.False(bench.Core.Post(new Restarted()));
        Assert.All(bench.Sessions, s => Assert.True(s.Stopped));
    }

    [Fact]
    public async Task Whatever_else_breaks_stops_the_group_loudly()
    {
        var bench = new Bench { OnAnswer = _ => throw new InvalidOperationException("an observer must not throw") };
        await using var runner = new GroupRunner(bench.Core, bench.Journal, bench.Options);
        runner.Start(bench.Recovered, Bench.Settings);
        bench.Core.Post(new ClientRequested(new ClientClose { Account = Bench.Source, ClientId = "1", Position = new(1) }));
        await runner.Completion;
        Assert.Contains("an observer must not throw", Assert.Single(bench.Alerts, a => a.Alert.Code == "runtime-failed").Alert.Text, StringComparison.Ordinal);
        Assert.Single(bench.Halts);
    }

    [Fact]
    public async Task A_visitor_who_fails_fails_alone()
    {
        var bench = new Bench();
        await using var runner = new GroupRunner(bench.Core, bench.Journal, bench.Options);
        runner.Start(bench.Recovered, Bench.Settings);
        await Assert.ThrowsAsync<InvalidOperationException>(() => runner.VisitAsync<int>(_ => throw new InvalidOperationException()));
        Assert.Equal("g", await runner.VisitAsync(core => core.Group));
    }

    [Fact]
    public async Task Old_records_go_when_a_snapshot_was_kept()
    {
        var bench = new Bench(options: new RuntimeOptions { SnapshotEvery = 10, Retention = TimeSpan.Zero, MaxBatch = 10 });
        await using var runner = new GroupRunner(bench.Core, bench.Journal, bench.Options);
        runner.Start(bench.Recovered, Bench.Settings);
        for (int i = 0; i < 100; i++)
        {
            bench.Time.Advance(TimeSpan.FromSeconds(1));
            bench.Core.Post(new TimerFired(new TimerId(TimerKind.Retry, i)));
            await runner.VisitAsync(_ => 0);
        }

        await runner.StopAsync();
        Assert.True(bench.Journal.ReadFrom(1).First().Seq > 50);
        Assert.Equal(101, (await Recovery.RunAsync(bench.Journal)).Engine.Seq);
    }

    /// <summary>A journal whose first commit takes as long as the test wants.</summary>
    private sealed class GatedJournal(MemoryJournal inner) : IJournal
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task;

        public List<int> Batches { get; } = [];

        public string Group => inner.Group;

        public long LastSeq => inner.LastSeq;

        public IReadOnlyList<string> Warnings => inner.Warnings;

        public void Open() => _open.SetResult();

        public async ValueTask AppendAsync(JournalBatch batch)
        {
            Batches.Add(batch.Records.Count);
            _reached.TrySetResult();
            await _open.Task;
            await inner.AppendAsync(batch);
        }

        public IEnumerable<JournalRecord> ReadFrom(long seq) => inner.ReadFrom(seq);

        public ValueTask SaveSnapshotAsync(JournalSnapshot snapshot) => inner.SaveSnapshotAsync(snapshot);

        public JournalSnapshot? LoadSnapshot() => inner.LoadSnapshot();

        public ValueTask<long> PruneAsync(Timestamp olderThan) => inner.PruneAsync(olderThan);
    }
}

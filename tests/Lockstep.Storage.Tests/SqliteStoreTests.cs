using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Storage.Sqlite;

namespace Lockstep.Storage.Tests;

/// <summary>What the embedded store keeps.</summary>
public sealed class SqliteStoreTests : IDisposable
{
    private readonly DataFolder _folder = DataFolder.New();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Records_come_back_after_a_restart()
    {
        using (var store = _folder.Open())
        {
            await store.Journal("g").AppendAsync(Records.Batch(1, 3).Records);
            await store.Journal("other").AppendAsync(Records.Batch(1, 1));
            await store.Journal("g").AppendAsync(Records.Batch(4, 4));
        }

        using (var store = _folder.Open())
        {
            Assert.Equal(["g", "other"], store.Groups);
            var journal = store.Journal("g");
            Assert.Equal((4, 1), (journal.LastSeq, store.Journal("other").LastSeq));
            Assert.Equal([3L, 4], journal.ReadFrom(3).Select(r => r.Seq));
            var first = journal.ReadFrom(1).First();
            Assert.Equal((Records.TimeOf(1), 1), (first.At, first.Version));
            Assert.Equal(new TimerFired(new TimerId(TimerKind.Retry, 7)), JournalCodec.DecodeEvent(first).Event);
            Assert.Empty(journal.Warnings);
            Assert.Same(journal, store.Journal("g"));
        }
    }

    [Fact]
    public async Task Old_events_go_from_the_beginning_up_to_the_first_that_is_young_or_that_somebody_still_reads()
    {
        using (var store = _folder.Open())
        {
            // The third is older than the one before it: groups have clocks of their own.
            long[] moments = [10, 20, 5, 40, 50];
            for (int i = 0; i < moments.Length; i++)
            {
                await store.Journal("g").AppendAsync(Records.Batch(i + 1, i + 1) with { Events = [new EventRow("g", i + 1, 0, new Timestamp(moments[i]), null, null, new SessionNoted(true, true, i, ""))] });
            }

            await store.SaveCursorAsync("reader", 1);
            Assert.Equal(1, await store.PruneEventsAsync(new Timestamp(45)));
            Assert.Equal((2L, 5L), (store.FirstEvent, store.LastEvent));
            await store.DeleteCursorAsync("reader");
            Assert.Equal(0, await store.PruneEventsAsync(new Timestamp(15)));
            Assert.Equal(3, await store.PruneEventsAsync(new Timestamp(1000)));
        }

        using (var store = _folder.Open())
        {
            Assert.Equal((5L, 5L), (store.FirstEvent, store.LastEvent));
            Assert.Equal(4, Assert.IsType<SessionNoted>(Assert.Single(store.Events(new EventQuery())).Body).Epoch);
        }
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_crash()
    {
        using var store = _folder.Open();
        await store.Journal("g").AppendAsync(Records.Batch(1, 100));
        using var crashed = _folder.CopyAsAfterCrash();
        using var after = crashed.Open();
        Assert.Equal(100, after.Journal("g").ReadFrom(1).Count());
    }

    [Fact]
    public async Task An_alert_of_the_server_stands_among_the_others_and_takes_its_place_in_the_order_of_events()
    {
        var about = new AlertRaised(AlertLevel.Warning, "disk-full", null, null, "the disk is nearly full");
        using (var store = _folder.Open())
        {
            var (first, told) = await store.RaiseAsync(Records.TimeOf(5), about);
            Assert.Equal((1, 1L, 0), (told.Id, told.Seq, told.Index));
            Assert.Equal(IAlertLog.ServerGroup, first.Group);
            Assert.Equal(2, (await store.RaiseAsync(Records.TimeOf(6), about with { Account = new AccountId("prop") })).Event.Id);
        }

        using (var store = _folder.Open())
        {
            Assert.Empty(store.Groups);
            Assert.Equal(2, store.LastEvent);
            Assert.Equal([new AlertRow(IAlertLog.ServerGroup, 2, Records.TimeOf(6), about with { Account = new AccountId("prop") }), new AlertRow(IAlertLog.ServerGroup, 1, Records.TimeOf(5), about)], store.Alerts(new AlertQuery()).Select(a => a.Row));
            Assert.Equal([(1L, IAlertLog.ServerGroup, "alert"), (2L, IAlertLog.ServerGroup, "alert")], store.Events(new EventQuery()).Select(e => (e.Id, e.Group, e.Kind)));
            Assert.Single(store.Events(new EventQuery { Accounts = [new AccountId("prop")] }));

            // Who keeps a cursor is seen to be behind.
            await store.SaveCursorAsync("amqp", 1);
            await store.SaveCursorAsync("zz", 2);
            Assert.Equal([new EventReader("amqp", 1, Records.TimeOf(6)), new EventReader("zz", 2, null)], store.Readers());
        }
    }

    [Fact]
    public async Task Each_commit_is_measured()
    {
        List<long> sizes = [];
        using (var store = SqliteStore.Open(_folder.Path, new SqliteOptions
        {
            Committed = (took, bytes) =>
        {
            Assert.True(took > TimeSpan.Zero);
            sizes.Add(bytes);
        }
        }))
        {
            await store.Journal("g").AppendAsync(Records.Batch(1, 3).Records);
            Assert.Equal(store.Commits, sizes.Count);
        }

        Assert.Contains(sizes, s => s > 50);
    }

    [Fact]
    public async Task Who_comes_alone_writes_on_his_own_thread_and_all_that_come_together_share()
    {
        using (var store = _folder.Open())
        {
            Assert.True(store.Journal("here").TryAppend(Records.Batch(1, 1)));
            Assert.Equal(1, store.Journal("here").LastSeq);
            long before = store.Commits;
            int here = 0;
            await Task.WhenAll(Enumerable.Range(0, 8).Select(t => Task.Run(async () =>
            {
                var journal = store.Journal($"g{t}");
                for (int i = 1; i <= 50; i++)
                {
                    var batch = Records.Batch(i, i);
                    if (journal.TryAppend(batch))
                    {
                        Interlocked.Increment(ref here);
                    }
                    else
                    {
                        await journal.AppendAsync(batch);
                    }
                }
            })));
            Assert.InRange(store.Commits - before, here, 400);
        }

        using (var store = _folder.Open())
        {
            Assert.All(Enumerable.Range(0, 8), t => Assert.Equal(Enumerable.Range(1, 50).Select(i => (long)i), store.Journal($"g{t}").ReadFrom(1).Select(r => r.Seq)));
        }
    }

    [Fact]
    public async Task A_commit_that_was_cut_off_is_not_there_and_everything_before_it_is()
    {
        using var store = _folder.Open();
        await store.Journal("g").AppendAsync(Records.Batch(1, 100));
        await store.Journal("g").AppendAsync(Records.Batch(101, 200));
        using var crashed = _folder.CopyAsAfterCrash(cutFromLog: 100);
        using var after = crashed.Open();
        Assert.Equal(100, after.Journal("g").LastSeq);
        Assert.Equal(100, after.Journal("g").ReadFrom(1).Count());
        await after.Journal("g").AppendAsync(Records.Batch(101, 101));
    }

    [Fact]
    public async Task Appends_that_wait_together_share_a_commit()
    {
        using var store = _folder.Open();
        var journals = Enumerable.Range(0, 20).Select(i => store.Journal($"group {i}")).ToList();
        long before = store.Commits;
        using var release = new ManualResetEventSlim();
        var held = store.Writer.Write(_ => release.Wait());
        var appends = journals.SelectMany(journal => Enumerable.Range(1, 10).Select(seq => journal.AppendAsync(Records.Batch(seq, seq)).AsTask())).ToList();
        Assert.All(appends, append => Assert.False(append.IsCompleted));
        release.Set();
        await held;
        await Task.WhenAll(appends);
        Assert.InRange(store.Commits - before, 1, 3);
        Assert.All(journals, journal => Assert.Equal(10, journal.ReadFrom(1).Count()));
    }

    [Fact]
    public async Task Numbers_have_no_gaps()
    {
        using var store = _folder.Open();
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.Journal("g").AppendAsync(Records.Batch(2, 2)));
        await store.Journal("g").AppendAsync(Records.Batch(1, 1));
    }

    [Fact]
    public async Task Two_snapshots_are_kept_and_the_older_serves_when_the_newer_is_damaged()
    {
        using (var store = _folder.Open())
        {
            var journal = store.Journal("g");
            Assert.Null(journal.LoadSnapshot());
            await journal.AppendAsync(Records.Batch(1, 9));
            foreach (long seq in new long[] { 3, 6, 9 })
            {
                await journal.SaveSnapshotAsync(Records.Snapshot(seq));
            }

            var latest = journal.LoadSnapshot()!;
            Assert.Equal((9, Records.TimeOf(9), 1), (latest.Seq, latest.At, latest.Version));
            Assert.Equal(9, JournalCodec.DecodeCapture(latest.Version, latest.State.Span).Seq);
        }

        _folder.Sql("UPDATE snapshots SET state = zeroblob(10) WHERE seq = 9");
        using (var store = _folder.Open())
        {
            Assert.Equal(6, store.Journal("g").LoadSnapshot()!.Seq);
            Assert.Contains("after record 9", Assert.Single(store.Journal("g").Warnings), StringComparison.Ordinal);
        }

        _folder.Sql("UPDATE snapshots SET state = zeroblob(10)");
        using (var store = _folder.Open())
        {
            Assert.Null(store.Journal("g").LoadSnapshot());
        }
    }

    [Fact]
    public async Task Pruning_removes_what_is_old_and_not_needed()
    {
        using var store = _folder.Open();
        var journal = store.Journal("g");
        await journal.AppendAsync(Records.Batch(1, 5000));
        await store.Journal("other").AppendAsync(Records.Batch(1, 10));
        await journal.SaveSnapshotAsync(Records.Snapshot(4500));
        Assert.Equal(0, await journal.PruneAsync(new(long.MaxValue)));
        await journal.SaveSnapshotAsync(Records.Snapshot(4800));
        Assert.Equal(3999, await journal.PruneAsync(Records.TimeOf(4000)));
        Assert.Equal(501, await journal.PruneAsync(new(long.MaxValue)));
        Assert.Equal(4501, journal.ReadFrom(4501).First().Seq);
        Assert.Equal(500, journal.ReadFrom(4501).Count());
        Assert.Equal(10, store.Journal("other").ReadFrom(1).Count());
        Assert.Equal(1, Assert.Throws<JournalDamagedException>(() => journal.ReadFrom(1).Count()).Seq);
    }

    [Fact]
    public async Task Why_rows_and_alerts_are_found()
    {
        using var store = _folder.Open();
        await store.Journal("g").AppendAsync(new JournalBatch
        {
            Records = Records.Batch(1, 3).Records,
            Why = [Records.Why("g", 1, "x", "a", "b"), Records.Why("g", 2, "y", "b", "c"), Records.Why("g", 3, "x", "a", "b")],
            Alerts = [Records.Alert("g", 1, AlertLevel.Info, null), Records.Alert("g", 2, AlertLevel.Critical, "b")],
        });
        Assert.Equal([3L, 2, 1], store.Why(new WhyQuery()).Select(w => w.Row.Seq));
        Assert.Equal([3L, 1], store.Why(new WhyQuery { Link = new LinkId("x") }).Select(w => w.Row.Seq));
        Assert.Equal([2L], store.Why(new WhyQuery { Account = new AccountId("c") }).Select(w => w.Row.Seq));
        Assert.Equal([3L, 2, 1], store.Why(new WhyQuery { Account = new AccountId("b") }).Select(w => w.Row.Seq));
        var latest = Assert.Single(store.Why(new WhyQuery { Limit = 1 }));
        Assert.Equal(Records.Why("g", 3, "x", "a", "b"), latest.Row);
        Assert.Equal([2L, 1], store.Why(new WhyQuery { Before = latest.Id }).Select(w => w.Row.Seq));
        Assert.Equal([2L, 1], store.Alerts(new AlertQuery()).Select(a => a.Row.Seq));
        Assert.Equal(Records.Alert("g", 2, AlertLevel.Critical, "b"), Assert.Single(store.Alerts(new AlertQuery { AtLeast = AlertLevel.Warning })).Row);
        Assert.Equal([2L], store.Alerts(new AlertQuery { Account = new AccountId("b") }).Select(a => a.Row.Seq));
    }

    [Fact]
    public async Task Paper_books_come_back()
    {
        var account = new AccountId("paper");
        using (var store = _folder.Open())
        {
            Assert.Null(store.LoadPaper(account));
            await store.SavePaperAsync(new PaperSave(account, "one"u8.ToArray(), 0, ["h1"u8.ToArray(), "h2"u8.ToArray()]));
            await store.SavePaperAsync(new PaperSave(account, "two"u8.ToArray(), 2, ["h3"u8.ToArray()]));
            await store.SavePaperAsync(new PaperSave(account, "two"u8.ToArray(), 2, ["h3"u8.ToArray()]));
            await store.SavePaperAsync(new PaperSave(new AccountId("else"), "x"u8.ToArray(), 0, []));
        }

        using (var store = _folder.Open())
        {
            var state = store.LoadPaper(account)!;
            Assert.Equal("two"u8.ToArray(), state.State.ToArray());
            Assert.Equal(["h1"u8.ToArray(), "h2"u8.ToArray(), "h3"u8.ToArray()], state.History.Select(h => h.ToArray()));
        }

        _folder.Sql("UPDATE paper SET state = CAST('twO' AS BLOB) WHERE account = 'paper'");
        using (var store = _folder.Open())
        {
            Assert.Contains("paper account paper", Assert.Throws<JournalDamagedException>(() => store.LoadPaper(account)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_library_is_the_systems_where_there_is_one()
    {
        using var store = _folder.Open();
        Assert.Matches(@"^\d+\.\d+\.\d+$", store.Library.Version);
        if (store.Library.Warning is { } warning)
        {
            Assert.Contains(warning, store.Warnings);
            Assert.Contains("bundled", store.Library.Library, StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains("sqlite3", store.Library.Library, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Every_commit_is_synced()
    {
        using var store = _folder.Open();
        long level = 0;
        await store.Writer.Write(statements => level = statements.Connection.Scalar("PRAGMA synchronous"));
        Assert.Equal(2, level);
    }
}

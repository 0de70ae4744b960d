namespace Lockstep.Storage.Tests;

/// <summary>The journal of the simulation loses what a disk would lose, and nothing else.</summary>
public class MemoryJournalTests
{
    [Fact]
    public void What_is_synced_survives_a_crash_and_the_rest_does_not()
    {
        var journal = new MemoryJournal("g");
        journal.Append(Records.Batch(1, 3));
        journal.Sync();
        journal.Append(Records.Batch(4, 5));
        Assert.Equal((5, 3), (journal.LastSeq, journal.DurableSeq));
        journal.Crash();
        Assert.Equal((3, 3), (journal.LastSeq, journal.DurableSeq));
        Assert.Equal([1L, 2, 3], journal.ReadFrom(1).Select(r => r.Seq));
        Assert.Empty(journal.Warnings);
    }

    [Fact]
    public void A_torn_tail_is_cut_wherever_it_was_torn()
    {
        var probe = new MemoryJournal("g");
        probe.Append(Records.Batch(1, 1));
        int one = (int)probe.Length;
        for (int torn = 0; torn <= 2 * one; torn++)
        {
            var journal = new MemoryJournal("g");
            journal.Append(Records.Batch(1, 1));
            journal.Sync();
            journal.Append(Records.Batch(2, 3));
            journal.Crash(torn);
            Assert.Equal(1 + (torn / one), journal.LastSeq);
            Assert.Equal(torn % one == 0 ? 0 : 1, journal.Warnings.Count);
            journal.Append(Records.Batch(journal.LastSeq + 1, journal.LastSeq + 1));
            journal.Sync();
            Assert.Equal(journal.LastSeq, journal.ReadFrom(1).Count());
        }
    }

    [Fact]
    public void Damage_in_what_was_acknowledged_refuses_and_names_the_record()
    {
        var journal = new MemoryJournal("g");
        journal.Append(Records.Batch(1, 1));
        long second = journal.Length;
        journal.Append(Records.Batch(2, 3));
        journal.Sync();
        journal.FlipBit(second + 20, 3);
        Assert.Equal(2, Assert.Throws<JournalDamagedException>(() => journal.ReadFrom(1).Count()).Seq);
        Assert.Equal(2, Assert.Throws<JournalDamagedException>(() => journal.Crash()).Seq);
    }

    [Fact]
    public void Numbers_have_no_gaps()
    {
        var journal = new MemoryJournal("g");
        Assert.Throws<ArgumentException>(() => journal.Append(Records.Batch(2, 2)));
    }

    [Fact]
    public async Task A_failed_journal_takes_nothing_more()
    {
        var journal = new MemoryJournal("g");
        journal.Fail("the disk is full");
        Assert.Contains("the disk is full", (await Assert.ThrowsAsync<JournalFailedException>(async () => await journal.AppendAsync(Records.Batch(1, 1)))).Message, StringComparison.Ordinal);
        Assert.Equal(0, journal.LastSeq);
    }

    [Fact]
    public async Task Snapshots_outlive_a_crash_only_with_their_records()
    {
        var journal = new MemoryJournal("g");
        await journal.AppendAsync(Records.Batch(1, 2));
        await journal.SaveSnapshotAsync(Records.Snapshot(2));
        journal.Append(Records.Batch(3, 4));
        await journal.SaveSnapshotAsync(Records.Snapshot(4));
        journal.Crash();
        Assert.Equal(2, journal.LoadSnapshot()!.Seq);
    }

    [Fact]
    public async Task Pruning_keeps_what_the_older_snapshot_needs()
    {
        var journal = new MemoryJournal("g");
        await journal.AppendAsync(Records.Batch(1, 10));
        Assert.Equal(0, await journal.PruneAsync(new(long.MaxValue)));
        await journal.SaveSnapshotAsync(Records.Snapshot(4));
        await journal.SaveSnapshotAsync(Records.Snapshot(8));
        Assert.Equal(2, await journal.PruneAsync(Records.TimeOf(3)));
        Assert.Equal(2, await journal.PruneAsync(new(long.MaxValue)));
        Assert.Equal([5L, 6, 7, 8, 9, 10], journal.ReadFrom(1).Select(r => r.Seq));
        await journal.AppendAsync(Records.Batch(11, 11));
        journal.Crash();
        Assert.Equal([9L, 10, 11], journal.ReadFrom(9).Select(r => r.Seq));
    }
}

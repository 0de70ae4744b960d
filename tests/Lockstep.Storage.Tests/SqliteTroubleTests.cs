using Lockstep.Storage.Sqlite;
using Lockstep.Testing;

namespace Lockstep.Storage.Tests;

/// <summary>What happens when disk, folder or file are not as they should be: each has a stated end.</summary>
public sealed class SqliteTroubleTests : IDisposable
{
    private readonly DataFolder _folder = DataFolder.New();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_database_that_cannot_grow_stops_the_store_and_nothing_was_acknowledged_that_is_not_there()
    {
        using (var store = _folder.Open(maxPages: 60))
        {
            await FillUntilItFails(store);
        }

        using var after = _folder.Open();
        Assert.Equal(_acknowledged, after.Journal("g").LastSeq);
        Assert.Equal(_acknowledged, after.Journal("g").ReadFrom(1).Count());
        await after.Journal("g").AppendAsync(Records.Batch(_acknowledged + 1, _acknowledged + 1));
    }

    [FactNeeding("linux", "root", "mount")]
    public async Task Case16_A_full_disk_stops_the_store_and_nothing_was_acknowledged_that_is_not_there()
    {
        using var folder = DataFolder.OnTmpfs("1m");
        using (var store = folder.Open())
        {
            await FillUntilItFails(store);
        }

        DataFolder.Run("mount", "-o", "remount,size=8m", folder.Path);
        using var after = folder.Open();
        Assert.InRange(after.Journal("g").LastSeq, _acknowledged, _acknowledged + 20);
        Assert.Equal(after.Journal("g").LastSeq, after.Journal("g").ReadFrom(1).Count());
    }

    [FactNeeding("linux", "root", "mount")]
    public void A_read_only_disk_refuses_to_start()
    {
        using var folder = DataFolder.OnTmpfs("8m");
        folder.Open().Dispose();
        DataFolder.Run("mount", "-o", "remount,ro", folder.Path);
        string message = Assert.Throws<DataFolderException>(() => folder.Open()).Message;
        Assert.Contains(folder.Path, message, StringComparison.Ordinal);
        Assert.Contains("cannot be written", message, StringComparison.Ordinal);
        Assert.Contains("Make the folder writable", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_refuses_to_start()
    {
        string file = Path.Combine(_folder.Path, "file");
        File.WriteAllText(file, "");
        Assert.Contains("cannot be written", Assert.Throws<DataFolderException>(() => SqliteStore.Open(Path.Combine(file, "data"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_process_is_refused_and_told_who_has_the_folder()
    {
        using (_folder.Open())
        {
            string message = Assert.Throws<DataFolderException>(() => _folder.Open()).Message;
            Assert.Contains($"process {Environment.ProcessId}", message, StringComparison.Ordinal);
        }

        _folder.Open().Dispose();
    }

    [Fact]
    public void A_lock_file_that_was_left_behind_does_not_matter()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "lockstep.lock"), "");
        File.WriteAllText(Path.Combine(_folder.Path, "lockstep.pid"), "1");
        _folder.Open().Dispose();
    }

    [Theory]
    [InlineData("substr(record, 1, length(record) - 3)")]
    [InlineData("CAST(substr(record, 1, 40) || 'x' || substr(record, 42) AS BLOB)")]
    [InlineData("zeroblob(length(record))")]
    [InlineData("x''")]
    public async Task Case17_A_damaged_tail_that_nobody_was_told_of_is_cut_with_a_warning(string damage)
    {
        using var crashed = await CrashedWithTwoCommits();
        crashed.Sql($"UPDATE journal SET record = {damage} WHERE id & 0xFFFFFFFFFFF = 6");
        using (var store = crashed.Open())
        {
            var journal = store.Journal("g");
            Assert.Equal(5, journal.LastSeq);
            Assert.Contains("from record 6 to 6 was damaged and is cut", Assert.Single(journal.Warnings), StringComparison.Ordinal);
            Assert.Equal(5, journal.ReadFrom(1).Count());
            await journal.AppendAsync(Records.Batch(6, 6));
        }

        using (var store = crashed.Open())
        {
            Assert.Equal(6, store.Journal("g").ReadFrom(1).Count());
            Assert.Empty(store.Journal("g").Warnings);
        }
    }

    [Fact]
    public async Task Of_a_damaged_last_commit_the_intact_beginning_stays()
    {
        using var crashed = await CrashedWithTwoCommits();
        crashed.Sql("UPDATE journal SET record = x'00' WHERE id & 0xFFFFFFFFFFF = 5");
        using var store = crashed.Open();
        Assert.Equal(4, store.Journal("g").LastSeq);
        Assert.Null(store.Journal("g").LoadSnapshot());
    }

    [Fact]
    public async Task Case17_Damage_before_the_tail_refuses_and_names_the_record()
    {
        using var crashed = await CrashedWithTwoCommits();
        crashed.Sql("UPDATE journal SET record = x'00' WHERE id & 0xFFFFFFFFFFF = 2");
        using var store = crashed.Open();
        var error = Assert.Throws<JournalDamagedException>(() => store.Journal("g").ReadFrom(1).Count());
        Assert.Equal(2, error.Seq);
        Assert.Contains("group g: record 2", error.Message, StringComparison.Ordinal);
        Assert.Contains("backup", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_that_is_gone_refuses_and_names_the_record()
    {
        using var crashed = await CrashedWithTwoCommits();
        crashed.Sql("DELETE FROM journal WHERE id & 0xFFFFFFFFFFF = 3");
        using var store = crashed.Open();
        Assert.Equal(3, Assert.Throws<JournalDamagedException>(() => store.Journal("g").ReadFrom(1).Count()).Seq);
    }

    [Fact]
    public async Task After_an_orderly_end_even_the_last_record_was_acted_on()
    {
        using (var store = _folder.Open())
        {
            await store.Journal("g").AppendAsync(Records.Batch(1, 3));
        }

        _folder.Sql("UPDATE journal SET record = x'00' WHERE id & 0xFFFFFFFFFFF = 3");
        using var after = _folder.Open();
        Assert.Equal(3, Assert.Throws<JournalDamagedException>(() => after.Journal("g")).Seq);
    }

    [Fact]
    public void A_database_of_a_newer_version_is_refused()
    {
        _folder.Open().Dispose();
        _folder.Sql("INSERT INTO schema_version VALUES (99, 'tomorrow')");
        string message = Assert.Throws<DataFolderException>(() => _folder.Open()).Message;
        Assert.Contains("newer lockstep", message, StringComparison.Ordinal);
        Assert.Contains("99", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused()
    {
        File.WriteAllText(_folder.Database, new string('x', 5000));
        Assert.Contains("lockstep.db cannot be opened", Assert.Throws<DataFolderException>(() => _folder.Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_closed_store_takes_nothing()
    {
        var store = _folder.Open();
        var journal = store.Journal("g");
        store.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await journal.AppendAsync(Records.Batch(1, 1)));
    }

    private long _acknowledged;

    private async Task FillUntilItFails(SqliteStore store)
    {
        JournalFailedException? told = null;
        store.Failed += failure => told = failure;
        var journal = store.Journal("g");
        var failure = await Assert.ThrowsAsync<JournalFailedException>(async () =>
        {
            while (true)
            {
                await journal.AppendAsync(Records.Batch(_acknowledged + 1, _acknowledged + 20));
                _acknowledged += 20;
            }
        });
        Assert.True(_acknowledged > 0);
        Assert.Contains("is full: make room", failure.Message, StringComparison.Ordinal);
        Assert.Contains(store.Folder, failure.Message, StringComparison.Ordinal);
        Assert.Same(failure, store.Failure);
        Assert.Same(failure, told);

        // Even what would fit is refused now, for every group.
        Assert.Same(failure, await Assert.ThrowsAsync<JournalFailedException>(async () => await store.SavePaperAsync(new PaperSave(new("a"), new byte[] { 1 }, 0, []))));
        Assert.Throws<JournalFailedException>(() => store.Journal("other"));
    }

    private async Task<DataFolder> CrashedWithTwoCommits()
    {
        using var store = _folder.Open();
        await store.Journal("g").AppendAsync(Records.Batch(1, 4));
        await store.Journal("g").AppendAsync(Records.Batch(5, 6));
        await store.Journal("g").SaveSnapshotAsync(Records.Snapshot(6));
        return _folder.CopyAsAfterCrash();
    }
}

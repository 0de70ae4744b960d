using Lockstep.Domain;

namespace Lockstep.Storage.Tests;

/// <summary>Who did what, and answers that are given again: what the store keeps of them. Keys are looked at through the ring that uses them.</summary>
public sealed class SqliteSecurityTests : IDisposable
{
    private readonly DataFolder _folder = DataFolder.New();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Audit_rows_are_found_by_what_they_say()
    {
        using var store = _folder.Open();
        var full = new AuditRow
        {
            At = new Timestamp(1), Key = "k1", Name = "bot", Address = "10.0.0.1", Operation = "placeOrder", Target = "POST /v1/accounts/prop/orders", Account = new AccountId("prop"), Status = 200,
            Problem = "", Correlation = "c", Changes = "{\"volume\":1}",
        };
        await store.AuditAsync(full, full with { At = new Timestamp(2), Key = "k2", Account = null, Operation = "createKey" }, full with { At = new Timestamp(3), Status = 401, Problem = "unauthorized" });
        Assert.Equal(full with { Id = 1 }, store.Audit(new AuditQuery { To = new Timestamp(2) }).Single());
        Assert.Equal([3L, 2, 1], Ids(new AuditQuery()));
        Assert.Equal([3L, 1], Ids(new AuditQuery { Key = "k1" }));
        Assert.Equal([3L, 1], Ids(new AuditQuery { Account = new AccountId("prop") }));
        Assert.Equal([2L], Ids(new AuditQuery { Operation = "createKey" }));
        Assert.Equal([3L], Ids(new AuditQuery { Refused = true }));
        Assert.Equal([2L, 1], Ids(new AuditQuery { Refused = false }));
        Assert.Equal([3L], Ids(new AuditQuery { From = new Timestamp(3) }));
        Assert.Equal([2L], Ids(new AuditQuery { Before = 3, Limit = 1 }));
        Assert.Equal(2, await store.PruneAuditAsync(new Timestamp(3)));
        Assert.Equal([3L], Ids(new AuditQuery()));

        long[] Ids(AuditQuery query) => [.. store.Audit(query).Select(r => r.Id)];
    }

    [Fact]
    public async Task An_answer_is_given_again_after_a_crash()
    {
        using (var store = _folder.Open())
        {
            await store.SaveOnceAsync(Row(1, 10, null));
            await store.SaveOnceAsync(Row(2, 20, null));
            await store.SaveOnceAsync(Row(2, 20, [7, 8]));
            Assert.Null(store.Once(new byte[] { 1 })!.Answer);
            using var crashed = _folder.CopyAsAfterCrash();
            using var after = crashed.Open();
            var row = after.Once(new byte[] { 2 })!;
            Assert.Equal([2, 2], row.Asked.ToArray());
            Assert.Equal([7, 8], row.Answer!.Value.ToArray());
            Assert.Equal(new Timestamp(20), row.At);
            Assert.Null(after.Once(new byte[] { 9 }));
            await after.DeleteOnceAsync(new byte[] { 2 });
            Assert.Null(after.Once(new byte[] { 2 }));
        }
    }

    [Fact]
    public async Task Old_answers_go_and_the_oldest_of_too_many()
    {
        using var store = _folder.Open();
        for (byte i = 0; i < 10; i++)
        {
            await store.SaveOnceAsync(Row(i, i, [i]));
        }

        Assert.Equal(3, await store.PruneOnceAsync(new Timestamp(3), 100));
        Assert.Equal(5, await store.PruneOnceAsync(new Timestamp(3), 2));
        Assert.Equal([8, 9], Enumerable.Range(0, 10).Where(i => store.Once(new[] { (byte)i }) is not null));
    }

    private static OnceRow Row(byte id, long at, byte[]? answer) => new(new[] { id }, new[] { id, id }, new Timestamp(at), answer is null ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>(answer));
}

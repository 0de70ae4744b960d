using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Storage;

namespace Lockstep.Runtime.Tests;

/// <summary>Which accounts share a group, what it is called, and that it keeps its history.</summary>
public class GroupPartitionTests
{
    [Theory]
    [InlineData("a b c", "", "a[a] b[b] c[c]")]
    [InlineData("a b c d", "c>b d>c", "a[a] b[b c d]")]
    [InlineData("d c b a", "a>b c>d", "a[a b] c[c d]")]
    [InlineData("a b", "a>b b>a", "a[a b]")]
    [InlineData("a b", "a>nobody", "a[a] b[b]")]
    public void Accounts_that_links_tie_are_one_group(string accounts, string links, string groups) => Assert.Equal(groups, Text(GroupPartition.Of(Settings(accounts, links))));

    [Theory]
    [InlineData("a b", "", "a=a b=a", "a[a b]")]
    [InlineData("0 a b", "0>a", "a=a b=a", "a[0 a b]")]
    [InlineData("a b c", "c>b", "a=a b=b", "a[a] b[b c]")]
    [InlineData("b", "", "a=a b=a", "a[b]")]
    [InlineData("a b", "", "b=a", "a[b] a~2[a]")]
    public void What_was_together_stays_together_under_its_name(string accounts, string links, string before, string groups)
    {
        var partition = GroupPartition.Of(Settings(accounts, links), before.Split(' ').Select(p => p.Split('=')).ToDictionary(p => new AccountId(p[0]), p => p[1]));
        Assert.Empty(partition.Conflicts);
        Assert.Equal(groups, Text(partition));
    }

    [Theory]
    [InlineData("a b", "a>b")]
    [InlineData("a b n", "a>n n>b")]
    [InlineData("a b n", "n>a n>b")]
    public void Two_histories_cannot_become_one(string accounts, string links)
    {
        var partition = GroupPartition.Of(Settings(accounts, links), new Dictionary<AccountId, string> { [new("a")] = "a", [new("b")] = "b" });
        string conflict = Assert.Single(partition.Conflicts);
        Assert.Contains("(a; b)", conflict, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_is_opened_along_its_groups()
    {
        var store = new MemoryStore();
        await Run(store, Settings("a b c", "b>c"));
        Assert.Equal(["a", "b"], ((IJournalStore)store).Groups);
        var open = await GroupOpening.OpenAsync(store, Settings("a b c d", "d>c"));
        Assert.Equal(["a", "b"], open.Select(g => g.Plan.Name));
        Assert.Equal([false, false], open.Select(g => g.Recovered.Fresh));
        Assert.Equal(["b", "c", "d"], open[1].Plan.Settings.Accounts.Select(a => a.Value));
    }

    [Fact]
    public async Task A_store_with_two_groups_that_had_links_refuses_to_tie_them()
    {
        var store = new MemoryStore();
        await Run(store, Settings("a b c d", "a>d b>c"));
        Assert.Contains("link a-b", (await Assert.ThrowsAsync<RecoveryException>(() => GroupOpening.OpenAsync(store, Settings("a b c d", "a>b a>d b>c")))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a b", "a>b", "a=a b=b", "a b", "a[a b]")]
    [InlineData("a b", "a>b", "a=a b=b", "a", "b[a b]")]
    [InlineData("a b c", "a>c", "a=a b=b c=c", "a b c", "a[a c] b[b]")]
    [InlineData("a b", "", "a=a b=b", "a b", "a[a] b[b]")]
    public void A_group_that_never_had_a_link_gives_its_accounts_away(string accounts, string links, string before, string untied, string groups)
    {
        var partition = GroupPartition.Of(
            Settings(accounts, links), before.Split(' ').Select(p => p.Split('=')).ToDictionary(p => new AccountId(p[0]), p => p[1]), untied.Split(' ').ToHashSet());
        Assert.Empty(partition.Conflicts);
        Assert.Equal(groups, Text(partition));
    }

    [Fact]
    public async Task An_account_that_joined_another_group_stays_there_and_its_sessions_are_numbered_on()
    {
        var store = new MemoryStore();
        await Run(store, Settings("a b", ""));
        var first = await GroupOpening.OpenAsync(store, Settings("a b", "a>b"));
        Assert.Equal("a", Assert.Single(first).Plan.Name);
        await Run(store, Settings("a b", "a>b"));
        var again = await GroupOpening.OpenAsync(store, Settings("a b", ""));
        var open = Assert.Single(again);
        Assert.Equal(["a", "b"], open.Plan.Settings.Accounts.Select(a => a.Value));
    }

    private static async Task Run(MemoryStore store, GroupSettings settings)
    {
        foreach (var group in await GroupOpening.OpenAsync(store, settings))
        {
            var bench = new Bench((MemoryJournal)group.Journal);
            bench.Core.Start(group.Recovered, group.Plan.Settings);
            bench.Work();
        }
    }

    private static string Text(GroupPartition partition) => string.Join(' ', partition.Groups.Select(g => $"{g.Name}[{string.Join(' ', g.Settings.Accounts)}]"));

    private static GroupSettings Settings(string accounts, string links) => new()
    {
        Accounts = [.. accounts.Split(' ').Select(a => new AccountId(a))],
        Links = [.. links.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('>')).Select(l => new LinkSettings { Id = new($"{l[0]}-{l[1]}"), Source = new(l[0]), Target = new(l[1]) })],
    };
}

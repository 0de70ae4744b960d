using System.Text;
using Lockstep.CTrader.OAuth;
using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Server.Security;
using Lockstep.Storage;
using Lockstep.Storage.Sqlite;

namespace Lockstep.Server.Tests.Security;

public sealed class VaultTests : IDisposable
{
    private const string Planted = "planted-token-";
    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-test-").FullName;

    [Fact]
    public async Task Grants_and_places_come_back_as_they_were()
    {
        var grant = Grant("g-1") with { RefreshSince = new Timestamp(5), Lost = "used up" };
        var place = new CTraderPlace(new AccountId("prop"), grant.Id, 1001, IsLive: true, Closed: true) { Login = 7, Broker = "Bröker" };
        using (var store = SqliteStore.Open(_folder))
        {
            var vault = Vault(store);
            await vault.SaveAsync(Grant("g-1"));
            await vault.SaveAsync(grant);
            await vault.SaveAsync(Grant("g-2"));
            await vault.DeleteAsync(new GrantId("g-2"));
            await vault.SaveAsync(place);
            await vault.SaveAsync(place with { Account = new AccountId("gone") });
            await vault.DeleteAsync(new AccountId("gone"));
        }

        using var again = SqliteStore.Open(_folder);
        Assert.Equal([grant], Vault(again).Load().Grants);
        Assert.Equal([place], Vault(again).Places().Places);
    }

    [Fact]
    public async Task No_token_stands_in_any_file()
    {
        var store = SqliteStore.Open(_folder);
        var vault = Vault(store);
        for (int i = 0; i < 20; i++)
        {
            await vault.SaveAsync(Grant($"g-{i % 3}"));
        }

        AssertNowhere();
        store.Dispose();
        AssertNowhere();
    }

    [Fact]
    public async Task Under_another_key_a_grant_is_unreadable_with_a_sentence_and_stays()
    {
        using var store = SqliteStore.Open(_folder);
        await Vault(store).SaveAsync(Grant("g-1"));
        var other = new TokenVault(store, new SecretBox(new byte[32]), "file other.key");
        var (_, problem) = Assert.Single(other.Load().Unreadable);
        Assert.Contains("under another key", problem, StringComparison.Ordinal);
        Assert.Contains("file other.key", problem, StringComparison.Ordinal);
        Assert.Contains("authorise again", problem, StringComparison.Ordinal);
        Assert.Single(Vault(store).Load().Grants);
    }

    [Fact]
    public async Task A_damaged_or_misplaced_record_spoils_no_other()
    {
        using var store = SqliteStore.Open(_folder);
        var vault = Vault(store);
        await vault.SaveAsync(Grant("g-1"));
        byte[] good = store.Secrets("ctrader-grant")[0].Sealed.ToArray();
        for (int i = 0; i < good.Length; i++)
        {
            byte[] spoilt = [.. good];
            spoilt[i] ^= 1;
            Assert.Null(Box().Open("ctrader-grant", "g-1", spoilt).Plain);
        }

        await store.SaveSecretAsync("ctrader-grant", "g-0", good.AsMemory(0, 20));
        await store.SaveSecretAsync("ctrader-grant", "g-2", good);
        await store.SaveSecretAsync("ctrader-grant", "g-3", Box().Seal("ctrader-grant", "g-3", "null"u8));
        await store.SaveSecretAsync("ctrader-grant", "g-4", Box().Seal("ctrader-grant", "g-4", "[1"u8));
        await store.SaveSecretAsync("ctrader-grant", "g-5", (byte[])[9, .. good.Skip(1)]);
        var content = vault.Load();
        Assert.Equal("g-1", Assert.Single(content.Grants).Id.Value);
        Assert.Equal(["g-0", "g-2", "g-3", "g-4", "g-5"], content.Unreadable.Select(u => u.Grant.Value));
        Assert.Contains("newer", content.Unreadable[^1].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_seals_of_one_text_differ() => Assert.NotEqual(Box().Seal("k", "i", "same"u8), Box().Seal("k", "i", "same"u8));

    [Fact]
    public void The_key_file_is_made_once_and_for_its_owner_only()
    {
        var key = MasterKey.Open(_folder, null, _ => null);
        string path = Path.Combine(_folder, MasterKey.FileName);
        string text = File.ReadAllText(path);
        Assert.Equal(65, text.Length);
        Assert.Equal(key.Derive("vault"), MasterKey.Open(_folder, null, _ => null).Derive("vault"));
        Assert.Equal(text, File.ReadAllText(path));
        Assert.NotEqual(key.Derive("vault"), key.Derive("oauth state"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }

    [Fact]
    public void The_configuration_goes_before_the_environment_and_that_before_the_file()
    {
        string Of(string name) => name == MasterKey.Variable ? new string('e', 32) : name == "OWN" ? new string('o', 32) : null!;
        var env = MasterKey.Open(_folder, null, Of);
        Assert.False(File.Exists(Path.Combine(_folder, MasterKey.FileName)));
        Assert.NotEqual(env.Derive("x"), MasterKey.Open(_folder, new SecretReference("OWN", null), Of).Derive("x"));
        Assert.Contains(MasterKey.Variable, env.Place, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("too short")]
    [InlineData("")]
    [InlineData("0123456789abcdef 0123456789abcdef")]
    public void A_key_that_is_none_is_told_and_not_shown(string key)
    {
        File.WriteAllText(Path.Combine(_folder, MasterKey.FileName), key);
        var error = Assert.Throws<DataFolderException>(() => MasterKey.Open(_folder, null, _ => null));
        Assert.Contains(MasterKey.FileName, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789abcdef", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void AssertNowhere()
    {
        foreach (string file in Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            Assert.DoesNotContain(Planted, reader.ReadToEnd(), StringComparison.Ordinal);
        }
    }

    private static SecretBox Box() => new(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());

    private static TokenVault Vault(SqliteStore store) => new(store, Box(), "file test.key");

    private static GrantRecord Grant(string id) => new()
    {
        Id = new GrantId(id), Version = 3, Access = Planted + "access", Refresh = Planted + "refresh", IssuedAt = new Timestamp(1), ExpiresAt = new Timestamp(2),
    };
}

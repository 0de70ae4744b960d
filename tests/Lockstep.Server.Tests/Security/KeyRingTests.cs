using System.Text;
using System.Text.RegularExpressions;
using Lockstep.Domain;
using Lockstep.Server.Security;
using Lockstep.Storage;
using Lockstep.Storage.Sqlite;
using Lockstep.Testing;

namespace Lockstep.Server.Tests.Security;

/// <summary>Keys: made, shown, followed by others, ended; over a restart too.</summary>
public sealed class KeyRingTests : IDisposable
{
    private static readonly AccountId Prop = new("prop");
    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-test-").FullName;
    private readonly ManualTime _time = new();
    private SqliteStore _store;
    private KeyRing _ring;

    public KeyRingTests()
    {
        _store = SqliteStore.Open(_folder);
        _ring = new KeyRing(_store, _time);
    }

    public void Dispose()
    {
        _ring.Dispose();
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_key_comes_back_after_a_restart_with_all_that_was_said_of_it()
    {
        var issued = await _ring.IssueAsync(Wanted() with
        {
            Accounts = [Prop, new AccountId("other")],
            Networks = ["10.0.0.0/8", "::1/128"],
            Rate = 7,
            Burst = 9,
            Expires = Timestamp.From(ManualTime.Start.AddDays(1)),
        });
        Reopen();
        var (key, standing) = _ring.Show(issued.Text);
        Assert.Equal(KeyStanding.Good, standing);
        Assert.Equal((issued.Key.Id, "bot", KeyScope.Trade, 7, 9), (key!.Id, key.Name, key.Scope, key.Rate, key.Burst));
        Assert.Equal([Prop, new AccountId("other")], key.Accounts!);
        Assert.Equal(["10.0.0.0/8", "::1/128"], key.Networks);
        Assert.Equal((issued.Key.Created, issued.Key.Expires), (key.Created, key.Expires));
        Assert.Null((await _ring.IssueAsync(Wanted())).Key.Accounts);
    }

    [Fact]
    public async Task Its_text_travels_in_any_address_and_stands_in_no_file()
    {
        var texts = new List<string>();
        for (int i = 0; i < 50; i++)
        {
            texts.Add((await _ring.IssueAsync(Wanted())).Text);
        }

        Assert.All(texts, t => Assert.Matches(new Regex("^lk_[a-z2-9]{10}_[A-Za-z0-9_-]{43}$"), t));
        Assert.Equal(50, texts.Distinct().Count());
        Assert.DoesNotContain("http", string.Concat(texts.Select(t => t.ToLowerInvariant() + " ")), StringComparison.Ordinal);
        Assert.DoesNotContain(texts[0], (await _ring.IssueAsync(Wanted())).ToString(), StringComparison.Ordinal);
        foreach (string file in Directory.EnumerateFiles(_folder, "lockstep.db*"))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var all = new MemoryStream();
            await stream.CopyToAsync(all);
            Assert.All(texts, t => Assert.DoesNotContain(t[^30..], Encoding.Latin1.GetString(all.ToArray()), StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task What_was_not_given_out_is_unknown()
    {
        var issued = await _ring.IssueAsync(Wanted());
        string other = (await _ring.IssueAsync(Wanted())).Text;
        string forged = $"lk_{issued.Key.Id}{other[other.LastIndexOf('_')..]}";
        Assert.All([forged, issued.Text + "x", issued.Text[..^1], issued.Text.ToUpperInvariant(), "", "lk_", "lk__", "lk_" + issued.Key.Id, issued.Key.Id], text => Assert.Equal((null, KeyStanding.Unknown), _ring.Show(text)));
    }

    [Fact]
    public async Task The_follower_opens_at_once_and_the_old_one_until_the_overlap_is_over()
    {
        var old = await _ring.IssueAsync(Wanted() with { Expires = Timestamp.From(ManualTime.Start.AddDays(30)) });
        _time.Advance(TimeSpan.FromDays(20));
        var follower = await _ring.RotateAsync(old.Key.Id, TimeSpan.FromDays(7));
        Assert.Equal((KeyStanding.Good, KeyStanding.Good), (_ring.Show(old.Text).Standing, _ring.Show(follower!.Text).Standing));
        Assert.Equal(follower.Key.Id, _ring.Find(old.Key.Id)!.Successor);
        Assert.Equal(Timestamp.From(ManualTime.Start.AddDays(50)), follower.Key.Expires);
        _time.Advance(TimeSpan.FromDays(7));
        Reopen();
        Assert.Equal((KeyStanding.Expired, KeyStanding.Good), (_ring.Show(old.Text).Standing, _ring.Show(follower.Text).Standing));

        // An ended key has no follower, and an overlap does not lengthen a life.
        Assert.Null(await _ring.RotateAsync(old.Key.Id, TimeSpan.FromDays(7)));
        await _ring.RetireAsync(old.Key.Id, Timestamp.From(_time.GetUtcNow().AddDays(9)));
        Assert.Equal(KeyStanding.Expired, _ring.Show(old.Text).Standing);
    }

    [Fact]
    public async Task A_key_that_was_taken_back_stays_so()
    {
        var issued = await _ring.IssueAsync(Wanted());
        await _ring.RevokeAsync(issued.Key.Id);
        Assert.Null(await _ring.ChangeAsync(issued.Key.Id, k => k with { Revoked = null }));
        Assert.Null(await _ring.RotateAsync(issued.Key.Id, TimeSpan.FromDays(1)));
        Reopen();
        Assert.Equal(KeyStanding.Revoked, _ring.Show(issued.Text).Standing);
        Assert.Null(await _ring.RevokeAsync("nobody"));

        _time.Advance(KeyRing.KeptAfterEnd + TimeSpan.FromSeconds(1));
        await _ring.PruneAsync();
        Assert.Null(_ring.Find(issued.Key.Id));
        Reopen();
        Assert.Empty(_ring.All);
    }

    [Fact]
    public async Task Keys_of_terminals_live_thirty_days_and_open_one_account()
    {
        var issued = await _ring.IssueEaAsync(Prop, "terminal");
        byte[] hash = KeyText.Hash(issued.Text);
        Assert.Equal((issued.Key.Id, KeyStanding.Good), (_ring.FindEa(Prop, hash).Key!.Id, _ring.FindEa(Prop, hash).Standing));
        Assert.Equal((null, KeyStanding.Unknown), _ring.FindEa(new AccountId("other"), hash));
        var api = await _ring.IssueAsync(Wanted());
        Assert.Equal((null, KeyStanding.Unknown), _ring.FindEa(Prop, KeyText.Hash(api.Text)));
        Assert.Equal([issued.Key.Id], _ring.EaKeys(Prop).Select(k => k.Id));
        _time.Advance(TimeSpan.FromDays(30));
        Assert.Equal(KeyStanding.Expired, _ring.FindEa(Prop, hash).Standing);
    }

    [Fact]
    public async Task Its_last_use_is_written_once_a_minute()
    {
        var issued = await _ring.IssueAsync(Wanted());
        long before = _store.Commits;
        _ring.Used(issued.Key);
        _ring.Used(issued.Key);
        _ring.Used(_ring.Show(issued.Text).Key!);
        await _store.SaveKeysAsync();
        Assert.Equal(Timestamp.From(ManualTime.Start), _store.Keys().Single().Used);
        Assert.InRange(_store.Commits - before, 1, 2);
        _time.Advance(TimeSpan.FromMinutes(1));
        _ring.Used(_ring.Find(issued.Key.Id)!);
        await _store.SaveKeysAsync();
        Assert.Equal(Timestamp.From(_time.GetUtcNow()), _store.Keys().Single().Used);
    }

    private static ApiKey Wanted() => new("", "bot", KeyScope.Trade) { Hash = default };

    private void Reopen()
    {
        _ring.Dispose();
        _store.Dispose();
        _store = SqliteStore.Open(_folder);
        _ring = new KeyRing(_store, _time);
    }
}

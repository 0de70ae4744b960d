using System.Text;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Security;

namespace Lockstep.Server.Tests.Security;

/// <summary>EA keys over their lives: handed over in time, ended when nobody needs them, and nobody locked out meanwhile.</summary>
public sealed class EaKeyDeskTests : IAsyncLifetime
{
    private readonly EaKeyWorld _world = EaKeyWorld.Begin();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task The_next_key_is_handed_over_when_two_thirds_are_over_and_the_old_one_ends_when_the_new_one_was_used()
    {
        var first = await IssueAsync();
        var terminal = Plug("1111111111111111", first);
        _world.Days(19);
        await _world.LookAsync();
        Assert.Empty(terminal.Handed);
        _world.Days(1);
        await _world.LookAsync();
        string second = Assert.Single(terminal.Handed);
        Assert.Equal((second, Days(27)), (_world.Ring.Find(first.Key.Id)!.Successor, Since(_world.Ring.Find(first.Key.Id)!.Expires)));
        Assert.Equal(Days(50), Since(_world.Ring.Find(second)!.Expires));
        Assert.Equal(second, Assert.Single(_world.Desk.Terminals(EaKeyWorld.Prop)).Kept);
        await _world.LookAsync();
        Assert.Single(terminal.Handed);
        Assert.Equal(KeyStanding.Good, _world.Standing(first.Key.Id));

        Assert.True(terminal.Connect());
        await _world.SettleAsync();
        Assert.Empty(terminal.Refusals);
        Assert.Equal(KeyStanding.Expired, _world.Standing(first.Key.Id));
        Assert.NotNull(_world.Ring.Find(second)!.Used);

        // Somebody else who has the old one.
        var late = new KeyedTerminal(_world, "2222222222222222", first.Text);
        Assert.False(late.Connect());
        Assert.Equal("expired-key", late.Refusals[0].Code);
        Assert.Contains("a newer one had taken its place; have a new one made (POST /v1/accounts/prop/ea-keys)", late.Refusals[0].Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_that_is_away_keeps_the_old_key_alive_and_is_handed_the_same_next_one()
    {
        var first = await IssueAsync();
        var one = Plug("1111111111111111", first);
        var two = Plug("2222222222222222", first);
        await _world.SettleAsync();
        two.Leave();
        _world.Days(21);
        await _world.LookAsync();
        Assert.True(one.Connect());
        await _world.LookAsync();
        Assert.Equal(KeyStanding.Good, _world.Standing(first.Key.Id));
        _world.Days(6);
        Assert.True(two.Connect());
        await _world.LookAsync();
        Assert.Equal(one.Handed, two.Handed);
        Assert.True(two.Connect());
        await _world.SettleAsync();
        Assert.Equal(KeyStanding.Expired, _world.Standing(first.Key.Id));
    }

    [Fact]
    public async Task The_old_key_ends_with_the_overlap_whoever_is_still_away()
    {
        var first = await IssueAsync();
        var one = Plug("1111111111111111", first);
        var two = Plug("2222222222222222", first);
        await _world.SettleAsync();
        two.Leave();
        _world.Days(21);
        await _world.LookAsync();
        _world.Days(7.1);
        Assert.False(two.Connect());
        Assert.Equal("expired-key", two.Refusals[0].Code);
        Assert.True(one.Connect());
    }

    [Fact]
    public async Task A_key_of_the_configuration_is_followed_when_somebody_asks_and_never_ends()
    {
        var terminal = new KeyedTerminal(_world, "1111111111111111", EaKeyWorld.Configured);
        Assert.True(terminal.Connect());
        _world.Days(400);
        await _world.LookAsync();
        Assert.Empty(terminal.Handed);
        terminal.Leave();
        await _world.Desk.AskAsync(EaKeyWorld.Prop);
        await _world.RestartAsync();
        _world.Days(3);
        Assert.True(terminal.Connect());
        await _world.LookAsync();
        Assert.True(terminal.Connect());
        await _world.LookAsync();
        string next = Assert.Single(terminal.Handed);
        Assert.Equal(next, Assert.Single(_world.Session.Seats).Key);
        Assert.True(new KeyedTerminal(_world, "2222222222222222", EaKeyWorld.Configured).Connect());

        // What was asked for long ago is asked for no more.
        _world.Days(31);
        Assert.Null(_world.Desk.Asked(EaKeyWorld.Prop));
    }

    [Fact]
    public async Task A_server_killed_before_the_answer_came_goes_on_with_whatever_key_the_terminal_has()
    {
        var first = await IssueAsync();
        var has = Plug("1111111111111111", first);
        var lost = Plug("2222222222222222", first);
        has.Silent = true;
        lost.Forgets = true;
        _world.Days(21);
        await _world.LookAsync();
        string second = Assert.Single(has.Handed);
        Assert.Equal([second], lost.Handed);
        (has.Silent, lost.Forgets) = (false, false);
        await _world.RestartAsync();
        Assert.True(has.Connect());
        Assert.True(lost.Connect());
        await _world.LookAsync();
        Assert.Equal([second], has.Handed);

        // Its text died with the server.
        Assert.Equal(2, lost.Handed.Count);
        Assert.NotEqual(second, lost.Handed[1]);
        Assert.True(lost.Connect());
        Assert.Empty(lost.Refusals);
    }

    [Fact]
    public async Task A_key_that_is_not_answered_is_handed_over_again_and_one_that_cannot_be_kept_after_an_hour()
    {
        var terminal = Plug("1111111111111111", await IssueAsync());
        terminal.Silent = true;
        _world.Days(21);
        await _world.LookAsync();
        await _world.LookAsync();
        Assert.Single(terminal.Handed);
        _world.Time.Advance(TimeSpan.FromMinutes(2));
        (terminal.Silent, terminal.Trouble) = (false, "the disk may be full");
        await _world.LookAsync();
        await _world.LookAsync();
        Assert.Equal(2, terminal.Handed.Count);
        Assert.Contains("could not keep its next EA key: the disk may be full", Assert.Single(_world.Desk.Alerts).Alert.Text, StringComparison.Ordinal);
        terminal.Trouble = null;
        _world.Time.Advance(TimeSpan.FromMinutes(61));
        await _world.LookAsync();
        Assert.Equal(3, terminal.Handed.Count);
        Assert.Single(terminal.Handed.Distinct());
        Assert.Equal(terminal.Handed[0], Assert.Single(_world.Desk.Terminals(EaKeyWorld.Prop)).Kept);
    }

    [Theory]
    [InlineData(false, "127.0.0.1", "update the EA to 1.1.0")]
    [InlineData(true, "10.0.0.7", "use wss://")]
    public async Task Who_cannot_be_handed_a_key_is_alerted_of_and_alerted(bool takes, string remote, string words)
    {
        var terminal = new KeyedTerminal(_world, "1111111111111111", (await IssueAsync()).Text) { Takes = takes, Remote = remote };
        Assert.True(terminal.Connect());
        _world.Days(21);
        await _world.LookAsync();
        await _world.LookAsync();
        Assert.Empty(terminal.Handed);
        var alert = Assert.Single(_world.Desk.Alerts).Alert;
        Assert.Equal((AlertLevel.Warning, EaKeyWorld.Prop), (alert.Level, alert.Account));
        Assert.Contains(words, alert.Text, StringComparison.Ordinal);
        Assert.Contains("expires on 2026-04-01 09:00 UTC", alert.Text, StringComparison.Ordinal);
        Assert.Equal([alert.Text], terminal.Shown);
        _world.Days(7);
        await _world.LookAsync();
        Assert.Equal(AlertLevel.Critical, _world.Desk.Alerts[^1].Alert.Level);

        // The session stands; the next one does not.
        _world.Days(3);
        await _world.LookAsync();
        Assert.True(terminal.IsIn);
        Assert.False(terminal.Connect());
        Assert.Equal(takes ? "expired-key" : "wrong-key", terminal.Refusals[0].Code);
        Assert.StartsWith("this key expired on 2026-04-01 09:00 UTC; have a new one made", terminal.Refusals[0].Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_that_never_says_that_it_has_its_next_key_is_alerted_of_before_it_is_too_late()
    {
        var terminal = Plug("1111111111111111", await IssueAsync());
        terminal.Forgets = true;
        for (int day = 1; day < 29; day++)
        {
            _world.Days(1);
            await _world.LookAsync();
            Assert.Equal(day > 27 ? 1 : 0, _world.Desk.Alerts.Count);
        }

        var alert = Assert.Single(_world.Desk.Alerts).Alert;
        Assert.Equal(AlertLevel.Critical, alert.Level);
        Assert.Contains("has not said that it keeps the next one", alert.Text, StringComparison.Ordinal);
        Assert.Equal(9, terminal.Handed.Count);
    }

    [Fact]
    public async Task A_key_that_is_taken_back_turns_away_who_came_in_with_it()
    {
        var key = await IssueAsync();
        var terminal = Plug("1111111111111111", key);
        var other = new KeyedTerminal(_world, "2222222222222222", EaKeyWorld.Configured);
        Assert.True(other.Connect());
        await _world.Ring.RevokeAsync(key.Key.Id);
        await _world.LookAsync();
        Assert.False(terminal.IsIn);
        Assert.True(other.IsIn);
        Assert.False(terminal.Connect());
        Assert.Equal("wrong-key", terminal.Refusals[0].Code);
        Assert.StartsWith("this key was taken back on 2026-03-02 09:00 UTC", terminal.Refusals[0].Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_lives_as_long_as_the_one_before_it_also_when_that_was_ended_early()
    {
        var first = await _world.Ring.IssueEaAsync(EaKeyWorld.Prop, "office", TimeSpan.FromDays(90));
        var one = Plug("1111111111111111", first);
        var two = Plug("2222222222222222", first);
        await _world.SettleAsync();
        two.Leave();
        _world.Days(1);
        await _world.Desk.AskAsync(EaKeyWorld.Prop);
        await _world.LookAsync();
        await _world.RestartAsync();
        Assert.True(two.Connect());
        await _world.LookAsync();
        Assert.NotEqual(one.Handed, two.Handed);
        Assert.All([one, two], t => Assert.Equal(("office", Days(91)), (_world.Ring.Find(t.Handed[0])!.Name, Since(_world.Ring.Find(t.Handed[0])!.Expires))));
    }

    [Fact]
    public async Task No_key_stands_in_a_log_an_alert_or_a_file()
    {
        var terminal = Plug("1111111111111111", await IssueAsync());
        terminal.Trouble = "nothing in particular";
        _world.Days(21);
        await _world.LookAsync();
        terminal.Trouble = null;
        _world.Days(1);
        await _world.LookAsync();
        Assert.True(terminal.Connect());
        await _world.SettleAsync();
        string told = string.Join('\n', _world.Log.All.Concat(_world.Desk.Alerts.Select(a => a.Alert.Text)));
        Assert.NotEmpty(told);
        _world.Store.Dispose();
        var files = Directory.GetFiles(_world.Folder, "*", SearchOption.AllDirectories).Select(f => Encoding.Latin1.GetString(File.ReadAllBytes(f))).ToList();
        Assert.Contains(files, f => f.Contains(terminal.Handed[0], StringComparison.Ordinal));
        foreach (string text in terminal.Texts)
        {
            Assert.DoesNotContain(text, told, StringComparison.Ordinal);
            Assert.DoesNotContain(files, f => f.Contains(text, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Nobody_who_is_not_away_for_longer_than_the_overlap_is_locked_out_in_a_year_of_faults(int seed)
    {
        var random = new Random(seed);
        var first = await IssueAsync();
        var terminals = Enumerable.Range(1, 3).Select(i => Plug($"{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}", first)).ToList();
        var seen = terminals.ToDictionary(t => t, _ => _world.Time.GetUtcNow());
        var faulty = new Dictionary<KeyedTerminal, DateTimeOffset>();
        while (_world.Time.GetUtcNow() - Testing.ManualTime.Start < TimeSpan.FromDays(365))
        {
            _world.Days(random.NextDouble() * 1.5);
            var terminal = terminals[random.Next(terminals.Count)];
            switch (random.Next(8))
            {
                case 0:
                    await _world.RestartAsync();
                    terminals.ForEach(t => t.Leave());
                    break;
                case 1:
                    terminal.Leave();
                    break;
                case 2:
                    (terminal.Forgets, faulty[terminal]) = (true, _world.Time.GetUtcNow().AddDays(1));
                    break;
                case 3:
                    (terminal.Silent, faulty[terminal]) = (true, _world.Time.GetUtcNow().AddDays(1));
                    break;
                case 4 when random.Next(10) == 0:
                    await _world.Desk.AskAsync(EaKeyWorld.Prop);
                    break;
            }

            foreach (var one in terminals)
            {
                if (faulty.TryGetValue(one, out var until) && _world.Time.GetUtcNow() > until)
                {
                    (one.Forgets, one.Silent) = (false, false);
                }

                bool must = _world.Time.GetUtcNow() - seen[one] > TimeSpan.FromDays(2);
                if (must || (!one.IsIn && random.Next(2) == 0) || random.Next(10) == 0)
                {
                    Assert.True(one.Connect(), $"{_world.Time.GetUtcNow():u} {string.Join(" / ", one.Refusals)}");
                    seen[one] = _world.Time.GetUtcNow();
                }
            }

            await _world.SettleAsync();
            await _world.LookAsync();
        }

        // Whoever has nothing wrong with it has a young key in the end, and the first one is long over.
        terminals.ForEach(t => (t.Forgets, t.Silent) = (false, false));
        terminals.ForEach(t => Assert.True(t.Connect()));
        await _world.SettleAsync();
        Assert.All(_world.Session.Seats, s => Assert.NotEqual(first.Key.Id, s.Key));
        Assert.Equal(KeyStanding.Expired, _world.Standing(first.Key.Id));
        Assert.InRange(_world.Ring.EaKeys(EaKeyWorld.Prop).Count(k => _world.Ring.StandingOf(k) == KeyStanding.Good), 1, 12);
    }

    private Task<IssuedKey> IssueAsync() => _world.Ring.IssueEaAsync(EaKeyWorld.Prop, "office");

    private KeyedTerminal Plug(string name, IssuedKey key)
    {
        var terminal = new KeyedTerminal(_world, name, key.Text);
        Assert.True(terminal.Connect());
        return terminal;
    }

    private static TimeSpan Days(double days) => TimeSpan.FromDays(days);

    private static TimeSpan? Since(Timestamp? at) => at?.ToDateTimeOffset() - Testing.ManualTime.Start;
}

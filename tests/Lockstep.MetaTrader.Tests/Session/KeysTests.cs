using System.Security.Cryptography;
using System.Text;
using Lockstep.Domain;
using Lockstep.MetaTrader.Session;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Tests.Session;

/// <summary>Keys beside the one of the settings, and keys that are handed over while a terminal is connected.</summary>
public sealed class KeysTests
{
    private const string Next = "lk_next_0123456789abcdef";
    private readonly Ring _ring = new();
    private readonly Desk _desk;
    private readonly TerminalSession _session;

    public KeysTests()
    {
        _desk = new Desk(new TerminalHubOptions { Keys = _ring });
        (_session, _) = _desk.Serve();
    }

    [Fact]
    public void A_terminal_comes_in_with_any_key_of_its_account_and_its_name_is_told()
    {
        _ring.Add(Next, "n1");
        var first = _desk.Plug().Enter();
        var second = _desk.Plug(name: "2222222222222222").Enter(with: h => h with { Key = Next });
        Assert.False(first.IsClosed);
        Assert.False(second.IsClosed);
        Assert.Equal(["prop configured 1111111111111111", "prop n1 2222222222222222"], _ring.Told);
        Assert.Equal(["configured", "n1"], _session.Seats.Select(s => s.Key));
    }

    [Theory]
    [InlineData(true, true, "expired-key")]
    [InlineData(true, false, "wrong-key")]
    [InlineData(false, true, "wrong-key")]
    public void A_key_that_is_good_no_more_is_refused_in_words_for_the_person_at_the_terminal(bool expired, bool takesKeys, string code)
    {
        _ring.Add(Next, "n1", new EaKey(new AccountId("prop"), "n1") { Refusal = "this key expired on 2026-01-02", IsExpired = expired });
        var terminal = _desk.Plug().Enter(with: h => h with { Key = Next, TakesKeys = takesKeys });
        var refused = terminal.Heard<RefusedMessage>();
        Assert.Equal(code, refused.Code);
        Assert.Equal("this key expired on 2026-01-02", refused.Why);
        Assert.Equal(1, _desk.Hub.Counters.Refused(code));
        Assert.Empty(_ring.Told);
    }

    [Fact]
    public void A_key_of_an_account_that_no_terminal_serves_is_as_unknown_as_any_other()
    {
        _ring.Add(Next, "n1", new EaKey(new AccountId("elsewhere"), "n1"));
        var terminal = _desk.Plug().Enter(with: h => h with { Key = Next });
        Assert.Equal("this key is not known here", terminal.Heard<RefusedMessage>().Why);
    }

    [Fact]
    public void An_account_without_a_key_in_its_settings_has_those_of_the_ring()
    {
        _desk.Serve(account: Desk.AccountOf(name: "bare", login: 77) with { KeyHash = null });
        _ring.Add(Next, "n1", new EaKey(new AccountId("bare"), "n1"));
        Assert.False(_desk.Plug().Enter(with: h => h with { Key = Next, Login = 77 }).IsClosed);
    }

    [Fact]
    public void A_key_is_handed_to_active_and_standby_and_both_say_when_they_have_it()
    {
        var active = Takes("1111111111111111");
        var standby = Takes("2222222222222222");
        foreach (var terminal in new[] { active, standby })
        {
            terminal.Heard();
            Assert.True(_session.HandOver(terminal.Name, "n1", Next));
            Assert.Equal(new KeyMessage("n1", Next), terminal.Heard<KeyMessage>());
        }

        Assert.Equal(["n1", "n1"], _session.Seats.Select(s => s.Handed));
        _ring.Told.Clear();
        standby.Say(new KeptMessage("n1", ""));
        active.Say(new KeptMessage("n1", "the disk may be full"));
        Assert.Equal(["prop n1 2222222222222222 kept", "prop n1 1111111111111111 the disk may be full"], _ring.Told);
        Assert.Equal([null, null], _session.Seats.Select(s => s.Handed));
        Assert.DoesNotContain(_desk.Lines, line => line.Contains(Next, StringComparison.Ordinal));
        Assert.Equal(2, _desk.Count(TerminalCount.KeysHanded));
        Assert.Equal(1, _desk.Count(TerminalCount.KeysKept));
    }

    [Theory]
    [InlineData("10.0.0.1", true)]
    [InlineData("127.0.0.1", false)]
    public void No_key_goes_where_others_can_read_it_nor_to_an_EA_that_takes_none(string remote, bool takes)
    {
        var terminal = _desk.Plug(remote).Enter(with: h => h with { TakesKeys = takes });
        Assert.False(_session.HandOver(terminal.Name, "n1", Next));
        Assert.Empty(terminal.Heard().OfType<KeyMessage>());
        Assert.False(_session.HandOver("3333333333333333", "n1", Next));
    }

    [Fact]
    public void Kept_without_a_key_that_was_handed_over_is_refused_and_changes_nothing()
    {
        var terminal = Takes("1111111111111111");
        _ring.Told.Clear();
        terminal.Heard();
        terminal.Say(new KeptMessage("n1", ""));
        Assert.Equal("this key was not handed over", terminal.Heard<BadReplyMessage>().Why);
        _session.HandOver(terminal.Name, "n2", Next);
        terminal.Say(new KeptMessage("n1", ""));
        Assert.Empty(_ring.Told);
        Assert.Equal("n2", Assert.Single(_session.Seats).Handed);
    }

    [Fact]
    public void Who_came_in_with_a_key_that_was_taken_back_is_turned_away_and_nobody_else()
    {
        _ring.Add(Next, "n1");
        var stays = _desk.Plug().Enter();
        var goes = _desk.Plug(name: "2222222222222222").Enter(with: h => h with { Key = Next });
        goes.Heard();
        _session.TurnAway("n1", "this key was taken back");
        Assert.Equal("this key was taken back", goes.Heard<RefusedMessage>().Why);
        Assert.True(goes.IsClosed);
        Assert.False(stays.IsClosed);
    }

    [Fact]
    public void A_key_that_a_terminal_writes_into_its_log_is_left_out()
    {
        _ring.Add(Next, "n1");
        var terminal = _desk.Plug().Enter(with: h => h with { Key = Next });
        terminal.Say(new LogMessage("info", $"key={Next}"));
        Assert.Contains(_desk.Lines, line => line.Contains("left out", StringComparison.Ordinal));
        Assert.DoesNotContain(_desk.Lines, line => line.Contains(Next, StringComparison.Ordinal));
    }

    private Terminal Takes(string name) => _desk.Plug("127.0.0.1", name).Enter(with: h => h with { TakesKeys = true });

    private sealed class Ring : IEaKeys
    {
        private readonly Dictionary<string, EaKey> _keys = [];

        public List<string> Told { get; } = [];

        public void Add(string text, string id, EaKey? key = null) => _keys[Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)))] = key ?? new EaKey(new AccountId("prop"), id);

        public EaKey? Find(ReadOnlySpan<byte> sha256) => _keys.GetValueOrDefault(Convert.ToHexString(sha256));

        public void CameIn(AccountId account, string key, string terminal) => Told.Add($"{account} {key} {terminal}");

        public void Kept(AccountId account, string key, string terminal, string? problem) => Told.Add($"{account} {key} {terminal} {problem ?? "kept"}");
    }
}

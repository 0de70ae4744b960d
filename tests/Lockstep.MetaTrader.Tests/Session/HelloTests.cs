using Lockstep.Domain;
using Lockstep.MetaTrader.Session;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Tests.Session;

public sealed class HelloTests
{
    public static TheoryData<string, string> Wrong => new()
    {
        { "wrong-key", "no-such-key" },
        { "wrong-login", "login" },
        { "wrong-server", "server" },
        { "wrong-platform", "platform" },
        { "wrong-mode", "mode" },
        { "malformed", "terminal" },
        { "malformed", "offset" },
        { "malformed", "acked" },
        { "malformed", "first" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_does_not_fit_is_refused_with_its_code_and_closed(string code, string what)
    {
        var desk = new Desk();
        desk.Serve(account: Desk.AccountOf() with { Mode = AccountMode.Hedging });
        var terminal = desk.Plug();
        terminal.Say(Spoilt(terminal.Hello(), what));
        Assert.Equal(code, terminal.Heard<RefusedMessage>().Code);
        Assert.Equal(1008, terminal.Code);
        Assert.Equal(1, desk.Hub.Counters.Refused(code));
        Assert.Equal(0, desk.Hub.Counters.Links);
        Assert.DoesNotContain(desk.Lines, line => line.Contains(Desk.Key, StringComparison.Ordinal) || line.Contains("no-such-key", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_wrong_is_told_in_the_order_of_the_protocol()
    {
        var desk = new Desk();
        desk.Serve(account: Desk.AccountOf() with { Mode = AccountMode.Hedging, Enabled = false });
        string[] spoils = ["no-such-key", "login", "server", "platform", "mode", "none"];
        string[] codes = ["wrong-key", "wrong-login", "wrong-server", "wrong-platform", "wrong-mode", "disabled"];
        for (int first = 0; first < spoils.Length; first++)
        {
            var terminal = desk.Plug(remote: $"10.0.1.{first}");
            terminal.Say(spoils[first..].Aggregate(terminal.Hello(), Spoilt));
            Assert.Equal(codes[first], terminal.Heard<RefusedMessage>().Code);
        }
    }

    [Fact]
    public void A_key_that_is_right_is_told_what_it_is_bound_to_and_one_that_is_not_is_told_nothing()
    {
        var desk = new Desk();
        desk.Serve();
        desk.Serve(account: Desk.AccountOf(name: "other", key: "k-another", login: 77));
        var stolen = desk.Plug();
        stolen.Say(stolen.Hello() with { Key = "k-another" });
        var refused = stolen.Heard<RefusedMessage>();
        Assert.Equal("wrong-login", refused.Code);
        Assert.Contains("77", refused.Why, StringComparison.Ordinal);
        Assert.DoesNotContain(Desk.Login.ToString(System.Globalization.CultureInfo.InvariantCulture), refused.Why, StringComparison.Ordinal);

        var unknown = desk.Plug();
        unknown.Say(unknown.Hello() with { Key = "k-guess" });
        Assert.DoesNotContain("7", unknown.Heard<RefusedMessage>().Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stolen_key_leaves_the_account_it_belongs_to_undisturbed()
    {
        var desk = new Desk();
        var (_, sink) = desk.Serve();
        var own = desk.Plug().Enter();
        sink.Events.Clear();
        for (int i = 0; i < 10; i++)
        {
            var thief = desk.Plug(remote: "10.9.9.9");
            thief.Say(thief.Hello() with { Login = 666 });
            Assert.Equal(1008, thief.Code);
        }

        Assert.Empty(sink.Events);
        Assert.False(own.IsClosed);
    }

    [Fact]
    public void Something_before_hello_is_refused()
    {
        var desk = new Desk();
        desk.Serve();
        var early = desk.Plug();
        early.Beat();
        Assert.Equal("order", early.Heard<RefusedMessage>().Code);
        var nonsense = desk.Plug();
        nonsense.Say("{\"t\":");
        Assert.Equal("malformed", nonsense.Heard<RefusedMessage>().Code);
        var unknown = desk.Plug();
        unknown.Say("""{"t":"greetings"}""");
        Assert.Equal("order", unknown.Heard<RefusedMessage>().Code);
        Assert.All([early, nonsense, unknown], t => Assert.Equal(1008, t.Code));
        early.Say(early.Hello());
        Assert.Empty(early.Heard());
    }

    [Fact]
    public void A_connection_that_says_nothing_is_closed_after_5_s()
    {
        var desk = new Desk();
        desk.Serve();
        var mute = desk.Plug();
        var late = desk.Plug();
        desk.Pass(4.75);
        Assert.False(mute.IsClosed);
        late.Enter();
        desk.Pass(0.25);
        Assert.Equal(1008, mute.Code);
        Assert.False(late.IsClosed);
        Assert.Equal(1, desk.Count(TerminalCount.NoHello));
        Assert.Equal(1, desk.Hub.Counters.Links);
    }

    [Fact]
    public void Connections_of_one_address_are_limited_and_those_of_others_are_not()
    {
        var desk = new Desk();
        desk.Serve();
        int let = Enumerable.Range(0, 1000).Count(_ => desk.Plug(remote: "10.6.6.6").Link is not null);
        Assert.Equal(20, let);
        Assert.Equal(980, desk.Count(TerminalCount.ConnectionsRefused));
        Assert.NotNull(desk.Plug().Link);
        desk.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(20, Enumerable.Range(0, 1000).Count(_ => desk.Plug(remote: "10.6.6.6").Link is not null));
    }

    [Fact]
    public void Addresses_are_not_remembered_without_end()
    {
        var desk = new Desk(new TerminalHubOptions { AddressesMost = 10 });
        int let = Enumerable.Range(0, 1000).Count(i => desk.Plug(remote: $"10.1.{i / 250}.{i % 250}").Link is not null);
        Assert.Equal(10 + 20, let);
        desk.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.NotNull(desk.Plug(remote: "10.2.0.1").Link);
    }

    [Fact]
    public void A_thousand_connections_a_second_disturb_nobody()
    {
        var desk = new Desk();
        var (_, sink) = desk.Serve();
        var own = desk.Plug().Enter();
        for (int second = 0; second < 5; second++)
        {
            for (int i = 0; i < 1000; i++)
            {
                var knock = desk.Plug(remote: "10.6.6.6");
                if (knock.Link is not null)
                {
                    knock.Say(knock.Hello() with { Key = "k-guess" + i });
                }
            }

            desk.Pass(1);
            own.Change(own.Position(7000 + second));
        }

        Assert.Equal(5, sink.Of<BookChanged>().Count);
        Assert.Equal(1, desk.Hub.Counters.Links);
        Assert.True(desk.Lines.Count(l => l.Contains("refused", StringComparison.Ordinal)) <= 110, "the log is not flooded");
    }

    [Fact]
    public void An_account_whose_session_was_not_started_or_was_stopped_takes_nobody_in_for_the_moment()
    {
        var desk = new Desk();
        var session = desk.Hub.Open(Desk.AccountOf(), 1);
        var early = desk.Plug().Enter();
        Assert.Equal("disabled", early.Heard<RefusedMessage>().Code);
        session.Start(new Sink());
        session.Stop();
        var late = desk.Plug().Enter();
        Assert.Equal("disabled", late.Heard<RefusedMessage>().Code);
    }

    [Fact]
    public void An_account_has_one_session_at_a_time_and_a_key_one_account()
    {
        var desk = new Desk();
        var (session, _) = desk.Serve();
        Assert.Throws<InvalidOperationException>(() => desk.Hub.Open(Desk.AccountOf(), 2));
        var shared = Assert.Throws<InvalidOperationException>(() => desk.Hub.Open(Desk.AccountOf(name: "other"), 1));
        Assert.DoesNotContain(Desk.Key, shared.Message, StringComparison.Ordinal);
        session.Stop();
        desk.Serve(firstEpoch: 2, account: Desk.AccountOf(key: "k-new"));
        var old = desk.Plug().Enter();
        Assert.Equal("wrong-key", old.Heard<RefusedMessage>().Code);
        var now = desk.Plug().Enter(with: h => h with { Key = "k-new", Epoch = 1 });
        Assert.True(now.IsActive);
    }

    [Fact]
    public void An_account_has_so_many_terminals_and_no_more()
    {
        var desk = new Desk(new TerminalHubOptions { TerminalsMost = 2 });
        desk.Serve();
        desk.Plug().Enter();
        desk.Plug(name: "2222222222222222").Enter();
        var third = desk.Plug(name: "3333333333333333").Enter();
        Assert.Equal("rate", third.Heard<RefusedMessage>().Code);
        Assert.False(desk.Plug(name: "2222222222222222").Enter().IsClosed);
    }

    private static HelloMessage Spoilt(HelloMessage hello, string what) => what switch
    {
        "no-such-key" => hello with { Key = "no-such-key" },
        "login" => hello with { Login = 1 },
        "server" => hello with { Server = "Elsewhere" },
        "platform" => hello with { Platform = "mt4" },
        "mode" => hello with { Mode = "netting" },
        "terminal" => hello with { Terminal = "short" },
        "offset" => hello with { Offset = 1_000_000 },
        "acked" => hello with { Acked = 9, Last = 8 },
        "first" => hello with { First = 10, Last = 8 },
        _ => hello,
    };
}

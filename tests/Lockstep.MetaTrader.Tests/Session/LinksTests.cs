using Lockstep.Domain;
using Lockstep.MetaTrader.Session;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Tests.Session;

public sealed class LinksTests
{
    private const string Two = "2222222222222222";
    private readonly Desk _desk = new();

    [Fact]
    public void The_first_in_is_active_and_the_second_stands_by()
    {
        var (_, sink) = _desk.Serve();
        var first = _desk.Plug().Enter();
        var second = _desk.Plug(name: Two).Enter();
        Assert.True(first.IsActive);
        Assert.False(second.IsActive);
        Assert.False(second.Heard<WelcomeMessage>().Active);
        Assert.Equal(1, sink.Last.Standby);
    }

    [Fact]
    public void A_standby_takes_over_at_once_when_the_active_one_closes_and_tells_its_symbols_first()
    {
        var (_, sink) = _desk.Serve();
        var first = _desk.Plug().Enter();
        var second = _desk.Plug(name: Two).Enter();
        first.Change(first.Position(1));
        sink.Events.Clear();
        second.Heard();
        first.Die();
        Assert.Equal(1, sink.Take<SessionClosed>().Epoch);
        Assert.Equal(2, second.Heard().OfType<ActiveMessage>().Single().Epoch);
        Assert.Empty(sink.Events);
        second.Symbols();
        var opened = sink.Take<SessionOpened>();
        Assert.Equal(2, opened.Epoch);
        second.Change(second.Position(2));
        Assert.Equal(1, sink.Take<BookChanged>().Sequence);
        Assert.Equal(1, _desk.Count(TerminalCount.Takeovers));
        Assert.Equal(1, sink.Last.Reconnects);
    }

    [Fact]
    public void Three_missed_beats_and_the_link_is_dead()
    {
        var (_, sink) = _desk.Serve();
        var first = _desk.Plug().Enter();
        var second = _desk.Plug(name: Two).Enter();
        _desk.Pass(14.75, second);
        Assert.False(first.IsClosed);
        Assert.Equal(2, sink.Last.MissedBeats);
        _desk.Pass(0.25, second);
        Assert.Equal(4001, first.Code);
        Assert.True(second.IsActive);
        Assert.Single(sink.Of<SessionClosed>());
        Assert.Equal(1, _desk.Count(TerminalCount.DeadByBeats));
    }

    [Fact]
    public void A_half_open_connection_is_noticed_though_its_transport_never_says_that_it_closed()
    {
        _desk.Serve();
        var first = _desk.Plug();
        first.Deaf = true;
        first.Enter();
        _desk.Pass(20);
        Assert.Equal(0, _desk.Hub.Counters.Links);
        Assert.Equal(0, _desk.Hub.Counters.Active);
        var again = _desk.Plug().Enter(with: h => h with { Epoch = 1 });
        Assert.True(again.IsActive);
        first.Die();
        first.Change(first.Position(1));
        Assert.True(again.IsActive);
        Assert.Equal(1, _desk.Hub.Counters.Active);
    }

    [Fact]
    public void A_second_connection_of_a_terminal_replaces_the_first()
    {
        var (_, sink) = _desk.Serve();
        var first = _desk.Plug().Enter();
        var standby = _desk.Plug(name: Two).Enter();
        sink.Events.Clear();
        var again = _desk.Plug().Enter(with: h => h with { Epoch = 1 });
        Assert.Equal(4000, first.Code);
        Assert.True(again.IsActive);
        Assert.False(standby.IsActive);
        Assert.Equal(["SessionClosed", "SessionOpened"], sink.Events.Select(e => e.GetType().Name));
        var standbyAgain = _desk.Plug(name: Two).Enter();
        Assert.Equal(4000, standby.Code);
        Assert.False(standbyAgain.IsActive);
        Assert.Equal(2, _desk.Count(TerminalCount.Replaced));
        Assert.Equal(2, _desk.Hub.Counters.Links);
    }

    [Fact]
    public void The_last_active_terminal_is_preferred_when_it_comes_within_the_same_moment()
    {
        _desk.Serve(firstEpoch: 8);
        var other = _desk.Plug(name: Two).Enter(with: h => h with { Epoch = 5 });
        Assert.False(other.IsActive);
        _desk.Pass(0.25);
        var last = _desk.Plug().Enter(with: h => h with { Epoch = 7 });
        Assert.True(last.IsActive);
        _desk.Pass(1);
        Assert.False(other.IsActive);
    }

    [Fact]
    public void A_terminal_that_was_not_the_last_active_one_waits_a_moment_and_no_longer()
    {
        var (_, sink) = _desk.Serve(firstEpoch: 8);
        var other = _desk.Plug(name: Two).Enter(with: h => h with { Epoch = 5 });
        _desk.Pass(0.5);
        Assert.True(other.IsActive);
        other.Symbols();
        Assert.Equal(8, sink.Take<SessionOpened>().Epoch);
        Assert.Equal(0, _desk.Count(TerminalCount.Takeovers));
    }

    [Fact]
    public void A_standby_without_its_broker_is_not_preferred()
    {
        _desk.Serve();
        var first = _desk.Plug().Enter();
        var blind = _desk.Plug(name: Two).Enter();
        var seeing = _desk.Plug(name: "3333333333333333").Enter();
        blind.Connected = false;
        blind.Beat();
        first.Die();
        Assert.False(blind.IsActive);
        Assert.True(seeing.IsActive);
    }

    [Fact]
    public void What_a_standby_tells_counts_for_nothing()
    {
        var (_, sink) = _desk.Serve();
        var first = _desk.Plug().Enter();
        var second = _desk.Plug(name: Two).Enter();
        sink.Events.Clear();
        second.Heard();
        second.Symbols();
        second.Change(second.Position(66));
        second.Answer(OrderKey.From("x", 1, 1, "open", 1).ToString());
        second.Say(new QuotesMessage([new WireQuote("EURUSD", 1.1m, 1.2m, 0)]));
        Assert.Empty(sink.Events);
        Assert.Empty(sink.Quotes);
        Assert.Equal(4, second.Heard().OfType<BadReplyMessage>().Count());
        Assert.False(first.IsClosed);
    }

    [Fact]
    public void An_epoch_that_the_terminal_has_seen_does_not_come_again()
    {
        var (_, sink) = _desk.Serve(firstEpoch: 3);
        _desk.Plug().Enter(with: h => h with { Epoch = 40 });
        Assert.Equal(41, sink.Take<SessionOpened>().Epoch);
        var mad = _desk.Plug(name: Two).Enter(with: h => h with { Epoch = long.MaxValue });
        Assert.Equal("malformed", mad.Heard<RefusedMessage>().Code);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    public void A_second_terminal_disturbs_no_open_session_whatever_epoch_it_has_seen(long seen)
    {
        var (session, sink) = _desk.Serve(firstEpoch: 3);
        var first = _desk.Plug().Enter(with: h => h with { Epoch = 2 });
        var second = _desk.Plug(name: Two).Enter(with: h => h with { Epoch = seen });
        Assert.False(second.IsActive);
        sink.Events.Clear();
        first.Heard();
        first.Change(first.Position(1));
        Assert.Equal(3, sink.Take<BookChanged>().Epoch);
        session.Send(new CancelPending
        {
            Account = session.Account, Key = OrderKey.From("x", 1, 1, "c", 1), Symbol = new SymbolName("EURUSD"), Deadline = _desk.Now, Order = new OrderId(1),
        });
        Assert.Equal(3, first.Heard<CommandMessage>().Epoch);
        first.Die();
        second.Symbols();
        Assert.Equal(seen + 1, sink.Take<SessionOpened>().Epoch);
    }

    [Fact]
    public void Watch_and_duty_are_told_after_each_welcome()
    {
        var (session, _) = _desk.Serve(account: Desk.AccountOf() with { Hedge = true });
        session.Watch([new SymbolName("XAUUSD")]);
        var first = _desk.Plug().Enter();
        var heard = first.Heard();
        Assert.True(heard.OfType<DutyMessage>().Single().Hedge);
        Assert.Equal(["XAUUSD"], heard.OfType<WatchMessage>().Single().Symbols);
        session.Watch([new SymbolName("EURUSD")]);
        Assert.Equal(["EURUSD"], first.Heard<WatchMessage>().Symbols);
        var second = _desk.Plug(name: Two).Enter();
        Assert.Empty(second.Heard().OfType<WatchMessage>());
        first.Die();
        Assert.Equal(["EURUSD"], second.Heard<WatchMessage>().Symbols);
    }

    [Fact]
    public void An_alert_reaches_the_person_at_the_terminal()
    {
        var (session, _) = _desk.Serve();
        session.Alert("nobody hears", false);
        var first = _desk.Plug().Enter();
        first.Heard();
        session.Alert("margin is low", true);
        Assert.Equal(new AlertMessage("margin is low", true), first.Heard<AlertMessage>());
    }

    [Fact]
    public void A_terminal_that_reads_too_slowly_is_lost_and_the_rest_goes_on()
    {
        var (session, sink) = _desk.Serve();
        var first = _desk.Plug().Enter();
        var second = _desk.Plug(name: Two).Enter();
        first.Stuck = true;
        session.Alert("hello?", false);
        Assert.True(first.IsClosed);
        Assert.True(second.IsActive);
        Assert.Single(sink.Of<SessionClosed>());
        Assert.Equal(1, _desk.Count(TerminalCount.SendFailures));
    }
}

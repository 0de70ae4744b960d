using Lockstep.Domain;
using Lockstep.MetaTrader.Session;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Tests.Session;

public sealed class LifeTests
{
    private readonly Desk _desk = new();

    [Fact]
    public void A_terminal_comes_in_and_the_session_opens_when_its_symbols_are_told()
    {
        var (_, sink) = _desk.Serve(firstEpoch: 13);
        var terminal = _desk.Plug().Enter(symbols: false, with: h => h with { Epoch = 12 });
        var welcome = terminal.Heard<WelcomeMessage>();
        Assert.True(welcome.Active);
        Assert.Equal((13, 1, 5000, 1000), (welcome.Epoch, welcome.Resume, welcome.Beat, welcome.Quotes));
        Assert.Equal(_desk.NowMs, welcome.Now);
        Assert.Empty(sink.Events);

        terminal.Say(new SymbolsMessage([Terminal.Symbol("EURUSD")], true));
        Assert.Empty(sink.Events);
        terminal.Say(new SymbolsMessage([Terminal.Symbol("XAUUSD") with { Trade = "close" }], false));
        var opened = sink.Take<SessionOpened>();
        Assert.Equal(13, opened.Epoch);
        Assert.Equal(["EURUSD", "XAUUSD"], opened.Symbols.Select(s => s.Name.Value));
        Assert.Equal(SymbolTrading.CloseOnly, opened.Symbols[1].Trading);
        Assert.True(opened.Capabilities is
        {
            Platform: PlatformKind.Mt5, CloseBy: true, StopLimitOrders: true, PendingExpiry: true, ClosingDealsTagged: true, Mode: AccountMode.Hedging, Currency: "USD",
        });
        Assert.Equal((TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10)), (opened.Capabilities.AnswerTimeout, opened.Capabilities.AbsenceHorizon));
        Assert.Equal(1, _desk.Hub.Counters.Links);
        Assert.Equal(1, _desk.Hub.Counters.Active);
    }

    [Fact]
    public void An_MT4_account_can_less_and_takes_longer()
    {
        var (_, sink) = _desk.Serve(PlatformKind.Mt4);
        _desk.Plug().Enter("mt4", h => h with { Expiry = false, CloseBy = false, Mode = "fifo" });
        var can = sink.Take<SessionOpened>().Capabilities;
        Assert.True(can is { Platform: PlatformKind.Mt4, CloseBy: false, StopLimitOrders: false, PendingExpiry: false, ClosingDealsTagged: false, Mode: AccountMode.Fifo });
        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60)), (can.AnswerTimeout, can.AbsenceHorizon));
    }

    [Fact]
    public void An_MT4_terminal_cannot_know_that_its_account_is_fifo_and_whoever_configures_it_does()
    {
        var (_, sink) = _desk.Serve(account: Desk.AccountOf(PlatformKind.Mt4) with { Mode = AccountMode.Fifo });
        _desk.Plug().Enter("mt4", h => h with { Mode = "hedging", CloseBy = true });
        Assert.True(sink.Take<SessionOpened>().Capabilities is { Mode: AccountMode.Fifo, CloseBy: false });
    }

    [Fact]
    public void What_is_configured_stands_over_what_is_usual()
    {
        var (_, sink) = _desk.Serve(account: Desk.AccountOf() with { AnswerTimeout = TimeSpan.FromSeconds(3), AbsenceHorizon = TimeSpan.FromSeconds(33), DailyBudget = 2000 });
        var terminal = _desk.Plug().Enter();
        var can = sink.Take<SessionOpened>().Capabilities;
        Assert.Equal((TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(33)), (can.AnswerTimeout, can.AbsenceHorizon));
        Assert.Equal(2000, terminal.Heard().OfType<WelcomeMessage>().Single().Budget);
    }

    [Fact]
    public void Later_symbols_are_a_change()
    {
        var (_, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter();
        terminal.Say(new SymbolsMessage([Terminal.Symbol("EURUSD") with { Max = 7 }, Terminal.Symbol("GBPUSD")], false));
        Assert.Equal(["EURUSD", "GBPUSD"], sink.Take<SymbolsChanged>().Symbols.Select(s => s.Name.Value));
        sink.Events.Clear();
        terminal.Connected = false;
        terminal.Beat();
        terminal.Connected = true;
        terminal.Beat();
        var opened = sink.Take<SessionOpened>();
        Assert.Equal(["EURUSD", "XAUUSD", "GBPUSD"], opened.Symbols.Select(s => s.Name.Value));
        Assert.Equal(new Lots(7), opened.Symbols[0].MaxLots);
    }

    [Fact]
    public void The_broker_lost_closes_the_session_and_the_broker_found_opens_a_new_epoch()
    {
        var (session, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter();
        terminal.Change(terminal.Position(1));
        var change = sink.Take<BookChanged>();
        sink.Events.Clear();
        terminal.Connected = false;
        terminal.Beat();
        Assert.Equal(1, sink.Take<SessionClosed>().Epoch);
        Assert.False(sink.Last.Connected);

        // What happens meanwhile is history: the state comes with the snapshot, the answer in the new epoch.
        terminal.Say(new ChangeMessage { Number = ++terminal.Number, Positions = [terminal.Position(2)], Deals = [terminal.Deal(22, 2)] });
        var key = OrderKey.From("x", 1, 1, "open", 1);
        terminal.Answer(key.ToString());
        Assert.Empty(sink.Events);
        terminal.Heard();
        terminal.Connected = true;
        terminal.Beat();
        var active = terminal.Heard<ActiveMessage>();
        Assert.Equal((2, 1), (active.Epoch, active.Resume));
        Assert.Equal(["SessionOpened", "OrderAnswered", "Heartbeat"], sink.Events.Select(e => e.GetType().Name));
        Assert.All(sink.Events, e => Assert.Equal(2, e.Epoch));

        // The terminal tells its kept events again: they are repeats.
        terminal.Number = 0;
        terminal.Change(terminal.Position(1));
        terminal.Change(terminal.Position(2));
        terminal.Answer(key.ToString());
        Assert.Empty(sink.Of<BookChanged>());
        terminal.Change(terminal.Position(3));
        Assert.Equal(1, sink.Take<BookChanged>().Sequence);

        session.Ask(new AskId(5), _desk.Now - TimeSpan.FromMinutes(2));
        terminal.Say(terminal.Whole(5, terminal.Position(1), terminal.Position(2), terminal.Position(3)));
        var snapshot = sink.Take<BookSnapshot>();
        Assert.Equal([22L], snapshot.Deals.Select(d => d.Id.Value));

        // A report of the old epoch that becomes durable only now still counts.
        session.Kept(change);
        session.Kept(sink.Of<OrderAnswered>()[0]);
        session.Kept(snapshot);
        terminal.Heard();
        _desk.Pass(0.25);
        Assert.Equal(3, terminal.Heard<AckMessage>().Number);
    }

    [Fact]
    public void A_terminal_without_its_broker_opens_no_session()
    {
        var (_, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter(symbols: false);
        terminal.Connected = false;
        terminal.Beat();
        terminal.Symbols();
        Assert.Empty(sink.Events);
        terminal.Connected = true;
        terminal.Beat();
        Assert.Equal(2, sink.Take<SessionOpened>().Epoch);
    }

    [Fact]
    public void A_stopped_session_says_so_once_and_nothing_after_it()
    {
        var (session, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter();
        sink.Events.Clear();
        session.Stop();
        session.Stop();
        Assert.Equal(1001, terminal.Code);
        Assert.Equal("the account was stopped", sink.Take<SessionClosed>().Reason);
        session.Ask(new AskId(1), default);
        session.Send(new CancelPending { Account = session.Account, Key = OrderKey.From("x", 1, 1, "c", 1), Symbol = new SymbolName("EURUSD"), Deadline = _desk.Now, Order = new OrderId(1) });
        terminal.Change(terminal.Position(1));
        _desk.Pass(30);
        Assert.Empty(sink.Events);
        Assert.Equal(0, _desk.Hub.Counters.Links);
    }

    [Fact]
    public void A_receiver_that_throws_stops_nothing()
    {
        var (_, sink) = _desk.Serve();
        sink.OnReport = e => throw new InvalidOperationException(e.GetType().Name);
        var terminal = _desk.Plug().Enter();
        terminal.Change(terminal.Position(1));
        sink.OnReport = null;
        terminal.Change(terminal.Position(2));
        Assert.Equal([1L, 2L], sink.Of<BookChanged>().Select(c => c.Sequence));
        Assert.Equal(2, _desk.Count(TerminalCount.SinkErrors));
    }

    [Fact]
    public void A_receiver_may_call_back_at_once()
    {
        var (session, sink) = _desk.Serve();
        sink.OnReport = e =>
        {
            if (e is SessionOpened)
            {
                session.Ask(new AskId(3), _desk.Now);
            }

            session.Kept(e);
        };
        var terminal = _desk.Plug().Enter();
        Assert.Equal(3, terminal.Heard().OfType<AskMessage>().Single().Id);
        terminal.Change(terminal.Position(1));
        _desk.Pass(0.25);
        Assert.Equal(1, terminal.Heard<AckMessage>().Number);
    }
}

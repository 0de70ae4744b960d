using Lockstep.Domain;
using Lockstep.MetaTrader.Session;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Tests.Session;

public sealed class EventTests
{
    private static readonly OrderKey Key = OrderKey.From("x", 1, 1, "open", 1);
    private readonly Desk _desk = new();

    [Fact]
    public void A_change_is_told_in_our_words()
    {
        var (_, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter();
        terminal.Say(new ChangeMessage
        {
            Number = ++terminal.Number,
            Positions = [terminal.Position(7001) with { Ticket = 7003, Sl = 1.095m, Magic = Key.Magic, Comment = Key.ToString() }],
            Closed = [6000],
            Orders =
            [
                new WireOrder
                {
                    Id = 7005, Symbol = "EURUSD", Buy = false, Type = "stoplimit", Lots = 0.5m, Price = 1.12m, Limit = 1.119m, Time = _desk.NowMs + 10_800_000,
                    Expiry = _desk.NowMs + 10_800_000 + 60_000,
                },
            ],
            Gone = [6005],
            Deals = [terminal.Deal(8001, 7001) with { Entry = "inout", Reason = "so", Commission = -1.05m }],
            Quotes = [new WireQuote("EURUSD", 1.1m, 1.1001m, _desk.NowMs + 10_800_000)],
        });
        var change = sink.Take<BookChanged>();
        var position = Assert.Single(change.Positions);
        Assert.Equal((7001, 7003, Side.Buy, new Lots(0.3m), new Price(1.10012m)), (position.Id.Value, position.Ticket, position.Side, position.Volume, position.OpenPrice));
        Assert.Equal(_desk.Now, position.OpenedAt);
        Assert.Equal((Key, new Price(1.095m), null), (position.Tag.Key, position.StopLoss, position.TakeProfit));
        var order = Assert.Single(change.Orders);
        Assert.Equal((PendingType.StopLimit, Side.Sell, new Price(1.119m), _desk.Now + TimeSpan.FromMinutes(1)), (order.Type, order.Side, order.LimitPrice, order.Expiry!.Value));
        var deal = Assert.Single(change.Deals);
        Assert.Equal((DealEntry.InOut, DealReason.StopOut, new Money(-1.05m), _desk.Now), (deal.Entry, deal.Reason, deal.Commission, deal.At));
        Assert.Equal([6000L], change.ClosedPositions.Select(p => p.Value));
        Assert.Equal([6005L], change.GoneOrders.Select(o => o.Value));
        Assert.Equal(new Price(1.1001m), Assert.Single(sink.Quotes).Quote.Ask);
    }

    [Fact]
    public void Our_numbers_count_changes_only_and_the_terminals_count_answers_too()
    {
        var (_, sink) = _desk.Serve(firstEpoch: 5);
        var terminal = _desk.Plug().Enter(with: h => h with { Epoch = 4, Acked = 120, First = 121, Last = 120 });
        terminal.Change(terminal.Position(1));
        terminal.Answer(Key.ToString());
        terminal.Change(terminal.Position(2));
        Assert.Equal(123, terminal.Number);
        Assert.Equal([1L, 2L], sink.Of<BookChanged>().Select(c => c.Sequence));
        Assert.All(sink.Events, e => Assert.Equal(5, e.Epoch));
    }

    [Fact]
    public void Only_what_is_durable_is_acknowledged()
    {
        var (session, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter();
        terminal.Change(terminal.Position(1));
        terminal.Answer(Key.ToString());
        terminal.Change(terminal.Position(2));
        terminal.Heard();
        _desk.Pass(5);
        Assert.Equal(0, terminal.Heard<ServerBeatMessage>().Ack);

        session.Kept(sink.Of<BookChanged>()[0]);
        session.Kept(sink.Of<OrderAnswered>()[0]);
        Assert.Empty(terminal.Heard());
        _desk.Pass(0.25);
        Assert.Equal(2, terminal.Heard<AckMessage>().Number);
        _desk.Pass(1);
        Assert.Empty(terminal.Heard());
        session.Kept(sink.Of<BookChanged>()[1]);
        _desk.Pass(0.25);
        Assert.Equal(3, terminal.Heard<AckMessage>().Number);
    }

    [Fact]
    public void Many_durable_events_are_acknowledged_at_once_in_one_message()
    {
        var (session, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter();
        for (int i = 0; i < 120; i++)
        {
            terminal.Change(terminal.Position(i + 1));
        }

        terminal.Heard();
        foreach (var report in sink.Of<BookChanged>())
        {
            session.Kept(report);
        }

        Assert.Equal([50L, 100L], terminal.Heard().OfType<AckMessage>().Select(a => a.Number));
        _desk.Pass(0.25);
        Assert.Equal(120, terminal.Heard<AckMessage>().Number);
    }

    [Fact]
    public void A_repeat_is_acknowledged_again_and_nothing_else()
    {
        var (session, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter();
        terminal.Change(terminal.Position(1));
        session.Kept(sink.Take<BookChanged>());
        _desk.Pass(0.25);
        terminal.Heard();
        terminal.Number = 0;
        terminal.Change(terminal.Position(1));
        Assert.Empty(sink.Of<BookChanged>());
        _desk.Pass(0.25);
        Assert.Equal(1, terminal.Heard<AckMessage>().Number);
        Assert.Equal(1, _desk.Count(TerminalCount.Repeats));
    }

    [Fact]
    public void A_gap_makes_the_engine_ask_until_a_snapshot_has_what_is_missing()
    {
        var (session, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter();
        terminal.Change(terminal.Position(1));
        terminal.Number += 2;
        sink.Events.Clear();
        terminal.Change(terminal.Position(4));
        Assert.Equal(["Heartbeat", "BookChanged"], sink.Events.Select(e => e.GetType().Name));
        Assert.True(sink.Take<Heartbeat>().Differs);
        var change = sink.Take<BookChanged>();
        Assert.Equal(2, change.Sequence);
        Assert.Equal(1, _desk.Count(TerminalCount.Gaps));

        // What never came is not acknowledged before the whole truth is durable.
        session.Kept(change);
        terminal.Beat();
        Assert.True(sink.Take<Heartbeat>().Differs);
        terminal.Heard();
        _desk.Pass(0.25);
        Assert.Empty(terminal.Heard());

        session.Ask(new AskId(9), _desk.Now);
        terminal.Say(terminal.Whole(9, terminal.Position(1), terminal.Position(2), terminal.Position(4)));
        var snapshot = sink.Take<BookSnapshot>();
        Assert.Equal(2, snapshot.Sequence);
        session.Kept(snapshot);
        terminal.Digest = terminal.Whole(9, terminal.Position(1), terminal.Position(2), terminal.Position(4)).Positions.Aggregate(0UL, (sum, p) => sum + LinkCodec.Fingerprint(p));
        terminal.Beat();
        Assert.False(sink.Take<Heartbeat>().Differs);
    }

    [Fact]
    public void A_number_that_cannot_follow_is_refused_and_the_events_after_it_are_not_lost()
    {
        var (_, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter();
        terminal.Say(new ChangeMessage { Number = long.MaxValue, Positions = [terminal.Position(1)] });
        Assert.Single(terminal.Heard().OfType<BadReplyMessage>());
        terminal.Change(terminal.Position(2));
        Assert.Equal(2, sink.Take<BookChanged>().Positions[0].Id.Value);
    }

    [Fact]
    public void Kept_events_are_history_their_deals_and_answers_count_their_states_do_not()
    {
        var (session, sink) = _desk.Serve(firstEpoch: 13);
        var terminal = _desk.Plug().Enter(with: h => h with { Epoch = 12, Acked = 120, First = 121, Last = 123 });
        terminal.Number = 120;
        terminal.Say(new ChangeMessage { Number = ++terminal.Number, Positions = [terminal.Position(1)], Deals = [terminal.Deal(801, 1, TimeSpan.FromSeconds(30)), terminal.Deal(700, 1, TimeSpan.FromHours(3))] });
        terminal.Answer(Key.ToString());
        terminal.Say(new ChangeMessage { Number = ++terminal.Number, Closed = [1], Deals = [terminal.Deal(802, 1, TimeSpan.FromSeconds(20)) with { Entry = "out" }] });
        Assert.Empty(sink.Of<BookChanged>());
        var answered = sink.Take<OrderAnswered>();
        Assert.Equal((13, Key, OrderOutcome.Done), (answered.Epoch, answered.Key, answered.Outcome));

        session.Ask(new AskId(1), _desk.Now - TimeSpan.FromMinutes(2));
        terminal.Change(terminal.Position(2));
        Assert.Equal(1, sink.Take<BookChanged>().Sequence);
        terminal.Say(terminal.Whole(1, terminal.Position(2)) with { Deals = [terminal.Deal(802, 1, TimeSpan.FromSeconds(20)) with { Entry = "out" }, terminal.Deal(803, 2)] });
        var snapshot = sink.Take<BookSnapshot>();
        Assert.Equal([801L, 802L, 803L], snapshot.Deals.Select(d => d.Id.Value));
        Assert.Equal(1, snapshot.Sequence);

        // The answer's durability does not reach over the history before it.
        session.Kept(answered);
        terminal.Heard();
        _desk.Pass(0.25);
        Assert.Empty(terminal.Heard());
        session.Kept(snapshot);
        _desk.Pass(0.25);
        Assert.Equal(123, terminal.Heard<AckMessage>().Number);
    }

    [Fact]
    public void What_was_acknowledged_is_remembered_of_each_terminal()
    {
        var (session, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter();
        terminal.Change(terminal.Position(1));
        terminal.Change(terminal.Position(2));
        session.Kept(sink.Of<BookChanged>()[0]);
        terminal.Die();
        var again = _desk.Plug().Enter(with: h => h with { Epoch = 1, Acked = 0, First = 1, Last = 2 });
        Assert.Equal(2, again.Heard().OfType<WelcomeMessage>().Single().Resume);
        var other = _desk.Plug(name: "2222222222222222").Enter(with: h => h with { Acked = 40, First = 41, Last = 44 });
        Assert.Equal(41, other.Heard<WelcomeMessage>().Resume);
    }

    [Fact]
    public void Files_that_are_older_than_what_was_acknowledged_begin_anew()
    {
        var (session, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter();
        for (int i = 1; i <= 5; i++)
        {
            terminal.Change(terminal.Position(i));
            session.Kept(sink.Take<BookChanged>());
        }

        terminal.Die();
        var restored = _desk.Plug().Enter(with: h => h with { Epoch = 1, Acked = 2, First = 3, Last = 3 });
        Assert.Equal(3, restored.Heard().OfType<WelcomeMessage>().Single().Resume);
        restored.Number = 3;
        restored.Change(restored.Position(9));
        Assert.True(sink.Take<Heartbeat>().Differs);
        Assert.Equal(9, sink.Take<BookChanged>().Positions[0].Id.Value);
    }

    [Fact]
    public void An_outbox_that_overflowed_is_no_gap()
    {
        var (_, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter(with: h => h with { Acked = 10, First = 50, Last = 60 });
        terminal.Number = 49;
        terminal.Change(terminal.Position(1));
        Assert.Equal(0, _desk.Count(TerminalCount.Gaps));
        Assert.Equal(1, _desk.Count(TerminalCount.Overflows));
        Assert.Single(sink.Events);
    }

    [Fact]
    public void An_event_that_comes_after_the_snapshot_that_has_it_brings_no_old_state_back()
    {
        var (session, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter();
        session.Ask(new AskId(1), _desk.Now);
        terminal.Say(terminal.Whole(1) with { Number = 2 });
        var snapshot = sink.Take<BookSnapshot>();
        terminal.Change(terminal.Position(1));
        terminal.Say(new ChangeMessage { Number = ++terminal.Number, Closed = [1] });
        Assert.Empty(sink.Of<BookChanged>());
        session.Kept(snapshot);
        terminal.Heard();
        _desk.Pass(0.25);
        Assert.Equal(2, terminal.Heard<AckMessage>().Number);
        terminal.Change(terminal.Position(3));
        Assert.Equal(1, sink.Take<BookChanged>().Sequence);
    }

    [Fact]
    public void Kept_events_that_cannot_be_used_do_not_lock_the_account_out()
    {
        var (session, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter(with: h => h with { Acked = 0, First = 1, Last = 60 });
        _desk.Lines.Clear();
        terminal.Number = 0;
        for (int i = 0; i < 30; i++)
        {
            terminal.Change(terminal.Position(1) with { Time = 5 });
            terminal.Say("{");
        }

        Assert.False(terminal.IsClosed);
        Assert.Equal(60, terminal.Heard().OfType<BadReplyMessage>().Count());
        Assert.True(_desk.Lines.Count <= 20, "the log is not flooded");
        terminal.Number = 60;
        session.Ask(new AskId(1), _desk.Now);
        terminal.Say(terminal.Whole(1));
        terminal.Change(terminal.Position(2));
        session.Ask(new AskId(2), _desk.Now);
        terminal.Say(terminal.Whole(2, terminal.Position(2)));
        foreach (var report in sink.Events.ToArray())
        {
            session.Kept(report);
        }

        _desk.Pass(0.25);
        Assert.Equal(61, terminal.Heard().OfType<AckMessage>().Last().Number);
    }

    [Fact]
    public void Events_come_after_symbols()
    {
        var (_, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter(symbols: false);
        terminal.Change(terminal.Position(1));
        Assert.Empty(sink.Events);
        Assert.Single(terminal.Heard().OfType<BadReplyMessage>());
    }

    [Fact]
    public void Events_told_and_never_come_are_asked_about_after_two_beats()
    {
        var (_, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter();
        terminal.Number = 3;
        terminal.Beat();
        Assert.False(sink.Take<Heartbeat>().Differs);
        terminal.Beat();
        Assert.True(sink.Take<Heartbeat>().Differs);
    }

    [Fact]
    public void A_thousand_kept_events_told_again_are_not_too_many()
    {
        var (_, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter(with: h => h with { Acked = 0, First = 1, Last = 20_000 });
        terminal.Number = 0;
        for (int i = 0; i < 20_000; i++)
        {
            terminal.Say(new ChangeMessage { Number = ++terminal.Number, Closed = [i + 1] });
        }

        Assert.False(terminal.IsClosed);
        Assert.Equal(20_000, _desk.Count(TerminalCount.HistoryEvents));
        Assert.Single(sink.Events);
    }

}

using Lockstep.Domain;
using Lockstep.MetaTrader.Session;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Tests.Session;

public sealed class CommandTests
{
    private readonly Desk _desk = new();

    [Fact]
    public void A_command_travels_with_its_key_its_magic_number_and_its_deadline()
    {
        var (session, _, terminal) = Live();
        session.Send(Open(1));
        var command = terminal.Heard<CommandMessage>();
        var key = KeyOf(1);
        Assert.Equal((key.ToString(), key.Magic, 1L, WireDo.Open, "EURUSD", "buy"), (command.Id, (int)command.Magic, command.Epoch, command.Do, command.Symbol, command.Side));
        Assert.Equal((_desk.NowMs, _desk.NowMs + 2000), (command.Now, command.Expires));
        Assert.Equal((0.3m, 1.095m, null, 1.1005m), (command.Lots, command.Sl, command.Tp, command.Worst));
    }

    /// <summary>
    /// A terminal believes the greatest "now" of two minutes. Our clock that is set back, or is led back slowly, must not make commands look as if their time had passed.
    /// </summary>
    [Theory]
    [InlineData(-90)]
    [InlineData(90)]
    public void A_clock_that_is_set_wrong_makes_no_command_old(int seconds)
    {
        var (session, _, terminal) = Live();
        session.Send(Open(1));
        var before = terminal.Heard<CommandMessage>();
        _desk.Time.SetWall(TimeSpan.FromSeconds(seconds));
        _desk.Pass(60, terminal);
        terminal.Heard();
        session.Send(Open(2) with { Deadline = _desk.Now + TimeSpan.FromSeconds(2) });
        var after = terminal.Heard<CommandMessage>();
        Assert.Equal(2000, after.Expires - after.Now);
        Assert.InRange(after.Now - before.Now, 59_970, 60_030);
    }

    [Fact]
    public void Each_kind_of_command_has_its_fields()
    {
        var (session, _, terminal) = Live();
        session.Send(Place(1));
        var place = terminal.Heard<CommandMessage>();
        Assert.Equal((WireDo.Place, "sell", "stoplimit", 1.12m, 1.119m, _desk.NowMs + 10_800_000 + 3_600_000), (place.Do, place.Side, place.Type, place.Price, place.Limit, place.Expiry));
        session.Send(Reduce(2));
        var reduce = terminal.Heard<CommandMessage>();
        Assert.Equal((WireDo.Reduce, 7001L, 0.1m, "buy", KeyOf(2).Magic), (reduce.Do, reduce.Position, reduce.Lots, reduce.Side, (int)reduce.Magic));
        session.Send(Stops(3));
        var stops = terminal.Heard<CommandMessage>();
        Assert.Equal((WireDo.Stops, 7001L, 1.09m, null), (stops.Do, stops.Position, stops.Sl, stops.Tp));
        session.Send(Cancel(4));
        Assert.Equal((WireDo.Cancel, 7005L), terminal.Heard<CommandMessage>() is var c ? (c.Do, c.Order) : default);
        session.Send(new AmendPending { Account = Acc, Key = KeyOf(5), Symbol = Sym, Deadline = Soon, Order = new OrderId(7005), Price = new Price(1.13m), Expiry = _desk.Now });
        var amend = terminal.Heard<CommandMessage>();
        Assert.Equal((WireDo.Amend, 7005L, 1.13m, _desk.NowMs + 10_800_000), (amend.Do, amend.Order, amend.Price, amend.Expiry));
        session.Send(new CloseBy { Account = Acc, Key = KeyOf(6), Symbol = Sym, Deadline = Soon, Position = new PositionId(7001), Opposite = new PositionId(7002) });
        Assert.Equal((WireDo.CloseBy, 7001L, 7002L), terminal.Heard<CommandMessage>() is var b ? (b.Do, b.Position, b.By) : default);
    }

    [Fact]
    public void What_cannot_leave_is_refused_at_once()
    {
        var (session, sink) = _desk.Serve();
        session.Send(Open(1));
        AssertNotSent(sink, 1);
        var terminal = _desk.Plug().Enter(with: h => h with { Role = "monitor" });
        sink.Events.Clear();
        session.Send(Open(2));
        AssertNotSent(sink, 2);
        terminal.Die();
        terminal = _desk.Plug().Enter(with: h => h with { Epoch = 1 });
        sink.Events.Clear();
        terminal.Heard();
        session.Send(Open(3) with { Deadline = _desk.Now - TimeSpan.FromMilliseconds(1) });
        AssertNotSent(sink, 3);
        Assert.Empty(terminal.Heard());
        Assert.Equal(3, _desk.Count(TerminalCount.CommandsNotSent));
    }

    [Fact]
    public void What_the_transport_does_not_take_never_left()
    {
        var (session, sink, terminal) = Live();
        terminal.Stuck = true;
        session.Send(Open(1));
        Assert.Equal(["OrderAnswered", "SessionClosed"], sink.Events.Select(e => e.GetType().Name));
        AssertNotSent(sink, 1);
    }

    [Fact]
    public void What_the_transport_threw_at_nobody_can_say()
    {
        var (session, sink, terminal) = Live();
        terminal.Throws = true;
        session.Send(Open(1));
        Assert.Empty(sink.Events);
        Assert.Equal(1, _desk.Count(TerminalCount.SinkErrors));
        Assert.DoesNotContain(_desk.Lines, l => l.Contains("broken pipe", StringComparison.Ordinal));
    }

    public static TheoryData<string, int, string, OrderOutcome, Refusal> Ends => new()
    {
        { "done", 10009, "", OrderOutcome.Done, Refusal.None },
        { "done", 0, "found", OrderOutcome.Done, Refusal.None },
        { "done", 0, "already", OrderOutcome.Done, Refusal.None },
        { "refused", 10016, "", OrderOutcome.Refused, Refusal.InvalidStops },
        { "refused", 0, "expired", OrderOutcome.Refused, Refusal.NotSent },
        { "refused", 0, "epoch", OrderOutcome.Refused, Refusal.NotSent },
        { "refused", 0, "offline", OrderOutcome.Refused, Refusal.NotSent },
        { "refused", 0, "not-allowed", OrderOutcome.Refused, Refusal.TradeDisabled },
        { "refused", 0, "price-guard", OrderOutcome.Refused, Refusal.PriceGuard },
        { "refused", 0, "not-found", OrderOutcome.Refused, Refusal.NotFound },
        { "refused", 0, "invalid", OrderOutcome.Refused, Refusal.InvalidRequest },
        { "refused", 0, "budget", OrderOutcome.Refused, Refusal.TooManyRequests },
        { "refused", 0, "killed", OrderOutcome.Unknown, Refusal.None },
        { "unknown", 0, "killed", OrderOutcome.Unknown, Refusal.None },
        { "refused", 10012, "", OrderOutcome.Unknown, Refusal.None },
        { "unknown", 10016, "", OrderOutcome.Unknown, Refusal.None },
        { "done", 10016, "", OrderOutcome.Unknown, Refusal.None },
        { "refused", 10009, "", OrderOutcome.Unknown, Refusal.None },
        { "refused", 31337, "", OrderOutcome.Unknown, Refusal.None },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public void The_more_careful_of_outcome_and_code_stands(string outcome, int code, string why, OrderOutcome end, Refusal refusal)
    {
        var (session, sink, terminal) = Live();
        session.Send(Open(1));
        terminal.Answer(KeyOf(1).ToString(), outcome, code, why);
        var answer = sink.Take<OrderAnswered>();
        Assert.Equal((KeyOf(1), end, refusal), (answer.Key, answer.Outcome, answer.Refusal));
        Assert.Equal(code != 0 ? code.ToString(System.Globalization.CultureInfo.InvariantCulture) : why, answer.Code);
        if (end == OrderOutcome.Done)
        {
            Assert.Equal((7001L, new Lots(0.3m), new Price(1.1m)), (answer.Position!.Value.Value, answer.Filled, answer.Price!.Value));
        }
    }

    [Fact]
    public void MT5_takes_all_commands_at_once()
    {
        var (session, _, terminal) = Live();
        session.Send(Open(1));
        session.Send(Reduce(2));
        session.Send(Stops(3));
        Assert.Equal(3, terminal.Heard().OfType<CommandMessage>().Count());
    }

    [Fact]
    public void MT4_takes_one_after_another_closings_first_levels_last()
    {
        var (session, sink, terminal) = Live(PlatformKind.Mt4);
        session.Send(Stops(1));
        session.Send(Stops(2));
        session.Send(Open(3));
        session.Send(Reduce(4));
        session.Send(Place(5));
        session.Send(Cancel(6));
        session.Send(Stops(7));
        session.Send(Reduce(4));
        var order = new List<string>();
        for (int i = 0; i < 7; i++)
        {
            var command = terminal.Heard<CommandMessage>();
            order.Add(command.Id);
            terminal.Answer(command.Id, code: 0);
        }

        Assert.Empty(terminal.Heard());
        Assert.Equal(new[] { 1, 4, 6, 3, 5, 2, 7 }.Select(n => KeyOf(n).ToString()), order);
        Assert.Equal(7, sink.Of<OrderAnswered>().Count);
        Assert.Equal(0, _desk.Count(TerminalCount.LateAnswers));
    }

    [Fact]
    public void What_waits_on_MT4_past_its_deadline_is_refused_as_never_sent()
    {
        var (session, sink, terminal) = Live(PlatformKind.Mt4);
        session.Send(Open(1));
        session.Send(Open(2));
        session.Send(Open(3) with { Deadline = _desk.Now + TimeSpan.FromSeconds(60) });
        terminal.Heard();
        _desk.Pass(2.25);
        AssertNotSent(sink, 2);
        Assert.Empty(terminal.Heard().OfType<CommandMessage>());
        terminal.Answer(KeyOf(1).ToString(), code: 0);
        Assert.Equal(KeyOf(3).ToString(), terminal.Heard<CommandMessage>().Id);
    }

    [Fact]
    public void MT4_is_busy_with_an_unanswered_command_for_60_s_and_no_longer()
    {
        var (session, _, terminal) = Live(PlatformKind.Mt4);
        session.Send(Open(1));
        session.Send(Open(2) with { Deadline = _desk.Now + TimeSpan.FromSeconds(90) });
        terminal.Heard();
        _desk.Pass(59.75, terminal);
        Assert.Empty(terminal.Heard().OfType<CommandMessage>());
        _desk.Pass(0.5, terminal);
        Assert.Equal(KeyOf(2).ToString(), terminal.Heard().OfType<CommandMessage>().Single().Id);
        Assert.Equal(1, _desk.Count(TerminalCount.ContextsStuck));

        // The late answer of the first does not free what the second holds.
        session.Send(Open(3) with { Deadline = _desk.Now + TimeSpan.FromSeconds(30) });
        terminal.Answer(KeyOf(1).ToString(), code: 0);
        Assert.Empty(terminal.Heard().OfType<CommandMessage>());
    }

    [Fact]
    public void In_flight_when_the_link_goes_is_not_answered_and_what_waited_never_left()
    {
        var (session, sink, terminal) = Live(PlatformKind.Mt4);
        session.Send(Open(1));
        session.Send(Open(2));
        terminal.Die();
        Assert.Equal(["OrderAnswered", "SessionClosed"], sink.Events.Select(e => e.GetType().Name));
        AssertNotSent(sink, 2);

        // The next terminal is free.
        var again = _desk.Plug().Enter("mt4", h => h with { Epoch = 1 });
        again.Heard();
        session.Send(Open(3));
        Assert.Equal((KeyOf(3).ToString(), 2L), again.Heard<CommandMessage>() is var c ? (c.Id, c.Epoch) : default);
    }

    [Fact]
    public void A_late_answer_and_one_of_a_stranger_are_told_and_counted()
    {
        var (_, sink, terminal) = Live();
        terminal.Answer(KeyOf(9).ToString());
        Assert.Equal(KeyOf(9), sink.Take<OrderAnswered>().Key);
        Assert.Equal(1, _desk.Count(TerminalCount.LateAnswers));
        terminal.Answer("nonsense");
        Assert.Empty(sink.Of<OrderAnswered>());
        Assert.Single(terminal.Heard().OfType<BadReplyMessage>());
        terminal.Change(terminal.Position(1));
        Assert.Empty(sink.Of<Heartbeat>());
    }

    [Fact]
    public void MT4s_off_quotes_on_a_close_is_unknown_and_on_an_opening_refused()
    {
        var (session, sink, terminal) = Live(PlatformKind.Mt4);
        session.Send(Reduce(1));
        terminal.Answer(KeyOf(1).ToString(), "refused", 136);
        Assert.Equal(OrderOutcome.Unknown, sink.Take<OrderAnswered>().Outcome);
        session.Send(Open(2));
        terminal.Answer(KeyOf(2).ToString(), "refused", 136);
        Assert.Equal((OrderOutcome.Refused, Refusal.NoQuotes), sink.Take<OrderAnswered>() is var a ? (a.Outcome, a.Refusal) : default);
        terminal.Answer(KeyOf(3).ToString(), "refused", 136);
        Assert.Equal(OrderOutcome.Unknown, sink.Take<OrderAnswered>().Outcome);
    }

    private static AccountId Acc => new("prop");

    private static SymbolName Sym => new("EURUSD");

    private Timestamp Soon => _desk.Now + TimeSpan.FromSeconds(2);

    private static OrderKey KeyOf(int n) => OrderKey.From("test", n, 1, "open", 1);

    private OpenMarket Open(int n) => new()
    {
        Account = Acc, Key = KeyOf(n), Symbol = Sym, Deadline = Soon, Side = Side.Buy, Volume = new Lots(0.3m), StopLoss = new Price(1.095m), WorstPrice = new Price(1.1005m),
    };

    private PlacePending Place(int n) => new()
    {
        Account = Acc, Key = KeyOf(n), Symbol = Sym, Deadline = Soon, Side = Side.Sell, Type = PendingType.StopLimit, Volume = new Lots(0.5m), Price = new Price(1.12m), LimitPrice = new Price(1.119m),
        Expiry = _desk.Now + TimeSpan.FromHours(1),
    };

    private ReducePosition Reduce(int n) => new()
    {
        Account = Acc, Key = KeyOf(n), Symbol = Sym, Deadline = Soon, Position = new PositionId(7001), TargetVolume = new Lots(0.1m), Side = Side.Buy,
    };

    private SetStops Stops(int n) => new() { Account = Acc, Key = KeyOf(n), Symbol = Sym, Deadline = Soon, Position = new PositionId(7001), StopLoss = new Price(1.09m) };

    private CancelPending Cancel(int n) => new() { Account = Acc, Key = KeyOf(n), Symbol = Sym, Deadline = Soon, Order = new OrderId(7005) };

    private static void AssertNotSent(Sink sink, int n)
    {
        var answer = sink.Take<OrderAnswered>();
        Assert.Equal((KeyOf(n), OrderOutcome.Refused, Refusal.NotSent), (answer.Key, answer.Outcome, answer.Refusal));
    }

    private (TerminalSession Session, Sink Sink, Terminal Terminal) Live(PlatformKind platform = PlatformKind.Mt5)
    {
        var (session, sink) = _desk.Serve(platform);
        var terminal = _desk.Plug().Enter(platform == PlatformKind.Mt4 ? "mt4" : "mt5");
        terminal.Heard();
        sink.Events.Clear();
        return (session, sink, terminal);
    }
}

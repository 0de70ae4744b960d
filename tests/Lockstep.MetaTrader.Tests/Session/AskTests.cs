using Lockstep.Domain;
using Lockstep.MetaTrader.Session;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Tests.Session;

public sealed class AskTests
{
    private readonly Desk _desk = new();
    private readonly TerminalSession _session;
    private readonly Sink _sink;

    public AskTests() => (_session, _sink) = _desk.Serve();

    [Fact]
    public void The_whole_truth_is_told_as_of_the_moment_of_the_question()
    {
        var terminal = Live();
        var asked = _desk.Now;
        _session.Ask(new AskId(77), asked - TimeSpan.FromMinutes(2));
        var ask = terminal.Heard<AskMessage>();
        Assert.Equal((77, _desk.NowMs + 10_800_000 - 120_000 - 3_600_000), (ask.Id, ask.From));
        _desk.Time.Advance(TimeSpan.FromSeconds(3));
        terminal.Say(terminal.Whole(77, terminal.Position(1)) with { Ended = [Order(terminal, 5)], Orders = [Order(terminal, 6)] });
        var snapshot = _sink.Take<BookSnapshot>();
        Assert.Equal((77, 0, asked, asked - TimeSpan.FromMinutes(2)), (snapshot.Ask.Value, snapshot.Sequence, snapshot.TakenAt, snapshot.HistoryFrom));
        Assert.Equal((1L, 6L, 5L), (snapshot.Positions.Single().Id.Value, snapshot.Orders.Single().Id.Value, snapshot.EndedOrders.Single().Id.Value));
        Assert.Equal((new Money(10000), new Money(10012.5m), "USD", _desk.Now), (snapshot.Funds.Balance, snapshot.Funds.Equity, snapshot.Funds.Currency, snapshot.Funds.At));
    }

    [Fact]
    public void Parts_are_no_answer_before_the_last_one_came()
    {
        var terminal = Live();
        terminal.Change(terminal.Position(1));
        _session.Ask(new AskId(1), _desk.Now);
        terminal.Say(terminal.Whole(1, terminal.Position(1)) with { Of = 3 });
        terminal.Say(terminal.Whole(1, terminal.Position(2)) with { Of = 3, Part = 2, Funds = null });
        Assert.Empty(_sink.Of<BookSnapshot>());

        // What changes between the parts is not included, and was told by itself.
        long included = terminal.Number;
        terminal.Change(terminal.Position(3));
        terminal.Say(terminal.Whole(1) with { Of = 3, Part = 3, Funds = null, Number = included, Deals = [terminal.Deal(9, 1, TimeSpan.FromSeconds(-1)), terminal.Deal(8, 1)] });
        var snapshot = _sink.Take<BookSnapshot>();
        Assert.Equal([1L, 2L], snapshot.Positions.Select(p => p.Id.Value));
        Assert.Equal([8L, 9L], snapshot.Deals.Select(d => d.Id.Value));
        Assert.Equal(1, snapshot.Sequence);
        Assert.Equal(2, _sink.Of<BookChanged>()[^1].Sequence);
    }

    public static TheoryData<string> Broken => ["of", "part", "number", "older", "funds", "twice", "many", "unread", "time"];

    [Theory]
    [MemberData(nameof(Broken))]
    public void An_answer_that_does_not_fit_together_is_no_evidence(string how)
    {
        var terminal = Live();
        terminal.Change(terminal.Position(1));
        _session.Ask(new AskId(1), _desk.Now);
        terminal.Heard();
        var first = terminal.Whole(1, terminal.Position(1)) with { Of = 2 };
        var second = first with { Part = 2, Positions = [terminal.Position(2)] };
        (first, second) = how switch
        {
            "of" => (first, second with { Of = 3 }),
            "part" => (first, second with { Part = 1 }),
            "number" => (first, second with { Number = 2 }),
            "older" => (first with { Number = 0 }, second with { Number = 0 }),
            "funds" => (first with { Funds = null }, second),
            "twice" => (first, second with { Positions = first.Positions }),
            "many" => (first with { Of = 513 }, second with { Of = 513 }),
            "unread" => (first, second with { Positions = [terminal.Position(2) with { Symbol = "" }] }),
            _ => (first, second with { Positions = [terminal.Position(2) with { Time = 5 }] }),
        };
        terminal.Say(first);
        if (_sink.Of<AskFailed>().Count == 0)
        {
            terminal.Say(second);
        }

        Assert.Equal(1, _sink.Take<AskFailed>().Ask.Value);
        Assert.Empty(_sink.Of<BookSnapshot>());
        Assert.Single(terminal.Heard().OfType<BadReplyMessage>());
        terminal.Say(second);
        Assert.Empty(_sink.Of<BookSnapshot>());
    }

    [Fact]
    public void A_terminal_that_cannot_tell_says_so_and_one_that_says_nothing_has_failed_after_20_s()
    {
        var terminal = Live();
        _session.Ask(new AskId(1), _desk.Now);
        terminal.Say(new AskFailedMessage(1, "history not loaded"));
        Assert.Equal("history not loaded", _sink.Take<AskFailed>().Reason);
        _session.Ask(new AskId(2), _desk.Now);
        terminal.Say(new AskFailedMessage(1, "late"));
        _desk.Pass(19.75, terminal);
        Assert.Empty(_sink.Of<AskFailed>());
        _desk.Pass(0.5, terminal);
        Assert.Equal(2, _sink.Take<AskFailed>().Ask.Value);
        terminal.Say(terminal.Whole(2));
        Assert.Empty(_sink.Of<BookSnapshot>());
    }

    [Fact]
    public void A_later_question_takes_the_place_of_an_earlier_one()
    {
        var terminal = Live();
        _session.Ask(new AskId(1), _desk.Now);
        _session.Ask(new AskId(2), _desk.Now);
        terminal.Say(terminal.Whole(1));
        Assert.Empty(_sink.Of<BookSnapshot>());
        terminal.Say(terminal.Whole(2));
        Assert.Equal(2, _sink.Take<BookSnapshot>().Ask.Value);
    }

    [Fact]
    public void Nobody_to_ask_is_said_at_once()
    {
        _session.Ask(new AskId(4), _desk.Now);
        Assert.Equal(4, _sink.Take<AskFailed>().Ask.Value);
        var terminal = Live();
        _session.Ask(new AskId(5), _desk.Now);
        terminal.Die();
        Assert.Empty(_sink.Of<AskFailed>());
        Assert.Single(_sink.Of<SessionClosed>());
    }

    [Fact]
    public void What_two_sides_believe_is_compared_at_each_beat()
    {
        var terminal = Live();
        var (a, b) = (terminal.Position(1), terminal.Position(2));
        terminal.Beat();
        Assert.Equal(0, _desk.Count(TerminalCount.Digests));
        _session.Ask(new AskId(1), _desk.Now);
        terminal.Say(terminal.Whole(1, a, b) with { Orders = [Order(terminal, 3)] });
        _sink.Events.Clear();

        terminal.Digest = LinkCodec.Fingerprint(a) + LinkCodec.Fingerprint(b) + LinkCodec.Fingerprint(Order(terminal, 3));
        terminal.Beat();
        Assert.False(_sink.Take<Heartbeat>().Differs);

        terminal.Change(b with { Lots = 0.1m });
        _sink.Events.Clear();
        terminal.Beat();
        Assert.True(_sink.Take<Heartbeat>().Differs);
        terminal.Digest += LinkCodec.Fingerprint(b with { Lots = 0.1m }) - LinkCodec.Fingerprint(b);
        terminal.Beat();
        Assert.False(_sink.Take<Heartbeat>().Differs);

        terminal.Say(new ChangeMessage { Number = ++terminal.Number, Closed = [1], Gone = [3] });
        terminal.Digest = LinkCodec.Fingerprint(b with { Lots = 0.1m });
        _sink.Events.Clear();
        terminal.Beat();
        var beat = _sink.Take<Heartbeat>();
        Assert.Equal((false, 2), (beat.Differs, beat.Sequence));
        Assert.Equal(4, _desk.Count(TerminalCount.Digests));
        Assert.Equal(1, _desk.Count(TerminalCount.DigestMismatches));
    }

    [Fact]
    public void What_changed_between_the_parts_is_in_the_sum()
    {
        var terminal = Live();
        _session.Ask(new AskId(1), _desk.Now);
        terminal.Say(terminal.Whole(1, terminal.Position(1)) with { Of = 2, Number = 0 });
        terminal.Change(terminal.Position(2));
        terminal.Say(terminal.Whole(1) with { Of = 2, Part = 2, Number = 0, Funds = null });
        terminal.Digest = LinkCodec.Fingerprint(terminal.Position(1)) + LinkCodec.Fingerprint(terminal.Position(2));
        _sink.Events.Clear();
        terminal.Beat();
        Assert.False(_sink.Take<Heartbeat>().Differs);
        Assert.Equal(1, _desk.Count(TerminalCount.Digests));
    }

    [Fact]
    public void A_new_epoch_compares_nothing_before_its_own_snapshot()
    {
        var terminal = Live();
        _session.Ask(new AskId(1), _desk.Now);
        terminal.Say(terminal.Whole(1, terminal.Position(1)));
        terminal.Connected = false;
        terminal.Beat();
        terminal.Connected = true;
        terminal.Digest = 5;
        terminal.Beat();
        Assert.False(_sink.Of<Heartbeat>()[^1].Differs);
    }

    private Terminal Live()
    {
        var terminal = _desk.Plug().Enter();
        terminal.Heard();
        _sink.Events.Clear();
        return terminal;
    }

    private WireOrder Order(Terminal terminal, long id) => new()
    {
        Id = id, Symbol = "EURUSD", Buy = true, Type = "limit", Lots = 0.5m, Price = 1.05m, Time = _desk.NowMs + (terminal.Offset * 1000L),
    };
}

using Lockstep.Domain;
using Lockstep.MetaTrader.Session;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Tests.Session;

public sealed class HealthTests
{
    private readonly Desk _desk = new();

    [Fact]
    public void Each_beat_tells_how_the_session_is()
    {
        var (_, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter();
        Assert.True(sink.Last is { Connected: true, TradeAllowed: true, RoundTrip: null, Standby: 0, Reconnects: 0, Peer: "MT5 build 4410, EA 1.0.0" });
        _desk.Pass(5);
        _desk.Time.Advance(TimeSpan.FromMilliseconds(40));
        terminal.Say(new BeatMessage
        {
            Number = 0, Digest = 0, Connected = true, Trade = false, Why = "press Algo Trading", Ping = 23, Tick = 350, Offset = 7200, Echo = terminal.EchoNow, Held = 10,
        });
        var health = sink.Last;
        Assert.True(health is { Connected: true, TradeAllowed: false, TradeProblem: "press Algo Trading", MissedBeats: 0 });
        Assert.Equal(
            (TimeSpan.FromMilliseconds(30), TimeSpan.FromMilliseconds(23), TimeSpan.FromMilliseconds(350), TimeSpan.FromHours(2)),
            (health.RoundTrip, health.BrokerPing, health.TickAge, health.ServerOffset));
        Assert.Equal(1, _desk.Count(TerminalCount.OffsetChanges));
        Assert.Contains(_desk.Lines, l => l.Contains("7200 s ahead of UTC", StringComparison.Ordinal));
    }

    [Fact]
    public void A_beat_that_echoes_nonsense_has_no_round_trip()
    {
        var (_, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter();
        terminal.Say(new BeatMessage { Number = 0, Digest = 0, Connected = true, Trade = true, Offset = 10_800, Echo = 5, Held = 1 });
        Assert.Null(sink.Last.RoundTrip);
        terminal.Say(new BeatMessage { Number = 0, Digest = 0, Connected = true, Trade = true, Offset = 2_000_000, Echo = 5, Held = 1 });
        Assert.Single(terminal.Heard().OfType<BadReplyMessage>());
    }

    [Fact]
    public void The_servers_beat_goes_out_each_5_s()
    {
        _desk.Serve();
        var terminal = _desk.Plug().Enter();
        terminal.Heard();
        _desk.Pass(20, terminal);
        Assert.Equal(4, terminal.Heard().OfType<ServerBeatMessage>().Count());
    }

    [Fact]
    public void Each_beat_says_how_many_changes_were_told()
    {
        var (_, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter();
        terminal.Change(terminal.Position(1));
        terminal.Change(terminal.Position(2));
        terminal.Beat();
        Assert.Equal((1L, 2L, false), sink.Take<Heartbeat>() is var b ? (b.Epoch, b.Sequence, b.Differs) : default);
    }

    [Fact]
    public void A_time_that_was_converted_stays_when_the_brokers_clock_changes()
    {
        var (session, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter();
        var position = terminal.Position(1);
        var order = new WireOrder { Id = 1, Symbol = "EURUSD", Buy = true, Type = "limit", Lots = 1, Price = 1, Time = position.Time - 60_000, Expiry = position.Time + 60_000 };
        terminal.Say(new ChangeMessage { Number = ++terminal.Number, Positions = [position], Orders = [order] });
        var before = sink.Take<BookChanged>();
        terminal.Offset = 7200;
        terminal.Beat();
        terminal.Say(new ChangeMessage { Number = ++terminal.Number, Positions = [position with { Sl = 1m }], Orders = [order with { Price = 2 }] });
        var after = sink.Take<BookChanged>();
        Assert.Equal(before.Positions[0].OpenedAt, after.Positions[0].OpenedAt);
        Assert.Equal((before.Orders[0].PlacedAt, before.Orders[0].Expiry), (after.Orders[0].PlacedAt, after.Orders[0].Expiry));

        // Over a snapshot, another connection and another epoch too.
        session.Ask(new AskId(1), _desk.Now);
        terminal.Say(terminal.Whole(1, position) with { Orders = [order] });
        terminal.Die();
        var again = _desk.Plug();
        again.Offset = 7200;
        again.Enter(with: h => h with { Epoch = 1, Last = 2, Acked = 2, First = 3 });
        sink.Events.Clear();
        session.Ask(new AskId(2), _desk.Now);
        again.Say(again.Whole(2, position) with { Orders = [order] });
        Assert.Equal(before.Positions[0].OpenedAt, sink.Of<BookSnapshot>()[0].Positions[0].OpenedAt);
        Assert.Equal(before.Orders[0].Expiry, sink.Of<BookSnapshot>()[0].Orders[0].Expiry);

        // What is new is converted by the new clock; so is what is gone and comes again.
        again.Say(new ChangeMessage { Number = ++again.Number, Closed = [1] });
        again.Say(new ChangeMessage { Number = ++again.Number, Positions = [position] });
        Assert.Equal(before.Positions[0].OpenedAt + TimeSpan.FromHours(1), sink.Of<BookChanged>()[1].Positions[0].OpenedAt);
    }

    [Fact]
    public void Quotes_carry_the_brokers_time_unless_it_cannot_be()
    {
        var (_, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter();
        long here = _desk.NowMs + 10_800_000;
        void Quote(string symbol, long time) => terminal.Say(new QuotesMessage([new WireQuote(symbol, 1.1m, 1.1001m, time)]));
        Quote("A", here);
        Quote("B", here - 5_000);
        Quote("C", here + 100L * 86_400_000);
        Quote("D", 1);
        Assert.Equal(["A", "B", "C", "D"], sink.Quotes.Select(q => q.Symbol.Value));
        Assert.Equal([_desk.Now, _desk.Now - TimeSpan.FromSeconds(5), _desk.Now, _desk.Now], sink.Quotes.Select(q => q.Quote.At));
    }

    [Fact]
    public void A_brokers_clock_that_is_slow_does_not_make_its_quotes_old()
    {
        var (_, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter();
        long slow = _desk.NowMs + 10_800_000 - 40_000;
        terminal.Say(new QuotesMessage([new WireQuote("A", 1.1m, 1.1001m, slow), new WireQuote("B", 1.1m, 1.1001m, slow - 2_000)]));
        Assert.Equal([_desk.Now, _desk.Now - TimeSpan.FromSeconds(2)], sink.Quotes.Select(q => q.Quote.At));
        long fast = _desk.NowMs + 10_800_000 + 30_000;
        terminal.Say(new QuotesMessage([new WireQuote("A", 1.1m, 1.1001m, fast)]));
        Assert.Equal(_desk.Now, sink.Quotes[^1].Quote.At);
    }

    [Fact]
    public void Money_and_floating_results_are_told()
    {
        var (_, sink) = _desk.Serve();
        var terminal = _desk.Plug().Enter(with: h => h with { Currency = "EUR" });
        terminal.Say(new FundsMessage(new WireFunds(100, 90, 10, 80, 0), [new WireFloating(7001, -10, -0.3m)]));
        Assert.Equal(new AccountFunds { Balance = new(100), Equity = new(90), Margin = new(10), FreeMargin = new(80), Currency = "EUR", At = _desk.Now }, Assert.Single(sink.Money));
        Assert.Equal(new PositionMoney(new PositionId(7001), new Money(-10), new Money(-0.3m)), Assert.Single(sink.Floats));
    }

    [Fact]
    public void Counters_have_names_for_metrics()
    {
        _desk.Serve();
        var terminal = _desk.Plug().Enter();
        terminal.Beat();
        var all = _desk.Hub.Counters.Snapshot().ToDictionary(c => c.Key, c => c.Value);
        Assert.Equal((1, 1, 1, 3), (all["links"], all["active"], all["hellos"], all["frames_in"]));
        Assert.True(all["bytes_in"] > 100 && all["bytes_out"] > 100);
        Assert.Equal(0, all["refused_wrong_key"]);
        Assert.All(all.Keys, name => Assert.Matches("^[a-z_]+$", name));
    }
}

using Lockstep.Domain;
using Lockstep.MetaTrader.Session;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Tests.Session;

public sealed class DataTests
{
    private static readonly SymbolName Sym = new("EURUSD");
    private readonly Desk _desk = new();
    private readonly List<DataAnswer> _answers = [];

    [Fact]
    public void Candles_come_in_parts_and_in_order()
    {
        var (session, terminal) = Live();
        session.Fetch(new CandlesWanted(Sym, Timeframe.H1, _desk.Now - TimeSpan.FromHours(5), _desk.Now, 2), _answers.Add);
        var get = terminal.Heard<GetMessage>();
        Assert.Equal(("candles", "EURUSD", 60, _desk.NowMs + 10_800_000, 2), (get.What, get.Symbol, get.Frame, get.To, get.Limit));
        terminal.Say(new DataMessage { Id = get.Id, Part = 1, Of = 2, Rows = [Candle(-3), Candle(-1)] });
        Assert.Empty(_answers);
        terminal.Say(new DataMessage { Id = get.Id, Part = 2, Of = 2, Rows = [Candle(-2), Candle(-30)] });
        var candles = Assert.IsType<CandlesFound>(Assert.Single(_answers)).Candles;
        Assert.Equal([_desk.Now - TimeSpan.FromHours(2), _desk.Now - TimeSpan.FromHours(1)], candles.Select(c => c.At));
        Assert.Equal((new Price(1.2m), 55L), (candles[0].High, candles[0].Ticks));
    }

    [Fact]
    public void Ticks_and_deals_are_told_too()
    {
        var (session, terminal) = Live();
        session.Fetch(new TicksWanted(Sym, _desk.Now - TimeSpan.FromMinutes(1), _desk.Now, 10), _answers.Add);
        terminal.Say(new DataMessage { Id = 1, Part = 1, Of = 1, Rows = [[_desk.NowMs + 10_800_000 - 10, 1.1m, 1.1001m]] });
        Assert.Equal(new Quote(new Price(1.1m), new Price(1.1001m), _desk.Now - TimeSpan.FromMilliseconds(10)), Assert.Single(Assert.IsType<TicksFound>(_answers[0]).Ticks));
        session.Fetch(new DealsWanted(_desk.Now - TimeSpan.FromMinutes(1), _desk.Now), _answers.Add);
        terminal.Say(new DataMessage { Id = 2, Part = 1, Of = 1, Deals = [terminal.Deal(5, 1), terminal.Deal(4, 1)] });
        Assert.Equal([4L, 5L], Assert.IsType<DealsFound>(_answers[1]).Deals.Select(d => d.Id.Value));
    }

    [Fact]
    public void One_question_at_a_time_and_32_may_wait()
    {
        var (session, terminal) = Live();
        for (int i = 0; i < 34; i++)
        {
            session.Fetch(new DealsWanted(_desk.Now, _desk.Now), _answers.Add);
        }

        Assert.Equal(Refusal.Busy, Assert.IsType<DataRefused>(Assert.Single(_answers)).Refusal);
        for (int i = 0; i < 33; i++)
        {
            var get = terminal.Heard<GetMessage>();
            terminal.Say(new DataMessage { Id = get.Id, Part = 1, Of = 1 });
        }

        Assert.Equal(34, _answers.Count);
        Assert.Empty(terminal.Heard());
    }

    [Fact]
    public void No_answer_in_30_s_is_none_and_the_next_question_goes()
    {
        var (session, terminal) = Live();
        session.Fetch(new DealsWanted(_desk.Now, _desk.Now), _answers.Add);
        session.Fetch(new DealsWanted(_desk.Now, _desk.Now), _answers.Add);
        terminal.Heard();
        _desk.Pass(29.75, terminal);
        Assert.Empty(_answers);
        _desk.Pass(0.5, terminal);
        Assert.Equal(Refusal.Busy, Assert.IsType<DataRefused>(Assert.Single(_answers)).Refusal);
        Assert.Equal(2, terminal.Heard().OfType<GetMessage>().Single().Id);
        terminal.Say(new DataMessage { Id = 1, Part = 1, Of = 1 });
        Assert.Single(_answers);
    }

    [Fact]
    public void What_cannot_be_asked_is_refused()
    {
        var (session, sink) = _desk.Serve(PlatformKind.Mt4);
        session.Fetch(new DealsWanted(_desk.Now, _desk.Now), _answers.Add);
        var terminal = _desk.Plug().Enter("mt4");
        session.Fetch(new TicksWanted(Sym, _desk.Now, _desk.Now, 10), _answers.Add);
        session.Fetch(new CandlesWanted(Sym, Timeframe.M1, _desk.Now, _desk.Now, 10_001), _answers.Add);
        session.Fetch(new CandlesWanted(Sym, (Timeframe)7, _desk.Now, _desk.Now, 10), _answers.Add);
        session.Fetch(new DealsWanted(_desk.Now, _desk.Now - TimeSpan.FromSeconds(1)), _answers.Add);
        Assert.Equal(
            [Refusal.NotSent, Refusal.InvalidRequest, Refusal.InvalidRequest, Refusal.InvalidRequest, Refusal.InvalidRequest],
            _answers.Cast<DataRefused>().Select(r => r.Refusal));
        Assert.Empty(terminal.Heard().OfType<GetMessage>());
    }

    [Fact]
    public void A_lost_link_answers_all_that_wait()
    {
        var (session, terminal) = Live();
        session.Fetch(new DealsWanted(_desk.Now, _desk.Now), _answers.Add);
        session.Fetch(new DealsWanted(_desk.Now, _desk.Now), _answers.Add);
        terminal.Die();
        Assert.Equal([Refusal.NotSent, Refusal.NotSent], _answers.Cast<DataRefused>().Select(r => r.Refusal));
    }

    [Fact]
    public void An_answer_that_does_not_fit_is_refused_with_a_reason()
    {
        var (session, terminal) = Live();
        DataMessage[] bad =
        [
            new() { Part = 2, Of = 2, Id = 0 },
            new() { Part = 1, Of = 9999, Id = 0 },
            new() { Part = 1, Of = 1, Id = 0, Rows = [[1m, 2m]] },
            new() { Id = 0, Why = "no history of EURUSD" },
        ];
        for (int i = 0; i < bad.Length; i++)
        {
            session.Fetch(new TicksWanted(Sym, _desk.Now, _desk.Now, 10), _answers.Add);
            terminal.Say(bad[i] with { Id = i + 1 });
            Assert.IsType<DataRefused>(_answers[i]);
        }

        Assert.Equal("no history of EURUSD", ((DataRefused)_answers[3]).Reason);
        Assert.Equal(3, terminal.Heard().OfType<BadReplyMessage>().Count());
    }

    private IReadOnlyList<decimal> Candle(int hours) => [_desk.NowMs + 10_800_000 + (hours * 3_600_000L), 1.1m, 1.2m, 1.05m, 1.15m, 55m];

    private (TerminalSession Session, Terminal Terminal) Live()
    {
        var (session, _) = _desk.Serve();
        var terminal = _desk.Plug().Enter();
        terminal.Heard();
        return (session, terminal);
    }
}

using Lockstep.Domain;

namespace Lockstep.Engine.Tests;

/// <summary>Reports out of order, twice, malformed; modes and settings that change; policies at the start and the end of a link.</summary>
public class BookTests
{
    private static readonly AccountId Src = new("src");

    private static (Desk Desk, Platform Source, Platform Target) Pair(LinkSettings? link = null)
    {
        var desk = new Desk(link ?? Desk.Link());
        var s = desk.Connect("src");
        var t = desk.Connect("dst");
        desk.Sent();
        return (desk, s, t);
    }

    private static PositionReport Raw(decimal lots = 1m, decimal price = 1.1m, Timestamp? at = null, string symbol = "EURUSD", long id = 5) => new()
    {
        Id = new PositionId(id), Ticket = id, Symbol = new SymbolName(symbol), Side = Side.Buy, Volume = new Lots(lots), OpenPrice = new Price(price), OpenedAt = at ?? Desk.Start,
    };

    [Fact]
    public void A_repeated_message_is_dropped()
    {
        var (desk, source, target) = Pair();
        source.Change([Raw()], [], [], [], [], sequence: 1);
        target.Execute(desk.SentOne<OpenMarket>());
        source.Change([Raw(0.5m)], [], [], [], [], sequence: 1);
        Assert.Empty(desk.Sent());
    }

    [Fact]
    public void Messages_that_overtook_each_other_are_taken_in_their_order()
    {
        var (desk, source, _) = Pair();
        source.Change([Raw(0.5m)], [], [], [], [], sequence: 2);
        Assert.Empty(desk.Sent());
        source.Change([Raw(1m)], [], [], [], [], sequence: 1);
        var open = desk.SentOne<OpenMarket>();
        Assert.Equal(new Lots(0.5m), open.Volume);
        Assert.Equal(new Lots(0.5m), desk.Engine.Legs.Single().SourceVolume);
    }

    [Theory]
    [InlineData(0, 1.1, "EURUSD")]
    [InlineData(-1, 1.1, "EURUSD")]
    [InlineData(1, 0, "EURUSD")]
    public void A_malformed_report_is_refused_and_the_account_asked(double lots, double price, string symbol)
    {
        var (desk, source, _) = Pair();
        source.Change([Raw((decimal)lots, (decimal)price, symbol: symbol)], [], [], [], [], sequence: 1);
        Assert.Empty(desk.Sent());
        Assert.Contains(desk.Alerts, a => a.Code == "malformed-report");
        Assert.IsType<AskAccount>(desk.All.Last(d => d is AskAccount));
        Assert.Empty(desk.Engine.Account(Src)!.Positions);
    }

    [Fact]
    public void A_symbol_that_was_never_described_stops_only_its_own_trade()
    {
        var (desk, source, _) = Pair(Desk.Link() with { Symbols = new SymbolMapSettings { Pairs = [new SymbolPair(new SymbolName("NOSUCH"), Platform.Eurusd)] } });
        source.Change([Raw(symbol: "NOSUCH"), Raw(id: 6)], [], [], [], [], sequence: 1);
        Assert.Equal(new Lots(1m), desk.SentOne<OpenMarket>().Volume);
        Assert.Equal(WhyReason.SourceSymbolUnknown, desk.Why.Single().Reason);
    }

    [Fact]
    public void Absurd_times_are_refused()
    {
        var (desk, source, _) = Pair();
        source.Change([Raw(at: Timestamp.Epoch)], [], [], [], [], sequence: 1);
        source.Change([Raw(at: desk.Now + TimeSpan.FromDays(4000))], [], [], [], [], sequence: 1);
        Assert.Equal(2, desk.Alerts.Count(a => a.Code == "malformed-report"));
    }

    [Fact]
    public void What_closed_while_the_session_was_down_is_closed_when_it_is_back()
    {
        var (desk, source, target) = Pair();
        var p = source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        source.Lose();
        source.Close(p.Id, silent: true);
        Assert.Empty(desk.Sent());
        source.Open();
        Assert.Equal(Lots.Zero, desk.SentOne<ReducePosition>().TargetVolume);
    }

    [Theory]
    [InlineData(ExistingPolicy.Ignore, 1.1, false)]
    [InlineData(ExistingPolicy.Join, 1.1, true)]
    [InlineData(ExistingPolicy.JoinAtEqualOrBetter, 1.2, true)]
    [InlineData(ExistingPolicy.JoinAtEqualOrBetter, 1.05, false)]
    public void Positions_that_were_there_before_the_link(ExistingPolicy policy, double price, bool copied)
    {
        var desk = new Desk(Desk.Link() with { Existing = policy });
        desk.Connect("dst");
        var source = desk.Connect("src");
        source.Lose();
        var fresh = new Desk(Desk.Link() with { Existing = policy });
        fresh.Connect("dst");
        var s = fresh.Connect("src", mode: AccountMode.Hedging);
        s.OpenPosition(Side.Buy, 1m, (decimal)price);
        fresh.Sent();
        fresh.Configure(Desk.Link() with { Existing = policy }, Desk.Link(id: "second") with { Existing = policy });
        s.Snapshot();
        Assert.Equal(copied, fresh.Sent().OfType<OpenMarket>().Any());
    }

    [Fact]
    public void Off_leaves_everything_and_on_catches_up()
    {
        var (desk, source, target) = Pair();
        var p = source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        desk.Configure(Desk.Link() with { Mode = LinkMode.Off });
        source.Close(p.Id);
        Assert.Empty(desk.Sent());
        Assert.Equal(WhyReason.LinkOff, desk.Why.Last().Reason);
        desk.Configure(Desk.Link());
        Assert.Equal(Lots.Zero, desk.SentOne<ReducePosition>().TargetVolume);
    }

    [Fact]
    public void Close_only_reduces_and_opens_nothing()
    {
        var (desk, source, target) = Pair();
        var p = source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        desk.Configure(Desk.Link() with { Mode = LinkMode.CloseOnly });
        source.OpenPosition(Side.Buy, 1m);
        Assert.Empty(desk.Sent());
        Assert.Equal(WhyReason.CloseOnly, desk.Why.Last().Reason);
        source.Set(p, lots: 0.5m);
        Assert.Equal(new Lots(0.5m), desk.SentOne<ReducePosition>().TargetVolume);
    }

    [Fact]
    public void Shadow_decides_and_sends_nothing()
    {
        var (desk, source, _) = Pair(Desk.Link() with { Mode = LinkMode.Shadow });
        var p = source.OpenPosition(Side.Buy, 1m);
        source.Close(p.Id);
        Assert.Empty(desk.Sent());
        Assert.Equal([WhyOutcome.Shadowed, WhyOutcome.Shadowed], desk.Why.Select(w => w.Outcome));
        Assert.Equal(new Lots(1m), desk.Why.First().Wanted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_removed_link_closes_or_leaves_what_it_holds(bool close)
    {
        var (desk, source, target) = Pair(Desk.Link() with { CloseOnRemoval = close });
        var p = source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        desk.Configure(Desk.Link(id: "other") with { Mode = LinkMode.Off });
        Assert.Equal(close, desk.Sent().OfType<ReducePosition>().Any());
        source.Close(p.Id);
        Assert.Empty(desk.Sent());
    }

    [Fact]
    public void The_same_client_id_is_one_order()
    {
        var (desk, _, target) = Pair();
        var place = new ClientPlace { Account = new AccountId("dst"), ClientId = "c1", Symbol = Platform.Eurusd, Side = Side.Buy, Volume = new Lots(0.1m) };
        desk.Step(new ClientRequested(place));
        var open = desk.SentOne<OpenMarket>();
        desk.Step(new ClientRequested(place));
        Assert.Empty(desk.Sent());
        target.Execute(open);
        Assert.Equal(ClientState.Done, desk.Engine.ClientRequestState(new AccountId("dst"), "c1")!.State);
        desk.Step(new ClientRequested(place));
        Assert.Equal(ClientState.Done, desk.All.OfType<ClientAnswered>().Last().Answer.State);
        Assert.Empty(desk.Sent());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(0.001)]
    [InlineData(1e28)]
    public void A_client_volume_that_cannot_be_is_refused_with_the_number(double lots)
    {
        var (desk, _, _) = Pair();
        desk.Step(new ClientRequested(new ClientPlace { Account = new AccountId("dst"), ClientId = "c1", Symbol = Platform.Eurusd, Side = Side.Buy, Volume = new Lots((decimal)lots) }));
        Assert.Empty(desk.Sent());
        var answer = desk.All.OfType<ClientAnswered>().Single().Answer;
        Assert.Equal((ClientState.Refused, Refusal.InvalidVolume), (answer.State, answer.Refusal));
        Assert.Contains("EURUSD", answer.Code, StringComparison.Ordinal);
    }

    private static int Asked(Desk desk) => desk.All.Count(d => d is AskAccount { Account.Value: "src" });

    [Fact]
    public void A_heartbeat_that_says_nothing_new_is_no_news()
    {
        var (desk, source, _) = Pair();
        var beat = new Heartbeat { Account = Src, Epoch = source.Epoch, Sequence = 0 };
        Assert.False(desk.Engine.IsNews(beat));
        Assert.True(desk.Engine.IsGap(beat with { Sequence = 1 }));
        Assert.True(desk.Engine.IsGap(beat with { Differs = true }));
        Assert.False(desk.Engine.IsGap(beat with { Differs = true, Epoch = source.Epoch - 1 }));
        source.Lose();
        Assert.False(desk.Engine.IsNews(beat with { Differs = true }));
    }

    [Fact]
    public void A_differing_digest_is_a_gap_and_what_it_hid_is_a_divergence()
    {
        var (desk, source, _) = Pair();
        source.OpenPosition(Side.Buy, 1m, silent: true);

        // The platform numbered the message and lost it: to the numbers all is well.
        source.Change([], [], [], [], [], sequence: 1);
        int asked = Asked(desk);
        var beat = new Heartbeat { Account = Src, Epoch = source.Epoch, Sequence = 1, Differs = true };
        source.Report(beat);
        Assert.Equal(asked + 1, Asked(desk));
        Assert.False(desk.Engine.IsNews(beat));
        source.Report(beat);
        Assert.Equal(asked + 1, Asked(desk));
        source.Snapshot();
        Assert.Single(desk.All.OfType<DivergenceFound>());
        Assert.Equal(new Lots(1m), desk.SentOne<OpenMarket>().Volume);
        Assert.DoesNotContain(desk.Alerts, a => a.Code == "digest-differs");
    }

    [Fact]
    public void A_digest_that_differs_for_no_reason_is_told_once()
    {
        var (desk, source, _) = Pair();
        int Alerts() => desk.Alerts.Count(a => a.Code == "digest-differs");
        void Beats(int count, bool differs = true)
        {
            for (int i = 0; i < count; i++)
            {
                desk.Wait(5);
                var beat = new Heartbeat { Account = Src, Epoch = source.Epoch, Sequence = 0, Differs = differs };
                if (desk.Engine.IsNews(beat))
                {
                    source.Report(beat);
                    if (differs)
                    {
                        source.Snapshot();
                    }
                }
            }
        }

        int asked = Asked(desk);
        Beats(2);
        Assert.Equal(0, Alerts());
        desk.Restart();
        source.Open();
        Beats(2);
        Beats(1, differs: false);
        Beats(2);
        Assert.Equal(0, Alerts());
        Beats(10);
        Assert.Equal(1, Alerts());
        Assert.Equal(asked + 1 + 16, Asked(desk));
        Assert.Empty(desk.All.OfType<DivergenceFound>());
    }
}

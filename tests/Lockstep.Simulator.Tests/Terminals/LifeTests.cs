using Lockstep.Domain;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.Simulator.Tests.Terminals;

public class LifeTests
{
    public static TheoryData<PlatformKind, AccountMode> Kinds => new()
    {
        { PlatformKind.Mt4, AccountMode.Hedging }, { PlatformKind.Mt4, AccountMode.Fifo }, { PlatformKind.Mt5, AccountMode.Hedging }, { PlatformKind.Mt5, AccountMode.Netting },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Comes_in_tells_its_symbols_and_is_live(PlatformKind platform, AccountMode mode)
    {
        var w = new TerminalWorld(platform, mode);
        var hello = w.Line.Hello!;
        Assert.Equal((platform == PlatformKind.Mt4 ? "mt4" : "mt5", 5001234L, "Broker-Demo", "both"), (hello.Platform, hello.Login, hello.Server, hello.Role));
        Assert.Equal(mode.ToString().ToLowerInvariant(), hello.Mode);
        Assert.Matches("^[0-9a-f]{16}$", hello.Terminal);
        Assert.Equal((0L, 0L, 1L, 0L, 10_800), (hello.Epoch, hello.Acked, hello.First, hello.Last, hello.Offset));
        Assert.True(w.Terminal.IsLive);
        Assert.Equal(3, w.Line.Messages.OfType<SymbolsMessage>().Sum(s => s.List.Count));
        Assert.False(w.Line.Messages.OfType<SymbolsMessage>().Last().More);
        Assert.Equal(w.Line.Epoch, w.Terminal.Disk.Epoch);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Opens_sets_stops_reduces_and_closes(PlatformKind platform, AccountMode mode)
    {
        var w = new TerminalWorld(platform, mode);
        var opened = w.Open(1, 0.3m, worst: 1.2m);
        Assert.Equal(("done", 0.3m, 1.1001m), (opened.Outcome, opened.Lots, opened.Price));
        Assert.True(opened.Took >= 50);
        var position = Assert.Single(w.Line.Positions.Values);
        Assert.Equal((opened.Position, true, 0.3m, TerminalWorld.Id(1)), (position.Id, position.Buy, position.Lots, position.Comment));
        Assert.Equal("done", w.Do(2, WireDo.Stops, c => c with { Position = position.Id, Sl = 1.05m, Tp = 1.2m }).Outcome);
        Assert.Equal((1.05m, 1.2m), (w.Line.Positions[position.Id].Sl, w.Line.Positions[position.Id].Tp));
        Assert.Equal(("done", 0.1m), (w.Reduce(3, position.Id, 0.2m).Outcome, w.Server.Answers.Last().Lots));
        Assert.Equal(0.2m, w.Line.Positions[position.Id].Lots);
        Assert.Equal("done", w.Reduce(4, position.Id, 0m).Outcome);
        Assert.Empty(w.Line.Positions);
        var again = w.Reduce(5, position.Id, 0m);
        Assert.Equal(("done", "already", 0m), (again.Outcome, again.Why, again.Lots));
        Assert.Equal("not-found", w.Do(6, WireDo.Stops, c => c with { Position = position.Id }).Why);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Tells_the_change_before_its_answer(PlatformKind platform, AccountMode mode)
    {
        var w = new TerminalWorld(platform, mode);
        w.Open(1);
        Assert.IsType<ChangeMessage>(w.Server.Events[0]);
        Assert.IsType<AnswerMessage>(w.Server.Events[1]);
        Assert.Equal("EURUSD", Assert.Single(w.Server.Changes.First().Quotes).Symbol);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Places_amends_and_cancels(PlatformKind platform, AccountMode mode)
    {
        var w = new TerminalWorld(platform, mode);
        long expiry = w.Time.Show(w.Clock.Now) + 3_600_000;
        var placed = w.Do(1, WireDo.Place, c => c with { Side = "sell", Type = "limit", Lots = 0.5m, Price = 1.12m, Expiry = expiry });
        Assert.Equal("done", placed.Outcome);
        Assert.Equal((1.12m, expiry), (w.Line.Orders[placed.Order].Price, w.Line.Orders[placed.Order].Expiry));
        Assert.Equal("done", w.Do(2, WireDo.Amend, c => c with { Order = placed.Order, Price = 1.13m, Sl = 1.15m }).Outcome);
        Assert.Equal((1.13m, 1.15m, null), (w.Line.Orders[placed.Order].Price, w.Line.Orders[placed.Order].Sl, w.Line.Orders[placed.Order].Expiry));
        Assert.Equal("done", w.Do(3, WireDo.Cancel, c => c with { Order = placed.Order }).Outcome);
        Assert.Empty(w.Line.Orders);
        Assert.Equal(placed.Order, Assert.Single(w.Ask()[0].Ended).Id);
    }

    [Fact]
    public void Refuses_what_is_late_of_another_epoch_or_not_allowed()
    {
        var w = new TerminalWorld(PlatformKind.Mt5, settings: s => s);
        Assert.Equal("expired", w.Do(1, WireDo.Open, c => c with { Side = "buy", Lots = 0.1m, Expires = w.Server.Now - 1 }).Why);
        Assert.Equal("epoch", w.Do(2, WireDo.Open, c => c with { Side = "buy", Lots = 0.1m, Epoch = c.Epoch - 1 }).Why);
        w.Terminal.AutoTrading = false;
        Assert.Equal("not-allowed", w.Open(3).Why);
        w.Terminal.AutoTrading = true;
        w.Terminal.BrokerConnected = false;
        Assert.Equal("offline", w.Open(4).Why);
        w.Terminal.BrokerConnected = true;
        Assert.Equal("price-guard", w.Open(5, worst: 1.05m).Why);
        w.Line.Send(w.Command(6, WireDo.Open, c => c with { Id = "LS0000000000000X", Side = "buy", Lots = 0.1m }));
        w.Wait(1);
        Assert.Equal("invalid", w.Server.Answers.Last().Why);
        Assert.All(w.Server.Answers, a => Assert.Equal(("refused", 0), (a.Outcome, a.Code)));
        Assert.Empty(w.World.Broker.OpenPositions);
    }

    [Fact]
    public void The_budget_of_a_day_is_kept_to()
    {
        var w = new TerminalWorld(PlatformKind.Mt5, start: false);
        w.Server.Budget = 2;
        w.Terminal.Start();
        w.Wait(1);
        Assert.Equal("done", w.Open(1, 0.1m).Outcome);
        Assert.Equal("done", w.Open(2, 0.1m).Outcome);
        Assert.Equal("budget", w.Open(3, 0.1m).Why);

        // What lowers exposure is never held back.
        Assert.Equal("done", w.Reduce(5, w.Line.Positions.Keys.First(), 0m).Outcome);
        w.Wait(86_400);
        Assert.Equal("done", w.Open(4, 0.1m).Outcome);
    }

    [Fact]
    public void A_monitor_reports_and_carries_nothing_out()
    {
        var w = new TerminalWorld(PlatformKind.Mt5, settings: s => s with { Role = "monitor" });
        Assert.Equal("not-allowed", w.Open(1).Why);
        w.World.Deal5(Mt5OrderType.Buy, 0.2m);
        w.Wait(1);
        Assert.Single(w.Line.Positions);
    }

    [Theory]
    [InlineData(PlatformKind.Mt4)]
    [InlineData(PlatformKind.Mt5)]
    public void A_trade_in_the_middle_of_the_clocks_change_keeps_its_time(PlatformKind platform)
    {
        var w = new TerminalWorld(platform);
        w.Open(1);
        long before = Assert.Single(w.Line.Positions.Values).Time;
        w.Time.Change(w.Clock.Now + TimeSpan.FromMinutes(1), 7_200);
        w.Wait(120);
        int told = w.Server.Events.Count;
        Assert.Equal(7_200, w.Line.Beat.Offset);
        Assert.Equal(before, Assert.Single(w.Ask()[0].Positions).Time);
        Assert.Equal(told, w.Server.Events.Count);
        Assert.Equal(w.Line.Digest, w.Terminal.Digest);
    }

    [Fact]
    public void A_refusal_is_waited_out_and_the_back_off_grows()
    {
        var w = new TerminalWorld(PlatformKind.Mt5, start: false);
        w.Server.RefuseWith = "wrong-login";
        w.Terminal.Start();
        w.Wait(1);
        Assert.Equal("wrong-login", w.Terminal.RefusedAs);
        Assert.Single(w.Server.Lines);
        w.Wait(60);
        Assert.InRange(w.Server.Lines.Count, 5, 20);
        w.Server.RefuseWith = null;
        w.Wait(60);
        Assert.True(w.Terminal.IsLive);
    }

    [Fact]
    public void A_silent_link_is_given_up_after_three_beats()
    {
        var w = new TerminalWorld(PlatformKind.Mt5);
        w.Wait(30);
        Assert.Single(w.Server.Lines);
        w.Wire.Faults = WireFaults.None with { Silent = true };
        w.Wait(14);
        Assert.True(w.Terminal.IsLive);
        w.Wait(7);
        Assert.False(w.Terminal.IsLive);
        w.World.Deal5(Mt5OrderType.Buy, 0.2m);
        w.Wire.Faults = WireFaults.None;
        w.Wait(40);
        Assert.True(w.Terminal.IsLive);
        Assert.Single(w.Server.Changes);
    }

    [Fact]
    public void What_happens_while_the_link_is_cut_comes_later_and_once()
    {
        var w = new TerminalWorld(PlatformKind.Mt5);
        w.Open(1);
        w.Wire.Faults = WireFaults.None with { Down = true };
        w.Wire.Cut();
        w.Wait(1);
        for (int i = 0; i < 20; i++)
        {
            w.World.Deal5(Mt5OrderType.Buy, 0.01m);
            w.Wait(1);
        }

        Assert.Equal(20, w.Terminal.Disk.Kept);
        w.Wire.Faults = WireFaults.None;
        w.Wait(40);
        Assert.Equal(0, w.Terminal.Disk.Kept);
        Assert.Equal((3L, 22L), (w.Line.Hello!.First, w.Line.Hello.Last));
        Assert.Equal(21, w.Server.Changes.Sum(c => c.Deals.Count));
    }

    [Fact]
    public void The_outbox_overflows_and_says_so()
    {
        var w = new TerminalWorld(PlatformKind.Mt5, settings: s => s with { OutboxEvents = 5 });
        w.Wire.Faults = WireFaults.None with { Down = true };
        w.Wire.Cut();
        w.Wait(1);
        for (int i = 0; i < 12; i++)
        {
            w.World.Deal5(Mt5OrderType.Buy, 0.01m);
            w.Wait(1);
        }

        w.Wire.Faults = WireFaults.None;
        w.Wait(40);
        Assert.Equal((0L, 8L, 12L), (w.Line.Hello!.Acked, w.Line.Hello.First, w.Line.Hello.Last));
        Assert.Equal([8L, 9, 10, 11, 12], w.Server.Changes.Select(c => c.Number));
        Assert.Equal(12, w.Ask().Sum(s => s.Deals.Count));
        Assert.Contains(w.Terminal.Experts, t => t.Contains("outbox is full", StringComparison.Ordinal));
    }

    [Fact]
    public void A_long_outbox_goes_out_below_the_servers_limit()
    {
        var w = new TerminalWorld(PlatformKind.Mt5, settings: s => s with { SendPerSecond = 300, SendBurst = 500 });
        w.Wire.Faults = WireFaults.None with { Down = true };
        w.Wire.Cut();
        w.Wait(1);
        for (int i = 0; i < 3000; i++)
        {
            w.World.Deal5(i % 2 == 0 ? Mt5OrderType.Buy : Mt5OrderType.Sell, 0.01m, position: i % 2 == 0 ? 0 : w.World.Mt5.Positions.First().Ticket);
            w.Wait(0.01);
        }

        w.Wire.Faults = WireFaults.None;
        int second = -1;
        int most = 0;
        for (int i = 0; i < 60; i++)
        {
            long before = w.Wire.Up;
            w.Wait(1);
            most = Math.Max(most, (int)(w.Wire.Up - before));
            second = w.Terminal.Disk.Kept == 0 && second < 0 ? i : second;
        }

        Assert.Equal(3000, w.Server.Changes.Sum(c => c.Deals.Count));
        Assert.InRange(most, 300, 820);
        Assert.InRange(second, 7, 45);
    }

    [Fact]
    public void The_whole_truth_comes_in_parts_that_fit()
    {
        var w = new TerminalWorld(PlatformKind.Mt5, broker: b => b with { OpeningBalance = 100_000_000m });
        for (int i = 0; i < 700; i++)
        {
            w.World.Deal5(Mt5OrderType.Buy, 0.01m, sl: 1.01234m, tp: 1.98765m, magic: 912345, comment: "a comment of thirty-one letters");
        }

        w.Wait(1);
        var parts = w.Ask();
        Assert.True(parts.Count > 3);
        Assert.Equal(Enumerable.Range(1, parts.Count), parts.Select(p => p.Part));
        Assert.All(parts, p => Assert.Equal((parts.Count, w.Terminal.Disk.Last), (p.Of, p.Number)));
        Assert.NotNull(parts[0].Funds);
        Assert.All(parts.Skip(1), p => Assert.Null(p.Funds));
        Assert.Equal((700, 700), (parts.Sum(p => p.Positions.Count), parts.Sum(p => p.Deals.Count)));
        Assert.InRange(w.Line.Largest, 10_000, LinkCodec.MaxBytes);

        // All of them closed at once is one look, and more than one event.
        w.World.Quote(1.0m, 1.0001m);
        w.Wait(1);
        Assert.Empty(w.Line.Positions);
        Assert.True(w.Server.Changes.Count() > 3);
        Assert.InRange(w.Line.Largest, 10_000, LinkCodec.MaxBytes);
    }

    [Fact]
    public void The_digest_is_the_sum_of_what_was_told()
    {
        foreach (var (platform, mode) in new[] { (PlatformKind.Mt4, AccountMode.Hedging), (PlatformKind.Mt5, AccountMode.Hedging), (PlatformKind.Mt5, AccountMode.Netting) })
        {
            var w = new TerminalWorld(platform, mode, s => s with { Pump = TimeSpan.FromMilliseconds(5) });
            Assert.Equal(0UL, w.Terminal.Digest);
            for (int i = 1; i <= 6; i++)
            {
                w.Open(i, 0.1m * i);
                w.Do(100 + i, WireDo.Place, c => c with { Side = "buy", Type = "stop", Lots = 0.1m, Price = 1.2m + (i * 0.01m) });
                Assert.Equal(w.Line.Digest, w.Terminal.Digest);
            }

            foreach (var position in w.Line.Positions.Values.ToArray())
            {
                w.Reduce((int)(position.Id % 100_000) + 1000, position.Id, 0.05m);
                Assert.Equal(w.Line.Digest, w.Terminal.Digest);
            }

            w.Wait(6);
            Assert.Equal((w.Terminal.Disk.Last, w.Line.Digest), (w.Line.Beat.Number, w.Line.Beat.Digest));
            w.Terminal.Kill();
            w.World.Broker.Deposit(5);
            w.Terminal.Start();
            w.Wait(5);
            w.Ask();
            Assert.Equal(w.Line.Digest, w.Terminal.Digest);
        }
    }

    [Fact]
    public void Quotes_of_what_is_held_come_at_once_all_others_each_second()
    {
        var w = new TerminalWorld(PlatformKind.Mt5);
        w.Wait(5);
        int before = Quotes(w).Count;
        for (int i = 0; i < 10; i++)
        {
            w.World.Quote(1.1m + (i * 0.0001m), 1.1001m + (i * 0.0001m));
            w.Wait(0.1);
        }

        w.Wait(2);
        Assert.InRange(Quotes(w).Count - before, 1, 2);
        w.Line.Send(new WatchMessage([World.Eur]));
        w.Wait(1);
        before = Quotes(w).Count;
        for (int i = 0; i < 10; i++)
        {
            w.World.Quote(1.2m + (i * 0.0001m), 1.2001m + (i * 0.0001m));
            w.World.Quote(1.3m + (i * 0.0001m), 1.3001m + (i * 0.0001m));
            w.Wait(0.1);
        }

        Assert.Equal(10, Quotes(w).Count - before);
        Assert.Equal(1.3009m, Quotes(w)[^1].Bid);
        Assert.Equal(w.Time.Show(w.World.Broker.QuoteOf(World.EurName)!.Value.At), Quotes(w)[^1].Time);
    }

    [Fact]
    public void Funds_come_each_second_at_most_and_only_when_they_changed()
    {
        var w = new TerminalWorld(PlatformKind.Mt5);
        w.Open(1, 1m);
        int before = w.Line.Messages.OfType<FundsMessage>().Count();
        for (int i = 0; i < 50; i++)
        {
            w.World.Quote(1.1m + (i * 0.0001m), 1.1001m + (i * 0.0001m));
            w.Wait(0.1);
        }

        Assert.InRange(w.Line.Messages.OfType<FundsMessage>().Count() - before, 4, 7);
        var funds = w.Line.Messages.OfType<FundsMessage>().Last();
        Assert.Equal(funds.Funds.Equity - funds.Funds.Balance, Assert.Single(funds.Floating).Profit);
        w.Wait(2);
        before = w.Line.Messages.OfType<FundsMessage>().Count();
        w.Wait(30);
        Assert.Equal(before, w.Line.Messages.OfType<FundsMessage>().Count());
    }

    [Fact]
    public void A_broker_that_is_away_is_told_at_once_and_asked_in_vain()
    {
        var w = new TerminalWorld(PlatformKind.Mt4);
        w.Wait(1);
        w.Terminal.BrokerConnected = false;
        w.Wait(0.1);
        Assert.False(w.Line.Beat.Connected);
        Assert.Empty(w.Ask());
        Assert.Contains("not connected", w.Line.Messages.OfType<AskFailedMessage>().Single().Why, StringComparison.Ordinal);
        w.World.Send4(Mt4Op.Buy, 0.1m);
        w.Wait(1);
        Assert.Empty(w.Server.Changes);
        w.Terminal.BrokerConnected = true;
        w.Wait(0.2);
        Assert.True(w.Line.Beat.Connected);
        w.Server.Activate(w.Line);
        w.Wait(1);
        Assert.Single(w.Server.Changes);
        Assert.Single(w.Line.Messages.OfType<SymbolsMessage>());
        Assert.Equal("done", w.Open(1).Outcome);
    }

    [Fact]
    public void AutoTrading_off_says_what_to_press()
    {
        var w = new TerminalWorld(PlatformKind.Mt5);
        w.Terminal.AutoTrading = false;
        w.Wait(0.1);
        Assert.Equal((false, true), (w.Line.Beat.Trade, w.Line.Beat.Why.Contains("AutoTrading", StringComparison.Ordinal)));
    }

    [Fact]
    public void Mt4_carries_one_out_after_the_other_and_reads_nothing_meanwhile()
    {
        var w = new TerminalWorld(PlatformKind.Mt4, broker: b => b with { ExecutionDelayMin = TimeSpan.FromSeconds(1), ExecutionDelayMax = TimeSpan.FromSeconds(1) });
        for (int i = 1; i <= 3; i++)
        {
            w.Line.Send(w.Command(i, WireDo.Open, c => c with { Side = "buy", Lots = 0.1m, Expires = w.Server.Now + 2500 }));
        }

        w.Line.Send(new AskMessage(9, 0));
        w.Wait(0.9);
        Assert.Empty(w.Server.Answers);
        w.Wait(4);
        Assert.Equal(["done", "done", "done"], w.Server.Answers.Select(a => a.Outcome));
        Assert.Equal(3, w.Line.Snapshots.Single(s => s.Id == 9).Positions.Count);

        var mt5 = new TerminalWorld(PlatformKind.Mt5, broker: b => b with { ExecutionDelayMin = TimeSpan.FromSeconds(1), ExecutionDelayMax = TimeSpan.FromSeconds(1) });
        for (int i = 1; i <= 3; i++)
        {
            mt5.Line.Send(mt5.Command(i, WireDo.Open, c => c with { Side = "buy", Lots = 0.1m }));
        }

        mt5.Wait(1.1);
        Assert.Equal(3, mt5.Server.Answers.Count());
    }

    [Fact]
    public void An_answer_that_the_broker_never_gives_is_unknown_in_the_end()
    {
        foreach (var platform in new[] { PlatformKind.Mt4, PlatformKind.Mt5 })
        {
            var w = new TerminalWorld(platform);
            w.World.Broker.Faults = BrokerFaults.None with { ReplyLostPercent = 100 };
            w.Line.Send(w.Command(1, WireDo.Open, c => c with { Side = "buy", Lots = 0.1m }));
            w.Wait(12);
            var answer = Assert.Single(w.Server.Answers);
            Assert.Equal(("unknown", platform == PlatformKind.Mt4 ? 128 : 10012), (answer.Outcome, answer.Code));
            Assert.Single(w.Line.Positions);
        }
    }

    [Fact]
    public void History_is_given_where_there_is_some()
    {
        var ticks = new SimTickStore();
        var w = new TerminalWorld(PlatformKind.Mt5, settings: s => s with { Ticks = ticks });
        for (int i = 0; i < 1000; i++)
        {
            ticks.Add(World.Eur, new Quote(new Price(1.1m + (i % 7 * 0.0001m)), new Price(1.2m), w.Clock.Now));
            w.Wait(0.3);
        }

        long to = w.Time.Show(w.Clock.Now);
        w.Line.Send(new GetMessage(1, "candles", World.Eur, 1, to - 3_600_000, to, 500));
        w.Line.Send(new GetMessage(2, "ticks", World.Eur, 0, to - 3_600_000, to, 700));
        w.Line.Send(new GetMessage(3, "candles", "XAUUSD", 1, 0, to, 500));
        w.Line.Send(new GetMessage(4, "deals", "", 0, 0, to, 500));
        w.Wait(2);
        var data = w.Line.Messages.OfType<DataMessage>().ToLookup(d => d.Id);
        var candles = data[1].SelectMany(d => d.Rows).ToArray();
        Assert.InRange(candles.Length, 5, 7);
        Assert.All(candles, c => Assert.Equal(0m, c[0] % 60_000m));
        Assert.Equal(1000m, candles.Sum(c => c[5]));
        Assert.Equal((3, 700), (data[2].Count(), data[2].Sum(d => d.Rows.Count)));
        Assert.NotEqual("", data[3].Single().Why);
        Assert.Empty(data[4].Single().Deals);

        var mt4 = new TerminalWorld(PlatformKind.Mt4);
        mt4.Line.Send(new GetMessage(5, "ticks", World.Eur, 0, 0, to, 10));
        mt4.Wait(1);
        Assert.Equal("MT4 keeps no ticks", mt4.Line.Messages.OfType<DataMessage>().Single().Why);
    }

    [Fact]
    public void A_lost_link_of_a_hedge_alerts_the_trader()
    {
        var w = new TerminalWorld(PlatformKind.Mt5);
        w.Line.Send(new DutyMessage(true));
        w.Line.Send(new AlertMessage("look here", false));
        w.Line.Send(new BadReplyMessage("no such thing"));
        w.Open(1);
        Assert.Equal(["look here"], w.Terminal.Alerts);
        Assert.Equal(["no such thing"], w.Terminal.Experts);
        w.Terminal.Log("warn", new string('x', 300));
        w.Wait(1);
        Assert.Equal(200, w.Line.Messages.OfType<LogMessage>().Single().Text.Length);
        w.Wire.Cut();
        w.Wait(0.1);
        Assert.Equal(2, w.Terminal.Alerts.Count);
    }

    [Fact]
    public void Who_does_not_read_is_closed_and_comes_back()
    {
        var w = new TerminalWorld(PlatformKind.Mt5);
        w.Wire.Faults = WireFaults.None with { TerminalDoesNotRead = true };
        for (int i = 0; i < 30; i++)
        {
            w.Line?.Send(new WatchMessage([.. Enumerable.Range(0, 3000).Select(n => $"SYMBOL.{n:00000}")]));
        }

        w.Wait(1);
        w.Wire.Faults = WireFaults.None;
        w.Wait(10);
        Assert.Equal(2, w.Server.Lines.Count);
        Assert.True(w.Terminal.IsLive);
    }

    [Fact]
    public void Strange_messages_are_counted_and_nothing_else()
    {
        var w = new TerminalWorld(PlatformKind.Mt5);
        w.Line.Send(new LogMessage("info", "not yours to send"));
        w.Wait(1);
        Assert.Equal(1, w.Terminal.Strange);
        Assert.True(w.Terminal.IsLive);
    }

    private static List<WireQuote> Quotes(TerminalWorld w) => [.. w.Line.Messages.OfType<QuotesMessage>().SelectMany(q => q.List).Where(q => q.Symbol == World.Eur)];
}

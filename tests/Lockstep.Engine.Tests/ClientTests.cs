using Lockstep.Domain;

namespace Lockstep.Engine.Tests;

/// <summary>What is asked for through the API and is more than one order.</summary>
public class ClientTests
{
    private static readonly AccountId Dst = new("dst");

    private static (Desk Desk, Platform Source, Platform Target) Pair(AccountMode target = AccountMode.Hedging, PlatformKind platform = PlatformKind.Mt5, LinkSettings? link = null)
    {
        var desk = new Desk(link ?? Desk.Link());
        var s = desk.Connect("src");
        var t = desk.Connect("dst", target, platform);
        desk.Sent();
        return (desk, s, t);
    }

    private static ClientAnswer Last(Desk desk) => desk.All.OfType<ClientAnswered>().Last().Answer;

    private static void CloseBy(Desk desk, PositionId one, PositionId other, string id = "by") =>
        desk.Step(new ClientRequested(new ClientCloseBy { Account = Dst, ClientId = id, Position = one, Opposite = other }));

    [Fact]
    public void Two_opposite_positions_are_closed_by_each_other()
    {
        var (desk, _, target) = Pair();
        var buy = target.OpenPosition(Side.Buy, 1m);
        var sell = target.OpenPosition(Side.Sell, 0.4m);
        CloseBy(desk, buy.Id, sell.Id);
        var command = desk.SentOne<CloseBy>();
        Assert.Equal((buy.Id, sell.Id, Platform.Eurusd), (command.Position, command.Opposite, command.Symbol));
        target.Execute(command);
        Assert.Equal((ClientState.Done, new Lots(0.4m), buy.Id), (Last(desk).State, Last(desk).Filled, Last(desk).Position!.Value));
        Assert.Equal(new Lots(0.6m), Assert.Single(target.Positions).Volume);
        CloseBy(desk, buy.Id, sell.Id);
        Assert.Empty(desk.Sent());
        Assert.Equal(ClientState.Done, Last(desk).State);
    }

    [Theory]
    [InlineData("no capability", Refusal.InvalidRequest, "cannot close positions by each other")]
    [InlineData("unknown", Refusal.NotFound, "has no position 99")]
    [InlineData("unknown opposite", Refusal.NotFound, "has no position 99")]
    [InlineData("same side", Refusal.InvalidRequest, "are both Buy")]
    [InlineData("itself", Refusal.InvalidRequest, "are both Buy")]
    [InlineData("symbols", Refusal.InvalidRequest, "is GOLD")]
    public void A_close_by_that_cannot_be_is_refused_with_its_reason(string about, Refusal refusal, string says)
    {
        var (desk, _, target) = Pair(platform: about == "no capability" ? PlatformKind.CTrader : PlatformKind.Mt5);
        var buy = target.OpenPosition(Side.Buy, 1m);
        var sell = target.OpenPosition(Side.Sell, 1m);
        var other = target.OpenPosition(Side.Buy, 1m);
        target.Change([sell with { Id = new PositionId(50), Symbol = new SymbolName("GOLD") }], [], [], [], []);
        var (a, b) = about switch
        {
            "unknown" => (new PositionId(99), sell.Id),
            "unknown opposite" => (buy.Id, new PositionId(99)),
            "same side" => (buy.Id, other.Id),
            "itself" => (buy.Id, buy.Id),
            "symbols" => (buy.Id, new PositionId(50)),
            _ => (buy.Id, sell.Id),
        };
        CloseBy(desk, a, b);
        Assert.Empty(desk.Sent());
        Assert.Equal((ClientState.Refused, refusal), (Last(desk).State, Last(desk).Refusal));
        Assert.Contains(says, Last(desk).Code, StringComparison.Ordinal);
    }

    [Fact]
    public void A_close_by_in_doubt_is_done_when_one_of_them_is_gone()
    {
        var (desk, _, target) = Pair();
        var buy = target.OpenPosition(Side.Buy, 1m);
        var sell = target.OpenPosition(Side.Sell, 0.4m);
        CloseBy(desk, buy.Id, sell.Id);
        var command = desk.SentOne<CloseBy>();
        desk.Wait(3);
        Assert.Equal(ClientState.Unknown, Last(desk).State);
        target.Execute(command, answer: false);
        Assert.Equal((ClientState.Done, new Lots(0.4m)), (Last(desk).State, Last(desk).Filled));
    }

    [Fact]
    public void A_close_by_that_never_came_is_proved_absent()
    {
        var (desk, _, target) = Pair();
        var buy = target.OpenPosition(Side.Buy, 1m);
        var sell = target.OpenPosition(Side.Sell, 0.4m);
        CloseBy(desk, buy.Id, sell.Id);
        desk.SentOne<CloseBy>();
        desk.WaitAnswering(20, target);
        Assert.Equal((ClientState.Refused, Refusal.NotSent), (Last(desk).State, Last(desk).Refusal));
        Assert.Empty(desk.Sent());
    }

    [Theory]
    [InlineData(PlatformKind.Mt4)]
    [InlineData(PlatformKind.Mt5)]
    public void What_a_close_by_takes_from_a_leg_was_taken_by_the_owner(PlatformKind platform)
    {
        var (desk, source, target) = Pair(platform: platform);
        source.OpenPosition(Side.Buy, 1m);
        var copy = target.Execute(desk.SentOne<OpenMarket>())!;
        var sell = target.OpenPosition(Side.Sell, 0.4m);
        CloseBy(desk, sell.Id, copy.Id);
        target.Execute(desk.SentOne<CloseBy>());
        desk.Wait(60);
        Assert.Empty(desk.Sent());
        Assert.Equal(new Lots(0.6m), desk.Engine.Legs.Single().Wanted);

        sell = target.OpenPosition(Side.Sell, 0.6m);
        CloseBy(desk, copy.Id, sell.Id, "again");
        target.Execute(desk.SentOne<CloseBy>());
        desk.Wait(60);
        Assert.Empty(desk.Sent());
        Assert.Empty(target.Positions);
        Assert.Equal((LegStatus.Ended, WhyReason.TargetClosedByHand), (desk.Engine.Legs.Single().Status, desk.Engine.Legs.Single().Reason!.Value));
    }

    [Fact]
    public void A_source_closed_by_another_is_closed_on_the_target()
    {
        var (desk, source, target) = Pair();
        var buy = source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        var sell = source.OpenPosition(Side.Sell, 0.4m);
        target.Execute(desk.SentOne<OpenMarket>());
        desk.Step(new ClientRequested(new ClientCloseBy { Account = new("src"), ClientId = "by", Position = sell.Id, Opposite = buy.Id }));
        source.Execute(desk.SentOne<CloseBy>());
        foreach (var command in desk.Sent())
        {
            target.Execute(command);
        }

        Assert.Equal((Side.Buy, new Lots(0.6m)), target.Positions.Select(p => (p.Side, p.Volume)).Single());
    }

    private static void Reverse(Desk desk, PositionId position, decimal? volume = null, string id = "turn", decimal? sl = null) =>
        desk.Step(new ClientRequested(new ClientReverse { Account = Dst, ClientId = id, Position = position, Volume = volume is { } v ? new Lots(v) : null, StopLoss = sl is { } s ? new Price(s) : null }));

    [Theory]
    [InlineData(AccountMode.Hedging)]
    [InlineData(AccountMode.Netting)]
    [InlineData(AccountMode.Fifo)]
    public void A_reversal_closes_and_then_opens_the_other_side(AccountMode mode)
    {
        var (desk, _, target) = Pair(mode);
        var p = target.OpenPosition(Side.Buy, 0.7m);
        Reverse(desk, p.Id, sl: 1.2m);
        var close = desk.SentOne<ReducePosition>();
        Assert.Equal((p.Id, Side.Buy, Lots.Zero), (close.Position, close.Side!.Value, close.TargetVolume));
        target.Execute(close);
        var open = desk.SentOne<OpenMarket>();
        Assert.Equal((Side.Sell, new Lots(0.7m), new Price(1.2m)), (open.Side, open.Volume, open.StopLoss!.Value));
        Assert.NotEqual(close.Key, open.Key);
        Assert.Equal((ClientState.InFlight, open.Key, ClientState.Done), (Last(desk).State, Last(desk).Key!.Value, Last(desk).Closing!.State));
        var made = target.Execute(open)!;
        Assert.Equal((ClientState.Done, made.Id, new Lots(0.7m)), (Last(desk).State, Last(desk).Position!.Value, Last(desk).Filled));
        Assert.Equal((ClientState.Done, p.Id, close.Key), (Last(desk).Closing!.State, Last(desk).Closing!.Position, Last(desk).Closing!.Key!.Value));
        Reverse(desk, p.Id);
        Assert.Empty(desk.Sent());
        Assert.Equal(ClientState.Done, Last(desk).State);
        Assert.Equal((Side.Sell, new Lots(0.7m)), target.Positions.Select(x => (x.Side, x.Volume)).Single());
    }

    [Fact]
    public void A_reversal_may_have_a_volume_of_its_own()
    {
        var (desk, _, target) = Pair();
        var p = target.OpenPosition(Side.Sell, 0.7m);
        Reverse(desk, p.Id, 1.5m);
        target.Execute(desk.SentOne<ReducePosition>());
        Assert.Equal((Side.Buy, new Lots(1.5m)), desk.Sent().Cast<OpenMarket>().Select(o => (o.Side, o.Volume)).Single());
    }

    [Theory]
    [InlineData("unknown", Refusal.NotFound)]
    [InlineData("volume", Refusal.InvalidVolume)]
    [InlineData("not tradable", Refusal.TradeDisabled)]
    [InlineData("fifo", Refusal.HedgeProhibited)]
    [InlineData("symbol", Refusal.UnknownSymbol)]
    public void A_reversal_that_could_not_be_opened_does_not_begin(string about, Refusal refusal)
    {
        var (desk, _, target) = Pair(about == "fifo" ? AccountMode.Fifo : AccountMode.Hedging);
        var p = target.OpenPosition(Side.Buy, 1m);
        if (about == "not tradable")
        {
            target.Allow(SymbolTrading.LongOnly);
        }
        else if (about == "fifo")
        {
            target.OpenPosition(Side.Buy, 1m);
        }
        else if (about == "symbol")
        {
            target.Change([p with { Id = new PositionId(50), Symbol = new SymbolName("GOLD") }], [], [], [], []);
        }

        Reverse(desk, about switch { "unknown" => new PositionId(99), "symbol" => new PositionId(50), _ => p.Id }, about == "volume" ? 0.001m : null);
        Assert.Empty(desk.Sent());
        Assert.Equal((ClientState.Refused, refusal, (ClientClosing?)null), (Last(desk).State, Last(desk).Refusal, Last(desk).Closing));
    }

    [Fact]
    public void A_closing_that_is_refused_is_the_end_of_its_reversal()
    {
        var (desk, _, target) = Pair();
        var p = target.OpenPosition(Side.Buy, 1m);
        Reverse(desk, p.Id);
        target.Refuse(desk.SentOne<ReducePosition>(), Refusal.MarketClosed, "10018");
        desk.Wait(60);
        Assert.Empty(desk.Sent());
        Assert.Equal((ClientState.Refused, Refusal.MarketClosed, ClientState.Refused), (Last(desk).State, Last(desk).Refusal, Last(desk).Closing!.State));
    }

    [Fact]
    public void Of_a_position_that_is_closed_in_part_nothing_is_opened()
    {
        var (desk, _, target) = Pair();
        var p = target.OpenPosition(Side.Buy, 1m);
        Reverse(desk, p.Id);
        var close = desk.SentOne<ReducePosition>();
        target.ClosePart(p.Id, 0.4m);
        target.Report(new OrderAnswered { Account = Dst, Epoch = target.Epoch, Key = close.Key, Outcome = OrderOutcome.Done, Position = p.Id, Filled = new Lots(0.4m) });
        desk.Wait(60);
        Assert.Empty(desk.Sent());
        Assert.Equal((ClientState.Refused, ClientState.Done, new Lots(0.4m)), (Last(desk).State, Last(desk).Closing!.State, Last(desk).Closing!.Filled));
        Assert.Contains("0.6 lots are left", Last(desk).Code, StringComparison.Ordinal);
    }

    [Fact]
    public void An_opening_that_is_refused_leaves_the_closing_done()
    {
        var (desk, _, target) = Pair();
        var p = target.OpenPosition(Side.Buy, 1m);
        Reverse(desk, p.Id);
        target.Execute(desk.SentOne<ReducePosition>());
        target.Refuse(desk.SentOne<OpenMarket>(), Refusal.NoMoney, "10019");
        Assert.Equal((ClientState.Refused, Refusal.NoMoney, ClientState.Done), (Last(desk).State, Last(desk).Refusal, Last(desk).Closing!.State));
        desk.Wait(60);
        Assert.Empty(desk.Sent());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_reversal_goes_on_after_a_crash_between_its_halves(bool executed)
    {
        var (desk, source, target) = Pair();
        var p = target.OpenPosition(Side.Buy, 1m);
        Reverse(desk, p.Id);
        var close = desk.SentOne<ReducePosition>();
        desk.Restart();
        if (executed)
        {
            target.Close(p.Id, silent: true);
        }

        source.Open();
        target.Open();
        if (!executed)
        {
            // It never left, or it waits in a queue: whole seconds pass until that is certain.
            Assert.Empty(desk.Sent());
            target.Execute(close, answer: false);
        }

        var open = desk.SentOne<OpenMarket>();
        desk.Restart();
        target.Execute(open, answer: false, report: false);
        source.Open();
        target.Open();
        Reverse(desk, p.Id);
        Assert.Empty(desk.Sent());
        Assert.Equal((ClientState.Done, ClientState.Done, open.Key), (Last(desk).State, Last(desk).Closing!.State, Last(desk).Key!.Value));
        Assert.Equal((Side.Sell, new Lots(1m)), target.Positions.Select(x => (x.Side, x.Volume)).Single());
    }

    [Fact]
    public void An_opening_that_was_lost_with_the_process_is_not_sent_again()
    {
        var (desk, source, target) = Pair();
        var p = target.OpenPosition(Side.Buy, 1m);
        Reverse(desk, p.Id);
        target.Execute(desk.SentOne<ReducePosition>());
        desk.SentOne<OpenMarket>();
        desk.Restart();
        source.Open();
        target.Open();
        desk.WaitAnswering(30, target);
        Assert.Empty(desk.Sent());
        Assert.Equal((ClientState.Refused, Refusal.NotSent, ClientState.Done), (Last(desk).State, Last(desk).Refusal, Last(desk).Closing!.State));
    }

    [Fact]
    public void A_closing_that_is_known_too_late_is_not_followed_by_an_opening()
    {
        var (desk, source, target) = Pair();
        var p = target.OpenPosition(Side.Buy, 1m);
        Reverse(desk, p.Id);
        desk.SentOne<ReducePosition>();
        desk.Restart();
        target.Close(p.Id, silent: true);
        desk.Wait(3600);
        source.Open();
        target.Open();
        Assert.Empty(desk.Sent());
        Assert.Equal((ClientState.Refused, ClientState.Done), (Last(desk).State, Last(desk).Closing!.State));
        Assert.Contains("3600 s after", Last(desk).Code, StringComparison.Ordinal);
    }

    [Fact]
    public void The_keys_of_a_reversal_are_forgotten_with_it()
    {
        var (desk, _, target) = Pair();
        var p = target.OpenPosition(Side.Buy, 1m);
        Reverse(desk, p.Id);
        target.Execute(desk.SentOne<ReducePosition>());
        target.Execute(desk.SentOne<OpenMarket>());
        Assert.Equal(2, desk.Engine.Capture().Keys.Count);
        desk.Wait(TimeSpan.FromHours(49));
        Assert.Empty(desk.Engine.Capture().Keys);
    }

    /// <summary>A part of a position on a symbol that was never described broke the engine.</summary>
    [Fact]
    public void A_part_of_what_was_never_described_is_refused()
    {
        var (desk, _, target) = Pair();
        var p = target.OpenPosition(Side.Buy, 1m);
        target.Change([p with { Id = new PositionId(50), Symbol = new SymbolName("GOLD") }], [], [], [], []);
        desk.Step(new ClientRequested(new ClientClose { Account = Dst, ClientId = "part", Position = new PositionId(50), Volume = new Lots(0.1m) }));
        Assert.Equal((ClientState.Refused, Refusal.UnknownSymbol), (Last(desk).State, Last(desk).Refusal));
    }
}

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
}

using Lockstep.Domain;

namespace Lockstep.Engine.Tests;

/// <summary>What the broker does not let be opened is not sent; closing goes on.</summary>
public class TradableTests
{
    private static (Desk Desk, Platform Source, Platform Target) Pair(AccountMode target = AccountMode.Hedging, LinkSettings? link = null, AccountMode source = AccountMode.Hedging)
    {
        var desk = new Desk(link ?? Desk.Link());
        var s = desk.Connect("src", source);
        var t = desk.Connect("dst", target);
        desk.Sent();
        return (desk, s, t);
    }

    [Theory]
    [InlineData(SymbolTrading.Full, Side.Buy, true)]
    [InlineData(SymbolTrading.Full, Side.Sell, true)]
    [InlineData(SymbolTrading.Disabled, Side.Buy, false)]
    [InlineData(SymbolTrading.Disabled, Side.Sell, false)]
    [InlineData(SymbolTrading.LongOnly, Side.Buy, true)]
    [InlineData(SymbolTrading.LongOnly, Side.Sell, false)]
    [InlineData(SymbolTrading.ShortOnly, Side.Buy, false)]
    [InlineData(SymbolTrading.ShortOnly, Side.Sell, true)]
    [InlineData(SymbolTrading.CloseOnly, Side.Buy, false)]
    [InlineData(SymbolTrading.CloseOnly, Side.Sell, false)]
    public void An_opening_that_is_not_allowed_is_refused_before_anything_is_sent(SymbolTrading trading, Side side, bool allowed)
    {
        foreach (var mode in Enum.GetValues<AccountMode>())
        {
            var (desk, source, target) = Pair(mode);
            target.Allow(trading);
            source.OpenPosition(side, 1m);
            Assert.Equal(allowed, desk.Sent().Count == 1);
            Assert.Equal(allowed, desk.Why.All(w => w is not { Outcome: WhyOutcome.Skipped, Reason: WhyReason.NotTradable, Detail: "EURUSD on dst: trading is disabled" or "EURUSD on dst: only closing is allowed" or "EURUSD on dst: only buying opens" or "EURUSD on dst: only selling opens" }));
        }
    }

    [Fact]
    public void A_trade_that_was_skipped_does_not_come_back_when_the_broker_allows_it_again()
    {
        var (desk, source, target) = Pair();
        target.Allow(SymbolTrading.Disabled);
        source.OpenPosition(Side.Buy, 1m);
        target.Allow(SymbolTrading.Full);
        Assert.Empty(desk.Sent());
    }

    [Theory]
    [InlineData(AccountMode.Hedging)]
    [InlineData(AccountMode.Netting)]
    [InlineData(AccountMode.Fifo)]
    public void What_is_open_is_closed_and_not_enlarged(AccountMode mode)
    {
        var (desk, source, target) = Pair(mode, source: AccountMode.Netting);
        var p = source.OpenPosition(Side.Buy, 1m);
        target.Execute(desk.SentOne<OpenMarket>());
        target.Allow(SymbolTrading.CloseOnly);
        source.Set(p, lots: 1.5m);
        Assert.Empty(desk.Sent());
        Assert.Equal((SourceEventKind.Increased, WhyOutcome.Skipped, WhyReason.NotTradable), (desk.Why.Last().Kind, desk.Why.Last().Outcome, desk.Why.Last().Reason));
        source.Close(p.Id);
        target.Execute(desk.SentOne<ReducePosition>());
        Assert.Empty(target.Positions);
    }

    [Fact]
    public void An_opening_that_is_tried_again_asks_again()
    {
        var (desk, source, target) = Pair();
        source.OpenPosition(Side.Buy, 1m);
        target.Refuse(desk.SentOne<OpenMarket>(), Refusal.PriceMoved);
        target.Allow(SymbolTrading.ShortOnly);
        desk.Wait(60);
        Assert.Empty(desk.Sent());
        Assert.Equal(WhyReason.NotTradable, desk.Why.Single().Reason);
    }

    [Fact]
    public void A_pending_order_is_not_placed()
    {
        var (desk, source, target) = Pair(link: Desk.Link() with { Pending = PendingPolicy.Native });
        target.Allow(SymbolTrading.LongOnly);
        source.PlaceOrder(Side.Sell, PendingType.Limit, 1m, 1.2m);
        Assert.Empty(desk.Sent());
        Assert.Equal(WhyReason.NotTradable, desk.Why.Single().Reason);

        source.PlaceOrder(Side.Buy, PendingType.Limit, 1m, 1.0m);
        target.Refuse(desk.SentOne<PlacePending>(), Refusal.Busy);
        target.Allow(SymbolTrading.Disabled);
        desk.Wait(60);
        Assert.Empty(desk.Sent());
        Assert.Equal(WhyReason.NotTradable, desk.Why.Last().Reason);
    }

    [Fact]
    public void A_client_is_refused_before_anything_is_sent()
    {
        var (desk, _, target) = Pair();
        target.Allow(SymbolTrading.CloseOnly);
        desk.Step(new ClientRequested(new ClientPlace { Account = new("dst"), ClientId = "1", Symbol = Platform.Eurusd, Side = Side.Buy, Volume = new(1m) }));
        Assert.Empty(desk.Sent());
        Assert.Equal((ClientState.Refused, Refusal.TradeDisabled), desk.All.OfType<ClientAnswered>().Select(a => (a.Answer.State, a.Answer.Refusal)).Single());
    }
}

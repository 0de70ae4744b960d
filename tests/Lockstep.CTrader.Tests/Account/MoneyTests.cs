using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;
using static Lockstep.CTrader.Tests.Account.Broker;

namespace Lockstep.CTrader.Tests.Account;

public class MoneyTests
{
    [Fact]
    public void Equity_is_balance_and_what_the_positions_would_bring()
    {
        var held = Open(501, 10_000_000, 1.0990);
        (held.Swap, held.Commission, held.UsedMargin) = (-125, -300, 110_000);
        var desk = With(held);
        var funds = desk.Sink.Money[^1];

        // A long of one lot from 1.09900 closes at the bid of 1.10000.
        Assert.Equal((10_000m, 10_000m + 100m - 1.25m - 3m, 1_100m), (funds.Balance.Value, funds.Equity.Value, funds.Margin.Value));
        Assert.Equal(funds.Equity - funds.Margin, funds.FreeMargin);
        Assert.Equal(new PositionMoney(new PositionId(501), new Money(100m), new Money(-1.25m)), Assert.Single(desk.Sink.Floats));
    }

    [Fact]
    public void One_side_of_a_quote_leaves_the_other_as_it_was()
    {
        var desk = new Desk();
        desk.Sink.Quotes.Clear();
        desk.Say(Spot(1, 110_020, null));
        Assert.Equal((1.1002m, 1.1001m), (desk.Sink.Quotes[^1].Quote.Bid.Value, desk.Sink.Quotes[^1].Quote.Ask.Value));
        desk.Say(Spot(1, null, 110_040));
        Assert.Equal((1.1002m, 1.1004m), (desk.Sink.Quotes[^1].Quote.Bid.Value, desk.Sink.Quotes[^1].Quote.Ask.Value));
    }

    [Fact]
    public void A_symbol_is_quoted_when_both_sides_are_known()
    {
        var desk = new Desk(start: false);
        desk.Broker.Spots.Remove(41);
        desk.Up();
        Assert.DoesNotContain(desk.Sink.Quotes, q => q.Symbol.Value == "XAUUSD");
        desk.Say(Spot(41, 250_000_000, null));
        Assert.DoesNotContain(desk.Sink.Quotes, q => q.Symbol.Value == "XAUUSD");
        desk.Say(Spot(41, null, 250_030_000));
        var gold = Assert.Single(desk.Sink.Quotes, q => q.Symbol.Value == "XAUUSD").Quote;
        Assert.Equal((2_500m, 2_500.30m), (gold.Bid.Value, gold.Ask.Value));
    }

    [Fact]
    public void A_result_in_yen_is_divided_by_the_pair()
    {
        // A short of 0.1 lots from 151.000 closes at the ask of 150.002: 9,980 yen, bought back at 150.002.
        var desk = With(Open(501, 1_000_000, 151, ProtoOATradeSide.Sell, 4));
        Assert.Equal(Math.Round(9_980m / 150.002m, 2), Assert.Single(desk.Sink.Floats).Profit.Value);
    }

    [Fact]
    public void A_chain_of_two_divides_and_multiplies()
    {
        // EURGBP: pounds into euros at the ask of EURGBP, euros into dollars at the bid of EURUSD.
        var desk = With(Open(501, 10_000_000, 0.84, symbol: 7));
        Assert.Equal(Math.Round(1_000m / 0.85010m * 1.1m, 2, MidpointRounding.AwayFromZero), Assert.Single(desk.Sink.Floats).Profit.Value);
    }

    [Fact]
    public void The_margin_rule_is_the_accounts()
    {
        foreach (var (rule, margin) in new[] { (ProtoOATotalMarginCalculationType.Max, 60m), (ProtoOATotalMarginCalculationType.Sum, 80m), (ProtoOATotalMarginCalculationType.Net, 40m) })
        {
            var desk = new Desk(start: false);
            desk.Broker.Trader.TotalMarginCalculationType = rule;
            Add(501, 30, ProtoOATradeSide.Buy, 1);
            Add(502, 20, ProtoOATradeSide.Sell, 1);
            Add(503, 20, ProtoOATradeSide.Sell, 41);
            Add(504, 10, ProtoOATradeSide.Buy, 7);
            desk.Up();
            desk.Pass(1);
            Assert.Equal(margin, desk.Sink.Money[^1].Margin.Value);

            void Add(long id, ulong used, ProtoOATradeSide side, long symbol)
            {
                var position = Open(id, 100_000, 1.1, side, symbol);
                position.UsedMargin = used * 100;
                desk.Broker.Positions.Add(position);
            }
        }
    }

    [Fact]
    public void Money_is_told_at_most_each_half_second_and_never_later_than_a_second()
    {
        var desk = With(Open(501, 10_000_000, 1.0990));
        desk.Pass(1);
        int told = desk.Sink.Money.Count;
        for (int i = 0; i < 40; i++)
        {
            desk.Say(Spot(1, (ulong)(110_000 + i), null));
            desk.Pass(0.05, 0.05);
        }

        Assert.InRange(desk.Sink.Money.Count - told, 3, 5);
        desk.Pass(1);
        Assert.Equal(10_000m + 139m - 0.03m, desk.Sink.Money[^1].Equity.Value);
        int quiet = desk.Sink.Money.Count;
        desk.Pass(20);
        Assert.Equal(quiet, desk.Sink.Money.Count);
    }

    [Fact]
    public void The_balance_of_a_closing_deal_counts_by_its_version()
    {
        var desk = With(Open(501, 300_000, 1.0999));
        ReduceTests.Filled(desk, "foreign", 100_000, 200_000, 711);
        desk.Pass(1);
        Assert.Equal(10_007.11m, desk.Sink.Money[^1].Balance.Value);
        desk.Say(new ProtoOATraderUpdatedEvent { CtidTraderAccountId = Desk.Ctid, Trader = desk.Broker.Trader.Clone() });
        desk.Pass(1);
        Assert.Equal(10_007.11m, desk.Sink.Money[^1].Balance.Value);
    }

    [Fact]
    public void Digits_of_money_are_the_messages()
    {
        var desk = new Desk(start: false);
        (desk.Broker.Trader.MoneyDigits, desk.Broker.Trader.Balance) = (4, 123_456_789);
        var held = Open(501, 10_000_000, 1.1);
        (held.MoneyDigits, held.Commission, held.Swap) = (3, -1_234, 0);
        desk.Broker.Positions.Add(held);
        desk.Up();
        desk.Pass(1);
        Assert.Equal((12_345.6789m, 12_345.6789m - 1.234m), (desk.Sink.Money[^1].Balance.Value, desk.Sink.Money[^1].Equity.Value));
    }

    [Fact]
    public void Health_tells_round_trip_tick_age_and_the_version()
    {
        var desk = new Desk();
        desk.Say(Spot(1, 110_020, null));
        desk.Pass(5.2);
        var health = desk.Sink.Healths[^1];
        Assert.True(health is { Connected: true, TradeAllowed: true, Peer: "Open API 91" });
        Assert.InRange(health.TickAge!.Value.TotalSeconds, 4.5, 5.5);
        Assert.NotNull(health.RoundTrip);
        desk.Broker.Trader.AccessRights = ProtoOAAccessRights.NoTrading;
        desk.Say(new ProtoOATraderUpdatedEvent { CtidTraderAccountId = Desk.Ctid, Trader = desk.Broker.Trader.Clone() });
        Assert.False(desk.Sink.Healths[^1].TradeAllowed);
        desk.Wire.Break();
        Assert.False(desk.Sink.Healths[^1].Connected);
    }

    private static Desk With(ProtoOAPosition position)
    {
        var desk = new Desk(start: false);
        desk.Broker.Positions.Add(position);
        desk.Up();
        desk.Pass(1);
        return desk;
    }
}

using Lockstep.Domain;

namespace Lockstep.Simulator.Tests;

/// <summary>Codes and the three ends of an order (reliability-perf.md §2.4; column "executed" of mt5-retcodes.tsv and mt4-errors.tsv; ctrader.md §7).</summary>
public sealed class ErrorMapTests
{
    [Fact]
    public void Mt5_codes_have_their_ends()
    {
        int[] done = [10008, 10009, 10010, 10025];
        int[] unknown = [10011, 10012, 10028, 10031, 10039, 12345, 0];
        int[] refused =
        [
            10004, 10006, 10007, 10013, 10014, 10015, 10016, 10017, 10018, 10019, 10020, 10021, 10022, 10023, 10024, 10026, 10027, 10029, 10030, 10032, 10033, 10034, 10035, 10036, 10038, 10040,
            10041, 10042, 10043, 10044, 10045, 10046,
        ];
        Assert.All(done, c => Assert.Equal(OrderOutcome.Done, Of(c).Outcome));
        Assert.All(unknown, c => Assert.Equal(OrderOutcome.Unknown, Of(c).Outcome));
        Assert.All(refused, c =>
        {
            Assert.Equal(OrderOutcome.Refused, Of(c).Outcome);
            Assert.NotEqual(Refusal.None, Of(c).Refusal);
        });
        Assert.Equal(
            [Refusal.PriceMoved, Refusal.NoQuotes, Refusal.MarketClosed, Refusal.InvalidStops, Refusal.NoMoney, Refusal.Frozen, Refusal.FifoOrder, Refusal.HedgeProhibited, Refusal.NotFound],
            new[] { 10004, 10021, 10018, 10016, 10019, 10029, 10045, 10046, 10036 }.Select(c => Of(c).Refusal));

        static CommandResult Of(int code) => Mt5Errors.Classify(new MqlTradeResult { Retcode = code });
    }

    [Fact]
    public void Mt4_errors_have_their_ends()
    {
        int[] unknown = [1, 2, 6, 9, 128, 139, 142, 143, 4067, 777];
        int[] refused = [3, 4, 5, 7, 8, 64, 65, 129, 130, 131, 132, 133, 134, 135, 137, 138, 140, 141, 144, 145, 146, 147, 148, 149, 150, 4051, 4105, 4106, 4107, 4108, 4109, 4110, 4111, 4112];
        Assert.Equal(OrderOutcome.Done, Mt4Errors.Classify(0, opening: true).Outcome);
        Assert.All(unknown, c => Assert.Equal(OrderOutcome.Unknown, Mt4Errors.Classify(c, opening: true).Outcome));
        Assert.All(refused, c => Assert.Equal(OrderOutcome.Refused, Mt4Errors.Classify(c, opening: false).Outcome));

        // 136 is certain on an opening only: on a close it may mean that the order is being processed.
        Assert.Equal(Refusal.NoQuotes, Mt4Errors.Classify(136, opening: true).Refusal);
        Assert.Equal(OrderOutcome.Unknown, Mt4Errors.Classify(136, opening: false).Outcome);
    }

    [Fact]
    public void CTrader_codes_have_their_ends()
    {
        Assert.Equal(OrderOutcome.Done, CTraderErrors.Classify("").Outcome);
        foreach (string code in new[] { "TIMEOUT_ERROR", "CANT_ROUTE_REQUEST", "UNKNOWN_ERROR", "SOMETHING_NEW" })
        {
            Assert.Equal(OrderOutcome.Unknown, CTraderErrors.Classify(code).Outcome);
        }

        foreach (var (code, refusal) in new[]
        {
            ("MARKET_CLOSED", Refusal.MarketClosed), ("TRADING_BAD_STOPS", Refusal.InvalidStops), ("TRADING_BAD_PRICES", Refusal.InvalidPrice), ("TRADING_BAD_VOLUME", Refusal.InvalidVolume),
            ("NOT_ENOUGH_MONEY", Refusal.NoMoney), ("NO_ENOUGH_MONEY_TO_OPEN_POSITION", Refusal.NoMoney), ("TRADING_DISABLED", Refusal.TradeDisabled), ("NO_QUOTES", Refusal.NoQuotes),
            ("POSITION_NOT_FOUND", Refusal.NotFound), ("POSITION_NOT_FOUND_OR_NOT_OPENED", Refusal.NotFound), ("ALREADY_CLOSED", Refusal.NotFound), ("ORDER_NOT_FOUND", Refusal.NotFound),
            ("REQUEST_FREQUENCY_EXCEEDED", Refusal.TooManyRequests), ("TOO_MANY_POSITIONS", Refusal.TooManyOrders), ("ORDER_REJECTED", Refusal.Rejected), ("SYMBOL_NOT_FOUND", Refusal.UnknownSymbol),
            ("INVALID_REQUEST", Refusal.InvalidRequest),
        })
        {
            Assert.Equal((OrderOutcome.Refused, refusal), (CTraderErrors.Classify(code).Outcome, CTraderErrors.Classify(code).Refusal));
        }
    }
}

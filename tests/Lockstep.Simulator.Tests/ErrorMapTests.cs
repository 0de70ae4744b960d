using Lockstep.Domain;

namespace Lockstep.Simulator.Tests;

/// <summary>Codes and the three ends of an order (reliability-perf.md §2.4; column "executed" of mt5-retcodes.tsv and mt4-errors.tsv; ctrader.md §7).</summary>
public sealed class ErrorMapTests
{
    [Fact]
    public void A_paper_account_reads_MetaTrader_codes_as_the_link_does()
    {
        var close = new Mt4OrderClose(1, 0.1m, 1.1m, 0);
        var market = new Mt4OrderSend { Symbol = "EURUSD", Op = Mt4Op.Buy, Lots = 0.1m, Price = 1.1m };
        Assert.Equal(OrderOutcome.Done, Mt4(market, 0).Outcome);
        Assert.Equal(Refusal.PriceMoved, Mt4(market, 129).Refusal);
        Assert.Equal(Refusal.InvalidPrice, Mt4(market with { Op = Mt4Op.BuyLimit }, 129).Refusal);
        Assert.Equal(OrderOutcome.Unknown, Mt4(close, 128).Outcome);

        // 136 is certain on an opening only: on a close it may mean that the order is being processed.
        Assert.Equal(Refusal.NoQuotes, Mt4(market, 136).Refusal);
        Assert.Equal(OrderOutcome.Unknown, Mt4(close, 136).Outcome);

        // Placed: with a ticket it is the success of a pending order, and of nothing else.
        var deal = new MqlTradeRequest { Action = MqlAction.Deal };
        Assert.Equal(OrderOutcome.Done, Mt5(deal with { Action = MqlAction.Pending }, new MqlTradeResult { Retcode = 10008, Order = 7 }).Outcome);
        Assert.Equal(OrderOutcome.Unknown, Mt5(deal, new MqlTradeResult { Retcode = 10008, Order = 7 }).Outcome);
        Assert.Equal(Refusal.FifoOrder, Mt5(deal, new MqlTradeResult { Retcode = 10045 }).Refusal);
        Assert.Equal(Refusal.NotFound, Mt5(deal, new MqlTradeResult { Retcode = 0, LastError = 4753 }).Refusal);

        static CommandResult Mt4(NativeRequest request, int code) => MetaTraderAnswers.Of(request, new Mt4Result(0, code, 0m, 0m));

        static CommandResult Mt5(MqlTradeRequest request, MqlTradeResult result) => MetaTraderAnswers.Of(request, result);
    }

    [Fact]
    public void CTrader_codes_have_their_ends()
    {
        Assert.Equal(OrderOutcome.Done, CTraderAnswers.Of("").Outcome);
        foreach (string code in new[] { "TIMEOUT_ERROR", "CANT_ROUTE_REQUEST", "UNKNOWN_ERROR", "SOMETHING_NEW" })
        {
            Assert.Equal(OrderOutcome.Unknown, CTraderAnswers.Of(code).Outcome);
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
            Assert.Equal((OrderOutcome.Refused, refusal), (CTraderAnswers.Of(code).Outcome, CTraderAnswers.Of(code).Refusal));
        }
    }
}

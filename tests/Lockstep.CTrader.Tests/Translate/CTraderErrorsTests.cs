using Lockstep.CTrader.Tests.Wire;
using Lockstep.CTrader.Translate;
using Lockstep.Domain;

namespace Lockstep.CTrader.Tests.Translate;

public class CTraderErrorsTests
{
    private static readonly string[] Beside = ["POSITION_NOT_FOUND_OR_NOT_OPENED", "ALREADY_CLOSED", "NO_ENOUGH_MONEY_TO_OPEN_POSITION", "ORDER_REJECTED", "ORDER_CANCEL_REJECTED"];

    /// <summary>Classes of the table that are positive evidence: the request was looked at and turned away before anything happened.</summary>
    private static readonly CTraderErrorClass[] Certain =
        [CTraderErrorClass.Order, CTraderErrorClass.OrderRetry, CTraderErrorClass.OrderBug, CTraderErrorClass.Rate, CTraderErrorClass.Reauth, CTraderErrorClass.FatalAccount, CTraderErrorClass.FatalApp, CTraderErrorClass.Fatal, CTraderErrorClass.Bug];

    public static TheoryData<string, string> Rows
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string[] cells in Contract.Rows().Where(r => r[0] == "enum_value" && r[1] is "ProtoErrorCode" or "ProtoOAErrorCode"))
            {
                int at = cells[8].IndexOf("class=", StringComparison.Ordinal) + 6;
                data.Add(cells[3], cells[8][at..].Split(';')[0].Trim());
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_row_of_the_table_is_here_with_its_class(string code, string kind)
    {
        Assert.True(CTraderErrors.IsKnown(code));
        var row = CTraderErrors.Of(code);
        string expected = kind.Replace("order/bug", "orderbug", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        Assert.Equal(expected, row.Class.ToString(), ignoreCase: true);
        Assert.Equal(Certain.Contains(row.Class) ? OrderOutcome.Refused : OrderOutcome.Unknown, row.Outcome);
        Assert.Equal(row.Outcome == OrderOutcome.Unknown, row.Refusal == Refusal.Other);
    }

    [Fact]
    public void Nothing_is_here_that_is_in_no_list()
    {
        var known = Rows.Select(r => (string)r[0]).Concat(Beside).Order();
        Assert.Equal(59, known.Count());
        Assert.Equal(known, CTraderErrors.All.Select(r => r.Code).Order());
    }

    [Theory]
    [InlineData("")]
    [InlineData("SOMETHING_NEW")]
    [InlineData("market_closed")]
    public void A_code_without_a_row_is_unknown(string code)
    {
        Assert.False(CTraderErrors.IsKnown(code));
        Assert.Equal((OrderOutcome.Unknown, Refusal.Other, code), (CTraderErrors.Of(code).Outcome, CTraderErrors.Of(code).Refusal, CTraderErrors.Of(code).Code));
    }

    [Theory]
    [InlineData("MARKET_CLOSED", Refusal.MarketClosed)]
    [InlineData("SYMBOL_HAS_HOLIDAY", Refusal.MarketClosed)]
    [InlineData("TRADING_BAD_STOPS", Refusal.InvalidStops)]
    [InlineData("PROTECTION_IS_TOO_CLOSE_TO_MARKET", Refusal.InvalidStops)]
    [InlineData("TRADING_BAD_PRICES", Refusal.InvalidPrice)]
    [InlineData("TRADING_BAD_VOLUME", Refusal.InvalidVolume)]
    [InlineData("NOT_ENOUGH_MONEY", Refusal.NoMoney)]
    [InlineData("NO_ENOUGH_MONEY_TO_OPEN_POSITION", Refusal.NoMoney)]
    [InlineData("NO_QUOTES", Refusal.NoQuotes)]
    [InlineData("POSITION_NOT_FOUND", Refusal.NotFound)]
    [InlineData("ALREADY_CLOSED", Refusal.NotFound)]
    [InlineData("REQUEST_FREQUENCY_EXCEEDED", Refusal.TooManyRequests)]
    [InlineData("TOO_MANY_POSITIONS", Refusal.TooManyOrders)]
    [InlineData("CONCURRENT_MODIFICATION", Refusal.Busy)]
    [InlineData("POSITION_LOCKED", Refusal.Busy)]
    [InlineData("PENDING_EXECUTION", Refusal.Busy)]
    [InlineData("UNKNOWN_SYMBOL", Refusal.UnknownSymbol)]
    [InlineData("TRADING_BAD_EXPIRATION_DATE", Refusal.InvalidExpiry)]
    [InlineData("ACCOUNT_NOT_AUTHORIZED", Refusal.NotSent)]
    [InlineData("ORDER_REJECTED", Refusal.Rejected)]
    public void Codes_become_words_of_the_one_vocabulary(string code, Refusal refusal) => Assert.Equal((OrderOutcome.Refused, refusal), (CTraderErrors.Of(code).Outcome, CTraderErrors.Of(code).Refusal));

    [Fact]
    public void Not_authorized_is_read_from_the_text()
    {
        Assert.Equal((CTraderErrorClass.Reauth, Refusal.NotSent), (CTraderErrors.Of("INVALID_REQUEST", "Trading account is not authorized").Class, CTraderErrors.Of("INVALID_REQUEST", "Trading account is not authorized").Refusal));
        Assert.Equal(Refusal.InvalidRequest, CTraderErrors.Of("INVALID_REQUEST", "Relative stop loss has invalid precision").Refusal);
    }
}

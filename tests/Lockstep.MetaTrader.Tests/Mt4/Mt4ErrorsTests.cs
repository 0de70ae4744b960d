using Lockstep.Domain;
using Lockstep.MetaTrader.Mt4;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Tests.Mt4;

public class Mt4ErrorsTests
{
    public static TheoryData<int, string, string, string> Rows
    {
        get
        {
            var data = new TheoryData<int, string, string, string>();
            foreach (var (code, name, meaning, executed) in CodeTable.Read("mt4-errors.tsv"))
            {
                data.Add(code, name, meaning, executed);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_row_of_the_table_is_here(int code, string name, string meaning, string executed) => CodeTable.Check(Mt4Errors.Of(code), name, meaning, executed);

    [Fact]
    public void Nothing_is_here_that_is_not_in_the_table() =>
        Assert.Equal(CodeTable.Read("mt4-errors.tsv").Select(row => row.Code).Order(), Mt4Errors.All.Select(row => row.Code).Order());

    [Theory]
    [InlineData(-1)]
    [InlineData(10009)]
    [InlineData(151)]
    [InlineData(int.MaxValue)]
    public void A_code_without_a_row_is_unknown(int code)
    {
        Assert.Equal((OrderOutcome.Unknown, Refusal.Other), (Mt4Errors.Of(code).Outcome, Mt4Errors.Of(code).Refusal));
        Assert.Equal(code, Mt4Errors.Of(code).Code);
    }

    [Theory]
    [InlineData(129, WireDo.Open, OrderOutcome.Refused, Refusal.PriceMoved)]
    [InlineData(129, WireDo.Reduce, OrderOutcome.Refused, Refusal.PriceMoved)]
    [InlineData(129, WireDo.CloseBy, OrderOutcome.Refused, Refusal.PriceMoved)]
    [InlineData(129, WireDo.Place, OrderOutcome.Refused, Refusal.InvalidPrice)]
    [InlineData(129, WireDo.Amend, OrderOutcome.Refused, Refusal.InvalidPrice)]
    [InlineData(129, WireDo.Stops, OrderOutcome.Refused, Refusal.InvalidPrice)]
    [InlineData(136, WireDo.Open, OrderOutcome.Refused, Refusal.NoQuotes)]
    [InlineData(136, WireDo.Place, OrderOutcome.Refused, Refusal.NoQuotes)]
    [InlineData(136, WireDo.Reduce, OrderOutcome.Unknown, Refusal.Other)]
    [InlineData(136, WireDo.CloseBy, OrderOutcome.Unknown, Refusal.Other)]
    [InlineData(136, WireDo.Cancel, OrderOutcome.Unknown, Refusal.Other)]
    [InlineData(134, WireDo.Open, OrderOutcome.Refused, Refusal.NoMoney)]
    [InlineData(0, WireDo.Reduce, OrderOutcome.Done, Refusal.None)]
    public void Two_rows_depend_on_the_order(int code, WireDo what, OrderOutcome outcome, Refusal refusal) =>
        Assert.Equal((outcome, refusal), (Mt4Errors.Of(code, what).Outcome, Mt4Errors.Of(code, what).Refusal));
}

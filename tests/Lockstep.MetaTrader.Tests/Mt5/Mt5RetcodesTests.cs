using Lockstep.Domain;
using Lockstep.MetaTrader.Mt5;
using Lockstep.MetaTrader.Tests.Mt4;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Tests.Mt5;

public class Mt5RetcodesTests
{
    public static TheoryData<int, string, string, string> Rows
    {
        get
        {
            var data = new TheoryData<int, string, string, string>();
            foreach (var (code, name, meaning, executed) in CodeTable.Read("mt5-retcodes.tsv"))
            {
                data.Add(code, name, meaning, executed);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_row_of_the_table_is_here(int code, string name, string meaning, string executed) => CodeTable.Check(Mt5Retcodes.Of(code), name, meaning, executed);

    [Fact]
    public void Nothing_is_here_that_is_not_in_the_table() =>
        Assert.Equal(CodeTable.Read("mt5-retcodes.tsv").Select(row => row.Code).Order(), Mt5Retcodes.All.Select(row => row.Code).Order());

    [Theory]
    [InlineData(-1)]
    [InlineData(130)]
    [InlineData(10005)]
    [InlineData(int.MaxValue)]
    public void A_code_without_a_row_is_unknown(int code)
    {
        Assert.Equal((OrderOutcome.Unknown, Refusal.Other), (Mt5Retcodes.Of(code).Outcome, Mt5Retcodes.Of(code).Refusal));
        Assert.Equal(code, Mt5Retcodes.Of(code).Code);
    }

    [Theory]
    [InlineData(10008, WireDo.Place, 7005, OrderOutcome.Done, Refusal.None)]
    [InlineData(10008, WireDo.Place, 0, OrderOutcome.Unknown, Refusal.Other)]
    [InlineData(10008, WireDo.Open, 7005, OrderOutcome.Unknown, Refusal.Other)]
    [InlineData(10008, WireDo.Reduce, 7005, OrderOutcome.Unknown, Refusal.Other)]
    [InlineData(10008, WireDo.Amend, 7005, OrderOutcome.Unknown, Refusal.Other)]
    [InlineData(10009, WireDo.Place, 0, OrderOutcome.Done, Refusal.None)]
    [InlineData(10016, WireDo.Place, 7005, OrderOutcome.Refused, Refusal.InvalidStops)]
    public void Placed_is_done_for_a_pending_order_that_has_a_ticket(int code, WireDo what, long order, OrderOutcome outcome, Refusal refusal) =>
        Assert.Equal((outcome, refusal), (Mt5Retcodes.Of(code, what, order).Outcome, Mt5Retcodes.Of(code, what, order).Refusal));
}

using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.CTrader.Tests.Connection;

/// <summary>Who goes when, and how many a second.</summary>
public sealed class LaneTests
{
    private readonly Exchange _exchange = new();
    private readonly Seat _seat;

    public LaneTests()
    {
        _seat = _exchange.Ready();
        // The authentication has had its second.
        _exchange.Pass(2);
        _exchange.Wire.Taken();
    }

    [Fact]
    public void Forty_five_orders_leave_in_a_second_and_the_next_a_second_later()
    {
        for (int i = 0; i < 100; i++)
        {
            _seat.Order("o");
        }

        Assert.Equal(45, _exchange.Wire.Taken().Count);
        _exchange.Pass(1);
        Assert.Empty(_exchange.Wire.Taken());
        _exchange.Pass(0.05);
        Assert.Equal(45, _exchange.Wire.Taken().Count);
        _exchange.Pass(1.05);
        Assert.Equal(10, _exchange.Wire.Taken().Count);
        Assert.Equal(55, _exchange.Count(CTraderCount.Paced));
    }

    [Fact]
    public void Reads_leave_the_last_fifteen_to_orders()
    {
        for (int i = 0; i < 100; i++)
        {
            _seat.Ask("r");
        }

        Assert.Equal(30, _exchange.Wire.Taken().Count);
        for (int i = 0; i < 20; i++)
        {
            _seat.Order("o");
        }

        var sent = _exchange.Wire.Taken();
        Assert.Equal(15, sent.Count);
        Assert.All(sent, m => Assert.IsType<ProtoOANewOrderReq>(m.Body));
    }

    [Fact]
    public void History_has_four_a_second_and_no_more_than_reads_leave_it()
    {
        for (int i = 0; i < 10; i++)
        {
            _seat.Ask("h", Lane.History);
        }

        Assert.Equal(4, _exchange.Wire.Taken().Count);
        _exchange.Pass(1.05);
        Assert.Equal(4, _exchange.Wire.Taken().Count);
        for (int i = 0; i < 60; i++)
        {
            _seat.Ask("r");
        }

        Assert.Equal(26, _exchange.Wire.Taken().Count);
        _exchange.Pass(1.05);
        var sent = _exchange.Wire.Taken();
        Assert.Equal(30, sent.Count);
        Assert.All(sent, m => Assert.IsType<ProtoOATraderReq>(m.Body));
        _exchange.Pass(1.05);
        Assert.Equal([4, 2], _exchange.Wire.Taken().GroupBy(m => m.PayloadType).Select(g => g.Count()));
    }

    [Fact]
    public void Orders_go_before_reads_and_reads_before_history_and_history_never_holds_anyone_up()
    {
        // Nothing is left for this second.
        for (int i = 0; i < 45; i++)
        {
            _seat.Order("o");
        }

        _exchange.Wire.Taken();
        _exchange.Pass(0.5);
        _seat.Ask("h", Lane.History);
        _seat.Ask("r");
        _seat.Order("o");
        Assert.Empty(_exchange.Wire.Taken());
        _exchange.Pass(0.55);
        Assert.Equal([typeof(ProtoOANewOrderReq), typeof(ProtoOATraderReq), typeof(ProtoOADealListReq)], _exchange.Wire.Taken().Select(m => m.Body!.GetType()));
    }

    [Fact]
    public void Authentication_is_not_paced_but_is_counted()
    {
        for (int i = 0; i < 45; i++)
        {
            _seat.Order("o");
        }

        _exchange.Wire.Taken();
        _seat.Ask("auth", Lane.Control);
        _seat.Order("o");
        Assert.IsType<ProtoOAAccountAuthReq>(Assert.Single(_exchange.Wire.Taken()).Body);
        _exchange.Pass(1.05);
        Assert.Single(_exchange.Wire.Taken());
        for (int i = 0; i < 20; i++)
        {
            _seat.Ask("auth", Lane.Control);
        }

        _exchange.Wire.Taken();
        for (int i = 0; i < 45; i++)
        {
            _seat.Order("o");
        }

        Assert.Equal(24, _exchange.Wire.Taken().Count);
    }

    [Fact]
    public void A_request_whose_time_is_over_before_its_turn_is_certainly_not_sent()
    {
        for (int i = 0; i < 45; i++)
        {
            _seat.Order("o");
        }

        var late = _seat.Order("late", notAfter: 0.5);
        var patient = _seat.Order("patient", notAfter: 2);
        _exchange.Pass(0.5);
        Assert.Null(late.Kind);
        _exchange.Pass(0.05);
        Assert.Equal(OpenApiEndKind.NotSent, late.Kind);
        _exchange.Pass(0.5);
        Assert.NotNull(patient.Request.SentAt);
        Assert.Null(patient.Kind);
        Assert.Equal(OpenApiEndKind.NotSent, _seat.Order("past", notAfter: -0.001).Kind);
    }

    [Fact]
    public void A_request_whose_time_is_over_is_told_so_although_others_still_wait_before_it()
    {
        for (int i = 0; i < 46; i++)
        {
            _seat.Order("o");
        }

        var late = _seat.Order("late", notAfter: 0.5);
        _exchange.Pass(0.55);
        Assert.Equal(OpenApiEndKind.NotSent, late.Kind);
        Assert.Equal(45, _exchange.Wire.Taken().Count);
    }

    [Fact]
    public void A_blocked_order_fails_and_only_its_kind_waits_for_as_long_as_the_server_says()
    {
        var other = _exchange.Sit(2);
        var blocked = _seat.Order("a");
        _exchange.Wire.Taken();
        _exchange.Wire.Refuse("BLOCKED_PAYLOAD_TYPE", "", blocked.Id, retryAfter: 3);
        Assert.Equal(OpenApiEndKind.Failed, blocked.Kind);
        Assert.Equal(TimeSpan.FromSeconds(3), blocked.End.Error!.RetryAfter);
        Assert.Equal(1, _exchange.Count(CTraderCount.RateRefusals));

        _seat.Order("b");
        var close = new ProtoOAClosePositionReq { CtidTraderAccountId = 1, PositionId = 5, Volume = 1 };
        // Orders of one account keep their order; another account's and other kinds do not wait.
        _seat.Order("c", body: close);
        other.Order("d");
        other.Heard();
        Assert.Empty(_exchange.Wire.Taken());
        var third = _exchange.Sit(3);
        third.Order("e", body: new ProtoOAClosePositionReq { CtidTraderAccountId = 3, PositionId = 6, Volume = 1 });
        _seat.Ask("r");
        Assert.Equal([typeof(ProtoOAClosePositionReq), typeof(ProtoOATraderReq)], _exchange.Wire.Taken().Select(m => m.Body!.GetType()));

        _exchange.Pass(2.95);
        Assert.Empty(_exchange.Wire.Taken());
        _exchange.Pass(0.05);
        Assert.Equal([typeof(ProtoOANewOrderReq), typeof(ProtoOAClosePositionReq), typeof(ProtoOANewOrderReq)], _exchange.Wire.Taken().Select(m => m.Body!.GetType()));
    }

    [Fact]
    public void Blocks_of_orders_do_not_grow_by_themselves()
    {
        for (int i = 0; i < 5; i++)
        {
            var blocked = _seat.Order("a");
            _exchange.Wire.Refuse("BLOCKED_PAYLOAD_TYPE", "", blocked.Id, retryAfter: 1);
            Assert.Equal(OpenApiEndKind.Failed, blocked.Kind);
            _exchange.Pass(1.05);
        }

        _exchange.Wire.Taken();
        _seat.Order("b");
        Assert.Single(_exchange.Wire.Taken());
    }

    [Fact]
    public void A_blocked_read_is_sent_again_under_another_id_and_ends_with_its_answer()
    {
        var read = _seat.Ask("a");
        string first = read.Id;
        _exchange.Wire.Taken();
        _exchange.Wire.Refuse("BLOCKED_PAYLOAD_TYPE", "", first, retryAfter: 2);
        Assert.Null(read.Kind);
        _exchange.Pass(1.95);
        Assert.Empty(_exchange.Wire.Taken());
        _exchange.Pass(0.05);
        var again = _exchange.Wire.Taken<ProtoOATraderReq>();
        Assert.NotEqual(first, again.ClientMsgId);
        _exchange.Wire.Say(_seat.Trader(), again.ClientMsgId);
        Assert.Equal(OpenApiEndKind.Answered, read.Kind);
        Assert.Equal(1, _exchange.Count(CTraderCount.SentAgain));
    }

    [Fact]
    public void Reads_that_are_sent_again_keep_their_turn()
    {
        var reads = Enumerable.Range(1, 3).Select(i => _seat.Ask($"r{i}", body: new ProtoOASymbolByIdReq { CtidTraderAccountId = 1, SymbolId = { i } })).ToList();
        _exchange.Wire.Refuse("BLOCKED_PAYLOAD_TYPE", "", reads[1].Id, retryAfter: 1);
        _exchange.Wire.Refuse("BLOCKED_PAYLOAD_TYPE", "", reads[0].Id, retryAfter: 1);
        _seat.Ask("r4", body: new ProtoOASymbolByIdReq { CtidTraderAccountId = 1, SymbolId = { 4 } });
        _exchange.Wire.Taken();
        _exchange.Pass(1.05);
        Assert.Equal([1, 2, 4], _exchange.Wire.Taken().Select(m => ((ProtoOASymbolByIdReq)m.Body!).SymbolId[0]));
    }

    [Fact]
    public void Pauses_of_history_grow_to_two_minutes_although_the_server_says_one_second_and_start_over_when_it_answers()
    {
        var asked = _seat.Ask("h", Lane.History);
        var pauses = new List<double>();
        for (int i = 0; i < 9; i++)
        {
            _exchange.Wire.Taken();
            _exchange.Wire.Refuse("BLOCKED_PAYLOAD_TYPE", "", asked.Id, retryAfter: 1);
            pauses.Add(UntilSent());
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 120, 120], pauses);
        _exchange.Wire.Say(new ProtoOADealListRes { CtidTraderAccountId = 1, HasMore = false }, asked.Id);
        Assert.Equal(OpenApiEndKind.Answered, asked.Kind);
        var next = _seat.Ask("h", Lane.History);
        _exchange.Wire.Taken();
        _exchange.Wire.Refuse("BLOCKED_PAYLOAD_TYPE", "", next.Id, retryAfter: 1);
        Assert.Equal(1, UntilSent());
    }

    [Fact]
    public void Requests_that_were_under_way_together_count_as_one_refusal()
    {
        var asked = Enumerable.Range(0, 4).Select(_ => _seat.Ask("h", Lane.History)).ToList();
        _exchange.Wire.Taken();
        foreach (var one in asked)
        {
            _exchange.Wire.Refuse("BLOCKED_PAYLOAD_TYPE", "", one.Id, retryAfter: 1);
        }

        _exchange.Pass(1.05);
        Assert.Equal(4, _exchange.Wire.Taken().Count);
    }

    [Fact]
    public void History_that_is_refused_for_a_quarter_of_an_hour_fails()
    {
        var asked = _seat.Ask("h", Lane.History);
        int times = 0;
        while (asked.Kind is null && times++ < 100)
        {
            _exchange.Wire.Taken();
            _exchange.Wire.Refuse("BLOCKED_PAYLOAD_TYPE", "slow down", asked.Id, retryAfter: 1);
            if (asked.Kind is null)
            {
                UntilSent();
            }
        }

        Assert.Equal((OpenApiEndKind.Failed, "BLOCKED_PAYLOAD_TYPE"), (asked.Kind, asked.End.Error!.Code));
        Assert.InRange(_exchange.Now, 700_000, 910_000);
    }

    [Fact]
    public void Too_many_requests_stop_all_reads_for_a_second_and_no_order()
    {
        var read = _seat.Ask("r");
        _exchange.Wire.Taken();
        _exchange.Wire.Refuse("REQUEST_FREQUENCY_EXCEEDED", "You have reached the rate limit of requests", read.Id);
        Assert.Null(read.Kind);
        _seat.Ask("other", body: new ProtoOAAssetListReq { CtidTraderAccountId = 1 });
        _seat.Ask("h", Lane.History);
        Assert.Empty(_exchange.Wire.Taken());
        _seat.Order("o");
        Assert.IsType<ProtoOANewOrderReq>(Assert.Single(_exchange.Wire.Taken()).Body);
        _exchange.Pass(0.95);
        Assert.Empty(_exchange.Wire.Taken());
        _exchange.Pass(0.05);
        Assert.Equal([typeof(ProtoOATraderReq), typeof(ProtoOAAssetListReq), typeof(ProtoOADealListReq)], _exchange.Wire.Taken().Select(m => m.Body!.GetType()));
    }

    [Fact]
    public void Too_many_requests_end_an_order_as_failed_and_stop_nobody()
    {
        var order = _seat.Order("o");
        _exchange.Wire.Taken();
        _exchange.Wire.Refuse("REQUEST_FREQUENCY_EXCEEDED", "", order.Id);
        Assert.Equal(OpenApiEndKind.Failed, order.Kind);
        _seat.Order("p");
        _seat.Ask("r");
        Assert.Equal(2, _exchange.Wire.Taken().Count);
    }

    [Fact]
    public void An_accounts_authentication_that_is_refused_for_its_number_is_sent_again()
    {
        var auth = _seat.Ask("auth", Lane.Control);
        _exchange.Wire.Taken();
        _exchange.Wire.Refuse("REQUEST_FREQUENCY_EXCEEDED", "", auth.Id);
        Assert.Null(auth.Kind);
        _exchange.Pass(1.05);
        _exchange.Wire.Say(new ProtoOAAccountAuthRes { CtidTraderAccountId = 1 }, _exchange.Wire.Taken<ProtoOAAccountAuthReq>().ClientMsgId);
        Assert.Equal(OpenApiEndKind.Answered, auth.Kind);
    }

    [Fact]
    public void A_refused_read_that_must_not_wait_so_long_fails_with_the_refusal()
    {
        var read = _seat.Ask("r", notAfter: 0.5);
        _exchange.Wire.Refuse("BLOCKED_PAYLOAD_TYPE", "", read.Id, retryAfter: 5);
        _exchange.Pass(0.55);
        Assert.Equal((OpenApiEndKind.Failed, "BLOCKED_PAYLOAD_TYPE"), (read.Kind, read.End.Error!.Code));
    }

    [Fact]
    public void An_allowance_comes_back_a_whole_second_after_it_was_used()
    {
        var allowance = new Allowance(2);
        allowance.Take(100);
        allowance.Take(600);
        allowance.Take(700);
        Assert.Equal(-1, allowance.Left(1100));
        Assert.Equal(0, allowance.Left(1101));
        Assert.Equal(1, allowance.Left(1601));
        Assert.Equal(2, allowance.Left(1701));
    }

    private double UntilSent()
    {
        for (int step = 1; step < 2600; step++)
        {
            _exchange.Pass(0.05);
            if (step % 400 == 0)
            {
                _exchange.Wire.Say(new ProtoHeartbeatEvent());
            }

            if (_exchange.Wire.Taken().Count > 0)
            {
                return step / 20.0;
            }
        }

        Assert.Fail("nothing was sent");
        return 0;
    }
}

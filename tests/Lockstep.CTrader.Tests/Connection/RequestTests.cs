using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.CTrader.Tests.Connection;

/// <summary>How requests end: answered, failed, not sent, timed out, lost; each once.</summary>
public sealed class RequestTests
{
    private readonly Exchange _exchange = new();

    [Fact]
    public void An_order_shows_its_events_first_to_its_request_then_to_the_seat_and_ends_after_that()
    {
        var seat = _exchange.Ready();
        var order = seat.Order("order");
        _exchange.Wire.Say(seat.Event(ProtoOAExecutionType.OrderAccepted), order.Id);
        Assert.Equal(["order more 2126", "push 2126"], seat.Heard());
        _exchange.Wire.Say(seat.Event(ProtoOAExecutionType.OrderFilled), order.Id);
        Assert.Equal(["order more 2126", "push 2126", "order Answered"], seat.Heard());
        Assert.Equal(ProtoOAExecutionType.OrderFilled, ((ProtoOAExecutionEvent)order.End.Message!.Body!).ExecutionType);

        // What the server does of its own accord after that goes to the seat alone, under our id.
        _exchange.Wire.Say(seat.Event(ProtoOAExecutionType.OrderAccepted), order.Request.Id);
        Assert.Equal(["push 2126"], seat.Heard());
        Assert.Equal(0, _exchange.Count(CTraderCount.LateAnswers));
    }

    [Fact]
    public void A_refused_order_is_an_event_whose_ids_may_be_zero()
    {
        var seat = _exchange.Ready();
        var order = seat.Order("order");
        _exchange.Wire.Say(new ProtoOAOrderErrorEvent { CtidTraderAccountId = 1, ErrorCode = "NOT_ENOUGH_MONEY", Description = "no", OrderId = 0, PositionId = 0 }, order.Id);
        Assert.Equal(["push 2132", "order Failed"], seat.Heard());
        Assert.Equal(("NOT_ENOUGH_MONEY", "no"), (order.End.Error!.Code, order.End.Error.Text));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Both_kinds_of_errors_end_a_request(bool common)
    {
        var seat = _exchange.Ready();
        var order = seat.Order("order");
        _exchange.Wire.Say(
            common ? new ProtoErrorRes { ErrorCode = "INVALID_REQUEST", Description = "bad" } : new ProtoOAErrorRes { ErrorCode = "INVALID_REQUEST", Description = "bad", CtidTraderAccountId = 1 },
            order.Id);
        Assert.Equal(["order Failed"], seat.Heard());
        Assert.Equal(("INVALID_REQUEST", "bad"), (order.End.Error!.Code, order.End.Error.Text));
        Assert.True(_exchange.Demo.IsReady);
    }

    [Theory]
    [InlineData("ACCOUNT_NOT_AUTHORIZED", "")]
    [InlineData("INVALID_REQUEST", "Trading account is not authorized")]
    public void Not_authorized_is_the_accounts_affair_and_leaves_the_line(string code, string text)
    {
        var seat = _exchange.Ready();
        var asked = seat.Ask("a");
        _exchange.Wire.Refuse(code, text, asked.Id, 1);
        Assert.True(OpenApiErrors.IsNotAuthorized(asked.End.Error!));
        Assert.True(_exchange.Demo.IsReady);
        Assert.Equal(["a Failed"], seat.Heard());
    }

    [Fact]
    public void Other_invalid_requests_say_nothing_about_authorisation() =>
        Assert.False(OpenApiErrors.IsNotAuthorized(new OpenApiError("INVALID_REQUEST", "Nothing to amend.", null)));

    [Fact]
    public void A_server_that_forgot_the_application_is_connected_to_anew()
    {
        var seat = _exchange.Ready();
        var asked = seat.Ask("a");
        var other = seat.Order("b");
        _exchange.Wire.Refuse("CH_CLIENT_NOT_AUTHENTICATED", "", asked.Id, 1);
        Assert.Equal(["a Failed", "b Lost", "down: the server forgot the application's session"], seat.Heard());
        Assert.Equal(OpenApiEndKind.Lost, other.Kind);
    }

    [Fact]
    public void Unknown_codes_are_counted_and_survive_as_text()
    {
        var seat = _exchange.Ready();
        var asked = seat.Ask("a");
        _exchange.Wire.Refuse("SOMETHING_NEW", "", asked.Id);
        Assert.Equal("SOMETHING_NEW", asked.End.Error!.Code);
        Assert.Equal(1, _exchange.Count(CTraderCount.UnknownErrors));
        _exchange.Wire.Refuse("ALREADY_CLOSED", "", seat.Ask("b").Id);
        Assert.Equal(1, _exchange.Count(CTraderCount.UnknownErrors));
    }

    [Fact]
    public void A_message_of_another_kind_under_a_reads_id_is_not_its_answer()
    {
        var seat = _exchange.Ready();
        var asked = seat.Ask("a");
        _exchange.Wire.Say(seat.Event(ProtoOAExecutionType.Swap), asked.Id);
        Assert.Equal(["push 2126"], seat.Heard());
        _exchange.Wire.Say(seat.Trader(), asked.Id);
        Assert.Equal(["a Answered"], seat.Heard());
    }

    [Fact]
    public void A_loss_ends_what_left_as_lost_and_what_waited_as_not_sent_before_the_seats_hear_of_it()
    {
        var seat = _exchange.Ready();
        var order = seat.Order("order");
        var history = Enumerable.Range(0, 6).Select(i => seat.Ask($"h{i}", Lane.History)).ToList();
        seat.Heard();
        _exchange.Wire.Break("reset");
        Assert.Equal(["order Lost", "h0 Lost", "h1 Lost", "h2 Lost", "h3 Lost", "h4 NotSent", "h5 NotSent", "down: reset"], seat.Heard());
        Assert.Equal("reset", order.End.Why);
        Assert.All(history, h => Assert.Single(h.Ends));
    }

    [Fact]
    public void Without_a_line_nothing_is_sent_and_that_is_certain()
    {
        var seat = _exchange.Sit();
        Assert.Equal((OpenApiEndKind.NotSent, "not connected"), (seat.Order("a").Kind, seat.Order("b").End.Why));
        _exchange.Wire.Connect();
        Assert.Equal(OpenApiEndKind.NotSent, seat.Order("c").Kind);
        _exchange.Wire.Break("reset");
        Assert.Equal("not connected: reset", seat.Order("d").End.Why);
        Assert.DoesNotContain(_exchange.Wire.All, m => m.Body is ProtoOANewOrderReq);
    }

    [Fact]
    public void A_seat_that_left_or_was_not_told_that_the_line_is_up_sends_nothing()
    {
        var seat = _exchange.Ready();
        _exchange.Sit(2);
        seat.Leave();
        Assert.Equal(OpenApiEndKind.NotSent, seat.Order("a").Kind);
        var many = Enumerable.Range(10, 30).Select(i => _exchange.Sit(i)).ToList();
        Assert.Equal(OpenApiEndKind.NotSent, many[^1].Order("b").Kind);
    }

    [Fact]
    public void An_answer_that_does_not_come_in_time_ends_a_request_as_timed_out()
    {
        var seat = _exchange.Ready();
        var read = seat.Ask("read");
        var order = seat.Order("order", within: 5);
        _exchange.Pass(4.95);
        Assert.Null(order.Kind);
        _exchange.Pass(0.05);
        Assert.Equal(OpenApiEndKind.TimedOut, order.Kind);
        _exchange.Pass(24.95);
        Assert.Null(read.Kind);
        _exchange.Pass(0.05);
        Assert.Equal(OpenApiEndKind.TimedOut, read.Kind);
        Assert.Equal(2, _exchange.Count(CTraderCount.TimeOuts));
    }

    [Fact]
    public void The_time_of_a_request_begins_when_it_leaves()
    {
        var seat = _exchange.Ready();
        for (int i = 0; i < 4; i++)
        {
            seat.Ask("h", Lane.History);
        }

        var late = seat.Ask("late", Lane.History, within: 1);
        _exchange.Pass(2);
        Assert.Null(late.Kind);
        _exchange.Pass(0.1);
        Assert.Equal(OpenApiEndKind.TimedOut, late.Kind);
    }

    [Fact]
    public void A_late_answer_still_reaches_the_seat_and_is_counted()
    {
        var seat = _exchange.Ready();
        var order = seat.Order("order", within: 5);
        var read = seat.Ask("read", within: 5);
        string orderId = order.Id, readId = read.Id;
        _exchange.Pass(6);
        seat.Heard();
        _exchange.Wire.Say(seat.Event(ProtoOAExecutionType.OrderAccepted), orderId);
        _exchange.Wire.Say(seat.Event(ProtoOAExecutionType.OrderFilled), orderId);
        _exchange.Wire.Say(seat.Trader(), readId);
        Assert.Equal(["push 2126", "push 2126", "push 2122"], seat.Heard());
        Assert.Equal(3, _exchange.Count(CTraderCount.LateAnswers));
        // An error that names no account goes to whoever asked.
        _exchange.Wire.Say(new ProtoErrorRes { ErrorCode = "TIMEOUT_ERROR" }, orderId);
        Assert.Equal(["push 50"], seat.Heard());
        Assert.Single(order.Ends);
    }

    [Fact]
    public void Ids_of_other_clients_are_events_and_no_errors()
    {
        var seat = _exchange.Ready();
        _exchange.Wire.Say(seat.Event(ProtoOAExecutionType.OrderFilled), "someone-else");
        _exchange.Wire.Say(new ProtoOAOrderErrorEvent { CtidTraderAccountId = 1, ErrorCode = "MARKET_CLOSED" }, "someone-else");
        Assert.Equal(["push 2126", "push 2132"], seat.Heard());
        Assert.Equal(0, _exchange.Count(CTraderCount.LateAnswers));
        Assert.DoesNotContain(_exchange.Lines, l => l.Level != CTraderLogLevel.Info);
    }

    [Fact]
    public void No_id_is_ever_used_twice()
    {
        var seat = _exchange.Sit();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (int line = 0; line < 5; line++)
        {
            _exchange.Wire.Accept();
            _exchange.Pass(1.05);
            for (int i = 0; i < 10; i++)
            {
                seat.Order("order");
                seat.Ask("read");
            }

            Assert.All(_exchange.Wire.All.Where(m => m.Body is not ProtoHeartbeatEvent), m => Assert.True(ids.Add(m.ClientMsgId!)));
            _exchange.Wire.Break();
            _exchange.UntilDialled();
        }

        Assert.Equal(105, ids.Count);
        // Nor by another process of the same application that started a moment later.
        Assert.NotEqual(Letters(0), Letters(1));

        static string Letters(int ms)
        {
            var time = new HandClock();
            time.Advance(TimeSpan.FromMilliseconds(ms));
            var exchange = new Exchange();
            return new CTraderHub(time, new OpenApiApplication("app", Exchange.Secret), exchange.Dialer, exchange).Instance;
        }
    }

    [Fact]
    public void A_loss_while_an_order_is_out_does_not_send_it_again()
    {
        var seat = _exchange.Ready();
        var order = seat.Order("order");
        _exchange.Wire.Break();
        _exchange.UntilDialled();
        _exchange.Wire.Accept();
        _exchange.Pass(5);
        Assert.Empty(_exchange.Wire.Taken());
        Assert.Equal(OpenApiEndKind.Lost, order.Kind);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_wire_that_breaks_under_a_request_leaves_it_lost_because_it_may_have_left(bool throws)
    {
        var seat = _exchange.Ready();
        (_exchange.Wire.Throws, _exchange.Wire.IsStuck) = (throws, !throws);
        var order = seat.Order("order");
        Assert.Equal(["order Lost", "down: the connection takes nothing any more"], seat.Heard());
        Assert.Equal(OpenApiEndKind.Lost, order.Kind);
        Assert.False(_exchange.Demo.IsReady);
    }

    [Fact]
    public void A_wire_that_breaks_under_a_heartbeat_is_lost()
    {
        var seat = _exchange.Ready();
        _exchange.Wire.IsStuck = true;
        _exchange.Pass(10);
        Assert.Equal(["down: the connection takes nothing any more"], seat.Heard());
    }

    [Fact]
    public void A_request_that_lacks_a_field_is_our_mistake_and_does_not_leave()
    {
        var seat = _exchange.Ready();
        var asked = seat.Ask("a", body: new ProtoOATraderReq());
        Assert.Equal(OpenApiEndKind.NotSent, asked.Kind);
        Assert.Empty(_exchange.Wire.Taken());
        Assert.True(_exchange.Demo.IsReady);
    }

    [Fact]
    public void A_request_is_submitted_once()
    {
        var seat = _exchange.Ready();
        var asked = seat.Ask("a");
        lock (_exchange.Hub.Gate)
        {
            Assert.Throws<InvalidOperationException>(() => _exchange.Demo.Submit(asked.Request));
        }
    }

    [Fact]
    public void A_seat_that_leaves_has_its_requests_ended_and_hears_nothing_more()
    {
        var seat = _exchange.Ready();
        _exchange.Sit(2);
        var order = seat.Order("order");
        var history = Enumerable.Range(0, 5).Select(i => seat.Ask($"h{i}", Lane.History)).ToList();
        string id = order.Id;
        seat.Leave();
        Assert.Equal(["order Lost", "h0 Lost", "h1 Lost", "h2 Lost", "h3 Lost", "h4 NotSent"], seat.Heard());
        _exchange.Wire.Say(seat.Event(ProtoOAExecutionType.OrderFilled), id);
        _exchange.Wire.Break();
        Assert.Empty(seat.Heard());
        Assert.Equal(1, _exchange.Count(CTraderCount.Strays));
        Assert.All(history, h => Assert.Single(h.Ends));
    }

    [Fact]
    public void Whatever_throws_is_counted_and_the_others_go_on()
    {
        var seat = _exchange.Ready();
        var second = _exchange.Sit(2);
        seat.OnCall = _ => throw new InvalidOperationException("a receiver's mistake");
        var order = seat.Order("order");
        string id = order.Id;
        _exchange.Wire.Say(seat.Event(ProtoOAExecutionType.OrderFilled), id);
        // It threw at the event: the order is not over, and its time decides.
        Assert.Null(order.Kind);
        _exchange.Pass(31);
        Assert.Equal(OpenApiEndKind.TimedOut, order.Kind);
        _exchange.RaiseChanged("g");
        _exchange.Wire.Break();
        Assert.Equal(["up", "token g", "down: connection reset"], second.Heard());
        Assert.Equal(5, _exchange.Count(CTraderCount.SinkErrors));
        _exchange.UntilDialled();
        _exchange.Wire.Accept();
        Assert.Equal(["up"], second.Heard());
    }

    [Fact]
    public void A_callback_may_submit_and_its_frame_leaves_at_once()
    {
        var seat = _exchange.Ready();
        seat.OnCall = what =>
        {
            switch (what)
            {
                case "first Answered":
                    seat.Order("second");
                    break;
                case "second more 2126":
                    seat.Ask("third");
                    break;
                case "push 2126":
                    seat.Ask("fourth", Lane.History);
                    break;
                default:
                    break;
            }
        };
        var first = seat.Ask("first");
        _exchange.Wire.Say(seat.Trader(), first.Id);
        _exchange.Wire.Say(seat.Event(ProtoOAExecutionType.OrderFilled), _exchange.Wire.Taken<ProtoOANewOrderReq>().ClientMsgId);
        Assert.Equal(["first Answered", "second more 2126", "push 2126", "second Answered"], seat.Heard());
        Assert.Equal(2, _exchange.Wire.Taken().Count);
    }

    [Fact]
    public void A_callback_that_submits_without_a_line_is_answered_after_it_returned()
    {
        var seat = _exchange.Ready();
        seat.OnCall = what =>
        {
            if (what == "first Lost")
            {
                var again = seat.Ask("again");
                Assert.Null(again.Kind);
            }
        };
        seat.Ask("first");
        _exchange.Wire.Break();
        Assert.Equal(["first Lost", "down: connection reset", "again NotSent"], seat.Heard());
    }

    [Fact]
    public void A_seat_may_leave_inside_any_callback()
    {
        foreach (string moment in (string[])["up", "order more 2126", "push 2126", "order Answered", "down: connection reset"])
        {
            var exchange = new Exchange();
            var other = exchange.Sit(2);
            var seat = exchange.Sit();
            seat.OnCall = what =>
            {
                if (what == moment)
                {
                    seat.Leave();
                }
            };
            exchange.Wire.Accept();
            var order = seat.Order("order");
            if (order.Kind is null)
            {
                exchange.Wire.Say(seat.Event(ProtoOAExecutionType.OrderFilled), order.Id);
            }

            exchange.Wire.Break();
            exchange.UntilDialled();
            exchange.Wire.Accept();
            Assert.Single(order.Ends);
            Assert.Equal(moment is not "up", order.Kind is OpenApiEndKind.Answered or OpenApiEndKind.Lost);
            Assert.Equal(["up", "down: connection reset", "up"], other.Heard());
            Assert.DoesNotContain("up", seat.Heard().Skip(1));
            Assert.Equal(0, exchange.Count(CTraderCount.SinkErrors));
        }
    }

    [Fact]
    public void A_seat_that_leaves_inside_a_callback_does_not_hear_what_was_about_to_be_told()
    {
        var seat = _exchange.Ready();
        seat.Order("order");
        seat.OnCall = what =>
        {
            if (what == "order Lost")
            {
                seat.Leave();
            }
        };
        _exchange.Wire.Break();
        Assert.Equal(["order Lost"], seat.Heard());
    }

    [Fact]
    public void A_seat_may_drop_the_line_inside_a_callback_and_every_request_ends_once()
    {
        var seat = _exchange.Ready();
        var second = _exchange.Sit(2);
        second.Heard();
        var order = second.Order("order");
        seat.OnCall = what =>
        {
            if (what == "push 2164")
            {
                seat.Connection.Drop("mute");
                Assert.False(seat.Connection.IsReady);
            }
        };
        _exchange.Wire.Say(new ProtoOAAccountDisconnectEvent { CtidTraderAccountId = 1 });
        Assert.Equal(["push 2164", "down: mute"], seat.Heard());
        Assert.Equal(["order Lost", "down: mute"], second.Heard());
        Assert.Equal(OpenApiEndKind.Lost, order.Kind);
    }
}

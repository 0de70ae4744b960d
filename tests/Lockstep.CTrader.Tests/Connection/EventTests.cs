using Google.Protobuf;
using Google.Protobuf.Reflection;
using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.CTrader.Tests.Connection;

/// <summary>What the server says of its own accord, and whom it reaches.</summary>
public sealed class EventTests
{
    private readonly Exchange _exchange = new();
    private readonly Seat _first;
    private readonly Seat _second;

    public EventTests()
    {
        _first = _exchange.Ready(1);
        _second = _exchange.Sit(2);
        _second.Heard();
    }

    [Fact]
    public void Each_event_goes_to_the_account_that_it_names()
    {
        _exchange.Wire.Say(_second.Event(ProtoOAExecutionType.OrderFilled));
        _exchange.Wire.Say(new ProtoOASpotEvent { CtidTraderAccountId = 1, SymbolId = 5, Bid = 1 });
        _exchange.Wire.Say(new ProtoOADepthEvent { CtidTraderAccountId = 2, SymbolId = 5 });
        _exchange.Wire.Say(new ProtoOASymbolChangedEvent { CtidTraderAccountId = 1, SymbolId = { 5 } });
        Assert.Equal(["push 2131", "push 2120"], _first.Heard());
        Assert.Equal(["push 2126", "push 2155"], _second.Heard());
        Assert.Equal(5L, ((ProtoOASpotEvent)_first.Pushed[0].Body!).SymbolId);
    }

    [Fact]
    public void An_account_without_a_seat_is_counted_and_nothing_else()
    {
        _exchange.Wire.Say(new ProtoOASpotEvent { CtidTraderAccountId = 3, SymbolId = 5 });
        Assert.Equal(1, _exchange.Count(CTraderCount.Strays));
        Assert.Empty(_first.Heard());
        Assert.Empty(_second.Heard());
    }

    [Fact]
    public void Invalid_tokens_are_told_to_the_accounts_that_are_listed()
    {
        var third = _exchange.Sit(3);
        third.Heard();
        _exchange.Wire.Say(new ProtoOAAccountsTokenInvalidatedEvent { CtidTraderAccountIds = { 1, 3, 99 }, Reason = "refreshed" });
        Assert.Equal(["push 2147"], _first.Heard());
        Assert.Empty(_second.Heard());
        Assert.Equal(["push 2147"], third.Heard());
        Assert.Equal(1, _exchange.Count(CTraderCount.Strays));
        Assert.True(_exchange.Demo.IsReady);
    }

    [Fact]
    public void A_lost_account_session_is_told_to_that_account_and_its_requests_stay()
    {
        var order = _first.Order("order");
        _exchange.Wire.Say(new ProtoOAAccountDisconnectEvent { CtidTraderAccountId = 1 });
        Assert.Equal(["push 2164"], _first.Heard());
        Assert.Empty(_second.Heard());
        Assert.Null(order.Kind);
        _exchange.Wire.Say(_first.Event(ProtoOAExecutionType.OrderFilled), order.Id);
        Assert.Equal(OpenApiEndKind.Answered, order.Kind);
    }

    [Fact]
    public void A_lost_application_session_makes_a_new_line_with_the_full_sequence()
    {
        var order = _first.Order("order");
        var old = _exchange.Wire;
        old.Say(new ProtoOAClientDisconnectEvent { Reason = "another one came" });
        Assert.False(old.IsOpen);
        Assert.Equal(["order Lost", "down: the server ended the application's session: another one came"], _first.Heard());
        Assert.Single(_second.Heard());
        _exchange.UntilDialled();
        Assert.NotSame(old, _exchange.Wire);
        _exchange.Wire.Accept();
        Assert.Equal(["up"], _first.Heard());
        Assert.Equal(["up"], _second.Heard());
        Assert.Equal(OpenApiEndKind.Lost, order.Kind);
    }

    [Fact]
    public void Errors_that_answer_nothing_are_logged_and_those_about_an_account_go_to_it()
    {
        _exchange.Wire.Refuse("INVALID_REQUEST", "Malformed");
        Assert.True(_exchange.Logged(CTraderLogLevel.Warning, "INVALID_REQUEST: Malformed"));
        _exchange.Wire.Refuse("UNKNOWN_ERROR", ctid: 2);
        Assert.Equal(["push 2142"], _second.Heard());
        Assert.True(_exchange.Demo.IsReady);
        _exchange.Wire.Refuse("CH_CLIENT_NOT_AUTHENTICATED");
        Assert.False(_exchange.Demo.IsReady);
    }

    [Fact]
    public void Errors_under_ids_of_others_say_nothing_about_this_line()
    {
        _exchange.Wire.Refuse("SERVER_IS_UNDER_MAINTENANCE", id: "someone-else");
        _exchange.Wire.Refuse("CH_CLIENT_NOT_AUTHENTICATED", id: "someone-else");
        Assert.True(_exchange.Demo.IsReady);
    }

    [Fact]
    public void Unknown_kinds_are_counted_and_never_answer_a_request()
    {
        var asked = _first.Ask("a");
        var envelope = new ProtoMessage { PayloadType = 9999, Payload = ByteString.CopyFrom(1, 2, 3), ClientMsgId = asked.Id };
        for (int i = 0; i < 100; i++)
        {
            _exchange.Wire.Raw(envelope.ToByteArray());
            envelope.ClearClientMsgId();
        }

        Assert.Null(asked.Kind);
        Assert.Equal(100, _exchange.Count(CTraderCount.UnknownMessages));
        // The 1st, 2nd, 4th … 64th.
        Assert.Equal(7, _exchange.Lines.Count(l => l.Text.Contains("9999", StringComparison.Ordinal)));
    }

    [Fact]
    public void Frames_that_cannot_be_read_are_counted_and_the_line_stays()
    {
        for (int i = 0; i < 100; i++)
        {
            _exchange.Wire.Raw(new byte[] { 0x0a, 0xff });
        }

        Assert.Equal(100, _exchange.Count(CTraderCount.BadFrames));
        Assert.Equal(7, _exchange.Lines.Count(l => l.Text.Contains("could not be read", StringComparison.Ordinal)));
        Assert.True(_exchange.Demo.IsReady);
    }

    [Fact]
    public void Frames_are_counted_both_ways()
    {
        long sent = _exchange.Count(CTraderCount.FramesSent), received = _exchange.Count(CTraderCount.FramesReceived);
        Assert.Equal((2, 1), (sent, received));
        _first.Ask("a");
        _exchange.Wire.Say(new ProtoHeartbeatEvent());
        Assert.Equal((3, 2), (_exchange.Count(CTraderCount.FramesSent), _exchange.Count(CTraderCount.FramesReceived)));
    }

    [Fact]
    public void Every_request_but_the_five_of_trading_has_an_answer_of_its_own()
    {
        var requests = OpenApiMessagesReflection.Descriptor.MessageTypes.Where(m => m.Name.EndsWith("Req", StringComparison.Ordinal)).ToList();
        Assert.Equal(42, requests.Count);
        var without = requests.Where(m => OpenApiRoutes.AnswerTo(m.Parser.ParseFrom(ByteString.Empty)) == 0).Select(m => m.Name).Order(StringComparer.Ordinal);
        Assert.Equal(["ProtoOAAmendOrderReq", "ProtoOAAmendPositionSLTPReq", "ProtoOACancelOrderReq", "ProtoOAClosePositionReq", "ProtoOANewOrderReq"], without);
        Assert.Equal(2150u, OpenApiRoutes.AnswerTo(new ProtoOAGetAccountListByAccessTokenReq()));
        Assert.Equal(2165u, OpenApiRoutes.AnswerTo(new ProtoOASubscribeLiveTrendbarReq()));
    }

    [Fact]
    public void Every_message_that_names_an_account_is_routed_to_it()
    {
        foreach (var descriptor in OpenApiMessagesReflection.Descriptor.MessageTypes)
        {
            var message = descriptor.Parser.ParseFrom(ByteString.Empty);
            var field = descriptor.FindFieldByName("ctidTraderAccountId");
            if (field is null)
            {
                Assert.Null(OpenApiRoutes.Account(message));
            }
            else
            {
                Assert.Equal(FieldType.Int64, field.FieldType);
                field.Accessor.SetValue(message, 77L);
                Assert.Equal(77L, OpenApiRoutes.Account(message));
            }
        }
    }
}

using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Tests.Connection;

/// <summary>The line: dialling, application authentication, beats, silence.</summary>
public sealed class LineTests
{
    private readonly Exchange _exchange = new();

    [Fact]
    public void The_first_seat_dials_and_the_application_authenticates_before_anything_else()
    {
        var seat = _exchange.Sit();
        Assert.Equal(OpenApiEnvironment.Demo, Assert.Single(_exchange.Dialer.Wires).Environment);
        Assert.Empty(_exchange.Wire.All);
        Assert.False(_exchange.Demo.IsReady);

        _exchange.Wire.Connect();
        var auth = Assert.IsType<ProtoOAApplicationAuthReq>(_exchange.Wire.All[0].Body);
        Assert.Equal(("app", Exchange.Secret), (auth.ClientId, auth.ClientSecret));
        // The first heartbeat at once, and not before the authentication.
        Assert.IsType<ProtoHeartbeatEvent>(_exchange.Wire.All[1].Body);
        Assert.Equal(2, _exchange.Wire.All.Count);
        Assert.Empty(seat.Heard());

        _exchange.Wire.Say(new ProtoOAApplicationAuthRes(), _exchange.Wire.All[0].ClientMsgId);
        Assert.True(_exchange.Demo.IsReady);
        Assert.Equal(["up"], seat.Heard());
    }

    [Fact]
    public void A_second_seat_uses_the_same_line_and_is_told_at_once()
    {
        _exchange.Ready();
        var second = _exchange.Sit(2);
        Assert.Equal(["up"], second.Heard());
        Assert.Single(_exchange.Dialer.Wires);
    }

    [Fact]
    public void Each_environment_has_a_line_of_its_own()
    {
        _exchange.Ready();
        _exchange.Sit(2, OpenApiEnvironment.Live);
        Assert.Equal([OpenApiEnvironment.Demo, OpenApiEnvironment.Live], _exchange.Dialer.Wires.Select(w => w.Environment));
    }

    [Fact]
    public void An_account_has_one_seat()
    {
        _exchange.Sit();
        Assert.Throws<InvalidOperationException>(() => _exchange.Sit());
    }

    [Fact]
    public void Already_authenticated_is_as_good_as_authenticated()
    {
        var seat = _exchange.Sit();
        _exchange.Wire.Connect();
        _exchange.Wire.Refuse("CH_CLIENT_ALREADY_AUTHENTICATED", id: _exchange.Wire.All[0].ClientMsgId);
        Assert.Equal(["up"], seat.Heard());
    }

    [Fact]
    public void A_request_is_answered_and_its_round_trip_is_known()
    {
        var seat = _exchange.Ready();
        Assert.Equal(TimeSpan.Zero, _exchange.Demo.RoundTrip);
        var asked = seat.Ask("trader");
        var sent = _exchange.Wire.Taken<ProtoOATraderReq>();
        Assert.Empty(seat.Heard());
        _exchange.Time.Advance(TimeSpan.FromMilliseconds(42));
        _exchange.Wire.Say(seat.Trader(), sent.ClientMsgId);
        Assert.Equal(["trader Answered"], seat.Heard());
        Assert.IsType<ProtoOATraderRes>(asked.End.Message!.Body);
        Assert.Equal(TimeSpan.FromMilliseconds(42), _exchange.Demo.RoundTrip);
    }

    [Fact]
    public void Heartbeats_go_by_their_own_timer_whatever_else_is_sent()
    {
        var seat = _exchange.Ready();
        Assert.Equal(1, _exchange.Wire.Beats);
        for (int second = 1; second <= 60; second++)
        {
            _exchange.Pass(1);
            seat.Ask("trader");
            _exchange.Wire.Say(new ProtoHeartbeatEvent());
            Assert.Equal(1 + (second / 10), _exchange.Wire.Beats);
        }
    }

    [Fact]
    public void Heartbeats_go_while_the_application_waits_for_its_authentication()
    {
        _exchange.Sit();
        _exchange.Wire.Connect();
        _exchange.Pass(20);
        Assert.Equal(3, _exchange.Wire.Beats);
    }

    [Fact]
    public void The_servers_heartbeats_need_no_reply()
    {
        _exchange.Ready();
        for (int i = 0; i < 10; i++)
        {
            _exchange.Wire.Say(new ProtoHeartbeatEvent());
        }

        Assert.Equal(1, _exchange.Wire.Beats);
        Assert.Equal(0, _exchange.Count(CTraderCount.Strays));
    }

    [Fact]
    public void A_line_on_which_nothing_is_heard_for_90_seconds_is_dropped()
    {
        var seat = _exchange.Ready();
        _exchange.Pass(60);
        _exchange.Wire.Say(new ProtoHeartbeatEvent());
        _exchange.Pass(89.9);
        Assert.Empty(seat.Heard());
        _exchange.Pass(0.1);
        Assert.Equal(["down: nothing was heard for 90 s"], seat.Heard());
        Assert.False(_exchange.Wire.IsOpen);
    }

    [Fact]
    public void Anything_heard_keeps_a_line_even_what_cannot_be_read()
    {
        var seat = _exchange.Ready();
        _exchange.Pass(60);
        _exchange.Wire.Raw(new byte[] { 0xff, 0xff });
        _exchange.Pass(60);
        Assert.Empty(seat.Heard());
        Assert.Equal(1, _exchange.Count(CTraderCount.BadFrames));
    }

    [Fact]
    public void Connecting_may_take_15_seconds()
    {
        var seat = _exchange.Sit();
        _exchange.Pass(14.9);
        Assert.True(_exchange.Wire.IsOpen);
        _exchange.Pass(0.1);
        Assert.False(_exchange.Wire.IsOpen);
        Assert.Equal(["down: no connection within 15 s"], seat.Heard());
        Assert.Equal(1, _exchange.Count(CTraderCount.Losses));
        Assert.Equal(0, _exchange.Count(CTraderCount.Connections));
    }

    [Fact]
    public void An_authentication_without_an_answer_ends_the_line()
    {
        var seat = _exchange.Sit();
        _exchange.Wire.Connect();
        _exchange.Pass(30);
        Assert.Equal(["down: the server did not answer the application's authentication"], seat.Heard());
        Assert.False(_exchange.Wire.IsOpen);
    }

    [Fact]
    public void A_process_that_slept_takes_its_line_for_lost()
    {
        var seat = _exchange.Ready();
        var asked = seat.Ask("trader");
        _exchange.Time.Advance(TimeSpan.FromSeconds(91));
        // The server may have been heard just before the first look at the clock: the line is old all the same.
        _exchange.Wire.Say(new ProtoHeartbeatEvent());
        _exchange.Hub.Tick();
        Assert.Equal(OpenApiEndKind.Lost, asked.Kind);
        Assert.Equal(["trader Lost", "down: this process slept for 91 s"], seat.Heard());
    }

    [Fact]
    public void A_process_that_slept_sends_nothing_before_it_looked_at_the_clock()
    {
        var seat = _exchange.Ready();
        _exchange.Time.Advance(TimeSpan.FromMinutes(10));
        var order = seat.Order("order");
        Assert.Equal(OpenApiEndKind.NotSent, order.Kind);
        Assert.Empty(_exchange.Wire.Taken());
        Assert.False(_exchange.Wire.IsOpen);
    }

    [Fact]
    public void A_pause_shorter_than_the_watchdog_is_no_sleep()
    {
        var seat = _exchange.Ready();
        _exchange.Time.Advance(TimeSpan.FromSeconds(80));
        _exchange.Hub.Tick();
        Assert.Empty(seat.Heard());
    }

    [Fact]
    public void The_last_one_to_leave_closes_the_line()
    {
        var first = _exchange.Ready();
        var second = _exchange.Sit(2);
        first.Leave();
        Assert.True(_exchange.Wire.IsOpen);
        second.Leave();
        Assert.False(_exchange.Wire.IsOpen);
        _exchange.Pass(120, 1);
        Assert.Single(_exchange.Dialer.Wires);
        Assert.Equal(OpenApiLineState.Idle, Assert.Single(_exchange.Hub.Connections).State);
    }

    [Fact]
    public void Whoever_comes_and_goes_does_not_dial_more_often_than_once_a_second()
    {
        for (int i = 0; i < 200; i++)
        {
            var seat = _exchange.Sit();
            _exchange.Pass(0.05);
            seat.Leave();
        }

        Assert.InRange(_exchange.Dialer.Wires.Count, 9, 11);
    }

    [Fact]
    public void What_an_old_line_still_says_reaches_nobody()
    {
        var seat = _exchange.Ready();
        var old = _exchange.Wire;
        old.Break();
        seat.Heard();
        _exchange.UntilDialled();
        old.Connect();
        old.Say(seat.Event(ProtoOAExecutionType.Swap));
        old.Break();
        Assert.Empty(seat.Heard());
        _exchange.Wire.Accept();
        Assert.Equal(["up"], seat.Heard());
    }

    [Fact]
    public void Drop_ends_the_line_for_all_and_it_comes_again()
    {
        var first = _exchange.Ready();
        var second = _exchange.Sit(2);
        second.Heard();
        lock (_exchange.Hub.Gate)
        {
            _exchange.Demo.Drop("mute");
        }

        Assert.False(_exchange.Wire.IsOpen);
        Assert.Equal(["down: mute"], first.Heard());
        Assert.Equal(["down: mute"], second.Heard());
        _exchange.UntilDialled();
        _exchange.Wire.Accept();
        Assert.Equal(["up"], first.Heard());
        Assert.Equal(["up"], second.Heard());
        Assert.Equal(1, _exchange.Demo.Reconnects);
    }

    [Fact]
    public void People_see_how_each_line_stands()
    {
        Assert.Empty(_exchange.Hub.Connections);
        var seat = _exchange.Sit();
        Assert.True(Assert.Single(_exchange.Hub.Connections) is { State: OpenApiLineState.Dialling, Accounts: 1, Problem: null });
        _exchange.Wire.Connect();
        Assert.Equal(OpenApiLineState.Authenticating, _exchange.Hub.Connections[0].State);
        _exchange.Pass(3);
        _exchange.Wire.Say(new ProtoOAApplicationAuthRes(), _exchange.Wire.All[0].ClientMsgId);
        var ready = _exchange.Hub.Connections[0];
        Assert.Equal((OpenApiLineState.Ready, Timestamp.From(_exchange.Time.GetUtcNow()), 0), (ready.State, ready.Since, ready.Reconnects));
        _exchange.Wire.Break("connection reset");
        Assert.True(_exchange.Hub.Connections[0] is { State: OpenApiLineState.Waiting, Problem: "connection reset" });
        Assert.NotEmpty(seat.Heard());
    }

    [Fact]
    public void Many_accounts_are_not_all_told_at_once_that_the_line_is_up()
    {
        var seats = Enumerable.Range(1, 50).Select(i => _exchange.Sit(i)).ToList();
        _exchange.Wire.Accept();
        Assert.Equal(20, seats.Count(s => s.Heard().Contains("up")));
        var late = _exchange.Sit(99);
        Assert.Empty(late.Heard());
        _exchange.Pass(1);
        Assert.Equal(0, seats.Count(s => s.Heard().Contains("up")));
        _exchange.Pass(0.1);
        Assert.Equal(20, seats.Count(s => s.Heard().Contains("up")));
        _exchange.Pass(1.1);
        Assert.Equal(10, seats.Count(s => s.Heard().Contains("up")));
        Assert.Equal(["up"], late.Heard());
    }

    [Fact]
    public void Every_seat_sees_the_clock_and_speaks_without_the_lock()
    {
        var seat = _exchange.Ready();
        int drains = seat.Drains;
        Assert.True(drains > 0);
        _exchange.Pass(1);
        Assert.Equal(20, seat.Ticks);
        Assert.Empty(_exchange.Wrong);
        Assert.Equal(drains + 20, seat.Drains);
    }

    [Fact]
    public void Only_seats_that_a_frame_touched_speak_after_it()
    {
        var first = _exchange.Ready();
        var second = _exchange.Sit(2);
        _exchange.Hub.Tick();
        (int a, int b) = (first.Drains, second.Drains);
        _exchange.Wire.Say(second.Event(ProtoOAExecutionType.Swap));
        Assert.Equal((a, b + 1), (first.Drains, second.Drains));
    }

    [Fact]
    public void A_changed_token_is_told_to_all_seats()
    {
        var seat = _exchange.Ready();
        int drains = seat.Drains;
        _exchange.RaiseChanged("g1");
        Assert.Equal(["token g1"], seat.Heard());
        Assert.Equal(drains + 1, seat.Drains);
    }

    [Fact]
    public void A_token_that_changes_while_a_seat_holds_the_lock_is_told_and_nobody_speaks_under_it()
    {
        var seat = _exchange.Ready();
        int drains = seat.Drains;
        lock (_exchange.Hub.Gate)
        {
            _exchange.RaiseChanged("g1");
            Assert.Equal(drains, seat.Drains);
        }

        Assert.Equal(["token g1"], seat.Heard());
        _exchange.Hub.Tick();
        Assert.Equal(drains + 1, seat.Drains);
    }
}

using Google.Protobuf;
using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.CTrader.Tests.Connection;

/// <summary>The pauses between attempts: growing, with chance, and never got around.</summary>
public sealed class BackoffTests
{
    private readonly Exchange _exchange = new();

    [Fact]
    public void Pauses_double_from_one_second_to_sixty_and_half_of_each_is_chance()
    {
        _exchange.Sit();
        var halves = new List<double>();
        foreach (double whole in (double[])[1, 2, 4, 8, 16, 32, 60, 60, 60])
        {
            _exchange.Wire.Break();
            double took = _exchange.UntilDialled();
            Assert.InRange(took, whole / 2, whole + 0.05);
            halves.Add((took / whole) - 0.5);
        }

        // It is not always the same part of it.
        Assert.True(halves.Max() - halves.Min() > 0.1);
    }

    [Fact]
    public void The_same_seed_gives_the_same_pauses_and_another_one_others()
    {
        Assert.Equal(Pauses(1), Pauses(1));
        Assert.NotEqual(Pauses(1), Pauses(2));

        static List<double> Pauses(ulong seed)
        {
            var exchange = new Exchange(new CTraderOptions { Seed = seed });
            exchange.Sit();
            var pauses = new List<double>();
            for (int i = 0; i < 5; i++)
            {
                exchange.Wire.Break();
                pauses.Add(exchange.UntilDialled());
            }

            return pauses;
        }
    }

    [Fact]
    public void A_line_that_comes_up_and_breaks_soon_does_not_set_the_pauses_back()
    {
        _exchange.Sit();
        for (int i = 0; i < 7; i++)
        {
            _exchange.Wire.Accept();
            _exchange.PassHealthy(20);
            _exchange.Wire.Break();
            _exchange.UntilDialled();
        }

        _exchange.Wire.Accept();
        _exchange.PassHealthy(299);
        _exchange.Wire.Break();
        Assert.InRange(_exchange.UntilDialled(), 30, 60.05);
        Assert.Equal(7, _exchange.Demo.Reconnects);
    }

    [Fact]
    public void A_line_that_stood_for_five_minutes_sets_the_pauses_back()
    {
        _exchange.Sit();
        for (int i = 0; i < 7; i++)
        {
            _exchange.Wire.Break();
            _exchange.UntilDialled();
        }

        _exchange.Wire.Accept();
        _exchange.PassHealthy(301);
        _exchange.Wire.Break();
        Assert.InRange(_exchange.UntilDialled(), 0.5, 1.05);
        _exchange.Wire.Break();
        Assert.InRange(_exchange.UntilDialled(), 1, 2.05);
    }

    [Fact]
    public void The_seats_hear_of_each_attempt_that_fails()
    {
        var seat = _exchange.Sit();
        _exchange.Wire.Break("refused");
        Assert.Equal(["down: refused"], seat.Heard());
        _exchange.UntilDialled();
        _exchange.Wire.Break("no such host");
        Assert.Equal(["down: no such host"], seat.Heard());
    }

    [Fact]
    public void Who_sits_down_in_a_pause_hears_why_and_waits_for_its_end()
    {
        var first = _exchange.Sit();
        _exchange.Wire.Break("refused");
        var second = _exchange.Sit(2);
        Assert.Equal(["down: refused"], second.Heard());
        first.Leave();
        second.Leave();
        var third = _exchange.Sit(3);
        Assert.Equal(["down: refused"], third.Heard());
        Assert.Single(_exchange.Dialer.Wires);
        Assert.InRange(_exchange.UntilDialled(), 0.5, 1.05);
        _exchange.Wire.Accept();
        Assert.Equal(["up"], third.Heard());
    }

    [Fact]
    public void A_dialer_that_throws_is_an_attempt_that_failed()
    {
        _exchange.Dialer.Throws = new InvalidOperationException("no network");
        var seat = _exchange.Sit();
        Assert.Equal(["down: no connection could be begun: no network"], seat.Heard());
        _exchange.Dialer.Throws = null;
        Assert.InRange(_exchange.UntilDialled(), 0.5, 1.05);
        _exchange.Wire.Accept();
        Assert.Equal(["up"], seat.Heard());
    }

    [Theory]
    [InlineData("CH_CLIENT_AUTH_FAILURE", "client id and secret")]
    [InlineData("CH_OA_CLIENT_NOT_FOUND", "client id")]
    [InlineData("UNSUPPORTED_MESSAGE", "host and port")]
    [InlineData("FRAME_TOO_LONG", "host and port")]
    public void A_refused_application_is_tried_every_ten_minutes_and_a_person_is_told_once_what_to_do(string code, string advice)
    {
        var seat = _exchange.Sit();
        for (int i = 0; i < 3; i++)
        {
            _exchange.Wire.Connect();
            _exchange.Wire.Refuse(code, $"wrong {Exchange.Secret}", _exchange.Wire.All[0].ClientMsgId);
            Assert.Contains(code, Assert.Single(seat.Heard()), StringComparison.Ordinal);
            Assert.False(_exchange.Wire.IsOpen);
            Assert.InRange(_exchange.UntilDialled(700, 1), 600, 661);
        }

        var alert = Assert.Single(_exchange.Lines, l => l.Level == CTraderLogLevel.Alert);
        Assert.Contains(advice, alert.Text, StringComparison.Ordinal);
        Assert.Equal(OpenApiLineState.Dialling, _exchange.Hub.Connections[0].State);
        Assert.Contains(code, _exchange.Hub.Connections[0].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_application_that_is_let_in_and_refused_again_is_alerted_again()
    {
        _exchange.Sit();
        _exchange.Wire.Connect();
        _exchange.Wire.Refuse("CH_CLIENT_AUTH_FAILURE", "", _exchange.Wire.All[0].ClientMsgId);
        _exchange.UntilDialled(700, 1);
        _exchange.Wire.Accept();
        _exchange.Wire.Break();
        _exchange.UntilDialled();
        _exchange.Wire.Connect();
        _exchange.Wire.Refuse("CH_CLIENT_AUTH_FAILURE", "", _exchange.Wire.All[0].ClientMsgId);
        Assert.Equal(2, _exchange.Lines.Count(l => l.Level == CTraderLogLevel.Alert));
    }

    [Theory]
    [InlineData("CONNECTIONS_LIMIT_EXCEEDED")]
    [InlineData("REQUEST_FREQUENCY_EXCEEDED")]
    public void A_crowded_server_is_left_alone_for_long(string code)
    {
        _exchange.Sit();
        foreach (double minutes in (double[])[5, 10, 15, 15])
        {
            _exchange.Wire.Connect();
            _exchange.Wire.Refuse(code, "", _exchange.Wire.All[0].ClientMsgId);
            Assert.InRange(_exchange.UntilDialled(1000, 1), minutes * 60, (minutes * 66) + 1);
        }
    }

    [Fact]
    public void A_blocked_authentication_waits_for_the_time_that_the_server_names()
    {
        _exchange.Sit();
        _exchange.Wire.Connect();
        _exchange.Wire.Refuse("BLOCKED_PAYLOAD_TYPE", "", _exchange.Wire.All[0].ClientMsgId, retryAfter: 20);
        Assert.InRange(_exchange.UntilDialled(), 20, 21.05);
    }

    [Fact]
    public void Any_other_error_at_the_authentication_is_a_loss_like_any_other()
    {
        var seat = _exchange.Sit();
        _exchange.Wire.Connect();
        _exchange.Wire.Refuse("CANT_ROUTE_REQUEST", "", _exchange.Wire.All[0].ClientMsgId);
        Assert.Equal(["down: the application's authentication failed: CANT_ROUTE_REQUEST"], seat.Heard());
        Assert.InRange(_exchange.UntilDialled(), 0.5, 1.05);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Maintenance_is_waited_for_to_its_end_in_seconds_here_and_in_milliseconds_there(bool common)
    {
        var seat = _exchange.Sit();
        _exchange.Wire.Connect();
        _exchange.Wire.Say(Maintenance(common, TimeSpan.FromMinutes(20)), _exchange.Wire.All[0].ClientMsgId);
        Assert.Equal(["down: the server is under maintenance"], seat.Heard());
        Assert.InRange(_exchange.UntilDialled(2000, 1), 1200, 1231);
    }

    [Fact]
    public void Maintenance_that_ends_in_the_far_future_is_asked_about_each_hour()
    {
        _exchange.Sit();
        _exchange.Wire.Connect();
        _exchange.Wire.Say(Maintenance(false, TimeSpan.FromDays(2)), _exchange.Wire.All[0].ClientMsgId);
        Assert.InRange(_exchange.UntilDialled(4000, 1), 3600, 3631);
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(null)]
    public void Maintenance_without_an_end_to_come_is_asked_about_each_minute(int? minutes)
    {
        _exchange.Sit();
        _exchange.Wire.Connect();
        _exchange.Wire.Say(Maintenance(false, minutes is { } m ? TimeSpan.FromMinutes(m) : null), _exchange.Wire.All[0].ClientMsgId);
        Assert.InRange(_exchange.UntilDialled(100, 1), 60, 67);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Maintenance_said_to_nobody_ends_a_line_that_is_up(bool common)
    {
        var seat = _exchange.Ready();
        _exchange.Wire.Say(Maintenance(common, TimeSpan.FromMinutes(20)));
        Assert.Equal(["down: the server is under maintenance"], seat.Heard());
        Assert.InRange(_exchange.UntilDialled(2000, 1), 1200, 1231);
    }

    [Fact]
    public void An_error_without_an_id_in_answer_to_the_authentication_counts_when_it_cannot_mean_anything_else()
    {
        _exchange.Sit();
        _exchange.Wire.Connect();
        _exchange.Wire.Say(new ProtoErrorRes { ErrorCode = "INVALID_REQUEST" });
        Assert.True(_exchange.Wire.IsOpen);
        _exchange.Wire.Say(new ProtoErrorRes { ErrorCode = "CH_CLIENT_AUTH_FAILURE" });
        Assert.False(_exchange.Wire.IsOpen);
        Assert.InRange(_exchange.UntilDialled(700, 1), 600, 661);
    }

    [Fact]
    public void Maintenance_of_one_accounts_broker_stops_that_account_and_no_other()
    {
        var first = _exchange.Ready(1);
        var second = _exchange.Sit(2);
        second.Heard();
        var refused = first.Ask("a");
        var lost = first.Order("b");
        var other = second.Order("c");
        _exchange.Wire.Refuse("SERVER_IS_UNDER_MAINTENANCE", "", refused.Id, maintenanceEnd: EndIn(TimeSpan.FromMinutes(3)));
        Assert.Equal((OpenApiEndKind.Failed, OpenApiEndKind.Lost, null), (refused.Kind, lost.Kind, other.Kind));
        var heard = first.Heard();
        Assert.Equal(["a Failed", "b Lost"], heard.Take(2));
        Assert.StartsWith("down: the broker's server is under maintenance", heard[2], StringComparison.Ordinal);
        Assert.Equal(OpenApiEndKind.NotSent, first.Ask("d").Kind);
        first.Heard();

        Assert.True(_exchange.Demo.IsReady);
        Assert.Empty(second.Heard());
        Assert.Null(second.Ask("e").Kind);

        _exchange.PassHealthy(179);
        Assert.Empty(first.Heard());
        _exchange.PassHealthy(21);
        Assert.Equal(["up"], first.Heard());
    }

    private long EndIn(TimeSpan after) => (_exchange.Time.GetUtcNow() + after).ToUnixTimeSeconds();

    private IMessage Maintenance(bool common, TimeSpan? endsIn)
    {
        if (common)
        {
            var error = new ProtoErrorRes { ErrorCode = "SERVER_IS_UNDER_MAINTENANCE" };
            if (endsIn is { } after)
            {
                error.MaintenanceEndTimestamp = (ulong)(_exchange.Time.GetUtcNow() + after).ToUnixTimeMilliseconds();
            }

            return error;
        }

        var own = new ProtoOAErrorRes { ErrorCode = "SERVER_IS_UNDER_MAINTENANCE" };
        if (endsIn is { } ends)
        {
            own.MaintenanceEndTimestamp = EndIn(ends);
        }

        return own;
    }
}

using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.Simulator.Tests.OpenApi;

/// <summary>Guide §6.</summary>
public sealed class RateTests
{
    private static ProtoOATraderReq Trader => new() { CtidTraderAccountId = ApiWorld.Demo };

    private static ProtoOADealListReq Deals => new() { CtidTraderAccountId = ApiWorld.Demo };

    [Fact] // 50/s and 5/s, each connection by itself; only the breached payload type is blocked.
    public void Fifty_requests_and_five_of_history_a_second_and_connection()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        for (int i = 0; i < 5; i++)
        {
            client.Ask<ProtoOADealListRes>(Deals);
        }

        var history = client.Fail(Deals);
        Assert.Equal(("BLOCKED_PAYLOAD_TYPE", 1UL, ApiWorld.Demo), (history.ErrorCode, history.RetryAfter, history.CtidTraderAccountId));
        for (int i = 0; i < 50; i++)
        {
            client.Ask<ProtoOATraderRes>(Trader);
        }

        Assert.Equal("BLOCKED_PAYLOAD_TYPE", client.Fail(Trader).ErrorCode);
        world.Ready().Ask<ProtoOATraderRes>(Trader);
        world.Wait(1);
        client.Ask<ProtoOATraderRes>(Trader);
        client.Ask<ProtoOADealListRes>(Deals);
    }

    [Fact]
    public void An_order_over_the_rate_is_refused_and_not_executed()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        for (int i = 0; i < 50; i++)
        {
            client.Ask<ProtoOATraderRes>(Trader);
        }

        Assert.Equal("BLOCKED_PAYLOAD_TYPE", client.Fail(client.Market()).ErrorCode);
        world.Wait(1);
        Assert.Empty(world.Broker.Positions);
    }

    [Fact] // Mida#28.
    public void The_other_way_of_saying_it_is_a_setting()
    {
        var world = new ApiWorld(new SimOpenApiSettings { Applications = [new("app", "secret", [])], FrequencyError = true, HistoryPerSecond = 1 });
        var client = world.Ready();
        client.Ask<ProtoOADealListRes>(Deals);
        var error = client.Fail(Deals);
        Assert.Equal(("REQUEST_FREQUENCY_EXCEEDED", "You have reached the rate limit of requests"), (error.ErrorCode, error.Description));
        world.Wait(1);
        client.Ask<ProtoOADealListRes>(Deals);
    }

    [Fact] // A steady client below the rate is never refused.
    public void A_steady_client_is_never_refused()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        for (int i = 0; i < 400; i++)
        {
            client.Ask<ProtoOATraderRes>(Trader);
            world.Wait(0.02);
        }
    }

    [Fact] // The broker's own limit.
    public void The_brokers_own_limit_is_an_error_too()
    {
        var world = new ApiWorld(broker: s => s with { RequestsPerSecond = 1 });
        var client = world.Ready();
        client.Send(client.Market());
        Assert.Equal("REQUEST_FREQUENCY_EXCEEDED", client.Fail(client.Market()).ErrorCode);
    }
}

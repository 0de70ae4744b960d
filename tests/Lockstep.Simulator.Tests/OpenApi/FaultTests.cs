using Google.Protobuf;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.Simulator.Tests.OpenApi;

/// <summary>Each fault of the simulated server does what it says, and bad bytes do no more harm than they should.</summary>
public sealed class FaultTests
{
    private static ProtoOATraderReq Trader => new() { CtidTraderAccountId = ApiWorld.Demo };

    [Fact]
    public void Dropped_before_the_broker_has_it_nothing_is_executed()
    {
        var (world, client) = With(new SimOpenApiFaults { DropBeforePercent = 100 });
        client.Trade(client.Market());
        Assert.True(client.IsClosed);
        Assert.Empty(world.Broker.Positions);
    }

    [Fact]
    public void Dropped_after_the_broker_has_it_the_order_is_executed_and_another_connection_hears_of_it()
    {
        var (world, client) = With(new SimOpenApiFaults { DropAfterPercent = 100 });
        var other = world.Ready();
        client.Trade(client.Market());
        Assert.True(client.IsClosed);
        Assert.Empty(client.Heard);
        Assert.Single(world.Broker.Positions);
        Assert.Equal(2, other.Executions.Count());
    }

    [Fact]
    public void A_silent_server_takes_everything_and_says_nothing()
    {
        var (world, client) = With(new SimOpenApiFaults { SilentPercent = 100 });
        client.Send(Trader);
        world.Server.Faults = SimOpenApiFaults.None;
        for (int i = 0; i < 10; i++)
        {
            client.Send(Trader);
            world.Wait(10);
        }

        Assert.Empty(client.Heard);
        Assert.False(client.IsClosed);
    }

    [Fact]
    public void Late_messages_hold_up_those_behind_them()
    {
        var (world, client) = With(new SimOpenApiFaults { DelayPercent = 100, DelayMax = TimeSpan.FromSeconds(2) });
        string[] asked = [.. Enumerable.Range(0, 20).Select(_ => client.Send(Trader))];
        Assert.Empty(client.Heard);
        world.Wait(3);
        Assert.Equal(asked, client.Heard.Select(m => m.ClientMsgId));
        Assert.True(client.HeardAt[^1] > client.HeardAt[0]);
    }

    [Fact]
    public void Events_come_twice_and_answers_do_not()
    {
        var (world, client) = With(new SimOpenApiFaults { DuplicatePercent = 100 });
        client.Trade(client.Market());
        Assert.Equal(4, client.Executions.Count());
        Assert.Equal(2, client.Executions.Distinct().Count());
        client.Heard.Clear();
        client.Ask<ProtoOATraderRes>(Trader);
        world.Wait(1);
        Assert.Single(client.Heard);
    }

    [Fact]
    public void Events_are_overtaken()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        world.Server.Faults = new SimOpenApiFaults { ReorderPercent = 50 };
        bool overtaken = false;
        for (int i = 0; i < 20 && !overtaken; i++)
        {
            var types = client.Trade(client.Market(sl: 500)).Select(e => (e.ExecutionType, e.IsServerEvent)).ToList();
            world.Wait(1);
            overtaken = types.Count == 3 && types[0] != (ProtoOAExecutionType.OrderAccepted, false);
        }

        Assert.True(overtaken);
    }

    [Fact]
    public void A_refused_request_carries_the_code_that_was_chosen()
    {
        var (world, client) = With(new SimOpenApiFaults { RejectPercent = 100, RejectCode = "CH_SERVER_NOT_REACHABLE" });
        Assert.Equal("CH_SERVER_NOT_REACHABLE", client.Fail(Trader).ErrorCode);
        Assert.Equal("CH_SERVER_NOT_REACHABLE", client.Ask<ProtoOAOrderErrorEvent>(client.Market()).ErrorCode);
        Assert.Empty(world.Broker.DealList);
    }

    [Fact] // §8, PY#47.
    public void A_mute_request_is_executed_and_never_told_of_where_it_was_asked()
    {
        var (world, client) = With(new SimOpenApiFaults { MutePercent = 100 });
        Assert.Empty(client.Trade(client.Market(sl: 500)));
        Assert.Empty(client.Heard);
        Assert.Single(world.Broker.Positions);
        client.Trade(client.Market(volume: 1));
        Assert.Empty(client.Heard);
    }

    [Fact] // §6.
    public void A_blocked_payload_type_opens_again_after_its_seconds_and_blocks_no_other()
    {
        var (world, client) = With(new SimOpenApiFaults { BlockPercent = 100, BlockSeconds = 3 });
        var blocked = client.Fail(Trader);
        Assert.Equal(("BLOCKED_PAYLOAD_TYPE", 3UL), (blocked.ErrorCode, blocked.RetryAfter));
        world.Server.Faults = SimOpenApiFaults.None;
        Assert.Equal("BLOCKED_PAYLOAD_TYPE", client.Fail(Trader).ErrorCode);
        client.Ask<ProtoOAAssetListRes>(new ProtoOAAssetListReq { CtidTraderAccountId = ApiWorld.Demo });
        world.Wait(3);
        client.Ask<ProtoOATraderRes>(Trader);
    }

    [Fact] // §4: 2147, then 2164; the token itself still opens the account.
    public void A_token_that_is_declared_invalid_ends_the_sessions_that_use_it()
    {
        var world = new ApiWorld();
        var client = world.Client();
        client.AppAuth();
        string token = world.Server.Grants.Grant("anna", true).Access;
        client.Authorize(ApiWorld.Demo, token);
        client.Heard.Clear();
        world.Server.Faults = new SimOpenApiFaults { TokenInvalidPercent = 100 };
        client.Trade(client.Market());
        Assert.Equal([2147u, 2164u, 2142u], client.Heard.Select(m => m.PayloadType));
        Assert.Equal([ApiWorld.Demo], ((ProtoOAAccountsTokenInvalidatedEvent)client.Heard[0].Body!).CtidTraderAccountIds);
        Assert.Empty(world.Broker.Positions);
        world.Server.Faults = SimOpenApiFaults.None;
        client.Authorize(ApiWorld.Demo, token);
    }

    [Fact]
    public void An_account_session_ends_with_2164()
    {
        var (_, client) = With(new SimOpenApiFaults { AccountDropPercent = 100 });
        Assert.Equal("Trading account is not authorized", client.Fail(Trader).Description);
        Assert.Equal([2164u, 2142u], client.Heard.Select(m => m.PayloadType));
    }

    [Fact]
    public void An_application_session_ends_with_2148_and_the_connection()
    {
        var (_, client) = With(new SimOpenApiFaults { ClientDropPercent = 100 });
        client.Send(Trader);
        Assert.IsType<ProtoOAClientDisconnectEvent>(Assert.Single(client.Heard).Body);
        Assert.True(client.IsClosed);
    }

    [Fact]
    public void A_forgotten_session_is_noticed_by_the_next_request()
    {
        var (world, client) = With(new SimOpenApiFaults { ForgetPercent = 100 });
        client.Ask<ProtoOATraderRes>(Trader);
        Assert.Single(client.Heard);
        Assert.Equal("Trading account is not authorized", client.Fail(Trader).Description);
        world.Broker.Deposit(1m);
        Assert.Empty(client.Executions);
    }

    [Fact] // §5: seconds here, milliseconds there.
    public void Maintenance_is_told_in_seconds_or_milliseconds_and_ends()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        long end = (world.Clock.Now.Micros / 1_000_000) + 60;
        world.Server.Faults = new SimOpenApiFaults { MaintenanceFor = TimeSpan.FromSeconds(60) };
        var inSeconds = client.Fail(Trader);
        Assert.Equal(("SERVER_IS_UNDER_MAINTENANCE", end), (inSeconds.ErrorCode, inSeconds.MaintenanceEndTimestamp));
        world.Server.Faults = new SimOpenApiFaults { MaintenanceFor = TimeSpan.FromSeconds(60), MaintenanceAtProxy = true };
        Assert.Equal((ulong)end * 1000, client.Ask<ProtoErrorRes>(Trader).MaintenanceEndTimestamp);
        world.Wait(20);
        client.Send(new ProtoHeartbeatEvent());
        world.Wait(20);
        client.Send(new ProtoHeartbeatEvent());
        world.Wait(20);
        client.Ask<ProtoOATraderRes>(Trader);
    }

    [Fact] // §2: a newer server.
    public void Messages_of_a_kind_in_no_list_come_in_between()
    {
        var (_, client) = With(new SimOpenApiFaults { StrangeMessagePercent = 100 });
        client.Ask<ProtoOATraderRes>(Trader);
        Assert.Equal([2_999u, 2122u], client.Heard.Select(m => m.PayloadType));
        Assert.Null(client.Heard[0].Body);
    }

    [Fact] // §4 "Silent death".
    public void A_dead_token_may_be_met_with_silence_and_the_end()
    {
        var world = new ApiWorld();
        world.Server.Faults = new SimOpenApiFaults { StaleTokenMute = true };
        var client = world.Client();
        client.AppAuth();
        client.Send(new ProtoOAGetAccountListByAccessTokenReq { AccessToken = "stale" });
        world.Wait(20);
        client.Send(new ProtoHeartbeatEvent());
        Assert.Single(client.Heard);
        world.Wait(10);
        Assert.True(client.IsClosed);
    }

    [Fact]
    public void A_client_that_takes_nothing_is_dropped()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        client.TakesNothing = true;
        client.Send(Trader);
        Assert.True(client.IsClosed);
        Assert.Equal(0, world.Server.Connections);
    }

    [Fact] // Bad input: a missing field is named and the connection lives; an unknown kind is unsupported; nonsense ends it.
    public void Bad_messages_are_answered_and_nonsense_ends_the_connection()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        client.SendRaw(2106, new ProtoOANewOrderReq { CtidTraderAccountId = ApiWorld.Demo, SymbolId = 1 }.ToByteArray(), "m1");
        var missing = Assert.IsType<ProtoOAErrorRes>(client.Heard[^1].Body);
        Assert.Equal(("m1", "INVALID_REQUEST", "Message missing required fields: orderType, tradeSide, volume"), (client.Heard[^1].ClientMsgId, missing.ErrorCode, missing.Description));
        client.SendRaw(2_777, [1, 2, 3], "m2");
        Assert.Equal(("m2", "UNSUPPORTED_MESSAGE"), (client.Heard[^1].ClientMsgId, ((ProtoOAErrorRes)client.Heard[^1].Body!).ErrorCode));

        // What only a server says is no request.
        client.Send(new ProtoOATraderRes { CtidTraderAccountId = ApiWorld.Demo, Trader = new ProtoOATrader { CtidTraderAccountId = ApiWorld.Demo, Balance = 1, DepositAssetId = 1 } });
        Assert.Equal("UNSUPPORTED_MESSAGE", ((ProtoOAErrorRes)client.Heard[^1].Body!).ErrorCode);
        client.Ask<ProtoOATraderRes>(Trader);
        Assert.False(client.IsClosed);
        client.SendFrame([0xFF, 0xFF, 0xFF, 0xFF]);
        Assert.True(client.IsClosed);
        Assert.Equal("INVALID_REQUEST", ((ProtoOAErrorRes)client.Heard[^1].Body!).ErrorCode);
        world.Ready().Ask<ProtoOATraderRes>(Trader);
    }

    [Fact] // All 42 requests get an answer, whatever they ask.
    public void Every_request_is_answered_under_its_id()
    {
        int asked = 0;
        foreach (var kind in OpenApiMessagesReflection.Descriptor.MessageTypes.Where(m => m.Name.EndsWith("Req", StringComparison.Ordinal)))
        {
            var world = new ApiWorld();
            var client = world.Ready();
            var body = kind.Parser.ParseFrom(ByteString.Empty);
            Fill(body);
            string id = client.Send(body);
            world.Wait(1);
            Assert.True(client.Heard.Exists(m => m.ClientMsgId == id), kind.Name);
            Assert.False(client.IsClosed, kind.Name);
            asked++;
        }

        Assert.Equal(42, asked);
    }

    [Fact]
    public void The_same_seed_gives_the_same_story()
    {
        string one = Play();
        Assert.Equal(one, Play());
        Assert.Contains("2126", one, StringComparison.Ordinal);
    }

    /// <summary>The least that makes a message complete.</summary>
    private static void Fill(IMessage message)
    {
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder().Where(f => f.IsRequired))
        {
            field.Accessor.SetValue(message, field.Name == "ctidTraderAccountId" ? ApiWorld.Demo : field.FieldType switch
            {
                Google.Protobuf.Reflection.FieldType.Int64 => 1L,
                Google.Protobuf.Reflection.FieldType.UInt64 => 1UL,
                Google.Protobuf.Reflection.FieldType.String => "x",
                Google.Protobuf.Reflection.FieldType.Double => 1d,
                Google.Protobuf.Reflection.FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, field.EnumType.Values[0].Number),
                Google.Protobuf.Reflection.FieldType.Message => Complete(field.MessageType.Parser.ParseFrom(ByteString.Empty)),
                var other => throw new InvalidOperationException(other.ToString()),
            });
        }

        static IMessage Complete(IMessage inner)
        {
            Fill(inner);
            return inner;
        }
    }

    private static string Play()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        var story = new System.Text.StringBuilder();
        world.Server.Faults = new SimOpenApiFaults { DelayPercent = 20, DuplicatePercent = 20, ReorderPercent = 20, MutePercent = 10, RejectPercent = 10, AccountDropPercent = 2, StrangeMessagePercent = 5 };
        var random = new SimRandom(3);
        for (int i = 0; i < 60; i++)
        {
            client.Send(random.Chance(50) ? client.Market(volume: 100_000, sl: 500) : new ProtoOAReconcileReq { CtidTraderAccountId = ApiWorld.Demo });
            world.Wait(0.3);
            decimal bid = 1.1m + (random.Next(-20, 20) / 100_000m);
            world.Quote(bid, bid + 0.0001m);
        }

        foreach (var (message, at) in client.Heard.Zip(client.HeardAt.Skip(client.HeardAt.Count - client.Heard.Count)))
        {
            story.Append(at).Append(' ').Append(message.PayloadType).Append(' ').Append(message.ClientMsgId).Append(' ').Append(message.Body).Append('\n');
        }

        return story.ToString();
    }

    private static (ApiWorld World, ApiClient Client) With(SimOpenApiFaults faults)
    {
        var world = new ApiWorld();
        var client = world.Ready();
        world.Server.Faults = faults;
        return (world, client);
    }
}

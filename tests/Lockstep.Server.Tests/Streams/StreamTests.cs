using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Server.Rest;
using Lockstep.Server.Security;
using Lockstep.Server.Streams;
using Lockstep.Server.Tests.WebSockets;
using Lockstep.Storage;

namespace Lockstep.Server.Tests.Streams;

/// <summary>What is said on <c>/v1/stream</c>.</summary>
public class StreamTests
{
    private static readonly AccountId Prop = FakeStreamDesk.Prop;
    private static readonly AccountId Personal = FakeStreamDesk.Personal;

    [Fact]
    public async Task The_hello_says_where_events_stand()
    {
        await using var host = await StreamHost.StartAsync(new FakeStreamDesk(before: 7));
        using var client = new StreamReader(await host.OpenAsync("/v1/stream"));
        var hello = await client.NextAsync();
        Assert.Equal(("hello", 1, 1L, 7L), (Text(hello, "type"), hello.GetProperty("protocol").GetInt32(), hello.GetProperty("first").GetInt64(), hello.GetProperty("last").GetInt64()));
        Assert.Equal(host.Desk.Log.Instance, hello.GetProperty("instance").GetGuid());
    }

    [Fact]
    public async Task A_subscription_is_acknowledged_then_come_snapshots_then_events_that_are_newer()
    {
        await using var host = await StreamHost.StartAsync();
        host.Desk.Happen(Prop, 1);
        using var client = await host.ConnectAsync();
        await client.SendAsync("""{"type":"subscribe","id":"a1","accounts":["prop","personal"],"topics":["events"]}""");
        var ack = await client.NextAsync();
        Assert.Equal(("subscribed", "a1", 1L), (Text(ack, "type"), Text(ack, "id"), ack.GetProperty("after").GetInt64()));
        var prop = await client.NextAsync();
        Assert.Equal(("snapshot", "prop", 1L, "up"), (Text(prop, "type"), Text(prop, "account"), prop.GetProperty("seq").GetInt64(), Text(prop, "state")));
        Assert.Equal(1, prop.GetProperty("positions")[0].GetProperty("position").GetInt64());
        Assert.Equal(1000m, prop.GetProperty("funds").GetProperty("balance").GetDecimal());
        Assert.Equal("personal", Text(await client.NextAsync("snapshot"), "account"));
        host.Desk.Happen(Prop, 2);
        var e = await client.NextAsync();
        Assert.Equal(("event", 2L, "position.opened", "prop"), (Text(e, "type"), e.GetProperty("seq").GetInt64(), Text(e, "kind"), Text(e, "account")));
        Assert.Equal(2, e.GetProperty("position").GetProperty("position").GetInt64());
        Assert.Equal("buy", Text(e.GetProperty("position"), "side"));
    }

    [Fact]
    public async Task What_a_snapshot_holds_is_not_told_again()
    {
        // Events keep coming while the subscription is made: each is in the snapshot or comes after it, and none is in both.
        await using var host = await StreamHost.StartAsync();
        for (int round = 0; round < 20; round++)
        {
            using var client = await host.ConnectAsync();
            int first = round * 100;
            var events = Task.Run(() =>
            {
                for (int i = 0; i < 60; i++)
                {
                    host.Desk.Happen(i % 3 == 0 ? Personal : Prop, first + i);
                }
            });
            await client.SendAsync("""{"type":"subscribe","topics":["events"]}""");
            await client.NextAsync("subscribed");
            await events;
            var floors = new Dictionary<string, long>();
            var seen = new HashSet<(string, long)>();
            for (long seq = 0; seen.Count < host.Desk.Positions.Count || floors.Count < host.Desk.Config.Accounts.Count;)
            {
                var message = await client.NextAsync();
                string account = Text(message, "account");
                if (Text(message, "type") == "snapshot")
                {
                    floors[account] = message.GetProperty("seq").GetInt64();
                    seen.UnionWith(message.GetProperty("positions").EnumerateArray().Select(p => (account, p.GetProperty("position").GetInt64())));
                    continue;
                }

                long number = message.GetProperty("seq").GetInt64();
                Assert.True(number > floors[account] && number > seq);
                Assert.True(seen.Add((account, message.GetProperty("position").GetProperty("position").GetInt64())));
                seq = number;
            }

            Assert.Equal(host.Desk.Positions.Count, seen.Count);
            await client.SendAsync("""{"type":"ping"}""");
            Assert.Equal("pong", Text(await client.NextAsync(), "type"));
        }
    }

    [Fact]
    public async Task Only_what_was_asked_for_is_told()
    {
        await using var host = await StreamHost.StartAsync();
        using var client = await host.ConnectAsync();
        await client.SendAsync("""{"type":"subscribe","accounts":["personal"],"topics":["deals","sessions"],"snapshot":false}""");
        await client.NextAsync("subscribed");
        host.Desk.Happen(Personal, 1);
        host.Desk.Happen(Prop, 2, new SessionNoted(true, true, 3, ""));
        host.Desk.Happen(null, 3, new AlertNoted(new Engine.AlertRaised(Engine.AlertLevel.Critical, "halted", null, null, "text")));
        host.Desk.Happen(Personal, 4, new DealDone(FakeStreamDesk.Closing(1, DealReason.StopLoss)));
        var deal = await client.NextAsync();
        Assert.Equal((4L, "deal", "stopLoss"), (deal.GetProperty("seq").GetInt64(), Text(deal, "kind"), Text(deal.GetProperty("deal"), "reason")));
        await client.SendAsync("""{"type":"unsubscribe","id":"u"}""");
        Assert.Equal("u", Text(await client.NextAsync("unsubscribed"), "id"));
        host.Desk.Happen(Personal, 5, new DealDone(FakeStreamDesk.Closing(2, DealReason.StopLoss)));
        await client.SendAsync("""{"type":"ping","id":"p"}""");
        Assert.Equal("pong", Text(await client.NextAsync(), "type"));
    }

    [Fact]
    public async Task A_key_hears_only_of_its_accounts()
    {
        await using var host = await StreamHost.StartAsync(caller: new Caller("k", "key of personal", Scope.Read, new HashSet<AccountId> { Personal }));
        using var client = await host.ConnectAsync();
        await client.SendAsync("""{"type":"subscribe","id":"x","accounts":["personal","prop"],"topics":["events"]}""");
        var error = await client.NextAsync();
        Assert.Equal(("error", "unknown-account"), (Text(error, "type"), Text(error, "code")));
        Assert.Contains("'prop'", Text(error, "detail"), StringComparison.Ordinal);
        Assert.DoesNotContain("netting", error.ToString(), StringComparison.Ordinal);
        await client.SendAsync("""{"type":"subscribe","accounts":"all","topics":["events","prices"]}""");
        await client.NextAsync("subscribed");
        Assert.Equal("personal", Text(await client.NextAsync(), "account"));
        host.Desk.Happen(Prop, 1);
        host.Desk.Happen(null, 2, new AlertNoted(new Engine.AlertRaised(Engine.AlertLevel.Critical, "halted", null, null, "text")));
        host.Desk.Quote(Prop, FakeStreamDesk.EurUsd, 1.1m);
        host.Desk.Happen(Personal, 3);
        Assert.Equal(3, (await client.NextAsync()).GetProperty("seq").GetInt64());
    }

    [Theory]
    [InlineData("pruned", """{"type":"subscribe","topics":["events"],"after":3}""")]
    [InlineData("ahead", """{"type":"subscribe","topics":["events"],"after":99}""")]
    [InlineData("instance", """{"type":"subscribe","topics":["events"],"after":9,"instance":"00000000-0000-0000-0000-000000000001"}""")]
    public async Task Where_events_are_missing_it_is_said_and_snapshots_follow(string reason, string subscribe)
    {
        await using var host = await StreamHost.StartAsync(new FakeStreamDesk(before: 10));
        host.Desk.Log.Forget(upTo: 5);
        using var client = await host.ConnectAsync();
        await client.SendAsync(subscribe);
        await client.NextAsync("subscribed");
        var gap = await client.NextAsync();
        Assert.Equal(("gap", reason, 6L, 10L), (Text(gap, "type"), Text(gap, "reason"), gap.GetProperty("first").GetInt64(), gap.GetProperty("seq").GetInt64()));
        for (int i = 0; i < host.Desk.Config.Accounts.Count; i++)
        {
            Assert.Equal(10, (await client.NextAsync("snapshot")).GetProperty("seq").GetInt64());
        }

        host.Desk.Happen(Prop, 11);
        Assert.Equal(11, (await client.NextAsync()).GetProperty("seq").GetInt64());
    }

    [Theory]
    [InlineData("""{"type":"subscribe"}""", "topics")]
    [InlineData("""{"type":"subscribe","topics":["event"]}""", "topics[0]")]
    [InlineData("""{"type":"subscribe","topics":"events"}""", "topics")]
    [InlineData("""{"type":"subscribe","topics":["events"],"accounts":"some"}""", "accounts")]
    [InlineData("""{"type":"subscribe","topics":["events"],"after":-1}""", "after")]
    [InlineData("""{"type":"subscribe","topics":["events"],"after":1.5}""", "after")]
    [InlineData("""{"type":"subscribe","topics":["events"],"after":"7"}""", "after")]
    [InlineData("""{"type":"subscribe","topics":["events"],"more":1}""", "more")]
    [InlineData("""{"type":"subscribe","topics":["candles"],"symbols":["EURUSD"]}""", "frames")]
    [InlineData("""{"type":"subscribe","topics":["candles"],"frames":["M1"]}""", "symbols")]
    [InlineData("""{"type":"subscribe","topics":["candles"],"frames":["M2"],"symbols":["EURUSD"]}""", "frames[0]")]
    [InlineData("""{"type":"shout"}""", "type")]
    [InlineData("""{"topics":["events"]}""", "type")]
    [InlineData("""{}""", "type")]
    public async Task A_wrong_message_is_answered_and_changes_nothing(string message, string field)
    {
        await using var host = await StreamHost.StartAsync();
        using var client = await host.ConnectAsync();
        await client.SendAsync("""{"type":"subscribe","topics":["events"],"snapshot":false}""");
        await client.NextAsync("subscribed");
        await client.SendAsync(message);
        var error = await client.NextAsync();
        Assert.Equal(("error", "bad-message"), (Text(error, "type"), Text(error, "code")));
        Assert.Contains(field, error.GetProperty("errors").EnumerateArray().Select(e => Text(e, "field")));
        Assert.NotEmpty(Text(error, "advice"));
        host.Desk.Happen(Prop, 1);
        Assert.Equal("event", Text(await client.NextAsync(), "type"));
    }

    public static TheoryData<string, byte[], int> Garbage => new()
    {
        { "no JSON", RawClient.Frame(0x81, "hello"u8.ToArray()), 1007 },
        { "a list", RawClient.Frame(0x81, "[1]"u8.ToArray()), 1007 },
        { "nothing", RawClient.Frame(0x81, []), 1007 },
        { "half an object", RawClient.Frame(0x81, "{\"type\":"u8.ToArray()), 1007 },
        { "no UTF-8", RawClient.Frame(0x81, [0x7B, 0xFF, 0x7D]), 1007 },
        { "deep", RawClient.Frame(0x81, System.Text.Encoding.ASCII.GetBytes(new string('[', 5000))), 1007 },
        { "binary", RawClient.Frame(0x82, "{}"u8.ToArray()), 1003 },
        { "not masked", RawClient.Frame(0x81, "{}"u8.ToArray(), masked: false), 1002 },
        { "too large", RawClient.Frame(0x81, new byte[65_537]), 1009 },
        { "wrong again and again", [.. Enumerable.Repeat(RawClient.Frame(0x81, "{}"u8.ToArray()), 30).SelectMany(f => f)], 1008 },
    };

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task Garbage_is_closed_with_its_code(string about, byte[] bytes, int code)
    {
        await using var host = await StreamHost.StartAsync();
        using var client = await host.OpenAsync("/v1/stream");
        await client.SendRawAsync(bytes);
        var (got, reason) = await client.ReceiveCloseAsync();
        Assert.True(code == got, $"{about}: {got} {reason}");
        await UntilAsync(() => host.Hub.Connections == 0);
    }

    [Fact]
    public async Task Too_many_messages_close_and_a_silent_client_is_pinged_and_closed()
    {
        await using var host = await StreamHost.StartAsync(limits: new StreamLimits { MessagesAtOnce = 10 });
        using var flood = await host.ConnectAsync();
        for (int i = 0; i < 11; i++)
        {
            await flood.SendAsync("""{"type":"ping"}""");
        }

        Assert.Equal(1008, (await flood.Raw.ReceiveCloseAsync()).Code);
        using var silent = await host.ConnectAsync();
        using var alive = await host.ConnectAsync();
        int pings = 0;
        (int Code, string Reason)? end = null;
        for (int second = 0; second < 70; second++)
        {
            host.Time.Advance(TimeSpan.FromSeconds(1));
            await host.SettledAsync();
            if (second % 20 == 10)
            {
                await alive.SendAsync("""{"type":"ping","id":"p"}""");
                Assert.Equal("p", Text(await alive.NextAsync("pong"), "id"));
            }
        }

        while (end is null && await silent.Raw.ReceiveAsync() is { } frame)
        {
            pings += frame.Opcode == 9 ? 1 : 0;
            end = frame.Opcode == 8 ? (frame.Payload[0] * 256 + frame.Payload[1], "") : null;
        }

        Assert.Equal((3, 4001), (pings, end!.Value.Code));
        await alive.SendAsync("""{"type":"ping","id":"q"}""");
        Assert.Equal("q", Text(await alive.NextAsync("pong"), "id"));
    }

    [Fact]
    public async Task A_stream_ends_with_its_key()
    {
        await using var host = await StreamHost.StartAsync();
        using var client = await host.ConnectAsync();
        host.Desk.KeyIsGood = false;
        for (int second = 0; second < 5; second++)
        {
            host.Time.Advance(TimeSpan.FromSeconds(1));
            await host.SettledAsync();
        }

        Assert.Equal(4003, (await client.Raw.ReceiveCloseAsync()).Code);
    }

    [Fact]
    public async Task There_are_only_so_many_places_and_each_is_given_back()
    {
        await using var host = await StreamHost.StartAsync(limits: new StreamLimits { Connections = 2 });
        using var first = await host.ConnectAsync();
        for (int i = 0; i < 5; i++)
        {
            using (var second = await host.ConnectAsync())
            {
                using var third = await RawClient.OpenAsync(host.Port);
                string answer = await third.HandshakeAsync(target: "/v1/stream");
                Assert.StartsWith("HTTP/1.1 503 ", answer, StringComparison.Ordinal);
                Assert.Contains("Retry-After", answer, StringComparison.Ordinal);
            }

            await UntilAsync(() => host.Hub.Connections == 1);
        }

        using var plain = await RawClient.OpenAsync(host.Port);
        Assert.StartsWith("HTTP/1.1 426 ", await plain.HandshakeAsync("Upgrade: websocket\r\n", "", target: "/v1/stream"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_closes_all_with_1001()
    {
        await using var host = await StreamHost.StartAsync();
        using var client = await host.ConnectAsync();
        var stop = host.StopAsync();
        Assert.Equal((1001, "the server stops"), await client.Raw.ReceiveCloseAsync());
        client.Dispose();
        await stop.WaitAsync(TimeSpan.FromSeconds(20));
    }

    internal static string Text(JsonElement message, string name) => message.TryGetProperty(name, out var value) ? value.ToString() : "";

    internal static async Task UntilAsync(Func<bool> holds)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), "it did not come about within 30 s");
            await Task.Delay(20);
        }
    }
}

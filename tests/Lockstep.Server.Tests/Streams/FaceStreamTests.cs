using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Server.Rest;
using Lockstep.Server.Security;
using Lockstep.Server.Tests.WebSockets;
using Lockstep.Storage;

namespace Lockstep.Server.Tests.Streams;

/// <summary>The parity face's WebSocket: what existing programs read, letter by letter.</summary>
public class FaceStreamTests
{
    private static readonly AccountId Prop = FakeStreamDesk.Prop;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task On_joining_money_and_what_is_open_are_told_at_once(bool uuid)
    {
        await using var host = await StreamHost.StartAsync();
        host.Desk.Happen(Prop, 7);
        using var client = await JoinAsync(host, uuid ? host.Desk.Directory.UuidOf(Prop).ToString() : "prop");
        var (info, open) = (await client.NextAsync("account_info"), await client.NextAsync("open_positions"));
        Assert.Equal(
            """{"type":"account_info","data":{"balance":1000,"equity":1000,"margin":0,"free_margin":1000,"margin_free":1000,"margin_level":0,"currency":"USD","leverage":100}}""", info.GetRawText());
        var position = Assert.Single(open.GetProperty("data").GetProperty("open_positions").EnumerateArray());
        Assert.Equal((7, "EURUSD", "BUY", 0, 0m, 1_600_000_000L), (
            position.GetProperty("ticket").GetInt32(), StreamTests.Text(position, "symbol"), StreamTests.Text(position, "direction"), position.GetProperty("type").GetInt32(),
            position.GetProperty("sl").GetDecimal(), position.GetProperty("time").GetInt64()));
        foreach (string name in new[] { "volume", "price_open", "tp", "comment", "magic" })
        {
            Assert.True(position.TryGetProperty(name, out _), name);
        }
    }

    [Fact]
    public async Task What_opens_is_told_as_the_whole_list()
    {
        await using var host = await StreamHost.StartAsync();
        using var client = await JoinAsync(host);
        Assert.Equal(0, (await client.NextAsync("open_positions")).GetProperty("data").GetProperty("open_positions").GetArrayLength());
        host.Desk.Happen(Prop, 8);
        Assert.Equal(8, (await client.NextAsync("open_positions")).GetProperty("data").GetProperty("open_positions")[0].GetProperty("ticket").GetInt32());
        host.Desk.Feed.Floated(Prop, [new PositionMoney(new PositionId(8), new Money(3.25m), new Money(-1m))]);
        await host.SettledAsync();
        host.Time.Advance(TimeSpan.FromSeconds(1));
        await client.NextAsync("open_positions");
    }

    [Fact]
    public async Task Prices_come_under_the_letters_that_were_subscribed_with()
    {
        await using var host = await StreamHost.StartAsync();
        using var client = await JoinAsync(host);
        await client.SendAsync("""{"type":"subscribe_price","symbol":"eurusd"}""");
        await client.SendAsync("""{"type":"subscribe_price","symbol":"eurusd"}""");
        await client.SendAsync("""{"type":"subscribe_price","symbol":"NOSUCH"}""");
        Assert.Contains("NOSUCH", StreamTests.Text(await client.NextAsync("error"), "detail"), StringComparison.Ordinal);
        Assert.Equal(1, host.Desk.Watched[(Prop, FakeStreamDesk.EurUsd)]);
        host.Desk.Quote(Prop, FakeStreamDesk.EurUsd, 1.1m);
        Assert.Equal("""{"type":"live_price","symbol":"eurusd","data":{"symbol":"eurusd","bid":1.1,"ask":1.1001}}""", (await client.NextAsync("live_price")).GetRawText());

        // Who comes later, with other letters, gets at once what there is.
        using var other = await JoinAsync(host);
        await other.SendAsync("""{"type":"subscribe_price","symbol":"EURUSD"}""");
        Assert.Equal("""{"type":"live_price","symbol":"EURUSD","data":{"symbol":"EURUSD","bid":1.1,"ask":1.1001}}""", (await other.NextAsync("live_price")).GetRawText());
        await client.SendAsync("""{"type":"unsubscribe_price","symbol":"eurusd"}""");
        await client.SendAsync("""{"type":"unsubscribe_price","symbol":"eurusd"}""");
        await client.SendAsync("""{"type":"subscribe_price","symbol":"XAUUSD"}""");
        await StreamTests.UntilAsync(() => host.Desk.Watched.GetValueOrDefault((Prop, FakeStreamDesk.Gold)) == 1);
        host.Desk.Quote(Prop, FakeStreamDesk.EurUsd, 1.2m);
        host.Desk.Quote(Prop, FakeStreamDesk.Gold, 2000m);
        Assert.Equal("XAUUSD", StreamTests.Text(await client.NextAsync("live_price"), "symbol"));
        client.Dispose();
        other.Dispose();
        await StreamTests.UntilAsync(() => host.Desk.Watched.Values.All(n => n == 0));
    }

    [Fact]
    public async Task Candles_are_told_while_they_form()
    {
        await using var host = await StreamHost.StartAsync();
        using var client = await JoinAsync(host);
        await client.SendAsync("""{"type":"subscribe_candles","symbol":"eurusd","timeframe":"M5"}""");
        await StreamTests.UntilAsync(() => host.Desk.Watched.GetValueOrDefault((Prop, FakeStreamDesk.EurUsd)) == 1);
        host.Desk.Quote(Prop, FakeStreamDesk.EurUsd, 1.1m);
        Assert.Equal(
            """{"type":"candle_update","symbol":"eurusd","timeframe":"M5","data":{"time":1772442000,"open":1.1,"high":1.1,"low":1.1,"close":1.1,"volume":1}}""",
            (await client.NextAsync("candle_update")).GetRawText());
        await client.SendAsync("""{"type":"unsubscribe_candles","symbol":"eurusd","timeframe":"M5"}""");
        await StreamTests.UntilAsync(() => host.Desk.Watched[(Prop, FakeStreamDesk.EurUsd)] == 0);
    }

    [Theory]
    [InlineData(DealReason.Request, 0)]
    [InlineData(DealReason.StopLoss, 4)]
    [InlineData(DealReason.TakeProfit, 5)]
    [InlineData(DealReason.StopOut, 6)]
    public async Task What_was_closed_is_told_with_the_reason_as_MT5_has_it(DealReason reason, int number)
    {
        await using var host = await StreamHost.StartAsync();
        using var client = await JoinAsync(host);
        await client.NextAsync("open_positions");
        host.Desk.Happen(Prop, 3, new PositionClosed(FakeStreamDesk.Position(3), [FakeStreamDesk.Closing(3, reason)]));
        Assert.Equal(
            "{\"type\":\"closed_position\",\"data\":{\"position_id\":\"3\",\"symbol\":\"EURUSD\",\"direction\":\"BUY\",\"volume\":0.1,\"open_time\":\"2020-09-13T12:26:40.000Z\",\"open_price\":1.1,"
            + "\"close_time\":\"2020-09-13T12:28:20.000Z\",\"close_price\":1.2,\"profit\":12.5,\"commission\":-0.7,\"swap\":-0.5,\"broker_deal_id\":\"1003\",\"reason\":" + number + "}}",
            (await client.NextAsync("closed_position")).GetRawText());
    }

    [Theory]
    [InlineData("""{"type":"subscribe_price"}""")]
    [InlineData("""{"type":"subscribe_price","symbol":7}""")]
    [InlineData("""{"type":"subscribe_candles","symbol":"EURUSD","timeframe":"M2"}""")]
    [InlineData("""{"type":"subscribe_candles","symbol":"EURUSD","timeframe":"5"}""")]
    [InlineData("""{"type":"unsubscribe"}""")]
    [InlineData("""{}""")]
    public async Task A_wrong_message_is_answered_and_does_not_close(string message)
    {
        await using var host = await StreamHost.StartAsync();
        using var client = await JoinAsync(host);
        await client.SendAsync(message);
        Assert.NotEmpty(StreamTests.Text(await client.NextAsync("error"), "detail"));
        await client.SendAsync("""{"type":"subscribe_price","symbol":"EURUSD","more":true}""");
        host.Desk.Quote(Prop, FakeStreamDesk.EurUsd, 1.1m);
        await client.NextAsync("live_price");
    }

    [Fact]
    public async Task What_is_no_JSON_object_is_closed_and_an_unknown_account_or_one_of_another_key_is_not_opened()
    {
        await using var host = await StreamHost.StartAsync(caller: new Caller("k", "key of prop", Scope.Read, new HashSet<AccountId> { Prop }));
        using var client = await JoinAsync(host);
        await client.Raw.SendRawAsync(RawClient.Frame(0x81, "[]"u8.ToArray()));
        Assert.Equal(1007, (await client.Raw.ReceiveCloseAsync()).Code);
        foreach (var (account, status) in new[] { ("nobody", "404"), ("personal", "403") })
        {
            using var raw = await RawClient.OpenAsync(host.Port);
            Assert.StartsWith($"HTTP/1.1 {status} ", await raw.HandshakeAsync(target: $"/ws/{account}/c1"), StringComparison.Ordinal);
        }
    }

    private static async Task<StreamReader> JoinAsync(StreamHost host, string account = "prop") => new(await host.OpenAsync($"/ws/{account}/1a7b9a3e-0000-4000-8000-000000000001"));
}

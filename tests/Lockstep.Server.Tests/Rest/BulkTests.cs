using System.Net;
using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Server.Tests.Rest;

/// <summary>Many positions or orders at once: which ones, under which ids, with which outcomes.</summary>
public class BulkTests
{
    private const string Close = "/v1/accounts/prop/positions/close";

    private static PositionReport Position(long id, Side side, string symbol = "EURUSD", long magic = 0, int minutes = 0) => new()
    {
        Id = new PositionId(id), Ticket = id, Symbol = new SymbolName(symbol), Side = side, Volume = new Lots(1m), OpenPrice = new Price(1.1m),
        OpenedAt = Timestamp.FromMs(1_600_000_000_000) + TimeSpan.FromMinutes(minutes), Tag = new OrderTag(magic, null, ""),
    };

    /// <summary>Beside position 11 (sell EURUSD, magic 900001): 5 buy EURUSD, 6 sell XAUUSD magic 7, 7 buy XAUUSD.</summary>
    private static async Task<RestHost> HostAsync()
    {
        var host = await RestHost.StartAsync();
        host.Desk.More.AddRange([Position(7, Side.Buy, "XAUUSD", minutes: 3), Position(5, Side.Buy, minutes: 1), Position(6, Side.Sell, "XAUUSD", magic: 7, minutes: 2)]);
        host.Desk.Results.AddRange([new(new(11), new(0.5m), new(-1m)), new(new(5), new(2m), new(0m)), new(new(6), new(-2m), new(0m)), new(new(7), new(0m), new(0m))]);
        return host;
    }

    [Theory]
    [InlineData("{\"all\":true}", "11 5 6 7")]
    [InlineData("{\"symbol\":\"XAUUSD\"}", "6 7")]
    [InlineData("{\"side\":\"sell\"}", "11 6")]
    [InlineData("{\"magic\":7}", "6")]
    [InlineData("{\"magic\":900001}", "11")]
    [InlineData("{\"ids\":[7,5,7]}", "5 7")]
    [InlineData("{\"ids\":[7,99]}", "7 99")]
    [InlineData("{\"ids\":[7,99],\"symbol\":\"XAUUSD\"}", "7")]
    [InlineData("{\"ids\":[]}", "")]
    [InlineData("{\"result\":\"profitable\"}", "5")]
    [InlineData("{\"result\":\"losing\"}", "11 6")]
    [InlineData("{\"result\":\"losing\",\"symbol\":\"XAUUSD\",\"side\":\"sell\"}", "6")]
    [InlineData("{\"symbol\":\"NONE\",\"all\":false}", "")]
    public async Task The_filter_takes_what_it_says_oldest_first(string filter, string ids)
    {
        await using var host = await HostAsync();
        var (status, body) = await host.SendAsync("POST", Close, filter, ("Idempotency-Key", "c"));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(ids, string.Join(' ', host.Desk.Requests.Cast<ClientClose>().Select(r => r.Position)));
        Assert.All(host.Desk.Requests, r => Assert.Equal($"c/{((ClientClose)r).Position}", r.ClientId));
        int count = ids.Length == 0 ? 0 : ids.Split(' ').Length;
        Assert.Equal((count, count, 0, 0), (body.GetProperty("matched").GetInt32(), body.GetProperty("done").GetInt32(), body.GetProperty("refused").GetInt32(), body.GetProperty("open").GetInt32()));
        Assert.Equal(ids, string.Join(' ', body.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("position").GetInt64())));
    }

    [Theory]
    [InlineData("{}", "neither which ones")]
    [InlineData("", "neither which ones")]
    [InlineData("{\"all\":false}", "neither which ones")]
    [InlineData("{\"all\":true,\"side\":\"buy\"}", "a filter is given, too")]
    [InlineData("{\"all\":\"yes\"}", "all")]
    [InlineData("{\"ids\":[0]}", "ids")]
    [InlineData("{\"ids\":7}", "ids")]
    [InlineData("{\"side\":\"long\"}", "side")]
    [InlineData("{\"result\":\"good\"}", "result")]
    [InlineData("{\"symbols\":[\"EURUSD\"]}", "did you mean")]
    [InlineData("{\"all\":true,\"volume\":1}", "volume")]
    [InlineData("{\"all\":true,\"clientId\":\"123456789012345678901234567890123456789012345\"}", "44 characters")]
    public async Task What_is_not_clear_is_refused_and_nothing_done(string json, string says)
    {
        await using var host = await HostAsync();
        var (status, body) = await host.SendAsync("POST", Close, json);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(says, body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty(host.Desk.Requests);
    }

    [Fact]
    public async Task A_repeat_gives_the_same_outcomes_and_no_second_order()
    {
        await using var host = await HostAsync();
        host.Desk.Own["c/6"] = new ClientAnswer { State = ClientState.Refused, Refusal = Refusal.MarketClosed, Code = "10018" };
        host.Desk.Own["c/7"] = new ClientAnswer { State = ClientState.Unknown };
        var first = await host.SendAsync("POST", Close, "{\"ids\":[5,6,7]}", ("Idempotency-Key", "c"));
        Assert.Equal(HttpStatusCode.Accepted, first.Status);
        Assert.Equal((3, 1, 1, 1), (first.Body.GetProperty("matched").GetInt32(), first.Body.GetProperty("done").GetInt32(), first.Body.GetProperty("refused").GetInt32(), first.Body.GetProperty("open").GetInt32()));
        var refused = first.Body.GetProperty("results")[1];
        Assert.Equal((6, "c/6", "refused", "marketClosed", "10018"), (refused.GetProperty("position").GetInt64(), refused.GetProperty("clientId").GetString(), refused.GetProperty("state").GetString(), refused.GetProperty("refusal").GetString(), refused.GetProperty("code").GetString()));
        var second = await host.SendAsync("POST", Close, "{\"ids\":[5,6,7]}", ("Idempotency-Key", "c"));
        Assert.Equal(first.Body.ToString(), second.Body.ToString());
        Assert.Equal(3, host.Desk.Requests.Count);

        // Each item can be asked for, however the slash is written.
        foreach (string path in new[] { "c/7", "c%2F7" })
        {
            var (status, body) = await host.SendAsync("GET", $"/v1/accounts/prop/requests/{path}");
            Assert.Equal((HttpStatusCode.OK, "unknown", "c/7"), (status, body.GetProperty("state").GetString(), body.GetProperty("clientId").GetString()));
        }
    }

    [Fact]
    public async Task Levels_of_many_are_changed()
    {
        await using var host = await HostAsync();
        var (status, _) = await host.SendAsync("POST", "/v1/accounts/prop/positions/modify", "{\"side\":\"buy\",\"stopLoss\":1.05,\"takeProfit\":null,\"clientId\":\"m\"}");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            [
                new ClientModify { Account = new("prop"), ClientId = "m/5", Position = new(5), StopLoss = new(true, new Price(1.05m)), TakeProfit = new(true, null) },
                new ClientModify { Account = new("prop"), ClientId = "m/7", Position = new(7), StopLoss = new(true, new Price(1.05m)), TakeProfit = new(true, null) },
            ],
            host.Desk.Requests.Cast<ClientModify>());
        Assert.Equal(HttpStatusCode.BadRequest, (await host.SendAsync("POST", "/v1/accounts/prop/positions/modify", "{\"all\":true}")).Status);
    }

    [Theory]
    [InlineData("{\"all\":true}", 1)]
    [InlineData("{\"side\":\"sell\"}", 0)]
    [InlineData("{\"ids\":[21]}", 1)]
    public async Task Pending_orders_are_cancelled(string filter, int count)
    {
        await using var host = await HostAsync();
        var (status, body) = await host.SendAsync("POST", "/v1/accounts/prop/orders/cancel", filter, ("Idempotency-Key", "x"));
        Assert.Equal((HttpStatusCode.OK, count), (status, body.GetProperty("matched").GetInt32()));
        Assert.Equal(Enumerable.Repeat(new ClientClose { Account = new("prop"), ClientId = "x/21", Order = new(21) }, count), host.Desk.Requests.Cast<ClientClose>());
        Assert.Equal(HttpStatusCode.BadRequest, (await host.SendAsync("POST", "/v1/accounts/prop/orders/cancel", "{\"result\":\"losing\"}")).Status);
    }

    [Fact]
    public async Task A_result_that_is_not_known_is_not_guessed()
    {
        await using var host = await HostAsync();
        host.Desk.Results.RemoveAt(0);
        var (status, body) = await host.SendAsync("POST", Close, "{\"result\":\"losing\"}");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("11", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty(host.Desk.Requests);

        // Of others than those that are meant it does not matter.
        Assert.Equal(HttpStatusCode.OK, (await host.SendAsync("POST", Close, "{\"result\":\"losing\",\"symbol\":\"XAUUSD\"}")).Status);
    }

    [Fact]
    public async Task An_account_that_is_not_there_holds_nothing_that_is_known()
    {
        await using var host = await HostAsync();
        foreach (string account in new[] { "ctrader", "netting" })
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await host.SendAsync("POST", $"/v1/accounts/{account}/positions/close", "{\"all\":true}")).Status);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync("POST", "/v1/accounts/nobody/positions/close", "{\"all\":true}")).Status);
        host.Desk.Closed = true;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await host.SendAsync("POST", Close, "{\"all\":true}")).Status);
    }

    [Fact]
    public async Task A_FIFO_account_closes_one_after_another()
    {
        await using var host = await HostAsync();
        host.Desk.Mode = AccountMode.Fifo;
        host.Desk.Own["c/5"] = new ClientAnswer { State = ClientState.InFlight };
        var (status, body) = await host.SendAsync("POST", Close, "{\"all\":true}", ("Idempotency-Key", "c"));
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal([11L, 5L], host.Desk.Requests.Cast<ClientClose>().Select(r => r.Position!.Value.Value));
        Assert.Equal(["done", "inFlight", "refused", "refused"], body.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("state").GetString()));
        Assert.Contains("send the request again", body.GetProperty("results")[3].GetProperty("code").GetString(), StringComparison.Ordinal);
    }
}

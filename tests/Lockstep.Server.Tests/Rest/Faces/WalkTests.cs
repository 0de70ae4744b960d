using System.Net;
using System.Text.Json;

namespace Lockstep.Server.Tests.Rest.Faces;

/// <summary>From connect to close as the existing program of the MT5 service goes, request by request; and the handover as its cTrader connector goes.</summary>
public class WalkTests(FaceHost host) : IClassFixture<FaceHost>
{
    [Fact]
    public async Task As_the_client_of_the_mt5_service_goes()
    {
        Assert.Equal("running", FaceTests.Text(await Post("connect"), "status"));
        await Post("headless/poller/start");
        await Post("headless/subscribe/price", "\"symbol\": \"EURUSD\"");
        await host.OkAsync("GET", "/mt5/headless/subscriptions/status");
        var money = await Post("account_info");
        Assert.Equal((100_000m, 0m, "USD"), (money.GetProperty("balance").GetDecimal(), money.GetProperty("margin_level").GetDecimal(), FaceTests.Text(money, "currency")));
        decimal ask = (await Post("price", "\"symbol\": \"EURUSD\"")).GetProperty("ask").GetDecimal();
        await Post("symbol_info", "\"symbol\": \"EURUSD\"");

        // It takes a fill only as one when it is told as one, and looks the position up by the ticket.
        var trade = await Post("trade", $"\"symbol\": \"EURUSD\", \"lot_size\": 0.1, \"direction\": \"BUY\", \"stop_loss\": {ask - 0.02m}, \"take_profit\": {ask + 0.02m}, \"order_type\": \"MARKET\", \"limit_price\": null");
        Assert.Equal("filled", FaceTests.Text(trade, "status"));
        long ticket = trade.GetProperty("opened_position_ticket").GetInt64();
        var position = await Post("positions/details", $"\"position_ticket\": {ticket}");
        Assert.Equal((0, 0.1m), (position.GetProperty("type").GetInt32(), position.GetProperty("volume").GetDecimal()));
        Assert.True(position.GetProperty("sl").GetDecimal() > 0 && position.GetProperty("tp").GetDecimal() > 0);
        Assert.True((await Post("account_info")).GetProperty("margin").GetDecimal() >= 0);

        await Post("positions/modify_protection", $"\"position_id\": {ticket}, \"symbol\": \"EURUSD\", \"stop_loss\": {ask - 0.03m}, \"take_profit\": null");
        await Post("positions/close", $"\"ticket\": {ticket}, \"volume\": 0.1, \"symbol\": \"EURUSD\"");
        await FaceHost.UntilAsync(async () => (await Post("deals/sync_data", $"\"position_id\": {ticket}, \"instrument_symbol\": \"EURUSD\"")).GetProperty("is_closed_on_platform").GetBoolean(), "it is closed");

        long order = (await Post("trade", $"\"symbol\": \"EURUSD\", \"lot_size\": 0.1, \"direction\": \"BUY\", \"stop_loss\": 0.0, \"take_profit\": 0.0, \"order_type\": \"LIMIT\", \"limit_price\": {ask - 0.1m}"))
            .GetProperty("order_id").GetInt64();
        Assert.Contains((await Post("positions/open")).GetProperty("open_positions").EnumerateArray(), p => p.GetProperty("type").ValueKind == JsonValueKind.String && p.GetProperty("ticket").GetInt64() == order);
        await Post("orders/cancel", $"\"order_ticket\": {order}");
        await Post("headless/unsubscribe/price", "\"symbol\": \"EURUSD\"");

        // Closed, it is told that it is; connected again, it goes on.
        string only = $$"""{"internal_account_id": "{{host.Uuid("walk")}}"}""";
        Assert.Equal("closed", FaceTests.Text(await host.OkAsync("POST", "/mt5/close", only), "status"));
        Assert.Equal("not-open", await host.ProblemAsync(HttpStatusCode.NotFound, "POST", "/mt5/close", only));
        Assert.Equal("account-disabled", await host.ProblemAsync(HttpStatusCode.Conflict, "POST", "/mt5/account_info", host.Login("walk")));
        Assert.Equal("running", FaceTests.Text(await Post("connect"), "status"));
        await Post("account_info");
        Assert.Equal("deleted", FaceTests.Text(await host.OkAsync("DELETE", $"/mt5/instance/{host.Uuid("walk")}"), "status"));
        Assert.Equal("running", FaceTests.Text(await Post("connect"), "status"));

        Task<JsonElement> Post(string path, string more = "") => host.OkAsync("POST", $"/mt5/{path}", host.Login("walk", more));
    }

    [Fact]
    public async Task As_the_connector_of_the_ctrader_service_goes()
    {
        string account = $"\"account_id\": \"{host.Uuid("open")}\"", query = $"account_id={host.Uuid("open")}";
        Assert.True((await host.OkAsync("POST", "/api/v1/connect", $"{{{account}}}")).GetProperty("connected").GetBoolean());
        FaceTests.Fields(await Get("account-info", "&async=1"), "balance equity margin free_margin margin_free margin_level currency leverage");
        await Get("symbol-info", "&symbol=EURUSD");
        var quote = await Get("price", "&symbol=EURUSD");
        Assert.True(quote.GetProperty("ask").GetDecimal() > quote.GetProperty("bid").GetDecimal());

        string place = $"{{{account}, \"symbol\": \"EURUSD\", \"direction\": \"SELL\", \"lot_size\": 0.2, \"order_type\": \"MARKET\", \"sl_distance\": 2000, \"slDistance\": 2000.0, \"tp_distance\": 2000}}";
        Assert.Equal("idempotency-key-missing", await host.ProblemAsync(HttpStatusCode.BadRequest, "POST", "/api/v1/trade/place", place));
        var (response, placed) = await host.SendAsync("POST", "/api/v1/trade/place", place, ("Idempotency-Key", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"), ("X-Request-ID", "abc-1"));
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{placed}");
        Assert.Equal("abc-1", response.Headers.GetValues("X-Request-ID").Single());
        Assert.Equal("filled", FaceTests.Text(placed, "status"));
        var server = placed.GetProperty("server_response");
        string position = FaceTests.Text(placed, "position_id");
        Assert.Equal((position, 2_000_000, 2_000_000), (
            $"{server.GetProperty("position").GetProperty("positionId").GetInt64()}", server.GetProperty("order").GetProperty("executedVolume").GetInt64(),
            server.GetProperty("order").GetProperty("tradeData").GetProperty("volume").GetInt64()));
        Assert.True(server.GetProperty("position").GetProperty("price").GetDecimal() > 0.5m);
        Assert.Equal(0.2m, placed.GetProperty("fills")[0].GetProperty("volume").GetDecimal());

        var open = Assert.Single((await Get("open-positions")).GetProperty("open_positions").EnumerateArray());
        Assert.Equal((position, "SELL", 0.2m, 20_000m, 100_000m), (
            FaceTests.Text(open, "position_id"), FaceTests.Text(open, "direction"), open.GetProperty("volume_lots").GetDecimal(), open.GetProperty("volume_units").GetDecimal(), open.GetProperty("units_per_lot").GetDecimal()));
        Assert.True(open.GetProperty("sl").GetDecimal() > open.GetProperty("open_price").GetDecimal() && open.GetProperty("tp").GetDecimal() < open.GetProperty("open_price").GetDecimal());
        Assert.Equal(position, FaceTests.Text(await Get("position-details", $"&position_id={position}"), "position_id"));

        var set = await Post("trade/modify-protection", $"\"position_id\": \"{position}\", \"symbol\": \"EURUSD\", \"sl\": 4.0, \"tp\": null", "p-1");
        Assert.Equal(("updated", 4m), (FaceTests.Text(set, "status"), set.GetProperty("sl").GetDecimal()));
        var closed = await Post("trade/close", $"\"position_id\": \"{position}\", \"symbol\": \"EURUSD\", \"volume_lots\": 0.2, \"lot_size\": 0.2", "c-1");
        Assert.Equal(("filled", 0.2m), (FaceTests.Text(closed, "status"), closed.GetProperty("closed_volume").GetDecimal()));
        await FaceHost.UntilAsync(async () => (await Get("trade/sync-data", $"&position_id={position}&symbol=EURUSD")).GetProperty("is_closed").GetBoolean(), "it is closed");
        var deals = (await Get("position-deals", $"&position_id={position}")).GetProperty("deals");
        FaceTests.Fields(deals[0], "deal_id order_id direction price volume_lots volume_units units_per_lot timestamp profit commission swap reason");
        Assert.Equal(2, deals.GetArrayLength());

        // What is gone is 404 here, and every error carries the object that the connector looks for.
        Assert.Equal("no-such-position", await host.ProblemAsync(HttpStatusCode.NotFound, "GET", $"/api/v1/position-details?{query}&position_id={position}"));
        var (_, problem) = await host.SendAsync("GET", $"/api/v1/price?{query}&symbol=NOPE");
        Assert.Equal(("NO_SUCH_SYMBOL", problem.GetProperty("detail").GetString()), (FaceTests.Text(problem.GetProperty("error"), "code"), FaceTests.Text(problem.GetProperty("error"), "message")));
        (_, problem) = await host.SendAsync("GET", "/api/v1/price");
        Assert.Equal("VALIDATION_ERROR", FaceTests.Text(problem.GetProperty("error"), "code"));

        var order = await Post("trade/place", "\"symbol\": \"EURUSD\", \"direction\": \"BUY\", \"lot_size\": 0.1, \"order_type\": \"LIMIT\", \"limit_price\": 0.6, \"sl\": 0.5, \"tp\": 0.7", "l-1");
        Assert.Equal("accepted", FaceTests.Text(order, "status"));
        Assert.Equal("cancelled", FaceTests.Text(await Post("order/cancel", $"\"order_id\": \"{FaceTests.Text(order, "order_id")}\"", "x-1"), "status"));
        for (int i = 0; i < 2; i++)
        {
            Assert.True((await host.OkAsync("POST", "/api/v1/subscribe/candles", $"{{{account}, \"symbol\": \"EURUSD\", \"timeframe\": \"H1\"}}", HttpStatusCode.Accepted)).GetProperty("subscribed").GetBoolean());
            await host.OkAsync("POST", "/api/v1/subscribe/price", $"{{{account}, \"symbol\": \"EURUSD\"}}", HttpStatusCode.Accepted);
        }

        await host.OkAsync("POST", "/api/v1/unsubscribe/candles", $"{{{account}, \"symbol\": \"EURUSD\", \"timeframe\": \"H1\"}}", HttpStatusCode.Accepted);
        Assert.True((await host.OkAsync("POST", "/api/v1/unsubscribe/price", $"{{{account}, \"symbol\": \"EURUSD\"}}", HttpStatusCode.Accepted)).GetProperty("unsubscribed").GetBoolean());
        Assert.Equal("disconnected", FaceTests.Text(await host.OkAsync("POST", "/api/v1/disconnect", $"{{{account}}}"), "status"));
        Assert.Equal("disconnected", FaceTests.Text(await host.OkAsync("POST", "/api/v1/disconnect", $"{{{account}}}"), "status"));
        await host.OkAsync("POST", "/api/v1/connect", $"{{{account}}}");

        async Task<JsonElement> Get(string path, string more = "") => await host.OkAsync("GET", $"/api/v1/{path}?{query}{more}");
        async Task<JsonElement> Post(string path, string more, string key) => await host.OkAsync("POST", $"/api/v1/{path}", $"{{{account}, {more}}}", HttpStatusCode.OK, ("Idempotency-Key", key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/ctrader")]
    [InlineData("/api/v1")]
    public async Task Snapshots_are_there_under_every_prefix(string prefix)
    {
        await host.OkAsync("GET", $"{prefix}/account-info?account_id=open&async=1");
        await host.OkAsync("GET", $"{prefix}/open-positions?account_id=open");
        await host.OkAsync("GET", $"{prefix}/symbol-info?account_id=open&symbol=EURUSD");
        await host.OkAsync("GET", $"{prefix}/price?account_id=open&symbol=EURUSD");
        Assert.Equal("no-history", await host.ProblemAsync(HttpStatusCode.BadRequest, "GET", $"{prefix}/candles?account_id=open&symbol=EURUSD&timeframe=M1&count=5"));
    }
}

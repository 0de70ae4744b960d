using System.Net;
using System.Text.Json;

namespace Lockstep.Server.Tests.Rest.Faces;

/// <summary>Every operation of the platforms' faces, with bodies as the recorded shapes have them: paths, aliases, fields, statuses.</summary>
public class FaceTests(FaceHost host) : IClassFixture<FaceHost>
{
    private const string Position = "ticket position_id symbol volume type direction price_open price_current profit swap sl tp time comment magic";
    private const string Session = "status state message connected internal_account_id account platform account_id broker_server prices candles";

    public static TheoryData<string, string> Faces => new() { { "mt4", "four" }, { "mt5", "five" }, { "ctrader", "open" } };

    [Theory]
    [MemberData(nameof(Faces))]
    public async Task Every_operation_answers_in_its_shape(string face, string account)
    {
        Fields(await Ok("connect"), Session);
        string info = "balance equity margin free_margin margin_free margin_level currency leverage";
        Fields(await Ok("account_info"), info);
        Fields(await Ok("price", "\"symbol\": \"EURUSD\""), "symbol bid ask time timestamp");
        var symbol = await Ok("symbol_info", "\"symbol\": \"EURUSD\"");
        Fields(symbol, "symbol digits point pip_size tick_size contract_size units_per_lot min_lot max_lot lot_step stops_level freeze_level currency_base currency_profit leverage select");
        Assert.Equal((0.0001m, 0.00001m, 100_000m), (symbol.GetProperty("pip_size").GetDecimal(), symbol.GetProperty("tick_size").GetDecimal(), symbol.GetProperty("contract_size").GetDecimal()));
        Assert.Equal("no-history", await Problem(HttpStatusCode.BadRequest, "candles", "\"symbol\": \"EURUSD\", \"timeframe\": \"M5\", \"count\": 10"));

        // As the existing program sends it: 0.0 is no stop, and the price of a limit is there at market too.
        var trade = await Ok("trade", "\"symbol\": \"EURUSD\", \"lot_size\": 0.30000000000000004, \"direction\": \"BUY\", \"stop_loss\": 0.0, \"take_profit\": 0.0, \"order_type\": \"MARKET\", \"limit_price\": null");
        Fields(trade, "message order_id deal_id volume symbol direction price status opened_position_ticket client_order_id");
        Assert.Equal(("filled", 0.3m, "EURUSD", "BUY"), (Text(trade, "status"), trade.GetProperty("volume").GetDecimal(), Text(trade, "symbol"), Text(trade, "direction")));
        long ticket = trade.GetProperty("opened_position_ticket").GetInt64();
        Assert.True(trade.GetProperty("order_id").GetInt64() > 0 && trade.GetProperty("deal_id").GetInt64() > 0 && trade.GetProperty("price").GetDecimal() > 0.5m, $"{trade}");

        var pending = await Ok("trade", "\"symbol\": \"EURUSD\", \"volume_lots\": 0.1, \"side\": \"sell\", \"orderType\": \"limit\", \"price\": 5.000000000000001, \"tp\": null, \"sl\": 0, \"time_in_force\": \"DAY\"");
        Assert.Equal(("pending", JsonValueKind.Null, 5m), (Text(pending, "status"), pending.GetProperty("opened_position_ticket").ValueKind, pending.GetProperty("price").GetDecimal()));
        long order = pending.GetProperty("order_id").GetInt64();

        await FaceHost.UntilAsync(async () => (await Ok("positions/details", $"\"position_ticket\": {ticket}")).TryGetProperty("profit", out _), "the floating result is told");
        foreach (string path in new[] { "positions/open", "positions/all" })
        {
            var open = (await Ok(path)).GetProperty("open_positions").EnumerateArray().ToList();
            var position = Assert.Single(open, p => p.GetProperty("ticket").GetInt64() == ticket);
            Fields(position, Position + " commission");
            Assert.Equal((0, 0m, 0m), (position.GetProperty("type").GetInt32(), position.GetProperty("sl").GetDecimal(), position.GetProperty("tp").GetDecimal()));
            var waits = Assert.Single(open, p => p.GetProperty("ticket").GetInt64() == order);
            Assert.Equal(("pending_order", "SELL_LIMIT", "SELL"), (Text(waits, "type"), Text(waits, "order_type"), Text(waits, "direction")));
            Assert.True(waits.GetProperty("time_expiration").GetInt64() > waits.GetProperty("time").GetInt64());
        }

        Fields(await Ok("positions/by_order", $"\"order_id\": {trade.GetProperty("order_id").GetInt64()}"), Position + " commission");
        var set = await Ok("positions/modify_protection", $"\"position_id\": {ticket}, \"symbol\": \"EURUSD\", \"stop_loss\": 0.5, \"take_profit\": null");
        Fields(set, "message order_id request_id retcode comment position_id sl tp");
        Assert.Equal((10009, 0.5m, 0m), (set.GetProperty("retcode").GetInt32(), set.GetProperty("sl").GetDecimal(), set.GetProperty("tp").GetDecimal()));

        // Null leaves the other side, 0 removes it.
        set = await Ok("positions/modify_protection", $"\"ticket\": \"{ticket}\", \"sl\": null, \"tp\": 4.5");
        Assert.Equal((0.5m, 4.5m), (set.GetProperty("sl").GetDecimal(), set.GetProperty("tp").GetDecimal()));
        set = await Ok("positions/modify_protection", $"\"position_id\": {ticket}, \"stopLoss\": 0.0");
        Assert.Equal((0m, 4.5m), (set.GetProperty("sl").GetDecimal(), set.GetProperty("tp").GetDecimal()));
        await FaceHost.UntilAsync(async () => (await Ok("positions/details", $"\"position_id\": {ticket}")).GetProperty("tp").GetDecimal() == 4.5m, "the stops are in the book");

        var half = await Ok("positions/close", $"\"ticket\": {ticket}, \"volume\": 0.1, \"symbol\": \"EURUSD\"");
        Fields(half, "message close_price order_id deal_id retcode comment position_id volume profit");
        Assert.Equal((10009, 0.1m), (half.GetProperty("retcode").GetInt32(), half.GetProperty("volume").GetDecimal()));
        Assert.True(half.GetProperty("close_price").GetDecimal() > 0.5m && half.GetProperty("deal_id").GetInt64() > 0, $"{half}");
        await FaceHost.UntilAsync(async () => (await Ok("positions/details", $"\"position_id\": {ticket}")).GetProperty("volume").GetDecimal() == 0.2m, "the rest is in the book");
        var sync = await Ok("deals/sync_data", $"\"position_id\": {ticket}, \"instrument_symbol\": \"EURUSD\"");
        Fields(sync, "deals is_closed_on_platform platform_remaining_size latest_deal_timestamp final_profit final_commission final_swap error_message");
        Assert.Equal((false, 0.2m, JsonValueKind.Null), (sync.GetProperty("is_closed_on_platform").GetBoolean(), sync.GetProperty("platform_remaining_size").GetDecimal(), sync.GetProperty("final_profit").ValueKind));
        Fields(sync.GetProperty("deals")[0], "ticket order time time_msc type entry magic reason position_id volume price commission swap profit symbol comment");

        await Ok("positions/close", $"\"position_ticket\": {ticket}, \"volume\": 0.2, \"symbol\": \"EURUSD\"");
        await FaceHost.UntilAsync(async () => (await Ok("deals/sync_data", $"\"position_id\": {ticket}")).GetProperty("is_closed_on_platform").GetBoolean(), "it is closed");
        sync = await Ok("deals/sync_data", $"\"position_id\": {ticket}, \"instrument_symbol\": \"EURUSD\"");
        Assert.Equal([0, 1, 1], sync.GetProperty("deals").EnumerateArray().Select(d => d.GetProperty("entry").GetInt32()));
        Assert.Equal((await Ok("deals/closed_profit", $"\"ticket\": {ticket}")).GetProperty("profit").GetDecimal(), sync.GetProperty("final_profit").GetDecimal());
        Assert.Equal(3, (await Ok("deals/history", $"\"position_id\": {ticket}")).GetProperty("deals").GetArrayLength());
        Fields(await Ok("orders/cancel", $"\"order_ticket\": {order}"), "message order_id status retcode comment");
        await FaceHost.UntilAsync(async () => (await Ok("positions/open")).GetProperty("open_positions").GetArrayLength() == 0, "nothing is open");

        // What is gone is told as an error that programs of that service know: 400 with a text.
        Assert.Equal("no-such-order", await Problem(HttpStatusCode.BadRequest, "orders/cancel", $"\"order_id\": {order}"));
        Assert.Equal("no-such-position", await Problem(HttpStatusCode.BadRequest, "positions/details", $"\"position_ticket\": {ticket}"));
        Assert.Equal("no-such-position", await Problem(HttpStatusCode.BadRequest, "positions/close", $"\"ticket\": {ticket}, \"volume\": 0.1, \"symbol\": \"EURUSD\""));
        Assert.Equal("no-such-position", await Problem(HttpStatusCode.BadRequest, "positions/by_order", "\"order_id\": 987654321"));
        Assert.Equal("no-such-position", await Problem(HttpStatusCode.BadRequest, "deals/sync_data", "\"position_id\": 987654321"));
        Assert.Equal("not-closed", await Problem(HttpStatusCode.BadRequest, "deals/closed_profit", "\"ticket\": 987654321"));
        Assert.Equal("no-such-symbol", await Problem(HttpStatusCode.BadRequest, "price", "\"symbol\": \"EURUSDX\""));

        async Task<JsonElement> Ok(string path, string more = "") => await host.OkAsync("POST", $"/{face}/{path}", host.Login(account, more));
        async Task<string> Problem(HttpStatusCode status, string path, string more) => await host.ProblemAsync(status, "POST", $"/{face}/{path}", host.Login(account, more));
    }

    [Theory]
    [MemberData(nameof(Faces))]
    public async Task Subscriptions_are_counted_once_each(string face, string account)
    {
        string price = host.Login(account, "\"symbol\": \"GBPUSD\""), candles = host.Login(account, "\"symbol\": \"GBPUSD\", \"timeframe\": \"M5\"");
        await host.OkAsync("POST", $"/{face}/headless/poller/start", host.Login(account));
        Fields(await host.OkAsync("POST", $"/{face}/headless/subscribe/price", price), "status message symbol timeframe");
        Assert.Equal("subscribed", await host.ProblemAsync(HttpStatusCode.Conflict, "POST", $"/{face}/headless/subscribe/price", price));
        await host.OkAsync("POST", $"/{face}/headless/subscribe/candles", candles);
        Assert.Equal("subscribed", await host.ProblemAsync(HttpStatusCode.Conflict, "POST", $"/{face}/headless/subscribe/candles", candles));
        var status = (await host.OkAsync("GET", $"/{face}/headless/subscriptions/status")).GetProperty("accounts").EnumerateArray().Single(a => Text(a, "account") == account);
        Assert.Equal((host.Uuid(account).ToString(), "GBPUSD", "M5"), (Text(status, "internal_account_id"), status.GetProperty("prices")[0].GetString(), Text(status.GetProperty("candles")[0], "timeframe")));
        Fields(await host.OkAsync("GET", $"/{face}/headless/health/{host.Uuid(account)}"), Session);
        await host.OkAsync("POST", $"/{face}/headless/unsubscribe/price", price);
        Assert.Equal("not-subscribed", await host.ProblemAsync(HttpStatusCode.NotFound, "POST", $"/{face}/headless/unsubscribe/price", price));
        await host.OkAsync("POST", $"/{face}/headless/unsubscribe/candles", candles);
        Assert.Equal("not-subscribed", await host.ProblemAsync(HttpStatusCode.NotFound, "POST", $"/{face}/headless/unsubscribe/candles", candles));
        Assert.Equal("no-such-symbol", await host.ProblemAsync(HttpStatusCode.BadRequest, "POST", $"/{face}/headless/subscribe/price", host.Login(account, "\"symbol\": \"NOPE\"")));
    }

    public static TheoryData<string, string, string, string> Wrong => new()
    {
        { "no symbol", "price", "", "symbol: is missing" },
        { "a misspelt stop", "trade", "\"symbol\": \"EURUSD\", \"lot_size\": 1, \"direction\": \"BUY\", \"stop_los\": 1.0", "did you mean \"stop_loss\"" },
        { "two stops", "trade", "\"symbol\": \"EURUSD\", \"lot_size\": 1, \"direction\": \"BUY\", \"stop_loss\": 1.0, \"sl\": 1.1", "names of one field and differ" },
        { "no volume", "trade", "\"symbol\": \"EURUSD\", \"direction\": \"BUY\", \"lot_size\": null", "lot_size: is missing" },
        { "volume 0", "trade", "\"symbol\": \"EURUSD\", \"direction\": \"BUY\", \"lot_size\": 0", "above 0" },
        { "volume as text", "trade", "\"symbol\": \"EURUSD\", \"direction\": \"BUY\", \"lot_size\": \"1\"", "is text" },
        { "a side that is none", "trade", "\"symbol\": \"EURUSD\", \"direction\": \"LONG\", \"lot_size\": 1", "\"BUY\" or \"SELL\"" },
        { "a limit without price", "trade", "\"symbol\": \"EURUSD\", \"direction\": \"BUY\", \"lot_size\": 1, \"order_type\": \"LIMIT\", \"limit_price\": null", "needs the price" },
        { "a stop below 0", "trade", "\"symbol\": \"EURUSD\", \"direction\": \"BUY\", \"lot_size\": 1, \"stop_loss\": -1", "stop_loss = -1" },
        { "a distance of a pending order", "trade", "\"symbol\": \"EURUSD\", \"direction\": \"BUY\", \"lot_size\": 1, \"order_type\": \"LIMIT\", \"price\": 1.0, \"sl_distance\": 100", "market orders only" },
        { "nothing to change", "positions/modify_protection", "\"position_id\": 7, \"stop_loss\": null, \"take_profit\": null", "nothing would change" },
        { "a ticket that is none", "positions/close", "\"ticket\": 1.5", "ticket = 1.5" },
        { "count and range", "candles", "\"symbol\": \"EURUSD\", \"timeframe\": \"M1\", \"count\": 5, \"start_time\": \"2026-01-01\", \"end_time\": \"2026-01-02\"", "either count" },
        { "half a range", "candles", "\"symbol\": \"EURUSD\", \"timeframe\": \"M1\", \"start_time\": \"2026-01-01\"", "either count" },
        { "a range backwards", "candles", "\"symbol\": \"EURUSD\", \"timeframe\": \"M1\", \"start_time\": \"2026-01-02\", \"end_time\": \"2026-01-01\"", "before end_time" },
        { "a timeframe that is none", "candles", "\"symbol\": \"EURUSD\", \"timeframe\": \"M2\", \"count\": 5", "timeframe" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_is_wrong_is_told_with_422_and_nothing_is_done(string about, string path, string more, string says)
    {
        var (response, body) = await host.SendAsync("POST", $"/mt5/{path}", host.Login("five", more));
        Assert.True(response.StatusCode == HttpStatusCode.UnprocessableEntity && Text(body, "detail").Contains(says, StringComparison.Ordinal), $"{about}: {(int)response.StatusCode} {body}");
        Assert.DoesNotContain("trader's own", body.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_is_never_told_as_a_fill()
    {
        // Stops on the wrong side are refused and not left out; a volume off the step is refused and not rounded.
        Assert.Equal("refused", await Refused("\"symbol\": \"EURUSD\", \"lot_size\": 0.1, \"direction\": \"BUY\", \"stop_loss\": 4.0, \"take_profit\": 0.0"));
        Assert.Equal("refused", await Refused("\"symbol\": \"EURUSD\", \"lot_size\": 0.015, \"direction\": \"BUY\""));
        Assert.Equal("refused", await Refused("\"symbol\": \"EURUSD\", \"lot_size\": 5000, \"direction\": \"BUY\""));

        Task<string> Refused(string more) => host.ProblemAsync(HttpStatusCode.BadRequest, "POST", "/mt5/trade", host.Login("walk", more));
    }

    [Fact]
    public async Task Accounts_are_found_by_what_programs_call_them()
    {
        foreach (string body in new[]
        {
            """{"internal_account_id": "five"}""", """{"account_id": "five"}""", $$"""{"internal_account_id": "{{host.Uuid("five")}}"}""", $$"""{"account_id": "{{host.Uuid("five")}}"}""",
            """{"internal_account_id": "five", "account_id": 77, "password": "x", "broker_server": "Any"}""",
        })
        {
            await host.OkAsync("POST", "/mt5/account_info", body);
        }

        // A terminal's account: by login, alone or with its server; what does not belong to it is refused as a login would be.
        foreach (string body in new[] { """{"account_id": 5001234}""", """{"account_id": "5001234", "broker_server": "broker-demo"}""", host.Login("away") })
        {
            var (response, problem) = await host.SendAsync("POST", "/mt5/account_info", body);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "10"), (response.StatusCode, response.Headers.GetValues("Retry-After").Single()));
            Assert.Contains("away", Text(problem, "detail"), StringComparison.Ordinal);
        }

        Assert.Equal("login-failed", await host.ProblemAsync(HttpStatusCode.Unauthorized, "POST", "/mt5/account_info", """{"internal_account_id": "away", "account_id": 5001235}"""));
        Assert.Equal("login-failed", await host.ProblemAsync(HttpStatusCode.Unauthorized, "POST", "/mt5/account_info", """{"account_id": "away", "broker_server": "Other"}"""));
        Assert.Equal("not-found", await host.ProblemAsync(HttpStatusCode.NotFound, "POST", "/mt5/account_info", """{"account_id": 5001235}"""));
        Assert.Equal("not-found", await host.ProblemAsync(HttpStatusCode.NotFound, "POST", "/mt5/account_info", """{"internal_account_id": "nobody"}"""));
        Assert.Equal("other-platform", await host.ProblemAsync(HttpStatusCode.Conflict, "POST", "/mt4/account_info", """{"internal_account_id": "five"}"""));
        Assert.Equal("bad-request", await host.ProblemAsync(HttpStatusCode.UnprocessableEntity, "POST", "/mt5/account_info", "{}"));
        Assert.Equal("bad-request", await host.ProblemAsync(HttpStatusCode.UnprocessableEntity, "POST", "/mt5/account_info", "{\"account_id\": NaN}"));
    }

    [Fact]
    public async Task Two_equal_trades_are_two_and_with_one_key_they_are_one()
    {
        string trade = host.Login("walk", "\"symbol\": \"USDJPY\", \"lot_size\": 0.1, \"direction\": \"SELL\", \"stop_loss\": 0.0, \"take_profit\": 0.0, \"limit_price\": null");
        var one = await host.OkAsync("POST", "/mt5/trade", trade);
        var two = await host.OkAsync("POST", "/mt5/trade", trade);
        Assert.NotEqual(one.GetProperty("opened_position_ticket").GetInt64(), two.GetProperty("opened_position_ticket").GetInt64());
        var first = await host.OkAsync("POST", "/mt5/trade", trade, HttpStatusCode.OK, ("Idempotency-Key", "once"));
        var again = await host.OkAsync("POST", "/mt5/trade", trade, HttpStatusCode.OK, ("Idempotency-Key", "once"));
        Assert.Equal(first.GetProperty("opened_position_ticket").GetInt64(), again.GetProperty("opened_position_ticket").GetInt64());

        // A close that is repeated when the position is gone tells again what became of it.
        string close = host.Login("walk", $"\"ticket\": {first.GetProperty("opened_position_ticket").GetInt64()}, \"volume\": 0.1, \"symbol\": \"USDJPY\"");
        var closed = await host.OkAsync("POST", "/mt5/positions/close", close, HttpStatusCode.OK, ("Idempotency-Key", "close-once"));
        await FaceHost.UntilAsync(async () => (await host.SendAsync("POST", "/mt5/positions/details", host.Login("walk", $"\"ticket\": {first.GetProperty("opened_position_ticket").GetInt64()}"))).Response.StatusCode == HttpStatusCode.BadRequest, "it is gone");
        var repeated = await host.OkAsync("POST", "/mt5/positions/close", close, HttpStatusCode.OK, ("Idempotency-Key", "close-once"));
        Assert.Equal(closed.GetProperty("volume").GetDecimal(), repeated.GetProperty("volume").GetDecimal());
        Assert.Equal("other-symbol", await host.ProblemAsync(HttpStatusCode.BadRequest, "POST", "/mt5/positions/close", host.Login("walk", $"\"ticket\": {one.GetProperty("opened_position_ticket").GetInt64()}, \"symbol\": \"EURUSD\"")));
    }

    [Fact]
    public async Task A_terminal_is_brought_on_without_a_remote_desktop()
    {
        var onboard = await host.OkAsync("POST", "/mt5/onboard", $$"""{"internal_account_id": "{{host.Uuid("away")}}"}""");
        Fields(onboard, "message internal_account_id vnc_details");
        Assert.Empty(onboard.GetProperty("vnc_details").EnumerateObject());
        Assert.Equal("not-open", await host.ProblemAsync(HttpStatusCode.NotFound, "POST", $"/mt5/onboard/{host.Uuid("away")}/complete"));
        Fields(await host.OkAsync("POST", $"/mt5/onboard/{host.Uuid("five")}/complete"), "message");
        Assert.Equal("stopped", Text(await host.OkAsync("GET", "/mt5/headless/health/away"), "status"));
    }

    [Fact]
    public async Task A_path_with_another_account_than_the_body_is_wrong() =>
        Assert.Equal("bad-request", await host.ProblemAsync(HttpStatusCode.UnprocessableEntity, "POST", "/mt5/onboard/five/complete", """{"internal_account_id": "walk"}"""));

    internal static string Text(JsonElement item, string name) => item.GetProperty(name).GetString()!;

    /// <summary>These fields and no others.</summary>
    internal static void Fields(JsonElement item, string names) =>
        Assert.Equal(names.Split(' ').Order(StringComparer.Ordinal), item.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
}

using System.Net;
using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Rest;

namespace Lockstep.Server.Tests.Rest;

/// <summary>The HTTP side alone: what is let in, what is asked of the engine, how its answers are told.</summary>
public class RestTests
{
    private const string Order = "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":0.5}";

    public static TheoryData<string, string, string> BadOrders => new()
    {
        { "unknown field", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":1,\"lots\":1}", "lots" },
        { "misspelt field", "{\"symbl\":\"EURUSD\",\"side\":\"buy\",\"volume\":1}", "did you mean \"symbol\"" },
        { "a field twice", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":1,\"volume\":2}", "more than once" },
        { "nothing", "{}", "symbol" },
        { "no object", "[]", "is a list" },
        { "no side", "{\"symbol\":\"EURUSD\",\"volume\":1}", "side" },
        { "unknown side", "{\"symbol\":\"EURUSD\",\"side\":\"long\",\"volume\":1}", "\"buy\", \"sell\"" },
        { "volume 0", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":0}", "volume" },
        { "volume below 0", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":-1}", "volume" },
        { "1e308 lots", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":1e308}", "volume = 1e308" },
        { "too many digits", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":0.10000000000000000000000000000000001}", "more digits" },
        { "volume as text", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":\"1\"}", "is text" },
        { "NaN", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":NaN}", "no valid JSON" },
        { "a comment", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":1} // hello", "no valid JSON" },
        { "half", "{\"symbol\":", "no valid JSON" },
        { "nothing at all", "", "symbol" },
        { "a limit without price", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":1,\"type\":\"limit\"}", "needs a price" },
        { "a market order with price", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":1,\"price\":1.1}", "use worstPrice" },
        { "a stop-limit without limit", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":1,\"type\":\"stopLimit\",\"price\":1.1}", "limitPrice" },
        { "a limit with limit", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":1,\"type\":\"limit\",\"price\":1.1,\"limitPrice\":1}", "limitPrice" },
        { "expiry at market", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":1,\"expiry\":\"2030-01-01T00:00:00Z\"}", "expiry" },
        { "expiry that is no moment", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":1,\"type\":\"limit\",\"price\":1.1,\"expiry\":\"2030-02-31T00:00:00Z\"}", "expiry" },
        { "worst price of a pending order", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":1,\"type\":\"limit\",\"price\":1.1,\"worstPrice\":1}", "worstPrice" },
        { "a client id with a space", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":1,\"clientId\":\"a b\"}", "clientId" },
        { "a client id too long", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":1,\"clientId\":\"" + new string('x', 65) + "\"}", "clientId" },
    };

    [Theory]
    [MemberData(nameof(BadOrders))]
    public async Task A_bad_order_is_refused_with_its_reason(string about, string json, string says)
    {
        await using var host = await RestHost.StartAsync();
        var (status, body) = await host.SendAsync("POST", "/v1/accounts/prop/orders", json);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(body.GetProperty("detail").GetString()!.Contains(says, StringComparison.Ordinal), $"{about}: {body}");
        Assert.Empty(host.Desk.Requests);
    }

    [Fact]
    public async Task All_fields_reach_the_engine()
    {
        await using var host = await RestHost.StartAsync();
        await host.SendAsync("POST", "/v1/accounts/prop/orders", """
            {"symbol":"EURUSD","side":"sell","volume":0.30,"type":"stopLimit","price":1.1,"limitPrice":1.2,"stopLoss":1.3,"takeProfit":1.0,"expiry":"2030-01-31T12:00:00+01:00","clientId":"c-1"}
            """);
        Assert.Equal(
            new ClientPlace
            {
                Account = new("prop"), ClientId = "c-1", Symbol = new("EURUSD"), Side = Side.Sell, Volume = new(0.3m), Type = PendingType.StopLimit, Price = new Price(1.1m),
                LimitPrice = new Price(1.2m), StopLoss = new Price(1.3m), TakeProfit = new Price(1m), Expiry = Timestamp.From(new DateTimeOffset(2030, 1, 31, 11, 0, 0, TimeSpan.Zero)),
            },
            host.Desk.Requests.Single());
    }

    [Fact]
    public async Task Absent_leaves_a_level_and_null_removes_it()
    {
        await using var host = await RestHost.StartAsync();
        await host.SendAsync("PATCH", "/v1/accounts/prop/positions/7", "{\"stopLoss\":null}");
        await host.SendAsync("PATCH", "/v1/accounts/prop/positions/7", "{\"takeProfit\":1.5}");
        await host.SendAsync("PATCH", "/v1/accounts/prop/orders/8", "{\"price\":1.4}");
        var changes = host.Desk.Requests.Cast<ClientModify>().ToList();
        Assert.Equal((new LevelChange(true, null), LevelChange.Leave, new PositionId(7)), (changes[0].StopLoss, changes[0].TakeProfit, changes[0].Position));
        Assert.Equal((LevelChange.Leave, new LevelChange(true, new Price(1.5m))), (changes[1].StopLoss, changes[1].TakeProfit));
        Assert.Equal((new OrderId(8), null, new Price(1.4m)), (changes[2].Order, changes[2].Position, changes[2].Price));
        Assert.Equal(HttpStatusCode.BadRequest, (await host.SendAsync("PATCH", "/v1/accounts/prop/positions/7", "{}")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await host.SendAsync("PATCH", "/v1/accounts/prop/positions/7", "{\"price\":1}")).Status);
    }

    [Fact]
    public async Task Closing_needs_no_body()
    {
        await using var host = await RestHost.StartAsync();
        await host.SendAsync("POST", "/v1/accounts/prop/positions/7/close");
        await host.SendAsync("POST", "/v1/accounts/prop/positions/7/close", "{\"volume\":0.1}");
        await host.SendAsync("DELETE", "/v1/accounts/prop/orders/9", null, ("Idempotency-Key", "gone"));
        var closes = host.Desk.Requests.Cast<ClientClose>().ToList();
        Assert.Equal((new PositionId(7), null), (closes[0].Position, closes[0].Volume));
        Assert.Equal(new Lots(0.1m), closes[1].Volume);
        Assert.Equal((new OrderId(9), "gone"), (closes[2].Order, closes[2].ClientId));
        Assert.NotEqual(closes[0].ClientId, closes[1].ClientId);
    }

    [Fact]
    public async Task A_position_is_closed_by_the_opposite_one()
    {
        await using var host = await RestHost.StartAsync();
        var (status, _) = await host.SendAsync("POST", "/v1/accounts/prop/positions/7/close-by", "{\"opposite\":9007199254740993}", ("Idempotency-Key", "by"));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(new ClientCloseBy { Account = new("prop"), ClientId = "by", Position = new(7), Opposite = new(9_007_199_254_740_993) }, host.Desk.Requests.Single());
        foreach (string body in new[] { "{}", "{\"opposite\":0}", "{\"opposite\":1.5}", "{\"opposite\":\"8\"}", "{\"opposite\":99999999999999999999}", "{\"opposite\":8,\"volume\":1}" })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await host.SendAsync("POST", "/v1/accounts/prop/positions/7/close-by", body)).Status);
        }

        Assert.Single(host.Desk.Requests);
    }

    [Fact]
    public async Task A_reversal_tells_both_halves()
    {
        await using var host = await RestHost.StartAsync();
        await host.SendAsync("POST", "/v1/accounts/prop/positions/7/reverse", null, ("Idempotency-Key", "a"));
        var closing = new ClientClosing { State = ClientState.Done, Position = new(7), Filled = new(0.5m), Price = new Price(1.1m), Key = new OrderKey(3) };
        host.Desk.Next = new ClientAnswer { State = ClientState.Done, Position = new(8), Filled = new(0.3m), Price = new Price(1.2m), Closing = closing };
        var (status, body) = await host.SendAsync("POST", "/v1/accounts/prop/positions/7/reverse", "{\"volume\":0.3,\"stopLoss\":1.3,\"takeProfit\":null,\"clientId\":\"b\"}");
        Assert.Equal(
            [
                new ClientReverse { Account = new("prop"), ClientId = "a", Position = new(7) },
                new ClientReverse { Account = new("prop"), ClientId = "b", Position = new(7), Volume = new(0.3m), StopLoss = new Price(1.3m) },
            ],
            host.Desk.Requests.Cast<ClientReverse>());
        Assert.Equal((HttpStatusCode.OK, 8, 0.3m), (status, body.GetProperty("position").GetInt64(), body.GetProperty("filled").GetDecimal()));
        Assert.Equal(("done", 7, 0.5m), (body.GetProperty("closing").GetProperty("state").GetString(), body.GetProperty("closing").GetProperty("position").GetInt64(), body.GetProperty("closing").GetProperty("filled").GetDecimal()));

        host.Desk.Next = new ClientAnswer { State = ClientState.Refused, Refusal = Refusal.NoMoney, Closing = closing };
        (status, body) = await host.SendAsync("POST", "/v1/accounts/prop/positions/7/reverse");
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "urn:lockstep:problem:half-done"), (status, body.GetProperty("type").GetString()));
        host.Desk.Next = new ClientAnswer { State = ClientState.Refused, Refusal = Refusal.MarketClosed, Closing = closing with { State = ClientState.Refused } };
        (status, body) = await host.SendAsync("POST", "/v1/accounts/prop/positions/7/reverse");
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "urn:lockstep:problem:refused"), (status, body.GetProperty("type").GetString()));
        Assert.Equal(HttpStatusCode.BadRequest, (await host.SendAsync("POST", "/v1/accounts/prop/positions/7/reverse", "{\"volume\":0}")).Status);
    }

    [Fact]
    public async Task The_three_outcomes_are_told_apart()
    {
        await using var host = await RestHost.StartAsync();
        var (done, body) = await host.SendAsync("POST", "/v1/accounts/prop/orders", Order, ("Idempotency-Key", "a"));
        Assert.Equal((HttpStatusCode.OK, "done", "a", 7, 0.5m), (done, body.GetProperty("state").GetString(), body.GetProperty("clientId").GetString(), body.GetProperty("position").GetInt64(), body.GetProperty("filled").GetDecimal()));

        host.Desk.Next = new ClientAnswer { State = ClientState.Refused, Refusal = Refusal.NoMoney, Code = "10019" };
        (done, body) = await host.SendAsync("POST", "/v1/accounts/prop/orders", Order, ("Idempotency-Key", "b"));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "refused", "noMoney"), (done, body.GetProperty("request").GetProperty("state").GetString(), body.GetProperty("request").GetProperty("refusal").GetString()));
        Assert.Contains("10019", body.GetProperty("detail").GetString(), StringComparison.Ordinal);

        host.Desk.Next = new ClientAnswer { State = ClientState.Unknown };
        (done, body) = await host.SendAsync("POST", "/v1/accounts/prop/orders?waitMs=0", Order, ("Idempotency-Key", "c"));
        Assert.Equal((HttpStatusCode.Accepted, "unknown", "c"), (done, body.GetProperty("state").GetString(), body.GetProperty("clientId").GetString()));

        (done, body) = await host.SendAsync("GET", "/v1/accounts/prop/requests/c");
        Assert.Equal((HttpStatusCode.OK, "unknown"), (done, body.GetProperty("state").GetString()));
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync("GET", "/v1/accounts/prop/requests/d")).Status);

        host.Desk.Closed = true;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await host.SendAsync("POST", "/v1/accounts/prop/orders", Order)).Status);
    }

    [Fact]
    public async Task The_ledger_is_filtered_and_read_page_by_page()
    {
        await using var host = await RestHost.StartAsync();
        var (_, body) = await host.SendAsync("GET", "/v1/accounts/prop/why?link=net&outcome=skipped&reason=spreadTooWide&symbol=EURUSD&from=2026-01-01&to=2026-01-02T00:00:00Z&before=90&limit=1");
        Assert.Equal(
            new WhyFilter
            {
                Link = new("net"), Account = new AccountId("prop"), Outcome = WhyOutcome.Skipped, Reason = WhyReason.SpreadTooWide, Symbol = new SymbolName("EURUSD"),
                From = Timestamp.From(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)), To = Timestamp.From(new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero)), Before = 90, Limit = 1,
                May = host.Desk.Asked!.May,
            },
            host.Desk.Asked);
        Assert.Equal((70, 70), (body.GetProperty("why")[0].GetProperty("id").GetInt32(), body.GetProperty("next").GetInt32()));
        Assert.Equal(HttpStatusCode.BadRequest, (await host.SendAsync("GET", "/v1/why?outcome=Skipped&reason=none&from=yesterday")).Status);
        Assert.Contains("Warning before 7", (await host.SendAsync("GET", "/v1/alerts?level=warning&before=7&account=prop")).Body.ToString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync("GET", "/v1/alerts?account=nobody")).Status);
    }

    [Fact]
    public async Task Single_things_are_found_by_their_number()
    {
        await using var host = await RestHost.StartAsync();
        Assert.Equal("EURUSD", (await host.SendAsync("GET", "/v1/accounts/prop/positions/11")).Body.GetProperty("symbol").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync("GET", "/v1/accounts/prop/positions/12")).Status);
        Assert.Equal("stopLimit", (await host.SendAsync("GET", "/v1/accounts/prop/orders/21")).Body.GetProperty("type").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync("GET", "/v1/accounts/prop/orders/11")).Status);
        Assert.Equal("copy", (await host.SendAsync("GET", "/v1/links/copy")).Body.GetProperty("link").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync("GET", "/v1/links/nobody")).Status);
        Assert.Equal((1000.5m, 300m), ((await host.SendAsync("GET", "/v1/accounts/prop/account")).Body.GetProperty("balance").GetDecimal(), (await host.SendAsync("GET", "/v1/accounts/prop/account")).Body.GetProperty("marginLevel").GetDecimal()));
        Assert.Equal(
            """{"account":"prop","symbol":"EURUSD","bid":1.1,"ask":1.2,"spread":0.1,"at":"2020-09-13T12:26:40.000Z","brokerTime":"2020-09-13T15:26:40.000+03:00"}""",
            (await host.SendAsync("GET", "/v1/accounts/prop/price?symbol=EURUSD")).Body.ToString());
        Assert.Equal(HttpStatusCode.BadRequest, (await host.SendAsync("GET", "/v1/accounts/prop/price")).Status);
    }

    [Fact]
    public async Task A_result_tells_outcome_fills_and_stages()
    {
        await using var host = await RestHost.StartAsync();
        host.Desk.Next = new ClientAnswer { State = ClientState.Done, Position = new(7), Filled = new(0.3m), Price = new Price(1.1m), Key = new OrderKey(5) };
        host.Desk.Fills.Add(new DealReport
        {
            Id = new(70), Position = new(7), Symbol = new("EURUSD"), Side = Side.Buy, Volume = new(0.3m), Price = new(1.1m), Entry = DealEntry.In, Reason = DealReason.Request, At = Timestamp.FromMs(1_600_000_000_003),
        });
        var body = (await host.SendAsync("POST", "/v1/accounts/prop/orders", Order, ("Idempotency-Key", "part"))).Body;
        Assert.Equal("partial", body.GetProperty("outcome").GetString());
        Assert.Equal(30_000m, body.GetProperty("filledUnits").GetDecimal());
        Assert.Equal("""{"deal":70,"price":1.1,"volume":0.3,"volumeUnits":30000.0,"at":"2020-09-13T12:26:40.003Z","brokerTime":"2020-09-13T15:26:40.003+03:00"}""", body.GetProperty("fills")[0].ToString());
        Assert.Equal("""{"decidedAt":"2020-09-13T12:26:40.001Z","sentAt":"2020-09-13T12:26:40.002Z"}""", body.GetProperty("stages").ToString());
        Assert.Equal(body.ToString(), (await host.SendAsync("GET", "/v1/accounts/prop/requests/part")).Body.ToString());

        host.Desk.Fills.Clear();
        host.Desk.Next = new ClientAnswer { State = ClientState.Done };
        string? Outcome((HttpStatusCode, JsonElement Body) answer) => answer.Body.GetProperty("outcome").GetString();
        Assert.Equal("filled", Outcome(await host.SendAsync("POST", "/v1/accounts/prop/orders", Order)));
        Assert.Equal("placed", Outcome(await host.SendAsync("POST", "/v1/accounts/prop/orders", Order[..^1] + ",\"type\":\"limit\",\"price\":1}")));
        Assert.Equal("modified", Outcome(await host.SendAsync("PATCH", "/v1/accounts/prop/positions/7", "{\"stopLoss\":null}")));
        Assert.Equal("closed", Outcome(await host.SendAsync("POST", "/v1/accounts/prop/positions/7/close")));
        Assert.Equal("cancelled", Outcome(await host.SendAsync("DELETE", "/v1/accounts/prop/orders/7")));

        // Under an id that was used for another kind of request it is that one which is answered; the header Idempotency-Key refuses that instead.
        Assert.Equal(HttpStatusCode.Conflict, (await host.SendAsync("POST", "/v1/accounts/prop/positions/7/close", null, ("Idempotency-Key", "part"))).Status);
        Assert.Equal("partial", Outcome(await host.SendAsync("POST", "/v1/accounts/prop/positions/7/close", "{\"clientId\":\"part\"}")));
        host.Desk.Next = new ClientAnswer { State = ClientState.InFlight };
        var open = await host.SendAsync("POST", "/v1/accounts/prop/orders", Order);
        Assert.Equal((HttpStatusCode.Accepted, "unknown", "inFlight"), (open.Status, Outcome(open), open.Body.GetProperty("state").GetString()));
    }

    [Fact]
    public async Task A_request_is_found_again_by_its_correlation_id()
    {
        await using var host = await RestHost.StartAsync();
        async Task<(string Header, string Body)> AskAsync(params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/nothing");
            foreach (var (name, value) in headers)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            using var response = await host.Client.SendAsync(request);
            var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
            Assert.Equal("not-found", body.GetProperty("code").GetString());
            return (response.Headers.GetValues("X-Correlation-Id").Single(), body.GetProperty("correlationId").GetString()!);
        }

        Assert.Equal(("my-id.7", "my-id.7"), await AskAsync(("X-Correlation-Id", "my-id.7")));
        Assert.Equal(("their-id", "their-id"), await AskAsync(("X-Request-ID", "their-id")));
        foreach (string bad in new[] { "two words", "line\tend", new string('x', 65), "<script>" })
        {
            var (header, body) = await AskAsync(("X-Correlation-Id", bad));
            Assert.Equal(header, body);
            Assert.Matches("^[0-9a-f]{32}$", header);
        }
    }

    [Fact]
    public async Task The_same_id_gives_the_same_answer_and_no_second_order()
    {
        await using var host = await RestHost.StartAsync();
        var first = await host.SendAsync("POST", "/v1/accounts/prop/orders", Order, ("Idempotency-Key", "same"));
        host.Desk.Next = new ClientAnswer { State = ClientState.Refused };
        var second = await host.SendAsync("POST", "/v1/accounts/prop/orders", Order[..^1] + ",\"clientId\":\"same\"}");
        Assert.Equal(first.Body.ToString(), second.Body.ToString());
        Assert.Single(host.Desk.Requests);
        Assert.Equal(HttpStatusCode.BadRequest, (await host.SendAsync("POST", "/v1/accounts/prop/orders", Order[..^1] + ",\"clientId\":\"same\"}", ("Idempotency-Key", "other"))).Status);
    }

    [Fact]
    public async Task Lists_have_stable_shapes()
    {
        await using var host = await RestHost.StartAsync();
        var accounts = (await host.SendAsync("GET", "/v1/accounts")).Body.GetProperty("accounts");
        Assert.Equal(["ctrader:down", "netting:syncing", "personal:up", "prop:up"], accounts.EnumerateArray().Select(a => $"{a.GetProperty("account")}:{a.GetProperty("state")}"));
        var funds = (await host.SendAsync("GET", "/v1/accounts/prop")).Body.GetProperty("funds");
        Assert.Equal((1000.5m, 300m), (funds.GetProperty("balance").GetDecimal(), funds.GetProperty("marginLevel").GetDecimal()));
        var position = (await host.SendAsync("GET", "/v1/accounts/prop/positions")).Body.GetProperty("positions")[0];
        Assert.Equal("""{"position":11,"ticket":12,"symbol":"EURUSD","side":"sell","volume":0.30,"volumeUnits":30000.00,"openPrice":1.08500,"openedAt":"2020-09-13T12:26:40.000Z","brokerTime":"2020-09-13T15:26:40.000+03:00","stopLoss":1.09,"currentPrice":1.2,"magic":900001,"comment":"LS","key":"LS00000000000055"}""", position.ToString());
        var order = (await host.SendAsync("GET", "/v1/accounts/prop/orders")).Body.GetProperty("orders")[0];
        Assert.Equal(("stopLimit", 1.2m), (order.GetProperty("type").GetString(), order.GetProperty("limitPrice").GetDecimal()));
        Assert.Equal(2, (await host.SendAsync("GET", "/v1/accounts/prop/symbols")).Body.GetProperty("symbols").GetArrayLength());
        Assert.Equal(3, (await host.SendAsync("GET", "/v1/links")).Body.GetProperty("links").GetArrayLength());
        Assert.Equal(0, (await host.SendAsync("GET", "/v1/legs?link=copy")).Body.GetProperty("legs").GetArrayLength());
        var why = (await host.SendAsync("GET", "/v1/why?link=net&limit=7")).Body.GetProperty("why")[0];
        Assert.Equal(("net", "skipped", "spreadTooWide", "limit 7"), (why.GetProperty("link").GetString(), why.GetProperty("outcome").GetString(), why.GetProperty("reason").GetString(), why.GetProperty("detail").GetString()));
        Assert.Equal("critical", (await host.SendAsync("GET", "/v1/alerts")).Body.GetProperty("alerts")[0].GetProperty("level").GetString());
    }

    [Theory]
    [InlineData("GET", "/v1/accounts/nobody", HttpStatusCode.NotFound)]
    [InlineData("POST", "/v1/accounts/nobody/orders", HttpStatusCode.NotFound)]
    [InlineData("GET", "/v1/nothing", HttpStatusCode.NotFound)]
    [InlineData("GET", "/", HttpStatusCode.NotFound)]
    [InlineData("GET", "/v1/legs?link=nobody", HttpStatusCode.NotFound)]
    [InlineData("GET", "/v1/why?limit=0", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/v1/why?limit=1001", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/v1/alerts?limit=x", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/v1/alerts?limit=5&limit=6", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/v1/accounts?page=2", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/v1/accounts/prop?x=", HttpStatusCode.BadRequest)]
    [InlineData("DELETE", "/v1/accounts/prop/positions/7/close", HttpStatusCode.MethodNotAllowed)]
    [InlineData("PUT", "/v1/accounts/prop", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/v1/accounts/prop/no.thing", HttpStatusCode.NotFound)]
    [InlineData("POST", "/v1/accounts/prop/positions/x/close", HttpStatusCode.BadRequest)]
    [InlineData("POST", "/v1/accounts/prop/positions/-1/close", HttpStatusCode.BadRequest)]
    [InlineData("POST", "/v1/accounts/prop/positions/99999999999999999999/close", HttpStatusCode.BadRequest)]
    [InlineData("POST", "/v1/accounts/prop/positions/7/close?waitMs=-1", HttpStatusCode.BadRequest)]
    public async Task What_is_not_there_or_wrong_is_a_problem(string method, string path, HttpStatusCode expected)
    {
        await using var host = await RestHost.StartAsync();
        Assert.Equal(expected, (await host.SendAsync(method, path)).Status);
    }

    [Fact]
    public async Task All_that_is_wrong_is_told_at_once_wherever_it_stands()
    {
        await using var host = await RestHost.StartAsync();
        var (status, body) = await host.SendAsync("POST", "/v1/accounts/prop/positions/0/close?waitMs=1.5&wait=3", "{\"volume\":-1,\"lots\":2}");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(["lots", "position", "volume", "wait", "waitMs"], body.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("field").GetString()).Order(StringComparer.Ordinal));
        Assert.Contains("did you mean \"waitMs\"", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty(host.Desk.Requests);
    }

    [Fact]
    public async Task An_account_is_found_by_its_UUID_too()
    {
        await using var host = await RestHost.StartAsync();
        var uuid = host.Desk.Directory.UuidOf(new AccountId("prop"));
        Assert.Equal("prop", (await host.SendAsync("GET", $"/v1/accounts/{uuid}")).Body.GetProperty("account").GetString());
        Assert.Equal("prop", (await host.SendAsync("POST", $"/v1/accounts/{uuid}/orders", Order)).Body.GetProperty("account").GetString());
        Assert.Equal(new AccountId("prop"), host.Desk.Requests.Single().Account);
    }

    [Fact]
    public async Task A_huge_body_is_refused()
    {
        await using var host = await RestHost.StartAsync();
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await host.SendAsync("POST", "/v1/accounts/prop/orders", new string(' ', 65 * 1024) + Order)).Status);
    }

    [Fact]
    public async Task A_body_must_be_declared_as_JSON()
    {
        await using var host = await RestHost.StartAsync();
        using var response = await host.Client.PostAsync("/v1/accounts/prop/orders", new FormUrlEncodedContent([new("symbol", "EURUSD")]));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Theory]
    [InlineData(null, null, HttpStatusCode.Unauthorized)]
    [InlineData("X-Api-Key", "wrong", HttpStatusCode.Unauthorized)]
    [InlineData("X-Api-Key", "", HttpStatusCode.Unauthorized)]
    [InlineData("Authorization", "Bearer wrong", HttpStatusCode.Unauthorized)]
    [InlineData("Authorization", RestHost.Key, HttpStatusCode.Unauthorized)]
    [InlineData("Authorization", "Basic " + RestHost.Key, HttpStatusCode.Unauthorized)]
    [InlineData("X-Api-Key", RestHost.Key, HttpStatusCode.OK)]
    [InlineData("Authorization", "Bearer " + RestHost.Key, HttpStatusCode.OK)]
    public async Task The_key_is_asked_for(string? header, string? value, HttpStatusCode expected)
    {
        await using var host = await RestHost.StartAsync(RestHost.Key);
        (string, string)[] headers = header is null ? [] : [(header, value!)];
        Assert.Equal(expected, (await host.SendAsync("GET", "/v1/accounts", null, headers)).Status);
        Assert.Equal(HttpStatusCode.OK, (await host.SendAsync("GET", "/healthz")).Status);
    }

    [Fact]
    public async Task Nothing_happens_without_the_key()
    {
        await using var host = await RestHost.StartAsync(RestHost.Key);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.SendAsync("POST", "/v1/accounts/prop/orders", Order)).Status);
        Assert.Empty(host.Desk.Requests);
    }

    [Theory]
    [InlineData("Host", "evil.example", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "null", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "http://localhost:3000", HttpStatusCode.OK)]
    [InlineData("Host", "localhost", HttpStatusCode.OK)]
    [InlineData("Host", "[::1]:8080", HttpStatusCode.OK)]
    public async Task Without_a_key_a_foreign_page_is_kept_out(string header, string value, HttpStatusCode expected)
    {
        await using var host = await RestHost.StartAsync();
        Assert.Equal(expected, (await host.SendAsync("GET", "/v1/accounts", null, (header, value))).Status);
    }

    [Fact]
    public async Task A_mistake_of_our_own_tells_no_secrets()
    {
        await using var host = await RestHost.StartAsync();
        host.Desk.Fails = true;
        var (status, body) = await host.SendAsync("GET", "/v1/accounts");
        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.DoesNotContain("broken on purpose", body.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_says_the_version()
    {
        await using var host = await RestHost.StartAsync();
        Assert.Equal("""{"status":"ok"}""", JsonSerializer.Serialize((await host.SendAsync("GET", "/healthz")).Body));
    }
}

using System.Net;
using System.Text;
using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Tests.Hosting;

/// <summary>Accounts and links that come and go over the API, on a running server with simulated brokers.</summary>
public sealed class RegistryTests : IAsyncDisposable
{
    private const string One = """{ "platform": "paper", "broker": { "kind": "mt5-hedging", "symbols": ["EURUSD"], "executionDelayMin": "0ms", "executionDelayMax": "1ms" } }""";

    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-test-").FullName;
    private string _file = $$"""{ "server": { "auth": "none", "port": 0 }, "accounts": { "master": {{One}} }, "quotes": { "interval": "20ms" } }""";
    private PaperHost? _host;

    [Fact]
    public async Task An_account_and_a_link_that_were_registered_copy_at_once_and_after_a_restart()
    {
        await UpAsync();
        await SendAsync(HttpStatusCode.Created, "POST", "/v1/accounts", $$"""{"account": "prop", "settings": {{One}} }""");
        await SendAsync(HttpStatusCode.Created, "POST", "/v1/links", """{"name": "m-p", "source": "master", "target": "prop"}""");
        await UpAsync("prop");
        await TradeAsync("one");
        await UntilAsync("prop", positions: 1);

        await DownAsync();
        await UpAsync();
        Assert.Equal(["master", "prop"], (await GetAsync("/v1/accounts")).GetProperty("accounts").EnumerateArray().Select(a => a.GetProperty("account").GetString()));
        await UpAsync("prop");
        await TradeAsync("two");
        await UntilAsync("prop", positions: 2);
        Assert.Single(_host!.Product.Groups);
    }

    [Fact]
    public async Task A_mode_is_changed_while_trades_go_on_and_counts_from_then_on()
    {
        await UpAsync();
        await SendAsync(HttpStatusCode.Created, "POST", "/v1/accounts", $$"""{"account": "prop", "settings": {{One}} }""");
        await SendAsync(HttpStatusCode.Created, "POST", "/v1/links", """{"name": "m-p", "source": "master", "target": "prop", "sizing": {"mode": "multiplier", "factor": 2}}""");
        await UpAsync("prop");
        await TradeAsync("one");
        await UntilAsync("prop", positions: 1);
        var changed = await SendAsync(HttpStatusCode.OK, "PATCH", "/v1/links/m-p", """{"mode": "closeOnly", "sizing": {"factor": 3}}""");
        Assert.Equal("""{"name":"m-p","source":"master","target":"prop","mode":"closeOnly","sizing":{"mode":"multiplier","factor":3}}""", changed.GetProperty("settings").GetRawText());
        await TradeAsync("two");
        await WhyAsync("closeOnly");
        Assert.Equal(1, await PositionsAsync("prop"));
        await SendAsync(HttpStatusCode.OK, "PATCH", "/v1/links/m-p", """{"mode": null}""");
        await TradeAsync("three");
        await UntilAsync("prop", positions: 2);
    }

    [Fact]
    public async Task A_circle_is_refused_with_its_field_and_nothing_is_written()
    {
        await UpAsync();
        await SendAsync(HttpStatusCode.Created, "POST", "/v1/accounts", $$"""{"account": "prop", "settings": {{One}} }""");
        await SendAsync(HttpStatusCode.Created, "POST", "/v1/links", """{"name": "there", "source": "master", "target": "prop"}""");
        var problem = await SendAsync(HttpStatusCode.BadRequest, "POST", "/v1/links", """{"name": "back", "source": "prop", "target": "master"}""");
        Assert.Contains("back", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Single(_host!.Product.Store.Registry(), r => r.Kind == ConfigSource.Link);
        await SendAsync(HttpStatusCode.BadRequest, "POST", "/v1/links", """{"name": "x", "source": "master", "target": "nobody"}""");
        await SendAsync(HttpStatusCode.Conflict, "POST", "/v1/links", """{"name": "there", "source": "master", "target": "prop"}""");
        await SendAsync(HttpStatusCode.Conflict, "POST", "/v1/accounts", $$"""{"account": "prop", "settings": {{One}} }""");
        await SendAsync(HttpStatusCode.NotFound, "PATCH", "/v1/links/nowhere", """{"mode": "off"}""");
    }

    [Fact]
    public async Task Over_the_API_nobody_names_a_file_or_variable_of_the_server()
    {
        await UpAsync();
        var problem = await SendAsync(
            HttpStatusCode.BadRequest, "POST", "/v1/accounts", """{"account": "t", "settings": {"platform": "mt5", "login": 5, "server": "S", "key": {"file": "/etc/passwd"}}}""");
        Assert.Contains("unknown key", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        await SendAsync(HttpStatusCode.Created, "POST", "/v1/accounts", """{"account": "t", "settings": {"platform": "mt5", "login": 5, "server": "S"}}""");
    }

    [Fact]
    public async Task An_account_is_not_removed_from_under_its_links()
    {
        await UpAsync();
        await SendAsync(HttpStatusCode.Created, "POST", "/v1/accounts", $$"""{"account": "prop", "settings": {{One}} }""");
        await SendAsync(HttpStatusCode.Created, "POST", "/v1/links", """{"name": "m-p", "source": "master", "target": "prop"}""");
        Assert.EndsWith("account-in-use", (await SendAsync(HttpStatusCode.Conflict, "DELETE", "/v1/accounts/prop")).GetProperty("type").GetString(), StringComparison.Ordinal);
        await SendAsync(HttpStatusCode.OK, "DELETE", "/v1/links/m-p");
        await SendAsync(HttpStatusCode.OK, "DELETE", "/v1/accounts/prop");
        await SendAsync(HttpStatusCode.NotFound, "GET", "/v1/accounts/prop");
        Assert.Empty(_host!.Product.Store.Registry());

        // It comes back as it was left, with what stands in its books.
        await SendAsync(HttpStatusCode.Created, "POST", "/v1/accounts", $$"""{"account": "prop", "settings": {{One}} }""");
        await UpAsync("prop");
    }

    [Fact]
    public async Task A_disconnected_account_stays_so_over_a_restart_until_it_is_connected()
    {
        await UpAsync();
        await UpAsync("master");
        await SendAsync(HttpStatusCode.OK, "POST", "/v1/accounts/master/disconnect");
        await UntilAsync("down");
        await SendAsync(HttpStatusCode.Conflict, "POST", "/v1/accounts/master/orders", """{"symbol": "EURUSD", "side": "buy", "volume": 0.1}""");
        await DownAsync();
        await UpAsync();
        Assert.Equal("down", (await GetAsync("/v1/accounts/master")).GetProperty("state").GetString());
        await SendAsync(HttpStatusCode.OK, "POST", "/v1/accounts/master/connect");
        await UpAsync("master");
        Assert.Empty(_host!.Product.Store.Registry());
    }

    [Fact]
    public async Task What_the_file_says_anew_counts_over_what_was_changed_before()
    {
        await UpAsync();
        await SendAsync(HttpStatusCode.OK, "POST", "/v1/accounts/master/disconnect");
        await DownAsync();
        _file = _file.Replace("\"EURUSD\"", "\"EURUSD\", \"GBPUSD\"", StringComparison.Ordinal);
        await UpAsync();
        await UpAsync("master");
        Assert.Empty(_host!.Product.Store.Registry());
    }

    [Fact]
    public async Task Two_groups_with_links_cannot_become_one()
    {
        await UpAsync();
        foreach (string name in new[] { "a", "b", "c" })
        {
            await SendAsync(HttpStatusCode.Created, "POST", "/v1/accounts", $$"""{"account": "{{name}}", "settings": {{One}} }""");
        }

        await SendAsync(HttpStatusCode.Created, "POST", "/v1/links", """{"name": "m-a", "source": "master", "target": "a"}""");
        await SendAsync(HttpStatusCode.Created, "POST", "/v1/links", """{"name": "b-c", "source": "b", "target": "c"}""");
        Assert.EndsWith(
            "separate-histories", (await SendAsync(HttpStatusCode.Conflict, "POST", "/v1/links", """{"name": "m-b", "source": "master", "target": "b"}""")).GetProperty("type").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, _host!.Product.Groups.Count());
    }

    public async ValueTask DisposeAsync()
    {
        await DownAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task UpAsync() => _host = await PaperHost.StartAsync(_folder, _file);

    private async Task DownAsync()
    {
        if (_host is { } host)
        {
            _host = null;
            await host.DisposeAsync();
        }
    }

    private async Task<JsonElement> SendAsync(HttpStatusCode expected, string method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _host!.Http.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, $"{method} {path}: {(int)response.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    private Task<JsonElement> GetAsync(string path) => SendAsync(HttpStatusCode.OK, "GET", path);

    private async Task<int> PositionsAsync(string account) => (await GetAsync($"/v1/accounts/{account}/positions")).GetProperty("positions").GetArrayLength();

    private Task TradeAsync(string id) => SendAsync(
        HttpStatusCode.OK, "POST", "/v1/accounts/master/orders?waitMs=20000", $$"""{"symbol": "EURUSD", "side": "buy", "volume": 0.1, "clientId": "{{id}}"}""");

    private Task UntilAsync(string account, int positions) => UntilAsync(async () => await PositionsAsync(account) == positions, $"{account} with {positions} positions");

    private Task UntilAsync(string state) => UntilAsync(async () => (await GetAsync("/v1/accounts/master")).GetProperty("state").GetString() == state, $"master {state}");

    private Task UpAsync(string account) => UntilAsync(
        async () => (await GetAsync($"/v1/accounts/{account}")).GetProperty("state").GetString() == "up" && _host!.Product.Quote(new AccountId(account), new SymbolName("EURUSD")) is not null, $"{account} up");

    private Task WhyAsync(string reason) => UntilAsync(
        async () => (await GetAsync("/v1/why?limit=1")).GetProperty("why").EnumerateArray().Any(w => w.GetProperty("reason").GetString() == reason), $"a row that says {reason}");

    /// <summary>The brokers live on the real clock.</summary>
    private static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        var deadline = DateTime.UtcNow.AddSeconds(60);
        while (!await holds())
        {
            Assert.True(DateTime.UtcNow < deadline, $"{what} did not come");
            await Task.Delay(20);
        }
    }
}

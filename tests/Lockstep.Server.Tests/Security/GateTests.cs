using System.Net;
using System.Text;
using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Server.Rest;
using Lockstep.Server.Security;
using Lockstep.Server.Tests.Rest;
using Lockstep.Storage;
using Lockstep.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Lockstep.Server.Tests.Security;

/// <summary>Who comes in, with what, to what.</summary>
public sealed class GateTests : IAsyncLifetime
{
    private const string Shared = "a-secret-that-services-share";
    private readonly ManualTime _time = new();
    private RestHost _host = null!;

    public async Task InitializeAsync() => _host = await RestHost.StartAsync(
        settings: new GuardSettings { ApiKey = KeyText.Hash(RestHost.Key), SharedSecret = KeyText.Hash(Shared) }, time: _time, more: Probes);

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("none", "GET", "/probe/none", 200)]
    [InlineData("none", "GET", "/probe/read", 401)]
    [InlineData("none", "GET", "/bare", 401)]
    [InlineData("none", "GET", "/nowhere", 401)]
    [InlineData("none", "POST", "/mt5/probe", 401)]
    [InlineData("Read", "GET", "/probe/none", 200)]
    [InlineData("Read", "GET", "/probe/read", 200)]
    [InlineData("Read", "POST", "/probe/trade", 403)]
    [InlineData("Read", "POST", "/probe/admin", 403)]
    [InlineData("Read", "GET", "/bare", 200)]
    [InlineData("Read", "POST", "/bare", 403)]
    [InlineData("Read", "POST", "/nowhere", 404)]
    [InlineData("Read", "PUT", "/probe/admin", 405)]
    [InlineData("Read", "POST", "/mt5/probe", 200)]
    [InlineData("Trade", "GET", "/probe/read", 200)]
    [InlineData("Trade", "POST", "/probe/trade", 200)]
    [InlineData("Trade", "POST", "/probe/admin", 403)]
    [InlineData("Trade", "POST", "/bare", 403)]
    [InlineData("Admin", "POST", "/probe/admin", 200)]
    [InlineData("Admin", "POST", "/bare", 200)]
    [InlineData("Ea", "GET", "/probe/read", 403)]
    [InlineData("Ea", "GET", "/probe/none", 200)]
    [InlineData("shared", "POST", "/probe/trade", 200)]
    [InlineData("shared", "POST", "/probe/admin", 403)]
    [InlineData("configured", "POST", "/probe/admin", 200)]
    public async Task Each_operation_is_open_to_its_scope(string scope, string method, string path, int status)
    {
        string? key = scope switch { "none" => null, "shared" => Shared, "configured" => RestHost.Key, _ => (await IssueAsync(Enum.Parse<KeyScope>(scope))).Text };
        var (answer, body) = await SendAsync(method, path, key is null ? [] : [("Authorization", "Bearer " + key)]);
        Assert.Equal(status, (int)answer);
        if (status is 401 or 403)
        {
            Assert.Equal(status == 401 ? "unauthorized" : "scope-missing", Kind(body));
        }
    }

    [Theory]
    [InlineData("Authorization", "Bearer {0}", "/probe/read", 200)]
    [InlineData("Authorization", "bearer {0}", "/probe/read", 200)]
    [InlineData("X-Api-Key", "{0}", "/probe/read", 200)]
    [InlineData("Authorization", "Basic {1}", "/probe/read", 401)]
    [InlineData("Authorization", "Basic {1}", "/mt5/probe", 200)]
    [InlineData("Authorization", "Basic {1}", "/ws/prop/me", 200)]
    [InlineData("Authorization", "Basic {0}", "/mt5/probe", 401)]
    [InlineData("Authorization", "{0}", "/probe/read", 401)]
    [InlineData("Authorization", "Basic !!!", "/mt5/probe", 401)]
    [InlineData("Authorization", "Basic", "/mt5/probe", 401)]
    [InlineData("Sec-WebSocket-Protocol", "lockstep.v1, lockstep.key.{0}", "/v1/stream", 200)]
    [InlineData("Sec-WebSocket-Protocol", "lockstep.v1, lockstep.key.{0}", "/probe/read", 401)]
    [InlineData("Sec-WebSocket-Protocol", "lockstep.key.{0}x", "/v1/stream", 401)]
    [InlineData("Accept", "*/*", "/probe/read?api_key={0}&key={0}&access_token={0}&token={0}", 401)]
    public async Task The_key_is_taken_from_where_it_may_stand(string header, string value, string path, int status)
    {
        string key = (await IssueAsync(KeyScope.Read)).Text;
        string Filled(string text) => text.Replace("{0}", key, StringComparison.Ordinal).Replace("{1}", Convert.ToBase64String(Encoding.UTF8.GetBytes("any body:" + key)), StringComparison.Ordinal);
        var (answer, body) = await SendAsync(path.StartsWith("/mt5", StringComparison.Ordinal) ? "POST" : "GET", Filled(path), [(header, Filled(value))]);
        Assert.Equal(status, (int)answer);
        Assert.DoesNotContain(key, body.ValueKind == JsonValueKind.Undefined ? "" : body.ToString(), StringComparison.Ordinal);
        if (path == "/v1/stream" && status == 200)
        {
            Assert.Equal("lockstep.v1", body.GetProperty("protocols").GetString());
        }
    }

    [Fact]
    public async Task A_page_of_another_origin_does_not_use_a_password_that_the_browser_remembers()
    {
        string basic = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("me:" + (await IssueAsync(KeyScope.Trade)).Text));
        Assert.Equal((HttpStatusCode.Forbidden, "foreign-origin"), await KindAsync("POST", "/mt5/probe", ("Authorization", basic), ("Origin", "https://evil.example")));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("POST", "/mt5/probe", [("Authorization", basic), ("Origin", _host.Client.BaseAddress!.ToString().TrimEnd('/'))])).Status);
    }

    [Theory]
    [InlineData("{\"password\":\"{0}\",\"internal_account_id\":\"prop\",\"account_id\":7,\"broker_server\":\"Any\"}", 200)]
    [InlineData("{\"password\":\"{0}\",\"internal_account_id\":\"{1}\"}", 200)]
    [InlineData("{\"password\":\"{0}\",\"account_id\":\"prop\"}", 200)]
    [InlineData("{\"password\":\"{0}\",\"internal_account_id\":\"prop\",\"account_id\":\"personal\"}", 200)]
    [InlineData("{\"password\":\"{0}\",\"internal_account_id\":\"personal\"}", 403)]
    [InlineData("{\"password\":\"{0}\",\"internal_account_id\":\"nobody\"}", 401)]
    [InlineData("{\"password\":\"{0}\",\"account_id\":12345}", 401)]
    [InlineData("{\"password\":\"{0}\"}", 401)]
    [InlineData("{\"password\":\"wrong-wrong-wrong\",\"internal_account_id\":\"prop\"}", 401)]
    [InlineData("{\"password\":5,\"internal_account_id\":\"prop\"}", 401)]
    [InlineData("[\"{0}\"]", 401)]
    [InlineData("{\"password\":\"{0}\"", 401)]
    [InlineData("", 401)]
    public async Task On_the_face_the_key_may_be_the_password_of_a_body_that_means_one_account(string json, int status)
    {
        var key = await _host.Guard.Ring.IssueAsync(new ApiKey("", "bot", KeyScope.Trade) { Hash = default, Accounts = [new AccountId("prop")] });
        string uuid = _host.Desk.Directory.UuidOf(new AccountId("prop")).ToString();
        string body = json.Replace("{0}", key.Text, StringComparison.Ordinal).Replace("{1}", uuid, StringComparison.Ordinal);
        Assert.Equal(status, (int)(await _host.SendAsync("POST", "/mt5/probe", body)).Status);

        // On the canonical API it is no key, whatever it says.
        Assert.Equal(HttpStatusCode.Unauthorized, (await _host.SendAsync("POST", "/probe/trade", body)).Status);
    }

    [Fact]
    public async Task What_the_key_was_read_from_is_still_there_for_the_operation()
    {
        var key = await IssueAsync(KeyScope.Trade);
        string json = $"{{\"password\":\"{key.Text}\",\"internal_account_id\":\"prop\",\"symbol\":\"EURUSD\"}}";
        var (status, body) = await _host.SendAsync("POST", "/mt5/probe", json);
        Assert.Equal((HttpStatusCode.OK, key.Key.Id), (status, body.GetProperty("caller").GetString()));
        Assert.Equal(json.Length, body.GetProperty("bytes").GetInt32());
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await _host.SendAsync("POST", "/mt5/probe", $"{{\"password\":\"{new string('x', Bodies.BytesMax)}\"}}")).Status);
    }

    [Fact]
    public async Task Ended_keys_and_other_addresses_are_told_what_is_wrong()
    {
        var expired = await _host.Guard.Ring.IssueAsync(new ApiKey("", "old", KeyScope.Admin) { Hash = default, Expires = Timestamp.From(ManualTime.Start.AddHours(1)) });
        var revoked = await IssueAsync(KeyScope.Admin);
        var elsewhere = await _host.Guard.Ring.IssueAsync(new ApiKey("", "office", KeyScope.Admin) { Hash = default, Networks = ["10.0.0.0/8", "2001:db8::/32"] });
        var here = await _host.Guard.Ring.IssueAsync(new ApiKey("", "here", KeyScope.Admin) { Hash = default, Networks = ["10.0.0.0/8", "127.0.0.0/8"] });
        await _host.Guard.Ring.RevokeAsync(revoked.Key.Id);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("GET", "/probe/read", [("X-Api-Key", expired.Text)])).Status);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal((HttpStatusCode.Unauthorized, "key-expired"), await KindAsync("GET", "/probe/read", ("X-Api-Key", expired.Text)));
        Assert.Equal((HttpStatusCode.Unauthorized, "key-revoked"), await KindAsync("GET", "/probe/read", ("X-Api-Key", revoked.Text)));
        Assert.Equal((HttpStatusCode.Forbidden, "address-not-allowed"), await KindAsync("GET", "/probe/read", ("X-Api-Key", elsewhere.Text)));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("GET", "/probe/read", [("X-Api-Key", here.Text)])).Status);
        Assert.Equal((1, 1, 1), (_host.Guard.Gate.Refused["key-expired"], _host.Guard.Gate.Refused["key-revoked"], _host.Guard.Gate.Refused["address-not-allowed"]));
    }

    [Fact]
    public async Task Who_guesses_is_slowed_down_and_keys_of_ours_still_open()
    {
        var good = await IssueAsync(KeyScope.Read);
        for (int i = 0; i < Gate.WrongKeysBurst; i++)
        {
            Assert.Equal((HttpStatusCode.Unauthorized, "unauthorized"), await KindAsync("GET", "/probe/read", ("X-Api-Key", $"guess-{i}-0123456789")));
        }

        Assert.Equal((HttpStatusCode.TooManyRequests, "too-many-attempts"), await KindAsync("GET", "/probe/read", ("X-Api-Key", RestHost.Key)));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("GET", "/probe/read", [("X-Api-Key", good.Text)])).Status);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("GET", "/probe/read", [("X-Api-Key", RestHost.Key)])).Status);
    }

    [Fact]
    public async Task A_key_has_its_allowance_and_says_when_to_come_again()
    {
        var key = await _host.Guard.Ring.IssueAsync(new ApiKey("", "bot", KeyScope.Read) { Hash = default, Rate = 2, Burst = 3 });
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await SendAsync("GET", "/probe/read", [("X-Api-Key", key.Text)])).Status);
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, "/probe/read");
        request.Headers.Add("X-Api-Key", key.Text);
        using var answer = await _host.Client.SendAsync(request);
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(1)), (answer.StatusCode, answer.Headers.RetryAfter!.Delta));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("GET", "/probe/read", [("X-Api-Key", RestHost.Key)])).Status);
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("GET", "/probe/read", [("X-Api-Key", key.Text)])).Status);
        Assert.Equal((HttpStatusCode.TooManyRequests, "too-many-requests"), await KindAsync("GET", "/probe/read", ("X-Api-Key", key.Text)));
    }

    [Fact]
    public async Task Without_a_key_an_address_has_a_smaller_one()
    {
        int most = 4 * new LimitsConfig().AnonymousPerSecond;
        for (int i = 0; i < most; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await SendAsync("GET", "/healthz", [])).Status);
        }

        Assert.Equal((HttpStatusCode.TooManyRequests, "too-many-requests"), await KindAsync("GET", "/healthz"));
        Assert.Equal((HttpStatusCode.TooManyRequests, "too-many-requests"), await KindAsync("GET", "/probe/read"));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("GET", "/probe/read", [("X-Api-Key", RestHost.Key)])).Status);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("GET", "/healthz", [])).Status);
    }

    [Fact]
    public void Allowances_are_bounded_and_names_that_are_full_again_forgotten()
    {
        var time = new ManualTime();
        var allowances = new Allowances(10, time);
        for (int i = 0; i < 1000; i++)
        {
            allowances.Take($"n{i}", 1, 100);
        }

        // Those beyond share one, which is empty by now.
        Assert.NotNull(allowances.Take("another", 1, 100));
        Assert.Null(allowances.Take("n0", 1, 100));
        time.Advance(TimeSpan.FromSeconds(200));
        Assert.Null(allowances.Take("another", 1, 100));
        Assert.Equal(TimeSpan.FromSeconds(0.5), Drained(allowances, "x"));

        static TimeSpan? Drained(Allowances of, string name)
        {
            of.Take(name, 2, 1);
            return of.Look(name, 2, 1);
        }
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "::ffff:10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "11.1.2.3", false)]
    [InlineData("10.0.0.7", "10.0.0.7", true)]
    [InlineData("10.0.0.7", "10.0.0.8", false)]
    [InlineData("2001:db8::/32", "2001:db8:1::1", true)]
    [InlineData("2001:db8::/32", "10.0.0.7", false)]
    [InlineData("0.0.0.0/0", "9.9.9.9", true)]
    public void A_network_has_its_addresses(string network, string address, bool has) => Assert.Equal(has, Networks.Has([network], IPAddress.Parse(address)));

    private static void Probes(Routes routes)
    {
        foreach (var needs in Enum.GetValues<Scope>())
        {
            string name = needs.ToString().ToLowerInvariant();
            routes.Map(new Operation("probe" + name, needs > Scope.Read ? "POST" : "GET", "/probe/" + name, needs, "Probe"), call => Seen(call.Http));
        }

        routes.Catalogue.Map(routes.App, new Operation("probeFace", "POST", "/mt5/probe", Scope.Read, "Probe") { Face = true }, Seen);
        routes.App.Map("/bare", Seen);
        routes.App.MapGet("/v1/stream", Seen);
        routes.App.MapGet("/ws/{account}/{client}", Seen);
    }

    private static IResult Seen(HttpContext http)
    {
        using var body = new MemoryStream();
        http.Request.Body.CopyToAsync(body).GetAwaiter().GetResult();
        return RestJson.Ok(new { Caller = http.Features.Get<Caller>()?.Id, Bytes = body.Length, Protocols = http.Request.Headers.SecWebSocketProtocol.ToString() });
    }

    private Task<IssuedKey> IssueAsync(KeyScope scope) =>
        _host.Guard.Ring.IssueAsync(new ApiKey("", "probe", scope) { Hash = default, Account = scope == KeyScope.Ea ? new AccountId("prop") : null });

    private Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(string method, string path, (string, string)[] headers) => _host.SendAsync(method, path, null, headers);

    private async Task<(HttpStatusCode Status, string Kind)> KindAsync(string method, string path, params (string, string)[] headers)
    {
        var (status, body) = await SendAsync(method, path, headers);
        return (status, Kind(body));
    }

    private static string Kind(JsonElement body) => body.GetProperty("type").GetString()!["urn:lockstep:problem:".Length..];
}

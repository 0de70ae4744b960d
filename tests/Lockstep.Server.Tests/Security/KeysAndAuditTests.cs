using System.Net;
using System.Text.Json;
using Lockstep.Server.Security;
using Lockstep.Server.Tests.Rest;
using Lockstep.Storage;

namespace Lockstep.Server.Tests.Security;

/// <summary>Keys over the API, and the list of who did what.</summary>
public sealed class KeysAndAuditTests : IAsyncLifetime
{
    private RestHost _host = null!;

    public async Task InitializeAsync() => _host = await RestHost.StartAsync(RestHost.Key);

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task The_life_of_a_key()
    {
        var (status, made) = await SendAsync("POST", "/v1/keys", "{\"name\":\"bot\",\"scope\":\"trade\",\"accounts\":[\"prop\"],\"networks\":[\"127.0.0.1\"],\"requestsPerSecond\":50,\"expiresAt\":\"2090-01-01T00:00:00Z\"}");
        Assert.Equal(HttpStatusCode.Created, status);
        string secret = made.GetProperty("secret").GetString()!;
        string id = made.GetProperty("key").GetProperty("id").GetString()!;
        Assert.Equal(HttpStatusCode.OK, await TryAsync(secret, "/v1/accounts/prop"));
        Assert.Equal(HttpStatusCode.Forbidden, await TryAsync(secret, "/v1/accounts/personal"));
        Assert.Equal(HttpStatusCode.Forbidden, await TryAsync(secret, "/v1/keys"));

        (status, var rotated) = await SendAsync("POST", $"/v1/keys/{id}/rotate", "{\"overlap\":\"1d\"}");
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal(HttpStatusCode.OK, await TryAsync(secret, "/v1/accounts/prop"));
        Assert.Equal(HttpStatusCode.OK, await TryAsync(rotated.GetProperty("secret").GetString()!, "/v1/accounts/prop"));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("PATCH", $"/v1/keys/{id}", "{\"accounts\":null,\"requestsPerSecond\":null}")).Status);
        Assert.Equal(HttpStatusCode.OK, await TryAsync(secret, "/v1/accounts/personal"));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("DELETE", $"/v1/keys/{id}")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync(secret, "/v1/accounts/prop"));
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync("PATCH", $"/v1/keys/{id}", "{\"name\":\"x\"}")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync("POST", $"/v1/keys/{id}/rotate")).Status);

        var list = (await SendAsync("GET", "/v1/keys")).Body;
        Assert.Equal(["revoked", "good"], list.GetProperty("keys").EnumerateArray().OrderBy(k => k.GetProperty("id").GetString() != id).Select(k => k.GetProperty("state").GetString()));
        Assert.DoesNotContain(secret, list.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(secret[^20..], (await SendAsync("GET", "/v1/audit")).Body.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "/v1/keys", "{\"name\":\"x\",\"scope\":\"ea\"}", 400)]
    [InlineData("POST", "/v1/keys", "{\"name\":\"\",\"scope\":\"read\"}", 400)]
    [InlineData("POST", "/v1/keys", "{\"name\":\"x\",\"scope\":\"read\",\"accounts\":[\"nobody\"]}", 400)]
    [InlineData("POST", "/v1/keys", "{\"name\":\"x\",\"scope\":\"admin\",\"accounts\":[\"prop\"]}", 400)]
    [InlineData("POST", "/v1/keys", "{\"name\":\"x\",\"scope\":\"read\",\"networks\":[\"10.1.2.3/8\"]}", 400)]
    [InlineData("POST", "/v1/keys", "{\"name\":\"x\",\"scope\":\"read\",\"requestsPerSecond\":0}", 400)]
    [InlineData("POST", "/v1/keys", "{\"name\":\"x\",\"scope\":\"read\",\"more\":1}", 400)]
    [InlineData("POST", "/v1/keys", "", 400)]
    [InlineData("PATCH", "/v1/keys/nobody", "{\"name\":\"x\"}", 404)]
    [InlineData("DELETE", "/v1/keys/nobody", null, 404)]
    [InlineData("POST", "/v1/keys/nobody/rotate", "{}", 404)]
    [InlineData("POST", "/v1/keys/nobody/rotate", "{\"overlap\":\"91d\"}", 400)]
    [InlineData("GET", "/v1/audit?limit=0", null, 400)]
    [InlineData("GET", "/v1/audit?account=nobody", null, 404)]
    [InlineData("GET", "/v1/audit?refused=maybe", null, 400)]
    public async Task What_cannot_be_is_told(string method, string path, string? body, int status) => Assert.Equal(status, (int)(await SendAsync(method, path, body)).Status);

    [Fact]
    public async Task Who_did_what_is_in_the_list_when_the_answer_comes()
    {
        await SendAsync("POST", "/v1/keys", "{\"name\":\"bot\",\"scope\":\"read\"}");
        var row = (await SendAsync("GET", "/v1/audit?operation=createKey")).Body.GetProperty("audit").EnumerateArray().Single();
        Assert.Equal(("configured", "server.apiKey", "127.0.0.1", "POST /v1/keys", 201), (
            row.GetProperty("key").GetString(), row.GetProperty("name").GetString(), row.GetProperty("address").GetString(), row.GetProperty("target").GetString(), row.GetProperty("status").GetInt32()));
        Assert.Equal("bot", row.GetProperty("changes").GetProperty("name").GetString());
    }

    [Fact]
    public async Task Trades_refusals_and_mistakes_follow()
    {
        await SendAsync("POST", "/v1/accounts/prop/orders", "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":0.5}");
        await SendAsync("POST", "/v1/keys", "{\"name\":5}");
        await TryAsync("lk_wrong_wrong", "/v1/keys");
        await SendAsync("GET", "/v1/accounts");
        await _host.Guard.Trail.FlushAsync();
        var rows = (await SendAsync("GET", "/v1/audit")).Body.GetProperty("audit").EnumerateArray().Select(r =>
            (r.GetProperty("operation").GetString(), r.GetProperty("status").GetInt32(), r.TryGetProperty("problem", out var p) ? p.GetString() : null, r.TryGetProperty("account", out var a) ? a.GetString() : null)).ToList();
        Assert.Equal(
            [("createKey", 400, "bad-request", null), ("listKeys", 401, "unauthorized", null), ("placeOrder", 200, null, "prop")],
            rows.OrderBy(r => r.Item1, StringComparer.Ordinal));
        Assert.Equal(1, (await SendAsync("GET", "/v1/audit?refused=false&account=prop&limit=1")).Body.GetProperty("audit").GetArrayLength());
    }

    [Fact]
    public async Task A_repeated_answer_is_nobodys_deed()
    {
        for (int i = 0; i < 3; i++)
        {
            await _host.SendAsync("POST", "/v1/keys", "{\"name\":\"bot\",\"scope\":\"read\"}", ("X-Api-Key", RestHost.Key), ("Idempotency-Key", "k"));
        }

        Assert.Equal(1, (await SendAsync("GET", "/v1/audit")).Body.GetProperty("audit").GetArrayLength());
    }

    [Fact]
    public async Task Whoever_knocks_for_hours_does_not_fill_the_list()
    {
        // The configured key is not looked at while somebody guesses; one of the server's own making is.
        string own = (await _host.Guard.Ring.IssueAsync(new ApiKey("", "own", KeyScope.Admin) { Hash = default })).Text;
        for (int i = 0; i < 100; i++)
        {
            await TryAsync("lk_wrong_wrong", "/v1/keys");
        }

        await _host.Guard.Trail.FlushAsync();
        int rows = (await _host.SendAsync("GET", "/v1/audit?limit=1000", null, ("X-Api-Key", own))).Body.GetProperty("audit").GetArrayLength();
        Assert.InRange(rows, 1, 60);
        Assert.InRange(_host.Guard.Trail.LeftOut + rows, 20, 100);
    }

    [Theory]
    [InlineData("{\"symbol\":\"EURUSD\",\"volume\":0.5,\"password\":\"hunter2\"}", "{\"symbol\":\"EURUSD\",\"volume\":0.5,\"password\":\"***\"}")]
    [InlineData("{\"settings\":{\"apiKey\":{\"env\":\"X\"},\"clientSecret\":\"s\",\"webhookUrl\":\"https://x/y\"}}", "{\"settings\":{\"apiKey\":\"***\",\"clientSecret\":\"***\",\"webhookUrl\":\"***\"}}")]
    [InlineData("{\"comment\":\"my lk_abc_def\",\"stopLoss\":null,\"all\":true}", "{\"comment\":\"***\",\"stopLoss\":null,\"all\":true}")]
    [InlineData("{\"access_token\":1,\"list\":[{\"code\":7}]}", "{\"access_token\":\"***\",\"list\":[{\"code\":\"***\"}]}")]
    [InlineData("{}", "")]
    [InlineData("[1]", "")]
    [InlineData("{\"password\":\"hunter2\"", "")]
    [InlineData("", "")]
    public void What_is_secret_is_not_written_down(string body, string written) => Assert.Equal(written, Redaction.Of(System.Text.Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void What_is_long_is_cut()
    {
        Assert.Equal(64 + 1 + "{\"a\":\"\"}".Length, JsonDocument.Parse(Redaction.Of(System.Text.Encoding.UTF8.GetBytes($"{{\"a\":\"{new string('x', 500)}\"}}"))).RootElement.GetProperty("a").GetString()!.Length + "{\"a\":\"\"}".Length);
        string many = "{" + string.Join(',', Enumerable.Range(0, 500).Select(i => $"\"field{i}\":\"{new string('y', 60)}\"")) + "}";
        Assert.InRange(Redaction.Of(System.Text.Encoding.UTF8.GetBytes(many)).Length, 20, 2_000);
    }

    private Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(string method, string path, string? json = null) => _host.SendAsync(method, path, json, ("X-Api-Key", RestHost.Key));

    private async Task<HttpStatusCode> TryAsync(string key, string path) => (await _host.SendAsync("GET", path, null, ("Authorization", "Bearer " + key))).Status;
}

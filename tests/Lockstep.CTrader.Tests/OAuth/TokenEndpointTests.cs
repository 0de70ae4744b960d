using System.Net;
using System.Net.Sockets;
using System.Text;
using Lockstep.CTrader.OAuth;
using Lockstep.Testing;

namespace Lockstep.CTrader.Tests.OAuth;

/// <summary>The endpoint over a real loopback socket, whose every byte the test writes.</summary>
public sealed class TokenEndpointTests : IDisposable
{
    private const string Secret = "s3cr&t value", Token = "the+refresh/token==";
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly HttpClient _http = TokenEndpoint.CreateClient();
    private readonly ManualTime _time = new();
    private readonly List<string> _asked = [];

    public TokenEndpointTests() => _server.Start();

    private TokenEndpoint Endpoint => new(_http, new OAuthSettings
    {
        ClientId = "id 1",
        ClientSecret = Secret,
        RedirectUri = "https://me.example/back",
        TokenUrl = new Uri($"http://127.0.0.1:{((IPEndPoint)_server.LocalEndpoint).Port}/apps/token"),
    }, _time);

    [Fact]
    public async Task A_code_is_exchanged_by_a_get()
    {
        var reply = await AskAsync(Json("""{"accessToken":"A1","tokenType":"bearer","expiresIn":2628000,"refreshToken":"R1","errorCode":null,"description":null,"new":{"x":1}}"""), e => e.ExchangeAsync("c/1", default));
        var pair = Assert.IsType<TokenGranted>(reply).Pair;
        Assert.Equal(("A1", "R1", TimeSpan.FromSeconds(2_628_000)), (pair.Access, pair.Refresh, pair.Life));
        Assert.StartsWith(
            "GET /apps/token?grant_type=authorization_code&code=c%2F1&redirect_uri=https%3A%2F%2Fme.example%2Fback&client_id=id%201&client_secret=s3cr%26t%20value HTTP/1.1",
            Assert.Single(_asked), StringComparison.Ordinal);
        Assert.DoesNotContain("A1", reply.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refresh_token_is_exchanged_without_a_redirect_address()
    {
        await AskAsync(Json("""{"accessToken":"A1","refreshToken":"R1","expiresIn":60}"""));
        Assert.StartsWith("GET /apps/token?grant_type=refresh_token&refresh_token=the%2Brefresh%2Ftoken%3D%3D&client_id=id%201&client_secret=s3cr%26t%20value HTTP", Assert.Single(_asked), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"expiresIn\":\"3600\",", 3600)]
    [InlineData("\"expiresIn\":0,", 3600)]
    [InlineData("\"expiresIn\":-5,", 3600)]
    [InlineData("\"expiresIn\":\"soon\",", 3600)]
    [InlineData("", 3600)]
    [InlineData("\"expiresIn\":1e300,", 315360000)]
    public async Task A_life_that_makes_no_sense_counts_as_short(string life, long seconds)
    {
        var reply = await AskAsync(Json($$"""{"accessToken":"A1",{{life}}"refreshToken":"R1"}"""));
        Assert.Equal(TimeSpan.FromSeconds(seconds), Assert.IsType<TokenGranted>(reply).Pair.Life);
    }

    [Theory]
    [InlineData("200 OK")]
    [InlineData("400 Bad Request")]
    public async Task An_error_in_the_body_counts_whatever_the_status(string status)
    {
        var reply = await AskAsync(Json("""{"errorCode":"ACCESS_DENIED","description":"Code\nthe+refresh/token== of S3CR&T VALUE is bad","accessToken":null}""", status));
        var refused = Assert.IsType<TokenRefused>(reply);
        Assert.Equal(("ACCESS_DENIED", "Code *** of *** is bad"), (refused.Code, refused.Text));
        Assert.False(refused.Application);
    }

    [Fact]
    public async Task A_wrong_secret_is_told_apart_from_a_wrong_token() =>
        Assert.True(Assert.IsType<TokenRefused>(await AskAsync(Json("""{"errorCode":"CH_CLIENT_AUTH_FAILURE","description":"clientId or clientSecret is incorrect"}"""))).Application);

    [Theory]
    [InlineData("SERVER_IS_UNDER_MAINTENANCE", false)]
    [InlineData("CH_SERVER_NOT_REACHABLE", false)]
    [InlineData("UNKNOWN_ERROR", true)]
    public async Task Errors_that_pass_are_no_refusal(string code, bool arrived) =>
        Assert.Equal(arrived, Assert.IsType<TokenUnavailable>(await AskAsync(Json($$"""{"errorCode":"{{code}}","description":""}"""))).MayHaveArrived);

    [Fact]
    public async Task Too_many_requests_say_when_to_come_again()
    {
        var reply = Assert.IsType<TokenUnavailable>(await AskAsync("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 17\r\nContent-Length: 0\r\n\r\n"));
        Assert.Equal((false, TimeSpan.FromSeconds(17)), (reply.MayHaveArrived, reply.RetryAfter));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>")]
    [InlineData("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/steal\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"accessToken\":")]
    [InlineData("")]
    [InlineData("nonsense\r\n\r\n")]
    public async Task An_answer_that_says_nothing_leaves_it_open_what_happened(string bytes)
    {
        var reply = Assert.IsType<TokenUnavailable>(await AskAsync(bytes));
        Assert.True(reply.MayHaveArrived);
        Assert.DoesNotContain("s3cr", reply.Why, StringComparison.Ordinal);
        Assert.DoesNotContain("refresh", reply.Why.Replace("refresh_", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_without_end_is_not_read_to_its_end()
    {
        var reply = await AskAsync($"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n{new string(' ', 200_000)}");
        Assert.IsType<TokenUnavailable>(reply);
    }

    [Fact]
    public async Task Who_cannot_be_reached_has_received_nothing()
    {
        var endpoint = Endpoint;
        _server.Stop();
        Assert.False(Assert.IsType<TokenUnavailable>(await endpoint.RefreshAsync(Token, default)).MayHaveArrived);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_is_not_waited_for_for_ever()
    {
        var asking = Endpoint.RefreshAsync(Token, default);
        using var peer = await _server.AcceptTcpClientAsync();
        await HeadAsync(peer.GetStream());
        _time.Advance(TimeSpan.FromSeconds(31));
        var reply = Assert.IsType<TokenUnavailable>(await asking);
        Assert.True(reply.MayHaveArrived);
        Assert.Contains("30 s", reply.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_go_over_https_only() =>
        Assert.Throws<ArgumentException>(() => new TokenEndpoint(_http, new OAuthSettings { ClientId = "i", ClientSecret = "s", RedirectUri = "r", TokenUrl = new Uri("http://tokens.example/") }));

    public void Dispose()
    {
        _http.Dispose();
        _server.Dispose();
    }

    private static string Json(string body, string status = "200 OK") =>
        $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}";

    private async Task<TokenReply> AskAsync(string answer, Func<TokenEndpoint, Task<TokenReply>>? ask = null)
    {
        var asking = ask is null ? Endpoint.RefreshAsync(Token, default) : ask(Endpoint);
        using (var peer = await _server.AcceptTcpClientAsync())
        {
            var stream = peer.GetStream();
            _asked.Add(await HeadAsync(stream));
            try
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes(answer));
            }
            catch (IOException)
            {
                // The reader has heard enough.
            }

            peer.Client.Shutdown(SocketShutdown.Send);
        }

        return await asking;
    }

    private static async Task<string> HeadAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        byte[] one = new byte[1];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) == 1)
        {
            text.Append((char)one[0]);
        }

        return text.ToString();
    }
}

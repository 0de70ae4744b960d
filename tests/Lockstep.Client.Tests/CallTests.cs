using System.Net;
using System.Text;
using System.Text.Json;

namespace Lockstep.Client.Tests;

/// <summary>What is repeated, under which key, and how it ends.</summary>
public sealed class CallTests
{
    private const string Done = """{"account":"a","clientId":"k","state":"done","outcome":"filled","position":7,"filled":0.5,"price":1.10001,"fills":[{"deal":3,"price":1.10001,"volume":0.5,"at":"2026-01-02T03:04:05.006Z"}],"news":{"x":1}}""";

    [Fact]
    public async Task A_trade_that_got_no_answer_is_sent_again_under_its_own_key_and_no_other()
    {
        var server = new Script(_ => throw new HttpRequestException("cut off"), _ => Answer(502, "<html>"), _ => Answer(200, Done));
        using var client = server.Client();
        var result = await client.PlaceAsync("a", new NewOrder("EURUSD", TradeSide.Buy, 0.5m));
        Assert.Equal(TradeOutcome.Filled, result.Outcome);
        Assert.True(result.IsDone);
        Assert.Equal((7L, 0.5m, 1.10001m, 3L), (result.Position, result.Filled, result.Price, result.Fills.Single().Deal));
        Assert.Equal(3, server.Seen.Count);
        Assert.Single(server.Seen.Select(s => s.Key).Distinct());
        Assert.Matches("^[!-~]{1,64}$", server.Seen[0].Key);
        Assert.Equal("""{"symbol":"EURUSD","side":"buy","volume":0.5}""", server.Seen[0].Body);
    }

    [Fact]
    public async Task Two_trades_have_two_keys_and_a_key_of_ones_own_is_taken()
    {
        var server = new Script(_ => Answer(200, Done), _ => Answer(200, Done), _ => Answer(200, Done));
        using var client = server.Client();
        await client.CloseAsync("a", 7);
        await client.CloseAsync("a", 7, 0.1m);
        await client.CloseAsync("a", 7, clientId: "mine");
        Assert.Equal(3, server.Seen.Select(s => s.Key).Distinct().Count());
        Assert.Equal("mine", server.Seen[2].Key);
        Assert.Equal(["{}", """{"volume":0.1}""", "{}"], server.Seen.Select(s => s.Body));
    }

    [Fact]
    public async Task A_trade_that_never_got_an_answer_is_unknown_under_its_id_and_is_not_an_exception()
    {
        var server = new Script([.. Enumerable.Repeat<Func<HttpRequestMessage, HttpResponseMessage>>(_ => throw new HttpRequestException("no route"), 4)]);
        using var client = server.Client();
        var result = await client.PlaceAsync("a", new NewOrder("EURUSD", TradeSide.Sell, 1m), "order-1");
        Assert.True(result.IsUnknown);
        Assert.Equal(("order-1", "no route"), (result.ClientId, result.Code));
        Assert.Equal(4, server.Seen.Count);
    }

    [Fact]
    public async Task A_refusal_is_a_result_with_advice_and_is_not_repeated()
    {
        var server = new Script(_ => Answer(422, """{"type":"urn:lockstep:problem:refused","title":"T","status":422,"detail":"D","advice":"Do it.","request":{"account":"a","clientId":"k","state":"refused","outcome":"refused","refusal":"noMoney","code":"10019"}}"""));
        using var client = server.Client();
        var result = await client.PlaceAsync("a", new NewOrder("EURUSD", TradeSide.Sell, 1m));
        Assert.Equal((TradeOutcome.Refused, "noMoney", "10019", "Do it.", false), (result.Outcome, result.Refusal, result.Code, result.Advice, result.IsDone));
        Assert.Single(server.Seen);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(500)]
    public async Task A_problem_is_told_with_all_it_says_and_is_not_repeated(int status)
    {
        var server = new Script(_ => Answer(status, """{"type":"urn:lockstep:problem:bad-request","title":"T.","status":400,"detail":"D.","advice":"A.","correlationId":"c1","errors":[{"field":"volume","value":"-1","reason":"r"}]}"""));
        using var client = server.Client();
        var problem = await Assert.ThrowsAsync<LockstepProblemException>(() => client.PlaceAsync("a", new NewOrder("EURUSD", TradeSide.Buy, -1m)));
        Assert.Equal((status, "bad-request", "D.", "A.", "c1"), (problem.Status, problem.Code, problem.Detail, problem.Advice, problem.CorrelationId));
        Assert.Equal(new FieldError("volume", "-1", "r"), Assert.Single(problem.Errors));
        Assert.Single(server.Seen);
    }

    [Fact]
    public async Task What_is_no_problem_document_is_told_too()
    {
        var server = new Script(_ => Answer(418, "<html>teapot"));
        using var client = server.Client();
        var problem = await Assert.ThrowsAsync<LockstepProblemException>(() => client.GetAccountsAsync());
        Assert.Equal((418, "no-problem-document"), (problem.Status, problem.Code));
        Assert.Contains("teapot", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_is_asked_to_wait_waits_as_long_as_he_was_told()
    {
        var clock = new Lockstep.Testing.ManualTime();
        var server = new Script(
            _ =>
            {
                var busy = Answer(429, "{}");
                busy.Headers.RetryAfter = new(TimeSpan.FromSeconds(7));
                return busy;
            },
            _ => Answer(200, """{"accounts":[]}"""));
        using var client = server.Client(clock);
        var call = client.GetAccountsAsync();
        Assert.Single(server.Seen);
        clock.Advance(TimeSpan.FromSeconds(6.9));
        Assert.Single(server.Seen);
        clock.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Empty(await call);
        Assert.Equal(2, server.Seen.Count);
    }

    [Fact]
    public async Task Levels_are_left_set_or_removed()
    {
        var server = new Script(_ => Answer(200, Done), _ => Answer(200, Done), _ => Answer(200, Done));
        using var client = server.Client();
        await client.ModifyPositionAsync("a", 1, Level.At(1.05m));
        await client.ModifyPositionAsync("a", 1, Level.Remove, Level.At(2m));
        await client.ModifyOrderAsync("a", 1, 1.2m, takeProfit: Level.Remove);
        Assert.Equal(["""{"stopLoss":1.05}""", """{"stopLoss":null,"takeProfit":2}""", """{"price":1.2,"takeProfit":null}"""], server.Seen.Select(s => s.Body));
    }

    [Fact]
    public async Task Words_and_fields_of_a_newer_server_do_no_harm_and_nothing_is_zero_that_is_not_known()
    {
        var server = new Script(_ => Answer(200, """{"accounts":[{"account":"a","platform":"mt9","kind":"mt9-quantum","mode":"quantum","enabled":true,"state":"humming","brand":"new"}]}"""));
        using var client = server.Client();
        var account = Assert.Single(await client.GetAccountsAsync());
        Assert.Equal(("mt9", "quantum", "humming"), (account.Platform, account.Mode, account.State));
        Assert.Null(account.Funds);
        Assert.Null(account.Currency);
    }

    [Fact]
    public async Task A_request_that_was_never_seen_is_null()
    {
        var server = new Script(_ => Answer(404, """{"type":"urn:lockstep:problem:not-found"}"""), _ => Answer(200, Done));
        using var client = server.Client();
        Assert.Null(await client.GetRequestAsync("a", "x/1"));
        Assert.Equal(7, (await client.GetRequestAsync("a", "k"))!.Position);
        Assert.Equal("/v1/accounts/a/requests/x%2F1", server.Seen[0].Path);
    }

    [Fact]
    public async Task Whoever_cancels_is_not_kept()
    {
        using var cancel = new CancellationTokenSource();
        var server = new Script(_ => throw new HttpRequestException("cut off"));
        using var client = server.Client(new Lockstep.Testing.ManualTime());
        var call = client.GetAccountsAsync(cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    private static HttpResponseMessage Answer(int status, string body) => new((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    /// <summary>A server that does what stands in a script.</summary>
    private sealed class Script(params Func<HttpRequestMessage, HttpResponseMessage>[] steps) : HttpMessageHandler
    {
        public List<(string Path, string? Key, string? Body)> Seen { get; } = [];

        public LockstepClient Client(TimeProvider? time = null) => new(new LockstepClientOptions
        {
            Address = new Uri("http://localhost:1"), Key = "the-key", Handler = this, Time = time ?? TimeProvider.System, Pause = time is null ? TimeSpan.Zero : TimeSpan.FromSeconds(1),
        });

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal("Bearer the-key", request.Headers.Authorization?.ToString());
            string? body = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken);
            Seen.Add((request.RequestUri!.PathAndQuery, request.Headers.TryGetValues("Idempotency-Key", out var keys) ? keys.Single() : null, body));
            return steps[Seen.Count - 1](request);
        }
    }
}

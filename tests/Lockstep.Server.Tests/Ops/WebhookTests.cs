using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Alerts;
using Lockstep.Storage;
using Lockstep.Testing;

namespace Lockstep.Server.Tests.Ops;

/// <summary>Alerts reach a webhook in its shape, once, however it behaves; and nobody waits for it.</summary>
public sealed class WebhookTests
{
    private const string Address = "https://discord.example/api/webhooks/1/the-token-of-the-webhook";
    private static readonly AlertRow Row = new("prop", 7, Timestamp.FromMs(1_600_000_000_123), new AlertRaised(AlertLevel.Critical, "session-down", new AccountId("prop"), null, "prop is \"away\" @everyone"));

    [Fact]
    public async Task Plain_is_signed_json()
    {
        var far = new Far();
        await using (var webhook = Make(far, WebhookShape.Plain, key: "the-signing-key-0123"u8.ToArray()))
        {
            webhook.Alert(Row);
            await far.CountAsync(1);
        }

        var (body, headers) = far.Seen.Single();
        Assert.Equal("""{"version":1,"alerts":[{"at":"2020-09-13T12:26:40.123Z","level":"critical","code":"session-down","group":"prop","seq":7,"account":"prop","text":"prop is \"away\" @everyone"}]}""", body);
        string at = headers["X-Lockstep-Timestamp"];
        Assert.Equal("sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData("the-signing-key-0123"u8, Encoding.UTF8.GetBytes($"{at}.{body}"))), headers["X-Lockstep-Signature"]);
        Assert.Equal("application/json", headers["Content-Type"]);
        Assert.Equal(["delivered 1"], far.Outcomes);
    }

    [Fact]
    public async Task Discord_gets_its_own_shape_and_nobody_is_mentioned()
    {
        var far = new Far();
        await using (var webhook = Make(far, WebhookShape.Discord))
        {
            webhook.Alert(Row with { Alert = Row.Alert with { Text = new string('x', 5_000) } });
            await far.CountAsync(1);
        }

        var body = JsonDocument.Parse(far.Seen.Single().Body).RootElement;
        Assert.Equal("**CRITICAL** session-down · prop", body.GetProperty("content").GetString());
        var embed = body.GetProperty("embeds").EnumerateArray().Single();
        Assert.Equal(("session-down · prop", 500, 0xD32F2F, "2020-09-13T12:26:40.123Z"),
            (embed.GetProperty("title").GetString(), embed.GetProperty("description").GetString()!.Length, embed.GetProperty("color").GetInt32(), embed.GetProperty("timestamp").GetString()));
        Assert.Empty(body.GetProperty("allowed_mentions").GetProperty("parse").EnumerateArray());
        Assert.DoesNotContain("X-Lockstep-Signature", far.Seen.Single().Headers.Keys);
    }

    [Fact]
    public async Task A_far_side_in_trouble_is_tried_again_after_the_pause_that_it_wants()
    {
        var time = new ManualTime();
        var far = new Far(
            () => throw new HttpRequestException("refused by " + Address),
            () => new HttpResponseMessage(HttpStatusCode.InternalServerError),
            () =>
            {
                var slower = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
                slower.Headers.TryAddWithoutValidation("Retry-After", "60");
                return slower;
            });
        var log = new OpsHost.Lines();
        await using (var webhook = Make(far, WebhookShape.Plain, time: time, log: log))
        {
            webhook.Alert(Row);
            await far.CountAsync(1);
            await PassAsync(time, TimeSpan.FromSeconds(1), () => far.Seen.Count == 2);
            await PassAsync(time, TimeSpan.FromSeconds(2), () => far.Seen.Count == 3);

            // 5 s would be the usual pause; it wants a minute. What comes meanwhile waits and goes together.
            webhook.Alert(Row with { Seq = 8 });
            webhook.Alert(Row with { Seq = 9 });
            time.Advance(TimeSpan.FromSeconds(59));
            Assert.Equal((3, 2), (far.Seen.Count, webhook.Waiting));
            await PassAsync(time, TimeSpan.FromSeconds(1), () => far.Outcomes.Count == 2);
        }

        Assert.Equal(["delivered 1", "delivered 2"], far.Outcomes);
        Assert.Empty(log.All);
    }

    [Fact]
    public async Task A_far_side_that_says_no_is_not_asked_again_and_the_address_is_not_told()
    {
        var far = new Far(() => new HttpResponseMessage(HttpStatusCode.NotFound));
        var log = new OpsHost.Lines();
        await using (var webhook = Make(far, WebhookShape.Plain, log: log))
        {
            webhook.Alert(Row);
            webhook.Alert(Row with { Alert = Row.Alert with { Level = AlertLevel.Info } });
            await far.CountAsync(1);
            await OpsHost.UntilAsync(() => Task.FromResult(far.Outcomes.Count == 1));
        }

        Assert.Equal(["refused 1"], far.Outcomes);
        Assert.Equal("webhook 0 session-down not told: it answered 404", Assert.Single(log.All));
    }

    [Fact]
    public async Task A_far_side_that_is_away_costs_bounded_memory_and_is_given_up_in_the_end()
    {
        var time = new ManualTime();
        var far = new Far([.. Enumerable.Repeat<Func<HttpResponseMessage>>(() => throw new HttpRequestException(HttpRequestError.ConnectionError, Address), Webhook.Tries)]);
        var log = new OpsHost.Lines();
        await using (var webhook = Make(far, WebhookShape.Plain, time: time, log: log))
        {
            webhook.Alert(Row);
            await far.CountAsync(1);
            for (int i = 0; i < Webhook.Most + 3; i++)
            {
                webhook.Alert(Row);
            }

            Assert.Equal(Webhook.Most, webhook.Waiting);
            for (int tries = 2; tries <= Webhook.Tries; tries++)
            {
                await PassAsync(time, TimeSpan.FromMinutes(2), () => far.Seen.Count >= tries);
            }

            await OpsHost.UntilAsync(() => Task.FromResult(webhook.Waiting == 0));
        }

        Assert.Equal(["dropped 1", "dropped 1", "dropped 1", "dropped 1"], far.Outcomes.Take(4));
        Assert.Equal(500, far.Outcomes.Where(o => o.StartsWith("delivered", StringComparison.Ordinal)).Sum(o => int.Parse(o[10..], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.DoesNotContain("the-token-of-the-webhook", string.Concat(log.All), StringComparison.Ordinal);
    }

    private static Webhook Make(Far far, WebhookShape shape, byte[]? key = null, TimeProvider? time = null, OpsHost.Lines? log = null) =>
        new(new WebhookTarget("0", new Uri(Address), shape, AlertLevel.Warning, key), far, time ?? TimeProvider.System, log ?? new OpsHost.Lines(), (outcome, count) => far.Outcomes.Enqueue($"{outcome} {count}"));

    /// <summary>Moves the clock until what is to follow has followed: the pause may begin a moment later than the test comes here.</summary>
    private static Task PassAsync(ManualTime time, TimeSpan by, Func<bool> followed) => OpsHost.UntilAsync(() =>
    {
        if (!followed())
        {
            time.Advance(by);
        }

        return Task.FromResult(followed());
    });

    /// <summary>The far side: answers as it is told, and then with 204.</summary>
    private sealed class Far(params Func<HttpResponseMessage>[] answers) : HttpMessageHandler
    {
        public ConcurrentQueue<(string Body, Dictionary<string, string> Headers)> Seen { get; } = [];

        public ConcurrentQueue<string> Outcomes { get; } = [];

        public Task CountAsync(int count) => OpsHost.UntilAsync(() => Task.FromResult(Seen.Count >= count));

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal(Address, request.RequestUri!.ToString());
            Seen.Enqueue((await request.Content!.ReadAsStringAsync(cancellationToken), request.Headers.Concat(request.Content.Headers).ToDictionary(h => h.Key, h => string.Join(",", h.Value))));
            return Seen.Count <= answers.Length ? answers[Seen.Count - 1]() : new HttpResponseMessage(HttpStatusCode.NoContent);
        }
    }
}

using System.Net;
using System.Text;
using System.Text.Json;
using Lockstep.Server.Configuration;
using Lockstep.Server.Rest;
using Lockstep.Server.Security;
using Lockstep.Server.Tests.Rest;
using Lockstep.Storage;
using Lockstep.Testing;

namespace Lockstep.Server.Tests.Security;

/// <summary>One idempotency key, one effect, one answer.</summary>
public sealed class IdempotencyTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private readonly List<bool> _done = [];
    private Func<Task> _hold = () => Task.CompletedTask;
    private int _status = 201;
    private RestHost _host = null!;

    public async Task InitializeAsync() => _host = await RestHost.StartAsync(RestHost.Key, time: _time, more: routes =>
    {
        var body = new ObjectShape("work", new Key("what", new TextShape("^.{1,20}$", "text"), "What."));
        foreach (string path in new[] { "/probe/work", "/probe/other" })
        {
            routes.Map(new Operation("work" + path[7..], "POST", path, Scope.Admin, "Works") { Body = body, Query = [QueryKeys.Wait, QueryKeys.Limit] }, async call =>
            {
                _done.Add(call.Http.Features.Get<Once>()?.Again ?? false);
                int number = _done.Count;
                await _hold();
                call.Http.Response.Headers.Location = $"/probe/{number}";
                return Microsoft.AspNetCore.Http.Results.Json(new { Number = number, Secret = "planted-in-an-answer" }, RestJson.Options, statusCode: _status);
            });
        }
    });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task The_same_request_is_done_once_and_answered_alike()
    {
        var first = await SendAsync("/probe/work", "k", "{\"what\":\"a\"}");
        var second = await SendAsync("/probe/work?waitMs=1", "k", "{\"what\":\"a\"}");
        Assert.Single(_done);
        Assert.Equal((HttpStatusCode.Created, "/probe/1", "application/json; charset=utf-8", null), (first.Status, first.Location, first.Type, first.Replayed));
        Assert.Equal(first with { Replayed = "true" }, second);
        await SendAsync("/probe/work", null, "{\"what\":\"a\"}");
        await SendAsync("/probe/work", null, "{\"what\":\"a\"}");
        Assert.Equal(3, _done.Count);
    }

    [Theory]
    [InlineData("/probe/work", "{\"what\":\"b\"}")]
    [InlineData("/probe/work", "{\"what\": \"a\"}")]
    [InlineData("/probe/other", "{\"what\":\"a\"}")]
    [InlineData("/probe/work?limit=1", "{\"what\":\"a\"}")]
    public async Task Another_request_under_the_key_is_a_mistake(string path, string body)
    {
        await SendAsync("/probe/work", "k", "{\"what\":\"a\"}");
        var answer = await SendAsync(path, "k", body);
        Assert.Equal(HttpStatusCode.Conflict, answer.Status);
        Assert.Contains("idempotency-key-reused", answer.Body, StringComparison.Ordinal);
        Assert.Single(_done);
    }

    [Fact]
    public async Task Another_caller_has_keys_of_his_own()
    {
        var other = await _host.Guard.Ring.IssueAsync(new ApiKey("", "other", KeyScope.Admin) { Hash = default });
        await SendAsync("/probe/work", "k", "{}");
        await SendAsync("/probe/work", "k", "{\"what\":\"a\"}", other.Text);
        Assert.Equal(2, _done.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("65-letters-are-one-too-many-and-so-this-must-be-turned-away-xxxxx-")]
    public async Task A_key_of_another_form_is_a_mistake(string key)
    {
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync("/probe/work", key, "{}")).Status);
        Assert.Empty(_done);
    }

    [Fact]
    public async Task While_the_first_is_at_work_the_others_wait_for_it()
    {
        var begun = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        _hold = () =>
        {
            begun.TrySetResult();
            return release.Task;
        };
        var first = SendAsync("/probe/work", "k", "{}");
        await begun.Task;
        var others = Enumerable.Range(0, 5).Select(_ => SendAsync("/probe/work", "k", "{}")).ToList();
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync("/probe/work", "k", "{\"what\":\"a\"}")).Status);
        release.SetResult();
        var answer = await first;
        foreach (var other in others)
        {
            Assert.Equal(answer.Body, (await other).Body);
        }

        Assert.Single(_done);
    }

    [Fact]
    public async Task An_answer_that_may_become_another_one_is_not_kept()
    {
        foreach (int status in new[] { 202, 429, 503 })
        {
            _done.Clear();
            _status = status;
            await SendAsync("/probe/work", $"k{status}", "{}");
            _status = 201;
            var second = await SendAsync("/probe/work", $"k{status}", "{}");
            Assert.Equal((HttpStatusCode.Created, null), (second.Status, second.Replayed));
            Assert.Equal([false, true], _done);
            Assert.Equal(HttpStatusCode.Conflict, (await SendAsync("/probe/work", $"k{status}", "{\"what\":\"a\"}")).Status);
        }
    }

    [Fact]
    public async Task Work_that_broke_off_is_done_again_and_told_so()
    {
        _hold = () => throw new InvalidOperationException("broken on purpose");
        Assert.Equal(HttpStatusCode.InternalServerError, (await SendAsync("/probe/work", "k", "{}")).Status);
        _hold = () => Task.CompletedTask;
        Assert.Equal(HttpStatusCode.Created, (await SendAsync("/probe/work", "k", "{}")).Status);
        Assert.Equal([false, true], _done);
    }

    [Fact]
    public async Task After_a_day_it_is_forgotten()
    {
        await SendAsync("/probe/work", "k", "{}");
        _time.Advance(Idempotency.Kept - TimeSpan.FromSeconds(1));
        await SendAsync("/probe/work", "k", "{}");
        Assert.Single(_done);
        _time.Advance(TimeSpan.FromSeconds(1));
        await SendAsync("/probe/work", "k", "{\"what\":\"a\"}");
        Assert.Equal(2, _done.Count);
        _time.Advance(Idempotency.Kept + TimeSpan.FromSeconds(1));
        await _host.Guard.Answers.PruneAsync();
        Assert.Equal(0, await _host.Store.PruneOnceAsync(new Domain.Timestamp(long.MaxValue), 0));
    }

    [Fact]
    public async Task What_was_answered_cannot_be_read_in_the_file()
    {
        await SendAsync("/probe/work", "k", "{}");
        foreach (string file in Directory.EnumerateFiles(_host.Store.Folder, "lockstep.db*"))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var all = new MemoryStream();
            await stream.CopyToAsync(all);
            Assert.DoesNotContain("planted-in-an-answer", Encoding.Latin1.GetString(all.ToArray()), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_trade_waits_for_no_disk_of_ours_and_is_answered_alike()
    {
        const string Order = "{\"symbol\":\"EURUSD\",\"side\":\"buy\",\"volume\":0.5}";
        var first = await SendAsync("/v1/accounts/prop/orders", "t", Order);
        var second = await SendAsync("/v1/accounts/prop/orders", "t", Order);
        Assert.Equal((HttpStatusCode.OK, first.Body, "true"), (second.Status, second.Body, second.Replayed));
        Assert.Single(_host.Desk.Requests);
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync("/v1/accounts/prop/orders", "t", Order.Replace("0.5", "0.6", StringComparison.Ordinal))).Status);
        Assert.Equal("t", _host.Desk.Requests.Single().ClientId);
    }

    [Fact]
    public async Task A_key_that_is_made_again_after_a_crash_is_the_same_one()
    {
        const string Body = "{\"name\":\"bot\",\"scope\":\"read\"}";
        var first = JsonDocument.Parse((await SendAsync("/v1/keys", "k", Body)).Body).RootElement;

        // The answer was lost before it was kept: as if the process had been killed between the work and the answer.
        byte[] id = System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes("configured\nk"));
        var row = _host.Store.Once(id)!;
        await _host.Store.SaveOnceAsync(row with { Answer = null });
        var second = JsonDocument.Parse((await SendAsync("/v1/keys", "k", Body)).Body).RootElement;
        Assert.Equal(first.GetProperty("key").GetProperty("id").GetString(), second.GetProperty("key").GetProperty("id").GetString());
        Assert.Equal(KeyStanding.Good, _host.Guard.Ring.Show(second.GetProperty("secret").GetString()!).Standing);
        Assert.Single(_host.Guard.Ring.All);
    }

    private async Task<Answer> SendAsync(string path, string? key, string json, string? caller = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Add("X-Api-Key", caller ?? RestHost.Key);
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        }

        using var response = await _host.Client.SendAsync(request);
        return new Answer(
            response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.Location?.ToString(), response.Content.Headers.ContentType?.ToString(),
            response.Headers.TryGetValues("Idempotency-Replayed", out var replayed) ? replayed.Single() : null);
    }

    private sealed record Answer(HttpStatusCode Status, string Body, string? Location, string? Type, string? Replayed);
}

using Lockstep.CTrader.OAuth;
using Lockstep.Domain;
using Lockstep.Testing;

namespace Lockstep.CTrader.Tests.OAuth;

public sealed class GrantKeeperTests : IAsyncDisposable
{
    private static readonly GrantId Grant = new("g-1");
    private static readonly TokenRefused No = new("CH_ACCESS_TOKEN_INVALID", "Access token expired");
    private readonly ManualTime _time = new();
    private readonly Scripted _world = new();
    private readonly List<GrantId> _changes = [];
    private GrantKeeper _keeper;

    public GrantKeeperTests()
    {
        _world.Put(Record());
        _keeper = Open();
    }

    private Timestamp Now => Timestamp.From(_time.GetUtcNow());

    [Fact]
    public void A_token_of_the_vault_is_in_force_at_once()
    {
        Assert.Equal(("old-access", 1L), (_keeper.Current(Grant)!.Secret, _keeper.Current(Grant)!.Version));
        Assert.Null(_keeper.Current(new GrantId("g-2")));
        Assert.Null(_keeper.Current(default));
        Assert.DoesNotContain("old-access", _keeper.Current(Grant)!.ToString() + _world.Kept(Grant), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2_628_000, 86_400)]
    [InlineData(864_000, 86_400)]
    [InlineData(86_400, 8_640)]
    [InlineData(7_200, 3_600)]
    [InlineData(60, 30)]
    public void A_token_is_refreshed_ahead_of_its_end(long life, long ahead) =>
        Assert.Equal(TimeSpan.FromSeconds(ahead), new GrantRules().AheadOf(TimeSpan.FromSeconds(life)));

    [Fact]
    public async Task A_day_before_the_end_the_pair_is_refreshed_once()
    {
        _time.Advance(TimeSpan.FromSeconds(2_628_000 - 86_400) - TimeSpan.FromSeconds(1));
        await _keeper.StepAsync();
        Assert.Equal(0, _world.Asked);
        _time.Advance(TimeSpan.FromSeconds(1));
        await _keeper.StepAsync();
        await _keeper.StepAsync();
        Assert.Equal(["save old-access under way", "refresh old-refresh", "save access-1 -"], _world.Seen);
        Assert.Equal(("access-1", 2L), (_keeper.Current(Grant)!.Secret, _keeper.Current(Grant)!.Version));
        Assert.Equal([Grant], _changes);
        Assert.Empty(_world.Alerts);
    }

    [Fact]
    public async Task Jitter_only_makes_it_earlier()
    {
        await _keeper.DisposeAsync();
        _keeper = Open(dice: 0.999999);
        Assert.InRange(Record().ExpiresAt - _keeper.Find(Grant)!.RefreshAt!.Value, TimeSpan.FromDays(1.09), TimeSpan.FromDays(1.1));
    }

    [Fact]
    public async Task The_new_pair_is_used_only_when_it_is_written_down()
    {
        var written = new TaskCompletionSource();
        _world.Saving = record => record.Version == 2 ? written.Task : Task.CompletedTask;
        _keeper.Refused(Grant, 1, "OA_AUTH_TOKEN_EXPIRED");
        var step = _keeper.StepAsync();
        Assert.Equal(1, _world.Asked);
        Assert.NotEqual("access-1", _keeper.Current(Grant)?.Secret);
        written.SetResult();
        await step;
        Assert.Equal("access-1", _keeper.Current(Grant)!.Secret);
    }

    [Fact]
    public async Task A_pair_that_could_not_be_written_is_kept_and_written_later_not_asked_for_again()
    {
        int failures = 2;
        _world.Saving = record => record.Version == 2 && failures-- > 0 ? throw new IOException("disk access-1 full") : Task.CompletedTask;
        _keeper.Refused(Grant, 1, "OA_AUTH_TOKEN_EXPIRED");
        await _keeper.StepAsync();
        Assert.Null(_keeper.Current(Grant));
        Assert.Single(_world.Alerts);
        await LaterAsync(5);
        Assert.Null(_keeper.Current(Grant));
        await LaterAsync(30);
        Assert.Equal("access-1", _keeper.Current(Grant)!.Secret);
        Assert.Equal(1, _world.Asked);
        Assert.DoesNotContain(_world.Lines, line => line.Contains("access-1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_the_mark_cannot_be_written_nothing_is_asked()
    {
        _world.Saving = _ => throw new IOException();
        _keeper.Refused(Grant, 1, "OA_AUTH_TOKEN_EXPIRED");
        await _keeper.StepAsync();
        Assert.Equal(0, _world.Asked);
        Assert.Equal("old-access", _keeper.Current(Grant)!.Secret);
    }

    [Fact]
    public async Task A_refusal_of_the_present_token_leads_to_one_refresh_however_many_accounts_tell()
    {
        Parallel.For(0, 50, _ => _keeper.Refused(Grant, 1, "CH_ACCESS_TOKEN_INVALID"));
        var later = _world.AnswerLater();
        var step = _keeper.StepAsync();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _keeper.StepAsync()));
        _keeper.Refused(Grant, 1, "CH_ACCESS_TOKEN_INVALID");
        later.SetResult(_world.NewPair());
        await step;
        _keeper.Refused(Grant, 1, "CH_ACCESS_TOKEN_INVALID");
        await _keeper.StepAsync();
        Assert.Equal(1, _world.Asked);
        Assert.Equal("access-1", _keeper.Current(Grant)!.Secret);
    }

    [Fact]
    public async Task A_token_refused_right_after_its_refresh_is_not_refreshed_again_but_told()
    {
        _keeper.Refused(Grant, 1, "CH_ACCESS_TOKEN_INVALID");
        await _keeper.StepAsync();
        _keeper.Refused(Grant, 2, "CH_ACCESS_TOKEN_INVALID");
        _keeper.Refused(Grant, 2, "CH_ACCESS_TOKEN_INVALID");
        await _keeper.StepAsync();
        Assert.Equal(1, _world.Asked);
        Assert.Contains("refused again", Assert.Single(_world.Alerts), StringComparison.Ordinal);

        // Other accounts of the grant may live on it.
        Assert.Equal("access-1", _keeper.Current(Grant)!.Secret);
    }

    [Fact]
    public async Task Looking_for_a_token_never_refreshes_whatever_events_come()
    {
        // A 2147 makes a session look for the token in force; nothing it can then call leads to a refresh.
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(1, _keeper.Current(Grant)!.Version);
            await _keeper.StepAsync();
        }

        Assert.Equal(0, _world.Asked);
        Assert.Equal([nameof(ITokens.Current), nameof(ITokens.Refused)], typeof(ITokens).GetMethods().Where(m => !m.IsSpecialName).Select(m => m.Name).Order());
    }

    [Fact]
    public async Task An_endpoint_that_was_not_reached_leaves_the_token_in_force_and_is_asked_again()
    {
        _world.Answer(new TokenUnavailable("no network", MayHaveArrived: false));
        _keeper.Refused(Grant, 1, "OA_AUTH_TOKEN_EXPIRED");
        await _keeper.StepAsync();
        Assert.Null(_world.Kept(Grant)!.RefreshSince);
        Assert.Equal("old-access", _keeper.Current(Grant)!.Secret);
        await LaterAsync(4);
        Assert.Equal(1, _world.Asked);
        await LaterAsync(1);
        Assert.Equal("access-1", _keeper.Current(Grant)!.Secret);
    }

    [Fact]
    public async Task Too_many_requests_wait_as_long_as_they_are_told()
    {
        _world.Answer(new TokenUnavailable("429", MayHaveArrived: false, TimeSpan.FromSeconds(90)));
        _keeper.Refused(Grant, 1, "OA_AUTH_TOKEN_EXPIRED");
        await _keeper.StepAsync();
        await LaterAsync(89);
        Assert.Equal(1, _world.Asked);
        await LaterAsync(1);
        Assert.Equal(2, _world.Asked);
    }

    [Fact]
    public async Task A_lost_answer_is_asked_for_again_with_the_same_token_and_a_no_then_means_a_lost_grant()
    {
        _world.Answer(new TokenUnavailable("timed out", MayHaveArrived: true));
        _world.Answer(new TokenUnavailable("timed out", MayHaveArrived: true));
        _world.Answer(No);
        _time.Advance(TimeSpan.FromDays(29.5));
        await _keeper.StepAsync();

        // The old access token may live: an account that trades is not disturbed by a guess.
        Assert.Equal("old-access", _keeper.Current(Grant)!.Secret);
        await LaterAsync(5);
        await LaterAsync(30);
        Assert.Equal(["refresh old-refresh", "refresh old-refresh", "refresh old-refresh"], _world.Seen.Where(s => s.StartsWith("refresh", StringComparison.Ordinal)));
        Assert.Null(_keeper.Current(Grant));
        Assert.Equal([Grant], _changes);
        Assert.Contains("authorise again", Assert.Single(_world.Alerts), StringComparison.Ordinal);
        Assert.Contains("authorise again", _keeper.Find(Grant)!.Problem, StringComparison.Ordinal);
        await LaterAsync(100_000);
        Assert.Equal(3, _world.Asked);
    }

    [Fact]
    public async Task A_lost_answer_and_a_session_that_is_refused_is_evidence_that_the_old_token_is_dead()
    {
        _world.Answer(new TokenUnavailable("timed out", MayHaveArrived: true));
        _time.Advance(TimeSpan.FromDays(29.5));
        await _keeper.StepAsync();
        _keeper.Refused(Grant, 1, "CH_ACCESS_TOKEN_INVALID");
        Assert.Null(_keeper.Current(Grant));
        Assert.Equal([Grant], _changes);
    }

    [Fact]
    public async Task Answers_that_stay_away_are_told_as_an_alert()
    {
        for (int i = 0; i < 6; i++)
        {
            _world.Answer(new TokenUnavailable("timed out", MayHaveArrived: true));
        }

        _time.Advance(TimeSpan.FromDays(29.5));
        await _keeper.StepAsync();
        foreach (int pause in new[] { 5, 30, 120, 600, 1800 })
        {
            await LaterAsync(pause);
        }

        Assert.Equal(6, _world.Asked);
        Assert.Single(_world.Alerts);
        await LaterAsync(3600);
        Assert.Equal("access-1", _keeper.Current(Grant)!.Secret);
        Assert.Null(_keeper.Find(Grant)!.Problem);
    }

    [Fact]
    public async Task A_refresh_token_that_is_refused_at_once_leaves_the_access_token_its_life()
    {
        _world.Answer(No);
        _time.Advance(TimeSpan.FromDays(29.5));
        await _keeper.StepAsync();
        Assert.Contains("authorise again", Assert.Single(_world.Alerts), StringComparison.Ordinal);
        Assert.Equal("old-access", _keeper.Current(Grant)!.Secret);
        _keeper.Refused(Grant, 1, "CH_ACCESS_TOKEN_INVALID");
        Assert.Null(_keeper.Current(Grant));
        await LaterAsync(100_000);
        Assert.Equal(1, _world.Asked);
    }

    [Fact]
    public async Task A_wrong_secret_is_not_the_loss_of_a_grant()
    {
        _world.Answer(new TokenRefused("CH_CLIENT_AUTH_FAILURE", "clientId or clientSecret is incorrect"));
        _time.Advance(TimeSpan.FromDays(29.5));
        await _keeper.StepAsync();
        Assert.Contains("clientSecret", Assert.Single(_world.Alerts), StringComparison.Ordinal);
        Assert.Equal("old-access", _keeper.Current(Grant)!.Secret);
        await LaterAsync(5);
        Assert.Equal("access-1", _keeper.Current(Grant)!.Secret);
    }

    [Fact]
    public async Task A_process_that_died_between_answer_and_vault_is_noticed_at_the_next_start()
    {
        var answered = _world.AnswerLater();
        _world.Saving = record => record.Version == 2 ? new TaskCompletionSource().Task : Task.CompletedTask;
        _keeper.Refused(Grant, 1, "OA_AUTH_TOKEN_EXPIRED");
        _ = _keeper.StepAsync();
        answered.SetResult(_world.NewPair());
        Assert.NotNull(_world.Kept(Grant)!.RefreshSince);

        // The process is gone here; another one opens the vault.
        _world.Answer(No);
        var next = new GrantKeeper(_time, _world, _world, log: _world, dice: () => 0);
        Assert.Contains(_world.Lines, line => line.Contains("ended while", StringComparison.Ordinal));
        _world.Saving = null;
        await next.StepAsync();
        Assert.Null(next.Current(Grant));
        Assert.Contains("was lost", Assert.Single(_world.Alerts), StringComparison.Ordinal);
        Assert.NotNull(_world.Kept(Grant)!.Lost);
        await next.DisposeAsync();
    }

    [Fact]
    public async Task A_process_that_died_before_the_request_left_goes_on_with_the_same_token()
    {
        _world.Put(Record() with { RefreshSince = Now });
        var next = new GrantKeeper(_time, _world, _world, log: _world, dice: () => 0);
        await next.StepAsync();
        Assert.Equal("access-1", next.Current(Grant)!.Secret);
        Assert.Empty(_world.Alerts);
        await next.DisposeAsync();
    }

    [Fact]
    public async Task A_token_that_expires_is_told()
    {
        for (int i = 0; i < 50; i++)
        {
            _world.Answer(new TokenUnavailable("no network", MayHaveArrived: false));
        }

        for (int i = 0; i < 31; i++)
        {
            await LaterAsync(86_400);
        }

        Assert.Null(_keeper.Current(Grant));
        Assert.Equal([Grant], _changes);
        Assert.Contains(_world.Alerts, a => a.Contains("expired", StringComparison.Ordinal) && a.Contains("no network", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_new_authorisation_takes_the_place_of_a_lost_one_and_what_comes_late_does_not_undo_it()
    {
        var late = _world.AnswerLater();
        _keeper.Refused(Grant, 1, "OA_AUTH_TOKEN_EXPIRED");
        var step = _keeper.StepAsync();
        await _keeper.ReplaceAsync(Grant, new TokenPair("fresh-access", "fresh-refresh", TimeSpan.FromDays(30)));
        late.SetResult(_world.NewPair());
        await step;
        Assert.Equal(("fresh-access", 2L), (_keeper.Current(Grant)!.Secret, _keeper.Current(Grant)!.Version));
        Assert.Equal("fresh-access", _world.Kept(Grant)!.Access);
        Assert.Contains(Grant, _changes);
    }

    [Fact]
    public async Task Grants_come_and_go()
    {
        var added = await _keeper.AddAsync(new TokenPair("a", "r", TimeSpan.FromDays(30)));
        Assert.Equal("a", _keeper.Current(added)!.Secret);
        Assert.Equal("save a -", _world.Seen[^1]);
        await _keeper.ForgetAsync(added);
        Assert.Null(_keeper.Current(added));
        Assert.Null(_world.Kept(added));
        Assert.Equal([added, added], _changes);
    }

    [Fact]
    public async Task A_grant_that_cannot_be_read_is_told_and_others_live_on()
    {
        _world.Unreadable.Add((new GrantId("g-0"), "it was written under another key"));
        await _keeper.DisposeAsync();
        _keeper = Open();
        Assert.Contains("another key", Assert.Single(_world.Alerts), StringComparison.Ordinal);
        Assert.Null(_keeper.Current(new GrantId("g-0")));
        Assert.NotNull(_keeper.Current(Grant));
        Assert.False(_keeper.Find(new GrantId("g-0"))!.Usable);
    }

    [Fact]
    public async Task The_loop_refreshes_by_itself_and_ends_when_asked()
    {
        var changed = new TaskCompletionSource();
        _keeper.Changed += _ => changed.TrySetResult();
        _keeper.Start();
        _keeper.Refused(Grant, 1, "OA_AUTH_TOKEN_EXPIRED");
        await changed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await _keeper.DisposeAsync();
        Assert.Equal(1, _world.Asked);
    }

    [Fact]
    public async Task An_end_waits_for_the_answer_that_is_under_way()
    {
        var later = _world.AnswerLater();
        _keeper.Refused(Grant, 1, "OA_AUTH_TOKEN_EXPIRED");
        _ = _keeper.StepAsync();
        var end = _keeper.DisposeAsync().AsTask();
        Assert.False(end.IsCompleted);
        later.SetResult(_world.NewPair());
        await end;
        Assert.Equal("access-1", _world.Kept(Grant)!.Access);
        _keeper = Open();
    }

    public ValueTask DisposeAsync() => _keeper.DisposeAsync();

    private GrantKeeper Open(double dice = 0)
    {
        var keeper = new GrantKeeper(_time, _world, _world, log: _world, dice: () => dice);
        keeper.Changed += _changes.Add;
        return keeper;
    }

    private Task LaterAsync(int seconds)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        return _keeper.StepAsync();
    }

    private static GrantRecord Record()
    {
        var now = Timestamp.From(ManualTime.Start);
        return new GrantRecord { Id = Grant, Version = 1, Access = "old-access", Refresh = "old-refresh", IssuedAt = now, ExpiresAt = now + TimeSpan.FromSeconds(2_628_000) };
    }
}

using Lockstep.CTrader.OAuth;
using Lockstep.CTrader.Session;
using Lockstep.Domain;

namespace Lockstep.CTrader.Tests.OAuth;

/// <summary>A token endpoint that answers what the test says, and a vault in memory: what they saw stands in one list, in order.</summary>
internal sealed class Scripted : ITokenEndpoint, ITokenVault, ICTraderLog
{
    private readonly Lock _gate = new();
    private readonly Dictionary<GrantId, GrantRecord> _kept = [];
    private int _pairs;

    /// <summary>What happened, in order.</summary>
    public List<string> Seen { get; } = [];

    public List<string> Alerts { get; } = [];

    public List<string> Lines { get; } = [];

    /// <summary>Answers in turn; none left = a new pair for 30 days.</summary>
    public Queue<Func<Task<TokenReply>>> Answers { get; } = new();

    public List<(GrantId, string)> Unreadable { get; } = [];

    /// <summary>Called before a record is written; may throw or wait.</summary>
    public Func<GrantRecord, Task>? Saving { get; set; }

    public TimeSpan Life { get; set; } = TimeSpan.FromSeconds(2_628_000);

    public int Asked => Count("refresh");

    public GrantRecord? Kept(GrantId id)
    {
        lock (_gate)
        {
            return _kept.GetValueOrDefault(id);
        }
    }

    public void Put(GrantRecord record)
    {
        lock (_gate)
        {
            _kept[record.Id] = record;
        }
    }

    public void Answer(TokenReply reply) => Answers.Enqueue(() => Task.FromResult(reply));

    public TaskCompletionSource<TokenReply> AnswerLater()
    {
        var later = new TaskCompletionSource<TokenReply>();
        Answers.Enqueue(() => later.Task);
        return later;
    }

    public TokenGranted NewPair() => new(new TokenPair($"access-{++_pairs}", $"refresh-{_pairs}", Life));

    public Task<TokenReply> ExchangeAsync(string code, CancellationToken cancel) => throw new InvalidOperationException("the keeper exchanges no codes");

    public Task<TokenReply> RefreshAsync(string refreshToken, CancellationToken cancel)
    {
        Func<Task<TokenReply>>? answer;
        lock (_gate)
        {
            Seen.Add($"refresh {refreshToken}");
            _ = Answers.TryDequeue(out answer);
        }

        return answer is null ? Task.FromResult<TokenReply>(NewPair()) : answer().WaitAsync(cancel).ContinueWith(
            done => done.IsCanceled ? new TokenUnavailable("the server is stopping", true) : done.Result, TaskScheduler.Default);
    }

    public VaultContent Load()
    {
        lock (_gate)
        {
            return new VaultContent([.. _kept.Values], Unreadable);
        }
    }

    public async Task SaveAsync(GrantRecord grant)
    {
        if (Saving is { } saving)
        {
            await saving(grant);
        }

        lock (_gate)
        {
            _kept[grant.Id] = grant;
            Seen.Add($"save {grant.Access} {(grant.RefreshSince is null ? "-" : "under way")}{(grant.Lost is null ? "" : " lost")}");
        }
    }

    public Task DeleteAsync(GrantId grant)
    {
        lock (_gate)
        {
            _kept.Remove(grant);
            Seen.Add("delete");
        }

        return Task.CompletedTask;
    }

    public void Write(CTraderLogLevel level, AccountId? account, string text)
    {
        lock (_gate)
        {
            Lines.Add(text);
            if (level == CTraderLogLevel.Alert)
            {
                Alerts.Add(text);
            }
        }
    }

    public int Count(string prefix)
    {
        lock (_gate)
        {
            return Seen.Count(s => s.StartsWith(prefix, StringComparison.Ordinal));
        }
    }
}

using Lockstep.Domain;
using Lockstep.Server.Streams;
using Lockstep.Storage;

namespace Lockstep.Server.Rest.Faces;

/// <summary>Waits, for a bounded time, until something is true of an account: it is looked at again whenever something was told of the account.</summary>
internal sealed class FeedWait : IFeedListener
{
    private readonly AccountId _account;
    private TaskCompletionSource _told = New();

    private FeedWait(AccountId account) => _account = account;

    /// <summary>True as soon as <paramref name="reached"/> says so; false when that did not happen in time.</summary>
    public static async Task<bool> UntilAsync(Feed feed, AccountId account, Func<Task<bool>> reached, TimeSpan patience, TimeProvider time, CancellationToken cancel)
    {
        if (await reached())
        {
            return true;
        }

        var wait = new FeedWait(account);
        feed.Add(wait);
        try
        {
            using var end = new CancellationTokenSource(patience, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancel);
            while (true)
            {
                // Taken before the look: what is told while it looks is not missed.
                var told = wait._told;
                if (await reached())
                {
                    return true;
                }

                try
                {
                    await told.Task.WaitAsync(either.Token);
                }
                catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
                {
                    return await reached();
                }

                Interlocked.CompareExchange(ref wait._told, New(), told);
            }
        }
        finally
        {
            feed.Remove(wait);
        }
    }

    /// <inheritdoc/>
    public void Told(EventRow row) => Signal(row.Account);

    /// <inheritdoc/>
    public void Quoted(AccountId account, SymbolName symbol, Quote quote) => Signal(account);

    /// <inheritdoc/>
    public void Funded(AccountId account, AccountFunds funds) => Signal(account);

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Signal(AccountId? account)
    {
        if (account == _account)
        {
            Volatile.Read(ref _told).TrySetResult();
        }
    }
}

using Lockstep.Domain;
using Lockstep.Storage;

namespace Lockstep.Server.Hosting;

/// <content>What is kept no longer than it is of use.</content>
internal sealed partial class Product
{
    private static readonly TimeSpan HouseEvery = TimeSpan.FromHours(1);

    /// <summary>Events go when the journal's records of their time go, but never before every reader is done with them.</summary>
    private async Task KeepHouseAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(HouseEvery);
            do
            {
                long gone = await _store.PruneEventsAsync(Timestamp.From(_time.GetUtcNow()) - _options.Retention);
                if (gone > 0)
                {
                    _log.LogInformation("events pruned {Count}", gone);
                }
            }
            while (await timer.WaitForNextTickAsync(_ends.Token));
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception error) when (error is JournalFailedException or ObjectDisposedException)
        {
            // The store takes nothing more, and has said so.
        }
    }
}

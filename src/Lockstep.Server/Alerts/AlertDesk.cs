using System.Threading.Channels;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Runtime;
using Lockstep.Server.Streams;
using Lockstep.Storage;

namespace Lockstep.Server.Alerts;

/// <summary>
/// Where alerts go that come from no group: each is written into the store with its event, in order, and then told to the log of events, so that streams and AMQP have it, and to the observers that hear the groups'
/// alerts. When nothing can be written any more it is told to the observers all the same.
/// </summary>
internal sealed class AlertDesk : IAsyncDisposable
{
    private readonly IAlertLog _store;
    private readonly Feed _feed;
    private readonly IReadOnlyList<IGroupObserver> _told;
    private readonly TimeProvider _time;
    private readonly Channel<AlertRaised> _waiting = Channel.CreateUnbounded<AlertRaised>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _run;

    /// <summary>Takes alerts from now on.</summary>
    public AlertDesk(IAlertLog store, Feed feed, TimeProvider time, params IReadOnlyList<IGroupObserver> told)
    {
        (_store, _feed, _time, _told) = (store, feed, time, told);
        _run = Task.Run(RunAsync);
    }

    /// <summary>An alert. From any thread; nobody waits for the disk.</summary>
    public void Raise(AlertRaised alert) => _waiting.Writer.TryWrite(alert);

    /// <summary>Writes what waits.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _run;
    }

    private async Task RunAsync()
    {
        await foreach (var alert in _waiting.Reader.ReadAllAsync())
        {
            var at = Timestamp.From(_time.GetUtcNow());
            var row = new AlertRow(IAlertLog.ServerGroup, 0, at, alert);
            try
            {
                (row, var told) = await _store.RaiseAsync(at, alert);
                _feed.Told([told]);
            }
            catch (Exception e) when (e is JournalFailedException or ObjectDisposedException)
            {
                // That nothing can be written is told by the journal itself; this alert is told to who can still hear it.
            }

            foreach (var observer in _told)
            {
                observer.Alert(row);
            }
        }
    }
}

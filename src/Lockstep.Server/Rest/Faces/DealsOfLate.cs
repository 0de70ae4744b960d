using Lockstep.Domain;
using Lockstep.Server.Streams;
using Lockstep.Storage;

namespace Lockstep.Server.Rest.Faces;

/// <summary>
/// The deals that were done last, of all accounts: a trade's answer tells which deal made it, and a position's row what commission it cost so far. Those of before the start come from the event log.
/// </summary>
internal sealed class DealsOfLate : IFeedListener
{
    /// <summary>So many are remembered.</summary>
    public const int Most = 2_000;

    private readonly Queue<(AccountId Account, DealReport Deal)> _deals = [];
    private readonly Lock _gate = new();

    /// <summary>Those that the log has; the feed tells of more.</summary>
    public DealsOfLate(IEventLog log, Feed feed)
    {
        long told = feed.Add(this);
        var before = log.Events(new EventQuery { Before = told + 1, Kinds = ["deal"], Limit = Most, Latest = true });

        // What was told meanwhile is newer than what the log had.
        lock (_gate)
        {
            var since = _deals.ToList();
            _deals.Clear();
            foreach (var row in before.Reverse())
            {
                Add(row);
            }

            since.ForEach(_deals.Enqueue);
        }
    }

    /// <inheritdoc/>
    public void Told(EventRow row)
    {
        lock (_gate)
        {
            Add(row);
        }
    }

    /// <summary>The deals of an account that are wanted, oldest first.</summary>
    public IReadOnlyList<DealReport> Of(AccountId account, Func<DealReport, bool> wanted)
    {
        lock (_gate)
        {
            return [.. _deals.Where(d => d.Account == account && wanted(d.Deal)).Select(d => d.Deal)];
        }
    }

    /// <summary>The commission of each open position of an account whose opening is remembered.</summary>
    public IReadOnlyDictionary<PositionId, decimal> Commissions(AccountId account) =>
        Of(account, _ => true).GroupBy(d => d.Position).Where(g => g.First().Entry == DealEntry.In).ToDictionary(g => g.Key, g => g.Sum(d => d.Commission.Value));

    private void Add(EventRow row)
    {
        if (row is not { Body: DealDone done, Account: { } account })
        {
            return;
        }

        _deals.Enqueue((account, done.Deal));
        if (_deals.Count > Most)
        {
            _deals.Dequeue();
        }
    }
}

using Lockstep.Engine;
using Lockstep.Server.Rest;

namespace Lockstep.Server.Demo;

/// <summary>Counts the why-ledger's rows.</summary>
internal sealed class DemoTally
{
    private readonly HashSet<(long Seq, int Part)> _events = [];
    private readonly SortedDictionary<string, int> _skipped = new(StringComparer.Ordinal);

    /// <summary>Events on the source account that any link had to answer.</summary>
    public int SourceEvents => _events.Count;

    /// <summary>Openings that were carried over.</summary>
    public int Copied { get; private set; }

    /// <summary>Changes and closes that were carried over.</summary>
    public int Followed { get; private set; }

    /// <summary>Source events that needed nothing on the target.</summary>
    public int Nothing { get; private set; }

    /// <summary>Skipped, by reason.</summary>
    public IReadOnlyDictionary<string, int> Skipped => _skipped;

    /// <summary>Refused by a platform for good, or given up.</summary>
    public int Refused { get; private set; }

    /// <summary>A photograph for another thread.</summary>
    public DemoTally Copy()
    {
        var copy = new DemoTally { Copied = Copied, Followed = Followed, Nothing = Nothing, Refused = Refused };
        copy._events.UnionWith(_events);
        foreach (var (reason, count) in _skipped)
        {
            copy._skipped.Add(reason, count);
        }

        return copy;
    }

    /// <summary>Takes a row in.</summary>
    public void Add(WhyEntry row)
    {
        _events.Add((row.EventSeq, row.Part));
        switch (row.Outcome)
        {
            case WhyOutcome.Done when row.Reason == WhyReason.Copied:
                Copied++;
                break;
            case WhyOutcome.Done:
                Followed++;
                break;
            case WhyOutcome.Skipped:
                string reason = RestJson.Word(row.Reason);
                _skipped[reason] = _skipped.GetValueOrDefault(reason) + 1;
                break;
            case WhyOutcome.Refused or WhyOutcome.Lapsed:
                Refused++;
                break;
            default:
                Nothing++;
                break;
        }
    }
}

using Lockstep.Domain;

namespace Lockstep.MetaTrader.Session;

/// <summary>
/// The numbered events of one terminal on one connection: what came, and up to where it may let go. An event is let go of when the report that carries it, and those of all
/// events before it, are durable. An event whose truth only the next snapshot tells (history, a gap, a change that was refused) waits for that.
/// </summary>
internal sealed class EventLine(long received, long historyUpTo)
{
    private Queue<Entry>? _waiting;
    private Dictionary<PlatformEvent, Entry>? _byReport;

    /// <summary>Last event that came.</summary>
    public long Received { get; set; } = received;

    /// <summary>Events up to here are history: a whole truth tells, or told, what they made.</summary>
    public long HistoryUpTo { get; set; } = historyUpTo;

    /// <summary>Kept events are still to come.</summary>
    public bool IsReplaying => Received < HistoryUpTo;

    /// <summary>Everything up to here is durable.</summary>
    public long Durable { get; private set; } = received;

    /// <summary>The last number acknowledged.</summary>
    public long Acknowledged { get; set; } = received;

    /// <summary>A repeat came: the terminal has not heard of the last acknowledgement.</summary>
    public bool AcknowledgeAgain { get; set; }

    /// <summary>True when there is something to acknowledge.</summary>
    public bool HasNews => Durable > Acknowledged || AcknowledgeAgain;

    /// <summary>An event that is durable with a report.</summary>
    public void Add(long number, PlatformEvent report)
    {
        var entry = new Entry(number) { Report = report };
        (_byReport ??= new(ReferenceEqualityComparer.Instance))[report] = entry;
        Enqueue(entry);
    }

    /// <summary>An event that waits for the next snapshot.</summary>
    public void AddForSnapshot(long number) => Enqueue(new Entry(number));

    /// <summary>An event whose report is made later.</summary>
    public object AddForLater(long number)
    {
        var entry = new Entry(number) { Reserved = true };
        Enqueue(entry);
        return entry;
    }

    /// <summary>The report of an event that waited for one.</summary>
    public void Bind(object later, PlatformEvent report)
    {
        var entry = (Entry)later;
        entry.Report = report;
        (_byReport ??= new(ReferenceEqualityComparer.Instance))[report] = entry;
    }

    /// <summary>An event that nobody has to know.</summary>
    public void AddDone(long number)
    {
        if (_waiting is not { Count: > 0 })
        {
            Durable = Math.Max(Durable, number);
            return;
        }

        _waiting.Enqueue(new Entry(number) { Kept = true });
    }

    /// <summary>A snapshot is told that includes everything that waited for one, up to <paramref name="number"/>.</summary>
    public void BindSnapshot(PlatformEvent snapshot, long number)
    {
        HistoryUpTo = Math.Max(HistoryUpTo, number);
        foreach (var entry in _waiting ?? [])
        {
            if (entry is { Report: null, Reserved: false, Kept: false } && entry.Number <= number)
            {
                entry.Report = snapshot;
            }
        }
    }

    /// <summary>A report is durable, and so is everything that was reported before it.</summary>
    public void Kept(PlatformEvent report)
    {
        if (_waiting is not { Count: > 0 })
        {
            return;
        }

        if (report is BookSnapshot)
        {
            foreach (var entry in _waiting)
            {
                entry.Kept |= ReferenceEquals(entry.Report, report);
            }
        }
        else if (_byReport is not null && _byReport.Remove(report, out var entry))
        {
            entry.Kept = true;
        }

        while (_waiting.TryPeek(out var head) && head.Kept)
        {
            Durable = Math.Max(Durable, head.Number);
            _waiting.Dequeue();
        }

        if (_waiting.Count == 0)
        {
            // An idle line keeps nothing.
            _waiting = null;
            _byReport = null;
        }
    }

    private void Enqueue(Entry entry) => (_waiting ??= new()).Enqueue(entry);

    private sealed class Entry(long number)
    {
        public long Number { get; } = number;

        public PlatformEvent? Report { get; set; }

        public bool Reserved { get; init; }

        public bool Kept { get; set; }
    }
}

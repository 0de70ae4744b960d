using System.Globalization;
using Lockstep.Domain;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.Simulator;

/// <summary>A terminal's files: outbox, ledger, lineage, and the name drawn for them. Every write is whole or not there; a kill loses none that was made.</summary>
public sealed class TerminalDisk
{
    private readonly Queue<KeptEvent> _outbox = new();
    private Dictionary<string, LedgerEntry>? _ledger;
    private Queue<string>? _ledgerOrder;

    /// <summary>Files of a terminal that never ran.</summary>
    /// <param name="name">Their name is drawn from it.</param>
    public TerminalDisk(SimRandom name)
    {
        Terminal = name.NextBits().ToString("x16", CultureInfo.InvariantCulture);
    }

    /// <summary>16 hex digits, drawn once.</summary>
    public string Terminal { get; }

    /// <summary>Last epoch in which this terminal was active.</summary>
    public long Epoch { get; internal set; }

    /// <summary>Events acknowledged up to here.</summary>
    public long Acked { get; internal set; }

    /// <summary>Last event made.</summary>
    public long Last { get; internal set; }

    /// <summary>First event still kept; one beyond the last when none is.</summary>
    public long First => _outbox.TryPeek(out var first) ? first.Number : Last + 1;

    /// <summary>Events kept.</summary>
    public int Kept => _outbox.Count;

    /// <summary>Bytes kept.</summary>
    public long Bytes { get; private set; }

    /// <summary>Commands in the ledger.</summary>
    public int LedgerCount => _ledger?.Count ?? 0;

    /// <summary>Events that an overflow took.</summary>
    public long Overflowed { get; private set; }

    /// <summary>What MT4's tickets are to each other.</summary>
    internal Mt4Lineage? Lineage { get; set; }

    internal IEnumerable<KeptEvent> Outbox => _outbox;

    internal void Keep(KeptEvent kept, int eventsMax, long bytesMax)
    {
        _outbox.Enqueue(kept);
        Last = kept.Number;
        Bytes += kept.Text.Length;
        while (_outbox.Count > eventsMax || Bytes > bytesMax)
        {
            Bytes -= _outbox.Dequeue().Text.Length;
            Overflowed++;
        }
    }

    /// <summary>Lets go of everything up to a number.</summary>
    internal void LetGo(long upTo, Action<KeptEvent>? each = null)
    {
        while (_outbox.TryPeek(out var first) && first.Number <= upTo)
        {
            Bytes -= first.Text.Length;
            _outbox.Dequeue();
            each?.Invoke(first);
        }

        Acked = Math.Max(Acked, upTo);
        Last = Math.Max(Last, upTo);
    }

    internal LedgerEntry? Entry(string id) => _ledger?.GetValueOrDefault(id);

    internal void Enter(LedgerEntry entry, int most, Timestamp keepSince)
    {
        _ledger ??= new Dictionary<string, LedgerEntry>(StringComparer.Ordinal);
        _ledgerOrder ??= new Queue<string>();
        if (!_ledger.ContainsKey(entry.Id))
        {
            _ledgerOrder.Enqueue(entry.Id);
        }

        _ledger[entry.Id] = entry;
        while (_ledger.Count > most && _ledger[_ledgerOrder.Peek()] is { } oldest && oldest.At < keepSince)
        {
            _ledger.Remove(_ledgerOrder.Dequeue());
        }
    }
}

/// <summary>An event in the outbox.</summary>
internal sealed record KeptEvent(long Number, byte[] Text, Timestamp MadeAt)
{
    /// <summary>When it last went out; the epoch = not yet.</summary>
    public Timestamp SentAt { get; set; }
}

/// <summary>A command in the ledger; without an answer while it is under way, or when the terminal was killed in between.</summary>
internal sealed record LedgerEntry(string Id, AnswerMessage? Answer, Timestamp At);

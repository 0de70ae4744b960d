using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Storage;

/// <summary>One event and what was decided on it, as it stands in the journal.</summary>
/// <param name="Seq">Number within the group, from 1, without gaps.</param>
/// <param name="At">When the event was numbered.</param>
/// <param name="Version">Version of the format of <paramref name="Event"/> and <paramref name="Decisions"/>.</param>
/// <param name="Event">The event, see <see cref="JournalCodec"/>.</param>
/// <param name="Decisions">The decisions, see <see cref="JournalCodec"/>.</param>
public sealed record JournalRecord(long Seq, Timestamp At, int Version, ReadOnlyMemory<byte> Event, ReadOnlyMemory<byte> Decisions);

/// <summary>An engine's state after one event, as bytes.</summary>
/// <param name="Seq">The last event that is included.</param>
/// <param name="At">When that event was numbered.</param>
/// <param name="Version">Version of the format of <paramref name="State"/>.</param>
/// <param name="State">The state, see <see cref="JournalCodec.EncodeCapture"/>.</param>
public sealed record JournalSnapshot(long Seq, Timestamp At, int Version, ReadOnlyMemory<byte> State);

/// <summary>A row of the why-ledger with its place in the journal.</summary>
/// <param name="Group">The group.</param>
/// <param name="Seq">The event on which it was decided.</param>
/// <param name="Entry">The row.</param>
public sealed record WhyRow(string Group, long Seq, WhyEntry Entry);

/// <summary>An alert with its place in the journal.</summary>
/// <param name="Group">The group.</param>
/// <param name="Seq">The event on which it was raised.</param>
/// <param name="At">When.</param>
/// <param name="Alert">The alert.</param>
public sealed record AlertRow(string Group, long Seq, Timestamp At, AlertRaised Alert);

/// <summary>What is made durable together: records, and the rows that people look up, which are worked out from them.</summary>
public sealed record JournalBatch
{
    /// <summary>Records, in order of their numbers.</summary>
    public IReadOnlyList<JournalRecord> Records { get; init; } = [];

    /// <summary>Why-rows that the records' decisions hold.</summary>
    public IReadOnlyList<WhyRow> Why { get; init; } = [];

    /// <summary>Alerts that the records' decisions hold, and the runtime's own.</summary>
    public IReadOnlyList<AlertRow> Alerts { get; init; } = [];

    /// <summary>What the world is told of them; each gets its <see cref="EventRow.Id"/> when it is written.</summary>
    public IReadOnlyList<EventRow> Events { get; init; } = [];
}

/// <summary>
/// The journal of one group. Fail-stop: when an append fails, that one and every later one throws <see cref="JournalFailedException"/>, for all groups of the
/// store, until the process is started anew.
/// </summary>
public interface IJournal
{
    /// <summary>The group.</summary>
    string Group { get; }

    /// <summary>Number of the last record; 0 = none.</summary>
    long LastSeq { get; }

    /// <summary>What was found and mended when the journal was opened, for the operator.</summary>
    IReadOnlyList<string> Warnings { get; }

    /// <summary>Durable when it returns. The first record's number must be <see cref="LastSeq"/> + 1.</summary>
    ValueTask AppendAsync(JournalBatch batch);

    /// <summary>
    /// Appends on the calling thread, without a hand-over, when nobody else is writing: durable when it returns true. False: somebody is, and nothing was taken; then
    /// <see cref="AppendAsync"/> shares the next commit with all who wait.
    /// </summary>
    bool TryAppend(JournalBatch batch) => false;

    /// <summary>The latest deals of which events were written, at least the last thousand of each account: what stands in a snapshot again is not told twice.</summary>
    IReadOnlyList<(AccountId Account, DealId Deal)> ToldDeals() => [];

    /// <summary>The records from a number on, in order, one after another from the disk.</summary>
    IEnumerable<JournalRecord> ReadFrom(long seq);

    /// <summary>Keeps a snapshot beside the one before it; older ones go.</summary>
    ValueTask SaveSnapshotAsync(JournalSnapshot snapshot);

    /// <summary>The latest intact snapshot, or null when there is none.</summary>
    JournalSnapshot? LoadSnapshot();

    /// <summary>
    /// Removes records that are older than <paramref name="olderThan"/> and that no kept snapshot needs. Returns how many went. A start reads only what is after the
    /// snapshot, so this is about room on the disk.
    /// </summary>
    ValueTask<long> PruneAsync(Timestamp olderThan);
}

/// <summary>Short forms.</summary>
public static class JournalExtensions
{
    /// <summary>Appends records alone.</summary>
    public static ValueTask AppendAsync(this IJournal journal, IReadOnlyList<JournalRecord> records) => journal.AppendAsync(new JournalBatch { Records = records });
}

/// <summary>Where the journals of all groups are.</summary>
public interface IJournalStore
{
    /// <summary>The journal of a group; the same object each time. Refuses with a <see cref="JournalDamagedException"/> when its records are damaged before the tail.</summary>
    IJournal Journal(string group);

    /// <summary>The groups that have a journal, by name.</summary>
    IReadOnlyList<string> Groups { get; }
}

/// <summary>The store could not make something durable and takes nothing more.</summary>
public sealed class JournalFailedException : Exception
{
    /// <summary>Without words.</summary>
    public JournalFailedException()
    {
    }

    /// <summary>With what happened and what to do.</summary>
    public JournalFailedException(string message)
        : base(message)
    {
    }

    /// <summary>With what happened, what to do, and the error behind it.</summary>
    public JournalFailedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>The data folder cannot be used: not writable, in use by another process, or of a newer version. The message is for the operator.</summary>
public sealed class DataFolderException : Exception
{
    /// <summary>Without words.</summary>
    public DataFolderException()
    {
    }

    /// <summary>With what is wrong and what to do.</summary>
    public DataFolderException(string message)
        : base(message)
    {
    }

    /// <summary>With what is wrong, what to do, and the error behind it.</summary>
    public DataFolderException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>A record that was durable is damaged: the state cannot be rebuilt, and nothing is done until a person has looked.</summary>
public sealed class JournalDamagedException : Exception
{
    /// <summary>Without words.</summary>
    public JournalDamagedException()
    {
    }

    /// <summary>With what is damaged and what to do.</summary>
    public JournalDamagedException(string message)
        : base(message)
    {
    }

    /// <summary>With what is damaged, what to do, and the error behind it.</summary>
    public JournalDamagedException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>Damage of one group's record.</summary>
    public JournalDamagedException(string group, long seq, string what)
        : base($"Journal of group {group}: record {seq} {what}, and later records exist or it is known to have been acted on. Restore the data folder from a backup, or start with an empty one (the platforms' books are then taken as they are).") =>
        Seq = seq;

    /// <summary>The damaged record.</summary>
    public long Seq { get; }
}

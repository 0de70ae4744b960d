using System.Text;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Storage;

namespace Lockstep.Runtime;

/// <summary>How a group is recovered.</summary>
public sealed record RecoveryOptions
{
    /// <summary>A planted mistake for the simulator to find.</summary>
    public Plant Plant { get; init; } = Plant.None;

    /// <summary>A replay that decides differently is an error (simulation), not an alert (an upgrade of the product may do it).</summary>
    public bool Strict { get; init; }

    /// <summary>A person has looked at a halted group and wants it to go on.</summary>
    public bool ClearHalt { get; init; }
}

/// <summary>The journal holds other decisions than the engine makes today.</summary>
/// <param name="Group">The group.</param>
/// <param name="Seq">The event.</param>
/// <param name="Recorded">What was decided then.</param>
/// <param name="Replayed">What is decided now.</param>
public sealed record ReplayDiverged(string Group, long Seq, string Recorded, string Replayed)
{
    /// <summary>A sentence for the operator.</summary>
    public override string ToString() =>
        $"Group {Group}: replaying event {Seq} gives other decisions than were carried out, as a changed program may. The state is what the present program makes of it, and the platforms are asked what is true. Then: {Recorded} Now: {Replayed}";
}

/// <summary>A group as the journal left it.</summary>
public sealed record Recovered
{
    /// <summary>The group.</summary>
    public required string Group { get; init; }

    /// <summary>The engine with its state.</summary>
    public required Heart Engine { get; init; }

    /// <summary>Time of the last event; stamps go on from there.</summary>
    public required Timestamp At { get; init; }

    /// <summary>The greatest session number seen, by account.</summary>
    public required IReadOnlyDictionary<AccountId, long> MaxEpochs { get; init; }

    /// <summary>Deals that the world was told of lately.</summary>
    public IReadOnlyList<(AccountId Account, DealId Deal)> ToldDeals { get; init; } = [];

    /// <summary>True when the journal was empty.</summary>
    public required bool Fresh { get; init; }

    /// <summary>How many records were replayed.</summary>
    public required long Replayed { get; init; }

    /// <summary>Where the replay decided differently.</summary>
    public required IReadOnlyList<ReplayDiverged> Diverged { get; init; }

    /// <summary>What the journal mended when it was opened.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}

/// <summary>The group cannot be rebuilt from its journal. The message is for the operator.</summary>
public sealed class RecoveryException : Exception
{
    /// <summary>Without words.</summary>
    public RecoveryException()
    {
    }

    /// <summary>With what is wrong.</summary>
    public RecoveryException(string message)
        : base(message)
    {
    }

    /// <summary>With what is wrong and the error behind it.</summary>
    public RecoveryException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>
/// Snapshot, then every record after it once more through the engine, without effects. What was decided then must be decided now: each record's decisions are compared,
/// byte for byte.
/// </summary>
public static class Recovery
{
    /// <summary>Rebuilds a group from its journal.</summary>
    public static async ValueTask<Recovered> RunAsync(IJournal journal, RecoveryOptions? options = null)
    {
        options ??= new RecoveryOptions();
        var replay = new Replay(journal, options);
        if (journal.LoadSnapshot() is { } snapshot)
        {
            replay.Restore(snapshot);
        }

        foreach (var record in journal.ReadFrom(replay.Engine.Seq + 1))
        {
            replay.Step(record);
        }

        if (options.ClearHalt && replay.Engine.Halted)
        {
            replay.ClearHalt();

            // From here on the journal is to be read with the halt cleared.
            await journal.SaveSnapshotAsync(new JournalSnapshot(replay.Engine.Seq, replay.At, JournalCodec.Version, JournalCodec.EncodeCapture(replay.Engine.Capture()))).ConfigureAwait(false);
        }

        return replay.Result();
    }

    private sealed class Replay(IJournal journal, RecoveryOptions options)
    {
        private readonly Dictionary<AccountId, long> _epochs = [];
        private readonly List<ReplayDiverged> _diverged = [];
        private readonly List<Decision> _decisions = [];
        private long _replayed;

        public Heart Engine { get; private set; } = new(options.Plant);

        public Timestamp At { get; private set; }

        public void Restore(JournalSnapshot snapshot)
        {
            Engine = Heart.Restore(JournalCodec.DecodeCapture(snapshot.Version, snapshot.State.Span), options.Plant);
            At = snapshot.At;
            if (Engine.Seq != snapshot.Seq)
            {
                throw new RecoveryException($"Journal of group {journal.Group}: the snapshot after record {snapshot.Seq} holds a state after record {Engine.Seq}. Restore the data folder from a backup.");
            }
        }

        public void Step(JournalRecord record)
        {
            if (Engine.Halted)
            {
                // Records after a halt exist only where a person cleared it.
                ClearHalt();
            }

            var numbered = JournalCodec.DecodeEvent(record);
            _decisions.Clear();
            try
            {
                Engine.Step(numbered, _decisions);
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                throw new RecoveryException($"Journal of group {journal.Group}: replaying event {record.Seq} fails with {error.GetType().Name}: {error.Message} Start the version of the program that wrote the journal, and report this with the journal.", error);
            }

            if (Engine.Seq != record.Seq)
            {
                throw new RecoveryException($"Journal of group {journal.Group}: event {record.Seq} was not taken in; the engine stands at {Engine.Seq}.");
            }

            byte[] now = JournalCodec.EncodeDecisions(_decisions);
            if (!now.AsSpan().SequenceEqual(record.Decisions.Span))
            {
                Diverge(new ReplayDiverged(journal.Group, record.Seq, Encoding.UTF8.GetString(record.Decisions.Span), Encoding.UTF8.GetString(now)));
            }

            if (numbered.Event is Reported { Report: var report })
            {
                _epochs[report.Account] = Math.Max(_epochs.GetValueOrDefault(report.Account), report.Epoch);
            }

            At = Timestamp.Max(At, record.At);
            _replayed++;
        }

        public void ClearHalt() => Engine = Heart.Restore(Engine.Capture() with { HaltedBy = null }, options.Plant);

        public Recovered Result()
        {
            foreach (var (account, epoch) in Engine.Epochs)
            {
                _epochs[account] = Math.Max(_epochs.GetValueOrDefault(account), epoch);
            }

            return new Recovered
            {
                Group = journal.Group,
                Engine = Engine,
                At = At,
                MaxEpochs = _epochs,
                ToldDeals = journal.ToldDeals(),
                Fresh = Engine.Seq == 0,
                Replayed = _replayed,
                Diverged = _diverged,
                Warnings = [.. journal.Warnings],
            };
        }

        private void Diverge(ReplayDiverged diverged)
        {
            if (options.Strict)
            {
                throw new RecoveryException(diverged.ToString());
            }

            _diverged.Add(diverged);
        }
    }
}

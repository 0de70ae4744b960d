using Lockstep.Engine;
using Lockstep.Storage;

namespace Lockstep.Simulation;

/// <summary>The journal is the truth: played from its beginning, and from its snapshot, it gives the very state that stands, byte for byte, and the very decisions.</summary>
internal static class ReplayCheck
{
    public static void Check(MemoryJournal journal, Engine.Engine live, Plant plant, Action<string, string> violate)
    {
        byte[] now = JournalCodec.EncodeCapture(live.Capture());
        var engine = new Engine.Engine(plant);
        var decisions = new List<Decision>();
        foreach (var record in journal.ReadFrom(1))
        {
            decisions.Clear();
            engine.Step(JournalCodec.DecodeEvent(record), decisions);
            if (!JournalCodec.EncodeDecisions(decisions).AsSpan().SequenceEqual(record.Decisions.Span))
            {
                violate("replay-decides-the-same", $"record {record.Seq} decides something else when it is played again");
                return;
            }
        }

        if (!JournalCodec.EncodeCapture(engine.Capture()).AsSpan().SequenceEqual(now))
        {
            violate("replay-gives-the-state", $"the journal played from its beginning gives another state at {engine.Seq}");
        }

        if (journal.LoadSnapshot() is not { } snapshot)
        {
            return;
        }

        var restored = Lockstep.Engine.Engine.Restore(JournalCodec.DecodeCapture(snapshot.Version, snapshot.State.Span), plant);
        foreach (var record in journal.ReadFrom(snapshot.Seq + 1))
        {
            restored.Step(JournalCodec.DecodeEvent(record), decisions);
        }

        if (!JournalCodec.EncodeCapture(restored.Capture()).AsSpan().SequenceEqual(now))
        {
            violate("snapshot-gives-the-state", $"snapshot {snapshot.Seq} and the journal after it give another state at {restored.Seq}");
        }
    }
}

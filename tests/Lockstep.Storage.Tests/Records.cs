using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Storage.Tests;

/// <summary>Records to fill journals with.</summary>
internal static class Records
{
    public static Timestamp TimeOf(long seq) => new(1_000_000 * seq);

    public static JournalRecord Record(long seq) => JournalCodec.Encode(new Numbered(seq, TimeOf(seq), new TimerFired(new TimerId(TimerKind.Retry, 7))), []);

    public static JournalBatch Batch(long first, long last) => new() { Records = [.. Range(first, last).Select(Record)] };

    public static JournalSnapshot Snapshot(long seq) => new(seq, TimeOf(seq), 1, JournalCodec.EncodeCapture(new EngineCapture { Seq = seq }));

    public static WhyRow Why(string group, long seq, string link, string source, string target) => new(group, seq, new WhyEntry
    {
        EventSeq = seq, Part = 0, Link = new(link), Kind = SourceEventKind.Opened, Source = new(source), Symbol = new("EURUSD"), Outcome = WhyOutcome.Done, Reason = WhyReason.Copied,
        Target = new(target), SeenAt = TimeOf(seq), EndedAt = TimeOf(seq), Wanted = new(0.10m),
    });

    public static AlertRow Alert(string group, long seq, AlertLevel level, string? account) =>
        new(group, seq, TimeOf(seq), new AlertRaised(level, "code", account is null ? null : new AccountId(account), null, $"alert {seq}"));

    private static IEnumerable<long> Range(long first, long last)
    {
        for (long i = first; i <= last; i++)
        {
            yield return i;
        }
    }
}

using System.Text;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Storage;
using Lockstep.Testing;

namespace Lockstep.Runtime.Tests;

/// <summary>After a start the group stands where the journal says, to the last bit.</summary>
public class RecoveryTests
{
    private static readonly RecoveryOptions Strict = new() { Strict = true };

    [Fact]
    public void An_empty_journal_gives_a_fresh_group()
    {
        var recovered = Recover(new MemoryJournal("g"));
        Assert.True(recovered.Fresh);
        Assert.Equal((0, 0), (recovered.Engine.Seq, recovered.Replayed));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void Wherever_it_ends_the_state_comes_back_bit_for_bit(int snapshotEvery)
    {
        for (int steps = 0; steps < 7; steps++)
        {
            var bench = Story(steps, new RuntimeOptions { SnapshotEvery = snapshotEvery });
            var recovered = Recover(bench.Journal);
            Assert.Equal(Encoding.UTF8.GetString(bench.State()), Encoding.UTF8.GetString(JournalCodec.EncodeCapture(recovered.Engine.Capture())));
            Assert.Equal(bench.Journal.LastSeq, recovered.Engine.Seq);
            Assert.True(recovered.Replayed < Math.Max(snapshotEvery, 2) || snapshotEvery == 1000);
        }
    }

    [Fact]
    public void What_was_not_durable_never_happened()
    {
        var bench = Story(2);
        bench.Change(Bench.Source, bench.Position(2));
        var batch = bench.Take()!;
        Assert.NotEmpty(batch.Steps.SelectMany(s => s.Decisions).OfType<SendOrder>());
        bench.Journal.Append(batch.Journal);
        bench.Journal.Crash();
        Assert.Single(Recover(bench.Journal).Engine.InFlight);
    }

    [Fact]
    public void What_was_durable_and_not_carried_out_is_unknown_and_asked_for()
    {
        var bench = Story(1);
        bench.Change(Bench.Source, bench.Position(1));
        var batch = bench.Take()!;
        bench.Journal.Append(batch.Journal);
        bench.Journal.Sync();

        var next = new Bench(bench.Journal, time: bench.Time, recovery: Strict);
        next.Core.Start(next.Recovered, Bench.Settings);
        next.Work();
        Assert.Empty(next.Session(Bench.Target).Sent);
        Assert.True(Assert.Single(next.Core.Engine.InFlight).Unknown);
        next.Connect(Bench.Target);
        Assert.NotEmpty(next.Session(Bench.Target).Asked);
    }

    [Fact]
    public void A_restart_is_told_to_the_engine_and_settings_only_when_they_changed()
    {
        var bench = Story(2);
        var same = new Bench(bench.Journal, time: bench.Time);
        same.Core.Start(same.Recovered, Bench.Settings with { Links = [.. Bench.Settings.Links] });
        Assert.IsType<Restarted>(Assert.Single(same.Take()!.Steps).Event.Event);

        var changed = new Bench(bench.Journal, time: bench.Time);
        changed.Core.Start(changed.Recovered, Bench.Settings with { Links = [] });
        Assert.Equal([typeof(Restarted), typeof(Configured)], changed.Take()!.Steps.Select(s => s.Event.Event.GetType()));
    }

    [Fact]
    public async Task Sessions_go_on_above_every_number_that_was_seen()
    {
        var bench = Story(2);
        bench.Core.Report(new SessionClosed { Account = Bench.Target, Epoch = 1, Reason = "test" });
        bench.Core.Report(new SessionClosed { Account = Bench.Target, Epoch = 7, Reason = "an old one" });
        bench.Work();
        foreach (bool snapshot in new[] { false, true })
        {
            if (snapshot)
            {
                await bench.Journal.SaveSnapshotAsync(bench.Core.Snapshot()!);
            }

            var next = new Bench(bench.Journal, time: bench.Time);
            next.Core.Start(next.Recovered, Bench.Settings);
            Assert.Equal(snapshot ? 2 : 8, next.Session(Bench.Target).Epoch);
            Assert.Equal(2, next.Session(Bench.Source).Epoch);
        }
    }

    [Fact]
    public void Timers_are_armed_again_and_what_is_overdue_fires_at_once()
    {
        var bench = Story(2);
        Assert.NotEmpty(bench.Core.Engine.Timers);
        bench.Time.Advance(TimeSpan.FromMinutes(1));
        var next = new Bench(bench.Journal, time: bench.Time);
        next.Core.Start(next.Recovered, Bench.Settings);
        next.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Contains(next.Take()!.Steps, s => s.Event.Event is TimerFired);
    }

    [Fact]
    public void Time_goes_on_where_the_journal_ended_even_if_the_clock_was_set_back()
    {
        var bench = Story(2);
        var last = bench.Journal.ReadFrom(bench.Journal.LastSeq).Single().At;
        bench.Time.SetWall(TimeSpan.FromDays(-1));
        var next = new Bench(bench.Journal, time: bench.Time);
        next.Core.Start(next.Recovered, Bench.Settings);
        Assert.Equal(last, next.Take()!.Steps[0].Event.At);
    }

    [Fact]
    public void Another_decision_than_the_recorded_one_is_an_alert_and_a_violation_where_one_asks_for_it()
    {
        var bench = Story(2);
        var forged = new MemoryJournal("g");
        foreach (var record in bench.Journal.ReadFrom(1))
        {
            byte[] decisions = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(record.Decisions.Span).Replace("\"volume\":0.10", "\"volume\":0.20", StringComparison.Ordinal));
            forged.Append(new JournalBatch { Records = [record with { Decisions = decisions }] });
        }

        forged.Sync();
        var next = new Bench(forged, time: bench.Time);
        var diverged = Assert.Single(next.Recovered.Diverged);
        Assert.Contains("0.20", diverged.Recorded, StringComparison.Ordinal);
        Assert.Contains("0.10", diverged.Replayed, StringComparison.Ordinal);
        next.Core.Start(next.Recovered, Bench.Settings);
        next.Work();
        Assert.Equal(AlertLevel.Critical, Assert.Single(next.Alerts, a => a.Alert.Code == "replay-diverged").Alert.Level);
        Assert.Contains($"event {diverged.Seq}", Assert.Throws<RecoveryException>(() => Recover(forged)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_halted_group_stays_halted_until_a_person_clears_it()
    {
        var journal = HaltedJournal(out var time);
        var still = new Bench(journal, time: time);
        still.Core.Start(still.Recovered, Bench.Settings);
        Assert.NotNull(still.Core.HaltReason);
        Assert.Empty(still.Sessions);
        still.Work();
        Assert.Single(still.Alerts, a => a.Alert.Code == "group-halted");
        Assert.False(still.Core.Post(new Restarted()));

        var cleared = new Bench(journal, time: time, recovery: new RecoveryOptions { ClearHalt = true });
        cleared.Core.Start(cleared.Recovered, Bench.Settings);
        cleared.Work();
        Assert.Null(cleared.Core.HaltReason);
        Assert.Equal(2, cleared.Sessions.Count);

        // From then on every start reads the journal with the halt cleared, from the snapshot or from the beginning.
        Assert.False(Recover(journal).Engine.Halted);
        var rebuilt = new MemoryJournal("g");
        rebuilt.Append(new JournalBatch { Records = [.. journal.ReadFrom(1)] });
        rebuilt.Sync();
        var fromTheStart = Recover(rebuilt);
        Assert.Equal(cleared.State(), JournalCodec.EncodeCapture(fromTheStart.Engine.Capture()));
    }

    [Fact]
    public void A_record_that_cannot_be_read_stops_the_start_and_is_named()
    {
        var journal = new MemoryJournal("g");
        journal.Append(new JournalBatch { Records = [new JournalRecord(1, default, 1, """{"is":"telepathy"}"""u8.ToArray(), "[]"u8.ToArray())] });
        journal.Sync();
        Assert.Contains("record 1", Assert.Throws<JournalFormatException>(() => Recover(journal)).Message, StringComparison.Ordinal);
    }

    /// <summary>A few things that happen, cut off after some of them.</summary>
    private static Bench Story(int steps, RuntimeOptions? options = null)
    {
        var bench = new Bench(options: options).Begin();
        Action[] story =
        [
            () => bench.Quote(1.1m, 1.1001m),
            () => bench.Change(Bench.Source, bench.Position(1)),
            () => bench.Time.Advance(TimeSpan.FromSeconds(3)),
            () => bench.Change(Bench.Target, bench.Position(77, key: bench.Session(Bench.Target).Sent[0].Key)),
            () => bench.Answer(Bench.Target, bench.Position(77, key: bench.Session(Bench.Target).Sent[0].Key)),
            () => bench.Change(Bench.Source, bench.Position(1, volume: 0.04m)),
            () => bench.Core.Report(new SessionClosed { Account = Bench.Target, Epoch = 1, Reason = "test" }),
        ];
        foreach (var happen in story.Take(steps))
        {
            happen();
            bench.Work();
        }

        return bench;
    }

    /// <summary>A journal whose snapshot holds a halted engine.</summary>
    private static MemoryJournal HaltedJournal(out ManualTime time)
    {
        var bench = Story(2);
        time = bench.Time;
        var capture = bench.Core.Engine.Capture() with { HaltedBy = "a test" };
        bench.Journal.SaveSnapshotAsync(new JournalSnapshot(capture.Seq, Timestamp.From(time.GetUtcNow()), JournalCodec.Version, JournalCodec.EncodeCapture(capture))).AsTask().GetAwaiter().GetResult();
        return bench.Journal;
    }

    private static Recovered Recover(MemoryJournal journal) => Recovery.RunAsync(journal, Strict).AsTask().GetAwaiter().GetResult();
}

using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Storage;

namespace Lockstep.Runtime.Tests;

/// <summary>The four sentences of <see cref="GroupCore"/>, and what belongs to them.</summary>
public class GroupCoreTests
{
    [Fact]
    public void A_new_group_is_configured_first_and_its_sessions_are_started()
    {
        var bench = new Bench();
        bench.Core.Start(bench.Recovered, Bench.Settings);
        var batch = bench.Take()!;
        Assert.IsType<Configured>(Assert.Single(batch.Steps).Event.Event);
        Assert.Equal([(Bench.Target, 1L), (Bench.Source, 1L)], bench.Sessions.Select(s => (s.Account, s.Epoch)));
        Assert.All(bench.Sessions, s => Assert.Same(bench.Core, s.Sink));
    }

    [Fact]
    public void Numbers_have_no_gaps_and_time_never_goes_back()
    {
        var bench = new Bench().Begin();
        var before = bench.Journal.ReadFrom(bench.Journal.LastSeq).Single();
        bench.Time.SetWall(TimeSpan.FromHours(-1));
        bench.Core.Post(new TimerFired(new TimerId(TimerKind.Retry, 99)));
        bench.Core.Post(new TimerFired(new TimerId(TimerKind.Retry, 98)));
        var batch = bench.Take()!;
        Assert.Equal([before.Seq + 1, before.Seq + 2], batch.Steps.Select(s => s.Event.Seq));
        Assert.All(batch.Steps, s => Assert.Equal(before.At, s.Event.At));
        Assert.Equal(batch.Steps.Select(s => s.Event.Seq), batch.Journal.Records.Select(r => r.Seq));
    }

    [Fact]
    public void Nothing_is_carried_out_before_it_is_durable()
    {
        var bench = new Bench().Begin();
        bench.Quote(1.1m, 1.1001m);
        bench.Change(Bench.Source, bench.Position(1));
        var batch = bench.Take()!;
        Assert.Single(batch.Steps.SelectMany(s => s.Decisions).OfType<SendOrder>());
        Assert.Empty(bench.Session(Bench.Target).Sent);
        bench.Commit(batch);
        Assert.Equal(new Lots(0.10m), Assert.IsType<OpenMarket>(Assert.Single(bench.Session(Bench.Target).Sent)).Volume);
    }

    [Fact]
    public void The_planted_mistake_acts_first()
    {
        var bench = new Bench(options: new RuntimeOptions { Plant = Plant.ActBeforeCommit }).Begin();
        bench.Quote(1.1m, 1.1001m);
        bench.Change(Bench.Source, bench.Position(1));
        var batch = bench.Take()!;
        Assert.Single(bench.Session(Bench.Target).Sent);
        bench.Commit(batch);
        Assert.Single(bench.Session(Bench.Target).Sent);
    }

    [Fact]
    public void A_report_takes_along_the_quotes_that_the_engine_wants_and_no_stale_ones()
    {
        var bench = new Bench(options: new RuntimeOptions { QuoteMaxAge = TimeSpan.FromSeconds(5) }).Begin();
        bench.Quote(1.1m, 1.1001m);
        bench.Change(Bench.Source, bench.Position(1));
        var batch = bench.Take()!;
        Assert.Equal(new Price(1.1001m), Assert.Single(((Reported)batch.Steps[0].Event.Event).View.Quotes).Quote.Ask);
        bench.Commit(batch);

        bench.Time.Advance(TimeSpan.FromSeconds(6));
        bench.Work();
        bench.Change(Bench.Source, bench.Position(2));
        batch = bench.Take()!;
        Assert.Empty(((Reported)batch.Steps[0].Event.Event).View.Quotes);
        bench.Commit(batch);
        Assert.Equal(WhyReason.NoQuote, Assert.Single(bench.Whys, w => w.Entry.Position == new PositionId(2)).Entry.Reason);
        Assert.Equal(bench.Whys, bench.Journal.Why);
    }

    [Fact]
    public void Timers_come_back_as_events()
    {
        var bench = new Bench().Begin();
        bench.Quote(1.1m, 1.1001m);
        bench.Change(Bench.Source, bench.Position(1));
        bench.Work();
        bench.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.True(bench.Core.HasWork);
        bench.Work();
        Assert.True(Assert.Single(bench.Core.Engine.InFlight).Unknown);
    }

    [Fact]
    public void A_timer_that_the_clock_overtook_is_set_again_and_not_lost()
    {
        var bench = new Bench().Begin();
        bench.Quote(1.1m, 1.1001m);
        bench.Change(Bench.Source, bench.Position(1));
        bench.Work();
        long seq = bench.Core.Engine.Seq;

        // The timer fires by its own clock, and then somebody sets the wall back before the event is numbered.
        bench.Core.Post(new TimerFired(bench.Core.Engine.Timers[0].Timer));
        bench.Work();
        Assert.Equal(seq, bench.Core.Engine.Seq);
        bench.Time.Advance(TimeSpan.FromSeconds(5));
        bench.Work();
        Assert.True(Assert.Single(bench.Core.Engine.InFlight).Unknown);
    }

    [Fact]
    public void What_breaks_the_engine_halts_the_group_with_the_event_in_the_alert()
    {
        var bench = new Bench().Begin();
        bench.Core.Report(new BookChanged { Account = Bench.Source, Epoch = 1, Sequence = 1, Positions = null! });
        bench.Core.Post(new TimerFired(new TimerId(TimerKind.Retry, 1)));
        long before = bench.Journal.LastSeq;
        bench.Work();
        Assert.Equal(before, bench.Journal.LastSeq);
        var alert = Assert.Single(bench.Alerts, a => a.Alert.Code == "engine-failed").Alert;
        Assert.Equal(AlertLevel.Critical, alert.Level);
        Assert.Contains("\"is\":\"book\"", alert.Text, StringComparison.Ordinal);
        Assert.Single(bench.Halts);
        Assert.Equal(bench.Alerts, bench.Journal.Alerts);
        Assert.All(bench.Sessions, s => Assert.True(s.Stopped));
        Assert.False(bench.Core.Post(new Restarted()));
        Assert.False(bench.Core.HasWork);
        Assert.Null(bench.Core.Snapshot());
    }

    [Fact]
    public void An_order_for_an_account_without_a_session_is_refused_for_certain()
    {
        var bench = new Bench().Begin();
        bench.Quote(1.1m, 1.1001m);
        bench.Change(Bench.Source, bench.Position(1));
        var batch = bench.Take()!;
        bench.Core.Stop();
        bench.Commit(batch);
        Assert.Empty(bench.Session(Bench.Target).Sent);
    }

    [Fact]
    public void A_session_that_throws_stops_nobody()
    {
        var bench = new Bench().Begin();
        bench.Session(Bench.Target).Throws = true;
        bench.Quote(1.1m, 1.1001m);
        bench.Change(Bench.Source, bench.Position(1));
        bench.Work();
        Assert.Contains("the wire is cut", Assert.Single(bench.Alerts, a => a.Alert.Code == "session-threw").Alert.Text, StringComparison.Ordinal);
        Assert.Null(bench.Core.HaltReason);
        bench.Time.Advance(TimeSpan.FromSeconds(3));
        bench.Work();
        Assert.True(Assert.Single(bench.Core.Engine.InFlight).Unknown);
    }

    [Fact]
    public void A_full_inbox_closes_the_session_and_renews_it_when_there_is_room()
    {
        var bench = new Bench(options: new RuntimeOptions { InboxCapacity = 10 }).Begin();
        for (int i = 1; i <= 15; i++)
        {
            bench.Change(Bench.Source, bench.Position(i));
        }

        Assert.Equal(11, bench.Core.Waiting);
        Assert.False(bench.Core.Post(new ClientRequested(new ClientClose { Account = Bench.Source, ClientId = "1", Position = new(1) })));
        Assert.True(bench.Core.Post(new TimerFired(new TimerId(TimerKind.Retry, 1))));
        bench.Work();
        Assert.True(bench.Sessions.First(s => s.Account == Bench.Source).Stopped);
        Assert.Equal(2, bench.Session(Bench.Source).Epoch);
        Assert.False(bench.Core.Engine.Account(Bench.Source)!.Up);
        Assert.Single(bench.Alerts, a => a.Alert.Code == "inbox-overflow");

        // The new session's snapshot tells what was missed.
        bench.Connect(Bench.Source, [.. Enumerable.Range(1, 15).Select(i => bench.Position(i))]);
        Assert.Equal(15, bench.Core.Engine.Account(Bench.Source)!.Positions.Count);
    }

    [Fact]
    public void New_settings_open_and_close_sessions()
    {
        var bench = new Bench().Begin();
        var other = new AccountId("other");
        Assert.True(bench.Core.Reconfigure(new GroupSettings { Accounts = [other, Bench.Source], Links = [] }));
        bench.Work();
        Assert.True(bench.Sessions.First(s => s.Account == Bench.Target).Stopped);
        Assert.False(bench.Sessions.First(s => s.Account == Bench.Source).Stopped);
        Assert.Equal(1, bench.Session(other).Epoch);
        Assert.Equal([other, Bench.Source], bench.Core.Engine.Settings.Accounts);
    }

    [Fact]
    public void Every_stage_of_an_order_is_measured()
    {
        var bench = new Bench().Begin();
        bench.Quote(1.1m, 1.1001m);
        bench.Change(Bench.Source, bench.Position(1));
        bench.Time.Advance(TimeSpan.FromMilliseconds(3));
        var batch = bench.Take()!;
        bench.Time.Advance(TimeSpan.FromMilliseconds(2));
        bench.Commit(batch);
        bench.Time.Advance(TimeSpan.FromMilliseconds(7));
        var sent = bench.Session(Bench.Target).Sent[0];
        bench.Core.Report(new OrderAnswered { Account = Bench.Target, Epoch = 1, Key = sent.Key, Outcome = OrderOutcome.Refused, Refusal = Refusal.Rejected });
        Assert.Equal(TimeSpan.FromMilliseconds(3), bench.Core.Latency.Of(LatencyStage.Numbered).Max);
        Assert.Equal(TimeSpan.FromMilliseconds(2), bench.Core.Latency.Of(LatencyStage.Durable).Max);
        Assert.Equal(TimeSpan.FromMilliseconds(5), bench.Core.Latency.Of(LatencyStage.Through).Max);
        Assert.Equal(TimeSpan.FromMilliseconds(7), bench.Core.Latency.Of(LatencyStage.Answered).Max);
        Assert.Equal(1, bench.Core.Latency.Of(LatencyStage.Answered).Count);
    }

    [Fact]
    public void A_session_is_told_what_is_kept_when_it_is_durable_and_acted_on()
    {
        var bench = new Bench().Begin();
        bench.Quote(1.1m, 1.1001m);
        var source = bench.Session(Bench.Source);
        var target = bench.Session(Bench.Target);
        source.KeptReports.Clear();
        target.Told.Clear();
        bench.Change(Bench.Source, bench.Position(1));
        bench.Change(Bench.Source, bench.Position(2));
        bench.Core.Report(new Heartbeat { Account = Bench.Source, Epoch = 1, Sequence = 2 });
        bench.Core.Report(new SymbolsChanged { Account = Bench.Target, Epoch = 1, Symbols = [] });
        var batch = bench.Take()!;
        Assert.Empty(source.KeptReports);
        bench.Commit(batch);
        Assert.Equal([1L, 2L], source.KeptReports.Cast<BookChanged>().Select(b => b.Sequence));
        Assert.Equal(["send EURUSD", "send EURUSD", "kept SymbolsChanged"], target.Told);
    }

    [Fact]
    public void Nothing_is_kept_that_the_journal_could_not_take()
    {
        var bench = new Bench().Begin();
        var source = bench.Session(Bench.Source);
        source.KeptReports.Clear();
        bench.Change(Bench.Source, bench.Position(1));
        bench.Take();
        bench.Core.JournalFailed("the disk is full");
        Assert.Empty(source.KeptReports);
    }

    [Fact]
    public void A_session_that_throws_over_what_is_kept_stops_nobody()
    {
        var bench = new Bench().Begin();
        bench.Session(Bench.Source).Throws = true;
        bench.Change(Bench.Source, bench.Position(1));
        bench.Work();
        Assert.Contains("\"kept\"", Assert.Single(bench.Alerts, a => a.Alert.Code == "session-threw").Alert.Text, StringComparison.Ordinal);
        Assert.Null(bench.Core.HaltReason);
    }

    [Fact]
    public void The_latest_health_and_floating_results_are_on_the_board()
    {
        var bench = new Bench().Begin();
        Assert.Null(bench.Core.Quotes.Health(Bench.Target));
        Assert.Empty(bench.Core.Quotes.Floating(Bench.Target));
        List<PositionMoney> told = [new(new(1), new(5m), default)];
        bench.Core.Floating(Bench.Target, told);
        told.Clear();
        var health = new SessionHealth { Connected = true, TradeAllowed = false, TradeProblem = "algo trading is off", At = Timestamp.From(bench.Time.GetUtcNow()) };
        bench.Core.Health(Bench.Target, health with { Reconnects = 1 });
        bench.Core.Health(Bench.Target, health);
        Assert.Equal(health, bench.Core.Quotes.Health(Bench.Target));
        Assert.Equal(new Money(5m), Assert.Single(bench.Core.Quotes.Floating(Bench.Target)).Profit);
        bench.Core.Floating(Bench.Target, []);
        Assert.Empty(bench.Core.Quotes.Floating(Bench.Target));
        Assert.False(bench.Core.HasWork);
    }
}

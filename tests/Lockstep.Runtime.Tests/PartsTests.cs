using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Testing;

namespace Lockstep.Runtime.Tests;

/// <summary>The small parts: quotes, watches, timers, histogram, clock.</summary>
public class PartsTests
{
    private readonly ManualTime _time = new();

    private Timestamp Now => Timestamp.From(_time.GetUtcNow());

    [Fact]
    public void A_watch_fires_once_at_the_first_quote_that_reaches_it()
    {
        var (board, fired, watches) = Watches();
        watches.Arm(Watch(1, Side.Buy, Crossing.AtOrBelow, 1.0990m));
        watches.Arm(Watch(2, Side.Sell, Crossing.AtOrAbove, 1.1010m));
        Look(board, watches, 1.0991m, 1.0993m);
        Assert.Empty(fired);
        Look(board, watches, 1.0990m, 1.0992m);
        Look(board, watches, 1.0980m, 1.0982m);
        Assert.Equal([1L], fired.Select(f => f.Watch.Number));
        Assert.Equal(new Price(1.0990m), fired[0].Quote.Bid);
        Look(board, watches, 1.1009m, 1.1011m);
        Assert.Equal([1L, 2], fired.Select(f => f.Watch.Number));
        Assert.Equal(0, watches.Count);
    }

    [Fact]
    public void A_watch_that_is_already_reached_fires_when_it_is_armed_but_not_by_a_stale_quote()
    {
        var (board, fired, watches) = Watches();
        board.Set(Bench.Source, Bench.Symbol, new Quote(new(1.0980m), new(1.0982m), Now));
        watches.Arm(Watch(1, Side.Buy, Crossing.AtOrBelow, 1.0990m));
        Assert.Single(fired);
        _time.Advance(TimeSpan.FromMinutes(1));
        watches.Arm(Watch(2, Side.Buy, Crossing.AtOrBelow, 1.0990m));
        Assert.Single(fired);
        Assert.Equal(1, watches.Count);
    }

    [Fact]
    public void What_is_disarmed_or_moved_does_not_fire()
    {
        var (board, fired, watches) = Watches();
        watches.Arm(Watch(1, Side.Buy, Crossing.AtOrBelow, 1.0990m));
        watches.Arm(Watch(2, Side.Buy, Crossing.AtOrBelow, 1.0990m));
        watches.Arm(Watch(2, Side.Buy, Crossing.AtOrBelow, 1.0900m));
        watches.Disarm(new WatchId(1));
        watches.Disarm(new WatchId(9));
        Look(board, watches, 1.0950m, 1.0952m);
        Assert.Empty(fired);
    }

    [Fact]
    public void Timers_fire_in_the_order_of_their_moments_and_only_the_last_moment_counts()
    {
        List<long> fired = [];
        using var timers = new SystemTimers(_time) { Fired = t => fired.Add(t.Number) };
        timers.Set(Timer(1), Now + TimeSpan.FromSeconds(3));
        timers.Set(Timer(2), Now + TimeSpan.FromSeconds(2));
        timers.Set(Timer(3), Now + TimeSpan.FromSeconds(1));
        timers.Set(Timer(3), Now + TimeSpan.FromSeconds(4));
        timers.Set(Timer(4), Now + TimeSpan.FromSeconds(2));
        timers.Set(Timer(4), null);
        _time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Empty(fired);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([2L, 1, 3], fired);
        Assert.Equal(0, timers.Count);
    }

    [Fact]
    public void A_timer_waits_for_the_wall_and_notices_when_it_was_set_forward()
    {
        List<long> fired = [];
        using var timers = new SystemTimers(_time) { Fired = t => fired.Add(t.Number) };
        timers.Set(Timer(1), Now + TimeSpan.FromSeconds(10));
        _time.SetWall(TimeSpan.FromSeconds(-5));
        _time.Advance(TimeSpan.FromSeconds(14));
        Assert.Empty(fired);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([1L], fired);

        timers.Set(Timer(2), Now + TimeSpan.FromHours(10));
        _time.SetWall(TimeSpan.FromHours(11));
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal([1L, 2], fired);
    }

    [Fact]
    public void A_moment_that_is_past_fires_but_never_inside_the_call()
    {
        List<long> fired = [];
        using var timers = new SystemTimers(_time) { Fired = t => fired.Add(t.Number) };
        timers.Set(Timer(1), Now - TimeSpan.FromDays(1));
        Assert.Empty(fired);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([1L], fired);
    }

    [Fact]
    public void A_percentile_is_right_to_within_a_sixteenth()
    {
        var histogram = new LatencyHistogram();
        Assert.Equal(default, histogram.Summary());
        for (int i = 1; i <= 10_000; i++)
        {
            histogram.Record(TimeSpan.FromMicroseconds(i));
        }

        histogram.Record(TimeSpan.FromSeconds(-1));
        foreach (double share in new[] { 0.01, 0.5, 0.9, 0.99, 0.999 })
        {
            Assert.InRange(histogram.Percentile(share).TotalMicroseconds, share * 10_000 * 0.99, share * 10_000 * 1.0726);
        }

        Assert.Equal(TimeSpan.FromMicroseconds(10_000), histogram.Max);
        Assert.Equal(TimeSpan.FromMicroseconds(10_000), histogram.Percentile(1));
        Assert.Equal(10_001, histogram.Count);
        var sum = new LatencyHistogram();
        sum.Record(TimeSpan.FromHours(3));
        sum.Add(histogram);
        Assert.Equal((10_002, TimeSpan.FromHours(3)), (sum.Count, sum.Max));
        sum.Record(TimeSpan.MaxValue);
        Assert.Equal(TimeSpan.MaxValue, sum.Percentile(1));
    }

    [Fact]
    public void Recording_allocates_nothing()
    {
        var stages = new LatencyStages(_time);
        stages.Record(LatencyStage.Sent, 0, 5);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            stages.Record(LatencyStage.Sent, 0, i);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private (QuoteBoard Board, List<WatchFired> Fired, PriceWatches Watches) Watches()
    {
        var board = new QuoteBoard(_time, TimeSpan.FromSeconds(30));
        List<WatchFired> fired = [];
        return (board, fired, new PriceWatches(board, fired.Add));
    }

    private void Look(QuoteBoard board, PriceWatches watches, decimal bid, decimal ask)
    {
        var quote = new Quote(new(bid), new(ask), Now);
        board.Set(Bench.Source, Bench.Symbol, quote);
        watches.Look(Bench.Source, Bench.Symbol, quote);
    }

    private static WatchPrice Watch(long id, Side side, Crossing crossing, decimal level) => new(new WatchId(id), Bench.Source, Bench.Symbol, side, crossing, new Price(level));

    private static TimerId Timer(long number) => new(TimerKind.Retry, number);
}

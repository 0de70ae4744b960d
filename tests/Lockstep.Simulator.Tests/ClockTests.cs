using Lockstep.Domain;

namespace Lockstep.Simulator.Tests;

/// <summary>Order of time, then of scheduling; one thing at a time.</summary>
public sealed class ClockTests
{
    [Fact]
    public void Actions_run_in_order_of_time_then_of_scheduling()
    {
        var clock = new VirtualSimClock();
        var start = clock.Now;
        var log = new List<string>();
        clock.Schedule(TimeSpan.FromSeconds(2), () => log.Add("c"));
        clock.Schedule(TimeSpan.FromSeconds(1), () =>
        {
            log.Add("a");
            clock.Schedule(TimeSpan.FromSeconds(-5), () => log.Add("inner"));
            log.Add("after");
        });
        clock.Schedule(TimeSpan.FromSeconds(1), () => log.Add("b"));
        Assert.Equal(3, clock.Pending);
        Assert.Equal(start + TimeSpan.FromSeconds(1), clock.NextDue);
        clock.RunUntil(start + TimeSpan.FromSeconds(1));
        Assert.Equal(["a", "after", "b", "inner"], log);
        Assert.True(clock.RunNext());
        Assert.Equal(start + TimeSpan.FromSeconds(2), clock.Now);
        Assert.False(clock.RunNext());
    }

    [Fact]
    public async Task A_real_clock_runs_one_action_at_a_time_and_survives_a_failing_one()
    {
        using var clock = new RealSimClock();
        var failures = new List<Exception>();
        clock.Failed += failures.Add;
        var log = new List<int>();
        var done = new TaskCompletionSource();
        int inside = 0;
        bool overlapped = false;
        clock.Schedule(TimeSpan.Zero, () => throw new InvalidOperationException("a fault of the program"));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(t => Task.Run(() =>
        {
            for (int i = 0; i < 250; i++)
            {
                clock.Schedule(TimeSpan.FromMilliseconds(i % 3), () =>
                {
                    overlapped |= Interlocked.Increment(ref inside) != 1;
                    log.Add(log.Count);
                    Interlocked.Decrement(ref inside);
                    if (log.Count == 1_000)
                    {
                        done.SetResult();
                    }
                });
            }
        })));
        await done.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.False(overlapped);
        Assert.Single(failures);
        Assert.Equal(1_000, log.Count);
    }

    [Fact]
    public void A_real_clock_never_goes_back()
    {
        var time = new Backwards();
        using var clock = new RealSimClock(time);
        var first = clock.Now;
        time.Moment -= TimeSpan.FromHours(1);
        Assert.Equal(first, clock.Now);
    }

    [Fact] // An order may be good until 2038; a timer takes no more than 49 days.
    public void A_real_clock_takes_what_is_due_in_years()
    {
        using var clock = new RealSimClock(new Backwards());
        Assert.Null(Record.Exception(() => clock.Schedule(TimeSpan.FromDays(4_000), () => { })));
    }

    private sealed class Backwards : TimeProvider
    {
        public DateTimeOffset Moment { get; set; } = new(2026, 1, 5, 10, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Moment;
    }
}

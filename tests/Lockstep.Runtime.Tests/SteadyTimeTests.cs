using Lockstep.Testing;

namespace Lockstep.Runtime.Tests;

/// <summary>Somebody sets the clock, and nothing is skipped and nothing stands still.</summary>
public class SteadyTimeTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void It_begins_at_the_wall_or_where_the_journal_ended()
    {
        Assert.Equal(ManualTime.Start, new SteadyTime(_time, default).GetUtcNow());
        var later = ManualTime.Start + TimeSpan.FromHours(1);
        Assert.Equal(later, new SteadyTime(_time, Domain.Timestamp.From(later)).GetUtcNow());
    }

    [Fact]
    public void It_runs_with_the_wall_while_nobody_sets_it()
    {
        var steady = new SteadyTime(_time, default);
        for (int i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(137));
            Assert.Equal(_time.GetUtcNow(), steady.GetUtcNow());
        }
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public void Case18_A_jump_is_followed_slowly_and_in_the_end_wholly(int seconds)
    {
        var steady = new SteadyTime(_time, default);
        var before = steady.GetUtcNow();
        _time.SetWall(TimeSpan.FromSeconds(seconds));
        Assert.Equal(before, steady.GetUtcNow());
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(before + TimeSpan.FromSeconds(10 + Math.Sign(seconds) * 0.5), steady.GetUtcNow());
        for (int i = 0; i < 200; i++)
        {
            var last = steady.GetUtcNow();
            _time.Advance(TimeSpan.FromMinutes(10));
            Assert.True(steady.GetUtcNow() > last);
        }

        Assert.Equal(_time.GetUtcNow(), steady.GetUtcNow());
    }
}

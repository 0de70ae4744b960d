using Lockstep.Server.Hosting;
using Microsoft.Extensions.Logging;

namespace Lockstep.Server.Tests.Hosting;

/// <summary>Lines come later, in order, and nobody waits for them.</summary>
public class LaterLogTests
{
    [Fact]
    public async Task Lines_are_written_in_order_and_all_that_wait_at_the_end()
    {
        var seen = new Slow();
        await using (var log = new LaterLog(seen))
        {
            seen.Gate.Reset();
            for (int i = 0; i < 100; i++)
            {
                log.LogInformation("line {Number}", i);
            }

            seen.Gate.Set();
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"line {i}"), seen.Lines);
    }

    [Fact]
    public async Task A_log_that_falls_behind_holds_nobody_up_and_says_what_it_lost()
    {
        var seen = new Slow();
        seen.Gate.Reset();
        await using (var log = new LaterLog(seen))
        {
            for (int i = 0; i < LaterLog.Most + 500; i++)
            {
                log.LogInformation("line {Number}", i);
            }

            seen.Gate.Set();
        }

        Assert.StartsWith("log fell behind ", seen.Lines[^1], StringComparison.Ordinal);
        Assert.InRange(seen.Lines.Count, LaterLog.Most, LaterLog.Most + 2);
    }

    private sealed class Slow : ILogger
    {
        public ManualResetEventSlim Gate { get; } = new(true);

        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Gate.Wait();
            Lines.Add(formatter(state, exception));
        }
    }
}

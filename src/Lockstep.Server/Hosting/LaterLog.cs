using System.Threading.Channels;

namespace Lockstep.Server.Hosting;

/// <summary>
/// A log that nobody waits for: lines are formatted and written by one task, in their order. Writing a line takes longer than deciding an order, and orders to a thousand accounts must not stand in
/// line behind a console. More than <see cref="Most"/> lines waiting are not kept; how many is said. What was done stands in the journal in any case.
/// </summary>
internal sealed class LaterLog : ILogger, IAsyncDisposable
{
    /// <summary>So many lines may wait.</summary>
    public const int Most = 16_384;

    private readonly ILogger _log;
    private readonly Channel<Action<ILogger>> _lines;
    private readonly Task _writing;
    private long _lost;

    /// <summary>Writes to <paramref name="log"/>.</summary>
    public LaterLog(ILogger log)
    {
        _log = log;
        _lines = Channel.CreateBounded<Action<ILogger>>(new BoundedChannelOptions(Most) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
        _writing = Task.Run(WriteAsync);
    }

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => _log.IsEnabled(logLevel);

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        if (!_lines.Writer.TryWrite(log => log.Log(logLevel, eventId, state, exception, formatter)))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    /// <summary>Writes what waits.</summary>
    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await _writing;
    }

    private async Task WriteAsync()
    {
        await foreach (var line in _lines.Reader.ReadAllAsync())
        {
            line(_log);
            if (_lines.Reader.Count == 0 && Interlocked.Exchange(ref _lost, 0) is > 0 and var lost)
            {
                _log.LogWarning("log fell behind {Lost}", lost);
            }
        }
    }
}

namespace Lockstep.Server.Hosting;

/// <summary>Looks at the clock for a hub, again and again, until it is disposed of; a wrong turn is logged and does not end it.</summary>
internal sealed class HubClock(string name, TimeSpan beat, Action<int> turn, ILogger log) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;

    /// <summary>Sets it going.</summary>
    public void Start() => _run = Task.Run(RunAsync);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(beat);
        for (int number = 0; await NextAsync(timer); number++)
        {
            try
            {
                turn(number);
            }
#pragma warning disable CA1031 // One wrong turn must not end the watching over all the others.
            catch (Exception error)
#pragma warning restore CA1031
            {
                log.LogError(error, "{Name} clock {Text}", name, error.Message);
            }
        }
    }

    private async Task<bool> NextAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}

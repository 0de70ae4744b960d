using System.Net.Sockets;
using Lockstep.Runtime;
using Lockstep.Server.Cli;
using Lockstep.Server.Configuration;
using Lockstep.Server.Security;
using Lockstep.Storage;

namespace Lockstep.Server.Hosting;

/// <summary><c>lockstep serve</c>.</summary>
internal static class ServeCommand
{
    /// <summary>Runs until it is stopped.</summary>
    public static async Task<int> RunAsync(string configFile, int? port, string? data, bool checkOnly, bool clearHalt, CancellationToken cancel)
    {
        var broken = ConfigReader.ParseFile(configFile, out var tree);
        var source = tree is null ? null : new ConfigSource(tree, ConfigReader.FolderOf(configFile), Environment.GetEnvironmentVariable, c => c with
        {
            Server = c.Server with { Port = port ?? c.Server.Port },
            DataFolder = data ?? c.DataFolder,
        });
        var (config, errors) = broken ?? source!.Read([]);
        if (config is null)
        {
            foreach (var error in errors)
            {
                await Console.Error.WriteLineAsync($"{configFile}: {error}");
            }

            await Console.Error.WriteLineAsync($"{configFile}: {errors.Count} {(errors.Count == 1 ? "error" : "errors")}; nothing was started. See docs/configuration.md.");
            return ExitCode.BadUsage;
        }

        if (checkOnly)
        {
            Console.WriteLine($"{configFile}: right; {config.Accounts.Count} accounts, {config.Links.Count} links");
            return ExitCode.Ok;
        }

        using var logging = LoggerFactory.Create(Logs);
        await using var log = new LaterLog(logging.CreateLogger("Lockstep"));
        try
        {
            return await RunAsync(config, source!, clearHalt, log, cancel);
        }
        catch (Exception e) when (e is DataFolderException or JournalDamagedException or JournalFailedException or RecoveryException or IOException or SocketException or UnauthorizedAccessException)
        {
            log.LogCritical("cannot start {Text}", e.Message);
            await Console.Error.WriteLineAsync($"lockstep: {e.Message}");
            return ExitCode.Failure;
        }
    }

    private static async Task<int> RunAsync(LockstepConfig config, ConfigSource source, bool clearHalt, ILogger log, CancellationToken cancel)
    {
        using var stop = new StopSignal(cancel);
        string? key = config.Server.ApiKey is { } reference ? Secrets.Read(reference, Environment.GetEnvironmentVariable).Secret : null;
        if (config.Server is { NeedsKey: true, ApiKey: not null } && key is null)
        {
            // It was there when the configuration was checked, a moment ago.
            throw new DataFolderException($"The API key could not be read from {config.Server.ApiKey}.");
        }

        // Whoever brings reports in also waits for the disk (GroupTurn); the others must not wait for a thread meanwhile.
        ThreadPool.GetMinThreads(out int workers, out int ports);
        ThreadPool.SetMinThreads(Math.Max(workers, 8), ports);
        log.LogInformation("starting {Version} {Data} {Accounts} {Links}", LockstepVersion.Text, config.DataFolder, config.Accounts.Count, config.Links.Count);
        await using var product = await Product.StartAsync(config, log, clearHalt: clearHalt, source: source);
        await product.World.StartQuotesAsync(config.Quotes, () => log.LogWarning("quotes ended {File}", config.Quotes.File));

        if (await FirstKey.MakeAsync(product.Keys, config.Server) is { } first)
        {
            log.LogInformation("first key {Id}", first.Key.Id);
            await Console.Error.WriteLineAsync(FirstKey.Tell(first));
        }

        await using var app = HttpHost.Create(config.Server, product, config.Server.NeedsKey ? key : null, log, Logs);
        await app.StartAsync(stop.Token);
        foreach (string url in app.Urls)
        {
            log.LogInformation("listening {Url} {Auth}", url, config.Server.NeedsKey ? "key" : "none");
        }

        var stopped = Task.Delay(Timeout.InfiniteTimeSpan, stop.Token);
        bool failed = await Task.WhenAny(stopped, product.Failed) == product.Failed;
        log.LogInformation("stopping");
        foreach (var stage in Enum.GetValues<LatencyStage>())
        {
            var took = product.Latency(stage);
            log.LogInformation("latency {Stage} {Count} {P50Ms} {P99Ms} {MaxMs}", stage, took.Count, took.P50.TotalMilliseconds, took.P99.TotalMilliseconds, took.Max.TotalMilliseconds);
        }

        // Groups first: that terminals are cut off by our own stop is no news, and nobody is alerted for it.
        await product.StopGroupsAsync();
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(6)))
        {
            await app.StopAsync(patience.Token);
        }

        await product.DisposeAsync();
        failed |= product.Groups.Any(g => g.Failure is not null);
        log.LogInformation("stopped {Orderly}", !failed);
        return failed ? ExitCode.Failure : ExitCode.Ok;
    }

    private static void Logs(ILoggingBuilder logging) => logging
        .SetMinimumLevel(LogLevel.Information)
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddJsonConsole(console =>
        {
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
        });
}

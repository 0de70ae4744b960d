using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Runtime;
using Lockstep.Server.Cli;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;
using Lockstep.Simulation;
using Lockstep.Simulator;
using Lockstep.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lockstep.Server.Demo;

/// <summary>What was asked for on the command line.</summary>
internal sealed record DemoOptions
{
    /// <summary>A file of recorded quotes.</summary>
    public string? Quotes { get; init; }

    /// <summary>The data folder; null = a fresh one.</summary>
    public string? Data { get; init; }

    /// <summary>How long to trade; null = until Ctrl-C.</summary>
    public int? Seconds { get; init; }

    /// <summary>Seed of trader and quotes.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Nothing but one JSON object.</summary>
    public bool Json { get; init; }

    /// <summary>The MetaTrader accounts are served by the compiled Expert Advisors.</summary>
    public bool Experts { get; init; }

    /// <summary>TCP port of the API; 0 = a free one.</summary>
    public int Port { get; init; } = new ServerConfig().Port;

    /// <summary>The API's admin key; null = one is made for this run.</summary>
    public string? Key { get; init; }
}

/// <summary><c>lockstep demo</c>: the whole product with a trader, on this machine, in real time.</summary>
internal static class DemoCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan TerminalPatience = TimeSpan.FromSeconds(60);

    /// <summary>Runs the demo.</summary>
    public static async Task<int> RunAsync(DemoOptions options, CancellationToken cancel)
    {
        if (options.Experts && DemoPrograms.Obstacle(Environment.CurrentDirectory) is { } obstacle)
        {
            await Console.Error.WriteLineAsync($"lockstep: {obstacle}");
            return ExitCode.BadUsage;
        }

        using var stop = new StopSignal(cancel);
        string folder = options.Data is { } data ? Path.GetFullPath(data) : Directory.CreateTempSubdirectory("lockstep-demo-").FullName;
        DemoResult result;
        try
        {
            result = await PlayAsync(options, folder, stop.Token);
        }
        catch (Exception e) when (e is DataFolderException or JournalDamagedException or JournalFailedException or RecoveryException or IOException or SocketException or UnauthorizedAccessException or DemoException)
        {
            await Console.Error.WriteLineAsync($"lockstep: {e.Message}");
            return ExitCode.Failure;
        }

        if (options.Json)
        {
            Console.WriteLine(result.ToJson());
        }
        else
        {
            foreach (string line in result.Lines())
            {
                Console.WriteLine(line);
            }
        }

        // A folder that nobody asked for goes, unless there is something to find in it.
        if (options.Data is null && result.InLockstep)
        {
            Directory.Delete(folder, recursive: true);
        }
        else if (!options.Json)
        {
            Console.WriteLine($"data folder: {folder}");
        }

        return result.InLockstep ? ExitCode.Ok : ExitCode.Failure;
    }

    private static async Task<DemoResult> PlayAsync(DemoOptions options, string folder, CancellationToken stop)
    {
        var seats = DemoConfig.Seats();
        var watcher = new DemoWatcher();
        string key = options.Key ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        var config = DemoConfig.Make(folder, options.Quotes, options.Seed, options.Port, seats);
        var programs = options.Experts ? await ProgramsAsync(options.Json) : null;
        await using var openApi = new DemoOpenApi(new AccountId(DemoConfig.OverOpenApi));
        await using var product = await Product.StartAsync(config, NullLogger.Instance, watcher, ctrader: openApi.StartAsync);
        await product.World.StartQuotesAsync(config.Quotes);
        await using var app = HttpHost.Create(config.Server, product, key, NullLogger.Instance, _ => { });
        await StartAsync(app, options.Port);
        var url = new Uri(app.Urls.Single());
        await TellAsync(options.Json, url, key);
        var server = new IPEndPoint(IPAddress.Loopback, url.Port);

        // Goes first at the end: the terminals say goodbye to a server that stands, on a clock that runs.
        await using IDemoTerminals terminals = programs is null ? new DemoSimTerminals(seats) : new DemoExperts(seats, programs, watcher, folder);
        try
        {
            await terminals.StartAsync(product, server);
            await ReadyAsync(product, terminals, stop);
            await product.Rehearsed;
            return await TradeAsync(options, product, terminals, watcher, $"{url.GetLeftPart(UriPartial.Authority)}  Authorization: Bearer {key}", stop);
        }
        finally
        {
            // Before the terminals leave: that they are lost is no news then.
            await product.StopGroupsAsync();
        }
    }

    private static async Task<DemoResult> TradeAsync(DemoOptions options, Product product, IDemoTerminals terminals, DemoWatcher watcher, string api, CancellationToken stop)
    {
        var broker = (Mt5Broker)product.World.Brokers[new AccountId(DemoConfig.Source)];
        var trader = new DemoTrader(broker, product.World.Clock, new SimRandom((ulong)options.Seed).Fork("trader"), [.. broker.Symbols.Select(s => s.Spec.Name.Value)]);
        trader.Did += watcher.OnTrade;

        string quotes = options.Quotes is { } file ? $"quotes of {Path.GetFileName(file)}" : $"generated quotes, seed {options.Seed}";
        var stage = new DemoStageManager(product, watcher, terminals, quotes, api);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (options.Seconds is { } seconds)
        {
            ended.CancelAfter(TimeSpan.FromSeconds(seconds));
        }

        Comparison? comparison = null;
        await stage.ShowAsync(options.Json, async () =>
        {
            trader.Start(TimeSpan.FromMilliseconds(200));
            await EndAsync(product, ended.Token);
            stage.Phase = "the trader stopped; waiting for quiet";
            await product.World.OnClockAsync(() =>
            {
                trader.Stop();
                return true;
            });
            comparison = await SettleAsync(product, watcher);
        });
        return await ResultAsync(product, watcher, terminals, comparison!);
    }

    private static async Task StartAsync(WebApplication app, int port)
    {
        try
        {
            await app.StartAsync(CancellationToken.None);
        }
        catch (IOException e)
        {
            throw new DemoException($"the API cannot listen on port {port}: {e.Message} Name another port with --port, or --port 0 for a free one.");
        }
    }

    /// <summary>Where the API is and its key. Standard output belongs to the result where only that is wanted.</summary>
    private static async Task TellAsync(bool json, Uri url, string key)
    {
        string address = url.GetLeftPart(UriPartial.Authority);
        if (json)
        {
            await Console.Error.WriteLineAsync(JsonSerializer.Serialize(new { url = address, key }));
        }
        else
        {
            Console.WriteLine($"API: {address}  admin key of this run: {key}");
            Console.WriteLine($"     curl -H 'Authorization: Bearer {key}' {address}/v1/accounts");
        }
    }

    private static async Task<DemoPrograms> ProgramsAsync(bool quietly)
    {
        if (!quietly)
        {
            Console.WriteLine("compiling the Expert Advisors of mql/Experts with g++ (what was compiled once is kept) …");
        }

        return await DemoPrograms.BuildAsync(Environment.CurrentDirectory);
    }

    private static async Task EndAsync(Product product, CancellationToken ended)
    {
        var forever = Task.Delay(Timeout.InfiniteTimeSpan, ended);
        if (await Task.WhenAny(forever, product.Failed) == product.Failed)
        {
            throw new DemoException(await product.Failed);
        }
    }

    private static async Task ReadyAsync(Product product, IDemoTerminals terminals, CancellationToken stop)
    {
        var deadline = DateTime.UtcNow + TerminalPatience;
        while (true)
        {
            var missing = new List<AccountConfig>();
            foreach (var account in product.Config.Accounts)
            {
                if (await product.AccountAsync(account.Id) is not { Synced: true })
                {
                    missing.Add(account);
                }
            }

            if (missing.Count == 0 || stop.IsCancellationRequested)
            {
                return;
            }

            if (DateTime.UtcNow > deadline || terminals.Ended.Count > 0)
            {
                var why = missing.Select(a => a.CTrader is not null ? $"account {a.Id} is not live at the Open API: {product.CTrader?.Session(a.Id)?.Standing ?? "no session"}" : a.Terminal is null ? $"account {a.Id} is not up" : $"the terminal of account {a.Id} is not live: {terminals.Says(a.Id)}");
                throw new DemoException($"not all accounts came up within {TerminalPatience.TotalSeconds} seconds{Environment.NewLine}  {string.Join(Environment.NewLine + "  ", why)}");
            }

            await Task.Delay(20, CancellationToken.None);
        }
    }

    /// <summary>Nothing in flight and nothing heard for a while; then the market stands still and the books are compared. Bounded: what is not in step by then, is not in step.</summary>
    private static async Task<Comparison> SettleAsync(Product product, DemoWatcher watcher)
    {
        var deadline = DateTime.UtcNow + Patience;
        await QuietAsync(product, watcher, deadline);
        await product.World.StopQuotesAsync();
        while (true)
        {
            await QuietAsync(product, watcher, deadline);
            var comparison = await DemoComparison.CompareAsync(product);
            if (comparison.InLockstep || DateTime.UtcNow > deadline)
            {
                return comparison;
            }

            await Task.Delay(500);
        }
    }

    private static async Task QuietAsync(Product product, DemoWatcher watcher, DateTime deadline)
    {
        for (int quiet = 0; quiet < 8 && DateTime.UtcNow < deadline;)
        {
            long heard = watcher.Heard;
            await Task.Delay(50);
            bool busy = heard != watcher.Heard || (await product.InFlightAsync()).Count > 0 || product.Groups.Any(g => g.Core.Waiting > 0);
            quiet = busy ? 0 : quiet + 1;
        }
    }

    private static async Task<DemoResult> ResultAsync(Product product, DemoWatcher watcher, IDemoTerminals terminals, Comparison comparison)
    {
        var tally = watcher.Look((t, _, _) => t.Copy());
        var latency = product.Latency(LatencyStage.Through);
        return new DemoResult
        {
            SourceEvents = tally.SourceEvents,
            Copied = tally.Copied,
            Skipped = tally.Skipped,
            Refused = tally.Refused,
            UnknownOpen = (await product.InFlightAsync()).Count(i => i.Unknown),
            Lost = comparison.Lost,
            Duplicated = comparison.Duplicated,
            LatencyMs = new DemoLatency(Ms(latency.P50), Ms(latency.P99), Ms(latency.Max)),
            InLockstep = comparison.InLockstep && product.Halted.Count == 0 && terminals.Ended.Count == 0,
            Differences = [.. product.Halted.Select(h => $"halted: {h}"), .. terminals.Ended, .. comparison.Differences],
            Compared = comparison.Compared,
            Terminals = [.. product.Config.Accounts.Where(a => a.Terminal is not null || a.CTrader is not null).Select(a => Terminal(product, a))],
        };
    }

    private static string Terminal(Product product, AccountConfig account)
    {
        var health = product.Health(account.Id);
        string trip = health?.RoundTrip is { } round ? string.Create(CultureInfo.InvariantCulture, $", round trip {Ms(round)} ms") : "";
        string again = health is { Reconnects: > 0 } ? string.Create(CultureInfo.InvariantCulture, $", came back {health.Reconnects} times") : "";
        return $"{account.Id} {health?.Peer ?? "away"}{trip}{again}";
    }

    private static double Ms(TimeSpan span) => Math.Round(span.TotalMilliseconds, 3);
}

/// <summary>The demo cannot go on; the message is for the person who runs it.</summary>
internal sealed class DemoException(string message) : Exception(message);

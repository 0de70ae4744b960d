using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Lockstep.Domain;
using Lockstep.MqlHarness.Build;
using Lockstep.MqlHarness.Terminal;
using Lockstep.Server.Hosting;
using Lockstep.Server.Relay;
using Lockstep.Simulator;

namespace Lockstep.Server.Demo;

/// <summary>
/// The Expert Advisors themselves, compiled from <c>mql/Experts</c>, a process each: on MT5 with a WebSocket of their own, on MT4 by a pipe through the product's relay. Their files stand
/// in the data folder.
/// </summary>
internal sealed class DemoExperts(IReadOnlyList<DemoSeat> seats, DemoPrograms programs, DemoWatcher watcher, string folder) : IDemoTerminals
{
    private readonly ConcurrentDictionary<AccountId, EaTerminal> _terminals = [];
    private readonly CancellationTokenSource _relayStop = new();
    private DirectoryInfo? _pipes;
    private Task _relay = Task.CompletedTask;

    /// <inheritdoc/>
    public IReadOnlyList<string> Ended =>
        [.. _terminals.Where(t => t.Value.State != EaState.Running).OrderBy(t => t.Key).Select(t => $"the Expert Advisor of {t.Key} ended: {Says(t.Key)}")];

    /// <inheritdoc/>
    public async Task StartAsync(Product product, IPEndPoint server)
    {
        // A path of a Unix socket has little room: not in the data folder.
        _pipes = Directory.CreateTempSubdirectory("lockstep-");
        const string Pipe = "lockstep";
        var target = new RelayTarget(new Uri($"ws://{server}/ea"));
        _relay = new PipeSide(Path.Combine(_pipes.FullName, Pipe), target, new RelayLog(TextWriter.Null, json: false)).RunAsync(_relayStop.Token);
        await Task.WhenAll(seats.Select(seat => Task.Run(() =>
        {
            var broker = product.World.Brokers[seat.Account];
            bool mt4 = seat.Platform == PlatformKind.Mt4;
            var terminal = new EaTerminal(
                new EaTerminalOptions
                {
                    Program = mt4 ? programs.Mt4 : programs.Mt5,
                    Folder = Path.Combine(folder, "terminals", seat.Account.Value),
                    Inputs = new Dictionary<string, string> { ["LsKey"] = seat.Key, [mt4 ? "LsPipe" : "LsServer"] = mt4 ? Pipe : $"ws://{server}/ea" },
                    Login = seat.Login,
                    Server = seat.Server,
                    Time = DemoBrokerTime.Clock,
                    Build = mt4 ? 1420 : 4410,
                    Pipes = _pipes.FullName,
                    KeyOfComment = comment => OrderKey.TryFind(comment, out var key) ? key.Value : null,
                    KeyOfRequest = request => KeyOf(request, seat.Account, broker),
                },
                broker,
                product.World.Clock);
            _terminals[seat.Account] = terminal;
            terminal.Start();
        })));
    }

    /// <inheritdoc/>
    public string Says(AccountId account)
    {
        if (!_terminals.TryGetValue(account, out var terminal))
        {
            return "not started";
        }

        string said = string.Join("; ", terminal.Log.Where(l => l.Kind is EaLogKind.Alert or EaLogKind.Print).TakeLast(3).Select(l => l.Text));
        return string.Create(CultureInfo.InvariantCulture, $"{terminal.State.ToString().ToLowerInvariant()}{(terminal.CriticalError.Length > 0 ? $" ({terminal.CriticalError.Trim()})" : "")}{(said.Length > 0 ? $", \"{said}\"" : "")}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_terminals.Values.Select(terminal => Task.Run(() =>
        {
            terminal.Stop(9);
            terminal.Dispose();
        })));
        await _relayStop.CancelAsync();
        await _relay;
        _relayStop.Dispose();
        _pipes?.Delete(recursive: true);
    }

    // MT4 closes without a comment. The brokers' books, which the end is judged by, know by whose wish all the same.
    private ulong? KeyOf(NativeRequest request, AccountId account, SimBroker broker)
    {
        int? ticket = request switch
        {
            Mt4OrderClose close => close.Ticket,
            Mt4OrderCloseBy by => by.Ticket,
            _ => null,
        };
        return ticket is { } number && ((Mt4Broker)broker).Trades.FirstOrDefault(t => t.Ticket == number) is { } trade
            ? watcher.LastClosing(account, new SymbolName(trade.Symbol))
            : null;
    }
}

/// <summary>The compiled programs.</summary>
/// <param name="Mt4">Path of the one for MT4.</param>
/// <param name="Mt5">Path of the one for MT5.</param>
internal sealed record DemoPrograms(string Mt4, string Mt5)
{
    private const string Source = "Lockstep.mq5";

    /// <summary>Why the Expert Advisors cannot be compiled here; null = they can.</summary>
    public static string? Obstacle(string start) =>
        !OperatingSystem.IsLinux() ? "--ea: the compiled Expert Advisors run on Linux only (WSL will do). Without --ea the demo runs anywhere."
        : !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Any(f => File.Exists(Path.Combine(f, "g++")))
            ? "--ea compiles the Expert Advisors with g++, and there is none on the PATH. Install it (Debian and Ubuntu: apt-get install g++), or run the demo without --ea."
        : Folder(start) is null ? $"--ea compiles the Expert Advisors of the repository, and there is no mql/Experts/{Source} in or above {start}. Start it in the repository, or run the demo without --ea."
        : null;

    /// <summary>Compiles what is not compiled yet. A <see cref="DemoException"/> has the compiler's words.</summary>
    public static async Task<DemoPrograms> BuildAsync(string start)
    {
        string folder = Folder(start)!;
        var mt4 = Task.Run(() => Build(Path.Combine(folder, "Lockstep.mq4")));
        var mt5 = Task.Run(() => Build(Path.Combine(folder, Source)));
        return new DemoPrograms(await mt4, await mt5);
    }

    private static string Build(string file)
    {
        var result = MqlCompiler.Compile(file);
        return result.Success ? result.Program : throw new DemoException($"{file} does not compile:{Environment.NewLine}{result.Messages.TrimEnd()}");
    }

    private static string? Folder(string start)
    {
        foreach (string from in new[] { start, AppContext.BaseDirectory })
        {
            for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
            {
                string experts = Path.Combine(folder.FullName, "mql", "Experts");
                if (File.Exists(Path.Combine(experts, Source)))
                {
                    return experts;
                }
            }
        }

        return null;
    }
}

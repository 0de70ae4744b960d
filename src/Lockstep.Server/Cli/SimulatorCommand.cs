using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.Server.Cli;

/// <summary><c>lockstep simulator</c>; and <c>mt</c> below it: simulated MetaTrader accounts with the EA in their terminals, connected to a server.</summary>
internal static class SimulatorCommand
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var connect = new Option<string>("--connect") { Description = "The server's address for terminals.", HelpName = "URL", DefaultValueFactory = _ => "ws://127.0.0.1:8080/ea" };
        var accounts = new Option<int>("--accounts") { Description = "How many accounts.", HelpName = "N", DefaultValueFactory = _ => 2 };
        var platform = new Option<string>("--platform") { Description = "mt4, mt5 or mixed (in turn).", HelpName = "P", DefaultValueFactory = _ => "mixed" };
        var keys = new Option<FileInfo?>("--keys") { Description = "File with the EA keys, one a line, in the order of the accounts.", HelpName = "FILE" };
        var prefix = new Option<string>("--key-prefix") { Description = "Without --keys a key is this, '-' and the login in six digits.", HelpName = "P", DefaultValueFactory = _ => "simulated-terminal" };
        var login = new Option<long>("--login-from") { Description = "Login of the first account; the others count on.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var server = new Option<string>("--server") { Description = "Name of the broker server.", HelpName = "NAME", DefaultValueFactory = _ => "Simulated-Demo" };
        var trade = new Option<double>("--trade") { Description = "Trades by hand a second, over all accounts that trade.", HelpName = "PER_SECOND" };
        var traders = new Option<int>("--traders") { Description = "How many accounts trade by hand, from the first; 0 = one in ten, at least one.", HelpName = "N" };
        var addresses = new Option<int>("--addresses")
        {
            Description = "Come from so many loopback addresses: a server takes 20 connections a second from one.", HelpName = "N", DefaultValueFactory = _ => 1,
        };
        var seconds = new Option<int?>("--seconds") { Description = "End by itself after this many seconds. Default: run until Ctrl-C.", HelpName = "N" };
        var seed = new Option<int>("--seed") { Description = "Seed of market and trader.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var json = new Option<bool>("--json") { Description = "Print nothing but one JSON object at the end." };
        var print = new Option<bool>("--print-config") { Description = "Print a server configuration with these accounts, and how to use it; connect to nothing." };
        AtLeast(accounts, 1, 100_000);
        AtLeast(addresses, 1, 50_000);
        AtLeast(traders, 0, 100_000);
        platform.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value is not ("mt4" or "mt5" or "mixed"))
            {
                result.AddError($"--platform: '{token.Value}' is none of mt4, mt5, mixed.");
            }
        });
        connect.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!Uri.TryCreate(token.Value, UriKind.Absolute, out var uri) || uri.Scheme != "ws"))
            {
                result.AddError($"--connect: '{token.Value}' is no ws:// address.");
            }
        });
        keys.Validators.Add(result =>
        {
            if (result.Tokens is [var file] && !File.Exists(file.Value))
            {
                result.AddError($"--keys: there is no file '{file.Value}'.");
            }
        });
        var mt = new Command(
            "mt",
            """
            Simulated MetaTrader terminals with the EA in them, over simulated brokers that share one market, connected to a server as real ones are.
            Try it:
              lockstep simulator mt --accounts 2 --print-config > try.json        (its first lines say how it is served)
              lockstep simulator mt --accounts 2 --trade 1
            Exit codes: 0 = ended in order, 1 = no terminal was ever let in, 2 = wrong usage.
            """)
        {
            connect, accounts, platform, keys, prefix, login, server, trade, traders, addresses, seconds, seed, json, print,
        };
        mt.SetAction(async (parsed, cancel) =>
        {
            var file = parsed.GetValue(keys);
            var options = new SimTerminalHostOptions
            {
                Connect = new Uri(parsed.GetValue(connect)!),
                Accounts = parsed.GetValue(accounts),
                Platforms = parsed.GetValue(platform) switch { "mt4" => SimTerminalPlatforms.Mt4, "mt5" => SimTerminalPlatforms.Mt5, _ => SimTerminalPlatforms.Mixed },
                Keys = file is null ? [] : [.. (await File.ReadAllLinesAsync(file.FullName, cancel).ConfigureAwait(false)).Select(l => l.Trim()).Where(l => l.Length > 0)],
                KeyPrefix = parsed.GetValue(prefix)!,
                LoginFrom = parsed.GetValue(login),
                Server = parsed.GetValue(server)!,
                TradesPerSecond = parsed.GetValue(trade),
                Traders = parsed.GetValue(traders),
                Addresses = parsed.GetValue(addresses),
                Seed = (ulong)parsed.GetValue(seed),
            };
            if (options.KeyOf(0).Length < 16)
            {
                await Console.Error.WriteLineAsync($"lockstep: --key-prefix: '{options.KeyPrefix}' makes keys of fewer than 16 characters, which no server takes.").ConfigureAwait(false);
                return ExitCode.BadUsage;
            }

            if (parsed.GetValue(print))
            {
                await Console.Out.WriteAsync(Configuration(options)).ConfigureAwait(false);
                return ExitCode.Ok;
            }

            try
            {
                return await RunAsync(options, parsed.GetValue(seconds), parsed.GetValue(json), cancel).ConfigureAwait(false);
            }
            catch (System.Net.Sockets.SocketException e)
            {
                await Console.Error.WriteLineAsync($"lockstep: --connect: {options.Connect.Host}: {e.Message}").ConfigureAwait(false);
                return ExitCode.BadUsage;
            }
        });
        return new Command("simulator", "Simulated counterparts of the server, for trying it out and for load.") { mt, CTraderSimulatorCommand.Create() };
    }

    /// <summary>A configuration that these terminals fit. Keys stand in it by the names of environment variables only; the lines that set them are comments.</summary>
    internal static string Configuration(SimTerminalHostOptions options)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"// A configuration for {options.Accounts} simulated accounts. Saved as try.json it is served by:");
        text.AppendLine("//   eval \"$(sed -n 's,^// *export,export,p' try.json)\"; lockstep serve --config try.json");
        for (int i = 0; i < options.Accounts; i++)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"// export {VariableOf(options, i)}='{options.KeyOf(i)}'");
        }

        text.AppendLine("{");
        text.AppendLine(CultureInfo.InvariantCulture, $"  \"server\": {{ \"port\": {options.Connect.Port}, \"auth\": \"none\" }},");
        text.AppendLine("  \"data\": \"try-data\",");
        text.AppendLine("  \"accounts\": {");
        for (int i = 0; i < options.Accounts; i++)
        {
            string kind = options.PlatformOf(i) == PlatformKind.Mt4 ? "mt4" : "mt5";
            text.AppendLine(CultureInfo.InvariantCulture, $"    {Text(NameOf(options, i))}: {{ \"platform\": \"{kind}\", \"login\": {options.LoginFrom + i}, \"server\": {Text(options.Server)}, \"key\": {{ \"env\": \"{VariableOf(options, i)}\" }} }},");
        }

        text.AppendLine("  },");
        text.AppendLine("  \"links\": [");
        if (options.Accounts > 1)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"    {{ \"name\": \"try\", \"source\": {Text(NameOf(options, 0))}, \"target\": {Text(NameOf(options, options.Accounts - 1))}, \"kind\": \"copy\" }},");
        }

        text.AppendLine("  ],");
        text.AppendLine("}");
        return text.ToString();
    }

    private static async Task<int> RunAsync(SimTerminalHostOptions options, int? seconds, bool json, CancellationToken cancel)
    {
        using var stop = new StopSignal(cancel);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        using var host = new SimTerminalHost(options);
        long each = (GC.GetTotalMemory(forceFullCollection: true) - before) / options.Accounts;
        if (!json)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{options.Accounts} simulated accounts ({options.LoginFrom}..{options.LoginFrom + options.Accounts - 1} on {options.Server}), {each / 1024.0:0.0} KiB each, to {options.Connect}"));
        }

        host.Start();
        var began = DateTime.UtcNow;
        long most = 0;
        string said = "";
        while (!stop.Token.IsCancellationRequested && (seconds is not { } end || (DateTime.UtcNow - began).TotalSeconds < end))
        {
            try
            {
                await Task.Delay(1000, stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            most = Math.Max(most, host.Totals.Live);
            string line = Line(host);
            if (!json && line != said)
            {
                Console.WriteLine(said = line);
            }
        }

        long live = host.Totals.Live;
        long connected = host.Totals.Connected;
        long used = (GC.GetTotalMemory(forceFullCollection: true) - before) / options.Accounts;
        await host.StopAsync().ConfigureAwait(false);
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new
                {
                    accounts = options.Accounts,
                    connected,
                    live,
                    most_live = most,
                    refused = host.Totals.Refused,
                    lost = host.Totals.Lost,
                    commands = host.Totals.Commands,
                    commands_done = host.Totals.Done,
                    traded = host.Traded,
                    events = host.Totals.Events,
                    acked = host.Totals.Acked,
                    round_trip_ms_p50 = host.Totals.RoundTripMs(0.5),
                    round_trip_ms_p99 = host.Totals.RoundTripMs(0.99),
                    bytes_per_account_idle = each,
                    bytes_per_account_at_end = used,
                    refusals = host.Totals.Refusals.ToDictionary(r => r.Key, r => r.Value),
                },
                Json));
        }
        else
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ended: {Line(host)}; {used / 1024.0:0.0} KiB each"));
        }

        return most > 0 ? ExitCode.Ok : ExitCode.Failure;
    }

    private static string Line(SimTerminalHost host)
    {
        var t = host.Totals;
        string refusals = t.Refused == 0 ? "" : $", refused {t.Refused} ({string.Join(", ", t.Refusals.Take(3).Select(r => $"{r.Key} {r.Value}"))})";
        string trip = t.RoundTripMs(0.5) is { } middle ? string.Create(CultureInfo.InvariantCulture, $", event to ack p50 {middle:0.0} ms p99 {t.RoundTripMs(0.99):0.0} ms") : "";
        return string.Create(CultureInfo.InvariantCulture, $"connected {t.Connected}, live {t.Live}{refusals}, traded {host.Traded}, events {t.Events}, acked {t.Acked}, commands {t.Commands} ({t.Done} done){trip}");
    }

    private static string NameOf(SimTerminalHostOptions options, int account) => string.Create(CultureInfo.InvariantCulture, $"sim-{options.LoginFrom + account}");

    private static string VariableOf(SimTerminalHostOptions options, int account) => string.Create(CultureInfo.InvariantCulture, $"LOCKSTEP_KEY_{options.LoginFrom + account}");

    private static string Text(string text) => JsonSerializer.Serialize(text, Json);

    private static void AtLeast(Option<int> option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && int.TryParse(token.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && (value < least || value > most))
        {
            result.AddError($"{option.Name} must be {least} to {most}.");
        }
    });
}

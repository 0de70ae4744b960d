using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.Server.Cli;

/// <summary><c>lockstep simulator ctrader</c>: a simulated server of cTrader's Open API, for any client.</summary>
internal static class CTraderSimulatorCommand
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "TLS port of the Protobuf protocol; 0 takes a free one. It serves demo and live accounts unless --live-port is given.", HelpName = "N", DefaultValueFactory = _ => 5035 };
        var live = new Option<int?>("--live-port") { Description = "TLS port of the live environment: an account on the wrong port then gets CANT_ROUTE_REQUEST, as on the real servers. 0 takes a free one.", HelpName = "N" };
        var json = new Option<int?>("--json-port") { Description = "TLS port of the JSON protocol. Default: 5036 beside 5035, otherwise a free one.", HelpName = "N" };
        var oauth = new Option<int>("--oauth-port") { Description = "HTTP port of the consent page and the token endpoint; 0 takes a free one.", HelpName = "N" };
        var accounts = new Option<int>("--accounts") { Description = "How many accounts: two hedged and a netted one on demo, a hedged one on live, and so on.", HelpName = "N", DefaultValueFactory = _ => 4 };
        var seed = new Option<long>("--seed") { Description = "Seed of market, ids and chance.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var quotes = new Option<FileInfo?>("--quotes") { Description = "Play recorded quotes (time_ms_utc,symbol,bid,ask; gzip when the name ends in .gz) instead of generated ones.", HelpName = "FILE" };
        var faults = new Option<FileInfo?>("--faults") { Description = "What goes wrong, as JSON: {\"dropAfterPercent\": 1, \"delayMax\": \"2s\", \"broker\": {\"rejectPercent\": 5}}.", HelpName = "FILE" };
        var certificate = new Option<FileInfo?>("--cert") { Description = "Certificate to show, PEM, with what stands behind it. Default: one made afresh for localhost and 127.0.0.1.", HelpName = "FILE" };
        var key = new Option<FileInfo?>("--key") { Description = "Its private key, PEM.", HelpName = "FILE" };
        var redirect = new Option<string[]>("--redirect-uri") { Description = "An address that the consent page may send back to, beside all of this machine; may be given several times.", HelpName = "URL", DefaultValueFactory = _ => [] };
        var machine = new Option<bool>("--json") { Description = "Print one line of JSON with all of it when it runs, and nothing else." };
        Within(port, 0, 65_535);
        Within(live, 0, 65_535);
        Within(json, 0, 65_535);
        Within(oauth, 0, 65_535);
        Within(accounts, 1, 1_000);
        foreach (var file in new[] { quotes, faults, certificate, key })
        {
            file.Validators.Add(result =>
            {
                if (result.Tokens is [var token] && !File.Exists(token.Value))
                {
                    result.AddError($"{file.Name}: there is no file '{token.Value}'.");
                }
            });
        }

        Together(certificate, key);
        Together(key, certificate);
        var command = new Command(
            "ctrader",
            """
            A simulated server of cTrader's Open API 2.0 on loopback ports with TLS, over simulated accounts and a simulated market: for any client, without an account. It prints the certificate to
            trust, the application, a token pair for each scope, the accounts, and the addresses of consent page and token endpoint.
            It runs until stopped (Ctrl-C or SIGTERM). Nothing is kept. Exit codes: 0 = ended in order, 1 = failed, 2 = wrong usage, nothing was done.
            """)
        {
            port, live, json, oauth, accounts, seed, quotes, faults, certificate, key, redirect, machine,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            var wrong = FaultsFile.None;
            if (parsed.GetValue(faults) is { } path)
            {
                wrong = FaultsFile.Read(await File.ReadAllTextAsync(path.FullName, cancel), out var problems);
                foreach (string problem in problems)
                {
                    await Console.Error.WriteLineAsync($"lockstep: --faults: {problem}");
                }

                if (problems.Count > 0)
                {
                    return ExitCode.BadUsage;
                }
            }

            var options = new CTraderSimulatorOptions
            {
                Port = parsed.GetValue(port),
                LivePort = parsed.GetValue(live),
                JsonPort = parsed.GetValue(json),
                OAuthPort = parsed.GetValue(oauth),
                Accounts = parsed.GetValue(accounts),
                Seed = parsed.GetValue(seed),
                Quotes = parsed.GetValue(quotes)?.FullName,
                Faults = wrong,
                Certificate = parsed.GetValue(certificate) is { } shown ? (shown.FullName, parsed.GetValue(key)!.FullName) : null,
                RedirectUris = parsed.GetValue(redirect) ?? [],
            };
            return await RunAsync(options, parsed.GetValue(machine), cancel);
        });
        return command;
    }

    /// <summary>The line of <c>--json</c>. The live environment's own ports stand in it when it has any.</summary>
    internal static string Line(CTraderSimulator simulator)
    {
        var line = new Dictionary<string, object>
        {
            ["host"] = CTraderSimulator.Host,
            ["port"] = simulator.Port,
            ["json_port"] = simulator.JsonPort,
            ["certificate"] = simulator.CertificateFile,
            ["clients"] = new[] { new { id = simulator.Application.Id, secret = simulator.Application.Secret } },
            ["tokens"] = simulator.Tokens.Select(t => new { access = t.Access, refresh = t.Refresh, scope = Scope(t) }),
            ["accounts"] = simulator.Accounts.Select(a => new { ctidTraderAccountId = a.CtidTraderAccountId, isLive = a.IsLive, type = Type(a) }),
            ["oauth"] = new { authorize = simulator.AuthorizeUrl, token = simulator.TokenUrl },
        };
        if (simulator.LivePort != simulator.Port)
        {
            line["live_port"] = simulator.LivePort;
            line["live_json_port"] = simulator.LiveJsonPort;
        }

        return JsonSerializer.Serialize(line, Json);
    }

    /// <summary>The same for a person.</summary>
    internal static string Story(CTraderSimulator simulator)
    {
        var text = new System.Text.StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"Simulated Open API server on {CTraderSimulator.Host}: Protobuf {Ports(simulator.Port, simulator.LivePort)}, JSON {Ports(simulator.JsonPort, simulator.LiveJsonPort)}, TLS");
        text.AppendLine(CultureInfo.InvariantCulture, $"  trust            {simulator.CertificateFile}   (localhost, 127.0.0.1)");
        text.AppendLine(CultureInfo.InvariantCulture, $"  application      {simulator.Application.Id}, secret {simulator.Application.Secret}");
        foreach (var token in simulator.Tokens)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  token {Scope(token),-10} {token.Access}, refresh {token.Refresh}");
        }

        foreach (var account in simulator.Accounts)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  account          {account.CtidTraderAccountId}, {(account.IsLive ? "live" : "demo")}, {Type(account)}, login {account.Login}");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"  consent page     {simulator.AuthorizeUrl}?client_id={simulator.Application.Id}&redirect_uri=http://localhost:…&scope=trading");
        text.AppendLine(CultureInfo.InvariantCulture, $"  token endpoint   {simulator.TokenUrl}");
        return text.ToString();
    }

    private static async Task<int> RunAsync(CTraderSimulatorOptions options, bool json, CancellationToken cancel)
    {
        using var stop = new StopSignal(cancel);
        CTraderSimulator simulator;
        try
        {
            simulator = await CTraderSimulator.StartAsync(options);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            await Console.Error.WriteLineAsync($"lockstep: it cannot start: {e.Message}");
            return ExitCode.Failure;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            await Console.Error.WriteLineAsync($"lockstep: --cert, --key: cannot be used: {e.Message}");
            return ExitCode.BadUsage;
        }

        await using (simulator)
        {
            await Console.Out.WriteLineAsync(json ? Line(simulator) : Story(simulator).TrimEnd());
            await Console.Out.FlushAsync(CancellationToken.None);
            var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var heard = stop.Token.UnsafeRegister(static over => ((TaskCompletionSource)over!).TrySetResult(), stopped);
            if (await Task.WhenAny(stopped.Task, simulator.Failed.Task) == stopped.Task)
            {
                return ExitCode.Ok;
            }

            await Console.Error.WriteLineAsync($"lockstep: the simulation failed: {await simulator.Failed.Task}");
            return ExitCode.Failure;
        }
    }

    private static string Ports(int demo, int live) => demo == live ? demo.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{demo} (demo) and {live} (live)");

    // The words of the consent page's scope parameter.
    private static string Scope(SimTokenPair token) => token.TradingScope ? "trading" : "accounts";

    // As ProtoOAAccountType names it.
    private static string Type(SimOpenApiAccount account) => account.Broker.Settings.Mode == AccountMode.Netting ? "NETTED" : "HEDGED";

    private static void Together(Option one, Option other) => one.Validators.Add(result =>
    {
        if (result.GetResult(other) is null)
        {
            result.AddError("--cert and --key belong together.");
        }
    });

    private static void Within<T>(Option<T> option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && int.TryParse(token.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && (value < least || value > most))
        {
            result.AddError($"{option.Name} must be {least} to {most}.");
        }
    });
}

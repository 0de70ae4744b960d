using System.CommandLine;
using System.Globalization;

namespace Lockstep.Server.Cli;

/// <summary>The command line: <c>lockstep serve|demo|simulate|doctor|simulator|relay|keys</c>.</summary>
internal static class LockstepCommand
{
    /// <summary>The whole tree of commands.</summary>
    public static RootCommand Create() => new(
        """
        Lockstep keeps trading accounts in step: what happens on one account is copied to, or hedged on, others.

        Exit codes: 0 = ok; 1 = failure (a violation, accounts out of step, the server could not go on); 2 = wrong usage or configuration, nothing was done.
        """)
    {
        Serve(),
        Demo(),
        Simulate(),
        Doctor.DoctorCommand.Create(),
        SimulatorCommand.Create(),
        Relay.RelayCommand.Create(),
        KeysCommand.Create(),
    };

    private static Command Serve()
    {
        var config = new Option<FileInfo>("--config") { Description = "The configuration file (JSON; see docs/configuration.md).", HelpName = "FILE", Required = true };
        var port = new Option<int?>("--port") { Description = "TCP port of the HTTP API; stands over server.port. 0 takes a free one.", HelpName = "N" };
        var data = new Option<DirectoryInfo?>("--data") { Description = "Folder of the durable state; stands over data.", HelpName = "DIR" };
        var check = new Option<bool>("--check") { Description = "Only check the configuration, tell all that is wrong with it, and end." };
        var clearHalt = new Option<bool>("--clear-halt") { Description = "Let a group go on that was halted by a broken invariant. Look at its alerts first: the accounts are compared afresh." };
        Within(port, 0, 65_535);
        var command = new Command(
            "serve",
            """
            Run the accounts and links of a configuration until stopped (Ctrl-C or SIGTERM). A restart continues where it was.
            Logs are JSON lines on standard output. Exit codes: 0 = stopped in order, 1 = failed, 2 = the configuration is wrong.
            """)
        {
            config, port, data, check, clearHalt,
        };
        command.SetAction((parsed, cancel) => Hosting.ServeCommand.RunAsync(
            parsed.GetRequiredValue(config).FullName, parsed.GetValue(port), parsed.GetValue(data)?.FullName, parsed.GetValue(check), parsed.GetValue(clearHalt), cancel));
        return command;
    }

    private static Command Demo()
    {
        var quotes = new Option<FileInfo?>("--quotes") { Description = "Play recorded quotes (time_ms_utc,symbol,bid,ask; gzip when the name ends in .gz) instead of generated ones.", HelpName = "FILE" };
        var data = new Option<DirectoryInfo?>("--data") { Description = "Folder of the durable state. Default: a fresh temporary one.", HelpName = "DIR" };
        var seconds = new Option<int?>("--seconds") { Description = "End by itself after this many seconds of trading. Default: run until Ctrl-C.", HelpName = "N" };
        var seed = new Option<int>("--seed") { Description = "Seed of the trader and of the generated quotes.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var json = new Option<bool>("--json") { Description = "Print nothing but one JSON object at the end." };
        var experts = new Option<bool>("--ea")
        {
            Description = "Serve the MetaTrader accounts with the Expert Advisors themselves, compiled from the repository's mql folder (found in or above the current folder). Linux with g++ only.",
        };
        var port = new Option<int?>("--port") { Description = "TCP port of the HTTP API. Default: 8080. 0 takes a free one.", HelpName = "N" };
        var key = new Option<string?>("--key") { Description = "The admin key of the HTTP API. Default: one is made for this run, and printed.", HelpName = "KEY" };
        key.Validators.Add(result =>
        {
            if (result.Tokens is [var text] && (text.Value.Length is < 16 or > 512 || text.Value.Any(c => c is <= ' ' or > '~')))
            {
                result.AddError("--key must be 16 to 512 printable ASCII characters without spaces.");
            }
        });
        Within(port, 0, 65_535);
        quotes.Validators.Add(result =>
        {
            if (result.Tokens is [var file] && !File.Exists(file.Value))
            {
                result.AddError($"--quotes: there is no file '{file.Value}'.");
            }
        });
        Within(seconds, 1, 1_000_000);
        var command = new Command(
            "demo",
            """
            Show the whole product on this machine: four simulated accounts (MT5 hedging, MT4 FIFO, cTrader, MT5 netting), a trader on the first, a hedge link and two
            copy links, a journal on disk. The MetaTrader accounts are served by terminals that come in by WebSocket. The whole HTTP API is served on 127.0.0.1:8080; its
            address and admin key are printed first (with --json as one JSON object on standard error). At the end the brokers' own books are compared with an
            independent model.
            Exit codes: 0 = in lockstep, 1 = not in lockstep or failed, 2 = wrong usage, or --ea where it cannot be.
            """)
        {
            quotes, data, seconds, seed, port, key, json, experts,
        };
        command.SetAction((parsed, cancel) => Lockstep.Server.Demo.DemoCommand.RunAsync(
            new Lockstep.Server.Demo.DemoOptions
            {
                Quotes = parsed.GetValue(quotes)?.FullName,
                Data = parsed.GetValue(data)?.FullName,
                Seconds = parsed.GetValue(seconds),
                Seed = parsed.GetValue(seed),
                Json = parsed.GetValue(json),
                Experts = parsed.GetValue(experts),
                Port = parsed.GetValue(port) ?? new Configuration.ServerConfig().Port,
                Key = parsed.GetValue(key),
            },
            cancel));
        return command;
    }

    private static Command Simulate()
    {
        var seeds = new Option<string?>("--seeds") { Description = "Seeds to play: one number, or a range such as 1..1000.", HelpName = "A..B" };
        var plant = new Option<string?>("--plant") { Description = "Plant a named fault that the checkers must find; 'list' names them all.", HelpName = "NAME|list" };
        var trace = new Option<string?>("--trace") { Description = "Tell the story of one seed readably.", HelpName = "SEED" };
        var json = new Option<bool>("--json") { Description = "Print nothing but one JSON object." };
        var command = new Command(
            "simulate",
            """
            Play seeded worlds: the production engine and journal against simulated brokers with faults and crashes, watched by independent checkers.
            The same seeds give the same hash on any machine. Exit codes: 0 = no violation, 1 = a violation was found (its seed is printed), 2 = wrong usage.
            """)
        {
            seeds, plant, trace, json,
        };
        command.SetAction((parsed, cancel) => SimulateCommand.RunAsync(parsed.GetValue(seeds), parsed.GetValue(plant), parsed.GetValue(trace), parsed.GetValue(json), cancel));
        return command;
    }

    // What is no number at all is told by the parser itself.
    private static void Within(Option<int?> option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && int.TryParse(token.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && (value < least || value > most))
        {
            result.AddError($"{option.Name} must be {least} to {most}.");
        }
    });
}

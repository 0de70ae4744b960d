using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lockstep.Server.Cli;

namespace Lockstep.Server.Relay;

/// <summary><c>lockstep relay</c>: carries terminals that have no TLS of their own (MT4) to the server.</summary>
internal static class RelayCommand
{
    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var connect = new Option<string>("--connect") { Description = "The server: wss://host:port/ea. ws:// only to this machine.", HelpName = "URL", Required = true };
        var pipe = new Option<string>("--pipe") { Description = "Name of the pipe that terminals open; on Linux a Unix socket, and a path is taken as it is.", HelpName = "NAME", DefaultValueFactory = _ => "lockstep" };
        var listen = new Option<string?>("--listen") { Description = "Also carry bytes from this loopback port, for terminals that speak WebSocket but no TLS.", HelpName = "127.0.0.1:PORT" };
        var trust = new Option<FileInfo?>("--trust") { Description = "PEM file with the certificates to trust, instead of the system's authorities.", HelpName = "FILE" };
        var pin = new Option<string?>("--pin") { Description = "SHA-256 of the server's certificate; no other is talked to.", HelpName = "SHA256" };
        var json = new Option<bool>("--json") { Description = "Write log lines as JSON." };
        var command = new Command(
            "relay",
            """
            Carry terminals on this machine to a Lockstep server: MetaTrader 4 has no TLS, and a pipe needs no DLL. Runs until stopped (Ctrl-C or SIGTERM).
            Exit codes: 0 = stopped in order, 1 = failed, 2 = wrong usage.
            """)
        {
            connect, pipe, listen, trust, pin, json,
        };
        command.SetAction((parsed, cancel) => RunAsync(
            parsed.GetRequiredValue(connect), parsed.GetRequiredValue(pipe), parsed.GetValue(listen), parsed.GetValue(trust)?.FullName, parsed.GetValue(pin), parsed.GetValue(json), cancel));
        return command;
    }

    private static async Task<int> RunAsync(string connect, string pipe, string? listen, string? trust, string? pin, bool json, CancellationToken cancel)
    {
        var (target, problem) = Target(connect, trust, pin);
        IPEndPoint? at = null;
        if (listen is not null && (!IPEndPoint.TryParse(listen, out at) || !IPAddress.IsLoopback(at.Address)))
        {
            problem ??= $"--listen: '{listen}' is no loopback address with a port, such as 127.0.0.1:5090; what comes in is not encrypted";
        }

        if (pipe.Length is 0 or > 100 || (pipe.Contains('\\', StringComparison.Ordinal) && OperatingSystem.IsWindows()))
        {
            problem ??= $"--pipe: '{pipe}' is no name of a pipe; give 1 to 100 characters without the \\\\.\\pipe\\ before them";
        }

        if (problem is not null)
        {
            await Console.Error.WriteLineAsync($"lockstep: {problem}");
            return ExitCode.BadUsage;
        }

        var log = new RelayLog(Console.Out, json);
        using var stop = new StopSignal(cancel);
        try
        {
            var work = new List<Task>();
            using var tunnel = at is null ? null : new Tunnel(at, target!, log);
            if (tunnel is not null)
            {
                tunnel.Start();
                log.Write("relay", $"listening on {tunnel.At}");
                work.Add(tunnel.RunAsync(stop.Token));
            }

            work.Add(new PipeSide(pipe, target!, log).RunAsync(stop.Token));
            log.Write("relay", $"serving pipe {pipe} for {target!.Address}");

            // One that fails ends the command; a stop ends both.
            await await Task.WhenAny(work);
            await Task.WhenAll(work);
            log.Write("relay", "stopped");
            return ExitCode.Ok;
        }
        catch (Exception e) when (e is IOException or SocketException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"lockstep: {e.Message}");
            return ExitCode.Failure;
        }
    }

    /// <summary>The server of the command line, or what is wrong with it.</summary>
    internal static (RelayTarget? Target, string? Problem) Target(string connect, string? trust, string? pin)
    {
        if (!Uri.TryCreate(connect, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeWss && uri.Scheme != Uri.UriSchemeWs) || uri.UserInfo.Length > 0)
        {
            return (null, $"--connect: '{connect}' is no address such as wss://host:8080/ea");
        }

        if (uri.Scheme == Uri.UriSchemeWs && !uri.IsLoopback)
        {
            return (null, "--connect: ws:// is not encrypted and leads to another machine; the account's key would be readable on the way. Use wss://");
        }

        string? digits = pin?.Replace(":", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
        if (digits is not null && (digits.Length != 64 || !digits.All(char.IsAsciiHexDigit)))
        {
            return (null, "--pin: must be the 64 hex digits of a certificate's SHA-256");
        }

        if (trust is null)
        {
            return (new RelayTarget(uri, null, digits), null);
        }

        try
        {
            var trusted = new X509Certificate2Collection();
            trusted.ImportFromPemFile(trust);
            return trusted.Count == 0 ? (null, $"--trust: {trust} holds no certificate in PEM form") : (new RelayTarget(uri, trusted, digits), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return (null, $"--trust: {trust} cannot be used: {e.Message}");
        }
    }
}

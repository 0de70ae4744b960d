using System.CommandLine;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Cli.Doctor;

/// <summary><c>lockstep doctor</c>: looks at everything that a server needs, and changes nothing.</summary>
internal static class DoctorCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var config = new Option<FileInfo>("--config") { Description = "The configuration file.", HelpName = "FILE", DefaultValueFactory = _ => new FileInfo("lockstep.json") };
        var json = new Option<bool>("--json") { Description = "Print nothing but one JSON object." };
        var command = new Command(
            "doctor",
            """
            Look at everything that a server needs: configuration, disk, database, keys, certificates, permissions, port, clock, RabbitMQ, accounts. Nothing is changed, and a server
            that runs goes on. Exit codes: 0 = all in order, 1 = warnings, 2 = errors.
            """)
        {
            config, json,
        };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetRequiredValue(config).FullName, parsed.GetValue(json), cancel));
        return command;
    }

    /// <summary>Looks, and prints.</summary>
    public static async Task<int> RunAsync(string configFile, bool json, CancellationToken cancel)
    {
        var findings = await LookAsync(configFile, Environment.GetEnvironmentVariable, TimeProvider.System.GetUtcNow(), cancel);
        Console.WriteLine(json ? JsonSerializer.Serialize(new { Result = Worst(findings), Findings = findings }, Json) : Text(findings));
        return (int)Worst(findings);
    }

    /// <summary>All findings.</summary>
    public static async Task<IReadOnlyList<Finding>> LookAsync(string configFile, Func<string, string?> environment, DateTimeOffset now, CancellationToken cancel)
    {
        var findings = new List<Finding>
        {
            WorldChecks.Clock(now, Built()),
            WorldChecks.Machine(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, Environment.ProcessorCount),
        };
        var (config, errors) = ConfigReader.ReadFile(configFile, environment);
        if (config is null)
        {
            findings.AddRange(errors.Select(e => Finding.Error("configuration", $"{configFile}: {e}", "Correct it; docs/configuration.md has every key.")));
            return findings;
        }

        findings.Add(Finding.Ok("configuration", $"{configFile}: {config.Accounts.Count} accounts, {config.Links.Count} links"));
        findings.AddRange(StoreChecks.Look(config, now));
        findings.AddRange(SecretChecks.Look(config, configFile, environment, now));
        try
        {
            findings.AddRange(await WorldChecks.PortAsync(config.Server, environment, cancel));
        }
        catch (SocketException e)
        {
            findings.Add(Finding.Error("port", $"{config.Server.Bind}:{config.Server.Port} cannot be listened on: {e.Message}", "Correct server.bind: it must be an address of this machine. Ports below 1024 need a right of their own."));
        }

        findings.Add(config.Amqp is { } amqp ? await WorldChecks.AmqpAsync(amqp, environment, cancel) : Finding.Ok("rabbitmq", "off"));
        return findings;
    }

    /// <summary>The worst of them, which is the exit code.</summary>
    public static FindingLevel Worst(IReadOnlyList<Finding> findings) => findings.Max(f => f.Level);

    /// <summary>A line for each, and one for the whole.</summary>
    public static string Text(IReadOnlyList<Finding> findings)
    {
        var lines = findings.Select(f => $"{f.Level.ToString().ToUpperInvariant(),-8} {f.Check}: {f.Text}{(f.Fix is null ? "" : $"\n         → {f.Fix}")}");
        int errors = findings.Count(f => f.Level == FindingLevel.Error), warnings = findings.Count(f => f.Level == FindingLevel.Warning);
        return string.Join("\n", lines.Append($"{errors} errors, {warnings} warnings, {findings.Count - errors - warnings} in order"));
    }

    private static DateTimeOffset Built() => new(File.GetLastWriteTimeUtc(typeof(DoctorCommand).Assembly.Location is { Length: > 0 } file ? file : Environment.ProcessPath!));
}

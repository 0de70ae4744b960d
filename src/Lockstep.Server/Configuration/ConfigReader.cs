using System.Net;
using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Server.Configuration;

/// <summary>What came of reading a configuration: either it is right, or there are errors.</summary>
/// <param name="Config">The configuration; null when there is any error.</param>
/// <param name="Errors">All errors, in the order of the file.</param>
internal sealed record ConfigResult(LockstepConfig? Config, IReadOnlyList<ConfigError> Errors);

/// <summary>
/// Reads a configuration and says all that is wrong with it at once: first the form (<see cref="ConfigFormat"/>), then what only shows when the parts are seen
/// together (<see cref="ConfigChecks"/>).
/// </summary>
internal static class ConfigReader
{
    private const int BytesMax = 4 * 1024 * 1024;

    /// <summary>Reads a file.</summary>
    public static ConfigResult ReadFile(string path, Func<string, string?> environment) =>
        ParseFile(path, out var root) is { } problem ? problem : Read(root!, FolderOf(path), environment);

    /// <summary>What is wrong with a file as JSON, or null and the tree.</summary>
    public static ConfigResult? ParseFile(string path, out JsonItem? root)
    {
        root = null;
        try
        {
            return new FileInfo(path).Length > BytesMax ? Failed(0, $"the file is larger than {BytesMax / 1024 / 1024} MiB") : Parse(File.ReadAllBytes(path), out root);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.SecurityException)
        {
            return Failed(0, $"cannot be read: {e.Message}");
        }
    }

    /// <summary>Where a file's relative paths begin.</summary>
    public static string FolderOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path))!;

    /// <summary>Reads a text. <paramref name="folder"/> is where relative paths begin.</summary>
    public static ConfigResult Read(ReadOnlySpan<byte> utf8, string folder, Func<string, string?> environment) =>
        Parse(utf8, out var root) is { } problem ? problem : Read(root!, folder, environment);

    /// <summary>What is wrong with a text as JSON, or null and the tree.</summary>
    public static ConfigResult? Parse(ReadOnlySpan<byte> utf8, out JsonItem? root)
    {
        root = null;
        try
        {
            root = JsonItem.Parse(utf8);
            return null;
        }
        catch (JsonException e)
        {
            string reason = e.Message.Split(" LineNumber:")[0];
            return Failed((int)(e.LineNumber ?? -1) + 1, $"is no valid JSON (position {e.BytePositionInLine + 1} of the line): {reason}");
        }
    }

    /// <summary>Reads a tree.</summary>
    public static ConfigResult Read(JsonItem root, string folder, Func<string, string?> environment)
    {
        var errors = new List<ConfigError>();
        var checker = new ShapeChecker(errors);
        checker.Check(root, ConfigFormat.Root, "");
        var top = new ItemReader(root, checker);
        var config = new LockstepConfig
        {
            Server = Server(top.Below("server"), folder, errors, environment),
            DataFolder = Path.GetFullPath(top.Text("data") ?? "lockstep-data", folder),
            Accounts = Accounts(top, folder, errors, environment),
            Links = [],
            Quotes = Quotes(top.Below("quotes"), folder, errors),
            CTrader = CTraderReader.Read(top.Below("ctrader"), folder, errors, environment),
            Amqp = AmqpReader.Read(top.Below("amqp"), folder, errors, environment),
            Alerts = OpsReader.Alerts(top.Below("alerts"), top, folder, errors, environment),
            Otlp = OpsReader.Otlp(top.Below("telemetry").Below("otlp"), folder, errors, environment),
            SecretKey = CTraderReader.SecretKey(top.Below("secretKey"), folder, errors, environment),
        };
        var links = Links(top);
        config = config with { Links = [.. links.Select(l => l.Settings)] };
        new ConfigChecks(errors).Check(config, links, root["accounts"]);
        return errors.Count == 0
            ? new ConfigResult(config, [])
            : new ConfigResult(null, [.. errors.Distinct().OrderBy(e => e.Line)]);
    }

    private static ServerConfig Server(ItemReader server, string folder, List<ConfigError> errors, Func<string, string?> environment)
    {
        var defaults = new ServerConfig();
        var bind = defaults.Bind;
        if (server.Value("bind") is { } bindItem && !IPAddress.TryParse(bindItem.Text, out bind!))
        {
            errors.Add(new ConfigError(bindItem.Line, "server.bind", bindItem.Shown, "must be an IP address such as \"127.0.0.1\" or \"::1\""));
            bind = defaults.Bind;
        }

        var key = server.Below("apiKey");
        var reference = Secrets.Reference(key, folder);
        bool needsKey = server.Text("auth") != "none";
        if (reference is not null && Secrets.Read(reference, environment).Problem is { } problem)
        {
            errors.Add(new ConfigError(key.Item!.Line, "server.apiKey", "", $"{reference} {problem}"));
        }

        if (!needsKey && !IPAddress.IsLoopback(bind))
        {
            errors.Add(new ConfigError(server.Value("auth")!.Line, "server.auth", "\"none\"", $"is allowed on a loopback address only, and server.bind is {bind}"));
        }

        var ea = server.Below("ea");
        return new SecurityReader(server, folder, errors, environment).Read(needsKey) with
        {
            Port = server.Whole("port") ?? defaults.Port,
            Bind = bind,
            NeedsKey = needsKey,
            ApiKey = reference,
            Tls = Tls(server.Below("tls"), folder, errors, environment),
            EaQuoteInterval = ea.Duration("quoteInterval") ?? defaults.EaQuoteInterval,
            EaMaxTerminals = ea.Whole("maxTerminals") ?? defaults.EaMaxTerminals,
            EaMessagesPerSecond = ea.Whole("messagesPerSecond") ?? defaults.EaMessagesPerSecond,
        };
    }

    private static TlsConfig? Tls(ItemReader tls, string folder, List<ConfigError> errors, Func<string, string?> environment)
    {
        if (tls.Text("certificate") is not { } certificate)
        {
            return null;
        }

        var config = new TlsConfig(
            Path.GetFullPath(certificate, folder),
            tls.Text("key") is { } key ? Path.GetFullPath(key, folder) : null,
            Secrets.Reference(tls.Below("password"), folder));

        // A certificate that cannot be used is found now, and not at the start of a night.
        if (Certificates.Load(config, environment).Problem is { } problem)
        {
            errors.Add(new ConfigError(tls.Value("certificate")!.Line, "server.tls", "", problem));
        }

        return config;
    }

    private static QuotesConfig Quotes(ItemReader quotes, string folder, List<ConfigError> errors)
    {
        var defaults = new QuotesConfig();
        string? file = quotes.Text("file") is { } path ? Path.GetFullPath(path, folder) : null;
        if (file is not null && !File.Exists(file))
        {
            errors.Add(new ConfigError(quotes.Value("file")!.Line, "quotes.file", quotes.Value("file")!.Shown, $"there is no file {file}"));
        }

        foreach (string key in new[] { "seed", "interval" })
        {
            if (file is not null && quotes.Value(key) is { } item)
            {
                errors.Add(new ConfigError(item.Line, $"quotes.{key}", item.Shown, "belongs to the generator and has no meaning beside quotes.file; leave one of the two out"));
            }
        }

        if (file is null && quotes.Item?["file"] is null && quotes.Value("speed") is { } speed)
        {
            errors.Add(new ConfigError(speed.Line, "quotes.speed", speed.Shown, "belongs to quotes.file, which is not given; the generator's pace is quotes.interval"));
        }

        return new QuotesConfig
        {
            Seed = quotes.Number("seed") is { } seed ? (long)seed : defaults.Seed,
            Interval = quotes.Duration("interval") ?? defaults.Interval,
            File = file,
            Speed = quotes.Number("speed") ?? defaults.Speed,
        };
    }

    private static List<AccountConfig> Accounts(ItemReader top, string folder, List<ConfigError> errors, Func<string, string?> environment)
    {
        var reader = new AccountReader(errors, folder, environment);
        return [.. top.Map("accounts")
            .Select(m => reader.Read(m.Key, top.Of(m.Value), $"accounts.{m.Key}"))
            .OfType<AccountConfig>()
            .OrderBy(a => a.Id)];
    }

    private static List<LinkInFile> Links(ItemReader top)
    {
        var links = new List<LinkInFile>();
        var items = top.Value("links")?.Items ?? [];
        for (int i = 0; i < items.Count; i++)
        {
            var reader = top.Of(items[i]);
            if (LinkReader.Read(reader) is { } settings)
            {
                links.Add(new LinkInFile(settings, items[i], $"links[{i}]"));
            }
        }

        return links;
    }

    private static ConfigResult Failed(int line, string text) => new(null, [new ConfigError(line, "", "", text)]);
}

/// <summary>A link with its place in the file.</summary>
internal sealed record LinkInFile(LinkSettings Settings, JsonItem Item, string Path);

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Lockstep.Testing;
using RabbitMQ.Client;

namespace Lockstep.Server.Tests.Amqp;

/// <summary>A rabbitmq-server of the test's own: free loopback ports, its own node name, folder and port mapper. Nothing of the system's service is touched.</summary>
public sealed class RabbitBroker : IAsyncLifetime
{
    public const string Program = "rabbitmq-server";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-rabbit-").FullName;
    private readonly int _mapperPort = FreePort(), _distributionPort = FreePort();
    private Process? _mapper;
    private Process? _server;

    public int Port { get; } = FreePort();

    public int TlsPort { get; } = FreePort();

    /// <summary>PEM file of the certificate that the TLS port shows, for localhost; signed by itself.</summary>
    public string Certificate => Path.Combine(_folder, "cert.pem");

    public string Url => $"amqp://guest:guest@127.0.0.1:{Port}/";

    public async Task InitializeAsync()
    {
        if (Requires.Missing(Program) is not null)
        {
            // The tests are skipped.
            return;
        }

        Tls.Make(Certificate, Path.Combine(_folder, "key.pem"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "plugins"), "[].\n");
        await File.WriteAllTextAsync(Path.Combine(_folder, "rabbit.conf"), string.Create(CultureInfo.InvariantCulture, $"""
            listeners.tcp.1 = 127.0.0.1:{Port}
            listeners.ssl.1 = 127.0.0.1:{TlsPort}
            ssl_options.certfile = {Certificate}
            ssl_options.keyfile = {Path.Combine(_folder, "key.pem")}
            ssl_options.verify = verify_none
            disk_free_limit.absolute = 1MB
            heartbeat = 10

            """));
        _mapper = Process.Start(Of(Requires.Program("epmd"), "-port", $"{_mapperPort}", "-address", "127.0.0.1"));
        await StartAsync();
    }

    /// <summary>Starts it, with all that it kept.</summary>
    public async Task StartAsync()
    {
        var start = Of(Script("rabbitmq-server"));
        _server = Process.Start(start)!;
        _server.OutputDataReceived += (_, _) => { };
        _server.ErrorDataReceived += (_, _) => { };
        _server.BeginOutputReadLine();
        _server.BeginErrorReadLine();
        var since = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var connection = await ConnectAsync();
                return;
            }
            catch (Exception) when (since.Elapsed < Patience && !_server.HasExited)
            {
                await Task.Delay(200);
            }
        }
    }

    /// <summary>Ends it in order.</summary>
    public async Task StopAsync() => await EndAsync("-TERM");

    /// <summary>SIGKILL: nothing is ended in order.</summary>
    public async Task KillAsync() => await EndAsync("-KILL");

    /// <summary>rabbitmqctl.</summary>
    public async Task CtlAsync(params string[] arguments)
    {
        using var process = Process.Start(Of(Script("rabbitmqctl"), ["--quiet", .. arguments]))!;
        string output = await process.StandardOutput.ReadToEndAsync(), errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"rabbitmqctl {string.Join(' ', arguments)}: {output}{errors}");
    }

    /// <summary>A connection of the test's own.</summary>
    public async Task<IConnection> ConnectAsync() =>
        await new ConnectionFactory { Uri = new Uri(Url), AutomaticRecoveryEnabled = false, RequestedConnectionTimeout = TimeSpan.FromSeconds(10) }.CreateConnectionAsync();

    public async Task DisposeAsync()
    {
        if (_server is { HasExited: false })
        {
            await KillAsync();
        }

        if (_mapper is not null)
        {
            _mapper.Kill();
            await _mapper.WaitForExitAsync();
            _mapper.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task EndAsync(string signal)
    {
        // The script waits for the virtual machine, whose number it wrote down.
        string pid = (await File.ReadAllTextAsync(Path.Combine(_folder, "pid"))).Trim();
        using (var kill = Process.Start("kill", [signal, pid]))
        {
            await kill.WaitForExitAsync();
        }

        using var patience = new CancellationTokenSource(Patience);
        await _server!.WaitForExitAsync(patience.Token);
        _server.Dispose();
        _server = null;
    }

    private ProcessStartInfo Of(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        string Under(string name) => Path.Combine(_folder, name);
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["HOME"] = _folder,
            ["ERL_EPMD_PORT"] = $"{_mapperPort}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODENAME"] = $"lockstep-{Port}@localhost",
            ["RABBITMQ_DIST_PORT"] = $"{_distributionPort}",
            ["RABBITMQ_MNESIA_BASE"] = Under("data"),
            ["RABBITMQ_LOG_BASE"] = Under("log"),
            ["RABBITMQ_LOGS"] = Under("log/broker.log"),
            ["RABBITMQ_PID_FILE"] = Under("pid"),
            ["RABBITMQ_CONFIG_FILE"] = Under("rabbit"),
            ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Under("plugins"),

            // One core is enough for it, and others work here too.
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "+S 1:1 +sbwt none",
        })
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static string Script(string name)
    {
        // Debian's /usr/sbin scripts become the user rabbitmq; what they call does not.
        string own = Path.Combine("/usr/lib/rabbitmq/bin", name);
        return File.Exists(own) ? own : Requires.Program(name);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using Lockstep.Server.Amqp;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Cli.Doctor;

/// <summary>What is around the server: clock, machine, port, the server itself when it runs, and the message broker.</summary>
internal static class WorldChecks
{
    private const long MemoryLeast = 512L * 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The wall clock's sanity: a program is not older than its day.</summary>
    public static Finding Clock(DateTimeOffset now, DateTimeOffset built) =>
        now < built - TimeSpan.FromDays(1) || now > built + TimeSpan.FromDays(3650)
            ? Finding.Error("clock", $"it says {now.UtcDateTime:yyyy-MM-dd HH:mm} UTC, and this program was made on {built.UtcDateTime:yyyy-MM-dd}", "Set the system's clock, and keep it set by NTP: deadlines, keys and certificates go by it.")
            : Finding.Ok("clock", $"{now.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");

    /// <summary>Memory and cores.</summary>
    public static Finding Machine(long memory, int cores) => memory < MemoryLeast
        ? Finding.Warn("machine", $"{memory / 1024 / 1024} MiB of memory, {cores} {(cores == 1 ? "core" : "cores")}", "Give it 512 MiB at least; 10,000 terminals need more.")
        : Finding.Ok("machine", $"{memory / 1024 / 1024} MiB of memory, {cores} {(cores == 1 ? "core" : "cores")}");

    /// <summary>The port, and who has it; with a server that answers, how it says that it is.</summary>
    public static async Task<IReadOnlyList<Finding>> PortAsync(ServerConfig server, Func<string, string?> environment, CancellationToken cancel)
    {
        if (server.Port == 0 || IsFree(server))
        {
            return [Finding.Ok("port", server.Port == 0 ? "any free one" : $"{server.Bind}:{server.Port} is free; no server runs there")];
        }

        var address = server.Bind.Equals(IPAddress.Any) ? IPAddress.Loopback : server.Bind.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : server.Bind;
        var url = new Uri($"{(server.Tls is null ? "http" : "https")}://{new IPEndPoint(address, server.Port)}/");

        // On this machine's own address a certificate's name does not fit; that it is the configuration's own says more.
        string? own = server.Tls is { } tls ? Certificates.Load(tls, environment).Certificate?.Certificate.GetCertHashString(HashAlgorithmName.SHA256) : null;
        using var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => own is not null && shown?.GetCertHashString(HashAlgorithmName.SHA256) == own;
        using var http = new HttpClient(handler) { BaseAddress = url, Timeout = Patience };
        try
        {
            string health = await http.GetStringAsync("healthz", cancel);
            return JsonDocument.Parse(health).RootElement.GetProperty("status").GetString() is "ok" or "degraded"
                ? [Finding.Ok("port", $"{server.Bind}:{server.Port}: a lockstep runs there"), .. await ReadyAsync(http, server, environment, cancel)]
                : throw new JsonException("The status is none of a lockstep's.");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or KeyNotFoundException or InvalidOperationException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return [Finding.Error("port", $"{server.Bind}:{server.Port} is in use by something that does not answer as lockstep does, or shows another certificate", "Stop it, or choose another server.port; a lockstep that runs with an older certificate is to be restarted.")];
        }
    }

    /// <summary>What a server that runs says of itself.</summary>
    public static IReadOnlyList<Finding> Ready(string json)
    {
        using var document = JsonDocument.Parse(json);
        if (!document.RootElement.TryGetProperty("checks", out var checks) || checks.ValueKind != JsonValueKind.Array)
        {
            string? status = document.RootElement.GetProperty("status").GetString();
            return [status == "ready" ? Finding.Ok("server", "it says that it is ready") : Finding.Error("server", "it says that it is not ready", "Ask GET /readyz with a key: it tells the reasons.")];
        }

        return [.. checks.EnumerateArray().Select(c =>
        {
            string name = $"server {c.GetProperty("name").GetString()}", detail = c.GetProperty("detail").GetString()!;
            return c.GetProperty("ok").GetBoolean() ? Finding.Ok(name, detail) : Finding.Error(name, detail, "See the server's log and GET /v1/alerts.");
        })];
    }

    /// <summary>The message broker: reached, let in, and its exchange. Nothing is made there.</summary>
    public static async Task<Finding> AmqpAsync(AmqpConfig amqp, Func<string, string?> environment, CancellationToken cancel)
    {
        var (address, problem) = AmqpReader.Address(amqp.Url, environment);
        if (address is null)
        {
            return Finding.Error("rabbitmq", $"{amqp.Url} {problem}", "Correct it, or the section amqp.");
        }

        try
        {
            bool there = await AmqpLink.LookAsync(amqp, address, cancel);
            string text = $"{address} lets us in; exchange '{amqp.Exchange}' {(there ? "is there" : "is not there yet and is made at the start")}";
            return address is { Tls: false } && !IsOwn(address.Host)
                ? Finding.Warn("rabbitmq", text + "; the password travels there readably", "Use amqps://.")
                : Finding.Ok("rabbitmq", text);
        }
#pragma warning disable CA1031 // Whatever the client library throws is the finding.
        catch (Exception e) when (!cancel.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return Finding.Error("rabbitmq", AmqpTrouble.Of(e, address, amqp.Exchange), "Until then events wait in the database; nothing is lost. See docs/amqp.md.");
        }
    }

    private static async Task<IReadOnlyList<Finding>> ReadyAsync(HttpClient http, ServerConfig server, Func<string, string?> environment, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "readyz");

        // The key goes to this machine's own server; over a network it does not.
        if (server.ApiKey is { } reference && IPAddress.IsLoopback(server.Bind) && Secrets.Read(reference, environment).Secret is { } key)
        {
            request.Headers.Authorization = new("Bearer", key);
        }

        using var answer = await http.SendAsync(request, cancel);
        return Ready(await answer.Content.ReadAsStringAsync(cancel));
    }

    private static bool IsFree(ServerConfig server)
    {
        using var socket = new Socket(server.Bind.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(server.Bind, server.Port));
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }

    private static bool IsOwn(string host) => host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}

using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Lockstep.Server.Tests.Processes;
using Lockstep.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Lockstep.Server.Tests.Ops;

/// <summary>
/// Secrets are planted wherever one can stand, in a real process; everything that can go wrong with them goes wrong; then all that it wrote anywhere is searched for them: log and errors, metrics, answers, audit
/// log, and the files of the data folder, where what is kept is sealed.
/// </summary>
[Collection("processes")]
public sealed class RedactionTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-test-").FullName;
    private readonly Dictionary<string, string> _secrets = [];
    private readonly StringBuilder _answers = new();
    private readonly HttpClient _http = new(new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator });
    private WebApplication? _far;
    private Uri _base = new("https://127.0.0.1/");

    [FactNeeding("linux")]
    public async Task No_secret_is_ever_told()
    {
        _far = await FarAsync();
        await File.WriteAllTextAsync(Path.Combine(_folder, "lockstep.json"), ConfigText());
        Pfx();
        var environment = new Dictionary<string, string>();
        foreach (string name in new[] { "API_KEY", "SHARED", "EA_KEY", "TLS_PASSWORD", "MASTER_KEY", "SIGNING_KEY", "OTLP_TOKEN" })
        {
            environment["PLANTED_" + name] = Plant(name);
        }

        await File.WriteAllTextAsync(Path.Combine(_folder, "client.txt"), Plant("CLIENT_SECRET") + "\n");
        await File.WriteAllTextAsync(Path.Combine(_folder, "webhook.txt"), $"http://127.0.0.1:{ClosedPort()}/hook/{Plant("WEBHOOK_TOKEN")}\n");
        using var server = LockstepProcess.Start(environment, "serve", "--config", Path.Combine(_folder, "lockstep.json"));
        _base = await server.Listening.WaitAsync(TimeSpan.FromSeconds(60)) ?? throw new InvalidOperationException(server.Output + server.Errors);

        await StrangersAsync();
        await BodiesAsync();
        await GrantsAsync();
        await TerminalAsync();
        string made = await KeysAsync();

        // The webhook was tried, and the account without a terminal was told of.
        await OpsHost.UntilAsync(async () => (await SendAsync("GET", "/metrics", keep: true)).Body.Contains("lockstep_alerts_total{code=\"session-down\"", StringComparison.Ordinal));
        await SendAsync("GET", "/v1/audit", keep: true);
        await SendAsync("GET", "/v1/alerts", keep: true);
        await SendAsync("GET", "/readyz", keep: true);
        server.Terminate();
        Assert.Equal(0, await server.EndAsync(TimeSpan.FromSeconds(60)));

        string told = server.Output + server.Errors + _answers;
        Assert.Contains("session-down", told, StringComparison.Ordinal);
        Assert.All(server.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => JsonDocument.Parse(line));
        string kept = string.Concat(Directory.EnumerateFiles(Path.Combine(_folder, "data")).Select(f => Encoding.Latin1.GetString(File.ReadAllBytes(f))));
        Assert.True(kept.Length > 10_000);
        if (made.Length > 0)
        {
            _secrets["made key"] = made;
        }

        Assert.Multiple([.. _secrets.SelectMany(s => Forms(s.Value).Select<string, Action>(form => () =>
        {
            Assert.False(told.Contains(form, StringComparison.Ordinal), $"{s.Key} was told: {Around(told, form)}");
            Assert.False(kept.Contains(form, StringComparison.Ordinal), $"{s.Key} stands in the data folder: {Around(kept, form)}");
        }))]);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_far is not null)
        {
            await _far.StopAsync();
            await _far.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Keys that are wrong, however they are sent.</summary>
    private async Task StrangersAsync()
    {
        foreach (var header in new[]
        {
            ("Authorization", "Bearer " + Plant("WRONG_BEARER")),
            ("X-Api-Key", Plant("WRONG_HEADER")),
            ("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("someone:" + Plant("WRONG_BASIC")))),
        })
        {
            foreach (string path in new[] { "/v1/accounts", "/nowhere" })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_base, path));
                request.Headers.TryAddWithoutValidation(header.Item1, header.Item2);
                using var response = await _http.SendAsync(request);
                Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
                _answers.Append(await response.Content.ReadAsStringAsync());
            }
        }

        Assert.Equal(HttpStatusCode.OK, (await SendAsync("GET", "/v1/accounts", key: _secrets["SHARED"], keep: true)).Status);
    }

    /// <summary>Bodies that hold a password where none belongs, or break off in one.</summary>
    private async Task BodiesAsync()
    {
        string password = Plant("BODY_PASSWORD");
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync("POST", "/v1/accounts/source/orders", $$"""{"symbol":"EURUSD","side":"buy","volume":1,"password":"{{password}}"}""", keep: true)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync("POST", "/v1/accounts/source/orders", $$"""{"password":"{{password}}" """, keep: true)).Status);

        // Programs of the parity face send one with everything: it is taken there, and used only where no other key came.
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("POST", "/ctrader/onboard", $$"""{"account_id":"ct","password":"{{password}}"}""", keep: true)).Status);
    }

    /// <summary>Codes that are good, bad and refused with an echo; tokens that come of a good one.</summary>
    private async Task GrantsAsync()
    {
        var (status, body) = await SendAsync("POST", "/ctrader/onboard", """{"account_id":"ct"}""");
        Assert.Equal(HttpStatusCode.OK, status);
        string state = Uri.UnescapeDataString(JsonDocument.Parse(body).RootElement.GetProperty("authorization_url").GetString()!.Split("state=")[1].Split('&')[0]);
        await SendAsync("GET", $"/ctrader/oauth/callback?code={Plant("CODE_BAD_STATE")}&state=nonsense", keep: true);
        await SendAsync("GET", $"/ctrader/oauth/callback?code={Plant("CODE_REFUSED")}-refuse&state={Uri.EscapeDataString(state)}", keep: true);
        await SendAsync("POST", "/ctrader/oauth/code", $$"""{"account_id":"ct","code":"{{Plant("CODE_BY_HAND")}}"}""", keep: true);
        await SendAsync("GET", "/ctrader/accounts/ct/status", keep: true);
    }

    /// <summary>A terminal with a wrong key, and one with the right key and a wrong login.</summary>
    private async Task TerminalAsync()
    {
        foreach (var (key, login) in new[] { (Plant("WRONG_EA_KEY"), 1), (_secrets["EA_KEY"], 2) })
        {
            using var socket = new ClientWebSocket();
            socket.Options.AddSubProtocol("lockstep.ea.1");
            socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=127.0.0.1";
            await socket.ConnectAsync(new UriBuilder(new Uri(_base, "/ea")) { Scheme = "wss" }.Uri, CancellationToken.None);
            string hello = $$"""{"t":"hello","v":1,"key":"{{key}}","login":{{login.ToString(CultureInfo.InvariantCulture)}},"server":"Demo","platform":"mt5","role":"both","mode":"hedging","currency":"USD","leverage":100,"build":4410,"ea":"1.1.0","terminal":"8c1f03a29be4417d","epoch":1,"acked":0,"first":1,"last":0,"offset":0,"demo":true,"company":"c","closeby":true,"stoplimit":true,"expiry":true,"clash":0}""";
            await socket.SendAsync(Encoding.UTF8.GetBytes(hello), WebSocketMessageType.Text, true, CancellationToken.None);
            byte[] buffer = new byte[4096];
            var answer = await socket.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20));
            string text = Encoding.UTF8.GetString(buffer, 0, answer.Count);
            Assert.Contains("refused", text, StringComparison.Ordinal);
            _answers.Append(text);
        }
    }

    /// <summary>A key that is made is shown once, and nowhere else.</summary>
    private async Task<string> KeysAsync()
    {
        var (status, body) = await SendAsync("POST", "/v1/keys", """{"name":"made","scope":"read"}""");
        if (status == HttpStatusCode.NotFound)
        {
            return "";
        }

        string made = JsonDocument.Parse(body).RootElement.GetProperty("secret").GetString()!;
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("GET", "/v1/accounts", key: made, keep: true)).Status);
        await SendAsync("GET", "/v1/keys", keep: true);
        return made;
    }

    private async Task<(HttpStatusCode Status, string Body)> SendAsync(string method, string path, string? json = null, string? key = null, bool keep = false)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_base, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? _secrets["API_KEY"]);
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        using var response = await _http.SendAsync(request);
        string body = await response.Content.ReadAsStringAsync();
        if (keep)
        {
            _answers.Append(response.Headers).Append(body);
        }

        return (response.StatusCode, body);
    }

    /// <summary>The token endpoint: gives tokens for a code, or refuses one with all that it was sent.</summary>
    private async Task<WebApplication> FarAsync()
    {
        string access = Plant("ACCESS_TOKEN"), refresh = Plant("REFRESH_TOKEN");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(http => http.Request.QueryString.Value!.Contains("-refuse", StringComparison.Ordinal)
            ? http.Response.WriteAsJsonAsync(new { errorCode = "INVALID_REQUEST", description = "no such code: " + http.Request.QueryString })
            : http.Response.WriteAsJsonAsync(new { accessToken = access, refreshToken = refresh, tokenType = "bearer", expiresIn = 2_628_000, errorCode = (string?)null }));
        await app.StartAsync();
        return app;
    }

    private string ConfigText() => $$"""
        {
          "server": { "port": 0, "apiKey": { "env": "PLANTED_API_KEY" }, "sharedSecret": { "env": "PLANTED_SHARED" }, "tls": { "certificate": "server.pfx", "password": { "env": "PLANTED_TLS_PASSWORD" } } },
          "data": "data",
          "accounts": {
            "source": { "platform": "paper", "broker": { "kind": "mt5-hedging", "symbols": ["EURUSD"] } },
            "mt5": { "platform": "mt5", "login": 1, "server": "Demo", "key": { "env": "PLANTED_EA_KEY" } },
            "ct": { "platform": "ctrader" }
          },
          "ctrader": {
            "clientId": "the-client", "clientSecret": { "file": "client.txt" }, "redirectUri": "https://127.0.0.1/ctrader/oauth/callback",
            "hosts": { "demo": "127.0.0.1", "live": "127.0.0.1", "port": {{ClosedPort()}} }, "tokenUrl": "{{_far!.Urls.Single()}}/apps/token"
          },
          "secretKey": { "env": "PLANTED_MASTER_KEY" },
          "alerts": { "rules": { "session": { "raise": 1 } }, "webhooks": [ { "url": { "file": "webhook.txt" }, "signingKey": { "env": "PLANTED_SIGNING_KEY" } } ] },
          "telemetry": { "otlp": { "endpoint": "http://127.0.0.1:{{ClosedPort()}}", "authorization": { "env": "PLANTED_OTLP_TOKEN" }, "interval": "1s" } }
        }
        """;

    private void Pfx()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllBytes(Path.Combine(_folder, "server.pfx"), certificate.Export(X509ContentType.Pkcs12, Plant("TLS_PASSWORD")));
    }

    /// <summary>A secret that stands nowhere else; the same one each time for a name.</summary>
    private string Plant(string name)
    {
        if (!_secrets.TryGetValue(name, out string? secret))
        {
            _secrets[name] = secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));
        }

        return secret;
    }

    /// <summary>As it is, and as base64 or percent-encoding would carry it.</summary>
    private static IEnumerable<string> Forms(string secret) => new[] { secret, Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)).TrimEnd('='), Encoding.Latin1.GetString(Encoding.Unicode.GetBytes(secret)) }.Distinct();

    private static string Around(string text, string form) => text.IndexOf(form, StringComparison.Ordinal) is >= 0 and var at ? text[Math.Max(0, at - 300)..Math.Min(text.Length, at + form.Length + 50)] : "";

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

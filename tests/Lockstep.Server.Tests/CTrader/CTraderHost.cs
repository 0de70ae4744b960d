using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Lockstep.CTrader.OAuth;
using Lockstep.CTrader.Session;
using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;
using Lockstep.Simulator;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Lockstep.Server.Tests.CTrader;

/// <summary>
/// A running server over a simulated Open API in the same process, and a trader's browser. Anna has a demo and a live account, Bert a demo account. Everything that is secret and passes by is
/// remembered, to be looked for where it must not be.
/// </summary>
internal sealed class CTraderHost : IAsyncDisposable
{
    public const string Key = "0123456789abcdef0123";
    public const string Secret = "the-client-secret-of-this-test";
    public const string Back = "http://127.0.0.1:8080/ctrader/oauth/callback";
    public const long AnnaDemo = 1_000_001, AnnaLive = 1_000_002, BertDemo = 2_000_001;

    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-test-").FullName;
    private readonly RealSimClock _clock = new();
    private readonly SimOpenApi _server;
    private readonly Dictionary<long, CTraderBroker> _brokers = [];
    private readonly Lines _log = new();
    private readonly string _config;
    private Product? _product;
    private WebApplication? _app;

    private CTraderHost(string accounts, SimOpenApiSettings? settings, string section)
    {
        settings ??= new SimOpenApiSettings();
        _server = new SimOpenApi(_clock, new SimRandom(3), settings with { Applications = [new("the-client", Secret, [Back])] });
        _config = $$"""
            { "server": { "port": 0, "apiKey": { "env": "KEY" } }, "accounts": { {{accounts}} },
              "ctrader": { "clientId": "the-client", "clientSecret": { "file": "secret.txt" }, "redirectUri": "{{Back}}"{{section}} } }
            """;
    }

    public HttpClient Http { get; } = new();

    /// <summary>Codes and tokens that passed by.</summary>
    public ConcurrentBag<string> Secrets { get; } = [Secret];

    /// <summary>What the server says that its secret is.</summary>
    public string OwnSecret { get; set; } = Secret;

    public Product Product => _product!;

    public Uri Address => new(_app!.Urls.Single());

    public static async Task<CTraderHost> StartAsync(string accounts = "\"prop\": { \"platform\": \"ctrader\" }", SimOpenApiSettings? settings = null, string section = "", string secret = Secret)
    {
        var host = new CTraderHost(accounts, settings, section) { OwnSecret = secret };
        await host.OnClockAsync(() =>
        {
            host.AddAccount(AnnaDemo, false, "anna");
            host.AddAccount(AnnaLive, true, "anna");
            host.AddAccount(BertDemo, false, "bert");
            return true;
        });
        await host.UpAsync();
        return host;
    }

    public async Task UpAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "secret.txt"), OwnSecret);
        var read = ConfigReader.Read(Encoding.UTF8.GetBytes(_config), _folder, name => name == "KEY" ? Key : null);
        Assert.True(read.Config is not null, string.Join("; ", read.Errors));
        var config = read.Config with { DataFolder = Path.Combine(_folder, "data") };
        var http = new HttpClient(new Oauth(this));
        _product = await Product.StartAsync(config, _log, ctrader: _ => Task.FromResult(new CTraderWorld
        {
            Dialer = new SimOpenApiWire(_server, _clock, new SimRandom(4)),
            Tokens = new TokenEndpoint(http, new OAuthSettings { ClientId = "the-client", ClientSecret = OwnSecret, RedirectUri = Back }),
        }));
        _app = HttpHost.Create(config.Server, _product, Key, _log, _ => { });
        await _app.StartAsync();
        Http.DefaultRequestHeaders.Remove("X-Api-Key");
        Http.DefaultRequestHeaders.Add("X-Api-Key", Key);
    }

    public async Task DownAsync()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
        await _product!.DisposeAsync();
    }

    /// <summary>Begins to authorise, and lets a user agree: what the browser is then sent to.</summary>
    public async Task<string> AgreeAsync(string account, string user, string decision = "allow", string scope = "trading")
    {
        var (status, body) = await SendAsync("POST", "/ctrader/onboard", $$"""{"account_id":"{{account}}","scope":"{{scope}}"}""");
        Assert.Equal(HttpStatusCode.OK, status);
        var url = new Uri(body.GetProperty("authorization_url").GetString()!);
        Assert.Equal("https://id.ctrader.com/my/settings/openapi/grantingaccess/", url.GetLeftPart(UriPartial.Path));
        var form = Query(url.Query);
        form["ctid"] = user;
        form["decision"] = decision;
        string back = await OnClockAsync(() => _server.Grants.Consent(form));
        Assert.StartsWith(Back + "?", back, StringComparison.Ordinal);
        if (Query(new Uri(back).Query).TryGetValue("code", out string? code))
        {
            Secrets.Add(code);
        }

        return new Uri(back).PathAndQuery;
    }

    /// <summary>The browser, which has no key, goes where it was sent.</summary>
    public async Task<(HttpStatusCode Status, string Body, HttpResponseMessage Response)> BrowseAsync(string path, bool json = true)
    {
        using var browser = new HttpClient { BaseAddress = new Uri(_app!.Urls.Single()) };
        browser.DefaultRequestHeaders.Add("Accept", json ? "application/json" : "text/html");
        var response = await browser.GetAsync(new Uri(path, UriKind.Relative));
        return (response.StatusCode, await response.Content.ReadAsStringAsync(), response);
    }

    /// <summary>What a refused callback is refused for.</summary>
    public async Task<string> RefusedAsync(string path)
    {
        var (status, body, _) = await BrowseAsync(path);
        Assert.NotEqual(HttpStatusCode.OK, status);
        return JsonDocument.Parse(body).RootElement.GetProperty("type").GetString()!.Split(':')[^1];
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(string method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), _app!.Urls.Single() + path);
        request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await Http.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    public async Task<JsonElement> OkAsync(string method, string path, string? json = null)
    {
        var (status, body) = await SendAsync(method, path, json);
        Assert.True(status == HttpStatusCode.OK, $"{method} {path}: {(int)status} {body}");
        return body;
    }

    public async Task<string> ProblemAsync(string method, string path, string? json, HttpStatusCode expected)
    {
        var (status, body) = await SendAsync(method, path, json);
        Assert.True(status == expected, $"{method} {path}: {(int)status} {body}");
        return body.GetProperty("type").GetString()!.Split(':')[^1];
    }

    /// <summary>Waits until the group has the account as wanted, in that session or a later one.</summary>
    public async Task UntilAsync(string account, string state, long session = 0)
    {
        var deadline = DateTime.UtcNow.AddSeconds(60);
        string seen = "";
        while (DateTime.UtcNow < deadline)
        {
            var shape = await OkAsync("GET", $"/v1/accounts/{account}");
            seen = shape.GetProperty("state").GetString()!;
            if (seen == state && shape.GetProperty("session").GetInt64() >= session)
            {
                return;
            }

            await Task.Delay(20);
        }

        Assert.Fail($"{account} is {seen}: {await OkAsync("GET", $"/ctrader/accounts/{account}/status")}\n{string.Join("\n", _log.All)}");
    }

    public Task<T> OnClockAsync<T>(Func<T> read)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _clock.Schedule(TimeSpan.Zero, () =>
        {
            try
            {
                done.SetResult(read());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task;
    }

    /// <summary>The trader trades at his own terminal.</summary>
    public Task<CTraderBroker> BrokerAsync(long ctid, Action<CTraderBroker> then) => OnClockAsync(() =>
    {
        then(_brokers[ctid]);
        return _brokers[ctid];
    });

    /// <summary>Nothing secret stands in a file of the data folder or in a line of the log.</summary>
    public void AssertNothingLeaked()
    {
        Assert.True(Secrets.Count >= 3, "nothing was planted");
        var texts = _log.All.Select(line => ("the log", line)).ToList();
        foreach (string file in Directory.GetFiles(Path.Combine(_folder, "data"), "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite), Encoding.Latin1);
            texts.Add((file, reader.ReadToEnd()));
        }

        foreach (string secret in Secrets)
        {
            Assert.All(texts, text => Assert.False(text.Item2.Contains(secret, StringComparison.Ordinal), $"a secret stands in {text.Item1}"));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DownAsync();
        _clock.Dispose();
        Http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void AddAccount(long ctid, bool live, string user)
    {
        var settings = new BrokerSettings { Platform = PlatformKind.CTrader, Symbols = SimCatalogue.For(PlatformKind.CTrader, new CatalogueOptions { Only = ["EURUSD"], AlwaysOpen = true }) };
        var broker = (CTraderBroker)SimBroker.Create(settings, _clock, new SimRandom((ulong)ctid));
        _brokers[ctid] = broker;
        _server.Add(new SimOpenApiAccount(ctid, ctid % 1000, live, user, broker));
        broker.OnQuote(new SymbolName("EURUSD"), new Price(1.1m), new Price(1.1001m));
    }

    private static Dictionary<string, string> Query(string query) =>
        query.TrimStart('?').Split('&').Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => Uri.UnescapeDataString(p[1]));

    /// <summary>The token endpoint's other side.</summary>
    private sealed class Oauth(CTraderHost host) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            string body = await host.OnClockAsync(() => host._server.Grants.Token(Query(request.RequestUri!.Query)));
            var answer = JsonDocument.Parse(body).RootElement;
            foreach (string name in new[] { "accessToken", "refreshToken" })
            {
                if (answer.TryGetProperty(name, out var token) && token.ValueKind == JsonValueKind.String)
                {
                    host.Secrets.Add(token.GetString()!);
                }
            }

            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        }
    }

    private sealed class Lines : ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public IReadOnlyList<string> All => [.. _lines];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue($"{logLevel} {formatter(state, exception)} {exception}");
    }
}

using System.Net;
using System.Text;
using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;
using Lockstep.Server.Rest;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lockstep.Server.Tests.Rest.Faces;

/// <summary>A running server on a real Kestrel with a paper account of each platform whose market moves, and a terminal's account whose terminal never comes.</summary>
public sealed class FaceHost : IAsyncLifetime, IDisposable
{
    private const string File =
        """
        {
          "server": { "port": 0, "auth": "none" },
          "quotes": { "interval": "20ms" },
          "accounts": {
            "five": { "platform": "paper", "broker": { "kind": "mt5-hedging", "balance": 100000, "commissionPerLot": 3 } },
            "four": { "platform": "paper", "broker": { "kind": "mt4", "balance": 100000 } },
            "open": { "platform": "paper", "broker": { "kind": "ctrader", "balance": 100000 } },
            "walk": { "platform": "paper", "broker": { "kind": "mt5-hedging", "balance": 100000 } },
            "away": { "platform": "mt5", "login": 5001234, "server": "Broker-Demo" }
          }
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-test-").FullName;
    private Product? _product;
    private WebApplication? _app;
    private HttpClient? _http;

    internal Product Product => _product!;

    public async Task InitializeAsync()
    {
        Assert.Null(ConfigReader.Parse(Encoding.UTF8.GetBytes(File), out var tree));
        var source = new ConfigSource(tree!, _folder, _ => null, c => c with { DataFolder = Path.Combine(_folder, "data") });
        var read = source.Read([]);
        Assert.True(read.Config is not null, string.Join("; ", read.Errors));
        _product = await Product.StartAsync(read.Config, NullLogger.Instance, source: source);
        await _product.World.StartQuotesAsync(read.Config.Quotes);
        _app = HttpHost.Create(read.Config.Server, _product, null, NullLogger.Instance, _ => { });
        await _app.StartAsync();
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
        foreach (string account in new[] { "five", "four", "open", "walk" })
        {
            await UntilAsync(async () => await _product.AccountAsync(new AccountId(account)) is { Up: true, Synced: true }, $"{account} did not come up");
        }
    }

    public async Task DisposeAsync()
    {
        await _product!.StopGroupsAsync();
        await _app!.StopAsync();
        await _app.DisposeAsync();
        await _product.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public void Dispose() => _http?.Dispose();

    /// <summary>The operations that are up.</summary>
    internal IReadOnlyList<Operation> Operations => [.. ((IEndpointRouteBuilder)_app!).DataSources.SelectMany(d => d.Endpoints).Select(e => e.Metadata.GetMetadata<Operation>()).OfType<Operation>()];

    internal Guid Uuid(string account) => Product.Directory.UuidOf(new AccountId(account));

    /// <summary>What programs of the MT5 service send with everything.</summary>
    internal string Login(string account, string more = "") =>
        $$"""{"account_id": 5001234, "password": "the trader's own", "broker_server": "Broker-Demo", "internal_account_id": "{{Uuid(account)}}"{{(more.Length > 0 ? ", " + more : "")}}}""";

    internal async Task<(HttpResponseMessage Response, JsonElement Body)> SendAsync(string method, string path, string? json = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var response = await _http!.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        Assert.NotEmpty(text);
        return (response, JsonDocument.Parse(text).RootElement);
    }

    internal async Task<JsonElement> OkAsync(string method, string path, string? json = null, HttpStatusCode status = HttpStatusCode.OK, params (string Name, string Value)[] headers)
    {
        var (response, body) = await SendAsync(method, path, json, headers);
        Assert.True(response.StatusCode == status, $"{method} {path}: {(int)response.StatusCode} {body}");
        return body;
    }

    /// <summary>A problem: its kind; it has the text that programs look for.</summary>
    internal async Task<string> ProblemAsync(HttpStatusCode status, string method, string path, string? json = null, params (string Name, string Value)[] headers)
    {
        var (response, body) = await SendAsync(method, path, json, headers);
        Assert.True(response.StatusCode == status, $"{method} {path}: {(int)response.StatusCode} {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.NotEmpty(body.GetProperty("detail").GetString()!);
        return body.GetProperty("type").GetString()!.Split(':')[^1];
    }

    internal static async Task UntilAsync(Func<Task<bool>> reached, string what)
    {
        var deadline = DateTime.UtcNow.AddSeconds(60);
        while (!await reached())
        {
            Assert.True(DateTime.UtcNow < deadline, what);
            await Task.Delay(20);
        }
    }
}

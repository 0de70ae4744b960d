using System.Net;
using System.Text;
using System.Text.Json;
using Lockstep.Server.Rest;
using Lockstep.Server.Security;
using Lockstep.Storage.Sqlite;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Lockstep.Server.Tests.Rest;

/// <summary>The HTTP API on a real Kestrel at a free loopback port, over a fake desk.</summary>
internal sealed class RestHost : IAsyncDisposable
{
    public const string Key = "0123456789abcdef0123";
    private readonly WebApplication _app;
    private readonly string _folder;
    private readonly SqliteStore _store;

    private RestHost(WebApplication app, FakeDesk desk, Guard guard, SqliteStore store, string folder)
    {
        (_app, Desk, Guard, _store, _folder) = (app, desk, guard, store, folder);
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public FakeDesk Desk { get; }

    public Guard Guard { get; }

    public SqliteStore Store => _store;

    public HttpClient Client { get; }

    public static async Task<RestHost> StartAsync(string? key = null, GuardSettings? settings = null, TimeProvider? time = null, Action<Routes>? more = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        settings ??= new GuardSettings { NeedsKey = key is not null, ApiKey = key is null ? null : KeyText.Hash(key) };
        RestApi.Configure(builder, settings.Limits);
        var app = builder.Build();
        var desk = new FakeDesk();
        string folder = Directory.CreateTempSubdirectory("lockstep-test-").FullName;
        var store = SqliteStore.Open(folder);
        var guard = new Guard(settings, new KeyRing(store, time ?? TimeProvider.System), store, new SecretBox(new byte[32]), desk.Directory, time ?? TimeProvider.System);
        var routes = RestApi.Map(app, desk, guard, "1.2.3");
        more?.Invoke(routes);
        await app.StartAsync();
        return new RestHost(app, desk, guard, store, folder);
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(string method, string path, string? json = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await Client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        var body = text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
        if ((int)response.StatusCode >= 400)
        {
            // Every error has one shape.
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            Assert.StartsWith("urn:lockstep:problem:", body.GetProperty("type").GetString(), StringComparison.Ordinal);
            Assert.Equal((int)response.StatusCode, body.GetProperty("status").GetInt32());
            Assert.NotEmpty(body.GetProperty("title").GetString()!);
            Assert.NotEmpty(body.GetProperty("detail").GetString()!);
            Assert.NotEmpty(body.GetProperty("advice").GetString()!);
        }

        return (response.StatusCode, body);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Guard.Ring.Dispose();
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}

using System.Text;
using System.Text.Json;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;
using Lockstep.Server.Tests.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lockstep.Server.Tests.Rest;

/// <summary>The OpenAPI document of the whole server. LOCKSTEP_WRITE_GOLDEN=1 writes contracts/openapi.json anew.</summary>
public sealed class OpenApiTests : IAsyncLifetime
{
    private static readonly string Golden = Path.Combine(Config.Root, "contracts", "openapi.json");
    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-test-").FullName;
    private Product? _product;
    private WebApplication? _app;
    private string _text = "";

    public async Task InitializeAsync()
    {
        var read = ConfigReader.Read(
            Encoding.UTF8.GetBytes("""{ "server": { "auth": "none", "port": 0 }, "accounts": { "prop": { "platform": "paper", "broker": { "kind": "mt5-hedging", "symbols": ["EURUSD"] } } } }"""), _folder, _ => null);
        _product = await Product.StartAsync(read.Config! with { DataFolder = Path.Combine(_folder, "data") }, NullLogger.Instance);
        _app = HttpHost.Create(read.Config.Server, _product, null, NullLogger.Instance, _ => { });
        await _app.StartAsync();
        using var http = new HttpClient();
        _text = await http.GetStringAsync(new Uri(_app.Urls.Single() + "/openapi/v1.json"));
    }

    [Fact]
    public void What_is_served_is_what_is_checked_in()
    {
        if (Environment.GetEnvironmentVariable("LOCKSTEP_WRITE_GOLDEN") == "1")
        {
            File.WriteAllText(Golden, _text);
        }

        Assert.Equal(File.ReadAllText(Golden), _text);
    }

    [Fact]
    public void Every_operation_is_told_whole()
    {
        var document = JsonDocument.Parse(_text).RootElement;
        var names = new HashSet<string>();
        foreach (var (path, method, operation) in Operations(document))
        {
            string where = $"{method} {path}";
            Assert.True(names.Add(operation.GetProperty("operationId").GetString()!), where);
            Assert.NotEmpty(operation.GetProperty("summary").GetString()!);
            Assert.NotEqual("", Assert.Single(operation.GetProperty("tags").EnumerateArray()).GetString());
            string[] parts = [.. path.Split('{').Skip(1).Select(p => p[..p.IndexOf('}', StringComparison.Ordinal)])];
            string[] told = operation.TryGetProperty("parameters", out var parameters)
                ? [.. parameters.EnumerateArray().Where(p => p.GetProperty("in").GetString() == "path").Select(p => p.GetProperty("name").GetString()!)]
                : [];
            Assert.Equal(parts, told);

            var good = operation.GetProperty("responses").EnumerateObject().Where(r => r.Name[0] is '1' or '2' or '3').ToList();
            Assert.True(good.Count > 0, where);
            Assert.True(
                !good[0].Value.TryGetProperty("content", out var content) || !content.TryGetProperty("application/json", out var json) || json.TryGetProperty("example", out _), $"{where} has no example of its answer");
        }
    }

    [Fact]
    public void Every_example_of_a_body_is_taken()
    {
        int bodies = 0;
        foreach (var (path, method, operation) in Operations(JsonDocument.Parse(_text).RootElement))
        {
            if (operation.TryGetProperty("requestBody", out var body))
            {
                var content = body.GetProperty("content").GetProperty("application/json");
                Assert.True(content.TryGetProperty("example", out var example), $"{method} {path} has no example of its body");
                Assert.True(MiniSchema.IsValid(content.GetProperty("schema"), example), $"{method} {path}: {example}");
                bodies++;
            }
        }

        Assert.True(bodies > 10);
    }

    [Fact]
    public async Task The_walk_of_the_documentation_can_be_walked()
    {
        await _product!.World.StartQuotesAsync(_product.Config.Quotes);
        using var http = new HttpClient { BaseAddress = new Uri(_app!.Urls.Single()) };
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (!(await http.GetAsync(new Uri("/v1/accounts/prop/price?symbol=EURUSD", UriKind.Relative))).IsSuccessStatusCode || await _product.AccountAsync(new Domain.AccountId("prop")) is not { Synced: true })
        {
            Assert.True(DateTime.UtcNow < deadline, "no quote, or no session, within 30 seconds");
            await Task.Delay(20);
        }

        var outcomes = new List<string?>();
        string page = await File.ReadAllTextAsync(Path.Combine(Config.Root, "docs", "rest-api.md"));
        foreach (string block in page.Split("```http\n").Skip(1).Select(rest => rest[..rest.IndexOf("```", StringComparison.Ordinal)]))
        {
            string[] parts = block.Split("\n\n");
            string[] line = parts[0].Trim().Split(' ');
            using var request = new HttpRequestMessage(new HttpMethod(line[0]), new Uri(line[1], UriKind.Relative));
            request.Content = parts.Length > 1 ? new StringContent(parts[1], Encoding.UTF8, "application/json") : null;
            using var response = await http.SendAsync(request);
            string text = await response.Content.ReadAsStringAsync();
            Assert.True(response.StatusCode == System.Net.HttpStatusCode.OK, $"{parts[0]}: {(int)response.StatusCode} {text}");
            var answer = JsonDocument.Parse(text).RootElement;
            outcomes.AddRange(answer.TryGetProperty("results", out var results) ? results.EnumerateArray().Select(r => r.GetProperty("state").GetString()) : answer.TryGetProperty("outcome", out var outcome) ? [outcome.GetString()] : []);
        }

        Assert.Equal(["filled", "filled", "done", "placed", "done", "done"], outcomes);
        var kinds = JsonDocument.Parse(await http.GetStringAsync(new Uri("/v1/journal?account=prop&after=0&kind=position.opened,position.closed,deal,order.gone", UriKind.Relative))).RootElement;
        Assert.Equal(["deal", "deal", "order.gone", "position.closed", "position.opened"], kinds.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("kind").GetString()).Order(StringComparer.Ordinal));
        Assert.All(kinds.GetProperty("events").EnumerateArray(), e => Assert.Equal(JsonValueKind.Object, e.GetProperty("data").ValueKind));
    }

    [Fact]
    public void Every_reference_leads_somewhere()
    {
        var components = JsonDocument.Parse(_text).RootElement.GetProperty("components");
        foreach (string reference in _text.Split("\"$ref\": \"#/components/").Skip(1).Select(r => r[..r.IndexOf('"', StringComparison.Ordinal)]).Distinct())
        {
            string[] steps = reference.Split('/');
            Assert.True(components.GetProperty(steps[0]).TryGetProperty(steps[1], out var found) && found.EnumerateObject().Any(), reference);
        }
    }

    public async Task DisposeAsync()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
        await _product!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static IEnumerable<(string Path, string Method, JsonElement Operation)> Operations(JsonElement document) =>
        document.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(m => (p.Name, m.Name, m.Value)));
}

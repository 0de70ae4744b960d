using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lockstep.Server.Tests.Hosting;

namespace Lockstep.Server.Tests.Rest;

/// <summary>
/// Every operation of the OpenAPI document, with bodies, paths and queries that were broken at random: always an answer that the document knows, never the server's own mistake. LOCKSTEP_TEST_FUZZ says
/// for how many seconds (4), and LOCKSTEP_TEST_FUZZ_SEED where to begin.
/// </summary>
public sealed class FuzzTests : IDisposable
{
    private const string One = """{ "platform": "paper", "broker": { "kind": "mt5-hedging", "symbols": ["EURUSD"], "executionDelayMin": "0ms", "executionDelayMax": "1ms" } }""";
    private const string Text = $$"""{ "server": { "auth": "none", "port": 0 }, "accounts": { "master": {{One}}, "other": {{One}} }, "quotes": { "interval": "50ms" } }""";

    /// <summary>What any operation may answer: wrong in form, not covered, no such thing, wrong method, in the way, too large, too long, not JSON, does not hold, too often, away.</summary>
    private static readonly HashSet<int> Always = [400, 401, 403, 404, 405, 409, 413, 414, 415, 422, 429, 431, 503, 504];

    /// <summary>These would take away what the others need.</summary>
    private static readonly HashSet<string> Harmful = ["removeAccount", "disconnectAccount"];

    private static readonly string[] Strange =
    [
        "", " ", "null", "-1", "0", "1e999", "9223372036854775808", "NaN", "true", "..", "%2e%2e%2f", "a/b", "%00", "%FF", "\u0000", "EURUSD'--", "{}", "[]", "ÄÖ€", "😀", "2026-99-99T99:99:99Z", "1970-01-01T00:00:00Z",
        new('x', 3_000), "00000000-0000-0000-0000-000000000000", "M1", "m1", "EURUSD", "buy",
    ];

    private static readonly string[] StrangeJson =
    [
        "null", "true", "0", "-1", "1e400", "-0.0000000000000000000000000001", "9223372036854775808", "79228162514264337593543950336", "\"\"", "\"x\"", "\"NaN\"", "[]", "[[[[[[[[]]]]]]]]", "{}", "{\"a\":{}}", "\"\\u0000\"",
        "\"\\ud800\"", "[1,2,3]", "[null]", "\"2026-99-99T00:00:00Z\"", "0.00000001", "1000000000000000000000",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-test-").FullName;
    private int _cutOff;

    [Fact]
    public async Task Whatever_is_sent_the_answer_is_one_of_the_documents()
    {
        var span = TimeSpan.FromSeconds(Number("LOCKSTEP_TEST_FUZZ", 4));
        int seed = (int)Number("LOCKSTEP_TEST_FUZZ_SEED", 1);
        await using var host = await PaperHost.StartAsync(_folder, Text);
        var document = JsonNode.Parse(await host.Http.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)))!;
        var operations = document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(o => new Target(p.Key, o.Key.ToUpperInvariant(), o.Value!.AsObject()))).ToList();
        Assert.True(operations.Count > 50, $"the document has {operations.Count} operations");

        var random = new Random(seed);
        var until = DateTime.UtcNow + span;
        int sent = 0;
        while (DateTime.UtcNow < until || sent < operations.Count)
        {
            var target = operations[sent < operations.Count ? sent : random.Next(operations.Count)];
            sent++;
            using var request = Make(target, random);
            string said = $"seed {seed}, request {sent}: {request.Method} {request.RequestUri} {(request.Content is null ? "" : await request.Content.ReadAsStringAsync())}";
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            using var response = await SendAsync(host.Http, request, patience.Token);
            if (response is null)
            {
                continue;
            }

            string answer = await response.Content.ReadAsStringAsync(patience.Token);
            int status = (int)response.StatusCode;
            Assert.True(status != 500, $"{said}: {answer}");
            Assert.True(status is >= 200 and < 300 || Always.Contains(status) || target.Operation["responses"]!.AsObject().ContainsKey(status.ToString(CultureInfo.InvariantCulture)), $"{said}: {status} {answer}");

            // What Kestrel itself turns away (a path or header that is none) has no body.
            if (status >= 400 && answer.Length > 0)
            {
                Assert.True(response.Content.Headers.ContentType?.MediaType is "application/problem+json" or "application/json" or "text/html", $"{said}: {response.Content.Headers.ContentType} {answer}");
            }
        }

        Assert.True((await host.Http.GetAsync(new Uri("/healthz", UriKind.Relative))).IsSuccessStatusCode);
        Assert.Empty(host.Product.Halted);
        Assert.False(host.Product.Failed.IsCompleted);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>
    /// Null = the connection was closed over a body that is too large: the answer may be overtaken by that. The next request on a connection that the client keeps may hear of it too; that happens seldom.
    /// </summary>
    private async Task<HttpResponseMessage?> SendAsync(HttpClient http, HttpRequestMessage request, CancellationToken cancel)
    {
        bool large = request.Content?.Headers.ContentLength > 64 * 1024;
        request.Headers.ConnectionClose = large;
        try
        {
            return await http.SendAsync(request, cancel);
        }
        catch (HttpRequestException) when (large || ++_cutOff <= 20)
        {
            return null;
        }
    }

    private static double Number(string name, double otherwise) =>
        double.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : otherwise;

    private static HttpRequestMessage Make(Target target, Random random)
    {
        string path = target.Path;
        var query = new List<string>();
        foreach (var parameter in target.Operation["parameters"]?.AsArray() ?? [])
        {
            string name = parameter!["name"]!.GetValue<string>();
            if (parameter["in"]!.GetValue<string>() == "path")
            {
                string value = name.Contains("account", StringComparison.Ordinal) && random.Next(4) != 0 && !Harmful.Contains(target.Id) ? "master" : random.Next(2) == 0 ? "1" : Strange[random.Next(Strange.Length)];
                path = path.Replace($"{{{name}}}", Uri.EscapeDataString(value), StringComparison.Ordinal);
            }
            else if (parameter["in"]!.GetValue<string>() == "query" && random.Next(3) != 0)
            {
                // Nobody waits for long here.
                query.Add($"{name}={(name == "waitMs" && random.Next(4) != 0 ? "50" : Uri.EscapeDataString(name.Contains("account", StringComparison.Ordinal) && random.Next(2) == 0 ? "master" : Strange[random.Next(Strange.Length)]))}");
            }
        }

        if (random.Next(8) == 0)
        {
            query.Add($"unknown={random.Next()}");
        }

        var request = new HttpRequestMessage(new HttpMethod(target.Method), new Uri(path + (query.Count == 0 ? "" : "?" + string.Join('&', query)), UriKind.Relative));
        if (random.Next(3) == 0)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", random.Next(2) == 0 ? $"f{random.Next(50)}" : new string([.. Strange[random.Next(Strange.Length)].Where(c => c is >= ' ' and <= '~')]));
        }

        if (target.Operation["requestBody"] is { } body)
        {
            byte[] bytes = Body(body, random);
            request.Content = new ByteArrayContent(bytes);
            request.Content.Headers.ContentType = random.Next(12) switch { 0 => null, 1 => new MediaTypeHeaderValue("text/plain"), _ => new MediaTypeHeaderValue("application/json") };
        }

        return request;
    }

    private static byte[] Body(JsonNode body, Random random)
    {
        var media = body["content"]!["application/json"]!;
        var example = media["example"] ?? media["examples"]?.AsObject().FirstOrDefault().Value?["value"];
        var made = example?.DeepClone() as JsonObject ?? [];
        var names = Properties(media["schema"]).Concat(made.Select(m => m.Key)).Distinct().ToList();
        var wild = new Dictionary<string, string>();
        for (int i = random.Next(4); i > 0; i--)
        {
            string name = names.Count > 0 && random.Next(6) != 0 ? names[random.Next(names.Count)] : Strange[random.Next(Strange.Length)];
            switch (random.Next(3))
            {
                case 0:
                    made.Remove(name);
                    break;
                case 1 when name.Length > 0:
                    wild[char.IsLower(name[0]) ? char.ToUpperInvariant(name[0]) + name[1..] : name] = StrangeJson[random.Next(StrangeJson.Length)];
                    break;
                default:
                    made.Remove(name);
                    wild[name] = StrangeJson[random.Next(StrangeJson.Length)];
                    break;
            }
        }

        string json = made.ToJsonString();
        string more = string.Join(',', wild.Select(w => $"{JsonSerializer.Serialize(w.Key)}:{w.Value}"));
        json = more.Length == 0 ? json : made.Count == 0 ? $"{{{more}}}" : $"{json[..^1]},{more}}}";
        byte[] bytes = Encoding.UTF8.GetBytes(json);
        return random.Next(12) switch
        {
            0 => bytes[..random.Next(bytes.Length + 1)],
            1 => [.. bytes, (byte)'}'],
            2 => [0xFF, 0xFE, 0x00, .. bytes],
            3 => Encoding.UTF8.GetBytes(StrangeJson[random.Next(StrangeJson.Length)]),
            4 when random.Next(4) == 0 => Encoding.UTF8.GetBytes($"{{\"x\":\"{new string('y', 200_000)}\"}}"),
            5 => [],
            _ => bytes,
        };
    }

    private static IEnumerable<string> Properties(JsonNode? schema) =>
        (schema?["properties"]?.AsObject().Select(p => p.Key) ?? []).Concat((schema?["anyOf"]?.AsArray() ?? []).SelectMany(Properties));

    private sealed record Target(string Path, string Method, JsonObject Operation)
    {
        public string Id => Operation["operationId"]!.GetValue<string>();
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Tests.Configuration;

/// <summary>The schema, the reader and the documentation say the same. LOCKSTEP_WRITE_GOLDEN=1 writes the two files anew.</summary>
public class SchemaTests
{
    private static readonly string SchemaFile = Path.Combine(Config.Root, "contracts", "lockstep.schema.json");
    private static readonly string Docs = Path.Combine(Config.Root, "docs", "configuration.md");
    private static readonly string Examples = Path.Combine(Config.Root, "docs", "examples");
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    private static bool Write => Environment.GetEnvironmentVariable("LOCKSTEP_WRITE_GOLDEN") == "1";

    [Fact]
    public void The_schema_file_is_what_the_reader_knows()
    {
        if (Write)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(SchemaFile)!);
            File.WriteAllText(SchemaFile, SchemaWriter.Write());
        }

        Assert.Equal(SchemaWriter.Write(), File.ReadAllText(SchemaFile));
    }

    [Fact]
    public void The_documentation_has_every_key()
    {
        const string Begin = "<!-- keys: written by SchemaTests -->\n", End = "<!-- end of keys -->";
        string page = File.ReadAllText(Docs);
        int from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, to = page.IndexOf(End, StringComparison.Ordinal);
        string wanted = "\n" + ReferenceWriter.Write();
        if (Write)
        {
            page = page[..from] + wanted + page[to..];
            File.WriteAllText(Docs, page);
            to = page.IndexOf(End, StringComparison.Ordinal);
        }

        Assert.Equal(wanted, page[from..to]);
    }

    [Fact]
    public void Every_key_of_the_schema_is_one_of_the_reader_and_back()
    {
        using var schema = JsonDocument.Parse(File.ReadAllText(SchemaFile));
        Assert.Equal(KeysOf(ConfigFormat.Root, "").Order(StringComparer.Ordinal), KeysOf(schema.RootElement, "").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("lockstep.json")]
    [InlineData("metatrader.json")]
    [InlineData("ctrader.json")]
    public void An_example_is_good_for_both(string name)
    {
        string file = Path.Combine(Examples, name);
        using var schema = JsonDocument.Parse(File.ReadAllText(SchemaFile));
        using var example = JsonDocument.Parse(File.ReadAllText(file), Lenient);
        Assert.True(MiniSchema.IsValid(schema.RootElement, example.RootElement));
        var read = ConfigReader.ReadFile(file, variable => variable + "-0123456789abcdef");
        Assert.True(read.Config is not null, string.Join("\n", read.Errors));
    }

    [Fact]
    public void Every_json_block_of_the_documentation_is_good()
    {
        foreach (string block in File.ReadAllText(Docs).Split("```jsonc\n").Skip(1).Select(rest => rest[..rest.IndexOf("```", StringComparison.Ordinal)]))
        {
            var read = Config.Read(block);
            Assert.True(read.Config is not null, string.Join("\n", read.Errors) + "\n" + block);
        }
    }

    /// <summary>Each value of the example is replaced by each of some odd ones: where the form is wrong, schema and reader must both say so; elsewhere neither.</summary>
    [Theory]
    [InlineData("lockstep.json")]
    [InlineData("metatrader.json")]
    [InlineData("ctrader.json")]
    public void Schema_and_reader_agree_on_spoilt_examples(string name)
    {
        using var schema = JsonDocument.Parse(File.ReadAllText(SchemaFile));
        string text = File.ReadAllText(Path.Combine(Examples, name));
        int tried = 0;
        foreach (string path in Paths(JsonNode.Parse(text, null, Lenient)!, "").ToList())
        {
            foreach (string odd in new[] { "null", "true", "-1", "0", "1.5", "1e9", "100000000000000000000", "\"\"", "\"odd odd\"", "\"1h\"", "\"on\"", "\"EURUSD\"", "[]", "{}", "[1]", "{\"odd\":1}" })
            {
                var spoilt = JsonNode.Parse(text, null, Lenient)!;
                Set(spoilt, path, JsonNode.Parse(odd));
                using var value = JsonDocument.Parse(spoilt.ToJsonString());
                var errors = new List<ConfigError>();
                new ShapeChecker(errors).Check(JsonItem.Parse(JsonSerializer.SerializeToUtf8Bytes(value)), ConfigFormat.Root, "");
                // The schema cannot say how long a duration is.
                errors.RemoveAll(e => e.Text.Contains("a duration such as", StringComparison.Ordinal) && DurationShape.Read(e.Value.Trim('"')) is not null);
                Assert.True(MiniSchema.IsValid(schema.RootElement, value.RootElement) == (errors.Count == 0), $"{path} = {odd}: the reader says: {string.Join("\n", errors)}");
                tried++;
            }
        }

        Assert.InRange(tried, 250, 100_000);
    }

    private static IEnumerable<string> Paths(JsonNode node, string path) => node switch
    {
        JsonObject o => o.SelectMany(p => Paths(p.Value!, $"{path}/{p.Key}")).Append(path).Where(p => p.Length > 0),
        JsonArray a => a.SelectMany((n, i) => Paths(n!, $"{path}/{i}")).Append(path),
        _ => [path],
    };

    private static void Set(JsonNode root, string path, JsonNode? value)
    {
        string[] parts = path.Split('/')[1..];
        var node = root;
        foreach (string part in parts[..^1])
        {
            node = node is JsonArray list ? list[int.Parse(part, System.Globalization.CultureInfo.InvariantCulture)]! : node[part]!;
        }

        if (node is JsonArray array)
        {
            array[int.Parse(parts[^1], System.Globalization.CultureInfo.InvariantCulture)] = value;
        }
        else
        {
            node[parts[^1]] = value;
        }
    }

    private static IEnumerable<string> KeysOf(Shape shape, string path) => shape switch
    {
        VariantShape v => v.Variants.SelectMany(variant => KeysOf(variant, path)),
        ObjectShape o => o.Keys.SelectMany(k => KeysOf(k.Shape, $"{path}.{k.Name}").Prepend($"{path}.{k.Name}")),
        MapShape m => KeysOf(m.Of, path + ".*"),
        ListShape l => KeysOf(l.Of, path + "[]"),
        TextOrObjectShape e => KeysOf(e.Object, path),
        SecretShape => KeysOf(SecretShape.Object, path),
        _ => [],
    };

    private static IEnumerable<string> KeysOf(JsonElement schema, string path)
    {
        if (schema.TryGetProperty("properties", out var properties))
        {
            foreach (var property in properties.EnumerateObject())
            {
                yield return $"{path}.{property.Name}";
                foreach (string below in KeysOf(property.Value, $"{path}.{property.Name}"))
                {
                    yield return below;
                }
            }
        }

        var inner = new List<(JsonElement, string)>();
        if (schema.TryGetProperty("additionalProperties", out var more) && more.ValueKind == JsonValueKind.Object)
        {
            inner.Add((more, path + ".*"));
        }

        if (schema.TryGetProperty("items", out var items))
        {
            inner.Add((items, path + "[]"));
        }

        if (schema.TryGetProperty("anyOf", out var either))
        {
            inner.AddRange(either.EnumerateArray().Select(e => (e, path)));
        }

        foreach (string below in inner.SelectMany(i => KeysOf(i.Item1, i.Item2)))
        {
            yield return below;
        }
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using Lockstep.Domain;
using Lockstep.MqlHarness.Terminal;
using Lockstep.Testing;

namespace Lockstep.Mql.Tests.Link;

/// <summary>The half of the MQL sources that needs no broker: its own checks, the vectors that both sides of the link read, the codes of the tables.</summary>
public class LinkTests
{
    private static readonly string Contracts = Path.Combine(Sources.Root, "contracts", "ea");

    [TheoryNeeding("g++")]
    [InlineData(PlatformKind.Mt4, "LinkTests.mq4")]
    [InlineData(PlatformKind.Mt5, "LinkTests.mq5")]
    public void The_link_half_passes_its_checks_and_reads_the_vectors(PlatformKind platform, string name)
    {
        var lines = Run(platform, name, files =>
        {
            var vectors = Vectors();
            Assert.True(vectors.Count > 100, $"{vectors.Count} vectors");
            File.WriteAllLines(Path.Combine(files, "vectors.txt"), vectors);
            File.WriteAllLines(Path.Combine(files, "digest.txt"), Digests());
        }, sanitize: true);
        Assert.DoesNotContain(lines, line => line.StartsWith("FAILED", StringComparison.Ordinal));
        string last = lines[^1];
        Assert.StartsWith("LINK TESTS: ", last, StringComparison.Ordinal);
        Assert.EndsWith(", 0 failed", last, StringComparison.Ordinal);
        Assert.True(int.Parse(last.Split(' ')[2], CultureInfo.InvariantCulture) > 5000, last);
    }

    [TheoryNeeding("g++")]
    [InlineData(PlatformKind.Mt4, "Codes.mq4", "mt4-errors.tsv")]
    [InlineData(PlatformKind.Mt5, "Codes.mq5", "mt5-retcodes.tsv")]
    public void Every_code_of_the_table_has_its_outcome_and_words(PlatformKind platform, string name, string table)
    {
        string[][] rows = [.. File.ReadAllLines(Path.Combine(Contracts, table)).Skip(1).Where(line => line.Length > 0).Select(line => line.Split('\t'))];
        Assert.True(rows.Length > 100);
        const string without = "77777";
        var lines = Run(platform, name, files => File.WriteAllLines(Path.Combine(files, "codes.txt"), [.. rows.Select(row => row[0]), without]));
        string[] wanted = [.. rows.Select(row => $"{row[0]} {(row[5] switch { "yes" => "done", "no" => "refused", _ => "unknown" })} {row[2]}"), $"{without} unknown code {without}"];
        Assert.Equal(wanted, lines);
    }

    private static IReadOnlyList<string> Run(PlatformKind platform, string name, Action<string> prepare, bool sanitize = false)
    {
        using var desk = new Desk(platform, Sources.Build(Path.Combine(Sources.Root, "mql", "tests", name), sanitize));
        prepare(desk.Ea.Files);
        desk.Ea.Start();
        desk.Ea.RunScript();
        Assert.True(desk.Ea.State == EaState.Running, desk.Ea.CriticalError);
        return desk.Ea.Lines();
    }

    // What a later version says is ignored, and so good for whoever reads it.
    private static List<string> Vectors()
    {
        var lines = new List<string>();
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Contracts, "vectors"), "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using var vector = JsonDocument.Parse(File.ReadAllText(file));
            var root = vector.RootElement;
            if (root.TryGetProperty("text", out var text))
            {
                lines.Add($"{Path.GetFileNameWithoutExtension(file)} {root.GetProperty("from").GetString()} {(root.GetProperty("ok").GetBoolean() ? "good" : "bad")} {Hex(text.GetString()!)}");
            }
        }

        return lines;
    }

    private static IEnumerable<string> Digests()
    {
        using var digest = JsonDocument.Parse(File.ReadAllText(Path.Combine(Contracts, "vectors", "digest.json")));
        return [.. digest.RootElement.GetProperty("objects").EnumerateArray().Select(o => $"{o.GetProperty("fnv").GetString()} {Hex(o.GetProperty("text").GetString()!)}")];
    }

    private static string Hex(string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));
}

using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Lockstep.Engine;

namespace Lockstep.Architecture.Tests;

/// <summary>
/// docs/why-ledger.md says what the enums say: its tables are the enums' own comments. After a change, run this test once with LOCKSTEP_WRITE_DOCS=1 to write them anew.
/// </summary>
public partial class WhyLedgerTests
{
    private const string Page = "docs/why-ledger.md";

    public static TheoryData<string> Tables => [nameof(WhyReason), nameof(WhyOutcome), nameof(SourceEventKind)];

    [Theory]
    [MemberData(nameof(Tables))]
    public void The_page_has_a_row_for_every_member(string name)
    {
        string begin = $"<!-- table {name} -->\n";
        const string End = "<!-- end -->\n";
        string page = Repository.Read(Page);
        int from = page.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        Assert.True(from >= begin.Length, $"{Page} lacks {begin}");
        int to = page.IndexOf(End, from, StringComparison.Ordinal);
        string table = Table(typeof(WhyReason).Assembly.GetType($"Lockstep.Engine.{name}")!);
        if (Environment.GetEnvironmentVariable("LOCKSTEP_WRITE_DOCS") == "1")
        {
            File.WriteAllText(Path.Combine(Repository.Root, Page), page[..from] + table + page[to..]);
            return;
        }

        Assert.Equal(table, page[from..to]);
    }

    [Fact]
    public void Numbers_are_never_shared()
    {
        // They stand in journals: a number used twice would rewrite history.
        Assert.Equal(Enum.GetNames<WhyReason>().Length, Enum.GetValues<WhyReason>().Distinct().Count());
        Assert.DoesNotContain((WhyReason)0, Enum.GetValues<WhyReason>());
    }

    private static string Table(Type type)
    {
        var comments = XDocument.Load(Path.ChangeExtension(type.Assembly.Location, ".xml")).Descendants("member")
            .ToDictionary(member => member.Attribute("name")!.Value, member => Spaces().Replace(member.Element("summary")?.Value ?? "", " ").Trim());
        var table = new StringBuilder("| number | name | meaning |\n|---|---|---|\n");
        foreach (object member in Enum.GetValues(type))
        {
            string comment = comments[$"F:{type.FullName}.{member}"];
            Assert.NotEqual("", comment);
            table.Append(System.Globalization.CultureInfo.InvariantCulture, $"| {Convert.ToInt32(member, System.Globalization.CultureInfo.InvariantCulture)} | `{member}` | {comment} |\n");
        }

        return table.ToString();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
